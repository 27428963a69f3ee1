//! 办案: from the finding to the money back.
//!
//! Goes in: findings of a run as plain rows ([`finding::FindingRow`]), persons who act ([`person::Asker`]), the clock (in the asker or the
//! actor). Comes out: leads, what can be done with them and by whom, decisions, the recovery ledger, campaigns, in the shapes of the HTTP
//! contract.
//!
//! True of it:
//! - The way of a lead is one table ([`way::table`]); what is not in it cannot be done, and nobody decides what they reviewed
//!   (`tests/it/way.rs`).
//! - A change of state, its step and its event of the trail are one transaction.
//! - found = decided + withdrawn + dropped, and decided = due in the ledger, to the fen, after any sequence of acts
//!   (`tests/it/ledger.rs`); [`check::reconcile`] says where it does not hold.
//! - Every list stands below a scope handed in; an institution sees only what it was told.
//! - It reads no clock and knows no HTTP, no Arrow, no accounts.
//!
//! Start reading at [`leads::update()`], then [`way::table`].

pub mod attachments;
pub mod calendar;
pub mod campaigns;
pub mod check;
pub mod error;
pub mod finding;
pub mod leads;
pub mod money;
pub mod notices;
pub mod person;
pub mod profiles;
pub mod rank;
pub mod reasons;
pub mod recoveries;
pub mod settings;
mod sniff;
pub mod status;
pub(crate) mod steps;
pub mod subject;
pub mod summary;
pub mod triage;
pub mod way;
pub mod workbench;

use std::path::PathBuf;

use mingjian_store::Store;

pub use calendar::Calendar;
pub use error::{CaseError, Result};
pub use finding::{Facts, FindingRow, InstitutionFact, PersonFact, VisitFact};
pub use person::{Asker, Colleague, Person, Scope};
pub use settings::Settings;
pub use status::Status;

/// What casework works with. A clone speaks to the same store.
#[derive(Clone)]
pub struct Office {
    pub store: Store,
    pub calendar: Calendar,
    pub settings: Settings,
    /// Where attachments lie: `<workspace>/attachments`.
    pub folder: PathBuf,
    pub(crate) roll: leads::Roll,
}

impl Office {
    /// An office with the built-in calendar and default settings.
    pub fn new(store: Store, folder: impl Into<PathBuf>) -> Office {
        Office { store, calendar: Calendar::built_in(), settings: Settings::default(), folder: folder.into(), roll: leads::Roll::default() }
    }
}
