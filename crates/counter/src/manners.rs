//! 分寸: which reminders reach the doctor, and how. A reminder that is right but unwelcome is switched off by the hospital, with all others.
//!
//! - Levels by rule and institution: stop (拦截), confirm with a reason (说明理由), quiet (只记录).
//! - Each reminder once per line and day; a stop comes each time, since it is no reminder.
//! - A doctor is interrupted so many times a day at most; what is above that is recorded.
//! - 违规 speaks from the first day. A 可疑 rule is silent until so many of its silent reminders came true by themselves (the line was not
//!   settled), and falls silent again when too few are followed.
//!
//! True of it: the same calls in the same order give the same answers, also over a restart, but for what was learnt after
//! [`Manners::take_changes`] was last asked and kept; nothing here reads a clock.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use mingjian_model::day::{Day, Moment, day_of};

use crate::judge::Reminder;

/// 提醒方式
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// 拦截: the line cannot be charged to the fund.
    Stop,
    /// 说明理由: it can, with a reason (3103).
    Confirm,
    /// 只记录
    Quiet,
}

impl Level {
    pub const ALL: [(Level, &'static str, &'static str); 3] =
        [(Level::Stop, "stop", "拦截"), (Level::Confirm, "confirm", "说明理由"), (Level::Quiet, "quiet", "只记录")];

    pub fn parse(text: &str) -> Option<Level> {
        Level::ALL.iter().find(|(_, code, title)| *code == text || *title == text).map(|(level, _, _)| *level)
    }

    pub fn code(self) -> &'static str {
        Level::ALL.iter().find(|(level, _, _)| *level == self).map_or("", |(_, code, _)| code)
    }
}

/// What a region sets.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// By rule. A rule not named here: confirm.
    pub levels: BTreeMap<String, Level>,
    /// By institution and rule; goes before `levels`.
    pub of_institutions: BTreeMap<String, BTreeMap<String, Level>>,
    /// Interruptions of one doctor on one day.
    pub budget: u32,
    pub trial: Trial,
}

/// When a suspect rule may speak. Shares in percent, against the bounds of a 95 % interval (Wilson).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trial {
    /// Cases with a known end at least.
    pub least: u64,
    /// Speaks when the lower bound of the followed share is this at least.
    pub speak: u64,
    /// Falls silent when the upper bound is below this.
    pub silent: u64,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy { levels: BTreeMap::new(), of_institutions: BTreeMap::new(), budget: 30, trial: Trial { least: 50, speak: 60, silent: 40 } }
    }
}

impl Policy {
    pub fn level(&self, rule: &str, institution: &str) -> Level {
        let own = self.of_institutions.get(institution).and_then(|rules| rules.get(rule));
        own.or_else(|| self.levels.get(rule)).copied().unwrap_or(Level::Confirm)
    }
}

/// Why a reminder was not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Untold {
    /// The rule is quiet here.
    Level,
    /// The line was reminded of today.
    Again,
    /// The doctor was interrupted often enough today.
    Budget,
    /// The rule has not proved itself.
    Silent,
}

/// How often a rule was followed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Follow {
    /// Told, and the doctor changed the order (3103: 2).
    pub changed: u64,
    /// Told, and the doctor went on with a reason (3103: 1).
    pub continued: u64,
    /// Not told, and the line was not settled.
    pub dropped: u64,
    /// Not told, and the line was settled.
    pub kept: u64,
    /// A suspect rule that speaks.
    pub speaks: bool,
}

impl Follow {
    /// Followed, and of how many: what was told, while it speaks; what was seen in silence, while it does not.
    pub fn share(&self) -> (u64, u64) {
        if self.speaks { (self.changed, self.changed + self.continued) } else { (self.dropped, self.dropped + self.kept) }
    }

    /// Lets a rule speak, or silences it, by its share; what is counted on the way there does not count for the way back.
    pub fn settle(&mut self, trial: &Trial) {
        let (followed, of) = self.share();
        if of < trial.least.max(1) {
            return;
        }
        let (lower, upper) = wilson(followed, of);
        if self.speaks && upper < trial.silent as f64 / 100.0 {
            *self = Follow { dropped: 0, kept: 0, speaks: false, ..*self };
        } else if !self.speaks && lower >= trial.speak as f64 / 100.0 {
            *self = Follow { changed: 0, continued: 0, speaks: true, ..*self };
        }
    }
}

