//! 知识表: CSV tables of knowledge points that rules look items and diagnoses up in.

use std::collections::HashMap;

use mingjian_engine::program::{CodeSet, PairWindow};
use mingjian_model::day::{self, Day, MICROS_PER_HOUR};
use toml::de::{DeTable, DeValue};

use crate::csv::{self, Csv};
use crate::diagnostic::{Complaints, Diagnostic, SourceText, Span, nearest};
use crate::head;
use crate::value::{Decimal, parse_age, parse_care, parse_level, parse_percent, parse_sex};

/// A knowledge file is at most so many bytes.
pub const SIZE_MAX: usize = 64 << 20;

/// A loaded table. Rows stand as in the file; a row's position is the point's number in findings.
#[derive(Debug, Clone)]
pub struct KnowledgeTable {
    /// The file's name without `.csv`.
    pub name: String,
    pub title: String,
    pub origin: String,
    /// All codes of the table are prefixes.
    pub prefix: bool,
    /// A small sample that a region replaces by its own.
    pub sample: bool,
    pub columns: Vec<Column>,
    pub points: Vec<KnowledgePoint>,
    /// The file's text, for the library's hash.
    pub(crate) text: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub ty: ColumnType,
}

/// 知识点: one row.
#[derive(Debug, Clone)]
pub struct KnowledgePoint {
    pub key: String,
    pub name: String,
    pub codes: CodeSet,
    pub part_codes: CodeSet,
    pub window: Option<PairWindow>,
    pub valid: (Day, Day),
    /// As in the file, one per column.
    pub cells: Vec<String>,
    /// 1-based line in the file.
    pub line: usize,
}

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnType {
    Text,
    Int,
    Decimal,
    Money,
    Price,
    Sex,
    Age,
    Days,
    Hours,
    Percent,
    Level,
    /// Set of 就医方式.
    Care,
    /// Set of texts.
    Texts,
    /// Set of item codes.
    Items,
    Window,
    Date,
}

impl ColumnType {
    pub const ALL: [(&'static str, ColumnType); 16] = [
        ("text", ColumnType::Text),
        ("int", ColumnType::Int),
        ("decimal", ColumnType::Decimal),
        ("money", ColumnType::Money),
        ("price", ColumnType::Price),
        ("sex", ColumnType::Sex),
        ("age", ColumnType::Age),
        ("days", ColumnType::Days),
        ("hours", ColumnType::Hours),
        ("percent", ColumnType::Percent),
        ("level", ColumnType::Level),
        ("care", ColumnType::Care),
        ("texts", ColumnType::Texts),
        ("items", ColumnType::Items),
        ("window", ColumnType::Window),
        ("date", ColumnType::Date),
    ];

    pub fn parse_name(name: &str) -> Option<ColumnType> {
        ColumnType::ALL.iter().find(|(known, _)| *known == name).map(|(_, ty)| *ty)
    }

    /// What a cell must look like, for the complaint.
    fn expects(self) -> &'static str {
        match self {
            ColumnType::Text | ColumnType::Texts | ColumnType::Items => "文字",
            ColumnType::Int | ColumnType::Days | ColumnType::Hours => "整数",
            ColumnType::Decimal => "数（最多 4 位小数）",
            ColumnType::Money => "金额（元，最多 2 位小数）",
            ColumnType::Price => "单价（元，最多 6 位小数）",
            ColumnType::Sex => "男 或 女",
            ColumnType::Age => "年龄，如 18岁、28天",
            ColumnType::Percent => "百分比，如 50%",
            ColumnType::Level => "三级、二级 或 一级",
            ColumnType::Care => "门诊、急诊、门慢、购药、住院（多个用 ; 分开）",
            ColumnType::Window => "单日、单次就诊、N小时 或 同一小时",
            ColumnType::Date => "日期，如 2026-01-01",
        }
    }
}

/// A cell as the kernel wants it.
#[derive(Debug, Clone, PartialEq)]
pub enum CellValue {
    Empty,
    Number(i64),
    Numbers(Vec<i64>),
    Text(String),
    Texts(Vec<String>),
    Items(CodeSet),
    Window(PairWindow),
}

