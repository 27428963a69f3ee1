//! The query session: national tables under their national names, and the views rules are written against.

use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::datasource::{MemTable, TableProvider};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};
use mingjian_model::schema::{TABLES, Table, Type};

/// Memory group rules may use before they spill to disk.
const MEMORY_BYTES: usize = 512 << 20;

/// Settlements that leave the screening: refunded, named by another in init_setl_id, or such a mirror (house reading 5). Kept in memory,
/// so that joins know how small it is.
const VOID_SETTLEMENTS: (&str, &str) = (
    "void_settlements",
    "SELECT DISTINCT setl_id FROM (
        SELECT setl_id FROM setl_d WHERE refd_setl_flag = '1' OR (init_setl_id IS NOT NULL AND init_setl_id <> setl_id)
        UNION ALL
        SELECT init_setl_id AS setl_id FROM setl_d WHERE init_setl_id IS NOT NULL AND init_setl_id <> setl_id)",
);

/// What was taken back of lines, by the line; kept in memory too.
const REVERSALS: (&str, &str) = (
    "line_reversals",
    "SELECT mdtrt_id, init_feedetl_sn AS bkkp_sn, sum(cnt) AS cnt, sum(det_item_fee_sumamt) AS amt, sum(inscp_amt) AS scope
     FROM fee_list_d WHERE cnt < 0 AND init_feedetl_sn IS NOT NULL
     GROUP BY mdtrt_id, init_feedetl_sn",
);

/// 净结算: settlements that stand.
const NET_SETTLEMENTS: &str = "
CREATE VIEW net_settlements AS
SELECT s.* FROM setl_d s
WHERE NOT EXISTS (SELECT 1 FROM void_settlements x WHERE x.setl_id = s.setl_id)";

/// 净就诊: visits, but for those all of whose settlements were refunded.
const NET_VISITS: &str = "
CREATE VIEW net_visits AS
SELECT v.* FROM mdtrt_d v
WHERE NOT EXISTS (SELECT 1 FROM setl_d s JOIN void_settlements x ON x.setl_id = s.setl_id WHERE s.mdtrt_id = v.mdtrt_id)
   OR EXISTS (SELECT 1 FROM net_settlements n WHERE n.mdtrt_id = v.mdtrt_id)";

/// 净明细: lines of settlements that stand, with reversals taken off: `net_cnt`, `net_amt` (det_item_fee_sumamt) and `net_inscp_amt`.
const NET_LINES: &str = "
CREATE VIEW net_lines AS
SELECT l.*,
       l.cnt + coalesce(r.cnt, 0) AS net_cnt,
       l.det_item_fee_sumamt + coalesce(r.amt, 0) AS net_amt,
       l.inscp_amt + coalesce(r.scope, 0) AS net_inscp_amt
FROM fee_list_d l
LEFT JOIN line_reversals r ON r.mdtrt_id = l.mdtrt_id AND r.bkkp_sn = l.bkkp_sn
WHERE l.cnt > 0 AND l.cnt + coalesce(r.cnt, 0) > 0
  AND NOT EXISTS (SELECT 1 FROM void_settlements x WHERE x.setl_id = l.setl_id)";

const VIEWS: &[&str] = &[NET_SETTLEMENTS, NET_VISITS, NET_LINES];

/// The Arrow type a national column has in queries.
pub(crate) fn arrow_type(ty: Type) -> DataType {
    match ty {
        Type::Text => DataType::Utf8,
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

/// A session with the national tables `tables` gives and the views over them. A table it gives nothing for is empty: whether a rule may
/// be judged without it is decided before.
pub(crate) async fn open(
    threads: usize,
    tables: &dyn Fn(&'static Table) -> Result<Option<Arc<dyn TableProvider>>>,
) -> Result<SessionContext> {
    let mut config = SessionConfig::new().with_target_partitions(threads.max(1)).with_information_schema(false);
    // Rules look at few lines (a kind of care, a day): columns are read for the rows that pass.
    config.options_mut().execution.parquet.pushdown_filters = true;
    let runtime = RuntimeEnvBuilder::new().with_memory_pool(Arc::new(FairSpillPool::new(MEMORY_BYTES))).build_arc()?;
    let context = SessionContext::new_with_config_rt(config, runtime);
    for table in TABLES.iter().copied() {
        let provider = match tables(table)? {
            Some(provider) => provider,
            None => Arc::new(MemTable::try_new(arrow_schema(table), vec![vec![]])?),
        };
        context.register_table(table.name, provider)?;
    }
    for (name, sql) in [VOID_SETTLEMENTS, REVERSALS] {
        let frame = context.sql(sql).await?;
        let schema = Arc::new(frame.schema().as_arrow().clone());
        context.register_table(name, Arc::new(MemTable::try_new(schema, vec![frame.collect().await?])?))?;
    }
    for view in VIEWS {
        context.sql(view).await?.collect().await?;
    }
    Ok(context)
}

/// A national table over Parquet files.
pub(crate) fn parquet_table(table: &Table, files: &[&Path]) -> Result<Arc<dyn TableProvider>> {
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
