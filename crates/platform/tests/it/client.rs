//! A browser of a kind: keeps its cookie and token, sends JSON.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt as _;

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("{}: {}", self.status, String::from_utf8_lossy(&self.bytes)))
    }

    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The answer, which must have this status.
    pub fn expect(self, status: u16) -> Answer {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.bytes));
        self
    }
}

#[derive(Clone)]
pub struct Client {
    pub router: Router,
    pub cookie: Option<String>,
    pub csrf: Option<String>,
}

impl Client {
    pub fn new(router: Router) -> Client {
        Client { router, cookie: None, csrf: None }
    }

    pub async fn send(&mut self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        for set in parts.headers.get_all(header::SET_COOKIE) {
            let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
            self.cookie = (!pair.ends_with('=')).then_some(pair);
        }
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    pub fn request(&self, verb: &str, path: &str) -> axum::http::request::Builder {
        let mut request = Request::builder().method(verb).uri(path).header("host", "mingjian.test");
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        if let Some(csrf) = &self.csrf {
            request = request.header("x-csrf-token", csrf);
        }
        request
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        let request = self.request("GET", &format!("/api/v1{path}")).body(Body::empty()).unwrap();
        self.send(request).await
    }

    pub async fn call(&mut self, verb: &str, path: &str, body: Value) -> Answer {
        let request = self.request(verb, &format!("/api/v1{path}")).header("content-type", "application/json");
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.send(request.body(body).unwrap()).await
    }

    pub async fn post(&mut self, path: &str, body: Value) -> Answer {
        self.call("POST", path, body).await
    }

    /// One file as a form sends it.
    pub async fn upload(&mut self, path: &str, name: &str, bytes: &[u8]) -> Answer {
        let edge = "----edge7MA4YWxk";
        let mut body = format!("--{edge}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n").into_bytes();
        body.extend(bytes);
        body.extend(format!("\r\n--{edge}--\r\n").bytes());
        let request = self.request("POST", &format!("/api/v1{path}"));
        self.send(request.header("content-type", format!("multipart/form-data; boundary={edge}")).body(Body::from(body)).unwrap()).await
    }

    pub async fn sign_in(&mut self, account: &str, password: &str) -> Answer {
        let answer = self.post("/session", json!({ "account": account, "password": password })).await;
        if answer.status == StatusCode::OK {
            self.csrf = answer.json()["csrf"].as_str().map(str::to_owned);
        }
        answer
    }
}
