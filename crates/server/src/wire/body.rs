//! A body's bytes as text: UTF-8, with or without a mark, else GB18030.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

use super::{Dialect, Dialects, Envelope, Head};

/// The body is no call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    #[error("报文是空的；请以 POST 发送 JSON")]
    Empty,
    #[error("报文不是 JSON（第 {line} 行第 {column} 列附近读不下去）；请检查引号、逗号和括号")]
    NotJson { line: usize, column: usize },
    #[error("报文不是一个 JSON 对象；最外层应是交易信封 {{\"infno\":…,\"msgid\":…,\"input\":{{\"data\":…}}}}")]
    NotObject,
}

/// The text of a body. `content_type` may name a charset; without one, what is no UTF-8 is GB18030.
pub fn text<'a>(bytes: &'a [u8], content_type: &str) -> Cow<'a, str> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let lower = content_type.to_ascii_lowercase();
    let says_gbk = ["gbk", "gb18030", "gb2312"].iter().any(|name| lower.contains(name));
    match std::str::from_utf8(bytes) {
        Ok(text) if !says_gbk || text.is_ascii() => Cow::Borrowed(text),
        _ => encoding_rs::GB18030.decode_without_bom_handling(bytes).0,
    }
}

/// Reads the envelope of a call.
pub fn decode(bytes: &[u8], content_type: &str) -> Result<Envelope, BodyError> {
    decode_as(bytes, content_type)
}

/// Reads a body as some node.
pub fn decode_as<T: DeserializeOwned>(bytes: &[u8], content_type: &str) -> Result<T, BodyError> {
    read(&text(bytes, content_type))
}

/// Reads a body in the dialect of whoever sent it, where there is a table of it: by the key, else by what the envelope says.
pub(crate) fn decode_in<'d, T: DeserializeOwned>(
    bytes: &[u8],
    content_type: &str,
    dialects: &'d Dialects,
    key: &str,
) -> Result<(T, Option<&'d Dialect>), BodyError> {
    if dialects.is_empty() {
        return decode_as(bytes, content_type).map(|read| (read, None));
    }
    let guessed = text(bytes, content_type);
    let dialect = dialects.find(key, "", "").or_else(|| {
        let head: Head = read(&guessed).unwrap_or_default();
        dialects.find(key, &head.vendor.0, &head.institution.0)
    });
    let Some(dialect) = dialect else { return read(&guessed).map(|read| (read, None)) };
    let text = dialect.charset.map_or(guessed, |charset| charset.decode(bytes).0);
    let value = dialect.to_national(read(&text)?);
    // What was JSON can be read as any node: none of them refuses a shape.
    serde_json::from_value(value).map(|read| (read, Some(dialect))).map_err(|error| not_json(&error))
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, BodyError> {
    match text.trim_start().chars().next() {
        None => return Err(BodyError::Empty),
        Some('{') => {}
        Some(_) => {
            let parsed: Result<serde::de::IgnoredAny, _> = serde_json::from_str(text);
            return Err(parsed.map_or_else(|error| not_json(&error), |_| BodyError::NotObject));
        }
    }
    serde_json::from_str(text).map_err(|error| not_json(&error))
}

fn not_json(error: &serde_json::Error) -> BodyError {
    BodyError::NotJson { line: error.line(), column: error.column() }
}
