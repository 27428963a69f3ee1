//! Row by row: attribute limits, validity, scope, findings per visit and item.

use mingjian_engine::expr::{Cmp, Expr, Field, age_days, age_years};
use mingjian_engine::program::{Amount, Exemption, Hole, Key, Need, stage};
use mingjian_engine::timeline::{SEX_FEMALE, SEX_MALE, flag};
use mingjian_engine::{Options, UNKNOWN};

use crate::world::*;

const VISIT_ITEM: [Key; 2] = [Key::Visit, Key::Item];

/// `for lines where item in t as k; per visit, item; hit when sex != k.sex; amount scope`.
fn sex_limit() -> mingjian_engine::RuleSet {
    let mut limit = hitting(block(LINES, &VISIT_ITEM), vec![cmp(field(Field::Sex), Cmp::Ne, Expr::Point(0))]);
    limit.table = Some(0);
    limit.amount = Amount::Scope;
    limit.holes = vec![Hole::AmountAtRisk, Hole::CountAtRisk, Hole::Value(Expr::Point(0))];
    rules(vec![point(&["XFORWOMEN"], &[SEX_FEMALE.into()]), point(&["XFORMEN"], &[SEX_MALE.into()])], vec![limit])
}

#[test]
fn a_drug_for_women_given_to_a_man_hits_once_per_visit_and_item() {
    let people = [
        man("1980-01-01")
            .visit(
                visit("2025-03-05 09:00")
                    .line(line("XFORWOMEN", "2025-03-05 09:00").yuan(40))
                    .line(line("XFORMEN", "2025-03-05 09:00"))
                    .line(line("XFORWOMEN", "2025-03-05 10:00").yuan(2)),
            )
            .visit(visit("2025-03-06 09:00").line(line("XFORWOMEN", "2025-03-06 09:00").yuan(7))),
        woman("1980-01-01").visit(visit("2025-03-05 09:00").line(line("XFORWOMEN", "2025-03-05 09:00"))),
    ];
    check(
        &sex_limit(),
        &people,
        "B0 违规 P0 L0 40.00, L2 2.00
         B0 违规 P0 L3 7.00",
    );
    let (hits, ..) = screen(&sex_limit(), &Catalogue::default(), &people, Options::default());
    assert_eq!(hits[0].values, [4200, 20_000, i64::from(SEX_FEMALE)]);
    assert_eq!((hits[0].visit, hits[0].settlement, &hits[0].points[..]), (0, 0, &[0][..]));
    assert_eq!((hits[0].first, hits[0].last), (at("2025-03-05 09:00"), at("2025-03-05 10:00")));
}

#[test]
fn an_unknown_sex_is_not_judged_and_never_a_hit() {
    let mut somebody = man("1980-01-01").visit(visit("2025-03-05 09:00").line(line("XFORWOMEN", "2025-03-05 09:00")));
    somebody.sex = 0;
    let people = [somebody];
    check(&sex_limit(), &people, "");
    assert_eq!(counts(&sex_limit(), &people, 0).0, 1);
}

#[test]
fn self_paid_lines_and_lines_out_of_scope_are_skipped() {
    let lines = |line: Line| [man("1980-01-01").visit(visit("2025-03-05 09:00").line(line))];
    check(&sex_limit(), &lines(line("XFORWOMEN", "2025-03-05 09:00").self_paid()), "");
    check(&sex_limit(), &lines(line("XFORWOMEN", "2025-03-05 09:00").scope(0)), "");
    let mut all = sex_limit();
    all.blocks[0].source = ALL_LINES;
    check(&all, &lines(line("XFORWOMEN", "2025-03-05 09:00").self_paid()), "B0 违规 P0 L0 0.00");
}

#[test]
fn only_the_part_in_scope_is_at_risk() {
    let people = [man("1980-01-01").visit(visit("2025-03-05 09:00").line(line("XFORWOMEN", "2025-03-05 09:00").yuan(40).scope(1234)))];
    check(&sex_limit(), &people, "B0 违规 P0 L0 12.34");
}

