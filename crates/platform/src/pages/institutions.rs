//! 机构画像.

use axum::extract::{Path, State};
use axum::routing::get;
use mingjian_people::{Act, Object};

use crate::Shared;
use crate::body::Json;
use crate::caller::Caller;
use crate::contract::institution::InstitutionProfile;
use crate::problem::{Answer, ApiError, Code};
use crate::routes::{Access, Route, Verb};

pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Verb::Get, "/institutions/{code}", Access::Right(Act::ProfilesRead), "机构画像", || get(profile))
            .gives::<InstitutionProfile>(),
    ]
}

async fn profile(State(platform): State<Shared>, caller: Caller, Path(code): Path<String>) -> Answer<Json<InstitutionProfile>> {
    let profile = platform.ask(move |data| data.institution(&code)).await?.ok_or_else(|| ApiError::not_found("机构"))?;
    // The region is known only with the profile in hand; out of scope is told as absent.
    let absent = |error: ApiError| if error.code() == Code::NotFound { ApiError::not_found("机构") } else { error };
    caller.allows(Act::ProfilesRead, &Object::institution(&profile.code, &profile.region)).map_err(absent)?;
    Ok(Json(profile))
}
