//! Spreadsheets and flat JSON, read by maps: a user's `map.toml`, or one of the built-in presets.
//!
//! 1. [`Map::read`] reads a map. [`preset`] has the built-in ones, and recognises their exports.
//! 2. `rows` and `sheet` read CSV, JSON and XLSX row by row.
//! 3. `rule` finds the value of a field in a row.
//! 4. `records` makes the canonical records.

use std::collections::BTreeSet;

use circle_model::{archive::Visibility, time::ZoneFrom};

use self::{map::Kind, records::Engine};
use super::{Importer, Recognised};
use circle_content::{
    Error, Result,
    input::Input,
    report::{Part, Report},
};
use circle_content::{
    decode,
    options::Options,
    sink::{Ids, Sink},
};

mod answers;
mod clean;
mod fields;
mod glob;
pub(crate) mod lines;
mod literal;
mod map;
mod people;
mod posts;
mod preset;
mod records;
mod rows;
mod rule;
mod said;
mod shape;
mod sheet;
mod tally;
mod unmapped;

pub use map::{Map, map_words};
pub use preset::preset_text;

/// The importers of this family. The most certain come first.
pub(super) static IMPORTERS: &[&dyn Importer] = preset::PRESETS_AND_MAP;

/// The number of bytes by which a file is recognised.
const HEAD: u64 = 8 << 10;

const MAP_ABOUT: &str =
    "any CSV, XLSX or JSON, as your own map.toml describes it (--map; `circlekeep inspect` drafts one)";

/// The importer for a user's map.
#[derive(Clone, Debug)]
pub struct ByMap(pub Map);

impl Importer for ByMap {
    fn name(&self) -> &'static str {
        "map"
    }

    fn about(&self) -> &'static str {
        MAP_ABOUT
    }

    fn ids(&self) -> Ids {
        Ids::Local
    }

    fn recognise(&self, input: &Input) -> Recognised {
        let named = |path: &str| self.0.tables.iter().any(|table| is_of(table, input, path));
        match input.entries().iter().find(|entry| named(&entry.path)) {
            Some(entry) => Recognised::Yes(format!("the map names {}", entry.path)),
            None => Recognised::No("the files that the map names"),
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        by_map(&self.0, input, options, sink, report)
    }
}

/// `--from map` without a map: an error that says how to get one.
#[derive(Clone, Copy, Debug)]
struct WithoutMap;

impl Importer for WithoutMap {
    fn name(&self) -> &'static str {
        "map"
    }

    fn about(&self) -> &'static str {
        MAP_ABOUT
    }

    fn recognise(&self, _: &Input) -> Recognised {
        Recognised::No("what a map.toml describes, with --map")
    }

    fn import(&self, input: &Input, _: &Options, _: &mut dyn Sink, _: &mut Report) -> Result<()> {
        Err(Error::new(
            "the importer `map` needs a map that says which column is what",
            input.place(),
            "give it with `--map map.toml`; `circlekeep inspect` on the export drafts one, and docs/maps.md has examples",
        ))
    }
}

/// True if a table of the map matches this file: by its name, and by its first bytes.
fn is_of(table: &map::Table, input: &Input, path: &str) -> bool {
    if !table.files.0.iter().any(|pattern| glob::fits(pattern, path)) {
        return false;
    }
    if table.has.0.is_empty() {
        return true;
    }
    let head = decode::text(&input.head(path, HEAD).unwrap_or_default()).text;
    table.has.0.iter().all(|word| head.contains(word.as_str()))
}

