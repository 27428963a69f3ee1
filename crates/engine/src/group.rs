//! Groups and windows: rows of a block brought together by keys and cut along time.

use mingjian_model::day::{Day, to_ymd};

use std::cmp::Ordering;

use crate::amount::Piece;
use crate::arith::{FALSE, add};
use crate::attrition::BlockAttrition;
use crate::emit::{Draft, emit, scene_at};
use crate::eval::{Facts, Row, RowKind, Scene};
use crate::expr::{Expr, Field};
use crate::hit::Hit;
use crate::judge::{Clauses, Verdict, count_failure, judge, verdict};
use crate::plan::BlockPlan;
use crate::program::{Block, Key, Window};
use crate::timeline::Care;
use crate::{NONE, UNKNOWN};

/// Buffers for grouping, reused.
#[derive(Debug, Default)]
pub(crate) struct Grouper {
    keyed: Vec<Keyed>,
    /// Keys and position in one number each, where they fit.
    packed: Vec<u128>,
    /// The third key and those after it, of blocks that have so many.
    keys: Vec<i64>,
    /// Rows by key, then time.
    pub rows: Vec<Row>,
    /// Groups as ranges of `rows`.
    pub groups: Vec<(u32, u32)>,
    course: Vec<Row>,
    hits: Vec<Row>,
    used: Vec<bool>,
    pub pieces: Vec<Piece>,
}

/// How many bits the keys of a row take in one number: the prefix and the second key, the first key (a prescription with its
/// day needs 55), and the row's position.
const SMALL_BITS: u32 = 24;
const WIDE_BITS: u32 = 56;
const AT_BITS: u32 = 24;

/// A row by its keys.
#[derive(Debug, Clone, Copy)]
struct Keyed {
    first: i64,
    two: [i64; 2],
    /// Where its further keys begin.
    rest: u32,
    /// Which row.
    at: u32,
}

impl Keyed {
    #[inline]
    fn compare(&self, other: &Keyed, rest: &[i64], further: usize) -> Ordering {
        let order = (self.first, self.two).cmp(&(other.first, other.two));
        if further == 0 || order.is_ne() {
            return order;
        }
        rest[self.rest as usize..][..further].cmp(&rest[other.rest as usize..][..further])
    }
}

/// One block at the end of a person.
pub(crate) struct Ending<'a> {
    pub facts: &'a Facts<'a>,
    pub number: u16,
    pub block: &'a Block,
    pub plan: &'a BlockPlan,
    pub counts: &'a mut BlockAttrition,
    pub found: &'a mut Vec<Hit>,
    pub trace: bool,
}

impl Grouper {
    /// Sorts rows into groups. A row of which a key is not known is not judged.
    ///
    /// `prefix` gives one more key that comes first.
    pub fn arrange(&mut self, ending: &mut Ending<'_>, rows: &[Row], prefix: impl Fn(&Row) -> i64) {
        let (facts, plan) = (ending.facts, ending.plan);
        self.rows.clear();
        self.groups.clear();
        self.keyed.clear();
        self.keys.clear();
        let further = plan.keys.len().saturating_sub(2);
        if further == 0 && self.arrange_packed(ending, rows, &prefix) {
            return;
        }
        let mut sorted = true;
        for (at, row) in rows.iter().enumerate() {
            let scene = scene_at(facts, ending.block, plan, *row, &[]);
            let begin = self.keys.len();
            let mut two = [0, 0];
            let mut unknown = false;
            for (place, key) in plan.keys.iter().enumerate() {
                let value = key_of(&scene, *key);
                unknown |= value == UNKNOWN;
                match two.get_mut(place) {
                    Some(slot) => *slot = value,
                    None => self.keys.push(value),
                }
            }
            if unknown {
                ending.counts.not_judged += 1;
                self.keys.truncate(begin);
                continue;
            }
            let keyed = Keyed { first: prefix(row), two, rest: begin as u32, at: at as u32 };
            if sorted && let Some(last) = self.keyed.last() {
                let order = last.compare(&keyed, &self.keys, further);
                sorted = order.is_lt() || order.is_eq() && moment(&rows[last.at as usize]) <= moment(row);
            }
            self.keyed.push(keyed);
        }
        let rest = &self.keys;
        if !sorted {
            self.keyed.sort_unstable_by(|a, b| {
                a.compare(b, rest, further).then_with(|| moment(&rows[a.at as usize]).cmp(&moment(&rows[b.at as usize])))
            });
        }
        let mut begin = 0;
        self.rows.extend(self.keyed.iter().map(|keyed| rows[keyed.at as usize]));
        for (at, two) in self.keyed.windows(2).enumerate() {
            if two[0].compare(&two[1], rest, further).is_ne() {
                self.groups.push((begin, at as u32 + 1));
                begin = at as u32 + 1;
            }
        }
        if !self.rows.is_empty() {
            self.groups.push((begin, self.rows.len() as u32));
        }
    }

