//! SQLite: one connection that writes, several that only read; what a statement gives as [`Row`]s.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous};
use sqlx::{Column as _, Decode, Row as _, Sqlite, SqliteConnection, SqlitePool, TypeInfo as _, ValueRef as _};

use crate::value::Value;
use crate::{Arg, Result, Row, StoreError};

/// How long one waits for another change, in this process or another.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections that read. Each is a thread of its own; more than this only wait for the disk.
const READERS: u32 = 8;

#[derive(Clone)]
pub(crate) struct Pools {
    pub(crate) writer: SqlitePool,
    pub(crate) readers: SqlitePool,
    pub(crate) path: PathBuf,
}

impl Pools {
    pub(crate) async fn open(path: &Path) -> Result<Pools> {
        make_private(path)?;
        let options = options(path).journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full).foreign_keys(true);
        let opened = pool(1).connect_with(options.clone()).await;
        let writer = opened.map_err(|source| StoreError::Open { place: path.display().to_string(), source: Box::new(source) })?;
        // Not connected yet: a reader must not come before the file is a database in WAL.
        let readers = pool(READERS).connect_lazy_with(self::options(path).pragma("query_only", "on").pragma("cache_size", "-32768"));
        Ok(Pools { writer, readers, path: path.to_owned() })
    }
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new().max_connections(connections).acquire_timeout(PATIENCE).idle_timeout(None).max_lifetime(None)
}

pub(crate) fn options(path: &Path) -> SqliteConnectOptions {
    // `like` tells capitals from small letters, as it does in PostgreSQL.
    SqliteConnectOptions::new().filename(path).busy_timeout(PATIENCE).pragma("case_sensitive_like", "on")
}

/// The file is made readable for its owner alone; SQLite gives the files beside it the same mode.
fn make_private(path: &Path) -> Result<()> {
    let failed = |what| move |source| StoreError::File { path: path.to_owned(), what, source };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(failed("文件夹建不了"))?;
    }
    let mut options = fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(failed("业务库文件打不开"))?;
    Ok(())
}

pub(crate) async fn run(to: &mut SqliteConnection, sql: &str, args: &[Arg]) -> Result<u64> {
    let query = sqlx::query_with::<Sqlite, _>(sql, arguments(args)?);
    Ok(query.execute(to).await.map_err(|source| StoreError::of(sql, source))?.rows_affected())
}

pub(crate) async fn rows(from: &mut SqliteConnection, sql: &str, args: &[Arg]) -> Result<Vec<Row>> {
    let query = sqlx::query_with::<Sqlite, _>(sql, arguments(args)?);
    let found = query.fetch_all(from).await.map_err(|source| StoreError::of(sql, source))?;
    let Some(first) = found.first() else { return Ok(Vec::new()) };
    let columns: Arc<[String]> = first.columns().iter().map(|column| column.name().to_owned()).collect();
    found.iter().map(|row| row_of(row, &columns).map_err(|source| StoreError::of(sql, source))).collect()
}

/// A script of the migrations: several statements, no arguments.
pub(crate) async fn script(to: &mut SqliteConnection, sql: &str) -> Result<()> {
    // Not `raw_sql(…).execute(to)`, whose future is not `Send` for every lifetime.
    sqlx::Executor::execute(to, sqlx::raw_sql(sql)).await.map_err(|source| StoreError::of(sql, source))?;
    Ok(())
}

fn arguments(args: &[Arg]) -> Result<SqliteArguments<'static>> {
    use sqlx::Arguments as _;
    crate::value::check(args)?;
    let mut bound = SqliteArguments::default();
    for arg in args {
        let added = match arg {
            Arg::Null => bound.add(None::<i64>),
            Arg::Int(value) => bound.add(*value),
            Arg::Text(value) => bound.add(value.clone()),
        };
        added.map_err(|source| StoreError::of("", sqlx::Error::Encode(source)))?;
    }
    Ok(bound)
}

fn row_of(row: &SqliteRow, columns: &Arc<[String]>) -> Result<Row, sqlx::Error> {
    let mut values = Vec::with_capacity(columns.len());
    for place in 0..columns.len() {
        let value = row.try_get_raw(place)?;
        let kind = value.type_info().name().to_owned();
        values.push(match kind.as_str() {
            _ if value.is_null() => Value::Null,
            "INTEGER" | "INT8" | "BIGINT" => Value::Int(<i64 as Decode<Sqlite>>::decode(value).map_err(sqlx::Error::Decode)?),
            "TEXT" => Value::Text(<String as Decode<Sqlite>>::decode(value).map_err(sqlx::Error::Decode)?),
            _ => Value::Other,
        });
    }
    Ok(Row { columns: columns.clone(), values })
}
