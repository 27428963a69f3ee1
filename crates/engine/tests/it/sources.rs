//! Visits, stays, settlements, diagnoses, and what is known of a visit.

use mingjian_engine::expr::{AggKind, Cmp, Expr, Field};
use mingjian_engine::program::{Amount, Exemption, Key, Source};
use mingjian_engine::timeline::{SEX_FEMALE, SEX_MALE};

use crate::world::*;

#[test]
fn visits_are_counted_per_day_without_refunded_ones() {
    let mut rule = hitting(block(Source::Visits, &[Key::Person, Key::Day]), vec![cmp(agg(AggKind::Count, number(0)), Cmp::Ge, number(3))]);
    rule.filter = vec![Expr::In(Box::new(field(Field::MedType)), Box::new([11, 13]))];
    let at_nine = || visit("2025-03-05 09:00");
    let people = [
        woman("1980-01-01").visit(at_nine()).visit(at_nine().void()).visit(at_nine()).visit(at_nine().med_type(41)),
        woman("1980-01-01").visit(at_nine()).visit(at_nine().med_type(13)).visit(at_nine()),
    ];
    check(&rules(vec![], vec![rule]), &people, "B0 违规 P1 V4, V5, V6");
}

#[test]
fn a_diagnosis_that_does_not_fit_the_sex_hits() {
    let mut rule = hitting(block(Source::Diagnoses, &[Key::Visit, Key::Code]), vec![cmp(field(Field::Sex), Cmp::Ne, Expr::Point(0))]);
    rule.table = Some(0);
    let rules = rules(vec![point(&["N40*"], &[SEX_MALE.into()]), point(&["O80.900"], &[SEX_FEMALE.into()])], vec![rule]);
    let people = [
        woman("1980-01-01").visit(visit("2025-03-05 09:00").dx(&["I10", "N40.x00", "O80.900"])),
        man("1980-01-01").visit(visit("2025-03-05 09:00").dx(&["N40.x00", "O80.9"])),
    ];
    check(&rules, &people, "B0 违规 P0 D1");
}

#[test]
fn a_settlement_after_death_hits() {
    let mut rule = hitting(block(Source::Settlements, &[Key::Settlement]), vec![cmp(field(Field::Day), Cmp::Gt, field(Field::DeathDay))]);
    rule.filter = vec![Expr::Known(Box::new(field(Field::DeathDay)))];
    let rules = rules(vec![], vec![rule]);
    let mut dead = woman("1940-01-01").visit(visit("2025-03-05 09:00")).visit(visit("2025-03-06 00:00"));
    dead.death = Some(day("2025-03-05"));
    let alive = woman("1940-01-01").visit(visit("2025-03-05 09:00"));
    let people = [alive, dead];
    check(&rules, &people, "B0 违规 P1 S2");
    assert_eq!(counts(&rules, &people, 0).0, 0);
}

fn inside_stay() -> mingjian_engine::RuleSet {
    rules(vec![], vec![hitting(block(Source::Settlements, &[Key::Settlement]), vec![field(Field::InsideOtherStay)])])
}

#[test]
fn a_purchase_during_a_stay_elsewhere_hits_strictly_inside() {
    let bought = |day: &str| visit(day).at_institution("P1").med_type(41);
    let people = [woman("1980-01-01")
        .visit(stay("2025-03-05 09:00", "2025-03-08 09:00"))
        .visit(bought("2025-03-05 18:00"))
        .visit(bought("2025-03-06 09:00"))
        .visit(visit("2025-03-06 10:00"))
        .visit(bought("2025-03-08 09:00"))];
    check(&inside_stay(), &people, "B0 违规 P0 S2");
}

#[test]
fn a_referral_is_no_purchase_elsewhere() {
    let mut away = visit("2025-03-06 09:00").at_institution("H2");
    away.referred_from = Some(0);
    let people = [woman("1980-01-01").visit(stay("2025-03-05 09:00", "2025-03-08 09:00")).visit(away)];
    check(&inside_stay(), &people, "");
}

#[test]
fn an_open_stay_leaves_it_unknown() {
    let mut open = stay("2025-03-05 09:00", "2025-03-05 09:00");
    open.end = None;
    let people = [woman("1980-01-01").visit(open).visit(visit("2025-03-06 09:00").at_institution("H2"))];
    check(&inside_stay(), &people, "");
    assert_eq!(counts(&inside_stay(), &people, 0).0, 1);
}

