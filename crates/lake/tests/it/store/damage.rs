//! Damaged and missing files: what the user reads, and that the check finds them.

use std::path::PathBuf;

use mingjian_lake::{Keep, LakeError};

use super::support::{city, import, lake, rows};

fn one_file(lake: &mingjian_lake::Lake, table: &str) -> (u32, PathBuf) {
    let file = lake.snapshot(None).expect("there").files(table).remove(0);
    (file.bucket.expect("bucketed"), file.path)
}

#[test]
fn a_corrupt_file_is_named() {
    let dir = tempfile::tempdir().expect("a folder");
    let lake = lake(dir.path());
    import(&lake, city(300));
    let (bucket, path) = one_file(&lake, "fee_list_d");
    let whole = std::fs::read(&path).expect("a file");
    let mut flipped = whole.clone();
    // The first page of the first column.
    flipped[30..60].iter_mut().for_each(|byte| *byte ^= 0xff);
    for (what, bytes) in [("cut", &whole[..whole.len() / 2]), ("flipped", &flipped[..]), ("empty", &[][..])] {
        std::fs::write(&path, bytes).expect("written");
        let snapshot = lake.snapshot(None).expect("the version itself is whole");
        let error = snapshot.read_bucket("fee_list_d", bucket, &["bkkp_sn"]).expect_err(what);
        assert!(matches!(&error, LakeError::Corrupt { path: named, .. } if *named == path), "{what}: {error:?}");
        assert!(error.to_string().contains("损坏") && error.to_string().contains("--as-of"), "{error}");
        let problems = lake.check(None).expect("checked").problems;
        assert!(problems.iter().any(|problem| problem.path == path), "{what}: {problems:?}");
    }
    // One bit that still decodes: only the hash can tell.
    let mut quiet = whole.clone();
    let at = quiet.len() - 60;
    quiet[at] ^= 0x20;
    std::fs::write(&path, quiet).expect("written");
    assert!(lake.check(None).expect("checked").problems.iter().any(|problem| problem.what.contains("BLAKE3")));
    std::fs::remove_file(&path).expect("removed");
    let error = lake.snapshot(None).expect("there").read_bucket("fee_list_d", bucket, &["bkkp_sn"]).expect_err("missing");
    assert!(matches!(error, LakeError::Missing { .. }), "{error:?}");
    std::fs::write(&path, whole).expect("restored");
    assert!(lake.check(None).expect("checked").problems.is_empty());
}

#[test]
fn a_truncated_or_altered_record_is_told_and_can_be_moved_away() {
    let dir = tempfile::tempdir().expect("a folder");
    let lake = lake(dir.path());
    import(&lake, city(30));
    import(&lake, city(60));
    let path = dir.path().join("lake/_versions/00000002.json");
    let whole = std::fs::read_to_string(&path).expect("a record");
    for text in [whole[..whole.len() / 2].to_owned(), whole.replace("\"rows\": 180", "\"rows\": 181"), String::new()] {
        assert_ne!(text, whole);
        std::fs::write(&path, text).expect("written");
        let error = lake.snapshot(None).expect_err("not whole");
        assert!(matches!(error, LakeError::Record { previous: 1, .. }), "{error:?}");
        assert!(error.to_string().contains("00000002.json"), "{error}");
        assert!(lake.begin_import().is_err(), "nobody writes on top of a damaged record");
    }
    assert_eq!(lake.snapshot(Some(1)).expect("older versions can be read").rows("fee_list_d"), 90);
    std::fs::remove_file(&path).expect("moved away");
    assert_eq!(import(&lake, city(60)).version, 2);
    assert_eq!(lake.snapshot(None).expect("there").rows("fee_list_d"), 180);
    assert!(lake.check(None).expect("checked").problems.is_empty());
}

#[test]
fn vacuum_keeps_what_kept_versions_need() {
    let dir = tempfile::tempdir().expect("a folder");
    let lake = lake(dir.path());
    (1..=4).for_each(|i| drop(import(&lake, city(40 * i))));
    lake.compact(Default::default()).expect("compacted");
    let expected = rows(&lake.snapshot(None).expect("there"), "fee_list_d", &["bkkp_sn"]);
    let four = rows(&lake.snapshot(Some(4)).expect("there"), "fee_list_d", &["bkkp_sn"]);
    let told = lake.vacuum(Keep::Versions(2), true).expect("told");
    assert_eq!((&told.versions_removed[..], &told.versions_kept[..]), (&[1, 2, 3][..], &[4, 5][..]));
    assert_eq!(told.files_removed, 0, "version 4 needs the runs of all imports");
    assert_eq!(lake.vacuum(Keep::Versions(2), false).expect("done"), told);
    assert_eq!(rows(&lake.snapshot(Some(4)).expect("there"), "fee_list_d", &["bkkp_sn"]), four);
    assert!(matches!(lake.snapshot(Some(3)), Err(LakeError::NoVersion { .. })));
    let done = lake.vacuum(Keep::Versions(1), false).expect("done");
    assert!(done.files_removed >= 4 && done.bytes_removed > 0, "{done:?}");
    assert_eq!(rows(&lake.snapshot(None).expect("there"), "fee_list_d", &["bkkp_sn"]), expected);
    assert!(lake.check(None).expect("checked").problems.is_empty());
    assert_eq!(import(&lake, city(200)).version, 6);
}

#[test]
fn compaction_leaves_one_run_a_bucket_and_the_same_rows() {
    let dir = tempfile::tempdir().expect("a folder");
    let lake = lake(dir.path());
    (1..=3).for_each(|i| drop(import(&lake, city(100 * i))));
    let snapshot = lake.snapshot(None).expect("there");
    assert!(snapshot.files("fee_list_d").len() > 4);
    let report = lake.compact(Default::default()).expect("compacted");
    assert_eq!((report.version, report.changed), (4, true));
    let compacted = lake.snapshot(None).expect("there");
    assert_eq!(compacted.files("fee_list_d").len(), 4);
    assert_eq!((compacted.rows("fee_list_d"), compacted.rows("mdtrt_d")), (900, 300));
    assert!(!lake.compact(Default::default()).expect("nothing to do").changed);
    assert!(lake.check(None).expect("checked").problems.is_empty());
}
