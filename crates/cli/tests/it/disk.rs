//! Disks that are full, read-only or damaged, with the real binary: what is told, and that nothing acknowledged is lost.
//!
//! Full and read-only file systems are mounted in a user namespace of their own (`unshare -rm`), where the system lets us; a
//! test that cannot be run says so.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use mingjian_lake::Lake;

use crate::lab::{Lab, content, is_whole, newest, stray};
use crate::{fails, mingjian, ok};

const MINGJIAN: &str = env!("CARGO_BIN_EXE_mingjian");

/// A shell script in a mount namespace of its own; `None`, and said so, where there is none to be had.
fn in_namespace(script: &str, arguments: &[&str]) -> Option<Output> {
    let allowed = Command::new("unshare").args(["-rm", "true"]).output().is_ok_and(|output| output.status.success());
    if !allowed {
        println!("SKIPPED: `unshare -rm` is not allowed here, so no file system can be mounted for this test");
        return None;
    }
    let output = Command::new("unshare").args(["-rm", "sh", "-ec", script, "sh", MINGJIAN]).args(arguments).output().unwrap();
    Some(output)
}

fn texts(output: &Output) -> (String, String) {
    (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_read_only_workspace_can_be_read_and_says_why_it_cannot_be_written() {
    let lab = Lab::new();
    let workspace = lab.workspace("data");
    ok(&workspace, &["import", &lab.half_city()]);
    ok(&workspace, &["screen", "--rules", "N036"]);
    let script = r#"
        mount --bind "$2" "$2"; mount -o remount,bind,ro "$2"
        export MINGJIAN_WORKSPACE="$2"
        for reads in "lake history" "lake check" "quality" "rejected" "findings"; do
            $1 $reads >/dev/null || { echo "$reads failed"; exit 9; }
        done
        for writes in "import $3" "screen --rules N036" "lake compact" "lake vacuum"; do
            code=0; $1 $writes >/dev/null || code=$?
            test $code = 1 || { echo "$writes gave $code"; exit 9; }
        done
    "#;
    let Some(output) = in_namespace(script, &[workspace.to_str().unwrap(), &lab.text("city")]) else { return };
    let (told, said) = texts(&output);
    assert!(output.status.success(), "{told}{said}");
    assert_eq!(said.matches("没有写权限").count(), 4, "{said}");
    assert_eq!(said.matches("或用 --workspace 指定可写的目录").count(), 4, "{said}");
    assert!(said.contains("lake/_lock"), "{said}");
    assert_eq!(newest(&workspace).0, 2);
    is_whole(&workspace);
}

/// A disk with less and less room dies at other steps each time: temporary files, data files, logs, the record.
#[test]
fn a_full_disk_is_told_costs_nothing_and_the_same_command_works_once_there_is_room() {
    let lab = Lab::new();
    let base = lab.workspace("base");
    ok(&base, &["import", &lab.half_city()]);
    let whole = lab.copy(&base, "whole");
    ok(&whole, &["import", &lab.text("city")]);
    let (least, most) = (kibibytes(&base), kibibytes(&whole));
    let script = r#"
        mount -t tmpfs -o size="$4"k tmpfs "$5"
        cp -r "$2"/. "$5"; export MINGJIAN_WORKSPACE="$5"
        code=0; $1 import "$3" >/dev/null || code=$?
        echo "code $code"
        $1 lake check; $1 lake history --json > "$6"
        mount -o remount,size=200m "$5"
        $1 import "$3" >/dev/null; $1 lake check; $1 lake vacuum >/dev/null; $1 lake history --json > "$7"
        ls "$5"/lake
    "#;
    let (mut refused, parts) = (0, 6);
    for part in 0..parts {
        let size = least + 8 + (most - least) * part / parts;
        let mount = lab.at("mount");
        fs::create_dir_all(&mount).unwrap();
        let (size_text, mount_text) = (size.to_string(), mount.display().to_string());
        let texts_of = [lab.text("base"), lab.text("city"), size_text, mount_text.clone(), lab.text("1"), lab.text("2")];
        let Some(output) = in_namespace(script, &texts_of.each_ref().map(String::as_str)) else { return };
        let (told, said) = texts(&output);
        assert!(output.status.success(), "{size} KiB: {told}{said}");
        if told.contains("code 1") {
            refused += 1;
            assert!(said.contains("磁盘已满") && said.contains("腾出空间后重新运行同一条命令即可"), "{size} KiB: {said}");
            assert!(said.contains(&mount_text), "{said}");
            assert_eq!(record(&lab.at("1")), newest(&base), "{size} KiB: the old version");
        }
        assert_eq!(told.matches("完好").count(), 2, "{size} KiB: {told}");
        assert_eq!(record(&lab.at("2")), newest(&whole), "{size} KiB: the new version");
        assert!(!told.contains("_tmp"), "{told}");
    }
    assert!(refused >= 3, "the disk was full in {refused} of {parts} sizes only");
}

/// The newest version and its rows by table, of a history written to a file.
fn record(path: &Path) -> (u64, std::collections::BTreeMap<String, u64>) {
    let history: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let record = history.as_array().unwrap().last().unwrap();
    let rows = record["tables"].as_object().unwrap().iter().map(|(name, table)| (name.clone(), table["rows"].as_u64().unwrap()));
    (record["version"].as_u64().unwrap(), rows.collect())
}

/// What a folder takes on a disk of pages of 4 KiB.
fn kibibytes(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { 4 + kibibytes(&path) } else { path.metadata().unwrap().len().div_ceil(4096) * 4 }).sum()
}

/// A limit on the size of files (`ulimit -f`), which works everywhere: refused with words where the signal is ignored, death where it is not.
#[test]
fn a_limit_on_the_size_of_files_is_told_and_costs_nothing() {
    let lab = Lab::new();
    let workspace = lab.workspace("data");
    ok(&workspace, &["import", &lab.half_city()]);
    let old = newest(&workspace);
    for (limit, trap) in [(8, "trap '' XFSZ; "), (64, "trap '' XFSZ; "), (8, ""), (64, "")] {
        let script = format!("{trap}ulimit -f {limit}; exec \"$0\" import \"$1\"");
        let output =
            Command::new("bash").args(["-c", &script, MINGJIAN, &lab.text("city")]).env("MINGJIAN_WORKSPACE", &workspace).output().unwrap();
        let (_, said) = texts(&output);
        assert!(!output.status.success(), "{limit} KiB were enough");
        if !trap.is_empty() {
            assert_eq!(output.status.code(), Some(1), "{said}");
            assert!(said.contains("文件大小超过了系统允许的上限") && said.contains("ulimit -f"), "{limit}: {said}");
        }
        assert_eq!(newest(&workspace), old);
        is_whole(&workspace);
    }
    ok(&workspace, &["import", &lab.text("city")]);
    is_whole(&workspace);
    assert_eq!(stray(&workspace), [""; 0]);
}

#[test]
fn a_workspace_that_cannot_be_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("setl_d.csv");
    fs::write(&source, "setl_id,psn_no,mdtrt_id,fixmedins_code\nS1,P1,M1,H1\n").unwrap();
    let source = source.to_str().unwrap();
    fs::write(folder.path().join("lake"), "a file where the lake should be").unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let file = folder.path().join("file");
    for workspace in [folder.path(), &file, Path::new("/proc/mingjian"), Path::new("/sys/mingjian")] {
        let (code, said) = fails(workspace, &["import", source]);
        assert_eq!(code, 1, "{said}");
        assert!(said.contains(workspace.to_str().unwrap()) && said.contains("--workspace"), "{said}");
        for english in ["os error", "Not a directory", "No such file"] {
            assert!(!said.contains(english), "{said}");
        }
    }
}

