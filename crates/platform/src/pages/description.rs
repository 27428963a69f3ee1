//! 接口说明.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::routes::{Access, Route, Verb};

pub fn routes() -> Vec<Route> {
    vec![Route::new(Verb::Get, "/openapi.json", Access::Open, "接口说明", || get(document)).gives_file("application/json")]
}

async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], crate::openapi()).into_response()
}
