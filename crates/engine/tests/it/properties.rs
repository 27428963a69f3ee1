//! What holds for any people under a library with a block of every kind.

use mingjian_engine::expr::{AggKind, Cmp, Expr, Field, age_years};
use mingjian_engine::program::{Amount, Block, CodeSet, Exemption, Key, Need, PairWindow, Point, Source, Table, Window};
use mingjian_engine::timeline::{SEX_FEMALE, SEX_MALE, flag};
use mingjian_engine::{Evidence, Hit, Options, RuleSet};
use mingjian_model::day::{MICROS_PER_DAY, MICROS_PER_HOUR};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use crate::world::*;

const ITEMS: [&str; 9] = ["XFORWOMEN", "XCHILD01", "XCHILD02", "BED", "MAIN", "PART", "CSTENT1", "PCI", "T1"];

fn count() -> Expr {
    agg(AggKind::Count, number(0))
}

/// One block of every source, window and amount.
pub fn library() -> RuleSet {
    let tables = vec![
        Table {
            name: "sex".into(),
            columns: vec!["sex".into()],
            points: vec![point(&["XFORWOMEN"], &[SEX_FEMALE.into()]), point(&["XF*"], &[SEX_FEMALE.into()])],
        },
        Table {
            name: "child".into(),
            columns: vec!["age".into()],
            points: vec![point(&["XCHILD*"], &[age_years(18)]), point(&["XCHILD02"], &[age_years(3)])],
        },
        Table {
            name: "daily".into(),
            columns: vec!["max".into()],
            points: vec![point(&["BED"], &[10_000]), point(&["T1", "BE*"], &[20_000])],
        },
        Table {
            name: "pairs".into(),
            columns: Vec::new(),
            points: vec![
                pair(&["MAIN"], &["PART"], Some(PairWindow::Day)),
                pair(&["MAIN"], &["PART", "BED"], Some(PairWindow::Span(6 * MICROS_PER_HOUR))),
                pair(&["PCI"], &["PCI", "PART"], Some(PairWindow::Visit)),
            ],
        },
        Table {
            name: "companions".into(),
            columns: vec!["companions".into()],
            points: vec![Point { item_sets: Box::new([codes(&["PCI", "MA*"])]), ..point(&["CSTENT*"], &[0]) }],
        },
    ];
    let with_table = |table: u16, block: Block| Block { table: Some(table), ..block };
    let item = [Key::Visit, Key::Item];
    let gap = Expr::Sub(Box::new((field(Field::BeginDay), Expr::Prev(Field::EndDay))));
    let blocks = vec![
        with_table(
            0,
            Block { amount: Amount::Scope, ..hitting(block(LINES, &item), vec![cmp(field(Field::Sex), Cmp::Ne, Expr::Point(0))]) },
        ),
        with_table(
            1,
            Block {
                amount: Amount::Scope,
                watch: Some(cmp(field(Field::Level), Cmp::Lt, number(3))),
                needs: vec![Need { holds: field(Field::HasClock), reason: String::new() }],
                ..hitting(block(LINES, &item), vec![Expr::AgeCmp(Cmp::Ge, Box::new(Expr::Point(0)))])
            },
        ),
        with_table(
            2,
            Block {
                amount: Amount::Excess { of: field(Field::Count), over: Expr::Point(0) },
                unless: vec![Exemption { when: Expr::Flags(flag::DISCHARGE_DRUG), reason: String::new() }],
                ..hitting(
                    block(LINES, &[Key::Person, Key::Institution, Key::Item, Key::Day]),
                    vec![cmp(sum(field(Field::Count)), Cmp::Gt, Expr::Point(0))],
                )
            },
        ),
        with_table(
            3,
            Block {
                window: Window::Point,
                amount: Amount::PartUpToMain,
                ..hitting(block(Source::Pairs, &[Key::Person, Key::Point]), vec![Expr::TRUE])
            },
        ),
        with_table(3, Block { amount: Amount::Both, ..hitting(block(Source::Pairs, &[Key::Visit, Key::Point]), vec![Expr::TRUE]) }),
        with_table(
            4,
            Block { amount: Amount::Scope, ..hitting(block(LINES, &item), vec![Expr::Not(Box::new(Expr::VisitHasPointItem(0)))]) },
        ),
        Block {
            window: Window::Within(number(5)),
            watch: Some(cmp(count(), Cmp::Gt, number(1))),
            amount: Amount::Scope,
            ..hitting(block(LINES, &[Key::Person, Key::Item]), vec![cmp(count(), Cmp::Gt, number(2))])
        },
        Block {
            window: Window::Course(number(3)),
            amount: Amount::LinesWhere(cmp(field(Field::NthDay), Cmp::Gt, number(1))),
            ..hitting(block(ALL_LINES, &[Key::Person, Key::Generic]), vec![cmp(agg(AggKind::Days, number(0)), Cmp::Gt, number(1))])
        },
        Block {
            window: Window::Chain(number(1)),
            amount: Amount::Excess { of: field(Field::SupplyDays), over: number(7) },
            filter: vec![field(Field::Drug)],
            ..hitting(block(LINES, &[Key::Person, Key::Item]), vec![cmp(field(Field::ChainDays), Cmp::Gt, number(7))])
        },
        Block {
            amount: Amount::Ladder(Box::new([10_000, 5000])),
            ..hitting(block(LINES, &[Key::Visit, Key::Session]), vec![cmp(agg(AggKind::Distinct, field(Field::Item)), Cmp::Gt, number(1))])
        },
        Block {
            amount: Amount::PriceOver(number(5_000_000)),
            ..hitting(block(LINES, &item), vec![cmp(field(Field::Price), Cmp::Gt, number(5_000_000))])
        },
        hitting(block(Source::Visits, &[Key::Person, Key::Day]), vec![cmp(count(), Cmp::Ge, number(2))]),
        Block {
            window: Window::Next,
            ..hitting(block(Source::Stays, &[Key::Person, Key::Institution]), vec![cmp(gap, Cmp::Le, number(7))])
        },
        hitting(block(Source::Settlements, &[Key::Settlement]), vec![field(Field::InsideOtherStay)]),
        Block {
            filter: vec![Expr::MainDxInSet(0)],
            ..hitting(block(Source::Diagnoses, &[Key::Visit]), vec![cmp(field(Field::Sex), Cmp::Eq, number(SEX_MALE.into()))])
        },
        hitting(block(RAW_LINES, &item), vec![cmp(field(Field::Count), Cmp::Le, number(0))]),
    ];
    RuleSet { blocks, tables, item_sets: vec![], dx_sets: vec![codes(&["K29*"])], texts: vec![String::new()] }
}

