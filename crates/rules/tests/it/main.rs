//! The rules crate from outside.

mod cases;
mod compile;
mod diagnostics;
mod fuzz;
mod library;
mod page;
mod render;
mod sql;
