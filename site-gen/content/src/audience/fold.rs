//! The comparable form of names and words.

use unicode_normalization::UnicodeNormalization as _;

/// Traditional characters and variants in [`super::words`], each followed by its simplified form.
const SIMPLIFIED: &str = "發发佈布狀状態态權权開开見见隱隐顯显圍围範范誰谁閱阅讀读訪访問问號号碼码鑰钥審审過过刪删級级類类別别屬属樣样記记線线歸归檔档僅仅會会員员關关絲丝對对錄录頁页標标題题簽签籤签設设廢废棄弃編编輯辑寫写專专鎖锁組组雙双內内無无為为啟启於于與与後后時时間间個个帳账選选擇择須须費费購购買买應应該该預预約约給给點点當当準准備备實实際际製制決决資资訊讯絕绝聯联絡络傳传親亲愛爱說说話话這这邊边還还進进運运連连載载結结終终續续暫暂擱搁階阶無无兩两們们誌志識识驗验證证導导轉转達达離离週周區区圖图專专層层單单許许諾诺護护戶户羣群衆众眾众國国";

/// The name or word without case, width, spaces, signs and hyphens, in simplified characters: `Is-Draft`, `是否發佈`.
#[must_use]
pub fn fold(name: &str) -> String {
    name.nfkc().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).map(simplified).collect()
}

fn simplified(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    let mut pairs = SIMPLIFIED.chars();
    while let (Some(traditional), Some(simple)) = (pairs.next(), pairs.next()) {
        if traditional == c {
            return simple;
        }
    }
    c
}
