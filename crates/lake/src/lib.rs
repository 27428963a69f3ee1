//! The lake 数据湖: a city's national tables as Delta tables, one atomic version an import.
//!
//! Goes in: files of bureaus and hospitals (`import`), findings and reports (`Lake::replace_table`). Comes out: versions
//! that readers open as a [`Snapshot`]. True of it: a version is there whole or not at all; every row lands or is set
//! aside; rows of a person stay together, sorted. Reads no clock: the moment comes in with [`Lake::with_clock`].
//! Start reading at [`store`] for what stands on the disk, at `import` for how files become rows.

mod block;
pub mod import;
pub mod store;
mod system;

pub use block::{Origin, Rejected, TypedBlock};
pub use store::*;
pub use system::told;
