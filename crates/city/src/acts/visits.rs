//! Acts of several visits of one person: repeats, frequency, death, overlapping supply.

use super::{Planting, UNIT, move_to};
use crate::care::Life;
use crate::cells::{HOUR, MINUTE, at};
use crate::claim::Risk;
use mingjian_model::day::Day;

/// Plants the act if it is one of this module's.
pub(super) fn plant(life: &mut Life<'_>, p: &Planting) -> bool {
    let near = life.near;
    match p.scenario.name {
        "hba1c_again" => {
            for (k, offset) in [0, 9].into_iter().enumerate() {
                let visit = Planting { day: p.day + offset, ..p.clone() };
                let mut claim = life.plain_visit(&visit, near.county, "A03.07", "E11.900");
                let line = life.add_service(claim.begin + 6 * MINUTE, "hba1c", UNIT, &mut claim);
                p.mark(&mut claim, line, if k == 0 { Risk::None } else { Risk::Whole });
                life.file(claim);
            }
        }
        "same_drug_twice" => {
            // Two months' worth of one drug within a week, at two places.
            let group = life.person.chronic[0].disease.drugs;
            let list = life.city.catalogue.group(group);
            let drug = list[p.number as usize % list.len()];
            for (offset, place, med_type) in [(0, near.county, "14"), (6, near.town, "14")] {
                let visit = Planting { day: p.day + offset, ..p.clone() };
                let dx = life.city.catalogue.diagnoses_of(life.person.chronic[0].disease.diagnosis)[0];
                let code = life.city.catalogue.diagnoses[dx as usize].code;
                let mut claim = life.plain_visit(&visit, place, life.person.chronic[0].disease.dept, code);
                claim.med_type = med_type;
                claim.disease = Some(life.person.chronic[0].disease);
                let packs = (28 / life.city.catalogue.drugs[drug as usize].days_a_pack()).max(1);
                let line = life.add_packs(claim.begin + 9 * MINUTE, drug, packs, &mut claim);
                claim.lines[line].rx = 1;
                p.mark(&mut claim, line, Risk::None);
                life.file(claim);
            }
        }
        "five_visits_a_day" => {
            let places = [near.clinic, near.town, near.county, near.city, near.clinic];
            for (k, place) in places.into_iter().enumerate() {
                let mut claim = life.plain_visit(p, place, "A03", "J06.900");
                move_to(&mut claim, at(p.day, 8 * HOUR + k as i64 * 110 * MINUTE));
                let drug = life.choose_drug(["uri", "cough", "cold", "gi", "allergy"][k], p.day, &[]);
                if let Some(drug) = drug {
                    let line = life.add_packs(claim.begin + 9 * MINUTE, drug, 1, &mut claim);
                    claim.lines[line].rx = 1;
                }
                claim.acts.push(p.slot);
                life.file(claim);
            }
        }
        "three_purchases_a_day" => {
            let groups = ["cold", "gi", "pain", "derm"];
            for (k, group) in groups.into_iter().enumerate() {
                let mut claim = life.plain_purchase(p, life.city.world.neighbour(near.pharmacy, k));
                move_to(&mut claim, at(p.day, 9 * HOUR + k as i64 * 150 * MINUTE));
                life.drug_line(&mut claim, p, group);
                claim.acts.push(p.slot);
                life.file(claim);
            }
        }
        "used_after_death" => {
            let visit = Planting { day: p.day + 5 + (p.number % 7) as Day, ..p.clone() };
            let mut claim = life.plain_purchase(&visit, near.pharmacy);
            life.drug_line(&mut claim, p, "tcm");
            claim.acts.push(p.slot);
            life.file(claim);
        }
        "drug_resale" => {
            // One drug from four pharmacies, again and again; each sale small.
            let drug = life.city.catalogue.drug_named("复方丹参滴丸");
            for k in 0..10 {
                let visit = Planting { day: p.day + k as Day * 6, ..p.clone() };
                let mut claim = life.plain_purchase(&visit, life.city.world.neighbour(near.pharmacy, k));
                let line = life.add_packs(claim.begin, drug, 1, &mut claim);
                claim.lines[line].time = claim.begin + MINUTE;
                p.mark(&mut claim, line, Risk::None);
                life.file(claim);
            }
        }
        _ => return false,
    }
    true
}
