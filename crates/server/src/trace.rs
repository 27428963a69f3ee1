//! 追踪: `traceparent` of W3C Trace Context, and spans of a call as lines of JSON.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Instant;

use axum::http::HeaderMap;
use mingjian_model::day::Moment;
use serde_json::json;

/// Where a call stands in the trace of whoever made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Trace {
    pub id: u128,
    /// The caller's span; `None`: the trace begins here.
    pub parent: Option<u64>,
    /// Ours.
    pub span: u64,
    /// The caller records (or nobody said otherwise).
    pub sampled: bool,
}

/// Not to be guessed, not secret.
fn random() -> u64 {
    // The seed of std's hash tables is random and another for each of them.
    RandomState::new().build_hasher().finish().max(1)
}

impl Trace {
    /// Joins the caller's trace, or begins one. What is not well formed counts as not sent, as the standard asks.
    pub fn of(headers: &HeaderMap) -> Trace {
        let sent = headers.get("traceparent").and_then(|value| value.to_str().ok()).and_then(parse);
        let (id, parent, sampled) = match sent {
            Some((id, parent, flags)) => (id, Some(parent), flags & 1 == 1),
            None => (u128::from(random()) << 64 | u128::from(random()), None, true),
        };
        Trace { id, parent, span: random(), sampled }
    }

    /// The header that goes back.
    pub fn header(&self) -> String {
        format!("00-{:032x}-{:016x}-{:02x}", self.id, self.span, u8::from(self.sampled))
    }
}

/// `00-<32 digits>-<16 digits>-<2 digits>`, digits in lower case; later versions may have more behind.
fn parse(text: &str) -> Option<(u128, u64, u8)> {
    let mut parts = text.trim().splitn(5, '-');
    let mut part = |length: usize| {
        let part = parts.next()?;
        let well_formed = part.len() == length && part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        well_formed.then_some(part)
    };
    let (version, id, parent, flags) = (part(2)?, part(32)?, part(16)?, part(2)?);
    if version == "ff" || (version == "00" && parts.next().is_some()) {
        return None;
    }
    let id = u128::from_str_radix(id, 16).ok().filter(|&id| id != 0)?;
    let parent = u64::from_str_radix(parent, 16).ok().filter(|&parent| parent != 0)?;
    Some((id, parent, u8::from_str_radix(flags, 16).ok()?))
}

/// The stages of a call, each from its beginning to its end.
pub(crate) struct Stages {
    begun: Instant,
    last: u64,
    all: Vec<(&'static str, u64, u64)>,
}

impl Stages {
    pub fn begin() -> Stages {
        Stages { begun: Instant::now(), last: 0, all: Vec::with_capacity(6) }
    }

    pub fn begun(&self) -> Instant {
        self.begun
    }

    pub fn micros(&self) -> u64 {
        self.begun.elapsed().as_micros() as u64
    }

    /// Ends a stage that began where the last one ended.
    pub fn end(&mut self, name: &'static str) {
        let now = self.micros();
        self.all.push((name, self.last, now));
        self.last = now;
    }

    /// A stage of a known length that began where the last one ended.
    pub fn passed(&mut self, name: &'static str, took: std::time::Duration) {
        let end = self.last + took.as_micros() as u64;
        self.all.push((name, self.last, end));
        self.last = end;
    }

    /// The spans of the call and of its stages: one line each.
    pub fn lines(&self, trace: &Trace, name: &str, came: Moment, outcome: &str) -> Vec<u8> {
        // Unix time, in microseconds; `came` is local Chinese time.
        let start = came - 8 * mingjian_model::day::MICROS_PER_HOUR;
        let mut lines = Vec::new();
        let mut put = |line: serde_json::Value| {
            // Writing to memory cannot fail.
            let _ = serde_json::to_writer(&mut lines, &line);
            lines.push(b'\n');
        };
        put(json!({
            "trace_id": format!("{:032x}", trace.id), "span_id": format!("{:016x}", trace.span),
            "parent_id": trace.parent.map(|parent| format!("{parent:016x}")), "name": name, "outcome": outcome,
            "start_us": start, "duration_us": self.micros(),
        }));
        for (at, (stage, from, to)) in self.all.iter().enumerate() {
            put(json!({
                "trace_id": format!("{:032x}", trace.id), "span_id": format!("{:016x}", trace.span.wrapping_add(at as u64 + 1).max(1)),
                "parent_id": format!("{:016x}", trace.span), "name": stage, "start_us": start + *from as i64, "duration_us": to - from,
            }));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callers_trace_is_joined_and_nonsense_begins_a_new_one() {
        let sent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(parse(sent), Some((0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736, 0x00f0_67aa_0ba9_02b7, 1)));
        for odd in ["", "00-0-0-0", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", &sent.to_uppercase(), &format!("{sent}-x")] {
            assert_eq!(parse(odd), None, "{odd}");
        }
        assert!(parse("00-00000000000000000000000000000000-00f067aa0ba902b7-01").is_none());
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", sent.parse().unwrap());
        let (joined, other) = (Trace::of(&headers), Trace::of(&headers));
        assert!(joined.header().starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-") && joined.header().ends_with("-01"));
        assert_ne!(joined.span, other.span);
        assert_ne!(Trace::of(&HeaderMap::new()).id, Trace::of(&HeaderMap::new()).id);
    }
}
