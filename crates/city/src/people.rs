//! The insured: households, age and sex, insurance, employers, chronic diseases, births and deaths.

use crate::calendar::Calendar;
use crate::catalogue::Catalogue;
use crate::rng::{Rng, mix};
use mingjian_model::day::{self, Day};

#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// Number in the city, the base of all ids.
    pub index: u32,
    /// 1 man, 2 woman.
    pub sex: u8,
    pub born: Day,
    pub name: String,
    pub certificate: String,
    /// 310 employees, 390 residents.
    pub insurance: &'static str,
    pub kind: &'static str,
    pub employer: Option<u32>,
    pub phone: String,
    pub address: String,
    pub district: usize,
    pub chronic: Vec<Chronic>,
    pub died: Option<Day>,
    /// Dies in hospital: the last stay ends that day.
    pub dies_in_hospital: bool,
    pub delivery: Option<Delivery>,
    /// On low-income aid (医疗救助).
    pub poor: bool,
    pub civil_servant: bool,
}

impl Person {
    /// Whole years on a day.
    pub fn age(&self, on: Day) -> i32 {
        let (by, bm, bd) = day::to_ymd(self.born);
        let (y, m, d) = day::to_ymd(on);
        y - by - i32::from((m, d) < (bm, bd))
    }

    pub fn is_chronic(&self) -> bool {
        !self.chronic.is_empty()
    }

    /// Alive and born all through the days given.
    pub fn lives_through(&self, from: Day, to: Day) -> bool {
        self.born < from && self.died.is_none_or(|d| d > to)
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Delivery {
    pub day: Day,
    pub cesarean: bool,
}

/// A registered chronic disease (门诊慢特病).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chronic {
    pub disease: &'static Disease,
    pub since: Day,
}

/// A disease of the outpatient register: its code, name, diagnosis and drugs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Disease {
    pub key: &'static str,
    pub code: &'static str,
    pub name: &'static str,
    /// Group of diagnoses.
    pub diagnosis: &'static str,
    /// Group of drugs; empty where care is no monthly drug (dialysis, tumour cycles).
    pub drugs: &'static str,
    pub dept: &'static str,
    /// Prevalence per mille in the ages 18–44, 45–64, 65 and over.
    prevalence: [u32; 3],
    /// 0 both sexes.
    sex: u8,
}

#[allow(clippy::too_many_arguments)]
const fn disease(
    key: &'static str,
    code: &'static str,
    name: &'static str,
    diagnosis: &'static str,
    drugs: &'static str,
    dept: &'static str,
    prevalence: [u32; 3],
    sex: u8,
) -> Disease {
    Disease { key, code, name, diagnosis, drugs, dept, prevalence, sex }
}

pub(crate) static DISEASES: &[Disease] = &[
    disease("dialysis", "M07801", "慢性肾功能衰竭（血液透析）", "chronic_ckd", "", "A03.06", [0, 1, 2], 0),
    disease("tumour", "M00500", "恶性肿瘤门诊治疗", "chronic_onc", "", "A19", [1, 3, 6], 0),
    disease("htn", "M03900", "高血压", "chronic_htn", "htn", "A03.04", [8, 90, 190], 0),
    disease("dm", "M01600", "糖尿病", "chronic_dm", "dm", "A03.07", [4, 45, 90], 0),
    disease("chd", "M04600", "冠心病", "chronic_chd", "chd", "A03.04", [1, 18, 60], 0),
    disease("stroke", "M04800", "脑血管病后遗症", "chronic_stroke", "stroke", "A03.03", [0, 10, 35], 0),
    disease("copd", "M05300", "慢性阻塞性肺疾病", "chronic_copd", "copd", "A03.01", [0, 8, 28], 0),
    disease("psy", "M02600", "精神分裂症", "chronic_psy", "psy", "A15", [4, 5, 3], 0),
    disease("thyro", "M01200", "甲状腺功能减退", "chronic_thyro", "thyro", "A03.07", [4, 6, 5], 0),
    disease("hyper", "M01100", "甲状腺功能亢进", "chronic_hyper", "hyper", "A03.07", [2, 2, 1], 0),
    disease("hepb", "M00200", "慢性乙型肝炎", "chronic_hepb", "hepb", "A03", [5, 7, 4], 0),
    disease("epil", "M02700", "癫痫", "chronic_epil", "epil", "A03.03", [2, 2, 2], 0),
    disease("gout", "M07100", "痛风", "chronic_gout", "gout", "A03", [2, 5, 4], 1),
    disease("park", "M02300", "帕金森病", "chronic_park", "park", "A03.03", [0, 1, 8], 0),
    disease("bph", "M08300", "前列腺增生", "chronic_bph", "bph", "A04.04", [0, 6, 30], 1),
];

