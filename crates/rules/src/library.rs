//! 规则库: all rules and knowledge tables of a folder, checked as a whole, and compiled by selection.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use crate::compile::{Context, Shared, compile_block};
use crate::compiled::{Compiled, CompiledSql};
use crate::diagnostic::{Complaints, Diagnostic, SourceText, Span, nearest};
use crate::fields::Input;
use crate::head::{ParamValue, Status};
use crate::knowledge::{self, KnowledgeTable};
use crate::params::{ParamOverrides, Period, setting};
use crate::rule::Rule;
use crate::sql;

/// Rules sorted by id, tables sorted by name.
#[derive(Debug, Clone, Default)]
pub struct Library {
    pub rules: Vec<Rule>,
    pub tables: Vec<KnowledgeTable>,
}

/// Which rules to compile.
#[derive(Debug, Clone)]
pub struct Selection {
    /// Ids; `None` for all.
    pub ids: Option<Vec<String>>,
    pub statuses: Vec<Status>,
}

impl Default for Selection {
    /// All rules that are live.
    fn default() -> Selection {
        Selection { ids: None, statuses: vec![Status::Live] }
    }
}

impl Selection {
    /// Everything but what is retired.
    pub fn all() -> Selection {
        Selection { ids: None, statuses: vec![Status::Draft, Status::Shadow, Status::Live] }
    }

    pub fn of(ids: impl IntoIterator<Item = impl Into<String>>) -> Selection {
        Selection { ids: Some(ids.into_iter().map(Into::into).collect()), ..Selection::all() }
    }

    pub fn takes(&self, rule: &Rule) -> bool {
        self.statuses.contains(&rule.status) && self.ids.as_ref().is_none_or(|ids| ids.contains(&rule.id))
    }
}

/// One file of a library: path below it, and text.
pub(crate) type File = (String, String);

include!(concat!(env!("OUT_DIR"), "/built_in.rs"));

impl Library {
    /// The library this program was built with (`library/` of the repository). Files with mistakes are left out; a test
    /// holds that there are none.
    pub fn built_in() -> Library {
        Library::from_files(built_in_files()).0
    }

    /// A region's library on top of the built-in one: its rules replace those with the same id, its tables those with the same
    /// name. All complaints come together.
    pub fn load(dir: &Path) -> Result<Library, Vec<Diagnostic>> {
        let mut files = built_in_files();
        let own = read_files(dir)?;
        override_files(&mut files, own);
        complete(Library::from_files(files))
    }

    /// A folder alone, without the built-in library.
    pub fn read(dir: &Path) -> Result<Library, Vec<Diagnostic>> {
        complete(Library::from_files(read_files(dir)?))
    }

    /// Checks files and puts them together. What has mistakes is left out of the library.
    pub fn from_files(mut files: Vec<File>) -> (Library, Vec<Diagnostic>) {
        files.sort();
        let mut library = Library::default();
        let mut found = Vec::new();
        for (path, text) in &files {
            if let Some(name) = path.rsplit('/').next().and_then(|file| file.strip_suffix(".csv")) {
                let source = SourceText::new(path.clone(), text.clone());
                let (table, wrong) = KnowledgeTable::parse(name, &source);
                found.extend(wrong);
                library.tables.push(table);
            }
        }
        library.tables.sort_by(|a, b| a.name.cmp(&b.name));
        for (path, text) in files {
            if path.ends_with(".md") {
                let (rule, wrong) = Rule::parse(SourceText::new(path, text));
                let sound = wrong.is_empty();
                found.extend(wrong);
                if let Some(mut rule) = rule {
                    let wrong = library.check(&mut rule, sound);
                    let checked = wrong.is_empty();
                    found.extend(wrong);
                    if sound && checked {
                        library.rules.push(rule);
                    }
                }
            }
        }
        library.rules.sort_by(|a, b| a.id.cmp(&b.id).then_with(|| a.file.cmp(&b.file)));
        found.extend(library.duplicates());
        found.sort();
        (library, found)
    }

