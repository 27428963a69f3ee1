//! `with … as materialized (…)`: steps of a statement that are worked out once, however often the rest reads them.
//!
//! DataFusion puts a named subquery wherever it is named and works it out each time. A rule that reads the lines for two purposes says
//! `as materialized`, as in PostgreSQL and DuckDB. A step's rows stay in memory if they fit; otherwise the step stays a subquery.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{Schema, SchemaRef};
use datafusion::common::config::Dialect;
use datafusion::datasource::MemTable;
use datafusion::error::Result;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryLimit, MemoryReservation};
use datafusion::prelude::{DataFrame, SessionContext};
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{CteAsMaterialized, Query, Statement as Sql, With};
use futures::StreamExt;

/// Tables a statement made for itself; they go when this does.
pub(crate) struct Steps {
    context: SessionContext,
    kept: Vec<(String, MemoryReservation)>,
}

impl Drop for Steps {
    fn drop(&mut self) {
        for (name, _) in &self.kept {
            // That a table is no longer there is what is wanted.
            let _ = self.context.deregister_table(name.as_str());
        }
    }
}

/// Plans a statement after working out its materialized steps. Keep [`Steps`] until the result is read.
pub(crate) async fn plan(context: &SessionContext, sql: &str) -> Result<(DataFrame, Steps)> {
    let mut statement = parse(context, sql)?;
    let mut steps = Steps { context: context.clone(), kept: Vec::new() };
    let mut at = 0;
    while let Some(with) = with(&mut statement)
        && at < with.cte_tables.len()
    {
        if with.cte_tables[at].materialized.take() == Some(CteAsMaterialized::Materialized) {
            let step = Step {
                name: with.cte_tables[at].alias.name.value.clone(),
                before: With { cte_tables: with.cte_tables[..=at].to_vec(), ..with.clone() },
            };
            if let Some(kept) = step.work_out(context, room(context, &steps)).await? {
                steps.kept.push((step.name, kept));
                with.cte_tables.remove(at);
                continue;
            }
        }
        at += 1;
    }
    if let Some(query) = query(&mut statement) {
        query.with = query.with.take().filter(|with| !with.cte_tables.is_empty());
    }
    let state = context.state();
    let plan = state.statement_to_plan(statement).await?;
    Ok((DataFrame::new(state, plan), steps))
}

/// Bytes that are left for steps: of a third of the memory, the rest is for joins and sums over them.
fn room(context: &SessionContext, steps: &Steps) -> usize {
    let taken: usize = steps.kept.iter().map(|(_, memory)| memory.size()).sum();
    match context.runtime_env().memory_pool.memory_limit() {
        MemoryLimit::Finite(bytes) => (bytes / 3).saturating_sub(taken),
        _ => usize::MAX,
    }
}

/// A named subquery with those that stand before it.
struct Step {
    name: String,
    before: With,
}

impl Step {
    /// Runs the step and registers its rows under its name; `None`: they take more than `room` bytes.
    async fn work_out(&self, context: &SessionContext, room: usize) -> Result<Option<MemoryReservation>> {
        let mut statement = parse(context, &format!("select * from {}", self.name))?;
        if let Some(query) = query(&mut statement) {
            query.with = Some(self.before.clone());
        }
        let state = context.state();
        let frame = DataFrame::new(state.clone(), state.statement_to_plan(statement).await?);
        let reservation = MemoryConsumer::new(format!("step {}", self.name)).register(&context.runtime_env().memory_pool);
        let mut stream = frame.execute_stream().await?;
        // As the rows come out, not as the statement was understood: the two may differ in the unit of a time, and branches of a union
        // in whether a column can be null.
        let fields = stream.schema();
        let fields = fields.fields().iter().map(|field| field.as_ref().clone().with_nullable(true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let mut batches = Vec::new();
        while let Some(batch) = stream.next().await {
            let batch = compact(&batch?, &schema)?;
            let bytes = batch.get_array_memory_size();
            if reservation.size() + bytes > room || reservation.try_grow(bytes).is_err() {
                return Ok(None);
            }
            batches.push(batch);
        }
        context.register_table(self.name.as_str(), Arc::new(MemTable::try_new(schema, vec![batches])?))?;
        Ok(Some(reservation))
    }
}

/// Copies texts out of the buffers they share with rows that were left out.
fn compact(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let columns = batch.columns().iter().map(|column| match column.as_string_view_opt() {
        Some(texts) => Arc::new(texts.gc()) as ArrayRef,
        None => Arc::clone(column),
    });
    Ok(RecordBatch::try_new(Arc::clone(schema), columns.collect())?)
}

fn parse(context: &SessionContext, sql: &str) -> Result<Statement> {
    context.state().sql_to_statement(sql, &Dialect::PostgreSQL)
}

fn query(statement: &mut Statement) -> Option<&mut Query> {
    match statement {
        Statement::Statement(sql) => match &mut **sql {
            Sql::Query(query) => Some(query),
            _ => None,
        },
        _ => None,
    }
}

fn with(statement: &mut Statement) -> Option<&mut With> {
    query(statement)?.with.as_mut()
}
