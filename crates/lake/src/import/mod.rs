//! 导入: from files, folders and databases to typed rows of the national tables.
//!
//! ```text
//! source.rs    what the user named becomes files
//! open.rs      every file is looked into: form, encoding, header, table (headers.rs, profile.rs)
//! read.rs      readers cut, workers type: csv.rs, workbook.rs, parquet.rs, postgres.rs
//! columns.rs   cells become Arrow columns (cell.rs reads one cell); rows.rs takes the rows at fault out (aside.rs)
//! quality.rs   the quality report per institution, over the rows as they will stand, in the same version
//! ```
//!
//! True of it: every row of a source lands, is set aside with its reason, or is counted as blank or as a repeated header; how a file
//! is cut into blocks and on how many threads changes nothing; memory does not grow with the input.

mod aside;
mod cell;
mod columns;
mod csv;
mod encoding;
mod error;
mod headers;
mod open;
mod parquet;
mod plan;
mod postgres;
mod profile;
mod progress;
pub mod quality;
mod read;
mod report;
mod rows;
mod source;
mod streams;
mod workbook;

use std::collections::BTreeMap;
use std::path::Path;

pub use error::ImportError;
pub use profile::Profile;
pub use progress::{ImportProgress, ImportState, Stage};
pub use report::{FileOutcome, FileReport, ImportReport, LeftOut, PartReport, ReadReport};
pub use source::Source;

use crate::block::{Rejected, TypedBlock};
use crate::store::{CommitOptions, ImportTxn, Lake, LakeError, SourceRecord};
use open::{Opened, Part};
use read::{ReadFile, Reading};

/// Bytes of text one worker types at a time.
const BLOCK_BYTES: usize = 8 << 20;

/// How to import.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    pub profile: Profile,
    /// Threads that type rows; 0: one a core.
    pub threads: usize,
    /// Reads files again that were imported before with the same content.
    pub again: bool,
    /// Bytes of text in a block; 0: the default. Changes no result.
    pub block_bytes: usize,
}

impl ImportOptions {
    fn threads(&self) -> usize {
        if self.threads == 0 { std::thread::available_parallelism().map_or(1, usize::from) } else { self.threads }
    }
}

/// Takes typed rows and rows set aside, from any number of threads.
pub trait BlockSink: Sync {
    fn append(&self, block: TypedBlock) -> Result<(), LakeError>;
    fn reject(&self, rows: Vec<Rejected>) -> Result<(), LakeError>;
}

impl BlockSink for ImportTxn {
    fn append(&self, block: TypedBlock) -> Result<(), LakeError> {
        ImportTxn::append(self, block)
    }

    fn reject(&self, rows: Vec<Rejected>) -> Result<(), LakeError> {
        ImportTxn::reject(self, rows)
    }
}

/// Imports sources as one version of the lake. A file whose content was imported before is left out and reported as unchanged.
///
/// Errors leave the lake as it was. Rows that cannot land are no error: they are in the lake's table of rows set aside.
pub fn import(
    lake: &Lake,
    sources: &[Source],
    options: &ImportOptions,
    progress: &dyn ImportProgress,
) -> Result<ImportReport, ImportError> {
    let known = if options.again { BTreeMap::new() } else { known_files(lake)? };
    let look = Look::at(sources, options, &known)?;
    if look.parts.is_empty() {
        // An import that died behind its commit is run again, and has nothing left to do but this.
        lake.tidy()?;
        let version = lake.snapshot(None)?.version();
        return Ok(ImportReport { version, changed: false, tables: BTreeMap::new(), rejected: 0, read: look.report(None) });
    }
    let transaction = lake.begin_import()?;
    let read = look.read(options, progress, &transaction)?;
    let report = look.report(Some(&read));
    let storing = report.state(Stage::Storing);
    progress.advanced(&storing);
    let commit = CommitOptions {
        progress: &|done, steps| progress.advanced(&ImportState { steps_done: done as u64, steps: steps as u64, ..storing }),
        report: &|snapshot| {
            progress.advanced(&report.state(Stage::Checking));
            Ok(vec![quality::table(snapshot, options.threads())?])
        },
    };
    let outcome = transaction.commit_with(report.sources.clone(), commit)?;
    Ok(ImportReport {
        version: outcome.version,
        changed: outcome.changed,
        tables: outcome.tables,
        rejected: outcome.rejected,
        read: report,
    })
}

/// Reads sources into any sink, without a lake: to check files, to test.
pub fn read(
    sources: &[Source],
    options: &ImportOptions,
    progress: &dyn ImportProgress,
    sink: &dyn BlockSink,
) -> Result<ReadReport, ImportError> {
    let look = Look::at(sources, options, &BTreeMap::new())?;
    let read = look.read(options, progress, sink)?;
    Ok(look.report(Some(&read)))
}

/// Hashes of the files imported so far, by size.
type Known = BTreeMap<u64, Vec<String>>;

