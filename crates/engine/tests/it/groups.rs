//! Groups judged whole: keys, sums, points.

use mingjian_engine::Options;
use mingjian_engine::expr::{Agg, AggKind, Cmp, Expr, Field};
use mingjian_engine::program::{Amount, Exemption, Key, Need};
use mingjian_engine::timeline::flag;

use crate::world::*;

/// `per person, institution, item, day; hit when sum(count) > k.max`.
fn daily_limit(max: i64) -> mingjian_engine::RuleSet {
    let keys = [Key::Person, Key::Institution, Key::Item, Key::Day];
    let mut rule = hitting(block(LINES, &keys), vec![cmp(sum(field(Field::Count)), Cmp::Gt, Expr::Point(0))]);
    rule.table = Some(0);
    rule.amount = Amount::Excess { of: field(Field::Count), over: Expr::Point(0) };
    rules(vec![point(&["BED", "NURSE"], &[max * 10_000])], vec![rule])
}

#[test]
fn counts_of_a_day_are_summed_per_item_and_institution() {
    let people = [woman("1980-01-01")
        .visit(
            stay("2025-03-04 09:00", "2025-03-08 09:00")
                .line(line("BED", "2025-03-05 08:00"))
                .line(line("NURSE", "2025-03-05 08:00"))
                .line(line("BED", "2025-03-05 12:00").count(2).yuan(20))
                .line(line("BED", "2025-03-06 08:00")),
        )
        .visit(visit("2025-03-05 10:00").line(line("BED", "2025-03-05 11:00")))
        .visit(visit("2025-03-05 10:00").at_institution("H2").line(line("BED", "2025-03-05 11:00")))];
    check(&daily_limit(1), &people, "B0 违规 P0 (L0), L4 10.00, L2 20.00");
    check(&daily_limit(3), &people, "B0 违规 P0 (L0), (L4), L2 10.00");
    check(&daily_limit(4), &people, "");
}

#[test]
fn lines_exempted_one_by_one_do_not_count() {
    let mut rules = daily_limit(1);
    rules.blocks[0].unless = vec![Exemption { when: Expr::Flags(flag::DISCHARGE_DRUG), reason: "出院带药".into() }];
    rules.blocks[0].needs = vec![Need { holds: field(Field::HasClock), reason: "没有时刻".into() }];
    let people = [woman("1980-01-01").visit(
        stay("2025-03-05 07:00", "2025-03-08 09:00")
            .line(line("BED", "2025-03-05 00:00"))
            .line(line("BED", "2025-03-05 08:00"))
            .line(line("BED", "2025-03-05 09:00").flags(flag::DISCHARGE_DRUG)),
    )];
    check(&rules, &people, "");
    assert_eq!(counts(&rules, &people, 0), (0, vec![1], vec![1]));
}

#[test]
fn an_exemption_over_the_group_spares_the_group() {
    let mut rules = daily_limit(1);
    rules.blocks[0].unless = vec![Exemption { when: cmp(agg(AggKind::Days, number(0)), Cmp::Eq, number(1)), reason: "一天".into() }];
    let people = [woman("1980-01-01").visit(visit("2025-03-05 07:00").line(line("BED", "2025-03-05 08:00").count(5)))];
    check(&rules, &people, "");
    assert_eq!(counts(&rules, &people, 0).2, [1]);
}

#[test]
fn a_line_under_two_limits_is_judged_by_each_and_the_finding_is_one() {
    let mut rules = daily_limit(1);
    rules.tables[0].points.push(point(&["BE*"], &[20_000]));
    let people = [woman("1980-01-01").visit(visit("2025-03-05 07:00").line(line("BED", "2025-03-05 08:00").count(2).yuan(20)))];
    check(&rules, &people, "B0 违规 P0 L0 10.00");
    let people = [woman("1980-01-01").visit(visit("2025-03-05 07:00").line(line("BED", "2025-03-05 08:00").count(4).yuan(40)))];
    let (hits, ..) = screen(&rules, &Catalogue::default(), &people, Options::default());
    assert_eq!(show(&hits), "B0 违规 P0 L0 30.00\n");
    assert_eq!(hits[0].points, [0, 1]);
}

#[test]
fn points_meet_in_a_group_that_asks_about_them() {
    // `hit when distinct(k.level) > 1`: levels of nursing on one day.
    let distinct = cmp(agg(AggKind::Distinct, Expr::Point(0)), Cmp::Gt, number(1));
    let mut rule = hitting(block(LINES, &[Key::Visit, Key::Day]), vec![distinct]);
    rule.table = Some(0);
    let rules = rules(vec![point(&["N1"], &[1]), point(&["N2"], &[2])], vec![rule]);
    let people = [woman("1980-01-01").visit(
        stay("2025-03-04 09:00", "2025-03-08 09:00")
            .line(line("N1", "2025-03-05 08:00"))
            .line(line("N2", "2025-03-05 09:00"))
            .line(line("N1", "2025-03-06 08:00"))
            .line(line("N1", "2025-03-06 09:00")),
    )];
    check(&rules, &people, "B0 违规 P0 L0, L1");
}

