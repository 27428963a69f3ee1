//! CSV: our own reader, since lines are many: blocks cut at records by one thread, cells found and typed by all others.
//!
//! [`marks`] finds delimiters, newlines and quotes 64 bytes at a time; [`walk`] turns them into records and cells;
//! [`blocks`] cuts a stream into blocks of whole records; [`parse`] types a block. Where a block ends never changes a
//! row: a record's end follows from the bytes behind its beginning alone.

mod blocks;
mod marks;
mod parse;
mod walk;

pub(crate) use blocks::{Blocks, Piece, RawBlock};
pub(crate) use parse::{Dialect, parse_block};
use walk::Walker;

/// The first record of `bytes` that is not blank as text cells, and how many records stand before it; `None` when there is none.
pub(crate) fn first_record(bytes: &[u8], delimiter: u8) -> Option<(Vec<Vec<u8>>, u64)> {
    let mut marks = Vec::new();
    marks::find(bytes, delimiter, &mut marks);
    let mut walker = Walker::new(bytes, &marks, delimiter, true);
    let mut cells = Vec::new();
    let mut before = 0;
    loop {
        cells.clear();
        walker.next(&mut cells)?;
        let mut arena = Vec::new();
        let texts: Vec<Vec<u8>> = cells.iter().map(|cell| cell.resolve(bytes, &mut arena).bytes(bytes, &arena).to_vec()).collect();
        if texts.iter().any(|text| !super::cell::trim(text).is_empty()) {
            return Some((texts, before));
        }
        before += 1;
    }
}
