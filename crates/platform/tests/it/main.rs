//! The interface as a browser meets it, over a store in a temporary folder and data made up.

mod client;
mod description;
mod fake;
mod schema;
mod session;
mod world;
