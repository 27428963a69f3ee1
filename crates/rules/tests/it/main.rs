//! The rules crate from outside.

mod compile;
mod library;
