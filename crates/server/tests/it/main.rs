//! The server's tests: one binary.

mod access;
mod audit;
mod calls;
mod dialects;
mod fuzz;
mod robust;
mod support;
mod tls;
mod tolerance;
