//! 涉案金额: which rows offend, and for how much of what the fund bears.

use crate::arith::{self, FALSE};
use crate::eval::{ONE, Row, RowKind, Scene};
use crate::expr::{Expr, Field};
use crate::hit::Role;
use crate::net::clip;
use crate::plan::summed;
use crate::program::{Amount, Block};
use crate::{NONE, UNKNOWN};

/// Fen times this is the product of a price (1/1,000,000 yuan) and a count (1/10,000).
const PRICE_COUNT_PER_FEN: i128 = 100_000_000;
/// Rates are in 1/10,000.
const WHOLE: i64 = 10_000;

/// A row on its way into evidence.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    pub row: Row,
    pub role: Role,
    pub amount: i64,
}

impl Piece {
    pub fn new(row: Row, role: Role) -> Piece {
        Piece { row, role, amount: 0 }
    }

    fn offends(&self) -> bool {
        self.role == Role::Offends
    }

    fn offend(&mut self, amount: i64) {
        self.role = Role::Offends;
        self.amount = amount;
    }

    fn show(&mut self) {
        self.role = Role::Shows;
        self.amount = 0;
    }
}

/// Computes the amounts of the pieces that offend, and takes the mark from those that turn out not to.
///
/// `scene` stands at the last row of the group. `false`: nothing is overcharged, so that there is no finding.
pub(crate) fn assess(block: &Block, scene: &Scene<'_>, pieces: &mut [Piece]) -> bool {
    match &block.amount {
        Amount::None => {}
        Amount::Scope => {
            for piece in pieces.iter_mut().filter(|piece| piece.offends()) {
                piece.amount = scope(scene, piece.row);
            }
        }
        Amount::Both => {
            for piece in pieces.iter_mut() {
                piece.offend(scope(scene, piece.row));
            }
        }
        Amount::LinesWhere(condition) => {
            for piece in pieces.iter_mut().filter(|piece| piece.offends()) {
                match scene.with(piece.row).value(condition) {
                    FALSE | UNKNOWN => piece.show(),
                    _ => piece.amount = scope(scene, piece.row),
                }
            }
        }
        Amount::PriceOver(limit) => {
            for piece in pieces.iter_mut().filter(|piece| piece.offends()) {
                piece.amount = price_over(&scene.with(piece.row), limit);
            }
        }
        Amount::Excess { of, over } => excess(scene, of, over, pieces),
        Amount::Ladder(rates) => return ladder(scene, rates, pieces),
        Amount::PartUpToMain => part_up_to_main(scene, pieces),
    }
    true
}

/// What the fund bears of a row, fen; never negative.
fn scope(scene: &Scene<'_>, row: Row) -> i64 {
    let data = scene.facts.data;
    let scope = match scene.kind {
        RowKind::Line if scene.raw => data.lines.scope[row.row as usize],
        RowKind::Line => scene.facts.net.scope(data, row.row),
        RowKind::Settlement => data.settlements.get(row.row as usize).map_or(0, |settlement| settlement.scope),
        RowKind::Visit => {
            let settlements = data.visits.get(row.row as usize).map_or(0..0, |visit| clip(&visit.settlements, data.settlements.len()));
            let live = data.settlements[settlements].iter().filter(|settlement| !settlement.void);
            live.fold(0, |sum, settlement| arith::add(sum, settlement.scope))
        }
        RowKind::Diagnosis => 0,
    };
    scope.max(0)
}

/// `part ÷ whole` of the row's scope, rounded half up, never more than all of it.
fn share(scene: &Scene<'_>, row: Row, part: i128, whole: i128) -> i64 {
    let scope = scope(scene, row);
    if part <= 0 || whole <= 0 {
        return 0;
    }
    if part >= whole {
        return scope;
    }
    arith::round(i128::from(scope).saturating_mul(part), whole).clamp(0, scope)
}

/// The part of the sum above the limit, taken from the last row backwards.
fn excess(scene: &Scene<'_>, of: &Expr, over: &Expr, pieces: &mut [Piece]) {
    let (of, filter) = summed(of).map_or((of, None), |agg| (&agg.of, agg.filter.as_ref()));
    let value = |row: Row| {
        let scene = scene.with(row);
        let counts = filter.is_none_or(|filter| !matches!(scene.value(filter), FALSE | UNKNOWN));
        if counts { scene.value(of).max(0) } else { 0 }
    };
    let limit = scene.value(over);
    let sum: i128 = pieces.iter().filter(|piece| piece.offends()).map(|piece| i128::from(value(piece.row))).sum();
    let mut left = if limit == UNKNOWN { 0 } else { sum - i128::from(limit) };
    for piece in pieces.iter_mut().rev().filter(|piece| piece.offends()) {
        let value = i128::from(value(piece.row));
        let taken = value.min(left);
        if taken <= 0 {
            piece.show();
            continue;
        }
        left -= taken;
        piece.amount = share(scene, piece.row, taken, value);
    }
}

/// (price − limit) × count without what already stands in over_limit, in the proportion of the line that is in scope.
fn price_over(scene: &Scene<'_>, limit: &Expr) -> i64 {
    let limit = scene.value(limit);
    if limit == UNKNOWN || scene.kind != RowKind::Line {
        return 0;
    }
    let (data, net, line) = (scene.facts.data, scene.facts.net, scene.row.row);
    let at = line as usize;
    let (count, amount, own) = match scene.raw {
        true => (data.lines.count[at], data.lines.amount[at], data.lines.over_limit[at]),
        false => (net.count(data, line), net.amount(data, line), net.over_limit(data, line)),
    };
    let own = own.max(0);
    let over = (i128::from(data.lines.price[at]) - i128::from(limit)) * i128::from(count) - i128::from(own) * PRICE_COUNT_PER_FEN;
    share(scene, scene.row, over, (i128::from(amount) - i128::from(own)) * PRICE_COUNT_PER_FEN)
}

