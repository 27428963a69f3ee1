//! 筛查: the pass over timelines.
//!
//! Person by person: net the lines, offer every row to its candidates ([`crate::worker::Worker::item`] decided which), and at the
//! person's end group what was kept. A line of an item that concerns nobody costs one look-up.

use mingjian_model::day::{Day, day_of};

use crate::arith::FALSE;
use crate::attrition::BlockAttrition;
use crate::catalog::{Candidate, Catalog, Run, Way};
use crate::emit::{scene_at, settle};
use crate::eval::{Facts, Row, RowKind, Scene};
use crate::gate::{Answer, Answers, PASS};
use crate::group::{Ending, Grouper};
use crate::hash::FixedMap;
use crate::judge::{Clauses, Verdict, judge, verdict};
use crate::net::{Net, clip};
use crate::pairs::{MAIN, PART, Pairer};
use crate::plan::{Mode, Step};
use crate::program::stage;
use crate::timeline::Care;
use crate::worker::Worker;
use crate::{Attrition, Hit, NONE, RuleSet, Timelines, UNKNOWN};

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

/// A candidate that the visit in hand left standing.
#[derive(Debug, Clone, Copy)]
struct Standing {
    /// Position in its class.
    candidate: u32,
    /// How many of its checks the visit has passed as a whole.
    passed: u16,
    /// A line must have one of these flags; 0: any line will do.
    flags: u16,
    unsure: bool,
}

/// The candidates of a class of items that are left in the visit in hand.
#[derive(Debug, Clone, Default)]
struct ClassNow {
    /// [`Answers::visit`] of the visit it was made for.
    visit: u64,
    standing: Vec<Standing>,
    /// Lines without any of these flags concern nobody; all bits where some candidate takes any line.
    flags: u16,
}

/// What a worker reuses from person to person.
#[derive(Default)]
pub(crate) struct Scratch {
    net: Net,
    answers: Answers,
    classes: Vec<ClassNow>,
    /// The candidates of a class that a profile of visits leaves standing, per class and profile.
    profiles: FixedMap<(u32, u32), Vec<Standing>>,
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
        let Scratch { net, answers, classes, profiles, rows, touched, grouper, pairer, values } = scratch;
        classes.resize_with(catalog.classes.len(), ClassNow::default);
        rows.resize_with(self.rules.blocks.len(), Vec::new);
        answers.fit(&catalog.gates);
        let lines = timelines.lines.shortest();
        for (number, person) in timelines.persons.iter().enumerate() {
            net.prepare(timelines, person, lines);
            answers.next_person();
            let facts = Facts { rules: self.rules, data: timelines, catalog, net, person, number: number as u32, values };
            let mut pass = Pass { screener: self, facts: &facts, answers, classes, profiles, rows, touched, attrition };
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
    classes: &'p mut [ClassNow],
    profiles: &'p mut FixedMap<(u32, u32), Vec<Standing>>,
    rows: &'p mut Vec<Vec<Row>>,
    touched: &'p mut Vec<u16>,
    attrition: &'p mut Attrition,
}

impl<'p> Pass<'p> {
    fn visit(&mut self, number: u32, lines: usize) {
        let facts = self.facts;
        let (data, catalog) = (facts.data, facts.catalog);
        let visit = &data.visits[number as usize];
        self.answers.next_visit(visit, &catalog.gates);
        for line in clip(&visit.lines, lines) {
            let leads = catalog.leads(data.lines.item[line]);
            let class = leads.class as usize;
            if class != 0 {
                if self.classes[class].visit != self.answers.visit() {
                    self.open_class(class, line, number);
                }
                // Most lines stop here: what is left asks for flags they do not have.
                let now = &self.classes[class];
                if now.flags == u16::MAX || data.lines.flags[line] & now.flags != 0 {
                    self.class(class, facts.net.state(line), row_of(data, line, number));
                }
            }
            if leads.begin < leads.end {
                let runs = &catalog.runs[leads.begin as usize..leads.end as usize];
                self.runs(runs, facts.net.state(line), row_of(data, line, number), RowKind::Line);
            }
        }
        if facts.net.is_refunded(number) {
            return;
        }
        let row = Row { time: visit.begin, row: number, visit: number, point: NONE, tag: 0 };
        let visits = if visit.care == Care::Inpatient { 2 } else { 1 };
        for runs in &catalog.visit_runs[..visits] {
            self.runs(&catalog.runs[runs.0 as usize..runs.1 as usize], 0, row, RowKind::Visit);
        }
        let runs = &catalog.runs[catalog.settlement_runs.0 as usize..catalog.settlement_runs.1 as usize];
        for settlement in clip(&visit.settlements, data.settlements.len()) {
            if !runs.is_empty() && !data.settlements[settlement].void {
                // Admissions count by the day of admission, whenever the stay (or a part of it) was settled.
                let time = if visit.care == Care::Inpatient { visit.begin } else { data.settlements[settlement].time };
                let row = Row { time, row: settlement as u32, ..row };
                self.runs(runs, 0, row, RowKind::Settlement);
            }
        }
        for diagnosis in clip(&visit.diagnoses, data.diagnoses.len()) {
            let row = Row { row: diagnosis as u32, ..row };
            self.runs(catalog.code_runs(data.diagnoses[diagnosis].code), 0, row, RowKind::Diagnosis);
        }
    }

