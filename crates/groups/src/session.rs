//! The query session: national tables under their national names, and the views rules are written against.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::datasource::{MemTable, TableProvider};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};
use mingjian_model::schema::{TABLES, Table, Type};

use crate::Settings;
use crate::views;

/// The Arrow type a national column has in queries.
pub(crate) fn arrow_type(ty: Type) -> DataType {
    match ty {
        Type::Text => DataType::Utf8View,
        Type::Int => DataType::Int32,
        Type::Money => DataType::Decimal128(16, 2),
        Type::Quantity => DataType::Decimal128(16, 4),
        Type::Price => DataType::Decimal128(16, 6),
        Type::Ratio => DataType::Decimal128(5, 4),
        Type::Date => DataType::Date32,
        Type::Time => DataType::Timestamp(TimeUnit::Microsecond, None),
    }
}

/// All national columns of a table; those no source supplied read as null.
pub(crate) fn arrow_schema(table: &Table) -> SchemaRef {
    Arc::new(Schema::new(table.columns.iter().map(|column| Field::new(column.name, arrow_type(column.ty), true)).collect::<Vec<_>>()))
}

/// A session with the national tables `tables` gives and the views over them that `statements` read. A table it gives nothing for is empty: whether a rule may
/// be judged without it is decided before.
pub(crate) async fn open(
    settings: &Settings,
    statements: &[&str],
    tables: &dyn Fn(&'static Table) -> Result<Option<Arc<dyn TableProvider>>>,
) -> Result<SessionContext> {
    // A batch is a small part of the memory, or the first one of wide rows does not fit.
    let batch = (settings.memory_bytes >> 15).clamp(256, 8192);
    let mut config =
        SessionConfig::new().with_target_partitions(settings.threads.max(1)).with_batch_size(batch).with_information_schema(false);
    // Rules look at few lines (a kind of care, a day): columns are read for the rows that pass.
    config.options_mut().execution.parquet.pushdown_filters = true;
    // Rows are not dealt out anew between threads: each thread sums up its files, and one puts the sums together. Dealing costs a hash a
    // row, and when it has to spill, DataFusion 55.2 waits for itself for ever (`tests/it/memory.rs`).
    let optimizer = &mut config.options_mut().optimizer;
    optimizer.enable_round_robin_repartition = false;
    optimizer.repartition_aggregations = false;
    optimizer.repartition_joins = false;
    optimizer.repartition_windows = false;
    // What a sort keeps aside to merge what it spilled: a share of the whole, or a small budget could not sort at all.
    config.options_mut().execution.sort_spill_reservation_bytes = settings.memory_bytes / 32;
    let disk = settings.spill_folder.clone().map_or(DiskManagerMode::OsTmpDirectory, |folder| DiskManagerMode::Directories(vec![folder]));
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(FairSpillPool::new(settings.memory_bytes)))
        .with_disk_manager_builder(DiskManagerBuilder::default().with_mode(disk))
        .build_arc()?;
    let context = SessionContext::new_with_config_rt(config, runtime);
    for table in TABLES.iter().copied() {
        let provider = match tables(table)? {
            Some(provider) => provider,
            None => Arc::new(MemTable::try_new(arrow_schema(table), vec![vec![]])?),
        };
        context.register_table(table.name, provider)?;
    }
    views::register(&context, statements).await?;
    Ok(context)
}

/// A national table over Parquet files.
pub(crate) fn parquet_table(table: &Table, files: &[PathBuf]) -> Result<Arc<dyn TableProvider>> {
    let urls = files.iter().map(|path| ListingTableUrl::parse(file_url(path)?)).collect::<Result<Vec<_>>>()?;
    let options = ListingOptions::new(Arc::new(ParquetFormat::default())).with_file_extension("");
    let config = ListingTableConfig::new_with_multi_paths(urls).with_listing_options(options).with_schema(arrow_schema(table));
    Ok(Arc::new(ListingTable::try_new(config)?))
}

/// A national table in memory.
pub(crate) fn memory_table(table: &Table, batch: RecordBatch) -> Result<Arc<dyn TableProvider>> {
    Ok(Arc::new(MemTable::try_new(arrow_schema(table), vec![vec![batch]])?))
}

/// `file:` address of a path; characters that mean something in an address are escaped.
fn file_url(path: &Path) -> Result<String> {
    let absolute = std::path::absolute(path).map_err(DataFusionError::from)?;
    let mut url = String::from("file://");
    for &byte in absolute.to_string_lossy().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    Ok(url)
}
