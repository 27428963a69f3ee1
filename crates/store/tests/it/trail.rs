//! Whatever is done to the trail is found.

use mingjian_store::audit::{self, Break, Filter, Verdict};
use mingjian_store::{Event, Store, StoreError};

use crate::{NINE, forge, make, opened, who};

/// Events 1 to 6: the table, five things.
async fn six(url: &str) -> Store {
    let store = opened(url).await;
    for id in ["a", "b", "c", "d", "e"] {
        make(&store, id).await;
    }
    store
}

async fn broken(store: &Store) -> Option<Break> {
    audit::verify(store, None).await.unwrap().broken
}

pub async fn a_whole_trail_is_whole(url: String) {
    let store = Store::open(&url).await.unwrap();
    let empty = audit::verify(&store, None).await.unwrap();
    assert_eq!(empty, Verdict { events: 0, head: audit::GENESIS.to_owned(), anchors: 0, broken: None });
    let store = six(&url).await;
    let verdict = audit::verify(&store, None).await.unwrap();
    assert_eq!((verdict.events, verdict.broken.as_ref()), (6, None));
    let last = audit::page(&store, &Filter::default(), None, 1).await.unwrap();
    assert_eq!(verdict.head, last[0].hash);
}

pub async fn any_changed_column_is_found(url: String) {
    let store = six(&url).await;
    let texts = ["account", "role", "origin", "act", "object_kind", "object", "detail", "hash", "previous"];
    for column in texts.into_iter().chain(["at", "reason"]) {
        let (set, back) = match column {
            "at" => (format!("{column} = {column} + 1"), format!("{column} = {column} - 1")),
            "reason" => (format!("{column} = ''"), format!("{column} = null")),
            _ => (format!("{column} = {column} || 'x'"), format!("{column} = substr({column}, 1, length({column}) - 1)")),
        };
        for seq in [1, 3, 6] {
            forge(&url, &format!("update events set {set} where seq = {seq}")).await;
            assert_eq!(broken(&store).await, Some(Break::Changed { seq }), "{column} of {seq}");
            forge(&url, &format!("update events set {back} where seq = {seq}")).await;
        }
    }
    assert_eq!(broken(&store).await, None, "all was put back");
    // An event replaced whole, with a hash that fits it.
    forge(&url, "update events set hash = (select hash from events where seq = 2), object = 'a', previous = (select previous from events where seq = 2) where seq = 3").await;
    assert!(broken(&store).await.is_some());
}

pub async fn any_deleted_event_is_found(url: String) {
    let store = six(&url).await;
    let cut = Break::Truncated { last: 5, wanted: 6 };
    for (seq, found) in [(1, Break::Deleted { from: 1, to: 1 }), (4, Break::Deleted { from: 4, to: 4 }), (6, cut)] {
        forge(&url, &format!("create table spare as select * from events where seq = {seq}; delete from events where seq = {seq}")).await;
        assert_eq!(broken(&store).await, Some(found), "{seq}");
        forge(&url, "insert into events select * from spare; drop table spare").await;
        assert_eq!(broken(&store).await, None, "{seq} was put back");
    }
    // A gap closed by moving up what follows, and the end with it.
    forge(&url, "delete from events where seq = 3; update events set seq = 3 where seq = 4; update events set seq = 4 where seq = 5").await;
    forge(&url, "update events set seq = 5 where seq = 6; update trail_head set seq = 5").await;
    assert_eq!(broken(&store).await, Some(Break::Changed { seq: 3 }));
    forge(&url, "delete from events").await;
    assert_eq!(broken(&store).await, Some(Break::Truncated { last: 0, wanted: 5 }));
}

