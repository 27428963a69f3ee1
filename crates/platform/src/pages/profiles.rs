//! 对象画像: doctors and persons beside their like, and the search for a subject. Figures come from the data, findings from casework.

use axum::extract::{Path, State};
use axum::routing::get;
use mingjian_casework::profiles::{self, About, Of, Told};
use mingjian_people::{Act, Object};
use serde_json::json;

use crate::Shared;
use crate::body::{Json, Query};
use crate::caller::{Caller, event};
use crate::contract::Coded;
use crate::contract::profile::{
    DoctorProfile, DoctorQuery, PersonProfile, ProfileFinding, ProfileMonth, ProfileRule, SubjectFound, SubjectList, SubjectQuery,
};
use crate::looks;
use crate::problem::{Answer, ApiError};
use crate::routes::{Access, Route, Verb};

pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Verb::Get, "/doctors/{code}", Access::Right(Act::DoctorsRead), "医师画像", || get(doctor))
            .asks::<DoctorQuery>()
            .gives::<DoctorProfile>(),
        Route::new(Verb::Get, "/persons/{code}", Access::Right(Act::ProfilesRead), "参保人画像", || get(person)).gives::<PersonProfile>(),
        Route::new(
            Verb::Get,
            "/subjects",
            Access::AnyRight(&[Act::ProfilesRead, Act::DoctorsRead]),
            "查找机构、医师、参保人",
            || get(subjects),
        )
        .asks::<SubjectQuery>()
        .gives::<SubjectList>(),
    ]
}

async fn doctor(
    State(platform): State<Shared>,
    caller: Caller,
    Path(code): Path<String>,
    Query(asked): Query<DoctorQuery>,
) -> Answer<Json<DoctorProfile>> {
    let of = code.clone();
    let all = platform.ask(move |data| data.doctor(&of)).await?;
    // Where else a doctor works is known to those only who may look there too.
    let seen = |one: &DoctorProfile| caller.allows(Act::DoctorsRead, &Object::institution(&one.institution.code, &one.region)).is_ok();
    let mut own: Vec<DoctorProfile> = all.into_iter().filter(seen).collect();
    let at = match asked.institution.as_deref().filter(|code| !code.is_empty()) {
        Some(wanted) => own.iter().position(|one| one.institution.code == wanted),
        None => (!own.is_empty()).then_some(0),
    };
    let mut profile = own.remove(at.ok_or_else(|| ApiError::not_found("医师"))?);
    profile.elsewhere = own.into_iter().map(|one| one.institution).collect();
    let detail = json!({ "institution": profile.institution.code });
    let look = event(looks::DOCTOR, "doctor", code.clone(), detail, None);
    looks::note(&platform, &caller.person, &caller.origin, Act::DoctorsRead, look).await?;
    let about = profiles::about(&platform.office, &caller.asker(Act::DoctorsRead), Of::Doctor(&code, &profile.institution.code)).await?;
    profile.findings_total = about.total;
    join(&mut profile.months, &about);
    (profile.rules, profile.findings) = told(about);
    Ok(Json(profile))
}

async fn person(State(platform): State<Shared>, caller: Caller, Path(no): Path<String>) -> Answer<Json<PersonProfile>> {
    let of = no.clone();
    let found = platform.ask(move |data| data.person_profile(&of)).await?;
    let mut profile = found.ok_or_else(|| ApiError::not_found("参保人"))?;
    let about = profiles::about(&platform.office, &caller.asker(Act::ProfilesRead), Of::Person(&no)).await?;
    // In scope is who is insured in one's region, or is spoken of by a lead there.
    let insured = caller.allows(Act::ProfilesRead, &Object::institution("", &profile.region)).is_ok();
    if !insured && about.total == 0 {
        return Err(ApiError::not_found("参保人"));
    }
    let look = event(looks::PERSON, "person", no, json!({}), None);
    looks::note(&platform, &caller.person, &caller.origin, Act::ProfilesRead, look).await?;
    profile.findings_total = about.total;
    join(&mut profile.months, &about);
    (profile.rules, profile.findings) = told(about);
    Ok(Json(profile))
}

async fn subjects(State(platform): State<Shared>, caller: Caller, Query(asked): Query<SubjectQuery>) -> Answer<Json<SubjectList>> {
    let words = asked.q.unwrap_or_default();
    let mut items = Vec::new();
    for (act, kinds) in [(Act::ProfilesRead, &["institution", "person"][..]), (Act::DoctorsRead, &["doctor"][..])] {
        if !caller.may(act) {
            continue;
        }
        let found = profiles::find(&platform.office, &caller.asker(act), &words).await?;
        items.extend(found.into_iter().filter(|one| kinds.contains(&one.kind)).map(|one| SubjectFound {
            kind: one.kind.to_owned(),
            code: one.code,
            title: one.title,
        }));
    }
    Ok(Json(SubjectList { items }))
}

/// Puts findings beside the care of their months; a month with findings alone gets a row of its own.
fn join(months: &mut Vec<ProfileMonth>, about: &About) {
    for (name, sum) in &about.months {
        let at = months.iter().position(|month| month.month == *name).unwrap_or_else(|| {
            months.push(ProfileMonth { month: name.clone(), ..ProfileMonth::default() });
            months.len() - 1
        });
        (months[at].findings, months[at].found_fen) = (sum.findings, sum.amount_fen);
    }
    months.sort_by(|a, b| a.month.cmp(&b.month));
}

fn told(about: About) -> (Vec<ProfileRule>, Vec<ProfileFinding>) {
    let rule =
        |(id, sum): (String, profiles::Sum)| ProfileRule { id, title: sum.title, findings: sum.findings, amount_fen: sum.amount_fen };
    let mut rules: Vec<ProfileRule> = about.rules.into_iter().map(rule).collect();
    rules.sort_by(|a, b| (b.amount_fen, b.findings, &a.id).cmp(&(a.amount_fen, a.findings, &b.id)));
    (rules, about.findings.into_iter().map(finding).collect())
}

fn finding(told: Told) -> ProfileFinding {
    ProfileFinding {
        id: told.id,
        lead: told.lead,
        rule: Coded { code: told.rule, name: told.rule_name },
        result: told.result,
        text: told.text,
        institution: told.institution,
        amount_fen: told.amount_fen,
        day: told.day,
        status_title: told.status.title().to_owned(),
        tone: told.status.tone().id().to_owned(),
        gone: told.gone,
    }
}
