//! What of a block can be decided when: the plan of each block, and the programs its candidates run.

use crate::code::Code;
use crate::eval::RowKind;
use crate::expr::{Agg, AggKind, Cmp, Expr, Field};
use crate::fold::Given;
use crate::net::{FUND, LIVE, STANDING};
use crate::program::{Amount, Block, Key, Point, Source, Table, Window};
use crate::uses::{Moment, Uses};
use crate::{RuleSet, UNKNOWN};

/// How a block's rows become findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Row by row; the rows that hit are grouped.
    Direct,
    /// Rows are grouped and cut into windows first.
    Grouped,
    /// Main items and parts are brought together first.
    Pairs,
}

/// One block, taken apart once.
#[derive(Debug, Clone)]
pub(crate) struct BlockPlan {
    pub mode: Mode,
    pub kind: RowKind,
    pub raw: bool,
    /// Bits of the line's net state that a row needs.
    pub state: u8,
    /// Groups are split by point as well: the block speaks of the point of a group.
    pub by_point: bool,
    /// Conditions of `hit`, the cheap ones first, and the other verdicts.
    pub hit: Option<Vec<Code>>,
    pub suspect: Option<Code>,
    pub watch: Option<Code>,
    /// What tells groups of a person apart.
    pub keys: Vec<Key>,
    /// A group of fewer rows has no verdict, whatever they are.
    pub least_rows: usize,
    /// Which `need` and `unless` clauses are about single rows; the others wait for the group.
    pub row_needs: Vec<usize>,
    pub row_unless: Vec<usize>,
    /// Conditions that a row must pass, with the step they stand for, in the order they are asked.
    checks: Vec<(Expr, Step)>,
    /// Columns of the point that `checks` read.
    columns: Vec<u16>,
}

/// What it means when a check turns out as it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// `where`, and what a verdict needs: a row for which it is false is no candidate.
    Passes,
    /// The need with this number: where it does not hold, the row is not judged.
    Need(u16),
    /// The exemption with this number.
    Unless(u16),
}

/// A check with its point filled in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Check {
    pub expr: Expr,
    pub step: Step,
    pub moment: Moment,
}

impl BlockPlan {
    pub fn new(rules: &RuleSet, block: &Block) -> BlockPlan {
        let (kind, raw, state) = match block.source {
            Source::Lines { net: true, guarded: true } => (RowKind::Line, false, LIVE | FUND),
            Source::Lines { net: true, guarded: false } => (RowKind::Line, false, LIVE),
            Source::Lines { net: false, guarded } => (RowKind::Line, true, if guarded { STANDING | FUND } else { STANDING }),
            Source::Pairs => (RowKind::Line, false, LIVE | FUND),
            Source::Visits | Source::Stays => (RowKind::Visit, false, 0),
            Source::Settlements => (RowKind::Settlement, false, 0),
            Source::Diagnoses => (RowKind::Diagnosis, false, 0),
        };
        let verdicts = || block.hit.iter().flatten().chain(&block.suspect).chain(&block.watch);
        let clauses = || block.needs.iter().map(|need| &need.holds).chain(block.unless.iter().map(|unless| &unless.when));
        let group_first = block.grouped
            || block.window != Window::All
            || block.filter.iter().chain(verdicts()).chain(clauses()).chain(amount_exprs(&block.amount)).any(|expr| {
                // Excess over a limit sums up the rows that hit; that alone needs no group beforehand.
                Uses::of(expr).group && !is_excess_of_aggregate(&block.amount, expr)
            });
        let mode = match block.source {
            Source::Pairs => Mode::Pairs,
            _ if group_first => Mode::Grouped,
            _ => Mode::Direct,
        };
        let by_point = block.table.is_some()
            && !block.keys.iter().any(|key| matches!(key, Key::Point | Key::PointColumn(_)))
            && verdicts()
                .chain(clauses())
                .chain(amount_exprs(&block.amount))
                .chain(window_expr(&block.window))
                .any(|expr| Uses::of(expr).bare_point);
        // In a `next` window a row that left would make others neighbours: everything but `where` is about the pair.
        let of_row = |expr: &Expr| !Uses::of(expr).group && (block.window != Window::Next || mode == Mode::Direct);
        let positions = |exprs: Vec<&Expr>| (0..exprs.len()).filter(|at| of_row(exprs[*at])).collect::<Vec<_>>();
        let row_needs = positions(block.needs.iter().map(|need| &need.holds).collect());
        let row_unless = positions(block.unless.iter().map(|unless| &unless.when).collect());

        let mut checks: Vec<(Expr, Step)> = block.filter.iter().map(|expr| (expr.clone(), Step::Passes)).collect();
        if mode == Mode::Direct {
            checks.extend(verdict_checks(block).into_iter().map(|expr| (expr, Step::Passes)));
        } else {
            checks.extend(row_needs.iter().map(|at| (block.needs[*at].holds.clone(), Step::Need(*at as u16))));
            checks.extend(row_unless.iter().map(|at| (block.unless[*at].when.clone(), Step::Unless(*at as u16))));
        }
        let mut uses = Uses::default();
        checks.iter().for_each(|(expr, _)| uses.read(expr));
        let least_rows = if mode == Mode::Grouped && block.grouped { least_rows(rules, block) } else { 1 };
        let keys = block.keys.iter().copied().filter(|key| *key != Key::Person).collect();
        let mut hit = block.hit.clone();
        hit.iter_mut().for_each(|conditions| conditions.sort_by_key(cost));
        let hit = hit.map(|conditions| conditions.iter().map(Code::of).collect());
        let (suspect, watch) = (block.suspect.as_ref().map(Code::of), block.watch.as_ref().map(Code::of));
        BlockPlan {
            mode,
            kind,
            raw,
            state,
            by_point,
            hit,
            suspect,
            watch,
            keys,
            least_rows,
            row_needs,
            row_unless,
            checks,
            columns: uses.columns,
        }
    }

