//! The rules crate from outside.

mod compile;
mod diagnostics;
mod fuzz;
mod library;
mod render;
