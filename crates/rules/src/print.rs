//! 排版: blocks printed in one form. `parse ∘ print` gives the same tree; the logic hash is taken of this form.

use crate::ast::{Amount, Block, Key, Kind, Name, Node, Op, Piece, Set, Template, Window};
use crate::rule::Rule;

/// One block in its one form, with a line end after every line.
pub fn block(block: &Block) -> String {
    let mut out = String::new();
    out.push_str("for ");
    out.push_str(block.look.title());
    if let Some(pairs) = &block.table {
        out.push_str(&format!(" in {} as {}", pairs.table.text, pairs.alias.text));
    }
    if let Some(filter) = &block.filter {
        out.push_str(&format!(" where {}", expr(filter)));
    }
    out.push('\n');
    let keys: Vec<String> = block.keys.iter().map(key).collect();
    let window = match &block.window {
        Window::All => None,
        Window::Within(node) => Some(format!("within {} days", tight(node, SUM))),
        Window::Course(node) => Some(format!("course gap {} days", tight(node, SUM))),
        Window::Chain(node) => Some(format!("chain overlap {} days", tight(node, SUM))),
        Window::Next(_) => Some("next".to_string()),
        Window::Point(_) => Some(format!("{}.window", block.table.as_ref().map_or("k", |pairs| pairs.alias.text.as_str()))),
    };
    let joined = keys.join(", ");
    let grouping: Vec<String> = [Some(joined).filter(|keys| !keys.is_empty()), window].into_iter().flatten().collect();
    if !grouping.is_empty() {
        out.push_str(&format!("per {}\n", grouping.join(", ")));
    }
    for (name, node) in &block.lets {
        out.push_str(&format!("let {} = {}\n", name.text, expr(node)));
    }
    for (node, reason) in &block.needs {
        out.push_str(&format!("need {} else {}\n", expr(node), quoted(reason)));
    }
    for (node, reason) in &block.unless {
        out.push_str(&format!("unless {} {}\n", expr(node), quoted(reason)));
    }
    for (word, node) in [("hit", &block.hit), ("suspect", &block.suspect), ("watch", &block.watch)] {
        if let Some(node) = node {
            out.push_str(&format!("{word} when {}\n", expr(node)));
        }
    }
    out.push_str(&format!("amount {}\n", amount(&block.amount)));
    out.push_str(&format!("say {}\n", template(&block.say)));
    out
}

/// The block of an SQL rule.
pub fn sql_tail(evidence: &Name, say: &Template) -> String {
    format!("evidence {}\nsay {}\n", evidence.text, template(say))
}

fn key(key: &Key) -> String {
    match &key.column {
        Some(column) => format!("{}.{}", key.word.text, column.text),
        None => key.word.text.clone(),
    }
}

fn amount(amount: &Amount) -> String {
    match amount {
        Amount::None => "none".to_string(),
        Amount::Scope => "scope".to_string(),
        Amount::Excess { of, over } => format!("excess {} over {}", tight(of, SUM), tight(over, SUM)),
        Amount::PriceOver(limit) => format!("price over {}", tight(limit, SUM)),
        Amount::LinesWhere(node) => format!("lines where {}", expr(node)),
        Amount::Ladder(rates) => format!("ladder {}", rates.iter().map(|rate| tight(rate, SUM)).collect::<Vec<_>>().join(", ")),
        Amount::PartUpToMain => "part up to main".to_string(),
        Amount::Both => "both".to_string(),
    }
}

