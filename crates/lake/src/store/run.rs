//! 数据文件: one Parquet file of the lake, opened for reading.
//!
//! Decimals are read as 64-bit integers as they stand in the file; texts plain or as dictionaries.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, RowSelection, RowSelector};
use parquet::arrow::{ProjectionMask, parquet_to_arrow_field_levels};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::statistics::Statistics;

use super::LakeError;
use super::pages::Groups;

pub(crate) struct Run {
    path: PathBuf,
    file: Arc<File>,
    metadata: ArrowReaderMetadata,
}

impl Run {
    /// Opens a data file; `dictionaries` asks for texts as `Dictionary(Int32, Utf8)`.
    pub(crate) fn open(path: &Path, dictionaries: bool) -> Result<Run, LakeError> {
        let hint = |field: &Field| match field.data_type() {
            DataType::Decimal128(precision, scale) if *precision <= 18 => DataType::Decimal64(*precision, *scale),
            DataType::Utf8 if dictionaries => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
            other => other.clone(),
        };
        Run::open_as(path, hint)
    }

    /// Opens a data file with the types that stand in it.
    pub(crate) fn open_plain(path: &Path) -> Result<Run, LakeError> {
        Run::open_as(path, |field| field.data_type().clone())
    }

    fn open_as(path: &Path, hint: impl Fn(&Field) -> DataType) -> Result<Run, LakeError> {
        let file = File::open(path).map_err(|e| LakeError::io(path, "读数据文件", e))?;
        let plain = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(|e| LakeError::corrupt(path, e))?;
        let fields: Vec<Field> =
            plain.schema().fields().iter().map(|field| Field::new(field.name(), hint(field), field.is_nullable())).collect();
        let options = ArrowReaderOptions::new().with_schema(Arc::new(Schema::new(fields)));
        let metadata = ArrowReaderMetadata::try_new(plain.metadata().clone(), options).map_err(|e| LakeError::corrupt(path, e))?;
        Ok(Run { path: path.to_path_buf(), file: Arc::new(file), metadata })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn schema(&self) -> &SchemaRef {
        self.metadata.schema()
    }

    pub(crate) fn parquet(&self) -> &ParquetMetaData {
        self.metadata.metadata()
    }

    pub(crate) fn rows(&self) -> usize {
        self.parquet().file_metadata().num_rows() as usize
    }

    pub(crate) fn row_groups(&self) -> usize {
        self.parquet().num_row_groups()
    }

    pub(crate) fn has(&self, column: &str) -> bool {
        self.schema().column_with_name(column).is_some()
    }

    /// Reads some columns of row groups, in the file's order.
    fn reader(
        &self,
        columns: &[&str],
        groups: std::ops::Range<usize>,
        at_once: usize,
        selection: Option<RowSelection>,
    ) -> Result<ParquetRecordBatchReader, LakeError> {
        let described = self.parquet().file_metadata().schema_descr();
        let roots = columns.iter().filter_map(|name| self.schema().column_with_name(name).map(|(index, _)| index));
        let mask = ProjectionMask::roots(described, roots);
        let groups = Groups { file: &self.file, metadata: self.parquet(), groups };
        parquet_to_arrow_field_levels(described, mask, Some(self.schema().fields()))
            .and_then(|levels| ParquetRecordBatchReader::try_new_with_row_groups(&levels, &groups, at_once, selection))
            .map_err(|e| LakeError::corrupt(&self.path, e))
    }

    /// The smallest and largest value of a day or moment column as its number; `None` where the file does not say.
    pub(crate) fn range(&self, name: &str) -> Option<(i64, i64)> {
        let (index, _) = self.schema().column_with_name(name)?;
        let mut range: Option<(i64, i64)> = None;
        for group in self.parquet().row_groups() {
            let (min, max) = match group.column(index).statistics()? {
                Statistics::Int32(s) => (i64::from(*s.min_opt()?), i64::from(*s.max_opt()?)),
                Statistics::Int64(s) => (*s.min_opt()?, *s.max_opt()?),
                _ => return None,
            };
            range = Some(range.map_or((min, max), |(low, high)| (low.min(min), high.max(max))));
        }
        range
    }

    /// One column, an array a row group.
    pub(crate) fn column(&self, name: &str) -> Result<Vec<ArrayRef>, LakeError> {
        Ok(self.batches(&[name])?.into_iter().map(|batch| batch.column(0).clone()).collect())
    }

    /// Some columns that the file has, in the file's order, a batch a row group.
    pub(crate) fn batches(&self, columns: &[&str]) -> Result<Vec<RecordBatch>, LakeError> {
        (0..self.row_groups()).map(|group| self.batch(columns, group)).collect()
    }

    /// Some columns that the file has, in the file's order, of one row group.
    pub(crate) fn batch(&self, columns: &[&str], group: usize) -> Result<RecordBatch, LakeError> {
        let rows = self.parquet().row_group(group).num_rows() as usize;
        let mut reader = self.reader(columns, group..group + 1, rows, None)?;
        match reader.next() {
            Some(Ok(batch)) if batch.num_rows() == rows => Ok(batch),
            Some(Ok(batch)) => {
                Err(LakeError::corrupt(&self.path, format!("第 {group} 个行组应有 {rows} 行，只读出 {} 行", batch.num_rows())))
            }
            Some(Err(error)) => Err(LakeError::corrupt(&self.path, error)),
            None => Err(LakeError::corrupt(&self.path, format!("第 {group} 个行组读不出来"))),
        }
    }

    /// Some columns of some rows, by ascending row number in the file.
    pub(crate) fn rows_of(&self, columns: &[&str], rows: &[u64]) -> Result<Vec<RecordBatch>, LakeError> {
        let mut selectors = Vec::with_capacity(2 * rows.len() + 1);
        let mut at = 0;
        for row in rows {
            let row = *row as usize;
            if row > at {
                selectors.push(RowSelector::skip(row - at));
            }
            selectors.push(RowSelector::select(1));
            at = row + 1;
        }
        if self.rows() > at {
            selectors.push(RowSelector::skip(self.rows() - at));
        }
        let reader = self.reader(columns, 0..self.row_groups(), rows.len().max(1), Some(RowSelection::from(selectors)))?;
        reader.collect::<Result<Vec<_>, _>>().map_err(|e| LakeError::corrupt(&self.path, e))
    }
}
