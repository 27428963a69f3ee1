//! 规则: one rule file read whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use mingjian_engine::Outcome;
use mingjian_model::day::Day;

use crate::ast;
use crate::case::{self, Case};
use crate::diagnostic::{Complaints, Diagnostic, SourceText, Span, nearest};
use crate::document::{self, Document, Part, Section};
use crate::fields::Input;
use crate::head::{self, Basis, Class, Head, Param, Status};
use crate::parse;
use crate::sql::{self, SqlRule};

/// One rule. Either kernel blocks or one SQL statement.
#[derive(Debug, Clone)]
pub struct Rule {
    pub id: String,
    /// English short name.
    pub name: String,
    pub version: u32,
    pub status: Status,
    pub retired_reason: Option<String>,
    /// Chinese name, the file's heading.
    pub title: String,
    /// 违规类型.
    pub kind: String,
    pub outcome: Outcome,
    pub class: Class,
    /// Bits of [`mingjian_engine::program::stage`].
    pub stages: u8,
    pub national_code: Option<String>,
    pub basis: Vec<Basis>,
    /// Knowledge tables the rule uses.
    pub knowledge: Vec<String>,
    pub valid: (Day, Day),
    pub params: BTreeMap<String, Param>,
    /// Plain words for the doctor.
    pub text: String,
    /// 误报与申辩.
    pub misfires: String,
    pub blocks: Vec<ast::Block>,
    pub sql: Option<SqlRule>,
    pub cases: Vec<Case>,
    /// National columns the verdict rests on: without one of them the rule is not judged. See [`crate::alternatives`] for other
    /// places of the same fact.
    pub needs: Vec<Input>,
    /// National columns the logic looks at: `needs`, and what exemptions, `known(…)` and `say` read.
    pub reads: Vec<Input>,
    /// The folder the file stands in.
    pub family: String,
    /// Path below the library.
    pub file: String,
    pub(crate) head: Arc<Head>,
    pub(crate) source: Arc<SourceText>,
}

const SECTIONS: [&str; 3] = ["误报与申辩", "应命中", "不应命中"];

impl Rule {
    /// Whether rows are judged by the kernel (not by SQL).
    pub fn is_kernel(&self) -> bool {
        self.sql.is_none()
    }

    /// The whole file as it stands.
    pub fn source_text(&self) -> &str {
        &self.source.text
    }

    /// Reads a file; `None` when the head is unusable. Names of tables and fields are checked later, by the library.
    pub(crate) fn parse(source: SourceText) -> (Option<Rule>, Vec<Diagnostic>) {
        let source = Arc::new(source);
        let mut complaints = Complaints::new(&source);
        let document = document::split(&mut complaints);
        if document.title.is_none() && document.head == Span::default() {
            return (None, complaints.into_found());
        }
        let head = head::read(&mut complaints, document.head);
        let logic = read_logic(&mut complaints, &document);
        let (misfires, cases) = read_sections(&mut complaints, &document, logic.sql.is_some());
        if let Some(head) = &head {
            file_name_matches(&mut complaints, head);
            if cases.iter().all(|case| !case.hits) || cases.iter().all(|case| case.hits) {
                let end = Span::new(source.text.len(), source.text.len());
                complaints.at(end, "例子不全：“## 应命中”和“## 不应命中”下面都至少要有一个 csv 块");
            }
        }
        let found = complaints.into_found();
        let rule = head.map(|head| Rule {
            id: head.id.clone(),
            name: head.name.clone(),
            version: head.version,
            status: head.status,
            retired_reason: head.retired_reason.clone(),
            title: document.title.map_or(String::new(), |span| source.slice(span).to_string()),
            kind: head.kind.clone(),
            outcome: head.outcome,
            class: head.class,
            stages: head.stages,
            national_code: head.national_code.clone(),
            basis: head.basis.clone(),
            knowledge: head.knowledge.iter().map(|(name, _)| name.clone()).collect(),
            valid: head.valid,
            params: head.params.clone(),
            text: section_text(&source, &document.intro),
            misfires,
            blocks: logic.blocks,
            sql: logic.sql,
            cases,
            needs: Vec::new(),
            reads: Vec::new(),
            family: family_of(&source.name),
            file: source.name.clone(),
            head: Arc::new(head),
            source: source.clone(),
        });
        (rule, found)
    }
}

