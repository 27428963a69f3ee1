//! What is prescribed, done and used in the city: the embedded catalogue under `data/`.
//!
//! Drugs, services, consumables, herbs, diagnoses and operations with the attributes the background needs to stay
//! lawful (sex, age, level, pairs to avoid). Names, codes and prices are public facts; see `data/README.md`.

use std::collections::HashMap;

/// How an item is drawn and billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Item {
    Drug(u16),
    Service(u16),
    Material(u16),
    Herb(u16),
}

#[derive(Debug)]
pub(crate) struct Drug {
    pub code: &'static str,
    pub name: &'static str,
    pub spec: &'static str,
    pub form: &'static str,
    pub pack_unit: &'static str,
    /// Smallest units in a pack.
    pub pack: i64,
    pub unit: &'static str,
    pub fen: i64,
    /// Smallest units each time, and times a day.
    pub dose: i64,
    pub times: i64,
    pub route: &'static str,
    pub charge: &'static str,
    pub level: &'static str,
    pub selfpay_pct: i64,
    pub made_up: bool,
    pub groups: Vec<&'static str>,
}

impl Drug {
    /// Whole days one pack lasts, at least one.
    pub fn days_a_pack(&self) -> i64 {
        (self.pack / (self.dose * self.times)).max(1)
    }

    pub fn in_group(&self, group: &str) -> bool {
        self.groups.contains(&group)
    }

    #[cfg(test)]
    /// The generic: what products of one substance and form share (first 10 characters of a western drug, 11 of a Chinese one).
    pub fn generic(&self) -> &'static str {
        if self.code.starts_with('X') { &self.code[..10] } else { &self.code[..11] }
    }
}

#[derive(Debug)]
pub(crate) struct Service {
    pub tag: &'static str,
    pub code: &'static str,
    pub name: &'static str,
    pub unit: &'static str,
    pub charge: &'static str,
    pub level: &'static str,
    pub selfpay_pct: i64,
    /// Price in fen at institutions of the first, second and third level.
    pub fen: [i64; 3],
}

#[derive(Debug)]
pub(crate) struct Material {
    pub tag: &'static str,
    pub code: &'static str,
    pub name: &'static str,
    pub unit: &'static str,
    pub fen: i64,
}

#[derive(Debug)]
pub(crate) struct Herb {
    pub code: &'static str,
    pub name: &'static str,
    pub fen_per_gram: i64,
    /// Not paid when the prescription holds only such herbs.
    pub single_excluded: bool,
    /// Never paid.
    pub all_excluded: bool,
    pub made_up: bool,
}

#[derive(Debug)]
pub(crate) struct Diagnosis {
    pub code: &'static str,
    pub name: &'static str,
}

#[derive(Debug)]
pub(crate) struct Operation {
    pub code: &'static str,
    pub name: &'static str,
}

#[derive(Debug)]
pub(crate) struct Catalogue {
    pub drugs: Vec<Drug>,
    pub services: Vec<Service>,
    pub materials: Vec<Material>,
    pub herbs: Vec<Herb>,
    pub diagnoses: Vec<Diagnosis>,
    pub operations: HashMap<&'static str, Operation>,
    diagnosis_groups: HashMap<&'static str, Vec<u16>>,
    drug_groups: HashMap<&'static str, Vec<u16>>,
    drug_names: HashMap<&'static str, u16>,
    service_tags: HashMap<&'static str, u16>,
    material_tags: HashMap<&'static str, u16>,
    herb_names: HashMap<&'static str, u16>,
    /// Districts of the city: code, name.
    pub districts: Vec<(&'static str, &'static str)>,
    /// Every county of the province, for the first six digits of certificates.
    pub counties: Vec<&'static str>,
}

fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().skip(1).filter(|line| !line.is_empty()).map(|line| line.split(',').collect())
}

fn number(text: &str) -> i64 {
    text.parse().unwrap_or(0)
}

impl Catalogue {
    /// Parses the embedded tables. They are part of the binary and checked by the tests of this module.
    pub fn embedded() -> Catalogue {
        let drugs: Vec<Drug> = rows(include_str!("../data/drugs.csv"))
            .map(|r| Drug {
                code: r[0],
                name: r[1],
                spec: r[2],
                form: r[3],
                pack_unit: r[4],
                pack: number(r[5]),
                unit: r[6],
                fen: number(r[7]),
                dose: number(r[8]),
                times: number(r[9]),
                route: r[10],
                charge: r[11],
                level: r[12],
                selfpay_pct: number(r[13]),
                made_up: r[14] == "1",
                groups: r[15].split(' ').collect(),
            })
            .collect();
        let services: Vec<Service> = rows(include_str!("../data/services.csv"))
            .map(|r| Service {
                tag: r[0],
                code: r[1],
                name: r[2],
                unit: r[3],
                charge: r[4],
                level: r[5],
                selfpay_pct: number(r[6]),
                fen: [number(r[9]), number(r[8]), number(r[7])],
            })
            .collect();
        let materials: Vec<Material> = rows(include_str!("../data/consumables.csv"))
            .map(|r| Material { tag: r[0], code: r[1], name: r[2], unit: r[3], fen: number(r[4]) })
            .collect();
        let herbs: Vec<Herb> = rows(include_str!("../data/herbs.csv"))
            .map(|r| Herb {
                code: r[0],
                name: r[1],
                fen_per_gram: number(r[2]),
                single_excluded: r[3] == "1",
                all_excluded: r[4] == "1",
                made_up: r[5] == "1",
            })
            .collect();
        let mut diagnoses: Vec<Diagnosis> = Vec::new();
        let mut diagnosis_groups: HashMap<&str, Vec<u16>> = HashMap::new();
        for r in rows(include_str!("../data/diagnoses.csv")) {
            let at = diagnoses.iter().position(|d| d.code == r[0]).unwrap_or_else(|| {
                diagnoses.push(Diagnosis { code: r[0], name: r[1] });
                diagnoses.len() - 1
            });
            diagnosis_groups.entry(r[2]).or_default().push(at as u16);
        }
        let operations = rows(include_str!("../data/operations.csv")).map(|r| (r[0], Operation { code: r[1], name: r[2] })).collect();
        let mut drug_groups: HashMap<&str, Vec<u16>> = HashMap::new();
        for (i, drug) in drugs.iter().enumerate() {
            for group in &drug.groups {
                drug_groups.entry(group).or_default().push(i as u16);
            }
        }
        let service_tags: HashMap<&str, u16> = services.iter().enumerate().map(|(i, s)| (s.tag, i as u16)).collect();
        let mut districts = Vec::new();
        let mut counties = Vec::new();
        for r in rows(include_str!("../data/regions.csv")) {
            if r[2] == "county" {
                counties.push(r[0]);
                if r[3] == CITY {
                    districts.push((r[0], r[1]));
                }
            }
        }
        Catalogue {
            drug_names: drugs.iter().enumerate().map(|(i, d)| (d.name, i as u16)).collect(),
            material_tags: materials.iter().enumerate().map(|(i, m)| (m.tag, i as u16)).collect(),
            herb_names: herbs.iter().enumerate().map(|(i, h)| (h.name, i as u16)).collect(),
            drugs,
            services,
            materials,
            herbs,
            diagnoses,
            operations,
            diagnosis_groups,
            drug_groups,
            service_tags,
            districts,
            counties,
        }
    }