    /// Rules that share an id: all but the first are complained about and left out.
    fn duplicates(&mut self) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        let mut first: HashMap<String, String> = HashMap::new();
        self.rules.retain(|rule| match first.get(&rule.id) {
            Some(other) => {
                let (line, column) = rule.source.position(rule.head.id_at.start);
                let message = format!("规则编号 {} 已经被 {other} 用了", rule.id);
                found.push(Diagnostic { file: rule.file.clone(), line, column, message, suggestion: None });
                false
            }
            None => {
                first.insert(rule.id.clone(), rule.file.clone());
                true
            }
        });
        found
    }

    /// Names, types and tables of one rule, with its default parameters; fills in what it needs.
    fn check(&self, rule: &mut Rule, parsed: bool) -> Vec<Diagnostic> {
        let mut shared = Shared::default();
        let params: BTreeMap<String, ParamValue> = rule.params.iter().map(|(name, param)| (name.clone(), param.value.clone())).collect();
        let (blocks, mut found) = self.compile_rule(rule, 0, &params, &mut shared);
        let sql = rule.sql.iter().flat_map(|sql| sql::inputs(&sql.sql));
        rule.needs = sorted(blocks.iter().flat_map(|block| block.inputs.iter().copied()).chain(sql.clone()));
        rule.reads = sorted(blocks.iter().flat_map(|block| block.reads.iter().copied()).chain(sql));
        found.extend(self.check_knowledge(rule, parsed));
        if parsed {
            found.extend(unused_params(rule));
        }
        found
    }

    fn check_knowledge(&self, rule: &Rule, parsed: bool) -> Vec<Diagnostic> {
        let source = rule.source.clone();
        let mut complaints = Complaints::new(&source);
        for (name, at) in &rule.head.knowledge {
            if !self.tables.iter().any(|table| table.name == *name) {
                let suggestion = nearest(name, self.tables.iter().map(|table| table.name.as_str()));
                complaints.suggest(*at, format!("没有知识表 {name}（library/knowledge/{name}.csv）"), suggestion);
            } else if parsed && rule.is_kernel() && !mentions(rule, name) {
                complaints.at(*at, format!("知识表 {name} 写在文件头里，逻辑没有用到它"));
            }
        }
        complaints.into_found()
    }

    /// Compiles one kernel rule's blocks.
    fn compile_rule(
        &self,
        rule: &Rule,
        number: u16,
        params: &BTreeMap<String, ParamValue>,
        shared: &mut Shared,
    ) -> (Vec<crate::compile::CompiledBlock>, Vec<Diagnostic>) {
        let source = rule.source.clone();
        let mut complaints = Complaints::new(&source);
        let context = Context { head: &rule.head, params, tables: &self.tables };
        let blocks = rule.blocks.iter().filter_map(|block| compile_block(&context, shared, &mut complaints, block, number)).collect();
        if let Some(statement) = &rule.sql
            && let Err((offset, message, suggestion)) = sql::fill(&statement.sql, params)
        {
            let lead = source.slice(statement.at).len() - source.slice(statement.at).trim_start().len();
            let at = statement.at.start + lead + offset;
            complaints.suggest(Span::new(at, at + 1), message, suggestion);
        }
        (blocks, complaints.into_found())
    }

    /// Compiles the selected rules with a region's parameters.
    pub fn compile(&self, selection: &Selection, overrides: &ParamOverrides) -> Result<Compiled, Vec<Diagnostic>> {
        let mut found = overrides.check(self);
        found.extend(self.check_selection(selection));
        if !found.is_empty() {
            return Err(found);
        }
        let mut shared = Shared::default();
        let mut blocks = Vec::new();
        let mut says = Vec::new();
        let mut rules = Vec::new();
        let mut statements = Vec::new();
        let mut taken = self.hash();
        for (index, rule) in self.rules.iter().enumerate() {
            if !selection.takes(rule) {
                continue;
            }
            taken.push_str(&format!("\n{}", rule.id));
            let number = u16::try_from(rules.len()).unwrap_or(u16::MAX);
            if rule.sql.is_none() {
                rules.push(index);
            }
            // A period's blocks see the rows of its days alone: a window never reaches over a change of its own measure.
            for Period { days, params } in overrides.periods(rule) {
                taken.push_str(&format!("\n{days:?}"));
                taken.extend(params.iter().map(|(name, value)| format!("\n{name}={value}")));
                let (compiled, wrong) = self.compile_rule(rule, number, &params, &mut shared);
                found.extend(wrong);
                if let Some(statement) = &rule.sql
                    && let Ok(sql) = sql::fill(&statement.sql, &params)
                {
                    statements.push(CompiledSql {
                        rule: index,
                        sql,
                        evidence_table: statement.evidence.clone(),
                        say: statement.say.clone(),
                    });
                }
                for mut compiled in compiled {
                    let valid = &mut compiled.block.valid;
                    *valid = (valid.0.max(days.0), valid.1.min(days.1));
                    if valid.0 <= valid.1 {
                        blocks.push(compiled.block);
                        says.push(compiled.say);
                    }
                }
            }
        }
        if rules.len() > usize::from(u16::MAX) || blocks.len() > usize::from(u16::MAX) {
            found.push(whole_library("一次最多编译 65535 个规则块"));
        }
        if !found.is_empty() {
            found.sort();
            return Err(found);
        }
        let Some((mut rule_set, tables)) = shared.finish(&self.tables) else {
            return Err(vec![whole_library("知识表里用来比较的文字种类太多（超过 30000 种）；只用来显示的列不要写进条件")]);
        };
        rule_set.blocks = blocks;
        let keys = tables.into_iter().map(|at| self.tables[at].points.iter().map(|point| point.key.clone()).collect()).collect();
        Ok(Compiled { rule_set, rules, sql: statements, says, keys, hash: blake3::hash(taken.as_bytes()).to_hex()[..32].to_string() })
    }

    fn check_selection(&self, selection: &Selection) -> Vec<Diagnostic> {
        let ids = selection.ids.iter().flatten();
        ids.filter(|id| !self.rules.iter().any(|rule| rule.id == **id))
            .map(|id| setting(format!("规则 {id} 不在规则库里"), nearest(id, self.rules.iter().map(|rule| rule.id.as_str()))))
            .collect()
    }

    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    pub fn table(&self, name: &str) -> Option<&KnowledgeTable> {
        self.tables.iter().find(|table| table.name == name)
    }

    /// A fingerprint of all rules and tables: the same files give the same hash, whatever their order and line ends.
    pub fn hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        let rules = self.rules.iter().map(|rule| (rule.id.as_str(), rule.source.text.as_str()));
        let tables = self.tables.iter().map(|table| (table.name.as_str(), table.text.as_str()));
        for (name, text) in rules.chain(tables) {
            for part in [name, &text.replace("\r\n", "\n")] {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part.as_bytes());
            }
        }
        hasher.finalize().to_hex()[..32].to_string()
    }
}

