//! What is known of codes: items with their candidates, diagnoses, the sets they stand in.

use mingjian_model::day::Day;

use crate::eval::RowKind;
use crate::expr::Expr;
use crate::fold::Given;
use crate::gate::{Gates, PASS};
use crate::hash::{FixedHasher, FixedMap};
use crate::index::{CodeIndex, Target};
use crate::net::LIVE;
use crate::plan::{BlockPlan, Check, Mode, Step, plans};
use crate::program::{CodeSet, Source};
use crate::shape::{Shape, category_of, generic_of};
use crate::uses::Moment;
use crate::worker::{CatalogueEntry, ListPrice, Names};
use crate::{NONE, RuleSet, UNKNOWN, arith};
use std::hash::Hasher;

#[derive(Debug, Clone, Copy, Default)]
struct ItemFacts {
    /// Seen as an item, not only as the generic of others.
    decided: bool,
    shape: Shape,
    charge_type: u8,
    unit: u16,
    generic: u32,
    prices: (u32, u32),
}

/// What happens to a row that passes a candidate's checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// It is a hit: the checks say all there is to say.
    Hits,
    /// It is judged at once.
    Judged,
    /// It is kept for its group, or as the part of a pair.
    Kept,
    /// It is kept as the main item of a pair.
    Main,
}

/// A block, and the point of its table, that may concern a code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    pub point: u32,
    /// Days on which both the block and the point hold.
    pub from: Day,
    pub to: Day,
    /// First check, asked before the candidate is looked at.
    pub gate: u32,
    /// The other checks, in [`Catalog::steps`].
    pub steps: u32,
    pub block: u16,
    pub steps_len: u16,
    pub state: u8,
    pub way: Way,
    /// A condition on the item alone could not be decided.
    pub unsure: bool,
}

/// Candidates of a code that share their first check.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    pub gate: u32,
    /// State bits that every candidate of the run needs.
    pub state: u8,
    pub begin: u32,
    pub end: u32,
}

/// Where an item leads: its runs, and the class of blocks without a table that look at it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Leads {
    pub begin: u32,
    pub end: u32,
    pub class: u32,
}

/// The checks of a block under points that are alike.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    block: u16,
    values: Box<[i64]>,
    point: u32,
    /// Conditions on the item alone, numbers of [`Catalog::item_checks`].
    item_checks: Box<[u32]>,
    /// The other checks, earliest first: a range of [`Catalog::steps`].
    steps: (u32, u16),
    /// Never true for any row.
    dead: bool,
}

/// Codes seen by a worker, and what concerns them.
pub(crate) struct Catalog {
    pub times: [u16; 2],
    pub plans: Vec<BlockPlan>,
    item_index: CodeIndex,
    dx_index: CodeIndex,
    /// Blocks that look items up in a table, and the blocks of lines without one.
    table_blocks: Vec<Vec<u16>>,
    open_line_blocks: Vec<u16>,
    dx_table_blocks: Vec<Vec<u16>>,
    open_dx_blocks: Vec<u16>,
    /// Runs of rows that have no code: any visit, stays, settlements.
    pub visit_runs: [(u32, u32); 2],
    pub settlement_runs: (u32, u32),

    pub items: Names,
    item_facts: Vec<ItemFacts>,
    prices: Vec<ListPrice>,
    /// Per item set the items in it, one bit each.
    item_sets: Vec<Vec<u64>>,
    /// Number of the first item set of each point, per table; empty where a table's points have none.
    point_sets: Vec<Vec<u32>>,
    pub codes: Names,
    categories: Vec<u32>,
    dx_sets: Vec<Vec<u64>>,

    /// What a line's item leads to.
    leads: Vec<Leads>,
    code_runs: Vec<(u32, u32)>,
    pub runs: Vec<Run>,
    pub candidates: Vec<Candidate>,
    /// Candidates of blocks without a table. Items of a kind share them, so that a visit decides them once for all its
    /// lines of that kind. The first class is empty.
    pub classes: Vec<Vec<Candidate>>,
    class_ids: FixedMap<Vec<(u16, bool)>, u32>,

    programs: Vec<Program>,
    /// Checks of all programs: gates, and what their answer means.
    pub steps: Vec<(u32, Step)>,
    program_ids: FixedMap<u64, Vec<u32>>,
    pub gates: Gates,
    item_checks: Vec<Expr>,
    item_check_ids: FixedMap<Expr, u32>,
    /// Truth of each item check for the item in hand; `UNDECIDED` before it is asked.
    item_truths: Vec<i64>,
    found: Vec<Target>,
    values: Vec<i64>,
}