#[test]
fn a_point_holds_on_the_days_of_its_validity() {
    let mut dated = sex_limit();
    dated.tables[0].points[0].valid = (day("2025-03-05"), day("2025-03-06"));
    let people = [man("1980-01-01").visit(
        stay("2025-03-04 09:00", "2025-03-07 09:00")
            .line(line("XFORWOMEN", "2025-03-04 23:59"))
            .line(line("XFORWOMEN", "2025-03-05 00:00"))
            .line(line("XFORWOMEN", "2025-03-06 23:59"))
            .line(line("XFORWOMEN", "2025-03-07 00:00")),
    )];
    check(&dated, &people, "B0 违规 P0 L1 10.00, L2 10.00");
    dated.blocks[0].valid = (day("2025-03-06"), day("2099-01-01"));
    check(&dated, &people, "B0 违规 P0 L2 10.00");
}

#[test]
fn a_line_under_two_points_is_one_row_of_one_finding() {
    let mut twice = sex_limit();
    twice.tables[0].points.push(point(&["XFORW*"], &[SEX_FEMALE.into()]));
    let people = [man("1980-01-01").visit(visit("2025-03-05 09:00").line(line("XFORWOMEN", "2025-03-05 09:00")))];
    check(&twice, &people, "B0 违规 P0 L0 10.00");
    let (hits, ..) = screen(&twice, &Catalogue::default(), &people, Options::default());
    assert_eq!(hits[0].points, [0, 2]);
}

#[test]
fn a_blank_cell_is_not_judged() {
    let mut blank = sex_limit();
    blank.tables[0].points[0].values[0] = UNKNOWN;
    let people = [man("1980-01-01").visit(visit("2025-03-05 09:00").line(line("XFORWOMEN", "2025-03-05 09:00")))];
    check(&blank, &people, "");
    assert_eq!(counts(&blank, &people, 0).0, 1);
}

fn age_rule(cmp: Cmp, limit: i64) -> mingjian_engine::RuleSet {
    let mut rule = hitting(block(LINES, &VISIT_ITEM), vec![Expr::AgeCmp(cmp, Box::new(Expr::Point(0)))]);
    rule.table = Some(0);
    rule.amount = Amount::Scope;
    rules(vec![point(&["XCHILD"], &[limit])], vec![rule])
}

#[test]
fn a_birthday_in_the_middle_of_a_stay_splits_it() {
    let people = [woman("2007-03-05").visit(
        stay("2025-03-03 09:00", "2025-03-07 09:00")
            .line(line("XCHILD", "2025-03-04 23:59"))
            .line(line("XCHILD", "2025-03-05 00:00"))
            .line(line("XCHILD", "2025-03-06 08:00")),
    )];
    check(&age_rule(Cmp::Ge, age_years(18)), &people, "B0 违规 P0 L1 10.00, L2 10.00");
    check(&age_rule(Cmp::Lt, age_years(18)), &people, "B0 违规 P0 L0 10.00");
}

#[test]
fn day_29_is_no_newborn() {
    let born = |day: &str| [woman(day).visit(visit("2025-03-30 09:00").line(line("XCHILD", "2025-03-30 09:00")))];
    check(&age_rule(Cmp::Gt, age_days(28)), &born("2025-03-02"), "");
    check(&age_rule(Cmp::Gt, age_days(28)), &born("2025-03-01"), "B0 违规 P0 L0 10.00");
}

#[test]
fn a_fee_before_birth_and_a_missing_birthday_are_not_judged() {
    let rule = age_rule(Cmp::Ge, age_years(18));
    let mut somebody = woman("2025-03-06").visit(visit("2025-03-05 09:00").line(line("XCHILD", "2025-03-05 09:00")));
    assert_eq!(counts(&rule, &[somebody.clone()], 0).0, 1);
    somebody.birth = None;
    assert_eq!(counts(&rule, &[somebody], 0).0, 1);
}

#[test]
fn verdicts_go_from_hit_to_suspect_to_watch() {
    let level_below = cmp(field(Field::Level), Cmp::Lt, Expr::Point(0));
    let mut rule = hitting(block(LINES, &VISIT_ITEM), vec![level_below.clone(), Expr::Not(Box::new(field(Field::Unlevelled)))]);
    rule.table = Some(0);
    rule.suspect = Some(level_below);
    rule.watch = Some(cmp(field(Field::Count), Cmp::Gt, number(90_000)));
    let rules = rules(vec![point(&["XLEVEL"], &[2])], vec![rule]);
    let at_level = |level: u8, count: i64| visit("2025-03-05 09:00").level(level).line(line("XLEVEL", "2025-03-05 09:00").count(count));
    let mut unlevelled = at_level(1, 1);
    unlevelled.unlevelled = true;
    let people = [woman("1980-01-01").visit(at_level(1, 1)).visit(unlevelled).visit(at_level(3, 10)).visit(at_level(3, 1))];
    check(
        &rules,
        &people,
        "B0 违规 P0 L0
         B0 可疑 P0 L1
         B0 可疑 watch P0 L2",
    );
}