    /// As [`Grouper::arrange`], for rows in order of time under at most two small keys: each row is one number, and sorting
    /// compares nothing else. `false`, and nothing done, where it cannot be so.
    fn arrange_packed(&mut self, ending: &mut Ending<'_>, rows: &[Row], prefix: impl Fn(&Row) -> i64) -> bool {
        let (facts, plan) = (ending.facts, ending.plan);
        let fits = |value: i64, bits: u32| u64::try_from(value).ok().filter(|value| value >> bits == 0).map(u128::from);
        if rows.len() >> AT_BITS != 0 || !rows.is_sorted_by(|a, b| (a.time, a.row, a.point, a.tag) <= (b.time, b.row, b.point, b.tag)) {
            return false;
        }
        self.packed.clear();
        let mut not_judged = 0;
        for (at, row) in rows.iter().enumerate() {
            let scene = scene_at(facts, ending.block, plan, *row, &[]);
            let mut two = [0, 0];
            for (slot, key) in two.iter_mut().zip(&plan.keys) {
                *slot = key_of(&scene, *key);
            }
            if two.contains(&UNKNOWN) {
                not_judged += 1;
                continue;
            }
            let (Some(first), Some(one), Some(other)) = (fits(prefix(row), SMALL_BITS), fits(two[0], WIDE_BITS), fits(two[1], SMALL_BITS))
            else {
                return false;
            };
            self.packed.push(((first << WIDE_BITS | one) << SMALL_BITS | other) << AT_BITS | at as u128);
        }
        ending.counts.not_judged += not_judged;
        if !self.packed.is_sorted() {
            self.packed.sort_unstable();
        }
        let mut keys = None;
        for (to, packed) in self.packed.iter().enumerate() {
            let at = (packed & ((1 << AT_BITS) - 1)) as usize;
            self.rows.push(rows[at]);
            if keys != Some(packed >> AT_BITS) {
                keys = Some(packed >> AT_BITS);
                self.groups.push((to as u32, to as u32));
            }
            if let Some(group) = self.groups.last_mut() {
                group.1 = to as u32 + 1;
            }
        }
        true
    }

    /// Rows that hit, row by row: groups them into findings.
    pub fn direct(&mut self, ending: &mut Ending<'_>, rows: &mut Vec<Row>) {
        if ending.block.table.is_some() && rows.len() > 1 {
            // Under several points the strongest verdict on a line stands.
            rows.sort_unstable_by_key(|row| (row.row, row.tag, row.point));
            let mut strongest = (NONE, 0);
            rows.retain(|row| {
                if row.row != strongest.0 {
                    strongest = (row.row, row.tag);
                }
                row.tag == strongest.1
            });
        }
        self.arrange(ending, rows, |row| i64::from(row.tag));
        for at in 0..self.groups.len() {
            let (begin, end) = self.groups[at];
            let group = &self.rows[begin as usize..end as usize];
            let verdict = Verdict::of_tag(group[0].tag);
            let draft = Draft { number: ending.number, verdict, before: &[], offending: group, after: &[], group };
            ending.found.extend(emit(ending.facts, ending.block, ending.plan, &draft, &mut self.pieces));
            ending.counts.hits += group.len() as u64;
        }
    }

