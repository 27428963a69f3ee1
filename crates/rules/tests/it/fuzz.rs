//! Mutated files never panic the reader, the checker or the formatter.

#[path = "../../examples/fuzz/mutate.rs"]
mod mutate;

use mutate::{Random, mutated, seeds};

#[test]
fn a_few_thousand_mutated_files_are_read_without_panic() {
    let seeds = seeds();
    let mut random = Random::new(20_250_305);
    for _ in 0..3_000 {
        mutate::read(&mutated(&seeds, &mut random));
    }
}

#[test]
fn deep_and_long_input_is_refused_not_followed() {
    let (before, after) =
        ("+++\nid = \"A1\"\nname = \"a\"\n+++\n# t\n```rule\nfor lines\nper visit\nhit when ", "\namount none\nsay \"x\"\n```\n");
    for piece in ["(", "not ", "-", "charges{", "if a then ", "a + ", "known(", "a in {", "has item in {", "a and ", "{", "\"", "1."] {
        let text = format!("{before}{}{after}", piece.repeat(20_000));
        mutate::read(&[("rules/x/A1-a.md".to_string(), text)]);
    }
    let lets: String = (0..24).map(|i| format!("let a{} = a{i} + a{i}\n", i + 1)).collect();
    let doubling =
        format!("+++\n+++\n# t\n```rule\nfor lines\nper visit\nlet a0 = count\n{lets}hit when a23 > 1\namount none\nsay \"x\"\n```\n");
    mutate::read(&[("rules/x/A1-a.md".to_string(), doubling)]);
    mutate::read(&[("knowledge/a.csv".to_string(), format!("#! a = {}\n", "[".repeat(50_000)))]);
}
