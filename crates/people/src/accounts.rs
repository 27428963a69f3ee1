//! 账号管理, by the security administrator; and who there is to give a task to.

use std::collections::BTreeMap;

use mingjian_model::day::Moment;
use mingjian_store::{Arg, Change, Event, Row};
use serde_json::json;

use crate::password::Hashed;
use crate::people::{ACCOUNT_COLUMNS, People};
use crate::role::{Reach, clash};
use crate::sessions::{end_sessions, keep_past};
use crate::{Act, Object, PeopleError, Person, Role, allows, mask};

/// What a scope is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GrantKind {
    Region,
    Institution,
    Lead,
}

impl GrantKind {
    pub fn id(self) -> &'static str {
        match self {
            GrantKind::Region => "region",
            GrantKind::Institution => "institution",
            GrantKind::Lead => "lead",
        }
    }

    pub fn from_id(id: &str) -> Option<GrantKind> {
        [GrantKind::Region, GrantKind::Institution, GrantKind::Lead].into_iter().find(|kind| kind.id() == id)
    }
}

/// One scope of an account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    pub kind: GrantKind,
    /// The beginning of a region's code, the code of an institution, the id of a lead.
    pub value: String,
    /// When it runs out; `None`: never.
    pub ends: Option<Moment>,
}

impl Grant {
    pub fn region(prefix: &str) -> Grant {
        Grant { kind: GrantKind::Region, value: prefix.to_owned(), ends: None }
    }

    pub fn institution(code: &str) -> Grant {
        Grant { kind: GrantKind::Institution, value: code.to_owned(), ends: None }
    }
}

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewAccount {
    pub account: String,
    /// In clear; sealed in the store.
    pub name: String,
    pub phone: Option<String>,
    pub region: String,
    /// The institution the person works at.
    pub institution: Option<String>,
    pub roles: Vec<Role>,
    pub grants: Vec<Grant>,
    pub ends: Option<Moment>,
    pub password: Hashed,
    /// Whether the password must be changed at the first sign-in.
    pub password_given: bool,
}

/// What changes of an account; what is `None` stays. The inner `None` of an optional field takes it away.
#[derive(Debug, Clone, Default)]
pub struct AccountChange {
    pub name: Option<String>,
    pub phone: Option<Option<String>>,
    pub region: Option<String>,
    pub institution: Option<Option<String>>,
    pub roles: Option<Vec<Role>>,
    /// All scopes, in place of those there are.
    pub grants: Option<Vec<Grant>>,
    pub ends: Option<Option<Moment>>,
    pub disabled: Option<bool>,
}

/// An account as the security administrator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub account: String,
    pub name: String,
    pub phone_masked: Option<String>,
    pub region: String,
    pub institution: Option<String>,
    pub roles: Vec<Role>,
    pub grants: Vec<Grant>,
    pub ends: Option<Moment>,
    pub disabled: bool,
    /// Until when it is locked; `None`: it is not.
    pub locked_until: Option<Moment>,
    pub totp: bool,
    /// Whether an identity of a provider belongs to it.
    pub linked: bool,
    /// The password was given and not yet changed.
    pub password_given: bool,
    pub made_at: Moment,
    /// When a session of it last began.
    pub signed_in_at: Option<Moment>,
    pub version: i64,
}

/// Somebody who can be given a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colleague {
    pub account: String,
    pub name: String,
    pub roles: Vec<Role>,
    pub institution: Option<String>,
}

impl People {
    /// The accounts, by name of account, after `after`; those whose account begins with `beginning` and who hold `role`.
    pub async fn accounts(
        &self,
        by: &Person,
        beginning: &str,
        role: Option<Role>,
        after: Option<&str>,
        limit: i64,
    ) -> Result<Vec<Account>, PeopleError> {
        allows(by, Act::UsersRead, &Object::none())?;
        let sql = format!(
            "select {ACCOUNT_COLUMNS}, (select max(begun_at) from sessions s where s.account = a.account) as signed_in_at, \
             (select count(*) from identities i where i.account = a.account) as linked from accounts a \
             where a.account > $1 and substr(a.account, 1, length($2)) = $2 \
             and ($3 = '' or exists (select 1 from account_roles r where r.account = a.account and r.role = $3)) order by a.account limit $4"
        );
        let args = [after.unwrap_or("").into(), beginning.into(), role.map_or("", Role::id).into(), limit.into()];
        let rows = self.store.rows(&sql, &args).await?;
        self.accounts_of(&rows, by.at).await
    }

