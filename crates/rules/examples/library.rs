//! `cargo run -p mingjian-rules --example library -- check|test|say|list|fmt|lock [DIR]`: the rule author's bench;
//! `say` prints the sentences of the examples that hit. DIR is a library folder; without it, `library/` of the repository.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use mingjian_rules::{Library, Lock, Rule, format_rule, logic_hash, run_cases};

fn main() -> ExitCode {
    let mut args = env::args().skip(1);
    let command = args.next().unwrap_or_else(|| "check".to_string());
    let dir = args.next().map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../library"), PathBuf::from);
    let library = match Library::read(&dir) {
        Ok(library) => library,
        Err(found) => {
            for diagnostic in &found {
                println!("{diagnostic}");
            }
            println!("共 {} 处", found.len());
            if command == "check" {
                return ExitCode::FAILURE;
            }
            // The sound part can still be listed and tested.
            Library::from_files(files(&dir)).0
        }
    };
    match command.as_str() {
        "check" => println!("{} 条规则、{} 张知识表，没有问题", library.rules.len(), library.tables.len()),
        "list" => library.rules.iter().for_each(list),
        "test" => return test(&library),
        "say" => library.rules.iter().for_each(|rule| say(&library, rule)),
        "fmt" => return fmt(&dir, &library),
        "lock" => {
            let path = dir.join("versions.lock");
            if let Err(error) = fs::write(&path, Lock::of(&library).print()) {
                println!("{}: {error}", path.display());
                return ExitCode::FAILURE;
            }
        }
        other => {
            println!("没有命令 {other}；可以写 check、test、say、list、fmt、lock");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn files(dir: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut open = vec![dir.join("rules"), dir.join("knowledge")];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                files.push((path.strip_prefix(dir).unwrap_or(&path).to_string_lossy().into_owned(), text));
            }
        }
    }
    files
}

fn list(rule: &Rule) {
    let needs: Vec<String> = rule.needs.iter().map(|(table, column)| format!("{table}.{column}")).collect();
    println!(
        "{} v{} {} {} {} 例子 {} [{}] {}",
        rule.id,
        rule.version,
        rule.status.title(),
        rule.outcome.title(),
        rule.title,
        rule.cases.len(),
        logic_hash(rule),
        needs.join(" ")
    );
}

fn test(library: &Library) -> ExitCode {
    let (mut passed, mut failed) = (0, 0);
    for rule in &library.rules {
        for result in run_cases(library, rule) {
            if result.passed {
                passed += 1;
            } else {
                failed += 1;
                println!("{}:{}: {}：{}", rule.file, result.line, result.name, result.message);
            }
        }
    }
    println!("例子 {passed} 个通过，{failed} 个不通过");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn say(library: &Library, rule: &Rule) {
    for result in run_cases(library, rule) {
        for sentence in result.said {
            println!("{} {}：{sentence}", rule.id, result.name);
        }
    }
}

fn fmt(dir: &Path, library: &Library) -> ExitCode {
    for rule in &library.rules {
        let path = dir.join(&rule.file);
        match format_rule(&rule.file, rule.source_text()) {
            Ok(text) if text != rule.source_text() => {
                println!("{}", rule.file);
                if let Err(error) = fs::write(&path, text) {
                    println!("{}: {error}", path.display());
                    return ExitCode::FAILURE;
                }
            }
            Ok(_) => {}
            Err(found) => found.iter().for_each(|diagnostic| println!("{diagnostic}")),
        }
    }
    ExitCode::SUCCESS
}
