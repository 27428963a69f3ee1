//! 来源: what the user named becomes a list of files to read.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use mingjian_model::day::{MICROS_PER_HOUR, Moment};

use super::error::ImportError;
use super::report::LeftOut;

/// What the user names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file, or a folder of which every file is taken that can be read.
    Path(PathBuf),
    /// `postgresql://user:password@host:port/database`.
    Postgres(String),
}

impl Source {
    /// Tells a connection string from a path.
    pub fn parse(text: &Path) -> Source {
        match text.to_str() {
            Some(url) if url.starts_with("postgresql://") || url.starts_with("postgres://") => Source::Postgres(url.to_owned()),
            _ => Source::Path(text.to_path_buf()),
        }
    }
}

/// What a file is, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Text,
    Gzip,
    Zip,
    Workbook,
    Parquet,
}

/// A file to read.
#[derive(Debug, Clone)]
pub(crate) struct SourceFile {
    pub path: PathBuf,
    /// As the user named it, or the folder and the way from there.
    pub label: String,
    pub form: Form,
    /// The user named the file itself: it must be readable.
    pub named: bool,
    pub size: u64,
    pub modified: Option<Moment>,
}

/// The form of a file by the end of its name; `None` for what is no data.
pub(crate) fn form_of(name: &str) -> Option<Form> {
    let name = name.to_lowercase();
    let (_, end) = name.rsplit_once('.')?;
    match end {
        "csv" | "txt" | "tsv" | "dat" => Some(Form::Text),
        "gz" => Some(Form::Gzip),
        "zip" => Some(Form::Zip),
        "xlsx" | "xlsm" | "xls" | "xlsb" | "ods" => Some(Form::Workbook),
        "parquet" => Some(Form::Parquet),
        _ => None,
    }
}

/// The files behind the paths, each once, in the order of the names; files of a folder that are no data are named in `left_out`.
pub(crate) fn files_of(paths: &[&Path], left_out: &mut Vec<LeftOut>) -> Result<Vec<SourceFile>, ImportError> {
    let mut files: Vec<SourceFile> = Vec::new();
    for path in paths {
        let meta = fs::metadata(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => ImportError::NotFound { path: path.to_path_buf() },
            _ => ImportError::read(path.display(), error),
        })?;
        if meta.is_dir() {
            let before = files.len();
            walk(path, &mut Vec::new(), &mut files, left_out)?;
            if files.len() == before {
                return Err(ImportError::EmptyFolder { path: path.to_path_buf() });
            }
        } else if !meta.is_file() {
            // Opening a pipe would wait for ever.
            return Err(ImportError::NotAFile { path: path.to_path_buf() });
        } else {
            let label = path.display().to_string();
            let form = form_of(&label).ok_or_else(|| ImportError::UnknownForm { file: label.clone() })?;
            files.push(file(path, label, form, true, &meta));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    files.retain(|file| seen.insert(fs::canonicalize(&file.path).unwrap_or_else(|_| file.path.clone())));
    Ok(files)
}

/// Takes the files of a folder and of those in it; `above` are the folders on the way, so that links do not lead in a circle.
fn walk(folder: &Path, above: &mut Vec<PathBuf>, files: &mut Vec<SourceFile>, left_out: &mut Vec<LeftOut>) -> Result<(), ImportError> {
    let failed = |error| ImportError::read(folder.display(), error);
    let left = |path: &Path, reason: &str| LeftOut { file: path.display().to_string(), reason: reason.to_owned() };
    let own = fs::canonicalize(folder).map_err(failed)?;
    if above.contains(&own) {
        left_out.push(left(folder, "链接指回了上级目录"));
        return Ok(());
    }
    above.push(own);
    let mut entries = fs::read_dir(folder).map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        // Hidden files, and what Excel and Spark leave behind.
        if name.starts_with(['.', '_', '~']) {
            continue;
        }
        let meta = match fs::metadata(&path) {
            Ok(meta) => meta,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                left_out.push(left(&path, "链接指向的文件不存在"));
                continue;
            }
            Err(error) => return Err(ImportError::read(path.display(), error)),
        };
        match form_of(&name) {
            _ if meta.is_dir() => walk(&path, above, files, left_out)?,
            _ if !meta.is_file() => left_out.push(left(&path, "不是普通文件")),
            Some(form) => files.push(file(&path, path.display().to_string(), form, false, &meta)),
            None => left_out.push(left(&path, "不是可导入的文件")),
        }
    }
    above.pop();
    Ok(())
}

fn file(path: &Path, label: String, form: Form, named: bool, meta: &fs::Metadata) -> SourceFile {
    let modified = meta.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    // Local Chinese time, as all moments here.
    let modified = modified.map(|since| since.as_micros() as Moment / 1_000_000 * 1_000_000 + 8 * MICROS_PER_HOUR);
    SourceFile { path: path.to_path_buf(), label, form, named, size: meta.len(), modified }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_by_name() {
        assert_eq!(form_of("a.b.CSV"), Some(Form::Text));
        assert_eq!(form_of("a.csv.gz"), Some(Form::Gzip));
        assert_eq!(form_of("说明.docx"), None);
        assert_eq!(form_of("csv"), None);
        assert_eq!(Source::parse(Path::new("postgresql://a@b/c")), Source::Postgres("postgresql://a@b/c".to_owned()));
    }
}
