//! Findings of the lake become leads of the business store, with what lists show beside them: institution, person (masked), visit,
//! practitioner.

use std::collections::HashMap;

use mingjian_casework::leads::Updated;
use mingjian_casework::{Facts, FindingRow, InstitutionFact, Office, PersonFact, VisitFact};
use mingjian_lake::Snapshot;
use mingjian_model::day::{self, Moment};
use mingjian_screening::Finding;
use mingjian_store::Actor;

use super::Opened;
use crate::codes;
use crate::columns::Rows;
use crate::errors::Outcome;
use crate::findings::facts;
use crate::progress::Bar;
use mingjian_people::mask;

/// Brings the leads up to date with the newest findings.
pub async fn update(office: &Office, opened: &Opened, findings: &[Finding], bar: &Bar, at: Moment) -> Outcome<Updated> {
    let gathered = facts::Facts::gather_subjects(&opened.snapshot, findings, bar)?;
    let facts = facts_of(opened, findings, &gathered)?;
    let rows: Vec<FindingRow> = findings.iter().map(row).collect();
    let run = opened.run.as_ref().map_or_else(|| opened.snapshot.version().to_string(), |run| run.report.findings_version.to_string());
    let actor = Actor { account: "system".to_owned(), role: "system".to_owned(), origin: "cli".to_owned(), at };
    bar.step("更新线索");
    Ok(mingjian_casework::leads::update(office, &actor, &rows, &facts, &run, day::day_of(at)).await?)
}

fn row(finding: &Finding) -> FindingRow {
    FindingRow {
        finding_id: finding.finding_id.clone(),
        rule_id: finding.rule_id.clone(),
        rule_version: i64::from(finding.rule_version),
        rule_name: finding.rule_name.clone(),
        kind: finding.kind.clone(),
        class: finding.class.clone(),
        result: finding.result.clone(),
        band: finding.band.clone(),
        psn_no: finding.psn_no.clone(),
        mdtrt_id: finding.mdtrt_id.clone(),
        setl_id: finding.setl_id.clone(),
        fixmedins_code: finding.fixmedins_code.clone(),
        bilg_dr_code: finding.bilg_dr_code.clone(),
        first_time: finding.first_time,
        last_time: finding.last_time,
        amount: finding.amount,
        fund_amount: finding.fund_amount,
        acct_amount: finding.acct_amount,
        text: finding.text.clone(),
        cluster_id: finding.cluster_id.clone(),
        leads: finding.leads,
        cluster_amount: finding.cluster_amount,
    }
}

fn facts_of(opened: &Opened, findings: &[Finding], gathered: &facts::Facts) -> Outcome<Facts> {
    let mut facts = Facts { practitioners: practitioners(&opened.snapshot)?, ..Facts::default() };
    for (code, institution) in gathered.institutions() {
        let fact = InstitutionFact {
            name: institution.name.clone(),
            level: codes::level(&institution.level).to_owned(),
            region: opened.peers.region(code).unwrap_or_default().to_owned(),
        };
        facts.institutions.insert(code.clone(), fact);
    }
    for finding in findings {
        let (Some(psn_no), Some(person)) = (&finding.psn_no, gathered.person(finding)) else { continue };
        if !facts.persons.contains_key(psn_no) {
            let fact = PersonFact {
                name_masked: mask::name(&person.name),
                sealed: None,
                sex: codes::sex(&person.sex).to_owned(),
                born: person.birth.and_then(|day| i32::try_from(day).ok()),
            };
            facts.persons.insert(psn_no.clone(), fact);
        }
    }
    for (id, visit) in gathered.visits() {
        let begin = visit.begin.map(day::day_of);
        let days = visit.days.and_then(|days| i32::try_from(days).ok()).unwrap_or(0);
        let fact = VisitFact {
            kind_title: codes::care(&visit.med_type).to_owned(),
            stay: codes::is_stay(&visit.med_type),
            begin,
            end: begin.map(|day| day.saturating_add(days)),
        };
        facts.visits.insert(id.clone(), fact);
    }
    Ok(facts)
}

/// Masked names by practitioner code.
fn practitioners(snapshot: &Snapshot) -> Outcome<HashMap<String, String>> {
    let mut names = HashMap::new();
    if snapshot.has_table("prac_psn_b") {
        for batch in snapshot.read_table("prac_psn_b", &["prac_psn_code", "prac_psn_name"])? {
            let rows = Rows::new(&batch);
            let (code, name) = (rows.column("prac_psn_code"), rows.column("prac_psn_name"));
            names.extend((0..rows.len()).map(|row| (code.text(row).to_owned(), mask::name(name.text(row)))));
        }
    }
    Ok(names)
}
