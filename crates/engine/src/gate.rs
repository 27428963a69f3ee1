//! Gates: conditions shared by all candidates that state them, asked once per person, visit or row.

use crate::arith::{FALSE, TRUE};
use crate::eval::{RowKind, Scene, Span};
use crate::expr::Expr;
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

/// How long an answer holds; the low three bits of a gate's number.
const PERSON: u32 = 0;
const VISIT: u32 = 1;
const SPAN: u32 = 2;
const ROW: u32 = 3;
/// For as long as the worker lives, per profile of visits.
const PROFILE: u32 = 4;
const HOLDS: u32 = 7;
const BITS: u32 = 3;

/// All gates of a worker.
#[derive(Debug)]
pub(crate) struct Gates {
    exprs: Vec<Expr>,
    /// Gates on flags alone: bits, and whether one of them must be set or none.
    flags: Vec<(u16, bool)>,
    /// The answer depends on more than the gate's row: never kept.
    fickle: Vec<bool>,
    /// The gate reads gross values (`raw lines`).
    raw: Vec<bool>,
    ids: [FixedMap<Expr, u32>; 2],
}

impl Default for Gates {
    fn default() -> Gates {
        Gates { exprs: vec![Expr::TRUE], flags: vec![(0, true)], fickle: vec![false], raw: vec![false], ids: Default::default() }
    }
}

impl Gates {
    /// The number of the gate for a condition.
    pub fn intern(&mut self, expr: Expr, moment: Moment, raw: bool) -> u32 {
        let raw = raw && moment >= Moment::Row;
        if let Some(&id) = self.ids[usize::from(raw)].get(&expr) {
            return id;
        }
        let holds = match moment {
            Moment::Profile => PROFILE,
            Moment::Person => PERSON,
            Moment::Visit => VISIT,
            Moment::Span => SPAN,
            Moment::Item | Moment::Row | Moment::Group => ROW,
        };
        let id = (self.exprs.len() as u32) << BITS | holds;
        self.flags.push(match &expr {
            Expr::Flags(flags) => (*flags, true),
            Expr::Not(one) => match **one {
                Expr::Flags(flags) => (flags, false),
                _ => (0, true),
            },
            _ => (0, true),
        });
        self.fickle.push(!Uses::of(&expr).columns.is_empty());
        self.raw.push(raw);
        self.exprs.push(expr.clone());
        self.ids[usize::from(raw)].insert(expr, id);
        id
    }

    pub fn len(&self) -> usize {
        self.exprs.len()
    }

    /// The flags of which a line must have one to pass; 0 where the gate is about something else.
    pub fn wanted_flags(&self, gate: u32) -> u16 {
        match self.flags[(gate >> BITS) as usize] {
            (flags, true) => flags,
            _ => 0,
        }
    }
}

/// Answers still good for the person, visit and row in hand.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// Per gate: when it was answered, times 4, plus the answer.
    kept: Vec<u64>,
    /// The moments that count as now, per kind of gate; never 0.
    now: [u64; 8],
    clock: u64,
    /// Numbers of the profiles of visits seen so far, and the one in hand.
    profiles: FixedMap<u64, u32>,
    pub profile: u32,
    /// Per profile and gate: 0 before it is asked, then the answer plus 1.
    of_profiles: Vec<Vec<u8>>,
    /// First and last day of the visit's lines, once somebody asked.
    span: Option<(i32, i32)>,
}

/// An answer of a [`SPAN`] gate that differs between rows.
const MIXED: u64 = 3;

impl Answers {
    /// Must be called when gates may have been added.
    pub fn fit(&mut self, gates: &Gates) {
        self.kept.resize(gates.len(), 0);
        self.of_profiles.iter_mut().for_each(|answers| answers.resize(gates.len(), 0));
    }

    pub fn next_person(&mut self) {
        self.clock += 1;
        self.now = [self.clock; 8];
        self.span = None;
    }

    pub fn next_visit(&mut self, visit: &Visit) {
        let profile = u64::from(visit.med_type as u16) << 32
            | u64::from(visit.insurance as u16) << 16
            | u64::from(visit.level) << 8
            | (visit.care as u64) << 2
            | u64::from(visit.unlevelled) << 1
            | u64::from(visit.pharmacy);
        let next = self.of_profiles.len() as u32;
        self.profile = *self.profiles.entry(profile).or_insert(next);
        if self.profile == next {
            self.of_profiles.push(vec![0; self.kept.len()]);
        }
        self.clock += 1;
        self.now[VISIT as usize] = self.clock;
        self.now[SPAN as usize] = self.clock;
        self.now[ROW as usize] = self.clock;
        self.span = None;
    }

