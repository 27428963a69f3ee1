//! 筛查: the pass over timelines.

use mingjian_model::day::Day;

use crate::worker::Worker;
use crate::{Attrition, Hit, RuleSet, Timelines};

/// What is asked of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Bits of [`crate::program::stage`]: blocks of no such stage stay out.
    pub stages: u8,
    /// Findings whose last row falls before this day are left out.
    pub from: Option<Day>,
    /// Findings whose last row falls after this day are left out.
    pub to: Option<Day>,
    /// Keep why conditions fell away ([`Attrition`]). Slower: no condition is skipped.
    pub trace: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options { stages: u8::MAX, from: None, to: None, trace: false }
    }
}

/// A rule set ready to be run over timelines; shared by all threads.
pub struct Screener<'r> {
    rules: &'r RuleSet,
    options: Options,
}

impl<'r> Screener<'r> {
    pub fn new(rules: &'r RuleSet, options: Options) -> Self {
        Screener { rules, options }
    }

    /// Screens whole persons and appends their hits.
    pub fn screen(&self, worker: &mut Worker, timelines: &Timelines<'_>, hits: &mut Vec<Hit>, attrition: &mut Attrition) {
        let _ = (self.rules, self.options, worker, timelines, hits, attrition);
    }
}
