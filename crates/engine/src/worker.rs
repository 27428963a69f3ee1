//! One thread's memory: the codes seen so far and what they mean to the rules.

use mingjian_model::day::Day;

use crate::RuleSet;
use crate::catalog::Catalog;
use crate::hash::FixedMap;
use crate::screen::Scratch;

/// Units in which a service counts in times (按次计).
const UNITS_OF_TIMES: [&str; 2] = ["次", "每次"];

/// What a catalogue says about an item. Unknown: 0, `""`, `[]`.
#[derive(Debug, Clone, Copy, Default)]
pub struct CatalogueEntry<'a> {
    /// 收费类别 01–14.
    pub charge_type: u8,
    /// 计价单位.
    pub unit: &'a str,
    pub prices: &'a [ListPrice],
}

/// One price of the price list (目录限价).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListPrice {
    /// Level group of institutions, 1–3.
    pub level: u8,
    pub begin: Day,
    pub end: Day,
    /// In 1/1,000,000 yuan.
    pub price: i64,
}

/// Texts that get the same number as long as the worker lives.
#[derive(Debug, Default)]
pub(crate) struct Names {
    ids: FixedMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
}

impl Names {
    pub fn find(&self, text: &str) -> Option<u32> {
        self.ids.get(text).copied()
    }

    /// The number of the text, and whether it is new.
    pub fn intern(&mut self, text: &str) -> (u32, bool) {
        if let Some(&id) = self.ids.get(text) {
            return (id, false);
        }
        let id = self.texts.len() as u32;
        self.push(text);
        (id, true)
    }

    /// Empty for a number never given out.
    pub fn text(&self, id: u32) -> &str {
        self.texts.get(id as usize).map_or("", |text| text)
    }

    /// Takes the next number for a text, even if it has one already.
    fn push(&mut self, text: &str) {
        let id = self.texts.len() as u32;
        self.texts.push(text.into());
        self.ids.entry(text.into()).or_insert(id);
    }

    pub fn len(&self) -> usize {
        self.texts.len()
    }
}

/// One per thread: codes seen so far and scratch.
pub struct Worker {
    pub(crate) catalog: Catalog,
    pub(crate) scratch: Scratch,
    institutions: Names,
    texts: Names,
}

impl Worker {
    pub fn new(rules: &RuleSet) -> Worker {
        let mut texts = Names::default();
        for text in &rules.texts {
            texts.push(text);
        }
        if rules.texts.is_empty() {
            texts.push("");
        }
        let times = UNITS_OF_TIMES.map(|unit| texts.intern(unit).0 as u16);
        Worker { catalog: Catalog::new(rules, times), scratch: Scratch::default(), institutions: Names::default(), texts }
    }

    /// The id of an item code. On first sight it is decided which rules and points concern it; a later entry of the same
    /// code changes nothing. Codes of no known shape and the empty code have ids too.
    pub fn item(&mut self, rules: &RuleSet, code: &str, entry: &CatalogueEntry<'_>) -> u32 {
        let unit = self.text(entry.unit);
        self.catalog.item(rules, code, entry, unit)
    }

    /// The id of a diagnosis or operation code.
    pub fn code(&mut self, rules: &RuleSet, diagnosis_or_operation: &str) -> u32 {
        self.catalog.code(rules, diagnosis_or_operation)
    }

    pub fn institution(&mut self, code: &str) -> u32 {
        self.institutions.intern(code).0
    }

    /// The id of a text (unit, route, department class). Past 65,535 different texts the rest count as unknown (0).
    pub fn text(&mut self, text: &str) -> u16 {
        if self.texts.len() > usize::from(u16::MAX) {
            return self.texts.find(text).map_or(0, |id| id as u16);
        }
        self.texts.intern(text).0 as u16
    }

    /// Empty for an id that was never given out, as are the three below.
    pub fn item_code(&self, id: u32) -> &str {
        self.catalog.items.text(id)
    }

    pub fn code_text(&self, id: u32) -> &str {
        self.catalog.codes.text(id)
    }

    pub fn institution_code(&self, id: u32) -> &str {
        self.institutions.text(id)
    }

    pub fn text_of(&self, id: u16) -> &str {
        self.texts.text(u32::from(id))
    }
}
