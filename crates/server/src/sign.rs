//! 签名: who calls. The algorithm differs by province, so it is a choice of settings.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use mingjian_model::day::{MICROS_PER_SECOND, Moment};
use sha2::Sha256;

/// How calls prove who they are.
#[derive(Clone, Default)]
pub enum Signature {
    /// Not at all: inside a closed network.
    #[default]
    None,
    /// HMAC-SHA256 over the call's headers.
    HmacSha256(Keys),
}

/// Secrets by access key.
#[derive(Clone, Default)]
pub struct Keys {
    secrets: BTreeMap<String, Vec<u8>>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({} 个，***)", self.secrets.len())
    }
}

impl std::fmt::Debug for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Signature::None => f.write_str("None"),
            Signature::HmacSha256(keys) => write!(f, "HmacSha256({keys:?})"),
        }
    }
}

impl Keys {
    /// One key a line: access key, blank, secret; `#` begins a remark.
    pub fn parse(text: &str) -> Keys {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let pairs = lines.filter_map(|line| line.split_once(char::is_whitespace));
        Keys { secrets: pairs.map(|(key, secret)| (key.to_owned(), secret.trim().as_bytes().to_vec())).collect() }
    }

    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty()
    }
}

/// The headers a signature is made of.
#[derive(Debug, Clone, Copy, Default)]
pub struct Signed<'a> {
    /// `_api_name`
    pub name: &'a str,
    /// `_api_version`
    pub version: &'a str,
    /// `_api_timestamp`, milliseconds since 1970.
    pub timestamp: &'a str,
    /// `_api_access_key`
    pub access_key: &'a str,
    /// `_api_signature`
    pub signature: &'a str,
}

/// Why a call is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    #[error("缺少签名头 _api_access_key、_api_timestamp 或 _api_signature")]
    Missing,
    #[error("访问密钥 _api_access_key 不认识；请向医保经办机构核对")]
    UnknownKey,
    #[error("签名 _api_signature 不对；请核对密钥和算法（HMAC-SHA256，Base64）")]
    Wrong,
    #[error("时间戳 _api_timestamp 与本机相差超过十分钟；请校准时钟后重发")]
    Stale,
}

/// A clock may be off by so much.
const SKEW: i64 = 600 * MICROS_PER_SECOND;

impl Signature {
    pub fn check(&self, signed: &Signed<'_>, now: Moment) -> Result<(), SignError> {
        let Signature::HmacSha256(keys) = self else { return Ok(()) };
        if signed.access_key.is_empty() || signed.signature.is_empty() || signed.timestamp.is_empty() {
            return Err(SignError::Missing);
        }
        let secret = keys.secrets.get(signed.access_key).ok_or(SignError::UnknownKey)?;
        let wanted = base64_decode(signed.signature).ok_or(SignError::Wrong)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).map_err(|_| SignError::UnknownKey)?;
        mac.update(content(signed).as_bytes());
        // Compares in constant time.
        mac.verify_slice(&wanted).map_err(|_| SignError::Wrong)?;
        let sent = signed.timestamp.parse::<i64>().ok().and_then(|millis| millis.checked_mul(1_000)).ok_or(SignError::Stale)?;
        let local = sent.saturating_add(8 * 3_600 * MICROS_PER_SECOND);
        if local.abs_diff(now) > SKEW.unsigned_abs() { Err(SignError::Stale) } else { Ok(()) }
    }
}

/// What is signed: the four headers by name, `&` between.
fn content(signed: &Signed<'_>) -> String {
    format!(
        "_api_access_key={}&_api_name={}&_api_timestamp={}&_api_version={}",
        signed.access_key, signed.name, signed.timestamp, signed.version
    )
}

/// The signature a caller makes.
pub fn hmac_sha256(secret: &[u8], signed: &Signed<'_>) -> String {
    Hmac::<Sha256>::new_from_slice(secret).map_or(String::new(), |mut mac| {
        mac.update(content(signed).as_bytes());
        base64_encode(&mac.finalize().into_bytes())
    })
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64_encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0u32, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let digit = ALPHABET[(bits >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= group.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

fn base64_decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0);
    for digit in text.trim_end_matches('=').bytes() {
        let value = ALPHABET.iter().position(|&known| known == digit)?;
        bits = bits << 6 | value as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::moment_of as wire_moment;

    const NOW: &str = "2026-07-01 09:05:00";

    fn signed<'a>(timestamp: &'a str, signature: &'a str) -> Signed<'a> {
        Signed { name: "3101", version: "1.0.0", timestamp, access_key: "H44190000001", signature }
    }

    #[test]
    fn the_right_key_at_the_right_time_passes() {
        let keys = Keys::parse("# 试\nH44190000001 一个秘密\n");
        let check =
            |timestamp: &str, signature: &str| Signature::HmacSha256(keys.clone()).check(&signed(timestamp, signature), wire_moment(NOW));
        let on_time = "1782867900000";
        let good = hmac_sha256("一个秘密".as_bytes(), &signed(on_time, ""));
        assert_eq!(check(on_time, &good), Ok(()));
        assert_eq!(check(on_time, "AAAA"), Err(SignError::Wrong));
        assert_eq!(check(on_time, ""), Err(SignError::Missing));
        let late = "1782868900000";
        assert_eq!(check(late, &good), Err(SignError::Wrong), "the time is signed too");
        assert_eq!(check(late, &hmac_sha256("一个秘密".as_bytes(), &signed(late, ""))), Err(SignError::Stale));
        assert_eq!(Signature::None.check(&Signed::default(), 0), Ok(()));
        assert!(!format!("{:?}", Signature::HmacSha256(keys)).contains("秘密"));
    }

    #[test]
    fn base64_is_the_common_one() {
        for (bytes, text) in [(&b""[..], ""), (b"f", "Zg=="), (b"fo", "Zm8="), (b"foo", "Zm9v"), (b"foobar", "Zm9vYmFy")] {
            assert_eq!(base64_encode(bytes), text);
            assert_eq!(base64_decode(text).as_deref(), Some(bytes));
        }
        assert_eq!(base64_decode("Zm9*"), None);
    }
}
