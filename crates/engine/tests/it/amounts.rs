//! Amounts at risk.

use mingjian_engine::expr::{AggKind, Cmp, Expr, Field};
use mingjian_engine::program::{Amount, Key};

use crate::world::*;

fn price_cap(limit_yuan: i64) -> mingjian_engine::RuleSet {
    let mut rule = hitting(block(LINES, &[Key::Visit, Key::Item]), vec![cmp(field(Field::Price), Cmp::Gt, number(limit_yuan * 1_000_000))]);
    rule.amount = Amount::PriceOver(number(limit_yuan * 1_000_000));
    rules(vec![], vec![rule])
}

fn one(line: Line) -> [Somebody; 1] {
    [woman("1980-01-01").visit(visit("2025-03-05 09:00").line(line))]
}

#[test]
fn the_excess_of_a_price_counts_as_far_as_it_is_in_scope() {
    let charged = || line("A", "2025-03-05 09:00").count(3).yuan(300).price(100);
    check(&price_cap(80), &one(charged()), "B0 违规 P0 L0 60.00");
    check(&price_cap(80), &one(charged().scope(27_000)), "B0 违规 P0 L0 54.00");
    check(&price_cap(80), &one(charged().over_limit(6000).scope(24_000)), "B0 违规 P0 L0 0.00");
    check(&price_cap(80), &one(charged().over_limit(3000).scope(27_000)), "B0 违规 P0 L0 30.00");
    check(&price_cap(100), &one(charged()), "");
}

#[test]
fn the_price_list_goes_by_level_and_day() {
    let mut rule = hitting(block(LINES, &[Key::Visit, Key::Item]), vec![cmp(field(Field::Price), Cmp::Gt, field(Field::ListPrice))]);
    rule.amount = Amount::PriceOver(field(Field::ListPrice));
    let rules = rules(vec![], vec![rule]);
    let mut catalogue = Catalogue::default().priced("A", 3, 10).priced("B", 2, 5);
    catalogue.entries[0].3[0].end = day("2025-03-05");
    let mut newer = catalogue.entries[0].3[0];
    (newer.begin, newer.end, newer.price) = (day("2025-03-06"), day("2099-01-01"), 30_000_000);
    catalogue.entries[0].3.push(newer);
    let people = [woman("1980-01-01")
        .visit(visit("2025-03-05 09:00").line(line("A", "2025-03-05 09:00").yuan(20)).line(line("B", "2025-03-05 09:00").yuan(20)))
        .visit(visit("2025-03-06 09:00").line(line("A", "2025-03-06 09:00").yuan(20)))];
    check_with(&rules, &catalogue, &people, "B0 违规 P0 L0 10.00");
}

fn excess(limit: i64) -> mingjian_engine::RuleSet {
    let mut rule = hitting(block(LINES, &[Key::Visit]), vec![cmp(sum(field(Field::Count)), Cmp::Gt, number(limit * 10_000))]);
    rule.amount = Amount::Excess { of: field(Field::Count), over: number(limit * 10_000) };
    rules(vec![], vec![rule])
}

#[test]
fn excess_is_taken_from_the_last_rows_and_rounded_half_up() {
    let people = [woman("1980-01-01").visit(
        visit("2025-03-05 09:00")
            .line(line("A", "2025-03-05 09:00").count(2).fen(1001))
            .line(line("A", "2025-03-05 10:00").count(2).fen(1001))
            .line(line("A", "2025-03-05 11:00").count(1).fen(333)),
    )];
    check(&excess(3), &people, "B0 违规 P0 (L0), L1 5.01, L2 3.33");
    check(&excess(1), &people, "B0 违规 P0 L0 5.01, L1 10.01, L2 3.33");
}

fn ladder() -> mingjian_engine::RuleSet {
    let mut rule =
        hitting(block(LINES, &[Key::Visit, Key::Session]), vec![cmp(agg(AggKind::Distinct, field(Field::Item)), Cmp::Gt, number(1))]);
    rule.amount = Amount::Ladder(Box::new([10_000, 5000]));
    rules(vec![], vec![rule])
}

fn operations() -> Stay {
    visit("2025-03-05 09:00")
        .line(line("OP1", "2025-03-05 09:00").count(2).yuan(200).price(100))
        .line(line("OP2", "2025-03-05 09:10").yuan(500).price(500))
        .line(line("OP3", "2025-03-05 09:20").yuan(100).price(100).scope(5000))
}

#[test]
fn the_dearest_item_is_paid_in_full_and_the_others_at_their_rate() {
    check(&ladder(), &[woman("1980-01-01").visit(operations())], "B0 违规 P0 L0 100.00, (L1), L2 25.00");
}

