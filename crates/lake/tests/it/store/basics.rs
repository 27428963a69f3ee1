//! Append, order, keys, columns, time travel.

use mingjian_lake::{LakeError, Rejected};
use mingjian_model::day;

use super::support::{batch_rows, block, city, import, lake, rows, sorted_rows, source};

const FEES: &str = "bkkp_sn,mdtrt_id,fee_ocur_time,psn_no,fixmedins_code,cnt,pric,det_item_fee_sumamt,selfpay_prop,prd_days,hilist_code,updt_time,crte_time
 3,M2,2025-01-05 10:00:00,P1,H1,2,1.5,3.00,0.1,3,XA,2025-02-01,2025-02-02 08:00:00
 1,M1,2025-01-03 09:00:00,P1,H1,1,2,2.00,,,XB,2025-02-01,
 2,M1,2025-01-09 09:00:00,P1,H1,-1,2,-2.00,,,XB,2025-02-01,2025-02-03 09:00:00";

#[test]
fn rows_come_back_sorted_by_visit_with_raw_numbers() {
    let dir = tempfile::tempdir().expect("a folder");
    let lake = lake(dir.path());
    assert_eq!(lake.snapshot(None).expect("empty").version(), 0);
    let outcome = import(&lake, [block("fee_list_d", FEES)]);
    assert_eq!((outcome.version, outcome.changed, outcome.tables["fee_list_d"].new), (1, true, 3));
    let snapshot = lake.snapshot(None).expect("version 1");
    // Without visits in the lake a visit begins with its first fee: M1 on the 3rd, M2 on the 5th.
    let seen =
        rows(&snapshot, "fee_list_d", &["mdtrt_id", "bkkp_sn", "cnt", "pric", "det_item_fee_sumamt", "selfpay_prop", "prd_days", "memo"]);
    assert_eq!(
        seen,
        ["M1|1|10000|2000000|200||||", "M1|2|-10000|2000000|-200||||", "M2|3|20000|1500000|300|1000|3|"]
            .map(|r| r.trim_end_matches('|').to_owned() + if r.ends_with("3|") { "|" } else { "|||" })
    );
    assert_eq!(snapshot.newest_upload(), day::parse_moment("2025-02-03 09:00:00"));
    assert!(snapshot.columns("fee_list_d").contains(&"selfpay_prop".to_owned()));
    assert!(!snapshot.columns("fee_list_d").contains(&"memo".to_owned()));
    assert!(!snapshot.has_table("setl_d"));
    assert!(snapshot.read_bucket("setl_d", 0, &["setl_id"]).expect("no rows").is_empty());
    assert!(matches!(snapshot.read_bucket("fee_list_d", 0, &["no_such"]), Err(LakeError::NoColumn { .. })));
}

#[test]
fn the_begin_of_a_reported_visit_decides_the_order() {
    let dir = tempfile::tempdir().expect("a folder");
    let lake = lake(dir.path());
    let visits = "mdtrt_id,psn_no,fixmedins_code,begntime
        M1,P1,H1,2025-01-08 00:00:00
        M2,P1,H1,2025-01-05 00:00:00";
    import(&lake, [block("mdtrt_d", visits)]);
    import(&lake, [block("fee_list_d", FEES)]);
    let snapshot = lake.snapshot(None).expect("version 2");
    assert_eq!(rows(&snapshot, "fee_list_d", &["mdtrt_id", "bkkp_sn"]), ["M2|3", "M1|1", "M1|2"]);
    assert!(lake.check(None).expect("checked").problems.is_empty());
}

#[test]
fn the_same_rows_twice_change_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let lake = lake(dir.path());
    import(&lake, city(200));
    let again = import(&lake, city(200));
    assert_eq!((again.version, again.changed), (1, false));
    assert_eq!(again.tables["fee_list_d"].unchanged, 600);
    assert_eq!(lake.history().expect("history").len(), 1);
}

