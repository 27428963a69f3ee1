//! 幂等: an act that is sent again, because the line broke, is carried out once and answered alike.
//!
//! Kept per account and key for a day: in memory, where also stands what is under way, and in the store, so that a repeat after a restart is
//! answered alike. Killed between an act and the keeping of its answer, a repeat meets its own outcome: acts name the version they saw, so
//! the second is a conflict that shows the newer state, never a second booking.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use mingjian_model::day::{MICROS_PER_DAY, Moment};
use mingjian_people::PeopleError;

use mingjian_store::{Sealer, Store};

use crate::problem::{Answer, ApiError, Code};

/// Answers kept, and bytes of one that is.
const ANSWERS_MAX: usize = 10_000;
const ANSWER_BYTES_MAX: usize = 256 << 10;
/// Bytes of all answers kept.
const BYTES_MAX: usize = 64 << 20;
/// How many answers are kept before what is over goes from the store.
const SWEEP_EVERY: u64 = 256;
/// Length of a key.
const KEY_MAX: usize = 128;

#[derive(Clone)]
struct Kept {
    print: [u8; 32],
    at: Moment,
    /// `None` while the first is under way.
    answer: Option<(StatusCode, Bytes)>,
}

#[derive(Default)]
struct Shelf {
    kept: HashMap<String, Kept>,
    order: VecDeque<(Moment, String)>,
    bytes: usize,
}

impl Shelf {
    fn remove(&mut self, key: &str) {
        if let Some((_, body)) = self.kept.remove(key).and_then(|kept| kept.answer) {
            self.bytes -= body.len();
        }
    }
}

/// Answers to acts that came with a key.
#[derive(Default)]
pub struct Idempotent {
    shelf: Mutex<Shelf>,
    kept: AtomicU64,
}

/// Forgets the key when the act's future is dropped before `done`.
pub struct Pending<'a> {
    pub shelf: &'a Idempotent,
    pub key: String,
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        self.shelf.forget(&self.key);
    }
}

/// What a key means for a request.
pub enum Turn {
    /// Carry it out and tell `done`.
    First(String),
    /// It was: this was answered.
    Again(StatusCode, Bytes),
}

