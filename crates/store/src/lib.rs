//! 业务库: what people do with findings, in SQLite or PostgreSQL, every change with its event in one hash-chained trail.
//!
//! Goes in: a URL (`sqlite:<path>`, `postgres://…`), statements that both understand (`$1` placeholders, text, bigint), events.
//! Comes out: [`Row`]s, and a trail that [`audit::verify`] walks.
//!
//! True of it:
//! - A [`Change`] holds the state and its events in one transaction; without an event it does not commit
//!   (`tests/it/change.rs`), and killed at any moment it leaves both or neither (`tests/it/crash.rs`).
//! - Changes go one after another (SQLite `begin immediate`, PostgreSQL an advisory lock), so there is one chain.
//! - A changed, deleted, inserted or cut-off event is found by [`audit::verify`] (`tests/it/trail.rs`). Who can write to the database can
//!   forge what came after the last anchor that the overseer holds, not what came before it.
//! - Reads outside a change cannot write: their connections are read-only. The one exception is [`Store::jot`], for tables named
//!   `volatile_…`, which hold what is worth no event.
//! - It reads no clock: moments come in with the [`Actor`].
//!
//! Start reading at [`store`], then [`change`] and [`audit`].

pub mod audit;
pub mod backup;
pub mod change;
mod error;
mod migrations;
mod postgres;
pub mod seal;
mod sqlite;
pub mod store;
mod value;

pub use change::{Actor, Change, Event, EventId};
pub use error::StoreError;
pub use seal::{Cipher, SealError, Sealer};
pub use store::{Kind, Store};
pub use value::{Arg, Row};

/// The result of everything here that asks the database.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
