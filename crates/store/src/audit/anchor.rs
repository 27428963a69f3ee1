//! 锚点: where the trail stood, handed to an overseer.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use mingjian_model::day::{self, Moment};

use crate::audit::chain;
use crate::{Actor, Event, Result, Row, Store, StoreError};

/// The hash of the event `seq` as it was at `at`. Whoever keeps it can tell whether any event up to it was changed since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    pub seq: i64,
    pub at: Moment,
    pub hash: String,
}

pub(crate) const ACT: &str = "audit.anchor";

/// Writes where the trail stands into `anchors`, and appends it to the file `kept`, which the overseer keeps where the operators of the store
/// cannot write. To be called once a day, or oftener; when nothing has happened since the last anchor, that one is given (and written into
/// the file if it is not there).
pub async fn anchor(store: &Store, who: &Actor, kept: Option<&Path>) -> Result<Anchor> {
    let mut change = store.begin(who).await?;
    let last = change.one("select e.act, h.seq, h.hash from trail_head h left join events e on e.seq = h.seq where h.one = 1", &[]).await?;
    let last = last.ok_or(StoreError::TrailEnd)?;
    let newest = change.one("select seq, at, hash from anchors order by seq desc limit 1", &[]).await?;
    let anchor = match newest {
        Some(row) if last.maybe_text("act")?.as_deref() == Some(ACT) => read(&row)?,
        _ => {
            let anchor = Anchor { seq: last.int("seq")?, at: who.at, hash: last.text("hash")? };
            let row = [anchor.seq.into(), anchor.at.into(), (&anchor.hash).into()];
            change.own_run("insert into anchors (seq, at, hash) values ($1, $2, $3)", &row).await?;
            let detail = serde_json::json!({"seq": anchor.seq, "hash": anchor.hash});
            change.note(Event { act: ACT, object_kind: "trail", object: anchor.seq.to_string(), detail, reason: None });
            change.commit().await?;
            anchor
        }
    };
    if let Some(path) = kept {
        append(path, &anchor)?;
    }
    Ok(anchor)
}

/// The anchors that the store itself has, oldest first.
pub async fn anchors(store: &Store) -> Result<Vec<Anchor>> {
    let rows = store.rows("select seq, at, hash from anchors order by seq", &[]).await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Anchor> {
    Ok(Anchor { seq: row.int("seq")?, at: row.int("at")?, hash: row.text("hash")? })
}

/// The anchors of a file, oldest first. A line is `2026-01-31 23:55:00 <seq> <hash>`; what begins with # is a remark.
///
/// Errors: a file that cannot be read, a line that says something else.
pub fn read_anchors(path: &Path) -> Result<Vec<Anchor>> {
    let text =
        fs::read_to_string(path).map_err(|source| StoreError::File { path: path.to_owned(), what: "锚点文件读不了", source })?;
    let mut anchors = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        anchors.push(parse(line).ok_or_else(|| StoreError::AnchorLine { path: path.to_owned(), line: number + 1 })?);
    }
    anchors.sort_by_key(|anchor| anchor.seq);
    Ok(anchors)
}

fn parse(line: &str) -> Option<Anchor> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [date, time, seq, hash] = words.as_slice() else { return None };
    let at = day::parse_moment(&format!("{date} {time}"))?;
    let sound = hash.len() == chain::GENESIS.len() && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    sound.then_some(Anchor { seq: seq.parse().ok()?, at, hash: (*hash).to_owned() })
}

fn append(path: &Path, anchor: &Anchor) -> Result<()> {
    let failed = |source| StoreError::File { path: path.to_owned(), what: "锚点写不进文件", source };
    let known = match read_anchors(path) {
        Ok(known) => known,
        Err(StoreError::File { source, .. }) if source.kind() == ErrorKind::NotFound => {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).map_err(failed)?;
            }
            Vec::new()
        }
        Err(other) => return Err(other),
    };
    if known.iter().any(|known| known.seq == anchor.seq && known.hash == anchor.hash) {
        return Ok(());
    }
    let mut file = fs::OpenOptions::new().append(true).create(true).open(path).map_err(failed)?;
    let line = format!("{} {} {}\n", day::format_moment(anchor.at), anchor.seq, anchor.hash);
    file.write_all(line.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_all_of_an_anchor() {
        let hash = "ab".repeat(32);
        let anchor = parse(&format!("2026-01-31 23:55:00 120 {hash}")).unwrap();
        assert_eq!((anchor.seq, day::format_moment(anchor.at).as_str(), anchor.hash), (120, "2026-01-31 23:55:00", hash.clone()));
        for wrong in ["2026-01-31 120", "2026-02-30 23:55:00 120 ", "2026-01-31 23:55:00 x ", "2026-01-31 23:55:00 1 g"] {
            assert_eq!(parse(&format!("{wrong}{hash}")), None, "{wrong}");
        }
    }
}
