//! The workbook of 疑点清单: the list, two summaries, and a page that says how it was made.

use std::path::Path;

use mingjian_model::{Fen, QUANTITY_SCALE};
use mingjian_screening::Finding;
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

use super::RuleBook;
use super::facts::Facts;
use super::list::{COLUMNS, Cell, Row};
use super::summary::{by_item, by_kind};
use crate::cells::defuse;
use crate::errors::{During, Failure, Outcome};
use crate::progress::Bar;

/// Rows a sheet of the format can hold, its header included.
const ROWS_MAX: usize = 1_048_576;

/// Writes the workbook. `about` are lines for its first page: name and value.
pub fn write(
    path: &Path,
    findings: &[Finding],
    facts: &Facts,
    rules: &RuleBook<'_>,
    unmask: bool,
    about: &[(String, String)],
    bar: &Bar,
) -> Outcome {
    if findings.len() >= ROWS_MAX {
        return Err(Failure::new(format!("疑点有 {} 条，一张工作表最多 {} 条", findings.len(), ROWS_MAX - 1))
            .advise("用筛选分成几份（如 --rule、--institution、--from、--to），或导出 --format csv、parquet"));
    }
    let mut workbook = Workbook::new();
    let styles = Styles::new();
    list_sheet(workbook.add_worksheet_with_low_memory()?, findings, facts, rules, unmask, &styles, bar)?;
    kind_sheet(workbook.add_worksheet(), findings, rules, &styles)?;
    item_sheet(workbook.add_worksheet(), findings, facts, &styles)?;
    about_sheet(workbook.add_worksheet(), about, &styles)?;
    workbook.save(path).map_err(failed).during(|| format!("写不成 {}", path.display()))
}

/// The library's own wording for a full or read-only disk comes through as its source.
fn failed(error: XlsxError) -> Failure {
    match error {
        XlsxError::IoError(error) => error.into(),
        error => error.into(),
    }
}

struct Styles {
    title: Format,
    text: Format,
    money: Format,
    number: Format,
    whole: Format,
    total: Format,
    total_money: Format,
    violation: Format,
    suspect: Format,
}

impl Styles {
    fn new() -> Styles {
        let plain = || Format::new().set_font_name("微软雅黑").set_font_size(10).set_align(FormatAlign::VerticalCenter);
        let total = || plain().set_bold().set_border_top(FormatBorder::Thin);
        Styles {
            title: plain().set_bold().set_background_color(Color::RGB(0xE9_EE_F5)).set_border_bottom(FormatBorder::Thin).set_text_wrap(),
            text: plain(),
            money: plain().set_num_format("#,##0.00"),
            number: plain().set_num_format("#,##0.####"),
            whole: plain().set_num_format("#,##0"),
            total: total(),
            total_money: total().set_num_format("#,##0.00"),
            violation: plain().set_font_color(Color::RGB(0xB4_23_18)).set_bold(),
            suspect: plain().set_font_color(Color::RGB(0x8F_4A_03)),
        }
    }
}

fn list_sheet(
    sheet: &mut Worksheet,
    findings: &[Finding],
    facts: &Facts,
    rules: &RuleBook<'_>,
    unmask: bool,
    styles: &Styles,
    bar: &Bar,
) -> Outcome {
    sheet.set_name("疑点清单")?;
    for (column, at) in COLUMNS.iter().zip(0u16..) {
        sheet.set_column_width(at, column.width)?;
        sheet.write_string_with_format(0, at, column.title, &styles.title)?;
    }
    sheet.set_freeze_panes(1, 2)?;
    for (finding, at) in findings.iter().zip(1u32..) {
        for (cell, column) in Row::new(finding, facts, rules, unmask).cells().zip(0u16..) {
            write_cell(sheet, at, column, &cell, styles)?;
        }
        bar.set(f64::from(at) / findings.len() as f64, u64::from(at));
    }
    sheet.autofilter(0, 0, findings.len() as u32, (COLUMNS.len() - 1) as u16)?;
    Ok(())
}

fn write_cell(sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell, styles: &Styles) -> Outcome {
    match cell {
        Cell::Empty => {}
        Cell::Text(text) => {
            let style = match text.as_str() {
                "违规" => &styles.violation,
                "可疑" => &styles.suspect,
                _ => &styles.text,
            };
            sheet.write_string_with_format(row, column, defuse(text).as_ref(), style)?;
        }
        Cell::Money(amount) => {
            sheet.write_number_with_format(row, column, yuan(*amount), &styles.money)?;
        }
        Cell::Number(value, unit) => {
            let style = if value % unit == 0 { &styles.whole } else { &styles.number };
            sheet.write_number_with_format(row, column, *value as f64 / *unit as f64, style)?;
        }
    }
    Ok(())
}

/// A workbook knows only floating numbers; below 9×10¹³ yuan two decimals come back exactly.
fn yuan(amount: Fen) -> f64 {
    amount.0 as f64 / 100.0
}

