//! 事前事中: what a hospital is about to charge, judged by the rules of the monthly audit, in milliseconds.
//!
//! Goes in: a [`Request`] (the neutral form of interfaces 3101 and 3102), settlements, feedback. Comes out: an [`Answer`] for the doctor.
//!
//! True of it: there is no second implementation of a rule here. A request becomes the rows of one person ([`timeline`]) and runs
//! through [`mingjian_screening::person`], so that text, values and amounts are those the batch writes (`tests/it/same.rs`); only findings
//! that a line in hand triggers are told ([`judge`]). Time comes in as an argument: nothing here reads a clock, opens a socket or
//! knows JSON. It answers also when the history lags or is missing, and says so.
//!
//! Start reading at [`desk`] for the whole way of a request.

pub mod desk;
pub mod history;
pub mod judge;
pub mod live;
pub mod manners;
pub mod request;
pub mod timeline;

pub use desk::{Answer, Desk, Effort};
pub use history::{Feedback, History, HistoryError, HistorySize, Mark, Meeting, ShadowAnswer};
pub use judge::{Detail, Reminder};
pub use live::{Rules, RulesError};
pub use manners::{Changes, Follow, Level, Manners, Memory, Policy, Trial, Untold, Waited};
pub use request::{Encounter, Order, Patient, Request, Scene};
