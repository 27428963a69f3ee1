//! xlsx: typed cells, a frozen head, a row of sums, the 说明 sheet.

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::{Cell, Kind, Sheet, looks_like_formula};

/// The list as a workbook. Every text is written as text; one that looks like a formula also carries the mark that keeps it one when edited.
pub fn xlsx(sheet: &Sheet) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let list = book.add_worksheet_with_constant_memory()?;
    list.set_name(&sheet.title)?;
    write_list(list, sheet)?;
    let notes = book.add_worksheet_with_constant_memory()?;
    notes.set_name("说明")?;
    notes.set_column_width(0, 16)?;
    notes.set_column_width(1, 80)?;
    for (at, (name, value)) in (0_u32..).zip(&sheet.notes) {
        notes.write_string_with_format(at, 0, name, &Format::new().set_bold())?;
        text(notes, at, 1, value)?;
    }
    book.save_to_buffer()
}

fn write_list(list: &mut Worksheet, sheet: &Sheet) -> Result<(), XlsxError> {
    let head = Format::new().set_bold().set_background_color(0x00ED_F1F5);
    let money = Format::new().set_num_format("#,##0.00");
    let total = Format::new().set_bold().set_num_format("#,##0.00");
    list.set_freeze_panes(1, 0)?;
    list.set_landscape();
    list.set_footer(format!("&L{}&R&P / &N", sheet.watermark.replace('&', "&&")));
    for (at, (title, kind)) in (0_u16..).zip(&sheet.columns) {
        list.set_column_width(at, if *kind == Kind::Text { 22 } else { 14 })?;
        list.write_string_with_format(0, at, *title, &head)?;
    }
    let mut next = 1_u32;
    for row in &sheet.rows {
        for (at, (cell, (_, kind))) in (0_u16..).zip(row.iter().zip(&sheet.columns)) {
            match (cell, kind) {
                (Cell::Text(value), _) => text(list, next, at, value)?,
                // Yuan below 90 trillion are exact to the fen in the number a cell holds.
                (Cell::Number(fen), Kind::Money) => {
                    list.write_number_with_format(next, at, *fen as f64 / 100.0, &money)?;
                }
                (Cell::Number(number), _) => {
                    list.write_number(next, at, *number as f64)?;
                }
            }
        }
        next += 1;
    }
    for (at, sum) in (0_u16..).zip(sheet.sums()) {
        match sum {
            Some(fen) => list.write_number_with_format(next, at, fen as f64 / 100.0, &total)?,
            None if at == 0 => list.write_string_with_format(next, at, "合计", &total)?,
            None => list,
        };
    }
    text(list, next + 1, 0, &sheet.watermark)
}

fn text(list: &mut Worksheet, row: u32, column: u16, value: &str) -> Result<(), XlsxError> {
    // A cell holds 32,767 characters.
    let value: String = value.chars().take(32_000).collect();
    if looks_like_formula(&value) {
        list.write_string_with_format(row, column, &value, &Format::new().set_quote_prefix())?;
    } else {
        list.write_string(row, column, &value)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use super::super::tests::sheet;
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        let bytes = xlsx(&sheet()).unwrap();
        let mut parts = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut read = |name: &str| {
            let mut text = String::new();
            parts.by_name(name).unwrap().read_to_string(&mut text).unwrap();
            text
        };
        let (list, notes) = (read("xl/worksheets/sheet1.xml"), read("xl/worksheets/sheet2.xml"));
        assert!(!list.contains("<f>") && !notes.contains("<f>"));
        assert!(list.contains("HYPERLINK") && list.contains("1920") && list.contains("1919.95"), "{list}");
        assert!(notes.contains("=1+1"));
        assert!(read("xl/styles.xml").contains("quotePrefix=\"1\""));
    }
}
