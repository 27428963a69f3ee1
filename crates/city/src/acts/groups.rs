//! Acts of several persons, of institutions and doctors, and of packs.

use super::{Planting, UNIT, move_to};
use crate::care::Life;
use crate::cells::{HOUR, MINUTE, at};
use crate::claim::Risk;
use crate::stay::case_named;
use mingjian_model::day::Day;

/// Plants the act if it is one of this module's.
pub(super) fn plant(life: &mut Life<'_>, p: &Planting) -> bool {
    let world = &life.city.world;
    let mut shared = p.rng.clone();
    match p.scenario.name {
        "sold_more_than_bought" | "never_bought" => {
            // Drugs that nobody else sells, so that the books of this shop are the act's alone.
            let list = life.city.catalogue.group("stock");
            let drug = list[p.number as usize % list.len()];
            let mut claim = life.plain_purchase(p, life.near.pharmacy);
            let line = life.add_packs(claim.begin + MINUTE, drug, 1, &mut claim);
            claim.lines[line].unbooked = p.scenario.name == "never_bought" || p.role >= 2;
            p.mark(&mut claim, line, Risk::None);
            life.file(claim);
        }
        "trace_code_sold_again" | "trace_code_sold_twice" => sell(life, p, booked_pharmacy(life), p.day + p.role as Day, 1),
        "trace_code_sold_elsewhere" => {
            let first = booked_pharmacy(life);
            let place = if p.role == 0 { first } else { another(life, first) };
            sell(life, p, place, p.day + p.role as Day * 20, 1);
        }
        "trace_code_two_cities" => {
            let first = booked_pharmacy(life);
            let place = if p.role == 0 { first } else { another(life, first) };
            sell(life, p, place, p.day + p.role as Day * 3, 1);
        }
        "free_bed_campaign" => {
            // Eight of one street for the same small complaint, three days each.
            let mut claim = life.visit(life.near.town, "21", at(p.day, 9 * HOUR) + p.role as i64 * 6 * MINUTE, "A03");
            claim.end = at(p.day + 6, 10 * HOUR);
            claim.discharge = "1";
            claim.diagnoses.push(life.city.catalogue.diagnosis("M51.200x004"));
            for i in 0..6 {
                let time = at(p.day + i, 9 * HOUR + 50 * MINUTE);
                for tag in ["bed", "consult_ip", "nurs3", "infra", "midfreq", "acup"] {
                    life.add_service(time, tag, UNIT, &mut claim);
                }
            }
            claim.acts.push(p.slot);
            life.file(claim);
        }
        "trace_code_unknown" => {
            let range = world.pharmacies.clone();
            let pharmacy = range.clone().find(|i| world.institutions[*i].inbound && *i >= life.near.pharmacy);
            let pharmacy = pharmacy.or_else(|| range.clone().find(|i| world.institutions[*i].inbound)).unwrap_or(range.start);
            sell(life, p, pharmacy, p.day, 10 + p.role as u64);
            if let Some(claim) = life.claims.last_mut() {
                claim.foreign_packs = true;
            }
        }
        "rebilled_after_refund" => return false,
        "december_surge" => {
            let pharmacy = p.special.unwrap_or(life.near.pharmacy);
            // A little trade all year, a flood in December.
            for (month, first) in life.city.calendar.months.clone().into_iter().enumerate() {
                let december = first == p.day;
                if first >= life.city.calendar.to || !(december || (month + p.role).is_multiple_of(5)) {
                    continue;
                }
                let times = if december { 2 } else { 1 };
                for k in 0..times {
                    let day = first + 2 + (p.role as Day * 7 + k * 13) % 25;
                    if life.busy(day, 2) {
                        continue;
                    }
                    let mut claim = life.purchase_at(day, pharmacy);
                    if december {
                        claim.acts.push(p.slot);
                    }
                    if !claim.lines.is_empty() {
                        life.file(claim);
                    }
                }
            }
        }
        "first_month_without_count" => {
            let pharmacy = p.special.unwrap_or(life.near.pharmacy);
            let mut claim = life.plain_purchase(&Planting { day: p.day + p.role as Day, ..p.clone() }, pharmacy);
            let line = life.drug_line(&mut claim, &Planting { number: p.number + p.role as u32, ..p.clone() }, "tcm");
            claim.lines[line].unbooked = true;
            p.mark(&mut claim, line, Risk::None);
            life.file(claim);
        }
        "beds_over_capacity" => {
            let place = p.special.unwrap_or(life.near.town);
            let case = case_named(["pneumonia", "angina", "copd"][p.role % 3]);
            let mut claim = life.stay_of(&case, place, p.day + (p.role % 2) as Day, 12, "21");
            claim.lines.retain(|line| !line.discharge_drug);
            claim.acts.push(p.slot);
            life.file(claim);
        }
        "doctor_overload" => {
            let place = life.near.county;
            let dept = world.institutions[place].department("A03");
            let doctor = world.institutions[place].doctor(dept, p.day, &mut shared);
            let mut claim = life.plain_visit(p, place, "A03", "J06.900");
            move_to(&mut claim, at(p.day, 8 * HOUR + p.role as i64 * 2 * MINUTE));
            if let Some(drug) = life.choose_drug("cough", p.day, &[]) {
                let line = life.add_packs(claim.begin + 9 * MINUTE, drug, 1, &mut claim);
                claim.lines[line].rx = 1;
            }
            signed_by(&mut claim, doctor);
            claim.acts.push(p.slot);
            life.file(claim);
        }
        "doctor_in_two_places" => {
            let places = [life.near.county, life.near.city];
            let dept = world.institutions[places[0]].department("A03");
            let doctor = world.institutions[places[0]].doctor(dept, p.day, &mut shared);
            let mut claim = life.plain_visit(p, places[p.role % 2], "A03", "J06.900");
            move_to(&mut claim, at(p.day, 9 * HOUR + shared.range(0, 90) * MINUTE) + p.role as i64 * 20);
            for tag in ["cbc", "crp"] {
                let line = life.add_service(claim.begin + 4 * MINUTE, tag, UNIT, &mut claim);
                p.mark(&mut claim, line, Risk::None);
            }
            signed_by(&mut claim, doctor);
            life.file(claim);
        }
        "joint_admissions" => {
            for k in 0..3 {
                let case = case_named(["copd", "angina", "heart_failure"][k as usize]);
                let mut claim = life.act_stay(&Planting { day: p.day + k * 60, ..p.clone() }, &case, 9);
                claim.acts.push(p.slot);
                life.file(claim);
            }
        }
        "gathered_cards" => {
            for k in 0..5 {
                let visit = Planting { day: p.day + k * 8, ..p.clone() };
                let mut claim = life.plain_purchase(&visit, life.near.pharmacy);
                move_to(&mut claim, at(visit.day, 10 * HOUR + shared.range(0, 5) * MINUTE) + p.role as i64 * 70);
                life.drug_line(
                    &mut claim,
                    &Planting { number: p.number + k as u32, ..p.clone() },
                    ["tcm", "derm", "eye", "dental", "cough"][k as usize],
                );
                claim.acts.push(p.slot);
                life.file(claim);
            }
        }
        "small_equal_amounts" => {
            let mut claim = life.plain_visit(p, life.near.town, "A50", "M54.500");
            move_to(&mut claim, at(p.day, 9 * HOUR + p.role as i64 * 5 * MINUTE));
            life.add_service(claim.begin + 8 * MINUTE, "infra", UNIT, &mut claim);
            life.add_service(claim.begin + 12 * MINUTE, "cup", UNIT, &mut claim);
            claim.acts.push(p.slot);
            life.file(claim);
        }
        "package_of_goods" => {
            for k in 0..4 {
                let visit = Planting { day: p.day + k * 10, ..p.clone() };
                let mut claim = life.plain_purchase(&visit, life.near.pharmacy);
                for name in ["六味地黄丸", "维生素AD滴剂", "麝香壮骨膏"] {
                    let drug = life.city.catalogue.drug_named(name);
                    let line = life.add_packs(claim.begin + MINUTE, drug, 1, &mut claim);
                    p.mark(&mut claim, line, Risk::None);
                }
                life.file(claim);
            }
        }
        _ => return false,
    }
    true
}

