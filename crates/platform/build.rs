//! Embeds the built browser application, where there is one.
//!
//! `web/dist` is made by npm, which this build never calls. Without it the table is empty and the server shows a page that tells how to build
//! it, so that `cargo test` needs no Node.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../../web/dist");
    // Cargo watches a folder that is there; one that is not would make every build start anew.
    let _ = fs::create_dir_all(&root);
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    walk(&root, &mut files)?;
    files.sort();
    let mut table = String::from("pub static FILES: &[Embedded] = &[\n");
    for file in &files {
        let name = file.strip_prefix(&root).unwrap_or(file).to_string_lossy().replace('\\', "/");
        let packed = name.ends_with(".br") || name.ends_with(".gz");
        // Source maps tell nothing a user needs; packed twins stand beside their file.
        if name.ends_with(".map") || packed && files.iter().any(|other| **other == file.with_extension("")) {
            continue;
        }
        let twin = |ending: &str| {
            let twin = PathBuf::from(format!("{}.{ending}", file.display()));
            if twin.is_file() { format!("Some(include_bytes!({:?}))", twin.display().to_string()) } else { "None".to_owned() }
        };
        let _ = writeln!(
            table,
            "    Embedded {{ path: {name:?}, plain: include_bytes!({:?}), br: {}, gz: {} }},",
            file.display().to_string(),
            twin("br"),
            twin("gz"),
        );
    }
    table.push_str("];\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("web.rs");
    if fs::read_to_string(&out).ok().as_deref() != Some(&table) {
        fs::write(out, table)?;
    }
    Ok(())
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
