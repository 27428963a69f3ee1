//! 疑点清单: one row a finding, in the columns inspectors work with, plus what ours add (rule and version, basis, whole or excess, …).

use std::collections::BTreeSet;

use mingjian_model::day;
use mingjian_model::{Fen, PRICE_SCALE, QUANTITY_SCALE};
use mingjian_screening::Finding;

use super::RuleBook;
use super::facts::{Facts, Item, Line, Person};
use mingjian_people::mask;

use crate::{codes, columns};

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Text(String),
    /// 元, two decimals.
    Money(Fen),
    /// A count or price, by its scale.
    Number(i64, i64),
    Empty,
}

/// A column: its title, its width in a workbook, how its cell is made.
pub struct Column {
    pub title: &'static str,
    pub width: f64,
    make: fn(&Row<'_>) -> Cell,
}

/// What the cells of one row are made of.
pub struct Row<'r> {
    finding: &'r Finding,
    facts: &'r Facts,
    rules: &'r RuleBook<'r>,
    /// Offending lines (all lines where the rule computes no money).
    lines: Vec<(&'r Line, Option<Fen>)>,
    person: Option<&'r Person>,
    unmask: bool,
}

impl<'r> Row<'r> {
    pub fn new(finding: &'r Finding, facts: &'r Facts, rules: &'r RuleBook<'r>, unmask: bool) -> Row<'r> {
        let offends = |amount: &Option<Fen>| finding.amount.is_none() || amount.is_some_and(|amount| amount != Fen::ZERO);
        let lines: Vec<_> = facts.lines(finding).filter(|(_, amount)| offends(amount)).collect();
        Row { finding, facts, rules, lines, person: facts.person(finding), unmask }
    }

    pub fn cells(&self) -> impl Iterator<Item = Cell> {
        COLUMNS.iter().map(|column| (column.make)(self))
    }

    fn med_type(&self) -> &str {
        let visit = self.facts.visit(self.finding.mdtrt_id.as_ref()).map(|visit| visit.med_type.as_str());
        let settlement = || self.facts.settlement(self.finding.setl_id.as_ref()).map(|settlement| settlement.med_type.as_str());
        visit.or_else(settlement).unwrap_or_default()
    }

    /// A text of the lines: each once, `、` between; past three the number of them.
    fn of_lines(&self, text: impl Fn(&Line) -> String) -> Cell {
        let mut texts: Vec<String> = Vec::new();
        for (line, _) in &self.lines {
            let text = text(line);
            if !text.is_empty() && !texts.contains(&text) {
                texts.push(text);
            }
        }
        match texts.len() {
            0..=3 => filled(texts.join("、")),
            all => filled(format!("{} 等 {all} 种", texts[..3].join("、"))),
        }
    }

    /// What the line says of its item, else what the catalogue says.
    fn of_item(&self, line: &Line, said: &str, catalogue: impl Fn(&Item) -> &String) -> String {
        let listed = || self.facts.item(&line.code).map(|item| catalogue(item).clone());
        if said.is_empty() { listed().unwrap_or_default() } else { said.to_owned() }
    }

    fn sum(&self, of: impl Fn(&Line) -> i64) -> Option<i64> {
        (!self.lines.is_empty()).then(|| self.lines.iter().map(|(line, _)| of(line)).sum())
    }

    /// 全额 where all that is in scope of the offending lines is at risk, else 超出部分.
    fn part(&self) -> &'static str {
        let scope = self.sum(|line| line.scope.0);
        match (self.finding.amount, scope) {
            (None, _) => "不计金额",
            (Some(amount), Some(scope)) if amount < scope => "超出部分",
            (Some(_), Some(_)) => "全额",
            (Some(_), None) => "",
        }
    }

    /// Age in years on the day of the finding.
    fn age(&self) -> Option<i64> {
        let person = self.person?;
        let Some(birth) = person.birth.and_then(|birth| i32::try_from(birth).ok()) else { return person.age.parse().ok() };
        let (by, bm, bd) = day::to_ymd(birth);
        let (y, m, d) = day::to_ymd(day::day_of(self.finding.last_time?));
        Some(i64::from(y - by - i32::from((m, d) < (bm, bd))))
    }

    fn person_text(&self, of: impl Fn(&Person) -> &String, mask: fn(&str) -> String) -> Cell {
        let text = self.person.map(|person| of(person).as_str()).unwrap_or_default();
        filled(if self.unmask { text.to_owned() } else { mask(text) })
    }
}

