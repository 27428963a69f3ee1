//! 视图 and 通知: what lies on a person's own desk.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use mingjian_casework::notices;
use mingjian_model::day::{MICROS_PER_DAY, format_moment};
use mingjian_people::{Act, Of, View};

use crate::Shared;
use crate::body::{Json, Query};
use crate::caller::Caller;
use crate::contract::desk::{NewView, Notice, NoticeList, NoticesRead, SavedView, ViewList, ViewQuery};
use crate::problem::{Answer, ApiError};
use crate::routes::{Access, Route, Verb};

/// Decided exports are told for so long.
const DAYS: i64 = 30;
/// Own exports looked through.
const EXPORTS: i64 = 50;

pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Verb::Get, "/views", Access::Own, "存下的视图", || get(list)).asks::<ViewQuery>().gives::<ViewList>(),
        Route::new(Verb::Post, "/views", Access::Own, "存为视图", || post(save)).takes::<NewView>().gives::<SavedView>(),
        Route::new(Verb::Delete, "/views/{id}", Access::Own, "删去视图", || delete(remove)),
        Route::new(Verb::Get, "/notices", Access::Own, "通知", || get(told)).gives::<NoticeList>(),
        Route::new(Verb::Post, "/notices/read", Access::Own, "通知设为已读", || post(read)).takes::<NoticesRead>(),
    ]
}

async fn list(State(platform): State<Shared>, caller: Caller, Query(asked): Query<ViewQuery>) -> Answer<Json<ViewList>> {
    let views = platform.people.views(&caller.person, &asked.page).await?;
    let owners: Vec<String> = views.iter().map(|view| view.account.clone()).collect();
    let names = platform.people.names(&owners).await?;
    let items =
        views.into_iter().map(|view| SavedView { by: names.get(&view.account).cloned().unwrap_or_default(), ..saved(&caller, view) });
    Ok(Json(ViewList { items: items.collect() }))
}

fn saved(caller: &Caller, view: View) -> SavedView {
    SavedView {
        id: view.id.to_string(),
        title: view.title,
        query: view.query,
        shared: view.shared,
        own: view.account == caller.account(),
        by: caller.name(),
    }
}

async fn save(State(platform): State<Shared>, caller: Caller, Json(new): Json<NewView>) -> Answer<Json<SavedView>> {
    let NewView { page, title, query, shared } = new;
    let view = View { id: 0, account: String::new(), page, title, query, shared };
    let kept = platform.people.save_view(&caller.person, &view, &caller.origin).await?;
    Ok(Json(saved(&caller, kept)))
}

async fn remove(State(platform): State<Shared>, caller: Caller, Path(id): Path<String>) -> Answer<StatusCode> {
    let absent = || ApiError::not_found("视图");
    let id: i64 = id.parse().map_err(|_| absent())?;
    if !platform.people.remove_view(&caller.person, id, &caller.origin).await? {
        return Err(absent());
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn told(State(platform): State<Shared>, caller: Caller) -> Answer<Json<NoticeList>> {
    let mut items = Vec::new();
    if caller.may(Act::LeadsRead) {
        for notice in notices::notices(&platform.office, &caller.asker(Act::LeadsRead)).await? {
            items.push(Notice {
                key: notice.key,
                kind: notice.kind.id().to_owned(),
                lead: Some(notice.lead),
                institution: notice.institution,
                amount_fen: notice.amount_fen,
                by: notice.by,
                at: format_moment(notice.at),
                ..Notice::default()
            });
        }
    }
    if caller.may(Act::LeadsExport) || caller.may(Act::RecoveriesExport) {
        let since = caller.person.at - DAYS * MICROS_PER_DAY;
        let own = platform.people.exports(&caller.person, Of::Own, false, None, EXPORTS).await?;
        for export in own.into_iter().filter(|export| export.decided_by.is_some()) {
            let Some(at) = export.decided_at.filter(|at| *at >= since) else { continue };
            let kind = if export.state == "refused" { "returned" } else { "approved" };
            items.push(Notice {
                key: format!("export:{}", export.id),
                kind: kind.to_owned(),
                export: Some(export.id),
                at: format_moment(at),
                ..Notice::default()
            });
        }
    }
    let marked = platform.people.notices_read(&caller.person).await?;
    for item in &mut items {
        item.read = marked.contains(&item.key);
    }
    items.sort_by(|a, b| (&b.at, &a.key).cmp(&(&a.at, &b.key)));
    let unread = items.iter().filter(|item| !item.read).count() as i64;
    Ok(Json(NoticeList { items, unread }))
}

async fn read(State(platform): State<Shared>, caller: Caller, Json(asked): Json<NoticesRead>) -> Answer<StatusCode> {
    platform.people.read_notices(&caller.person, &asked.keys, &caller.origin).await?;
    Ok(StatusCode::NO_CONTENT)
}
