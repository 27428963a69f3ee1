//! 拆开一个规则文件: TOML head, title, sections, text and fenced blocks, each with its exact place.

use crate::diagnostic::{Complaints, Span};

/// A rule file is at most so many bytes.
pub const SIZE_MAX: usize = 1 << 20;

/// One rule file taken apart. Spans are byte offsets into the file.
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// The TOML between the `+++` lines.
    pub head: Span,
    /// The `# ` heading.
    pub title: Option<Span>,
    /// What stands before the first `## `: plain words and logic.
    pub intro: Section,
    pub sections: Vec<Section>,
}

#[derive(Debug, Clone, Default)]
pub struct Section {
    pub title: Span,
    pub parts: Vec<Part>,
}

#[derive(Debug, Clone)]
pub enum Part {
    /// A run of lines of Markdown.
    Text(Span),
    Block(Block),
}

/// A fenced block.
#[derive(Debug, Clone, Copy)]
pub struct Block {
    /// What stands after the opening fence, trimmed: `rule`, `sql`, `csv`, `csv setl_d`.
    pub info: Span,
    /// The lines between the fences.
    pub body: Span,
}

struct Line<'t> {
    start: usize,
    /// Without the line end.
    text: &'t str,
    /// Where the next line starts.
    next: usize,
}

fn lines(text: &str, from: usize) -> impl Iterator<Item = Line<'_>> {
    let mut start = from;
    std::iter::from_fn(move || {
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let (line, next) = match rest.find('\n') {
            Some(at) => (&rest[..at], start + at + 1),
            None => (rest, text.len()),
        };
        let line = Line { start, text: line.strip_suffix('\r').unwrap_or(line), next };
        start = next;
        Some(line)
    })
}

/// Takes a file apart. Complaints say what is missing; what could be read is in the result.
pub fn split(complaints: &mut Complaints<'_>) -> Document {
    let source = complaints.source;
    let text = source.text.as_str();
    let mut document = Document::default();
    if text.len() > SIZE_MAX {
        complaints.at(Span::default(), format!("文件超过 {} KiB，规则文件不应这么大；数据请放进知识表", SIZE_MAX >> 10));
        return document;
    }
    let begin = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let Some(after_head) = split_head(complaints, begin, &mut document) else { return document };
    split_body(complaints, after_head, &mut document);
    if document.title.is_none() {
        complaints.at(Span::new(after_head, after_head), "缺少标题：文件头之后写一行 `# 规则的中文名`");
    }
    document
}

fn split_head(complaints: &mut Complaints<'_>, begin: usize, document: &mut Document) -> Option<usize> {
    let text = complaints.source.text.as_str();
    let mut all = lines(text, begin);
    match all.next() {
        Some(line) if line.text.trim_end() == "+++" => document.head = Span::new(line.next, line.next),
        _ => {
            complaints.at(Span::new(begin, begin), "文件第一行应是 `+++`：规则文件以 TOML 文件头开始，文件头前后各一行 `+++`");
            return None;
        }
    }
    for line in all {
        if line.text.trim_end() == "+++" {
            document.head.end = line.start;
            return Some(line.next);
        }
    }
    complaints.at(Span::new(begin, begin + 3), "文件头没有结束：TOML 之后应有一行 `+++`");
    None
}