/// The 95 % interval of a share (Wilson 1927).
pub fn wilson(successes: u64, of: u64) -> (f64, f64) {
    if of == 0 {
        return (0.0, 1.0);
    }
    let (n, z) = (of as f64, 1.959_964);
    let p = successes as f64 / n;
    let (middle, width) = (p + z * z / (2.0 * n), z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt());
    let scale = 1.0 + z * z / n;
    ((middle - width) / scale, (middle + width) / scale)
}

/// Reminders of a call, apart.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sorted {
    pub told: Vec<(Reminder, Level)>,
    pub untold: Vec<(Reminder, Untold)>,
}

/// Lines remembered on one day at most; past that the oldest day's memory ends early.
const TOLD_MAX: usize = 2_000_000;
/// Silent reminders whose end is waited for.
const WAITING_MAX: usize = 500_000;

#[derive(Default)]
struct Today {
    day: Day,
    /// Fingerprints of (rule, institution, visit, line): two hospitals may number their visits alike.
    told: HashSet<u64>,
    spent: HashMap<String, u32>,
    /// What has not been kept yet.
    changes: Changes,
}

/// Silent reminders of a visit.
#[derive(Default)]
struct OfVisit {
    /// The newest of them.
    day: Day,
    /// (rule, line)
    lines: Vec<(String, String)>,
}

#[derive(Default)]
struct Waiting {
    visits: HashMap<String, OfVisit>,
    /// How many of them are of each day: who is full finds the oldest day without a look at all.
    of_days: BTreeMap<Day, usize>,
    new: Vec<Waited>,
    ended: Vec<String>,
}

/// A silent reminder whose end is waited for: will the line be settled?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waited {
    pub visit: String,
    pub line: String,
    pub rule: String,
    /// When it would have been told.
    pub day: Day,
}

/// What manners remember, to be restored after a restart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Memory {
    /// The day of `told` and `spent`.
    pub day: Day,
    pub told: Vec<u64>,
    pub spent: Vec<(String, u32)>,
    pub waiting: Vec<Waited>,
}

/// What manners learnt since they were asked last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// A day began: what was told and spent before is forgotten.
    pub new_day: Option<Day>,
    pub told: Vec<u64>,
    /// Interruptions by doctor, all of the day.
    pub spent: BTreeMap<String, u32>,
    pub waiting: Vec<Waited>,
    /// Visits that nothing is waited for any longer.
    pub ended: Vec<String>,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        *self == Changes::default()
    }
}

/// The state of manners. Shared by all threads.
#[derive(Default)]
pub struct Manners {
    policy: Policy,
    today: Mutex<Today>,
    waiting: Mutex<Waiting>,
    follow: Mutex<BTreeMap<String, Follow>>,
    /// Changes are written down for whoever keeps them.
    kept: bool,
}

impl Manners {
    /// `follow`: what is known of rules from before.
    pub fn new(policy: Policy, follow: BTreeMap<String, Follow>) -> Manners {
        Manners { policy, follow: Mutex::new(follow), ..Manners::default() }
    }

    /// With what was known before a restart; from now on changes are written down, to be taken by [`Manners::take_changes`].
    pub fn restored(self, memory: Memory) -> Manners {
        let today = Today {
            day: memory.day,
            told: memory.told.into_iter().collect(),
            spent: memory.spent.into_iter().collect(),
            ..Today::default()
        };
        let mut waiting = Waiting::default();
        for Waited { visit, line, rule, day } in memory.waiting {
            let of_visit = waiting.visits.entry(visit).or_default();
            of_visit.day = of_visit.day.max(day);
            of_visit.lines.push((rule, line));
        }
        for of_visit in waiting.visits.values() {
            *waiting.of_days.entry(of_visit.day).or_default() += 1;
        }
        Manners { today: Mutex::new(today), waiting: Mutex::new(waiting), kept: true, ..self }
    }

