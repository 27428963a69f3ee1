//! 事前事中提醒: calls, times, reminders and what became of them.

use axum::extract::State;
use axum::routing::get;
use mingjian_model::day::{Day, day_of, parse_day};
use mingjian_people::{Act, Object, Role};

use crate::Shared;
use crate::body::{Json, Query};
use crate::caller::Caller;
use crate::contract::counter::{CounterPage, CounterQuery};
use crate::counter;
use crate::problem::{Answer, ApiError};
use crate::routes::{Access, Route, Verb};

/// Days shown unless asked otherwise, and at most.
const DAYS: Day = 30;
const DAYS_MAX: Day = 92;

pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Verb::Get, "/counter", Access::Right(Act::CounterRead), "事前事中提醒", || get(figures))
            .asks::<CounterQuery>()
            .gives::<CounterPage>(),
    ]
}

async fn figures(State(platform): State<Shared>, caller: Caller, Query(asked): Query<CounterQuery>) -> Answer<Json<CounterPage>> {
    let to = day("to", asked.to.as_deref())?.unwrap_or_else(|| day_of(caller.person.at));
    let from = day("from", asked.from.as_deref())?.unwrap_or(to - DAYS + 1);
    if from > to || to - from >= DAYS_MAX {
        return Err(ApiError::invalid("from", format!("开始日期不能晚于结束日期，一次最多看 {DAYS_MAX} 天")));
    }
    let facts = platform.ask(move |data| data.counter(from, to)).await?;
    let one = caller.person.roles == [Role::Institution];
    let sees = |code: &str, region: &str| caller.allows(Act::CounterRead, &Object::institution(code, region)).is_ok();
    Ok(Json(counter::page(&facts, from, to, sees, one)))
}

fn day(name: &str, text: Option<&str>) -> Answer<Option<Day>> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    parse_day(text).map(Some).ok_or_else(|| ApiError::invalid(name, "日期写成 2026-07-01 的样子"))
}
