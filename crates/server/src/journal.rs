//! 日志: lines of JSON in a file that is turned over by size, written by a thread of its own.
//!
//! True of it: whoever writes never waits for the disk. Where the disk does not keep up, lines are dropped and counted
//! ([`Journal::lost`]), since a doctor does not wait for a log.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Lines that may wait for the disk.
const WAITING_MAX: usize = 8_192;
/// Lines are written together that come within so long: a thread that wakes for each of them would cost the calls more than the lines do.
const GATHER: Duration = Duration::from_millis(10);
/// What has been written is on its way to the disk after so long.
const FLUSH: Duration = Duration::from_millis(200);

/// How large a file grows and how many are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turnover {
    pub bytes_max: u64,
    /// Older files beside the one being written: `calls.1.jsonl` is the newest of them.
    pub kept: u32,
}

impl Default for Turnover {
    fn default() -> Turnover {
        Turnover { bytes_max: 64 << 20, kept: 20 }
    }
}

enum Entry {
    Lines(Vec<u8>),
    /// Everything before is to go to the file; then this is told.
    Flush(SyncSender<()>),
}

/// A file of lines. Dropped: what was written is in the file.
pub struct Journal {
    send: Option<SyncSender<Entry>>,
    lost: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl Journal {
    /// Opens the file to write at its end; its folder must be there.
    pub fn open(path: &Path, turnover: Turnover) -> io::Result<Journal> {
        let mut file = Turning::open(path, turnover)?;
        let (send, receive) = sync_channel(WAITING_MAX);
        let lost = Arc::new(AtomicU64::new(0));
        let missed = lost.clone();
        let thread = std::thread::Builder::new().name("journal".into()).spawn(move || file.work(&receive, &missed))?;
        Ok(Journal { send: Some(send), lost, thread: Some(thread) })
    }

    /// Whole lines, each with its end.
    pub(crate) fn write(&self, lines: Vec<u8>) {
        if let Some(send) = &self.send
            && send.try_send(Entry::Lines(lines)).is_err()
        {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until what was written is in the file, but not for a disk that hangs.
    pub fn flush(&self) {
        let (done, told) = sync_channel(1);
        if let Some(send) = &self.send
            && send.try_send(Entry::Flush(done)).is_ok()
        {
            let _ = told.recv_timeout(Duration::from_secs(5));
        }
    }

    /// Writes that did not come to the disk.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.send = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Turning {
    path: PathBuf,
    turnover: Turnover,
    file: BufWriter<File>,
    bytes: u64,
}

impl Turning {
    fn open(path: &Path, turnover: Turnover) -> io::Result<Turning> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let bytes = file.metadata()?.len();
        Ok(Turning { path: path.to_path_buf(), turnover, file: BufWriter::with_capacity(64 << 10, file), bytes })
    }

    fn work(&mut self, receive: &Receiver<Entry>, lost: &AtomicU64) {
        let mut flushed = Instant::now();
        loop {
            let written = match receive.recv_timeout(FLUSH) {
                Ok(entry) => {
                    std::thread::sleep(GATHER);
                    std::iter::once(entry).chain(receive.try_iter()).map(|entry| self.take(entry)).fold(Ok(()), io::Result::and)
                }
                Err(RecvTimeoutError::Timeout) => self.file.flush(),
                Err(RecvTimeoutError::Disconnected) => {
                    let _ = self.file.flush();
                    return;
                }
            };
            let written = written.and_then(|()| {
                let due = flushed.elapsed() >= FLUSH;
                if due {
                    flushed = Instant::now();
                }
                if due { self.file.flush() } else { Ok(()) }
            });
            if written.is_err() {
                lost.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    fn take(&mut self, entry: Entry) -> io::Result<()> {
        match entry {
            Entry::Lines(lines) => self.write(&lines),
            Entry::Flush(done) => {
                let written = self.file.flush();
                let _ = done.send(());
                written
            }
        }
    }

    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        if self.bytes > 0 && self.bytes + lines.len() as u64 > self.turnover.bytes_max {
            self.turn()?;
        }
        self.file.write_all(lines)?;
        self.bytes += lines.len() as u64;
        Ok(())
    }

    /// `calls.jsonl` becomes `calls.1.jsonl`, that one `calls.2.jsonl`, and so on; the oldest goes.
    fn turn(&mut self) -> io::Result<()> {
        self.file.flush()?;
        for number in (1..=self.turnover.kept).rev() {
            let from = if number == 1 { self.path.clone() } else { self.older(number - 1) };
            if from.exists() {
                std::fs::rename(from, self.older(number))?;
            }
        }
        if self.turnover.kept == 0 {
            std::fs::remove_file(&self.path)?;
        }
        *self = Turning::open(&self.path, self.turnover)?;
        Ok(())
    }

    fn older(&self, number: u32) -> PathBuf {
        let name = self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        self.path.with_file_name(format!("{name}.{number}.jsonl"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_turned_over_and_the_oldest_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls.jsonl");
        let turnover = Turnover { bytes_max: 40, kept: 2 };
        for half in [0..5, 5..10] {
            let journal = Journal::open(&path, turnover).unwrap();
            half.for_each(|number| journal.write(format!("{{\"number\":{number:04}}}\n").into_bytes()));
            journal.flush();
            assert!(std::fs::metadata(&path).unwrap().len() > 0);
            assert_eq!(journal.lost(), 0);
        }
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(read("calls.jsonl"), "{\"number\":0008}\n{\"number\":0009}\n");
        assert_eq!(read("calls.1.jsonl").lines().count() + read("calls.2.jsonl").lines().count(), 4);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    #[test]
    fn a_line_that_cannot_be_written_is_counted() {
        assert!(Journal::open(Path::new("/nowhere/calls.jsonl"), Turnover::default()).is_err());
        // Every write to this device fails for want of room.
        let full = Path::new("/dev/full");
        if full.exists() {
            let journal = Journal::open(full, Turnover::default()).unwrap();
            journal.write(vec![b'x'; 200_000]);
            let begun = std::time::Instant::now();
            while journal.lost() == 0 && begun.elapsed() < Duration::from_secs(20) {
                std::thread::sleep(Duration::from_millis(5));
            }
            assert!(journal.lost() > 0);
        }
    }
}
