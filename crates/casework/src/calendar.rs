//! 工作日: the working days of the State Council's yearly notice, and limits counted in them.
//!
//! A limit of n working days that begins on a day ends on the n-th working day after it: the day something is served is not counted
//! (行政处罚法 art. 85 counts 2, 3, 5 and 7 days in working days; the platform's own limits are all in working days).
//! A year without a notice falls back to weekends; [`Calendar::is_known`] says so and a due day in such a year is shown as provisional.

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

    /// Whether the year of a day has a notice; without one only weekends are off.
    pub fn is_known(&self, day: Day) -> bool {
        self.notices.contains_key(&to_ymd(day).0)
    }

    /// The number of the notice a year's days come from.
    pub fn notice(&self, year: i32) -> Option<&str> {
        self.notices.get(&year).map(String::as_str)
    }

    /// Whether people work on a day.
    pub fn is_working(&self, day: Day) -> bool {
        self.exceptions.get(&day).copied().unwrap_or_else(|| is_weekday(day))
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
    fn a_year_without_notice_knows_only_weekends_and_says_so() {
        let calendar = Calendar::built_in();
        assert!(!calendar.is_known(day("2030-10-01")));
        assert_eq!(added("2030-09-30", 1), "2030-10-01");
        assert_eq!(added("2030-10-04", 1), "2030-10-07");
    }

    #[test]
    fn a_bad_line_is_named() {
        let error = Calendar::parse("# x\n2027-01-01,2027-01-01,free,元旦").expect_err("bad");
        assert_eq!(error, CalendarError { line: 2, what: "第三列应为 off 或 work" });
    }
}
