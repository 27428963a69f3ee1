//! What the lake gains, laid over the history import by import, is what the history would hold had it been filled from the last version.

use std::collections::BTreeMap;
use std::path::Path;

use mingjian_city::Options;
use mingjian_counter::{History, Meeting};
use mingjian_lake::import::{ImportOptions, Source, import};
use mingjian_lake::{Lake, Snapshot};
use mingjian_screening::person::{LineRow, PersonRows, RegistrationRow, SettlementRow, read_brought};
use mingjian_screening::{Reference, ScreenError};

use crate::same::{Row, Silent, Tables, at, each_person, write};

type City = BTreeMap<&'static str, Vec<Row>>;

/// A row's part of a hundred, by what stands in it.
fn chance(row: &Row) -> u32 {
    let hash =
        row.iter().flat_map(|cell| cell.bytes()).fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(16_777_619));
    (hash >> 7) % 100
}

/// A city in three imports. Lines, settlements, diagnoses and operations come in any of them, rows of visits and registrations in the
/// first two; what is told of a visit that nothing else tells of yet waits for the last.
fn in_three(tables: &City) -> [City; 3] {
    let mut parts: [City; 3] = Default::default();
    let (visit, of_line) = (at("mdtrt_d", "mdtrt_id"), at("fee_list_d", "mdtrt_id"));
    let late = |row: &Row| chance(row) < 20;
    let late_visits: Vec<&String> = tables["mdtrt_d"].iter().filter(|row| late(row)).map(|row| &row[visit]).collect();
    let is_late = |id: &String| late_visits.contains(&id);
    for (&name, rows) in tables {
        for row in rows {
            let part = match name {
                "mdtrt_d" => usize::from(late(row)),
                "fee_list_d" if is_late(&row[of_line]) => usize::from(chance(row) < 50),
                "fee_list_d" | "setl_d" | "opsp_reg_d" => chance(row) as usize * 3 / 100,
                "setl_list_diag_d" | "setl_list_oprn_d" => {
                    let of = &row[at(name, "mdtrt_id")];
                    if is_late(of) { 2 } else { chance(row) as usize * 3 / 100 }
                }
                _ => 0,
            };
            parts[part].entry(name).or_default().push(row.clone());
        }
    }
    parts
}

fn bring(lake: &Lake, folder: &Path, part: &City) -> Snapshot {
    std::fs::create_dir(folder).unwrap();
    write(folder, part);
    import(lake, &[Source::parse(folder)], &ImportOptions::default(), &Silent).unwrap();
    lake.snapshot(None).unwrap()
}

fn lay_over(history: &History, rows: &Snapshot) -> usize {
    let reference = Reference::load(rows).unwrap();
    let mut lines = 0;
    for bucket in 0..rows.buckets() {
        read_brought::<ScreenError>(rows, bucket, &reference, 7, |some| {
            assert!(some.len() <= 7);
            lines += some.iter().map(|person| person.lines.len()).sum::<usize>();
            history.put(some.iter().copied(), Meeting::Gain).unwrap();
            Ok(())
        })
        .unwrap();
    }
    lines
}

/// Rows by what they say, whatever order they came in.
fn said(rows: &PersonRows<'_>) -> Vec<String> {
    let id = |visit: usize| rows.visits[visit].id;
    let mut all: Vec<String> = rows.visits.iter().map(|row| format!("{row:?}")).collect();
    all.extend(rows.settlements.iter().map(|row| format!("{} {:?}", id(row.visit), SettlementRow { visit: 0, ..row.clone() })));
    all.extend(rows.lines.iter().map(|row| format!("{} {:?}", id(row.visit), LineRow { visit: 0, item_name: "", ..row.clone() })));
    all.extend(rows.diagnoses.iter().map(|row| format!("{} {} {} {}", id(row.visit), row.id, row.code, row.main)));
    all.extend(rows.operations.iter().map(|row| format!("{} {} {} {:?}", id(row.visit), row.code, row.begin, row.end)));
    all.extend(rows.registrations.iter().map(|RegistrationRow { begin, end }| format!("{begin:?} {end:?}")));
    all.push(format!("{} {:?} {:?}", rows.sex, rows.birth, rows.died));
    all.sort();
    all.iter().map(|text| text.replace("told_by: Money", "told_by: Itself")).collect()
}

#[test]
fn gained_in_three_imports_is_filled_from_the_last() {
    let tables = Tables::default();
    let options = Options { persons: 500, from: (2025, 3), months: 4, seed: 31, threads: 2, plant: Default::default() };
    mingjian_city::generate(&options, &tables, &|_| {}).unwrap();
    let tables = tables.0.into_inner().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open_with(&folder.path().join("workspace"), 4).unwrap();
    let history = History::open(&folder.path().join("history.redb")).unwrap();
    let mut lines = Vec::new();
    for (number, part) in in_three(&tables).iter().enumerate() {
        let snapshot = bring(&lake, &folder.path().join(format!("{number}")), part);
        let brought = snapshot.brought();
        let gained = part.get("fee_list_d").map_or(0, Vec::len);
        lines.push(lay_over(&history, &brought));
        assert!(gained > 500 && lines[number] >= gained * 9 / 10, "import {number}: {gained} lines came, {} were read", lines[number]);
        assert!(brought.files("fee_list_d").len() <= snapshot.files("fee_list_d").len());
        // Read once more, as after a kill: nothing changes.
        lay_over(&history, &brought);
    }
    let newest = lake.snapshot(None).unwrap();
    let whole = newest.rows("fee_list_d") as usize;
    assert!(lines.iter().all(|&read| read < whole), "each import is read by itself: {lines:?} of {whole}");
    let reference = Reference::load(&newest).unwrap();
    let mut compared = 0;
    each_person(&newest, &reference, |wanted| {
        let found = history.with_person(wanted.psn_no, |rows| said(&rows)).unwrap();
        assert_eq!(found, said(wanted), "{}", wanted.psn_no);
        compared += 1;
    });
    assert!(compared > 300, "{compared}");
}
