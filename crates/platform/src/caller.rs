//! 调用者: who asks, once the guard has let them in. A handler that takes a [`Caller`] cannot run without one.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use mingjian_casework::{Asker, Colleague, Scope};
use mingjian_people::{Act, Columns, Object, Person, Role, allows, role_for, scope_sql_for};
use mingjian_store::{Actor, Arg, Event};
use serde_json::Value;

use crate::Shared;
use crate::problem::{Answer, ApiError};

/// Who is logged in, for the time of one request.
#[derive(Clone)]
pub struct Caller {
    pub person: Person,
    /// Network address, for the trail.
    pub origin: String,
    /// The session's token, as the cookie has it.
    pub token: String,
    /// The request's idempotency key, as casework keeps it.
    pub key: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Caller, ApiError> {
        // The guard of the route put it there; a route that is open has none.
        parts.extensions.get::<Caller>().cloned().ok_or_else(|| ApiError::fault("a handler behind an open route asks who calls"))
    }
}

impl Caller {
    pub fn account(&self) -> &str {
        &self.person.account
    }

    pub fn name(&self) -> String {
        self.person.name.clone()
    }

    /// Whether this may be done to this object; out of scope is told as absent.
    pub fn allows(&self, act: Act, object: &Object<'_>) -> Answer<()> {
        allows(&self.person, act, object).map_err(ApiError::from)
    }

    pub fn may(&self, act: Act) -> bool {
        allows(&self.person, act, &Object::none()).is_ok()
    }

    /// The person as casework knows one, seeing what this act lets them see.
    pub fn asker(&self, act: Act) -> Asker {
        Asker {
            person: mingjian_casework::Person {
                account: self.person.account.clone(),
                name: self.person.name.clone(),
                roles: self.person.roles.iter().map(|role| role.id().to_owned()).collect(),
                institution: self.person.institution.clone(),
            },
            scope: Scope::from(scope_sql_for(&self.person, act, &Columns::BARE, 1)),
            at: self.person.at,
            origin: self.origin.clone(),
            colleagues: Vec::new(),
        }
    }

    /// The same, with those that tasks about these leads can be given to: whoever can see all of them. For who gives out none, nobody.
    pub async fn asker_with_colleagues(&self, platform: &Shared, leads: &[String]) -> Answer<Asker> {
        let asker = self.asker(Act::LeadsRead);
        if !self.may(Act::LeadsAssign) && !self.may(Act::PanelConvene) {
            return Ok(asker);
        }
        let mut found: Option<Vec<Colleague>> = None;
        for region in regions(platform, leads).await? {
            let here = platform.people.colleagues(TASKED, &region, self.person.at).await?;
            found = Some(match found {
                None => here.into_iter().map(colleague).collect(),
                Some(before) => before.into_iter().filter(|one| here.iter().any(|other| other.account == one.account)).collect(),
            });
        }
        Ok(Asker { colleagues: found.unwrap_or_default(), ..asker })
    }

    /// The actor of the trail, in the role that lets the person do this.
    pub fn actor(&self, act: Act) -> Actor {
        let role = role_for(&self.person, act).or(self.person.roles.first().copied());
        Actor {
            account: self.person.account.clone(),
            role: role.map_or("", |role| role.id()).to_owned(),
            origin: self.origin.clone(),
            at: self.person.at,
        }
    }

    /// Writes into the trail what was looked at or taken, before it is given.
    pub async fn note(&self, platform: &Shared, act: Act, event: Event) -> Answer<i64> {
        let mut change = platform.store.begin(&self.actor(act)).await?;
        change.note(event);
        let places = change.commit().await?;
        Ok(places.first().map_or(0, |place| place.0))
    }
}

/// Roles that are given tasks.
const TASKED: &[Role] = &[Role::Auditor, Role::Reviewer, Role::Expert, Role::Supervisor, Role::Legal, Role::Outside];

fn colleague(found: mingjian_people::Colleague) -> Colleague {
    let mingjian_people::Colleague { account, name, roles, institution } = found;
    Colleague { account, name, roles: roles.into_iter().map(|role| role.id().to_owned()).collect(), institution }
}

/// The regions of leads, each once. Who may see the leads is asked elsewhere.
async fn regions(platform: &Shared, leads: &[String]) -> Answer<Vec<String>> {
    let mut regions: Vec<String> = Vec::new();
    for some in leads.chunks(500) {
        let places: Vec<String> = (1..=some.len()).map(|place| format!("${place}")).collect();
        let sql = format!("select distinct region from leads where id in ({})", places.join(", "));
        let args: Vec<Arg> = some.iter().map(Arg::from).collect();
        for row in platform.store.rows(&sql, &args).await? {
            let region = row.text("region")?;
            if !regions.contains(&region) {
                regions.push(region);
            }
        }
    }
    Ok(regions)
}

/// An event without more to say.
pub fn event(act: &'static str, object_kind: &'static str, object: impl Into<String>, detail: Value, reason: Option<String>) -> Event {
    Event { act, object_kind, object: object.into(), detail, reason }
}
