//! What the page of a post says: each kind as what it is, what it answers, what lies beside it; and nothing of what is withheld.

use circle_tests::circle::{self, Circle, Site, member, with};
use serde_json::{Value, json};

/// A minute of September 2021 in Shanghai.
fn at(day: u32, minute: u32) -> Value {
    circle::at(&format!("2021-09-{day:02}T04:{minute:02}:00.000Z"))
}

/// A circle of three members and two spaces.
fn new_circle() -> Circle {
    let spaces = json!({"id": "c", "name": "书桌", "spaces": [
        {"id": "board", "name": "晨读", "kind": "board"}, {"id": "chat", "name": "闲聊", "kind": "channel"},
    ]});
    Circle::new("书桌")
        .config("zone = \"Asia/Shanghai\"\nposts_per_page = 20\n")
        .records("circle", [spaces])
        .records("members", [member("lin", "林晚"), member("mu", "阿木"), member("ar", "\u{202e}محمد")])
}

/// A post of `day` by `author`, with further fields; its page is `posts/2021/09/<id>.html`.
fn post(id: &str, author: &str, day: u32, text: &str, more: Value) -> Value {
    let markdown = json!({"slug": id, "body": {"format": "markdown", "source": text}});
    with(with(circle::post(id, author, at(day, 0), text), markdown), more)
}

fn comment(id: &str, post: &str, author: &str, minute: u32, text: &str, more: Value) -> Value {
    with(circle::comment(id, post, author, at(29, minute), text), more)
}

/// The record of a file that lies in `media`, or of one that is lost.
fn medium(id: &str, is_there: bool, more: Value) -> Value {
    let state = if is_there { json!({"file": id, "state": "present"}) } else { json!({"state": "expired"}) };
    with(with(json!({"id": id}), state), more)
}

/// The main part of a post's page.
fn main_part(site: &Site, id: &str) -> String {
    let html = site.page(&format!("posts/2021/09/{id}.html"));
    let main = html.split_once("<main").and_then(|(_, rest)| rest.split_once("</main>")).expect("a main part").0;
    main.to_owned()
}

/// What is in the element of `html` whose tag begins with `start`, up to the next `end`.
fn part<'a>(html: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = html.split_once(start).unwrap_or_else(|| panic!("no {start} in {html}"));
    let rest = if start.ends_with('>') { rest } else { rest.split_once('>').expect("the end of the tag").1 };
    rest.split_once(end).unwrap_or_else(|| panic!("no {end} after {start} in {rest}")).0
}

/// The words of `html`.
fn words(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside && !c.is_whitespace() => text.push(c),
            _ => {}
        }
    }
    text
}

fn in_order(html: &str, pieces: &[&str]) {
    let mut rest = html;
    for piece in pieces {
        rest = rest.split_once(piece).unwrap_or_else(|| panic!("{piece} is not in its place in {html}")).1;
    }
}

/// A picture of one pixel.
const PIXEL: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

#[test]
fn the_answers_to_a_question_stand_apart_and_the_accepted_one_first() {
    let site = new_circle()
        .post(post("ask", "mu", 1, "祥子为什么不租房？", json!({"kind": "question"})))
        .comment(comment("c1", "ask", "lin", 1, "问得好。", json!({})))
        .comment(comment("a1", "ask", "lin", 2, "先看房租。", json!({"kind": "answer"})))
        .comment(comment("a2", "ask", "ar", 3, "车是自己的。", json!({"kind": "answer", "flags": {"accepted": true}})))
        .comment(comment("a3", "ask", "mu", 4, "懂了。", json!({"parent": "a2"})))
        .build()
        .sound();
    let page = main_part(&site, "ask");
    let (answers, thread) = page.split_once("<circle-widget").expect("a thread");
    in_order(answers, &["2 个回答", "车是自己的。", "懂了。", "先看房租。"]);
    assert!(words(answers).contains("已采纳") && !answers.contains("问得好。"));
    assert!(thread.contains("1 条评论") && thread.contains("问得好。") && !thread.contains("懂了。"));
    // Each comment keeps its address, wherever it stands.
    for id in ["c1", "a1", "a2", "a3"] {
        assert_eq!(page.matches(&format!("id=\"c-{id}\"")).count(), 1, "{id}");
        assert!(page.contains(&format!("class=\"circle-when\" href=\"#c-{id}\"")), "{id}");
    }
}

