//! The counter's tests: one binary.

mod support;
mod tell;
