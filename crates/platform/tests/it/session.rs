//! Logging in, staying in, getting out; and what a page of somebody else can do.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use mingjian_people::Role;
use serde_json::{Value, json};

use crate::schema::Document;
use crate::world::{PASSWORD, World};

pub async fn who_logs_in_is_told_who_they_are() {
    let world = World::new().await;
    let mut client = world.browser();
    let answer = client.sign_in("auditor", PASSWORD).await.expect(200);
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("mingjian=") && cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{cookie}");
    let me = client.get("/me").await.expect(200).json();
    Document::read().holds("GET", "/me", &me);
    assert_eq!(me, answer.json());
    assert_eq!(me["roles"], json!(["auditor"]));
    assert_eq!(me["as_of"], "2026-01-31");
    assert!(me["acts"].as_array().unwrap().contains(&json!("leads.read")));
    client.call("DELETE", "/session", Value::Null).await.expect(204);
    assert_eq!(client.get("/me").await.expect(401).code(), "unauthenticated");
}

pub async fn a_session_that_was_ended_is_ended_everywhere() {
    let world = World::new().await;
    let mut client = world.signed_in(Role::Auditor, false).await;
    let mut thief = client.clone();
    client.call("DELETE", "/session", Value::Null).await.expect(204);
    thief.get("/leads").await.expect(401);
}

pub async fn a_session_that_was_foisted_on_somebody_is_worth_nothing() {
    let world = World::new().await;
    let mut attacker = world.signed_in(Role::Institution, false).await;
    let foisted = attacker.cookie.clone();
    let mut victim = world.browser();
    victim.cookie = foisted.clone();
    victim.sign_in("supervisor", PASSWORD).await.expect(200);
    assert_ne!(victim.cookie, foisted, "a new session at log-in");
    // The foisted one neither became the victim's nor lives on in the victim's browser.
    attacker.get("/me").await.expect(401);
    // A made-up one is nobody's.
    victim.cookie = Some("mingjian=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into());
    victim.get("/me").await.expect(401);
}

pub async fn wrong_passwords_are_told_apart_from_nothing_and_lock() {
    let world = World::new().await;
    let mut client = world.browser();
    let wrong = client.sign_in("auditor", "nonsense-123").await.expect(401).json();
    let nobody = client.sign_in("nobody", "nonsense-123").await.expect(401).json();
    assert_eq!(wrong, nobody);
    for _ in 0..4 {
        client.sign_in("auditor", "nonsense-123").await.expect(401);
    }
    assert_eq!(client.sign_in("auditor", PASSWORD).await.expect(401).code(), "locked");
}

pub async fn nothing_changes_without_the_token_of_this_session() {
    let world = World::new().await;
    let lead = world.lead_at("H1").await;
    let path = format!("/leads/{lead}/acts/take");
    let mut client = world.signed_in(Role::Auditor, false).await;
    let own = client.csrf.take();
    assert_eq!(client.post(&path, json!({ "version": 1 })).await.expect(403).code(), "csrf");
    client.csrf = world.signed_in(Role::Supervisor, false).await.csrf;
    assert_eq!(client.post(&path, json!({ "version": 1 })).await.expect(403).code(), "csrf", "another's token");
    client.csrf = own;
    // Even with the token, not from a page of another site.
    let request = client.request("POST", &format!("/api/v1{path}")).header("content-type", "application/json");
    let request = request.header("sec-fetch-site", "cross-site").body(Body::from(r#"{"version":1}"#)).unwrap();
    assert_eq!(client.send(request).await.expect(403).code(), "csrf");
    client.post(&path, json!({ "version": 1 })).await.expect(200);
}

pub async fn a_form_of_another_site_cannot_log_in() {
    let world = World::new().await;
    let body = format!(r#"{{"account":"auditor","password":"{PASSWORD}"}}"#);
    let form = |kind: &str, site: &str| {
        let request = Request::builder().method("POST").uri("/api/v1/session").header("content-type", kind);
        request.header("sec-fetch-site", site).body(Body::from(body.clone())).unwrap()
    };
    let mut client = world.browser();
    client.send(form("text/plain", "same-origin")).await.expect(415);
    client.send(form("application/x-www-form-urlencoded", "same-origin")).await.expect(415);
    client.send(form("application/json", "cross-site")).await.expect(403);
    client.send(form("application/json", "same-origin")).await.expect(200);
}

pub async fn the_password_changes_and_ends_other_sessions() {
    let world = World::new().await;
    let mut client = world.signed_in(Role::Auditor, false).await;
    let mut other = world.signed_in(Role::Auditor, false).await;
    let new = |current: &str, password: &str| json!({ "current": current, "password": password });
    let weak = client.post("/me/password", new(PASSWORD, "123")).await.expect(422).json();
    assert!(weak["fields"]["password"].is_string(), "{weak}");
    let wrong = client.post("/me/password", new("nonsense", "Another-2026-x")).await.expect(422).json();
    assert!(wrong["fields"]["current"].is_string(), "{wrong}");
    client.post("/me/password", new(PASSWORD, "Another-2026-x")).await.expect(204);
    client.get("/me").await.expect(200);
    other.get("/me").await.expect(401);
    world.browser().sign_in("auditor", PASSWORD).await.expect(401);
    world.browser().sign_in("auditor", "Another-2026-x").await.expect(200);
}

pub async fn a_given_password_must_be_changed_before_anything_else() {
    let world = World::new().await;
    let mut admin = world.signed_in(Role::Secadmin, false).await;
    let made = admin.post("/users/auditor/reset", Value::Null).await.expect(200).json();
    Document::read().holds("POST", "/users/{account}/reset", &made);
    let given = made["password"].as_str().unwrap();
    let mut client = world.browser();
    let me = client.sign_in("auditor", given).await.expect(200).json();
    assert_eq!(me["must_change"], true);
    assert_eq!(client.get("/leads").await.expect(403).code(), "password_first");
    client.post("/me/password", json!({ "current": given, "password": "Another-2026-x" })).await.expect(204);
    client.get("/leads").await.expect(200);
}

pub async fn a_role_that_needs_a_second_factor_sets_it_up_first() {
    let settings = mingjian_people::Settings { totp_roles: vec![Role::Auditor], ..Default::default() };
    let world = World::with(settings).await;
    let mut client = world.signed_in(Role::Auditor, false).await;
    assert_eq!(client.get("/me").await.expect(200).json()["must_totp"], true);
    assert_eq!(client.get("/leads").await.expect(403).code(), "totp_first");
    let offer = client.post("/me/totp", Value::Null).await.expect(200).json();
    Document::read().holds("POST", "/me/totp", &offer);
    assert!(offer["uri"].as_str().unwrap().starts_with("otpauth://totp/"));
    assert_eq!(client.post("/me/totp/confirm", json!({ "code": "000000" })).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}
