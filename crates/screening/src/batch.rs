//! 批量筛查: the rules of a library over a version of the lake, bucket by bucket on all threads; findings into the lake.
//!
//! True of it: which thread takes which bucket, how many buckets there are and in which pieces the data came changes no byte of the
//! findings. Memory holds one bucket a thread, and findings up to a budget ([`crate::finding`]).

pub(crate) mod drafts;
mod groups;
mod measure;
mod shared;
mod tally;

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use mingjian_engine::program::stage;
use mingjian_engine::{Attrition, Hit, Options, RuleSet, Screener, Worker};
use mingjian_lake::{Lake, Snapshot};
use mingjian_model::day::Day;
use mingjian_model::schema;
use mingjian_rules::{Compiled, Library, ParamOverrides, Selection, alternatives};

use crate::cluster::Clusters;
use crate::coverage;
use crate::error::ScreenError;
use crate::finding::{FindingStore, RuleFacts, findings_schema, to_batch};
use crate::load::bucket::{Loader, Plan};
use crate::load::catalogue::Reference;
use crate::load::lines::Items;
use crate::report::{Progress, RuleNotRun, ScreenReport};
pub use measure::{Phases, measure};

use drafts::Drafter;
use shared::GroupMoney;
use tally::Tally;

/// What to screen, with what.
#[derive(Debug, Clone)]
pub struct ScreenOptions {
    pub selection: Selection,
    pub params: ParamOverrides,
    /// Findings whose last row falls outside these days are left out.
    pub from: Option<Day>,
    pub to: Option<Day>,
    /// The version of the lake; `None`: the newest.
    pub as_of: Option<u64>,
    pub threads: usize,
    /// Keep why conditions fell away, per condition.
    pub trace: bool,
}

impl Default for ScreenOptions {
    fn default() -> Self {
        ScreenOptions {
            selection: Selection::default(),
            params: ParamOverrides::default(),
            from: None,
            to: None,
            as_of: None,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            trace: false,
        }
    }
}

/// Screens a version of the lake and replaces the `findings` table by what it finds.
pub fn screen(lake: &Lake, library: &Library, options: &ScreenOptions, progress: &dyn Progress) -> Result<ScreenReport, ScreenError> {
    let snapshot = lake.snapshot(options.as_of)?;
    let selected = select(library, &options.selection)?;
    let mut coverage = coverage::judge(library, &selected, &snapshot);
    coverage.not_run.extend(retired(library, &options.selection));
    let selection = Selection { ids: Some(coverage.runnable), ..options.selection.clone() };
    let compiled = compile(library, &selection, options)?;
    progress.step("装载目录");
    let reference = Reference::load(&snapshot)?;
    let store = FindingStore::new(lake.root());
    let mut tally = Tally::new(library);

    if progress.cancelled() {
        return Err(ScreenError::Cancelled);
    }
    progress.step("跨人规则");
    let mut money = GroupMoney::default();
    let seen = {
        let mut sinks = groups::Sinks { store: &store, money: &mut money, tally: &mut tally };
        groups::run(&snapshot, library, &compiled, options, &mut sinks, progress)?
    };

    progress.step("逐人筛查");
    let plan = plan(library, &compiled);
    let run =
        Run { snapshot: &snapshot, library, compiled: &compiled, reference: &reference, plan: &plan, options, seen: &seen, money: &money };
    run.buckets(&store, &mut tally, progress)?;
    let mut writer = store.writer();
    for draft in money.settled() {
        tally.group_finding(&draft);
        writer.push(&draft)?;
    }
    writer.finish()?;

    if progress.cancelled() {
        return Err(ScreenError::Cancelled);
    }
    progress.step("写入疑点");
    let hash = compiled.hash().to_owned();
    let facts: Vec<RuleFacts> = library
        .rules
        .iter()
        .map(|rule| RuleFacts {
            id: rule.id.clone(),
            version: rule.version,
            name: rule.title.clone(),
            kind: rule.kind.clone(),
            class: rule.class.title().to_owned(),
        })
        .collect();
    let data_version = lake.since(&snapshot, |table| schema::table(table).is_some())?;
    let findings_version = write(lake, store, &facts, data_version, &hash)?;
    let mut report = tally.report(library, &compiled);
    report.data_version = data_version;
    report.findings_version = findings_version;
    report.rule_set_hash = hash;
    report.not_run = coverage.not_run;
    report.not_run.sort_by(|a, b| a.rule_id.cmp(&b.rule_id));
    Ok(report)
}

