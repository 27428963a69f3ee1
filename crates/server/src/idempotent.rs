//! 幂等: the answer to a msgid is kept for a while, so that a call sent again gets the same one.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use axum::body::Bytes;
use mingjian_model::day::{MICROS_PER_DAY, Moment};

/// Answers kept at most.
const MOST: usize = 50_000;
/// Their bytes, keys included.
const BYTES_MOST: usize = 64 << 20;

#[derive(Default)]
struct Kept {
    answers: HashMap<String, (Moment, [u8; 16], Bytes)>,
    order: VecDeque<String>,
    bytes: usize,
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
        kept.bytes += answer.len() + 2 * key.len();
        match kept.answers.insert(key.clone(), (now, print, answer)) {
            Some((_, _, before)) => kept.bytes -= before.len() + 2 * key.len(),
            None => kept.order.push_back(key),
        }
        while kept.order.len() > MOST || kept.bytes > BYTES_MOST {
            let Some(oldest) = kept.order.pop_front() else { break };
            if let Some((_, _, answer)) = kept.answers.remove(&oldest) {
                kept.bytes -= answer.len() + 2 * oldest.len();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded_by_its_bytes() {
        let answers = Idempotent::default();
        let megabyte = Bytes::from(vec![b' '; 1 << 20]);
        for number in 0..200 {
            answers.keep(format!("{number}"), [0; 16], 0, megabyte.clone());
        }
        assert!(answers.find("199", [0; 16], 0).is_some());
        assert!(answers.find("100", [0; 16], 0).is_none(), "the oldest make room");
        answers.keep("199".into(), [1; 16], 0, Bytes::from_static(b"{}"));
        let kept = answers.kept.lock().unwrap();
        let counted: usize = kept.answers.iter().map(|(key, (_, _, answer))| answer.len() + 2 * key.len()).sum();
        assert_eq!(kept.bytes, counted, "an answer kept anew counts once");
        assert_eq!(kept.answers.len(), kept.order.len());
    }
}
