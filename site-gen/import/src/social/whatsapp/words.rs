//! WhatsApp's own texts in many languages: files, omitted media, joins and leaves; and phone numbers.

use circle_model::archive::EventKind;

use circle_content::media::prepare;

/// A file of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attached<'a> {
    /// Its name.
    File(&'a str),
    /// The chat was exported without media.
    LeftOut,
}

/// The text without the direction marks that WhatsApp puts around names and files.
pub(super) fn without_marks(text: &str) -> String {
    let marks = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{feff}');
    text.chars().filter(|c| !marks(*c)).collect::<String>().trim().to_owned()
}

/// Parses a line that names a file; returns the file and the rest of the line's text. `here` says whether the export has a file of this
/// name. If so, the words around it may be in any language.
pub(super) fn attachment<'l>(line: &'l str, here: &dyn Fn(&str) -> bool) -> Option<(Attached<'l>, String)> {
    let trimmed = line.trim().trim_start_matches(['\u{200e}', '\u{200f}']).trim();
    // `<attached: 1.jpg>`, possibly after a text.
    if let Some((before, rest)) = trimmed.rsplit_once('<')
        && let Some((inside, after)) = rest.split_once('>')
        && let Some((word, name)) = inside.split_once([':', '：'])
        && word.chars().count() <= 30
        && (prepare::is_media_name(name.trim()) || here(name.trim()))
    {
        let said = [without_marks(before), without_marks(after)].join(" ").trim().to_owned();
        return Some((Attached::File(name.trim()), said));
    }
    // `IMG-20210529-WA0001.jpg (file attached)`.
    if let Some((name, word, after)) = in_brackets(trimmed) {
        let word = word.to_lowercase();
        if ATTACHED.contains(&word.as_str()) || is_whatsapp_name(name) || here(name) {
            return Some((Attached::File(name), without_marks(after)));
        }
    }
    let lower = trimmed.to_lowercase();
    let bare = lower.trim_start_matches('<').trim_end_matches('>').trim_end_matches('.');
    let framed = lower.starts_with('<') && lower.ends_with('>');
    let left_out = (framed && OMITTED.contains(&bare))
        || OMITTED_ONE.contains(&bare)
        || THING.iter().any(|thing| bare.strip_prefix(thing).is_some_and(|rest| ENDS.contains(&rest)));
    left_out.then_some((Attached::LeftOut, String::new()))
}

/// True for a line in angle brackets that may be WhatsApp's text for omitted media in an unknown language.
pub(super) fn may_stand_for_a_file(line: &str) -> bool {
    let line = without_marks(line);
    let inside = line.strip_prefix('<').and_then(|line| line.strip_suffix('>'));
    inside.is_some_and(|inside| {
        inside.contains(' ') && inside.chars().count() <= 60 && !inside.contains(['<', '>', '/', '=', ':'])
    })
}

/// Name, word and rest of `name.jpg (word) rest`.
fn in_brackets(line: &str) -> Option<(&str, &str, &str)> {
    let open = line.find(['(', '（'])?;
    let (name, from) = line.split_at(open);
    let mut signs = from.chars();
    let width = signs.next().map_or(0, char::len_utf8);
    let (word, after) = from.get(width..)?.split_once([')', '）'])?;
    let name = name.trim();
    let ending = name.rsplit_once('.')?.1;
    let is_file = (1..=5).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_file && !word.is_empty() && word.chars().count() <= 30).then_some((name, word.trim(), after))
}

/// True for WhatsApp's file names on Android: `IMG-20210529-WA0001.jpg`.
fn is_whatsapp_name(name: &str) -> bool {
    let mut parts = name.split('-');
    let (kind, day, number) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next());
    matches!(kind, "IMG" | "VID" | "AUD" | "PTT" | "STK" | "DOC" | "GIF")
        && day.len() == 8
        && day.bytes().all(|byte| byte.is_ascii_digit())
        && number.is_some_and(|number| number.starts_with("WA"))
}

