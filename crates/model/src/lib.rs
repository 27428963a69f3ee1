//! The nouns of Mingjian: money, quantities, local time, and the national field schema.
//!
//! Goes in: nothing. Comes out: types that every other crate shares. True of it: no I/O, no clock, no randomness, no
//! floating point in money. Start reading at [`schema`] for what a bureau's data looks like, at [`Fen`] for money and
//! at [`day`] for time.

pub mod day;
mod decimal;
mod fen;
pub mod schema;

pub use decimal::{PRICE_SCALE, QUANTITY_SCALE, format_scaled, parse_scaled};
pub use fen::{Fen, div_round_half_up};
