//! Which parts of an office file or book say who made it, and what becomes of each.

/// What is zipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Package {
    /// DOCX, XLSX, PPTX (ECMA-376).
    Office,
    /// ODT, ODS, ODP (ISO/IEC 26300).
    OpenDocument,
    /// A book.
    Epub,
    /// A book whose key says who bought it.
    LockedEpub,
    /// A program: it is signed, and cannot be started once anything in it changes.
    Program,
    /// An archive.
    Plain,
}

/// What becomes of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// It is copied.
    Kept,
    /// It is left out.
    Dropped,
    /// This stands in its place.
    Replaced(&'static str),
    /// As many zeros stand in its place.
    Emptied,
    /// XML, in which names and paths are looked for.
    Words,
    /// A file of its own, which is cleaned as such.
    Picture,
}

const CORE: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
    r#"<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>"#
);
const APP: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
    r#"<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>"#
);
const CUSTOM: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
    r#"<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>"#
);
const LABELS: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
    r#"<clbl:labelList xmlns:clbl="http://schemas.microsoft.com/office/2020/mipLabelMetadata"/>"#
);
const META: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8"?>"#,
    r#"<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.2">"#,
    r#"<office:meta/></office:document-meta>"#
);
/// What computers put beside files, wherever they pack them.
const LITTER: &[&str] = &[".ds_store", "thumbs.db", "desktop.ini"];

impl Package {
    /// By the names of its parts and what the one called `mimetype` says.
    pub(super) fn of(names: &[String], mime: &[u8]) -> Self {
        let has = |wanted: &str| names.iter().any(|name| name == wanted);
        if has("[Content_Types].xml") {
            Self::Office
        } else if mime.starts_with(b"application/epub+zip") || has("META-INF/container.xml") {
            let locked = has("META-INF/rights.xml") || has("META-INF/sinf.xml") || has("META-INF/license.lcpl");
            if locked { Self::LockedEpub } else { Self::Epub }
        } else if mime.starts_with(b"application/vnd.oasis.opendocument") || mime.starts_with(b"application/vnd.sun") {
            Self::OpenDocument
        } else if has("META-INF/MANIFEST.MF") || has("AndroidManifest.xml") {
            Self::Program
        } else {
            Self::Plain
        }
    }

    /// What becomes of the part of this name.
    pub(super) fn part(self, name: &str) -> Part {
        let lower = name.to_ascii_lowercase();
        let file = lower.rsplit('/').next().unwrap_or_default();
        let ends = |ends: &[&str]| ends.iter().any(|end| lower.ends_with(end));
        if LITTER.contains(&file) || lower.starts_with("__macosx/") {
            return Part::Dropped;
        }
        match self {
            _ if lower.ends_with('/') => Part::Kept,
            Self::Office => match lower.as_str() {
                _ if lower.ends_with(".psmdcp") || lower.starts_with("docprops/core") => Part::Replaced(CORE),
                _ if lower.starts_with("docprops/app") => Part::Replaced(APP),
                _ if lower.starts_with("docprops/custom") => Part::Replaced(CUSTOM),
                "docmetadata/labelinfo.xml" => Part::Replaced(LABELS),
                // Printers have names, and lie in networks.
                _ if lower.contains("printersettings") && lower.ends_with(".bin") => Part::Emptied,
                "[content_types].xml" => Part::Kept,
                _ if ends(&[".xml", ".rels", ".vml"]) => Part::Words,
                // Its own font formats.
                _ if ends(&[".odttf", ".fntdata"]) => Part::Kept,
                _ => Part::Picture,
            },
            Self::OpenDocument => match lower.as_str() {
                "mimetype" | "meta-inf/manifest.xml" => Part::Kept,
                "meta.xml" => Part::Replaced(META),
                _ if file == "meta.xml" => Part::Replaced(META),
                "meta-inf/documentsignatures.xml" => Part::Dropped,
                _ if lower.starts_with("configurations2/") || lower == "layout-cache" => Part::Kept,
                _ if ends(&[".xml", ".rdf"]) => Part::Words,
                _ => Part::Picture,
            },
            Self::Epub | Self::LockedEpub => match lower.as_str() {
                "mimetype" => Part::Kept,
                // Who bought it, and where its last reader was.
                "itunesmetadata.plist" | "itunesmetadata-original.plist" | "meta-inf/calibre_bookmarks.txt" => {
                    Part::Dropped
                }
                _ if ends(&[".opf", ".ncx"]) => Part::Words,
                _ if ends(&[".xml", ".xhtml", ".html", ".htm", ".css", ".js", ".ttf", ".otf", ".woff", ".woff2"]) => {
                    Part::Kept
                }
                _ => Part::Picture,
            },
            Self::Program => Part::Kept,
            Self::Plain => Part::Picture,
        }
    }
}