#[test]
fn a_consumable_without_its_operation_hits() {
    // `hit when not (has item in k.companions)`.
    let mut rule = hitting(block(LINES, &[Key::Visit, Key::Item]), vec![Expr::Not(Box::new(Expr::VisitHasPointItem(0)))]);
    rule.table = Some(0);
    rule.amount = Amount::Scope;
    let mut stent = point(&["CSTENT*"], &[0]);
    stent.item_sets = Box::new([codes(&["3302*", "PCI"])]);
    let mut other = point(&["CLENS"], &[1]);
    other.item_sets = Box::new([codes(&["NONE"]), codes(&["PHACO"])]);
    let rules = rules(vec![stent, other], vec![rule]);
    let people = [woman("1980-01-01")
        .visit(visit("2025-03-05 09:00").line(line("CSTENT01", "2025-03-05 09:00")))
        .visit(visit("2025-03-06 09:00").line(line("CSTENT01", "2025-03-06 09:00")).line(line("330200001", "2025-03-06 09:00").self_paid()))
        .visit(visit("2025-03-07 09:00").line(line("CLENS", "2025-03-07 09:00")).line(line("PHACO", "2025-03-07 09:00")))
        .visit(
            visit("2025-03-08 09:00")
                .line(line("PCI", "2025-03-08 09:00"))
                .line(line("PCI", "2025-03-08 09:00").reverses(1))
                .line(line("CSTENT02", "2025-03-08 09:00")),
        )];
    check(
        &rules,
        &people,
        "B0 违规 P0 L0 10.00
         B0 违规 P0 L7 10.00",
    );
}

#[test]
fn diagnoses_exempt_and_missing_ones_are_not_judged() {
    let mut rule = hitting(block(LINES, &[Key::Visit, Key::Item]), vec![Expr::TRUE]);
    rule.unless = vec![Exemption { when: Expr::DxInSet(0), reason: "肿瘤".into() }];
    let mut rules = rules(vec![], vec![rule]);
    rules.dx_sets = vec![codes(&["C*"])];
    let with = |dx: &[&str]| visit("2025-03-05 09:00").dx(dx).line(line("A", "2025-03-05 09:00"));
    let people = [woman("1980-01-01").visit(with(&["I10"])).visit(with(&["I10", "C34.900"])).visit(with(&[]))];
    check(&rules, &people, "B0 违规 P0 L0");
    assert_eq!(counts(&rules, &people, 0), (1, vec![], vec![1]));
}

#[test]
fn shares_of_charges_mark_a_stay() {
    // `for stays; hit when charges{03, 04} / charges > 0.7 and operations = 0 and stay_days <= 5`.
    let share = Expr::Div(Box::new((Expr::Charges(1 << 3 | 1 << 4), Expr::Charges(u32::MAX))), 10_000);
    let conditions = vec![
        cmp(share, Cmp::Gt, number(7000)),
        cmp(field(Field::Operations), Cmp::Eq, number(0)),
        cmp(field(Field::StayDays), Cmp::Le, number(5)),
    ];
    let rules = rules(vec![], vec![hitting(block(Source::Stays, &[Key::Visit]), conditions)]);
    let catalogue = Catalogue::default().charge_type("CT", 3).charge_type("LAB", 4).charge_type("BED", 1);
    let of = |bed: i64| {
        stay("2025-03-01 09:00", "2025-03-06 09:00")
            .line(line("CT", "2025-03-02 09:00").yuan(50))
            .line(line("LAB", "2025-03-02 09:00").yuan(20))
            .line(line("BED", "2025-03-02 09:00").yuan(bed))
    };
    let people = [woman("1980-01-01").visit(of(29)).visit(of(30)).visit(of(29).operation("2025-03-03 09:00"))];
    check_with(&rules, &catalogue, &people, "B0 违规 P0 V0");
}

#[test]
fn a_registration_counts_on_the_first_day_of_the_visit() {
    let rules = rules(vec![], vec![hitting(block(Source::Visits, &[Key::Visit]), vec![field(Field::Registered)])]);
    let mut somebody = woman("1980-01-01").visit(visit("2025-03-05 09:00")).visit(visit("2025-03-06 09:00"));
    somebody.registrations = vec![(day("2024-01-01"), day("2025-03-05"))];
    check(&rules, &[somebody], "B0 违规 P0 V0");
}

#[test]
fn fees_outside_the_stay_hit() {
    let outside = Expr::Or(Box::new([
        cmp(field(Field::Day), Cmp::Lt, field(Field::BeginDay)),
        cmp(field(Field::EndDay), Cmp::Lt, field(Field::Day)),
    ]));
    let mut rule = hitting(block(LINES, &[Key::Visit, Key::Item]), vec![outside]);
    rule.filter = vec![cmp(field(Field::Care), Cmp::Eq, number(5))];
    let people = [woman("1980-01-01")
        .visit(
            stay("2025-03-05 09:00", "2025-03-07 09:00")
                .line(line("A", "2025-03-04 23:59"))
                .line(line("B", "2025-03-05 00:00"))
                .line(line("B", "2025-03-07 23:59"))
                .line(line("C", "2025-03-08 00:00")),
        )
        .visit(visit("2025-03-10 09:00").line(line("A", "2025-03-05 09:00")))];
    check(
        &rules(vec![], vec![rule]),
        &people,
        "B0 违规 P0 L0
         B0 违规 P0 L3",
    );
}
