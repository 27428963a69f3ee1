//! Integration tests of the lake: one binary, so that it links once.

mod import_bad;
mod import_blocks;
mod import_formats;
mod import_lake;
mod import_postgres;
mod import_support;
mod import_tls;
mod store;