    #[inline]
    pub fn next_row(&mut self) {
        self.clock += 1;
        self.now[ROW as usize] = self.clock;
    }

    /// Changes with every visit.
    pub fn visit(&self) -> u64 {
        self.now[VISIT as usize]
    }

    /// Whether a gate is about the visit's profile alone.
    pub fn is_of_profile(gate: u32) -> bool {
        gate == PASS || gate & HOLDS == PROFILE
    }

    /// Asks a gate about all lines of the visit in hand; `None` where they may differ.
    pub fn ask_of_visit(&mut self, gates: &Gates, gate: u32, scene: &Scene<'_>) -> Option<Answer> {
        if gate != PASS && gate & HOLDS == ROW {
            return None;
        }
        let answer = self.ask(gates, gate, scene);
        let mixed = gate & HOLDS == SPAN && self.kept[(gate >> BITS) as usize] & 3 == MIXED;
        (!mixed).then_some(answer)
    }

    /// Asks a gate about the row in hand.
    #[inline]
    pub fn ask(&mut self, gates: &Gates, gate: u32, scene: &Scene<'_>) -> Answer {
        if gate == PASS {
            return Answer::Yes;
        }
        if gate & HOLDS == ROW {
            let (flags, wanted) = gates.flags[(gate >> BITS) as usize];
            if flags != 0 && scene.kind == RowKind::Line {
                let set = scene.facts.data.lines.flags[scene.row.row as usize] & flags != 0;
                return if set == wanted { Answer::Yes } else { Answer::No };
            }
        }
        if gate & HOLDS == PROFILE {
            match self.of_profiles[self.profile as usize][(gate >> BITS) as usize] {
                1 => return Answer::No,
                2 => return Answer::Yes,
                3 => return Answer::Unknown,
                _ => return self.decide(gates, gate, scene),
            }
        }
        let kept = self.kept[(gate >> BITS) as usize];
        if kept >> 2 == self.now[(gate & HOLDS) as usize] {
            match kept & 3 {
                0 => return Answer::No,
                1 => return Answer::Yes,
                2 => return Answer::Unknown,
                _ => {}
            }
        }
        self.decide(gates, gate, scene)
    }

    #[inline(never)]
    fn decide(&mut self, gates: &Gates, gate: u32, scene: &Scene<'_>) -> Answer {
        let at = (gate >> BITS) as usize;
        let expr = &gates.exprs[at];
        let holds = gate & HOLDS;
        if holds == PROFILE {
            let value = Answer::of(scene.value(expr));
            self.of_profiles[self.profile as usize][at] = value as u8 + 1;
            return value;
        }
        let now = self.now[holds as usize];
        if holds < SPAN {
            let value = Answer::of(scene.value(expr));
            self.kept[at] = now << 2 | value as u64;
            return value;
        }
        let scene = &Scene { raw: gates.raw[at], ..*scene };
        if scene.kind != RowKind::Line {
            return Answer::of(scene.value(expr));
        }
        let mut keep = !gates.fickle[at];
        if holds == SPAN {
            keep = false;
            if self.kept[at] != now << 2 | MIXED {
                let span = Span::new(self.span(scene));
                let value = Answer::of(Scene { span: Some(&span), ..*scene }.value(expr));
                if !span.mixed.get() {
                    self.kept[at] = now << 2 | value as u64;
                    return value;
                }
                self.kept[at] = now << 2 | MIXED;
            }
        }
        let value = Answer::of(scene.value(expr));
        if keep {
            self.kept[at] = now << 2 | value as u64;
        }
        value
    }

    fn span(&mut self, scene: &Scene<'_>) -> (i32, i32) {
        let data = scene.facts.data;
        let lines = data.visits.get(scene.row.visit as usize).map_or(0..0, |visit| clip(&visit.lines, data.lines.len()));
        *self.span.get_or_insert_with(|| Net::span(data, lines))
    }
}

/// Keeps the truth constants of [`crate::arith`] and the answers of gates in step.
const _: () = assert!(FALSE == Answer::No as i64 && TRUE == Answer::Yes as i64);
