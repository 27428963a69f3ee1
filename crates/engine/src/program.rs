//! 规则集: what the rules of a library compile to. Made by `mingjian-rules`, read by [`crate::screen`].
//!
//! Shape: [`Block`]s (one per ```` ```rule ```` block of a rule file) over knowledge [`Table`]s. All names are resolved, all
//! scales aligned: an [`Expr`] computes with integers alone. What depends on the item alone is not decided here but by
//! [`crate::Worker::item`], once per catalogue code.

use mingjian_model::day::Day;

use crate::expr::Expr;
use crate::hit::Outcome;

/// The compiled library.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    pub blocks: Vec<Block>,
    pub tables: Vec<Table>,
    /// Item sets of [`Expr::ItemInSet`] and [`Expr::VisitHasItem`].
    pub item_sets: Vec<CodeSet>,
    /// Diagnosis sets of [`Expr::DxInSet`] and [`Expr::MainDxInSet`].
    pub dx_sets: Vec<CodeSet>,
    /// Texts that rules compare with (units, department classes, routes). The id of a text is its position; 0 is the
    /// empty text. A [`crate::Worker`] goes on numbering after these.
    pub texts: Vec<String>,
}

/// Codes and code prefixes. A code is in the set when it is listed, or begins with a listed prefix.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeSet {
    /// Full codes, ascending.
    pub codes: Vec<String>,
    /// Prefixes, ascending.
    pub prefixes: Vec<String>,
}

/// 知识表: a knowledge table a rule looks items (or diagnoses) up in.
#[derive(Debug, Clone, Default)]
pub struct Table {
    pub name: String,
    /// Names of the value columns; [`Expr::Point`] holds a position here.
    pub columns: Vec<String>,
    pub points: Vec<Point>,
}

/// 知识点: one row of a knowledge table.
#[derive(Debug, Clone)]
pub struct Point {
    /// Items (main items of a pair), or diagnoses.
    pub codes: CodeSet,
    /// The parts (从项) of a pair; empty otherwise.
    pub part_codes: CodeSet,
    /// First and last day of validity; the fee's day decides.
    pub valid: (Day, Day),
    /// One value per column, [`crate::UNKNOWN`] where the cell is empty. A set column holds a position in `sets`.
    pub values: Box<[i64]>,
    /// Values of set columns that are compared with [`Expr::InPointSet`], each ascending.
    pub sets: Box<[Box<[i64]>]>,
    /// Values of set columns of item codes, for [`Expr::VisitHasPointItem`].
    pub item_sets: Box<[CodeSet]>,
    /// The pair's window; `None` for tables that are not of pairs.
    pub window: Option<PairWindow>,
}

/// 频度 of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PairWindow {
    /// 单日: the calendar day.
    Day,
    /// 单次就诊
    Visit,
    /// N hours between the fee times, in microseconds (inclusive); a time of 00:00:00 is no time: not judged.
    Span(i64),
}

/// What a block looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Fee lines: `net` folded, `guarded` skips lines without fund interest.
    Lines {
        net: bool,
        guarded: bool,
    },
    /// Pairs of lines of the block's table; the part must have fund interest when `guarded`, the main item need not.
    Pairs,
    Visits,
    /// Visits with care 住院.
    Stays,
    Settlements,
    Diagnoses,
}

/// What rows are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Person,
    Visit,
    Settlement,
    /// Prescription number and day.
    Prescription,
    Institution,
    Item,
    /// First 10 characters of an X code, first 11 of a Z code; other codes whole.
    Generic,
    Route,
    /// Operation session: the operation record, else the day.
    Session,
    Day,
    Month,
    Year,
    /// The diagnosis.
    Code,
    /// The knowledge point.
    Point,
    /// A column of the knowledge point.
    PointColumn(u16),
}