fn template(template: &Template) -> String {
    let mut text = String::new();
    for piece in &template.pieces {
        match piece {
            Piece::Text(part) => text.push_str(&part.replace('{', "{{").replace('}', "}}").replace('"', "\"\"")),
            Piece::Hole(node) => text.push_str(&format!("{{{}}}", expr(node))),
        }
    }
    format!("\"{text}\"")
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

// How tightly an expression holds together, from loose to tight.
const ALONE: u8 = 0;
const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
const COMPARE: u8 = 4;
const SUM: u8 = 5;
const PRODUCT: u8 = 6;
const UNARY: u8 = 7;
const ATOM: u8 = 8;

/// An expression in its one form.
pub fn expr(node: &Node) -> String {
    tight(node, ALONE)
}

fn tight(node: &Node, around: u8) -> String {
    let (text, own) = shown(node);
    if own < around { format!("({text})") } else { text }
}

fn shown(node: &Node) -> (String, u8) {
    let joined = |nodes: &[Node], word: &str, level: u8| nodes.iter().map(|node| tight(node, level)).collect::<Vec<_>>().join(word);
    match &node.kind {
        Kind::Number(number) => (number.to_string(), ATOM),
        Kind::Percent(number) => (format!("{number}%"), ATOM),
        Kind::Years(years) => (format!("{years}岁"), ATOM),
        Kind::Days(days) => (format!("{days}天"), ATOM),
        Kind::Hours(hours) => (format!("{hours}小时"), ATOM),
        Kind::Text(text) => (quoted(text), ATOM),
        Kind::Word(word) => (word.clone(), ATOM),
        Kind::Dot(base, name) => (format!("{}.{}", base.text, name.text), ATOM),
        Kind::Binary(op, two) => {
            let (own, right) = match op {
                Op::Add | Op::Sub => (SUM, PRODUCT),
                Op::Mul | Op::Div => (PRODUCT, UNARY),
                _ => (COMPARE, SUM),
            };
            let left = if own == COMPARE { SUM } else { own };
            (format!("{} {} {}", tight(&two.0, left), op.sign(), tight(&two.1, right)), own)
        }
        Kind::And(nodes) => (joined(nodes, " and ", NOT), AND),
        // Doctors read: what binds is bracketed where the reader would have to know.
        Kind::Or(nodes) => (joined(nodes, " or ", NOT), OR),
        Kind::Not(inner) => (format!("not {}", tight(inner, UNARY)), NOT),
        Kind::Neg(inner) => (format!("-{}", tight(inner, ATOM)), UNARY),
        Kind::Between(three) => {
            (format!("{} between {} and {}", tight(&three[0], SUM), tight(&three[1], SUM), tight(&three[2], SUM)), COMPARE)
        }
        // `else` takes all that follows, so inside another expression an `if` stands in brackets.
        Kind::If(three) => (format!("if {} then {} else {}", expr(&three[0]), expr(&three[1]), expr(&three[2])), ALONE),
        Kind::In(one, members) => (format!("{} in {}", tight(one, SUM), set(members)), COMPARE),
        Kind::HasItem(members) => (format!("has item in {}", set(members)), ATOM),
        Kind::Charges(types) => {
            let types: Vec<String> = types
                .iter()
                .map(|node| match &node.kind {
                    Kind::Number(number) if number.scale == 0 && number.digits >= 0 => format!("{:02}", number.digits),
                    _ => tight(node, UNARY),
                })
                .collect();
            (format!("charges{{{}}}", types.join(", ")), ATOM)
        }
        Kind::Call { function, args, filter } => {
            let mut inside = args.iter().map(expr).collect::<Vec<_>>().join(", ");
            if let Some(filter) = filter {
                if !inside.is_empty() {
                    inside.push(' ');
                }
                inside.push_str(&format!("where {}", expr(filter)));
            }
            (format!("{}({inside})", function.text), ATOM)
        }
    }
}

fn set(set: &Set) -> String {
    match set {
        Set::Listed(nodes, _) => format!("{{{}}}", nodes.iter().map(|node| tight(node, UNARY)).collect::<Vec<_>>().join(", ")),
        Set::Named { name, column, alias } => {
            let mut text = name.text.clone();
            if let Some(column) = column {
                text.push_str(&format!(".{}", column.text));
            }
            if let Some(alias) = alias {
                text.push_str(&format!(" as {}", alias.text));
            }
            text
        }
    }
}

/// Every word of a rule's kernel logic: names of tables, parameters, fields.
pub(crate) fn words_of(rule: &Rule) -> Vec<String> {
    let printed: String = rule.blocks.iter().map(block).collect();
    let mut words: Vec<String> =
        printed.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).map(str::to_string).collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// A fingerprint of what the rule decides: its logic in the one form, its defaults, its result and validity. Wording, basis,
/// misfires and examples do not count.
pub fn logic_hash(rule: &Rule) -> String {
    let mut text = String::new();
    for one in &rule.blocks {
        text.push_str(&block(one));
    }
    if let Some(sql) = &rule.sql {
        let words: Vec<&str> = sql.sql.split_whitespace().collect();
        text.push_str(&words.join(" "));
        text.push_str(&sql.evidence);
    }
    for (name, param) in &rule.params {
        text.push_str(&format!("\n{name}={}", param.value));
    }
    text.push_str(&format!("\n{}\n{:?}", rule.outcome.title(), rule.valid));
    blake3::hash(text.as_bytes()).to_hex()[..16].to_string()
}