fn split_body(complaints: &mut Complaints<'_>, from: usize, document: &mut Document) {
    let text = complaints.source.text.as_str();
    let mut section = Section::default();
    let mut run: Option<Span> = None;
    let mut in_intro = true;
    let mut all = lines(text, from);
    while let Some(line) = all.next() {
        let span = Span::new(line.start, line.start + line.text.len());
        if let Some(fence) = fence_of(line.text) {
            section.parts.extend(run.take().map(Part::Text));
            let info = line.text.trim_start().trim_start_matches('`').trim();
            let info_start = line.start + line.text.len() - line.text.trim_start().trim_start_matches('`').trim_start().len();
            let mut block = Block { info: Span::new(info_start, info_start + info.len()), body: Span::new(line.next, line.next) };
            let mut closed = false;
            for inner in all.by_ref() {
                if fence_of(inner.text).is_some_and(|n| n >= fence) && inner.text.trim().trim_matches('`').is_empty() {
                    block.body.end = inner.start;
                    closed = true;
                    break;
                }
                block.body.end = inner.next;
            }
            if !closed {
                complaints.at(span, format!("这个块没有结束：应以一行 {} 收尾", "`".repeat(fence)));
            }
            section.parts.push(Part::Block(block));
        } else if let Some(heading) = line.text.strip_prefix("## ") {
            section.parts.extend(run.take().map(Part::Text));
            let done = std::mem::take(&mut section);
            if in_intro {
                document.intro = done;
                in_intro = false;
            } else {
                document.sections.push(done);
            }
            section.title = trimmed(line.start + 3, heading);
        } else if let Some(heading) = line.text.strip_prefix("# ") {
            if document.title.is_some() {
                complaints.at(span, "一个文件只有一个 `# ` 标题；小节用 `## `");
            }
            if !heading.trim().is_empty() {
                document.title.get_or_insert(trimmed(line.start + 2, heading));
            }
        } else if !line.text.trim().is_empty() {
            run = Some(run.map_or(span, |run| run.to(span)));
        }
    }
    section.parts.extend(run.take().map(Part::Text));
    if in_intro {
        document.intro = section;
    } else {
        document.sections.push(section);
    }
}

fn trimmed(start: usize, text: &str) -> Span {
    let lead = text.len() - text.trim_start().len();
    Span::new(start + lead, start + lead + text.trim().len())
}

/// How many backquotes open or close a fence here.
fn fence_of(line: &str) -> Option<usize> {
    let line = line.trim_start();
    let count = line.bytes().take_while(|&b| b == b'`').count();
    (count >= 3).then_some(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceText;

    #[test]
    fn takes_a_file_apart() {
        let source = SourceText::new(
            "a.md",
            "+++\nid = 1\n+++\n# 标题 \n说明\n\n第二段\n```rule\nfor lines\n```\n## 应命中\n边界\n```csv setl_d\na\n1\n```\n## 不应命中\n",
        );
        let mut complaints = Complaints::new(&source);
        let document = split(&mut complaints);
        assert!(complaints.is_empty());
        assert_eq!(source.slice(document.head), "id = 1\n");
        assert_eq!(document.title.map(|span| source.slice(span)), Some("标题"));
        let shown: Vec<String> = document
            .intro
            .parts
            .iter()
            .chain(document.sections.iter().flat_map(|section| &section.parts))
            .map(|part| match part {
                Part::Text(span) => source.slice(*span).to_string(),
                Part::Block(block) => format!("[{}|{}]", source.slice(block.info), source.slice(block.body)),
            })
            .collect();
        assert_eq!(shown, ["说明\n\n第二段", "[rule|for lines\n]", "边界", "[csv setl_d|a\n1\n]"]);
        assert_eq!(document.sections.len(), 2);
    }

    #[test]
    fn says_what_is_missing() {
        for (text, expected) in [
            ("# 标题", "a.md:1:1: 文件第一行应是 `+++`"),
            ("+++\nid=1\n# 标题", "a.md:1:1: 文件头没有结束"),
            ("+++\n+++\n说明", "a.md:3:1: 缺少标题"),
            ("+++\n+++\n# 标题\n```rule\nfor lines\n", "a.md:4:1: 这个块没有结束"),
        ] {
            let source = SourceText::new("a.md", text);
            let mut complaints = Complaints::new(&source);
            split(&mut complaints);
            let found = complaints.into_found();
            assert!(found.len() == 1 && found[0].to_string().starts_with(expected), "{text}: {found:?}");
        }
    }
}
