//! Guesses the field of a column: by its name, in Chinese and English, and then by its values.

use circle_model::archive::Visibility;

use super::values::{Type, Values};
use circle_content::audience;

mod audiences;

use audiences::by_audience;
pub use audiences::{answer, holds_keys, otherwise};

/// The kind of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Row {
    /// A post.
    Post,
    /// A comment.
    Comment,
    /// A member.
    Member,
}

impl Row {
    /// The word for it in a `map.toml`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Post => "post",
            Self::Comment => "comment",
            Self::Member => "member",
        }
    }
}

/// A guess.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// The field of the record.
    pub field: &'static str,
    /// The index of the column.
    pub column: usize,
    /// False if the guess is based only on the values.
    pub by_name: bool,
}

/// The type of values that a column must have for its name to count.
#[derive(Clone, Copy)]
enum Fit {
    Key,
    Time,
    Words,
    Short,
    Count,
    Address,
    Flag,
}

type Known = (&'static str, Fit, &'static str);

/// Names without spaces, `_` and `-`, in lower case. The more specific ones come first.
const POST: &[Known] = &[
    (
        "id",
        Fit::Key,
        "帖子id 文章id 动态id 说说id 笔记id 微博id 日记id 消息id postid noteid topicuid topicid \
         articleid weiboid threadid feedid momentid messageid msgid idstr id tid mid uuid guid 编号 \
         bid",
    ),
    (
        "created",
        Fit::Time,
        "发布时间 发表时间 创建时间 发帖时间 发送时间 完整日期 时间 发布日期 日期 createdat \
         createtime createdtime createddate publishtime publishedat publishdate published pubdate \
         posttime postedat postdate timestamp datetime time date created ctime addtime 何时",
    ),
    (
        "edited",
        Fit::Time,
        "修改时间 更新时间 编辑时间 最后修改 updatedat updatetime updated modifytime modified \
         lastmodified editedat edited lastupdatetime",
    ),
    (
        "author_id",
        Fit::Key,
        "作者id 用户id 发布者id 发送人id authorid userid senderid memberid ownerid uid creatorhash \
         creatorid",
    ),
    ("author_handle", Fit::Short, "用户名 账号 username screenname handle login"),
    (
        "author",
        Fit::Short,
        "作者 昵称 用户昵称 作者昵称 发布者 发布人 发送人 发帖人 楼主 署名 用户 姓名 author \
         authorname nickname nick displayname user sender sendername poster creator from owner name \
         谁",
    ),
    ("title", Fit::Words, "标题 题目 主题 文章标题 title subject headline"),
    (
        "body",
        Fit::Words,
        "正文 文章内容 帖子内容 动态内容 消息内容 内容 文本 文字 详情 content contenttext text \
         fulltext body desc description message html raw detail 写了什么 说说 caption",
    ),
    (
        "images",
        Fit::Address,
        "图片 图片链接 图片地址 原始图片url 图片url 配图 照片 附图 images imagelist imageurls imgs \
         pics picurls pictures photos image imageurl pic picture photo img medias media",
    ),
    ("files", Fit::Address, "附件 文件 视频 视频url 视频链接 attachments attachment files file videourl video"),
    ("cover", Fit::Address, "封面 封面图 cover coverurl coverimg thumbnail thumb"),
    ("tags", Fit::Words, "话题 标签 关键词 tags tag taglist topics hashtags keywords"),
    ("space", Fit::Short, "板块 版块 频道 栏目 分组 分类 圈子 channel board column category groupname forum"),
    (
        "visibility",
        Fit::Short,
        "可见 可见性 可见范围 谁可以看 谁能看 谁可见 权限 隐私 visibility privacy visible audience",
    ),
    (
        "url",
        Fit::Address,
        "链接 网址 原文链接 帖子链接 文章链接 url link permalink href noteurl posturl articleurl \
         weburl",
    ),
    (
        "likes",
        Fit::Count,
        "点赞 点赞数 赞 赞数 获赞 喜欢 likes like likecount likescount likedcount likenum \
         attitudescount favoritecount upvotes",
    ),
    (
        "comments",
        Fit::Count,
        "评论数 评论量 评论 回复数 留言数 commentcount commentscount commentnum comments replycount \
         repliescount replies",
    ),
    (
        "shares",
        Fit::Count,
        "转发 转发数 分享 分享数 shares sharecount sharenum reposts repostscount retweetcount \
         forwardcount",
    ),
    ("reads", Fit::Count, "阅读 阅读数 阅读量 浏览 浏览量 浏览数 reads readcount readnum readingcount views viewcount"),
    ("collects", Fit::Count, "收藏 收藏数 collects collectcount collectedcount favorites favcount bookmarks"),
    ("pinned", Fit::Flag, "置顶 是否置顶 pinned ispinned istop sticky top"),
    ("digest", Fit::Flag, "精华 是否精华 加精 digest digested isdigest elite essence"),
    ("deleted", Fit::Flag, "已删除 是否删除 删除 deleted isdeleted isdelete"),
    ("draft", Fit::Flag, "草稿 是否草稿 draft isdraft"),
    ("hidden", Fit::Flag, "隐藏 是否隐藏 屏蔽 hidden ishidden"),
    ("reply_to", Fit::Key, "回复id 回复的帖子 replyto replytoid inreplyto inreplytoid"),
    ("email", Fit::Short, "邮箱 电子邮箱 email mail emailaddress"),
    ("phone", Fit::Short, "手机 手机号 电话 联系电话 phone mobile tel phonenumber"),
    ("ip", Fit::Short, "ip ip地址 ipaddress clientip userip authorip"),
];

