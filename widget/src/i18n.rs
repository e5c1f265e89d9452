//! All words of the widget, in three languages. No other file contains any.

use circle_model::{
    time::{Time, ZoneFrom, parse_rfc3339},
    view::Lang,
    wire::ErrorCode,
};

use crate::client::Failure;

macro_rules! words {
    ($($name:ident: $hans:literal, $hant:literal, $en:literal;)*) => {
        /// A wording.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Word { $($name),* }

        impl Word {
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$name),*];

            fn forms(self) -> [&'static str; 3] {
                match self { $(Self::$name => [$hans, $hant, $en]),* }
            }
        }
    };
}

words! {
    Join: "加入圈子", "加入圈子", "Join the circle";
    JoinIntro: "有邀请码就能加入，然后写评论。", "有邀請碼就能加入，然後寫留言。", "With an invite code you can join and comment.";
    Code: "邀请码", "邀請碼", "Invite code";
    CodeHelp: "大小写、空格和横线都不要紧；整条邀请链接也可以贴在这里。", "大小寫、空格和橫線都不要緊；整條邀請連結也可以貼在這裡。", "Capitals, spaces and dashes do not matter; a whole invite link may be pasted too.";
    CodeShape: "邀请码的长度不对，请检查有没有少抄或多抄。", "邀請碼的長度不對，請檢查有沒有少抄或多抄。", "The code has the wrong length: it has too few or too many characters.";
    CodeMistyped: "好像有一个字抄错了，请对照原文再看一遍。", "好像有一個字抄錯了，請對照原文再看一遍。", "One character seems to be mistyped. Please compare it with the original.";
    CodeIsRecovery: "这是恢复码，不是邀请码。请点“已有账号？用恢复码登录”。", "這是恢復碼，不是邀請碼。請點「已有帳號？用恢復碼登入」。", "This is a recovery code, not an invite code. Choose “Already a member? Sign in with a recovery code”.";
    CodeIsInvite: "这是邀请码，不是恢复码。请点“用邀请码加入”。", "這是邀請碼，不是恢復碼。請點「用邀請碼加入」。", "This is an invite code, not a recovery code. Choose “Join with an invite code”.";
    Name: "名字", "名字", "Name";
    NameHelp: "别人看到的名字，以后可以改。", "別人看到的名字，以後可以改。", "What others see; you can change it later.";
    RulesTitle: "圈规", "圈規", "Rules";
    RulesAccept: "我读过并接受圈规", "我讀過並接受圈規", "I have read and accept the rules";
    HaveAccount: "已有账号？用恢复码登录", "已有帳號？用恢復碼登入", "Already a member? Sign in with a recovery code";
    HaveInvite: "用邀请码加入", "用邀請碼加入", "Join with an invite code";
    RecoverTitle: "用恢复码登录", "用恢復碼登入", "Sign in with a recovery code";
    RecoverIntro: "恢复码是加入时给你的那一长串。登录后会换一个新的。", "恢復碼是加入時給你的那一長串。登入後會換一個新的。", "The recovery code is the long one you got when you joined. Signing in gives you a new one.";
    Recovery: "恢复码", "恢復碼", "Recovery code";
    SignIn: "登录", "登入", "Sign in";
    Welcome: "欢迎你，", "歡迎你，", "Welcome, ";
    RecoveryFor: "换手机、换电脑或清了浏览器之后，要凭它找回你的身份。只显示这一次，请抄下来或存好，不要发给别人。", "換手機、換電腦或清了瀏覽器之後，要憑它找回你的身分。只顯示這一次，請抄下來或存好，不要發給別人。", "You need it to sign in on another phone or computer, or after clearing your browser. It is shown only once: write it down and do not share it.";
    Copy: "复制", "複製", "Copy";
    Copied: "已复制。", "已複製。", "Copied.";
    CopyFailed: "浏览器不让复制，请手抄。", "瀏覽器不讓複製，請手抄。", "The browser does not allow copying; please write it down.";
    Kept: "已经存好，去写评论", "已經存好，去留言", "I've saved it. Write a comment";
    Write: "写评论", "寫留言", "Write a comment";
    Placeholder: "说点什么……（可以用 Markdown）", "說點什麼……（可以用 Markdown）", "Say something… (Markdown works)";
    Post: "发表", "發表", "Post";
    Save: "保存", "儲存", "Save";
    Sending: "正在发送……", "正在傳送……", "Sending…";
    Preview: "预览", "預覽", "Preview";
    Back: "继续写", "繼續寫", "Keep writing";
    Cancel: "取消", "取消", "Cancel";
    ReplyTo: "回复 ", "回覆 ", "Replying to ";
    Editing: "修改评论", "修改留言", "Editing your comment";
    Posted: "已发表。", "已發表。", "Posted.";
    Saved: "已保存。", "已儲存。", "Saved.";
    Deleted: "已删除。", "已刪除。", "Deleted.";
    DeleteAsk: "删除这条评论？删了就找不回来了。", "刪除這則留言？刪了就找不回來了。", "Delete this comment? It cannot be brought back.";
    Delete: "删除", "刪除", "Delete";
    Empty: "还没有写内容。", "還沒有寫內容。", "Write something first.";
    JoinFirst: "请先加入圈子。", "請先加入圈子。", "Join the circle first.";
    Rename: "改名", "改名", "Rename";
    Leave: "删除账号并退出圈子", "刪除帳號並退出圈子", "Leave and delete my account";
    LeaveAsk: "你的名字和评论会从这里删除，不能恢复；再加入要新的邀请码。请先导出自己的数据。确定退出吗？", "你的名字和留言會從這裡刪除，無法復原；再加入要新的邀請碼。請先匯出自己的資料。確定退出嗎？", "Your name and comments will be deleted here and cannot be brought back; joining again needs a new code. Export your data first. Leave the circle?";
    Left: "已退出圈子。", "已退出圈子。", "You have left the circle.";
    SignOut: "退出登录", "登出", "Sign out on this device";
    SignOutAsk: "再次登录要用恢复码。手边有吗？", "再次登入要用恢復碼。手邊有嗎？", "Signing in again needs your recovery code. Do you have it?";
    SignedOut: "已在这台设备上退出登录。", "已在這台裝置上登出。", "You are signed out on this device.";
    Export: "导出我的数据", "匯出我的資料", "Export my data";
    Exported: "已开始下载。", "已開始下載。", "Download started.";
    Menu: "我的账号", "我的帳號", "My account";
    Again: "再试一次", "再試一次", "Try again";
    ShownIsArchive: "现在连不上评论服务器，上面是之前取到的评论。", "現在連不上留言伺服器，上面是之前取到的留言。", "The comment server cannot be reached. The comments above are the ones loaded earlier.";
    SessionLost: "登录已失效，请重新登录；写了一半的文字还在。", "登入已失效，請重新登入；寫了一半的文字還在。", "You have been signed out. Sign in again; what you were writing is kept.";
    WillFreeze: "停止发表：", "停止發表：", "Read-only from: ";
    WillClose: "关闭：", "關閉：", "Closes: ";
    Frozen: "圈子现在只读：可以读，可以导出自己的数据，不能再发表。", "圈子現在唯讀：可以讀，可以匯出自己的資料，不能再發表。", "The circle is read-only: you can read and export your data, but not post.";
    Closed: "圈子已关闭，评论都在存档里。", "圈子已關閉，留言都在存檔裡。", "The circle is closed; its comments are in the archive.";
    Archive: "去看存档", "去看存檔", "Open the archive";

    TextKept: "写的文字还在。", "寫的文字還在。", " Your text is kept.";
    Network: "没有连上服务器，请检查网络后再试。", "沒有連上伺服器，請檢查網路後再試。", "The server could not be reached. Check the connection and try again.";
    Unknown: "服务器的回应无法识别，请稍后再试。", "伺服器的回應無法辨識，請稍後再試。", "The server's reply could not be understood. Try again later.";
    BadRequest: "服务器没有接受这次操作，请刷新页面再试。", "伺服器沒有接受這次操作，請重新整理頁面再試。", "The server did not accept the request. Reload the page and try again.";
    InvalidField: "有一项没有填对，请检查。", "有一項沒有填對，請檢查。", "Something is filled in wrong. Please check it.";
    InvalidName: "这个名字不能用：不能为空，最多 32 个字。", "這個名字不能用：不能為空，最多 32 個字。", "That name cannot be used. Use 1 to 32 characters.";
    InvalidAnswers: "请回答每一个入圈问题。", "請回答每一個入圈問題。", "Please answer every question.";
    InvalidRules: "加入前要先接受圈规。", "加入前要先接受圈規。", "Please accept the rules before joining.";
    InvalidBody: "这段文字不能发表：不能为空，也不能太长。", "這段文字不能發表：不能為空，也不能太長。", "This cannot be posted: it is empty or too long.";
    NotSignedIn: "要先加入圈子或登录。", "要先加入圈子或登入。", "Join the circle or sign in first.";
    Forbidden: "你没有权限这样做。", "你沒有權限這樣做。", "You are not allowed to do that.";
    NotFound: "找不到了，可能刚被删除。", "找不到了，可能剛被刪除。", "It is no longer there; it may have just been deleted.";
    MethodNotAllowed: "服务器不支持这个操作，请刷新页面再试。", "伺服器不支援這個操作，請重新整理頁面再試。", "The server does not support that. Reload the page and try again.";
    InviteInvalid: "邀请码不对，或已用完、过期、作废。请向发码的人要一个新的。", "邀請碼不對，或已用完、過期、作廢。請向發碼的人要一個新的。", "The invite code is wrong, used up, expired or revoked. Ask whoever gave it to you for a new one.";
    CircleFull: "圈子人数已满，暂时进不来。请告诉圈主。", "圈子人數已滿，暫時進不來。請告訴圈主。", "The circle is full for now. Please tell its leader.";
    NameTaken: "这个名字已有人使用，请换一个。", "這個名字已有人使用，請換一個。", "That name is taken. Please choose another.";
    NameReserved: "这是老圈子里一位成员的名字。如果就是你，请向圈主要一个专门给你的邀请码；如果不是，请换一个名字。", "這是老圈子裡一位成員的名字。如果就是你，請向圈主要一個專門給你的邀請碼；如果不是，請換一個名字。", "A member of the archive has that name. If that is you, ask the leader for a code made for you; if not, please choose another name.";
    RecoveryInvalid: "恢复码不对。请对照抄下来的再看一遍。", "恢復碼不對。請對照抄下來的再看一遍。", "The recovery code is not right. Compare it with what you wrote down.";
    EditWindowClosed: "已经过了可以修改的时间。", "已經過了可以修改的時間。", "The time for editing this comment has passed.";
    IdempotencyMismatch: "文字改过了，请再按一次“发表”。", "文字改過了，請再按一次「發表」。", "The text has changed since. Press Post again.";
    TooLarge: "太长了，请分成几条发。", "太長了，請分成幾則發。", "That is too long. Please split it.";
    TooMany: "操作太频繁。", "操作太頻繁。", "Too many attempts.";
    Timeout: "服务器太忙，没有及时回答，请再试一次。", "伺服器太忙，沒有及時回答，請再試一次。", "The server is too busy and did not answer in time. Try again.";
    Internal: "服务器出错了，不是你的问题。请稍后再试。", "伺服器出錯了，不是你的問題。請稍後再試。", "Something went wrong on the server; it is not your fault. Try again later.";
}