prop_compose! {
    fn some_line(begin: i64)(
        item in 0..ITEMS.len(),
        days in 0i64..6,
        hour in 0i64..24,
        count in prop_oneof![4 => Just(1i64), 2 => Just(2), 1 => Just(3)],
        yuan in 1i64..40,
        scope in 0i64..3,
        back in prop_oneof![6 => Just(0i32), 1 => 1i32..4],
        settlement in prop_oneof![8 => Just(Some(0)), 1 => Just(None), 1 => Just(Some(1))],
        discharge in prop::bool::weighted(0.1),
        supply in 0i32..12,
    ) -> Line {
        let mut made = line(ITEMS[item], "2025-01-01 00:00").count(count).yuan(yuan).supply(supply).settlement(settlement);
        made.time = begin + days * MICROS_PER_DAY + hour * MICROS_PER_HOUR;
        made.scope = Some(yuan * 100 * scope / 2);
        made.own = if scope == 0 { yuan * 100 } else { 0 };
        if scope == 2 {
            made.scope = None;
        }
        made.flags = if discharge { flag::DISCHARGE_DRUG } else { 0 };
        if back > 0 {
            made = made.reverses(back);
            made.scope = made.scope.map(|scope| -scope);
            made.own = -made.own;
        }
        made
    }
}

