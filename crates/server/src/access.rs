//! 调用密钥: who may call, for which institutions, and what else they may.
//!
//! The key file is TOML, one `[[keys]]` a key (docs/counter.md). True of it: where there are keys, no route but `/healthz` and the bare
//! `/readyz` answers without one (`tests/it/access.rs` tries each); a key speaks for its institutions alone.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use axum::http::{HeaderMap, header};
use mingjian_model::day::Moment;
use serde::Deserialize;

use crate::limit::Rate;
use crate::sign::{Proof, SignError, Signed};
use crate::wire::fsi::is_national;

/// A secret shorter than this can be guessed.
const SECRET_MIN: usize = 16;

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// 3101, 3102, 3103.
    Call,
    /// `/settlements`
    Settle,
    /// `/metrics`, `/follow`, `/callers`, `/days`, `/shadow`
    Watch,
}

impl Right {
    pub const ALL: [(Right, &'static str, &'static str); 3] =
        [(Right::Call, "call", "调用 3101、3102、3103"), (Right::Settle, "settle", "送结算"), (Right::Watch, "watch", "看运行数据")];

    fn title(self) -> &'static str {
        Right::ALL.iter().find(|(right, _, _)| *right == self).map_or("", |(_, _, title)| title)
    }
}

/// All keys; none: whoever reaches the server may call.
#[derive(Clone, Default)]
pub struct Access {
    keys: BTreeMap<String, Arc<Key>>,
    /// Fingerprint of a token → the key it belongs to. Looking a fingerprint up tells nothing of a token by the time it takes.
    tokens: BTreeMap<[u8; 32], String>,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Access({} 个密钥，***)", self.keys.len())
    }
}

pub(crate) struct Key {
    id: String,
    /// `None`: it comes as a token (`Authorization: Bearer`).
    proof: Option<Proof>,
    /// Codes, or beginnings with `*` behind them.
    institutions: Vec<String>,
    rights: Vec<Right>,
    rate: Option<Rate>,
}