    /// One account.
    pub async fn account(&self, by: &Person, account: &str) -> Result<Account, PeopleError> {
        allows(by, Act::UsersRead, &Object::none())?;
        let sql = format!(
            "select {ACCOUNT_COLUMNS}, (select max(begun_at) from sessions s where s.account = a.account) as signed_in_at, \
             (select count(*) from identities i where i.account = a.account) as linked from accounts a \
             where a.account = $1"
        );
        let rows = self.store.rows(&sql, &[account.into()]).await?;
        self.accounts_of(&rows, by.at).await?.pop().ok_or_else(|| PeopleError::Unknown(account.to_owned()))
    }

    /// Makes an account.
    pub async fn create(&self, by: &Person, new: &NewAccount, origin: &str) -> Result<(), PeopleError> {
        allows(by, Act::UsersWrite, &Object::account(&new.account))?;
        let mut change = self.store.begin(&by.actor(Act::UsersWrite, origin)).await?;
        self.insert(&mut change, new).await?;
        change.commit().await?;
        Ok(())
    }

    /// Changes an account as it was at `version`. Roles and scopes hold for the very next request; a disabled account's sessions end.
    pub async fn change(&self, by: &Person, account: &str, version: i64, what: &AccountChange, origin: &str) -> Result<(), PeopleError> {
        allows(by, Act::UsersWrite, &Object::account(account))?;
        let mut change = self.store.begin(&by.actor(Act::UsersWrite, origin)).await?;
        let row = self.row(&mut change, account).await?;
        if row.int("version")? != version {
            return Err(PeopleError::Changed(account.to_owned()));
        }
        let roles = match &what.roles {
            Some(roles) => roles.clone(),
            None => roles_of(&change.rows("select role from account_roles where account = $1", &[account.into()]).await?)?,
        };
        let grants = match &what.grants {
            Some(grants) => grants.clone(),
            None => grants_of(&change.rows("select kind, value, ends from scopes where account = $1", &[account.into()]).await?)?,
        };
        check_rights(&roles, &grants)?;
        let mut told = Vec::new();
        let mut set = async |change: &mut Change, column: &'static str, arg: Arg| -> Result<(), PeopleError> {
            told.push(column);
            change.run(&format!("update accounts set {column} = $2 where account = $1"), &[account.into(), arg]).await?;
            Ok(())
        };
        if let Some(name) = &what.name {
            set(&mut change, "name", self.sealer.seal(checked_name(name)?)?.into()).await?;
        }
        if let Some(phone) = &what.phone {
            set(&mut change, "phone", phone.as_ref().map(|phone| self.sealer.seal(phone)).transpose()?.into()).await?;
        }
        if let Some(region) = &what.region {
            set(&mut change, "region", checked_home(region)?.into()).await?;
        }
        if let Some(institution) = &what.institution {
            set(&mut change, "institution", institution.as_ref().into()).await?;
        }
        if let Some(ends) = what.ends {
            set(&mut change, "ends", ends.into()).await?;
        }
        if let Some(disabled) = what.disabled {
            set(&mut change, "disabled", disabled.into()).await?;
            if disabled {
                end_sessions(&mut change, account, None, by.at).await?;
            }
        }
        if what.roles.is_some() {
            told.push("roles");
            put_roles(&mut change, account, &roles).await?;
        }
        if what.grants.is_some() {
            told.push("scopes");
            put_grants(&mut change, account, &grants).await?;
        }
        change.run("update accounts set version = version + 1 where account = $1", &[account.into()]).await?;
        let mut detail = json!({"columns": told});
        if let Some(disabled) = what.disabled {
            detail["disabled"] = disabled.into();
        }
        describe_rights(&mut detail, what.roles.as_deref(), what.grants.as_deref());
        change.note(event("account.change", account, detail));
        change.commit().await?;
        Ok(())
    }

    /// Gives an account a password that must be changed at once, unlocks it, ends its sessions; takes its second factor away if asked.
    pub async fn reset(&self, by: &Person, account: &str, password: &Hashed, second_factor: bool, origin: &str) -> Result<(), PeopleError> {
        allows(by, Act::UsersWrite, &Object::account(account))?;
        let mut change = self.store.begin(&by.actor(Act::UsersWrite, origin)).await?;
        let row = self.row(&mut change, account).await?;
        keep_past(&mut change, account, &row.text("password")?, by.at).await?;
        let args = [account.into(), (&password.phc).into(), by.at.into()];
        let sql = "update accounts set password = $2, password_at = $3, password_given = 1, failures = 0, locked_until = null, \
                   version = version + 1 where account = $1";
        change.run(sql, &args).await?;
        if second_factor {
            self.forget_totp(&mut change, account).await?;
        }
        let ended = end_sessions(&mut change, account, None, by.at).await?;
        change.note(event("account.reset", account, json!({"second_factor": second_factor, "ended": ended})));
        change.commit().await?;
        Ok(())
    }

    /// Unlocks an account that was locked by wrong tries.
    pub async fn unlock(&self, by: &Person, account: &str, origin: &str) -> Result<(), PeopleError> {
        allows(by, Act::UsersWrite, &Object::account(account))?;
        let mut change = self.store.begin(&by.actor(Act::UsersWrite, origin)).await?;
        self.row(&mut change, account).await?;
        change.run("update accounts set failures = 0, locked_until = null where account = $1", &[account.into()]).await?;
        change.note(event("account.unlock", account, json!({})));
        change.commit().await?;
        Ok(())
    }

    /// Whom a task about a place can be given to: open accounts that hold one of these roles and whose regions hold `region`. Roles that
    /// reach single leads only, such as experts, count wherever they are: the task itself grants them the lead.
    pub async fn colleagues(&self, roles: &[Role], region: &str, at: Moment) -> Result<Vec<Colleague>, PeopleError> {
        let places: Vec<String> = (0..roles.len()).map(|place| format!("${}", place + 2)).collect();
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let args: Vec<Arg> = std::iter::once(at.into()).chain(roles.iter().map(|role| role.id().into())).collect();
        let sql = format!(
            "select a.account, a.name, a.institution, r.role from accounts a join account_roles r on r.account = a.account \
             where a.disabled = 0 and (a.ends is null or a.ends > $1) and r.role in ({}) order by a.account, r.role",
            places.join(", ")
        );
        let scopes = self.regions_by_account(at).await?;
        let mut found: Vec<Colleague> = Vec::new();
        for row in self.store.rows(&sql, &args).await? {
            let account = row.text("account")?;
            let Some(role) = Role::from_id(&row.text("role")?) else { continue };
            let regions = scopes.get(&account).map_or(&[][..], Vec::as_slice);
            if role.reach() == Reach::Region && !regions.iter().any(|prefix| region.starts_with(prefix.as_str())) {
                continue;
            }
            match found.last_mut().filter(|last| last.account == account) {
                Some(last) => last.roles.push(role),
                None => {
                    let name = self.sealer.open(&row.text("name")?)?;
                    found.push(Colleague { account, name, roles: vec![role], institution: row.maybe_text("institution")? });
                }
            }
        }
        Ok(found)
    }

    /// The names of accounts, for who did what; accounts that are not there are left out.
    pub async fn names(&self, accounts: &[String]) -> Result<BTreeMap<String, String>, PeopleError> {
        let mut names = BTreeMap::new();
        for some in accounts.chunks(500) {
            let places: Vec<String> = (1..=some.len()).map(|place| format!("${place}")).collect();
            let sql = format!("select account, name from accounts where account in ({})", places.join(", "));
            let args: Vec<Arg> = some.iter().map(Arg::from).collect();
            for row in self.store.rows(&sql, &args).await? {
                names.insert(row.text("account")?, self.sealer.open(&row.text("name")?)?);
            }
        }
        Ok(names)
    }

    async fn regions_by_account(&self, at: Moment) -> Result<BTreeMap<String, Vec<String>>, PeopleError> {
        let sql = "select account, value from scopes where kind = 'region' and (ends is null or ends > $1)";
        let mut regions: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in self.store.rows(sql, &[at.into()]).await? {
            regions.entry(row.text("account")?).or_default().push(row.text("value")?);
        }
        Ok(regions)
    }

    pub(crate) async fn insert(&self, change: &mut Change, new: &NewAccount) -> Result<(), PeopleError> {
        if !is_account(&new.account) {
            return Err(PeopleError::AccountForm(new.account.clone()));
        }
        check_rights(&new.roles, &new.grants)?;
        let at = change.actor().at;
        if change.one("select account from accounts where account = $1", &[(&new.account).into()]).await?.is_some() {
            return Err(PeopleError::Taken(new.account.clone()));
        }
        let args: [Arg; 11] = [
            (&new.account).into(),
            self.sealer.seal(checked_name(&new.name)?)?.into(),
            new.phone.as_ref().map(|phone| self.sealer.seal(phone)).transpose()?.into(),
            checked_home(&new.region)?.into(),
            new.institution.as_ref().into(),
            (&new.password.phc).into(),
            at.into(),
            new.password_given.into(),
            new.ends.into(),
            0.into(),
            1.into(),
        ];
        let sql = "insert into accounts (account, name, phone, region, institution, password, password_at, password_given, failures, totp_step, \
                   disabled, ends, made_at, version) values ($1, $2, $3, $4, $5, $6, $7, $8, $10, $10, $10, $9, $7, $11)";
        change.run(sql, &args).await?;
        put_roles(change, &new.account, &new.roles).await?;
        put_grants(change, &new.account, &new.grants).await?;
        let mut detail = json!({});
        describe_rights(&mut detail, Some(&new.roles), Some(&new.grants));
        change.note(event("account.create", &new.account, detail));
        Ok(())
    }

    /// Rows of accounts with their roles and scopes: two more reads for all of them.
    async fn accounts_of(&self, rows: &[Row], at: Moment) -> Result<Vec<Account>, PeopleError> {
        let accounts: Vec<String> = rows.iter().map(|row| row.text("account")).collect::<Result<_, _>>()?;
        let places: Vec<String> = (1..=accounts.len()).map(|place| format!("${place}")).collect();
        let args: Vec<Arg> = accounts.iter().map(Arg::from).collect();
        let (mut roles, mut grants) = (BTreeMap::new(), BTreeMap::new());
        if !accounts.is_empty() {
            let among = places.join(", ");
            let sql = format!("select account, role from account_roles where account in ({among})");
            roles = by_account(self.store.rows(&sql, &args).await?)?;
            let sql = format!("select account, kind, value, ends from scopes where account in ({among}) order by account, kind, value");
            grants = by_account(self.store.rows(&sql, &args).await?)?;
        }
        let mut found = Vec::with_capacity(rows.len());
        for (row, account) in rows.iter().zip(accounts) {
            let roles = roles_of(roles.get(&account).map_or(&[], Vec::as_slice))?;
            let grants = grants_of(grants.get(&account).map_or(&[], Vec::as_slice))?;
            found.push(self.account_of(row, account, roles, grants, at)?);
        }
        Ok(found)
    }

    fn account_of(&self, row: &Row, account: String, roles: Vec<Role>, grants: Vec<Grant>, at: Moment) -> Result<Account, PeopleError> {
        let phone = row.maybe_text("phone")?.map(|sealed| self.sealer.open(&sealed)).transpose()?;
        Ok(Account {
            name: self.sealer.open(&row.text("name")?)?,
            phone_masked: phone.map(|phone| mask::phone(&phone)),
            region: row.text("region")?,
            institution: row.maybe_text("institution")?,
            ends: row.maybe_int("ends")?,
            disabled: row.flag("disabled")?,
            locked_until: row.maybe_int("locked_until")?.filter(|until| *until > at),
            totp: row.maybe_int("totp_at")?.is_some(),
            linked: row.int("linked")? > 0,
            password_given: row.flag("password_given")?,
            made_at: row.int("made_at")?,
            signed_in_at: row.maybe_int("signed_in_at")?,
            version: row.int("version")?,
            account,
            roles,
            grants,
        })
    }
}

