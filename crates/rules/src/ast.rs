//! 语法树: a rule block as written, every part with its place in the file.

use crate::diagnostic::Span;
use crate::value::Decimal;

/// A name with its place.
#[derive(Debug, Clone)]
pub struct Name {
    pub text: String,
    pub at: Span,
}

#[derive(Debug, Clone)]
pub struct Block {
    pub at: Span,
    pub look: Look,
    pub table: Option<PairTable>,
    pub filter: Option<Node>,
    pub keys: Vec<Key>,
    pub window: Window,
    pub lets: Vec<(Name, Node)>,
    pub needs: Vec<(Node, String)>,
    pub unless: Vec<(Node, String)>,
    pub hit: Option<Node>,
    pub suspect: Option<Node>,
    pub watch: Option<Node>,
    pub amount: Amount,
    pub amount_at: Span,
    pub say: Template,
}

/// What `for` looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    Lines,
    AllLines,
    RawLines,
    Pairs,
    Visits,
    Stays,
    Settlements,
    Diagnoses,
}

impl Look {
    pub const ALL: [(Look, &'static str); 8] = [
        (Look::Lines, "lines"),
        (Look::AllLines, "all lines"),
        (Look::RawLines, "raw lines"),
        (Look::Pairs, "pairs"),
        (Look::Visits, "visits"),
        (Look::Stays, "stays"),
        (Look::Settlements, "settlements"),
        (Look::Diagnoses, "diagnoses"),
    ];

    pub fn title(self) -> &'static str {
        Look::ALL.iter().find(|(look, _)| *look == self).map_or("", |(_, title)| title)
    }

    pub fn is_of_lines(self) -> bool {
        matches!(self, Look::Lines | Look::AllLines | Look::RawLines | Look::Pairs)
    }
}

/// `in T as k` of pairs.
#[derive(Debug, Clone)]
pub struct PairTable {
    pub table: Name,
    pub alias: Name,
}

/// A grouping key: a word, or a column of the point.
#[derive(Debug, Clone)]
pub struct Key {
    pub word: Name,
    pub column: Option<Name>,
}

#[derive(Debug, Clone)]
pub enum Window {
    All,
    Within(Node),
    Course(Node),
    Chain(Node),
    Next(Span),
    /// `k.window`.
    Point(Span),
}

#[derive(Debug, Clone)]
pub enum Amount {
    None,
    Scope,
    Excess { of: Node, over: Node },
    PriceOver(Node),
    LinesWhere(Node),
    Ladder(Vec<Node>),
    PartUpToMain,
    Both,
}

/// `say`: text with holes.
#[derive(Debug, Clone, Default)]
pub struct Template {
    pub pieces: Vec<Piece>,
    pub at: Span,
}

#[derive(Debug, Clone)]
pub enum Piece {
    Text(String),
    Hole(Node),
}

/// An expression with its place.
#[derive(Debug, Clone)]
pub struct Node {
    pub at: Span,
    pub kind: Kind,
    /// How deep the tree below is; the parser keeps it under a limit, so that nothing recurses without bound.
    pub depth: u16,
}

#[derive(Debug, Clone)]
pub enum Kind {
    Number(Decimal),
    Percent(Decimal),
    Years(i64),
    Days(i64),
    Hours(i64),
    Text(String),
    Word(String),
    /// `k.column`, `param.name`, `prev.field`.
    Dot(Name, Name),
    Binary(Op, Box<(Node, Node)>),
    /// `and` / `or`, flattened.
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Neg(Box<Node>),
    Between(Box<[Node; 3]>),
    If(Box<[Node; 3]>),
    /// `a in …`.
    In(Box<Node>, Set),
    /// `has item in …`.
    HasItem(Set),
    /// `charges{03, 04}`.
    Charges(Vec<Node>),
    /// `f(…)`, or an aggregate with its `where`.
    Call {
        function: Name,
        args: Vec<Node>,
        filter: Option<Box<Node>>,
    },
}

#[derive(Debug, Clone)]
pub enum Set {
    /// `{a, b}`.
    Listed(Vec<Node>, Span),
    /// A table, a let or `param.x`, `k.column`; with `as k` where the point is wanted.
    Named { name: Name, column: Option<Name>, alias: Option<Name> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Add,
    Sub,
    Mul,
    Div,
}

impl Op {
    pub fn sign(self) -> &'static str {
        match self {
            Op::Eq => "=",
            Op::Ne => "!=",
            Op::Lt => "<",
            Op::Le => "<=",
            Op::Gt => ">",
            Op::Ge => ">=",
            Op::Add => "+",
            Op::Sub => "-",
            Op::Mul => "*",
            Op::Div => "/",
        }
    }

    pub fn is_comparison(self) -> bool {
        matches!(self, Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge)
    }
}
