use super::*;
use proptest::prelude::*;

pub(super) struct Bare;

impl Surroundings for Bare {
    fn medium(&self, address: &str) -> Medium {
        match address {
            "a.jpg" => Medium::Picture { href: "../media/a.jpg".into(), size: Some((600, 400)), alt: None },
            "long.png" => Medium::Picture { href: "../media/l.png".into(), size: Some((400, 4000)), alt: None },
            "a.mp3" => Medium::Sound("../media/a.mp3".into()),
            _ => Medium::Lost { reason: "不在存档里".into(), address: address.into(), is_file: false, size: None },
        }
    }
    fn link(&self, address: &str) -> Link {
        match address {
            "other.md" => Link::Inside("other.html".into()),
            _ if address.starts_with("http") || address.starts_with("mailto:") => Link::Outside(address.into()),
            _ => Link::Nowhere,
        }
    }
    fn lost_label(&self, alt: &str, _: bool) -> String {
        format!("图片缺失：{alt}")
    }
    fn long_picture(&self) -> &str {
        "长图"
    }
}

fn of(text: Text) -> String {
    html(&text, LineBreaks::Soft, &Bare).html.into_string()
}

/// Every element and attribute of `html`, judged by what may stand on a page; what is wrong, if anything.
fn wrong(html: &str) -> Option<String> {
    let found = RefCell::new(None);
    let handler = element!("*", |el: &mut Element<'_, '_>| {
        let tag = el.tag_name();
        // The site's own: what folds a long picture, and the frame of one that is lost.
        let own = match tag.as_str() {
            "label" => el.get_attribute("class").as_deref() == Some("long-note"),
            "input" => el.get_attribute("type").as_deref() == Some("checkbox"),
            "svg" => el.get_attribute("class").as_deref() == Some("lost-frame"),
            tag => TAGS.contains(&tag),
        };
        if !own {
            *found.borrow_mut() = Some(format!("<{tag}>"));
        }
        for attribute in el.attributes() {
            let (name, value) = (attribute.name(), unescape(&attribute.value()));
            let bad = name.starts_with("on")
                || matches!(
                    name.as_str(),
                    "style" | "srcset" | "srcdoc" | "formaction" | "action" | "background" | "poster" | "ping"
                )
                || (name == "href" && !is_safe_address(&value))
                || (name == "src" && !value.starts_with("../media/"))
                || (name == "id" && !value.starts_with("u-"));
            if bad {
                *found.borrow_mut() = Some(format!("<{tag} {name}={value}>"));
            }
        }
        Ok(())
    });
    let settings = RewriteStrSettings::new().with_strict(false);
    if rewrite_str(html, settings.append_element_content_handler(handler)).is_err() {
        return Some("not HTML".to_owned());
    }
    found.into_inner()
}

#[test]
fn nothing_runs_and_nothing_is_loaded_from_elsewhere() {
    for vector in [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
        "<a href=\"java&#x0A;script:alert(1)\">a</a>",
        "<a href=\"data:text/html,<script>1</script>\">a</a>",
        "<iframe srcdoc=\"<script>1</script>\" src=\"https://evil.example/\"></iframe>",
        "<object data=\"https://evil.example/x.swf\"><param name=a></object>",
        "<video poster=https://evil.example/p.jpg><source src=https://evil.example/v.mp4></video>",
        "<form action=https://evil.example><input name=a><button formaction=x>b</button></form>",
        "<p style=\"background:url(https://evil.example/)\">字</p>",
        "<link rel=stylesheet href=https://evil.example/x.css><meta http-equiv=refresh content=\"0;url=x\"><base href=//evil.example>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>",
        "<img srcset=\"https://evil.example/a 1x\" src=\"https://evil.example/b\">",
        "<div id=app class=circle-thread data-circle-thread>字</div><circle-widget></circle-widget>",
    ] {
        let out = of(Text::html(vector));
        assert_eq!(wrong(&out), None, "{vector} -> {out}");
        let markdown = of(Text::markdown(format!("甲\n\n{vector}\n\n乙")));
        assert_eq!(wrong(&markdown), None, "{vector} -> {markdown}");
    }
}

