//! What screening knows beside the visits: the catalogue with its prices, institutions, departments, deaths.

use std::collections::{BTreeMap, HashMap};

use arrow::array::RecordBatch;
use mingjian_engine::ListPrice;
use mingjian_engine::timeline::{is_unlevelled, level_of_hosp_lv};
use mingjian_lake::Snapshot;
use mingjian_model::day::{self, Day};

use crate::error::ScreenError;
use crate::load::columns::{Numbers, Texts, number_of, text_of};

/// A catalogue item (医保目录).
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Item {
    pub name: String,
    /// med_chrgitm_type as a number; 0 unknown.
    pub charge_type: u8,
    pub unit: String,
    /// Units in a pack (convrat), 1/10,000; 0 unknown.
    pub pack: i64,
    pub prices: Vec<ListPrice>,
}

/// An institution (定点医药机构), as of its newest record.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Institution {
    pub name: String,
    pub pharmacy: bool,
    /// 1–3; 0 unknown.
    pub level: u8,
    pub unlevelled: bool,
}

/// The tables that are not of persons. Read once, shared by all threads.
#[derive(Debug, Default)]
pub struct Reference {
    pub(crate) items: HashMap<String, Item>,
    pub(crate) institutions: HashMap<String, Institution>,
    /// 科别 by institution and department.
    pub(crate) departments: HashMap<(String, String), String>,
    pub(crate) deaths: Deaths,
    /// 收费类别 that lines state for items the catalogue does not know (the smallest, should they differ).
    pub(crate) charge_types: HashMap<String, u8>,
}

/// First and last day there is.
const ALWAYS: (Day, Day) = (Day::MIN, Day::MAX);

impl Reference {
    pub fn load(snapshot: &Snapshot) -> Result<Reference, ScreenError> {
        let mut items = items(snapshot)?;
        prices(snapshot, &mut items)?;
        let charge_types = charge_types(snapshot, &items)?;
        Ok(Reference {
            items,
            charge_types,
            institutions: institutions(snapshot)?,
            departments: departments(snapshot)?,
            deaths: Deaths::load(snapshot)?,
        })
    }

    /// An item's entry: its own; else, for a service's sub-code, the parent's (first 11 digits).
    pub(crate) fn item(&self, code: &str) -> Option<&Item> {
        self.items.get(code).or_else(|| parent_of(code).and_then(|parent| self.items.get(&parent)))
    }

    /// Prices of an item: its own, else its parent's.
    pub(crate) fn prices(&self, code: &str) -> &[ListPrice] {
        let own = self.items.get(code).map_or(&[][..], |item| &item.prices);
        if !own.is_empty() {
            return own;
        }
        parent_of(code).and_then(|parent| self.items.get(&parent)).map_or(&[], |item| &item.prices)
    }
}

/// The parent of a 15-digit service code.
fn parent_of(code: &str) -> Option<String> {
    (code.len() == 15 && code.bytes().all(|b| b.is_ascii_digit()) && !code.ends_with("0000")).then(|| format!("{}0000", &code[..11]))
}

fn read(snapshot: &Snapshot, table: &str, columns: &[&str]) -> Result<Vec<RecordBatch>, ScreenError> {
    if !snapshot.has_table(table) {
        return Ok(Vec::new());
    }
    let supplied = snapshot.columns(table);
    let columns: Vec<&str> = columns.iter().copied().filter(|name| supplied.iter().any(|column| column == name)).collect();
    Ok(snapshot.read_table(table, &columns)?)
}

