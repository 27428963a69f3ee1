//! Conditions with what is already known filled in: the point's values, the item's properties, the visit's profile, constants.

use crate::UNKNOWN;
use crate::arith;
use crate::catalog::Catalog;
use crate::expr::{Agg, Cmp, Expr, Field};
use crate::program::Point;
use crate::timeline::Visit;

/// What is known when a condition is folded.
pub(crate) struct Given<'a> {
    pub point: Option<&'a Point>,
    /// Number of the point's first item set in the catalogue of sets.
    pub item_sets_from: u32,
    pub item: Option<(&'a Catalog, u32)>,
    /// A visit with the attributes that make up its profile; nothing else of it is read.
    pub profile: Option<&'a Visit>,
}

impl Given<'_> {
    fn column(&self, column: u16) -> Option<i64> {
        let point = self.point?;
        Some(point.values.get(usize::from(column)).copied().unwrap_or(UNKNOWN))
    }

    /// The expression, simpler where it can be; the same truth for every row of this point (and item).
    pub fn fold(&self, expr: &Expr) -> Expr {
        match expr {
            Expr::Field(field) => {
                let of_item = self.item.and_then(|(catalog, item)| item_field(*field, catalog, item));
                let known = of_item.or_else(|| self.profile.and_then(|visit| profile_field(*field, visit)));
                known.map_or_else(|| expr.clone(), Expr::Const)
            }
            Expr::ItemInSet(set) => match self.item {
                Some((catalog, item)) => Expr::Const(i64::from(catalog.item_in_set(item, u32::from(*set)))),
                None => expr.clone(),
            },
            Expr::Point(column) => self.column(*column).map_or_else(|| expr.clone(), Expr::Const),
            Expr::Const(_)
            | Expr::Prev(_)
            | Expr::Flags(_)
            | Expr::VisitHasItem(_)
            | Expr::DxInSet(_)
            | Expr::MainDxInSet(_)
            | Expr::Charges(_) => expr.clone(),
            Expr::Cmp(cmp, two) => {
                let (a, b) = (self.fold(&two.0), self.fold(&two.1));
                match (constant(&a), constant(&b)) {
                    (Some(a), Some(b)) => Expr::Const(arith::compare(*cmp, a, b)),
                    _ => comparison(*cmp, a, b),
                }
            }
            Expr::AgeCmp(cmp, limit) => Expr::AgeCmp(*cmp, Box::new(self.fold(limit))),
            Expr::And(many) => self.junction(many, arith::FALSE, arith::TRUE),
            Expr::Or(many) => self.junction(many, arith::TRUE, arith::FALSE),
            Expr::Not(one) => self.one(one, arith::not, Expr::Not),
            Expr::In(one, values) => self.one(
                one,
                |value| if value == UNKNOWN { UNKNOWN } else { i64::from(values.binary_search(&value).is_ok()) },
                |one| Expr::In(one, values.clone()),
            ),
            Expr::InPointSet(one, column) => match self.column(*column) {
                None => Expr::InPointSet(Box::new(self.fold(one)), *column),
                Some(set) => match self.point.and_then(|point| point.sets.get(usize::try_from(set).ok()?)) {
                    Some(values) => self.fold(&Expr::In(one.clone(), values.clone())),
                    None => Expr::Const(UNKNOWN),
                },
            },
            Expr::If(three) => match self.fold(&three[0]) {
                Expr::Const(UNKNOWN) => Expr::Const(UNKNOWN),
                Expr::Const(arith::FALSE) => self.fold(&three[2]),
                Expr::Const(_) => self.fold(&three[1]),
                asked => Expr::If(Box::new([asked, self.fold(&three[1]), self.fold(&three[2])])),
            },
            Expr::Add(two) => self.two(two, arith::add, Expr::Add),
            Expr::Sub(two) => self.two(two, arith::sub, Expr::Sub),
            Expr::Mul(two, scale) => self.two(two, |a, b| arith::mul(a, b, *scale), |two| Expr::Mul(two, *scale)),
            Expr::Div(two, scale) => self.two(two, |a, b| arith::div(a, b, *scale), |two| Expr::Div(two, *scale)),
            Expr::Times(one, factor) => self.one(one, |value| arith::mul(value, *factor, 1), |one| Expr::Times(one, *factor)),
            Expr::Neg(one) => self.one(one, |value| arith::sub(0, value), Expr::Neg),
            Expr::Abs(one) => self.one(one, |value| if value == UNKNOWN { UNKNOWN } else { value.abs() }, Expr::Abs),
            Expr::Known(one) => self.one(one, |value| i64::from(value != UNKNOWN), Expr::Known),
            Expr::MonthsAfter(one, months) => {
                self.one(one, |value| arith::months_after(value, *months), |one| Expr::MonthsAfter(one, *months))
            }
            Expr::VisitHasPointItem(column) => match self.column(*column) {
                None => expr.clone(),
                Some(UNKNOWN) => Expr::Const(UNKNOWN),
                // A set whose number an expression cannot hold stays with its point.
                Some(set) => match u16::try_from(i64::from(self.item_sets_from).saturating_add(set)) {
                    Ok(set) => Expr::VisitHasItem(set),
                    Err(_) => expr.clone(),
                },
            },
            Expr::Agg(agg) => Expr::Agg(Box::new(Agg {
                kind: agg.kind,
                of: self.fold(&agg.of),
                filter: agg.filter.as_ref().map(|filter| self.fold(filter)),
            })),
        }
    }

    fn one(&self, one: &Expr, value: impl FnOnce(i64) -> i64, keep: impl FnOnce(Box<Expr>) -> Expr) -> Expr {
        match self.fold(one) {
            Expr::Const(known) => Expr::Const(value(known)),
            one => keep(Box::new(one)),
        }
    }

    fn two(&self, two: &(Expr, Expr), value: impl FnOnce(i64, i64) -> i64, keep: impl FnOnce(Box<(Expr, Expr)>) -> Expr) -> Expr {
        let (a, b) = (self.fold(&two.0), self.fold(&two.1));
        match (constant(&a), constant(&b)) {
            (Some(a), Some(b)) => Expr::Const(value(a, b)),
            _ => keep(Box::new((a, b))),
        }
    }

    /// `and` with `decides` = false, `or` with `decides` = true.
    fn junction(&self, many: &[Expr], decides: i64, neutral: i64) -> Expr {
        let mut left = Vec::with_capacity(many.len());
        let mut unknown = false;
        let mut any_flags = 0;
        for expr in many {
            match self.fold(expr) {
                // Flags of which any will do, or that all must be absent, are looked at together.
                Expr::Flags(flags) if decides != arith::FALSE => any_flags |= flags,
                Expr::Not(one) if decides == arith::FALSE && matches!(*one, Expr::Flags(_)) => {
                    if let Expr::Flags(flags) = *one {
                        any_flags |= flags;
                    }
                }
                Expr::Const(UNKNOWN) => unknown = true,
                Expr::Const(value) if (value != arith::FALSE) == (decides != arith::FALSE) => return Expr::Const(decides),
                Expr::Const(_) => {}
                other => left.push(other),
            }
        }
        if any_flags != 0 {
            let flags = Expr::Flags(any_flags);
            left.insert(0, if decides == arith::FALSE { Expr::Not(Box::new(flags)) } else { flags });
        }
        if left.is_empty() {
            return Expr::Const(if unknown { UNKNOWN } else { neutral });
        }
        if unknown {
            left.push(Expr::Const(UNKNOWN));
        } else if left.len() == 1 {
            return left.swap_remove(0);
        }
        let left = left.into_boxed_slice();
        if decides == arith::FALSE { Expr::And(left) } else { Expr::Or(left) }
    }
}