fn whole_library(message: &str) -> Diagnostic {
    Diagnostic { file: "（规则库）".to_string(), line: 1, column: 1, message: message.to_string(), suggestion: None }
}

/// Whether the logic names a table.
fn mentions(rule: &Rule, table: &str) -> bool {
    crate::print::words_of(rule).iter().any(|word| word == table)
}

fn unused_params(rule: &Rule) -> Vec<Diagnostic> {
    let source = rule.source.clone();
    let mut complaints = Complaints::new(&source);
    let used = crate::print::words_of(rule);
    for (name, param) in &rule.params {
        let in_sql = rule.sql.as_ref().is_some_and(|sql| sql.sql.contains(&format!("param.{name}")));
        if !in_sql && !used.iter().any(|word| word == name) {
            complaints.at(param.at, format!("参数 {name} 没有用到；逻辑里写 param.{name}"));
        }
    }
    complaints.into_found()
}

fn complete((library, found): (Library, Vec<Diagnostic>)) -> Result<Library, Vec<Diagnostic>> {
    if found.is_empty() { Ok(library) } else { Err(found) }
}

/// Reads `rules/**.md` and `knowledge/*.csv` below a folder.
fn read_files(dir: &Path) -> Result<Vec<File>, Vec<Diagnostic>> {
    let mut files = Vec::new();
    let mut found = Vec::new();
    if !dir.is_dir() {
        return Err(vec![unreadable(dir, "没有这个规则库目录")]);
    }
    for part in ["rules", "knowledge"] {
        walk(dir, &dir.join(part), 0, &mut files, &mut found);
    }
    if found.is_empty() { Ok(files) } else { Err(found) }
}

fn walk(root: &Path, dir: &Path, depth: usize, files: &mut Vec<File>, found: &mut Vec<Diagnostic>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() && depth < 4 {
            walk(root, &path, depth + 1, files, found);
            continue;
        }
        if !path.extension().is_some_and(|ext| ext == "md" || ext == "csv") {
            continue;
        }
        let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let too_big = fs::metadata(&path).is_ok_and(|meta| meta.len() > knowledge::SIZE_MAX as u64);
        if too_big {
            found.push(unreadable(&path, "文件太大"));
            continue;
        }
        match fs::read(&path).map(String::from_utf8) {
            Ok(Ok(text)) => files.push((name, text)),
            Ok(Err(_)) => found.push(unreadable(&path, "不是 UTF-8 文本；请用 UTF-8 另存")),
            Err(error) => found.push(unreadable(&path, &format!("读不了：{error}"))),
        }
    }
}

fn unreadable(path: &Path, message: &str) -> Diagnostic {
    Diagnostic { file: path.display().to_string(), line: 1, column: 1, message: message.to_string(), suggestion: None }
}

/// Own files replace built-in ones: tables by file name, rules by the id at the head of the file name.
fn override_files(files: &mut Vec<File>, own: Vec<File>) {
    let key = |path: &str| {
        let file = path.rsplit('/').next().unwrap_or(path).to_string();
        match file.strip_suffix(".md") {
            Some(stem) => format!("{}.md", stem.split('-').next().unwrap_or(stem)),
            None => file,
        }
    };
    let replaced: Vec<String> = own.iter().map(|(path, _)| key(path)).collect();
    files.retain(|(path, _)| !replaced.contains(&key(path)));
    files.extend(own);
}

fn sorted(inputs: impl Iterator<Item = Input>) -> Vec<Input> {
    inputs.collect::<BTreeSet<_>>().into_iter().collect()
}
