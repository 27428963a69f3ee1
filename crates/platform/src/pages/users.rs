//! 组织与权限: accounts, for the security administrator. The judge is in the accounts' own crate; here shapes are turned.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, patch, post};
use mingjian_model::day::{MICROS_PER_DAY, day_of, format_day, format_moment, parse_day};
use mingjian_people::role::{Reach, clash};
use mingjian_people::{Account, AccountChange, Act, Grant, GrantKind, Hashed, NewAccount, PeopleError, Role, holders_of, password};

use crate::Shared;
use crate::body::{Json, Query};
use crate::caller::Caller;
use crate::contract::Choice;
use crate::contract::users::{NewUser, ResetQuery, Rights, RightsAct, RightsRole, User, UserList, UserMade, UserPatch, UserQuery};
use crate::problem::{Answer, ApiError};
use crate::routes::{Access, Route, Verb};

const ROWS: i64 = 200;
const ROWS_MAX: i64 = 500;

pub fn routes() -> Vec<Route> {
    let (read, write) = (Access::Right(Act::UsersRead), Access::Right(Act::UsersWrite));
    vec![
        Route::new(Verb::Get, "/users", read, "账号清单", || get(list)).asks::<UserQuery>().gives::<UserList>(),
        Route::new(Verb::Get, "/rights", read, "权限表：角色与权限", || get(rights)).gives::<Rights>(),
        Route::new(Verb::Post, "/users", write, "新建账号", || post(create)).takes::<NewUser>().gives::<UserMade>(),
        Route::new(Verb::Patch, "/users/{account}", write, "修改账号", || patch(change)).takes::<UserPatch>().gives::<User>(),
        Route::new(Verb::Post, "/users/{account}/reset", write, "重置密码", || post(reset)).asks::<ResetQuery>().gives::<UserMade>(),
        Route::new(Verb::Post, "/users/{account}/unlock", write, "解锁", || post(unlock)),
        Route::new(Verb::Post, "/users/{account}/unlink", write, "解除单点登录绑定", || post(unlink)),
    ]
}

async fn list(State(platform): State<Shared>, caller: Caller, Query(asked): Query<UserQuery>) -> Answer<Json<UserList>> {
    let role = asked.role.as_deref().map(role).transpose()?;
    let beginning = asked.q.unwrap_or_default().trim().to_lowercase();
    let name = format!("{}\u{1f}users\u{1f}{beginning}\u{1f}{role:?}", caller.account());
    let after = asked.after.as_deref().map(|after| platform.cursors.read::<String>(after, &name)).transpose()?;
    let limit = asked.limit.unwrap_or(ROWS).clamp(1, ROWS_MAX);
    let mut found = platform.people.accounts(&caller.person, &beginning, role, after.as_deref(), limit + 1).await?;
    let more = found.len() as i64 > limit;
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = found.last().filter(|_| more).map(|last| platform.cursors.write(&last.account, &name)).transpose()?;
    let roles = Role::ALL.iter().map(|role| Choice { code: role.id().to_owned(), title: role.title().to_owned() }).collect();
    Ok(Json(UserList { items: found.into_iter().map(|account| shown(account, caller.person.at)).collect(), roles, next }))
}

/// The table that decides, as it is: what a choice of roles comes to is seen before it is given.
async fn rights(_: State<Shared>, _: Caller) -> Json<Rights> {
    let ids = |roles: &mut dyn Iterator<Item = Role>| roles.map(|role| role.id().to_owned()).collect();
    let roles = Role::ALL.into_iter().map(|role| RightsRole {
        code: role.id().to_owned(),
        title: role.title().to_owned(),
        reach: match role.reach() {
            Reach::Region => "region",
            Reach::Institution => "institution",
            Reach::Lead => "lead",
            Reach::Nothing => "nothing",
        }
        .to_owned(),
        apart: ids(&mut Role::ALL.into_iter().filter(|other| clash(&[role, *other]).is_some())),
    });
    let acts = Act::ALL.iter().filter(|act| **act != Act::SelfService).map(|act| RightsAct {
        id: act.id().to_owned(),
        title: act.title().to_owned(),
        roles: ids(&mut holders_of(*act).iter().copied()),
    });
    Json(Rights { roles: roles.collect(), acts: acts.collect() })
}

async fn create(State(platform): State<Shared>, caller: Caller, Json(new): Json<NewUser>) -> Answer<Json<UserMade>> {
    let roles = new.roles.iter().map(|id| role(id)).collect::<Answer<Vec<_>>>()?;
    let (clear, password) = given(&platform).await?;
    let account = NewAccount {
        account: new.account.trim().to_owned(),
        name: new.name,
        phone: None,
        grants: grants(&roles, &new.region, &new.institutions, &[]),
        institution: new.institutions.first().cloned(),
        region: new.region,
        roles,
        ends: new.expires.as_deref().map(end_of).transpose()?,
        password,
        password_given: true,
    };
    platform.people.create(&caller.person, &account, &caller.origin).await?;
    made(&platform, &caller, &account.account, Some(clear)).await
}

