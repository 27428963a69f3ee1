//! Writers that die, two writers, full and read-only disks.

use arrow::array::{Int64Array, RecordBatch};
use mingjian_lake::{CommitOptions, Keep, Lake, LakeError, Snapshot, TableAnew};

use super::support::{batch_rows, block, city, import, lake, sorted_rows, source, tree};

const COLUMNS: [&str; 3] = ["mdtrt_id", "bkkp_sn", "det_item_fee_sumamt"];

fn correction() -> mingjian_lake::TypedBlock {
    let csv = "bkkp_sn,mdtrt_id,psn_no,fixmedins_code,det_item_fee_sumamt,updt_time
        B000004,M00001,P001,H0,99.00,2025-03-01
        N1,M90001,P001,H0,5.00,2025-03-01";
    block("fee_list_d", csv)
}

/// A second import that touches several tables dies at a step; how many times the step is let pass first is `pass`.
fn die_at(lake: &Lake, step: &str, pass: usize) -> Result<(), LakeError> {
    let txn = lake.begin_import()?;
    txn.append(correction())?;
    txn.append(block("mdtrt_d", "mdtrt_id,psn_no,fixmedins_code,begntime\nM90001,P001,H0,2025-03-01"))?;
    txn.append(block("fixmedins_b", "fixmedins_code,fixmedins_name,begndate\nH0,第一医院,2020-01-01"))?;
    let seen = std::sync::atomic::AtomicUsize::new(0);
    let stop = |at: &str| at == step && seen.fetch_add(1, std::sync::atomic::Ordering::Relaxed) >= pass;
    let options = CommitOptions { report: &|snapshot| Ok(vec![rows_counted(snapshot)]), ..CommitOptions::default() };
    txn.commit_until(vec![source("b.csv")], options, &stop).map(|_| ())
}

/// A report: how many fee lines the version has.
fn rows_counted(snapshot: &Snapshot) -> TableAnew {
    let rows: usize = snapshot.read_table("fee_list_d", &["bkkp_sn"]).expect("read").iter().map(RecordBatch::num_rows).sum();
    assert_eq!(rows as u64, snapshot.rows("fee_list_d"));
    let batch = RecordBatch::try_from_iter([("lines", std::sync::Arc::new(Int64Array::from(vec![rows as i64])) as _)]).expect("a batch");
    TableAnew { name: "counted".to_owned(), schema: batch.schema(), batches: vec![batch] }
}

#[test]
fn a_report_lands_with_the_rows_it_is_about() {
    let dir = tempfile::tempdir().expect("a folder");
    let lake = lake(dir.path());
    for visits in [60, 60, 90] {
        let txn = lake.begin_import().expect("no other writer");
        city(visits).into_iter().for_each(|block| txn.append(block).expect("appended"));
        let options = CommitOptions { report: &|snapshot| Ok(vec![rows_counted(snapshot)]), ..CommitOptions::default() };
        txn.commit_with(vec![source("a.csv")], options).expect("committed");
    }
    let lines = |version| -> Vec<String> {
        lake.snapshot(Some(version)).expect("there").read_table("counted", &[]).expect("read").iter().flat_map(batch_rows).collect()
    };
    assert_eq!(lake.history().expect("there").len(), 2, "what changed nothing is no version and needs no report");
    assert_eq!((lines(1), lines(2)), (vec!["180".to_owned()], vec!["270".to_owned()]));
    assert!(lake.check(None).expect("checked").problems.is_empty());

    // A report that fails fails the import, and nothing of it stays.
    let before = tree(dir.path());
    let txn = lake.begin_import().expect("no other writer");
    txn.append(correction()).expect("appended");
    let options = CommitOptions { report: &|_| Err(LakeError::Worker("报告".to_owned())), ..CommitOptions::default() };
    assert!(matches!(txn.commit_with(vec![source("b.csv")], options), Err(LakeError::Worker(_))));
    assert_eq!(tree(dir.path()), before);
}

#[test]
fn a_writer_that_dies_at_any_step_leaves_the_old_version_whole() {
    let steps =
        ["spilled", "bucket", "data", "reported", "delta:fee_list_d", "delta:fixmedins_b", "delta:mdtrt_d", "delta:counted", "delta"];
    for (step, pass) in steps.map(|step| (step, 0)).into_iter().chain([("bucket", 2)]) {
        let dir = tempfile::tempdir().expect("a folder");
        let lake = lake(dir.path());
        import(&lake, city(60));
        let before = sorted_rows(&lake.snapshot(None).expect("there"), "fee_list_d", &COLUMNS);
        assert!(matches!(die_at(&lake, step, pass), Err(LakeError::Stopped(_))), "{step}");
        let snapshot = lake.snapshot(None).expect("still there");
        assert_eq!(snapshot.version(), 1, "{step}");
        assert_eq!(sorted_rows(&snapshot, "fee_list_d", &COLUMNS), before, "{step}");
        assert!(lake.check(None).expect("checked").problems.is_empty(), "{step}");
        // The same import run again works and leaves nothing of the dead one.
        let txn = lake.begin_import().expect("a dead writer holds no lock");
        txn.append(correction()).expect("appended");
        let outcome = txn.commit(vec![source("b.csv")]).expect("committed");
        let counts = outcome.tables["fee_list_d"];
        assert_eq!((outcome.version, counts.replaced, counts.new), (2, 1, 1), "{step}");
        let seen = sorted_rows(&lake.snapshot(None).expect("there"), "fee_list_d", &COLUMNS);
        assert_eq!(seen.len(), before.len() + 1, "{step}");
        assert!(lake.check(None).expect("checked").problems.is_empty(), "{step}");
        let removed = lake.vacuum(Keep::Versions(100), false).expect("vacuumed");
        assert_eq!((removed.files_removed, removed.versions_removed.len()), (0, 0), "{step}: the next writer has swept");
        assert!(!dir.path().join("lake/fixmedins_b").exists() || !lake.snapshot(None).expect("there").has_table("fixmedins_b"), "{step}");
    }
}

