//! A copy is as good as the store.

use mingjian_store::audit::{self, Break};
use mingjian_store::{Store, StoreError, backup};

use crate::{count, forge, make, opened, stores, who};

#[tokio::test]
async fn a_backup_is_restored_with_its_trail() {
    let (folder, url) = stores::sqlite();
    let kept = folder.path().join("anchors.txt");
    let store = opened(&url).await;
    make(&store, "a").await;
    audit::anchor(&store, &who(), Some(&kept)).await.unwrap();
    // With a change under way, of which the copy has nothing.
    let mut change = store.begin(&who()).await.unwrap();
    crate::put(&mut change, "b").await;
    let copy = folder.path().join("backup/2026-01-05.db");
    std::fs::create_dir(folder.path().join("backup")).unwrap();
    store.backup(&copy).await.unwrap();
    change.commit().await.unwrap();
    assert!(matches!(store.backup(&copy).await, Err(StoreError::Exists(_))), "a backup is not written over");

    let place = folder.path().join("new/business.db");
    let verdict = backup::restore(&copy, &place, Some(&kept)).await.unwrap();
    assert_eq!((verdict.events, verdict.anchors), (3, 2));
    let restored = Store::open(&format!("sqlite:{}", place.display())).await.unwrap();
    assert_eq!(count(&restored, "things").await, 1);
    make(&restored, "c").await;
    assert!(audit::verify(&restored, Some(&kept)).await.unwrap().intact(), "work goes on");
    assert!(matches!(backup::restore(&copy, &place, None).await, Err(StoreError::Exists(_))), "a store is not written over");

    #[cfg(unix)]
    for path in [&copy, &place] {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_backup_that_was_tampered_with_is_not_restored() {
    let (folder, url) = stores::sqlite();
    let store = opened(&url).await;
    make(&store, "a").await;
    let copy = folder.path().join("copy.db");
    store.backup(&copy).await.unwrap();
    forge(&format!("sqlite:{}", copy.display()), "update events set account = 'other' where seq = 2").await;
    let place = folder.path().join("new.db");
    let refused = backup::restore(&copy, &place, None).await.unwrap_err();
    assert!(matches!(refused, StoreError::BackupBroken(Break::Changed { seq: 2 })), "{refused}");
    // What a full disk left, what is no database, a database of something else: none comes back as a store in which nothing ever was.
    for odd in [&b""[..], b"no database"] {
        std::fs::write(&copy, odd).unwrap();
        assert!(matches!(backup::restore(&copy, &place, None).await, Err(StoreError::NotABackup(_))));
    }
    std::fs::remove_file(&copy).unwrap();
    std::fs::write(&copy, b"").unwrap();
    forge(&format!("sqlite:{}", copy.display()), "create table events (seq bigint)").await;
    assert!(matches!(backup::restore(&copy, &place, None).await, Err(StoreError::NotABackup(_))));
    // Pages that are no pages.
    std::fs::remove_file(&copy).unwrap();
    store.backup(&copy).await.unwrap();
    let mut bytes = std::fs::read(&copy).unwrap();
    let half = bytes.len() / 2 / 4096 * 4096;
    bytes[half..].fill(0xa5);
    std::fs::write(&copy, bytes).unwrap();
    let refused = backup::restore(&copy, &place, None).await.unwrap_err();
    assert!(matches!(refused, StoreError::BackupDamaged { .. }), "{refused}");
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("new.db")), "{left:?}");
}

/// PostgreSQL's own tools, and the trail after them.
pub async fn a_dump_is_restored_with_its_trail(server: &stores::Server) {
    let url = server.database();
    let store = opened(&url).await;
    make(&store, "a").await;
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(store.backup(&folder.path().join("x")).await, Err(StoreError::BackupElsewhere)));
    let copy = server.database();
    server.must("pg_dump", &["--format", "custom", "--file", "dump", &url]);
    server.must("pg_restore", &["--dbname", &copy, "dump"]);
    let restored = Store::open(&copy).await.unwrap();
    make(&restored, "b").await;
    let verdict = audit::verify(&restored, None).await.unwrap();
    assert_eq!((verdict.broken, verdict.events), (None, 3));
    forge(&copy, "update events set reason = '' where seq = 2").await;
    assert_eq!(audit::verify(&restored, None).await.unwrap().broken, Some(Break::Changed { seq: 2 }));
}
