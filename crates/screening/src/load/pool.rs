//! Texts of a bucket, one after the other in one buffer.

use std::hash::BuildHasher;

use hashbrown::DefaultHashBuilder;
use hashbrown::HashTable;

/// Append-only texts, addressed by position.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    bytes: String,
    ends: Vec<u32>,
}

impl Pool {
    pub fn push(&mut self, text: &str) -> u32 {
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len() as u32);
        self.ends.len() as u32 - 1
    }

    pub fn get(&self, at: u32) -> &str {
        let at = at as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.bytes[start..self.ends[at] as usize]
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }
}

/// Texts with a number each, in order of first sight.
#[derive(Default)]
pub(crate) struct Interner {
    pool: Pool,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Interner {
    /// The number of a text, and whether it was new.
    pub fn intern(&mut self, text: &str) -> (u32, bool) {
        let hash = self.hasher.hash_one(text);
        if let Some(&at) = self.table.find(hash, |&at| self.pool.get(at) == text) {
            return (at, false);
        }
        let at = self.pool.push(text);
        let (pool, hasher) = (&self.pool, &self.hasher);
        self.table.insert_unique(hash, at, |&at| hasher.hash_one(pool.get(at)));
        (at, true)
    }

    /// The number of a text seen before.
    pub fn find(&self, text: &str) -> Option<u32> {
        self.table.find(self.hasher.hash_one(text), |&at| self.pool.get(at) == text).copied()
    }

    pub fn get(&self, at: u32) -> &str {
        self.pool.get(at)
    }

    pub fn len(&self) -> usize {
        self.pool.len()
    }
}
