//! 分块: cuts a stream into blocks of whole records, numbering rows and lines.

use std::io::{self, Read};

use memchr::{memchr, memchr_iter, memrchr};

use super::marks;
use super::walk::{LINE_MAX, Walker};

/// Whole records of a file.
#[derive(Debug)]
pub(crate) struct RawBlock {
    pub bytes: Vec<u8>,
    /// Records and lines that stand before the block.
    pub records_before: u64,
    pub lines_before: u64,
}

/// What comes off a stream.
#[derive(Debug)]
pub(crate) enum Piece {
    Block(RawBlock),
    /// A line longer than [`LINE_MAX`] that lies across blocks; it was left out.
    TooLong {
        record: u64,
        line: u64,
    },
    /// The stream broke off here: everything before was whole.
    CutOff {
        record: u64,
        line: u64,
    },
}

/// Cuts a stream into blocks.
pub(crate) struct Blocks<R> {
    stream: R,
    delimiter: u8,
    block_bytes: usize,
    /// Bytes read that belong to the next block.
    held: Vec<u8>,
    marks: Vec<u32>,
    records: u64,
    lines: u64,
    ended: bool,
    cut_off: bool,
    skipping: bool,
}

impl<R: Read> Blocks<R> {
    pub(crate) fn new(stream: R, delimiter: u8, block_bytes: usize) -> Blocks<R> {
        Blocks {
            stream,
            delimiter,
            block_bytes: block_bytes.max(1),
            held: Vec::new(),
            marks: Vec::new(),
            records: 0,
            lines: 0,
            ended: false,
            cut_off: false,
            skipping: false,
        }
    }

    /// The next piece; `None` at the end. Errors: the stream cannot be read (a stream that only ends too early is no error).
    pub(crate) fn next(&mut self) -> io::Result<Option<Piece>> {
        let mut wanted = self.block_bytes;
        loop {
            self.fill(wanted)?;
            if self.skipping {
                self.skipping = !self.skip() && !self.ended;
                continue;
            }
            if self.cut_off && self.held.is_empty() {
                self.cut_off = false;
                return Ok(Some(Piece::CutOff { record: self.records, line: self.lines + 1 }));
            }
            if self.held.is_empty() {
                return Ok(None);
            }
            if let Some(block) = self.cut() {
                return Ok(Some(Piece::Block(block)));
            }
            if self.ended {
                // Only of a stream that broke off: half a record.
                self.held.clear();
                continue;
            }
            if self.held.len() > LINE_MAX && memchr(b'\n', &self.held).is_none_or(|at| at > LINE_MAX) {
                let piece = Piece::TooLong { record: self.records, line: self.lines + 1 };
                self.records += 1;
                self.lines += 1;
                self.skipping = true;
                return Ok(Some(piece));
            }
            wanted = self.held.len() + self.block_bytes.max(self.held.len());
        }
    }

    fn fill(&mut self, wanted: usize) -> io::Result<()> {
        let mut filled = self.held.len();
        if self.ended || filled >= wanted {
            return Ok(());
        }
        self.held.resize(wanted, 0);
        while filled < wanted {
            match self.stream.read(&mut self.held[filled..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // A damaged or truncated archive; what came before it is good.
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) =>
                {
                    (self.ended, self.cut_off) = (true, true);
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        self.held.truncate(filled);
        Ok(())
    }

    /// Drops the rest of an overlong line; false when its end is not in sight.
    fn skip(&mut self) -> bool {
        match memchr(b'\n', &self.held) {
            Some(at) => {
                self.held.drain(..=at);
                true
            }
            None => {
                self.held.clear();
                false
            }
        }
    }

    /// Takes the whole records out of what is held; `None` when there is none.
    fn cut(&mut self) -> Option<RawBlock> {
        // A stream that broke off gives no last record without a newline: it may be half.
        let last = self.ended && !self.cut_off;
        let (cut, records) = if memchr(b'"', &self.held).is_none() { self.cut_at_newline(last)? } else { self.cut_at_record(last)? };
        let rest = self.held.split_off(cut);
        let bytes = std::mem::replace(&mut self.held, rest);
        let block = RawBlock { records_before: self.records, lines_before: self.lines, bytes };
        self.records += records;
        self.lines += memchr_iter(b'\n', &block.bytes).count() as u64;
        Some(block)
    }

    /// Without quotes every newline ends a record.
    fn cut_at_newline(&self, last: bool) -> Option<(usize, u64)> {
        let cut = if last { self.held.len() } else { memrchr(b'\n', &self.held)? + 1 };
        let newlines = memchr_iter(b'\n', &self.held[..cut]).count() as u64;
        Some((cut, newlines + u64::from(self.held[cut - 1] != b'\n')))
    }

    fn cut_at_record(&mut self, last: bool) -> Option<(usize, u64)> {
        self.marks.clear();
        marks::find(&self.held, self.delimiter, &mut self.marks);
        let mut walker = Walker::new(&self.held, &self.marks, self.delimiter, last);
        let (mut cells, mut records) = (Vec::new(), 0);
        while walker.next(&mut cells).is_some() {
            cells.clear();
            records += 1;
        }
        (records > 0).then_some((walker.position(), records))
    }
}
