//! 附件: kept under the SM3 of what is in them, below one folder; no path ever comes from a person.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use mingjian_model::day::format_moment;
use mingjian_store::{Arg, Event, Row};
use serde_json::json;
use sm3::{Digest, Sm3};

use crate::Office;
use crate::error::{CaseError, Result};
use crate::leads::detail::read;
use crate::leads::view::{Attachment, Holder};
use crate::person::Asker;
use crate::sniff::{clean_name, sniff};

/// A file with what to send along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub attachment: Attachment,
    pub bytes: Vec<u8>,
}

/// Keeps a file for a lead the asker may see and says what it became. It is attached to a step when an act names it.
pub async fn put(office: &Office, asker: &Asker, lead: &str, name: &str, bytes: Vec<u8>) -> Result<Attachment> {
    let lead = read(office, asker, lead).await?;
    if lead.status.is_closed() {
        return Err(CaseError::Refused("线索已办结，不能再上传附件".into()));
    }
    let owner = Owner { kind: "lead", id: &lead.id, region: &lead.region, institution: &lead.institution };
    keep(office, asker, &owner, name, bytes).await
}

/// What a file belongs to.
pub(crate) struct Owner<'a> {
    pub kind: &'a str,
    pub id: &'a str,
    pub region: &'a str,
    pub institution: &'a str,
}

pub(crate) async fn keep(office: &Office, asker: &Asker, owner: &Owner<'_>, name: &str, bytes: Vec<u8>) -> Result<Attachment> {
    let limits = &office.settings.attachments;
    if bytes.len() > limits.file_bytes {
        return Err(CaseError::field("file", format!("文件不能超过 {} MB", limits.file_bytes >> 20)));
    }
    let (folder, unpacked) = (office.folder.clone(), limits.unpacked_bytes);
    let size = bytes.len() as i64;
    let (media, sm3) = off(move || {
        let media = sniff(&bytes, unpacked).map_err(|why| CaseError::field("file", why))?;
        let sm3 = hex(&Sm3::digest(&bytes));
        write(&folder, &sm3, &bytes)?;
        Ok((media, sm3))
    })
    .await?;
    let role = asker.person.roles.first().map_or("", String::as_str);
    let actor = asker.actor(role);
    let mut change = office.store.begin(&actor).await?;
    let sql = "select count(*) as n from attachments where owner_kind = $1 and owner = $2";
    let kept = change.one(sql, &[owner.kind.into(), owner.id.into()]).await?.map(|row| row.int("n")).transpose()?.unwrap_or(0);
    if kept >= limits.files {
        return Err(CaseError::field("file", format!("附件不能超过 {} 个", limits.files)));
    }
    // Unguessable is not needed, the scope decides; unlike the SM3 it differs between two leads with the same file.
    let id = format!("{}-{}-{}", owner.id, kept + 1, &sm3[..12]);
    let attachment = Attachment {
        id: id.clone(),
        name: clean_name(name, media),
        media: media.name.into(),
        size,
        sm3,
        by: Holder { account: asker.person.account.clone(), name: asker.person.name.clone() },
        at: format_moment(asker.at),
    };
    let args: Vec<Arg> = vec![
        id.as_str().into(),
        owner.kind.into(),
        owner.id.into(),
        owner.region.into(),
        owner.institution.into(),
        attachment.name.as_str().into(),
        attachment.media.as_str().into(),
        size.into(),
        attachment.sm3.as_str().into(),
        asker.person.account.as_str().into(),
        asker.person.name.as_str().into(),
        Arg::Int(i64::from(!asker.person.is_institution())),
        asker.at.into(),
    ];
    change
        .run(
            "insert into attachments (id, owner_kind, owner, region, institution, name, media, size, sm3, account, by_name, inner_only, at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            &args,
        )
        .await?;
    change.note(Event {
        act: "attachment.put",
        object_kind: "attachment",
        object: id,
        detail: json!({ "owner": owner.id, "sm3": attachment.sm3, "size": size, "media": attachment.media }),
        reason: None,
    });
    change.commit().await?;
    Ok(attachment)
}

