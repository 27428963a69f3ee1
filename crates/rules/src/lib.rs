//! 规则语言: reads rule files and knowledge tables, checks them, compiles them for the kernel, runs their examples, tells hits in words.
//!
//! Goes in: a folder of Markdown rules and CSV tables (or the built-in library). Comes out: a [`Library`]; of it, by
//! [`Library::compile`], an [`mingjian_engine::RuleSet`] and SQL statements; for people, [`Diagnostic`]s in Chinese with file,
//! line and column, and sentences through [`Compiled::render`].
//!
//! True of it: the language is total and holds no code; nothing here panics or recurses without bound on any input
//! (`tests/it/fuzz.rs`), reads a clock, or depends on hash-map order. One mistake does not hide the others.
//! `parse ∘ print` is the identity (`tests/it/round_trip.rs`). A rule's logic does not change under its version
//! (`tests/it/library.rs`).
//!
//! Start reading at docs/rule-language.md, then [`rule`](Rule) for a file, `parse` for the grammar, `compile` for the meaning.

mod ast;
mod case;
mod compile;
mod compiled;
mod csv;
mod diagnostic;
mod document;
mod fields;
mod format;
mod head;
mod knowledge;
mod lexer;
mod library;
mod lock;
mod params;
mod parse;
mod print;
mod rule;
mod sql;
mod types;
mod value;

pub use case::{Case, CaseResult, CaseRow, CaseTable, run_cases};
pub use compiled::{Compiled, CompiledSql, Names};
pub use diagnostic::Diagnostic;
pub use fields::{Input, alternatives};
pub use format::format_rule;
pub use head::{Basis, Class, Param, ParamValue, Status};
pub use knowledge::{Column, ColumnType, KnowledgePoint, KnowledgeTable};
pub use library::{Library, Selection};
pub use lock::Lock;
pub use params::ParamOverrides;
pub use print::logic_hash;
pub use rule::Rule;
pub use sql::{SayTemplate, SqlRule};
