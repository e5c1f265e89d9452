//! The comparable form of addresses.

/// An address for comparison: without scheme, `www.`, fragment, and a trailing slash or `index.html`.
#[must_use]
pub fn normal_url(url: &str) -> String {
    let url = url.split('#').next().unwrap_or_default();
    let url = url.strip_prefix("https:").or_else(|| url.strip_prefix("http:")).unwrap_or(url);
    let url = url.trim_start_matches("//").trim_start_matches("www.");
    let url = url.strip_suffix("index.html").unwrap_or(url).trim_end_matches('/');
    percent_encoding::percent_decode_str(url).decode_utf8_lossy().into_owned()
}
