//! How fast files become typed rows, without a lake: writes a CSV of fee lines with all 82 columns (or takes the paths it is given), reads it
//! into a sink that only counts, and prints rows, megabytes and CPU seconds.
//!
//! `csv_speed [ROWS|PATH…]`; 1,000,000 rows unless told.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use mingjian_lake::import::{self, BlockSink, ImportOptions, Source};
use mingjian_lake::{LakeError, Rejected, TypedBlock};
use mingjian_model::schema::{FEE_LIST_D, Type};

#[derive(Default)]
struct Counting {
    rows: AtomicU64,
    bytes: AtomicU64,
}

impl BlockSink for Counting {
    fn append(&self, block: TypedBlock) -> Result<(), LakeError> {
        self.rows.fetch_add(block.batch.num_rows() as u64, Ordering::Relaxed);
        self.bytes.fetch_add(block.batch.get_array_memory_size() as u64, Ordering::Relaxed);
        Ok(())
    }

    fn reject(&self, rows: Vec<Rejected>) -> Result<(), LakeError> {
        for row in rows.iter().take(3) {
            println!("{row:?}");
        }
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rows: Option<u64> = arguments.first().and_then(|text| text.parse().ok());
    let folder = tempfile::tempdir()?;
    let paths: Vec<PathBuf> = if arguments.is_empty() || rows.is_some() {
        let path = folder.path().join("fee_list_d.csv");
        write_csv(&path, rows.unwrap_or(1_000_000))?;
        vec![path]
    } else {
        arguments.iter().map(PathBuf::from).collect()
    };
    let sources: Vec<Source> = paths.into_iter().map(Source::Path).collect();
    for threads in [1, 2] {
        let (sink, begun, cpu) = (Counting::default(), Instant::now(), cpu_seconds());
        let report = import::read(&sources, &ImportOptions { threads, ..ImportOptions::default() }, &(), &sink)?;
        let (wall, cpu) = (begun.elapsed().as_secs_f64(), cpu_seconds() - cpu);
        let megabytes = report.files.iter().map(|file| file.size).sum::<u64>() as f64 / 1e6;
        println!(
            "{threads} threads: {} rows, {megabytes:.0} MB in {wall:.2} s, {cpu:.2} CPU s: {:.0} rows and {:.0} MB a CPU second; {} set aside; {} MB of arrays; peak {}",
            sink.rows.load(Ordering::Relaxed),
            report.rows() as f64 / cpu,
            megabytes / cpu,
            report.rejected(),
            sink.bytes.load(Ordering::Relaxed) / 1_000_000,
            peak_memory()
        );
    }
    Ok(())
}

/// A fee line's columns as a bureau exports them: two thirds filled.
fn write_csv(path: &Path, rows: u64) -> std::io::Result<()> {
    let mut out = std::io::BufWriter::with_capacity(1 << 20, std::fs::File::create(path)?);
    let names: Vec<&str> = FEE_LIST_D.columns.iter().map(|column| column.name).collect();
    writeln!(out, "{}", names.join(","))?;
    let mut line = String::new();
    for row in 0..rows {
        line.clear();
        for (number, column) in FEE_LIST_D.columns.iter().enumerate() {
            if number > 0 {
                line.push(',');
            }
            let x = row.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(number as u64).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40;
            // Writing to a String cannot fail.
            let _ = match (column.name, column.ty) {
                ("bkkp_sn", _) => write!(line, "33010020250{row:012}"),
                ("mdtrt_id", _) => write!(line, "3301002025{:010}", row / 7),
                ("setl_id", _) => write!(line, "330100S2025{:010}", row / 7),
                ("psn_no", _) => write!(line, "3301000000{:08}", row / 7 % 500_000),
                ("fixmedins_code", _) => write!(line, "H3301{:07}", row / 700 % 300),
                ("fixmedins_name", _) => write!(line, "某市第{}人民医院", row / 700 % 300),
                ("hilist_code" | "med_list_codg", _) => write!(line, "XL02BBA326A0010{:08}", x % 5_000),
                ("hilist_name" | "medins_list_name" | "prodname", _) => write!(line, "阿莫西林胶囊{}", x % 5_000),
                ("spec", _) => write!(line, "0.25g*{}粒/盒", x % 48),
                (name, Type::Text) if name.ends_with("_name") && number % 3 != 0 => write!(line, "张医生{}", x % 900),
                (_, Type::Text) if number % 3 == 0 => Ok(()),
                (_, Type::Text) => write!(line, "{}", x % 100),
                (_, Type::Int) => write!(line, "{}", x % 30),
                (_, Type::Money) => write!(line, "{}.{:02}", x % 900, x % 100),
                (_, Type::Quantity) => write!(line, "{}", 1 + x % 9),
                (_, Type::Price) => write!(line, "{}.{:04}", x % 300, x % 10_000),
                (_, Type::Ratio) => write!(line, "0.{}", x % 10),
                (_, Type::Date) => write!(line, "2025-{:02}-{:02}", 1 + x % 12, 1 + x % 28),
                (_, Type::Time) => {
                    write!(line, "2025-{:02}-{:02} {:02}:{:02}:{:02}", 1 + row / 7 % 12, 1 + row / 7 % 28, x % 24, x % 60, x % 60)
                }
            };
        }
        line.push('\n');
        out.write_all(line.as_bytes())?;
    }
    out.flush()
}

/// CPU seconds of this process and peak memory, from /proc.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("").trim_start_matches("VmHWM:").trim().to_owned()
}
