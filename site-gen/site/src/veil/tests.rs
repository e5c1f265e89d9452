use circle_model::{
    archive::{Comment, MediaUse, Name, Post, Text, TextFormat},
    text::LineBreaks,
};
use proptest::prelude::*;

use super::*;

fn member(id: &str, names: &[&str], weak: bool) -> Member {
    let names = names.iter().map(|name| Name { value: (*name).to_owned(), ..Name::default() }).collect();
    Member { id: Id::from(id), names, weak_id: weak, ..Member::default() }
}

/// A veil in which member `m` has these names and others have those.
fn veil(names: &[&str], others: &[&str]) -> (Veil, String) {
    let mut members = vec![member("m", names, false)];
    members.extend(others.iter().enumerate().map(|(n, name)| member(&format!("o{n}"), &[name], false)));
    let wishes = Wishes { pseudonyms: vec![(Id::from("m"), Vec::new())], ..Wishes::default() };
    let veil = Veil::new(&wishes, &members, &[], Lang::ZhHans, Some(Key::new([7; 32]))).unwrap();
    let name = veil.public_members().values().next().unwrap().display_name().to_owned();
    (veil, name)
}

#[test]
fn names_are_replaced_whole_and_nowhere_else() {
    for (name, others, text, expected) in [
        ("林晚", "", "林晚说，@林晚 你好，见林晚的诗", "{}说，@{} 你好，见{}的诗"),
        ("林晚", "林晚秋", "林晚秋和林晚", "林晚秋和{}"),
        ("林晚", "", "树林晚上很静，竹林晚风", "树林晚上很静，竹林晚风"),
        ("林晚", "", "林晚上课去了", "{}上课去了"),
        ("Ann", "", "Ann and Annual, planning, ANN's, ann_b, Ann说", "{} and Annual, planning, {}'s, ann_b, {}说"),
        ("Ann", "Mary-Ann", "Mary-Ann, Ann", "Mary-Ann, {}"),
        ("Lin Wan", "", "lin-wan, Lin  Wan, Ｌｉｎ Ｗａｎ, linwan", "{}, {}, {}, linwan"),
        ("阳光", "", "阳光很好。@阳光 回复 阳光：好，阳光说不", "阳光很好。@{} 回复 {}：好，阳光说不"),
        ("阳光", "", "阳光：我来\n阳光 说：好\n今天阳光：强", "{}：我来\n{} 说：好\n今天阳光：强"),
        ("雨", "", "雨天 @雨 @雨林 下雨说", "雨天 @{} @雨林 下雨说"),
        ("will", "", "I will. @will yes", "I will. @{} yes"),
        ("林🌙晚🌙", "", "林🌙晚", "{}"),
        ("🌙林晚🌙", "", "林晚和🌙林晚🌙", "{}和{}"),
        ("林\u{202e}晚", "", "林晚", "{}"),
        ("Zoë", "", "Zoe\u{308}, Zoë, Zoe", "{}, {}, Zoe"),
        ("김철수", "", "김철수는, 김철숙", "{}는, 김철숙"),
        ("慕容雪柏", "", "慕 容雪柏来，慕容\n雪柏说，慕容\u{3000}雪\u{200b}柏", "{}来，{}说，{}\u{200b}"),
        ("林晚", "", "进了树林\n晚上才出来，林 晚说，@林\n晚", "进了树林\n晚上才出来，{}说，@{}"),
    ] {
        let others: Vec<&str> = if others.is_empty() { Vec::new() } else { vec![others] };
        let (veil, pseudonym) = veil(&[name], &others);
        assert_eq!(veil.line(&[], text), expected.replace("{}", &pseudonym), "{name} in {text}");
    }
}

