//! 解释一条疑点: the finding, its evidence as the lake has it, the time around it, the rule, the points, the arithmetic.

mod person;

use std::collections::{BTreeMap, HashSet};

use mingjian_lake::{Lake, Snapshot};
use mingjian_model::day::{format_day, parse_moment};
use mingjian_model::schema;
use mingjian_model::{Fen, parse_scaled};
use mingjian_rules::Library;

use crate::error::ScreenError;
use crate::finding::Finding;
use crate::findings::FindingBook;
use crate::rows::{self, Row};

pub(crate) use person::PersonRows;

/// Evidence rows shown at most; a finding about an institution may have thousands.
const EVIDENCE_MAX: usize = 200;

/// Everything a reader of a finding asks for.
#[derive(Debug, Clone)]
pub struct Explanation {
    pub finding: Finding,
    /// The rule as it stands in the library; `None` when the library no longer has it. Compare its version with the finding's.
    pub rule: Option<RuleText>,
    pub points: Vec<PointText>,
    pub evidence: Vec<EvidenceLine>,
    /// How many evidence rows there are beyond those shown.
    pub evidence_hidden: usize,
    /// Visits of the person around the finding, oldest first; empty for findings about institutions.
    pub timeline: Vec<VisitText>,
    /// 金额如何算出, one step a line.
    pub arithmetic: Vec<String>,
    /// Other findings on the same money, the leading one first.
    pub cluster: Vec<Finding>,
}

/// What the rule says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleText {
    pub id: String,
    pub version: u32,
    pub title: String,
    /// In plain words.
    pub text: String,
    /// When it is wrong, and how institutions plead (误报与申辩).
    pub misfires: String,
    /// `条例 第三十八条（六）`
    pub basis: Vec<String>,
}

/// A knowledge point the finding rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PointText {
    /// As the finding carries it.
    pub label: String,
    pub table_title: String,
    pub origin: String,
    /// Column and cell; empty where the library no longer has the point.
    pub cells: Vec<(String, String)>,
}

/// A row in evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceLine {
    /// The id the finding names.
    pub id: String,
    /// Fen; `None` where the rule computes no money.
    pub amount: Option<i64>,
    /// The row in the lake as of the finding's data version; empty when it is not there.
    pub row: Row,
}

/// A visit in the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitText {
    pub visit: Row,
    pub marked: bool,
    pub settlements: Vec<Marked>,
    pub diagnoses: Vec<Marked>,
    pub operations: Vec<Marked>,
    pub lines: Vec<Marked>,
}

/// A row, and whether it is in evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    pub row: Row,
    pub marked: bool,
}

/// Explains a finding of the book, given by its id or a beginning of it; the timeline reaches `days` before its first and after its
/// last row.
pub fn explain(lake: &Lake, library: &Library, book: &FindingBook, finding_id: &str, days: u32) -> Result<Explanation, ScreenError> {
    let finding = book.find(finding_id)?;
    let snapshot = book.data(lake, finding.data_version)?;
    let person = finding.psn_no.as_deref().map(|psn_no| book.person(&snapshot, psn_no)).transpose()?;
    let (evidence, evidence_hidden) = evidence(&snapshot, &finding, person.as_deref())?;
    Ok(Explanation {
        rule: rule_text(library, &finding.rule_id),
        points: finding.points.iter().map(|label| point_text(library, label)).collect(),
        arithmetic: arithmetic(&finding, &evidence, person.as_deref()),
        timeline: person.map_or_else(Vec::new, |person| person.timeline(&finding, days)),
        evidence,
        evidence_hidden,
        cluster: book.cluster(&finding)?,
        finding,
    })
}

/// A person's row in the register (psn_info_b); `None` where there is none.
pub fn register(snapshot: &Snapshot, psn_no: &str) -> Result<Option<Row>, ScreenError> {
    let Some(table) = schema::table("psn_info_b") else { return Ok(None) };
    Ok(rows::of_subject(snapshot, table, psn_no)?.pop())
}

/// Rows of a table that are a person's; none where the table is not bucketed by person.
pub fn of_person(snapshot: &Snapshot, table: &str, psn_no: &str) -> Result<Vec<Row>, ScreenError> {
    match schema::table(table).filter(|table| table.bucket_by == Some("psn_no")) {
        Some(table) => rows::of_subject(snapshot, table, psn_no),
        None => Ok(Vec::new()),
    }
}

/// Whether a line lies in the finding's period.
fn belongs(finding: &Finding, row: &Row) -> bool {
    let Some(time) = parse_moment(row.get("fee_ocur_time")) else { return true };
    finding.first_time.is_none_or(|first| time >= first) && finding.last_time.is_none_or(|last| time <= last)
}

fn key_of(table: &str) -> &'static str {
    match table {
        "fee_list_d" => "bkkp_sn",
        "setl_d" => "setl_id",
        "mdtrt_d" => "mdtrt_id",
        "setl_list_diag_d" => "setl_list_diag_id",
        "setl_list_oprn_d" => "setl_list_oprn_id",
        "fixmedins_b" => "fixmedins_code",
        _ => "rtal_docno",
    }
}

