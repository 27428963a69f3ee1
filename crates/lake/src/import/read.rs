//! 读取: reader threads cut files into pieces of work, worker threads type them and hand them on.
//!
//! Memory: each worker holds one block and its typed rows, the queue one block a worker, each reader one; nothing grows
//! with the input. Order: blocks reach the sink in any order; rows carry where they stood.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::csv::{Blocks, Dialect, Piece, RawBlock, parse_block};
use super::encoding::{Decoding, Detected};
use super::error::ImportError;
use super::open::{Body, Part};
use super::progress::{ImportProgress, ImportState, Stage};
use super::rows::Parsed;
use super::streams::{self, Packing};
use super::{BlockSink, aside, parquet, postgres, workbook};
use crate::import::cell::Fault;

/// How often progress is told.
const EVERY: Duration = Duration::from_millis(100);

/// A file as the readers need it.
pub(crate) struct ReadFile {
    pub path: std::path::PathBuf,
    pub size: u64,
    /// The connection string of a database.
    pub database: Option<String>,
    /// Known already; else it is taken while the file is read.
    pub hash: Option<String>,
}

/// What became of a part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub landed: u64,
    pub rejected: u64,
    pub blank: u64,
}

#[derive(Default)]
struct Tally {
    landed: AtomicU64,
    rejected: AtomicU64,
    blank: AtomicU64,
}

enum Job {
    Block { part: usize, dialect: Dialect, raw: RawBlock },
    Group { part: usize, group: usize, bytes: u64 },
    Sheet { part: usize, bytes: u64 },
}

/// What reading needs and what it leaves.
pub(crate) struct Reading<'a> {
    files: &'a [ReadFile],
    parts: &'a [Part],
    sink: &'a dyn BlockSink,
    progress: &'a dyn ImportProgress,
    block_bytes: usize,
    tallies: Vec<Tally>,
    hashes: Mutex<Vec<Option<String>>>,
    cut_off: Mutex<Vec<usize>>,
    bytes: u64,
    bytes_done: AtomicU64,
    files_done: AtomicU64,
    told: Mutex<Instant>,
    stop: AtomicBool,
    failed: Mutex<Option<ImportError>>,
}

