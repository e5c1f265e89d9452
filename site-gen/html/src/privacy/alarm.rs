//! Decides which private facts in a text are worth an alarm.
//!
//! False alarms cost more than the time to check them: after twenty of them nobody looks at the twenty-first. So this module, and only this
//! module, skips text that merely has the form of a phone number or an IP address. [`super::facts`] still removes it from fields. Skipped
//! are:
//!
//! 1. Digits in addresses of pages (`https://…/13800138000.html`), unless a parameter says that they are a phone number.
//! 2. Numbers of orders, parcels and bills, and digits that continue after a hyphen or a dot.
//! 3. Addresses of home networks, of this machine and of many machines (multicast), and documentation addresses (RFC 5737, 3849).
//! 4. Version numbers.
//! 5. Handles (`@lin@social.example`), and the user of an address (`ssh://git@…`).

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Fact, places};

/// Words before the number of an order, which is not a phone number.
const ORDERS: &[&str] = &[
    "订单",
    "訂單",
    "单号",
    "單號",
    "编号",
    "編號",
    "流水",
    "运单",
    "運單",
    "快递",
    "快遞",
    "物流",
    "发票",
    "發票",
    "工单",
    "工單",
    "房间号",
    "房間號",
    "卡号",
    "卡號",
    "书号",
    "書號",
    "条码",
    "條碼",
    "order",
    "invoice",
    "tracking",
    "parcel",
    "ticket",
    "isbn",
    "issn",
    "serial",
];
/// Words before a version number, which is not an IP address.
const VERSIONS: &[&str] =
    &["version", "release", "build", "kernel", "版本", "升级到", "升級到", "更新到", "firmware", "固件"];
/// Parameters of addresses whose value is a phone number or an email address.
const NUMBERS: &[&str] = &["phone", "mobile", "tel", "cell", "cellphone", "telephone", "mobilephone", "phonenumber"];
/// Number of characters before a number in which these words are searched.
const BEFORE: usize = 14;

/// The private facts of a text that are worth an alarm, each once, sorted.
#[must_use]
pub fn alarms(text: &str) -> Vec<Fact> {
    let all = places(text);
    if all.is_empty() {
        return Vec::new();
    }
    let addresses = addresses(text);
    let mut found: Vec<Fact> =
        all.into_iter().filter(|(at, fact)| is_alarm(text, *at, fact, &addresses)).map(|(_, fact)| fact).collect();
    found.sort();
    found.dedup();
    found
}

fn is_alarm(text: &str, at: usize, fact: &Fact, addresses: &[(usize, usize)]) -> bool {
    let address = addresses.iter().find(|(start, end)| (*start..*end).contains(&at));
    let before = text.get(..at).unwrap_or_default();
    let after = text.get(at + fact.text.len()..).unwrap_or_default();
    match fact.kind {
        "phone number" => {
            if address.is_some() {
                return is_parameter(before, NUMBERS);
            }
            !goes_on(after) && !stands_after(before, ORDERS)
        }
        "network address" => address.is_none() && is_somebodys(&fact.text) && !is_version(before, after),
        "e-mail address" => {
            let user = address.is_some_and(|(start, _)| {
                text.get(*start..at).is_some_and(|scheme| scheme.ends_with("://") || scheme.ends_with("/@"))
            });
            let repository = fact.text.starts_with("git@") && after.starts_with(':');
            !(user || repository || before.ends_with('@'))
        }
        _ => true,
    }
}

/// The ranges of web addresses. A non-ASCII character ends one: in a Chinese sentence the next word follows without a space.
fn addresses(text: &str) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (at, _) in text.match_indices("://") {
        let scheme = text.as_bytes().get(..at).unwrap_or_default();
        let start = at - scheme.iter().rev().take_while(|b| b.is_ascii_alphanumeric()).count();
        if start == at || found.last().is_some_and(|(_, end)| start < *end) {
            continue;
        }
        let length = text
            .get(at..)
            .unwrap_or_default()
            .bytes()
            .take_while(|b| {
                b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'<' | b'>' | b'\\' | b'`' | b')' | b']')
            })
            .count();
        found.push((start, at + length));
    }
    found
}

/// True after the name of one of these parameters and its `=`.
fn is_parameter(before: &str, names: &[&str]) -> bool {
    let before = before.trim_end_matches(['+', ' ']).trim_end_matches("%2B").trim_end_matches("%2b");
    let Some(name) = before.strip_suffix('=') else { return false };
    let start = name.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-').map_or(0, |at| at + 1);
    let name: String = name.get(start..).unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).collect();
    names.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// True if the digits continue: `139-1234-5678-90` and `13800138000.12` are not phone numbers.
fn goes_on(after: &str) -> bool {
    let mut chars = after.chars();
    matches!(chars.next(), Some('-' | '.')) && chars.next().is_some_and(|c| c.is_ascii_digit())
}

