//! 解析: one block of a CSV file becomes one block of typed rows.

use std::borrow::Cow;

use arrow::error::ArrowError;
use encoding_rs::GB18030;
use memchr::{memchr, memchr_iter};

use super::blocks::RawBlock;
use super::marks;
use super::walk::{Cell, Kind, Record, Walker};
use crate::block::Rejected;
use crate::import::aside;
use crate::import::cell::{Fault, trim};
use crate::import::columns::Suspicion;
use crate::import::encoding::Encoding;
use crate::import::plan::{From, Plan};
use crate::import::rows::{Assembly, Parsed};

/// Rows whose cells are found before any is typed: their bytes and cells stay in the second-level cache.
const TILE_ROWS: usize = 256;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub encoding: Encoding,
    pub delimiter: u8,
    /// The record that holds the header, counted from 0; what stands before it is blank.
    pub header_record: u64,
}

/// Types a block. Its last record may lack a newline; records that equal the header are left out.
pub(crate) fn parse_block(plan: &Plan, dialect: Dialect, raw: RawBlock) -> Result<Parsed, ArrowError> {
    let (bytes, replaced) = decode(&raw.bytes, dialect.encoding);
    let quotes = memchr(b'"', &bytes).is_some();
    let suspicion = Suspicion { nul: memchr(0, &bytes).is_some(), replaced };
    let mut marks = Vec::with_capacity(bytes.len() / 7);
    marks::find(&bytes, dialect.delimiter, &mut marks);
    let mut tile = Tile::new(plan, &bytes);
    let mut assembly = Assembly::new(plan, bytes.len() / 400, suspicion);
    let mut walker = Walker::new(&bytes, &marks, dialect.delimiter, true);
    let mut place = Place { record: raw.records_before, line: raw.lines_before + 1 };
    let mut odd: Vec<Rejected> = Vec::new();
    loop {
        let held = tile.cells.len();
        let Some(record) = walker.next(&mut tile.cells) else { break };
        let found = tile.cells.len() - held;
        let verdict = tile.judge(record, held, found, place.record == dialect.header_record);
        // The header is record `header_record`; data rows count from 1 behind it.
        let row = place.record.saturating_sub(dialect.header_record);
        match verdict {
            Verdict::Row => {
                tile.cells.truncate(held + tile.width);
                if quotes {
                    tile.resolve(held);
                }
                assembly.place(row, Some(place.line));
            }
            Verdict::Blank => {
                tile.cells.truncate(held);
                assembly.blank += 1;
            }
            Verdict::Header => tile.cells.truncate(held),
            Verdict::Fault(fault) => {
                tile.cells.truncate(held);
                odd.push(aside::record(&plan.file, plan.table, fault, row, Some(place.line)));
            }
        }
        place.record += 1;
        place.line += if quotes { lines_of(&bytes, record) } else { 1 };
        if tile.cells.len() == TILE_ROWS * tile.width {
            tile.type_into(&mut assembly);
        }
    }
    tile.type_into(&mut assembly);
    let mut parsed = assembly.finish()?;
    parsed.rejected.append(&mut odd);
    Ok(parsed)
}

/// The block as UTF-8, but for rows whose bytes are none: those are found when the text columns are made. True: bytes that make no sense
/// were replaced by U+FFFD.
fn decode(bytes: &[u8], encoding: Encoding) -> (Cow<'_, [u8]>, bool) {
    let foreign = match encoding {
        Encoding::Utf8 => false,
        Encoding::Gb18030 => !bytes.is_ascii(),
        Encoding::Undecided if std::str::from_utf8(bytes).is_err() => return decode_lines(bytes),
        Encoding::Undecided => false,
    };
    if !foreign {
        return (Cow::Borrowed(bytes), false);
    }
    // A broken pair never swallows a delimiter or newline, so records stay what they were.
    let (text, faults) = GB18030.decode_without_bom_handling(bytes);
    match text {
        Cow::Borrowed(text) => (Cow::Borrowed(text.as_bytes()), faults),
        Cow::Owned(text) => (Cow::Owned(text.into_bytes()), faults),
    }
}

