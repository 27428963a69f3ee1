//! Logging in by the word of an identity provider, and every way in which that word is not to be taken.

use std::collections::HashMap;

use axum::body::Body;
use axum::http::Request;
use mingjian_people::{Role, Settings};
use mingjian_platform::oidc::OidcSettings;
use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::idp::{ISSUER, Idp};
use crate::schema::Document;
use crate::world::{World, clock};

fn now() -> i64 {
    clock() / 1_000_000 - 8 * 3_600
}

async fn town(change: impl FnOnce(&mut OidcSettings)) -> (World, Idp) {
    let idp = Idp::new(now);
    let mut settings = Idp::settings();
    change(&mut settings);
    (World::with_oidc(Settings::default(), Some(idp.oidc(settings))).await, idp)
}

/// A browser: cookies by name, redirects looked at and not followed.
struct Browser {
    client: Client,
    jar: HashMap<String, String>,
}

impl Browser {
    fn new(world: &World) -> Browser {
        Browser { client: world.browser(), jar: HashMap::new() }
    }

    async fn go(&mut self, path: &str) -> Answer {
        let cookies: Vec<String> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder().uri(path).header("host", "mingjian.test").header("cookie", cookies.join("; "));
        let answer = self.client.clone().send(request.body(Body::empty()).unwrap()).await;
        for set in answer.headers.get_all("set-cookie") {
            let (name, value) = set.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.jar.insert(name.into(), value.into());
        }
        answer
    }

    /// Off to the provider: where it sends one.
    async fn off(&mut self, to: &str) -> String {
        let answer = self.go(&format!("/api/v1/session/oidc?to={to}")).await.expect(303);
        location(&answer)
    }

    async fn back(&mut self, query: &HashMap<String, String>) -> String {
        let query = serde_urlencoded::to_string(query).unwrap();
        location(&self.go(&format!("/api/v1/session/oidc/back?{query}")).await.expect(303))
    }

    /// The whole way; where it ends.
    async fn through(&mut self, idp: &Idp, subject: &str, account: &str) -> String {
        let sent = self.off("/leads").await;
        let query = idp.log_in(&sent, subject, account);
        self.back(&query).await
    }

    async fn me(&mut self) -> Option<String> {
        let answer = self.go("/api/v1/me").await;
        (answer.status == 200).then(|| answer.json()["account"].as_str().unwrap().to_owned())
    }
}

fn location(answer: &Answer) -> String {
    answer.headers["location"].to_str().unwrap().to_owned()
}

async fn last(world: &World, act: &str) -> String {
    let row = world.store.one("select account, detail from events where act = $1 order by seq desc", &[act.into()]).await.unwrap().unwrap();
    format!("{} {}", row.text("account").unwrap(), row.text("detail").unwrap())
}

