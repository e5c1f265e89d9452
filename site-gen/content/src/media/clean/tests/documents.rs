//! Documents, books and archives among the samples.

use super::{PLANT, Sample, XMP, crc, jpeg, le, sample};

/// A document of a page, with a picture, a remark, and an earlier wording that was only covered.
pub(super) fn pdf() -> Sample {
    let picture = jpeg().bytes;
    let stream = |dictionary: &str, content: &[u8]| {
        [format!("<<{dictionary}/Length {}>>stream\n", content.len()).as_bytes(), content, b"\nendstream"].concat()
    };
    let objects: Vec<Vec<u8>> = vec![
        b"<</Type/Catalog/Pages 2 0 R/Metadata 5 0 R/PieceInfo<</A<</Private(PLANTED)>>>>>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Metadata 5 0 R/LastModified(PLANTED)/PieceInfo<</A(PLANTED)>>/Resources<</XObject<</I 7 0 R>>>>/Annots[8 0 R 9 0 R]>>".to_vec(),
        stream("", b"BT (WORDS) Tj ET"),
        stream("/Type/Metadata/Subtype/XML", XMP),
        b"<</Author(PLANTED)/Producer(PLANTED)/Title(PLANTED)>>".to_vec(),
        stream("/Type/XObject/Subtype/Image/Width 32/Height 16/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/DCTDecode/Metadata 5 0 R", &picture),
        b"<</Type/Annot/Subtype/Text/Rect[0 0 1 1]/T(PLANTED)/M(D:PLANTED)/CreationDate(PLANTED)/Contents(REMARK)>>".to_vec(),
        b"<</Type/Annot/Subtype/Link/Rect[0 0 1 1]/A<</S/Launch/F(/Users/PLANTED/plan.pdf)>>>>".to_vec(),
    ];
    let mut bytes = b"%PDF-1.4\n%PLANTED\n".to_vec();
    let mut places = Vec::new();
    for (object, number) in objects.iter().zip(1..) {
        places.push(bytes.len());
        bytes.extend(format!("{number} 0 obj").as_bytes());
        bytes.extend(object);
        bytes.extend(b"endobj\n");
    }
    let table = bytes.len();
    bytes.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).as_bytes());
    for place in places {
        bytes.extend(format!("{place:010} 00000 n \n").as_bytes());
    }
    bytes.extend(
        format!("trailer<</Size {}/Root 1 0 R/Info 6 0 R>>\nstartxref\n{table}\n%%EOF\n", objects.len() + 1).as_bytes(),
    );
    // A later author replaces this one, which is still in the file above.
    let later = bytes.len();
    bytes.extend(b"6 0 obj<</Author(PLANTED)>>endobj\n");
    let second = bytes.len();
    bytes.extend(format!("xref\n6 1\n{later:010} 00000 n \ntrailer<</Size 10/Root 1 0 R/Info 6 0 R/Prev {table}>>\nstartxref\n{second}\n%%EOF\nPLANTED").as_bytes());
    sample("plan.pdf", bytes, &[b"(WORDS)", b"REMARK", b"plan.pdf", b"SCANNED"])
}

/// A zip whose parts are not packed, so that what is in them can be seen, with owners and remarks.
fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut file, mut list) = (Vec::new(), Vec::new());
    for (name, content) in parts {
        let short = |number: usize| u16::try_from(number).unwrap_or_default().to_le_bytes();
        let extra = if *name == "mimetype" { Vec::new() } else { [&b"up"[..], &short(PLANT.len()), PLANT].concat() };
        let head = [
            &b"\x14\0\0\0\0\0\x5c\x63\x7a\x59"[..],
            &crc(content).to_le_bytes(),
            &le(content.len()),
            &le(content.len()),
            &short(name.len()),
            &short(extra.len()),
        ]
        .concat();
        list.extend(
            [
                &b"PK\x01\x02\x14\0"[..],
                &head,
                &short(PLANT.len()),
                &[0; 8],
                &le(file.len()),
                name.as_bytes(),
                &extra,
                PLANT,
            ]
            .concat(),
        );
        file.extend([&b"PK\x03\x04"[..], &head, name.as_bytes(), &extra, content].concat());
    }
    let count = u16::try_from(parts.len()).unwrap_or_default().to_le_bytes();
    let end = [&b"PK\x05\x06\0\0\0\0"[..], &count, &count, &le(list.len()), &le(file.len()), b"\x07\0", PLANT].concat();
    [file, list, end].concat()
}

