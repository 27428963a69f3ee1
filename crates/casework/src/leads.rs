//! 线索: made from findings ([`update`]), listed ([`list()`]), read in full ([`detail()`]).

pub(crate) mod ask;
pub mod detail;
pub mod list;
pub(crate) mod plan;
pub(crate) mod roll;
pub(crate) mod row;
pub(crate) mod tally;
pub mod update;
pub mod view;
pub(crate) mod write;

pub use detail::{detail, sealed_identity};
pub use list::{Filter, ids, list, today};
pub use roll::Roll;
pub use row::LeadRow;
pub use update::{Updated, outcomes, outcomes_by_kind, update};
pub use view::{
    ActOffer, Attachment, Choice, Decision, Due, Finding, Holder, Lead, LeadDetail, LeadInstitution, LeadKin, LeadPage, LineAnswer, Panel,
    PanelMember, Reply, Step,
};

use crate::Office;
use crate::error::Result;

/// Reads every lead into the roll, so that the first who asks does not wait for it; some twenty seconds of a processor for a million leads.
pub async fn warm(office: &Office) -> Result<()> {
    office.roll.bring_up(&office.store).await
}
