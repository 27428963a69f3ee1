//! `mingjian serve`: the counter over HTTP.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use mingjian_counter::{Desk, History, Rules};
use mingjian_rules::{Library, Selection, Status};
use mingjian_screening::Reference;
use mingjian_server::days::Days;
use mingjian_server::{Access, CallOptions, Dialects, Journal, Rate, Seal, ServeOptions, Service, Tls, serve};

use crate::args::Serve;
use crate::counter::renewal::Renewal;
use crate::counter::{Settings, feed, history_path};
use crate::errors::{During, Failure, Outcome};
use crate::format::count;
use crate::output::Context;
use crate::platform::{business, serving};
use crate::workspace::{lake_at, newest, open_lake, open_library};

pub fn run(arguments: &Serve, context: &mut Context) -> Outcome {
    let settings = Settings::load(&context.workspace)?;
    let renewal = Renewal::begin(&context.workspace, arguments);
    let (library, from) = open_library(context, None)?;
    let reference = Arc::new(reference(context)?);
    let maker =
        Arc::new(Maker { workspace: context.workspace.clone(), reference: RwLock::new(reference), is_stale: AtomicBool::new(false) });
    let library = Arc::new(library);
    let rules = maker.rules(&library, Status::Live)?;
    let (on_line, hash) = (rules.count(), rules.hash().to_owned());
    let path = history_path(&context.workspace)?;
    let history = History::open(&path)?;
    let known = history.size()?;
    let desk = Arc::new(Desk::with_policy(rules, Some(history), settings.policy.clone()));
    desk.live().swap_shadow(maker.shadow(&library)?);
    let access = access(arguments.keys.as_deref())?;
    // Where institutions are told apart, none of them takes the others' share.
    let rate = settings.rate.or_else(|| (!access.is_open()).then(Rate::default));
    let options = CallOptions {
        deadline: Duration::from_millis(arguments.deadline),
        access,
        rate,
        dialects: dialects(&context.workspace)?,
        national_rule_ids: settings.national_rule_ids,
        seal: seal(&context.workspace)?,
        feedback_days: settings.feedback_days,
        ..CallOptions::default()
    };
    let vendors = options.dialects.names().join("、");
    let service = Arc::new(with_journals(Service::new(desk.clone(), options), &settings, &context.workspace)?);
    let tls = tls(arguments)?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let mut options = ServeOptions { listen: arguments.listen, tls: tls.clone(), open: arguments.open, ..ServeOptions::default() };
    // Connections of the business store live on this runtime: it stays until the server has stopped.
    let runtime = business::runtime()?;
    let (accounts, platform) = runtime.block_on(serving::hang_in(&mut options, &context.workspace, service.clone()))?;
    let serving = serve(service.clone(), options)?;
    context.say(format!("平台在 {scheme}://{}/ ，接口说明在 /api/v1/openapi.json", serving.address))?;
    if accounts == 0 {
        context.remark("还没有用户：另开一个终端执行 mingjian users first（演示用 mingjian users demo）");
    }
    context.say(format!("在 {scheme}://{} 应答 3101、3102、3103", serving.address))?;
    context.say(format!("规则 {on_line} 条（{from}，规则集 {hash}）；历史 {} 人、{} 次就诊", count(known.persons), count(known.visits)))?;
    if !vendors.is_empty() {
        context.say(format!("方言表：{vendors}"))?;
    }
    if known.visits == 0 {
        context.remark("还没有历史：已导入的数据正在后台装载；数据多的，停下来执行 mingjian history rebuild 更快");
    }
    context.flush()?;
    std::thread::spawn({
        let (maker, service) = (maker.clone(), service.clone());
        move || maker.feed(service.desk())
    });
    std::thread::spawn({
        let service = service.clone();
        move || renewal.watch(&service, tls.as_ref())
    });
    std::thread::spawn(move || maker.watch(&service));
    serving.wait();
    runtime.block_on(platform.flush_looks())?;
    context.say("已停止：不再接受调用，正在应答的已答完")
}

/// What is known beside the visits; nothing, while the workspace has no data.
fn reference(context: &Context) -> Outcome<Reference> {
    if !context.workspace.join("lake").exists() {
        return Ok(Reference::default());
    }
    Ok(Reference::load(&open_lake(context)?.snapshot(None)?)?)
}

pub(crate) fn access(keys: Option<&Path>) -> Outcome<Access> {
    let Some(path) = keys else { return Ok(Access::default()) };
    let text = std::fs::read_to_string(path).during(|| format!("读不成密钥文件 {}", path.display()))?;
    Access::parse(&text)
        .map_err(|why| Failure::new(format!("密钥文件 {} 不对：{why}", path.display())).advise("写法见 docs/counter.md“密钥”一节"))
}

pub(crate) fn dialects(workspace: &Path) -> Outcome<Dialects> {
    let path = workspace.join("dialects.toml");
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Dialects::default()),
        Err(error) => return Err(error).during(|| format!("读不成方言表 {}", path.display())),
    };
    Dialects::parse(&text)
        .map_err(|why| Failure::new(format!("方言表 {} 不对：{why}", path.display())).advise("写法见 docs/counter-dialects.md"))
}

/// The key behind each jr_id, kept over restarts.
fn seal(workspace: &Path) -> Outcome<Seal> {
    let path = workspace.join("counter").join("jr_id.key");
    Seal::open(&path).during(|| format!("读不成提醒编号的密钥 {}", path.display()))
}

