//! Pairs of lines: main item and part.

use mingjian_engine::expr::Expr;
use mingjian_engine::program::{Amount, Key, PairWindow, Source, Window};

use crate::world::*;

const HOUR: i64 = 3_600_000_000;

fn charged_twice(window: PairWindow) -> mingjian_engine::RuleSet {
    let mut rule = hitting(block(Source::Pairs, &[Key::Person, Key::Institution, Key::Point]), vec![Expr::TRUE]);
    rule.table = Some(0);
    rule.window = Window::Point;
    rule.amount = Amount::PartUpToMain;
    rules(vec![pair(&["MAIN"], &["PART"], Some(window))], vec![rule])
}

fn visit_of(lines: &[(&str, &str)]) -> Stay {
    lines.iter().fold(stay("2025-03-04 09:00", "2025-03-09 09:00"), |visit, (item, time)| visit.line(line(item, time)))
}

fn one(visit: Stay) -> [Somebody; 1] {
    [woman("1980-01-01").visit(visit)]
}

#[test]
fn the_part_hits_on_the_day_of_the_main_item() {
    let lines = [("PART", "2025-03-05 08:00"), ("MAIN", "2025-03-05 09:00"), ("PART", "2025-03-05 10:00"), ("PART", "2025-03-06 08:00")];
    check(&charged_twice(PairWindow::Day), &one(visit_of(&lines)), "B0 违规 P0 L0 10.00, L2 10.00, (L1)");
}

#[test]
fn each_day_is_a_finding() {
    let lines = [("MAIN", "2025-03-05 08:00"), ("PART", "2025-03-05 09:00"), ("MAIN", "2025-03-06 08:00"), ("PART", "2025-03-06 09:00")];
    check(
        &charged_twice(PairWindow::Day),
        &one(visit_of(&lines)),
        "B0 违规 P0 L1 10.00, (L0)
         B0 违规 P0 L3 10.00, (L2)",
    );
    check(&charged_twice(PairWindow::Visit), &one(visit_of(&lines)), "B0 违规 P0 L1 10.00, L3 10.00, (L0), (L2)");
}

#[test]
fn a_self_paid_main_item_was_done_and_a_self_paid_part_costs_the_fund_nothing() {
    let of = |main: Line, part: Line| one(visit("2025-03-05 09:00").line(main).line(part));
    let (main, part) = (line("MAIN", "2025-03-05 09:00"), line("PART", "2025-03-05 09:00"));
    check(&charged_twice(PairWindow::Visit), &of(main.clone().self_paid(), part.clone()), "B0 违规 P0 L1 10.00, (L0)");
    check(&charged_twice(PairWindow::Visit), &of(main, part.self_paid()), "");
}

#[test]
fn sixty_minutes_are_one_hour_and_sixty_one_are_not() {
    let rules = charged_twice(PairWindow::Span(HOUR));
    let apart = |time: &str| one(visit_of(&[("MAIN", "2025-03-05 08:00"), ("PART", time)]));
    check(&rules, &apart("2025-03-05 09:00"), "B0 违规 P0 L1 10.00, (L0)");
    check(&rules, &apart("2025-03-05 09:01"), "");
    check(&rules, &apart("2025-03-05 07:00"), "B0 违规 P0 L1 10.00, (L0)");
}

#[test]
fn midnight_sharp_is_no_time() {
    let rules = charged_twice(PairWindow::Span(6 * HOUR));
    let people = one(visit_of(&[("MAIN", "2025-03-05 00:00"), ("PART", "2025-03-05 00:30")]));
    check(&rules, &people, "");
    assert_eq!(counts(&rules, &people, 0).0, 1);
    let far = one(visit_of(&[("MAIN", "2025-03-05 00:00"), ("PART", "2025-03-08 00:30")]));
    assert_eq!(counts(&rules, &far, 0).0, 0);
}

#[test]
fn hours_reach_over_midnight_and_over_visits_of_one_institution() {
    let rules = charged_twice(PairWindow::Span(HOUR));
    let of = |institution: &str| {
        [woman("1980-01-01")
            .visit(visit("2025-03-05 23:00").line(line("MAIN", "2025-03-05 23:40")))
            .visit(visit("2025-03-06 00:10").at_institution(institution).line(line("PART", "2025-03-06 00:20")))]
    };
    check(&rules, &of("H1"), "B0 违规 P0 L1 10.00, (L0)");
    check(&rules, &of("H2"), "");
}

#[test]
fn parts_that_count_in_times_hit_up_to_the_main_items() {
    let catalogue = Catalogue::default().unit("MAIN", "次").unit("PART", "次");
    let lines = visit("2025-03-05 09:00")
        .line(line("MAIN", "2025-03-05 09:00").count(2))
        .line(line("PART", "2025-03-05 09:00").count(1))
        .line(line("PART", "2025-03-05 09:10").count(3).yuan(30))
        .line(line("PART", "2025-03-05 09:20").count(1));
    check_with(&charged_twice(PairWindow::Visit), &catalogue, &one(lines.clone()), "B0 违规 P0 L1 10.00, L2 10.00, (L3), (L0)");
    let by_hours = Catalogue::default().unit("MAIN", "小时").unit("PART", "次");
    let all = "B0 违规 P0 L1 10.00, L2 30.00, L3 10.00, (L0)";
    check_with(&charged_twice(PairWindow::Visit), &by_hours, &one(lines), all);
}

#[test]
fn pairs_of_a_prescription_meet_by_its_number() {
    let mut rule = hitting(block(Source::Pairs, &[Key::Prescription, Key::Point]), vec![Expr::TRUE]);
    rule.table = Some(0);
    rule.amount = Amount::Both;
    let rules = rules(vec![pair(&["T1"], &["T2"], None)], vec![rule]);
    let people = one(visit("2025-03-05 09:00")
        .line(line("T1", "2025-03-05 09:00").rx(1))
        .line(line("T2", "2025-03-05 09:00").rx(1).yuan(3))
        .line(line("T1", "2025-03-05 09:00").rx(2))
        .line(line("T2", "2025-03-05 09:00").rx(3)));
    check(&rules, &people, "B0 违规 P0 L1 3.00, L0 10.00");
}

#[test]
fn a_line_is_no_pair_of_its_own() {
    let mut rules = charged_twice(PairWindow::Visit);
    rules.tables[0].points[0] = pair(&["SAME"], &["SAME"], Some(PairWindow::Visit));
    check(&rules, &one(visit_of(&[("SAME", "2025-03-05 09:00")])), "");
    rules.blocks[0].window = Window::All;
    rules.blocks[0].keys = vec![Key::Visit];
    check(&rules, &one(visit_of(&[("SAME", "2025-03-05 09:00")])), "");
}
