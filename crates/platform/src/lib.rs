//! 平台: the HTTP interface under `/api/v1` and the browser application.
//!
//! Goes in: a business store, accounts, casework, a [`Data`] that reads lake, library and runs, a clock. Comes out: an [`axum::Router`] and
//! the description of it ([`openapi`]).
//!
//! True of it:
//! - Every route stands in one table ([`routes`]) with who may call it, and passes one guard: session, CSRF token, right. What a person may
//!   see of many is a condition below the query, what they may touch of one is asked with the object in hand; out of scope is told as absent.
//!   `tests/it/access.rs` walks every route × role × scope.
//! - Names and certificates leave masked; the one way to see them is recorded with its reason first.
//! - JSON stays JSON; index.html holds no text of a user.
//! - It knows neither Arrow nor a query engine: what is heavy is behind [`Data`].
//!
//! Start reading at [`routes`], then [`guard`], then any of [`pages`].

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::Extensions;
use axum::middleware::from_fn_with_state;
use mingjian_casework::Office;
use mingjian_model::day::Moment;
use mingjian_people::People;
use mingjian_store::{Sealer, Store};
use tokio::sync::{Semaphore, SemaphorePermit};

mod body;
mod caller;
pub mod contract;
pub mod counter;
mod cursor;
mod data;
mod download;
mod export;
mod guard;
mod headers;
mod idempotent;
pub mod looks;
mod metrics;
pub mod oidc;
mod openapi;
mod pages;
mod picture;
pub mod problem;
mod random;
pub mod routes;
mod session;
mod spill;
mod tasks;
mod turns;
mod web;

pub use data::{Data, DataError, DataState, Drawn, DrawnGroups, JobKind, KnowledgeRows, Reins, RelationsAsk, Sees};
pub use metrics::Metrics;
pub use openapi::openapi;

use problem::{Answer, ApiError, Code};
use routes::{ROOT, Route};

pub(crate) type Shared = Arc<Platform>;

/// Files that are read in at once; each may fill memory up to the limit of attachments.
const UPLOADS_AT_ONCE: usize = 8;

/// Of one account.
const OWN_UPLOADS_AT_ONCE: usize = 2;
/// Pictures of relations of one account: each may try a hundred thousand permutations on a core of those that read the data.
const OWN_PICTURES_AT_ONCE: usize = 1;

/// Passwords that are hashed at once; each takes a core and some 20 MB.
const HASHES_AT_ONCE: usize = 2;
/// Who has waited so long for a turn is asked to come again: guessing passwords must not pile up work.
const HASHING_PATIENCE: Duration = Duration::from_secs(5);

/// What a platform is made of.
pub struct Setup {
    pub people: People,
    pub office: Office,
    /// Opens what is sealed in the store; cursors are signed by a key of its.
    pub sealer: Arc<Sealer>,
    pub data: Arc<dyn Data>,
    pub clock: fn() -> Moment,
    /// Answers go over TLS, so that the cookie and the browser may insist on it.
    pub tls: bool,
    /// The identity provider, where there is one.
    pub oidc: Option<oidc::Oidc>,
    /// Whose address a request came from, as whoever listens notes it in the request.
    pub peer: fn(&Extensions) -> Option<IpAddr>,
    /// Where failures are told; nothing personal is.
    pub log: fn(&str),
}

/// Everything a request meets.
pub struct Platform {
    store: Store,
    people: People,
    office: Office,
    sealer: Arc<Sealer>,
    data: Arc<dyn Data>,
    clock: fn() -> Moment,
    tls: bool,
    oidc: Option<oidc::Oidc>,
    peer: fn(&Extensions) -> Option<IpAddr>,
    log: fn(&str),
    answers: idempotent::Idempotent,
    watch: pages::audit::Watched,
    looks: looks::Looks,
    tasks: tasks::Tasks,
    cursors: cursor::Cursors,
    uploads: Semaphore,
    own_uploads: turns::OwnTurns,
    own_pictures: turns::OwnTurns,
    hashing: Semaphore,
    /// Readings of the data: one keeps a core busy, and more than there are cores would take the lists' time and be no sooner done.
    reading: Arc<Semaphore>,
    metrics: Metrics,
}

