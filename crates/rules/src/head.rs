//! 文件头: who the rule is, on what basis it stands, and the numbers a region may change.

use std::collections::BTreeMap;

use mingjian_engine::Outcome;
use mingjian_engine::program::stage;
use mingjian_model::day::{self, Day};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Complaints, Span, nearest};
use crate::value::{Decimal, parse_age, parse_percent, show_age_limit};

/// 草稿 → 试运行 → 上线 → 停用.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    Draft,
    Shadow,
    Live,
    Retired,
}

impl Status {
    pub const ALL: [(Status, &'static str, &'static str); 4] = [
        (Status::Draft, "draft", "草稿"),
        (Status::Shadow, "shadow", "试运行"),
        (Status::Live, "live", "上线"),
        (Status::Retired, "retired", "停用"),
    ];

    pub fn code(self) -> &'static str {
        Status::ALL.iter().find(|(status, _, _)| *status == self).map_or("", |(_, code, _)| code)
    }

    pub fn title(self) -> &'static str {
        Status::ALL.iter().find(|(status, _, _)| *status == self).map_or("", |(_, _, title)| title)
    }

    pub fn parse(text: &str) -> Option<Status> {
        Status::ALL.iter().find(|(_, code, _)| *code == text).map(|(status, _, _)| *status)
    }
}

/// 政策 > 管理 > 医疗 when hits on one money compete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    Policy,
    Management,
    Medical,
}

impl Class {
    pub const ALL: [(Class, &'static str); 3] = [(Class::Policy, "政策类"), (Class::Management, "管理类"), (Class::Medical, "医疗类")];

    pub fn title(self) -> &'static str {
        Class::ALL.iter().find(|(class, _)| *class == self).map_or("", |(_, title)| title)
    }
}

/// 依据.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    pub doc: String,
    pub article: String,
}

/// A number a region may change; logic writes `param.name`.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    pub value: ParamValue,
    pub at: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ParamValue {
    Number(Decimal),
    /// In 1/10,000.
    Percent(i64),
    /// As the kernel encodes age limits.
    Age(i64),
    Day(Day),
    Text(String),
    Bool(bool),
    List(Vec<ParamValue>),
}

impl ParamValue {
    /// From a setting's text, as a region or the command line writes it: `7`, `50%`, `18岁`, `2026-01-01`, `a;b`.
    pub fn parse(text: &str) -> ParamValue {
        if text.contains([';', '；']) {
            return ParamValue::List(crate::knowledge::items(text).map(ParamValue::scalar).collect());
        }
        ParamValue::scalar(text.trim())
    }

    fn scalar(text: &str) -> ParamValue {
        if let Some(number) = Decimal::parse(text) {
            ParamValue::Number(number)
        } else if let Some(day) = day::parse_day(text) {
            ParamValue::Day(day)
        } else if text == "true" || text == "false" {
            ParamValue::Bool(text == "true")
        } else {
            ParamValue::of_text(text)
        }
    }

    fn of_text(text: &str) -> ParamValue {
        if let Some(percent) = parse_percent(text) {
            ParamValue::Percent(percent)
        } else if let Some(age) = parse_age(text) {
            ParamValue::Age(age)
        } else {
            ParamValue::Text(text.to_string())
        }
    }

    /// Whether a region's value may stand in place of this default.
    pub fn same_kind(&self, other: &ParamValue) -> bool {
        use ParamValue::*;
        matches!(
            (self, other),
            (Number(_), Number(_))
                | (Percent(_), Percent(_))
                | (Age(_), Age(_))
                | (Day(_), Day(_))
                | (Text(_), Text(_))
                | (Bool(_), Bool(_))
                | (List(_), List(_))
        )
    }

    pub fn kind_title(&self) -> &'static str {
        match self {
            ParamValue::Number(_) => "数",
            ParamValue::Percent(_) => "百分比",
            ParamValue::Age(_) => "年龄",
            ParamValue::Day(_) => "日期",
            ParamValue::Text(_) => "文字",
            ParamValue::Bool(_) => "true/false",
            ParamValue::List(_) => "列表（用 ; 分开）",
        }
    }
}

