//! `mingjian screen`: all rules in one pass, then what came of it.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use mingjian_lake::Lake;
use mingjian_model::{Fen, day};
use mingjian_rules::{Library, Selection};
use mingjian_screening::{Progress, ScreenError, ScreenOptions, ScreenReport};

use crate::args::Screen;
use crate::errors::{Failure, Outcome};
use crate::format::{count, duration, money, percent, yuan};
use crate::output::{Context, Style};
use crate::progress::Bar;
use crate::runs;
use crate::settings::Settings;
use crate::table::{Align, Table};
use crate::workspace::{now, open_existing, open_library};

pub fn run(arguments: &Screen, context: &mut Context) -> Outcome {
    if let (Some(from), Some(to)) = (arguments.from, arguments.to)
        && from > to
    {
        return Err(Failure::wrong_use("--from 晚于 --to"));
    }
    let lake = open_existing(context)?;
    let (library, origin) = open_library(context, arguments.library.as_deref())?;
    let settings = Settings::load(&context.workspace)?;
    let defaults = ScreenOptions::default();
    let options = ScreenOptions {
        selection: selection(&arguments.rules, &settings, &library),
        params: settings.rules.overrides()?,
        from: arguments.from,
        to: arguments.to,
        as_of: arguments.as_of,
        threads: arguments.threads.unwrap_or(defaults.threads),
        trace: arguments.trace,
    };
    context.remark(format!("规则库：{origin}，{} 条规则", library.rules.len()));
    lake.snapshot(arguments.as_of)?.probe()?;
    let start = std::time::Instant::now();
    let watch = Watch::new(context.progress);
    let report = mingjian_screening::screen(&lake, &library, &options, &watch).map_err(|error| behind(error, &lake, arguments.as_of))?;
    watch.bar.clear();
    let record = runs::store(&context.workspace, &report, &in_words(arguments, &settings), &day::format_moment(now()), start.elapsed())?;
    if context.json {
        return context.json_value(&record);
    }
    tell(&report, context)?;
    let took = start.elapsed();
    let rate = match report.totals.lines {
        0 => String::new(),
        lines => format!("，{} 行/秒", count((lines as f64 / took.as_secs_f64().max(0.001)) as u64)),
    };
    context.remark(format!("用时 {}{rate}。接下来：mingjian findings 看疑点，mingjian report --out 报告.html 出报告", duration(took)));
    Ok(())
}

/// The query engine does not say which file it could not read: if one is damaged, that is what to tell.
fn behind(error: ScreenError, lake: &Lake, as_of: Option<u64>) -> Failure {
    let told = matches!(error, ScreenError::Lake(_) | ScreenError::Rules { .. } | ScreenError::UnknownRules(_) | ScreenError::Spill { .. });
    let damage = if told { None } else { lake.snapshot(as_of).ok().and_then(|snapshot| snapshot.damage()) };
    damage.map_or_else(|| Failure::from(error), Failure::from)
}

/// The rules asked for; without any, all live ones that are not switched off here.
pub fn selection(asked: &[String], settings: &Settings, library: &Library) -> Selection {
    if !asked.is_empty() {
        return Selection::of(asked);
    }
    let live = Selection::default();
    if settings.rules.off.is_empty() {
        return live;
    }
    let ids = library.rules.iter().filter(|rule| !settings.rules.off.contains(&rule.id)).map(|rule| rule.id.clone()).collect();
    Selection { ids: Some(ids), ..live }
}

fn in_words(arguments: &Screen, settings: &Settings) -> String {
    let mut words = Vec::new();
    if !arguments.rules.is_empty() {
        words.push(format!("规则 {}", arguments.rules.join("、")));
    } else if !settings.rules.off.is_empty() {
        words.push(format!("停用 {}", settings.rules.off.join("、")));
    }
    words.extend(arguments.from.map(|from| format!("自 {}", day::format_day(from))));
    words.extend(arguments.to.map(|to| format!("至 {}", day::format_day(to))));
    words.extend(arguments.as_of.map(|version| format!("数据版本 {version}")));
    words.join("，")
}

/// Moves the bar as the screening's threads report.
struct Watch {
    bar: Bar,
    buckets: AtomicU32,
    done: AtomicU32,
    lines: AtomicU64,
}

impl Watch {
    fn new(enabled: bool) -> Watch {
        Watch { bar: Bar::new(enabled, "筛查", "行"), buckets: AtomicU32::new(0), done: AtomicU32::new(0), lines: AtomicU64::new(0) }
    }
}

