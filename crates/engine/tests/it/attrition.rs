//! Why a condition fell away.

use mingjian_engine::expr::{Cmp, Expr, Field};
use mingjian_engine::program::{Amount, Key};
use mingjian_engine::timeline::SEX_FEMALE;
use mingjian_engine::{NearMiss, Options};

use crate::world::*;

#[test]
fn a_trace_follows_rows_from_candidate_to_hit() {
    let conditions = vec![cmp(field(Field::Sex), Cmp::Ne, Expr::Point(0)), cmp(field(Field::Count), Cmp::Gt, number(10_000))];
    let mut rule = hitting(block(LINES, &[Key::Visit, Key::Item]), conditions);
    rule.table = Some(0);
    rule.amount = Amount::Scope;
    rule.filter = vec![cmp(field(Field::Level), Cmp::Ge, number(2))];
    let mut rules = rules(vec![point(&["A"], &[SEX_FEMALE.into()])], vec![rule]);
    rules.tables[0].points[0].valid.0 = day("2025-01-01");
    let people = [
        man("1980-01-01")
            .visit(
                visit("2025-03-05 09:00")
                    .line(line("A", "2025-03-05 09:00").count(2))
                    .line(line("A", "2025-03-05 09:00"))
                    .line(line("A", "2025-03-05 09:00").self_paid())
                    .line(line("B", "2025-03-05 09:00")),
            )
            .visit(visit("2024-03-05 09:00").line(line("A", "2024-03-05 09:00").count(2)))
            .visit(visit("2025-03-06 09:00").level(1).line(line("A", "2025-03-06 09:00").count(2))),
        woman("1980-01-01").visit(visit("2025-03-05 09:00").line(line("A", "2025-03-05 09:00"))),
    ];
    let (hits, attrition, _) = screen(&rules, &Catalogue::default(), &people, Options { trace: true, ..Options::default() });
    assert_eq!(show(&hits), "B0 违规 P0 L0 10.00\n");
    let counts = &attrition.blocks[0];
    assert_eq!((counts.candidates, counts.in_scope, counts.valid, counts.concerned), (6, 5, 4, 3));
    assert_eq!((counts.judged, counts.hits, &counts.failed[..]), (3, 1, &[1, 1][..]));
    assert_eq!(counts.near_misses, [NearMiss { person: 0, visit: 0, line: 1, condition: 1 }]);
}