/// Reads an export with the map.
fn by_map(map: &Map, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
    let mut options = options.clone();
    if let Some(zone) = &map.zone {
        options.zone = zone.clone();
        options.zone_from = if map.preset.is_some() { ZoneFrom::Exporter } else { ZoneFrom::Config };
    }
    options.default_visibility = map.visibility.unwrap_or(options.default_visibility);
    report.scope = map.scope;
    if let Some(preset) = &map.preset {
        report.tool.clone_from(&preset.tool);
        report.notes.extend(preset.notes.iter().cloned());
    }
    let mut engine = Engine::new(map, input, &options);
    // Tools append to their tables, so a post may have several rows. If one of them says that it is private, it is private.
    for table in map.tables.iter().filter(|table| records::decides_by_row(table)) {
        let paths = input.entries().iter().map(|entry| entry.path.as_str()).filter(|path| is_of(table, input, path));
        for path in paths {
            rows::read(input, path, table, &mut Report::default(), &mut |spot, row, _| {
                engine.look_for_private(table, spot, row);
                Ok(())
            })?;
        }
    }
    let mut read = BTreeSet::new();
    for (number, table) in map.tables.iter().enumerate() {
        let paths = input.entries().iter().map(|entry| entry.path.as_str()).filter(|path| is_of(table, input, path));
        let paths: Vec<&str> = paths.collect();
        if paths.is_empty() && map.preset.is_none() {
            let there: Vec<&str> = input.entries().iter().map(|entry| entry.path.as_str()).take(8).collect();
            report.problem(
                input.place(),
                format!("no file has a name that the map asks for: {}", table.files),
                format!("change `files` of that [[table]]; there are: {}", there.join(", ")),
            );
        }
        for path in paths {
            read.insert(path);
            rows::read(input, path, table, report, &mut |spot, row, report| {
                engine.take(number, spot, row, sink, report)
            })?;
            engine.flush(sink, report)?;
        }
    }
    left_out(map, input, &read, report)?;
    if options.default_visibility == Visibility::Unknown && map.visibility == Some(Visibility::Unknown) {
        report.note(held_back(map));
    }
    engine.finish(sink, report)
}

fn held_back(map: &Map) -> String {
    let how = match &map.preset {
        Some(preset) => format!("`circlekeep import --print-map {} > map.toml`, set", preset.name),
        None => "set".to_owned(),
    };
    format!(
        "this export does not say who could see each record, so those that do not say it are held back; if all of it was open to the circle: {how} visibility = \"circle\" in the map, and import again with --map map.toml"
    )
}

/// Reports the files and sheets that no table of the map reads.
fn left_out(map: &Map, input: &Input, read: &BTreeSet<&str>, report: &mut Report) -> Result<()> {
    for path in read {
        if !path.to_lowercase().ends_with(".xlsx") && !path.to_lowercase().ends_with(".xlsm") {
            continue;
        }
        let Some(table) = map.tables.iter().find(|table| is_of(table, input, path)) else { continue };
        for name in sheet::names(input, path)? {
            if !map.tables.iter().any(|table| is_of(table, input, path) && sheet::is_named(table, &name)) {
                let rows = sheet::count(input, path, &name, table)?;
                report.lose(Part::Sheet, u64::from(rows > 0), format!("{path}: {name}"));
                report.note(format!("{path}: sheet {name} ({rows} rows) is not read: the map has no table for it"));
            }
        }
    }
    let tabular = |path: &str| {
        let name = path.to_lowercase();
        [".csv", ".tsv", ".xlsx", ".xls", ".json", ".jsonl", ".txt", ".html"].iter().any(|end| name.ends_with(end))
    };
    let rest = input.entries().iter().map(|entry| entry.path.as_str());
    let rest: Vec<&str> = rest.filter(|path| !read.contains(path) && tabular(path)).collect();
    if let Some(first) = rest.first() {
        let more = if rest.len() > 1 { format!(" and {} more", rest.len() - 1) } else { String::new() };
        report.note(format!("{} files are in no table of the map and were not read: {first}{more}", rest.len()));
    }
    Ok(())
}

/// True if a table with posts has a rule for the audience. It may then hide posts, and comments on a hidden post must not publish a
/// placeholder for it.
fn says_who_may_see(map: &Map) -> bool {
    map.tables.iter().any(|table| table.record == Kind::Post && table.fields.get("visibility").is_some())
}
