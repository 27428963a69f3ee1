//! Expressions and the holes of `say`.

use super::{Failed, Parsed, Parser};
use crate::ast::{Kind, Name, Node, Op, Piece, Set, Template};
use crate::diagnostic::{Complaints, Span};
use crate::lexer::{self, Token};

/// How deep the deepest part is.
pub(super) fn depth_below(kind: &Kind) -> u16 {
    let many = |nodes: &[Node]| nodes.iter().map(|node| node.depth).max().unwrap_or(0);
    match kind {
        Kind::Number(_)
        | Kind::Percent(_)
        | Kind::Years(_)
        | Kind::Days(_)
        | Kind::Hours(_)
        | Kind::Text(_)
        | Kind::Word(_)
        | Kind::Dot(..) => 0,
        Kind::Binary(_, two) => two.0.depth.max(two.1.depth),
        Kind::And(nodes) | Kind::Or(nodes) | Kind::Charges(nodes) => many(nodes),
        Kind::Not(one) | Kind::Neg(one) => one.depth,
        Kind::Between(three) | Kind::If(three) => many(three.as_slice()),
        Kind::In(one, set) => one.depth.max(set_depth(set)),
        Kind::HasItem(set) => set_depth(set),
        Kind::Call { args, filter, .. } => many(args).max(filter.as_ref().map_or(0, |filter| filter.depth)),
    }
}

fn set_depth(set: &Set) -> u16 {
    match set {
        Set::Listed(nodes, _) => nodes.iter().map(|node| node.depth).max().unwrap_or(0),
        Set::Named { .. } => 0,
    }
}

impl Parser<'_, '_> {
    pub(super) fn expression(&mut self) -> Parsed<Node> {
        self.deeper(Self::either)
    }

    fn either(&mut self) -> Parsed<Node> {
        let first = self.both()?;
        if !self.is_word("or") {
            return Ok(first);
        }
        let mut all = vec![first];
        while self.take_word("or") {
            all.push(self.both()?);
        }
        let at = span_of(&all);
        self.node(at, Kind::Or(all))
    }

    fn both(&mut self) -> Parsed<Node> {
        let first = self.negation()?;
        if !self.is_word("and") {
            return Ok(first);
        }
        let mut all = vec![first];
        while self.take_word("and") {
            all.push(self.negation()?);
        }
        let at = span_of(&all);
        self.node(at, Kind::And(all))
    }

    fn negation(&mut self) -> Parsed<Node> {
        let at = self.here();
        if !self.take_word("not") {
            return self.comparison();
        }
        let inner = self.deeper(Self::negation)?;
        let at = at.to(inner.at);
        self.node(at, Kind::Not(Box::new(inner)))
    }

    fn comparison(&mut self) -> Parsed<Node> {
        let left = self.sum()?;
        if let Some(op) = self.comparison_sign() {
            self.at += 1;
            let right = self.sum()?;
            if self.comparison_sign().is_some() {
                let at = self.here();
                self.complaints.at(at, "比较不能连着写；写成 a between x and y，或用 and 连起来");
                return Err(Failed);
            }
            let at = left.at.to(right.at);
            return self.node(at, Kind::Binary(op, Box::new((left, right))));
        }
        if self.take_word("between") {
            let low = self.sum()?;
            self.expect_word("and", "a between x and y")?;
            let high = self.sum()?;
            let at = left.at.to(high.at);
            return self.node(at, Kind::Between(Box::new([left, low, high])));
        }
        let not_in = self.is_word("not") && matches!(self.peek_second(), Token::Name(word) if word == "in");
        if not_in {
            self.at += 1;
        }
        if self.take_word("in") {
            let set = self.set()?;
            let at = left.at.to(self.before());
            let within = self.node(at, Kind::In(Box::new(left), set))?;
            return if not_in { self.node(at, Kind::Not(Box::new(within))) } else { Ok(within) };
        }
        Ok(left)
    }

    fn comparison_sign(&self) -> Option<Op> {
        match self.peek() {
            Token::Sign("=") => Some(Op::Eq),
            Token::Sign("!=") => Some(Op::Ne),
            Token::Sign("<") => Some(Op::Lt),
            Token::Sign("<=") => Some(Op::Le),
            Token::Sign(">") => Some(Op::Gt),
            Token::Sign(">=") => Some(Op::Ge),
            _ => None,
        }
    }

