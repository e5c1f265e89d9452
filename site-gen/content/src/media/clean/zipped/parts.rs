//! Parts of office files and e-books that contain metadata, and what happens to each.

/// The type of a zip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Package {
    /// DOCX, XLSX, PPTX (ECMA-376).
    Office,
    /// ODT, ODS, ODP (ISO/IEC 26300).
    OpenDocument,
    /// An e-book (EPUB).
    Epub,
    /// An encrypted e-book; its key says who bought it.
    LockedEpub,
    /// An app: it is signed, and does not start once anything changes.
    Program,
    /// A plain archive.
    Plain,
}

/// What happens to a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Copied.
    Kept,
    /// Removed.
    Dropped,
    /// Replaced by these bytes.
    Replaced(&'static str),
    /// Replaced by zeros of the same length.
    Emptied,
    /// XML, from which names and paths are removed.
    Words,
    /// A file that is cleaned by its own type.
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
/// Files that operating systems add when they pack.
const LITTER: &[&str] = &[".ds_store", "thumbs.db", "desktop.ini"];

impl Package {
    /// The type, by the names of the parts and the content of the part `mimetype`.
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

    /// What happens to the part of this name.
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
                // Names of printers and their networks.
                _ if lower.contains("printersettings") && lower.ends_with(".bin") => Part::Emptied,
                "[content_types].xml" => Part::Kept,
                _ if ends(&[".xml", ".rels", ".vml"]) => Part::Words,
                // Office's own font formats.
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
                // The buyer, and the last reading position.
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