const SURNAMES: &[&str] = &[
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马", "罗", "梁", "宋",
    "郑", "谢", "韩", "唐", "冯", "于", "董", "萧", "程", "曹", "袁", "邓", "许", "傅", "沈", "曾", "彭", "吕",
];
const GIVEN_MAN: &[&str] = &[
    "伟", "强", "军", "磊", "勇", "杰", "涛", "明", "超", "刚", "平", "辉", "鹏", "华", "建国", "志强", "海波", "文斌", "永福", "德生",
    "浩然", "子轩", "宇航", "俊杰", "家豪", "天佑", "振华", "立新", "国庆", "长青",
];
const GIVEN_WOMAN: &[&str] = &[
    "芳", "娜", "敏", "静", "丽", "艳", "娟", "霞", "秀英", "桂兰", "玉珍", "淑华", "桂英", "红梅", "春燕", "晓雯", "雨桐", "欣怡", "梓涵",
    "诗琪", "佳怡", "凤英", "翠花", "美玲", "素芬", "惠敏", "丽萍", "月娥", "秋菊", "婷婷",
];

/// An invented name.
pub(crate) fn name(hash: u64, sex: u8) -> String {
    let given = if sex == 1 { GIVEN_MAN } else { GIVEN_WOMAN };
    format!("{}{}", SURNAMES[hash as usize % SURNAMES.len()], given[(hash >> 16) as usize % given.len()])
}

/// The persons of one block, in households.
pub(crate) fn block(
    first: u32,
    count: usize,
    block: usize,
    district: usize,
    seed: u64,
    calendar: &Calendar,
    catalogue: &Catalogue,
) -> Vec<Person> {
    let mut rng = Rng::new(seed ^ 0x9E0, block as u64);
    let mut persons: Vec<Person> = Vec::with_capacity(count);
    let (year, _, _) = day::to_ymd(calendar.from);
    let mut household = 0u64;
    while persons.len() < count {
        household += 1;
        let home = mix(seed ^ 0x40, (block as u64) << 20 | household);
        let head_age = [23, 29, 35, 41, 48, 54, 60, 66, 73, 81][rng.weighted(&[13, 13, 13, 12, 12, 12, 10, 8, 5, 3])] as i64;
        let mut members: Vec<(u8, i64)> = vec![(1 + u8::from(rng.permille(430)), head_age + rng.range(-3, 3))];
        if head_age > 26 && rng.permille(760) {
            members.push((3 - members[0].0, head_age + rng.range(-4, 3)));
        }
        if (26..=52).contains(&head_age) {
            for _ in 0..rng.weighted(&[18, 47, 30, 5]) {
                let age = head_age - 24 - rng.range(0, 14);
                if (0..=24).contains(&age) {
                    members.push((1 + u8::from(rng.permille(475)), age));
                }
            }
        }
        if (28..=50).contains(&head_age) && rng.permille(260) {
            members.push((1 + u8::from(rng.permille(560)), head_age + rng.range(23, 30)));
        }
        let mut mother: Option<usize> = None;
        for (sex, age) in members {
            if persons.len() == count {
                break;
            }
            let index = first + persons.len() as u32;
            let person = born(index, sex, year - age as i32, home, household, block, district, seed, calendar, catalogue, &mut rng);
            let at = persons.len();
            if sex == 2 && (20..=44).contains(&age) {
                mother = Some(at);
            }
            if calendar.contains(person.born)
                && let Some(m) = mother
                && persons[m].delivery.is_none()
            {
                persons[m].delivery = Some(Delivery { day: person.born, cesarean: rng.permille(420) });
                persons[m].chronic.clear();
            }
            persons.push(person);
        }
    }
    persons
}

