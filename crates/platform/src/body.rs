//! 报文: bodies and query strings in, JSON out, each failure a problem with words.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::problem::{ApiError, Code};

/// A JSON body is at most so long; an act on 200 leads with an opinion a line stays below.
pub const JSON_MAX: usize = 1 << 20;
/// It must have come within this time.
const PATIENCE: Duration = Duration::from_secs(30);

/// A body of JSON, in or out.
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Json<T>, ApiError> {
        // A form that another site sends cannot carry this type.
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json")) {
            return Err(ApiError::new(Code::Unsupported).detail("请以 application/json 提交"));
        }
        let bytes = read(request.into_body(), JSON_MAX).await?;
        parse(&bytes).map(Json)
    }
}

/// The whole body, when it is no longer than `most`.
pub async fn read(body: Body, most: usize) -> Result<Bytes, ApiError> {
    let read = tokio::time::timeout(PATIENCE, to_bytes(body, most)).await;
    let read = read.map_err(|_| ApiError::new(Code::Malformed).detail("内容没有在时限内传完，请检查网络后重试"))?;
    read.map_err(|_| ApiError::new(Code::TooLarge).detail(format!("内容超过 {} KB，或没有传完", most >> 10)))
}

pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(bytes).map_err(|error| {
        let place = format!("第 {} 行第 {} 列", error.line(), error.column());
        match error.classify() {
            serde_json::error::Category::Data => {
                ApiError::new(Code::Malformed).detail(format!("JSON 的内容与约定不符（{place}）：{error}"))
            }
            _ => ApiError::new(Code::Malformed).detail(format!("不是完整的 JSON（{place}）")),
        }
    })
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(bytes) => {
                let mut response = Response::new(Body::from(bytes));
                response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
                response
            }
            Err(error) => ApiError::internal(&error).into_response(),
        }
    }
}

/// A query string. Empty values count as absent: a cleared filter is no filter.
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Query<T>, ApiError> {
        query(parts.uri.query().unwrap_or_default()).map(Query)
    }
}

pub fn query<T: DeserializeOwned>(text: &str) -> Result<T, ApiError> {
    let wrong = |error: &dyn std::fmt::Display| ApiError::new(Code::Malformed).detail(format!("查询条件读不懂：{error}"));
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(text).map_err(|error| wrong(&error))?;
    let kept: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let text = serde_urlencoded::to_string(&kept).map_err(|error| wrong(&error))?;
    serde_urlencoded::from_str(&text).map_err(|error| wrong(&error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::lead::LeadQuery;

    #[test]
    fn an_empty_filter_is_none() {
        let asked: LeadQuery = query("status=&due=3&q=%E4%BB%81%E6%B5%8E").unwrap();
        assert_eq!((asked.status, asked.due, asked.q.as_deref()), (None, Some(3), Some("仁济")));
    }

    #[test]
    fn a_word_for_a_number_is_told() {
        let error = query::<LeadQuery>("due=soon").unwrap_err();
        assert_eq!(error.code(), Code::Malformed);
    }
}
