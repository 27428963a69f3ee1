//! 清扫: what a dead writer left is removed before the next one writes.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::record::VersionRecord;
use super::{Lake, LakeError, delta, disk};

/// Removes temporary files, Delta versions no record names or half written, and — if there were any of these, or the writer before `died`
/// — data files no log names.
///
/// Only under the write lock.
pub(crate) fn after_crash(lake: &Lake, newest: &VersionRecord, died: bool) -> Result<(), LakeError> {
    let tmp = lake.tmp_dir();
    let died = died || !disk::list(&tmp)?.is_empty();
    let mut unrecorded = false;
    for (table, dir) in tables(lake.root())? {
        unrecorded |= drop_unrecorded(&dir, newest.tables.get(&table).map(|table| table.delta_version))?;
    }
    if died || unrecorded {
        for (_, dir) in tables(lake.root())? {
            let known = logged(&dir)?;
            for path in data_files(&dir)? {
                if !known.contains(&path) {
                    disk::remove_file(&path)?;
                }
            }
        }
        disk::remove_dir(&tmp)?;
    }
    Ok(())
}

/// Table folders of a lake.
pub(crate) fn tables(root: &Path) -> Result<Vec<(String, PathBuf)>, LakeError> {
    Ok(disk::list(root)?.into_iter().filter(|(name, path)| !name.starts_with(['_', '.']) && path.is_dir()).collect())
}

/// Removes half-written log entries and those above the recorded version, newest first, so that a crash in between leaves a log without
/// gaps; whether there were any.
pub(crate) fn drop_unrecorded(dir: &Path, recorded: Option<u64>) -> Result<bool, LakeError> {
    let mut dropped = false;
    let above = |version: u64| recorded.is_none_or(|recorded| version > recorded);
    // Checkpoints first: one must never stand for entries that are gone.
    for (_, path) in delta::checkpoints(dir)?.into_iter().filter(|(version, _)| above(*version)) {
        disk::remove_file(&delta::checkpoint_hint(dir))?;
        disk::remove_file(&path)?;
        dropped = true;
    }
    for version in delta::log_versions(dir)?.into_iter().rev().take_while(|version| above(*version)) {
        disk::remove_file(&delta::log_path(dir, version))?;
        dropped = true;
    }
    for path in delta::staged(dir)? {
        disk::remove_file(&path)?;
        dropped = true;
    }
    if dropped {
        disk::sync_dir(&dir.join("_delta_log"))?;
    }
    Ok(dropped)
}

/// The Parquet files in a table's folder and its bucket folders.
pub(crate) fn data_files(dir: &Path) -> Result<Vec<PathBuf>, LakeError> {
    let is_data = |name: &str| name.starts_with("part-") && name.ends_with(".parquet");
    let mut found = Vec::new();
    for (name, path) in disk::list(dir)? {
        if is_data(&name) {
            found.push(path);
        } else if name.starts_with("bucket=") {
            found.extend(disk::list(&path)?.into_iter().filter(|(name, _)| is_data(name)).map(|(_, path)| path));
        }
    }
    Ok(found)
}

/// Every file the table's log ever added.
fn logged(dir: &Path) -> Result<HashSet<PathBuf>, LakeError> {
    let mut known = HashSet::new();
    for version in delta::log_versions(dir)? {
        let path = delta::log_path(dir, version);
        let text = std::fs::read_to_string(&path).map_err(|e| LakeError::io(&path, "读 Delta 日志", e))?;
        for line in text.lines() {
            let action: serde_json::Value = serde_json::from_str(line).map_err(|e| LakeError::corrupt(&path, e))?;
            if let Some(added) = action.pointer("/add/path").and_then(|path| path.as_str()) {
                // Our names need no percent-encoding but for the `=` some writers encode.
                known.insert(dir.join(added.replace("%3D", "=")));
            }
        }
    }
    Ok(known)
}