impl Idempotent {
    /// The key as `Idempotency-Key` has it; `None` where there is none.
    pub fn key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
        let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
        let key = key.to_str().ok().filter(|key| !key.is_empty() && key.len() <= KEY_MAX);
        let wrong = || ApiError::new(Code::Malformed).detail(format!("Idempotency-Key 应为 1 到 {KEY_MAX} 个可见字符"));
        Ok(Some(key.ok_or_else(wrong)?.to_owned()))
    }

    pub fn begin(&self, key: String, print: [u8; 32], now: Moment) -> Result<Turn, ApiError> {
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |shelf: &Shelf| shelf.order.len() >= ANSWERS_MAX || shelf.bytes > BYTES_MAX;
        while shelf.order.front().is_some_and(|(at, _)| *at < now - MICROS_PER_DAY || full(&shelf)) {
            let Some((at, old)) = shelf.order.pop_front() else { break };
            if shelf.kept.get(&old).is_some_and(|kept| kept.at == at) {
                shelf.remove(&old);
            }
        }
        if let Some(kept) = shelf.kept.get(&key) {
            if kept.print != print {
                return Err(ApiError::new(Code::KeyReused).detail("这个幂等键已用于另一个请求；请换一个"));
            }
            return match &kept.answer {
                Some((status, body)) => Ok(Turn::Again(*status, body.clone())),
                None => Err(ApiError::new(Code::InProgress).detail("同一请求还在处理，请稍候再看结果")),
            };
        }
        shelf.kept.insert(key.clone(), Kept { print, at: now, answer: None });
        shelf.order.push_back((now, key.clone()));
        Ok(Turn::First(key))
    }

    /// What the store has of a key: the print of the request and its answer. Asked once the key is under way here.
    pub async fn stored(&self, (store, sealer): (&Store, &Sealer), key: &str, now: Moment) -> Answer<Option<(String, StatusCode, Bytes)>> {
        let sql = "select print, status, body from volatile_answers where key = $1 and at >= $2";
        let Some(row) = store.one(sql, &[key.into(), (now - MICROS_PER_DAY).into()]).await? else { return Ok(None) };
        let status = u16::try_from(row.int("status")?).ok().and_then(|status| StatusCode::from_u16(status).ok());
        let status = status.ok_or_else(|| ApiError::fault("status of a kept answer is none"))?;
        // One that does not open is none: written before it was sealed, or under keys that are gone.
        let Ok(body) = sealer.open(&row.text("body")?) else { return Ok(None) };
        Ok(Some((row.text("print")?, status, Bytes::from(body))))
    }

    /// Keeps an answer in the store too, sealed: it says what people wrote. It is known here already: a store that is busy only means that a
    /// restart forgets it.
    pub async fn keep(
        &self,
        (store, sealer): (&Store, &Sealer),
        (key, print): (&str, &str),
        now: Moment,
        (status, body): (StatusCode, &Bytes),
    ) -> Result<(), PeopleError> {
        let Ok(text) = std::str::from_utf8(body) else { return Ok(()) };
        if status.is_server_error() || body.len() > ANSWER_BYTES_MAX {
            return Ok(());
        }
        if self.kept.fetch_add(1, Ordering::Relaxed).is_multiple_of(SWEEP_EVERY) {
            store.jot("delete from volatile_answers where at < $1", &[(now - MICROS_PER_DAY).into()]).await?;
        }
        let sql = "insert into volatile_answers (key, print, at, status, body) values ($1, $2, $3, $4, $5) on conflict (key) do update \
                   set print = excluded.print, at = excluded.at, status = excluded.status, body = excluded.body";
        let args = [key.into(), print.into(), now.into(), i64::from(status.as_u16()).into(), sealer.seal(text)?.into()];
        store.jot(sql, &args).await?;
        Ok(())
    }

    /// The act broke off before its answer, as when the line is cut: its change was undone, so that it can be tried again.
    pub fn forget(&self, key: &str) {
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        if shelf.kept.get(key).is_some_and(|kept| kept.answer.is_none()) {
            shelf.remove(key);
        }
    }

    /// Keeps what was answered; failures of ours are forgotten, so that they can be tried again.
    pub fn done(&self, key: &str, status: StatusCode, body: &Bytes) {
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        if status.is_server_error() || body.len() > ANSWER_BYTES_MAX {
            shelf.remove(key);
        } else if let Some(kept) = shelf.kept.get_mut(key) {
            kept.answer = Some((status, body.clone()));
            shelf.bytes += body.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(shelf: &Idempotent, key: &str, print: u8, now: Moment) -> String {
        match shelf.begin(key.to_owned(), [print; 32], now) {
            Ok(Turn::First(key)) => key,
            Ok(Turn::Again(status, _)) => format!("again {status}"),
            Err(error) => format!("{:?}", error.code()),
        }
    }

    #[test]
    fn a_repeat_is_answered_alike() {
        let shelf = Idempotent::default();
        assert_eq!(first(&shelf, "a", 1, 0), "a");
        assert_eq!(first(&shelf, "a", 1, 0), "InProgress");
        shelf.done("a", StatusCode::OK, &Bytes::from_static(b"{}"));
        assert_eq!(first(&shelf, "a", 1, 0), "again 200 OK");
        assert_eq!(first(&shelf, "a", 2, 0), "KeyReused");
        assert_eq!(first(&shelf, "a", 2, MICROS_PER_DAY + 1), "a", "a day later the key is free");
    }

    #[test]
    fn a_failure_can_be_tried_again() {
        let shelf = Idempotent::default();
        assert_eq!(first(&shelf, "a", 1, 0), "a");
        shelf.done("a", StatusCode::INTERNAL_SERVER_ERROR, &Bytes::new());
        assert_eq!(first(&shelf, "a", 1, 0), "a");
    }

    #[test]
    fn the_shelf_is_bounded() {
        let shelf = Idempotent::default();
        for at in 0..ANSWERS_MAX + 10 {
            let _ = first(&shelf, &at.to_string(), 1, at as Moment);
        }
        let kept = shelf.shelf.lock().unwrap();
        assert_eq!((kept.kept.len(), kept.order.len()), (ANSWERS_MAX, ANSWERS_MAX));
    }

    #[test]
    fn so_are_its_bytes() {
        let shelf = Idempotent::default();
        let body = Bytes::from(vec![b'x'; ANSWER_BYTES_MAX]);
        for at in 0..1_000 {
            let key = first(&shelf, &at.to_string(), 1, at);
            shelf.done(&key, StatusCode::OK, &body);
        }
        let kept = shelf.shelf.lock().unwrap();
        assert!(kept.bytes <= BYTES_MAX + ANSWER_BYTES_MAX && kept.bytes == kept.kept.len() * ANSWER_BYTES_MAX, "{}", kept.bytes);
    }
}