/// The words in brackets after a file name.
const ATTACHED: &[&str] = &[
    "file attached",
    "archivo adjunto",
    "arquivo anexado",
    "ficheiro anexado",
    "datei angehängt",
    "fichier joint",
    "file allegato",
    "bestand bijgevoegd",
    "файл добавлен",
    "файл прикреплен",
    "файл прикреплён",
    "dosya ekli",
    "ekli dosya",
    "załączono plik",
    "plik dołączony",
    "bifogad fil",
    "vedhæftet fil",
    "vedlagt fil",
    "tiedosto liitetty",
    "fișier atașat",
    "csatolt fájl",
    "soubor byl přiložen",
    "přiložený soubor",
    "συνημμένο αρχείο",
    "file terlampir",
    "fail dilampirkan",
    "tệp đính kèm",
    "ไฟล์ที่แนบมา",
    "첨부된 파일",
    "파일 첨부됨",
    "添付ファイル",
    "ファイル添付",
    "קובץ מצורף",
    "ملف مرفق",
    "الملف مرفق",
    "संलग्न फ़ाइल",
    "फ़ाइल अटैच की गई",
    "文件附件",
    "附件",
    "檔案附件",
    "附加檔案",
    "已附加檔案",
    "文件已附加",
];

/// The texts in angle brackets for omitted media.
const OMITTED: &[&str] = &[
    "media omitted",
    "multimedia omitido",
    "archivo omitido",
    "medios omitidos",
    "mídia oculta",
    "arquivo de mídia oculto",
    "ficheiro não revelado",
    "multimédia omitido",
    "média omitido",
    "mídia omitida",
    "medien ausgeschlossen",
    "medien weggelassen",
    "médias omis",
    "média omis",
    "fichier omis",
    "media omessi",
    "media omesso",
    "media weggelaten",
    "без медиафайлов",
    "медиафайл пропущен",
    "файл пропущен",
    "medya dahil edilmedi",
    "medya atlandı",
    "pominięto multimedia",
    "multimedia pominięte",
    "media har utelämnats",
    "media utelämnade",
    "mediefiler udeladt",
    "medier udeladt",
    "media utelatt",
    "mediafil utelatt",
    "media jätettiin pois",
    "mediatiedosto jätetty pois",
    "fișier media omis",
    "media omisă",
    "hiányzó médiafájl",
    "média elhagyva",
    "média vynechána",
    "média byla vynechána",
    "médiá vynechané",
    "εξαιρέθηκαν τα πολυμέσα",
    "παραλήφθηκαν πολυμέσα",
    "media tidak disertakan",
    "media dikecualikan",
    "media ditinggalkan",
    "tệp phương tiện bị bỏ qua",
    "bỏ qua tệp phương tiện",
    "ไม่รวมสื่อ",
    "ละเว้นสื่อ",
    "미디어 파일을 제외한 채팅",
    "미디어 파일 제외됨",
    "미디어 파일 생략",
    "メディアなし",
    "メディアは含まれていません",
    "メディアを含まない",
    "המדיה לא נכללה",
    "מדיה הושמטה",
    "تم استبعاد الوسائط",
    "الوسائط المستبعدة",
    "मीडिया शामिल नहीं किया गया",
    "मीडिया छोड़ा गया",
    "медіафайли пропущено",
    "без медіафайлів",
    "mitjans omesos",
    "omès multimèdia",
    "省略多媒体文件",
    "省略多媒体檔案",
    "媒體已略去",
    "多媒体文件已省略",
    "媒体文件已省略",
    "已省略媒體檔案",
    "已忽略媒体文件",
    "略過媒體檔案",
    "多媒體檔案已略去",
    "view once message omitted",
    "view once voice message omitted",
    "view once photo omitted",
    "view once video omitted",
    "archivo no revelado",
    "arquivo não revelado",
    "video note omitted",
];

