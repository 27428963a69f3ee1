//! A question to the index: which visits count, of whom, and who may be seen.

use std::collections::BTreeSet;

use mingjian_model::day::Day;

use crate::LEAST_STAYS;
use crate::index::{Index, Place, Who};
use crate::visit::Kind;

/// Persons at an institution on a day beyond whom being there together says nothing (the catalogue prunes at 200).
pub const CROWD: usize = 200;

/// What counts as coming together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kinds {
    /// 同日入院
    #[default]
    Stays,
    /// 同日入院、就诊或购药
    All,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    pub kinds: Kinds,
    /// 最少共现次数, at least 1.
    pub least: u32,
    /// Days of admission, both among them; open where absent.
    pub from: Option<Day>,
    pub to: Option<Day>,
    /// 一度: the group and whom it was asked about. 二度: also who came together with members less often.
    pub degree: u8,
    /// Persons and institutions left out.
    pub without_persons: BTreeSet<Who>,
    pub without_places: BTreeSet<Place>,
}

impl Default for Ask {
    fn default() -> Ask {
        Ask {
            kinds: Kinds::Stays,
            least: LEAST_STAYS,
            from: None,
            to: None,
            degree: 1,
            without_persons: BTreeSet::new(),
            without_places: BTreeSet::new(),
        }
    }
}

impl Ask {
    pub fn counts(&self, kind: Kind, day: Day) -> bool {
        (self.kinds == Kinds::All || kind == Kind::Stay) && self.from.is_none_or(|from| day >= from) && self.to.is_none_or(|to| day <= to)
    }
}

/// The index under a question, within what may be seen: visits at institutions and of persons of the regions seen.
pub struct View<'a> {
    pub index: &'a Index,
    pub ask: &'a Ask,
    /// By place in [`Index::regions`].
    sees: Vec<bool>,
}

impl<'a> View<'a> {
    /// `sees` says of a region's code whether it is in scope.
    pub fn new(index: &'a Index, ask: &'a Ask, sees: impl Fn(&str) -> bool) -> View<'a> {
        View { index, ask, sees: index.regions().iter().map(|region| sees(region)).collect() }
    }

    /// Whether a row counts, whoever may see it.
    fn asked(&self, row: usize) -> bool {
        self.ask.counts(self.index.kind[row], self.index.day[row])
    }

    /// Whether a row counts and may be seen.
    pub(crate) fn shows(&self, row: usize) -> bool {
        let (who, place) = (self.index.who[row], self.index.place[row]);
        self.asked(row)
            && !self.ask.without_persons.contains(&who)
            && !self.ask.without_places.contains(&place)
            && self.sees_visit(who, place)
    }

    /// In scope is what happened at an institution of one's region, or to a person insured there.
    pub fn sees_visit(&self, who: Who, place: Place) -> bool {
        let seen = |region: u16| self.sees.get(region as usize).copied().unwrap_or(false);
        seen(self.index.place_region[place as usize]) || seen(self.index.person_region[who as usize])
    }

    /// Institutions and days a person was at, ascending by day, each once.
    pub(crate) fn days_of(&self, who: Who) -> Vec<(Place, Day)> {
        let rows = self.index.of_person(who).filter(|row| self.shows(*row));
        let mut days: Vec<(Place, Day)> = rows.map(|row| (self.index.place[row], self.index.day[row])).collect();
        // Rows are by day, institution, kind: what was both a visit and a stay lies together.
        days.dedup();
        days
    }

    /// Who was at an institution on a day, ascending; nobody where it was a crowd.
    pub(crate) fn at(&self, place: Place, day: Day) -> Vec<Who> {
        let cell = self.index.cell(place, day);
        let mut there: Vec<Who> =
            cell.iter().map(|row| *row as usize).filter(|row| self.asked(*row)).map(|row| self.index.who[row]).collect();
        there.dedup();
        if there.len() > CROWD {
            return Vec::new();
        }
        there.retain(|who| !self.ask.without_persons.contains(who) && self.sees_visit(*who, place));
        there
    }

    /// How many persons an institution had each day of the question, days ascending; crowds too. All of them, whoever may see whom: a count of
    /// persons names nobody.
    pub fn volumes(&self, place: Place) -> Vec<(Day, u32)> {
        let mut volumes: Vec<(Day, u32)> = Vec::new();
        let mut before = None;
        for row in self.index.of_place(place).iter().map(|row| *row as usize).filter(|row| self.asked(*row)) {
            let (day, who) = (self.index.day[row], self.index.who[row]);
            if before == Some((day, who)) {
                continue;
            }
            before = Some((day, who));
            match volumes.last_mut() {
                Some((last, count)) if *last == day => *count += 1,
                _ => volumes.push((day, 1)),
            }
        }
        volumes
    }
}
