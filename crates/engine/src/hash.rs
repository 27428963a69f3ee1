//! A fast, fixed hash of codes: the same for every run, so that nothing in the kernel depends on a random seed.

use std::hash::{BuildHasher, Hasher};

/// Multiplier of FxHash, the hash of the Rust compiler.
const SEED: u64 = 0x517c_c1b7_2722_0a95;

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FixedHasher(u64);

impl FixedHasher {
    #[inline]
    fn mix(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(SEED);
    }
}

impl Hasher for FixedHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            let mut word = [0; 8];
            word.copy_from_slice(chunk);
            self.mix(u64::from_le_bytes(word));
        }
        let rest = chunks.remainder();
        if !rest.is_empty() {
            let mut word = [0; 8];
            word[..rest.len()].copy_from_slice(rest);
            self.mix(u64::from_le_bytes(word));
        }
    }

    #[inline]
    fn write_u8(&mut self, value: u8) {
        self.mix(u64::from(value));
    }

    #[inline]
    fn write_u16(&mut self, value: u16) {
        self.mix(u64::from(value));
    }

    #[inline]
    fn write_u32(&mut self, value: u32) {
        self.mix(u64::from(value));
    }

    #[inline]
    fn write_u64(&mut self, value: u64) {
        self.mix(value);
    }

    #[inline]
    fn write_usize(&mut self, value: usize) {
        self.mix(value as u64);
    }

    #[inline]
    fn finish(&self) -> u64 {
        // The high bits are the well-mixed ones, and tables look at the low ones.
        self.0 ^ (self.0 >> 29)
    }
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FixedState;

impl BuildHasher for FixedState {
    type Hasher = FixedHasher;

    fn build_hasher(&self) -> FixedHasher {
        FixedHasher::default()
    }
}

/// Used for look-ups only; nothing iterates over one.
pub(crate) type FixedMap<K, V> = std::collections::HashMap<K, V, FixedState>;

/// The hash of a code; its length counts, so that a code and its zero-padded twin differ.
pub(crate) fn hash_code(code: &str) -> u64 {
    let mut hasher = FixedHasher::default();
    hasher.write(code.as_bytes());
    hasher.write_usize(code.len());
    hasher.finish()
}
