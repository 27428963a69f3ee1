//! A tiny city from nothing to a report, as a user walks.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use calamine::{Data, Reader, Xlsx, open_workbook};

use crate::{fails, json, ok};

#[test]
fn a_tiny_city_from_nothing_to_a_report() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let workspace = folder.path().join("data");
    let city = json(&workspace, &["city", "--out", &at("city"), "--persons", "600", "--months", "3", "--seed", "11"]);
    assert!(city["fee_lines"].as_u64() > Some(1_000), "{city}");

    import_twice(&workspace, &at("city"));

    let (code, said) = fails(&workspace, &["findings"]);
    assert!(code == 1 && said.contains("mingjian screen"), "{said}");
    let run = json(&workspace, &["screen"]);
    let totals = &run["totals"];
    assert!(totals["findings"].as_u64() > Some(0), "{run}");
    assert!(run["rules"].as_array().unwrap().len() >= 30);

    exports_agree(&workspace, &at("findings"), totals["findings"].as_u64().unwrap());
    explained(&workspace);
    reported(&workspace, &at("report.html"));
    lake_is_sound(&workspace);
}

/// The same files again change nothing.
fn import_twice(workspace: &Path, city: &str) {
    let first = json(workspace, &["import", city]);
    assert_eq!(first["changed"], true, "{first}");
    assert_eq!(first["rejected"], 0, "{first}");
    let again = json(workspace, &["import", city]);
    assert_eq!((&again["changed"], &again["version"]), (&serde_json::json!(false), &first["version"]));
    assert!(ok(workspace, &["rejected"]).contains("空的"));
}

/// CSV, JSON, Parquet and the workbook hold the same findings; the workbook masks.
fn exports_agree(workspace: &Path, stem: &str, findings: u64) {
    let csv = ok(workspace, &["findings", "--format", "csv"]);
    let header = csv.lines().next().unwrap();
    assert!(
        header.starts_with("finding_id,rule_id,rule_version,result,band,psn_no,") && header.ends_with(",amount,fund_amount,text"),
        "{header}"
    );
    assert_eq!(csv.lines().count() as u64, findings + 1);
    let ids: BTreeSet<&str> = csv.lines().skip(1).map(|line| &line[..32]).collect();
    assert_eq!(ids.len() as u64, findings, "finding ids are unique");

    let document = json(workspace, &["findings"]);
    assert_eq!(document["total"]["findings"].as_u64(), Some(findings));
    assert_eq!(document["findings"].as_array().unwrap().len() as u64, findings);
    let once: i64 = document["findings"].as_array().unwrap().iter().filter_map(|finding| finding["cluster_amount_fen"].as_i64()).sum();
    assert_eq!(document["total"]["amount_once_fen"].as_i64(), Some(once));

    let shown = ok(workspace, &["findings", "--top", "5"]);
    assert!(shown.contains("列出 5 条"), "{shown}");
    ok(workspace, &["findings", "--out", &format!("{stem}.parquet")]);

    ok(workspace, &["findings", "--out", &format!("{stem}.xlsx")]);
    let sheets = sheets(&format!("{stem}.xlsx"));
    let (names, rows) = (&sheets.0, &sheets.1);
    assert_eq!(names, &["疑点清单", "按问题性质与类型", "按项目", "说明"]);
    assert_eq!(rows.len() as u64, findings + 1);
    let column = |title: &str| rows[0].iter().position(|cell| *cell == title).unwrap_or_else(|| panic!("no column {title}"));
    for title in
        ["就医来源", "项目来源", "线索来源", "问题类型", "问题情形", "问题性质", "问题数量", "问题金额", "依据", "规则版本", "办理状态"]
    {
        column(title);
    }
    let (name, certificate) = (column("姓名"), column("身份证号"));
    assert!(rows[1..].iter().any(|row| !row[name].is_empty()), "names are there");
    assert!(rows[1..].iter().all(|row| row[name].is_empty() || row[name].contains('*')), "names are masked");
    assert!(rows[1..].iter().all(|row| row[certificate].is_empty() || row[certificate].contains('*')), "certificates are masked");

    unmasked_is_logged(workspace, stem, name);
}

