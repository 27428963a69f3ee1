//! One SQL rule: run it, and turn result rows into findings.
//!
//! Result columns with a meaning: `band`, `first_time`, `last_time`, `evidence` (required), `fixmedins_code`, `bilg_dr_code`, `psn_no`,
//! `mdtrt_id`, `setl_id`, `result` (违规 / 可疑, instead of the head's), `amount`, `fund_amount`, `acct_amount` (yuan). Every other column is a computed value; those that are text (a trace
//! code, an item, a month) also say what the finding is about and go into its id.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Decimal128Type, TimeUnit, TimestampMicrosecondType};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::error::DataFusionError;
use datafusion::prelude::SessionContext;
use mingjian_engine::{Band, Outcome};
use mingjian_model::Fen;
use mingjian_model::day::Moment;

use crate::error::ScreenError;
use crate::finding::{Draft, finding_id};

const REQUIRED: &[&str] = &["band", "first_time", "last_time", "evidence"];
const RESERVED: &[&str] = &[
    "band",
    "first_time",
    "last_time",
    "evidence",
    "fixmedins_code",
    "bilg_dr_code",
    "psn_no",
    "mdtrt_id",
    "setl_id",
    "result",
    "amount",
    "fund_amount",
    "acct_amount",
];

/// What a run needs to know of its rule.
pub(crate) struct SqlJob<'a> {
    /// Position in the library.
    pub rule: u32,
    pub id: &'a str,
    pub version: u32,
    pub outcome: Outcome,
    pub sql: &'a str,
    pub evidence_table: &'a str,
    /// Renders `say` from result columns.
    pub say: &'a dyn Fn(&dyn Fn(&str) -> Option<String>) -> String,
}

/// A result row as a finding, with all its columns as text for examples to compare.
pub(crate) struct SqlFinding {
    pub draft: Draft,
    pub columns: Vec<(String, Option<String>)>,
}

/// Runs the rule. Findings come sorted by id; a row that repeats another's id (same subject, evidence and period) is left out.
pub(crate) async fn findings(context: &SessionContext, job: &SqlJob<'_>) -> Result<Vec<SqlFinding>, ScreenError> {
    let failed = |source: DataFusionError| ScreenError::Sql { rule: job.id.to_owned(), source: Box::new(source) };
    let frame = context.sql(job.sql).await.map_err(failed)?;
    let names: Vec<String> = frame.schema().fields().iter().map(|field| field.name().clone()).collect();
    if let Some(column) = REQUIRED.iter().find(|column| !names.iter().any(|name| name == *column)) {
        return Err(ScreenError::SqlColumn { rule: job.id.to_owned(), column: (*column).to_owned() });
    }
    let mut found = Vec::new();
    for batch in frame.collect().await.map_err(failed)? {
        read(job, &names, &batch, &mut found)?;
    }
    found.sort_by(|a, b| (a.draft.id, &a.draft.values, &a.draft.text).cmp(&(b.draft.id, &b.draft.values, &b.draft.text)));
    found.dedup_by(|later, earlier| later.draft.id == earlier.draft.id);
    Ok(found)
}

