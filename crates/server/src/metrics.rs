//! 指标, in the text form Prometheus reads. No personal data, no institution: those are in the page of figures.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::days::BOUNDS;

use mingjian_counter::HistorySize;

/// What is counted by transaction.
pub(crate) const CALLS: [&str; 5] = ["3101", "3102", "3103", "settlements", "other"];

#[derive(Default)]
struct Calls {
    answered: AtomicU64,
    refused: AtomicU64,
    buckets: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
}

#[derive(Default)]
pub(crate) struct Metrics {
    calls: [Calls; CALLS.len()],
    pub reminders: AtomicU64,
    pub late: AtomicU64,
    pub light: Arc<AtomicU64>,
    pub shed: AtomicU64,
    pub replayed: AtomicU64,
    pub connections: AtomicU64,
    pub limited: AtomicU64,
    pub feedback_refused: AtomicU64,
    pub swaps: AtomicU64,
    pub swap_micros: AtomicU64,
}

impl Metrics {
    pub fn called(&self, call: &str, ok: bool, took: Duration) {
        let at = CALLS.iter().position(|known| *known == call).unwrap_or(CALLS.len() - 1);
        let calls = &self.calls[at];
        let micros = took.as_micros() as u64;
        if ok { &calls.answered } else { &calls.refused }.fetch_add(1, Ordering::Relaxed);
        calls.buckets[BOUNDS.partition_point(|&bound| bound < micros)].fetch_add(1, Ordering::Relaxed);
        calls.micros.fetch_add(micros, Ordering::Relaxed);
    }

    pub fn render(&self, waiting: usize, rules: usize, history: HistorySize, behind: bool, lost: u64) -> String {
        let mut text = String::new();
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let _ = writeln!(text, "# HELP mingjian_calls_total 调用次数\n# TYPE mingjian_calls_total counter");
        for (name, calls) in CALLS.iter().zip(&self.calls) {
            let _ = writeln!(text, "mingjian_calls_total{{call=\"{name}\",outcome=\"ok\"}} {}", of(&calls.answered));
            let _ = writeln!(text, "mingjian_calls_total{{call=\"{name}\",outcome=\"refused\"}} {}", of(&calls.refused));
        }
        let _ = writeln!(text, "# HELP mingjian_call_seconds 应答耗时\n# TYPE mingjian_call_seconds histogram");
        for (name, calls) in CALLS.iter().zip(&self.calls) {
            let mut sum = 0;
            for (at, bucket) in calls.buckets.iter().enumerate() {
                sum += of(bucket);
                let bound = BOUNDS.get(at).map_or("+Inf".to_owned(), |&micros| (micros as f64 / 1e6).to_string());
                let _ = writeln!(text, "mingjian_call_seconds_bucket{{call=\"{name}\",le=\"{bound}\"}} {sum}");
            }
            let _ = writeln!(text, "mingjian_call_seconds_sum{{call=\"{name}\"}} {}", of(&calls.micros) as f64 / 1e6);
            let _ = writeln!(text, "mingjian_call_seconds_count{{call=\"{name}\"}} {sum}");
        }
        for (name, kind, help, value) in [
            ("reminders_total", "counter", "发出的提醒", of(&self.reminders)),
            ("late_total", "counter", "超过时限、以空结果应答的调用", of(&self.late)),
            ("light_total", "counter", "来不及而省去需要历史的规则的调用", of(&self.light)),
            ("shed_total", "counter", "队列已满、以空结果应答的调用", of(&self.shed)),
            ("replayed_total", "counter", "同一 msgid 重发、照原样应答的调用", of(&self.replayed)),
            ("limited_total", "counter", "超过限额、以空结果应答或没有收下的调用", of(&self.limited)),
            ("feedback_refused_total", "counter", "没有收下的反馈：不是本服务发给该机构的提醒，或已过期限", of(&self.feedback_refused)),
            ("journal_lost_total", "counter", "磁盘跟不上而没有写下的调用记录", lost),
            ("swaps_total", "counter", "换规则的次数", of(&self.swaps)),
            ("connections_total", "counter", "接受的连接", of(&self.connections)),
            ("queue_waiting", "gauge", "排队的调用", waiting as u64),
            ("rules", "gauge", "在线的规则", rules as u64),
            ("history_persons", "gauge", "有历史的参保人", history.persons),
            ("history_lake_version", "gauge", "历史所含的数据湖版本，0：还没有", history.lake_version.unwrap_or(0)),
            ("history_behind", "gauge", "1：数据湖里有历史还没补入的结算", u64::from(behind)),
        ] {
            let _ = writeln!(text, "# HELP mingjian_{name} {help}\n# TYPE mingjian_{name} {kind}\nmingjian_{name} {value}");
        }
        let seconds = of(&self.swap_micros) as f64 / 1e6;
        let _ = writeln!(
            text,
            "# HELP mingjian_swap_seconds 上次换规则用时\n# TYPE mingjian_swap_seconds gauge\nmingjian_swap_seconds {seconds}"
        );
        text
    }
}
