//! 单点登录 by OpenID Connect: authorization code with PKCE, state and nonce, against one provider.
//!
//! What holds:
//! - The browser that came with the answer is the one that was sent off: state is used once and bound to a cookie of that browser, so that
//!   nobody is logged in under another's name by a link.
//! - The answer is of the provider that was asked: `iss` beside the code where the provider sends it, and always in the token, where issuer,
//!   audience, nonce, times and signature are held against what is set and was sent. `none` and shared secrets are no signatures.
//! - A code is sent to the token's address of this provider only, with the verifier that only this attempt knows.
//! - Keys are fetched again when a token names one that is not known; each attempt causes at most one such fetch.
//! - Where it leads afterwards is a path of ours.

mod jwt;
mod pending;

use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use futures::future::BoxFuture;
use mingjian_model::day::{MICROS_PER_SECOND, Moment};
use mingjian_people::{Role, Vouched};
use serde::Deserialize;
use serde_json::{Map, Value};

use self::jwt::Keys;
use self::pending::{Attempt, Attempts};

/// How long what the provider says of itself is believed.
const FRESH: i64 = 3_600 * MICROS_PER_SECOND;
/// Longest answer of the provider that is read.
pub const ANSWER_MAX: usize = 1 << 20;
/// Local Chinese time is so many seconds ahead of what tokens count in.
const AHEAD: i64 = 8 * 3_600;
/// A token issued longer ago than this is not of this attempt.
const ISSUED_MAX: i64 = 600;

/// A secret that does not show when it is printed.
#[derive(Clone)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("***")
    }
}

/// The provider and what is taken from its word.
#[derive(Debug, Clone)]
pub struct OidcSettings {
    /// As it stands in its tokens, to the letter.
    pub issuer: String,
    pub client_id: String,
    /// `None`: a public client; PKCE alone then stands for it.
    pub client_secret: Option<Secret>,
    /// Where browsers reach us, `https://jg.example.cn`.
    pub address: String,
    /// On the button of the log-in page.
    pub title: String,
    pub scopes: String,
    /// The claim that names the account.
    pub claim: String,
    /// Values of `acr` and `amr` that say a second factor was used.
    pub acr: Vec<String>,
    pub amr: Vec<String>,
    /// Seconds by which clocks may differ.
    pub skew_seconds: i64,
    /// The role of accounts that come into being by themselves.
    pub makes: Option<Role>,
}

/// A request to the provider: a form to be posted, or nothing but an address to be read.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    pub url: String,
    pub form: Option<Vec<(String, String)>>,
    /// The whole value of `Authorization`.
    pub authorization: Option<String>,
}

/// What came back. Redirects are not followed.
#[derive(Debug, Clone, Default)]
pub struct Got {
    pub status: u16,
    pub body: Vec<u8>,
}

/// How the provider is spoken to: the command line has an HTTP client, tests have a provider of their own.
pub trait Transport: Send + Sync {
    /// Errors: in words for the log.
    fn send(&self, sent: Sent) -> BoxFuture<'_, Result<Got, String>>;
}

/// Why an attempt ended: a word for the page and the trail, and words for the log.
#[derive(Debug)]
pub struct Refused {
    pub code: &'static str,
    pub log: String,
}

fn refused(code: &'static str, log: impl Into<String>) -> Refused {
    Refused { code, log: log.into() }
}

/// What the provider says of itself.
#[derive(Debug, Clone, Deserialize)]
struct About {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    end_session_endpoint: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

#[derive(Default)]
struct Known {
    about: Option<(Moment, About)>,
    keys: Option<(Moment, Keys)>,
}

/// The one provider.
pub struct Oidc {
    pub settings: OidcSettings,
    transport: Box<dyn Transport>,
    attempts: Attempts,
    known: Mutex<Known>,
}

/// Where a browser is sent, and the value of the cookie that binds the attempt to it.
pub struct Start {
    pub url: String,
    pub bind: String,
}

/// The provider's answer, as the browser brought it.
#[derive(Debug, Clone, Default)]
pub struct Answered {
    pub state: String,
    pub code: String,
    pub issuer: Option<String>,
    pub error: Option<String>,
    /// The cookie.
    pub bind: String,
}

impl Oidc {
    pub fn new(settings: OidcSettings, transport: Box<dyn Transport>) -> Oidc {
        Oidc { settings, transport, attempts: Attempts::default(), known: Mutex::default() }
    }

