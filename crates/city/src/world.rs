//! The city's institutions: hospitals of every level, clinics, pharmacies, their departments and doctors.
//!
//! Everything follows from the number of persons and the seed; nothing is kept per visit. Beds and doctors are laid out
//! so that a lawful city never runs out of them.

use crate::catalogue::{CITY, Catalogue};
use crate::people;
use crate::rng::{Rng, mix};
use mingjian_model::day::Day;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    City,
    County,
    Town,
    Clinic,
    Pharmacy,
}

/// A department: national department code (科室代码) and name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dept {
    pub code: &'static str,
    pub name: &'static str,
    /// Share of the institution's visits, in percent.
    share: u32,
}

const fn dept(code: &'static str, name: &'static str, share: u32) -> Dept {
    Dept { code, name, share }
}

const HOSPITAL_DEPTS: &[Dept] = &[
    dept("A03", "内科", 18),
    dept("A04", "外科", 12),
    dept("A05", "妇产科", 10),
    dept("A07", "儿科", 10),
    dept("A20", "急诊医学科", 8),
    dept("A50", "中医科", 9),
    dept("A03.01", "呼吸内科", 7),
    dept("A03.03", "神经内科", 7),
    dept("A03.04", "心血管内科", 8),
    dept("A03.06", "肾内科", 6),
    dept("A03.07", "内分泌科", 6),
    dept("A04.03", "骨科", 7),
    dept("A10", "眼科", 4),
    dept("A11", "耳鼻咽喉科", 4),
    dept("A12", "口腔科", 3),
    dept("A13", "皮肤科", 5),
    dept("A15", "精神科", 3),
    dept("A19", "肿瘤科", 4),
    dept("A21", "康复医学科", 4),
    dept("A04.04", "泌尿外科", 4),
];
const TOWN_DEPTS: &[Dept] = &[
    dept("A03", "内科", 40),
    dept("A04", "外科", 15),
    dept("A05", "妇产科", 8),
    dept("A07", "儿科", 15),
    dept("A20", "急诊医学科", 10),
    dept("A50", "中医科", 15),
];
const CLINIC_DEPTS: &[Dept] = &[dept("A02", "全科医疗科", 80), dept("A50", "中医科", 20)];

#[derive(Debug, Clone)]
pub(crate) struct Institution {
    pub code: String,
    pub name: String,
    pub kind: Kind,
    /// 医院等级 as the national dictionary has it; empty at pharmacies.
    pub level: &'static str,
    /// Index into the prices: 0 first level, 1 second, 2 third.
    pub price: usize,
    pub beds: i64,
    pub district: usize,
    pub depts: &'static [Dept],
    /// First doctor's number, and how many each department has.
    doctor_base: u32,
    doctors: Vec<u32>,
    /// Uploads stock (进销存).
    pub stock: bool,
    /// Uploads the trace codes of what it buys.
    pub inbound: bool,
    /// Day it joined the insurance.
    pub since: Day,
}

impl Institution {
    pub fn department(&self, code: &str) -> u8 {
        self.depts.iter().position(|d| d.code == code).unwrap_or(0) as u8
    }

    pub fn has_department(&self, code: &str) -> bool {
        self.depts.iter().any(|d| d.code == code)
    }

    /// A doctor of the department who is on duty that day: each has every third day off.
    pub fn doctor(&self, dept: u8, day: Day, rng: &mut Rng) -> u32 {
        let before: u32 = self.doctors[..dept as usize].iter().sum();
        let count = self.on_duty(dept);
        let mut k = rng.below(count as usize) as u32;
        if (day as u32).wrapping_add(k).is_multiple_of(3) {
            k = (k + 1) % count;
        }
        self.doctor_base + before + k
    }

    /// How many of a department's doctors work: at county hospitals one of internal medicine is suspended.
    fn on_duty(&self, dept: u8) -> u32 {
        let count = self.doctors[dept as usize];
        if self.kind == Kind::County && self.depts[dept as usize].code == SUSPENDED_DEPT { count - 1 } else { count }
    }

    /// The suspended doctor of the department.
    pub fn suspended(&self, dept: u8) -> u32 {
        self.doctor_base + self.doctors[..=dept as usize].iter().sum::<u32>() - 1
    }

