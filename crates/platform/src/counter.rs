//! 柜台的汇总: what the counter counted becomes a page, of the institutions somebody may see.
//!
//! Goes in: [`CounterFacts`] of everybody. Comes out: sums over what `sees` says yes to, so that nobody else's call moves a number.

use std::collections::{BTreeMap, BTreeSet};

use mingjian_model::day::{Day, format_day};

use crate::contract::counter::{
    CounterAbsent, CounterCaller, CounterConnection, CounterDay, CounterFigures, CounterHour, CounterInterface, CounterPage, CounterReason,
    CounterRule,
};
use crate::pages::library::precision;

/// Institutions not connected that are named.
const ABSENT: usize = 200;

/// One hour of one caller at one interface.
#[derive(Debug, Clone, Default)]
pub struct CounterCell {
    pub day: Day,
    pub hour: u8,
    pub institution: String,
    pub vendor: String,
    /// 3101, 3102; feedback at 3103.
    pub interface: String,
    pub calls: i64,
    pub late: i64,
    pub unjudged: i64,
    pub light: i64,
    pub reminded: i64,
    pub reminders: i64,
    pub changed: i64,
    pub continued: i64,
    /// Calls by how long they took, in the buckets of [`CounterFacts::bounds_micros`].
    pub took: Vec<u64>,
}

/// One rule at one institution, over the range.
#[derive(Debug, Clone, Default)]
pub struct CounterRuleCell {
    pub institution: String,
    pub rule: String,
    pub reminders: i64,
    pub changed: i64,
    pub continued: i64,
}

/// How a rule in force stands, over all institutions and all time.
#[derive(Debug, Clone, Default)]
pub struct CounterRuleState {
    pub id: String,
    pub title: String,
    pub definite: bool,
    pub speaks: bool,
    pub dropped: i64,
    pub kept: i64,
    pub reasons: Vec<CounterReason>,
}

#[derive(Debug, Clone, Default)]
pub struct CounterInstitution {
    pub code: String,
    pub name: String,
    /// Code of its region.
    pub region: String,
    /// Visits and stays the lake knows of.
    pub settled: i64,
}

/// What the counter counted in some days, of everybody.
#[derive(Debug, Clone, Default)]
pub struct CounterFacts {
    pub serving: bool,
    /// Upper bounds of the buckets of times; one more holds what is above.
    pub bounds_micros: Vec<u64>,
    pub cells: Vec<CounterCell>,
    pub rules: Vec<CounterRuleCell>,
    pub states: Vec<CounterRuleState>,
    /// Those of the lake.
    pub institutions: Vec<CounterInstitution>,
    pub unread: Vec<Day>,
}

#[derive(Default)]
struct Sum {
    figures: CounterFigures,
    took: Vec<u64>,
}

impl Sum {
    fn add(&mut self, cell: &CounterCell) {
        let figures = &mut self.figures;
        for (sum, value) in [
            (&mut figures.calls, cell.calls),
            (&mut figures.late, cell.late),
            (&mut figures.unjudged, cell.unjudged),
            (&mut figures.light, cell.light),
            (&mut figures.reminded, cell.reminded),
            (&mut figures.reminders, cell.reminders),
            (&mut figures.changed, cell.changed),
            (&mut figures.continued, cell.continued),
        ] {
            *sum += value;
        }
        if self.took.len() < cell.took.len() {
            self.took.resize(cell.took.len(), 0);
        }
        self.took.iter_mut().zip(&cell.took).for_each(|(sum, value)| *sum += value);
    }

    fn told(mut self, bounds: &[u64]) -> CounterFigures {
        let figures = &mut self.figures;
        // Feedback that was taken back counts where it was given: a range may see less than nothing.
        (figures.changed, figures.continued) = (figures.changed.max(0), figures.continued.max(0));
        figures.followed = precision((figures.changed + figures.continued, figures.changed));
        figures.p50_ms = within(&self.took, bounds, 0.5);
        figures.p99_ms = within(&self.took, bounds, 0.99);
        self.figures
    }
}

/// Milliseconds within which a share of the calls was answered: inside a bucket they count as evenly spread, above the last bound as it.
fn within(took: &[u64], bounds: &[u64], share: f64) -> Option<f64> {
    let all: u64 = took.iter().sum();
    let wanted = all as f64 * share;
    let mut before = 0.0;
    for (at, &calls) in took.iter().enumerate() {
        let calls = calls as f64;
        if calls > 0.0 && before + calls >= wanted {
            let low = if at == 0 { 0 } else { bounds.get(at - 1).copied()? } as f64;
            let high = bounds.get(at).map_or(low, |&bound| bound as f64);
            let micros = low + (high - low) * ((wanted - before) / calls).clamp(0.0, 1.0);
            return Some((micros / 100.0).round() / 10.0);
        }
        before += calls;
    }
    None
}

