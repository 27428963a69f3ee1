//! An identity provider played for tests: discovery, keys, codes that are used once and hold PKCE, tokens really signed. What it says can be
//! twisted one thing at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use futures::future::BoxFuture;
use mingjian_platform::oidc::{Got, Oidc, OidcSettings, Secret, Sent, Transport};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents};
use serde_json::{Value, json};

pub const ISSUER: &str = "https://id.example.cn/realm";
pub const CLIENT: &str = "mingjian";
pub const SECRET: &str = "a secret: kept";
/// A key made for these tests and used nowhere else.
const RSA: &str = include_str!("idp-key.txt");

/// Changes a token's head and claims before it is signed.
pub type Twist = Box<dyn Fn(&mut Value, &mut Value) + Send>;

struct Code {
    challenge: String,
    redirect: String,
    nonce: String,
    subject: String,
    account: String,
}

#[derive(Default)]
struct Inner {
    codes: HashMap<String, Code>,
    twist: Option<Twist>,
    about: Value,
    /// Keys that are published, by number; the token is signed with `signs`.
    published: Vec<usize>,
    signs: usize,
    made: usize,
    key_fetches: usize,
    amr: Vec<String>,
}

#[derive(Clone)]
pub struct Idp {
    inner: Arc<Mutex<Inner>>,
    ec: Arc<Vec<EcdsaKeyPair>>,
    rsa: Arc<RsaKeyPair>,
    now: fn() -> i64,
}

