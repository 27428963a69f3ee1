//! Acts of one outpatient visit or purchase: a line that should not be there.

use super::{Planting, UNIT};
use crate::calendar;
use crate::care::Life;
use crate::catalogue::Item;
use crate::cells::MINUTE;
use crate::claim::{Claim, Risk};

impl Life<'_> {
    /// An outpatient visit with a consultation and nothing else yet.
    pub(super) fn plain_visit(&mut self, p: &Planting, place: usize, dept: &str, dx: &str) -> Claim {
        let time = calendar::clinic_time(&mut self.rng, p.day);
        let mut claim = self.visit(place, "11", time, dept);
        claim.diagnoses.push(self.city.catalogue.diagnosis(dx));
        self.consultation(&mut claim);
        claim
    }

    /// A purchase with one everyday item.
    pub(super) fn plain_purchase(&mut self, p: &Planting, pharmacy: usize) -> Claim {
        let time = calendar::shop_time(&mut self.rng, p.day);
        let mut claim = self.visit(pharmacy, "41", time, "A02");
        claim.end = time + 4 * MINUTE;
        claim
    }

    /// Adds a drug of the group, chosen by the act, in one pack or unit.
    pub(super) fn drug_line(&mut self, claim: &mut Claim, p: &Planting, group: &str) -> usize {
        let list = self.city.catalogue.group(group);
        let drug = list[p.number as usize % list.len()];
        let at = self.add_packs(claim.begin + 9 * MINUTE, drug, 1, claim);
        if !claim.is_pharmacy() {
            claim.lines[at].rx = 1;
        }
        at
    }
}