fn read(job: &SqlJob<'_>, names: &[String], batch: &RecordBatch, found: &mut Vec<SqlFinding>) -> Result<(), ScreenError> {
    let texts: Vec<Vec<Option<String>>> = batch.columns().iter().map(|column| column_texts(column)).collect::<Result<_, _>>()?;
    let of = |name: &str, row: usize| -> Option<String> {
        let at = names.iter().position(|other| other == name)?;
        texts[at][row].clone()
    };
    let moments = |name: &str| -> Result<Vec<Option<Moment>>, ScreenError> {
        let column = batch.column_by_name(name).ok_or_else(|| ScreenError::SqlColumn { rule: job.id.into(), column: name.into() })?;
        let cast = arrow::compute::cast(column, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
        Ok(cast.as_primitive::<TimestampMicrosecondType>().iter().collect())
    };
    let (first, last) = (moments("first_time")?, moments("last_time")?);
    let money = |name: &str| -> Result<Vec<Option<i64>>, ScreenError> {
        let Some(column) = batch.column_by_name(name) else { return Ok(vec![None; batch.num_rows()]) };
        // Rounded half up to the fen, whatever the scale of the result.
        let cast = arrow::compute::cast(column, &DataType::Decimal128(38, 8))?;
        let fen = |raw: i128| mingjian_model::div_round_half_up(raw, 1_000_000);
        Ok(cast.as_primitive::<Decimal128Type>().iter().map(|raw| raw.map(fen)).collect())
    };
    let (amount, fund, account) = (money("amount")?, money("fund_amount")?, money("acct_amount")?);
    let identity: Vec<usize> =
        (0..names.len()).filter(|&i| is_text(batch.column(i).data_type()) && !RESERVED.contains(&names[i].as_str())).collect();
    for row in 0..batch.num_rows() {
        let bad = |column: &str, value: String, reason| ScreenError::SqlValue { rule: job.id.into(), column: column.into(), value, reason };
        let band = match of("band", row).as_deref() {
            Some("core") => Band::Core,
            Some("watch") => Band::Watch,
            other => return Err(bad("band", other.unwrap_or_default().to_owned(), "应为 core 或 watch")),
        };
        let outcome = match of("result", row).as_deref() {
            None => job.outcome,
            Some("违规") => Outcome::Violation,
            Some("可疑") => Outcome::Suspect,
            Some(other) => return Err(bad("result", other.to_owned(), "应为 违规 或 可疑")),
        };
        let mut evidence: Vec<String> =
            of("evidence", row).unwrap_or_default().split(';').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect();
        evidence.sort_unstable();
        let [psn_no, fixmedins_code, bilg_dr_code] =
            ["psn_no", "fixmedins_code", "bilg_dr_code"].map(|name| of(name, row).unwrap_or_default());
        let mut keys = evidence.clone();
        keys.extend(identity.iter().map(|&i| format!("{}={}", names[i], texts[i][row].as_deref().unwrap_or(""))));
        let id = finding_id(job.id, job.version, [&psn_no, &fixmedins_code, &bilg_dr_code], &mut keys);
        let values = names
            .iter()
            .zip(&texts)
            .filter(|(name, _)| !RESERVED.contains(&name.as_str()))
            .map(|(name, texts)| format!("{name}={}", texts[row].as_deref().unwrap_or("")))
            .collect();
        let draft = Draft {
            id,
            rule: job.rule,
            outcome,
            band,
            mdtrt_id: of("mdtrt_id", row).unwrap_or_default(),
            setl_id: of("setl_id", row).unwrap_or_default(),
            psn_no,
            fixmedins_code,
            bilg_dr_code,
            first: first[row],
            last: last[row],
            evidence_table: job.evidence_table.to_owned(),
            evidence,
            evidence_amounts: Vec::new(),
            points: Vec::new(),
            values,
            amount: amount[row],
            fund_amount: fund[row],
            acct_amount: account[row],
            // Money reads with two decimals wherever it comes from.
            text: (job.say)(&|name| match name {
                "amount" => amount[row].map(|fen| Fen(fen).to_string()),
                "fund_amount" => fund[row].map(|fen| Fen(fen).to_string()),
                "acct_amount" => account[row].map(|fen| Fen(fen).to_string()),
                _ => of(name, row),
            }),
            cluster: id,
            leads: true,
            cluster_amount: amount[row],
        };
        let columns = names.iter().zip(&texts).map(|(name, texts)| (name.clone(), texts[row].clone())).collect();
        found.push(SqlFinding { draft, columns });
    }
    Ok(())
}

fn is_text(ty: &DataType) -> bool {
    match ty {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, value) => is_text(value),
        _ => false,
    }
}

/// A result column as texts: decimals without trailing zeros, fractions with at most four places, times `YYYY-MM-DD HH:MM:SS`.
fn column_texts(column: &ArrayRef) -> Result<Vec<Option<String>>, ScreenError> {
    if is_text(column.data_type()) {
        let column = arrow::compute::cast(column, &DataType::Utf8)?;
        return Ok(column.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect());
    }
    let column = match column.data_type() {
        DataType::Timestamp(..) => arrow::compute::cast(column, &DataType::Timestamp(TimeUnit::Second, None))?,
        DataType::Float16 | DataType::Float32 => arrow::compute::cast(column, &DataType::Float64)?,
        _ => column.clone(),
    };
    let options = FormatOptions::default().with_timestamp_format(Some("%Y-%m-%d %H:%M:%S")).with_date_format(Some("%Y-%m-%d"));
    let formatter = ArrayFormatter::try_new(column.as_ref(), &options)?;
    let decimal = matches!(
        column.data_type(),
        DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..) | DataType::Decimal256(..)
    );
    let floats = column.as_primitive_opt::<arrow::datatypes::Float64Type>();
    Ok((0..column.len())
        .map(|row| {
            if column.is_null(row) {
                return None;
            }
            Some(match floats {
                Some(floats) => plain(&format!("{:.4}", floats.value(row))),
                None if decimal => plain(&formatter.value(row).to_string()),
                None => formatter.value(row).to_string(),
            })
        })
        .collect())
}

/// A decimal without trailing zeros.
fn plain(text: &str) -> String {
    if !text.contains('.') {
        return text.to_owned();
    }
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_lose_their_trailing_zeros_only() {
        assert_eq!(["12.3400", "100", "100.00", "-0.0000"].map(plain), ["12.34", "100", "100", "0"]);
    }
}