fn text(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

impl Idp {
    /// `now` in seconds since 1970, UTC.
    pub fn new(now: fn() -> i64) -> Idp {
        let random = SystemRandom::new();
        let pair = || {
            let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).unwrap()
        };
        let der = BASE64_STANDARD.decode(RSA.split_whitespace().collect::<String>()).unwrap();
        let inner = Inner { published: vec![0], ..Inner::default() };
        Idp {
            inner: Arc::new(Mutex::new(inner)),
            ec: Arc::new(vec![pair(), pair()]),
            rsa: Arc::new(RsaKeyPair::from_pkcs8(&der).unwrap()),
            now,
        }
    }

    pub fn settings() -> OidcSettings {
        OidcSettings {
            issuer: ISSUER.into(),
            client_id: CLIENT.into(),
            client_secret: Some(Secret(SECRET.into())),
            address: "https://jg.example.cn".into(),
            title: "政务统一认证".into(),
            scopes: "openid profile".into(),
            claim: "preferred_username".into(),
            acr: vec!["urn:second".into()],
            amr: vec!["otp".into()],
            skew_seconds: 60,
            makes: None,
        }
    }

    pub fn oidc(&self, settings: OidcSettings) -> Oidc {
        Oidc::new(settings, Box::new(self.clone()))
    }

    pub fn twist(&self, twist: impl Fn(&mut Value, &mut Value) + Send + 'static) {
        self.inner.lock().unwrap().twist = Some(Box::new(twist));
    }

    /// Says this of itself, over what it says otherwise.
    pub fn says(&self, about: Value) {
        self.inner.lock().unwrap().about = about;
    }

    pub fn amr(&self, amr: &[&str]) {
        self.inner.lock().unwrap().amr = amr.iter().map(|amr| (*amr).to_owned()).collect();
    }

    /// Publishes these keys and signs with one: 0 and 1 are of curves, 2 is RSA.
    pub fn keys(&self, published: &[usize], signs: usize) {
        let mut inner = self.inner.lock().unwrap();
        (inner.published, inner.signs) = (published.to_vec(), signs);
    }

    pub fn key_fetches(&self) -> usize {
        self.inner.lock().unwrap().key_fetches
    }

    /// Somebody logs in there: from the address they were sent to, to the query they come back with.
    pub fn log_in(&self, sent_to: &str, subject: &str, account: &str) -> HashMap<String, String> {
        let (address, query) = sent_to.split_once('?').unwrap();
        assert_eq!(address, format!("{ISSUER}/authorize"));
        let asked: HashMap<String, String> = serde_urlencoded::from_str(query).unwrap();
        assert_eq!((asked["response_type"].as_str(), asked["client_id"].as_str()), ("code", CLIENT));
        assert_eq!(
            (asked["code_challenge_method"].as_str(), asked["redirect_uri"].as_str()),
            ("S256", "https://jg.example.cn/api/v1/session/oidc/back")
        );
        let mut inner = self.inner.lock().unwrap();
        inner.made += 1;
        let code = format!("code-{}", inner.made);
        let kept = Code {
            challenge: asked["code_challenge"].clone(),
            redirect: asked["redirect_uri"].clone(),
            nonce: asked["nonce"].clone(),
            subject: subject.into(),
            account: account.into(),
        };
        inner.codes.insert(code.clone(), kept);
        [("code".to_owned(), code), ("state".to_owned(), asked["state"].clone()), ("iss".to_owned(), ISSUER.to_owned())].into()
    }

    fn about(&self) -> Value {
        let mut about = json!({
            "issuer": ISSUER,
            "authorization_endpoint": format!("{ISSUER}/authorize"),
            "token_endpoint": format!("{ISSUER}/token"),
            "jwks_uri": format!("{ISSUER}/keys"),
            "end_session_endpoint": format!("{ISSUER}/logout"),
            "authorization_response_iss_parameter_supported": true,
        });
        if let Value::Object(more) = &self.inner.lock().unwrap().about {
            about.as_object_mut().unwrap().extend(more.clone());
        }
        about
    }

    fn jwks(&self) -> Value {
        let mut inner = self.inner.lock().unwrap();
        inner.key_fetches += 1;
        let key = |number: &usize| {
            let kid = format!("k{number}");
            if *number == 2 {
                let parts = RsaPublicKeyComponents::<Vec<u8>>::from(self.rsa.public());
                let coded = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
                return json!({ "kty": "RSA", "use": "sig", "kid": kid, "n": coded(&parts.n), "e": coded(&parts.e) });
            }
            let point = self.ec[*number].public_key().as_ref();
            let coded = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
            json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid, "x": coded(&point[1..33]), "y": coded(&point[33..65]) })
        };
        json!({ "keys": inner.published.iter().map(key).collect::<Vec<_>>() })
    }

    fn token(&self, sent: &Sent) -> Got {
        let refused = Got { status: 400, body: br#"{"error":"invalid_grant"}"#.to_vec() };
        let form: HashMap<String, String> = sent.form.clone().unwrap().into_iter().collect();
        let basic = BASE64_STANDARD.encode(format!("{CLIENT}:a+secret%3A+kept"));
        assert_eq!(sent.authorization.as_deref(), Some(format!("Basic {basic}").as_str()));
        let mut inner = self.inner.lock().unwrap();
        // A code is used once.
        let Some(code) = inner.codes.remove(&form["code"]) else { return refused };
        let proof = BASE64_URL_SAFE_NO_PAD.encode(ring::digest::digest(&ring::digest::SHA256, form["code_verifier"].as_bytes()));
        if proof != code.challenge || form["redirect_uri"] != code.redirect || form["grant_type"] != "authorization_code" {
            return refused;
        }
        let now = (self.now)();
        let signs = inner.signs;
        let mut head = json!({ "alg": if signs == 2 { "RS256" } else { "ES256" }, "typ": "JWT", "kid": format!("k{signs}") });
        let mut claims = json!({
            "iss": ISSUER, "aud": CLIENT, "sub": code.subject, "nonce": code.nonce, "iat": now, "exp": now + 300,
            "preferred_username": code.account, "name": "林晓燕", "amr": inner.amr,
        });
        if let Some(twist) = &inner.twist {
            twist(&mut head, &mut claims);
        }
        let signed = format!("{}.{}", text(&head), text(&claims));
        let random = SystemRandom::new();
        let signature = match (head["alg"].as_str(), signs) {
            (Some("none"), _) => Vec::new(),
            // Signed with the public key as a shared secret, as a careless reader would take it.
            (Some("HS256"), _) => {
                let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, self.ec[0].public_key().as_ref());
                ring::hmac::sign(&key, signed.as_bytes()).as_ref().to_vec()
            }
            (_, 2) => {
                let mut bytes = vec![0; self.rsa.public().modulus_len()];
                self.rsa.sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut bytes).unwrap();
                bytes
            }
            _ => self.ec[signs].sign(&random, signed.as_bytes()).unwrap().as_ref().to_vec(),
        };
        let token = format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature));
        Got { status: 200, body: json!({ "access_token": "x", "token_type": "Bearer", "id_token": token }).to_string().into_bytes() }
    }
}

impl Transport for Idp {
    fn send(&self, sent: Sent) -> BoxFuture<'_, Result<Got, String>> {
        let got = match sent.url.strip_prefix(ISSUER) {
            Some("/.well-known/openid-configuration") => Got { status: 200, body: self.about().to_string().into_bytes() },
            Some("/keys") => Got { status: 200, body: self.jwks().to_string().into_bytes() },
            Some("/token") => self.token(&sent),
            _ => panic!("nobody was to ask {}", sent.url),
        };
        Box::pin(async move { Ok(got) })
    }
}