/// The near pharmacy, or the next that does not report what it takes in (there a code is judged by its sales alone).
fn booked_pharmacy(life: &Life<'_>) -> usize {
    let world = &life.city.world;
    (0..world.pharmacies.len())
        .map(|step| world.neighbour(life.near.pharmacy, step))
        .find(|i| !world.institutions[*i].inbound)
        .unwrap_or(life.near.pharmacy)
}

fn another(life: &Life<'_>, first: usize) -> usize {
    let world = &life.city.world;
    (1..world.pharmacies.len())
        .map(|step| world.neighbour(first, step))
        .find(|i| !world.institutions[*i].inbound && *i != first)
        .unwrap_or(first)
}

/// Sells one pack under a code of the act's.
fn sell(life: &mut Life<'_>, p: &Planting, pharmacy: usize, day: Day, code: u64) {
    let mut claim = life.plain_purchase(&Planting { day, ..p.clone() }, pharmacy);
    let list = life.city.catalogue.group("eye");
    let drug = list[p.number as usize % list.len()];
    let line = life.add_packs(claim.begin + MINUTE, drug, 1, &mut claim);
    claim.traces.push((line as u16, p.serial(code)));
    p.mark(&mut claim, line, Risk::None);
    life.file(claim);
}

fn signed_by(claim: &mut crate::claim::Claim, doctor: u32) {
    claim.doctor = doctor;
    for line in &mut claim.lines {
        line.doctor = doctor;
    }
}
