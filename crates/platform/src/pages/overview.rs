//! 工作台与汇总.

use axum::extract::State;
use axum::routing::get;
use mingjian_casework::{summary, workbench};
use mingjian_people::Act;

use crate::Shared;
use crate::body::{Json, Query};
use crate::caller::Caller;
use crate::contract::overview::{Summary, SummaryQuery, Workbench};
use crate::problem::{Answer, ApiError};
use crate::routes::{Access, Route, Verb};

pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Verb::Get, "/workbench", Access::Right(Act::WorkbenchRead), "工作台", || get(bench)).gives::<Workbench>(),
        Route::new(Verb::Get, "/summary", Access::Right(Act::SummaryRead), "汇总", || get(sums)).asks::<SummaryQuery>().gives::<Summary>(),
    ]
}

async fn bench(State(platform): State<Shared>, caller: Caller) -> Answer<Json<workbench::Workbench>> {
    // Who keeps the books has a workbench of sums, and sees no lead on it.
    let leads = caller.may(Act::LeadsRead);
    let asker = caller.asker(if leads { Act::LeadsRead } else { Act::RecoveriesRead });
    let mut bench = workbench::workbench(&platform.office, &asker).await?;
    if !leads {
        bench.first.clear();
    }
    Ok(Json(bench))
}

async fn sums(State(platform): State<Shared>, caller: Caller, Query(asked): Query<SummaryQuery>) -> Answer<Json<summary::Summary>> {
    let by = asked.by.unwrap_or_else(|| "rule".to_owned());
    if !matches!(by.as_str(), "rule" | "institution" | "week") {
        return Err(ApiError::invalid("by", "汇总方式应为 rule、institution 或 week"));
    }
    Ok(Json(summary::summary(&platform.office, &caller.asker(Act::SummaryRead), &by).await?))
}
