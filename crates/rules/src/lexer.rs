//! 记号: the words of a rule block with their places. Full-width punctuation counts as its ASCII twin.

use crate::diagnostic::{Complaints, Span};
use crate::value::Decimal;

/// A block is at most so many tokens.
pub const TOKENS_MAX: usize = 4000;

#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// A name or keyword.
    Name(String),
    Number(Decimal),
    /// A number with its written digits where leading zeros matter (`03`).
    Percent(Decimal),
    /// `18岁`.
    Years(i64),
    /// `28天`.
    Days(i64),
    /// `24小时`.
    Hours(i64),
    Text(String),
    /// One of the signs in [`SIGNS`].
    Sign(&'static str),
    /// The next clause begins.
    Break,
    End,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Lexeme {
    pub token: Token,
    pub at: Span,
}

/// Longest first.
const SIGNS: [&str; 19] = ["!=", "<=", ">=", "=", "<", ">", "+", "-", "*", "/", "(", ")", "{", "}", ",", ".", "[", "]", "%"];

/// What else may be typed for a sign.
const TWINS: [(char, &str); 19] = [
    ('≠', "!="),
    ('≤', "<="),
    ('≥', ">="),
    ('＝', "="),
    ('＜', "<"),
    ('＞', ">"),
    ('＋', "+"),
    ('－', "-"),
    ('×', "*"),
    ('÷', "/"),
    ('（', "("),
    ('）', ")"),
    ('｛', "{"),
    ('｝', "}"),
    ('，', ","),
    ('、', ","),
    ('−', "-"),
    ('％', "%"),
    ('．', "."),
];

/// Whether the text can be a name in a rule.
pub fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(begins_name) && letters.all(continues_name)
}