impl Word {
    /// The wording in `lang`.
    pub(crate) fn say(self, lang: Lang) -> &'static str {
        let [hans, hant, en] = self.forms();
        lang.pick(hans, hant, en)
    }
}

/// An error in words. `retry_after` becomes a sentence of its own, in seconds, minutes or hours.
pub(crate) fn failure(lang: Lang, failure: &Failure) -> String {
    let word = match failure {
        Failure::Network => Word::Network,
        Failure::Unreadable => Word::Unknown,
        Failure::Api { code, field, .. } => code_word(*code, field),
    };
    let mut text = word.say(lang).to_owned();
    if let Failure::Api { retry_after: Some(seconds), .. } = failure {
        text.push_str(lang.pick("请等 ", "請等 ", " Try again in "));
        let (count, unit) = if *seconds < 120 {
            (*seconds, lang.pick(" 秒", " 秒", " second"))
        } else if *seconds <= 90 * 60 {
            (seconds.div_ceil(60), lang.pick(" 分钟", " 分鐘", " minute"))
        } else {
            (seconds.div_ceil(3_600), lang.pick(" 小时", " 小時", " hour"))
        };
        text.push_str(&count.to_string());
        text.push_str(unit);
        if lang == Lang::En && count != 1 {
            text.push('s');
        }
        text.push_str(lang.pick("再试。", "再試。", "."));
    }
    text
}

