//! 单元格: from the bytes of one cell to a typed value, or to the reason why it is none.
//!
//! Every parser takes the raw cell, trims it itself and gives `Ok(None)` for what the field writes for 'nothing'
//! (empty, `NULL`, `\N`). Fast paths read the bytes as they stand; odd writings (full-width digits, exponents, 年月日)
//! go through a slow path that normalises first. No allocation on the fast paths.

mod fault;
mod number;
mod text;
mod time;

pub(crate) use fault::Fault;
pub(crate) use number::{Rounding, parse_decimal, parse_int, parse_ratio, scale_of};
pub(crate) use text::{normalise, trim};
pub(crate) use time::{Dates, is_format, moment_of_serial};
