//! 为什么没有命中: how many rows fell at which condition, and the nearest misses. Kept on request.

/// A row (or group) that failed exactly one condition of `hit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    pub person: u32,
    pub visit: u32,
    pub line: u32,
    /// Which conjunct of `hit` failed.
    pub condition: u16,
}

/// The way of one block's rows, from candidate to hit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BlockAttrition {
    /// Rows whose item (or diagnosis) the rule can concern.
    pub candidates: u64,
    /// Left after the fund-interest guard and folding of reversals.
    pub in_scope: u64,
    /// Left after the knowledge point's validity.
    pub valid: u64,
    /// Left after `where`.
    pub concerned: u64,
    /// Groups (or rows) that reached `hit`.
    pub judged: u64,
    /// Rows or groups not judged because a value was missing that no `need` names.
    pub not_judged: u64,
    /// Not judged, per `need` clause.
    pub lacking: Vec<u64>,
    /// Exempted, per `unless` clause.
    pub exempted: Vec<u64>,
    /// Failed, per conjunct of `hit` (the first that failed).
    pub failed: Vec<u64>,
    pub hits: u64,
    pub near_misses: Vec<NearMiss>,
}

/// How many near misses are kept per block.
pub const NEAR_MISSES: usize = 20;

/// [`BlockAttrition`] per block. `not_judged`, `lacking`, `exempted` and `hits` are always counted; the rest only when traced.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attrition {
    pub blocks: Vec<BlockAttrition>,
}

impl Attrition {
    pub fn new(blocks: usize) -> Attrition {
        Attrition { blocks: vec![BlockAttrition::default(); blocks] }
    }

    /// Adds another batch's counts; near misses stay the first ones.
    pub fn merge(&mut self, other: &Attrition) {
        if self.blocks.len() < other.blocks.len() {
            self.blocks.resize_with(other.blocks.len(), BlockAttrition::default);
        }
        for (mine, theirs) in self.blocks.iter_mut().zip(&other.blocks) {
            mine.candidates += theirs.candidates;
            mine.in_scope += theirs.in_scope;
            mine.valid += theirs.valid;
            mine.concerned += theirs.concerned;
            mine.judged += theirs.judged;
            mine.not_judged += theirs.not_judged;
            mine.hits += theirs.hits;
            add(&mut mine.lacking, &theirs.lacking);
            add(&mut mine.exempted, &theirs.exempted);
            add(&mut mine.failed, &theirs.failed);
            let room = NEAR_MISSES.saturating_sub(mine.near_misses.len());
            mine.near_misses.extend(theirs.near_misses.iter().take(room).cloned());
        }
    }
}

fn add(mine: &mut Vec<u64>, theirs: &[u64]) {
    if mine.len() < theirs.len() {
        mine.resize(theirs.len(), 0);
    }
    for (a, b) in mine.iter_mut().zip(theirs) {
        *a += b;
    }
}
