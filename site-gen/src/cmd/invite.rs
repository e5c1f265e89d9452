//! `circlekeep invite new|list|revoke`: manages invites to the live circle.

use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, bail};
use circle_api::{
    CircleConfig, Cost,
    leader::invite,
    name_key,
    store::{Archived, Create, Invite, NewInvite, Store},
};
use circle_content::config::read_moment;
use circle_model::time::{Time, Utc, ZoneFrom};
use circle_site::index::names;
use qrcode::{QrCode, render};
use serde_json::json;

use super::live::{Which, block_on, now};

/// Create, list and revoke invite codes
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Create an invite code (shown only once)
    New(New),
    /// List the invites, without their codes
    List(#[command(flatten)] Which),
    /// Revoke an invite; members who used it stay
    Revoke {
        /// The invite's id, as `list` shows it
        id: String,
        #[command(flatten)]
        which: Which,
    },
}

#[derive(Debug, clap::Args)]
struct New {
    #[command(flatten)]
    which: Which,
    /// The member of the archive that it is for, by name or id: they get their name there and their old page
    #[arg(long = "for", value_name = "MEMBER", conflicts_with = "uses")]
    member: Option<String>,
    /// How many people may join with it
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    uses: u32,
    /// Until when: 12h, 7d, 2w, or a date such as 2027-01-31
    #[arg(long, value_name = "WHEN")]
    expires: Option<String>,
    /// A note for yourself, such as who it is for
    #[arg(long, default_value = "")]
    note: String,
    /// What they become
    #[arg(long, default_value = "member", value_parser = ["member", "admin", "leader"])]
    role: String,
    /// The page that the link opens [default: base_url of circle.toml, else http://127.0.0.1:8080/]
    #[arg(long, value_name = "URL")]
    site: Option<String>,
    /// Also write the link as a QR code to this SVG file
    #[arg(long, value_name = "FILE.svg")]
    qr: Option<PathBuf>,
}

