//! Somebody who is signed in.

use mingjian_model::day::Moment;
use mingjian_store::Actor;

use crate::policy::role_for;
use crate::{Act, Role};

/// A person as of one request: roles, scopes that have not run out, and what must be done first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub account: String,
    /// The own name, in clear.
    pub name: String,
    /// In the order of [`Role::ALL`]; never empty for somebody who may do anything.
    pub roles: Vec<Role>,
    /// 统筹区 the person belongs to, a code of up to six digits; for display, not for rights.
    pub region: String,
    /// The institution the person works at.
    pub institution: Option<String>,
    pub scopes: Scopes,
    /// Now; scopes by lead that have run out by then count for nothing.
    pub at: Moment,
    /// What comes before anything else.
    pub must: Option<Must>,
    /// Whether a second factor is set up.
    pub totp: bool,
}

/// 数据范围: what of the business data is within view. Only what the person's roles reach for counts: an institution's regions do not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scopes {
    /// Beginnings of region codes, digits only: `3309` holds all of the city.
    pub regions: Vec<String>,
    /// Codes of institutions.
    pub institutions: Vec<String>,
    /// Ids of leads.
    pub leads: Vec<String>,
}

/// What must be done before anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Must {
    /// The password was given by somebody else, or is too old.
    ChangePassword,
    /// The role asks for a second factor that is not set up.
    SetUpTotp,
}

impl Person {
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// The actor of an event, in the role that lets the person do this.
    pub fn actor(&self, act: Act, origin: &str) -> Actor {
        let role = role_for(self, act).or(self.roles.first().copied()).map_or("", Role::id);
        Actor { account: self.account.clone(), role: role.to_owned(), origin: origin.to_owned(), at: self.at }
    }
}
