//! Findings as the lake keeps them: read with filters, and exported.

mod book;

use std::io::Write;

use mingjian_lake::Lake;
use mingjian_model::Fen;
use mingjian_model::day::{Day, Moment, day_of, format_moment};

use crate::error::ScreenError;
use crate::finding::{Finding, read_batch};

pub use book::FindingBook;

/// Name of the table.
pub const TABLE: &str = "findings";

/// Which findings to read; empty lists and `None` ask for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub rules: Vec<String>,
    pub institutions: Vec<String>,
    pub persons: Vec<String>,
    /// core / watch
    pub band: Option<String>,
    /// 违规 / 可疑
    pub result: Option<String>,
    /// Findings whose period touches these days.
    pub from: Option<Day>,
    pub to: Option<Day>,
    /// Amount at risk in fen, inclusive; findings without money fall out.
    pub amount_min: Option<i64>,
    pub amount_max: Option<i64>,
    /// Only findings that lead their cluster: one money, one finding.
    pub leads: bool,
}

impl Filter {
    /// Whether a finding is asked for.
    pub fn takes(&self, finding: &Finding) -> bool {
        let among =
            |list: &[String], value: Option<&str>| list.is_empty() || value.is_some_and(|value| list.iter().any(|one| one == value));
        let day = |moment: Option<Moment>| moment.map(day_of);
        let amount = |holds: &dyn Fn(i64) -> bool| finding.amount.is_some_and(holds);
        among(&self.rules, Some(&finding.rule_id))
            && among(&self.institutions, finding.fixmedins_code.as_deref())
            && among(&self.persons, finding.psn_no.as_deref())
            && self.band.as_ref().is_none_or(|band| *band == finding.band)
            && self.result.as_ref().is_none_or(|result| *result == finding.result)
            && self.from.is_none_or(|from| day(finding.last_time.or(finding.first_time)).is_none_or(|day| day >= from))
            && self.to.is_none_or(|to| day(finding.first_time.or(finding.last_time)).is_none_or(|day| day <= to))
            && self.amount_min.is_none_or(|least| amount(&|fen| fen >= least))
            && self.amount_max.is_none_or(|most| amount(&|fen| fen <= most))
            && (!self.leads || finding.leads)
    }
}

/// Findings of the newest screening (or of a version of the lake), by finding id.
pub fn load(lake: &Lake, filter: &Filter, as_of: Option<u64>) -> Result<Vec<Finding>, ScreenError> {
    let snapshot = lake.snapshot(as_of)?;
    if !snapshot.has_table(TABLE) {
        return Err(ScreenError::NoFindings);
    }
    let mut found = Vec::new();
    for batch in snapshot.read_table(TABLE, &[])? {
        found.extend(read_batch(&batch)?.into_iter().filter(|finding| filter.takes(finding)));
    }
    found.sort_by(|a, b| a.finding_id.cmp(&b.finding_id));
    Ok(found)
}

/// Columns of the CSV other programs read.
pub const CSV_COLUMNS: &[&str] = &[
    "finding_id",
    "rule_id",
    "rule_version",
    "result",
    "band",
    "psn_no",
    "mdtrt_id",
    "setl_id",
    "fixmedins_code",
    "bilg_dr_code",
    "first_time",
    "last_time",
    "evidence_table",
    "evidence",
    "amount",
    "fund_amount",
    "text",
];