prop_compose! {
    fn some_visit()(start in 0i64..40, inpatient in prop::bool::weighted(0.3), hospital in 1..3)(
        lines in prop::collection::vec(some_line(at("2025-01-01 00:00") + start * MICROS_PER_DAY), 0..7),
        start in Just(start),
        inpatient in Just(inpatient),
        hospital in Just(hospital),
        void in prop::bool::weighted(0.1),
        level in 1u8..4,
        dx in prop::option::of(prop::sample::select(vec!["K29.500", "C34.900", "I10"])),
    ) -> Stay {
        let mut made = visit("2025-01-01 00:00").at_institution(&format!("H{hospital}")).level(level);
        made.begin = at("2025-01-01 08:00") + start * MICROS_PER_DAY;
        if inpatient {
            made.med_type = 21;
            made.end = Some(made.begin + 4 * MICROS_PER_DAY);
        }
        made.void = vec![void, false];
        made.diagnoses = dx.map(str::to_string).into_iter().collect();
        made.lines = lines;
        made.lines.sort_by_key(|line| line.time);
        made
    }
}

prop_compose! {
    fn somebody()(sex in 0u8..3, born in prop::option::of(2005i32..2024), visits in prop::collection::vec(some_visit(), 0..5)) -> Somebody {
        let mut visits = visits;
        visits.sort_by_key(|visit| visit.begin);
        Somebody { sex, birth: born.map(|year| day(&format!("{year}-01-10"))), visits, ..Somebody::default() }
    }
}

pub fn people() -> impl Strategy<Value = Vec<Somebody>> {
    prop::collection::vec(somebody(), 0..6)
}

/// Hits as they would be named outside of their batch: rows by person and place in the person.
fn named(hits: &[Hit], people: &[Somebody], who: &[usize]) -> Vec<String> {
    let mut first = [0; 4].map(|_: i32| vec![0usize]);
    for somebody in people {
        let lines: usize = somebody.visits.iter().map(|visit| visit.lines.len()).sum();
        let settlements: usize = somebody.visits.iter().map(|visit| visit.void.len()).sum();
        let diagnoses: usize = somebody.visits.iter().map(|visit| visit.diagnoses.len()).sum();
        for (column, len) in first.iter_mut().zip([lines, somebody.visits.len(), settlements, diagnoses]) {
            column.push(column[column.len() - 1] + len);
        }
    }
    let mut names: Vec<String> = hits
        .iter()
        .map(|hit| {
            let table = match hit.evidence {
                Evidence::Lines => 0,
                Evidence::Visits => 1,
                Evidence::Settlements => 2,
                Evidence::Diagnoses => 3,
            };
            let rows: Vec<_> =
                hit.rows.iter().map(|row| (row.row as usize - first[table][hit.person as usize], row.role, row.amount)).collect();
            format!("{} {:?} {:?} P{} {rows:?} {:?}", hit.block, hit.outcome, hit.band, who[hit.person as usize], hit.points)
        })
        .collect();
    names.sort();
    names
}

