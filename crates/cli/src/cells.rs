//! Cells for other people's programs: quoted CSV, and nothing a spreadsheet would run as a formula.

use std::borrow::Cow;

/// Text that begins like a formula gets an apostrophe in front, unless it is a plain number.
///
/// Spreadsheets run cells that begin with `=`, `+`, `-`, `@`, tab or return; names and texts in the data are foreign.
pub fn defuse(text: &str) -> Cow<'_, str> {
    let begins_like_a_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if begins_like_a_formula && mingjian_model::parse_scaled(text, 6).is_none() {
        return Cow::Owned(format!("'{text}"));
    }
    Cow::Borrowed(text)
}

/// Adds a cell to a CSV line: defused, quoted where it must be.
pub fn push_csv(line: &mut String, text: &str) {
    let text = defuse(text);
    if text.contains([',', '"', '\n', '\r']) {
        line.push('"');
        line.push_str(&text.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(&text);
    }
}

/// A whole CSV line with its line feed.
pub fn csv_line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let mut line = String::new();
    for (i, cell) in cells.into_iter().enumerate() {
        if i > 0 {
            line.push(',');
        }
        push_csv(&mut line, cell);
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_defused_and_numbers_left_alone() {
        assert_eq!(defuse("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
        assert_eq!(defuse("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(defuse("\t=1"), "'\t=1");
        assert_eq!(defuse("-12.50"), "-12.50");
        assert_eq!(defuse("-1+2"), "'-1+2");
        assert_eq!(csv_line(["a,b", "说\"话\"", "=1"]), "\"a,b\",\"说\"\"话\"\"\",'=1\n");
    }
}
