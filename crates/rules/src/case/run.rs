//! Running a kernel rule's cases through the engine.

use mingjian_engine::{Attrition, Band, Evidence, Hit, Options, Outcome, Role, Screener, Worker};
use mingjian_model::{Fen, parse_scaled};

use super::{Case, CaseTable, timeline};
use crate::compiled::{Compiled, Names};
use crate::head::Status;
use crate::library::{Library, Selection};
use crate::params::ParamOverrides;
use crate::rule::Rule;

/// How one case went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseResult {
    pub name: String,
    /// 1-based line of the case in the rule's file.
    pub line: usize,
    pub passed: bool,
    /// What differed, in Chinese; empty when it passed.
    pub message: String,
    /// The sentences of the hits, in order.
    pub said: Vec<String>,
}

/// Names in a case: items are called as the case or a knowledge table calls them.
struct CaseNames<'a> {
    worker: &'a Worker,
    library: &'a Library,
}

impl Names for CaseNames<'_> {
    fn item(&self, id: u32) -> String {
        let code = self.worker.item_code(id);
        self.library.tables.iter().find_map(|table| table.name_of_code(code)).unwrap_or(code).to_string()
    }

    fn institution(&self, id: u32) -> String {
        self.worker.institution_code(id).to_string()
    }

    fn code(&self, id: u32) -> String {
        self.worker.code_text(id).to_string()
    }

    fn text(&self, id: u16) -> String {
        self.worker.text_of(id).to_string()
    }
}

/// Runs the cases of a kernel rule; an SQL rule's cases are run by screening and give nothing here.
pub fn run_cases(library: &Library, rule: &Rule) -> Vec<CaseResult> {
    if !rule.is_kernel() {
        return Vec::new();
    }
    let selection =
        Selection { ids: Some(vec![rule.id.clone()]), statuses: vec![Status::Draft, Status::Shadow, Status::Live, Status::Retired] };
    let compiled = library.compile(&selection, &ParamOverrides::default());
    rule.cases
        .iter()
        .map(|case| {
            let mut said = Vec::new();
            let message = match &compiled {
                Ok(compiled) => run(library, rule, compiled, case, &mut said).err().unwrap_or_default(),
                Err(found) => found.first().map_or_else(|| "规则不能编译".to_string(), ToString::to_string),
            };
            CaseResult { name: case.name.clone(), line: case.line, passed: message.is_empty(), message, said }
        })
        .collect()
}

/// What a row should get, or got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Verdict {
    /// Fen; `None` for rules without money.
    amount: Option<i64>,
    outcome: Outcome,
    band: Band,
}

impl Verdict {
    fn show(self, rule: &Rule) -> String {
        let mut text = self.amount.map_or_else(|| "是".to_string(), |amount| Fen(amount).to_string());
        if self.band == Band::Watch {
            text.push_str(" watch");
        } else if self.outcome != rule.outcome {
            text.push_str(&format!(" {}", self.outcome.title()));
        }
        text
    }
}

fn run(library: &Library, rule: &Rule, compiled: &Compiled, case: &Case, said: &mut Vec<String>) -> Result<(), String> {
    let Some(table) = case.tables.first() else { return Ok(()) };
    let mut worker = Worker::new(&compiled.rule_set);
    let world = timeline::build(library, rule, table, &compiled.rule_set, &mut worker)?;
    let screener = Screener::new(&compiled.rule_set, Options { trace: true, ..Options::default() });
    let mut hits: Vec<Hit> = Vec::new();
    let mut attrition = Attrition::new(compiled.rule_set.blocks.len());
    screener.screen(&mut worker, &world.timelines(), &mut hits, &mut attrition);
    let names = CaseNames { worker: &worker, library };
    said.extend(hits.iter().map(|hit| compiled.render(library, hit, &names)));
    let mut got: Vec<Option<Verdict>> = vec![None; table.rows.len()];
    for hit in &hits {
        for evidence in hit.rows.iter().filter(|row| row.role == Role::Offends) {
            let rows = match hit.evidence {
                Evidence::Lines => &world.line_rows,
                Evidence::Visits => &world.visit_rows,
                Evidence::Settlements => &world.settlement_rows,
                Evidence::Diagnoses => &world.diagnosis_rows,
            };
            let Some(&row) = rows.get(evidence.row as usize) else { continue };
            let before = got[row].and_then(|verdict| verdict.amount).unwrap_or(0);
            let amount = hit.has_amount.then_some(before + evidence.amount);
            got[row] = Some(Verdict { amount, outcome: hit.outcome, band: hit.band });
        }
    }
    let mut differences = Vec::new();
    for (row, got) in table.rows.iter().zip(got) {
        let expected = expected(rule, table, row)?;
        let got = got.filter(|verdict| verdict.amount != Some(0) || expected.is_some());
        if expected != got {
            let shown = |verdict: Option<Verdict>| verdict.map_or_else(|| "不命中".to_string(), |verdict| verdict.show(rule));
            differences.push(format!("第 {} 行应是 {}，实际 {}", row.line, shown(expected), shown(got)));
        }
    }
    if differences.is_empty() {
        return Ok(());
    }
    differences.extend(why_not(compiled, &attrition));
    Err(differences.join("；"))
}

/// Exemptions and missing values that took rows away.
fn why_not(compiled: &Compiled, attrition: &Attrition) -> Vec<String> {
    let mut why = Vec::new();
    for (block, counts) in compiled.rule_set.blocks.iter().zip(&attrition.blocks) {
        for (need, count) in block.needs.iter().zip(&counts.lacking) {
            if *count > 0 {
                why.push(format!("不判“{}”{count} 次", need.reason));
            }
        }
        for (exemption, count) in block.unless.iter().zip(&counts.exempted) {
            if *count > 0 {
                why.push(format!("豁免“{}”{count} 次", exemption.reason));
            }
        }
        if counts.not_judged > 0 {
            why.push(format!("因缺数据不判 {} 次", counts.not_judged));
        }
    }
    why
}

/// Reads an `expect` cell: `40.00`, `是`, with `watch`, `可疑` or `违规` after it.
fn expected(rule: &Rule, table: &CaseTable, row: &super::CaseRow) -> Result<Option<Verdict>, String> {
    let text = table.cell(row, "expect");
    if text.is_empty() {
        return Ok(None);
    }
    let mut verdict = Verdict { amount: None, outcome: rule.outcome, band: Band::Core };
    for (i, word) in text.split_whitespace().enumerate() {
        match word {
            "watch" => {
                verdict.band = Band::Watch;
                verdict.outcome = Outcome::Suspect;
            }
            "core" => verdict.band = Band::Core,
            "可疑" => verdict.outcome = Outcome::Suspect,
            "违规" => verdict.outcome = Outcome::Violation,
            "是" if i == 0 => {}
            money if i == 0 && parse_scaled(money, 2).is_some() => verdict.amount = parse_scaled(money, 2),
            _ => return Err(format!("第 {} 行 expect 的“{text}”不对，应是金额（如 40.00）或 是，后面可写 watch、可疑", row.line)),
        }
    }
    Ok(Some(verdict))
}
