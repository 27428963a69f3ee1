//! Lines per CPU second of each phase of a screening, on one thread.
//!
//! `cargo run -p mingjian-screening --example screen_speed -- WORKSPACE [--import FOLDER] [--buckets 64] [--rules N067,N009] [--rounds 3] [--whole]`

use std::path::Path;

use mingjian_lake::Lake;
use mingjian_lake::import::{ImportOptions, Source, import};
use mingjian_rules::{Library, Selection};
use mingjian_screening::{Phases, Progress, ScreenOptions, measure, screen};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str| arguments.iter().position(|argument| argument == name).and_then(|at| arguments.get(at + 1));
    let workspace = arguments.first().ok_or("name a workspace")?;
    let lake = match option("--buckets") {
        Some(buckets) => Lake::open_with(Path::new(workspace), buckets.parse()?)?,
        None => Lake::open(Path::new(workspace))?,
    };
    if let Some(folder) = option("--import") {
        let mut files: Vec<_> = std::fs::read_dir(folder)?.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
        files.retain(|file| file.file_stem().is_some_and(|stem| stem != "truth"));
        files.sort();
        let sources: Vec<Source> = files.into_iter().map(Source::Path).collect();
        let begin = cpu();
        let report = import(&lake, &sources, &ImportOptions::default(), &())?;
        println!("import: version {}, {:.1} cpu-s", report.version, cpu() - begin);
    }
    let library = Library::built_in();
    let mut options = ScreenOptions::default();
    if let Some(rules) = option("--rules") {
        options.selection = Selection::of(rules.split(','));
    }
    let rounds = option("--rounds").map_or(Ok(1), |text| text.parse())?;
    for _ in 0..rounds {
        let phases = measure(&lake, &library, &options, &thread_cpu)?;
        print(&phases);
    }
    if arguments.iter().any(|argument| argument == "--whole") {
        let begin = cpu();
        let report = screen(&lake, &library, &options, &Steps)?;
        println!("whole screening: {:.1} cpu-s, peak {} MiB, {:?}", cpu() - begin, peak_mib(), report.totals);
        for rule in &report.rules {
            println!(
                "  {} {} findings {} (违规 {}), persons {}, amount {:?}, not judged {:?}, exempted {:?}",
                rule.rule_id, rule.title, rule.findings, rule.violations, rule.persons, rule.amount, rule.not_judged, rule.exempted
            );
        }
        for rule in &report.not_run {
            println!("  {} {}: {}", rule.rule_id, rule.title, rule.reason);
        }
    }
    Ok(())
}

/// Says when a step begins, by the CPU's clock.
struct Steps;

impl Progress for Steps {
    fn step(&self, name: &str) {
        eprintln!("{:8.1} cpu-s {name} (peak {} MiB)", cpu(), peak_mib());
    }
}

fn print(phases: &Phases) {
    let rate = |seconds: f64| phases.lines as f64 / seconds / 1e6;
    let all = phases.load + phases.screen + phases.draft;
    println!(
        "{} lines, {} findings | M lines/cpu-s: read {:.2}, load {:.2}, screen {:.2}, findings {:.2}, all {:.2} | all ÷ read {:.2} | s: read {:.2} load {:.2} screen {:.2} findings {:.2}",
        phases.lines,
        phases.findings,
        rate(phases.read),
        rate(phases.load),
        rate(phases.screen),
        rate(phases.draft),
        rate(all),
        all / phases.read,
        phases.read,
        phases.load,
        phases.screen,
        phases.draft
    );
}

/// CPU seconds of this thread.
fn thread_cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|nanos| nanos.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}

/// CPU seconds of the process, to a hundredth.
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

fn peak_mib() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}
