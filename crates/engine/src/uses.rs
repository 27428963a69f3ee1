//! What an expression needs to be decided: the point apart, since a candidate fixes its point.

use crate::expr::{Expr, Field, Reach};

/// What an expression reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Uses {
    pub item: bool,
    /// Small attributes that many visits share: care, level, insurance and the like.
    pub profile: bool,
    pub person: bool,
    pub visit: bool,
    /// Compares the row's day with something fixed: the same for all rows between two days that agree.
    pub day: bool,
    pub row: bool,
    /// Needs the group around the row: aggregates, `prev.`, the day's rank in the group.
    pub group: bool,
    /// Columns of the point, ascending.
    pub columns: Vec<u16>,
    /// Names the point outside an aggregate.
    pub bare_point: bool,
    inside_aggregate: bool,
}

/// When a condition can be decided at the latest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Moment {
    /// Once per item code.
    Item,
    /// Once per combination of the attributes that visits share.
    Profile,
    /// Once per person.
    Person,
    /// Once per visit.
    Visit,
    /// Once per visit when the first and the last day of its lines agree, else per row.
    Span,
    Row,
    /// Not before the group is known.
    Group,
}

impl Uses {
    pub fn of(expr: &Expr) -> Uses {
        let mut uses = Uses::default();
        uses.read(expr);
        uses
    }

    pub fn moment(&self) -> Moment {
        if self.group {
            Moment::Group
        } else if self.row {
            Moment::Row
        } else if self.item {
            if self.day || self.visit || self.person || self.profile { Moment::Row } else { Moment::Item }
        } else if self.day {
            Moment::Span
        } else if self.visit || self.profile && self.person {
            Moment::Visit
        } else if self.profile {
            Moment::Profile
        } else {
            Moment::Person
        }
    }

    fn column(&mut self, column: u16) {
        self.bare_point |= !self.inside_aggregate;
        if let Err(at) = self.columns.binary_search(&column) {
            self.columns.insert(at, column);
        }
    }

    /// Reads `limit`, with which the row's day is compared.
    fn day_against(&mut self, limit: &Expr) {
        let uses = Uses::of(limit);
        if uses.row || uses.item || uses.day || uses.group {
            self.row = true;
        } else {
            self.day = true;
        }
        self.read(limit);
    }

    pub fn read(&mut self, expr: &Expr) {
        match expr {
            Expr::Const(_) => {}
            Expr::Field(field) => match field {
                Field::Sex | Field::Birth | Field::DeathDay => self.person = true,
                Field::Care | Field::MedType | Field::Insurance | Field::Level | Field::Unlevelled | Field::Pharmacy => self.profile = true,
                field => match field.reach() {
                    Reach::Constant => {}
                    Reach::Item => self.item = true,
                    Reach::Visit => self.visit = true,
                    Reach::Row => self.row = true,
                    Reach::Group => self.group = true,
                },
            },
            Expr::Prev(_) => self.group = true,
            Expr::Point(column) => self.column(*column),
            Expr::Flags(_) => self.row = true,
            Expr::Cmp(_, two) => match (&two.0, &two.1) {
                (Expr::Field(Field::Day), limit) | (limit, Expr::Field(Field::Day)) => self.day_against(limit),
                (a, b) => {
                    self.read(a);
                    self.read(b);
                }
            },
            Expr::AgeCmp(_, limit) => {
                self.person = true;
                self.day_against(limit);
            }
            Expr::And(many) | Expr::Or(many) => many.iter().for_each(|expr| self.read(expr)),
            Expr::If(three) => three.iter().for_each(|expr| self.read(expr)),
            Expr::Add(two) | Expr::Sub(two) | Expr::Mul(two, _) | Expr::Div(two, _) => {
                self.read(&two.0);
                self.read(&two.1);
            }
            Expr::Not(one)
            | Expr::In(one, _)
            | Expr::Times(one, _)
            | Expr::Neg(one)
            | Expr::Abs(one)
            | Expr::Known(one)
            | Expr::MonthsAfter(one, _) => self.read(one),
            Expr::InPointSet(one, column) => {
                self.column(*column);
                self.read(one);
            }
            Expr::ItemInSet(_) => self.item = true,
            Expr::VisitHasPointItem(column) => {
                self.column(*column);
                self.visit = true;
            }
            Expr::VisitHasItem(_) | Expr::DxInSet(_) | Expr::MainDxInSet(_) | Expr::Charges(_) => self.visit = true,
            Expr::Agg(agg) => {
                self.group = true;
                let outside = std::mem::replace(&mut self.inside_aggregate, true);
                self.read(&agg.of);
                if let Some(filter) = &agg.filter {
                    self.read(filter);
                }
                self.inside_aggregate = outside;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{Cmp, age_years};

    fn moment(expr: Expr) -> Moment {
        Uses::of(&expr).moment()
    }

    #[test]
    fn conditions_are_decided_as_early_as_can_be() {
        let cmp = |a, b| Expr::Cmp(Cmp::Lt, Box::new((a, b)));
        assert_eq!(moment(Expr::Field(Field::Herb)), Moment::Item);
        assert_eq!(moment(cmp(Expr::Field(Field::Sex), Expr::Point(0))), Moment::Person);
        assert_eq!(moment(cmp(Expr::Field(Field::Level), Expr::Point(0))), Moment::Profile);
        assert_eq!(moment(cmp(Expr::Field(Field::Level), Expr::Field(Field::Sex))), Moment::Visit);
        assert_eq!(moment(cmp(Expr::Field(Field::StayDays), Expr::Point(0))), Moment::Visit);
        assert_eq!(moment(Expr::AgeCmp(Cmp::Ge, Box::new(Expr::Const(age_years(18))))), Moment::Span);
        assert_eq!(moment(cmp(Expr::Field(Field::Day), Expr::Field(Field::BeginDay))), Moment::Span);
        assert_eq!(moment(cmp(Expr::Field(Field::Day), Expr::Field(Field::Count))), Moment::Row);
        assert_eq!(moment(cmp(Expr::Field(Field::ItemUnit), Expr::Field(Field::Level))), Moment::Row);
        assert_eq!(moment(cmp(Expr::Field(Field::NthDay), Expr::Point(0))), Moment::Group);
    }
}
