//! Lawful look-alikes of one person: what a rule must let pass.

use super::{Planting, UNIT, move_to};
use crate::care::Life;
use crate::catalogue::Item;
use crate::cells::{HOUR, MINUTE, at};
use crate::claim::{Refund, Risk};

/// Plants the look-alike if it is one of this module's.
pub(super) fn plant(life: &mut Life<'_>, p: &Planting) -> bool {
    let near = life.near;
    match p.scenario.name {
        "family_together" => {
            let mut shared = p.rng.clone();
            let mut claim = life.plain_purchase(p, near.pharmacy);
            move_to(&mut claim, at(p.day, 17 * HOUR + shared.range(0, 60) * MINUTE) + p.role as i64 * 50);
            life.drug_line(&mut claim, &Planting { number: p.number + p.role as u32, ..p.clone() }, "cold");
            claim.acts.push(p.slot);
            life.file(claim);
        }
        "approved_cross_sex_use" => {
            // Tamoxifen for a man with breast cancer: not among the published points.
            let mut claim = life.plain_visit(p, near.city, "A19", "C50.900");
            let drug = life.city.catalogue.drug_named("枸橼酸他莫昔芬片");
            let line = life.add_packs(claim.begin + 9 * MINUTE, drug, 1, &mut claim);
            claim.lines[line].rx = 1;
            p.mark(&mut claim, line, Risk::None);
            life.file(claim);
        }
        "hospital_approved_cross_sex_use" => {
            let mut claim = life.plain_visit(p, near.city, "A19", "C34.900");
            let line = life.drug_line(&mut claim, p, "f_gyn");
            claim.lines[line].approved = true;
            p.mark(&mut claim, line, Risk::None);
            life.file(claim);
        }
        "refund_cancels_duplicate" => {
            for (k, offset) in [0, 8].into_iter().enumerate() {
                let visit = Planting { day: p.day + offset, ..p.clone() };
                let mut claim = life.plain_visit(&visit, near.county, "A03.07", "E11.900");
                let line = life.add_service(claim.begin + 6 * MINUTE, "hba1c", UNIT, &mut claim);
                p.mark(&mut claim, line, Risk::None);
                if k == 1 {
                    let time = claim.lines[line].time + 10 * MINUTE;
                    claim.reverse(line, time);
                }
                life.file(claim);
            }
        }
        "self_paid_line" => {
            let mut claim = life.plain_visit(p, near.county, "A03", "J06.900");
            let line = life.drug_line(&mut claim, p, "c_uri");
            claim.lines[line].pay_oneself();
            p.mark(&mut claim, line, Risk::None);
            life.file(claim);
        }
        "child_under_eighteen" => {
            let mut claim = life.plain_visit(p, near.county, "A03", "J06.900");
            if life.person.age(p.day) < 18 {
                let line = life.drug_line(&mut claim, p, "c_uri");
                p.mark(&mut claim, line, Risk::None);
            }
            claim.acts.push(p.slot);
            life.file(claim);
        }
        "hba1c_after_sixteen_days" => {
            for offset in [0, 16] {
                let visit = Planting { day: p.day + offset, ..p.clone() };
                let mut claim = life.plain_visit(&visit, near.county, "A03.07", "E11.900");
                let line = life.add_service(claim.begin + 6 * MINUTE, "hba1c", UNIT, &mut claim);
                p.mark(&mut claim, line, Risk::None);
                life.file(claim);
            }
        }
        "one_large_pack" => {
            let mut claim = life.plain_visit(p, near.town, "A03", "K29.500");
            let drug = life.city.catalogue.drug_named("六味地黄丸");
            let line = life.add_packs(claim.begin + 9 * MINUTE, drug, 1, &mut claim);
            claim.lines[line].rx = 1;
            claim.lines[line].days = 8;
            p.mark(&mut claim, line, Risk::None);
            life.file(claim);
        }
        "emergency_three_days" => {
            let mut claim = life.plain_visit(p, near.county, "A20", "K52.900");
            claim.med_type = "13";
            let drug = life.city.catalogue.drug_named("蒙脱石散");
            let line = life.add_packs(claim.begin + 9 * MINUTE, drug, 1, &mut claim);
            claim.lines[line].rx = 1;
            p.mark(&mut claim, line, Risk::None);
            life.file(claim);
        }
        "refunded_violation" => {
            let mut claim = life.plain_visit(p, near.county, "A03", "R10.400");
            let line = life.drug_line(&mut claim, p, "f_gyn");
            p.mark(&mut claim, line, Risk::None);
            claim.refund = Refund::Back;
            life.file(claim);
        }
        "woman_with_womens_drug" => {
            let mut claim = life.plain_purchase(p, near.pharmacy);
            let line = life.drug_line(&mut claim, p, "f_gyn");
            p.mark(&mut claim, line, Risk::None);
            life.file(claim);
        }
        "rebilled_after_refund" => {
            let mut claim = life.plain_purchase(p, near.pharmacy);
            let line = life.drug_line(&mut claim, p, "eye");
            claim.traces.push((line as u16, p.serial(1)));
            claim.refund = Refund::Again;
            p.mark(&mut claim, line, Risk::None);
            life.file(claim);
        }
        "compound_with_listed_herbs" => {
            let mut claim = life.plain_visit(p, near.county, "A50", "K29.500");
            for name in ["黄芪", "当归", "白术", "甘草", "陈皮"] {
                let herb = life.city.catalogue.herb(name);
                let line = life.add(claim.begin + 15 * MINUTE, Item::Herb(herb), 70 * UNIT, &mut claim);
                claim.lines[line].rx = 1;
                claim.lines[line].doses = 7;
                claim.lines[line].days = 7;
                p.mark(&mut claim, line, Risk::None);
            }
            life.file(claim);
        }
        "acupuncture_course" => {
            for k in 0..22 {
                let day = p.day + k / 5 * 7 + k % 5;
                let mut claim = life.visit(near.county, "11", at(day, 9 * HOUR + 20 * MINUTE), "A50");
                claim.diagnoses.push(life.city.catalogue.diagnosis("M54.500"));
                for tag in ["acup", "moxa", "infra"] {
                    life.add_service(claim.begin + 10 * MINUTE, tag, UNIT, &mut claim);
                }
                claim.acts.push(p.slot);
                life.file(claim);
            }
        }
        "dialysis_regular" => {
            for k in 0..17 {
                let offset = k / 3 * 7 + [0, 2, 4][k as usize % 3];
                let day = p.day + offset;
                let mut claim = life.visit(near.county, "11", at(day, 8 * HOUR + 15 * MINUTE), "A03.06");
                claim.diagnoses.push(life.city.catalogue.diagnosis("N18.500"));
                for tag in ["hd", "hdmon"] {
                    life.add_service(claim.begin + 10 * MINUTE, tag, UNIT, &mut claim);
                }
                for tag in ["dialyzer", "bloodline"] {
                    let item = Item::Material(life.city.catalogue.material(tag));
                    life.add(claim.begin + 10 * MINUTE, item, UNIT, &mut claim);
                }
                claim.acts.push(p.slot);
                life.file(claim);
            }
        }
        _ => return false,
    }
    true
}
