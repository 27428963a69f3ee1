//! 导入事务: rows of one import become one version of the lake.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use mingjian_model::schema;

use super::decide::{Clash, Decision, TableCounts, decide};
use super::delta::Change;
use super::lock::WriteLock;
use super::order::{Begins, note_begins, order};
use super::publish::{About, StopAt, TableChange, ahead, checkpoint, publish};
use super::record::{Act, SourceRecord};
use super::rejected::{self, REJECTED_TABLE, RejectLog};
use super::replace::{self, TableAnew};
use super::rows::Rows;
use super::run::Run;
use super::shape::order_of;
use super::snapshot::Snapshot;
use super::spill::{Spill, Spilled, SpilledTable};
use super::write::write_run;
use super::{Lake, LakeError, disk};
use crate::block::{Rejected, TypedBlock};

/// A running import. Any number of threads may append; nothing is visible before [`ImportTxn::commit`] returns.
///
/// Dropped without a commit it leaves the lake as it was.
pub struct ImportTxn {
    lake: Lake,
    base: Snapshot,
    spill: Spill,
    rejected: RejectLog,
    tmp: PathBuf,
    /// A test let the writer die: leave everything as a dead process would.
    abandoned: AtomicBool,
    // Behind the temporary files: the lock falls after they are gone.
    _lock: WriteLock,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportOutcome {
    /// The version that holds the import: a new one, or the old one when nothing changed.
    pub version: u64,
    /// Whether a new version was made.
    pub changed: bool,
    /// What became of the typed rows, by table.
    pub tables: BTreeMap<String, TableCounts>,
    /// Rows set aside by this import, typing and clashing keys together, known ones too.
    pub rejected: u64,
}

/// Makes tables out of the version an import is about to become: reports over all rows, which land in the same version.
///
/// The snapshot reads like any other, but nobody else can open it yet.
pub type Report<'a> = &'a dyn Fn(&Snapshot) -> Result<Vec<TableAnew>, LakeError>;

/// What a commit does beside landing the rows.
#[derive(Clone, Copy)]
pub struct CommitOptions<'a> {
    /// Hears how many of how many steps of about equal size are done, from several threads.
    pub progress: &'a (dyn Fn(usize, usize) + Sync),
    /// Called once, after the rows are written, if any national table changed.
    pub report: Report<'a>,
}

impl Default for CommitOptions<'_> {
    fn default() -> Self {
        CommitOptions { progress: &|_, _| {}, report: &|_| Ok(Vec::new()) }
    }
}

impl ImportTxn {
    pub(crate) fn begin(lake: Lake) -> Result<ImportTxn, LakeError> {
        let (lock, record) = lake.begin_write()?;
        let base = Snapshot::load(lake.root(), lake.buckets(), record)?;
        let tmp = lake.tmp_dir();
        Ok(ImportTxn {
            spill: Spill::new(&tmp, lake.buckets()),
            rejected: RejectLog::new(&tmp),
            lake,
            base,
            tmp,
            abandoned: AtomicBool::new(false),
            _lock: lock,
        })
    }

    /// The version the import builds on.
    pub fn base(&self) -> &Snapshot {
        &self.base
    }

    /// Takes rows. May write to the disk; memory stays bounded whatever comes.
    ///
    /// Errors: a column that is not of the table or of the wrong type (a mistake of the caller), the disk.
    pub fn append(&self, block: TypedBlock) -> Result<(), LakeError> {
        self.spill.append(block)
    }

    /// Takes rows set aside.
    pub fn reject(&self, rows: Vec<Rejected>) -> Result<(), LakeError> {
        self.rejected.add(&rows)
    }

    /// Makes the import a version of the lake; when this returns, it is durable. Nothing new and nothing newly set aside: no version.
    ///
    /// Errors leave the lake as it was.
    pub fn commit(self, sources: Vec<SourceRecord>) -> Result<ImportOutcome, LakeError> {
        self.commit_with(sources, CommitOptions::default())
    }

    /// As [`ImportTxn::commit`], with progress told and with reports over the rows in the same version. A report that fails fails the import.
    pub fn commit_with(self, sources: Vec<SourceRecord>, options: CommitOptions<'_>) -> Result<ImportOutcome, LakeError> {
        self.commit_steps(sources, options, &|_| false)
    }

