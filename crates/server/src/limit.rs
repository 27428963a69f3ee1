//! 限速: so many calls a second of an institution, with a reserve for the morning's rush (token bucket).
//!
//! Time comes in as an [`Instant`]: a wall clock that jumps gives nothing away and takes nothing.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// How many calls.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    pub per_second: f64,
    /// So many at once, after a while of quiet.
    pub burst: f64,
}

impl Default for Rate {
    /// A large hospital orders some ten times a second at its busiest.
    fn default() -> Rate {
        Rate { per_second: 200.0, burst: 400.0 }
    }
}

/// Buckets told apart at most; past that those who are new share one.
const MOST: usize = 20_000;

struct Bucket {
    left: f64,
    seen: Instant,
}

#[derive(Default)]
pub(crate) struct Buckets {
    all: Mutex<HashMap<String, Bucket>>,
}

impl Buckets {
    /// Takes one call out of a bucket; `false`: it is empty.
    pub fn take(&self, name: &str, rate: Rate, now: Instant) -> bool {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST && !all.contains_key(name) {
            // What has had time to fill up again is as if it were new.
            all.retain(|_, bucket| now.saturating_duration_since(bucket.seen).as_secs_f64() * rate.per_second < rate.burst);
        }
        let name = if all.len() >= MOST && !all.contains_key(name) { "" } else { name };
        if !all.contains_key(name) {
            all.insert(name.to_owned(), Bucket { left: rate.burst, seen: now });
        }
        let Some(bucket) = all.get_mut(name) else { return true };
        let passed = now.saturating_duration_since(bucket.seen).as_secs_f64();
        bucket.left = (bucket.left + passed * rate.per_second).min(rate.burst);
        bucket.seen = bucket.seen.max(now);
        if bucket.left < 1.0 {
            return false;
        }
        bucket.left -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let (buckets, rate, begun) = (Buckets::default(), Rate { per_second: 10.0, burst: 3.0 }, Instant::now());
        let take = |name: &str, millis: u64| buckets.take(name, rate, begun + Duration::from_millis(millis));
        assert_eq!([0, 0, 0, 0].map(|at| take("A", at)), [true, true, true, false]);
        assert!(take("B", 0), "another institution has its own");
        assert!(!take("A", 50));
        assert!(take("A", 110));
        assert!(!take("A", 0), "time that goes back brings nothing");
        assert_eq!([9_000; 4].map(|at| take("A", at)), [true, true, true, false], "no more than the reserve");
    }

    #[test]
    fn strangers_without_number_do_not_fill_the_memory() {
        let (buckets, rate, now) = (Buckets::default(), Rate { per_second: 1.0, burst: 2.0 }, Instant::now());
        assert!((0..MOST).all(|number| buckets.take(&number.to_string(), rate, now)));
        let (last, past) = (buckets.take("one more", rate, now), buckets.take("and one", rate, now));
        assert!(last && past);
        assert!(buckets.all.lock().unwrap().len() <= MOST + 1);
        assert!(!buckets.take("yet another", rate, now), "those past the end share one");
    }
}