fn compile(library: &Library, selection: &Selection, options: &ScreenOptions) -> Result<Compiled, ScreenError> {
    library.compile(selection, &options.params).map_err(|found| ScreenError::Rules {
        count: found.len(),
        list: found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
    })
}

/// Positions of the rules a selection names. Whether a status runs is the selection's to say.
fn select(library: &Library, selection: &Selection) -> Result<Vec<usize>, ScreenError> {
    if let Some(ids) = &selection.ids {
        let unknown: Vec<&str> = ids.iter().map(String::as_str).filter(|id| !library.rules.iter().any(|rule| rule.id == *id)).collect();
        if !unknown.is_empty() {
            return Err(ScreenError::UnknownRules(unknown.join("、")));
        }
    }
    Ok((0..library.rules.len()).filter(|&at| selection.takes(&library.rules[at])).collect())
}

/// Rules a selection leaves out because of their status.
fn retired(library: &Library, selection: &Selection) -> Vec<RuleNotRun> {
    library
        .rules
        .iter()
        .filter(|rule| !selection.takes(rule) && selection.ids.as_ref().is_none_or(|ids| ids.contains(&rule.id)))
        .map(|rule| RuleNotRun {
            rule_id: rule.id.clone(),
            title: rule.title.clone(),
            reason: format!("状态为{}，未启用", rule.status.title()),
        })
        .collect()
}

/// The columns the compiled rules look at, and those that hold the same facts elsewhere.
fn plan(library: &Library, compiled: &Compiled) -> Plan {
    let reads = compiled.rules.iter().flat_map(|&at| &library.rules[at].reads);
    Plan::new(reads.flat_map(|&(table, column)| alternatives(table, column).iter().copied().chain([(table, column)])))
}

/// Whether a finding's last moment falls inside the asked days.
fn inside(last: Option<i64>, options: &ScreenOptions) -> bool {
    let Some(day) = last.map(mingjian_model::day::day_of) else { return true };
    options.from.is_none_or(|from| day >= from) && options.to.is_none_or(|to| day <= to)
}

/// What the threads share.
struct Run<'a> {
    snapshot: &'a Snapshot,
    library: &'a Library,
    compiled: &'a Compiled,
    reference: &'a Reference,
    plan: &'a Plan,
    options: &'a ScreenOptions,
    /// Persons group rules found already.
    seen: &'a HashSet<String>,
    /// Money of group rules on lines.
    money: &'a GroupMoney,
}

