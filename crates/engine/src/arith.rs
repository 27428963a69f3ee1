//! Arithmetic and Kleene's logic on values of which any may be unknown.

use mingjian_model::day::{self, Day};
use mingjian_model::div_round_half_up;

use crate::UNKNOWN;
use crate::expr::Cmp;

pub(crate) const FALSE: i64 = 0;
pub(crate) const TRUE: i64 = 1;

#[inline]
pub(crate) fn truth(holds: bool) -> i64 {
    i64::from(holds)
}

#[inline]
pub(crate) fn not(a: i64) -> i64 {
    match a {
        UNKNOWN => UNKNOWN,
        FALSE => TRUE,
        _ => FALSE,
    }
}

#[inline]
pub(crate) fn compare(cmp: Cmp, a: i64, b: i64) -> i64 {
    if a == UNKNOWN || b == UNKNOWN { UNKNOWN } else { truth(cmp.holds(a, b)) }
}

/// False as soon as one is false; else unknown when one is unknown.
#[inline]
pub(crate) fn all(values: impl IntoIterator<Item = i64>) -> i64 {
    let mut result = TRUE;
    for value in values {
        match value {
            FALSE => return FALSE,
            UNKNOWN => result = UNKNOWN,
            _ => {}
        }
    }
    result
}

/// True as soon as one is true; else unknown when one is unknown.
#[inline]
pub(crate) fn any(values: impl IntoIterator<Item = i64>) -> i64 {
    let mut result = FALSE;
    for value in values {
        match value {
            FALSE => {}
            UNKNOWN => result = UNKNOWN,
            _ => return TRUE,
        }
    }
    result
}

/// Keeps a result inside what an `i64` can say; the edge itself means unknown.
fn fit(value: i128) -> i64 {
    value.clamp(i128::from(i64::MIN) + 1, i128::from(i64::MAX)) as i64
}

fn both(a: i64, b: i64, f: impl FnOnce(i128, i128) -> i64) -> i64 {
    if a == UNKNOWN || b == UNKNOWN { UNKNOWN } else { f(i128::from(a), i128::from(b)) }
}

#[inline]
pub(crate) fn add(a: i64, b: i64) -> i64 {
    match a.checked_add(b) {
        Some(sum) if a != UNKNOWN && b != UNKNOWN && sum != UNKNOWN => sum,
        _ => both(a, b, |a, b| fit(a + b)),
    }
}

#[inline]
pub(crate) fn sub(a: i64, b: i64) -> i64 {
    match a.checked_sub(b) {
        Some(difference) if a != UNKNOWN && b != UNKNOWN && difference != UNKNOWN => difference,
        _ => both(a, b, |a, b| fit(a - b)),
    }
}

/// a × b ÷ scale, rounded half up.
pub(crate) fn mul(a: i64, b: i64, scale: i64) -> i64 {
    if scale <= 1
        && a != UNKNOWN
        && b != UNKNOWN
        && let Some(product) = a.checked_mul(b)
        && product != UNKNOWN
    {
        return product;
    }
    both(a, b, |a, b| if scale <= 1 { fit(a * b) } else { round(a * b, i128::from(scale)) })
}

/// a × scale ÷ b, rounded half up; unknown where b is 0.
pub(crate) fn div(a: i64, b: i64, scale: i64) -> i64 {
    both(a, b, |a, b| if b == 0 { UNKNOWN } else { round(a * i128::from(scale), b) })
}

/// Rounded half up and kept inside an `i64`. `denominator` is not 0.
pub(crate) fn round(numerator: i128, denominator: i128) -> i64 {
    // Below 2^62 the doubled numerator of the rounding cannot overflow and the quotient fits.
    let bound = denominator.saturating_abs().saturating_mul(1 << 62);
    div_round_half_up(numerator.clamp(-bound, bound), denominator)
}

