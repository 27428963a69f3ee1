//! CSV: UTF-8 with BOM, so that the usual spreadsheet reads Chinese.

use super::{Cell, Kind, Sheet, looks_like_formula, yuan};

/// The list, then a row of sums, the notes and the mark; texts that a spreadsheet would compute are preceded by an apostrophe.
pub fn csv(sheet: &Sheet) -> Vec<u8> {
    let mut text = String::from("\u{feff}");
    line(&mut text, sheet.columns.iter().map(|(title, _)| text_cell(title)));
    for row in &sheet.rows {
        let cells = row.iter().zip(&sheet.columns).map(|(cell, (_, kind))| match (cell, kind) {
            (Cell::Text(text), _) => text_cell(text),
            (Cell::Number(fen), Kind::Money) => yuan(*fen),
            (Cell::Number(number), _) => number.to_string(),
        });
        line(&mut text, cells);
    }
    let sums = sheet.sums();
    line(&mut text, sums.iter().enumerate().map(|(at, sum)| sum.map_or_else(|| if at == 0 { "合计".into() } else { String::new() }, yuan)));
    for (name, value) in &sheet.notes {
        line(&mut text, [text_cell(name), text_cell(value)].into_iter());
    }
    line(&mut text, [text_cell("水印"), text_cell(&sheet.watermark)].into_iter());
    text.into_bytes()
}

fn line(text: &mut String, cells: impl Iterator<Item = String>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.push_str(&cell);
    }
    text.push_str("\r\n");
}

fn text_cell(text: &str) -> String {
    let guarded = if looks_like_formula(text) { format!("'{text}") } else { text.to_owned() };
    if guarded.contains(['"', ',', '\n', '\r', ';', '\t']) { format!("\"{}\"", guarded.replace('"', "\"\"")) } else { guarded }
}

#[cfg(test)]
mod tests {
    use super::super::tests::sheet;
    use super::*;

    #[test]
    fn nothing_of_a_users_text_is_computed() {
        let text = String::from_utf8(csv(&sheet())).unwrap();
        assert!(text.starts_with("\u{feff}编号,机构,疑点数,涉及金额（元）\r\n"), "{text}");
        assert!(text.contains("XS2026-000001,\"'=HYPERLINK(\"\"http://x\"\")\",2,1920.00\r\n"), "{text}");
        assert!(text.contains("XS2026-000002,\"仁济, \"\"康复\"\"\n医院\",1,-0.05\r\n"), "{text}");
        assert!(text.contains("'+cmd|' /C calc'!A0,'@SUM(A1),0,0.00\r\n"), "{text}");
        assert!(text.contains("合计,,,1919.95\r\n条件,'=1+1\r\n水印,"), "{text}");
    }
}
