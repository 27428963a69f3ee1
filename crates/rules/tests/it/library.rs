//! The whole library: every file is sound, and logic does not change under its version.

use std::path::Path;

use mingjian_rules::{Library, Lock, ParamOverrides, Selection};

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../library")
}

#[test]
fn the_repository_library_is_sound() {
    if !root().is_dir() {
        return;
    }
    let found = Library::read(&root()).err().unwrap_or_default();
    let texts: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert!(texts.is_empty(), "{}", texts.join("\n"));
}

#[test]
fn the_built_in_library_compiles() {
    let library = Library::built_in();
    let compiled = library.compile(&Selection::all(), &ParamOverrides::default());
    assert!(compiled.is_ok(), "{:?}", compiled.err());
}

#[test]
fn logic_does_not_change_under_its_version() {
    let Ok(text) = std::fs::read_to_string(root().join("versions.lock")) else { return };
    let broken = Lock::parse(&text).broken_by(&Library::built_in());
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
