//! 任务中心: start, list, watch, cancel, take up again.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum::routing::{delete, get, post};
use futures::{Stream, stream};
use mingjian_people::Act;
use serde_json::json;

use crate::Shared;
use crate::body::Json;
use crate::caller::{Caller, event};
use crate::contract::jobs::{Job, JobList, JobRequest};
use crate::data::JobKind;
use crate::problem::{Answer, ApiError};
use crate::routes::{Access, Route, Verb};
use crate::tasks::{self, Running};

/// A line of nothing is sent so often, so that proxies keep the connection.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Progress is told at most so often.
const PACE: Duration = Duration::from_millis(200);

pub fn routes() -> Vec<Route> {
    let run = Access::Right(Act::JobsRun);
    vec![
        Route::new(Verb::Post, "/jobs", run, "启动任务", || post(start)).takes::<JobRequest>().gives::<Job>(),
        Route::new(Verb::Get, "/jobs", run, "任务清单", || get(list)).gives::<JobList>(),
        Route::new(Verb::Get, "/jobs/{id}/events", run, "任务进度（SSE）", || get(events)).gives_events::<Job>(),
        Route::new(Verb::Post, "/jobs/{id}/resume", run, "接着做没做完的任务", || post(resume)).gives::<Job>(),
        Route::new(Verb::Delete, "/jobs/{id}", run, "取消任务", || delete(cancel)).gives::<Job>(),
    ]
}

async fn start(State(platform): State<Shared>, caller: Caller, Json(asked): Json<JobRequest>) -> Answer<Json<Job>> {
    let kinds = || JobKind::ALL.map(JobKind::id).join("、");
    let kind = JobKind::of(&asked.kind).ok_or_else(|| ApiError::invalid("kind", format!("没有这种任务；可用的有 {}", kinds())))?;
    tasks::may(&caller, kind)?;
    Ok(Json(tasks::start(&platform, &caller, kind, asked.args, None).await?))
}

async fn resume(State(platform): State<Shared>, caller: Caller, Path(id): Path<String>) -> Answer<Json<Job>> {
    Ok(Json(tasks::resume(&platform, &caller, &id).await?))
}

async fn list(State(platform): State<Shared>, _: Caller) -> Answer<Json<JobList>> {
    Ok(Json(JobList { items: tasks::list(&platform).await? }))
}

async fn cancel(State(platform): State<Shared>, caller: Caller, Path(id): Path<String>) -> Answer<Json<Job>> {
    let job = tasks::cancel(&platform, &caller, &id).await?;
    caller.note(&platform, Act::JobsRun, event("job.cancel", "job", &job.kind, json!({ "id": id }), None)).await?;
    Ok(Json(job))
}

async fn events(State(platform): State<Shared>, _: Caller, Path(id): Path<String>) -> Answer<Response> {
    let mut response = match platform.tasks.find(&id) {
        Some(running) => Response::new(Body::from_stream(told(running))),
        None => Response::new(Body::from(line(&tasks::one(&platform, &id).await?))),
    };
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    // nginx keeps answers back otherwise.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// The state now, then each change, until the job has ended.
fn told(running: Arc<Running>) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let job = running.watch();
    stream::unfold((running, job, true), |(running, mut job, first)| async move {
        if !first {
            if job.borrow().state != "running" && !job.has_changed().unwrap_or(false) {
                return None;
            }
            tokio::time::sleep(PACE).await;
            match tokio::time::timeout(HEARTBEAT, job.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return None,
                Err(_) => return Some((Ok(Bytes::from_static(b": \n\n")), (running, job, false))),
            }
        }
        let text = line(&job.borrow_and_update());
        Some((Ok(text), (running, job, false)))
    })
}

/// JSON holds no line break, so one event is one data line.
fn line(job: &Job) -> Bytes {
    let text = serde_json::to_string(job).unwrap_or_default();
    Bytes::from(format!("event: job\ndata: {text}\n\n"))
}
