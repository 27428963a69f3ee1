//! What can go wrong while a group rule runs: a step and its subject.

use std::io;

use datafusion::error::DataFusionError;

/// Why a group rule did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum GroupError {
    #[error("查询引擎无法启动")]
    Runtime(#[source] io::Error),
    #[error("打开数据表、准备净结算和净明细时出错；请运行 `mingjian lake check`")]
    Session(#[source] Box<DataFusionError>),
    #[error("规则 {rule} 的 SQL 执行失败")]
    Sql {
        rule: String,
        #[source]
        source: Box<DataFusionError>,
    },
    #[error("规则 {rule} 的 SQL 结果缺少列 `{column}`；SQL 规则必须给出 band、first_time、last_time、evidence")]
    Column { rule: String, column: String },
    #[error("规则 {rule} 的 SQL 结果列 `{column}` 的值 `{value}` 不合要求：{reason}")]
    Value { rule: String, column: String, value: String, reason: &'static str },
}
