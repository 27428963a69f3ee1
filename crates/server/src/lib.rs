//! 服务: the national interfaces 3101, 3102 and 3103 over HTTP, settlements in, health and figures out.
//!
//! Goes in: a [`mingjian_counter::Desk`], [`ServeOptions`]. True of it: this is the one place that knows JSON, HTTP and the clock; what
//! comes in is turned into neutral types ([`wire`]) and never refused for its dialect. A caller gets an answer within the deadline or an
//! empty one that says so: a hospital is never made to wait, and no error is sent where an empty answer is right. A call is judged on
//! threads of its own ([`pool`]); a full queue sheds load instead of growing.
//!
//! Start reading at [`serve`] for connections, at [`routes`] for what a call goes through, at [`access`] for who may call, at [`wire`] for
//! the dialects.

mod access;
mod call;
mod callers;
pub mod client;
pub mod clock;
pub mod days;
mod figures;
mod idempotent;
mod journal;
mod judging;
mod limit;
mod metrics;
mod patience;
mod pool;
mod routes;
mod seal;
mod serve;
mod service;
pub mod sign;
mod taking;
mod tls;
mod trace;
pub mod wire;

pub use access::{Access, AccessError, Right};
pub use journal::{Journal, Turnover};
pub use limit::Rate;
pub use seal::Seal;
pub use serve::{MoreFigures, Peer, ServeError, ServeOptions, Serving, serve};
pub use service::{CallOptions, Service};
pub use tls::{Tls, TlsError};
pub use wire::{DialectError, Dialects};
