//! 约定: the shapes of the HTTP interface, one module an area. The OpenAPI document and the browser's types are made from them.
//!
//! Field names are snake_case. Money is integer fen in fields that end in `_fen`; days are `2026-01-31`, moments `2026-01-31 08:00:00`, both
//! local. An absent field and a field without value are the same: such fields are left out.

pub mod campaigns;
pub mod counter;
pub mod desk;
pub mod evidence;
pub mod exports;
pub mod institution;
pub mod jobs;
pub mod knowledge;
pub mod lead;
pub mod looks;
pub mod me;
pub mod overview;
pub mod problem;
pub mod profile;
pub mod recovery;
pub mod relations;
pub mod rules;
pub mod runs;
pub mod users;
pub mod words;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whoever acts or holds: the account and the name shown.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct Holder {
    pub account: String,
    pub name: String,
}

/// A code and what people call it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct Coded {
    pub code: String,
    pub name: String,
}

/// A choice of a list: what is sent and what is shown.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct Choice {
    pub code: String,
    pub title: String,
}
