//! The rules crate from outside.

mod library;
