//! Comparisons and memberships: where a bare word, a code or a text gets its meaning from what it is compared with.

use mingjian_engine::expr::{Cmp, Expr, age_days};
use mingjian_engine::program::CodeSet;
use mingjian_model::day;

use super::shared::point_column;
use super::typed::{Typed, aligned, cmp_of, mirrored};
use super::{BlockCompiler, Wrong};
use crate::ast::{Kind, Name, Node, Op, Set};
use crate::diagnostic::{Span, nearest};
use crate::fields;
use crate::head::ParamValue;
use crate::types::Type;
use crate::value::{Decimal, parse_care, parse_level, parse_percent, parse_sex};

type Checked = Result<Typed, Wrong>;

/// A constant before it is known what it is compared with.
#[derive(Debug, Clone)]
pub(super) enum Literal {
    Number(Decimal),
    Percent(i64),
    Age(i64),
    Days(i64),
    Hours(i64),
    Day(i64),
    Bool(bool),
    Text(String),
    /// A bare word that is no name of this block.
    Word(String),
    List(Vec<ParamValue>),
}

/// The type a bare Chinese word belongs to.
pub(super) fn type_of_word(word: &str) -> Option<Type> {
    if parse_sex(word).is_some() {
        Some(Type::Sex)
    } else if parse_care(word).is_some() {
        Some(Type::Care)
    } else {
        parse_level(word).map(|_| Type::Level)
    }
}

pub(super) fn field_of(ty: Type) -> &'static str {
    match ty {
        Type::Sex => "sex",
        Type::Care => "care",
        _ => "level",
    }
}

