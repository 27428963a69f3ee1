//! 净结算、净就诊、净明细: what stands of settlements, visits and lines once refunds and reversals are taken off (house reading 5).
//!
//! What was taken off is little: it is looked up once, kept in memory, and joined against. Where nothing was, a view has no join.

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::{DataType, Date32Type, TimeUnit, TimestampMicrosecondType};
use datafusion::datasource::MemTable;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};
use datafusion::prelude::SessionContext;
use datafusion::scalar::ScalarValue;

/// Settlements that leave the screening: refunded, named by another in init_setl_id, or such a mirror.
const VOID_SETTLEMENTS: &str = "
SELECT DISTINCT setl_id FROM (
    SELECT setl_id FROM setl_d WHERE refd_setl_flag = '1' OR (init_setl_id IS NOT NULL AND init_setl_id <> setl_id)
    UNION ALL
    SELECT init_setl_id AS setl_id FROM setl_d WHERE init_setl_id IS NOT NULL AND init_setl_id <> setl_id)";

/// 净结算: settlements that stand.
const NET_SETTLEMENTS: &str = "SELECT s.* FROM setl_d s WHERE NOT EXISTS (SELECT 1 FROM void_settlements x WHERE x.setl_id = s.setl_id)";

/// Visits all of whose settlements were refunded.
const VOID_VISITS: &str = "
SELECT DISTINCT v.mdtrt_id FROM setl_d v JOIN void_settlements x ON x.setl_id = v.setl_id
WHERE v.mdtrt_id NOT IN (SELECT n.mdtrt_id FROM net_settlements n WHERE n.mdtrt_id IS NOT NULL)";

/// 净就诊: visits, but for those.
const NET_VISITS: &str = "SELECT v.* FROM mdtrt_d v WHERE NOT EXISTS (SELECT 1 FROM void_visits x WHERE x.mdtrt_id = v.mdtrt_id)";

/// What was taken back of lines, by the line.
const LINE_REVERSALS: &str = "
SELECT mdtrt_id, init_feedetl_sn AS bkkp_sn, sum(cnt) AS cnt, sum(det_item_fee_sumamt) AS amt, sum(inscp_amt) AS scope
FROM fee_list_d WHERE cnt < 0 AND init_feedetl_sn IS NOT NULL
GROUP BY mdtrt_id, init_feedetl_sn";

/// 净明细: lines of settlements that stand, with reversals taken off: `net_cnt`, `net_amt` (det_item_fee_sumamt), `net_inscp_amt`; and
/// `fee_day`, the day of fee_ocur_time.
const NET_LINES: [&str; 3] = [
    "SELECT l.*, day_of(l.fee_ocur_time) AS fee_day, ",
    "l.cnt AS net_cnt, l.det_item_fee_sumamt AS net_amt, l.inscp_amt AS net_inscp_amt FROM fee_list_d l WHERE l.cnt > 0",
    "l.cnt + coalesce(r.cnt, 0) AS net_cnt,
       l.det_item_fee_sumamt + coalesce(r.amt, 0) AS net_amt,
       l.inscp_amt + coalesce(r.scope, 0) AS net_inscp_amt
FROM fee_list_d l
LEFT JOIN line_reversals r ON r.mdtrt_id = l.mdtrt_id AND r.bkkp_sn = l.bkkp_sn
WHERE l.cnt > 0 AND l.cnt + coalesce(r.cnt, 0) > 0",
];

/// Registers the views that `statements` name over the national tables of the session.
pub(crate) async fn register(context: &SessionContext, statements: &[&str]) -> Result<()> {
    let named = |view: &str| statements.iter().any(|sql| sql.contains(view));
    context.register_udf(day_of());
    let [settlements, visits, lines] = ["net_settlements", "net_visits", "net_lines"].map(named);
    if !settlements && !visits && !lines {
        return Ok(());
    }
    let voided = keep(context, "void_settlements", VOID_SETTLEMENTS).await? > 0;
    let net_settlements = if voided { NET_SETTLEMENTS } else { "SELECT * FROM setl_d" };
    view(context, "net_settlements", net_settlements).await?;
    if visits {
        let voided = voided && keep(context, "void_visits", VOID_VISITS).await? > 0;
        view(context, "net_visits", if voided { NET_VISITS } else { "SELECT * FROM mdtrt_d" }).await?;
    }
    if lines {
        let reversed = keep(context, "line_reversals", LINE_REVERSALS).await? > 0;
        let mut sql = [NET_LINES[0], NET_LINES[if reversed { 2 } else { 1 }]].concat();
        if voided {
            sql.push_str(" AND NOT EXISTS (SELECT 1 FROM void_settlements x WHERE x.setl_id = l.setl_id)");
        }
        view(context, "net_lines", &sql).await?;
    }
    Ok(())
}

/// Works a small table out and keeps it in memory, so that joins know how small it is. How many rows it has.
async fn keep(context: &SessionContext, name: &str, sql: &str) -> Result<usize> {
    let frame = context.sql(sql).await?;
    let schema = Arc::new(frame.schema().as_arrow().clone());
    let partitions = frame.collect_partitioned().await?;
    let rows = partitions.iter().flatten().map(|batch| batch.num_rows()).sum();
    context.register_table(name, Arc::new(MemTable::try_new(schema, partitions)?))?;
    Ok(rows)
}

async fn view(context: &SessionContext, name: &str, sql: &str) -> Result<()> {
    let view = context.sql(sql).await?.into_view();
    context.register_table(name, view)?;
    Ok(())
}

/// `day_of(time)`: the day of a moment. `cast(time as date)` gives the same by way of a calendar, at ten times the cost.
fn day_of() -> ScalarUDF {
    let day = |moment: i64| moment.div_euclid(24 * 60 * 60 * 1_000_000) as i32;
    let call = move |arguments: &[ColumnarValue]| match arguments {
        [ColumnarValue::Array(moments)] => {
            Ok(ColumnarValue::Array(Arc::new(moments.as_primitive::<TimestampMicrosecondType>().unary::<_, Date32Type>(day))))
        }
        [ColumnarValue::Scalar(ScalarValue::TimestampMicrosecond(moment, _))] => {
            Ok(ColumnarValue::Scalar(ScalarValue::Date32(moment.map(day))))
        }
        _ => Err(DataFusionError::Internal("day_of takes one moment".to_owned())),
    };
    create_udf("day_of", vec![DataType::Timestamp(TimeUnit::Microsecond, None)], DataType::Date32, Volatility::Immutable, Arc::new(call))
}
