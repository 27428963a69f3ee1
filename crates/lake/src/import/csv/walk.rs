//! 记录: records and their cells from the marks of a block.
//!
//! A quote opens a cell only at its very beginning and closes it only before a delimiter, the end of the line or of the
//! file; two are one; any other quote is a character like others (`5" 导管`). A quoted cell that does not close within
//! [`QUOTED_MAX`] was never one: its record is broken, ends with its line, and the next line is read anew, so that one
//! lone quote costs one row and not the rest of the file.

use memchr::memchr;

/// The longest quoted cell.
pub(crate) const QUOTED_MAX: usize = 64 << 10;
/// The longest line.
pub(crate) const LINE_MAX: usize = 1 << 20;

/// Where a cell stands in its block: `start..end`. `doubled`: it holds doubled quotes, which [`Cell::resolve`] makes single.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cell {
    start: u32,
    end: u32,
    place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Block,
    /// In the block, with doubled quotes.
    Doubled,
    /// In the arena of resolved cells.
    Arena,
}

impl Cell {
    fn new(start: usize, end: usize, doubled: bool) -> Cell {
        Cell { start: start as u32, end: end as u32, place: if doubled { Place::Doubled } else { Place::Block } }
    }

    /// A cell without doubled quotes: itself, or its copy in the arena.
    pub(crate) fn resolve(self, block: &[u8], arena: &mut Vec<u8>) -> Cell {
        if self.place != Place::Doubled {
            return self;
        }
        let start = arena.len();
        let mut quote = false;
        for &byte in &block[self.start as usize..self.end as usize] {
            quote = byte == b'"' && !quote;
            if !quote {
                arena.push(byte);
            }
        }
        if quote {
            arena.push(b'"');
        }
        Cell { start: start as u32, end: arena.len() as u32, place: Place::Arena }
    }

    /// The bytes of a resolved cell.
    #[inline]
    pub(crate) fn bytes<'a>(&self, block: &'a [u8], arena: &'a [u8]) -> &'a [u8] {
        let from = if self.place == Place::Arena { arena } else { block };
        &from[self.start as usize..self.end as usize]
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.start == self.end
    }
}

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Whole,
    /// A quoted cell without end; the record is its first line.
    OpenQuote,
    TooLong,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Record {
    pub kind: Kind,
    /// Where it begins, and where the next one does.
    pub start: usize,
    pub next: usize,
}

/// Goes from record to record.
pub(crate) struct Walker<'a> {
    bytes: &'a [u8],
    marks: &'a [u32],
    delimiter: u8,
    /// Nothing follows `bytes`: what stands at the end is a record even without a newline.
    last: bool,
    at: usize,
    position: usize,
}

enum Close {
    At {
        quote: usize,
        doubled: bool,
    },
    Never,
    /// Cannot be told without the bytes that follow.
    Unknown,
}

