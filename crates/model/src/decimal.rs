//! Fixed-point quantities and prices: scaled integers, exact.

/// Quantities (`cnt`) are N(16,4): one unit is 10,000.
pub const QUANTITY_SCALE: i64 = 10_000;
/// Prices (`pric`) are N(16,6) in yuan: one yuan is 1,000,000.
pub const PRICE_SCALE: i64 = 1_000_000;

/// Parses a decimal text into an integer scaled by `10^scale`.
///
/// Accepts an optional sign, digits, an optional fraction, thousands commas between digits, surrounding blanks and an
/// exponent-free form only. `None` when it is not a number, has more than `scale` significant decimals, or does not
/// fit 16 digits.
///
/// ```
/// use mingjian_model::parse_scaled;
/// assert_eq!(parse_scaled("12.5", 2), Some(1250));
/// assert_eq!(parse_scaled("-3", 4), Some(-30000));
/// assert_eq!(parse_scaled("1.005", 2), None);
/// assert_eq!(parse_scaled("1.500", 2), Some(150));
/// ```
pub fn parse_scaled(text: &str, scale: u32) -> Option<i64> {
    let text = text.trim();
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut value: i64 = 0;
    let mut count = 0;
    for (i, b) in whole.bytes().enumerate() {
        if b == b',' && i > 0 {
            continue;
        }
        if !b.is_ascii_digit() {
            return None;
        }
        value = value * 10 + i64::from(b - b'0');
        if value != 0 {
            count += 1;
        }
        if count > 16 - scale {
            return None;
        }
    }
    let mut places = 0;
    for b in fraction.bytes() {
        if !b.is_ascii_digit() {
            return None;
        }
        if places < scale {
            value = value * 10 + i64::from(b - b'0');
            places += 1;
        } else if b != b'0' {
            return None;
        }
    }
    value *= 10i64.pow(scale - places);
    Some(if negative { -value } else { value })
}

/// Prints a scaled integer as a decimal with at most `scale` places, without trailing zeros.
///
/// ```
/// use mingjian_model::format_scaled;
/// assert_eq!(format_scaled(270_000, 4), "27");
/// assert_eq!(format_scaled(-12_500, 4), "-1.25");
/// ```
pub fn format_scaled(value: i64, scale: u32) -> String {
    let unit = 10u64.pow(scale);
    let abs = value.unsigned_abs();
    let sign = if value < 0 { "-" } else { "" };
    let fraction = abs % unit;
    if fraction == 0 {
        return format!("{sign}{}", abs / unit);
    }
    let digits = format!("{fraction:0width$}", width = scale as usize);
    format!("{sign}{}.{}", abs / unit, digits.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_no_number() {
        for text in ["", "-", ".", "1e3", "１２", "1.2.3", "abc", "12345678901234567"] {
            assert_eq!(parse_scaled(text, 2), None, "{text}");
        }
        assert_eq!(parse_scaled("1,234.50", 2), Some(123_450));
    }
}
