//! 柜台: the whole way of a request, from the person's history to what the doctor is told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use mingjian_model::day::{Day, Moment, day_of};
use mingjian_screening::person::PersonRows;

use crate::history::{Feedback, History, HistoryError, Meeting, ShadowAnswer};
use crate::judge::{Reminder, judge};
use crate::live::{Live, Rules};
use crate::manners::{Manners, Policy, Sorted};
use crate::request::{Patient, Request};
use crate::timeline::compose;

/// Who may be marked ([`History::mark`]).
pub const PRACTITIONER: &str = "医师";
pub const INSTITUTION: &str = "机构";
pub const PERSON: &str = "参保人";

/// What a request is answered.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// What the kernel says, before manners.
    pub reminders: Vec<Reminder>,
    /// What the caller should know of how it was judged, in Chinese.
    pub remarks: Vec<String>,
}

/// Everything a request meets. Shared by all threads.
pub struct Desk {
    live: Live,
    history: Option<History>,
    manners: Manners,
    trial: Mutex<OnTrial>,
    /// The lake knows more than the history.
    behind: AtomicBool,
}

/// What rules on trial would have said.
#[derive(Default)]
struct OnTrial {
    /// How often, by rule.
    counts: BTreeMap<String, u64>,
    /// What has not been kept yet; without a history nothing is.
    new: Vec<(Day, ShadowAnswer)>,
}

/// Shadow answers that may wait to be kept.
const NEW_MAX: usize = 20_000;

/// How much a request may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// Everything.
    Full,
    /// No history is read, and only what the visit in hand shows by itself is judged: there is no time for more.
    Light,
}

impl Desk {
    pub fn new(rules: Rules, history: Option<History>) -> Desk {
        Desk::with_policy(rules, history, Policy::default())
    }

    /// With a region's manners; what rules have proved before, what was told today and what is waited for is read from the history.
    pub fn with_policy(rules: Rules, history: Option<History>, policy: Policy) -> Desk {
        let mut trial = OnTrial::default();
        let manners = match &history {
            Some(history) => {
                trial.counts = history.shadow_counts().unwrap_or_default();
                Manners::new(policy, history.follow().unwrap_or_default()).restored(history.manners().unwrap_or_default())
            }
            None => Manners::new(policy, BTreeMap::new()),
        };
        Desk { live: Live::new(rules), history, manners, trial: Mutex::new(trial), behind: AtomicBool::new(false) }
    }

    pub fn manners(&self) -> &Manners {
        &self.manners
    }

    pub fn live(&self) -> &Live {
        &self.live
    }

    pub fn history(&self) -> Option<&History> {
        self.history.as_ref()
    }

    /// Says whether settlements are known elsewhere that the history does not hold yet; answers tell of it while it is so.
    pub fn set_behind(&self, behind: bool) {
        self.behind.store(behind, Ordering::Relaxed);
    }

    pub fn is_behind(&self) -> bool {
        self.behind.load(Ordering::Relaxed)
    }