fn by_account(rows: Vec<Row>) -> Result<BTreeMap<String, Vec<Row>>, PeopleError> {
    let mut sorted: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for row in rows {
        sorted.entry(row.text("account")?).or_default().push(row);
    }
    Ok(sorted)
}

/// Lets an account see a lead until a moment: for who calls a panel or asks somebody outside, in the same change.
pub async fn grant_lead(change: &mut Change, account: &str, lead: &str, ends: Option<Moment>) -> Result<(), PeopleError> {
    let sql = "insert into scopes (account, kind, value, ends) values ($1, 'lead', $2, $3) \
               on conflict (account, kind, value) do update set ends = excluded.ends";
    change.run(sql, &[account.into(), lead.into(), ends.into()]).await?;
    change.note(event("scope.grant", account, json!({"lead": lead, "ends": ends})));
    Ok(())
}

pub(crate) fn is_account(account: &str) -> bool {
    let letter = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = account.as_bytes();
    (2..=32).contains(&bytes.len()) && letter(&bytes[0]) && bytes.iter().all(|byte| letter(byte) || matches!(byte, b'.' | b'-' | b'_'))
}

/// Characters of a name.
const NAME_MAX: usize = 64;

/// A name stands in lists, files and on paper beside others' words: nothing in it may break a line or turn the direction.
fn checked_name(name: &str) -> Result<&str, PeopleError> {
    let name = name.trim();
    let turns = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    let plain = !name.is_empty() && name.chars().count() <= NAME_MAX && !name.chars().any(|c| c.is_control() || turns(c));
    if plain { Ok(name) } else { Err(PeopleError::Name(NAME_MAX)) }
}

