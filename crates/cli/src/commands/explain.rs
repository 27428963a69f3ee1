//! `mingjian explain`: one finding from end to end. The order never changes: conclusion, timeline with the evidence, rule, knowledge,
//! arithmetic, what speaks against it. What is told comes from [`mingjian_screening::explain`]; here it is set.

mod timeline;

use mingjian_model::{Fen, day};
use mingjian_rules::Rule;
use mingjian_screening::findings::FindingBook;
use mingjian_screening::{EvidenceLine, Explanation, Row};
use serde_json::{Map, Value, json};

use crate::args::Explain;
use crate::codes;
use crate::errors::Outcome;
use crate::findings::stream;
use crate::format::yuan;
use crate::output::{Context, Style};
use crate::table::{Align, Table, one_line, pad, wrap};
use crate::workspace::{log_access, open_existing, open_library};
use mingjian_people::mask;

pub fn run(arguments: &Explain, context: &mut Context) -> Outcome {
    let lake = open_existing(context)?;
    let (library, _) = open_library(context, None)?;
    let book = FindingBook::open(&lake, None)?;
    let told = mingjian_screening::explain(&lake, &library, &book, arguments.finding.trim(), arguments.days)?;
    if arguments.unmask {
        log_access(context, "explain --unmask", arguments.reason.as_deref().unwrap_or_default(), &told.finding.finding_id, 1)?;
    }
    let rule = library.rule(&told.finding.rule_id);
    if context.json {
        return context.json_value(&document(&told, rule, arguments.unmask));
    }
    conclusion(&told, arguments, context)?;
    if !told.timeline.is_empty() {
        timeline::tell(&told, arguments.all, context)?;
    }
    if told.timeline.is_empty() || !["fee_list_d", "mdtrt_d", "setl_d"].contains(&told.finding.evidence_table.as_str()) {
        evidence(&told, arguments.unmask, context)?;
    }
    rule_text(&told, rule, arguments, context)?;
    knowledge(&told, context)?;
    arithmetic(&told, context)?;
    against(&told, context)
}

/// A cell of a row as it may be shown.
fn shown(row: &Row, column: &str, unmask: bool) -> String {
    let text = row.get(column);
    match column {
        "psn_name" if !unmask => mask::name(text),
        "certno" | "tel" | "mdtrt_cert_no" if !unmask => mask::certificate(text),
        _ => one_line(text),
    }
}

/// The visit the finding names, else the first one marked.
fn own_visit(told: &Explanation) -> Option<&Row> {
    let of = |visit: &&mingjian_screening::VisitText| told.finding.mdtrt_id.as_deref() == Some(visit.visit.get("mdtrt_id"));
    let named = told.timeline.iter().find(of);
    named.or_else(|| told.timeline.iter().find(|visit| visit.marked)).map(|visit| &visit.visit)
}

fn joined<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ")
}

