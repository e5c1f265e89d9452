//! Finds pictures, audio, videos and files that records refer to: in the export, then in the folders that the user gave with `--media`. A
//! file that is in neither is a missing medium with its reason. Nothing is ever fetched.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{Media, MediaRole, MediaState, MediaUse, Record, Source, Text, TextFormat},
    id::Id,
    text::{LineBreaks, markdown_to_unsafe_html},
};

use circle_content::{Result, input::Input, report::Report};
use circle_content::{ident, media::prepare, options::Options, sink::Sink};

/// What a record says about one medium. One of `file`, `remote` and `name` is enough.
#[derive(Clone, Debug, Default)]
pub struct Wanted<'a> {
    /// Its path: relative to the export's root, or to `beside`.
    pub file: Option<&'a str>,
    /// The file of the export that refers to it.
    pub beside: &'a str,
    /// Its address on the platform.
    pub remote: Option<&'a str>,
    /// Its display name.
    pub name: Option<&'a str>,
    /// The literal address in the body, if the body shows it.
    pub reference: Option<&'a str>,
    /// Its role.
    pub role: MediaRole,
    /// Its description.
    pub alt: Option<String>,
    /// True if the source hid it behind a warning.
    pub spoiler: bool,
    /// Its state and the reason if no file is found; by default missing.
    pub absent: Option<(MediaState, &'a str)>,
}

/// The media of one import.
#[derive(Debug)]
pub struct Files<'a> {
    input: &'a Input,
    options: &'a Options,
    source: String,
    /// Media by their key: a path in the export or a folder, or an address.
    known: BTreeMap<String, Id>,
    /// For each stored picture, its addresses on hosts that answer other sites with a placeholder.
    guarded: BTreeMap<Id, BTreeSet<String>>,
    /// Lower-case names of the files in the user's folders.
    index: Option<BTreeMap<String, (usize, String)>>,
    /// The number of files that were not found.
    lost: u64,
}

/// Hosts that answer requests from other sites with a placeholder picture.
const GUARDED: &[&str] = &["qpic.cn", "qlogo.cn", "photo.store.qq.com", "sinaimg.cn", "doubanio.com"];
/// A picture with this many addresses is a placeholder, and not the picture of any of them.
const PLACEHOLDER_FROM: usize = 3;

impl<'a> Files<'a> {
    /// For the import of `input`; `source` as for [`super::people::People::new`].
    #[must_use]
    pub fn new(input: &'a Input, options: &'a Options, source: impl Into<String>) -> Self {
        let source = source.into();
        Self { input, options, source, known: BTreeMap::new(), guarded: BTreeMap::new(), index: None, lost: 0 }
    }

    /// Finds and stores the medium, pushes its record, and returns the use for the record that refers to it. The caller sets `order`.
    ///
    /// # Errors
    /// If the sink cannot accept it.
    pub fn take(&mut self, wanted: &Wanted<'_>, sink: &mut dyn Sink) -> Result<MediaUse> {
        let media = self.medium(wanted, sink)?;
        Ok(MediaUse {
            media,
            reference: wanted.reference.map(str::to_owned),
            role: wanted.role,
            order: 0,
            alt: wanted.alt.clone().filter(|alt| !alt.trim().is_empty()),
            spoiler: wanted.spoiler,
        })
    }

