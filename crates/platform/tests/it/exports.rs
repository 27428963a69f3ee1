//! What leaves in clear or in bulk: asked for, let go by another, taken once.

use mingjian_people::{ExportRules, Role, Settings};
use serde_json::{Value, json};

use crate::client::Client;
use crate::schema::Document;
use crate::world::World;

const WHY: &str = "向上级报送核查名单";

pub async fn asked(client: &mut Client, clear: bool) -> Value {
    let body = json!({ "kind": "leads", "form": "csv", "clear": clear, "filter": { "institution": "H1" }, "reason": WHY });
    let export = client.post("/exports", body).await.expect(200).json();
    Document::read().holds("POST", "/exports", &export);
    export
}

pub async fn names_leave_in_clear_once_another_has_let_them() {
    let world = World::new().await;
    let mut auditor = world.signed_in(Role::Auditor, false).await;
    let export = asked(&mut auditor, true).await;
    let id = export["id"].as_str().unwrap().to_owned();
    assert_eq!((export["state"].as_str(), export["why"].as_str(), export["rows"].as_i64()), (Some("waiting"), Some("clear"), Some(2)));
    assert_eq!(export["conditions"], json!([{ "name": "institution", "value": "H1" }]));
    let file = format!("/exports/{id}/file");
    assert_eq!(auditor.get(&file).await.expect(409).code(), "not_now");
    // Whoever may decide finds it, with its count; nobody else does.
    let mut head = world.signed_in(Role::Supervisor, false).await;
    let list = head.get("/exports?of=others&waiting=1").await.expect(200).json();
    Document::read().holds("GET", "/exports", &list);
    assert_eq!((list["waiting"].as_i64(), list["items"][0]["may_decide"].as_bool()), (Some(1), Some(true)));
    assert_eq!(list["items"][0]["asker"]["name"], "稽核员");
    let verdict = json!({ "version": 1, "reason": "同意报送名单" });
    for (role, away, status) in
        [(Role::Auditor, false, 403), (Role::Finance, false, 403), (Role::Overseer, false, 403), (Role::Supervisor, true, 404)]
    {
        let mut other = world.signed_in(role, away).await;
        assert_eq!(other.post(&format!("/exports/{id}/approve"), verdict.clone()).await.status.as_u16(), status, "{role:?}");
        assert!(matches!(other.get(&file).await.status.as_u16(), 403 | 404 | 409), "{role:?}");
    }
    assert!(head.post(&format!("/exports/{id}/approve"), json!({ "version": 1 })).await.expect(422).json()["fields"]["reason"].is_string());
    let decided = head.post(&format!("/exports/{id}/approve"), verdict.clone()).await.expect(200).json();
    Document::read().holds("POST", "/exports/{id}/approve", &decided);
    assert_eq!((decided["state"].as_str(), decided["decision"]["by"]["account"].as_str()), (Some("approved"), Some("supervisor")));
    head.get(&file).await.expect(404);
    // The asker takes it: names, numbers, who, when, by whose word, under which number.
    let taken = auditor.get(&file).await.expect(200);
    assert!(taken.headers["content-disposition"].to_str().unwrap().starts_with("attachment; "));
    let text = String::from_utf8(taken.bytes).unwrap();
    for part in
        ["周建国", "330902195005011234", "证件号码", &id, "稽核员（auditor）", "基金监管科长（supervisor）", "同意报送名单", WHY, "水印"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    // P2 stands in no store and is looked up where the data has it.
    assert_eq!(world.fake.unmasked.lock().unwrap().as_slice(), ["P2"]);
    assert_eq!(auditor.get(&file).await.expect(409).code(), "not_now");
    let acts = world
        .store
        .rows("select act, reason from events where object_kind = 'export' or act = 'person.unmask' order by seq", &[])
        .await
        .unwrap();
    let acts: Vec<String> = acts.iter().map(|row| row.text("act").unwrap()).filter(|act| act != "look.refuse").collect();
    assert_eq!(acts, ["export.ask", "export.approve", "export.take", "person.unmask", "person.unmask"]);
    assert!(mingjian_store::audit::verify(&world.store, None).await.unwrap().intact());
}

pub async fn many_rows_wait_and_few_do_not() {
    let rules = ExportRules { approve_rows: 2, ..ExportRules::default() };
    let world = World::with(Settings { exports: rules, ..Settings::default() }).await;
    let mut auditor = world.signed_in(Role::Auditor, false).await;
    let refused = auditor.get(&format!("/leads.csv?reason={}", "%E5%AF%B9%E8%B4%A6%E6%A0%B8%E5%AF%B9")).await.expect(403);
    assert_eq!(refused.code(), "approval_needed");
    // Two rows are few, and masked.
    let export = asked(&mut auditor, false).await;
    assert_eq!((export["state"].as_str(), export["why"].as_str()), (Some("approved"), None));
    let id = export["id"].as_str().unwrap().to_owned();
    let text = String::from_utf8(auditor.get(&format!("/exports/{id}/file")).await.expect(200).bytes).unwrap();
    assert!(text.contains("周**") && !text.contains("周建国（") && !text.contains("证件号码") && text.contains(&id), "{text}");
    let wide = json!({ "kind": "leads", "form": "xlsx", "filter": {}, "reason": WHY });
    let export = auditor.post("/exports", wide).await.expect(200).json();
    assert_eq!((export["state"].as_str(), export["rows"].as_i64()), (Some("waiting"), Some(3)), "of the own region only");
    // One's own is told as such, and not to be decided.
    let mut head = world.signed_in(Role::Supervisor, false).await;
    let own = head.post("/exports", json!({ "kind": "leads", "form": "xlsx", "filter": {}, "reason": WHY })).await.expect(200).json();
    assert_eq!((own["own"].as_bool(), own["may_decide"].as_bool()), (Some(true), Some(false)));
    let path = format!("/exports/{}/approve", own["id"].as_str().unwrap());
    assert_eq!(head.post(&path, json!({ "version": 1, "reason": "自己批准自己" })).await.expect(403).code(), "own_work");
    let path = format!("/exports/{}/refuse", export["id"].as_str().unwrap());
    let refused = head.post(&path, json!({ "version": 1, "reason": "范围太大，请缩小" })).await.expect(200).json();
    assert_eq!((refused["state"].as_str(), refused["decision"]["approved"].as_bool()), (Some("refused"), Some(false)));
    let path = format!("/exports/{}/withdraw", own["id"].as_str().unwrap());
    assert_eq!(head.post(&path, json!({ "version": 1 })).await.expect(200).json()["state"], "withdrawn");
}

pub async fn what_cannot_be_asked_for_is_told() {
    let world = World::new().await;
    let mut auditor = world.signed_in(Role::Auditor, false).await;
    let ask = |part: Value| {
        let mut body = json!({ "kind": "leads", "form": "xlsx", "filter": {}, "reason": WHY });
        body.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
        body
    };
    for (part, field) in [
        (json!({ "kind": "users" }), "kind"),
        (json!({ "form": "exe" }), "form"),
        (json!({ "filter": { "institution": "H9" } }), "filter"),
        (json!({ "filter": { "due": "soon" } }), "filter"),
        (json!({ "reason": "x" }), "reason"),
    ] {
        let answer = auditor.post("/exports", ask(part)).await.expect(422).json();
        assert!(answer["fields"][field].is_string(), "{answer}");
    }
    assert_eq!(auditor.post("/exports", ask(json!({ "kind": "recoveries" }))).await.expect(403).code(), "forbidden");
    // What an institution asks for is its own, whatever the filter says.
    let lead = crate::way::sent(&world).await;
    let mut institution = world.signed_in(Role::Institution, false).await;
    let export = institution.post("/exports", ask(json!({ "clear": true, "form": "csv" }))).await.expect(200).json();
    assert_eq!(export["rows"], 1);
    let mut head = world.signed_in(Role::Director, false).await;
    let path = format!("/exports/{}/approve", export["id"].as_str().unwrap());
    head.post(&path, json!({ "version": 1, "reason": "同意医院核对" })).await.expect(200);
    let text = institution.get(&format!("/exports/{}/file", export["id"].as_str().unwrap())).await.expect(200).bytes;
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains(&lead) && !text.contains("康复医院"), "{text}");
}

