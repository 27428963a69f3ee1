//! 签名: how a call proves who sent it. The algorithm differs by province, so each key states its own.
//!
//! Signed are the four headers of the national envelope (data of the caller, not the body): access key, name, timestamp, version. The
//! body is guarded by TLS.

pub(crate) mod base64;

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use mingjian_model::day::{MICROS_PER_SECOND, Moment};
use sha2::Sha256;
use sm2::dsa::signature::{Signer, Verifier};
use sm2::dsa::{Signature as Sm2Signature, SigningKey, VerifyingKey};
use sm3::Sm3;

/// 签名者 of SM2 where none is agreed on (GM/T 0009).
const SIGNER: &str = "1234567812345678";

/// How a key's calls are checked.
#[derive(Clone)]
pub enum Proof {
    /// HMAC-SHA256 with a shared secret, Base64.
    HmacSha256(Vec<u8>),
    /// HMAC-SM3 with a shared secret, Base64.
    HmacSm3(Vec<u8>),
    /// SM2 with SM3 (GM/T 0003.2), Base64 of the DER form or of r and s; ours is the public key alone.
    Sm2(Box<VerifyingKey>),
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(***)", self.name())
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
    #[error("缺少签名头 _api_access_key、_api_timestamp 或 _api_signature（或 Authorization: Bearer）")]
    Missing,
    #[error("访问密钥 _api_access_key 不认识；请向医保经办机构核对")]
    UnknownKey,
    #[error("签名 _api_signature 不对；请核对密钥和算法（{0}，Base64）")]
    Wrong(&'static str),
    #[error("时间戳 _api_timestamp 与本机相差超过十分钟；请校准时钟后重发")]
    Stale,
}

/// A clock may be off by so much.
const SKEW: i64 = 600 * MICROS_PER_SECOND;

impl Proof {
    /// As in the key file.
    pub fn name(&self) -> &'static str {
        match self {
            Proof::HmacSha256(_) => "hmac-sha256",
            Proof::HmacSm3(_) => "hmac-sm3",
            Proof::Sm2(_) => "sm2",
        }
    }

    /// From the public key in hexadecimal: the point without compression (`04…`, 65 bytes), or its two coordinates alone.
    pub fn sm2(public_key: &str) -> Option<Proof> {
        let mut point = base64::decode_hex(public_key.trim())?;
        if point.len() == 64 {
            point.insert(0, 4);
        }
        VerifyingKey::from_sec1_bytes(SIGNER, &point).ok().map(|key| Proof::Sm2(Box::new(key)))
    }

    /// Whether the call was signed by the holder of the key, just now.
    pub fn check(&self, signed: &Signed<'_>, now: Moment) -> Result<(), SignError> {
        if signed.signature.is_empty() || signed.timestamp.is_empty() {
            return Err(SignError::Missing);
        }
        let wanted = base64::decode(signed.signature).ok_or(SignError::Wrong(self.name()))?;
        let content = content(signed);
        let holds = match self {
            // Both compare in constant time.
            Proof::HmacSha256(secret) => {
                Hmac::<Sha256>::new_from_slice(secret).is_ok_and(|mac| mac.chain_update(content).verify_slice(&wanted).is_ok())
            }
            Proof::HmacSm3(secret) => {
                Hmac::<Sm3>::new_from_slice(secret).is_ok_and(|mac| mac.chain_update(content).verify_slice(&wanted).is_ok())
            }
            Proof::Sm2(key) => sm2_signature(&wanted).is_some_and(|signature| key.verify(content.as_bytes(), &signature).is_ok()),
        };
        if !holds {
            return Err(SignError::Wrong(self.name()));
        }
        let sent = signed.timestamp.parse::<i64>().ok().and_then(|millis| millis.checked_mul(1_000)).ok_or(SignError::Stale)?;
        let local = sent.saturating_add(8 * 3_600 * MICROS_PER_SECOND);
        if local.abs_diff(now) > SKEW.unsigned_abs() { Err(SignError::Stale) } else { Ok(()) }
    }
}

/// r and s, 32 bytes each, or the DER sequence of both.
fn sm2_signature(bytes: &[u8]) -> Option<Sm2Signature> {
    if bytes.len() == 64 {
        return Sm2Signature::from_slice(bytes).ok();
    }
    let mut rest = der(bytes, 0x30).filter(|(_, after)| after.is_empty())?.0;
    let mut both = [0; 64];
    for half in both.chunks_mut(32) {
        let (integer, after) = der(rest, 2)?;
        rest = after;
        let digits = &integer[integer.iter().take_while(|&&byte| byte == 0).count()..];
        half.get_mut(32usize.checked_sub(digits.len())?..)?.copy_from_slice(digits);
    }
    Sm2Signature::from_slice(&both).ok().filter(|_| rest.is_empty())
}

