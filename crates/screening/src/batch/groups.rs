//! 跨人规则的疑点: what [`mingjian_groups`] hits, as findings.

use std::collections::HashSet;
use std::ops::ControlFlow;

use mingjian_groups::{GroupHit, Settings};
use mingjian_lake::Snapshot;
use mingjian_rules::{Compiled, CompiledSql, Library};

use super::shared::GroupMoney;
use super::tally::Tally;
use super::{ScreenOptions, inside};
use crate::error::ScreenError;
use crate::finding::{Draft, FindingId, FindingStore, finding_id};
use crate::report::Progress;

/// Where findings go.
pub(super) struct Sinks<'a> {
    pub store: &'a FindingStore,
    pub money: &'a mut GroupMoney,
    pub tally: &'a mut Tally,
}

/// Runs the SQL rules; gives the persons their findings name. Findings whose money may stand on lines that other findings name, too,
/// go to [`GroupMoney`], the others into the store.
pub(super) fn run(
    snapshot: &Snapshot,
    library: &Library,
    compiled: &Compiled,
    options: &ScreenOptions,
    sinks: &mut Sinks<'_>,
    progress: &dyn Progress,
) -> Result<HashSet<String>, ScreenError> {
    let mut persons = HashSet::new();
    let Sinks { store, money, tally } = sinks;
    let mut writer = store.writer();
    // Rows that name the same subject, evidence and period are one finding: the first, in the order of the result's columns.
    let mut known: HashSet<FindingId> = HashSet::new();
    let mut failed = None;
    let settings = Settings { threads: options.threads, ..Settings::default() };
    let mut take = |statement: &CompiledSql, hit: GroupHit| {
        let draft = draft(library, statement, hit);
        if !inside(draft.last, options) || !known.insert(draft.id) {
            return ControlFlow::Continue(());
        }
        if !draft.psn_no.is_empty() {
            persons.insert(draft.psn_no.clone());
        }
        let Some(draft) = money.hold(draft) else { return ControlFlow::Continue(()) };
        tally.group_finding(&draft);
        match writer.push(&draft) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    };
    mingjian_groups::screen(snapshot, library, compiled, &settings, &|name| progress.step(name), &mut take)?;
    if let Some(error) = failed {
        return Err(error);
    }
    writer.finish()?;
    Ok(persons)
}

/// A hit as a finding; it stands alone in its cluster.
fn draft(library: &Library, statement: &CompiledSql, hit: GroupHit) -> Draft {
    let rule = &library.rules[statement.rule];
    let shown = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut keys = hit.evidence.clone();
    keys.extend(hit.subjects().map(|column| format!("{}={}", column.name, shown(&column.text))));
    let id = finding_id(&rule.id, rule.version, [&hit.psn_no, &hit.fixmedins_code, &hit.bilg_dr_code], &mut keys);
    let values = hit.values().map(|column| format!("{}={}", column.name, shown(&column.text))).collect();
    Draft {
        id,
        rule: statement.rule as u32,
        outcome: hit.outcome,
        band: hit.band,
        psn_no: hit.psn_no,
        mdtrt_id: hit.mdtrt_id,
        setl_id: hit.setl_id,
        fixmedins_code: hit.fixmedins_code,
        bilg_dr_code: hit.bilg_dr_code,
        first: hit.first,
        last: hit.last,
        evidence_table: statement.evidence_table.clone(),
        evidence: hit.evidence,
        evidence_amounts: Vec::new(),
        points: Vec::new(),
        values,
        amount: hit.amount,
        fund_amount: hit.fund_amount,
        acct_amount: hit.acct_amount,
        text: hit.text,
        cluster: id,
        leads: true,
        cluster_amount: hit.amount,
    }
}
