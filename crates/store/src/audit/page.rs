//! Reading the trail, newest first.

use mingjian_model::day::Moment;

use crate::audit::chain::{COLUMNS, Link};
use crate::{Arg, Result, Store};

/// An event as it stands in the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub seq: i64,
    pub at: Moment,
    pub account: String,
    pub role: String,
    pub origin: String,
    pub act: String,
    pub object_kind: String,
    pub object: String,
    /// JSON.
    pub detail: String,
    pub reason: Option<String>,
    pub hash: String,
}

/// Which events; what is `None` does not matter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub account: Option<String>,
    pub act: Option<String>,
    /// One of these acts; empty: any.
    pub acts: &'static [&'static str],
    pub object_kind: Option<String>,
    pub object: Option<String>,
    /// From this moment on.
    pub from: Option<Moment>,
    /// Before this moment.
    pub until: Option<Moment>,
}

/// The newest `limit` events that match and stand before the place `before` (`None`: from the end). The next page begins before the last
/// event of this one.
pub async fn page(store: &Store, filter: &Filter, before: Option<i64>, limit: i64) -> Result<Vec<Record>> {
    let mut conditions = Vec::new();
    let mut args: Vec<Arg> = Vec::new();
    let wanted: [(&str, Arg); 7] = [
        ("seq <", before.into()),
        ("account =", filter.account.as_ref().into()),
        ("act =", filter.act.as_ref().into()),
        ("object_kind =", filter.object_kind.as_ref().into()),
        ("object =", filter.object.as_ref().into()),
        ("at >=", filter.from.into()),
        ("at <", filter.until.into()),
    ];
    for (condition, arg) in wanted.into_iter().filter(|(_, arg)| *arg != Arg::Null) {
        args.push(arg);
        conditions.push(format!("{condition} ${}", args.len()));
    }
    if !filter.acts.is_empty() {
        let first = args.len() + 1;
        args.extend(filter.acts.iter().map(|act| Arg::from(*act)));
        let places: Vec<String> = (first..=args.len()).map(|place| format!("${place}")).collect();
        conditions.push(format!("act in ({})", places.join(", ")));
    }
    let wheres = if conditions.is_empty() { String::new() } else { format!("where {}", conditions.join(" and ")) };
    args.push(limit.into());
    let sql = format!("select {COLUMNS} from events {wheres} order by seq desc limit ${}", args.len());
    let rows = store.rows(&sql, &args).await?;
    rows.iter().map(|row| Ok(record(Link::read(row)?))).collect()
}

fn record(link: Link) -> Record {
    let Link { seq, at, account, role, origin, act, object_kind, object, detail, reason, hash, previous: _ } = link;
    Record { seq, at, account, role, origin, act, object_kind, object, detail, reason, hash }
}
