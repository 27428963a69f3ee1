//! Lawful stays: the case decides department, length, operation, drugs and how the days are billed.

use crate::care::Life;
use crate::catalogue::Item;
use crate::cells::{DAY, HOUR, MINUTE, Second, at, day_of};
use crate::claim::{Claim, ONE, OperationRecord};
use mingjian_model::day::Day;

/// A kind of stay.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case {
    pub key: &'static str,
    /// Group of main diagnoses.
    pub diagnosis: &'static str,
    pub dept: &'static str,
    pub days: (i64, i64),
    /// 0 both.
    pub sex: u8,
    pub ages: (i32, i32),
    pub operation: Option<Surgery>,
    /// Drugs given every day, one of each group.
    pub drugs: &'static [&'static str],
    /// Days of first-grade nursing with monitoring.
    pub watched: i64,
    pub oxygen: bool,
    /// Only at hospitals of the second level and above.
    pub hospital: bool,
    pub weight: u32,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Surgery {
    pub tag: &'static str,
    pub anaesthesia: &'static str,
    pub minutes: i64,
    pub material: Option<&'static str>,
}

#[allow(clippy::too_many_arguments)]
const fn case(
    key: &'static str,
    diagnosis: &'static str,
    dept: &'static str,
    days: (i64, i64),
    ages: (i32, i32),
    drugs: &'static [&'static str],
    watched: i64,
    oxygen: bool,
    hospital: bool,
    weight: u32,
) -> Case {
    Case { key, diagnosis, dept, days, sex: 0, ages, operation: None, drugs, watched, oxygen, hospital, weight }
}

const fn with(case: Case, sex: u8, tag: &'static str, anaesthesia: &'static str, minutes: i64, material: Option<&'static str>) -> Case {
    Case { sex, operation: Some(Surgery { tag, anaesthesia, minutes, material }), ..case }
}

const MEDICAL: &[&str] = &["ip_anti", "ip_acid", "ip_fluid", "ip_resp"];
const HEART: &[&str] = &["ip_card", "ip_acid", "ip_card", "ip_fluid"];
const BRAIN: &[&str] = &["ip_neu", "ip_acid", "ip_neu", "ip_card"];
const KNIFE: &[&str] = &["ip_anti", "ip_fluid", "ip_op", "ip_acid"];
const CHILD: &[&str] = &["ip_child", "ip_fluid"];