impl std::fmt::Display for ParamValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ParamValue::Number(number) => number.fmt(f),
            ParamValue::Percent(value) => write!(f, "{}%", mingjian_model::format_scaled(*value, 2)),
            ParamValue::Age(limit) => f.write_str(&show_age_limit(*limit)),
            ParamValue::Day(day) => f.write_str(&day::format_day(*day)),
            ParamValue::Text(text) => f.write_str(text),
            ParamValue::Bool(value) => value.fmt(f),
            ParamValue::List(values) => {
                let texts: Vec<String> = values.iter().map(ToString::to_string).collect();
                f.write_str(&texts.join(";"))
            }
        }
    }
}

/// What the head says.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    pub id: String,
    pub name: String,
    pub version: u32,
    pub status: Status,
    pub retired_reason: Option<String>,
    pub kind: String,
    pub outcome: Outcome,
    pub class: Class,
    pub stages: u8,
    pub national_code: Option<String>,
    pub basis: Vec<Basis>,
    /// Knowledge tables with the place of each name.
    pub knowledge: Vec<(String, Span)>,
    pub valid: (Day, Day),
    pub params: BTreeMap<String, Param>,
    pub id_at: Span,
}

const KEYS: [&str; 15] = [
    "id",
    "name",
    "version",
    "status",
    "retired_reason",
    "kind",
    "result",
    "class",
    "stages",
    "national_code",
    "basis",
    "knowledge",
    "valid_from",
    "valid_to",
    "params",
];

/// Reports TOML syntax errors at their places.
pub(crate) fn toml_errors(complaints: &mut Complaints<'_>, errors: &[toml::de::Error], base: usize, what: &str) {
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        complaints.at(Span::new(base + span.start, base + span.end), format!("{what}不是合法的 TOML：{}", in_chinese(error.message())));
    }
}

/// The commonest complaints of the TOML parser, in Chinese; others stand as they are.
fn in_chinese(message: &str) -> String {
    let known = [
        ("duplicate key", "同一个键写了两次"),
        ("key with no value, expected `=`", "键后面要有 = 和值"),
        ("unclosed table, expected `]`", "方括号没有配对"),
        ("unclosed array, expected `]`", "方括号没有配对"),
        ("unclosed inline table, expected `}`", "花括号没有配对"),
        ("string values must be quoted", "文字要用双引号括起来"),
        ("invalid basic string", "双引号没有配对"),
        ("missing value", "等号后面没有值"),
    ];
    known.iter().find(|(start, _)| message.starts_with(start)).map_or_else(|| message.to_string(), |(_, chinese)| (*chinese).to_string())
}

/// What each required key looks like, for the complaint about missing ones.
const REQUIRED: [(&str, &str); 9] = [
    ("id", "id = \"N067\""),
    ("name", "name = \"drug_sex\""),
    ("version", "version = 1"),
    ("status", "status = \"live\""),
    ("kind", "kind = \"超限定支付\""),
    ("result", "result = \"违规\""),
    ("class", "class = \"医疗类\""),
    ("stages", "stages = [\"during\", \"after\"]"),
    ("basis", "basis = [{ doc = \"…\", article = \"…\" }]"),
];

struct Reader<'c, 's> {
    complaints: &'c mut Complaints<'s>,
    base: usize,
}

impl Reader<'_, '_> {
    fn place<T>(&self, value: &Spanned<T>) -> Span {
        Span::new(self.base + value.span().start, self.base + value.span().end)
    }

    fn text(&mut self, table: &DeTable<'_>, key: &str) -> Option<(String, Span)> {
        let value = table.get(key)?;
        let at = self.place(value);
        match value.get_ref() {
            DeValue::String(text) if !text.trim().is_empty() => Some((text.to_string(), at)),
            _ => {
                self.complaints.at(at, format!("{key} 应是不空的文字，用双引号括起来"));
                None
            }
        }
    }

