//! The `findings` table: its Arrow schema, drafts into batches, batches into findings.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanBuilder, Decimal128Builder, Int32Builder, Int64Builder, ListBuilder, RecordBatch, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow::datatypes::{DataType, Decimal128Type, Field, Int32Type, Int64Type, Schema, SchemaRef, TimeUnit, TimestampMicrosecondType};

use super::{Draft, Finding, format_id};
use crate::error::ScreenError;

const MONEY: DataType = DataType::Decimal128(16, 2);

/// What every finding of one rule repeats.
pub(crate) struct RuleFacts {
    pub id: String,
    pub version: u32,
    pub name: String,
    pub kind: String,
    pub class: String,
}

/// Columns of the `findings` table, in order.
pub fn findings_schema() -> SchemaRef {
    let text = |name: &str, nullable| Field::new(name, DataType::Utf8, nullable);
    let money = |name: &str| Field::new(name, MONEY, true);
    let time = |name: &str| Field::new(name, DataType::Timestamp(TimeUnit::Microsecond, None), true);
    let list = |name: &str, of: DataType| Field::new(name, DataType::List(Arc::new(Field::new("item", of, true))), false);
    Arc::new(Schema::new(vec![
        text("finding_id", false),
        text("rule_id", false),
        Field::new("rule_version", DataType::Int32, false),
        text("rule_name", false),
        text("kind", false),
        text("class", false),
        text("result", false),
        text("band", false),
        text("psn_no", true),
        text("mdtrt_id", true),
        text("setl_id", true),
        text("fixmedins_code", true),
        text("bilg_dr_code", true),
        time("first_time"),
        time("last_time"),
        text("evidence_table", false),
        list("evidence", DataType::Utf8),
        list("evidence_amounts", MONEY),
        list("points", DataType::Utf8),
        list("values", DataType::Utf8),
        money("amount"),
        money("fund_amount"),
        money("acct_amount"),
        text("text", false),
        text("cluster_id", false),
        Field::new("leads", DataType::Boolean, false),
        money("cluster_amount"),
        Field::new("data_version", DataType::Int64, false),
        text("rule_set_hash", false),
    ]))
}

/// Drafts as a batch of [`findings_schema`], in the order given. `rules` is indexed by [`Draft::rule`].
pub(crate) fn to_batch(drafts: &[Draft], rules: &[RuleFacts], data_version: u64, rule_set_hash: &str) -> Result<RecordBatch, ScreenError> {
    let rule = |draft: &Draft| &rules[draft.rule as usize];
    let required = |of: &dyn Fn(&Draft) -> String| -> ArrayRef {
        let mut builder = StringBuilder::new();
        drafts.iter().for_each(|draft| builder.append_value(of(draft)));
        Arc::new(builder.finish())
    };
    let optional = |of: fn(&Draft) -> &str| -> ArrayRef {
        let mut builder = StringBuilder::new();
        drafts.iter().for_each(|draft| builder.append_option(Some(of(draft)).filter(|text| !text.is_empty())));
        Arc::new(builder.finish())
    };
    let time = |of: fn(&Draft) -> Option<i64>| -> ArrayRef {
        let mut builder = TimestampMicrosecondBuilder::new();
        drafts.iter().for_each(|draft| builder.append_option(of(draft)));
        Arc::new(builder.finish())
    };
    let money = |of: fn(&Draft) -> Option<i64>| -> ArrayRef {
        let mut builder = Decimal128Builder::new().with_data_type(MONEY);
        drafts.iter().for_each(|draft| builder.append_option(of(draft).map(i128::from)));
        Arc::new(builder.finish())
    };
    let texts = |of: fn(&Draft) -> &[String]| -> ArrayRef {
        let mut builder = ListBuilder::new(StringBuilder::new());
        for draft in drafts {
            of(draft).iter().for_each(|text| builder.values().append_value(text));
            builder.append(true);
        }
        Arc::new(builder.finish())
    };
    let evidence_amounts = || -> ArrayRef {
        let mut builder = ListBuilder::new(Decimal128Builder::new().with_data_type(MONEY));
        for draft in drafts {
            draft.evidence_amounts.iter().for_each(|&fen| builder.values().append_value(i128::from(fen)));
            builder.append(true);
        }
        Arc::new(builder.finish())
    };
    let mut version = Int32Builder::new();
    let mut leads = BooleanBuilder::new();
    let mut data = Int64Builder::new();
    for draft in drafts {
        version.append_value(rule(draft).version as i32);
        leads.append_value(draft.leads);
        data.append_value(data_version as i64);
    }
    let columns: Vec<ArrayRef> = vec![
        required(&|draft| format_id(draft.id)),
        required(&|draft| rule(draft).id.clone()),
        Arc::new(version.finish()),
        required(&|draft| rule(draft).name.clone()),
        required(&|draft| rule(draft).kind.clone()),
        required(&|draft| rule(draft).class.clone()),
        required(&|draft| draft.outcome.title().to_owned()),
        required(&|draft| draft.band.code().to_owned()),
        optional(|draft| &draft.psn_no),
        optional(|draft| &draft.mdtrt_id),
        optional(|draft| &draft.setl_id),
        optional(|draft| &draft.fixmedins_code),
        optional(|draft| &draft.bilg_dr_code),
        time(|draft| draft.first),
        time(|draft| draft.last),
        required(&|draft| draft.evidence_table.clone()),
        texts(|draft| &draft.evidence),
        evidence_amounts(),
        texts(|draft| &draft.points),
        texts(|draft| &draft.values),
        money(|draft| draft.amount),
        money(|draft| draft.fund_amount),
        money(|draft| draft.acct_amount),
        required(&|draft| draft.text.clone()),
        required(&|draft| format_id(draft.cluster)),
        Arc::new(leads.finish()),
        money(|draft| draft.cluster_amount),
        Arc::new(data.finish()),
        required(&|_| rule_set_hash.to_owned()),
    ];
    Ok(RecordBatch::try_new(findings_schema(), columns)?)
}

