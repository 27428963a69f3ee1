//! What is stored comes back, whole and in the newest form.

use mingjian_counter::{History, Mark, Meeting};
use mingjian_screening::person::{DiagnosisRow, LineRow, OperationRow, PersonRows, RegistrationRow, SettlementRow, ToldBy, VisitRow};
use proptest::prelude::*;

const IDS: [&str; 8] = ["", "V1", "V12", "V123456789", "甲", "甲乙", "4419000000012026", "4419000000012027"];

fn id() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&IDS[..])
}

fn code() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&["", "XA01AAA001A001010100001", "003310010160100", "I10.x00", "H44190000001", "tid", "每日3次"][..])
}

fn money() -> impl Strategy<Value = i64> {
    prop_oneof![-5_000i64..5_000, any::<i32>().prop_map(i64::from), Just(0)]
}

fn time() -> impl Strategy<Value = i64> {
    prop_oneof![(0i64..40_000).prop_map(|minutes| 1_780_000_000_000_000 + minutes * 60_000_000), 0i64..2_000_000_000_000_000]
}

prop_compose! {
    fn line(visits: usize)(
        visit in 0..visits, number in 0u32..10_000, item in code(), time in time(), count in money(), price in money(), amount in money(),
        (scope, own, over_limit, price_cap) in (money(), money(), money(), money()),
        (settlement, prescription, origin) in (id(), id(), id()),
        (discharge_drug, maternity_fee, approved) in (any::<bool>(), any::<bool>(), any::<bool>()),
        doctor in prop::option::of(code()), (department, dose, frequency, route) in (code(), code(), code(), code()), stated_days in 0i64..40,
    ) -> (LineRow<'static>, u32) {
        let row = LineRow {
            visit, id: "", item, item_name: "", time, count, price, amount, scope, own, over_limit, price_cap, settlement, prescription, origin,
            discharge_drug, maternity_fee, approved, doctor, department, dose, frequency, stated_days, route,
        };
        (row, number)
    }
}

prop_compose! {
    fn person()(visits in 1usize..4)(
        visits in prop::collection::vec((code(), code(), id(), prop::option::of(time()), prop::option::of(time())), visits..=visits),
        settlements in prop::collection::vec((0..visits, id(), id(), any::<bool>(), time(), money(), money()), 0..4),
        diagnoses in prop::collection::vec((0..visits, id(), code(), any::<bool>()), 0..4),
        operations in prop::collection::vec((0..visits, code(), time(), prop::option::of(time())), 0..3),
        lines in prop::collection::vec(line(visits), 0..30),
        sex in 0u8..3, birth in prop::option::of(-40_000i32..20_000), died in prop::option::of(0i32..20_000),
        registration in prop::option::of((prop::option::of(0i32..9), prop::option::of(0i32..9))),
    ) -> PersonRows<'static> {
        PersonRows {
            psn_no: "P1", sex, birth, died,
            registrations: registration.into_iter().map(|(begin, end)| RegistrationRow { begin, end }).collect(),
            visits: visits.into_iter().enumerate().map(|(at, (institution, main_dx, referred_from, begin, end))| VisitRow {
                id: ["V1", "V2", "V3"][at], institution, institution_name: "某院", med_type: "11", insutype: "310", hosp_lv: "05", dscg_way: "1",
                main_dx, referred_from, begin, end, told_by: ToldBy::Itself,
            }).collect(),
            settlements: settlements.into_iter().map(|(visit, id, takes_back, refunded, time, medfee, scope)| SettlementRow {
                visit, id, time, refunded, takes_back, medfee, scope, fund: scope / 2, account: 7,
            }).collect(),
            diagnoses: diagnoses.into_iter().map(|(visit, id, code, main)| DiagnosisRow { visit, id, code, main }).collect(),
            operations: operations.into_iter().map(|(visit, code, begin, end)| OperationRow { visit, code, begin, end }).collect(),
            lines: lines.into_iter().map(|(row, number)| LineRow { id: Box::leak(format!("44190{number}").into_boxed_str()), ..row }).collect(),
        }
    }
}

