//! The gate 关口: what must hold before a change goes in.
//!
//! `cargo xtask deps` checks the direction of dependencies, `cargo xtask check` runs everything a build machine runs. Goes in:
//! the working tree. Comes out: one line a step and an exit code (0 all hold, 1 something does not, 2 wrong use).

mod deps;
mod graph;

use std::process::{Command, ExitCode};
use std::time::Instant;

const HELP: &str = "\
cargo xtask deps            check the direction of dependencies, the bans and the single versions
cargo xtask check           rustfmt, clippy without warnings, deps, tests, doc tests, generated files
cargo xtask check --fast    the same without the tests
cargo xtask generate        write the generated files again (docs/commands.md)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["deps"] => deps::check(),
        ["check"] => check(false),
        ["check", "--fast"] => check(true),
        ["generate"] => generate(),
        ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(())
        }
        _ => {
            eprintln!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// All steps, also after one has failed, so that one run tells everything.
fn check(fast: bool) -> Result<(), String> {
    let mut failed = Vec::new();
    let mut step = |name: &'static str, run: &dyn Fn() -> Result<(), String>| {
        let start = Instant::now();
        eprintln!("── {name}");
        let outcome = run();
        let seconds = start.elapsed().as_secs_f32();
        match outcome {
            Ok(()) => eprintln!("── {name}: ok ({seconds:.1} s)"),
            Err(why) => {
                eprintln!("{why}\n── {name}: FAILED ({seconds:.1} s)");
                failed.push(name);
            }
        }
    };
    step("rustfmt", &|| cargo(&["fmt", "--all", "--check"]));
    step("deps", &deps::check);
    step("clippy", &|| cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"]));
    if !fast {
        if has_nextest() {
            step("tests", &|| cargo(&["nextest", "run", "--workspace", "--locked"]));
        } else {
            step("tests", &|| cargo(&["test", "--workspace", "--locked", "--lib", "--bins", "--tests"]));
        }
        step("doc tests", &|| cargo(&["test", "--workspace", "--locked", "--doc"]));
    }
    step("generated files", &|| {
        generate()?;
        run("git", &["diff", "--exit-code", "--stat", "--", "docs/commands.md"])
            .map_err(|_| "docs/commands.md was out of date; it has been written again: look at it and commit it".to_owned())
    });
    if failed.is_empty() { Ok(()) } else { Err(format!("the gate is closed: {}", failed.join(", "))) }
}

/// Writes what is generated from the code: the page of commands, from the help texts of the binary itself.
fn generate() -> Result<(), String> {
    let root = graph::workspace_root()?;
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--locked", "--package", "mingjian-cli", "--", "help-page"])
        .current_dir(&root)
        .output()
        .map_err(|error| format!("cargo run: {error}"))?;
    if !output.status.success() {
        return Err(format!("mingjian help-page failed:\n{}", String::from_utf8_lossy(&output.stderr)));
    }
    let path = root.join("docs/commands.md");
    std::fs::write(&path, &output.stdout).map_err(|error| format!("{}: {error}", path.display()))
}

fn has_nextest() -> bool {
    Command::new(env!("CARGO")).args(["nextest", "--version"]).output().is_ok_and(|output| output.status.success())
}

fn cargo(arguments: &[&str]) -> Result<(), String> {
    run(env!("CARGO"), arguments)
}

fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    let shown = format!("{program} {}", arguments.join(" "));
    let status = Command::new(program)
        .args(arguments)
        .current_dir(graph::workspace_root()?)
        .status()
        .map_err(|error| format!("{shown}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{shown}: {status}")) }
}
