//! Recognises error responses that were saved in place of an export: an error as JSON, or a page that says so. Under an export's name such
//! a file looks like an unknown format; the platform's message is what helps the user.

use serde_json::Value;

use super::json::Fields as _;
use circle_content::decode;
use circle_content::input::Input;

/// The maximum size of an error, in bytes.
const LONGEST: u64 = 64 << 10;
/// The number of files that are examined.
const LOOKED_AT: usize = 20;
/// A page with more text than this has other content, too.
const FEW: usize = 400;
/// The maximum length of the quoted message.
const TOLD: usize = 120;

/// The file and the message of the first error in an export.
pub(super) fn error(input: &Input) -> Option<(String, String)> {
    input.entries().iter().filter(|entry| entry.bytes <= LONGEST).take(LOOKED_AT).find_map(|entry| {
        let ending = entry.path.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
        if !matches!(ending.as_str(), "" | "json" | "txt" | "html" | "htm" | "csv" | "xml" | "zip" | "xlsx") {
            return None;
        }
        let bytes = input.head(&entry.path, LONGEST).ok()?;
        let text = decode::text(&bytes).text;
        let text = text.trim_start_matches('\u{feff}').trim();
        let words = if text.starts_with('{') {
            in_json(text)
        } else if text.starts_with('<') {
            in_page(text)
        } else {
            None
        };
        words.map(|words| (entry.path.clone(), words))
    })
}

/// The message of a response that says that it failed and contains nothing else.
fn in_json(text: &str) -> Option<String> {
    let value: Value = serde_json::from_str(text).ok()?;
    let failed = ["succeeded", "success", "ok"].iter().any(|key| value.at(key) == &Value::Bool(false));
    // Platforms use 0, 1 or 200 for success.
    let code = ["code", "errcode", "errno", "error_code", "ret", "status"]
        .iter()
        .find_map(|key| value.at(key).as_i64().filter(|code| !matches!(code, 0 | 1 | 200)));
    let words = [
        "error.message",
        "error_description",
        "error",
        "message",
        "errmsg",
        "err_msg",
        "error_msg",
        "msg",
        "info",
        "resp_err",
        "reason",
    ]
    .iter()
    .find_map(|path| value.text(path));
    let told = value.at("error") != &Value::Null || value.at("errors") != &Value::Null;
    // A response that contains a list is not only an error.
    let has_list = value.as_object()?.values().any(|value| {
        let is_full = |value: &Value| value.as_array().is_some_and(|list| list.iter().any(Value::is_object));
        is_full(value) || value.as_object().is_some_and(|object| object.values().any(is_full))
    });
    if has_list || !(failed || told || (code.is_some() && words.is_some())) {
        return None;
    }
    let code = code.map(|code| code.to_string());
    let all: Vec<&str> = words.into_iter().chain(code.as_deref()).collect();
    (!all.is_empty()).then(|| short(&all.join(" ")))
}

/// The text of a page that has hardly any, and that mentions an error or signing in.
fn in_page(text: &str) -> Option<String> {
    const ERRORS: &[&str] = &[
        "登录",
        "登錄",
        "登入",
        "过期",
        "過期",
        "失效",
        "错误",
        "錯誤",
        "无权",
        "無權",
        "没有权限",
        "拒绝访问",
        "不存在",
        "已删除",
        "出错",
        "验证",
        "404",
        "403",
        "401",
        "500",
        "502",
        "503",
        "sign in",
        "log in",
        "login",
        "expired",
        "denied",
        "forbidden",
        "not found",
        "error",
        "unauthorized",
        "too many requests",
        "captcha",
    ];
    let document = dom_query::Document::from(text);
    document.select("script, style, noscript, template").remove();
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let title = squeezed(&document.select("title").text());
    let body = squeezed(&document.select("body").text());
    let small = format!("{title} {body}").to_lowercase();
    if body.chars().count() > FEW || !ERRORS.iter().any(|word| small.contains(word)) {
        return None;
    }
    let words = if title.is_empty() || body.contains(&title) { body } else { format!("{title}: {body}") };
    Some(short(words.trim_end_matches([' ', ':'])))
}

fn short(words: &str) -> String {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() <= TOLD { words } else { words.chars().take(TOLD).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn said(name: &str, text: &str) -> Option<String> {
        let files = BTreeMap::from([(name.to_owned(), text.as_bytes().to_vec())]);
        error(&Input::memory(files)).map(|(_, words)| words)
    }

    #[test]
    fn an_error_as_json_says_what_it_says() {
        let json = |text: &str| said("topics.json", text);
        assert_eq!(json(r#"{"succeeded":false,"code":401,"error":"登录已过期"}"#).as_deref(), Some("登录已过期 401"));
        assert_eq!(
            json(r#"{"error":{"code":190,"message":"Session has expired"}}"#).as_deref(),
            Some("Session has expired")
        );
        assert_eq!(
            json(r#"{"errcode":40001,"errmsg":"invalid credential"}"#).as_deref(),
            Some("invalid credential 40001")
        );
        assert_eq!(json(r#"{"code":0,"msg":"ok","data":{"list":[{"id":1}]}}"#), None);
        assert_eq!(json(r#"{"message":"大家好","author":"林晚"}"#), None);
        assert_eq!(json(r#"{"success":false,"items":[{"id":1}]}"#), None);
    }

    #[test]
    fn a_page_that_asks_to_sign_in_says_so_and_an_article_does_not() {
        let page = |title: &str, body: &str| {
            said(
                "导出.html",
                &format!("<!doctype html><title>{title}</title><body><script>var a</script><p>{body}</p>"),
            )
        };
        assert_eq!(page("提示", "登录已过期，请重新登录").as_deref(), Some("提示: 登录已过期，请重新登录"));
        assert_eq!(page("403 Forbidden", "403 Forbidden").as_deref(), Some("403 Forbidden"));
        assert_eq!(page("五月的河边", "河边的风很大。"), None);
        assert_eq!(page("登录月球", &"河边的风很大，大家坐在石阶上。".repeat(40)), None);
        assert_eq!(said("a.dat", "{\"error\":\"x\"}"), None);
    }
}