/// Fields that only comments have, or that have other names there. The others are as in [`POST`].
const COMMENT: &[Known] = &[
    ("id", Fit::Key, "评论id 回复id commentid replyid cid rpid contentid idstr id 编号"),
    (
        "post",
        Fit::Key,
        "帖子id 文章id 动态id 笔记id 微博id 所属帖子 原帖id 原帖 postid noteid topicid articleid \
         weiboid threadid feedid tid",
    ),
    ("post_url", Fit::Address, "帖子链接 文章链接 原文链接 noteurl posturl articleurl topicurl"),
    ("parent", Fit::Key, "父评论id 父评论 上级评论 parentid parentcommentid parent replytoid replyto replyid pid"),
    (
        "reply_to_name",
        Fit::Short,
        "回复给 回复对象 被回复人 回复谁 replytoname replytouser replytousername replyuser toname",
    ),
    ("floor", Fit::Count, "楼层 楼 floor postnumber floornumber"),
    ("body", Fit::Words, "评论内容 回复内容 评论 留言 comment reply"),
    ("created", Fit::Time, "评论时间 回复时间 留言时间 commenttime replytime"),
    ("author", Fit::Short, "评论者 评论人 回复人 留言人 commenter"),
];
const COMMENT_AS_POST: &[&str] = &[
    "created",
    "edited",
    "author_id",
    "author_handle",
    "author",
    "body",
    "images",
    "files",
    "pinned",
    "deleted",
    "hidden",
    "visibility",
    "likes",
    "email",
    "phone",
    "ip",
];

const MEMBER: &[Known] = &[
    ("id", Fit::Key, "成员id 用户id memberid userid uid id 编号"),
    (
        "name",
        Fit::Short,
        "昵称 成员昵称 成员 姓名 名字 名称 用户昵称 nickname displayname name nick fullname 用户名 \
         username",
    ),
    ("handle", Fit::Short, "账号 用户名 username screenname handle login"),
    ("alias", Fit::Short, "备注 备注名 群昵称 别名 alias remark"),
    ("role", Fit::Short, "角色 身份 职务 role membertype"),
    ("bio", Fit::Words, "简介 签名 个性签名 个人简介 bio intro introduction about signature description"),
    ("avatar", Fit::Address, "头像 头像链接 avatar avatarurl headimg headimgurl face portrait"),
    ("joined", Fit::Time, "加入时间 入圈时间 入群时间 注册时间 joinedat jointime joined registeredat createdat"),
    ("url", Fit::Address, "主页 个人主页 homepage profileurl url website"),
    ("email", Fit::Short, "邮箱 电子邮箱 email mail emailaddress"),
    ("phone", Fit::Short, "手机 手机号 电话 联系电话 phone mobile tel phonenumber"),
    ("ip", Fit::Short, "ip ip地址 ipaddress clientip userip"),
];

/// Prefixes before a dot after which the fields describe a person.
const PEOPLE: &[&str] =
    &["author", "user", "owner", "sender", "creator", "member", "poster", "account", "from", "作者", "用户", "发布者"];