/// What is left when all is read.
pub(crate) struct Done {
    pub counts: Vec<Counts>,
    pub hashes: Vec<Option<String>>,
    /// Parts whose stream broke off.
    pub cut_off: Vec<usize>,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a> Reading<'a> {
    pub(crate) fn new(
        files: &'a [ReadFile],
        parts: &'a [Part],
        sink: &'a dyn BlockSink,
        progress: &'a dyn ImportProgress,
        block_bytes: usize,
    ) -> Reading<'a> {
        Reading {
            files,
            parts,
            sink,
            progress,
            block_bytes,
            tallies: parts.iter().map(|_| Tally::default()).collect(),
            hashes: Mutex::new(files.iter().map(|file| file.hash.clone()).collect()),
            cut_off: Mutex::default(),
            bytes: files.iter().map(|file| file.size).sum(),
            bytes_done: AtomicU64::new(0),
            files_done: AtomicU64::new(0),
            told: Mutex::new(Instant::now()),
            stop: AtomicBool::new(false),
            failed: Mutex::default(),
        }
    }

    /// Reads all parts on `threads` workers.
    pub(crate) fn run(self, threads: usize) -> Result<Done, ImportError> {
        let threads = threads.max(1);
        let tasks = Mutex::new(self.tasks().into_iter());
        // Unpacking is work of its own; plain files come off the disk faster than they are typed.
        let packed = self.parts.iter().filter(|part| is_packed(part)).count();
        let readers = packed.clamp(1, threads);
        let (send, receive) = sync_channel::<Job>(threads);
        let receive = Mutex::new(receive);
        std::thread::scope(|scope| {
            for _ in 0..readers {
                let (send, tasks) = (send.clone(), &tasks);
                let reading = &self;
                scope.spawn(move || {
                    loop {
                        let task = lock(tasks).next();
                        let Some(task) = task else { break };
                        reading.guard(|| reading.feed(&task, &send));
                    }
                });
            }
            drop(send);
            for _ in 0..threads {
                scope.spawn(|| self.work(&receive));
            }
        });
        self.tell(true);
        if let Some(error) = lock(&self.failed).take() {
            return Err(error);
        }
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let counts =
            self.tallies.iter().map(|t| Counts { landed: of(&t.landed), rejected: of(&t.rejected), blank: of(&t.blank) }).collect();
        let (hashes, mut cut_off) = (std::mem::take(&mut *lock(&self.hashes)), std::mem::take(&mut *lock(&self.cut_off)));
        cut_off.sort_unstable();
        Ok(Done { counts, hashes, cut_off })
    }

    /// Parts one by one, those of a database together.
    fn tasks(&self) -> Vec<Vec<usize>> {
        let mut tasks: Vec<Vec<usize>> = Vec::new();
        for (number, part) in self.parts.iter().enumerate() {
            let same = |other: &usize| self.parts[*other].file == part.file;
            match tasks.last_mut().filter(|task| matches!(part.body, Body::Copy { .. }) && task.iter().all(same)) {
                Some(task) => task.push(number),
                None => tasks.push(vec![number]),
            }
        }
        tasks
    }

    /// Keeps the first error and stops everything.
    fn guard(&self, work: impl FnOnce() -> Result<(), ImportError>) {
        if let Err(error) = work() {
            lock(&self.failed).get_or_insert(error);
            self.stop.store(true, Ordering::Relaxed);
        }
    }

    fn stopped(&self) -> bool {
        if self.progress.cancelled() {
            self.guard(|| Err(ImportError::Cancelled));
        }
        self.stop.load(Ordering::Relaxed)
    }

    // ---- readers

    fn feed(&self, task: &[usize], send: &SyncSender<Job>) -> Result<(), ImportError> {
        let Some(&first) = task.first() else { return Ok(()) };
        if self.stopped() {
            return Ok(());
        }
        let part = &self.parts[first];
        let file = &self.files[part.file];
        match &part.body {
            Body::Text { packing, dialect, detected } => self.feed_text(first, *packing, *dialect, *detected, send)?,
            Body::Parquet { groups } => {
                for group in 0..*groups {
                    // A send fails only when every worker is gone, which an error of theirs explains.
                    let _ = send.send(Job::Group { part: first, group, bytes: file.size / *groups as u64 });
                }
            }
            Body::Sheet { .. } => {
                let sheets = self.parts.iter().filter(|other| other.file == part.file).count() as u64;
                let _ = send.send(Job::Sheet { part: first, bytes: file.size / sheets });
            }
            Body::Copy { .. } => {
                let queries: Vec<&str> = task
                    .iter()
                    .filter_map(|part| if let Body::Copy { query } = &self.parts[*part].body { Some(query.as_str()) } else { None })
                    .collect();
                let url = file.database.as_deref().unwrap_or_default();
                postgres::copy(url, &queries, &mut |number, stream| self.pump(task[number], postgres::DIALECT, stream, send))?;
            }
        }
        self.files_done.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn feed_text(
        &self,
        number: usize,
        packing: Packing,
        dialect: Dialect,
        detected: Detected,
        send: &SyncSender<Job>,
    ) -> Result<(), ImportError> {
        let part = &self.parts[number];
        let file = &self.files[part.file];
        let mut hasher = file.hash.is_none().then(blake3::Hasher::new);
        let mut watch = |bytes: &[u8]| {
            self.bytes_done.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            if let Some(hasher) = &mut hasher {
                hasher.update(bytes);
            }
        };
        let read = streams::with(&file.path, packing, &mut watch, |stream| {
            let mut mark = vec![0; detected.mark];
            stream.read_exact(&mut mark)?;
            match detected.wide {
                Some(encoding) => self.pump(number, dialect, &mut Decoding::new(stream, encoding), send),
                None => self.pump(number, dialect, stream, send),
            }
        });
        read.map_err(|error| ImportError::read(&part.plan.file, error))?;
        if matches!(packing, Packing::Member(_)) {
            let members = self.parts.iter().filter(|other| other.file == part.file).count() as u64;
            self.bytes_done.fetch_add(file.size / members, Ordering::Relaxed);
        }
        if let Some(hasher) = hasher {
            let broken = lock(&self.cut_off).contains(&number);
            // A stream that broke off was not seen to its end.
            let hash = if broken {
                super::open::hash(&file.path).map_err(|error| ImportError::read(&part.plan.file, error))?
            } else {
                hasher.finalize().to_hex().to_string()
            };
            lock(&self.hashes)[part.file] = Some(hash);
        }
        Ok(())
    }

    fn pump(&self, number: usize, dialect: Dialect, stream: &mut dyn Read, send: &SyncSender<Job>) -> io::Result<()> {
        let plan = &self.parts[number].plan;
        let mut blocks = Blocks::new(stream, dialect.delimiter, self.block_bytes);
        let aside = |fault: Fault, record: u64, line: u64| {
            let row = record.saturating_sub(dialect.header_record);
            let rejected = vec![aside::record(&plan.file, plan.table, fault, row, Some(line))];
            self.guard(|| self.deliver(number, Parsed { rejected, ..Parsed::default() }));
        };
        while !self.stopped() {
            match blocks.next()? {
                None => break,
                Some(Piece::Block(raw)) => {
                    let _ = send.send(Job::Block { part: number, dialect, raw });
                }
                Some(Piece::TooLong { record, line }) => aside(Fault::TooLong, record, line),
                Some(Piece::CutOff { record, line }) => {
                    aside(Fault::CutOff, record, line);
                    lock(&self.cut_off).push(number);
                }
            }
        }
        Ok(())
    }

    // ---- workers

    fn work(&self, jobs: &Mutex<Receiver<Job>>) {
        loop {
            let job = lock(jobs).recv();
            let Ok(job) = job else { break };
            // After an error the queue is emptied, so that no reader waits forever.
            if !self.stopped() {
                self.guard(|| self.job(job));
            }
        }
    }

    fn job(&self, job: Job) -> Result<(), ImportError> {
        match job {
            Job::Block { part, dialect, raw } => {
                let plan = &self.parts[part].plan;
                let parsed = parse_block(plan, dialect, raw).map_err(|error| ImportError::internal(&plan.file, error))?;
                self.deliver(part, parsed)
            }
            Job::Group { part, group, bytes } => {
                let plan = &self.parts[part].plan;
                let path = &self.files[self.parts[part].file].path;
                self.stream(part, |deliver| {
                    parquet::read(path, group, plan, deliver).map_err(|detail| ImportError::parquet(&plan.file, detail))
                })?;
                self.bytes_done.fetch_add(bytes, Ordering::Relaxed);
                Ok(())
            }
            Job::Sheet { part, bytes } => {
                let Body::Sheet { name, header_row } = &self.parts[part].body else { return Ok(()) };
                let plan = &self.parts[part].plan;
                let path = &self.files[self.parts[part].file].path;
                self.stream(part, |deliver| {
                    workbook::read(path, name, *header_row, plan, deliver).map_err(|detail| ImportError::workbook(&plan.file, detail))
                })?;
                self.bytes_done.fetch_add(bytes, Ordering::Relaxed);
                Ok(())
            }
        }
    }

    /// Runs a reader that delivers several blocks.
    fn stream(&self, part: usize, read: impl FnOnce(&mut dyn FnMut(Parsed) -> bool) -> Result<(), ImportError>) -> Result<(), ImportError> {
        let mut failed = None;
        read(&mut |parsed| {
            failed = self.deliver(part, parsed).err();
            failed.is_none() && !self.stopped()
        })?;
        failed.map_or(Ok(()), Err)
    }

    fn deliver(&self, part: usize, parsed: Parsed) -> Result<(), ImportError> {
        let tally = &self.tallies[part];
        tally.landed.fetch_add(parsed.landed(), Ordering::Relaxed);
        tally.rejected.fetch_add(parsed.rejected.len() as u64, Ordering::Relaxed);
        tally.blank.fetch_add(parsed.blank, Ordering::Relaxed);
        if let Some(block) = parsed.block {
            self.sink.append(block)?;
        }
        if !parsed.rejected.is_empty() {
            self.sink.reject(parsed.rejected)?;
        }
        self.tell(false);
        Ok(())
    }

    fn tell(&self, at_once: bool) {
        {
            let mut told = lock(&self.told);
            if !at_once && told.elapsed() < EVERY {
                return;
            }
            *told = Instant::now();
        }
        let sum = |of: fn(&Tally) -> &AtomicU64| self.tallies.iter().map(|tally| of(tally).load(Ordering::Relaxed)).sum::<u64>();
        let rejected = sum(|tally| &tally.rejected);
        self.progress.advanced(&ImportState {
            stage: Stage::Reading,
            files_done: self.files_done.load(Ordering::Relaxed),
            files: self.files.len() as u64,
            bytes_done: self.bytes_done.load(Ordering::Relaxed).min(self.bytes),
            bytes: self.bytes,
            steps_done: 0,
            steps: 0,
            rows: sum(|tally| &tally.landed) + rejected,
            rejected,
        });
    }
}

fn is_packed(part: &Part) -> bool {
    matches!(part.body, Body::Text { packing: Packing::Gzip | Packing::Member(_), .. })
}
