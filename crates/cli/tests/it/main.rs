//! The real binary, end to end: what is typed, what comes back, which exit code.

mod bad_input;
mod disk;
mod flow;
mod help;
mod kill;
mod lab;
mod serve;
mod wrong_use;

use std::path::Path;
use std::process::{Command, Output};

/// A run of the binary with no workspace or colours from outside.
pub fn mingjian(workspace: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mingjian"))
        .args(arguments)
        .env("MINGJIAN_WORKSPACE", workspace)
        .env_remove("NO_COLOR")
        .output()
        .unwrap_or_else(|error| panic!("mingjian {arguments:?}: {error}"))
}

/// Standard output of a run that must succeed.
pub fn ok(workspace: &Path, arguments: &[&str]) -> String {
    let output = mingjian(workspace, arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "mingjian {arguments:?} gave {:?}:\n{said}", output.status.code());
    String::from_utf8(output.stdout).unwrap_or_else(|_| panic!("mingjian {arguments:?}: not UTF-8"))
}

/// Exit code and standard error of a run that must fail.
pub fn fails(workspace: &Path, arguments: &[&str]) -> (i32, String) {
    let output = mingjian(workspace, arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "mingjian {arguments:?} succeeded");
    (output.status.code().unwrap_or(-1), said)
}

pub fn json(workspace: &Path, arguments: &[&str]) -> serde_json::Value {
    let arguments = [arguments, &["--json"]].concat();
    let text = ok(workspace, &arguments);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("mingjian {arguments:?}: {error}\n{text}"))
}