#[test]
fn needs_and_exemptions_are_counted_where_they_matter() {
    let mut rules = sex_limit();
    rules.blocks[0].needs = vec![Need { holds: field(Field::HasClock), reason: "没有时刻".into() }];
    rules.blocks[0].unless = vec![Exemption { when: Expr::Flags(flag::DISCHARGE_DRUG), reason: "出院带药".into() }];
    let people = [
        man("1980-01-01").visit(
            stay("2025-03-05 08:00", "2025-03-06 09:00")
                .line(line("XFORWOMEN", "2025-03-05 00:00"))
                .line(line("XFORWOMEN", "2025-03-05 09:00").flags(flag::DISCHARGE_DRUG))
                .line(line("XFORWOMEN", "2025-03-05 10:00")),
        ),
        woman("1980-01-01").visit(visit("2025-03-05 09:00").line(line("XFORWOMEN", "2025-03-05 00:00"))),
    ];
    check(&rules, &people, "B0 违规 P0 L2 10.00");
    assert_eq!(counts(&rules, &people, 0), (0, vec![1], vec![1]));
}

#[test]
fn blocks_without_a_table_look_at_every_item_that_passes() {
    let mut rule = hitting(block(LINES, &VISIT_ITEM), vec![cmp(field(Field::ChargeType), Cmp::Eq, number(9))]);
    rule.filter = vec![field(Field::Drug)];
    let rules = rules(vec![], vec![rule]);
    let catalogue = Catalogue::default().charge_type("XDRUG", 9).charge_type("CSTENT", 9).charge_type("XOTHER", 10);
    let people = [woman("1980-01-01").visit(
        visit("2025-03-05 09:00")
            .line(line("XDRUG", "2025-03-05 09:00"))
            .line(line("CSTENT", "2025-03-05 09:00"))
            .line(line("XOTHER", "2025-03-05 09:00"))
            .line(line("XNOWHERE", "2025-03-05 09:00")),
    )];
    check_with(&rules, &catalogue, &people, "B0 违规 P0 L0");
    let (_, attrition, _) = screen(&rules, &catalogue, &people, Options::default());
    assert_eq!(attrition.blocks[0].not_judged, 1, "an item the catalogue does not know");
}

#[test]
fn stages_and_the_period_choose_findings() {
    let people = [man("1980-01-01")
        .visit(visit("2025-03-05 09:00").line(line("XFORWOMEN", "2025-03-05 09:00")))
        .visit(visit("2025-04-01 09:00").line(line("XFORWOMEN", "2025-04-01 09:00")))];
    let mut rules = sex_limit();
    let options = Options { from: Some(day("2025-03-06")), to: Some(day("2025-04-01")), ..Options::default() };
    let (hits, ..) = screen(&rules, &Catalogue::default(), &people, options);
    assert_eq!(show(&hits), "B0 违规 P0 L1 10.00\n");
    rules.blocks[0].stages = stage::AFTER;
    let (hits, ..) = screen(&rules, &Catalogue::default(), &people, Options { stages: stage::BEFORE, ..Options::default() });
    assert!(hits.is_empty());
}

#[test]
fn odd_input_does_no_harm() {
    let rules = sex_limit();
    let nobody = Somebody::default();
    let empty_visit = man("1980-01-01").visit(visit("2025-03-05 09:00"));
    let mut lost = line("XFORWOMEN", "2025-03-05 09:00");
    lost.settlement = Some(77);
    let mut far = line("", "2025-03-05 09:00").reverses(500);
    far.origin = -500;
    let strange = man("1980-01-01").visit(visit("2025-03-05 09:00").line(lost).line(far));
    check(&rules, &[nobody.clone(), empty_visit, strange, nobody], "B0 违规 P2 L0 10.00");
    check(&rules, &[], "");
}