/// The key file is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    #[error("不是合规的 TOML：{0}")]
    Toml(String),
    #[error("没有密钥；每个密钥写一段 [[keys]]")]
    Empty,
    #[error("密钥 {id}：{why}")]
    Key { id: String, why: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenKeys {
    #[serde(default)]
    keys: Vec<WrittenKey>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenKey {
    id: String,
    #[serde(default = "hmac_sha256")]
    method: String,
    #[serde(default)]
    secret: String,
    #[serde(default)]
    public_key: String,
    #[serde(default)]
    institutions: Vec<String>,
    #[serde(default = "may_call")]
    may: Vec<String>,
    rate: Option<f64>,
    burst: Option<f64>,
}

fn hmac_sha256() -> String {
    "hmac-sha256".to_owned()
}

fn may_call() -> Vec<String> {
    vec!["call".to_owned()]
}

impl Access {
    pub fn parse(text: &str) -> Result<Access, AccessError> {
        let written: WrittenKeys = toml::from_str(text).map_err(|error| AccessError::Toml(error.message().to_owned()))?;
        if written.keys.is_empty() {
            return Err(AccessError::Empty);
        }
        let mut access = Access::default();
        for written in written.keys {
            let id = written.id.clone();
            let wrong = |why: String| AccessError::Key { id: id.clone(), why };
            let token = (written.method == "bearer").then(|| fingerprint(&written.secret));
            let key = Key::of(written).map_err(wrong)?;
            if token.is_some_and(|token| access.tokens.insert(token, id.clone()).is_some()) {
                return Err(wrong("秘密与另一个密钥的相同".to_owned()));
            }
            if access.keys.insert(id.clone(), Arc::new(key)).is_some() {
                return Err(wrong("写了两次".to_owned()));
            }
        }
        Ok(access)
    }

    /// No keys are asked for.
    pub fn is_open(&self) -> bool {
        self.keys.is_empty()
    }

    /// Who sent a request with these headers.
    pub(crate) fn identify(&self, headers: &HeaderMap, now: Moment) -> Result<Caller, SignError> {
        if self.is_open() {
            return Ok(Caller(None));
        }
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if let Some(token) = text(header::AUTHORIZATION.as_str()).strip_prefix("Bearer ") {
            let id = self.tokens.get(&fingerprint(token.trim())).ok_or(SignError::UnknownKey)?;
            return Ok(Caller(self.keys.get(id).cloned()));
        }
        let signed = Signed {
            name: text("_api_name"),
            version: text("_api_version"),
            timestamp: text("_api_timestamp"),
            access_key: text("_api_access_key"),
            signature: text("_api_signature"),
        };
        if signed.access_key.is_empty() {
            return Err(SignError::Missing);
        }
        let key = self.keys.get(signed.access_key).ok_or(SignError::UnknownKey)?;
        // A token's key signs nothing.
        key.proof.as_ref().ok_or(SignError::Missing)?.check(&signed, now)?;
        Ok(Caller(Some(key.clone())))
    }
}

fn fingerprint(token: &str) -> [u8; 32] {
    *blake3::hash(token.as_bytes()).as_bytes()
}

impl Key {
    fn of(written: WrittenKey) -> Result<Key, String> {
        if written.id.trim().is_empty() || written.id.contains(char::is_whitespace) {
            return Err("id 不能空，也不能有空白".to_owned());
        }
        let short = written.secret.len() < SECRET_MIN;
        let secret =
            || if short { Err(format!("secret 太短，至少 {SECRET_MIN} 个字节")) } else { Ok(written.secret.as_bytes().to_vec()) };
        let proof = match written.method.as_str() {
            "hmac-sha256" => Some(Proof::HmacSha256(secret()?)),
            "hmac-sm3" => Some(Proof::HmacSm3(secret()?)),
            "sm2" => Some(Proof::sm2(&written.public_key).ok_or("public_key 不是 SM2 公钥；写十六进制，不压缩的点（04 开头，130 位）")?),
            "bearer" => secret().map(|_| None)?,
            other => return Err(format!("method 不认识“{other}”；可写 hmac-sha256、hmac-sm3、sm2、bearer")),
        };
        let right = |text: &String| {
            let known = Right::ALL.iter().find(|(_, code, _)| code == text);
            known.map(|(right, _, _)| *right).ok_or_else(|| format!("may 不认识“{text}”；可写 call、settle、watch"))
        };
        let rights = written.may.iter().map(right).collect::<Result<Vec<_>, _>>()?;
        let of_institutions = rights.contains(&Right::Call) || rights.contains(&Right::Settle);
        if of_institutions && written.institutions.is_empty() {
            return Err("没有写 institutions：可代哪些机构，如 [\"H44190000001\"]、[\"H4419*\"]、[\"*\"]".to_owned());
        }
        if let Some(odd) = written.institutions.iter().find(|code| !code.ends_with('*') && !is_national(code)) {
            return Err(format!("institutions 里的“{odd}”不是国家机构编码（H 或 P 加 11 位数字）"));
        }
        let rate = match (written.rate, written.burst) {
            (None, None) => None,
            (rate, burst) => {
                let per_second = rate.unwrap_or(Rate::default().per_second);
                Some(Rate { per_second, burst: burst.unwrap_or(per_second * 2.0) })
            }
        };
        if rate.is_some_and(|rate| !(rate.per_second > 0.0 && rate.burst >= 1.0 && rate.per_second.is_finite() && rate.burst.is_finite())) {
            return Err("rate 要大于 0，burst 至少 1".to_owned());
        }
        Ok(Key { id: written.id, proof, institutions: written.institutions, rights, rate })
    }

    fn covers(&self, institution: &str) -> bool {
        self.institutions.iter().any(|known| match known.strip_suffix('*') {
            Some(beginning) => institution.starts_with(beginning),
            None => known == institution,
        })
    }
}

/// Who calls: the holder of a key, or, where no keys are asked for, anybody.
#[derive(Clone)]
pub(crate) struct Caller(Option<Arc<Key>>);

impl Caller {
    /// Empty where no keys are asked for.
    pub fn key_id(&self) -> &str {
        self.0.as_ref().map_or("", |key| &key.id)
    }

    pub fn rate(&self) -> Option<Rate> {
        self.0.as_ref().and_then(|key| key.rate)
    }

    pub fn may(&self, right: Right) -> Result<(), String> {
        match &self.0 {
            Some(key) if !key.rights.contains(&right) => Err(format!("密钥 {} 不能{}；要在密钥文件的 may 里写明", key.id, right.title())),
            _ => Ok(()),
        }
    }

    /// Whom a reminder is told to, and who alone may say what became of it: the institution; where no keys are asked for nobody is told
    /// apart, and callers leave their code out of 3103.
    pub fn answers_for<'i>(&self, institution: &'i str) -> &'i str {
        if self.0.is_some() { institution } else { "" }
    }

    /// Whether it may speak for an institution.
    pub fn speaks_for(&self, institution: &str) -> Result<(), String> {
        match &self.0 {
            Some(key) if !key.covers(institution) => Err(format!("密钥 {} 不能代机构 {institution} 发送；请用该机构的密钥", key.id)),
            _ => Ok(()),
        }
    }

    /// The institution that calls, by what the envelope says: a hospital's own code, or none, stands for the key's only institution.
    pub fn institution(&self, said: &str) -> Result<String, String> {
        let Some(key) = &self.0 else { return Ok(said.to_owned()) };
        if is_national(said) {
            return self.speaks_for(said).map(|()| said.to_owned());
        }
        match key.institutions.as_slice() {
            [only] if is_national(only) => Ok(only.clone()),
            _ => Err(format!("fixmedins_code 要写国家机构编码：密钥 {} 可代多家机构，写的是“{said}”", key.id)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_a_key_file_are_named() {
        for (text, expected) in [
            ("", "没有密钥"),
            ("keys = 3", "TOML"),
            ("[[keys]]\nid = \"A\"\nsecret = \"短\"\ninstitutions = [\"*\"]", "secret 太短"),
            ("[[keys]]\nid = \"A\"\nsecret = \"0123456789abcdef\"", "没有写 institutions"),
            ("[[keys]]\nid = \"A\"\nsecret = \"0123456789abcdef\"\ninstitutions = [\"本院\"]", "不是国家机构编码"),
            ("[[keys]]\nid = \"A\"\nsecret = \"0123456789abcdef\"\nmay = [\"all\"]", "may 不认识“all”"),
            ("[[keys]]\nid = \"A\"\nmethod = \"md5\"\nsecret = \"0123456789abcdef\"", "method 不认识“md5”"),
            ("[[keys]]\nid = \"A\"\nmethod = \"sm2\"\npublic_key = \"04\"\ninstitutions = [\"*\"]", "不是 SM2 公钥"),
            ("[[keys]]\nid = \"A\"\nsecret = \"0123456789abcdef\"\ninstitutions = [\"*\"]\nrate = 0.0", "rate 要大于 0"),
            ("[[keys]]\nid = \"A\"\nsecret = \"0123456789abcdef\"\ninstitution = [\"*\"]", "institution"),
        ] {
            let why = Access::parse(text).unwrap_err().to_string();
            assert!(why.contains(expected), "{text}: {why}");
        }
        let twice = "[[keys]]\nid = \"A\"\nsecret = \"0123456789abcdef\"\nmay = [\"watch\"]\n".repeat(2);
        assert!(Access::parse(&twice).unwrap_err().to_string().contains("写了两次"));
    }

    #[test]
    fn a_key_speaks_for_its_institutions() {
        let text = "[[keys]]\nid = \"A\"\nsecret = \"0123456789abcdef\"\ninstitutions = [\"H44190000001\"]\n[[keys]]\nid = \"B\"\nsecret = \"0123456789abcdef\"\ninstitutions = [\"H4419*\", \"P44190000002\"]\n";
        let access = Access::parse(text).unwrap();
        let (one, many) = (Caller(access.keys.get("A").cloned()), Caller(access.keys.get("B").cloned()));
        assert_eq!(one.institution("本院").as_deref(), Ok("H44190000001"));
        assert_eq!(one.institution("").as_deref(), Ok("H44190000001"));
        assert!(one.institution("H44190000002").is_err());
        assert_eq!(many.institution("H44190000002").as_deref(), Ok("H44190000002"));
        assert_eq!(many.institution("P44190000002").as_deref(), Ok("P44190000002"));
        assert!(many.institution("P44190000003").is_err() && many.institution("").is_err());
        assert_eq!(Caller(None).institution("本院").as_deref(), Ok("本院"));
    }
}
