//! What can go wrong while screening: a step and its subject. Bad *data* never does; it is counted as 不判.

use std::io;

use mingjian_groups::GroupError;
use mingjian_lake::LakeError;

/// Why a screening did not come to its end. The lake keeps the findings it had.
#[derive(Debug, thiserror::Error)]
pub enum ScreenError {
    #[error("数据湖读写失败")]
    Lake(#[from] LakeError),
    #[error("规则库编译未通过，共 {count} 处：\n{list}\n请先运行 `mingjian rules check` 改正")]
    Rules { count: usize, list: String },
    #[error("没有这些规则：{0}。用 `mingjian rules list` 查看规则编号")]
    UnknownRules(String),
    #[error(transparent)]
    Groups(#[from] GroupError),
    #[error("数据湖的表 {table} 的列 {column} 类型是 {found}，应为 {expected}；请运行 `mingjian lake check`")]
    ColumnType { table: String, column: String, found: String, expected: &'static str },
    #[error("疑点暂存文件读写失败（{path}）；请检查磁盘空间")]
    Spill {
        path: String,
        #[source]
        source: io::Error,
    },
    #[error("筛查线程异常退出：{0}")]
    Panicked(String),
    #[error("没有编号为 {0} 的疑点；用 `mingjian findings` 查看现有疑点")]
    NoFinding(String),
    #[error("还没有筛查结果；请先运行 `mingjian screen`")]
    NoFindings,
    #[error("已停止；疑点还是上一次筛查的")]
    Cancelled,
    #[error("写出文件失败")]
    Export(#[source] io::Error),
    #[error("整理疑点表时出错")]
    Arrow(#[from] arrow::error::ArrowError),
}
