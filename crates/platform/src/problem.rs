//! 错误: one type for everything that goes wrong, one table of codes. What the caller reads and what is logged are two texts; the second
//! never leaves.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mingjian_casework::CaseError;
use mingjian_people::role::Reach;
use mingjian_people::{PeopleError, Refusal};
use mingjian_store::StoreError;

use crate::contract::problem::Problem;
use crate::data::DataError;
use crate::random;

/// What can go wrong, as programs read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    Unauthenticated,
    Wrong,
    Locked,
    CodeNeeded,
    Csrf,
    Forbidden,
    ApprovalNeeded,
    OwnWork,
    OwnAccount,
    PasswordFirst,
    TotpFirst,
    NotFound,
    Method,
    Malformed,
    Cursor,
    Invalid,
    TooLarge,
    Unsupported,
    Conflict,
    NotNow,
    InProgress,
    KeyReused,
    Busy,
    Internal,
    Unavailable,
}

/// Code, status, title; the OpenAPI document and docs/api.md list them.
pub const CODES: [(Code, &str, u16, &str); 25] = [
    (Code::Unauthenticated, "unauthenticated", 401, "未登录，或登录已过期"),
    (Code::Wrong, "wrong", 401, "账号、密码或动态口令不对"),
    (Code::Locked, "locked", 401, "账号已锁定"),
    (Code::CodeNeeded, "code_needed", 401, "需要动态口令"),
    (Code::Csrf, "csrf", 403, "请求没有带防伪标记"),
    (Code::Forbidden, "forbidden", 403, "没有此项权限"),
    (Code::ApprovalNeeded, "approval_needed", 403, "要经审批才能导出"),
    (Code::OwnWork, "own_work", 403, "不能复核自己办理过的事项"),
    (Code::OwnAccount, "own_account", 403, "不能修改自己的账号和权限"),
    (Code::PasswordFirst, "password_first", 403, "请先修改密码"),
    (Code::TotpFirst, "totp_first", 403, "请先设置动态口令"),
    (Code::NotFound, "not_found", 404, "没有找到"),
    (Code::Method, "method", 405, "此地址不能这样调用"),
    (Code::Malformed, "malformed", 400, "请求读不懂"),
    (Code::Cursor, "cursor", 400, "翻页标记无效"),
    (Code::Invalid, "invalid", 422, "填写有误"),
    (Code::TooLarge, "too_large", 413, "内容太大"),
    (Code::Unsupported, "unsupported", 415, "内容类型不支持"),
    (Code::Conflict, "conflict", 409, "已被他人更新"),
    (Code::NotNow, "not_now", 409, "现在不能这样办理"),
    (Code::InProgress, "in_progress", 409, "同一请求正在处理"),
    (Code::KeyReused, "key_reused", 422, "同一幂等键用于不同的请求"),
    (Code::Busy, "busy", 409, "已有同类任务在运行"),
    (Code::Internal, "internal", 500, "系统出错"),
    (Code::Unavailable, "unavailable", 503, "暂时不能提供"),
];

impl Code {
    fn row(self) -> (&'static str, StatusCode, &'static str) {
        let row = CODES.iter().find(|row| row.0 == self);
        row.map_or(("internal", StatusCode::INTERNAL_SERVER_ERROR, "系统出错"), |row| {
            (row.1, StatusCode::from_u16(row.2).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), row.3)
        })
    }

    pub fn status(self) -> StatusCode {
        self.row().1
    }
}

/// A request that is not carried out.
#[derive(Debug)]
pub struct ApiError {
    code: Code,
    detail: Option<String>,
    fields: BTreeMap<String, String>,
    current: Option<serde_json::Value>,
    /// For the log alone.
    cause: Option<String>,
}

pub type Answer<T> = Result<T, ApiError>;

impl ApiError {
    pub fn new(code: Code) -> ApiError {
        ApiError { code, detail: None, fields: BTreeMap::new(), current: None, cause: None }
    }

    /// What happened and what to do, for the person at the screen.
    pub fn detail(self, detail: impl Into<String>) -> ApiError {
        ApiError { detail: Some(detail.into()), ..self }
    }

    /// A field that is filled in wrongly.
    pub fn field(mut self, name: impl Into<String>, wrong: impl Into<String>) -> ApiError {
        self.fields.insert(name.into(), wrong.into());
        self
    }

