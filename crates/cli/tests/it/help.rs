//! Help texts are reviewed as the page docs/commands.md, and every command shows how it is used.

use std::path::Path;

use crate::ok;

const COMMANDS: &[&[&str]] = &[
    &["city"],
    &["import"],
    &["rejected"],
    &["quality"],
    &["lake"],
    &["lake", "history"],
    &["lake", "compact"],
    &["lake", "vacuum"],
    &["lake", "check"],
    &["rules"],
    &["rules", "list"],
    &["rules", "show"],
    &["rules", "check"],
    &["rules", "test"],
    &["rules", "fmt"],
    &["screen"],
    &["findings"],
    &["explain"],
    &["report"],
    &["serve"],
    &["his-sim"],
    &["history"],
    &["history", "rebuild"],
    &["history", "info"],
    &["history", "info"],
    &["history", "shadow"],
    &["completions"],
];

#[test]
fn the_page_of_commands_is_current() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/commands.md");
    let written = std::fs::read_to_string(&page).unwrap_or_default();
    let now = ok(Path::new("unused"), &["help-page"]);
    assert!(now == written, "docs/commands.md is out of date: run `cargo xtask generate`, read the difference, commit it");
}

#[test]
fn every_help_is_chinese_and_says_how() {
    for command in COMMANDS {
        let help = ok(Path::new("unused"), &[command, &["--help"][..]].concat());
        assert!(help.contains("用法：mingjian"), "{command:?}\n{help}");
        for english in ["Usage", "Options", "Commands:", "Arguments", "possible values", "[default", "[env", "Print help"] {
            assert!(!help.contains(english), "{command:?} says {english}\n{help}");
        }
    }
    for command in ["city", "import", "rejected", "quality", "screen", "findings", "explain", "report", "serve", "his-sim", "completions"] {
        let help = ok(Path::new("unused"), &[command, "--help"]);
        assert!(help.contains("例子：\n  mingjian"), "{command} shows no example");
    }
}

#[test]
fn help_and_version_do_not_need_a_workspace() {
    assert!(ok(Path::new("/nonexistent/nowhere"), &["--help"]).contains("退出码"));
    assert!(ok(Path::new("/nonexistent/nowhere"), &["--version"]).starts_with("明鉴 mingjian "));
}

#[test]
fn shells_complete() {
    for shell in ["bash", "zsh", "fish"] {
        let script = ok(Path::new("unused"), &["completions", shell]);
        assert!(script.contains("findings") && script.contains("institution"), "{shell}");
    }
}