pub async fn an_event_put_in_is_found(url: String) {
    let store = six(&url).await;
    let copy = |seq: i64| {
        format!(
            "insert into events select {seq}, at, account, role, origin, act, object_kind, object, detail, reason, previous, hash from events where seq = 6"
        )
    };
    for (seq, found) in [
        (0, Break::Inserted { seq: 0 }),
        (-5, Break::Inserted { seq: -5 }),
        (7, Break::Changed { seq: 7 }),
        (9, Break::Deleted { from: 7, to: 8 }),
    ] {
        forge(&url, &copy(seq)).await;
        assert_eq!(broken(&store).await, Some(found), "{seq}");
        forge(&url, &format!("delete from events where seq = {seq}")).await;
    }
    assert_eq!(broken(&store).await, None);
    // Well made and linked, but not by the store: the recorded end gives it away.
    let (_folder, other) = crate::stores::sqlite();
    let twin = six(&other).await;
    make(&twin, "f").await;
    let seventh = audit::page(&twin, &Filter::default(), None, 1).await.unwrap().remove(0);
    let sixth = audit::page(&store, &Filter::default(), None, 1).await.unwrap().remove(0);
    forge(
        &url,
        &format!(
            "insert into events select 7, at, account, role, origin, act, object_kind, 'f', detail, reason, '{}', '{}' from events where seq = 6",
            sixth.hash, seventh.hash
        ),
    )
    .await;
    assert_eq!(broken(&store).await, Some(Break::Inserted { seq: 7 }));
}

pub async fn a_tail_cut_off_is_found(url: String) {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("overseer/anchors.txt");
    let store = six(&url).await;
    audit::anchor(&store, &who(), Some(&kept)).await.unwrap();
    make(&store, "f").await;
    forge(&url, "delete from events where seq > 6").await;
    assert_eq!(broken(&store).await, Some(Break::Truncated { last: 6, wanted: 8 }), "the recorded end is further on");
    forge(&url, "update trail_head set seq = 6, hash = (select hash from events where seq = 6)").await;
    assert_eq!(broken(&store).await, Some(Break::AnchorGone { seq: 6 }), "an anchor that no event tells of");
    forge(&url, "delete from anchors").await;
    assert_eq!(broken(&store).await, None, "now the store itself cannot know");
    assert!(audit::verify(&store, Some(&kept)).await.unwrap().intact(), "nor the overseer: nothing that the anchor binds is gone");
    forge(&url, "delete from events where seq > 4; update trail_head set seq = 4, hash = (select hash from events where seq = 4)").await;
    assert_eq!(broken(&store).await, None);
    let verdict = audit::verify(&store, Some(&kept)).await.unwrap();
    assert_eq!(verdict.broken, Some(Break::Truncated { last: 4, wanted: 6 }), "but the overseer does");
}

pub async fn a_trail_written_anew_differs_from_the_anchor(url: String) {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("anchors.txt");
    let store = six(&url).await;
    let first = audit::anchor(&store, &who(), Some(&kept)).await.unwrap();
    assert_eq!((first.seq, first.at), (6, NINE));
    // Nothing has happened since: no second anchor. Then something has.
    assert_eq!(audit::anchor(&store, &who(), Some(&kept)).await.unwrap(), first);
    make(&store, "f").await;
    let second = audit::anchor(&store, &who(), Some(&kept)).await.unwrap();
    assert_eq!(second.seq, 8);
    assert_eq!(audit::read_anchors(&kept).unwrap(), [first, second]);
    let verdict = audit::verify(&store, Some(&kept)).await.unwrap();
    assert_eq!((verdict.broken, verdict.events, verdict.anchors), (None, 9, 4));
    // Another history, sound in itself, put in the place of this one.
    let (_folder, other) = crate::stores::sqlite();
    let twin = opened(&other).await;
    for id in ["a", "b", "c", "x", "e"] {
        make(&twin, id).await;
    }
    audit::anchor(&twin, &who(), None).await.unwrap();
    make(&twin, "f").await;
    audit::anchor(&twin, &who(), None).await.unwrap();
    assert!(audit::verify(&twin, None).await.unwrap().intact());
    let verdict = audit::verify(&twin, Some(&kept)).await.unwrap();
    assert_eq!(verdict.broken, Some(Break::Rewritten { seq: 6 }));
    // A file of anchors that was tampered with is not passed over.
    std::fs::write(&kept, "2026-01-05 09:00:00 6 abc\n").unwrap();
    assert!(matches!(audit::verify(&store, Some(&kept)).await, Err(StoreError::AnchorLine { line: 1, .. })));
    assert!(matches!(audit::verify(&store, Some(&folder.path().join("none"))).await, Err(StoreError::File { .. })));
}