const TYPES: &[u8] = b"<?xml version=\"1.0\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>";
const CORE: &[u8] = b"<?xml version=\"1.0\"?><cp:coreProperties xmlns:cp=\"x\" xmlns:dc=\"y\"><dc:creator>PLANTED</dc:creator><cp:lastModifiedBy>PLANTED</cp:lastModifiedBy></cp:coreProperties>";
const APP: &[u8] = b"<Properties><Company>PLANTED</Company><Manager>PLANTED</Manager></Properties>";
const RELATIONS: &[u8] = b"<Relationships><Relationship Id=\"r1\" Target=\"file:///C:\\Users\\PLANTED\\Normal.dotm\" TargetMode=\"External\"/></Relationships>";

pub(super) fn docx() -> Sample {
    let document = b"<?xml version=\"1.0\"?><w:document xmlns:w=\"w\"><!-- PLANTED --><w:ins w:id=\"1\" w:author=\"PLANTED\" w:date=\"2021-01-01T00:00:00Z\"><w:t>WORDS &amp; more</w:t></w:ins><pic:cNvPr id=\"0\" descr=\"C:\\Users\\PLANTED\\photo.jpg\"/></w:document>";
    let comments = b"<w:comments xmlns:w=\"w\"><w:comment w:id=\"0\" w:author=\"PLANTED\" w:initials=\"PLANTED\"><w:t>REMARK</w:t></w:comment></w:comments>";
    let people = b"<w15:people><w15:person w15:author=\"PLANTED\"><w15:presenceInfo w15:providerId=\"PLANTED\" w15:userId=\"PLANTED\"/></w15:person></w15:people>";
    let shared = b"<p:properties xmlns:p=\"http://schemas.microsoft.com/office/2006/metadata/properties\"><documentManagement>PLANTED</documentManagement></p:properties>";
    let photo = jpeg().bytes;
    let bytes = zip(&[
        ("[Content_Types].xml", TYPES),
        ("docProps/core.xml", CORE),
        ("docProps/app.xml", APP),
        ("docProps/custom.xml", APP),
        ("word/document.xml", document),
        ("word/comments.xml", comments),
        ("word/people.xml", people),
        ("word/_rels/settings.xml.rels", RELATIONS),
        ("customXml/item1.xml", shared),
        ("word/media/image1.jpeg", &photo),
    ]);
    sample("letter.docx", bytes, &[b"WORDS &amp; more", b"REMARK", b"SCANNED", b"photo.jpg", b"Normal.dotm"])
}

pub(super) fn xlsx() -> Sample {
    let comments = b"<comments><authors><author>PLANTED &amp; PLANTED</author><author>PLANTED</author></authors><commentList><comment ref=\"A1\" authorId=\"0\"><t>REMARK</t></comment></commentList></comments>";
    let people = b"<personList><person displayName=\"PLANTED\" id=\"{1}\" userId=\"PLANTED\" providerId=\"PLANTED\"/></personList>";
    let workbook = b"<workbook><fileSharing userName=\"PLANTED\"/><x15ac:absPath url=\"C:\\Users\\PLANTED\\\"/><sheets><sheet name=\"SHEET\"/></sheets></workbook>";
    let bytes = zip(&[
        ("[Content_Types].xml", TYPES),
        ("docProps/core.xml", CORE),
        ("docProps/app.xml", APP),
        ("xl/workbook.xml", workbook),
        ("xl/comments1.xml", comments),
        ("xl/persons/person.xml", people),
        (
            "xl/connections.xml",
            b"<connections><connection name=\"c\" connection=\"PLANTED\" sourceFile=\"PLANTED\"/></connections>",
        ),
        ("xl/printerSettings/printerSettings1.bin", b"PLANTED\0"),
    ]);
    sample("table.xlsx", bytes, &[b"SHEET", b"REMARK"])
}