    /// Judges a request at a moment.
    pub fn answer(&self, request: &Request, now: Moment, effort: Effort) -> Answer {
        let mut answer = Answer::default();
        let rules = self.live.rules();
        for patient in &request.patients {
            let judged = |stored: PersonRows<'_>| {
                let known = !stored.visits.is_empty();
                let hand = compose(patient, stored, now);
                (known, rules.with_screener(|screener| judge(&rules, screener, request, &hand, now)))
            };
            let found = match (&self.history, effort) {
                (Some(history), Effort::Full) => match history.with_person(&patient.id, judged) {
                    Ok((true, found)) => found,
                    Ok((false, found)) => {
                        answer.remark("没有该参保人的历史结算，只按本次送来的数据判断");
                        found
                    }
                    Err(error) => {
                        answer.remark(&format!("历史读不到（{error}），只按本次送来的数据判断"));
                        self.without_history(&rules, request, patient, now)
                    }
                },
                (None, Effort::Full) => {
                    answer.remark("未装载历史，只按本次送来的数据判断");
                    self.without_history(&rules, request, patient, now)
                }
                (_, Effort::Light) => {
                    answer.remark("时间不够，省去了需要历史的规则");
                    let mut found = self.without_history(&rules, request, patient, now);
                    found.retain(|reminder| reminder.details.iter().all(|detail| detail.visit == reminder.visit));
                    found
                }
            };
            answer.reminders.extend(found);
        }
        if effort == Effort::Full && self.is_behind() {
            answer.remark("历史正在补入新导入的结算，本次可能没有用到最近的");
        }
        answer
    }

    /// What of an answer reaches the doctor.
    pub fn sort(&self, found: Vec<Reminder>, request: &Request, now: Moment) -> Sorted {
        let orders = request.patients.iter().flat_map(|patient| &patient.encounters).flat_map(|encounter| &encounter.orders);
        let doctor =
            orders.filter(|order| order.current == Some(true)).map(|order| order.doctor.as_str()).find(|doctor| !doctor.is_empty());
        let of_visit = request.patients.iter().flat_map(|patient| &patient.encounters).map(|encounter| encounter.doctor.as_str());
        let doctor = doctor.or_else(|| of_visit.into_iter().find(|doctor| !doctor.is_empty())).unwrap_or_default();
        self.manners.sort(found, &request.institution, doctor, now)
    }

    /// What is known of those concerned beside the rules: suspended, restricted, flagged by group rules.
    pub fn marks(&self, request: &Request, now: Moment) -> Vec<String> {
        let Some(history) = &self.history else { return Vec::new() };
        let mut asked: BTreeSet<(&str, &str)> = BTreeSet::new();
        for patient in &request.patients {
            asked.insert((PERSON, &patient.id));
            for encounter in &patient.encounters {
                asked.extend([(INSTITUTION, encounter.institution.as_str()), (PRACTITIONER, encounter.doctor.as_str())]);
                let in_hand = encounter.orders.iter().filter(|order| order.current != Some(false));
                asked.extend(in_hand.map(|order| (PRACTITIONER, order.doctor.as_str())));
            }
        }
        let asked = asked.into_iter().filter(|(_, code)| !code.is_empty());
        let mut told = Vec::new();
        // A mark that cannot be read holds up nobody: the rules are judged all the same.
        let _ = history.each_mark(asked, day_of(now), |kind, code, text| told.push(format!("{kind} {code}：{text}")));
        told
    }

    /// Judges with the rules on trial and writes down what they would have said; told to nobody.
    pub fn shadow(&self, request: &Request, now: Moment) {
        let shadow = self.live.shadow();
        let Some(rules) = shadow.as_ref() else { return };
        for patient in &request.patients {
            let judged = |stored: PersonRows<'_>| {
                let hand = compose(patient, stored, now);
                rules.with_screener(|screener| judge(rules, screener, request, &hand, now))
            };
            let found = match &self.history {
                Some(history) => history.with_person(&patient.id, judged).unwrap_or_default(),
                None => judged(PersonRows::default()),
            };
            let mut trial = self.trial();
            for reminder in found {
                *trial.counts.entry(reminder.rule_id.clone()).or_default() += 1;
                if self.history.is_some() && trial.new.len() < NEW_MAX {
                    let institution = if request.institution.is_empty() { &reminder.institution } else { &request.institution };
                    let answer = shadow_answer(institution, &reminder, now);
                    trial.new.push((day_of(now), answer));
                }
            }
        }
    }

    /// How often each rule on trial would have spoken.
    pub fn shadowed(&self) -> BTreeMap<String, u64> {
        self.trial().counts.clone()
    }

    /// Writes down what manners have learnt since the last time, so that a restart forgets nothing of it: to be called every second or so,
    /// and at the end. What was learnt after the last call is lost with a kill: a doctor is reminded of a line twice.
    pub fn keep(&self) -> Result<(), HistoryError> {
        let Some(history) = &self.history else { return Ok(()) };
        let shadowed = std::mem::take(&mut self.trial().new);
        history.keep_manners(&self.manners.take_changes(), &shadowed)
    }

    fn trial(&self) -> MutexGuard<'_, OnTrial> {
        self.trial.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes settlements in. When this returns, a kill loses nothing of them.
    pub fn settle(&self, persons: &[PersonRows<'_>]) -> Result<(), HistoryError> {
        if let Some(history) = &self.history {
            history.put(persons, Meeting::Merge)?;
        }
        for rows in persons {
            for (at, visit) in rows.visits.iter().enumerate() {
                let settled = |line: &str| rows.lines.iter().any(|row| row.visit == at && row.id == line && row.count > 0);
                let changed = self.manners.settled(visit.id, settled);
                if let Some(history) = &self.history {
                    history.keep_follow(&changed)?;
                }
            }
        }
        Ok(())
    }

    /// Takes feedback in (3103). When this returns, a kill loses nothing of it. Gives what each was answered before, whether the order was
    /// changed then; without a history nothing is known of that.
    pub fn feedback(&self, all: &[Feedback]) -> Result<Vec<Option<bool>>, HistoryError> {
        let mut earlier = Vec::with_capacity(all.len());
        let mut count = |one: &Feedback, before: Option<bool>| {
            earlier.push(before);
            self.manners.feedback(one.rule(), before, one.changed)
        };
        match &self.history {
            Some(history) => history.feedback(all, &mut count)?,
            None => all.iter().for_each(|one| {
                count(one, None);
            }),
        }
        Ok(earlier)
    }

    fn without_history(&self, rules: &Rules, request: &Request, patient: &Patient, now: Moment) -> Vec<Reminder> {
        let hand = compose(patient, PersonRows::default(), now);
        rules.with_screener(|screener| judge(rules, screener, request, &hand, now))
    }
}

fn shadow_answer(institution: &str, reminder: &Reminder, now: Moment) -> ShadowAnswer {
    let line = reminder.details.iter().find(|detail| detail.current).map_or(String::new(), |detail| detail.line.clone());
    ShadowAnswer {
        id: reminder.id.clone(),
        at: now,
        rule_id: reminder.rule_id.clone(),
        rule_version: reminder.rule_version,
        institution: institution.to_owned(),
        visit: reminder.visit.clone(),
        line,
        amount: reminder.amount,
        text: reminder.text.clone(),
    }
}

impl Answer {
    fn remark(&mut self, text: &str) {
        if !self.remarks.iter().any(|held| held == text) {
            self.remarks.push(text.to_owned());
        }
    }
}
