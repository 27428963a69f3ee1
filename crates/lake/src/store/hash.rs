//! The lake's own hashes: which bucket a person falls into, and identities of keys and rows.
//!
//! The bucket hash is part of the stored format and never changes: FNV-1a (64 bit) over the UTF-8 bytes, then the
//! finaliser of MurmurHash3 so that the low bits depend on all bytes. The identities live only in memory.

/// 分桶: the bucket of a person or institution number.
///
/// ```
/// assert_eq!(mingjian_lake::bucket_of(b"P0001", 64), mingjian_lake::bucket_of(b"P0001", 64));
/// assert!(mingjian_lake::bucket_of(b"P0001", 64) < 64);
/// ```
pub fn bucket_of(number: &[u8], buckets: u32) -> u32 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in number {
        hash ^= u64::from(*byte);
        hash = hash.wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^= hash >> 33;
    (hash % u64::from(buckets.max(1))) as u32
}

/// 128 bits that stand for a key or a whole row while an import runs: two independent lanes of folded multiplications.
///
/// With 10⁹ rows the odds of any two different ones sharing an identity are about 10⁻²¹.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Identity {
    a: u64,
    b: u64,
}

const A: u64 = 0xa076_1d64_78bd_642f;
const B: u64 = 0xe703_7ed1_a0b4_28db;
const C: u64 = 0x8ebc_6af0_9c88_c6e3;
const D: u64 = 0x5899_65cc_7537_4cc3;

#[inline]
fn fold(x: u64, y: u64) -> u64 {
    let product = u128::from(x) * u128::from(y);
    product as u64 ^ (product >> 64) as u64
}

impl Identity {
    pub(crate) const EMPTY: Identity = Identity { a: 0x243f_6a88_85a3_08d3, b: 0x1319_8a2e_0370_7344 };

    /// Takes in one 64-bit word.
    #[inline]
    fn word(&mut self, word: u64) {
        self.a = fold(self.a ^ word ^ A, B ^ self.a.rotate_left(23));
        self.b = fold(self.b.wrapping_add(word) ^ C, D ^ self.b.rotate_left(41));
    }

    /// Takes in a number cell.
    #[inline]
    pub(crate) fn number(&mut self, value: i64) {
        self.word(1);
        self.word(value as u64);
    }

    /// Takes in a null cell: different from any value.
    #[inline]
    pub(crate) fn null(&mut self) {
        self.word(0);
    }

    /// Takes in a text cell, length first, so that neighbouring cells cannot run into each other.
    #[inline]
    pub(crate) fn text(&mut self, text: &[u8]) {
        self.word(2 + ((text.len() as u64) << 8));
        let (words, rest) = text.as_chunks::<8>();
        for word in words {
            self.word(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut last = [0u8; 8];
            last[..rest.len()].copy_from_slice(rest);
            self.word(u64::from_le_bytes(last));
        }
    }

    /// Bits for a hash table.
    #[inline]
    pub(crate) fn bits(self) -> u64 {
        self.a ^ self.b.rotate_left(32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bucket of a number is stored on the disk: these values may never change.
    #[test]
    fn buckets_are_stable() {
        let buckets: Vec<u32> = ["", "1", "4301000000000001", "P0001", "张三"].iter().map(|n| bucket_of(n.as_bytes(), 64)).collect();
        assert_eq!(buckets, BUCKETS_OF_FORMAT_1);
    }

    const BUCKETS_OF_FORMAT_1: [u32; 5] = [38, 22, 26, 20, 9];

    #[test]
    fn buckets_are_even() {
        let mut counts = [0u32; 64];
        for i in 0..64_000 {
            counts[bucket_of(format!("43010000{i:08}").as_bytes(), 64) as usize] += 1;
        }
        assert!(counts.iter().all(|c| (850..1150).contains(c)), "{counts:?}");
    }

    #[test]
    fn cells_do_not_run_into_each_other() {
        let of = |cells: &[&str]| {
            let mut identity = Identity::EMPTY;
            cells.iter().for_each(|c| identity.text(c.as_bytes()));
            identity
        };
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_ne!(of(&["a", ""]), of(&["", "a"]));
        let mut null = Identity::EMPTY;
        null.null();
        assert_ne!(null, of(&[""]));
        let mut zero = Identity::EMPTY;
        zero.number(0);
        assert_ne!(null, zero);
    }
}
