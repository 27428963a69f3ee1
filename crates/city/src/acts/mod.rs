//! Planted acts: violations in otherwise clean lives, and lawful look-alikes.
//!
//! Every act has hosts: persons without chronic disease, pregnancy or death (unless it needs them), whose own life keeps
//! quiet around the act, so that what is found there is the act's. Which acts a block holds is decided before it is made.

mod groups;
mod lines;
mod lookalikes;
mod scenarios;
mod stays;
mod visits;

pub use scenarios::SCENARIOS;

use crate::City;
use crate::care::Life;
use crate::cells::{DAY, Second};
use crate::claim::{Claim, Mark, ONE, Risk};
use crate::people::Person;
use crate::plan::QUIET;
use crate::rng::{Rng, mix};
use crate::truth::Scenario;
use crate::world::Special;
use mingjian_model::day::Day;

/// An act as scheduled: which scenario, its number in the city, the block it falls into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Scheduled {
    pub block: u32,
    pub number: u32,
    pub scenario: u16,
    /// Institution of its own.
    pub special: Option<u32>,
}

/// An act being planted into one host's life.
#[derive(Clone)]
pub(crate) struct Planting {
    /// Slot in the block.
    pub slot: u16,
    pub number: u32,
    pub scenario: &'static Scenario,
    /// The host's place among the act's hosts.
    pub role: usize,
    pub day: Day,
    /// Shared by all hosts of the act.
    pub rng: Rng,
    pub special: Option<usize>,
}

impl Planting {
    pub fn mark(&self, claim: &mut Claim, line: usize, risk: Risk) {
        claim.lines[line].mark = Some(Mark { act: self.slot, risk });
    }

    /// A trace code's serial of this act.
    pub fn serial(&self, k: u64) -> u64 {
        5_000_000_000_000 + u64::from(self.number) * 1_000 + k
    }
}

/// Lays the acts out over the blocks: for each scenario as many as its rate asks for, at least `least`.
pub(crate) fn schedule(
    rates: &crate::Rates,
    persons: u32,
    months: u32,
    days: i32,
    blocks: u32,
    seed: u64,
) -> (Vec<Scheduled>, Vec<Special>) {
    let mut acts = Vec::new();
    let mut specials = Vec::new();
    let mut number = 0;
    for (i, scenario) in SCENARIOS.iter().enumerate() {
        let percent = u64::from(rates.percent_of(scenario));
        if percent == 0 || scenario.days.max(scenarios::lead(scenario.name, days) + span(scenario.name) + 9) > days {
            continue;
        }
        let wanted = u64::from(scenario.rate) * u64::from(persons) * u64::from(months) * percent / (100_000 * 12 * 100);
        // A block of 500 cannot lend more hosts than a fifth of its persons, large groups apart.
        let most = u64::from(blocks) * (100 / scenario.persons.max(1)).max(1) as u64;
        let count = wanted.max(u64::from(rates.least)).min(most);
        for k in 0..count {
            let spread = mix(seed ^ 0xAC7, (i as u64) << 32 | k);
            let block = ((k * u64::from(blocks) / count + spread % u64::from(blocks / count.min(u64::from(blocks)) as u32 + 1))
                % u64::from(blocks)) as u32;
            let special = special_of(scenario.name).map(|s| {
                specials.push(s);
                specials.len() as u32 - 1
            });
            acts.push(Scheduled { block, number, scenario: i as u16, special });
            number += 1;
        }
    }
    acts.sort_unstable();
    (acts, specials)
}

fn special_of(name: &str) -> Option<Special> {
    match name {
        "december_surge" => Some(Special::SurgePharmacy),
        "first_month_without_count" => Some(Special::NewPharmacy),
        "beds_over_capacity" => Some(Special::SmallHospital),
        _ => None,
    }
}

/// Days of an act's own care, for the quiet around it.
fn span(name: &str) -> Day {
    match name {
        "course_too_long" | "rehab_course_too_long" => 45,
        "frequent_admission" => 90,
        "split_stay" | "planned_chemotherapy" | "readmitted_for_another_disease" | "transfer_and_back" => 45,
        "joint_admissions" => 130,
        "old_age_home_in_hospital" => 110,
        "gathered_cards" => 40,
        "trace_code_sold_elsewhere" | "dialysis_regular" | "acupuncture_course" | "package_of_goods" => 40,
        "drug_resale" => 60,
        "december_surge" => 0,
        _ => 16,
    }
}

