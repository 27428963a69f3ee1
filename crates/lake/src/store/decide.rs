//! 主键裁决: what becomes of each incoming row of a bucket.
//!
//! A row is new, replaces the stored row of its key (newer `updt_time`; without times on either side the later import),
//! changes nothing (identical), or is superseded by a newer one. Rows of one import with equal key, equal time and
//! different content are all set aside, as is a row that differs from the stored one of equal time: nobody can say which
//! is right. Tables without a key take the whole row as key. Keys are compared inside a bucket, that is among the rows of
//! the same persons: a row that comes back under another person is another row.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray};
use arrow::datatypes::TimestampMicrosecondType;
use hashbrown::HashTable;
use mingjian_model::day::Moment;
use serde::{Deserialize, Serialize};

use super::LakeError;
use super::hash::Identity;
use super::rows::Rows;
use super::shape::updated_column;

/// What became of an import's rows, by table. They add up: `incoming` = the sum of the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableCounts {
    /// Typed rows that came in.
    pub incoming: u64,
    /// Landed: no row of this key was there.
    pub new: u64,
    /// Landed in place of an older row of the same key.
    pub replaced: u64,
    /// Identical to the stored row.
    pub unchanged: u64,
    /// Identical to another row of the same import.
    pub duplicates: u64,
    /// A newer row of the same key was there or came in the same import.
    pub superseded: u64,
    /// Set aside: equal key and time, different content.
    pub set_aside: u64,
}

impl TableCounts {
    pub(crate) fn add(&mut self, other: &TableCounts) {
        self.incoming += other.incoming;
        self.new += other.new;
        self.replaced += other.replaced;
        self.unchanged += other.unchanged;
        self.duplicates += other.duplicates;
        self.superseded += other.superseded;
        self.set_aside += other.set_aside;
    }
}

/// Why rows of equal key are set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clash {
    InImport,
    WithStored,
}

impl Clash {
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Clash::InImport => {
                "同一次导入中主键相同、更新时间相同而内容不同，无法判断哪一行正确，全部不入库。请核对后只留正确的一行重新导入"
            }
            Clash::WithStored => {
                "与库内同一主键的行更新时间相同而内容不同，无法判断哪一行正确，保留库内的行。要替换，请让更正的行带较新的更新时间（updt_time）"
            }
        }
    }
}

/// The verdict over one bucket of one table.
#[derive(Debug, Default)]
pub(crate) struct Decision {
    /// Incoming rows that land.
    pub landing: Vec<u32>,
    /// Stored rows that leave.
    pub leaving: Vec<u32>,
    pub clashes: Vec<(u32, Clash)>,
    pub counts: TableCounts,
    /// Whole-row identities of the incoming rows, where they were needed.
    pub contents: Option<Vec<Identity>>,
}

