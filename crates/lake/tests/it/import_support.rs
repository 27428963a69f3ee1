//! Files made for a test, and a sink that keeps what it gets.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use arrow::util::display::{ArrayFormatter, FormatOptions};
use mingjian_lake::import::{self, BlockSink, ImportError, ImportOptions, Profile, ReadReport, Source};
use mingjian_lake::{LakeError, Rejected, TypedBlock};

/// Keeps blocks and rejected rows.
#[derive(Default)]
pub struct Collected {
    blocks: Mutex<Vec<TypedBlock>>,
    rejected: Mutex<Vec<Rejected>>,
}

impl BlockSink for Collected {
    fn append(&self, block: TypedBlock) -> Result<(), LakeError> {
        self.blocks.lock().expect("no panic").push(block);
        Ok(())
    }

    fn reject(&self, rows: Vec<Rejected>) -> Result<(), LakeError> {
        self.rejected.lock().expect("no panic").extend(rows);
        Ok(())
    }
}

impl Collected {
    /// Landed rows as `table#row@line: column=value …`, nulls left out, in the order of the sources.
    pub fn rows(&self) -> Vec<String> {
        let blocks = self.blocks.lock().expect("no panic");
        let mut rows = Vec::new();
        for block in blocks.iter() {
            let options = FormatOptions::default();
            let schema = block.batch.schema();
            let formatters: Vec<_> =
                block.batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options).expect("shown")).collect();
            for row in 0..block.batch.num_rows() {
                let cells: Vec<String> = formatters
                    .iter()
                    .enumerate()
                    .filter(|(column, _)| block.batch.column(*column).is_valid(row))
                    .map(|(column, formatter)| format!("{}={}", schema.field(column).name(), formatter.value(row)))
                    .collect();
                let line = block.origin.lines.get(row).map(|line| format!("@{line}")).unwrap_or_default();
                let number = block.origin.rows[row];
                rows.push((block.origin.file.clone(), number, format!("{}#{number}{line}: {}", block.table.name, cells.join(" "))));
            }
        }
        rows.sort();
        rows.into_iter().map(|(_, _, text)| text).collect()
    }

    /// Rejected rows as `row@line column=value: reason`.
    pub fn rejected(&self) -> Vec<String> {
        let mut rejected = self.rejected.lock().expect("no panic").clone();
        rejected.sort();
        let line = |row: &Rejected| row.line.map(|line| format!("@{line}")).unwrap_or_default();
        rejected.iter().map(|row| format!("{}{} {}={}: {}", row.row, line(row), row.column, row.value, row.reason)).collect()
    }
}

/// A folder of files that goes away.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Folder {
        Folder(tempfile::tempdir().expect("a folder"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        std::fs::write(&path, bytes).expect("written");
        path
    }

    /// A message without the way to this folder.
    pub fn without_path(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.0.path().display()), "")
    }
}

pub fn options(profile: &str) -> ImportOptions {
    ImportOptions { profile: Profile::parse(profile).expect("a profile"), threads: 2, ..ImportOptions::default() }
}

/// Reads a path with a profile.
pub fn read_with(path: &Path, options: &ImportOptions) -> Result<(Collected, ReadReport), ImportError> {
    let sink = Collected::default();
    let report = import::read(&[Source::Path(path.to_path_buf())], options, &(), &sink)?;
    Ok((sink, report))
}

pub fn read(path: &Path) -> Result<(Collected, ReadReport), ImportError> {
    read_with(path, &options(""))
}
