//! State and event are one.

use mingjian_store::{Arg, EventId, StoreError, audit};

use crate::{count, event, make, opened, put, who};

pub async fn a_change_is_kept_with_its_events(url: String) {
    let store = opened(&url).await;
    let mut change = store.begin(&who()).await.unwrap();
    put(&mut change, "a").await;
    put(&mut change, "b").await;
    // The first event is that of the table.
    assert_eq!(change.commit().await.unwrap(), [EventId(2), EventId(3)]);
    assert_eq!(count(&store, "things").await, 2);
    let records = audit::page(&store, &audit::Filter::default(), None, 10).await.unwrap();
    assert_eq!(records.iter().map(|record| record.object.as_str()).collect::<Vec<_>>(), ["b", "a", "table"]);
    let record = &records[0];
    assert_eq!(
        (record.account.as_str(), record.role.as_str(), record.origin.as_str(), record.at),
        ("zhoujg", "auditor", "10.1.2.3", crate::NINE)
    );
    assert_eq!((record.detail.as_str(), record.reason.as_deref()), (r#"{"amount_fen":120}"#, None));
}

pub async fn without_an_event_nothing_is_kept(url: String) {
    let store = opened(&url).await;
    let mut change = store.begin(&who()).await.unwrap();
    change.run("insert into things (id) values ('a')", &[]).await.unwrap();
    assert!(matches!(change.commit().await, Err(StoreError::NoEvent)));
    assert_eq!((count(&store, "things").await, count(&store, "events").await), (0, 1));
    make(&store, "b").await;
    assert!(audit::verify(&store, None).await.unwrap().intact());
}

pub async fn dropped_it_leaves_nothing(url: String) {
    let store = opened(&url).await;
    let mut change = store.begin(&who()).await.unwrap();
    put(&mut change, "a").await;
    drop(change);
    // The next change sees nothing of it, and does not wait for it.
    let mut change = store.begin(&who()).await.unwrap();
    assert!(change.rows("select id from things", &[]).await.unwrap().is_empty());
    put(&mut change, "b").await;
    assert_eq!(change.commit().await.unwrap(), [EventId(2)]);
}

pub async fn after_a_failed_statement_nothing_is_kept(url: String) {
    let store = opened(&url).await;
    make(&store, "a").await;
    let mut change = store.begin(&who()).await.unwrap();
    put(&mut change, "b").await;
    assert!(change.run("insert into nowhere values (1)", &[]).await.is_err());
    assert!(matches!(change.run("insert into things (id) values ('c')", &[]).await, Err(StoreError::Broken)));
    assert!(matches!(change.rows("select 1 as one", &[]).await, Err(StoreError::Broken)));
    change.note(event("c"));
    assert!(matches!(change.commit().await, Err(StoreError::Broken)));
    assert_eq!((count(&store, "things").await, count(&store, "events").await), (1, 2));
}

pub async fn reads_cannot_write(url: String) {
    let store = opened(&url).await;
    for sql in ["insert into things (id) values ('a') returning id", "delete from events", "update trail_head set seq = 0"] {
        assert!(matches!(store.rows(sql, &[]).await, Err(StoreError::Sql { .. })), "{sql}");
        assert!(matches!(store.jot(sql, &[]).await, Err(StoreError::NotVolatile { .. })), "{sql}");
    }
    assert_eq!((count(&store, "things").await, count(&store, "events").await), (0, 1));
}

pub async fn a_change_does_not_write_the_trail_itself(url: String) {
    let store = opened(&url).await;
    for sql in [
        "delete from events",
        "UPDATE Trail_Head set seq = 0",
        "insert into anchors(seq, at, hash) values (1, 1, 'x')",
        "delete from migrations",
    ] {
        let mut change = store.begin(&who()).await.unwrap();
        put(&mut change, "a").await;
        assert!(matches!(change.run(sql, &[]).await, Err(StoreError::OwnTable { .. })), "{sql}");
        assert!(matches!(change.commit().await, Err(StoreError::Broken)), "{sql}");
        let mut change = store.begin(&who()).await.unwrap();
        assert!(matches!(change.rows(&format!("{sql} returning 1 as one"), &[]).await, Err(StoreError::OwnTable { .. })), "{sql}");
    }
    assert_eq!((count(&store, "things").await, count(&store, "events").await), (0, 1));
}

pub async fn values_come_back_as_they_went_in(url: String) {
    let store = opened(&url).await;
    let text = "一行\n'引号'; drop table things; -- \u{1F600}";
    let mut change = store.begin(&who()).await.unwrap();
    for (id, amount, note) in [("a", Arg::Int(i64::MAX), Arg::from(text)), ("b", Arg::Int(-5), Arg::from("")), ("c", Arg::Null, Arg::Null)]
    {
        // $2 stands twice and before $1.
        let sql = "insert into things (amount, id, note) select $2, $1, $3 where $2 = $2 or $2 is null";
        let sql = if amount == Arg::Null { "insert into things (amount, id, note) values ($2, $1, $3)" } else { sql };
        assert_eq!(change.run(sql, &[id.into(), amount, note]).await.unwrap(), 1);
    }
    change.note(event("things"));
    change.commit().await.unwrap();
    let rows = store.rows("select id, amount, note, amount is null as empty from things order by id", &[]).await.unwrap();
    assert_eq!(rows[0].int("amount").unwrap(), i64::MAX);
    assert_eq!(rows[0].text("note").unwrap(), text);
    assert_eq!((rows[1].int("amount").unwrap(), rows[1].text("note").unwrap().as_str()), (-5, ""));
    assert_eq!((rows[2].maybe_int("amount").unwrap(), rows[2].maybe_text("note").unwrap()), (None, None));
    assert_eq!(rows.iter().map(|row| row.flag("empty").unwrap()).collect::<Vec<_>>(), [false, false, true]);
    assert!(matches!(rows[2].int("amount"), Err(StoreError::IsNull { .. })));
    assert!(matches!(rows[0].int("note"), Err(StoreError::NotOfKind { .. })));
    assert!(matches!(rows[0].text("amount"), Err(StoreError::NotOfKind { .. })));
    assert!(matches!(rows[0].text("nothing"), Err(StoreError::NoColumn { .. })));
    // Sums, counts, and what is no whole number.
    let sums = "select sum(amount) as sum, count(*) as n, min(id) as first, max(length(note)) as long from things where amount < $1";
    let row = store.one(sums, &[1_000.into()]).await.unwrap().unwrap();
    assert_eq!((row.int("sum").unwrap(), row.int("n").unwrap(), row.text("first").unwrap()), (-5, 1, "b".to_owned()));
    assert_eq!(row.int("long").unwrap(), 0);
    let row = store.one("select 0.5 as half, sum(amount) as none from things where id = 'x'", &[]).await.unwrap().unwrap();
    assert!(matches!(row.int("half"), Err(StoreError::NotOfKind { .. })));
    assert_eq!(row.maybe_int("none").unwrap(), None);
    assert!(store.one("select id from things where id = $1", &["nobody".into()]).await.unwrap().is_none());
    // Both databases tell capitals from small letters, and neither takes a text with U+0000.
    assert!(store.rows("select id from things where id like $1", &["A%".into()]).await.unwrap().is_empty());
    assert!(matches!(store.rows("select id from things where id = $1", &["\0".into()]).await, Err(StoreError::Nul)));
}

pub async fn nulls_fit_every_column(url: String) {
    let store = opened(&url).await;
    let mut change = store.begin(&who()).await.unwrap();
    // One statement, prepared once, with numbers, texts and nulls in the same place.
    for (id, amount, note) in
        [("a", Arg::Null, Arg::Null), ("b", 7.into(), "x".into()), ("c", Arg::Null, "y".into()), ("d", 8.into(), Arg::Null)]
    {
        change.run("insert into things (id, amount, note) values ($1, $2, $3)", &[id.into(), amount, note]).await.unwrap();
    }
    let sql = "insert into things (id, amount) values ($1, $2) on conflict (id) do update set amount = excluded.amount returning amount";
    assert_eq!(change.one(sql, &["a".into(), 5.into()]).await.unwrap().unwrap().int("amount").unwrap(), 5);
    change.note(event("things"));
    change.commit().await.unwrap();
    let rows = store.rows("select amount, note from things order by id", &[]).await.unwrap();
    let found: Vec<_> = rows.iter().map(|row| (row.maybe_int("amount").unwrap(), row.maybe_text("note").unwrap())).collect();
    assert_eq!(found, [(Some(5), None), (Some(7), Some("x".into())), (None, Some("y".into())), (Some(8), None)]);
}

pub async fn a_key_that_is_taken_is_told(url: String) {
    let store = opened(&url).await;
    make(&store, "a").await;
    let mut change = store.begin(&who()).await.unwrap();
    assert!(matches!(change.run("insert into things (id) values ($1)", &["a".into()]).await, Err(StoreError::Duplicate { .. })));
}

pub async fn changes_at_once_make_one_chain(url: String) {
    // Two programs on one store, four tasks each, all adding to one number.
    let stores = [opened(&url).await, opened(&url).await];
    let before = count(&stores[0], "events").await;
    make(&stores[0], "sum").await;
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let store = stores[task % 2].clone();
            tokio::spawn(async move {
                for _ in 0..6 {
                    let mut change = store.begin(&who()).await.unwrap();
                    let amount =
                        change.one("select amount from things where id = 'sum'", &[]).await.unwrap().unwrap().int("amount").unwrap();
                    change.run("update things set amount = $1 where id = 'sum'", &[(amount + 1).into()]).await.unwrap();
                    change.note(event("sum"));
                    change.commit().await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let sum = stores[0].one("select amount from things where id = 'sum'", &[]).await.unwrap().unwrap();
    assert_eq!(sum.int("amount").unwrap(), 120 + 48, "no change was lost under another");
    let verdict = audit::verify(&stores[1], None).await.unwrap();
    assert_eq!((verdict.broken, verdict.events as i64), (None, before + 49));
}

pub async fn who_waits_too_long_is_told(url: String) {
    let store = opened(&url).await;
    let held = store.begin(&who()).await.unwrap();
    let other = store.clone();
    assert!(matches!(other.begin(&who()).await.map(|_| ()), Err(StoreError::Busy)));
    drop(held);
    make(&store, "a").await;
}
