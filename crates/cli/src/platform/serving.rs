//! The platform beside the counter, in one listener.

use std::path::Path;
use std::sync::Arc;

use mingjian_platform::{Platform, Setup, router};
use mingjian_server::{MoreFigures, Peer, ServeOptions, Service};

use super::{WorkspaceData, business, provider};
use crate::errors::Outcome;
use crate::settings::Settings;
use crate::workspace::now;

/// Opens the business store and hangs the platform into the options of the server. Gives how many accounts there are, and the platform, whose
/// last looks are to be written down when the server has stopped.
pub async fn hang_in(options: &mut ServeOptions, workspace: &Path, counter: Arc<Service>) -> Outcome<(i64, Arc<Platform>)> {
    let business = business::open(workspace).await?;
    let people = Settings::load(workspace)?.people;
    let count = business.store.one("select count(*) as accounts from accounts", &[]).await?;
    let accounts = count.map_or(Ok(0), |row| row.int("accounts"))?;
    let data = Arc::new(WorkspaceData::new(workspace.to_path_buf(), business.office.clone()).with_counter(counter));
    let platform = Platform::new(Setup {
        people: business.people,
        office: business.office,
        sealer: business.sealer,
        data,
        clock: now,
        tls: options.tls.is_some() || people.https,
        oidc: provider::of(people.oidc.as_ref(), workspace)?,
        peer: |extensions| extensions.get::<Peer>().map(|peer| peer.0.ip()),
        log: |line| eprintln!("{line}"),
    });
    let counted = platform.clone();
    options.figures = Some(MoreFigures::new(move || counted.metrics().render()));
    options.beside = Some(router(platform.clone()));
    Ok((accounts, platform))
}
