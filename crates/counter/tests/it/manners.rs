//! Which reminders reach the doctor.

use std::collections::BTreeMap;

use mingjian_counter::{Desk, Effort, Feedback, History, Level, Order, Policy, Request, Trial, Untold};
use mingjian_model::day::MICROS_PER_DAY;
use mingjian_screening::person::{LineRow, PersonRows, SettlementRow, VisitRow};

use crate::support::{man, now, rules, womens_drug};

fn desk(policy: Policy) -> Desk {
    Desk::with_policy(rules(), None, policy)
}

/// Rule ids with what was decided of them.
type Decided<T> = Vec<(String, T)>;

/// Rules told and untold to a call at a moment.
fn call(desk: &Desk, request: &Request, now: i64) -> (Decided<Level>, Decided<Untold>) {
    let found = desk.answer(request, now, Effort::Full).reminders;
    let sorted = desk.sort(found, request, now);
    (
        sorted.told.into_iter().map(|(reminder, level)| (reminder.rule_id, level)).collect(),
        sorted.untold.into_iter().map(|(reminder, why)| (reminder.rule_id, why)).collect(),
    )
}

fn told(desk: &Desk, request: &Request, now: i64) -> usize {
    call(desk, request, now).0.len()
}

#[test]
fn a_line_is_reminded_of_once_a_day() {
    let desk = desk(Policy::default());
    let request = man(vec![womens_drug("L1")]);
    assert_eq!(call(&desk, &request, now()).0, [("N067".to_owned(), Level::Confirm)]);
    assert_eq!(call(&desk, &request, now() + 1).1, [("N067".to_owned(), Untold::Again)]);
    assert_eq!(told(&desk, &man(vec![womens_drug("L2")]), now()), 1, "another line is another reminder");
    assert_eq!(told(&desk, &request, now() + MICROS_PER_DAY), 1, "another day too");
    assert_eq!(told(&desk, &request, now()), 0, "a clock that jumps back brings nothing back");
    assert_eq!(told(&desk, &request, now() + 4_000 * MICROS_PER_DAY), 1);
    assert_eq!(told(&desk, &request, now()), 1, "a clock that was years ahead silences nothing afterwards");
}

#[test]
fn a_stop_comes_each_time_and_quiet_never() {
    let mut policy = Policy { levels: BTreeMap::from([("N067".to_owned(), Level::Stop)]), ..Policy::default() };
    policy.of_institutions.insert("H44190000009".to_owned(), BTreeMap::from([("N067".to_owned(), Level::Quiet)]));
    let desk = desk(policy);
    let mut request = man(vec![womens_drug("L1")]);
    for _ in 0..2 {
        assert_eq!(call(&desk, &request, now()).0, [("N067".to_owned(), Level::Stop)]);
    }
    request.institution = "H44190000009".to_owned();
    assert_eq!(call(&desk, &request, now()).1, [("N067".to_owned(), Untold::Level)]);
}

#[test]
fn a_doctor_is_interrupted_so_often_and_no_more() {
    let desk = desk(Policy { budget: 2, ..Policy::default() });
    let of = |line: &str, doctor: &str| man(vec![Order { doctor: doctor.to_owned(), ..womens_drug(line) }]);
    assert_eq!(told(&desk, &of("1", "D1"), now()) + told(&desk, &of("2", "D1"), now()), 2);
    assert_eq!(call(&desk, &of("3", "D1"), now()).1, [("N067".to_owned(), Untold::Budget)]);
    assert_eq!(told(&desk, &of("3", "D2"), now()), 1);
    assert_eq!(told(&desk, &of("3", "D1"), now() + MICROS_PER_DAY), 1);
}

#[test]
fn a_suspect_rule_speaks_when_it_has_proved_itself_and_falls_silent_when_it_is_not_followed() {
    let policy = Policy { trial: Trial { least: 10, speak: 60, silent: 40 }, budget: 10_000, ..Policy::default() };
    let desk = desk(policy);
    // The manners are asked with a reminder of a suspect rule made of one that is there.
    let ask = |visit: usize| {
        let mut request = man(vec![womens_drug("L1")]);
        request.patients[0].encounters[0].id = format!("V{visit}");
        request.patients[0].current_visit = format!("V{visit}");
        let mut found = desk.answer(&request, now(), Effort::Full).reminders;
        found.iter_mut().for_each(|reminder| {
            reminder.rule_id = "N009".to_owned();
            reminder.violation = false;
        });
        let sorted = desk.sort(found, &request, now());
        assert_eq!(sorted.told.len() + sorted.untold.len(), 1);
        sorted.told.len()
    };
    let settle = |visit: usize, line: &str| {
        let id = format!("V{visit}");
        let rows = PersonRows {
            psn_no: "P1",
            visits: vec![VisitRow { id: &id, ..VisitRow::default() }],
            settlements: vec![SettlementRow { id: "S", ..SettlementRow::default() }],
            lines: vec![LineRow { id: line, count: 10_000, ..LineRow::default() }],
            ..PersonRows::default()
        };
        desk.settle(&[rows]).unwrap();
    };
    for visit in 0..10 {
        assert_eq!(ask(visit), 0, "silent at first");
        settle(visit, "another line");
    }
    assert_eq!(ask(100), 1, "ten of ten lines were not settled: it speaks");
    for number in 0..30 {
        desk.feedback(&[Feedback { id: format!("N009-{number}-20260701"), changed: false, reason: "病情需要".to_owned() }]).unwrap();
    }
    assert_eq!(ask(101), 0, "nobody followed: it is silent again");
    settle(101, "L1");
    assert_eq!(desk.manners().follow()["N009"].kept, 1);
}