async fn change(
    State(platform): State<Shared>,
    caller: Caller,
    Path(account): Path<String>,
    Json(asked): Json<UserPatch>,
) -> Answer<Json<User>> {
    let people = &platform.people;
    let now = people.account(&caller.person, &account).await?;
    let roles = asked.roles.as_ref().map(|ids| ids.iter().map(|id| role(id)).collect::<Answer<Vec<_>>>()).transpose()?;
    let of_rights = roles.is_some() || asked.region.is_some() || asked.institutions.is_some();
    let granted = of_rights.then(|| {
        let region = asked.region.as_ref().unwrap_or(&now.region);
        let institutions = asked.institutions.clone().unwrap_or_else(|| institutions(&now));
        grants(roles.as_ref().unwrap_or(&now.roles), region, &institutions, &now.grants)
    });
    let what = AccountChange {
        name: asked.name,
        phone: None,
        region: asked.region,
        institution: asked.institutions.map(|codes| codes.first().cloned()),
        roles,
        grants: granted,
        ends: asked.expires.as_deref().map(|day| if day.is_empty() { Ok(None) } else { end_of(day).map(Some) }).transpose()?,
        disabled: asked.disabled,
    };
    match people.change(&caller.person, &account, asked.version, &what, &caller.origin).await {
        Ok(()) => Ok(Json(shown(people.account(&caller.person, &account).await?, caller.person.at))),
        Err(error @ PeopleError::Changed(_)) => {
            let newer = shown(people.account(&caller.person, &account).await?, caller.person.at);
            Err(ApiError::from(error).current(serde_json::to_value(newer).map_err(|error| ApiError::internal(&error))?))
        }
        Err(error) => Err(error.into()),
    }
}

async fn reset(
    State(platform): State<Shared>,
    caller: Caller,
    Path(account): Path<String>,
    Query(asked): Query<ResetQuery>,
) -> Answer<Json<UserMade>> {
    let (clear, password) = given(&platform).await?;
    platform.people.reset(&caller.person, &account, &password, asked.second_factor == Some(1), &caller.origin).await?;
    made(&platform, &caller, &account, Some(clear)).await
}

async fn unlock(State(platform): State<Shared>, caller: Caller, Path(account): Path<String>) -> Answer<StatusCode> {
    platform.people.unlock(&caller.person, &account, &caller.origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn unlink(State(platform): State<Shared>, caller: Caller, Path(account): Path<String>) -> Answer<StatusCode> {
    platform.people.unlink(&caller.person, &account, &caller.origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn made(platform: &Shared, caller: &Caller, account: &str, password: Option<String>) -> Answer<Json<UserMade>> {
    let user = shown(platform.people.account(&caller.person, account).await?, caller.person.at);
    Ok(Json(UserMade { user, password }))
}

/// A password for one sign-in.
async fn given(platform: &Shared) -> Answer<(String, Hashed)> {
    let settings = platform.people.settings().clone();
    let _turn = platform.hashing_turn().await?;
    Ok(platform.blocking(move || password::one_time(&settings)).await??)
}

fn role(id: &str) -> Answer<Role> {
    Role::from_id(id).ok_or_else(|| ApiError::invalid("roles", format!("没有这个角色：{id}")))
}

/// An account holds until the end of its last day.
fn end_of(day: &str) -> Answer<i64> {
    let day = parse_day(day).ok_or_else(|| ApiError::invalid("expires", "日期应为 YYYY-MM-DD"))?;
    Ok((i64::from(day) + 1) * MICROS_PER_DAY)
}

/// Scopes as the roles need them; leads granted with tasks stay.
fn grants(roles: &[Role], region: &str, institutions: &[String], before: &[Grant]) -> Vec<Grant> {
    let reaches = |reach| roles.iter().any(|role| role.reach() == reach);
    let mut grants: Vec<Grant> = before.iter().filter(|grant| grant.kind == GrantKind::Lead).cloned().collect();
    if reaches(Reach::Region) && !region.is_empty() {
        grants.push(Grant::region(region));
    }
    if reaches(Reach::Institution) {
        grants.extend(institutions.iter().map(|code| Grant::institution(code)));
    }
    grants
}

/// The institutions an account is bound to, or works at.
fn institutions(account: &Account) -> Vec<String> {
    let granted = account.grants.iter().filter(|grant| grant.kind == GrantKind::Institution).map(|grant| grant.value.clone());
    let mut codes: Vec<String> = account.institution.iter().cloned().chain(granted).collect();
    let mut seen = std::collections::BTreeSet::new();
    codes.retain(|code| seen.insert(code.clone()));
    codes
}

fn shown(account: Account, now: i64) -> User {
    let state = match () {
        () if account.disabled => "disabled",
        () if account.ends.is_some_and(|ends| ends <= now) => "expired",
        () if account.locked_until.is_some() => "locked",
        () => "active",
    };
    User {
        institutions: institutions(&account),
        account: account.account,
        name: account.name,
        roles: account.roles.iter().map(|role| role.id().to_owned()).collect(),
        role_titles: account.roles.iter().map(|role| role.title().to_owned()).collect(),
        region: account.region,
        state: state.to_owned(),
        totp: account.totp,
        linked: account.linked,
        // The last day it holds.
        expires: account.ends.map(|ends| format_day(day_of(ends - 1))),
        last_login: account.signed_in_at.map(format_moment),
        version: account.version,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_gets_the_scope_it_needs() {
        let lead = Grant { kind: GrantKind::Lead, value: "XS2026-000001".into(), ends: None };
        let before = [lead.clone(), Grant::region("44"), Grant::institution("H9")];
        assert_eq!(grants(&[Role::Auditor], "3309", &["H1".into()], &before), [lead.clone(), Grant::region("3309")]);
        assert_eq!(grants(&[Role::Institution], "3309", &["H1".into()], &[]), [Grant::institution("H1")]);
        assert_eq!(grants(&[Role::Expert], "3309", &["H1".into()], &before), [lead]);
    }

    #[test]
    fn an_account_holds_through_its_last_day() {
        let end = end_of("2026-01-31").unwrap();
        assert_eq!(format_moment(end), "2026-02-01 00:00:00");
        assert!(end_of("31.1.2026").is_err());
    }
}
