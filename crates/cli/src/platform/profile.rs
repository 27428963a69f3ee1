//! 对象画像 from the lake: institutions, doctors, persons beside those of their like.
//!
//! Institutions are read when a version of the lake is opened; doctors and groups of persons at the first question about one (a pass over the
//! lines of charges or the settlements, by as many threads as the machine has), and kept as long as the version is.

mod compare;
mod doctor;
mod institution;
mod person;

pub use doctor::{Doctors, profiles as doctor};
pub use institution::{Peers, profile};
pub use person::{Groups, age as years, overlapping, profile as person};
