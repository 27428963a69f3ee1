//! Equal data, equal hits: order of rows, files, threads and other rules change nothing.

use std::path::Path;

use mingjian_groups::Settings;
use mingjian_rules::Library;

use crate::town::{built, hits, town};

fn settings(threads: usize) -> Settings {
    Settings { threads, ..Settings::default() }
}

/// The library's SQL rules, with limits low enough for a town of a few hundred visits.
fn lenient() -> Library {
    let limits = [
        ("settlements = 150", "settlements = 2"),
        ("days = 7\n", "days = 1\n"),
        ("settlements = 30", "settlements = 5"),
        ("months = 6", "months = 1"),
    ];
    let mut files = Vec::new();
    for family in ["model", "stock", "trace"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../library/rules").join(family);
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let mut text = std::fs::read_to_string(&path).unwrap();
            limits.iter().for_each(|(from, to)| text = text.replace(from, to));
            if text.contains("```sql") {
                files.push((format!("rules/{family}/{}", path.file_name().unwrap().to_str().unwrap()), text));
            }
        }
    }
    files.sort();
    let (library, found) = Library::from_files(files);
    assert!(found.is_empty(), "{}", found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    library
}

#[test]
fn order_of_rows_files_and_threads_change_no_hit() {
    let folder = tempfile::tempdir().unwrap();
    let library = lenient();
    let expected = hits(&built(folder.path(), "one", &town(), 1, 1), &library, None, &settings(1));
    for rule in ["M16", "M19", "M20", "N043", "T1", "T2", "T4"] {
        assert!(expected.contains_key(rule), "{rule} finds nothing in {:?}", expected.keys());
    }
    for (buckets, parts, threads) in [(1, 1, 3), (4, 1, 2), (7, 3, 4)] {
        let name = format!("lake-{buckets}-{parts}-{threads}");
        let found = hits(&built(folder.path(), &name, &town(), buckets, parts), &library, None, &settings(threads));
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn other_rules_change_no_hit() {
    let folder = tempfile::tempdir().unwrap();
    let library = lenient();
    let lake = built(folder.path(), "one", &town(), 4, 1);
    let together = hits(&lake, &library, None, &settings(2));
    for rule in ["M19", "M20", "T1"] {
        let alone = hits(&lake, &library, Some(&[rule]), &settings(2));
        assert_eq!(alone[rule], together[rule], "{rule}");
        assert_eq!(alone.len(), 1);
    }
}

#[test]
fn nothing_refunded_or_reversed_reads_as_everything_stands() {
    // The views have no join then; the hits are those of the rows alone.
    let folder = tempfile::tempdir().unwrap();
    let library = lenient();
    let mut plain = town();
    for (table, _, rows) in &mut plain {
        match *table {
            "setl_d" => rows.retain(|row| row.starts_with('S')),
            "fee_list_d" => rows.retain(|row| !row.split(',').nth(7).is_some_and(|count| count.starts_with('-'))),
            _ => {}
        }
    }
    let without = hits(&built(folder.path(), "plain", &plain, 4, 1), &library, None, &settings(2));
    // A refund and a reversal that touch nothing a rule finds: the same hits, now through the joins.
    let mut touched = plain.clone();
    for (table, _, rows) in &mut touched {
        match *table {
            "setl_d" => rows.extend([
                "SV9,V9,,R9,H9,2025-01-01 12:00:00,11,1.00,1.00,0.00,0.00".to_owned(),
                "XV9,V9,SV9,R9,H9,2025-01-01 13:00:00,11,-1.00,-1.00,0.00,0.00".to_owned(),
            ]),
            "fee_list_d" => rows.extend([
                "1,V8,2025-01-01 12:00:00,SV8,H9,R9,11,1,1,1.00,1.00,Y1,,,09".to_owned(),
                "2,V8,2025-01-01 12:00:00,SV8,H9,R9,11,-1,1,-1.00,-1.00,Y1,,1,09".to_owned(),
            ]),
            _ => {}
        }
    }
    assert_eq!(hits(&built(folder.path(), "touched", &touched, 4, 1), &library, None, &settings(2)), without);
}
