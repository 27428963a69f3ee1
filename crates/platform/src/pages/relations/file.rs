//! 证据图: the picture of relations as one page that needs nothing else, with data, parameters and mark in it.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use mingjian_model::day::format_moment;
use mingjian_people::{Act, ExportKind, Object};
use serde::{Deserialize, Serialize};

use super::{Around, picture};
use crate::Shared;
use crate::body::Query;
use crate::caller::Caller;
use crate::contract::lead::ExportReason;
use crate::contract::relations::{Relations, RelationsQuery, RelationsReason};
use crate::pages::exports::at_once;
use crate::pages::exports::file::Marks;
use crate::pages::exports::lists::Asked;
use crate::picture as page;
use crate::problem::{Answer, ApiError};

pub const HTML: &str = "text/html; charset=utf-8";
/// Characters of a reason to leave a node out.
const WHY_MAX: usize = 200;

pub async fn of_lead(
    State(platform): State<Shared>,
    caller: Caller,
    Path(id): Path<String>,
    Query(asked): Query<RelationsQuery>,
    Query(reason): Query<RelationsReason>,
) -> Answer<Response> {
    take(&platform, &caller, PictureAsked { lead: Some(id), asked, why: reason.why, ..PictureAsked::default() }, reason.reason).await
}

pub async fn of_person(
    State(platform): State<Shared>,
    caller: Caller,
    Path(no): Path<String>,
    Query(asked): Query<RelationsQuery>,
    Query(reason): Query<RelationsReason>,
) -> Answer<Response> {
    take(&platform, &caller, PictureAsked { person: Some(no), asked, why: reason.why, ..PictureAsked::default() }, reason.reason).await
}

async fn take(platform: &Shared, caller: &Caller, asked: PictureAsked, reason: Option<String>) -> Answer<Response> {
    at_once(platform, caller, ExportReason { reason }, Asked::Picture(asked), ExportKind::Relations, "html").await
}

/// A picture as it is asked for: around a lead or a person, how, and why nodes are left out of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PictureAsked {
    pub lead: Option<String>,
    pub person: Option<String>,
    #[serde(flatten)]
    pub asked: RelationsQuery,
    /// 排除理由 of the nodes left out, one text for all or one each in their order, by `|`.
    pub why: Option<String>,
}

impl PictureAsked {
    pub fn around(&self) -> Answer<Around> {
        let named = |name: &Option<String>| name.clone().filter(|name| !name.is_empty());
        match (named(&self.lead), named(&self.person)) {
            (Some(lead), None) => Ok(Around::Lead(lead)),
            (None, Some(person)) => Ok(Around::Person(person)),
            _ => Err(ApiError::invalid("filter", "证据图要写明线索（lead）或参保人（person），二者取一")),
        }
    }

    /// Drawn as this person may see it now.
    pub async fn draw(&self, platform: &Shared, caller: &Caller) -> Answer<Taken> {
        // Whoever takes it has to have both rights: to see it, and to take what may be seen out of the house.
        caller.allows(Act::ProfilesRead, &Object::none())?;
        caller.allows(Act::LeadsExport, &Object::none())?;
        let (around, why) = (self.around()?, reasons(&self.asked, self.why.as_deref())?);
        let picture = picture(platform, caller, &around, &self.asked).await?;
        Ok(Taken { around, picture, why })
    }
}

/// A picture on its way out of the house.
pub struct Taken {
    around: Around,
    picture: Relations,
    /// By id of the node left out.
    why: BTreeMap<String, String>,
}

impl Taken {
    pub fn persons(&self) -> i64 {
        i64::try_from(self.picture.nodes.iter().filter(|node| node.kind == "person").count()).unwrap_or(i64::MAX)
    }

    /// Digest of the data, which stands in the page too.
    pub fn digest(&self) -> String {
        page::digest(&self.picture)
    }

    pub async fn page(self, platform: &Shared, caller: &Caller, marks: Marks) -> Answer<Response> {
        let at = format_moment(caller.person.at);
        let Taken { around, picture, why } = self;
        let marks = page::Marks {
            who: format!("{}（{}）", caller.name(), caller.account()),
            at: at.clone(),
            number: marks.number,
            reason: marks.reason,
            approved: marks.approved,
            why,
        };
        let bytes = platform.blocking(move || page::page(&picture, &marks)).await?;
        let mut response = Response::new(Body::from(bytes));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(HTML));
        let name = format!("关系图谱-{}-{}.html", around.object().1, at.replace([' ', ':'], "-"));
        headers.insert(header::CONTENT_DISPOSITION, crate::download::disposition(&name)?);
        Ok(response)
    }
}

/// 排除理由 by node: what is left out of a file without saying why would be taken for what was never there.
fn reasons(asked: &RelationsQuery, why: Option<&str>) -> Answer<BTreeMap<String, String>> {
    let ids: Vec<&str> = asked.without.as_deref().unwrap_or_default().split(',').filter(|id| !id.is_empty()).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let texts: Vec<&str> = why.unwrap_or_default().split('|').map(str::trim).collect();
    let text = |at: usize| if texts.len() == 1 { texts[0] } else { texts.get(at).copied().unwrap_or_default() };
    let mut reasons = BTreeMap::new();
    for (at, id) in ids.iter().enumerate() {
        if text(at).is_empty() || text(at).chars().count() > WHY_MAX {
            return Err(ApiError::invalid("why", format!("请写明为什么排除每一个节点，各不超过 {WHY_MAX} 字")));
        }
        reasons.insert((*id).to_owned(), text(at).to_owned());
    }
    Ok(reasons)
}