fn unmasked_is_logged(workspace: &Path, stem: &str, name: usize) {
    let out = format!("{stem}-full.xlsx");
    let (code, said) = fails(workspace, &["findings", "--out", &out, "--unmask", "--reason", "看"]);
    assert!(code == 2 && said.contains("事由"), "{said}");
    assert!(!workspace.join("access.log").exists());
    ok(workspace, &["findings", "--out", &out, "--unmask", "--reason", "核查第 118 号线索", "--result", "违规"]);
    let log = fs::read_to_string(workspace.join("access.log")).unwrap();
    let entry: serde_json::Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
    assert_eq!(entry["reason"], "核查第 118 号线索");
    assert!(entry["rows"].as_u64() > Some(0) && !entry["who"].as_str().unwrap().is_empty(), "{entry}");
    let (_, rows) = sheets(&out);
    assert!(rows[1..].iter().any(|row| !row[name].is_empty() && !row[name].contains('*')), "names are whole");
}

/// Sheet names, and the first sheet's cells as text.
fn sheets(path: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut workbook: Xlsx<_> = open_workbook(path).unwrap();
    let names = workbook.sheet_names().to_vec();
    let range = workbook.worksheet_range(&names[0]).unwrap();
    let cell = |cell: &Data| if matches!(cell, Data::Empty) { String::new() } else { cell.to_string() };
    (names, range.rows().map(|row| row.iter().map(cell).collect()).collect())
}

fn explained(workspace: &Path) {
    let id = ok(workspace, &["findings", "--top", "1", "--ids"]).trim().to_owned();
    assert_eq!(id.len(), 32);
    let told = ok(workspace, &["explain", &id[..12]]);
    for part in ["▌ 规则怎么说", "▌ 怎么算的", "▌ 不利于认定的", "依据：", &id] {
        assert!(told.contains(part), "no {part} in\n{told}");
    }
    let document = json(workspace, &["explain", &id]);
    assert_eq!(document["finding"]["finding_id"], id.as_str());
    assert!(!document["evidence"].as_array().unwrap().is_empty());
    let (code, said) = fails(workspace, &["explain", "ffffffffffffffff"]);
    assert!(code == 1 && said.contains("没有编号"), "{said}");
}

fn reported(workspace: &Path, out: &str) {
    ok(workspace, &["report", "--out", out]);
    let page = fs::read_to_string(out).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    for part in ["医保基金智能筛查报告", "按规则", "机构", "覆盖：看了什么，没看什么", "怎么读", "一笔钱只计一次", "<svg"]
    {
        assert!(page.contains(part), "no {part}");
    }
    for foreign in ["<script", "http://", "https://", "src="] {
        assert!(!page.contains(foreign), "the page fetches: {foreign}");
    }
}

fn lake_is_sound(workspace: &Path) {
    assert!(ok(workspace, &["lake", "check"]).contains("完好"));
    let history = json(workspace, &["lake", "history"]);
    assert_eq!(history.as_array().unwrap().len(), 2, "one import, with its quality report, and one screening");
    assert!(history[0]["tables"]["quality"].is_object(), "{history}");
    ok(workspace, &["lake", "compact"]);
    ok(workspace, &["lake", "vacuum", "--keep", "1"]);
    assert!(ok(workspace, &["lake", "check"]).contains("完好"));
}

#[test]
fn what_does_not_land_is_listed_and_exported() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = folder.path().join("data");
    let source = folder.path().join("setl_d.csv");
    fs::write(&source, "setl_id,psn_no,mdtrt_id,fixmedins_code,medfee_sumamt\nS1,P1,V1,H1,10.00\nS2,P2,V2,H1,=1+2\n,P3,V3,H1,5\n").unwrap();
    let imported = json(&workspace, &["import", source.to_str().unwrap()]);
    assert_eq!(imported["rejected"], 2, "{imported}");
    let listed = ok(&workspace, &["rejected"]);
    assert!(listed.contains("另册共 2 行") && listed.contains("medfee_sumamt"), "{listed}");
    let out = folder.path().join("rejected.csv");
    ok(&workspace, &["rejected", "--out", out.to_str().unwrap()]);
    let csv = fs::read_to_string(&out).unwrap();
    assert!(csv.contains("'=1+2"), "a formula is defused: {csv}");
    ok(&workspace, &["rejected", "--out", folder.path().join("rejected.xlsx").to_str().unwrap()]);
}
