//! 登录途中: attempts that were sent off and have not come back, in memory. After a restart they begin anew.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use mingjian_model::day::{MICROS_PER_SECOND, Moment};

use crate::random;

/// Whoever takes longer at the provider begins anew.
const LASTS: i64 = 600 * MICROS_PER_SECOND;
/// Attempts held at once; more push out the oldest.
const HELD_MAX: usize = 10_000;

/// One attempt.
pub struct Attempt {
    pub nonce: String,
    /// PKCE: shown to the provider with the code, its hash before.
    pub verifier: String,
    /// Where it leads.
    pub to: String,
    /// Hash of the cookie of the browser that was sent.
    bind: [u8; 32],
    at: Moment,
}

impl Attempt {
    /// The attempt, its state, and the value of the cookie.
    pub fn new(to: String, at: Moment) -> Result<(Attempt, String, String), String> {
        let random = || random::hex(32).map_err(|_| "system randomness".to_owned());
        let (state, bind) = (random()?, random()?);
        let attempt = Attempt { nonce: random()?, verifier: random()?, to, bind: *blake3::hash(bind.as_bytes()).as_bytes(), at };
        Ok((attempt, state, bind))
    }

    /// Whether this is the browser that was sent.
    pub fn is_of(&self, bind: &str) -> bool {
        // Comparing hashes tells nothing of the value.
        !bind.is_empty() && blake3::hash(bind.as_bytes()) == self.bind
    }
}

#[derive(Default)]
struct Held {
    by_state: HashMap<String, Attempt>,
    order: VecDeque<(Moment, String)>,
}

/// All that are under way.
#[derive(Default)]
pub struct Attempts {
    held: Mutex<Held>,
}

impl Attempts {
    pub fn keep(&self, state: String, attempt: Attempt) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let now = attempt.at;
        while held.order.front().is_some_and(|(at, _)| *at < now - LASTS) || held.order.len() >= HELD_MAX {
            let Some((_, old)) = held.order.pop_front() else { break };
            held.by_state.remove(&old);
        }
        held.order.push_back((now, state.clone()));
        held.by_state.insert(state, attempt);
    }

    /// The attempt of a state, which is gone with that.
    pub fn take(&self, state: &str, at: Moment) -> Option<Attempt> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.by_state.remove(state).filter(|attempt| at - attempt.at <= LASTS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_used_once_and_not_late() {
        let attempts = Attempts::default();
        let (attempt, state, bind) = Attempt::new("/".into(), 0).unwrap();
        assert!(attempt.is_of(&bind) && !attempt.is_of("") && !attempt.is_of(&state));
        attempts.keep(state.clone(), attempt);
        assert!(attempts.take("x", 0).is_none());
        assert!(attempts.take(&state, LASTS).is_some());
        assert!(attempts.take(&state, LASTS).is_none());
        let (attempt, state, _) = Attempt::new("/".into(), 0).unwrap();
        attempts.keep(state.clone(), attempt);
        assert!(attempts.take(&state, LASTS + 1).is_none());
    }

    #[test]
    fn many_that_never_come_back_are_bounded() {
        let attempts = Attempts::default();
        for at in 0..HELD_MAX as i64 + 10 {
            let (attempt, state, _) = Attempt::new("/".into(), at).unwrap();
            attempts.keep(state, attempt);
        }
        let held = attempts.held.lock().unwrap();
        assert_eq!((held.by_state.len(), held.order.len()), (HELD_MAX, HELD_MAX));
    }
}
