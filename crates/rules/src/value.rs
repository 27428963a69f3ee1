//! 值: numbers, ages, percents and days as they stand in heads, cells and logic, and how they are shown.

use mingjian_engine::expr::{age_days, age_years};
use mingjian_engine::timeline::Care;
use mingjian_model::{day, format_scaled};

/// An exact decimal: `digits` ÷ 10^`scale`, at most 15 digits, 6 of them after the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal {
    pub digits: i64,
    pub scale: u8,
}

/// The most places after the point.
pub const PLACES_MAX: u8 = 6;

impl Decimal {
    pub const fn whole(digits: i64) -> Decimal {
        Decimal { digits, scale: 0 }
    }

    /// `-?[0-9]+(.[0-9]+)?`; `None` when it is no number or has too many digits. Trailing zeros after the point are dropped.
    pub fn parse(text: &str) -> Option<Decimal> {
        let (negative, plain) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = plain.split_once('.').unwrap_or((plain, "0"));
        let fraction = fraction.trim_end_matches('0');
        if whole.is_empty() || fraction.len() > PLACES_MAX as usize || plain.ends_with('.') {
            return None;
        }
        let mut digits: i64 = 0;
        for b in whole.bytes().chain(fraction.bytes()) {
            if !b.is_ascii_digit() || digits >= 100_000_000_000_000 {
                return None;
            }
            digits = digits * 10 + i64::from(b - b'0');
        }
        Some(Decimal { digits: if negative { -digits } else { digits }, scale: fraction.len() as u8 })
    }

    /// The value at another scale; `None` when places would be lost.
    pub fn at_scale(self, scale: u8) -> Option<i64> {
        if scale >= self.scale {
            self.digits.checked_mul(pow10(scale - self.scale))
        } else {
            let unit = pow10(self.scale - scale);
            (self.digits % unit == 0).then_some(self.digits / unit)
        }
    }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&format_scaled(self.digits, u32::from(self.scale)))
    }
}

/// 10 to the power of a scale (scales stay below 19).
pub fn pow10(scale: u8) -> i64 {
    10i64.pow(u32::from(scale.min(18)))
}

/// `50%`, `33.3%`: the ratio in 1/10,000.
pub fn parse_percent(text: &str) -> Option<i64> {
    Decimal::parse(text.trim().strip_suffix(['%', '％'])?.trim())?.at_scale(2)
}

/// `18岁`, `28天`: an age limit as the kernel encodes it.
pub fn parse_age(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Some(years) = text.strip_suffix("周岁").or_else(|| text.strip_suffix('岁')) {
        return years.trim().parse().ok().filter(|years| (0..=150).contains(years)).map(age_years);
    }
    let days = text.strip_suffix(['天', '日'])?;
    days.trim().parse().ok().filter(|days| (0..=60_000).contains(days)).map(age_days)
}

/// An age limit as it is written.
pub fn show_age_limit(limit: i64) -> String {
    if limit & 1 == 1 { format!("{}天", limit >> 1) } else { format!("{}岁", limit >> 1) }
}

/// An age on a day: years, under one year days.
pub fn show_age(birth: day::Day, on: day::Day) -> String {
    if on < birth {
        return format!("{}天", on - birth);
    }
    let (y, _, _) = day::to_ymd(birth);
    let (now, _, _) = day::to_ymd(on);
    let mut years = now - y;
    if years > 0 && day::add_years(birth, years) > on {
        years -= 1;
    }
    if years >= 1 { format!("{years}岁") } else { format!("{}天", on - birth) }
}

/// 男 is 1, 女 is 2, as the kernel and the national code have it.
pub fn parse_sex(text: &str) -> Option<i64> {
    match text.trim() {
        "男" | "男性" | "1" => Some(1),
        "女" | "女性" | "2" => Some(2),
        _ => None,
    }
}

pub fn show_sex(value: i64) -> &'static str {
    match value {
        1 => "男",
        2 => "女",
        _ => UNKNOWN_TEXT,
    }
}

/// 三级 3, 二级 2, 一级 1.
pub fn parse_level(text: &str) -> Option<i64> {
    match text.trim() {
        "一级" | "一级及以下" | "1" => Some(1),
        "二级" | "二级及以上" | "2" => Some(2),
        "三级" | "3" => Some(3),
        _ => None,
    }
}

pub fn show_level(value: i64) -> &'static str {
    match value {
        1 => "一级及以下",
        2 => "二级",
        3 => "三级",
        _ => UNKNOWN_TEXT,
    }
}

pub fn parse_care(text: &str) -> Option<i64> {
    Care::ALL.iter().find(|(_, title)| *title == text.trim()).map(|(care, _)| *care as i64)
}

pub fn show_care(value: i64) -> &'static str {
    Care::ALL.iter().find(|(care, _)| *care as i64 == value).map_or(UNKNOWN_TEXT, |(_, title)| title)
}

/// Shown where a value is not known.
pub const UNKNOWN_TEXT: &str = "不详";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        assert_eq!(Decimal::parse("0.005"), Some(Decimal { digits: 5, scale: 3 }));
        assert_eq!(Decimal::parse("1.50"), Some(Decimal { digits: 15, scale: 1 }));
        assert_eq!(Decimal::parse("-2"), Some(Decimal::whole(-2)));
        for wrong in ["", "-", "1.", ".5", "1e3", "1.2.3", "0.0000001", "1234567890123456"] {
            assert_eq!(Decimal::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn ages_and_percents_are_read_and_shown() {
        assert_eq!(parse_age("18岁").map(show_age_limit).as_deref(), Some("18岁"));
        assert_eq!(parse_age("28天").map(show_age_limit).as_deref(), Some("28天"));
        assert_eq!(parse_age("18"), None);
        assert_eq!(parse_percent("50%"), Some(5000));
        assert_eq!(parse_percent("33.33％"), Some(3333));
        let born = day::from_ymd(2020, 3, 1).unwrap();
        assert_eq!(show_age(born, day::from_ymd(2021, 2, 28).unwrap()), "364天");
        assert_eq!(show_age(born, day::from_ymd(2021, 3, 1).unwrap()), "1岁");
        assert_eq!(show_age(born, day::from_ymd(2025, 2, 28).unwrap()), "4岁");
    }
}