    /// Decides for the visit in hand which candidates of a class are left.
    #[inline(never)]
    fn open_class(&mut self, class: usize, line: usize, visit: u32) {
        let catalog = self.facts.catalog;
        let row = row_of(self.facts.data, line, visit);
        let scene = Scene { facts: self.facts, kind: RowKind::Line, raw: false, table: None, row, prev: None, group: &[], span: None };
        let mut now = std::mem::take(&mut self.classes[class]);
        now.visit = self.answers.visit();
        now.standing.clear();
        now.flags = 0;
        self.answers.next_row();
        let trace = self.screener.options.trace;
        let all = &catalog.classes[class];
        let of_profile = self.profiles.entry((class as u32, self.answers.profile)).or_insert_with(|| {
            let whole = (0..all.len()).map(|at| Standing { candidate: at as u32, passed: 0, flags: 0, unsure: all[at].unsure });
            whole
                .filter_map(|standing| pass_visit(catalog, self.answers, &scene, &all[standing.candidate as usize], standing, true))
                .collect()
        });
        if trace {
            now.flags = u16::MAX;
            now.standing.extend((0..all.len()).map(|at| Standing { candidate: at as u32, passed: 0, flags: 0, unsure: false }));
        } else {
            for standing in of_profile.iter() {
                let candidate = &all[standing.candidate as usize];
                if self.screener.active[usize::from(candidate.block)]
                    && let Some(standing) = pass_visit(catalog, self.answers, &scene, candidate, *standing, false)
                {
                    now.flags |= if standing.flags == 0 { u16::MAX } else { standing.flags };
                    now.standing.push(standing);
                }
            }
        }
        self.classes[class] = now;
    }

    /// Offers a line to the candidates of its class.
    fn class(&mut self, class: usize, state: u8, row: Row) {
        let catalog = self.facts.catalog;
        let mut scene = Scene { facts: self.facts, kind: RowKind::Line, raw: false, table: None, row, prev: None, group: &[], span: None };
        let day = row.day();
        let flags = self.facts.data.lines.flags[row.row as usize];
        self.answers.next_row();
        for at in 0..self.classes[class].standing.len() {
            let standing = self.classes[class].standing[at];
            let candidate = &catalog.classes[class][standing.candidate as usize];
            if self.screener.options.trace {
                self.traced(candidate, state, &scene);
                continue;
            }
            if state & candidate.state != candidate.state
                || standing.flags != 0 && standing.flags & flags == 0
                || day < candidate.from
                || candidate.to < day
            {
                continue;
            }
            let mut unsure = standing.unsure;
            if standing.passed == 0 {
                match self.answers.ask(&catalog.gates, candidate.gate, &scene) {
                    Answer::No => continue,
                    Answer::Yes => {}
                    Answer::Unknown => unsure = true,
                }
            }
            self.offer(candidate, usize::from(standing.passed.max(1)) - 1, &mut scene, unsure);
        }
    }

