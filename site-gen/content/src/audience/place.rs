//! Folders and file names that say that a text is not for others: `_drafts/x.md`, `私密/x.md`, `x.draft.md`, `【草稿】x.md`.

use circle_model::archive::Visibility;

use super::{AudienceMarks, Says, fold};

const DRAFTS: &[&str] = &[
    "draft",
    "drafts",
    "mydrafts",
    "unpublished",
    "wip",
    "workinprogress",
    "notpublished",
    "scheduled",
    "pending",
    "草稿",
    "草稿箱",
    "我的草稿",
    "草稿夹",
    "未发布",
    "未发表",
    "待发布",
    "待审核",
    "未完成",
    "未完稿",
    "存稿",
    "半成品",
    "废稿",
];
const PRIVATE: &[&str] = &[
    "private",
    "privat",
    "secret",
    "secrets",
    "confidential",
    "onlyme",
    "privatenotes",
    "privateposts",
    "encrypted",
    "internal",
    "privatemessages",
    "私密",
    "私密日记",
    "私密日志",
    "私密文章",
    "私密空间",
    "私密相册",
    "私人",
    "私人日记",
    "私有",
    "隐私",
    "保密",
    "机密",
    "加密",
    "加密文章",
    "加密日记",
    "未公开",
    "不公开",
    "非公开",
    "仅自己可见",
    "仅自己",
    "仅我可见",
    "自己可见",
    "不对外",
    "内部",
    "内部资料",
    "个人隐私",
];
const BIN: &[&str] = &[
    "trash",
    "trashed",
    "discarded",
    "deleted",
    "recycle",
    "recyclebin",
    "recycled",
    "bin",
    "wastebasket",
    "deleteditems",
    "trashbin",
    "removed",
    "回收站",
    "垃圾箱",
    "废纸篓",
    "已删除",
    "最近删除",
    "垃圾桶",
    "废弃",
    "已废弃",
    "作废",
    "垃圾",
    "recentlydeleted",
];
const HIDDEN: &[&str] = &["hidden", "unlisted", "隐藏", "已隐藏", "屏蔽"];

fn of_word(word: &str) -> Option<Says> {
    let word = fold(word);
    // `01-草稿`, `草稿2021`, `drafts_old` and `2021 drafts` are drafts as well.
    let bare = word.trim_matches(|c: char| c.is_ascii_digit());
    let bare = bare.strip_prefix("我的").or_else(|| bare.strip_prefix("my")).unwrap_or(bare);
    let is = |words: &[&str]| words.contains(&bare) || words.contains(&word.as_str());
    if is(DRAFTS) {
        Some(Says::Draft)
    } else if is(PRIVATE) {
        Some(Says::Seen(Visibility::Private))
    } else if is(BIN) {
        // A folder of programs (`bin`) is not a trash folder.
        (word != "bin").then_some(Says::Deleted)
    } else if is(HIDDEN) {
        Some(Says::Hidden)
    } else {
        None
    }
}

/// What a file name says, without its extension.
fn of_name(stem: &str) -> Option<Says> {
    if let Some(says) = of_word(stem) {
        return Some(says);
    }
    // In brackets, or as a second extension: 【草稿】题, 题（私密）, `x.draft`, `x_draft`.
    let brackets = [
        '[', ']', '(', ')', '（', '）', '【', '】', '{', '}', '「', '」', '《', '》', '.', '_', '@', '#', '~', '！',
        '!',
    ];
    let mut pieces: Vec<&str> = stem.split(brackets).map(str::trim).filter(|piece| !piece.is_empty()).collect();
    // In a name of several words only the last one counts (`我的日记-草稿`); a Chinese one may also be first (`草稿 五月`).
    let by_blanks: Vec<&str> =
        stem.split([' ', '-', '—', '－', '·', '：', ':', '_', '\u{3000}']).filter(|piece| !piece.is_empty()).collect();
    if let [first, .., last] = by_blanks.as_slice() {
        pieces.push(last);
        if !stem.is_ascii() {
            pieces.push(first);
        }
    }
    // `saving-private` and `the-bin` are titles; `x-draft` is a draft.
    let ends = pieces.iter().filter_map(|piece| of_word(piece));
    let marked = stem.contains(['.', '[', '(', '（', '【', '「']);
    ends.into_iter().find(|says| marked || !stem.is_ascii() || *says == Says::Draft)
}

/// What the folders and the name of a file say. `top` is the folder or archive around everything, which no path contains.
#[must_use]
pub fn of_path(top: &str, path: &str) -> AudienceMarks {
    let mut told = AudienceMarks::default();
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let archive = |folder: &str| {
        let lower = folder.to_lowercase();
        let end = [".zip", ".tar.gz", ".tgz", ".tar", ".7z", ".rar"].into_iter().find(|end| lower.ends_with(end));
        end.map(|end| folder.get(..folder.len() - end.len()).unwrap_or(folder).to_owned())
    };
    for folder in top.split('/').chain(folders.split('/')).filter(|folder| !folder.is_empty()) {
        let inside = archive(folder);
        let says = match &inside {
            // An archive is named after its content, as files are.
            Some(stem) => of_name(stem),
            None => of_word(folder).or_else(|| of_folder(folder)),
        };
        told.hear(says.unwrap_or(Says::Nothing));
    }
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    told.hear(of_name(stem).unwrap_or(Says::Nothing));
    told
}

/// Of a folder's name only brackets and Chinese words count, apart from the whole name: 日记（私密）, 私密 日记.
fn of_folder(folder: &str) -> Option<Says> {
    let brackets = ['[', ']', '(', ')', '（', '）', '【', '】', '「', '」'];
    let says = folder.contains(brackets).then(|| folder.split(brackets).find_map(of_word)).flatten();
    says.or_else(|| {
        // A folder may be named after one text. Of names in Latin letters only those that begin or end with `drafts` count.
        let mut pieces = folder.split([' ', '-', '_', '.', '·', '—', '\u{3000}']);
        let ends = [pieces.clone().next(), pieces.clone().next_back()];
        let drafts = ends.into_iter().flatten().filter_map(of_word).find(|says| *says == Says::Draft);
        drafts.or_else(|| pieces.find_map(|piece| of_word(piece).filter(|_| !piece.is_ascii())))
    })
}
