//! fmt: a rule file with its blocks in their one form; all else stays as it is, but for blanks at line ends.

use crate::ast::Name;
use crate::diagnostic::{Complaints, Diagnostic, SourceText};
use crate::document::{self, Part};
use crate::{parse, print};

/// Formats a rule file. `Err` when a block cannot be parsed.
pub fn format_rule(file: &str, text: &str) -> Result<String, Vec<Diagnostic>> {
    let source = SourceText::new(file, text);
    let mut complaints = Complaints::new(&source);
    let document = document::split(&mut complaints);
    let mut blocks = Vec::new();
    let mut of_sql = false;
    for part in &document.intro.parts {
        if let Part::Block(block) = part {
            of_sql |= source.slice(block.info) == "sql";
            if source.slice(block.info) == "rule" {
                blocks.push(*block);
            }
        }
    }
    let mut out = String::new();
    let mut at = 0;
    for block in blocks {
        let printed = if of_sql {
            parse::sql_tail(&mut complaints, block.body).and_then(|tail| {
                let evidence: Name = tail.evidence?;
                Some(print::sql_tail(&evidence, &tail.say))
            })
        } else {
            parse::block(&mut complaints, block.body).map(|block| print::block(&block))
        };
        if let Some(printed) = printed {
            out.push_str(&text[at..block.body.start]);
            out.push_str(&printed);
            at = block.body.end;
        }
    }
    out.push_str(&text[at..]);
    let found = complaints.into_found();
    if !found.is_empty() {
        return Err(found);
    }
    let mut tidy: String = out.lines().flat_map(|line| [line.trim_end(), "\n"]).collect();
    while tidy.ends_with("\n\n") {
        tidy.pop();
    }
    Ok(tidy)
}
