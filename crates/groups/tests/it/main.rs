//! Group rules over lakes made of texts.

mod examples;
mod memory;
mod same;
mod town;
