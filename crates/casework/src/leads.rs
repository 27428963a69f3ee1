//! 线索: made from findings ([`update`]), listed ([`list()`]), read in full ([`detail()`]).

pub mod detail;
pub mod list;
pub(crate) mod plan;
pub(crate) mod row;
pub(crate) mod sums;
pub mod update;
pub mod view;
pub(crate) mod write;

pub use detail::{detail, sealed_identity};
pub use list::{Filter, ids, list, today};
pub use row::LeadRow;
pub use update::{Updated, outcomes, update};
pub use view::{
    ActOffer, Attachment, Choice, Decision, Due, Finding, Holder, Lead, LeadDetail, LeadPage, LineAnswer, Panel, PanelMember, Reply, Step,
};