/// A file of a lead or campaign the asker may see. Checked against its SM3: a file changed on the disk is not given out.
pub async fn get(office: &Office, asker: &Asker, id: &str) -> Result<File> {
    let sql = "select id, owner_kind, owner, institution, name, media, size, sm3, account, by_name, inner_only, at from attachments where id = $1";
    let row = office.store.one(sql, &[id.into()]).await?.ok_or(CaseError::NotFound)?;
    let owner = row.text("owner")?;
    if row.text("owner_kind")? == "lead" {
        read(office, asker, &owner).await?;
    } else {
        crate::campaigns::readable(office, asker, &owner, &row.text("institution")?).await?;
    }
    if asker.person.is_institution() && row.int("inner_only")? != 0 && !was_told(office, &owner, id).await? {
        return Err(CaseError::NotFound);
    }
    let attachment = of_row(&row)?;
    let path = place(&office.folder, &attachment.sm3).ok_or_else(|| CaseError::Broken(format!("attachments.sm3 of {id}")))?;
    let sm3 = attachment.sm3.clone();
    let bytes = off(move || {
        let bytes = std::fs::read(path)?;
        if hex(&Sm3::digest(&bytes)) == sm3 { Ok(bytes) } else { Err(CaseError::Broken("附件内容与登记的摘要不符".into())) }
    })
    .await?;
    Ok(File { attachment, bytes })
}

/// Whether a step the institution sees names the file.
async fn was_told(office: &Office, lead: &str, id: &str) -> Result<bool> {
    let sql = "select attachments from lead_steps where lead = $1 and inner_only = 0 and attachments <> ''";
    for row in office.store.rows(sql, &[lead.into()]).await? {
        let ids: Vec<String> = serde_json::from_str(&row.text("attachments")?).unwrap_or_default();
        if ids.iter().any(|own| own == id) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Files of an owner by id; for the institution its own, and those named in a step it sees.
pub(crate) async fn of_owner(office: &Office, kind: &str, owner: &str, outside: bool) -> Result<BTreeMap<String, Attachment>> {
    let sql = "select id, name, media, size, sm3, account, by_name, inner_only, at from attachments where owner_kind = $1 and owner = $2 order by id";
    let mut files = BTreeMap::new();
    for row in office.store.rows(sql, &[kind.into(), owner.into()]).await? {
        let file = of_row(&row)?;
        let inner = row.int("inner_only")? != 0;
        if outside && inner {
            if was_told(office, owner, &file.id).await? {
                // The institution deals with the bureau, not with a person of it.
                files.insert(file.id.clone(), Attachment { by: Holder::default(), ..file });
            }
        } else {
            files.insert(file.id.clone(), file);
        }
    }
    Ok(files)
}

fn of_row(row: &Row) -> Result<Attachment> {
    Ok(Attachment {
        id: row.text("id")?,
        name: row.text("name")?,
        media: row.text("media")?,
        size: row.int("size")?,
        sm3: row.text("sm3")?,
        by: Holder { account: row.text("account")?, name: row.text("by_name")? },
        at: format_moment(row.int("at")?),
    })
}

/// Where a file of this SM3 lies; none unless it is 64 digits of hex.
fn place(folder: &Path, sm3: &str) -> Option<PathBuf> {
    let fits = sm3.len() == 64 && sm3.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    fits.then(|| folder.join(&sm3[..2]).join(sm3))
}

/// Tells apart files that are being written at the same time.
static PARTS: AtomicU64 = AtomicU64::new(0);

/// Writes a file whole or not at all, for the owner of the folder alone to read. One that is there already is taken when it is still what
/// its name says; one that is not (a disk that failed, somebody's hand) is written anew: whoever hands it in has it whole.
fn write(folder: &Path, sm3: &str, bytes: &[u8]) -> Result<()> {
    let path = place(folder, sm3).ok_or_else(|| CaseError::Broken("SM3".into()))?;
    if std::fs::read(&path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let parent = path.parent().unwrap_or(folder);
    private_folder(parent)?;
    let part = parent.join(format!("{sm3}.{}-{}.part", std::process::id(), PARTS.fetch_add(1, Ordering::Relaxed)));
    let written = write_new(&part, bytes).and_then(|()| std::fs::rename(&part, &path));
    if let Err(error) = written {
        // A full disk must not be filled with halves as well.
        let _ = std::fs::remove_file(&part);
        return Err(error.into());
    }
    std::fs::File::open(parent)?.sync_all()?;
    Ok(())
}

fn write_new(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Folders that are not there yet are made for their owner alone; those that are there keep what their operator set.
fn private_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// File work on a thread of its own.
async fn off<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| CaseError::Broken(error.to_string()))?
}
