//! A finding as the pages show it: lines of the days concerned with the hit marked, diagnoses, operations, arithmetic, what speaks against it.

use std::collections::{BTreeSet, HashMap};

use mingjian_model::{Fen, day, parse_scaled};
use mingjian_platform::DataError;
use mingjian_platform::contract::evidence::{
    Diagnosis, Evidence, EvidenceLine, Lane, Operation, PersonTimeline, Point, RuleText, VisitFacts,
};
use mingjian_platform::contract::lead::{Finding, FindingRule, Practitioner};
use mingjian_screening::{Explanation, Row, ScreenError, VisitText};

use super::{Opened, failed};
use crate::codes;
use crate::commands::explain::logic;
use mingjian_people::mask;

/// Lines shown at most.
const LINES_MAX: usize = 400;
/// Days the timeline reaches to both sides.
const AROUND: u32 = 183;

pub fn evidence(opened: &Opened, id: &str) -> Result<Option<Evidence>, DataError> {
    let Some(told) = explained(opened, id, 0)? else { return Ok(None) };
    let own = own_visit(&told);
    let (lines, lines_hidden) = lines(&told);
    let visits = || told.timeline.iter().filter(|visit| concerned(visit));
    let run = opened.run.as_ref().and_then(|run| run.report.rules.iter().find(|rule| rule.rule_id == told.finding.rule_id));
    let not_judged = run.into_iter().flat_map(|rule| &rule.not_judged).map(|reason| format!("{}（{} 处）", reason.reason, reason.count));
    Ok(Some(Evidence {
        rule: rule_text(opened, &told),
        points: told
            .points
            .iter()
            .map(|point| Point {
                label: point.label.clone(),
                table_title: point.table_title.clone(),
                origin: point.origin.clone(),
                cells: point.cells.clone(),
            })
            .collect(),
        lines,
        lines_hidden,
        diagnoses: visits()
            .flat_map(|visit| &visit.diagnoses)
            .map(|one| Diagnosis {
                code: one.row.get("diag_code").to_owned(),
                name: one.row.get("diag_name").to_owned(),
                main: one.row.get("maindiag_flag") == "1",
                hit: one.marked,
            })
            .collect(),
        operations: visits()
            .flat_map(|visit| &visit.operations)
            .map(|one| Operation {
                code: one.row.get("oprn_oprt_code").to_owned(),
                name: one.row.get("oprn_oprt_name").to_owned(),
                day: one.row.get("oprn_oprt_date").to_owned(),
                hit: one.marked,
            })
            .collect(),
        visit: own.map(visit_facts),
        arithmetic: told.arithmetic.clone(),
        against: against(&told),
        not_judged: not_judged.collect(),
        others: told.cluster.iter().map(|other| finding(opened, other, None)).collect(),
        finding: finding(opened, &told.finding, doctor_name(&told)),
        precision: Default::default(),
    }))
}

pub fn timeline(opened: &Opened, id: &str) -> Result<Option<PersonTimeline>, DataError> {
    let Some(told) = explained(opened, id, AROUND)? else { return Ok(None) };
    let mut lanes: Vec<Lane> = told.timeline.iter().map(lane).collect();
    super::profile::overlapping(&mut lanes);
    let from = lanes.iter().map(|lane| lane.begin.clone()).min().unwrap_or_default();
    let to = lanes.iter().map(|lane| lane.end.clone()).max().unwrap_or_default();
    Ok(Some(PersonTimeline { lanes, from, to }))
}

