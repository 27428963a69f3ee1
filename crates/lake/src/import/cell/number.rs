//! 数字: exact scaled integers from text, never through a float.

use mingjian_model::schema::Type;

use super::{Fault, normalise, trim};

/// What to do with more decimals than a column keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Rounding {
    /// Set the row aside, unless the tail is the noise of a float (as in 12.340000000000002).
    #[default]
    Strict,
    /// Round half away from zero: the profile says the source always writes that many.
    Round,
}

/// Decimals a column keeps; `None` for types that are no decimals.
pub(crate) fn scale_of(ty: Type) -> Option<u32> {
    match ty {
        Type::Money => Some(2),
        Type::Quantity | Type::Ratio => Some(4),
        Type::Price => Some(6),
        Type::Text | Type::Int | Type::Date | Type::Time => None,
    }
}

const POWERS: [i64; 17] = {
    let mut powers = [1i64; 17];
    let mut i = 1;
    while i < 17 {
        powers[i] = powers[i - 1] * 10;
        i += 1;
    }
    powers
};

/// A decimal scaled by `10^scale`; 16 digits in all. Plain digits are read directly, anything else by [`slow`].
#[inline]
pub(crate) fn parse_decimal(cell: &[u8], scale: u32, rounding: Rounding) -> Result<Option<i64>, Fault> {
    if let Some(value) = plain(cell, scale) {
        return Ok(Some(value));
    }
    slow(cell, scale, rounding)
}

/// `-?digits[.digits]` with few enough digits; `None` for everything else, the empty cell too.
#[inline]
fn plain(cell: &[u8], scale: u32) -> Option<i64> {
    let (negative, digits) = match cell {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, cell),
    };
    if digits.is_empty() || digits.len() > 16 {
        return None;
    }
    let mut value = 0i64;
    let mut point = None;
    for (i, &byte) in digits.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            value = value * 10 + i64::from(digit);
        } else if byte == b'.' && point.is_none() && digits.len() > 1 {
            point = Some(i);
        } else {
            return None;
        }
    }
    let places = point.map_or(0, |at| digits.len() - 1 - at) as u32;
    if places > scale {
        return None;
    }
    let value = value.checked_mul(POWERS[(scale - places) as usize]).filter(|value| *value < POWERS[16])?;
    Some(if negative { -value } else { value })
}

fn slow(cell: &[u8], scale: u32, rounding: Rounding) -> Result<Option<i64>, Fault> {
    let trimmed = trim(cell);
    if trimmed.is_empty() {
        return Ok(None);
    }
    if let Some(value) = plain(trimmed, scale) {
        return Ok(Some(value));
    }
    let text = normalise(trimmed).ok_or(Fault::NotNumber)?;
    let text = text.trim_start_matches(['¥', '$']).trim_end_matches('元').trim();
    let text = text.strip_prefix('+').unwrap_or(text);
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest.trim_start().trim_start_matches('¥')),
        // Accountants' brackets: (12.50) is -12.50.
        None => match text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            Some(rest) => (true, rest),
            None => (false, text),
        },
    };
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i32>().map_err(|_| Fault::NotNumber)?),
        None => (text, 0),
    };
    let value = scaled(mantissa, exponent, scale, rounding)?;
    Ok(Some(if negative { -value } else { value }))
}

/// Digits with thousands commas and one point, moved by a power of ten.
fn scaled(mantissa: &str, exponent: i32, scale: u32, rounding: Rounding) -> Result<i64, Fault> {
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() || !commas_fit(whole) {
        return Err(Fault::NotNumber);
    }
    let digits: Vec<u8> = whole.bytes().filter(|byte| *byte != b',').chain(fraction.bytes()).collect();
    if !digits.iter().all(u8::is_ascii_digit) {
        return Err(Fault::NotNumber);
    }
    let leading = digits.iter().take_while(|digit| **digit == b'0').count();
    if leading == digits.len() {
        return Ok(0);
    }
    // The digit before which the point stands once the value is scaled; digits behind it are too many.
    let end = (digits.len() - fraction.len()) as i64 + i64::from(exponent) + i64::from(scale);
    if end - leading as i64 > 16 {
        return Err(Fault::TooLarge);
    }
    let digit = |at: i64| -> i64 { usize::try_from(at).ok().and_then(|at| digits.get(at)).map_or(0, |digit| i64::from(digit - b'0')) };
    let mut value = (leading as i64..end).fold(0i64, |value, at| value * 10 + digit(at));
    let tail = &digits[usize::try_from(end).unwrap_or(0).min(digits.len())..];
    if tail.iter().any(|digit| *digit != b'0') {
        if rounding == Rounding::Strict && !is_noise(tail, digits.len() - leading) {
            return Err(Fault::TooManyDecimals(scale));
        }
        value += i64::from(digit(end) >= 5);
    }
    if value >= POWERS[16] { Err(Fault::TooLarge) } else { Ok(value) }
}

/// Whether too many decimals are what a double leaves: at least 15 digits, the tail a run of zeros or nines.
fn is_noise(tail: &[u8], digits: usize) -> bool {
    let run = |digit: u8| tail.iter().take_while(|d| **d == digit).count();
    digits >= 15 && run(b'0').max(run(b'9')) >= 4
}

