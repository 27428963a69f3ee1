//! Group rules over lakes made of texts.

mod examples;
mod same;
mod town;
