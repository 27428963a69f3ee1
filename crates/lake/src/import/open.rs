//! 打开: looks into every file before anything is read — its form, encoding, header, and the table it is.
//!
//! So what cannot be imported is told at once and together, before the first row.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use mingjian_model::schema::{TABLES, Table};

use super::csv::{Dialect, first_record};
use super::encoding::{self, Detected, Encoding};
use super::error::ImportError;
use super::headers::{Mapping, Named, by_header, by_name, describe_tables, map};
use super::plan::Plan;
use super::profile::Profile;
use super::source::{Form, SourceFile, form_of};
use super::streams::{self, Packing};
use super::{parquet, workbook};

/// What of a text file is looked at before it is read.
const HEAD_BYTES: u64 = 1 << 20;

/// One table in a file.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// Number of the file.
    pub file: usize,
    pub plan: Arc<Plan>,
    pub body: Body,
    /// Source columns without a place.
    pub unused: Vec<String>,
}

/// How the rows of a part are reached.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    Text {
        packing: Packing,
        dialect: Dialect,
        detected: Detected,
    },
    Sheet {
        name: String,
        header_row: u32,
    },
    Parquet {
        groups: usize,
    },
    /// A query that copies a table out as CSV.
    Copy {
        query: String,
    },
}

/// What was found in a file.
#[derive(Debug, Default)]
pub(crate) struct Opened {
    pub parts: Vec<Part>,
    /// What of it is left out, and why.
    pub left_out: Vec<(String, String)>,
}

/// Why a part has no plan.
pub(crate) enum NoPlan {
    /// Nothing in it.
    Empty,
    /// No national table; the caller knows whether that is an error.
    Unknown(ImportError),
    Error(ImportError),
}

/// Looks into a file.
pub(crate) fn open(file: &SourceFile, number: usize, profile: &Profile) -> Result<Opened, ImportError> {
    let look = Look { file, number, profile };
    match streams::sniff(&file.path, file.form).map_err(|error| ImportError::read(&file.label, error))? {
        Form::Text => look.text(Packing::Plain, None),
        Form::Gzip => look.text(Packing::Gzip, None),
        Form::Zip => look.zip(),
        Form::Workbook => look.workbook(),
        Form::Parquet => look.parquet(),
    }
}

struct Look<'a> {
    file: &'a SourceFile,
    number: usize,
    profile: &'a Profile,
}

