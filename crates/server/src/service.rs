//! 服务状态: everything a call meets, and the bounds it is held to.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mingjian_counter::Desk;
use mingjian_model::day::Moment;

use crate::access::Access;
use crate::callers::Callers;
use crate::clock::{self, Clock, compact};
use crate::idempotent::Idempotent;
use crate::journal::Journal;
use crate::limit::{Buckets, Rate};
use crate::metrics::Metrics;
use crate::pool::Pool;
use crate::seal::Seal;
use crate::wire::Dialects;

/// Bounds of a call.
#[derive(Debug, Clone)]
pub struct CallOptions {
    /// An answer is sent by then, whatever has been judged.
    pub deadline: Duration,
    /// The body must have come by then.
    pub body_timeout: Duration,
    pub body_max: usize,
    /// Threads that judge.
    pub threads: usize,
    /// Calls that may wait for one of them.
    pub queue_max: usize,
    /// Who may call.
    pub access: Access,
    /// Calls of one institution; a key may state its own. `None`: as many as come.
    pub rate: Option<Rate>,
    /// Vendors' own names and codes.
    pub dialects: Dialects,
    /// `rule_id` carries the national rule code, where a rule has one.
    pub national_rule_ids: bool,
    /// Marks what is told, so that 3103 takes nothing else.
    pub seal: Seal,
    /// 3103 is taken for so many days after the reminder.
    pub feedback_days: u32,
}

impl Default for CallOptions {
    fn default() -> CallOptions {
        CallOptions {
            deadline: Duration::from_millis(300),
            body_timeout: Duration::from_secs(10),
            body_max: 8 << 20,
            threads: std::thread::available_parallelism().map_or(2, usize::from),
            queue_max: 512,
            access: Access::default(),
            rate: None,
            dialects: Dialects::default(),
            national_rule_ids: false,
            seal: Seal::default(),
            feedback_days: 7,
        }
    }
}

/// Everything a call meets.
pub struct Service {
    pub(crate) desk: Arc<Desk>,
    pub(crate) pool: Pool,
    pub(crate) options: CallOptions,
    pub(crate) clock: Clock,
    pub(crate) log: fn(&str),
    pub(crate) answers: Idempotent,
    pub(crate) metrics: Metrics,
    pub(crate) callers: Callers,
    pub(crate) buckets: Buckets,
    /// Who called, one line a call.
    pub(crate) calls: Option<Journal>,
    /// What a call's time went to.
    pub(crate) traces: Option<Journal>,
    /// Shapes of calls that could not be understood, each logged once.
    odd: Mutex<HashSet<String>>,
    sequence: AtomicU64,
}

impl Service {
    pub fn new(desk: Arc<Desk>, options: CallOptions) -> Service {
        Service {
            desk,
            pool: Pool::new(options.threads, options.queue_max),
            options,
            clock: clock::now,
            log: |line| eprintln!("{line}"),
            answers: Idempotent::default(),
            metrics: Metrics::default(),
            callers: Callers::default(),
            buckets: Buckets::default(),
            calls: None,
            traces: None,
            odd: Mutex::default(),
            sequence: AtomicU64::new(0),
        }
    }

    /// With a clock of its own, as tests have. Only dates and stamps come from it; deadlines and limits go by a clock that does not jump.
    pub fn with_clock(self, clock: Clock) -> Service {
        Service { clock, ..self }
    }

    /// Where remarks about callers go; they hold no personal data.
    pub fn with_log(self, log: fn(&str)) -> Service {
        Service { log, ..self }
    }

    /// With a file of who called (docs/counter.md, 调用记录).
    pub fn with_calls(self, calls: Journal) -> Service {
        Service { calls: Some(calls), ..self }
    }

    /// With a file of spans.
    pub fn with_traces(self, traces: Journal) -> Service {
        Service { traces: Some(traces), ..self }
    }

    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Tells the figures that rules were swapped, and how long it took to make them.
    pub fn swapped(&self, took: Duration) {
        self.metrics.swaps.fetch_add(1, Ordering::Relaxed);
        self.metrics.swap_micros.store(took.as_micros() as u64, Ordering::Relaxed);
    }

    /// Brings what is written down of calls to its files.
    pub(crate) fn flush(&self) {
        [&self.calls, &self.traces].into_iter().flatten().for_each(Journal::flush);
    }

    pub(crate) fn refmsgid(&self, area: &str, now: Moment) -> String {
        let number = self.sequence.fetch_add(1, Ordering::Relaxed) % 10_000_000;
        let area: String = area.chars().filter(char::is_ascii_digit).take(6).collect();
        format!("{area:0<6}{}{number:07}", compact(now))
    }

    pub(crate) fn log_once(&self, shape: String, line: impl FnOnce() -> String) {
        let mut odd = self.odd.lock().unwrap_or_else(PoisonError::into_inner);
        if odd.len() < 1_000 && odd.insert(shape) {
            (self.log)(&line());
        }
    }
}