fn code_word(code: ErrorCode, field: &str) -> Word {
    match code {
        ErrorCode::BadRequest => Word::BadRequest,
        ErrorCode::InvalidField => match field {
            "name" => Word::InvalidName,
            "answers" => Word::InvalidAnswers,
            "accept_rules" => Word::InvalidRules,
            "body" => Word::InvalidBody,
            "code" => Word::InviteInvalid,
            "recovery_code" => Word::RecoveryInvalid,
            _ => Word::InvalidField,
        },
        ErrorCode::NotSignedIn => Word::NotSignedIn,
        ErrorCode::Forbidden => Word::Forbidden,
        ErrorCode::NotFound => Word::NotFound,
        ErrorCode::MethodNotAllowed => Word::MethodNotAllowed,
        ErrorCode::InviteInvalid => Word::InviteInvalid,
        ErrorCode::CircleFull => Word::CircleFull,
        ErrorCode::NameTaken => Word::NameTaken,
        ErrorCode::NameReserved => Word::NameReserved,
        ErrorCode::RecoveryInvalid => Word::RecoveryInvalid,
        ErrorCode::EditWindowClosed => Word::EditWindowClosed,
        ErrorCode::IdempotencyMismatch => Word::IdempotencyMismatch,
        ErrorCode::CircleFrozen => Word::Frozen,
        ErrorCode::CircleClosed => Word::Closed,
        ErrorCode::TooLarge => Word::TooLarge,
        ErrorCode::TooManyRequests => Word::TooMany,
        ErrorCode::Timeout => Word::Timeout,
        ErrorCode::Internal => Word::Internal,
    }
}