pub(crate) fn months_after(day: i64, months: i32) -> i64 {
    if day == UNKNOWN {
        return UNKNOWN;
    }
    let Ok(from) = Day::try_from(day) else { return UNKNOWN };
    let (year, month, of_month) = day::to_ymd(from);
    let month = year * 12 + month as i32 - 1 + months;
    let (year, month) = (month.div_euclid(12), month.rem_euclid(12) as u32 + 1);
    // The 31st, a month later in a month of 30 days, is that month's last day.
    let of_month = of_month.min(day::days_in_month(year, month));
    day::from_ymd(year, month, of_month).map_or(UNKNOWN, i64::from)
}

/// The age on a day against an age limit of [`crate::expr::age_years`] or [`crate::expr::age_days`]. Unknown before birth.
pub(crate) fn age_compare(cmp: Cmp, birth: Option<Day>, on: Day, limit: i64) -> i64 {
    let Some(birth) = birth else { return UNKNOWN };
    if limit == UNKNOWN || on < birth {
        return UNKNOWN;
    }
    let value = limit >> 1;
    if limit & 1 == 1 {
        return truth(cmp.holds(i64::from(on) - i64::from(birth), value));
    }
    let years = value.clamp(0, 1000) as i32;
    // Completed years are at least n from the n-th birthday on.
    let reached = |years| on >= day::add_years(birth, years);
    truth(match cmp {
        Cmp::Ge => reached(years),
        Cmp::Lt => !reached(years),
        Cmp::Gt => reached(years + 1),
        Cmp::Le => !reached(years + 1),
        Cmp::Eq => reached(years) && !reached(years + 1),
        Cmp::Ne => !reached(years) || reached(years + 1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{age_days, age_years};

    fn day(text: &str) -> Day {
        day::parse_day(text).unwrap()
    }

    #[test]
    fn what_is_unknown_stays_unknown_unless_the_rest_decides() {
        assert_eq!(all([TRUE, UNKNOWN]), UNKNOWN);
        assert_eq!(all([UNKNOWN, FALSE]), FALSE);
        assert_eq!(any([FALSE, UNKNOWN]), UNKNOWN);
        assert_eq!(any([UNKNOWN, TRUE]), TRUE);
        assert_eq!(not(UNKNOWN), UNKNOWN);
        assert_eq!(compare(Cmp::Ne, UNKNOWN, 1), UNKNOWN);
        assert_eq!(div(1, 0, 1), UNKNOWN);
    }

    #[test]
    fn huge_products_do_not_overflow() {
        assert_eq!(mul(i64::MAX, i64::MAX, 1), i64::MAX);
        assert!(mul(i64::MAX, i64::MAX, 10_000) > 1 << 60);
        assert!(div(i64::MIN + 1, 1, 10_000) < -(1 << 60));
        assert_eq!(add(i64::MIN + 1, -5), i64::MIN + 1);
    }

    #[test]
    fn eighteen_is_reached_on_the_birthday() {
        let (born, eve, birthday) = (Some(day("2007-03-05")), day("2025-03-04"), day("2025-03-05"));
        assert_eq!(age_compare(Cmp::Ge, born, eve, age_years(18)), FALSE);
        assert_eq!(age_compare(Cmp::Ge, born, birthday, age_years(18)), TRUE);
        assert_eq!(age_compare(Cmp::Gt, born, birthday, age_years(18)), FALSE);
        assert_eq!(age_compare(Cmp::Le, born, birthday, age_years(18)), TRUE);
        assert_eq!(age_compare(Cmp::Gt, born, day("2007-04-03"), age_days(28)), TRUE);
        assert_eq!(age_compare(Cmp::Gt, born, day("2007-04-02"), age_days(28)), FALSE);
        assert_eq!(age_compare(Cmp::Gt, born, day("2006-01-01"), age_days(28)), UNKNOWN);
        assert_eq!(age_compare(Cmp::Gt, None, birthday, age_days(28)), UNKNOWN);
    }

    #[test]
    fn twelve_months_end_on_the_same_day() {
        assert_eq!(months_after(i64::from(day("2024-02-29")), 12), i64::from(day("2025-02-28")));
        assert_eq!(months_after(i64::from(day("2025-01-31")), 1), i64::from(day("2025-02-28")));
        assert_eq!(months_after(i64::from(day("2025-03-05")), -3), i64::from(day("2024-12-05")));
    }
}