    /// As [`ImportTxn::commit`], but dies at the steps `stop` says yes to, leaving the disk as a killed process would. The steps: `spilled`,
    /// `bucket` (after each), `data`, `reported`, `delta:<table>`, `delta`, `recorded`. For tests.
    #[doc(hidden)]
    pub fn commit_until(
        self,
        sources: Vec<SourceRecord>,
        options: CommitOptions<'_>,
        stop: StopAt<'_>,
    ) -> Result<ImportOutcome, LakeError> {
        let outcome = self.commit_steps(sources, options, stop);
        self.abandoned.store(matches!(outcome, Err(LakeError::Stopped(_))), Ordering::Relaxed);
        outcome
    }

    fn commit_steps(&self, sources: Vec<SourceRecord>, options: CommitOptions<'_>, stop: StopAt<'_>) -> Result<ImportOutcome, LakeError> {
        let spilled = self.spill.finish()?;
        checkpoint(stop, "spilled")?;
        let work = Work { txn: self, spilled: &spilled, progress: options.progress, stop };
        let mut written: Vec<PathBuf> = Vec::new();
        let outcome = work.run(&mut written).and_then(|done| self.finish(&spilled, done, sources, options.report, stop, &mut written));
        if outcome.as_ref().is_err_and(|error| !matches!(error, LakeError::Stopped(_))) {
            // The error is told; what cannot be removed now the next writer sweeps.
            written.iter().for_each(|path| {
                let _ = disk::remove_file(path);
            });
        }
        outcome
    }

    fn finish(
        &self,
        spilled: &Spilled,
        done: Done,
        sources: Vec<SourceRecord>,
        report: Report<'_>,
        stop: StopAt<'_>,
        written: &mut Vec<PathBuf>,
    ) -> Result<ImportOutcome, LakeError> {
        let dir = self.lake.root().join(REJECTED_TABLE);
        let set_aside = self.rejected.write(&self.base, &dir, self.base.version() + 1)?;
        written.extend(set_aside.iter().map(|file| dir.join(&file.path)));
        checkpoint(stop, "data")?;
        let landed = !done.changes.is_empty();
        let mut changes = done.changes;
        if !set_aside.is_empty() {
            changes.push(TableChange {
                table: REJECTED_TABLE.to_owned(),
                schema: rejected::schema(),
                bucketed: false,
                columns: rejected::schema().fields().iter().map(|field| field.name().clone()).collect(),
                anew: false,
                change: Change { add: set_aside, remove: Vec::new(), data_change: true },
            });
        }
        let rejected = self.rejected.rows();
        if changes.is_empty() {
            return Ok(ImportOutcome { version: self.base.version(), changed: false, tables: done.counts, rejected });
        }
        let files_time = sources.iter().filter_map(|source| source.modified).max();
        let about = About {
            act: Act::Import,
            note: String::new(),
            counts: done.counts.clone(),
            newest_upload: spilled.newest_upload.or(files_time),
            sources,
        };
        if landed {
            let tables = report(&ahead(&self.base, &about, &changes))?;
            for table in tables {
                let change = replace::anew(&self.lake, &self.base, table)?;
                let dir = self.lake.root().join(&change.table);
                written.extend(change.change.add.iter().map(|file| dir.join(&file.path)));
                changes.push(change);
            }
        }
        checkpoint(stop, "reported")?;
        let version = publish(&self.lake, &self.base, about, changes, stop)?;
        Ok(ImportOutcome { version, changed: true, tables: done.counts, rejected })
    }
}

impl Drop for ImportTxn {
    fn drop(&mut self) {
        if !self.abandoned.load(Ordering::Relaxed) {
            // Nobody can be told here; the next writer sweeps what stays.
            let _ = disk::remove_dir(&self.tmp);
        }
    }
}

/// Sorting and writing, bucket by bucket.
struct Work<'a> {
    txn: &'a ImportTxn,
    spilled: &'a Spilled,
    progress: &'a (dyn Fn(usize, usize) + Sync),
    stop: StopAt<'a>,
}

/// One table of one bucket: what changes and how it came to that.
type Part = (TableChange, TableCounts);

/// A task's number and what came of it.
type Finished = (usize, Result<Vec<Part>, LakeError>);

#[derive(Default)]
struct Done {
    changes: Vec<TableChange>,
    counts: BTreeMap<String, TableCounts>,
}