/// The heading of a thread of `count` comments, worded as in `circle_model::view::thread`.
pub(crate) fn count(lang: Lang, count: usize) -> String {
    let mut text = count.to_string();
    text.push_str(match (lang, count) {
        (Lang::En, 1) => " comment",
        _ => lang.pick(" 条评论", " 則留言", " comments"),
    });
    text
}

/// A moment of the API for readers. A value that cannot be read is shown as it is.
pub(crate) fn moment(text: &str) -> String {
    parse_rfc3339(text)
        .map_or_else(|| text.to_owned(), |(utc, offset)| Time::exact(utc, offset, ZoneFrom::Explicit).display())
}

#[cfg(test)]
mod tests {
    use super::*;
    use circle_model::view::{CommentView, ViewOptions, thread};

    const LANGS: [Lang; 3] = [Lang::ZhHans, Lang::ZhHant, Lang::En];

    #[test]
    fn every_word_is_there_in_every_language() {
        for word in Word::ALL {
            let [hans, hant, en] = word.forms();
            assert!(!hans.is_empty() && !hant.is_empty() && !en.is_empty(), "{word:?}");
            assert!(en.is_ascii() || en.chars().all(|c| c.is_ascii() || "…“”’—".contains(c)), "{word:?}: {en}");
            assert!(
                hans.chars().any(circle_model::text::is_cjk) && hant.chars().any(circle_model::text::is_cjk),
                "{word:?}"
            );
        }
    }

    #[test]
    fn traditional_words_hold_no_simplified_characters() {
        for word in Word::ALL {
            let [_, hant, _] = word.forms();
            if let Some(bad) = hant.chars().find(|c| "这们请时录发删复码写说读规则条评论错请码过导数据长恢还让换满题问频繁稍务览电脑档关闭员边尔开网络连刷测试试".contains(*c) && !"繁稍刷恢".contains(*c)) {
                panic!("{word:?}: {bad} in {hant}");
            }
        }
    }

    #[test]
    fn every_error_has_its_own_words() {
        let mut seen = std::collections::BTreeSet::new();
        for code in ErrorCode::ALL {
            let text = failure(Lang::ZhHans, &Failure::Api { code, field: String::new(), retry_after: None });
            assert!(seen.insert(text.clone()), "{code:?} says what another says: {text}");
        }
    }

    #[test]
    fn the_time_to_wait_is_named() {
        let wait = |lang, seconds| {
            failure(
                lang,
                &Failure::Api { code: ErrorCode::TooManyRequests, field: String::new(), retry_after: Some(seconds) },
            )
        };
        assert!(wait(Lang::ZhHans, 30).ends_with("频繁。请等 30 秒再试。"));
        assert!(wait(Lang::En, 1).ends_with("attempts. Try again in 1 second."));
        assert!(wait(Lang::En, 3_541).ends_with("in 60 minutes."));
        assert!(wait(Lang::En, 7_000).ends_with("in 2 hours."));
    }

    #[test]
    fn the_heading_is_the_one_of_the_view() {
        for lang in LANGS {
            for n in [0, 1, 2] {
                let comments: Vec<CommentView> =
                    (0..n).map(|i| CommentView { id: i.to_string(), ..CommentView::default() }).collect();
                let html = thread(&comments, "", ViewOptions { lang, ..ViewOptions::default() });
                assert!(html.as_str().contains(&format!("<h2 class=\"circle-count\">{}</h2>", count(lang, n))));
            }
        }
    }

    #[test]
    fn moments_are_dates_with_a_clock() {
        assert_eq!(moment("2027-01-01T00:00:00+08:00"), "2027-01-01 00:00");
        assert_eq!(moment("soon"), "soon");
    }
}