#[test]
fn names_are_found_in_every_spelling_of_html() {
    let (veil, name) = veil(&["林晚"], &[]);
    let shown = |source: &str, format: TextFormat| {
        let mut post = Post { body: Text { format, source: source.to_owned(), lang: None }, ..Post::default() };
        veil.post(&mut post, LineBreaks::Soft);
        post.body
    };
    for (source, expected) in [
        ("<p><b>林</b>晚</p>", "<p><b>{}</b></p>"),
        ("&#26519;晚", "{}"),
        ("<img alt='林晚' src=x>", "<img alt='{}' src=x>"),
        ("<p>林</p><p>晚</p>", "<p>林</p><p>晚</p>"),
        ("林<script>x</script>晚", "{}<script>x</script>"),
        ("<!-- 林晚 -->", "<!-- {} -->"),
        ("林<br>晚", "{}<br>"),
        ("林<img src=x.jpg>晚", "{}<img src=x.jpg>"),
        (
            "林<sup class=\"footnote-reference\"><a href=\"#1\">1</a></sup>晚",
            "{}<sup class=\"footnote-reference\"><a href=\"#1\">1</a></sup>",
        ),
        ("林\u{e0100}晚", "{}\u{e0100}"),
        ("林&ZeroWidthSpace;晚&shy;", "{}&ZeroWidthSpace;&shy;"),
        ("&#26519晚", "{}"),
    ] {
        assert_eq!(shown(source, TextFormat::Html).source, expected.replace("{}", &name), "{source}");
    }
    let link = shown("<a href=\"https://a.example/%E6%9E%97%E6%99%9A\">x</a>", TextFormat::Html).source;
    assert!(link.contains("https://a.example/%") && !link.contains("%E6%9E%97"), "{link}");
    let split = shown("**林**晚 *说*", TextFormat::Markdown);
    assert_eq!((split.format, split.source.contains("晚")), (TextFormat::Html, false), "{split:?}");
    let plain = shown("林晚 **说**", TextFormat::Markdown);
    assert_eq!((plain.format, plain.source), (TextFormat::Markdown, format!("{name} **说**")));
}

#[test]
fn names_are_found_however_their_letters_are_written() {
    let (veil, name) = veil(&["Jürgen Weiß"], &[]);
    for text in ["J&uuml;rgen Wei&szlig;", "J&uumlrgen&nbsp;Weiß", "Ju\u{308}rgen<br>Weiß", "J&#xfc;rgen\nWEIß"] {
        let mut post = Post { body: Text::html(text), ..Post::default() };
        veil.post(&mut post, LineBreaks::Soft);
        assert!(post.body.source.starts_with(&name) && !post.body.source.contains("rgen"), "{text}: {post:?}");
    }
}

#[test]
fn what_is_blacked_out_is_so_in_the_post_and_below_it_only() {
    let spans = BTreeSet::from([Span::Text("秘密 花园".to_owned()), Span::Facts("phone number")]);
    let wishes = Wishes { spans: BTreeMap::from([(Id::from("p"), spans)]), ..Wishes::default() };
    let veil = Veil::new(&wishes, &[], &[], Lang::ZhHans, None).unwrap();
    let mut post = Post {
        id: Id::from("p"),
        title: Some("秘密　花园".to_owned()),
        slug: Some("秘密-花园".to_owned()),
        body: Text::html("在<i>秘密</i> 花园，13900139000"),
        ..Post::default()
    };
    veil.post(&mut post, LineBreaks::Hard);
    assert_eq!(post.title.as_deref(), Some(BAR));
    assert_eq!(post.slug.as_deref(), Some(BAR));
    assert!(!post.body.source.contains("花园") && !post.body.source.contains("139"), "{}", post.body.source);
    let mut below = Comment { post: Id::from("p"), body: Text::markdown("秘密 **花园**"), ..Comment::default() };
    veil.comment(&mut below);
    assert!(!below.body.source.contains("花园"), "{}", below.body.source);
    let mut elsewhere = Comment { post: Id::from("q"), body: Text::plain("秘密 花园"), ..Comment::default() };
    veil.comment(&mut elsewhere);
    assert_eq!(elsewhere.body.source, "秘密 花园");
}

