//! 整表替换: findings and reports, whose rows are all written anew.

use arrow::array::{ArrayRef, RecordBatch, new_null_array};
use arrow::compute::{cast, concat};
use arrow::datatypes::{DataType, Schema, SchemaRef};

use super::delta::Change;
use super::publish::{About, TableChange, publish};
use super::record::Act;
use super::snapshot::Snapshot;
use super::write::{Written, plain_schema, write_plain};
use super::{Lake, LakeError};

/// A data file is closed when it holds so many rows: what bounds memory.
const FILE_ROWS: usize = 1 << 20;

/// A table that is not national, all its rows new.
#[derive(Debug, Clone)]
pub struct TableAnew {
    pub name: String,
    pub schema: SchemaRef,
    pub batches: Vec<RecordBatch>,
}

/// Writes the table's rows; the change that puts them in the place of the old ones.
pub(crate) fn anew(lake: &Lake, base: &Snapshot, table: TableAnew) -> Result<TableChange, LakeError> {
    let TableAnew { name, schema, batches } = table;
    let add = lake.write_anew(&name, &plain_schema(&schema), batches.into_iter(), base.version() + 1)?;
    Ok(change(base, &name, &schema, add))
}

impl Lake {
    /// Writes a table anew as a new version of the lake; the new version's number. The old rows stay in the older versions.
    ///
    /// `schema` may be any that Delta knows: texts, whole numbers, decimals, days, local times, lists of these. Rows keep their order. `note` goes into
    /// the version record. Not for national tables: those come by import. A batch that failed to be made fails the whole: no version
    /// is made of the batches before it.
    pub fn replace_table<E: From<LakeError>>(
        &self,
        name: &str,
        batches: impl IntoIterator<Item = Result<RecordBatch, E>>,
        schema: SchemaRef,
        note: &str,
    ) -> Result<u64, E> {
        let (_lock, record) = self.begin_write()?;
        let base = Snapshot::load(self.root(), self.buckets(), record)?;
        let mut failed = None;
        let whole = batches.into_iter().map_while(|batch| batch.map_err(|error| failed = Some(error)).ok());
        let add = self.write_anew(name, &plain_schema(&schema), whole, base.version() + 1)?;
        if let Some(error) = failed {
            // The error is told; what cannot be removed now the next writer sweeps.
            add.iter().for_each(|file| {
                let _ = super::disk::remove_file(&self.root().join(name).join(&file.path));
            });
            return Err(error);
        }
        let changes = vec![change(&base, name, &schema, add)];
        let about =
            About { act: Act::Replace, note: note.to_owned(), sources: Vec::new(), counts: Default::default(), newest_upload: None };
        Ok(publish(self, &base, about, changes, &|_| false)?)
    }

    fn write_anew(
        &self,
        name: &str,
        schema: &SchemaRef,
        batches: impl Iterator<Item = RecordBatch>,
        version: u64,
    ) -> Result<Vec<Written>, LakeError> {
        let dir = self.root().join(name);
        let (mut written, mut held, mut rows) = (Vec::new(), Vec::new(), 0);
        let mut write = |held: &mut Vec<RecordBatch>| -> Result<(), LakeError> {
            let columns = columns_of(name, schema, held);
            match columns.and_then(|columns| write_plain(&dir, &format!("{version:08}"), schema, columns)) {
                Ok(file) => written.push(file),
                Err(error) => {
                    written.iter().for_each(|file: &Written| {
                        let _ = super::disk::remove_file(&dir.join(&file.path));
                    });
                    return Err(error);
                }
            }
            held.clear();
            Ok(())
        };
        for batch in batches {
            rows += batch.num_rows();
            held.push(batch);
            if rows >= FILE_ROWS {
                write(&mut held)?;
                rows = 0;
            }
        }
        if rows > 0 {
            write(&mut held)?;
        }
        Ok(written)
    }
}

fn change(base: &Snapshot, name: &str, schema: &Schema, add: Vec<Written>) -> TableChange {
    let schema = plain_schema(schema);
    TableChange {
        table: name.to_owned(),
        columns: schema.fields().iter().map(|field| field.name().clone()).collect(),
        schema,
        bucketed: false,
        anew: true,
        change: Change { add, remove: base.live(name).to_vec(), data_change: true },
    }
}

/// The batches' columns end to end, in the types and the order of the schema.
fn columns_of(table: &str, schema: &SchemaRef, batches: &[RecordBatch]) -> Result<Vec<ArrayRef>, LakeError> {
    let failed = |e| LakeError::column(table, e);
    let mut columns = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let parts: Vec<ArrayRef> = batches
            .iter()
            .map(|batch| match batch.column_by_name(field.name()) {
                Some(array) => as_type(array, field.data_type()).map_err(failed),
                None => Ok(new_null_array(field.data_type(), batch.num_rows())),
            })
            .collect::<Result<_, _>>()?;
        columns.push(concat(&parts.iter().map(|part| part.as_ref()).collect::<Vec<_>>()).map_err(failed)?);
    }
    Ok(columns)
}

fn as_type(array: &ArrayRef, ty: &DataType) -> Result<ArrayRef, arrow::error::ArrowError> {
    if array.data_type() == ty { Ok(array.clone()) } else { cast(array, ty) }
}