/// Damages of a file, by name.
fn damages(whole: &[u8]) -> Vec<(&'static str, Option<Vec<u8>>)> {
    let flipped = |at: usize, many: usize| {
        let mut bytes = whole.to_vec();
        bytes[at..at + many].iter_mut().for_each(|byte| *byte ^= 0xff);
        Some(bytes)
    };
    let end = whole.len();
    vec![
        ("first page", flipped(30, 30)),
        ("footer", flipped(end - 60, 30)),
        ("length of the footer", flipped(end - 8, 4)),
        ("half", Some(whole[..end / 2].to_vec())),
        ("empty", Some(Vec::new())),
        ("missing", None),
    ]
}

fn data_file(workspace: &Path, table: &str) -> PathBuf {
    Lake::open(workspace).unwrap().snapshot(None).unwrap().files(table)[0].path.clone()
}

#[test]
fn a_damaged_data_file_is_named_by_whatever_meets_it() {
    let lab = Lab::new();
    let workspace = lab.workspace("data");
    ok(&workspace, &["import", &lab.text("city")]);
    ok(&workspace, &["screen", "--rules", "N036,N067,N081,N050"]);
    let (half, out) = (lab.half_city(), lab.text("out.html"));
    let before = newest(&workspace);
    let whole = content(&workspace);
    // The table, and the commands that read it.
    let cases: [(&str, &[&[&str]]); 3] = [
        ("fee_list_d", &[&["screen"], &["import", &half]]),
        ("setl_d", &[&["screen"], &["import", &half]]),
        ("findings", &[&["findings", "--format", "csv"], &["report", "--out", &out]]),
    ];
    for (table, commands) in cases {
        let path = data_file(&workspace, table);
        let bytes = fs::read(&path).unwrap();
        for (damage, damaged) in damages(&bytes) {
            match damaged {
                Some(damaged) => fs::write(&path, damaged).unwrap(),
                None => fs::remove_file(&path).unwrap(),
            }
            let named = path.to_str().unwrap();
            let report = mingjian(&workspace, &["lake", "check"]);
            let (told, said) = texts(&report);
            assert_eq!(report.status.code(), Some(1), "{table} {damage}: {told}");
            assert!(told.contains(named) && said.contains("数据湖有") && said.contains("从备份恢复"), "{table} {damage}: {told}{said}");
            for command in commands {
                let (code, said) = fails(&workspace, command);
                assert_eq!(code, 1, "{table} {damage} {command:?}: {said}");
                assert!(said.contains(named), "{table} {damage} {command:?}: {said}");
                assert!(said.contains("从备份恢复该文件") && said.contains("mingjian lake check"), "{table} {damage} {command:?}: {said}");
                assert!(!said.contains("程序内部出错"), "{table} {damage} {command:?}: {said}");
            }
            fs::write(&path, &bytes).unwrap();
        }
    }
    assert_eq!(newest(&workspace), before, "no command made a version over damaged files");
    assert!(content(&workspace) == whole);
    is_whole(&workspace);
    ok(&workspace, &["import", &half]);
    is_whole(&workspace);
}

