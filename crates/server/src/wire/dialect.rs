//! 方言: a vendor's own names, codes and dates, by a table of the workspace, turned into the national ones before anything is read.
//!
//! What most vendors do (camel case, objects for lists, numbers as texts, GBK) needs no table: [`super`] reads it as it is. A table is for
//! names and codes nobody can guess. Only calls of a vendor that has one are rewritten; others pay nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use encoding_rs::Encoding;
use serde::Deserialize;
use serde_json::{Map, Value};

/// All tables; none: nothing is rewritten.
#[derive(Debug, Clone, Default)]
pub struct Dialects {
    all: Arc<Vec<Dialect>>,
}

/// One vendor's table.
#[derive(Debug, Clone)]
pub struct Dialect {
    name: String,
    vendors: Vec<String>,
    institutions: Vec<String>,
    keys: Vec<String>,
    pub(super) charset: Option<&'static Encoding>,
    dates: Vec<DateForm>,
    /// Their name (plain) → the national one.
    names: BTreeMap<String, String>,
    /// National name (plain) → their code → ours; `*` for all others.
    codes: BTreeMap<String, BTreeMap<String, String>>,
    /// National name → theirs, in answers.
    answer: BTreeMap<String, String>,
}

/// The file is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DialectError {
    #[error("不是合规的 TOML：{0}")]
    Toml(String),
    #[error("方言“{name}”：{why}")]
    Dialect { name: String, why: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFile {
    #[serde(default)]
    dialects: Vec<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    #[serde(default)]
    vendors: Vec<String>,
    #[serde(default)]
    institutions: Vec<String>,
    #[serde(default)]
    keys: Vec<String>,
    #[serde(default)]
    charset: String,
    #[serde(default)]
    dates: Vec<String>,
    #[serde(default)]
    names: BTreeMap<String, String>,
    #[serde(default)]
    codes: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default)]
    answer: BTreeMap<String, String>,
}

/// A name as names are compared: in lower case, without underscores.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).map(|c| c.to_ascii_lowercase()).collect()
}

impl Dialects {
    pub fn parse(text: &str) -> Result<Dialects, DialectError> {
        let written: WrittenFile = toml::from_str(text).map_err(|error| DialectError::Toml(error.message().to_owned()))?;
        let all = written.dialects.into_iter().map(|one| {
            let name = one.name.clone();
            Dialect::of(one).map_err(|why| DialectError::Dialect { name, why })
        });
        Ok(Dialects { all: Arc::new(all.collect::<Result<_, _>>()?) })
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// What the tables are called, in the order of the file.
    pub fn names(&self) -> Vec<&str> {
        self.all.iter().map(|dialect| dialect.name.as_str()).collect()
    }

    /// The first table made for a caller: by key, else by vendor or institution as the envelope names them.
    pub(crate) fn find(&self, key: &str, vendor: &str, institution: &str) -> Option<&Dialect> {
        self.all.iter().find(|dialect| dialect.is_of(key, vendor, institution))
    }
}

impl Dialect {
    fn of(written: Written) -> Result<Dialect, String> {
        if written.vendors.is_empty() && written.institutions.is_empty() && written.keys.is_empty() {
            return Err("没有写给谁用：vendors（fixmedins_soft_fcty）、institutions 或 keys".to_owned());
        }
        let charset = match written.charset.as_str() {
            "" => None,
            label => Some(Encoding::for_label(label.as_bytes()).ok_or_else(|| format!("编码不认识“{label}”；如 gbk、big5、utf-16le"))?),
        };
        let dates = written.dates.iter().map(|form| DateForm::parse(form)).collect::<Result<_, _>>()?;
        Ok(Dialect {
            name: written.name,
            vendors: written.vendors,
            institutions: written.institutions,
            keys: written.keys,
            charset,
            dates,
            names: written.names.into_iter().map(|(theirs, ours)| (plain(&theirs), ours)).collect(),
            codes: written.codes.into_iter().map(|(field, codes)| (plain(&field), codes)).collect(),
            answer: written.answer,
        })
    }

    fn is_of(&self, key: &str, vendor: &str, institution: &str) -> bool {
        let among = |list: &[String], one: &str| {
            list.iter().any(|known| match known.strip_suffix('*') {
                Some(beginning) => one.starts_with(beginning),
                None => known == one,
            })
        };
        (!key.is_empty() && among(&self.keys, key))
            || (!vendor.is_empty() && among(&self.vendors, vendor))
            || (!institution.is_empty() && among(&self.institutions, institution))
    }

    /// A request in national names, codes and dates.
    pub(crate) fn to_national(&self, value: Value) -> Value {
        match value {
            Value::Array(list) => list.into_iter().map(|one| self.to_national(one)).collect(),
            Value::Object(map) => {
                let mut national = Map::with_capacity(map.len());
                for (name, value) in map {
                    let name = self.names.get(&plain(&name)).cloned().unwrap_or(name);
                    let value = self.value(&plain(&name), self.to_national(value));
                    // Where theirs and ours both stand, what says something counts.
                    if !is_empty(&value) || !national.contains_key(&name) {
                        national.insert(name, value);
                    }
                }
                Value::Object(national)
            }
            other => other,
        }
    }

    fn value(&self, field: &str, value: Value) -> Value {
        let text = match &value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            _ => return value,
        };
        if let Some(codes) = self.codes.get(field) {
            return codes.get(&text).or_else(|| codes.get("*")).map_or(value, |ours| Value::String(ours.clone()));
        }
        let is_date = field.ends_with("date") || field.ends_with("time") || matches!(field, "brdy" | "birthday");
        match is_date.then(|| self.dates.iter().find_map(|form| form.read(&text))).flatten() {
            Some(standard) => Value::String(standard),
            None => value,
        }
    }

