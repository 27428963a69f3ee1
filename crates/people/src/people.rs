//! Accounts as the store has them, and who a session belongs to.

use std::sync::Arc;

use mingjian_model::day::{MICROS_PER_DAY, Moment};
use mingjian_store::{Change, Row, Sealer, Store};

use crate::strangers::Strangers;
use crate::{Must, PeopleError, Person, Role, Scopes, Settings, Way};

/// 人: the accounts of a store. A clone is cheap.
#[derive(Clone)]
pub struct People {
    pub(crate) store: Store,
    pub(crate) sealer: Sealer,
    pub(crate) settings: Arc<Settings>,
    pub(crate) strangers: Arc<Strangers>,
}

pub(crate) const ACCOUNT_COLUMNS: &str = "a.account, a.name, a.phone, a.region, a.institution, a.password, a.password_at, a.password_given, \
     a.failures, a.locked_until, a.totp, a.totp_at, a.totp_step, a.disabled, a.ends, a.made_at, a.version";

impl People {
    pub fn new(store: Store, sealer: Sealer, settings: Settings) -> People {
        People { store, sealer, settings: Arc::new(settings), strangers: Arc::default() }
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The person of an account, as of `at`, without a session: for what runs in somebody's name from the command line.
    ///
    /// `None`: no such account, or one that is disabled or has run out.
    pub async fn person(&self, account: &str, at: Moment) -> Result<Option<Person>, PeopleError> {
        let row = self.store.one(&format!("select {ACCOUNT_COLUMNS} from accounts a where a.account = $1"), &[account.into()]).await?;
        match row {
            Some(row) if is_open(&row, at)? => Ok(Some(self.person_of(&row, at).await?)),
            _ => Ok(None),
        }
    }

    /// A row of an account as a person, with roles and scopes that hold at `at`.
    pub(crate) async fn person_of(&self, row: &Row, at: Moment) -> Result<Person, PeopleError> {
        self.person_by(row, at, Way::Password).await
    }

    /// The same for a session that began this way: whom a provider vouches for has no password of ours to change, and who gave it a second
    /// factor needs none of ours.
    pub(crate) async fn person_by(&self, row: &Row, at: Moment, way: Way) -> Result<Person, PeopleError> {
        let account = row.text("account")?;
        let held = self.store.rows("select role from account_roles where account = $1", &[(&account).into()]).await?;
        let held: Vec<String> = held.iter().map(|row| row.text("role")).collect::<Result<_, _>>()?;
        let roles: Vec<Role> = Role::ALL.into_iter().filter(|role| held.iter().any(|id| id == role.id())).collect();
        let sql = "select kind, value from scopes where account = $1 and (ends is null or ends > $2) order by kind, value";
        let mut scopes = Scopes::default();
        for row in self.store.rows(sql, &[(&account).into(), at.into()]).await? {
            let value = row.text("value")?;
            match row.text("kind")?.as_str() {
                "region" => scopes.regions.push(value),
                "institution" => scopes.institutions.push(value),
                "lead" => scopes.leads.push(value),
                _ => {}
            }
        }
        let totp = row.maybe_int("totp_at")?.is_some();
        let too_old = self.settings.password_days_max.is_some_and(|days| at - row.int("password_at").unwrap_or(0) > days * MICROS_PER_DAY);
        let by_password = way == Way::Password;
        let second = totp || way == Way::Vouched { second_factor: true };
        let must = if by_password && (row.flag("password_given")? || too_old) {
            Some(Must::ChangePassword)
        } else if !second && roles.iter().any(|role| self.settings.totp_roles.contains(role)) {
            Some(Must::SetUpTotp)
        } else {
            None
        };
        let name = self.sealer.open(&row.text("name")?)?;
        let (region, institution) = (row.text("region")?, row.maybe_text("institution")?);
        Ok(Person { account, name, roles, region, institution, scopes, at, must, totp })
    }

    /// The row of an account, as the change sees it.
    pub(crate) async fn row(&self, change: &mut Change, account: &str) -> Result<Row, PeopleError> {
        let row = change.one(&format!("select {ACCOUNT_COLUMNS} from accounts a where a.account = $1"), &[account.into()]).await?;
        row.ok_or_else(|| PeopleError::Unknown(account.to_owned()))
    }
}

/// Whether somebody may sign in with the account at all.
pub(crate) fn is_open(row: &Row, at: Moment) -> Result<bool, PeopleError> {
    Ok(!row.flag("disabled")? && row.maybe_int("ends")?.is_none_or(|ends| ends > at))
}
