//! Fuzzes the CSV reader for some seconds: mutates small files from a seed and reads each whole and cut into blocks.
//!
//! `fuzz_csv [SECONDS] [SEED]`; 30 seconds unless told. Fails when the reader panics, stops with an error it should not have, loses a
//! row, or gives other rows for other blocks; prints the seed of the case and leaves the file.

use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use flate2::{Compression, write::GzEncoder};
use mingjian_lake::import::{self, BlockSink, ImportError, ImportOptions, Source};
use mingjian_lake::{LakeError, Rejected, TypedBlock};

#[derive(Default)]
struct Rows(Mutex<Vec<String>>);

impl BlockSink for Rows {
    fn append(&self, block: TypedBlock) -> Result<(), LakeError> {
        let text = |row: usize| format!("{} {} {:?}", block.origin.rows[row], block.origin.lines[row], block.batch.slice(row, 1).columns());
        let mut rows = self.0.lock().expect("no panic in another thread");
        rows.extend((0..block.batch.num_rows()).map(text));
        Ok(())
    }

    fn reject(&self, rejected: Vec<Rejected>) -> Result<(), LakeError> {
        self.0.lock().expect("no panic in another thread").extend(rejected.into_iter().map(|row| format!("{row:?}")));
        Ok(())
    }
}

/// A generator small enough to need no crate.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }

    fn of<'a>(&mut self, choices: &[&'a [u8]]) -> &'a [u8] {
        choices[self.below(choices.len())]
    }
}

const HEADS: &[&[u8]] = &[
    b"bkkp_sn,mdtrt_id,psn_no,fixmedins_code,fee_ocur_time,cnt,pric,det_item_fee_sumamt,prd_days,selfpay_prop",
    "费用明细流水号,就诊ID,人员编号,机构编码,费用发生时间,数量,单价,金额,周期天数,自付比例".as_bytes(),
    b"feedetl_sn\tmdtrt_id\tpsn_no\tfixmedins_code\tfee_ocur_time\tcnt\tpric\tdet_item_fee_sumamt\tprd_days\tselfpay_prop",
];

const CELLS: &[&[u8]] = &[
    b"M1",
    b"",
    b" ",
    b"12.50",
    b"-3",
    b"1E+2",
    b"1e-9",
    b"1e400",
    b"99999999999999999999",
    b"2025-03-05",
    b"2025-02-30",
    b"20250305090506",
    b"2025-03-05T01:00:00Z",
    b"2025/3/5 ",
    b"45721.5",
    b"NULL",
    b"\\N",
    b"=\"01\"",
    b"'01",
    b"10%",
    b"\"a,b\"",
    b"\"a\nb\"",
    b"\"a\"\"b\"",
    b"\"",
    b"\"\"",
    b"5\"x",
    "１２．５".as_bytes(),
    "2025年3月5日".as_bytes(),
    "张三".as_bytes(),
    b"\xD5\xC5\xC8\xFD",
    b"\x81\x30\x81\x30",
    b"\xFF",
    b"\x81",
    b"\0",
    b"\xE5\xBC",
    "\u{3000}".as_bytes(),
    "\u{FEFF}".as_bytes(),
    b"7.5",
    b"1.2.3",
    b"--1",
    b"+",
    b".",
    b"-.",
    b"0x1F",
    b"(3)",
    b"1,234",
    b"\"1,234.5\"",
];

fn file(draw: &mut Draw) -> Vec<u8> {
    let head = draw.of(HEADS);
    let delimiter: &[u8] = if head.contains(&b'\t') { b"\t" } else { b"," };
    let mut bytes = [draw.of(&[b"", b"\xEF\xBB\xBF", b"\n", b"\r\n"]), head].concat();
    for _ in 0..draw.below(40) {
        bytes.extend_from_slice(draw.of(&[b"\n", b"\n", b"\r\n", b"\r"]));
        match draw.below(12) {
            0 => bytes.extend_from_slice(head),
            1 => {}
            _ => {
                let width = if draw.below(8) == 0 { draw.below(14) } else { 10 };
                for column in 0..width {
                    if column > 0 {
                        bytes.extend_from_slice(delimiter);
                    }
                    bytes.extend_from_slice(if column < 4 && draw.below(4) > 0 { b"K" } else { draw.of(CELLS) });
                }
            }
        }
    }
    let body = head.len() + 4;
    for _ in 0..draw.below(4) {
        if bytes.len() > body + 1 {
            let at = body + draw.below(bytes.len() - body);
            match draw.below(4) {
                0 => bytes[at] = draw.below(256) as u8,
                1 => {
                    bytes.remove(at);
                }
                2 => bytes.truncate(at),
                _ => bytes.insert(at, draw.of(&[b"\"", b"\n", b",", b"\0", b"\r"])[0]),
            }
        }
    }
    bytes
}

fn read(path: &Path, block_bytes: usize, threads: usize) -> Result<(Vec<String>, u64), ImportError> {
    let sink = Rows::default();
    let options = ImportOptions { block_bytes, threads, ..ImportOptions::default() };
    let report = import::read(&[Source::Path(path.to_path_buf())], &options, &(), &sink)?;
    let mut rows = sink.0.into_inner().expect("no panic in another thread");
    rows.sort();
    Ok((rows, report.rows()))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let seconds: u64 = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(30);
    let mut seed: u64 = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(1);
    let (begun, mut cases, mut rows) = (Instant::now(), 0u64, 0usize);
    let folder = tempfile::tempdir()?;
    while begun.elapsed() < Duration::from_secs(seconds) {
        let mut draw = Draw(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let mut bytes = file(&mut draw);
        let packed = draw.below(10) == 0;
        if packed {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(&bytes)?;
            bytes = encoder.finish()?;
            let keep = bytes.len() - draw.below(3) * draw.below(bytes.len()) / 2;
            bytes.truncate(keep);
        }
        let path = folder.path().join(if packed { "fee_list_d.csv.gz" } else { "fee_list_d.csv" });
        std::fs::write(&path, &bytes)?;
        let cut = 1 + draw.below(120);
        let outcome = std::panic::catch_unwind(|| (read(&path, 0, 1), read(&path, cut, 2)));
        let verdict = match outcome {
            Ok((Ok(whole), Ok(cut))) if whole == cut && whole.0.len() as u64 == whole.1 => {
                rows += whole.0.len();
                Ok(())
            }
            Ok((Ok(whole), Ok(cut))) => Err(format!("whole: {whole:#?}\ncut: {cut:#?}")),
            // A header that was hit, bytes of no encoding, an archive cut in its head.
            Ok((Err(a), Err(b))) if a.to_string() == b.to_string() => Ok(()),
            Ok((a, b)) => Err(format!("whole: {:?}\ncut: {:?}", a.err(), b.err())),
            Err(_) => Err("a panic".to_owned()),
        };
        if let Err(message) = verdict {
            let kept = std::env::temp_dir().join(format!("fuzz_csv_{seed}.{}", if packed { "gz" } else { "csv" }));
            std::fs::copy(&path, &kept)?;
            return Err(format!("seed {seed}, blocks of {cut}, file {}: {message}", kept.display()).into());
        }
        cases += 1;
        seed += 1;
    }
    println!("{cases} files, {rows} rows, nothing found; next seed {seed}");
    Ok(())
}