impl<'a> Walker<'a> {
    pub(crate) fn new(bytes: &'a [u8], marks: &'a [u32], delimiter: u8, last: bool) -> Walker<'a> {
        Walker { bytes, marks, delimiter, last, at: 0, position: 0 }
    }

    /// Where the next record begins: behind the last one found.
    pub(crate) fn position(&self) -> usize {
        self.position
    }

    /// The next record, its cells pushed onto `cells`; `None` when no whole one is left.
    #[inline]
    pub(crate) fn next(&mut self, cells: &mut Vec<Cell>) -> Option<Record> {
        let (start, mark, held) = (self.position, self.at, cells.len());
        if start >= self.bytes.len() {
            return None;
        }
        match self.record(start, cells) {
            Some((kind, next)) => {
                self.position = next;
                let record = Record { kind, start, next };
                Some(if next - start > LINE_MAX || kind != Kind::Whole { self.odd(record) } else { record })
            }
            None => {
                self.at = mark;
                cells.truncate(held);
                None
            }
        }
    }

    #[inline]
    fn record(&mut self, start: usize, cells: &mut Vec<Cell>) -> Option<(Kind, usize)> {
        let (bytes, mut begin) = (self.bytes, start);
        loop {
            let Some(&mark) = self.marks.get(self.at) else {
                if !self.last {
                    return None;
                }
                let end = if bytes.ends_with(b"\r") && bytes.len() > begin { bytes.len() - 1 } else { bytes.len() };
                cells.push(Cell::new(begin, end, false));
                return Some((Kind::Whole, bytes.len()));
            };
            let mark = mark as usize;
            self.at += 1;
            match bytes[mark] {
                b'\n' => {
                    let end = if mark > begin && bytes[mark - 1] == b'\r' { mark - 1 } else { mark };
                    cells.push(Cell::new(begin, end, false));
                    return Some((Kind::Whole, mark + 1));
                }
                b'"' if mark == begin => match self.close(mark) {
                    Close::At { quote, doubled } => {
                        cells.push(Cell::new(mark + 1, quote, doubled));
                        match bytes.get(quote + 1) {
                            None => return Some((Kind::Whole, bytes.len())),
                            Some(&byte) if byte == self.delimiter => {
                                self.at += 1;
                                begin = quote + 2;
                            }
                            Some(b'\n') => {
                                self.at += 1;
                                return Some((Kind::Whole, quote + 2));
                            }
                            // A carriage return: close() saw that the line or the file ends behind it.
                            Some(_) => {
                                self.at += 1;
                                return Some((Kind::Whole, bytes.len().min(quote + 3)));
                            }
                        }
                    }
                    Close::Never => return Some((Kind::OpenQuote, start)),
                    Close::Unknown => return None,
                },
                b'"' => {}
                _ => {
                    cells.push(Cell::new(begin, mark, false));
                    begin = mark + 1;
                }
            }
        }
    }

    /// Where the quote at `open` closes.
    fn close(&mut self, open: usize) -> Close {
        let (bytes, limit) = (self.bytes, open + 1 + QUOTED_MAX);
        let mut doubled = false;
        let unknown = |known: Close| if self.last { known } else { Close::Unknown };
        loop {
            let Some(&mark) = self.marks.get(self.at) else {
                return if bytes.len() > limit + 2 { Close::Never } else { unknown(Close::Never) };
            };
            let mark = mark as usize;
            if mark > limit {
                return Close::Never;
            }
            self.at += 1;
            if bytes[mark] != b'"' {
                continue;
            }
            match bytes.get(mark + 1) {
                None => return unknown(Close::At { quote: mark, doubled }),
                Some(b'"') => {
                    doubled = true;
                    self.at += 1;
                }
                Some(&byte) if byte == self.delimiter || byte == b'\n' => return Close::At { quote: mark, doubled },
                Some(b'\r') => match bytes.get(mark + 2) {
                    None => return unknown(Close::At { quote: mark, doubled }),
                    Some(b'\n') => return Close::At { quote: mark, doubled },
                    Some(_) => {}
                },
                Some(_) => {}
            }
        }
    }

    /// Settles where a broken or overlong record ends: with its line.
    fn odd(&mut self, record: Record) -> Record {
        let newline = memchr(b'\n', &self.bytes[record.start..]).map(|at| record.start + at);
        let line_end = newline.map_or(self.bytes.len(), |at| at + 1);
        let kind = if line_end - record.start > LINE_MAX + 1 { Kind::TooLong } else { record.kind };
        if kind == Kind::Whole {
            return record;
        }
        self.position = line_end;
        self.at = self.marks.partition_point(|mark| (*mark as usize) < line_end);
        Record { kind, next: line_end, ..record }
    }
}

#[cfg(test)]
mod tests {
    use super::super::marks;
    use super::*;

    fn records(text: &str) -> Vec<String> {
        let bytes = text.as_bytes();
        let mut marks = Vec::new();
        marks::find(bytes, b',', &mut marks);
        let mut walker = Walker::new(bytes, &marks, b',', true);
        let (mut found, mut cells, mut arena) = (Vec::new(), Vec::new(), Vec::new());
        while let Some(record) = walker.next(&mut cells) {
            let texts: Vec<String> = cells
                .drain(..)
                .map(|cell| String::from_utf8_lossy(cell.resolve(bytes, &mut arena).bytes(bytes, &arena)).into_owned())
                .collect();
            found.push(if record.kind == Kind::Whole { texts.join("|") } else { format!("{:?}", record.kind) });
        }
        assert_eq!(walker.position(), bytes.len());
        found
    }

    #[test]
    fn quotes_newlines_and_carriage_returns() {
        assert_eq!(records("a,b\nc,d"), ["a|b", "c|d"]);
        assert_eq!(records("a,b\r\nc,d\r\n\r\n"), ["a|b", "c|d", ""]);
        assert_eq!(records("\"a,1\",\"b\n2\"\r\n\"\",\"c\"\"d\"\"\"\n"), ["a,1|b\n2", "|c\"d\""]);
        assert_eq!(records("5\" 管,x\"\n\"a\"b\",y\n"), ["5\" 管|x\"", "a\"b|y"]);
        assert_eq!(records("\"a\""), ["a"]);
        assert_eq!(records("\"a\"\r"), ["a"]);
        assert_eq!(records("a,\n"), ["a|"]);
        assert_eq!(records(""), Vec::<String>::new());
    }

    #[test]
    fn a_lone_quote_costs_one_row() {
        assert_eq!(records("a,\"b\nc,d\ne,f\n"), ["OpenQuote", "c|d", "e|f"]);
        let far = format!("a,\"b\nc,d\n{}\"x\",y\n", "e,f\n".repeat(20_000));
        let found = records(&far);
        assert_eq!((found.len(), found[0].as_str(), found[1].as_str()), (20_003, "OpenQuote", "c|d"));
        assert_eq!(found[20_002], "x|y");
    }

    #[test]
    fn a_line_too_long_ends_with_its_line() {
        let text = format!("a,b\n{}\nc,d\n", "x".repeat(LINE_MAX + 1));
        assert_eq!(records(&text), ["a|b", "TooLong", "c|d"]);
    }
}
