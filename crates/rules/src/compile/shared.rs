//! What the rules of a library share: texts, knowledge tables, item and diagnosis sets, each once.

use std::collections::{BTreeSet, HashMap};

use mingjian_engine::UNKNOWN;
use mingjian_engine::program::{CodeSet, Point, RuleSet, Table};

use crate::knowledge::{CellValue, ColumnType, KnowledgeTable, cell_value, tidy};

/// The kernel numbers texts with 16 bits, and loaders need room for the texts of the data.
pub const TEXTS_MAX: usize = 30_000;

/// Position 0 of a compiled table's columns is the point's own number; column `i` of the file is `i + 1`.
pub fn point_column(column: usize) -> u16 {
    (column + 1) as u16
}

#[derive(Debug)]
pub struct Shared {
    texts: Vec<String>,
    text_ids: HashMap<String, u16>,
    tables: Vec<UsedTable>,
    item_sets: Vec<CodeSet>,
    dx_sets: Vec<CodeSet>,
}

#[derive(Debug)]
struct UsedTable {
    /// Position among the library's tables.
    library: usize,
    /// Columns whose values are compared.
    columns: BTreeSet<usize>,
}

impl Default for Shared {
    fn default() -> Shared {
        Shared {
            texts: vec![String::new()],
            text_ids: HashMap::from([(String::new(), 0)]),
            tables: Vec::new(),
            item_sets: Vec::new(),
            dx_sets: Vec::new(),
        }
    }
}

impl Shared {
    /// The id of a text; `None` when there are too many.
    pub fn text(&mut self, text: &str) -> Option<u16> {
        if let Some(id) = self.text_ids.get(text) {
            return Some(*id);
        }
        if self.texts.len() >= TEXTS_MAX {
            return None;
        }
        let id = self.texts.len() as u16;
        self.texts.push(text.to_string());
        self.text_ids.insert(text.to_string(), id);
        Some(id)
    }

    /// The compiled number of a library table.
    pub fn table(&mut self, library: usize) -> u16 {
        let found = self.tables.iter().position(|used| used.library == library);
        let at = found.unwrap_or_else(|| {
            self.tables.push(UsedTable { library, columns: BTreeSet::new() });
            self.tables.len() - 1
        });
        at as u16
    }

    /// Marks a column as compared.
    pub fn use_column(&mut self, library: usize, column: usize) {
        let at = self.table(library) as usize;
        self.tables[at].columns.insert(column);
    }

    pub fn item_set(&mut self, set: CodeSet) -> u16 {
        numbered(&mut self.item_sets, set)
    }

    pub fn dx_set(&mut self, set: CodeSet) -> u16 {
        numbered(&mut self.dx_sets, set)
    }

    /// Builds the tables; `blocks` are added by the caller. `None` when the tables hold too many different texts.
    pub fn finish(mut self, library: &[KnowledgeTable]) -> Option<(RuleSet, Vec<usize>)> {
        let used = std::mem::take(&mut self.tables);
        let mut tables = Vec::new();
        for table in &used {
            tables.push(self.compiled_table(&library[table.library], &table.columns)?);
        }
        let origins = used.iter().map(|table| table.library).collect();
        let rule_set = RuleSet { blocks: Vec::new(), tables, item_sets: self.item_sets, dx_sets: self.dx_sets, texts: self.texts };
        Some((rule_set, origins))
    }

    fn compiled_table(&mut self, table: &KnowledgeTable, compared: &BTreeSet<usize>) -> Option<Table> {
        let mut columns = vec!["#".to_string()];
        columns.extend(table.columns.iter().map(|column| column.name.clone()));
        let mut points = Vec::with_capacity(table.points.len());
        for (row, point) in table.points.iter().enumerate() {
            let mut values = vec![UNKNOWN; columns.len()];
            values[0] = row as i64;
            let mut sets: Vec<Box<[i64]>> = Vec::new();
            let mut item_sets = Vec::new();
            for &column in compared {
                let ty = table.columns[column].ty;
                values[column + 1] = match cell_value(ty, &point.cells[column]).unwrap_or(CellValue::Empty) {
                    CellValue::Empty | CellValue::Window(_) => UNKNOWN,
                    CellValue::Number(number) => number,
                    CellValue::Text(text) => i64::from(self.text(&text)?),
                    CellValue::Numbers(numbers) => {
                        sets.push(numbers.into_boxed_slice());
                        sets.len() as i64 - 1
                    }
                    CellValue::Texts(texts) => {
                        let ids: Option<Vec<i64>> = texts.iter().map(|text| self.text(text).map(i64::from)).collect();
                        let mut ids = ids?;
                        ids.sort_unstable();
                        ids.dedup();
                        sets.push(ids.into_boxed_slice());
                        sets.len() as i64 - 1
                    }
                    CellValue::Items(set) => {
                        item_sets.push(set);
                        item_sets.len() as i64 - 1
                    }
                };
            }
            points.push(Point {
                codes: point.codes.clone(),
                part_codes: point.part_codes.clone(),
                valid: point.valid,
                values: values.into_boxed_slice(),
                sets: sets.into_boxed_slice(),
                item_sets: item_sets.into_boxed_slice(),
                window: point.window,
            });
        }
        Some(Table { name: table.name.clone(), columns, points })
    }
}

fn numbered(sets: &mut Vec<CodeSet>, mut set: CodeSet) -> u16 {
    tidy(&mut set);
    let at = sets.iter().position(|known| *known == set).unwrap_or_else(|| {
        sets.push(set);
        sets.len() - 1
    });
    at as u16
}

/// The type of a column's value in logic.
pub fn column_type(ty: ColumnType) -> Option<(crate::types::Type, u8)> {
    use crate::types::Type;
    Some(match ty {
        ColumnType::Text => (Type::Text, 0),
        ColumnType::Int => (Type::Number, 0),
        ColumnType::Decimal => (Type::Number, 4),
        ColumnType::Money => (Type::Money, 2),
        ColumnType::Price => (Type::Price, 6),
        ColumnType::Sex => (Type::Sex, 0),
        ColumnType::Age => (Type::AgeLimit, 0),
        ColumnType::Days => (Type::Days, 0),
        ColumnType::Hours => (Type::Hours, 0),
        ColumnType::Percent => (Type::Ratio, 4),
        ColumnType::Level => (Type::Level, 0),
        ColumnType::Care => (Type::CareSet, 0),
        ColumnType::Texts => (Type::TextSet, 0),
        ColumnType::Items => (Type::ItemSet, 0),
        ColumnType::Date => (Type::Day, 0),
        ColumnType::Window => return None,
    })
}
