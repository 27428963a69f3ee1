//! Other programs read the lake: DuckDB through its Delta extension, in Python.

use std::path::{Path, PathBuf};
use std::process::Command;

use mingjian_lake::LakeError;

use super::replace::findings;
use super::support::{block, city, import, lake};

/// One version of the wheel and of its Delta extension's wheel, which must match.
const DUCKDB: &str = "1.5.5";

/// A Python that has DuckDB and its Delta extension: a virtual environment beside the build's files, made once. `None` where there is no Python.
fn python() -> Option<PathBuf> {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("duckdb-{DUCKDB}"));
    let python = home.join("bin/python");
    if !home.join("ready").exists() {
        let run = |command: &mut Command| command.output().is_ok_and(|out| out.status.success());
        if !run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home)) {
            eprintln!("跳过：没有可用的 python3（需要 venv 和 pip）");
            return None;
        }
        let packages = [format!("duckdb=={DUCKDB}"), format!("duckdb-extension-delta=={DUCKDB}")];
        if !run(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(packages)) {
            eprintln!("跳过：pip 装不上 duckdb 和 duckdb-extension-delta {DUCKDB}");
            return None;
        }
        std::fs::write(home.join("ready"), "").expect("written");
    }
    Some(python)
}

fn query(python: &Path, statements: &[String]) -> String {
    let script = r#"
import sys, pathlib, duckdb, duckdb_extension_delta
con = duckdb.connect(config={"allow_unsigned_extensions": "true"})
wheel = pathlib.Path(duckdb_extension_delta.__file__).parent
con.load_extension(str(next(wheel.rglob("delta.duckdb_extension"))))
for statement in sys.argv[1:]:
    print(";".join("|".join(str(cell) for cell in row) for row in con.execute(statement).fetchall()))
"#;
    let out = Command::new(python).args(["-c", script]).args(statements).output().expect("python runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).into_owned()
}

#[test]
fn duckdb_reads_the_same_counts_sums_and_types() {
    let Some(python) = python() else { return };
    let dir = tempfile::tempdir().expect("a folder");
    let lake = lake(dir.path());
    import(&lake, city(200));
    let csv = "bkkp_sn,mdtrt_id,psn_no,fixmedins_code,fee_ocur_time,cnt,pric,selfpay_prop,det_item_fee_sumamt,updt_time
        B000004,M00001,P001,H0,2025-03-01 12:34:56,2.5,1.234567,0.25,99.00,2025-03-01";
    import(&lake, [block("fee_list_d", csv), block("fixmedins_b", "fixmedins_code,fixmedins_name,begndate\nH0,第一医院,2020-01-01")]);
    let batch = findings(9);
    lake.replace_table("findings", [Ok::<_, LakeError>(batch.clone())], batch.schema(), "").expect("written");
    let table = |name: &str| format!("delta_scan('{}')", lake.root().join(name).display());
    let fees = table("fee_list_d");
    let seen = query(
        &python,
        &[
            format!("select count(*), sum(det_item_fee_sumamt), count(distinct bucket), count(memo) from {fees}"),
            format!(
                "select fee_ocur_time, cnt, pric, selfpay_prop, det_item_fee_sumamt, typeof(fee_ocur_time), typeof(pric) from {fees} where bkkp_sn = 'B000004'"
            ),
            format!("select fixmedins_name, begndate from {}", table("fixmedins_b")),
            format!("select count(*), sum(amount), sum(len(evidence)) from {}", table("findings")),
            format!(
                "select count(*), sum(det_item_fee_sumamt) from delta_scan('{}', version => 0)",
                lake.root().join("fee_list_d").display()
            ),
        ],
    );
    // 600 lines of 0.00 to 599.00; one of 4.00 became 99.00.
    let expected = "600|179795.00|4|0
2025-03-01 12:34:56|2.5000|1.234567|0.2500|99.00|TIMESTAMP|DECIMAL(16,6)
第一医院|2020-01-01
9|27.00|18
600|179700.00
";
    assert_eq!(seen, expected);
}
