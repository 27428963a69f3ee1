//! 量速度: the phases of a screening one after the other on one thread, for benchmarks.

use mingjian_engine::{Attrition, Hit};
use mingjian_lake::Lake;
use mingjian_rules::{Library, Selection};

use super::{Run, ScreenOptions, Thread, compile, plan};
use crate::coverage;
use crate::error::ScreenError;
use crate::finding::FindingStore;
use crate::load::catalogue::Reference;

/// Seconds on the caller's clock, by phase.
#[derive(Debug, Clone, Copy, Default)]
pub struct Phases {
    pub lines: u64,
    pub findings: u64,
    /// Bare read of the same columns of the same tables.
    pub read: f64,
    /// Reading and making timelines.
    pub load: f64,
    /// The kernel.
    pub screen: f64,
    /// Evidence, texts, shares, clusters, sums.
    pub draft: f64,
}

/// Runs the kernel's rules over all buckets on this thread; nothing is written. `clock` gives seconds (of the CPU, say).
pub fn measure(lake: &Lake, library: &Library, options: &ScreenOptions, clock: &dyn Fn() -> f64) -> Result<Phases, ScreenError> {
    let snapshot = lake.snapshot(options.as_of)?;
    let selected = super::select(library, &options.selection)?;
    let runnable = coverage::judge(library, &selected, &snapshot).runnable;
    let compiled = compile(library, &Selection { ids: Some(runnable), ..options.selection.clone() }, options)?;
    let plan = plan(library, &compiled);
    let mut phases = Phases::default();

    let begin = clock();
    for bucket in 0..snapshot.buckets() {
        for table in plan.tables() {
            let columns = plan.columns(&snapshot, table);
            if snapshot.has_table(table) && !columns.is_empty() {
                let read = snapshot.read_bucket(table, bucket, &columns.iter().map(String::as_str).collect::<Vec<_>>())?;
                std::hint::black_box(&read);
            }
        }
    }
    phases.read = clock() - begin;

    let reference = Reference::load(&snapshot)?;
    let store = FindingStore::new(lake.root());
    let (seen, money) = Default::default();
    let run =
        Run { snapshot: &snapshot, library, compiled: &compiled, reference: &reference, plan: &plan, options, seen: &seen, money: &money };
    let mut thread = Thread::new(&run, &store);
    for number in 0..snapshot.buckets() {
        let begin = clock();
        let bucket = thread.loader.load(number, &mut thread.worker)?;
        let loaded = clock();
        let mut attrition = Attrition::new(thread.rules.blocks.len());
        let (mut hits, mut chunk_hits): (Vec<(usize, Hit)>, Vec<Hit>) = Default::default();
        for (at, chunk) in bucket.chunks.iter().enumerate() {
            thread.screener.screen(&mut thread.worker, &bucket.timelines(chunk), &mut chunk_hits, &mut attrition);
            hits.extend(chunk_hits.drain(..).map(|hit| (at, hit)));
        }
        let screened = clock();
        let found = thread.drafter.draft(thread.loader.snapshot, &bucket, &hits, &thread.worker)?;
        for risky in &found {
            thread.writer.push(&risky.draft)?;
        }
        thread.tally.bucket(&bucket, &found, &seen, &thread.worker);
        let drafted = clock();
        phases.lines += bucket.line_count();
        phases.findings += found.len() as u64;
        phases.load += loaded - begin;
        phases.screen += screened - loaded;
        phases.draft += drafted - screened;
    }
    Ok(phases)
}