pub(crate) fn run(args: Args, json: bool) -> anyhow::Result<ExitCode> {
    block_on(async {
        match args.what {
            What::New(new) => make(new, json).await?,
            What::List(which) => {
                let (store, circle) = which.open(Create::Never).await?;
                list(&store, &circle, json).await?;
                store.close().await;
            }
            What::Revoke { id, which } => {
                let (store, circle) = which.open(Create::Never).await?;
                let revoked = store.revoke_invite(&circle.id, &id, now()).await?;
                store.close().await;
                if !revoked {
                    bail!(
                        "there is nothing to revoke\n  looked for: invite {id} of {}\n  help: `circlekeep invite list` shows the ids, and which are revoked already",
                        circle.id
                    );
                }
                if json {
                    println!("{}", json!({ "command": "invite revoke", "circle": circle.id, "id": id }));
                } else {
                    println!("Revoked {id}. Nobody can join with it any more.");
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

async fn make(args: New, json: bool) -> anyhow::Result<()> {
    let (store, circle) = args.which.open(Create::IfMissing).await?;
    let expires_at = args.expires.as_deref().map(|text| until(text, &circle, now())).transpose()?;
    let page = page(args.site.as_deref(), &circle)?;
    let archived = args.member.as_deref().map(|member| find_member(&args.which.content, member)).transpose()?;
    if let Some(archived) = &archived
        && let Some(name) = store.claimed(&circle.id, &archived.id).await?
    {
        bail!(
            "this member of the archive has joined already\n  at: --for {} (as {name})\n  help: on another device they sign in with their recovery code",
            archived.name
        );
    }
    let new = NewInvite {
        circle: circle.id.clone(),
        role: args.role,
        note: args.note,
        max_uses: args.uses,
        expires_at,
        archived,
    };
    let made = invite(&store, &new, Cost::default(), now()).await?;
    store.close().await;

    let link = format!("{page}#join={}", made.link_secret);
    let qr = QrCode::new(&link).context("the link is too long for a QR code; give a shorter `--site`")?;
    if let Some(path) = &args.qr {
        let svg = qr.render::<render::svg::Color<'_>>().min_dimensions(320, 320).build();
        let written = File::create(path).and_then(|mut file| file.write_all(svg.as_bytes()));
        written.with_context(|| format!("the QR code cannot be written to {}", path.display()))?;
    }
    let expires = expires_at.map(|at| shown(&circle, at.0));
    if json {
        let summary = json!({
            "command": "invite new", "circle": circle.id, "id": made.id, "code": made.code, "link": link,
            "role": new.role, "for": new.archived.as_ref().map(|one| json!({ "id": one.id, "name": one.name })),
            "uses": new.max_uses, "expires": expires, "qr": args.qr,
        });
        println!("{summary}");
        return Ok(());
    }
    let picture = qr
        .render::<render::unicode::Dense1x2>()
        .dark_color(render::unicode::Dense1x2::Light)
        .light_color(render::unicode::Dense1x2::Dark)
        .build();
    println!("{picture}\n");
    println!("Code:     {}", made.code);
    println!("Link:     {link}");
    println!("Role:     {}", new.role);
    if let Some(archived) = &new.archived {
        println!("For:      {} ({})", archived.name, archived.id);
    }
    println!("Uses:     {}", new.max_uses);
    println!("Expires:  {}", expires.as_deref().unwrap_or("never"));
    println!("Id:       {}  (for `circlekeep invite revoke`)", made.id);
    println!("\nCode and link are shown only now. Send either; whoever has it can join.");
    Ok(())
}

async fn list(store: &Store, circle: &CircleConfig, json: bool) -> anyhow::Result<()> {
    let (invites, now) = (store.invites(&circle.id).await?, now());
    if json {
        let invites: Vec<_> = invites
            .iter()
            .map(|one| {
                json!({
                    "id": one.id, "role": one.role, "for": one.for_name, "note": one.note, "uses": one.uses, "max_uses": one.max_uses,
                    "expires": one.expires_at.map(|at| shown(circle, at)),
                    "created": shown(circle, one.created_at), "state": state(one, now),
                })
            })
            .collect();
        println!("{}", json!({ "command": "invite list", "circle": circle.id, "invites": invites }));
        return Ok(());
    }
    if invites.is_empty() {
        println!("{} has no invites yet; `circlekeep invite new` makes one.", circle.id);
    }
    for one in &invites {
        println!(
            "{}  {:<8} {:<7} {}/{} used  expires {}  made {}  {}",
            one.id,
            state(one, now),
            one.role,
            one.uses,
            one.max_uses,
            one.expires_at.map_or("never".to_owned(), |at| shown(circle, at)),
            shown(circle, one.created_at),
            circle_model::text::without_bidi(
                &[one.for_name.as_ref().map(|name| format!("for {name}")).unwrap_or_default(), one.note.clone()]
                    .join("  ")
            )
            .trim()
        );
    }
    Ok(())
}

/// The only member of the archive with this id or name. Names are compared as when people join.
fn find_member(content: &Path, member: &str) -> anyhow::Result<Archived> {
    let wanted = name_key(member);
    let (mut by_id, mut by_name) = (Vec::new(), Vec::new());
    // Members of the live circle need no code to come back.
    for one in names::archived(content)?.into_iter().filter(|one| !one.is_live) {
        if [one.id.as_str(), one.page.as_str()].contains(&member) {
            by_id.push(one);
        } else if !wanted.is_empty() && one.names.iter().any(|name| name_key(name) == wanted) {
            by_name.push(one);
        }
    }
    let found = if by_id.is_empty() { by_name } else { by_id };
    match found.as_slice() {
        [one] => Ok(Archived { id: one.id.to_string(), name: one.name.clone() }),
        [] => bail!(
            "there is no such member in the archive\n  at: --for {member}, in: {}\n  help: write the name or id as the member's page of the site has it, or name the content folder with `--content`",
            content.display()
        ),
        several => bail!(
            "several members of the archive have this name\n  at: --for {member} ({})\n  help: give the id of the one you mean; it is the name of their page in members/",
            several.iter().map(|one| format!("{} {}", one.id, one.name)).collect::<Vec<_>>().join(", ")
        ),
    }
}

fn state(invite: &Invite, now: Utc) -> &'static str {
    if invite.revoked_at.is_some() {
        "revoked"
    } else if invite.uses >= invite.max_uses {
        "used"
    } else if invite.expires_at.is_some_and(|at| at <= now.0) {
        "expired"
    } else {
        "open"
    }
}

/// A moment in the circle's time zone: `2027-01-31 20:00`.
fn shown(circle: &CircleConfig, milliseconds: i64) -> String {
    let utc = Utc(milliseconds);
    Time::exact(utc, circle.offset(utc), ZoneFrom::Config).display()
}

/// `12h`, `7d`, `2w` from now, or a moment in the form of circle.toml.
fn until(text: &str, circle: &CircleConfig, now: Utc) -> anyhow::Result<Utc> {
    let unit = text.chars().last().and_then(|unit| match unit {
        'h' => Some(3_600_000),
        'd' => Some(86_400_000),
        'w' => Some(7 * 86_400_000),
        _ => None,
    });
    let count = text.get(..text.len().saturating_sub(1)).and_then(|digits| digits.parse::<u32>().ok());
    let at = match (count, unit) {
        (Some(count), Some(unit)) => Some(Utc(now.0.saturating_add(i64::from(count) * unit))),
        _ => read_moment(text, &circle.zone),
    };
    match at {
        Some(at) if at > now => Ok(at),
        Some(_) => bail!("that time is in the past\n  at: --expires {text}\n  help: give a later one, such as 7d"),
        None => {
            bail!("this is not a time\n  at: --expires {text}\n  help: write 12h, 7d, 2w, or a date such as 2027-01-31")
        }
    }
}

/// The page that a link opens, without the part after `#`.
fn page(site: Option<&str>, circle: &CircleConfig) -> anyhow::Result<String> {
    let address = site.or(circle.archive_url.as_deref()).unwrap_or("http://127.0.0.1:8080/");
    match url::Url::parse(address) {
        Ok(mut url) if matches!(url.scheme(), "http" | "https") => {
            url.set_fragment(None);
            Ok(url.to_string())
        }
        _ => bail!(
            "this is not the address of a site\n  at: --site {address}\n  help: write https:// and the host, such as https://circle.example/"
        ),
    }
}