fn titles(sheet: &mut Worksheet, name: &str, titles: &[(&str, f64)], styles: &Styles) -> Outcome {
    sheet.set_name(name)?;
    for ((title, width), at) in titles.iter().zip(0u16..) {
        sheet.set_column_width(at, *width)?;
        sheet.write_string_with_format(0, at, *title, &styles.title)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

fn kind_sheet(sheet: &mut Worksheet, findings: &[Finding], rules: &RuleBook<'_>, styles: &Styles) -> Outcome {
    const TITLES: &[(&str, f64)] = &[
        ("问题性质", 16.0),
        ("规则编号", 10.0),
        ("问题类型", 34.0),
        ("疑点数", 10.0),
        ("其中违规", 10.0),
        ("人数", 10.0),
        ("机构数", 10.0),
        ("问题金额（元）", 16.0),
        ("其中统筹基金（元）", 18.0),
        ("一笔钱只计一次（元）", 20.0),
    ];
    titles(sheet, "按问题性质与类型", TITLES, styles)?;
    let kinds = by_kind(findings, rules);
    let mut at = 1;
    for ((kind, rule, title), sums) in &kinds {
        for (text, column) in [*kind, *rule, title].into_iter().zip(0u16..) {
            sheet.write_string_with_format(at, column, defuse(text).as_ref(), &styles.text)?;
        }
        let counts = [sums.findings, sums.violations, sums.persons() as u64, sums.institutions() as u64];
        for (count, column) in counts.into_iter().zip(3u16..) {
            sheet.write_number_with_format(at, column, count as f64, &styles.whole)?;
        }
        for (amount, column) in [sums.amount, sums.fund, sums.once].into_iter().zip(7u16..) {
            sheet.write_number_with_format(at, column, yuan(amount), &styles.money)?;
        }
        at += 1;
    }
    sheet.write_string_with_format(at, 0, "合计", &styles.total)?;
    for column in [1, 2, 4, 5, 6] {
        sheet.write_blank(at, column, &styles.total)?;
    }
    sheet.write_number_with_format(at, 3, findings.len() as f64, &styles.total)?;
    let total = |of: fn(&super::summary::OfKind<'_>) -> Fen| kinds.values().map(of).sum::<Fen>();
    for (amount, column) in [total(|kind| kind.amount), total(|kind| kind.fund), total(|kind| kind.once)].into_iter().zip(7u16..) {
        sheet.write_number_with_format(at, column, yuan(amount), &styles.total_money)?;
    }
    sheet.autofilter(0, 0, at.saturating_sub(1), (TITLES.len() - 1) as u16)?;
    Ok(())
}

fn item_sheet(sheet: &mut Worksheet, findings: &[Finding], facts: &Facts, styles: &Styles) -> Outcome {
    const TITLES: &[(&str, f64)] = &[
        ("项目名称", 34.0),
        ("规格", 20.0),
        ("代码", 26.0),
        ("项目来源", 10.0),
        ("单位", 10.0),
        ("人数", 10.0),
        ("疑点数", 10.0),
        ("数量", 12.0),
        ("问题金额（元，同一行只计一次）", 24.0),
    ];
    titles(sheet, "按项目", TITLES, styles)?;
    let items = by_item(findings, facts);
    let mut rows: Vec<_> = items.iter().collect();
    rows.sort_by(|(a_key, a), (b_key, b)| b.amount.cmp(&a.amount).then_with(|| a_key.cmp(b_key)));
    rows.truncate(ROWS_MAX - 2);
    let mut at = 1;
    for ((name, spec, code), sums) in rows {
        for (text, column) in [*name, *spec, *code, sums.kind, &sums.unit].into_iter().zip(0u16..) {
            sheet.write_string_with_format(at, column, defuse(text).as_ref(), &styles.text)?;
        }
        sheet.write_number_with_format(at, 5, sums.persons() as f64, &styles.whole)?;
        sheet.write_number_with_format(at, 6, sums.findings as f64, &styles.whole)?;
        sheet.write_number_with_format(at, 7, sums.count as f64 / QUANTITY_SCALE as f64, &styles.number)?;
        sheet.write_number_with_format(at, 8, yuan(sums.amount), &styles.money)?;
        at += 1;
    }
    sheet.autofilter(0, 0, at.saturating_sub(1), (TITLES.len() - 1) as u16)?;
    Ok(())
}

fn about_sheet(sheet: &mut Worksheet, about: &[(String, String)], styles: &Styles) -> Outcome {
    sheet.set_name("说明")?;
    sheet.set_column_width(0, 18.0)?;
    sheet.set_column_width(1, 110.0)?;
    for ((name, value), at) in about.iter().zip(0u32..) {
        sheet.write_string_with_format(at, 0, name, &styles.title)?;
        sheet.write_string_with_format(at, 1, defuse(value).as_ref(), &styles.text)?;
    }
    Ok(())
}
