//! 发布: changed tables become one version — a Delta commit each, then the record.

use std::collections::BTreeMap;

use arrow::datatypes::SchemaRef;
use mingjian_model::schema::Table;

use super::decide::TableCounts;
use super::delta::{self, Change, LiveFile};
use super::record::{self, Act, SourceRecord, TableRecord, VersionRecord};
use super::snapshot::Snapshot;
use super::{Lake, LakeError, disk, shape, sweep};

/// Whether the writer shall die at a named step; only tests say yes.
pub(crate) type StopAt<'a> = &'a (dyn Fn(&str) -> bool + Sync);

pub(crate) fn checkpoint(stop: StopAt<'_>, step: &str) -> Result<(), LakeError> {
    if stop(step) { Err(LakeError::Stopped(step.to_owned())) } else { Ok(()) }
}

/// A table's part of a new version.
pub(crate) struct TableChange {
    pub table: String,
    pub schema: SchemaRef,
    pub bucketed: bool,
    /// Columns the sources supplied; added to those known.
    pub columns: Vec<String>,
    /// The table is written anew: what was known of its columns no longer holds.
    pub anew: bool,
    pub change: Change,
}

impl TableChange {
    pub(crate) fn of(table: &'static Table) -> TableChange {
        TableChange {
            table: table.name.to_owned(),
            schema: shape::file_schema(table),
            bucketed: table.bucket_by.is_some(),
            columns: Vec::new(),
            anew: false,
            change: Change { data_change: true, ..Change::default() },
        }
    }
}

/// What the record says beside the tables.
pub(crate) struct About {
    pub act: Act,
    pub note: String,
    pub sources: Vec<SourceRecord>,
    pub counts: BTreeMap<String, TableCounts>,
    pub newest_upload: Option<i64>,
}

/// Makes the next version after `base`. On an error nothing of it stays but what a later sweep removes.
pub(crate) fn publish(lake: &Lake, base: &Snapshot, about: About, changes: Vec<TableChange>, stop: StopAt<'_>) -> Result<u64, LakeError> {
    let added: Vec<_> = changes.iter().flat_map(|c| c.change.add.iter().map(|file| lake.root().join(&c.table).join(&file.path))).collect();
    let tables: Vec<String> = changes.iter().map(|change| change.table.clone()).collect();
    let outcome = publish_steps(lake, base, about, changes, stop);
    if let Err(error) = &outcome
        && !matches!(error, LakeError::Stopped(_))
    {
        // The first error is the one to tell; what cannot be undone here the next writer sweeps.
        for table in tables {
            let recorded = base.record().tables.get(&table).map(|table| table.delta_version);
            let _ = sweep::drop_unrecorded(&lake.root().join(table), recorded);
        }
        added.iter().for_each(|path| {
            let _ = disk::remove_file(path);
        });
    }
    outcome
}

fn publish_steps(lake: &Lake, base: &Snapshot, about: About, changes: Vec<TableChange>, stop: StopAt<'_>) -> Result<u64, LakeError> {
    let version = base.version() + 1;
    let mut tables = base.record().tables.clone();
    for change in changes {
        let record = record_of(base, &change);
        let TableChange { table, schema, bucketed, change, .. } = change;
        let known = tables.get(&table);
        let delta_version =
            delta::commit(&lake.root().join(&table), &table, known.map(|known| known.delta_version), &schema, bucketed, change)?;
        checkpoint(stop, &format!("delta:{table}"))?;
        tables.insert(table, TableRecord { delta_version, ..record });
    }
    checkpoint(stop, "delta")?;
    let About { act, note, sources, counts, newest_upload } = about;
    let newest_upload = newest_upload.max(base.record().newest_upload);
    let record = VersionRecord { format: 1, version, act, note, time: lake.now(), tables, sources, counts, newest_upload };
    record::write(&lake.versions_dir(), &record)?;
    checkpoint(stop, "recorded")?;
    Ok(version)
}

/// The version that `changes` on `base` will be, before it exists: its files are written, but no log names them.
pub(crate) fn ahead(base: &Snapshot, about: &About, changes: &[TableChange]) -> Snapshot {
    let mut record = base.record().clone();
    record.version += 1;
    record.newest_upload = about.newest_upload.max(record.newest_upload);
    let mut files: BTreeMap<String, Vec<LiveFile>> = record.tables.keys().map(|name| (name.clone(), base.live(name).to_vec())).collect();
    for change in changes {
        record.tables.insert(change.table.clone(), record_of(base, change));
        let live = files.entry(change.table.clone()).or_default();
        live.retain(|file| !change.change.remove.contains(file));
        live.extend(change.change.add.iter().map(LiveFile::from));
        live.sort_by(|a, b| a.path.cmp(&b.path));
    }
    base.with(record, files)
}

/// What the record will say about a changed table, but for its Delta version.
fn record_of(base: &Snapshot, change: &TableChange) -> TableRecord {
    let known = base.record().tables.get(&change.table);
    let columns = all_columns(&change.table, if change.anew { None } else { known }, &change.columns);
    TableRecord { columns, ..totals(known, &change.change) }
}

fn totals(known: Option<&TableRecord>, change: &Change) -> TableRecord {
    let before = known.cloned().unwrap_or_default();
    let sum = |of: fn(&super::write::Written) -> u64| change.add.iter().map(of).sum::<u64>();
    let gone = |of: fn(&delta::LiveFile) -> u64| change.remove.iter().map(of).sum::<u64>();
    TableRecord {
        rows: before.rows + sum(|f| f.rows) - gone(|f| f.rows),
        files: before.files + change.add.len() as u64 - change.remove.len() as u64,
        bytes: before.bytes + sum(|f| f.bytes) - gone(|f| f.bytes),
        ..before
    }
}

/// Known and new columns, in the table's order.
fn all_columns(table: &str, known: Option<&TableRecord>, new: &[String]) -> Vec<String> {
    let known = known.map(|known| known.columns.as_slice()).unwrap_or_default();
    match mingjian_model::schema::table(table) {
        Some(table) => {
            let has = |name: &str| known.iter().chain(new).any(|column| column == name);
            table.columns.iter().map(|c| c.name.to_owned()).filter(|name| has(name)).collect()
        }
        None => {
            let mut columns = known.to_vec();
            columns.extend(new.iter().filter(|name| !known.contains(name)).cloned());
            columns
        }
    }
}
