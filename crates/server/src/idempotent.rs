//! 幂等: the answer to a msgid is kept for a while, so that a call sent again gets the same one.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use axum::body::Bytes;
use mingjian_model::day::{MICROS_PER_DAY, Moment};

/// Answers kept at most.
const MOST: usize = 50_000;

#[derive(Default)]
struct Kept {
    answers: HashMap<String, (Moment, [u8; 16], Bytes)>,
    order: VecDeque<String>,
}

/// Answers by transaction and msgid.
#[derive(Default)]
pub(crate) struct Idempotent {
    kept: Mutex<Kept>,
}

/// A fingerprint of a body.
pub(crate) fn fingerprint(body: &[u8]) -> [u8; 16] {
    let mut print = [0; 16];
    print.copy_from_slice(&blake3::hash(body).as_bytes()[..16]);
    print
}

impl Idempotent {
    /// The answer to the same call within a day. A msgid used again for another body is another call.
    pub fn find(&self, key: &str, print: [u8; 16], now: Moment) -> Option<Bytes> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, of, answer) = kept.answers.get(key)?;
        (*of == print && now.abs_diff(*at) < MICROS_PER_DAY.unsigned_abs()).then(|| answer.clone())
    }

    pub fn keep(&self, key: String, print: [u8; 16], now: Moment, answer: Bytes) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.answers.insert(key.clone(), (now, print, answer)).is_none() {
            kept.order.push_back(key);
        }
        while kept.order.len() > MOST {
            if let Some(oldest) = kept.order.pop_front() {
                kept.answers.remove(&oldest);
            }
        }
    }
}
