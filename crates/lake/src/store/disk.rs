//! Small steps on the disk, each durable when it returns and each failing with the file it concerns.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::LakeError;

/// The step of [`make_dir`], by its name.
pub(crate) const MAKE_DIR: &str = "建目录";

/// Makes a folder and its parents, for their owner alone: names and certificates lie in the files, unsealed. Folders that are there keep what
/// their operator set.
pub(crate) fn make_dir(path: &Path) -> Result<(), LakeError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|e| LakeError::io(path, MAKE_DIR, e))
}

/// Makes what stands in a folder durable: new names, renames.
pub(crate) fn sync_dir(path: &Path) -> Result<(), LakeError> {
    File::open(path).and_then(|dir| dir.sync_all()).map_err(|e| LakeError::io(path, "落盘目录", e))
}

/// Makes a file durable that somebody else wrote.
pub(crate) fn sync_file(path: &Path) -> Result<(), LakeError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(|e| LakeError::io(path, "落盘文件", e))
}

/// Writes a file whole or not at all: a temporary neighbour, made durable, then renamed over the name.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), LakeError> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let temporary = path.with_file_name(format!(".{name}.tmp"));
    let step = "写文件";
    let written = File::create(&temporary).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    if let Err(error) = written {
        // What is left of the temporary file says nothing; whether it could be removed changes nothing either.
        let _ = fs::remove_file(&temporary);
        return Err(LakeError::io(path, step, error));
    }
    fs::rename(&temporary, path).map_err(|e| LakeError::io(path, "改名文件", e))?;
    match path.parent() {
        Some(parent) => sync_dir(parent),
        None => Ok(()),
    }
}

/// The entries of a folder with their names, sorted; none when the folder is not there.
pub(crate) fn list(path: &Path) -> Result<Vec<(String, PathBuf)>, LakeError> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(LakeError::io(path, "列目录", error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|e| LakeError::io(path, "列目录", e))?;
        found.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
    }
    found.sort();
    Ok(found)
}

/// Removes a file; one that is not there is as good as removed.
pub(crate) fn remove_file(path: &Path) -> Result<(), LakeError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(LakeError::io(path, "删除文件", error)),
        _ => Ok(()),
    }
}

/// Removes a folder and all in it; one that is not there is as good as removed.
pub(crate) fn remove_dir(path: &Path) -> Result<(), LakeError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(LakeError::io(path, "删除目录", error)),
        _ => Ok(()),
    }
}
