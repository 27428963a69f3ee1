//! 单点登录: a session for whom an identity provider has vouched. What the provider says was checked by whoever calls; here it is turned into
//! an account of ours, under the same lock, limits and record as a password.
//!
//! An identity (issuer and subject) belongs to one account, and an account has one identity of an issuer. The first time it is found by the
//! name the provider gives; after that by the identity alone, so that whoever is given a freed name at the provider does not become the
//! account's former owner. Accounts are not made by themselves, unless a setting names a role without business rights.

use mingjian_model::day::Moment;
use mingjian_store::{Actor, Change, Event, audit};
use serde_json::json;

use crate::accounts::is_account;
use crate::people::is_open;
use crate::role::Reach;
use crate::secret::token;
use crate::sessions::{SignInError, SignedIn, end_sessions, refuse, session_id};
use crate::{Act, NewAccount, Object, People, PeopleError, Person, Role, allows};

/// Whom the provider vouches for.
#[derive(Debug, Clone)]
pub struct Vouched {
    pub issuer: String,
    /// Who it is at the provider, for ever.
    pub subject: String,
    /// The name of the account, as the claim that names it has it.
    pub account: String,
    pub name: Option<String>,
    /// The provider asked for a second factor, as far as the settings take its word for it.
    pub second_factor: bool,
}

/// How a session began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Password,
    Vouched { second_factor: bool },
}

impl Way {
    pub(crate) fn id(self) -> &'static str {
        match self {
            Way::Password => "password",
            Way::Vouched { second_factor: false } => "oidc",
            Way::Vouched { second_factor: true } => "oidc2",
        }
    }

    pub(crate) fn from_id(id: &str) -> Way {
        match id {
            "oidc" => Way::Vouched { second_factor: false },
            "oidc2" => Way::Vouched { second_factor: true },
            _ => Way::Password,
        }
    }
}

/// Whether accounts of this role may come into being by themselves: it sees no business and keeps nothing.
pub fn may_come_by_itself(role: Role) -> bool {
    role.reach() == Reach::Nothing && ![Role::Sysadmin, Role::Secadmin, Role::Auditadmin].contains(&role)
}

impl People {
    /// Begins a session for whom the provider vouches; `makes`: the role of accounts that come into being by themselves.
    pub async fn sign_in_vouched(&self, vouched: &Vouched, makes: Option<Role>, origin: &str, at: Moment) -> Result<SignedIn, SignInError> {
        let subject = self.subject(&vouched.issuer, &vouched.subject);
        let wanted = vouched.account.trim().to_lowercase();
        let known = self.account_linked(&vouched.issuer, &subject, &wanted).await?;
        let named = known.clone().or_else(|| Some(wanted.clone()).filter(|wanted| makes.is_some() && is_account(wanted)));
        // Who is nobody here stays nameless: what the provider calls them may be a name.
        let who = Actor { account: named.clone().unwrap_or_else(|| "?".to_owned()), role: String::new(), origin: origin.to_owned(), at };
        let mut change = self.store.begin(&who).await?;
        let Some(account) = named else { return Err(refuse(change, "?", "oidc_unknown", SignInError::NoAccount).await) };
        if known.is_none() {
            self.make(&mut change, &account, vouched, makes).await?;
        }
        let row = self.row(&mut change, &account).await?;
        if let Some(until) = row.maybe_int("locked_until")?.filter(|until| *until > at) {
            return Err(refuse(change, &account, "locked", SignInError::Locked { until }).await);
        }
        if !is_open(&row, at)? {
            return Err(refuse(change, &account, "disabled", SignInError::NoAccount).await);
        }
        if !self.link(&mut change, &account, &vouched.issuer, &subject, at).await? {
            return Err(refuse(change, &account, "oidc_other", SignInError::OtherIdentity).await);
        }
        if row.maybe_int("totp_at")?.is_some() && !vouched.second_factor {
            return Err(refuse(change, &account, "oidc_second", SignInError::SecondFactor).await);
        }
        let ended = self.make_room(&mut change, &account, at).await?;
        let way = Way::Vouched { second_factor: vouched.second_factor };
        let token = token()?;
        let args = [session_id(&token).into(), (&account).into(), at.into(), origin.into(), way.id().into()];
        change.run("insert into sessions (id, account, begun_at, origin, way) values ($1, $2, $3, $4, $5)", &args).await?;
        let second = if vouched.second_factor { "oidc" } else { "none" };
        change.note(event(
            "session.begin",
            &account,
            json!({"second_factor": second, "ended": ended, "by": "oidc", "issuer": vouched.issuer}),
        ));
        change.commit().await?;
        let person = self.person_by(&row, at, way).await?;
        Ok(SignedIn { csrf: self.csrf(&token), token, person })
    }

