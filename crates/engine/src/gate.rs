//! Gates: conditions shared by all candidates that state them, asked once per profile of visits, person, visit or row.
//!
//! Visits share a handful of combinations of small attributes (care, level, insurance and the like): their profiles. A gate
//! is folded once per profile. Most gates are decided by that alone; what is left of the others, the residual, is kept
//! for as long as what it reads stays the same.

use crate::arith::{FALSE, TRUE};
use crate::code::Code;
use crate::eval::{RowKind, Scene, Span};
use crate::expr::Expr;
use crate::fold::Given;
use crate::hash::FixedMap;
use crate::net::{Net, clip};
use crate::timeline::Visit;
use crate::uses::{Moment, Uses};

/// The gate that is always open.
pub(crate) const PASS: u32 = 0;

/// What a gate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Answer {
    No = 0,
    Yes = 1,
    Unknown = 2,
}

impl Answer {
    fn of(value: i64) -> Answer {
        match value {
            FALSE => Answer::No,
            crate::UNKNOWN => Answer::Unknown,
            _ => Answer::Yes,
        }
    }
}

/// All gates of a worker: conditions, and whether they read gross values (`raw lines`).
#[derive(Debug)]
pub(crate) struct Gates {
    exprs: Vec<(Expr, bool)>,
    ids: [FixedMap<Expr, u32>; 2],
}

impl Default for Gates {
    fn default() -> Gates {
        Gates { exprs: vec![(Expr::TRUE, false)], ids: Default::default() }
    }
}

impl Gates {
    /// The number of the gate for a condition.
    pub fn intern(&mut self, expr: Expr, moment: Moment, raw: bool) -> u32 {
        let raw = raw && moment >= Moment::Row;
        let next = self.exprs.len() as u32;
        let id = *self.ids[usize::from(raw)].entry(expr.clone()).or_insert(next);
        if id == next {
            self.exprs.push((expr, raw));
        }
        id
    }

    pub fn len(&self) -> usize {
        self.exprs.len()
    }
}

/// How long an answer holds.
const PERSON: u8 = 0;
const VISIT: u8 = 1;
/// For the visit, when the first and the last day of its lines agree.
const SPAN: u8 = 2;
const ROW: u8 = 3;

/// What a profile says of a gate: not asked yet, an [`Answer`] plus 1, or the number of a residual from here on.
const UNASKED: u32 = 0;
const RESIDUALS: u32 = 4;

/// What is left of a gate when the profile is known.
#[derive(Debug)]
struct Residual {
    expr: Expr,
    code: Code,
    holds: u8,
    raw: bool,
    /// The answer depends on more than the gate's row: never kept.
    fickle: bool,
    /// It is about line flags alone: these bits, of which one must be set, or none; 0 where it is about something else.
    flags: u16,
    wanted: bool,
}

impl Residual {
    fn new(expr: Expr, raw: bool) -> Residual {
        let uses = Uses::of(&expr);
        let fickle = !uses.columns.is_empty();
        let holds = match uses.moment() {
            _ if fickle => ROW,
            Moment::Person => PERSON,
            Moment::Profile | Moment::Visit => VISIT,
            Moment::Span => SPAN,
            Moment::Item | Moment::Row | Moment::Group => ROW,
        };
        let (flags, wanted) = match &expr {
            Expr::Flags(flags) => (*flags, true),
            Expr::Not(one) => match **one {
                Expr::Flags(flags) => (flags, false),
                _ => (0, true),
            },
            _ => (0, true),
        };
        let code = Code::of(&expr);
        Residual { expr, code, holds, raw, fickle, flags, wanted }
    }
}

