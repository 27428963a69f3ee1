//! How fast the lake takes fee lines: generates N of them as a bureau's file would give them (by visit, 63 of the 82 columns filled), imports
//! them and prints rows/s, CPU seconds and peak memory; then imports the same again, reads the lake and compacts two halves.
//!
//! `import_speed [ROWS] [THREADS] [FOLDER] [BUCKETS]`; 1,000,000 rows, 2 threads, a temporary folder and 64 buckets unless told; a folder
//! that is told is kept. What counts for memory is rows a bucket: 1,250,000 in 4 are as 20,000,000 in 64.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use arrow::array::{ArrayRef, Decimal64Array, Int32Array, RecordBatch, StringBuilder, TimestampMicrosecondArray};
use arrow::datatypes::{Field, Schema};
use mingjian_lake::{Lake, Origin, TypedBlock};
use mingjian_model::day::{MICROS_PER_DAY, MICROS_PER_SECOND, from_ymd};
use mingjian_model::schema::{FEE_LIST_D, Type};

const BLOCK: usize = 65_536;
const LINES_A_VISIT: usize = 7;

/// A well-mixed number for a row and a purpose: the same on every run.
fn mix(row: usize, purpose: u64) -> usize {
    let mut x = (row as u64).wrapping_add(purpose.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^= x >> 29;
    x = x.wrapping_mul(0x94d0_49bb_1331_11eb);
    (x ^ (x >> 32)) as usize & 0x7fff_ffff
}

/// A draw where small numbers are frequent, as items and doctors are.
fn skewed(row: usize, purpose: u64, different: usize) -> usize {
    let unit = mix(row, purpose) as f64 / 2_147_483_648.0;
    ((different as f64).powf(unit) - 1.0) as usize
}

fn text(column: &str, row: usize, rows: usize, out: &mut String) -> bool {
    use std::fmt::Write;
    let visit = row / LINES_A_VISIT;
    let person = mix(visit, 1) % (rows / 100).max(1);
    let (hospital, item, doctor) = (skewed(visit, 2, 300), skewed(row, 3, 20_000), skewed(visit, 4, 4_000));
    let written = match column {
        "bkkp_sn" => write!(out, "4301002025{row:012}"),
        "mdtrt_id" => write!(out, "430100G{visit:011}"),
        "setl_id" => write!(out, "430100S{visit:011}"),
        "rx_drord_no" => write!(out, "RX{visit:010}{:02}", row % 3),
        "rid" => write!(out, "430100{:024}", row as u64 * 1_000_003),
        "psn_no" | "psn_insu_rlts_id" => write!(out, "43010000000000{person:08}"),
        "fixmedins_code" => write!(out, "H430100{hospital:05}"),
        "fixmedins_name" => write!(out, "示例市第{hospital}人民医院"),
        "hilist_code" | "med_list_codg" | "medins_list_codg" => write!(out, "XA{item:05}A001010101{:05}", item % 97),
        "hilist_name" | "medins_list_name" | "prodname" => write!(out, "示例药品{item}号注射液"),
        "spec" => write!(out, "{}ml:{}mg", item % 20, item % 50),
        "dosform_name" => write!(out, "注射剂{}", item % 12),
        "bilg_dept_codg" | "acord_dept_codg" => write!(out, "D{:03}", doctor % 40),
        "bilg_dept_name" | "acord_dept_name" => write!(out, "内科{}病区", doctor % 40),
        "bilg_dr_code" | "acord_dr_code" => write!(out, "D4301{doctor:07}"),
        "bilg_dr_name" | "acord_dr_name" => write!(out, "医师{doctor}"),
        "med_type" => write!(out, "{}", [11, 14, 21, 41][visit % 4]),
        "insu_admdvs" | "poolarea_no" => write!(out, "4301{:02}", person % 9),
        "chrgitm_lv" | "list_type" | "med_chrgitm_type" => write!(out, "{:02}", item % 14),
        "sin_dos_dscr" => write!(out, "{}mg", item % 30),
        "used_frqu_dscr" => write!(out, "{}次/日", item % 4),
        "medc_way_dscr" => write!(out, "静脉滴注"),
        "crter_id" | "opter_id" => write!(out, "OP{hospital:05}"),
        "crter_name" | "opter_name" => write!(out, "经办{hospital}"),
        "memo" | "oprn_oprt_code" | "tcmdrug_used_way" | "prodplac_type" | "etip_hosp_code" | "init_feedetl_sn" | "drt_reim_flag" => {
            return false;
        }
        _ => write!(out, "{}", item % 2),
    };
    written.is_ok()
}

fn block(first: usize, count: usize, rows: usize) -> TypedBlock {
    let day = i64::from(from_ymd(2025, 1, 1).unwrap_or_default());
    let time = |row: usize| (day + (row / LINES_A_VISIT * 360 * LINES_A_VISIT / rows.max(1)) as i64) * MICROS_PER_DAY;
    let seconds = |row: usize| (mix(row / LINES_A_VISIT, 5) % 86_400) as i64 * MICROS_PER_SECOND;
    let (mut fields, mut arrays): (Vec<Field>, Vec<ArrayRef>) = Default::default();
    for column in FEE_LIST_D.columns {
        let span = first..first + count;
        let scaled = |scale: i64, precision, decimals| -> ArrayRef {
            let values = span.clone().map(|row| (skewed(row, 6, 500) as i64 + 1) * scale / 2);
            let array = Decimal64Array::from_iter_values(values).with_precision_and_scale(precision, decimals);
            array.map_or_else(|_| Arc::new(Int32Array::from(Vec::<i32>::new())) as ArrayRef, |array| Arc::new(array))
        };
        let array: ArrayRef = match column.ty {
            Type::Text => {
                let mut texts = StringBuilder::with_capacity(count, count * 16);
                let mut cell = String::new();
                for row in span {
                    cell.clear();
                    texts.append_option(text(column.name, row, rows, &mut cell).then_some(&cell));
                }
                Arc::new(texts.finish())
            }
            Type::Int => Arc::new(Int32Array::from_iter_values(span.map(|row| (row % 7) as i32))),
            Type::Date => continue,
            Type::Time => Arc::new(TimestampMicrosecondArray::from_iter_values(span.map(|row| {
                let later = if column.name == "fee_ocur_time" { 0 } else { MICROS_PER_DAY };
                time(row) + seconds(row) + later
            }))),
            Type::Money => scaled(100, 16, 2),
            Type::Quantity => scaled(10_000, 16, 4),
            Type::Price => scaled(1_000_000, 16, 6),
            Type::Ratio => Arc::new(
                Decimal64Array::from_iter_values(span.map(|row| (skewed(row, 3, 20_000) % 5) as i64 * 500))
                    .with_data_type(arrow::datatypes::DataType::Decimal64(5, 4)),
            ),
        };
        fields.push(Field::new(column.name, array.data_type().clone(), true));
        arrays.push(array);
    }
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).expect("columns of one length");
    let numbers: Vec<u64> = (first as u64 + 1..=(first + count) as u64).collect();
    TypedBlock { table: &FEE_LIST_D, batch, origin: Origin { file: Arc::from("fee_list_d.csv"), lines: numbers.clone(), rows: numbers } }
}

