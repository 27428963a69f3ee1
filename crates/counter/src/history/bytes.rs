//! Numbers of variable length.

/// Seven bits a byte, the lowest first.
pub(super) fn put_unsigned(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// Small numbers of either sign are short.
pub(super) fn put_signed(bytes: &mut Vec<u8>, value: i64) {
    put_unsigned(bytes, (value << 1 ^ value >> 63) as u64);
}

pub(super) fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put_unsigned(bytes, text.len() as u64);
    bytes.extend_from_slice(text.as_bytes());
}

/// Reads what was put; `None` past the end or where the bytes are no such thing.
pub(super) struct Reader<'b> {
    bytes: &'b [u8],
}

impl<'b> Reader<'b> {
    pub fn new(bytes: &'b [u8]) -> Reader<'b> {
        Reader { bytes }
    }

    pub fn unsigned(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for place in 0..10 {
            let (&byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            value |= u64::from(byte & 0x7f).checked_shl(7 * place)?;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    pub fn signed(&mut self) -> Option<i64> {
        let value = self.unsigned()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// A count of things of a byte at least.
    pub fn count(&mut self) -> Option<usize> {
        let count = self.unsigned()? as usize;
        (count <= self.bytes.len()).then_some(count)
    }

    pub fn rest(&self) -> &'b [u8] {
        self.bytes
    }

    pub fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        let values = [0, 1, -1, 63, -64, 64, 1_000_000, i64::MAX, i64::MIN];
        let mut bytes = Vec::new();
        values.iter().for_each(|&value| put_signed(&mut bytes, value));
        let mut reader = Reader::new(&bytes);
        assert!(values.iter().all(|&value| reader.signed() == Some(value)));
        assert_eq!(reader.unsigned(), None);
        assert_eq!(Reader::new(&[0xff; 11]).unsigned(), None);
    }
}
