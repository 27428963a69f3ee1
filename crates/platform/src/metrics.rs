//! 指标 of the platform: requests by group and outcome, and how long they took. No account, no institution, no address.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the latency histogram, in microseconds.
const BOUNDS: [u64; 12] = [1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 3_000_000, 10_000_000];

/// What requests are grouped by: the first word of the path below the root of the interface.
const GROUPS: [&str; 15] = [
    "session",
    "me",
    "leads",
    "findings",
    "recoveries",
    "workbench",
    "summary",
    "rules",
    "knowledge",
    "runs",
    "jobs",
    "users",
    "audit",
    "exports",
    "web",
];

#[derive(Default)]
struct Group {
    /// By class of the status: 2xx, 3xx, 4xx, 5xx.
    classes: [AtomicU64; 4],
    buckets: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
}

/// Counts; `render` is appended to what `/metrics` tells.
#[derive(Default)]
pub struct Metrics {
    groups: [Group; GROUPS.len() + 1],
}

impl Metrics {
    pub(crate) fn count(&self, path: &str, status: u16, took: Duration) {
        let word = path.strip_prefix("/api/v1/").map_or("web", |rest| rest.split(['/', '.', '?']).next().unwrap_or_default());
        let group = &self.groups[GROUPS.iter().position(|known| *known == word).unwrap_or(GROUPS.len())];
        let class = usize::from(status / 100).clamp(2, 5) - 2;
        let micros = took.as_micros() as u64;
        group.classes[class].fetch_add(1, Ordering::Relaxed);
        group.buckets[BOUNDS.partition_point(|&bound| bound < micros)].fetch_add(1, Ordering::Relaxed);
        group.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// In the text form Prometheus reads.
    pub fn render(&self) -> String {
        let mut text = String::new();
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let named = || GROUPS.iter().copied().chain(["other"]).zip(&self.groups);
        let _ = writeln!(text, "# HELP mingjian_platform_requests_total 平台请求次数\n# TYPE mingjian_platform_requests_total counter");
        for (name, group) in named() {
            for (class, count) in ["2xx", "3xx", "4xx", "5xx"].iter().zip(&group.classes) {
                let _ = writeln!(text, "mingjian_platform_requests_total{{group=\"{name}\",status=\"{class}\"}} {}", of(count));
            }
        }
        let _ = writeln!(text, "# HELP mingjian_platform_request_seconds 平台应答耗时\n# TYPE mingjian_platform_request_seconds histogram");
        for (name, group) in named() {
            let mut sum = 0;
            for (at, bucket) in group.buckets.iter().enumerate() {
                sum += of(bucket);
                let bound = BOUNDS.get(at).map_or("+Inf".to_owned(), |&micros| (micros as f64 / 1e6).to_string());
                let _ = writeln!(text, "mingjian_platform_request_seconds_bucket{{group=\"{name}\",le=\"{bound}\"}} {sum}");
            }
            let _ = writeln!(text, "mingjian_platform_request_seconds_sum{{group=\"{name}\"}} {}", of(&group.micros) as f64 / 1e6);
            let _ = writeln!(text, "mingjian_platform_request_seconds_count{{group=\"{name}\"}} {sum}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_told_by_group() {
        let metrics = Metrics::default();
        metrics.count("/api/v1/leads/12/acts/send", 200, Duration::from_millis(3));
        metrics.count("/api/v1/leads.xlsx", 403, Duration::from_millis(3));
        metrics.count("/assets/app.js", 304, Duration::from_micros(3));
        metrics.count("/api/v1/../../etc", 404, Duration::from_micros(3));
        let text = metrics.render();
        assert!(text.contains("mingjian_platform_requests_total{group=\"leads\",status=\"2xx\"} 1"), "{text}");
        assert!(text.contains("mingjian_platform_requests_total{group=\"leads\",status=\"4xx\"} 1"));
        assert!(text.contains("mingjian_platform_requests_total{group=\"web\",status=\"3xx\"} 1"));
        assert!(text.contains("mingjian_platform_requests_total{group=\"other\",status=\"4xx\"} 1"));
        assert!(text.contains("mingjian_platform_request_seconds_bucket{group=\"leads\",le=\"0.005\"} 2"));
        assert!(text.contains("mingjian_platform_request_seconds_count{group=\"leads\"} 2"));
    }
}
