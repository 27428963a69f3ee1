//! What goes into a statement and comes out of it: whole numbers and text, nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{Result, StoreError};

/// An argument of a statement, in the place of `$1`, `$2`, …
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arg {
    Null,
    Int(i64),
    Text(String),
}

impl From<i64> for Arg {
    fn from(value: i64) -> Arg {
        Arg::Int(value)
    }
}

impl From<i32> for Arg {
    fn from(value: i32) -> Arg {
        Arg::Int(value.into())
    }
}

/// Yes and no are 1 and 0.
impl From<bool> for Arg {
    fn from(value: bool) -> Arg {
        Arg::Int(value.into())
    }
}

impl From<&str> for Arg {
    fn from(value: &str) -> Arg {
        Arg::Text(value.to_owned())
    }
}

impl From<&String> for Arg {
    fn from(value: &String) -> Arg {
        Arg::Text(value.clone())
    }
}

impl From<String> for Arg {
    fn from(value: String) -> Arg {
        Arg::Text(value)
    }
}

impl<T: Into<Arg>> From<Option<T>> for Arg {
    fn from(value: Option<T>) -> Arg {
        value.map_or(Arg::Null, Into::into)
    }
}

/// Refuses what only one of the two databases would take.
pub(crate) fn check(args: &[Arg]) -> Result<()> {
    let nul = args.iter().any(|arg| matches!(arg, Arg::Text(text) if text.contains('\0')));
    if nul { Err(StoreError::Nul) } else { Ok(()) }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(String),
    /// Neither a whole number nor text; told when somebody asks for it.
    Other,
}

/// A row of a result. Columns are asked for by name, as the statement names them.
#[derive(Debug)]
pub struct Row {
    columns: Arc<[String]>,
    values: Vec<Value>,
    /// Where the column asked for next probably stands: rows are read in the order of their columns.
    next: AtomicUsize,
}

impl Clone for Row {
    fn clone(&self) -> Row {
        Row::new(self.columns.clone(), self.values.clone())
    }
}

impl Row {
    pub(crate) fn new(columns: Arc<[String]>, values: Vec<Value>) -> Row {
        Row { columns, values, next: AtomicUsize::new(0) }
    }

    /// A whole number; sums and counts and comparisons too. Errors: no such column, null, or not a number.
    pub fn int(&self, column: &str) -> Result<i64> {
        self.maybe_int(column)?.ok_or_else(|| StoreError::IsNull { column: column.to_owned() })
    }

    /// A whole number or null.
    pub fn maybe_int(&self, column: &str) -> Result<Option<i64>> {
        match self.value(column)? {
            Value::Int(value) => Ok(Some(*value)),
            Value::Null => Ok(None),
            other => Err(not(column, "整数", other)),
        }
    }

    /// A text. Errors: no such column, null, or not text.
    pub fn text(&self, column: &str) -> Result<String> {
        self.maybe_text(column)?.ok_or_else(|| StoreError::IsNull { column: column.to_owned() })
    }

    /// A text or null.
    pub fn maybe_text(&self, column: &str) -> Result<Option<String>> {
        match self.value(column)? {
            Value::Text(value) => Ok(Some(value.clone())),
            Value::Null => Ok(None),
            other => Err(not(column, "文本", other)),
        }
    }

    /// 1 or 0 as yes or no.
    pub fn flag(&self, column: &str) -> Result<bool> {
        Ok(self.int(column)? != 0)
    }

    fn value(&self, column: &str) -> Result<&Value> {
        // The hint is only a hint: any order of reading finds its column.
        let hint = self.next.load(Ordering::Relaxed);
        let place = match self.columns.get(hint) {
            Some(name) if name == column => Some(hint),
            _ => self.columns.iter().position(|name| name == column),
        };
        let place = place.ok_or_else(|| StoreError::NoColumn { column: column.to_owned() })?;
        self.next.store(place + 1, Ordering::Relaxed);
        self.values.get(place).ok_or_else(|| StoreError::NoColumn { column: column.to_owned() })
    }
}

fn not(column: &str, wanted: &'static str, value: &Value) -> StoreError {
    let found = match value {
        Value::Null => "空值",
        Value::Int(_) => "整数",
        Value::Text(_) => "文本",
        Value::Other => "别的类型（小数要在语句里化成整数）",
    };
    StoreError::NotOfKind { column: column.to_owned(), wanted, found }
}