/// The region somebody belongs to is for display; an administrator of an empty workspace has none.
fn checked_home(region: &str) -> Result<&str, PeopleError> {
    if region.is_empty() { Ok(region) } else { checked_region(region) }
}

fn checked_region(region: &str) -> Result<&str, PeopleError> {
    let is_code = (2..=6).contains(&region.len()) && region.bytes().all(|byte| byte.is_ascii_digit());
    if is_code { Ok(region) } else { Err(PeopleError::RegionForm(region.to_owned())) }
}

/// Roles that go together, and a scope for each that needs one. Who sees single leads needs none: they come with the tasks.
fn check_rights(roles: &[Role], grants: &[Grant]) -> Result<(), PeopleError> {
    if roles.is_empty() {
        return Err(PeopleError::NoRole);
    }
    if let Some((one, other)) = clash(roles) {
        return Err(PeopleError::RolesClash(one, other));
    }
    for grant in grants {
        match grant.kind {
            GrantKind::Region => checked_region(&grant.value).map(|_| ())?,
            GrantKind::Institution | GrantKind::Lead if grant.value.trim().is_empty() => return Err(PeopleError::EmptyGrant),
            GrantKind::Institution | GrantKind::Lead => {}
        }
    }
    for role in roles {
        let (kind, needs) = match role.reach() {
            Reach::Region => (GrantKind::Region, "至少一个统筹区"),
            Reach::Institution => (GrantKind::Institution, "至少一家机构"),
            Reach::Lead | Reach::Nothing => continue,
        };
        if !grants.iter().any(|grant| grant.kind == kind) {
            return Err(PeopleError::NoScope { role: *role, needs });
        }
    }
    Ok(())
}

