//! 写数据文件: ordered rows become one Parquet file, column after column.
//!
//! All row groups of the file are encoded side by side, one column at a time, so that only one column stands unpacked in
//! memory; what waits is the encoded pages, about a hundred bytes a row.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::{DataType, Schema, SchemaRef};
use mingjian_model::schema::Table;
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression, Encoding as ParquetEncoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use super::order::Ordered;
use super::rows::Rows;
use super::shape::{self, Encoding};
use super::{LakeError, disk};

/// A data file as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    /// Relative to the table's folder.
    pub path: String,
    pub bucket: Option<u32>,
    pub rows: u64,
    pub bytes: u64,
    /// Modification time in milliseconds, as the file system says.
    pub modified_ms: i64,
    /// BLAKE3 of the content in hexadecimal.
    pub blake3: String,
}

/// Hashes what goes through.
struct Hashing<W> {
    out: W,
    hasher: blake3::Hasher,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

const CREATED_BY: &str = concat!("mingjian ", env!("CARGO_PKG_VERSION"));

fn properties() -> Result<WriterPropertiesBuilder, ParquetError> {
    Ok(WriterProperties::builder()
        .set_created_by(CREATED_BY.to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        // A batch of the loop below is a row group: the writer must not cut it.
        .set_max_row_group_row_count(None)
        .set_statistics_enabled(EnabledStatistics::None))
}

fn table_properties(table: &Table) -> Result<WriterProperties, ParquetError> {
    let mut builder = properties()?;
    for (index, column) in table.columns.iter().enumerate() {
        let path = ColumnPath::from(column.name);
        builder = match shape::encoding_of(table, index) {
            Encoding::Dictionary => builder,
            Encoding::Unique => builder
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path.clone(), ParquetEncoding::DELTA_BYTE_ARRAY),
            Encoding::Delta => builder
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path.clone(), ParquetEncoding::DELTA_BINARY_PACKED),
        };
        if shape::has_statistics(table, index) {
            builder = builder.set_column_statistics_enabled(path, EnabledStatistics::Chunk);
        }
    }
    Ok(builder.build())
}

/// Writes the ordered rows as a new file in the table's folder (`bucket=NN/` below it); returns when it is durable.
pub(crate) fn write_run(dir: &Path, stem: &str, bucket: Option<u32>, rows: &Rows<'_>, ordered: &Ordered) -> Result<Written, LakeError> {
    let table = rows.table;
    let schema = shape::file_schema(table);
    let columns = (0..table.columns.len()).map(|index| rows.load(index));
    let properties = table_properties(table).map_err(|e| LakeError::parquet_write(dir, e))?;
    write(dir, stem, bucket, &schema, properties, columns, ordered)
}

/// Writes whole columns of a table that is not national, in the order they come.
pub(crate) fn write_plain(dir: &Path, stem: &str, schema: &SchemaRef, columns: Vec<ArrayRef>) -> Result<Written, LakeError> {
    let rows = columns.first().map_or(0, |column| column.len());
    let properties = properties().map_err(|e| LakeError::parquet_write(dir, e))?.build();
    let groups = (0..rows).step_by(super::order::ROW_GROUP).map(|begin| begin..(begin + super::order::ROW_GROUP).min(rows)).collect();
    let ordered = Ordered { rows: (0..rows as u32).collect(), groups };
    write(dir, stem, None, schema, properties, columns.into_iter().map(Ok), &ordered)
}

fn write(
    dir: &Path,
    stem: &str,
    bucket: Option<u32>,
    schema: &SchemaRef,
    properties: WriterProperties,
    columns: impl Iterator<Item = Result<ArrayRef, LakeError>>,
    ordered: &Ordered,
) -> Result<Written, LakeError> {
    let (folder, prefix) = match bucket {
        Some(bucket) => (dir.join(format!("{}={bucket:02}", shape::BUCKET_COLUMN)), format!("{}={bucket:02}/", shape::BUCKET_COLUMN)),
        None => (dir.to_path_buf(), String::new()),
    };
    disk::make_dir(&folder)?;
    let (name, file) = create(&folder, stem)?;
    let path = folder.join(&name);
    let written = encode(file, &path, schema, properties, columns, ordered);
    let blake3 = match written {
        Ok(blake3) => blake3,
        Err(error) => {
            // Half a file helps nobody; on a full disk its room is needed.
            let _ = std::fs::remove_file(&path);
            return Err(error);
        }
    };
    disk::sync_dir(&folder)?;
    let facts = path.metadata().map_err(|e| LakeError::io(&path, "读文件属性", e))?;
    let modified = facts.modified().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    Ok(Written {
        path: format!("{prefix}{name}"),
        bucket,
        rows: ordered.rows.len() as u64,
        bytes: facts.len(),
        modified_ms: modified.map_or(0, |since| since.as_millis() as i64),
        blake3,
    })
}

