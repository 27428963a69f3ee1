//! A question put to the roll: the scope first, then what is asked for; answered in one walk.

use std::sync::Arc;

use super::roll::{Entry, Held, Id, Roll};
use super::row::NO_DUE;
use crate::Office;
use crate::error::Result;
use crate::person::Asker;
use crate::status::Status;

/// Which leads. What is `None` does not matter.
#[derive(Debug, Clone, Default)]
pub(crate) struct Question {
    /// Places the scope lets be seen.
    scope: Option<Arc<Vec<bool>>>,
    /// Rows the scope lets be seen wherever they are, in order.
    granted: Vec<u32>,
    /// Rows the scope or a search names, in order.
    rows: Option<Vec<u32>>,
    /// Places of the institutions asked for; of the own one too.
    houses: Vec<Vec<bool>>,
    /// Only what the institution was told.
    told: bool,
    /// Bits of statuses; none set: all.
    statuses: u32,
    result: Option<u16>,
    subject: Option<u16>,
    rule: Option<u16>,
    holder: Option<Holder>,
    from: Option<i32>,
    to: Option<i32>,
    least_fen: Option<i64>,
    until: Option<i32>,
    /// Waiting for a day after this (暂缓), or not.
    waiting: Option<(bool, i32)>,
    numbers: Option<(Id, Id)>,
    /// Asks for a word no lead has.
    never: bool,
}

/// In whose hands: by name, or with a seat on the panel.
#[derive(Debug, Clone)]
struct Holder {
    code: Option<u32>,
    seats: Vec<u32>,
}

/// Count, amount, fund.
pub(crate) type Totals = (i64, i64, i64);

impl Question {
    /// All leads the asker may see: below the scope, and for an institution only what it was told. The roll is up to date when this returns.
    pub(crate) async fn below(office: &Office, asker: &Asker) -> Result<Question> {
        let Office { store, roll, .. } = office;
        roll.bring_up(store).await?;
        let mut question = Question::default();
        let (places, leads) = asker.scope.split();
        let named = match leads {
            Some(leads) => Some(store.rows(&format!("select l.id from leads l where {}", leads.sql), &leads.args).await?),
            None => None,
        };
        match (places, named) {
            (Some(places), named) => {
                question.scope = Some(roll.places_in(store, &places).await?);
                question.granted = places_of(roll, named.as_deref().unwrap_or(&[]))?;
            }
            // Single leads alone: nothing else is looked at.
            (None, named) => question.only(roll, named.as_deref().unwrap_or(&[]))?,
        }
        if asker.person.is_institution() {
            question.told = true;
            let own = asker.person.institution.clone();
            question.institutions(roll, |code| own.as_deref() == Some(code) && !code.is_empty());
        }
        Ok(question)
    }

    /// Only the leads of these rows, which name them in `id`.
    pub(crate) fn only(&mut self, roll: &Roll, rows: &[mingjian_store::Row]) -> Result<()> {
        let named = places_of(roll, rows)?;
        self.rows = Some(match self.rows.take() {
            None => named,
            Some(before) => before.into_iter().filter(|row| named.binary_search(row).is_ok()).collect(),
        });
        Ok(())
    }

    pub(crate) fn institutions(&mut self, roll: &Roll, wanted: impl Fn(&str) -> bool) {
        self.houses.push(roll.read().places_of(wanted));
    }

    pub(crate) fn statuses(&mut self, statuses: &[Status]) {
        for status in statuses {
            self.statuses |= bit(*status);
        }
    }

    pub(crate) fn result(&mut self, roll: &Roll, word: &str) {
        self.result = roll.read().words.code(word).map(|code| code as u16);
        self.never |= self.result.is_none();
    }

    pub(crate) fn subject(&mut self, roll: &Roll, word: &str) {
        self.subject = roll.read().words.code(word).map(|code| code as u16);
        self.never |= self.subject.is_none();
    }

    pub(crate) fn rule(&mut self, roll: &Roll, rule: &str) {
        self.rule = roll.read().rules.code(rule).map(|code| code as u16);
        self.never |= self.rule.is_none();
    }

    /// In the hands of an account, or (`rows`) where it has a seat.
    pub(crate) fn holder(&mut self, roll: &Roll, account: &str, rows: &[mingjian_store::Row]) -> Result<()> {
        self.holder = Some(Holder { code: roll.read().holders.code(account), seats: places_of(roll, rows)? });
        Ok(())
    }

    /// First and last day of the leads' last day, inclusive.
    pub(crate) fn days(&mut self, from: Option<i64>, to: Option<i64>) {
        (self.from, self.to) = (from.map(near), to.map(near));
    }

    pub(crate) fn least(&mut self, fen: i64) {
        self.least_fen = Some(fen);
    }

    /// Due on this day or before.
    pub(crate) fn until(&mut self, day: i64) {
        self.until = Some(self.until.unwrap_or(i32::MAX).min(near(day)));
    }

