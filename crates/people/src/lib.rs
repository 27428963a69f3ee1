//! 人和权限: accounts, sessions, roles, scopes, and the one place that says who may do what.
//!
//! Goes in: a [`mingjian_store::Store`], passwords and codes as people type them, moments. Comes out: a [`Person`], and for a person, an
//! [`Act`] and an [`Object`] a yes or a [`Refusal`].
//!
//! True of it:
//! - [`allows`] is the only judge, [`policy::TABLE`] its only table; [`scope_sql`] is the same scope as a condition of SQL
//!   (`tests/it/policy.rs` goes over every role, act and scope, and holds the two against each other).
//! - The three administrators are separated: none of them sees business data, none holds a second role.
//! - Names and phones of accounts are sealed; passwords are argon2id; of tokens and recovery codes only hashes are stored.
//! - Every change of an account, every sign-in and every refusal is an event of the trail.
//! - It reads no clock and starts no thread: hashing a password takes tens of milliseconds, which the caller spends where it does not hurt.
//!
//! Start reading at [`policy`], then [`people`].

pub mod act;
pub mod mask;
pub mod person;
pub mod policy;
pub mod role;
pub mod scope;

pub use act::Act;
pub use person::{Must, Person, Scopes};
pub use policy::{Object, Refusal, acts_of, allows, role_for};
pub use role::Role;
pub use scope::{Columns, scope_sql, scope_sql_for};