fn roles_of(rows: &[Row]) -> Result<Vec<Role>, PeopleError> {
    let held: Vec<String> = rows.iter().map(|row| row.text("role")).collect::<Result<_, _>>()?;
    Ok(Role::ALL.into_iter().filter(|role| held.iter().any(|id| id == role.id())).collect())
}

fn grants_of(rows: &[Row]) -> Result<Vec<Grant>, PeopleError> {
    let mut grants = Vec::new();
    for row in rows {
        if let Some(kind) = GrantKind::from_id(&row.text("kind")?) {
            grants.push(Grant { kind, value: row.text("value")?, ends: row.maybe_int("ends")? });
        }
    }
    Ok(grants)
}

async fn put_roles(change: &mut Change, account: &str, roles: &[Role]) -> Result<(), PeopleError> {
    change.run("delete from account_roles where account = $1", &[account.into()]).await?;
    for role in Role::ALL.into_iter().filter(|role| roles.contains(role)) {
        change.run("insert into account_roles (account, role) values ($1, $2)", &[account.into(), role.id().into()]).await?;
    }
    Ok(())
}

async fn put_grants(change: &mut Change, account: &str, grants: &[Grant]) -> Result<(), PeopleError> {
    change.run("delete from scopes where account = $1", &[account.into()]).await?;
    for grant in grants {
        let args = [account.into(), grant.kind.id().into(), (&grant.value).into(), grant.ends.into()];
        let sql = "insert into scopes (account, kind, value, ends) values ($1, $2, $3, $4) \
                   on conflict (account, kind, value) do update set ends = excluded.ends";
        change.run(sql, &args).await?;
    }
    Ok(())
}

