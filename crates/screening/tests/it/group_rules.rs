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

#[test]
fn every_built_in_group_rule_holds_its_examples() {
    let library = mingjian_rules::Library::built_in();
    let failed: Vec<String> = library
        .rules
        .iter()
        .flat_map(|rule| run_sql_cases(&library, rule).into_iter().map(move |result| (rule.id.clone(), result)))
        .filter(|(_, result)| !result.passed)
        .map(|(id, result)| format!("{id} 第 {} 行“{}”：{}", result.line, result.name, result.message))
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
