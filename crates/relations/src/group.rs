//! 团组: all groups of a city that were admitted together, found in one pass over the index.

use std::collections::BTreeMap;

use crate::index::Who;
use crate::lots::Lots;
use crate::member::CORE_MAX;
use crate::view::{CROWD, View};
use crate::{Chance, GROUP_MIN};

/// Pairs held in memory at once (8 bytes each); more are worked through in shares.
const PAIRS_AT_ONCE: u64 = 16_000_000;

/// A group.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Ascending.
    pub members: Vec<Who>,
    /// Pairs of members that came together often enough.
    pub pairs: u32,
    /// Without a permutation test; `None` for a group of more than [`CORE_MAX`], which is hardly one group.
    pub chance: Option<Chance>,
}

impl Group {
    pub fn surprise(&self) -> f64 {
        self.chance.map_or(0.0, |chance| chance.surprise())
    }
}

/// All groups, the most surprising first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    pub groups: Vec<Group>,
    /// Days of institutions left out because more than [`CROWD`] persons came.
    pub crowds: u32,
}

/// Groups that came about by chance, over some dealings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dealt {
    pub rounds: u32,
    pub sum: u32,
    pub most: u32,
}

/// Stays dealt in all at most; with more there is no dealing.
const DEALT_MAX: u64 = 40_000_000;

impl View<'_> {
    /// How many groups there would be had everybody come on any day of their institutions: all visits of an institution change days with each
    /// other, so that days keep their numbers and persons theirs. Fewer rounds where there is much to deal, `None` where there is too much.
    pub fn dealt(&self, rounds: u32, seed: u64) -> Option<Dealt> {
        let least = self.ask.least.max(1);
        let often: Vec<bool> = (0..self.index.persons()).map(|who| self.days_of(who).len() as u32 >= least).collect();
        // By institution: who came (only whom it may join is dealt out, the others are chairs), and the days there were.
        let mut houses: Vec<(Vec<Who>, Vec<u32>)> = Vec::new();
        let mut work = 0u64;
        for place in (0..self.index.places()).filter(|place| !self.ask.without_places.contains(place)) {
            let (mut guests, mut chairs) = (Vec::new(), Vec::new());
            for (at, (day, count)) in self.volumes(place).into_iter().enumerate() {
                if count as usize <= CROWD {
                    chairs.extend(std::iter::repeat_n(at as u32, count as usize));
                    guests.extend(self.at(place, day).into_iter().filter(|who| often[*who as usize]));
                }
            }
            if guests.len() >= 2 {
                work += chairs.len() as u64;
                houses.push((guests, chairs));
            }
        }
        let rounds = rounds.min(u32::try_from(DEALT_MAX / work.max(1)).unwrap_or(u32::MAX));
        if rounds == 0 {
            return None;
        }
        let mut random = Lots::new(seed);
        let mut dealt = Dealt { rounds, ..Dealt::default() };
        for _ in 0..rounds {
            let mut cells: Vec<Vec<Who>> = Vec::new();
            for (guests, chairs) in &mut houses {
                let mut seats: Vec<(u32, Who)> = Vec::with_capacity(guests.len());
                for (at, who) in guests.iter().enumerate() {
                    let other = at + random.below((chairs.len() - at) as u32) as usize;
                    chairs.swap(at, other);
                    seats.push((chairs[at], *who));
                }
                seats.sort_unstable();
                seats.dedup();
                cells.extend(
                    seats.chunk_by(|a, b| a.0 == b.0).filter(|day| day.len() >= 2).map(|day| day.iter().map(|seat| seat.1).collect()),
                );
            }
            let groups = components(&joined(&cells, least)).into_iter().filter(|(members, _)| members.len() >= GROUP_MIN).count() as u32;
            dealt.sum += groups;
            dealt.most = dealt.most.max(groups);
        }
        Some(dealt)
    }

    /// Components of at least [`GROUP_MIN`] persons, joined by at least the asked number of common days.
    ///
    /// Cost: only persons with as many days as asked can be joined, so that of stays few of a city's persons count at all.
    pub fn groups(&self) -> Found {
        let least = self.ask.least.max(1);
        let often: Vec<bool> = (0..self.index.persons()).map(|who| self.days_of(who).len() as u32 >= least).collect();
        let mut found = Found::default();
        let mut cells: Vec<Vec<Who>> = Vec::new();
        for place in 0..self.index.places() {
            if self.ask.without_places.contains(&place) {
                continue;
            }
            for (day, count) in self.volumes(place) {
                if count as usize > CROWD {
                    found.crowds += 1;
                    continue;
                }
                if count < 2 {
                    continue;
                }
                let mut there = self.at(place, day);
                there.retain(|who| often[*who as usize]);
                if there.len() >= 2 {
                    cells.push(there);
                }
            }
        }
        let joined = joined(&cells, least);
        for (members, pairs) in components(&joined) {
            if members.len() < GROUP_MIN {
                continue;
            }
            let chance = (members.len() <= CORE_MAX).then(|| self.beyond(&members));
            found.groups.push(Group { members, pairs, chance });
        }
        found.groups.sort_by(|a, b| b.surprise().total_cmp(&a.surprise()).then_with(|| a.members.cmp(&b.members)));
        found
    }
}

/// Pairs that stand together in at least so many cells.
fn joined(cells: &[Vec<Who>], least: u32) -> Vec<(Who, Who)> {
    let all: u64 = cells.iter().map(|there| (there.len() * (there.len() - 1) / 2) as u64).sum();
    let shares = (all / PAIRS_AT_ONCE + 1) as u32;
    let mut joined = Vec::new();
    for share in 0..shares {
        let mut pairs: Vec<u64> = Vec::with_capacity((all / u64::from(shares)) as usize);
        for there in cells {
            for (at, one) in there.iter().enumerate().filter(|(_, one)| **one % shares == share) {
                pairs.extend(there[at + 1..].iter().map(|other| u64::from(*one) << 32 | u64::from(*other)));
            }
        }
        pairs.sort_unstable();
        let often = pairs.chunk_by(|a, b| a == b).filter(|same| same.len() >= least as usize);
        joined.extend(often.filter_map(|same| same.first()).map(|pair| ((pair >> 32) as Who, *pair as Who)));
    }
    joined
}

/// Persons that hang together, with how many pairs join them.
fn components(pairs: &[(Who, Who)]) -> Vec<(Vec<Who>, u32)> {
    let mut above: BTreeMap<Who, Who> = BTreeMap::new();
    fn top(above: &mut BTreeMap<Who, Who>, of: Who) -> Who {
        let mut at = of;
        loop {
            let next = *above.entry(at).or_insert(at);
            if next == at {
                break;
            }
            at = next;
        }
        above.insert(of, at);
        at
    }
    for (one, other) in pairs {
        let (one, other) = (top(&mut above, *one), top(&mut above, *other));
        above.insert(one.max(other), one.min(other));
    }
    let everybody: Vec<Who> = above.keys().copied().collect();
    let mut groups: BTreeMap<Who, (Vec<Who>, u32)> = BTreeMap::new();
    for who in everybody {
        let of = top(&mut above, who);
        groups.entry(of).or_default().0.push(who);
    }
    for (one, _) in pairs {
        let of = top(&mut above, *one);
        groups.entry(of).or_default().1 += 1;
    }
    groups.into_values().collect()
}
