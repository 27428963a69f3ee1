//! Integration tests of the lake: one binary, so that it links once.

mod store;
