//! SQLite: one connection that writes, several that only read; what a statement gives as [`Row`]s.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous};
use sqlx::{Column as _, Decode, Row as _, Sqlite, SqliteConnection, SqlitePool, TypeInfo as _, ValueRef as _};

use crate::error::is_busy;
use crate::value::Value;
use crate::{Arg, Result, Row, StoreError};

/// How long one waits for another change, in this process or another.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two tries to open a file that others are opening.
const AGAIN: Duration = Duration::from_millis(5);
/// Connections that read. Each is a thread of its own; more than this only wait for the disk.
const READERS: u32 = 8;

/// KiB of pages the writer keeps, as SQLite counts them (negative).
const WRITER_CACHE: &str = "-65536";
/// Pages in the log before it is written back: 32 MiB.
const CHECKPOINT_PAGES: &str = "8192";
/// The same in a run of many changes: 256 MiB kept, and written back after as much. A page that many changes write is written back once.
const BULK_CACHE: &str = "-262144";
const BULK_CHECKPOINT_PAGES: &str = "65536";

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
        // A run writes a million rows: pages are kept and written back less often than by default, where each commit paid for both.
        let options = options.pragma("cache_size", WRITER_CACHE).pragma("wal_autocheckpoint", CHECKPOINT_PAGES);
        // A statement of many rows keeps aside each page it is about to write, so that it can be undone alone. In a file that was six times
        // what came to be written.
        let options = options.pragma("temp_store", "memory");
        let writer =
            connected(&options).await.map_err(|source| StoreError::Open { place: path.display().to_string(), source: Box::new(source) })?;
        // Not connected yet: a reader must not come before the file is a database in WAL.
        let readers = pool(READERS).connect_lazy_with(self::options(path).pragma("query_only", "on").pragma("cache_size", "-32768"));
        Ok(Pools { writer, readers, path: path.to_owned() })
    }
}

/// The connection that writes. Where several make a new file a WAL in the same moment, SQLite refuses all but one at once, without the
/// patience it was given: the others come again until that has run out.
async fn connected(options: &SqliteConnectOptions) -> sqlx::Result<SqlitePool> {
    let begun = Instant::now();
    loop {
        match pool(1).connect_with(options.clone()).await {
            Err(error) if is_busy(&error) && begun.elapsed() < PATIENCE => tokio::time::sleep(AGAIN).await,
            opened => return opened,
        }
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
        // Made for the owner alone; a folder that is there keeps what its operator set.
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(failed("文件夹建不了"))?;
    }
    let mut options = fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(failed("业务库文件打不开"))?;
    Ok(())
}

pub(crate) async fn run(to: &mut SqliteConnection, sql: &str, args: &[Arg]) -> Result<u64> {
    let plain = nameless(sql);
    let query = sqlx::query_with::<Sqlite, _>(&plain, arguments(args)?);
    Ok(query.execute(to).await.map_err(|source| StoreError::of(sql, source))?.rows_affected())
}

pub(crate) async fn rows(from: &mut SqliteConnection, sql: &str, args: &[Arg]) -> Result<Vec<Row>> {
    let plain = nameless(sql);
    let query = sqlx::query_with::<Sqlite, _>(&plain, arguments(args)?);
    let found = query.fetch_all(from).await.map_err(|source| StoreError::of(sql, source))?;
    let Some(first) = found.first() else { return Ok(Vec::new()) };
    let columns: Arc<[String]> = first.columns().iter().map(|column| column.name().to_owned()).collect();
    found.iter().map(|row| row_of(row, &columns).map_err(|source| StoreError::of(sql, source))).collect()
}

/// Begins or ends a run of many changes on the connection that writes.
pub(crate) async fn set_bulk(writer: &mut SqliteConnection, on: bool) -> Result<()> {
    let (cache, pages) = if on { (BULK_CACHE, BULK_CHECKPOINT_PAGES) } else { (WRITER_CACHE, CHECKPOINT_PAGES) };
    script(writer, &format!("pragma cache_size = {cache}; pragma wal_autocheckpoint = {pages}; pragma journal_size_limit = 67108864"))
        .await?;
    if on {
        return Ok(());
    }
    // What the run left in the log is written back now, not in the midst of somebody's act; passive: it waits for nobody.
    script(writer, "pragma wal_checkpoint(passive); pragma shrink_memory").await
}

