//! Embeds migrations/NNNN_name.sql, in the order of their numbers. Two files of one number end the build.

#![allow(clippy::disallowed_methods, reason = "cargo tells a build script its folders through the environment")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("migrations");
    println!("cargo:rerun-if-changed={}", folder.display());
    println!("cargo:rerun-if-changed=build.rs");
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let number = name.split_once('_').filter(|(digits, _)| digits.len() == 4).and_then(|(digits, _)| digits.parse::<i64>().ok());
        let Some(number) = number.filter(|_| path.extension().is_some_and(|extension| extension == "sql")) else {
            return Err(io::Error::other(format!("{}: a migration is called NNNN_name.sql", path.display())));
        };
        println!("cargo:rerun-if-changed={}", path.display());
        if let Some((other, _)) = found.insert(number, (name.clone(), path)) {
            return Err(io::Error::other(format!(
                "migrations {other} and {name} have one number; give the newer one the next that is free"
            )));
        }
    }
    let mut code = String::from("pub(crate) const MIGRATIONS: &[Migration] = &[\n");
    for (number, (name, path)) in found {
        let path = path.display().to_string();
        let _ = writeln!(code, "    Migration {{ number: {number}, name: {name:?}, sql: include_str!({path:?}) }},");
    }
    code.push_str("];\n");
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("migrations.rs"), code)
}
