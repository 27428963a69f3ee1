//! 行: typed columns become a block; rows with a cell at fault leave it and are told.

use std::sync::Arc;

use arrow::array::BooleanArray;
use arrow::compute::filter_record_batch;
use arrow::datatypes::{Field, Schema};
use arrow::error::ArrowError;
use arrow::record_batch::{RecordBatch, RecordBatchOptions};

use super::aside::{self, CellFault};
use super::cell::Fault;
use super::columns::{Builder, Suspicion};
use super::plan::Plan;
use crate::block::{Origin, Rejected, TypedBlock};

/// What a block of a source became.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    pub block: Option<TypedBlock>,
    pub rejected: Vec<Rejected>,
    /// Rows without any cell, left out.
    pub blank: u64,
}

impl Parsed {
    /// Rows that landed.
    pub(crate) fn landed(&self) -> u64 {
        self.block.as_ref().map_or(0, |block| block.batch.num_rows() as u64)
    }
}

/// Collects the rows of a block column by column.
pub(crate) struct Assembly<'a> {
    plan: &'a Plan,
    builders: Vec<Builder>,
    rows: Vec<u64>,
    lines: Vec<u64>,
    faults: Vec<CellFault>,
    pub blank: u64,
}

impl<'a> Assembly<'a> {
    pub(crate) fn new(plan: &'a Plan, rows: usize, suspicion: Suspicion) -> Assembly<'a> {
        let builders = plan.builders(rows, suspicion);
        Assembly { plan, builders, rows: Vec::with_capacity(rows), lines: Vec::new(), faults: Vec::new(), blank: 0 }
    }

    /// Notes where the next row stands; its cells follow with [`Assembly::extend`], possibly after those of other rows.
    #[inline]
    pub(crate) fn place(&mut self, row: u64, line: Option<u64>) {
        self.rows.push(row);
        self.lines.extend(line);
    }

    /// Appends cells to a target, one a row.
    #[inline]
    pub(crate) fn extend<'c>(&mut self, target: usize, cells: impl Iterator<Item = &'c [u8]> + Clone) {
        let builder = &mut self.builders[target];
        let (base, faults) = (builder.len(), &mut self.faults);
        let again = cells.clone();
        builder.extend(cells, |row, fault| {
            let value = again.clone().nth(row).unwrap_or_default().to_vec();
            faults.push(CellFault { row: base + row, target, fault, value });
        });
    }

    /// A fault found outside the builders.
    pub(crate) fn fault(&mut self, fault: CellFault) {
        self.faults.push(fault);
    }

    pub(crate) fn builder(&mut self, target: usize) -> &mut Builder {
        &mut self.builders[target]
    }

    /// The rows without faults as a block, the others told: one fault a row, the first by the national order of columns.
    ///
    /// Errors: none in practice; the columns are of one length and of the schema's types by construction.
    pub(crate) fn finish(self) -> Result<Parsed, ArrowError> {
        let Assembly { plan, builders, rows, lines, mut faults, blank } = self;
        if rows.is_empty() {
            return Ok(Parsed { blank, ..Parsed::default() });
        }
        let mut fields = Vec::with_capacity(builders.len());
        let mut arrays = Vec::with_capacity(builders.len());
        for (target, builder) in builders.into_iter().enumerate() {
            let name = builder.column().name;
            let finished = builder.finish();
            fields.push(Field::new(name, finished.array.data_type().clone(), true));
            let bad = finished.bad_text.into_iter();
            faults.extend(bad.map(|row| CellFault { row, target, fault: Fault::BadBytes, value: Vec::new() }));
            arrays.push(finished.array);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        let batch = RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options)?;
        let origin = Origin { file: plan.file.clone(), rows, lines };
        if faults.is_empty() {
            return Ok(Parsed { block: Some(TypedBlock { table: plan.table, batch, origin }), rejected: Vec::new(), blank });
        }
        faults.sort_by_key(|fault| (fault.row, fault.target));
        faults.dedup_by_key(|fault| fault.row);
        let told = |fault: &CellFault| aside::cell(plan, fault, origin.rows[fault.row], origin.lines.get(fault.row).copied());
        let rejected = faults.iter().map(told).collect();
        Ok(Parsed { block: without(plan, batch, &origin, &faults)?, rejected, blank })
    }
}

fn without(plan: &Plan, batch: RecordBatch, origin: &Origin, faults: &[CellFault]) -> Result<Option<TypedBlock>, ArrowError> {
    let mut stays = vec![true; batch.num_rows()];
    faults.iter().for_each(|fault| stays[fault.row] = false);
    let kept = |numbers: &[u64]| numbers.iter().zip(&stays).filter(|(_, stays)| **stays).map(|(number, _)| *number).collect();
    let origin = Origin { file: origin.file.clone(), rows: kept(&origin.rows), lines: kept(&origin.lines) };
    let batch = filter_record_batch(&batch, &BooleanArray::from(stays))?;
    Ok((batch.num_rows() > 0).then_some(TypedBlock { table: plan.table, batch, origin }))
}
