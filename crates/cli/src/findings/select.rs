//! Which findings, and in which order.

use std::collections::HashSet;

use mingjian_lake::Snapshot;
use mingjian_model::day;
use mingjian_screening::{Finding, findings_schema, read_batch};

use crate::args::{Filter, Sort};
use crate::columns::Rows;
use crate::errors::{Failure, Outcome};

/// A filter made ready: institutions looked up, values checked.
pub struct Chosen {
    filter: Filter,
    /// Codes of the institutions asked for by code or part of a name; `None` for any.
    institutions: Option<HashSet<String>>,
}

impl Chosen {
    pub fn new(filter: &Filter, snapshot: &Snapshot) -> Outcome<Chosen> {
        one_of("--result", &filter.result, &["违规", "可疑"])?;
        one_of("--band", &filter.band, &["core", "watch"])?;
        let institutions = match &filter.institution {
            None => None,
            Some(asked) => Some(institutions_like(asked, snapshot)?),
        };
        Ok(Chosen { filter: filter.clone(), institutions })
    }

    /// Whether a finding is among those asked for.
    pub fn admits(&self, finding: &Finding) -> bool {
        let filter = &self.filter;
        let is = |found: &Option<String>, asked: &Option<String>| asked.is_none() || found == asked;
        let day = finding.last_time.map(day::day_of);
        among(&finding.rule_id, &filter.rule)
            && among(&finding.result, &filter.result)
            && among(&finding.band, &filter.band)
            && among(&finding.kind, &filter.kind)
            && (!filter.leads_only || finding.leads)
            && is(&finding.psn_no, &filter.person)
            && is(&finding.bilg_dr_code, &filter.doctor)
            && (filter.visit.is_none() || finding.mdtrt_id == filter.visit || finding.setl_id == filter.visit)
            && filter.from.is_none_or(|from| day.is_some_and(|day| day >= from))
            && filter.to.is_none_or(|to| day.is_some_and(|day| day <= to))
            && filter.min_amount.is_none_or(|least| finding.amount.is_some_and(|amount| amount >= least))
            && filter.text.as_ref().is_none_or(|part| finding.text.contains(part.as_str()))
            && self.institutions.as_ref().is_none_or(|codes| finding.fixmedins_code.as_ref().is_some_and(|code| codes.contains(code)))
    }

    /// The filter in words, for logs and titles; empty where nothing is left out.
    pub fn in_words(&self) -> String {
        let filter = &self.filter;
        let day = |day: Option<day::Day>| day.map(day::format_day);
        let parts = [
            ("规则", joined(&filter.rule)),
            ("结果", joined(&filter.result)),
            ("分区", joined(&filter.band)),
            ("性质", joined(&filter.kind)),
            ("机构", filter.institution.clone()),
            ("人员", filter.person.clone()),
            ("医师", filter.doctor.clone()),
            ("就诊", filter.visit.clone()),
            ("自", day(filter.from)),
            ("至", day(filter.to)),
            ("金额不少于", filter.min_amount.map(|fen| mingjian_model::Fen(fen).to_string())),
            ("含文字", filter.text.clone()),
            ("只留牵头", filter.leads_only.then(|| "是".to_owned())),
        ];
        let parts = parts.into_iter().filter_map(|(name, value)| value.map(|value| format!("{name} {value}")));
        parts.collect::<Vec<_>>().join("，")
    }
}

/// Calls `each` for every finding of the snapshot that is asked for, in the order they are stored in.
pub fn each(snapshot: &Snapshot, chosen: &Chosen, mut each: impl FnMut(Finding) -> Outcome) -> Outcome {
    if !snapshot.has_table("findings") {
        return Err(Failure::new("还没有筛查过，没有疑点可看").advise("先执行 mingjian screen"));
    }
    let schema = findings_schema();
    let columns: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    for batch in snapshot.read_table("findings", &columns)? {
        for finding in read_batch(&batch)? {
            if chosen.admits(&finding) {
                each(finding)?;
            }
        }
    }
    Ok(())
}

/// All findings asked for.
pub fn all(snapshot: &Snapshot, chosen: &Chosen) -> Outcome<Vec<Finding>> {
    let mut found = Vec::new();
    each(snapshot, chosen, |finding| {
        found.push(finding);
        Ok(())
    })?;
    Ok(found)
}

/// Orders findings; equal ones by id, so that the order is always the same.
pub fn sort(findings: &mut [Finding], by: Sort) {
    match by {
        Sort::Amount => findings.sort_by(|a, b| b.amount.cmp(&a.amount).then_with(|| a.finding_id.cmp(&b.finding_id))),
        Sort::Time => findings.sort_by(|a, b| a.last_time.cmp(&b.last_time).then_with(|| a.finding_id.cmp(&b.finding_id))),
        Sort::Rule => findings.sort_by(|a, b| a.rule_id.cmp(&b.rule_id).then_with(|| a.finding_id.cmp(&b.finding_id))),
    }
}

fn among(found: &str, asked: &[String]) -> bool {
    asked.is_empty() || asked.iter().any(|one| one == found)
}

fn joined(values: &[String]) -> Option<String> {
    (!values.is_empty()).then(|| values.join("、"))
}

fn one_of(option: &str, given: &[String], allowed: &[&str]) -> Outcome {
    match given.iter().find(|value| !allowed.contains(&value.as_str())) {
        None => Ok(()),
        Some(wrong) => Err(Failure::wrong_use(format!("{option} 不能是“{wrong}”；可以是：{}", allowed.join("、")))),
    }
}

fn institutions_like(asked: &str, snapshot: &Snapshot) -> Outcome<HashSet<String>> {
    let mut codes = HashSet::from([asked.to_owned()]);
    if snapshot.has_table("fixmedins_b") {
        for batch in snapshot.read_table("fixmedins_b", &["fixmedins_code", "fixmedins_name"])? {
            let rows = Rows::new(&batch);
            let (code, name) = (rows.column("fixmedins_code"), rows.column("fixmedins_name"));
            codes.extend((0..rows.len()).filter(|&row| name.text(row).contains(asked)).map(|row| code.text(row).to_owned()));
        }
    }
    Ok(codes)
}