    /// The institution's pharmacist (a pharmacy has one number for its counter).
    pub fn pharmacist(&self) -> u32 {
        self.doctor_base
    }

    pub fn doctors(&self) -> impl Iterator<Item = (u32, u8)> + '_ {
        let mut next = self.doctor_base;
        self.doctors.iter().enumerate().flat_map(move |(dept, count)| {
            let first = next;
            next += count;
            (first..first + count).map(move |id| (id, dept as u8))
        })
    }
}

/// The department whose last doctor is suspended at county hospitals.
pub(crate) const SUSPENDED_DEPT: &str = "A03";

/// Institutions made for acts that need one of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Special {
    /// A pharmacy with a December surge.
    SurgePharmacy,
    /// A pharmacy in its first reported month, without opening stock.
    NewPharmacy,
    /// A small hospital with fewer beds than patients.
    SmallHospital,
}

#[derive(Debug)]
pub(crate) struct World {
    pub institutions: Vec<Institution>,
    pub clinics: std::ops::Range<usize>,
    pub pharmacies: std::ops::Range<usize>,
    pub towns: std::ops::Range<usize>,
    pub counties: std::ops::Range<usize>,
    pub cities: std::ops::Range<usize>,
    blocks: usize,
}

/// The institutions near a block of persons.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Near {
    pub clinic: usize,
    pub pharmacy: usize,
    pub town: usize,
    pub county: usize,
    pub city: usize,
}

const PLACES: &[&str] = &[
    "东关", "西河", "南坪", "北塬", "清水", "石桥", "柳林", "安宁", "长兴", "永和", "龙泉", "双庙", "太平", "新集", "红崖", "白杨", "金台",
    "仁和", "城关", "文昌", "青峰", "三河", "凤鸣", "临江",
];

fn place(i: usize) -> String {
    let round = i / PLACES.len();
    let name = PLACES[i % PLACES.len()];
    if round == 0 { name.to_string() } else { format!("{name}{round}") }
}

impl World {
    pub fn new(persons: usize, blocks: usize, specials: &[Special], seed: u64, from: Day, catalogue: &Catalogue) -> World {
        let at_least = |per: usize, least: usize| (persons / per).max(least);
        let counts = [
            (Kind::City, at_least(500_000, 2)),
            (Kind::County, at_least(120_000, 2)),
            (Kind::Town, at_least(60_000, 3)),
            (Kind::Clinic, at_least(2_500, 4)),
            (Kind::Pharmacy, at_least(3_000, 5)),
        ];
        let mut world =
            World { institutions: Vec::new(), clinics: 0..0, pharmacies: 0..0, towns: 0..0, counties: 0..0, cities: 0..0, blocks };
        let mut next_doctor = 1;
        for (kind, count) in counts {
            let first = world.institutions.len();
            for i in 0..count {
                let institution = build(kind, i, count, persons, seed, from, first + i, &mut next_doctor, catalogue);
                world.institutions.push(institution);
            }
            let range = first..first + count;
            match kind {
                Kind::City => world.cities = range,
                Kind::County => world.counties = range,
                Kind::Town => world.towns = range,
                Kind::Clinic => world.clinics = range,
                Kind::Pharmacy => world.pharmacies = range,
            }
        }
        for (i, special) in specials.iter().enumerate() {
            let at = world.institutions.len();
            let kind = if *special == Special::SmallHospital { Kind::Town } else { Kind::Pharmacy };
            let mut institution = build(kind, i, 1, 2_000, seed, from, at, &mut next_doctor, catalogue);
            match special {
                Special::SmallHospital => {
                    institution.name = format!("明州市{}康复医院", place(at));
                    institution.beds = 8;
                }
                Special::SurgePharmacy => institution.name = format!("明州市{}惠民大药房", place(at)),
                Special::NewPharmacy => institution.name = format!("明州市{}新开药房", place(at)),
            }
            if *special != Special::SmallHospital {
                institution.inbound = false;
                institution.stock = true;
            }
            world.institutions.push(institution);
        }
        world
    }

    /// The institutions near a block.
    pub fn near(&self, block: usize) -> Near {
        let spread = |range: &std::ops::Range<usize>| range.start + block * range.len() / self.blocks.max(1);
        Near {
            clinic: spread(&self.clinics),
            pharmacy: spread(&self.pharmacies),
            town: spread(&self.towns),
            county: spread(&self.counties),
            city: spread(&self.cities),
        }
    }