    /// Rows that are judged in their groups.
    pub fn grouped(&mut self, ending: &mut Ending<'_>, rows: &[Row]) {
        let by_point = ending.plan.by_point;
        self.arrange(ending, rows, |row| if by_point { i64::from(row.point) } else { 0 });
        let arranged = std::mem::take(&mut self.rows);
        for at in 0..self.groups.len() {
            let group = &arranged[self.groups[at].0 as usize..self.groups[at].1 as usize];
            if group.len() >= ending.plan.least_rows || ending.trace {
                self.windows(ending, group);
            }
        }
        self.rows = arranged;
    }

    fn windows(&mut self, ending: &mut Ending<'_>, group: &[Row]) {
        match &ending.block.window {
            Window::All | Window::Point => {
                self.unit(ending, group);
            }
            Window::Within(days) => match window_days(ending, group, days) {
                Some(days) => self.within(ending, group, days),
                None => ending.counts.not_judged += 1,
            },
            Window::Course(days) => match window_days(ending, group, days) {
                Some(days) => self.courses(ending, group, days),
                None => ending.counts.not_judged += 1,
            },
            Window::Chain(days) => match window_days(ending, group, days) {
                Some(days) => self.chains(ending, group, days),
                None => ending.counts.not_judged += 1,
            },
            Window::Next => {
                for two in group.windows(2) {
                    self.next(ending, two[0], two[1]);
                }
            }
        }
    }

    /// Rolling windows of so many days. A window may start at any row; rows of a window with a verdict are used up, hits
    /// before suspects before watches.
    fn within(&mut self, ending: &mut Ending<'_>, group: &[Row], days: i64) {
        let end_of = |begin: usize| {
            let last = i64::from(group[begin].day()).saturating_add(days - 1);
            begin + group[begin..].partition_point(|row| i64::from(row.day()) <= last)
        };
        if !ending.block.grouped {
            let mut begin = 0;
            while begin < group.len() {
                let end = end_of(begin).max(begin + 1);
                self.unit(ending, &group[begin..end]);
                begin = end;
            }
            return;
        }
        let mut used = std::mem::take(&mut self.used);
        used.clear();
        used.resize(group.len(), false);
        for wanted in Verdict::FOUND {
            let possible = match wanted {
                Verdict::Hit => ending.block.hit.is_some(),
                Verdict::Suspect => ending.block.suspect.is_some(),
                _ => ending.block.watch.is_some(),
            };
            let mut begin = 0;
            while possible && begin < group.len() {
                if used[begin] {
                    begin += 1;
                    continue;
                }
                let mut end = end_of(begin).max(begin + 1);
                if let Some(taken) = used[begin..end].iter().position(|used| *used) {
                    end = begin + taken;
                }
                let unit = &group[begin..end];
                let scene = scene_at(ending.facts, ending.block, ending.plan, unit[unit.len() - 1], unit);
                if unit.len() >= ending.plan.least_rows && verdict(ending.plan, &scene) == wanted {
                    self.unit(ending, unit);
                    used[begin..end].fill(true);
                    begin = end;
                } else {
                    begin += 1;
                }
            }
        }
        // What is left has no verdict; windows from the first row on say so in the counts.
        let mut begin = 0;
        while begin < group.len() {
            if used[begin] {
                begin += 1;
                continue;
            }
            let mut end = end_of(begin).max(begin + 1);
            if let Some(taken) = used[begin..end].iter().position(|used| *used) {
                end = begin + taken;
            }
            let unit = &group[begin..end];
            let scene = scene_at(ending.facts, ending.block, ending.plan, unit[unit.len() - 1], unit);
            if !verdict(ending.plan, &scene).is_found() {
                self.unit(ending, unit);
            }
            begin = end;
        }
        self.used = used;
    }