#[test]
fn feedback_outlives_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.redb");
    let desk = Desk::new(rules(), Some(History::open(&path).unwrap()));
    let say = |changed: bool| Feedback { id: "N067-a-20260701".to_owned(), changed, reason: "家属代购".to_owned() };
    desk.feedback(&[say(false)]).unwrap();
    desk.feedback(&[say(true)]).unwrap();
    drop(desk);
    let desk = Desk::new(rules(), Some(History::open(&path).unwrap()));
    let follow = desk.manners().follow()["N067"];
    assert_eq!((follow.changed, follow.continued), (1, 0), "one reminder counts once");
    assert_eq!(desk.history().unwrap().reasons("N067", 5).unwrap(), [("家属代购".to_owned(), 1)]);
}

#[test]
fn rules_are_swapped_while_calls_run() {
    let desk = desk(Policy::default());
    let request = man(vec![womens_drug("L1")]);
    std::thread::scope(|scope| {
        let calling = scope.spawn(|| (0..200).all(|_| desk.answer(&request, now(), Effort::Full).reminders.len() == 1));
        for _ in 0..3 {
            desk.live().swap(rules());
        }
        assert!(calling.join().unwrap());
    });
}

#[test]
fn a_restart_forgets_nothing_that_was_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.redb");
    let open = || Desk::with_policy(rules(), Some(History::open(&path).unwrap()), Policy { budget: 2, ..Policy::default() });
    let of = |line: &str| man(vec![womens_drug(line)]);
    let first = open();
    assert_eq!(told(&first, &of("L1"), now()) + told(&first, &of("L2"), now()), 2);
    first.keep().unwrap();
    first.keep().unwrap();
    drop(first);
    let again = open();
    assert_eq!(call(&again, &of("L1"), now()).1, [("N067".to_owned(), Untold::Again)]);
    assert_eq!(call(&again, &of("L3"), now()).1, [("N067".to_owned(), Untold::Budget)], "what was spent is spent");
    // Another day, kept too: the day before is forgotten.
    assert_eq!(told(&again, &of("L1"), now() + MICROS_PER_DAY), 1);
    again.keep().unwrap();
    drop(again);
    let memory = History::open(&path).unwrap().manners().unwrap();
    assert_eq!((memory.told.len(), memory.spent.as_slice()), (1, &[("D441900000001".to_owned(), 1)][..]));
}

#[test]
fn silent_reminders_wait_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.redb");
    let open = || Desk::new(rules(), Some(History::open(&path).unwrap()));
    let ask = |desk: &Desk, visit: &str| {
        let mut request = man(vec![womens_drug("L1")]);
        request.patients[0].encounters[0].id = visit.to_owned();
        request.patients[0].current_visit = visit.to_owned();
        let mut found = desk.answer(&request, now(), Effort::Full).reminders;
        found.iter_mut().for_each(|reminder| {
            reminder.rule_id = "N009".to_owned();
            reminder.violation = false;
        });
        assert_eq!(desk.sort(found, &request, now()).untold.len(), 1);
    };
    let settle = |desk: &Desk, visit: &str| {
        let rows = PersonRows {
            psn_no: "P1",
            visits: vec![VisitRow { id: visit, ..VisitRow::default() }],
            settlements: vec![SettlementRow { id: "S", ..SettlementRow::default() }],
            lines: vec![LineRow { id: "another", count: 10_000, ..LineRow::default() }],
            ..PersonRows::default()
        };
        desk.settle(&[rows]).unwrap();
    };
    let desk = open();
    ask(&desk, "V1");
    ask(&desk, "V2");
    ask(&desk, "V3");
    settle(&desk, "V3");
    desk.keep().unwrap();
    drop(desk);
    let desk = open();
    settle(&desk, "V1");
    settle(&desk, "V3");
    assert_eq!(desk.manners().follow()["N009"].dropped, 2, "V3 before the restart, V1 after it, V3 not twice");
    // Waited for again within the same keeping: it is not forgotten.
    ask(&desk, "V1");
    desk.keep().unwrap();
    drop(desk);
    let waiting: Vec<String> = History::open(&path).unwrap().manners().unwrap().waiting.into_iter().map(|waited| waited.visit).collect();
    assert_eq!(waiting, ["V1", "V2"]);
}

#[test]
fn what_rules_on_trial_would_have_said_is_kept_and_listed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.redb");
    let request = man(vec![womens_drug("L1")]);
    let desk = Desk::new(rules(), Some(History::open(&path).unwrap()));
    desk.live().swap_shadow(Some(rules()));
    desk.shadow(&request, now());
    desk.shadow(&request, now() + 1);
    desk.keep().unwrap();
    desk.shadow(&request, now() + MICROS_PER_DAY);
    desk.keep().unwrap();
    drop(desk);
    let history = History::open(&path).unwrap();
    let listed = history.shadowed(None, 10).unwrap();
    assert_eq!(listed.len(), 2, "once a day, however often it is asked: {listed:?}");
    assert!(listed[0].at > listed[1].at, "the newest first");
    let first = &listed[1];
    assert_eq!(
        (first.rule_id.as_str(), first.institution.as_str(), first.visit.as_str(), first.line.as_str()),
        ("N067", "H44190000001", "V1", "L1")
    );
    assert_eq!(first.amount, Some(4_000));
    assert!(first.text.starts_with("男性参保人使用限女性的药品"), "{}", first.text);
    assert_eq!(history.shadowed(Some("N001"), 10).unwrap(), []);
    assert_eq!(history.shadow_counts().unwrap()["N067"], 2);
    let fresh = History::open(&folder.path().join("fresh.redb")).unwrap();
    fresh.take_ledger(&history).unwrap();
    assert_eq!(fresh.shadowed(None, 10).unwrap(), listed, "a rebuilt history keeps them");
}