    pub(super) fn sum(&mut self) -> Parsed<Node> {
        let mut left = self.product()?;
        loop {
            let op = match self.peek() {
                Token::Sign("+") => Op::Add,
                Token::Sign("-") => Op::Sub,
                _ => return Ok(left),
            };
            self.at += 1;
            let right = self.product()?;
            let at = left.at.to(right.at);
            left = self.node(at, Kind::Binary(op, Box::new((left, right))))?;
        }
    }

    fn product(&mut self) -> Parsed<Node> {
        let mut left = self.unary()?;
        loop {
            let op = match self.peek() {
                Token::Sign("*") => Op::Mul,
                Token::Sign("/") => Op::Div,
                _ => return Ok(left),
            };
            self.at += 1;
            let right = self.unary()?;
            let at = left.at.to(right.at);
            left = self.node(at, Kind::Binary(op, Box::new((left, right))))?;
        }
    }

    fn unary(&mut self) -> Parsed<Node> {
        let at = self.here();
        if !self.take_sign("-") {
            return self.atom();
        }
        let inner = self.atom()?;
        let at = at.to(inner.at);
        self.node(at, Kind::Neg(Box::new(inner)))
    }

    fn atom(&mut self) -> Parsed<Node> {
        let at = self.here();
        let kind = match self.peek().clone() {
            Token::Number(value) => Kind::Number(value),
            Token::Percent(value) => Kind::Percent(value),
            Token::Years(value) => Kind::Years(value),
            Token::Days(value) => Kind::Days(value),
            Token::Hours(value) => Kind::Hours(value),
            Token::Text(text) => Kind::Text(text),
            Token::Sign("(") => {
                self.at += 1;
                let inner = self.expression()?;
                self.expect_sign(")")?;
                return Ok(inner);
            }
            Token::Name(word) if word == "if" => return self.choice(at),
            Token::Name(word) if word == "has" => {
                self.at += 1;
                self.expect_word("item", "has item in 知识表")?;
                self.expect_word("in", "has item in 知识表")?;
                let set = self.set()?;
                let at = at.to(self.before());
                return self.node(at, Kind::HasItem(set));
            }
            Token::Name(word) => return self.named_atom(Name { text: word, at }),
            _ => return self.expected("这里应是一个值：字段、数、文字，或括号括起来的式子"),
        };
        self.at += 1;
        self.node(at, kind)
    }

    fn choice(&mut self, at: Span) -> Parsed<Node> {
        self.at += 1;
        let condition = self.expression()?;
        self.expect_word("then", "if 条件 then 值 else 值")?;
        let yes = self.expression()?;
        self.expect_word("else", "if 条件 then 值 else 值")?;
        let no = self.expression()?;
        let at = at.to(no.at);
        self.node(at, Kind::If(Box::new([condition, yes, no])))
    }

    fn named_atom(&mut self, name: Name) -> Parsed<Node> {
        if super::RESERVED.contains(&name.text.as_str()) && !["param", "prev", "amount", "true"].contains(&name.text.as_str()) {
            return self.expected("这里应是一个值：字段、数、文字，或括号括起来的式子");
        }
        self.at += 1;
        if self.take_sign(".") {
            let field = self.name("点号后面的名字")?;
            let at = name.at.to(field.at);
            return self.node(at, Kind::Dot(name, field));
        }
        if self.is_sign("(") {
            return self.call(name);
        }
        if self.is_sign("{") && name.text == "charges" {
            self.at += 1;
            let listed = self.listed()?;
            let at = name.at.to(self.before());
            return self.node(at, Kind::Charges(listed));
        }
        self.node(name.at, Kind::Word(name.text))
    }

    fn call(&mut self, function: Name) -> Parsed<Node> {
        self.expect_sign("(")?;
        let mut args = Vec::new();
        let mut filter = None;
        if !self.is_sign(")") && !self.is_word("where") {
            args.push(self.expression()?);
            while self.take_sign(",") {
                args.push(self.expression()?);
            }
        }
        if self.take_word("where") {
            filter = Some(Box::new(self.expression()?));
        }
        self.expect_sign(")")?;
        let at = function.at.to(self.before());
        self.node(at, Kind::Call { function, args, filter })
    }