    /// All media that a body shows, and links to files of the export, as uses with their reference and order. `beside` is the file of the
    /// export that contains the body.
    ///
    /// # Errors
    /// If the sink cannot accept them.
    pub fn in_text(&mut self, body: &Text, beside: &str, sink: &mut dyn Sink) -> Result<Vec<MediaUse>> {
        let html = match body.format {
            TextFormat::Plain => return Ok(Vec::new()),
            TextFormat::Html => body.source.clone(),
            TextFormat::Markdown => markdown_to_unsafe_html(&body.source, LineBreaks::Soft),
        };
        let mut uses: Vec<MediaUse> = Vec::new();
        for address in circle_html::document::addresses(&html) {
            let local = self.local(&address.address, beside);
            if address.link && !local.as_deref().is_some_and(prepare::is_media_name) {
                continue;
            }
            if uses.iter().any(|known| known.reference.as_deref() == Some(&address.address)) {
                continue;
            }
            let remote = Some(address.address.as_str()).filter(|address| is_remote(address));
            let wanted = Wanted {
                file: local.as_deref().or_else(|| remote.is_none().then_some(address.address.as_str())),
                beside,
                remote,
                reference: Some(&address.address),
                role: if address.link { MediaRole::Attachment } else { MediaRole::Inline },
                alt: address.alt.clone(),
                ..Wanted::default()
            };
            let mut used = self.take(&wanted, sink)?;
            used.order = u32::try_from(uses.len()).unwrap_or(u32::MAX);
            uses.push(used);
        }
        Ok(uses)
    }

    /// Stores a picture that is in a text as a `data:` URL. The text must refer to it by the use's reference from now on. `None` if it is
    /// not a picture that can be kept.
    ///
    /// # Errors
    /// If the sink cannot accept it.
    pub fn unpack(&mut self, data: &str, wanted: &Wanted<'_>, sink: &mut dyn Sink) -> Result<Option<MediaUse>> {
        let Some(prepared) = prepare::unpacked(data) else { return Ok(None) };
        let file = sink.keep_media(&prepared)?;
        let (id, reference) = (Id::new(prepared.sha256), format!("/media/{file}"));
        if self.known.insert(format!("data\0{id}"), id.clone()).is_none() {
            sink.push(Record::Media(Box::new(Media {
                id: id.clone(),
                file: Some(file),
                mime: Some(prepared.mime.to_owned()),
                bytes: Some(prepared.bytes.len() as u64),
                width: prepared.width,
                height: prepared.height,
                remote: wanted.remote.map(full_address).into_iter().collect(),
                state: MediaState::Present,
                src: self.src(None),
                ..Media::default()
            })))?;
        }
        Ok(Some(MediaUse {
            media: id,
            reference: Some(reference),
            role: wanted.role,
            order: 0,
            alt: wanted.alt.clone().filter(|alt| !alt.trim().is_empty()),
            spoiler: wanted.spoiler,
        }))
    }

    /// Reports what is only known at the end: placeholders of hotlink protection, and the number of missing files.
    ///
    /// # Errors
    /// If the sink cannot accept it.
    pub fn finish(self, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        for (id, addresses) in self.guarded {
            if addresses.len() < PLACEHOLDER_FROM {
                continue;
            }
            let what = "the platform sent the same picture for many addresses: its notice that pictures may not be shown elsewhere";
            report.note(format!("{} pictures are one placeholder: {what}", addresses.len()));
            let remote = addresses.into_iter().collect();
            let reason = Some(what.to_owned());
            let src = Source { source: self.source.clone(), ..Source::default() };
            let state = MediaState::Placeholder;
            sink.push(Record::Media(Box::new(Media { id, remote, state, reason, src, ..Media::default() })))?;
        }
        if self.lost > 0 && self.options.media.is_empty() {
            report.note(format!(
                "{} pictures or files are not in the export; if you have them in a folder, import again with --media FOLDER",
                self.lost
            ));
        }
        Ok(())
    }

