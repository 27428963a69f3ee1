//! 审计留痕: the hash-chained trail of events, how it is walked, and the anchors that an overseer keeps.
//!
//! Each event's hash is SM3 over all its columns and the hash of the event before it ([`chain`]). [`verify`] walks the whole chain;
//! [`anchor`] writes where it stands into a file that is kept elsewhere, which binds everything before it; [`page`] reads it.

mod anchor;
pub(crate) mod chain;
mod page;
mod verify;

pub use anchor::{Anchor, anchor, anchors, read_anchors};
pub use chain::GENESIS;
pub use page::{Filter, Record, page};
pub use verify::{Break, Verdict, Watch, verify};

use sm3::{Digest as _, Sm3};

/// SM3 in lower-case hexadecimal.
pub fn sm3_hex(bytes: &[u8]) -> String {
    hex(&Sm3::digest(bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|half| char::from(DIGITS[usize::from(half)])).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_hash_is_sm3() {
        // GB/T 32905-2016, A.1.
        assert_eq!(super::sm3_hex(b"abc"), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    }
}