/// The rows of a batch read from the `findings` table. Columns are found by name; text may come as any string type.
pub fn read_batch(batch: &RecordBatch) -> Result<Vec<Finding>, ScreenError> {
    let schema = findings_schema();
    let column = |name: &str| -> Result<ArrayRef, ScreenError> {
        let found = batch.column_by_name(name).ok_or_else(|| wrong(name, "没有这一列", "findings 表的列"))?;
        let wanted = schema.field_with_name(name)?.data_type();
        Ok(if found.data_type() == wanted { found.clone() } else { arrow::compute::cast(found, wanted)? })
    };
    let texts = |name: &str| -> Result<Vec<Option<String>>, ScreenError> {
        Ok(column(name)?.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect())
    };
    let lists = |name: &str| -> Result<Vec<Vec<String>>, ScreenError> {
        let array = column(name)?;
        Ok(array
            .as_list::<i32>()
            .iter()
            .map(|list| list.map_or_else(Vec::new, |list| list.as_string::<i32>().iter().flatten().map(str::to_owned).collect()))
            .collect())
    };
    let money = |name: &str| -> Result<Vec<Option<i64>>, ScreenError> {
        Ok(column(name)?.as_primitive::<Decimal128Type>().iter().map(|fen| fen.map(|fen| fen as i64)).collect())
    };
    let time = |name: &str| -> Result<Vec<Option<i64>>, ScreenError> {
        Ok(column(name)?.as_primitive::<TimestampMicrosecondType>().iter().collect())
    };
    let amounts: Vec<Vec<i64>> = column("evidence_amounts")?
        .as_list::<i32>()
        .iter()
        .map(|list| {
            list.map_or_else(Vec::new, |list| list.as_primitive::<Decimal128Type>().iter().flatten().map(|fen| fen as i64).collect())
        })
        .collect();
    let versions = column("rule_version")?;
    let leads = column("leads")?;
    let data = column("data_version")?;
    let mut columns = Columns {
        finding_id: texts("finding_id")?,
        rule_id: texts("rule_id")?,
        rule_name: texts("rule_name")?,
        kind: texts("kind")?,
        class: texts("class")?,
        result: texts("result")?,
        band: texts("band")?,
        psn_no: texts("psn_no")?,
        mdtrt_id: texts("mdtrt_id")?,
        setl_id: texts("setl_id")?,
        fixmedins_code: texts("fixmedins_code")?,
        bilg_dr_code: texts("bilg_dr_code")?,
        evidence_table: texts("evidence_table")?,
        evidence: lists("evidence")?,
        points: lists("points")?,
        values: lists("values")?,
        text: texts("text")?,
        cluster_id: texts("cluster_id")?,
        rule_set_hash: texts("rule_set_hash")?,
        amounts,
    };
    let (amount, fund, acct, cluster) = (money("amount")?, money("fund_amount")?, money("acct_amount")?, money("cluster_amount")?);
    let (first, last) = (time("first_time")?, time("last_time")?);
    let some = |texts: &mut Vec<Option<String>>, row: usize| texts[row].take().unwrap_or_default();
    Ok((0..batch.num_rows())
        .map(|row| Finding {
            finding_id: some(&mut columns.finding_id, row),
            rule_id: some(&mut columns.rule_id, row),
            rule_version: versions.as_primitive::<Int32Type>().value(row) as u32,
            rule_name: some(&mut columns.rule_name, row),
            kind: some(&mut columns.kind, row),
            class: some(&mut columns.class, row),
            result: some(&mut columns.result, row),
            band: some(&mut columns.band, row),
            psn_no: columns.psn_no[row].take(),
            mdtrt_id: columns.mdtrt_id[row].take(),
            setl_id: columns.setl_id[row].take(),
            fixmedins_code: columns.fixmedins_code[row].take(),
            bilg_dr_code: columns.bilg_dr_code[row].take(),
            first_time: first[row],
            last_time: last[row],
            evidence_table: some(&mut columns.evidence_table, row),
            evidence: std::mem::take(&mut columns.evidence[row]),
            evidence_amounts: std::mem::take(&mut columns.amounts[row]),
            points: std::mem::take(&mut columns.points[row]),
            values: std::mem::take(&mut columns.values[row]),
            amount: amount[row],
            fund_amount: fund[row],
            acct_amount: acct[row],
            text: some(&mut columns.text, row),
            cluster_id: some(&mut columns.cluster_id, row),
            leads: leads.as_boolean().value(row),
            cluster_amount: cluster[row],
            data_version: data.as_primitive::<Int64Type>().value(row) as u64,
            rule_set_hash: some(&mut columns.rule_set_hash, row),
        })
        .collect())
}