pub async fn who_is_vouched_for_is_in() {
    let (world, idp) = town(|_| {}).await;
    let mut browser = Browser::new(&world);
    let ways = browser.go("/api/v1/session").await.expect(200).json();
    Document::read().holds("GET", "/session", &ways);
    assert_eq!(ways["oidc"], json!({ "title": "政务统一认证", "start": "/api/v1/session/oidc" }));
    let sent = browser.off("/leads?status=new").await;
    assert!(!sent.contains("code_verifier") && !sent.contains("secret"), "{sent}");
    assert_eq!(browser.back(&idp.log_in(&sent, "S-auditor", "auditor")).await, "/leads?status=new");
    assert_eq!(browser.me().await.as_deref(), Some("auditor"));
    assert_eq!(browser.jar["mingjian_oidc"], "", "what bound the attempt is gone");
    assert!(last(&world, "session.begin").await.contains(r#""by":"oidc""#));
    // Out: here at once, and on to the provider.
    let csrf = browser.go("/api/v1/me").await.json()["csrf"].as_str().unwrap().to_owned();
    browser.client.cookie = Some(format!("mingjian={}", browser.jar["mingjian"]));
    browser.client.csrf = Some(csrf);
    let out = browser.client.call("DELETE", "/session", Value::Null).await.expect(200).json();
    Document::read().holds("DELETE", "/session", &out);
    let go = out["go"].as_str().unwrap();
    assert!(go.starts_with(&format!("{ISSUER}/logout?client_id=mingjian&post_logout_redirect_uri=https%3A%2F%2Fjg.example.cn%2F")), "{go}");
    assert_eq!(browser.me().await, None);
    // Where no provider is set, there is none.
    let plain = World::new().await;
    let mut other = Browser::new(&plain);
    assert_eq!(other.go("/api/v1/session").await.expect(200).json(), json!({}));
    other.go("/api/v1/session/oidc").await.expect(404);
    other.go("/api/v1/session/oidc/back?code=x&state=y").await.expect(404);
}

pub async fn it_leads_nowhere_but_here() {
    let (world, idp) = town(|_| {}).await;
    for to in ["https%3A%2F%2Fevil.cn", "%2F%2Fevil.cn", "%2F%5Cevil.cn", "javascript%3Aalert(1)", ""] {
        let mut browser = Browser::new(&world);
        let sent = browser.off(to).await;
        assert_eq!(browser.back(&idp.log_in(&sent, "S-auditor", "auditor")).await, "/", "{to}");
    }
}

pub async fn a_session_is_new_and_the_one_before_ends() {
    let (world, idp) = town(|_| {}).await;
    // Foisted on the browser by an attacker who is logged in as somebody else.
    let attacker = world.signed_in(Role::Institution, false).await;
    let foisted = attacker.cookie.clone().unwrap().trim_start_matches("mingjian=").to_owned();
    let mut victim = Browser::new(&world);
    victim.jar.insert("mingjian".into(), foisted.clone());
    assert_eq!(victim.through(&idp, "S-auditor", "auditor").await, "/leads");
    assert_ne!(victim.jar["mingjian"], foisted);
    assert_eq!(victim.me().await.as_deref(), Some("auditor"));
    attacker.clone().get("/me").await.expect(401);
}

pub async fn nobody_is_logged_in_under_another_by_a_link() {
    let (world, idp) = town(|_| {}).await;
    // The attacker's own answer, opened in the victim's browser.
    let mut attacker = Browser::new(&world);
    let query = idp.log_in(&attacker.off("/").await, "S-auditor", "auditor");
    let mut victim = Browser::new(&world);
    assert_eq!(victim.back(&query).await, "/?login=oidc_state");
    assert_eq!(victim.me().await, None);
    // Also where the victim is on the way itself.
    let query = idp.log_in(&attacker.off("/").await, "S-auditor", "auditor");
    victim.off("/").await;
    assert_eq!(victim.back(&query).await, "/?login=oidc_state");
    assert_eq!(last(&world, "session.refuse").await, r#"? {"why":"oidc_state"}"#);
}

pub async fn state_and_code_are_used_once() {
    let (world, idp) = town(|_| {}).await;
    let mut browser = Browser::new(&world);
    let sent = browser.off("/").await;
    let bind = browser.jar["mingjian_oidc"].clone();
    let query = idp.log_in(&sent, "S-auditor", "auditor");
    assert_eq!(browser.back(&query).await, "/");
    // The same answer again, by whoever has seen it, with the cookie too.
    let mut thief = Browser::new(&world);
    thief.jar.insert("mingjian_oidc".into(), bind);
    assert_eq!(thief.back(&query).await, "/?login=oidc_state");
    // The used code under a state of one's own.
    let own = idp.log_in(&thief.off("/").await, "S-finance", "finance");
    let mixed: HashMap<String, String> = [("state", &own["state"]), ("code", &query["code"]), ("iss", &own["iss"])]
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .into();
    assert_eq!(thief.back(&mixed).await, "/?login=oidc_code");
    // A code that is fresh and another's: its challenge is not of this attempt.
    let stolen = idp.log_in(&browser.off("/").await, "S-auditor", "auditor");
    let own = idp.log_in(&thief.off("/").await, "S-finance", "finance");
    let mixed: HashMap<String, String> = [("state", &own["state"]), ("code", &stolen["code"]), ("iss", &own["iss"])]
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .into();
    assert_eq!(thief.back(&mixed).await, "/?login=oidc_code");
    for odd in [vec![], vec![("state", "x"), ("code", "y")], vec![("error", "access_denied")]] {
        let query = odd.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        assert_eq!(thief.back(&query).await, "/?login=oidc_state");
    }
    assert_eq!(thief.me().await, None);
}

pub async fn an_answer_of_another_provider_is_refused() {
    let (world, idp) = town(|_| {}).await;
    let mut browser = Browser::new(&world);
    let mut query = idp.log_in(&browser.off("/").await, "S-auditor", "auditor");
    query.insert("iss".into(), "https://evil.example.cn".into());
    assert_eq!(browser.back(&query).await, "/?login=oidc_issuer");
    let mut query = idp.log_in(&browser.off("/").await, "S-auditor", "auditor");
    query.remove("iss");
    assert_eq!(browser.back(&query).await, "/?login=oidc_issuer", "this provider always says whose the answer is");
    let mut query = idp.log_in(&browser.off("/").await, "S-auditor", "auditor");
    query.remove("code");
    query.insert("error".into(), "access_denied".into());
    assert_eq!(browser.back(&query).await, "/?login=oidc_declined");
    assert_eq!(browser.me().await, None);
    // One that does not say who it is, or says it is another, or is not over TLS, is not spoken to.
    for (about, code) in [
        (json!({ "issuer": "https://evil.example.cn" }), "oidc_issuer"),
        (json!({ "token_endpoint": "http://id.example.cn/token" }), "oidc_failed"),
        (json!({ "jwks_uri": "http://127.0.0.1/keys" }), "oidc_failed"),
    ] {
        let (world, idp) = town(|_| {}).await;
        idp.says(about);
        let mut browser = Browser::new(&world);
        assert_eq!(browser.off("/").await, format!("/?login={code}"));
    }
}

pub async fn a_token_that_is_not_right_is_no_token() {
    let (world, idp) = town(|_| {}).await;
    type Change = fn(&mut Value, &mut Value);
    let twists: [(&str, Change, &str); 18] = [
        ("wrong nonce", |_, claims| claims["nonce"] = "x".into(), "oidc_nonce"),
        ("no nonce", |_, claims| claims["nonce"] = Value::Null, "oidc_nonce"),
        ("wrong issuer", |_, claims| claims["iss"] = "https://evil.example.cn".into(), "oidc_issuer"),
        ("issuer with a slash", |_, claims| claims["iss"] = format!("{ISSUER}/").into(), "oidc_issuer"),
        ("wrong audience", |_, claims| claims["aud"] = "other".into(), "oidc_audience"),
        ("audiences without party", |_, claims| claims["aud"] = json!(["mingjian", "other"]), "oidc_audience"),
        ("another party", |_, claims| claims["azp"] = "other".into(), "oidc_audience"),
        ("expired", |_, claims| claims["exp"] = (now() - 61).into(), "oidc_time"),
        ("no expiry", |_, claims| claims["exp"] = Value::Null, "oidc_time"),
        ("of the future", |_, claims| claims["iat"] = (now() + 90).into(), "oidc_time"),
        ("of long ago", |_, claims| claims["iat"] = (now() - 900).into(), "oidc_time"),
        ("not yet", |_, claims| claims["nbf"] = (now() + 90).into(), "oidc_time"),
        ("no subject", |_, claims| claims["sub"] = "".into(), "oidc_token"),
        ("alg none", |head, _| head["alg"] = "none".into(), "oidc_token"),
        ("alg None", |head, _| head["alg"] = "None".into(), "oidc_token"),
        ("a shared secret", |head, _| head["alg"] = "HS256".into(), "oidc_token"),
        ("another algorithm", |head, _| head["alg"] = "RS256".into(), "oidc_token"),
        ("an unknown key", |head, _| head["kid"] = "k9".into(), "oidc_token"),
    ];
    for (what, change, code) in twists {
        idp.twist(change);
        let mut browser = Browser::new(&world);
        assert_eq!(browser.through(&idp, "S-auditor", "auditor").await, format!("/?login={code}"), "{what}");
        assert_eq!(browser.me().await, None, "{what}");
        assert_eq!(last(&world, "session.refuse").await, format!(r#"? {{"why":"{code}"}}"#), "{what}");
    }
    // A key of somebody else, under the name of a known one; and within the skew of the clocks.
    idp.twist(|head, _| head["kid"] = "k0".into());
    idp.keys(&[0], 1);
    assert_eq!(Browser::new(&world).through(&idp, "S-auditor", "auditor").await, "/?login=oidc_token");
    idp.keys(&[0], 0);
    idp.twist(|_, claims| (claims["iat"], claims["exp"]) = ((now() + 50).into(), (now() - 50).into()));
    assert_eq!(Browser::new(&world).through(&idp, "S-auditor", "auditor").await, "/leads");
    // Nothing of it has linked or let in anybody else.
    assert_eq!(world.store.one("select count(*) as n from identities", &[]).await.unwrap().unwrap().int("n").unwrap(), 1);
}

pub async fn keys_may_change() {
    let (world, idp) = town(|_| {}).await;
    assert_eq!(Browser::new(&world).through(&idp, "S-auditor", "auditor").await, "/leads");
    assert_eq!(Browser::new(&world).through(&idp, "S-auditor", "auditor").await, "/leads");
    assert_eq!(idp.key_fetches(), 1, "kept for an hour");
    idp.keys(&[0, 1], 1);
    assert_eq!(Browser::new(&world).through(&idp, "S-auditor", "auditor").await, "/leads");
    assert_eq!(idp.key_fetches(), 2);
    idp.keys(&[2], 2);
    assert_eq!(Browser::new(&world).through(&idp, "S-auditor", "auditor").await, "/leads", "RS256");
    // The old key is worth nothing once it is gone.
    idp.keys(&[2], 0);
    assert_eq!(Browser::new(&world).through(&idp, "S-auditor", "auditor").await, "/?login=oidc_token");
}

pub async fn who_has_no_account_is_told_and_stays_out() {
    let (world, idp) = town(|_| {}).await;
    let mut browser = Browser::new(&world);
    assert_eq!(browser.through(&idp, "S-1", "stranger").await, "/?login=no_account");
    assert_eq!(browser.through(&idp, "S-1", "auditor").await, "/leads");
    // Somebody else under the same name, and another name for the same.
    assert_eq!(Browser::new(&world).through(&idp, "S-2", "auditor").await, "/?login=other_identity");
    let mut again = Browser::new(&world);
    again.through(&idp, "S-1", "director").await;
    assert_eq!(again.me().await.as_deref(), Some("auditor"), "the subject counts, not the name");
    for _ in 0..5 {
        world.browser().sign_in("auditor", "nonsense-123").await;
    }
    assert_eq!(Browser::new(&world).through(&idp, "S-1", "auditor").await, "/?login=locked");
    let mut admin = world.signed_in(Role::Secadmin, false).await;
    admin.post("/users/auditor/unlock", Value::Null).await.expect(204);
    admin.post("/users/auditor/unlink", Value::Null).await.expect(204);
    assert_eq!(Browser::new(&world).through(&idp, "S-2", "auditor").await, "/leads");
    world.signed_in(Role::Supervisor, false).await.post("/users/auditor/unlink", Value::Null).await.expect(403);
}

pub async fn a_second_factor_there_counts_where_it_is_trusted() {
    let idp = Idp::new(now);
    let strict = Settings { totp_roles: vec![Role::Auditor], ..Settings::default() };
    let world = World::with_oidc(strict, Some(idp.oidc(Idp::settings()))).await;
    let mut browser = Browser::new(&world);
    idp.amr(&["pwd"]);
    browser.through(&idp, "S-1", "auditor").await;
    assert_eq!(browser.go("/api/v1/me").await.json()["must_totp"], true);
    idp.amr(&["pwd", "otp"]);
    browser.through(&idp, "S-1", "auditor").await;
    assert_eq!(browser.go("/api/v1/me").await.json()["must_totp"], false);
    browser.go("/api/v1/leads").await.expect(200);
}
