//! SQL rules: read, filled in, told; their mistakes.

use std::path::Path;

use mingjian_rules::{Library, ParamOverrides, Selection};

const RULE: &str = include_str!("../fixtures/library/rules/trace/T900-code_sold_again.md");

#[test]
fn a_statement_is_filled_in_and_told() {
    let library = Library::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/library")).unwrap();
    let mut params = ParamOverrides::default();
    params.set("T900", "core", "5");
    let compiled = library.compile(&Selection::of(["T900"]), &params).unwrap();
    assert!(compiled.rule_set.blocks.is_empty());
    let statement = &compiled.sql[0];
    assert_eq!((library.rules[statement.rule].id.as_str(), statement.evidence_table.as_str()), ("T900", "selinfo_3505"));
    assert!(statement.sql.contains("count(*) >= 5 then 'core'") && statement.sql.ends_with("having count(*) >= 2"), "{}", statement.sql);
    let told = statement.say.render(|column| (column != "n").then(|| format!("<{column}>")));
    assert_eq!(told, "追溯码 <code> 在 <fixmedins_code> 有 不详 次医保销售");
    let rule = library.rule("T900").unwrap();
    assert!(rule.needs.contains(&("selinfo_3505", "drug_trac_codg")), "{:?}", rule.needs);
    let case = &rule.cases[0];
    assert_eq!((case.name.as_str(), case.tables.len(), case.tables[0].rows.len()), ("同一机构三次", 1, 3));
    let expect = case.expect.as_ref().unwrap();
    assert_eq!(expect.cell(&expect.rows[0], "band"), "core");
    assert!(rule.cases[1].expect.is_none());
    params.set_from("T900", "core", 20_454, "6");
    let found = library.compile(&Selection::of(["T900"]), &params).err().unwrap_or_default();
    assert!(found.len() == 1 && found[0].message.contains("2026-01-01 起）不能按日期设置"), "{found:?}");
}

#[test]
fn mistakes_are_told() {
    let wrong = RULE
        .replace("as evidence\n", "as evidenc\n")
        .replace("{param.watch}", "{param.wacth}")
        .replace("evidence selinfo_3505", "evidence selinfo_3550")
        .replace("有 {n} 次", "有 {m + 1} 次在 {coode}")
        .replace(
            "```csv selinfo_3505\nfixmedins_code,drug_trac_codg,rtal_docno\nH1,81000000000000000001,A\n```\n",
            "```csv selinfo_3505\nfixmedins_cod\nH1\n```\n```csv expect\nn\n1\n```\n",
        );
    let (_, found) = Library::from_files(vec![("rules/trace/T900-code_sold_again.md".to_string(), wrong)]);
    let texts: Vec<String> = found.iter().map(|d| d.to_string().replace("rules/trace/T900-code_sold_again.md:", "")).collect();
    assert_eq!(
        texts,
        [
            "19:1: sql 的结果必须有列 band、first_time、last_time、evidence；缺 evidence",
            "22:52: 没有参数 wacth；文件头 [params] 里有 core、watch（是不是 watch？）",
            "25:10: 没有国家表 selinfo_3550（是不是 selinfo_3505？）",
            "26:39: SQL 规则的花括号里只写结果的列名",
            "26:50: sql 的结果里没有列 coode（是不是 code？）",
            "46:1: 表 selinfo_3505 没有列 fixmedins_cod（是不是 fixmedins_code？）",
            "49:4: 不应命中的例子没有 expect 块",
        ]
    );
}