fn tls(arguments: &Serve) -> Outcome<Option<Tls>> {
    match (&arguments.cert, &arguments.key) {
        (Some(certificate), Some(key)) => Ok(Some(Tls::load(certificate, key)?)),
        _ => Ok(None),
    }
}

/// Files of who called and, by setting, of what a call's time went to.
fn with_journals(service: Service, settings: &Settings, workspace: &Path) -> Outcome<Service> {
    let open = |name: &str| {
        let path = workspace.join("counter").join(name);
        Journal::open(&path, settings.turnover).during(|| format!("打不开 {}", path.display()))
    };
    let days = workspace.join("counter").join("days");
    let service = service.with_days(Days::open(&days).during(|| format!("建不成目录 {}", days.display()))?);
    let service = if settings.calls { service.with_calls(open("calls.jsonl")?) } else { service };
    Ok(if settings.traces { service.with_traces(open("traces.jsonl")?) } else { service })
}

/// Makes rule sets, also while the server runs.
struct Maker {
    workspace: PathBuf,
    reference: RwLock<Arc<Reference>>,
    /// The reference is newer than the rules in force.
    is_stale: AtomicBool,
}

/// How often the library's files and the lake's versions are looked at.
const EVERY: Duration = Duration::from_secs(2);
/// How long a lake or a history that could not be read is left alone.
const AFTER_FAILURE: Duration = Duration::from_secs(60);

impl Maker {
    fn rules(&self, library: &Arc<Library>, status: Status) -> Outcome<Rules> {
        let off = crate::settings::Settings::load(&self.workspace)?;
        let ids = library.rules.iter().map(|rule| rule.id.clone()).filter(|id| !off.rules.off.contains(id)).collect();
        let selection = Selection { ids: Some(ids), statuses: vec![status] };
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Rules::compile(library.clone(), self.reference(), &selection, &off.rules.overrides()?, threads)?)
    }

    fn reference(&self) -> Arc<Reference> {
        self.reference.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps the history up with the lake, whoever imports into it.
    fn feed(&self, desk: &Desk) {
        let Some(history) = desk.history() else { return };
        loop {
            let pause = match self.feed_once(desk, history) {
                Ok(None) => EVERY,
                Ok(Some(told)) => {
                    eprintln!("{told}");
                    EVERY
                }
                Err(failure) => {
                    eprintln!("历史没有跟上数据湖，过一会儿再试；应答照常，附言里说明。\n{}", failure.render());
                    AFTER_FAILURE
                }
            };
            std::thread::sleep(pause);
        }
    }

    /// What was done, in words; `None` where there was nothing to do.
    fn feed_once(&self, desk: &Desk, history: &History) -> Outcome<Option<String>> {
        if !self.workspace.join("lake").exists() {
            return Ok(None);
        }
        let lake = lake_at(&self.workspace)?;
        let behind = feed::is_behind(&lake, history)?;
        desk.set_behind(behind);
        if !behind {
            return Ok(None);
        }
        let begun = Instant::now();
        let fed = feed::catch_up(&self.workspace, &lake, history, true)?;
        desk.set_behind(false);
        if fed.imported {
            let fresh = Arc::new(Reference::load(&lake.snapshot(Some(fed.version))?)?);
            *self.reference.write().unwrap_or_else(PoisonError::into_inner) = fresh;
            self.is_stale.store(true, Ordering::Relaxed);
        }
        let how = if fed.whole { "整库" } else { "增量" };
        let seconds = begun.elapsed().as_secs_f64();
        Ok(Some(format!("历史已跟上数据湖第 {} 版（{how}，{} 人次，{seconds:.1} 秒）", fed.version, count(fed.persons))))
    }

    /// Rules on trial, where there are any.
    fn shadow(&self, library: &Arc<Library>) -> Outcome<Option<Rules>> {
        let rules = self.rules(library, Status::Shadow)?;
        Ok((rules.count() > 0).then_some(rules))
    }

    /// Swaps the rules in force when the workspace's library has changed; keeps the old ones when the new ones are faulty.
    fn watch(&self, service: &Service) {
        let folder = self.workspace.join("library");
        let mut seen = newest(&folder);
        // Rules that were in force, until the last call that began with them has ended: clearing them away is no call's work.
        let mut retired: Vec<Arc<Rules>> = Vec::new();
        loop {
            std::thread::sleep(EVERY);
            retired.retain(|rules| Arc::strong_count(rules) > 1);
            let now = newest(&folder);
            if now == seen && !self.is_stale.swap(false, Ordering::Relaxed) {
                continue;
            }
            seen = now;
            match self.renew(&folder, service) {
                Ok((told, old)) => {
                    retired.push(old);
                    eprintln!("{told}");
                }
                Err(failure) => eprintln!("规则库有改动，但没有换上，仍用原来的规则。\n{}", failure.render()),
            }
        }
    }

    fn renew(&self, folder: &Path, service: &Service) -> Outcome<(String, Arc<Rules>)> {
        let begun = Instant::now();
        let library = if folder.is_dir() {
            Library::load(folder).map_err(|found| crate::workspace::diagnostics(&found))?
        } else {
            Library::built_in()
        };
        let library = Arc::new(library);
        let (rules, shadow) = (self.rules(&library, Status::Live)?, self.shadow(&library)?);
        let told = format!("已换上新规则：{} 条，规则集 {}", rules.count(), rules.hash());
        let live = service.desk().live();
        let old = live.swap(rules);
        live.swap_shadow(shadow);
        let took = begun.elapsed();
        service.swapped(took);
        Ok((format!("{told}，用时 {} 毫秒", took.as_millis()), old))
    }
}
