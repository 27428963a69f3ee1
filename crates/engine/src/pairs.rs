//! 成对: main items and parts of a pair table brought together in the point's window.

use mingjian_model::day::MICROS_PER_DAY;

use crate::emit::{Draft, emit, scene_at};
use crate::eval::{Row, has_clock};
use crate::group::{Ending, Grouper};
use crate::judge::{Clauses, judge};
use crate::program::{PairWindow, Window};

/// Marks of [`Row::tag`] until the pair is judged.
pub(crate) const PART: u8 = 0;
pub(crate) const MAIN: u8 = 1;

/// Buffers for pairs, reused.
#[derive(Debug, Default)]
pub(crate) struct Pairer {
    points: Vec<u32>,
    parts: Vec<Row>,
    mains: Vec<Row>,
    one: Vec<Row>,
    shown: Vec<Row>,
}

impl Pairer {
    /// Pairs the rows of a block; `rows` holds mains and parts of the person.
    pub fn pair(&mut self, grouper: &mut Grouper, ending: &mut Ending<'_>, rows: &mut Vec<Row>) {
        // Most points have but one side in a person.
        for side in [PART, MAIN] {
            self.points.clear();
            self.points.extend(rows.iter().filter(|row| row.tag == side).map(|row| row.point));
            self.points.sort_unstable();
            let points = &self.points;
            rows.retain(|row| row.tag == side || points.binary_search(&row.point).is_ok());
        }
        let visits = ending.facts.data.visits;
        let institution = |row: &Row| visits.get(row.visit as usize).map_or(-1, |visit| i64::from(visit.institution));
        rows.sort_unstable_by_key(|row| (row.point, institution(row), row.tag, row.time, row.row));
        let mut begin = 0;
        while begin < rows.len() {
            let head = (rows[begin].point, institution(&rows[begin]));
            let end = begin + rows[begin..].partition_point(|row| (row.point, institution(row)) <= head);
            let middle = begin + rows[begin..end].partition_point(|row| row.tag == PART);
            if begin < middle && middle < end {
                let (parts, mains) = rows[begin..end].split_at(middle - begin);
                self.point(grouper, ending, parts, mains);
            }
            begin = end;
        }
    }

    fn point(&mut self, grouper: &mut Grouper, ending: &mut Ending<'_>, parts: &[Row], mains: &[Row]) {
        let table = ending.block.table.and_then(|table| ending.facts.rules.tables.get(usize::from(table)));
        let point = table.and_then(|table| table.points.get(parts[0].point as usize));
        let window = match ending.block.window {
            Window::Point => match point.and_then(|point| point.window) {
                Some(window) => Some(window),
                None => {
                    ending.counts.not_judged += parts.len() as u64;
                    return;
                }
            },
            _ => None,
        };
        self.mains.clear();
        self.mains.extend_from_slice(mains);
        self.parts.clear();
        for part in parts {
            match window.map_or(Match::Yes, |window| matches(window, part, mains)) {
                Match::Yes => self.parts.push(*part),
                Match::No => {}
                Match::NoClock => ending.counts.not_judged += 1,
            }
        }
        if self.parts.is_empty() {
            return;
        }
        // Parts with the same keys make a finding; a pair of a day is one per day, of a visit or of hours one per visit.
        let (mut together, mut groups) = (Vec::new(), Vec::new());
        match window {
            Some(window) => {
                grouper.arrange(ending, &self.parts, |row| match window {
                    PairWindow::Day => i64::from(row.day()),
                    PairWindow::Visit | PairWindow::Span(_) => i64::from(row.visit),
                });
                together.append(&mut grouper.rows);
                groups.append(&mut grouper.groups);
            }
            None => {
                // Without a window of the point the keys themselves bring main and part together.
                self.one.clear();
                self.one.extend(parts.iter().chain(mains));
                grouper.arrange(ending, &self.one, |_| 0);
                together.append(&mut grouper.rows);
                groups.append(&mut grouper.groups);
            }
        }
        for &(begin, end) in &groups {
            let rows = &together[begin as usize..end as usize];
            match window {
                Some(window) => {
                    self.shown.clear();
                    self.shown.extend(self.mains.iter().filter(|main| rows.iter().any(|part| joined(window, part, main))));
                    self.parts.clear();
                    self.parts.extend(rows);
                }
                None => {
                    self.shown.clear();
                    self.shown.extend(rows.iter().filter(|row| row.tag == MAIN));
                    self.parts.clear();
                    let shown = &self.shown;
                    // A line is no pair of its own.
                    self.parts.extend(rows.iter().filter(|row| row.tag == PART && shown.iter().any(|main| main.row != row.row)));
                }
            }
            if !self.parts.is_empty() && !self.shown.is_empty() {
                judge_pair(grouper, ending, &self.parts, &self.shown);
            }
        }
        grouper.rows = together;
        grouper.groups = groups;
    }
}

fn judge_pair(grouper: &mut Grouper, ending: &mut Ending<'_>, parts: &[Row], mains: &[Row]) {
    if !ending.block.grouped {
        grouper.rows_of_unit(ending, parts, mains);
        return;
    }
    let Some(&last) = parts.last() else { return };
    let scene = scene_at(ending.facts, ending.block, ending.plan, last, parts);
    let verdict = judge(ending.block, ending.plan, &scene, Clauses::OfGroup, ending.counts, ending.trace);
    if verdict.is_found() {
        let draft = Draft { number: ending.number, verdict, before: &[], offending: parts, after: mains, group: parts };
        ending.found.extend(emit(ending.facts, ending.block, ending.plan, &draft, &mut grouper.pieces));
        ending.counts.hits += 1;
    }
}

enum Match {
    Yes,
    No,
    /// A main item is there on a day that could do, but one of the two has no time.
    NoClock,
}

fn matches(window: PairWindow, part: &Row, mains: &[Row]) -> Match {
    if mains.iter().any(|main| joined(window, part, main)) {
        return Match::Yes;
    }
    let PairWindow::Span(span) = window else { return Match::No };
    // Without a clock a row may lie anywhere in its day.
    let possible = |main: &Row| {
        let slack = |row: &Row| if has_clock(row.time) { 0 } else { MICROS_PER_DAY };
        main.row != part.row
            && (slack(main) > 0 || slack(part) > 0)
            && main.time <= part.time.saturating_add(slack(part)).saturating_add(span)
            && part.time <= main.time.saturating_add(slack(main)).saturating_add(span)
    };
    if mains.iter().any(possible) { Match::NoClock } else { Match::No }
}

/// Whether the main item was charged in the part's window.
fn joined(window: PairWindow, part: &Row, main: &Row) -> bool {
    part.row != main.row
        && match window {
            PairWindow::Day => part.day() == main.day(),
            PairWindow::Visit => part.visit == main.visit,
            PairWindow::Span(span) => {
                has_clock(part.time) && has_clock(main.time) && part.time.saturating_sub(main.time).saturating_abs() <= span
            }
        }
}
