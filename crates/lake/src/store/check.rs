//! 核查: whether a version is whole — every file there and readable, rows counted, sorted, keys unique.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use arrow::array::{Array, AsArray, StringArray};
use mingjian_model::schema::{self, Table};

use super::delta::LiveFile;
use super::hash::{Identity, bucket_of};
use super::order::{Tie, moments};
use super::rows::Rows;
use super::run::Run;
use super::shape::order_of;
use super::snapshot::Snapshot;
use super::{Lake, LakeError, record};

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The table; empty for a version record.
    pub table: String,
    pub path: PathBuf,
    pub what: String,
}

impl Problem {
    /// What an error says about a path, without the path.
    fn of(table: &str, path: PathBuf, error: &LakeError) -> Problem {
        let text = error.to_string();
        let what = text.strip_prefix(&format!("{}：", path.display())).unwrap_or(&text).to_owned();
        Problem { table: table.to_owned(), path, what }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}：{}", self.path.display(), self.what)
    }
}

/// The outcome of a check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckReport {
    pub version: u64,
    pub tables: usize,
    pub files: usize,
    pub rows: u64,
    pub problems: Vec<Problem>,
}

impl Lake {
    /// Checks a version (the newest unless told) and all version records. Reads every column of every file.
    ///
    /// Errors only when the version itself cannot be opened; what is wrong inside it is in the report.
    pub fn check(&self, as_of: Option<u64>) -> Result<CheckReport, LakeError> {
        let snapshot = self.snapshot(as_of)?;
        let mut report = CheckReport { version: snapshot.version(), ..CheckReport::default() };
        let dir = self.versions_dir();
        for version in record::versions(&dir)? {
            if let Err(error) = record::read(&dir, version) {
                report.problems.push(Problem::of("", dir.join(format!("{version:08}.json")), &error));
            }
        }
        for (table, recorded) in &snapshot.record().tables {
            report.tables += 1;
            let files = snapshot.files(table);
            let rows: u64 = files.iter().map(|file| file.rows).sum();
            if (rows, files.len() as u64) != (recorded.rows, recorded.files) {
                let what = format!(
                    "版本记录写的是 {} 个文件 {} 行，Delta 日志里是 {} 个文件 {rows} 行",
                    recorded.files,
                    recorded.rows,
                    files.len()
                );
                report.problems.push(Problem { table: table.clone(), path: self.root().join(table), what });
            }
            self.check_table(&snapshot, table, &mut report);
        }
        Ok(report)
    }

    fn check_table(&self, snapshot: &Snapshot, table: &str, report: &mut CheckReport) {
        let mut whole: HashMap<Option<u32>, Vec<PathBuf>> = HashMap::new();
        for file in snapshot.live(table) {
            report.files += 1;
            let path = snapshot.path(table, file);
            match check_file(file, &path) {
                Ok(rows) => {
                    report.rows += rows;
                    whole.entry(file.bucket).or_default().push(path);
                }
                Err(error) => report.problems.push(Problem::of(table, path, &error)),
            }
        }
        let Some(table) = schema::table(table) else { return };
        let mut buckets: Vec<_> = whole.into_iter().collect();
        buckets.sort();
        for (bucket, paths) in buckets {
            let place = paths.first().cloned().unwrap_or_default();
            let found = paths
                .iter()
                .try_for_each(|path| check_run(table, bucket, snapshot.buckets(), path))
                .and_then(|()| check_keys(table, &paths));
            if let Err(error) = found {
                report.problems.push(match error {
                    Found::Wrong(path, what) => Problem { table: table.name.to_owned(), path, what },
                    Found::Unread(error) => Problem::of(table.name, place, &error),
                });
            }
        }
    }
}

enum Found {
    Wrong(PathBuf, String),
    Unread(LakeError),
}

impl From<LakeError> for Found {
    fn from(error: LakeError) -> Found {
        Found::Unread(error)
    }
}

impl LiveFile {
    /// Size, and the last eight bytes: the length of the footer and the mark.
    pub(crate) fn probe(&self, path: &Path) -> Result<(), LakeError> {
        let mut end = [0u8; 8];
        let read = File::open(path).and_then(|file| {
            let size = file.metadata()?.len();
            if size == self.bytes && size >= 12 {
                file.read_exact_at(&mut end, size - 8)?;
            }
            Ok(size)
        });
        let size = read.map_err(|e| LakeError::io(path, "读数据文件", e))?;
        let [a, b, c, d, mark @ ..] = end;
        let footer = u64::from(u32::from_le_bytes([a, b, c, d]));
        match () {
            () if size != self.bytes => Err(LakeError::corrupt(path, format!("写入时 {} 字节，现在 {size} 字节", self.bytes))),
            () if mark != *b"PAR1" || footer + 12 > size => Err(LakeError::corrupt(path, "文件尾被改动")),
            () => Ok(()),
        }
    }

    /// Whether the file is there and its content is what was written, as far as the log tells.
    pub(crate) fn verify(&self, path: &Path) -> Result<(), LakeError> {
        let mut hasher = blake3::Hasher::new();
        let read = File::open(path).and_then(|file| hasher.update_reader(file).map(|_| ()));
        read.map_err(|e| LakeError::io(path, "读数据文件", e))?;
        match &self.blake3 {
            Some(expected) if hasher.finalize().to_hex().as_str() != expected => {
                Err(LakeError::corrupt(path, "内容的 BLAKE3 与写入时不符"))
            }
            _ => Ok(()),
        }
    }
}