    fn medium(&mut self, wanted: &Wanted<'_>, sink: &mut dyn Sink) -> Result<Id> {
        let named = wanted.file.or(wanted.remote).or(wanted.name).unwrap_or_default();
        let key = format!("{}\0{named}", if wanted.file.is_some() { wanted.beside } else { "" });
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        let local = wanted.file.and_then(|file| self.local(file, wanted.beside));
        let found = match local {
            Some(path) => Some((self.input, path)),
            None => self.in_folders(wanted),
        };
        let mut reason = None;
        if let Some((input, path)) = found {
            match prepared(input, &path) {
                Ok(prepared) => {
                    let file = sink.keep_media(&prepared)?;
                    let id = Id::new(prepared.sha256);
                    let name = wanted.name.map(str::to_owned).or_else(|| path.rsplit('/').next().map(str::to_owned));
                    let medium = Media {
                        id: id.clone(),
                        file: Some(file),
                        name,
                        mime: Some(prepared.mime.to_owned()),
                        bytes: Some(prepared.bytes.len() as u64),
                        width: prepared.width,
                        height: prepared.height,
                        remote: wanted.remote.map(str::to_owned).into_iter().collect(),
                        state: MediaState::Present,
                        src: self.src(Some(path)),
                        ..Media::default()
                    };
                    if let Some(remote) = wanted.remote.filter(|remote| is_guarded(remote)) {
                        self.guarded.entry(id.clone()).or_default().insert(remote.to_owned());
                    }
                    self.known.insert(key, id.clone());
                    sink.push(Record::Media(Box::new(medium)))?;
                    return Ok(id);
                }
                Err(what) => reason = Some((MediaState::Skipped, what)),
            }
        }
        self.lost += 1;
        let (state, why) = reason.unwrap_or_else(|| match wanted.absent {
            Some((state, why)) => (state, why.to_owned()),
            None if wanted.remote.is_some() => {
                (MediaState::Missing, "the picture was on another server, and the export does not hold it".to_owned())
            }
            None => (MediaState::Missing, "no file of this name is in the export".to_owned()),
        });
        let id = ident::missing_media(wanted.remote.unwrap_or(named));
        let name = wanted.name.map(str::to_owned).or_else(|| {
            let path = named.split(['?', '#']).next().unwrap_or_default();
            path.rsplit(['/', '\\']).next().filter(|name| !name.is_empty()).map(str::to_owned)
        });
        self.known.insert(key, id.clone());
        sink.push(Record::Media(Box::new(Media {
            id: id.clone(),
            name,
            remote: wanted.remote.map(full_address).into_iter().collect(),
            state,
            reason: Some(why),
            src: self.src(None),
            ..Media::default()
        })))?;
        Ok(id)
    }

    fn src(&self, file: Option<String>) -> Source {
        Source { source: self.source.clone(), file, ..Source::default() }
    }

    fn local(&self, file: &str, beside: &str) -> Option<String> {
        if self.input.has(file) {
            Some(file.to_owned())
        } else {
            circle_content::posts::resolve(self.input, beside, file)
        }
    }

    /// Searches the user's folders for a file with the name in the address, path or record.
    fn in_folders(&mut self, wanted: &Wanted<'_>) -> Option<(&'a Input, String)> {
        let options = self.options;
        if options.media.is_empty() {
            return None;
        }
        let index = self.index.get_or_insert_with(|| {
            let mut index = BTreeMap::new();
            for (at, folder) in options.media.iter().enumerate() {
                for entry in folder.entries() {
                    let name = entry.path.rsplit('/').next().unwrap_or(&entry.path).to_lowercase();
                    index.entry(name).or_insert_with(|| (at, entry.path.clone()));
                }
            }
            index
        });
        let names = [wanted.file, wanted.name, wanted.remote].into_iter().flatten().flat_map(possible_names);
        let (at, path) = names.into_iter().find_map(|name| index.get(&name))?;
        Some((options.media.get(*at)?.as_ref(), path.clone()))
    }
}

/// The names under which a file with this address may have been saved.
fn possible_names(address: &str) -> Vec<String> {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let parts: Vec<&str> = path.rsplit(['/', '\\']).filter(|part| !part.is_empty()).collect();
    let mut names: Vec<String> = parts.first().map(|name| percent_decoded(name).to_lowercase()).into_iter().collect();
    // `https://mmbiz.qpic.cn/mmbiz_png/<id>/640?wx_fmt=png`: the name is the second to last segment, the type a parameter.
    let format = address.split("wx_fmt=").nth(1).map(|rest| rest.split(['&', '#']).next().unwrap_or_default());
    for part in parts.iter().take(2) {
        for extension in format.into_iter().chain(["jpg", "png", "jpeg", "gif", "webp"]) {
            names.push(format!("{}.{extension}", percent_decoded(part).to_lowercase()));
        }
    }
    names
}