/// Judges the incoming rows against each other and against the stored ones.
pub(crate) fn decide(incoming: &Rows<'_>, stored: &Rows<'_>) -> Result<Decision, LakeError> {
    let table = incoming.table;
    let every = 0..table.columns.len();
    let whole_row = table.key.is_empty();
    let key_columns: Vec<usize> =
        if whole_row { every.clone().collect() } else { table.key.iter().filter_map(|name| table.column_index(name)).collect() };
    let keys = incoming.identities(key_columns.iter().copied())?;
    let mut decision = Decision::default();
    decision.counts.incoming = keys.len() as u64;

    // Rows of equal key hang together: `heads` finds the first by key, `next` leads on.
    let mut heads: HashTable<u32> = HashTable::with_capacity(keys.len());
    let mut next: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for row in 0..keys.len() as u32 {
        let key = keys[row as usize];
        let entry = heads.entry(key.bits(), |head| keys[*head as usize] == key, |head| keys[*head as usize].bits());
        match entry {
            hashbrown::hash_table::Entry::Occupied(head) => next.entry(*head.get()).or_default().push(row),
            hashbrown::hash_table::Entry::Vacant(slot) => {
                slot.insert(row);
            }
        }
    }
    // Which stored row has the key of which incoming one.
    let mut matches: BTreeMap<u32, u32> = BTreeMap::new();
    if stored.len() > 0 {
        for (row, key) in stored.identities(key_columns.iter().copied())?.into_iter().enumerate() {
            if let Some(head) = heads.find(key.bits(), |head| keys[*head as usize] == key) {
                matches.insert(*head, row as u32);
            }
        }
    }

    if whole_row {
        for row in 0..keys.len() as u32 {
            if heads.find(keys[row as usize].bits(), |head| *head == row).is_none() {
                decision.counts.duplicates += 1;
            } else if matches.contains_key(&row) {
                decision.counts.unchanged += 1;
            } else {
                decision.counts.new += 1;
                decision.landing.push(row);
            }
        }
        decision.contents = Some(keys);
        return Ok(decision);
    }

    if next.is_empty() && matches.is_empty() {
        decision.counts.new = keys.len() as u64;
        decision.landing = (0..keys.len() as u32).collect();
        return Ok(decision);
    }
    let incoming_times = updated(incoming)?;
    let stored_times = if matches.is_empty() { Vec::new() } else { updated(stored)? };
    let time = |row: u32| incoming_times.get(row as usize).copied().flatten();
    let stored_time = |row: u32| stored_times.get(row as usize).copied().flatten();
    // Contents are compared only where times cannot tell: reading every column of a bucket is dear.
    let doubtful = matches.iter().any(|(head, row)| time(*head) == stored_time(*row)) || !next.is_empty();
    let contents = if doubtful { incoming.identities(every.clone())? } else { Vec::new() };
    let stored_contents = if doubtful && !matches.is_empty() { stored.identities(every)? } else { Vec::new() };
    drop(keys);

    let mut heads: Vec<u32> = heads.into_iter().collect();
    heads.sort_unstable();
    for head in heads {
        let mut group = vec![head];
        group.extend(next.get(&head).into_iter().flatten());
        let stored_row = matches.get(&head).copied();
        let newest = if group.len() == 1 { Some(head) } else { newest_of(&group, time, &contents, &mut decision) };
        let Some(row) = newest else { continue };
        let Some(stored_row) = stored_row else {
            decision.counts.new += 1;
            decision.landing.push(row);
            continue;
        };
        let (mine, theirs) = (time(row), stored_time(stored_row));
        if mine > theirs {
            decision.counts.replaced += 1;
            decision.landing.push(row);
            decision.leaving.push(stored_row);
        } else if mine < theirs {
            decision.counts.superseded += 1;
        } else if contents[row as usize] == stored_contents[stored_row as usize] {
            decision.counts.unchanged += 1;
        } else if mine.is_none() {
            decision.counts.replaced += 1;
            decision.landing.push(row);
            decision.leaving.push(stored_row);
        } else {
            decision.counts.set_aside += 1;
            decision.clashes.push((row, Clash::WithStored));
        }
    }
    Ok(decision)
}

/// Of several incoming rows of one key the newest; identical ones count once, those of equal time that differ are all set aside.
fn newest_of(group: &[u32], time: impl Fn(u32) -> Option<Moment>, contents: &[Identity], decision: &mut Decision) -> Option<u32> {
    let mut by_time: BTreeMap<Option<Moment>, Vec<u32>> = BTreeMap::new();
    for row in group {
        let same_time = by_time.entry(time(*row)).or_default();
        same_time.push(*row);
    }
    let mut newest = None;
    for same_time in by_time.values() {
        let first = contents[same_time[0] as usize];
        if same_time.iter().any(|row| contents[*row as usize] != first) {
            decision.counts.set_aside += same_time.len() as u64;
            decision.clashes.extend(same_time.iter().map(|row| (*row, Clash::InImport)));
            continue;
        }
        decision.counts.duplicates += same_time.len() as u64 - 1;
        if newest.replace(same_time[0]).is_some() {
            decision.counts.superseded += 1;
        }
    }
    newest
}

/// `updt_time` of each row; nothing where the table has none.
fn updated(rows: &Rows<'_>) -> Result<Vec<Option<Moment>>, LakeError> {
    let Some(column) = updated_column(rows.table) else { return Ok(Vec::new()) };
    let array = rows.load(column)?;
    let moments = array.as_primitive::<TimestampMicrosecondType>();
    Ok((0..moments.len()).map(|row| moments.is_valid(row).then(|| moments.value(row))).collect())
}
