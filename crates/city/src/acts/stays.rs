//! Acts inside stays and between them.

use super::{Planting, UNIT};
use crate::care::Life;
use crate::catalogue::Item;
use crate::cells::{DAY, HOUR, MINUTE, at, day_of};
use crate::claim::{Claim, Risk};
use crate::stay::{BIRTH, Case, case_named};
use mingjian_model::day::Day;

impl Life<'_> {
    /// A lawful stay of the named case for an act, at a hospital of the second level or above.
    pub(super) fn act_stay(&mut self, p: &Planting, case: &Case, days: i64) -> Claim {
        let place = if p.number.is_multiple_of(3) { self.near.city } else { self.near.county };
        let mut claim = self.stay_of(case, place, p.day, days, "21");
        claim.lines.retain(|line| !line.discharge_drug);
        claim
    }

    fn lines_of(&self, claim: &Claim, tag: &str) -> Vec<usize> {
        let item = Item::Service(self.city.catalogue.service(tag));
        (0..claim.lines.len()).filter(|i| claim.lines[*i].item == item).collect()
    }
}

/// Plants the act if it is one of this module's.
pub(super) fn plant(life: &mut Life<'_>, p: &Planting) -> bool {
    let catalogue = &life.city.catalogue;
    match p.scenario.name {
        "course_too_long" => {
            let names = ["天麻素注射液", "吡拉西坦注射液"];
            let drug = catalogue.drug_named(names[p.number as usize % 2]);
            let mut claim = life.act_stay(p, &case_named("diabetes"), 21);
            for i in 0..19 {
                let time = at(p.day + i as Day, 15 * HOUR).max(claim.begin + 100 * MINUTE);
                let line = life.add(time, Item::Drug(drug), UNIT, &mut claim);
                claim.lines[line].rx = 800 + i as u16;
                claim.lines[line].days = 1;
                p.mark(&mut claim, line, if i < 14 { Risk::None } else { Risk::Whole });
            }
            life.file(claim);
        }
        "two_operations_full_price" | "second_operation_discounted" => {
            let women = life.person.sex == 2;
            let (case, second) = if women { ("fibroid", "op_ovaryrem") } else { ("gallbladder", "op_adhes") };
            let mut claim = life.act_stay(p, &case_named(case), 9);
            let first = claim.operations[0].clone();
            let main = life.lines_of(&claim, first.tag)[0];
            let line = life.add_service(first.begin + 25 * MINUTE, second, UNIT, &mut claim);
            // The cheaper of two operations through one cut costs half.
            let (dear, cheap) = if claim.lines[main].price >= claim.lines[line].price { (main, line) } else { (line, main) };
            if p.scenario.legal {
                claim.lines[cheap].price /= 2;
                claim.lines[cheap].reprice(catalogue);
                claim.acts.push(p.slot);
            } else {
                let half = claim.lines[cheap].price - claim.lines[cheap].price / 2;
                p.mark(&mut claim, dear, Risk::None);
                p.mark(&mut claim, cheap, Risk::Fen(half));
            }
            life.file(claim);
        }
        "rehab_course_too_long" => {
            let mut claim = life.act_stay(p, &case_named("disc"), 38);
            for i in 1..36 {
                let line = life.add_service(at(p.day + i as Day, 15 * HOUR + 30 * MINUTE), "weight", UNIT, &mut claim);
                p.mark(&mut claim, line, if i <= 30 { Risk::None } else { Risk::Whole });
            }
            life.file(claim);
        }
        "duplicate_hour" => {
            let mut claim = life.act_stay(p, &case_named("heart_failure"), 10);
            for part in life.lines_of(&claim, "ecgmon") {
                let (time, count) = (claim.lines[part].time, claim.lines[part].count);
                let main = life.add_service(time - 10 * MINUTE, "pressart", count, &mut claim);
                p.mark(&mut claim, part, Risk::Whole);
                p.mark(&mut claim, main, Risk::None);
            }
            life.file(claim);
        }
        "duplicate_six_hours" => {
            let place = life.near.county;
            let mut claim = life.stay_of(&BIRTH, place, p.day, 5, "52");
            claim.lines.retain(|line| !line.discharge_drug);
            let main = life.lines_of(&claim, "op_deliver")[0];
            let part = life.add_service(claim.lines[main].time - 2 * HOUR, "fetal", UNIT, &mut claim);
            p.mark(&mut claim, main, Risk::None);
            p.mark(&mut claim, part, Risk::Whole);
            life.file(claim);
        }
        "duplicate_rescue_day" => {
            let mut claim = life.act_stay(p, &case_named("heart_failure"), 10);
            for i in 1..3 {
                let main = life.add_service(at(p.day + i, 10 * HOUR), "rescue_big", UNIT, &mut claim);
                let part = life.add_service(at(p.day + i, 14 * HOUR), "rescue_mid", UNIT, &mut claim);
                p.mark(&mut claim, main, Risk::None);
                p.mark(&mut claim, part, Risk::Whole);
            }
            life.file(claim);
        }
        "duplicate_visit" => {
            let mut claim = life.act_stay(p, &case_named("thyroid"), 9);
            let part = life.lines_of(&claim, "op_thy_sub")[0];
            let time = claim.lines[part].time + 10 * MINUTE;
            let main = life.add_service(time, "op_thy_ext", UNIT, &mut claim);
            p.mark(&mut claim, main, Risk::None);
            p.mark(&mut claim, part, Risk::Whole);
            life.file(claim);
        }
        "split_bundle" => {
            // The seven parts of a urinalysis billed one by one.
            let mut claim = life.act_stay(p, &case_named("kidney"), 10);
            let time = at(p.day + 2, 6 * HOUR + 40 * MINUTE);
            let place = &life.city.world.institutions[claim.institution];
            let whole = catalogue.services[catalogue.service("urine") as usize].fen[place.price];
            let mut sum = 0;
            let mut last = 0;
            for tag in ["ur_ph", "ur_sg", "ur_prot", "ur_hb", "ur_glu", "ur_ket", "ur_bile"] {
                last = life.add_service(time, tag, UNIT, &mut claim);
                sum += claim.lines[last].amount;
                p.mark(&mut claim, last, Risk::None);
            }
            p.mark(&mut claim, last, Risk::Fen(sum - whole));
            life.file(claim);
        }
        "monitor_27_hours" => {
            let mut claim = life.act_stay(p, &case_named("heart_failure"), 11);
            for line in life.lines_of(&claim, "ecgmon").into_iter().chain(life.lines_of(&claim, "spo2")) {
                if day_of(claim.lines[line].time) > p.day {
                    claim.lines[line].count = 27 * UNIT;
                    claim.lines[line].reprice(catalogue);
                    p.mark(&mut claim, line, Risk::Units(3, 27));
                }
            }
            life.file(claim);
        }
        "full_day_monitoring" => {
            let mut claim = life.act_stay(p, &case_named("heart_failure"), 11);
            claim.acts.push(p.slot);
            life.file(claim);
        }
        "nursing_twice_a_day" => {
            let mut claim = life.act_stay(p, &case_named("stroke"), 12);
            for line in life.lines_of(&claim, "nurs1").into_iter().chain(life.lines_of(&claim, "nurs2")) {
                claim.lines[line].count = 2 * UNIT;
                claim.lines[line].reprice(catalogue);
                p.mark(&mut claim, line, Risk::Units(1, 2));
            }
            life.file(claim);
        }
        "nursing_half_days" => {
            let mut claim = life.act_stay(p, &case_named("stroke"), 12);
            let line = life.lines_of(&claim, "nurs1")[1];
            claim.lines[line].count = UNIT / 2;
            claim.lines[line].reprice(catalogue);
            let time = claim.lines[line].time + 8 * HOUR;
            life.add_service(time, "nurs2", UNIT / 2, &mut claim);
            claim.acts.push(p.slot);
            life.file(claim);
        }
        "item_above_cap" => {
            // Massage beyond the yearly 3000 yuan.
            let mut claim = life.act_stay(p, &case_named("disc"), 12);
            let mut left = 300_000;
            for i in 1..12 {
                let line = life.add_service(at(p.day + i, 16 * HOUR), "tuina", 7 * UNIT, &mut claim);
                let amount = claim.lines[line].amount;
                let excess = (amount - left).max(0);
                left = (left - amount).max(0);
                p.mark(&mut claim, line, if excess > 0 { Risk::Fen(excess) } else { Risk::None });
            }
            life.file(claim);
        }
        "bed_twice_a_day" => {
            let mut claim = life.act_stay(p, &case_named("copd"), 11);
            for tag in ["bed", "consult_ip"] {
                for line in life.lines_of(&claim, tag) {
                    claim.lines[line].count = 2 * UNIT;
                    claim.lines[line].reprice(catalogue);
                    p.mark(&mut claim, line, Risk::Units(1, 2));
                }
            }
            life.file(claim);
        }
        "fees_after_discharge" => {
            let mut claim = life.act_stay(p, &case_named("angina"), 9);
            for (offset, tag) in [(1, "us"), (1, "cbc"), (2, "echo")] {
                let line = life.add_service(claim.end + i64::from(offset) * DAY, tag, UNIT, &mut claim);
                p.mark(&mut claim, line, Risk::Whole);
            }
            life.file(claim);
        }
        "split_stay" => {
            let case = case_named(["copd", "angina", "stroke"][p.number as usize % 3]);
            let first = life.act_stay(p, &case, 9);
            let gap = 1 + (p.number % 6) as Day;
            let mut second = life.act_stay(&Planting { day: p.day + 9 + gap, ..p.clone() }, &case, 9);
            second.diagnoses[0] = first.diagnoses[0];
            for mut claim in [first, second] {
                claim.acts.push(p.slot);
                life.file(claim);
            }
        }
        "readmitted_for_another_disease" => {
            let first = life.act_stay(p, &case_named("diabetes"), 9);
            let second = life.act_stay(&Planting { day: p.day + 12, ..p.clone() }, &case_named("pneumonia"), 9);
            for mut claim in [first, second] {
                claim.acts.push(p.slot);
                life.file(claim);
            }
        }
        "transfer_and_back" => {
            let case = case_named("stroke");
            let mut first = life.act_stay(p, &case, 6);
            first.discharge = "2";
            let dx = first.diagnoses[0];
            first.acts.push(p.slot);
            let home = first.institution;
            let at_first = life.file(first);
            let away = if home == life.near.city { life.near.county } else { life.near.city };
            let mut second = life.stay_of(&case, away, p.day + 6, 9, "21");
            second.begin = second.begin.max(life.claims[at_first].end + 2 * HOUR);
            for line in &mut second.lines {
                line.time = line.time.max(second.begin + 5 * MINUTE);
            }
            second.lines.retain(|line| !line.discharge_drug);
            // Hours of monitoring on a later admission shrink with it.
            let hours = (at(p.day + 7, 0) - second.begin) / HOUR;
            for line in life.lines_of(&second, "ecgmon").into_iter().chain(life.lines_of(&second, "spo2")) {
                if day_of(second.lines[line].time) == p.day + 6 {
                    second.lines[line].count = hours.max(1) * UNIT;
                    second.lines[line].reprice(catalogue);
                }
            }
            second.discharge = "2";
            second.diagnoses[0] = dx;
            second.referred_from = Some(at_first as u16 + 1);
            second.acts.push(p.slot);
            let at_second = life.file(second);
            let mut third = life.stay_of(&case, home, p.day + 18, 8, "21");
            third.diagnoses[0] = dx;
            third.referred_from = Some(at_second as u16 + 1);
            third.lines.retain(|line| !line.discharge_drug);
            third.acts.push(p.slot);
            life.file(third);
        }
        "planned_chemotherapy" => {
            for k in 0..3 {
                let mut claim = life.act_stay(&Planting { day: p.day + k * 14, ..p.clone() }, &crate::stay::CHEMOTHERAPY, 6);
                claim.acts.push(p.slot);
                life.file(claim);
            }
        }
        "frequent_admission" => {
            for (k, key) in ["pneumonia", "diabetes", "angina", "bleeding"].into_iter().enumerate() {
                let mut claim = life.act_stay(&Planting { day: p.day + k as Day * 26, ..p.clone() }, &case_named(key), 8);
                claim.acts.push(p.slot);
                life.file(claim);
            }
        }
        "needless_admission" | "checkup_stay" => needless(life, p),
        "hanging_bed" => {
            let mut claim = life.act_stay(p, &case_named("disc"), 12);
            // Bed, doctor and nursing every day; nothing is done after the first morning.
            let day = p.day;
            claim.lines.retain(|line| {
                day_of(line.time) == day || matches!(line.item, Item::Service(i) if matches!(catalogue.services[i as usize].tag, "bed" | "consult_ip" | "nurs2" | "nurs3"))
            });
            claim.acts.push(p.slot);
            life.file(claim);
        }
        "old_age_home_in_hospital" => {
            let mut claim = life.act_stay(p, &case_named("diabetes"), 95);
            let day = p.day;
            claim.lines.retain(|line| day_of(line.time) < day + 8 || !matches!(line.item, Item::Drug(_)) || day_of(line.time) % 9 == 0);
            claim.acts.push(p.slot);
            life.file(claim);
        }
        "stent_without_procedure" => {
            let mut claim = life.act_stay(p, &case_named("angina"), 9);
            let material = catalogue.material("stent");
            let line = life.add(at(p.day + 2, 11 * HOUR), Item::Material(material), UNIT, &mut claim);
            p.mark(&mut claim, line, Risk::Whole);
            life.file(claim);
        }
        "operation_without_record" => {
            let mut claim = life.act_stay(p, &case_named("gallbladder"), 8);
            let tag = claim.operations[0].tag;
            claim.operations.clear();
            for line in life.lines_of(&claim, tag) {
                p.mark(&mut claim, line, Risk::Whole);
            }
            life.file(claim);
        }
        "upcoded_diagnosis" => {
            let mut claim = life.act_stay(p, &case_named("pneumonia"), 8);
            claim.diagnoses.insert(0, catalogue.diagnosis("J96.900"));
            claim.acts.push(p.slot);
            life.file(claim);
        }
        "third_party_liability" => {
            let mut claim = life.act_stay(p, &case_named("hip"), 14);
            claim.memo = "车祸外伤";
            claim.acts.push(p.slot);
            life.file(claim);
        }
        "bought_while_in_hospital" => {
            let claim = life.act_stay(p, &case_named("copd"), 11);
            life.file(claim);
            let mut sale = life.plain_purchase(&Planting { day: p.day + 4, ..p.clone() }, life.near.pharmacy);
            life.drug_line(&mut sale, p, "cough");
            sale.acts.push(p.slot);
            life.file(sale);
        }
        "discharge_drugs" => {
            let mut claim = life.act_stay(p, &case_named("angina"), 9);
            let drug = catalogue.drug_named("阿托伐他汀钙片");
            let line = life.add(claim.end - 20 * MINUTE, Item::Drug(drug), UNIT, &mut claim);
            claim.lines[line].discharge_drug = true;
            claim.lines[line].rx = 990;
            claim.lines[line].days = 28;
            p.mark(&mut claim, line, Risk::None);
            life.file(claim);
        }
        _ => return false,
    }
    true
}

