//! Typed expressions, and the arithmetic of scales.

use mingjian_engine::expr::{Cmp, Expr};

use super::{BlockCompiler, Wrong};
use crate::ast::Op;
use crate::diagnostic::Span;
use crate::types::Type;
use crate::value::{PLACES_MAX, pow10};

/// Places after the point of a quotient.
const QUOTIENT_PLACES: u8 = 6;
/// A compiled expression may be so deep, lets written out.
const DEPTH_MAX: u16 = 160;
/// A compiled expression may have so many nodes, lets written out.
const SIZE_MAX: u32 = 20_000;

/// An expression with its type and the places after the point of its integer.
#[derive(Debug, Clone)]
pub(crate) struct Typed {
    pub expr: Expr,
    pub ty: Type,
    pub scale: u8,
    pub at: Span,
    pub depth: u16,
    pub size: u32,
}

impl Typed {
    pub fn leaf(expr: Expr, ty: Type, scale: u8, at: Span) -> Typed {
        Typed { expr, ty, scale, at, depth: 1, size: 1 }
    }

    /// The same value with more places after the point.
    pub fn rescaled(self, scale: u8) -> Typed {
        if scale <= self.scale {
            return self;
        }
        let factor = pow10(scale - self.scale);
        let expr = match self.expr {
            Expr::Const(value) => Expr::Const(value.saturating_mul(factor)),
            other => Expr::Times(Box::new(other), factor),
        };
        Typed { expr, scale, size: self.size + 1, depth: self.depth + 1, ..self }
    }

    /// The value with exactly so many places; constants that do not fit give `None`.
    pub fn at_scale(self, scale: u8) -> Option<Typed> {
        if scale >= self.scale {
            return Some(self.rescaled(scale));
        }
        let unit = pow10(self.scale - scale);
        match self.expr {
            Expr::Const(value) if value % unit == 0 => Some(Typed { expr: Expr::Const(value / unit), scale, ..self }),
            Expr::Const(_) => None,
            other => {
                let pair = Box::new((other, Expr::Const(1)));
                Some(Typed { expr: Expr::Mul(pair, unit), scale, size: self.size + 2, depth: self.depth + 1, ..self })
            }
        }
    }
}

/// Both at the finer of the two scales.
pub(super) fn aligned(a: Typed, b: Typed) -> (Typed, Typed) {
    let scale = a.scale.max(b.scale);
    (a.rescaled(scale), b.rescaled(scale))
}

pub(super) fn cmp_of(op: Op) -> Option<Cmp> {
    match op {
        Op::Eq => Some(Cmp::Eq),
        Op::Ne => Some(Cmp::Ne),
        Op::Lt => Some(Cmp::Lt),
        Op::Le => Some(Cmp::Le),
        Op::Gt => Some(Cmp::Gt),
        Op::Ge => Some(Cmp::Ge),
        _ => None,
    }
}

/// The comparison with its sides exchanged.
pub(super) fn mirrored(cmp: Cmp) -> Cmp {
    match cmp {
        Cmp::Lt => Cmp::Gt,
        Cmp::Le => Cmp::Ge,
        Cmp::Gt => Cmp::Lt,
        Cmp::Ge => Cmp::Le,
        same => same,
    }
}