fn explained(opened: &Opened, id: &str, days: u32) -> Result<Option<Explanation>, DataError> {
    let Some(book) = &opened.book else { return Ok(None) };
    match mingjian_screening::explain(&opened.lake, &opened.library, book, id, days) {
        Ok(told) => Ok(Some(told)),
        Err(ScreenError::NoFinding(_)) => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

/// A finding as lists show it. `doctor` is the practitioner's name where it is known.
fn finding(opened: &Opened, finding: &mingjian_screening::Finding, doctor: Option<&str>) -> Finding {
    let rule = opened.library.rule(&finding.rule_id);
    let moment = |moment: Option<i64>| moment.map(day::format_moment).unwrap_or_default();
    Finding {
        id: finding.finding_id.clone(),
        rule: FindingRule {
            id: finding.rule_id.clone(),
            title: rule.map_or_else(|| finding.rule_name.clone(), |rule| rule.title.clone()),
            class: finding.class.clone(),
            version: i64::from(finding.rule_version),
        },
        result: finding.result.clone(),
        band: finding.band.clone(),
        kind: finding.kind.clone(),
        text: finding.text.clone(),
        amount_fen: finding.amount,
        fund_fen: finding.fund_amount,
        acct_fen: finding.acct_amount,
        first_time: moment(finding.first_time),
        last_time: moment(finding.last_time),
        cluster_id: finding.cluster_id.clone(),
        counted: finding.leads,
        counted_fen: finding.cluster_amount.unwrap_or(0),
        practitioner: finding
            .bilg_dr_code
            .as_ref()
            .map(|code| Practitioner { code: code.clone(), name_masked: doctor.map(mask::name).unwrap_or_default() }),
        ..Finding::default()
    }
}

fn doctor_name(told: &Explanation) -> Option<&str> {
    let code = told.finding.bilg_dr_code.as_deref()?;
    let line = told.evidence.iter().find(|line| line.row.get("bilg_dr_code") == code)?;
    Some(line.row.get("bilg_dr_name")).filter(|name| !name.is_empty())
}

fn own_visit(told: &Explanation) -> Option<&VisitText> {
    let named = told.timeline.iter().find(|visit| told.finding.mdtrt_id.as_deref() == Some(visit.visit.get("mdtrt_id")));
    named.or_else(|| told.timeline.iter().find(|visit| concerned(visit)))
}

/// Whether the finding speaks of the visit or of something in it.
fn concerned(visit: &VisitText) -> bool {
    visit.marked || [&visit.lines, &visit.settlements, &visit.diagnoses].into_iter().flatten().any(|row| row.marked)
}

/// Lines of the visits concerned on the days that have a marked one (all of a visit where none is marked), marked ones always; and
/// how many more there are. Findings outside a person's care show their evidence rows.
fn lines(told: &Explanation) -> (Vec<EvidenceLine>, i64) {
    let amounts: HashMap<(&str, &str), i64> = told
        .evidence
        .iter()
        .filter_map(|line| Some(((line.row.get("mdtrt_id"), line.row.get("bkkp_sn")), line.amount.filter(|fen| *fen != 0)?)))
        .collect();
    let mut shown = Vec::new();
    for visit in told.timeline.iter().filter(|visit| concerned(visit)) {
        let days: BTreeSet<&str> = visit.lines.iter().filter(|line| line.marked).map(|line| day_of(&line.row)).collect();
        for line in visit.lines.iter().filter(|line| days.is_empty() || days.contains(day_of(&line.row))) {
            let amount = amounts.get(&(line.row.get("mdtrt_id"), line.row.get("bkkp_sn"))).copied();
            shown.push(evidence_line(&line.row, line.marked, amount.filter(|_| line.marked)));
        }
    }
    if told.timeline.is_empty() {
        shown = told.evidence.iter().map(|line| evidence_line(&line.row, true, line.amount)).collect();
    }
    let spare = shown.len().saturating_sub(LINES_MAX);
    if spare > 0 {
        let mut room = LINES_MAX.saturating_sub(shown.iter().filter(|line| line.hit).count());
        shown.retain(|line| {
            let fits = line.hit || room > 0;
            room -= usize::from(!line.hit && fits);
            fits
        });
    }
    (shown, (spare + told.evidence_hidden) as i64)
}

fn day_of(row: &Row) -> &str {
    let time = row.get("fee_ocur_time");
    time.get(..10).unwrap_or(time)
}

fn evidence_line(row: &Row, hit: bool, hit_fen: Option<i64>) -> EvidenceLine {
    let first =
        |columns: &[&str]| columns.iter().map(|column| row.get(column)).find(|text| !text.is_empty()).unwrap_or_default().to_owned();
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    EvidenceLine {
        house: row.get("fixmedins_code").to_owned(),
        id: first(&["bkkp_sn", "rtal_docno", "setl_id", "mdtrt_id"]),
        time: first(&["fee_ocur_time", "sel_retn_time", "inv_chg_time", "purc_retn_stoin_time", "setl_time", "begntime"]),
        code: first(&["med_list_codg"]),
        name: first(&["medins_list_name", "hilist_name", "fixmedins_hilist_name", "dise_name", "fixmedins_name"]),
        spec: some(first(&["spec", "drug_trac_codg"])),
        count: first(&["cnt", "sel_retn_cnt", "purc_retn_cnt", "inv_cnt"]),
        price: first(&["pric", "finl_trns_pric"]),
        amount_fen: fen(row, "det_item_fee_sumamt").or_else(|| fen(row, "medfee_sumamt")).unwrap_or(0),
        scope_fen: fen(row, "inscp_amt").unwrap_or(0),
        department: some(first(&["bilg_dept_name", "acord_dept_name", "dscg_dept_name", "adm_dept_name"])),
        practitioner: some(first(&["bilg_dr_name", "chfpdr_name", "prsc_dr_name"])).map(|name| mask::name(&name)),
        hit,
        hit_fen,
        why: None,
    }
}

fn fen(row: &Row, column: &str) -> Option<i64> {
    parse_scaled(row.get(column), 2)
}

fn rule_text(opened: &Opened, told: &Explanation) -> RuleText {
    let Some(text) = &told.rule else {
        return RuleText { id: told.finding.rule_id.clone(), title: told.finding.rule_name.clone(), ..RuleText::default() };
    };
    RuleText {
        id: text.id.clone(),
        version: i64::from(text.version),
        title: text.title.clone(),
        plain: text.text.clone(),
        misfires: text.misfires.clone(),
        basis: text.basis.clone(),
        logic: opened.library.rule(&text.id).map(|rule| logic(rule).join("\n")).unwrap_or_default(),
    }
}

fn visit_facts(visit: &VisitText) -> VisitFacts {
    let row = &visit.visit;
    let first =
        |columns: &[&str]| columns.iter().map(|column| row.get(column)).find(|text| !text.is_empty()).unwrap_or_default().to_owned();
    let sum = |column: &str| {
        let sums = visit.settlements.iter().filter_map(|settlement| fen(&settlement.row, column));
        Fen(sums.sum()).to_string()
    };
    VisitFacts {
        id: first(&["mdtrt_id"]),
        kind_title: codes::care(row.get("med_type")).to_owned(),
        institution: first(&["fixmedins_name", "fixmedins_code"]),
        department: first(&["dscg_dept_name", "adm_dept_name"]),
        begin: first(&["begntime"]),
        end: first(&["endtime"]),
        insurance: codes::insurance(row.get("insutype")).to_owned(),
        settled: visit.settlements.iter().map(|one| one.row.get("setl_time")).max().unwrap_or_default().to_owned(),
        total: sum("medfee_sumamt"),
        fund: sum("fund_pay_sumamt"),
    }
}

fn lane(visit: &VisitText) -> Lane {
    let row = &visit.visit;
    let line = visit.lines.first().map(|line| line.row.get("fee_ocur_time")).unwrap_or_default();
    let begin = Some(row.get("begntime")).filter(|time| !time.is_empty()).unwrap_or(line);
    let end = Some(row.get("endtime")).filter(|time| !time.is_empty()).unwrap_or(begin);
    let kind = match row.get("med_type") {
        stay if codes::is_stay(stay) => "stay",
        shop if shop.starts_with("41") => "pharmacy",
        _ => "visit",
    };
    let main = visit.diagnoses.iter().find(|one| one.row.get("maindiag_flag") == "1").or(visit.diagnoses.first());
    let diagnosis = main.map(|one| one.row.get("diag_name")).or_else(|| visit.lines.first().map(|one| one.row.get("medins_list_name")));
    let label = [codes::care(row.get("med_type")), diagnosis.unwrap_or_default()];
    Lane {
        kind: kind.to_owned(),
        institution: [row.get("fixmedins_name"), row.get("fixmedins_code")]
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or_default()
            .to_owned(),
        begin: begin.to_owned(),
        end: end.to_owned(),
        label: label.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" "),
        amount_fen: visit.settlements.iter().filter_map(|one| fen(&one.row, "medfee_sumamt")).sum(),
        hit: concerned(visit),
        overlap: false,
    }
}

/// 不利于认定的, one fact a sentence.
fn against(told: &Explanation) -> Vec<String> {
    let mut facts = Vec::new();
    if told.finding.band == "watch" {
        facts.push("在观察区：贴近门槛或口径有争议，一般不单独处理。".to_owned());
    }
    if told.finding.result == "可疑" {
        facts.push("结果是可疑：要听机构说明、看病历才能定。".to_owned());
    }
    if told.evidence.iter().any(|line| line.row.cells.is_empty()) {
        facts.push("有的证据行在数据里已经找不到（可能被更正）。".to_owned());
    }
    if told.rule.as_ref().is_some_and(|rule| rule.version != told.finding.rule_version) {
        facts.push(format!("疑点按规则第 {} 版作出，规则库现在的版本不同。", told.finding.rule_version));
    }
    if !told.cluster.is_empty() {
        let role = if told.finding.leads { "由本条牵头，只计一次" } else { "由别的疑点牵头，本条的钱不再计" };
        facts.push(format!("同一笔钱还有 {} 条疑点（{role}）。", told.cluster.len()));
    }
    if let Some(rule) = &told.rule {
        let sentences = rule.misfires.lines().map(|line| line.trim().trim_start_matches(['-', '*']).trim()).filter(|line| !line.is_empty());
        facts.extend(sentences.map(str::to_owned));
    }
    facts
}
