//! Values of expressions for a row in its visit, person and group.

use std::cell::{Cell, RefCell};

use mingjian_model::day::{Day, MICROS_PER_DAY, MICROS_PER_HOUR, Moment, day_of};

use crate::arith::{self, FALSE, TRUE, truth};
use crate::catalog::Catalog;
use crate::expr::{Cmp, Expr, Field};
use crate::net::{LIVE, Net, clip};
use crate::timeline::{Care, Person, Timelines, Visit};
use crate::{NONE, RuleSet, UNKNOWN};

/// The count of a row that is no line, 1/10,000.
pub(crate) const ONE: i64 = 10_000;
/// `since_last` of a first day: longer ago than any interval a rule asks for.
const LONG_AGO: i64 = 999_999;
/// How far a chain of referrals is followed.
const REFERRALS: usize = 8;

/// Which table rows stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowKind {
    Line,
    Visit,
    Settlement,
    Diagnosis,
}

/// A row in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    pub time: Moment,
    pub row: u32,
    pub visit: u32,
    /// The knowledge point under which it is looked at; [`NONE`] without a table.
    pub point: u32,
    /// A mark of the step in hand: verdict of a row, side of a pair.
    pub tag: u8,
}

impl Row {
    pub fn day(&self) -> Day {
        day_of(self.time)
    }
}

/// What all rows of a person share.
pub(crate) struct Facts<'a> {
    pub rules: &'a RuleSet,
    pub data: &'a Timelines<'a>,
    pub catalog: &'a Catalog,
    pub net: &'a Net,
    pub person: &'a Person,
    /// Position of the person in the batch.
    pub number: u32,
    /// For `distinct(…)`.
    pub values: &'a RefCell<Vec<i64>>,
}

/// Days over which a condition is asked at once; `mixed` is set when they do not agree.
#[derive(Debug)]
pub(crate) struct Span {
    pub first: Day,
    pub last: Day,
    pub mixed: Cell<bool>,
}

/// Where an expression is evaluated.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub facts: &'a Facts<'a>,
    pub kind: RowKind,
    /// Gross values (`raw lines`).
    pub raw: bool,
    pub table: Option<u16>,
    pub row: Row,
    pub prev: Option<&'a Row>,
    /// Rows of the group, by time; empty while there is none.
    pub group: &'a [Row],
    pub span: Option<&'a Span>,
}

