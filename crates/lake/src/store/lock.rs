//! 写锁: one writer at a time.
//!
//! The lock is the operating system's on `lake/_lock`; it falls with the process, however that ends, so a dead writer's
//! lock is taken over by itself. The file's text says who holds it; who is done empties it, so that a text found under a free lock
//! tells of a writer that died.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use super::LakeError;

pub(crate) struct WriteLock {
    file: File,
    /// Whether the writer before died over its work.
    pub after_death: bool,
}

impl WriteLock {
    pub(crate) fn take(path: &Path) -> Result<WriteLock, LakeError> {
        let opened = File::options().read(true).write(true).create(true).truncate(false).open(path);
        let mut file = opened.map_err(|e| LakeError::io(path, "打开写锁", e))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // The name is for the reader only; without it the message says so.
                let _ = file.read_to_string(&mut holder);
                let holder = if holder.trim().is_empty() { "（未知）".to_owned() } else { holder.trim().to_owned() };
                return Err(LakeError::Locked { path: path.to_path_buf(), holder });
            }
            Err(TryLockError::Error(error)) => return Err(LakeError::io(path, "取写锁", error)),
        }
        let mut before = String::new();
        // A text that cannot be read is one, too.
        let after_death = file.read_to_string(&mut before).is_err() || !before.is_empty();
        let written = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| write!(file, "{}", std::process::id()));
        written.map_err(|e| LakeError::io(path, "写写锁", e))?;
        Ok(WriteLock { file, after_death })
    }
}

impl Drop for WriteLock {
    fn drop(&mut self) {
        // Where it cannot be emptied, the next writer looks for left-overs in vain: no harm.
        let _ = self.file.set_len(0);
    }
}