/// Commas only between groups of three digits: `1,234,567`, or of four as 万 are written, but not `12,3`.
fn commas_fit(whole: &str) -> bool {
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or("");
    let mut rest = groups.peekable();
    rest.peek().is_none() || (1..=4).contains(&first.len()) && rest.all(|group| group.len() == 3 || group.len() == 4)
}

/// A whole number: days, beds. A fraction of zeros and the units 天, 日, 张 are taken off.
pub(crate) fn parse_int(cell: &[u8]) -> Result<Option<i32>, Fault> {
    if let Some(value) = plain(cell, 0).and_then(|value| i32::try_from(value).ok()) {
        return Ok(Some(value));
    }
    let text = normalise(trim(cell)).ok_or(Fault::NotNumber)?;
    let text = text.trim_end_matches(['天', '日', '张']);
    match slow(text.as_bytes(), 0, Rounding::Strict) {
        Ok(Some(value)) => i32::try_from(value).map(Some).map_err(|_| Fault::TooLarge),
        Ok(None) => Ok(None),
        Err(Fault::TooManyDecimals(_)) => Err(Fault::NotWhole),
        Err(fault) => Err(fault),
    }
}

/// 比例: at most 9.9999 as the lake keeps it; `10%` is 0.1.
pub(crate) fn parse_ratio(cell: &[u8], rounding: Rounding) -> Result<Option<i64>, Fault> {
    let value = match trim(cell) {
        [percent @ .., b'%'] => parse_decimal(percent, 6, rounding)?.map(|value| (value + 5_000) / 10_000),
        plain => parse_decimal(plain, 4, rounding)?,
    };
    match value {
        Some(value) if value.abs() >= 100_000 => Err(Fault::RatioTooLarge),
        value => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(text: &str) -> Result<Option<i64>, Fault> {
        parse_decimal(text.as_bytes(), 2, Rounding::Strict)
    }

    #[test]
    fn reads_money_as_the_field_writes_it() {
        let cases: &[(&str, i64)] = &[
            ("12.5", 1250),
            ("-12.50", -1250),
            ("0", 0),
            (".5", 50),
            ("5.", 500),
            ("1,234.50", 123_450),
            ("1，234．50", 123_450),
            ("１２．５", 1250),
            ("¥12.50", 1250),
            ("￥ 12.50", 1250),
            ("-¥3", -300),
            ("12.50元", 1250),
            ("+3", 300),
            ("(12.50)", -1250),
            ("1.0E+2", 10_000),
            ("1.23456E+4", 1_234_560),
            ("1E-2", 1),
            ("12.3400", 1234),
            ("12.340000000000002", 1234),
            ("0.30000000000000004", 30),
            ("29.989999999999998", 2999),
            (" 7 ", 700),
            ("=\"7\"", 700),
            ("00012.30", 1230),
            ("99999999999999.99", 9_999_999_999_999_999),
        ];
        for (text, expected) in cases {
            assert_eq!(money(text), Ok(Some(*expected)), "{text}");
        }
        for text in ["", "  ", "NULL", "\\N"] {
            assert_eq!(money(text), Ok(None), "{text:?}");
        }
    }

    #[test]
    fn refuses_what_is_no_money() {
        let cases: &[(&str, Fault)] = &[
            ("abc", Fault::NotNumber),
            ("-", Fault::NotNumber),
            (".", Fault::NotNumber),
            ("1.2.3", Fault::NotNumber),
            ("12,3", Fault::NotNumber),
            ("1e", Fault::NotNumber),
            ("1e99999999999", Fault::NotNumber),
            ("12.345", Fault::TooManyDecimals(2)),
            ("100000000000000.00", Fault::TooLarge),
            ("1E+20", Fault::TooLarge),
            ("2025-03-05", Fault::NotNumber),
            ("∞", Fault::NotNumber),
        ];
        for (text, expected) in cases {
            assert_eq!(money(text), Err(*expected), "{text}");
        }
        assert_eq!(parse_decimal(b"12.345", 2, Rounding::Round), Ok(Some(1235)));
        assert_eq!(parse_decimal(b"-0.005", 2, Rounding::Round), Ok(Some(-1)));
    }

    #[test]
    fn ratios_and_whole_numbers_have_limits() {
        assert_eq!(parse_ratio(b"0.1", Rounding::Strict), Ok(Some(1000)));
        assert_eq!(parse_ratio("10%".as_bytes(), Rounding::Strict), Ok(Some(1000)));
        assert_eq!(parse_ratio(b"10", Rounding::Strict), Err(Fault::RatioTooLarge));
        assert_eq!(parse_int(b"30"), Ok(Some(30)));
        assert_eq!(parse_int(b"30.00"), Ok(Some(30)));
        assert_eq!(parse_int("7天".as_bytes()), Ok(Some(7)));
        assert_eq!(parse_int(b"7.5"), Err(Fault::NotWhole));
        assert_eq!(parse_int(b"99999999999"), Err(Fault::TooLarge));
        assert_eq!(parse_int(b"x"), Err(Fault::NotNumber));
    }
}
