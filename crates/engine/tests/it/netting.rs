//! Refunds and reversals.

use mingjian_engine::expr::{Cmp, Expr, Field};
use mingjian_engine::program::{Amount, Key};
use mingjian_engine::timeline::flag;

use crate::world::*;

fn every_line(source: mingjian_engine::program::Source) -> mingjian_engine::RuleSet {
    let mut rule = hitting(block(source, &[Key::Visit, Key::Item]), vec![cmp(field(Field::Count), Cmp::Ne, number(0))]);
    rule.amount = Amount::Scope;
    rules(vec![], vec![rule])
}

fn one(visit: Stay) -> [Somebody; 1] {
    [woman("1980-01-01").visit(visit)]
}

#[test]
fn a_line_fully_taken_back_leaves() {
    let people = one(visit("2025-03-05 09:00")
        .line(line("A", "2025-03-05 09:00").count(2).yuan(20))
        .line(line("A", "2025-03-05 10:00").count(2).yuan(20).reverses(1)));
    check(&every_line(LINES), &people, "");
    check(&every_line(ALL_LINES), &people, "");
}

#[test]
fn a_line_partly_taken_back_keeps_what_is_left() {
    let people = one(visit("2025-03-05 09:00")
        .line(line("A", "2025-03-05 09:00").count(3).yuan(30))
        .line(line("B", "2025-03-05 09:30"))
        .line(line("A", "2025-03-05 10:00").count(1).yuan(10).reverses(2)));
    check(
        &every_line(LINES),
        &people,
        "B0 违规 P0 L0 20.00
         B0 违规 P0 L1 10.00",
    );
    let mut rule = every_line(LINES);
    rule.blocks[0].hit = Some(vec![cmp(field(Field::Count), Cmp::Eq, number(20_000))]);
    check(&rule, &people, "B0 违规 P0 L0 20.00");
}

#[test]
fn reversals_in_steps_net_to_nothing() {
    let people = one(visit("2025-03-05 09:00")
        .line(line("A", "2025-03-05 09:00").count(2).yuan(20))
        .line(line("A", "2025-03-05 10:00").reverses(1))
        .line(line("A", "2025-03-05 11:00").reverses(2)));
    check(&every_line(LINES), &people, "");
}

#[test]
fn a_reversal_of_a_reversal_finds_the_charge() {
    let people = one(visit("2025-03-05 09:00")
        .line(line("A", "2025-03-05 09:00").count(2).yuan(20))
        .line(line("A", "2025-03-05 10:00").reverses(1))
        .line(line("A", "2025-03-05 11:00").reverses(1)));
    check(&every_line(LINES), &people, "");
}

#[test]
fn a_reversal_without_origin_is_seen_raw_only() {
    let people = one(visit("2025-03-05 09:00").line(line("A", "2025-03-05 09:00")).line(line("A", "2025-03-05 10:00").orphan()));
    check(&every_line(LINES), &people, "B0 违规 P0 L0 10.00");
    let mut rule = every_line(RAW_LINES);
    rule.blocks[0].hit = Some(vec![Expr::Flags(flag::ORPHAN_REVERSAL)]);
    rule.blocks[0].amount = Amount::None;
    check(&rule, &people, "B0 违规 P0 L1");
}

#[test]
fn raw_and_net_conditions_do_not_mix() {
    let people = one(visit("2025-03-05 09:00")
        .line(line("A", "2025-03-05 09:00").count(3).yuan(30))
        .line(line("A", "2025-03-05 10:00").count(1).yuan(10).reverses(1)));
    let (net, raw) = (every_line(LINES), every_line(RAW_LINES));
    let three = vec![cmp(field(Field::Count), Cmp::Eq, number(30_000))];
    let blocks = [net, raw].into_iter().flat_map(|rules| rules.blocks).map(|block| hitting(block, three.clone())).collect();
    check(&rules(vec![], blocks), &people, "B1 违规 P0 L0 30.00");
}

#[test]
fn a_refunded_settlement_leaves_with_its_lines() {
    let mut resettled = visit("2025-03-05 09:00")
        .line(line("A", "2025-03-05 09:00").settlement(Some(0)))
        .line(line("A", "2025-03-05 09:00").reverses(1).settlement(Some(1)))
        .line(line("A", "2025-03-05 09:00").settlement(Some(2)));
    resettled.void = vec![true, true, false];
    check(&every_line(LINES), &one(resettled), "B0 违规 P0 L2 10.00");
    let refunded =
        visit("2025-03-05 09:00").line(line("A", "2025-03-05 09:00")).line(line("A", "2025-03-05 09:00").settlement(None)).void();
    check(&every_line(LINES), &one(refunded), "");
}

#[test]
fn raw_lines_leave_with_a_refunded_settlement_too() {
    let mut resettled = visit("2025-03-05 09:00")
        .line(line("A", "2025-03-05 09:00").settlement(Some(0)))
        .line(line("A", "2025-03-05 09:00").orphan().settlement(Some(1)))
        .line(line("A", "2025-03-05 09:00").settlement(Some(2)))
        .line(line("B", "2025-03-05 09:30").settlement(None))
        .line(line("B", "2025-03-05 10:00").reverses(1).settlement(None));
    resettled.void = vec![true, true, false];
    let mut rule = every_line(RAW_LINES);
    rule.blocks[0].amount = Amount::None;
    check(
        &rule,
        &one(resettled),
        "B0 违规 P0 L2
         B0 违规 P0 L3, L4",
    );
}

#[test]
fn a_line_without_a_time_is_seen_raw_only() {
    let people = one(visit("2025-03-05 09:00")
        .line(line("A", "2025-03-05 09:00").flags(flag::NO_TIME))
        .line(line("A", "2025-03-05 09:00").flags(flag::NO_TIME).count(2))
        .line(line("A", "2025-03-05 10:00").reverses(1)));
    check(&every_line(ALL_LINES), &people, "");
    let mut rule = every_line(RAW_LINES);
    rule.blocks[0].hit = Some(vec![Expr::Flags(flag::NO_TIME)]);
    rule.blocks[0].amount = Amount::None;
    check(&rule, &people, "B0 违规 P0 L0, L1");
}

#[test]
fn lines_without_settlement_stay() {
    let people = one(visit("2025-03-05 09:00").line(line("A", "2025-03-05 09:00").settlement(None)));
    check(&every_line(LINES), &people, "B0 违规 P0 L0 10.00");
}

#[test]
fn a_reversal_of_another_visit_is_an_orphan() {
    let people = [woman("1980-01-01")
        .visit(visit("2025-03-05 09:00").line(line("A", "2025-03-05 09:00")))
        .visit(visit("2025-03-06 09:00").line(line("A", "2025-03-06 10:00").reverses(1)))];
    check(&every_line(LINES), &people, "B0 违规 P0 L0 10.00");
}
