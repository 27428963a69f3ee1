//! 工作日: the working days of the State Council's yearly notice, and limits counted in them.
//!
//! A limit of n working days that begins on a day ends on the n-th working day after it: the day something is served is not counted
//! (行政处罚法 art. 85 counts 2, 3, 5 and 7 days in working days; the platform's own limits are all in working days).
//! A year without a notice falls back to weekends and the holidays the 全国年节及纪念日放假办法 (国令 795, 2025) fixes by the date of the sun:
//! 1 January, 1 and 2 May, 1 to 3 October. What follows the moon, and which weekends are worked, is the notice's to say:
//! [`Calendar::is_known`] tells of it and a due day in such a year is shown as provisional.

use std::collections::{BTreeMap, HashMap};

use mingjian_model::day::{Day, parse_day, to_ymd};

/// The built-in notices: 2024, 2025, 2026.
const BUILT_IN: &str = include_str!("../data/holidays.csv");

/// Days off and days worked against the week's rule, by the notices known.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    /// true: worked although a weekend; false: off although a weekday.
    exceptions: HashMap<Day, bool>,
    /// The notice of each year.
    notices: BTreeMap<i32, String>,
}

/// A line of a holiday file that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("节假日文件第 {line} 行：{what}")]
pub struct CalendarError {
    pub line: usize,
    pub what: &'static str,
}

impl Calendar {
    /// The calendar with the notices that come with the program.
    pub fn built_in() -> Calendar {
        // The file is part of the program and read by a test: an error here cannot reach a user.
        Calendar::parse(BUILT_IN).unwrap_or_default()
    }

    /// Reads lines `from,to,off|work,name` and `year,YYYY,notice`; `#` begins a remark.
    pub fn parse(text: &str) -> Result<Calendar, CalendarError> {
        let mut calendar = Calendar::default();
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            let wrong = |what| CalendarError { line: at + 1, what };
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let cells: Vec<&str> = line.split(',').map(str::trim).collect();
            if let ["year", year, notice] = cells[..] {
                let year = year.parse().map_err(|_| wrong("年份应为四位数字"))?;
                calendar.notices.insert(year, notice.to_owned());
                continue;
            }
            let [from, to, kind, _name] = cells[..] else { return Err(wrong("应为四列：起,止,off 或 work,名称")) };
            let (Some(from), Some(to)) = (parse_day(from), parse_day(to)) else { return Err(wrong("日期应为 YYYY-MM-DD")) };
            let works = match kind {
                "off" => false,
                "work" => true,
                _ => return Err(wrong("第三列应为 off 或 work")),
            };
            for day in from..=to {
                calendar.exceptions.insert(day, works);
            }
        }
        Ok(calendar)
    }

    /// Adds a region's or a later year's lines; a day told twice takes the newer word.
    pub fn extend(&mut self, other: Calendar) {
        self.exceptions.extend(other.exceptions);
        self.notices.extend(other.notices);
    }

    /// Whether the year of a day has a notice; without one only weekends and the fixed holidays are off.
    pub fn is_known(&self, day: Day) -> bool {
        self.notices.contains_key(&to_ymd(day).0)
    }

    /// The number of the notice a year's days come from.
    pub fn notice(&self, year: i32) -> Option<&str> {
        self.notices.get(&year).map(String::as_str)
    }

    /// Whether people work on a day.
    pub fn is_working(&self, day: Day) -> bool {
        self.exceptions.get(&day).copied().unwrap_or_else(|| is_weekday(day) && (!is_fixed_holiday(day) || self.is_known(day)))
    }

    /// The `days`-th working day after `from`; for 0, `from` itself or the next working day. Negative counts as 0.
    pub fn add(&self, from: Day, days: i64) -> Day {
        let mut day = from;
        let mut left = days.max(0);
        if left == 0 {
            while !self.is_working(day) {
                day += 1;
            }
            return day;
        }
        while left > 0 {
            day += 1;
            left -= i64::from(self.is_working(day));
        }
        day
    }

    /// Working days from the day after `today` to `due`, both ends counted as worked: 0 when it is due today, negative by the working
    /// days gone since when it is over.
    pub fn left(&self, today: Day, due: Day) -> i64 {
        if due >= today { self.between(today, due) } else { -self.between(due, today) }
    }

    /// Working days in (from, to].
    fn between(&self, from: Day, to: Day) -> i64 {
        (from + 1..=to).filter(|&day| self.is_working(day)).count() as i64
    }
}

/// Holidays by law on the same date each year, notice or none: nobody's limit runs out on them because the notice is late.
fn is_fixed_holiday(day: Day) -> bool {
    let (_, month, day) = to_ymd(day);
    matches!((month, day), (1, 1) | (5, 1 | 2) | (10, 1..=3))
}

