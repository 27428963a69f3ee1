//! What was planted: one row an act.

use std::collections::BTreeSet;

/// The columns of `truth.csv`.
pub const TRUTH_COLUMNS: &[&str] = &[
    "act_id",
    "scenario",
    "legal",
    "rule_or_model",
    "in_library",
    "psn_no",
    "setl_id",
    "mdtrt_id",
    "lines",
    "fixmedins_code",
    "amount",
    "note",
];

/// A kind of act: what it is called, and which rule or model should see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scenario {
    pub name: &'static str,
    /// A lawful look-alike: nothing should be found.
    pub legal: bool,
    /// The rule or model; for a look-alike the one that must keep silent.
    pub rule: &'static str,
    /// Whether that rule is part of the first library.
    pub in_library: bool,
    /// Acts a year and 100,000 persons.
    pub rate: u32,
    /// Persons an act needs in one block.
    pub persons: usize,
    /// Days the period must have.
    pub days: i32,
    pub note: &'static str,
}

/// One act as planted in a block.
#[derive(Debug, Clone, Default)]
pub(crate) struct Act {
    pub persons: BTreeSet<String>,
    pub settlements: BTreeSet<String>,
    pub visits: BTreeSet<String>,
    pub lines: BTreeSet<String>,
    pub institutions: BTreeSet<String>,
    pub amount: i64,
    /// Whether the amount says anything.
    pub priced: bool,
    pub note: String,
}

fn join(out: &mut Vec<u8>, set: &BTreeSet<String>) {
    for (i, id) in set.iter().enumerate() {
        if i > 0 {
            out.push(b';');
        }
        out.extend_from_slice(id.as_bytes());
    }
    out.push(b',');
}

impl Act {
    /// Writes the act's row.
    pub fn write(&self, out: &mut Vec<u8>, id: &str, scenario: &Scenario) {
        out.extend_from_slice(
            format!("{id},{},{},{},{},", scenario.name, u8::from(scenario.legal), scenario.rule, u8::from(scenario.in_library)).as_bytes(),
        );
        for set in [&self.persons, &self.settlements, &self.visits, &self.lines, &self.institutions] {
            join(out, set);
        }
        if self.priced && !scenario.legal {
            crate::cells::push_fixed(out, self.amount, 2);
        }
        out.push(b',');
        out.extend_from_slice(if self.note.is_empty() { scenario.note } else { &self.note }.as_bytes());
        out.push(b'\n');
    }
}
