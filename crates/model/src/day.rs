//! Local Chinese days and times as integers.
//!
//! A [`Day`] counts days since 1970-01-01; a [`Moment`] counts microseconds since 1970-01-01 00:00:00. Both are local
//! (Asia/Shanghai) without a zone, as the national tables state them.

/// Days since 1970-01-01, local.
pub type Day = i32;
/// Microseconds since 1970-01-01 00:00:00, local.
pub type Moment = i64;

pub const MICROS_PER_SECOND: i64 = 1_000_000;
pub const MICROS_PER_HOUR: i64 = 3_600 * MICROS_PER_SECOND;
pub const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// The day a moment falls on.
#[inline]
pub fn day_of(moment: Moment) -> Day {
    moment.div_euclid(MICROS_PER_DAY) as Day
}

/// The day of a Gregorian date; `None` for a date that does not exist or a year outside 1–9999.
///
/// ```
/// use mingjian_model::day;
/// assert_eq!(day::from_ymd(2024, 2, 29), Some(19_782));
/// assert_eq!(day::from_ymd(2023, 2, 29), None);
/// ```
pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Day> {
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || day == 0 || day > days_in_month(year, month) {
        return None;
    }
    // Days from civil, shifted so that a year begins in March: leap days fall at its end.
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let month_of_year = (month as i32 + 9) % 12;
    let day_of_year = (153 * month_of_year + 2) / 5 + day as i32 - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// Year, month and day of a day.
pub fn to_ymd(day: Day) -> (i32, u32, u32) {
    let z = day + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * shifted + 2) / 5 + 1) as u32;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 } as u32;
    (year_of_era + era * 400 + i32::from(month <= 2), month, day)
}

/// How many days a month has.
pub fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// The same day `years` later; 29 February becomes 1 March in common years, as ages are counted here.
pub fn add_years(day: Day, years: i32) -> Day {
    let (y, m, d) = to_ymd(day);
    from_ymd(y + years, m, d).unwrap_or_else(|| from_ymd(y + years, 3, 1).unwrap_or(day))
}

/// `YYYY-MM-DD`.
pub fn format_day(day: Day) -> String {
    let (y, m, d) = to_ymd(day);
    format!("{y:04}-{m:02}-{d:02}")
}

/// `YYYY-MM-DD HH:MM:SS`.
pub fn format_moment(moment: Moment) -> String {
    let seconds = moment.rem_euclid(MICROS_PER_DAY) / MICROS_PER_SECOND;
    format!("{} {:02}:{:02}:{:02}", format_day(day_of(moment)), seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// Parses `YYYY-MM-DD`; `None` for anything else. The importer knows the other forms seen in the field.
pub fn parse_day(text: &str) -> Option<Day> {
    let mut parts = text.splitn(3, '-');
    let (y, m, d) = (parts.next()?, parts.next()?, parts.next()?);
    if y.len() != 4 || m.len() != 2 || d.len() != 2 {
        return None;
    }
    from_ymd(y.parse().ok()?, m.parse().ok()?, d.parse().ok()?)
}

/// Parses `YYYY-MM-DD HH:MM:SS` or `YYYY-MM-DD HH:MM`, or a bare day as its midnight.
pub fn parse_moment(text: &str) -> Option<Moment> {
    let (date, time) = text.split_once(' ').unwrap_or((text, "00:00:00"));
    let mut parts = time.splitn(3, ':');
    let mut next = |limit: i64| -> Option<i64> {
        let value: i64 = parts.next().unwrap_or("00").parse().ok()?;
        (0..limit).contains(&value).then_some(value)
    };
    let seconds = next(24)? * 3600 + next(60)? * 60 + next(60)?;
    Some(i64::from(parse_day(date)?) * MICROS_PER_DAY + seconds * MICROS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_round_trip() {
        for day in -200_000..100_000 {
            let (y, m, d) = to_ymd(day);
            assert_eq!(from_ymd(y, m, d), Some(day));
        }
        assert_eq!(format_day(0), "1970-01-01");
    }

    #[test]
    fn moments_print_as_they_parse() {
        let text = "2025-03-08 23:59:07";
        assert_eq!(parse_moment(text).map(format_moment).as_deref(), Some(text));
        assert_eq!(parse_moment("2025-03-08 24:00:00"), None);
        assert_eq!(parse_moment("2025-02-30"), None);
    }

    #[test]
    fn a_leap_day_birthday_is_kept_on_the_first_of_march() {
        let born = from_ymd(2020, 2, 29).unwrap_or_default();
        assert_eq!(format_day(add_years(born, 1)), "2021-03-01");
        assert_eq!(format_day(add_years(born, 4)), "2024-02-29");
    }
}