pub(super) fn pptx() -> Sample {
    let authors = b"<p:cmAuthorLst><p:cmAuthor id=\"1\" name=\"PLANTED\" initials=\"PLANTED\"/></p:cmAuthorLst>";
    let bytes = zip(&[
        ("[Content_Types].xml", TYPES),
        ("docProps/core.xml", CORE),
        ("docProps/app.xml", APP),
        ("ppt/presentation.xml", b"<p:presentation><p:sldSz cx=\"9\"/></p:presentation>"),
        ("ppt/commentAuthors.xml", authors),
        ("ppt/slides/slide1.xml", b"<p:sld><a:t>WORDS</a:t></p:sld>"),
    ]);
    sample("talk.pptx", bytes, &[b"WORDS", b"cmAuthor"])
}

pub(super) fn odt() -> Sample {
    let meta = b"<office:document-meta><office:meta><meta:initial-creator>PLANTED</meta:initial-creator><meta:generator>PLANTED</meta:generator></office:meta></office:document-meta>";
    let content = b"<office:document-content><office:annotation><dc:creator>PLANTED</dc:creator><meta:creator-initials>PLANTED</meta:creator-initials><text:p>REMARK</text:p></office:annotation><text:a xlink:href=\"file:///home/PLANTED/x.odt\">WORDS</text:a></office:document-content>";
    let settings = b"<config:config-item-set><config:config-item config:name=\"PrinterName\">PLANTED</config:config-item><config:config-item config:name=\"Zoom\">KEPT</config:config-item></config:config-item-set>";
    let bytes = zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.text"),
        ("meta.xml", meta),
        ("content.xml", content),
        ("settings.xml", settings),
        ("META-INF/documentsignatures.xml", b"<s>PLANTED</s>"),
        ("META-INF/manifest.xml", b"<manifest:manifest/>"),
    ]);
    sample("essay.odt", bytes, &[b"WORDS", b"REMARK", b"KEPT", b"x.odt"])
}

pub(super) fn epub() -> Sample {
    let package = b"<package unique-identifier=\"id\"><metadata><dc:creator>LIN WAN</dc:creator><dc:contributor opf:file-as=\"calibre\" opf:role=\"bkp\">calibre PLANTED</dc:contributor><dc:identifier id=\"id\">urn:x</dc:identifier><dc:identifier opf:scheme=\"calibre\">PLANTED</dc:identifier><meta name=\"calibre:user_metadata:x\" content=\"PLANTED\"/><meta name=\"source\" content=\"/home/PLANTED/book.docx\"/></metadata></package>";
    let bytes = zip(&[
        ("mimetype", b"application/epub+zip"),
        ("META-INF/container.xml", b"<container/>"),
        ("META-INF/calibre_bookmarks.txt", PLANT),
        ("iTunesMetadata.plist", PLANT),
        ("OEBPS/content.opf", package),
        ("OEBPS/cover.jpg", &jpeg().bytes),
        ("OEBPS/a.xhtml", b"<html><p>CHAPTER</p></html>"),
    ]);
    sample("book.epub", bytes, &[b"LIN WAN", b"CHAPTER", b"SCANNED", b"urn:x"])
}

pub(super) fn archive() -> Sample {
    let bytes = zip(&[
        ("photos/a.jpg", &jpeg().bytes),
        ("__MACOSX/photos/._a.jpg", PLANT),
        ("photos/.DS_Store", PLANT),
        ("photos/read.txt", b"WORDS"),
        ("letter.docx", &docx().bytes),
    ]);
    sample("photos.zip", bytes, &[b"WORDS", b"SCANNED", b"letter.docx"])
}
