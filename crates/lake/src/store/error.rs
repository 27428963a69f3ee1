//! What can go wrong with the lake, in words for whoever runs it: what, where, and how to put it right.

use std::io;
use std::path::{Path, PathBuf};

use super::disk;

/// A failure of the lake. Bad *data* is none of these: it is set aside.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    #[error("{path}：磁盘已满，{step}没有完成。已有的数据版本不受影响；腾出空间后重新运行同一条命令即可")]
    DiskFull { path: PathBuf, step: &'static str, source: io::Error },
    #[error("{path}：没有写权限，{step}没有完成。请检查工作区目录的权限，或用 --workspace 指定可写的目录")]
    ReadOnly { path: PathBuf, step: &'static str, source: io::Error },
    #[error(
        "{path}：文件不存在，{step}没有完成。请从备份恢复该文件，或用 --as-of 读取不含它的数据版本；运行 mingjian lake check 可查看缺了哪些文件"
    )]
    Missing { path: PathBuf, step: &'static str, source: io::Error },
    #[error(
        "{path}：文件大小超过了系统允许的上限，{step}没有完成。已有的数据版本不受影响；请用 ulimit -f unlimited 解除限制（或换一个允许大文件的磁盘）后重新运行同一条命令"
    )]
    TooLarge { path: PathBuf, step: &'static str, source: io::Error },
    #[error("{path}：这一路径上有一处应是目录、却是文件（或相反），{step}没有完成。请把它移走或改名，或用 --workspace 指定别的目录")]
    NotFolder { path: PathBuf, step: &'static str, source: io::Error },
    #[error("{path}：系统不让在这里建目录，{step}没有完成。请用 --workspace 指定别的目录")]
    NoPlace { path: PathBuf, step: &'static str, source: io::Error },
    #[error("{path}：{step}失败。请检查磁盘和目录后重新运行；已有的数据版本不受影响")]
    Io { path: PathBuf, step: &'static str, source: io::Error },
    #[error(
        "{path}：Parquet 文件损坏，无法读取（{detail}）。请从备份恢复该文件，或用 --as-of 读取不含它的数据版本；运行 mingjian lake check 可查看全部损坏的文件"
    )]
    Corrupt { path: PathBuf, detail: String },
    #[error(
        "{path}：数据版本记录不完整或被改动（{detail}）。请从备份恢复该文件；若无备份，可把它移走，湖即回到版本 {previous}，之后重新导入缺少的数据"
    )]
    Record { path: PathBuf, detail: String, previous: u64 },
    #[error("{path}：湖的设置文件无法读取（{detail}）。请从备份恢复该文件")]
    Settings { path: PathBuf, detail: String },
    #[error("{path}：进程 {holder} 正在写这个湖，请等它结束后重试（只读的命令不受影响）")]
    Locked { path: PathBuf, holder: String },
    #[error("没有数据版本 {asked}：现有版本为 {oldest}～{newest}，可用 mingjian lake history 查看")]
    NoVersion { asked: u64, oldest: u64, newest: u64 },
    #[error(
        "{path}：{table} 表的 Delta 日志（到第 {version} 条）损坏或不全，读不出来（{detail}）。请从备份恢复里面的 _delta_log 目录；没有备份的，请在新的工作区里重新导入原始文件"
    )]
    DeltaLog { table: String, version: u64, path: PathBuf, detail: String },
    #[error("{table} 表提交到 Delta 日志时失败（{detail}）：{path}。已有的数据版本不受影响，请排除原因后重新运行同一条命令")]
    DeltaCommit { table: String, path: PathBuf, detail: String },
    #[error("{table} 表没有字段 {column}；它的字段是：{known}")]
    NoColumn { table: String, column: String, known: String },
    #[error("{table} 表的字段 {column} 类型不对：应为 {expected}，给的是 {found}")]
    WrongType { table: String, column: String, expected: String, found: String },
    #[error("{table} 表的一列无法处理（{detail}）")]
    Column { table: String, detail: String },
    #[error("写入线程意外中断：{0}。已有的数据版本不受影响，请重新运行同一条命令")]
    Worker(String),
    /// Only in tests: the writer stops as if it had been killed.
    #[error("在步骤 {0} 处中断（测试）")]
    Stopped(String),
}

impl LakeError {
    /// An I/O error with the file it concerns and what was being done, told apart by what the user can do about it.
    pub(crate) fn io(path: impl AsRef<Path>, step: &'static str, source: io::Error) -> LakeError {
        let path = path.as_ref().to_path_buf();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => LakeError::DiskFull { path, step, source },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => LakeError::ReadOnly { path, step, source },
            // Making a folder needs nothing that could be missing, but some file systems (/proc, /sys) take none.
            io::ErrorKind::NotFound if step == disk::MAKE_DIR => LakeError::NoPlace { path, step, source },
            io::ErrorKind::NotFound => LakeError::Missing { path, step, source },
            io::ErrorKind::FileTooLarge => LakeError::TooLarge { path, step, source },
            io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory | io::ErrorKind::AlreadyExists => {
                LakeError::NotFolder { path, step, source }
            }
            _ => LakeError::Io { path, step, source },
        }
    }

    /// An error of the Parquet library while writing: mostly the disk below it.
    pub(crate) fn parquet_write(path: impl AsRef<Path>, error: parquet::errors::ParquetError) -> LakeError {
        let source = match error {
            parquet::errors::ParquetError::External(inner) => match inner.downcast::<io::Error>() {
                Ok(io_error) => *io_error,
                Err(other) => io::Error::other(other.to_string()),
            },
            other => io::Error::other(other.to_string()),
        };
        LakeError::io(path, "写 Parquet 文件", source)
    }

    /// An error of the Parquet or Arrow library while reading.
    pub(crate) fn corrupt(path: impl AsRef<Path>, error: impl std::fmt::Display) -> LakeError {
        LakeError::Corrupt { path: path.as_ref().to_path_buf(), detail: error.to_string() }
    }

    /// An error of a Delta library: its first line, since a backtrace may hang behind it.
    pub(crate) fn first_line(error: &impl std::fmt::Display) -> String {
        error.to_string().lines().next().unwrap_or_default().trim().to_owned()
    }

    pub(crate) fn column(table: &str, error: impl std::fmt::Display) -> LakeError {
        LakeError::Column { table: table.to_owned(), detail: error.to_string() }
    }
}
