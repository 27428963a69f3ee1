//! The interface as a browser meets it, over a store in a temporary folder and data made up.

mod access;
mod client;
mod description;
mod exports;
mod fake;
mod files;
mod leads;
mod looks;
mod office;
mod pages;
mod schema;
mod session;
mod way;
mod world;
