//! 编译: checked blocks become an [`mingjian_engine::RuleSet`]. Names are resolved, types checked and scales aligned here; the kernel
//! computes with integers alone.

mod block;
mod compare;
mod expr;
mod shared;
mod typed;

use std::collections::BTreeMap;

use crate::ast;
use crate::diagnostic::{Complaints, Span};
use crate::fields::Input;
use crate::head::{Head, ParamValue};
use crate::knowledge::KnowledgeTable;
use crate::types::Type;

pub(crate) use block::compile_block;
pub(crate) use shared::Shared;

/// A checked and compiled block with what its rendering needs.
pub(crate) struct CompiledBlock {
    pub block: mingjian_engine::program::Block,
    pub say: Say,
    /// What the verdict rests on.
    pub inputs: Vec<Input>,
    /// All that is looked at, exemptions and `say` too.
    pub reads: Vec<Input>,
}

/// `say` of a kernel block: pieces and holes that point into [`mingjian_engine::Hit::values`].
#[derive(Debug, Clone, Default)]
pub struct Say {
    pub pieces: Vec<SayPiece>,
}

#[derive(Debug, Clone)]
pub enum SayPiece {
    Text(String),
    Hole(SayHole),
}

/// One hole: its text in the rule, how to show it, and where its values stand.
#[derive(Debug, Clone)]
pub struct SayHole {
    pub name: String,
    pub show: Show,
    pub value: usize,
}

/// How a value is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// By its type, with so many places after the point.
    Typed(Type, u8),
    /// Age: birth and day stand at this value and the next.
    Age,
    /// The cell of this column of the block's table; the value is the point.
    Cell { table: usize, column: usize },
}

/// What a block is compiled in.
pub(crate) struct Context<'a> {
    pub head: &'a Head,
    pub params: &'a BTreeMap<String, ParamValue>,
    pub tables: &'a [KnowledgeTable],
}

/// Checker and compiler of one block.
pub(crate) struct BlockCompiler<'a, 'c, 's> {
    context: &'a Context<'a>,
    shared: &'a mut Shared,
    complaints: &'c mut Complaints<'s>,
    block: &'a ast::Block,
    /// The block's table, as a position among the library's tables, with the point's alias.
    point: Option<(usize, String)>,
    lets: Vec<Let>,
    inputs: Vec<Input>,
    reads: Vec<Input>,
    /// What is read here does not decide (`unless`, `known(…)`, `say`): the rule is judged without it.
    incidental: bool,
    /// Expressions, as printed, that the `and` around asks for with `known(…)`: they do not decide when they are missing.
    guarded: Vec<String>,
    /// Inside the brackets of an aggregate.
    in_aggregate: bool,
    /// Where values of the group may not be used (`where` of `for`).
    rows_only: bool,
}

impl BlockCompiler<'_, '_, '_> {
    fn fail<T>(&mut self, at: Span, message: impl Into<String>) -> Result<T, Wrong> {
        self.complaints.at(at, message);
        Err(Wrong)
    }

    fn fail_near<T>(&mut self, at: Span, message: impl Into<String>, suggestion: Option<String>) -> Result<T, Wrong> {
        self.complaints.suggest(at, message, suggestion);
        Err(Wrong)
    }

    fn note_inputs(&mut self, inputs: &[Input]) {
        for input in inputs {
            if !self.reads.contains(input) {
                self.reads.push(*input);
            }
        }
        if self.incidental {
            return;
        }
        for input in inputs {
            if !self.inputs.contains(input) {
                self.inputs.push(*input);
            }
        }
    }
}

/// A named expression with the inputs it reads.
pub(crate) struct Let {
    name: String,
    value: typed::Typed,
    inputs: Vec<Input>,
}

/// A part was wrong; the complaint has been made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wrong;
