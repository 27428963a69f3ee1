//! Checking and compiling one block: sources, keys, windows, clauses, money and `say`.

use mingjian_engine::expr::{Expr, Field};
use mingjian_engine::program::{self, Block, Exemption, Hole, Key, Need, Source};

use super::shared::{column_type, point_column};
use super::typed::Typed;
use super::{BlockCompiler, CompiledBlock, Context, Say, SayHole, SayPiece, Shared, Show, Wrong};
use crate::ast::{self, Amount, Kind, Look, Node, Piece, Set, Window};
use crate::diagnostic::{Complaints, nearest};
use crate::fields::{self, Meaning};
use crate::types::Type;

/// What a group may be keyed by.
const KEYS: [(&str, Key); 13] = [
    ("person", Key::Person),
    ("visit", Key::Visit),
    ("settlement", Key::Settlement),
    ("prescription", Key::Prescription),
    ("institution", Key::Institution),
    ("item", Key::Item),
    ("generic", Key::Generic),
    ("route", Key::Route),
    ("session", Key::Session),
    ("day", Key::Day),
    ("month", Key::Month),
    ("year", Key::Year),
    ("code", Key::Code),
];

/// Whether a value is of the whole group: an aggregate, or the group's first and last day or chain.
pub(crate) fn is_of_group(expr: &Expr) -> bool {
    match expr {
        Expr::Agg(_) | Expr::Field(Field::FirstDay | Field::LastDay | Field::ChainDays) => true,
        Expr::Const(_)
        | Expr::Field(_)
        | Expr::Prev(_)
        | Expr::Point(_)
        | Expr::Flags(_)
        | Expr::ItemInSet(_)
        | Expr::VisitHasItem(_)
        | Expr::VisitHasPointItem(_)
        | Expr::DxInSet(_)
        | Expr::MainDxInSet(_)
        | Expr::Charges(_) => false,
        Expr::Cmp(_, two) | Expr::Add(two) | Expr::Sub(two) | Expr::Mul(two, _) | Expr::Div(two, _) => {
            is_of_group(&two.0) || is_of_group(&two.1)
        }
        Expr::And(many) | Expr::Or(many) => many.iter().any(is_of_group),
        Expr::If(three) => three.iter().any(is_of_group),
        Expr::AgeCmp(_, one)
        | Expr::Not(one)
        | Expr::In(one, _)
        | Expr::InPointSet(one, _)
        | Expr::Times(one, _)
        | Expr::Neg(one)
        | Expr::Abs(one)
        | Expr::Known(one)
        | Expr::MonthsAfter(one, _) => is_of_group(one),
    }
}

/// Compiles one block; `None` when something was wrong (the complaints say what). `rule` is the rule's position.
pub(crate) fn compile_block(
    context: &Context<'_>,
    shared: &mut Shared,
    complaints: &mut Complaints<'_>,
    block: &ast::Block,
    rule: u16,
) -> Option<CompiledBlock> {
    let before = complaints.len();
    let mut compiler = BlockCompiler {
        context,
        shared,
        complaints,
        block,
        point: None,
        lets: Vec::new(),
        inputs: Vec::new(),
        reads: Vec::new(),
        incidental: false,
        guarded: Vec::new(),
        in_aggregate: false,
        rows_only: false,
    };
    let compiled = compiler.compile(rule);
    (complaints.len() == before).then_some(compiled).flatten()
}

