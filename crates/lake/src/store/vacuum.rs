//! 清理: versions nobody needs any more and the files only they need.

use std::collections::HashSet;
use std::path::PathBuf;

use mingjian_model::day::{MICROS_PER_DAY, Moment};

use super::snapshot::Snapshot;
use super::{Lake, LakeError, disk, record, sweep};

/// Which versions stay. The newest always does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// The newest so many.
    Versions(usize),
    /// Those of the last so many days before `now`, those without a time, and the newest older one, which was in force then.
    Days { days: u32, now: Moment },
}

/// What a vacuum removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VacuumReport {
    pub versions_kept: Vec<u64>,
    pub versions_removed: Vec<u64>,
    pub files_removed: u64,
    pub bytes_removed: u64,
}

impl Lake {
    /// Drops versions that need not be kept, and every data file no kept version needs. With `dry_run` only tells.
    ///
    /// Readers of dropped versions fail from here on, in other programs too (Delta time travel).
    pub fn vacuum(&self, keep: Keep, dry_run: bool) -> Result<VacuumReport, LakeError> {
        let (_lock, _) = self.begin_write()?;
        let history = self.history()?;
        let keeps = |i: usize| match keep {
            Keep::Versions(count) => i + count.max(1) >= history.len(),
            Keep::Days { days, now } => {
                let since = now - i64::from(days) * MICROS_PER_DAY;
                let in_force = |i: usize| history.get(i + 1).is_none_or(|next| next.time.is_none_or(|time| time >= since));
                history[i].time.is_none_or(|time| time >= since) || in_force(i)
            }
        };
        let mut report = VacuumReport::default();
        let mut needed: HashSet<PathBuf> = HashSet::new();
        for (i, kept) in history.iter().enumerate() {
            if keeps(i) {
                report.versions_kept.push(kept.version);
                let snapshot = Snapshot::load(self.root(), self.buckets(), kept.clone())?;
                needed.extend(kept.tables.keys().flat_map(|table| snapshot.files(table)).map(|file| file.path));
            } else {
                report.versions_removed.push(kept.version);
            }
        }
        let mut files = Vec::new();
        for (_, dir) in sweep::tables(self.root())? {
            files.extend(sweep::data_files(&dir)?.into_iter().filter(|path| !needed.contains(path)));
        }
        if !dry_run {
            // Records first: a version on record has all its files.
            for version in &report.versions_removed {
                record::remove(&self.versions_dir(), *version)?;
            }
            disk::sync_dir(&self.versions_dir())?;
        }
        for path in files {
            report.bytes_removed += path.metadata().map(|facts| facts.len()).unwrap_or(0);
            report.files_removed += 1;
            if !dry_run {
                disk::remove_file(&path)?;
            }
        }
        Ok(report)
    }
}
