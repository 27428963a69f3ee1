//! The store itself: opening, reading, and the beginning of a change.

use std::path::{Path, PathBuf};

use crate::change::{Actor, Change, Transaction};
use crate::error::shortened;
use crate::{Arg, Result, Row, StoreError, migrations, postgres, sqlite};

/// 业务库. A clone is cheap and speaks to the same database.
#[derive(Clone)]
pub struct Store {
    pools: Pools,
}

#[derive(Clone)]
enum Pools {
    Sqlite(sqlite::Pools),
    Postgres(postgres::Pools),
}

/// Which database a store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// The advisory lock under which changes go one after another: "mingjian" in ASCII.
const ONE_AT_A_TIME: i64 = i64::from_be_bytes(*b"mingjian");

impl Store {
    /// Opens `sqlite:<path>` or `postgres://…` and brings it to this version. A SQLite file that is not there is made.
    ///
    /// Errors: an address not understood, a database that does not answer, a store of a newer version.
    pub async fn open(url: &str) -> Result<Store> {
        let pools = if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.starts_with(":memory:") {
                return Err(StoreError::Url(url.to_owned()));
            }
            Pools::Sqlite(sqlite::Pools::open(Path::new(path)).await?)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Pools::Postgres(postgres::Pools::open(url).await?)
        } else {
            return Err(StoreError::Url(url.rsplit('@').next().unwrap_or_default().to_owned()));
        };
        let store = Store { pools };
        migrations::run(&store, migrations::MIGRATIONS).await?;
        Ok(store)
    }

    pub fn kind(&self) -> Kind {
        match self.pools {
            Pools::Sqlite(_) => Kind::Sqlite,
            Pools::Postgres(_) => Kind::Postgres,
        }
    }

    /// The file of a SQLite store.
    pub fn path(&self) -> Option<PathBuf> {
        match &self.pools {
            Pools::Sqlite(pools) => Some(pools.path.clone()),
            Pools::Postgres(_) => None,
        }
    }

    /// Begins a change. It waits for the one under way: hold a change for milliseconds, never across a request to somebody else, and never
    /// begin a second one while holding the first.
    ///
    /// Errors: [`StoreError::Busy`] after ten seconds.
    pub async fn begin(&self, who: &Actor) -> Result<Change> {
        Ok(Change::new(self.transaction().await?, who.clone()))
    }

    /// What a statement gives, outside any change. The connection is read-only.
    pub async fn rows(&self, sql: &str, args: &[Arg]) -> Result<Vec<Row>> {
        match &self.pools {
            Pools::Sqlite(pools) => sqlite::rows(&mut *connection(&pools.readers).await?, sql, args).await,
            Pools::Postgres(pools) => postgres::rows(&mut *connection(&pools.readers).await?, sql, args).await,
        }
    }

    /// The first row of what a statement gives.
    pub async fn one(&self, sql: &str, args: &[Arg]) -> Result<Option<Row>> {
        Ok(self.rows(sql, args).await?.into_iter().next())
    }

    /// Writes what is worth no event, such as when a session was last seen: into tables named `volatile_…` only.
    pub async fn jot(&self, sql: &str, args: &[Arg]) -> Result<u64> {
        if !is_volatile(sql) {
            return Err(StoreError::NotVolatile { statement: shortened(sql) });
        }
        match &self.pools {
            Pools::Sqlite(pools) => sqlite::run(&mut *connection(&pools.writer).await?, sql, args).await,
            Pools::Postgres(pools) => postgres::run(&mut *connection(&pools.writer).await?, sql, args).await,
        }
    }

    /// For a run of very many changes, one after another: pages stay in memory and are written back in larger lots. Others go on between the
    /// changes as ever. `false` when it is over; a process that ends before leaves nothing behind.
    pub async fn set_bulk(&self, on: bool) -> Result<()> {
        match &self.pools {
            Pools::Sqlite(pools) => sqlite::set_bulk(&mut *connection(&pools.writer).await?, on).await,
            // The server has its own settings for it, shared by all.
            Pools::Postgres(_) => Ok(()),
        }
    }

    /// Ends all connections; a change under way is rolled back.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite(pools) => {
                pools.readers.close().await;
                pools.writer.close().await;
            }
            Pools::Postgres(pools) => {
                pools.readers.close().await;
                pools.writer.close().await;
            }
        }
    }

    /// A transaction that no other runs beside.
    pub(crate) async fn transaction(&self) -> Result<Transaction> {
        const BEGIN: &str = "begin immediate";
        match &self.pools {
            Pools::Sqlite(pools) => Ok(Transaction::Sqlite(match pools.writer.begin_with(BEGIN).await {
                Ok(begun) => begun,
                // On a full disk SQLite rolls back by itself; the library then counts a transaction that there is none of any more, and
                // would refuse every other until the end of the program. Such a connection is let go, and a new one begins.
                Err(sqlx::Error::InvalidSavePointStatement | sqlx::Error::BeginFailed) => {
                    let _ = connection(&pools.writer).await?.close().await;
                    pools.writer.begin_with(BEGIN).await.map_err(|source| StoreError::of(BEGIN, source))?
                }
                Err(source) => return Err(StoreError::of(BEGIN, source)),
            })),
            Pools::Postgres(pools) => {
                let mut begun = pools.writer.begin().await.map_err(|source| StoreError::of("begin", source))?;
                postgres::rows(&mut begun, "select pg_advisory_xact_lock($1)", &[ONE_AT_A_TIME.into()]).await?;
                Ok(Transaction::Postgres(begun))
            }
        }
    }
}