    /// Courses: each stay is one, outpatient rows whose gaps are at most so many days are one.
    fn courses(&mut self, ending: &mut Ending<'_>, group: &[Row], days: i64) {
        let mut course = std::mem::take(&mut self.course);
        let visits = ending.facts.data.visits;
        let in_stay = |row: &Row| visits.get(row.visit as usize).is_some_and(|visit| visit.care == Care::Inpatient);
        course.clear();
        course.extend(group.iter().filter(|row| !in_stay(row)));
        self.cut(ending, &course, |before, row| i64::from(row.day()) - i64::from(before.day()) <= days);
        course.clear();
        course.extend(group.iter().filter(|row| in_stay(row)));
        course.sort_by_key(|row| row.visit);
        self.cut(ending, &course, |before, row| before.visit == row.visit);
        self.course = course;
    }

    /// Supplies chained: the next begins more than so many days before the stock of the chain ends. Lines of one visit and
    /// day are one supply.
    fn chains(&mut self, ending: &mut Ending<'_>, group: &[Row], days: i64) {
        let facts = ending.facts;
        let (block, plan) = (ending.block, ending.plan);
        let supply = |row: &Row| scene_at(facts, block, plan, *row, &[]).field(Field::SupplyDays);
        let mut begin = 0;
        let mut end_of_stock = UNKNOWN;
        for at in 0..group.len() {
            let (row, days_supplied) = (&group[at], supply(&group[at]));
            let day = i64::from(row.day());
            let twin = group[..at].last().is_some_and(|before| before.row == row.row);
            let same_supply = at > begin && group[at - 1].visit == row.visit && group[at - 1].day() == row.day();
            let chained = end_of_stock != UNKNOWN && day < end_of_stock.saturating_sub(days);
            if at > begin && !twin && !same_supply && !chained {
                self.unit(ending, &group[begin..at]);
                begin = at;
                end_of_stock = UNKNOWN;
            }
            if !twin {
                end_of_stock = match (end_of_stock, days_supplied) {
                    (UNKNOWN, UNKNOWN) => UNKNOWN,
                    (UNKNOWN, supplied) => day.saturating_add(supplied),
                    (end, UNKNOWN) => end,
                    (end, supplied) => add(end.max(day), supplied),
                };
            }
        }
        self.unit(ending, &group[begin..]);
    }

    /// Judges the runs of rows that hang together.
    fn cut(&mut self, ending: &mut Ending<'_>, rows: &[Row], together: impl Fn(&Row, &Row) -> bool) {
        let mut begin = 0;
        for at in 1..=rows.len() {
            if at == rows.len() || !together(&rows[at - 1], &rows[at]) {
                self.unit(ending, &rows[begin..at]);
                begin = at;
            }
        }
    }

    /// Judges one unit: whole where the block sums up, else row by row.
    pub fn unit(&mut self, ending: &mut Ending<'_>, unit: &[Row]) {
        let Some(&last) = unit.last() else { return };
        if ending.block.grouped {
            if unit.len() < ending.plan.least_rows {
                if ending.trace {
                    let scene = scene_at(ending.facts, ending.block, ending.plan, last, unit);
                    count_failure(ending.block, &scene, ending.counts);
                }
                return;
            }
            let scene = scene_at(ending.facts, ending.block, ending.plan, last, unit);
            let verdict = judge(ending.block, ending.plan, &scene, Clauses::OfGroup, ending.counts, ending.trace);
            if verdict.is_found() {
                let draft = Draft { number: ending.number, verdict, before: &[], offending: unit, after: &[], group: unit };
                ending.found.extend(emit(ending.facts, ending.block, ending.plan, &draft, &mut self.pieces));
                ending.counts.hits += 1;
            }
            return;
        }
        self.rows_of_unit(ending, unit, &[]);
    }

