//! 逐时汇总: calls, their time, reminders and what became of them, by hour, institution, vendor and interface, and by day and rule. Kept
//! over a restart, one file a day; no personal data.
//!
//! True of it: a call costs a look into a map, never a write; what was counted goes to the disk every half minute and at the end, so that
//! a kill loses that much at most. A file that cannot be read is left out and named, never written over.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mingjian_model::day::{Day, MICROS_PER_SECOND, Moment, day_of, format_day};
use serde::{Deserialize, Serialize};

use crate::wire::fsi::is_national;

/// Upper bounds of the latency's buckets, in microseconds; one more holds what is above.
pub const BOUNDS: [u64; 14] =
    [500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 300_000, 500_000, 1_000_000, 3_000_000, 10_000_000];

/// Callers told apart in one hour at most; the rest count as one.
const MOST: usize = 20_000;

/// One hour of one caller at one interface.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Caller {
    /// 0–23, local time.
    pub hour: u8,
    /// 其他: no national code.
    pub fixmedins_code: String,
    pub vendor: String,
    /// 3101 or 3102; feedback is counted at 3103.
    pub call: String,
}

/// What was counted of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    pub calls: u64,
    /// Answered empty because the time was over.
    pub late: u64,
    /// Answered empty without being judged: queue full, above the limit, or failed.
    pub unjudged: u64,
    /// Judged without history for want of time.
    pub light: u64,
    /// Calls that brought a reminder.
    pub reminded: u64,
    pub reminders: u64,
    /// Calls by how long they took; see [`BOUNDS`].
    pub took: [u64; BOUNDS.len() + 1],
    /// 3103: reminders taken, whether the order was changed.
    pub changed: i64,
    pub continued: i64,
}

/// One rule at one caller.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AtRule {
    pub fixmedins_code: String,
    pub vendor: String,
    pub rule_id: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleCounts {
    pub reminders: u64,
    pub changed: i64,
    pub continued: i64,
}

/// One day, as it lies in its file: pairs, since JSON has no maps with such keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DayFigures {
    #[serde(with = "pairs")]
    pub hours: BTreeMap<Caller, Counts>,
    #[serde(with = "pairs")]
    pub rules: BTreeMap<AtRule, RuleCounts>,
}

/// How a call of 3101 or 3102 went.
pub(crate) struct Went<'c> {
    pub at: Moment,
    pub institution: &'c str,
    pub vendor: &'c str,
    pub call: &'static str,
    /// As in the record of calls.
    pub outcome: &'static str,
    pub took: Duration,
}

#[derive(Default)]
struct Held {
    /// Days that are being counted: today, and yesterday until it is written.
    days: BTreeMap<Day, DayFigures>,
    /// Days that changed since they were written.
    changed: Vec<Day>,
}

/// The figures of all days. Without a folder: of this run alone.
#[derive(Default)]
pub struct Days {
    folder: Option<PathBuf>,
    held: Mutex<Held>,
}

impl Days {
    /// In this folder, which is made.
    pub fn open(folder: &Path) -> io::Result<Days> {
        std::fs::create_dir_all(folder)?;
        Ok(Days { folder: Some(folder.to_path_buf()), held: Mutex::default() })
    }

