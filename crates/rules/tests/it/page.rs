//! The language's page says what is so: its examples are read by the language.

use mingjian_rules::{Library, format_rule, run_cases};

const PAGE: &str = include_str!("../../../../docs/rule-language.md");

fn between(begin: &str, end: &str) -> &'static str {
    let (_, rest) = PAGE.split_once(begin).unwrap();
    rest.split_once(end).unwrap().0
}

#[test]
fn the_first_example_of_the_page_holds() {
    let rule = between("````markdown\n", "````");
    let start = PAGE.find("#! title").unwrap();
    let table = PAGE[start..].split_once("```").unwrap().0;
    let files =
        vec![("rules/drug/N067-drug_sex.md".to_string(), rule.to_string()), ("knowledge/drug_sex.csv".to_string(), table.to_string())];
    let (library, found) = Library::from_files(files);
    assert!(found.is_empty(), "{found:?}");
    let results = run_cases(&library, &library.rules[0]);
    assert!(results.len() == 2 && results.iter().all(|result| result.passed), "{results:?}");
    let logic = |text: &str| text.split_once("```rule").unwrap().1.split_once("```").unwrap().0.to_string();
    assert_eq!(logic(&format_rule("a.md", rule).unwrap()), logic(rule), "the page shows the one form");
}