/// The page of those `sees` says yes to (code and region of an institution); `one`: who sees a single institution does not learn who is
/// connected. How rules stand over all institutions is for who sees all of them.
pub(crate) fn page(facts: &CounterFacts, from: Day, to: Day, sees: impl Fn(&str, &str) -> bool, one: bool) -> CounterPage {
    let known: BTreeMap<&str, &CounterInstitution> = facts.institutions.iter().map(|of| (of.code.as_str(), of)).collect();
    let mut answers: BTreeMap<&str, bool> = BTreeMap::new();
    let codes = facts.cells.iter().map(|cell| &cell.institution).chain(facts.rules.iter().map(|cell| &cell.institution));
    for code in codes.chain(facts.institutions.iter().map(|of| &of.code)) {
        answers.entry(code).or_insert_with(|| sees(code, known.get(code.as_str()).map_or("", |of| &of.region)));
    }
    let seen = |code: &str| answers.get(code).copied().unwrap_or(false);
    let (mut totals, mut callers, mut interfaces, mut days) = (Sum::default(), BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let mut hours = [0i64; 24];
    for cell in facts.cells.iter().filter(|cell| seen(&cell.institution)) {
        totals.add(cell);
        callers.entry((cell.institution.as_str(), cell.vendor.as_str())).or_insert_with(Sum::default).add(cell);
        days.entry(cell.day).or_insert_with(Sum::default).add(cell);
        if cell.calls > 0 {
            interfaces.entry(cell.interface.as_str()).or_insert_with(Sum::default).add(cell);
        }
        if let Some(hour) = hours.get_mut(usize::from(cell.hour)) {
            *hour += cell.calls;
        }
    }
    let bounds = &facts.bounds_micros;
    let called: BTreeSet<&str> = callers.keys().map(|(code, _)| *code).collect();
    let connection = (!one).then(|| connection(facts, &seen, &called));
    let named = |code: &str| known.get(code).map_or(String::new(), |of| of.name.clone());
    let mut callers: Vec<CounterCaller> = callers
        .into_iter()
        .map(|((code, vendor), sum)| CounterCaller {
            institution: code.to_owned(),
            institution_name: named(code),
            vendor: vendor.to_owned(),
            figures: sum.told(bounds),
        })
        .collect();
    callers.sort_by_key(|caller| std::cmp::Reverse(caller.figures.calls));
    let each_day = (from..=to).map(|day| {
        let figures = days.remove(&day).map_or_else(CounterFigures::default, |sum| sum.told(bounds));
        CounterDay { day: format_day(day), calls: figures.calls, reminders: figures.reminders, p99_ms: figures.p99_ms }
    });
    let each_day = each_day.collect();
    CounterPage {
        serving: facts.serving,
        from: format_day(from),
        to: format_day(to),
        totals: totals.told(bounds),
        callers,
        interfaces: interfaces
            .into_iter()
            .map(|(name, sum)| CounterInterface { interface: name.to_owned(), figures: sum.told(bounds) })
            .collect(),
        days: each_day,
        hours: (0..).zip(hours).map(|(hour, calls)| CounterHour { hour, calls }).collect(),
        rules: rules(facts, &seen, one || facts.institutions.iter().any(|of| !seen(&of.code))),
        connection,
        unread: facts.unread.iter().map(|day| format_day(*day)).collect(),
    }
}

fn rules(facts: &CounterFacts, seen: &impl Fn(&str) -> bool, part: bool) -> Vec<CounterRule> {
    let mut sums: BTreeMap<&str, (i64, i64, i64)> = BTreeMap::new();
    for cell in facts.rules.iter().filter(|cell| seen(&cell.institution)) {
        let sum = sums.entry(&cell.rule).or_default();
        *sum = (sum.0 + cell.reminders, sum.1 + cell.changed, sum.2 + cell.continued);
    }
    let state = |id: &str| facts.states.iter().find(|state| state.id == id);
    // A silent rule has no reminder to show and is on the page for how it stands.
    let silent =
        facts.states.iter().filter(|state| !part && !state.definite && state.dropped + state.kept > 0).map(|state| state.id.as_str());
    let ids: BTreeSet<&str> = sums.keys().copied().chain(silent).collect();
    let mut all: Vec<CounterRule> = ids
        .into_iter()
        .map(|id| {
            let (reminders, changed, continued) = sums.get(id).copied().unwrap_or_default();
            let (changed, continued) = (changed.max(0), continued.max(0));
            let of = state(id);
            CounterRule {
                id: id.to_owned(),
                title: of.map_or(String::new(), |of| of.title.clone()),
                state: of
                    .map_or("", |of| {
                        if of.definite {
                            "definite"
                        } else if of.speaks {
                            "speaking"
                        } else {
                            "silent"
                        }
                    })
                    .to_owned(),
                reminders,
                changed,
                continued,
                followed: precision((changed + continued, changed)),
                dropped: of.filter(|_| !part).map(|of| of.dropped),
                kept: of.filter(|_| !part).map(|of| of.kept),
                reasons: of.filter(|_| !part).map_or_else(Vec::new, |of| of.reasons.clone()),
            }
        })
        .collect();
    all.sort_by_key(|rule| std::cmp::Reverse(rule.reminders));
    all
}

fn connection(facts: &CounterFacts, seen: &impl Fn(&str) -> bool, called: &BTreeSet<&str>) -> CounterConnection {
    let mut absent: Vec<&CounterInstitution> = Vec::new();
    let (mut institutions, mut connected) = (0, 0);
    for of in facts.institutions.iter().filter(|of| seen(&of.code)) {
        institutions += 1;
        if called.contains(of.code.as_str()) {
            connected += 1;
        } else {
            absent.push(of);
        }
    }
    absent.sort_by_key(|of| (std::cmp::Reverse(of.settled), of.code.clone()));
    let not_connected = absent.into_iter().take(ABSENT).map(|of| CounterAbsent { code: of.code.clone(), name: of.name.clone() });
    CounterConnection { institutions, connected, not_connected: not_connected.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_from_buckets() {
        let bounds = [500, 1_000, 2_000];
        assert_eq!(within(&[0, 0, 0, 0], &bounds, 0.5), None);
        assert_eq!(within(&[100, 0, 0, 0], &bounds, 0.5), Some(0.3), "half of the bucket, rounded");
        assert_eq!(within(&[98, 0, 2, 0], &bounds, 0.99), Some(1.5));
        assert_eq!(within(&[0, 0, 0, 5], &bounds, 0.99), Some(2.0), "above the last bound");
    }
}
