//! 筛查批次, 接入批次, 数据质量: what the data is and what was made of it.

use axum::extract::State;
use axum::routing::get;
use mingjian_people::role::Reach;
use mingjian_people::{Act, Object, holders_of};

use crate::Shared;
use crate::body::Json;
use crate::caller::Caller;
use crate::contract::runs::{ImportList, QualityCheck, QualityList, RunList};
use crate::problem::Answer;
use crate::routes::{Access, Route, Verb};

pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Verb::Get, "/runs", Access::Right(Act::RunsRead), "筛查批次", || get(runs)).gives::<RunList>(),
        Route::new(Verb::Get, "/imports", Access::Right(Act::ImportsRead), "接入批次", || get(imports)).gives::<ImportList>(),
        Route::new(Verb::Get, "/quality", Access::Right(Act::QualityRead), "数据质量", || get(quality)).gives::<QualityList>(),
    ]
}

async fn runs(State(platform): State<Shared>, _: Caller) -> Answer<Json<RunList>> {
    Ok(Json(RunList { items: platform.ask(|data| data.runs()).await? }))
}

async fn imports(State(platform): State<Shared>, _: Caller) -> Answer<Json<ImportList>> {
    Ok(Json(ImportList { items: platform.ask(|data| data.imports()).await? }))
}

/// Checks of the institutions of one's regions; who keeps data and rules, and sees no business, sees those of all.
async fn quality(State(platform): State<Shared>, caller: Caller) -> Answer<Json<QualityList>> {
    let mut items = platform.ask(|data| data.quality()).await?;
    let keeps = caller.person.roles.iter().any(|role| role.reach() == Reach::Nothing && holders_of(Act::QualityRead).contains(role));
    let sees = |one: &QualityCheck| caller.allows(Act::QualityRead, &Object::institution(&one.institution, &one.region)).is_ok();
    items.retain(|one| keeps || sees(one));
    Ok(Json(QualityList { items }))
}