impl Run<'_> {
    fn buckets(&self, store: &FindingStore, tally: &mut Tally, progress: &dyn Progress) -> Result<(), ScreenError> {
        if self.compiled.rule_set.blocks.is_empty() {
            return Ok(());
        }
        let buckets = self.snapshot.buckets();
        progress.begin(buckets, self.snapshot.rows("fee_list_d"));
        let next = AtomicU32::new(0);
        let stop = AtomicBool::new(false);
        let done: Mutex<Vec<(u32, Attrition)>> = Mutex::new(Vec::new());
        let tallies: Mutex<Vec<Tally>> = Mutex::new(Vec::new());
        let work = || -> Result<(), ScreenError> {
            let mut thread = Thread::new(self, store);
            while !stop.load(Ordering::Relaxed) {
                if progress.cancelled() {
                    return Err(ScreenError::Cancelled);
                }
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= buckets {
                    break;
                }
                let (lines, attrition) = thread.bucket(number)?;
                lock(&done).push((number, attrition));
                progress.bucket(lines);
            }
            let Thread { writer, tally, .. } = thread;
            writer.finish()?;
            lock(&tallies).push(tally);
            Ok(())
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..self.options.threads.max(1))
                .map(|_| scope.spawn(|| work().inspect_err(|_| stop.store(true, Ordering::Relaxed))))
                .collect();
            let mut outcome = Ok(());
            for thread in threads {
                let ended = thread.join().unwrap_or_else(|panic| {
                    let text = panic.downcast_ref::<String>().cloned();
                    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                    Err(ScreenError::Panicked(text.unwrap_or_default()))
                });
                outcome = outcome.and(ended);
            }
            outcome
        })?;
        for other in std::mem::take(&mut *lock(&tallies)) {
            tally.merge(other);
        }
        let mut attritions = std::mem::take(&mut *lock(&done));
        attritions.sort_by_key(|done| done.0);
        attritions.iter().for_each(|(_, attrition)| tally.attrition.merge(attrition));
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// One thread: its worker knows the codes it has seen, its scratch lives as long as it does.
struct Thread<'a> {
    rules: &'a RuleSet,
    screener: Screener<'a>,
    worker: Worker,
    loader: Loader<'a>,
    drafter: Drafter<'a>,
    writer: crate::finding::Writer<'a>,
    tally: Tally,
    seen: &'a HashSet<String>,
    money: &'a GroupMoney,
}

impl<'a> Thread<'a> {
    fn new(run: &Run<'a>, store: &'a FindingStore) -> Thread<'a> {
        let rules = &run.compiled.rule_set;
        let engine = Options { stages: stage::AFTER, from: run.options.from, to: run.options.to, trace: run.options.trace };
        Thread {
            rules,
            screener: Screener::new(rules, engine),
            worker: Worker::new(rules),
            loader: Loader { snapshot: run.snapshot, plan: run.plan, reference: run.reference, rules, items: Items::default() },
            drafter: Drafter { library: run.library, compiled: run.compiled, reference: run.reference, clusters: Clusters::default() },
            writer: store.writer(),
            tally: Tally::new(run.library),
            seen: run.seen,
            money: run.money,
        }
    }

    fn bucket(&mut self, number: u32) -> Result<(u64, Attrition), ScreenError> {
        let bucket = self.loader.load(number, &mut self.worker)?;
        let mut attrition = Attrition::new(self.rules.blocks.len());
        let mut hits: Vec<(usize, Hit)> = Vec::new();
        let mut chunk_hits = Vec::new();
        for (at, chunk) in bucket.chunks.iter().enumerate() {
            self.screener.screen(&mut self.worker, &bucket.timelines(chunk), &mut chunk_hits, &mut attrition);
            hits.extend(chunk_hits.drain(..).map(|hit| (at, hit)));
        }
        let found = self.drafter.draft(self.loader.snapshot, &bucket, &hits, &self.worker)?;
        for risky in &found {
            self.writer.push(&risky.draft)?;
        }
        self.money.note(&found);
        self.tally.bucket(&bucket, &found, self.seen, &self.worker);
        Ok((bucket.line_count(), attrition))
    }
}

/// Writes the findings, sorted by id, as the new `findings` table.
fn write(lake: &Lake, store: FindingStore, facts: &[RuleFacts], data_version: u64, hash: &str) -> Result<u64, ScreenError> {
    store.verify()?;
    let batches = store
        .sorted()
        .map(|drafts| to_batch(&drafts?, facts, data_version, hash))
        .filter(|batch| batch.as_ref().map_or(true, |batch| batch.num_rows() > 0));
    lake.replace_table("findings", batches, findings_schema(), "screen")
}