impl Platform {
    pub fn new(setup: Setup) -> Arc<Platform> {
        let Setup { people, office, sealer, data, clock, tls, oidc, peer, log } = setup;
        let cursors = cursor::Cursors::new(&sealer.index("platform cursors"));
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let office = office.clone();
            runtime.spawn(async move {
                // Whoever asks first does it where this failed, and is told why.
                if let Err(error) = mingjian_casework::leads::warm(&office).await {
                    log(&format!("leads not read ahead: {error}"));
                }
            });
        }
        Arc::new(Platform {
            store: office.store.clone(),
            people,
            office,
            sealer,
            data,
            clock,
            tls,
            oidc,
            peer,
            log,
            answers: idempotent::Idempotent::default(),
            watch: pages::audit::Watched::default(),
            looks: looks::Looks::default(),
            tasks: tasks::Tasks::default(),
            cursors,
            uploads: Semaphore::new(UPLOADS_AT_ONCE),
            own_uploads: turns::OwnTurns::new(OWN_UPLOADS_AT_ONCE),
            own_pictures: turns::OwnTurns::new(OWN_PICTURES_AT_ONCE),
            hashing: Semaphore::new(HASHES_AT_ONCE),
            reading: Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from).max(2))),
            metrics: Metrics::default(),
        })
    }

    /// Counts of requests, for `/metrics`.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Runs what blocks on a thread for that.
    pub(crate) async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Answer<T> {
        tokio::task::spawn_blocking(work).await.map_err(|error| ApiError::internal(&error))
    }

    /// A turn to hash a password, when one comes soon.
    pub(crate) async fn hashing_turn(&self) -> Answer<SemaphorePermit<'_>> {
        match tokio::time::timeout(HASHING_PATIENCE, self.hashing.acquire()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(ApiError::new(Code::Unavailable).detail("登录的人太多，请稍候再试")),
        }
    }

    /// Asks the data something, when it is its turn.
    pub(crate) async fn ask<T: Send + 'static>(&self, ask: impl FnOnce(&dyn Data) -> Result<T, DataError> + Send + 'static) -> Answer<T> {
        let turn = self.reading.clone().acquire_owned().await.map_err(|_| ApiError::new(Code::Unavailable))?;
        let data = self.data.clone();
        let asked = move || {
            // Held by the work itself: it goes on when whoever asked has left.
            let _turn = turn;
            ask(&*data)
        };
        Ok(self.blocking(asked).await??)
    }
}

/// The table of routes.
pub fn all_routes() -> Vec<Route> {
    [
        pages::description::routes(),
        pages::oidc::routes(),
        pages::me::routes(),
        pages::overview::routes(),
        pages::leads::routes(),
        pages::acts::routes(),
        pages::attachments::routes(),
        pages::recoveries::routes(),
        pages::exports::routes(),
        pages::institutions::routes(),
        pages::desk::routes(),
        pages::profiles::routes(),
        pages::relations::routes(),
        pages::portal::routes(),
        pages::counter::routes(),
        pages::library::routes(),
        pages::runs::routes(),
        pages::jobs::routes(),
        pages::users::routes(),
        pages::campaigns::routes(),
        pages::audit::routes(),
    ]
    .concat()
}

/// Interface and pages.
pub fn router(platform: Arc<Platform>) -> Router {
    let mut router = Router::new();
    for route in all_routes() {
        let post = guard::Post { platform: platform.clone(), route };
        router = router.route(&format!("{ROOT}{}", route.path), (route.handler)().route_layer(from_fn_with_state(post, guard::guard)));
    }
    router.fallback(web::serve).layer(from_fn_with_state(platform.clone(), guard::finish)).with_state(platform)
}
