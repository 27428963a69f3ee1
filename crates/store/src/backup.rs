//! 备份与恢复 of a SQLite store. PostgreSQL has its own tools; what they restore is checked by [`crate::audit::verify`] all the same.
//!
//! The key that seals personal text is not in a backup: keep it apart.

use std::fs;
use std::path::Path;

use crate::audit::{self, Verdict};
use crate::store::Kind;
use crate::{Result, Store, StoreError, sqlite};

impl Store {
    /// Writes a copy of the store as of now into a new file, while others go on working.
    ///
    /// Errors: a file that is there already; PostgreSQL ([`StoreError::BackupElsewhere`]).
    pub async fn backup(&self, to: &Path) -> Result<()> {
        let Some(path) = self.path().filter(|_| self.kind() == Kind::Sqlite) else { return Err(StoreError::BackupElsewhere) };
        if to.exists() {
            return Err(StoreError::Exists(to.to_owned()));
        }
        // Half a copy must not pass for one: it gets its name when it is whole and on the disk.
        let part = beside(to, "part");
        let _ = fs::remove_file(&part);
        let failed = |what| move |source| StoreError::File { path: to.to_owned(), what, source };
        // Readable for its owner alone from the first byte: the copy takes a while.
        new_private(&part).map_err(failed("备份写不了"))?;
        let name = part.to_string_lossy().into_owned();
        let connected = sqlx::ConnectOptions::connect(&sqlite::options(&path)).await;
        let mut connection =
            connected.map_err(|source| StoreError::Open { place: path.display().to_string(), source: Box::new(source) })?;
        sqlite::run(&mut connection, "vacuum into $1", &[name.into()]).await?;
        fs::File::open(&part).and_then(|file| file.sync_all()).map_err(failed("备份写不了"))?;
        fs::rename(&part, to).map_err(failed("备份写不了"))
    }
}

/// Copies a backup to where the store shall be, after its trail was walked (against the overseer's anchors, if given).
///
/// Errors: a file that is there already, one that is no backup or is damaged, a trail that is broken; then nothing is left behind.
pub async fn restore(from: &Path, to: &Path, kept: Option<&Path>) -> Result<Verdict> {
    if to.exists() {
        return Err(StoreError::Exists(to.to_owned()));
    }
    let part = beside(to, "part");
    let failed = |path: &Path, what| {
        let path = path.to_owned();
        move |source| StoreError::File { path, what, source }
    };
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(failed(folder, "文件夹建不了"))?;
    }
    fs::copy(from, &part).map_err(failed(from, "备份读不了"))?;
    let outcome = match is_backup(from, &part).await {
        Ok(()) => checked(&part, kept).await,
        Err(error) => Err(error),
    };
    if outcome.is_ok() {
        let placed = fs::File::open(&part).and_then(|file| file.sync_all()).and_then(|()| fs::rename(&part, to));
        placed.map_err(failed(to, "恢复写不了"))?;
    }
    for leftover in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(beside(to, &format!("part{leftover}")));
    }
    outcome
}

/// Whether the copy `part` of `from` is a store at all, and its pages are whole.
async fn is_backup(from: &Path, part: &Path) -> Result<()> {
    let none = || StoreError::NotABackup(from.to_owned());
    let connected = sqlx::ConnectOptions::connect(&sqlite::options(part).pragma("query_only", "on")).await;
    let mut connection = connected.map_err(|_| none())?;
    let outcome = is_store(&mut connection, from).await;
    // Closed before another opens it.
    let _ = sqlx::Connection::close(connection).await;
    outcome
}

async fn is_store(connection: &mut sqlx::SqliteConnection, from: &Path) -> Result<()> {
    let none = || StoreError::NotABackup(from.to_owned());
    let sql = "select count(*) as n from sqlite_master where type = 'table' and name in ('migrations', 'trail_head', 'events')";
    let damaged = |told: String| StoreError::BackupDamaged { path: from.to_owned(), told };
    let found = sqlite::rows(connection, sql, &[]).await.map_err(|error| match error {
        // SQLITE_NOTADB.
        StoreError::Sql { source, .. } if source.as_database_error().and_then(|told| told.code()).is_some_and(|code| code == "26") => {
            none()
        }
        other => damaged(chain(&other)),
    })?;
    if found.first().map_or(Ok(0), |row| row.int("n"))? != 3 {
        return Err(none());
    }
    let told = sqlite::rows(connection, "pragma quick_check(1)", &[]).await.map_err(|error| damaged(chain(&error)))?;
    let told = told.first().map_or(Ok(String::new()), |row| row.text("quick_check"))?;
    if told == "ok" { Ok(()) } else { Err(damaged(told)) }
}

/// What the database said.
fn chain(error: &StoreError) -> String {
    let source = std::error::Error::source(error);
    source.map_or_else(|| error.to_string(), ToString::to_string)
}

async fn checked(part: &Path, kept: Option<&Path>) -> Result<Verdict> {
    private(part).map_err(|source| StoreError::File { path: part.to_owned(), what: "恢复写不了", source })?;
    let store = Store::open(&format!("sqlite:{}", part.display())).await?;
    let verdict = audit::verify(&store, kept).await;
    store.close().await;
    match verdict? {
        Verdict { broken: Some(broken), .. } => Err(StoreError::BackupBroken(broken)),
        verdict => Ok(verdict),
    }
}

fn beside(path: &Path, ending: &str) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

fn new_private(path: &Path) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(|_| ())
}

fn private(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
