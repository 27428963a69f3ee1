//! 关系图谱: around a lead or a person, the groups worth a look, and the picture as a file.
//!
//! Who may is who may see profiles; what may be seen of it is what happened at institutions of the region, or to persons insured there. Who
//! answers for an institution sees none of it: it would be other institutions' patients.

pub(crate) mod file;

use std::collections::HashMap;

use axum::extract::{Path, State};
use axum::routing::get;
use mingjian_casework::profiles::{self, Of, OfPerson};
use mingjian_model::day::{Day, format_day, parse_day};
use mingjian_people::{Act, Object, allows};
use serde_json::json;

use crate::Shared;
use crate::body::{Json, Query};
use crate::caller::{Caller, event};
use crate::contract::relations::{RelationGroups, RelationLead, Relations, RelationsAsked, RelationsQuery, RelationsReason};
use crate::data::{Drawn, RelationsAsk};
use crate::looks;
use crate::problem::{Answer, ApiError, Code};
use crate::routes::{Access, Route, Verb};

/// Persons of a lead a picture is drawn around at most.
const SEEDS: i64 = 50;
/// Leads listed at most.
const LEADS: usize = 50;
/// 最少共现次数 at most.
const LEAST_MAX: i64 = 50;
/// 最少共现次数 unless said: M3 of the catalogue of models for stays, M4 for all kinds.
const LEAST_STAYS: u32 = 3;
const LEAST_ALL: u32 = 5;
const ROUNDS: i64 = 10_000;
const ROUNDS_MAX: i64 = 100_000;
/// Nodes left out at most.
const WITHOUT_MAX: usize = 100;
/// Words of the kinds of nodes that may be left out.
const KINDS: [&str; 4] = ["person", "hospital", "pharmacy", "doctor"];

pub fn routes() -> Vec<Route> {
    let see = Access::Right(Act::ProfilesRead);
    let take = Access::AnyRight(&[Act::ProfilesRead, Act::LeadsExport]);
    vec![
        Route::new(Verb::Get, "/relations", see, "值得看的团组", || get(groups)).gives::<RelationGroups>(),
        Route::new(Verb::Get, "/leads/{id}/relations", see, "线索的关系图谱", || get(of_lead))
            .asks::<RelationsQuery>()
            .gives::<Relations>(),
        Route::new(Verb::Get, "/persons/{code}/relations", see, "参保人的关系图谱", || get(of_person))
            .asks::<RelationsQuery>()
            .gives::<Relations>(),
        Route::new(Verb::Get, "/leads/{id}/relations.html", take, "导出线索的证据图（记录事由）", || get(file::of_lead))
            .asks::<RelationsQuery>()
            .asks::<RelationsReason>()
            .gives_file(file::HTML),
        Route::new(Verb::Get, "/persons/{code}/relations.html", take, "导出参保人的证据图（记录事由）", || {
            get(file::of_person)
        })
        .asks::<RelationsQuery>()
        .asks::<RelationsReason>()
        .gives_file(file::HTML),
    ]
}

/// What a picture is drawn around.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Around {
    Lead(String),
    Person(String),
}

impl Around {
    /// Kind and name, as the trail has them.
    pub(crate) fn object(&self) -> (&'static str, &str) {
        match self {
            Around::Lead(id) => ("lead", id),
            Around::Person(no) => ("person", no),
        }
    }
}

async fn of_lead(
    State(platform): State<Shared>,
    caller: Caller,
    Path(id): Path<String>,
    Query(asked): Query<RelationsQuery>,
) -> Answer<Json<Relations>> {
    shown(&platform, &caller, Around::Lead(id), &asked).await
}

async fn of_person(
    State(platform): State<Shared>,
    caller: Caller,
    Path(no): Path<String>,
    Query(asked): Query<RelationsQuery>,
) -> Answer<Json<Relations>> {
    shown(&platform, &caller, Around::Person(no), &asked).await
}