impl Work<'_> {
    /// All buckets on as many threads as there are cores, four at most: memory grows with each. The result does not depend on it.
    fn run(&self, written: &mut Vec<PathBuf>) -> Result<Done, LakeError> {
        let (bucketed, whole): (Vec<_>, Vec<_>) = self.spilled.tables.iter().partition(|table| table.table.bucket_by.is_some());
        let mut tasks: Vec<(Option<u32>, Vec<&SpilledTable>)> = whole.into_iter().map(|table| (None, vec![table])).collect();
        if !bucketed.is_empty() {
            // Visits before fee lines: they say when the visits began.
            tasks.extend((0..self.txn.lake.buckets()).map(|bucket| (Some(bucket), in_order(&bucketed))));
        }
        let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
        let results: Mutex<Vec<Finished>> = Mutex::default();
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(4).min(tasks.len());
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    while !failed.load(Ordering::Relaxed) {
                        let task = next.fetch_add(1, Ordering::Relaxed);
                        let Some((bucket, tables)) = tasks.get(task) else { break };
                        let result = self.bucket(*bucket, tables).and_then(|done| checkpoint(self.stop, "bucket").map(|()| done));
                        failed.fetch_or(result.is_err(), Ordering::Relaxed);
                        let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                        results.push((task, result));
                        (self.progress)(results.len(), tasks.len());
                    }
                });
            }
        });
        let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        results.sort_by_key(|(task, _)| *task);
        self.gather(results.into_iter().map(|(_, result)| result), written)
    }

    fn gather(&self, results: impl Iterator<Item = Result<Vec<Part>, LakeError>>, written: &mut Vec<PathBuf>) -> Result<Done, LakeError> {
        let mut by_table: BTreeMap<String, TableChange> = BTreeMap::new();
        let mut done = Done::default();
        let mut error = None;
        for result in results {
            match result {
                Err(e) => error = error.or(Some(e)),
                Ok(parts) => {
                    for (part, counts) in parts {
                        let dir = self.txn.lake.root().join(&part.table);
                        written.extend(part.change.add.iter().map(|file| dir.join(&file.path)));
                        done.counts.entry(part.table.clone()).or_default().add(&counts);
                        match by_table.get_mut(&part.table) {
                            Some(whole) => {
                                whole.change.add.extend(part.change.add);
                                whole.change.remove.extend(part.change.remove);
                            }
                            None => {
                                by_table.insert(part.table.clone(), part);
                            }
                        }
                    }
                }
            }
        }
        if let Some(error) = error {
            return Err(error);
        }
        done.changes = by_table.into_values().filter(|c| !c.change.add.is_empty() || !c.change.remove.is_empty()).collect();
        Ok(done)
    }

    /// One bucket of all bucketed tables, or one small table.
    fn bucket(&self, bucket: Option<u32>, tables: &[&SpilledTable]) -> Result<Vec<Part>, LakeError> {
        let mut begins = Begins::new();
        if bucket.is_some()
            && tables.iter().any(|table| table.table.name == "fee_list_d")
            && tables.iter().all(|table| table.table.name != "mdtrt_d")
        {
            self.stored_begins(bucket, &[], &mut begins)?;
        }
        let mut done = Vec::with_capacity(tables.len());
        for spilled in tables {
            if let Some(part) = self.table(bucket, spilled, &mut begins)? {
                done.push(part);
            }
        }
        Ok(done)
    }

    fn table(&self, bucket: Option<u32>, spilled: &SpilledTable, begins: &mut Begins) -> Result<Option<Part>, LakeError> {
        let table = spilled.table;
        let incoming = Rows::spilled(spilled, bucket.unwrap_or(0) as usize)?;
        let visits = table.name == "mdtrt_d";
        if incoming.len() == 0 {
            if visits {
                self.stored_begins(bucket, &[], begins)?;
            }
            return Ok(None);
        }
        let files = self.txn.base.live_in(table.name, bucket);
        let paths: Vec<PathBuf> = files.iter().map(|file| self.txn.base.path(table.name, file)).collect();
        let stored = Rows::stored(table, &may_repeat(&incoming, paths)?)?;
        let decision = decide(&incoming, &stored)?;
        self.set_aside(&incoming, &decision)?;
        if visits {
            self.stored_begins(bucket, &decision.leaving, begins)?;
            note_begins(&incoming, decision.landing.iter().copied(), begins)?;
        }
        let mut change = TableChange::of(table);
        change.columns = table.columns.iter().zip(&spilled.supplied).filter(|(_, has)| **has).map(|(c, _)| c.name.to_owned()).collect();
        let counts = decision.counts;
        if decision.landing.is_empty() && decision.leaving.is_empty() {
            return Ok(Some((change, counts)));
        }
        let dir = self.txn.lake.root().join(table.name);
        let stem = format!("{:08}", self.txn.base.version() + 1);
        let file = if decision.leaving.is_empty() {
            let ordered = order(&incoming, decision.landing, begins, decision.contents.as_deref())?;
            write_run(&dir, &stem, bucket, &incoming, &ordered)?
        } else {
            change.change.remove = files;
            let staying = staying(stored.len(), &decision.leaving);
            let shift = stored.len() as u32;
            let chosen = staying.chain(decision.landing.iter().map(|row| row + shift)).collect();
            let rows = stored.and(incoming);
            // Rows only leave tables with a key, whose order the key makes complete.
            let ordered = order(&rows, chosen, begins, None)?;
            write_run(&dir, &stem, bucket, &rows, &ordered)?
        };
        change.change.add.push(file);
        Ok(Some((change, counts)))
    }

    /// The begins of the visits that stand in the lake and stay.
    fn stored_begins(&self, bucket: Option<u32>, leaving: &[u32], begins: &mut Begins) -> Result<(), LakeError> {
        let Some(visits) = schema::table("mdtrt_d") else { return Ok(()) };
        let base = &self.txn.base;
        let paths: Vec<PathBuf> = base.live_in(visits.name, bucket).iter().map(|file| base.path(visits.name, file)).collect();
        let stored = Rows::stored(visits, &paths)?;
        note_begins(&stored, staying(stored.len(), leaving), begins)
    }

    fn set_aside(&self, incoming: &Rows<'_>, decision: &Decision) -> Result<(), LakeError> {
        if decision.clashes.is_empty() {
            return Ok(());
        }
        let table = incoming.table;
        let (files, rows, lines) = (incoming.load_origin(0)?, incoming.load_origin(1)?, incoming.load_origin(2)?);
        let keys: Vec<ArrayRef> =
            table.key.iter().filter_map(|name| table.column_index(name)).map(|index| incoming.load(index)).collect::<Result<_, _>>()?;
        let text = |row: u32, clash: Clash| -> Result<Rejected, LakeError> {
            let at = row as usize;
            let value = keys.iter().map(|key| cell_text(key, at)).collect::<Result<Vec<_>, _>>()?.join("，");
            Ok(Rejected {
                file: self.spilled.files.get(files.value(at) as usize).map(|file| file.to_string()).unwrap_or_default(),
                table: table.name.to_owned(),
                row: rows.value(at) as u64,
                line: lines.is_valid(at).then(|| lines.value(at) as u64),
                column: table.key.join("，"),
                value,
                reason: clash.reason().to_owned(),
            })
        };
        let set_aside = decision.clashes.iter().map(|(row, clash)| text(*row, *clash)).collect::<Result<Vec<_>, _>>()?;
        self.txn.rejected.add(&set_aside)
    }
}