async fn connection<D: sqlx::Database>(pool: &sqlx::Pool<D>) -> Result<sqlx::pool::PoolConnection<D>> {
    pool.acquire().await.map_err(|source| StoreError::of("connect", source))
}

/// The table a statement writes into, as its first words name it; `None`: it does not begin as one that writes.
pub(crate) fn target(sql: &str) -> Option<&str> {
    let mut words = sql.split(|character: char| character.is_whitespace() || character == '(').filter(|word| !word.is_empty());
    let (first, second) = (words.next()?, words.next()?);
    let is = |word: &str, wanted: &str| word.eq_ignore_ascii_case(wanted);
    if is(first, "update") {
        return Some(second);
    }
    if is(first, "insert") && is(second, "into") || is(first, "delete") && is(second, "from") { words.next() } else { None }
}

/// Whether a statement writes into a table named `volatile_…`, and only there.
fn is_volatile(sql: &str) -> bool {
    target(sql).is_some_and(|table| table.starts_with("volatile_")) && !sql.contains(';')
}

#[cfg(test)]
mod tests {
    use super::{Pools, Store, connection, is_volatile, target};
    use crate::{Actor, Event, StoreError};

    /// A disk that was full is no reason to be restarted: when there is room again, changes go on.
    #[tokio::test]
    async fn after_a_full_disk_changes_go_on() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("sqlite:{}", folder.path().join("business.db").display())).await.unwrap();
        let Pools::Sqlite(pools) = &store.pools else { panic!("SQLite") };
        let room = async |pages: &str| {
            let mut writer = connection(&pools.writer).await.unwrap();
            crate::sqlite::script(&mut writer, &format!("pragma max_page_count = {pages}")).await.unwrap();
        };
        let who = Actor { account: "a".into(), role: "auditor".into(), origin: "cli".into(), at: 1 };
        let act = async || {
            let mut change = store.begin(&who).await?;
            let detail = serde_json::json!({ "long": "x".repeat(2_000_000) });
            change.note(Event { act: "lead.note", object_kind: "lead", object: "L1".into(), detail, reason: None });
            change.commit().await
        };
        act().await.unwrap();
        // As many as there are: none may be added.
        room("1").await;
        assert!(matches!(act().await, Err(StoreError::Full { .. })));
        room("100000").await;
        assert_eq!(act().await.unwrap()[0].0, 2, "nothing of what failed is left");
        assert!(crate::audit::verify(&store, None).await.unwrap().intact());
    }

    #[test]
    fn only_volatile_tables_are_jotted_in() {
        assert!(is_volatile("insert into volatile_seen (session, at) values ($1, $2)"));
        assert!(is_volatile("UPDATE volatile_seen SET at = $1"));
        assert!(is_volatile("delete from volatile_seen where at < $1"));
        assert!(!is_volatile("update accounts set name = $1"));
        assert!(!is_volatile("update accounts set volatile_x = $1"));
        assert!(!is_volatile("delete from volatile_seen; delete from events"));
        assert!(!is_volatile("with gone as (delete from events) insert into volatile_seen select 1, 2"));
        assert!(!is_volatile("insert into events select * from volatile_seen"));
    }

    #[test]
    fn a_statement_names_the_table_it_writes_into() {
        assert_eq!(target("insert into events(seq) values (1)"), Some("events"));
        assert_eq!(target("\n  UPDATE\n events set at = 1"), Some("events"));
        assert_eq!(target("delete from anchors"), Some("anchors"));
        assert_eq!(target("select * from events"), None);
        assert_eq!(target(""), None);
    }
}
