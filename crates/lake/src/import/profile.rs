//! 导入对照文件: what a source's files and columns are called, written by whoever knows the source.
//!
//! ```toml
//! encoding = "gb18030"                  # 省略则自动识别
//! delimiter = ","                       # 省略则自动识别
//! date_formats = ["%d/%m/%Y %H:%M"]     # 常见写法之外的日期格式
//! round = false                         # true：多余的小数四舍五入
//!
//! [fee_list_d]
//! files = ["*收费明细*"]                 # 文件名、工作表名或库中表名
//! [fee_list_d.columns]
//! "明细序号" = "bkkp_sn"
//! [fee_list_d.constants]
//! fixmedins_code = "H33010000001"
//! ```

use std::collections::BTreeMap;
use std::path::Path;

use mingjian_model::schema::{TABLES, Table, table};
use toml::Value;

use super::cell::{Rounding, is_format};
use super::columns::{Builder, Reading};
use super::encoding::Encoding;
use super::error::ImportError;
use super::headers::{Wishes, nearest, normal};

/// An import profile, checked: every key is known, every column exists.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Profile {
    pub(crate) encoding: Option<Encoding>,
    pub(crate) delimiter: Option<u8>,
    pub(crate) date_formats: Vec<String>,
    pub(crate) rounding: Rounding,
    tables: BTreeMap<String, Described>,
    /// Of the text: the same file under another profile is another import.
    pub(crate) fingerprint: String,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Described {
    files: Vec<String>,
    wishes: Wishes,
}

const KEYS: [&str; 4] = ["encoding", "delimiter", "date_formats", "round"];
const TABLE_KEYS: [&str; 3] = ["files", "columns", "constants"];

impl Profile {
    /// Reads a profile file.
    pub fn load(path: &Path) -> Result<Profile, ImportError> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|source| ImportError::read(&file, source))?;
        Profile::parse(&text).map_err(|message| ImportError::Profile { file, message })
    }

    /// Parses a profile. Errors say what is wrong, what is allowed and what may have been meant.
    pub fn parse(text: &str) -> Result<Profile, String> {
        let root: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let hint = if error.message().contains("unquoted key") {
                "（中文名字要写在引号里：\"明细序号\" = \"bkkp_sn\"）"
            } else {
                ""
            };
            format!("不是合法的 TOML{hint}：{}", error.to_string().trim_end())
        })?;
        let mut profile = Profile::default();
        if !root.is_empty() {
            profile.fingerprint = blake3::hash(text.as_bytes()).to_hex().to_string();
        }
        for (key, value) in &root {
            match key.as_str() {
                "encoding" => profile.encoding = Some(encoding(text_of(key, value)?)?),
                "delimiter" => profile.delimiter = Some(delimiter(text_of(key, value)?)?),
                "date_formats" => profile.date_formats = date_formats(key, value)?,
                "round" if value.as_bool() == Some(true) => profile.rounding = Rounding::Round,
                "round" if value.as_bool() == Some(false) => {}
                "round" => return Err("round 应为 true 或 false".to_owned()),
                name => {
                    let Some(table) = table(name) else { return Err(unknown_key(name)) };
                    profile.tables.insert(name.to_owned(), described(table, value)?);
                }
            }
        }
        Ok(profile)
    }

    pub(crate) fn wishes(&self, table: &str) -> Option<&Wishes> {
        self.tables.get(table).map(|described| &described.wishes)
    }

    /// The table whose file patterns fit a name.
    pub(crate) fn table_of(&self, name: &str) -> Option<&'static Table> {
        let fits = |described: &&Described| described.files.iter().any(|pattern| matches(pattern, name));
        self.tables.iter().find(|(_, described)| fits(described)).and_then(|(name, _)| table(name))
    }
}

fn unknown_key(name: &str) -> String {
    let known = KEYS.into_iter().chain(TABLES.iter().map(|table| table.name));
    let meant = nearest(name, known).map(|near| format!("，是不是 {near}？")).unwrap_or_else(|| "。".to_owned());
    format!("不认识的键 {name}{meant}这里可以写 {} 或国家表名（如 [fee_list_d]）", KEYS.join("、"))
}

fn text_of<'a>(key: &str, value: &'a Value) -> Result<&'a str, String> {
    value.as_str().ok_or_else(|| format!("{key} 应为文本（写在引号里）"))
}

fn texts_of(key: &str, value: &Value) -> Result<Vec<String>, String> {
    let texts = value.as_array().map(|items| items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>());
    texts.flatten().ok_or_else(|| format!("{key} 应为文本的列表，如 [\"…\"]"))
}

fn encoding(name: &str) -> Result<Encoding, String> {
    match normal(name).replace(['-', '_'], "").as_str() {
        "utf8" => Ok(Encoding::Utf8),
        "gb18030" | "gbk" | "gb2312" => Ok(Encoding::Gb18030),
        _ => Err(format!("encoding 写的是 {name}，可以写 utf-8、gbk 或 gb18030")),
    }
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text {
        "," | "\t" | ";" | "|" => Ok(text.as_bytes()[0]),
        _ => Err(format!("delimiter 写的是 {text:?}，可以写 \",\"、\"\\t\"、\";\" 或 \"|\"")),
    }
}

fn date_formats(key: &str, value: &Value) -> Result<Vec<String>, String> {
    let formats = texts_of(key, value)?;
    match formats.iter().find(|format| !is_format(format)) {
        Some(format) => Err(format!("date_formats 里的 {format:?} 读不懂：可用 %Y %y %m %d %H %M %S %b，且须有年份")),
        None => Ok(formats),
    }
}