/// Whether a person can host the scenario at all.
fn fits(scenario: &Scenario, person: &Person, day: Day, city: &City) -> bool {
    let age = person.age(day);
    let name = scenario.name;
    if name == "used_after_death" {
        return person.died.is_some_and(|d| d + 14 < city.calendar.to && d > city.calendar.from + 50);
    }
    if !person.lives_through(city.calendar.from - 40, city.calendar.to) || person.delivery.is_some() {
        return false;
    }
    let chronic_wanted = matches!(name, "same_drug_twice" | "oversupply_on_register");
    if person.is_chronic() != chronic_wanted {
        return false;
    }
    if chronic_wanted && person.chronic[0].disease.drugs.is_empty() {
        return false;
    }
    let (sex, low, high) = scenarios::host(name);
    (sex == 0 || sex == person.sex) && (low..=high).contains(&age)
}

/// What happens to the persons of a block: for each host its planting.
pub(crate) fn cast(city: &City, persons: &[Person], scheduled: &[Scheduled]) -> Vec<Vec<Planting>> {
    let mut cast: Vec<Vec<Planting>> = vec![Vec::new(); persons.len()];
    for (slot, act) in scheduled.iter().enumerate() {
        let scenario = &SCENARIOS[act.scenario as usize];
        let mut rng = Rng::new(city.seed ^ 0xCA57, u64::from(act.number));
        let day = scenarios::day(scenario, city, span(scenario.name), &mut rng);
        let special = act.special.map(|s| city.first_special + s as usize);
        let start = rng.below(persons.len());
        let mut hosts = Vec::new();
        for k in 0..persons.len() {
            let at = (start + k) % persons.len();
            if hosts.len() < scenario.persons && cast[at].is_empty() && fits(scenario, &persons[at], day, city) {
                hosts.push(at);
            }
        }
        if hosts.len() < scenario.persons {
            continue;
        }
        for (role, at) in hosts.into_iter().enumerate() {
            let day = if scenario.name == "used_after_death" { persons[at].died.unwrap_or(day) } else { day };
            cast[at].push(Planting { slot: slot as u16, number: act.number, scenario, role, day, rng: rng.clone(), special });
        }
    }
    cast
}

/// Hosts of gathered acts share a phone or a village, as those recruited together do.
pub(crate) fn disguise(persons: &mut [Person], cast: &[Vec<Planting>]) {
    for (person, plantings) in persons.iter_mut().zip(cast) {
        for p in plantings.iter().filter(|p| matches!(p.scenario.name, "joint_admissions" | "gathered_cards")) {
            person.phone = format!("139{:08}", 10_000_000 + p.number);
            person.address = format!("明州市凤鸣村{}号", 10 + p.role);
        }
    }
}

/// The days the host's own life keeps free.
pub(crate) fn quiet(plantings: &[Planting]) -> Vec<(Day, Day)> {
    let margin = |p: &Planting| match p.scenario.name {
        // Three stays of the act and one of the host's own within 90 days would be a frequent admission.
        "transfer_and_back" => 2 * QUIET,
        _ => QUIET,
    };
    plantings.iter().map(|p| (p.day - margin(p), p.day + span(p.scenario.name) + margin(p))).collect()
}

/// Plants an act into its host's life.
pub(crate) fn plant(life: &mut Life<'_>, p: &Planting) {
    let done =
        lines::plant(life, p) || visits::plant(life, p) || stays::plant(life, p) || groups::plant(life, p) || lookalikes::plant(life, p);
    debug_assert!(done, "scenario {} is not planted", p.scenario.name);
}

/// Moves a whole claim to another second of the same day.
pub(crate) fn move_to(claim: &mut Claim, begin: Second) {
    let by = begin - claim.begin;
    debug_assert!(by.abs() < DAY);
    claim.begin += by;
    claim.end += by;
    for line in &mut claim.lines {
        line.time += by;
    }
}

/// One unit.
pub(crate) const UNIT: i64 = ONE;