/// Three days of tests for a cold.
fn needless(life: &mut Life<'_>, p: &Planting) {
    let long = p.scenario.name == "checkup_stay";
    let begin = at(p.day, 9 * HOUR + 10 * MINUTE);
    let place = life.near.county;
    let mut claim = life.visit(place, "21", begin, "A03");
    let days: i64 = if long { 6 } else { 3 };
    claim.end = at(p.day + days as Day, 9 * HOUR + 40 * MINUTE);
    claim.discharge = "1";
    let dx = if long { "K76.000" } else { ["J06.900", "R51.x00", "R42.x00"][p.number as usize % 3] };
    claim.diagnoses.push(life.city.catalogue.diagnosis(dx));
    for i in 0..days {
        let time = at(p.day + i as Day, 9 * HOUR + 30 * MINUTE);
        for tag in ["bed", "consult_ip", "nurs3"] {
            life.add_service(time, tag, UNIT, &mut claim);
        }
    }
    let tests = [
        "cbc", "urine", "stool", "alt", "ast", "tbil", "alb", "ggt", "bun", "cr", "ua", "glu", "chol", "tg", "hdl", "ldl", "k", "na", "cl",
        "crp", "cea", "afp", "tsh", "ft4", "ft3", "hbsag", "hcv",
    ];
    for (i, tag) in tests.iter().enumerate() {
        life.add_service(begin + (30 + i as i64 / 5) * MINUTE, tag, UNIT, &mut claim);
    }
    for (i, tag) in ["ct", "us", "us_neck", "echo", "ecg", "dr", "gastro"].iter().enumerate() {
        life.add_service(at(p.day + 1, (9 + i as i64) * HOUR), tag, UNIT, &mut claim);
    }
    claim.acts.push(p.slot);
    life.file(claim);
}