fn conclusion(told: &Explanation, arguments: &Explain, context: &mut Context) -> Outcome {
    let finding = &told.finding;
    let (style, mark) = if finding.result == "违规" { (Style::Red, "■ 违规") } else { (Style::Amber, "▲ 可疑") };
    let mark = context.paint(style, mark);
    let title = told.rule.as_ref().map_or(finding.rule_name.as_str(), |rule| rule.title.as_str());
    let title = context.paint(Style::Bold, format!("{} {title}", finding.rule_id));
    context.say(format!("{mark}  {title}（第 {} 版，{}，{}）", finding.rule_version, codes::band(&finding.band), finding.kind))?;
    paragraph(&finding.text, "", context)?;
    context.gap()?;
    let mut facts = vec![("编号", finding.finding_id.clone())];
    let visit = own_visit(told);
    if let Some(person) = &finding.psn_no {
        let of = |column: &str| visit.map(|visit| shown(visit, column, arguments.unmask)).unwrap_or_default();
        facts.push(("参保人", joined([person.as_str(), &of("psn_name"), codes::sex(&of("gend")), &of("brdy"), &of("certno")])));
    }
    if let Some(code) = &finding.fixmedins_code {
        let of =
            |column: &str| visit.or(told.evidence.first().map(|line| &line.row)).map(|row| shown(row, column, true)).unwrap_or_default();
        facts.push(("机构", joined([of("fixmedins_name").as_str(), code.as_str(), codes::level(&of("hosp_lv"))])));
    }
    if let (Some(visit), Some(_)) = (visit, &finding.mdtrt_id) {
        let of = |column: &str| shown(visit, column, true);
        let dept = Some(of("dscg_dept_name")).filter(|dept| !dept.is_empty()).unwrap_or_else(|| of("adm_dept_name"));
        let parts = [codes::care(&of("med_type")), codes::insurance(&of("insutype")), &dept, &of("chfpdr_name"), &of("dscg_maindiag_name")];
        facts.push(("就诊", joined(parts)));
    }
    facts.extend(finding.bilg_dr_code.clone().map(|doctor| ("医师", doctor)));
    let times: Vec<String> = [finding.first_time, finding.last_time].into_iter().flatten().map(crate::columns::moment).collect();
    facts.push(("时间", if times.first() == times.last() { times.into_iter().next().unwrap_or_default() } else { times.join(" 至 ") }));
    facts.push(("数据版本", format!("{}  规则库 {}", finding.data_version, finding.rule_set_hash.get(..12).unwrap_or_default())));
    for (name, value) in facts {
        let name = context.paint(Style::Dim, pad(name, 10, false));
        context.say(format!("{name}{value}"))?;
    }
    Ok(())
}

fn section(title: &str, context: &mut Context) -> Outcome {
    context.gap()?;
    context.heading(format!("▌ {title}"))
}

/// Text wrapped to the terminal, indented.
fn paragraph(text: &str, indent: &str, context: &mut Context) -> Outcome {
    let room = context.room.unwrap_or(120).saturating_sub(indent.len()).clamp(40, 120);
    for line in text.trim().lines().flat_map(|line| wrap(line, room)) {
        context.say(format!("{indent}{line}"))?;
    }
    Ok(())
}

/// Columns worth showing of evidence that stands outside a person's timeline, in this order.
const TELLING: &[&str] = &[
    "setl_time",
    "sel_retn_time",
    "begntime",
    "endtime",
    "fee_ocur_time",
    "psn_no",
    "psn_name",
    "fixmedins_code",
    "med_type",
    "drug_trac_codg",
    "fixmedins_hilist_name",
    "medins_list_name",
    "sel_retn_cnt",
    "cnt",
    "medfee_sumamt",
    "fund_pay_sumamt",
    "det_item_fee_sumamt",
    "setl_id",
];

