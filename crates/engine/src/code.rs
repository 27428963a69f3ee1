//! Conditions in a flat form: what is asked of row after row runs over a short list of steps instead of a tree.
//!
//! The same value as [`Scene::value`] of the expression, for scenes without a span. What is rare stays a tree, as one step.

use crate::UNKNOWN;
use crate::arith::{self, FALSE, TRUE, truth};
use crate::eval::Scene;
use crate::expr::{Cmp, Expr, Field};

/// Values in hand at most; deeper expressions stay trees.
const DEPTH: usize = 8;

/// One step; it takes its operands from the end of the values in hand and leaves its result there.
#[derive(Debug, Clone)]
enum Op {
    Const(i64),
    Field(Field),
    Price,
    PriceCap,
    Flags(u16),
    Tree(Box<Expr>),
    Cmp(Cmp),
    CmpConst(Cmp, i64),
    AddConst(i64),
    Add,
    Sub,
    Not,
    Known,
    And,
    Or,
    /// Goes so many steps on when the value in hand is false; it stays.
    SkipIfFalse(u16),
    SkipIfTrue(u16),
    /// Takes a condition: goes on where it holds, so many steps further where not, and to the second place with 'unknown'
    /// where that is all one knows.
    Branch(u16, u16),
    Skip(u16),
}

/// A compiled expression.
#[derive(Debug, Clone)]
pub(crate) struct Code(Box<[Op]>);

impl Code {
    pub fn of(expr: &Expr) -> Code {
        let mut ops = Vec::new();
        if push(expr, &mut ops) > DEPTH || ops.len() > usize::from(u16::MAX) {
            ops = vec![Op::Tree(Box::new(expr.clone()))];
        }
        Code(ops.into_boxed_slice())
    }

    pub fn value(&self, scene: &Scene<'_>) -> i64 {
        debug_assert!(scene.span.is_none(), "a span is asked of the tree");
        let mut hand = [0; DEPTH];
        // Number of values in hand.
        let mut n = 0;
        let mut at = 0;
        while let Some(op) = self.0.get(at) {
            at += 1;
            let pushed = match op {
                Op::Const(value) => *value,
                Op::Field(field) => scene.field(*field),
                Op::Price => scene.price(),
                Op::PriceCap => scene.price_cap(),
                Op::Flags(flags) => scene.flags(*flags),
                Op::Tree(expr) => scene.value(expr),
                Op::CmpConst(cmp, limit) => {
                    n -= 1;
                    arith::compare(*cmp, hand[n % DEPTH], *limit)
                }
                Op::AddConst(more) => {
                    n -= 1;
                    arith::add(hand[n % DEPTH], *more)
                }
                Op::Not => {
                    n -= 1;
                    arith::not(hand[n % DEPTH])
                }
                Op::Known => {
                    n -= 1;
                    truth(hand[n % DEPTH] != UNKNOWN)
                }
                Op::Cmp(_) | Op::Add | Op::Sub | Op::And | Op::Or => {
                    n -= 2;
                    let (a, b) = (hand[n % DEPTH], hand[(n + 1) % DEPTH]);
                    match op {
                        Op::Cmp(cmp) => arith::compare(*cmp, a, b),
                        Op::Add => arith::add(a, b),
                        Op::Sub => arith::sub(a, b),
                        Op::And => arith::all([a, b]),
                        _ => arith::any([a, b]),
                    }
                }
                Op::SkipIfFalse(steps) => {
                    if hand[(n - 1) % DEPTH] == FALSE {
                        at += usize::from(*steps);
                    }
                    continue;
                }
                Op::SkipIfTrue(steps) => {
                    if !matches!(hand[(n - 1) % DEPTH], FALSE | UNKNOWN) {
                        at += usize::from(*steps);
                    }
                    continue;
                }
                Op::Branch(otherwise, end) => {
                    n -= 1;
                    match hand[n % DEPTH] {
                        UNKNOWN => {
                            at += usize::from(*end);
                            UNKNOWN
                        }
                        FALSE => {
                            at += usize::from(*otherwise);
                            continue;
                        }
                        _ => continue,
                    }
                }
                Op::Skip(steps) => {
                    at += usize::from(*steps);
                    continue;
                }
            };
            hand[n % DEPTH] = pushed;
            n += 1;
        }
        hand[0]
    }

    /// Whether all hold, as [`arith::all`].
    pub fn all(codes: &[Code], scene: &Scene<'_>) -> i64 {
        let mut result = TRUE;
        for code in codes {
            match code.value(scene) {
                FALSE => return FALSE,
                UNKNOWN => result = UNKNOWN,
                _ => {}
            }
        }
        result
    }
}

/// Appends the steps of an expression; returns how many values they have in hand at most.
fn push(expr: &Expr, ops: &mut Vec<Op>) -> usize {
    let two = |two: &(Expr, Expr), op: Op, ops: &mut Vec<Op>| {
        let depth = push(&two.0, ops);
        let depth = depth.max(1 + push(&two.1, ops));
        ops.push(op);
        depth
    };
    let one = |one: &Expr, op: Op, ops: &mut Vec<Op>| {
        let depth = push(one, ops);
        ops.push(op);
        depth
    };
    match expr {
        Expr::Const(value) => ops.push(Op::Const(*value)),
        Expr::Field(Field::Price) => ops.push(Op::Price),
        Expr::Field(Field::PriceCap) => ops.push(Op::PriceCap),
        Expr::Field(field) => ops.push(Op::Field(*field)),
        Expr::Flags(flags) => ops.push(Op::Flags(*flags)),
        Expr::Cmp(cmp, terms) => {
            return match &terms.1 {
                Expr::Const(limit) => one(&terms.0, Op::CmpConst(*cmp, *limit), ops),
                _ => two(terms, Op::Cmp(*cmp), ops),
            };
        }
        Expr::Add(terms) => {
            return match &terms.1 {
                Expr::Const(more) => one(&terms.0, Op::AddConst(*more), ops),
                _ => two(terms, Op::Add, ops),
            };
        }
        Expr::Sub(terms) => return two(terms, Op::Sub, ops),
        Expr::Not(inner) => return one(inner, Op::Not, ops),
        Expr::Known(inner) => return one(inner, Op::Known, ops),
        Expr::And(many) if !many.is_empty() => return junction(many, Op::SkipIfFalse, Op::And, ops),
        Expr::Or(many) if !many.is_empty() => return junction(many, Op::SkipIfTrue, Op::Or, ops),
        Expr::If(three) => {
            let asked = push(&three[0], ops);
            let branch = ops.len();
            ops.push(Op::Skip(0));
            let then = push(&three[1], ops);
            let skip = ops.len();
            ops.push(Op::Skip(0));
            let otherwise = push(&three[2], ops);
            ops[branch] = Op::Branch((skip - branch) as u16, (ops.len() - branch - 1) as u16);
            ops[skip] = Op::Skip((ops.len() - skip - 1) as u16);
            return asked.max(then).max(otherwise);
        }
        rare => ops.push(Op::Tree(Box::new(rare.clone()))),
    }
    1
}

/// Conditions one after the other, until one decides.
fn junction(many: &[Expr], skip: fn(u16) -> Op, op: Op, ops: &mut Vec<Op>) -> usize {
    let mut depth = push(&many[0], ops);
    let mut skips = Vec::new();
    for expr in &many[1..] {
        skips.push(ops.len());
        ops.push(skip(0));
        depth = depth.max(1 + push(expr, ops));
        ops.push(op.clone());
    }
    let end = ops.len();
    skips.into_iter().for_each(|at| ops[at] = skip((end - at - 1) as u16));
    depth
}
