//! Casework against a real store.

mod desk;
mod way;