    /// One of a few words.
    fn choice<T: Copy>(&mut self, table: &DeTable<'_>, key: &str, choices: &[(T, &'static str)]) -> Option<T> {
        let (text, at) = self.text(table, key)?;
        let found = choices.iter().find(|(_, word)| *word == text).map(|(value, _)| *value);
        if found.is_none() {
            let words: Vec<&str> = choices.iter().map(|(_, word)| *word).collect();
            self.complaints.suggest(
                at,
                format!("{key} 不能是“{text}”，只能是 {}", words.join("、")),
                nearest(&text, words.iter().copied()),
            );
        }
        found
    }

    fn day(&mut self, table: &DeTable<'_>, key: &str) -> Option<Day> {
        let value = table.get(key)?;
        let found = match value.get_ref() {
            DeValue::Datetime(date) => day::parse_day(&date.to_string()),
            DeValue::String(text) => day::parse_day(text),
            _ => None,
        };
        if found.is_none() {
            let at = self.place(value);
            self.complaints.at(at, format!("{key} 应是日期，如 2021-05-01"));
        }
        found
    }

    fn array<'t, 'i>(&mut self, table: &'t DeTable<'i>, key: &str) -> Option<&'t [Spanned<DeValue<'i>>]> {
        let value = table.get(key)?;
        match value.get_ref() {
            DeValue::Array(values) => Some(values),
            _ => {
                let at = self.place(value);
                self.complaints.at(at, format!("{key} 应是方括号括起来的列表"));
                None
            }
        }
    }

    fn stages(&mut self, table: &DeTable<'_>) -> u8 {
        let words = [("before", stage::BEFORE), ("during", stage::DURING), ("after", stage::AFTER)];
        let mut stages = 0;
        for value in self.array(table, "stages").unwrap_or_default() {
            let text = value.get_ref().as_str().unwrap_or("");
            match words.iter().find(|(word, _)| *word == text) {
                Some((_, bit)) => stages |= bit,
                None => {
                    let at = self.place(value);
                    let suggestion = nearest(text, words.map(|(word, _)| word));
                    self.complaints.suggest(at, "stages 里只能写 \"before\" 事前、\"during\" 事中、\"after\" 事后", suggestion);
                }
            }
        }
        stages
    }

    fn basis(&mut self, table: &DeTable<'_>) -> Vec<Basis> {
        let mut all = Vec::new();
        let Some(values) = self.array(table, "basis") else { return all };
        if values.is_empty()
            && let Some(value) = table.get("basis")
        {
            let at = self.place(value);
            self.complaints.at(at, "依据不能空：至少写一条 { doc = \"文件\", article = \"条款\" }");
        }
        for value in values {
            let at = self.place(value);
            let DeValue::Table(entry) = value.get_ref() else {
                self.complaints.at(at, "依据应写成 { doc = \"文件\", article = \"条款\" }");
                continue;
            };
            let field = |key: &str| entry.get(key).and_then(|v| v.get_ref().as_str()).unwrap_or("").trim().to_string();
            let (doc, article) = (field("doc"), field("article"));
            if doc.is_empty() || article.is_empty() {
                self.complaints.at(at, "依据要写明文件（doc）和条款（article），两样都不能空");
            }
            for (key, _) in entry {
                if !["doc", "article"].contains(&key.get_ref().as_ref()) {
                    let at = self.place(key);
                    self.complaints.suggest(at, "依据里只有 doc（文件）和 article（条款）", nearest(key.get_ref(), ["doc", "article"]));
                }
            }
            all.push(Basis { doc, article });
        }
        all
    }

    fn knowledge(&mut self, table: &DeTable<'_>) -> Vec<(String, Span)> {
        let mut all = Vec::new();
        for value in self.array(table, "knowledge").unwrap_or_default() {
            let at = self.place(value);
            match value.get_ref().as_str() {
                Some(name) => all.push((name.to_string(), at)),
                None => self.complaints.at(at, "knowledge 里写知识表的名字，用双引号括起来"),
            }
        }
        all
    }

    fn params(&mut self, table: &DeTable<'_>) -> BTreeMap<String, Param> {
        let mut all = BTreeMap::new();
        let Some(value) = table.get("params") else { return all };
        let DeValue::Table(params) = value.get_ref() else {
            let at = self.place(value);
            self.complaints.at(at, "params 应写成 [params] 一节，每行一个 名字 = 值");
            return all;
        };
        for (key, value) in params {
            let at = self.place(key);
            if !crate::lexer::is_name(key.get_ref()) {
                self.complaints.at(at, "参数名只能用字母、汉字、数字和下划线，不能以数字开头");
                continue;
            }
            match param_value(value.get_ref(), 0) {
                Some(value) => {
                    all.insert(key.get_ref().to_string(), Param { value, at });
                }
                None => {
                    let at = self.place(value);
                    self.complaints
                        .at(at, "参数的值应是数（最多 6 位小数）、\"50%\"、\"18岁\"、\"28天\"、日期、文字、true/false 或它们的列表");
                }
            }
        }
        all
    }
}

