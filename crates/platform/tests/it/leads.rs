//! Lists, one lead, what it rests on.

use mingjian_people::Role;
use serde_json::{Value, json};

use crate::fake::NASTY;
use crate::schema::Document;
use crate::way::{done, sent};
use crate::world::World;

pub async fn pages_follow_each_other_and_cursors_are_nobody_elses() {
    let world = World::new().await;
    let document = Document::read();
    let mut client = world.signed_in(Role::Auditor, false).await;
    let first = client.get("/leads?limit=2").await.expect(200).json();
    document.holds("GET", "/leads", &first);
    assert_eq!((first["total"].as_i64(), first["items"].as_array().unwrap().len()), (Some(3), 2));
    let next = first["next"].as_str().unwrap().to_owned();
    let second = client.get(&format!("/leads?limit=2&after={next}")).await.expect(200).json();
    assert_eq!(second["items"].as_array().unwrap().len(), 1);
    assert!(second["next"].is_null());
    let back = client.get(&format!("/leads?limit=2&after={}", second["prev"].as_str().unwrap())).await.expect(200).json();
    assert_eq!(back["items"], first["items"]);
    // Another filter, another person, a changed or made-up cursor: refused, not misread.
    let mut changed = next.clone();
    changed.replace_range(40..41, if &next[40..41] == "0" { "1" } else { "0" });
    for path in [format!("/leads?result=x&after={next}"), format!("/leads?after={changed}"), "/leads?after=n9_XS2026-000001".into()] {
        assert_eq!(client.get(&path).await.expect(400).code(), "cursor", "{path}");
    }
    let mut other = world.signed_in(Role::Director, false).await;
    assert_eq!(other.get(&format!("/leads?limit=2&after={next}")).await.expect(400).code(), "cursor");
}

pub async fn questions_that_make_no_sense_are_told() {
    let world = World::new().await;
    let mut client = world.signed_in(Role::Auditor, false).await;
    assert_eq!(client.get("/leads?due=soon").await.expect(400).code(), "malformed");
    assert!(client.get("/leads?status=lost").await.expect(422).json()["fields"]["status"].is_string());
    assert!(client.get("/leads?from=31.1.2026").await.expect(422).json()["fields"]["from"].is_string());
    // What looks like SQL is a word that is not found.
    assert_eq!(client.get("/leads?q=%27%20or%201=1%20--").await.expect(200).json()["total"], 0);
    assert_eq!(client.get("/leads?institution=%27%3B%20drop%20table%20leads%3B--").await.expect(200).json()["total"], 0);
    assert_eq!(client.get("/leads").await.expect(200).json()["total"], 3);
}

pub async fn names_that_are_script_stay_text() {
    let world = World::new().await;
    let lead = world.lead_at("H1").await;
    let mut client = world.signed_in(Role::Auditor, false).await;
    for path in ["/leads".to_owned(), format!("/leads/{lead}"), "/findings/F1/evidence".into(), "/institutions/H1".into()] {
        let answer = client.get(&path).await.expect(200);
        assert_eq!(answer.headers["content-type"], "application/json; charset=utf-8", "{path}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert!(answer.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"), "{path}");
        assert!(answer.json().to_string().contains("alert("), "{path} carries the name as it is");
    }
    done(&mut world.signed_in(Role::Supervisor, false).await, &lead, "assign", json!({ "assignee": "auditor" })).await;
    let noted = done(&mut client, &lead, "note", json!({ "text": NASTY })).await;
    assert_eq!(noted["steps"].as_array().unwrap().last().unwrap()["text"], NASTY);
    // The page itself knows nothing of it.
    let request = client.request("GET", &format!("/leads/{lead}?q=%3Cscript%3E")).body(axum::body::Body::empty()).unwrap();
    let page = String::from_utf8(client.send(request).await.expect(200).bytes).unwrap();
    assert!(!page.contains("alert(") && !page.contains(&lead), "{page}");
}

