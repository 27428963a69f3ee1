//! Dependencies point one way (ARCHITECTURE.md): who may need whom in the workspace, which libraries stay out of which crates, and of which
//! libraries there is one version.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::Graph;

/// What each crate may need of the workspace. A new arrow is a decision: a page in docs/decisions/.
const ARROWS: &[(&str, &[&str])] = &[
    ("mingjian-model", &[]),
    ("mingjian-city", &["mingjian-model"]),
    ("mingjian-engine", &["mingjian-model"]),
    ("mingjian-rules", &["mingjian-model", "mingjian-engine"]),
    ("mingjian-lake", &["mingjian-model"]),
    ("mingjian-groups", &["mingjian-model", "mingjian-engine", "mingjian-rules", "mingjian-lake"]),
    ("mingjian-screening", &["mingjian-model", "mingjian-engine", "mingjian-rules", "mingjian-lake", "mingjian-groups"]),
    ("mingjian-counter", &["mingjian-model", "mingjian-engine", "mingjian-rules", "mingjian-screening"]),
    ("mingjian-server", &["mingjian-model", "mingjian-engine", "mingjian-screening", "mingjian-counter"]),
    ("mingjian-relations", &["mingjian-model"]),
    ("mingjian-store", &["mingjian-model"]),
    ("mingjian-people", &["mingjian-model", "mingjian-store"]),
    ("mingjian-casework", &["mingjian-model", "mingjian-store"]),
    ("mingjian-platform", &["mingjian-model", "mingjian-store", "mingjian-people", "mingjian-casework"]),
    (
        "mingjian-cli",
        &[
            "mingjian-model",
            "mingjian-city",
            "mingjian-engine",
            "mingjian-rules",
            "mingjian-lake",
            "mingjian-screening",
            "mingjian-counter",
            "mingjian-server",
            "mingjian-relations",
            "mingjian-store",
            "mingjian-people",
            "mingjian-casework",
            "mingjian-platform",
        ],
    ),
    ("xtask", &[]),
];

/// Libraries (by the beginning of their name) and the only crates that may reach them, directly or through others.
const BANS: &[(&str, &[&str], &str)] = &[
    (
        "datafusion",
        &["mingjian-groups", "mingjian-screening", "mingjian-counter", "mingjian-server", "mingjian-cli"],
        "who changes a rule or an importer does not wait for a query engine",
    ),
    (
        "deltalake",
        &["mingjian-lake", "mingjian-groups", "mingjian-screening", "mingjian-counter", "mingjian-server", "mingjian-cli"],
        "the lake alone knows how tables are stored",
    ),
    (
        "tokio",
        &[
            "mingjian-lake",
            "mingjian-groups",
            "mingjian-screening",
            "mingjian-counter",
            "mingjian-server",
            "mingjian-store",
            "mingjian-people",
            "mingjian-casework",
            "mingjian-platform",
            "mingjian-cli",
        ],
        "model, engine, rules and city are plain functions: no runtime, no I/O",
    ),
    (
        "arrow",
        &["mingjian-lake", "mingjian-groups", "mingjian-screening", "mingjian-counter", "mingjian-server", "mingjian-cli"],
        "the kernel computes on plain slices, whoever brings them",
    ),
];

/// Libraries that one crate alone names; others reach them through it.
const OWNERS: &[(&str, &str)] = &[("datafusion", "mingjian-groups"), ("deltalake", "mingjian-lake")];

/// Libraries of which two versions would mean two kinds of table in one process.
const SINGLE: &[&str] = &["arrow", "parquet", "datafusion", "deltalake-core", "object_store"];

/// Prints what holds, or says everything that does not.
pub fn check() -> Result<(), String> {
    let graph = Graph::load()?;
    let wrong: Vec<String> = [wrong_arrows(&graph), wrong_bans(&graph), wrong_owners(&graph), wrong_versions(&graph)].concat();
    if wrong.is_empty() {
        println!("dependencies: {} crates, {} arrows and {} bans hold", graph.members.len(), ARROWS.len(), BANS.len());
        Ok(())
    } else {
        Err(wrong.join("\n"))
    }
}

fn wrong_arrows(graph: &Graph) -> Vec<String> {
    let own: BTreeSet<&str> = graph.members.iter().map(|id| graph.packages[id].name.as_str()).collect();
    let mut wrong = Vec::new();
    for id in &graph.members {
        let package = &graph.packages[id];
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == package.name) else {
            wrong.push(format!("{}: not in the list of arrows; add it to xtask/src/deps.rs with what it may need", package.name));
            continue;
        };
        for need in package.needs.iter().map(|need| graph.packages[need].name.as_str()) {
            if own.contains(need) && !allowed.contains(&need) {
                wrong.push(format!("{} must not need {need}; it may need {allowed:?}", package.name));
            }
        }
    }
    wrong
}

fn wrong_bans(graph: &Graph) -> Vec<String> {
    let mut wrong = Vec::new();
    for id in &graph.members {
        let name = graph.packages[id].name.as_str();
        let closure = graph.closure(id);
        for (library, allowed, reason) in BANS {
            let found = closure.iter().find(|need| is_of(need, library));
            if let (Some(found), false) = (found, allowed.contains(&name)) {
                wrong.push(format!("{name} must not reach {found}: {reason}"));
            }
        }
    }
    wrong
}

fn wrong_owners(graph: &Graph) -> Vec<String> {
    let mut wrong = Vec::new();
    for package in graph.members.iter().map(|id| &graph.packages[id]) {
        let needs = package.needs.iter().map(|need| graph.packages[need].name.as_str());
        for need in needs {
            if let Some((_, owner)) = OWNERS.iter().find(|(library, owner)| is_of(need, library) && *owner != package.name) {
                wrong.push(format!("{} must not name {need}: {owner} does", package.name));
            }
        }
    }
    wrong
}

fn wrong_versions(graph: &Graph) -> Vec<String> {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in graph.packages.values() {
        if SINGLE.iter().any(|library| is_of(&package.name, library)) {
            versions.entry(&package.name).or_default().insert(&package.version);
        }
    }
    let several = versions.iter().filter(|(_, versions)| versions.len() > 1);
    several.map(|(name, versions)| format!("{name} is there in several versions: {versions:?}")).collect()
}

/// `arrow-array` is of `arrow`, `arrowhead` is not.
fn is_of(package: &str, library: &str) -> bool {
    package.strip_prefix(library).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_is_its_family_and_no_more() {
        assert!(is_of("arrow-array", "arrow"));
        assert!(is_of("datafusion", "datafusion"));
        assert!(!is_of("arrowhead", "arrow"));
    }
}
