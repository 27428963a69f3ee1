//! What the kernel says about data: hits with their rows and their money.

/// Result of a hit: 违规 or 可疑.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// 违规
    Violation,
    /// 可疑
    Suspect,
}

impl Outcome {
    pub fn title(self) -> &'static str {
        match self {
            Outcome::Violation => "违规",
            Outcome::Suspect => "可疑",
        }
    }
}

/// 核心区 / 观察区.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Band {
    Core,
    Watch,
}

impl Band {
    pub fn code(self) -> &'static str {
        match self {
            Band::Core => "core",
            Band::Watch => "watch",
        }
    }
}

/// Which table the evidence rows stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Evidence {
    Lines,
    Visits,
    Settlements,
    Diagnoses,
}

/// Why a row is in evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The row offends; its amount counts.
    Offends,
    /// The row shows the circumstance (e.g. the main item of a pair).
    Shows,
}

/// One row in evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EvidenceRow {
    /// Row of the table that [`Evidence`] names, in the batch.
    pub row: u32,
    pub role: Role,
    /// Amount at risk of this row in fen.
    pub amount: i64,
}

/// One finding in the making: rows are of the batch it was screened in.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Position of the block in the rule set.
    pub block: u16,
    pub outcome: Outcome,
    pub band: Band,
    pub person: u32,
    /// The visit of the first offending row and the settlement of that visit's first evidence row (of the last offending row for
    /// chains and courses); [`crate::NONE`] for none.
    pub visit: u32,
    pub settlement: u32,
    pub first: i64,
    pub last: i64,
    pub evidence: Evidence,
    pub rows: Vec<EvidenceRow>,
    /// Knowledge points of the block's table that the hit rests on, ascending, each once.
    pub points: Vec<u32>,
    /// Values of the holes of `say`, in order; [`crate::UNKNOWN`] for none.
    pub values: Vec<i64>,
    /// Whether the rule computes money at all.
    pub has_amount: bool,
}

impl Hit {
    /// Amount at risk in fen.
    pub fn amount(&self) -> i64 {
        self.rows.iter().fold(0, |sum, row| sum.saturating_add(row.amount))
    }
}