    /// What was learnt since the last time.
    pub fn take_changes(&self) -> Changes {
        let mut changes = std::mem::take(&mut lock(&self.today).changes);
        let mut waiting = lock(&self.waiting);
        changes.waiting = std::mem::take(&mut waiting.new);
        changes.ended = std::mem::take(&mut waiting.ended);
        changes
    }

    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Sorts the reminders of a call. `institution` and `doctor`: who is interrupted.
    pub fn sort(&self, found: Vec<Reminder>, institution: &str, doctor: &str, now: Moment) -> Sorted {
        let mut sorted = Sorted::default();
        let follow = lock(&self.follow);
        let mut today = lock(&self.today);
        // A clock set back over midnight does not make today's reminders new; one that was years ahead does not silence those to come.
        let day = day_of(now);
        if day > today.day || day < today.day.saturating_sub(1) || today.told.len() > TOLD_MAX {
            let new_day = self.kept.then_some(day);
            *today = Today { day, changes: Changes { new_day, ..Changes::default() }, ..Today::default() };
        }
        for reminder in found {
            let level = self.policy.level(&reminder.rule_id, if institution.is_empty() { &reminder.institution } else { institution });
            let speaks = reminder.violation || follow.get(&reminder.rule_id).is_some_and(|follow| follow.speaks);
            let why = if level == Level::Quiet {
                Some(Untold::Level)
            } else if level == Level::Stop {
                None
            } else if !speaks {
                Some(Untold::Silent)
            } else {
                today.interrupt(&reminder, doctor, self.policy.budget, self.kept)
            };
            match why {
                None => sorted.told.push((reminder, level)),
                Some(why) => sorted.untold.push((reminder, why)),
            }
        }
        drop(today);
        drop(follow);
        self.wait_for(&sorted.untold, day);
        sorted
    }

    /// Remembers silent reminders until their visit is settled.
    fn wait_for(&self, untold: &[(Reminder, Untold)], day: Day) {
        if !untold.iter().any(|(_, why)| *why == Untold::Silent) {
            return;
        }
        let mut waiting = lock(&self.waiting);
        for (reminder, _) in untold.iter().filter(|(_, why)| *why == Untold::Silent) {
            for detail in reminder.details.iter().filter(|detail| detail.current && detail.offends && !detail.line.is_empty()) {
                waiting.add(&detail.visit, &reminder.rule_id, &detail.line, day, self.kept);
            }
        }
    }

    /// A visit is settled with these lines: what became of its silent reminders. Gives the rules whose figures changed.
    pub fn settled(&self, visit: &str, is_settled: impl Fn(&str) -> bool) -> Vec<(String, Follow)> {
        let Some(waited) = lock(&self.waiting).end(visit, self.kept) else { return Vec::new() };
        let mut follow = lock(&self.follow);
        let mut changed = BTreeMap::new();
        for (rule, line) in waited.lines {
            let held = follow.entry(rule.clone()).or_default();
            if is_settled(&line) {
                held.kept += 1;
            } else {
                held.dropped += 1;
            }
            held.settle(&self.policy.trial);
            changed.insert(rule, *held);
        }
        changed.into_iter().collect()
    }

    /// Feedback on a reminder of a rule: `before` and `after` are what it says and what it said before, `Some(true)` changed the order.
    pub fn feedback(&self, rule: &str, before: Option<bool>, after: bool) -> Follow {
        let mut follow = lock(&self.follow);
        let held = follow.entry(rule.to_owned()).or_default();
        match before {
            Some(true) => held.changed = held.changed.saturating_sub(1),
            Some(false) => held.continued = held.continued.saturating_sub(1),
            None => {}
        }
        if after {
            held.changed += 1;
        } else {
            held.continued += 1;
        }
        held.settle(&self.policy.trial);
        *held
    }

    /// How often each rule was followed.
    pub fn follow(&self) -> BTreeMap<String, Follow> {
        lock(&self.follow).clone()
    }
}

impl Today {
    /// Whether a reminder may interrupt now; if so, it has.
    fn interrupt(&mut self, reminder: &Reminder, doctor: &str, budget: u32, kept: bool) -> Option<Untold> {
        let lines: Vec<u64> = reminder
            .details
            .iter()
            .filter(|detail| detail.current)
            .map(|detail| fingerprint(reminder, &detail.visit, &detail.line))
            .collect();
        if !lines.is_empty() && lines.iter().all(|line| self.told.contains(line)) {
            return Some(Untold::Again);
        }
        let spent = self.spent.entry(doctor.to_owned()).or_default();
        if !doctor.is_empty() && *spent >= budget {
            return Some(Untold::Budget);
        }
        *spent += 1;
        if kept {
            self.changes.spent.insert(doctor.to_owned(), *spent);
            self.changes.told.extend(&lines);
        }
        self.told.extend(lines);
        None
    }
}

impl Waiting {
    fn add(&mut self, visit: &str, rule: &str, line: &str, day: Day, kept: bool) {
        if self.visits.len() >= WAITING_MAX && !self.visits.contains_key(visit) && !self.give_up_oldest(day, kept) {
            return;
        }
        let before = self.visits.get(visit).map(|of_visit| of_visit.day);
        if before != Some(day) {
            before.into_iter().for_each(|before| self.one_less(before));
            *self.of_days.entry(day).or_default() += 1;
        }
        let of_visit = self.visits.entry(visit.to_owned()).or_default();
        of_visit.day = day;
        if !of_visit.lines.iter().any(|(of, known)| of == rule && known == line) {
            of_visit.lines.push((rule.to_owned(), line.to_owned()));
            if kept {
                self.new.push(Waited { visit: visit.to_owned(), line: line.to_owned(), rule: rule.to_owned(), day });
            }
        }
    }

