//! 会话: the cookie that carries it.

use axum::http::{HeaderMap, HeaderValue, header};
use mingjian_people::Person;

use crate::Platform;
use crate::problem::{Answer, ApiError, Code};

/// Name of the cookie.
pub const COOKIE: &str = "mingjian";
/// A token is shorter than this; what is longer is not looked up.
const TOKEN_MAX: usize = 128;

/// The token a request came with. Of several cookies of the name, which only somebody else can have set, none counts.
pub fn token(headers: &HeaderMap) -> Option<String> {
    one(headers, COOKIE)
}

fn one(headers: &HeaderMap, wanted: &str) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut tokens = pairs.filter(|(name, _)| *name == wanted).map(|(_, value)| value);
    let token = tokens.next().filter(|token| !token.is_empty() && token.len() <= TOKEN_MAX)?;
    tokens.next().is_none().then(|| token.to_owned())
}

/// Who the token belongs to, now.
pub async fn person(platform: &Platform, token: &str) -> Answer<Person> {
    let person = platform.people.session(token, (platform.clock)()).await?;
    person.ok_or_else(|| ApiError::new(Code::Unauthenticated).detail("登录已过期，请重新登录"))
}

/// Out of reach of scripts and of other sites; gone when the browser is closed.
pub fn cookie(token: &str, tls: bool) -> Answer<HeaderValue> {
    written(&format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict"), tls)
}

/// Takes the cookie away.
pub fn no_cookie(tls: bool) -> Answer<HeaderValue> {
    written(&format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"), tls)
}

/// Name of the cookie that binds an attempt at the identity provider to the browser.
const BIND: &str = "mingjian_oidc";
const BIND_PATH: &str = "/api/v1/session/oidc";
/// Seconds.
const BIND_LASTS: i64 = 600;

/// The value of the binding cookie; of several, none counts.
pub fn bind(headers: &HeaderMap) -> Option<String> {
    one(headers, BIND)
}

/// `Lax`: it must come along when the provider sends the browser back.
pub fn bind_cookie(value: &str, tls: bool) -> Answer<HeaderValue> {
    written(&format!("{BIND}={value}; Path={BIND_PATH}; HttpOnly; SameSite=Lax; Max-Age={BIND_LASTS}"), tls)
}

pub fn no_bind_cookie(tls: bool) -> Answer<HeaderValue> {
    written(&format!("{BIND}=; Path={BIND_PATH}; HttpOnly; SameSite=Lax; Max-Age=0"), tls)
}

fn written(text: &str, tls: bool) -> Answer<HeaderValue> {
    let text = if tls { format!("{text}; Secure") } else { text.to_owned() };
    HeaderValue::from_str(&text).map_err(|error| ApiError::internal(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(cookie: &'static str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static(cookie));
        token(&headers)
    }

    #[test]
    fn one_cookie_of_the_name_counts() {
        assert_eq!(sent("a=1; mingjian=abc; b=2").as_deref(), Some("abc"));
        assert_eq!(sent("mingjian=abc; mingjian=def"), None);
        assert_eq!(sent("mingjian="), None);
        assert_eq!(sent("xmingjian=abc"), None);
        assert_eq!(sent(""), None);
    }

    #[test]
    fn the_cookie_is_kept_close() {
        let text = cookie("abc", true).unwrap();
        assert_eq!(text, "mingjian=abc; Path=/; HttpOnly; SameSite=Strict; Secure");
        assert!(!cookie("abc", false).unwrap().to_str().unwrap().contains("Secure"));
        assert!(cookie("a\r\nset-cookie: b", true).is_err());
    }
}
