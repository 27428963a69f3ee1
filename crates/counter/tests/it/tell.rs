//! What is told, and what not.

use mingjian_counter::Order;
use mingjian_engine::program::stage;

use crate::support::{answer, man, womens_drug};

#[test]
fn a_man_is_not_given_a_drug_for_women() {
    let answer = crate::support::answer(&man(vec![womens_drug("L1")]));
    assert_eq!(answer.reminders.len(), 1, "{answer:#?}");
    let reminder = &answer.reminders[0];
    assert_eq!((reminder.rule_id.as_str(), reminder.violation, reminder.amount), ("N067", true, Some(4_000)));
    assert!(reminder.text.starts_with("男性参保人使用限女性的药品“艾附暖宫丸”，数量2，金额40.00元。"), "{}", reminder.text);
    assert!(reminder.basis.contains("第三十八条"), "{}", reminder.basis);
    assert_eq!(reminder.details.len(), 1);
    let detail = &reminder.details[0];
    assert_eq!((detail.visit.as_str(), detail.line.as_str(), detail.offends, detail.amount), ("V1", "L1", true, 4_000));
}

#[test]
fn what_the_patient_pays_himself_is_no_risk() {
    let order = Order { own: 4_000, ..womens_drug("L1") };
    assert!(answer(&man(vec![order])).reminders.is_empty());
    let partly = Order { self_paid: 1_000, ..womens_drug("L1") };
    assert_eq!(answer(&man(vec![partly])).reminders[0].amount, Some(3_000));
}

#[test]
fn history_triggers_nothing() {
    let order = Order { current: Some(false), ..womens_drug("L1") };
    assert!(answer(&man(vec![order])).reminders.is_empty());
}

#[test]
fn lines_of_a_caller_that_says_nothing_are_all_in_hand() {
    let order = Order { current: None, ..womens_drug("L1") };
    assert_eq!(answer(&man(vec![order])).reminders.len(), 1);
}

#[test]
fn only_what_is_asked_is_told() {
    let mut request = man(vec![womens_drug("L1")]);
    request.rule_ids = vec!["N001".to_owned()];
    assert!(answer(&request).reminders.is_empty());
    request.rule_ids = vec!["GZ10000301004000".to_owned()];
    assert_eq!(answer(&request).reminders.len(), 1);
    request.stage = stage::DURING;
    assert_eq!(answer(&request).reminders.len(), 1);
}
