//! `mingjian rules`: list, show, check, test, fmt.

mod show;
mod test;

use std::fs;
use std::path::{Path, PathBuf};

use mingjian_engine::program::stage;
use mingjian_rules::{Rule, Status};
use serde_json::json;

use crate::args::{Rules, RulesCommand};
use crate::errors::{During, Failure, Outcome};
use crate::output::{Context, Style};
use crate::table::{Align, Table};
use crate::workspace::{diagnostics, half_path, open_library};

pub fn run(arguments: &Rules, context: &mut Context) -> Outcome {
    let library = arguments.library.as_deref();
    match &arguments.command {
        RulesCommand::List { status } => list(library, status.as_deref(), context),
        RulesCommand::Show { id } => show::run(library, id, context),
        RulesCommand::Check { ids } => check(library, ids, context),
        RulesCommand::Test { ids } => test::run(library, ids, context),
        RulesCommand::Fmt { paths, check } => format(paths, *check, context),
    }
}

fn list(library: Option<&Path>, status: Option<&str>, context: &mut Context) -> Outcome {
    let (library, origin) = open_library(context, library)?;
    let wanted: Option<Vec<Status>> = status.map(|status| status.split(',').map(parse_status).collect()).transpose()?;
    let rules = library.rules.iter().filter(|rule| wanted.as_ref().is_none_or(|wanted| wanted.contains(&rule.status)));
    if context.json {
        let rules: Vec<_> = rules.map(summary).collect();
        return context.json_value(&serde_json::Value::Array(rules));
    }
    let mut table = Table::new(&[
        ("编号", Align::Left),
        ("版本", Align::Right),
        ("状态", Align::Left),
        ("结果", Align::Left),
        ("名称", Align::Left),
        ("性质", Align::Left),
        ("类别", Align::Left),
        ("阶段", Align::Left),
        ("写法", Align::Left),
        ("例子", Align::Right),
    ]);
    let mut shown = 0;
    for rule in rules {
        shown += 1;
        table.row([
            rule.id.clone(),
            rule.version.to_string(),
            status_title(rule.status).to_owned(),
            rule.outcome.title().to_owned(),
            rule.title.clone(),
            rule.kind.clone(),
            rule.class.title().to_owned(),
            stages(rule.stages).into_iter().map(|(_, title)| title).collect::<Vec<_>>().join(" "),
            if rule.is_kernel() { "逐行" } else { "SQL" }.to_owned(),
            rule.cases.len().to_string(),
        ]);
    }
    context.table(&table)?;
    context.remark(format!("{shown} 条规则（{origin}规则库，知识表 {} 张）。看一条：mingjian rules show N067", library.tables.len()));
    Ok(())
}

/// What other programs are told of a rule.
fn summary(rule: &Rule) -> serde_json::Value {
    let needs: Vec<String> = rule.needs.iter().map(|(table, column)| format!("{table}.{column}")).collect();
    json!({
        "id": rule.id,
        "name": rule.name,
        "title": rule.title,
        "version": rule.version,
        "status": rule.status.code(),
        "result": rule.outcome.title(),
        "kind": rule.kind,
        "class": rule.class.title(),
        "stages": stages(rule.stages).into_iter().map(|(code, _)| code).collect::<Vec<_>>(),
        "needs": needs,
        "knowledge": rule.knowledge,
        "national_code": rule.national_code,
        "basis": rule.basis.iter().map(|basis| json!({ "doc": basis.doc, "article": basis.article })).collect::<Vec<_>>(),
        "language": if rule.is_kernel() { "rule" } else { "sql" },
        "cases": rule.cases.len(),
        "file": rule.file,
    })
}

fn parse_status(text: &str) -> Outcome<Status> {
    let known = Status::ALL.iter().find(|(_, code, title)| *code == text || *title == text);
    known.map(|(status, _, _)| *status).ok_or_else(|| {
        Failure::wrong_use(format!(
            "没有“{text}”这个状态；可以是：{}",
            Status::ALL.map(|(_, code, title)| format!("{code} {title}")).join("、")
        ))
    })
}

