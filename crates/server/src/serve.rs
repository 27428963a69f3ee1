//! 连接: accepts them, bounds them, ends them gracefully.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use crate::patience::Patient;
use crate::routes::router;
use crate::service::Service;
use crate::taking::chain;
use crate::tls::Tls;

/// Bounds of connections.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    pub listen: SocketAddr,
    /// Connections at once; further ones wait to be accepted.
    pub connections_max: usize,
    /// The whole head of a request must have come within this time; also how long an idle connection is kept, and how long an answer may
    /// stand untaken.
    pub header_timeout: Duration,
    /// Calls under way get so long to end when the server stops.
    pub drain: Duration,
    /// Threads that read and write; the judging has its own.
    pub threads: usize,
    /// Calls come encrypted.
    pub tls: Option<Tls>,
    /// Listens to others than this machine even though no keys are asked for: inside a closed network.
    pub open: bool,
    /// What else is served by the same listener: everything at a path that is none of the counter's. It looks after its own access; the
    /// peer's address stands in the request's extensions as [`Peer`].
    pub beside: Option<Router>,
    /// Further lines of `/metrics`.
    pub figures: Option<MoreFigures>,
}

/// The other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

/// Writes lines in the text form of Prometheus; asked each time `/metrics` is.
#[derive(Clone)]
pub struct MoreFigures(Arc<dyn Fn() -> String + Send + Sync>);

impl MoreFigures {
    pub fn new(write: impl Fn() -> String + Send + Sync + 'static) -> MoreFigures {
        MoreFigures(Arc::new(write))
    }

    pub(crate) fn render(&self) -> String {
        (self.0)()
    }
}

impl fmt::Debug for MoreFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MoreFigures")
    }
}

impl Default for ServeOptions {
    fn default() -> ServeOptions {
        ServeOptions {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            connections_max: 4_096,
            header_timeout: Duration::from_secs(30),
            drain: Duration::from_secs(10),
            threads: std::thread::available_parallelism().map_or(2, usize::from),
            tls: None,
            open: false,
            beside: None,
            figures: None,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("不能在 {address} 监听：端口可能已被占用，或地址不是本机的；换一个端口：--listen 127.0.0.1:8081")]
    Listen { address: SocketAddr, source: io::Error },
    #[error(
        "{address} 对外监听，却没有调用密钥：谁都能冒充任何机构。写好密钥文件用 --keys 指明；只给本机用就 --listen 127.0.0.1:8080；确是封闭专网才加 --open"
    )]
    Unguarded { address: SocketAddr },
    #[error("起不了服务线程")]
    Threads(#[source] io::Error),
}

/// A server that runs on threads of its own.
pub struct Serving {
    pub address: SocketAddr,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Serving {
    /// Ends it: no new connections, calls under way end.
    pub fn stop(mut self) {
        self.end();
    }

    /// Runs until SIGINT or SIGTERM has come and calls under way have ended.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }

    fn end(&mut self) {
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.end();
    }
}

/// Listens and answers. Returns as soon as calls are taken.
pub fn serve(service: Arc<Service>, options: ServeOptions) -> Result<Serving, ServeError> {
    let address = options.listen;
    if service.access().is_open() && !address.ip().is_loopback() && !options.open {
        return Err(ServeError::Unguarded { address });
    }
    let listen = |source| ServeError::Listen { address, source };
    let listener = StdListener::bind(address).map_err(listen)?;
    listener.set_nonblocking(true).map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(options.threads.max(1))
        .thread_name("http")
        .enable_all()
        .build()
        .map_err(ServeError::Threads)?;
    let (stop, stopped) = watch::channel(false);
    let thread = std::thread::Builder::new().name("serve".into()).spawn(move || {
        runtime.block_on(accept(listener, service, &options, stopped));
        runtime.shutdown_timeout(Duration::from_secs(1));
    });
    Ok(Serving { address, stop, thread: Some(thread.map_err(ServeError::Threads)?) })
}

async fn accept(listener: StdListener, service: Arc<Service>, options: &ServeOptions, mut stopped: watch::Receiver<bool>) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    let router = TowerToHyperService::new(router(service.clone(), options.beside.clone(), options.figures.clone()));
    let connections = Arc::new(Semaphore::new(options.connections_max));
    let graceful = GracefulShutdown::new();
    let keeping = tokio::spawn(keep(service.clone()));
    let mut ending = std::pin::pin!(signalled());
    loop {
        let next = async {
            let permit = connections.clone().acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            next = next => next,
            _ = stopped.changed() => break,
            () = &mut ending => break,
        };
        let Ok((stream, peer)) = accepted else {
            // Out of file handles, most likely: some will be given back.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        service.metrics.connections.fetch_add(1, Ordering::Relaxed);
        let _ = stream.set_nodelay(true);
        let (router, watcher, tls, patience) = (router.clone(), graceful.watcher(), options.tls.clone(), options.header_timeout);
        tokio::spawn(async move {
            match tls {
                None => converse(stream, peer, router, watcher, patience).await,
                Some(tls) => {
                    // Who does not finish the handshake in the time of a head gets no answer.
                    if let Ok(Ok(stream)) = tokio::time::timeout(patience, tls.acceptor().accept(stream)).await {
                        converse(stream, peer, router, watcher, patience).await;
                    }
                }
            }
            drop(permit);
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(options.drain, graceful.shutdown()).await;
    keeping.abort();
    keep_once(&service).await;
    let journals = service.clone();
    let _ = tokio::task::spawn_blocking(move || journals.flush()).await;
}

/// One connection, until its end.
async fn converse<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    peer: SocketAddr,
    router: TowerToHyperService<Router>,
    watcher: Watcher,
    patience: Duration,
) {
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(patience).max_buf_size(64 * 1024);
    let answer = service_fn(move |mut request: Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        router.call(request)
    });
    // A broken connection is the caller's affair.
    let _ = watcher.watch(http.serve_connection(TokioIo::new(Patient::new(stream, patience)), answer)).await;
}

/// How often what manners have learnt goes to the disk.
const KEEP: Duration = Duration::from_secs(1);

/// How often the figures of hours do, in the same measure: they may lose more.
const DAYS_EVERY: u64 = 30;

async fn keep(service: Arc<Service>) {
    for turn in 1_u64.. {
        tokio::time::sleep(KEEP).await;
        keep_once(&service).await;
        if turn % DAYS_EVERY == 0 {
            let kept = service.clone();
            let _ = tokio::task::spawn_blocking(move || kept.keep_days()).await;
        }
    }
}

async fn keep_once(service: &Arc<Service>) {
    let desk = service.desk.clone();
    if let Ok(Err(error)) = tokio::task::spawn_blocking(move || desk.keep()).await {
        let why = chain(&error);
        service.log_once(format!("keep {why}"), || format!("提醒的记忆没有写下，重启后同一行可能再提醒一次：{why}"));
    }
}

/// SIGINT or SIGTERM.
async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};
    match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
        (Ok(mut interrupt), Ok(mut terminate)) => {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        _ => std::future::pending().await,
    }
}