/// What was typed into the search box may be a name: neither the trail nor the answers kept for a repeat hold it.
pub async fn what_was_searched_for_is_not_written_down() {
    let world = World::new().await;
    let mut head = world.signed_in(Role::Supervisor, false).await;
    for (typed, told) in
        [("吴小莉", "?"), ("330902195005011234", "?"), ("13800001111", "?"), ("H1", "H1"), ("XS2026", "XS2026"), ("康复", "康复")]
    {
        let query = serde_urlencoded::to_string([("q", typed), ("reason", WHY)]).unwrap();
        head.get(&format!("/leads.csv?{query}")).await.expect(200);
        let row = world.store.one("select detail from events where act = 'export.leads' order by seq desc limit 1", &[]).await.unwrap();
        let detail: Value = serde_json::from_str(&row.unwrap().text("detail").unwrap()).unwrap();
        assert_eq!(detail["filter"]["q"], told, "{typed}");
    }
    // Asked for with a key, so that the answer is kept: what it says is sealed.
    let body = json!({ "kind": "leads", "form": "csv", "filter": { "institution": "H1" }, "reason": "核对吴小莉的住院登记" });
    let request = head.request("POST", "/api/v1/exports").header("content-type", "application/json").header("idempotency-key", "k1");
    let asked = head.send(request.body(axum::body::Body::from(body.to_string())).unwrap()).await.expect(200).json();
    let kept = world.store.rows("select body from volatile_answers", &[]).await.unwrap();
    assert!(!kept.is_empty() && kept.iter().all(|row| row.text("body").unwrap().starts_with("s1.")), "sealed");
    // After a restart it is answered alike.
    let mut again = head.clone();
    again.router = world.another();
    let request = again.request("POST", "/api/v1/exports").header("content-type", "application/json").header("idempotency-key", "k1");
    let repeated = again.send(request.body(axum::body::Body::from(body.to_string())).unwrap()).await.expect(200);
    assert_eq!(repeated.headers["idempotency-replayed"], "true");
    assert_eq!(repeated.json(), asked);
}