fn items(snapshot: &Snapshot) -> Result<HashMap<String, Item>, ScreenError> {
    let table = "hilist_b";
    // Several records of a code: the newest by its begin, ties by content, counts.
    let mut newest: HashMap<String, (Option<i64>, Item)> = HashMap::new();
    for batch in read(snapshot, table, &["hilist_code", "hilist_name", "med_chrgitm_type", "unit", "convrat", "begndate"])? {
        let text = |name| Texts::of(&batch, name);
        let (code, name, charge, unit) = (text("hilist_code")?, text("hilist_name")?, text("med_chrgitm_type")?, text("unit")?);
        let (pack, begin) = (Numbers::of(table, &batch, "convrat", 0)?, Numbers::of(table, &batch, "begndate", 0)?);
        for row in 0..batch.num_rows() {
            let item = Item {
                name: text_of(&name, row).to_owned(),
                charge_type: text_of(&charge, row).parse().unwrap_or(0),
                unit: text_of(&unit, row).to_owned(),
                pack: number_of(&pack, row).unwrap_or(0),
                prices: Vec::new(),
            };
            let begin = number_of(&begin, row);
            let key = |begin: Option<i64>, item: &Item| (begin, item.name.clone(), item.unit.clone(), item.charge_type, item.pack);
            match newest.get_mut(text_of(&code, row)) {
                Some(held) if key(held.0, &held.1) >= key(begin, &item) => {}
                Some(held) => *held = (begin, item),
                None => {
                    newest.insert(text_of(&code, row).to_owned(), (begin, item));
                }
            }
        }
    }
    Ok(newest.into_iter().map(|(code, (_, item))| (code, item)).collect())
}

/// Where the catalogue has no charge type of an item, what lines say of it; one item has one type, the smallest named.
fn charge_types(snapshot: &Snapshot, items: &HashMap<String, Item>) -> Result<HashMap<String, u8>, ScreenError> {
    let mut types: HashMap<String, u8> = HashMap::new();
    if !snapshot.columns("fee_list_d").iter().any(|name| name == "med_chrgitm_type") {
        return Ok(types);
    }
    let told = |code: &str| items.get(code).is_some_and(|item| item.charge_type > 0);
    let untold = |code: &str| !told(code) && !parent_of(code).is_some_and(|parent| told(&parent));
    for bucket in 0..snapshot.buckets() {
        // Mostly the catalogue knows them all: then the codes' dictionaries were enough.
        let codes = snapshot.read_bucket("fee_list_d", bucket, &["med_list_codg"])?;
        let mut open = false;
        for batch in codes.iter().flatten() {
            let Some(code) = Texts::of(batch, "med_list_codg")? else { continue };
            open |= (0..code.entries()).any(|key| untold(code.entry(key)));
        }
        if !open {
            continue;
        }
        for batch in snapshot.read_bucket("fee_list_d", bucket, &["med_list_codg", "med_chrgitm_type"])?.iter().flatten() {
            let (Some(code), Some(kind)) = (Texts::of(batch, "med_list_codg")?, Texts::of(batch, "med_chrgitm_type")?) else { continue };
            let kinds = kind.map(0u8, |text| text.trim().parse().unwrap_or(0));
            let mut smallest = code.map(0u8, |_| 0);
            for row in 0..batch.num_rows() {
                let (held, kind) = (&mut smallest[code.slot(row)], kinds[kind.slot(row)]);
                if kind > 0 && (*held == 0 || kind < *held) {
                    *held = kind;
                }
            }
            for (key, &kind) in
                smallest.iter().enumerate().take(code.entries()).filter(|(key, kind)| **kind > 0 && untold(code.entry(*key)))
            {
                types.entry(code.entry(key).to_owned()).and_modify(|held| *held = kind.min(*held)).or_insert(kind);
            }
        }
    }
    Ok(types)
}

