//! 版本锁: `library/versions.lock` lists each rule's version and logic hash, so that logic cannot change under a version.

use std::collections::BTreeMap;

use crate::library::Library;
use crate::print::logic_hash;

/// Rule id → version and logic hash.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    pub rules: BTreeMap<String, (u32, String)>,
}

impl Lock {
    /// What the library's rules are now.
    pub fn of(library: &Library) -> Lock {
        Lock { rules: library.rules.iter().map(|rule| (rule.id.clone(), (rule.version, logic_hash(rule)))).collect() }
    }

    /// Reads lines `id version hash`; lines that are not so are left out.
    pub fn parse(text: &str) -> Lock {
        let mut lock = Lock::default();
        for line in text.lines() {
            let mut words = line.split_whitespace();
            if let (Some(id), Some(version), Some(hash)) = (words.next(), words.next().and_then(|word| word.parse().ok()), words.next()) {
                lock.rules.insert(id.to_string(), (version, hash.to_string()));
            }
        }
        lock
    }

    pub fn print(&self) -> String {
        self.rules.iter().map(|(id, (version, hash))| format!("{id} {version} {hash}\n")).collect()
    }

    /// Rules whose logic changed under their version, or whose version went back, in words.
    pub fn broken_by(&self, library: &Library) -> Vec<String> {
        let mut broken = Vec::new();
        for rule in &library.rules {
            let Some((version, hash)) = self.rules.get(&rule.id) else { continue };
            if rule.version < *version {
                broken.push(format!("{}：版本从 {version} 退回到 {}", rule.file, rule.version));
            } else if rule.version == *version && logic_hash(rule) != *hash {
                broken.push(format!("{}：逻辑改了，版本还是 {version}；请把 version 改成 {}", rule.file, version + 1));
            }
        }
        broken
    }
}
