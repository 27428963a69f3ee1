//! How hits are told: units, labels, cells of the point, points with their validity.

use mingjian_engine::{Band, Evidence, EvidenceRow, Hit, Outcome, Role, UNKNOWN};
use mingjian_rules::{Compiled, Library, Names, ParamOverrides, Selection};

struct Plain;

impl Names for Plain {
    fn item(&self, id: u32) -> String {
        format!("项目{id}")
    }
    fn institution(&self, id: u32) -> String {
        format!("机构{id}")
    }
    fn code(&self, id: u32) -> String {
        format!("诊断{id}")
    }
    fn text(&self, id: u16) -> String {
        format!("文字{id}")
    }
}

fn compiled(say: &str) -> (Library, Compiled) {
    let table = "#! title = \"t\"\n#! origin = \"t\"\n#! types = { sex = \"sex\" }\npoint,name,codes,sex,basis,valid_from,valid_to\nP1,甲,XA*,男,限男性,,\nP2,乙,XB*,女,,2026-01-01,2026-12-31\n";
    let rule = include_str!("../fixtures/library/rules/attribute/N067-drug_sex.md");
    let (before, rest) = rule.split_once("say \"").unwrap();
    let (_, after) = rest.split_once("\"\n").unwrap();
    let files = vec![
        ("knowledge/drug_sex.csv".to_string(), table.to_string()),
        ("rules/x/N067-drug_sex.md".to_string(), format!("{before}say \"{say}\"\n{after}")),
    ];
    let (library, found) = Library::from_files(files);
    assert!(found.is_empty(), "{found:?}");
    let compiled = library.compile(&Selection::all(), &ParamOverrides::default()).unwrap();
    (library, compiled)
}

fn told(say: &str, values: &[i64]) -> String {
    let (library, compiled) = compiled(say);
    assert_eq!(compiled.rule_set.blocks[0].holes.len(), values.len(), "{say}");
    compiled.render(&library, &hit(values), &Plain)
}

fn hit(values: &[i64]) -> Hit {
    Hit {
        block: 0,
        outcome: Outcome::Violation,
        band: Band::Core,
        person: 0,
        visit: 0,
        settlement: 0,
        first: 0,
        last: 0,
        evidence: Evidence::Lines,
        rows: vec![EvidenceRow { row: 0, role: Role::Offends, amount: 4000 }],
        points: vec![0],
        values: values.to_vec(),
        has_amount: true,
    }
}

#[test]
fn values_are_shown_with_their_units() {
    for (say, values, expected) in [
        ("{amount}元{count}次", &[4000, 15_000][..], "40.00元1.5次"),
        ("{sex}{care}{level}{pharmacy}", &[1, 5, 3, 0], "男住院三级否"),
        ("{price}|{price_cap}", &[12_500_000, 1_234_567], "12.50|1.234567"),
        ("{scope / 3}", &[1_333_333], "1.33"),
        ("{day} {time}", &[20_152, 1_741_165_447_000_000], "2025-03-05 2025-03-05 09:04:07"),
        ("{item}{institution}{item_unit}", &[7, 8, 9], "项目7机构8文字9"),
        ("{k}{k.sex}{k.basis}{k.codes}", &[0, 0, 0, 0], "甲男限男性XA*"),
        ("{k.basis}{k.name}", &[1, 1], "不详乙"),
        ("{age}", &[20_152 - 400, 20_152], "1岁"),
        ("{sum(scope) / sum(amount)}", &[534_560], "53.46%"),
        ("{days()}天{med_type}{charge_type}{hours_present}", &[15, 52, 3, 20], "15天520320"),
        ("{sex}{{{count()}}}", &[UNKNOWN, 3], "不详{3}"),
    ] {
        assert_eq!(told(say, values), expected, "{say}");
    }
}

#[test]
fn values_are_listed_once_by_their_name() {
    let (library, compiled) = compiled("{sex}{k.sex}{sex}{amount}");
    let values = compiled.values(&library, &hit(&[1, 1, 1, 4000]), &Plain);
    let texts: Vec<String> = values.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(texts, ["sex=男", "k.sex=女", "amount=40.00"]);
}

#[test]
fn points_are_labelled_with_their_validity() {
    let (_, compiled) = compiled("x");
    assert_eq!(compiled.point_label(0, 0), "drug_sex:P1 [–]");
    assert_eq!(compiled.point_label(0, 1), "drug_sex:P2 [2026-01-01–2026-12-31]");
    assert_eq!(compiled.point_label(0, 9), "");
    assert_eq!(compiled.point_label(9, 0), "");
}

#[test]
fn a_region_overrides_by_id_and_by_table_name() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/library");
    let own = Library::read(&dir).unwrap();
    let merged = Library::load(&dir).unwrap();
    let built_in = Library::built_in();
    assert!(own.rules.iter().all(|rule| merged.rule(&rule.id).is_some_and(|other| other.source_text() == rule.source_text())));
    let kept = |rule: &&mingjian_rules::Rule| own.rule(&rule.id).is_none();
    assert_eq!(merged.rules.len(), own.rules.len() + built_in.rules.iter().filter(kept).count());
    assert_ne!(own.hash(), merged.hash());
    assert_eq!(own.hash(), Library::read(&dir).unwrap().hash());
}