#[test]
fn every_herb_of_a_prescription_must_be_listed() {
    // `for lines where herb per prescription hit when every(item in singles)`.
    let mut rule = hitting(block(LINES, &[Key::Prescription]), vec![agg(AggKind::Every, Expr::ItemInSet(0))]);
    rule.filter = vec![field(Field::Herb)];
    rule.amount = Amount::Scope;
    let mut rules = rules(vec![], vec![rule]);
    rules.item_sets = vec![codes(&["T1", "T2"])];
    let people = [woman("1980-01-01").visit(
        visit("2025-03-05 09:00")
            .line(line("T1", "2025-03-05 09:00").rx(1))
            .line(line("T2", "2025-03-05 09:00").rx(1))
            .line(line("XPILL", "2025-03-05 09:00").rx(1))
            .line(line("T1", "2025-03-05 09:00").rx(2))
            .line(line("T9", "2025-03-05 09:00").rx(2))
            .line(line("T1", "2025-03-05 09:00")),
    )];
    check(&rules, &people, "B0 违规 P0 L0 10.00, L1 10.00");
    assert_eq!(counts(&rules, &people, 0).0, 1, "a line without prescription number is not judged");
}

#[test]
fn sums_take_a_condition() {
    let over = |filter| Expr::Agg(Box::new(Agg { kind: AggKind::Count, of: number(0), filter }));
    let large = cmp(field(Field::Amount), Cmp::Ge, number(2000));
    let rule = hitting(block(LINES, &[Key::Visit]), vec![cmp(over(Some(large)), Cmp::Ge, number(2)), cmp(over(None), Cmp::Eq, number(3))]);
    let people = [woman("1980-01-01").visit(
        visit("2025-03-05 09:00")
            .line(line("A", "2025-03-05 09:00").yuan(20))
            .line(line("B", "2025-03-05 09:00"))
            .line(line("C", "2025-03-05 09:00").yuan(30)),
    )];
    check(&rules(vec![], vec![rule]), &people, "B0 违规 P0 L0, L1, L2");
}

#[test]
fn generics_and_routes_group_drugs() {
    let keys = [Key::Person, Key::Generic, Key::Route];
    let rule = hitting(block(LINES, &keys), vec![cmp(agg(AggKind::Count, number(0)), Cmp::Gt, number(1))]);
    let people = [woman("1980-01-01").visit(
        visit("2025-03-05 09:00")
            .line(line("XA02BCA071A001", "2025-03-05 09:00").route("口服"))
            .line(line("XA02BCA071B002", "2025-03-05 09:01").route("口服"))
            .line(line("XA02BCA071B002", "2025-03-05 09:02").route("静脉滴注"))
            .line(line("XA02BCA071B002", "2025-03-05 09:03"))
            .line(line("XA02BCA072B002", "2025-03-05 09:04").route("口服")),
    )];
    check(&rules(vec![], vec![rule]), &people, "B0 违规 P0 L0, L1");
}

#[test]
fn operation_sessions_follow_the_records() {
    let rule =
        hitting(block(LINES, &[Key::Visit, Key::Session]), vec![cmp(agg(AggKind::Distinct, field(Field::Item)), Cmp::Gt, number(1))]);
    let lines = |visit: Stay| {
        visit
            .line(line("OP1", "2025-03-05 10:00"))
            .line(line("OP2", "2025-03-05 11:00"))
            .line(line("OP3", "2025-03-05 17:00"))
            .line(line("OP4", "2025-03-06 17:00"))
    };
    let rules = rules(vec![], vec![rule]);
    let people = |visit: Stay| [woman("1980-01-01").visit(lines(visit))];
    check(&rules, &people(stay("2025-03-04 09:00", "2025-03-08 09:00")), "B0 违规 P0 L0, L1, L2");
    let recorded = stay("2025-03-04 09:00", "2025-03-08 09:00").operation("2025-03-05 09:30").operation("2025-03-05 16:00");
    check(&rules, &people(recorded), "B0 违规 P0 L0, L1");
}

#[test]
fn hours_on_the_days_of_admission_and_discharge_are_those_present() {
    let limit = Expr::Times(Box::new(field(Field::HoursPresent)), 10_000);
    let mut rule = hitting(block(LINES, &[Key::Visit, Key::Item, Key::Day]), vec![cmp(sum(field(Field::Count)), Cmp::Gt, limit)]);
    rule.amount = Amount::Excess { of: field(Field::Count), over: Expr::Times(Box::new(field(Field::HoursPresent)), 10_000) };
    let people = [woman("1980-01-01").visit(
        stay("2025-03-04 14:30", "2025-03-06 09:10")
            .line(line("ECG", "2025-03-04 23:00").count(11).yuan(110))
            .line(line("ECG", "2025-03-05 23:00").count(24).yuan(240))
            .line(line("ECG", "2025-03-06 09:00").count(10).yuan(100))
            .line(line("EEG", "2025-03-06 09:00").count(11).yuan(110)),
    )];
    check(
        &rules(vec![], vec![rule]),
        &people,
        "B0 违规 P0 L0 10.00
         B0 违规 P0 L3 10.00",
    );
}
