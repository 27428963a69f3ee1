//! A seeded mutator of rule and knowledge files, shared by the test and the longer run.

use mingjian_rules::{Library, ParamOverrides, Selection, format_rule, run_cases};

/// xorshift64*: small, seeded, the same everywhere.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.max(1))
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

/// Path and text.
pub type File = (String, String);

const RULE: &str = include_str!("../../tests/fixtures/library/rules/attribute/N067-drug_sex.md");
const SQL_RULE: &str = include_str!("../../tests/fixtures/library/rules/trace/T900-code_sold_again.md");
const TABLE: &str = include_str!("../../tests/fixtures/library/knowledge/drug_sex.csv");

/// Blocks that use every corner of the grammar.
const BLOCKS: [&str; 7] = [
    "for lines where drug and not discharge_drug\nper person, generic chain overlap 7 days\nlet limit = if care = 急诊 then 3 else if registered then 84 else 7\nneed known(supply_days) else \"没有供药天数\"\nhit when chain_days > limit and sum(count) > 1\namount excess supply_days over limit\nsay \"{chain_days}天，限{limit}天\"",
    "for lines where item in drug_sex as k\nper person, k within 15 days\nhit when sum(count where price > 1.5) > 2 * 3 - 1\nwatch when distinct(institution) > 1\namount lines where nth_day > 3\nsay \"{sum(count)}{first_day}{k.basis}{k}\"",
    "for pairs in drug_sex as k\nper person, institution k.window\nhit when true\namount part up to main\nsay \"{k.name}\"",
    "for stays\nper person, institution next\nunless dx in {\"Z51.0\", \"Z49\"} \"计划性治疗\"\nhit when begin_day - prev.end_day between 0 and 3\namount none\nsay \"间隔{begin_day - prev.end_day}天\"",
    "for visits where med_type in {11, 13}\nper person within 30 days\nhit when count() > 15 or charges{03, 04} / charges > 50%\namount none\nsay \"{count()}次{{}}\"",
    "for diagnoses where code in drug_sex as k\nper visit, code\nhit when sex != k.sex and age < 28天\namount none\nsay \"{code}{age}{if sex = 男 then \"他\" else “她”}\"",
    "for settlements where inside_other_stay\nper settlement\nhit when day > months_after(birth, 12) or every(level <= 二级)\namount none\nsay \"{day}\"",
];

const PIECES: [&str; 40] = [
    "(",
    ")",
    "{",
    "}",
    "\"",
    "“",
    "”",
    ",",
    "，",
    ".",
    "…",
    "18岁",
    "28天",
    "50%",
    "0.0000001",
    "999999999999999999999",
    " and ",
    " or ",
    " not ",
    " in ",
    "where",
    "k.sex",
    "param.x",
    "prev.day",
    "sum(",
    "```",
    "+++",
    "\n",
    "\r\n",
    "\t",
    "#",
    "##",
    "# ",
    "\u{feff}",
    "\u{0}",
    "男",
    "has item in ",
    "if ",
    "\\",
    "]",
];

/// Valid files to start from.
pub fn seeds() -> Vec<File> {
    let (before, rest) = RULE.split_once("```rule\n").unwrap_or((RULE, ""));
    let after = rest.split_once("```\n").map_or("", |(_, after)| after);
    let mut seeds =
        vec![("rules/a/N067-drug_sex.md".to_string(), RULE.to_string()), ("knowledge/drug_sex.csv".to_string(), TABLE.to_string())];
    seeds.push(("rules/a/T900-code_sold_again.md".to_string(), SQL_RULE.to_string()));
    for block in BLOCKS {
        seeds.push(("rules/a/N067-drug_sex.md".to_string(), format!("{before}```rule\n{block}\n```\n{after}")));
    }
    seeds
}

/// One seed with a few changes, beside the sound table (or rule) it needs.
pub fn mutated(seeds: &[File], random: &mut Random) -> Vec<File> {
    let (path, text) = &seeds[random.below(seeds.len())];
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..1 + random.below(6) {
        let at = random.below(letters.len() + 1);
        match random.below(5) {
            0 => letters.truncate(at),
            1 => {
                let end = (at + random.below(12)).min(letters.len());
                letters.drain(at..end);
            }
            2 => {
                let other: Vec<char> = seeds[random.below(seeds.len())].1.chars().collect();
                let from = random.below(other.len() + 1);
                let end = (from + random.below(60)).min(other.len());
                letters.splice(at..at, other[from..end].iter().copied());
            }
            3 => {
                let end = (at + random.below(20)).min(letters.len());
                let copy = letters[at..end].to_vec();
                letters.splice(at..at, copy);
            }
            _ => {
                letters.splice(at..at, PIECES[random.below(PIECES.len())].chars());
            }
        }
    }
    let changed = (path.clone(), letters.into_iter().collect());
    let other = if path.ends_with(".csv") { &seeds[0] } else { &seeds[1] };
    vec![changed, other.clone()]
}

/// Everything that reads foreign text.
pub fn read(files: &[File]) {
    let (library, _) = Library::from_files(files.to_vec());
    for (path, text) in files {
        if path.ends_with(".md") {
            check_format(path, text);
        }
    }
    let before = logic(&library);
    if !library.rules.is_empty() {
        let formatted: Vec<File> = files
            .iter()
            .map(|(path, text)| {
                (path.clone(), format_rule(path, text).ok().filter(|_| path.ends_with(".md")).unwrap_or_else(|| text.clone()))
            })
            .collect();
        assert_eq!(logic(&Library::from_files(formatted).0), before, "fmt changed what the logic compiles to");
    }
    for rule in &library.rules {
        run_cases(&library, rule);
    }
}

/// What the rules compile to.
fn logic(library: &Library) -> String {
    match library.compile(&Selection::all(), &ParamOverrides::default()) {
        Ok(compiled) => format!("{:?}", compiled.rule_set.blocks),
        Err(found) => format!("{found:?}"),
    }
}

/// What is formatted is formatted already.
fn check_format(path: &str, text: &str) {
    if let Ok(once) = format_rule(path, text) {
        let twice = format_rule(path, &once);
        assert_eq!(twice.as_ref(), Ok(&once), "{path} is not stable under fmt:\n{text}");
    }
}
