//! Accounts, the trail, jobs, the library.

use std::time::Duration;

use mingjian_people::Role;
use serde_json::{Value, json};

use crate::client::Client;
use crate::schema::Document;
use crate::world::{PASSWORD, World};

pub async fn the_security_administrator_keeps_accounts() {
    let world = World::new().await;
    let document = Document::read();
    let mut admin = world.signed_in(Role::Secadmin, false).await;
    let list = admin.get("/users?limit=10").await.expect(200).json();
    document.holds("GET", "/users", &list);
    assert_eq!(list["items"].as_array().unwrap().len(), 10);
    let more = admin.get(&format!("/users?limit=10&after={}", list["next"].as_str().unwrap())).await.expect(200).json();
    assert_ne!(list["items"], more["items"]);
    let new = json!({ "account": "zhoujg", "name": "周建国", "roles": ["auditor", "reviewer"], "region": "3309" });
    let made = admin.post("/users", new.clone()).await.expect(200).json();
    document.holds("POST", "/users", &made);
    assert!(admin.post("/users", new).await.expect(422).json()["fields"]["account"].is_string());
    let clash = json!({ "account": "zhou2", "name": "周", "roles": ["auditor", "finance"], "region": "3309" });
    assert!(admin.post("/users", clash).await.expect(422).json()["fields"]["roles"].is_string());
    let nowhere = json!({ "account": "zhou3", "name": "周", "roles": ["auditor"] });
    assert!(admin.post("/users", nowhere).await.expect(422).json()["fields"]["region"].is_string());
    let patch = json!({ "version": made["user"]["version"], "expires": "2026-12-31" });
    let user = admin.call("PATCH", "/users/zhoujg", patch).await.expect(200).json();
    document.holds("PATCH", "/users/{account}", &user);
    assert_eq!((user["expires"].as_str(), user["state"].as_str()), (Some("2026-12-31"), Some("active")));
    admin.post("/users/zhoujg/unlock", Value::Null).await.expect(204);
    admin.post("/users/nobody/unlock", Value::Null).await.expect(404);
    // The password made for the first log-in works once, and then must be changed.
    let given = made["password"].as_str().unwrap();
    assert_eq!(world.browser().sign_in("zhoujg", given).await.expect(200).json()["must_change"], true);
    // Names are sealed where they lie.
    let row = world.store.one("select name from accounts where account = 'zhoujg'", &[]).await.unwrap().unwrap();
    assert!(!row.text("name").unwrap().contains("周"));
}

pub async fn the_trail_is_read_by_page_and_is_whole() {
    let world = World::new().await;
    let document = Document::read();
    let mut admin = world.signed_in(Role::Auditadmin, false).await;
    let first = admin.get("/audit?limit=5").await.expect(200).json();
    document.holds("GET", "/audit", &first);
    let next = first["next"].as_str().unwrap();
    let second = admin.get(&format!("/audit?limit=5&after={next}")).await.expect(200).json();
    assert!(second["items"][0]["seq"].as_i64() < first["items"][4]["seq"].as_i64());
    assert_eq!(admin.get(&format!("/audit?account=auditor&after={next}")).await.expect(400).code(), "cursor");
    let own = admin.get("/audit?act=audit.read").await.expect(200).json();
    assert_eq!(own["items"][0]["account"], "auditadmin", "who reads the trail is in it");
    let state = admin.get("/audit/state").await.expect(200).json();
    document.holds("GET", "/audit/state", &state);
    assert_eq!(state["intact"], true);
}

