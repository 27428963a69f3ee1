//! 办理: acts on a lead and on many.

use axum::extract::{Path, State};
use axum::routing::post;
use mingjian_casework::way::{self, ActInput};
use mingjian_casework::{CaseError, leads};
use mingjian_model::day::{MICROS_PER_DAY, day_of};
use mingjian_people::accounts::grant_lead;
use mingjian_people::{Act, Object, allows};
use serde::Deserialize;

use crate::Shared;
use crate::body::Json;
use crate::caller::Caller;
use crate::contract::lead::{ActRequest, BatchRequest, BatchResult, LeadDetail};
use crate::problem::{Answer, ApiError};
use crate::routes::{Access, Route, Verb};

/// Rights of which one lets a person do something with leads; which, the act says.
const ANY: Access = Access::AnyRight(&[
    Act::LeadsCheck,
    Act::LeadsAssign,
    Act::LeadsReply,
    Act::LeadsReview,
    Act::PanelConvene,
    Act::PanelVote,
    Act::LeadsDecide,
    Act::LeadsLegal,
    Act::LeadsApprove,
    Act::LeadsExtend,
]);

pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Verb::Post, "/leads/acts/{act}", ANY, "批量办理", || post(many)).takes::<BatchRequest>().gives::<BatchResult>(),
        Route::new(Verb::Post, "/leads/{id}/acts/{act}", ANY, "办理一步", || post(one)).takes::<ActRequest>().gives::<LeadDetail>(),
    ]
}

/// Rights of which one is needed for an act of the way. Casework's table then says which role, in which status, and not by whose hands.
pub(crate) fn rights(act: way::Act) -> &'static [Act] {
    use way::Act as Step;
    match act {
        Step::Assign => &[Act::LeadsAssign],
        Step::Take | Step::Send | Step::Drop => &[Act::LeadsCheck],
        Step::Recall => &[Act::LeadsCheck, Act::LeadsAssign],
        Step::Deliver | Step::Lapse => &[Act::LeadsCheck, Act::LeadsReview, Act::LeadsAssign],
        Step::Receipt | Step::Reply | Step::Accept | Step::Again => &[Act::LeadsReply],
        Step::Review | Step::Conclude => &[Act::LeadsReview],
        Step::Confirm => &[Act::LeadsReview, Act::LeadsDecide],
        Step::Convene => &[Act::PanelConvene],
        Step::Recuse | Step::Vote => &[Act::PanelVote, Act::LeadsReview],
        Step::SkipPanel | Step::Withdraw | Step::Refer => &[Act::LeadsDecide],
        Step::Decide | Step::Correct => &[Act::LeadsDecide, Act::LeadsApprove],
        Step::Pause | Step::Resume => &[Act::LeadsCheck, Act::LeadsReview, Act::LeadsExtend],
        Step::PutOff | Step::TakeUp => &[Act::LeadsCheck, Act::LeadsReview, Act::LeadsExtend],
        Step::Merge | Step::Split | Step::Restore => &[Act::LeadsCheck, Act::LeadsAssign],
        Step::Extend => &[Act::LeadsExtend],
        Step::Note => &[Act::LeadsCheck, Act::LeadsReview, Act::LeadsAssign, Act::LeadsApprove, Act::LeadsLegal, Act::LeadsReply],
    }
}

/// The act of an address, if the person's roles have a right to it.
fn act_of(caller: &Caller, id: &str) -> Answer<way::Act> {
    let act = way::Act::of(id).ok_or_else(|| ApiError::not_found("办理动作"))?;
    let rights = rights(act);
    if !rights.iter().any(|right| caller.may(*right)) {
        // The first is the one that mostly does it: it is named.
        allows(&caller.person, rights.first().copied().unwrap_or(Act::LeadsCheck), &Object::none())?;
    }
    Ok(act)
}

async fn one(
    State(platform): State<Shared>,
    caller: Caller,
    Path((id, act)): Path<(String, String)>,
    Json(mut input): Json<ActInput>,
) -> Answer<Json<leads::LeadDetail>> {
    let act = act_of(&caller, &act)?;
    if input.version.is_none() {
        return Err(ApiError::invalid("version", "缺少版本号；请刷新后再办"));
    }
    input.key = caller.key.clone();
    let asker = caller.asker_with_colleagues(&platform, std::slice::from_ref(&id)).await?;
    match way::act(&platform.office, &asker, &id, act, &input).await {
        Ok(lead) => {
            let region = lead.lead.institution.as_ref().map_or("", |institution| institution.region.as_str());
            after(&platform, &caller, act, &[(lead.lead.id.as_str(), region)], &input).await?;
            Ok(Json(lead))
        }
        Err(error @ CaseError::Conflict { .. }) => {
            let newer = leads::detail(&platform.office, &asker, &id).await?;
            Err(ApiError::from(error).current(serde_json::to_value(newer).map_err(|error| ApiError::internal(&error))?))
        }
        Err(error) => Err(error.into()),
    }
}

