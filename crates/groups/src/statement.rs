//! One SQL rule: run it, row by row out of the engine, so that a result of any size passes through.

use std::ops::ControlFlow;
use std::sync::Arc;

use datafusion::error::DataFusionError;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{LexOrdering, PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::{ExecutionPlanProperties, SendableRecordBatchStream, execute_stream};
use datafusion::prelude::{DataFrame, SessionContext};
use futures::StreamExt;
use mingjian_rules::{CompiledSql, Rule};

use crate::error::GroupError;
use crate::hit::{GroupHit, REQUIRED, Reader};
use crate::steps;

/// Runs the rule and hands over its hits, sorted by the columns of the result in their order.
pub(crate) async fn run(
    context: &SessionContext,
    rule: &Rule,
    statement: &CompiledSql,
    take: &mut dyn FnMut(GroupHit) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, GroupError> {
    let failed = |source: DataFusionError| GroupError::Sql { rule: rule.id.clone(), source: Box::new(source) };
    let (frame, steps) = steps::plan(context, &statement.sql).await.map_err(failed)?;
    let names: Vec<String> = frame.schema().fields().iter().map(|field| field.name().clone()).collect();
    if let Some(column) = REQUIRED.iter().find(|column| !names.iter().any(|name| name == *column)) {
        return Err(GroupError::Column { rule: rule.id.clone(), column: (*column).to_owned() });
    }
    let mut batches = sorted(context, frame).await.map_err(failed)?;
    let reader = Reader::new(rule, statement, names);
    while let Some(batch) = batches.next().await {
        for hit in reader.hits(&batch.map_err(failed)?)? {
            if take(hit).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
    }
    drop(steps);
    Ok(ControlFlow::Continue(()))
}

/// The result, sorted by its columns from the first to the last. The sort stands outside of the statement's plan: handed in with the
/// statement, DataFusion 55 moves it under a `union all` of branches that tell themselves apart by constants, and then refuses the plan.
async fn sorted(context: &SessionContext, frame: DataFrame) -> Result<SendableRecordBatchStream, DataFusionError> {
    let mut plan = frame.create_physical_plan().await?;
    if plan.output_partitioning().partition_count() > 1 {
        plan = Arc::new(CoalescePartitionsExec::new(plan));
    }
    let columns = plan
        .schema()
        .fields()
        .iter()
        .enumerate()
        .map(|(at, field)| Arc::new(Column::new(field.name(), at)) as Arc<dyn PhysicalExpr>)
        .collect::<Vec<_>>();
    if let Some(order) = LexOrdering::new(columns.into_iter().map(PhysicalSortExpr::new_default)) {
        plan = Arc::new(SortExec::new(order, plan));
    }
    execute_stream(plan, context.task_ctx())
}