#[test]
fn an_accepted_answer_in_the_middle_of_a_thread_is_pointed_to() {
    let site = new_circle()
        .post(post("topic", "mu", 1, "谁有第三章？", json!({})))
        .comment(comment("c1", "topic", "lin", 1, "我找找。", json!({})))
        .comment(comment("c2", "topic", "ar", 2, "在书架上。", json!({"kind": "answer", "flags": {"accepted": true}})))
        .build()
        .sound();
    let page = main_part(&site, "topic");
    let pointer = part(&page, "<p class=\"accepted\">", "</p>");
    assert!(pointer.contains("href=\"#c-c2\"") && words(pointer).contains("在书架上。"), "{pointer}");
    in_order(&page, &["2 条评论", "我找找。", "在书架上。"]);
}

#[test]
fn a_check_in_says_which_one_of_its_member_it_is() {
    let solution = |day: u32| json!({"kind": "solution", "reply_to": "task", "created": at(day, 0)});
    let site = new_circle()
        .post(post("task", "lin", 1, "每天一页。", json!({"kind": "task", "title": "九月打卡"})))
        .post(post("m1", "mu", 2, "阿木第一页", solution(2)))
        .post(post("a1", "ar", 3, "旁人一页", solution(3)))
        .post(post("m2", "mu", 4, "阿木第二页", solution(4)))
        .post(post("m3", "mu", 5, "阿木第三页", solution(5)))
        .build()
        .sound();
    let series = words(part(&main_part(&site, "m2"), "<nav class=\"series\"", "</nav>"));
    assert!(series.contains("九月打卡") && series.contains("阿木第2次共3次"), "{series}");
    let page = main_part(&site, "m2");
    let steps = part(&page, "<p class=\"series-steps\">", "</p>");
    assert!(steps.contains("href=\"../../../posts/2021/09/m1.html\""), "{steps}");
    assert!(steps.contains("href=\"../../../posts/2021/09/m3.html\"") && !steps.contains("a1.html"), "{steps}");
    let handed_in = main_part(&site, "task");
    let list = part(&handed_in, "<section class=\"replies", "</section>");
    assert!(words(list).contains("收到4份作业"), "{list}");
    in_order(list, &["阿木第一页", "旁人一页", "阿木第二页", "阿木第三页"]);
}

#[test]
fn a_check_in_without_a_task_counts_in_its_space() {
    let mut circle = new_circle();
    for (number, day) in [(1, 3), (2, 4), (3, 5)] {
        let id = format!("d{number}");
        circle = circle.post(post(&id, "mu", day, &format!("第 {number} 页"), json!({"space": "board"})));
        if number != 2 {
            let event =
                json!({"id": format!("e{number}"), "kind": "checkin", "at": at(day, 0), "member": "mu", "target": id});
            circle = circle.records("events", [event]);
        }
    }
    let site = circle.build().sound();
    let series = words(part(&main_part(&site, "d3"), "<nav class=\"series\"", "</nav>"));
    assert!(series.contains("晨读") && series.contains("第2次共2次"), "{series}");
    assert!(!main_part(&site, "d2").contains("class=\"series\""), "a remark between check-ins is none");
}

#[test]
fn a_task_with_many_answers_leads_to_a_list_of_its_own() {
    let mut circle = new_circle().post(post("task", "lin", 1, "每天一页。", json!({"kind": "task", "title": "打卡"})));
    for number in 0..45 {
        let more = json!({"kind": "solution", "reply_to": "task", "created": at(2, number)});
        circle = circle.post(post(&format!("s{number:02}"), "mu", 2, &format!("页 {number:02} 完"), more));
    }
    let site = circle.build().sound();
    let page = main_part(&site, "task");
    let list = part(&page, "<section class=\"replies", "</section>");
    assert_eq!(list.matches("<li>").count(), 20);
    assert!(list.contains("href=\"../../../posts/2021/09/task/answers.html\""), "{list}");
    let first = site.page("posts/2021/09/task/answers.html");
    in_order(&first, &["收到 45 份作业", "页 00 完", "页 19 完", "下一页 →"]);
    assert!(site.page("posts/2021/09/task/answers/3.html").contains("页 44 完"));
}

