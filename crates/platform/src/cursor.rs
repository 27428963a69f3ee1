//! 翻页标记: where a page ends, signed, so that what comes back is what went out.
//!
//! A cursor is bound to whoever got it and to what was asked (filter and order): one taken from another list, another person or made up is
//! refused. It holds a position only; the person's scope is applied to every page anew, whatever the cursor says.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::problem::{ApiError, Code};
use crate::random;

/// Signs cursors; its key comes of the store's, so that pages outlive a restart.
#[derive(Clone)]
pub struct Cursors {
    key: [u8; 32],
}

impl Cursors {
    pub fn new(secret: &str) -> Cursors {
        Cursors { key: blake3::derive_key("mingjian platform cursors v1", secret.as_bytes()) }
    }

    fn mark(&self, body: &[u8], list: &str) -> String {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(&(list.len() as u64).to_le_bytes());
        hasher.update(list.as_bytes());
        hasher.update(body);
        random::encode(&hasher.finalize().as_bytes()[..16])
    }

    /// `list` says whose and which list it is.
    pub fn write<T: Serialize>(&self, position: &T, list: &str) -> Result<String, ApiError> {
        let body = serde_json::to_vec(position).map_err(|error| ApiError::internal(&error))?;
        Ok(format!("{}{}", self.mark(&body, list), random::encode(&body)))
    }

    pub fn read<T: DeserializeOwned>(&self, text: &str, list: &str) -> Result<T, ApiError> {
        let wrong = || ApiError::new(Code::Cursor).detail("翻页标记与当前的条件不符；请从第一页看起");
        if text.len() > 4_096 || !text.is_ascii() || text.len() < 32 {
            return Err(wrong());
        }
        let (mark, body) = text.split_at(32);
        let body = random::decode(body).ok_or_else(wrong)?;
        if !random::same(mark, &self.mark(&body, list)) {
            return Err(wrong());
        }
        serde_json::from_slice(&body).map_err(|_| wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_went_out_comes_back() {
        let cursors = Cursors::new("key");
        let text = cursors.write(&(12_i64, "XS2026-000001"), "leads of a").unwrap();
        assert_eq!(cursors.read::<(i64, String)>(&text, "leads of a").unwrap(), (12, "XS2026-000001".to_owned()));
        assert!(cursors.read::<(i64, String)>(&text, "leads of b").is_err());
        assert!(Cursors::new("other").read::<(i64, String)>(&text, "leads of a").is_err());
        for at in 0..text.len() {
            let mut changed: Vec<char> = text.chars().collect();
            changed[at] = if changed[at] == '0' { '1' } else { '0' };
            let changed: String = changed.into_iter().collect();
            assert!(cursors.read::<(i64, String)>(&changed, "leads of a").is_err(), "{changed}");
        }
        for odd in ["", "x", "翻页", &"0".repeat(5_000)] {
            assert!(cursors.read::<(i64, String)>(odd, "leads of a").is_err());
        }
    }
}
