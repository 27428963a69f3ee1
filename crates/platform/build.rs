//! Embeds the built browser application, where there is one.
//!
//! `web/dist` is made by npm, which this build never calls. Without it the table is empty and the server shows a page that tells how to build
//! it, so that `cargo test` needs no Node.

#![expect(clippy::disallowed_methods, reason = "cargo tells a build script by the environment where to read and write")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../../web/dist");
    // Cargo watches a folder that is there; one that is not would make every build start anew.
    let _ = fs::create_dir(&root);
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    walk(&root, &mut files)?;
    files.sort();
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    // The compiler reads copies: a build of the pages that runs meanwhile does not take files from under it.
    let copies = out.join("web");
    let _ = fs::remove_dir_all(&copies);
    fs::create_dir_all(&copies)?;
    let mut number = 0;
    let mut copy = |file: &Path| {
        number += 1;
        let to = copies.join(number.to_string());
        fs::copy(file, &to).ok().map(|_| format!("include_bytes!({:?})", to.display().to_string()))
    };
    let mut table = String::from("pub static FILES: &[Embedded] = &[\n");
    for file in &files {
        let name = file.strip_prefix(&root).unwrap_or(file).to_string_lossy().replace('\\', "/");
        let packed = name.ends_with(".br") || name.ends_with(".gz");
        // Source maps tell nothing a user needs; packed twins stand beside their file.
        if name.ends_with(".map") || packed && files.iter().any(|other| **other == file.with_extension("")) {
            continue;
        }
        let Some(plain) = copy(file) else { continue };
        let mut twin = |ending: &str| {
            let twin = copy(&PathBuf::from(format!("{}.{ending}", file.display())));
            twin.map_or_else(|| "None".to_owned(), |twin| format!("Some({twin})"))
        };
        let (br, gz) = (twin("br"), twin("gz"));
        let _ = writeln!(table, "    Embedded {{ path: {name:?}, plain: {plain}, br: {br}, gz: {gz} }},");
    }
    table.push_str("];\n");
    fs::write(out.join("web.rs"), table)
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
