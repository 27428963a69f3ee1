//! Databases for tests: a SQLite file, and a throw-away PostgreSQL server on a socket in a temporary folder. Included by the tests of the
//! crates that keep something in the store, which may leave some of it unused: `#[path = "../../../store/testing/stores.rs"] mod stores;`.
//!
//! Without PostgreSQL the tests fail and say so; `MINGJIAN_NO_POSTGRES=1` leaves it out.
//!
//! The server is a program that takes a second to start: each crate has one test for it, which runs all cases one after another.

#![allow(dead_code, reason = "not every crate crashes its server")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

/// The URL of a new SQLite store, with the folder it lives in.
pub fn sqlite() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("business.db").display());
    (folder, url)
}

/// A PostgreSQL server that ends with this value.
pub struct Server {
    folder: tempfile::TempDir,
    programs: PathBuf,
    /// PostgreSQL does not run as root: then it runs as somebody else.
    user: Option<&'static str>,
    /// Settings over the usual ones.
    settings: &'static str,
    made: AtomicU32,
}

impl Server {
    /// One as in service: what is committed is on the disk, and it has memory.
    pub fn for_measuring() -> Option<Server> {
        Server::start_with("-c fsync=on -c full_page_writes=on -c shared_buffers=512MB -c max_wal_size=4GB")
    }

    /// Starts a server; `None` when it is to be left out.
    pub fn start() -> Option<Server> {
        Server::start_with("")
    }

    #[expect(clippy::disallowed_methods, reason = "whoever runs the tests says whether they may do without PostgreSQL")]
    fn start_with(settings: &'static str) -> Option<Server> {
        if std::env::var_os("MINGJIAN_NO_POSTGRES").is_some_and(|value| value == "1") {
            println!("MINGJIAN_NO_POSTGRES=1: not tried on PostgreSQL");
            return None;
        }
        let programs = programs().expect(
            "PostgreSQL is not installed (no initdb in PATH or /usr/lib/postgresql/*/bin). Install it (apt-get install postgresql), \
             or set MINGJIAN_NO_POSTGRES=1 to leave it out",
        );
        let folder = tempfile::Builder::new().prefix("mj-pg").tempdir().unwrap();
        let user = stand_in(folder.path());
        let server = Server { folder, programs, user, settings, made: AtomicU32::new(0) };
        let place = server.folder.path().display().to_string();
        let data = format!("{place}/data");
        let common = ["--auth=trust", "--username=mingjian", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--pgdata"];
        server.must("initdb", &[&common[..], &[&data]].concat());
        server.begin(&data);
        Some(server)
    }

    /// The URL of a new, empty database.
    pub fn database(&self) -> String {
        let name = format!("t{}", self.made.fetch_add(1, Ordering::Relaxed));
        let place = self.folder.path().display().to_string();
        self.must("createdb", &["--host", &place, "--username", "mingjian", &name]);
        format!("postgres://mingjian@localhost/{name}?host={place}")
    }

    /// Ends the server as a crash would, and starts it again.
    pub fn crash(&self) {
        let data = self.folder.path().join("data").display().to_string();
        self.must("pg_ctl", &["stop", "--mode", "immediate", "--pgdata", &data]);
        self.begin(&data);
    }

    fn begin(&self, data: &str) {
        let place = self.folder.path().display().to_string();
        self.must("pg_ctl", &["start", "--wait", "--pgdata", data, "--log", &format!("{place}/log"), "--options", &self.options(&place)]);
    }

    fn options(&self, place: &str) -> String {
        let usual = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=60 -c shared_buffers=32MB";
        format!("-k {place} {usual} {}", self.settings)
    }

    /// The server's first process.
    pub fn pid(&self) -> Option<u32> {
        std::fs::read_to_string(self.folder.path().join("data/postmaster.pid")).ok()?.lines().next()?.parse().ok()
    }

    /// Runs one of the server's programs, `pg_dump`; fails the test when it fails.
    pub fn must(&self, program: &str, arguments: &[&str]) {
        let output = self.run(program, arguments);
        let told = [output.stdout.as_slice(), &output.stderr].concat();
        assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&told));
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        let program = self.programs.join(program);
        let mut command = match self.user {
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(program);
                command
            }
            None => Command::new(program),
        };
        // Not the folder of the crate, which the other user may not enter.
        command.args(arguments).current_dir(self.folder.path()).output().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.folder.path().join("data").display().to_string();
        let _ = self.run("pg_ctl", &["stop", "--mode", "immediate", "--pgdata", &data]);
    }
}

/// The folder with initdb: from PATH, or the newest of /usr/lib/postgresql.
#[expect(clippy::disallowed_methods, reason = "programs are found in PATH")]
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut installed: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some((entry.as_ref().ok()?.file_name().to_str()?.parse().ok()?, entry.ok()?.path().join("bin"))))
        .collect();
    installed.sort();
    let installed = installed.into_iter().rev().map(|(_, folder)| folder);
    std::env::split_paths(&path)
        .chain(installed)
        .find(|folder| ["initdb", "pg_ctl", "createdb"].iter().all(|name| folder.join(name).is_file()))
}

/// As root: hands the folder to a user that PostgreSQL accepts, and names that user.
fn stand_in(folder: &Path) -> Option<&'static str> {
    use std::os::unix::fs::MetadataExt as _;
    if std::fs::metadata(folder).unwrap().uid() != 0 {
        return None;
    }
    let id = |user: &str| -> Option<u32> {
        let output = Command::new("id").args(["-u", user]).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    let (user, uid) = ["postgres", "nobody"].into_iter().find_map(|user| Some((user, id(user)?))).expect("a user that is not root");
    std::os::unix::fs::chown(folder, Some(uid), None).unwrap();
    Some(user)
}