impl BlockCompiler<'_, '_, '_> {
    pub(super) fn text_id(&mut self, text: &str, at: Span) -> Result<i64, Wrong> {
        match self.shared.text(text) {
            Some(id) => Ok(i64::from(id)),
            None => self.fail(at, "规则库里用来比较的文字太多了"),
        }
    }

    pub(super) fn param(&mut self, name: &Name) -> Result<Literal, Wrong> {
        match self.context.params.get(&name.text) {
            Some(value) => Ok(literal_of(value)),
            None => {
                let known: Vec<&str> = self.context.params.keys().map(String::as_str).collect();
                let message = if known.is_empty() {
                    format!("没有参数 {}；参数写在文件头的 [params] 一节", name.text)
                } else {
                    format!("没有参数 {}；文件头 [params] 里有 {}", name.text, known.join("、"))
                };
                let suggestion = nearest(&name.text, known.iter().copied());
                self.fail_near(name.at, message, suggestion)
            }
        }
    }

    /// The constant a node is, if it is one.
    pub(super) fn literal(&mut self, node: &Node) -> Result<Option<Literal>, Wrong> {
        Ok(Some(match &node.kind {
            Kind::Number(number) => Literal::Number(*number),
            Kind::Percent(number) => match parse_percent(&format!("{number}%")) {
                Some(value) => Literal::Percent(value),
                None => return self.fail(node.at, "百分比最多两位小数"),
            },
            Kind::Years(years) => Literal::Age(mingjian_engine::expr::age_years(*years)),
            Kind::Days(days) => Literal::Days(*days),
            Kind::Hours(hours) => Literal::Hours(*hours),
            Kind::Text(text) => Literal::Text(text.clone()),
            Kind::Neg(inner) => match &inner.kind {
                Kind::Number(number) => Literal::Number(Decimal { digits: -number.digits, scale: number.scale }),
                _ => return Ok(None),
            },
            Kind::Dot(base, name) if base.text == "param" => self.param(name)?,
            Kind::Word(word) if self.is_free(word) => Literal::Word(word.clone()),
            _ => return Ok(None),
        }))
    }

    /// Whether a word names nothing in this block.
    fn is_free(&self, word: &str) -> bool {
        fields::field(word).is_none()
            && !self.lets.iter().any(|known| known.name == word)
            && !["true", "false", "dx", "main_dx"].contains(&word)
    }

    /// Two values that will meet: a constant takes its meaning from the other.
    pub(super) fn pair_of(&mut self, left: &Node, right: &Node) -> Result<(Typed, Typed), Wrong> {
        let (left_literal, right_literal) = (self.literal(left)?, self.literal(right)?);
        match (left_literal, right_literal) {
            (None, Some(literal)) => {
                let left = self.expr(left)?;
                let right = self.literal_as(literal, left.ty, right.at)?;
                Ok((left, right))
            }
            (Some(literal), None) => {
                let right = self.expr(right)?;
                let left = self.literal_as(literal, right.ty, left.at)?;
                Ok((left, right))
            }
            _ => {
                let (left, right) = (self.expr(left), self.expr(right));
                Ok((left?, right?))
            }
        }
    }

    pub(super) fn comparison(&mut self, op: Op, left: &Node, right: &Node, at: Span) -> Checked {
        let Some(cmp) = cmp_of(op) else { return Err(Wrong) };
        for (one, other) in [(left, right), (right, left)] {
            if let Kind::Word(word) = &one.kind
                && (word == "dx" || word == "main_dx")
            {
                return self.dx_comparison(word, op, other, at);
            }
            if let (Kind::Word(word), Kind::Text(text)) = (&one.kind, &other.kind)
                && word == "item"
                && matches!(cmp, Cmp::Eq | Cmp::Ne)
            {
                let within = self.item_in_codes(prefixes([text.as_str()]), at)?;
                return self.unless_equal(cmp, within, at);
            }
        }
        let (a, b) = self.pair_of(left, right)?;
        self.compared(cmp, a, b, at)
    }

    fn dx_comparison(&mut self, word: &str, op: Op, other: &Node, at: Span) -> Checked {
        if let (Kind::Text(text), Op::Eq) = (&other.kind, op) {
            return self.dx_in(word, prefixes([text.as_str()]), at);
        }
        self.fail(at, format!("{word} 写成 {word} in 知识表 或 {word} in {{\"Z51.1\", \"C\"}}（以此开头）；比较前后两次是不是同一种病，用 main_dx3 = prev.main_dx3"))
    }

    fn unless_equal(&mut self, cmp: Cmp, within: Typed, at: Span) -> Checked {
        if cmp == Cmp::Eq {
            return Ok(within);
        }
        let size = [(within.depth, within.size)];
        self.joined(Expr::Not(Box::new(within.expr)), Type::Bool, 0, at, &size)
    }

    fn compared(&mut self, cmp: Cmp, a: Typed, b: Typed, at: Span) -> Checked {
        let parts = [(a.depth + 1, a.size + 1), (b.depth + 1, b.size + 1)];
        match (a.ty, b.ty) {
            (Type::Age, Type::AgeLimit) => return self.joined(Expr::AgeCmp(cmp, Box::new(b.expr)), Type::Bool, 0, at, &parts),
            (Type::AgeLimit, Type::Age) => return self.joined(Expr::AgeCmp(mirrored(cmp), Box::new(a.expr)), Type::Bool, 0, at, &parts),
            (Type::Age, Type::Age) => return self.fail(at, "age 只能和年龄（18岁、28天、k.列）比较"),
            _ => {}
        }
        if [a.ty, b.ty].iter().any(|ty| matches!(ty, Type::CareSet | Type::TextSet | Type::ItemSet)) {
            return self.fail(at, "集合不能用 = 比较；写成 a in k.列");
        }
        let met = a.ty.meet(b.ty);
        if met.is_none() && a.ty != b.ty {
            let hint = match (a.ty, b.ty) {
                (Type::Day, Type::Moment) | (Type::Moment, Type::Day) => {
                    "；一边是日期一边是时间，日期用 day、begin_day、end_day".to_string()
                }
                (Type::Number, other) | (other, Type::Number) => format!("；应是{}", other.example()),
                _ => String::new(),
            };
            return self.fail(at, format!("{}不能和{}比较{hint}", a.ty.title(), b.ty.title()));
        }
        if !matches!(cmp, Cmp::Eq | Cmp::Ne) && !a.ty.is_ordered() {
            return self.fail(at, format!("{}没有大小，只能用 = 或 !=", a.ty.title()));
        }
        let (a, b) = if met.is_some() { aligned(a, b) } else { (a, b) };
        self.joined(Expr::Cmp(cmp, Box::new((a.expr, b.expr))), Type::Bool, 0, at, &parts)
    }

    /// A constant read as a value of the type it is compared with.
    fn literal_as(&mut self, literal: Literal, ty: Type, at: Span) -> Checked {
        let wrong = |this: &mut Self, shown: &str| {
            let choices: &[&str] = match ty {
                Type::Sex => &["男", "女"],
                Type::Care => &["门诊", "急诊", "门慢", "购药", "住院"],
                Type::Level => &["三级", "二级", "一级"],
                _ => &[],
            };
            let mut suggestion = nearest(shown, choices.iter().copied());
            if suggestion.is_none() && choices.is_empty() {
                suggestion = nearest(shown, this.names_for_suggestion());
            }
            this.fail_near(at, format!("{}不能和“{shown}”比较，应是{}", ty.title(), ty.example()), suggestion)
        };
        let (value, scale) = match (ty, literal) {
            (Type::Sex, Literal::Word(word) | Literal::Text(word)) => match parse_sex(&word) {
                Some(value) => (value, 0),
                None => return wrong(self, &word),
            },
            (Type::Care, Literal::Word(word) | Literal::Text(word)) => match parse_care(&word) {
                Some(value) => (value, 0),
                None => return wrong(self, &word),
            },
            (Type::Level, Literal::Word(word) | Literal::Text(word)) => match parse_level(&word) {
                Some(value) => (value, 0),
                None => return wrong(self, &word),
            },
            (Type::MedCode, Literal::Number(number)) => {
                if number.scale != 0 || !(10..=99).contains(&number.digits) {
                    return self.fail(at, format!("med_type 只看前两位，“{number}”应写成两位，如 14（也管住 140104）"));
                }
                (number.digits, 0)
            }
            (Type::ChargeCode, Literal::Number(number)) => {
                if number.scale != 0 || !(1..=14).contains(&number.digits) {
                    return self.fail(at, "收费类别是 01–14");
                }
                (number.digits, 0)
            }
            (Type::Insurance | Type::DischargeWay, Literal::Number(number)) if number.scale == 0 => (number.digits, 0),
            (Type::MedCode | Type::ChargeCode | Type::Insurance | Type::DischargeWay, Literal::Text(text)) => match Decimal::parse(&text) {
                Some(number) => return self.literal_as(Literal::Number(number), ty, at),
                None => return wrong(self, &text),
            },
            (Type::Text, Literal::Text(text)) => (self.text_id(&text, at)?, 0),
            (Type::Day, Literal::Text(text)) => match day::parse_day(&text) {
                Some(day) => (i64::from(day), 0),
                None => return wrong(self, &text),
            },
            (Type::Age | Type::AgeLimit, Literal::Days(days)) => {
                return Ok(Typed::leaf(Expr::Const(age_days(days)), Type::AgeLimit, 0, at));
            }
            (Type::Age, Literal::Age(limit)) => return Ok(Typed::leaf(Expr::Const(limit), Type::AgeLimit, 0, at)),
            (Type::Age, Literal::Number(number)) => {
                return self.fail(at, format!("年龄要带单位：{number}岁 或 {number}天"));
            }
            (_, Literal::Number(number)) => return Ok(Typed::leaf(Expr::Const(number.digits), Type::Number, number.scale, at)),
            (_, Literal::Percent(value)) => return Ok(Typed::leaf(Expr::Const(value), Type::Ratio, 4, at)),
            (_, Literal::Age(value)) => return Ok(Typed::leaf(Expr::Const(value), Type::AgeLimit, 0, at)),
            (_, Literal::Days(value)) => return Ok(Typed::leaf(Expr::Const(value), Type::Days, 0, at)),
            (_, Literal::Hours(value)) => return Ok(Typed::leaf(Expr::Const(value), Type::Hours, 0, at)),
            (_, Literal::Day(value)) => return Ok(Typed::leaf(Expr::Const(value), Type::Day, 0, at)),
            (_, Literal::Bool(value)) => return Ok(Typed::leaf(Expr::Const(i64::from(value)), Type::Bool, 0, at)),
            (_, Literal::Word(word) | Literal::Text(word)) => return wrong(self, &word),
            (_, Literal::List(_)) => return self.fail(at, "列表参数只能写成 … in param.名字"),
        };
        Ok(Typed::leaf(Expr::Const(value), ty, scale, at))
    }

    fn names_for_suggestion(&self) -> Vec<&'static str> {
        fields::FIELDS.iter().filter(|spec| spec.place.fits(self.block.look)).map(|spec| spec.name).collect()
    }

    // ---- membership ----

    pub(super) fn membership(&mut self, one: &Node, set: &Set, at: Span) -> Checked {
        if let Kind::Word(word) = &one.kind {
            match word.as_str() {
                "dx" | "main_dx" => {
                    let codes = self.codes_of(set, "诊断编码")?;
                    return self.dx_in(word, codes, at);
                }
                "item" => return self.item_membership(set, at),
                "code" if !matches!(set, Set::Named { column: Some(_), .. }) => {
                    return self.fail(at, "code in 知识表 as k 只能写在 for diagnoses where 的最外层");
                }
                _ => {}
            }
        }
        let one = self.expr(one)?;
        match set {
            Set::Listed(nodes, set_at) => self.in_listed(one, nodes, *set_at, at),
            Set::Named { name, column: Some(column), alias: None } if name.text == "param" => {
                let Literal::List(values) = self.param(column)? else {
                    return self.fail(column.at, format!("in 后面的参数应是列表，{} 不是", column.text));
                };
                self.in_values(one, values.iter().map(literal_of).collect(), column.at, at)
            }
            Set::Named { name, column: Some(column), alias: None } => self.in_column(one, name, column, at),
            Set::Named { name, .. } => {
                let message = format!("{}不能查知识表；只有 item、code、dx、main_dx 可以，或写 in {{甲, 乙}}、in k.列", one.ty.title());
                self.fail(name.at, message)
            }
        }
    }

    fn in_listed(&mut self, one: Typed, nodes: &[Node], set_at: Span, at: Span) -> Checked {
        let mut literals = Vec::new();
        for node in nodes {
            match self.literal(node)? {
                Some(literal) => literals.push((literal, node.at)),
                None => return self.fail(node.at, "列举里只能写固定的值"),
            }
        }
        let values: Vec<Checked> = literals.into_iter().map(|(literal, at)| self.literal_as(literal, one.ty, at)).collect();
        let values: Vec<Typed> = values.into_iter().collect::<Result<_, _>>()?;
        self.in_typed(one, values, set_at, at)
    }

    fn in_values(&mut self, one: Typed, literals: Vec<Literal>, set_at: Span, at: Span) -> Checked {
        let values: Vec<Checked> = literals.into_iter().map(|literal| self.literal_as(literal, one.ty, set_at)).collect();
        let values: Vec<Typed> = values.into_iter().collect::<Result<_, _>>()?;
        self.in_typed(one, values, set_at, at)
    }

    fn in_typed(&mut self, one: Typed, values: Vec<Typed>, set_at: Span, at: Span) -> Checked {
        if one.ty == Type::Age {
            return self.fail(set_at, "年龄用 between 或大小比较，不用 in");
        }
        let finest = values.iter().map(|value| value.scale).fold(one.scale, u8::max);
        let size = [(one.depth + 1, one.size + values.len() as u32)];
        let mut constants = Vec::new();
        for value in values {
            let fits = value.ty == one.ty || value.ty.meet(one.ty).is_some();
            match value.rescaled(finest) {
                Typed { expr: Expr::Const(constant), .. } if fits => constants.push(constant),
                other => return self.fail(other.at, format!("{}不能和{}比较", one.ty.title(), other.ty.title())),
            }
        }
        constants.sort_unstable();
        constants.dedup();
        let one = if one.ty.is_numeric() { one.rescaled(finest) } else { one };
        self.joined(Expr::In(Box::new(one.expr), constants.into_boxed_slice()), Type::Bool, 0, at, &size)
    }

    fn in_column(&mut self, one: Typed, name: &Name, column: &Name, at: Span) -> Checked {
        let (table, index) = self.column_of(&name.text, name.at, column)?;
        let ty = super::shared::column_type(self.context.tables[table].columns[index].ty).map(|(ty, _)| ty);
        let fits = matches!((one.ty, ty), (Type::Care, Some(Type::CareSet)) | (Type::Text, Some(Type::TextSet)));
        if !fits {
            let title = ty.map_or("窗口", Type::title);
            let message =
                format!("{}不能在 {}.{} 里查：这一列是{title}；集合列的类型写 care 或 texts", one.ty.title(), name.text, column.text);
            return self.fail(column.at, message);
        }
        self.shared.use_column(table, index);
        let size = [(one.depth, one.size)];
        self.joined(Expr::InPointSet(Box::new(one.expr), point_column(index)), Type::Bool, 0, at, &size)
    }

    fn item_membership(&mut self, set: &Set, at: Span) -> Checked {
        if !self.block.look.is_of_lines() {
            return self.fail(at, format!("看 {} 时没有 item；查这次就诊做没做某类项目，写 has item in …", self.block.look.title()));
        }
        if let Set::Named { name, alias: Some(_), .. } = set {
            return self.fail(name.at, "item in 知识表 as k 只能写一次，写在 for … where 的最外层（用 and 连接）；这里去掉 as");
        }
        let codes = self.codes_of(set, "项目编码")?;
        self.item_in_codes(codes, at)
    }

    fn item_in_codes(&mut self, codes: CodeSet, at: Span) -> Checked {
        if !self.block.look.is_of_lines() {
            return self.fail(at, format!("看 {} 时没有 item", self.block.look.title()));
        }
        let set = self.shared.item_set(codes);
        Ok(Typed::leaf(Expr::ItemInSet(set), Type::Bool, 0, at))
    }

    fn dx_in(&mut self, word: &str, codes: CodeSet, at: Span) -> Checked {
        let set = self.shared.dx_set(codes);
        self.note_inputs(&[("setl_list_diag_d", "diag_code")]);
        let expr = if word == "dx" { Expr::DxInSet(set) } else { Expr::MainDxInSet(set) };
        Ok(Typed::leaf(expr, Type::Bool, 0, at))
    }

    pub(super) fn has_item(&mut self, set: &Set, at: Span) -> Checked {
        if let Set::Named { name, column: Some(column), alias: None } = set
            && name.text != "param"
        {
            let (table, index) = self.column_of(&name.text, name.at, column)?;
            if super::shared::column_type(self.context.tables[table].columns[index].ty).map(|(ty, _)| ty) != Some(Type::ItemSet) {
                return self.fail(column.at, format!("has item in 需要项目编码的列；{} 列的类型应写 items", column.text));
            }
            self.shared.use_column(table, index);
            return Ok(Typed::leaf(Expr::VisitHasPointItem(point_column(index)), Type::Bool, 0, at));
        }
        let codes = self.codes_of(set, "项目编码")?;
        let set = self.shared.item_set(codes);
        Ok(Typed::leaf(Expr::VisitHasItem(set), Type::Bool, 0, at))
    }

    /// The codes of a table, a list of prefixes or a parameter.
    fn codes_of(&mut self, set: &Set, what: &str) -> Result<CodeSet, Wrong> {
        match set {
            Set::Listed(nodes, _) => {
                let mut texts = Vec::new();
                for node in nodes {
                    match &node.kind {
                        Kind::Text(text) if !text.is_empty() => texts.push(text.as_str()),
                        _ => return self.fail(node.at, format!("这里应是双引号括起来的{what}（前缀）")),
                    }
                }
                Ok(prefixes(texts))
            }
            Set::Named { name, column: Some(column), .. } if name.text == "param" => {
                let texts: Option<Vec<String>> = match self.context.params.get(&column.text) {
                    Some(ParamValue::List(values)) => values.iter().map(code_text).collect(),
                    _ => None,
                };
                match texts {
                    Some(texts) => Ok(prefixes(texts.iter().map(String::as_str))),
                    None => {
                        self.param(column)?;
                        self.fail(column.at, format!("参数 {} 应是{what}（前缀）的列表", column.text))
                    }
                }
            }
            Set::Named { name, column: Some(column), .. } => {
                let message = format!("这里应是知识表，或双引号括起来的{what}；{}.{} 不行", name.text, column.text);
                self.fail(name.at, message)
            }
            Set::Named { name, column: None, alias } => {
                if let Some(alias) = alias {
                    return self.fail(alias.at, "as k 只能用在 for … where 最外层的那一个 in 知识表");
                }
                let table = self.table(name)?;
                Ok(self.context.tables[table].all_codes())
            }
        }
    }

    /// A knowledge table by its name; it must be listed in the head.
    pub(super) fn table(&mut self, name: &Name) -> Result<usize, Wrong> {
        let tables = self.context.tables;
        let listed = self.context.head.knowledge.iter().any(|(known, _)| *known == name.text);
        match tables.iter().position(|table| table.name == name.text) {
            Some(at) if listed => Ok(at),
            Some(_) => self.fail(name.at, format!("知识表 {} 没有写在文件头的 knowledge 里；请加上", name.text)),
            None => {
                let suggestion = nearest(&name.text, tables.iter().map(|table| table.name.as_str()));
                self.fail_near(name.at, format!("没有知识表 {0}（library/knowledge/{0}.csv）", name.text), suggestion)
            }
        }
    }
}

fn literal_of(value: &ParamValue) -> Literal {
    match value {
        ParamValue::Number(number) => Literal::Number(*number),
        ParamValue::Percent(value) => Literal::Percent(*value),
        ParamValue::Age(limit) if limit & 1 == 1 => Literal::Days(limit >> 1),
        ParamValue::Age(limit) => Literal::Age(*limit),
        ParamValue::Day(day) => Literal::Day(i64::from(*day)),
        ParamValue::Text(text) => Literal::Text(text.clone()),
        ParamValue::Bool(value) => Literal::Bool(*value),
        ParamValue::List(values) => Literal::List(values.clone()),
    }
}

fn code_text(value: &ParamValue) -> Option<String> {
    match value {
        ParamValue::Text(text) if !text.is_empty() => Some(text.clone()),
        ParamValue::Number(number) if number.scale == 0 => Some(number.to_string()),
        _ => None,
    }
}

/// Codes written in logic are prefixes; a full code is the prefix of itself.
fn prefixes<'t>(texts: impl IntoIterator<Item = &'t str>) -> CodeSet {
    CodeSet { codes: Vec::new(), prefixes: texts.into_iter().map(|text| text.trim_end_matches('*').to_string()).collect() }
}