#[test]
fn a_dropped_picture_leaves_neither_words_nor_address() {
    let media = Media { id: Id::from("x"), remote: vec!["https://cdn.example/cat.png".to_owned()], ..Media::default() };
    let wishes = Wishes { dropped: BTreeSet::from([Id::from("x")]), ..Wishes::default() };
    let veil = Veil::new(&wishes, &[], &[media], Lang::ZhHans, None).unwrap();
    for source in [
        "看 ![秘密](img/cat.png \"题\") 好",
        "看 [![秘密](img/cat.png)](https://cdn.example/cat.png) 好",
        "看 ![秘密][c] 好\n\n[c]: img/cat.png",
        "看 <img alt=秘密 src='http://cdn.example/cat.png'> 好",
    ] {
        let used = MediaUse {
            media: Id::from("x"),
            reference: Some("img/cat.png".to_owned()),
            alt: Some("秘密".to_owned()),
            ..MediaUse::default()
        };
        let mut post = Post { body: Text::markdown(source), media: vec![used], ..Post::default() };
        veil.post(&mut post, LineBreaks::Soft);
        let all = format!("{post:?}");
        assert!(!all.contains("秘密") && !all.contains("cat") && all.contains("dropped-1"), "{source}: {all}");
        assert!(post.body.source.contains('看') && post.body.source.contains('好'), "{all}");
    }
}

#[test]
fn one_person_under_two_ids_has_one_pseudonym() {
    let members = [member("strong", &["林晚"], false), member("weak", &["林晚"], true), member("o", &["何平"], true)];
    for target in ["strong", "weak"] {
        let wishes = Wishes { pseudonyms: vec![(Id::from(target), Vec::new())], ..Wishes::default() };
        let veil = Veil::new(&wishes, &members, &[], Lang::En, Some(Key::new([1; 32]))).unwrap();
        let public = veil.member(&Id::from("strong")).unwrap();
        assert_eq!(veil.member(&Id::from("weak")), Some(public));
        assert_eq!(veil.public_members().len(), 1);
        assert_eq!(*public, Key::new([1; 32]).id(&Id::from("strong")));
    }
    let wishes = Wishes { pseudonyms: vec![(Id::from("o"), Vec::new())], ..Wishes::default() };
    assert!(Veil::new(&wishes, &members, &[], Lang::En, None).is_none(), "no key, no names");
}

#[test]
fn a_pseudonym_is_nobody_elses_name() {
    let (_, taken) = veil(&["林晚"], &[]);
    let (_, other) = veil(&["林晚"], &[&taken]);
    assert_ne!(taken, other);
}

proptest! {
    #[test]
    fn a_text_without_the_name_stays(text in "[a-z 树晚上<>&#;%*_@:：\\n]{0,60}") {
        let (veil, _) = veil(&["林晚", "Zoë Q"], &[]);
        prop_assert_eq!(veil.line(&[], &text), text.clone());
        let mut post = Post { body: Text::html(text.clone()), ..Post::default() };
        veil.post(&mut post, LineBreaks::Hard);
        prop_assert_eq!(post.body.source, text);
    }

    #[test]
    fn never_inside_a_word(before in "[a-zé]{1,5}", after in "[a-zé]{1,5}") {
        let (veil, _) = veil(&["Ann"], &[]);
        for text in [format!("{before}ann"), format!("ann{after}"), format!("{before}ann{after}")] {
            prop_assert_eq!(veil.line(&[], &text), text);
        }
    }

    #[test]
    fn hidden_names_never_come_out(before in "\\PC{0,12}", after in "\\PC{0,12}", html in any::<bool>()) {
        let (veil, _) = veil(&["栾雪柏"], &[]);
        let format = if html { TextFormat::Html } else { TextFormat::Markdown };
        let source = format!("{before}栾雪柏{after}");
        let mut post = Post { body: Text { format, source, lang: None }, ..Post::default() };
        veil.post(&mut post, LineBreaks::Soft);
        prop_assert!(!post.body.source.contains("栾雪柏"), "{}", post.body.source);
    }
}