/// Reads a cell; `None` when it is not of the type.
pub fn cell_value(ty: ColumnType, text: &str) -> Option<CellValue> {
    let text = text.trim();
    if text.is_empty() {
        return Some(CellValue::Empty);
    }
    let scaled = |scale| Decimal::parse(text).and_then(|d| d.at_scale(scale)).map(CellValue::Number);
    match ty {
        ColumnType::Text => Some(CellValue::Text(text.to_string())),
        ColumnType::Texts => Some(CellValue::Texts(items(text).map(str::to_string).collect())),
        ColumnType::Items => Some(CellValue::Items(code_set(text, false))),
        ColumnType::Int | ColumnType::Days | ColumnType::Hours => scaled(0),
        ColumnType::Decimal => scaled(4),
        ColumnType::Money => scaled(2),
        ColumnType::Price => scaled(6),
        ColumnType::Sex => parse_sex(text).map(CellValue::Number),
        ColumnType::Age => parse_age(text).map(CellValue::Number),
        ColumnType::Percent => parse_percent(text).map(CellValue::Number),
        ColumnType::Level => parse_level(text).map(CellValue::Number),
        ColumnType::Care => {
            let cares: Option<Vec<i64>> = items(text).map(parse_care).collect();
            cares.map(|mut cares| {
                cares.sort_unstable();
                cares.dedup();
                CellValue::Numbers(cares)
            })
        }
        ColumnType::Window => parse_window(text).map(CellValue::Window),
        ColumnType::Date => day::parse_day(text).map(|day| CellValue::Number(i64::from(day))),
    }
}

/// 单日, 单次就诊, 同一小时, N小时.
pub fn parse_window(text: &str) -> Option<PairWindow> {
    match text {
        "单日" | "同日" | "日" => Some(PairWindow::Day),
        "单次就诊" | "单次住院" | "就诊" => Some(PairWindow::Visit),
        "同一小时" => Some(PairWindow::Span(MICROS_PER_HOUR)),
        _ => {
            let hours: i64 = text.strip_suffix("小时")?.trim().parse().ok()?;
            (1..=720).contains(&hours).then_some(PairWindow::Span(hours * MICROS_PER_HOUR))
        }
    }
}

/// The parts of a `;` list.
pub fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '；']).map(str::trim).filter(|part| !part.is_empty())
}

/// Codes with `;` between; `XXXX*` is a prefix.
pub fn code_set(text: &str, all_prefixes: bool) -> CodeSet {
    let mut set = CodeSet::default();
    for code in items(text) {
        match code.strip_suffix('*') {
            Some(prefix) => set.prefixes.push(prefix.to_string()),
            None if all_prefixes => set.prefixes.push(code.to_string()),
            None => set.codes.push(code.to_string()),
        }
    }
    tidy(&mut set);
    set
}

/// Sorts and deduplicates.
pub fn tidy(set: &mut CodeSet) {
    for list in [&mut set.codes, &mut set.prefixes] {
        list.sort_unstable();
        list.dedup();
    }
}

/// From the beginning, and without end.
pub const ALWAYS: (Day, Day) = (Day::MIN, Day::MAX);

const META_KEYS: [&str; 5] = ["title", "origin", "match", "sample", "types"];

impl KnowledgeTable {
    /// Loads one file. `name` is the table's name.
    pub fn parse(name: &str, source: &SourceText) -> (KnowledgeTable, Vec<Diagnostic>) {
        let mut complaints = Complaints::new(source);
        let mut table = KnowledgeTable {
            name: name.to_string(),
            title: String::new(),
            origin: String::new(),
            prefix: false,
            sample: false,
            columns: Vec::new(),
            points: Vec::new(),
            text: source.text.clone(),
        };
        if source.text.len() > SIZE_MAX {
            complaints.at(Span::default(), format!("知识表超过 {} MiB", SIZE_MAX >> 20));
            return (table, complaints.into_found());
        }
        let (meta, body) = split_meta(&source.text);
        let types = read_meta(&mut complaints, &mut table, &meta);
        let csv = csv::parse(&mut complaints, Span::new(body, source.text.len()));
        read_columns(&mut complaints, &mut table, &csv, types);
        read_points(&mut complaints, &mut table, &csv);
        end_superseded(&mut table);
        (table, complaints.into_found())
    }

    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The text of a point's cell; empty where there is none.
    pub fn cell(&self, point: usize, column: usize) -> &str {
        self.points.get(point).and_then(|point| point.cells.get(column)).map_or("", String::as_str)
    }

