//! 净明细: one person's lines without refunded settlements and with reversals folded into what they take back.

use mingjian_model::day::{Day, day_of};

use crate::timeline::{Person, Timelines, flag};

/// The line is there after netting.
pub(crate) const LIVE: u8 = 1;
/// The fund has an interest: something is in scope, and not all is self-paid.
pub(crate) const FUND: u8 = 2;
/// The line's settlement stands, or it has none: what `raw lines` look at.
pub(crate) const STANDING: u8 = 4;

/// How far a reversal of a reversal is followed.
const HOPS: usize = 8;

/// The net view of the person in hand.
#[derive(Debug, Default)]
pub(crate) struct Net {
    /// Row that `state[0]` is about.
    base: usize,
    state: Vec<u8>,
    /// Whether the columns below hold (lines with reversals), or the gross ones do.
    folded: bool,
    count: Vec<i64>,
    amount: Vec<i64>,
    scope: Vec<i64>,
    own: Vec<i64>,
    over_limit: Vec<i64>,
    first_visit: usize,
    /// All settlements of the visit are void.
    refunded: Vec<bool>,
}

macro_rules! net_column {
    ($($name:ident),*) => {$(
        #[inline]
        pub fn $name(&self, data: &Timelines<'_>, line: u32) -> i64 {
            let line = line as usize;
            match self.folded.then(|| self.$name.get(line.wrapping_sub(self.base))).flatten() {
                Some(value) => *value,
                None => data.lines.$name[line],
            }
        }
    )*};
}

impl Net {
    net_column!(count, amount, scope, own, over_limit);

    #[inline]
    pub fn state(&self, line: usize) -> u8 {
        self.state.get(line.wrapping_sub(self.base)).copied().unwrap_or(0)
    }

    pub fn is_refunded(&self, visit: u32) -> bool {
        self.refunded.get((visit as usize).wrapping_sub(self.first_visit)).copied().unwrap_or(false)
    }

    /// Nets the lines of a person. `lines` is the number of lines of the batch.
    pub fn prepare(&mut self, data: &Timelines<'_>, person: &Person, lines: usize) {
        let visits = clip(&person.visits, data.visits.len());
        let (mut low, mut high) = (usize::MAX, 0);
        self.first_visit = visits.start;
        self.refunded.clear();
        for visit in &data.visits[visits.clone()] {
            let range = clip(&visit.lines, lines);
            if !range.is_empty() {
                low = low.min(range.start);
                high = high.max(range.end);
            }
            let settlements = &data.settlements[clip(&visit.settlements, data.settlements.len())];
            self.refunded.push(!settlements.is_empty() && settlements.iter().all(|settlement| settlement.void));
        }
        self.base = low.min(high);
        self.state.clear();
        self.state.resize(high - self.base, 0);
        self.folded = false;
        for (at, visit) in visits.enumerate() {
            if !self.refunded[at] {
                self.visit(data, clip(&data.visits[visit].lines, lines), high);
            }
        }
    }

    fn visit(&mut self, data: &Timelines<'_>, range: std::ops::Range<usize>, high: usize) {
        let lines = &data.lines;
        let (mut settlement, mut void) = (u32::MAX, false);
        let mut reversals = false;
        for line in range.clone() {
            if lines.settlement[line] != settlement {
                settlement = lines.settlement[line];
                void = data.settlements.get(settlement as usize).is_some_and(|settlement| settlement.void);
            }
            if void {
                continue;
            }
            let count = lines.count[line];
            reversals |= count < 0;
            self.state[line - self.base] = match count > 0 && lines.flags[line] & flag::NO_TIME == 0 {
                true => STANDING | state_of(lines.amount[line], lines.scope[line], lines.own[line]),
                false => STANDING,
            };
        }
        if reversals {
            self.fold(data, range, high);
        }
    }

    /// Folds the reversals of a visit: quantities and money net to what is left, zero leaves.
    #[cold]
    fn fold(&mut self, data: &Timelines<'_>, range: std::ops::Range<usize>, high: usize) {
        let lines = &data.lines;
        if !self.folded {
            self.folded = true;
            let all = self.base..high;
            for (mine, gross) in [
                (&mut self.count, lines.count),
                (&mut self.amount, lines.amount),
                (&mut self.scope, lines.scope),
                (&mut self.own, lines.own),
                (&mut self.over_limit, lines.over_limit),
            ] {
                mine.clear();
                mine.extend_from_slice(&gross[all.clone()]);
            }
        }
        for line in range.clone() {
            if lines.count[line] >= 0 || self.is_void(data, line) {
                continue;
            }
            let Some(root) = root_of(data, line, &range) else { continue };
            // A charge that left with its settlement takes its reversal along.
            if self.is_void(data, root) {
                continue;
            }
            let (from, to) = (line - self.base, root - self.base);
            for (mine, gross) in [
                (&mut self.count, lines.count),
                (&mut self.amount, lines.amount),
                (&mut self.scope, lines.scope),
                (&mut self.own, lines.own),
                (&mut self.over_limit, lines.over_limit),
            ] {
                mine[to] = mine[to].saturating_add(gross[line]);
            }
            self.state[from] = STANDING;
            self.state[to] = match self.count[to] > 0 && lines.flags[to + self.base] & flag::NO_TIME == 0 {
                true => STANDING | state_of(self.amount[to], self.scope[to], self.own[to]),
                false => STANDING,
            };
        }
    }

    fn is_void(&self, data: &Timelines<'_>, line: usize) -> bool {
        data.settlements.get(data.lines.settlement[line] as usize).is_some_and(|settlement| settlement.void)
    }

    /// First and last day of a visit's lines.
    pub fn span(data: &Timelines<'_>, lines: std::ops::Range<usize>) -> (Day, Day) {
        let times = &data.lines.time[lines];
        match (times.iter().min(), times.iter().max()) {
            (Some(first), Some(last)) => (day_of(*first), day_of(*last)),
            _ => (0, 0),
        }
    }
}

fn state_of(amount: i64, scope: i64, own: i64) -> u8 {
    if scope > 0 && own < amount { LIVE | FUND } else { LIVE }
}

/// The charge a reversal takes back, inside the same visit.
fn root_of(data: &Timelines<'_>, line: usize, visit: &std::ops::Range<usize>) -> Option<usize> {
    let mut at = line;
    for _ in 0..HOPS {
        let step = data.lines.origin[at];
        if step == 0 {
            return None;
        }
        at = at.checked_add_signed(step as isize).filter(|at| visit.contains(at))?;
        if data.lines.count[at] > 0 {
            return Some(at);
        }
    }
    None
}

/// A range of rows, kept inside a table of `len` rows.
pub(crate) fn clip(range: &std::ops::Range<u32>, len: usize) -> std::ops::Range<usize> {
    let end = (range.end as usize).min(len);
    (range.start as usize).min(end)..end
}