const UNDECIDED: i64 = UNKNOWN + 1;

impl Catalog {
    /// `times` are the texts of units in which a service counts in times.
    pub fn new(rules: &RuleSet, times: [u16; 2]) -> Catalog {
        let mut catalog = Catalog {
            times,
            plans: plans(rules),
            item_index: CodeIndex::default(),
            dx_index: CodeIndex::default(),
            table_blocks: vec![Vec::new(); rules.tables.len()],
            open_line_blocks: Vec::new(),
            dx_table_blocks: vec![Vec::new(); rules.tables.len()],
            open_dx_blocks: Vec::new(),
            visit_runs: [(0, 0); 2],
            settlement_runs: (0, 0),
            items: Names::default(),
            item_facts: Vec::new(),
            prices: Vec::new(),
            item_sets: vec![Vec::new(); rules.item_sets.len()],
            point_sets: vec![Vec::new(); rules.tables.len()],
            codes: Names::default(),
            categories: Vec::new(),
            dx_sets: vec![Vec::new(); rules.dx_sets.len()],
            leads: Vec::new(),
            code_runs: Vec::new(),
            runs: Vec::new(),
            candidates: Vec::new(),
            classes: vec![Vec::new()],
            class_ids: FixedMap::default(),
            programs: Vec::new(),
            steps: Vec::new(),
            program_ids: FixedMap::default(),
            gates: Gates::default(),
            item_checks: Vec::new(),
            item_check_ids: FixedMap::default(),
            item_truths: Vec::new(),
            found: Vec::new(),
            values: Vec::new(),
        };
        catalog.index(rules);
        catalog
    }

    fn index(&mut self, rules: &RuleSet) {
        for (number, block) in rules.blocks.iter().enumerate() {
            let number = number as u16;
            let table = block.table.map(usize::from).filter(|table| *table < rules.tables.len());
            match (self.plans[usize::from(number)].kind, table) {
                (RowKind::Line, Some(table)) => self.table_blocks[table].push(number),
                (RowKind::Line, None) if block.source != Source::Pairs => self.open_line_blocks.push(number),
                (RowKind::Line, None) => {}
                (RowKind::Diagnosis, Some(table)) => self.dx_table_blocks[table].push(number),
                (RowKind::Diagnosis, None) => self.open_dx_blocks.push(number),
                (RowKind::Visit | RowKind::Settlement, _) => {}
            }
        }
        self.visit_runs = [self.runs_of(rules, Source::Visits), self.runs_of(rules, Source::Stays)];
        self.settlement_runs = self.runs_of(rules, Source::Settlements);
        for (number, table) in rules.tables.iter().enumerate() {
            let of_items = !self.table_blocks[number].is_empty();
            let of_dx = !self.dx_table_blocks[number].is_empty();
            let any_sets = table.points.iter().any(|point| !point.item_sets.is_empty());
            for (at, point) in table.points.iter().enumerate() {
                let (table, at) = (number as u16, at as u32);
                if of_items {
                    self.item_index.add(&point.codes, Target::Point { table, point: at, part: false });
                    self.item_index.add(&point.part_codes, Target::Point { table, point: at, part: true });
                }
                if of_dx {
                    self.dx_index.add(&point.codes, Target::Point { table, point: at, part: false });
                }
                if any_sets {
                    self.point_sets[number].push(self.item_sets.len() as u32);
                    for set in &point.item_sets {
                        self.item_index.add(set, Target::Set(self.item_sets.len() as u32));
                        self.item_sets.push(Vec::new());
                    }
                }
            }
        }
        for (number, set) in rules.item_sets.iter().enumerate() {
            self.item_index.add(set, Target::Set(number as u32));
        }
        for (number, set) in rules.dx_sets.iter().enumerate() {
            self.dx_index.add(set, Target::Set(number as u32));
        }
        self.item_index.seal();
        self.dx_index.seal();
    }

    /// The candidates of all rows of a source without codes.
    fn runs_of(&mut self, rules: &RuleSet, source: Source) -> (u32, u32) {
        let begin = self.candidates.len();
        for (number, _) in rules.blocks.iter().enumerate().filter(|(_, block)| block.source == source) {
            let candidate = self.candidate(rules, number as u16, None, false, None);
            self.candidates.extend(candidate);
        }
        self.make_runs(begin)
    }

