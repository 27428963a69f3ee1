//! `mingjian import`: files, folders and databases into the lake, as one version.

use std::path::Path;

use mingjian_lake::import::{ImportOptions, ImportProgress, ImportReport, ImportState, Profile, Source, Stage};
use mingjian_model::schema;
use serde_json::json;

use crate::args::Import;
use crate::errors::Outcome;
use crate::format::{count, duration};
use crate::output::{Context, Style};
use crate::progress::Bar;
use crate::table::{Align, Table};
use crate::workspace::open_lake_for;

pub fn run(arguments: &Import, context: &mut Context) -> Outcome {
    let profile = arguments.profile.as_deref().map(Profile::load).transpose()?.unwrap_or_default();
    let options = ImportOptions { profile, threads: arguments.threads.unwrap_or(0), again: arguments.again, ..ImportOptions::default() };
    let sources: Vec<Source> = arguments.paths.iter().map(|path| with_password(Source::parse(path))).collect();
    let lake = open_lake_for(context, arguments.paths.iter().map(|path| csv_bytes(Path::new(path))).sum())?;
    let start = std::time::Instant::now();
    let watch = Watch { bar: Bar::new(context.progress, "读取", "行") };
    let report = mingjian_lake::import::import(&lake, &sources, &options, &watch)?;
    watch.bar.clear();
    if context.json {
        return context.json_value(&document(&report));
    }
    tell(&report, context)?;
    let took = start.elapsed();
    let rate = match report.read.rows() {
        0 => String::new(),
        rows => format!("，{} 行/秒", count((rows as f64 / took.as_secs_f64().max(0.001)) as u64)),
    };
    context.remark(format!("用时 {}{rate}", duration(took)));
    Ok(())
}

/// About how many bytes of CSV a file or folder holds; 0 for what cannot be told before it is read.
pub fn csv_bytes(path: &Path) -> u64 {
    if path.is_dir() {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        // Links are not followed: they may lead in a circle.
        return entries.filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_symlink())).map(|entry| csv_bytes(&entry.path())).sum();
    }
    let bytes = std::fs::metadata(path).map_or(0, |file| file.len());
    // What settlement data shrinks to, measured on the synthetic city.
    let shrunk = match path.extension().and_then(|extension| extension.to_str()) {
        Some("gz" | "zip" | "xlsx") => 8,
        Some("parquet") => 12,
        _ => 1,
    };
    bytes.saturating_mul(shrunk)
}

/// A connection without a password of its own takes that of the environment, as PostgreSQL's programs do.
fn with_password(source: Source) -> Source {
    match (source, std::env::var("PGPASSWORD")) {
        (Source::Postgres(url), Ok(password)) if !password.is_empty() => Source::Postgres(add_password(&url, &password)),
        (source, _) => source,
    }
}

fn add_password(url: &str, password: &str) -> String {
    let (head, query) = url.split_once('?').unwrap_or((url, ""));
    let authority = head.split_once("://").map_or("", |(_, rest)| rest.split('/').next().unwrap_or(""));
    let has_own = authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'));
    if has_own || query.split('&').any(|pair| pair.starts_with("password=")) {
        return url.to_owned();
    }
    let escaped: String = password.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}password={escaped}")
}

struct Watch {
    bar: Bar,
}

impl ImportProgress for Watch {
    fn advanced(&self, state: &ImportState) {
        let what = match state.stage {
            Stage::Reading => "读取",
            Stage::Storing => "入湖",
            Stage::Checking => "核对",
        };
        self.bar.named(what, state.share(), state.rows);
    }
}

