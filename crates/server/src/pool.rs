//! 判定线程: a few threads that judge, behind a queue of bounded length. What does not fit is turned away at once.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

type Job = Box<dyn FnOnce() + Send>;

struct Queue {
    jobs: VecDeque<Job>,
    closed: bool,
}

struct Shared {
    queue: Mutex<Queue>,
    waiting: Condvar,
    most: usize,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The threads. Dropped: what is queued is still done, then they end.
pub(crate) struct Pool {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

/// The queue was full.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl Pool {
    pub fn new(threads: usize, most: usize) -> Pool {
        let shared = Arc::new(Shared {
            queue: Mutex::new(Queue { jobs: VecDeque::with_capacity(most), closed: false }),
            waiting: Condvar::new(),
            most,
        });
        let threads = (0..threads.max(1))
            .filter_map(|number| {
                let shared = shared.clone();
                std::thread::Builder::new().name(format!("judge-{number}")).spawn(move || work(&shared)).ok()
            })
            .collect();
        Pool { shared, threads }
    }

    pub fn submit(&self, job: impl FnOnce() + Send + 'static) -> Result<(), Full> {
        let mut queue = self.shared.lock();
        if queue.jobs.len() >= self.shared.most {
            return Err(Full);
        }
        queue.jobs.push_back(Box::new(job));
        drop(queue);
        self.shared.waiting.notify_one();
        Ok(())
    }

    pub fn waiting(&self) -> usize {
        self.shared.lock().jobs.len()
    }
}

fn work(shared: &Shared) {
    loop {
        let mut queue = shared.lock();
        let job = loop {
            match queue.jobs.pop_front() {
                Some(job) => break job,
                None if queue.closed => return,
                None => queue = shared.waiting.wait(queue).unwrap_or_else(PoisonError::into_inner),
            }
        };
        drop(queue);
        // A call that panics is answered as one without result; the thread lives on.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.waiting.notify_all();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_full_queue_turns_away_and_a_panic_ends_no_thread() {
        let pool = Pool::new(1, 1);
        let (go, gate) = mpsc::channel::<()>();
        let (started, running) = mpsc::channel::<()>();
        pool.submit(move || {
            started.send(()).unwrap();
            gate.recv().unwrap();
            std::panic::resume_unwind(Box::new("试"));
        })
        .unwrap();
        running.recv().unwrap();
        let (done, finished) = mpsc::channel::<()>();
        pool.submit(move || done.send(()).unwrap()).unwrap();
        assert_eq!(pool.submit(|| {}), Err(Full));
        assert_eq!(pool.waiting(), 1);
        go.send(()).unwrap();
        finished.recv().unwrap();
    }
}