    /// The id of an item; on first sight its candidates are decided.
    pub fn item(&mut self, rules: &RuleSet, code: &str, entry: &CatalogueEntry<'_>, unit: u16) -> u32 {
        let id = self.item_name(code);
        if self.item_facts[id as usize].decided {
            return id;
        }
        let generic = generic_of(code);
        let generic = if generic.len() == code.len() { id } else { self.item_name(generic) };
        let begin = self.prices.len() as u32;
        self.prices.extend_from_slice(entry.prices);
        self.item_facts[id as usize] = ItemFacts {
            decided: true,
            shape: Shape::of(code),
            charge_type: entry.charge_type.min(31),
            unit,
            generic,
            prices: (begin, self.prices.len() as u32),
        };
        let mut found = std::mem::take(&mut self.found);
        self.item_index.find(code, &mut found);
        found.retain(|target| self.holds_item(rules, *target, code));
        for target in &found {
            if let Target::Set(set) = target {
                set_bit(&mut self.item_sets[*set as usize], id);
            }
        }
        self.item_truths.clear();
        self.item_truths.resize(self.item_checks.len(), UNDECIDED);
        let begin = self.candidates.len();
        for target in &found {
            if let Target::Point { table, point, part } = *target {
                for at in 0..self.table_blocks[usize::from(table)].len() {
                    let block = self.table_blocks[usize::from(table)][at];
                    let of_pairs = self.plans[usize::from(block)].mode == Mode::Pairs;
                    if of_pairs || !part {
                        let candidate = self.candidate(rules, block, Some(point), of_pairs && !part, Some(id));
                        self.candidates.extend(candidate);
                    }
                }
            }
        }
        self.found = found;
        let (begin, end) = self.make_runs(begin);
        self.leads[id as usize] = Leads { begin, end, class: self.class(rules, id) };
        id
    }

    fn class(&mut self, rules: &RuleSet, item: u32) -> u32 {
        let mut candidates = Vec::new();
        for at in 0..self.open_line_blocks.len() {
            candidates.extend(self.candidate(rules, self.open_line_blocks[at], None, false, Some(item)));
        }
        if candidates.is_empty() {
            return 0;
        }
        let key = candidates.iter().map(|candidate| (candidate.block, candidate.unsure)).collect();
        let next = self.classes.len() as u32;
        let class = *self.class_ids.entry(key).or_insert(next);
        if class == next {
            self.classes.push(candidates);
        }
        class
    }

    fn item_name(&mut self, code: &str) -> u32 {
        let (id, new) = self.items.intern(code);
        if new {
            self.item_facts.push(ItemFacts { generic: id, ..ItemFacts::default() });
            self.leads.push(Leads::default());
        }
        id
    }

    fn holds_item(&self, rules: &RuleSet, target: Target, code: &str) -> bool {
        match target {
            Target::Point { table, point, part } => {
                let point = &rules.tables[usize::from(table)].points[point as usize];
                if part { point.part_codes.contains(code) } else { point.codes.contains(code) }
            }
            Target::Set(set) => self.item_set(rules, set).is_some_and(|set| set.contains(code)),
        }
    }