    /// Only what waits past a day (暂缓), or only what does not.
    pub(crate) fn waiting(&mut self, waits: bool, today: i32) {
        self.waiting = Some((waits, today));
    }

    /// Only with a limit.
    pub(crate) fn limited(&mut self) {
        self.until(NO_DUE - 1);
    }

    /// Numbers that begin like this.
    pub(crate) fn numbers(&mut self, beginning: &str) {
        self.numbers = Id::of(beginning).zip(Id::after(beginning));
        self.never |= self.numbers.is_none();
    }

    fn admits(&self, held: &Held, row: u32, entry: &Entry) -> bool {
        let place = entry.place as usize;
        let within = |places: &[bool]| places.get(place).copied().unwrap_or(false);
        self.scope.as_ref().is_none_or(|places| within(places) || self.granted.binary_search(&row).is_ok())
            && (self.statuses == 0 || self.statuses & bit(entry.status) != 0)
            && self.result.is_none_or(|result| result == entry.result)
            && self.subject.is_none_or(|subject| subject == entry.subject)
            && self.least_fen.is_none_or(|least| entry.amount_fen >= least)
            && self.from.is_none_or(|from| entry.last_day >= from)
            && self.to.is_none_or(|to| entry.last_day <= to)
            && self.until.is_none_or(|until| entry.due_day <= until)
            && self.waiting.is_none_or(|(waits, today)| (entry.put_off_day > today) == waits)
            && (!self.told || entry.told && !entry.status.is_early())
            && self.houses.iter().all(|places| within(places))
            && self.rule.is_none_or(|rule| held.rules_of(entry).contains(&rule))
            && self.holder.as_ref().is_none_or(|holder| holder.code == Some(entry.holder) || holder.seats.binary_search(&row).is_ok())
            && self.numbers.is_none_or(|(from, after)| (from..=after).contains(&held.ids[row as usize]))
    }

    /// Every lead asked for.
    pub(crate) fn each<'a>(&self, held: &'a Held, mut told: impl FnMut(u32, &'a Entry)) {
        if self.never || self.scope.is_none() && self.rows.is_none() {
            return;
        }
        let mut one = |row: u32, entry: &'a Entry| {
            if self.admits(held, row, entry) {
                told(row, entry);
            }
        };
        match &self.rows {
            Some(rows) => rows.iter().for_each(|&row| held.entries.get(row as usize).into_iter().for_each(|entry| one(row, entry))),
            None => (0u32..).zip(&held.entries).for_each(|(row, entry)| one(row, entry)),
        }
    }

    /// Totals, and the first `most` beyond a place, by key and id.
    pub(crate) fn page(&self, held: &Held, order: &Order, most: usize) -> (Totals, Vec<(i64, Id)>) {
        let mut totals = (0, 0, 0);
        let mut found: Vec<(i64, Id)> = Vec::with_capacity(2 * most + 1);
        let mut worst: Option<(i64, Id)> = None;
        self.each(held, |row, entry| {
            totals = (totals.0 + 1, totals.1 + entry.amount_fen, totals.2 + entry.fund_fen);
            let key = (order.key)(entry);
            if worst.is_some_and(|worst| order.is_before(worst.0, key)) {
                return;
            }
            let one = (key, held.ids[row as usize]);
            if order.beyond.is_some_and(|beyond| !order.is_after(one, beyond)) {
                return;
            }
            found.push(one);
            if found.len() > 2 * most {
                order.sort(&mut found);
                found.truncate(most);
                worst = found.last().copied();
            }
        });
        order.sort(&mut found);
        found.truncate(most);
        (totals, found)
    }
}

/// The order of a page and the place it begins beyond.
pub(crate) struct Order {
    pub key: fn(&Entry) -> i64,
    pub descending: bool,
    pub beyond: Option<(i64, Id)>,
}

impl Order {
    fn is_before(&self, one: i64, other: i64) -> bool {
        if self.descending { one > other } else { one < other }
    }

    fn is_after(&self, one: (i64, Id), other: (i64, Id)) -> bool {
        if self.descending { one < other } else { one > other }
    }

    fn sort(&self, found: &mut [(i64, Id)]) {
        found.sort_unstable_by(|a, b| if self.descending { b.cmp(a) } else { a.cmp(b) });
    }
}

fn bit(status: Status) -> u32 {
    1 << (status as u32)
}

fn near(day: i64) -> i32 {
    i32::try_from(day).unwrap_or(if day < 0 { i32::MIN } else { i32::MAX })
}

/// Places in the roll of the leads that rows name, in order.
fn places_of(roll: &Roll, rows: &[mingjian_store::Row]) -> Result<Vec<u32>> {
    let ids: Vec<String> = rows.iter().map(|row| row.text("id")).collect::<std::result::Result<_, _>>()?;
    let held = roll.read();
    let mut places: Vec<u32> = ids.iter().filter_map(|id| held.row(id)).collect();
    places.sort_unstable();
    places.dedup();
    Ok(places)
}