/// Share of the list price, in per cent, up to which a unit price counts as discounted; above it, as the institution's own full
/// price. A house reading: no list tells the one from the other.
const MILDEST_DISCOUNT: i128 = 85;

/// Kinds of items by unit price descending; each may be charged at its rate for every time begun (a count of 0.5 is one
/// time at half price), what is above is overcharged. Prices are those charged: an institution may stay below the list. A line
/// that already stands at or below its rate of the list price (for lack of one, of the ceiling the line states) is not
/// overcharged; one discounted, but not enough, is overcharged by what exceeds its rate of the list price.
fn ladder(scene: &Scene<'_>, rates: &[i64], pieces: &mut [Piece]) -> bool {
    let data = scene.facts.data;
    if scene.kind != RowKind::Line {
        return true;
    }
    let item = |piece: &Piece| data.lines.item[piece.row.row as usize];
    let price = |piece: &Piece| data.lines.price[piece.row.row as usize];
    // A kind's price is its dearest; of equal prices the earlier row's kind comes first.
    let dearest = |item_in_hand: u32| {
        let of_kind = pieces.iter().enumerate().filter(|(_, piece)| piece.offends() && item(piece) == item_in_hand);
        let first = of_kind.clone().map(|(at, _)| at).min().unwrap_or(usize::MAX);
        (of_kind.map(|(_, piece)| price(piece)).max().unwrap_or(0), std::cmp::Reverse(first))
    };
    let mut kinds: Vec<u32> = Vec::new();
    for piece in pieces.iter().filter(|piece| piece.offends()) {
        if !kinds.contains(&item(piece)) {
            kinds.push(item(piece));
        }
    }
    kinds.sort_by_key(|kind| std::cmp::Reverse(dearest(*kind)));
    let mut any = false;
    for piece in pieces.iter_mut().filter(|piece| piece.offends()) {
        let place = kinds.iter().position(|kind| *kind == item(piece)).unwrap_or(0);
        let rate = rates.get(place).or(rates.last()).copied().unwrap_or(WHOLE).clamp(0, WHOLE);
        let amount = scene.facts.net.amount(data, piece.row.row);
        let count = i128::from(scene.facts.net.count(data, piece.row.row)).max(1);
        let times = (count + i128::from(ONE) - 1) / i128::from(ONE) * i128::from(ONE);
        // Both in fen × 10⁴ (the rate) × 10⁴ (the count).
        let whole = i128::from(amount) * i128::from(WHOLE) * count;
        let mut over = i128::from(amount) * (i128::from(WHOLE) * count - i128::from(rate) * times);
        let line = scene.with(piece.row);
        let (list, ceiling) = (line.field(Field::ListPrice), line.field(Field::PriceCap));
        let above = |price: i64| {
            let allowed = (i128::from(price) * times).saturating_mul(i128::from(rate)) / PRICE_COUNT_PER_FEN;
            (i128::from(amount) * i128::from(WHOLE) - allowed) * count
        };
        let full = if list == UNKNOWN { ceiling } else { list };
        if full != UNKNOWN && full > 0 && above(full) <= 0 {
            over = 0;
        } else if list != UNKNOWN && i128::from(price(piece)) * 100 <= i128::from(list) * MILDEST_DISCOUNT {
            over = over.min(above(list));
        }
        let amount = share(scene, piece.row, over, whole);
        if amount > 0 {
            any = true;
            piece.amount = amount;
        } else {
            piece.show();
        }
    }
    any
}

/// Parts offend; where main item and part both count in times, up to the main item's count.
fn part_up_to_main(scene: &Scene<'_>, pieces: &mut [Piece]) {
    let (data, net) = (scene.facts.data, scene.facts.net);
    let in_times = |piece: &Piece| {
        let unit = scene.facts.catalog.unit(data.lines.item[piece.row.row as usize]);
        scene.facts.catalog.times.contains(&unit) && net.count(data, piece.row.row) % ONE == 0
    };
    let mut left = NO_LIMIT;
    if scene.kind == RowKind::Line && pieces.iter().all(in_times) {
        left = pieces.iter().filter(|piece| !piece.offends()).map(|piece| i128::from(net.count(data, piece.row.row))).sum();
    }
    for piece in pieces.iter_mut().filter(|piece| piece.offends()) {
        let count = i128::from(net.count(data, piece.row.row));
        let taken = count.min(left);
        if taken <= 0 {
            piece.show();
            continue;
        }
        if left != NO_LIMIT {
            left -= taken;
        }
        piece.amount = share(scene, piece.row, taken, count);
    }
}

const NO_LIMIT: i128 = i128::MAX;

/// Σ count over the pieces that offend, 1/10,000.
pub(crate) fn count_at_risk(scene: &Scene<'_>, pieces: &[Piece]) -> i64 {
    let counts = pieces.iter().filter(|piece| piece.offends()).map(|piece| scene.with(piece.row).field(crate::expr::Field::Count));
    counts.fold(0, arith::add)
}

/// The settlement of a piece; [`NONE`] where there is none.
pub(crate) fn settlement_of(scene: &Scene<'_>, row: Row) -> u32 {
    let settlement = scene.with(row).settlement();
    if (settlement as usize) < scene.facts.data.settlements.len() { settlement } else { NONE }
}