fn status_title(status: Status) -> &'static str {
    Status::ALL.iter().find(|(known, _, _)| *known == status).map_or("", |(_, _, title)| title)
}

/// Code and title of each stage a rule runs in.
fn stages(bits: u8) -> Vec<(&'static str, &'static str)> {
    let all = [(stage::BEFORE, "before", "事前"), (stage::DURING, "during", "事中"), (stage::AFTER, "after", "事后")];
    all.into_iter().filter(|(bit, _, _)| bits & bit != 0).map(|(_, code, title)| (code, title)).collect()
}

/// Everything that is wrong, or what there is.
fn check(asked: Option<&Path>, ids: &[String], context: &mut Context) -> Outcome {
    let own = context.workspace.join("library");
    let folder = asked.map(Path::to_path_buf).or_else(|| own.is_dir().then_some(own));
    let loaded = match &folder {
        Some(folder) => mingjian_rules::Library::load(folder),
        None => Ok(mingjian_rules::Library::built_in()),
    };
    let about = |file: &str| ids.is_empty() || ids.iter().any(|id| file.contains(&format!("{id}-")) || file.contains(id.as_str()));
    let found: Vec<_> = match &loaded {
        Ok(_) => Vec::new(),
        Err(found) => found.iter().filter(|one| about(&one.file)).cloned().collect(),
    };
    if context.json {
        let listed: Vec<_> = found
            .iter()
            .map(|one| json!({ "file": one.file, "line": one.line, "column": one.column, "message": one.message, "suggestion": one.suggestion }))
            .collect();
        context.json_value(&json!({ "problems": listed }))?;
    }
    if !found.is_empty() {
        context.flush()?;
        return Err(diagnostics(&found));
    }
    if let (Ok(library), false) = (&loaded, context.json) {
        let cases: usize = library.rules.iter().map(|rule| rule.cases.len()).sum();
        let points: usize = library.tables.iter().map(|table| table.points.len()).sum();
        let line = format!(
            "规则库没有问题：{} 条规则，{cases} 个例子，{} 张知识表，{} 个知识点。",
            library.rules.len(),
            library.tables.len(),
            crate::format::count(points as u64)
        );
        let line = context.paint(Style::Green, line);
        context.say(line)?;
    }
    Ok(())
}

/// Rewrites files in the one layout, or only says which are not in it.
fn format(paths: &[PathBuf], only_check: bool, context: &mut Context) -> Outcome {
    let mut files = Vec::new();
    for path in paths {
        collect(path, &mut files)?;
    }
    let mut changed = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).during(|| format!("读不成 {}", file.display()))?;
        let neat = mingjian_rules::format_rule(&file.display().to_string(), &text).map_err(|found| diagnostics(&found))?;
        if neat != text {
            changed.push(file.clone());
            if !only_check {
                let half = half_path(file);
                fs::write(&half, neat).and_then(|()| fs::rename(&half, file)).during(|| format!("写不成 {}", file.display()))?;
            }
        }
    }
    if context.json {
        context.json_value(&json!({ "files": files.len(), "changed": changed, "written": !only_check }))?;
    } else {
        for file in &changed {
            context.say(format!("{} {}", if only_check { "要排版" } else { "已排版" }, file.display()))?;
        }
        context.say(format!("{} 个规则文件，{} 个{}。", files.len(), changed.len(), if only_check { "不合样式" } else { "改过" }))?;
    }
    if only_check && !changed.is_empty() {
        context.flush()?;
        return Err(Failure::new("有规则文件不合样式").advise("去掉 --check 再执行一次，就会排好"));
    }
    Ok(())
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Outcome {
    let metadata = fs::metadata(path).during(|| format!("读不成 {}", path.display()))?;
    if !metadata.is_dir() {
        files.push(path.to_path_buf());
        return Ok(());
    }
    let mut entries: Vec<PathBuf> =
        fs::read_dir(path).during(|| format!("读不成 {}", path.display()))?.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() || entry.extension().is_some_and(|extension| extension == "md") {
            collect(&entry, files)?;
        }
    }
    Ok(())
}
