//! 关系图谱: who sees what of it, and what a picture that leaves the house carries.

use mingjian_people::{ExportRules, Role, Settings};
use serde_json::json;

use crate::fake::NASTY;
use crate::schema::Document;
use crate::world::World;

fn ids(picture: &serde_json::Value) -> Vec<String> {
    picture["nodes"].as_array().unwrap().iter().map(|node| node["id"].as_str().unwrap().to_owned()).collect()
}

pub async fn a_picture_is_of_what_one_may_see() {
    let world = World::new().await;
    let lead = world.lead_at("H1").await;
    let mut auditor = world.signed_in(Role::Auditor, false).await;
    let picture = auditor.get(&format!("/leads/{lead}/relations?least=2&degree=2")).await.expect(200).json();
    Document::read().holds("GET", "/leads/{id}/relations", &picture);
    // The other province's hospital is not in it.
    assert_eq!(ids(&picture), ["person:P1", "hospital:H1"]);
    assert_eq!((picture["asked"]["least"].as_i64(), picture["asked"]["degree"].as_i64()), (Some(2), Some(2)));
    assert_eq!(picture["leads"][0]["id"], lead.as_str());
    assert_eq!(picture["leads_total"], 1, "the lead of elsewhere about the same person is not told");
    // Insured elsewhere: P1 is spoken of by a lead here, P7 by none.
    auditor.get("/persons/P1/relations").await.expect(200);
    auditor.get("/persons/P7/relations").await.expect(404);
    let all = auditor.get("/persons/H1/relations?kinds=all").await.expect(200).json();
    Document::read().holds("GET", "/persons/{code}/relations", &all);
    world.signed_in(Role::Auditor, true).await.get("/persons/P7/relations").await.expect(200);
    world.signed_in(Role::Auditor, true).await.get(&format!("/leads/{lead}/relations")).await.expect(404);
    let mut house = world.signed_in(Role::Institution, false).await;
    for path in [
        format!("/leads/{lead}/relations"),
        "/persons/P1/relations".into(),
        "/relations".into(),
        format!("/leads/{lead}/relations.html?reason=x"),
    ] {
        house.get(&path).await.expect(403);
    }
    world.platform.flush_looks().await.unwrap();
    let looks = world.store.rows("select account, object from events where act = 'relations.look' order by seq", &[]).await.unwrap();
    let told: Vec<(String, String)> = looks.iter().map(|row| (row.text("account").unwrap(), row.text("object").unwrap())).collect();
    let own = |object: &str| ("auditor".to_owned(), object.to_owned());
    assert_eq!(told, [own(&lead), own("P1"), own("H1"), ("auditor_away".to_owned(), "P7".to_owned())]);
}

pub async fn a_picture_of_nonsense_is_not_drawn() {
    let world = World::new().await;
    let mut auditor = world.signed_in(Role::Auditor, false).await;
    for query in [
        "degree=3",
        "least=0",
        "least=51",
        "kinds=none",
        "from=yesterday",
        "from=2026-02-01&to=2026-01-01",
        "rounds=0",
        "rounds=100001",
        "without=P1",
        "without=house:H1",
    ] {
        let told = auditor.get(&format!("/persons/H1/relations?{query}")).await.expect(422);
        assert_eq!(told.code(), "invalid", "{query}");
    }
    auditor.get("/persons/H1/relations?without=person:P2,doctor:D1&kinds=all&from=2026-01-01&to=2026-01-31&rounds=100").await.expect(200);
}

pub async fn groups_come_with_the_leads_of_their_members() {
    let world = World::new().await;
    let groups = world.signed_in(Role::Supervisor, false).await.get("/relations").await.expect(200).json();
    Document::read().holds("GET", "/relations", &groups);
    assert_eq!((groups["items"][0]["person"].as_str(), groups["items"][0]["leads"].as_i64()), (Some("P1"), Some(3)));
    let away = world.signed_in(Role::Supervisor, true).await.get("/relations").await.expect(200).json();
    assert_eq!(away["items"].as_array().unwrap().len(), 0);
}

