//! Recognises private data by the name of its field or column, in Chinese and English, and by the form of its value.
//!
//! Unknown fields are kept with their record. A field that says who a person is, where they are, or by which key they sign in is not kept.
//! A name that only may mean that is enough, because no page shows such fields anyway.

/// Kinds of private fields by full name, written without spaces, hyphens, underscores and capitals; traditional characters too.
const KINDS: &[(&str, &[&str])] = &[
    ("openid", &["openid", "unionid"]),
    ("WeChat id", &["wxid", "wechat", "wechatid", "weixin", "微信号", "微信", "微信號"]),
    ("QQ number", &["qq", "qq号", "qq號", "uin"]),
    (
        "e-mail address",
        &["email", "mail", "emailaddress", "useremail", "authoremail", "邮箱", "电子邮箱", "郵箱", "信箱", "電郵"],
    ),
    (
        "phone number",
        &[
            "phone",
            "mobile",
            "tel",
            "telephone",
            "phonenumber",
            "cellphone",
            "msisdn",
            "手机",
            "手机号",
            "手机号码",
            "电话",
            "联系电话",
            "手機",
            "手機號碼",
            "電話",
            "聯絡電話",
        ],
    ),
    (
        "network address",
        &["ip", "ipaddress", "ipaddr", "clientip", "authorip", "userip", "remoteaddr", "ip地址", "ip位址"],
    ),
    (
        "identity card number",
        &[
            "身份证",
            "身份证号",
            "身份證",
            "身份證號",
            "身分證",
            "idcard",
            "idcardno",
            "idno",
            "passport",
            "ssn",
            "护照",
            "護照",
        ],
    ),
    ("password or key", &["password", "passwd", "pwd", "secret", "密码", "密碼", "口令"]),
    ("private key", &["privatekey", "privatekeypem"]),
    ("cookie", &["cookie", "cookies", "setcookie"]),
    ("authorization header", &["authorization"]),
];

/// Full names that say who or where a person is, without a kind of their own in the report.
const WHOLE: &[&str] = &[
    "lat",
    "lng",
    "lon",
    "latlng",
    "geo",
    "gps",
    "ua",
    "imei",
    "imsi",
    "mac",
    "udid",
    "idfa",
    "oaid",
    "deviceid",
    "addr",
    "birthday",
    "birthdate",
    "dob",
    "生日",
    "地理位置",
    "定位",
    "住址",
    "坐标",
    "座標",
    "纬度",
    "经度",
    "緯度",
    "經度",
    "姓名",
    "真名",
    "属地",
    "屬地",
    "设备",
    "設備",
    "会话",
    "bankcard",
    "alipay",
    "支付宝",
    "支付寶",
];

/// Parts of names.
const PARTS: &[&str] = &[
    "email",
    "mail",
    "phone",
    "token",
    "password",
    "passwd",
    "secret",
    "cookie",
    "openid",
    "unionid",
    "useragent",
    "idcard",
    "realname",
    "latitude",
    "longitude",
    "geolocation",
    "coordinate",
    "iplocation",
    "ipregion",
    "iploc",
    "invitecode",
    "invitationcode",
    "homeaddress",
    "sessionkey",
    "sessionid",
    "apikey",
    "身份证",
    "身份證",
    "身分證",
    "手机号",
    "手機號",
    "微信号",
    "微信號",
    "邮箱",
    "郵箱",
    "信箱",
    "真实姓名",
    "真實姓名",
    "银行卡",
    "銀行卡",
    "家庭住址",
    "家庭地址",
    "收货地址",
    "收貨地址",
    "邀请码",
    "邀請碼",
    "经纬度",
    "經緯度",
    "ip属地",
    "ip屬地",
    "ip归属",
    "联系方式",
    "聯繫方式",
    "聯絡方式",
    "电话号",
    "電話號",
];

/// A name as the tables have it. Of a path only the last part.
fn plain(name: &str) -> String {
    let last = name.rsplit('.').next().unwrap_or(name);
    last.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).take(40).collect()
}

