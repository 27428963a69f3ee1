//! From a code to all that names it: points of knowledge tables and code sets, by full code and by prefix.

use crate::hash::hash_code;
use crate::program::CodeSet;

/// What a listed code leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    /// A point of a table: as item (or main item, or diagnosis), or as the part of a pair.
    Point { table: u16, point: u32, part: bool },
    /// A code set, numbered by the [`crate::catalog::Catalog`].
    Set(u32),
}

/// Sorted hashes instead of a map of strings: a library of a million codes is indexed without an allocation per code.
#[derive(Debug, Clone, Default)]
pub(crate) struct CodeIndex {
    codes: Vec<(u64, Target)>,
    prefixes: Vec<(u64, Target)>,
    /// Lengths that prefixes have, ascending.
    prefix_lengths: Vec<usize>,
}

impl CodeIndex {
    pub fn add(&mut self, set: &CodeSet, target: Target) {
        self.codes.extend(set.codes.iter().map(|code| (hash_code(code), target)));
        for prefix in &set.prefixes {
            self.prefixes.push((hash_code(prefix), target));
            if let Err(at) = self.prefix_lengths.binary_search(&prefix.len()) {
                self.prefix_lengths.insert(at, prefix.len());
            }
        }
    }

    /// Must be called after the last `add`.
    pub fn seal(&mut self) {
        self.codes.sort_unstable();
        self.prefixes.sort_unstable();
    }

    /// All targets whose hash says they hold `code`, ascending, each once. The caller checks them against the code
    /// itself, so that equal hashes of different codes do no harm.
    pub fn find(&self, code: &str, found: &mut Vec<Target>) {
        found.clear();
        equal_run(&self.codes, hash_code(code), found);
        for &length in &self.prefix_lengths {
            if let Some(prefix) = code.get(..length) {
                equal_run(&self.prefixes, hash_code(prefix), found);
            }
        }
        found.sort_unstable();
        found.dedup();
    }
}

fn equal_run(entries: &[(u64, Target)], hash: u64, found: &mut Vec<Target>) {
    let begin = entries.partition_point(|(entry, _)| *entry < hash);
    found.extend(entries[begin..].iter().take_while(|(entry, _)| *entry == hash).map(|(_, target)| *target));
}

impl CodeSet {
    /// Whether the code is listed, or begins with a listed prefix.
    ///
    /// ```
    /// use mingjian_engine::program::CodeSet;
    /// let set = CodeSet { codes: vec!["250301001".into()], prefixes: vec!["3301".into()] };
    /// assert!(set.contains("250301001") && set.contains("330100001"));
    /// assert!(!set.contains("2503010010"));
    /// ```
    pub fn contains(&self, code: &str) -> bool {
        self.codes.binary_search_by(|listed| listed.as_str().cmp(code)).is_ok()
            || self.prefixes.iter().any(|prefix| code.starts_with(prefix.as_str()))
    }
}