    /// The point whose name (or part's name) is this, with whether it is the part's.
    pub(crate) fn code_of_name(&self, name: &str) -> Option<String> {
        let part_name = self.column("part_name");
        for (i, point) in self.points.iter().enumerate() {
            let set = if point.name == name {
                &point.codes
            } else if part_name.is_some_and(|column| self.cell(i, column) == name) {
                &point.part_codes
            } else {
                continue;
            };
            if let Some(code) = set.codes.first().or(set.prefixes.first()) {
                return Some(code.clone());
            }
        }
        None
    }

    /// What the table calls a code, as a main item or as a part.
    pub(crate) fn name_of_code(&self, code: &str) -> Option<&str> {
        let part_name = self.column("part_name");
        self.points.iter().enumerate().find_map(|(i, point)| {
            let lists = |set: &CodeSet| set.codes.binary_search_by(|known| known.as_str().cmp(code)).is_ok();
            if lists(&point.codes) && !point.name.is_empty() {
                Some(point.name.as_str())
            } else {
                part_name.filter(|_| lists(&point.part_codes)).map(|column| self.cell(i, column))
            }
        })
    }

    /// All codes of all points.
    pub(crate) fn all_codes(&self) -> CodeSet {
        let mut all = CodeSet::default();
        for point in &self.points {
            all.codes.extend(point.codes.codes.iter().cloned());
            all.prefixes.extend(point.codes.prefixes.iter().cloned());
        }
        tidy(&mut all);
        all
    }
}

/// The `#!` lines as TOML at their own offsets (the marks blanked), and where the CSV begins.
fn split_meta(text: &str) -> (String, usize) {
    let mut at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut meta = " ".repeat(at);
    while let Some(rest) = text.get(at..)
        && rest.starts_with("#!")
    {
        let next = rest.find('\n').map_or(text.len(), |found| at + found + 1);
        meta.push_str("  ");
        meta.push_str(&text[at + 2..next]);
        at = next;
    }
    (meta, at)
}

fn read_meta(complaints: &mut Complaints<'_>, table: &mut KnowledgeTable, meta: &str) -> HashMap<String, (ColumnType, Span)> {
    let mut types = HashMap::new();
    let (parsed, errors) = DeTable::parse_recoverable(meta);
    head::toml_errors(complaints, &errors, 0, "表头的 #! 说明");
    for (key, value) in parsed.get_ref() {
        let at = Span::new(key.span().start, key.span().end);
        let value_at = Span::new(value.span().start, value.span().end);
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("title", DeValue::String(text)) => table.title = text.to_string(),
            ("origin", DeValue::String(text)) => table.origin = text.to_string(),
            ("sample", DeValue::Boolean(sample)) => table.sample = *sample,
            ("match", DeValue::String(text)) => match text.as_ref() {
                "full" => {}
                "prefix" => table.prefix = true,
                _ => complaints.at(value_at, "match 只能是 \"full\"（全码）或 \"prefix\"（前缀）"),
            },
            ("types", DeValue::Table(listed)) => {
                for (column, ty) in listed {
                    let at = Span::new(ty.span().start, ty.span().end);
                    let name = ty.get_ref().as_str().unwrap_or("");
                    match ColumnType::parse_name(name) {
                        Some(ty) => {
                            let place = Span::new(column.span().start, column.span().end);
                            types.insert(column.get_ref().to_string(), (ty, place));
                        }
                        None => {
                            let known = ColumnType::ALL.map(|(name, _)| name);
                            complaints.suggest(at, format!("列的类型只能是 {}", known.join("、")), nearest(name, known));
                        }
                    }
                }
            }
            (known, _) if META_KEYS.contains(&known) => {
                complaints.at(
                    value_at,
                    format!("{known} 的值类型不对：title、origin、match 是文字，sample 是 true/false，types 是 {{ 列 = \"类型\" }}"),
                );
            }
            (unknown, _) => {
                complaints.suggest(at, format!("不认识的说明 {unknown}；可以写 {}", META_KEYS.join("、")), nearest(unknown, META_KEYS));
            }
        }
    }
    let start = Span::default();
    if table.title.is_empty() {
        complaints.at(start, "知识表缺少 `#! title = \"…\"`（这张表是什么）");
    } else if table.origin.is_empty() {
        complaints.at(start, "知识表缺少 `#! origin = \"…\"`（知识从哪里来）");
    }
    types
}

const TEXT_COLUMNS: [&str; 5] = ["point", "name", "part_name", "basis", "supersedes"];

