//! Time, processors and memory, and what is told of them.

use std::path::Path;
use std::time::Instant;

use serde_json::{Map, Value, json};

/// What works: this process, and the database's server where it has one of its own.
pub struct Machine {
    /// The server's first process.
    pub server: Option<u32>,
}

impl Machine {
    /// Seconds of processors used so far; 0 where the machine does not say (Linux does).
    pub fn processors(&self) -> f64 {
        let own: f64 = times("self").map_or(0.0, |(own, _, _)| own);
        own + self.server.map_or(0.0, server_processors)
    }
}

/// Of a process: seconds used by it, by what it waited for, and who began it.
fn times(process: &str) -> Option<(f64, f64, u32)> {
    let said = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // Behind the name in brackets: state, parent, …; user and system time are the 12th and 13th, of ended children the next two; hundredths.
    let fields: Vec<&str> = said.rsplit(')').next()?.split_whitespace().collect();
    let seconds = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0) / 100.0;
    Some((seconds(11) + seconds(12), seconds(13) + seconds(14), fields.get(1)?.parse().ok()?))
}

fn server_processors(first: u32) -> f64 {
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|entry| times(entry.file_name().to_str()?));
    let children: f64 = all.filter(|(_, _, parent)| *parent == first).map(|(own, ended, _)| own + ended).sum();
    times(&first.to_string()).map_or(0.0, |(own, ended, _)| own + ended) + children
}

/// The most memory this process has held, in MiB.
pub fn memory_mib() -> u64 {
    let said = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = said.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("");
    line.split_whitespace().next().and_then(|text| text.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// From now to then: seconds, and seconds of processors.
pub struct Span {
    from: Instant,
    busy: f64,
}

impl Span {
    pub fn from(machine: &Machine) -> Span {
        Span { from: Instant::now(), busy: machine.processors() }
    }

    pub fn end(self, machine: &Machine) -> (f64, f64) {
        (self.from.elapsed().as_secs_f64(), machine.processors() - self.busy)
    }
}

/// What was measured of one database.
pub struct Report {
    database: &'static str,
    pub leads: i64,
    runs: Map<String, Value>,
    asks: Map<String, Value>,
    slowest: (f64, String),
}

fn near(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

impl Report {
    pub fn new(database: &'static str) -> Report {
        Report { database, leads: 0, runs: Map::new(), asks: Map::new(), slowest: (0.0, String::new()) }
    }

    /// Something done once over many leads.
    pub fn ran(&mut self, what: &str, leads: i64, (seconds, busy): (f64, f64)) {
        let (a_second, memory) = (leads as f64 / seconds, memory_mib());
        println!("{what:<48} {leads} leads in {seconds:.1} s, {busy:.1} s of processors: {a_second:.0} a second; peak {memory} MiB");
        let told = json!({
            "leads": leads, "seconds": near(seconds), "processor_seconds": near(busy), "leads_per_second": a_second.round(),
            "leads_per_processor_second": (leads as f64 / busy.max(0.01)).round(), "peak_memory_mib": memory,
        });
        self.runs.insert(what.to_owned(), told);
    }

    /// A question asked many times: milliseconds of each, and seconds of processors of all.
    pub fn asked(&mut self, what: &str, mut times: Vec<f64>, busy: f64) {
        times.sort_by(f64::total_cmp);
        let of = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
        let (p50, p95, each) = (of(0.5), of(0.95), busy * 1_000.0 / times.len() as f64);
        println!("{what:<48} p50 {p50:>8.2} ms   p95 {p95:>8.2} ms   processors {each:>8.2} ms");
        if !what.starts_with("plain") && p95 > self.slowest.0 {
            self.slowest = (p95, what.to_owned());
        }
        self.asks
            .insert(what.to_owned(), json!({ "p50_ms": near(p50), "p95_ms": near(p95), "processor_ms": near(each), "asks": times.len() }));
    }

    /// Tells the slowest, and writes the report beside what it says of other databases.
    pub fn close(self, file: Option<&str>) -> Result<(), Box<dyn std::error::Error>> {
        println!("slowest p95: {:.2} ms ({})", self.slowest.0, self.slowest.1);
        let Some(file) = file else { return Ok(()) };
        let mut all: Map<String, Value> =
            if Path::new(file).is_file() { serde_json::from_slice(&std::fs::read(file)?)? } else { Map::new() };
        let mut own = all.get(self.database).and_then(Value::as_object).cloned().unwrap_or_default();
        // Asked of a store that was there: what was measured of writing it stays.
        let mut runs = own.get("runs").and_then(Value::as_object).cloned().unwrap_or_default();
        runs.extend(self.runs);
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        own.insert("leads".into(), self.leads.into());
        own.insert("runs".into(), runs.into());
        own.insert("asks".into(), self.asks.into());
        own.insert("slowest_p95_ms".into(), near(self.slowest.0).into());
        own.insert("load_at_the_end".into(), load.split_whitespace().next().unwrap_or("").into());
        own.insert("cores".into(), std::thread::available_parallelism()?.get().into());
        all.insert(self.database.into(), own.into());
        std::fs::write(file, serde_json::to_string_pretty(&all)? + "\n")?;
        Ok(())
    }
}