/// A kill between the two steps of the library that writes a log entry leaves the entry under a name of its own.
#[test]
fn an_entry_half_written_is_swept() {
    let dir = tempfile::tempdir().expect("a folder");
    let lake = lake(dir.path());
    import(&lake, city(60));
    let table = dir.path().join("lake/fee_list_d");
    let data = table.join("part-00000002-dead.parquet");
    let staged = ["00000000000000000001.json#1", "00000000000000000001.json#12", "00000000000000000000.checkpoint.parquet#1"];
    std::fs::write(&data, "never logged").expect("written");
    for name in staged {
        std::fs::write(table.join("_delta_log").join(name), "{\"commitInfo\"").expect("written");
    }
    assert_eq!(import(&lake, [correction()]).version, 2);
    for name in staged {
        assert!(!table.join("_delta_log").join(name).exists(), "{name}");
    }
    assert!(!data.exists());
    assert!(lake.check(None).expect("checked").problems.is_empty());
}

/// What a killed screening or compaction has written stands nowhere but in the table's folder: the lock tells of its death.
#[test]
fn files_of_a_writer_that_died_before_its_commit_are_swept() {
    let dir = tempfile::tempdir().expect("a folder");
    let lake = lake(dir.path());
    import(&lake, city(60));
    let lock = dir.path().join("lake/_lock");
    assert_eq!(std::fs::read_to_string(&lock).expect("there"), "", "who is done leaves no name");
    let left = dir.path().join("lake/fee_list_d/part-00000002-0.parquet");
    std::fs::write(&left, "half a file").expect("written");
    std::fs::write(&lock, "999999").expect("written");
    assert_eq!(import(&lake, [correction()]).version, 2);
    assert!(!left.exists());
}

#[test]
fn what_was_acknowledged_survives_a_death_right_after() {
    let dir = tempfile::tempdir().expect("a folder");
    let lake = lake(dir.path());
    import(&lake, city(60));
    assert!(die_at(&lake, "recorded", 0).is_err());
    let snapshot = lake.snapshot(None).expect("there");
    assert_eq!(snapshot.version(), 2);
    assert!(snapshot.has_table("fixmedins_b"));
    assert!(lake.check(None).expect("checked").problems.is_empty());
}

#[test]
fn an_import_that_is_dropped_leaves_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let lake = lake(dir.path());
    import(&lake, city(60));
    let before = tree(dir.path());
    let txn = lake.begin_import().expect("no other writer");
    txn.append(correction()).expect("appended");
    drop(txn);
    assert_eq!(tree(dir.path()), before);
}

#[test]
fn a_second_writer_is_told_who_holds_the_lake() {
    let dir = tempfile::tempdir().expect("a folder");
    let lake = lake(dir.path());
    let txn = lake.begin_import().expect("no other writer");
    let Err(error) = lake.begin_import() else { panic!("two writers") };
    assert!(error.to_string().contains(&format!("进程 {} 正在写这个湖", std::process::id())), "{error}");
    // Readers are not held up.
    assert_eq!(lake.snapshot(None).expect("readable").version(), 0);
    drop(txn);
    // A lock file alone, left by a dead process, holds nobody up.
    std::fs::write(dir.path().join("lake/_lock"), "999999").expect("written");
    lake.begin_import().expect("taken over");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("lake"), "a file where the lake should be").expect("written");
    let error = Lake::open(dir.path()).expect_err("not a folder").to_string();
    assert!(error.contains("lake"), "{error}");
}

/// A disk that has no room: the temporary files stand on a device that is always full.
#[test]
fn a_full_disk_is_told_and_costs_nothing() {
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let lake = lake(dir.path());
    import(&lake, city(60));
    let txn = lake.begin_import().expect("no other writer");
    let tmp = dir.path().join("lake/_tmp");
    std::fs::create_dir_all(&tmp).expect("made");
    std::os::unix::fs::symlink("/dev/full", tmp.join("fee_list_d.spill")).expect("linked");
    txn.append(correction()).expect("still in memory");
    let error = txn.commit(vec![source("b.csv")]).expect_err("no room");
    assert!(matches!(error, LakeError::DiskFull { .. }), "{error:?}");
    assert!(error.to_string().contains("磁盘已满"), "{error}");
    assert_eq!(lake.snapshot(None).expect("there").version(), 1);
    assert_eq!(import(&lake, [correction()]).version, 2);
}
