//! Windows along time.

use mingjian_engine::Options;
use mingjian_engine::expr::{AggKind, Cmp, Expr, Field};
use mingjian_engine::program::{Amount, Key, Need, Source, Window};

use crate::world::*;

fn count() -> Expr {
    agg(AggKind::Count, number(0))
}

fn many_within(days: i64, more_than: i64) -> mingjian_engine::RuleSet {
    let mut rule = hitting(block(LINES, &[Key::Person, Key::Item]), vec![cmp(count(), Cmp::Gt, number(more_than))]);
    rule.window = Window::Within(number(days));
    rules(vec![], vec![rule])
}

fn days(days: &[&str]) -> [Somebody; 1] {
    let person = days.iter().fold(woman("1980-01-01"), |person, day| {
        let time = format!("{day} 09:00");
        person.visit(visit(&time).line(line("A", &time)))
    });
    [person]
}

#[test]
fn the_last_day_of_a_window_is_inside() {
    check(&many_within(7, 1), &days(&["2025-03-01", "2025-03-07"]), "B0 违规 P0 L0, L1");
    check(&many_within(7, 1), &days(&["2025-03-01", "2025-03-08"]), "");
}

#[test]
fn rows_of_a_found_window_are_used_up() {
    let people = days(&["2025-03-01", "2025-03-03", "2025-03-05", "2025-03-08", "2025-03-09"]);
    check(
        &many_within(7, 1),
        &people,
        "B0 违规 P0 L0, L1, L2
         B0 违规 P0 L3, L4",
    );
}

#[test]
fn a_quiet_first_day_does_not_hide_the_burst_after_it() {
    let people = days(&["2025-03-01", "2025-03-04", "2025-03-05", "2025-03-06"]);
    check(&many_within(5, 2), &people, "B0 违规 P0 L0, L1, L2");
    let people = days(&["2025-03-01", "2025-03-05", "2025-03-06", "2025-03-07"]);
    check(&many_within(5, 2), &people, "B0 违规 P0 L1, L2, L3");
}

#[test]
fn a_full_hit_takes_its_window_before_a_weaker_verdict() {
    let mut rules = many_within(5, 2);
    rules.blocks[0].watch = Some(cmp(count(), Cmp::Gt, number(1)));
    let people = days(&["2025-03-01", "2025-03-05", "2025-03-06", "2025-03-07", "2025-04-01", "2025-04-02"]);
    check(
        &rules,
        &people,
        "B0 违规 P0 L1, L2, L3
         B0 可疑 watch P0 L4, L5",
    );
}

/// `per person, generic course gap 30 days; hit when nth_day > k.days`.
fn course_days(days: i64) -> mingjian_engine::RuleSet {
    let mut rule = hitting(block(LINES, &[Key::Person, Key::Generic]), vec![cmp(field(Field::NthDay), Cmp::Gt, Expr::Point(0))]);
    rule.table = Some(0);
    rule.window = Window::Course(number(30));
    rule.amount = Amount::Scope;
    rules(vec![point(&["A"], &[days])], vec![rule])
}

#[test]
fn days_beyond_the_course_hit() {
    let people = days(&["2025-01-01", "2025-01-02", "2025-01-02", "2025-02-01", "2025-03-04", "2025-03-05"]);
    // 1 February is the third day, 31 days after it a new course begins.
    check(&course_days(2), &people, "B0 违规 P0 L3 10.00");
    let (hits, ..) = screen(&course_days(1), &Catalogue::default(), &people, Options::default());
    assert_eq!(
        show(&hits),
        "B0 违规 P0 L1 10.00, L2 10.00, L3 10.00
B0 违规 P0 L5 10.00
"
    );
    assert_eq!(hits[0].visit, 3, "a course is the last line's visit's");
}

#[test]
fn a_stay_is_a_course_of_its_own() {
    let people = [woman("1980-01-01")
        .visit(visit("2025-01-01 09:00").line(line("A", "2025-01-01 09:00")))
        .visit(stay("2025-01-02 09:00", "2025-01-05 09:00").line(line("A", "2025-01-02 10:00")).line(line("A", "2025-01-03 10:00")))
        .visit(visit("2025-01-06 09:00").line(line("A", "2025-01-06 09:00")))];
    check(
        &course_days(1),
        &people,
        "B0 违规 P0 L2 10.00
         B0 违规 P0 L3 10.00",
    );
}

#[test]
fn lines_beyond_the_course_are_marked_in_the_whole_course() {
    let mut rules = course_days(1);
    let block = &mut rules.blocks[0];
    block.hit = Some(vec![cmp(agg(AggKind::Days, number(0)), Cmp::Gt, Expr::Point(0))]);
    block.grouped = true;
    block.amount = Amount::LinesWhere(cmp(field(Field::NthDay), Cmp::Gt, Expr::Point(0)));
    check(&rules, &days(&["2025-01-01", "2025-01-02"]), "B0 违规 P0 (L0), L1 10.00");
}

#[test]
fn intervals_too_short_hit_and_the_first_day_does_not() {
    let mut rules = course_days(14);
    rules.blocks[0].hit = Some(vec![cmp(field(Field::SinceLast), Cmp::Lt, Expr::Point(0))]);
    rules.blocks[0].window = Window::All;
    check(&rules, &days(&["2025-01-01", "2025-01-14", "2025-01-28"]), "B0 违规 P0 L1 10.00");
}

/// `per person, generic chain overlap 7 days; hit when chain_days > 7`.
fn supply_limit(limit: i64) -> mingjian_engine::RuleSet {
    let mut rule = hitting(block(LINES, &[Key::Person, Key::Generic]), vec![cmp(field(Field::ChainDays), Cmp::Gt, number(limit))]);
    rule.window = Window::Chain(number(7));
    rule.amount = Amount::Excess { of: field(Field::SupplyDays), over: number(limit) };
    rule.needs = vec![Need { holds: Expr::Known(Box::new(field(Field::SupplyDays))), reason: "不知供药天数".into() }];
    rules(vec![], vec![rule])
}

