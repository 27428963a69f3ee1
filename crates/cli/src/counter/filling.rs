//! 装载: the history filled from the lake: the persons of a bucket, and who is marked.

use std::collections::BTreeMap;
use std::path::Path;

use mingjian_counter::desk::{INSTITUTION, PERSON, PRACTITIONER};
use mingjian_counter::{History, HistoryError, Mark, Meeting};
use mingjian_lake::Snapshot;
use mingjian_model::day;
use mingjian_screening::findings::{self, Filter};
use mingjian_screening::person::{PersonRows, Whom, read_persons, restrictions};
use mingjian_screening::{Reference, ScreenError};

use crate::errors::{Failure, Outcome};
use crate::workspace::{lake_at, library_at};

/// Marks those the lists of the lake suspend or restrict, and those the newest findings of the rules over groups name; how many marks.
pub fn mark(history: &History, snapshot: &Snapshot, workspace: &Path) -> Outcome<usize> {
    let listed: Vec<Mark> = restrictions(snapshot)?
        .into_iter()
        .map(|row| {
            let until = row.to.map_or(String::new(), |day| format!("至 {}", day::format_day(day)));
            let (kind, act) = match row.whom {
                Whom::Practitioner => (PRACTITIONER, "暂停医保支付资格"),
                Whom::Institution => (INSTITUTION, "暂停医保结算"),
                Whom::Person => (PERSON, "医保待遇受限制"),
            };
            let reason = if row.reason.is_empty() { String::new() } else { format!("（{}）", row.reason) };
            Mark { kind: kind.to_owned(), code: row.code, from: row.from, to: row.to, text: format!("{act}{until}{reason}") }
        })
        .collect();
    let flagged = if snapshot.has_table("findings") { flagged(workspace)? } else { Vec::new() };
    history.mark("名单", &listed)?;
    history.mark("跨人疑点", &flagged)?;
    Ok(listed.len() + flagged.len())
}

/// Whom the newest findings of the rules over groups are about: a person, else a practitioner, else an institution.
fn flagged(workspace: &Path) -> Outcome<Vec<Mark>> {
    let (library, _) = library_at(workspace, None)?;
    let over_groups = library.rules.iter().filter(|rule| !rule.is_kernel()).map(|rule| rule.id.clone()).collect::<Vec<_>>();
    let filter = Filter { rules: over_groups, ..Filter::default() };
    let mut marks: BTreeMap<(&str, String, String), u64> = BTreeMap::new();
    for finding in findings::load(&lake_at(workspace)?, &filter, None)? {
        let named = [(PERSON, finding.psn_no), (PRACTITIONER, finding.bilg_dr_code), (INSTITUTION, finding.fixmedins_code)];
        if let Some((kind, code)) = named.into_iter().find_map(|(kind, code)| code.map(|code| (kind, code))) {
            *marks.entry((kind, code, format!("{} {}", finding.rule_id, finding.rule_name))).or_default() += 1;
        }
    }
    let marks = marks.into_iter().map(|((kind, code, rule), often)| Mark {
        kind: kind.to_owned(),
        code,
        from: None,
        to: None,
        text: format!("近期疑点 {rule}，{often} 条"),
    });
    Ok(marks.collect())
}

/// What stopped a bucket.
pub(super) enum Stopped {
    Lake(ScreenError),
    History(HistoryError),
}

impl From<ScreenError> for Stopped {
    fn from(error: ScreenError) -> Stopped {
        Stopped::Lake(error)
    }
}

impl From<Stopped> for Failure {
    fn from(stopped: Stopped) -> Failure {
        match stopped {
            Stopped::Lake(error) => error.into(),
            Stopped::History(error) => error.into(),
        }
    }
}

/// Fills a history that knows nobody of a bucket; counts the persons.
pub fn load(history: &History, snapshot: &Snapshot, bucket: u32, reference: &Reference, persons: &mut u64) -> Outcome {
    let loaded = history.bulk(|bulk| {
        read_persons::<Stopped>(snapshot, bucket, reference, |rows: &PersonRows<'_>| {
            *persons += 1;
            bulk.put(rows, Meeting::Fresh).map_err(Stopped::History)
        })
    });
    Ok(loaded??)
}
