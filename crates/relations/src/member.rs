//! 成员: who forms the group around some persons, and who stands at its edge.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::index::Who;
use crate::view::View;

/// Persons of a group at most; a larger one is cut and said to be.
pub const CORE_MAX: usize = 120;
/// Persons shown around a group at most.
pub const FRINGE_MAX: usize = 60;

/// Who stands around the persons asked about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Around {
    /// 核心: the persons joined by enough common days to one of those asked about, ascending. Fewer than two persons are no group: then it is
    /// empty.
    pub core: Vec<Who>,
    /// Asked about, and not of the core.
    pub outside: Vec<Who>,
    /// 二度: came together with members, less often; the most often first.
    pub fringe: Vec<Who>,
    /// Persons of the fringe that are not shown.
    pub fringe_left: usize,
    /// Other groups that persons asked about belong to.
    pub other_groups: usize,
    /// The group is larger than is shown.
    pub cut: bool,
}

impl Around {
    /// Everybody, the core first.
    pub fn persons(&self) -> Vec<Who> {
        [&self.core[..], &self.outside, &self.fringe].concat()
    }
}

impl View<'_> {
    /// With whom a person came together, and how often.
    pub(crate) fn together(&self, who: Who) -> BTreeMap<Who, u32> {
        let mut times = BTreeMap::new();
        for (place, day) in self.days_of(who) {
            for other in self.at(place, day) {
                if other != who {
                    *times.entry(other).or_insert(0) += 1;
                }
            }
        }
        times
    }

    /// The group around these persons. Of several groups the largest is taken, of equal ones the one whose person was named first.
    pub fn around(&self, seeds: &[Who]) -> Around {
        let mut groups: Vec<(BTreeSet<Who>, bool)> = Vec::new();
        for seed in seeds.iter().filter(|seed| !self.ask.without_persons.contains(seed)) {
            if groups.iter().any(|(group, _)| group.contains(seed)) {
                continue;
            }
            groups.push(self.joined(*seed));
        }
        let most = groups.iter().map(|(group, _)| group.len()).max().unwrap_or(0);
        let chosen = groups.iter().position(|(group, _)| group.len() == most && most >= 2);
        let other_groups = groups.iter().enumerate().filter(|(at, (group, _))| Some(*at) != chosen && group.len() >= 2).count();
        let (core, cut) = chosen.map(|at| groups.swap_remove(at)).unwrap_or_default();
        let mut outside: Vec<Who> = Vec::new();
        for seed in seeds {
            if !core.contains(seed) && !outside.contains(seed) && !self.ask.without_persons.contains(seed) {
                outside.push(*seed);
            }
        }
        let mut around = Around { core: core.into_iter().collect(), outside, other_groups, cut, ..Around::default() };
        if self.ask.degree >= 2 {
            self.add_fringe(&mut around);
        }
        around
    }

    /// Everybody joined to a person by steps of enough common days; whether that was cut.
    fn joined(&self, seed: Who) -> (BTreeSet<Who>, bool) {
        let mut group = BTreeSet::from([seed]);
        let mut waiting = VecDeque::from([seed]);
        while let Some(who) = waiting.pop_front() {
            for (other, times) in self.together(who) {
                if times < self.ask.least.max(1) || group.contains(&other) {
                    continue;
                }
                if group.len() >= CORE_MAX {
                    return (group, true);
                }
                group.insert(other);
                waiting.push_back(other);
            }
        }
        (group, false)
    }

    fn add_fringe(&self, around: &mut Around) {
        let within = if around.core.is_empty() { &around.outside } else { &around.core };
        let shown: BTreeSet<Who> = around.core.iter().chain(&around.outside).copied().collect();
        let mut times: BTreeMap<Who, (u32, u32)> = BTreeMap::new();
        for who in within {
            for (other, count) in self.together(*who) {
                if !shown.contains(&other) {
                    let sum = times.entry(other).or_default();
                    *sum = (sum.0.max(count), sum.1 + count);
                }
            }
        }
        let mut fringe: Vec<(Who, (u32, u32))> = times.into_iter().collect();
        fringe.sort_by_key(|(who, (most, sum))| (std::cmp::Reverse((*most, *sum)), *who));
        around.fringe_left = fringe.len().saturating_sub(FRINGE_MAX);
        around.fringe = fringe.into_iter().take(FRINGE_MAX).map(|(who, _)| who).collect();
    }
}