    /// The object as it stands now, beside a conflict.
    pub fn current(self, current: serde_json::Value) -> ApiError {
        ApiError { current: Some(current), ..self }
    }

    /// A failure of ours; the causes go to the log, whole.
    pub fn internal(error: &dyn std::error::Error) -> ApiError {
        let mut cause = error.to_string();
        let mut next = error.source();
        while let Some(error) = next {
            cause.push('：');
            cause.push_str(&error.to_string());
            next = error.source();
        }
        ApiError { cause: Some(cause), ..ApiError::new(Code::Internal) }
    }

    /// A failure of ours that is no error value.
    pub fn fault(cause: impl Into<String>) -> ApiError {
        ApiError { cause: Some(cause.into()), ..ApiError::new(Code::Internal) }
    }

    pub fn invalid(field: &str, wrong: impl Into<String>) -> ApiError {
        ApiError::new(Code::Invalid).field(field, wrong)
    }

    pub fn not_found(what: &str) -> ApiError {
        ApiError::new(Code::NotFound).detail(format!("没有这个{what}，或不在您的权限范围内"))
    }

    pub fn code(&self) -> Code {
        self.code
    }

    /// The words for the screen, where an act on many lists what failed.
    pub fn words(&self) -> String {
        match &self.detail {
            Some(detail) => detail.clone(),
            None if !self.fields.is_empty() => self.fields.values().cloned().collect::<Vec<_>>().join("；"),
            None => self.code.row().2.to_owned(),
        }
    }

