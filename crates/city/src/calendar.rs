//! The city's calendar: working days, holidays, seasons and hours.

use crate::cells::{HOUR, MINUTE, Second, at};
use crate::rng::Rng;
use mingjian_model::day::{self, Day};

/// The days covered, `[from, to)`.
#[derive(Debug, Clone)]
pub(crate) struct Calendar {
    pub from: Day,
    pub to: Day,
    /// First day of each month, and `to`.
    pub months: Vec<Day>,
    /// Outpatient weight of each day, in percent of a working day.
    weight: Vec<u32>,
}

/// First days of the spring festival holiday; seven days each. Other years take the first of February.
const SPRING: &[(i32, u32, u32)] = &[(2023, 1, 21), (2024, 2, 10), (2025, 1, 28), (2026, 2, 15), (2027, 2, 5), (2028, 1, 25)];

impl Calendar {
    pub fn new(from: (i32, u32), months: u32) -> Calendar {
        let mut firsts = Vec::new();
        let (mut year, mut month) = from;
        for _ in 0..=months {
            firsts.push(day::from_ymd(year, month, 1).unwrap_or_default());
            month += 1;
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
        let (from, to) = (firsts[0], firsts[months as usize]);
        let weight = (from..to).map(weight_of).collect();
        Calendar { from, to, months: firsts, weight }
    }

    pub fn days(&self) -> i32 {
        self.to - self.from
    }

    pub fn contains(&self, day: Day) -> bool {
        (self.from..self.to).contains(&day)
    }

    /// The month (0-based from the first) a day falls in.
    pub fn month_of(&self, day: Day) -> usize {
        self.months.partition_point(|first| *first <= day).saturating_sub(1).min(self.months.len().saturating_sub(2))
    }

    /// A day drawn by the outpatient weights.
    pub fn draw(&self, rng: &mut Rng) -> Day {
        loop {
            let i = rng.below(self.weight.len());
            if rng.below(125) < self.weight[i] as usize {
                return self.from + i as Day;
            }
        }
    }

    /// The first day at or after `day` on which ordinary clinics are open.
    pub fn open_day(&self, day: Day) -> Day {
        let mut day = day;
        while self.contains(day) && self.weight[(day - self.from) as usize] < 40 {
            day += 1;
        }
        day
    }
}

fn weight_of(date: Day) -> u32 {
    let (year, month, dom) = day::to_ymd(date);
    // 1970-01-01 was a Thursday.
    let weekday = (date + 3).rem_euclid(7);
    let base = match weekday {
        5 => 60,
        6 => 45,
        0 => 112,
        _ => 100,
    };
    let spring = SPRING.iter().find(|(y, ..)| *y == year).map_or((2, 1), |(_, m, d)| (*m, *d));
    let spring = day::from_ymd(year, spring.0, spring.1).unwrap_or_default();
    let holiday = (spring..spring + 7).contains(&date) || (month == 10 && dom <= 7) || (month == 5 && dom <= 4) || (month == 1 && dom == 1);
    // Respiratory infections make winter the busy season.
    let season = match month {
        11 | 12 | 1 => 112,
        2 | 3 => 104,
        7 | 8 => 92,
        _ => 97,
    };
    let weight = base * season / 100;
    if holiday { weight / 3 } else { weight }
}

/// A time of the day at which outpatients are seen: mornings more than afternoons.
pub(crate) fn clinic_time(rng: &mut Rng, day: Day) -> Second {
    let minute = if rng.permille(680) { rng.range(8 * 60, 11 * 60 + 50) } else { rng.range(14 * 60, 17 * 60 + 20) };
    at(day, minute * MINUTE + rng.range(0, 59))
}

/// A time of the day at which pharmacies sell.
pub(crate) fn shop_time(rng: &mut Rng, day: Day) -> Second {
    at(day, rng.range(8 * 60, 20 * 60 + 45) * MINUTE + rng.range(0, 59))
}

/// Any time but the first hour of the day (emergencies).
pub(crate) fn any_time(rng: &mut Rng, day: Day) -> Second {
    at(day, HOUR + rng.range(0, 22 * 3600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekends_and_holidays_are_quiet() {
        let c = Calendar::new((2025, 1), 12);
        assert_eq!(c.days(), 365);
        let monday = day::from_ymd(2025, 3, 3).unwrap_or_default();
        let sunday = monday - 1;
        assert!(c.weight[(sunday - c.from) as usize] * 2 < c.weight[(monday - c.from) as usize]);
        let festival = day::from_ymd(2025, 1, 29).unwrap_or_default();
        assert!(c.weight[(festival - c.from) as usize] < 45);
        assert_eq!(c.month_of(day::from_ymd(2025, 12, 31).unwrap_or_default()), 11);
    }
}