fn in_order<'a>(tables: &[&'a SpilledTable]) -> Vec<&'a SpilledTable> {
    let mut tables = tables.to_vec();
    tables.sort_by_key(|spilled| spilled.table.name != "mdtrt_d");
    tables
}

/// The files that may hold rows equal to incoming ones.
///
/// Where the whole row is the key, equal rows have equal times: files of other times, which are most when a day's rows come in, need not be read.
fn may_repeat(incoming: &Rows<'_>, mut paths: Vec<PathBuf>) -> Result<Vec<PathBuf>, LakeError> {
    let table = incoming.table;
    let (true, Some(time)) = (table.key.is_empty() && !paths.is_empty(), order_of(table).time) else { return Ok(paths) };
    let column = incoming.load(time)?;
    if column.null_count() > 0 {
        return Ok(paths);
    }
    let times = cast(&column, &DataType::Int64).or_else(|_| cast(&cast(&column, &DataType::Int32)?, &DataType::Int64));
    let times = times.map_err(|e| LakeError::column(table.name, e))?;
    let times = times.as_primitive::<Int64Type>();
    let (Some(first), Some(last)) = (arrow::compute::min(times), arrow::compute::max(times)) else { return Ok(paths) };
    let mut kept = Vec::with_capacity(paths.len());
    for path in paths.drain(..) {
        let range = Run::open(&path, false)?.range(table.columns[time].name);
        if range.is_none_or(|(low, high)| low <= last && first <= high) {
            kept.push(path);
        }
    }
    Ok(kept)
}

/// Stored rows but those that leave.
fn staying(stored: usize, leaving: &[u32]) -> impl Iterator<Item = u32> + use<> {
    let mut stays = vec![true; stored];
    leaving.iter().for_each(|row| stays[*row as usize] = false);
    (0..stored as u32).filter(move |row| stays[*row as usize])
}

fn cell_text(array: &ArrayRef, row: usize) -> Result<String, LakeError> {
    if array.is_null(row) {
        return Ok(String::new());
    }
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(array.as_ref(), &options).map_err(|e| LakeError::column("", e))?;
    Ok(formatter.value(row).to_string())
}
