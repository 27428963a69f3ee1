//! Random secrets, and how they are written.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::PeopleError;

pub(crate) fn random<const N: usize>() -> Result<[u8; N], PeopleError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| PeopleError::Random)?;
    Ok(bytes)
}

/// 256 random bits for a cookie.
pub(crate) fn token() -> Result<String, PeopleError> {
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random::<32>()?))
}

/// Base 32 of RFC 4648, without padding: what authenticator apps read.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

pub(crate) fn base32(bytes: &[u8]) -> String {
    let bits = |place: usize| bytes.get(place / 8).map_or(0, |byte| byte >> (7 - place % 8) & 1);
    let groups = (bytes.len() * 8).div_ceil(5);
    let value = |group: usize| (0..5).fold(0, |value, bit| value << 1 | bits(group * 5 + bit));
    (0..groups).map(|group| char::from(BASE32[usize::from(value(group))])).collect()
}

pub(crate) fn unbase32(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    let (mut held, mut bits) = (0u32, 0);
    for character in text.bytes() {
        let value = BASE32.iter().position(|known| *known == character)? as u32;
        held = (held << 5 | value) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
    }
    Some(bytes)
}

/// `n` characters of an alphabet without look-alikes; five bits each.
pub(crate) fn readable(n: usize) -> Result<String, PeopleError> {
    const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789x";
    // 31 letters and digits; the 32nd place repeats one, which costs a hundredth of a bit.
    let bytes = random::<64>()?;
    Ok(bytes.iter().take(n).map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_is_that_of_the_rfc() {
        // RFC 4648, 10.
        for (text, coded) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(text.as_bytes()), coded);
            assert_eq!(unbase32(coded).as_deref(), Some(text.as_bytes()));
        }
        assert_eq!(unbase32("M1"), None);
    }

    #[test]
    fn tokens_differ_and_are_long() {
        let (one, other) = (token().unwrap(), token().unwrap());
        assert_ne!(one, other);
        assert_eq!(one.len(), 43);
    }
}
