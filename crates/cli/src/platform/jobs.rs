//! 任务 the platform starts: importing, screening, bringing the leads up to date. Each leaves its whole result or none.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use mingjian_casework::leads::Updated;
use mingjian_lake::import::{ImportOptions, ImportProgress, ImportState, Source, Stage};
use mingjian_model::day;
use mingjian_platform::{DataError, JobKind, Reins};
use mingjian_screening::{Progress, ScreenError, ScreenOptions};
use serde_json::{Map, Value};

use super::{WorkspaceData, leads, told};
use crate::commands::import::csv_bytes;
use crate::commands::screen::selection;
use crate::errors::{Failure, Outcome};
use crate::format::{count, money};
use crate::progress::Bar;
use crate::runs;
use crate::settings::Settings;
use crate::workspace::{lake_at, lake_for, library_at, now};

pub fn run(data: &WorkspaceData, kind: JobKind, args: &Map<String, Value>, reins: &Reins) -> Result<String, DataError> {
    match kind {
        JobKind::Import => import(data, args, reins),
        JobKind::Screen => screen(data, reins).map_err(told),
        JobKind::UpdateLeads => update_leads(data, reins),
    }
}

/// Only from the workspace's `inbox/`: whoever may start a job may not read the machine's other files through it.
fn import(data: &WorkspaceData, args: &Map<String, Value>, reins: &Reins) -> Result<String, DataError> {
    let inbox = data.folder.join("inbox");
    let named = args.get("path").and_then(Value::as_str).unwrap_or_default().trim();
    let wrong = || DataError::Invalid(format!("要导入的文件或目录请先放进工作区的 inbox/（{}），再写它在那里的名字", inbox.display()));
    let (Ok(inbox), Ok(path)) = (inbox.canonicalize(), inbox.join(named).canonicalize()) else { return Err(wrong()) };
    if !path.starts_with(&inbox) {
        return Err(wrong());
    }
    let work = || -> Outcome<String> {
        let lake = lake_for(&data.folder, csv_bytes(&path))?;
        let watch = Watch { reins, done: AtomicU64::new(0), of: AtomicU64::new(0) };
        let source = Source::parse(&path);
        let report = mingjian_lake::import::import(&lake, &[source], &ImportOptions::default(), &watch)?;
        Ok(format!("读入 {} 行，另册 {} 行", count(report.read.rows()), count(report.read.rejected())))
    };
    work().map_err(told)
}

fn screen(data: &WorkspaceData, reins: &Reins) -> Outcome<String> {
    let lake = lake_at(&data.folder)?;
    let (library, _) = library_at(&data.folder, None)?;
    let settings = Settings::load(&data.folder)?;
    let options =
        ScreenOptions { selection: selection(&[], &settings, &library), params: settings.rules.overrides()?, ..ScreenOptions::default() };
    let watch = Watch { reins, done: AtomicU64::new(0), of: AtomicU64::new(0) };
    let start = Instant::now();
    let report = match mingjian_screening::screen(&lake, &library, &options, &watch) {
        Err(ScreenError::Cancelled) => return Err(Failure::new("筛查已停止；疑点还是上一次的")),
        report => report?,
    };
    runs::store(&data.folder, &report, "", &day::format_moment(now()), start.elapsed())?;
    let totals = &report.totals;
    Ok(format!("{} 条疑点，涉及金额 {}（一笔钱只计一次）", count(totals.findings), money(mingjian_model::Fen(totals.amount_once))))
}

fn update_leads(data: &WorkspaceData, reins: &Reins) -> Result<String, DataError> {
    let opened = data.screened()?;
    let Some(book) = &opened.book else { return Err(DataError::Missing("还没有筛查过".to_owned())) };
    reins.tell("取疑点和对象", 0, 0);
    let findings = book.all().map_err(super::failed)?;
    if reins.cancelled() {
        return Err(DataError::Missing("已停止；线索没有动".to_owned()));
    }
    let bar = Bar::new(false, "", "");
    let update = leads::update(&data.office, &opened, &findings, &bar, now());
    let updated = tokio::runtime::Handle::current().block_on(update).map_err(told)?;
    Ok(in_words(&updated))
}

/// What an update did, in a sentence.
pub fn in_words(updated: &Updated) -> String {
    let mut words = format!(
        "{} 条疑点：新线索 {}，有变化 {}，疑点都消失 {}，不变 {}",
        count(updated.findings as u64),
        count(updated.new as u64),
        count(updated.changed as u64),
        count(updated.gone as u64),
        count(updated.kept as u64)
    );
    if updated.silent > 0 {
        words.push_str(&format!("；成立率过低的规则有 {} 条疑点没有成为线索", count(updated.silent as u64)));
    }
    words
}

/// Passes progress on to whoever watches the job.
struct Watch<'r> {
    reins: &'r Reins,
    done: AtomicU64,
    of: AtomicU64,
}

impl Progress for Watch<'_> {
    fn step(&self, name: &str) {
        self.reins.tell(name, self.done.load(Relaxed), self.of.load(Relaxed));
    }

    fn begin(&self, buckets: u32, _lines: u64) {
        self.of.store(u64::from(buckets), Relaxed);
    }

    fn bucket(&self, _lines: u64) {
        let done = self.done.fetch_add(1, Relaxed) + 1;
        self.reins.tell("逐人筛查", done, self.of.load(Relaxed));
    }

    fn cancelled(&self) -> bool {
        self.reins.cancelled()
    }
}

impl ImportProgress for Watch<'_> {
    fn advanced(&self, state: &ImportState) {
        let step = match state.stage {
            Stage::Reading => "读取",
            Stage::Storing => "入湖",
            Stage::Checking => "核对",
        };
        self.reins.tell(step, (state.share() * 1000.0) as u64, 1000);
    }

    fn cancelled(&self) -> bool {
        self.reins.cancelled()
    }
}
