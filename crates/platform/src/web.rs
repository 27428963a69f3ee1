//! 网页: the built browser application out of the binary, or a page that tells how to build it.
//!
//! Files with a hash in their name never change and are kept by browsers for a year; index.html is asked for anew every time and carries the
//! nonce of its own answer. It holds no text of any user, so nothing can be smuggled into it.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::headers::page_policy;
use crate::problem::{ApiError, Code};
use crate::random;

/// A file of `web/dist`, with its packed twins where they were made.
pub struct Embedded {
    pub path: &'static str,
    pub plain: &'static [u8],
    pub br: Option<&'static [u8]>,
    pub gz: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/web.rs"));

/// Where index.html wants the nonce, as Vite's `html.cspNonce` writes it.
const NONCE: &str = "__CSP_NONCE__";

/// Shown while there is no built application.
const PLACEHOLDER: &str = r#"<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>明鉴 · 医保基金智能监管平台</title>
<style nonce="__CSP_NONCE__">
body { margin: 0; font: 16px/1.7 "PingFang SC", "HarmonyOS Sans SC", "Microsoft YaHei", "Noto Sans SC", sans-serif; color: #1f2933; background: #f6f7f9 }
main { max-width: 40rem; margin: 12vh auto; padding: 2rem; background: #fff; border: 1px solid #e1e5ea; border-radius: 8px }
h1 { margin: 0 0 1rem; font-size: 1.3rem } pre { padding: .8rem 1rem; background: #f1f3f5; overflow-x: auto } a { color: #1f5aa6 }
@media (prefers-color-scheme: dark) { body { color: #d7dce2; background: #14181d } main { background: #1b2027; border-color: #303842 } pre { background: #252c35 } a { color: #86b6f2 } }
</style></head>
<body><main>
<h1>服务在运行，网页还没有构建</h1>
<p>这个程序编译时没有找到 <code>web/dist</code>，所以只有接口可用。在源码目录里执行：</p>
<pre>cd web
npm ci
npm run build
cd ..
cargo build --release</pre>
<p>再启动一次，网页就在这个地址。接口说明：<a href="/api/v1/openapi.json">/api/v1/openapi.json</a></p>
</main></body>
</html>
"#;

/// Answers for every path that is no interface.
pub async fn serve(method: Method, uri: axum::http::Uri, headers: HeaderMap) -> Response {
    answer(FILES, &method, uri.path(), &headers)
}

fn answer(files: &'static [Embedded], method: &Method, path: &str, headers: &HeaderMap) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return ApiError::new(Code::Method).into_response();
    }
    let name = path.trim_start_matches('/');
    // Paths are looked up in the table, never in a file system: `..` finds nothing.
    match files.iter().find(|file| file.path == name) {
        Some(file) if file.path != "index.html" => asset(file, headers),
        // A missing file of ours is told as such; a page of the application for it would be read as script or picture.
        None if name.starts_with("assets/") || name.starts_with("api/") => ApiError::not_found("地址").into_response(),
        None if name.rsplit('/').next().is_some_and(|last| last.contains('.')) => ApiError::not_found("文件").into_response(),
        _ => index(files),
    }
}

/// index.html for whatever page the address names: the application finds its own way.
fn index(files: &'static [Embedded]) -> Response {
    let nonce = match random::hex(16) {
        Ok(nonce) => nonce,
        Err(error) => return error.into_response(),
    };
    let page = files.iter().find(|file| file.path == "index.html").and_then(|file| std::str::from_utf8(file.plain).ok());
    let text = page.unwrap_or(PLACEHOLDER).replace(NONCE, &nonce);
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store"));
    match HeaderValue::from_str(&page_policy(&nonce)) {
        Ok(policy) => headers.insert(header::CONTENT_SECURITY_POLICY, policy),
        Err(_) => return ApiError::fault("policy of the page").into_response(),
    };
    response
}

fn asset(file: &'static Embedded, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", &blake3::hash(file.plain).to_hex()[..32]);
    let accepts = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let takes = |name: &str| {
        accepts.split(',').any(|part| {
            let mut words = part.split(';').map(str::trim);
            words.next() == Some(name)
                && !words.any(|word| matches!(word.replace(' ', "").as_str(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
    };
    let (bytes, encoding) = match (file.br, file.gz) {
        (Some(br), _) if takes("br") => (br, Some("br")),
        (_, Some(gz)) if takes("gzip") => (gz, Some("gzip")),
        _ => (file.plain, None),
    };
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let fresh = known.is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    let mut response = Response::new(if fresh { Body::empty() } else { Body::from(bytes) });
    if fresh {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(file.path)));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    let keep = if hashed(file.path) { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    if let (Some(encoding), false) = (encoding, fresh) {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// Whether the name holds a hash of the content, as Vite makes it: `assets/index-B3xk90aZ.js`.
fn hashed(path: &str) -> bool {
    let Some(name) = path.strip_prefix("assets/") else { return false };
    let stem = name.split('.').next().unwrap_or_default();
    stem.len() > 9 && stem.as_bytes()[stem.len() - 9] == b'-'
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json; charset=utf-8",
        "webmanifest" => "application/manifest+json; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static BUILT: &[Embedded] = &[
        Embedded { path: "assets/app-B3xk90aZ.js", plain: b"1", br: Some(b"b"), gz: Some(b"g") },
        Embedded { path: "favicon.svg", plain: b"<svg/>", br: None, gz: None },
        Embedded {
            path: "index.html",
            plain: b"<script nonce=\"__CSP_NONCE__\" src=\"/assets/app-B3xk90aZ.js\"></script>",
            br: None,
            gz: None,
        },
    ];

    fn get(path: &str, accept: &str) -> (StatusCode, HeaderMap) {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_str(accept).unwrap());
        let response = answer(BUILT, &Method::GET, path, &headers);
        (response.status(), response.headers().clone())
    }

    #[test]
    fn hashed_names_are_kept_and_packed_twins_sent() {
        let (status, headers) = get("/assets/app-B3xk90aZ.js", "gzip, br");
        assert_eq!((status, headers["content-encoding"].to_str().unwrap()), (StatusCode::OK, "br"));
        assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable");
        assert_eq!(get("/assets/app-B3xk90aZ.js", "br;q=0, gzip").1["content-encoding"], "gzip");
        assert!(!get("/assets/app-B3xk90aZ.js", "").1.contains_key("content-encoding"));
        assert_eq!(get("/favicon.svg", "br").1["cache-control"], "no-cache");
    }

    #[test]
    fn pages_get_the_application_files_do_not() {
        for path in ["/", "/leads/12", "/index.html", "/登录"] {
            let (status, headers) = get(path, "");
            assert_eq!((status, headers["content-type"].to_str().unwrap()), (StatusCode::OK, "text/html; charset=utf-8"), "{path}");
        }
        for path in
            ["/assets/gone-12345678.js", "/../Cargo.toml", "/assets/../index.html", "/robots.txt", "/api/v2/x", "/%2e%2e/etc/passwd.x"]
        {
            assert_eq!(get(path, "").0, StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(answer(BUILT, &Method::POST, "/leads", &HeaderMap::new()).status(), StatusCode::METHOD_NOT_ALLOWED);
    }

    #[test]
    fn without_an_application_the_page_tells_how_to_build_one() {
        let response = answer(&[], &Method::GET, "/leads", &HeaderMap::new());
        assert_eq!(response.status(), StatusCode::OK);
        assert!(PLACEHOLDER.contains("npm run build") && PLACEHOLDER.contains(NONCE));
    }

    #[test]
    fn each_page_has_a_nonce_of_its_own() {
        let policy = |headers: &HeaderMap| headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        let (first, second) = (policy(&get("/", "").1), policy(&get("/", "").1));
        assert_ne!(first, second);
        assert!(first.contains("script-src 'self';") && !first.contains("unsafe"), "{first}");
    }

    #[test]
    fn a_known_file_is_not_sent_again() {
        let (_, headers) = get("/favicon.svg", "");
        let mut again = HeaderMap::new();
        again.insert(header::IF_NONE_MATCH, headers[header::ETAG].clone());
        assert_eq!(answer(BUILT, &Method::GET, "/favicon.svg", &again).status(), StatusCode::NOT_MODIFIED);
    }
}
