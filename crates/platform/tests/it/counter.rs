//! 事前事中提醒: everybody sees the figures of their own institutions, and nobody else's calls move a number.

use mingjian_people::Role;
use serde_json::json;

use crate::world::World;

pub async fn figures_are_those_of_whom_one_sees() {
    let world = World::new().await;
    let here = world.signed_in(Role::Auditor, false).await.get("/counter?from=2026-01-01&to=2026-01-03").await.expect(200).json();
    assert_eq!(here["totals"]["calls"], 10);
    assert_eq!((&here["totals"]["changed"], &here["totals"]["continued"]), (&json!(3), &json!(1)));
    assert_eq!(here["callers"].as_array().unwrap().iter().map(|one| &one["institution"]).collect::<Vec<_>>(), ["H1"]);
    assert_eq!((here["callers"][0]["figures"]["calls"].as_i64(), here["days"].as_array().unwrap().len()), (Some(10), 3));
    assert_eq!((&here["rules"][0]["reminders"], &here["rules"][0]["state"]), (&json!(5), &json!("silent")));
    assert!(here["rules"][0].get("dropped").is_none(), "silent trials are counted over all institutions");
    assert_eq!(here["rules"][0]["reasons"], json!([]));
    assert_eq!((&here["connection"]["institutions"], &here["connection"]["connected"]), (&json!(2), &json!(1)));
    assert_eq!(here["connection"]["not_connected"][0]["code"], "H2");
    assert!(here["totals"]["p99_ms"].as_f64() > Some(0.5));
    let away = world.signed_in(Role::Auditor, true).await.get("/counter?from=2026-01-01&to=2026-01-03").await.expect(200).json();
    assert_eq!(
        (&away["totals"]["calls"], &away["rules"][0]["reminders"], &away["connection"]["institutions"]),
        (&json!(1000), &json!(500), &json!(1))
    );
}

pub async fn an_institution_sees_its_own_and_nothing_of_all() {
    let world = World::new().await;
    let own = world.signed_in(Role::Institution, false).await.get("/counter?from=2026-01-01&to=2026-01-01").await.expect(200);
    assert!(!String::from_utf8_lossy(&own.bytes).contains("H9"), "another institution is not named");
    let own = own.json();
    assert_eq!((&own["totals"]["calls"], &own["rules"][0]["reminders"]), (&json!(10), &json!(5)));
    assert!(own.get("connection").is_none() && own["rules"][0].get("dropped").is_none());
    assert_eq!(own["rules"][0]["reasons"], json!([]), "reasons are over all institutions");
}

pub async fn a_range_that_is_none_is_refused() {
    let world = World::new().await;
    let mut auditor = world.signed_in(Role::Auditor, false).await;
    for query in ["from=2026-02-01&to=2026-01-01", "from=2025-01-01&to=2026-01-01", "from=yesterday"] {
        auditor.get(&format!("/counter?{query}")).await.expect(422);
    }
    auditor.get("/counter").await.expect(200);
    world.signed_in(Role::Sysadmin, false).await.get("/counter").await.expect(403);
}
