//! CSV as it stands in rule and knowledge files: header row, comma, double quotes, every cell with its place.

use crate::diagnostic::{Complaints, Span};

/// A parsed CSV: header and rows of equal width.
#[derive(Debug, Clone, Default)]
pub struct Csv {
    pub header: Vec<Cell>,
    pub rows: Vec<Vec<Cell>>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cell {
    /// Trimmed.
    pub text: String,
    pub at: Span,
}

impl Csv {
    pub fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|cell| cell.text == name)
    }
}

/// Parses the part of the file in `span`. Blank lines are skipped; a row of another width is complained about and left out.
pub fn parse(complaints: &mut Complaints<'_>, span: Span) -> Csv {
    let mut csv = Csv::default();
    let mut at = span.start;
    while at < span.end {
        let (cells, next) = row(complaints, at, span.end);
        let blank = cells.iter().all(|cell| cell.text.is_empty());
        let place = Span::new(at, next);
        at = next;
        if blank && cells.len() <= 1 {
            continue;
        }
        if csv.header.is_empty() {
            header_is_sound(complaints, &cells);
            csv.header = cells;
        } else if cells.len() != csv.header.len() {
            complaints.at(place, format!("这一行有 {} 格，表头有 {} 列；值里有逗号时用双引号括起来", cells.len(), csv.header.len()));
        } else {
            csv.rows.push(cells);
        }
    }
    csv
}

fn header_is_sound(complaints: &mut Complaints<'_>, header: &[Cell]) {
    for (i, cell) in header.iter().enumerate() {
        if cell.text.is_empty() {
            complaints.at(cell.at, "表头里有空的列名");
        } else if header[..i].iter().any(|other| other.text == cell.text) {
            complaints.at(cell.at, format!("列 {} 出现了两次", cell.text));
        }
    }
}

/// One record from `at`; gives its cells and where the next record starts.
fn row(complaints: &mut Complaints<'_>, mut at: usize, end: usize) -> (Vec<Cell>, usize) {
    let text = complaints.source.text.as_str();
    let bytes = text.as_bytes();
    let mut cells = Vec::new();
    loop {
        let start = at;
        let mut cell = String::new();
        if bytes.get(at) == Some(&b'"') && at < end {
            at += 1;
            loop {
                let stop = text.get(at..end).and_then(|rest| rest.find('"')).map(|found| at + found);
                let Some(stop) = stop else {
                    complaints.at(Span::new(start, start + 1), "双引号没有配对");
                    return (cells, end);
                };
                cell.push_str(&text[at..stop]);
                at = stop + 1;
                if at < end && bytes.get(at) == Some(&b'"') {
                    cell.push('"');
                    at += 1;
                } else {
                    break;
                }
            }
        }
        let stop = text.get(at..end).and_then(|rest| rest.find([',', '\n'])).map_or(end, |found| at + found);
        cell.push_str(text.get(at..stop).unwrap_or(""));
        cells.push(Cell { text: cell.trim().to_string(), at: Span::new(start, stop) });
        if stop >= end {
            return (cells, end);
        }
        at = stop + 1;
        if bytes.get(stop) == Some(&b'\n') {
            return (cells, at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceText;

    fn read(text: &str) -> (Vec<Vec<String>>, Vec<String>) {
        let source = SourceText::new("a.csv", text);
        let mut complaints = Complaints::new(&source);
        let csv = parse(&mut complaints, Span::new(0, text.len()));
        let texts = |cells: &Vec<Cell>| cells.iter().map(|cell| cell.text.clone()).collect();
        let rows = std::iter::once(&csv.header).chain(&csv.rows).map(texts).collect();
        (rows, complaints.into_found().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn reads_quotes_blanks_and_line_ends() {
        let (rows, found) = read("a,b\r\n1, 2 \r\n\r\n\"x,\"\"y\"\"\",\n");
        assert_eq!(rows, [vec!["a", "b"], vec!["1", "2"], vec!["x,\"y\"", ""]]);
        assert!(found.is_empty());
    }

    #[test]
    fn complains_about_widths_quotes_and_headers() {
        assert_eq!(read("a,b\n1\n").1, ["a.csv:2:1: 这一行有 1 格，表头有 2 列；值里有逗号时用双引号括起来"]);
        assert_eq!(read("a,a\n").1, ["a.csv:1:3: 列 a 出现了两次"]);
        assert_eq!(read("a\n\"x\n").1, ["a.csv:2:1: 双引号没有配对"]);
    }
}
