//! 供药天数: how many days a supply lasts, from dose and frequency as they are written in the field.
//!
//! Reading of N009 (house): quantity × pack ÷ (dose × frequency) where all are there, else the days the line states, else unknown.

/// Doses and frequencies are held in thousandths.
const MILLI: i64 = 1_000;

/// Days of supply at most: ten years.
pub(crate) const MOST: i64 = 3_650;

/// How often a day: `times` in `days`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frequency {
    pub times: i64,
    pub days: i64,
}

/// Days a supply of `count` packs (1/10,000) of `pack` units (1/10,000) lasts at `dose` units (1/1,000) a time: whole days that are
/// fully covered, at least 1; 0 where it cannot be computed.
pub(crate) fn days(count: i64, pack: i64, dose: i64, frequency: Frequency) -> i32 {
    if count <= 0 || pack <= 0 || dose <= 0 || frequency.times <= 0 {
        return 0;
    }
    // Almost always the product fits: 64-bit division is several times cheaper.
    if let Some(units) = count.checked_mul(pack).and_then(|units| units.checked_mul(MILLI * frequency.days))
        && let Some(daily) = dose.checked_mul(100_000_000 * frequency.times)
    {
        return (units / daily).clamp(1, MOST) as i32;
    }
    let numerator = i128::from(count) * i128::from(pack) * i128::from(MILLI) * i128::from(frequency.days);
    let denominator = 100_000_000 * i128::from(dose) * i128::from(frequency.times);
    (numerator / denominator).clamp(1, i128::from(MOST)) as i32
}

/// Units in which a dose is counted in pieces of the pack. A dose in mg, g or ml says nothing about pieces.
const PIECES: &[&str] =
    &["片", "粒", "丸", "袋", "支", "瓶", "包", "枚", "贴", "颗", "锭", "张", "板", "个", "吸", "揿", "喷", "片/次", "粒/次", "次"];

/// 单次剂量 in pieces (1/1,000); `None` where it is not a number of pieces: `1片`, `每次2粒`, `0.5`.
pub(crate) fn dose(text: &str) -> Option<i64> {
    let text = text.trim();
    let text = ["每次", "一次", "1次", "单次"].iter().find_map(|prefix| text.strip_prefix(prefix)).unwrap_or(text).trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.trim();
    let value = if number.is_empty() {
        let mut chars = unit.chars();
        let value = match chars.next()? {
            '半' => MILLI / 2,
            digit => chinese(digit)? * MILLI,
        };
        return PIECES.contains(&chars.as_str().trim()).then_some(value);
    } else {
        mingjian_model::parse_scaled(number, 3)?
    };
    (value > 0 && (unit.is_empty() || PIECES.contains(&unit))).then_some(value)
}

/// 使用频次: Latin abbreviations and the Chinese phrases seen in the field; `None` for what is taken when needed (prn) or unknown.
pub(crate) fn frequency(text: &str) -> Option<Frequency> {
    let text: String = text.trim().to_lowercase().chars().filter(|c| !matches!(c, '.' | ' ')).collect();
    let of = |times, days| Some(Frequency { times, days });
    match text.as_str() {
        "qd" | "qn" | "qm" | "hs" | "qod1" | "am" | "pm" | "ac早" | "qdpc" | "qdac" | "晨服" | "睡前" | "每晚" | "每日" | "每天" | "st"
        | "即时" => of(1, 1),
        "bid" | "q12h" | "bidac" | "bidpc" => of(2, 1),
        "tid" | "q8h" | "tidac" | "tidpc" => of(3, 1),
        "qid" | "q6h" => of(4, 1),
        "quingid" | "q5h" => of(5, 1),
        "q4h" => of(6, 1),
        "q3h" => of(8, 1),
        "q2h" => of(12, 1),
        "qh" | "q1h" => of(24, 1),
        "qod" | "q2d" | "隔日" | "隔天" => of(1, 2),
        "q3d" => of(1, 3),
        "qw" | "q1w" | "每周" => of(1, 7),
        "biw" => of(2, 7),
        "tiw" => of(3, 7),
        "q2w" | "qow" | "2w" | "隔周" => of(1, 14),
        "q3w" | "3w" => of(1, 21),
        "q4w" | "4w" => of(1, 28),
        "q1/2h" | "半小时一次" | "每半小时一次" | "每30分钟一次" => of(48, 1),
        _ => phrase(&text),
    }
}