/// A new file; its name says the version that made it. What a killed import left behind is never written over.
fn create(folder: &Path, stem: &str) -> Result<(String, File), LakeError> {
    for attempt in 0u32.. {
        let name = format!("part-{stem}-{attempt}.parquet");
        let path = folder.join(&name);
        match File::options().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((name, file)),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(LakeError::io(path, "建数据文件", error)),
        }
    }
    Err(LakeError::io(folder, "建数据文件", std::io::ErrorKind::AlreadyExists.into()))
}

/// Encodes and makes durable; the content's hash.
fn encode(
    file: File,
    path: &Path,
    schema: &SchemaRef,
    properties: WriterProperties,
    columns: impl Iterator<Item = Result<ArrayRef, LakeError>>,
    ordered: &Ordered,
) -> Result<String, LakeError> {
    let failed = |error| LakeError::parquet_write(path, error);
    let parquet_schema = ArrowSchemaConverter::new().convert(schema).map_err(failed)?;
    let out = BufWriter::with_capacity(1 << 20, Hashing { out: file, hasher: blake3::Hasher::new() });
    let mut writer = SerializedFileWriter::new(out, parquet_schema.root_schema_ptr(), Arc::new(properties)).map_err(failed)?;
    let factory = ArrowRowGroupWriterFactory::new(&writer, schema.clone());
    let mut waiting: Vec<_> = Vec::with_capacity(ordered.groups.len());
    for group in 0..ordered.groups.len() {
        waiting.push(factory.create_column_writers(group).map_err(failed)?.into_iter());
    }
    let picks: Vec<UInt32Array> = ordered.groups.iter().map(|group| UInt32Array::from(ordered.rows[group.clone()].to_vec())).collect();
    let mut chunks: Vec<Vec<ArrowColumnChunk>> = picks.iter().map(|_| Vec::with_capacity(schema.fields().len())).collect();
    for (field, column) in schema.fields().iter().zip(columns) {
        let column = column?;
        for ((pick, waiting), chunks) in picks.iter().zip(&mut waiting).zip(&mut chunks) {
            let cells = take(&column, pick, None).map_err(|e| failed(ParquetError::from(e)))?;
            for leaf in compute_leaves(field, &cells).map_err(failed)? {
                let Some(mut leaf_writer) = waiting.next() else {
                    return Err(failed(ParquetError::General(format!("no writer for {}", field.name()))));
                };
                leaf_writer.write(&leaf).map_err(failed)?;
                chunks.push(leaf_writer.close().map_err(failed)?);
            }
        }
    }
    for group in chunks {
        let mut row_group = writer.next_row_group().map_err(failed)?;
        for chunk in group {
            chunk.append_to_row_group(&mut row_group).map_err(failed)?;
        }
        row_group.close().map_err(failed)?;
    }
    let out = writer.into_inner().map_err(failed)?;
    let hashing = out.into_inner().map_err(|e| LakeError::io(path, "写数据文件", e.into_error()))?;
    hashing.out.sync_all().map_err(|e| LakeError::io(path, "落盘数据文件", e))?;
    Ok(hashing.hasher.finalize().to_hex().to_string())
}

/// A schema as the lake's files have it: dictionaries and views as plain texts, small decimals as they are.
pub(crate) fn plain_schema(schema: &Schema) -> SchemaRef {
    fn plain(ty: &DataType) -> DataType {
        match ty {
            DataType::Dictionary(_, value) => plain(value),
            DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
            DataType::Decimal32(p, s) | DataType::Decimal64(p, s) => DataType::Decimal128(*p, *s),
            DataType::List(field) => DataType::List(Arc::new(field.as_ref().clone().with_data_type(plain(field.data_type())))),
            other => other.clone(),
        }
    }
    Arc::new(Schema::new(
        schema.fields().iter().map(|f| f.as_ref().clone().with_data_type(plain(f.data_type())).with_nullable(true)).collect::<Vec<_>>(),
    ))
}
