//! `mingjian serve`: the counter over HTTP.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use mingjian_counter::{Desk, History, Rules};
use mingjian_rules::{Library, Selection, Status};
use mingjian_screening::Reference;
use mingjian_server::sign::{Keys, Signature};
use mingjian_server::{CallOptions, ServeOptions, Service, serve};

use crate::args::Serve;
use crate::counter::{Settings, history_path, params};
use crate::errors::{During, Failure, Outcome};
use crate::format::count;
use crate::output::Context;
use crate::workspace::{open_lake, open_library};

pub fn run(arguments: &Serve, context: &mut Context) -> Outcome {
    let settings = Settings::load(&context.workspace)?;
    let (library, from) = open_library(context, None)?;
    let reference = Arc::new(reference(context)?);
    let maker = Maker { workspace: context.workspace.clone(), reference };
    let library = Arc::new(library);
    let rules = maker.rules(&library, Status::Live)?;
    let (on_line, hash) = (rules.count(), rules.hash().to_owned());
    let path = history_path(&context.workspace)?;
    let history = History::open(&path)?;
    let known = history.size()?;
    let desk = Arc::new(Desk::with_policy(rules, Some(history), settings.policy.clone()));
    desk.live().swap_shadow(maker.shadow(&library)?);
    let options =
        CallOptions { deadline: Duration::from_millis(arguments.deadline), signature: signature(arguments)?, ..CallOptions::default() };
    let service = Arc::new(Service::new(desk.clone(), options));
    let serving = serve(service, ServeOptions { listen: arguments.listen, ..ServeOptions::default() })?;
    context.say(format!("在 http://{} 应答 3101、3102、3103", serving.address))?;
    context.say(format!("规则 {on_line} 条（{from}，规则集 {hash}）；历史 {} 人、{} 次就诊", count(known.persons), count(known.visits)))?;
    if known.visits == 0 {
        context.remark("还没有历史：已导入数据的，先停下来执行 mingjian history rebuild");
    }
    context.flush()?;
    std::thread::spawn(move || maker.watch(&desk));
    serving.wait();
    context.say("已停止：不再接受调用，正在应答的已答完")
}

/// What is known beside the visits; nothing, while the workspace has no data.
fn reference(context: &Context) -> Outcome<Reference> {
    if !context.workspace.join("lake").exists() {
        return Ok(Reference::default());
    }
    Ok(Reference::load(&open_lake(context)?.snapshot(None)?)?)
}

fn signature(arguments: &Serve) -> Outcome<Signature> {
    let Some(path) = &arguments.keys else { return Ok(Signature::None) };
    let text = std::fs::read_to_string(path).during(|| format!("读不成密钥文件 {}", path.display()))?;
    let keys = Keys::parse(&text);
    if keys.is_empty() {
        return Err(Failure::new(format!("密钥文件 {} 里没有密钥", path.display())).advise("每行一个：访问密钥、空格、秘密"));
    }
    Ok(Signature::HmacSha256(keys))
}

/// Makes rule sets, also while the server runs.
struct Maker {
    workspace: PathBuf,
    reference: Arc<Reference>,
}

/// How often the library's files are looked at.
const EVERY: Duration = Duration::from_secs(2);

impl Maker {
    fn rules(&self, library: &Arc<Library>, status: Status) -> Outcome<Rules> {
        let off = crate::settings::Settings::load(&self.workspace)?;
        let ids = library.rules.iter().map(|rule| rule.id.clone()).filter(|id| !off.rules.off.contains(id)).collect();
        let selection = Selection { ids: Some(ids), statuses: vec![status] };
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Rules::compile(library.clone(), self.reference.clone(), &selection, &params(&off), threads)?)
    }

    /// Rules on trial, where there are any.
    fn shadow(&self, library: &Arc<Library>) -> Outcome<Option<Rules>> {
        let rules = self.rules(library, Status::Shadow)?;
        Ok((rules.count() > 0).then_some(rules))
    }

    /// Swaps the rules in force when the workspace's library has changed; keeps the old ones when the new ones are faulty.
    fn watch(&self, desk: &Desk) {
        let folder = self.workspace.join("library");
        let mut seen = newest(&folder);
        loop {
            std::thread::sleep(EVERY);
            let now = newest(&folder);
            if now == seen {
                continue;
            }
            seen = now;
            match self.renew(&folder, desk) {
                Ok(told) => eprintln!("{told}"),
                Err(failure) => eprintln!("规则库有改动，但没有换上，仍用原来的规则。\n{}", failure.render()),
            }
        }
    }

    fn renew(&self, folder: &Path, desk: &Desk) -> Outcome<String> {
        let library = if folder.is_dir() {
            Library::load(folder).map_err(|found| crate::workspace::diagnostics(&found))?
        } else {
            Library::built_in()
        };
        let library = Arc::new(library);
        let (rules, shadow) = (self.rules(&library, Status::Live)?, self.shadow(&library)?);
        let told = format!("已换上新规则：{} 条，规则集 {}", rules.count(), rules.hash());
        desk.live().swap(rules);
        desk.live().swap_shadow(shadow);
        Ok(told)
    }
}

/// The newest change below a folder, and how many files there are.
fn newest(folder: &Path) -> (Option<SystemTime>, usize) {
    let (mut time, mut files) = (None, 0);
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(meta) = entry.metadata() else { continue };
            time = time.max(meta.modified().ok());
            files += 1;
            if meta.is_dir() {
                waiting.push(entry.path());
            }
        }
    }
    (time, files)
}