fn read_columns(complaints: &mut Complaints<'_>, table: &mut KnowledgeTable, csv: &Csv, types: HashMap<String, (ColumnType, Span)>) {
    for cell in &csv.header {
        let given = types.get(&cell.text).map(|(ty, _)| *ty);
        let reserved = match cell.text.as_str() {
            "codes" | "part_codes" => Some(ColumnType::Items),
            "window" => Some(ColumnType::Window),
            "valid_from" | "valid_to" => Some(ColumnType::Date),
            name if TEXT_COLUMNS.contains(&name) => Some(ColumnType::Text),
            _ => None,
        };
        if let (Some(reserved), Some(given)) = (reserved, given)
            && reserved != given
        {
            complaints.at(cell.at, format!("{} 是保留列，类型是固定的，不用写在 types 里", cell.text));
        }
        table.columns.push(Column { name: cell.text.clone(), ty: reserved.or(given).unwrap_or(ColumnType::Text) });
    }
    let mut unknown: Vec<_> = types.iter().filter(|(name, _)| csv.column(name).is_none()).collect();
    unknown.sort_by_key(|(_, (_, at))| at.start);
    for (name, (_, at)) in unknown {
        let columns = csv.header.iter().map(|cell| cell.text.as_str());
        complaints.suggest(*at, format!("types 里的列 {name} 表中没有"), nearest(name, columns));
    }
    for required in ["point", "codes"] {
        if csv.column(required).is_none() {
            let at = csv.header.first().map_or(Span::default(), |cell| cell.at);
            complaints.at(at, format!("表头缺少 {required} 列（point 知识点编号，codes 编码，多个用 ; 分开）"));
        }
    }
}

fn read_points(complaints: &mut Complaints<'_>, table: &mut KnowledgeTable, csv: &Csv) {
    let at = |name: &str| csv.column(name);
    let (key, name, codes, part_codes, window) = (at("point"), at("name"), at("codes"), at("part_codes"), at("window"));
    let (from, to) = (at("valid_from"), at("valid_to"));
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for row in &csv.rows {
        let text = |column: Option<usize>| column.and_then(|i| row.get(i)).map_or("", |cell| cell.text.as_str());
        let first = row.first().map_or(Span::default(), |cell| cell.at);
        let line = complaints.source.position(first.start).0;
        for (cell, column) in row.iter().zip(&table.columns) {
            if cell_value(column.ty, &cell.text).is_none() {
                complaints.at(cell.at, format!("{} 列的“{}”不对，应是{}", column.name, short(&cell.text), column.ty.expects()));
            }
        }
        if text(key).is_empty() {
            complaints.at(first, "知识点没有编号（point 列不能空）");
        } else if let Some(before) = seen.insert(text(key), line) {
            complaints.at(first, format!("知识点编号 {} 与第 {before} 行重复", text(key)));
        }
        let day_of = |column, open| day::parse_day(text(column)).unwrap_or(open);
        let valid = (day_of(from, ALWAYS.0), day_of(to, ALWAYS.1));
        if valid.0 > valid.1 {
            complaints.at(row[to.unwrap_or(0)].at, "valid_to 早于 valid_from");
        }
        table.points.push(KnowledgePoint {
            key: text(key).to_string(),
            name: text(name).to_string(),
            codes: code_set(text(codes), table.prefix),
            part_codes: code_set(text(part_codes), table.prefix),
            window: parse_window(text(window)),
            valid,
            cells: row.iter().map(|cell| cell.text.clone()).collect(),
            line,
        });
    }
}

/// A point that names others in `supersedes` ends them the day before it begins, unless they state their own end.
fn end_superseded(table: &mut KnowledgeTable) {
    let Some(column) = table.column("supersedes") else { return };
    let mut ends: HashMap<String, Day> = HashMap::new();
    for point in &table.points {
        if point.valid.0 == ALWAYS.0 {
            continue;
        }
        for old in items(point.cells.get(column).map_or("", String::as_str)) {
            let end = ends.entry(old.to_string()).or_insert(point.valid.0 - 1);
            *end = (*end).min(point.valid.0 - 1);
        }
    }
    for point in &mut table.points {
        if let Some(&end) = ends.get(&point.key)
            && point.valid.1 == ALWAYS.1
            && end >= point.valid.0
        {
            point.valid.1 = end;
        }
    }
}

fn short(text: &str) -> String {
    let mut short: String = text.chars().take(20).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