    fn set(&mut self) -> Parsed<Set> {
        let at = self.here();
        if self.take_sign("{") {
            let nodes = self.listed()?;
            return Ok(Set::Listed(nodes, at.to(self.before())));
        }
        let name = self.name("{甲, 乙} 这样的列举，或知识表的名字")?;
        let column = if self.take_sign(".") { Some(self.name("列名或参数名")?) } else { None };
        let alias = if self.take_word("as") { Some(self.own_name("知识点的名字，如 k")?) } else { None };
        Ok(Set::Named { name, column, alias })
    }

    /// `a, b }`.
    fn listed(&mut self) -> Parsed<Vec<Node>> {
        self.deeper(|parser| {
            let mut nodes = Vec::new();
            while !parser.is_sign("}") {
                nodes.push(parser.unary()?);
                if !parser.take_sign(",") {
                    break;
                }
            }
            parser.expect_sign("}")?;
            Ok(nodes)
        })
    }

    /// Guards every way an expression can hold another one.
    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.nesting += 1;
        let result = if self.nesting > super::DEPTH_MAX {
            let at = self.here();
            self.complaints.at(at, format!("括号套得太深了（超过 {} 层）；用 let 给中间的式子起名", super::DEPTH_MAX));
            Err(Failed)
        } else {
            inner(self)
        };
        self.nesting -= 1;
        result
    }
}

fn span_of(nodes: &[Node]) -> Span {
    match (nodes.first(), nodes.last()) {
        (Some(first), Some(last)) => first.at.to(last.at),
        _ => Span::default(),
    }
}

/// Reads the text of `say` at its place in the file: `{式子}` is a hole, `{{` and `}}` stand for braces, `""` for a quote.
pub(super) fn template(complaints: &mut Complaints<'_>, quoted: Span) -> Parsed<Template> {
    let source = complaints.source;
    let whole = source.slice(quoted);
    let open = whole.chars().next().map_or(1, char::len_utf8);
    let close = whole.chars().next_back().map_or(1, char::len_utf8);
    let inner = Span::new(quoted.start + open, quoted.end.saturating_sub(close).max(quoted.start + open));
    // Only the quote that closes the text is doubled inside it.
    let quote = if whole.ends_with('”') { "””" } else { "\"\"" };
    let mut template = Template { pieces: Vec::new(), at: quoted };
    let mut text = String::new();
    let mut at = inner.start;
    while let Some(rest) = source.text.get(at..inner.end)
        && let Some(c) = rest.chars().next()
    {
        if let Some(doubled) = ["{{", "}}", quote].iter().find(|doubled| rest.starts_with(**doubled)) {
            text.push(c);
            at += doubled.len();
        } else if c == '{' {
            let Some(len) = closing(rest) else {
                complaints.at(Span::new(at, at + 1), "{ 没有配对的 }；要写花括号本身请写两个");
                return Err(Failed);
            };
            if !text.is_empty() {
                template.pieces.push(Piece::Text(std::mem::take(&mut text)));
            }
            template.pieces.push(Piece::Hole(hole(complaints, Span::new(at + 1, at + len))?));
            at += len + 1;
        } else {
            if c == '}' {
                complaints.at(Span::new(at, at + 1), "多了一个 }；要写花括号本身请写两个");
            }
            text.push(c);
            at += c.len_utf8();
        }
    }
    if !text.is_empty() {
        template.pieces.push(Piece::Text(text));
    }
    if template.pieces.is_empty() {
        complaints.at(quoted, "say 后面的话不能空");
    }
    Ok(template)
}

fn hole(complaints: &mut Complaints<'_>, span: Span) -> Parsed<Node> {
    let lexemes = lexer::lex_piece(complaints, span);
    let mut parser = Parser { complaints, lexemes, at: 0, nesting: 0 };
    let node = parser.expression()?;
    if *parser.peek() != Token::End {
        return parser.expected("花括号里只放一个值");
    }
    Ok(node)
}

/// Where the brace that `text` begins with is closed; holes may hold `charges{03}` and texts.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0usize;
    let mut within = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => within = !within,
            '{' if !within => open += 1,
            '}' if !within && open == 1 => return Some(at),
            '}' if !within => open -= 1,
            _ => {}
        }
    }
    None
}