/// CPU seconds of the process so far.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |i: usize| fields.get(i).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn each_block(rows: std::ops::Range<usize>, total: usize, threads: usize, take: impl Fn(TypedBlock) + Sync) {
    let next = AtomicUsize::new(rows.start);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let first = next.fetch_add(BLOCK, Ordering::Relaxed);
                    if first >= rows.end {
                        break;
                    }
                    take(block(first, BLOCK.min(rows.end - first), total));
                }
            });
        }
    });
}

fn import(lake: &Lake, rows: std::ops::Range<usize>, total: usize, threads: usize, generation: f64) {
    let count = rows.len();
    let (start, cpu_start) = (Instant::now(), cpu());
    let txn = lake.begin_import().expect("no other writer");
    each_block(rows, total, threads, |block| txn.append(block).expect("appended"));
    let (appended, cpu_appended) = (start.elapsed().as_secs_f64(), cpu() - cpu_start);
    let outcome = txn.commit(Vec::new()).expect("committed");
    let (wall, cpu_all) = (start.elapsed().as_secs_f64(), cpu() - cpu_start);
    let (spill, commit) = (cpu_appended - generation, cpu_all - cpu_appended);
    println!(
        "import: wall {wall:.1} s ({appended:.1} append with generation + {:.1} commit), cpu {:.1} s without generation ({spill:.1} spill + {commit:.1} commit) = {:.2} us a row, {:.0} rows/s on 2 cores, peak {} MiB",
        wall - appended,
        spill + commit,
        (spill + commit) * 1e6 / count as f64,
        2.0 * count as f64 / (spill + commit),
        peak_mib()
    );
    println!("  {:?}", outcome.tables);
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let rows: usize = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    let threads: usize = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(2);
    let kept = arguments.next().map(PathBuf::from);
    let folder = kept.clone().unwrap_or_else(|| std::env::temp_dir().join(format!("mingjian-import-speed-{}", std::process::id())));
    let cpu_start = cpu();
    each_block(0..rows, rows, threads, |block| drop(std::hint::black_box(block)));
    let generation = cpu() - cpu_start;
    println!("{rows} rows, generation {generation:.1} cpu-s, peak {} MiB", peak_mib());
    let buckets = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(mingjian_lake::DEFAULT_BUCKETS);
    let lake = Lake::open_with(&folder, buckets).expect("a lake");
    import(&lake, 0..rows, rows, threads, generation);
    let snapshot = lake.snapshot(None).expect("a version");
    let bytes: u64 = snapshot.record().tables.values().map(|table| table.bytes).sum();
    println!("lake: {:.1} bytes a row", bytes as f64 / rows as f64);
    let columns = [
        "psn_no",
        "mdtrt_id",
        "fee_ocur_time",
        "hilist_code",
        "cnt",
        "pric",
        "det_item_fee_sumamt",
        "inscp_amt",
        "bilg_dr_code",
        "fixmedins_code",
    ];
    let (start, cpu_start) = (Instant::now(), cpu());
    let read: usize = (0..snapshot.buckets())
        .flat_map(|bucket| snapshot.read_bucket("fee_list_d", bucket, &columns).expect("readable"))
        .flat_map(|run| run.into_iter().map(|batch| batch.num_rows()))
        .sum();
    let seconds = cpu() - cpu_start;
    println!(
        "read 10 columns: {:.2} s, {seconds:.2} cpu-s, {:.1} M rows a cpu-s",
        start.elapsed().as_secs_f64(),
        read as f64 / 1e6 / seconds.max(0.01)
    );
    println!("the same again:");
    import(&lake, 0..rows, rows, threads, generation);
    println!("1 % more:");
    let more = rows / 100;
    import(&lake, rows..rows + more, rows, threads, generation / 100.0);
    let (start, cpu_start) = (Instant::now(), cpu());
    lake.compact(Default::default()).expect("compacted");
    println!("compact: {:.1} s, {:.1} cpu-s, peak {} MiB", start.elapsed().as_secs_f64(), cpu() - cpu_start, peak_mib());
    if kept.is_none() {
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}