    pub(crate) fn renames_answers(&self) -> bool {
        !self.answer.is_empty()
    }

    /// An answer in their names.
    pub(crate) fn to_theirs(&self, value: Value) -> Value {
        match value {
            Value::Array(list) => list.into_iter().map(|one| self.to_theirs(one)).collect(),
            Value::Object(map) => {
                let renamed = map.into_iter().map(|(name, value)| (self.answer.get(&name).cloned().unwrap_or(name), self.to_theirs(value)));
                Value::Object(renamed.collect())
            }
            other => other,
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}

/// `dd/MM/yyyy HH:mm`: letters are digits of year, month, day, hour, minute and second, all else stands for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
struct DateForm {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Which number, and of how many digits at most.
    Number(usize, usize),
    Itself(char),
}

impl DateForm {
    fn parse(form: &str) -> Result<DateForm, String> {
        let mut parts: Vec<Part> = Vec::new();
        for letter in form.chars() {
            let Some(which) = ['y', 'M', 'd', 'H', 'm', 's'].iter().position(|known| *known == letter) else {
                parts.push(Part::Itself(letter));
                continue;
            };
            match parts.last_mut() {
                Some(Part::Number(of, digits)) if *of == which => *digits += 1,
                _ => parts.push(Part::Number(which, 1)),
            }
        }
        let stands = |which: usize| parts.iter().any(|part| matches!(part, Part::Number(of, _) if *of == which));
        if stands(0) && stands(1) && stands(2) {
            Ok(DateForm { parts })
        } else {
            Err(format!("日期写法“{form}”里要有年 yyyy、月 MM、日 dd"))
        }
    }

    /// The moment in the standard's form, where the text is of this form from its beginning to its end.
    fn read(&self, text: &str) -> Option<String> {
        let mut numbers = [0u32; 6];
        let mut rest = text;
        for (at, part) in self.parts.iter().enumerate() {
            match *part {
                Part::Itself(letter) => rest = rest.strip_prefix(letter)?,
                Part::Number(which, digits) => {
                    let here = rest.bytes().take_while(u8::is_ascii_digit).count();
                    // Digits that run into the next number are counted; others may lack their zeros.
                    let runs_on = matches!(self.parts.get(at + 1), Some(Part::Number(..)));
                    let taken = if runs_on { digits } else { here.min(digits.max(2)) };
                    if here < taken || taken == 0 {
                        return None;
                    }
                    numbers[which] = rest[..taken].parse().ok()?;
                    if which == 0 && taken <= 2 {
                        numbers[0] += 2_000;
                    }
                    rest = &rest[taken..];
                }
            }
        }
        let [year, month, day, hour, minute, second] = numbers;
        mingjian_model::day::from_ymd(year as i32, month, day)?;
        let valid = rest.is_empty() && hour < 24 && minute < 60 && second < 60;
        valid.then(|| format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn dates_of_a_form_are_read_and_others_left() {
        for (form, text, expected) in [
            ("dd/MM/yyyy HH:mm", "01/07/2026 09:05", Some("2026-07-01 09:05:00")),
            ("dd/MM/yyyy HH:mm", "1/7/2026 9:05", Some("2026-07-01 09:05:00")),
            ("yyMMdd", "260701", Some("2026-07-01 00:00:00")),
            ("yyyyMMdd-HHmmss", "20260701-090506", Some("2026-07-01 09:05:06")),
            ("yyyy年MM月dd日HH时mm分", "2026年7月1日9时05分", Some("2026-07-01 09:05:00")),
            ("dd/MM/yyyy", "2026-07-01", None),
            ("dd/MM/yyyy", "31/02/2026", None),
            ("dd/MM/yyyy", "01/07/2026 09:05", None),
        ] {
            assert_eq!(DateForm::parse(form).unwrap().read(text).as_deref(), expected, "{form} {text}");
        }
        assert!(DateForm::parse("HH:mm").unwrap_err().contains("要有年"));
    }

    #[test]
    fn names_and_codes_become_national() {
        let text = "[[dialects]]\nname = \"甲\"\nvendors = [\"甲*\"]\ndates = [\"dd/MM/yyyy\"]\n[dialects.names]\nyz_list = \"fsi_order_dtos\"\nXB = \"gend\"\n[dialects.codes.gend]\n\"男\" = \"1\"\n\"*\" = \"9\"\n[dialects.answer]\njr_id = \"jrid\"\n";
        let dialects = Dialects::parse(text).unwrap();
        assert!(dialects.find("", "乙软件", "").is_none() && dialects.find("", "", "").is_none());
        let dialect = dialects.find("", "甲软件", "H1").unwrap();
        let sent = json!({"xb": "男", "brdy": "01/05/1960", "YzList": [{"cnt": 1, "gend": 7}], "fsi_order_dtos": []});
        let national = json!({"gend": "1", "brdy": "1960-05-01 00:00:00", "fsi_order_dtos": [{"cnt": 1, "gend": "9"}]});
        assert_eq!(dialect.to_national(sent), national);
        assert_eq!(dialect.to_theirs(json!({"output": {"result": [{"jr_id": "1"}]}})), json!({"output": {"result": [{"jrid": "1"}]}}));
        assert!(Dialects::parse("[[dialects]]\nname = \"甲\"\n").unwrap_err().to_string().contains("给谁用"));
        let why = Dialects::parse("[[dialects]]\nname = \"甲\"\nkeys = [\"k\"]\ncharset = \"klingon\"\n").unwrap_err().to_string();
        assert!(why.contains("klingon"), "{why}");
    }
}
