//! `circlekeep pack`: packs the site as one file or folder.

use std::{path::PathBuf, process::ExitCode};

use circle_content::report::Report;
use circle_publish::pack::{
    self, Form,
    epub::{self, Of},
};
use serde_json::json;

use super::progress::{Bar, exit_code, tell};

/// Pack the site as a zip, a BagIt bag or an EPUB book
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The built site
    #[arg(value_name = "DIR", default_value = "public")]
    site: PathBuf,
    /// What it becomes
    #[arg(long = "as", value_name = "FORM")]
    form: As,
    /// The file or folder to make; without it one named after the circle. A bag whose name ends in .zip is zipped
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// Replace what is there
    #[arg(long)]
    force: bool,
    /// Pack even if files changed since the build
    #[arg(long)]
    anyway: bool,
    /// For a bag: list missing files with a known checksum in fetch.txt, to be downloaded later
    #[arg(long)]
    fetch: bool,
    #[command(flatten)]
    sign: super::sign::Signing,
    /// For a book: the content folder; a book is made from it, not from the built site
    #[arg(long, value_name = "DIR", default_value = "content")]
    content: PathBuf,
    /// For a book: only what this member wrote, by name or id
    #[arg(long, value_name = "WHO", conflicts_with_all = ["tag", "year"])]
    member: Option<String>,
    /// For a book: only what has this tag
    #[arg(long, value_name = "TAG", conflicts_with = "year")]
    tag: Option<String>,
    /// For a book: only what was written in this year
    #[arg(long, value_name = "YYYY")]
    year: Option<i32>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum As {
    /// One folder in a zip; unpack it and open index.html
    Zip,
    /// A bag after RFC 8493
    Bag,
    /// A book for e-readers and phones: EPUB 3, made from the content folder
    Epub,
}

fn book(args: Args, json: bool) -> anyhow::Result<ExitCode> {
    let of = match (args.member, args.tag, args.year) {
        (Some(member), _, _) => Of::Member(member),
        (_, Some(tag), _) => Of::Tag(tag),
        (_, _, Some(year)) => Of::Year(year),
        _ => Of::Circle,
    };
    let options = epub::Options { content: args.content, of, out: args.out, force: args.force };
    let (mut report, bar) = (Report::default(), Bar::default());
    let book = epub::book(&options, &mut report, &bar)?;
    drop(bar);
    if json {
        println!(
            "{}",
            json!({
                "command": "pack", "path": book.path, "posts": book.posts, "comments": book.comments,
                "pictures": book.pictures, "files": book.files, "problems": report.problems,
            })
        );
        return Ok(exit_code(&report.problems));
    }
    tell(&report.problems);
    println!(
        "bound: {} posts, {} comments, {} pictures, {} chapters",
        book.posts, book.comments, book.pictures, book.files
    );
    println!("{} is ready", book.path.display());
    Ok(exit_code(&report.problems))
}

pub(crate) fn run(args: Args, json: bool) -> anyhow::Result<ExitCode> {
    let form = match args.form {
        As::Zip => Form::Zip,
        As::Bag => Form::Bag,
        As::Epub => return book(args, json),
    };
    if args.sign.wanted() {
        // Only an unchanged site is signed.
        let problems = circle_publish::check::verify(&args.site)?;
        if !problems.is_empty() && !args.anyway {
            return Err(pack::not_as_built(&args.site, &problems).into());
        }
        args.sign.run(&args.site)?;
    }
    let options = pack::Options {
        site: args.site,
        form,
        out: args.out,
        force: args.force,
        anyway: args.anyway,
        fetch: args.fetch,
    };
    let bar = Bar::default();
    let packed = pack::pack(&options, &bar)?;
    drop(bar);
    if json {
        let media = json!({ "missing": packed.absent, "to_fetch": packed.to_fetch });
        println!(
            "{}",
            json!({
                "command": "pack", "path": packed.path, "files": packed.files, "bytes": packed.bytes, "media": media,
                "problems": packed.problems,
            })
        );
        return Ok(exit_code(&packed.problems));
    }
    tell(&packed.problems);
    println!("packed: {} files, {} bytes", packed.files, packed.bytes);
    if packed.absent > 0 {
        println!("absent media: {}, listed in absent-media.tsv; {} to be fetched", packed.absent, packed.to_fetch);
    }
    println!("{} is ready", packed.path.display());
    Ok(exit_code(&packed.problems))
}