fn supplies(supplies: &[(&str, i32)]) -> [Somebody; 1] {
    let person = supplies.iter().fold(woman("1980-01-01"), |person, (day, supply)| {
        let time = format!("{day} 09:00");
        person.visit(visit(&time).line(line("A", &time).supply(*supply).yuan(30)))
    });
    [person]
}

#[test]
fn supplies_that_overlap_by_more_than_the_allowance_chain() {
    // Ends on 31 January; 23 January is 8 days before, 24 January 7.
    check(&supply_limit(30), &supplies(&[("2025-01-01", 30), ("2025-01-24", 30)]), "");
    check(&supply_limit(30), &supplies(&[("2025-01-01", 30), ("2025-01-23", 30)]), "B0 违规 P0 (L0), L1 30.00");
    check(&supply_limit(45), &supplies(&[("2025-01-01", 30), ("2025-01-23", 30)]), "B0 违规 P0 (L0), L1 15.00");
}

#[test]
fn a_chain_goes_on_from_the_end_of_its_stock() {
    // 30 + 30 days last until 2 March: 20 February is 10 days before.
    let people = supplies(&[("2025-01-01", 30), ("2025-01-11", 30), ("2025-02-20", 30)]);
    check(&supply_limit(60), &people, "B0 违规 P0 (L0), (L1), L2 30.00");
    let (hits, ..) = screen(&supply_limit(60), &Catalogue::default(), &people, Options::default());
    assert_eq!(hits[0].visit, 2, "a chain is the last line's visit's");
}

#[test]
fn two_lines_of_one_dispensing_are_one_supply() {
    let people = [woman("1980-01-01")
        .visit(visit("2025-03-05 09:00").line(line("A", "2025-03-05 09:00").supply(5)).line(line("A", "2025-03-05 09:00").supply(5)))];
    check(&supply_limit(7), &people, "B0 违规 P0 (L0), L1 6.00");
}

#[test]
fn what_is_taken_back_supplies_no_days() {
    let stay = |back: i64| {
        let taken = line("A", "2025-03-05 10:00").count(back).yuan(10 * back).supply(16).reverses(1);
        [woman("1980-01-01").visit(visit("2025-03-05 09:00").line(line("A", "2025-03-05 09:00").count(4).yuan(40).supply(16)).line(taken))]
    };
    check(&supply_limit(7), &stay(1), "B0 违规 P0 L0 12.50");
    check(&supply_limit(7), &stay(2), "B0 违规 P0 L0 2.50");
    check(&supply_limit(7), &stay(3), "");
}

#[test]
fn a_supply_of_unknown_length_is_not_judged() {
    let people = supplies(&[("2025-01-01", 0), ("2025-01-02", 40)]);
    check(&supply_limit(30), &people, "B0 违规 P0 L1 7.50");
    assert_eq!(counts(&supply_limit(30), &people, 0).1, [1]);
}

/// `for stays per person, institution next; hit when begin_day - prev.end_day <= 7 and main_dx3 = prev.main_dx3`.
fn readmission() -> mingjian_engine::RuleSet {
    let gap = Expr::Sub(Box::new((field(Field::BeginDay), Expr::Prev(Field::EndDay))));
    let same = cmp(field(Field::MainDx3), Cmp::Eq, Expr::Prev(Field::MainDx3));
    let mut rule = hitting(block(Source::Stays, &[Key::Person, Key::Institution]), vec![same, cmp(gap.clone(), Cmp::Le, number(7))]);
    rule.watch = Some(cmp(gap, Cmp::Le, number(15)));
    rule.window = Window::Next;
    rules(vec![], vec![rule])
}

#[test]
fn stays_are_judged_with_the_one_before() {
    let people = [woman("1980-01-01")
        .visit(stay("2025-01-01 09:00", "2025-01-05 09:00").dx(&["K29.500", "I10"]))
        .visit(visit("2025-01-06 09:00"))
        .visit(stay("2025-01-12 09:00", "2025-01-15 09:00").dx(&["K29.100"]))
        .visit(stay("2025-01-16 09:00", "2025-01-18 09:00").at_institution("H2").dx(&["K29.100"]))
        .visit(stay("2025-01-20 09:00", "2025-01-22 09:00").dx(&["J18.900"]))
        .visit(stay("2025-02-07 09:00", "2025-02-10 09:00").dx(&["J18.900"]))];
    check(
        &readmission(),
        &people,
        "B0 违规 P0 (V0), V2
         B0 可疑 watch P0 (V2), V4",
    );
}

#[test]
fn a_refunded_stay_is_no_neighbour() {
    let people = [woman("1980-01-01")
        .visit(stay("2025-01-01 09:00", "2025-01-05 09:00").dx(&["K29.500"]))
        .visit(stay("2025-01-06 09:00", "2025-01-07 09:00").dx(&["K29.500"]).void())
        .visit(stay("2025-01-12 09:00", "2025-01-15 09:00").dx(&["K29.100"]))];
    check(&readmission(), &people, "B0 违规 P0 (V0), V2");
}

#[test]
fn a_stay_without_diagnosis_is_only_watched() {
    let people = [woman("1980-01-01")
        .visit(stay("2025-01-01 09:00", "2025-01-05 09:00"))
        .visit(stay("2025-01-06 09:00", "2025-01-07 09:00").dx(&["K29.500"]))];
    check(&readmission(), &people, "B0 可疑 watch P0 (V0), V1");
}
