//! 导入报告: what became of every file, for the summary a user reads.

use std::collections::BTreeMap;

use mingjian_model::day::Moment;

use super::open::{Body, Part};
use super::progress::{ImportState, Stage};
use super::read::Counts;
use super::source::SourceFile;
use crate::import::encoding::Encoding;
use crate::store::{SourceRecord, TableCounts};

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport {
    /// The version that holds the import and its quality report: a new one, or the old one when nothing changed.
    pub version: u64,
    /// Whether a new version was made.
    pub changed: bool,
    /// What became of the typed rows, by table.
    pub tables: BTreeMap<String, TableCounts>,
    /// Rows set aside, by typing and by clashing keys.
    pub rejected: u64,
    pub read: ReadReport,
}

/// What was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadReport {
    pub files: Vec<FileReport>,
    /// Files, sheets and members of archives that were left out.
    pub left_out: Vec<LeftOut>,
    /// What the version record keeps of the files that were read.
    pub sources: Vec<SourceRecord>,
}

/// A file, sheet or member that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    pub file: String,
    /// Why, in Chinese.
    pub reason: String,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileOutcome {
    Read,
    /// 同一文件已导入，未改变.
    Unchanged,
    /// Nothing in it could be read; why stands in [`ReadReport::left_out`].
    LeftOut,
}

impl FileOutcome {
    pub fn title(self) -> &'static str {
        match self {
            FileOutcome::Read => "已读取",
            FileOutcome::Unchanged => "同一文件已导入，未改变",
            FileOutcome::LeftOut => "未导入",
        }
    }
}

/// A file of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileReport {
    /// As the user named it; a database without its password.
    pub file: String,
    pub size: u64,
    pub modified: Option<Moment>,
    pub outcome: FileOutcome,
    /// The archive broke off: rows behind are missing.
    pub cut_off: bool,
    pub parts: Vec<PartReport>,
}

/// One table of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartReport {
    /// The file, with the sheet, member or table where it holds several.
    pub label: String,
    /// The national table.
    pub table: &'static str,
    /// UTF-8, GB18030, or nothing for forms that have no text encoding.
    pub encoding: &'static str,
    /// Rows that were typed and handed to the lake.
    pub rows: u64,
    pub rejected: u64,
    /// Rows without any cell.
    pub blank: u64,
    /// Source columns that have no place in the national table.
    pub unused: Vec<String>,
    /// National columns the source supplies.
    pub columns: usize,
}

impl FileReport {
    pub(crate) fn of(file: &SourceFile) -> FileReport {
        FileReport {
            file: file.label.clone(),
            size: file.size,
            modified: file.modified,
            outcome: FileOutcome::Read,
            cut_off: false,
            parts: Vec::new(),
        }
    }

    pub(crate) fn of_database(file: String) -> FileReport {
        FileReport { file, size: 0, modified: None, outcome: FileOutcome::Read, cut_off: false, parts: Vec::new() }
    }
}

impl PartReport {
    pub(crate) fn of(part: &Part, counts: Counts) -> PartReport {
        let encoding = match &part.body {
            Body::Text { detected, .. } => match (detected.wide, detected.encoding) {
                (Some(wide), _) => wide.name(),
                (None, Encoding::Gb18030) => "GB18030",
                (None, Encoding::Utf8 | Encoding::Undecided) => "UTF-8",
            },
            _ => "",
        };
        PartReport {
            label: part.plan.file.to_string(),
            table: part.plan.table.name,
            encoding,
            rows: counts.landed,
            rejected: counts.rejected,
            blank: counts.blank,
            unused: part.unused.clone(),
            columns: part.plan.targets.len(),
        }
    }
}

impl ReadReport {
    /// Rows read, those set aside too.
    pub fn rows(&self) -> u64 {
        self.parts().map(|part| part.rows + part.rejected).sum()
    }

    /// Rows set aside by reading.
    pub fn rejected(&self) -> u64 {
        self.parts().map(|part| part.rejected).sum()
    }

    pub fn parts(&self) -> impl Iterator<Item = &PartReport> {
        self.files.iter().flat_map(|file| &file.parts)
    }

    pub(crate) fn state(&self, stage: Stage) -> ImportState {
        let files = self.files.len() as u64;
        let bytes = self.files.iter().map(|file| file.size).sum();
        ImportState {
            stage,
            files_done: files,
            files,
            bytes_done: bytes,
            bytes,
            steps_done: 0,
            steps: 0,
            rows: self.rows(),
            rejected: self.rejected(),
        }
    }
}