fn hits_of(rules: &RuleSet, people: &[Somebody]) -> Vec<Hit> {
    screen(rules, &Catalogue::default(), people, Options::default()).0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_order_of_persons_and_the_cut_of_batches_change_nothing(people in people(), cut in 0usize..6) {
        let rules = library();
        let all: Vec<usize> = (0..people.len()).collect();
        let whole = named(&hits_of(&rules, &people), &people, &all);

        let reversed: Vec<Somebody> = people.iter().rev().cloned().collect();
        let who: Vec<usize> = all.iter().rev().copied().collect();
        prop_assert_eq!(&whole, &named(&hits_of(&rules, &reversed), &reversed, &who));

        let (left, right) = people.split_at(cut.min(people.len()));
        let (who_left, who_right) = all.split_at(cut.min(people.len()));
        let mut parts = named(&hits_of(&rules, left), left, who_left);
        parts.extend(named(&hits_of(&rules, right), right, who_right));
        parts.sort();
        prop_assert_eq!(whole, parts);
    }

    #[test]
    fn one_more_block_changes_no_other_blocks_hits(people in people(), left_out in 0usize..16) {
        let rules = library();
        let hits = hits_of(&rules, &people);
        let mut fewer = library();
        fewer.blocks.remove(left_out);
        let expected: Vec<Hit> = hits
            .into_iter()
            .filter(|hit| usize::from(hit.block) != left_out)
            .map(|hit| Hit { block: hit.block - u16::from(usize::from(hit.block) > left_out), ..hit })
            .collect();
        prop_assert_eq!(expected, hits_of(&fewer, &people));
    }

    #[test]
    fn a_line_fully_refunded_never_hits(people in people()) {
        let mut rules = library();
        rules.blocks.pop(); // Raw lines show reversals.
        let mut people = people;
        let mut gone = Vec::new();
        let mut row = 0;
        for visit in people.iter_mut().flat_map(|somebody| &mut somebody.visits) {
            // Every charge is taken back at the visit's end.
            visit.lines.retain(|line| line.count > 0);
            let charges = visit.lines.clone();
            for charge in &charges {
                let mut back = charge.clone().reverses(charges.len() as i32);
                back.scope = charge.scope.map(|scope| -scope);
                back.own = -charge.own;
                visit.lines.push(back);
            }
            gone.extend(row..row + visit.lines.len() as u32);
            row += visit.lines.len() as u32;
        }
        for hit in hits_of(&rules, &people) {
            prop_assert!(hit.evidence != Evidence::Lines || hit.rows.iter().all(|row| !gone.contains(&row.row)), "{:?}", hit);
        }
    }

    #[test]
    fn amounts_never_exceed_the_evidence(people in people()) {
        let rules = library();
        let (hits, _, batch) = screen(&rules, &Catalogue::default(), &people, Options::default());
        for hit in hits {
            let mut seen = Vec::new();
            for row in &hit.rows {
                prop_assert!(row.amount >= 0);
                if hit.evidence == Evidence::Lines {
                    prop_assert!(row.amount <= batch.scope[row.row as usize].max(0), "{:?}", hit);
                }
                prop_assert!(!seen.contains(&row.row), "a row is evidence once");
                seen.push(row.row);
            }
            prop_assert!(hit.has_amount || hit.amount() == 0);
            prop_assert!(hit.first <= hit.last);
        }
    }

    #[test]
    fn any_rows_do_no_harm(origins in prop::collection::vec(any::<i32>(), 0..8), times in prop::collection::vec(-4_000_000_000_000_000i64..4_000_000_000_000_000, 8)) {
        let mut visit = stay("2025-01-01 08:00", "2025-01-03 08:00");
        for (at, origin) in origins.iter().enumerate() {
            let mut made = line(ITEMS[at % ITEMS.len()], "2025-01-01 09:00").count(if at % 2 == 0 { 1 } else { -1 });
            (made.origin, made.time) = (*origin, times[at]);
            visit = visit.line(made);
        }
        hits_of(&library(), &[woman("2000-01-01").visit(visit)]);
    }
}

#[test]
fn the_library_finds_something_of_every_kind() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = vec![false; library().blocks.len()];
    for _ in 0..300 {
        let people = people().new_tree(&mut runner).unwrap().current();
        for hit in hits_of(&library(), &people) {
            seen[usize::from(hit.block)] = true;
        }
    }
    let missing: Vec<usize> = (0..seen.len()).filter(|block| !seen[*block]).collect();
    assert!(missing.is_empty(), "blocks {missing:?} never hit: the properties say nothing about them");
    assert_eq!(CodeSet::default(), codes(&[]));
}