impl BlockCompiler<'_, '_, '_> {
    /// Puts a node together out of its parts and keeps it within bounds.
    pub(super) fn joined(&mut self, expr: Expr, ty: Type, scale: u8, at: Span, parts: &[(u16, u32)]) -> Result<Typed, Wrong> {
        let depth = 1 + parts.iter().map(|(depth, _)| *depth).max().unwrap_or(0);
        let size = parts.iter().fold(1u32, |sum, (_, size)| sum.saturating_add(*size));
        if depth > DEPTH_MAX || size > SIZE_MAX {
            return self.fail(at, "把 let 都展开以后，这个式子太大了；请简化，或拆成几个 rule 块");
        }
        Ok(Typed { expr, ty, scale, at, depth, size })
    }

    /// `+ - * /`.
    pub(super) fn arithmetic(&mut self, op: Op, a: Typed, b: Typed, at: Span) -> Result<Typed, Wrong> {
        let parts = [(a.depth + 1, a.size + 1), (b.depth + 1, b.size + 1)];
        match op {
            Op::Add | Op::Sub => self.sum(op, a, b, at, &parts),
            Op::Mul => self.product(a, b, at, &parts),
            _ => self.quotient(a, b, at, &parts),
        }
    }

    fn sum(&mut self, op: Op, a: Typed, b: Typed, at: Span, parts: &[(u16, u32)]) -> Result<Typed, Wrong> {
        let adding = op == Op::Add;
        let ty = match (a.ty, b.ty) {
            (Type::Day, Type::Day) if !adding => Type::Days,
            (Type::Day, Type::Days | Type::Number) => Type::Day,
            (Type::Days | Type::Number, Type::Day) if adding => Type::Day,
            (x, y) => match x.meet(y) {
                Some(ty) => ty,
                None => {
                    let message = format!("{}和{}不能相{}", x.title(), y.title(), if adding { "加" } else { "减" });
                    return self.fail(at, message);
                }
            },
        };
        if ty == Type::Day && (a.scale != 0 || b.scale != 0) {
            return self.fail(at, "日期只能加减整数天");
        }
        let (a, b) = aligned(a, b);
        let scale = a.scale;
        let expr = match (op, a.expr, b.expr) {
            (Op::Add, Expr::Const(x), Expr::Const(y)) => Expr::Const(x.saturating_add(y)),
            (Op::Sub, Expr::Const(x), Expr::Const(y)) => Expr::Const(x.saturating_sub(y)),
            (Op::Add, x, y) => Expr::Add(Box::new((x, y))),
            (_, x, y) => Expr::Sub(Box::new((x, y))),
        };
        self.joined(expr, ty, scale, at, parts)
    }

    fn product(&mut self, a: Typed, b: Typed, at: Span, parts: &[(u16, u32)]) -> Result<Typed, Wrong> {
        use Type::*;
        let (ty, places) = match (a.ty, b.ty) {
            (Price, Quantity) | (Quantity, Price) => (Money, 2),
            (Number | Ratio, y) if y.is_numeric() => (y, a.scale.max(b.scale)),
            (x, Number | Ratio) if x.is_numeric() => (x, a.scale.max(b.scale)),
            (Quantity, Days | Hours) | (Days | Hours, Quantity) => (Quantity, a.scale.max(b.scale)),
            (x, y) => return self.fail(at, format!("{}和{}不能相乘", x.title(), y.title())),
        };
        let drop = a.scale + b.scale - places.min(a.scale + b.scale);
        let expr = Expr::Mul(Box::new((a.expr, b.expr)), pow10(drop));
        let product = self.joined(expr, ty, a.scale + b.scale - drop, at, parts)?;
        Ok(product.rescaled(places))
    }

    fn quotient(&mut self, a: Typed, b: Typed, at: Span, parts: &[(u16, u32)]) -> Result<Typed, Wrong> {
        use Type::*;
        let ty = match (a.ty, b.ty) {
            (Number, Number) => Number,
            (x, y) if x == y && x.is_numeric() => Ratio,
            (x, Number | Ratio) if x.is_numeric() => x,
            (Money, Quantity) => Price,
            (Quantity, Days | Hours | Price) => Quantity,
            (x, y) => return self.fail(at, format!("{}不能除以{}", x.title(), y.title())),
        };
        if matches!(b.expr, Expr::Const(0)) {
            return self.fail(at, "除数是 0");
        }
        let places = if matches!(ty, Quantity) { 4 } else { QUOTIENT_PLACES };
        // value · 10^places = a · 10^(places + b.scale − a.scale) ÷ b
        let wanted = places + b.scale;
        let (b_expr, gain) = if wanted >= a.scale {
            (b.expr, pow10(wanted - a.scale))
        } else {
            let lacking = a.scale - wanted;
            let scale = b.scale + lacking;
            (b.rescaled(scale).expr, 1)
        };
        self.joined(Expr::Div(Box::new((a.expr, b_expr)), gain), ty, places.min(PLACES_MAX), at, parts)
    }
}
