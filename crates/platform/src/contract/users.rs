//! 组织与权限, 操作日志.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Choice;

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct UserList {
    pub items: Vec<User>,
    /// Roles there are.
    pub roles: Vec<Choice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default)]
pub struct UserQuery {
    /// Beginning of the account.
    pub q: Option<String>,
    pub role: Option<String>,
    pub after: Option<String>,
    pub limit: Option<i64>,
}

/// 权限表: which role may do what, how far it sees, and which roles one person must not hold together.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Rights {
    pub roles: Vec<RightsRole>,
    pub acts: Vec<RightsAct>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RightsRole {
    #[schema(value_type = crate::contract::words::RoleId)]
    pub code: String,
    pub title: String,
    /// What bounds its view of business data.
    #[schema(value_type = crate::contract::words::Reach)]
    pub reach: String,
    /// Roles that must not be held beside it.
    #[schema(value_type = Vec<crate::contract::words::RoleId>)]
    pub apart: Vec<String>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct RightsAct {
    /// As in `acts` of /me.
    pub id: String,
    pub title: String,
    #[schema(value_type = Vec<crate::contract::words::RoleId>)]
    pub roles: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default)]
pub struct ResetQuery {
    /// 1: take the second factor away too.
    pub second_factor: Option<u8>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct User {
    pub account: String,
    pub name: String,
    #[schema(value_type = Vec<crate::contract::words::RoleId>)]
    pub roles: Vec<String>,
    pub role_titles: Vec<String>,
    pub region: String,
    /// Codes of institutions the account is bound to.
    pub institutions: Vec<String>,
    /// active, locked, disabled, expired
    #[schema(value_type = crate::contract::words::AccountState)]
    pub state: String,
    pub totp: bool,
    /// Whether an identity of the provider of single sign-on belongs to it.
    pub linked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_login: Option<String>,
    pub version: i64,
}

/// 新建账号; its first password is made, shown once, and changed at the first log-in.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct NewUser {
    pub account: String,
    pub name: String,
    #[schema(value_type = Vec<crate::contract::words::RoleId>)]
    pub roles: Vec<String>,
    #[serde(default)]
    pub region: String,
    #[serde(default)]
    pub institutions: Vec<String>,
    /// Last day the account holds.
    pub expires: Option<String>,
}

/// Changes to an account; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct UserPatch {
    pub version: i64,
    pub name: Option<String>,
    #[schema(value_type = Option<Vec<crate::contract::words::RoleId>>)]
    pub roles: Option<Vec<String>>,
    pub region: Option<String>,
    pub institutions: Option<Vec<String>>,
    pub expires: Option<String>,
    pub disabled: Option<bool>,
}

/// An account made or reset; the password is shown once.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct UserMade {
    pub user: User,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default)]
pub struct AuditQuery {
    pub account: Option<String>,
    pub act: Option<String>,
    /// Id of the object.
    pub object: Option<String>,
    /// 1: looks only, and looks refused.
    pub looks: Option<u8>,
    pub after: Option<String>,
    pub limit: Option<i64>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct AuditPage {
    pub items: Vec<AuditEvent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct AuditEvent {
    pub seq: i64,
    pub at: String,
    pub account: String,
    pub role: String,
    pub origin: String,
    pub act: String,
    pub object_kind: String,
    pub object: String,
    #[schema(value_type = Object)]
    pub detail: serde_json::Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// SM3 over this event and the one before.
    pub hash: String,
}

/// 日志链是否完整
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct AuditState {
    pub intact: bool,
    pub events: i64,
    /// The first break, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anchor: Option<AuditAnchor>,
}

#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct AuditAnchor {
    pub day: String,
    pub seq: i64,
    pub hash: String,
}
