//! Texts of the boundary as days, moments and scaled integers; `None` where they say nothing that can be read.

use mingjian_model::day::{Day, MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_SECOND, Moment, day_of, from_ymd};
use mingjian_model::parse_scaled;

/// A number scaled by `10^scale`; further decimals are rounded half up, as a caller's floating point brings them.
pub fn number(text: &str, scale: u32) -> Option<i64> {
    if text.is_empty() {
        return None;
    }
    if let Some(value) = parse_scaled(text, scale) {
        return Some(value);
    }
    let (whole, fraction) = text.split_once('.')?;
    let places = scale as usize;
    let (kept, rest) = (fraction.get(..places)?, fraction.get(places..)?);
    if rest.is_empty() || !rest.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let value = parse_scaled(&format!("{whole}.{kept}"), scale)?;
    let up = i64::from(rest.as_bytes()[0] >= b'5');
    Some(if text.starts_with('-') { value - up } else { value + up })
}

/// A moment in any form seen in the field: `2026-07-01 09:00:00`, `2026/7/1 9:00`, `2026-07-01T09:00:00.000+08:00`, `20260701090000`,
/// `20260701`, milliseconds since 1970.
pub fn moment(text: &str) -> Option<Moment> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return digits(text);
    }
    let (date, rest) = match text.find(['T', ' ']) {
        Some(at) => (&text[..at], text[at + 1..].trim()),
        None => (text, ""),
    };
    let mut parts = date.split(['-', '/', '.', '年', '月', '日']).filter(|part| !part.is_empty());
    let day = from_ymd(parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?)?;
    if parts.next().is_some() {
        return None;
    }
    let (time, zone) = zone_of(rest);
    let seconds = time_of_day(time)?;
    let local = i64::from(day) * MICROS_PER_DAY + seconds * MICROS_PER_SECOND;
    // A stated zone is turned into ours.
    Some(zone.map_or(local, |hours| local + (8 - hours) * MICROS_PER_HOUR))
}

pub fn day(text: &str) -> Option<Day> {
    moment(text).map(day_of)
}

fn digits(text: &str) -> Option<Moment> {
    let part = |from: usize, to: usize| text.get(from..to).and_then(|digits| digits.parse::<i64>().ok());
    let at = match text.len() {
        8 | 12 | 14 | 17 => from_ymd(part(0, 4)? as i32, part(4, 6)? as u32, part(6, 8)? as u32)?,
        13 => return Some(text.parse::<i64>().ok()? * 1_000 + 8 * MICROS_PER_HOUR),
        _ => return None,
    };
    let (hour, minute, second) = (part(8, 10).unwrap_or(0), part(10, 12).unwrap_or(0), part(12, 14).unwrap_or(0));
    let valid = hour < 24 && minute < 60 && second < 60;
    valid.then(|| i64::from(at) * MICROS_PER_DAY + (hour * 3600 + minute * 60 + second) * MICROS_PER_SECOND)
}

/// Splits off `Z` or `+08:00`; the zone in whole hours.
fn zone_of(time: &str) -> (&str, Option<i64>) {
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return (time, Some(0));
    }
    match time.rfind(['+', '-']) {
        Some(at) => {
            let hours = time[at + 1..].get(..2).and_then(|hours| hours.parse::<i64>().ok());
            (&time[..at], hours.map(|hours| if time.as_bytes()[at] == b'-' { -hours } else { hours }))
        }
        None => (time, None),
    }
}

fn time_of_day(time: &str) -> Option<i64> {
    if time.is_empty() {
        return Some(0);
    }
    let mut parts = time.split(':');
    let mut next = |below: i64| -> Option<i64> {
        let Some(part) = parts.next() else { return Some(0) };
        let whole = part.split('.').next().unwrap_or("").trim();
        let value: i64 = whole.parse().ok()?;
        (0..below).contains(&value).then_some(value)
    };
    Some(next(24)? * 3600 + next(60)? * 60 + next(60)?)
}

#[cfg(test)]
mod tests {
    use mingjian_model::day::format_moment;

    use super::*;

    #[test]
    fn moments_of_the_field_are_read() {
        for (text, expected) in [
            ("2026-07-01 09:05:06", "2026-07-01 09:05:06"),
            ("2026/7/1 9:05", "2026-07-01 09:05:00"),
            ("2026-07-01T09:05:06.123+08:00", "2026-07-01 09:05:06"),
            ("2026-07-01T01:05:06Z", "2026-07-01 09:05:06"),
            ("20260701", "2026-07-01 00:00:00"),
            ("20260701090506", "2026-07-01 09:05:06"),
            ("1782867906000", "2026-07-01 09:05:06"),
            ("2026年7月1日", "2026-07-01 00:00:00"),
            ("2026-07-01", "2026-07-01 00:00:00"),
        ] {
            assert_eq!(moment(text).map(format_moment).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "今天", "2026-13-01", "2026-02-30 08:00:00", "0", "-", "T", "2026-07-01 25:00"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_keep_their_cents() {
        for (text, scale, expected) in [
            ("40", 2, Some(4_000)),
            ("19.99", 2, Some(1_999)),
            ("19.995", 2, Some(2_000)),
            ("-0.005", 2, Some(-1)),
            ("", 2, None),
            ("元", 2, None),
        ] {
            assert_eq!(number(text, scale), expected, "{text}");
        }
    }
}