async fn shown(platform: &Shared, caller: &Caller, around: Around, asked: &RelationsQuery) -> Answer<Json<Relations>> {
    let picture = picture(platform, caller, &around, asked).await?;
    let (kind, object) = around.object();
    let persons = picture.nodes.iter().filter(|node| node.kind == "person").count();
    let look = event(looks::RELATIONS, kind, object, json!({ "persons": persons, "core": picture.core }), None);
    looks::note(platform, &caller.person, &caller.origin, Act::ProfilesRead, look).await?;
    Ok(Json(picture))
}

/// The picture with its leads; absent where the lead or the person is out of scope.
async fn picture(platform: &Shared, caller: &Caller, around: &Around, asked: &RelationsQuery) -> Answer<Relations> {
    let ask = checked(asked)?;
    let (what, persons) = match around {
        Around::Lead(id) => ("线索", profiles::persons_of(&platform.office, &caller.asker(Act::ProfilesRead), id, SEEDS).await?),
        Around::Person(no) => ("参保人", vec![no.clone()]),
    };
    let _turn = platform.own_pictures.turn(caller.account()).await.ok_or_else(|| ApiError::new(Code::Unavailable))?;
    let person = caller.person.clone();
    let said = as_asked(&ask);
    let found = platform
        .ask(move |data| {
            let sees = |region: &str| allows(&person, Act::ProfilesRead, &Object::institution("", region)).is_ok();
            data.relations(&persons, &ask, &sees)
        })
        .await?;
    let drawn = match (found, around) {
        (Some(drawn), _) => drawn,
        // A lead about goods or an institution's month names nobody: its picture is empty, and it is there all the same.
        (None, Around::Lead(_)) => Drawn {
            picture: Relations { cut: vec!["这条线索没有涉及参保人".to_owned()], ..Relations::default() },
            ..Drawn::default()
        },
        (None, Around::Person(_)) => return Err(ApiError::not_found(what)),
    };
    let mut picture = drawn.picture;
    if picture.nodes.is_empty() {
        picture.asked = said;
    }
    match around {
        Around::Lead(id) => picture.title = format!("线索 {id}"),
        Around::Person(no) => {
            let label = picture.nodes.iter().find(|node| node.code == *no).map_or("", |node| node.label.as_str());
            picture.title = format!("{label} {no}").trim().to_owned();
            // In scope is who is insured in one's region, or is spoken of by a lead there; as profiles have it.
            let insured = caller.allows(Act::ProfilesRead, &Object::institution("", &drawn.region)).is_ok();
            if !insured && profiles::about(&platform.office, &caller.asker(Act::ProfilesRead), Of::Person(no)).await?.total == 0 {
                return Err(ApiError::not_found(what));
            }
        }
    }
    let of_group = picture.nodes.iter().filter(|node| matches!(node.standing.as_deref(), Some("core" | "outside")));
    let members: Vec<String> = of_group.map(|node| node.code.clone()).collect();
    let leads = profiles::leads_of(&platform.office, &caller.asker(Act::ProfilesRead), &members).await?;
    picture.leads_total = i64::try_from(leads.len()).unwrap_or(i64::MAX);
    picture.leads = leads.into_iter().take(LEADS).map(lead).collect();
    Ok(picture)
}

fn lead(of: OfPerson) -> RelationLead {
    RelationLead {
        open: of.is_open(),
        person: format!("person:{}", of.person),
        institution: of.institution,
        rule: of.rule,
        status: of.status.id().to_owned(),
        status_title: of.status.title().to_owned(),
        tone: of.status.tone().id().to_owned(),
        amount_fen: of.amount_fen,
        id: of.id,
    }
}

/// The question as an empty picture repeats it.
fn as_asked(ask: &RelationsAsk) -> RelationsAsked {
    let (kinds, usual) = if ask.all_kinds { ("all", LEAST_ALL) } else { ("stays", LEAST_STAYS) };
    RelationsAsked {
        degree: ask.degree.into(),
        least: ask.least.unwrap_or(usual).into(),
        kinds: kinds.to_owned(),
        from: ask.from.map(format_day).unwrap_or_default(),
        to: ask.to.map(format_day).unwrap_or_default(),
        without: Vec::new(),
    }
}

