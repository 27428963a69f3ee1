//! The server's tests: one binary.

mod calls;
mod fuzz;
mod support;
mod tolerance;
