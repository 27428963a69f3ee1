//! 跨人规则: rules over institutions, practitioners, days, items and trace codes, as SQL on DataFusion.
//!
//! Goes in: a rule's SQL with its parameters filled in, over the national tables of a snapshot ([`screen`]) or of an example
//! ([`run_cases`]). Comes out: a [`GroupHit`] per result row, which the screening makes a finding of.
//!
//! True of it: examples and the lake go through the same code (`statement`); hits come in an order that depends on their columns
//! alone (`tests/it/same.rs`); a statement holds what fits its memory and spills the rest (`tests/it/memory.rs`). Reads no clock.
//! The crate compiles unoptimised in the dev profile: it is glue around kernels, and loops over result rows only.
//!
//! Start reading at [`screen`] for the whole, at `views` for what rules may read, at `steps` for `with … as materialized`.

mod cases;
mod error;
mod hit;
mod session;
mod statement;
mod steps;
mod views;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use datafusion::datasource::TableProvider;
use datafusion::error::DataFusionError;
use mingjian_lake::Snapshot;
use mingjian_model::schema::Table;
use mingjian_rules::{Compiled, CompiledSql, Library};

pub use cases::run_cases;
pub use error::GroupError;
pub use hit::{Column, GroupHit, Role};

/// What group rules may use of the machine.
#[derive(Debug, Clone)]
pub struct Settings {
    pub threads: usize,
    /// Bytes that joins, sums and sorts may hold by DataFusion's count; beyond that they go to the disk. It counts a piece of a large batch as the
    /// whole batch, so the process takes less: 751 MiB for all group rules over 21 million lines (bench/latest.json).
    pub memory_bytes: usize,
    /// Where they go; `None`: the system's folder for temporary files.
    pub spill_folder: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { threads: 1, memory_bytes: 1 << 30, spill_folder: None }
    }
}

/// Runs the SQL rules of `compiled` over a snapshot, one after the other.
///
/// `step` hears which rule begins. `take` gets each hit with its statement: rule by rule, sorted by the columns of the result in their
/// order; it may break off. Rows that would name the same subject, evidence and values again are not sorted out here.
pub fn screen(
    snapshot: &Snapshot,
    library: &Library,
    compiled: &Compiled,
    settings: &Settings,
    step: &dyn Fn(&str),
    take: &mut dyn FnMut(&CompiledSql, GroupHit) -> ControlFlow<()>,
) -> Result<(), GroupError> {
    if compiled.sql.is_empty() {
        return Ok(());
    }
    let tables = |table: &'static Table| -> Result<Option<Arc<dyn TableProvider>>, DataFusionError> {
        let files: Vec<PathBuf> = snapshot.files(table.name).into_iter().map(|file| file.path).collect();
        if files.is_empty() { Ok(None) } else { session::parquet_table(table, &files).map(Some) }
    };
    let statements: Vec<&str> = compiled.sql.iter().map(|statement| statement.sql.as_str()).collect();
    runtime(settings.threads)?.block_on(async {
        let context = session::open(settings, &statements, &tables).await.map_err(|source| GroupError::Session(Box::new(source)))?;
        for statement in &compiled.sql {
            let rule = &library.rules[statement.rule];
            step(&format!("跨人规则 {} {}", rule.id, rule.title));
            let flow = statement::run(&context, rule, statement, &mut |hit| take(statement, hit)).await?;
            if flow.is_break() {
                break;
            }
        }
        Ok(())
    })
}

fn runtime(threads: usize) -> Result<tokio::runtime::Runtime, GroupError> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(threads.max(1)).build().map_err(GroupError::Runtime)
}
