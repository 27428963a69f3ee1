//! What can go wrong in casework, in the words the person reads.

use std::collections::BTreeMap;

use mingjian_store::StoreError;

/// An act or a question that was not done, and why. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Not there, or out of the asker's scope: the two are not told apart.
    #[error("没有这条记录，或者不在您的数据范围内")]
    NotFound,
    /// Someone else changed it since it was read.
    #[error("此件已被更新（您看到的是第 {seen} 版，现在是第 {now} 版），请核对后再办")]
    Conflict { seen: i64, now: i64 },
    /// The rules of the way forbid it.
    #[error("{0}")]
    Refused(String),
    /// Fields of the input and what is wrong with each.
    #[error("填写有误：{}", .0.values().cloned().collect::<Vec<_>>().join("；"))]
    Invalid(BTreeMap<String, String>),
    #[error("附件存取失败：{0}")]
    File(#[from] std::io::Error),
    /// What is stored does not read: a fault of the program or of the store, never of the person.
    #[error("业务库中的数据无法读取：{0}")]
    Broken(String),
}

impl CaseError {
    /// One field and what is wrong with it.
    pub fn field(name: &str, what: impl Into<String>) -> CaseError {
        CaseError::Invalid(BTreeMap::from([(name.to_owned(), what.into())]))
    }

    /// The code of the problem document.
    pub fn code(&self) -> &'static str {
        match self {
            CaseError::NotFound => "not_found",
            CaseError::Conflict { .. } => "conflict",
            CaseError::Refused(_) => "refused",
            CaseError::Invalid(_) => "invalid",
            CaseError::Store(_) | CaseError::File(_) | CaseError::Broken(_) => "internal",
        }
    }
}

pub type Result<T> = std::result::Result<T, CaseError>;