/// `每日3次`, `一日三次`, `3次/日`, `每晚一次`, `每周2次`, `隔日1次`, `三日一次`, `每两周一次`, `每8小时一次`, `12小时一次`.
fn phrase(text: &str) -> Option<Frequency> {
    let numbers = text.replace('两', "二");
    if let Some((times, per)) = numbers.split_once("次/") {
        let days = match per {
            "日" | "天" | "d" => 1,
            "周" | "w" => 7,
            _ => return None,
        };
        return number(times).map(|times| Frequency { times, days });
    }
    let body = numbers.strip_suffix('次').unwrap_or(&numbers);
    for (prefix, days) in [("隔日", 2), ("隔天", 2), ("隔周", 14), ("日", 1), ("天", 1)] {
        if let Some(rest) = body.strip_prefix(prefix) {
            return number(rest.trim_start_matches(['/', '-'])).map(|times| Frequency { times, days });
        }
    }
    // Every so many hours, days or weeks; without a number, one.
    let body = body.strip_prefix('每').unwrap_or(body);
    let (span, unit, times) =
        ["小时", "日", "天", "晚", "周"].iter().find_map(|unit| body.split_once(unit).map(|(span, times)| (span, *unit, times)))?;
    let span = if span.is_empty() { 1 } else { number(span)? };
    let times = times.trim_start_matches(['/', '-']);
    match unit {
        "小时" => {
            let times = if times.is_empty() { 1 } else { number(times)? };
            // What does not divide the day is rounded to whole times a day, as the field's dictionaries do.
            (span <= 24).then(|| Frequency { times: times * ((24 + span / 2) / span), days: 1 })
        }
        "周" => Some(Frequency { times: number(times)?, days: 7 * span }),
        _ => Some(Frequency { times: number(times)?, days: span }),
    }
}

fn number(text: &str) -> Option<i64> {
    if let Ok(value) = text.parse::<i64>() {
        return (1..=24).contains(&value).then_some(value);
    }
    let mut chars = text.chars();
    let value = chinese(chars.next()?)?;
    chars.next().is_none().then_some(value)
}

fn chinese(digit: char) -> Option<i64> {
    Some(match digit {
        '半' => return None,
        '一' => 1,
        '二' | '两' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        '十' => 10,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doses_in_pieces_are_read_and_others_are_not() {
        for (text, expected) in [
            ("1片", Some(1_000)),
            ("0.5", Some(500)),
            ("每次2粒", Some(2_000)),
            ("一片", Some(1_000)),
            ("半片", Some(500)),
            ("1.5 丸", Some(1_500)),
            ("0.5g", None),
            ("10mg", None),
            ("", None),
            ("适量", None),
        ] {
            assert_eq!(dose(text), expected, "{text}");
        }
    }

    #[test]
    fn frequencies_are_read_as_written() {
        for (text, expected) in [
            ("qd", Some((1, 1))),
            ("Tid", Some((3, 1))),
            ("b.i.d.", Some((2, 1))),
            ("qod", Some((1, 2))),
            ("biw", Some((2, 7))),
            ("每日3次", Some((3, 1))),
            ("一日三次", Some((3, 1))),
            ("3次/日", Some((3, 1))),
            ("每周2次", Some((2, 7))),
            ("隔日1次", Some((1, 2))),
            ("每8小时一次", Some((3, 1))),
            ("12小时一次", Some((2, 1))),
            ("每五小时一次", Some((5, 1))),
            ("每30分钟一次", Some((48, 1))),
            ("每晚一次", Some((1, 1))),
            ("每天两次", Some((2, 1))),
            ("日三次", Some((3, 1))),
            ("三日一次", Some((1, 3))),
            ("三天一次", Some((1, 3))),
            ("隔周一次", Some((1, 14))),
            ("每两周一次", Some((1, 14))),
            ("四周一次", Some((1, 28))),
            ("一周三次", Some((3, 7))),
            ("ST", Some((1, 1))),
            ("必要时", None),
            ("prn", None),
            ("", None),
        ] {
            assert_eq!(frequency(text).map(|f| (f.times, f.days)), expected, "{text}");
        }
    }

    #[test]
    fn a_supply_lasts_the_whole_days_it_covers() {
        let tid = Frequency { times: 3, days: 1 };
        // Two packs of 24, one three times a day.
        assert_eq!(days(20_000, 240_000, 1_000, tid), 16);
        // 30 pieces at 4 a day: seven whole days.
        assert_eq!(days(10_000, 300_000, 1_000, Frequency { times: 4, days: 1 }), 7);
        // One piece every second day.
        assert_eq!(days(10_000, 70_000, 1_000, Frequency { times: 1, days: 2 }), 14);
        assert_eq!(days(10_000, 10_000, 2_000, tid), 1);
        // Products beyond 64 bits give the same.
        assert_eq!(days(9_999_999_999_999_999, 240_000, 1_000, tid), 3_650);
        assert_eq!(days(-10_000, 10_000, 2_000, tid), 0);
        assert_eq!(days(10_000, 0, 2_000, tid), 0);
    }
}
