//! Numbers as people here read them: thousands separators, 元 and 万元, counts, durations, sizes.

use mingjian_model::Fen;

/// `1234567` → `1,234,567`.
pub fn count(number: impl TryInto<i128>) -> String {
    let number = number.try_into().unwrap_or_default();
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        text.push('-');
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Yuan with two decimals and separators: `1,234.50`. For lists and documents.
pub fn yuan(amount: Fen) -> String {
    let sign = if amount.0 < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", count(amount.0.unsigned_abs() / 100), amount.0.unsigned_abs() % 100)
}

/// For headlines: 万元 with two decimals from ten thousand yuan on, else 元.
pub fn headline(amount: Fen) -> (String, &'static str) {
    if amount.0.unsigned_abs() < 1_000_000 {
        return (yuan(amount), "元");
    }
    (wan(amount), "万元")
}

/// 万元 with two decimals, rounded half up.
pub fn wan(amount: Fen) -> String {
    yuan(Fen(mingjian_model::div_round_half_up(i128::from(amount.0), 10_000)))
}

/// A headline in one string.
pub fn money(amount: Fen) -> String {
    let (number, unit) = headline(amount);
    format!("{number} {unit}")
}

/// `part` of `whole` as a percentage with one decimal; `—` of nothing.
pub fn percent(part: i128, whole: i128) -> String {
    if whole == 0 {
        return "—".to_owned();
    }
    let tenths = mingjian_model::div_round_half_up(part * 1000, whole);
    format!("{}.{}%", tenths / 10, tenths % 10)
}

/// `3.2 秒`, `4 分 05 秒`, `1 小时 02 分`.
pub fn duration(time: std::time::Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{:.1} 秒", time.as_secs_f64()),
        60..3600 => format!("{} 分 {:02} 秒", seconds / 60, seconds % 60),
        _ => format!("{} 小时 {:02} 分", seconds / 3600, seconds / 60 % 60),
    }
}

/// `12.3 MiB`.
pub fn size(bytes: u64) -> String {
    let mut value = bytes as f64;
    let mut units = ["B", "KiB", "MiB", "GiB", "TiB"].into_iter();
    let mut unit = units.next().unwrap_or_default();
    for next in units {
        if value < 1024.0 {
            break;
        }
        value /= 1024.0;
        unit = next;
    }
    if unit == "B" { format!("{bytes} B") } else { format!("{value:.1} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_here() {
        assert_eq!(count(0), "0");
        assert_eq!(count(-1_234_567), "-1,234,567");
        assert_eq!(count(100), "100");
        assert_eq!(yuan(Fen(-123_456)), "-1,234.56");
        assert_eq!(money(Fen(999_999)), "9,999.99 元");
        assert_eq!(money(Fen(386_420_500)), "386.42 万元");
        assert_eq!(wan(Fen(5_000)), "0.01");
        assert_eq!(percent(1, 3), "33.3%");
        assert_eq!(percent(1, 0), "—");
    }
}