pub async fn evidence_comes_with_what_people_decided() {
    let world = World::new().await;
    let document = Document::read();
    let mut client = world.signed_in(Role::Auditor, false).await;
    let evidence = client.get("/findings/F1/evidence").await.expect(200).json();
    document.holds("GET", "/findings/{id}/evidence", &evidence);
    assert_eq!(evidence["finding"]["counted_fen"], 192_000);
    assert_eq!((evidence["precision"]["checked"].as_i64(), evidence["precision"]["high"].as_f64()), (Some(0), Some(1.0)));
    let timeline = client.get("/findings/F1/timeline").await.expect(200).json();
    document.holds("GET", "/findings/{id}/timeline", &timeline);
    // An institution reads the evidence of what it was told, and of nothing before.
    let mut institution = world.signed_in(Role::Institution, false).await;
    institution.get("/findings/F1/evidence").await.expect(404);
    sent(&world).await;
    let own = institution.get("/findings/F1/evidence").await.expect(200).json();
    document.holds("GET", "/findings/{id}/evidence", &own);
    // Of another institution's lines: that there are some. Not what, whose, when or how much.
    let lines = own["lines"].as_array().unwrap();
    assert_eq!((lines.len(), lines[0]["amount_fen"].as_i64(), lines[1]["name"].as_str()), (2, Some(2_000), Some("其他机构")));
    for secret in ["X-9", "远", "999", "2026-01-03", "H7", "1019"] {
        assert!(!lines[1].to_string().contains(secret) && !own["arithmetic"].to_string().contains(secret), "{secret}: {own}");
    }
    assert!(evidence["lines"][1]["id"] == "X-9" && evidence["arithmetic"][0].as_str().unwrap().contains("1019.01"), "the bureau reads all");
    let own = institution.get("/findings/F1/timeline").await.expect(200).json();
    assert!(own["lanes"].as_array().unwrap().iter().all(|lane| lane["institution"] == "其他机构" && lane["label"] == "其他机构"), "{own}");
    institution.get("/findings/F3/evidence").await.expect(404);
    institution.get("/findings/F2/evidence").await.expect(404);
}

pub async fn a_name_in_clear_leaves_a_trace_first() {
    let world = World::new().await;
    let lead = world.lead_at("H1").await;
    let path = format!("/leads/{lead}/unmask");
    let seen = async || {
        let sql = "select count(*) as n from events where act = 'person.unmask'";
        world.store.one(sql, &[]).await.unwrap().unwrap().int("n").unwrap()
    };
    let mut client = world.signed_in(Role::Auditor, false).await;
    assert!(client.post(&path, json!({ "reason": " " })).await.expect(422).json()["fields"]["reason"].is_string());
    let mut away = world.signed_in(Role::Auditor, true).await;
    away.post(&path, json!({ "reason": "核对身份信息" })).await.expect(404);
    assert_eq!(seen().await, 0);
    let shown = client.post(&path, json!({ "reason": "核对身份信息" })).await.expect(200).json();
    Document::read().holds("POST", "/leads/{id}/unmask", &shown);
    assert_eq!(shown, json!({ "name": "周建国", "certno": "330902195005011234" }));
    assert_eq!(seen().await, 1);
    // What the run did not hand in is asked of the data, after the trace.
    let other = world.lead_at("H2").await;
    client.post(&format!("/leads/{other}/unmask"), json!({ "reason": "核对身份信息" })).await.expect(200);
    assert_eq!((seen().await, world.fake.unmasked.lock().unwrap().clone()), (2, vec!["P2".to_owned()]));
    // Nowhere else does a name appear.
    for page in ["/leads", "/workbench"] {
        assert!(!String::from_utf8_lossy(&client.get(page).await.expect(200).bytes).contains("330902195005011234"));
    }
}

pub async fn the_second_of_two_is_told_of_the_first() {
    let world = World::new().await;
    let lead = world.lead_at("H1").await;
    let mut auditor = world.signed_in(Role::Auditor, false).await;
    let mut supervisor = world.signed_in(Role::Supervisor, false).await;
    auditor.post(&format!("/leads/{lead}/acts/take"), json!({ "version": 1 })).await.expect(200);
    let late =
        supervisor.post(&format!("/leads/{lead}/acts/assign"), json!({ "version": 1, "assignee": "auditor" })).await.expect(409).json();
    assert_eq!(late["code"], "conflict");
    assert_eq!((late["current"]["version"].as_i64(), late["current"]["status"].as_str()), (Some(2), Some("check")));
    assert!(auditor.post(&format!("/leads/{lead}/acts/send"), json!({})).await.expect(422).json()["fields"]["version"].is_string());
    assert_eq!(auditor.post(&format!("/leads/{lead}/acts/fly"), json!({ "version": 2 })).await.expect(404).code(), "not_found");
    auditor.post(&format!("/leads/{lead}/acts/assign"), json!({ "version": 2 })).await.expect(403);
}

