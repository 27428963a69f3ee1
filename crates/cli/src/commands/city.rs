//! `mingjian city`: makes a synthetic city.

mod parquet;

use std::path::Path;

use mingjian_city::{CsvFolder, Options, Rates, SCENARIOS, Sink, Summary};
use mingjian_model::schema;
use serde_json::json;

use self::parquet::ParquetFolder;
use crate::args::{City, CityFormat};
use crate::errors::{During, Failure, Outcome};
use crate::format::count;
use crate::output::Context;
use crate::progress::Bar;
use crate::table::{Align, Table};

pub fn run(arguments: &City, context: &mut Context) -> Outcome {
    if arguments.scenarios {
        return scenarios(context);
    }
    let Some(out) = arguments.out.as_deref() else { return Err(Failure::wrong_use("少写了 --out <目录>")) };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let options = Options {
        persons: arguments.persons,
        from: arguments.from,
        months: arguments.months,
        seed: arguments.seed,
        threads: arguments.threads.unwrap_or(cores),
        plant: Rates {
            violations: arguments.violations,
            lookalikes: arguments.lookalikes,
            scenarios: arguments.plant.clone(),
            ..Rates::default()
        },
    };
    let sink = sink(out, arguments.format).during(|| format!("不能写到 {}", out.display()))?;
    let bar = Bar::new(context.progress, "造城", "行明细");
    let summary = mingjian_city::generate(&options, sink.as_ref(), &|progress| {
        bar.set(progress.persons_done as f64 / progress.persons.max(1) as f64, progress.fee_lines);
    })?;
    bar.clear();
    tell(out, &summary, context)
}

fn sink(out: &Path, format: CityFormat) -> Result<Box<dyn Sink>, std::io::Error> {
    Ok(match format {
        CityFormat::Csv => Box::new(CsvFolder::create(out)?),
        CityFormat::Parquet => Box::new(ParquetFolder::create(out)?),
    })
}

fn tell(out: &Path, summary: &Summary, context: &mut Context) -> Outcome {
    if context.json {
        let rows: serde_json::Map<String, serde_json::Value> =
            summary.rows.iter().map(|(name, rows)| ((*name).to_owned(), json!(rows))).collect();
        return context.json_value(&json!({
            "out": out, "persons": summary.persons, "institutions": summary.institutions, "settlements": summary.settlements, "stays": summary.stays,
            "fee_lines": summary.fee_lines, "acts": summary.acts, "lookalikes": summary.lookalikes, "rows": rows,
        }));
    }
    context.say(format!(
        "{} 人，{} 家机构，{} 次结算（住院 {}），{} 行明细；埋入 {} 个违规行为、{} 个合法近似情形 → {}",
        count(summary.persons),
        count(summary.institutions),
        count(summary.settlements),
        count(summary.stays),
        count(summary.fee_lines),
        count(summary.acts),
        count(summary.lookalikes),
        out.display()
    ))?;
    let mut table = Table::new(&[("表", Align::Left), ("", Align::Left), ("行", Align::Right)]);
    for (name, rows) in summary.rows.iter().filter(|(_, rows)| *rows > 0) {
        table.row([(*name).to_owned(), schema::table(name).map_or("", |table| table.title).to_owned(), count(*rows)]);
    }
    context.table(&table)?;
    context.remark(format!("接下来：mingjian import {}", out.display()));
    Ok(())
}

fn scenarios(context: &mut Context) -> Outcome {
    if context.json {
        let all: Vec<_> = SCENARIOS
            .iter()
            .map(|one| json!({ "name": one.name, "legal": one.legal, "rule_or_model": one.rule, "in_library": one.in_library, "rate_per_100000": one.rate, "note": one.note }))
            .collect();
        return context.json_value(&serde_json::Value::Array(all));
    }
    let mut table = Table::new(&[
        ("情形", Align::Left),
        ("性质", Align::Left),
        ("应由", Align::Left),
        ("在库", Align::Left),
        ("每十万人每年", Align::Right),
        ("说明", Align::Flexible),
    ]);
    for one in SCENARIOS {
        table.row([
            one.name.to_owned(),
            if one.legal { "合法近似" } else { "违规" }.to_owned(),
            one.rule.to_owned(),
            if one.in_library { "是" } else { "" }.to_owned(),
            count(one.rate),
            one.note.to_owned(),
        ]);
    }
    context.table(&table)
}
