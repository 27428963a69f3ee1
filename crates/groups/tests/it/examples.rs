//! SQL rules' own examples.

#[test]
fn every_built_in_group_rule_holds_its_examples() {
    let library = mingjian_rules::Library::built_in();
    let results =
        library.rules.iter().flat_map(|rule| mingjian_groups::run_cases(&library, rule).into_iter().map(move |result| (&rule.id, result)));
    let failed: Vec<String> = results
        .filter(|(_, result)| !result.passed)
        .map(|(id, result)| format!("{id} 第 {} 行“{}”：{}", result.line, result.name, result.message))
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
