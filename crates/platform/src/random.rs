//! 随机: nonces and ids from the system's source.

use crate::problem::ApiError;

/// `2 × bytes` hexadecimal characters.
pub fn hex(bytes: usize) -> Result<String, ApiError> {
    let mut buffer = vec![0_u8; bytes];
    // Without randomness nothing may be answered that rests on it.
    getrandom::fill(&mut buffer).map_err(|error| ApiError::fault(format!("system randomness: {error}")))?;
    Ok(encode(&buffer))
}

pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for half in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(half), 16).unwrap_or('0'));
        }
    }
    text
}

pub fn decode(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.chars().map(|character| character.to_digit(16).map(|digit| digit as u8)).collect::<Option<_>>()?;
    digits.len().is_multiple_of(2).then(|| digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// Whether two texts are equal, in time that tells nothing of where they differ.
pub fn same(left: &str, right: &str) -> bool {
    left.len() == right.len() && left.bytes().zip(right.bytes()).fold(0, |found, (l, r)| found | (l ^ r)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_goes_there_and_back() {
        assert_eq!(decode(&encode(&[0, 255, 16])), Some(vec![0, 255, 16]));
        assert_eq!(decode("zz"), None);
        assert_eq!(decode("abc"), None);
        assert!(same("abc", "abc") && !same("abc", "abd") && !same("abc", "ab"));
    }
}
