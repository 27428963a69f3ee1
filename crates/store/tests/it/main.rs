//! The store on SQLite and on PostgreSQL: every case runs on both.

mod backup;
mod change;
mod crash;
mod opening;
#[path = "../../testing/stores.rs"]
mod stores;
mod trail;

use mingjian_store::{Actor, Change, Event, Store};

/// Declares the cases, each as a test on SQLite, and one test that runs all of them on PostgreSQL.
macro_rules! cases {
    ($($module:ident::$case:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                let (_folder, url) = crate::stores::sqlite();
                crate::$module::$case(url).await;
            })*
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn postgres() {
            let Some(server) = stores::Server::start() else { return };
            $(
                println!("{}::{}", stringify!($module), stringify!($case));
                $module::$case(server.database()).await;
            )*
            backup::a_dump_is_restored_with_its_trail(&server).await;
            crash::a_server_that_dies_leaves_state_and_event_agreeing(&server).await;
        }
    };
}

cases! {
    change::a_change_is_kept_with_its_events
    change::without_an_event_nothing_is_kept
    change::dropped_it_leaves_nothing
    change::after_a_failed_statement_nothing_is_kept
    change::reads_cannot_write
    change::a_change_does_not_write_the_trail_itself
    change::values_come_back_as_they_went_in
    change::nulls_fit_every_column
    change::a_key_that_is_taken_is_told
    change::changes_at_once_make_one_chain
    change::who_waits_too_long_is_told
    trail::a_whole_trail_is_whole
    trail::any_changed_column_is_found
    trail::any_deleted_event_is_found
    trail::an_event_put_in_is_found
    trail::a_tail_cut_off_is_found
    trail::a_trail_written_anew_differs_from_the_anchor
    trail::anchors_of_the_store_are_watched
    trail::without_its_end_the_trail_takes_nothing
    trail::pages_go_back_from_the_newest
    trail::a_watch_walks_on_and_sees_the_end
    crash::killed_while_it_migrates_the_next_start_goes_on
    crash::killed_at_any_moment_state_and_event_agree
    opening::a_store_is_opened_again
    opening::opened_by_many_at_once
    opening::an_older_store_is_brought_up_without_loss
    opening::a_newer_store_is_refused
    opening::an_edited_migration_is_refused
}

/// 2026-01-05 09:00:00.
const NINE: i64 = 1_767_603_600_000_000;

fn who() -> Actor {
    Actor { account: "zhoujg".into(), role: "auditor".into(), origin: "10.1.2.3".into(), at: NINE }
}

fn event(object: &str) -> Event {
    Event { act: "thing.make", object_kind: "thing", object: object.into(), detail: serde_json::json!({"amount_fen": 120}), reason: None }
}

/// A store with a table to write into.
async fn opened(url: &str) -> Store {
    let store = Store::open(url).await.unwrap();
    let mut change = store.begin(&who()).await.unwrap();
    change.run("create table if not exists things (id text primary key, amount bigint, note text)", &[]).await.unwrap();
    change.note(event("table"));
    change.commit().await.unwrap();
    store
}

async fn make(store: &Store, id: &str) {
    let mut change = store.begin(&who()).await.unwrap();
    put(&mut change, id).await;
    change.commit().await.unwrap();
}

async fn put(change: &mut Change, id: &str) {
    change.run("insert into things (id, amount) values ($1, $2)", &[id.into(), 120.into()]).await.unwrap();
    change.note(event(id));
}

async fn count(store: &Store, table: &str) -> i64 {
    store.one(&format!("select count(*) as n from {table}"), &[]).await.unwrap().unwrap().int("n").unwrap()
}

/// What an intruder with the database's password would do: write past the store.
async fn forge(url: &str, sql: &str) {
    if let Some(path) = url.strip_prefix("sqlite:") {
        let options = sqlx::sqlite::SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .busy_timeout(std::time::Duration::from_secs(10));
        let mut connection = sqlx::ConnectOptions::connect(&options).await.unwrap();
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        sqlx::Connection::close(connection).await.unwrap();
    } else {
        let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(url).await.unwrap();
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        sqlx::Connection::close(connection).await.unwrap();
    }
}
