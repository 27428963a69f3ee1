//! 工作簿: sheets of .xlsx (streamed) and of the older forms (read whole; they hold few rows).

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use arrow::error::ArrowError;
use calamine::{Data, DataRef, Reader, Sheets, Xlsx, open_workbook, open_workbook_auto};
use mingjian_model::day::format_moment;
use mingjian_model::schema::{TABLES, Type};

use super::aside::CellFault;
use super::cell::{Fault, moment_of_serial};
use super::columns::Suspicion;
use super::headers::map;
use super::plan::{From, Plan};
use super::rows::{Assembly, Parsed};

/// Rows above the header that may hold a title.
const TITLE_ROWS: u32 = 20;
/// Rows of one block.
const BLOCK_ROWS: usize = 32_768;
/// Beyond so many digits a worksheet's number has lost its last ones.
const EXACT_DIGITS: f64 = 1e15;

/// The beginning of a sheet.
pub(crate) struct SheetHead {
    pub name: String,
    /// The row (from 0) and the cells of its header; `None` for an empty sheet.
    pub header: Option<(u32, Vec<String>)>,
}

/// What a cell holds.
#[derive(Debug, Clone, PartialEq)]
enum Value {
    Empty,
    Text(String),
    Number(f64),
    /// A number shown as a date.
    Serial(f64),
    Broken(String),
    /// A formula without its result.
    Formula,
}

impl Value {
    fn of(data: &DataRef<'_>) -> Value {
        match data {
            DataRef::Int(number) => Value::Number(*number as f64),
            DataRef::Float(number) => Value::Number(*number),
            DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Value::Text(text.clone()),
            DataRef::SharedString(text) => Value::Text((*text).to_owned()),
            DataRef::Bool(value) => Value::Number(f64::from(u8::from(*value))),
            DataRef::DateTime(moment) => Value::Serial(moment.as_f64()),
            DataRef::Error(error) => Value::Broken(error.to_string()),
            DataRef::Empty => Value::Empty,
        }
    }

    fn of_data(data: &Data) -> Value {
        match data {
            Data::Int(number) => Value::Number(*number as f64),
            Data::Float(number) => Value::Number(*number),
            Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => Value::Text(text.clone()),
            Data::Bool(value) => Value::Number(f64::from(u8::from(*value))),
            Data::DateTime(moment) => Value::Serial(moment.as_f64()),
            Data::Error(error) => Value::Broken(error.to_string()),
            Data::Empty => Value::Empty,
        }
    }

    /// The cell as the text a CSV would have for a column of this type.
    fn text(&self, ty: Type) -> Result<String, Fault> {
        let serial = |number: f64| moment_of_serial(number).map(format_moment);
        match (self, ty) {
            (Value::Empty, _) => Ok(String::new()),
            (Value::Text(text), _) => Ok(text.clone()),
            (Value::Formula, _) => Err(Fault::NoResult),
            (Value::Broken(_), Type::Text) => Ok(String::new()),
            (Value::Broken(_), Type::Date | Type::Time) => Err(Fault::NotTime),
            (Value::Broken(_), _) => Err(Fault::NotNumber),
            (Value::Serial(number), Type::Text | Type::Date | Type::Time) => serial(*number).ok_or(Fault::YearOutOfRange),
            // 20250305 typed as a number is that day; 45721 is a serial.
            (Value::Number(number), Type::Date | Type::Time) if *number >= 1e7 => Ok(format!("{number}")),
            (Value::Number(number), Type::Date | Type::Time) => serial(*number).ok_or(Fault::NotTime),
            (Value::Number(number), Type::Text) if number.abs() >= EXACT_DIGITS => Err(Fault::LostDigits),
            (Value::Number(number) | Value::Serial(number), _) => Ok(format!("{number}")),
        }
    }

    /// The cell in a header or a message.
    fn shown(&self) -> String {
        match self {
            Value::Empty => String::new(),
            Value::Formula => "公式".to_owned(),
            Value::Text(text) | Value::Broken(text) => text.clone(),
            Value::Number(number) | Value::Serial(number) => format!("{number}"),
        }
    }
}

/// The sheets of a workbook with their headers: of the first rows the one most of whose cells are names of columns.
pub(crate) fn heads(path: &Path) -> Result<Vec<SheetHead>, String> {
    let names = open_workbook_auto(path).map_err(|error| error.to_string())?.sheet_names();
    let head = |name: String| {
        let mut rows: Vec<(u32, Vec<String>)> = Vec::new();
        each_row(path, &name, &mut |number, row| {
            let cells: Vec<String> = row.iter().map(Value::shown).collect();
            if cells.iter().any(|cell| !cell.trim().is_empty()) {
                rows.push((number, cells));
            }
            number < TITLE_ROWS
        })?;
        let score = |cells: &Vec<String>| TABLES.iter().map(|table| map(table, cells, None).targets.len()).max().unwrap_or(0);
        // Of equals the first.
        let header = rows.into_iter().rev().max_by_key(|(_, cells)| score(cells));
        Ok(SheetHead { name, header })
    };
    names.into_iter().map(head).collect()
}