    /// Visits that were never settled make room: those of the oldest day, unless that is today.
    fn give_up_oldest(&mut self, today: Day, kept: bool) -> bool {
        let Some(oldest) = self.of_days.keys().next().copied().filter(|&day| day < today) else { return false };
        let gone: Vec<String> = self.visits.iter().filter(|(_, of_visit)| of_visit.day == oldest).map(|(visit, _)| visit.clone()).collect();
        gone.iter().for_each(|visit| drop(self.end(visit, kept)));
        true
    }

    fn one_less(&mut self, day: Day) {
        if let Some(visits) = self.of_days.get_mut(&day) {
            *visits -= 1;
            if *visits == 0 {
                self.of_days.remove(&day);
            }
        }
    }

    fn end(&mut self, visit: &str, kept: bool) -> Option<OfVisit> {
        let ended = self.visits.remove(visit)?;
        self.one_less(ended.day);
        if kept {
            // What was never kept needs no forgetting.
            self.new.retain(|waited| waited.visit != visit);
            self.ended.push(visit.to_owned());
        }
        Some(ended)
    }
}

/// Of a line and a rule; two that share one by chance silence one reminder in 10^13.
fn fingerprint(reminder: &Reminder, visit: &str, line: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for part in [reminder.rule_id.as_str(), reminder.institution.as_str(), visit, line] {
        for byte in part.bytes().chain([0x1f]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    hash
}

/// What the doctor may lawfully do instead, by the kind of violation.
pub fn alternative(kind: &str) -> &'static str {
    match kind {
        "超限定支付" => "确需使用的，可改为自费并告知患者，或补充符合限定条件的诊断",
        "超量开药" | "重复开药" => "可减少数量或天数；有长期外出等情形的请说明理由",
        "重复收费" | "分解收费" | "套用项目" => "请只收其中应收的一项",
        "超标准收费" => "请按限价或规定的次数收费",
        "信息数据异常" => "请核对编码、数量、单价和医师后重新发送",
        "不合理诊疗" => "请核对适应证；确有需要的请在病历中记明理由",
        "冒名就医" | "盗刷空刷" => "请核对就诊人身份",
        _ => "",
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_believed_with_enough_cases_only() {
        let trial = Trial { least: 50, speak: 60, silent: 40 };
        let settled = |dropped, kept| {
            let mut follow = Follow { dropped, kept, ..Follow::default() };
            follow.settle(&trial);
            follow.speaks
        };
        assert!(!settled(49, 0), "too few");
        assert!(settled(50, 0));
        assert!(!settled(35, 15), "70 % of fifty may be 56 %");
        assert!(settled(700, 300));
    }

    #[test]
    fn visits_that_are_waited_for_are_counted_by_day() {
        let mut waiting = Waiting::default();
        for number in 0..300 {
            waiting.add(&format!("V{}", number % 70), "N027", &format!("{number}"), 100 + number % 4, true);
            if number % 3 == 0 {
                waiting.end(&format!("V{}", (number * 7) % 90), true);
            }
            let mut counted: BTreeMap<Day, usize> = BTreeMap::new();
            waiting.visits.values().for_each(|of_visit| *counted.entry(of_visit.day).or_default() += 1);
            assert_eq!(waiting.of_days, counted);
        }
        assert!(!waiting.give_up_oldest(100, true), "today's are kept");
        let all = waiting.visits.len();
        let oldest = waiting.of_days[&100];
        assert!(waiting.give_up_oldest(101, true) && oldest > 0 && waiting.visits.len() == all - oldest);
        assert!(waiting.visits.values().all(|of_visit| of_visit.day > 100) && !waiting.of_days.contains_key(&100));
    }

    #[test]
    fn a_rule_that_is_not_followed_falls_silent_by_itself() {
        let trial = Trial { least: 50, speak: 60, silent: 40 };
        let mut follow = Follow { changed: 10, continued: 70, dropped: 60, kept: 0, speaks: true };
        follow.settle(&trial);
        assert_eq!(follow, Follow { changed: 10, continued: 70, dropped: 0, kept: 0, speaks: false });
        follow.settle(&trial);
        assert!(!follow.speaks, "it has to prove itself anew");
    }
}
