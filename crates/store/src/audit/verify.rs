//! Walking the trail: is every event there, as it was written?

use std::collections::BTreeMap;
use std::path::Path;

use crate::audit::anchor::{self, Anchor};
use crate::audit::chain::{COLUMNS, GENESIS, Link};
use crate::{Result, Store};

/// What a walk found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Events seen before the break, or all.
    pub events: u64,
    /// The hash of the last event seen.
    pub head: String,
    /// Anchors that were compared: the overseer's and the store's own.
    pub anchors: u64,
    /// The first break; `None`: the trail is whole.
    pub broken: Option<Break>,
}

impl Verdict {
    pub fn intact(&self) -> bool {
        self.broken.is_none()
    }
}

/// Where and how the trail is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    #[error("第 {seq} 条的内容与它的哈希不符：它被改过")]
    Changed { seq: i64 },
    #[error("第 {seq} 条接不上前一条：它或前一条被换过")]
    Unlinked { seq: i64 },
    #[error("缺少第 {from} 到第 {to} 条：它们被删除了")]
    Deleted { from: i64, to: i64 },
    #[error("第 {seq} 条不是由系统写入的：它是插进来的")]
    Inserted { seq: i64 },
    #[error("审计链到第 {last} 条为止，应到第 {wanted} 条：末尾被截去了")]
    Truncated { last: i64, wanted: i64 },
    #[error("第 {seq} 条与锚点不符：它或它之前的内容被重写过")]
    Rewritten { seq: i64 },
    #[error("第 {seq} 条读不出来：它缺了内容")]
    Unreadable { seq: i64 },
    #[error("链尾的记录不见了")]
    EndGone,
    #[error("库里第 {seq} 条处的锚点被改动或删除")]
    AnchorGone { seq: i64 },
}

/// How many events are in memory at once.
const STRIDE: i64 = 1_000;

/// Walks the whole trail and tells the first break. `kept` is the file of anchors that an overseer kept.
///
/// Cost: all events once, about 1 KB each. Events written meanwhile do not disturb it.
/// Errors: a store that cannot be read, an anchor file that cannot be.
pub async fn verify(store: &Store, kept: Option<&Path>) -> Result<Verdict> {
    let mut walk = Walk::start();
    for anchor in kept.map(anchor::read_anchors).transpose()?.unwrap_or_default() {
        walk.anchors.entry(anchor.seq).or_default().push(anchor.hash);
    }
    let own = anchor::anchors(store).await?;
    for anchor in &own {
        walk.anchors.entry(anchor.seq).or_default().push(anchor.hash.clone());
    }
    let broken = match walk.all(store).await? {
        Some(broken) => Some(broken),
        None => walk.end(&own),
    };
    let anchors = walk.anchors.range(..=walk.seen).map(|(_, hashes)| hashes.len() as u64).sum();
    Ok(Verdict { events: walk.seen.unsigned_abs(), head: walk.head, anchors, broken })
}

/// A walk that goes on where the last one ended, for a page that is looked at often: the first look walks all, the next only what came since.
///
/// A look finds what was done at the end of the trail and to the event it ended at; what was done further back is found by [`verify`], which is
/// to be run once a day all the same.
pub struct Watch {
    walk: tokio::sync::Mutex<Walk>,
}

impl Default for Watch {
    fn default() -> Watch {
        Watch { walk: tokio::sync::Mutex::new(Walk::start()) }
    }
}

impl Watch {
    /// The next look walks all again.
    pub async fn begin_anew(&self) {
        *self.walk.lock().await = Walk::start();
    }

    /// Walks on and tells what the trail is like. After a break the next look walks all again.
    pub async fn look(&self, store: &Store) -> Result<Verdict> {
        let mut walk = self.walk.lock().await;
        let own = anchor::anchors(store).await?;
        walk.anchors = BTreeMap::new();
        for anchor in &own {
            walk.anchors.entry(anchor.seq).or_default().push(anchor.hash.clone());
        }
        let broken = match walk.stands(store).await? {
            Some(broken) => Some(broken),
            None => match walk.all(store).await? {
                Some(broken) => Some(broken),
                None => walk.end(&own),
            },
        };
        let verdict = Verdict { events: walk.seen.unsigned_abs(), head: walk.head.clone(), anchors: own.len() as u64, broken };
        if !verdict.intact() {
            *walk = Walk::start();
        }
        Ok(verdict)
    }
}