fn filled(text: impl Into<String>) -> Cell {
    let text = text.into();
    if text.is_empty() { Cell::Empty } else { Cell::Text(text) }
}

fn optional(text: &Option<String>) -> Cell {
    text.as_ref().map_or(Cell::Empty, filled)
}

fn money(amount: Option<i64>) -> Cell {
    amount.map_or(Cell::Empty, |fen| Cell::Money(Fen(fen)))
}

fn whole(number: Option<i64>) -> Cell {
    number.map_or(Cell::Empty, |number| Cell::Number(number, 1))
}

const fn column(title: &'static str, width: f64, make: fn(&Row<'_>) -> Cell) -> Column {
    Column { title, width, make }
}

/// The list's columns, in order.
pub const COLUMNS: &[Column] = &[
    column("疑点编号", 14.0, |row| filled(row.finding.finding_id.as_str())),
    column("系统判别", 9.0, |row| filled(row.finding.result.as_str())),
    column("分区", 8.0, |row| filled(codes::band(&row.finding.band))),
    column("规则编号", 9.0, |row| filled(row.finding.rule_id.as_str())),
    column("规则版本", 9.0, |row| whole(Some(i64::from(row.finding.rule_version)))),
    column("就医来源", 10.0, |row| filled(codes::care(row.med_type()))),
    column("项目来源", 10.0, |row| row.of_lines(|line| codes::item_kind(&line.code).to_owned())),
    column("线索来源", 10.0, |_| filled("规则筛查")),
    column("问题类型", 22.0, |row| filled(row.rules.title(&row.finding.rule_id))),
    column("问题情形", 60.0, |row| filled(row.finding.text.as_str())),
    column("问题性质", 12.0, |row| filled(row.finding.kind.as_str())),
    column("问题数量", 10.0, |row| row.sum(|line| line.count).map_or(Cell::Empty, |count| Cell::Number(count, QUANTITY_SCALE))),
    column("问题金额", 13.0, |row| money(row.finding.amount)),
    column("超出部分/全额", 13.0, |row| filled(row.part())),
    column("其中统筹基金", 13.0, |row| money(row.finding.fund_amount)),
    column("其中个人账户", 13.0, |row| money(row.finding.acct_amount)),
    column("一笔钱只计一次", 14.0, |row| money(row.finding.cluster_amount)),
    column("牵头", 6.0, |row| filled(if row.finding.leads { "是" } else { "" })),
    column("同一笔钱的牵头疑点", 14.0, |row| filled(row.finding.cluster_id.as_str())),
    column("机构编码", 15.0, |row| optional(&row.finding.fixmedins_code)),
    column("机构名称", 22.0, |row| {
        row.facts.institution(row.finding.fixmedins_code.as_ref()).map_or(Cell::Empty, |institution| filled(institution.name.as_str()))
    }),
    column("机构等级", 10.0, |row| {
        row.facts
            .institution(row.finding.fixmedins_code.as_ref())
            .map_or(Cell::Empty, |institution| filled(codes::level(&institution.level)))
    }),
    column("科室", 14.0, |row| match row.of_lines(|line| line.dept.clone()) {
        Cell::Empty => row.facts.visit(row.finding.mdtrt_id.as_ref()).map_or(Cell::Empty, |visit| filled(visit.dept.as_str())),
        cell => cell,
    }),
    column("医生", 12.0, |row| match row.of_lines(|line| line.doctor.clone()) {
        Cell::Empty => {
            let visit = row.facts.visit(row.finding.mdtrt_id.as_ref());
            visit
                .map(|visit| filled(visit.doctor.as_str()))
                .filter(|cell| *cell != Cell::Empty)
                .unwrap_or_else(|| optional(&row.finding.bilg_dr_code))
        }
        cell => cell,
    }),
    column("身份证号", 20.0, |row| row.person_text(|person| &person.certno, mask::certificate)),
    column("姓名", 10.0, |row| row.person_text(|person| &person.name, mask::name)),
    column("人员编号", 15.0, |row| optional(&row.finding.psn_no)),
    column("性别", 6.0, |row| row.person.map_or(Cell::Empty, |person| filled(codes::sex(&person.sex)))),
    column("年龄", 6.0, |row| whole(row.age())),
    column("就医日期", 12.0, |row| {
        let begin = row.facts.visit(row.finding.mdtrt_id.as_ref()).and_then(|visit| visit.begin);
        begin.or(row.finding.first_time).map_or(Cell::Empty, |time| filled(day::format_day(day::day_of(time))))
    }),
    column("就医天数", 9.0, |row| whole(row.facts.visit(row.finding.mdtrt_id.as_ref()).and_then(|visit| visit.days))),
    column("疾病诊断", 24.0, |row| {
        row.facts.visit(row.finding.mdtrt_id.as_ref()).map_or(Cell::Empty, |visit| filled(visit.diagnosis.as_str()))
    }),
    column("分类", 12.0, |row| row.of_lines(|line| codes::charge(&line.charge).to_owned())),
    column("代码", 22.0, |row| row.of_lines(|line| line.code.clone())),
    column("名称", 26.0, |row| row.of_lines(|line| row.of_item(line, &line.name, |item| &item.name))),
    column("规格", 16.0, |row| row.of_lines(|line| row.of_item(line, &line.spec, |item| &item.spec))),
    column("单位", 8.0, |row| row.of_lines(|line| row.of_item(line, "", |item| &item.unit))),
    column("单价", 11.0, |row| {
        let prices: BTreeSet<i64> = row.lines.iter().map(|(line, _)| line.price).collect();
        match prices.len() {
            1 => prices.first().map_or(Cell::Empty, |&price| Cell::Number(price, PRICE_SCALE)),
            _ => Cell::Empty,
        }
    }),
    column("人次", 6.0, |row| {
        let visits: BTreeSet<&str> = row.lines.iter().map(|(line, _)| line.mdtrt_id.as_str()).collect();
        whole((!visits.is_empty()).then_some(visits.len() as i64))
    }),
    column("天数", 6.0, |row| {
        let days: BTreeSet<i32> = row.lines.iter().filter_map(|(line, _)| line.time.map(day::day_of)).collect();
        whole((!days.is_empty()).then_some(days.len() as i64))
    }),
    column("频次", 10.0, |row| row.of_lines(|line| line.frequency.clone())),
    column("剂量", 10.0, |row| row.of_lines(|line| line.dose.clone())),
    column("医疗金额", 13.0, |row| money(row.sum(|line| line.amount.0))),
    column("符合范围金额", 13.0, |row| money(row.sum(|line| line.scope.0))),
    column("医保支付", 13.0, |row| {
        let finding = row.finding;
        money(finding.fund_amount.map(|fund| fund + finding.acct_amount.unwrap_or(0)))
    }),
    column("支付日期", 12.0, |row| {
        let time = row.facts.settlement(row.finding.setl_id.as_ref()).and_then(|settlement| settlement.time);
        time.map_or(Cell::Empty, |time| filled(day::format_day(day::day_of(time))))
    }),
    column("首次时间", 19.0, |row| row.finding.first_time.map_or(Cell::Empty, |time| filled(columns::moment(time)))),
    column("末次时间", 19.0, |row| row.finding.last_time.map_or(Cell::Empty, |time| filled(columns::moment(time)))),
    column("就诊ID", 18.0, |row| optional(&row.finding.mdtrt_id)),
    column("结算ID", 18.0, |row| optional(&row.finding.setl_id)),
    column("依据", 40.0, |row| filled(row.rules.basis(&row.finding.rule_id))),
    column("知识点", 36.0, |row| filled(row.finding.points.join("；"))),
    column("计算值", 36.0, |row| filled(row.finding.values.join("；"))),
    column("证据表", 14.0, |row| filled(row.finding.evidence_table.as_str())),
    column("证据编号", 30.0, |row| filled(shortened(&row.finding.evidence.join(";")))),
    column("数据版本", 9.0, |row| whole(i64::try_from(row.finding.data_version).ok())),
    column("办理状态", 9.0, |_| filled("待初审")),
    column("办理期限", 11.0, |_| Cell::Empty),
];

/// A workbook's cell holds 32,767 characters; the CSV and Parquet exports hold all.
fn shortened(text: &str) -> String {
    const MOST: usize = 32_000;
    if text.len() <= MOST {
        return text.to_owned();
    }
    let cut: String = text.chars().take(MOST).collect();
    format!("{cut}…（其余见 CSV 或 Parquet 导出）")
}
