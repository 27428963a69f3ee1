//! 视图 and 通知.

use mingjian_people::Role;
use serde_json::{Value, json};

use crate::world::World;

fn view(title: &str, shared: bool) -> Value {
    json!({ "page": "leads", "title": title, "query": { "status": "check", "due": 3 }, "shared": shared })
}

fn told(list: &Value) -> Vec<(String, String, bool)> {
    let items = list["items"].as_array().unwrap();
    let text = |one: &Value, name: &str| one[name].as_str().unwrap_or("").to_owned();
    items.iter().map(|one| (text(one, "kind"), text(one, "lead"), one["read"].as_bool().unwrap())).collect()
}

#[tokio::test]
async fn a_view_is_ones_own_or_the_departments() {
    let world = World::new().await;
    let mut auditor = world.signed_in(Role::Auditor, false).await;
    let own = auditor.post("/views", view("三日内", false)).await.expect(200).json();
    assert_eq!((own["own"].as_bool(), &own["query"]), (Some(true), &json!({ "status": "check", "due": 3 })));
    let shared = auditor.post("/views", view("本科室", true)).await.expect(200).json();
    let titles = |list: Value| -> Vec<String> {
        list["items"].as_array().unwrap().iter().map(|one| one["title"].as_str().unwrap().to_owned()).collect()
    };
    let here = world.signed_in(Role::Supervisor, false).await.get("/views?page=leads").await.expect(200).json();
    assert_eq!(here["items"][0]["own"], false);
    assert_eq!(titles(here), ["本科室"]);
    // Another region, and a hospital of this one, are other departments.
    for (role, away) in [(Role::Auditor, true), (Role::Institution, false)] {
        assert!(titles(world.signed_in(role, away).await.get("/views?page=leads").await.expect(200).json()).is_empty(), "{role:?}");
    }
    // What is looked for in a list is not for who does not read the list.
    for role in [Role::Sysadmin, Role::Secadmin, Role::Auditadmin, Role::RuleAuthor] {
        let mut other = world.signed_in(role, false).await;
        other.get("/views?page=leads").await.expect(403);
        other.post("/views", view("别人的", false)).await.expect(403);
    }
    // The same title is the same view.
    auditor.post("/views", view("三日内", false)).await.expect(200);
    assert_eq!(titles(auditor.get("/views?page=leads").await.expect(200).json()).len(), 2);
    assert!(titles(auditor.get("/views?page=users").await.expect(200).json()).is_empty());
    for other in ["recoveries", "reviews"] {
        assert!(titles(auditor.get(&format!("/views?page={other}")).await.expect(200).json()).is_empty());
    }
    auditor.post("/views", json!({ "page": "reviews", "title": "等我合议", "query": { "stage": "panel" } })).await.expect(200);
    assert_eq!(titles(auditor.get("/views?page=reviews").await.expect(200).json()), ["等我合议"]);
    for wrong in [view("", false), view(&"长".repeat(31), false), json!({ "page": "users", "title": "x", "query": {} })] {
        auditor.post("/views", wrong).await.expect(422);
    }
    let nested = json!({ "page": "leads", "title": "x", "query": { "a": { "b": 1 } } });
    auditor.post("/views", nested).await.expect(422);
    let id = shared["id"].as_str().unwrap();
    world.signed_in(Role::Supervisor, false).await.call("DELETE", &format!("/views/{id}"), Value::Null).await.expect(404);
    auditor.call("DELETE", &format!("/views/{id}"), Value::Null).await.expect(204);
    auditor.call("DELETE", &format!("/views/{id}"), Value::Null).await.expect(404);
}

#[tokio::test]
async fn what_was_given_answered_and_decided_is_told_once() {
    let world = World::new().await;
    let lead = world.lead_at("H1").await;
    let mut head = world.signed_in(Role::Supervisor, false).await;
    let mut auditor = world.signed_in(Role::Auditor, false).await;
    assert_eq!(auditor.get("/notices").await.expect(200).json()["unread"], 0);
    let given = json!({ "version": 1, "assignee": "auditor" });
    head.post(&format!("/leads/{lead}/acts/assign"), given).await.expect(200);
    let list = auditor.get("/notices").await.expect(200).json();
    assert_eq!(told(&list)[0], ("assigned".to_owned(), lead.clone(), false));
    assert!(told(&head.get("/notices").await.expect(200).json()).is_empty(), "nobody is told of what they did");
    let keys: Vec<&str> = list["items"].as_array().unwrap().iter().map(|one| one["key"].as_str().unwrap()).collect();
    auditor.post("/notices/read", json!({ "keys": keys })).await.expect(204);
    let list = auditor.get("/notices").await.expect(200).json();
    assert_eq!((list["unread"].as_i64(), told(&list)[0].2), (Some(0), true));
    // Sent: the institution is told, another's is not, and none of them who did it.
    auditor.post(&format!("/leads/{lead}/acts/send"), json!({ "version": 2 })).await.expect(200);
    let own = world.signed_in(Role::Institution, false).await.get("/notices").await.expect(200).json();
    assert_eq!((told(&own)[0].0.as_str(), own["items"][0]["by"].as_str()), ("assigned", Some("")));
    assert!(told(&world.signed_in(Role::Institution, true).await.get("/notices").await.expect(200).json()).is_empty());
    // What others marked is theirs.
    assert_eq!(world.signed_in(Role::Sysadmin, false).await.get("/notices").await.expect(200).json()["items"], json!([]));
}