/// The texts without brackets (on an iPhone), in languages in which they have more than two words.
const OMITTED_ONE: &[&str] = &[
    "忽略图片",
    "忽略视频",
    "忽略音频",
    "忽略贴图",
    "忽略文档",
    "忽略gif",
    "省略图片",
    "省略视频",
    "省略音频",
    "省略贴图",
    "省略文档",
    "略去圖片",
    "略去影片",
    "略去音訊",
    "略去貼圖",
    "略去文件",
    "已略去圖片",
    "已略去影片",
    "已忽略图片",
    "已忽略视频",
    "已忽略音频",
    "photo manquante",
    "image absente",
    "vidéo absente",
    "audio omis",
    "image omise",
    "vidéo omise",
    "画像は含まれていません",
    "動画は含まれていません",
    "音声は含まれていません",
    "ステッカーは含まれていません",
    "画像なし",
    "動画なし",
    "이미지 생략됨",
    "동영상 생략됨",
    "이미지 제외됨",
    "изображение пропущено",
    "видео пропущено",
    "аудио пропущено",
    "görüntü dahil edilmedi",
    "pominięto grafikę",
    "pominięto wideo",
    "pominięto audio",
];

/// Kinds of media, in languages with texts such as `image omitted`.
const THING: &[&str] = &[
    "image",
    "photo",
    "video",
    "audio",
    "voice message",
    "sticker",
    "gif",
    "document",
    "contact card",
    "video note",
    "imagen",
    "vídeo",
    "documento",
    "imagem",
    "figurinha",
    "áudio",
    "bild",
    "sprachnachricht",
    "dokument",
    "vidéo",
    "autocollant",
    "immagine",
    "adesivo",
    "afbeelding",
    "foto",
];

/// The word after the kind of media.
const ENDS: &[&str] = &[
    " omitted",
    " omitido",
    " omitida",
    " ocultado",
    " ocultada",
    " weggelassen",
    " weggelaten",
    " omesso",
    " omessa",
    " omis",
    " omise",
    " absente",
    " utelämnad",
    " udeladt",
    " utelatt",
];

/// The texts in place of a deleted message.
const DELETED: &[&str] = &[
    "This message was deleted",
    "You deleted this message",
    "This message was deleted by admin",
    "此消息已删除",
    "此消息已被删除",
    "这条消息已被删除",
    "您删除了此消息",
    "你删除了此消息",
    "您已删除此消息",
    "你已删除此消息",
    "此訊息已刪除",
    "這則訊息已刪除",
    "你已刪除此訊息",
    "您已刪除此訊息",
    "你刪除了此訊息",
    "Se eliminó este mensaje",
    "Eliminaste este mensaje",
    "Este mensaje fue eliminado",
    "Esta mensagem foi apagada",
    "Mensagem apagada",
    "Você apagou esta mensagem",
    "Apagou esta mensagem",
    "Esta mensagem foi eliminada",
    "Eliminou esta mensagem",
    "Diese Nachricht wurde gelöscht",
    "Du hast diese Nachricht gelöscht",
    "Ce message a été supprimé",
    "Vous avez supprimé ce message",
    "Questo messaggio è stato eliminato",
    "Hai eliminato questo messaggio",
    "Dit bericht is verwijderd",
    "Dit bericht werd verwijderd",
    "Je hebt dit bericht verwijderd",
    "U hebt dit bericht verwijderd",
    "Данное сообщение удалено",
    "Сообщение удалено",
    "Вы удалили данное сообщение",
    "Вы удалили это сообщение",
    "Bu mesaj silindi",
    "Bu mesajı sildiniz",
    "Ta wiadomość została usunięta",
    "Wiadomość została usunięta",
    "Usunięto tę wiadomość",
    "Det här meddelandet raderades",
    "Du raderade det här meddelandet",
    "Denne besked blev slettet",
    "Du slettede denne besked",
    "Denne meldingen ble slettet",
    "Du slettet denne meldingen",
    "Tämä viesti poistettiin",
    "Poistit tämän viestin",
    "Acest mesaj a fost șters",
    "Ați șters acest mesaj",
    "Ezt az üzenetet törölték",
    "Törölted ezt az üzenetet",
    "Tato zpráva byla odstraněna",
    "Tuto zprávu jste odstranili",
    "Το μήνυμα αυτό έχει διαγραφεί",
    "Αυτό το μήνυμα διαγράφηκε",
    "Διαγράψατε αυτό το μήνυμα",
    "Pesan ini telah dihapus",
    "Anda menghapus pesan ini",
    "Mesej ini telah dipadam",
    "Anda memadam mesej ini",
    "Tin nhắn này đã bị xóa",
    "Bạn đã xóa tin nhắn này",
    "ข้อความนี้ถูกลบ",
    "ข้อความนี้ถูกลบแล้ว",
    "คุณลบข้อความนี้",
    "삭제된 메시지입니다",
    "이 메시지는 삭제되었습니다",
    "메시지를 삭제했습니다",
    "このメッセージは削除されました",
    "メッセージを削除しました",
    "このメッセージを削除しました",
    "הודעה זו נמחקה",
    "מחקת הודעה זו",
    "تم حذف هذه الرسالة",
    "لقد حذفت هذه الرسالة",
    "حذفت هذه الرسالة",
    "यह मैसेज मिटाया गया",
    "यह संदेश हटाया गया",
    "आपने यह मैसेज मिटाया",
    "Це повідомлення видалено",
    "Ви видалили це повідомлення",
];

