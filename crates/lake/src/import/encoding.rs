//! 编码: which encoding and delimiter a text file has, told from its beginning.

use std::io::{self, Read};

use encoding_rs::{Decoder, GB18030, UTF_16BE, UTF_16LE};

/// How the bytes of a text are characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    /// GBK and GB2312 are parts of it.
    Gb18030,
    /// (Nearly) only ASCII so far: lines that are not UTF-8 are read as GB18030.
    Undecided,
}

/// What the beginning of a file says about the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Detected {
    pub encoding: Encoding,
    /// Length of the byte-order mark.
    pub mark: usize,
    /// The file has to be decoded as it streams.
    pub wide: Option<&'static encoding_rs::Encoding>,
}

/// Tells the encoding from a file's beginning; `None` when it is neither UTF-8, GB18030 nor UTF-16 text.
pub(crate) fn detect(head: &[u8]) -> Option<Detected> {
    let found = |encoding, mark, wide| Some(Detected { encoding, mark, wide });
    match head {
        [0xEF, 0xBB, 0xBF, ..] => return found(Encoding::Utf8, 3, None),
        [0xFF, 0xFE, ..] => return found(Encoding::Utf8, 2, Some(UTF_16LE)),
        [0xFE, 0xFF, ..] => return found(Encoding::Utf8, 2, Some(UTF_16BE)),
        _ => {}
    }
    // Control characters do not stand in text.
    let control = head.iter().filter(|byte| matches!(byte, 1..=8 | 14..=31)).count();
    if control * 100 > head.len() {
        return None;
    }
    if head.is_ascii() {
        return found(Encoding::Undecided, 0, None);
    }
    // The head may end inside a character; its last line is left out.
    let lines = &head[..memchr::memrchr(b'\n', head).map_or(head.len(), |at| at + 1)];
    let (mut whole, mut broken) = (0, 0);
    for chunk in lines.utf8_chunks() {
        whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    let (text, _) = GB18030.decode_without_bom_handling(lines);
    let count = |is: fn(&char) -> bool| text.chars().filter(is).count();
    let (gb_whole, gb_broken) = (count(|c| ('\u{4E00}'..='\u{9FFF}').contains(c)), count(|c| *c == '\u{FFFD}'));
    // A few broken bytes make no UTF-8 file a GB18030 one, nor the other way round.
    if broken == 0 || whole > 20 * broken {
        return found(Encoding::Utf8, 0, None);
    }
    if gb_whole > 4 * gb_broken {
        return found(Encoding::Gb18030, 0, None);
    }
    let foreign = head.iter().filter(|byte| !byte.is_ascii()).count();
    if foreign * 50 < head.len() { found(Encoding::Undecided, 0, None) } else { None }
}

/// The delimiter of a header: comma, tab, semicolon or bar, whichever stands there most often outside quotes.
pub(crate) fn delimiter_of(head: &[u8]) -> u8 {
    let mut counts = [(b',', 0), (b'\t', 0), (b';', 0), (b'|', 0)];
    let mut quoted = false;
    let text = head.trim_ascii_start();
    for &byte in text.iter().take_while(|byte| **byte != b'\n') {
        quoted ^= byte == b'"';
        if !quoted && let Some((_, count)) = counts.iter_mut().find(|(delimiter, _)| *delimiter == byte) {
            *count += 1;
        }
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| delimiter)
}

/// A stream decoded to UTF-8. Bytes that make no sense become U+FFFD.
pub(crate) struct Decoding<R> {
    stream: R,
    decoder: Decoder,
    raw: Vec<u8>,
    text: Vec<u8>,
    given: usize,
    ended: bool,
}

const DECODED_BYTES: usize = 64 << 10;

impl<R: Read> Decoding<R> {
    pub(crate) fn new(stream: R, encoding: &'static encoding_rs::Encoding) -> Decoding<R> {
        let raw = vec![0; DECODED_BYTES];
        Decoding { stream, decoder: encoding.new_decoder_without_bom_handling(), raw, text: Vec::new(), given: 0, ended: false }
    }
}

impl<R: Read> Read for Decoding<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() && !self.ended {
            let read = self.stream.read(&mut self.raw)?;
            self.ended = read == 0;
            // Room enough for every decoder: then all of the input is taken at once.
            self.text.resize(3 * DECODED_BYTES + 16, 0);
            let (_, _, written, _) = self.decoder.decode_to_utf8(&self.raw[..read], &mut self.text, self.ended);
            self.text.truncate(written);
            self.given = 0;
        }
        let give = out.len().min(self.text.len() - self.given);
        out[..give].copy_from_slice(&self.text[self.given..self.given + give]);
        self.given += give;
        Ok(give)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_the_encodings_apart() {
        let text = "就诊ID,姓名\n1,张三\n2,李四\n".repeat(30);
        let encoding = |bytes: &[u8]| detect(bytes).map(|found| (found.encoding, found.mark, found.wide.is_some()));
        let (gbk, _, _) = GB18030.encode(&text);
        assert_eq!(encoding(text.as_bytes()), Some((Encoding::Utf8, 0, false)));
        assert_eq!(encoding(&gbk), Some((Encoding::Gb18030, 0, false)));
        assert_eq!(encoding(&gbk[..gbk.len() - 3]), Some((Encoding::Gb18030, 0, false)));
        assert_eq!(encoding(b"setl_id,psn_no\n"), Some((Encoding::Undecided, 0, false)));
        assert_eq!(encoding("\u{FEFF}a".as_bytes()), Some((Encoding::Utf8, 3, false)));
        assert_eq!(encoding(b"\xFF\xFEa\0"), Some((Encoding::Utf8, 2, true)));
        let mut mostly = text.clone().into_bytes();
        mostly.extend_from_slice(b"3,\xFF\n");
        assert_eq!(encoding(&mostly), Some((Encoding::Utf8, 0, false)));
        let noise: Vec<u8> = (0..4000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        assert_eq!(encoding(&noise), None);
    }

    #[test]
    fn the_delimiter_is_what_stands_most_often_in_the_header() {
        assert_eq!(delimiter_of(b"a,b\tc,d\nx"), b',');
        assert_eq!(delimiter_of(b"\na\tb\tc\n,,,,,"), b'\t');
        assert_eq!(delimiter_of(b"\"a,b,c,d\";x;y"), b';');
        assert_eq!(delimiter_of(b"a|b|c"), b'|');
        assert_eq!(delimiter_of(b"a"), b',');
    }

    #[test]
    fn a_stream_decodes_across_its_pieces() {
        let text = "费用明细,\u{1F600}\n".repeat(9_000);
        let mut wide = Vec::new();
        text.encode_utf16().for_each(|unit| wide.extend_from_slice(&unit.to_le_bytes()));
        let mut read = String::new();
        Decoding::new(wide.as_slice(), UTF_16LE).read_to_string(&mut read).expect("decodes");
        assert_eq!(read, text);
    }
}