fn described(table: &'static Table, value: &Value) -> Result<Described, String> {
    let Some(entries) = value.as_table() else { return Err(format!("{} 应为一节，写成 [{}.columns] 等", table.name, table.name)) };
    let mut described = Described::default();
    for (key, value) in entries {
        match key.as_str() {
            "files" => described.files = texts_of("files", value)?,
            "columns" => {
                for (source, column) in pairs(table, key, value)? {
                    known_column(table, key, &column)?;
                    described.wishes.columns.insert(normal(&source), column);
                }
            }
            "constants" => {
                for (column, text) in pairs(table, key, value)? {
                    known_column(table, key, &column)?;
                    fits(table, &column, &text)?;
                    described.wishes.constants.insert(column, text);
                }
            }
            other => {
                let meant =
                    nearest(other, TABLE_KEYS.into_iter()).map(|near| format!("，是不是 {near}？")).unwrap_or_else(|| "。".to_owned());
                return Err(format!("[{}] 里不认识的键 {other}{meant}可以写 {}", table.name, TABLE_KEYS.join("、")));
            }
        }
    }
    Ok(described)
}

fn pairs(table: &Table, key: &str, value: &Value) -> Result<Vec<(String, String)>, String> {
    let wrong = || format!("[{}.{key}] 的每一行应写成 名字 = \"文本\"", table.name);
    let entries = value.as_table().ok_or_else(wrong)?;
    entries.iter().map(|(name, text)| Ok((name.clone(), text.as_str().ok_or_else(wrong)?.to_owned()))).collect()
}

fn known_column(table: &Table, key: &str, column: &str) -> Result<(), String> {
    if table.column(column).is_some() {
        return Ok(());
    }
    let meant =
        nearest(column, table.columns.iter().map(|column| column.name)).map(|near| format!("，是不是 {near}？")).unwrap_or_default();
    Err(format!("[{}.{key}] 里的 {column} 不是 {}（{}）的国家字段{meant}", table.name, table.name, table.title))
}

/// A constant must be a value of its column, or every row would be set aside.
fn fits(table: &'static Table, column: &str, text: &str) -> Result<(), String> {
    let Some(column) = table.column(column) else { return Ok(()) };
    let mut found = None;
    Builder::new(column, &Reading::default(), 1).extend(std::iter::once(text.as_bytes()), |_, fault| found = Some(fault));
    found.map_or(Ok(()), |fault| Err(format!("[{}.constants] 的 {} = \"{text}\"：{}", table.name, column.name, fault.reason(Some(column)))))
}

/// `*` any characters, `?` one; case does not matter.
fn matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
    let name: Vec<char> = name.to_lowercase().chars().collect();
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || *c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => {
                let Some((at, taken)) = star else { return false };
                star = Some((at, taken + 1));
                (p, n) = (at + 1, taken + 1);
            }
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_above_reads() {
        let text = "encoding = 'GBK'\ndelimiter = \"\\t\"\ndate_formats = ['%d/%m/%Y %H:%M']\nround = true\n[fee_list_d]\nfiles = ['*收费明细*']\n\
                    [fee_list_d.columns]\n'明细序号' = 'bkkp_sn'\n[fee_list_d.constants]\nfixmedins_code = 'H33010000001'\n";
        let profile = Profile::parse(text).expect("reads");
        assert_eq!((profile.encoding, profile.delimiter, profile.rounding), (Some(Encoding::Gb18030), Some(b'\t'), Rounding::Round));
        assert_eq!(profile.table_of("2025收费明细.CSV").map(|table| table.name), Some("fee_list_d"));
        assert_eq!(profile.table_of("结算.csv"), None);
        let wishes = profile.wishes("fee_list_d").expect("there");
        assert_eq!(wishes.columns.get("明细序号").map(String::as_str), Some("bkkp_sn"));
    }

    #[test]
    fn mistakes_are_told_with_what_was_meant() {
        let cases = [
            (
                "fee_lst_d = 1",
                "不认识的键 fee_lst_d，是不是 fee_list_d？这里可以写 encoding、delimiter、date_formats、round 或国家表名（如 [fee_list_d]）",
            ),
            ("[fee_list_d]\ncolumn = {}", "[fee_list_d] 里不认识的键 column，是不是 columns？可以写 files、columns、constants"),
            (
                "[fee_list_d.columns]\nx = 'bkp_sn'",
                "[fee_list_d.columns] 里的 bkp_sn 不是 fee_list_d（费用明细）的国家字段，是不是 bkkp_sn？",
            ),
            (
                "[setl_d.constants]\nsetl_time = 'x'",
                "[setl_d.constants] 的 setl_time = \"x\"：认不出日期时间。请改成如 2025-03-05 09:00:00 的写法，或在导入对照文件的 date_formats 里写明格式",
            ),
            ("encoding = 'big5'", "encoding 写的是 big5，可以写 utf-8、gbk 或 gb18030"),
            ("delimiter = '::'", "delimiter 写的是 \"::\"，可以写 \",\"、\"\\t\"、\";\" 或 \"|\""),
            ("date_formats = ['%d/%m']", "date_formats 里的 \"%d/%m\" 读不懂：可用 %Y %y %m %d %H %M %S %b，且须有年份"),
            ("round = 1", "round 应为 true 或 false"),
        ];
        for (text, message) in cases {
            assert_eq!(Profile::parse(text), Err(message.to_owned()), "{text}");
        }
        assert!(Profile::parse("a = ").is_err_and(|message| message.starts_with("不是合法的 TOML：")));
        assert!(Profile::parse("甲 = 1").is_err_and(|message| message.starts_with("不是合法的 TOML（中文名字要写在引号里")));
    }
}
