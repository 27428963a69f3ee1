//! 业务库 of a workspace: where it is, its keys, and a runtime for commands that use it.

use std::path::Path;
use std::sync::Arc;

use mingjian_casework::Office;
use mingjian_people::People;
use mingjian_store::{Actor, Cipher, Sealer, Store};

use crate::errors::{During, Failure, Outcome};
use crate::settings::Settings;
use crate::workspace::now;

/// The business store opened, with what works on it.
pub struct Business {
    pub store: Store,
    pub sealer: Arc<Sealer>,
    pub people: People,
    pub office: Office,
}

/// Where the business store of a workspace is: `[store] url`, else `business.db` in the workspace.
pub fn url(workspace: &Path, settings: &Settings) -> String {
    settings.store.url.clone().unwrap_or_else(|| format!("sqlite:{}", workspace.join("business.db").display()))
}

/// Opens the store alone, for what reads nothing that is sealed: the trail and copies are there also where the keys are not.
pub async fn open_store(workspace: &Path) -> Outcome<Store> {
    Ok(Store::open(&url(workspace, &Settings::load(workspace)?)).await?)
}

/// Opens the store and brings it to this version; makes it and its key on the first call.
pub async fn open(workspace: &Path) -> Outcome<Business> {
    let settings = Settings::load(workspace)?;
    let keys = workspace.join("keys");
    let mut folder = std::fs::DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.create(&keys).during(|| format!("建不成目录 {}", keys.display()))?;
    let cipher = match settings.store.cipher.as_deref() {
        None => Cipher::default(),
        Some(id) => Cipher::from_id(id).ok_or_else(|| {
            Failure::new(format!("设置 mingjian.toml 的 [store] cipher 不认识“{id}”")).advise("可写 aes-256-gcm 或 sm4-gcm")
        })?,
    };
    let store = Store::open(&url(workspace, &settings)).await?;
    let sealer = Arc::new(mingjian_people::open_keys(&store, &keys.join("business.key"), cipher).await?);
    let people = People::new(
        store.clone(),
        (*sealer).clone(),
        mingjian_people::Settings { exports: settings.exports.rules()?, ..settings.people.limits()? },
    );
    let mut office = Office::new(store.clone(), workspace.join("attachments"));
    office.settings = settings.casework.settled()?;
    office.calendar = crate::settings::casework::calendar(workspace)?;
    Ok(Business { store, sealer, people, office })
}

/// Runs something of the business store to its end.
pub fn run<T>(work: impl Future<Output = Outcome<T>>) -> Outcome<T> {
    runtime()?.block_on(work)
}

/// Threads that wait for the business store.
pub fn runtime() -> Outcome<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().during(|| "起不了线程".to_owned())
}

/// Whoever sits at the machine.
pub fn operator() -> Actor {
    Actor { account: "system".to_owned(), role: "sysadmin".to_owned(), origin: "cli".to_owned(), at: now() }
}
