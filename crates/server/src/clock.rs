//! What time it is in Asia/Shanghai, eight hours ahead of UTC all year.

use std::time::{SystemTime, UNIX_EPOCH};

use mingjian_model::day::{MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_SECOND, Moment, day_of, to_ymd};

/// Where the time comes from; a test brings its own.
pub type Clock = fn() -> Moment;

/// The time of this machine.
pub fn now() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX - 8 * MICROS_PER_HOUR) + 8 * MICROS_PER_HOUR
}

/// `yyyyMMddHHmmssSSS`, as the envelope states times.
pub fn compact(moment: Moment) -> String {
    let (year, month, day) = to_ymd(day_of(moment));
    let micros = moment.rem_euclid(MICROS_PER_DAY);
    let seconds = micros / MICROS_PER_SECOND;
    let millis = micros / 1_000 % 1_000;
    format!("{year:04}{month:02}{day:02}{:02}{:02}{:02}{millis:03}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}