/// The evidence rows in the finding's order, at most [`EVIDENCE_MAX`], and how many more there are.
fn evidence(snapshot: &Snapshot, finding: &Finding, person: Option<&PersonRows>) -> Result<(Vec<EvidenceLine>, usize), ScreenError> {
    let Some(table) = schema::table(&finding.evidence_table) else { return Ok((Vec::new(), finding.evidence.len())) };
    let key = key_of(table.name);
    let shown = &finding.evidence[..finding.evidence.len().min(EVIDENCE_MAX)];
    let wanted: HashSet<&str> = shown.iter().map(String::as_str).collect();
    let mut rows: Vec<Row> = match (person, table.name) {
        (Some(person), "fee_list_d") => {
            person.lines.iter().filter(|row| wanted.contains(row.get(key)) && belongs(finding, row)).cloned().collect()
        }
        (Some(person), "setl_d") => person.settlements.clone(),
        (Some(person), "mdtrt_d") => person.visits.clone(),
        (Some(person), "setl_list_diag_d") => person.diagnoses.clone(),
        _ => match &finding.fixmedins_code {
            Some(institution) if table.bucket_by == Some("fixmedins_code") => rows::of_subject(snapshot, table, institution)?,
            _ => rows::by_column(snapshot, table, key, &wanted, 4 * EVIDENCE_MAX)?,
        },
    };
    // The finding's own visit first: bkkp_sn may come again in another.
    rows.sort_by_key(|row| finding.mdtrt_id.as_deref() != Some(row.get("mdtrt_id")));
    let mut by_id: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    rows.iter().rev().for_each(|row| by_id.entry(row.get(key)).or_default().push(row));
    let lines = shown
        .iter()
        .enumerate()
        .map(|(at, id)| EvidenceLine {
            id: id.clone(),
            amount: finding.evidence_amounts.get(at).copied(),
            row: by_id.get_mut(id.as_str()).and_then(Vec::pop).cloned().unwrap_or_default(),
        })
        .collect();
    Ok((lines, finding.evidence.len() - shown.len()))
}

/// 涉案金额、统筹基金、个人账户: how each came about.
fn arithmetic(finding: &Finding, evidence: &[EvidenceLine], person: Option<&PersonRows>) -> Vec<String> {
    let Some(amount) = finding.amount else { return vec!["本规则认定行为，不计算涉案金额".to_owned()] };
    let mut steps = Vec::new();
    let offending: Vec<String> = finding.evidence_amounts.iter().filter(|&&fen| fen != 0).map(|&fen| Fen(fen).to_string()).collect();
    match offending.len() {
        0 | 1 => steps.push(format!("涉案金额 = {}", Fen(amount))),
        _ => steps.push(format!("涉案金额 = {} = {}", offending.join(" + "), Fen(amount))),
    }
    let Some(person) = person else { return steps };
    let mut at_risk: BTreeMap<String, i64> = BTreeMap::new();
    for line in evidence {
        let settlement = Some(line.row.get("setl_id")).filter(|id| !id.is_empty()).or(finding.setl_id.as_deref()).unwrap_or_default();
        *at_risk.entry(settlement.to_owned()).or_default() += line.amount.unwrap_or(0);
    }
    for (setl_id, amount) in at_risk.into_iter().filter(|(_, amount)| *amount != 0) {
        let Some(row) = person.settlements.iter().find(|row| row.get("setl_id") == setl_id) else {
            steps.push(format!("{} 元所在结算不在数据中，不计基金份额", Fen(amount)));
            continue;
        };
        let money = |column: &str| Fen(parse_scaled(row.get(column), 2).unwrap_or(0));
        let (fund, scope, total) = (money("fund_pay_sumamt"), money("inscp_amt"), money("medfee_sumamt"));
        let account = money("acct_pay") + money("acct_mulaid_pay");
        let amount = Fen(amount);
        let share = amount.share(fund, scope);
        steps.push(format!("结算 {setl_id}：统筹基金 = {amount} × 基金支付 {fund} ÷ 范围内费用 {scope} = {share}"));
        let rest = amount - share;
        let borne = rest.share(account, total - fund);
        steps.push(format!("结算 {setl_id}：个人账户 = {rest} × 账户支付 {account} ÷（总费用 {total} − 基金支付 {fund}）= {borne}"));
    }
    if let (Some(fund), Some(account)) = (finding.fund_amount, finding.acct_amount) {
        steps.push(format!("基金损失 = 统筹 {} + 个人账户 {} = {}", Fen(fund), Fen(account), Fen(fund + account)));
    }
    steps
}

fn rule_text(library: &Library, id: &str) -> Option<RuleText> {
    let rule = library.rules.iter().find(|rule| rule.id == id)?;
    Some(RuleText {
        id: rule.id.clone(),
        version: rule.version,
        title: rule.title.clone(),
        text: rule.text.clone(),
        misfires: rule.misfires.clone(),
        basis: rule.basis.iter().map(|basis| format!("{} {}", basis.doc, basis.article).trim().to_owned()).collect(),
    })
}

/// Finds the point a label names: `table:row key [valid from–to]`.
fn point_text(library: &Library, label: &str) -> PointText {
    let mut text = PointText { label: label.to_owned(), ..PointText::default() };
    let name = label.split(" [").next().unwrap_or(label);
    let Some((table, key)) = name.split_once(':') else { return text };
    let Some(table) = library.tables.iter().find(|one| one.name == table) else { return text };
    text.table_title = table.title.clone();
    text.origin = table.origin.clone();
    if let Some(point) = table.points.iter().find(|point| point.key == key.trim()) {
        text.cells.push(("name".to_owned(), point.name.clone()));
        text.cells.extend(table.columns.iter().zip(&point.cells).map(|(column, cell)| (column.name.clone(), cell.clone())));
        let day = |day: i32| if day == i32::MIN || day == i32::MAX { "不限".to_owned() } else { format_day(day) };
        text.cells.push(("valid".to_owned(), format!("{} 至 {}", day(point.valid.0), day(point.valid.1))));
        text.cells.retain(|cell| !cell.1.is_empty());
    }
    text
}