struct Walk {
    /// The place of the last sound event.
    seen: i64,
    head: String,
    /// Hashes that events must have, by place.
    anchors: BTreeMap<i64, Vec<String>>,
    /// Anchors that the trail itself tells of: they must be in the table.
    told: BTreeMap<i64, String>,
}

impl Walk {
    fn start() -> Walk {
        Walk { seen: 0, head: GENESIS.to_owned(), anchors: BTreeMap::new(), told: BTreeMap::new() }
    }

    /// Whether the event the last walk ended at is still what it was.
    async fn stands(&self, store: &Store) -> Result<Option<Break>> {
        let seq = self.seen;
        if seq == 0 {
            return Ok(None);
        }
        let Some(row) = store.one(&format!("select {COLUMNS} from events where seq = $1"), &[seq.into()]).await? else {
            return Ok(Some(Break::Deleted { from: seq, to: seq }));
        };
        let same = Link::read(&row).is_ok_and(|link| link.hash == self.head && link.computed() == self.head);
        Ok((!same).then_some(Break::Changed { seq }))
    }

    /// Walks until it meets the recorded end; there the end must be what was met.
    async fn all(&mut self, store: &Store) -> Result<Option<Break>> {
        let mut from = if self.seen == 0 { i64::MIN } else { self.seen };
        loop {
            // The end is read after the walk, both of its halves in one statement; what was written meanwhile is walked too.
            let sql = format!("select {COLUMNS} from events where seq > $1 order by seq limit {STRIDE}");
            let rows = store.rows(&sql, &[from.into()]).await?;
            for row in &rows {
                let seq = row.int("seq")?;
                from = seq;
                let Ok(link) = Link::read(row) else { return Ok(Some(Break::Unreadable { seq })) };
                if let Some(broken) = self.step(link) {
                    return Ok(Some(broken));
                }
            }
            if !rows.is_empty() {
                continue;
            }
            let end =
                store.one("select h.seq, h.hash, (select max(seq) from events) as last from trail_head h where h.one = 1", &[]).await?;
            let Some(end) = end else { return Ok(Some(Break::EndGone)) };
            let (wanted, last) = (end.int("seq")?, end.maybe_int("last")?.unwrap_or(0));
            if last > wanted {
                return Ok(Some(Break::Inserted { seq: wanted + 1 }));
            }
            if last < wanted {
                return Ok(Some(Break::Truncated { last, wanted }));
            }
            if last > self.seen {
                continue;
            }
            return Ok((end.text("hash")? != self.head).then_some(Break::Changed { seq: last }));
        }
    }

    fn step(&mut self, link: Link) -> Option<Break> {
        let (seq, wanted) = (link.seq, self.seen + 1);
        if seq < wanted {
            return Some(Break::Inserted { seq });
        }
        if seq > wanted {
            return Some(Break::Deleted { from: wanted, to: seq - 1 });
        }
        if link.computed() != link.hash {
            return Some(Break::Changed { seq });
        }
        if link.previous != self.head {
            return Some(Break::Unlinked { seq });
        }
        if self.anchors.get(&seq).is_some_and(|hashes| hashes.iter().any(|hash| *hash != link.hash)) {
            return Some(Break::Rewritten { seq });
        }
        if link.act == anchor::ACT
            && let Some((place, hash)) = told_of(&link.detail)
        {
            self.told.insert(place, hash);
        }
        self.seen = seq;
        self.head = link.hash;
        None
    }

    /// After the last event: anchors beyond it, and the table of anchors against what the trail tells.
    fn end(&self, own: &[Anchor]) -> Option<Break> {
        if self.anchors.get(&0).is_some_and(|hashes| hashes.iter().any(|hash| hash != GENESIS)) {
            return Some(Break::Rewritten { seq: 0 });
        }
        if let Some((wanted, _)) = self.anchors.last_key_value().filter(|(place, _)| **place > self.seen) {
            return Some(Break::Truncated { last: self.seen, wanted: *wanted });
        }
        let own: BTreeMap<i64, &str> = own.iter().map(|anchor| (anchor.seq, anchor.hash.as_str())).collect();
        let gone = self.told.iter().find(|(place, hash)| own.get(place) != Some(&hash.as_str())).map(|(place, _)| *place);
        let added = own.keys().find(|place| !self.told.contains_key(place)).copied();
        gone.or(added).map(|seq| Break::AnchorGone { seq })
    }
}

fn told_of(detail: &str) -> Option<(i64, String)> {
    let detail: serde_json::Value = serde_json::from_str(detail).ok()?;
    Some((detail.get("seq")?.as_i64()?, detail.get("hash")?.as_str()?.to_owned()))
}
