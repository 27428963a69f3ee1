//! Lawful care: how a person's outpatient visits, purchases and programmes look when everybody keeps to the rules.

use crate::City;
use crate::calendar;
use crate::catalogue::Item;
use crate::cells::{DAY, HOUR, MINUTE, Second, at};
use crate::claim::{Claim, ONE, Refund};
use crate::people::Person;
use crate::rng::{Rng, mix};
use crate::world::{Kind, Near};
use mingjian_model::day::Day;

/// One person's life in the making.
pub(crate) struct Life<'a> {
    pub city: &'a City,
    pub person: &'a Person,
    pub near: Near,
    pub rng: Rng,
    /// Drugs at home and the day they run out.
    supplies: Vec<(u16, Day)>,
    last_hba1c: Day,
    pub claims: Vec<Claim>,
}

/// Why somebody goes to a clinic: group of diagnoses, weight for adults and for children, department.
const COMPLAINTS: &[(&str, u32, u32, &str)] = &[
    ("uri", 22, 46, "A03"),
    ("gi", 14, 20, "A03"),
    ("pain", 15, 0, "A04"),
    ("derm", 8, 10, "A13"),
    ("eye", 5, 4, "A10"),
    ("ear", 2, 4, "A11"),
    ("neur", 8, 0, "A03.03"),
    ("uti", 4, 1, "A03"),
    ("allergy", 4, 5, "A13"),
    ("dental", 6, 3, "A12"),
    ("injury", 6, 7, "A04"),
    ("gyn", 6, 0, "A05"),
    ("male", 2, 0, "A04.04"),
];

/// The groups of drugs a complaint is treated with, one drug each.
fn drugs_for(complaint: &str, child: bool) -> &'static [&'static str] {
    match (complaint, child) {
        ("uri", true) => &["c_uri", "uri", "cough"],
        ("uri", false) => &["uri", "cough", "cold"],
        ("gi", true) => &["c_gi"],
        ("gi", false) => &["gi", "gi"],
        ("pain", _) => &["pain", "pain", "neur"],
        ("derm", _) => &["derm", "allergy"],
        ("allergy", _) => &["allergy", "derm"],
        ("eye", _) => &["eye"],
        ("ear", _) => &["uri"],
        ("neur", _) => &["neur", "sleep", "tcm"],
        ("uti", _) => &["uti"],
        ("dental", _) => &["dental"],
        ("injury", _) => &["pain", "derm"],
        ("gyn", _) => &["f_gyn", "f_gyn"],
        ("male", _) => &["m_drug"],
        ("cold", _) => &["cold", "fever"],
        _ => &["tcm"],
    }
}