    /// Judges the rows of a unit one by one, and makes one finding of those with the same verdict. Returns whether any hit.
    pub fn rows_of_unit(&mut self, ending: &mut Ending<'_>, unit: &[Row], after: &[Row]) {
        let mut hits = std::mem::take(&mut self.hits);
        hits.clear();
        for row in unit {
            let scene = scene_at(ending.facts, ending.block, ending.plan, *row, unit);
            let verdict = judge(ending.block, ending.plan, &scene, Clauses::OfGroup, ending.counts, ending.trace);
            if verdict.is_found() {
                hits.push(Row { tag: verdict as u8, ..*row });
            }
        }
        hits.sort_by_key(|row| row.tag);
        let mut begin = 0;
        while begin < hits.len() {
            let end = begin + hits[begin..].partition_point(|row| row.tag == hits[begin].tag);
            let verdict = Verdict::of_tag(hits[begin].tag);
            let draft = Draft { number: ending.number, verdict, before: &[], offending: &hits[begin..end], after, group: unit };
            ending.found.extend(emit(ending.facts, ending.block, ending.plan, &draft, &mut self.pieces));
            ending.counts.hits += (end - begin) as u64;
            begin = end;
        }
        self.hits = hits;
    }

    /// Judges a row with the one before it.
    fn next(&mut self, ending: &mut Ending<'_>, before: Row, row: Row) {
        let two = [before, row];
        let mut scene = scene_at(ending.facts, ending.block, ending.plan, row, &two);
        scene.prev = Some(&two[0]);
        let verdict = judge(ending.block, ending.plan, &scene, Clauses::OfGroup, ending.counts, ending.trace);
        if verdict.is_found() {
            let draft = Draft { number: ending.number, verdict, before: &two[..1], offending: &two[1..], after: &[], group: &two };
            ending.found.extend(emit(ending.facts, ending.block, ending.plan, &draft, &mut self.pieces));
            ending.counts.hits += 1;
        }
    }
}

/// A window's days at a group; `None` where they are not known.
fn window_days(ending: &Ending<'_>, group: &[Row], days: &Expr) -> Option<i64> {
    let last = group.last()?;
    let days = scene_at(ending.facts, ending.block, ending.plan, *last, group).value(days);
    (days != UNKNOWN).then_some(days)
}

/// The order of rows inside a group.
#[inline]
fn moment(row: &Row) -> (i64, u32, u32, u8) {
    (row.time, row.row, row.point, row.tag)
}

/// The value of a key; [`UNKNOWN`] where it cannot be told.
#[inline]
fn key_of(scene: &Scene<'_>, key: Key) -> i64 {
    let row = &scene.row;
    let month = |day: Day| {
        let (year, month, _) = to_ymd(day);
        i64::from(year) * 12 + i64::from(month)
    };
    let line = (scene.kind == RowKind::Line).then_some(row.row as usize);
    let lines = &scene.facts.data.lines;
    match (key, line) {
        (Key::Person, _) => FALSE,
        (Key::Visit, _) => i64::from(row.visit),
        (Key::Day, _) => i64::from(row.day()),
        (Key::Month, _) => month(row.day()),
        (Key::Year, _) => i64::from(to_ymd(row.day()).0),
        (Key::Point, _) => i64::from(row.point),
        (Key::Item, Some(line)) => i64::from(lines.item[line]),
        (Key::Generic, Some(line)) => i64::from(scene.facts.catalog.generic(lines.item[line])),
        (Key::Prescription, Some(line)) => match lines.prescription[line] {
            ..0 => UNKNOWN,
            // The number and the day in one: days lie within ±2^23.
            number => (i64::from(number) << 24) | (i64::from(row.day()) & 0xff_ffff),
        },
        (Key::Item | Key::Generic | Key::Prescription, None) => UNKNOWN,
        (Key::Settlement, _) => scene.field(Field::Settlement),
        (Key::Institution, _) => scene.field(Field::Institution),
        (Key::Route, _) => scene.field(Field::Route),
        (Key::Session, _) => scene.field(Field::Session),
        (Key::Code, _) => scene.field(Field::Code),
        (Key::PointColumn(column), _) => scene.value(&Expr::Point(column)),
    }
}