/// Roles and scopes for the trail: who was given which rights must be read there years later.
fn describe_rights(detail: &mut serde_json::Value, roles: Option<&[Role]>, grants: Option<&[Grant]>) {
    if let Some(roles) = roles {
        detail["roles"] = roles.iter().map(|role| role.id()).collect();
    }
    if let Some(grants) = grants {
        detail["scopes"] = grants.iter().map(|grant| json!({"kind": grant.kind.id(), "value": grant.value, "ends": grant.ends})).collect();
    }
}

fn event(act: &'static str, account: &str, detail: serde_json::Value) -> Event {
    Event { act, object_kind: "account", object: account.to_owned(), detail, reason: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_written_one_way() {
        for good in ["zhoujg", "a1", "zhou.jg-2_x"] {
            assert!(is_account(good), "{good}");
        }
        for bad in ["", "a", "Zhou", "周建国", ".a", "a b", "a'b", &"a".repeat(33)] {
            assert!(!is_account(bad), "{bad}");
        }
    }

    #[test]
    fn rights_fit_together() {
        let check = |roles: &[Role], grants: &[Grant]| check_rights(roles, grants).map_err(|error| error.to_string());
        let city = [Grant::region("3309")];
        assert_eq!(check(&[Role::Auditor, Role::Reviewer], &city), Ok(()));
        assert_eq!(check(&[Role::Expert], &[]), Ok(()));
        assert_eq!(check(&[], &city), Err("至少要有一个角色".into()));
        assert_eq!(check(&[Role::Auditor, Role::Finance], &city), Err("稽核员和财务不能由同一个人担任".into()));
        assert_eq!(check(&[Role::Auditor], &[Grant::institution("H1")]), Err("稽核员要有数据范围：至少一个统筹区".into()));
        assert_eq!(check(&[Role::Institution], &city), Err("机构医保办要有数据范围：至少一家机构".into()));
        assert_eq!(check(&[Role::Auditor], &[Grant::region("")]), Err("统筹区代码  的写法不对：2 到 6 位数字".into()));
        assert_eq!(check(&[Role::Auditor], &[Grant::region("33%")]), Err("统筹区代码 33% 的写法不对：2 到 6 位数字".into()));
        assert_eq!(check(&[Role::Institution], &[Grant::institution(" ")]), Err("机构代码或线索编号不能为空".into()));
    }
}
