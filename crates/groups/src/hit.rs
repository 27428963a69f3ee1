//! 命中: a result row of an SQL rule, read into plain values.
//!
//! Result columns with a meaning: `band`, `first_time`, `last_time`, `evidence` (required), `fixmedins_code`, `bilg_dr_code`, `psn_no`,
//! `mdtrt_id`, `setl_id`, `result` (违规 / 可疑, instead of the head's), `amount`, `fund_amount`, `acct_amount` (yuan). Every other
//! column is a computed value; those that are text (a trace code, an item, a month) also say what the finding is about.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, TimeUnit, TimestampMicrosecondType};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::error::DataFusionError;
use mingjian_engine::{Band, Outcome};
use mingjian_model::Fen;
use mingjian_model::day::Moment;
use mingjian_rules::{CompiledSql, Rule};

use crate::error::GroupError;

/// Columns every result has.
pub(crate) const REQUIRED: &[&str] = &["band", "first_time", "last_time", "evidence"];
/// Columns with a meaning of their own.
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

/// A result row. Empty strings mean 'none'; money in fen, rounded half up.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupHit {
    pub band: Band,
    pub outcome: Outcome,
    pub psn_no: String,
    pub mdtrt_id: String,
    pub setl_id: String,
    pub fixmedins_code: String,
    pub bilg_dr_code: String,
    pub first: Option<Moment>,
    pub last: Option<Moment>,
    /// Ids of the evidence rows, sorted.
    pub evidence: Vec<String>,
    /// `None` where the rule computes no money.
    pub amount: Option<i64>,
    pub fund_amount: Option<i64>,
    pub acct_amount: Option<i64>,
    /// The rule's sentence, filled in.
    pub text: String,
    /// All columns of the result, in its order.
    pub columns: Vec<Column>,
}

/// A cell of a result row with its column's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub role: Role,
    /// Decimals without trailing zeros, fractions with at most four places, times `YYYY-MM-DD HH:MM:SS`.
    pub text: Option<String>,
}

/// What a column of a result is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It has a meaning of its own and a field in [`GroupHit`].
    Reserved,
    /// A value that also says what the hit is about.
    Subject,
    /// A computed value.
    Value,
}

impl GroupHit {
    /// The columns that are computed values, subjects among them.
    pub fn values(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| column.role != Role::Reserved)
    }

    /// The columns that say what the hit is about, besides person, institution and practitioner.
    pub fn subjects(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| column.role == Role::Subject)
    }
}

/// Reads result batches of one statement.
pub(crate) struct Reader<'a> {
    rule: &'a Rule,
    statement: &'a CompiledSql,
    names: Vec<String>,
}

impl<'a> Reader<'a> {
    /// `names`: the columns of the result, in order.
    pub fn new(rule: &'a Rule, statement: &'a CompiledSql, names: Vec<String>) -> Reader<'a> {
        Reader { rule, statement, names }
    }

    /// The rows of a batch.
    pub fn hits(&self, batch: &RecordBatch) -> Result<Vec<GroupHit>, GroupError> {
        let cells = Cells::of(self, batch)?;
        (0..batch.num_rows()).map(|row| self.hit(&cells, row)).collect()
    }

    fn hit(&self, cells: &Cells<'_>, row: usize) -> Result<GroupHit, GroupError> {
        let text = |name: &str| cells.text(name, row);
        let band = match text("band") {
            Some("core") => Band::Core,
            Some("watch") => Band::Watch,
            other => return Err(self.bad("band", other, "应为 core 或 watch")),
        };
        let outcome = match text("result") {
            None => self.rule.outcome,
            Some("违规") => Outcome::Violation,
            Some("可疑") => Outcome::Suspect,
            other => return Err(self.bad("result", other, "应为 违规 或 可疑")),
        };
        let ids = text("evidence").unwrap_or_default().split(';');
        let mut evidence: Vec<String> = ids.map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect();
        evidence.sort_unstable();
        let [amount, fund_amount, acct_amount] = [0, 1, 2].map(|at| cells.money[at].as_ref().and_then(|column| column[row]));
        let yuan = |fen: Option<i64>| fen.map(|fen| Fen(fen).to_string());
        let owned = |name: &str| text(name).unwrap_or_default().to_owned();
        let columns = self.names.iter().zip(&cells.roles).zip(&cells.texts);
        Ok(GroupHit {
            band,
            outcome,
            psn_no: owned("psn_no"),
            mdtrt_id: owned("mdtrt_id"),
            setl_id: owned("setl_id"),
            fixmedins_code: owned("fixmedins_code"),
            bilg_dr_code: owned("bilg_dr_code"),
            first: cells.first[row],
            last: cells.last[row],
            evidence,
            amount,
            fund_amount,
            acct_amount,
            // Money reads with two decimals wherever it comes from.
            text: self.statement.say.render(|name| match name {
                "amount" => yuan(amount),
                "fund_amount" => yuan(fund_amount),
                "acct_amount" => yuan(acct_amount),
                _ => text(name).map(str::to_owned),
            }),
            columns: columns.map(|((name, &role), texts)| Column { name: name.clone(), role, text: texts[row].clone() }).collect(),
        })
    }

    fn bad(&self, column: &str, value: Option<&str>, reason: &'static str) -> GroupError {
        GroupError::Value { rule: self.rule.id.clone(), column: column.into(), value: value.unwrap_or_default().into(), reason }
    }

    fn failed(&self, source: arrow::error::ArrowError) -> GroupError {
        GroupError::Sql { rule: self.rule.id.clone(), source: Box::new(DataFusionError::from(source)) }
    }
}