    fn item_set<'r>(&self, rules: &'r RuleSet, set: u32) -> Option<&'r CodeSet> {
        if let Some(set) = rules.item_sets.get(set as usize) {
            return Some(set);
        }
        for (sets, table) in self.point_sets.iter().zip(&rules.tables) {
            // Points without sets of their own share their number with the next one that has some: take the last.
            let Some(point) = sets.partition_point(|first| *first <= set).checked_sub(1) else { continue };
            if let Some(found) = table.points[point].item_sets.get((set - sets[point]) as usize) {
                return Some(found);
            }
        }
        None
    }

    /// The id of a diagnosis or operation; on first sight its candidates are decided.
    pub fn code(&mut self, rules: &RuleSet, code: &str) -> u32 {
        let (id, new) = self.codes.intern(code);
        if !new {
            return id;
        }
        self.categories.push(id);
        self.code_runs.push((0, 0));
        let category = category_of(code);
        if category.len() < code.len() {
            self.categories[id as usize] = self.code(rules, category);
        }
        let mut found = std::mem::take(&mut self.found);
        self.dx_index.find(code, &mut found);
        let begin = self.candidates.len();
        for target in &found {
            match *target {
                Target::Set(set) => {
                    if rules.dx_sets[set as usize].contains(code) {
                        set_bit(&mut self.dx_sets[set as usize], id);
                    }
                }
                Target::Point { table, point, .. } => {
                    if !rules.tables[usize::from(table)].points[point as usize].codes.contains(code) {
                        continue;
                    }
                    for at in 0..self.dx_table_blocks[usize::from(table)].len() {
                        let candidate = self.candidate(rules, self.dx_table_blocks[usize::from(table)][at], Some(point), false, None);
                        self.candidates.extend(candidate);
                    }
                }
            }
        }
        self.found = found;
        for at in 0..self.open_dx_blocks.len() {
            let candidate = self.candidate(rules, self.open_dx_blocks[at], None, false, None);
            self.candidates.extend(candidate);
        }
        self.code_runs[id as usize] = self.make_runs(begin);
        id
    }

    /// The candidate for rows of a block under a point; `None` when none can pass. With `item`, conditions on the item alone
    /// are asked.
    fn candidate(&mut self, rules: &RuleSet, number: u16, point: Option<u32>, main: bool, item: Option<u32>) -> Option<Candidate> {
        let block = &rules.blocks[usize::from(number)];
        let table = block.table.and_then(|table| rules.tables.get(usize::from(table)));
        let row = point.and_then(|point| table?.points.get(point as usize));
        let (mut from, mut to) = block.valid;
        if let Some(row) = row {
            from = from.max(row.valid.0);
            to = to.min(row.valid.1);
        }
        if from > to {
            return None;
        }
        let point = point.unwrap_or(NONE);
        let mut candidate =
            Candidate { point, from, to, gate: PASS, steps: 0, block: number, steps_len: 0, state: LIVE, way: Way::Main, unsure: false };
        if main {
            return Some(candidate);
        }
        let program = self.program(rules, number, point) as usize;
        if self.programs[program].dead {
            return None;
        }
        if let Some(item) = item {
            for at in 0..self.programs[program].item_checks.len() {
                match self.item_truth(self.programs[program].item_checks[at], item) {
                    arith::FALSE => return None,
                    // Not known of this item: its rows pass, and are found 'not judged' where they would matter.
                    UNKNOWN => candidate.unsure = true,
                    _ => {}
                }
            }
        }
        let plan = &self.plans[usize::from(number)];
        (candidate.steps, candidate.steps_len) = self.programs[program].steps;
        if let Some((gate, Step::Passes)) = self.steps[candidate.steps as usize..].first()
            && candidate.steps_len > 0
        {
            candidate.gate = *gate;
            candidate.steps += 1;
            candidate.steps_len -= 1;
        }
        candidate.state = plan.state;
        candidate.way = match plan.mode {
            Mode::Direct if block.needs.is_empty() && block.unless.is_empty() && block.suspect.is_none() && block.watch.is_none() => {
                Way::Hits
            }
            Mode::Direct => Way::Judged,
            Mode::Grouped | Mode::Pairs => Way::Kept,
        };
        Some(candidate)
    }

    fn item_truth(&mut self, check: u32, item: u32) -> i64 {
        let check = check as usize;
        if self.item_truths.len() <= check {
            self.item_truths.resize(self.item_checks.len(), UNDECIDED);
        }
        if self.item_truths[check] == UNDECIDED {
            let given = Given { point: None, item_sets_from: 0, item: Some((self, item)), profile: None };
            self.item_truths[check] = match given.fold(&self.item_checks[check]) {
                Expr::Const(value) => value,
                _ => UNKNOWN,
            };
        }
        self.item_truths[check]
    }

    fn program(&mut self, rules: &RuleSet, number: u16, point: u32) -> u32 {
        let block = &rules.blocks[usize::from(number)];
        let table = block.table.map(usize::from);
        let row = table.and_then(|table| rules.tables.get(table)?.points.get(point as usize));
        let mut values = std::mem::take(&mut self.values);
        let alike = self.plans[usize::from(number)].reads(row, &mut values);
        let mut hasher = FixedHasher::default();
        hasher.write_u16(number);
        hasher.write_u32(if alike { 0 } else { point });
        values.iter().for_each(|value| hasher.write_u64(*value as u64));
        let same = |program: &Program| program.block == number && *program.values == *values && (alike || program.point == point);
        let ids = self.program_ids.entry(hasher.finish()).or_default();
        if let Some(&id) = ids.iter().find(|id| same(&self.programs[**id as usize])) {
            self.values = values;
            return id;
        }
        let id = self.programs.len() as u32;
        ids.push(id);
        let item_sets_from = table.and_then(|table| self.point_sets.get(table)?.get(point as usize)).copied().unwrap_or(0);
        let checks = self.plans[usize::from(number)].checks(&Given { point: row, item_sets_from, item: None, profile: None });
        let raw = self.plans[usize::from(number)].raw;
        let dead = checks.is_none();
        let (mut item_checks, first) = (Vec::new(), self.steps.len());
        for Check { expr, step, moment } in checks.unwrap_or_default() {
            if moment == Moment::Item {
                item_checks.push(self.item_check(expr));
            } else {
                let gate = self.gates.intern(expr, moment, raw);
                self.steps.push((gate, step));
            }
        }
        self.programs.push(Program {
            block: number,
            values: values.as_slice().into(),
            point,
            item_checks: item_checks.into(),
            steps: (first as u32, (self.steps.len() - first) as u16),
            dead,
        });
        self.values = values;
        id
    }

    fn item_check(&mut self, expr: Expr) -> u32 {
        if let Some(&id) = self.item_check_ids.get(&expr) {
            return id;
        }
        let id = self.item_checks.len() as u32;
        self.item_checks.push(expr.clone());
        self.item_check_ids.insert(expr, id);
        id
    }

    /// Sorts the candidates from `begin` on by their first check and cuts them into runs.
    fn make_runs(&mut self, begin: usize) -> (u32, u32) {
        self.candidates[begin..].sort_by_key(|candidate| candidate.gate);
        let first = self.runs.len() as u32;
        let mut at = begin;
        while at < self.candidates.len() {
            let gate = self.candidates[at].gate;
            let end = at + self.candidates[at..].partition_point(|candidate| candidate.gate == gate);
            let state = self.candidates[at..end].iter().fold(u8::MAX, |state, candidate| state & candidate.state);
            self.runs.push(Run { gate, state, begin: at as u32, end: end as u32 });
            at = end;
        }
        (first, self.runs.len() as u32)
    }

    #[inline]
    pub fn leads(&self, item: u32) -> Leads {
        self.leads.get(item as usize).copied().unwrap_or_default()
    }

    pub fn code_runs(&self, code: u32) -> &[Run] {
        let (begin, end) = self.code_runs.get(code as usize).copied().unwrap_or((0, 0));
        &self.runs[begin as usize..end as usize]
    }

    pub fn item_in_set(&self, item: u32, set: u32) -> bool {
        self.item_sets.get(set as usize).is_some_and(|bits| has_bit(bits, item))
    }

    pub fn dx_in_set(&self, code: u32, set: u16) -> bool {
        self.dx_sets.get(usize::from(set)).is_some_and(|bits| has_bit(bits, code))
    }

    /// Number of the item set that a column of a point names; `None` where the cell is empty.
    pub fn point_set(&self, rules: &RuleSet, table: Option<u16>, point: u32, column: u16) -> Option<u32> {
        let table = usize::from(table?);
        let value = *rules.tables.get(table)?.points.get(point as usize)?.values.get(usize::from(column))?;
        let from = *self.point_sets.get(table)?.get(point as usize)?;
        u32::try_from(value).ok().map(|value| from.saturating_add(value))
    }

    fn facts(&self, item: u32) -> ItemFacts {
        self.item_facts.get(item as usize).copied().unwrap_or(ItemFacts { generic: item, ..ItemFacts::default() })
    }

    pub fn shape(&self, item: u32) -> Shape {
        self.facts(item).shape
    }

    pub fn charge_type(&self, item: u32) -> u8 {
        self.facts(item).charge_type
    }

    pub fn unit(&self, item: u32) -> u16 {
        self.facts(item).unit
    }

    pub fn generic(&self, item: u32) -> u32 {
        self.facts(item).generic
    }

    pub fn category(&self, code: u32) -> u32 {
        self.categories.get(code as usize).copied().unwrap_or(code)
    }

    /// The price list's limit for a level and day: of several the one that began last; unknown where there is none.
    #[inline(never)]
    pub fn list_price(&self, item: u32, level: u8, day: Day) -> i64 {
        let Some(facts) = self.item_facts.get(item as usize) else { return UNKNOWN };
        let (mut since, mut found) = (Day::MIN, UNKNOWN);
        for price in &self.prices[facts.prices.0 as usize..facts.prices.1 as usize] {
            if price.level == level && price.begin <= day && day <= price.end && price.begin >= since {
                (since, found) = (price.begin, price.price);
            }
        }
        found
    }
}

fn set_bit(bits: &mut Vec<u64>, at: u32) {
    let word = (at / 64) as usize;
    if bits.len() <= word {
        bits.resize(word + 1, 0);
    }
    bits[word] |= 1 << (at % 64);
}

fn has_bit(bits: &[u64], at: u32) -> bool {
    bits.get((at / 64) as usize).is_some_and(|word| word >> (at % 64) & 1 == 1)
}
