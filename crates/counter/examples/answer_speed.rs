//! How long the counter itself takes for a call, without HTTP and JSON: `answer_speed [lines] [calls] [history.redb psn_no…]`.

use std::sync::Arc;
use std::time::Instant;

use mingjian_counter::{Desk, Effort, Encounter, History, Order, Patient, Request, Rules};
use mingjian_engine::program::stage;
use mingjian_model::day::parse_moment;
use mingjian_rules::{Library, ParamOverrides, Selection};
use mingjian_screening::Reference;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let lines: usize = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(20);
    let calls: usize = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(2_000);
    let history = arguments.next().and_then(|path| History::open(path.as_ref()).ok());
    let persons: Vec<String> = arguments.collect();
    let begun = Instant::now();
    let library = Arc::new(Library::built_in());
    let read = begun.elapsed();
    let compiled = Rules::compile(library, Arc::new(Reference::default()), &Selection::default(), &ParamOverrides::default(), 1);
    let Ok(rules) = compiled else { return };
    println!("library read in {read:.0?}, {} rules compiled and warmed in {:.0?}", rules.count(), begun.elapsed() - read);
    let desk = Desk::new(rules, history);
    let now = parse_moment("2026-07-01 09:06:00").unwrap_or_default();
    let mut took: Vec<u128> = (0..calls)
        .map(|number| {
            let person = persons.get(number % persons.len().max(1)).cloned().unwrap_or_else(|| "P1".to_owned());
            let request = request(number, lines, person, now);
            let begun = Instant::now();
            let answer = desk.answer(&request, now, Effort::Full);
            assert!(answer.reminders.len() <= lines);
            begun.elapsed().as_micros()
        })
        .collect();
    took.sort_unstable();
    let at = |share: usize| took.get(took.len() * share / 1_000).copied().unwrap_or_default();
    println!("{calls} calls of {lines} lines: p50 {} µs, p99 {} µs, p99.9 {} µs", at(500), at(990), at(999));
}

/// One line of twenty is a drug for women given to a man.
fn request(number: usize, lines: usize, person: String, now: i64) -> Request {
    let order = |line: usize| {
        let womens = line % 20 == 7;
        Order {
            id: format!("{number}-{line}"),
            item: if womens { "ZD03AAA0043010100166".to_owned() } else { format!("XA02BCA{:03}A001010{:06}", line * 7 % 200, number % 30) },
            item_name: "药".to_owned(),
            time: Some(now),
            count: 10_000,
            price: Some(20_000_000),
            amount: Some(2_000),
            doctor: "D441900000001".to_owned(),
            current: Some(true),
            ..Order::default()
        }
    };
    let encounter = Encounter {
        id: format!("V{number}"),
        institution: "H44190000001".to_owned(),
        level: "05".to_owned(),
        med_type: "11".to_owned(),
        insutype: "310".to_owned(),
        begin: Some(now),
        main_dx: "I10.x00x002".to_owned(),
        orders: (0..lines).map(order).collect(),
        ..Encounter::default()
    };
    let patient = Patient { id: person, sex: 1, birth: Some(-4_000), current_visit: encounter.id.clone(), encounters: vec![encounter] };
    Request { stage: stage::BEFORE, patients: vec![patient], ..Request::default() }
}
