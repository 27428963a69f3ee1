//! A city as a folder of Parquet files: one a table, national columns in their types, and `truth.csv`.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{ArrayRef, Date32Builder, Decimal64Builder, Int32Builder, RecordBatch, StringBuilder, TimestampMicrosecondBuilder};
use arrow::datatypes::SchemaRef;
use mingjian_city::{Block, Sink, TRUTH_COLUMNS};
use mingjian_lake::{arrow_type, file_schema};
use mingjian_model::schema::{Table, Type};
use mingjian_model::{day, parse_scaled};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

/// Rows that are typed at a time.
const BATCH_ROWS: usize = 16_384;

/// Writes every table that gets rows into a file of its own.
pub struct ParquetFolder {
    folder: PathBuf,
    inner: Mutex<Inner>,
}

struct Inner {
    tables: Vec<TableFile>,
    truth: BufWriter<File>,
}

struct TableFile {
    table: &'static Table,
    schema: SchemaRef,
    columns: Vec<Cells>,
    rows: usize,
    writer: ArrowWriter<BufWriter<File>>,
}

/// The cells of one column on their way into an array.
enum Cells {
    Text(StringBuilder),
    Int(Int32Builder),
    /// Decimal places, cells.
    Decimal(u32, Decimal64Builder),
    Date(Date32Builder),
    Time(TimestampMicrosecondBuilder),
}

impl ParquetFolder {
    /// Makes the folder; files that stand there are replaced when their table gets rows.
    pub fn create(folder: &Path) -> io::Result<ParquetFolder> {
        fs::create_dir_all(folder)?;
        let mut truth = BufWriter::new(File::create(folder.join("truth.csv"))?);
        writeln!(truth, "{}", TRUTH_COLUMNS.join(","))?;
        Ok(ParquetFolder { folder: folder.to_path_buf(), inner: Mutex::new(Inner { tables: Vec::new(), truth }) })
    }
}

impl Sink for ParquetFolder {
    fn write(&self, block: Block<'_>) -> io::Result<()> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let at = match inner.tables.iter().position(|file| file.table.name == block.table.name) {
            Some(at) => at,
            None => {
                inner.tables.push(TableFile::create(&self.folder, block.table)?);
                inner.tables.len() - 1
            }
        };
        block.records().try_for_each(|cells| inner.tables[at].row(cells))
    }

    fn truth(&self, bytes: &[u8]) -> io::Result<()> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).truth.write_all(bytes)
    }

    fn finish(&self) -> io::Result<()> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        for file in inner.tables.drain(..) {
            file.close()?;
        }
        inner.truth.flush()
    }
}

impl TableFile {
    fn create(folder: &Path, table: &'static Table) -> io::Result<TableFile> {
        let schema = file_schema(table);
        let level = ZstdLevel::try_new(1).map_err(io::Error::other)?;
        let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
        let file = BufWriter::with_capacity(1 << 18, File::create(folder.join(format!("{}.parquet", table.name)))?);
        let writer = ArrowWriter::try_new(file, schema.clone(), Some(properties)).map_err(io::Error::other)?;
        let columns = table.columns.iter().map(|column| Cells::new(column.ty)).collect();
        Ok(TableFile { table, schema, columns, rows: 0, writer })
    }

    fn row<'a>(&mut self, cells: impl Iterator<Item = &'a [u8]>) -> io::Result<()> {
        let mut cells = cells.map(|cell| std::str::from_utf8(cell).unwrap_or_default());
        for (column, cell) in self.columns.iter_mut().zip(&mut cells) {
            column.push(cell).ok_or_else(|| io::Error::other(format!("{}: `{cell}` is not of its column's type", self.table.name)))?;
        }
        self.rows += 1;
        if self.rows == BATCH_ROWS { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let columns: Vec<ArrayRef> = self.columns.iter_mut().map(Cells::finish).collect();
        let batch = RecordBatch::try_new(self.schema.clone(), columns).map_err(io::Error::other)?;
        self.rows = 0;
        self.writer.write(&batch).map_err(io::Error::other)
    }

    fn close(mut self) -> io::Result<()> {
        self.flush()?;
        self.writer.into_inner().map_err(io::Error::other)?.flush()
    }
}

impl Cells {
    fn new(ty: Type) -> Cells {
        match ty {
            Type::Text => Cells::Text(StringBuilder::new()),
            Type::Int => Cells::Int(Int32Builder::new()),
            Type::Money => Cells::Decimal(2, Decimal64Builder::new().with_data_type(arrow_type(ty))),
            Type::Quantity | Type::Ratio => Cells::Decimal(4, Decimal64Builder::new().with_data_type(arrow_type(ty))),
            Type::Price => Cells::Decimal(6, Decimal64Builder::new().with_data_type(arrow_type(ty))),
            Type::Date => Cells::Date(Date32Builder::new()),
            Type::Time => Cells::Time(TimestampMicrosecondBuilder::new()),
        }
    }

    /// Adds a cell; empty is null. `None` when it is not of the column's type.
    fn push(&mut self, cell: &str) -> Option<()> {
        let known = !cell.is_empty();
        match self {
            Cells::Text(cells) => cells.append_option(known.then_some(cell)),
            Cells::Int(cells) => cells.append_option(if known { Some(cell.parse().ok()?) } else { None }),
            Cells::Decimal(scale, cells) => cells.append_option(if known { Some(parse_scaled(cell, *scale)?) } else { None }),
            Cells::Date(cells) => cells.append_option(if known { Some(day::parse_day(cell)?) } else { None }),
            Cells::Time(cells) => cells.append_option(if known { Some(day::parse_moment(cell)?) } else { None }),
        }
        Some(())
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Cells::Text(cells) => Arc::new(cells.finish()),
            Cells::Int(cells) => Arc::new(cells.finish()),
            Cells::Decimal(_, cells) => Arc::new(cells.finish()),
            Cells::Date(cells) => Arc::new(cells.finish()),
            Cells::Time(cells) => Arc::new(cells.finish()),
        }
    }
}
