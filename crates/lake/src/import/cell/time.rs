//! 日期时间: local days and moments from every form seen in the field.

use mingjian_model::day::{Day, MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_SECOND, Moment, from_ymd};

use super::{Fault, normalise, trim};

/// Days from 1899-12-30, where worksheets begin to count, to 1970-01-01.
const SERIAL_EPOCH: i64 = 25_569;

/// Reads days and moments; remembers the last day, since neighbours mostly share it. One per column and thread.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dates {
    /// Formats of the profile, tried before all others.
    formats: Vec<String>,
    /// The year 9999 (and 2099-12-31) means 'no end' in this column and is read as nothing.
    open_end: bool,
    last: Option<(u32, Day)>,
}

impl Dates {
    pub(crate) fn new(formats: &[String], open_end: bool) -> Dates {
        Dates { formats: formats.to_vec(), open_end, last: None }
    }

    /// A local day; a time of day behind it is left out.
    #[inline]
    pub(crate) fn day(&mut self, cell: &[u8]) -> Result<Option<Day>, Fault> {
        if self.formats.is_empty()
            && let Some((year, month, day)) = plain_day(cell).filter(|_| cell.len() == 10)
        {
            return self.number_day(year, month, day);
        }
        Ok(self.slow(cell)?.map(|moment| moment.div_euclid(MICROS_PER_DAY) as Day))
    }

    /// A local moment; a bare day is its midnight.
    #[inline]
    pub(crate) fn moment(&mut self, cell: &[u8]) -> Result<Option<Moment>, Fault> {
        if self.formats.is_empty()
            && cell.len() == 19
            && let Some((year, month, day)) = plain_day(cell)
            && let Some(seconds) = plain_time(&cell[10..])
        {
            let day = self.number_day(year, month, day)?;
            return Ok(day.map(|day| i64::from(day) * MICROS_PER_DAY + i64::from(seconds) * MICROS_PER_SECOND));
        }
        self.slow(cell)
    }

    #[inline]
    fn number_day(&mut self, year: u32, month: u32, day: u32) -> Result<Option<Day>, Fault> {
        let number = (year * 100 + month) * 100 + day;
        if let Some((_, day)) = self.last.filter(|(last, _)| *last == number) {
            return Ok(Some(day));
        }
        // What databases and .NET write for 'none', and what catalogues write for 'no end'.
        if matches!(number, 0 | 10_101) || self.open_end && (year == 9999 || number == 20_991_231) {
            return Ok(None);
        }
        if !(1900..=2100).contains(&year) {
            return Err(Fault::YearOutOfRange);
        }
        let found = from_ymd(year as i32, month, day).ok_or(Fault::NoSuchDay)?;
        self.last = Some((number, found));
        Ok(Some(found))
    }

    fn slow(&mut self, cell: &[u8]) -> Result<Option<Moment>, Fault> {
        let trimmed = trim(cell);
        if trimmed.is_empty() {
            return Ok(None);
        }
        let text = normalise(trimmed).ok_or(Fault::NotTime)?;
        let parts = match self.formats.iter().find_map(|format| by_format(&text, format)) {
            Some(parts) => parts,
            None => parse(&text)?,
        };
        let Some(day) = self.number_day(parts.year, parts.month, parts.day)? else { return Ok(None) };
        if parts.hour > 23 || parts.minute > 59 || parts.second > 59 {
            return Err(Fault::NoSuchHour);
        }
        let seconds = i64::from(parts.hour * 3600 + parts.minute * 60 + parts.second);
        let moment = i64::from(day) * MICROS_PER_DAY + seconds * MICROS_PER_SECOND + i64::from(parts.micros);
        Ok(Some(moment + parts.zone_hours.map_or(0, |hours| (8 - i64::from(hours)) * MICROS_PER_HOUR)))
    }
}

/// `YYYY-MM-DD` or `YYYY/MM/DD` at the head of a cell.
#[inline]
fn plain_day(cell: &[u8]) -> Option<(u32, u32, u32)> {
    let [a, b, c, d, s, e, f, t, g, h, ..] = cell else { return None };
    if s != t || *s != b'-' && *s != b'/' {
        return None;
    }
    Some((two(*a, *b)? * 100 + two(*c, *d)?, two(*e, *f)?, two(*g, *h)?))
}

/// ` HH:MM:SS` or `THH:MM:SS`, as seconds; `None` when there is no such time.
#[inline]
fn plain_time(cell: &[u8]) -> Option<u32> {
    let [b' ' | b'T', a, b, b':', c, d, b':', e, f] = cell else { return None };
    let (hour, minute, second) = (two(*a, *b)?, two(*c, *d)?, two(*e, *f)?);
    (hour < 24 && minute < 60 && second < 60).then_some(hour * 3600 + minute * 60 + second)
}

