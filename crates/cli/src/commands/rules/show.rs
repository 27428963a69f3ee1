//! `mingjian rules show`: a rule as its author wrote it, with what the machine knows beside it.

use std::path::Path;

use serde_json::json;

use super::{stages, status_title, summary};
use crate::errors::{Failure, Outcome};
use crate::output::{Context, Style};
use crate::workspace::open_library;

pub fn run(library: Option<&Path>, id: &str, context: &mut Context) -> Outcome {
    let (library, _) = open_library(context, library)?;
    let rule = library.rules.iter().find(|rule| rule.id.eq_ignore_ascii_case(id) || rule.name == id).ok_or_else(|| {
        let ids: Vec<&str> = library.rules.iter().map(|rule| rule.id.as_str()).collect();
        Failure::new(format!("规则库里没有 {id}")).advise(format!("现有：{}", ids.join(" ")))
    })?;
    if context.json {
        let mut value = summary(rule);
        value["text"] = json!(rule.text);
        value["misfires"] = json!(rule.misfires);
        value["source"] = json!(rule.source_text());
        value["params"] = rule.params.iter().map(|(name, param)| (name.clone(), json!(param.value.to_string()))).collect();
        return context.json_value(&value);
    }
    let title = context.paint(Style::Bold, format!("{} {}", rule.id, rule.title));
    let stages: Vec<&str> = stages(rule.stages).into_iter().map(|(_, title)| title).collect();
    context.say(format!(
        "{title}  第 {} 版 · {} · {} · {}",
        rule.version,
        status_title(rule.status),
        rule.outcome.title(),
        stages.join("、")
    ))?;
    let needs: Vec<String> = rule.needs.iter().map(|(table, column)| format!("{table}.{column}")).collect();
    let file = context.paint(Style::Dim, format!("{}  用到：{}", rule.file, needs.join(" ")));
    context.say(file)?;
    context.gap()?;
    let body = rule.source_text().trim_start_matches('\u{feff}').to_owned();
    for line in body.lines() {
        let line = match line {
            line if line.starts_with('#') => context.paint(Style::Bold, line),
            line if line.starts_with("```") || line == "+++" => context.paint(Style::Dim, line),
            line => line.to_owned(),
        };
        context.say(line)?;
    }
    Ok(())
}
