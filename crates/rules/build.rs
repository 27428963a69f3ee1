//! Embeds the repository's `library/` folder: one constant list of path and text. An absent folder gives an empty list.

#![allow(clippy::disallowed_methods, reason = "cargo tells a build script its folders through the environment")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let crate_dir = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let library = crate_dir.join("../../library");
    println!("cargo:rerun-if-changed={}", library.display());
    println!("cargo:rerun-if-changed=build.rs");
    let mut files = Vec::new();
    for part in ["rules", "knowledge"] {
        walk(&library.join(part), &mut files)?;
    }
    files.sort();
    let mut code =
        String::from("/// Path below the library, and text.\nfn built_in_files() -> Vec<File> {\n    const FILES: &[(&str, &str)] = &[\n");
    for path in files {
        let name = path.strip_prefix(&library).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let whole = path.canonicalize()?;
        let _ = writeln!(code, "        ({name:?}, include_str!({:?})),", whole.display().to_string());
    }
    code.push_str("    ];\n    FILES.iter().map(|(path, text)| ((*path).to_string(), (*text).to_string())).collect()\n}\n");
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("built_in.rs"), code)
}

fn walk(dir: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !dir.is_dir() {
        return Ok(());
    }
    println!("cargo:rerun-if-changed={}", dir.display());
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else if path.extension().is_some_and(|ext| ext == "md" || ext == "csv") && String::from_utf8(fs::read(&path)?).is_ok() {
            println!("cargo:rerun-if-changed={}", path.display());
            files.push(path);
        }
    }
    Ok(())
}
