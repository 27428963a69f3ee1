//! 单人筛查: one person's rows, wherever they come from, through the kernel to the same findings the batch writes.
//!
//! Goes in: [`PersonRows`] (the national facts of one person, borrowed texts), the rules in force. Comes out: [`PersonFinding`]s, whose
//! [`Finding`] holds the very text, values, amounts and id that [`crate::screen`] would write for the same rows. True of it: rows are put in
//! order, interned and drafted by the code the batch uses (`load`, `batch::drafts`); what is here only turns texts into its columns. Does
//! no I/O, reads no clock, cannot fail. Held by `counter/tests/it/same.rs`.

mod columns;
mod read;
mod restricted;
mod rows;

use mingjian_engine::{Attrition, Evidence, Hit, Options, Role, Screener, Worker};
use mingjian_rules::{Compiled, Library, Names};

use crate::batch::drafts::{Drafter, ReferenceNames};
use crate::cluster::Clusters;
use crate::finding::Finding;
use crate::load::catalogue::Reference;
use crate::load::lines::Items;
use crate::load::pool::Interner;
pub use read::{read_brought, read_persons};
pub use restricted::{Restriction, Whom, restrictions};
pub use rows::{DiagnosisRow, LineRow, OperationRow, PersonRows, RegistrationRow, SettlementRow, ToldBy, VisitRow, sex_of};

/// What one person is judged by.
#[derive(Debug, Clone, Copy)]
pub struct RulesInForce<'a> {
    pub library: &'a Library,
    pub compiled: &'a Compiled,
    pub reference: &'a Reference,
}

/// A finding with where its evidence stands among the rows that came in.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonFinding {
    pub finding: Finding,
    /// Position of the rule in the library.
    pub rule: usize,
    pub evidence: Vec<Stand>,
}

/// One row of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stand {
    /// Position in [`PersonRows::visits`].
    pub visit: usize,
    /// Position in [`PersonRows::lines`]; `None` where visits, settlements or diagnoses are the evidence.
    pub line: Option<usize>,
    /// The row offends (违规项), else it shows the circumstance (涉及项).
    pub offends: bool,
    /// Amount at risk in fen.
    pub amount: i64,
}

/// One thread's memory: made for one compiled rule set and used with no other.
pub struct PersonScreener {
    worker: Worker,
    items: Items,
    clusters: Clusters,
    hits: Vec<Hit>,
    attrition: Attrition,
    /// Institutions, diagnoses, routes and departments met, to know how much the worker has learnt.
    others: Interner,
}

impl PersonScreener {
    pub fn new(compiled: &Compiled) -> PersonScreener {
        PersonScreener {
            worker: Worker::new(&compiled.rule_set),
            items: Items::default(),
            clusters: Clusters::default(),
            hits: Vec::new(),
            attrition: Attrition::new(compiled.rule_set.blocks.len()),
            others: Interner::default(),
        }
    }

    /// How many different codes it has met. It never forgets one: who is fed by strangers makes a new one past some number.
    pub fn codes_met(&self) -> usize {
        self.items.len() + self.others.len()
    }

    /// The findings of one person by the rules of some stages (bits of [`mingjian_engine::program::stage`]), by id.
    pub fn screen(&mut self, rules: &RulesInForce<'_>, stages: u8, rows: &PersonRows<'_>) -> Vec<PersonFinding> {
        let (bucket, order) = columns::arrange(self, rules, rows);
        let screener = Screener::new(&rules.compiled.rule_set, Options { stages, ..Options::default() });
        self.hits.clear();
        screener.screen(&mut self.worker, &bucket.timelines(&bucket.chunks[0]), &mut self.hits, &mut self.attrition);
        if self.hits.is_empty() {
            return Vec::new();
        }
        let hits: Vec<(usize, Hit)> = self.hits.drain(..).map(|hit| (0, hit)).collect();
        let names = RowNames { inner: ReferenceNames { worker: &self.worker, reference: rules.reference }, rows };
        let line = |row: u32| {
            let line = &rows.lines[order.lines[row as usize] as usize];
            (line.id, line.doctor.unwrap_or_default())
        };
        let mut drafter = Drafter {
            library: rules.library,
            compiled: rules.compiled,
            reference: rules.reference,
            clusters: std::mem::take(&mut self.clusters),
        };
        let found = drafter.draft_with(&bucket, &hits, &self.worker, &names, &line);
        self.clusters = drafter.clusters;
        found
            .into_iter()
            .map(|risky| {
                let hit = &hits[risky.hit].1;
                let evidence = hit.rows.iter().map(|row| Stand {
                    visit: order.visit_of(&bucket, hit.evidence, row.row, rows),
                    line: (hit.evidence == Evidence::Lines).then(|| order.lines[row.row as usize] as usize),
                    offends: row.role == Role::Offends,
                    amount: row.amount,
                });
                let evidence = evidence.collect();
                let rule = risky.draft.rule as usize;
                PersonFinding { finding: Finding::of(risky.draft, &rules.library.rules[rule], rules.compiled.hash()), rule, evidence }
            })
            .collect()
    }
}

/// Names as the batch shows them; where the catalogue and the institution list have none, what the rows themselves carry.
struct RowNames<'a> {
    inner: ReferenceNames<'a>,
    rows: &'a PersonRows<'a>,
}

impl RowNames<'_> {
    fn or_of_rows<'r>(name: String, code: &str, mut known: impl Iterator<Item = (&'r str, &'r str)>) -> String {
        if name != code {
            return name;
        }
        known.find(|(of, named)| *of == code && !named.is_empty()).map_or(name, |(_, named)| named.to_owned())
    }
}

impl Names for RowNames<'_> {
    fn item(&self, id: u32) -> String {
        let lines = self.rows.lines.iter().map(|line| (line.item, line.item_name));
        Self::or_of_rows(self.inner.item(id), self.inner.worker.item_code(id), lines)
    }

    fn institution(&self, id: u32) -> String {
        let visits = self.rows.visits.iter().map(|visit| (visit.institution, visit.institution_name));
        Self::or_of_rows(self.inner.institution(id), self.inner.worker.institution_code(id), visits)
    }

    fn code(&self, id: u32) -> String {
        self.inner.code(id)
    }

    fn text(&self, id: u16) -> String {
        self.inner.text(id)
    }
}
