//! Rows of text cells, written into a byte buffer that is reused.
//!
//! A row is the table's columns in national order with commas between and a newline behind. No cell of the city holds a
//! comma, a quote or a line break (the catalogue's texts are cleaned when they are embedded), so that these bytes are
//! CSV as they stand and a sink for another format splits them at commas.

use mingjian_model::day::{self, Day};
use mingjian_model::schema::Table;

/// Seconds since 1970-01-01 00:00:00, local.
pub(crate) type Second = i64;

pub(crate) const DAY: Second = 86_400;
pub(crate) const HOUR: Second = 3_600;
pub(crate) const MINUTE: Second = 60;

pub(crate) fn at(day: Day, second: Second) -> Second {
    Second::from(day) * DAY + second
}

pub(crate) fn day_of(time: Second) -> Day {
    time.div_euclid(DAY) as Day
}

/// Where a column stands; a compile error when the table has no such column.
pub(crate) const fn column(table: &Table, name: &str) -> usize {
    let mut i = 0;
    while i < table.columns.len() {
        let (a, b) = (table.columns[i].name.as_bytes(), name.as_bytes());
        let mut k = 0;
        while a.len() == b.len() && k < a.len() && a[k] == b[k] {
            k += 1;
        }
        if a.len() == b.len() && k == a.len() {
            return i;
        }
        i += 1;
    }
    panic!("no such column")
}

/// `at_column!(FEE_LIST_D.bkkp_sn)`: the position of a column, found while compiling.
macro_rules! at_column {
    ($table:ident . $name:ident) => {
        const { $crate::cells::column(&mingjian_model::schema::$table, stringify!($name)) }
    };
}
pub(crate) use at_column;

/// The rows of one table made by one block.
pub(crate) struct Rows {
    pub table: &'static Table,
    pub bytes: Vec<u8>,
    pub count: u64,
}

impl Rows {
    pub fn new(table: &'static Table) -> Rows {
        Rows { table, bytes: Vec::new(), count: 0 }
    }

    pub fn row(&mut self) -> Row<'_> {
        let width = self.table.columns.len();
        self.count += 1;
        Row { bytes: &mut self.bytes, next: 0, width }
    }
}

/// One row being written, columns ascending. Cells not written stay empty.
pub(crate) struct Row<'a> {
    bytes: &'a mut Vec<u8>,
    next: usize,
    width: usize,
}

impl Row<'_> {
    fn to(&mut self, column: usize) -> &mut Vec<u8> {
        debug_assert!(column >= self.next && column < self.width, "columns are written in order");
        // `next` counts the columns already closed; each cell but the first is opened by a comma.
        let commas = column - self.next;
        self.bytes.resize(self.bytes.len() + commas, b',');
        self.next = column;
        self.bytes
    }

    pub fn text(&mut self, column: usize, text: &str) -> &mut Self {
        self.to(column).extend_from_slice(text.as_bytes());
        self
    }

    pub fn bytes(&mut self, column: usize, text: &[u8]) -> &mut Self {
        self.to(column).extend_from_slice(text);
        self
    }

    pub fn number(&mut self, column: usize, value: i64) -> &mut Self {
        push_number(self.to(column), value);
        self
    }

    /// Money in yuan from fen.
    pub fn money(&mut self, column: usize, fen: i64) -> &mut Self {
        push_fixed(self.to(column), fen, 2);
        self
    }

    /// Fen where they say something, nothing where they are 0.
    pub fn money_or_empty(&mut self, column: usize, fen: i64) -> &mut Self {
        if fen != 0 {
            self.money(column, fen);
        }
        self
    }

    /// A quantity scaled by 10⁴, without trailing zeros.
    pub fn quantity(&mut self, column: usize, scaled: i64) -> &mut Self {
        let out = self.to(column);
        if scaled % 10_000 == 0 {
            push_number(out, scaled / 10_000)
        } else {
            push_fixed(out, scaled, 4)
        }
        self
    }

    pub fn day(&mut self, column: usize, day: Day) -> &mut Self {
        push_day(self.to(column), day);
        self
    }

    pub fn time(&mut self, column: usize, time: Second) -> &mut Self {
        push_time(self.to(column), time);
        self
    }

    /// Closes the row. A row that is not closed is not one.
    pub fn end(&mut self) {
        let last = self.width - 1;
        self.to(last);
        self.bytes.push(b'\n');
    }
}

pub(crate) fn push_number(out: &mut Vec<u8>, value: i64) {
    if value < 0 {
        out.push(b'-');
    }
    let mut value = value.unsigned_abs();
    let mut digits = [0u8; 20];
    let mut i = digits.len();
    loop {
        i -= 1;
        digits[i] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[i..]);
}

/// A number with leading zeros to `width` digits.
pub(crate) fn push_padded(out: &mut Vec<u8>, value: u64, width: usize) {
    let start = out.len();
    out.resize(start + width, b'0');
    let mut value = value;
    for i in (start..start + width).rev() {
        out[i] = b'0' + (value % 10) as u8;
        value /= 10;
    }
}

pub(crate) fn push_fixed(out: &mut Vec<u8>, value: i64, scale: u32) {
    let unit = 10u64.pow(scale);
    if value < 0 {
        out.push(b'-');
    }
    let value = value.unsigned_abs();
    push_number(out, (value / unit) as i64);
    out.push(b'.');
    push_padded(out, value % unit, scale as usize);
}

pub(crate) fn push_day(out: &mut Vec<u8>, day: Day) {
    let (y, m, d) = day::to_ymd(day);
    push_padded(out, y as u64, 4);
    out.push(b'-');
    push_padded(out, u64::from(m), 2);
    out.push(b'-');
    push_padded(out, u64::from(d), 2);
}

pub(crate) fn push_time(out: &mut Vec<u8>, time: Second) {
    push_day(out, day_of(time));
    let second = time.rem_euclid(DAY) as u64;
    out.push(b' ');
    push_padded(out, second / 3600, 2);
    out.push(b':');
    push_padded(out, second / 60 % 60, 2);
    out.push(b':');
    push_padded(out, second % 60, 2);
}

#[cfg(test)]
mod tests {
    use super::*;
    use mingjian_model::schema::OPSP_REG_D;

    #[test]
    fn a_row_has_every_column_and_skipped_cells_are_empty() {
        let mut rows = Rows::new(&OPSP_REG_D);
        rows.row().text(at_column!(OPSP_REG_D.psn_no), "P1").text(at_column!(OPSP_REG_D.dise_name), "高血压").end();
        rows.row().day(at_column!(OPSP_REG_D.begndate), 0).end();
        assert_eq!(String::from_utf8_lossy(&rows.bytes), "P1,,高血压,,\n,,,1970-01-01,\n");
    }

    #[test]
    fn numbers_print_exactly() {
        let mut out = Vec::new();
        push_fixed(&mut out, -105, 2);
        out.push(b' ');
        push_fixed(&mut out, 12_345_678, 4);
        out.push(b' ');
        push_time(&mut out, 19_782 * DAY + 3_661);
        assert_eq!(String::from_utf8_lossy(&out), "-1.05 1234.5678 2024-02-29 01:01:01");
    }
}