    /// Offers a row to its candidates: a run whose first check fails falls away as a whole.
    #[inline]
    fn runs(&mut self, runs: &[Run], state: u8, row: Row, kind: RowKind) {
        let catalog = self.facts.catalog;
        self.answers.next_row();
        let mut scene = Scene { facts: self.facts, kind, raw: false, table: None, row, prev: None, group: &[], span: None };
        let day = row.day();
        if self.screener.options.trace {
            for run in runs {
                for candidate in &catalog.candidates[run.begin as usize..run.end as usize] {
                    self.traced(candidate, state, &scene);
                }
            }
            return;
        }
        for run in runs {
            if state & run.state != run.state {
                continue;
            }
            let answer = self.answers.ask(&catalog.gates, run.gate, &scene);
            if answer == Answer::No {
                continue;
            }
            for candidate in &catalog.candidates[run.begin as usize..run.end as usize] {
                if state & candidate.state == candidate.state
                    && candidate.from <= day
                    && day <= candidate.to
                    && self.screener.active[usize::from(candidate.block)]
                {
                    scene.row.point = candidate.point;
                    let unsure = candidate.unsure || answer == Answer::Unknown;
                    self.offer(candidate, 0, &mut scene, unsure);
                }
            }
        }
    }

    /// Offers a row to a candidate whose first check and so many further ones it has passed.
    #[inline]
    fn offer(&mut self, candidate: &Candidate, passed: usize, scene: &mut Scene<'p>, mut unsure: bool) {
        if usize::from(candidate.steps_len) > passed {
            scene.table = self.screener.rules.blocks[usize::from(candidate.block)].table;
            match self.steps(candidate, passed, scene, unsure) {
                Answer::No => return,
                Answer::Yes => {}
                Answer::Unknown => unsure = true,
            }
        }
        match (candidate.way, unsure) {
            (Way::Main, _) => self.keep(candidate.block, MAIN, scene.row),
            (Way::Kept, false) => self.keep(candidate.block, PART, scene.row),
            (Way::Kept, true) => self.attrition.blocks[usize::from(candidate.block)].not_judged += 1,
            (Way::Hits, false) => self.keep(candidate.block, Verdict::Hit as u8, scene.row),
            (Way::Hits | Way::Judged, _) => self.judge(candidate.block, scene.row, unsure),
        }
    }

    /// The checks after the first. Clauses that decide are counted.
    fn steps(&mut self, candidate: &Candidate, passed: usize, scene: &Scene<'_>, unsure: bool) -> Answer {
        let catalog = self.facts.catalog;
        let mut result = if unsure { Answer::Unknown } else { Answer::Yes };
        for &(gate, step) in &catalog.steps[candidate.steps as usize..][passed..usize::from(candidate.steps_len)] {
            let answer = self.answers.ask(&catalog.gates, gate, scene);
            match (step, answer) {
                (Step::Passes, Answer::Yes) | (Step::Need(_), Answer::Yes) | (Step::Unless(_), Answer::No) => {}
                (Step::Passes, Answer::No) => return Answer::No,
                (Step::Passes | Step::Unless(_), Answer::Unknown) => result = Answer::Unknown,
                (Step::Need(_) | Step::Unless(_), _) if result == Answer::Unknown => {}
                (Step::Need(at), _) => {
                    self.attrition.blocks[usize::from(candidate.block)].lacking[usize::from(at)] += 1;
                    return Answer::No;
                }
                (Step::Unless(at), Answer::Yes) => {
                    self.attrition.blocks[usize::from(candidate.block)].exempted[usize::from(at)] += 1;
                    return Answer::No;
                }
            }
        }
        result
    }