/// True if one of these words is directly before, in the same part of the sentence.
fn stands_after(before: &str, words: &[&str]) -> bool {
    let mut near: Vec<char> = before.chars().rev().take(BEFORE).collect();
    near.reverse();
    let near: String = near.into_iter().collect::<String>().to_lowercase();
    let near = near.rsplit(['，', '。', '；', ',', ';', '\n', '！', '？', '<', '>', '、']).next().unwrap_or_default();
    // In `订单有问题请打 13800138000` the number is a phone number again.
    let calls = ["电话", "電話", "手机", "手機", "打", "联系", "聯繫", "聯絡", "致电", "call", "tel", "phone", "微信"];
    let last = |all: &[&str]| all.iter().filter_map(|word| near.rfind(word)).max();
    last(words).is_some_and(|word| last(&calls).is_none_or(|call| call < word))
}

/// True for the address of a single machine on the public internet.
fn is_somebodys(text: &str) -> bool {
    if let Ok(address) = text.parse::<Ipv4Addr>() {
        let [first, second, ..] = address.octets();
        // 100.64.0.0/10 is shared by the customers of a provider (RFC 6598). From 224 on are multicast, reserved addresses and broadcast.
        let shared = first == 100 && (64..128).contains(&second);
        return !(address.is_private()
            || address.is_loopback()
            || address.is_link_local()
            || address.is_documentation()
            || shared
            || first == 0
            || first >= 224);
    }
    let Ok(address) = text.trim_end_matches(':').parse::<Ipv6Addr>() else { return true };
    let documentation = matches!(address.segments(), [0x2001, 0xdb8, ..]);
    !(address.is_loopback()
        || address.is_unspecified()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        || address.is_multicast()
        || documentation)
}

/// True for what a program writes about itself: `Chrome/91.0.44.124`, `版本 8.0.25.1`, `app-8.0.25.1.zip`.
fn is_version(before: &str, after: &str) -> bool {
    let product = before.strip_suffix('/').is_some_and(|name| name.ends_with(|c: char| c.is_ascii_alphabetic()));
    let file =
        [".zip", ".exe", ".apk", ".dmg", ".tar", "-beta", "-alpha", "-rc"].iter().any(|end| after.starts_with(end));
    product || file || stands_after(before, VERSIONS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        alarms(text).into_iter().map(|fact| fact.text).collect()
    }

    #[test]
    fn what_somebody_should_look_at_is_found() {
        for (text, fact) in [
            ("我的电话13800138000，", "13800138000"),
            ("手机：138 0013 8000", "138 0013 8000"),
            ("(+86 138-0013-8000)", "86 138-0013-8000"),
            ("tel:13800138000", "13800138000"),
            ("订单有问题请打 13800138000", "13800138000"),
            ("见 https://a.example/x，电话13800138000", "13800138000"),
            ("https://a.example/x电话13800138000", "13800138000"),
            ("https://a.example/join?mobile=13800138000&a=1", "13800138000"),
            ("订单号 20210529，手机 13800138000", "13800138000"),
            ("<a href=\"https://a.example/1\">13800138000</a>", "13800138000"),
            ("来自 8.136.20.31 的", "8.136.20.31"),
            ("服务器 120.25.60.77:8080", "120.25.60.77"),
            ("172.32.10.20 上的", "172.32.10.20"),
            ("来自 2408:8207:18a0::7334", "2408:8207:18a0::7334"),
            ("写信给lin.wan+a@mail.example.com。", "lin.wan+a@mail.example.com"),
            ("https://a.example/?email=lin@mail.example.com", "lin@mail.example.com"),
            ("mailto:lin@mail.example.com", "lin@mail.example.com"),
            ("eyJhbGciOiJIUzI1.eyJzdWIiOiIx.c2ln", "eyJhbGciOiJIUzI1.eyJzdWIiOiIx.c2ln"),
        ] {
            assert_eq!(found(text), [fact], "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_private_fact_is_no_alarm() {
        for text in [
            "https://a.example/p/13800138000.html",
            "<img src=\"https://cdn.example/13800138000/a.jpg\">",
            "[图](https://a.example/?id=13800138000)",
            "订单号：13812345678",
            "快递单号 13812345678，已签收",
            "Order no. 13812345678",
            "139-1234-5678-90",
            "13800138000.12 元",
            "路由器 192.168.1.254",
            "内网 10.0.12.34 与 172.16.20.30、172.31.255.1",
            "本机 127.0.0.1 和 169.254.10.20",
            "例如 192.0.2.15、198.51.100.23 或 203.0.113.47",
            "掩码 255.255.255.0，组播 239.255.255.250",
            "100.64.12.34",
            "2001:db8::8a2e:370:7334",
            "fe80::1ff:fe23:4567:890a",
            "http://120.25.60.77/a",
            "版本 8.0.25.12",
            "Version: 12.14.16.18",
            "Mozilla/5.0 Chrome/91.0.44.124 Safari/537.36",
            "2021-06-28 23:59:59",
            "2021.06.28.12",
            "@lin@social.example 说",
            "https://social.example/@lin@other.example",
            "ssh://git@code.example/a.git",
            "git@code.example:a/b.git",
        ] {
            assert_eq!(found(text), Vec::<String>::new(), "{text}");
        }
    }
}
