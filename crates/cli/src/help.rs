//! Dresses clap in Chinese: headings of the help, messages about wrong use, and the page of all commands.

use std::fmt::Write as _;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, CommandFactory, builder::StyledStr};

use crate::args::Cli;

const TEMPLATE: &str = "{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}\n";

/// The command tree with Chinese headings throughout.
pub fn command() -> Command {
    dress(Cli::command(), true)
}

fn dress(command: Command, is_root: bool) -> Command {
    let mut command = command
        .help_template(TEMPLATE)
        .subcommand_help_heading("命令")
        .subcommand_value_name("命令")
        .disable_help_subcommand(true)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .term_width(0)
        .arg(Arg::new("help").short('h').long("help").action(ArgAction::Help).help("显示帮助").help_heading("通用选项"));
    if is_root {
        command = command
            .arg(Arg::new("version").short('V').long("version").action(ArgAction::Version).help("显示版本").help_heading("通用选项"));
    }
    command = command.mut_args(|arg| {
        let takes_value = arg.get_action().takes_values();
        let arg = if takes_value { arg.hide_possible_values(true).hide_default_value(true).hide_env(true) } else { arg };
        let heading = match arg.get_help_heading() {
            Some(_) => return arg,
            None if arg.is_global_set() => "通用选项",
            None if arg.is_positional() => "参数",
            None => "选项",
        };
        arg.help_heading(heading)
    });
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| command.mut_subcommand(name, |sub| dress(sub, false)))
}

/// Says what is wrong with what was typed, and what may be typed instead.
pub fn explain_wrong_use(error: &clap::Error) -> String {
    let argument = text(error, ContextKind::InvalidArg);
    let value = text(error, ContextKind::InvalidValue);
    let mut said = match error.kind() {
        ErrorKind::UnknownArgument => format!("没有 {argument} 这个选项"),
        ErrorKind::InvalidSubcommand => format!("没有“{}”这个命令", text(error, ContextKind::InvalidSubcommand)),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "少写了命令".to_owned(),
        ErrorKind::MissingRequiredArgument => format!("少写了 {argument}"),
        ErrorKind::InvalidValue if value.is_empty() => format!("{argument} 后面要写一个值"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => format!("{argument} 不能是“{value}”"),
        ErrorKind::ArgumentConflict => format!("{argument} 不能与 {} 同时写，或写了两次", text(error, ContextKind::PriorArg)),
        ErrorKind::TooManyValues => format!("{argument} 多了一个值“{value}”"),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => format!("{argument} 的值不够"),
        ErrorKind::NoEquals => format!("{argument} 要用等号连着写值"),
        ErrorKind::InvalidUtf8 => "命令里有不是 UTF-8 的字符".to_owned(),
        _ => "命令写得不对".to_owned(),
    };
    let valid = text(error, ContextKind::ValidValue);
    if !valid.is_empty() {
        let _ = write!(said, "；可以是：{valid}");
    } else if let Some(source) = std::error::Error::source(error) {
        let _ = write!(said, "：{}", translate_source(&source.to_string()));
    }
    for (kind, what) in
        [(ContextKind::SuggestedArg, "选项"), (ContextKind::SuggestedSubcommand, "命令"), (ContextKind::SuggestedValue, "值")]
    {
        // The likeliest comes last.
        let suggested = text(error, kind);
        if let Some(suggested) = suggested.rsplit('、').next().filter(|suggested| !suggested.is_empty()) {
            let _ = write!(said, "。最像的{what}：{suggested}");
        }
    }
    said
}

/// Our own parsers speak Chinese already; those of numbers are clap's and the standard library's.
fn translate_source(source: &str) -> String {
    if let Some(range) = source.split(" is not in ").nth(1) {
        return match range.split_once("..") {
            Some((low, "" | "=4294967295")) => format!("不能小于 {low}"),
            Some((low, high)) => format!("要在 {low} 到 {} 之间", high.trim_start_matches('=')),
            None => format!("要在 {range} 之内"),
        };
    }
    match source {
        "invalid digit found in string" | "cannot parse integer from empty string" => "要写成整数".to_owned(),
        source if source.starts_with("number too") => "数太大了".to_owned(),
        source => source.to_owned(),
    }
}

fn text(error: &clap::Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join("、"),
        Some(ContextValue::StyledStr(text)) => text.to_string(),
        Some(ContextValue::StyledStrs(texts)) => texts.iter().map(StyledStr::to_string).collect::<Vec<_>>().join("、"),
        Some(ContextValue::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// docs/commands.md: every help text, as it is printed.
pub fn page() -> String {
    let mut page = String::from(
        "# 命令 Commands\n\n<!-- 由 `cargo xtask generate` 从程序自己的帮助生成，不要手改。 Generated from the binary's own help. -->\n",
    );
    let mut root = command();
    root.build();
    describe(&mut root, "mingjian", &mut page);
    page
}

fn describe(command: &mut Command, path: &str, page: &mut String) {
    let help = command.render_help().to_string();
    let depth = "#".repeat(path.split(' ').count() + 1);
    let _ = write!(page, "\n{depth} {path}\n\n```text\n{}\n```\n", help.trim_end());
    for sub in command.get_subcommands_mut().filter(|sub| !sub.is_hide_set()) {
        let path = format!("{path} {}", sub.get_name());
        describe(sub, &path, page);
    }
}