pub async fn an_act_sent_twice_is_done_once() {
    let world = World::new().await;
    let lead = world.lead_at("H1").await;
    let mut client = world.signed_in(Role::Auditor, false).await;
    let send = async |client: &mut crate::client::Client, key: &str, body: Value| {
        let request = client.request("POST", &format!("/api/v1/leads/{lead}/acts/take")).header("content-type", "application/json");
        let request = request.header("idempotency-key", key).body(axum::body::Body::from(body.to_string())).unwrap();
        client.send(request).await
    };
    let first = send(&mut client, "k1", json!({ "version": 1 })).await.expect(200);
    let second = send(&mut client, "k1", json!({ "version": 1 })).await.expect(200);
    assert_eq!(second.headers["idempotency-replayed"], "true");
    assert_eq!(first.json(), second.json());
    assert_eq!(send(&mut client, "k1", json!({ "version": 2 })).await.expect(422).code(), "key_reused");
    send(&mut client, "k2", json!({ "version": 1 })).await.expect(409);
    assert_eq!(send(&mut client, "", json!({ "version": 1 })).await.expect(400).code(), "malformed");
    // After a restart the answer stands in the store.
    let mut again = crate::client::Client { router: world.another(), ..client.clone() };
    let third = send(&mut again, "k1", json!({ "version": 1 })).await.expect(200);
    assert_eq!((&third.headers["idempotency-replayed"], third.json()), (&second.headers["idempotency-replayed"], first.json()));
    let mut again = crate::client::Client { router: world.another(), ..client.clone() };
    assert_eq!(send(&mut again, "k1", json!({ "version": 2 })).await.expect(422).code(), "key_reused");
    // Killed before the answer was kept, the same key finds the step.
    world.store.jot("delete from volatile_answers where at > $1", &[0.into()]).await.unwrap();
    let mut again = crate::client::Client { router: world.another(), ..client.clone() };
    let third = send(&mut again, "k1", json!({ "version": 1 })).await.expect(200);
    assert!(!third.headers.contains_key("idempotency-replayed"));
    assert_eq!(third.json()["version"], 2);
    let steps = world.store.one("select count(*) as n from lead_steps where lead = $1 and act = 'take'", &[(&lead).into()]).await.unwrap();
    assert_eq!(steps.unwrap().int("n").unwrap(), 1);
}

pub async fn many_at_once_and_each_is_told() {
    let world = World::new().await;
    let mut supervisor = world.signed_in(Role::Supervisor, false).await;
    let asked = json!({ "filter": { "status": "new" }, "assignee": "auditor" });
    let done = supervisor.post("/leads/acts/assign", asked.clone()).await.expect(200).json();
    Document::read().holds("POST", "/leads/acts/{act}", &done);
    assert_eq!((done["done"].as_i64(), done["amount_fen"].as_i64()), (Some(3), Some(205_000)));
    let ids: Vec<String> = vec![world.lead_at("H1").await, world.lead_at("H9").await];
    let partly =
        supervisor.post("/leads/acts/withdraw", json!({ "ids": ids, "reason": "rule", "text": "规则有误" })).await.expect(200).json();
    assert_eq!((partly["done"].as_i64(), partly["failed"][0]["id"].as_str()), (Some(1), Some(ids[1].as_str())));
    assert!(supervisor.post("/leads/acts/assign", json!({})).await.expect(422).json()["fields"]["ids"].is_string());
    // Somebody who cannot see all of them is given none.
    let elsewhere = json!({ "ids": [world.lead_at("H2").await], "assignee": "auditor_away" });
    assert_eq!(supervisor.post("/leads/acts/assign", elsewhere).await.expect(200).json()["done"], 0);
}