/// What makes a lake of files: its settings, its logs, its records.
#[test]
fn damaged_logs_records_and_settings_are_named_with_what_to_do() {
    let lab = Lab::new();
    let base = lab.workspace("base");
    ok(&base, &["import", &lab.half_city()]);
    ok(&base, &["import", &lab.text("city")]);
    let log = "lake/setl_d/_delta_log/00000000000000000000.json";
    for (file, named, advice) in [
        (log, "lake/setl_d：", "请从备份恢复里面的 _delta_log 目录"),
        ("lake/_lake.json", "lake/_lake.json：", "请从备份恢复该文件"),
        ("lake/_versions/00000002.json", "lake/_versions/00000002.json：", "可把它移走，湖即回到版本 1"),
    ] {
        let whole = fs::read(base.join(file)).unwrap();
        for bytes in [&whole[..whole.len() / 2], &[]] {
            let workspace = lab.copy(&base, "damaged");
            fs::write(workspace.join(file), bytes).unwrap();
            for command in [&["lake", "check"][..], &["screen"], &["import", "--again", &lab.text("city")]] {
                let (code, said) = fails(&workspace, command);
                assert_eq!(code, 1, "{file} {command:?}: {said}");
                assert!(said.contains(named) && said.contains(advice), "{file} {command:?}: {said}");
                assert!(said.lines().count() <= 4, "{file} {command:?}: {said}");
            }
        }
    }
    // What the message of a damaged record says works.
    let workspace = lab.copy(&base, "damaged");
    fs::remove_file(workspace.join("lake/_versions/00000002.json")).unwrap();
    is_whole(&workspace);
    assert_eq!(newest(&workspace).0, 1);
    ok(&workspace, &["import", &lab.text("city")]);
    assert_eq!(newest(&workspace), newest(&base));
    is_whole(&workspace);
}