#[inline]
fn two(a: u8, b: u8) -> Option<u32> {
    let (a, b) = (a.wrapping_sub(b'0'), b.wrapping_sub(b'0'));
    (a < 10 && b < 10).then_some(u32::from(a) * 10 + u32::from(b))
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Parts {
    year: u32,
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
    micros: u32,
    /// Hours east of Greenwich where the text says so; local time otherwise.
    zone_hours: Option<i32>,
}

/// Every form but those of the profile.
fn parse(text: &str) -> Result<Parts, Fault> {
    let mut rest = Cursor(text);
    let head = rest.digits();
    let mut parts = Parts::default();
    let compact = |range: std::ops::Range<usize>| head.get(range).and_then(|digits| digits.parse::<u32>().ok()).unwrap_or(0);
    match head.len() {
        8 | 12 | 14 | 17 => {
            (parts.year, parts.month, parts.day) = (compact(0..4), compact(4..6), compact(6..8));
            (parts.hour, parts.minute, parts.second) = (compact(8..10), compact(10..12), compact(12..14));
            parts.micros = compact(14..17) * 1000;
            if head.len() > 8 {
                return rest.end(parts);
            }
        }
        4 => {
            parts.year = compact(0..4);
            rest.one_of(&["-", "/", ".", "年"])?;
            parts.month = rest.number()?;
            rest.one_of(&["-", "/", ".", "月"])?;
            parts.day = rest.number()?;
            rest.eat(&["日", "号"]);
        }
        5 if rest.0.is_empty() || rest.0.starts_with('.') => return Err(Fault::SerialDate),
        _ => return Err(Fault::NotTime),
    }
    rest.time(&mut parts)?;
    rest.end(parts)
}

struct Cursor<'a>(&'a str);

impl<'a> Cursor<'a> {
    fn digits(&mut self) -> &'a str {
        let end = self.0.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at(end);
        self.0 = rest;
        digits
    }

    /// One or two digits.
    fn number(&mut self) -> Result<u32, Fault> {
        self.blanks();
        let digits = self.digits();
        if digits.len() > 2 {
            return Err(Fault::NotTime);
        }
        digits.parse().map_err(|_| Fault::NotTime)
    }

    fn eat(&mut self, tokens: &[&str]) -> bool {
        self.blanks();
        match tokens.iter().find_map(|token| self.0.strip_prefix(token)) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    fn one_of(&mut self, tokens: &[&str]) -> Result<(), Fault> {
        if self.eat(tokens) { Ok(()) } else { Err(Fault::NotTime) }
    }

    fn blanks(&mut self) {
        self.0 = self.0.trim_start();
    }

    /// ` 09:00`, `T09:00:00.000`, ` 9时5分`, ` 下午 3:05:00`, ` 090000`.
    fn time(&mut self, parts: &mut Parts) -> Result<(), Fault> {
        self.eat(&["T"]);
        let mut afternoon = self.half_of_day();
        self.blanks();
        if self.0.is_empty() {
            return Ok(());
        }
        let digits = self.digits();
        let number = |range: std::ops::Range<usize>| digits.get(range).and_then(|digits| digits.parse::<u32>().ok());
        match digits.len() {
            1 | 2 => {
                parts.hour = number(0..digits.len()).unwrap_or(0);
                self.one_of(&[":", "时", "点"])?;
                if self.0.trim().is_empty() {
                    return Ok(());
                }
                parts.minute = self.number()?;
                if self.eat(&[":", "分"]) && self.0.starts_with(|c: char| c.is_ascii_digit()) {
                    parts.second = self.number()?;
                    self.eat(&["秒"]);
                }
            }
            4 | 6 => {
                (parts.hour, parts.minute) = (number(0..2).unwrap_or(0), number(2..4).unwrap_or(0));
                parts.second = number(4..6).unwrap_or(0);
            }
            _ => return Err(Fault::NotTime),
        }
        if self.0.starts_with(['.', ':', ',']) && self.0[1..].starts_with(|c: char| c.is_ascii_digit()) {
            self.0 = &self.0[1..];
            let digits = self.digits();
            let micros = digits.bytes().chain(std::iter::repeat(b'0')).take(6);
            parts.micros = micros.fold(0, |value, digit| value * 10 + u32::from(digit - b'0'));
        }
        afternoon = afternoon.or(self.half_of_day());
        match afternoon {
            Some(true) if parts.hour < 12 => parts.hour += 12,
            Some(false) if parts.hour == 12 => parts.hour = 0,
            _ => {}
        }
        self.zone(parts)
    }

    fn half_of_day(&mut self) -> Option<bool> {
        if self.eat(&["上午", "AM", "am"]) {
            return Some(false);
        }
        self.eat(&["下午", "PM", "pm"]).then_some(true)
    }

    /// `Z`, `+08:00`, `+0800`, `+08`.
    fn zone(&mut self, parts: &mut Parts) -> Result<(), Fault> {
        if self.eat(&["Z"]) {
            parts.zone_hours = Some(0);
        } else if self.0.starts_with(['+', '-']) {
            let sign = if self.0.starts_with('-') { -1 } else { 1 };
            self.0 = &self.0[1..];
            let digits = self.digits();
            let hours = digits.get(..2).and_then(|digits| digits.parse::<i32>().ok()).ok_or(Fault::NotTime)?;
            let minutes = if digits.len() == 4 { &digits[2..] } else { self.0.strip_prefix(':').unwrap_or("") };
            if !matches!(minutes, "" | "00") || hours > 14 {
                return Err(Fault::NotTime);
            }
            self.0 = "";
            parts.zone_hours = Some(sign * hours);
        }
        Ok(())
    }

    fn end(mut self, parts: Parts) -> Result<Parts, Fault> {
        self.blanks();
        if self.0.is_empty() { Ok(parts) } else { Err(Fault::NotTime) }
    }
}

