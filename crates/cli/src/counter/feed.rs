//! 增量: what the lake gained since the history was filled is laid over it, while the counter answers.
//!
//! Goes in: the history with the version of the lake it holds, the lake. Each import that came after is read by itself
//! ([`Snapshot::brought`]) and put in some hundred persons at a time; the version is noted when all of an import is in, so that after a
//! kill the import is read once more, which changes nothing. Where the versions in between are gone, or a list of deaths came, the newest
//! version is read as a whole.

use std::path::Path;
use std::time::{Duration, Instant};

use mingjian_counter::{History, Meeting};
use mingjian_lake::{Act, Lake, Snapshot, VersionRecord};
use mingjian_screening::Reference;
use mingjian_screening::person::read_brought;

use super::filling::{Stopped, mark};
use crate::errors::Outcome;

/// Persons of one transaction: settlements that are sent meanwhile wait for no more than this.
const AT_ONCE: usize = 200;

/// What a catching up did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fed {
    /// The version of the lake the history now holds.
    pub version: u64,
    /// Persons whose rows were laid over; one counts anew with each import.
    pub persons: u64,
    /// All of the lake was read, not what was gained.
    pub whole: bool,
    /// Catalogues, institutions and the like may have changed.
    pub imported: bool,
}

/// Whether the lake has a version that the history does not hold.
pub fn is_behind(lake: &Lake, history: &History) -> Outcome<bool> {
    let newest = lake.version()?;
    Ok(newest > 0 && history.size()?.lake_version != Some(newest))
}

/// Brings the history up to the newest version. `yielding`: after each transaction as much time is left to others as it took.
pub fn catch_up(workspace: &Path, lake: &Lake, history: &History, yielding: bool) -> Outcome<Fed> {
    let newest = lake.snapshot(None)?;
    let reference = Reference::load(&newest)?;
    let mut fed = Fed { version: newest.version(), persons: 0, whole: false, imported: false };
    let held = history.size()?.lake_version;
    match gained(lake, held, &newest)? {
        Some(versions) => {
            for version in versions {
                fed.imported = true;
                let brought = lake.snapshot(Some(version))?.brought();
                lay_over(history, &brought, &reference, yielding, &mut fed.persons)?;
                history.loaded(version)?;
            }
        }
        None => {
            (fed.whole, fed.imported) = (true, true);
            lay_over(history, &newest, &reference, yielding, &mut fed.persons)?;
        }
    }
    mark(history, &newest, workspace)?;
    history.loaded(newest.version())?;
    Ok(fed)
}

/// The imports after the version held, oldest first; `None` where reading them one by one would miss something.
fn gained(lake: &Lake, held: Option<u64>, newest: &Snapshot) -> Outcome<Option<Vec<u64>>> {
    let Some(held) = held.filter(|&held| held <= newest.version()) else { return Ok(None) };
    let records: Vec<VersionRecord> = lake.history()?;
    let between = |record: &&VersionRecord| (held..=newest.version()).contains(&record.version);
    let records: Vec<&VersionRecord> = records.iter().filter(between).collect();
    // All of them from the one held on: what a vacuum took cannot be read any more.
    if records.len() as u64 != newest.version() - held + 1 {
        return Ok(None);
    }
    // Who died is found by certificate, over everybody.
    let deaths = |record: &VersionRecord| record.tables.get("death_list").map(|table| table.delta_version);
    if records.first().map(|record| deaths(record)) != records.last().map(|record| deaths(record)) {
        return Ok(None);
    }
    let imports: Vec<u64> = records.iter().skip(1).filter(|record| record.act == Act::Import).map(|record| record.version).collect();
    // Files that a compaction replaced stay until a vacuum: then what came with them is in newer files only.
    for &version in &imports {
        if lake.snapshot(Some(version))?.brought().probe().is_err() {
            return Ok(None);
        }
    }
    Ok(Some(imports))
}

fn lay_over(history: &History, rows: &Snapshot, reference: &Reference, yielding: bool, persons: &mut u64) -> Outcome {
    for bucket in 0..rows.buckets() {
        read_brought::<Stopped>(rows, bucket, reference, AT_ONCE, |some| {
            let begun = Instant::now();
            history.put(some.iter().copied(), Meeting::Gain).map_err(Stopped::History)?;
            *persons += some.len() as u64;
            if yielding {
                std::thread::sleep(begun.elapsed().min(Duration::from_secs(1)));
            }
            Ok(())
        })?;
    }
    Ok(())
}