/// True for a text in place of a deleted message.
pub(super) fn is_deleted(text: &str) -> bool {
    let text = without_marks(text);
    let text = text.trim_start_matches(['\u{1f6ab}', ' ']).trim_end_matches(['.', '。', '!']);
    DELETED.iter().any(|deleted| text.to_lowercase() == deleted.to_lowercase())
}

/// True for WhatsApp's own messages.
pub(super) fn is_system(text: &str) -> bool {
    [
        "end-to-end encrypted",
        "extremo a extremo",
        "ponta a ponta",
        "Ende-zu-Ende",
        "bout en bout",
        "crittografati end-to-end",
        "end-to-end versleuteld",
        "сквозным шифрованием",
        "エンドツーエンド",
        "종단간",
        "端到端加密",
        "端對端加密",
        " created group",
        " created this group",
        " changed the subject",
        " changed this group's",
        " changed the group",
        " changed their phone number",
        " changed to ",
        "security code changed",
        " joined using",
        " was added",
        " added ",
        " removed ",
        " left",
        " pinned a message",
        "创建了群组",
        "建立了群組",
        "更改了群组",
        "更改了本群",
        "使用邀请链接加入",
        "通过邀请链接加入",
        "加入了群组",
        "退出了群组",
        "已退出",
        "添加了",
        "移除了",
        "新增了",
    ]
    .iter()
    .any(|words| text.contains(words) || (words.ends_with(' ') && text.ends_with(words.trim_end())))
}

/// The subject of such a message.
pub(super) fn kind_of(text: &str) -> EventKind {
    let any = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if any(&[" joined using", " was added", " added ", "加入", "添加了", "新增了"]) {
        EventKind::Join
    } else if any(&[" left", " removed ", "退出", "移除了"]) {
        EventKind::Leave
    } else if any(&[" pinned a message"]) {
        EventKind::Pin
    } else {
        EventKind::Announce
    }
}

/// True for a name that is a phone number.
pub(super) fn is_phone(name: &str) -> bool {
    let digits = name.chars().filter(char::is_ascii_digit).count();
    digits >= 7 && name.chars().all(|c| c.is_ascii_digit() || is_between(c) || is_hidden(c) || c == '+')
}

fn is_between(c: char) -> bool {
    matches!(c, ' ' | '-' | '(' | ')' | '\u{a0}' | '\u{202f}' | '\u{2011}')
}

/// Characters that WhatsApp puts around numbers.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

