//! Opening, migrating, refusing.

use mingjian_store::{Kind, Store, StoreError};

use crate::{count, forge, make, opened};

pub async fn a_store_is_opened_again(url: String) {
    let store = opened(&url).await;
    make(&store, "a").await;
    let kind = if url.starts_with("sqlite:") { Kind::Sqlite } else { Kind::Postgres };
    assert_eq!(store.kind(), kind);
    store.close().await;
    let store = Store::open(&url).await.unwrap();
    assert_eq!((count(&store, "things").await, count(&store, "events").await), (1, 2));
    #[cfg(unix)]
    if let Some(path) = store.path() {
        use std::os::unix::fs::PermissionsExt as _;
        for name in [path.clone(), format!("{}-wal", path.display()).into()] {
            assert_eq!(std::fs::metadata(&name).unwrap().permissions().mode() & 0o777, 0o600, "{}", name.display());
        }
    }
}

pub async fn opened_by_many_at_once(url: String) {
    let tasks: Vec<_> = (0..6)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move { Store::open(&url).await.map(|_| ()) })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let store = opened(&url).await;
    let row = store.one("select count(*) as n, count(distinct number) as different from migrations", &[]).await.unwrap().unwrap();
    assert!(row.int("n").unwrap() >= 1);
    assert_eq!(row.int("n").unwrap(), row.int("different").unwrap());
}

/// A store that only the first migration has been run on, with work in it: the others are added, the work stays.
pub async fn an_older_store_is_brought_up_without_loss(url: String) {
    let first = include_str!("../../migrations/0001_trail.sql");
    forge(&url, "create table migrations (number bigint primary key, name text not null, sm3 text not null)").await;
    forge(&url, first).await;
    let sm3 = mingjian_store::audit::sm3_hex(first.as_bytes());
    forge(&url, &format!("insert into migrations values (1, '0001_trail', '{sm3}')")).await;
    // As an earlier program of this version left it: an event, and the end moved to it.
    let (_folder, twin) = crate::stores::sqlite();
    let twin = opened(&twin).await;
    let event = mingjian_store::audit::page(&twin, &Default::default(), None, 1).await.unwrap().remove(0);
    let genesis = mingjian_store::audit::GENESIS;
    let (at, detail, hash) = (event.at, event.detail, event.hash);
    forge(
        &url,
        &format!(
            "insert into events values (1, {at}, 'zhoujg', 'auditor', '10.1.2.3', 'thing.make', 'thing', 'table', '{detail}', null, '{genesis}', '{hash}'); \
             update trail_head set seq = 1, hash = '{hash}'"
        ),
    )
    .await;
    let store = Store::open(&url).await.unwrap();
    assert!(count(&store, "migrations").await > 1);
    assert_eq!(count(&store, "accounts").await, 0, "what came later is there");
    let verdict = mingjian_store::audit::verify(&store, None).await.unwrap();
    assert_eq!((verdict.broken, verdict.events), (None, 1));
    make(&opened(&url).await, "a").await;
    assert!(mingjian_store::audit::verify(&store, None).await.unwrap().intact());
}

pub async fn a_newer_store_is_refused(url: String) {
    opened(&url).await.close().await;
    forge(&url, "insert into migrations (number, name, sm3) values (9999, '9999_later', 'x')").await;
    let refused = Store::open(&url).await.map(|_| ()).unwrap_err();
    assert!(matches!(&refused, StoreError::Newer { number: 9999, .. }), "{refused}");
    forge(&url, "delete from migrations where number = 9999").await;
    assert!(Store::open(&url).await.is_ok());
}

pub async fn an_edited_migration_is_refused(url: String) {
    opened(&url).await.close().await;
    forge(&url, "update migrations set sm3 = 'x' where number = 1").await;
    assert!(matches!(Store::open(&url).await.map(|_| ()), Err(StoreError::MigrationChanged { number: 1, .. })));
}

#[tokio::test]
async fn an_address_that_is_none_is_told_without_its_password() {
    for url in ["business.db", "mysql://a:secret@b/c", "sqlite:", "sqlite::memory:"] {
        let told = Store::open(url).await.map(|_| ()).unwrap_err().to_string();
        assert!(told.contains("sqlite:<路径>") && !told.contains("secret"), "{told}");
    }
    let told = Store::open("postgres://a:secret@127.0.0.1:1/c").await.map(|_| ()).unwrap_err();
    assert_eq!(told.to_string(), "业务库打不开（127.0.0.1:1/c）");
}
