//! Tables written whole: findings, the quality report.

use std::sync::Arc;

use arrow::array::{Decimal128Array, Int32Array, ListArray, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use mingjian_lake::{Act, Lake, LakeError};
use mingjian_model::day;

use super::support::{city, import, lake};

pub fn findings(count: i32) -> RecordBatch {
    let item = Arc::new(Field::new("item", DataType::Utf8, true));
    let ids = StringArray::from_iter_values((0..2 * count).map(|i| format!("B{i:06}")));
    let evidence = ListArray::new(item.clone(), OffsetBuffer::from_lengths((0..count).map(|_| 2)), Arc::new(ids), None);
    let money = Decimal128Array::from_iter((0..count).map(|i| (i % 3 > 0).then_some(i128::from(i) * 100)));
    let schema = Schema::new(vec![
        Field::new("finding_id", DataType::Utf8, false),
        Field::new("first_time", DataType::Timestamp(TimeUnit::Microsecond, None), true),
        Field::new("evidence", DataType::List(item), true),
        Field::new("amount", DataType::Decimal128(16, 2), true),
        Field::new("rule_version", DataType::Int32, true),
    ]);
    let columns: Vec<arrow::array::ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values((0..count).map(|i| format!("F{i}")))),
        Arc::new(TimestampMicrosecondArray::from_iter_values((0..count).map(|i| i64::from(i) * day::MICROS_PER_DAY))),
        Arc::new(evidence),
        Arc::new(money.with_precision_and_scale(16, 2).expect("fits")),
        Arc::new(Int32Array::from_iter_values(0..count)),
    ];
    RecordBatch::try_new(Arc::new(schema), columns).expect("a batch")
}

fn write(lake: &Lake, count: i32) -> u64 {
    let batch = findings(count);
    let half = batch.num_rows() / 2;
    let parts = [batch.slice(0, half), batch.slice(half, batch.num_rows() - half)];
    lake.replace_table("findings", parts.into_iter().map(Ok::<_, LakeError>), batch.schema(), "screen").expect("written")
}

#[test]
fn a_table_written_anew_reads_as_written_and_older_ones_by_version() {
    let dir = tempfile::tempdir().expect("a folder");
    let lake = lake(dir.path()).with_clock(|| 1_736_000_000_000_000);
    import(&lake, city(10));
    assert_eq!(write(&lake, 100), 2);
    assert_eq!(write(&lake, 7), 3);
    let read = |version| {
        let snapshot = lake.snapshot(Some(version)).expect("there");
        let batches = snapshot.read_table("findings", &[]).expect("readable");
        arrow::compute::concat_batches(&batches[0].schema(), &batches).expect("one batch")
    };
    for (version, count) in [(2, 100), (3, 7)] {
        let (read, written) = (read(version), findings(count));
        assert_eq!(read.num_rows(), count as usize);
        for column in ["finding_id", "first_time", "evidence", "amount", "rule_version"] {
            let (read, written) = (read.column_by_name(column).expect("there"), written.column_by_name(column).expect("there"));
            assert_eq!(format!("{read:?}"), format!("{written:?}"), "{column}");
        }
    }
    let snapshot = lake.snapshot(None).expect("there");
    assert_eq!(snapshot.rows("findings"), 7);
    assert_eq!(snapshot.rows("fee_list_d"), 30, "other tables stay");
    assert_eq!(snapshot.columns("findings")[0], "finding_id");
    let history = lake.history().expect("history");
    assert_eq!(history.iter().map(|record| record.act).collect::<Vec<_>>(), [Act::Import, Act::Replace, Act::Replace]);
    assert_eq!((history[1].note.as_str(), history[1].time), ("screen", Some(1_736_000_000_000_000)));
    assert!(lake.check(None).expect("checked").problems.is_empty());
}

#[test]
fn a_batch_that_failed_makes_no_version_of_those_before_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let lake = lake(dir.path());
    write(&lake, 5);
    let broken = || LakeError::Column { table: "findings".to_owned(), detail: "甲".to_owned() };
    let batches = [Ok(findings(3)), Err(broken())];
    let error = lake.replace_table("findings", batches, findings(1).schema(), "").expect_err("the batch failed");
    assert_eq!(error.to_string(), broken().to_string());
    let snapshot = lake.snapshot(None).expect("there");
    assert_eq!((snapshot.version(), snapshot.rows("findings")), (1, 5));
}

#[test]
fn a_table_may_be_written_empty_and_change_its_columns() {
    let dir = tempfile::tempdir().expect("a folder");
    let lake = lake(dir.path());
    let empty: [RecordBatch; 0] = [];
    assert_eq!(lake.replace_table("findings", empty.into_iter().map(Ok::<_, LakeError>), findings(1).schema(), "").expect("written"), 1);
    let snapshot = lake.snapshot(None).expect("there");
    assert!(snapshot.has_table("findings") && snapshot.read_table("findings", &[]).expect("readable").is_empty());
    write(&lake, 5);
    let other = RecordBatch::try_from_iter([("only", Arc::new(StringArray::from(vec!["x"])) as arrow::array::ArrayRef)]).expect("a batch");
    lake.replace_table("findings", [Ok::<_, LakeError>(other.clone())], other.schema(), "").expect("written");
    let snapshot = lake.snapshot(None).expect("there");
    assert_eq!(snapshot.columns("findings"), ["only"]);
    assert_eq!(snapshot.read_table("findings", &[]).expect("readable")[0].num_columns(), 1);
}

#[test]
fn a_long_log_is_summed_up_and_old_versions_stay_readable() {
    let dir = tempfile::tempdir().expect("a folder");
    let lake = lake(dir.path());
    for count in 1..=23 {
        assert_eq!(write(&lake, count), count as u64);
    }
    let log = dir.path().join("lake/findings/_delta_log");
    let checkpoint = log.join("00000000000000000019.checkpoint.parquet");
    assert!(checkpoint.exists(), "a checkpoint every 20 commits");
    for version in [1, 19, 20, 21, 22, 23] {
        let snapshot = lake.snapshot(Some(version)).expect("there");
        assert_eq!(
            snapshot.read_table("findings", &["finding_id"]).expect("readable").iter().map(|b| b.num_rows() as u64).sum::<u64>(),
            version
        );
    }
    // A writer that died after the checkpoint of an unrecorded version: the next one sweeps both.
    (20..=23).for_each(|version| std::fs::remove_file(dir.path().join(format!("lake/_versions/{version:08}.json"))).expect("removed"));
    drop(lake.begin_import().expect("a writer"));
    assert!(!checkpoint.exists() && !log.join("_last_checkpoint").exists());
    assert_eq!(lake.snapshot(None).expect("there").rows("findings"), 19);
    assert_eq!(write(&lake, 99), 20);
    assert_eq!(lake.snapshot(None).expect("there").rows("findings"), 99);
    assert!(lake.check(None).expect("checked").problems.is_empty());
}