impl BlockCompiler<'_, '_, '_> {
    fn compile(&mut self, rule: u16) -> Option<CompiledBlock> {
        let block = self.block;
        self.note_source_inputs();
        if let Some(pairs) = &block.table
            && let Ok(table) = self.table(&pairs.table)
        {
            self.point = Some((table, pairs.alias.text.clone()));
            if self.context.tables[table].column("part_codes").is_none() {
                self.complaints.at(pairs.table.at, format!("知识表 {} 没有 part_codes 列，不能用于 pairs", pairs.table.text));
            }
        }
        let filter = self.filter();
        let (keys, window) = (self.keys(), self.window());
        for (name, node) in &block.lets {
            if fields::field(&name.text).is_some() || self.point.as_ref().is_some_and(|(_, alias)| *alias == name.text) {
                self.complaints.at(name.at, format!("{} 已经是字段或知识点的名字，请换一个", name.text));
            }
            // A wrong let is known as a plain number afterwards, so that its mistake is told once.
            let so_far = std::mem::take(&mut self.inputs);
            let value = self.expr(node).unwrap_or_else(|_| Typed::leaf(Expr::Const(0), Type::Number, 0, node.at));
            let inputs = std::mem::replace(&mut self.inputs, so_far);
            self.lets.push(super::Let { name: name.text.clone(), value, inputs });
        }
        let needs: Vec<Option<Need>> = block
            .needs
            .iter()
            .map(|(node, reason)| Some(Need { holds: self.condition(node).ok()?.expr, reason: reason.clone() }))
            .collect();
        self.incidental = true;
        let unless: Vec<Option<Exemption>> = block
            .unless
            .iter()
            .map(|(node, reason)| Some(Exemption { when: self.condition(node).ok()?.expr, reason: reason.clone() }))
            .collect();
        self.incidental = false;
        let mut judged = [None, None, None];
        let mut wrong = false;
        for (slot, node) in judged.iter_mut().zip([&block.hit, &block.suspect, &block.watch]) {
            if let Some(node) = node {
                match self.condition(node) {
                    Ok(typed) => *slot = Some(typed.expr),
                    Err(Wrong) => wrong = true,
                }
            }
        }
        let grouped = judged.iter().flatten().any(is_of_group);
        let amount = self.amount();
        self.incidental = true;
        let (say, holes) = self.say();
        let [hit, suspect, watch] = judged;
        if wrong {
            return None;
        }
        let table = self.point.as_ref().map(|(table, _)| *table).map(|table| self.shared.table(table));
        let compiled = Block {
            rule,
            source: self.source(),
            table,
            filter: filter?,
            keys: keys?,
            window: window.ok()?,
            needs: needs.into_iter().collect::<Option<_>>()?,
            unless: unless.into_iter().collect::<Option<_>>()?,
            hit: hit.map(Expr::conjuncts),
            suspect,
            watch,
            grouped,
            amount: amount.ok()?,
            holes,
            outcome: self.context.head.outcome,
            valid: self.context.head.valid,
            stages: self.context.head.stages,
        };
        Some(CompiledBlock { block: compiled, say, inputs: std::mem::take(&mut self.inputs), reads: std::mem::take(&mut self.reads) })
    }

    fn source(&self) -> Source {
        match self.block.look {
            Look::Lines => Source::Lines { net: true, guarded: true },
            Look::AllLines => Source::Lines { net: true, guarded: false },
            Look::RawLines => Source::Lines { net: false, guarded: false },
            Look::Pairs => Source::Pairs,
            Look::Visits => Source::Visits,
            Look::Stays => Source::Stays,
            Look::Settlements => Source::Settlements,
            Look::Diagnoses => Source::Diagnoses,
        }
    }

    fn note_source_inputs(&mut self) {
        match self.block.look {
            Look::Lines | Look::Pairs => {
                // Without the amount nobody can tell whether the fund has an interest.
                let columns = ["med_list_codg", "fee_ocur_time", "inscp_amt", "det_item_fee_sumamt"];
                self.note_inputs(&columns.map(|column| ("fee_list_d", column)));
            }
            Look::AllLines | Look::RawLines => self.note_inputs(&[("fee_list_d", "med_list_codg"), ("fee_list_d", "fee_ocur_time")]),
            Look::Visits => self.note_inputs(&[("mdtrt_d", "begntime")]),
            Look::Stays => self.note_inputs(&[("mdtrt_d", "begntime"), ("mdtrt_d", "med_type")]),
            Look::Settlements => self.note_inputs(&[("setl_d", "setl_time")]),
            Look::Diagnoses => self.note_inputs(&[("setl_list_diag_d", "diag_code")]),
        }
    }

    /// The conjuncts of `where`, after taking out `item in T as k`.
    fn filter(&mut self) -> Option<Vec<Expr>> {
        let Some(node) = &self.block.filter else { return Some(Vec::new()) };
        let parts: Vec<&Node> = match &node.kind {
            Kind::And(parts) => parts.iter().collect(),
            _ => vec![node],
        };
        let mut rest = Vec::new();
        for part in parts {
            match lookup(part) {
                Some((word, set)) if self.is_the_lookup(word, set) => self.take_lookup(word, set, part),
                _ => rest.push(part),
            }
        }
        self.rows_only = true;
        let checked: Vec<Result<Typed, Wrong>> = rest.into_iter().map(|part| self.condition(part)).collect();
        self.rows_only = false;
        let mut all = Vec::new();
        for part in checked {
            all.extend(part.ok()?.expr.conjuncts());
        }
        Some(all)
    }

    /// `item in T as k`, and for diagnoses `code in T` also without a name for the point.
    fn is_the_lookup(&self, word: &str, set: &Set) -> bool {
        match set {
            Set::Named { column: None, alias, .. } => alias.is_some() || word == "code",
            _ => false,
        }
    }

    fn take_lookup(&mut self, word: &str, set: &Set, part: &Node) {
        let Set::Named { name, alias, .. } = set else { return };
        let expected = match self.block.look {
            Look::Lines | Look::AllLines | Look::RawLines => "item",
            Look::Diagnoses => "code",
            other => {
                self.complaints.at(part.at, format!("看 {} 时不能写 {word} in 知识表 as k", other.title()));
                return;
            }
        };
        if word != expected {
            self.complaints.at(part.at, format!("看 {} 时写 {expected} in 知识表 as k", self.block.look.title()));
            return;
        }
        if self.point.is_some() {
            self.complaints.at(part.at, "一个块里只能取一张知识表的知识点（as k 只写一次）");
            return;
        }
        if let Ok(table) = self.table(name) {
            self.point = Some((table, alias.as_ref().map_or_else(String::new, |alias| alias.text.clone())));
        }
    }

    fn keys(&mut self) -> Option<Vec<Key>> {
        let mut keys = Vec::new();
        let mut sound = true;
        for key in &self.block.keys {
            match self.key(key) {
                Ok(key) if keys.contains(&key) => {
                    self.complaints.at(key_at(self.block, keys.len()), "分组写了两遍");
                    sound = false;
                }
                Ok(key) => keys.push(key),
                Err(Wrong) => sound = false,
            }
        }
        sound.then_some(keys)
    }

    fn key(&mut self, key: &ast::Key) -> Result<Key, Wrong> {
        if let Some(column) = &key.column {
            let (table, index) = self.column_of(&key.word.text, key.word.at, column)?;
            return match column_type(self.context.tables[table].columns[index].ty) {
                Some((Type::CareSet | Type::TextSet | Type::ItemSet, _)) | None => self.fail(column.at, "集合列不能用来分组"),
                Some(_) => {
                    self.shared.use_column(table, index);
                    Ok(Key::PointColumn(point_column(index)))
                }
            };
        }
        let word = key.word.text.as_str();
        if self.point.as_ref().is_some_and(|(_, alias)| alias == word) {
            return Ok(Key::Point);
        }
        let Some((_, found)) = KEYS.iter().find(|(known, _)| *known == word) else {
            let known = KEYS.map(|(known, _)| known);
            let message = format!("不能按 {word} 分组；可以写 {}、k、k.列名", known.join("、"));
            return self.fail_near(key.word.at, message, nearest(word, known));
        };
        let of_lines = matches!(found, Key::Item | Key::Generic | Key::Route | Key::Prescription | Key::Session);
        let fits = match found {
            Key::Code => self.block.look == Look::Diagnoses,
            _ => !of_lines || self.block.look.is_of_lines(),
        };
        if !fits {
            return self.fail(key.word.at, format!("看 {} 时不能按 {word} 分组", self.block.look.title()));
        }
        match found {
            Key::Prescription => self.note_inputs(&[("fee_list_d", "rx_drord_no")]),
            Key::Route => self.note_inputs(&[("fee_list_d", "medc_way_dscr")]),
            _ => {}
        }
        Ok(*found)
    }

    fn window(&mut self) -> Result<program::Window, Wrong> {
        match &self.block.window {
            Window::All if self.block.look == Look::Pairs => {
                // Pairs without a word on the window go by the groups alone.
                Ok(program::Window::All)
            }
            Window::All => Ok(program::Window::All),
            Window::Within(node) => Ok(program::Window::Within(self.day_count(node)?)),
            Window::Course(node) => Ok(program::Window::Course(self.day_count(node)?)),
            Window::Chain(node) => {
                if !self.block.look.is_of_lines() {
                    return self.fail(node.at, "chain（用药接续）只用于费用明细");
                }
                self.note_inputs(&[("fee_list_d", "prd_days")]);
                Ok(program::Window::Chain(self.day_count(node)?))
            }
            Window::Next(_) => Ok(program::Window::Next),
            Window::Point(at) => {
                let windowed = self.point.as_ref().is_some_and(|(table, _)| self.context.tables[*table].column("window").is_some());
                if self.block.look != Look::Pairs || !windowed {
                    return self.fail(*at, "k.window 只用于 for pairs，且知识表要有 window 列");
                }
                Ok(program::Window::Point)
            }
        }
    }

    fn day_count(&mut self, node: &Node) -> Result<Expr, Wrong> {
        self.rows_only = true;
        let typed = self.expr(node);
        self.rows_only = false;
        let typed = typed?;
        if !matches!(typed.ty, Type::Number | Type::Days) || typed.scale != 0 {
            return self.fail(node.at, format!("天数应是整数、param.名字 或知识点的列，写的是{}", typed.ty.title()));
        }
        let of_the_row = match &typed.expr {
            Expr::Const(_) | Expr::Point(_) => false,
            expr => contains_field(expr),
        };
        if of_the_row {
            return self.fail(node.at, "天数不能随行变化；写数、param.名字 或知识点的列");
        }
        Ok(typed.expr)
    }

    fn amount(&mut self) -> Result<program::Amount, Wrong> {
        let of_lines = self.block.look.is_of_lines();
        if !of_lines && !matches!(self.block.amount, Amount::None) {
            return self.fail(self.block.amount_at, format!("看 {} 的规则只能写 amount none", self.block.look.title()));
        }
        if of_lines && !matches!(self.block.amount, Amount::None) {
            self.note_inputs(&[("fee_list_d", "inscp_amt")]);
        }
        match &self.block.amount {
            Amount::None => Ok(program::Amount::None),
            Amount::Scope => Ok(program::Amount::Scope),
            Amount::Excess { of, over } => self.excess(of, over),
            Amount::PriceOver(limit) => {
                self.note_inputs(&[("fee_list_d", "pric"), ("fee_list_d", "cnt")]);
                let typed = self.expr(limit)?;
                if !matches!(typed.ty, Type::Price | Type::Number) {
                    return self.fail(limit.at, format!("限价应是单价，写的是{}", typed.ty.title()));
                }
                match typed.at_scale(6) {
                    Some(typed) => Ok(program::Amount::PriceOver(typed.expr)),
                    None => self.fail(limit.at, "单价最多 6 位小数"),
                }
            }
            Amount::LinesWhere(node) => Ok(program::Amount::LinesWhere(self.condition(node)?.expr)),
            Amount::Ladder(rates) => {
                self.note_inputs(&[("fee_list_d", "pric"), ("fee_list_d", "cnt")]);
                // The ceiling a line states tells a price already discounted; without it the rule still judges.
                let before = std::mem::replace(&mut self.incidental, true);
                self.note_inputs(&[("fee_list_d", "pric_uplmt_amt")]);
                self.incidental = before;
                let rates: Vec<Result<i64, Wrong>> = rates.iter().map(|rate| self.rate(rate)).collect();
                Ok(program::Amount::Ladder(rates.into_iter().collect::<Result<Vec<i64>, Wrong>>()?.into_boxed_slice()))
            }
            Amount::PartUpToMain | Amount::Both if self.block.look != Look::Pairs => {
                self.fail(self.block.amount_at, "这种算法只用于 for pairs")
            }
            Amount::PartUpToMain => Ok(program::Amount::PartUpToMain),
            Amount::Both => Ok(program::Amount::Both),
        }
    }

    fn excess(&mut self, of: &Node, over: &Node) -> Result<program::Amount, Wrong> {
        let (row, limit) = (self.expr(of), self.expr(over));
        let (row, limit) = (row?, limit?);
        if is_of_group(&row.expr) {
            return self.fail(of.at, "excess 后面写一行的量（如 count），由它自己汇总，不写 sum");
        }
        if row.ty.meet(limit.ty).is_none() {
            return self.fail(over.at, format!("{}不能和{}比较", row.ty.title(), limit.ty.title()));
        }
        let (row, limit) = super::typed::aligned(row, limit);
        Ok(program::Amount::Excess { of: row.expr, over: limit.expr })
    }

    fn rate(&mut self, node: &Node) -> Result<i64, Wrong> {
        let typed = self.expr(node)?;
        if matches!(typed.ty, Type::Ratio | Type::Number)
            && let Some(Typed { expr: Expr::Const(rate), .. }) = typed.at_scale(4)
            && (0..=10_000).contains(&rate)
        {
            return Ok(rate);
        }
        self.fail(node.at, "比率应是 0%–100%，如 50% 或 param.比率")
    }

    fn say(&mut self) -> (Say, Vec<Hole>) {
        let mut say = Say::default();
        let mut holes = Vec::new();
        for piece in &self.block.say.pieces {
            match piece {
                Piece::Text(text) => say.pieces.push(SayPiece::Text(text.clone())),
                Piece::Hole(node) => {
                    if let Ok(hole) = self.hole(node, &mut holes) {
                        say.pieces.push(SayPiece::Hole(hole));
                    }
                }
            }
        }
        (say, holes)
    }

    fn hole(&mut self, node: &Node, holes: &mut Vec<Hole>) -> Result<SayHole, Wrong> {
        let name = self.complaints.source.slice(node.at).to_string();
        let value = holes.len();
        if let Kind::Word(word) = &node.kind {
            match word.as_str() {
                "amount" => {
                    holes.push(Hole::AmountAtRisk);
                    return Ok(SayHole { name, show: Show::Typed(Type::Money, 2), value });
                }
                "count" if self.block.look.is_of_lines() => {
                    holes.push(Hole::CountAtRisk);
                    return Ok(SayHole { name, show: Show::Typed(Type::Quantity, 4), value });
                }
                _ => {}
            }
            let is_age =
                fields::field(word).is_some_and(|spec| spec.meaning == Meaning::Age) && !self.lets.iter().any(|known| known.name == *word);
            if is_age {
                self.note_inputs(&[("psn_info_b", "brdy")]);
                holes.push(Hole::Value(Expr::Field(Field::Birth)));
                holes.push(Hole::Value(Expr::Field(Field::Day)));
                return Ok(SayHole { name, show: Show::Age, value });
            }
        }
        if let Some((table, column)) = self.cell_of(node)? {
            holes.push(Hole::Value(Expr::Point(0)));
            return Ok(SayHole { name, show: Show::Cell { table, column }, value });
        }
        let typed = self.expr(node)?;
        let hint = match typed.ty {
            Type::Generic => Some("通用名没有名字可写，请写 {item}"),
            Type::Visit | Type::Settlement | Type::Session | Type::Prescription | Type::Category => Some("这是内部的编号，不能写进话里"),
            Type::CareSet | Type::TextSet | Type::ItemSet | Type::Age => Some("集合不能写进话里"),
            _ => None,
        };
        if let Some(hint) = hint {
            return self.fail(node.at, hint);
        }
        holes.push(Hole::Value(typed.expr));
        Ok(SayHole { name, show: Show::Typed(typed.ty, typed.scale), value })
    }

    /// `k.column` in `say` shows the cell as it stands in the table; `k` alone the point's name.
    fn cell_of(&mut self, node: &Node) -> Result<Option<(usize, usize)>, Wrong> {
        match &node.kind {
            Kind::Dot(base, column) if base.text != "param" && base.text != "prev" => self.column_of(&base.text, base.at, column).map(Some),
            Kind::Word(word) => {
                let table = self.point.as_ref().filter(|(_, alias)| alias == word).map(|(table, _)| *table);
                Ok(table.and_then(|table| Some((table, self.context.tables[table].column("name")?))))
            }
            _ => Ok(None),
        }
    }
}

/// `word in T …` at the top of `where`.
fn lookup(node: &Node) -> Option<(&str, &Set)> {
    match &node.kind {
        Kind::In(one, set) => match &one.kind {
            Kind::Word(word) if word == "item" || word == "code" => Some((word.as_str(), set)),
            _ => None,
        },
        _ => None,
    }
}

fn key_at(block: &ast::Block, at: usize) -> crate::diagnostic::Span {
    block.keys.get(at).map_or(block.at, |key| key.word.at)
}

/// Whether a day count hangs on the row.
fn contains_field(expr: &Expr) -> bool {
    match expr {
        Expr::Const(_) | Expr::Point(_) => false,
        Expr::Add(two) | Expr::Sub(two) | Expr::Mul(two, _) | Expr::Div(two, _) => contains_field(&two.0) || contains_field(&two.1),
        Expr::Times(one, _) | Expr::Neg(one) | Expr::Abs(one) => contains_field(one),
        Expr::If(three) => three[1..].iter().any(contains_field),
        _ => true,
    }
}