/// How a group is cut along time. Day counts are expressions over parameters and the point.
#[derive(Debug, Clone, PartialEq)]
pub enum Window {
    All,
    /// Rolling: a row's day and the days after it, so many in all. Every row may begin a window; the rows of a window that
    /// has a verdict are used up (hits before suspects before watches), so that a quiet start hides nothing.
    Within(Expr),
    /// A stay is one course; outpatient rows whose gaps are at most so many days make one.
    Course(Expr),
    /// Supplies chained: the next begins more than so many days before the stock of the chain ends. Lines of one visit and day
    /// are one supply.
    Chain(Expr),
    /// Each row with the one before it ([`Expr::Prev`]).
    Next,
    /// By the point's own [`PairWindow`].
    Point,
}

/// `need … else "…"`: where it does not hold, or cannot be known, the row or group is not judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Need {
    pub holds: Expr,
    pub reason: String,
}

/// `unless … "…"`: an exemption (豁免).
#[derive(Debug, Clone, PartialEq)]
pub struct Exemption {
    pub when: Expr,
    pub reason: String,
}

/// How the amount at risk is computed (docs/rule-language.md, section 6).
#[derive(Debug, Clone, PartialEq)]
pub enum Amount {
    None,
    Scope,
    /// The part of Σ`of` above `over`, taken from the last row backwards, in proportion of each row's scope.
    Excess {
        of: Expr,
        over: Expr,
    },
    /// (price − limit) × count, in scope; what already stands in over_limit does not count again. Scaled as prices.
    PriceOver(Expr),
    /// Scope of the rows for which the condition holds.
    LinesWhere(Expr),
    /// Kinds of items by unit price descending: the i-th kind may be charged at `rates[i]` (1/10,000; the last goes on).
    Ladder(Box<[i64]>),
    /// Pairs: the part's scope; up to the main item's count where both count in times (`cnt` whole and unit 次).
    PartUpToMain,
    /// Pairs: both sides.
    Both,
}

/// One ```` ```rule ```` block.
#[derive(Debug, Clone)]
pub struct Block {
    /// Position of the rule in the library; several blocks may share one.
    pub rule: u16,
    pub source: Source,
    /// The table of `item in T as k`, `pairs in T as k` or `code in T as k`.
    pub table: Option<u16>,
    /// Conjuncts of the rest of `where`.
    pub filter: Vec<Expr>,
    pub keys: Vec<Key>,
    pub window: Window,
    pub needs: Vec<Need>,
    pub unless: Vec<Exemption>,
    /// Conjuncts of `hit when`; `None` where the block has none.
    pub hit: Option<Vec<Expr>>,
    pub suspect: Option<Expr>,
    pub watch: Option<Expr>,
    /// `hit`, `suspect` or `watch` sum over the group: the group is judged whole. Such a group is of one point where the
    /// block names the point outside of aggregates, unless `keys` say how points go together. Otherwise row by row, and the rows that
    /// hit are then grouped.
    pub grouped: bool,
    pub amount: Amount,
    /// Values of the holes of `say`, for the group's last offending row.
    pub holes: Vec<Hole>,
    /// The result of the rule's head; `suspect when` and `watch when` give [`Outcome::Suspect`].
    pub outcome: Outcome,
    /// The rule's own validity, by the row's day.
    pub valid: (Day, Day),
    /// Bits of [`stage`].
    pub stages: u8,
}

/// A value `say` shows.
#[derive(Debug, Clone, PartialEq)]
pub enum Hole {
    /// 涉案金额 of the finding, fen: `{amount}`.
    AmountAtRisk,
    /// Σ count over the offending rows (1/10,000): `{count}`.
    CountAtRisk,
    /// Any other expression; outside aggregates fields are the last offending row's.
    Value(Expr),
}

/// Bits of [`Block::stages`].
pub mod stage {
    /// 事前
    pub const BEFORE: u8 = 1;
    /// 事中
    pub const DURING: u8 = 2;
    /// 事后
    pub const AFTER: u8 = 4;
}
