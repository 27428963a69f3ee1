//! The storing half: what an import leaves, what readers see, what survives a crash.

mod basics;
mod crash;
mod damage;
mod other_readers;
mod replace;
mod support;
