//! 筛查: the pass over timelines.
//!
//! Person by person: net the lines, offer every row to its candidates ([`crate::worker::Worker::item`] decided which), and at the
//! person's end group what was kept. A line of an item that concerns nobody costs one look-up.

use mingjian_model::day::{Day, day_of};

use crate::attrition::BlockAttrition;
use crate::catalog::{Candidate, Run, Side};
use crate::emit::{scene_at, settle};
use crate::eval::{Facts, Row, RowKind, Scene};
use crate::gate::{Answer, Answers};
use crate::group::{Ending, Grouper};
use crate::judge::{Clauses, judge};
use crate::net::{Net, clip};
use crate::pairs::{MAIN, PART, Pairer};
use crate::plan::{Mode, Step};
use crate::program::{Source, stage};
use crate::timeline::Care;
use crate::worker::Worker;
use crate::{Attrition, Hit, NONE, RuleSet, Timelines};

/// What is asked of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Bits of [`stage`]: blocks of no such stage stay out.
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
        Options { stages: stage::BEFORE | stage::DURING | stage::AFTER, from: None, to: None, trace: false }
    }
}

/// A rule set ready to be run over timelines; shared by all threads.
pub struct Screener<'r> {
    rules: &'r RuleSet,
    options: Options,
    /// Whether a block is asked at all.
    active: Vec<bool>,
}

/// What a worker reuses from person to person.
#[derive(Default)]
pub(crate) struct Scratch {
    net: Net,
    answers: Answers,
    /// Rows kept for the person's end, per block.
    rows: Vec<Vec<Row>>,
    /// Blocks that have such rows.
    touched: Vec<u16>,
    grouper: Grouper,
    pairer: Pairer,
    values: std::cell::RefCell<Vec<i64>>,
}

impl<'r> Screener<'r> {
    pub fn new(rules: &'r RuleSet, options: Options) -> Self {
        let active = rules.blocks.iter().map(|block| block.stages & options.stages != 0).collect();
        Screener { rules, options, active }
    }

    /// Screens whole persons and appends their hits, sorted by block, person and rows.
    ///
    /// `worker` must have been made for the same rule set, and have given out the ids in `timelines`. Cannot fail: rows
    /// that point nowhere are taken as absent.
    pub fn screen(&self, worker: &mut Worker, timelines: &Timelines<'_>, hits: &mut Vec<Hit>, attrition: &mut Attrition) {
        let begin = hits.len();
        self.make_room(attrition);
        let Worker { catalog, scratch, .. } = worker;
        let Scratch { net, answers, rows, touched, grouper, pairer, values } = scratch;
        rows.resize_with(self.rules.blocks.len(), Vec::new);
        answers.fit(&catalog.gates);
        let lines = timelines.lines.shortest();
        for (number, person) in timelines.persons.iter().enumerate() {
            net.prepare(timelines, person, lines);
            answers.next_person();
            let facts = Facts { rules: self.rules, data: timelines, catalog, net, person, number: number as u32, values };
            let mut pass = Pass { screener: self, facts: &facts, answers, rows, touched, attrition };
            for visit in clip(&person.visits, timelines.visits.len()) {
                pass.visit(visit as u32, lines);
            }
            touched.sort_unstable();
            for &block in touched.iter() {
                let kept = &mut rows[usize::from(block)];
                let mut ending = Ending {
                    facts: &facts,
                    number: block,
                    block: &self.rules.blocks[usize::from(block)],
                    plan: &catalog.plans[usize::from(block)],
                    counts: &mut attrition.blocks[usize::from(block)],
                    found: hits,
                    trace: self.options.trace,
                };
                match ending.plan.mode {
                    Mode::Direct => grouper.direct(&mut ending, kept),
                    Mode::Grouped => grouper.grouped(&mut ending, kept),
                    Mode::Pairs => pairer.pair(grouper, &mut ending, kept),
                }
                kept.clear();
            }
            touched.clear();
        }
        self.keep_period(hits, begin);
        settle(hits, begin);
    }

    fn make_room(&self, attrition: &mut Attrition) {
        if attrition.blocks.len() < self.rules.blocks.len() {
            attrition.blocks.resize_with(self.rules.blocks.len(), BlockAttrition::default);
        }
        for (counts, block) in attrition.blocks.iter_mut().zip(&self.rules.blocks) {
            let conjuncts = block.hit.as_ref().map_or(0, Vec::len);
            for (list, len) in
                [(&mut counts.lacking, block.needs.len()), (&mut counts.exempted, block.unless.len()), (&mut counts.failed, conjuncts)]
            {
                if list.len() < len {
                    list.resize(len, 0);
                }
            }
        }
    }

    fn keep_period(&self, hits: &mut Vec<Hit>, begin: usize) {
        let (from, to) = (self.options.from.unwrap_or(Day::MIN), self.options.to.unwrap_or(Day::MAX));
        if (from, to) == (Day::MIN, Day::MAX) {
            return;
        }
        let mut kept = begin;
        for at in begin..hits.len() {
            if (from..=to).contains(&day_of(hits[at].last)) {
                hits.swap(kept, at);
                kept += 1;
            }
        }
        hits.truncate(kept);
    }
}

/// One person in the pass.
struct Pass<'p> {
    screener: &'p Screener<'p>,
    facts: &'p Facts<'p>,
    answers: &'p mut Answers,
    rows: &'p mut Vec<Vec<Row>>,
    touched: &'p mut Vec<u16>,
    attrition: &'p mut Attrition,
}