fn known_files(lake: &Lake) -> Result<Known, LakeError> {
    let mut known = Known::new();
    for source in lake.history()?.into_iter().flat_map(|record| record.sources).filter(|source| !source.blake3.is_empty()) {
        known.entry(source.size).or_default().push(source.blake3);
    }
    Ok(known)
}

/// What was found before anything is read.
struct Look {
    files: Vec<ReadFile>,
    reports: Vec<FileReport>,
    parts: Vec<Part>,
    left_out: Vec<LeftOut>,
    fingerprint: String,
}

impl Look {
    fn at(sources: &[Source], options: &ImportOptions, known: &Known) -> Result<Look, ImportError> {
        let mut look = Look {
            files: Vec::new(),
            reports: Vec::new(),
            parts: Vec::new(),
            left_out: Vec::new(),
            fingerprint: options.profile.fingerprint.clone(),
        };
        let mut errors = Vec::new();
        let paths: Vec<&Path> =
            sources.iter().filter_map(|source| if let Source::Path(path) = source { Some(path.as_path()) } else { None }).collect();
        for file in source::files_of(&paths, &mut look.left_out)? {
            if let Err(error) = look.file(&file, options, known) {
                errors.push(error);
            }
        }
        for source in sources {
            if let Source::Postgres(url) = source
                && let Err(error) = look.database(url, &options.profile)
            {
                errors.push(error);
            }
        }
        match errors.len() {
            0 => Ok(look),
            1 => Err(errors.remove(0)),
            _ => Err(ImportError::Several(errors)),
        }
    }

    fn file(&mut self, file: &source::SourceFile, options: &ImportOptions, known: &Known) -> Result<(), ImportError> {
        let number = self.files.len();
        let mut report = FileReport::of(file);
        let mut hash = None;
        if let Some(hashes) = known.get(&file.size) {
            let content = open::hash(&file.path).map_err(|error| ImportError::read(&file.label, error))?;
            if hashes.contains(&self.sealed(&content)) {
                report.outcome = FileOutcome::Unchanged;
            }
            hash = Some(content);
        }
        if report.outcome == FileOutcome::Read {
            let Opened { parts, left_out } = open::open(file, number, &options.profile)?;
            let streamed = parts.len() == 1
                && matches!(&parts[0].body, open::Body::Text { packing, .. } if !matches!(packing, streams::Packing::Member(_)));
            if hash.is_none() && !parts.is_empty() && !streamed {
                hash = Some(open::hash(&file.path).map_err(|error| ImportError::read(&file.label, error))?);
            }
            if parts.is_empty() {
                report.outcome = FileOutcome::LeftOut;
            }
            self.left_out.extend(left_out.into_iter().map(|(file, reason)| LeftOut { file, reason }));
            self.parts.extend(parts);
        }
        let size = if report.outcome == FileOutcome::Read { file.size } else { 0 };
        self.files.push(ReadFile { path: file.path.clone(), size, database: None, hash });
        self.reports.push(report);
        Ok(())
    }

    fn database(&mut self, url: &str, profile: &Profile) -> Result<(), ImportError> {
        let opened = postgres::open(url, self.files.len(), profile)?;
        self.parts.extend(opened.parts);
        self.files.push(ReadFile { path: url.into(), size: 0, database: Some(url.to_owned()), hash: Some(String::new()) });
        self.reports.push(FileReport::of_database(postgres::shown(url)));
        Ok(())
    }

    fn read(&self, options: &ImportOptions, progress: &dyn ImportProgress, sink: &dyn BlockSink) -> Result<read::Done, ImportError> {
        let block_bytes = if options.block_bytes == 0 { BLOCK_BYTES } else { options.block_bytes };
        Reading::new(&self.files, &self.parts, sink, progress, block_bytes).run(options.threads())
    }

    /// The hash a file is known by: of its content, and of the profile it was read with.
    fn sealed(&self, content: &str) -> String {
        if self.fingerprint.is_empty() || content.is_empty() {
            return content.to_owned();
        }
        blake3::hash(format!("{content}{}", self.fingerprint).as_bytes()).to_hex().to_string()
    }

    fn report(&self, read: Option<&read::Done>) -> ReadReport {
        let mut files = self.reports.clone();
        if let Some(read) = read {
            for (number, (part, counts)) in self.parts.iter().zip(&read.counts).enumerate() {
                let file = &mut files[part.file];
                file.cut_off |= read.cut_off.contains(&number);
                file.parts.push(PartReport::of(part, *counts));
            }
        }
        let mut sources = Vec::new();
        for (number, file) in files.iter().enumerate().filter(|(_, file)| file.outcome == FileOutcome::Read) {
            let hash = read.and_then(|read| read.hashes[number].clone()).unwrap_or_default();
            let rows = file.parts.iter().map(|part| part.rows + part.rejected).sum();
            sources.push(SourceRecord {
                file: file.file.clone(),
                blake3: self.sealed(&hash),
                size: file.size,
                rows,
                modified: file.modified,
            });
        }
        ReadReport { files, left_out: self.left_out.clone(), sources }
    }
}