/// Guesses for the columns of a table whose rows are `row`s.
#[must_use]
pub fn fields(row: Row, columns: &[(String, &Values)]) -> Vec<Guess> {
    let mut found: Vec<Guess> = Vec::new();
    let known: Vec<Known> = match row {
        Row::Post => POST.to_vec(),
        Row::Member => MEMBER.to_vec(),
        Row::Comment => {
            let as_post = POST.iter().filter(|(field, ..)| COMMENT_AS_POST.contains(field));
            COMMENT.iter().chain(as_post).copied().collect()
        }
    };
    // The exact names of all fields come first, so that a similar name never takes a column from the field that it is named after.
    for exact in [true, false] {
        for (field, fit, names) in &known {
            if found.iter().any(|guess| guess.field == *field) {
                continue;
            }
            let column = names.split_whitespace().find_map(|name| {
                columns.iter().enumerate().position(|(at, (column, values))| {
                    let free = !found.iter().any(|guess| guess.column == at);
                    free && values.filled > 0 && fits(*fit, values) && is_called(column, field, name, exact)
                })
            });
            if let Some(column) = column {
                found.push(Guess { field, column, by_name: true });
            }
        }
    }
    if row != Row::Member {
        by_audience(&mut found, columns);
        by_values(&mut found, columns);
    }
    found
}

/// The kind of a table's rows. `place` is the name of its file, sheet or list.
#[must_use]
pub fn row(place: &str, columns: &[(String, &Values)]) -> Option<Row> {
    let place = plain(place);
    let says = |words: &[&str]| words.iter().any(|word| place.contains(word));
    let named = |row: Row, field: &str| fields(row, columns).iter().any(|guess| guess.field == field && guess.by_name);
    let has_id =
        columns.iter().any(|(name, _)| matches!(plain(name).as_str(), "评论id" | "commentid" | "回复id" | "replyid"));
    let body = named(Row::Comment, "body");
    if body && (says(&["comment", "repl", "评论", "回复", "留言"]) || has_id && named(Row::Comment, "post")) {
        return Some(Row::Comment);
    }
    let about = ["avatar", "role", "joined", "handle", "bio", "email", "phone", "id"];
    let person = named(Row::Member, "name") && about.iter().any(|field| named(Row::Member, field));
    let members = says(&["member", "user", "follow", "friend", "contact", "成员", "用户", "关注", "好友", "名单"]);
    let post = fields(Row::Post, columns);
    let has = |field: &str| post.iter().any(|guess| guess.field == field);
    let body = post.iter().any(|guess| guess.field == "body" && guess.by_name);
    let title = has("title") && (has("created") || has("url"));
    if person && (members || !(body || title || has("body") && has("created"))) {
        return Some(Row::Member);
    }
    (body || title || has("body") && (has("created") || has("author"))).then_some(Row::Post)
}

/// True for content that nobody may publish: private mail, block lists.
#[must_use]
pub fn is_private_place(place: &str) -> bool {
    let place = plain(place);
    ["私信", "豆邮", "密信", "directmessage", "dms", "黑名单", "doumail"].iter().any(|word| place.contains(word))
}

/// The comparable form of a name.
fn plain(name: &str) -> String {
    let name = name.split(['(', '（', '[']).next().filter(|before| !before.trim().is_empty()).unwrap_or(name);
    name.chars().filter(|c| !matches!(c, '_' | '-' | ' ' | '：' | ':')).flat_map(char::to_lowercase).collect()
}

fn is_called(column: &str, field: &str, name: &str, exact: bool) -> bool {
    if let Some((list, _)) = column.split_once("[].") {
        // `images[].large.url`: the list's name decides.
        let list = plain(list.rsplit('.').next().unwrap_or(list));
        return matches!(field, "images" | "files" | "cover") && (list == name || !exact && list.ends_with(name));
    }
    let (above, last) = match column.rsplit_once('.') {
        Some((above, last)) => (above.rsplit('.').next().map(plain), plain(last)),
        None => (None, plain(column)),
    };
    if let Some(above) = &above
        && PEOPLE.contains(&above.as_str())
    {
        return match field {
            "author" => {
                exact
                    && matches!(last.as_str(), "name" | "nickname" | "nick" | "displayname" | "昵称" | "姓名")
                    && name == "author"
            }
            "author_id" => exact && matches!(last.as_str(), "id" | "uid" | "userid" | "useruid") && name == "authorid",
            "author_handle" => {
                exact && matches!(last.as_str(), "username" | "screenname" | "handle" | "login") && name == "handle"
            }
            "email" | "phone" | "ip" => exact && last == name,
            _ => false,
        };
    }
    if field == "id" && above.is_some() {
        return false;
    }
    if exact {
        return last == name;
    }
    let chinese = name.chars().count() >= 2 && name.chars().all(circle_model::text::is_cjk);
    if chinese { last.contains(name) } else { name.len() >= 6 && last.ends_with(name) }
}