#[test]
fn an_item_already_discounted_is_not_overcharged() {
    let catalogue = Catalogue::default().priced("OP1", 3, 200).priced("OP2", 3, 500).priced("OP3", 3, 150);
    check_with(&ladder(), &catalogue, &[woman("1980-01-01").visit(operations())], "B0 违规 P0 (L0), (L1), L2 12.50");
    // A full price of one's own, somewhat below the list: half of what was charged is too much.
    let own_price = Catalogue::default().priced("OP1", 3, 200).priced("OP2", 3, 600).priced("OP3", 3, 110);
    check_with(&ladder(), &own_price, &[woman("1980-01-01").visit(operations())], "B0 违规 P0 (L0), (L1), L2 25.00");
    let all_discounted = Catalogue::default().priced("OP1", 3, 200).priced("OP3", 3, 200);
    check_with(&ladder(), &all_discounted, &[woman("1980-01-01").visit(operations())], "");
}

#[test]
fn the_ceiling_a_line_states_tells_a_discounted_price() {
    let stay = |ceiling: i64| {
        let mut second = line("OP1", "2025-03-05 09:00").yuan(100).price(100);
        second.price_cap = ceiling * 1_000_000;
        visit("2025-03-05 09:00").line(second).line(line("OP2", "2025-03-05 09:10").yuan(500).price(500))
    };
    check(&ladder(), &[woman("1980-01-01").visit(stay(200))], "");
    check(&ladder(), &[woman("1980-01-01").visit(stay(199))], "B0 违规 P0 L0 50.00, (L1)");
    let listed = Catalogue::default().priced("OP1", 3, 100);
    check_with(&ladder(), &listed, &[woman("1980-01-01").visit(stay(200))], "B0 违规 P0 L0 50.00, (L1)");
}

#[test]
fn a_part_of_a_time_is_a_discount() {
    let stay = |count: i64, yuan: i64| {
        visit("2025-03-05 09:00")
            .line(line("OP1", "2025-03-05 09:00").tenths(count).yuan(yuan).price(100))
            .line(line("OP2", "2025-03-05 09:10").yuan(500).price(500))
    };
    check(&ladder(), &[woman("1980-01-01").visit(stay(5, 50))], "");
    check(&ladder(), &[woman("1980-01-01").visit(stay(8, 80))], "B0 违规 P0 L0 30.00, (L1)");
    check(&ladder(), &[woman("1980-01-01").visit(stay(15, 150))], "B0 违规 P0 L0 50.00, (L1)");
}

#[test]
fn records_that_overlap_or_touch_are_one_session() {
    use mingjian_engine::timeline::{Operation, join_sessions};
    let begins = |records: &[(i64, Option<i64>)]| {
        let minute = |minutes: i64| minutes * 60_000_000;
        let mut operations: Vec<_> =
            records.iter().map(|(begin, end)| (Operation { code: 0, begin: minute(*begin) }, end.map(minute))).collect();
        join_sessions(operations.iter_mut().map(|(operation, end)| (operation, *end)));
        operations.iter().map(|(operation, _)| operation.begin / 60_000_000).collect::<Vec<_>>()
    };
    assert_eq!(begins(&[(0, Some(60)), (30, Some(90)), (90, Some(120)), (121, None)]), [0, 0, 0, 121]);
    assert_eq!(begins(&[(0, None), (0, None), (1, None)]), [0, 0, 1], "without ends only equal begins are one");
    assert_eq!(begins(&[(60, Some(0)), (90, None)]), [60, 90], "an end before the begin counts for nothing");
    assert_eq!(begins(&[(0, Some(3000)), (60, None)]), [0, 60], "nor does one days later");
}

#[test]
fn lines_of_a_group_can_be_chosen() {
    let mut rule = hitting(block(LINES, &[Key::Visit]), vec![cmp(agg(AggKind::Count, number(0)), Cmp::Gt, number(1))]);
    rule.amount = Amount::LinesWhere(cmp(field(Field::Amount), Cmp::Gt, number(1500)));
    let people = [woman("1980-01-01")
        .visit(visit("2025-03-05 09:00").line(line("A", "2025-03-05 09:00")).line(line("B", "2025-03-05 09:10").yuan(20)))];
    check(&rules(vec![], vec![rule]), &people, "B0 违规 P0 (L0), L1 20.00");
}

#[test]
fn excess_over_an_unknown_limit_is_nothing() {
    let mut rules = excess(1);
    rules.blocks[0].amount = Amount::Excess { of: field(Field::Count), over: Expr::Field(Field::PriceCap) };
    let people = [woman("1980-01-01").visit(visit("2025-03-05 09:00").line(line("A", "2025-03-05 09:00").count(2)))];
    check(&rules, &people, "B0 违规 P0 (L0)");
}
