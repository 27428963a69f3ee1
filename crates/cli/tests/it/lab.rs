//! What the tests of durability share: a small city, workspaces made and copied, what a lake holds, and what lies about in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use mingjian_lake::Lake;

use crate::ok;

/// Tables a screening needs most; the fewer there are, the shorter each run.
const TABLES: [&str; 7] = ["setl_d", "mdtrt_d", "fee_list_d", "setl_list_diag_d", "psn_info_b", "fixmedins_b", "selinfo_3505"];

/// A folder with a city's files; workspaces of eight buckets beside it.
pub struct Lab {
    folder: tempfile::TempDir,
}

impl Lab {
    pub fn new() -> Lab {
        let folder = tempfile::tempdir().unwrap();
        let lab = Lab { folder };
        ok(&lab.at("unused"), &["city", "--out", &lab.text("whole city"), "--persons", "500", "--months", "1", "--seed", "5"]);
        fs::create_dir(lab.at("city")).unwrap();
        for table in TABLES {
            fs::rename(lab.at(&format!("whole city/{table}.csv")), lab.at(&format!("city/{table}.csv"))).unwrap();
        }
        lab
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn text(&self, name: &str) -> String {
        self.at(name).display().to_string()
    }

    /// A workspace without data.
    pub fn workspace(&self, name: &str) -> PathBuf {
        let workspace = self.at(name);
        fs::create_dir_all(&workspace).unwrap();
        fs::write(workspace.join("mingjian.toml"), "[lake]\nbuckets = 8\n").unwrap();
        workspace
    }

    /// A workspace as another one stands.
    pub fn copy(&self, from: &Path, name: &str) -> PathBuf {
        let to = self.at(name);
        if to.exists() {
            fs::remove_dir_all(&to).unwrap();
        }
        copy(from, &to);
        to
    }

    /// The first half of the lines of each of the city's files.
    pub fn half_city(&self) -> String {
        let half = self.at("half");
        fs::create_dir_all(&half).unwrap();
        for entry in fs::read_dir(self.at("city")).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            fs::write(half.join(path.file_name().unwrap()), lines[..1 + (lines.len() - 1) / 2].concat()).unwrap();
        }
        half.display().to_string()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// The newest version and its rows by table, as its record says.
pub fn newest(workspace: &Path) -> (u64, BTreeMap<String, u64>) {
    let history = Lake::open(workspace).unwrap().history().unwrap();
    let Some(record) = history.last() else { return (0, BTreeMap::new()) };
    (record.version, record.tables.iter().map(|(name, table)| (name.clone(), table.rows)).collect())
}

/// What `lake check` runs finds nothing, and counts what the record says.
pub fn is_whole(workspace: &Path) {
    let report = Lake::open(workspace).unwrap().check(None).unwrap();
    let (version, rows) = newest(workspace);
    assert_eq!(report.problems, []);
    assert_eq!((report.version, report.rows), (version, rows.values().sum()));
}

/// The data files of the newest version with what stands in them: equal rows in equal order make equal files.
pub fn content(workspace: &Path) -> BTreeMap<String, Vec<u8>> {
    let lake = Lake::open(workspace).unwrap();
    let snapshot = lake.snapshot(None).unwrap();
    let files = snapshot.record().tables.keys().flat_map(|table| snapshot.files(table));
    files.map(|file| (file.path.strip_prefix(lake.root()).unwrap().display().to_string(), fs::read(&file.path).unwrap())).collect()
}

/// Files of a workspace that no version on record needs and no other purpose explains.
pub fn stray(workspace: &Path) -> Vec<String> {
    let lake = Lake::open(workspace).unwrap();
    let mut known: BTreeSet<PathBuf> = ["mingjian.toml", "lake/_lake.json", "lake/_lock"].iter().map(|name| workspace.join(name)).collect();
    let history = lake.history().unwrap();
    let mut logs: BTreeMap<String, u64> = BTreeMap::new();
    for record in &history {
        known.insert(lake.root().join(format!("_versions/{:08}.json", record.version)));
        let snapshot = lake.snapshot(Some(record.version)).unwrap();
        for (name, table) in &record.tables {
            known.extend(snapshot.files(name).into_iter().map(|file| file.path));
            logs.insert(name.clone(), table.delta_version);
        }
    }
    for (table, version) in logs {
        let log = lake.root().join(table).join("_delta_log");
        known.extend((0..=version).map(|version| log.join(format!("{version:020}.json"))));
    }
    let newest = history.last().map_or(0, |record| record.version);
    let of_a_run = |path: &Path| {
        let version = path.strip_prefix(workspace.join("runs")).ok().and_then(|name| name.to_str()?.strip_suffix(".json")?.parse().ok());
        version.is_some_and(|version: u64| version <= newest)
    };
    let mut files = Vec::new();
    walk(workspace, &mut files);
    files.retain(|path| !known.contains(path) && !of_a_run(path));
    files.iter().map(|path| path.strip_prefix(workspace).unwrap().display().to_string()).collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else {
            files.push(path);
        }
    }
    files.sort();
}