fn percent_decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn prepared(input: &Input, path: &str) -> std::result::Result<prepare::Prepared, String> {
    if input.entry(path).is_some_and(|entry| entry.bytes > prepare::LARGEST) {
        return Err("the file is over 512 MB".to_owned());
    }
    let bytes = input.read(path, prepare::LARGEST).map_err(|error| error.what)?;
    prepare::prepare(&bytes, path).map_err(str::to_owned)
}

fn is_remote(address: &str) -> bool {
    address.starts_with("//") || address.starts_with("http://") || address.starts_with("https://")
}

fn full_address(address: &str) -> String {
    if address.starts_with("//") { format!("https:{address}") } else { address.to_owned() }
}

fn is_guarded(address: &str) -> bool {
    let host = full_address(address);
    let host = host.split('/').nth(2).unwrap_or_default();
    GUARDED.iter().any(|guarded| host == *guarded || host.strip_suffix(guarded).is_some_and(|h| h.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55\0\0\0\x0aIDATx\x9cc`\0\0\0\x02\0\x01\x48\xaf\xa4\x71\0\0\0\0IEND\xaeB`\x82";

    fn input(files: &[(&str, &[u8])]) -> Input {
        Input::memory(files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect())
    }

    fn media_of(records: &[Record]) -> Vec<&Media> {
        records
            .iter()
            .filter_map(|r| if let Record::Media(medium) = r { Some(medium.as_ref()) } else { None })
            .collect()
    }

    #[test]
    fn the_export_then_the_users_folder_then_missing() {
        let export = input(&[("a/images/1.png", PNG), ("a/2.jpg", b"<!doctype html>404")]);
        let folder = input(&[("down/ABC.PNG", PNG)]);
        let options = Options { media: vec![Arc::new(folder)], ..Options::default() };
        let mut files = Files::new(&export, &options, "x");
        let mut sink: Vec<Record> = Vec::new();
        let text = Text::html("<img src=images/1.png><img src=2.jpg><img src=3.jpg><img src=images/1.png>");
        let uses = files.in_text(&text, "a/x.html", &mut sink).unwrap();
        assert_eq!(uses.len(), 3);
        let remote = "https://mmbiz.qpic.cn/mmbiz_png/abc/640?wx_fmt=png";
        let found = files.take(&Wanted { remote: Some(remote), ..Wanted::default() }, &mut sink).unwrap();
        assert_eq!(found.media, uses[0].media);
        let states: Vec<_> = media_of(&sink).iter().map(|medium| medium.state).collect();
        assert_eq!(states, [MediaState::Present, MediaState::Skipped, MediaState::Missing, MediaState::Present]);
    }

    #[test]
    fn one_picture_for_many_addresses_is_a_placeholder() {
        let export = input(&[("1.png", PNG), ("2.png", PNG), ("3.png", PNG)]);
        let options = Options::default();
        let mut files = Files::new(&export, &options, "x");
        let mut sink: Vec<Record> = Vec::new();
        for n in 1..4 {
            let (file, remote) = (format!("{n}.png"), format!("https://mmbiz.qpic.cn/{n}"));
            files.take(&Wanted { file: Some(&file), remote: Some(&remote), ..Wanted::default() }, &mut sink).unwrap();
        }
        files.finish(&mut sink, &mut Report::default()).unwrap();
        let last = media_of(&sink).last().copied().unwrap();
        assert_eq!((last.state, last.file.as_ref(), last.remote.len()), (MediaState::Placeholder, None, 3));
    }
}
