//! 导出: lists as xlsx and CSV. What leaves is what the filter names and the person may see, with a sheet that says so and a mark that says who.

mod csv;
mod xlsx;

use mingjian_model::Fen;

pub use csv::csv;
pub use xlsx::xlsx;

/// More rows than this are not written in one go.
pub const ROWS_MAX: usize = 100_000;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Whole,
    /// Fen, shown as yuan with two decimals.
    Money,
}

/// A cell; its kind is its column's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Text(String),
    Number(i64),
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Cell {
        Cell::Number(number)
    }
}

/// A list that leaves the house.
pub struct Sheet {
    /// Also the name of the sheet and of the file.
    pub title: String,
    pub columns: Vec<(&'static str, Kind)>,
    pub rows: Vec<Vec<Cell>>,
    /// 说明: filter, time, who, reason, rows, sums.
    pub notes: Vec<(String, String)>,
    /// Who took it, when, under which number of the trail.
    pub watermark: String,
}

impl Sheet {
    /// Sums of the money columns, in fen; `None` for others.
    fn sums(&self) -> Vec<Option<i64>> {
        let sum = |at: usize| {
            self.rows.iter().filter_map(|row| if let Some(Cell::Number(fen)) = row.get(at) { Some(*fen) } else { None }).sum::<i64>()
        };
        self.columns.iter().enumerate().map(|(at, (_, kind))| (*kind == Kind::Money).then(|| sum(at))).collect()
    }
}

/// Whether a spreadsheet might take the text for a formula (CSV is read by its first character; full-width signs are taken too by some).
fn looks_like_formula(text: &str) -> bool {
    text.trim_start_matches([' ', '\u{3000}', '\u{feff}']).starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
        || text.starts_with(['\t', '\r', '\n'])
}

/// Yuan with two decimals, without separators.
fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", fen.unsigned_abs() / 100, fen.unsigned_abs() % 100)
}

/// A sum for the page of notes.
pub fn money(fen: i64) -> String {
    format!("{} 元", Fen(fen))
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn sheet() -> Sheet {
        Sheet {
            title: "线索".into(),
            columns: vec![("编号", Kind::Text), ("机构", Kind::Text), ("疑点数", Kind::Whole), ("涉及金额（元）", Kind::Money)],
            rows: vec![
                vec!["XS2026-000001".into(), "=HYPERLINK(\"http://x\")".into(), 2.into(), 192_000.into()],
                vec!["XS2026-000002".into(), "仁济, \"康复\"\n医院".into(), 1.into(), (-5).into()],
                vec!["+cmd|' /C calc'!A0".into(), "@SUM(A1)".into(), 0.into(), 0.into()],
            ],
            notes: vec![("条件".into(), "=1+1".into())],
            watermark: "周** 2026-01-31 08:00:00 第 12 号".into(),
        }
    }

    #[test]
    fn formulas_are_known_by_their_first_sign() {
        for text in ["=1", "+1", "-1", "@x", "\t=1", " =1", "＝1", "\r\n=1"] {
            assert!(looks_like_formula(text), "{text:?}");
        }
        for text in ["", "周**", "1-2", "A=B", "XS2026-000001"] {
            assert!(!looks_like_formula(text), "{text:?}");
        }
    }

    #[test]
    fn money_columns_are_summed() {
        assert_eq!(sheet().sums(), [None, None, None, Some(191_995)]);
        assert_eq!((yuan(-5), yuan(192_000)), ("-0.05".to_owned(), "1920.00".to_owned()));
    }
}
