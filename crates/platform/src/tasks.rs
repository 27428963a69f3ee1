//! 任务: jobs that run, and what they tell while they do. One of a kind at a time; the last hundred are remembered until the program ends.
//!
//! What a job writes is safe by itself: an import is one commit, a screening another, and each can be run again.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use mingjian_model::day::{Moment, format_moment};
use serde_json::{Map, Value};
use tokio::sync::watch;

use crate::contract::jobs::Job;
use crate::data::{Data, DataError, JobKind, Reins};
use crate::problem::{ApiError, Code};

const REMEMBERED: usize = 100;

struct Running {
    cancelled: Arc<AtomicBool>,
    state: watch::Sender<Job>,
}

/// The jobs of this program run.
#[derive(Default)]
pub struct Tasks {
    jobs: Mutex<VecDeque<Arc<Running>>>,
    number: AtomicU64,
}

impl Tasks {
    /// Refuses while a job of the kind runs.
    pub fn free(&self, kind: JobKind) -> Result<(), ApiError> {
        free(&self.jobs.lock().unwrap_or_else(PoisonError::into_inner), kind)
    }

    /// Starts a job on a thread of its own; refused while one of its kind runs.
    pub fn start(
        &self,
        data: Arc<dyn Data>,
        kind: JobKind,
        args: Map<String, Value>,
        by: &str,
        clock: fn() -> Moment,
        log: fn(&str),
    ) -> Result<Job, ApiError> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        free(&jobs, kind)?;
        let started = clock();
        let job = Job {
            // The moment keeps ids apart over restarts.
            id: format!("{started}-{}", self.number.fetch_add(1, Ordering::Relaxed)),
            kind: kind.id().to_owned(),
            title: kind.title().to_owned(),
            state: "running".to_owned(),
            started: format_moment(started),
            by: by.to_owned(),
            step: "准备".to_owned(),
            ..Job::default()
        };
        let running = Arc::new(Running { cancelled: Arc::default(), state: watch::Sender::new(job.clone()) });
        while jobs.len() >= REMEMBERED {
            let Some(at) = jobs.iter().position(|job| job.state.borrow().state != "running") else { break };
            jobs.remove(at);
        }
        jobs.push_back(running.clone());
        drop(jobs);
        let thread = std::thread::Builder::new().name(format!("job {}", kind.id())).spawn({
            let running = running.clone();
            move || run(&*data, kind, &args, &running, clock, log)
        });
        if let Err(error) = thread {
            finish(&running, clock(), "failed", "起不了线程".to_owned());
            return Err(ApiError::internal(&error));
        }
        Ok(job)
    }

    /// Newest first.
    pub fn list(&self) -> Vec<Job> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.iter().rev().map(|job| job.state.borrow().clone()).collect()
    }

    fn find(&self, id: &str) -> Option<Arc<Running>> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.iter().find(|job| job.state.borrow().id == id).cloned()
    }

    /// What the job tells, from now on.
    pub fn watch(&self, id: &str) -> Option<watch::Receiver<Job>> {
        self.find(id).map(|job| job.state.subscribe())
    }

    /// Asks the job to stop; it does at the next safe place.
    pub fn cancel(&self, id: &str) -> Option<Job> {
        let job = self.find(id)?;
        job.cancelled.store(true, Ordering::Relaxed);
        let now = job.state.borrow().clone();
        Some(now)
    }
}

fn free(jobs: &VecDeque<Arc<Running>>, kind: JobKind) -> Result<(), ApiError> {
    let same = |job: &Job| job.kind == kind.id() && job.state == "running";
    match jobs.iter().map(|job| job.state.borrow().clone()).find(same) {
        Some(other) => {
            let detail = format!("{} 由 {} 于 {} 启动，还在运行；等它结束或先取消它", other.title, other.by, other.started);
            Err(ApiError::new(Code::Busy).detail(detail))
        }
        None => Ok(()),
    }
}

fn run(data: &dyn Data, kind: JobKind, args: &Map<String, Value>, running: &Arc<Running>, clock: fn() -> Moment, log: fn(&str)) {
    let reins = Reins::new(running.cancelled.clone(), {
        let running = running.clone();
        move |step, done, total| {
            running.state.send_modify(|job| {
                step.clone_into(&mut job.step);
                job.done = i64::try_from(done).unwrap_or(i64::MAX);
                job.total = i64::try_from(total).unwrap_or(i64::MAX);
            });
        }
    });
    // A panic in a job must not leave it running for ever in everybody's eyes.
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| data.run_job(kind, args, &reins)));
    let now = clock();
    match ended {
        Ok(Ok(outcome)) => finish(running, now, "done", outcome),
        Ok(Err(_)) if running.cancelled.load(Ordering::Relaxed) => finish(running, now, "cancelled", "已取消，没有留下半成品".to_owned()),
        Ok(Err(error)) => {
            if let DataError::Failed(source) = &error {
                log(&format!("任务 {} 失败：{}", kind.title(), chain(&**source)));
            }
            finish(running, now, "failed", error.to_string());
        }
        Err(_) => finish(running, now, "failed", "任务中断，详情见服务日志".to_owned()),
    }
}

fn finish(running: &Running, at: Moment, state: &str, outcome: String) {
    running.state.send_modify(|job| {
        state.clone_into(&mut job.state);
        job.ended = Some(format_moment(at));
        job.outcome = Some(outcome);
    });
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text.push('：');
        text.push_str(&error.to_string());
        next = error.source();
    }
    text
}