#[test]
fn a_poll_says_votes_shares_and_total_in_words() {
    let votes = |n: u32| json!({"value": n, "raw": n.to_string(), "exact": true});
    let options = json!([{"text": "《围城》", "votes": votes(5)}, {"text": "《边城》", "votes": votes(15)}]);
    let poll = json!({"options": options, "multiple": true, "closed": at(9, 30)});
    let bare = json!({"options": [{"text": "去"}, {"text": "不去"}]});
    let site = new_circle()
        .post(post("vote", "lin", 1, "读什么？", json!({"kind": "poll", "poll": poll})))
        .post(post("bare", "lin", 2, "去不去？", json!({"kind": "poll", "poll": bare})))
        .build()
        .sound();
    let page = main_part(&site, "vote");
    let poll = part(&page, "<section class=\"poll\"", "</section>");
    let said = words(poll);
    assert!(said.contains("《围城》5票·25%") && said.contains("《边城》票数最多15票·75%"), "{said}");
    assert!(said.contains("共20票") && said.contains("可多选") && said.contains("2021-09-0912:30截止"), "{said}");
    in_order(poll, &["class=\"poll-share\" width=\"333\"", "class=\"poll-share\" width=\"1000\""]);
    let bare = main_part(&site, "bare");
    let bare = words(part(&bare, "<section class=\"poll\"", "</section>"));
    assert!(bare.contains("去") && bare.contains("票数没有留下来") && !bare.contains('%'), "{bare}");
}

#[test]
fn goods_have_a_name_a_price_a_link_and_a_picture() {
    let card = json!({"url": "https://shop.example.com/1", "title": "夹子台灯", "summary": "￥79.00 · 三档", "image": "lamp.gif"});
    let site = new_circle()
        .file("media/lamp.gif", PIXEL)
        .records("media", [medium("lamp.gif", true, json!({}))])
        .post(post("lamp", "lin", 1, "不晃眼。", json!({"kind": "recommendation", "link": card})))
        .post(post(
            "seen",
            "lin",
            2,
            "转来。",
            json!({"kind": "share", "link": {"url": "https://v.example.com/1", "title": "二楼的灯"}}),
        ))
        .build()
        .sound();
    let page = main_part(&site, "lamp");
    let goods = part(&page, "<aside class=\"link-card goods\"", "</aside>");
    assert!(
        goods.contains("href=\"https://shop.example.com/1\"") && goods.contains("<img src=\"../../../media/"),
        "{goods}"
    );
    assert!(words(goods).contains("夹子台灯价格￥79.00三档shop.example.com"), "{}", words(goods));
    in_order(&page, &["link-card goods", "不晃眼。"]);
    let share = main_part(&site, "seen");
    assert!(words(part(&share, "<aside class=\"link-card\"", "</aside>")).contains("分享的链接二楼的灯v.example.com"));
}

#[test]
fn an_album_shows_its_pictures_before_its_words() {
    let uses = json!([{"media": "a.gif", "role": "gallery", "alt": "桌"}, {"media": "b", "role": "gallery", "order": 1, "alt": "椅"}]);
    let lost = json!({"width": 600, "height": 400, "remote": ["https://img.example.com/b.jpg"]});
    let site = new_circle()
        .file("media/a.gif", PIXEL)
        .records("media", [medium("a.gif", true, json!({})), medium("b", false, lost)])
        .post(post("album", "lin", 1, "七月碰面。", json!({"kind": "album", "media": uses})))
        .post(post("note", "lin", 2, "记一笔。", json!({"media": uses})))
        .build()
        .sound();
    in_order(&main_part(&site, "album"), &["class=\"gallery", "alt=\"桌\"", "七月碰面。"]);
    in_order(&main_part(&site, "note"), &["记一笔。", "class=\"gallery", "alt=\"桌\""]);
    let page = main_part(&site, "album");
    let tile = part(&page, "<section class=\"gallery", "</section>");
    assert!(tile.contains("<a class=\"picture\" href=\"../../../media/"), "a picture of any size opens: {tile}");
    assert!(tile.contains("width=\"1\" height=\"1\""), "no shift while it loads: {tile}");
    // What is lost keeps its place, says why, and its address is text.
    assert!(tile.contains("<svg class=\"lost-frame\" width=\"600\" height=\"400\" viewBox=\"0 0 600 400\""), "{tile}");
    assert!(tile.contains("https://img.example.com/b.jpg") && !tile.contains("\"https://img.example.com"), "{tile}");
    let scripts = site.page("posts/2021/09/album.html");
    assert!(scripts.contains("<script src=\"../../../assets/lightbox.js\""));
}

