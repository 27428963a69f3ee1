//! 任务: jobs that run, what they tell while they do, and what is kept of them. One of a kind at a time.
//!
//! A job is on record before it begins and once it has ended. What a job writes is one commit, so one that is stopped, fails, or is cut
//! off by the end of the program leaves nothing half done: it is taken up again by running it anew with what it was asked before, and an
//! import passes over what the lake already has.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use mingjian_model::day::format_moment;
use mingjian_people::Act;
use mingjian_store::{Actor, Arg, Row, StoreError};
use serde_json::{Map, Value, json};
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::Shared;
use crate::caller::{Caller, event};
use crate::contract::jobs::Job;
use crate::data::{DataError, JobKind, Reins};
use crate::problem::{Answer, ApiError, Code};

/// Jobs listed at most.
const LISTED: i64 = 100;

/// A job under way.
pub struct Running {
    kind: JobKind,
    cancelled: Arc<AtomicBool>,
    state: watch::Sender<Job>,
}

impl Running {
    /// What it tells, from now on. Whoever watches keeps the job's last word alive by holding it.
    pub fn watch(&self) -> watch::Receiver<Job> {
        self.state.subscribe()
    }

    fn now(&self) -> Job {
        self.state.borrow().clone()
    }
}

/// The jobs under way in this program.
#[derive(Default)]
pub struct Tasks {
    running: Mutex<HashMap<String, Arc<Running>>>,
    number: AtomicU64,
}

impl Tasks {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Running>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn find(&self, id: &str) -> Option<Arc<Running>> {
        self.lock().get(id).cloned()
    }

    /// Takes the place of its kind, until it is released.
    fn take(&self, kind: JobKind, job: Job) -> Answer<Arc<Running>> {
        let mut running = self.lock();
        if let Some(other) = running.values().find(|other| other.kind == kind) {
            let other = other.now();
            let detail = format!("{} 由 {} 于 {} 启动，还在运行；等它结束或先取消它", other.title, other.by, other.started);
            return Err(ApiError::new(Code::Busy).detail(detail));
        }
        let id = job.id.clone();
        let taken = Arc::new(Running { kind, cancelled: Arc::default(), state: watch::Sender::new(job) });
        running.insert(id, taken.clone());
        Ok(taken)
    }

    fn release(&self, id: &str) {
        self.lock().remove(id);
    }
}

/// Starts a job on a thread of its own; refused while one of its kind runs. `resumes` names the job it takes up again.
pub async fn start(platform: &Shared, caller: &Caller, kind: JobKind, args: Map<String, Value>, resumes: Option<String>) -> Answer<Job> {
    let started = (platform.clock)();
    let job = Job {
        // The moment keeps ids apart over restarts.
        id: format!("{started}-{}", platform.tasks.number.fetch_add(1, Ordering::Relaxed)),
        kind: kind.id().to_owned(),
        title: kind.title().to_owned(),
        state: "running".to_owned(),
        started: format_moment(started),
        by: caller.name(),
        about: about(&args),
        step: "准备".to_owned(),
        resumes,
        ..Job::default()
    };
    let running = platform.tasks.take(kind, job.clone())?;
    let actor = caller.actor(Act::JobsRun);
    if let Err(error) = begun(platform, &actor, &job, &args, started).await {
        platform.tasks.release(&job.id);
        return Err(error.into());
    }
    let work = Work { platform: platform.clone(), actor, running, kind, args };
    let (runtime, id) = (Handle::current(), job.id.clone());
    let thread = std::thread::Builder::new().name(format!("job {}", kind.id())).spawn(move || {
        // What a job writes into the business store is waited for here.
        let _inside = runtime.enter();
        work.run(&runtime);
    });
    if let Err(error) = thread {
        platform.tasks.release(&id);
        ended(platform, &caller.actor(Act::JobsRun), &id, "failed", "起不了线程").await?;
        return Err(ApiError::internal(&error));
    }
    Ok(job)
}

/// A job that was cancelled, failed or was cut off, once more.
pub async fn resume(platform: &Shared, caller: &Caller, id: &str) -> Answer<Job> {
    let (job, args) = stored(platform, id).await?.ok_or_else(|| ApiError::not_found("任务"))?;
    let kind = JobKind::of(&job.kind).ok_or_else(|| ApiError::not_found("任务"))?;
    if !job.resumable {
        let detail =
            if job.state == "done" { "已经做完，要再做请新启动一个" } else { "还在运行，或已经接着做过" };
        return Err(ApiError::new(Code::NotNow).detail(detail));
    }
    may(caller, kind)?;
    start(platform, caller, kind, args, Some(id.to_owned())).await
}

/// Whether the caller may start a job of the kind.
pub fn may(caller: &Caller, kind: JobKind) -> Answer<()> {
    match kind {
        // Data comes in by who answers for the system, not by who judges it.
        JobKind::Import => caller.allows(Act::ImportsWrite, &mingjian_people::Object::none()),
        JobKind::Screen | JobKind::UpdateLeads => Ok(()),
    }
}

/// Asks a job to stop; it does at the next safe place. One that has ended stays as it is.
pub async fn cancel(platform: &Shared, caller: &Caller, id: &str) -> Answer<Job> {
    match platform.tasks.find(id) {
        Some(running) => {
            // Who may not begin it does not end it either.
            may(caller, running.kind)?;
            running.cancelled.store(true, Ordering::Relaxed);
            Ok(running.now())
        }
        None => one(platform, id).await,
    }
}

/// Newest first.
pub async fn list(platform: &Shared) -> Answer<Vec<Job>> {
    let rows = platform.store.rows(&format!("{COLUMNS} order by started desc, id desc limit {LISTED}"), &[]).await?;
    let jobs = told(platform, &rows).await?;
    Ok(jobs.into_iter().map(|(job, _)| job).collect())
}