/// The kind of a value, by the name of its field or column. `None` for a name that says nothing about the kind, and for a value that is not
/// of that kind.
pub fn kind_by_name(name: &str, value: &str) -> Option<&'static str> {
    let value = value.trim();
    if value.len() < 2 || matches!(value, "null" | "None" | "false" | "true" | "undefined" | "[]" | "{}") {
        return None;
    }
    let plain = plain(name);
    let known = KINDS.iter().find(|(_, names)| names.contains(&plain.as_str())).map(|(kind, _)| *kind);
    known.or_else(|| (plain.ends_with("token") && value.len() >= 6).then_some("access token"))
}

/// True for the name of a field that no published record may have.
#[must_use]
pub fn is_private_name(name: &str) -> bool {
    let plain = plain(name);
    let named = |names: &[&str]| names.contains(&plain.as_str());
    named(WHOLE) || KINDS.iter().any(|(_, names)| named(names)) || PARTS.iter().any(|part| plain.contains(part))
}

/// True for a value that identifies a person, whatever its field is called: a Chinese identity number, a WeChat id, or a path of a home
/// folder.
#[must_use]
pub fn is_private_value(value: &str) -> bool {
    let lower = value.to_ascii_lowercase().replace("\\\\", "\\");
    let wechat = lower.match_indices("wxid_").any(|(at, _)| {
        lower.get(at + 5..).is_some_and(|rest| rest.bytes().take_while(u8::is_ascii_alphanumeric).count() >= 6)
    });
    // After a host name it is a page of the web.
    let begins = |at: usize| {
        let before = lower.get(..at).unwrap_or_default();
        before.ends_with("file://")
            || before.chars().next_back().is_none_or(|c| c.is_whitespace() || "\"'(,=".contains(c))
    };
    let unix = ["/users/", "/home/"].iter().flat_map(|folder| lower.match_indices(folder)).any(|(at, _)| begins(at));
    let windows = [":\\users\\", ":/users/", "\\documents and settings\\"].iter().any(|folder| lower.contains(folder));
    let home = unix || windows;
    wechat || home || has_identity_number(value)
}

/// Seventeen digits and a matching check character (GB 11643).
fn has_identity_number(text: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let runs = text.split(|c: char| !c.is_ascii_digit() && !matches!(c, 'x' | 'X'));
    // The check character is chosen by the weighted sum modulo 11; `X` stands for ten.
    runs.filter(|run| run.len() == 18).any(|run| {
        let (digits, sign) = run.split_at(17);
        let sum: Option<u32> =
            digits.chars().zip(WEIGHTS).map(|(digit, weight)| Some(digit.to_digit(10)? * weight)).sum();
        let expected = sum.and_then(|sum| "10X98765432".chars().nth((sum % 11) as usize));
        expected.is_some_and(|expected| sign.eq_ignore_ascii_case(&expected.to_string()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_private_fields_are_known_however_they_are_written() {
        for name in [
            "authorEmail",
            "phone",
            "real_name",
            "Real-Name",
            "idCard",
            "user.id_card",
            "身份证号码",
            "手机号",
            "微信号",
            "openId",
            "union_id",
            "User-Agent",
            "userAgent",
            "lat",
            "geo",
            "ip_location",
            "IP属地",
            "inviteCode",
            "邀请码",
            "真實姓名",
            "access_token",
            "住址",
            "GPS",
        ] {
            assert!(is_private_name(name), "{name}");
        }
        for name in
            ["layout", "ship", "platform", "标题", "language", "relation", "geography", "称呼", "description", "unique"]
        {
            assert!(!is_private_name(name), "{name}");
        }
    }

    #[test]
    fn private_values_are_known_whatever_their_field_is_called() {
        for value in ["11010519491231002X", "a wxid_abc12345 b", "\"C:\\\\Users\\\\lin\\\\a.md\"", "/home/lin/notes"] {
            assert!(is_private_value(value), "{value}");
        }
        for value in
            ["110105194912310021", "1622257457000123456", "/posts/home", "wxid_", "users", "https://a.example/users/1"]
        {
            assert!(!is_private_value(value), "{value}");
        }
    }
}
