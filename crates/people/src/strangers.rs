//! 查无此人: wrong tries at names that are no account, or one that is closed. They are counted and locked as those of an account are, so that
//! the answers to five tries do not tell which accounts there are.
//!
//! Kept in memory: after a restart the count begins anew, which is worth one more round of tries. Names are kept as marks: what was typed may
//! be a password that got into the wrong field.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use mingjian_model::day::Moment;

/// Names kept at once; beyond, the oldest go.
const KEPT_MAX: usize = 10_000;

#[derive(Default)]
pub(crate) struct Strangers {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    tries: HashMap<String, Tries>,
    order: VecDeque<String>,
}

#[derive(Default, Clone, Copy)]
struct Tries {
    failures: i64,
    until: Option<Moment>,
}

impl Strangers {
    /// Counts a try under a mark; gives until when the name is locked, where it is. `most` tries in a row lock it for `lock`.
    pub(crate) fn count(&self, mark: String, most: i64, lock: i64, at: Moment) -> Option<Moment> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if !kept.tries.contains_key(&mark) {
            while kept.order.len() >= KEPT_MAX {
                let Some(oldest) = kept.order.pop_front() else { break };
                kept.tries.remove(&oldest);
            }
            kept.order.push_back(mark.clone());
        }
        let tries = kept.tries.entry(mark).or_default();
        if let Some(until) = tries.until.filter(|until| *until > at) {
            return Some(until);
        }
        tries.failures += 1;
        tries.until = (tries.failures >= most).then_some(at + lock);
        if tries.until.is_some() {
            tries.failures = 0;
        }
        tries.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_at_a_name_lock_it_as_they_lock_an_account() {
        let strangers = Strangers::default();
        let knock = |name: &str, at| strangers.count(name.to_owned(), 3, 100, at);
        assert_eq!((knock("a", 1), knock("a", 2), knock("b", 2), knock("a", 3)), (None, None, None, Some(103)));
        assert_eq!((knock("a", 102), knock("a", 103)), (Some(103), None));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let strangers = Strangers::default();
        for name in 0..KEPT_MAX + 10 {
            let _ = strangers.count(name.to_string(), 3, 100, 1);
        }
        let kept = strangers.kept.lock().unwrap();
        assert_eq!((kept.tries.len(), kept.order.len()), (KEPT_MAX, KEPT_MAX));
    }
}
