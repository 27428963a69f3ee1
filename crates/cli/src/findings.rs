//! Findings as a reader wants them: chosen, ordered, joined with what they speak of, written in each format.

pub mod facts;
pub mod list;
pub mod select;
pub mod stream;
pub mod summary;
pub mod workbook;

use std::collections::HashMap;

use mingjian_rules::Library;

/// What lists say of a rule; of a rule that has left the library only what the finding itself says is known.
pub struct RuleBook<'l> {
    by_id: HashMap<&'l str, &'l mingjian_rules::Rule>,
}

impl<'l> RuleBook<'l> {
    pub fn new(library: &'l Library) -> RuleBook<'l> {
        RuleBook { by_id: library.rules.iter().map(|rule| (rule.id.as_str(), rule)).collect() }
    }

    pub fn rule(&self, id: &str) -> Option<&'l mingjian_rules::Rule> {
        self.by_id.get(id).copied()
    }

    /// The Chinese title, or the id.
    pub fn title(&self, id: &str) -> String {
        self.rule(id).map_or_else(|| id.to_owned(), |rule| rule.title.clone())
    }

    /// 依据: documents with their articles, `；` between.
    pub fn basis(&self, id: &str) -> String {
        let basis = self.rule(id).map(|rule| rule.basis.iter().map(|basis| format!("《{}》{}", basis.doc, basis.article)));
        basis.into_iter().flatten().collect::<Vec<_>>().join("；")
    }
}