struct Columns {
    finding_id: Vec<Option<String>>,
    rule_id: Vec<Option<String>>,
    rule_name: Vec<Option<String>>,
    kind: Vec<Option<String>>,
    class: Vec<Option<String>>,
    result: Vec<Option<String>>,
    band: Vec<Option<String>>,
    psn_no: Vec<Option<String>>,
    mdtrt_id: Vec<Option<String>>,
    setl_id: Vec<Option<String>>,
    fixmedins_code: Vec<Option<String>>,
    bilg_dr_code: Vec<Option<String>>,
    evidence_table: Vec<Option<String>>,
    evidence: Vec<Vec<String>>,
    points: Vec<Vec<String>>,
    values: Vec<Vec<String>>,
    text: Vec<Option<String>>,
    cluster_id: Vec<Option<String>>,
    rule_set_hash: Vec<Option<String>>,
    amounts: Vec<Vec<i64>>,
}

fn wrong(column: &str, found: &str, expected: &'static str) -> ScreenError {
    ScreenError::ColumnType { table: "findings".into(), column: column.into(), found: found.into(), expected }
}

#[cfg(test)]
mod tests {
    use mingjian_engine::{Band, Outcome};

    use super::*;

    #[test]
    fn what_is_written_is_read_back() -> Result<(), ScreenError> {
        let draft = Draft {
            id: [7; 16],
            rule: 0,
            outcome: Outcome::Suspect,
            band: Band::Watch,
            psn_no: "P1".into(),
            mdtrt_id: "V1".into(),
            setl_id: String::new(),
            fixmedins_code: "H1".into(),
            bilg_dr_code: String::new(),
            first: Some(5),
            last: None,
            evidence_table: "fee_list_d".into(),
            evidence: vec!["1".into(), "2".into()],
            evidence_amounts: vec![4000, 0],
            points: vec!["t:1".into()],
            values: vec!["a=1".into()],
            amount: Some(4000),
            fund_amount: Some(2800),
            acct_amount: Some(100),
            text: "说明".into(),
            cluster: [7; 16],
            leads: true,
            cluster_amount: Some(4000),
        };
        let facts =
            RuleFacts { id: "N067".into(), version: 2, name: "药".into(), kind: "超限定支付".into(), class: "医疗类".into() };
        let batch = to_batch(&[draft], &[facts], 3, "hash")?;
        let read = read_batch(&batch)?;
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].finding_id, "07".repeat(16));
        assert_eq!((read[0].result.as_str(), read[0].band.as_str()), ("可疑", "watch"));
        assert_eq!((read[0].setl_id.clone(), read[0].last_time), (None, None));
        assert_eq!(read[0].evidence_amounts, [4000, 0]);
        assert_eq!((read[0].amount, read[0].data_version), (Some(4000), 3));
        Ok(())
    }
}