/// Writes findings as CSV (UTF-8, comma, header): money in yuan with two decimals, times `YYYY-MM-DD HH:MM:SS`, evidence ids with `;`
/// between; empty where there is none.
pub fn write_csv<'f>(findings: impl IntoIterator<Item = &'f Finding>, out: &mut dyn Write) -> Result<(), ScreenError> {
    let mut line = CSV_COLUMNS.join(",");
    line.push('\n');
    out.write_all(line.as_bytes()).map_err(ScreenError::Export)?;
    for finding in findings {
        line.clear();
        let money = |fen: Option<i64>| fen.map_or_else(String::new, |fen| Fen(fen).to_string());
        let time = |moment: Option<Moment>| moment.map_or_else(String::new, format_moment);
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let cells = [
            finding.finding_id.clone(),
            finding.rule_id.clone(),
            finding.rule_version.to_string(),
            finding.result.clone(),
            finding.band.clone(),
            text(&finding.psn_no),
            text(&finding.mdtrt_id),
            text(&finding.setl_id),
            text(&finding.fixmedins_code),
            text(&finding.bilg_dr_code),
            time(finding.first_time),
            time(finding.last_time),
            finding.evidence_table.clone(),
            finding.evidence.join(";"),
            money(finding.amount),
            money(finding.fund_amount),
            finding.text.clone(),
        ];
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                line.push(',');
            }
            push_cell(&mut line, cell);
        }
        line.push('\n');
        out.write_all(line.as_bytes()).map_err(ScreenError::Export)?;
    }
    Ok(())
}

/// A cell, in quotes where it must be.
fn push_cell(line: &mut String, cell: &str) {
    if cell.contains([',', '"', '\n', '\r']) {
        line.push('"');
        line.push_str(&cell.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(cell);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding() -> Finding {
        Finding {
            finding_id: "0a".repeat(16),
            rule_id: "N067".into(),
            rule_version: 1,
            rule_name: "药品区分性别使用".into(),
            kind: "超限定支付".into(),
            class: "医疗类".into(),
            result: "违规".into(),
            band: "core".into(),
            psn_no: Some("P1".into()),
            mdtrt_id: Some("V1".into()),
            setl_id: None,
            fixmedins_code: Some("H1".into()),
            bilg_dr_code: None,
            first_time: mingjian_model::day::parse_moment("2025-03-05 09:00:00"),
            last_time: mingjian_model::day::parse_moment("2025-03-06 09:00:00"),
            evidence_table: "fee_list_d".into(),
            evidence: vec!["1".into(), "2".into()],
            evidence_amounts: vec![4000, 0],
            points: Vec::new(),
            values: Vec::new(),
            amount: Some(4000),
            fund_amount: Some(2805),
            acct_amount: None,
            text: "说“明”，含,逗号和\"引号\"".into(),
            cluster_id: "0a".repeat(16),
            leads: true,
            cluster_amount: Some(4000),
            data_version: 1,
            rule_set_hash: String::new(),
        }
    }

    #[test]
    fn the_csv_reads_as_other_programs_expect() {
        let mut out = Vec::new();
        write_csv([&finding()], &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let mut lines = text.lines();
        assert_eq!(
            lines.next(),
            Some(
                "finding_id,rule_id,rule_version,result,band,psn_no,mdtrt_id,setl_id,fixmedins_code,bilg_dr_code,first_time,last_time,evidence_table,evidence,amount,fund_amount,text"
            )
        );
        let id = "0a".repeat(16);
        assert_eq!(
            lines.next(),
            Some(format!("{id},N067,1,违规,core,P1,V1,,H1,,2025-03-05 09:00:00,2025-03-06 09:00:00,fee_list_d,1;2,40.00,28.05,\"说“明”，含,逗号和\"\"引号\"\"\"").as_str())
        );
    }

    #[test]
    fn filters_ask_for_period_money_and_subject() {
        let day = |text| mingjian_model::day::parse_day(text);
        let cases = [
            (Filter::default(), true),
            (Filter { from: day("2025-03-06"), ..Filter::default() }, true),
            (Filter { from: day("2025-03-07"), ..Filter::default() }, false),
            (Filter { to: day("2025-03-05"), ..Filter::default() }, true),
            (Filter { to: day("2025-03-04"), ..Filter::default() }, false),
            (Filter { amount_min: Some(4000), ..Filter::default() }, true),
            (Filter { amount_min: Some(4001), ..Filter::default() }, false),
            (Filter { institutions: vec!["H2".into()], ..Filter::default() }, false),
            (Filter { band: Some("watch".into()), ..Filter::default() }, false),
            (Filter { rules: vec!["N067".into(), "N002".into()], ..Filter::default() }, true),
        ];
        for (filter, expected) in cases {
            assert_eq!(filter.takes(&finding()), expected, "{filter:?}");
        }
    }
}