pub(crate) const CASES: &[Case] = &[
    case("pneumonia", "ip_pneu", "A03.01", (8, 12), (18, 110), MEDICAL, 2, true, false, 90),
    case("copd", "ip_copd", "A03.01", (9, 13), (45, 110), MEDICAL, 3, true, false, 90),
    case("angina", "ip_chd", "A03.04", (8, 11), (45, 110), HEART, 3, true, false, 90),
    case("heart_failure", "ip_hf", "A03.04", (9, 13), (55, 110), HEART, 4, true, false, 50),
    case("stroke", "ip_stroke", "A03.03", (10, 14), (45, 110), BRAIN, 4, true, true, 90),
    case("diabetes", "ip_dm", "A03.07", (9, 12), (30, 110), &["ip_endo", "ip_neu", "ip_acid"], 0, false, false, 55),
    case("kidney", "ip_ckd", "A03.06", (9, 13), (35, 110), &["ip_acid", "ip_card", "ip_fluid"], 1, false, true, 20),
    case("bleeding", "ip_gib", "A03", (8, 11), (25, 110), &["ip_acid", "ip_acid", "ip_fluid", "ip_op"], 3, false, true, 25),
    case("disc", "ip_disc", "A21", (9, 12), (30, 85), &["ip_neu", "ip_op"], 0, false, true, 30),
    case("psychosis", "ip_psy", "A15", (24, 36), (18, 75), &["psy"], 0, false, true, 8),
    case("child_pneumonia", "ip_pedpneu", "A07", (7, 9), (1, 13), CHILD, 0, false, false, 240),
    case("child_gut", "ip_pedgi", "A07", (6, 8), (1, 13), CHILD, 0, false, false, 90),
    with(case("appendix", "ip_append", "A04", (6, 8), (10, 70), KNIFE, 1, false, true, 40), 0, "op_append", "anes_ga", 70, Some("suture")),
    with(case("gallbladder", "ip_chole", "A04", (7, 9), (25, 85), KNIFE, 1, false, true, 55), 0, "op_chole", "anes_ga", 90, Some("suture")),
    with(case("hernia", "ip_hernia", "A04", (6, 8), (40, 85), KNIFE, 1, false, true, 30), 1, "op_hernia", "anes_sp", 60, Some("mesh")),
    with(case("hip", "ip_hip", "A04.03", (13, 17), (60, 105), KNIFE, 3, true, true, 30), 0, "op_fem", "anes_ga", 120, Some("hip")),
    with(case("wrist", "ip_rad", "A04.03", (8, 11), (18, 90), KNIFE, 1, false, true, 30), 0, "op_rad", "anes_nb", 80, Some("plate")),
    with(
        case("cataract", "ip_cat", "A10", (4, 5), (50, 95), &["ip_op", "eye"], 0, false, true, 60),
        0,
        "op_cat",
        "anes_loc",
        40,
        Some("iol"),
    ),
    with(case("thyroid", "ip_thy", "A04", (7, 9), (25, 75), KNIFE, 1, false, true, 25), 0, "op_thy_sub", "anes_ga", 100, Some("suture")),
    with(case("fibroid", "ip_myom", "A05", (8, 10), (30, 55), KNIFE, 1, false, true, 55), 2, "op_myom", "anes_ga", 90, Some("suture")),
    with(case("ovary", "ip_ovary", "A05", (7, 9), (20, 60), KNIFE, 1, false, true, 30), 2, "op_ovary", "anes_ga", 80, Some("suture")),
    with(case("prostate", "ip_turp", "A04.04", (8, 11), (55, 95), KNIFE, 1, false, true, 40), 1, "op_turp", "anes_sp", 80, Some("foley")),
    with(
        case("tonsil", "ip_tonsil", "A11", (6, 8), (6, 40), &["ip_child", "ip_fluid", "ip_op"], 1, false, true, 35),
        0,
        "op_tonsil",
        "anes_ga",
        50,
        None,
    ),
    with(case("fistula", "ip_hem", "A04", (7, 9), (20, 75), KNIFE, 0, false, true, 30), 0, "op_hem", "anes_sp", 40, None),
    with(case("veins", "ip_varic", "A04", (6, 8), (35, 80), KNIFE, 0, false, true, 20), 0, "op_varic", "anes_sp", 80, None),
    with(
        case("stomach", "ip_gastric", "A04", (14, 18), (45, 80), KNIFE, 4, true, true, 12),
        0,
        "op_gastr",
        "anes_ga",
        200,
        Some("stapler"),
    ),
    with(case("colon", "ip_colon", "A04", (14, 18), (45, 85), KNIFE, 4, true, true, 12), 0, "op_colon", "anes_ga", 210, Some("stapler")),
    with(case("infarction", "ip_mi", "A03.04", (8, 11), (45, 85), HEART, 4, true, true, 25), 0, "op_pci", "anes_loc", 80, Some("stent")),
];

pub(crate) const CESAREAN: Case = with(
    case("cesarean", "ip_cs", "A05", (6, 7), (18, 48), &["ip_anti", "ip_fluid", "f_obs", "ip_op"], 1, false, true, 0),
    2,
    "op_cs",
    "anes_sp",
    60,
    Some("suture"),
);
pub(crate) const BIRTH: Case =
    Case { sex: 2, ..case("birth", "ip_deliver", "A05", (4, 5), (18, 48), &["ip_fluid", "f_obs"], 0, false, true, 0) };
