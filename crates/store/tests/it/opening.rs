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
