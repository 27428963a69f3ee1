//! 服务状态: everything a call meets, and the bounds it is held to.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use mingjian_counter::Desk;
use mingjian_model::day::Moment;

use crate::access::Access;
use crate::callers::Callers;
use crate::clock::{self, Clock, compact};
use crate::days::Days;
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
    /// What does not change while it runs; who may call and the dialects do, and are asked of [`Service::access`], [`Service::dialects`].
    pub(crate) options: CallOptions,
    access: RwLock<Arc<Access>>,
    dialects: RwLock<Arc<Dialects>>,
    pub(crate) clock: Clock,
    pub(crate) log: fn(&str),
    pub(crate) answers: Idempotent,
    pub(crate) metrics: Metrics,
    pub(crate) callers: Callers,
    /// The same by hour and day, kept over a restart.
    pub(crate) days: Days,
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
            access: RwLock::new(Arc::new(options.access.clone())),
            dialects: RwLock::new(Arc::new(options.dialects.clone())),
            options,
            clock: clock::now,
            log: |line| eprintln!("{line}"),
            answers: Idempotent::default(),
            metrics: Metrics::default(),
            callers: Callers::default(),
            days: Days::default(),
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

    /// With figures that outlive a restart.
    pub fn with_days(self, days: Days) -> Service {
        Service { days, ..self }
    }

    /// With a file of spans.
    pub fn with_traces(self, traces: Journal) -> Service {
        Service { traces: Some(traces), ..self }
    }

    /// What was counted by day and hour.
    pub fn days(&self) -> &Days {
        &self.days
    }

    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Who may call, as it is now.
    pub(crate) fn access(&self) -> Arc<Access> {
        self.access.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Vendors' own names and codes, as they are now.
    pub(crate) fn dialects(&self) -> Arc<Dialects> {
        self.dialects.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on these keys may call. Calls under way end as they began. Where keys are asked for they go on being asked for: keys
    /// that are none leave those before in force, and `false` says so.
    #[must_use]
    pub fn renew_access(&self, fresh: Access) -> bool {
        let mut held = self.access.write().unwrap_or_else(PoisonError::into_inner);
        let opens = fresh.is_open() && !held.is_open();
        if !opens {
            *held = Arc::new(fresh);
        }
        !opens
    }

    /// From now on these dialects are understood.
    pub fn renew_dialects(&self, fresh: Dialects) {
        *self.dialects.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
    }

    /// Tells the figures that rules were swapped, and how long it took to make them.
    pub fn swapped(&self, took: Duration) {
        self.metrics.swaps.fetch_add(1, Ordering::Relaxed);
        self.metrics.swap_micros.store(took.as_micros() as u64, Ordering::Relaxed);
    }

    /// Brings what is written down of calls to its files.
    pub(crate) fn flush(&self) {
        self.keep_days();
        [&self.calls, &self.traces].into_iter().flatten().for_each(Journal::flush);
    }

    /// Brings the figures of hours to the disk.
    pub(crate) fn keep_days(&self) {
        if let Err(error) = self.days.keep() {
            self.log_once(format!("days {:?}", error.kind()), || format!("逐时汇总没有写下，过一会儿再试：{error}"));
        }
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
