//! `mingjian rules test`: the examples in the rule files, each run and told.

use std::path::Path;

use serde_json::json;

use crate::errors::{Failure, Outcome};
use crate::output::{Context, Style};
use crate::workspace::open_library;

pub fn run(library: Option<&Path>, ids: &[String], context: &mut Context) -> Outcome {
    let (library, _) = open_library(context, library)?;
    if let Some(unknown) = ids.iter().find(|id| library.rule(id).is_none()) {
        return Err(Failure::new(format!("规则库里没有 {unknown}")).advise("看编号：mingjian rules list"));
    }
    let mut told = Vec::new();
    let (mut passed, mut failed) = (0usize, 0usize);
    for rule in library.rules.iter().filter(|rule| ids.is_empty() || ids.contains(&rule.id)) {
        let results =
            if rule.is_kernel() { mingjian_rules::run_cases(&library, rule) } else { mingjian_screening::run_sql_cases(&library, rule) };
        for result in &results {
            passed += usize::from(result.passed);
            failed += usize::from(!result.passed);
            if !result.passed && !context.json {
                let line =
                    context.paint(Style::Red, format!("✗ {} {}：{}（{}:{}）", rule.id, rule.title, result.name, rule.file, result.line));
                context.say(line)?;
                context.say(format!("    {}", result.message.replace('\n', "\n    ")))?;
            }
            told.push(
                json!({ "rule": rule.id, "case": result.name, "line": result.line, "passed": result.passed, "message": result.message }),
            );
        }
    }
    if context.json {
        context.json_value(&json!({ "passed": passed, "failed": failed, "cases": told }))?;
    } else if failed == 0 {
        let line = context.paint(Style::Green, format!("{passed} 个例子全部成立。"));
        context.say(line)?;
    }
    match failed {
        0 => Ok(()),
        _ => {
            context.flush()?;
            Err(Failure::new(format!("{failed} 个例子不成立（{passed} 个成立）")))
        }
    }
}
