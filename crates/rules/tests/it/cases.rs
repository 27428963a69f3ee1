//! Examples run through the kernel: those of the library, and that a wrong expectation is told.

use mingjian_rules::{Library, run_cases};

#[test]
fn every_example_of_the_built_in_library_holds() {
    let library = Library::built_in();
    let mut failed = Vec::new();
    for rule in &library.rules {
        let results = run_cases(&library, rule);
        assert!(!rule.is_kernel() || results.len() == rule.cases.len(), "{}", rule.id);
        failed.extend(
            results
                .into_iter()
                .filter(|result| !result.passed)
                .map(|result| format!("{}:{}: {}：{}", rule.file, result.line, result.name, result.message)),
        );
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

const TABLE: &str = "#! title = \"t\"\n#! origin = \"t\"\n#! types = { max = \"decimal\" }\npoint,name,codes,max\nP1,甲,XA01*,2\n";

/// Results of a rule with this logic and these cases, as `name: message`.
fn results(block: &str, hits: &str, misses: &str) -> Vec<String> {
    let rule = format!(
        "+++\nid = \"N900\"\nname = \"made_up\"\nversion = 1\nstatus = \"live\"\nkind = \"试\"\nresult = \"违规\"\nclass = \"医疗类\"\nstages = [\"after\"]\nbasis = [{{ doc = \"甲\", article = \"一\" }}]\nknowledge = [\"t\"]\n+++\n# 试\n试\n```rule\n{block}\n```\n## 误报与申辩\n无\n## 应命中\n{hits}## 不应命中\n{misses}"
    );
    let (library, found) = Library::from_files(vec![("rules/x/N900-made_up.md".into(), rule), ("knowledge/t.csv".into(), TABLE.into())]);
    assert!(found.is_empty(), "{found:?}");
    run_cases(&library, &library.rules[0]).into_iter().map(|result| format!("{}: {}", result.name, result.message)).collect()
}

const DAILY: &str = "for lines where item in t as k\nper person, institution, item, day\nunless known(dx in {\"C\"}) and dx in {\"C\"} \"肿瘤\"\nhit when sum(count) > k.max\namount excess count over k.max\nsay \"{sum(count)}\"";

#[test]
fn amounts_are_compared_row_by_row() {
    let hits = "正确\n```csv\nitem,cnt,det_item_fee_sumamt,expect\n甲,2,20.00,\n甲,1,10.00,10.00\n```\n错\n```csv\nitem,cnt,det_item_fee_sumamt,expect\n甲,2,20.00,20.00\n甲,1,10.00,\n```\n";
    let misses = "肿瘤\n```csv\nitem,cnt,diag\n甲,3,C34\n```\n冲销后两次\n```csv\nbkkp_sn,item,cnt,det_item_fee_sumamt,init_feedetl_sn\n1,甲,3,30.00,\n2,甲,-1,-10.00,1\n```\n别的项目\n```csv\nitem,cnt\nXB01,9\n```\n超了\n```csv\nitem,cnt\n甲,3\n```\n";
    assert_eq!(
        results(DAILY, hits, misses),
        [
            "正确: ",
            "错: 第 35 行应是 20.00，实际 不命中；第 36 行应是 不命中，实际 10.00",
            "肿瘤: ",
            "冲销后两次: ",
            "别的项目: ",
            "超了: 第 58 行应是 不命中，实际 3.33",
        ]
    );
}

#[test]
fn a_miss_is_explained_by_exemptions_and_missing_values() {
    let hits = "豁免\n```csv\nitem,cnt,diag,expect\n甲,3,C34,1.00\n```\n";
    let misses = "无\n```csv\nitem\n甲\n```\n";
    assert_eq!(results(DAILY, hits, misses)[0], "豁免: 第 29 行应是 1.00，实际 不命中；豁免“肿瘤”1 次");
    let age = "for lines where item in t as k\nper visit\nhit when age < 18岁\namount scope\nsay \"{age}{k.max}\"";
    let hits = "不知年龄\n```csv\nitem,brdy,expect\n甲,不详,10.00\n```\n名字不对\n```csv\nitem,brdy,expect\n乙,2020-01-01,10.00\n```\n";
    assert_eq!(
        results(age, hits, misses)[..2],
        [
            "不知年龄: 第 28 行应是 10.00，实际 不命中；因缺数据不判 1 次".to_string(),
            "名字不对: 第 33 行的“乙”在知识表里没有；表里没有的项目请直接写编码".to_string(),
        ]
    );
}

#[test]
fn bands_and_outcomes_are_part_of_the_expectation() {
    let block = "for lines where item in t as k\nper visit\nhit when count > 3\nsuspect when count > 2\nwatch when count > 1\namount scope\nsay \"x\"";
    let hits = "三档\n```csv\nmdtrt_id,item,cnt,expect\nA,甲,4,10.00\nB,甲,3,10.00 可疑\nC,甲,2,10.00 watch\nD,甲,1,\n```\n错档\n```csv\nitem,cnt,expect\n甲,3,10.00\n```\n";
    let misses = "无\n```csv\nitem\n甲\n```\n";
    assert_eq!(results(block, hits, misses), ["三档: ", "错档: 第 38 行应是 10.00，实际 10.00 可疑", "无: "]);
}