/// Plants the act if it is one of this module's.
pub(super) fn plant(life: &mut Life<'_>, p: &Planting) -> bool {
    let near = life.near;
    let sex = life.person.sex;
    let odd = p.number % 2 == 1;
    match p.scenario.name {
        "work_injury_drug" => one_drug(life, p, near.county, "A13", "L30.900", "wk_drug"),
        "maternity_drug" => {
            let mut claim = life.plain_visit(p, near.county, "A05", "N92.000");
            let at = life.drug_line(&mut claim, p, "mt_drug");
            claim.lines[at].days = 1;
            p.mark(&mut claim, at, Risk::Whole);
            life.file(claim);
        }
        "child_limited_drug_for_adult" => one_drug(life, p, near.city, "A15", "G47.000", "c_lim"),
        "drug_above_level" => one_drug(life, p, if odd { near.town } else { near.clinic }, "A03", "R42.x00", "lv_inj"),
        "inpatient_drug_outpatient" => one_drug(life, p, near.county, "A03", "K29.500", "md_inj"),
        "child_drug_for_adult" => {
            if odd {
                one_purchase(life, p, "c_uri");
            } else {
                one_drug(life, p, near.clinic, "A02", "J06.900", "c_uri");
            }
        }
        "adult_drug_for_child" => {
            let mut claim = life.plain_visit(p, near.county, "A07", "J06.900");
            let drug = life.city.catalogue.drug_named("左氧氟沙星片");
            let at = life.add_packs(claim.begin + 9 * MINUTE, drug, 1, &mut claim);
            claim.lines[at].rx = 1;
            p.mark(&mut claim, at, Risk::Whole);
            life.file(claim);
        }
        "drug_of_other_sex" => {
            let group = if sex == 1 { "f_gyn" } else { "m_drug" };
            if odd {
                one_purchase(life, p, group);
            } else {
                one_drug(life, p, near.county, "A03", "R10.400", group);
            }
        }
        "item_of_other_sex" => {
            let items: &[&str] = if sex == 1 { &["vagdis", "tvus", "vag_wash"] } else { &["prosf", "prost_mass", "semen"] };
            one_service(life, p, near.county, "A03", "N39.000", items[p.number as usize % items.len()]);
        }
        "child_item_for_adult" => {
            let items = ["pinch", "iv_child", "torticollis"];
            one_service(life, p, near.county, "A50", "K29.500", items[p.number as usize % items.len()]);
        }
        "newborn_item_for_child" => {
            let items = ["nb_ecg", "nb_light2", "nb_incub2"];
            one_service(life, p, near.county, "A07", "J06.900", items[p.number as usize % items.len()]);
        }
        "item_in_wrong_department" => one_service(life, p, near.county, "A04", "M54.500", "psydrug"),
        "age_limited_item" => one_service(life, p, near.county, "A21", "M54.500", "voc"),
        "oversupply" => {
            // Three packs of seven days or more, where seven days are allowed.
            let mut claim = life.plain_visit(p, near.town, "A03", "K29.500");
            let names = ["奥美拉唑肠溶胶囊", "铝碳酸镁咀嚼片", "双歧杆菌三联活菌胶囊", "多潘立酮片"];
            let drug = life.city.catalogue.drug_named(names[p.number as usize % names.len()]);
            let at = life.add_packs(claim.begin + 9 * MINUTE, drug, 4, &mut claim);
            claim.lines[at].rx = 1;
            let days = i64::from(claim.lines[at].days);
            p.mark(&mut claim, at, Risk::Units(days - 7, days));
            life.file(claim);
        }
        "price_above_cap" => {
            let mut claim = life.plain_visit(p, if odd { near.city } else { near.county }, "A03", "R42.x00");
            let tag = ["ct", "us", "echo", "ecg", "mri"][p.number as usize % 5];
            let at = life.add_service(claim.begin + 8 * MINUTE, tag, UNIT, &mut claim);
            let line = &mut claim.lines[at];
            let excess = line.price * 3 / 10;
            line.price += excess;
            line.reprice(&life.city.catalogue);
            p.mark(&mut claim, at, Risk::Fen(excess));
            life.file(claim);
        }
        "drug_above_standard" => {
            // The line itself states the payment standard.
            let mut claim = life.plain_visit(p, near.county, "A03", "K29.500");
            let at = life.drug_line(&mut claim, p, "gi");
            let line = &mut claim.lines[at];
            line.cap = line.price;
            let excess = line.price / 4;
            line.price += excess;
            line.reprice(&life.city.catalogue);
            p.mark(&mut claim, at, Risk::Fen(excess));
            life.file(claim);
        }
        "needless_tests" => {
            let mut claim = life.plain_visit(p, near.city, "A03", "J06.900");
            for tag in ["cea", "afp", "tsh", "ft4", "ft3", "ddimer"] {
                let at = life.add_service(claim.begin + 8 * MINUTE, tag, UNIT, &mut claim);
                p.mark(&mut claim, at, Risk::Whole);
            }
            life.file(claim);
        }
        "two_places_at_once" => {
            let mut begin = 0;
            for (k, place) in [near.county, near.city].into_iter().enumerate() {
                let mut claim = life.plain_visit(p, place, "A03", "J06.900");
                if k == 0 {
                    begin = claim.begin;
                } else {
                    super::move_to(&mut claim, begin + 7 * MINUTE);
                }
                life.drug_line(&mut claim, &Planting { number: p.number + k as u32, ..p.clone() }, "cough");
                claim.acts.push(p.slot);
                life.file(claim);
            }
        }
        "swapped_goods" => {
            let mut claim = life.plain_purchase(p, near.pharmacy);
            let at = life.drug_line(&mut claim, p, "eye");
            claim.traces.push((at as u16, p.serial(1)));
            claim.swapped_for = Some(life.city.catalogue.group("self")[0]);
            p.mark(&mut claim, at, Risk::Whole);
            life.file(claim);
        }
        "broken_line" => broken(life, p),
        "seven_drugs" => {
            let mut claim = life.plain_visit(p, near.town, "A03", "J20.900");
            let names = ["阿莫西林胶囊", "盐酸氨溴索片", "急支糖浆", "氯雷他定片", "蒙脱石散", "甲钴胺片", "板蓝根颗粒"];
            for name in names {
                let drug = life.city.catalogue.drug_named(name);
                let at = life.add_packs(claim.begin + 9 * MINUTE, drug, 1, &mut claim);
                claim.lines[at].rx = 1;
                p.mark(&mut claim, at, Risk::None);
            }
            life.file(claim);
        }
        "diagnosis_of_other_sex" => {
            let dx = if sex == 1 { ["N73.900", "D25.900", "N76.000"] } else { ["N40.x00", "C61.x00", "N41.100"] };
            let mut claim = life.plain_visit(p, near.county, "A03", dx[p.number as usize % 3]);
            life.drug_line(&mut claim, p, "uti");
            claim.acts.push(p.slot);
            life.file(claim);
        }
        "single_herbs" => herbs(life, p, &["黄芪", "枸杞子", "山药"], Risk::Whole),
        "incompatible_herbs" => {
            let pairs: [&[&str]; 4] =
                [&["甘草", "海藻", "白术"], &["甘草", "甘遂", "白芍"], &["制川乌", "法半夏", "甘草"], &["丁香", "郁金", "柴胡"]];
            herbs(life, p, pairs[p.number as usize % 4], Risk::Whole);
        }
        "excluded_herb" => {
            let mut claim = life.plain_visit(p, near.county, "A50", "K29.500");
            for name in ["西洋参", "黄芪", "白术"] {
                let herb = life.city.catalogue.herb(name);
                let at = life.add(claim.begin + 15 * MINUTE, Item::Herb(herb), 70 * UNIT, &mut claim);
                claim.lines[at].rx = 1;
                claim.lines[at].doses = 7;
                claim.lines[at].days = 7;
                if name == "西洋参" {
                    let line = &mut claim.lines[at];
                    (line.own, line.pre, line.in_scope) = (0, 0, line.amount);
                    p.mark(&mut claim, at, Risk::Whole);
                }
            }
            life.file(claim);
        }
        "duplicate_day" => {
            let mut claim = life.plain_visit(p, near.county, "A03", "K52.900");
            let main = life.add_service(claim.begin + 6 * MINUTE, "stool", UNIT, &mut claim);
            let part = life.add_service(claim.begin + 7 * MINUTE, "stoolpara", UNIT, &mut claim);
            p.mark(&mut claim, main, Risk::None);
            p.mark(&mut claim, part, Risk::Whole);
            life.file(claim);
        }
        "chronic_without_registration" => {
            let mut claim = life.plain_visit(p, near.town, "A03", "I10.x00x002");
            claim.med_type = "14";
            claim.disease = crate::people::DISEASES.iter().find(|d| d.key == "htn");
            let at = life.drug_line(&mut claim, p, "gi");
            p.mark(&mut claim, at, Risk::Whole);
            life.file(claim);
        }
        "suspended_doctor" => {
            let mut claim = life.plain_visit(p, near.county, "A03", "J06.900");
            let at = life.drug_line(&mut claim, p, "uri");
            let doctor = life.city.suspended_doctor(near.county, claim.dept);
            claim.doctor = doctor;
            for line in &mut claim.lines {
                line.doctor = doctor;
            }
            p.mark(&mut claim, at, Risk::Whole);
            life.file(claim);
        }
        "restricted_person" => {
            let mut claim = life.plain_purchase(p, near.pharmacy);
            let at = life.drug_line(&mut claim, p, "uri");
            p.mark(&mut claim, at, Risk::Whole);
            life.file(claim);
        }
        _ => return false,
    }
    true
}