impl Pass<'_> {
    fn visit(&mut self, number: u32, lines: usize) {
        let facts = self.facts;
        let (data, catalog) = (facts.data, facts.catalog);
        let visit = &data.visits[number as usize];
        self.answers.next_visit();
        for line in clip(&visit.lines, lines) {
            let runs = catalog.item_runs(data.lines.item[line]);
            if !runs.is_empty() {
                let row = Row { time: data.lines.time[line], row: line as u32, visit: number, point: NONE, tag: 0 };
                self.answers.next_row();
                self.runs(runs, facts.net.state(line), row, RowKind::Line);
            }
        }
        if facts.net.is_refunded(number) {
            return;
        }
        let row = Row { time: visit.begin, row: number, visit: number, point: NONE, tag: 0 };
        for candidate in &catalog.visit_candidates {
            let of_stays = self.screener.rules.blocks[usize::from(candidate.block)].source == Source::Stays;
            if !of_stays || visit.care == Care::Inpatient {
                self.answers.next_row();
                self.candidate(candidate, 0, row);
            }
        }
        for settlement in clip(&visit.settlements, data.settlements.len()) {
            if !catalog.settlement_candidates.is_empty() && !data.settlements[settlement].void {
                let row = Row { time: data.settlements[settlement].time, row: settlement as u32, ..row };
                for candidate in &catalog.settlement_candidates {
                    self.candidate(candidate, 0, row);
                }
            }
        }
        for diagnosis in clip(&visit.diagnoses, data.diagnoses.len()) {
            let row = Row { row: diagnosis as u32, ..row };
            self.runs(catalog.code_runs(data.diagnoses[diagnosis].code), 0, row, RowKind::Diagnosis);
        }
    }

    #[inline]
    fn runs(&mut self, runs: &[Run], state: u8, row: Row, kind: RowKind) {
        let catalog = self.facts.catalog;
        if self.screener.options.trace {
            for run in runs {
                for candidate in &catalog.candidates[run.begin as usize..run.end as usize] {
                    self.candidate(candidate, state, row);
                }
            }
            return;
        }
        for run in runs {
            if state & run.state != run.state {
                continue;
            }
            let scene = Scene { facts: self.facts, kind, raw: false, table: None, row, prev: None, group: &[], span: None };
            if self.answers.ask(&catalog.gates, run.gate, &scene) == Answer::No {
                continue;
            }
            for candidate in &catalog.candidates[run.begin as usize..run.end as usize] {
                self.candidate(candidate, state, row);
            }
        }
    }

    /// Offers a row to a candidate whose run it has passed.
    fn candidate(&mut self, candidate: &Candidate, state: u8, row: Row) {
        let number = usize::from(candidate.block);
        if !self.screener.active[number] {
            return;
        }
        let trace = self.screener.options.trace;
        let counts = &mut self.attrition.blocks[number];
        counts.candidates += u64::from(trace);
        if state & candidate.state != candidate.state {
            return;
        }
        counts.in_scope += u64::from(trace);
        let day = row.day();
        if day < candidate.from || candidate.to < day {
            return;
        }
        counts.valid += u64::from(trace);
        let row = Row { point: candidate.point, ..row };
        match candidate.side {
            Side::Main => self.keep(candidate.block, Row { tag: MAIN, ..row }),
            Side::Part | Side::Row => self.offer(candidate, row),
        }
    }

    fn keep(&mut self, block: u16, row: Row) {
        let rows = &mut self.rows[usize::from(block)];
        if rows.is_empty() {
            self.touched.push(block);
        }
        rows.push(row);
    }

    fn offer(&mut self, candidate: &Candidate, row: Row) {
        let (facts, trace) = (self.facts, self.screener.options.trace);
        let number = usize::from(candidate.block);
        let (block, plan) = (&self.screener.rules.blocks[number], &facts.catalog.plans[number]);
        let scene = scene_at(facts, block, plan, row, &[]);
        let mut unsure = candidate.unsure;
        let traced_directly = trace && plan.mode == Mode::Direct;
        if !traced_directly {
            for &(gate, step) in &facts.catalog.programs[candidate.program as usize].gates {
                let answer = self.answers.ask(&facts.catalog.gates, gate, &scene);
                let counts = &mut self.attrition.blocks[number];
                match (step, answer) {
                    (Step::Passes, Answer::Yes) | (Step::Need(_), Answer::Yes) | (Step::Unless(_), Answer::No) => {}
                    (Step::Passes, Answer::No) => return,
                    (Step::Passes | Step::Unless(_), Answer::Unknown) => unsure = true,
                    (Step::Need(_) | Step::Unless(_), _) if unsure => {}
                    (Step::Need(at), _) => {
                        counts.lacking[usize::from(at)] += 1;
                        return;
                    }
                    (Step::Unless(at), Answer::Yes) => {
                        counts.exempted[usize::from(at)] += 1;
                        return;
                    }
                }
            }
        }
        let counts = &mut self.attrition.blocks[number];
        if plan.mode != Mode::Direct {
            if unsure {
                counts.not_judged += 1;
            } else {
                counts.concerned += u64::from(trace);
                self.keep(candidate.block, Row { tag: PART, ..row });
            }
            return;
        }
        if traced_directly || unsure {
            match scene.truths(&block.filter) {
                crate::arith::FALSE => return,
                crate::UNKNOWN => {
                    if crate::judge::verdict(block, &scene) != crate::judge::Verdict::No {
                        counts.not_judged += 1;
                    }
                    return;
                }
                _ => counts.concerned += u64::from(trace),
            }
        }
        let verdict = judge(block, plan, &scene, Clauses::All, counts, trace);
        if verdict.is_found() {
            self.keep(candidate.block, Row { tag: verdict as u8, ..row });
        }
    }
}
