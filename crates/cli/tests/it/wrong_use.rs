//! What a user reads when something is wrong: in Chinese, what and what to do; exit code 2 for wrong use, 1 for a failure.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{fails, ok};

#[test]
fn wrong_use_says_what_may_be_typed() {
    let cases: &[(&[&str], &str)] = &[
        (&[], "少写了命令"),
        (&["imprt", "x"], "没有“imprt”这个命令。最像的命令：import"),
        (&["city"], "少写了 --out"),
        (&["screen", "--from", "2025-02-30"], "要写成存在的日期"),
        (&["screen", "--from", "2025-02-01", "--to", "2025-01-01"], "--from 晚于 --to"),
        (&["screen", "--as-off", "3"], "最像的选项：--as-of"),
        (&["findings", "--format", "doc"], "可以是：table、csv、json、xlsx、parquet"),
        (&["findings", "--top", "x"], "要写成整数"),
        (&["findings", "--unmask"], "少写了 --reason"),
        (&["findings", "--format", "xlsx"], "--out"),
        (&["findings", "--out", "x.docx"], "看不出要写成哪种格式"),
        (&["report", "--out", "x.pdf"], "要以 .html 结尾"),
        (&["rules", "list", "--status", "alive"], "可以是：draft 草稿"),
        (&["lake", "vacuum", "--keep", "0"], "不能小于 1"),
    ];
    let workspace = tempfile::tempdir().unwrap();
    for (arguments, expected) in cases {
        let (code, said) = fails(workspace.path(), arguments);
        assert!(said.contains(expected), "mingjian {arguments:?} said:\n{said}");
        assert_eq!(code, 2, "mingjian {arguments:?} said:\n{said}");
        assert!(said.contains("错误："), "{said}");
    }
}

#[test]
fn an_empty_workspace_is_said_to_be_empty_and_stays_so() {
    let workspace = tempfile::tempdir().unwrap();
    for arguments in [
        &["findings"][..],
        &["screen"],
        &["report", "--out", "x.html"],
        &["explain", "abcdef"],
        &["lake", "history"],
        &["rejected"],
        &["quality"],
    ] {
        let (code, said) = fails(workspace.path(), arguments);
        assert_eq!(code, 1, "{arguments:?}: {said}");
        assert!(said.contains("还没有数据") && said.contains("mingjian import"), "{arguments:?}: {said}");
    }
    assert_eq!(fs::read_dir(workspace.path()).unwrap().count(), 0);
}

#[test]
fn a_wrong_setting_names_the_nearest() {
    let workspace = tempfile::tempdir().unwrap();
    fs::write(workspace.path().join("mingjian.toml"), "[lake]\nbuket = 8\n").unwrap();
    let source = workspace.path().join("x.csv");
    fs::write(&source, "setl_id\n1\n").unwrap();
    let (code, said) = fails(workspace.path(), &["import", source.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(said.contains("没有 buket 这一项") && said.contains("buckets"), "{said}");
}

#[test]
fn a_path_that_is_not_there_is_named() {
    let workspace = tempfile::tempdir().unwrap();
    let (code, said) = fails(workspace.path(), &["import", "/nowhere/at/all.csv"]);
    assert_eq!(code, 1);
    assert!(said.contains("/nowhere/at/all.csv"), "{said}");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mingjian"))
        .args(["rules", "show", "N067"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    let status = child.wait().unwrap();
    assert!(status.success(), "{status}: {said}");
    assert!(!said.contains("错误") && !said.contains("panicked"), "{said}");
}

#[test]
fn rules_are_listed_checked_and_their_examples_hold() {
    let nowhere = Path::new("unused");
    let list = crate::json(nowhere, &["rules", "list"]);
    let rules = list.as_array().unwrap();
    assert!(rules.len() >= 40, "{} rules", rules.len());
    for key in ["id", "name", "status", "result", "stages", "needs"] {
        assert!(rules.iter().all(|rule| !rule[key].is_null()), "{key}");
    }
    assert!(ok(nowhere, &["rules", "check"]).contains("没有问题"));
    assert!(ok(nowhere, &["rules", "test", "N067"]).contains("全部成立"));
    let (code, said) = fails(nowhere, &["rules", "show", "N999"]);
    assert!(code == 1 && said.contains("没有 N999"), "{said}");
}

#[test]
fn a_broken_rule_is_told_with_file_line_and_column() {
    let workspace = tempfile::tempdir().unwrap();
    let rules = workspace.path().join("library/rules/drug");
    fs::create_dir_all(&rules).unwrap();
    let source = crate::json(Path::new("unused"), &["rules", "show", "N067"]);
    let broken = source["source"].as_str().unwrap().replace("hit when ", "hit wenn ");
    fs::write(rules.join("N067-drug_sex.md"), broken).unwrap();
    let (code, said) = fails(workspace.path(), &["rules", "check"]);
    assert_eq!(code, 1);
    assert!(said.contains("N067-drug_sex.md:"), "{said}");
}