    pub(crate) fn problem(&self) -> Problem {
        let (code, status, title) = self.code.row();
        Problem {
            kind: format!("/problems/{}", code.replace('_', "-")),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: self.detail.clone(),
            code: code.to_owned(),
            fields: self.fields.clone(),
            current: self.current.clone(),
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> ApiError {
        let code = match refusal {
            Refusal::NoRight(_) => Code::Forbidden,
            Refusal::OutOfScope => Code::NotFound,
            Refusal::OwnWork => Code::OwnWork,
            Refusal::OwnAccount => Code::OwnAccount,
            Refusal::PasswordFirst => Code::PasswordFirst,
            Refusal::TotpFirst => Code::TotpFirst,
        };
        ApiError::new(code).detail(refusal.to_string())
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> ApiError {
        match error {
            StoreError::Busy => ApiError::new(Code::Unavailable).detail("业务库正忙，请稍后再试"),
            // Sent by no page: whoever sends it is told, and no fault is logged.
            StoreError::Nul => ApiError::new(Code::Malformed).detail("内容里有空字符，请删去后再试"),
            error @ StoreError::Full { .. } => full(&error),
            error @ StoreError::Gone { .. } => gone(&error),
            other => ApiError::internal(&other),
        }
    }
}

/// No room on a disk: told to whoever was working, so that they know why, and logged for whoever makes room.
fn full(error: &dyn std::error::Error) -> ApiError {
    let ApiError { cause, .. } = ApiError::internal(error);
    let told = "磁盘满了，没有办成，数据没有改动；请告诉系统管理员清出空间后再试";
    ApiError { cause, ..ApiError::new(Code::Unavailable).detail(told) }
}

/// The database is gone for a while: who was working comes again, and looks first, since the last act may have been kept.
fn gone(error: &dyn std::error::Error) -> ApiError {
    let ApiError { cause, .. } = ApiError::internal(error);
    let told = "业务库连不上，请稍候再试；刚才的一步有没有办成，刷新后看得到";
    ApiError { cause, ..ApiError::new(Code::Unavailable).detail(told) }
}

impl From<PeopleError> for ApiError {
    fn from(error: PeopleError) -> ApiError {
        let field = match &error {
            PeopleError::Refused(refusal) => return (*refusal).into(),
            PeopleError::Changed(_) => return ApiError::new(Code::Conflict).detail(error.to_string()),
            PeopleError::Locked(_) => return ApiError::new(Code::Locked).detail(error.to_string()),
            PeopleError::NoExport => return ApiError::not_found("导出申请"),
            PeopleError::ExportNotNow(_) => return ApiError::new(Code::NotNow).detail(error.to_string()),
            PeopleError::Unknown(_) => return ApiError::not_found("账号"),
            PeopleError::TotpSet | PeopleError::TotpNotBegun | PeopleError::NotFirst => {
                return ApiError::new(Code::NotNow).detail(error.to_string());
            }
            PeopleError::AccountForm(_) | PeopleError::Taken(_) => "account",
            PeopleError::Name(_) => "name",
            PeopleError::ViewTitle(_) | PeopleError::ViewsFull(_) => "title",
            PeopleError::ViewForm => "query",
            PeopleError::NoRole | PeopleError::RolesClash(..) | PeopleError::FirstRoles => "roles",
            PeopleError::NoScope { role, .. } if role.reach() == Reach::Institution => "institutions",
            PeopleError::NoScope { .. } | PeopleError::RegionForm(_) => "region",
            PeopleError::EmptyGrant => "institutions",
            PeopleError::Weak(_) => "password",
            PeopleError::WrongPassword => "current",
            PeopleError::WrongCode => "code",
            PeopleError::Reason(_) | PeopleError::LongReason(_) => "reason",
            PeopleError::Store(StoreError::Full { .. }) => return full(&error),
            PeopleError::Store(StoreError::Gone { .. }) => return gone(&error),
            PeopleError::Store(StoreError::Busy) => return StoreError::Busy.into(),
            PeopleError::Store(StoreError::Nul) => return StoreError::Nul.into(),
            PeopleError::KeysGone(_)
            | PeopleError::KeysOther(_)
            | PeopleError::Hash
            | PeopleError::Random
            | PeopleError::Store(_)
            | PeopleError::Seal(_) => return ApiError::internal(&error),
        };
        ApiError::invalid(field, error.to_string())
    }
}

impl From<CaseError> for ApiError {
    fn from(error: CaseError) -> ApiError {
        match error {
            CaseError::Store(error) => error.into(),
            CaseError::NotFound => ApiError::not_found("记录"),
            CaseError::Conflict { .. } => ApiError::new(Code::Conflict).detail(error.to_string()),
            CaseError::Refused(why) => ApiError::new(Code::NotNow).detail(why),
            CaseError::Invalid(fields) => ApiError { fields, ..ApiError::new(Code::Invalid) },
            CaseError::File(ref source) if source.kind() == std::io::ErrorKind::StorageFull => full(source),
            CaseError::File(_) | CaseError::Broken(_) => ApiError::internal(&error),
        }
    }
}

impl From<DataError> for ApiError {
    fn from(error: DataError) -> ApiError {
        match error {
            DataError::Missing(what) => ApiError::new(Code::Unavailable).detail(what),
            DataError::Invalid(what) => ApiError::new(Code::Invalid).detail(what),
            DataError::Failed(_) => ApiError::internal(&error),
        }
    }
}

/// What the log is told of an answer; taken off by the outermost layer.
#[derive(Clone)]
pub(crate) struct Cause(pub String);

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut problem = self.problem();
        // The number on the screen finds the line in the log.
        let number = self.cause.as_ref().map(|_| random::hex(4).unwrap_or_default());
        if let (Some(number), None) = (&number, &problem.detail) {
            problem.detail = Some(format!("没有办成，数据没有改动。错误编号 {number}，请把它告诉系统管理员"));
        }
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.code.status();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json; charset=utf-8"));
        if let Some(cause) = self.cause {
            response.extensions_mut().insert(Cause(format!("{} {cause}", number.unwrap_or_default())));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_in_the_table_once() {
        for (at, row) in CODES.iter().enumerate() {
            assert!(CODES.iter().skip(at + 1).all(|other| other.0 != row.0 && other.1 != row.1), "{}", row.1);
            assert_eq!(row.0.status().as_u16(), row.2);
        }
        // The last of the enumeration: the table is as long as it.
        assert_eq!(Code::Unavailable as usize + 1, CODES.len());
    }

    #[test]
    fn a_nul_in_a_text_is_the_senders() {
        let told = [ApiError::from(StoreError::Nul), PeopleError::Store(StoreError::Nul).into(), CaseError::Store(StoreError::Nul).into()];
        for error in told {
            assert_eq!((error.code(), error.cause.as_deref()), (Code::Malformed, None));
        }
    }

    #[test]
    fn the_cause_is_not_told() {
        let error = ApiError::fault("disk full at /var/secret");
        let text = serde_json::to_string(&error.problem()).unwrap();
        assert!(!text.contains("secret"), "{text}");
    }
}
