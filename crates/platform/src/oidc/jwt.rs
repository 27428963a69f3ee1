//! 令牌: a signed token (RFC 7515, compact) and the provider's public keys (RFC 7517), checked with the library that TLS is made with.
//!
//! Taken are RS256, PS256 and ES256, each by a key of its kind and use. There is no path from a token's header to anything else: `none`, HMAC,
//! keys and addresses inside the header are not read.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Alg {
    Rs256,
    Ps256,
    Es256,
}

impl Alg {
    fn from_id(id: &str) -> Option<Alg> {
        match id {
            "RS256" => Some(Alg::Rs256),
            "PS256" => Some(Alg::Ps256),
            "ES256" => Some(Alg::Es256),
            _ => None,
        }
    }

    fn id(self) -> &'static str {
        match self {
            Alg::Rs256 => "RS256",
            Alg::Ps256 => "PS256",
            Alg::Es256 => "ES256",
        }
    }
}

/// A token taken apart; nothing of it is believed before [`Keys::verify`].
pub struct Token {
    alg: Alg,
    key: Option<String>,
    signed: String,
    signature: Vec<u8>,
    pub claims: Map<String, Value>,
}

#[derive(Deserialize)]
struct Head {
    alg: String,
    kid: Option<String>,
    /// Extensions that must be understood; none is.
    crit: Option<Value>,
}

impl Token {
    pub fn parse(text: &str) -> Option<Token> {
        let mut parts = text.split('.');
        let (head, body, signature) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let bytes = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).ok();
        let Head { alg, kid, crit } = serde_json::from_slice(&bytes(head)?).ok()?;
        if crit.is_some() {
            return None;
        }
        Some(Token {
            alg: Alg::from_id(&alg)?,
            key: kid,
            signed: format!("{head}.{body}"),
            signature: bytes(signature)?,
            claims: serde_json::from_slice(&bytes(body)?).ok()?,
        })
    }
}

/// The provider's keys.
#[derive(Debug, Clone, Deserialize)]
pub struct Keys {
    keys: Vec<Key>,
}

#[derive(Debug, Clone, Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Keys {
    /// Whether there is a key that could have signed the token.
    pub fn has(&self, token: &Token) -> bool {
        self.fitting(token).next().is_some()
    }

    /// Whether one of the keys it may be has signed it.
    pub fn verify(&self, token: &Token) -> bool {
        self.fitting(token).any(|key| key.verify(token).is_some())
    }

    fn fitting<'a>(&'a self, token: &'a Token) -> impl Iterator<Item = &'a Key> {
        self.keys.iter().filter(|key| {
            let kind = match token.alg {
                Alg::Rs256 | Alg::Ps256 => key.kty == "RSA",
                Alg::Es256 => key.kty == "EC" && key.crv.as_deref() == Some("P-256"),
            };
            let named = token.key.is_none() || token.key == key.kid;
            kind && named
                && key.purpose.as_deref().is_none_or(|purpose| purpose == "sig")
                && key.alg.as_deref().is_none_or(|alg| alg == token.alg.id())
        })
    }
}

impl Key {
    fn verify(&self, token: &Token) -> Option<()> {
        let number = |text: &Option<String>| BASE64_URL_SAFE_NO_PAD.decode(text.as_deref()?).ok();
        let rsa = |how: &RsaParameters| {
            let (n, e) = (number(&self.n)?, number(&self.e)?);
            RsaPublicKeyComponents { n: &n, e: &e }.verify(how, token.signed.as_bytes(), &token.signature).ok()
        };
        match token.alg {
            Alg::Rs256 => rsa(&RSA_PKCS1_2048_8192_SHA256),
            Alg::Ps256 => rsa(&RSA_PSS_2048_8192_SHA256),
            Alg::Es256 => {
                let (x, y) = (number(&self.x)?, number(&self.y)?);
                let point = [&[4][..], &x, &y].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(token.signed.as_bytes(), &token.signature).ok()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// RFC 7515, A.3: a token signed with ES256, and its key.
    const TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
        DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

    fn keys(more: Value) -> Keys {
        let mut key = json!({
            "kty": "EC", "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        });
        key.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(json!({ "keys": [key] })).unwrap()
    }

    #[test]
    fn the_example_of_the_rfc_holds_and_nothing_near_it() {
        let token = Token::parse(TOKEN).unwrap();
        assert_eq!(token.claims["iss"], "joe");
        assert!(keys(json!({})).verify(&token));
        assert!(!keys(json!({ "use": "enc" })).has(&token));
        assert!(!keys(json!({ "alg": "RS256" })).has(&token));
        assert!(!keys(json!({ "x": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" })).verify(&token));
        for at in [30, 60, TOKEN.len() - 5] {
            let mut changed: Vec<u8> = TOKEN.bytes().collect();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(!Token::parse(&changed).is_some_and(|token| keys(json!({})).verify(&token)), "{at}");
        }
    }

    #[test]
    fn what_is_no_signature_is_no_token() {
        let part = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let body = part(json!({ "sub": "x" }));
        for head in
            [json!({ "alg": "none" }), json!({ "alg": "HS256" }), json!({ "alg": "RS256", "crit": ["b64"] }), json!({ "typ": "JWT" })]
        {
            assert!(Token::parse(&format!("{}.{body}.", part(head.clone()))).is_none(), "{head}");
        }
        for odd in ["", "a.b", "a.b.c", "a.b.c.d", &format!("{TOKEN}.x")] {
            assert!(Token::parse(odd).is_none(), "{odd}");
        }
    }
}
