//! Sums over the rows of a group.

use crate::arith::{self, FALSE, TRUE};
use crate::eval::Scene;
use crate::expr::{Agg, AggKind};
use crate::uses::Uses;
use crate::{NONE, UNKNOWN};

impl Scene<'_> {
    #[inline(never)]
    pub(crate) fn aggregate(&self, agg: &Agg) -> i64 {
        let Agg { kind, of, filter } = agg;
        match (kind, filter, self.group) {
            (AggKind::Count, None, [] | [_]) => return self.group.len() as i64,
            (AggKind::Days, None, [_]) => return 1,
            (AggKind::Sum | AggKind::Min | AggKind::Max, None, [row]) => return self.with(*row).value(of),
            _ => {}
        }
        // A line that stands in the group under several points counts once, unless the point is what is asked for.
        let by_point = self.table.is_some() && self.group.len() > 1 && {
            let mut uses = Uses::of(of);
            filter.iter().for_each(|filter| uses.read(filter));
            !uses.columns.is_empty()
        };
        let mut values = self.facts.values.take();
        let mut tally = Tally::new(*kind);
        let mut before = NONE;
        for row in self.group {
            if !by_point && std::mem::replace(&mut before, row.row) == row.row {
                continue;
            }
            let scene = self.with(*row);
            match filter.as_ref().map_or(TRUE, |filter| scene.value(filter)) {
                FALSE => continue,
                UNKNOWN => {
                    tally.unknown = true;
                    continue;
                }
                _ => {}
            }
            match kind {
                AggKind::Count => tally.sum += 1,
                AggKind::Days => values.push(i64::from(row.day())),
                AggKind::Distinct => match scene.value(of) {
                    UNKNOWN => tally.unknown = true,
                    value => values.push(value),
                },
                _ => tally.take(scene.value(of)),
            }
        }
        if matches!(kind, AggKind::Days | AggKind::Distinct) {
            values.sort_unstable();
            values.dedup();
            tally.sum = values.len() as i64;
        }
        values.clear();
        self.facts.values.replace(values);
        tally.result()
    }
}

/// An aggregate in the making.
struct Tally {
    kind: AggKind,
    sum: i64,
    edge: Option<i64>,
    /// `any` has seen a true row, `every` a false one.
    decided: bool,
    unknown: bool,
}

impl Tally {
    fn new(kind: AggKind) -> Tally {
        Tally { kind, sum: 0, edge: None, decided: false, unknown: false }
    }

    fn take(&mut self, value: i64) {
        if value == UNKNOWN {
            self.unknown = true;
            return;
        }
        match self.kind {
            AggKind::Sum => self.sum = arith::add(self.sum, value),
            AggKind::Min => self.edge = Some(self.edge.map_or(value, |edge| edge.min(value))),
            AggKind::Max => self.edge = Some(self.edge.map_or(value, |edge| edge.max(value))),
            AggKind::Any => self.decided |= value != FALSE,
            AggKind::Every => self.decided |= value == FALSE,
            AggKind::Count | AggKind::Days | AggKind::Distinct => {}
        }
    }

    fn result(self) -> i64 {
        match self.kind {
            AggKind::Any if self.decided => TRUE,
            AggKind::Every if self.decided => FALSE,
            _ if self.unknown => UNKNOWN,
            AggKind::Any => FALSE,
            AggKind::Every => TRUE,
            AggKind::Min | AggKind::Max => self.edge.unwrap_or(UNKNOWN),
            AggKind::Count | AggKind::Sum | AggKind::Distinct | AggKind::Days => self.sum,
        }
    }
}