impl Progress for Watch {
    fn step(&self, name: &str) {
        self.bar.step(name);
    }

    fn begin(&self, buckets: u32, _lines: u64) {
        self.buckets.store(buckets, Relaxed);
    }

    fn bucket(&self, lines: u64) {
        let done = self.done.fetch_add(1, Relaxed) + 1;
        let lines = self.lines.fetch_add(lines, Relaxed) + lines;
        self.bar.set(f64::from(done) / f64::from(self.buckets.load(Relaxed).max(1)), lines);
    }
}

fn tell(report: &ScreenReport, context: &mut Context) -> Outcome {
    let totals = &report.totals;
    context.heading(format!("筛查完成：数据版本 {}，疑点在版本 {}", report.data_version, report.findings_version))?;
    context.say(format!(
        "  {} 行明细，{} 条疑点（违规 {}，可疑 {}），涉及 {} 人",
        count(totals.lines),
        count(totals.findings),
        count(totals.violations),
        count(totals.findings - totals.violations),
        count(totals.persons)
    ))?;
    let once = context.paint(Style::Bold, money(Fen(totals.amount_once)));
    context.say(format!(
        "  涉及金额 {once}（一笔钱只计一次）；逐条相加 {}，其中统筹 {}、个账 {}",
        money(Fen(totals.amount)),
        money(Fen(totals.fund_amount)),
        money(Fen(totals.acct_amount))
    ))?;
    let share = percent(i128::from(totals.lines_at_risk), i128::from(totals.lines));
    context.say(format!("  涉及金额的明细 {} 行，占 {share}", count(totals.lines_at_risk)))?;
    context.gap()?;
    rules(report, context)?;
    not_run(report, context)?;
    not_judged(report, context)
}

fn rules(report: &ScreenReport, context: &mut Context) -> Outcome {
    let mut ran: Vec<_> = report.rules.iter().filter(|rule| rule.findings > 0).collect();
    ran.sort_by(|a, b| (b.amount_once, b.findings, &a.rule_id).cmp(&(a.amount_once, a.findings, &b.rule_id)));
    context.heading(format!("运行 {} 条规则，{} 条有命中", report.rules.len(), ran.len()))?;
    let mut table = Table::new(&[
        ("编号", Align::Left),
        ("规则", Align::Left),
        ("疑点", Align::Right),
        ("违规", Align::Right),
        ("观察区", Align::Right),
        ("人数", Align::Right),
        ("金额（元）", Align::Right),
        ("其中统筹", Align::Right),
        ("只计一次", Align::Right),
    ]);
    for rule in ran {
        let fen = |fen: i64| if rule.amount.is_some() { yuan(Fen(fen)) } else { "—".to_owned() };
        table.row([
            rule.rule_id.clone(),
            rule.title.clone(),
            count(rule.findings),
            count(rule.violations),
            count(rule.findings - rule.core),
            count(rule.persons),
            fen(rule.amount.unwrap_or(0)),
            fen(rule.fund_amount),
            fen(rule.amount_once),
        ]);
    }
    context.table(&table)?;
    let silent: Vec<&str> = report.rules.iter().filter(|rule| rule.findings == 0).map(|rule| rule.rule_id.as_str()).collect();
    if !silent.is_empty() {
        context.say(format!("没有命中：{}", silent.join(" ")))?;
    }
    Ok(())
}

fn not_run(report: &ScreenReport, context: &mut Context) -> Outcome {
    if report.not_run.is_empty() {
        return Ok(());
    }
    context.gap()?;
    context.heading(format!("没有运行的 {} 条", report.not_run.len()))?;
    let mut table = Table::new(&[("编号", Align::Left), ("规则", Align::Left), ("原因", Align::Flexible)]);
    for rule in &report.not_run {
        table.row([rule.rule_id.clone(), rule.title.clone(), rule.reason.clone()]);
    }
    context.table(&table)
}

fn not_judged(report: &ScreenReport, context: &mut Context) -> Outcome {
    let mut table = Table::new(&[("编号", Align::Left), ("", Align::Left), ("行或组", Align::Right), ("原因", Align::Flexible)]);
    for rule in &report.rules {
        for (what, reasons) in [("不判", &rule.not_judged), ("豁免", &rule.exempted)] {
            for reason in reasons {
                table.row([rule.rule_id.clone(), what.to_owned(), count(reason.count), reason.reason.clone()]);
            }
        }
    }
    if table.is_empty() {
        return Ok(());
    }
    context.gap()?;
    context.heading("不判与豁免（数据不够就不判，不当作“否”）")?;
    context.table(&table)
}
