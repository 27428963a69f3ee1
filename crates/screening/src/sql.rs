//! 跨人规则: rules over institutions, practitioners, days, items and trace codes, as SQL on DataFusion.
//!
//! Goes in: a rule's SQL with its parameters filled in, over the national tables of a snapshot or of an example. Comes out: one
//! finding per result row. True of it: examples and the lake go through the same [`run::findings`]; the result does not depend
//! on the order in which the engine gives rows.

mod cases;
mod run;
mod session;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::datasource::TableProvider;
use datafusion::error::DataFusionError;
use mingjian_lake::Snapshot;
use mingjian_rules::{Compiled, CompiledSql, Library};

pub use cases::run_sql_cases;

use crate::error::ScreenError;
use crate::finding::Draft;
use crate::report::Progress;
use run::SqlJob;

/// Runs all SQL rules over a snapshot; their findings, rule by rule, sorted by id.
pub(crate) fn screen(
    snapshot: &Snapshot,
    library: &Library,
    compiled: &Compiled,
    threads: usize,
    progress: &dyn Progress,
) -> Result<Vec<Draft>, ScreenError> {
    let tables = |table: &'static mingjian_model::schema::Table| -> Result<Option<Arc<dyn TableProvider>>, DataFusionError> {
        let files: Vec<PathBuf> = snapshot.files(table.name).into_iter().map(|file| file.path).collect();
        if files.is_empty() {
            return Ok(None);
        }
        session::parquet_table(table, &files.iter().map(PathBuf::as_path).collect::<Vec<&Path>>()).map(Some)
    };
    let runtime = runtime(threads)?;
    runtime.block_on(async {
        let failed = |source| ScreenError::Sql { rule: "net_lines".to_owned(), source: Box::new(source) };
        let context = session::open(threads, &tables).await.map_err(failed)?;
        let mut drafts = Vec::new();
        for statement in &compiled.sql {
            let rule = &library.rules[statement.rule];
            progress.step(&format!("跨人规则 {} {}", rule.id, rule.title));
            let found = with_job(library, statement, async |job| run::findings(&context, job).await).await?;
            drafts.extend(found.into_iter().map(|found| found.draft));
        }
        Ok(drafts)
    })
}

/// Calls with the job of a compiled statement.
async fn with_job<T>(library: &Library, statement: &CompiledSql, call: impl AsyncFnOnce(&SqlJob<'_>) -> T) -> T {
    let rule = &library.rules[statement.rule];
    let say = |value: &dyn Fn(&str) -> Option<String>| statement.say.render(value);
    let job = SqlJob {
        rule: statement.rule as u32,
        id: &rule.id,
        version: rule.version,
        outcome: rule.outcome,
        sql: &statement.sql,
        evidence_table: &statement.evidence_table,
        say: &say,
    };
    call(&job).await
}

fn runtime(threads: usize) -> Result<tokio::runtime::Runtime, ScreenError> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(threads.max(1)).build().map_err(ScreenError::Runtime)
}