/// Working days beyond the panel's limit that its members see the lead.
const SIGHT_DAYS: i64 = 30;
/// Leads of one act on many.
const MANY: i64 = 2_000;

/// An act on many, as it comes.
#[derive(Deserialize)]
struct Many {
    ids: Option<Vec<String>>,
    filter: Option<leads::Filter>,
    #[serde(flatten)]
    input: ActInput,
}

async fn many(
    State(platform): State<Shared>,
    caller: Caller,
    Path(act): Path<String>,
    Json(asked): Json<Many>,
) -> Answer<Json<way::Batch>> {
    let act = act_of(&caller, &act)?;
    let mut input = asked.input;
    input.key = caller.key.clone();
    let ids = match (asked.ids, asked.filter) {
        (Some(ids), _) => ids,
        // Named now, so that what is done is what was meant, also for who the task can be given to.
        (None, Some(filter)) => {
            let (ids, more) = leads::ids(&platform.office, &caller.asker(Act::LeadsRead), &filter, MANY).await?;
            if more {
                return Err(ApiError::invalid("filter", format!("一次最多办理 {MANY} 条，请缩小范围")));
            }
            ids
        }
        (None, None) => return Err(ApiError::invalid("ids", "请选择线索，或给出条件")),
    };
    let asker = caller.asker_with_colleagues(&platform, &ids).await?;
    let batch = way::act_many(&platform.office, &asker, Some(&ids), None, act, &input).await?;
    let done = ids.iter().filter(|id| !batch.failed.iter().any(|failed| failed.id == **id));
    after(&platform, &caller, act, &done.map(|id| (id.as_str(), "")).collect::<Vec<_>>(), &input).await?;
    Ok(Json(batch))
}

/// What follows an act outside casework, on the leads it was done with.
///
/// Who sits on a panel, or is asked for the opinion of law, must see the lead: until the panel is due and a while for what is asked of it
/// later. Done again when the same request is sent again, so that a panel that was seated just before a crash gets its sight.
async fn after(platform: &Shared, caller: &Caller, act: way::Act, leads: &[(&str, &str)], input: &ActInput) -> Answer<()> {
    let (right, accounts): (Act, Vec<&String>) = match act {
        way::Act::Convene => (Act::PanelConvene, input.members.iter().collect()),
        way::Act::Refer => (Act::LeadsDecide, input.assignee.iter().collect()),
        _ => return Ok(()),
    };
    if accounts.is_empty() || leads.is_empty() {
        return Ok(());
    }
    let office = &platform.office;
    let mut change = platform.store.begin(&caller.actor(right)).await?;
    for (lead, region) in leads {
        let days = input.limit_days.unwrap_or(office.settings.limits(region).panel) + SIGHT_DAYS;
        let ends = i64::from(office.calendar.add(day_of(caller.person.at), days) + 1) * MICROS_PER_DAY;
        for account in &accounts {
            grant_lead(&mut change, account, lead, Some(ends)).await?;
        }
    }
    change.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use mingjian_casework::way::table::WAY;
    use mingjian_people::Role;
    use mingjian_people::policy::TABLE;

    use super::*;

    /// The two tables agree: whom casework lets do an act has a right to it, and every right asked for lets one of its roles do it.
    #[test]
    fn roles_of_the_way_hold_its_rights() {
        for row in WAY {
            let holders = |right: &Act| TABLE.iter().find(|(act, _)| act == right).map_or(&[][..], |(_, roles)| roles);
            for id in row.roles {
                let role = Role::from_id(id).unwrap();
                assert!(rights(row.act).iter().any(|right| holders(right).contains(&role)), "{id} has no right to {:?}", row.act);
            }
            for right in rights(row.act) {
                assert!(
                    row.roles.iter().any(|id| holders(right).iter().any(|role| role.id() == *id)),
                    "{right:?} is none of {:?}",
                    row.act
                );
            }
            let Access::AnyRight(any) = ANY else { panic!("one of several") };
            assert!(rights(row.act).iter().all(|right| any.contains(right)), "{:?}", row.act);
        }
    }
}
