//! 登录与本人.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Coded;

/// 登录.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct SignIn {
    pub account: String,
    pub password: String,
    /// 动态口令, where the account has a second factor.
    pub code: Option<String>,
}

/// 登录方式 beside account and password.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct SignInWays {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oidc: Option<VouchedWay>,
}

/// 单点登录.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct VouchedWay {
    /// On the button.
    pub title: String,
    /// Where the browser goes; `?to=` names the page to end at.
    pub start: String,
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default)]
pub struct VouchedStart {
    /// Path of ours to end at, `/leads`.
    pub to: Option<String>,
}

/// What the provider sends back with the browser.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default)]
pub struct VouchedAnswer {
    pub state: Option<String>,
    pub code: Option<String>,
    pub iss: Option<String>,
    pub error: Option<String>,
}

/// 退出; where to go on to, to be out at the identity provider too.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct SignedOut {
    pub go: String,
}

/// 本人: who is logged in, and what the browser may show.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Me {
    pub account: String,
    pub name: String,
    /// Ids of roles.
    #[schema(value_type = Vec<crate::contract::words::RoleId>)]
    pub roles: Vec<String>,
    pub role_titles: Vec<String>,
    /// 统筹区 prefix the account is bound to; empty for none.
    pub region: String,
    /// Names of regions by code, as far as the settings name them; a code without a name of its own lies in the longest that begins it.
    pub region_names: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub institution: Option<Coded>,
    /// Rights, as `leads.read`; the browser shows what stands here, the server decides again.
    pub acts: Vec<String>,
    /// Sent back as `X-CSRF-Token` with everything that changes something.
    pub csrf: String,
    /// Whether a second factor is set up.
    pub totp: bool,
    /// Whether the password must be changed first.
    pub must_change: bool,
    /// Whether a second factor must be set up first.
    pub must_totp: bool,
    /// Data until this day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// The run the leads come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
}

/// 打印: the number that stands on the paper, and the page it was made of.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct PrintNote {
    /// Letters, digits and dashes; made by the browser, since paper does not wait.
    pub number: String,
    /// Path of the page, `/leads/XS2026-000001`.
    pub page: String,
}

/// 修改密码.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct NewPassword {
    pub current: String,
    pub password: String,
}

/// 绑定动态口令, first step: what the app scans.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TotpOffer {
    pub secret: String,
    /// `otpauth://…`
    pub uri: String,
}

/// 备用码: each lets one in once without the phone; shown once.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecoveryCodes {
    pub recovery_codes: Vec<String>,
}

/// 绑定动态口令, second step: a code that proves the app has it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct TotpCode {
    pub code: String,
}
