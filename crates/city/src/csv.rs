//! A folder of CSV files: one a table with the national header, UTF-8, and `truth.csv`.

use crate::{Block, Sink, TRUTH_COLUMNS};
use mingjian_model::schema::{TABLES, Table};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Writes every table into a file of its own. Files that stand there are replaced.
pub struct CsvFolder {
    folder: PathBuf,
    files: Mutex<Vec<(&'static str, BufWriter<File>)>>,
}

impl CsvFolder {
    /// Makes the folder and the files with their headers.
    pub fn create(folder: &Path) -> io::Result<CsvFolder> {
        fs::create_dir_all(folder)?;
        let mut files = Vec::new();
        for table in TABLES {
            let mut file = BufWriter::with_capacity(1 << 20, File::create(folder.join(format!("{}.csv", table.name)))?);
            file.write_all(header(table).as_bytes())?;
            files.push((table.name, file));
        }
        let mut truth = BufWriter::new(File::create(folder.join("truth.csv"))?);
        writeln!(truth, "{}", TRUTH_COLUMNS.join(","))?;
        files.push(("truth", truth));
        Ok(CsvFolder { folder: folder.to_path_buf(), files: Mutex::new(files) })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn append(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut files = self.files.lock().map_err(|_| io::Error::other("a writer of this folder has failed"))?;
        match files.iter_mut().find(|(file, _)| *file == name) {
            Some((_, file)) => file.write_all(bytes),
            None => Err(io::Error::other(format!("{name} is no national table"))),
        }
    }
}

fn header(table: &Table) -> String {
    let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    format!("{}\n", names.join(","))
}

impl Sink for CsvFolder {
    fn write(&self, block: Block<'_>) -> io::Result<()> {
        self.append(block.table.name, block.bytes)
    }

    fn truth(&self, bytes: &[u8]) -> io::Result<()> {
        self.append("truth", bytes)
    }

    fn finish(&self) -> io::Result<()> {
        let mut files = self.files.lock().map_err(|_| io::Error::other("a writer of this folder has failed"))?;
        files.iter_mut().try_for_each(|(_, file)| file.flush())
    }
}
