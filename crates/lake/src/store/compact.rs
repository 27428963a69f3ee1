//! 合并: several runs of a bucket become one.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use mingjian_model::schema::{self, Table};

use super::delta::LiveFile;
use super::order::{Begins, note_begins, order};
use super::publish::{About, TableChange, publish};
use super::record::Act;
use super::rows::Rows;
use super::snapshot::Snapshot;
use super::write::{Written, write_run};
use super::{Lake, LakeError, disk};

/// What to compact.
#[derive(Debug, Clone, Copy)]
pub struct CompactOptions {
    /// A bucket is compacted when it has at least so many runs; 2 or more.
    pub runs: usize,
}

impl Default for CompactOptions {
    fn default() -> Self {
        CompactOptions { runs: 2 }
    }
}

/// What a compaction did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompactReport {
    /// The new version; the old one when nothing was to be done.
    pub version: u64,
    pub changed: bool,
    /// By table: runs before and after, rows rewritten.
    pub tables: Vec<(String, usize, usize, u64)>,
}

/// One bucket to compact and what came of it.
struct Task {
    table: &'static Table,
    bucket: Option<u32>,
    files: Vec<LiveFile>,
}

impl Lake {
    /// Folds the runs of each bucket that has several into one, as a new version with the same rows. The old files stay until a vacuum.
    pub fn compact(&self, options: CompactOptions) -> Result<CompactReport, LakeError> {
        let (_lock, record) = self.begin_write()?;
        let base = Snapshot::load(self.root(), self.buckets(), record)?;
        let tasks = self.tasks(&base, options.runs.max(2));
        let next = AtomicUsize::new(0);
        let done: Mutex<Vec<(usize, Result<Written, LakeError>)>> = Mutex::default();
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(4).min(tasks.len());
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let Some(task) = tasks.get(number) else { break };
                        let written = self.fold(&base, task);
                        done.lock().unwrap_or_else(PoisonError::into_inner).push((number, written));
                    }
                });
            }
        });
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_by_key(|(number, _)| *number);
        let mut report = CompactReport { version: base.version(), ..CompactReport::default() };
        let mut changes: Vec<TableChange> = Vec::new();
        let mut failed = None;
        for (number, written) in done {
            let task = &tasks[number];
            let file = match written {
                Ok(file) => file,
                Err(error) => {
                    failed = failed.or(Some(error));
                    continue;
                }
            };
            if changes.last().is_none_or(|change| change.table != task.table.name) {
                let mut change = TableChange::of(task.table);
                change.change.data_change = false;
                changes.push(change);
                report.tables.push((task.table.name.to_owned(), 0, 0, 0));
            }
            if let (Some(change), Some((_, before, after, rows))) = (changes.last_mut(), report.tables.last_mut()) {
                *before += task.files.len();
                *after += 1;
                *rows += file.rows;
                change.change.remove.extend(task.files.iter().cloned());
                change.change.add.push(file);
            }
        }
        if let Some(error) = failed {
            changes.iter().flat_map(|c| c.change.add.iter().map(|file| self.root().join(&c.table).join(&file.path))).for_each(|path| {
                // The error is told; what cannot be removed now the next writer sweeps.
                let _ = disk::remove_file(&path);
            });
            return Err(error);
        }
        if changes.is_empty() {
            return Ok(report);
        }
        let about = About { act: Act::Compact, note: String::new(), sources: Vec::new(), counts: Default::default(), newest_upload: None };
        report.version = publish(self, &base, about, changes, &|_| false)?;
        report.changed = true;
        Ok(report)
    }

    /// Buckets with many runs, by table, then bucket.
    fn tasks(&self, base: &Snapshot, runs: usize) -> Vec<Task> {
        let mut tasks = Vec::new();
        for table in schema::TABLES {
            let buckets: Vec<Option<u32>> = match table.bucket_by {
                Some(_) => (0..self.buckets()).map(Some).collect(),
                None => vec![None],
            };
            for bucket in buckets {
                let files = base.live_in(table.name, bucket);
                if files.len() >= runs {
                    tasks.push(Task { table, bucket, files });
                }
            }
        }
        tasks
    }

    fn fold(&self, base: &Snapshot, task: &Task) -> Result<Written, LakeError> {
        let paths: Vec<PathBuf> = task.files.iter().map(|file| base.path(task.table.name, file)).collect();
        let rows = Rows::stored(task.table, &paths)?;
        let mut begins = Begins::new();
        if let (true, Some(visits)) = (task.table.name == "fee_list_d", schema::table("mdtrt_d")) {
            let paths: Vec<PathBuf> = base.live_in(visits.name, task.bucket).iter().map(|file| base.path(visits.name, file)).collect();
            let stored = Rows::stored(visits, &paths)?;
            note_begins(&stored, 0..stored.len() as u32, &mut begins)?;
        }
        let contents = if task.table.key.is_empty() { Some(rows.identities(0..task.table.columns.len())?) } else { None };
        let ordered = order(&rows, (0..rows.len() as u32).collect(), &begins, contents.as_deref())?;
        write_run(&self.root().join(task.table.name), &format!("{:08}", base.version() + 1), task.bucket, &rows, &ordered)
    }
}
