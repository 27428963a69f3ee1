//! 接口说明.

use std::sync::LazyLock;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::routes::{Access, Route, Verb};

pub fn routes() -> Vec<Route> {
    vec![Route::new(Verb::Get, "/openapi.json", Access::Open, "接口说明", || get(document)).gives_file("application/json")]
}

/// Made once: anyone may ask, as often as they like.
static DOCUMENT: LazyLock<String> = LazyLock::new(crate::openapi);

async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], DOCUMENT.as_str()).into_response()
}