/// A job of this program's run or an earlier one.
pub async fn one(platform: &Shared, id: &str) -> Answer<Job> {
    Ok(stored(platform, id).await?.ok_or_else(|| ApiError::not_found("任务"))?.0)
}

const COLUMNS: &str = "select id, kind, args, account, started, ended, state, outcome, resumes, \
                       (select count(*) from jobs later where later.resumes = jobs.id) as taken_up from jobs";

async fn stored(platform: &Shared, id: &str) -> Answer<Option<(Job, Map<String, Value>)>> {
    let rows = platform.store.rows(&format!("{COLUMNS} where id = $1"), &[id.into()]).await?;
    Ok(told(platform, &rows).await?.pop())
}

async fn told(platform: &Shared, rows: &[Row]) -> Answer<Vec<(Job, Map<String, Value>)>> {
    let accounts = rows.iter().map(|row| row.text("account")).collect::<Result<BTreeSet<_>, _>>()?;
    let names = platform.people.names(&accounts.into_iter().collect::<Vec<_>>()).await?;
    let mut jobs = Vec::with_capacity(rows.len());
    for row in rows {
        let (id, kind, account, state) = (row.text("id")?, row.text("kind")?, row.text("account")?, row.text("state")?);
        let args: Map<String, Value> = serde_json::from_str(&row.text("args")?).map_err(|error| ApiError::internal(&error))?;
        if let Some(running) = platform.tasks.find(&id) {
            jobs.push((running.now(), args));
            continue;
        }
        let cut_off = state == "running";
        let outcome = row.text("outcome")?;
        let job = Job {
            title: JobKind::of(&kind).map_or("", JobKind::title).to_owned(),
            kind,
            started: format_moment(row.int("started")?),
            ended: row.maybe_int("ended")?.map(format_moment),
            by: names.get(&account).cloned().unwrap_or(account),
            about: about(&args),
            outcome: Some(if cut_off { "服务停过，没有做完；数据还是做之前的".to_owned() } else { outcome })
                .filter(|text| !text.is_empty()),
            resumable: state != "done" && row.int("taken_up")? == 0,
            resumes: Some(row.text("resumes")?).filter(|id| !id.is_empty()),
            state: if cut_off { "interrupted".to_owned() } else { state },
            id,
            ..Job::default()
        };
        jobs.push((job, args));
    }
    Ok(jobs)
}

/// What a job is about, in a word: the path of an import.
fn about(args: &Map<String, Value>) -> Option<String> {
    args.get("path").and_then(Value::as_str).map(str::to_owned).filter(|path| !path.is_empty())
}

async fn begun(platform: &Shared, actor: &Actor, job: &Job, args: &Map<String, Value>, started: i64) -> Result<(), StoreError> {
    let mut change = platform.store.begin(actor).await?;
    let resumes = job.resumes.as_deref().unwrap_or_default();
    let values: [Arg; 6] = [
        job.id.as_str().into(),
        job.kind.as_str().into(),
        json!(args).to_string().into(),
        actor.account.as_str().into(),
        started.into(),
        resumes.into(),
    ];
    let sql = "insert into jobs (id, kind, args, account, started, state, resumes) values ($1, $2, $3, $4, $5, 'running', $6)";
    change.run(sql, &values).await?;
    change.note(event("job.start", "job", &job.kind, json!({ "id": job.id, "resumes": job.resumes, "about": job.about }), None));
    change.commit().await?;
    Ok(())
}

async fn ended(platform: &Shared, actor: &Actor, id: &str, state: &str, outcome: &str) -> Result<(), StoreError> {
    let at = (platform.clock)();
    let mut change = platform.store.begin(&Actor { at, ..actor.clone() }).await?;
    let sql = "update jobs set ended = $2, state = $3, outcome = $4 where id = $1";
    change.run(sql, &[id.into(), at.into(), state.into(), outcome.into()]).await?;
    change.note(event("job.end", "job", id, json!({ "state": state }), None));
    change.commit().await?;
    Ok(())
}

/// A job on its thread.
struct Work {
    platform: Shared,
    actor: Actor,
    running: Arc<Running>,
    kind: JobKind,
    args: Map<String, Value>,
}

impl Work {
    fn run(self, runtime: &Handle) {
        let (platform, running) = (&self.platform, &self.running);
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
        let work = std::panic::AssertUnwindSafe(|| platform.data.run_job(self.kind, &self.args, &reins));
        let (state, outcome) = match std::panic::catch_unwind(work) {
            Ok(Ok(outcome)) => ("done", outcome),
            Ok(Err(_)) if running.cancelled.load(Ordering::Relaxed) => ("cancelled", "已取消，没有留下半成品".to_owned()),
            Ok(Err(error)) => {
                if let DataError::Failed(source) = &error {
                    (platform.log)(&format!("任务 {} 失败：{}", self.kind.title(), chain(&**source)));
                }
                ("failed", error.to_string())
            }
            Err(_) => ("failed", "任务中断，详情见服务日志".to_owned()),
        };
        let id = running.now().id;
        // On record before anybody is told. One that cannot be recorded shows as cut off after the next start, and can be taken up again.
        if let Err(error) = runtime.block_on(ended(platform, &self.actor, &id, state, &outcome)) {
            (platform.log)(&format!("任务 {} 的结果记不下来：{}", self.kind.title(), chain(&error)));
        }
        platform.tasks.release(&id);
        running.state.send_modify(|job| {
            state.clone_into(&mut job.state);
            job.ended = Some(format_moment((platform.clock)()));
            job.outcome = Some(outcome);
            job.resumable = state != "done";
        });
    }
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