/// Types the rows of a sheet below its header, block by block; `deliver` returns false to stop.
pub(crate) fn read(path: &Path, sheet: &str, header_row: u32, plan: &Plan, deliver: &mut dyn FnMut(Parsed) -> bool) -> Result<(), String> {
    let mut block = Block::new(plan);
    let mut failed: Option<ArrowError> = None;
    each_row(path, sheet, &mut |number, row| {
        if number <= header_row {
            return true;
        }
        block.add(u64::from(number - header_row), u64::from(number) + 1, row);
        if block.rows < BLOCK_ROWS {
            return true;
        }
        match std::mem::replace(&mut block, Block::new(plan)).assembly.finish() {
            Ok(parsed) => deliver(parsed),
            Err(error) => {
                failed = Some(error);
                false
            }
        }
    })?;
    let last = match failed {
        Some(error) => Err(error),
        None => block.assembly.finish(),
    };
    deliver(last.map_err(|error| error.to_string())?);
    Ok(())
}

struct Block<'a> {
    plan: &'a Plan,
    assembly: Assembly<'a>,
    rows: usize,
}

impl<'a> Block<'a> {
    fn new(plan: &'a Plan) -> Block<'a> {
        let suspicion = Suspicion { nul: true, replaced: false };
        Block { plan, assembly: Assembly::new(plan, 1024, suspicion), rows: 0 }
    }

    fn add(&mut self, number: u64, line: u64, row: &[Value]) {
        if row.iter().all(|value| value.shown().trim().is_empty()) {
            self.assembly.blank += 1;
            return;
        }
        let repeats = row.iter().zip(&self.plan.header).all(|(value, name)| value.shown().trim() == name.trim());
        if repeats && row.len() >= self.plan.header.len() {
            return;
        }
        self.assembly.place(number, Some(line));
        for (target, wanted) in self.plan.targets.iter().enumerate() {
            let text = match &wanted.from {
                From::Constant(text) => Ok(text.to_string()),
                From::Cell(source) => row.get(*source).unwrap_or(&Value::Empty).text(self.plan.table.columns[wanted.column].ty),
            };
            let cell = text.unwrap_or_else(|fault| {
                let value = row.get(match wanted.from {
                    From::Cell(source) => source,
                    From::Constant(_) => usize::MAX,
                });
                let value = value.map(Value::shown).unwrap_or_default().into_bytes();
                self.assembly.fault(CellFault { row: self.rows, target, fault, value });
                String::new()
            });
            self.assembly.extend(target, std::iter::once(cell.as_bytes()));
        }
        self.rows += 1;
    }
}

/// Gives the rows of a sheet with their numbers (from 0) until `visit` returns false. Rows without cells are left out.
fn each_row(path: &Path, sheet: &str, visit: &mut dyn FnMut(u32, &[Value]) -> bool) -> Result<(), String> {
    let is_xlsx = path.extension().and_then(|end| end.to_str()).is_some_and(|end| matches!(end.to_lowercase().as_str(), "xlsx" | "xlsm"));
    if is_xlsx && let Ok(mut book) = open_workbook::<Xlsx<BufReader<File>>, _>(path) {
        return stream(&mut book, sheet, visit);
    }
    let mut book: Sheets<_> = open_workbook_auto(path).map_err(|error| error.to_string())?;
    let range = book.worksheet_range(sheet).map_err(|error| error.to_string())?;
    let Some((first_row, first_column)) = range.start() else { return Ok(()) };
    for (at, row) in range.rows().enumerate() {
        let mut cells = vec![Value::Empty; first_column as usize];
        cells.extend(row.iter().map(Value::of_data));
        if !visit(first_row + at as u32, &cells) {
            break;
        }
    }
    Ok(())
}

fn stream(book: &mut Xlsx<BufReader<File>>, sheet: &str, visit: &mut dyn FnMut(u32, &[Value]) -> bool) -> Result<(), String> {
    let mut cells = book.worksheet_cells_reader(sheet).map_err(|error| error.to_string())?;
    let (mut row, mut number): (Vec<Value>, Option<u32>) = (Vec::new(), None);
    while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(|error| error.to_string())? {
        let (at, column) = cell.pos;
        if let Some(done) = number.filter(|number| *number != at) {
            if !visit(done, &row) {
                return Ok(());
            }
            row.clear();
        }
        number = Some(at);
        let column = column as usize;
        if row.len() <= column {
            row.resize(column + 1, Value::Empty);
        }
        row[column] = match Value::of(&cell.value) {
            Value::Empty if cell.formula.is_some() => Value::Formula,
            value => value,
        };
    }
    if let Some(number) = number {
        visit(number, &row);
    }
    Ok(())
}
