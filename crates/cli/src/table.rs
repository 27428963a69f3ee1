//! Tables for a terminal: aligned by East Asian width, cut to the terminal where they do not fit, plain when piped.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How a column is set.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
    /// Left, and the column that gives way when the terminal is too narrow.
    Flexible,
}

/// Rows of cells under titles.
pub struct Table {
    titles: Vec<&'static str>,
    aligns: Vec<Align>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(columns: &[(&'static str, Align)]) -> Table {
        let (titles, aligns) = columns.iter().copied().unzip();
        Table { titles, aligns, rows: Vec::new() }
    }

    /// Adds a row; missing cells are empty.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let mut row: Vec<String> = cells.into_iter().map(|cell| one_line(&cell)).collect();
        row.resize(self.titles.len(), String::new());
        self.rows.push(row);
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table as text, a line a row. `room` is the width of the terminal, `None` for as wide as it takes. The first line is the titles.
    pub fn lines(&self, room: Option<usize>) -> Vec<String> {
        let mut widths: Vec<usize> = self.titles.iter().map(|title| title.width()).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        if let Some(room) = room {
            self.fit(&mut widths, room);
        }
        let titles: Vec<String> = self.titles.iter().map(|&title| title.to_owned()).collect();
        std::iter::once(&titles).chain(&self.rows).map(|row| self.line(row, &widths)).collect()
    }

    /// Takes what is missing from the flexible columns, down to 12 columns each.
    fn fit(&self, widths: &mut [usize], room: usize) {
        let total: usize = widths.iter().sum::<usize>() + GAP.len() * widths.len().saturating_sub(1);
        let mut missing = total.saturating_sub(room);
        for (width, align) in widths.iter_mut().zip(&self.aligns).rev() {
            if *align == Align::Flexible {
                let given = missing.min(width.saturating_sub(12));
                *width -= given;
                missing -= given;
            }
        }
    }

    fn line(&self, row: &[String], widths: &[usize]) -> String {
        let cells = row.iter().zip(widths).zip(&self.aligns).map(|((cell, &width), align)| match align {
            Align::Right => pad(cell, width, true),
            Align::Left | Align::Flexible => pad(&cut(cell, width), width, false),
        });
        cells.collect::<Vec<_>>().join(GAP).trim_end().to_owned()
    }
}

const GAP: &str = "  ";

/// Fills with blanks to a width, on the left for numbers.
pub fn pad(text: &str, width: usize, to_right: bool) -> String {
    let blanks = " ".repeat(width.saturating_sub(text.width()));
    if to_right { blanks + text } else { text.to_owned() + &blanks }
}

/// Cuts to a width, with `…` where something went.
pub fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 1;
    for character in text.chars() {
        used += character.width().unwrap_or(0);
        if used > width {
            break;
        }
        kept.push(character);
    }
    kept + "…"
}

/// Wraps at a width; Chinese may break anywhere, but not before a closing mark.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for character in text.chars() {
        let wide = character.width().unwrap_or(0);
        let must_stay = "，。；：、）”』」！？".contains(character);
        if character == '\n' || (used + wide > width && !must_stay) {
            lines.push(String::new());
            used = 0;
        }
        if character != '\n' {
            if let Some(line) = lines.last_mut() {
                line.push(character);
            }
            used += wide;
        }
    }
    lines
}

/// Foreign text may hold line breaks and control characters that would break a table or drive a terminal.
pub fn one_line(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other() {
        let mut table = Table::new(&[("规则", Align::Left), ("名称", Align::Flexible), ("金额", Align::Right)]);
        table.row(["N067".to_owned(), "药品区分性别使用".to_owned(), "1,234.50".to_owned()]);
        table.row(["T1".to_owned(), "追溯码\n重复".to_owned(), "0.10".to_owned()]);
        let lines = table.lines(None);
        assert_eq!(lines[0], "规则  名称                  金额");
        assert_eq!(lines[1], "N067  药品区分性别使用  1,234.50");
        assert_eq!(lines[2], "T1    追溯码 重复           0.10");
        assert_eq!(table.lines(Some(28))[1], "N067  药品区分性…   1,234.50");
    }

    #[test]
    fn a_closing_mark_does_not_begin_a_line() {
        assert_eq!(wrap("一二三四，五", 8), ["一二三四，", "五"]);
    }
}