impl<'a> Life<'a> {
    pub fn new(city: &'a City, person: &'a Person, near: Near) -> Life<'a> {
        let rng = Rng::new(city.seed ^ 0x11FE, u64::from(person.index));
        Life { city, person, near, rng, supplies: Vec::new(), last_hba1c: Day::MIN / 2, claims: Vec::new() }
    }

    pub fn child(&self, day: Day) -> bool {
        self.person.age(day) < 14
    }

    /// An empty visit.
    pub fn visit(&mut self, institution: usize, med_type: &'static str, begin: Second, dept: &str) -> Claim {
        let place = &self.city.world.institutions[institution];
        let dept = place.department(dept);
        let day = crate::cells::day_of(begin);
        let doctor = if place.kind == Kind::Pharmacy { place.pharmacist() } else { place.doctor(dept, day, &mut self.rng) };
        Claim {
            institution,
            med_type,
            begin,
            end: begin + 50 * MINUTE,
            dept,
            doctor,
            diagnoses: Vec::new(),
            operations: Vec::new(),
            lines: Vec::new(),
            disease: None,
            discharge: "",
            referred_from: None,
            refund: Refund::Kept,
            visit: 0,
            traces: Vec::new(),
            swapped_for: None,
            foreign_packs: false,
            acts: Vec::new(),
            memo: "",
            third_party: false,
        }
    }

    /// Files a visit; its number is its place among the person's.
    pub fn file(&mut self, mut claim: Claim) -> usize {
        claim.visit = self.claims.len() as u16 + 1;
        self.claims.push(claim);
        self.claims.len() - 1
    }

    /// Adds a line and gives its place.
    pub fn add(&self, time: Second, item: Item, count: i64, claim: &mut Claim) -> usize {
        claim.add(&self.city.catalogue, &self.city.world.institutions[claim.institution], item, count, time)
    }

    pub fn add_service(&self, time: Second, tag: &str, count: i64, claim: &mut Claim) -> usize {
        self.add(time, Item::Service(self.city.catalogue.service(tag)), count, claim)
    }

    /// Adds packs of a drug and lays them into the person's supply.
    pub fn add_packs(&mut self, time: Second, drug: u16, packs: i64, claim: &mut Claim) -> usize {
        let at = self.add(time, Item::Drug(drug), packs * ONE, claim);
        let days = packs * self.city.catalogue.drugs[drug as usize].days_a_pack();
        claim.lines[at].days = days as u16;
        let end = crate::cells::day_of(time) + days as Day;
        self.supplies.retain(|(d, _)| *d != drug);
        self.supplies.push((drug, end));
        at
    }

    fn has_at_home(&self, drug: u16, day: Day) -> bool {
        self.supplies.iter().any(|(d, end)| *d == drug && *end > day - 2)
    }

    /// A drug of the group the person may take and has none of at home.
    pub fn choose_drug(&mut self, group: &str, day: Day, taken: &[u16]) -> Option<u16> {
        let adult = self.person.age(day) >= 18;
        let catalogue = &self.city.catalogue;
        let fitting: Vec<u16> = catalogue
            .group(group)
            .iter()
            .copied()
            .filter(|d| (adult || !catalogue.drugs[*d as usize].in_group("adult")) && !taken.contains(d) && !self.has_at_home(*d, day))
            .collect();
        if fitting.is_empty() { None } else { Some(*self.rng.pick(&fitting)) }
    }

    /// A complaint this person may have.
    pub fn complaint(&mut self, day: Day) -> (&'static str, &'static str) {
        let age = self.person.age(day);
        let weights: Vec<u32> = COMPLAINTS
            .iter()
            .map(|(group, adult, child, _)| match *group {
                "gyn" if self.person.sex != 2 || !(20..=60).contains(&age) => 0,
                "male" if self.person.sex != 1 || age < 25 => 0,
                _ if age < 14 => *child,
                _ => *adult,
            })
            .collect();
        let at = self.rng.weighted(&weights);
        let dept = if age < 14 { "A07" } else { COMPLAINTS[at].3 };
        (COMPLAINTS[at].0, dept)
    }

    /// Where this person goes for a complaint.
    pub fn outpatient_place(&mut self) -> usize {
        match self.rng.weighted(&[36, 25, 24, 15]) {
            0 => self.near.clinic,
            1 => self.near.town,
            2 => self.near.county,
            _ => self.near.city,
        }
    }

    /// An ordinary outpatient visit: consultation, tests, drugs.
    pub fn outpatient(&mut self, day: Day) -> Claim {
        let place = self.outpatient_place();
        let (complaint, dept) = self.complaint(day);
        let child = self.child(day);
        let emergency = self.rng.permille(50) && self.city.world.institutions[place].has_department("A20");
        let time = if emergency { calendar::any_time(&mut self.rng, day) } else { calendar::clinic_time(&mut self.rng, day) };
        let tcm = matches!(complaint, "pain" | "gi" | "neur") && !child && !emergency && self.rng.permille(110);
        let dept = if emergency {
            "A20"
        } else if tcm {
            "A50"
        } else {
            dept
        };
        let mut claim = self.visit(place, if emergency { "13" } else { "11" }, time, dept);
        let dx = self.diagnosis(complaint, day);
        claim.diagnoses.push(dx);
        self.consultation(&mut claim);
        let hospital = self.city.world.institutions[place].kind != Kind::Clinic;
        if hospital {
            self.tests(&mut claim, complaint);
        }
        if tcm {
            self.tcm(&mut claim, complaint);
            return claim;
        }
        let mut taken: Vec<u16> = Vec::new();
        for (i, group) in drugs_for(complaint, child).iter().enumerate() {
            if i > 0 && self.rng.permille(300) {
                continue;
            }
            if let Some(drug) = self.choose_drug(group, day, &taken) {
                taken.push(drug);
                let pack = self.city.catalogue.drugs[drug as usize].days_a_pack();
                let packs = if !emergency && pack <= 3 && self.rng.permille(400) { 2 } else { 1 };
                let at = self.add_packs(time + (12 + i as i64) * MINUTE, drug, packs, &mut claim);
                claim.lines[at].rx = 1;
            }
        }
        if complaint == "uri" && !child && self.rng.permille(110) {
            self.drip(&mut claim, time + 20 * MINUTE);
        }
        claim
    }

    /// One drip of an antibiotic with what belongs to it.
    fn drip(&mut self, claim: &mut Claim, time: Second) {
        let drugs = &self.city.catalogue;
        let (antibiotic, solvent) = (drugs.drug_named("注射用头孢曲松钠"), drugs.drug_named("氯化钠注射液(100ml)"));
        let a = self.add(time, Item::Drug(antibiotic), 2 * ONE, claim);
        let b = self.add(time, Item::Drug(solvent), ONE, claim);
        for i in [a, b] {
            claim.lines[i].rx = 2;
            claim.lines[i].days = 1;
        }
        self.add_service(time, "iv", ONE, claim);
        self.add(time, Item::Material(self.city.catalogue.material("infset")), ONE, claim);
    }

    /// Diagnosis of the group: men get no second look at enlarged prostates before fifty.
    pub fn diagnosis(&mut self, group: &str, day: Day) -> u16 {
        let list = self.city.catalogue.diagnoses_of(group);
        let picked = *self.rng.pick(list);
        if group == "male" && self.person.age(day) < 50 { list[0] } else { picked }
    }

    pub fn consultation(&mut self, claim: &mut Claim) {
        let tag = match (self.city.world.institutions[claim.institution].kind, claim.med_type) {
            (_, "13") => "consult_er",
            (Kind::Clinic, _) => "consult_village",
            (Kind::Town, _) => "consult_town",
            _ => "consult",
        };
        let time = claim.begin + 2 * MINUTE;
        self.add_service(time, tag, ONE, claim);
    }

    fn tests(&mut self, claim: &mut Claim, complaint: &str) {
        let (chance, tests): (u32, &[&str]) = match complaint {
            "uri" => (550, &["cbc", "crp"]),
            "gi" => (300, &["cbc", "stool"]),
            "uti" => (800, &["urine", "cbc"]),
            "neur" => (300, &["ecg", "us_neck"]),
            "pain" => (350, &["dr"]),
            "injury" => (500, &["dr", "dress_s"]),
            "gyn" => (600, &["vagdis", "us"]),
            "male" => (400, &["prosf", "urine"]),
            _ => (0, &[]),
        };
        if self.rng.permille(chance) {
            for (i, tag) in tests.iter().enumerate() {
                let time = claim.begin + (6 + i as i64) * MINUTE;
                self.add_service(time, tag, ONE, claim);
            }
        }
    }

    /// A herb decoction or needles and massage.
    fn tcm(&mut self, claim: &mut Claim, complaint: &str) {
        let time = claim.begin + 15 * MINUTE;
        let hospital = self.city.world.institutions[claim.institution].kind != Kind::Clinic;
        if complaint == "pain" && hospital {
            for tag in ["acup", "moxa", "infra"] {
                self.add_service(time + 10 * MINUTE, tag, ONE, claim);
            }
            return;
        }
        let doses = self.rng.range(5, 7);
        let first = self.rng.below(self.city.catalogue.everyday_herbs() - 20);
        for i in 0..10 {
            let grams = self.rng.range(6, 15) * doses;
            let at = self.add(time, Item::Herb((first + i * 2) as u16), grams * ONE, claim);
            claim.lines[at].rx = 1;
            claim.lines[at].doses = doses as u16;
            claim.lines[at].days = doses as u16;
        }
    }

    /// A purchase at a pharmacy for a small complaint.
    pub fn purchase(&mut self, day: Day) -> Claim {
        let pharmacy = if self.rng.permille(850) { self.near.pharmacy } else { self.city.world.neighbour(self.near.pharmacy, 1) };
        self.purchase_at(day, pharmacy)
    }

    pub fn purchase_at(&mut self, day: Day, pharmacy: usize) -> Claim {
        let time = calendar::shop_time(&mut self.rng, day);
        let child = self.child(day);
        let small: [&[&str]; 4] =
            [&["cold", "cough", "fever"], &["gi", "gi", "tcm"], &["pain", "derm", "neur"], &["allergy", "eye", "uri"]];
        let groups: &[&str] = if child { &["c_uri", "c_gi", "cough"] } else { small[self.rng.below(4)] };
        let mut claim = self.visit(pharmacy, "41", time, "A02");
        claim.end = time + 4 * MINUTE;
        let mut taken = Vec::new();
        for (i, group) in groups.iter().enumerate() {
            if i > 0 && self.rng.permille(120) {
                continue;
            }
            if let Some(drug) = self.choose_drug(group, day, &taken) {
                taken.push(drug);
                let packs = if self.city.catalogue.drugs[drug as usize].days_a_pack() <= 3 && self.rng.permille(400) { 2 } else { 1 };
                self.add_packs(time + MINUTE, drug, packs, &mut claim);
            }
        }
        if self.rng.permille(60) && !child {
            let own = *self.rng.pick(self.city.catalogue.group("self"));
            self.add_packs(time + MINUTE, own, 1, &mut claim);
        }
        claim
    }

    /// The drugs this person takes for good, chosen once and for all from the person's number.
    fn regimen(&self) -> Vec<(u16, &'static crate::people::Disease)> {
        let mut drugs: Vec<(u16, &'static crate::people::Disease)> = Vec::new();
        for chronic in &self.person.chronic {
            let group = self.city.catalogue.group(chronic.disease.drugs);
            if group.is_empty() {
                continue;
            }
            let hash = mix(self.city.seed ^ 0x4E61, u64::from(self.person.index)) as usize;
            let many = 1 + hash % 2;
            for k in 0..many.min(group.len()) {
                let drug = group[(hash / 7 + k) % group.len()];
                // One statin, one platelet inhibitor: drugs of one class are not doubled.
                let class = &self.city.catalogue.drugs[drug as usize].code[..6];
                if drugs.iter().all(|(d, _)| self.city.catalogue.drugs[*d as usize].code[..6] != *class) {
                    drugs.push((drug, chronic.disease));
                }
            }
        }
        drugs
    }

    /// The monthly drugs, at a clinic on the register or at the pharmacy.
    pub fn refill(&mut self, day: Day, months: i64, pharmacy: bool) -> Option<Claim> {
        let regimen = self.regimen();
        let disease = regimen.first()?.1;
        let claim = if pharmacy {
            let time = calendar::shop_time(&mut self.rng, day);
            let mut claim = self.visit(self.near.pharmacy, "41", time, "A02");
            claim.end = time + 5 * MINUTE;
            claim
        } else {
            let time = calendar::clinic_time(&mut self.rng, day);
            let place = match self.rng.weighted(&[25, 30, 30, 15]) {
                0 => self.near.clinic,
                1 => self.near.town,
                2 => self.near.county,
                _ => self.near.city,
            };
            let mut claim = self.visit(place, "14", time, disease.dept);
            claim.disease = Some(disease);
            for chronic in &self.person.chronic {
                let dx = self.city.catalogue.diagnoses_of(chronic.disease.diagnosis)[0];
                claim.diagnoses.push(dx);
            }
            self.consultation(&mut claim);
            claim
        };
        let mut claim = claim;
        for (i, (drug, _)) in regimen.iter().enumerate() {
            let per_month = (28 / self.city.catalogue.drugs[*drug as usize].days_a_pack()).max(1);
            let time = claim.begin + (3 + i as i64 / 4) * MINUTE;
            let at = self.add_packs(time, *drug, per_month * months, &mut claim);
            claim.lines[at].rx = 1;
        }
        let diabetic = self.person.chronic.iter().any(|c| c.disease.key == "dm");
        let hospital = self.city.world.institutions[claim.institution].price > 0;
        if !pharmacy && hospital {
            let time = claim.begin + 8 * MINUTE;
            if diabetic && day - self.last_hba1c > 95 {
                self.last_hba1c = day;
                self.add_service(time, "hba1c", ONE, &mut claim);
                self.add_service(time, "glu", ONE, &mut claim);
            } else if self.rng.permille(200) {
                for tag in ["chol", "tg", "ldl", "alt"] {
                    self.add_service(time, tag, ONE, &mut claim);
                }
            }
        }
        Some(claim)
    }

    /// One session of haemodialysis, three times a week on the register.
    pub fn dialysis(&mut self, day: Day) -> Claim {
        let place = if self.person.index.is_multiple_of(3) { self.near.city } else { self.near.county };
        let begin = at(day, 8 * HOUR + i64::from(self.person.index % 40) * MINUTE);
        let mut claim = self.visit(place, "14", begin, "A03.06");
        claim.end = begin + 5 * HOUR;
        claim.disease = Some(self.person.chronic[0].disease);
        claim.diagnoses.push(self.city.catalogue.diagnosis("N18.500"));
        self.add_service(begin + 10 * MINUTE, "hd", ONE, &mut claim);
        self.add_service(begin + 10 * MINUTE, "hdmon", ONE, &mut claim);
        for tag in ["dialyzer", "bloodline"] {
            let item = Item::Material(self.city.catalogue.material(tag));
            self.add(begin + 10 * MINUTE, item, ONE, &mut claim);
        }
        let drug = self.city.catalogue.drug_named("肝素钠注射液");
        let line = self.add(begin + 12 * MINUTE, Item::Drug(drug), ONE, &mut claim);
        claim.lines[line].days = 1;
        claim.lines[line].rx = 1;
        claim
    }

    /// An antenatal visit.
    pub fn antenatal(&mut self, day: Day, number: usize) -> Claim {
        let time = calendar::clinic_time(&mut self.rng, day);
        let mut claim = self.visit(self.near.county, "51", time, "A05");
        claim.diagnoses.push(self.city.catalogue.diagnosis("Z34.900"));
        self.add_service(time + 3 * MINUTE, "antenatal", ONE, &mut claim);
        self.add_service(time + 5 * MINUTE, "urine", ONE, &mut claim);
        self.add_service(time + 5 * MINUTE, "cbc", ONE, &mut claim);
        if number.is_multiple_of(2) {
            self.add_service(time + 9 * MINUTE, "us", ONE, &mut claim);
        } else {
            self.add_service(time + 9 * MINUTE, "fetal", ONE, &mut claim);
        }
        claim
    }

    /// Whether the person is in a stay on that day, or about to be, or just out of it.
    pub fn near_stay(&self, day: Day, margin: Day) -> bool {
        self.claims.iter().filter(|c| c.is_stay()).any(|c| {
            let (begin, end) = (c.begin.div_euclid(DAY) as Day, c.end.div_euclid(DAY) as Day);
            (begin - margin..=end + margin).contains(&day)
        })
    }

    /// Whether anything happens to the person near that day.
    pub fn busy(&self, day: Day, margin: Day) -> bool {
        self.occupied(day - margin, day + margin)
    }

    /// Whether anything happens to the person in these days.
    pub fn occupied(&self, first: Day, last: Day) -> bool {
        self.claims.iter().any(|c| c.begin.div_euclid(DAY) as Day <= last && c.end.div_euclid(DAY) as Day >= first)
    }
}
