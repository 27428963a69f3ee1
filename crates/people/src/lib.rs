//! 人和权限: accounts, sessions, roles, scopes, and the one place that says who may do what.
//!
//! Goes in: a [`mingjian_store::Store`], passwords and codes as people type them, moments. Comes out: a [`Person`], and for a person, an
//! [`Act`] and an [`Object`] a yes or a [`Refusal`].
//!
//! True of it:
//! - [`allows`] is the only judge, [`policy::TABLE`] its only table; [`scope_sql`] is the same scope as a condition of SQL
//!   (`tests/it/policy.rs` goes over every role, act and scope, `tests/it/scope.rs` holds the two against each other).
//! - The three administrators are separated: none of them sees business data, none holds a second role.
//! - Names and phones of accounts are sealed; passwords are argon2id; of tokens and recovery codes only hashes are stored.
//! - Every change of an account, every sign-in and every refusal to sign in is an event of the trail.
//! - It reads no clock and starts no thread. What takes tens of milliseconds (argon2) is a function of its own, [`Challenge::check`],
//!   [`PasswordTask::run`], [`password::hash`], [`password::one_time`]: the caller spends that time where it does not hurt.
//!
//! Start reading at [`policy`], then [`people`].

pub mod accounts;
pub mod act;
mod error;
pub mod exports;
pub mod first;
mod keys;
pub mod mask;
pub mod password;
pub mod people;
pub mod person;
pub mod policy;
pub mod role;
pub mod scope;
mod secret;
pub mod sessions;
pub mod settings;
mod strangers;
pub mod totp;
pub mod unmask;
pub mod views;
pub mod vouched;

pub use accounts::{Account, AccountChange, Colleague, Grant, GrantKind, NewAccount, grant_lead};
pub use act::Act;
pub use error::PeopleError;
pub use exports::{Export, ExportKind, ExportRules, NewExport, Of, Taken};
pub use first::{Demo, DemoAccount, First, create_demo, create_first};
pub use keys::open_keys;
pub use password::{Hashed, NewPassword, PasswordTask};
pub use people::People;
pub use person::{Must, Person, Scopes};
pub use policy::{Object, Refusal, acts_of, allows, holders_of, role_for};
pub use role::Role;
pub use scope::{Columns, scope_sql, scope_sql_for};
pub use sessions::{Challenge, Checked, SignInError, SignedIn};
pub use settings::Settings;
pub use totp::Enrolment;
pub use unmask::{Look, note_unmask};
pub use views::View;
pub use vouched::{Vouched, Way, may_come_by_itself};
