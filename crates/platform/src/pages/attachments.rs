//! 附件: handed in as a form, given out as a download and never as a page.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Path, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum::routing::{get, post};
use mingjian_casework::{attachments, leads};
use mingjian_people::Act;
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, SemaphorePermit};

use crate::body::Json;
use crate::caller::Caller;
use crate::contract::lead::Attachment;
use crate::download::disposition;
use crate::looks;
use crate::pages::leads::note_look;
use crate::problem::{Answer, ApiError, Code};
use crate::routes::{Access, Route, Verb};
use crate::{Platform, Shared};

/// Room for the edges of the form around the file.
const FORM_EXTRA: usize = 64 << 10;
/// A file must have come within this time: turns are few.
const PATIENCE: Duration = Duration::from_secs(300);

pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Verb::Post, "/leads/{id}/attachments", Access::Right(Act::AttachmentsAdd), "上传附件", || {
            // The limit is casework's setting; it is kept while reading, piece by piece.
            post(put).layer(DefaultBodyLimit::disable())
        })
        .takes_file()
        .gives::<Attachment>(),
        Route::new(Verb::Get, "/attachments/{id}", Access::Right(Act::LeadsRead), "下载附件", || get(fetch))
            .gives_file("application/octet-stream"),
    ]
}

async fn put(State(platform): State<Shared>, caller: Caller, Path(id): Path<String>, request: Request) -> Answer<Json<leads::Attachment>> {
    let asker = caller.asker(Act::AttachmentsAdd);
    // Before a byte is read: whoever may not see the lead sends nothing to it.
    leads::detail(&platform.office, &asker, &id).await?;
    let (_turns, name, bytes) = receive(&platform, &caller, request).await?;
    let kept = attachments::put(&platform.office, &asker, &id, &name, bytes).await?;
    Ok(Json(kept))
}

/// Of the account, and of all.
type Turns<'a> = (OwnedSemaphorePermit, SemaphorePermit<'a>);

/// Reads the file of a form, when it is its turn: a turn is held until the file is kept.
pub(crate) async fn receive<'a>(platform: &'a Platform, caller: &Caller, request: Request) -> Answer<(Turns<'a>, String, Vec<u8>)> {
    let most = platform.office.settings.attachments.file_bytes;
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > most + FORM_EXTRA) {
        return Err(too_large(most));
    }
    // The own turn first: who waits for that holds none of the others.
    let own = platform.own_uploads.turn(caller.account()).await.ok_or_else(|| ApiError::new(Code::Unavailable))?;
    let turn = platform.uploads.acquire().await.map_err(|_| ApiError::new(Code::Unavailable))?;
    let (name, bytes) = tokio::time::timeout(PATIENCE, file(request, most))
        .await
        .map_err(|_| ApiError::new(Code::Malformed).detail("文件没有在时限内传完，请检查网络后重试"))??;
    Ok(((own, turn), name, bytes))
}

fn too_large(most: usize) -> ApiError {
    ApiError::new(Code::TooLarge).detail(format!("文件不能超过 {} MB", most >> 20))
}

/// The part `file` of the form: its name as sent, its bytes up to `most`.
async fn file(request: Request, most: usize) -> Answer<(String, Vec<u8>)> {
    let wrong = || ApiError::new(Code::Malformed).detail("上传的表单读不懂，或没有传完");
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|_| ApiError::new(Code::Unsupported).detail("请以 multipart/form-data 上传，文件字段名为 file"))?;
    while let Some(mut field) = form.next_field().await.map_err(|_| wrong())? {
        if field.name() != Some("file") {
            continue;
        }
        let name = field.file_name().unwrap_or_default().to_owned();
        let mut bytes = Vec::new();
        while let Some(piece) = field.chunk().await.map_err(|_| wrong())? {
            if bytes.len() + piece.len() > most {
                return Err(too_large(most));
            }
            bytes.extend_from_slice(&piece);
        }
        return Ok((name, bytes));
    }
    Err(ApiError::invalid("file", "没有选择文件"))
}

async fn fetch(State(platform): State<Shared>, caller: Caller, Path(id): Path<String>) -> Answer<Response> {
    let file = attachments::get(&platform.office, &caller.asker(Act::LeadsRead), &id).await?;
    if let Some(row) = platform.store.one("select owner from attachments where id = $1 and owner_kind = 'lead'", &[(&id).into()]).await? {
        note_look(&platform, &caller, looks::ATTACHMENT, &row.text("owner")?, json!({ "attachment": id })).await?;
    }
    let mut response = Response::new(Body::from(file.bytes));
    let headers = response.headers_mut();
    // Whatever it is, a browser saves it: the type found by its content is for the list, not for showing.
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_DISPOSITION, disposition(&file.attachment.name)?);
    Ok(response)
}