    /// Where the provider sends the browser back to.
    pub fn back(&self) -> String {
        format!("{}/api/v1/session/oidc/back", self.settings.address.trim_end_matches('/'))
    }

    /// Begins an attempt that ends at the path `to`.
    pub async fn start(&self, to: &str, at: Moment) -> Result<Start, Refused> {
        let about = self.about(at).await?;
        let (attempt, state, bind) = Attempt::new(own_path(to), at).map_err(|why| refused("oidc_failed", why))?;
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(ring::digest::digest(&ring::digest::SHA256, attempt.verifier.as_bytes()));
        let mut query = vec![
            ("response_type", "code"),
            ("client_id", &self.settings.client_id),
            ("scope", &self.settings.scopes),
            ("state", &state),
            ("nonce", &attempt.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let (back, acr) = (self.back(), self.settings.acr.join(" "));
        query.push(("redirect_uri", &back));
        if !acr.is_empty() {
            query.push(("acr_values", &acr));
        }
        let url = with_query(&about.authorization_endpoint, &query)?;
        self.attempts.keep(state, attempt);
        Ok(Start { url, bind })
    }

    /// Ends an attempt: whom the provider vouches for, and the path it leads to.
    pub async fn end(&self, answered: &Answered, at: Moment) -> Result<(Vouched, String), Refused> {
        // Taken first: whatever comes of it, this state is worth nothing any more.
        let attempt = self.attempts.take(&answered.state, at).ok_or_else(|| refused("oidc_state", "state is not known, or was used"))?;
        if !attempt.is_of(&answered.bind) {
            return Err(refused("oidc_state", "the answer came to another browser than the one that was sent"));
        }
        let about = self.about(at).await?;
        match &answered.issuer {
            Some(issuer) if *issuer != self.settings.issuer => return Err(refused("oidc_issuer", "the answer is of another issuer")),
            None if about.authorization_response_iss_parameter_supported => {
                return Err(refused("oidc_issuer", "the answer does not say whose it is, though this provider says so"));
            }
            _ => {}
        }
        if let Some(error) = &answered.error {
            let plain: String = error.chars().filter(|character| character.is_ascii_graphic()).take(64).collect();
            return Err(refused("oidc_declined", format!("the provider declined: {plain}")));
        }
        if answered.code.is_empty() || answered.code.len() > 4_096 {
            return Err(refused("oidc_code", "no code came with the answer"));
        }
        let token = self.exchange(&about, &answered.code, &attempt).await?;
        let claims = self.verify(&about, &token, &attempt, at).await?;
        Ok((self.vouched(&claims)?, attempt.to))
    }

    /// Where a browser goes to end the session at the provider too; `None`: it has no such place, or is not to be had now.
    pub async fn sign_out(&self, at: Moment) -> Option<String> {
        let address = self.about(at).await.ok()?.end_session_endpoint?;
        let back = format!("{}/", self.settings.address.trim_end_matches('/'));
        with_query(&address, &[("client_id", &self.settings.client_id), ("post_logout_redirect_uri", &back)]).ok()
    }

    async fn exchange(&self, about: &About, code: &str, attempt: &Attempt) -> Result<String, Refused> {
        let back = self.back();
        let mut form: Vec<(String, String)> = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &back),
            ("code_verifier", &attempt.verifier),
            ("client_id", &self.settings.client_id),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let methods = &about.token_endpoint_auth_methods_supported;
        let posts = !methods.is_empty() && !methods.iter().any(|method| method == "client_secret_basic");
        let mut authorization = None;
        if let Some(Secret(secret)) = &self.settings.client_secret {
            if posts {
                form.push(("client_secret".to_owned(), secret.clone()));
            } else {
                let pair = format!("{}:{}", encoded(&self.settings.client_id), encoded(secret));
                authorization = Some(format!("Basic {}", BASE64_STANDARD.encode(pair)));
            }
        }
        let got = self.transport.send(Sent { url: about.token_endpoint.clone(), form: Some(form), authorization }).await;
        let got = got.map_err(|why| refused("oidc_failed", why))?;
        if got.status != 200 {
            return Err(refused("oidc_code", format!("the provider did not take the code: {}", got.status)));
        }
        let answer: Map<String, Value> =
            serde_json::from_slice(&got.body).map_err(|_| refused("oidc_token", "the token's answer is no JSON"))?;
        let token = answer.get("id_token").and_then(Value::as_str).filter(|token| token.len() <= 64 << 10);
        token.map(str::to_owned).ok_or_else(|| refused("oidc_token", "no id_token came"))
    }

    async fn verify(&self, about: &About, token: &str, attempt: &Attempt, at: Moment) -> Result<Map<String, Value>, Refused> {
        let token = jwt::Token::parse(token).ok_or_else(|| refused("oidc_token", "the id_token is no signed token that is taken here"))?;
        let mut keys = self.keys(about, at, false).await?;
        if !keys.has(&token) {
            // Rotated: the provider signs with a key that came after the last look.
            keys = self.keys(about, at, true).await?;
        }
        if !keys.verify(&token) {
            return Err(refused("oidc_token", "the signature of the id_token does not hold"));
        }
        let claims = token.claims;
        let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
        if text("iss") != self.settings.issuer {
            return Err(refused("oidc_issuer", "the id_token is of another issuer"));
        }
        if !for_us(&claims, &self.settings.client_id) {
            return Err(refused("oidc_audience", "the id_token is for somebody else"));
        }
        if !crate::random::same(text("nonce"), &attempt.nonce) {
            return Err(refused("oidc_nonce", "the id_token is of another attempt"));
        }
        let (now, skew) = (at / MICROS_PER_SECOND - AHEAD, self.settings.skew_seconds);
        let number = |name: &str| claims.get(name).and_then(Value::as_i64);
        let in_time = number("exp").is_some_and(|until| until + skew > now)
            && number("iat").is_some_and(|issued| issued - skew <= now && issued + ISSUED_MAX + skew > now)
            && number("nbf").is_none_or(|from| from - skew <= now);
        if !in_time {
            return Err(refused("oidc_time", "the id_token is not of now; do the clocks agree?"));
        }
        Ok(claims)
    }

    fn vouched(&self, claims: &Map<String, Value>) -> Result<Vouched, Refused> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        let subject = text("sub").filter(|subject| !subject.is_empty() && subject.len() <= 255);
        let subject = subject.ok_or_else(|| refused("oidc_token", "the id_token names no subject"))?;
        let listed = |value: &Value, known: &[String]| value.as_str().is_some_and(|value| known.iter().any(|one| one == value));
        let by_acr = claims.get("acr").is_some_and(|acr| listed(acr, &self.settings.acr));
        let by_amr = claims.get("amr").and_then(Value::as_array).is_some_and(|all| all.iter().any(|amr| listed(amr, &self.settings.amr)));
        Ok(Vouched {
            issuer: self.settings.issuer.clone(),
            subject,
            account: text(&self.settings.claim).unwrap_or_default(),
            name: text("name"),
            second_factor: by_acr || by_amr,
        })
    }