/// The text with each phone number replaced: `+86 138 0000 0000` and, with `mentions`, `@8613800000000`, which WhatsApp writes for people
/// without a name.
pub(super) fn without_phones(text: &str, mentions: bool, shown: &mut dyn FnMut(&str) -> String) -> String {
    let sign = if mentions { '@' } else { '+' };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(sign) {
        let (before, from) = rest.split_at(at);
        let after = from.strip_prefix(sign).unwrap_or_default();
        let inside = |c: char| c.is_ascii_digit() || is_hidden(c) || (!mentions && is_between(c));
        let end = after.find(|c: char| !inside(c)).unwrap_or(after.len());
        let (run, after) = after.split_at(end);
        let number = run.trim_end_matches(|c: char| !c.is_ascii_digit());
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        if digits.len() >= 7 && digits.len() <= 15 {
            out.push_str(before.trim_end_matches(is_hidden));
            out.push_str(&shown(&digits));
            let tail = run.strip_prefix(number).unwrap_or_default();
            out.extend(tail.chars().filter(|c| !is_hidden(*c)));
            rest = after;
        } else {
            out.push_str(before);
            out.push(sign);
            rest = from.strip_prefix(sign).unwrap_or_default();
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_what_was_left_out() {
        let of = |line: &'static str| attachment(line, &|name| name == "here.xyz");
        assert_eq!(of("\u{200e}<attached: 1.jpg>"), Some((Attached::File("1.jpg"), String::new())));
        assert_eq!(of("看 \u{200e}<附件：2.jpg>"), Some((Attached::File("2.jpg"), "看".to_owned())));
        assert_eq!(of("\u{200e}IMG-1.jpg (file attached)"), Some((Attached::File("IMG-1.jpg"), String::new())));
        assert_eq!(of("<Media omitted>"), Some((Attached::LeftOut, String::new())));
        assert_eq!(of("<省略多媒体文件>"), Some((Attached::LeftOut, String::new())));
        for line in ["图片在哪", "here (1)", "看 b.jpg (昨天)", "<大笑>", "image", "<b>粗</b>"] {
            assert_eq!(of(line), None, "{line}");
        }
    }

    #[test]
    fn files_are_found_in_every_language() {
        let of = |line: &'static str| attachment(line, &|name| name == "here.xyz");
        for (line, name) in [
            ("IMG-20250329-WA0001.jpg (archivo adjunto)", "IMG-20250329-WA0001.jpg"),
            ("\u{200e}PTT-20250329-WA0001.opus (неизвестное слово)", "PTT-20250329-WA0001.opus"),
            ("第三章.pdf (datei angehängt)", "第三章.pdf"),
            ("here.xyz (word)", "here.xyz"),
            ("\u{200e}<adjunto: 00000042-PHOTO-2024.jpg>", "00000042-PHOTO-2024.jpg"),
            ("<anexado: here.xyz>", "here.xyz"),
        ] {
            assert_eq!(of(line), Some((Attached::File(name), String::new())), "{line}");
        }
        for line in [
            "<Multimedia omitido>",
            "<Medien ausgeschlossen>",
            "\u{200e}Bild weggelassen",
            "<Mídia oculta>",
            "\u{200e}imagen omitida",
            "\u{200e}sticker omitted",
            "<Без медиафайлов>",
        ] {
            assert_eq!(of(line), Some((Attached::LeftOut, String::new())), "{line}");
        }
        assert!(may_stand_for_a_file("<Unknown words here>") && !may_stand_for_a_file("<b>粗</b>"));
    }

    #[test]
    fn deleted_messages_are_known_in_every_language() {
        for text in
            ["Se eliminó este mensaje.", "\u{200e}Diese Nachricht wurde gelöscht.", "此訊息已刪除", "Сообщение удалено"]
        {
            assert!(is_deleted(text), "{text}");
        }
        assert!(!is_deleted("我删除了"));
    }

    #[test]
    fn phone_numbers_are_found_and_replaced() {
        assert!(is_phone("+86 138 0000 0000") && is_phone("\u{202a}+1 (555) 010-0000\u{202c}"));
        assert!(!is_phone("12345") && !is_phone("林 138 0000 0000"));
        let mut tag = |number: &str| format!("<{}>", number.len());
        let own = without_phones("\u{202a}+86 138 0000 0000\u{202c} left, 3 + 4", false, &mut tag);
        assert_eq!(own, "<13> left, 3 + 4");
        assert_eq!(without_phones("谢谢 @\u{2068}8613800000000\u{2069} 和 @林", true, &mut tag), "谢谢 <13> 和 @林");
    }
}