#[test]
fn a_newer_row_replaces_an_older_one_and_never_the_other_way() {
    let dir = tempfile::tempdir().expect("a folder");
    let lake = lake(dir.path());
    import(&lake, city(20));
    let row = |amount: &str, updated: &str| {
        block(
            "fee_list_d",
            &format!("bkkp_sn,mdtrt_id,psn_no,fixmedins_code,det_item_fee_sumamt,updt_time\nB000004,M00001,P001,H0,{amount},{updated}"),
        )
    };
    let newer = import(&lake, [row("99.00", "2025-03-01")]);
    assert_eq!((newer.version, newer.tables["fee_list_d"].replaced), (2, 1));
    let older = import(&lake, [row("1.00", "2025-01-01")]);
    assert_eq!((older.version, older.changed, older.tables["fee_list_d"].superseded), (2, false, 1));
    let snapshot = lake.snapshot(None).expect("version 2");
    let seen = sorted_rows(&snapshot, "fee_list_d", &["bkkp_sn", "det_item_fee_sumamt"]);
    assert_eq!(seen.len(), 60);
    assert!(seen.contains(&"B000004|9900".to_owned()));
    // Time travel: the old row is still in version 1.
    let before = lake.snapshot(Some(1)).expect("version 1");
    assert!(sorted_rows(&before, "fee_list_d", &["bkkp_sn", "det_item_fee_sumamt"]).contains(&"B000004|400".to_owned()));
    assert!(matches!(lake.snapshot(Some(7)), Err(LakeError::NoVersion { asked: 7, oldest: 1, newest: 2 })));
    assert!(lake.check(None).expect("checked").problems.is_empty());
}

#[test]
fn without_times_the_later_import_replaces() {
    let dir = tempfile::tempdir().expect("a folder");
    let lake = lake(dir.path());
    let person = |name: &str| block("psn_info_b", &format!("psn_no,psn_name,brdy\nP1,{name},1960-05-01"));
    import(&lake, [person("甲")]);
    let outcome = import(&lake, [person("乙")]);
    assert_eq!(outcome.tables["psn_info_b"].replaced, 1);
    assert_eq!(rows(&lake.snapshot(None).expect("there"), "psn_info_b", &["psn_name", "brdy"]), ["乙|-3532"]);
}

#[test]
fn rows_that_contradict_each_other_are_set_aside() {
    let dir = tempfile::tempdir().expect("a folder");
    let lake = lake(dir.path());
    let csv = "bkkp_sn,mdtrt_id,psn_no,fixmedins_code,det_item_fee_sumamt,updt_time
        1,M1,P1,H1,1.00,2025-01-01
        1,M1,P1,H1,2.00,2025-01-01
        2,M1,P1,H1,5.00,2025-01-01
        2,M1,P1,H1,5.00,2025-01-01
        3,M1,P1,H1,6.00,2025-01-01
        3,M1,P1,H1,7.00,2025-01-02";
    let outcome = import(&lake, [block("fee_list_d", csv)]);
    let counts = outcome.tables["fee_list_d"];
    assert_eq!((counts.incoming, counts.new, counts.set_aside, counts.duplicates, counts.superseded), (6, 2, 2, 1, 1));
    assert_eq!(outcome.rejected, 2);
    let snapshot = lake.snapshot(None).expect("there");
    assert_eq!(rows(&snapshot, "fee_list_d", &["bkkp_sn", "det_item_fee_sumamt"]), ["2|500", "3|700"]);
    let batches =
        snapshot.read_table("rejected", &["file", "table_name", "row_no", "line_no", "column_name", "value", "reason"]).expect("there");
    let seen: Vec<String> = batches.iter().flat_map(batch_rows).collect();
    assert_eq!(seen.len(), 2);
    assert!(seen[0].starts_with("test.csv|fee_list_d|1|2|mdtrt_id，bkkp_sn|M1，1|"), "{}", seen[0]);
    // A stored row of the same time stays against one that differs; the same file again adds nothing to the rows set aside.
    let again = import(&lake, [block("fee_list_d", csv)]);
    assert!(!again.changed, "{again:?}");
    let clash = import(
        &lake,
        [block("fee_list_d", "bkkp_sn,mdtrt_id,psn_no,fixmedins_code,det_item_fee_sumamt,updt_time\n3,M1,P1,H1,8.00,2025-01-02")],
    );
    assert_eq!((clash.tables["fee_list_d"].set_aside, clash.version), (1, 2));
    assert_eq!(rows(&lake.snapshot(None).expect("there"), "fee_list_d", &["bkkp_sn", "det_item_fee_sumamt"]), ["2|500", "3|700"]);
}

