//! `mingjian history`: the counter's history, rebuilt from the lake or looked at.

use std::path::Path;

use mingjian_counter::{History, HistoryError};
use mingjian_model::{Fen, day};
use mingjian_screening::Reference;
use serde_json::json;

use crate::args::{HistoryCommand, Shadow};
use crate::counter::{filling, history_path};
use crate::errors::{During, Failure, Outcome};
use crate::format::{count, size, yuan};
use crate::output::Context;
use crate::progress::Bar;
use crate::table::{Align, Table};
use crate::workspace::open_snapshot;

pub fn run(command: &HistoryCommand, context: &mut Context) -> Outcome {
    match command {
        HistoryCommand::Rebuild => rebuild(context),
        HistoryCommand::Info => info(context),
        HistoryCommand::Shadow(asked) => shadow(asked, context),
    }
}

/// Builds the file anew beside the old one and puts it in its place when it is whole.
fn rebuild(context: &mut Context) -> Outcome {
    let snapshot = open_snapshot(context, None)?;
    let reference = Reference::load(&snapshot)?;
    let path = history_path(&context.workspace)?;
    // Whoever serves holds the file: what is settled meanwhile would be lost with it.
    if let Some(error) = path.exists().then(|| History::open(&path).err()).flatten().filter(HistoryError::is_in_use) {
        return Err(Failure::from(error)).during(|| "历史库正被使用；先停下 mingjian serve 再重建".to_owned());
    }
    let fresh = path.with_extension("new");
    if fresh.exists() {
        std::fs::remove_file(&fresh).during(|| format!("删不掉没做完的 {}", fresh.display()))?;
    }
    let bar = Bar::new(context.progress, "装载历史", "人");
    let history = History::open(&fresh)?;
    let mut persons = 0;
    for bucket in 0..snapshot.buckets() {
        filling::load(&history, &snapshot, bucket, &reference, &mut persons)?;
        bar.set(f64::from(bucket + 1) / f64::from(snapshot.buckets()), persons);
    }
    history.loaded(snapshot.version())?;
    let mut history = history;
    history.compact()?;
    let known = history.size()?;
    drop(history);
    keep_ledger(&path, &fresh)?;
    let marked = filling::mark(&History::open(&fresh)?, &snapshot, &context.workspace)?;
    std::fs::rename(&fresh, &path).during(|| format!("换不上 {}", path.display()))?;
    bar.clear();
    let bytes = std::fs::metadata(&path)?.len();
    if context.json {
        return context.json_value(&json!({
            "persons": known.persons, "visits": known.visits, "codes": known.codes, "bytes": bytes, "lake_version": known.lake_version,
            "marks": marked,
        }));
    }
    let each = bytes.checked_div(known.persons.max(1)).unwrap_or(0);
    context.say(format!(
        "历史已从数据湖第 {} 版重建：{} 人，{} 次就诊，{}，每人 {}；标记 {} 个",
        snapshot.version(),
        count(known.persons),
        count(known.visits),
        size(bytes),
        size(each),
        count(marked)
    ))
}

/// Feedback and marks are not in the lake: they move over.
fn keep_ledger(old: &Path, fresh: &Path) -> Outcome {
    if !old.exists() {
        return Ok(());
    }
    // A damaged file is the reason to rebuild: what cannot be read is left behind.
    if let Ok(old) = History::open(old) {
        History::open(fresh)?.take_ledger(&old)?;
    }
    Ok(())
}

/// The history of this workspace, while nobody serves from it; `live` is where whoever serves tells the same.
fn existing(context: &Context, live: &str) -> Outcome<History> {
    let path = history_path(&context.workspace)?;
    if !path.exists() {
        return Err(Failure::new("还没有历史").advise("从数据湖装载：mingjian history rebuild"));
    }
    match History::open(&path) {
        Err(error) if error.is_in_use() => Err(Failure::from(error))
            .during(|| format!("历史库正被使用；运行中的服务在 {live} 答这个，不必停；要在这里看，先停下 mingjian serve")),
        opened => Ok(opened?),
    }
}

/// What rules on trial would have told.
fn shadow(asked: &Shadow, context: &mut Context) -> Outcome {
    let history = existing(context, "/shadow")?;
    let found = history.shadowed(asked.rule.as_deref(), asked.top)?;
    let counts = history.shadow_counts()?;
    if context.json {
        let lines = found.iter().map(|one| {
            json!({
                "time": day::format_moment(one.at), "jr_id": one.id, "rule_id": one.rule_id, "rule_version": one.rule_version,
                "fixmedins_code": one.institution, "mdtrt_id": one.visit, "rx_id": one.line, "amount_fen": one.amount, "text": one.text,
            })
        });
        return context.json_value(&json!({"counts": counts, "answers": lines.collect::<Vec<_>>()}));
    }
    if found.is_empty() {
        return context.say("试运行的规则还没有本会提醒的；规则头的 status 写 shadow 的才试运行");
    }
    let mut table = Table::new(&[
        ("时间", Align::Left),
        ("规则", Align::Left),
        ("机构", Align::Left),
        ("就诊", Align::Left),
        ("明细", Align::Left),
        ("金额", Align::Right),
        ("本会提醒", Align::Left),
    ]);
    for one in &found {
        let amount = one.amount.map_or(String::new(), |amount| yuan(Fen(amount)));
        let row = [
            day::format_moment(one.at),
            one.rule_id.clone(),
            one.institution.clone(),
            one.visit.clone(),
            one.line.clone(),
            amount,
            one.text.clone(),
        ];
        table.row(row);
    }
    context.table(&table)?;
    for (rule, often) in counts.iter().filter(|(rule, _)| asked.rule.as_ref().is_none_or(|asked| asked == *rule)) {
        context.say(format!("{rule} 试运行以来本会提醒 {} 次", count(*often)))?;
    }
    Ok(())
}

fn info(context: &mut Context) -> Outcome {
    let history = existing(context, "/metrics（mingjian_history_ 开头的几行）")?;
    let known = history.size()?;
    let bytes = std::fs::metadata(history.path())?.len();
    if context.json {
        return context.json_value(&json!({
            "persons": known.persons, "visits": known.visits, "codes": known.codes, "bytes": bytes, "lake_version": known.lake_version,
            "newest": known.newest.map(day::format_moment),
        }));
    }
    context.say(format!("{} 人，{} 次就诊，{} 个编码，{}", count(known.persons), count(known.visits), count(known.codes), size(bytes)))?;
    if let Some(newest) = known.newest {
        context.say(format!("最近一次：{}", day::format_moment(newest)))?;
    }
    if let Some(version) = known.lake_version {
        context.say(format!("装载自数据湖第 {version} 版"))?;
    }
    Ok(())
}