fn begins_name(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn continues_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Cuts `span` of the file into tokens; ends with [`Token::End`]. Lines that begin no deeper than the first one begin a clause.
pub fn lex(complaints: &mut Complaints<'_>, span: Span) -> Vec<Lexeme> {
    let text = complaints.source.text.as_str();
    let mut lexemes = Vec::new();
    let mut base_indent: Option<usize> = None;
    let mut start = span.start;
    while start < span.end && lexemes.len() <= TOKENS_MAX {
        let stop = text.get(start..span.end).and_then(|rest| rest.find('\n')).map_or(span.end, |at| start + at);
        let line = text.get(start..stop).unwrap_or("");
        let indent: usize = line.chars().take_while(|c| c.is_whitespace()).map(|c| if c == '\t' || c == '\u{3000}' { 2 } else { 1 }).sum();
        if !line.trim().is_empty() {
            let base = *base_indent.get_or_insert(indent);
            if indent <= base && !lexemes.is_empty() {
                lexemes.push(Lexeme { token: Token::Break, at: Span::new(start, start) });
            }
            lex_line(complaints, start, stop, &mut lexemes);
        }
        start = stop + 1;
    }
    if lexemes.len() > TOKENS_MAX {
        complaints.at(lexemes[TOKENS_MAX].at, format!("这个块太长了（超过 {TOKENS_MAX} 个记号）；请拆成几个块或几条规则"));
        lexemes.truncate(TOKENS_MAX);
    }
    lexemes.push(Lexeme { token: Token::End, at: Span::new(span.end, span.end) });
    lexemes
}

/// Cuts a piece of one line, such as a hole of `say`.
pub fn lex_piece(complaints: &mut Complaints<'_>, span: Span) -> Vec<Lexeme> {
    let mut lexemes = Vec::new();
    lex_line(complaints, span.start, span.end, &mut lexemes);
    lexemes.truncate(TOKENS_MAX);
    lexemes.push(Lexeme { token: Token::End, at: Span::new(span.end, span.end) });
    lexemes
}

fn lex_line(complaints: &mut Complaints<'_>, start: usize, stop: usize, lexemes: &mut Vec<Lexeme>) {
    let text = complaints.source.text.as_str();
    let mut at = start;
    while let Some(rest) = text.get(at..stop)
        && let Some(first) = rest.chars().next()
    {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (token, len) = if first.is_ascii_digit() {
            number(complaints, at, rest)
        } else if begins_name(first) {
            let len = rest.find(|c: char| !continues_name(c)).unwrap_or(rest.len());
            (Some(Token::Name(rest[..len].to_string())), len)
        } else if first == '"' {
            quoted(complaints, at, rest, '"')
        } else if first == '“' {
            quoted(complaints, at, rest, '”')
        } else if let Some((twin, sign)) = TWINS.iter().find(|(twin, _)| *twin == first) {
            (Some(Token::Sign(sign)), twin.len_utf8())
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (Some(Token::Sign(sign)), sign.len())
        } else {
            let message = if first == '#' {
                "规则块里没有注释；说明请写在块外的正文里".to_string()
            } else {
                format!("看不懂的符号“{first}”")
            };
            complaints.at(Span::new(at, at + first.len_utf8()), message);
            (None, if first == '#' { rest.len() } else { first.len_utf8() })
        };
        if let Some(token) = token {
            lexemes.push(Lexeme { token, at: Span::new(at, at + len) });
        }
        at += len;
    }
}

type Unit = (&'static str, fn(i64) -> Token);

/// What may follow a number at once.
const UNITS: [Unit; 6] = [
    ("周岁", Token::Years),
    ("岁", Token::Years),
    ("天", Token::Days),
    ("日", Token::Days),
    ("小时", Token::Hours),
    ("个月", |months| Token::Number(Decimal::whole(months))),
];

fn number(complaints: &mut Complaints<'_>, at: usize, rest: &str) -> (Option<Token>, usize) {
    let mut len = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    if let Some(fraction) = rest.get(len..).and_then(|r| r.strip_prefix('.')) {
        let digits = fraction.find(|c: char| !c.is_ascii_digit()).unwrap_or(fraction.len());
        if digits > 0 {
            len += 1 + digits;
        }
    }
    let Some(value) = Decimal::parse(&rest[..len]) else {
        complaints.at(Span::new(at, at + len), "这个数位数太多：最多 15 位，其中小数最多 6 位");
        return (Some(Token::Number(Decimal::whole(0))), len);
    };
    let unit_text = &rest[len..];
    if unit_text.starts_with(['%', '％']) {
        let unit = if unit_text.starts_with('%') { 1 } else { '％'.len_utf8() };
        return (Some(Token::Percent(value)), len + unit);
    }
    for (unit, make) in UNITS {
        if unit_text.starts_with(unit) {
            if value.scale != 0 || value.digits > 100_000 {
                complaints.at(Span::new(at, at + len + unit.len()), format!("“{unit}”前面应是 100000 以内的整数"));
                return (Some(make(0)), len + unit.len());
            }
            return (Some(make(value.digits)), len + unit.len());
        }
    }
    if let Some(c) = unit_text.chars().next().filter(|&c| begins_name(c)) {
        let unit_len = unit_text.find(|c: char| !continues_name(c)).unwrap_or(unit_text.len());
        let place = Span::new(at + len, at + len + unit_len);
        complaints.at(place, format!("数后面不能直接跟“{c}”；可用的单位是 岁、天、小时、%"));
        return (Some(Token::Number(value)), len + unit_len);
    }
    (Some(Token::Number(value)), len)
}

/// `"…"`; `""` inside stands for one quote. Texts inside the holes of `say` have their own quotes.
fn quoted(complaints: &mut Complaints<'_>, at: usize, rest: &str, close: char) -> (Option<Token>, usize) {
    if let Some((text, len)) = closed(rest, close, true).or_else(|| closed(rest, close, false)) {
        return (Some(Token::Text(text)), len);
    }
    let open_len = rest.chars().next().map_or(1, char::len_utf8);
    complaints.at(Span::new(at, at + open_len), "引号没有配对（一段文字要写在同一行里）");
    (Some(Token::Text(String::new())), rest.len())
}

/// The text between the quote `rest` begins with and its `close`, and the length of it all. With `holes`, quotes between single
/// braces do not close.
fn closed(rest: &str, close: char, holes: bool) -> Option<(String, usize)> {
    let mut text = String::new();
    let mut letters = rest.char_indices().skip(1).peekable();
    let mut open = 0usize;
    let mut within = false;
    while let Some((at, c)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        match c {
            '{' if holes && open == 0 && next == Some('{') => {
                letters.next();
                text.push_str("{{");
                continue;
            }
            '{' if holes && !within => open += 1,
            '}' if !within => open = open.saturating_sub(1),
            '"' if open > 0 => within = !within,
            _ if c == close && open == 0 => {
                if next != Some(close) {
                    return Some((text, at + c.len_utf8()));
                }
                letters.next();
            }
            _ => {}
        }
        text.push(c);
    }
    None
}
