//! 调用方: calls, reminders, time and what was followed, by institution and vendor. No personal data.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::wire::fsi::is_national;

/// Callers told apart at most; the rest count as one.
const MOST: usize = 20_000;

/// One caller's figures since the start.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Figures {
    pub calls: u64,
    /// Calls that brought a reminder.
    pub reminded: u64,
    pub reminders: u64,
    pub changed: u64,
    pub continued: u64,
    pub micros_sum: u64,
    pub micros_max: u64,
}

/// One caller, as the page tells it.
#[derive(Debug, Serialize)]
pub(crate) struct Caller {
    pub fixmedins_code: String,
    pub vendor: String,
    #[serde(flatten)]
    pub figures: Figures,
}

#[derive(Default)]
pub(crate) struct Callers {
    all: Mutex<BTreeMap<(String, String), Figures>>,
}

impl Callers {
    pub fn judged(&self, institution: &str, vendor: &str, reminders: usize, took: Duration) {
        let micros = took.as_micros() as u64;
        self.of(institution, vendor, |figures| {
            figures.calls += 1;
            figures.reminded += u64::from(reminders > 0);
            figures.reminders += reminders as u64;
            figures.micros_sum += micros;
            figures.micros_max = figures.micros_max.max(micros);
        });
    }

    /// A reminder that is answered anew leaves the one count and joins the other.
    pub fn fed_back(&self, institution: &str, vendor: &str, changed: i64, continued: i64) {
        self.of(institution, vendor, |figures| {
            figures.changed = figures.changed.saturating_add_signed(changed);
            figures.continued = figures.continued.saturating_add_signed(continued);
        });
    }

    /// By institution and vendor.
    pub fn list(&self) -> Vec<Caller> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let caller = |((code, vendor), figures): (&(String, String), &Figures)| Caller {
            fixmedins_code: code.clone(),
            vendor: vendor.clone(),
            figures: figures.clone(),
        };
        all.iter().map(caller).collect()
    }

    /// A code that is none, and a vendor's name without end, would let a stranger fill the memory.
    fn of(&self, institution: &str, vendor: &str, change: impl FnOnce(&mut Figures)) {
        let code = if is_national(institution) { institution } else { "其他" };
        let key = (code.to_owned(), vendor.chars().take(40).collect::<String>());
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let key = if all.len() < MOST || all.contains_key(&key) { key } else { ("其他".to_owned(), String::new()) };
        change(all.entry(key).or_default());
    }
}