fn fits(fit: Fit, values: &Values) -> bool {
    let kind = values.kind();
    let few = values.few.len();
    match fit {
        Fit::Key => values.longest <= 120 && !matches!(kind, Type::Flag | Type::List),
        Fit::Time => values.longest <= 60 && !matches!(kind, Type::Url | Type::Flag | Type::List),
        Fit::Words => kind != Type::Flag,
        Fit::Short => values.longest <= 120 && !matches!(kind, Type::Url | Type::List),
        Fit::Count => matches!(kind, Type::Number | Type::Fraction) || values.longest <= 8 && kind != Type::Flag,
        Fit::Address => matches!(kind, Type::Url | Type::List | Type::Text | Type::Id),
        Fit::Flag => kind == Type::Flag || few <= 3 && !values.many,
    }
}

/// The audience that these words state, as a word of a map; `unknown` for unknown words.
#[must_use]
pub fn visibility(shown: &str) -> &'static str {
    match audience::of_words(shown) {
        Visibility::Public => "public",
        Visibility::Circle => "circle",
        Visibility::Followers => "followers",
        Visibility::Direct => "direct",
        Visibility::Private => "private",
        _ => "unknown",
    }
}

/// Guesses for columns with unknown names: the longest text, dates, addresses of pictures, other addresses, unique values.
fn by_values(found: &mut Vec<Guess>, columns: &[(String, &Values)]) {
    let mut take = |field: &'static str, fits: &dyn Fn(&Values) -> bool, best: &dyn Fn(&Values) -> usize| {
        if found.iter().any(|guess| guess.field == field) {
            return;
        }
        let free = columns.iter().enumerate().filter(|(at, (name, values))| {
            // `*` stands for keys that are data, which no map can name.
            !name.contains('*')
                && !found.iter().any(|guess| guess.column == *at)
                && values.filled > 0
                && !values.private
                && fits(values)
        });
        // Of equals the first.
        let column = free.rev_by(best);
        found.extend(column.map(|column| Guess { field, column, by_name: false }));
    };
    let picture = |values: &Values| {
        values.raw.iter().any(|raw| {
            let raw = raw.to_ascii_lowercase();
            [".jpg", ".jpeg", ".png", ".webp", ".gif"].iter().any(|extension| raw.contains(extension))
        })
    };
    // This comes first: a row that says that it is private must not be published because the column's name was not known.
    let audience = |values: &Values| {
        let words: Vec<&str> = values.few.keys().map(|value| visibility(value)).collect();
        let told = words.iter().filter(|word| **word != "unknown").count();
        !values.many && told * 2 >= words.len() && words.iter().any(|word| !matches!(*word, "unknown" | "circle"))
    };
    take("visibility", &audience, &|_| 0);
    take("created", &|values| values.share(Type::Date) >= 0.8, &|_| 0);
    take("images", &|values| matches!(values.kind(), Type::Url | Type::List) && picture(values), &|_| 0);
    take("body", &|values| values.kind() == Type::Text && values.longest >= 6, &|values| values.longest);
    take("url", &|values| values.kind() == Type::Url && values.all_different(), &|_| 0);
    let key = |values: &Values| {
        matches!(values.kind(), Type::Id | Type::Number)
            && values.all_different()
            && values.filled > 1
            && values.longest >= 3
    };
    take("id", &key, &|_| 0);
    take(
        "author",
        &|values| values.kind() == Type::Text && values.longest <= 24 && values.share(Type::Text) >= 0.8,
        &|_| 0,
    );
}

trait Best {
    fn rev_by(self, best: &dyn Fn(&Values) -> usize) -> Option<usize>;
}

