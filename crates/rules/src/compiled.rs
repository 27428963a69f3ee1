//! 编译结果: the kernel's rule set, the SQL statements, and how a hit is told.

use mingjian_engine::{Hit, RuleSet, UNKNOWN};
use mingjian_model::day::{self, Day};
use mingjian_model::{Fen, format_scaled};

use crate::compile::{Say, SayHole, SayPiece, Show};
use crate::knowledge::ALWAYS;
use crate::library::Library;
use crate::sql::SayTemplate;
use crate::types::Type;
use crate::value::{UNKNOWN_TEXT, show_age, show_age_limit, show_care, show_level, show_sex};

/// A selection of rules, compiled.
#[derive(Debug, Clone)]
pub struct Compiled {
    pub rule_set: RuleSet,
    /// `rule_set` block's rule → position among [`Library::rules`].
    pub rules: Vec<usize>,
    pub sql: Vec<CompiledSql>,
    pub(crate) says: Vec<Say>,
    pub(crate) hash: String,
    /// `rule_set` table → the keys of its points.
    pub(crate) keys: Vec<Vec<String>>,
}

/// One SQL rule with its parameters filled in.
#[derive(Debug, Clone)]
pub struct CompiledSql {
    /// Position among [`Library::rules`].
    pub rule: usize,
    pub sql: String,
    pub evidence_table: String,
    pub say: SayTemplate,
}

/// Names for the ids in a hit; a loader knows them.
pub trait Names {
    /// Name of an item, or its code.
    fn item(&self, id: u32) -> String;
    fn institution(&self, id: u32) -> String;
    /// A diagnosis.
    fn code(&self, id: u32) -> String;
    fn text(&self, id: u16) -> String;
}

impl Compiled {
    /// A fingerprint of what was compiled: the library, the rules taken and their parameters.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The sentence of a hit.
    pub fn render(&self, library: &Library, hit: &Hit, names: &dyn Names) -> String {
        let mut text = String::new();
        for piece in self.say(hit.block) {
            match piece {
                SayPiece::Text(part) => text.push_str(part),
                SayPiece::Hole(hole) => text.push_str(&self.show(library, hole, hit, names)),
            }
        }
        text
    }

    /// The computed values of a hit, `name` as written in the rule.
    pub fn values(&self, library: &Library, hit: &Hit, names: &dyn Names) -> Vec<(String, String)> {
        let mut values: Vec<(String, String)> = Vec::new();
        for piece in self.say(hit.block) {
            if let SayPiece::Hole(hole) = piece
                && !values.iter().any(|(name, _)| *name == hole.name)
            {
                values.push((hole.name.clone(), self.show(library, hole, hit, names)));
            }
        }
        values
    }

    fn say(&self, block: u16) -> &[SayPiece] {
        self.says.get(usize::from(block)).map_or(&[], |say| say.pieces.as_slice())
    }

    fn show(&self, library: &Library, hole: &SayHole, hit: &Hit, names: &dyn Names) -> String {
        let value = hit.values.get(hole.value).copied().unwrap_or(UNKNOWN);
        if value == UNKNOWN {
            return UNKNOWN_TEXT.to_string();
        }
        match hole.show {
            Show::Typed(ty, scale) => show_typed(ty, scale, value, names),
            Show::Age => match hit.values.get(hole.value + 1) {
                Some(&on) if on != UNKNOWN => show_age(value as Day, on as Day),
                _ => UNKNOWN_TEXT.to_string(),
            },
            Show::Cell { table, column } => {
                let cell = library.tables.get(table).map_or("", |table| table.cell(value as usize, column));
                if cell.is_empty() { UNKNOWN_TEXT.to_string() } else { cell.to_string() }
            }
        }
    }

    /// A knowledge point as findings list it: `table:key [from–to]`, open ends left empty.
    pub fn point_label(&self, block: u16, point: u32) -> String {
        let Some(table) = self.rule_set.blocks.get(usize::from(block)).and_then(|block| block.table) else { return String::new() };
        let (compiled, keys) = (self.rule_set.tables.get(usize::from(table)), self.keys.get(usize::from(table)));
        let point = point as usize;
        let (Some(compiled), Some(key)) = (compiled, keys.and_then(|keys| keys.get(point))) else { return String::new() };
        let valid = compiled.points.get(point).map_or(ALWAYS, |point| point.valid);
        let show = |day: Day| if day == ALWAYS.0 || day == ALWAYS.1 { String::new() } else { day::format_day(day) };
        format!("{}:{key} [{}–{}]", compiled.name, show(valid.0), show(valid.1))
    }
}

/// A value with its unit's form: money with two decimals, counts without trailing zeros, days, Chinese labels.
fn show_typed(ty: Type, scale: u8, value: i64, names: &dyn Names) -> String {
    let places = u32::from(scale);
    match ty {
        Type::Bool => if value == 1 { "是" } else { "否" }.to_string(),
        Type::Money => show_money(value, scale),
        Type::Price => show_price(value, scale),
        Type::Ratio => format!("{}%", format_scaled(round_to(value, scale, 4), 2)),
        Type::Number | Type::Quantity | Type::Days | Type::Hours => format_scaled(value, places),
        Type::Day => day::format_day(value as Day),
        Type::Moment => day::format_moment(value),
        Type::AgeLimit => show_age_limit(value),
        Type::Sex => show_sex(value).to_string(),
        Type::Care => show_care(value).to_string(),
        Type::Level => show_level(value).to_string(),
        Type::Text => u16::try_from(value).map_or_else(|_| UNKNOWN_TEXT.to_string(), |id| names.text(id)),
        Type::Item => id_text(value, |id| names.item(id)),
        Type::Institution => id_text(value, |id| names.institution(id)),
        Type::Diagnosis => id_text(value, |id| names.code(id)),
        Type::ChargeCode => format!("{value:02}"),
        Type::MedCode | Type::Insurance | Type::DischargeWay => value.to_string(),
        // The compiler lets none of these into `say`.
        Type::Age
        | Type::Generic
        | Type::Category
        | Type::Visit
        | Type::Settlement
        | Type::Session
        | Type::Prescription
        | Type::CareSet
        | Type::TextSet
        | Type::ItemSet => value.to_string(),
    }
}

fn id_text(value: i64, name: impl Fn(u32) -> String) -> String {
    u32::try_from(value).map_or_else(|_| UNKNOWN_TEXT.to_string(), name)
}

fn show_money(value: i64, scale: u8) -> String {
    Fen(round_to(value, scale, 2)).to_string()
}

/// At least two places, at most six, no further trailing zeros.
fn show_price(value: i64, scale: u8) -> String {
    let text = format_scaled(value, u32::from(scale));
    match text.split_once('.') {
        None => format!("{text}.00"),
        Some((_, fraction)) if fraction.len() == 1 => format!("{text}0"),
        Some(_) => text,
    }
}

/// The value with another number of places, rounded half up.
fn round_to(value: i64, from: u8, to: u8) -> i64 {
    if from <= to {
        return value.saturating_mul(crate::value::pow10(to - from));
    }
    mingjian_model::div_round_half_up(i128::from(value), i128::from(crate::value::pow10(from - to)))
}
