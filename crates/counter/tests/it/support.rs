//! Requests of few words.

use std::sync::Arc;

use mingjian_counter::{Answer, Desk, Effort, Encounter, Order, Patient, Request, Rules};
use mingjian_engine::program::stage;
use mingjian_model::day::parse_moment;
use mingjian_rules::{Library, ParamOverrides, Selection};
use mingjian_screening::Reference;

pub const NOW: &str = "2026-07-01 09:06:00";

pub fn now() -> i64 {
    parse_moment(NOW).unwrap()
}

pub fn rules() -> Rules {
    let library = Arc::new(Library::built_in());
    Rules::compile(library, Arc::new(Reference::default()), &Selection::default(), &ParamOverrides::default(), 1).unwrap()
}

pub fn answer(request: &Request) -> Answer {
    desk().answer(request, now(), Effort::Full)
}

pub fn desk() -> Desk {
    Desk::new(rules(), None)
}

/// 艾附暖宫丸, a drug for women, twice 20 yuan.
pub fn womens_drug(id: &str) -> Order {
    Order {
        id: id.to_owned(),
        item: "ZD03AAA0043010100166".to_owned(),
        item_name: "艾附暖宫丸".to_owned(),
        time: parse_moment("2026-07-01 09:05:00"),
        count: 20_000,
        price: Some(20_000_000),
        amount: Some(4_000),
        doctor: "D441900000001".to_owned(),
        current: Some(true),
        ..Order::default()
    }
}

/// A man at an outpatient clinic with these orders.
pub fn man(orders: Vec<Order>) -> Request {
    let encounter = Encounter {
        id: "V1".to_owned(),
        institution: "H44190000001".to_owned(),
        institution_name: "某医院".to_owned(),
        level: "05".to_owned(),
        med_type: "11".to_owned(),
        insutype: "310".to_owned(),
        begin: parse_moment("2026-07-01 09:00:00"),
        main_dx: "I10.x00x002".to_owned(),
        orders,
        ..Encounter::default()
    };
    let patient = Patient {
        id: "P1".to_owned(),
        sex: 1,
        birth: mingjian_model::day::parse_day("1960-05-01"),
        current_visit: "V1".to_owned(),
        encounters: vec![encounter],
    };
    Request { stage: stage::BEFORE, institution: "H44190000001".to_owned(), patients: vec![patient], ..Request::default() }
}