    /// The values of the point that the checks read: points alike in them run the same program.
    pub fn reads(&self, point: Option<&Point>, values: &mut Vec<i64>) -> bool {
        values.clear();
        let Some(point) = point else { return true };
        values.extend(self.columns.iter().map(|column| point.values.get(usize::from(*column)).copied().unwrap_or(UNKNOWN)));
        // Set columns hold positions in the point's own sets: only the point itself says what they mean.
        point.sets.is_empty() && point.item_sets.is_empty()
    }

    /// The checks for rows under a point, earliest first; `None` when no row can pass.
    pub fn checks(&self, given: &Given<'_>) -> Option<Vec<Check>> {
        let mut checks = Vec::with_capacity(self.checks.len());
        for (expr, step) in &self.checks {
            let expr = given.fold(expr);
            match (&expr, step) {
                (Expr::Const(0), Step::Passes) => return None,
                (Expr::Const(0), Step::Unless(_)) => continue,
                (Expr::Const(value), Step::Passes | Step::Need(_)) if *value != 0 && *value != UNKNOWN => continue,
                _ => {}
            }
            let mut moment = Uses::of(&expr).moment();
            if moment == Moment::Item && *step != Step::Passes {
                moment = Moment::Row;
            }
            // Points that could not be filled in are known by the row alone.
            if !Uses::of(&expr).columns.is_empty() {
                moment = Moment::Row;
            }
            checks.push(Check { expr, step: *step, moment });
        }
        // Early ones first. Of those, what a verdict needs lets fewer through than `where`; it came later.
        checks.reverse();
        let lateness = |check: &Check| match check.moment {
            Moment::Item | Moment::Profile => 0,
            Moment::Person | Moment::Visit | Moment::Span => 1,
            Moment::Row | Moment::Group => 2,
        };
        // Of those asked of every row the cheap ones first.
        checks.sort_by_key(|check| match (check.step, lateness(check)) {
            (Step::Passes, 2) => (2, cost(&check.expr)),
            (Step::Passes, early) => (early, 0),
            _ => (3, 0),
        });
        let clauses = checks.iter().position(|check| check.step != Step::Passes).unwrap_or(checks.len());
        checks[clauses..].reverse();
        Some(checks)
    }
}

/// Roughly how much work a condition is, in look-ups.
fn cost(expr: &Expr) -> u32 {
    let two = |two: &(Expr, Expr)| cost(&two.0) + cost(&two.1);
    match expr {
        Expr::Const(_) => 0,
        Expr::Flags(_) | Expr::Point(_) => 1,
        Expr::Field(Field::FirstDay | Field::LastDay | Field::ChainDays | Field::NthDay | Field::SinceLast) => 100,
        Expr::Field(Field::ListPrice | Field::Session | Field::SessionsThatDay | Field::InsideOtherStay) => 20,
        Expr::Field(_) | Expr::ItemInSet(_) => 2,
        Expr::Prev(_) | Expr::AgeCmp(..) => 4,
        Expr::And(many) | Expr::Or(many) => 1 + many.iter().map(cost).sum::<u32>(),
        Expr::If(three) => 1 + three.iter().map(cost).sum::<u32>(),
        Expr::Cmp(_, terms) | Expr::Add(terms) | Expr::Sub(terms) => 1 + two(terms),
        Expr::Mul(terms, _) | Expr::Div(terms, _) => 20 + two(terms),
        Expr::Not(one) | Expr::In(one, _) | Expr::InPointSet(one, _) | Expr::Neg(one) | Expr::Abs(one) | Expr::Known(one) => 1 + cost(one),
        Expr::Times(one, _) | Expr::MonthsAfter(one, _) => 4 + cost(one),
        Expr::VisitHasItem(_) | Expr::VisitHasPointItem(_) | Expr::DxInSet(_) | Expr::MainDxInSet(_) | Expr::Charges(_) => 50,
        Expr::Agg(_) => 100,
    }
}