/// Answers still good for the person, visit and row in hand.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    residuals: Vec<Residual>,
    residual_ids: [FixedMap<Expr, u32>; 2],
    /// Per residual: when it was answered, times 4, plus the answer.
    kept: Vec<u64>,
    /// The moments that count as now, per kind of residual; never 0.
    now: [u64; 4],
    clock: u64,
    /// Numbers of the profiles of visits seen so far, and the one in hand.
    profiles: FixedMap<u64, u32>,
    pub profile: u32,
    key: u64,
    /// Per profile and gate what the profile says.
    of_profiles: Vec<Vec<u32>>,
    /// First and last day of the visit's lines, once somebody asked.
    span: Option<(i32, i32)>,
}

/// An answer of a [`SPAN`] residual that differs between rows.
const MIXED: u64 = 3;

impl Answers {
    /// Must be called when gates may have been added.
    pub fn fit(&mut self, gates: &Gates) {
        self.of_profiles.iter_mut().for_each(|says| says.resize(gates.len(), UNASKED));
    }

    pub fn next_person(&mut self) {
        self.clock += 1;
        self.now = [self.clock; 4];
        self.span = None;
    }

    pub fn next_visit(&mut self, visit: &Visit, gates: &Gates) {
        let key = u64::from(visit.med_type as u16) << 32
            | u64::from(visit.insurance as u16) << 16
            | u64::from(visit.level) << 8
            | (visit.care as u64) << 2
            | u64::from(visit.unlevelled) << 1
            | u64::from(visit.pharmacy);
        // No visit has key 0: a care is at least 1.
        if key != self.key {
            self.key = key;
            let next = self.of_profiles.len() as u32;
            self.profile = *self.profiles.entry(key).or_insert(next);
            if self.profile == next {
                self.of_profiles.push(vec![UNASKED; gates.len()]);
            }
        }
        self.clock += 1;
        self.now[usize::from(VISIT)] = self.clock;
        self.now[usize::from(SPAN)] = self.clock;
        self.now[usize::from(ROW)] = self.clock;
        self.span = None;
    }

    #[inline]
    pub fn next_row(&mut self) {
        self.clock += 1;
        self.now[usize::from(ROW)] = self.clock;
    }

    /// Changes with every visit.
    pub fn visit(&self) -> u64 {
        self.now[usize::from(VISIT)]
    }

    /// What the profile in hand says of a gate.
    #[inline]
    fn says(&mut self, gates: &Gates, gate: u32, scene: &Scene<'_>) -> u32 {
        match self.of_profiles[self.profile as usize][gate as usize] {
            UNASKED => self.specialise(gates, gate, scene),
            says => says,
        }
    }

    /// Folds a gate with the profile of the visit in hand.
    #[cold]
    fn specialise(&mut self, gates: &Gates, gate: u32, scene: &Scene<'_>) -> u32 {
        let (expr, raw) = &gates.exprs[gate as usize];
        let visit = scene.facts.data.visits.get(scene.row.visit as usize);
        let given = Given { point: None, item_sets_from: 0, item: None, profile: visit };
        let says = match given.fold(expr) {
            Expr::Const(value) => Answer::of(value) as u32 + 1,
            left => {
                let ids = &mut self.residual_ids[usize::from(*raw)];
                let next = self.residuals.len() as u32;
                let id = *ids.entry(left.clone()).or_insert(next);
                if id == next {
                    self.residuals.push(Residual::new(left, *raw));
                    self.kept.push(0);
                }
                id + RESIDUALS
            }
        };
        self.of_profiles[self.profile as usize][gate as usize] = says;
        says
    }

    /// Asks the profile in hand alone; `None` where it does not decide.
    pub fn ask_profile(&mut self, gates: &Gates, gate: u32, scene: &Scene<'_>) -> Option<Answer> {
        match self.says(gates, gate, scene) {
            1 => Some(Answer::No),
            2 => Some(Answer::Yes),
            3 => Some(Answer::Unknown),
            _ => None,
        }
    }