    pub(crate) fn judged<'r>(&self, went: &Went<'_>, rules: impl Iterator<Item = &'r str>) {
        let (code, vendor) = named(went.institution, went.vendor);
        let mut held = self.held();
        let day = self.day(&mut held, day_of(went.at));
        let mut reminders = 0;
        for rule in rules {
            reminders += 1;
            let key = AtRule { fixmedins_code: code.clone(), vendor: vendor.clone(), rule_id: rule.to_owned() };
            if let Some(counts) = of_rule(day, key) {
                counts.reminders += 1;
            }
        }
        let counts = of_hour(day, went.at, code, vendor, went.call);
        counts.calls += 1;
        counts.late += u64::from(went.outcome == "late");
        counts.unjudged += u64::from(matches!(went.outcome, "shed" | "limited" | "failed"));
        counts.light += u64::from(went.outcome == "light");
        counts.reminded += u64::from(reminders > 0);
        counts.reminders += reminders;
        counts.took[BOUNDS.partition_point(|&bound| u128::from(bound) < went.took.as_micros())] += 1;
    }

    /// What came of a reminder of this rule; `before`, where it was answered before.
    pub(crate) fn fed_back(&self, at: Moment, institution: &str, vendor: &str, rule: &str, before: Option<bool>, changed: bool) {
        let (code, vendor) = named(institution, vendor);
        let mut held = self.held();
        let day = self.day(&mut held, day_of(at));
        let key = AtRule { fixmedins_code: code.clone(), vendor: vendor.clone(), rule_id: rule.to_owned() };
        if let Some(counts) = of_rule(day, key) {
            count(&mut counts.changed, &mut counts.continued, before, changed);
        }
        let counts = of_hour(day, at, code, vendor, "3103");
        count(&mut counts.changed, &mut counts.continued, before, changed);
    }

    /// Writes what has changed. Errors: the day is tried again with the next write.
    pub fn keep(&self) -> io::Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let due: Vec<(Day, DayFigures)> = {
            let mut held = self.held();
            let changed = std::mem::take(&mut held.changed);
            changed.into_iter().filter_map(|day| Some((day, held.days.get(&day)?.clone()))).collect()
        };
        let mut outcome = Ok(());
        for (day, figures) in &due {
            let written = write(folder, *day, figures);
            let mut held = self.held();
            if written.is_err() {
                if !held.changed.contains(day) {
                    held.changed.push(*day);
                }
                outcome = written;
            }
        }
        // A day that is over and written is read from its file when somebody asks.
        let mut held = self.held();
        if let Some(newest) = held.days.keys().next_back().copied() {
            let Held { days, changed } = &mut *held;
            days.retain(|day, _| day + 1 >= newest || changed.contains(day));
        }
        outcome
    }

    /// The days from `from` to `to`, both among them, that have figures; and those whose file cannot be read.
    pub fn between(&self, from: Day, to: Day) -> (BTreeMap<Day, DayFigures>, Vec<Day>) {
        let held = self.held().days.clone();
        let (mut found, mut unread) = (BTreeMap::new(), Vec::new());
        let stored = self.folder.as_ref().map(|folder| stored(folder)).unwrap_or_default();
        for day in stored.into_iter().filter(|day| (from..=to).contains(day) && !held.contains_key(day)) {
            match self.folder.as_ref().map(|folder| read(folder, day)) {
                Some(Ok(Some(figures))) => drop(found.insert(day, figures)),
                Some(Err(_)) => unread.push(day),
                _ => {}
            }
        }
        found.extend(held.into_iter().filter(|(day, _)| (from..=to).contains(day)));
        (found, unread)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A day to be counted, with what was counted of it before a restart. A file that cannot be read is put aside, not written over.
    fn day<'h>(&self, held: &'h mut Held, day: Day) -> &'h mut DayFigures {
        if !held.changed.contains(&day) {
            held.changed.push(day);
        }
        held.days.entry(day).or_insert_with(|| {
            let Some(folder) = &self.folder else { return DayFigures::default() };
            match read(folder, day) {
                Ok(figures) => figures.unwrap_or_default(),
                Err(_) => {
                    let path = path_of(folder, day);
                    let _ = std::fs::rename(&path, path.with_extension("damaged"));
                    DayFigures::default()
                }
            }
        })
    }
}

/// A code that is none, and a vendor's name without end, would let a stranger fill the memory.
fn named(institution: &str, vendor: &str) -> (String, String) {
    let code = if is_national(institution) { institution } else { "其他" };
    (code.to_owned(), vendor.chars().filter(|c| !c.is_control()).take(40).collect())
}

fn of_hour<'d>(day: &'d mut DayFigures, at: Moment, fixmedins_code: String, vendor: String, call: &str) -> &'d mut Counts {
    let hour = (at.rem_euclid(86_400 * MICROS_PER_SECOND) / (3_600 * MICROS_PER_SECOND)) as u8;
    let key = Caller { hour, fixmedins_code, vendor, call: call.to_owned() };
    let known = day.hours.len() < 24 * MOST || day.hours.contains_key(&key);
    let key = if known { key } else { Caller { fixmedins_code: "其他".to_owned(), vendor: String::new(), ..key } };
    day.hours.entry(key).or_default()
}

/// `None`: so many callers have rules of their own that it must be strangers.
fn of_rule(day: &mut DayFigures, key: AtRule) -> Option<&mut RuleCounts> {
    let known = day.rules.len() < 10 * MOST || day.rules.contains_key(&key);
    known.then(|| day.rules.entry(key).or_default())
}

/// A reminder that is answered anew leaves the one count and joins the other, be it on another day: sums over both days come out right.
fn count(to_changed: &mut i64, to_continued: &mut i64, before: Option<bool>, changed: bool) {
    *(if changed { &mut *to_changed } else { &mut *to_continued }) += 1;
    match before {
        Some(true) => *to_changed -= 1,
        Some(false) => *to_continued -= 1,
        None => {}
    }
}

