//! Answers as callers expect them.

use mingjian_counter::{Level, Reminder};
use mingjian_model::day::Moment;
use serde::{Serialize, Serializer};

use crate::clock::compact;

/// 交易信封 of an answer.
#[derive(Debug, Serialize)]
pub struct Reply<T: Serialize> {
    /// 0 成功, negative: error.
    pub infcode: i32,
    pub inf_refmsgid: String,
    pub refmsg_time: String,
    pub respond_time: String,
    pub enctype: &'static str,
    pub signtype: &'static str,
    pub cainfo: &'static str,
    pub err_msg: String,
    pub warn_msg: String,
    pub output: T,
}

impl<T: Serialize> Reply<T> {
    pub fn new(refmsgid: String, came: Moment, now: Moment, output: T) -> Reply<T> {
        Reply {
            infcode: 0,
            inf_refmsgid: refmsgid,
            refmsg_time: compact(came),
            respond_time: compact(now),
            enctype: "",
            signtype: "",
            cainfo: "",
            err_msg: String::new(),
            warn_msg: String::new(),
            output,
        }
    }
}

/// `output` of 3101 and 3102.
#[derive(Debug, Default, Serialize)]
pub struct Output {
    pub result: Vec<JudgeResult>,
}

/// `result[]`
#[derive(Debug, Serialize)]
pub struct JudgeResult {
    pub jr_id: String,
    pub rule_id: String,
    pub rule_name: String,
    pub vola_cont: String,
    pub patn_id: String,
    pub mdtrt_id: String,
    pub judge_result_detail_dtos: Vec<JudgeDetail>,
    pub vola_amt: Yuan,
    /// 1 正常, 0 the rule computes no money.
    pub vola_amt_stas: &'static str,
    /// 1 明确违规, 2 高度可疑, 3 轻度可疑.
    pub sev_deg: &'static str,
    pub vola_evid: String,
    pub vola_bhvr_type: String,
    /// 1 拦截, 2 说明理由. No national field of 3101; named as in the log table of warnings.
    pub rule_warn_lv: &'static str,
    /// 1: 3103 is expected.
    pub feedback_flag: &'static str,
    pub task_id: String,
}

/// `judge_result_detail_dtos[]`
#[derive(Debug, Serialize)]
pub struct JudgeDetail {
    pub jrd_id: String,
    pub patn_id: String,
    pub mdtrt_id: String,
    pub rx_id: String,
    /// 1 违规项, 2 涉及项.
    pub vola_item_type: &'static str,
    pub vola_amt: Yuan,
}

/// Fen, written as a JSON number of yuan. A float is only the way to write the digits: two decimals below 10^13 yuan come out as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Yuan(pub i64);

impl Serialize for Yuan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 100 == 0 { serializer.serialize_i64(self.0 / 100) } else { serializer.serialize_f64(self.0 as f64 / 100.0) }
    }
}

impl Output {
    /// `national`: rules go by their national code, where they have one.
    pub fn of(told: &[(Reminder, Level)], task: &str, national: bool) -> Output {
        Output { result: told.iter().map(|(reminder, level)| JudgeResult::of(reminder, *level, task, national)).collect() }
    }
}

impl JudgeResult {
    fn of(reminder: &Reminder, level: Level, task: &str, national: bool) -> JudgeResult {
        let details = reminder.details.iter().enumerate().map(|(at, detail)| JudgeDetail {
            jrd_id: format!("{}-{}", reminder.id, at + 1),
            patn_id: reminder.patient.clone(),
            mdtrt_id: detail.visit.clone(),
            rx_id: detail.line.clone(),
            vola_item_type: if detail.offends { "1" } else { "2" },
            vola_amt: Yuan(detail.amount),
        });
        JudgeResult {
            jr_id: reminder.id.clone(),
            rule_id: if national && !reminder.national_code.is_empty() { &reminder.national_code } else { &reminder.rule_id }.clone(),
            rule_name: reminder.rule_name.clone(),
            vola_cont: content(reminder),
            patn_id: reminder.patient.clone(),
            mdtrt_id: reminder.visit.clone(),
            judge_result_detail_dtos: details.collect(),
            vola_amt: Yuan(reminder.amount.unwrap_or(0)),
            vola_amt_stas: if reminder.amount.is_some() { "1" } else { "0" },
            sev_deg: match (reminder.violation, reminder.core) {
                (true, _) => "1",
                (false, true) => "2",
                (false, false) => "3",
            },
            vola_evid: shortened(&reminder.basis, 500),
            vola_bhvr_type: reminder.kind.clone(),
            rule_warn_lv: if level == Level::Stop { "1" } else { "2" },
            feedback_flag: if level == Level::Stop { "0" } else { "1" },
            task_id: task.to_owned(),
        }
    }
}

/// The reason, and what may be done instead.
fn content(reminder: &Reminder) -> String {
    let reason = reminder.text.trim_end_matches('。');
    if reminder.advice.is_empty() {
        return shortened(&reminder.text, 500);
    }
    format!("{}。{}。", shortened(reason, 500 - 2 - reminder.advice.chars().count()), reminder.advice)
}

/// At most so many characters, the last of them an ellipsis where something was cut off.
fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most { text.to_owned() } else { text.chars().take(most - 1).chain(['…']).collect() }
}
