//! Checking and compiling expressions.

use mingjian_engine::expr::{Agg, AggKind, Expr, Field};

use super::compare::Literal;
use super::shared::{column_type, point_column};
use super::typed::{Typed, aligned};
use super::{BlockCompiler, Wrong};
use crate::ast::{Kind, Name, Node, Op, Window};
use crate::diagnostic::{Span, nearest};
use crate::fields::{self, FIELDS, Meaning, Spec};
use crate::types::Type;

type Checked = Result<Typed, Wrong>;

/// Functions over the rows of a group, and two plain ones.
const FUNCTIONS: [&str; 11] = ["count", "sum", "distinct", "days", "min", "max", "any", "every", "known", "abs", "months_after"];

impl BlockCompiler<'_, '_, '_> {
    /// A condition.
    pub(super) fn condition(&mut self, node: &Node) -> Checked {
        let typed = self.expr(node)?;
        if typed.ty != Type::Bool {
            let message =
                format!("这里应是条件（成立或不成立），写的是{}；如 {} > 0", typed.ty.title(), self.complaints.source.slice(node.at));
            return self.fail(node.at, message);
        }
        Ok(typed)
    }

    /// A value of any type.
    pub(super) fn expr(&mut self, node: &Node) -> Checked {
        let before = self.incidental;
        self.incidental |= !self.guarded.is_empty() && self.guarded.contains(&crate::print::expr(node));
        let checked = self.expr_inside(node);
        self.incidental = before;
        checked
    }

    fn expr_inside(&mut self, node: &Node) -> Checked {
        let at = node.at;
        match &node.kind {
            Kind::Word(word) => self.word(word, at),
            Kind::Dot(base, name) => self.dotted(base, name, at),
            Kind::Number(_) | Kind::Percent(_) | Kind::Years(_) | Kind::Days(_) | Kind::Hours(_) | Kind::Text(_) => {
                let literal = self.literal(node)?.ok_or(Wrong)?;
                self.literal_alone(literal, at)
            }
            Kind::Binary(op, two) if op.is_comparison() => self.comparison(*op, &two.0, &two.1, at),
            Kind::Binary(op, two) => {
                let (a, b) = (self.expr(&two.0), self.expr(&two.1));
                self.arithmetic(*op, a?, b?, at)
            }
            Kind::And(nodes) => {
                let before = self.guarded.len();
                self.guarded.extend(nodes.iter().filter_map(asked_for));
                let checked = self.junction(nodes, at, Expr::And);
                self.guarded.truncate(before);
                checked
            }
            Kind::Or(nodes) => self.junction(nodes, at, Expr::Or),
            Kind::Not(inner) => {
                let inner = self.condition(inner)?;
                self.joined(Expr::Not(Box::new(inner.expr)), Type::Bool, 0, at, &[(inner.depth, inner.size)])
            }
            Kind::Neg(inner) => self.negated(inner, at),
            Kind::Between(three) => {
                let low = self.comparison(Op::Ge, &three[0], &three[1], at)?;
                let high = self.comparison(Op::Le, &three[0], &three[2], at)?;
                let parts = [(low.depth, low.size), (high.depth, high.size)];
                self.joined(Expr::And(Box::new([low.expr, high.expr])), Type::Bool, 0, at, &parts)
            }
            Kind::If(three) => self.choice(three, at),
            Kind::In(one, set) => self.membership(one, set, at),
            Kind::HasItem(set) => self.has_item(set, at),
            Kind::Charges(types) => self.charges(types, at),
            Kind::Call { function, args, filter } => self.call(function, args, filter.as_deref(), at),
        }
    }

    fn junction(&mut self, nodes: &[Node], at: Span, make: fn(Box<[Expr]>) -> Expr) -> Checked {
        // All parts are checked before the first mistake ends it.
        let parts: Vec<Checked> = nodes.iter().map(|node| self.condition(node)).collect();
        let parts: Vec<Typed> = parts.into_iter().collect::<Result<_, _>>()?;
        let sizes: Vec<(u16, u32)> = parts.iter().map(|part| (part.depth, part.size)).collect();
        let exprs: Vec<Expr> = parts.into_iter().map(|part| part.expr).collect();
        self.joined(make(exprs.into_boxed_slice()), Type::Bool, 0, at, &sizes)
    }

    fn negated(&mut self, inner: &Node, at: Span) -> Checked {
        let inner = self.expr(inner)?;
        if !inner.ty.is_numeric() {
            return self.fail(at, format!("{}前面不能写负号", inner.ty.title()));
        }
        let size = [(inner.depth, inner.size)];
        let expr = match inner.expr {
            Expr::Const(value) => Expr::Const(value.saturating_neg()),
            other => Expr::Neg(Box::new(other)),
        };
        self.joined(expr, inner.ty, inner.scale, at, &size)
    }

    fn choice(&mut self, three: &[Node; 3], at: Span) -> Checked {
        let condition = self.condition(&three[0]);
        let (yes, no) = self.pair_of(&three[1], &three[2])?;
        let condition = condition?;
        let ty = if yes.ty == no.ty { Some(yes.ty) } else { yes.ty.meet(no.ty) };
        let Some(ty) = ty else {
            let message = format!("then 和 else 的值应是同一类，这里一个是{}，一个是{}", yes.ty.title(), no.ty.title());
            return self.fail(at, message);
        };
        let (yes, no) = if ty.is_numeric() { aligned(yes, no) } else { (yes, no) };
        let parts = [(condition.depth, condition.size), (yes.depth, yes.size), (no.depth, no.size)];
        let scale = yes.scale;
        self.joined(Expr::If(Box::new([condition.expr, yes.expr, no.expr])), ty, scale, at, &parts)
    }

    fn word(&mut self, word: &str, at: Span) -> Checked {
        if let Some(known) = self.lets.iter().find(|known| known.name == word) {
            let (value, inputs) = (Typed { at, ..known.value.clone() }, known.inputs.clone());
            self.note_inputs(&inputs);
            if self.rows_only && crate::compile::block::is_of_group(&value.expr) {
                return self.fail(at, format!("{word} 是整组的值，for … where 里只能写一行的条件；请写进 hit when"));
            }
            if self.in_aggregate && crate::compile::block::is_of_group(&value.expr) {
                return self.fail(at, format!("{word} 已经是汇总的值，不能放进另一个汇总里"));
            }
            return Ok(value);
        }
        if let Some(spec) = fields::field(word) {
            return self.field(spec, at);
        }
        if word == "true" || word == "false" {
            return Ok(Typed::leaf(Expr::Const(i64::from(word == "true")), Type::Bool, 0, at));
        }
        if word == "main_dx" || word == "dx" {
            return self
                .fail(at, format!("{word} 只能写成 {word} in 知识表 或 {word} in {{\"C\"}}；比较前后两次是不是同一种病，用 main_dx3"));
        }
        if self.point.as_ref().is_some_and(|(_, alias)| alias == word) {
            return self.fail(at, format!("{word} 是知识点，要写出列名，如 {word}.name"));
        }
        if let Some(ty) = super::compare::type_of_word(word) {
            return self.fail(at, format!("“{word}”是{}的一种，要写成比较，如 {} = {word}", ty.title(), super::compare::field_of(ty)));
        }
        let known: Vec<&str> = self.known_names();
        let suggestion = nearest(word, known);
        self.fail_near(at, format!("不认识的名字 {word}；可以写字段、let 起的名字、param.参数 或 k.列名"), suggestion)
    }

    fn known_names(&self) -> Vec<&str> {
        let lets = self.lets.iter().map(|known| known.name.as_str());
        FIELDS.iter().filter(|spec| spec.place.fits(self.block.look)).map(|spec| spec.name).chain(lets).collect()
    }

    pub(super) fn field(&mut self, spec: &'static Spec, at: Span) -> Checked {
        if !spec.place.fits(self.block.look) {
            let message =
                format!("{}（{}）只在看{}时才有，这个块看的是 {}", spec.name, spec.title, spec.place.title(), self.block.look.title());
            return self.fail(at, message);
        }
        if spec.name == "code" && self.in_aggregate && self.block.look != crate::ast::Look::Diagnoses {
            return self.fail(at, "code 只在看诊断时才有");
        }
        if spec.place == fields::Place::Group && (self.rows_only || self.in_aggregate) {
            return self.fail(at, format!("{} 是整组的值，不能写在这里", spec.name));
        }
        if spec.name == "chain_days" && !matches!(self.block.window, Window::Chain(_)) {
            return self.fail(at, "chain_days 只在 per … chain overlap N days 里才有");
        }
        self.note_inputs(spec.inputs);
        let expr = match spec.meaning {
            Meaning::Field(field) => Expr::Field(field),
            Meaning::Flag(bit) => Expr::Flags(bit),
            Meaning::Charges => Expr::Charges(u32::MAX),
            Meaning::Age => Expr::Field(Field::Birth),
        };
        Ok(Typed::leaf(expr, spec.ty, spec.scale, at))
    }

    fn dotted(&mut self, base: &Name, name: &Name, at: Span) -> Checked {
        match base.text.as_str() {
            "param" => {
                let literal = self.param(name)?;
                self.literal_alone(literal, at)
            }
            "prev" => self.previous(name, at),
            alias => self.column(alias, base.at, name, at),
        }
    }

    fn previous(&mut self, name: &Name, at: Span) -> Checked {
        if !matches!(self.block.window, Window::Next(_)) {
            return self.fail(at, "prev. 只在 per … next（相邻两条）里才有");
        }
        let Some(spec) = fields::field(&name.text) else {
            let suggestion = nearest(&name.text, self.known_names());
            return self.fail_near(name.at, format!("prev. 后面应是字段名，没有 {}", name.text), suggestion);
        };
        let typed = self.field(spec, at)?;
        match spec.meaning {
            Meaning::Field(field) if spec.place != fields::Place::Group => Ok(Typed { expr: Expr::Prev(field), ..typed }),
            _ => self.fail(at, format!("prev. 后面不能写 {}", name.text)),
        }
    }

    /// The table's position and the column's of `k.column`.
    pub(super) fn column_of(&mut self, alias: &str, alias_at: Span, name: &Name) -> Result<(usize, usize), Wrong> {
        let Some((table, known)) = self.point.clone() else {
            return self.fail(alias_at, format!("没有叫 {alias} 的知识点；知识点在 for 里用 item in 知识表 as k 取"));
        };
        if known != alias {
            let suggestion = nearest(alias, [known.as_str(), "param", "prev"]);
            return self.fail_near(alias_at, format!("没有叫 {alias} 的知识点；这个块里的知识点叫 {known}，参数写 param.名字"), suggestion);
        }
        let columns = &self.context.tables[table];
        match columns.column(&name.text) {
            Some(column) => Ok((table, column)),
            None => {
                let names: Vec<&str> = columns.columns.iter().map(|column| column.name.as_str()).collect();
                let message = format!("知识表 {} 没有列 {}；它有 {}", columns.name, name.text, names.join("、"));
                let suggestion = nearest(&name.text, names);
                self.fail_near(name.at, message, suggestion)
            }
        }
    }

    fn column(&mut self, alias: &str, alias_at: Span, name: &Name, at: Span) -> Checked {
        let (table, column) = self.column_of(alias, alias_at, name)?;
        let Some((ty, scale)) = column_type(self.context.tables[table].columns[column].ty) else {
            return self.fail(at, "window 列不能比较；它在 per … k.window 里起作用");
        };
        self.shared.use_column(table, column);
        Ok(Typed::leaf(Expr::Point(point_column(column)), ty, scale, at))
    }

    fn charges(&mut self, types: &[Node], at: Span) -> Checked {
        let mut bits = 0u32;
        for node in types {
            match &node.kind {
                Kind::Number(number) if number.scale == 0 && (1..=14).contains(&number.digits) => bits |= 1 << number.digits,
                _ => return self.fail(node.at, "收费类别是 01–14，如 charges{03, 04}"),
            }
        }
        self.note_inputs(&[("fee_list_d", "det_item_fee_sumamt"), ("hilist_b", "med_chrgitm_type")]);
        Ok(Typed::leaf(Expr::Charges(bits), Type::Money, 2, at))
    }

    fn call(&mut self, function: &Name, args: &[Node], filter: Option<&Node>, at: Span) -> Checked {
        match function.text.as_str() {
            "known" => {
                let one = self.only(function, args, filter)?;
                let before = std::mem::replace(&mut self.incidental, true);
                let inner = self.expr(one);
                self.incidental = before;
                let inner = inner?;
                let size = [(inner.depth, inner.size)];
                self.joined(Expr::Known(Box::new(inner.expr)), Type::Bool, 0, at, &size)
            }
            "abs" => {
                let one = self.only(function, args, filter)?;
                let inner = self.expr(one)?;
                if !inner.ty.is_numeric() {
                    return self.fail(one.at, format!("abs 里应是数，写的是{}", inner.ty.title()));
                }
                let size = [(inner.depth, inner.size)];
                self.joined(Expr::Abs(Box::new(inner.expr)), inner.ty, inner.scale, at, &size)
            }
            "months_after" => self.months_after(args, filter, at),
            name => match aggregate_kind(name) {
                Some(kind) => self.aggregate(kind, function, args, filter, at),
                None => {
                    let suggestion = nearest(name, FUNCTIONS);
                    self.fail_near(function.at, format!("没有 {name}(…)；可以写 {}", FUNCTIONS.join("、")), suggestion)
                }
            },
        }
    }

    fn only<'n>(&mut self, function: &Name, args: &'n [Node], filter: Option<&Node>) -> Result<&'n Node, Wrong> {
        match (args, filter) {
            ([one], None) => Ok(one),
            _ => self.fail(function.at, format!("{} 的括号里放一个值", function.text)),
        }
    }

    fn months_after(&mut self, args: &[Node], filter: Option<&Node>, at: Span) -> Checked {
        let ([day, months], None) = (args, filter) else {
            return self.fail(at, "写成 months_after(日, 12)");
        };
        let day = self.expr(day)?;
        if day.ty != Type::Day {
            return self.fail(day.at, format!("months_after 的第一个值应是日期，写的是{}", day.ty.title()));
        }
        let months = self.expr(months)?;
        let whole = match (&months.expr, months.ty) {
            (Expr::Const(value), Type::Number) if months.scale == 0 => i32::try_from(*value).ok().filter(|n| n.abs() <= 1200),
            _ => None,
        };
        let Some(whole) = whole else {
            return self.fail(months.at, "months_after 的第二个值应是整数个月（数或参数）");
        };
        self.joined(Expr::MonthsAfter(Box::new(day.expr), whole), Type::Day, 0, at, &[(day.depth, day.size)])
    }

    fn aggregate(&mut self, kind: AggKind, function: &Name, args: &[Node], filter: Option<&Node>, at: Span) -> Checked {
        if self.in_aggregate {
            return self.fail(at, "汇总里面不能再套汇总；先用 let 起名也不行，请换一种说法");
        }
        if self.rows_only {
            return self.fail(at, "for … where 里只能写一行的条件；汇总请写进 hit when");
        }
        let needs_value = !matches!(kind, AggKind::Count | AggKind::Days);
        let value = match (args, needs_value) {
            ([one], true) => Some(one),
            ([], false) => None,
            (_, true) => return self.fail(function.at, format!("{} 的括号里放一个值，后面可以加 where 条件", function.text)),
            (_, false) => return self.fail(function.at, format!("{}() 的括号里不放值，只可以写 where 条件", function.text)),
        };
        self.in_aggregate = true;
        let checked = self.aggregate_parts(kind, function, value, filter);
        self.in_aggregate = false;
        let (of, filter) = checked?;
        let (ty, scale) = match kind {
            AggKind::Count | AggKind::Distinct => (Type::Number, 0),
            AggKind::Days => (Type::Days, 0),
            AggKind::Any | AggKind::Every => (Type::Bool, 0),
            AggKind::Sum | AggKind::Min | AggKind::Max => (of.ty, of.scale),
        };
        let mut parts = vec![(of.depth, of.size)];
        parts.extend(filter.as_ref().map(|filter| (filter.depth, filter.size)));
        let agg = Agg { kind, of: of.expr, filter: filter.map(|filter| filter.expr) };
        self.joined(Expr::Agg(Box::new(agg)), ty, scale, at, &parts)
    }

    fn aggregate_parts(
        &mut self,
        kind: AggKind,
        function: &Name,
        value: Option<&Node>,
        filter: Option<&Node>,
    ) -> Result<(Typed, Option<Typed>), Wrong> {
        let of = match value {
            None => Typed::leaf(Expr::TRUE, Type::Number, 0, function.at),
            Some(node) if matches!(kind, AggKind::Any | AggKind::Every) => self.condition(node)?,
            Some(node) => {
                let typed = self.expr(node)?;
                let fits = match kind {
                    AggKind::Sum => typed.ty.is_numeric(),
                    AggKind::Min | AggKind::Max => typed.ty.is_ordered() && typed.ty != Type::Age,
                    _ => !matches!(typed.ty, Type::Age | Type::CareSet | Type::TextSet | Type::ItemSet),
                };
                if !fits {
                    return self.fail(node.at, format!("{} 的括号里不能放{}", function.text, typed.ty.title()));
                }
                typed
            }
        };
        let filter = filter.map(|node| self.condition(node)).transpose()?;
        Ok((of, filter))
    }

    /// The value of a literal that stands alone.
    fn literal_alone(&mut self, literal: Literal, at: Span) -> Checked {
        let (value, ty, scale) = match literal {
            Literal::Number(number) => (number.digits, Type::Number, number.scale),
            Literal::Percent(value) => (value, Type::Ratio, 4),
            Literal::Age(limit) => (limit, Type::AgeLimit, 0),
            Literal::Days(days) => (days, Type::Days, 0),
            Literal::Hours(hours) => (hours, Type::Hours, 0),
            Literal::Day(day) => (day, Type::Day, 0),
            Literal::Bool(value) => (i64::from(value), Type::Bool, 0),
            Literal::Text(text) => {
                let id = self.text_id(&text, at)?;
                (id, Type::Text, 0)
            }
            Literal::Word(word) => return self.fail(at, format!("不认识的名字 {word}")),
            Literal::List(_) => return self.fail(at, "列表参数只能写成 … in param.名字"),
        };
        Ok(Typed::leaf(Expr::Const(value), ty, scale, at))
    }
}

/// What `known(…)` asks for, as printed.
fn asked_for(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::Call { function, args, filter: None } if function.text == "known" => args.first().map(crate::print::expr),
        _ => None,
    }
}

fn aggregate_kind(name: &str) -> Option<AggKind> {
    Some(match name {
        "count" => AggKind::Count,
        "sum" => AggKind::Sum,
        "distinct" => AggKind::Distinct,
        "days" => AggKind::Days,
        "min" => AggKind::Min,
        "max" => AggKind::Max,
        "any" => AggKind::Any,
        "every" => AggKind::Every,
        _ => return None,
    })
}