/// Monday to Friday. 1970-01-01 was a Thursday.
fn is_weekday(day: Day) -> bool {
    (day + 3).rem_euclid(7) < 5
}

#[cfg(test)]
mod tests {
    use super::*;
    use mingjian_model::day::format_day;

    fn day(text: &str) -> Day {
        parse_day(text).expect("a day")
    }

    fn added(from: &str, days: i64) -> String {
        format_day(Calendar::built_in().add(day(from), days))
    }

    #[test]
    fn the_file_that_comes_with_the_program_reads() {
        let calendar = Calendar::parse(BUILT_IN).expect("reads");
        assert_eq!(calendar.notice(2026), Some("国办发明电〔2025〕7号"));
        assert!(!calendar.is_known(day("2031-05-01")));
    }

    #[test]
    fn every_year_has_the_working_days_its_notice_leaves() {
        let calendar = Calendar::built_in();
        let worked =
            |year: i32| (day(&format!("{year}-01-01"))..=day(&format!("{year}-12-31"))).filter(|&d| calendar.is_working(d)).count();
        // 工作日 = 平日 + 调休上班 − 放假的平日: counted by hand from the notices. 2025 and 2026 have eleven statutory holidays and a day.
        assert_eq!(worked(2024), 251);
        assert_eq!(worked(2025), 248);
        assert_eq!(worked(2026), 248);
    }

    #[test]
    fn weekends_and_holidays_are_not_counted() {
        assert_eq!(added("2025-04-03", 1), "2025-04-07"); // 清明 4–6
        assert_eq!(added("2025-09-26", 10), "2025-10-16"); // 28 worked, 1–8 off, 11 worked
        assert_eq!(added("2026-02-13", 1), "2026-02-14"); // Saturday worked
        assert_eq!(added("2026-02-14", 1), "2026-02-24");
        assert_eq!(added("2025-05-01", 0), "2025-05-06");
        assert_eq!(added("2025-05-06", 0), "2025-05-06");
    }

    #[test]
    fn days_left_count_down_to_nought_and_below() {
        let calendar = Calendar::built_in();
        let left = |today: &str, due: &str| calendar.left(day(today), day(due));
        assert_eq!(left("2025-09-26", "2025-10-16"), 10);
        assert_eq!(left("2025-10-16", "2025-10-16"), 0);
        assert_eq!(left("2025-10-17", "2025-10-16"), -1);
        assert_eq!(left("2025-10-18", "2025-10-16"), -1);
        assert_eq!(left("2025-10-08", "2025-10-05"), 0); // over, yet nobody worked since
    }

    #[test]
    fn a_year_without_notice_knows_weekends_and_the_holidays_of_the_law_and_says_so() {
        let calendar = Calendar::built_in();
        assert!(!calendar.is_known(day("2030-10-01")));
        assert_eq!(added("2030-09-30", 1), "2030-10-04"); // 1–3 October by law
        assert_eq!(added("2030-10-04", 1), "2030-10-07");
        assert_eq!(added("2026-12-28", 10), "2027-01-12"); // New Year's Day is off before anyone has announced it
        assert_eq!(added("2027-04-30", 1), "2027-05-03");
    }

    #[test]
    fn limits_over_the_long_holidays_end_where_the_notices_say() {
        // Start not counted, make-up days counted; by hand from the notices of 2024 to 2026.
        for (from, days, until) in [
            ("2026-09-30", 10, "2026-10-20"),
            ("2026-10-03", 10, "2026-10-20"), // served on a holiday
            ("2026-02-13", 5, "2026-02-27"),
            ("2026-02-13", 10, "2026-03-05"),
            ("2025-12-29", 5, "2026-01-06"), // Sunday 4 January worked
            ("2025-12-31", 10, "2026-01-15"),
            ("2025-01-24", 10, "2025-02-13"),
            ("2024-02-08", 10, "2024-02-28"),
            ("2024-09-27", 10, "2024-10-16"),
            ("2026-09-18", 5, "2026-09-24"), // Sunday 20 September worked
            ("2026-04-30", 5, "2026-05-11"),
            ("2026-06-18", 5, "2026-06-26"),
            ("2026-09-21", 10, "2026-10-12"),
            ("2026-09-19", 1, "2026-09-20"),
            ("2026-10-07", 1, "2026-10-08"),
        ] {
            assert_eq!(added(from, days), until, "{from} + {days}");
        }
    }

    #[test]
    fn a_bad_line_is_named() {
        let error = Calendar::parse("# x\n2027-01-01,2027-01-01,free,元旦").expect_err("bad");
        assert_eq!(error, CalendarError { line: 2, what: "第三列应为 off 或 work" });
    }
}
