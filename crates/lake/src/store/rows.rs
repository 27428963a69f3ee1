//! Rows of one bucket from where they stand — stretches of an import, data files of the lake — one column at a time.

use std::cell::RefCell;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use arrow::datatypes::{DataType, Date32Type, Decimal64Type, Int32Type, TimestampMicrosecondType};
use mingjian_model::schema::{Table, Type};

use super::LakeError;
use super::cells::{Growing, Unpacking};
use super::hash::Identity;
use super::run::Run;
use super::spill::{ORIGINS, SpilledTable};

thread_local! {
    /// Buffers and the zstd context, which are dear to make for every column.
    static UNPACKING: RefCell<(Vec<u8>, Unpacking)> = RefCell::default();
}

/// One place rows stand in.
enum Source<'a> {
    Stretch { file: &'a File, path: &'a Path, rows: usize, offset: u64, ends: Vec<u32> },
    Run(Run),
}

/// The rows of some sources in one sequence; a row's number is its place in it.
pub(crate) struct Rows<'a> {
    pub table: &'static Table,
    sources: Vec<Source<'a>>,
    len: usize,
}

impl<'a> Rows<'a> {
    pub(crate) fn none(table: &'static Table) -> Rows<'a> {
        Rows { table, sources: Vec::new(), len: 0 }
    }

    /// What an import has spilled for one bucket.
    pub(crate) fn spilled(spilled: &'a SpilledTable, bucket: usize) -> Result<Rows<'a>, LakeError> {
        let columns = spilled.table.columns.len() + ORIGINS;
        let mut rows = Rows::none(spilled.table);
        for stretch in spilled.stretches.get(bucket).map(Vec::as_slice).unwrap_or_default() {
            let mut head = vec![0u8; 4 * columns];
            spilled.file.read_exact_at(&mut head, stretch.offset).map_err(|e| LakeError::io(&spilled.path, "读临时文件", e))?;
            let mut end = 0u32;
            let ends = head.as_chunks::<4>().0.iter().map(|size| {
                end += u32::from_le_bytes(*size);
                end
            });
            let source = Source::Stretch {
                file: &spilled.file,
                path: &spilled.path,
                rows: stretch.rows as usize,
                offset: stretch.offset + head.len() as u64,
                ends: ends.collect(),
            };
            rows.len += stretch.rows as usize;
            rows.sources.push(source);
        }
        Ok(rows)
    }

    /// What the lake holds in some data files.
    pub(crate) fn stored(table: &'static Table, paths: &[PathBuf]) -> Result<Rows<'a>, LakeError> {
        let mut rows = Rows::none(table);
        for path in paths {
            let run = Run::open(path, false)?;
            rows.len += run.rows();
            rows.sources.push(Source::Run(run));
        }
        Ok(rows)
    }

    /// These rows, then those.
    pub(crate) fn and(mut self, other: Rows<'a>) -> Rows<'a> {
        self.len += other.len;
        self.sources.extend(other.sources);
        self
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// One national column of all rows.
    pub(crate) fn load(&self, column: usize) -> Result<ArrayRef, LakeError> {
        let described = &self.table.columns[column];
        self.load_as(column, described.name, described.ty)
    }

    /// File, row and line of each row; only of an import's rows.
    pub(crate) fn load_origin(&self, part: usize) -> Result<Int64Array, LakeError> {
        let column = self.load_as(self.table.columns.len() + part, "", Type::Time)?;
        Ok(column.as_primitive::<TimestampMicrosecondType>().reinterpret_cast())
    }

    fn load_as(&self, column: usize, name: &str, ty: Type) -> Result<ArrayRef, LakeError> {
        let mut growing = Growing::new(ty, self.len);
        UNPACKING.with_borrow_mut(|(packed, unpacking)| self.grow(&mut growing, column, name, packed, unpacking))?;
        growing.finish().map_err(|detail| LakeError::Column { table: self.table.name.to_owned(), detail })
    }

    fn grow(
        &self,
        growing: &mut Growing,
        column: usize,
        name: &str,
        packed: &mut Vec<u8>,
        unpacking: &mut Unpacking,
    ) -> Result<(), LakeError> {
        for source in &self.sources {
            match source {
                Source::Stretch { file, path, rows, offset, ends } => {
                    let begin = if column == 0 { 0 } else { ends[column - 1] };
                    packed.resize((ends[column] - begin) as usize, 0);
                    file.read_exact_at(packed, offset + u64::from(begin)).map_err(|e| LakeError::io(path, "读临时文件", e))?;
                    growing
                        .push_packed(packed, *rows, unpacking)
                        .map_err(|detail| LakeError::Column { table: self.table.name.to_owned(), detail })?;
                }
                Source::Run(run) => match run.has(name) {
                    true => {
                        for array in run.column(name)? {
                            growing.push_array(&array).map_err(|detail| LakeError::corrupt(run.path(), detail))?;
                        }
                    }
                    false => growing.push_nulls(run.rows()),
                },
            }
        }
        Ok(())
    }

    /// The identity of each row over some columns.
    pub(crate) fn identities(&self, columns: impl IntoIterator<Item = usize>) -> Result<Vec<Identity>, LakeError> {
        let mut identities = vec![Identity::EMPTY; self.len];
        for column in columns {
            take_in(&mut identities, &self.load(column)?);
        }
        Ok(identities)
    }
}

fn take_in(identities: &mut [Identity], array: &ArrayRef) {
    fn numbers(identities: &mut [Identity], array: &dyn Array, value: impl Fn(usize) -> i64) {
        for (row, identity) in identities.iter_mut().enumerate() {
            if array.is_null(row) { identity.null() } else { identity.number(value(row)) }
        }
    }
    match array.data_type() {
        DataType::Utf8 => {
            let texts = array.as_string::<i32>();
            for (row, identity) in identities.iter_mut().enumerate() {
                if texts.is_null(row) { identity.null() } else { identity.text(texts.value(row).as_bytes()) }
            }
        }
        DataType::Int32 => {
            let ints = array.as_primitive::<Int32Type>();
            numbers(identities, array, |row| i64::from(ints.value(row)));
        }
        DataType::Date32 => {
            let days = array.as_primitive::<Date32Type>();
            numbers(identities, array, |row| i64::from(days.value(row)));
        }
        DataType::Timestamp(_, _) => {
            let moments = array.as_primitive::<TimestampMicrosecondType>();
            numbers(identities, array, |row| moments.value(row));
        }
        _ => {
            let decimals = array.as_primitive::<Decimal64Type>();
            numbers(identities, array, |row| decimals.value(row));
        }
    }
}
