//! The counter's tests: one binary.

mod crash;
mod gain;
mod history;
mod manners;
mod same;
mod support;
mod tell;