fn family_of(file: &str) -> String {
    let mut parts = file.rsplit('/');
    parts.next();
    parts.next().filter(|family| *family != "rules").unwrap_or("").to_string()
}

fn file_name_matches(complaints: &mut Complaints<'_>, head: &Head) {
    let file = complaints.source.name.rsplit('/').next().unwrap_or("").to_string();
    let expected = format!("{}-{}.md", head.id, head.name);
    if file != expected {
        complaints.at(head.id_at, format!("文件名应是 {expected}（编号-英文短名），现在是 {file}"));
    }
}

struct Logic {
    blocks: Vec<ast::Block>,
    sql: Option<SqlRule>,
}

fn read_logic(complaints: &mut Complaints<'_>, document: &Document) -> Logic {
    let source = complaints.source;
    let mut logic = Logic { blocks: Vec::new(), sql: None };
    let blocks: Vec<document::Block> = blocks_of(&document.intro);
    let statements: Vec<&document::Block> = blocks.iter().filter(|block| source.slice(block.info) == "sql").collect();
    let rules: Vec<&document::Block> = blocks.iter().filter(|block| source.slice(block.info) == "rule").collect();
    for block in &blocks {
        let info = source.slice(block.info);
        if info != "rule" && info != "sql" {
            let at = Span::new(block.info.start, block.info.end.max(block.info.start + 1));
            let suggestion = nearest(info, ["rule", "sql"]);
            complaints.suggest(at, "正文里的块只能是 rule（规则逻辑）或 sql；例子（csv）放在“## 应命中”“## 不应命中”下面", suggestion);
        }
    }
    if let Some(statement) = statements.first() {
        if let Some(second) = statements.get(1) {
            complaints.at(second.info, "一条规则只能有一个 sql 块");
        }
        match rules.as_slice() {
            [rule] => {
                if let Some(tail) = parse::sql_tail(complaints, rule.body) {
                    logic.sql = sql::read(complaints, statement.body, &tail);
                }
            }
            _ => complaints.at(statement.info, "sql 块之后要有一个 rule 块，只写 evidence 和 say 两句"),
        }
    } else if rules.is_empty() {
        let at = document.title.unwrap_or_default();
        complaints.at(at, "规则没有逻辑：正文里要有一个 ```rule 块（或 ```sql 块）");
    } else {
        logic.blocks = rules.iter().filter_map(|block| parse::block(complaints, block.body)).collect();
    }
    logic
}

fn blocks_of(section: &Section) -> Vec<document::Block> {
    section
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::Block(block) => Some(*block),
            Part::Text(_) => None,
        })
        .collect()
}

fn section_text(source: &SourceText, section: &Section) -> String {
    let texts: Vec<&str> = section
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::Text(span) => Some(source.slice(*span).trim()),
            Part::Block(_) => None,
        })
        .collect();
    texts.join("\n\n")
}

fn read_sections(complaints: &mut Complaints<'_>, document: &Document, of_sql: bool) -> (String, Vec<Case>) {
    let source = complaints.source;
    let mut misfires = String::new();
    let mut cases = Vec::new();
    for section in &document.sections {
        match source.slice(section.title) {
            "误报与申辩" => {
                misfires = section_text(source, section);
                for block in blocks_of(section) {
                    complaints.at(block.info, "“误报与申辩”里只写文字");
                }
            }
            "应命中" => case::read(complaints, section, true, of_sql, &mut cases),
            "不应命中" => case::read(complaints, section, false, of_sql, &mut cases),
            other => {
                let suggestion = nearest(other, SECTIONS);
                complaints.suggest(section.title, format!("不认识的小节“{other}”；可以有 {}", SECTIONS.join("、")), suggestion);
            }
        }
    }
    if misfires.is_empty() {
        let end = Span::new(source.text.len(), source.text.len());
        complaints.at(Span::new(end.start.saturating_sub(1), end.end), "缺少“## 误报与申辩”：写明什么情形会误报、怎么申辩");
    }
    (misfires, cases)
}
