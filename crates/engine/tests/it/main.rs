//! The kernel from outside: compiled rules and timelines in, hits as text out.

mod amounts;
mod attrition;
mod determinism;
mod groups;
mod netting;
mod pairs;
mod properties;
mod rows;
mod sources;
mod windows;
mod world;