pub async fn anchors_of_the_store_are_watched(url: String) {
    let store = six(&url).await;
    audit::anchor(&store, &who(), None).await.unwrap();
    forge(&url, "update anchors set hash = (select hash from events where seq = 5), seq = 5").await;
    assert_eq!(broken(&store).await, Some(Break::AnchorGone { seq: 6 }));
    forge(&url, "update anchors set hash = (select hash from events where seq = 5), seq = 6").await;
    assert_eq!(broken(&store).await, Some(Break::Rewritten { seq: 6 }));
    forge(&url, "delete from anchors").await;
    assert_eq!(broken(&store).await, Some(Break::AnchorGone { seq: 6 }));
}

pub async fn without_its_end_the_trail_takes_nothing(url: String) {
    let store = six(&url).await;
    forge(&url, "delete from trail_head").await;
    assert_eq!(broken(&store).await, Some(Break::EndGone));
    let mut change = store.begin(&who()).await.unwrap();
    crate::put(&mut change, "f").await;
    assert!(matches!(change.commit().await, Err(StoreError::TrailEnd)));
    assert_eq!(crate::count(&store, "things").await, 5);
}

pub async fn pages_go_back_from_the_newest(url: String) {
    let store = six(&url).await;
    let mut change = store.begin(&mingjian_store::Actor { account: "other".into(), at: NINE + 1, ..who() }).await.unwrap();
    let detail = serde_json::Value::Null;
    change.note(Event { act: "thing.look", object_kind: "thing", object: "a".into(), detail, reason: Some("核对".into()) });
    change.commit().await.unwrap();
    let seqs = |records: Vec<audit::Record>| records.iter().map(|record| record.seq).collect::<Vec<_>>();
    let all = Filter::default();
    assert_eq!(seqs(audit::page(&store, &all, None, 3).await.unwrap()), [7, 6, 5]);
    assert_eq!(seqs(audit::page(&store, &all, Some(5), 3).await.unwrap()), [4, 3, 2]);
    assert_eq!(seqs(audit::page(&store, &all, Some(2), 3).await.unwrap()), [1]);
    let of = async |filter: Filter| seqs(audit::page(&store, &filter, None, 10).await.unwrap());
    assert_eq!(of(Filter { account: Some("other".into()), ..all.clone() }).await, [7]);
    assert_eq!(of(Filter { object_kind: Some("thing".into()), object: Some("a".into()), ..all.clone() }).await, [7, 2]);
    assert_eq!(of(Filter { act: Some("thing.look".into()), account: Some("zhoujg".into()), ..all.clone() }).await, [0_i64; 0]);
    assert_eq!(of(Filter { from: Some(NINE + 1), ..all.clone() }).await, [7]);
    assert_eq!(of(Filter { until: Some(NINE + 1), object: Some("b".into()), ..all.clone() }).await, [3]);
}

pub async fn a_watch_walks_on_and_sees_the_end(url: String) {
    let store = six(&url).await;
    let watch = audit::Watch::default();
    let whole = watch.look(&store).await.unwrap();
    assert_eq!(whole, audit::verify(&store, None).await.unwrap());
    audit::anchor(&store, &who(), None).await.unwrap();
    make(&store, "f").await;
    let later = watch.look(&store).await.unwrap();
    assert_eq!((later.events, later.anchors, later.broken.as_ref()), (8, 1, None));
    assert_eq!(watch.look(&store).await.unwrap(), later, "nothing has happened");
    // Far back it looks only when it walks anew.
    forge(&url, "update events set object = 'x' where seq = 3").await;
    assert!(watch.look(&store).await.unwrap().intact());
    forge(&url, "update events set object = 'x' where seq = 8").await;
    assert_eq!(watch.look(&store).await.unwrap().broken, Some(Break::Changed { seq: 8 }));
    assert_eq!(watch.look(&store).await.unwrap().broken, Some(Break::Changed { seq: 3 }), "after a break it walks all");
    forge(&url, "update events set object = 'b' where seq = 3; update events set object = 'f' where seq = 8").await;
    assert!(watch.look(&store).await.unwrap().intact());
    forge(&url, "delete from events where seq = 8").await;
    assert_eq!(watch.look(&store).await.unwrap().broken, Some(Break::Deleted { from: 8, to: 8 }));
}
