//! Killed at any moment, the history has everything it acknowledged.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use mingjian_counter::{History, Meeting};
use mingjian_screening::person::{LineRow, PersonRows, VisitRow};

const VARIABLE: &str = "MINGJIAN_TEST_HISTORY";

/// Not a test of its own: what the killed process does.
#[test]
fn writer() {
    #[expect(clippy::disallowed_methods, reason = "tells the child of the test below where to write")]
    let Some(path) = std::env::var_os(VARIABLE) else { return };
    let history = History::open(path.as_ref()).unwrap();
    for number in history.size().unwrap().visits.. {
        let id = number.to_string();
        let person = format!("P{}", number % 7);
        let lines = (0..5).map(|line| LineRow { id: ["1", "2", "3", "4", "5"][line], amount: number as i64, ..LineRow::default() });
        let visits = vec![VisitRow { id: &id, begin: Some(1), ..VisitRow::default() }];
        let rows = PersonRows { psn_no: &person, visits, lines: lines.collect(), ..PersonRows::default() };
        history.put([&rows], Meeting::Merge).unwrap();
        println!("\nacknowledged {number}");
    }
}

#[test]
fn a_kill_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.redb");
    let mut last: Option<u64> = None;
    for round in 0..6u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::writer", "--nocapture", "--test-threads=1"])
            .env(VARIABLE, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Killed in the middle of whatever comes after so many acknowledgements.
        let mut wanted = 3 + round * 11;
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            if let Some(number) = line.unwrap().strip_prefix("acknowledged ") {
                last = number.parse().ok();
                wanted -= 1;
                if wanted == 0 {
                    child.kill().unwrap();
                }
            }
        }
        child.wait().unwrap();
        let history = History::open(&path).unwrap();
        for number in 0..=last.unwrap() {
            let found = history.with_person(&format!("P{}", number % 7), |rows| {
                let visit = rows.visits.iter().position(|visit| visit.id == number.to_string());
                visit.map(|visit| rows.lines.iter().filter(|line| line.visit == visit && line.amount == number as i64).count())
            });
            assert_eq!(found.unwrap(), Some(5), "visit {number} after round {round}");
        }
    }
    assert!(last.unwrap() >= 100);
}
