//! 内核: a compiled rule set over timelines gives hits.
//!
//! Goes in: a [`RuleSet`] (compiled by `mingjian-rules`) and [`Timelines`] (whole persons: visits, net-able fee lines,
//! diagnoses, operations, settlements, in time order). Comes out: [`Hit`]s with their evidence rows, knowledge points
//! and money, and, on request, an [`Attrition`] that says why conditions fell away.
//!
//! True of it: one function, [`Screener::screen`], serves the batch, the counter and the cluster. It reads no clock, does no
//! I/O, draws no random numbers and cannot fail; what a rule lacks becomes 'not judged' (不判) and is counted. The result
//! depends on the arguments alone (`tests/it/determinism.rs`): ids given to items, institutions or diagnoses by a loader
//! change nothing but themselves. What depends on the item alone is decided once per catalogue code, not once per line
//! ([`Worker::item`]); conditions on the visit alone are decided once per visit and shared by all rules that state them.
//!
//! Held by tests: the order of persons, the cut of batches and other blocks change no hit, a line fully taken back never
//! hits, an amount never exceeds what its evidence has in scope (`tests/it/properties.rs`).
//!
//! Start reading at [`timeline`] for what comes in, at [`program`] for what a rule compiles to, and at [`screen`] for
//! the pass itself. How a condition is decided as early as can be: `uses` says what it reads, `plan` takes a block apart,
//! `catalog` keeps the candidates of each code, `gate` the answers that many
//! candidates share; `code` runs what is left of them row by row.

mod aggregate;
mod amount;
mod arith;
mod attrition;
mod catalog;
mod code;
mod emit;
mod eval;
pub mod expr;
mod fold;
mod gate;
mod group;
mod hash;
mod hit;
mod index;
mod judge;
mod net;
mod pairs;
mod plan;
pub mod program;
pub mod screen;
mod shape;
pub mod timeline;
mod uses;
pub mod worker;

pub use attrition::{Attrition, BlockAttrition, NearMiss};
pub use hit::{Band, Evidence, EvidenceRow, Hit, Outcome, Role};
pub use program::RuleSet;
pub use screen::{Options, Screener};
pub use timeline::Timelines;
pub use worker::{CatalogueEntry, ListPrice, Worker};

/// The value that means 'not known' in every integer the kernel computes with.
pub const UNKNOWN: i64 = i64::MIN;
/// No row: a visit, settlement or line that is not there.
pub const NONE: u32 = u32::MAX;