/// What is asked, as far as it makes sense.
fn checked(asked: &RelationsQuery) -> Answer<RelationsAsk> {
    let degree = match asked.degree {
        None | Some(1) => 1,
        Some(2) => 2,
        Some(_) => return Err(ApiError::invalid("degree", "关系度数应为 1 或 2")),
    };
    let all_kinds = match asked.kinds.as_deref() {
        None | Some("" | "stays") => false,
        Some("all") => true,
        Some(_) => return Err(ApiError::invalid("kinds", "就诊种类应为 stays 或 all")),
    };
    let least = match asked.least {
        None => None,
        Some(least) if (1..=LEAST_MAX).contains(&least) => u32::try_from(least).ok(),
        Some(_) => return Err(ApiError::invalid("least", format!("最少共现次数应在 1 到 {LEAST_MAX} 之间"))),
    };
    let (from, to) = (day(asked.from.as_deref(), "from")?, day(asked.to.as_deref(), "to")?);
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        return Err(ApiError::invalid("to", "结束日期早于开始日期"));
    }
    let rounds = asked.rounds.unwrap_or(ROUNDS);
    if !(1..=ROUNDS_MAX).contains(&rounds) {
        return Err(ApiError::invalid("rounds", format!("置换次数应在 1 到 {ROUNDS_MAX} 之间")));
    }
    let mut without = Vec::new();
    for id in asked.without.as_deref().unwrap_or_default().split(',').filter(|id| !id.is_empty()) {
        match id.split_once(':') {
            Some((kind, code)) if KINDS.contains(&kind) && !code.is_empty() => without.push((kind.to_owned(), code.to_owned())),
            _ => {
                return Err(ApiError::invalid(
                    "without",
                    "排除的节点写成 person:编号、hospital:编码、pharmacy:编码 或 doctor:编码，以逗号分开",
                ));
            }
        }
    }
    if without.len() > WITHOUT_MAX {
        return Err(ApiError::invalid("without", format!("最多排除 {WITHOUT_MAX} 个节点")));
    }
    Ok(RelationsAsk { degree, least, all_kinds, from, to, without, rounds: u32::try_from(rounds).unwrap_or(1) })
}

fn day(text: Option<&str>, field: &'static str) -> Answer<Option<Day>> {
    match text.filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => parse_day(text).map(Some).ok_or_else(|| ApiError::invalid(field, "日期写成 2026-01-31")),
    }
}

async fn groups(State(platform): State<Shared>, caller: Caller) -> Answer<Json<RelationGroups>> {
    let person = caller.person.clone();
    let found = platform
        .ask(move |data| data.relation_groups(&|region: &str| allows(&person, Act::ProfilesRead, &Object::institution("", region)).is_ok()))
        .await?;
    let mut groups = found.groups.clone();
    let members: Vec<String> = found.members.iter().flatten().cloned().collect();
    let leads = profiles::leads_of(&platform.office, &caller.asker(Act::ProfilesRead), &members).await?;
    let mut open: HashMap<&str, i64> = HashMap::new();
    for lead in leads.iter().filter(|lead| lead.is_open()) {
        *open.entry(lead.person.as_str()).or_default() += 1;
    }
    for (group, members) in groups.items.iter_mut().zip(&found.members) {
        group.leads = members.iter().map(|no| open.get(no.as_str()).copied().unwrap_or(0)).sum();
    }
    let look = event(looks::GROUPS, "list", "团组", json!({ "groups": groups.items.len(), "persons": members.len() }), None);
    looks::note(&platform, &caller.person, &caller.origin, Act::ProfilesRead, look).await?;
    Ok(Json(groups))
}
