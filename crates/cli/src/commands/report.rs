//! `mingjian report`: the one-page report.

use std::collections::BTreeMap;

use mingjian_model::{day, schema};
use serde_json::json;

use crate::args::Report;
use crate::columns::Rows;
use crate::errors::{Failure, Outcome};
use crate::findings::RuleBook;
use crate::findings::select::{self, Chosen};
use crate::format::count;
use crate::output::Context;
use crate::report::figures::Figures;
use crate::report::page::{self, Setting};
use crate::workspace::{now, open_existing, open_library, write_file};
use crate::{codes, runs};

pub fn run(arguments: &Report, context: &mut Context) -> Outcome {
    if !arguments.out.extension().is_some_and(|extension| extension == "html" || extension == "htm") {
        return Err(Failure::wrong_use("--out 要以 .html 结尾"));
    }
    let lake = open_existing(context)?;
    let snapshot = lake.snapshot(arguments.as_of)?;
    let chosen = Chosen::new(&arguments.filter, &snapshot)?;
    let mut figures = Figures::default();
    select::each(&snapshot, &chosen, |finding| {
        figures.add(&finding);
        Ok(())
    })?;
    let (library, _) = open_library(context, None)?;
    let rules = RuleBook::new(&library);
    let mut institutions: BTreeMap<String, (String, &'static str)> = BTreeMap::new();
    if snapshot.has_table("fixmedins_b") {
        for batch in snapshot.read_table("fixmedins_b", &["fixmedins_code", "fixmedins_name", "hosp_lv", "fixmedins_type"])? {
            let rows = Rows::new(&batch);
            let (code, name) = (rows.column("fixmedins_code"), rows.column("fixmedins_name"));
            let (level, kind) = (rows.column("hosp_lv"), rows.column("fixmedins_type"));
            for row in 0..rows.len() {
                let level = if kind.text(row) == "2" { "药店" } else { codes::level(level.text(row)) };
                institutions.insert(code.text(row).to_owned(), (name.text(row).to_owned(), level));
            }
        }
    }
    let tables = schema::TABLES.iter().map(|table| (table.title.to_owned(), snapshot.rows(table.name))).filter(|(_, rows)| *rows > 0);
    let setting = Setting {
        title: &arguments.title,
        made: day::format_moment(now()).chars().take(16).collect(),
        filter: chosen.in_words(),
        version: snapshot.version(),
        newest_upload: snapshot.newest_upload().map(day::format_moment),
        tables: tables.collect(),
        rejected: snapshot.rows(mingjian_lake::REJECTED_TABLE),
        run: runs::load(&context.workspace, lake.since(&snapshot, |table| table == "findings")?)?,
        rule_title: &|id| rules.title(id),
        institution: &|code| institutions.get(code).cloned().unwrap_or_else(|| (code.to_owned(), "")),
    };
    let html = page::render(&figures, &setting);
    write_file(&arguments.out, |file| Ok(file.write_all(html.as_bytes())?))?;
    let findings = figures.all.sums.findings;
    if context.json {
        return context.json_value(&json!({ "out": arguments.out, "findings": findings, "amount_once_fen": figures.all.sums.once.0 }));
    }
    context.say(format!("{} 条疑点的报告 → {}", count(findings), arguments.out.display()))
}