impl<'a> Scene<'a> {
    pub fn with(&self, row: Row) -> Scene<'a> {
        Scene { row, ..*self }
    }

    pub fn truths(&self, conditions: &[Expr]) -> i64 {
        arith::all(conditions.iter().map(|condition| self.value(condition)))
    }

    #[inline]
    pub fn value(&self, expr: &Expr) -> i64 {
        match expr {
            Expr::Const(value) => *value,
            Expr::Field(field) => self.field(*field),
            _ => self.compound(expr),
        }
    }

    /// What conditions on rows are mostly made of. Kept apart from the rest, so that its frame stays small.
    fn compound(&self, expr: &Expr) -> i64 {
        match expr {
            Expr::Cmp(cmp, two) if self.span.is_none() => arith::compare(*cmp, self.value(&two.0), self.value(&two.1)),
            Expr::And(many) => arith::all(many.iter().map(|expr| self.value(expr))),
            Expr::Or(many) => arith::any(many.iter().map(|expr| self.value(expr))),
            Expr::Not(one) => arith::not(self.value(one)),
            Expr::If(three) => match self.value(&three[0]) {
                UNKNOWN => UNKNOWN,
                FALSE => self.value(&three[2]),
                _ => self.value(&three[1]),
            },
            Expr::Add(two) => arith::add(self.value(&two.0), self.value(&two.1)),
            Expr::Sub(two) => arith::sub(self.value(&two.0), self.value(&two.1)),
            Expr::Known(one) => truth(self.value(one) != UNKNOWN),
            Expr::Point(column) => self.point(*column),
            Expr::Flags(mask) => self.flags(*mask),
            _ => self.rest(expr),
        }
    }

    #[inline(never)]
    fn rest(&self, expr: &Expr) -> i64 {
        match expr {
            Expr::Const(value) => *value,
            Expr::Cmp(cmp, two) => self.compare_over_span(*cmp, &two.0, &two.1),
            Expr::Prev(field) => match self.prev {
                Some(row) => Scene { row: *row, prev: None, ..*self }.field(*field),
                None => UNKNOWN,
            },
            Expr::AgeCmp(cmp, limit) => {
                let (birth, limit) = (self.facts.person.birth, self.value(limit));
                match self.span {
                    Some(span) => span.ask(*cmp, |day| arith::age_compare(*cmp, birth, day, limit)),
                    None => arith::age_compare(*cmp, birth, self.row.day(), limit),
                }
            }
            Expr::In(one, values) => match self.value(one) {
                UNKNOWN => UNKNOWN,
                value => truth(values.binary_search(&value).is_ok()),
            },
            Expr::InPointSet(one, column) => self.in_point_set(one, *column),
            Expr::Mul(two, scale) => arith::mul(self.value(&two.0), self.value(&two.1), *scale),
            Expr::Div(two, scale) => arith::div(self.value(&two.0), self.value(&two.1), *scale),
            Expr::Times(one, factor) => arith::mul(self.value(one), *factor, 1),
            Expr::Neg(one) => arith::sub(0, self.value(one)),
            Expr::Abs(one) => match self.value(one) {
                UNKNOWN => UNKNOWN,
                value => value.abs(),
            },
            Expr::MonthsAfter(one, months) => arith::months_after(self.value(one), *months),
            Expr::ItemInSet(set) => match self.item() {
                Some(item) => truth(self.facts.catalog.item_in_set(item, u32::from(*set))),
                None => UNKNOWN,
            },
            Expr::VisitHasItem(set) => truth(self.visit_has(u32::from(*set))),
            Expr::VisitHasPointItem(column) => match self.facts.catalog.point_set(self.facts.rules, self.table, self.row.point, *column) {
                Some(set) => truth(self.visit_has(set)),
                None => UNKNOWN,
            },
            Expr::DxInSet(set) => {
                let diagnoses = self.diagnoses();
                if diagnoses.is_empty() {
                    return UNKNOWN;
                }
                truth(diagnoses.iter().any(|dx| self.facts.catalog.dx_in_set(dx.code, *set)))
            }
            Expr::MainDxInSet(set) => match self.main_dx() {
                Some(code) => truth(self.facts.catalog.dx_in_set(code, *set)),
                None => UNKNOWN,
            },
            Expr::Charges(types) => self.charges(*types),
            Expr::Agg(agg) => self.aggregate(agg),
            Expr::Field(_)
            | Expr::Point(_)
            | Expr::Flags(_)
            | Expr::And(_)
            | Expr::Or(_)
            | Expr::Not(_)
            | Expr::If(_)
            | Expr::Add(_)
            | Expr::Sub(_)
            | Expr::Known(_) => self.value(expr),
        }
    }

    /// A comparison while a condition is asked for all days of a span.
    #[inline(never)]
    fn compare_over_span(&self, cmp: Cmp, a: &Expr, b: &Expr) -> i64 {
        match (self.span, a, b) {
            (Some(span), Expr::Field(Field::Day), limit) => {
                let limit = self.value(limit);
                span.ask(cmp, |day| arith::compare(cmp, i64::from(day), limit))
            }
            (Some(span), limit, Expr::Field(Field::Day)) => {
                let limit = self.value(limit);
                span.ask(cmp, |day| arith::compare(cmp, limit, i64::from(day)))
            }
            _ => arith::compare(cmp, self.value(a), self.value(b)),
        }
    }

    #[inline]
    pub fn flags(&self, mask: u16) -> i64 {
        match self.kind {
            RowKind::Line => truth(self.facts.data.lines.flags[self.row.row as usize] & mask != 0),
            _ => FALSE,
        }
    }

    #[inline]
    pub fn price(&self) -> i64 {
        match self.kind {
            RowKind::Line => self.facts.data.lines.price[self.row.row as usize],
            _ => self.field(Field::Price),
        }
    }

    #[inline]
    pub fn price_cap(&self) -> i64 {
        match self.kind {
            RowKind::Line => known(self.facts.data.lines.price_cap[self.row.row as usize]),
            _ => self.field(Field::PriceCap),
        }
    }

    fn visit(&self) -> Option<&'a Visit> {
        self.facts.data.visits.get(self.row.visit as usize)
    }

    fn item(&self) -> Option<u32> {
        (self.kind == RowKind::Line).then(|| self.facts.data.lines.item[self.row.row as usize])
    }

    fn point(&self, column: u16) -> i64 {
        let Some(table) = self.table else { return UNKNOWN };
        let table = self.facts.rules.tables.get(usize::from(table));
        let point = table.and_then(|table| table.points.get(self.row.point as usize));
        point.and_then(|point| point.values.get(usize::from(column))).copied().unwrap_or(UNKNOWN)
    }

    #[inline(never)]
    fn in_point_set(&self, one: &Expr, column: u16) -> i64 {
        let (value, set) = (self.value(one), self.point(column));
        if value == UNKNOWN || set == UNKNOWN {
            return UNKNOWN;
        }
        let table = self.table.and_then(|table| self.facts.rules.tables.get(usize::from(table)));
        let point = table.and_then(|table| table.points.get(self.row.point as usize));
        match point.and_then(|point| point.sets.get(set as usize)) {
            Some(set) => truth(set.binary_search(&value).is_ok()),
            None => UNKNOWN,
        }
    }

    /// Lines of the row's visit that are there after netting.
    fn live_lines(&self) -> impl Iterator<Item = usize> + 'a {
        let facts = self.facts;
        let range = self.visit().map_or(0..0, |visit| clip(&visit.lines, facts.data.lines.len()));
        range.filter(move |line| facts.net.state(*line) & LIVE != 0)
    }

    #[inline(never)]
    fn visit_has(&self, set: u32) -> bool {
        let facts = self.facts;
        self.live_lines().any(|line| facts.catalog.item_in_set(facts.data.lines.item[line], set))
    }

    #[inline(never)]
    fn charges(&self, types: u32) -> i64 {
        let facts = self.facts;
        let mut sum: i64 = 0;
        for line in self.live_lines() {
            if types == u32::MAX || types >> facts.catalog.charge_type(facts.data.lines.item[line]) & 1 == 1 {
                sum = sum.saturating_add(facts.net.amount(facts.data, line as u32));
            }
        }
        sum
    }

    fn diagnoses(&self) -> &'a [crate::timeline::Diagnosis] {
        self.visit().map_or(&[], |visit| &self.facts.data.diagnoses[clip(&visit.diagnoses, self.facts.data.diagnoses.len())])
    }

    fn main_dx(&self) -> Option<u32> {
        self.diagnoses().iter().find(|dx| dx.main).map(|dx| dx.code)
    }

    fn operations(&self) -> &'a [crate::timeline::Operation] {
        self.visit().map_or(&[], |visit| &self.facts.data.operations[clip(&visit.operations, self.facts.data.operations.len())])
    }

    /// Row of the settlement the row belongs to.
    pub fn settlement(&self) -> u32 {
        let data = self.facts.data;
        match self.kind {
            RowKind::Line => data.lines.settlement[self.row.row as usize],
            RowKind::Settlement => self.row.row,
            RowKind::Visit | RowKind::Diagnosis => {
                let Some(visit) = self.visit() else { return NONE };
                let mut rows = clip(&visit.settlements, data.settlements.len());
                rows.find(|row| !data.settlements[*row].void).map_or(NONE, |row| row as u32)
            }
        }
    }

    /// Days the line supplies; of a supply taken back in part, the part of the days that is left.
    fn supply_days(&self) -> i64 {
        let lines = &self.facts.data.lines;
        let at = self.row.row as usize;
        let (days, gross) = (i64::from(lines.supply_days[at]), lines.count[at]);
        let left = self.column(Net::count, lines.count);
        if days <= 0 || left == gross || left <= 0 || gross <= 0 {
            return known(days);
        }
        ((i128::from(days) * i128::from(left) / i128::from(gross)) as i64).max(1)
    }

    fn column(&self, net: fn(&Net, &Timelines<'_>, u32) -> i64, gross: &[i64]) -> i64 {
        let line = self.row.row;
        if self.raw { gross[line as usize] } else { net(self.facts.net, self.facts.data, line) }
    }

    /// The value of a field. One match for all kinds of rows: conditions on visits are asked as often as those on lines.
    pub fn field(&self, field: Field) -> i64 {
        let (facts, row) = (self.facts, &self.row);
        let data = facts.data;
        let Some(visit) = data.visits.get(row.visit as usize) else { return UNKNOWN };
        match field {
            Field::Care => visit.care as i64,
            Field::Level => known(i64::from(visit.level)),
            Field::Sex => known(i64::from(facts.person.sex)),
            Field::Pharmacy => truth(visit.pharmacy),
            Field::MedType => known(i64::from(visit.med_type)),
            Field::Insurance => known(i64::from(visit.insurance)),
            Field::Unlevelled => truth(visit.unlevelled),
            Field::Institution => i64::from(visit.institution),
            Field::Visit => i64::from(row.visit),
            Field::Time => row.time,
            Field::Day => i64::from(row.day()),
            Field::HasClock => truth(has_clock(row.time)),
            Field::Begin => visit.begin,
            Field::End => visit.end.unwrap_or(UNKNOWN),
            Field::BeginDay => i64::from(day_of(visit.begin)),
            Field::EndDay => visit.end.map_or(UNKNOWN, |end| i64::from(day_of(end))),
            Field::StayDays => visit.end.map_or(UNKNOWN, |end| i64::from(day_of(end)) - i64::from(day_of(visit.begin))),
            Field::DischargeWay => known(i64::from(visit.discharge_way)),
            Field::Birth => facts.person.birth.map_or(UNKNOWN, i64::from),
            Field::DeathDay => facts.person.death.map_or(UNKNOWN, i64::from),
            Field::MainDx3 => self.main_category(),
            Field::Operations => self.operations().len() as i64,
            Field::Registered => self.registered(visit),
            Field::InsideOtherStay => self.inside_other_stay(visit),
            Field::Settlement => self.known_settlement(),
            Field::FirstDay => self.edges().0,
            Field::LastDay => self.edges().1,
            Field::ChainDays => self.chain_days(),
            Field::NthDay => self.nth_day().0,
            Field::SinceLast => self.nth_day().1,
            _ if self.kind != RowKind::Line => self.field_of_other(field),
            Field::Count => self.column(Net::count, data.lines.count),
            Field::Price => data.lines.price[row.row as usize],
            Field::Amount => self.column(Net::amount, data.lines.amount),
            Field::Scope => self.column(Net::scope, data.lines.scope),
            Field::SelfPaid => truth(self.column(Net::own, data.lines.own) >= self.column(Net::amount, data.lines.amount)),
            Field::OverLimit => self.column(Net::over_limit, data.lines.over_limit),
            Field::PriceCap => known(data.lines.price_cap[row.row as usize]),
            Field::ListPrice => facts.catalog.list_price(data.lines.item[row.row as usize], visit.level, row.day()),
            Field::SupplyDays => self.supply_days(),
            Field::Route => known(i64::from(data.lines.route[row.row as usize])),
            Field::DeptClass => known(i64::from(data.lines.dept_class[row.row as usize])),
            Field::Prescription => prescription(data.lines.prescription[row.row as usize]),
            Field::HoursPresent => hours_present(visit, row.day()),
            Field::Session => self.session(),
            Field::SessionsThatDay => self.sessions_that_day(),
            Field::Item => i64::from(data.lines.item[row.row as usize]),
            Field::Generic => i64::from(facts.catalog.generic(data.lines.item[row.row as usize])),
            Field::ItemUnit => known(i64::from(facts.catalog.unit(data.lines.item[row.row as usize]))),
            Field::Drug => truth(facts.catalog.shape(data.lines.item[row.row as usize]).is_drug()),
            Field::Herb => truth(facts.catalog.shape(data.lines.item[row.row as usize]).is_herb()),
            Field::Material => truth(facts.catalog.shape(data.lines.item[row.row as usize]).is_material()),
            Field::Service => truth(facts.catalog.shape(data.lines.item[row.row as usize]).is_service()),
            Field::ChargeType => known(i64::from(facts.catalog.charge_type(data.lines.item[row.row as usize]))),
            Field::Code => UNKNOWN,
        }
    }

    /// Fields of lines, asked of a row that is none.
    #[inline(never)]
    fn field_of_other(&self, field: Field) -> i64 {
        let data = self.facts.data;
        match (field, self.kind) {
            (Field::Count, _) => ONE,
            (Field::Code, RowKind::Diagnosis) => data.diagnoses.get(self.row.row as usize).map_or(UNKNOWN, |dx| i64::from(dx.code)),
            (Field::Scope, RowKind::Settlement) => data.settlements.get(self.row.row as usize).map_or(UNKNOWN, |row| row.scope),
            (Field::Amount, RowKind::Settlement) => data.settlements.get(self.row.row as usize).map_or(UNKNOWN, |row| row.medfee),
            _ => UNKNOWN,
        }
    }

    #[inline(never)]
    fn main_category(&self) -> i64 {
        self.main_dx().map_or(UNKNOWN, |code| i64::from(self.facts.catalog.category(code)))
    }

    #[inline(never)]
    fn known_settlement(&self) -> i64 {
        match self.settlement() {
            NONE => UNKNOWN,
            row => i64::from(row),
        }
    }

    /// First and last day of the group.
    #[inline(never)]
    fn edges(&self) -> (i64, i64) {
        let days = || self.group.iter().map(Row::day);
        (days().min().map_or(UNKNOWN, i64::from), days().max().map_or(UNKNOWN, i64::from))
    }

    #[inline(never)]
    fn registered(&self, visit: &Visit) -> i64 {
        let (data, day) = (self.facts.data, day_of(visit.begin));
        let registrations = &data.registrations[clip(&self.facts.person.registrations, data.registrations.len())];
        truth(registrations.iter().any(|registration| (registration.begin..=registration.end).contains(&day)))
    }

    /// The operation session a line belongs to: the last record of that day begun by then, else that day's first record,
    /// else the day itself.
    #[inline(never)]
    fn session(&self) -> i64 {
        let day = self.row.day();
        let that_day = || self.operations().iter().map(|operation| operation.begin).filter(|begin| day_of(*begin) == day);
        let begun = that_day().filter(|begin| *begin <= self.row.time).max();
        begun.or_else(|| that_day().min()).unwrap_or(i64::from(day) * MICROS_PER_DAY)
    }

    #[inline(never)]
    fn sessions_that_day(&self) -> i64 {
        let operations = self.operations();
        let day = self.row.day();
        let first_of_its_time = |(at, operation): &(usize, &crate::timeline::Operation)| {
            day_of(operation.begin) == day && !operations[..*at].iter().any(|earlier| earlier.begin == operation.begin)
        };
        operations.iter().enumerate().filter(first_of_its_time).count() as i64
    }

    /// Whether the row's day lies strictly between the days of a stay in another institution; chains of referral apart.
    #[inline(never)]
    fn inside_other_stay(&self, visit: &Visit) -> i64 {
        let (data, day) = (self.facts.data, self.row.day());
        let mut open = false;
        for other in clip(&self.facts.person.visits, data.visits.len()) {
            let stay = &data.visits[other];
            if stay.care != Care::Inpatient
                || stay.institution == visit.institution
                || other == self.row.visit as usize
                || day_of(stay.begin) >= day
                || self.facts.net.is_refunded(other as u32)
                || self.is_referred(self.row.visit, other as u32)
                || self.is_referred(other as u32, self.row.visit)
            {
                continue;
            }
            match stay.end {
                Some(end) if day < day_of(end) => return TRUE,
                Some(_) => {}
                None => open = true,
            }
        }
        if open { UNKNOWN } else { FALSE }
    }

    fn is_referred(&self, mut visit: u32, from: u32) -> bool {
        for _ in 0..REFERRALS {
            match self.facts.data.visits.get(visit as usize) {
                Some(found) if found.referred_from == from => return true,
                Some(found) if found.referred_from != NONE => visit = found.referred_from,
                _ => return false,
            }
        }
        false
    }

    /// The rank of the row's day among the days of the group, and the days since the day before it.
    #[inline(never)]
    fn nth_day(&self) -> (i64, i64) {
        let today = self.row.day();
        let (mut nth, mut last) = (1, None);
        let mut seen = None;
        for day in self.group.iter().map(Row::day) {
            if day >= today {
                break;
            }
            if seen != Some(day) {
                nth += 1;
                seen = Some(day);
                last = Some(day);
            }
        }
        (nth, last.map_or(LONG_AGO, |last| i64::from(today) - i64::from(last)))
    }

    #[inline(never)]
    fn chain_days(&self) -> i64 {
        let mut sum = 0;
        let mut before = NONE;
        for row in self.group.iter().filter(|row| std::mem::replace(&mut before, row.row) != row.row) {
            sum = arith::add(sum, self.with(*row).field(Field::SupplyDays));
        }
        sum
    }
}