#[test]
fn pictures_are_the_sites_own_or_an_honest_box() {
    let out = of(Text::markdown("![河](a.jpg) ![长](long.png) ![失](https://x.example/b.png?token=abcdef123)"));
    assert!(out.contains(r#"<img src="../media/a.jpg" alt="河" width="600" height="400" loading="lazy""#), "{out}");
    assert!(out.contains(r#"<span class="long-picture"><a class="picture" href="../media/l.png">"#), "{out}");
    assert!(
        out.contains(r#"role="img" aria-label="图片缺失：失""#) && out.contains(">https://x.example/b.png</span>"),
        "{out}"
    );
}

#[test]
fn a_picture_that_loads_late_is_found_by_its_true_address() {
    let out = of(Text::html(
        r#"<img class="lazyload" data-src="a.jpg" src="grey.gif"><noscript><img src="a.jpg"></noscript>"#,
    ));
    assert_eq!(out.matches("<img").count(), 1, "{out}");
    assert!(out.contains("../media/a.jpg"), "{out}");
}

#[test]
fn headings_stay_below_the_pages_own() {
    assert!(of(Text::markdown("# 一\n\n## 二")).contains("<h2>一</h2>"));
    assert!(of(Text::markdown("## 二\n\n### 三")).contains("<h2>二</h2>"));
    let skipping = of(Text::markdown("### 一\n\n##### 二\n\n#### 三\n\n## 四\n\n### 五"));
    let ranks: Vec<&str> = skipping.split("<h").skip(1).filter_map(|rest| rest.split('<').next()).collect();
    assert_eq!(ranks, ["2>一", "3>二", "3>三", "2>四", "3>五"]);
}

#[test]
fn links_lead_inside_outside_or_nowhere() {
    let out = of(Text::markdown(
        "[内](other.md) [外](https://a.example/?a=1&b=2) [无](../gone.md) [坏](javascript:x) [锚](#x)",
    ));
    assert!(out.contains("<a href=\"other.html\">内</a>"), "{out}");
    assert!(out.contains("href=\"https://a.example/?a=1&amp;b=2\" rel=\"nofollow ugc noopener noreferrer\""), "{out}");
    assert_eq!(out.matches("<a ").count(), 2, "{out}");
    assert!(out.contains("无") && out.contains("坏") && out.contains("锚"), "{out}");
}

#[test]
fn footnotes_tables_and_tasks_work() {
    let out = of(Text::markdown("字[^1]。\n\n[^1]: 注\n\n| 甲 | 乙 |\n|--|--:|\n| 1 | 2 |\n\n- [x] 读\n- [ ] 写"));
    assert!(out.contains("href=\"#u-1\"") && out.contains("id=\"u-1\""), "{out}");
    assert!(out.contains("<div class=\"table-scroll\"") && out.contains("align=\"right\""), "{out}");
    assert!(out.contains("<li>☑ ") && out.contains("<li>☐ "), "{out}");
}

#[test]
fn what_would_take_too_long_is_shown_as_text() {
    for source in ["<div>".repeat(20_000), format!("<p {}>字", "a ".repeat(100_000)), "字".repeat(400_000)] {
        let cleaned = html(&Text::html(source.clone()), LineBreaks::Soft, &Bare);
        assert!(cleaned.shown_as_text.is_some());
        assert!(!cleaned.html.as_str().contains("<div>"));
    }
    let list = format!("<ul>{}</ul>{}", "<li>一".repeat(2_000), "<p>二".repeat(2_000));
    assert!(html(&Text::html(list), LineBreaks::Soft, &Bare).shown_as_text.is_none());
}

proptest! {
    #[test]
    fn any_html_becomes_safe(source in "(<(/?)(p|a|img|svg|math|style|script|table|td|select|template|form|iframe|video|xmp|noscript|mtext|title)( (href|src|onerror|style|id|srcdoc)=[\"']?(javascript:x|//e.example|x)[\"']?)?/?>|[a-z<>&\"'/=字 -]|<!--|-->|\\]\\]>|<!\\[CDATA\\[){0,24}") {
        for text in [Text::html(source.clone()), Text::markdown(source.clone())] {
            let out = of(text);
            prop_assert_eq!(wrong(&out), None, "{}", out);
        }
    }
}