    fn keep(&mut self, block: u16, tag: u8, row: Row) {
        let rows = &mut self.rows[usize::from(block)];
        if rows.is_empty() {
            self.touched.push(block);
        }
        rows.push(Row { tag, ..row });
    }

    /// Judges a row of a block that goes row by row. `ask_where`: not all checks could be decided.
    fn judge(&mut self, number: u16, row: Row, ask_where: bool) {
        let (block, plan) = (&self.screener.rules.blocks[usize::from(number)], &self.facts.catalog.plans[usize::from(number)]);
        let trace = self.screener.options.trace;
        let scene = scene_at(self.facts, block, plan, row, &[]);
        let counts = &mut self.attrition.blocks[usize::from(number)];
        if ask_where || trace {
            match scene.truths(&block.filter) {
                FALSE => return,
                UNKNOWN => {
                    if verdict(plan, &scene) != Verdict::No {
                        counts.not_judged += 1;
                    }
                    return;
                }
                _ => counts.concerned += u64::from(trace),
            }
        }
        let verdict = judge(block, plan, &scene, Clauses::All, counts, trace);
        if verdict.is_found() {
            self.keep(number, verdict as u8, row);
        }
    }

    /// As [`Pass::offer`], with the way of the row counted step by step.
    #[cold]
    fn traced(&mut self, candidate: &Candidate, state: u8, scene: &Scene<'p>) {
        let number = usize::from(candidate.block);
        if !self.screener.active[number] {
            return;
        }
        let counts = &mut self.attrition.blocks[number];
        counts.candidates += 1;
        if state & candidate.state != candidate.state {
            return;
        }
        counts.in_scope += 1;
        let day = scene.row.day();
        if day < candidate.from || candidate.to < day {
            return;
        }
        counts.valid += 1;
        let mut scene = Scene { table: self.screener.rules.blocks[number].table, ..*scene };
        scene.row.point = candidate.point;
        if matches!(candidate.way, Way::Hits | Way::Judged) {
            self.judge(candidate.block, scene.row, true);
            return;
        }
        let answer = self.answers.ask(&self.facts.catalog.gates, candidate.gate, &scene);
        if answer != Answer::No {
            let before = self.rows[number].len();
            self.offer(candidate, 0, &mut scene, candidate.unsure || answer == Answer::Unknown);
            let kept = self.rows[number].len() - before;
            self.attrition.blocks[number].concerned += kept as u64;
        }
    }
}

/// Takes a candidate through the checks that hold for all lines of the visit in hand, as far as they come one after the
/// other: those on its profile only, or all. `None`: one of them says no.
fn pass_visit(
    catalog: &Catalog,
    answers: &mut Answers,
    scene: &Scene<'_>,
    candidate: &Candidate,
    mut standing: Standing,
    profile_only: bool,
) -> Option<Standing> {
    let steps = &catalog.steps[candidate.steps as usize..][..usize::from(candidate.steps_len)];
    let checks = std::iter::once((candidate.gate, Step::Passes)).chain(steps.iter().copied());
    // Clauses are counted row by row, and therefore wait.
    for (gate, _) in checks.skip(usize::from(standing.passed)).take_while(|(_, step)| *step == Step::Passes) {
        let answer = if gate == PASS {
            Some(Answer::Yes)
        } else if profile_only {
            let Some(answer) = answers.ask_profile(&catalog.gates, gate, scene) else { break };
            Some(answer)
        } else {
            answers.ask_of_visit(&catalog.gates, gate, scene)
        };
        match answer {
            Some(Answer::No) => return None,
            Some(answer) => {
                standing.unsure |= answer == Answer::Unknown;
                standing.passed += 1;
            }
            None => {
                standing.flags = answers.wanted_flags(&catalog.gates, gate, scene);
                break;
            }
        }
    }
    Some(standing)
}

#[inline]
fn row_of(data: &Timelines<'_>, line: usize, visit: u32) -> Row {
    Row { time: data.lines.time[line], row: line as u32, visit, point: NONE, tag: 0 }
}
