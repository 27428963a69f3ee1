//! Expressions of the rule language as the kernel evaluates them: typed by the compiler, integers here.
//!
//! Every value is an `i64`; [`crate::UNKNOWN`] means 'not known'. Truth is 0, 1 or unknown, with Kleene's tables, so that
//! a missing value never turns into a hit. Scales (fen, 1/10,000, 1/1,000,000) were aligned by the compiler.

/// What a value depends on, from the most general to the most particular.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Constants and parameters.
    Constant,
    /// The item's code alone: decided once per code.
    Item,
    /// The visit and the person: decided once per visit.
    Visit,
    /// The row in hand.
    Row,
    /// All rows of the group.
    Group,
}

/// A field a rule can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    // line
    Count,
    Price,
    Amount,
    Scope,
    SelfPaid,
    OverLimit,
    PriceCap,
    ListPrice,
    Time,
    Day,
    HasClock,
    SupplyDays,
    Route,
    DeptClass,
    Prescription,
    HoursPresent,
    Session,
    SessionsThatDay,
    NthDay,
    SinceLast,
    // item
    Item,
    Generic,
    ItemUnit,
    Drug,
    Herb,
    Material,
    Service,
    ChargeType,
    // visit
    Visit,
    Care,
    MedType,
    Insurance,
    Level,
    Unlevelled,
    Pharmacy,
    Institution,
    Begin,
    End,
    BeginDay,
    EndDay,
    StayDays,
    MainDx3,
    DischargeWay,
    Operations,
    Registered,
    // settlement
    Settlement,
    InsideOtherStay,
    // diagnosis
    Code,
    // person
    Sex,
    Birth,
    DeathDay,
    // group
    FirstDay,
    LastDay,
    ChainDays,
}

impl Field {
    pub fn reach(self) -> Reach {
        use Field::*;
        match self {
            Item | Generic | ItemUnit | Drug | Herb | Material | Service | ChargeType => Reach::Item,
            Visit | Care | MedType | Insurance | Level | Unlevelled | Pharmacy | Institution | Begin | End | BeginDay | EndDay
            | StayDays | MainDx3 | DischargeWay | Operations | Registered | Sex | Birth | DeathDay => Reach::Visit,
            FirstDay | LastDay | ChainDays | NthDay | SinceLast => Reach::Group,
            _ => Reach::Row,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cmp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Cmp {
    #[inline]
    pub fn holds(self, a: i64, b: i64) -> bool {
        match self {
            Cmp::Eq => a == b,
            Cmp::Ne => a != b,
            Cmp::Lt => a < b,
            Cmp::Le => a <= b,
            Cmp::Gt => a > b,
            Cmp::Ge => a >= b,
        }
    }
}

/// How rows of a group are summed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AggKind {
    Count,
    Sum,
    Distinct,
    Days,
    Min,
    Max,
    Any,
    Every,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Agg {
    pub kind: AggKind,
    /// The value summed up; unused by `Count` and `Days`.
    pub of: Expr,
    pub filter: Option<Expr>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Expr {
    Const(i64),
    Field(Field),
    /// The field of the row before this one (`prev.`), for `next` windows.
    Prev(Field),
    /// A column of the knowledge point in hand.
    Point(u16),
    /// Any of these line flags is set.
    Flags(u16),
    Cmp(Cmp, Box<(Expr, Expr)>),
    /// The person's age on the row's day against an age limit (encoded by [`age_years`] / [`age_days`]).
    AgeCmp(Cmp, Box<Expr>),
    And(Box<[Expr]>),
    Or(Box<[Expr]>),
    Not(Box<Expr>),
    /// Sorted values.
    In(Box<Expr>, Box<[i64]>),
    /// Membership in a set column of the knowledge point.
    InPointSet(Box<Expr>, u16),
    If(Box<[Expr; 3]>),
    Add(Box<(Expr, Expr)>),
    Sub(Box<(Expr, Expr)>),
    /// Product divided by the scale to drop.
    Mul(Box<(Expr, Expr)>, i64),
    /// Quotient times the scale to gain; unknown when the divisor is 0.
    Div(Box<(Expr, Expr)>, i64),
    /// Times a constant, to align scales.
    Times(Box<Expr>, i64),
    Neg(Box<Expr>),
    Abs(Box<Expr>),
    Known(Box<Expr>),
    /// A day, so many months later.
    MonthsAfter(Box<Expr>, i32),
    /// The item is in the set with this number ([`crate::RuleSet`] item sets).
    ItemInSet(u16),
    /// The visit has a line (self-paid ones too) whose item is in the set.
    VisitHasItem(u16),
    /// The visit has a line whose item is in an item-set column of the point.
    VisitHasPointItem(u16),
    /// Any diagnosis of the visit is in the diagnosis set.
    DxInSet(u16),
    /// The main diagnosis is in the diagnosis set.
    MainDxInSet(u16),
    /// Net charges of the visit over these charge types (bit n = type n); all bits set for every line.
    Charges(u32),
    Agg(Box<Agg>),
}

/// An age limit in completed years.
pub fn age_years(years: i64) -> i64 {
    years << 1
}

/// An age limit in days.
pub fn age_days(days: i64) -> i64 {
    (days << 1) | 1
}

impl Expr {
    pub const TRUE: Expr = Expr::Const(1);

    /// What the value depends on. Points count as rows, since the row in hand chooses the point.
    pub fn reach(&self) -> Reach {
        use Expr::*;
        match self {
            Const(_) => Reach::Constant,
            Field(field) => field.reach(),
            Prev(_) | Point(_) | Flags(_) | AgeCmp(..) | InPointSet(..) | VisitHasPointItem(_) => Reach::Row,
            ItemInSet(_) => Reach::Item,
            VisitHasItem(_) | DxInSet(_) | MainDxInSet(_) | Charges(_) => Reach::Visit,
            Agg(_) => Reach::Group,
            Cmp(_, two) | Add(two) | Sub(two) | Mul(two, _) | Div(two, _) => join(two.0.reach(), two.1.reach()),
            And(many) | Or(many) => many.iter().fold(Reach::Constant, |reach, expr| join(reach, expr.reach())),
            If(three) => three.iter().fold(Reach::Constant, |reach, expr| join(reach, expr.reach())),
            Not(one) | In(one, _) | Times(one, _) | Neg(one) | Abs(one) | Known(one) | MonthsAfter(one, _) => one.reach(),
        }
    }

    /// The conjuncts of a condition, flattened.
    pub fn conjuncts(self) -> Vec<Expr> {
        match self {
            Expr::And(many) => many.into_vec().into_iter().flat_map(Expr::conjuncts).collect(),
            Expr::Const(1) => Vec::new(),
            other => vec![other],
        }
    }

    /// The conjunction of conditions.
    pub fn all(mut conditions: Vec<Expr>) -> Expr {
        match conditions.len() {
            0 => Expr::TRUE,
            1 => conditions.swap_remove(0),
            _ => Expr::And(conditions.into_boxed_slice()),
        }
    }

    pub fn is_true(&self) -> bool {
        matches!(self, Expr::Const(1))
    }
}

/// Item and visit together need the row that brings them together.
fn join(a: Reach, b: Reach) -> Reach {
    match (a, b) {
        (Reach::Item, Reach::Visit) | (Reach::Visit, Reach::Item) => Reach::Row,
        _ => a.max(b),
    }
}