    /// Writes down that the provider's answer was refused before it was known whose it is: `why` is a word of the protocol, `oidc_nonce`.
    pub async fn note_vouching_refused(&self, why: &str, origin: &str, at: Moment) -> Result<(), PeopleError> {
        let who = Actor { account: "?".to_owned(), role: String::new(), origin: origin.to_owned(), at };
        let mut change = self.store.begin(&who).await?;
        change.note(event("session.refuse", "?", json!({"why": why})));
        change.commit().await?;
        Ok(())
    }

    /// Takes the link to a provider's identity away and ends the account's sessions; the next one vouched for by that name is linked anew.
    pub async fn unlink(&self, by: &Person, account: &str, origin: &str) -> Result<(), PeopleError> {
        allows(by, Act::UsersWrite, &Object::account(account))?;
        let mut change = self.store.begin(&by.actor(Act::UsersWrite, origin)).await?;
        self.row(&mut change, account).await?;
        let links = change.run("delete from identities where account = $1", &[account.into()]).await?;
        let ended = end_sessions(&mut change, account, None, by.at).await?;
        change.note(event("account.unlink", account, json!({"links": links, "ended": ended})));
        change.commit().await?;
        Ok(())
    }

    /// How the session of a token began.
    pub async fn way_of(&self, token: &str) -> Result<Way, PeopleError> {
        let row = self.store.one("select way from sessions where id = $1", &[session_id(token).into()]).await?;
        Ok(row.map(|row| row.text("way")).transpose()?.map_or(Way::Password, |way| Way::from_id(&way)))
    }

    fn subject(&self, issuer: &str, subject: &str) -> String {
        audit::sm3_hex(self.sealer.index(&format!("oidc\n{issuer}\n{subject}")).as_bytes())
    }

    /// The account of an identity, or else the one of that name.
    async fn account_linked(&self, issuer: &str, subject: &str, wanted: &str) -> Result<Option<String>, PeopleError> {
        let sql = "select account from identities where issuer = $1 and subject = $2";
        if let Some(row) = self.store.one(sql, &[issuer.into(), subject.into()]).await? {
            return Ok(Some(row.text("account")?));
        }
        if !is_account(wanted) {
            return Ok(None);
        }
        let row = self.store.one("select account from accounts where account = $1", &[wanted.into()]).await?;
        Ok(row.map(|row| row.text("account")).transpose()?)
    }

    /// Links the identity to the account, where neither is linked yet; false when one of them is linked otherwise.
    async fn link(&self, change: &mut Change, account: &str, issuer: &str, subject: &str, at: Moment) -> Result<bool, PeopleError> {
        let sql = "select account, subject from identities where issuer = $1 and (subject = $2 or account = $3)";
        let linked = change.rows(sql, &[issuer.into(), subject.into(), account.into()]).await?;
        if linked.is_empty() {
            let args = [issuer.into(), subject.into(), account.into(), at.into()];
            change.run("insert into identities (issuer, subject, account, linked_at) values ($1, $2, $3, $4)", &args).await?;
            change.note(event("account.link", account, json!({"issuer": issuer})));
            return Ok(true);
        }
        for row in linked {
            if row.text("account")? != account || row.text("subject")? != subject {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// An account that comes into being by itself: it sees no business, and nobody knows its password.
    async fn make(&self, change: &mut Change, account: &str, vouched: &Vouched, makes: Option<Role>) -> Result<(), PeopleError> {
        let role = makes.filter(|role| may_come_by_itself(*role)).ok_or_else(|| PeopleError::Unknown(account.to_owned()))?;
        let name = vouched.name.as_deref().map(str::trim).filter(|name| !name.is_empty()).unwrap_or(account);
        let new = NewAccount {
            account: account.to_owned(),
            name: name.chars().take(64).collect(),
            phone: None,
            region: String::new(),
            institution: None,
            roles: vec![role],
            grants: Vec::new(),
            ends: None,
            // No password has this hash.
            password: crate::Hashed { phc: crate::password::nobodys(&self.settings), one_time: true },
            password_given: true,
        };
        self.insert(change, &new).await
    }
}

fn event(act: &'static str, account: &str, detail: serde_json::Value) -> Event {
    Event { act, object_kind: "account", object: account.to_owned(), detail, reason: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_sees_no_business_comes_by_itself() {
        let may: Vec<Role> = Role::ALL.into_iter().filter(|role| may_come_by_itself(*role)).collect();
        assert_eq!(may, [Role::RuleAuthor]);
    }

    #[test]
    fn a_way_is_read_as_written() {
        for way in [Way::Password, Way::Vouched { second_factor: false }, Way::Vouched { second_factor: true }] {
            assert_eq!(Way::from_id(way.id()), way);
        }
    }
}