impl Look<'_> {
    fn zip(&self) -> Result<Opened, ImportError> {
        let mut opened = Opened::default();
        for (number, name) in streams::members(&self.file.path).map_err(|detail| ImportError::archive(&self.file.label, detail))? {
            let label = format!("{}/{name}", self.file.label);
            match form_of(&name) {
                Some(Form::Text) => {
                    let part = self.text(Packing::Member(number), Some(&name))?;
                    opened.parts.extend(part.parts);
                    opened.left_out.extend(part.left_out);
                }
                Some(_) => opened.left_out.push((label, "压缩包里只读文本文件；请解压后导入".to_owned())),
                None => opened.left_out.push((label, "不是可导入的文件".to_owned())),
            }
        }
        if opened.parts.is_empty() && self.file.named && opened.left_out.is_empty() {
            return Err(ImportError::archive(&self.file.label, "里面没有文件"));
        }
        Ok(opened)
    }

    fn text(&self, packing: Packing, member: Option<&str>) -> Result<Opened, ImportError> {
        let label = member.map_or_else(|| self.file.label.clone(), |member| format!("{}/{member}", self.file.label));
        let head = match streams::with(&self.file.path, packing, &mut |_| {}, |stream| head_of(stream)) {
            Ok(head) => head,
            Err(error) if packing == Packing::Plain => return Err(ImportError::read(&label, error)),
            Err(error) => return Err(ImportError::archive(&label, error)),
        };
        if !head.is_empty() && head.iter().all(|byte| *byte == 0) {
            return Ok(self.left_out(label, "内容全是空字符（NUL），多为传输损坏，请重新传输"));
        }
        let detected = match self.profile.encoding {
            Some(encoding) => Detected { encoding, mark: usize::from(head.starts_with(&[0xEF, 0xBB, 0xBF])) * 3, wide: None },
            None => encoding::detect(&head).ok_or_else(|| ImportError::UnknownEncoding { file: label.clone() })?,
        };
        let text = decoded(&head[detected.mark.min(head.len())..], detected);
        let delimiter = self.profile.delimiter.unwrap_or_else(|| encoding::delimiter_of(&text));
        let mut dialect = Dialect { encoding: detected.encoding, delimiter, header_record: 0 };
        let mut detected = detected;
        if delimiter == b'|' && dialect.encoding != Encoding::Utf8 && detected.wide.is_none() {
            // A bar may be the second byte of a GB18030 character; such a file is decoded before it is cut.
            if dialect.encoding == Encoding::Gb18030 {
                detected.wide = Some(encoding_rs::GB18030);
            }
            dialect.encoding = Encoding::Utf8;
        }
        let Some((header, before)) = first_record(&text, delimiter) else { return Ok(self.left_out(label, "空文件")) };
        dialect.header_record = before;
        let header = header.iter().map(|cell| String::from_utf8_lossy(super::cell::trim(cell)).into_owned()).collect();
        let body = Body::Text { packing, dialect, detected };
        self.part(label, member, header, body)
    }

    fn workbook(&self) -> Result<Opened, ImportError> {
        let sheets = match workbook::heads(&self.file.path) {
            Ok(sheets) => sheets,
            // Many systems write a tab-separated text and call it .xls.
            Err(_) if streams::is_text(&self.file.path) => return self.text(Packing::Plain, None),
            Err(detail) => return Err(ImportError::workbook(&self.file.label, detail)),
        };
        let several = sheets.len() > 1;
        let mut opened = Opened::default();
        for sheet in sheets {
            let label = if several { format!("{}[{}]", self.file.label, sheet.name) } else { self.file.label.clone() };
            let Some((header_row, header)) = sheet.header else {
                opened.left_out.push((label, "空表".to_owned()));
                continue;
            };
            let body = Body::Sheet { name: sheet.name.clone(), header_row };
            let part = self.part(label, Some(&sheet.name), header, body)?;
            opened.parts.extend(part.parts);
            opened.left_out.extend(part.left_out);
        }
        Ok(opened)
    }

    fn parquet(&self) -> Result<Opened, ImportError> {
        let (header, groups) = parquet::head(&self.file.path).map_err(|detail| ImportError::parquet(&self.file.label, detail))?;
        self.part(self.file.label.clone(), None, header, Body::Parquet { groups })
    }

    fn left_out(&self, label: String, why: &str) -> Opened {
        Opened { left_out: vec![(label, why.to_owned())], ..Opened::default() }
    }

    /// A part with its plan, or what it is left out for: in a folder may lie what is none of ours.
    fn part(&self, label: String, inner: Option<&str>, header: Vec<String>, body: Body) -> Result<Opened, ImportError> {
        if is_truth(&header) {
            return Ok(self.left_out(label, "造城的答案，不导入"));
        }
        let names: Vec<String> = inner.map(str::to_owned).into_iter().chain(names_of(&self.file.path)).collect();
        match plan(&label, &names, header, self.profile) {
            Ok((plan, unused)) => {
                let part = Part { file: self.number, plan: Arc::new(plan), body, unused };
                Ok(Opened { parts: vec![part], ..Opened::default() })
            }
            Err(NoPlan::Empty) => Ok(self.left_out(label, "空文件")),
            Err(NoPlan::Unknown(_)) if !self.file.named || inner.is_some() => Ok(self.left_out(label, "认不出是哪张表")),
            Err(NoPlan::Unknown(error) | NoPlan::Error(error)) => Err(error),
        }
    }
}

/// Whether a header is that of the list of planted acts a synthetic city comes with: data to measure by, not to screen.
fn is_truth(header: &[String]) -> bool {
    ["act_id", "scenario", "rule_or_model"].iter().all(|name| header.iter().any(|column| column == name))
}

fn head_of(stream: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    match stream.take(HEAD_BYTES).read_to_end(&mut head) {
        // Truncated: what is there is good, the rest is told when it is read.
        Err(error) if head.is_empty() || !streams::is_cut(&error) => Err(error),
        _ => Ok(head),
    }
}

fn decoded(head: &[u8], detected: Detected) -> Vec<u8> {
    let encoding = match (detected.wide, detected.encoding) {
        (Some(wide), _) => wide,
        (None, Encoding::Gb18030) => encoding_rs::GB18030,
        _ => return head.to_vec(),
    };
    encoding.decode_without_bom_handling(head).0.into_owned().into_bytes()
}

/// The file's name without its ends, and those of the two folders above it: `fee_list_d/pt=202501/part-0.parquet`.
fn names_of(path: &Path) -> Vec<String> {
    let own = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let above = path.parent().into_iter().flat_map(|parent| parent.iter().rev().take(2)).map(|name| name.to_string_lossy().into_owned());
    own.into_iter().chain(above).collect()
}

