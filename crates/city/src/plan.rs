//! The lawful background of a life: what happens when, before any act is planted.

use crate::care::Life;
use crate::cells::MINUTE;
use crate::claim::Refund;
use crate::stay::{BIRTH, CESAREAN, CHEMOTHERAPY, NEWBORN};
use mingjian_model::day::Day;

/// Per mille and year: stays, outpatient visits, purchases, by age.
fn rates(age: i32) -> (u32, u32, u32) {
    match age {
        ..1 => (100, 3_300, 300),
        1..=5 => (120, 3_300, 700),
        6..=17 => (36, 1_950, 700),
        18..=44 => (58, 1_650, 1_750),
        45..=64 => (130, 2_200, 2_250),
        65..=74 => (330, 2_500, 2_100),
        _ => (440, 2_500, 1_800),
    }
}

/// Days around an act's own care in which nothing else happens to its host.
pub(crate) const QUIET: Day = 46;

impl Life<'_> {
    /// Fills the life with lawful care outside the days kept quiet for acts.
    pub fn live(&mut self, quiet: &[(Day, Day)]) {
        let calendar = &self.city.calendar;
        let (from, to) = (calendar.from.max(self.person.born + 1), calendar.to);
        let last = self.person.died.unwrap_or(to - 1).min(to - 1);
        if from >= last {
            return;
        }
        let share = (i64::from(last - from) * 1000 / 365) as u32;
        let age = self.person.age(from.max(calendar.from));
        let (stays, visits, purchases) = rates(age);
        let free = |day: Day| !quiet.iter().any(|(a, b)| (*a..=*b).contains(&day));
        let key = self.person.chronic.first().map_or("", |c| c.disease.key);
        self.last_stay(last, &free);
        self.newborn(last, &free);
        self.pregnancy(from, last, &free);
        match key {
            "tumour" => self.cycles(from, last, &free),
            "dialysis" => {}
            _ => {
                for _ in 0..self.rng.poisson(stays * share / 1000) {
                    let day = from + self.rng.below((last - from) as usize) as Day;
                    self.try_stay(day, last, &free);
                }
            }
        }
        if key == "dialysis" {
            self.sessions(from, last, &free);
            return;
        }
        if self.person.is_chronic() && key != "tumour" {
            self.refills(from, last, &free);
        }
        let mut days: Vec<(Day, bool)> = Vec::new();
        for (rate, clinic) in [(visits, true), (purchases, false)] {
            for _ in 0..self.rng.poisson(rate * share / 1000) {
                let day = self.city.calendar.draw(&mut self.rng);
                if (from..last).contains(&day) && free(day) {
                    days.push((day, clinic));
                }
            }
        }
        days.sort_unstable();
        for (day, clinic) in days {
            // Two days between any two contacts keep daily and weekly counts far from any limit.
            if self.busy(day, 3) {
                continue;
            }
            let mut claim = if clinic { self.outpatient(day) } else { self.purchase(day) };
            if claim.lines.is_empty() {
                continue;
            }
            if self.rng.permille(5) {
                claim.refund = if self.rng.permille(500) { Refund::Back } else { Refund::Again };
            }
            self.file(claim);
        }
    }

    fn last_stay(&mut self, last: Day, free: &dyn Fn(Day) -> bool) {
        let Some(died) = self.person.died else { return };
        if !self.person.dies_in_hospital || died - 12 < self.city.calendar.from || !free(died) || !free(died - 12) {
            return;
        }
        let key = *self.rng.pick(&["pneumonia", "heart_failure", "stroke", "copd"]);
        let case = crate::stay::case_named(key);
        if self.person.age(died) < case.ages.0 || last < died {
            return;
        }
        let days = self.rng.range(5, 11);
        let place = self.stay_place(&case);
        let mut claim = self.stay_of(&case, place, died - days as Day, days, "21");
        claim.discharge = "5";
        claim.lines.retain(|line| !line.discharge_drug);
        self.file(claim);
    }

    /// One newborn in four is treated for jaundice in its first days.
    fn newborn(&mut self, last: Day, free: &dyn Fn(Day) -> bool) {
        let day = self.person.born + 3;
        if self.city.calendar.contains(self.person.born) && day + 9 < last && free(day) && self.rng.permille(250) {
            let claim = self.stay(&NEWBORN, self.near.county, day, "21");
            self.file(claim);
        }
    }

    fn pregnancy(&mut self, from: Day, last: Day, free: &dyn Fn(Day) -> bool) {
        let Some(delivery) = self.person.delivery else { return };
        for (number, before) in [210, 180, 150, 120, 90, 75, 60, 45, 30, 20, 12].into_iter().enumerate() {
            let day = self.city.calendar.open_day(delivery.day - before);
            if day > from && day < last && day < delivery.day - 5 && free(day) {
                let claim = self.antenatal(day, number);
                self.file(claim);
            }
        }
        let admitted = delivery.day - 1;
        if admitted > from && delivery.day + 7 < last && free(admitted) && free(admitted + 7) {
            let case = if delivery.cesarean { CESAREAN } else { BIRTH };
            let place = if self.rng.permille(600) { self.near.county } else { self.near.city };
            let claim = self.stay(&case, place, admitted, "52");
            self.file(claim);
        }
    }

    /// Planned chemotherapy: six cycles three weeks apart, a legal look-alike of split stays.
    fn cycles(&mut self, from: Day, last: Day, free: &dyn Fn(Day) -> bool) {
        let first = from + 5 + self.rng.below(60) as Day;
        let place = if self.rng.permille(500) { self.near.county } else { self.near.city };
        for cycle in 0..6 {
            let day = first + cycle * 21;
            if day + 9 < last && free(day) && free(day + 8) && !self.occupied(day - 2, day + 10) {
                let claim = self.stay(&CHEMOTHERAPY, place, day, "21");
                self.file(claim);
            }
        }
    }

    fn sessions(&mut self, from: Day, last: Day, free: &dyn Fn(Day) -> bool) {
        let start = from + (self.person.index % 2) as Day;
        for day in start..last {
            // Monday, Wednesday, Friday; 1970-01-01 was a Thursday.
            if matches!((day + 3).rem_euclid(7), 0 | 2 | 4) && free(day) && !self.near_stay(day, 1) {
                let claim = self.dialysis(day);
                self.file(claim);
            }
        }
    }

    fn try_stay(&mut self, day: Day, last: Day, free: &dyn Fn(Day) -> bool) {
        let Some(case) = self.choose_case(day) else { return };
        // Five weeks between stays: no chance readmission looks like a split stay.
        if day + case.days.1 as Day + 2 >= last || !free(day) || !free(day + case.days.1 as Day) || self.near_stay(day, 52) {
            return;
        }
        if self.near_stay(day + case.days.1 as Day, 38) || self.occupied(day - 2, day + case.days.1 as Day + 2) {
            return;
        }
        let place = self.stay_place(&case);
        let mut claim = self.stay(&case, place, day, "21");
        if self.rng.permille(30) {
            // A line booked by mistake and taken back.
            let line = self.rng.below(claim.lines.len());
            if claim.lines[line].count > 0 && !claim.lines[line].discharge_drug {
                let time = claim.lines[line].time + 30 * MINUTE;
                claim.reverse(line, time.min(claim.end));
            }
        }
        self.file(claim);
    }

    fn refills(&mut self, from: Day, last: Day, free: &dyn Fn(Day) -> bool) {
        let months = if self.rng.permille(350) { 2 } else { 1 };
        let gap = if months == 2 { 57 } else { 29 };
        let to_pharmacy = if self.rng.permille(380) { 900 } else { 60 };
        let mut day = from + self.rng.below(gap) as Day;
        while day < last {
            if self.near_stay(day, 1) {
                day += 1;
                continue;
            }
            // Whom a holiday turned away comes back over the following week, not all on its first morning.
            let mut open = self.city.calendar.open_day(day);
            if open != day {
                open = self.city.calendar.open_day(open + self.rng.range(0, 6) as Day);
            }
            if free(open) && open < last && !self.near_stay(open, 1) {
                let pharmacy = self.rng.permille(to_pharmacy);
                if let Some(claim) = self.refill(open, months, pharmacy) {
                    self.file(claim);
                }
            }
            day = open + gap as Day + self.rng.range(0, 4) as Day;
        }
    }
}
