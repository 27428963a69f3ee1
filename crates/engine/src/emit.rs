//! From judged rows to a [`Hit`].

use crate::amount::{Piece, assess, count_at_risk, settlement_of};
use crate::arith;
use crate::eval::{Facts, Row, RowKind, Scene};
use crate::hit::{Band, Evidence, EvidenceRow, Hit, Outcome, Role};
use crate::judge::Verdict;
use crate::plan::BlockPlan;
use crate::program::{Amount, Block, Hole, Window};
use crate::{NONE, UNKNOWN};

/// A finding before its money is known.
pub(crate) struct Draft<'a> {
    pub number: u16,
    pub verdict: Verdict,
    /// Rows in evidence that only show the circumstance, before the offending ones and after them.
    pub before: &'a [Row],
    pub offending: &'a [Row],
    pub after: &'a [Row],
    /// What aggregates in the amount and in `say` run over.
    pub group: &'a [Row],
}

/// The scene at a row of a block.
pub(crate) fn scene_at<'a>(facts: &'a Facts<'a>, block: &Block, plan: &BlockPlan, row: Row, group: &'a [Row]) -> Scene<'a> {
    Scene { facts, kind: plan.kind, raw: plan.raw, table: block.table, row, prev: None, group, span: None }
}

/// Turns a draft into a hit; `None` where its amount says that nothing was overcharged.
pub(crate) fn emit(facts: &Facts<'_>, block: &Block, plan: &BlockPlan, draft: &Draft<'_>, pieces: &mut Vec<Piece>) -> Option<Hit> {
    pieces.clear();
    let sides = [(draft.before, Role::Shows), (draft.offending, Role::Offends), (draft.after, Role::Shows)];
    for (rows, role) in sides {
        for row in rows {
            // Under several points a line is one row of evidence.
            let twin = match role {
                Role::Offends => pieces.last().is_some_and(|piece| piece.row.row == row.row),
                Role::Shows => pieces.iter().any(|piece| piece.row.row == row.row),
            };
            if !twin {
                pieces.push(Piece::new(*row, role));
            }
        }
    }
    let last_of_group = draft.group.last().or(draft.offending.last()).copied()?;
    let mut scene = scene_at(facts, block, plan, last_of_group, draft.group);
    if block.window == Window::Next {
        scene.prev = draft.before.last();
    }
    if !assess(block, &scene, pieces) {
        return None;
    }
    let offending = || pieces.iter().filter(|piece| piece.role == Role::Offends);
    let last_counts = matches!(block.window, Window::Course(_) | Window::Chain(_));
    let named = if last_counts { offending().next_back() } else { offending().next() };
    let named = named.or(pieces.first())?.row;
    // A stay settled in parts: the settlement of its first evidence row.
    let settled = pieces.iter().map(|piece| piece.row).find(|row| !last_counts && row.visit == named.visit).unwrap_or(named);
    let last = offending().max_by_key(|piece| (piece.row.time, piece.row.row)).or(pieces.last())?.row;
    let mut points: Vec<u32> = Vec::new();
    if block.table.is_some() {
        points.extend(sides.iter().flat_map(|(rows, _)| rows.iter()).map(|row| row.point).filter(|point| *point != NONE));
        points.sort_unstable();
        points.dedup();
    }
    let rows: Vec<EvidenceRow> =
        pieces.iter().map(|piece| EvidenceRow { row: piece.row.row, role: piece.role, amount: piece.amount }).collect();
    let amount = rows.iter().fold(0, |sum, row| arith::add(sum, row.amount));
    let scene = Scene { row: last, ..scene };
    let values = block.holes.iter().map(|hole| match hole {
        Hole::AmountAtRisk if matches!(block.amount, Amount::None) => UNKNOWN,
        Hole::AmountAtRisk => amount,
        Hole::CountAtRisk => count_at_risk(&scene, pieces),
        Hole::Value(expr) => scene.value(expr),
    });
    let values = values.collect();
    let (outcome, band) = draft.verdict.outcome(block);
    Some(Hit {
        block: draft.number,
        outcome,
        band,
        person: facts.number,
        visit: named.visit,
        settlement: settlement_of(&scene, settled),
        first: pieces.iter().map(|piece| piece.row.time).min()?,
        last: pieces.iter().map(|piece| piece.row.time).max()?,
        evidence: match plan.kind {
            RowKind::Line => Evidence::Lines,
            RowKind::Visit => Evidence::Visits,
            RowKind::Settlement => Evidence::Settlements,
            RowKind::Diagnosis => Evidence::Diagnoses,
        },
        rows,
        points,
        values,
        has_amount: !matches!(block.amount, Amount::None),
    })
}

/// Sorts hits by what the data says, and makes one of those that differ in nothing but strength and points.
pub(crate) fn settle(hits: &mut Vec<Hit>, begin: usize) {
    let strength = |hit: &Hit| (hit.band == Band::Watch, hit.outcome == Outcome::Suspect);
    hits[begin..].sort_by(|a, b| {
        (a.block, a.person)
            .cmp(&(b.block, b.person))
            .then_with(|| a.rows.iter().map(|row| row.row).cmp(b.rows.iter().map(|row| row.row)))
            .then_with(|| strength(a).cmp(&strength(b)))
            .then_with(|| b.amount().cmp(&a.amount()))
            .then_with(|| a.points.cmp(&b.points))
    });
    let mut kept = begin;
    for at in begin..hits.len() {
        let same = kept > begin && {
            let (a, b) = (&hits[kept - 1], &hits[at]);
            (a.block, a.person) == (b.block, b.person) && a.rows.iter().map(|row| row.row).eq(b.rows.iter().map(|row| row.row))
        };
        if same {
            let mut points = std::mem::take(&mut hits[at].points);
            let kept = &mut hits[kept - 1];
            kept.points.append(&mut points);
            kept.points.sort_unstable();
            kept.points.dedup();
        } else {
            hits.swap(kept, at);
            kept += 1;
        }
    }
    hits.truncate(kept);
}