/// Conditions without which no verdict can be: all of `hit` where it stands alone, else 'one of them'.
fn verdict_checks(block: &Block) -> Vec<Expr> {
    let mut ways: Vec<Vec<Expr>> = Vec::new();
    ways.extend(block.hit.iter().map(|hit| hit.iter().flat_map(|expr| expr.clone().conjuncts()).collect()));
    ways.extend([&block.suspect, &block.watch].into_iter().flatten().map(|expr| expr.clone().conjuncts()));
    match ways.len() {
        0 => vec![Expr::Const(0)],
        1 => ways.swap_remove(0),
        _ => {
            let early =
                |way: &Vec<Expr>| -> Vec<Expr> { way.iter().filter(|expr| Uses::of(expr).moment() <= Moment::Span).cloned().collect() };
            let mut checks = Vec::with_capacity(2);
            if ways.iter().all(|way| !early(way).is_empty()) {
                checks.push(Expr::Or(ways.iter().map(|way| Expr::all(early(way))).collect()));
            }
            checks.push(Expr::Or(ways.into_iter().map(Expr::all).collect()));
            checks
        }
    }
}

/// How many rows a group must have at least for any verdict of a block.
fn least_rows(rules: &RuleSet, block: &Block) -> usize {
    let table = block.table.and_then(|table| rules.tables.get(usize::from(table)));
    let hit = block.hit.iter().map(|hit| hit.iter().map(|expr| rows_for(table, expr)).max().unwrap_or(0));
    let others = [&block.suspect, &block.watch].into_iter().flatten().map(|expr| rows_for(table, expr));
    usize::try_from(hit.chain(others).min().unwrap_or(0)).map_or(1, |rows| rows.max(1))
}

/// How many rows a group must have at least for a condition not to be false.
fn rows_for(table: Option<&Table>, expr: &Expr) -> i64 {
    let counted = |expr: &Expr| matches!(expr, Expr::Agg(agg) if matches!(agg.kind, AggKind::Count | AggKind::Distinct | AggKind::Days));
    match expr {
        Expr::And(many) => many.iter().map(|expr| rows_for(table, expr)).max().unwrap_or(0),
        Expr::Or(many) => many.iter().map(|expr| rows_for(table, expr)).min().unwrap_or(0),
        Expr::Cmp(cmp, two) => {
            let (cmp, limit) = match (counted(&two.0), counted(&two.1)) {
                (true, false) => (*cmp, &two.1),
                (false, true) => match cmp {
                    Cmp::Lt => (Cmp::Gt, &two.0),
                    Cmp::Le => (Cmp::Ge, &two.0),
                    Cmp::Eq => (Cmp::Eq, &two.0),
                    _ => return 0,
                },
                _ => return 0,
            };
            let limit = match limit {
                Expr::Const(limit) if *limit != UNKNOWN => *limit,
                // An unknown limit says nothing; a column's least value holds for all points.
                Expr::Point(column) => {
                    let cells = table.into_iter().flat_map(|table| &table.points).map(|point| point.values.get(usize::from(*column)));
                    match cells.map(|cell| cell.copied().unwrap_or(UNKNOWN)).min() {
                        Some(limit) if limit != UNKNOWN => limit,
                        _ => return 0,
                    }
                }
                _ => return 0,
            };
            match cmp {
                Cmp::Gt => limit.saturating_add(1),
                Cmp::Ge | Cmp::Eq => limit,
                Cmp::Lt | Cmp::Le | Cmp::Ne => 0,
            }
        }
        _ => 0,
    }
}

fn amount_exprs(amount: &Amount) -> Vec<&Expr> {
    match amount {
        Amount::Excess { of, over } => vec![of, over],
        Amount::PriceOver(expr) | Amount::LinesWhere(expr) => vec![expr],
        Amount::None | Amount::Scope | Amount::Ladder(_) | Amount::PartUpToMain | Amount::Both => Vec::new(),
    }
}

fn window_expr(window: &Window) -> Option<&Expr> {
    match window {
        Window::Within(days) | Window::Course(days) | Window::Chain(days) => Some(days),
        Window::All | Window::Next | Window::Point => None,
    }
}

fn is_excess_of_aggregate(amount: &Amount, expr: &Expr) -> bool {
    matches!(amount, Amount::Excess { of, .. } if std::ptr::eq(of, expr) && summed(of).is_some())
}

/// The row value and the condition under a `sum(…)`, for `excess`, which speaks of rows.
pub(crate) fn summed(expr: &Expr) -> Option<&Agg> {
    match expr {
        Expr::Agg(agg) if agg.kind == AggKind::Sum => Some(agg),
        _ => None,
    }
}

/// The plans of a rule set.
pub(crate) fn plans(rules: &RuleSet) -> Vec<BlockPlan> {
    rules.blocks.iter().map(|block| BlockPlan::new(rules, block)).collect()
}
