//! Migrations 迁移: numbered scripts that both databases take, forward only, each in a transaction of its own.
//!
//! Files are `migrations/NNNN_name.sql`; numbers belong to areas (0001–0009 the store and people, 0010–… casework), so a lower number
//! may come after a higher one was run. What was run is remembered with the hash of its text: a released file is never edited.

use std::collections::BTreeMap;

use crate::change::Transaction;
use crate::{Result, Store, StoreError, audit};

pub(crate) struct Migration {
    pub(crate) number: i64,
    pub(crate) name: &'static str,
    pub(crate) sql: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// Runs what has not been run, in the order of the numbers.
///
/// Several processes may do so at once: each step looks again under the lock.
pub(crate) async fn run(store: &Store, known: &[Migration]) -> Result<()> {
    while step(store.transaction().await?, known).await? {}
    Ok(())
}

/// Runs the first that is missing; false when none was.
async fn step(mut transaction: Transaction, known: &[Migration]) -> Result<bool> {
    transaction.script("create table if not exists migrations (number bigint primary key, name text not null, sm3 text not null)").await?;
    let mut done = BTreeMap::new();
    for row in transaction.rows("select number, name, sm3 from migrations order by number", &[]).await? {
        done.insert(row.int("number")?, (row.text("name")?, row.text("sm3")?));
    }
    for (number, (name, sm3)) in &done {
        let Some(migration) = known.iter().find(|migration| migration.number == *number) else {
            return Err(StoreError::Newer { number: *number, name: name.clone() });
        };
        if *sm3 != audit::sm3_hex(migration.sql.as_bytes()) {
            return Err(StoreError::MigrationChanged { number: *number, name: name.clone() });
        }
    }
    let Some(next) = known.iter().find(|migration| !done.contains_key(&migration.number)) else {
        return Ok(false);
    };
    let failed = |source| StoreError::Migration { name: next.name, source: Box::new(source) };
    for statement in next.sql.split(";\n").filter(|statement| !statement.trim().is_empty()) {
        transaction.script(statement).await.map_err(failed)?;
    }
    let row = [next.number.into(), next.name.into(), audit::sm3_hex(next.sql.as_bytes()).into()];
    transaction.run("insert into migrations (number, name, sm3) values ($1, $2, $3)", &row).await?;
    transaction.commit().await?;
    Ok(true)
}
