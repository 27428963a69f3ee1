//! The timeline: visits around the finding in order, their lines with the evidence marked, what has nothing to do with it folded.

use std::collections::HashMap;

use mingjian_model::{Fen, parse_scaled};
use mingjian_screening::{Explanation, Marked, Row, VisitText};

use super::{item_name, joined, section};
use crate::codes;
use crate::errors::Outcome;
use crate::format::{count, yuan};
use crate::output::{Context, Style};
use crate::table::{Align, Table, one_line};

pub fn tell(told: &Explanation, all: bool, context: &mut Context) -> Outcome {
    section("时间线（■ 计入金额，□ 证据）", context)?;
    let amounts: HashMap<(&str, &str), Fen> = told
        .evidence
        .iter()
        .filter_map(|line| Some(((line.row.get("mdtrt_id"), line.row.get("bkkp_sn")), Fen(line.amount.filter(|fen| *fen != 0)?))))
        .collect();
    for visit in &told.timeline {
        let speaks = visit.marked || [&visit.lines, &visit.settlements].into_iter().flatten().any(|row| row.marked);
        head(visit, speaks, told, context)?;
        if all || visit.lines.iter().any(|line| line.marked) {
            lines(&visit.lines, &amounts, all, context)?;
        } else if !visit.lines.is_empty() {
            let total: Fen = visit.lines.iter().map(|line| money(&line.row, "det_item_fee_sumamt")).sum();
            let folded = context.paint(Style::Dim, format!("    {} 行明细，{} 元", visit.lines.len(), yuan(total)));
            context.say(folded)?;
        }
    }
    Ok(())
}

fn money(row: &Row, column: &str) -> Fen {
    Fen(parse_scaled(row.get(column), 2).unwrap_or(0))
}

/// `2025-03-05 09:00:00` without the seconds, and without a midnight that is no time.
fn short(time: &str) -> &str {
    match time.split_once(' ') {
        Some((day, "00:00:00")) => day,
        _ => time.get(..16).unwrap_or(time),
    }
}

fn head(visit: &VisitText, speaks: bool, told: &Explanation, context: &mut Context) -> Outcome {
    let row = &visit.visit;
    let of = |column: &str| one_line(row.get(column));
    let (begin, end) = (of("begntime"), of("endtime"));
    let stay = codes::is_stay(row.get("med_type")) && !end.is_empty();
    let times = if stay { format!("{} 至 {}", short(&begin), short(&end)) } else { short(&begin).to_owned() };
    let institution = Some(of("fixmedins_name")).filter(|name| !name.is_empty()).unwrap_or_else(|| of("fixmedins_code"));
    let dept = Some(of("dscg_dept_name")).filter(|dept| !dept.is_empty()).unwrap_or_else(|| of("adm_dept_name"));
    let diagnosis = Some(of("dscg_maindiag_name")).filter(|name| !name.is_empty()).unwrap_or_else(|| first_diagnosis(visit));
    let text = joined([times.as_str(), codes::care(row.get("med_type")), &institution, &dept, &of("chfpdr_name"), &diagnosis]);
    let text = if speaks { context.paint(Style::Bold, text) } else { text };
    let id = context.paint(Style::Dim, of("mdtrt_id"));
    context.say(format!("{} {text}  {id}", if speaks { "●" } else { "○" }))?;
    if told.finding.evidence_table == "setl_d" {
        for settlement in visit.settlements.iter().filter(|settlement| settlement.marked) {
            let row = &settlement.row;
            let (charges, fund) = (yuan(money(row, "medfee_sumamt")), yuan(money(row, "fund_pay_sumamt")));
            let line = format!("  □ 结算 {} {}：总费用 {charges}，统筹 {fund}", short(row.get("setl_time")), row.get("setl_id"));
            let line = context.paint(Style::Blue, one_line(&line));
            context.say(line)?;
        }
    }
    Ok(())
}

fn first_diagnosis(visit: &VisitText) -> String {
    let main = visit.diagnoses.iter().find(|diagnosis| diagnosis.row.get("maindiag_flag") == "1").or(visit.diagnoses.first());
    main.map(|diagnosis| one_line(diagnosis.row.get("diag_name"))).unwrap_or_default()
}

/// Marked lines with two neighbours on each side; the rest is folded into rows that say how much.
fn lines(lines: &[Marked], amounts: &HashMap<(&str, &str), Fen>, all: bool, context: &mut Context) -> Outcome {
    const NEIGHBOURS: usize = 2;
    const SMALL: usize = 12;
    let near = |at: usize| {
        let window = &lines[at.saturating_sub(NEIGHBOURS)..(at + NEIGHBOURS + 1).min(lines.len())];
        all || lines.len() <= SMALL || window.iter().any(|line| line.marked)
    };
    let mut table = Table::new(&[
        ("", Align::Left),
        ("时间", Align::Left),
        ("项目", Align::Flexible),
        ("编码", Align::Left),
        ("数量", Align::Right),
        ("金额", Align::Right),
        ("范围内", Align::Right),
        ("计入", Align::Right),
        ("开单", Align::Left),
    ]);
    let mut styles = vec![Style::Dim];
    let mut at = 0;
    while at < lines.len() {
        let folded = (at..lines.len()).take_while(|&at| !near(at)).count();
        if folded > 0 {
            let total: Fen = lines[at..at + folded].iter().map(|line| money(&line.row, "det_item_fee_sumamt")).sum();
            let text = format!("…… {} 行未涉及", count(folded as u64));
            table.row([String::new(), String::new(), text, String::new(), String::new(), yuan(total)]);
            styles.push(Style::Dim);
            at += folded;
            continue;
        }
        let (row, marked) = (&lines[at].row, lines[at].marked);
        let amount = amounts.get(&(row.get("mdtrt_id"), row.get("bkkp_sn"))).filter(|_| marked);
        let (sign, style) = match (marked, amount) {
            (true, Some(_)) => ("  ■", Style::Red),
            (true, None) => ("  □", Style::Blue),
            (false, _) => ("", Style::Dim),
        };
        styles.push(style);
        let doctor = ["bilg_dr_name", "bilg_dr_code"].map(|column| row.get(column)).into_iter().find(|name| !name.is_empty());
        table.row([
            sign.to_owned(),
            short(row.get("fee_ocur_time")).to_owned(),
            item_name(row),
            row.get("med_list_codg").to_owned(),
            row.get("cnt").to_owned(),
            super::money(row, "det_item_fee_sumamt"),
            super::money(row, "inscp_amt"),
            amount.map(|amount| yuan(*amount)).unwrap_or_default(),
            doctor.unwrap_or_default().to_owned(),
        ]);
        at += 1;
    }
    for (line, style) in table.lines(context.room).into_iter().zip(styles) {
        let line = context.paint(style, line);
        context.say(line)?;
    }
    Ok(())
}
