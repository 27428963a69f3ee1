//! The first accounts of an empty store, and those of a demonstration; both from the command line.

use mingjian_store::{Actor, Change, Sealer, Store};

use crate::accounts::{Grant, NewAccount};
use crate::password::Hashed;
use crate::people::People;
use crate::{PeopleError, Role, Settings};

/// One of the first accounts: an administrator. Everybody else is added by the security administrator.
#[derive(Debug, Clone)]
pub struct First {
    pub account: String,
    pub name: String,
    pub role: Role,
    /// 统筹区 the administrator belongs to; empty while no data tells of one.
    pub region: String,
    /// One of [`crate::password::one_time`] must be changed at the first sign-in: whoever ran the command has seen it.
    pub password: Hashed,
}

/// Makes the first accounts: the three administrators or some of them, the security administrator among them.
///
/// Errors: [`PeopleError::NotFirst`] when there is any account; roles other than the administrators'.
pub async fn create_first(store: &Store, sealer: &Sealer, firsts: &[First], who: &Actor) -> Result<(), PeopleError> {
    const ADMINISTRATORS: [Role; 3] = [Role::Sysadmin, Role::Secadmin, Role::Auditadmin];
    let fits = firsts.iter().all(|first| ADMINISTRATORS.contains(&first.role));
    if !fits || !firsts.iter().any(|first| first.role == Role::Secadmin) {
        return Err(PeopleError::FirstRoles);
    }
    let people = People::new(store.clone(), sealer.clone(), Settings::default());
    let mut change = store.begin(who).await?;
    if !change.rows("select account from accounts limit 1", &[]).await?.is_empty() {
        return Err(PeopleError::NotFirst);
    }
    for first in firsts {
        let mut new = plain(&first.account, &first.name, first.role, &first.region, &first.password);
        new.password_given = first.password.one_time;
        people.insert(&mut change, &new).await?;
    }
    change.commit().await?;
    Ok(())
}

/// What a demonstration needs to know of its city.
#[derive(Debug, Clone)]
pub struct Demo<'a> {
    /// Beginning of the region codes of the city, `3309`.
    pub region: &'a str,
    /// Institutions that get an account, at most three: `institution`, `institution2`, `institution3`.
    pub institutions: &'a [String],
    /// The one password of all accounts.
    pub password: &'a Hashed,
}

/// An account of a demonstration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoAccount {
    pub account: String,
    pub name: String,
    pub role: Role,
    pub institution: Option<String>,
}

/// Who lives in the demonstration: one a role, two where one must not read what the other wrote, three experts for a panel. Names are made up.
const CAST: &[(&str, &str, Role)] = &[
    ("auditor", "周建国", Role::Auditor),
    ("auditor2", "林晓燕", Role::Auditor),
    ("reviewer", "陈立群", Role::Reviewer),
    ("reviewer2", "方雪梅", Role::Reviewer),
    ("expert", "沈伯年", Role::Expert),
    ("expert2", "顾婉清", Role::Expert),
    ("expert3", "钱守仁", Role::Expert),
    ("supervisor", "赵启明", Role::Supervisor),
    ("legal", "孙一帆", Role::Legal),
    ("director", "王德厚", Role::Director),
    ("rule_author", "吴思远", Role::RuleAuthor),
    ("finance", "郑秀英", Role::Finance),
    ("institution", "何静怡", Role::Institution),
    ("institution2", "吕文斌", Role::Institution),
    ("institution3", "施佳宁", Role::Institution),
    ("outside", "张予安", Role::Outside),
    ("overseer", "曹正清", Role::Overseer),
    ("sysadmin", "严志强", Role::Sysadmin),
    ("secadmin", "华少峰", Role::Secadmin),
    ("auditadmin", "金若水", Role::Auditadmin),
];

/// Makes the accounts of a demonstration that are not there yet; gives all of them. Never for a store with real data: everybody knows the
/// password.
pub async fn create_demo(store: &Store, sealer: &Sealer, demo: &Demo<'_>, who: &Actor) -> Result<Vec<DemoAccount>, PeopleError> {
    let people = People::new(store.clone(), sealer.clone(), Settings::default());
    let mut change = store.begin(who).await?;
    let mut institutions = demo.institutions.iter();
    let mut cast = Vec::new();
    let mut made = false;
    for (account, name, role) in CAST {
        let institution = if *role == Role::Institution { institutions.next() } else { None };
        if *role == Role::Institution && institution.is_none() {
            continue;
        }
        let mut new = plain(account, name, *role, demo.region, demo.password);
        new.institution = institution.cloned();
        new.grants = match institution {
            Some(code) => vec![Grant::institution(code)],
            None if role.reach() == crate::role::Reach::Region => vec![Grant::region(demo.region)],
            None => Vec::new(),
        };
        made |= make_missing(&people, &mut change, &new).await?;
        cast.push(DemoAccount { account: new.account, name: new.name, role: *role, institution: new.institution });
    }
    if made {
        change.commit().await?;
    }
    Ok(cast)
}

async fn make_missing(people: &People, change: &mut Change, new: &NewAccount) -> Result<bool, PeopleError> {
    match people.insert(change, new).await {
        Ok(()) => Ok(true),
        Err(PeopleError::Taken(_)) => Ok(false),
        Err(other) => Err(other),
    }
}

fn plain(account: &str, name: &str, role: Role, region: &str, password: &Hashed) -> NewAccount {
    NewAccount {
        account: account.to_owned(),
        name: name.to_owned(),
        phone: None,
        region: region.to_owned(),
        institution: None,
        roles: vec![role],
        grants: Vec::new(),
        ends: None,
        password: password.clone(),
        password_given: false,
    }
}
