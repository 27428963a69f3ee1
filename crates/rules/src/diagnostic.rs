//! 诊断: what is wrong in a rule or knowledge file, where, and what may stand there.

use std::fmt;

/// One complaint about a file. Text is Chinese: what is wrong and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// Path as the reader knows it (relative to the library where possible).
    pub file: String,
    /// 1-based line.
    pub line: usize,
    /// 1-based column, in characters.
    pub column: usize,
    pub message: String,
    /// The nearest name, or what to write instead.
    pub suggestion: Option<String>,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, "（{suggestion}）"),
            None => Ok(()),
        }
    }
}

/// How many complaints one file may give; the rest would only repeat the first ones.
pub const PER_FILE: usize = 50;

/// A place in a file, as byte offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    pub fn new(start: usize, end: usize) -> Span {
        Span { start, end }
    }

    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A file's text with its line starts, so that offsets become lines and columns.
#[derive(Debug, Clone)]
pub struct SourceText {
    pub name: String,
    pub text: String,
    line_starts: Vec<usize>,
}

impl SourceText {
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> SourceText {
        let text = text.into();
        let mut line_starts = vec![0];
        line_starts.extend(text.bytes().enumerate().filter(|&(_, b)| b == b'\n').map(|(i, _)| i + 1));
        SourceText { name: name.into(), text, line_starts }
    }

    /// 1-based line and column (in characters) of an offset.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let offset = offset.min(self.text.len());
        let line = self.line_starts.partition_point(|&start| start <= offset) - 1;
        let column = self.text.get(self.line_starts[line]..offset).map_or(0, |before| before.chars().filter(|&c| c != '\u{feff}').count());
        (line + 1, column + 1)
    }

    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or("")
    }
}

/// Collects complaints about one file, at most [`PER_FILE`], and never two at one place.
#[derive(Debug)]
pub struct Complaints<'s> {
    pub source: &'s SourceText,
    found: Vec<Diagnostic>,
}

impl<'s> Complaints<'s> {
    pub fn new(source: &'s SourceText) -> Complaints<'s> {
        Complaints { source, found: Vec::new() }
    }

    pub fn at(&mut self, span: Span, message: impl Into<String>) {
        self.push(span, message.into(), None);
    }

    pub fn suggest(&mut self, span: Span, message: impl Into<String>, suggestion: Option<String>) {
        self.push(span, message.into(), suggestion);
    }

    fn push(&mut self, span: Span, message: String, suggestion: Option<String>) {
        let (line, column) = self.source.position(span.start);
        let here = self.found.iter().any(|d| d.line == line && d.column == column);
        if !here && self.found.len() < PER_FILE {
            self.found.push(Diagnostic { file: self.source.name.clone(), line, column, message, suggestion });
        }
    }

    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    pub fn len(&self) -> usize {
        self.found.len()
    }

    pub fn into_found(mut self) -> Vec<Diagnostic> {
        self.found.sort_by_key(|found| (found.line, found.column));
        self.found
    }
}

/// The name most like `wrong`, when one is like enough: “是不是 …？”.
pub fn nearest<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest_name(wrong, names).map(|name| format!("是不是 {name}？"))
}

/// The name with the smallest edit distance, when that is at most a third of the longer name (and at least one edit is allowed).
pub fn nearest_name<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong: Vec<char> = wrong.chars().take(64).collect();
    names
        .into_iter()
        .filter_map(|name| {
            let letters: Vec<char> = name.chars().take(64).collect();
            let limit = (wrong.len().max(letters.len()) / 3).max(1);
            let distance = edit_distance(&wrong, &letters);
            // A name that shares nothing with the wrong one is no help.
            (distance <= limit && distance < letters.len()).then_some((distance, name))
        })
        .min()
        .map(|(_, name)| name)
}

/// Optimal string alignment: insertions, deletions, replacements and neighbouring swaps.
fn edit_distance(a: &[char], b: &[char]) -> usize {
    let width = b.len() + 1;
    let mut rows = vec![0usize; (a.len() + 1) * width];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            let at = i * width + j;
            if i == 0 || j == 0 {
                rows[at] = i + j;
                continue;
            }
            let cost = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[at - width] + 1).min(rows[at - 1] + 1).min(rows[at - width - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[at - 2 * width - 2] + 1);
            }
            rows[at] = best;
        }
    }
    rows[a.len() * width + b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters() {
        let source = SourceText::new("a.md", "一二\n三四五");
        assert_eq!(source.position(0), (1, 1));
        assert_eq!(source.position(3), (1, 2));
        assert_eq!(source.position(7), (2, 1));
        assert_eq!(source.position(13), (2, 3));
        assert_eq!(source.position(999), (2, 4));
    }

    #[test]
    fn the_nearest_name_is_near() {
        assert_eq!(nearest_name("cuont", ["count", "amount", "course"]), Some("count"));
        assert_eq!(nearest_name("drugsex", ["drug_sex", "drug_age"]), Some("drug_sex"));
        assert_eq!(nearest_name("zzz", ["count", "amount"]), None);
        assert_eq!(nearest_name("门诊部", ["门诊", "住院"]), Some("门诊"));
    }
}
