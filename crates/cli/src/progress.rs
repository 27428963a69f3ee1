//! Progress on standard error: done of all, rate, time left. Draws on a terminal only, ten times a second at most.

use std::io::Write;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use unicode_width::UnicodeWidthStr;

use crate::format;

/// One bar; any thread may move it.
pub struct Bar {
    inner: Option<Mutex<Inner>>,
}

struct Inner {
    what: String,
    unit: &'static str,
    start: Instant,
    drawn: Instant,
    /// Columns of the last drawing, to wipe it.
    width: usize,
    state: State,
}

/// Where it stands. `share` is of what decides the end (bytes of files, buckets), `rows` is what is shown.
#[derive(Clone, Copy, Default)]
struct State {
    share: f64,
    rows: u64,
}

const EVERY: Duration = Duration::from_millis(100);
const CELLS: usize = 24;

impl Bar {
    /// `enabled` false makes a bar that never draws.
    pub fn new(enabled: bool, what: impl Into<String>, unit: &'static str) -> Bar {
        let now = Instant::now();
        let inner = Inner { what: what.into(), unit, start: now, drawn: now - EVERY, width: 0, state: State::default() };
        Bar { inner: enabled.then(|| Mutex::new(inner)) }
    }

    /// Moves to `share` (0 to 1; what is not known is 0) and `rows`.
    pub fn set(&self, share: f64, rows: u64) {
        self.with(|inner| {
            inner.state = State { share: share.clamp(0.0, 1.0), rows };
            inner.draw(false);
        });
    }

    /// Moves to a step by its name, and in it to `share` and `rows`.
    pub fn named(&self, what: &str, share: f64, rows: u64) {
        self.with(|inner| {
            let begins = inner.what != what;
            if begins {
                what.clone_into(&mut inner.what);
                inner.start = Instant::now();
            }
            inner.state = State { share: share.clamp(0.0, 1.0), rows };
            inner.draw(begins);
        });
    }

    /// Begins another step under the same bar.
    pub fn step(&self, what: impl Into<String>) {
        self.with(|inner| {
            inner.what = what.into();
            inner.start = Instant::now();
            inner.state = State::default();
            inner.draw(true);
        });
    }

    /// Wipes the bar; what comes after is printed in its place.
    pub fn clear(&self) {
        self.with(|inner| {
            let _ = write!(std::io::stderr(), "\r{}\r", " ".repeat(inner.width));
            inner.width = 0;
        });
    }

    fn with(&self, act: impl FnOnce(&mut Inner)) {
        if let Some(inner) = &self.inner
            && let Ok(mut inner) = inner.lock()
        {
            act(&mut inner);
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.clear();
    }
}

impl Inner {
    fn draw(&mut self, at_once: bool) {
        if !at_once && self.drawn.elapsed() < EVERY {
            return;
        }
        self.drawn = Instant::now();
        let line = line(&self.what, self.unit, self.state.share, self.state.rows, self.start.elapsed());
        let wipe = " ".repeat(self.width.saturating_sub(line.width()));
        self.width = line.width();
        let _ = write!(std::io::stderr(), "\r{line}{wipe}");
        let _ = std::io::stderr().flush();
    }
}

fn line(what: &str, unit: &str, share: f64, rows: u64, elapsed: Duration) -> String {
    let mut line = what.to_owned();
    if share > 0.0 {
        let full = (share * CELLS as f64) as usize;
        line += &format!(" ▕{}{}▏{:>3}%", "█".repeat(full), "·".repeat(CELLS - full), (share * 100.0) as u32);
    }
    let seconds = elapsed.as_secs_f64();
    if rows > 0 {
        line += &format!("  {} {unit}", format::count(rows));
        if seconds > 0.5 {
            line += &format!("  {} {unit}/秒", format::count((rows as f64 / seconds) as u64));
        }
    }
    if share > 0.01 && share < 1.0 && seconds > 1.0 {
        line += &format!("  还要 {}", format::duration(Duration::from_secs_f64((seconds / share - seconds).max(1.0).round())));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_rows_rate_and_time_left() {
        let text = line("导入", "行", 0.25, 1_000_000, Duration::from_secs(10));
        assert_eq!(text, "导入 ▕██████··················▏ 25%  1,000,000 行  100,000 行/秒  还要 30.0 秒");
    }
}