fn evidence(told: &Explanation, unmask: bool, context: &mut Context) -> Outcome {
    let national = mingjian_model::schema::table(&told.finding.evidence_table);
    let title = national.map_or(told.finding.evidence_table.as_str(), |table| table.title);
    section(&format!("证据：{title} {} 行", told.finding.evidence.len()), context)?;
    let has = |column: &&&str| told.evidence.iter().any(|line| !line.row.get(column).is_empty());
    let columns: Vec<&str> = TELLING.iter().filter(has).copied().collect();
    let title = |column: &&str| national.and_then(|table| table.column(column)).map_or("", |column| column.title);
    let titles: Vec<(&'static str, Align)> =
        std::iter::once(("编号", Align::Left)).chain(columns.iter().map(|column| (title(column), Align::Left))).collect();
    let mut table = Table::new(&titles);
    for line in &told.evidence {
        let cells = columns.iter().map(|column| shown(&line.row, column, unmask));
        table.row(std::iter::once(line.id.clone()).chain(cells));
    }
    context.table(&table)?;
    if told.evidence_hidden > 0 {
        context.say(format!("……还有 {} 行", told.evidence_hidden))?;
    }
    Ok(())
}

/// Lines of a rule's logic that are shown; SQL may be long.
const LOGIC_SHOWN: usize = 16;

fn rule_text(told: &Explanation, rule: Option<&Rule>, arguments: &Explain, context: &mut Context) -> Outcome {
    section("规则怎么说", context)?;
    let (Some(text), Some(rule)) = (&told.rule, rule) else {
        return context.say(format!("规则库里已经没有 {}。", told.finding.rule_id));
    };
    if text.version != told.finding.rule_version {
        let line = format!("注意：疑点按第 {} 版作出，规则库现在是第 {} 版，以下是现在的文字。", told.finding.rule_version, text.version);
        let line = context.paint(Style::Amber, line);
        context.say(line)?;
    }
    paragraph(&text.text, "", context)?;
    let logic = logic(rule);
    let fits = if arguments.all || logic.len() <= LOGIC_SHOWN { logic.len() } else { LOGIC_SHOWN };
    for line in &logic[..fits] {
        let line = context.paint(Style::Dim, format!("  │ {line}"));
        context.say(line)?;
    }
    if fits < logic.len() {
        let line = context.paint(Style::Dim, format!("  │ …… 还有 {} 行，全文见 mingjian rules show {}", logic.len() - fits, rule.id));
        context.say(line)?;
    }
    text.basis.iter().try_for_each(|basis| context.say(format!("依据：{basis}")))
}

/// The lines inside the rule's ```` ```rule ```` and ```` ```sql ```` blocks.
pub fn logic(rule: &Rule) -> Vec<String> {
    let mut inside = false;
    let mut lines = Vec::new();
    for line in rule.source_text().lines() {
        match line.trim_start().strip_prefix("```") {
            Some("rule" | "sql") => inside = true,
            Some(_) => inside = false,
            None if inside => lines.push(line.trim_end().to_owned()),
            None => {}
        }
    }
    lines
}

/// How many knowledge points are written out; the rest by label.
const POINTS_SHOWN: usize = 10;

fn knowledge(told: &Explanation, context: &mut Context) -> Outcome {
    if told.points.is_empty() {
        return Ok(());
    }
    section("知识点（有效期内）", context)?;
    for point in told.points.iter().take(POINTS_SHOWN) {
        context.say(format!("· {}", point.label.replace(" [–]", " [不限期]")))?;
        let hidden = ["point", "codes", "part_codes", "valid", "valid_from", "valid_to", "supersedes"];
        let mut cells: Vec<String> = Vec::new();
        for (name, cell) in point.cells.iter().filter(|(name, cell)| !cell.is_empty() && !hidden.contains(&name.as_str())) {
            let text = format!("{} {cell}", column_title(name));
            if !cells.contains(&text) {
                cells.push(text);
            }
        }
        if !cells.is_empty() {
            paragraph(&cells.join("；"), "    ", context)?;
        }
        let origin = context.paint(Style::Dim, format!("    {}，来源：{}", point.table_title, point.origin));
        context.say(origin)?;
    }
    if told.points.len() > POINTS_SHOWN {
        context.say(format!("……还有 {} 个知识点", told.points.len() - POINTS_SHOWN))?;
    }
    Ok(())
}

fn column_title(name: &str) -> &str {
    match name {
        "name" => "名称",
        "part_name" => "从项",
        "basis" => "依据",
        "window" => "频度",
        "sex" => "性别",
        "days" => "天数",
        "limit" => "上限",
        name => name,
    }
}

fn arithmetic(told: &Explanation, context: &mut Context) -> Outcome {
    section("怎么算的", context)?;
    let values: Vec<String> = told.finding.values.iter().map(|value| one_line(value.strip_prefix("k.").unwrap_or(value))).collect();
    if !values.is_empty() {
        paragraph(&format!("计算值：{}", values.join("；")), "", context)?;
    }
    let mut table = Table::new(&[
        ("项目", Align::Flexible),
        ("数量", Align::Right),
        ("单价", Align::Right),
        ("金额", Align::Right),
        ("范围内", Align::Right),
        ("计入问题金额", Align::Right),
    ]);
    const SHOWN: usize = 30;
    let offending: Vec<&EvidenceLine> = told.evidence.iter().filter(|line| line.amount.is_some_and(|fen| fen != 0)).collect();
    for line in offending.iter().take(SHOWN) {
        let of = |column: &str| line.row.get(column).to_owned();
        let at_risk = yuan(Fen(line.amount.unwrap_or(0)));
        table.row([
            item_name(&line.row),
            of("cnt"),
            of("pric"),
            money(&line.row, "det_item_fee_sumamt"),
            money(&line.row, "inscp_amt"),
            at_risk,
        ]);
    }
    if told.finding.evidence_table == "fee_list_d" && !table.is_empty() {
        context.table(&table)?;
        if offending.len() > SHOWN {
            context.say(format!("……还有 {} 行", offending.len() - SHOWN))?;
        }
    }
    for step in &told.arithmetic {
        paragraph(step, "", context)?;
    }
    Ok(())
}

/// A money cell as yuan with separators; empty where it is.
fn money(row: &Row, column: &str) -> String {
    mingjian_model::parse_scaled(row.get(column), 2).map(|fen| yuan(Fen(fen))).unwrap_or_default()
}

fn item_name(row: &Row) -> String {
    let names = ["medins_list_name", "hilist_name", "med_list_codg"].map(|column| row.get(column));
    one_line(names.into_iter().find(|name| !name.is_empty()).unwrap_or_default())
}

fn against(told: &Explanation, context: &mut Context) -> Outcome {
    section("不利于认定的", context)?;
    let finding = &told.finding;
    if finding.band == "watch" {
        context.say("· 在观察区：贴近门槛或口径有争议，一般不单独处理。")?;
    }
    if finding.result == "可疑" {
        context.say("· 结果是可疑：要听机构说明、看病历才能定。")?;
    }
    if told.evidence.iter().any(|line| line.row.cells.is_empty()) {
        context.say("· 有的证据行在数据湖里已经找不到（可能被更正）。")?;
    }
    if !told.cluster.is_empty() {
        let others =
            told.cluster.iter().take(6).map(|other| format!("{} {}", other.rule_id, other.finding_id.get(..12).unwrap_or_default()));
        let role = if finding.leads { "由本条牵头，只计一次" } else { "由别的疑点牵头，本条的钱不再计" };
        context.say(format!("· 同一笔钱还有 {} 条疑点（{role}）：{}", told.cluster.len(), others.collect::<Vec<_>>().join("、")))?;
    }
    if let Some(rule) = &told.rule {
        context.say("· 这条规则已知的误报与可以申辩的情形：")?;
        paragraph(&rule.misfires, "    ", context)?;
    }
    Ok(())
}

fn document(told: &Explanation, rule: Option<&Rule>, unmask: bool) -> Value {
    let row = |row: &Row| -> Value {
        row.cells.iter().map(|(name, _)| ((*name).to_owned(), json!(shown(row, name, unmask)))).collect::<Map<_, _>>().into()
    };
    let marked = |rows: &[mingjian_screening::Marked]| -> Vec<Value> {
        rows.iter().map(|marked| json!({ "marked": marked.marked, "row": row(&marked.row) })).collect()
    };
    let timeline = told.timeline.iter().map(|visit| {
        json!({
            "marked": visit.marked, "visit": row(&visit.visit), "settlements": marked(&visit.settlements), "diagnoses": marked(&visit.diagnoses),
            "lines": marked(&visit.lines),
        })
    });
    let evidence = told.evidence.iter().map(|line| json!({ "id": line.id, "amount_fen": line.amount, "row": row(&line.row) }));
    let points = told.points.iter().map(|point| {
        let cells: Map<String, Value> = point.cells.iter().map(|(name, cell)| (name.clone(), json!(cell))).collect();
        json!({ "label": point.label, "table": point.table_title, "origin": point.origin, "cells": cells })
    });
    let rule_text = told.rule.as_ref().map(|text| {
        json!({
            "id": text.id, "version": text.version, "title": text.title, "text": text.text, "misfires": text.misfires, "basis": text.basis,
            "logic": rule.map(|rule| logic(rule).join("\n")),
        })
    });
    json!({
        "finding": stream::object(&told.finding),
        "rule": rule_text,
        "points": points.collect::<Vec<_>>(),
        "evidence": evidence.collect::<Vec<_>>(),
        "evidence_hidden": told.evidence_hidden,
        "timeline": timeline.collect::<Vec<_>>(),
        "arithmetic": told.arithmetic,
        "same_money": told.cluster.iter().map(|other| &other.finding_id).collect::<Vec<_>>(),
        "explained_at": day::format_moment(crate::workspace::now()),
    })
}