/// The plan of a source table: by its names first, else by its header. Also gives the columns that find no place.
pub(crate) fn plan(label: &str, names: &[String], header: Vec<String>, profile: &Profile) -> Result<(Plan, Vec<String>), NoPlan> {
    if header.iter().all(|name| name.trim().is_empty()) {
        return Err(NoPlan::Empty);
    }
    let (table, mapping) = recognise(label, names, &header, profile)?;
    let plan = Plan {
        table,
        file: label.into(),
        targets: mapping.targets,
        header,
        rounding: profile.rounding,
        date_formats: profile.date_formats.clone().into(),
    };
    Ok((plan, mapping.unused))
}

fn recognise(label: &str, names: &[String], header: &[String], profile: &Profile) -> Result<(&'static Table, Mapping), NoPlan> {
    let mapped = |table: &'static Table| map(table, header, profile.wishes(table.name));
    let whole = |table: &'static Table| {
        let mapping = mapped(table);
        if mapping.missing.is_empty() { Ok((table, mapping)) } else { Err(NoPlan::Error(missing(label, table, &mapping, header))) }
    };
    if let Some(table) = names.iter().find_map(|name| profile.table_of(name)) {
        return whole(table);
    }
    let named: Vec<Named> = names.iter().filter_map(|name| by_name(name)).collect();
    if let Some(Named::Surely(table)) = named.iter().find(|named| matches!(named, Named::Surely(_))) {
        return whole(table);
    }
    let likely = named.first().map(|(Named::Likely(table) | Named::Surely(table))| *table);
    let best = by_header(header, &|table| profile.wishes(table).cloned());
    let found = |table: &'static Table| mapped(table).targets.len();
    if let Some(table) = likely {
        let mapping = mapped(table);
        let most = best.first().map_or(0, |best| found(best));
        // A title in a name may mean another table ('结算费用明细'); the header decides unless the two nearly agree.
        if mapping.missing.is_empty() && mapping.targets.len() * 10 >= most * 8 {
            return Ok((table, mapping));
        }
        if best.is_empty() && mapping.targets.len() >= 3 {
            return Err(NoPlan::Error(missing(label, table, &mapping, header)));
        }
    }
    let file_name = names.first().cloned().unwrap_or_default();
    match best.as_slice() {
        [table] => whole(table),
        [] => Err(NoPlan::Unknown(unrecognised(label, file_name, header))),
        several => {
            let tables = several.iter().map(|table| format!("{} {}", table.name, table.title)).collect::<Vec<_>>().join("、");
            Err(NoPlan::Unknown(ImportError::Ambiguous { file: label.to_owned(), file_name, tables }))
        }
    }
}

/// The table nobody can name: if the header comes near one, what that one lacks.
fn unrecognised(label: &str, file_name: String, header: &[String]) -> ImportError {
    let nearest = TABLES.iter().map(|table| (map(table, header, None), *table)).max_by_key(|(mapping, _)| mapping.targets.len());
    match nearest {
        Some((mapping, table)) if mapping.targets.len() >= 4 && mapping.targets.len() * 2 >= header.len() => {
            missing(label, table, &mapping, header)
        }
        _ => ImportError::Unrecognised { file: label.to_owned(), file_name, found: names(header), tables: describe_tables() },
    }
}

fn missing(label: &str, table: &'static Table, mapping: &Mapping, header: &[String]) -> ImportError {
    let column = mapping.missing.first().copied().unwrap_or_default();
    let more = mapping.missing.len().saturating_sub(1);
    let hint = match (mapping.targets.is_empty(), more) {
        (true, _) => "。第一行不像表头：文件的第一行应是列名".to_owned(),
        (false, 0) => String::new(),
        (false, _) => format!("。另外还缺 {}", mapping.missing[1..].join("、")),
    };
    let title = table.column(column).map_or("", |column| column.title);
    let title = if title.is_empty() { table.title } else { title };
    ImportError::MissingColumn { file: label.to_owned(), table: table.name, column, title, found: names(header), hint }
}

/// Digits in a row that no name of a column has and that a certificate, a phone or a number of a person has.
const DIGITS: usize = 7;

/// The header for a message: the first twelve names. A file without a header has its first person there: messages go into logs and onto
/// pages of people who see no business, so a row that looks like data is not told.
fn names(header: &[String]) -> String {
    if header.iter().any(|cell| cell.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() >= DIGITS)) {
        return "第一行像是数据而不是表头，这里不列出".to_owned();
    }
    let shown: Vec<String> = header.iter().take(12).map(|name| name.chars().take(24).collect()).collect();
    let rest = header.len().saturating_sub(12);
    if rest > 0 { format!("{} 等 {} 列", shown.join("、"), header.len()) } else { shown.join("、") }
}

/// The file's content hash.
pub(crate) fn hash(path: &Path) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(hasher.finalize().to_hex().to_string());
        }
        hasher.update(&buffer[..read]);
    }
}
