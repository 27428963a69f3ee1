//! 版本记录: `_versions/NNNNNNNN.json`, the one file that makes a version of the lake exist.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use mingjian_model::day::{self, Moment};
use serde::{Deserialize, Serialize};

use super::decide::TableCounts;
use super::{LakeError, disk};

/// A source file of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRecord {
    /// As the user named it.
    pub file: String,
    /// BLAKE3 of the content in hexadecimal; empty for a database.
    pub blake3: String,
    /// Bytes; 0 for a database.
    pub size: u64,
    /// Data rows, those set aside too.
    pub rows: u64,
    /// When the file was last written: the upload time of rows that carry none themselves.
    #[serde(default, with = "moment_text")]
    pub modified: Option<Moment>,
}

/// A table of one version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRecord {
    /// Version of the Delta table.
    pub delta_version: u64,
    pub rows: u64,
    pub files: u64,
    pub bytes: u64,
    /// Columns some source supplied, in national order.
    pub columns: Vec<String>,
}

/// What made a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    Import,
    Replace,
    Compact,
}

impl Act {
    /// 导入 / 替换 / 合并.
    pub fn title(self) -> &'static str {
        match self {
            Act::Import => "导入",
            Act::Replace => "写表",
            Act::Compact => "合并",
        }
    }
}

/// One version of the lake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionRecord {
    /// Of this file; 1.
    pub format: u32,
    pub version: u64,
    pub act: Act,
    /// What the caller says about it.
    #[serde(default)]
    pub note: String,
    /// Local time the caller's clock gave.
    #[serde(default, with = "moment_text")]
    pub time: Option<Moment>,
    pub tables: BTreeMap<String, TableRecord>,
    #[serde(default)]
    pub sources: Vec<SourceRecord>,
    #[serde(default)]
    pub counts: BTreeMap<String, TableCounts>,
    /// The newest moment any row was uploaded at, over this and all earlier versions.
    #[serde(default, with = "moment_text")]
    pub newest_upload: Option<Moment>,
}

impl VersionRecord {
    /// The lake before its first import.
    pub(crate) fn empty() -> VersionRecord {
        VersionRecord {
            format: 1,
            version: 0,
            act: Act::Import,
            note: String::new(),
            time: None,
            tables: BTreeMap::new(),
            sources: Vec::new(),
            counts: BTreeMap::new(),
            newest_upload: None,
        }
    }
}

/// Moments as text people can read.
mod moment_text {
    use super::{Moment, day};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(moment: &Option<Moment>, serializer: S) -> Result<S::Ok, S::Error> {
        match moment {
            Some(moment) => serializer.serialize_str(&day::format_moment(*moment)),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Moment>, D::Error> {
        match Option::<String>::deserialize(deserializer)? {
            Some(text) => day::parse_moment(&text).map(Some).ok_or_else(|| D::Error::custom(format!("不是时间：{text}"))),
            None => Ok(None),
        }
    }
}

/// A record on the disk: the record and its checksum, so that a half or altered one is seen.
#[derive(Serialize, Deserialize)]
struct Sealed {
    blake3: String,
    record: serde_json::Value,
}

fn path_of(dir: &Path, version: u64) -> PathBuf {
    dir.join(format!("{version:08}.json"))
}

/// The versions on record, ascending. Version 0, the empty lake, is never on record.
pub(crate) fn versions(dir: &Path) -> Result<Vec<u64>, LakeError> {
    let names = disk::list(dir)?.into_iter();
    Ok(names.filter_map(|(name, _)| name.strip_suffix(".json").and_then(|stem| stem.parse().ok())).collect())
}

/// Reads a record and checks that it is whole.
pub(crate) fn read(dir: &Path, version: u64) -> Result<VersionRecord, LakeError> {
    let path = path_of(dir, version);
    let bytes = fs::read(&path).map_err(|e| LakeError::io(&path, "读版本记录", e))?;
    let broken = |detail: String| LakeError::Record { path: path.clone(), detail, previous: version.saturating_sub(1) };
    let sealed: Sealed = serde_json::from_slice(&bytes).map_err(|e| broken(e.to_string()))?;
    if seal(&sealed.record) != sealed.blake3 {
        return Err(broken("校验和不符".to_owned()));
    }
    let record: VersionRecord = serde_json::from_value(sealed.record).map_err(|e| broken(e.to_string()))?;
    if record.format != 1 {
        return Err(broken(format!("格式 {}，本程序只认识 1，请升级程序", record.format)));
    }
    if record.version != version {
        return Err(broken(format!("里面写的是版本 {}", record.version)));
    }
    Ok(record)
}

/// Writes a record; when this returns, the version exists.
pub(crate) fn write(dir: &Path, record: &VersionRecord) -> Result<(), LakeError> {
    let path = path_of(dir, record.version);
    let value = serde_json::to_value(record).map_err(|e| LakeError::Settings { path: path.clone(), detail: e.to_string() })?;
    let sealed = Sealed { blake3: seal(&value), record: value };
    let text = serde_json::to_string_pretty(&sealed).map_err(|e| LakeError::Settings { path: path.clone(), detail: e.to_string() })?;
    disk::write_atomically(&path, text.as_bytes())
}

pub(crate) fn remove(dir: &Path, version: u64) -> Result<(), LakeError> {
    disk::remove_file(&path_of(dir, version))
}

fn seal(value: &serde_json::Value) -> String {
    // serde_json keeps object keys sorted, so equal records have equal text.
    blake3::hash(value.to_string().as_bytes()).to_hex().to_string()
}
