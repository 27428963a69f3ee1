//! 柜台: the whole way of a request, from the person's history to what the doctor is told.

use mingjian_model::day::Moment;
use mingjian_screening::person::PersonRows;

use crate::judge::{Reminder, judge};
use crate::live::{Live, Rules};
use crate::request::Request;
use crate::timeline::compose;

/// What a request is answered.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    pub reminders: Vec<Reminder>,
    /// What the caller should know of how it was judged, in Chinese.
    pub remarks: Vec<String>,
}

/// Everything a request meets. Shared by all threads.
pub struct Desk {
    live: Live,
}

impl Desk {
    pub fn new(rules: Rules) -> Desk {
        Desk { live: Live::new(rules) }
    }

    pub fn live(&self) -> &Live {
        &self.live
    }

    /// Judges a request at a moment.
    pub fn answer(&self, request: &Request, now: Moment) -> Answer {
        let mut answer = Answer::default();
        let rules = self.live.rules();
        for patient in &request.patients {
            let hand = compose(patient, PersonRows::default(), now);
            let found = rules.with_screener(|screener| judge(&rules, screener, request.stage, &request.rule_ids, &hand));
            answer.reminders.extend(found);
        }
        answer
    }
}