impl Span {
    pub fn new((first, last): (Day, Day)) -> Span {
        Span { first, last, mixed: Cell::new(false) }
    }

    /// The answer for all days of the span, if the first and the last agree: comparisons with `<` and the like turn at
    /// most once. Comparisons for equality do not, so that they are only answered for a single day.
    fn ask(&self, cmp: Cmp, answer: impl Fn(Day) -> i64) -> i64 {
        let first = answer(self.first);
        let turns_once = !matches!(cmp, Cmp::Eq | Cmp::Ne);
        if self.first != self.last && (!turns_once || answer(self.last) != first) {
            self.mixed.set(true);
        }
        first
    }
}

/// 0 stands for 'not given' in the columns this is used for.
fn known(value: i64) -> i64 {
    if value == 0 { UNKNOWN } else { value }
}

fn prescription(ordinal: i32) -> i64 {
    if ordinal < 0 { UNKNOWN } else { i64::from(ordinal) }
}

/// 00:00:00 is no time.
pub(crate) fn has_clock(time: Moment) -> bool {
    time.rem_euclid(MICROS_PER_DAY) != 0
}

/// Hours of a day that a stay covers: on the days of admission and discharge those present, rounded up, else 24. A
/// moment without a clock cannot shorten the day.
#[inline(never)]
fn hours_present(visit: &Visit, day: Day) -> i64 {
    let midnight = i64::from(day) * MICROS_PER_DAY;
    let mut from = midnight;
    let mut to = midnight + MICROS_PER_DAY;
    if day_of(visit.begin) == day {
        from = visit.begin;
    }
    if let Some(end) = visit.end
        && day_of(end) == day
        && has_clock(end)
        && end >= from
    {
        to = end;
    }
    (to - from + MICROS_PER_HOUR - 1) / MICROS_PER_HOUR
}
