//! 此件谁看过.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default)]
pub struct LooksQuery {
    pub after: Option<String>,
    pub limit: Option<i64>,
}

/// Looks at one lead, newest first.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct LooksPage {
    pub items: Vec<LeadLook>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct LeadLook {
    pub at: String,
    pub account: String,
    pub name: String,
    pub role_title: String,
    /// As the trail calls it: lead.look, evidence.look, timeline.look, attachment.look, page.print, look.refuse, person.unmask
    pub act: String,
    pub origin: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