#[test]
fn files_say_what_they_are_and_voices_why_they_do_not_play() {
    let uses = json!([
        {"media": "a.mp3", "role": "attachment", "alt": "老周念第三章"},
        {"media": "b.silk", "role": "attachment", "order": 1},
        {"media": "c.mp4", "role": "attachment", "order": 2},
    ]);
    let site = new_circle()
        .file("media/a.mp3", [b"ID3\x03\0\0\0\0\0\0".as_slice(), &[0xff; 3000]].concat())
        .file("media/b.silk", b"\x02#!SILK_V3\0\xff\0\xff\0\xff")
        .file("media/c.mp4", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\0")
        .records(
            "media",
            [
                medium("a.mp3", true, json!({"name": "第三章.mp3", "duration": 80_000})),
                medium("b.silk", true, json!({"name": "语音 12.silk"})),
                medium("c.mp4", true, json!({"width": 640, "height": 360})),
            ],
        )
        .post(post("files", "lin", 1, "都在这里。", json!({"media": uses})))
        .build()
        .sound();
    let page = main_part(&site, "files");
    let files = part(&page, "<section class=\"attachments\"", "</section>");
    assert!(files.contains("<audio controls preload=\"none\" aria-label=\"老周念第三章\""), "{files}");
    assert!(words(files).contains("第三章.mp3MP3·2.9KB·1:20"), "{}", words(files));
    assert!(
        files.contains("download=\"语音 12.silk\"") && words(files).contains("SILK·16B浏览器无法播放这种语音"),
        "{files}"
    );
    assert!(files.contains("<video controls preload=\"none\" width=\"640\" height=\"360\""), "{files}");
}

#[test]
fn a_reply_shows_what_it_answers_and_is_found_from_there() {
    let site = new_circle()
        .post(post("first", "lin", 1, "第三章可以撕掉。", json!({})))
        .post(post("second", "ar", 2, "不同意。", json!({"reply_to": "first"})))
        .post(post("lost", "mu", 3, "也不同意。", json!({"reply_to": "elsewhere"})))
        .post(post(
            "known",
            "mu",
            4,
            "好的",
            json!({"reply_to": "gone", "quote": {"post": "gone", "text": {"format": "plain", "source": "周六三点见"}}}),
        ))
        .build()
        .sound();
    let page = main_part(&site, "second");
    let context = part(&page, "<aside class=\"answering\"", "</aside>");
    assert!(context.contains("href=\"../../../posts/2021/09/first.html\"><bdi>林晚</bdi>"), "{context}");
    assert!(words(context).contains("2021-09-0112:00") && words(context).contains("第三章可以撕掉。"), "{context}");
    let answered = main_part(&site, "first");
    let list = part(&answered, "<section class=\"replies", "</section>");
    assert!(words(list).contains("1篇回应") && list.contains("second.html"), "{list}");
    // A name that turns the writing round stays in its box.
    assert!(list.contains("<bdi>محمد</bdi>") && !list.contains('\u{202e}'), "{list}");
    assert!(
        words(part(&main_part(&site, "lost"), "<aside class=\"answering\"", "</aside>"))
            .contains("原来那一篇不在这份存档里")
    );
    let known = words(part(&main_part(&site, "known"), "<aside class=\"answering\"", "</aside>"));
    assert!(known.contains("原来那一篇不在这份存档里") && known.contains("周六三点见"), "{known}");
}

#[test]
fn what_is_withheld_comes_out_by_no_way_round() {
    let secret = json!({"visibility": "private", "title": "暗号青鸟题", "kind": "task", "space": "board"});
    let said = json!({"format": "plain", "source": "暗号青鸟引"});
    let solution = json!({"kind": "solution", "reply_to": "secret", "space": "board"});
    let site = new_circle()
        .post(post("before", "lin", 1, "前一篇。", json!({"tags": ["甲"], "space": "board"})))
        .post(post("secret", "lin", 2, "暗号青鸟文", secret))
        .post(post("s1", "mu", 3, "交一篇。", solution.clone()))
        .post(post("s2", "mu", 4, "又一篇。", solution))
        .post(post(
            "answer",
            "ar",
            5,
            "回它。",
            json!({"reply_to": "secret", "quote": {"author": "lin", "text": said}, "tags": ["甲"]}),
        ))
        .post(post("quote", "ar", 6, "引它。", json!({"quote": {"post": "secret", "author": "lin", "text": said}})))
        .build()
        .sound();
    assert_eq!(site.places("暗号青鸟"), Vec::<String>::new());
    let reply = main_part(&site, "answer");
    let reply = part(&reply, "<aside class=\"answering\"", "</aside>");
    assert_eq!(words(reply), "回复：原来那一篇不在这份存档里");
    // Two that answer the same hidden post are not told to belong together.
    assert!(!main_part(&site, "s2").contains("class=\"series\""));
    in_order(&main_part(&site, "s1"), &["上一篇", "前一篇。"]);
}

#[test]
fn before_and_after_go_on_within_member_tag_space_and_month() {
    let site = new_circle()
        .post(post("a", "lin", 1, "甲", json!({"tags": ["诗"], "space": "chat"})))
        .post(post("b", "mu", 2, "乙", json!({"tags": ["诗"]})))
        .post(post("c", "lin", 3, "丙", json!({"tags": ["画", "诗"], "space": "chat"})))
        .post(post("d", "mu", 4, "丁", json!({"space": "chat"})))
        .post(post("e", "lin", 5, "戊", json!({"tags": ["诗"]})))
        .post(post("f", "lin", 6, "己", json!({"created": {"raw": "", "utc": "2021-10-02T04:00:00.000Z", "offset": "+08:00", "precision": "min", "zone_from": "config"}})))
        .build().sound();
    let page = main_part(&site, "c");
    let beside = part(&page, "<nav class=\"neighbours", "</nav>");
    in_order(
        beside,
        &["rel=\"prev\" href=\"../../../posts/2021/09/b.html\"", "rel=\"next\" href=\"../../../posts/2021/09/d.html\""],
    );
    let rows: Vec<String> = beside.split("<li>").skip(1).map(words).collect();
    let all = rows.join("|");
    assert!(all.contains("同一作者林晚上一篇：甲下一篇：戊"), "{all}");
    assert!(all.contains("同一标签诗上一篇：乙下一篇：戊"), "the first tag leads nowhere: {all}");
    assert!(all.contains("同一分区闲聊上一篇：甲下一篇：丁"), "{all}");
    // The month's neighbours are the circle's: they are not said twice.
    assert!(!all.contains("同一个月"), "{all}");
    let last = main_part(&site, "e");
    let last = words(part(&last, "<nav class=\"neighbours", "</nav>"));
    assert!(last.contains("同一个月2021年9月上一篇：丁最新一篇"), "{last}");
}

#[test]
fn times_say_their_zone_once() {
    let assumed = json!({"raw": "", "utc": "2021-09-29T04:00:00.000Z", "offset": "+08:00", "precision": "min", "zone_from": "assumed"});
    let site = new_circle()
        .post(post("plain", "lin", 1, "甲", json!({})))
        .comment(comment("c1", "plain", "mu", 1, "一", json!({})))
        .post(post("mixed", "lin", 2, "乙", json!({})))
        .comment(comment("c2", "mixed", "mu", 2, "二", json!({"created": assumed})))
        .post(post("day", "lin", 3, "丙", json!({"created": {"raw": "2021-09-03", "utc": "2021-09-02T16:00:00.000Z", "offset": "+08:00", "precision": "day", "zone_from": "config"}})))
        .comment(comment("c3", "day", "mu", 3, "三", json!({})))
        .build().sound();
    let plain = main_part(&site, "plain");
    assert_eq!(words(&plain).matches("UTC+08:00").count(), 1, "{plain}");
    assert!(words(&main_part(&site, "mixed")).contains("有些时间原文没有写时区，按UTC+08:00推定"));
    assert!(words(&main_part(&site, "day")).contains("时间按UTC+08:00显示"));
}

#[test]
fn what_is_wide_scrolls_in_itself_by_keyboard_too() {
    let wide = "| a | b |\n|---|---|\n| 1 | 2 |\n\n```\nx\n```";
    let site = new_circle()
        .post(post("wide", "lin", 1, wide, json!({})))
        .comment(comment("c1", "wide", "mu", 1, "", json!({"body": {"format": "markdown", "source": wide}})))
        .build()
        .sound();
    let page = main_part(&site, "wide");
    assert_eq!(
        page.matches("tabindex=\"0\" role=\"region\" aria-label=\"表格，可以左右滚动\"><table>").count(),
        2,
        "{page}"
    );
    assert_eq!(
        page.matches("<pre tabindex=\"0\" role=\"region\" aria-label=\"代码，可以左右滚动\">").count(),
        2,
        "{page}"
    );
}

#[test]
fn marks_of_a_post_stand_on_it() {
    let site = new_circle()
        .post(post("top", "lin", 1, "先看这里", json!({"flags": {"pinned": true, "digest": true}})))
        .build()
        .sound();
    let head = words(part(&main_part(&site, "top"), "<p class=\"post-kind\">", "</p>"));
    assert_eq!(head, "置顶精华");
}