/// A text by a format of the profile: `%Y %y %m %d %H %M %S %b`, everything else literally.
fn by_format(text: &str, format: &str) -> Option<Parts> {
    let mut parts = Parts { month: 1, day: 1, ..Parts::default() };
    let mut rest = text;
    let mut format = format.chars();
    while let Some(c) = format.next() {
        if c != '%' {
            rest = rest.strip_prefix(c)?;
            continue;
        }
        let directive = format.next()?;
        if directive == 'b' {
            let name = rest.get(..3)?.to_ascii_lowercase();
            parts.month = 1 + MONTHS.iter().position(|month| *month == name)? as u32;
            rest = &rest[3..];
            continue;
        }
        let width = if directive == 'Y' { 4 } else { 2 };
        let end = rest.bytes().take(width).take_while(u8::is_ascii_digit).count();
        let value: u32 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        match directive {
            'Y' => parts.year = value,
            'y' => parts.year = if value < 70 { 2000 + value } else { 1900 + value },
            'm' => parts.month = value,
            'd' => parts.day = value,
            'H' => parts.hour = value,
            'M' => parts.minute = value,
            'S' => parts.second = value,
            _ => return None,
        }
    }
    rest.is_empty().then_some(parts)
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Whether [`by_format`] can read a format of a profile: only known directives, and a year among them.
pub(crate) fn is_format(format: &str) -> bool {
    let directives: Vec<char> = format.split('%').skip(1).filter_map(|part| part.chars().next()).collect();
    directives.len() == format.matches('%').count()
        && directives.iter().all(|c| "YymdHMSb".contains(*c))
        && directives.iter().any(|c| matches!(c, 'Y' | 'y'))
}

/// A worksheet's serial number as a moment, to the second; `None` before 1900 and after 2100.
pub(crate) fn moment_of_serial(serial: f64) -> Option<Moment> {
    // 61 is 1900-03-01: below it worksheets count a day that never was.
    if !(61.0..73_415.0).contains(&serial) {
        return None;
    }
    let seconds = (serial * 86_400.0).round() as i64;
    Some((seconds - SERIAL_EPOCH * 86_400) * MICROS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use mingjian_model::day::{format_day, format_moment};

    use super::*;

    fn moment(text: &str) -> Result<Option<String>, Fault> {
        Dates::default().moment(text.as_bytes()).map(|moment| moment.map(format_moment))
    }

    #[test]
    fn reads_every_form_of_a_moment() {
        let cases: &[(&str, &str)] = &[
            ("2025-03-05 09:00:00", "2025-03-05 09:00:00"),
            ("2025/03/05 09:00:00", "2025-03-05 09:00:00"),
            ("2025-03-05 09:00:00.000", "2025-03-05 09:00:00"),
            ("2025-03-05T09:00:00", "2025-03-05 09:00:00"),
            ("2025-03-05T09:00:00+08:00", "2025-03-05 09:00:00"),
            ("2025-03-05T01:00:00Z", "2025-03-05 09:00:00"),
            ("2025-03-05T01:00:00.000+0000", "2025-03-05 09:00:00"),
            ("2025-03-05 09:00", "2025-03-05 09:00:00"),
            ("2025-3-5 9:05", "2025-03-05 09:05:00"),
            ("2025/3/5", "2025-03-05 00:00:00"),
            ("2025.03.05", "2025-03-05 00:00:00"),
            ("2025-03-05", "2025-03-05 00:00:00"),
            ("20250305", "2025-03-05 00:00:00"),
            ("202503050905", "2025-03-05 09:05:00"),
            ("20250305090506", "2025-03-05 09:05:06"),
            ("20250305090506123", "2025-03-05 09:05:06"),
            ("20250305 09:05:06", "2025-03-05 09:05:06"),
            ("20250305 090506", "2025-03-05 09:05:06"),
            ("2025年3月5日", "2025-03-05 00:00:00"),
            ("2025年3月5日 9时5分6秒", "2025-03-05 09:05:06"),
            ("2025年03月05日 09:05", "2025-03-05 09:05:00"),
            ("２０２５－０３－０５", "2025-03-05 00:00:00"),
            ("2025/3/5 上午 9:05:06", "2025-03-05 09:05:06"),
            ("2025/3/5 下午 3:05:06", "2025-03-05 15:05:06"),
            ("2025/3/5 12:05:06 AM", "2025-03-05 00:05:06"),
            ("  2025-03-05 09:00:00 ", "2025-03-05 09:00:00"),
            ("2024-02-29", "2024-02-29 00:00:00"),
        ];
        for (text, expected) in cases {
            assert_eq!(moment(text).as_ref().map(|m| m.as_deref()), Ok(Some(*expected)), "{text}");
            let day = Dates::default().day(text.as_bytes()).map(|day| day.map(format_day));
            assert_eq!(day, Ok(Some(expected[..10].to_owned())), "{text}");
        }
        for text in ["", " ", "NULL", "0000-00-00", "0000-00-00 00:00:00", "0001-01-01 00:00:00"] {
            assert_eq!(moment(text), Ok(None), "{text:?}");
        }
    }

    #[test]
    fn refuses_days_that_never_were() {
        let cases: &[(&str, Fault)] = &[
            ("2025-02-30", Fault::NoSuchDay),
            ("2023-02-29 10:00:00", Fault::NoSuchDay),
            ("2025-13-01", Fault::NoSuchDay),
            ("20250431", Fault::NoSuchDay),
            ("1899-12-31", Fault::YearOutOfRange),
            ("2101-01-01", Fault::YearOutOfRange),
            ("9999-12-31", Fault::YearOutOfRange),
            ("2025-03-05 24:00:00", Fault::NoSuchHour),
            ("2025-03-05 09:60:00", Fault::NoSuchHour),
            ("45721", Fault::SerialDate),
            ("45721.375", Fault::SerialDate),
            ("昨天", Fault::NotTime),
            ("2025-03", Fault::NotTime),
            ("03/05/2025", Fault::NotTime),
            ("2025-03-05 abc", Fault::NotTime),
            ("2025-03-05 09:00:00 x", Fault::NotTime),
            ("1741140000000", Fault::NotTime),
        ];
        for (text, expected) in cases {
            assert_eq!(moment(text), Err(*expected), "{text}");
        }
        assert_eq!(Dates::new(&[], true).day(b"9999-12-31"), Ok(None));
    }

    #[test]
    fn formats_of_a_profile_come_first() {
        let mut dates = Dates::new(&["%d/%m/%Y %H:%M".to_owned(), "%d-%b-%y".to_owned()], false);
        let mut read = |text: &str| dates.moment(text.as_bytes()).map(|m| m.map(format_moment));
        assert_eq!(read("05/03/2025 09:07"), Ok(Some("2025-03-05 09:07:00".to_owned())));
        assert_eq!(read("05-MAR-25"), Ok(Some("2025-03-05 00:00:00".to_owned())));
        assert_eq!(read("2025-03-05 09:00:00"), Ok(Some("2025-03-05 09:00:00".to_owned())));
        assert!(is_format("%d/%m/%Y") && !is_format("%d/%m") && !is_format("%Q%Y") && !is_format("%Y%"));
    }

    #[test]
    fn serials_of_worksheets() {
        assert_eq!(moment_of_serial(45_721.375).map(format_moment).as_deref(), Some("2025-03-05 09:00:00"));
        assert_eq!(moment_of_serial(99_999.0), None);
    }
}
