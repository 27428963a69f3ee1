//! 跨人疑点的钱也只计一次: a group's finding (an institution's month, say) counts what the findings on its own lines leave of its money.
//!
//! A group's lines belong to many persons, whose findings cluster by person ([`crate::cluster`]); joining them all into one cluster
//! would hide them behind one lead. So the group's finding keeps its own lead, and its share of the money counted once is its amount
//! less the largest amount at risk on each of its lines. Sums over lines: the order of buckets changes nothing.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use super::drafts::Risky;
use super::lock;
use crate::finding::Draft;

/// Findings of groups with money on fee lines, until all findings on lines are known.
#[derive(Default)]
pub(super) struct GroupMoney {
    held: Vec<Draft>,
    /// By institution and line (bkkp_sn): which of the held.
    of_line: HashMap<String, HashMap<String, Vec<usize>>>,
    /// What is counted elsewhere of each, in fen.
    elsewhere: Mutex<BTreeMap<usize, i64>>,
}

impl GroupMoney {
    /// Keeps a finding whose money may be counted on its lines as well; gives back any other.
    pub fn hold(&mut self, draft: Draft) -> Option<Draft> {
        if draft.evidence_table != "fee_list_d" || draft.amount.is_none_or(|fen| fen <= 0) {
            return Some(draft);
        }
        let lines = self.of_line.entry(draft.fixmedins_code.clone()).or_default();
        for id in &draft.evidence {
            lines.entry(id.clone()).or_default().push(self.held.len());
        }
        self.held.push(draft);
        None
    }

    /// Takes note of the findings of whole persons.
    pub fn note(&self, found: &[Risky]) {
        if self.held.is_empty() {
            return;
        }
        // By the line's row: a finding may span visits, and ids of lines are told apart by their visit alone.
        let mut largest: BTreeMap<(usize, u32), i64> = BTreeMap::new();
        for Risky { draft, lines: rows, .. } in found.iter().filter(|risky| risky.draft.evidence_table == "fee_list_d") {
            let Some(lines) = self.of_line.get(&draft.fixmedins_code) else { continue };
            let at_risk = draft.evidence.iter().zip(&draft.evidence_amounts).filter(|(_, fen)| **fen > 0);
            for ((id, _), &(row, fen)) in at_risk.zip(rows) {
                for &group in lines.get(id).into_iter().flatten() {
                    let most = largest.entry((group, row)).or_default();
                    *most = fen.max(*most);
                }
            }
        }
        if !largest.is_empty() {
            let mut elsewhere = lock(&self.elsewhere);
            for ((group, _), fen) in largest {
                *elsewhere.entry(group).or_default() += fen;
            }
        }
    }

    /// The held findings, each with what is left to count of its money.
    pub fn settled(self) -> Vec<Draft> {
        let elsewhere = self.elsewhere.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut held = self.held;
        for (group, draft) in held.iter_mut().enumerate() {
            let counted = elsewhere.get(&group).copied().unwrap_or_default();
            draft.cluster_amount = draft.amount.map(|fen| (fen - counted).max(0));
        }
        held
    }
}
