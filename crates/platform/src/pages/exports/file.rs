//! The file that leaves: its notes, its mark, its bytes.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use mingjian_model::day::format_moment;
use serde_json::Value;

use super::lists::{Content, Rows};
use crate::Shared;
use crate::caller::Caller;
use crate::export::{self, Sheet};
use crate::problem::{Answer, ApiError};

pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
pub const CSV: &str = "text/csv; charset=utf-8";

/// What stands on the file beside the rows.
pub struct Marks {
    /// Also the name of the file.
    pub title: &'static str,
    /// `xlsx` or `csv`; `html` for a picture.
    pub form: &'static str,
    pub filter: Value,
    pub reason: String,
    /// Number that finds it in the trail: 留痕第 12 号, or that of the request.
    pub number: String,
    /// Who approved it, when.
    pub approved: Option<String>,
    /// What whoever holds the file must know.
    pub explained: String,
}

/// A filter's parameters as the notes of a file call them.
const CONDITIONS: [(&str, &str); 18] = [
    ("status", "状态"),
    ("institution", "机构编码"),
    ("rule", "规则"),
    ("result", "系统判别"),
    ("subject", "对象"),
    ("from", "发生日期从"),
    ("to", "发生日期到"),
    ("amount_min_fen", "金额下限（分）"),
    ("q", "含有"),
    ("mine", "只看我经办的"),
    ("due", "几个工作日内到期"),
    ("sort", "排序"),
    ("state", "台账状态"),
    ("road", "方式"),
    ("account", "账号"),
    ("act", "动作"),
    ("object", "对象"),
    ("looks", "只看查看"),
];

/// The parameters that are set, with their values as text.
pub fn conditions(filter: &Value) -> Vec<(String, String)> {
    let set = filter.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    set.map(|(name, value)| (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))).collect()
}

fn in_words(filter: &Value) -> String {
    let title = |name: &str| CONDITIONS.iter().find(|(known, _)| *known == name).map_or(name.to_owned(), |(_, title)| (*title).to_owned());
    let set: Vec<String> = conditions(filter).into_iter().map(|(name, value)| format!("{} = {value}", title(&name))).collect();
    if set.is_empty() { "全部（权限范围内）".to_owned() } else { set.join("；") }
}

pub async fn make(platform: &Shared, caller: &Caller, marks: Marks, content: Content) -> Answer<Response> {
    match content {
        Content::Table(rows) => table(platform, caller, marks, rows).await,
        Content::Picture(taken) => taken.page(platform, caller, marks).await,
    }
}

async fn table(platform: &Shared, caller: &Caller, marks: Marks, rows: Rows) -> Answer<Response> {
    let at = format_moment(caller.person.at);
    let who = format!("{}（{}）", caller.name(), caller.account());
    let title = marks.title;
    let mut notes = vec![
        ("内容".to_owned(), title.to_owned()),
        ("条件".to_owned(), in_words(&marks.filter)),
        ("导出时间".to_owned(), at.clone()),
        ("导出人".to_owned(), who.clone()),
        ("事由".to_owned(), marks.reason),
        ("编号".to_owned(), marks.number.clone()),
        ("行数".to_owned(), rows.rows.len().to_string()),
    ];
    if let Some(approved) = marks.approved {
        notes.push(("审批".to_owned(), approved));
    }
    notes.extend(rows.totals.into_iter().map(|(name, value)| (name.to_owned(), value)));
    notes.push(("说明".to_owned(), marks.explained));
    let watermark = format!("{who} {at} 导出，{}", marks.number);
    let sheet = Sheet { title: title.to_owned(), columns: rows.columns, rows: rows.rows, notes, watermark };
    let form = marks.form;
    let bytes = platform
        .blocking(move || match form {
            "xlsx" => export::xlsx(&sheet).map_err(|error| ApiError::internal(&error)),
            _ => Ok(export::csv(&sheet)),
        })
        .await??;
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(if form == "xlsx" { XLSX } else { CSV }));
    headers.insert(header::CONTENT_DISPOSITION, crate::download::disposition(&format!("{title}-{}.{form}", at.replace([' ', ':'], "-")))?);
    Ok(response)
}
