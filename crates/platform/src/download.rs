//! 下载: the header that makes a browser save a file and never show it.

use axum::http::HeaderValue;

use crate::problem::{Answer, ApiError};

/// `attachment`, with the name in ASCII for the old and in UTF-8 for all others (RFC 6266). Nothing of the name can end the header or
/// lead out of the folder for downloads.
pub fn disposition(name: &str) -> Answer<HeaderValue> {
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' }).collect();
    let name: String =
        name.chars().filter(|c| !c.is_control() && !matches!(c, '/' | '\\' | ':' | '"' | '<' | '>' | '|' | '?' | '*')).collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    let text = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}");
    HeaderValue::from_str(&text).map_err(|error| ApiError::internal(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_a_name() {
        let text = |name: &str| disposition(name).unwrap().to_str().unwrap().to_owned();
        assert_eq!(text("线索.csv"), "attachment; filename=\"__.csv\"; filename*=UTF-8''%E7%BA%BF%E7%B4%A2.csv");
        let nasty = text("../../etc/\"\r\nset-cookie: x=1;.pdf");
        assert!(!nasty.contains(['\r', '\n', '/']) && nasty.matches('"').count() == 2, "{nasty}");
        assert!(!nasty.contains("set-cookie: x"), "{nasty}");
    }
}
