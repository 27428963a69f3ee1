//! SQL 规则: questions across persons, one statement over the national tables.

use std::collections::BTreeMap;

use mingjian_model::{day, format_scaled, schema};

use crate::ast::{Kind, Piece};
use crate::diagnostic::{Complaints, Span, nearest};
use crate::fields::Input;
use crate::head::ParamValue;
use crate::parse::SqlTail;

/// The statement with its sentence.
#[derive(Debug, Clone)]
pub struct SqlRule {
    /// As written, `{param.name}` not filled in.
    pub sql: String,
    pub at: Span,
    /// National table the evidence ids stand in.
    pub evidence: String,
    pub say: SayTemplate,
}

/// A sentence with holes named after result columns.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SayTemplate {
    pieces: Vec<SayPart>,
}

#[derive(Debug, Clone, PartialEq)]
enum SayPart {
    Text(String),
    Column(String),
}

impl SayTemplate {
    /// Fills the holes; a column without a value shows as 不详.
    pub fn render(&self, value: impl Fn(&str) -> Option<String>) -> String {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                SayPart::Text(part) => text.push_str(part),
                SayPart::Column(name) => text.push_str(&value(name).unwrap_or_else(|| crate::value::UNKNOWN_TEXT.to_string())),
            }
        }
        text
    }

    /// The result columns the sentence shows, in order.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            SayPart::Column(name) => Some(name.as_str()),
            SayPart::Text(_) => None,
        })
    }
}

/// Views a statement may read, and the table each stands on.
pub const VIEWS: [(&str, &str); 3] = [("net_lines", "fee_list_d"), ("net_settlements", "setl_d"), ("net_visits", "mdtrt_d")];

/// Columns every statement must give.
const REQUIRED: [&str; 4] = ["band", "first_time", "last_time", "evidence"];

/// Takes the statement and its `evidence` and `say`.
pub(crate) fn read(complaints: &mut Complaints<'_>, body: Span, tail: &SqlTail) -> Option<SqlRule> {
    let source = complaints.source;
    let sql = source.slice(body).trim().trim_end_matches(';').to_string();
    let words = words(&sql);
    let first = Span::new(body.start, body.start);
    if !words.first().is_some_and(|word| word.eq_ignore_ascii_case("select") || word.eq_ignore_ascii_case("with")) {
        complaints.at(first, "sql 块是一条 select（或 with … select）语句");
    }
    let missing: Vec<&str> =
        REQUIRED.iter().copied().filter(|column| !words.iter().any(|word| word.eq_ignore_ascii_case(column))).collect();
    if !missing.is_empty() {
        complaints.at(first, format!("sql 的结果必须有列 band、first_time、last_time、evidence；缺 {}", missing.join("、")));
    }
    let evidence = tail.evidence.as_ref()?;
    if schema::table(&evidence.text).is_none() {
        let known = schema::TABLES.iter().map(|table| table.name);
        complaints.suggest(evidence.at, format!("没有国家表 {}", evidence.text), nearest(&evidence.text, known));
    }
    let mut say = SayTemplate::default();
    for piece in &tail.say.pieces {
        match piece {
            Piece::Text(text) => say.pieces.push(SayPart::Text(text.clone())),
            Piece::Hole(node) => match &node.kind {
                Kind::Word(word) => {
                    if !words.iter().any(|known| known.eq_ignore_ascii_case(word)) {
                        let suggestion = nearest(word, words.iter().copied());
                        complaints.suggest(node.at, format!("sql 的结果里没有列 {word}"), suggestion);
                    }
                    say.pieces.push(SayPart::Column(word.clone()));
                }
                _ => complaints.at(node.at, "SQL 规则的花括号里只写结果的列名"),
            },
        }
    }
    Some(SqlRule { sql, at: body, evidence: evidence.text.clone(), say })
}

/// Identifiers and keywords of a statement, outside of strings and comments.
fn words(sql: &str) -> Vec<&str> {
    tokens(sql).into_iter().filter(|token| !matches!(*token, "(" | ")")).collect()
}

/// Words and brackets of a statement, outside of strings and comments.
fn tokens(sql: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut at = 0;
    let continues = |c: char| c.is_alphanumeric() || c == '_';
    while let Some(rest) = sql.get(at..)
        && let Some(c) = rest.chars().next()
    {
        let len = if rest.starts_with("--") {
            rest.find('\n').unwrap_or(rest.len())
        } else if c == '\'' {
            rest[1..].find('\'').map_or(rest.len(), |end| end + 2)
        } else if c.is_alphabetic() || c == '_' {
            let len = rest.find(|c| !continues(c)).unwrap_or(rest.len());
            words.push(&rest[..len]);
            len
        } else {
            if matches!(c, '(' | ')') {
                words.push(&rest[..1]);
            }
            c.len_utf8()
        };
        at += len;
    }
    words
}

/// The national table a word names, itself or through a view.
fn table_of(word: &str) -> Option<&'static schema::Table> {
    schema::table(VIEWS.iter().find(|(view, _)| *view == word).map_or(word, |(_, table)| *table))
}