/// The columns of a batch, as texts and, where needed, in their own types.
struct Cells<'a> {
    names: &'a [String],
    roles: Vec<Role>,
    texts: Vec<Vec<Option<String>>>,
    first: Vec<Option<Moment>>,
    last: Vec<Option<Moment>>,
    /// `amount`, `fund_amount`, `acct_amount`; `None` where the result has no such column.
    money: [Option<Vec<Option<i64>>>; 3],
}

impl<'a> Cells<'a> {
    fn of(reader: &'a Reader<'_>, batch: &RecordBatch) -> Result<Cells<'a>, GroupError> {
        let failed = |error| reader.failed(error);
        let cast = |name: &str, to: DataType| batch.column_by_name(name).map(|column| arrow::compute::cast(column, &to)).transpose();
        let moments = |name: &str| -> Result<Vec<Option<Moment>>, GroupError> {
            let cast = cast(name, DataType::Timestamp(TimeUnit::Microsecond, None)).map_err(failed)?;
            Ok(cast.map(|column| column.as_primitive::<TimestampMicrosecondType>().iter().collect()).unwrap_or_default())
        };
        let money = |name: &str| -> Result<Option<Vec<Option<i64>>>, GroupError> {
            // Rounded half up to the fen, whatever the scale of the result.
            let fen = |raw: i128| mingjian_model::div_round_half_up(raw, 1_000_000);
            let cast = cast(name, DataType::Decimal128(38, 8)).map_err(failed)?;
            Ok(cast.map(|column| column.as_primitive::<Decimal128Type>().iter().map(|raw| raw.map(fen)).collect()))
        };
        let roles = reader.names.iter().zip(batch.columns()).map(|(name, column)| match name.as_str() {
            name if RESERVED.contains(&name) => Role::Reserved,
            _ if is_text(column.data_type()) => Role::Subject,
            _ => Role::Value,
        });
        Ok(Cells {
            names: &reader.names,
            roles: roles.collect(),
            texts: batch.columns().iter().map(texts).collect::<Result<_, _>>().map_err(failed)?,
            first: moments("first_time")?,
            last: moments("last_time")?,
            money: [money("amount")?, money("fund_amount")?, money("acct_amount")?],
        })
    }

    fn text(&self, name: &str, row: usize) -> Option<&str> {
        let at = self.names.iter().position(|other| other == name)?;
        self.texts[at][row].as_deref()
    }
}

fn is_text(ty: &DataType) -> bool {
    match ty {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, value) => is_text(value),
        _ => false,
    }
}

/// A result column as texts, as [`Column::text`] describes them.
fn texts(column: &ArrayRef) -> Result<Vec<Option<String>>, arrow::error::ArrowError> {
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
    let floats = column.as_primitive_opt::<Float64Type>();
    let text = |row| match floats {
        _ if column.is_null(row) => None,
        Some(floats) => Some(plain(&format!("{:.4}", floats.value(row)))),
        None if decimal => Some(plain(&formatter.value(row).to_string())),
        None => Some(formatter.value(row).to_string()),
    };
    Ok((0..column.len()).map(text).collect())
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
