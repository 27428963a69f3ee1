//! Verdicts: `hit`, then `suspect`, then `watch`.

use crate::arith::{self, FALSE, TRUE};
use crate::attrition::{BlockAttrition, NEAR_MISSES, NearMiss};
use crate::code::Code;
use crate::eval::Scene;
use crate::hit::{Band, Outcome};
use crate::plan::BlockPlan;
use crate::program::Block;
use crate::{NONE, UNKNOWN};

/// What a block says of a row or group. In the order of strength.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Verdict {
    Hit = 0,
    Suspect = 1,
    Watch = 2,
    /// None, or not with what is known.
    NotJudged = 3,
    No = 4,
}

impl Verdict {
    pub const FOUND: [Verdict; 3] = [Verdict::Hit, Verdict::Suspect, Verdict::Watch];

    pub fn of_tag(tag: u8) -> Verdict {
        match tag {
            0 => Verdict::Hit,
            1 => Verdict::Suspect,
            _ => Verdict::Watch,
        }
    }

    pub fn is_found(self) -> bool {
        self <= Verdict::Watch
    }

    pub fn outcome(self, block: &Block) -> (Outcome, Band) {
        match self {
            Verdict::Hit => (block.outcome, Band::Core),
            Verdict::Suspect => (Outcome::Suspect, Band::Core),
            _ => (Outcome::Suspect, Band::Watch),
        }
    }
}

/// The verdict alone. A weaker verdict that is certain stands even where a stronger one cannot be known.
pub(crate) fn verdict(plan: &BlockPlan, scene: &Scene<'_>) -> Verdict {
    let mut result = Verdict::No;
    let mut weigh = |truth: i64| match truth {
        FALSE => false,
        UNKNOWN => {
            result = Verdict::NotJudged;
            false
        }
        _ => true,
    };
    if let Some(hit) = &plan.hit
        && weigh(Code::all(hit, scene))
    {
        return Verdict::Hit;
    }
    if let Some(suspect) = &plan.suspect
        && weigh(suspect.value(scene))
    {
        return Verdict::Suspect;
    }
    if let Some(watch) = &plan.watch
        && weigh(watch.value(scene))
    {
        return Verdict::Watch;
    }
    result
}

/// Which clauses are asked along with the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clauses {
    All,
    /// Those that need the group; the others were asked of each row.
    OfGroup,
}

/// The verdict after `need` and `unless`, counted. Clauses are asked only where the verdict is not 'no' already, so that the
/// counts say how many rows the clause mattered to.
pub(crate) fn judge(
    block: &Block,
    plan: &BlockPlan,
    scene: &Scene<'_>,
    clauses: Clauses,
    counts: &mut BlockAttrition,
    trace: bool,
) -> Verdict {
    let mut result = verdict(plan, scene);
    if result == Verdict::No {
        if trace {
            count_failure(block, scene, counts);
        }
        return result;
    }
    let asked = |of_row: &[usize], at: usize| clauses == Clauses::All || !of_row.contains(&at);
    for (at, need) in block.needs.iter().enumerate() {
        if asked(&plan.row_needs, at) && !matches!(scene.value(&need.holds), value if value != FALSE && value != UNKNOWN) {
            counts.lacking[at] += 1;
            return Verdict::NotJudged;
        }
    }
    for (at, unless) in block.unless.iter().enumerate() {
        if asked(&plan.row_unless, at) {
            match scene.value(&unless.when) {
                FALSE => {}
                UNKNOWN => result = Verdict::NotJudged,
                _ => {
                    counts.exempted[at] += 1;
                    return Verdict::No;
                }
            }
        }
    }
    if result == Verdict::NotJudged {
        counts.not_judged += 1;
    } else if trace {
        counts.judged += 1;
    }
    result
}

/// Counts a row or group without verdict: which conjunct of `hit` was the first to fail, and whether it was the only one.
#[cold]
pub(crate) fn count_failure(block: &Block, scene: &Scene<'_>, counts: &mut BlockAttrition) {
    counts.judged += 1;
    let Some(hit) = &block.hit else { return };
    let mut failed = hit.iter().enumerate().filter(|(_, condition)| scene.value(condition) == FALSE);
    let Some((first, _)) = failed.next() else { return };
    counts.failed[first] += 1;
    let rest_holds = hit.iter().enumerate().all(|(at, condition)| at == first || arith::not(scene.value(condition)) == FALSE);
    if rest_holds && failed.next().is_none() && counts.near_misses.len() < NEAR_MISSES {
        counts.near_misses.push(NearMiss {
            person: person_of(scene),
            visit: scene.row.visit,
            line: if scene.kind == crate::eval::RowKind::Line { scene.row.row } else { NONE },
            condition: first as u16,
        });
    }
}

fn person_of(scene: &Scene<'_>) -> u32 {
    scene.facts.number
}

const _: () = assert!(TRUE == 1);