    /// The institution `step` further along its kind's row (another pharmacy, another clinic …).
    pub fn neighbour(&self, institution: usize, step: usize) -> usize {
        for range in [&self.clinics, &self.pharmacies, &self.towns, &self.counties, &self.cities] {
            if range.contains(&institution) {
                return range.start + (institution - range.start + step) % range.len();
            }
        }
        institution
    }
}

/// Average bed-days a head and day: stays a head and year × days of a stay ÷ 365, in millionths.
const BEDS_USED_PER_MILLION: usize = 5_600;

#[allow(clippy::too_many_arguments)]
fn build(
    kind: Kind,
    i: usize,
    count: usize,
    persons: usize,
    seed: u64,
    from: Day,
    number: usize,
    next_doctor: &mut u32,
    catalogue: &Catalogue,
) -> Institution {
    let district = i * catalogue.districts.len() / count.max(1) % catalogue.districts.len();
    let (area, _) = catalogue.districts[district];
    let served = persons / count.max(1);
    let (level, price, depts, name, share, bed_share): (&str, usize, &'static [Dept], String, usize, usize) = match kind {
        Kind::City => ("02", 2, HOSPITAL_DEPTS, format!("明州市第{}人民医院", numeral(i)), 15, 35),
        Kind::County => ("05", 1, HOSPITAL_DEPTS, format!("明州市{}县医院", place(i)), 25, 50),
        Kind::Town => ("08", 0, TOWN_DEPTS, format!("明州市{}镇中心卫生院", place(i)), 25, 15),
        Kind::Clinic if i.is_multiple_of(3) => ("11", 0, CLINIC_DEPTS, format!("明州市{}诊所", place(i)), 35, 0),
        Kind::Clinic => ("11", 0, CLINIC_DEPTS, format!("明州市{}村卫生室", place(i)), 35, 0),
        Kind::Pharmacy => ("", 0, &CLINIC_DEPTS[..1], format!("明州市{}大药房", place(i)), 0, 0),
    };
    // Visits a day at this institution, generously: 4 a head and year. A doctor sees about 20.
    let visits = served * 4 * share / 100 / 365 + 4;
    let doctors: Vec<u32> =
        if kind == Kind::Pharmacy { vec![1] } else { depts.iter().map(|d| (visits as u32 * d.share / 100 / 20).max(1) + 1).collect() };
    let base = *next_doctor;
    *next_doctor += doctors.iter().sum::<u32>();
    let mean = served * BEDS_USED_PER_MILLION * bed_share / 100 / 1_000_000;
    let beds = if bed_share == 0 { 0 } else { (mean * 16 / 10 + 6 * mean.isqrt() + 14) as i64 };
    let letter = if kind == Kind::Pharmacy { 'P' } else { 'H' };
    let luck = mix(seed ^ 0x5707, number as u64);
    Institution {
        code: format!("{letter}{area}{:05}", number + 1),
        name,
        kind,
        level,
        price,
        beds,
        district,
        depts,
        doctor_base: base,
        doctors,
        stock: !matches!(kind, Kind::Clinic | Kind::Town),
        inbound: kind == Kind::Pharmacy && i % 3 == 1,
        since: from - 400 - (luck % 3000) as Day,
    }
}

fn numeral(i: usize) -> String {
    const DIGITS: [&str; 10] = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];
    if i < 10 { DIGITS[i].to_string() } else { format!("{}", i + 1) }
}

/// `D` + area + six digits; pharmacists at pharmacies carry `HY`.
pub(crate) fn practitioner_code(id: u32, pharmacist: bool) -> String {
    if pharmacist { format!("HY{CITY}{id:06}") } else { format!("D{CITY}{id:06}") }
}

/// A practitioner's invented name.
pub(crate) fn practitioner_name(id: u32, seed: u64) -> String {
    people::name(mix(seed ^ 0xD0C, u64::from(id)), 1 + u8::from(id.is_multiple_of(2)))
}

/// 职称: 1 医士 … 5 主任医师.
pub(crate) fn practitioner_title(id: u32) -> &'static str {
    ["2", "3", "3", "4", "2", "5", "3"][id as usize % 7]
}