fn prices(snapshot: &Snapshot, items: &mut HashMap<String, Item>) -> Result<(), ScreenError> {
    let table = "hilist_price_b";
    // Areas with limits of their own: the highest of a level and period, so that nobody is suspected wrongly.
    let mut highest: BTreeMap<(String, u8, Day, Day), i64> = BTreeMap::new();
    for batch in read(snapshot, table, &["hilist_code", "hosp_lv_grp", "hilist_pric_uplmt_amt", "begndate", "enddate"])? {
        let (code, level) = (Texts::of(&batch, "hilist_code")?, Texts::of(&batch, "hosp_lv_grp")?);
        let price = Numbers::of(table, &batch, "hilist_pric_uplmt_amt", 0)?;
        let (begin, end) = (Numbers::of(table, &batch, "begndate", 0)?, Numbers::of(table, &batch, "enddate", 0)?);
        for row in 0..batch.num_rows() {
            let Some(price) = number_of(&price, row).filter(|&price| price > 0) else { continue };
            let begin = number_of(&begin, row).map_or(ALWAYS.0, |day| day as Day);
            let end = number_of(&end, row).map_or(ALWAYS.1, |day| day as Day);
            let levels = match text_of(&level, row).trim() {
                "" => 1..=3,
                level => match level.parse::<u8>() {
                    Ok(level @ 1..=3) => level..=level,
                    _ => continue,
                },
            };
            for level in levels {
                let held = highest.entry((text_of(&code, row).to_owned(), level, begin, end)).or_insert(price);
                *held = price.max(*held);
            }
        }
    }
    for ((code, level, begin, end), price) in highest {
        items.entry(code).or_default().prices.push(ListPrice { level, begin, end, price });
    }
    Ok(())
}

fn institutions(snapshot: &Snapshot) -> Result<HashMap<String, Institution>, ScreenError> {
    let table = "fixmedins_b";
    let mut newest: HashMap<String, (Option<i64>, Institution)> = HashMap::new();
    for batch in read(snapshot, table, &["fixmedins_code", "fixmedins_name", "fixmedins_type", "hosp_lv", "begndate"])? {
        let text = |name| Texts::of(&batch, name);
        let (code, name, kind, level) = (text("fixmedins_code")?, text("fixmedins_name")?, text("fixmedins_type")?, text("hosp_lv")?);
        let begin = Numbers::of(table, &batch, "begndate", 0)?;
        for row in 0..batch.num_rows() {
            let code = text_of(&code, row);
            let kind = text_of(&kind, row);
            let level = text_of(&level, row);
            let institution = Institution {
                name: text_of(&name, row).to_owned(),
                pharmacy: if kind.is_empty() { is_pharmacy_code(code) } else { kind.trim() == "2" },
                level: if level.is_empty() { 0 } else { level_of_hosp_lv(level) },
                unlevelled: is_unlevelled(level),
            };
            let begin = number_of(&begin, row);
            match newest.get_mut(code) {
                Some(held) if (held.0, &held.1.name) >= (begin, &institution.name) => {}
                Some(held) => *held = (begin, institution),
                None => {
                    newest.insert(code.to_owned(), (begin, institution));
                }
            }
        }
    }
    Ok(newest.into_iter().map(|(code, (_, institution))| (code, institution)).collect())
}

/// P and eleven digits is a retail pharmacy (定点零售药店).
pub(crate) fn is_pharmacy_code(code: &str) -> bool {
    code.starts_with('P')
}

fn departments(snapshot: &Snapshot) -> Result<HashMap<(String, String), String>, ScreenError> {
    let table = "medins_dept_b";
    let mut newest: HashMap<(String, String), (Option<i64>, String)> = HashMap::new();
    for batch in read(snapshot, table, &["fixmedins_code", "dept_code", "caty", "begndate"])? {
        let text = |name| Texts::of(&batch, name);
        let (institution, code, class) = (text("fixmedins_code")?, text("dept_code")?, text("caty")?);
        let begin = Numbers::of(table, &batch, "begndate", 0)?;
        for row in 0..batch.num_rows() {
            let class = text_of(&class, row).trim();
            if class.is_empty() {
                continue;
            }
            let candidate = (number_of(&begin, row), class.to_owned());
            let held =
                newest.entry((text_of(&institution, row).to_owned(), text_of(&code, row).to_owned())).or_insert_with(|| candidate.clone());
            if *held < candidate {
                *held = candidate;
            }
        }
    }
    Ok(newest.into_iter().map(|(key, (_, class))| (key, class)).collect())
}