pub(crate) const NEWBORN: Case = case("newborn", "ip_nb", "A07", (5, 7), (0, 0), &["ip_newborn", "nb"], 0, false, true, 0);
pub(crate) const CHEMOTHERAPY: Case =
    case("chemotherapy", "ip_chemo", "A19", (5, 7), (18, 95), &["ip_onc", "ip_onc", "ip_acid", "ip_fluid"], 0, false, true, 0);

pub(crate) fn case_named(key: &str) -> Case {
    CASES.iter().copied().find(|case| case.key == key).unwrap_or(CASES[0])
}

const ADMISSION_TESTS: &[&str] = &[
    "cbc", "urine", "stool", "alt", "ast", "tbil", "dbil", "tp", "alb", "ggt", "alp", "bun", "cr", "ua", "glu", "chol", "tg", "hdl", "ldl",
    "k", "na", "cl", "ca", "pt", "aptt", "fib", "crp", "hbsag", "hcv", "syph",
];
const CHILD_TESTS: &[&str] = &["cbc", "urine", "stool", "alt", "ast", "alb", "bun", "cr", "k", "na", "cl", "crp"];

impl Life<'_> {
    /// A case for the person, by age and sex.
    pub fn choose_case(&mut self, day: Day) -> Option<Case> {
        let age = self.person.age(day);
        let weights: Vec<u32> = CASES
            .iter()
            .map(|c| if (c.sex == 0 || c.sex == self.person.sex) && (c.ages.0..=c.ages.1).contains(&age) { c.weight } else { 0 })
            .collect();
        if weights.iter().all(|w| *w == 0) {
            return None;
        }
        Some(CASES[self.rng.weighted(&weights)])
    }

    /// Where the case is treated.
    pub fn stay_place(&mut self, case: &Case) -> usize {
        let weights: &[u32] = if case.hospital { &[0, 60, 40] } else { &[28, 44, 28] };
        match self.rng.weighted(weights) {
            0 => self.near.town,
            1 => self.near.county,
            _ => self.near.city,
        }
    }

    /// A whole stay from its admission day, lawfully billed.
    pub fn stay(&mut self, case: &Case, place: usize, admitted: Day, med_type: &'static str) -> Claim {
        let days = self.rng.range(case.days.0, case.days.1);
        self.stay_of(case, place, admitted, days, med_type)
    }

    pub fn stay_of(&mut self, case: &Case, place: usize, admitted: Day, days: i64, med_type: &'static str) -> Claim {
        let begin = at(admitted, 8 * HOUR + self.rng.range(0, 8 * 60) * MINUTE);
        let mut claim = self.visit(place, med_type, begin, case.dept);
        claim.end = at(admitted + days as Day, 9 * HOUR + self.rng.range(0, 150) * MINUTE);
        claim.discharge = "1";
        let dx = self.diagnosis(case.diagnosis, admitted);
        claim.diagnoses.push(dx);
        for chronic in &self.person.chronic {
            let other = self.city.catalogue.diagnoses_of(chronic.disease.diagnosis)[0];
            if !claim.diagnoses.contains(&other) {
                claim.diagnoses.push(other);
            }
        }
        if case.key == "chemotherapy" {
            claim.diagnoses.push(self.city.catalogue.diagnosis("C18.900"));
        }
        if matches!(case.key, "cesarean" | "birth") {
            claim.diagnoses.push(self.city.catalogue.diagnosis("Z37.000"));
        }
        self.admission(&mut claim, case);
        let regimen = self.choose_regimen(case, &claim);
        let surgery_day = case.operation.map(|_| admitted + if days > 5 { 2 } else { 1 });
        for i in 0..days {
            let day = admitted + i as Day;
            self.daily(&mut claim, case, day, i);
            self.treatment(&mut claim, &regimen, day, i);
            if Some(day) == surgery_day
                && let Some(surgery) = case.operation
            {
                self.operate(&mut claim, &surgery, day);
            }
            if i > 0 && i % 4 == 0 {
                for (k, tag) in ["cbc", "crp", "k", "na", "cl", "alt", "cr"].iter().enumerate() {
                    self.add_service(at(day, 6 * HOUR + (30 + k as i64) * MINUTE), tag, ONE, &mut claim);
                }
            }
        }
        if case.key == "birth" {
            // The foetus is monitored the day before: on the day of birth it is part of the delivery.
            self.add_service(begin + 40 * MINUTE, "fetal", ONE, &mut claim);
            self.add_service(at(admitted + 1, 10 * HOUR), "op_deliver", ONE, &mut claim);
        }
        self.discharge_drugs(&mut claim);
        claim
    }

    fn admission(&mut self, claim: &mut Claim, case: &Case) {
        let begin = claim.begin;
        let child = self.child(day_of(begin));
        let tests = if child { CHILD_TESTS } else { ADMISSION_TESTS };
        for (i, tag) in tests.iter().enumerate() {
            self.add_service(begin + (20 + i as i64 / 6) * MINUTE, tag, ONE, claim);
        }
        self.add_service(begin + 45 * MINUTE, "ecg", ONE, claim);
        self.add_service(begin + 55 * MINUTE, "dr", ONE, claim);
        match case.dept {
            "A03.04" => {
                self.add_service(begin + 65 * MINUTE, "echo", ONE, claim);
                self.add_service(begin + 25 * MINUTE, "ckmb", ONE, claim);
                self.add_service(begin + 25 * MINUTE, "tni", ONE, claim);
            }
            "A03.03" => {
                self.add_service(begin + 65 * MINUTE, "ct", ONE, claim);
                self.add_service(begin + 75 * MINUTE, "us_neck", ONE, claim);
            }
            "A03.01" => {
                self.add_service(begin + 65 * MINUTE, "ct", ONE, claim);
                self.add_service(begin + 25 * MINUTE, "pct", ONE, claim);
            }
            "A04" | "A05" | "A04.04" | "A03.06" => {
                self.add_service(begin + 65 * MINUTE, "us", ONE, claim);
            }
            _ => {}
        }
        if case.operation.is_some() {
            self.add_service(begin + 25 * MINUTE, "abo", ONE, claim);
            self.add_service(begin + 25 * MINUTE, "rh", ONE, claim);
        }
        let item = Item::Material(self.city.catalogue.material("ivcath"));
        self.add(begin + 80 * MINUTE, item, ONE, claim);
    }

    /// Bed, doctor, nursing, oxygen and hours of monitoring of a day.
    fn daily(&mut self, claim: &mut Claim, case: &Case, day: Day, i: i64) {
        let morning = (at(day, 7 * HOUR + 30 * MINUTE)).max(claim.begin + 10 * MINUTE);
        self.add_service(morning, "bed", ONE, claim);
        self.add_service(morning + 5 * MINUTE, "consult_ip", ONE, claim);
        let nursing = if case.key == "psychosis" {
            "nurs_psy"
        } else if case.key == "newborn" {
            "nurs_newborn"
        } else if i < case.watched {
            "nurs1"
        } else if i < case.watched + 6 {
            "nurs2"
        } else {
            "nurs3"
        };
        self.add_service(morning + 10 * MINUTE, nursing, ONE, claim);
        if i < case.watched {
            let from = claim.begin.max(at(day, 0));
            let hours = (at(day + 1, 0) - from) / HOUR;
            if hours > 0 {
                for tag in ["ecgmon", "spo2"] {
                    self.add_service(at(day, 23 * HOUR + 40 * MINUTE), tag, hours * ONE, claim);
                }
            }
        }
        match case.key {
            "newborn" => {
                self.add_service(morning + 30 * MINUTE, "nb_bili", ONE, claim);
                if i > 0 && i < 4 {
                    self.add_service(morning + 9 * HOUR, "nb_light2", 8 * ONE, claim);
                }
                if i == 0 {
                    self.add_service(morning + 50 * MINUTE, "nb_ecg", ONE, claim);
                }
            }
            "psychosis" => {
                for tag in ["psydrug", "occup"] {
                    self.add_service(morning + 60 * MINUTE, tag, ONE, claim);
                }
            }
            "disc" if i > 0 => {
                for tag in ["midfreq", "infra"] {
                    self.add_service(morning + 90 * MINUTE, tag, ONE, claim);
                }
            }
            _ => {}
        }
        if case.oxygen && i < 6 {
            self.add_service(morning + 20 * MINUTE, "oxygen", ONE, claim);
        }
    }

    /// The drugs of the stay: one of each group, with how often a day.
    fn choose_regimen(&mut self, case: &Case, claim: &Claim) -> Vec<(u16, i64)> {
        let catalogue = &self.city.catalogue;
        let mut regimen: Vec<(u16, i64)> = Vec::new();
        let adult = self.person.age(day_of(claim.begin)) >= 18;
        for group in case.drugs {
            if *group == "ip_newborn" {
                regimen.push((catalogue.drug_named("注射用头孢呋辛钠"), 2));
                regimen.push((catalogue.drug_named("葡萄糖注射液"), 2));
                continue;
            }
            if *group == "ip_child" {
                regimen.push((catalogue.drug_named("注射用头孢呋辛钠"), 2));
                regimen.push((catalogue.drug_named("布地奈德混悬液"), 1));
                continue;
            }
            let fitting: Vec<u16> = catalogue
                .group(group)
                .iter()
                .copied()
                .filter(|d| {
                    let drug = &catalogue.drugs[*d as usize];
                    (adult || !drug.in_group("adult"))
                        && regimen.iter().all(|(r, _)| {
                            let other = &catalogue.drugs[*r as usize];
                            // No second drug of the same class.
                            other.code[..5] != drug.code[..5]
                        })
                })
                .collect();
            if !fitting.is_empty() {
                let drug = *self.rng.pick(&fitting);
                regimen.push((drug, catalogue.drugs[drug as usize].times.min(3)));
            }
        }
        if adult && self.city.world.institutions[claim.institution].price > 0 && case.drugs != KNIFE && self.rng.permille(450) {
            // Chinese injections are paid from the second level up; courses end within ten days.
            let group = if case.dept == "A03.03" && case.days.1 <= 14 && self.rng.permille(400) { "cs_inj" } else { "lv_inj" };
            regimen.push((*self.rng.pick(catalogue.group(group)), 1));
        }
        if case.days.1 >= 14 && case.operation.is_some() {
            regimen.push((*self.rng.pick(&catalogue.group("md_inj")[..1]), 1));
        }
        regimen
    }

    fn treatment(&mut self, claim: &mut Claim, regimen: &[(u16, i64)], day: Day, i: i64) {
        let catalogue = &self.city.catalogue;
        let first = if i == 0 { claim.begin + 90 * MINUTE } else { at(day, 8 * HOUR + 40 * MINUTE) };
        let latest = at(day, 23 * HOUR);
        let saline = catalogue.drug_named("氯化钠注射液(100ml)");
        let glucose = catalogue.drug_named("葡萄糖注射液");
        let mut drips = 0;
        let mut pushes = 0;
        let mut rx = (i * 12 + 1) as u16;
        for (k, (drug, times)) in regimen.iter().enumerate() {
            let info = &catalogue.drugs[*drug as usize];
            if info.in_group("cs_inj") && i >= 9 {
                continue;
            }
            for t in 0..*times {
                let time = (first + (k as i64 * 12) * MINUTE + t * 5 * HOUR).min(latest);
                let count = if info.pack == 1 || info.days_a_pack() == 1 { info.dose.max(1) } else { 1 };
                if info.pack > 1 && (t > 0 || i % 7 != 0) {
                    continue;
                }
                let line = self.add(time, Item::Drug(*drug), count * ONE, claim);
                claim.lines[line].rx = rx;
                claim.lines[line].days = 1;
                if info.route == "静脉滴注" && !info.in_group("solvent") && info.pack_unit == "支" {
                    let solvent = if k % 2 == 0 { saline } else { glucose };
                    let line = self.add(time, Item::Drug(solvent), ONE, claim);
                    claim.lines[line].rx = rx;
                    claim.lines[line].days = 1;
                    drips += 1;
                } else if info.route == "静脉滴注" {
                    drips += 1;
                } else if info.route == "静脉注射" {
                    pushes += 1;
                } else if info.route == "雾化吸入" {
                    self.add_service(time, "neb", ONE, claim);
                } else if info.route == "肌内注射" || info.route == "皮下注射" {
                    self.add_service(time, "im", ONE, claim);
                }
                rx += 1;
            }
        }
        if drips > 0 {
            self.add_service(first, "iv", ONE, claim);
            let item = Item::Material(self.city.catalogue.material("infset"));
            self.add(first, item, drips.min(3) * ONE, claim);
            for n in 1..drips.min(4) {
                self.add_service((first + n * 40 * MINUTE).min(latest), "pump", 2 * ONE, claim);
            }
        }
        for n in 0..pushes {
            self.add_service((first + (15 + n * 50) * MINUTE).min(latest), "ivpush", ONE, claim);
        }
    }

    pub fn operate(&mut self, claim: &mut Claim, surgery: &Surgery, day: Day) {
        let place = &self.city.world.institutions[claim.institution];
        let begin = at(day, 9 * HOUR + self.rng.range(0, 180) * MINUTE);
        let end = begin + surgery.minutes * MINUTE;
        let surgeon = claim.doctor;
        let anaesthetist = (surgery.anaesthesia != "anes_loc").then(|| place.doctor(claim.dept, day, &mut self.rng));
        claim.operations.push(OperationRecord { tag: surgery.tag, begin, end, surgeon, anaesthetist });
        self.add_service(begin + 5 * MINUTE, surgery.tag, ONE, claim);
        self.add_service(begin - 20 * MINUTE, surgery.anaesthesia, ONE, claim);
        if surgery.anaesthesia != "anes_loc" {
            let hours = (surgery.minutes + 59) / 60;
            self.add_service(begin, "anes_mon", hours * ONE, claim);
            for name in ["丙泊酚乳状注射液", "枸橼酸舒芬太尼注射液", "氨甲环酸注射液"] {
                let drug = self.city.catalogue.drug_named(name);
                let line = self.add(begin - 10 * MINUTE, Item::Drug(drug), ONE, claim);
                claim.lines[line].rx = 900;
                claim.lines[line].days = 1;
            }
        }
        if let Some(tag) = surgery.material {
            let item = Item::Material(self.city.catalogue.material(tag));
            self.add(begin + 30 * MINUTE, item, ONE, claim);
        }
        for offset in [1, 3] {
            let when: Second = at(day + offset, 10 * HOUR);
            if when < claim.end - DAY / 2 && surgery.tag != "op_cat" && surgery.tag != "op_pci" {
                self.add_service(when, "dress_m", ONE, claim);
            }
        }
    }

    /// A pack of tablets to take home (出院带药).
    fn discharge_drugs(&mut self, claim: &mut Claim) {
        let day = day_of(claim.end);
        if self.child(day) || self.person.is_chronic() || !self.rng.permille(500) {
            return;
        }
        if let Some(drug) = self.choose_drug("gi", day, &[]) {
            let line = self.add_packs(claim.end - 25 * MINUTE, drug, 1, claim);
            claim.lines[line].discharge_drug = true;
            claim.lines[line].rx = 990;
        }
    }
}
