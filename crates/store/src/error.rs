//! What can go wrong with the store, said so that an operator can put it right.

use std::path::PathBuf;

/// Why the store did not do as it was told.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("业务库地址 {0} 不认得：写 sqlite:<路径> 或 postgres://用户@主机/库")]
    Url(String),
    #[error("业务库打不开（{place}）")]
    Open {
        place: String,
        #[source]
        source: Box<sqlx::Error>,
    },
    #[error("业务库里有本程序没有的迁移 {number:04}（{name}）：它属于更新的版本，请换用那个版本")]
    Newer { number: i64, name: String },
    #[error("迁移 {number:04}（{name}）在库里的内容与本程序的不同：已发布的迁移不能改")]
    MigrationChanged { number: i64, name: String },
    #[error("迁移 {name} 没有做成，库停在它之前")]
    Migration {
        name: &'static str,
        #[source]
        source: Box<StoreError>,
    },
    /// Another change holds the store for longer than one waits (10 s).
    #[error("业务库正忙，请稍后再试")]
    Busy,
    /// The database server does not answer. Where it went in the middle of a commit, nobody knows whether that was kept.
    #[error("业务库的数据库连不上（{statement}）")]
    Gone {
        statement: String,
        #[source]
        source: Box<sqlx::Error>,
    },
    /// The disk has no room for it; nothing was changed.
    #[error("业务库所在的磁盘满了，没有写入（{statement}）：请先清出空间")]
    Full {
        statement: String,
        #[source]
        source: Box<sqlx::Error>,
    },
    /// A row with this key is there already.
    #[error("已经有同样的记录（{statement}）")]
    Duplicate {
        statement: String,
        #[source]
        source: Box<sqlx::Error>,
    },
    #[error("语句没有执行（{statement}）")]
    Sql {
        statement: String,
        #[source]
        source: Box<sqlx::Error>,
    },
    #[error("文本里有空字符（U+0000），业务库不收")]
    Nul,
    /// A statement of this change failed before; nothing of it may be kept.
    #[error("这次变更里有语句失败，已全部退回")]
    Broken,
    /// 没有留痕: a change without an event is not kept.
    #[error("变更没有留下审计事件，已全部退回")]
    NoEvent,
    #[error("只有名称以 volatile_ 开头的表可以不留痕地写（{statement}）")]
    NotVolatile { statement: String },
    #[error("表 {table} 由审计留痕自己写，变更里不能写它")]
    OwnTable { table: String },
    #[error("结果里没有列 {column}")]
    NoColumn { column: String },
    #[error("列 {column} 是空值")]
    IsNull { column: String },
    #[error("列 {column} 是{found}，不是{wanted}")]
    NotOfKind { column: String, wanted: &'static str, found: &'static str },
    /// The end of the trail is not where it should be: nothing more may be added to it.
    #[error("审计链的末尾不见了，业务库不再接受变更：请先运行 mingjian audit verify")]
    TrailEnd,
    #[error("锚点文件 {} 第 {line} 行读不懂", path.display())]
    AnchorLine { path: PathBuf, line: usize },
    #[error("{}：{what}", path.display())]
    File {
        path: PathBuf,
        what: &'static str,
        #[source]
        source: std::io::Error,
    },
    #[error("{} 已经有文件，没有覆盖", .0.display())]
    Exists(PathBuf),
    #[error("PostgreSQL 的备份用 pg_dump，恢复用 pg_restore；恢复后运行 mingjian audit verify")]
    BackupElsewhere,
    /// An empty file, or a database of something else: opened as a store it would come back as one in which nothing ever was.
    #[error("{} 不是业务库的备份", .0.display())]
    NotABackup(PathBuf),
    #[error("备份 {} 坏了，没有恢复：{told}", path.display())]
    BackupDamaged { path: PathBuf, told: String },
    #[error("备份的审计链不完整，没有恢复：{0}")]
    BackupBroken(crate::audit::Break),
}

impl StoreError {
    /// Sorts what the database said of a statement.
    pub(crate) fn of(statement: &str, source: sqlx::Error) -> StoreError {
        let kind = match &source {
            sqlx::Error::PoolTimedOut => return StoreError::Busy,
            sqlx::Error::Io(_) => return StoreError::Gone { statement: shortened(statement), source: Box::new(source) },
            sqlx::Error::Database(told) => {
                if is_busy(&source) {
                    return StoreError::Busy;
                }
                if is_gone(&source) {
                    return StoreError::Gone { statement: shortened(statement), source: Box::new(source) };
                }
                if is_full(&source) {
                    return StoreError::Full { statement: shortened(statement), source: Box::new(source) };
                }
                told.kind()
            }
            _ => sqlx::error::ErrorKind::Other,
        };
        let statement = shortened(statement);
        let source = Box::new(source);
        match kind {
            sqlx::error::ErrorKind::UniqueViolation => StoreError::Duplicate { statement, source },
            _ => StoreError::Sql { statement, source },
        }
    }
}

/// Another one holds the lock: SQLITE_BUSY and its kin (…|5); PostgreSQL lock_not_available.
pub(crate) fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|told| told.code());
    code.is_some_and(|code| matches!(&*code, "5" | "261" | "517" | "55P03"))
}

/// PostgreSQL stops or starts: admin_shutdown, crash_shutdown, cannot_connect_now.
fn is_gone(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|told| told.code());
    code.is_some_and(|code| matches!(&*code, "57P01" | "57P02" | "57P03"))
}

/// No room: SQLITE_FULL; PostgreSQL disk_full.
fn is_full(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|told| told.code());
    code.is_some_and(|code| matches!(&*code, "13" | "53100"))
}

/// The beginning of a statement, on one line. Statements hold no values: those are arguments.
pub(crate) fn shortened(statement: &str) -> String {
    const CHARS: usize = 100;
    let mut line = statement.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = line.char_indices().nth(CHARS) {
        line.truncate(end);
        line.push('…');
    }
    line
}