/// 死亡名单: who died, by certificate number; persons without one are found by name and day of birth.
#[derive(Debug, Default)]
pub(crate) struct Deaths {
    by_certificate: HashMap<String, Day>,
    /// `None`: several dead share name and birth.
    by_name_and_birth: HashMap<(String, Day), Option<Day>>,
}

impl Deaths {
    fn load(snapshot: &Snapshot) -> Result<Deaths, ScreenError> {
        let table = "death_list";
        let mut deaths = Deaths::default();
        for batch in read(snapshot, table, &["certno", "psn_name", "die_date"])? {
            let (certificate, name) = (Texts::of(&batch, "certno")?, Texts::of(&batch, "psn_name")?);
            let died = Numbers::of(table, &batch, "die_date", 0)?;
            for row in 0..batch.num_rows() {
                let Some(day) = number_of(&died, row) else { continue };
                deaths.add(text_of(&certificate, row), text_of(&name, row), day as Day);
            }
        }
        Ok(deaths)
    }

    fn add(&mut self, certificate: &str, name: &str, died: Day) {
        let certificate = certificate.trim().to_uppercase();
        if let Some(birth) = birth_of(&certificate).filter(|_| !name.is_empty()) {
            // Twice in the list is one person as long as the certificate is the same.
            let known = self.by_certificate.contains_key(&certificate);
            self.by_name_and_birth
                .entry((name.to_owned(), birth))
                .and_modify(|held| *held = if known { (*held).map(|held| held.min(died)) } else { None })
                .or_insert(Some(died));
        }
        if !certificate.is_empty() {
            self.by_certificate.entry(certificate).and_modify(|held| *held = (*held).min(died)).or_insert(died);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.by_certificate.is_empty()
    }

    /// The day a person died.
    pub fn of(&self, certificate: &str, name: &str, birth: Option<Day>) -> Option<Day> {
        if self.is_empty() {
            return None;
        }
        let certificate = certificate.trim();
        if !certificate.is_empty() {
            return match self.by_certificate.get(certificate) {
                Some(&day) => Some(day),
                None => self.by_certificate.get(&certificate.to_uppercase()).copied(),
            };
        }
        self.by_name_and_birth.get(&(name.to_owned(), birth?)).copied().flatten()
    }
}

/// The day of birth an 18-character certificate number states.
fn birth_of(certificate: &str) -> Option<Day> {
    let digits = certificate.get(6..14).filter(|_| certificate.len() == 18)?;
    day::from_ymd(digits[..4].parse().ok()?, digits[4..6].parse().ok()?, digits[6..].parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dead_are_found_by_certificate_and_else_by_name_and_birth() {
        let birth = day::from_ymd(1940, 3, 5).unwrap();
        let mut deaths = Deaths::default();
        deaths.add("11010119400305001x", "王某", 100);
        assert_eq!(deaths.of("11010119400305001X", "", None), Some(100));
        assert_eq!(deaths.of("", "王某", Some(birth)), Some(100));
        assert_eq!(deaths.of("110101194003050028", "王某", Some(birth)), None, "another certificate is another person");
        deaths.add("110101194003050036", "王某", 200);
        assert_eq!(deaths.of("", "王某", Some(birth)), None, "two dead of one name and birth");
        assert_eq!(deaths.of("110101194003050036", "", None), Some(200));
    }

    #[test]
    fn a_sub_code_takes_its_parents_price() {
        let mut reference = Reference::default();
        let price = ListPrice { level: 3, begin: 0, end: 9, price: 5 };
        reference.items.insert("003310010160000".into(), Item { prices: vec![price], ..Item::default() });
        assert_eq!(reference.prices("003310010160100").len(), 1);
        assert!(reference.prices("003310010170100").is_empty());
    }
}
