//! `circlekeep verify`: compares every byte with the manifest, and shows who signed it.

use std::{path::PathBuf, process::ExitCode};

use circle_content::{phrase::fill, report::Problem};
use circle_publish::{
    fixity::{self, Kind, Verified},
    sign::{self, Signature, Trusted, Verdict},
    write::SIGNATURES,
};
use serde_json::json;

use super::{
    kept::site_of,
    progress::{exit_code, tell},
};

/// The maximum size of a signature, which usually has some hundred bytes.
const LONGEST_SIGNATURE: u64 = 64 << 10;

/// Check that a site, zip or bag is unchanged since it was made, and who signed it
///
/// Every file that the manifest does not list is reported, hidden files too. Not reported: manifest-sha256.txt and its signatures
/// (.sig, .minisig); README.md, .gitkeep and .gitignore at the top; .DS_Store, Thumbs.db and desktop.ini in any folder.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The built site, or what `pack` made of it: a zip, a bag, a zipped bag
    #[arg(value_name = "PATH", default_value = "public")]
    site: PathBuf,
    /// Whose signature it must bear: an ssh .pub or allowed_signers file, a list of keys, a minisign .pub file, or the key itself
    #[arg(long, value_name = "WHO")]
    signed_by: Option<String>,
    #[command(flatten)]
    sign: super::sign::Signing,
}

pub(crate) fn run(mut args: Args, json: bool) -> anyhow::Result<ExitCode> {
    args.site = site_of(&args.site);
    let Verified { kind, files, mut problems, site } = fixity::verify(&args.site)?;
    if args.sign.wanted() {
        if kind != Kind::Site {
            return Err(circle_content::Error::new(
                "only a built folder can be signed",
                format!("path: {}", args.site.display()),
                "sign the folder, and pack it again",
            )
            .into());
        }
        // A changed site is not signed.
        if problems.is_empty() {
            args.sign.run(&args.site)?;
        }
    }
    let trusted = args.signed_by.as_deref().map(trusted_keys).transpose()?;
    let site = if args.sign.wanted() { fixity::verify(&args.site)?.site } else { site };
    let mut signatures = Vec::new();
    for file in SIGNATURES.into_iter().filter(|file| site.files().contains(*file)) {
        let text = site.text(file, LONGEST_SIGNATURE).unwrap_or_default();
        let manifest = super::sign::manifest(&site)?;
        signatures.push(sign::look(manifest.as_bytes(), file, &text, trusted.as_ref()));
    }
    let whole = problems.is_empty();
    problems.extend(signature_problems(&signatures, trusted.is_some()));
    if json {
        let signatures: Vec<_> = signatures
            .iter()
            .map(|s| json!({ "file": s.file, "by": s.by, "name": s.name, "verdict": s.verdict.as_str() }))
            .collect();
        println!(
            "{}",
            json!({
                "command": "verify", "kind": kind.as_str(), "files": files, "signatures": signatures,
                "problems": problems,
            })
        );
    } else {
        tell(&problems);
        let site = args.site.display();
        if whole && problems.is_empty() {
            println!("all {files} files in {site} are unchanged");
        } else {
            let sums = [problems.len().to_string(), files.to_string(), site.to_string()];
            println!("{}", fill("{} problem[s]; {} file[s] in {}", sums));
        }
        for signature in &signatures {
            println!("{}", described(signature));
        }
        if signatures.is_empty() {
            println!("nobody signed this: whoever changes a file can change the manifest too");
        }
    }
    Ok(exit_code(&problems))
}

/// The trusted keys: from a file, or the key itself.
fn trusted_keys(who: &str) -> anyhow::Result<Trusted> {
    let is_key = who.starts_with("ssh-") || (who.starts_with("RW") && !PathBuf::from(who).exists());
    let text = if is_key { who.to_owned() } else { super::sign::short_file(&PathBuf::from(who), "--signed-by")? };
    Ok(sign::trusted(&text)?)
}

/// Problems of the signatures: every invalid one, and, if a signer was requested, that there is none by them.
fn signature_problems(signatures: &[Signature], asked: bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    for signature in signatures {
        if let Verdict::Bad(why) = &signature.verdict {
            problems.push(Problem {
                place: signature.file.to_owned(),
                what: format!("the signature does not match: {why}"),
                help: "do not trust this copy; get the site from someone you trust".to_owned(),
            });
        }
    }
    if asked && !signatures.iter().any(|signature| signature.verdict == Verdict::Good) {
        let by: Vec<&str> = signatures.iter().map(|signature| signature.by.as_str()).collect();
        let what = if signatures.is_empty() {
            "nobody signed this".to_owned()
        } else {
            format!("it is not signed by the key you named, but by {}", by.join(" and "))
        };
        problems.push(Problem {
            place: SIGNATURES[0].to_owned(),
            what,
            help: "ask the person who gave it to you; the leader signs with `circlekeep build --sign KEY`".to_owned(),
        });
    }
    problems
}

fn described(signature: &Signature) -> String {
    let Signature { file, by, name, verdict } = signature;
    match verdict {
        Verdict::Good => {
            let name = name.as_ref().map(|name| format!("{name}, ")).unwrap_or_default();
            format!("signed by {name}{by} ({file})")
        }
        Verdict::Unknown => format!("signed with key {by} ({file}); to check whose key it is, use `--signed-by`"),
        Verdict::Stranger => format!("signed with a key that you did not name, {by} ({file})"),
        Verdict::Bad(_) => format!("a signature that does not match: {file}"),
    }
}
