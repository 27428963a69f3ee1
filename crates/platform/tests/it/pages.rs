//! Pages, headers, and what the framework refuses by itself.

use axum::body::Body;
use axum::http::Request;
use mingjian_people::Role;
use serde_json::Value;

use crate::world::World;

pub async fn every_answer_is_kept_close() {
    let world = World::new().await;
    let mut client = world.browser();
    for path in ["/", "/leads/12", "/api/v1/me", "/api/v1/none", "/assets/none.js", "/api/v1/openapi.json"] {
        let answer = client.send(Request::builder().uri(path).body(Body::empty()).unwrap()).await;
        for header in ["content-security-policy", "referrer-policy", "permissions-policy", "cross-origin-opener-policy"] {
            assert!(answer.headers.contains_key(header), "{path} {header}");
        }
        assert_eq!(answer.headers["x-frame-options"], "DENY", "{path}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
        assert!(!answer.headers.contains_key("access-control-allow-origin"), "{path}");
    }
}

pub async fn a_page_has_a_nonce_and_no_inline_script() {
    let world = World::new().await;
    let mut client = world.browser();
    let answer = client.send(Request::builder().uri("/recoveries").body(Body::empty()).unwrap()).await.expect(200);
    let policy = answer.headers["content-security-policy"].to_str().unwrap().to_owned();
    let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    let page = String::from_utf8(answer.bytes).unwrap();
    assert!(!page.contains("__CSP_NONCE__") && page.contains(nonce), "{page}");
    assert!(!page.contains("<script>"), "{page}");
    assert!(answer.headers["cache-control"].to_str().unwrap().contains("no-cache"));
}

pub async fn what_is_not_there_is_told_in_one_form() {
    let world = World::new().await;
    let mut client = world.signed_in(Role::Auditor, false).await;
    for (verb, path, status, code) in [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/leads/", 404, "not_found"),
        ("PUT", "/leads", 405, "method"),
        ("POST", "/me", 405, "method"),
        ("GET", "/leads/%ff", 400, "malformed"),
    ] {
        let answer = client.call(verb, path, Value::Null).await.expect(status);
        assert_eq!(answer.headers["content-type"], "application/problem+json; charset=utf-8", "{path}");
        assert_eq!(answer.code(), code, "{path}");
    }
    let request = client.request("POST", "/api/v1/jobs").header("content-type", "application/json").body(Body::from("{")).unwrap();
    client.send(request).await.expect(403);
    let mut supervisor = world.signed_in(Role::Supervisor, false).await;
    let request = supervisor.request("POST", "/api/v1/jobs").header("content-type", "application/json").body(Body::from("{")).unwrap();
    assert_eq!(supervisor.send(request).await.expect(400).code(), "malformed");
    let long = format!("{{\"kind\":\"{}\"}}", "x".repeat(2 << 20));
    let request = supervisor.request("POST", "/api/v1/jobs").header("content-type", "application/json").body(Body::from(long)).unwrap();
    assert_eq!(supervisor.send(request).await.expect(413).code(), "too_large");
}

pub async fn requests_are_counted_without_names() {
    let world = World::new().await;
    let mut client = world.signed_in(Role::Auditor, false).await;
    client.get("/leads").await.expect(200);
    let text = world.platform.metrics().render();
    assert!(text.contains("mingjian_platform_requests_total{group=\"leads\",status=\"2xx\"} 1"), "{text}");
    assert!(!text.contains("auditor"));
}
