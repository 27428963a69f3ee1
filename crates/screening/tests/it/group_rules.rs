//! SQL rules' own examples.

use mingjian_screening::run_sql_cases;

use crate::fixture::library;

#[test]
fn the_examples_of_a_group_rule_run_through_the_same_statement() {
    let library = library();
    let rule = library.rule("M901").unwrap();
    let results = run_sql_cases(&library, rule);
    assert_eq!(results.len(), 2);
    assert!(results.iter().all(|result| result.passed), "{results:?}");
}