#[allow(clippy::too_many_arguments)]
fn born(
    index: u32,
    sex: u8,
    birth_year: i32,
    home: u64,
    household: u64,
    block: usize,
    district: usize,
    seed: u64,
    calendar: &Calendar,
    catalogue: &Catalogue,
    rng: &mut Rng,
) -> Person {
    // Day of birth and serial come from the index by a bijection, so that no two certificates are equal.
    let ordinal = u64::from(index) % 182_500;
    let spread = (ordinal * 101 + 37) % 182_500;
    let first = day::from_ymd(birth_year, 1, 1).unwrap_or_default();
    let born = first + (spread % 365) as Day;
    let serial = 2 * (spread / 365) + u64::from(sex == 1);
    let county = catalogue.counties[(u64::from(index) / 182_500) as usize % catalogue.counties.len()];
    let age = {
        let (y, _, _) = day::to_ymd(calendar.from);
        y - birth_year
    };
    let mut person = Person {
        index,
        sex,
        born,
        name: name(mix(seed ^ 0xA3E, u64::from(index)), sex),
        certificate: certificate(county, born, serial),
        insurance: "390",
        kind: "1501",
        employer: None,
        phone: format!("1{}{:08}", 39 + home % 50, home / 64 % 100_000_000),
        address: format!("明州市{}{}号", ["东城路", "清水村", "柳林村", "解放路", "建设街", "石桥村"][home as usize % 6], household),
        district,
        chronic: Vec::new(),
        died: None,
        dies_in_hospital: false,
        delivery: None,
        poor: rng.permille(40),
        civil_servant: false,
    };
    let employed = (22..60).contains(&age) && rng.permille(430) || age >= 60 && rng.permille(300);
    if employed {
        person.insurance = "310";
        person.kind = if age >= 60 { "1201" } else { "1101" };
        person.employer = Some((block as u32 / 4) * 8 + rng.below(8) as u32);
        person.civil_servant = rng.permille(120);
        if person.civil_servant && age < 60 {
            person.kind = "1102";
        }
    } else {
        person.kind = match age {
            ..1 => "1401",
            1..=6 => "1402",
            7..=17 => "1403",
            18..=22 => "1404",
            23..=59 => "1501",
            _ => "1601",
        };
    }
    let band = match age {
        ..18 => None,
        18..=44 => Some(0),
        45..=64 => Some(1),
        _ => Some(2),
    };
    if let Some(band) = band {
        for disease in DISEASES {
            if (disease.sex == 0 || disease.sex == sex) && rng.permille(disease.prevalence[band]) && person.chronic.len() < 2 {
                let since = calendar.from - rng.range(40, 2_000) as Day;
                // Dialysis and tumour care stand for themselves: their drugs come with the visits.
                if person.chronic.iter().any(|c| c.disease.drugs.is_empty()) {
                    break;
                }
                person.chronic.push(Chronic { disease, since });
                if disease.drugs.is_empty() {
                    break;
                }
            }
        }
    }
    let yearly = match age {
        ..1 => 3,
        1..=44 => 1,
        45..=64 => 5,
        65..=74 => 18,
        75..=84 => 55,
        _ => 140,
    };
    if age > 0 && rng.below(1000 * 365) < yearly as usize * calendar.days() as usize {
        person.died = Some(calendar.from + 30.min(calendar.days() / 2) + rng.below((calendar.days() - 30).max(1) as usize) as Day);
        person.died = person.died.filter(|d| *d < calendar.to);
        person.dies_in_hospital = rng.permille(450);
    }
    person
}

/// An 18-digit certificate number: area, birth day, serial, check digit (GB 11643, mod 11-2).
fn certificate(area: &str, born: Day, serial: u64) -> String {
    let (y, m, d) = day::to_ymd(born);
    let mut text = format!("{area}{y:04}{m:02}{d:02}{serial:03}");
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = text.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    text.push(['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'][(sum % 11) as usize]);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn certificates_check_and_are_unique() {
        assert_eq!(certificate("110105", day::from_ymd(1949, 12, 31).unwrap_or_default(), 2), "11010519491231002X");
        let calendar = Calendar::new((2025, 1), 12);
        let catalogue = Catalogue::embedded();
        let mut seen = HashSet::new();
        for b in 0..40 {
            for p in block(b * 500, 500, b as usize, 0, 7, &calendar, &catalogue) {
                assert!(seen.insert(p.certificate));
                let digit = p.index;
                assert!(digit < 20_000);
            }
        }
    }
}