impl<'a, I: Iterator<Item = (usize, &'a (String, &'a Values))>> Best for I {
    fn rev_by(self, best: &dyn Fn(&Values) -> usize) -> Option<usize> {
        self.map(|(at, (_, values))| (best(values), std::cmp::Reverse(at))).max().map(|(_, at)| at.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use circle_content::options::Options;

    fn guessed(row: Option<Row>, place: &str, columns: &[(&str, &[&str])]) -> (Option<Row>, Vec<String>) {
        let values: Vec<(String, Values)> = columns
            .iter()
            .map(|(name, texts)| {
                let mut values = Values::default();
                texts.iter().for_each(|text| values.add(name, text, &Options::default()));
                ((*name).to_owned(), values)
            })
            .collect();
        let columns: Vec<(String, &Values)> = values.iter().map(|(name, values)| (name.clone(), values)).collect();
        let row = row.or_else(|| super::row(place, &columns));
        let guesses = row.map(|row| fields(row, &columns)).unwrap_or_default();
        let mut lines: Vec<String> =
            guesses.iter().map(|guess| format!("{}={}", guess.field, columns[guess.column].0)).collect();
        lines.sort();
        (row, lines)
    }

    #[test]
    fn chinese_and_english_names() {
        let (row, fields) = guessed(
            None,
            "导出.csv",
            &[
                ("帖子ID", &["88213"]),
                ("昵称", &["林晚"]),
                ("发布时间（北京）", &["2021-05-29 11:04"]),
                ("正文", &["读完了《边城》"]),
                ("图片", &["https://a.example.com/1.jpg"]),
                ("点赞数", &["1.2万"]),
                ("评论数", &["3"]),
                ("设备", &["手机"]),
            ],
        );
        assert_eq!(row, Some(Row::Post));
        assert_eq!(
            fields,
            [
                "author=昵称",
                "body=正文",
                "comments=评论数",
                "created=发布时间（北京）",
                "id=帖子ID",
                "images=图片",
                "likes=点赞数"
            ]
        );
        let (row, fields) = guessed(
            None,
            "data.list[]",
            &[
                ("topic_id", &["1"]),
                ("topic_uid", &["\"1\""]),
                ("create_time", &["1622257457"]),
                ("talk.text", &["读完了"]),
                ("talk.owner.name", &["林晚"]),
                ("talk.owner.user_id", &["7"]),
                ("talk.images[].large.url", &["https://a.example.com/1.jpg"]),
            ],
        );
        assert_eq!(row, Some(Row::Post));
        assert_eq!(
            fields,
            [
                "author=talk.owner.name",
                "author_id=talk.owner.user_id",
                "body=talk.text",
                "created=create_time",
                "id=topic_uid",
                "images=talk.images[].large.url"
            ]
        );
    }

    #[test]
    fn comments_and_members() {
        let (row, fields) = guessed(
            None,
            "comments_2026.csv",
            &[
                ("comment_id", &["c1", "c2"]),
                ("note_id", &["n1", "n1"]),
                ("parent_comment_id", &["0", "c1"]),
                ("nickname", &["阿晨", "小***薯"]),
                ("content", &["好看", "是的"]),
                ("create_time", &["1622257457000", "1622257458000"]),
            ],
        );
        assert_eq!(row, Some(Row::Comment));
        assert_eq!(
            fields,
            [
                "author=nickname",
                "body=content",
                "created=create_time",
                "id=comment_id",
                "parent=parent_comment_id",
                "post=note_id"
            ]
        );
        let (row, fields) =
            guessed(None, "成员", &[("昵称", &["林晚"]), ("邮箱", &["lin@mail.example.com"]), ("角色", &["圈主"])]);
        assert_eq!((row, fields.len()), (Some(Row::Member), 3));
    }

    #[test]
    fn who_may_see_a_row_is_found_whatever_its_column_is_called() {
        let columns: &[(&str, &[&str])] = &[
            ("k1", &["今天读完了《边城》，很喜欢。", "还没有读完，明天继续。"]),
            ("k2", &["所有人", "仅自己可见"]),
            ("k3", &["2021-05-29", "2021-05-30"]),
        ];
        assert_eq!(guessed(None, "x.csv", columns).1, ["body=k1", "created=k3", "visibility=k2"]);
        for (shown, meant) in [
            ("公开", "public"),
            ("不公开", "private"),
            ("仅圈内", "circle"),
            ("部分好友可见", "direct"),
            ("Only me", "private"),
            ("热门", "unknown"),
        ] {
            assert_eq!(visibility(shown), meant, "{shown}");
        }
    }

    #[test]
    fn weird_names_are_guessed_by_what_stands_there() {
        let (row, fields) = guessed(
            None,
            "x.tsv",
            &[
                ("k1", &["a8f7", "a8f8"]),
                ("k2", &["林晚", "林晚"]),
                ("k3", &["2021-05-29", "2021-05-30"]),
                ("k4", &["今天读完了《边城》，很喜欢。", "还没有读完，明天继续。"]),
                ("k5", &["https://a.example.com/1.jpg", ""]),
            ],
        );
        assert_eq!(row, Some(Row::Post));
        assert_eq!(fields, ["author=k2", "body=k4", "created=k3", "id=k1", "images=k5"]);
    }
}