/// Of a file whose encoding is open, each line by itself: so the outcome does not depend on the block.
fn decode_lines(bytes: &[u8]) -> (Cow<'static, [u8]>, bool) {
    let (mut out, mut faults) = (Vec::with_capacity(bytes.len()), false);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if std::str::from_utf8(line).is_ok() {
            out.extend_from_slice(line);
        } else {
            let (text, had_faults) = GB18030.decode_without_bom_handling(line);
            out.extend_from_slice(text.as_bytes());
            faults |= had_faults;
        }
    }
    (Cow::Owned(out), faults)
}

#[derive(Clone, Copy)]
struct Place {
    record: u64,
    line: u64,
}

/// Newlines of a record: one, but for quoted ones.
fn lines_of(bytes: &[u8], record: Record) -> u64 {
    let text = &bytes[record.start..record.next];
    memchr_iter(b'\n', text).count().max(1) as u64
}

enum Verdict {
    Row,
    Blank,
    Header,
    Fault(Fault),
}

/// Some rows' cells, not yet typed.
struct Tile<'a> {
    plan: &'a Plan,
    bytes: &'a [u8],
    /// Cells of doubled quotes, made single.
    arena: Vec<u8>,
    /// Row by row, `width` each.
    cells: Vec<Cell>,
    width: usize,
}

impl<'a> Tile<'a> {
    fn new(plan: &'a Plan, bytes: &'a [u8]) -> Tile<'a> {
        let width = plan.header.len();
        Tile { plan, bytes, arena: Vec::new(), cells: Vec::with_capacity(TILE_ROWS * width + 8), width }
    }

    #[inline]
    fn judge(&self, record: Record, held: usize, found: usize, header: bool) -> Verdict {
        match record.kind {
            Kind::OpenQuote => return Verdict::Fault(Fault::OpenQuote),
            Kind::TooLong => return Verdict::Fault(Fault::TooLong),
            Kind::Whole => {}
        }
        let cells = &self.cells[held..];
        if header {
            return Verdict::Header;
        }
        let first = cells[0];
        if first.is_empty() && cells.iter().all(|cell| self.is_blank(*cell)) || found == 1 && self.is_blank(first) {
            return Verdict::Blank;
        }
        // Some exports end each row, but not the header, with a delimiter.
        if found < self.width || found > self.width && !cells[self.width..].iter().all(|cell| self.is_blank(*cell)) {
            return Verdict::Fault(Fault::ColumnCount(found, self.width));
        }
        if self.is_header(cells) { Verdict::Header } else { Verdict::Row }
    }

    fn is_blank(&self, cell: Cell) -> bool {
        cell.is_empty() || trim(cell.bytes(self.bytes, &self.arena)).is_empty()
    }

    /// Files put together from parts repeat the header.
    #[inline]
    fn is_header(&self, cells: &[Cell]) -> bool {
        let same = |(cell, name): (&Cell, &String)| trim(cell.bytes(self.bytes, &self.arena)) == name.as_bytes();
        cells.iter().zip(&self.plan.header).all(same)
    }

    fn resolve(&mut self, held: usize) {
        for cell in &mut self.cells[held..] {
            *cell = cell.resolve(self.bytes, &mut self.arena);
        }
    }

    /// Types the rows and forgets their cells.
    fn type_into(&mut self, assembly: &mut Assembly<'_>) {
        let (bytes, arena, width) = (self.bytes, &self.arena, self.width);
        let rows = self.cells.len() / width.max(1);
        for (number, target) in self.plan.targets.iter().enumerate() {
            match &target.from {
                From::Cell(source) => {
                    let cells = self.cells.iter().skip(*source).step_by(width).map(|cell| cell.bytes(bytes, arena));
                    assembly.extend(number, cells);
                }
                From::Constant(text) => assembly.extend(number, std::iter::repeat_n(text.as_bytes(), rows)),
            }
        }
        self.cells.clear();
        self.arena.clear();
    }
}