fn param_value(value: &DeValue<'_>, depth: u8) -> Option<ParamValue> {
    match value {
        DeValue::Integer(number) if number.radix() == 10 => Decimal::parse(number.as_str()).map(ParamValue::Number),
        DeValue::Float(number) => Decimal::parse(number.as_str()).map(ParamValue::Number),
        DeValue::Boolean(value) => Some(ParamValue::Bool(*value)),
        DeValue::Datetime(date) => day::parse_day(&date.to_string()).map(ParamValue::Day),
        DeValue::String(text) => Some(ParamValue::of_text(text)),
        DeValue::Array(values) if depth == 0 => {
            values.iter().map(|value| param_value(value.get_ref(), 1)).collect::<Option<_>>().map(ParamValue::List)
        }
        _ => None,
    }
}

/// Reads the head. `None` when something every rule needs is missing or wrong; complaints say what.
pub fn read(complaints: &mut Complaints<'_>, span: Span) -> Option<Head> {
    let source = complaints.source;
    let (parsed, errors) = DeTable::parse_recoverable(source.slice(span));
    toml_errors(complaints, &errors, span.start, "文件头");
    let table = parsed.get_ref();
    let mut reader = Reader { complaints, base: span.start };
    for (key, _) in table {
        if !KEYS.contains(&key.get_ref().as_ref()) {
            let at = reader.place(key);
            reader.complaints.suggest(
                at,
                format!("文件头里没有 {} 这一项；可以写 {}", key.get_ref(), KEYS.join("、")),
                nearest(key.get_ref(), KEYS),
            );
        }
    }
    let missing: Vec<&str> = REQUIRED.iter().filter(|(key, _)| table.get(*key).is_none()).map(|(_, example)| *example).collect();
    if !missing.is_empty() && errors.is_empty() {
        reader.complaints.at(Span::new(span.start, span.start), format!("文件头缺少：{}", missing.join("　")));
    }
    let id = reader.text(table, "id");
    if let Some((text, at)) = &id
        && (text.len() > 32 || !text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'))
    {
        reader.complaints.at(*at, "id 只能用字母、数字、- 和 _，如 N067");
    }
    let name = reader.text(table, "name");
    if let Some((text, at)) = &name
        && !text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    {
        reader.complaints.at(*at, "name 是英文短名，只能用小写字母、数字和下划线，如 drug_sex");
    }
    let version = version(&mut reader, table);
    let status = reader.choice(table, "status", &Status::ALL.map(|(status, code, _)| (status, code)));
    let retired_reason = reader.text(table, "retired_reason").map(|(text, _)| text);
    if status == Some(Status::Retired)
        && retired_reason.is_none()
        && let Some(value) = table.get("status")
    {
        let at = reader.place(value);
        reader.complaints.at(at, "停用的规则要写 retired_reason = \"停用原因\"");
    }
    let kind = reader.text(table, "kind");
    let outcome = reader.choice(table, "result", &[(Outcome::Violation, "违规"), (Outcome::Suspect, "可疑")]);
    let class = reader.choice(table, "class", &Class::ALL);
    let stages = reader.stages(table);
    let basis = reader.basis(table);
    let knowledge = reader.knowledge(table);
    let params = reader.params(table);
    let from = reader.day(table, "valid_from").unwrap_or(crate::knowledge::ALWAYS.0);
    let to = reader.day(table, "valid_to").unwrap_or(crate::knowledge::ALWAYS.1);
    let national_code = reader.text(table, "national_code").map(|(text, _)| text);
    let (id, id_at) = id?;
    Some(Head {
        id,
        name: name?.0,
        version: version?,
        status: status?,
        retired_reason,
        kind: kind?.0,
        outcome: outcome?,
        class: class?,
        stages,
        national_code,
        basis,
        knowledge,
        valid: (from, to),
        params,
        id_at,
    })
}

fn version(reader: &mut Reader<'_, '_>, table: &DeTable<'_>) -> Option<u32> {
    let value = table.get("version")?;
    let version = value.get_ref().as_integer().and_then(|number| number.as_str().parse().ok()).filter(|version| *version >= 1);
    if version.is_none() {
        let at = reader.place(value);
        reader.complaints.at(at, "version 应是从 1 开始的整数");
    }
    version
}