/// A script of the migrations: several statements, no arguments.
pub(crate) async fn script(to: &mut SqliteConnection, sql: &str) -> Result<()> {
    // Not `raw_sql(…).execute(to)`, whose future is not `Send` for every lifetime.
    sqlx::Executor::execute(to, sqlx::raw_sql(sql)).await.map_err(|source| StoreError::of(sql, source))?;
    Ok(())
}

/// A statement whose placeholders stand in order, `$1`, `$2`, …, each once, with `?` in their place. A name is looked up in a list of all
/// names at each binding, so that a statement of a thousand rows would cost the square of its arguments; what has no name is not looked up.
fn nameless(sql: &str) -> Cow<'_, str> {
    let mut plain = String::with_capacity(sql.len());
    let (mut rest, mut seen, mut quoted) = (sql, 0_usize, false);
    while let Some(at) = rest.find(['$', '\'', '?', '"', '-', '/']) {
        let (before, from) = rest.split_at(at);
        plain.push_str(before);
        let next = from.chars().next().unwrap_or('\'');
        rest = &from[1..];
        match next {
            '\'' => quoted = !quoted,
            '$' if !quoted => {
                let digits = rest.len() - rest.trim_start_matches(|char: char| char.is_ascii_digit()).len();
                if rest[..digits].parse() != Ok(seen + 1) {
                    return Cow::Borrowed(sql);
                }
                seen += 1;
                rest = &rest[digits..];
                plain.push('?');
                continue;
            }
            // Other placeholders, quoted names and remarks: left as they are.
            '?' | '"' if !quoted => return Cow::Borrowed(sql),
            '-' | '/' if !quoted && (rest.starts_with('-') || rest.starts_with('*')) => return Cow::Borrowed(sql),
            _ => {}
        }
        plain.push(next);
    }
    if seen == 0 {
        return Cow::Borrowed(sql);
    }
    plain.push_str(rest);
    Cow::Owned(plain)
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
    enum Kind {
        Null,
        Int,
        Text,
        Other,
    }
    let mut values = Vec::with_capacity(columns.len());
    for place in 0..columns.len() {
        let value = row.try_get_raw(place)?;
        let kind = match value.type_info().name() {
            _ if value.is_null() => Kind::Null,
            "INTEGER" | "INT8" | "BIGINT" => Kind::Int,
            "TEXT" => Kind::Text,
            _ => Kind::Other,
        };
        values.push(match kind {
            Kind::Null => Value::Null,
            Kind::Int => Value::Int(<i64 as Decode<Sqlite>>::decode(value).map_err(sqlx::Error::Decode)?),
            Kind::Text => Value::Text(<String as Decode<Sqlite>>::decode(value).map_err(sqlx::Error::Decode)?),
            Kind::Other => Value::Other,
        });
    }
    Ok(Row::new(columns.clone(), values))
}

#[cfg(test)]
mod tests {
    use super::nameless;

    #[test]
    fn placeholders_in_order_lose_their_names_and_nothing_else_changes() {
        assert_eq!(nameless("insert into a values ($1, $2), ($3, $4)"), "insert into a values (?, ?), (?, ?)");
        assert_eq!(nameless("select '$1 ''$9' as x, 3 - 1 where y = $1"), "select '$1 ''$9' as x, 3 - 1 where y = ?");
        let kept =
            ["select $2, $1", "select $1, $1", "select 1", "select ?", "select \"a$1\", $1", "select $1 -- $2", "select $10", "select $x"];
        for sql in kept {
            assert_eq!(nameless(sql), sql);
        }
        assert_eq!(nameless("中文 = $1 and '中$文' = $2"), "中文 = ? and '中$文' = ?");
    }
}