#[test]
fn stock_rows_are_their_own_key() {
    let dir = tempfile::tempdir().expect("a folder");
    let lake = lake(dir.path());
    let csv = "fixmedins_code,med_list_codg,inv_cnt,invdate\nH1,XA,5,2025-01-01\nH1,XA,5,2025-01-01\nH1,XA,6,2025-01-01\nH2,XB,,2025-01-01";
    let outcome = import(&lake, [block("invinfo_3501", csv)]);
    assert_eq!((outcome.tables["invinfo_3501"].new, outcome.tables["invinfo_3501"].duplicates), (3, 1));
    assert!(!import(&lake, [block("invinfo_3501", csv)]).changed);
    let more =
        import(&lake, [block("invinfo_3501", "fixmedins_code,med_list_codg,inv_cnt,invdate\nH1,XA,5,2025-01-01\nH1,XA,7,2025-01-01")]);
    assert_eq!((more.tables["invinfo_3501"].new, more.tables["invinfo_3501"].unchanged), (1, 1));
    assert!(lake.check(None).expect("checked").problems.is_empty());
}

#[test]
fn how_an_import_is_split_changes_no_row() {
    let columns = ["psn_no", "mdtrt_id", "bkkp_sn", "fee_ocur_time", "det_item_fee_sumamt"];
    let whole = tempfile::tempdir().expect("a folder");
    import(&lake(whole.path()), city(300));
    let expected = sorted_rows(&lake(whole.path()).snapshot(None).expect("there"), "fee_list_d", &columns);
    let parts = tempfile::tempdir().expect("a folder");
    let split = lake(parts.path());
    for block in city(300).into_iter().rev() {
        for begin in (0..block.batch.num_rows()).step_by(37).collect::<Vec<_>>().into_iter().rev() {
            let take = 37.min(block.batch.num_rows() - begin);
            let mut part = block.clone();
            part.batch = block.batch.slice(begin, take);
            part.origin.rows = block.origin.rows[begin..begin + take].to_vec();
            part.origin.lines = block.origin.lines[begin..begin + take].to_vec();
            import(&split, [part]);
        }
    }
    assert_eq!(sorted_rows(&split.snapshot(None).expect("there"), "fee_list_d", &columns), expected);
    assert!(split.check(None).expect("checked").problems.is_empty());
    // Compacted it is even the same file.
    split.compact(Default::default()).expect("compacted");
    let of = |lake: &mingjian_lake::Lake| rows(&lake.snapshot(None).expect("there"), "fee_list_d", &columns);
    assert_eq!(of(&split), of(&lake(whole.path())));
    assert!(split.check(None).expect("checked").problems.is_empty());
}

#[test]
fn rows_set_aside_by_the_reader_are_a_table_and_known_ones_stay_single() {
    let dir = tempfile::tempdir().expect("a folder");
    let lake = lake(dir.path());
    let rejected = Rejected {
        file: "a.csv".to_owned(),
        table: "setl_d".to_owned(),
        row: 7,
        line: None,
        column: "setl_time".to_owned(),
        value: "2025-13-01".to_owned(),
        reason: "没有这一天".to_owned(),
    };
    for version in [1, 1] {
        let txn = lake.begin_import().expect("no other writer");
        txn.reject(vec![rejected.clone()]).expect("taken");
        let outcome = txn.commit(vec![source("a.csv")]).expect("committed");
        assert_eq!((outcome.version, outcome.rejected), (version, 1));
    }
    let batches = lake.snapshot(None).expect("there").read_table("rejected", &["column_name", "value"]).expect("there");
    assert_eq!(batches.iter().flat_map(batch_rows).collect::<Vec<_>>(), ["setl_time|2025-13-01"]);
}

#[test]
fn few_rows_are_fetched_by_number() {
    let dir = tempfile::tempdir().expect("a folder");
    let lake = lake(dir.path());
    import(&lake, city(200));
    let snapshot = lake.snapshot(None).expect("there");
    let all: Vec<String> =
        snapshot.read_bucket("fee_list_d", 1, &["bkkp_sn", "cnt"]).expect("readable")[0].iter().flat_map(batch_rows).collect();
    let few = snapshot.read_columns_for_rows("fee_list_d", 1, 0, &["bkkp_sn", "cnt"], &[0, 5, 6, 40]).expect("readable");
    let few: Vec<String> = few.iter().flat_map(batch_rows).collect();
    assert_eq!(few, [0, 5, 6, 40].map(|row: usize| all[row].clone()));
}
