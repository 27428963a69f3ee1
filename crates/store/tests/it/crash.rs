//! Killed at any moment: state and event agree, and nothing acknowledged is lost.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use mingjian_store::audit;

use crate::{event, opened, who};

const VARIABLE: &str = "MINGJIAN_TEST_STORE";
const OPENED: &str = "MINGJIAN_TEST_STORE_OPENED";

/// Not a test of its own: what the killed process does. Each change makes two rows and one event, and is told when it is kept.
#[tokio::test]
async fn writer() {
    #[expect(clippy::disallowed_methods, reason = "tells the child of the test below where to write")]
    let Some(url) = std::env::var_os(VARIABLE).and_then(|url| url.into_string().ok()) else { return };
    let store = opened(&url).await;
    for number in crate::count(&store, "things").await.. {
        let id = format!("{number:06}");
        let mut change = store.begin(&who()).await.unwrap();
        for half in ["x", "y"] {
            change.run("insert into things (id, amount) values ($1, $2)", &[format!("{id}{half}").into(), number.into()]).await.unwrap();
        }
        change.note(event(&id));
        change.commit().await.unwrap();
        println!("\nacknowledged {id}");
    }
}

pub async fn killed_at_any_moment_state_and_event_agree(url: String) {
    let mut acknowledged = BTreeSet::new();
    for round in 0..8u32 {
        let wanted = 2 + round * 3;
        // Somewhere in the middle of the next change: a little later in each round.
        let pause = std::time::Duration::from_micros(u64::from(round) * 700);
        acknowledged.extend(write_until(&url, wanted, |child| {
            std::thread::sleep(pause);
            let _ = child.kill();
        }));
        agrees(&url, &acknowledged, round).await;
    }
    assert!(acknowledged.len() >= 8);
}

/// Not a test of its own: what the killed process does while it brings a store up.
#[tokio::test]
async fn opener() {
    #[expect(clippy::disallowed_methods, reason = "tells the child of the test below what to open")]
    let Some(url) = std::env::var_os(OPENED).and_then(|url| url.into_string().ok()) else { return };
    let _ = mingjian_store::Store::open(&url).await;
}

/// Killed a little later each time, from before the first migration to after the last: the next start goes on where it stopped.
pub async fn killed_while_it_migrates_the_next_start_goes_on(url: String) {
    for round in 0..10u64 {
        if let Some(path) = url.strip_prefix("sqlite:") {
            for tail in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(format!("{path}{tail}"));
            }
        } else {
            crate::forge(&url, "drop schema public cascade; create schema public").await;
        }
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::opener", "--test-threads=1"])
            .env(OPENED, &url)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(4 + round * 6));
        let _ = child.kill();
        child.wait().unwrap();
        let store = mingjian_store::Store::open(&url).await.unwrap();
        let run = store.rows("select number from migrations", &[]).await.unwrap().len();
        assert!(run > 6, "round {round}");
        assert_eq!(store.rows("select id, touched from leads", &[]).await.unwrap().len(), 0, "round {round}");
        assert!(audit::verify(&store, None).await.unwrap().intact(), "round {round}");
        store.close().await;
    }
    crate::make(&opened(&url).await, "a").await;
}

/// Not the program, the database under it.
pub async fn a_server_that_dies_leaves_state_and_event_agreeing(server: &crate::stores::Server) {
    let url = server.database();
    let mut acknowledged = BTreeSet::new();
    for round in 0..3 {
        acknowledged.extend(write_until(&url, 5 + round, |child| {
            server.crash();
            let _ = child.kill();
        }));
        agrees(&url, &acknowledged, round).await;
    }
}

/// Lets a writer write, and ends it when so many changes were acknowledged; gives what was.
fn write_until(url: &str, wanted: u32, mut end: impl FnMut(&mut Child)) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::writer", "--nocapture", "--test-threads=1"])
        .env(VARIABLE, url)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut acknowledged = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        if let Some(id) = line.unwrap().strip_prefix("acknowledged ") {
            acknowledged.push(id.to_owned());
            if acknowledged.len() == wanted as usize {
                end(&mut child);
            }
        }
    }
    child.wait().unwrap();
    assert!(acknowledged.len() >= wanted as usize, "the writer came so far");
    acknowledged
}

async fn agrees(url: &str, acknowledged: &BTreeSet<String>, round: u32) {
    let store = opened(url).await;
    let rows = store.rows("select id from things order by id", &[]).await.unwrap();
    let rows: Vec<String> = rows.iter().map(|row| row.text("id").unwrap()).collect();
    let objects = store.rows("select object from events where object <> 'table' order by seq", &[]).await.unwrap();
    let objects: Vec<String> = objects.iter().map(|row| row.text("object").unwrap()).collect();
    let from_events: Vec<String> = objects.iter().flat_map(|id| [format!("{id}x"), format!("{id}y")]).collect();
    assert_eq!(rows, from_events, "round {round}: every row has its event and every event its rows");
    let kept: BTreeSet<String> = objects.into_iter().collect();
    assert!(acknowledged.is_subset(&kept), "round {round}: what was acknowledged is there");
    assert!(audit::verify(&store, None).await.unwrap().intact(), "round {round}");
    store.close().await;
}