/// Hash, footer, row count and every page.
fn check_file(file: &LiveFile, path: &Path) -> Result<u64, LakeError> {
    file.verify(path)?;
    let run = Run::open(path, false)?;
    if run.rows() as u64 != file.rows {
        return Err(LakeError::corrupt(path, format!("应有 {} 行，文件里是 {} 行", file.rows, run.rows())));
    }
    let schema = run.schema().clone();
    for field in schema.fields() {
        run.batches(&[field.name().as_str()])?;
    }
    Ok(file.rows)
}

/// The order of one run, its row groups, its bucket.
fn check_run(table: &'static Table, bucket: Option<u32>, buckets: u32, path: &PathBuf) -> Result<(), Found> {
    let order = order_of(table);
    let (Some(group), Some(bucket)) = (order.group, bucket) else { return Ok(()) };
    let wrong = |what: String| Err(Found::Wrong(path.clone(), what));
    let run = Run::open(path, false)?;
    let name = |index: usize| table.columns[index].name;
    let mut names = vec![name(group)];
    names.extend(order.visit.map(name));
    let mut last: Option<String> = None;
    for batch in run.batches(&names)? {
        let column = |name: &str| batch.column_by_name(name).map(|array| array.as_string::<i32>());
        let Some(persons) = column(names[0]) else { return wrong(format!("缺少字段 {}", names[0])) };
        if order.cut && last.as_deref().is_some_and(|last| !persons.is_empty() && persons.value(0) == last) {
            return wrong(format!("{} {} 的行跨了两个行组", names[0], persons.value(0)));
        }
        for row in 0..persons.len() {
            let person = persons.value(row);
            let before = if row == 0 { last.as_deref().unwrap_or("") } else { persons.value(row - 1) };
            if person < before {
                return wrong(format!("没有按 {} 排序：{person} 排在 {before} 之后", names[0]));
            }
            if person != before && bucket_of(person.as_bytes(), buckets) != bucket {
                return wrong(format!("{} {person} 不属于这个分桶", names[0]));
            }
        }
        if let Some(visits) = names.get(1).and_then(|name| column(name)) {
            check_visits(persons, visits).or_else(wrong)?;
        }
        last = persons.iter().last().flatten().map(str::to_owned);
    }
    check_times(table, path)
}

/// Rows of one visit (of one person where there are no visits) follow time, then key.
fn check_times(table: &'static Table, path: &PathBuf) -> Result<(), Found> {
    let order = order_of(table);
    let (Some(group), Some(time)) = (order.visit.or(order.group), order.time) else { return Ok(()) };
    let rows = Rows::stored(table, std::slice::from_ref(path))?;
    let (groups, times) = (rows.load(group)?, moments(&rows.load(time)?));
    let groups = groups.as_string::<i32>();
    let ties: Vec<Tie> = order
        .ties
        .iter()
        .filter_map(|name| table.column_index(name))
        .map(|index| rows.load(index).map(Tie::of))
        .collect::<Result<_, _>>()?;
    let before = |row: usize| {
        let tie = || ties.iter().map(|tie| tie.compare(row - 1, row)).find(|ordering| ordering.is_ne()).unwrap_or(Ordering::Equal);
        times[row - 1].cmp(&times[row]).then_with(tie)
    };
    match (1..rows.len()).find(|row| groups.value(row - 1) == groups.value(*row) && before(*row).is_gt()) {
        Some(row) => Err(Found::Wrong(path.clone(), format!("第 {} 行没有按时间和主键排序", row + 1))),
        None => Ok(()),
    }
}

/// A visit's lines lie together.
fn check_visits(persons: &StringArray, visits: &StringArray) -> Result<(), String> {
    let mut seen: Vec<&str> = Vec::new();
    for row in 0..visits.len() {
        let visit = visits.value(row);
        if row > 0 && persons.value(row) != persons.value(row - 1) {
            seen.clear();
        } else if row > 0 && visit == visits.value(row - 1) {
            continue;
        }
        if seen.contains(&visit) {
            return Err(format!("就诊 {visit} 的行没有排在一起"));
        }
        seen.push(visit);
    }
    Ok(())
}

/// No two live rows of a bucket share a key.
fn check_keys(table: &'static Table, paths: &[PathBuf]) -> Result<(), Found> {
    let rows = Rows::stored(table, paths)?;
    let columns: Vec<usize> = if table.key.is_empty() {
        (0..table.columns.len()).collect()
    } else {
        table.key.iter().filter_map(|n| table.column_index(n)).collect()
    };
    let mut identities: Vec<Identity> = rows.identities(columns)?;
    identities.sort_unstable();
    let twice = identities.windows(2).filter(|pair| pair[0] == pair[1]).count();
    if twice > 0 {
        let path = paths.first().cloned().unwrap_or_default();
        return Err(Found::Wrong(path, format!("本分桶有 {twice} 行与别的行主键相同")));
    }
    Ok(())
}
