//! 地方参数: the values a region sets in place of the defaults in rule heads, each from a day on.

use std::collections::{BTreeMap, BTreeSet};

use mingjian_model::day::{self, Day};

use crate::diagnostic::{Diagnostic, nearest};
use crate::head::ParamValue;
use crate::knowledge::ALWAYS;
use crate::library::Library;
use crate::rule::Rule;

/// A region's values: rule id → parameter → values by the first day they hold. A value holds until the next one begins; before the
/// first one the default of the rule's head holds. The day of the row judged decides (the fee's day), as with knowledge points.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ParamOverrides {
    pub values: BTreeMap<String, BTreeMap<String, BTreeMap<Day, ParamValue>>>,
}

/// A stretch of days over which no parameter of a rule changes, with the values that hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Period {
    /// First and last day.
    pub days: (Day, Day),
    pub params: BTreeMap<String, ParamValue>,
}

impl ParamOverrides {
    /// Sets one value for all time from its text: `7`, `50%`, `18岁`, `2026-01-01`, `a;b`.
    pub fn set(&mut self, rule: &str, name: &str, text: &str) {
        self.set_from(rule, name, ALWAYS.0, text);
    }

    /// Sets one value from a day on.
    pub fn set_from(&mut self, rule: &str, name: &str, from: Day, text: &str) {
        let dated = self.values.entry(rule.to_string()).or_default().entry(name.to_string()).or_default();
        dated.insert(from, ParamValue::parse(text));
    }

    /// The periods of a rule, in the order of days; one where nothing is dated. They cover all days.
    pub fn periods(&self, rule: &Rule) -> Vec<Period> {
        let own = self.values.get(&rule.id);
        let mut begins = BTreeSet::from([ALWAYS.0]);
        begins.extend(own.into_iter().flat_map(|names| names.values()).flat_map(|dated| dated.keys().copied()));
        let begins: Vec<Day> = begins.into_iter().collect();
        let ends = begins.iter().skip(1).map(|next| next - 1).chain([ALWAYS.1]);
        begins.iter().zip(ends).map(|(&from, to)| Period { days: (from, to), params: self.on(rule, from) }).collect()
    }

    /// The parameters of a rule on a day: its defaults with the region's values over them.
    fn on(&self, rule: &Rule, day: Day) -> BTreeMap<String, ParamValue> {
        let own = self.values.get(&rule.id);
        let value = |(name, param): (&String, &crate::head::Param)| {
            let set = own.and_then(|names| names.get(name)?.range(..=day).next_back());
            (name.clone(), set.map_or_else(|| param.value.clone(), |(_, value)| fitted(value, &param.value)))
        };
        rule.params.iter().map(value).collect()
    }

    /// What does not fit the library: rules and parameters it does not have, values of another kind, dates where a rule is SQL (its
    /// statement looks at all days at once).
    pub(crate) fn check(&self, library: &Library) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for (id, values) in &self.values {
            let Some(rule) = library.rule(id) else {
                let ids = library.rules.iter().map(|rule| rule.id.as_str());
                found.push(setting(format!("参数设置里的规则 {id} 不在规则库里"), nearest(id, ids)));
                continue;
            };
            for (name, dated) in values {
                let Some(param) = rule.params.get(name) else {
                    let known: Vec<&str> = rule.params.keys().map(String::as_str).collect();
                    found.push(setting(
                        format!("规则 {id} 没有参数 {name}；它有 {}", known.join("、")),
                        nearest(name, known.iter().copied()),
                    ));
                    continue;
                };
                for (from, value) in dated {
                    let since = if *from == ALWAYS.0 { " ".to_string() } else { format!("（{} 起）", day::format_day(*from)) };
                    if !fitted(value, &param.value).same_kind(&param.value) {
                        let kind = param.value.kind_title();
                        found.push(setting(format!("规则 {id} 的参数 {name}{since}应是{kind}，写的是“{value}”"), None));
                    }
                    if rule.sql.is_some() && *from != ALWAYS.0 {
                        found.push(setting(format!("规则 {id} 是群体规则，参数 {name}{since}不能按日期设置；请写一个不带日期的值"), None));
                    }
                }
            }
        }
        found
    }
}

/// A list parameter also takes one value.
fn fitted(value: &ParamValue, default: &ParamValue) -> ParamValue {
    match (value, default) {
        (ParamValue::List(_), _) => value.clone(),
        (ParamValue::Text(text), ParamValue::List(_)) if text.is_empty() => ParamValue::List(Vec::new()),
        (one, ParamValue::List(_)) => ParamValue::List(vec![one.clone()]),
        (ParamValue::Number(number), ParamValue::Text(_)) => ParamValue::Text(number.to_string()),
        _ => value.clone(),
    }
}

/// A mistake in the region's settings.
pub(crate) fn setting(message: String, suggestion: Option<String>) -> Diagnostic {
    Diagnostic { file: "（设置）".to_string(), line: 1, column: 1, message, suggestion }
}