fn path_of(folder: &Path, day: Day) -> PathBuf {
    folder.join(format!("{}.json", format_day(day)))
}

fn read(folder: &Path, day: Day) -> io::Result<Option<DayFigures>> {
    match std::fs::read(path_of(folder, day)) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whole or as it was before.
fn write(folder: &Path, day: Day, figures: &DayFigures) -> io::Result<()> {
    let path = path_of(folder, day);
    let fresh = path.with_extension("new");
    let mut file = std::fs::File::create(&fresh)?;
    file.write_all(&serde_json::to_vec(figures).map_err(io::Error::other)?)?;
    file.sync_all()?;
    std::fs::rename(fresh, path)
}

/// Days there is a file of.
fn stored(folder: &Path) -> Vec<Day> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let name = |entry: std::fs::DirEntry| entry.file_name().to_str()?.strip_suffix(".json").and_then(mingjian_model::day::parse_day);
    entries.filter_map(name).collect()
}

mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<K: Serialize, V: Serialize, S: Serializer>(map: &BTreeMap<K, V>, out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(map)
    }

    pub fn deserialize<'d, K: Deserialize<'d> + Ord, V: Deserialize<'d>, D: Deserializer<'d>>(from: D) -> Result<BTreeMap<K, V>, D::Error> {
        Ok(Vec::<(K, V)>::deserialize(from)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mingjian_model::day::{parse_day, parse_moment};

    fn call(days: &Days, at: &str, outcome: &'static str, rules: &[&str]) {
        let at = parse_moment(at).unwrap();
        let took = Duration::from_millis(3);
        let went = Went { at, institution: "H44190000001", vendor: "甲软件", call: "3101", outcome, took };
        days.judged(&went, rules.iter().copied());
    }

    #[test]
    fn figures_outlive_a_restart_and_go_on() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (parse_day("2026-07-01").unwrap(), parse_day("2026-07-02").unwrap());
        let days = Days::open(folder.path()).unwrap();
        call(&days, "2026-07-01 23:59:59", "ok", &["N067", "N068"]);
        call(&days, "2026-07-02 00:00:00", "late", &[]);
        days.keep().unwrap();
        drop(days);
        let days = Days::open(folder.path()).unwrap();
        call(&days, "2026-07-02 00:10:00", "shed", &[]);
        let at = parse_moment("2026-07-02 08:00:00").unwrap();
        days.fed_back(at, "H44190000001", "甲软件", "N067", None, false);
        days.fed_back(at, "H44190000001", "甲软件", "N067", Some(false), true);
        let (found, unread) = days.between(first, second);
        assert!(unread.is_empty());
        let evening = found[&first].hours.iter().next().unwrap();
        assert_eq!((evening.0.hour, evening.1.calls, evening.1.reminded, evening.1.reminders, evening.1.took[3]), (23, 1, 1, 2, 1));
        let night = found[&second].hours.iter().next().unwrap();
        assert_eq!((night.0.hour, night.1.calls, night.1.late, night.1.unjudged), (0, 2, 1, 1));
        let rule = found[&second].rules.iter().next().unwrap();
        assert_eq!((rule.0.rule_id.as_str(), rule.1.changed, rule.1.continued), ("N067", 1, 0));
        assert_eq!(days.between(second, second).0.len(), 1);
    }

    #[test]
    fn a_damaged_day_is_named_and_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let day = parse_day("2026-07-01").unwrap();
        std::fs::write(folder.path().join("2026-07-01.json"), "{").unwrap();
        let days = Days::open(folder.path()).unwrap();
        assert_eq!(days.between(day, day).1, [day]);
        call(&days, "2026-07-01 08:00:00", "ok", &[]);
        days.keep().unwrap();
        assert_eq!(std::fs::read_to_string(folder.path().join("2026-07-01.damaged")).unwrap(), "{");
        assert_eq!(days.between(day, day).0.len(), 1);
    }

    #[test]
    fn strangers_do_not_fill_the_memory() {
        let days = Days::default();
        let at = parse_moment("2026-07-01 08:00:00").unwrap();
        for number in 0..50 {
            let institution = format!("本院{number}");
            let went = Went { at, institution: &institution, vendor: "", call: "3101", outcome: "ok", took: Duration::ZERO };
            days.judged(&went, std::iter::empty());
        }
        let (found, _) = days.between(Day::MIN, Day::MAX);
        assert_eq!(found.values().map(|day| day.hours.len()).sum::<usize>(), 1);
    }
}