/// What a DER value of a kind holds, and what stands after it; of up to 127 bytes, which a signature does not exceed.
fn der(bytes: &[u8], kind: u8) -> Option<(&[u8], &[u8])> {
    let [first, length, rest @ ..] = bytes else { return None };
    (*first == kind && *length < 0x80).then(|| rest.split_at_checked(usize::from(*length))).flatten()
}

/// What is signed: the four headers by name, `&` between.
fn content(signed: &Signed<'_>) -> String {
    format!(
        "_api_access_key={}&_api_name={}&_api_timestamp={}&_api_version={}",
        signed.access_key, signed.name, signed.timestamp, signed.version
    )
}

/// What a caller signs with; for the simulator and the tests.
#[derive(Clone)]
pub enum Signing {
    HmacSha256(Vec<u8>),
    HmacSm3(Vec<u8>),
    /// The secret scalar, 32 bytes.
    Sm2(Vec<u8>),
}

impl Signing {
    /// The signature of these headers; empty where the secret is none.
    pub fn sign(&self, signed: &Signed<'_>) -> String {
        let content = content(signed);
        let bytes = match self {
            Signing::HmacSha256(secret) => {
                Hmac::<Sha256>::new_from_slice(secret).map(|mac| mac.chain_update(content).finalize().into_bytes().to_vec()).ok()
            }
            Signing::HmacSm3(secret) => {
                Hmac::<Sm3>::new_from_slice(secret).map(|mac| mac.chain_update(content).finalize().into_bytes().to_vec()).ok()
            }
            Signing::Sm2(secret) => {
                let key = SigningKey::from_slice(SIGNER, secret).ok();
                key.and_then(|key| key.try_sign(content.as_bytes()).ok()).map(|signature| signature.to_vec())
            }
        };
        bytes.map_or(String::new(), |bytes| base64::encode(&bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::moment_of as wire_moment;

    const NOW: &str = "2026-07-01 09:05:00";

    fn signed<'a>(timestamp: &'a str, signature: &'a str) -> Signed<'a> {
        Signed { name: "3101", version: "1.0.0", timestamp, access_key: "H44190000001", signature }
    }

    /// The private key of GM/T 0003.5, annex A, and its public key.
    const SM2_SECRET: &str = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8";
    const SM2_PUBLIC: &str =
        "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";

    #[test]
    fn the_right_key_at_the_right_time_passes_with_each_algorithm() {
        let secret = "一个不短的秘密".as_bytes().to_vec();
        let ways = [
            (Proof::HmacSha256(secret.clone()), Signing::HmacSha256(secret.clone())),
            (Proof::HmacSm3(secret.clone()), Signing::HmacSm3(secret)),
            (Proof::sm2(SM2_PUBLIC).unwrap(), Signing::Sm2(base64::decode_hex(SM2_SECRET).unwrap())),
        ];
        let (on_time, late) = ("1782867900000", "1782868900000");
        for (number, (proof, signing)) in ways.iter().enumerate() {
            let check = |timestamp: &str, signature: &str| proof.check(&signed(timestamp, signature), wire_moment(NOW));
            let wrong = Err(SignError::Wrong(proof.name()));
            let good = signing.sign(&signed(on_time, ""));
            assert_eq!(check(on_time, &good), Ok(()), "{proof:?}");
            assert_eq!(check(on_time, "AAAA"), wrong);
            assert_eq!(check(on_time, "不是"), wrong);
            assert_eq!(check(on_time, ""), Err(SignError::Missing));
            assert_eq!(check(late, &good), wrong, "the time is signed too");
            assert_eq!(check(late, &signing.sign(&signed(late, ""))), Err(SignError::Stale));
            let other = ways[(number + 1) % ways.len()].1.sign(&signed(on_time, ""));
            assert_eq!(check(on_time, &other), wrong);
            assert!(!format!("{proof:?}").contains("秘密"));
        }
    }

    #[test]
    fn a_signature_of_sm2_may_be_der() {
        let proof = Proof::sm2(&format!("04{SM2_PUBLIC}")).unwrap();
        let raw = base64::decode(&Signing::Sm2(base64::decode_hex(SM2_SECRET).unwrap()).sign(&signed("1782867900000", ""))).unwrap();
        let integer = |part: &[u8]| {
            let first = part.iter().position(|&byte| byte != 0).unwrap();
            let mut bytes = part[first..].to_vec();
            if bytes[0] >= 0x80 {
                bytes.insert(0, 0);
            }
            [&[2, bytes.len() as u8], &bytes[..]].concat()
        };
        let both = [integer(&raw[..32]), integer(&raw[32..])].concat();
        let der = base64::encode(&[&[0x30, both.len() as u8], &both[..]].concat());
        assert_eq!(proof.check(&signed("1782867900000", &der), wire_moment(NOW)), Ok(()));
    }

    #[test]
    fn sm3_is_the_standards() {
        // GM/T 0004, annex A.1.
        use sm3::Digest;
        let hash: String = Sm3::digest(b"abc").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hash, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
        assert!(Proof::sm2("04").is_none() && Proof::sm2(&"0".repeat(128)).is_none());
    }
}
