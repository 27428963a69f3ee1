//! A change 变更: state and the events that tell of it, in one transaction.

use mingjian_model::day::Moment;
use sqlx::{Postgres, Sqlite};

use crate::audit::chain::{self, Link};
use crate::{Arg, Result, Row, StoreError, postgres, sqlite, store};

/// Who does something, from where, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The account's name; `system` for what runs by itself.
    pub account: String,
    /// The id of the role acted in.
    pub role: String,
    /// Network address of who asks, or `cli`.
    pub origin: String,
    /// Now, as the caller's clock has it.
    pub at: Moment,
}

/// What happened, for the trail. Nothing personal in clear: neither in `object` nor in `detail` nor in `reason`.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// A verb of the field with its area, `lead.assign`.
    pub act: &'static str,
    /// What kind of thing it was done to, `lead`.
    pub object_kind: &'static str,
    /// Its id.
    pub object: String,
    /// What else is worth keeping: from which status to which, amounts, counts.
    pub detail: serde_json::Value,
    /// 事由, where the act asks for one. Numbers of certificates and phones that somebody typed into it are masked before it is kept.
    pub reason: Option<String>,
}

/// Place of an event in the trail: 1, 2, 3, … without a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventId(pub i64);

pub(crate) enum Transaction {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl Transaction {
    pub(crate) async fn run(&mut self, sql: &str, args: &[Arg]) -> Result<u64> {
        match self {
            Transaction::Sqlite(transaction) => sqlite::run(transaction, sql, args).await,
            Transaction::Postgres(transaction) => postgres::run(transaction, sql, args).await,
        }
    }

    pub(crate) async fn rows(&mut self, sql: &str, args: &[Arg]) -> Result<Vec<Row>> {
        match self {
            Transaction::Sqlite(transaction) => sqlite::rows(transaction, sql, args).await,
            Transaction::Postgres(transaction) => postgres::rows(transaction, sql, args).await,
        }
    }

    pub(crate) async fn script(&mut self, sql: &str) -> Result<()> {
        match self {
            Transaction::Sqlite(transaction) => sqlite::script(transaction, sql).await,
            Transaction::Postgres(transaction) => postgres::script(transaction, sql).await,
        }
    }

    pub(crate) async fn commit(self) -> Result<()> {
        let done = match self {
            Transaction::Sqlite(transaction) => transaction.commit().await,
            Transaction::Postgres(transaction) => transaction.commit().await,
        };
        done.map_err(|source| StoreError::of("commit", source))
    }
}

/// A change under way. Dropped without [`Change::commit`] it leaves nothing.
pub struct Change {
    transaction: Transaction,
    who: Actor,
    /// Each with who did it, where that is not who makes the change.
    events: Vec<(Option<Actor>, Event)>,
    /// A statement failed. PostgreSQL then refuses the rest by itself; SQLite is held to the same.
    broken: bool,
}

impl Change {
    pub(crate) fn new(transaction: Transaction, who: Actor) -> Change {
        Change { transaction, who, events: Vec::new(), broken: false }
    }

    /// Who makes this change.
    pub fn actor(&self) -> &Actor {
        &self.who
    }

    /// Runs a statement; gives how many rows it touched. After an error the change cannot go on.
    ///
    /// The trail's own tables are not to be written into: that is [`Change::note`]'s. A statement that does is refused
    /// ([`StoreError::OwnTable`]); this stops a slip, not an intruder, whom [`crate::audit::verify`] finds.
    pub async fn run(&mut self, sql: &str, args: &[Arg]) -> Result<u64> {
        self.not_own(sql)?;
        self.own_run(sql, args).await
    }

    /// The same for the store's own statements.
    pub(crate) async fn own_run(&mut self, sql: &str, args: &[Arg]) -> Result<u64> {
        self.whole()?;
        // Broken until it is known that it is not: a caller who goes away in the middle leaves a change that cannot commit.
        self.broken = true;
        let touched = self.transaction.run(sql, args).await?;
        self.broken = false;
        Ok(touched)
    }

    /// What a statement gives, as this change sees it; `insert … returning` too.
    pub async fn rows(&mut self, sql: &str, args: &[Arg]) -> Result<Vec<Row>> {
        self.not_own(sql)?;
        self.whole()?;
        self.broken = true;
        let rows = self.transaction.rows(sql, args).await?;
        self.broken = false;
        Ok(rows)
    }

    /// The first row of what a statement gives.
    pub async fn one(&mut self, sql: &str, args: &[Arg]) -> Result<Option<Row>> {
        Ok(self.rows(sql, args).await?.into_iter().next())
    }

    /// Notes what happened; at least once in every change.
    pub fn note(&mut self, event: Event) {
        self.events.push((None, event));
    }

    /// Notes what another did a moment ago: for looks of many people that are written down together.
    pub fn note_of(&mut self, who: Actor, event: Event) {
        self.events.push((Some(who), event));
    }

    /// Keeps the change, and its events at the end of the trail. Gives their places, in the order they were noted.
    ///
    /// Errors: [`StoreError::NoEvent`] without an event, [`StoreError::Broken`] after a failed statement; then nothing is kept.
    pub async fn commit(mut self) -> Result<Vec<EventId>> {
        self.whole()?;
        if self.events.is_empty() {
            return Err(StoreError::NoEvent);
        }
        let mut end = chain::end(&mut self.transaction).await?;
        let mut places = Vec::with_capacity(self.events.len());
        for events in self.events.chunks(chain::AT_ONCE) {
            let mut args = Vec::with_capacity(events.len() * chain::WIDTH);
            for (who, event) in events {
                let link = Link::after(&end, who.as_ref().unwrap_or(&self.who), event);
                args.extend(link.args());
                end = chain::End { seq: link.seq, hash: link.hash };
                places.push(EventId(end.seq));
            }
            self.transaction.run(&chain::insert(events.len()), &args).await?;
        }
        chain::move_end(&mut self.transaction, &end).await?;
        self.transaction.commit().await?;
        Ok(places)
    }

    fn not_own(&mut self, sql: &str) -> Result<()> {
        const OWN: [&str; 4] = ["events", "trail_head", "anchors", "migrations"];
        let Some(table) = store::target(sql).filter(|table| OWN.iter().any(|own| own.eq_ignore_ascii_case(table))) else { return Ok(()) };
        self.broken = true;
        Err(StoreError::OwnTable { table: table.to_owned() })
    }

    fn whole(&self) -> Result<()> {
        if self.broken { Err(StoreError::Broken) } else { Ok(()) }
    }
}
