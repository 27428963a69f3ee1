//! A sink in memory and readers over it.

use mingjian_city::{Block, Options, Sink, Summary, TRUTH_COLUMNS, generate};
use mingjian_model::parse_scaled;
use mingjian_model::schema::table;
use std::collections::BTreeMap;
use std::io;
use std::sync::Mutex;

/// Keeps every table's bytes.
#[derive(Default)]
pub struct Memory {
    tables: Mutex<BTreeMap<&'static str, Vec<u8>>>,
}

impl Sink for Memory {
    fn write(&self, block: Block<'_>) -> io::Result<()> {
        let mut tables = self.tables.lock().unwrap();
        tables.entry(block.table.name).or_default().extend_from_slice(block.bytes);
        assert_eq!(block.records().count() as u64, block.rows);
        Ok(())
    }

    fn truth(&self, bytes: &[u8]) -> io::Result<()> {
        self.tables.lock().unwrap().entry("truth").or_default().extend_from_slice(bytes);
        Ok(())
    }
}

/// A city read back.
pub struct Read {
    pub tables: BTreeMap<&'static str, Vec<u8>>,
    pub summary: Summary,
}

pub fn city(options: &Options) -> Read {
    let sink = Memory::default();
    let summary = generate(options, &sink, &|_| {}).unwrap();
    Read { tables: sink.tables.into_inner().unwrap(), summary }
}

/// One row with access by national name.
pub struct Row<'a> {
    cells: Vec<&'a str>,
    names: &'a [&'static str],
}

impl<'a> Row<'a> {
    pub fn get(&self, name: &str) -> &'a str {
        self.cells[self.names.iter().position(|n| *n == name).unwrap_or_else(|| panic!("no column {name}"))]
    }

    pub fn fen(&self, name: &str) -> i64 {
        let text = self.get(name);
        if text.is_empty() { 0 } else { parse_scaled(text, 2).unwrap_or_else(|| panic!("{name}: {text}")) }
    }

    /// A quantity scaled by 10⁴.
    pub fn quantity(&self, name: &str) -> i64 {
        parse_scaled(self.get(name), 4).unwrap_or_else(|| panic!("{name}: {}", self.get(name)))
    }

    pub fn width(&self) -> usize {
        self.cells.len()
    }
}

pub fn names(name: &str) -> Vec<&'static str> {
    table(name).map_or_else(|| TRUTH_COLUMNS.to_vec(), |t| t.columns.iter().map(|c| c.name).collect())
}

impl Read {
    pub fn each(&self, name: &str, mut f: impl FnMut(&Row<'_>)) {
        let names = names(name);
        let Some(bytes) = self.tables.get(name) else { return };
        for line in std::str::from_utf8(bytes).unwrap().lines() {
            f(&Row { cells: line.split(',').collect(), names: &names });
        }
    }
}