    /// Herbs paid alone and in company that get on with each other: the head of the list.
    pub fn everyday_herbs(&self) -> usize {
        self.herbs.iter().take_while(|h| !h.single_excluded && !h.all_excluded).count()
    }

    /// The drugs of a group; the empty list for a group without drugs.
    pub fn group(&self, group: &str) -> &[u16] {
        self.drug_groups.get(group).map_or(&[], Vec::as_slice)
    }

    pub fn drug_named(&self, name: &str) -> u16 {
        self.drug_names.get(name).copied().unwrap_or(0)
    }

    pub fn service(&self, tag: &str) -> u16 {
        debug_assert!(self.service_tags.contains_key(tag), "no service {tag}");
        self.service_tags.get(tag).copied().unwrap_or(0)
    }

    pub fn material(&self, tag: &str) -> u16 {
        debug_assert!(self.material_tags.contains_key(tag), "no material {tag}");
        self.material_tags.get(tag).copied().unwrap_or(0)
    }

    pub fn herb(&self, name: &str) -> u16 {
        debug_assert!(self.herb_names.contains_key(name), "no herb {name}");
        self.herb_names.get(name).copied().unwrap_or(0)
    }

    /// The diagnoses of a group.
    pub fn diagnoses_of(&self, group: &str) -> &[u16] {
        debug_assert!(self.diagnosis_groups.contains_key(group), "no diagnoses {group}");
        self.diagnosis_groups.get(group).map_or(&[0], Vec::as_slice)
    }

    pub fn diagnosis(&self, code: &str) -> u16 {
        let at = self.diagnoses.iter().position(|d| d.code == code);
        debug_assert!(at.is_some(), "no diagnosis {code}");
        at.unwrap_or(0) as u16
    }

    pub fn code(&self, item: Item) -> &'static str {
        match item {
            Item::Drug(i) => self.drugs[i as usize].code,
            Item::Service(i) => self.services[i as usize].code,
            Item::Material(i) => self.materials[i as usize].code,
            Item::Herb(i) => self.herbs[i as usize].code,
        }
    }

    pub fn name(&self, item: Item) -> &'static str {
        match item {
            Item::Drug(i) => self.drugs[i as usize].name,
            Item::Service(i) => self.services[i as usize].name,
            Item::Material(i) => self.materials[i as usize].name,
            Item::Herb(i) => self.herbs[i as usize].name,
        }
    }
}

/// The city's division code (GB/T 2260); institutions and persons are invented.
pub(crate) const CITY: &str = "610300";

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_have_the_national_shapes_and_are_unique() {
        let c = Catalogue::embedded();
        let mut seen = HashSet::new();
        for d in &c.drugs {
            let length = if d.code.starts_with('X') { 23 } else { 20 };
            assert_eq!(d.code.len(), length, "{}", d.name);
            assert!(d.fen > 0 && d.pack > 0 && d.dose > 0 && d.times > 0, "{}", d.name);
            assert!(seen.insert(d.code));
        }
        for s in &c.services {
            assert!(s.code.len() == 15 && s.code.bytes().all(|b| b.is_ascii_digit()), "{}", s.name);
            assert!(s.fen[0] > 0 && s.fen[0] <= s.fen[2], "{}", s.name);
            assert!(seen.insert(s.code), "{}", s.name);
        }
        for m in &c.materials {
            assert!(m.code.len() == 20 && m.code.starts_with('C'));
            assert!(seen.insert(m.code));
        }
        for h in &c.herbs {
            assert!(h.code.len() == 10 && h.code.starts_with('T'), "{}", h.name);
            assert!(seen.insert(h.code), "{}", h.name);
        }
    }

    #[test]
    fn two_drugs_of_the_background_share_no_generic() {
        let c = Catalogue::embedded();
        let mut seen = HashSet::new();
        for d in c.drugs.iter().filter(|d| d.made_up) {
            assert!(seen.insert(d.generic()), "{}", d.name);
        }
    }
}