/// Rows of a visit come by their own order; that of the lines is time and id.
fn ordered(mut rows: PersonRows<'_>) -> PersonRows<'_> {
    rows.settlements.sort_by_key(|row| row.visit);
    rows.diagnoses.sort_by_key(|row| row.visit);
    rows.operations.sort_by_key(|row| row.visit);
    rows.lines.sort_by(|a, b| (a.visit, a.time, a.id).cmp(&(b.visit, b.time, b.id)));
    rows
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_come_back_as_they_went_in(rows in person()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.redb");
        let wanted = ordered(rows.clone());
        let history = History::open(&path).unwrap();
        history.put([&rows], Meeting::Fresh).unwrap();
        history.with_person("P1", |found| assert_eq!(ordered(found), wanted)).unwrap();
        drop(history);
        let again = History::open(&path).unwrap();
        again.with_person("P1", |found| assert_eq!(ordered(found), wanted)).unwrap();
        again.with_person("P", |found| assert!(found.visits.is_empty())).unwrap();
    }
}

fn visit<'a>(visit: &'a str, lines: &[(&'a str, i64)]) -> PersonRows<'a> {
    PersonRows {
        psn_no: "P1",
        visits: vec![VisitRow { id: visit, begin: Some(60_000_000), ..VisitRow::default() }],
        lines: lines.iter().map(|&(id, amount)| LineRow { id, amount, item: "T000700200", ..LineRow::default() }).collect(),
        ..PersonRows::default()
    }
}

#[test]
fn a_settlement_in_parts_meets_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::open(&folder.path().join("history.redb")).unwrap();
    history.put([&PersonRows { sex: 1, birth: Some(5), ..visit("V1", &[("1", 100), ("2", 200)]) }], Meeting::Merge).unwrap();
    history.put([&visit("V1", &[("2", 250), ("3", 300)])], Meeting::Merge).unwrap();
    history.put([&visit("V2", &[("1", 400)])], Meeting::Merge).unwrap();
    history
        .with_person("P1", |rows| {
            assert_eq!((rows.sex, rows.birth), (1, Some(5)), "what a newer record leaves out stays");
            let lines: Vec<_> = rows.lines.iter().map(|line| (rows.visits[line.visit].id, line.id, line.amount)).collect();
            assert_eq!(lines, [("V1", "1", 100), ("V1", "2", 250), ("V1", "3", 300), ("V2", "1", 400)]);
        })
        .unwrap();
    let size = history.size().unwrap();
    assert_eq!((size.persons, size.visits, size.newest), (1, 2, Some(60_000_000)));
}

#[test]
fn marks_of_a_source_are_replaced_and_hold_for_their_days() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::open(&folder.path().join("history.redb")).unwrap();
    let mark =
        |code: &str, from, to, text: &str| Mark { kind: "医师".to_owned(), code: code.to_owned(), from, to, text: text.to_owned() };
    history.mark("名单", &[mark("D1", Some(10), Some(20), "暂停"), mark("D12", None, None, "另一人")]).unwrap();
    history.mark("疑点", &[mark("D1", None, None, "超负荷")]).unwrap();
    assert_eq!(history.marks_of("医师", "D1", 20).unwrap(), ["暂停", "超负荷"]);
    assert_eq!(history.marks_of("医师", "D1", 21).unwrap(), ["超负荷"]);
    assert_eq!(history.marks_of("机构", "D1", 20).unwrap(), [""; 0]);
    history.mark("名单", &[]).unwrap();
    assert_eq!(history.marks_of("医师", "D1", 15).unwrap(), ["超负荷"]);
}

#[test]
fn a_file_that_is_none_is_refused_with_words() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.redb");
    std::fs::write(&path, b"this is no history, but long enough to look at it for a while").unwrap();
    let Err(error) = History::open(&path) else { panic!("opened") };
    assert!(error.to_string().contains("mingjian history rebuild"), "{error}");
}