    /// The flags of which a line of the visit in hand must have one to pass; 0 where the gate is about something else.
    pub fn wanted_flags(&mut self, gates: &Gates, gate: u32, scene: &Scene<'_>) -> u16 {
        let says = self.says(gates, gate, scene);
        match says.checked_sub(RESIDUALS).map(|at| &self.residuals[at as usize]) {
            Some(residual) if residual.wanted => residual.flags,
            _ => 0,
        }
    }

    /// Asks a gate about all lines of the visit in hand; `None` where they may differ.
    pub fn ask_of_visit(&mut self, gates: &Gates, gate: u32, scene: &Scene<'_>) -> Option<Answer> {
        let says = self.says(gates, gate, scene);
        let Some(at) = says.checked_sub(RESIDUALS) else { return self.ask_profile(gates, gate, scene) };
        let at = at as usize;
        if self.residuals[at].holds == ROW {
            return None;
        }
        let answer = self.residual(at, scene);
        let mixed = self.residuals[at].holds == SPAN && self.kept[at] & 3 == MIXED;
        (!mixed).then_some(answer)
    }

    /// Asks a gate about the row in hand.
    #[inline]
    pub fn ask(&mut self, gates: &Gates, gate: u32, scene: &Scene<'_>) -> Answer {
        if gate == PASS {
            return Answer::Yes;
        }
        match self.says(gates, gate, scene) {
            1 => Answer::No,
            2 => Answer::Yes,
            3 => Answer::Unknown,
            says => self.residual((says - RESIDUALS) as usize, scene),
        }
    }

    #[inline]
    fn residual(&mut self, at: usize, scene: &Scene<'_>) -> Answer {
        let residual = &self.residuals[at];
        let of_line = scene.kind == RowKind::Line;
        if residual.flags != 0 && of_line {
            let set = scene.facts.data.lines.flags[scene.row.row as usize] & residual.flags != 0;
            return if set == residual.wanted { Answer::Yes } else { Answer::No };
        }
        let kept = self.kept[at];
        // What is kept of days and rows is about lines.
        if kept >> 2 == self.now[usize::from(residual.holds)] && (of_line || residual.holds < SPAN) {
            match kept & 3 {
                0 => return Answer::No,
                1 => return Answer::Yes,
                2 => return Answer::Unknown,
                _ => {}
            }
        }
        self.decide(at, scene)
    }

    #[inline(never)]
    fn decide(&mut self, at: usize, scene: &Scene<'_>) -> Answer {
        let residual = &self.residuals[at];
        let holds = residual.holds;
        let now = self.now[usize::from(holds)];
        let mut scene = Scene { raw: residual.raw, ..*scene };
        if holds < SPAN {
            let answer = Answer::of(residual.code.value(&scene));
            self.kept[at] = now << 2 | answer as u64;
            return answer;
        }
        if scene.kind != RowKind::Line {
            return Answer::of(residual.code.value(&scene));
        }
        if holds == SPAN && self.kept[at] != now << 2 | MIXED {
            let span = Span::new(self.span(&scene));
            let residual = &self.residuals[at];
            let answer = Answer::of(Scene { span: Some(&span), ..scene }.value(&residual.expr));
            if !span.mixed.get() {
                self.kept[at] = now << 2 | answer as u64;
                return answer;
            }
            self.kept[at] = now << 2 | MIXED;
        }
        scene.span = None;
        let residual = &self.residuals[at];
        let answer = Answer::of(residual.code.value(&scene));
        if holds == ROW && !residual.fickle {
            self.kept[at] = now << 2 | answer as u64;
        }
        answer
    }

    fn span(&mut self, scene: &Scene<'_>) -> (i32, i32) {
        let data = scene.facts.data;
        let lines = data.visits.get(scene.row.visit as usize).map_or(0..0, |visit| clip(&visit.lines, data.lines.len()));
        *self.span.get_or_insert_with(|| Net::span(data, lines))
    }
}

/// Keeps the truth constants of [`crate::arith`] and the answers of gates in step.
const _: () = assert!(FALSE == Answer::No as i64 && TRUE == Answer::Yes as i64);
