//! The dependency graph as `cargo metadata` tells it: normal and build dependencies with the features in use; tests' own left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

/// Packages by id.
pub struct Graph {
    pub packages: BTreeMap<String, Package>,
    /// Ids of the workspace's own packages.
    pub members: Vec<String>,
}

pub struct Package {
    pub name: String,
    pub version: String,
    /// Ids of what it needs to be built or run.
    pub needs: BTreeSet<String>,
}

impl Graph {
    /// Asks cargo; needs the lock file to be current.
    pub fn load() -> Result<Graph, String> {
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--locked"])
            .current_dir(workspace_root()?)
            .output()
            .map_err(|error| format!("cargo metadata: {error}"))?;
        if !output.status.success() {
            return Err(format!("cargo metadata failed:\n{}", String::from_utf8_lossy(&output.stderr)));
        }
        let metadata: Value = serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))?;
        Graph::read(&metadata).ok_or_else(|| "cargo metadata: not of the known shape (format version 1)".to_owned())
    }

    fn read(metadata: &Value) -> Option<Graph> {
        let mut packages = BTreeMap::new();
        for package in metadata["packages"].as_array()? {
            packages.insert(
                package["id"].as_str()?.to_owned(),
                Package {
                    name: package["name"].as_str()?.to_owned(),
                    version: package["version"].as_str()?.to_owned(),
                    needs: BTreeSet::new(),
                },
            );
        }
        for node in metadata["resolve"]["nodes"].as_array()? {
            let needs = node["deps"].as_array()?.iter().filter(|dep| is_needed(dep));
            let needs = needs.filter_map(|dep| dep["pkg"].as_str().map(str::to_owned)).collect();
            packages.get_mut(node["id"].as_str()?)?.needs = needs;
        }
        let members = metadata["workspace_members"].as_array()?;
        let members = members.iter().filter_map(|id| id.as_str().map(str::to_owned)).collect();
        Some(Graph { packages, members })
    }

    /// The names of everything a package needs, directly or through others, itself left out.
    pub fn closure(&self, id: &str) -> BTreeSet<&str> {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![id];
        while let Some(next) = waiting.pop() {
            for need in self.packages.get(next).into_iter().flat_map(|package| &package.needs) {
                if seen.insert(need.as_str()) {
                    waiting.push(need);
                }
            }
        }
        seen.iter().filter_map(|id| self.packages.get(*id)).map(|package| package.name.as_str()).collect()
    }
}

/// Whether a dependency counts outside of tests (`kind` null or `build`).
fn is_needed(dependency: &Value) -> bool {
    dependency["dep_kinds"].as_array().is_none_or(|kinds| kinds.iter().any(|kind| kind["kind"].as_str() != Some("dev")))
}

/// The folder that holds the workspace's Cargo.toml.
pub fn workspace_root() -> Result<PathBuf, String> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(PathBuf::from).ok_or_else(|| "xtask has no parent folder".to_owned())
}
