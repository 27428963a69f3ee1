//! The synthetic city: people with lives, care that keeps to the rules, planted acts, and the truth of them.
//!
//! In: [`Options`]. Out: rows of the national tables in blocks to a [`Sink`], and one truth row for every act. Invariants,
//! each with its test in `tests/it`: the bytes depend on the options but not on the number of threads
//! (`one_and_four_threads_write_the_same`); every settlement satisfies the four identities of money to the fen
//! (`identities_hold_on_every_settlement`); no key stands twice (`keys_are_unique`); without acts nothing in the city
//! breaks a limit the catalogue knows (`background.rs`). It shares no code with the rules, so that neither flatters the
//! other; it reads no clock and no environment.
//!
//! Start reading at [`generate`]; `plan.rs` says how a life goes, `care.rs` and `stay.rs` what a visit holds, `acts/`
//! what is planted.

mod acts;
mod calendar;
mod care;
mod catalogue;
mod cells;
mod claim;
mod csv;
mod emit;
mod masters;
mod money;
mod people;
mod plan;
mod rng;
mod run;
mod stay;
mod stock;
mod truth;
mod world;

pub use acts::SCENARIOS;
pub use csv::CsvFolder;
pub use run::generate;
pub use truth::{Scenario, TRUTH_COLUMNS};

use mingjian_model::schema::Table;
use std::io;

/// What city to make.
#[derive(Debug, Clone)]
pub struct Options {
    /// Insured persons, at least 500.
    pub persons: u32,
    /// First month: year, month.
    pub from: (i32, u32),
    pub months: u32,
    pub seed: u64,
    /// Worker threads; 0 counts as 1.
    pub threads: usize,
    pub plant: Rates,
}

impl Default for Options {
    fn default() -> Options {
        Options { persons: 20_000, from: (2025, 1), months: 12, seed: 1, threads: 2, plant: Rates::default() }
    }
}

/// How much is planted.
#[derive(Debug, Clone)]
pub struct Rates {
    /// Percent of the built-in rates for violations; 0 plants none.
    pub violations: u32,
    /// The same for lawful look-alikes.
    pub lookalikes: u32,
    /// Acts of each scenario at least, however small the city.
    pub least: u32,
    /// Scenarios with a percentage of their own.
    pub scenarios: Vec<(String, u32)>,
}

impl Default for Rates {
    fn default() -> Rates {
        Rates { violations: 100, lookalikes: 100, least: 1, scenarios: Vec::new() }
    }
}

impl Rates {
    /// Nothing is planted: the lawful background alone.
    pub fn none() -> Rates {
        Rates { violations: 0, lookalikes: 0, least: 0, scenarios: Vec::new() }
    }

    fn percent_of(&self, scenario: &Scenario) -> u32 {
        let own = self.scenarios.iter().find(|(name, _)| name == scenario.name);
        own.map_or(if scenario.legal { self.lookalikes } else { self.violations }, |(_, percent)| *percent)
    }
}

/// Rows of one table, as they go to a sink.
///
/// The bytes are CSV without header: cells in national order with commas between, a newline behind each row. No cell
/// holds a comma, a quote or a line break; a cell without text is empty.
#[derive(Debug, Clone, Copy)]
pub struct Block<'a> {
    pub table: &'static Table,
    pub rows: u64,
    pub bytes: &'a [u8],
}

impl<'a> Block<'a> {
    /// The rows, each as its cells.
    pub fn records(&self) -> impl Iterator<Item = impl Iterator<Item = &'a [u8]> + use<'a>> + use<'a> {
        self.bytes.split(|b| *b == b'\n').filter(|row| !row.is_empty()).map(|row| row.split(|b| *b == b','))
    }
}

/// Where a city's rows go. Called from one thread, blocks of a table in their order.
pub trait Sink: Sync {
    fn write(&self, block: Block<'_>) -> io::Result<()>;

    /// Rows of `truth.csv` ([`TRUTH_COLUMNS`]), in the bytes of a [`Block`].
    fn truth(&self, bytes: &[u8]) -> io::Result<()>;

    /// After the last block.
    fn finish(&self) -> io::Result<()> {
        Ok(())
    }
}

/// How far the city is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    pub persons_done: u64,
    pub persons: u64,
    pub fee_lines: u64,
}

/// What was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    pub persons: u64,
    pub institutions: u64,
    pub settlements: u64,
    pub stays: u64,
    pub fee_lines: u64,
    pub acts: u64,
    pub lookalikes: u64,
    /// Rows of each table, by name.
    pub rows: Vec<(&'static str, u64)>,
}

/// Why no city was made.
#[derive(Debug, thiserror::Error)]
pub enum CityError {
    #[error("合成城市至少需要 500 名参保人，给出的是 {persons}。请加大 --persons")]
    TooFewPersons { persons: u32 },
    #[error("参保人数 {persons} 超过编号空间 15000000。请减小 --persons")]
    TooManyPersons { persons: u32 },
    #[error("起始月份 {year}-{month:02} 或月数 {months} 不合法：年份 2000–2100，月份 1–12，月数 1–60")]
    Period { year: i32, month: u32, months: u32 },
    #[error("没有名为 {name} 的场景；全部场景见 docs/city.md")]
    UnknownScenario { name: String },
    #[error("写出 {table} 失败。请检查磁盘空间与目录权限")]
    Write {
        table: &'static str,
        #[source]
        source: io::Error,
    },
}

/// Everything fixed before the first person is born.
pub(crate) struct City {
    pub catalogue: catalogue::Catalogue,
    pub world: world::World,
    pub calendar: calendar::Calendar,
    pub seed: u64,
    /// Where the institutions made for single acts begin.
    pub first_special: usize,
    practitioners: Vec<String>,
}

impl City {
    /// The name of a practitioner; practitioners are numbered from 1.
    pub fn practitioner(&self, id: u32) -> &str {
        self.practitioners.get(id as usize).map_or("", String::as_str)
    }

    pub fn suspended_doctor(&self, institution: usize, dept: u8) -> u32 {
        self.world.institutions[institution].suspended(dept)
    }
}