pub async fn a_job_is_started_watched_and_stopped() {
    let world = World::new().await;
    let document = Document::read();
    let mut client = world.signed_in(Role::Supervisor, false).await;
    assert!(client.post("/jobs", json!({ "kind": "dance" })).await.expect(422).json()["fields"]["kind"].is_string());
    let short = client.post("/jobs", json!({ "kind": "update_leads" })).await.expect(200).json();
    document.holds("POST", "/jobs", &short);
    let told = client.get(&format!("/jobs/{}/events", short["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(told.headers["content-type"], "text/event-stream; charset=utf-8");
    let told = String::from_utf8(told.bytes).unwrap();
    let last: Value = serde_json::from_str(told.trim_end().rsplit("data: ").next().unwrap()).unwrap();
    assert_eq!((last["state"].as_str(), last["outcome"].as_str()), (Some("done"), Some("线索 3 条")));
    let long = client.post("/jobs", json!({ "kind": "screen", "threads": 2 })).await.expect(200).json();
    assert_eq!(client.post("/jobs", json!({ "kind": "screen" })).await.expect(409).code(), "busy");
    let path = format!("/jobs/{}", long["id"].as_str().unwrap());
    client.call("DELETE", &path, Value::Null).await.expect(200);
    tokio::time::timeout(Duration::from_secs(5), client.get(&format!("{path}/events"))).await.unwrap().expect(200);
    client.post("/jobs", json!({ "kind": "import" })).await.expect(403);
    let failed = world.signed_in(Role::Sysadmin, false).await.post("/jobs", json!({ "kind": "import" })).await.expect(200).json();
    client.get(&format!("/jobs/{}/events", failed["id"].as_str().unwrap())).await.expect(200);
    let list = client.get("/jobs").await.expect(200).json();
    document.holds("GET", "/jobs", &list);
    let states: Vec<&str> = list["items"].as_array().unwrap().iter().filter_map(|job| job["state"].as_str()).collect();
    assert_eq!(states, ["failed", "cancelled", "done"]);
    assert_eq!(list["items"][0]["outcome"], "没有说导入哪些文件");
    client.get("/jobs/none/events").await.expect(404);
    // Taken up again by who may start it, once; another program over the same store knows of all of it.
    let (failed, cancelled) = (list["items"][0]["id"].as_str().unwrap(), list["items"][1]["id"].as_str().unwrap());
    client.post(&format!("/jobs/{failed}/resume"), json!({})).await.expect(403);
    client.post("/jobs/none/resume", json!({})).await.expect(404);
    let done = list["items"][2]["id"].as_str().unwrap();
    assert_eq!(client.post(&format!("/jobs/{done}/resume"), json!({})).await.expect(409).code(), "not_now");
    let again = client.post(&format!("/jobs/{cancelled}/resume"), json!({})).await.expect(200).json();
    document.holds("POST", "/jobs/{id}/resume", &again);
    assert_eq!((again["kind"].as_str(), again["resumes"].as_str()), (Some("screen"), Some(cancelled)));
    assert_eq!(client.post(&format!("/jobs/{cancelled}/resume"), json!({})).await.expect(409).code(), "not_now");
    let mut elsewhere = Client::new(world.another());
    elsewhere.sign_in("supervisor", PASSWORD).await.expect(200);
    let cut_off = elsewhere.get("/jobs").await.expect(200).json();
    let newest = &cut_off["items"][0];
    assert_eq!((newest["id"].as_str(), newest["state"].as_str()), (again["id"].as_str(), Some("interrupted")));
    let newest = newest["id"].as_str().unwrap();
    elsewhere.get(&format!("/jobs/{newest}/events")).await.expect(200);
    let third = elsewhere.post(&format!("/jobs/{newest}/resume"), json!({})).await.expect(200).json();
    for (client, id) in [(&mut client, newest), (&mut elsewhere, third["id"].as_str().unwrap())] {
        client.call("DELETE", &format!("/jobs/{id}"), Value::Null).await.expect(200);
        client.get(&format!("/jobs/{id}/events")).await.expect(200);
    }
    let row = world.store.one("select count(*) as n from events where act in ('job.start', 'job.cancel')", &[]).await.unwrap().unwrap();
    assert_eq!(row.int("n").unwrap(), 8);
}

pub async fn who_may_not_begin_a_job_does_not_end_it() {
    let world = World::new().await;
    let (mut admin, mut head) = (world.signed_in(Role::Sysadmin, false).await, world.signed_in(Role::Supervisor, false).await);
    let import = admin.post("/jobs", json!({ "kind": "import", "files": ["a.csv"] })).await.expect(200).json();
    let path = format!("/jobs/{}", import["id"].as_str().unwrap());
    head.call("DELETE", &path, Value::Null).await.expect(403);
    assert_eq!(head.get("/jobs").await.expect(200).json()["items"][0]["state"], "running");
    admin.call("DELETE", &path, Value::Null).await.expect(200);
}

pub async fn rules_points_and_records_are_read() {
    let world = World::new().await;
    let document = Document::read();
    let mut client = world.signed_in(Role::RuleAuthor, false).await;
    for (path, template) in [
        ("/rules", "/rules"),
        ("/rules/L014", "/rules/{id}"),
        ("/knowledge", "/knowledge"),
        ("/knowledge/nursing_levels?limit=100", "/knowledge/{table}"),
        ("/runs", "/runs"),
        ("/imports", "/imports"),
    ] {
        let shown = client.get(path).await.expect(200).json();
        document.holds("GET", template, &shown);
    }
    client.get("/rules/none").await.expect(404);
    client.get("/knowledge/none").await.expect(404);
    // Nothing imported yet is said in words, not as a fault.
    world.fake.nothing_imported.store(true, std::sync::atomic::Ordering::Relaxed);
    let none = client.get("/quality").await.expect(503).json();
    assert_eq!((none["code"].as_str(), none["detail"].as_str()), (Some("unavailable"), Some("还没有导入数据")));
    let mut seen = 0;
    let mut path = "/knowledge/nursing_levels?limit=100".to_owned();
    loop {
        let page = client.get(&path).await.expect(200).json();
        seen += page["items"].as_array().unwrap().len();
        match page["next"].as_str() {
            Some(next) => path = format!("/knowledge/nursing_levels?limit=100&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, 250);
    let mut director = world.signed_in(Role::Director, false).await;
    let profile = director.get("/institutions/H1").await.expect(200).json();
    document.holds("GET", "/institutions/{code}", &profile);
    director.get("/institutions/H9").await.expect(404);
}

pub async fn quality_is_told_of_ones_own_region() {
    let world = World::new().await;
    let document = Document::read();
    for (role, away, seen) in [
        (Role::Supervisor, false, &["H1"][..]),
        (Role::Auditor, true, &["H9"]),
        (Role::RuleAuthor, false, &["H1", "H9", "H0"]),
        (Role::Sysadmin, false, &["H1", "H9", "H0"]),
    ] {
        let shown = world.signed_in(role, away).await.get("/quality").await.expect(200).json();
        document.holds("GET", "/quality", &shown);
        let houses: Vec<&str> = shown["items"].as_array().unwrap().iter().map(|one| one["institution"].as_str().unwrap()).collect();
        assert_eq!(houses, seen, "{role:?} away {away}");
    }
}

pub async fn the_table_of_rights_is_the_one_that_decides() {
    let world = World::new().await;
    let mut admin = world.signed_in(Role::Secadmin, false).await;
    let table = admin.get("/rights").await.expect(200).json();
    Document::read().holds("GET", "/rights", &table);
    for role in Role::ALL {
        let me = world.signed_in(role, false).await.get("/me").await.expect(200).json();
        let told: Vec<&str> = me["acts"].as_array().unwrap().iter().map(|act| act.as_str().unwrap()).filter(|act| *act != "self").collect();
        let acts = table["acts"].as_array().unwrap().iter();
        let listed: Vec<&str> = acts
            .filter(|act| act["roles"].as_array().unwrap().contains(&json!(role.id())))
            .map(|act| act["id"].as_str().unwrap())
            .collect();
        assert_eq!(told, listed, "{role:?}");
    }
    let auditor = table["roles"].as_array().unwrap().iter().find(|role| role["code"] == "auditor").unwrap();
    assert_eq!(auditor["reach"], "region");
    let apart = auditor["apart"].as_array().unwrap();
    assert!(apart.contains(&json!("finance")) && !apart.contains(&json!("reviewer")) && !apart.contains(&json!("auditor")));
}

pub async fn an_institution_is_told_of_published_rules_only() {
    let world = World::new().await;
    let mut institution = world.signed_in(Role::Institution, false).await;
    let rules = institution.get("/rules").await.expect(200).json();
    let ids: Vec<&str> = rules["items"].as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["L014"]);
    // What it found, and how sure it is, is of other houses too.
    assert_eq!([&rules["items"][0]["findings"], &rules["items"][0]["amount_fen"], &rules["items"][0]["checked"]], [0, 0, 0]);
    institution.get("/rules/L014").await.expect(200);
    institution.get("/rules/S001").await.expect(404);
    let mut auditor = world.signed_in(Role::Auditor, false).await;
    assert_eq!(auditor.get("/rules").await.expect(200).json()["items"].as_array().unwrap().len(), 2);
    auditor.get("/rules/S001").await.expect(200);
    // Outside eyes see what they are given.
    world.signed_in(Role::Outside, false).await.get("/rules").await.expect(403);
}