/// Columns a select over one national table insists on (`… is not null`): without them it finds nothing, whatever happened.
fn insisted(sql: &str) -> Vec<Input> {
    #[derive(Default)]
    struct Select<'s> {
        tables: Vec<&'static schema::Table>,
        columns: Vec<&'s str>,
    }
    fn settle(select: Select<'_>, inputs: &mut Vec<Input>) {
        if let [table] = select.tables[..] {
            inputs.extend(select.columns.iter().filter_map(|word| Some((table.name, table.column(word)?.name))));
        }
    }
    let tokens = tokens(sql);
    let mut inputs = Vec::new();
    let mut open = vec![Select::default()];
    for (at, token) in tokens.iter().enumerate() {
        match *token {
            "(" => open.push(Select::default()),
            ")" => settle(open.pop().unwrap_or_default(), &mut inputs),
            "union" | "intersect" | "except" => settle(open.last_mut().map(std::mem::take).unwrap_or_default(), &mut inputs),
            word => {
                let Some(select) = open.last_mut() else { continue };
                if let Some(table) = table_of(word).filter(|table| select.tables.iter().all(|known| known.name != table.name)) {
                    select.tables.push(table);
                } else if matches!(tokens.get(at + 1..at + 4), Some(["is", "not", "null"])) {
                    select.columns.push(word);
                }
            }
        }
    }
    open.into_iter().for_each(|select| settle(select, &mut inputs));
    inputs
}

/// National columns the statement reads: each table it names, each column name that belongs to one of these tables alone, and what
/// it insists on.
pub(crate) fn inputs(sql: &str) -> Vec<Input> {
    let words = words(sql);
    let mut tables: Vec<&'static schema::Table> = Vec::new();
    for word in &words {
        if let Some(table) = table_of(word)
            && !tables.iter().any(|known| known.name == table.name)
        {
            tables.push(table);
        }
    }
    let mut inputs: Vec<Input> = tables
        .iter()
        .filter_map(|table| Some((table.name, table.columns.iter().find(|c| table.required.contains(&c.name))?.name)))
        .collect();
    for word in &words {
        let mut owners = tables.iter().filter_map(|table| Some((table.name, table.column(word)?.name)));
        if let (Some(input), None) = (owners.next(), owners.next())
            && !inputs.contains(&input)
        {
            inputs.push(input);
        }
    }
    for input in insisted(sql) {
        if !inputs.contains(&input) {
            inputs.push(input);
        }
    }
    inputs
}

/// Puts parameters into the statement. `Err` names the place (offset in the statement) and what is wrong.
pub(crate) fn fill(sql: &str, params: &BTreeMap<String, ParamValue>) -> Result<String, (usize, String, Option<String>)> {
    let mut filled = String::with_capacity(sql.len());
    let mut at = 0;
    while let Some(found) = sql[at..].find('{') {
        let open = at + found;
        filled.push_str(&sql[at..open]);
        let Some(len) = sql[open..].find('}') else {
            return Err((open, "{ 没有配对的 }".to_string(), None));
        };
        let inner = sql[open + 1..open + len].trim();
        let Some(name) = inner.strip_prefix("param.") else {
            return Err((open, format!("sql 里的花括号只放参数，写成 {{param.名字}}，这里是“{inner}”"), None));
        };
        match params.get(name) {
            Some(value) => filled.push_str(&literal(value)),
            None => {
                let known: Vec<&str> = params.keys().map(String::as_str).collect();
                return Err((
                    open,
                    format!("没有参数 {name}；文件头 [params] 里有 {}", known.join("、")),
                    nearest(name, known.iter().copied()),
                ));
            }
        }
        at = open + len + 1;
    }
    filled.push_str(&sql[at..]);
    Ok(filled)
}

fn literal(value: &ParamValue) -> String {
    match value {
        ParamValue::Number(number) => number.to_string(),
        ParamValue::Percent(value) => format_scaled(*value, 4),
        ParamValue::Age(limit) => (limit >> 1).to_string(),
        ParamValue::Day(day) => format!("DATE '{}'", day::format_day(*day)),
        ParamValue::Text(text) => format!("'{}'", text.replace('\'', "''")),
        ParamValue::Bool(value) => value.to_string(),
        ParamValue::List(values) if values.is_empty() => "NULL".to_string(),
        ParamValue::List(values) => values.iter().map(literal).collect::<Vec<_>>().join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Decimal;

    #[test]
    fn fills_parameters_and_finds_inputs() {
        let params = BTreeMap::from([
            ("n".to_string(), ParamValue::Number(Decimal::whole(3))),
            ("who".to_string(), ParamValue::List(vec![ParamValue::Text("a'b".into()), ParamValue::Text("c".into())])),
        ]);
        assert_eq!(fill("x >= {param.n} and y in ({param.who})", &params).as_deref(), Ok("x >= 3 and y in ('a''b', 'c')"));
        assert_eq!(fill("{param.whom}", &params).unwrap_err().2.as_deref(), Some("是不是 who？"));
        assert!(fill("{n}", &params).is_err());
        let found = inputs("select drug_trac_codg, 'setl_d' from selinfo_3505 -- fee_list_d\nwhere trdn_flag <> '1'");
        assert!(
            found.contains(&("selinfo_3505", "drug_trac_codg")) && found.iter().all(|(table, _)| *table == "selinfo_3505"),
            "{found:?}"
        );
    }

    #[test]
    fn a_column_of_several_tables_is_needed_where_one_select_insists_on_it() {
        let found = inputs(
            "with sold as (select s.drug_trac_codg from selinfo_3505 s where s.drug_trac_codg is not null and (s.setl_id is not null or true)),
             back as (select drug_trac_codg from selinfo_3506 union all select drug_trac_codg from purcinfo_3503 where drug_trac_codg is not null)
             select count(rtal_docno) from sold, back where setl_id is not null",
        );
        let of = |column| found.iter().filter(|input| input.1 == column).map(|input| input.0).collect::<Vec<_>>();
        assert_eq!(of("drug_trac_codg"), ["selinfo_3505", "purcinfo_3503"]);
        assert!(of("setl_id").is_empty() && of("rtal_docno").is_empty(), "{found:?}");
    }
}