pub async fn a_picture_leaves_with_reason_mark_and_trace() {
    let world = World::new().await;
    let lead = world.lead_at("H1").await;
    let mut auditor = world.signed_in(Role::Auditor, false).await;
    let path = format!("/leads/{lead}/relations.html");
    assert_eq!(auditor.get(&path).await.expect(422).code(), "invalid");
    // What is left out has its reason.
    let told = auditor.get(&format!("{path}?reason=ab&without=person:P2")).await.expect(422).json();
    assert!(told.to_string().contains("\"why\""), "{told}");
    let answer = auditor.get(&format!("{path}?reason=%E9%99%84%E5%8D%B7&without=person:P2&why=%E5%90%8C%E6%9D%91")).await.expect(200);
    let text = String::from_utf8(answer.bytes.to_vec()).unwrap();
    assert!(text.starts_with("<!doctype html>") && text.contains("附卷") && text.contains("auditor") && text.contains("留痕第"));
    assert!(!text.contains(NASTY) && !text.contains("<script") && !text.contains("http://") && !text.contains("https://"), "{text}");
    let row =
        world.store.one("select account, object, reason, detail from events where act = 'export.relations'", &[]).await.unwrap().unwrap();
    assert_eq!(
        (row.text("account").unwrap(), row.text("object").unwrap(), row.text("reason").unwrap()),
        ("auditor".into(), lead.clone(), "附卷".into())
    );
    let detail: serde_json::Value = serde_json::from_str(&row.text("detail").unwrap()).unwrap();
    assert_eq!((&detail["filter"]["without"], &detail["filter"]["why"]), (&"person:P2".into(), &"同村".into()));
    assert_eq!(detail["rows"], 1, "one person is in it");
    assert!(text.contains(detail["data"].as_str().unwrap()), "the digest in the trail is that of the page");
    // Seen and not taken: a reviewer may look, and has no right to export.
    world.signed_in(Role::Reviewer, false).await.get(&format!("{path}?reason=ab")).await.expect(403);
    world.signed_in(Role::Auditor, true).await.get(&format!("{path}?reason=ab")).await.expect(404);
}

/// Where every export needs a second person's word, a picture can be asked for as a list can.
pub async fn a_picture_waits_for_a_second_person_where_all_exports_do() {
    let rules = ExportRules { approve_all: true, ..ExportRules::default() };
    let world = World::with(Settings { exports: rules, ..Settings::default() }).await;
    let lead = world.lead_at("H1").await;
    let mut auditor = world.signed_in(Role::Auditor, false).await;
    assert_eq!(auditor.get(&format!("/leads/{lead}/relations.html?reason=ab")).await.expect(403).code(), "approval_needed");
    let ask = |form: &str, filter: serde_json::Value| json!({ "kind": "relations", "form": form, "filter": filter, "reason": "附卷移送" });
    for (form, filter, field) in [
        ("xlsx", json!({ "lead": lead }), "form"),
        ("html", json!({}), "filter"),
        ("html", json!({ "lead": lead, "person": "P1" }), "filter"),
        ("html", json!({ "lead": lead, "degree": 3 }), "degree"),
        ("html", json!({ "lead": lead, "without": "person:P2" }), "why"),
        ("html", json!({ "lead": lead, "degree": "two" }), "filter"),
    ] {
        let told = auditor.post("/exports", ask(form, filter)).await.expect(422).json();
        assert!(told["fields"][field].is_string(), "{field}: {told}");
    }
    auditor.post("/exports", ask("html", json!({ "person": "P7" }))).await.expect(404);
    world.signed_in(Role::Finance, false).await.post("/exports", ask("html", json!({ "lead": lead }))).await.expect(403);
    let wanted = json!({ "lead": lead, "without": "person:P2", "why": "同村" });
    let export = auditor.post("/exports", ask("html", wanted)).await.expect(200).json();
    Document::read().holds("POST", "/exports", &export);
    assert_eq!((export["state"].as_str(), export["why"].as_str(), export["rows"].as_i64()), (Some("waiting"), Some("all"), Some(1)));
    let id = export["id"].as_str().unwrap();
    let mut head = world.signed_in(Role::Supervisor, false).await;
    let verdict = json!({ "version": 1, "reason": "同意移送公安" });
    head.post(&format!("/exports/{id}/approve"), verdict).await.expect(200);
    let file = auditor.get(&format!("/exports/{id}/file")).await.expect(200);
    assert!(file.headers["content-disposition"].to_str().unwrap().starts_with("attachment; "));
    let page = String::from_utf8(file.bytes.to_vec()).unwrap();
    for part in ["<!doctype html>", "附卷移送", id, "基金监管科长（supervisor）", "同意移送公安"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let row = world.store.one("select detail from events where act = 'export.take'", &[]).await.unwrap().unwrap();
    let detail: serde_json::Value = serde_json::from_str(&row.text("detail").unwrap()).unwrap();
    assert!(page.contains(detail["data"].as_str().unwrap()), "the digest in the trail is that of the page");
    auditor.get(&format!("/exports/{id}/file")).await.expect(409);
}
