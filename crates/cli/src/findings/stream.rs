//! Findings for other programs: CSV of fixed columns, JSON objects.

use mingjian_model::{Fen, day};
use mingjian_screening::Finding;
use serde_json::{Value, json};

use crate::cells;

/// The header of the CSV; other programs rely on it.
pub const COLUMNS: [&str; 17] = [
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

/// One line: yuan with two decimals, times to the second, `;` between evidence ids, empty for none.
pub fn csv_line(finding: &Finding) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let time = |moment: Option<i64>| moment.map(day::format_moment).unwrap_or_default();
    let yuan = |fen: Option<i64>| fen.map(|fen| Fen(fen).to_string()).unwrap_or_default();
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
        yuan(finding.amount),
        yuan(finding.fund_amount),
        finding.text.clone(),
    ];
    cells::csv_line(cells.iter().map(String::as_str))
}

/// A finding as an object; money in fen, null where there is none.
pub fn object(finding: &Finding) -> Value {
    let time = |moment: Option<i64>| moment.map(day::format_moment);
    json!({
        "finding_id": finding.finding_id,
        "rule_id": finding.rule_id,
        "rule_version": finding.rule_version,
        "rule_name": finding.rule_name,
        "kind": finding.kind,
        "class": finding.class,
        "result": finding.result,
        "band": finding.band,
        "psn_no": finding.psn_no,
        "mdtrt_id": finding.mdtrt_id,
        "setl_id": finding.setl_id,
        "fixmedins_code": finding.fixmedins_code,
        "bilg_dr_code": finding.bilg_dr_code,
        "first_time": time(finding.first_time),
        "last_time": time(finding.last_time),
        "evidence_table": finding.evidence_table,
        "evidence": finding.evidence,
        "evidence_amounts_fen": finding.evidence_amounts,
        "points": finding.points,
        "values": finding.values,
        "amount_fen": finding.amount,
        "fund_amount_fen": finding.fund_amount,
        "acct_amount_fen": finding.acct_amount,
        "text": finding.text,
        "cluster_id": finding.cluster_id,
        "leads": finding.leads,
        "cluster_amount_fen": finding.cluster_amount,
        "data_version": finding.data_version,
        "rule_set_hash": finding.rule_set_hash,
    })
}
