//! 追回台账: the list and its bookings.

use axum::extract::{Path, State};
use axum::routing::{get, post};
use mingjian_casework::recoveries::{self, EntryInput, Recovery, RecoveryFilter, RecoveryPage, RecoveryYear};
use mingjian_people::Act;
use serde_json::json;

use crate::Shared;
use crate::body::{Json, Query};
use crate::caller::Caller;
use crate::contract::recovery as shape;
use crate::problem::Answer;
use crate::routes::{Access, Route, Verb};

pub fn routes() -> Vec<Route> {
    let book = Access::AnyRight(&[Act::RecoveriesBook, Act::RecoveriesWaive]);
    vec![
        Route::new(Verb::Get, "/recoveries", Access::Right(Act::RecoveriesRead), "追回台账", || get(list))
            .asks::<shape::RecoveryQuery>()
            .gives::<shape::RecoveryPage>(),
        Route::new(Verb::Get, "/recoveries/months", Access::Right(Act::RecoveriesRead), "追回台账按月", || get(months))
            .asks::<shape::RecoveryYearQuery>()
            .gives::<shape::RecoveryYear>(),
        Route::new(Verb::Post, "/recoveries/{id}/entries", book, "登记到账、抵扣、拒付、减免", || post(enter))
            .takes::<shape::EntryRequest>()
            .gives::<shape::Recovery>(),
    ]
}

/// A page as the person may see it, its cursor signed.
pub(crate) async fn page(platform: &Shared, caller: &Caller, act: Act, mut filter: RecoveryFilter) -> Answer<RecoveryPage> {
    let all = RecoveryFilter { after: None, limit: None, ..filter.clone() };
    let name = format!("{}\u{1f}recoveries\u{1f}{}", caller.account(), json!(all));
    filter.after = filter.after.as_deref().map(|after| platform.cursors.read::<String>(after, &name)).transpose()?;
    let mut page = recoveries::list(&platform.office, &caller.asker(act), &filter).await?;
    page.next = page.next.map(|next| platform.cursors.write(&next, &name)).transpose()?;
    Ok(page)
}

async fn list(State(platform): State<Shared>, caller: Caller, Query(filter): Query<RecoveryFilter>) -> Answer<Json<RecoveryPage>> {
    page(&platform, &caller, Act::RecoveriesRead, filter).await.map(Json)
}

async fn months(
    State(platform): State<Shared>,
    caller: Caller,
    Query(asked): Query<shape::RecoveryYearQuery>,
) -> Answer<Json<RecoveryYear>> {
    Ok(Json(recoveries::year(&platform.office, &caller.asker(Act::RecoveriesRead), asked.year).await?))
}

async fn enter(
    State(platform): State<Shared>,
    caller: Caller,
    Path(id): Path<String>,
    Json(mut input): Json<EntryInput>,
) -> Answer<Json<Recovery>> {
    input.key = caller.key.clone();
    Ok(Json(recoveries::enter(&platform.office, &caller.asker(Act::RecoveriesRead), &id, &input).await?))
}