    async fn about(&self, at: Moment) -> Result<About, Refused> {
        if let Some((seen, about)) = &self.lock().about
            && (0..FRESH).contains(&(at - seen))
        {
            return Ok(about.clone());
        }
        let url = format!("{}/.well-known/openid-configuration", self.settings.issuer.trim_end_matches('/'));
        let about: About = self.fetch(url).await?;
        if about.issuer != self.settings.issuer {
            return Err(refused("oidc_issuer", format!("the provider calls itself {}", about.issuer)));
        }
        for address in
            [&about.authorization_endpoint, &about.token_endpoint, &about.jwks_uri].into_iter().chain(&about.end_session_endpoint)
        {
            if !is_safe(address, &self.settings.issuer) {
                return Err(refused("oidc_failed", format!("{address} is not over TLS")));
            }
        }
        self.lock().about = Some((at, about.clone()));
        Ok(about)
    }

    async fn keys(&self, about: &About, at: Moment, anew: bool) -> Result<Keys, Refused> {
        if let Some((seen, keys)) = &self.lock().keys
            && !anew
            && (0..FRESH).contains(&(at - seen))
        {
            return Ok(keys.clone());
        }
        let keys: Keys = self.fetch(about.jwks_uri.clone()).await?;
        self.lock().keys = Some((at, keys.clone()));
        Ok(keys)
    }