fn tell(report: &ImportReport, context: &mut Context) -> Outcome {
    let unchanged = report.read.files.iter().filter(|file| file.outcome == mingjian_lake::import::FileOutcome::Unchanged).count();
    // A table of which every row was set aside is told, too.
    let mut tables = report.tables.clone();
    for part in report.read.parts().filter(|part| part.rejected > 0) {
        tables.entry(part.table.to_owned()).or_default();
    }
    if !tables.is_empty() {
        let mut table = Table::new(&[
            ("表", Align::Left),
            ("", Align::Left),
            ("读入", Align::Right),
            ("新增", Align::Right),
            ("替换", Align::Right),
            ("未变", Align::Right),
            ("重复", Align::Right),
            ("较旧", Align::Right),
            ("另册", Align::Right),
        ]);
        for (name, counts) in &tables {
            let rejected: u64 = report.read.parts().filter(|part| part.table == name).map(|part| part.rejected).sum();
            table.row([
                name.clone(),
                schema::table(name).map_or("", |table| table.title).to_owned(),
                count(counts.incoming + rejected),
                count(counts.new),
                count(counts.replaced),
                count(counts.unchanged),
                count(counts.duplicates),
                count(counts.superseded),
                count(counts.set_aside + rejected),
            ]);
        }
        context.table(&table)?;
    }
    for file in report.read.files.iter().filter(|file| file.cut_off) {
        let line = context.paint(Style::Amber, format!("注意：{} 不完整，后面的行没有读到，请重新取得这个文件再导入", file.file));
        context.say(line)?;
    }
    for left in &report.read.left_out {
        context.say(format!("未导入 {}：{}", left.file, left.reason))?;
    }
    for part in report.read.parts().filter(|part| !part.unused.is_empty()) {
        context.say(format!("{} 有 {} 列用不上：{}", part.label, part.unused.len(), part.unused.join("、")))?;
    }
    let empty: Vec<&str> = report.read.parts().filter(|part| part.rows + part.rejected == 0).map(|part| part.label.as_str()).collect();
    if !empty.is_empty() {
        context.say(format!("只有表头、没有数据行：{}", empty.join("、")))?;
    }
    if unchanged > 0 {
        context.say(format!("{unchanged} 个文件以前导入过，内容没有变，跳过（要重新读，加 --again）"))?;
    }
    if report.changed {
        let line = context.paint(Style::Bold, format!("已导入，数据湖版本 {}", report.version));
        context.say(line)?;
    } else {
        context.say(format!("没有变化，数据湖仍是版本 {}", report.version))?;
    }
    if report.rejected > 0 {
        let line = context.paint(Style::Amber, format!("{} 行没能入湖，记在另册：mingjian rejected", count(report.rejected)));
        context.say(line)?;
    }
    context.remark("接下来：mingjian quality 看数据质量，mingjian screen 筛查");
    Ok(())
}

fn document(report: &ImportReport) -> serde_json::Value {
    let tables: serde_json::Map<String, serde_json::Value> = report
        .tables
        .iter()
        .map(|(name, counts)| {
            let counts = json!({
                "incoming": counts.incoming, "new": counts.new, "replaced": counts.replaced, "unchanged": counts.unchanged,
                "duplicates": counts.duplicates, "superseded": counts.superseded, "set_aside": counts.set_aside,
            });
            (name.clone(), counts)
        })
        .collect();
    let files = report.read.files.iter().map(|file| {
        let parts = file.parts.iter().map(|part| {
            json!({ "label": part.label, "table": part.table, "encoding": part.encoding, "rows": part.rows, "rejected": part.rejected, "blank": part.blank, "unused": part.unused })
        });
        json!({ "file": file.file, "size": file.size, "outcome": file.outcome.title(), "cut_off": file.cut_off, "parts": parts.collect::<Vec<_>>() })
    });
    let left_out = report.read.left_out.iter().map(|left| json!({ "file": left.file, "reason": left.reason }));
    json!({
        "version": report.version, "changed": report.changed, "rejected": report.rejected, "tables": tables,
        "files": files.collect::<Vec<_>>(), "left_out": left_out.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_s_password_is_for_connections_without_one() {
        assert_eq!(add_password("postgresql://u@h/d", "a&1"), "postgresql://u@h/d?password=%61%26%31");
        assert_eq!(add_password("postgresql://u@h/d?sslmode=require", "a"), "postgresql://u@h/d?sslmode=require&password=%61");
        for own in ["postgresql://u:p@h/d", "postgresql://u@h/d?password=p"] {
            assert_eq!(add_password(own, "a"), own);
        }
    }
}
