//! 偶然共现的可能: what would come together if everybody came on any day of their institution.

use std::collections::BTreeMap;

use mingjian_model::day::Day;

use crate::index::{Place, Who};
use crate::lots::Lots;
use crate::view::{CROWD, View};

/// Rounds of the permutation test unless said.
pub const ROUNDS_DEFAULT: u32 = 10_000;
pub const ROUNDS_MAX: u32 = 100_000;
/// Lots drawn by one test at most; a large group gets fewer rounds.
const LOTS_MAX: u64 = 60_000_000;

/// How likely it is that these persons came together so often by chance alone.
///
/// A 人对日 is a pair of persons at the same institution on the same day. By chance means: each institution had as many persons each day as it
/// had, each person came to each institution as often as they came, but on any of its days, busy ones more likely.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Chance {
    /// 人对日 as they were.
    pub observed: u64,
    /// 人对日 to be expected by chance, by the closed formula: over institutions, pairs of visits of two persons × Σ v(v−1) ÷ V(V−1), where v is
    /// the number of persons on a day and V their sum.
    pub expected: f64,
    /// Rounds of the permutation test that were run.
    pub rounds: u32,
    /// Rounds that reached what was observed.
    pub reached: u32,
    /// 人对日 of a round on average; the closed formula is its limit.
    pub mean: f64,
    /// Most 人对日 of any round.
    pub most: u64,
    pub seed: u64,
}

impl Chance {
    /// How far beyond chance, in nats: O·ln(O/E) − (O − E), as of a Poisson count; 0 where no more came than expected.
    pub fn surprise(&self) -> f64 {
        surprise(self.observed, self.expected)
    }
}

pub(crate) fn surprise(observed: u64, expected: f64) -> f64 {
    let observed = observed as f64;
    // An institution that only the group came to: chance has no other day to offer.
    let expected = expected.max(1e-6);
    if observed <= expected { 0.0 } else { observed * (observed / expected).ln() - (observed - expected) }
}

/// What the members' visits to one institution look like.
struct Here {
    /// Persons each day.
    volumes: Vec<u32>,
    total: u64,
    /// How often each member came, in the order of members; only those who did.
    times: Vec<u32>,
    observed: u64,
}

impl Here {
    fn expected(&self) -> f64 {
        let sum: u64 = self.times.iter().map(|times| u64::from(*times)).sum();
        let squares: u64 = self.times.iter().map(|times| u64::from(*times).pow(2)).sum();
        let pairs = (sum * sum - squares) as f64 / 2.0;
        let all = self.total as f64;
        let same: f64 = self.volumes.iter().map(|day| f64::from(*day) * (f64::from(*day) - 1.0)).sum();
        if self.total < 2 { 0.0 } else { pairs * same / (all * (all - 1.0)) }
    }

    fn visits(&self) -> u64 {
        self.times.iter().map(|times| u64::from(*times)).sum()
    }
}

impl View<'_> {
    /// Observed and expected, without a test.
    pub(crate) fn beyond(&self, members: &[Who]) -> Chance {
        let here = self.here(members);
        Chance {
            observed: here.iter().map(|one| one.observed).sum(),
            expected: here.iter().map(Here::expected).fold(0.0, |sum, one| sum + one),
            ..Chance::default()
        }
    }

    /// With a permutation test of so many rounds, fewer where the group is large. Each round gives every visit of a member another place among
    /// all that the institution had, so that the days keep their numbers and the persons theirs.
    pub fn chance(&self, members: &[Who], rounds: u32, seed: u64) -> Chance {
        let here = self.here(members);
        let mut chance = Chance {
            observed: here.iter().map(|one| one.observed).sum(),
            expected: here.iter().map(Here::expected).fold(0.0, |sum, one| sum + one),
            seed,
            ..Chance::default()
        };
        let lots: u64 = here.iter().map(Here::visits).sum();
        if lots == 0 {
            return chance;
        }
        chance.rounds = rounds.min(ROUNDS_MAX).min(u32::try_from(LOTS_MAX / lots).unwrap_or(u32::MAX)).max(1);
        let mut urns: Vec<Urn> = here.iter().map(Urn::of).collect();
        let mut random = Lots::new(seed);
        let mut sum = 0u64;
        for round in 1..=chance.rounds {
            let pairs: u64 = urns.iter_mut().map(|urn| urn.pairs(round, &mut random)).sum();
            chance.reached += u32::from(pairs >= chance.observed);
            chance.most = chance.most.max(pairs);
            sum += pairs;
        }
        chance.mean = sum as f64 / f64::from(chance.rounds);
        chance
    }

    fn here(&self, members: &[Who]) -> Vec<Here> {
        let mut members: Vec<Who> = members.to_vec();
        members.sort_unstable();
        members.dedup();
        let mut by_place: BTreeMap<Place, BTreeMap<Day, Vec<usize>>> = BTreeMap::new();
        for (at, who) in members.iter().enumerate() {
            for (place, day) in self.days_of(*who) {
                by_place.entry(place).or_default().entry(day).or_default().push(at);
            }
        }
        let mut here = Vec::new();
        for (place, days) in by_place {
            let volumes: Vec<(Day, u32)> = self.volumes(place).into_iter().filter(|(_, count)| *count as usize <= CROWD).collect();
            let quiet = |day: &Day| volumes.binary_search_by_key(day, |(known, _)| *known).is_ok();
            let mut times = vec![0u32; members.len()];
            let mut observed = 0u64;
            for there in days.iter().filter(|(day, _)| quiet(day)).map(|(_, there)| there) {
                observed += (there.len() * (there.len() - 1) / 2) as u64;
                for at in there {
                    times[*at] += 1;
                }
            }
            times.retain(|times| *times > 0);
            if times.len() < 2 {
                continue;
            }
            let volumes: Vec<u32> = volumes.into_iter().map(|(_, count)| count).collect();
            let total = volumes.iter().map(|count| u64::from(*count)).sum();
            here.push(Here { volumes, total, times, observed });
        }
        here
    }
}

/// All places on all days of an institution, to draw the members' visits from.
struct Urn {
    /// The day of each place.
    day: Vec<u32>,
    /// The round in which a place was drawn last.
    drawn: Vec<u32>,
    times: Vec<u32>,
    /// Day and member of the visits of a round.
    visits: Vec<(u32, u32)>,
}

impl Urn {
    fn of(here: &Here) -> Urn {
        let days = here.volumes.iter().enumerate().flat_map(|(day, count)| std::iter::repeat_n(day as u32, *count as usize));
        let day: Vec<u32> = days.collect();
        Urn { drawn: vec![0; day.len()], day, times: here.times.clone(), visits: Vec::new() }
    }

    /// Pairs of visits of two persons on the same day, in one round; rounds count from 1.
    fn pairs(&mut self, round: u32, random: &mut Lots) -> u64 {
        self.visits.clear();
        for (member, times) in self.times.iter().enumerate() {
            for _ in 0..*times {
                let place = loop {
                    let place = random.below(self.day.len() as u32) as usize;
                    if self.drawn[place] != round {
                        break place;
                    }
                };
                self.drawn[place] = round;
                self.visits.push((self.day[place], member as u32));
            }
        }
        self.visits.sort_unstable();
        let mut pairs = 0u64;
        for day in self.visits.chunk_by(|a, b| a.0 == b.0) {
            let all = day.len() as u64;
            let own: u64 = day.chunk_by(|a, b| a.1 == b.1).map(|own| (own.len() * (own.len() - 1) / 2) as u64).sum();
            pairs += all * (all - 1) / 2 - own;
        }
        pairs
    }
}