    async fn fetch<T: serde::de::DeserializeOwned>(&self, url: String) -> Result<T, Refused> {
        let got = self.transport.send(Sent { url: url.clone(), ..Sent::default() }).await.map_err(|why| refused("oidc_failed", why))?;
        if got.status != 200 {
            return Err(refused("oidc_failed", format!("{url} answers {}", got.status)));
        }
        serde_json::from_slice(&got.body).map_err(|error| refused("oidc_failed", format!("{url} is not understood: {error}")))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a token is for this client: in `aud`, and the one it was issued to where it is for several.
fn for_us(claims: &Map<String, Value>, client: &str) -> bool {
    let party = claims.get("azp").map(|azp| azp.as_str() == Some(client));
    match claims.get("aud") {
        Some(Value::String(one)) => one == client && party != Some(false),
        Some(Value::Array(all)) => {
            let named = all.iter().any(|one| one.as_str() == Some(client));
            named && if all.len() == 1 { party != Some(false) } else { party == Some(true) }
        }
        _ => false,
    }
}

/// A path of ours, or the first page. `//evil.cn`, `/\evil.cn` and `https:…` lead elsewhere.
fn own_path(to: &str) -> String {
    let plain = to.len() <= 1_024 && to.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\' && byte != b'"');
    let own = to.starts_with('/') && !to.starts_with("//") && !to.starts_with("/api/");
    if plain && own { to.to_owned() } else { "/".to_owned() }
}

/// Over TLS, or on this machine for a provider that is tried out here.
pub fn is_safe(address: &str, issuer: &str) -> bool {
    let here = |url: &str| {
        let host = url.strip_prefix("http://").map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
        host.is_some_and(|host| {
            let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
            matches!(name, "127.0.0.1" | "localhost" | "[::1]")
        })
    };
    address.starts_with("https://") || (here(address) && here(issuer))
}

fn with_query(address: &str, pairs: &[(&str, &str)]) -> Result<String, Refused> {
    let query = serde_urlencoded::to_string(pairs).map_err(|error| refused("oidc_failed", error.to_string()))?;
    let sign = if address.contains('?') { '&' } else { '?' };
    Ok(format!("{address}{sign}{query}"))
}

/// Fields as a form is posted.
pub fn form(fields: &[(String, String)]) -> String {
    serde_urlencoded::to_string(fields).unwrap_or_default()
}

/// As a form writes it: client id and secret are written so before they are joined (RFC 6749, 2.3.1).
fn encoded(text: &str) -> String {
    serde_urlencoded::to_string([("", text)]).map(|pair| pair.trim_start_matches('=').to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_leads_to_paths_of_ours_only() {
        for own in ["/", "/leads?q=1&open=XS2026-000001", "/leads/XS2026-000001"] {
            assert_eq!(own_path(own), own);
        }
        let long = format!("/{}", "a".repeat(2_000));
        for other in [
            "",
            "//evil.cn",
            "/\\evil.cn",
            "https://evil.cn",
            "javascript:alert(1)",
            "/a\r\nset-cookie: x",
            "/api/v1/session",
            "/周",
            &long,
        ] {
            assert_eq!(own_path(other), "/", "{other}");
        }
    }

    #[test]
    fn a_token_is_for_us_or_is_not() {
        let claims = |value: Value| value.as_object().unwrap().clone();
        let ours =
            [json!({"aud": "mj"}), json!({"aud": ["mj"]}), json!({"aud": ["mj", "x"], "azp": "mj"}), json!({"aud": "mj", "azp": "mj"})];
        let others = [
            json!({}),
            json!({"aud": "x"}),
            json!({"aud": ["x"]}),
            json!({"aud": ["mj", "x"]}),
            json!({"aud": ["mj", "x"], "azp": "x"}),
            json!({"aud": "mj", "azp": "x"}),
            json!({"aud": {"mj": 1}}),
        ];
        assert!(ours.into_iter().all(|one| for_us(&claims(one), "mj")));
        for other in others {
            assert!(!for_us(&claims(other.clone()), "mj"), "{other}");
        }
    }

    #[test]
    fn addresses_are_over_tls_or_here() {
        assert!(is_safe("https://id.example.cn/x", "https://id.example.cn"));
        assert!(is_safe("http://127.0.0.1:8181/x", "http://127.0.0.1:8181"));
        assert!(!is_safe("http://127.0.0.1:8181/x", "https://id.example.cn"));
        assert!(!is_safe("http://localhost.evil.cn/x", "http://localhost"));
        assert!(!is_safe("http://id.example.cn/x", "http://id.example.cn"));
    }

    #[test]
    fn a_secret_does_not_show() {
        assert_eq!(format!("{:?}", Secret("hush".into())), "***");
        assert_eq!(encoded("a b:c"), "a+b%3Ac");
    }
}
