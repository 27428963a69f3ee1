//! 语法分析: tokens of a `rule` block become an [`ast::Block`]. Never panics, never recurses without bound, and goes on with the
//! next clause after a mistake.

mod clause;
mod expr;

use crate::ast::{self, Name, Node};
use crate::diagnostic::{Complaints, Span, nearest};
use crate::lexer::{self, Lexeme, Token};

/// Expressions may be nested so deep.
pub const DEPTH_MAX: u16 = 48;
/// A block may name so many expressions.
pub const LETS_MAX: usize = 24;

/// Words that are not free for `let` and `as`.
pub const RESERVED: [&str; 27] = [
    "for", "where", "per", "let", "need", "else", "unless", "hit", "suspect", "watch", "when", "amount", "say", "and", "or", "not", "in",
    "between", "if", "then", "has", "as", "param", "prev", "over", "within", "true",
];

/// A part could not be read; the complaint has been made.
#[derive(Debug, Clone, Copy)]
pub struct Failed;

pub type Parsed<T> = Result<T, Failed>;

pub(crate) struct Parser<'c, 's> {
    complaints: &'c mut Complaints<'s>,
    lexemes: Vec<Lexeme>,
    at: usize,
    nesting: u16,
}

/// What a `rule` block of an SQL rule says.
#[derive(Debug, Clone)]
pub struct SqlTail {
    pub evidence: Option<Name>,
    pub say: ast::Template,
}

/// Parses a kernel rule's block; `None` when it lacks its `for`.
pub fn block(complaints: &mut Complaints<'_>, body: Span) -> Option<ast::Block> {
    let before = complaints.len();
    let lexemes = lexer::lex(complaints, body);
    let mut parser = Parser { complaints, lexemes, at: 0, nesting: 0 };
    let block = parser.block(body);
    (parser.complaints.len() == before).then_some(block).flatten()
}

/// Parses the block of an SQL rule: `evidence` and `say`.
pub fn sql_tail(complaints: &mut Complaints<'_>, body: Span) -> Option<SqlTail> {
    let lexemes = lexer::lex(complaints, body);
    let mut parser = Parser { complaints, lexemes, at: 0, nesting: 0 };
    parser.sql_tail(body)
}

impl Parser<'_, '_> {
    fn peek(&self) -> &Token {
        self.lexemes.get(self.at).map_or(&Token::End, |lexeme| &lexeme.token)
    }

    fn peek_second(&self) -> &Token {
        self.lexemes.get(self.at + 1).map_or(&Token::End, |lexeme| &lexeme.token)
    }

    fn here(&self) -> Span {
        let last = self.lexemes.last().map_or(Span::default(), |lexeme| lexeme.at);
        self.lexemes.get(self.at).map_or(last, |lexeme| lexeme.at)
    }

    /// The place of the token just taken.
    fn before(&self) -> Span {
        self.lexemes.get(self.at.saturating_sub(1)).map_or(Span::default(), |lexeme| lexeme.at)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Name(name) if name == word)
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Token::Sign(found) if *found == sign)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.at += 1;
        }
        found
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let found = self.is_sign(sign);
        if found {
            self.at += 1;
        }
        found
    }

    fn expect_word(&mut self, word: &str, why: &str) -> Parsed<()> {
        if self.take_word(word) { Ok(()) } else { self.expected(&format!("这里应是 {word}（{why}）")) }
    }

    fn expect_sign(&mut self, sign: &'static str) -> Parsed<()> {
        if self.take_sign(sign) { Ok(()) } else { self.expected(&format!("这里应是 {sign}")) }
    }

    fn name(&mut self, what: &str) -> Parsed<Name> {
        let at = self.here();
        if let Token::Name(text) = self.peek().clone() {
            self.at += 1;
            Ok(Name { text, at })
        } else {
            self.expected(&format!("这里应是{what}"))
        }
    }

    /// A name the author chooses.
    fn own_name(&mut self, what: &str) -> Parsed<Name> {
        let name = self.name(what)?;
        if RESERVED.contains(&name.text.as_str()) {
            self.complaints.at(name.at, format!("{} 是语言自己的词，不能用作{what}", name.text));
            return Err(Failed);
        }
        Ok(name)
    }

    fn text(&mut self, what: &str) -> Parsed<String> {
        if let Token::Text(text) = self.peek().clone() {
            self.at += 1;
            Ok(text)
        } else {
            self.expected(&format!("这里应是双引号括起来的{what}"))
        }
    }

    /// Complains at the token in hand.
    fn expected<T>(&mut self, message: &str) -> Parsed<T> {
        let mut at = self.here();
        let found = match self.peek() {
            // Behind the last word, not at the head of the next line.
            Token::End | Token::Break => {
                let end = self.before().end;
                at = Span::new(end, end);
                "这里就结束了".to_string()
            }
            _ => format!("写的是“{}”", self.complaints.source.slice(at)),
        };
        self.complaints.at(at, format!("{message}，{found}"));
        Err(Failed)
    }

    /// A word out of a list.
    fn wrong_word<T>(&mut self, message: &str, words: &[&str]) -> Parsed<T> {
        let at = self.here();
        let written = self.complaints.source.slice(at).to_string();
        self.complaints.suggest(at, format!("{message}：{}", words.join("、")), nearest(&written, words.iter().copied()));
        Err(Failed)
    }

    fn at_clause_end(&self) -> bool {
        matches!(self.peek(), Token::Break | Token::End)
    }

    /// Goes on behind the next [`Token::Break`].
    fn skip_clause(&mut self) {
        while !self.at_clause_end() {
            self.at += 1;
        }
    }

    fn node(&mut self, at: Span, kind: ast::Kind) -> Parsed<Node> {
        let depth = expr::depth_below(&kind) + 1;
        if depth > DEPTH_MAX {
            self.complaints.at(at, format!("式子太深了（超过 {DEPTH_MAX} 层）；用 let 给中间的式子起名"));
            return Err(Failed);
        }
        Ok(Node { at, kind, depth })
    }
}