fn one_drug(life: &mut Life<'_>, p: &Planting, place: usize, dept: &str, dx: &str, group: &str) {
    let mut claim = life.plain_visit(p, place, dept, dx);
    let at = life.drug_line(&mut claim, p, group);
    p.mark(&mut claim, at, Risk::Whole);
    life.file(claim);
}

fn one_purchase(life: &mut Life<'_>, p: &Planting, group: &str) {
    let mut claim = life.plain_purchase(p, life.near.pharmacy);
    let at = life.drug_line(&mut claim, p, group);
    p.mark(&mut claim, at, Risk::Whole);
    life.file(claim);
}

fn one_service(life: &mut Life<'_>, p: &Planting, place: usize, dept: &str, dx: &str, tag: &str) {
    let mut claim = life.plain_visit(p, place, dept, dx);
    let at = life.add_service(claim.begin + 8 * MINUTE, tag, UNIT, &mut claim);
    p.mark(&mut claim, at, Risk::Whole);
    life.file(claim);
}

fn herbs(life: &mut Life<'_>, p: &Planting, names: &[&str], risk: Risk) {
    let mut claim = life.plain_visit(p, life.near.county, "A50", "K29.500");
    for name in names {
        let herb = life.city.catalogue.herb(name);
        let at = life.add(claim.begin + 15 * MINUTE, Item::Herb(herb), 70 * UNIT, &mut claim);
        claim.lines[at].rx = 1;
        claim.lines[at].doses = 7;
        claim.lines[at].days = 7;
        // Of a conflicting prescription only the pair is evidence, and it stands first.
        if p.scenario.name != "incompatible_herbs" || names[..2].contains(name) {
            p.mark(&mut claim, at, risk);
        }
    }
    life.file(claim);
}

/// Four ways a line can be broken; all of them land and are reported.
fn broken(life: &mut Life<'_>, p: &Planting) {
    let mut claim = life.plain_visit(p, life.near.county, "A03", "J06.900");
    let at = match p.number % 4 {
        0 => {
            let at = life.add_service(claim.begin + 6 * MINUTE, "cbc", UNIT, &mut claim);
            // The amount is not price times quantity.
            let line = &mut claim.lines[at];
            line.amount += 550;
            line.in_scope += 550;
            at
        }
        1 => {
            let at = life.add_service(claim.begin + 6 * MINUTE, "crp", UNIT, &mut claim);
            claim.lines[at].code = Some("");
            at
        }
        2 => {
            let at = life.add_service(claim.begin + 6 * MINUTE, "urine", UNIT, &mut claim);
            claim.lines[at].code = Some("2501-尿液");
            at
        }
        _ => {
            life.add_service(claim.begin + 6 * MINUTE, "us", UNIT, &mut claim);
            let at = life.add_service(claim.begin + 7 * MINUTE, "cbc", -UNIT, &mut claim);
            // Takes back a line that does not exist.
            claim.lines[at].origin = Some(u16::MAX);
            at
        }
    };
    p.mark(&mut claim, at, Risk::None);
    life.file(claim);
}