fn constant(expr: &Expr) -> Option<i64> {
    match expr {
        Expr::Const(value) => Some(*value),
        _ => None,
    }
}

/// A comparison. Where a difference with the row's day is compared, the day is put on one side, so that the condition can be
/// asked of many days at once: `begin_day - day > 3` is `begin_day - 3 > day`.
fn comparison(cmp: Cmp, a: Expr, b: Expr) -> Expr {
    let is_day = |expr: &Expr| matches!(expr, Expr::Field(Field::Day));
    let minus = |a: Expr, b: Expr| match (a, b) {
        (a, Expr::Const(0)) => a,
        (Expr::Const(a), Expr::Const(b)) => Expr::Const(arith::sub(a, b)),
        (a, b) => Expr::Sub(Box::new((a, b))),
    };
    let plus = |a: Expr, b: Expr| match (a, b) {
        (a, Expr::Const(0)) => a,
        (Expr::Const(a), Expr::Const(b)) => Expr::Const(arith::add(a, b)),
        (a, b) => Expr::Add(Box::new((a, b))),
    };
    match (a, b) {
        (Expr::Sub(two), limit) if is_day_like(&limit) && is_day(&two.1) && is_day_like(&two.0) => {
            Expr::Cmp(cmp, Box::new((minus(two.0, limit), two.1)))
        }
        (Expr::Sub(two), limit) if is_day_like(&limit) && is_day(&two.0) && is_day_like(&two.1) => {
            Expr::Cmp(cmp, Box::new((two.0, plus(two.1, limit))))
        }
        (limit, Expr::Sub(two)) if is_day_like(&limit) && is_day(&two.1) && is_day_like(&two.0) => {
            Expr::Cmp(cmp, Box::new((two.1, minus(two.0, limit))))
        }
        (limit, Expr::Sub(two)) if is_day_like(&limit) && is_day(&two.0) && is_day_like(&two.1) => {
            Expr::Cmp(cmp, Box::new((plus(two.1, limit), two.0)))
        }
        (a, b) => Expr::Cmp(cmp, Box::new((a, b))),
    }
}

