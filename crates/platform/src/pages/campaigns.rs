//! 自查自纠: the bureau sends a list out, institutions hand in.

use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::routing::{get, post};
use mingjian_casework::campaigns::{self, Campaign, CampaignList, Declaration, NewCampaign, PartInput};
use mingjian_casework::leads;
use mingjian_people::Act;
use serde::{Deserialize, Serialize};

use crate::Shared;
use crate::body::Json;
use crate::caller::Caller;
use crate::contract::campaigns as shape;
use crate::contract::lead::Attachment;
use crate::pages::attachments;
use crate::problem::{Answer, ApiError};
use crate::routes::{Access, Route, Verb};

pub fn routes() -> Vec<Route> {
    let (read, write) = (Access::Right(Act::CampaignsRead), Access::Right(Act::CampaignsWrite));
    let answer = Access::Right(Act::CampaignsAnswer);
    // Whoever books the refunds sees sums; what was found of whom is for those who may hold lists of it.
    let found = Access::Right(Act::LeadsExport);
    let part = Access::AnyRight(&[Act::CampaignsWrite, Act::RecoveriesBook]);
    vec![
        Route::new(Verb::Get, "/campaigns", read, "自查活动", || get(list)).gives::<shape::CampaignList>(),
        Route::new(Verb::Post, "/campaigns", write, "拟一次自查", || post(create)).takes::<shape::NewCampaign>().gives::<shape::Campaign>(),
        Route::new(Verb::Get, "/campaigns/{id}", read, "一次自查", || get(detail)).gives::<shape::Campaign>(),
        Route::new(Verb::Post, "/campaigns/{id}/publish", write, "发布自查", || post(publish))
            .takes::<shape::CampaignStep>()
            .gives::<shape::Campaign>(),
        Route::new(Verb::Post, "/campaigns/{id}/close", write, "结束自查", || post(close))
            .takes::<shape::CampaignStep>()
            .gives::<shape::Campaign>(),
        Route::new(Verb::Post, "/campaigns/{id}/declarations", answer, "提交自查结果", || post(declare))
            .takes::<shape::CampaignDeclaration>()
            .gives::<shape::Campaign>(),
        Route::new(Verb::Get, "/campaigns/{id}/institutions/{code}/findings", found, "自查中一家机构的疑点", || get(findings))
            .gives::<shape::CampaignFindings>(),
        Route::new(Verb::Post, "/campaigns/{id}/institutions/{code}/attachments", answer, "上传自查附件", || {
            post(attach).layer(DefaultBodyLimit::disable())
        })
        .takes_file()
        .gives::<Attachment>(),
        Route::new(
            Verb::Post,
            "/campaigns/{id}/institutions/{code}/{step}",
            part,
            "登记退款（refund）、认可（accept）、退回（return）",
            || post(step),
        )
        .takes::<shape::CampaignPartInput>()
        .gives::<shape::Campaign>(),
    ]
}

async fn list(State(platform): State<Shared>, caller: Caller) -> Answer<Json<CampaignList>> {
    Ok(Json(campaigns::list(&platform.office, &caller.asker(Act::CampaignsRead)).await?))
}

async fn detail(State(platform): State<Shared>, caller: Caller, Path(id): Path<String>) -> Answer<Json<Campaign>> {
    Ok(Json(campaigns::detail(&platform.office, &caller.asker(Act::CampaignsRead), &id).await?))
}

async fn create(State(platform): State<Shared>, caller: Caller, Json(new): Json<NewCampaign>) -> Answer<Json<Campaign>> {
    Ok(Json(campaigns::create(&platform.office, &caller.asker(Act::CampaignsWrite), &new).await?))
}

/// A step of the whole campaign.
#[derive(Deserialize)]
struct Whole {
    version: i64,
    report: Option<String>,
}

async fn publish(
    State(platform): State<Shared>,
    caller: Caller,
    Path(id): Path<String>,
    Json(asked): Json<Whole>,
) -> Answer<Json<Campaign>> {
    Ok(Json(campaigns::publish(&platform.office, &caller.asker(Act::CampaignsWrite), &id, asked.version).await?))
}

async fn close(State(platform): State<Shared>, caller: Caller, Path(id): Path<String>, Json(asked): Json<Whole>) -> Answer<Json<Campaign>> {
    let report = asked.report.unwrap_or_default();
    Ok(Json(campaigns::close(&platform.office, &caller.asker(Act::CampaignsWrite), &id, asked.version, &report).await?))
}

async fn declare(
    State(platform): State<Shared>,
    caller: Caller,
    Path(id): Path<String>,
    Json(mut input): Json<Declaration>,
) -> Answer<Json<Campaign>> {
    input.key = caller.key.clone();
    Ok(Json(campaigns::declare(&platform.office, &caller.asker(Act::CampaignsAnswer), &id, &input).await?))
}

#[derive(Serialize)]
struct Findings {
    items: Vec<leads::Finding>,
}

async fn findings(State(platform): State<Shared>, caller: Caller, Path((id, code)): Path<(String, String)>) -> Answer<Json<Findings>> {
    let items = campaigns::findings(&platform.office, &caller.asker(Act::CampaignsRead), &id, &code).await?;
    Ok(Json(Findings { items }))
}

async fn attach(
    State(platform): State<Shared>,
    caller: Caller,
    Path((id, code)): Path<(String, String)>,
    request: Request,
) -> Answer<Json<leads::Attachment>> {
    let asker = caller.asker(Act::CampaignsAnswer);
    // Before a byte is read: whoever may not see the campaign sends nothing to it.
    campaigns::detail(&platform.office, &asker, &id).await?;
    let (_turns, name, bytes) = attachments::receive(&platform, &caller, request).await?;
    Ok(Json(campaigns::attach(&platform.office, &asker, &id, &code, &name, bytes).await?))
}

async fn step(
    State(platform): State<Shared>,
    caller: Caller,
    Path((id, code, step)): Path<(String, String, String)>,
    Json(mut input): Json<PartInput>,
) -> Answer<Json<Campaign>> {
    input.key = caller.key.clone();
    let office = &platform.office;
    // Money is booked by who keeps the books, the rest is the bureau's.
    let right = if step == "refund" { Act::RecoveriesBook } else { Act::CampaignsWrite };
    caller.allows(right, &mingjian_people::Object::none())?;
    let asker = caller.asker(right);
    let campaign = match step.as_str() {
        "refund" => campaigns::refund(office, &asker, &id, &code, &input).await?,
        "accept" => campaigns::accept(office, &asker, &id, &code, &input).await?,
        "return" => campaigns::send_back(office, &asker, &id, &code, &input).await?,
        _ => return Err(ApiError::not_found("办理动作")),
    };
    Ok(Json(campaign))
}