/// Days, and numbers of days so small that sums with days are exact.
fn is_day_like(expr: &Expr) -> bool {
    match expr {
        Expr::Const(value) => *value == UNKNOWN || value.unsigned_abs() < 1 << 40,
        Expr::Field(field) => matches!(field, Field::BeginDay | Field::EndDay | Field::Birth | Field::DeathDay),
        _ => false,
    }
}

/// The attributes of a visit that its profile is made of.
fn profile_field(field: Field, visit: &Visit) -> Option<i64> {
    let known = |value: i64| if value == 0 { UNKNOWN } else { value };
    Some(match field {
        Field::Care => visit.care as i64,
        Field::MedType => known(i64::from(visit.med_type)),
        Field::Insurance => known(i64::from(visit.insurance)),
        Field::Level => known(i64::from(visit.level)),
        Field::Unlevelled => i64::from(visit.unlevelled),
        Field::Pharmacy => i64::from(visit.pharmacy),
        _ => return None,
    })
}

fn item_field(field: Field, catalog: &Catalog, item: u32) -> Option<i64> {
    let known = |value: i64| if value == 0 { UNKNOWN } else { value };
    Some(match field {
        Field::Item => i64::from(item),
        Field::Generic => i64::from(catalog.generic(item)),
        Field::ItemUnit => known(i64::from(catalog.unit(item))),
        Field::Drug => i64::from(catalog.shape(item).is_drug()),
        Field::Herb => i64::from(catalog.shape(item).is_herb()),
        Field::Material => i64::from(catalog.shape(item).is_material()),
        Field::Service => i64::from(catalog.shape(item).is_service()),
        Field::ChargeType => known(i64::from(catalog.charge_type(item))),
        _ => return None,
    })
}
