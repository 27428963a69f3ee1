//! `mingjian findings`: chosen findings as a table, CSV, JSON, workbook or Parquet.

use std::collections::BTreeMap;
use std::path::Path;

use arrow::array::BooleanArray;
use arrow::compute::filter_record_batch;
use mingjian_lake::Snapshot;
use mingjian_model::Fen;
use mingjian_screening::{Finding, findings_schema, read_batch};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use serde_json::json;

use crate::args::{Findings, FindingsFormat, Sort};
use crate::cells;
use crate::columns::moment;
use crate::errors::{During, Failure, Outcome};
use crate::findings::facts::Facts;
use crate::findings::select::{self, Chosen};
use crate::findings::{RuleBook, stream, workbook};
use crate::format::{count, money, yuan};
use crate::output::{Context, Style};
use crate::progress::Bar;
use crate::table::{Align, Table};
use crate::workspace::{self, half_path, log_access, open_library, open_snapshot, write_file};

pub fn run(arguments: &Findings, context: &mut Context) -> Outcome {
    let format = format_of(arguments, context)?;
    let snapshot = open_snapshot(context, arguments.as_of)?;
    let chosen = Chosen::new(&arguments.filter, &snapshot)?;
    let sort = arguments.sort.or_else(|| (format == FindingsFormat::Table || arguments.ids).then_some(Sort::Amount));
    let top = arguments.top.or_else(|| (format == FindingsFormat::Table && !arguments.ids).then_some(30));
    if format == FindingsFormat::Parquet {
        return parquet(arguments, &snapshot, &chosen, context);
    }
    let mut found = select::all(&snapshot, &chosen)?;
    let total = Total::of(&found);
    if let Some(sort) = sort {
        select::sort(&mut found, sort);
    }
    found.truncate(top.unwrap_or(usize::MAX));
    if arguments.ids {
        return found.iter().try_for_each(|finding| context.say(&finding.finding_id));
    }
    match format {
        FindingsFormat::Table => table(&found, &total, &snapshot, context),
        FindingsFormat::Csv => csv(arguments.out.as_deref(), &found, context),
        FindingsFormat::Json => json_document(arguments.out.as_deref(), &found, &total, context),
        FindingsFormat::Xlsx => xlsx(arguments, &found, &total, &snapshot, &chosen, context),
        FindingsFormat::Parquet => Ok(()),
    }
}

/// Given, else by the file's name, else a table (JSON with `--json`).
fn format_of(arguments: &Findings, context: &Context) -> Outcome<FindingsFormat> {
    let by_name = arguments.out.as_deref().and_then(Path::extension).and_then(|extension| extension.to_str());
    let format = match (arguments.format, by_name) {
        (Some(format), _) => format,
        (None, Some("csv")) => FindingsFormat::Csv,
        (None, Some("json")) => FindingsFormat::Json,
        (None, Some("xlsx")) => FindingsFormat::Xlsx,
        (None, Some("parquet")) => FindingsFormat::Parquet,
        (None, _) if arguments.out.is_some() => {
            return Err(Failure::wrong_use("看不出要写成哪种格式").advise("文件名以 .csv、.json、.xlsx 或 .parquet 结尾，或写 --format"));
        }
        (None, _) if context.json => FindingsFormat::Json,
        (None, _) => FindingsFormat::Table,
    };
    if arguments.out.is_none() && matches!(format, FindingsFormat::Xlsx | FindingsFormat::Parquet) {
        return Err(Failure::wrong_use("xlsx 和 parquet 要写到文件").advise("加上 --out，例如 --out 疑点清单.xlsx"));
    }
    if arguments.out.is_some() && format == FindingsFormat::Table {
        return Err(Failure::wrong_use("终端表格不写文件").advise("导出用 --format csv、json、xlsx 或 parquet"));
    }
    if arguments.unmask && format != FindingsFormat::Xlsx {
        return Err(Failure::wrong_use("--unmask 只用于 xlsx：其他格式里没有姓名和证件号码"));
    }
    Ok(format)
}

/// Sums over everything chosen, also what `--top` leaves out.
struct Total {
    findings: u64,
    violations: u64,
    amount: Fen,
    fund: Fen,
    once: Fen,
}

impl Total {
    fn of(findings: &[Finding]) -> Total {
        let sum = |of: fn(&Finding) -> Option<i64>| Fen(findings.iter().filter_map(of).sum());
        Total {
            findings: findings.len() as u64,
            violations: findings.iter().filter(|finding| finding.result == "违规").count() as u64,
            amount: sum(|finding| finding.amount),
            fund: sum(|finding| finding.fund_amount),
            once: sum(|finding| finding.cluster_amount),
        }
    }

    fn in_words(&self) -> String {
        format!(
            "{} 条疑点，其中违规 {}；逐条相加 {}，其中统筹 {}；一笔钱只计一次 {}",
            count(self.findings),
            count(self.violations),
            money(self.amount),
            money(self.fund),
            money(self.once)
        )
    }
}

fn table(found: &[Finding], total: &Total, snapshot: &Snapshot, context: &mut Context) -> Outcome {
    if found.is_empty() {
        return context.say("没有符合条件的疑点。");
    }
    let (library, _) = open_library(context, None)?;
    let rules = RuleBook::new(&library);
    let names = institution_names(snapshot)?;
    let wide = context.room.is_none_or(|room| room >= 130);
    let mut columns = vec![("编号", Align::Left), ("判别", Align::Left), ("规则", Align::Left)];
    if wide {
        columns.push(("名称", Align::Flexible));
    }
    columns.extend([("机构", Align::Flexible), ("末次时间", Align::Left), ("金额（元）", Align::Right), ("问题情形", Align::Flexible)]);
    let mut table = Table::new(&columns);
    for finding in found {
        let code = finding.fixmedins_code.clone().unwrap_or_default();
        let mark = if finding.band == "watch" { "观察" } else { finding.result.as_str() };
        let id = if context.room.is_some() {
            finding.finding_id.get(..12).unwrap_or(&finding.finding_id).to_owned()
        } else {
            finding.finding_id.clone()
        };
        let mut row = vec![id, mark.to_owned(), finding.rule_id.clone()];
        if wide {
            row.push(rules.title(&finding.rule_id));
        }
        row.extend([
            names.get(&code).cloned().unwrap_or(code),
            finding.last_time.map(moment).unwrap_or_default(),
            finding.amount.map_or_else(|| "—".to_owned(), |fen| yuan(Fen(fen))),
            finding.text.clone(),
        ]);
        table.row(row);
    }
    context.table(&table)?;
    let shown = if (found.len() as u64) < total.findings { format!("列出 {} 条，共 ", found.len()) } else { "共 ".to_owned() };
    let line = context.paint(Style::Bold, format!("{shown}{}", total.in_words()));
    context.say(line)?;
    context.remark("看一条的来龙去脉：mingjian explain <编号>；导出：mingjian findings --out 疑点清单.xlsx");
    Ok(())
}

fn institution_names(snapshot: &Snapshot) -> Outcome<BTreeMap<String, String>> {
    let mut names = BTreeMap::new();
    if snapshot.has_table("fixmedins_b") {
        for batch in snapshot.read_table("fixmedins_b", &["fixmedins_code", "fixmedins_name"])? {
            let rows = crate::columns::Rows::new(&batch);
            let (code, name) = (rows.column("fixmedins_code"), rows.column("fixmedins_name"));
            names.extend((0..rows.len()).map(|row| (code.text(row).to_owned(), name.text(row).to_owned())));
        }
    }
    Ok(names)
}

fn csv(out: Option<&Path>, found: &[Finding], context: &mut Context) -> Outcome {
    let write = |file: &mut (dyn std::io::Write + Send)| -> Outcome {
        file.write_all(cells::csv_line(stream::COLUMNS).as_bytes())?;
        for finding in found {
            file.write_all(stream::csv_line(finding).as_bytes())?;
        }
        Ok(())
    };
    match out {
        None => write(context.raw()),
        Some(out) => {
            write_file(out, write)?;
            wrote(out, found.len(), context)
        }
    }
}

fn json_document(out: Option<&Path>, found: &[Finding], total: &Total, context: &mut Context) -> Outcome {
    let write = |file: &mut (dyn std::io::Write + Send)| -> Outcome {
        let head = json!({
            "findings": total.findings, "violations": total.violations, "amount_fen": total.amount.0, "fund_amount_fen": total.fund.0,
            "amount_once_fen": total.once.0,
        });
        write!(file, "{{\n\"total\": {head},\n\"findings\": [")?;
        for (i, finding) in found.iter().enumerate() {
            write!(file, "{}\n{}", if i > 0 { "," } else { "" }, stream::object(finding))?;
        }
        file.write_all(b"\n]\n}\n")?;
        Ok(())
    };
    match out {
        None => write(context.raw()),
        Some(out) => {
            write_file(out, write)?;
            wrote(out, found.len(), context)
        }
    }
}

fn xlsx(arguments: &Findings, found: &[Finding], total: &Total, snapshot: &Snapshot, chosen: &Chosen, context: &mut Context) -> Outcome {
    let Some(out) = arguments.out.as_deref() else { return Ok(()) };
    let filter = chosen.in_words();
    if arguments.unmask {
        let reason = arguments.reason.as_deref().unwrap_or_default();
        log_access(context, "findings --unmask", reason, &filter, found.len())?;
    }
    let bar = Bar::new(context.progress, "取证据明细", "行");
    // Evidence is of the version that was screened; the newest is close when a vacuum has dropped it.
    let facts = Facts::gather(snapshot, found, &bar)?;
    let (library, _) = open_library(context, None)?;
    let rules = RuleBook::new(&library);
    let about = about(arguments, found, total, snapshot, &filter);
    bar.step("写工作簿");
    let half = half_path(out);
    let written = workbook::write(&half, found, &facts, &rules, arguments.unmask, &about, &bar);
    let written = written.and_then(|()| std::fs::rename(&half, out).during(|| format!("写不成 {}", out.display())));
    written.inspect_err(|_| drop(std::fs::remove_file(&half)))?;
    bar.clear();
    wrote(out, found.len(), context)
}

fn about(arguments: &Findings, found: &[Finding], total: &Total, snapshot: &Snapshot, filter: &str) -> Vec<(String, String)> {
    let hash = found.first().map(|finding| finding.rule_set_hash.clone()).unwrap_or_default();
    let masked = if arguments.unmask {
        format!("未遮盖；事由：{}（已记入访问记录）", arguments.reason.as_deref().unwrap_or_default())
    } else {
        "姓名、证件号码已遮盖".to_owned()
    };
    let lines = [
        ("清单", "医保基金智能筛查疑点清单".to_owned()),
        ("生成时间", mingjian_model::day::format_moment(workspace::now())),
        ("疑点所在版本", snapshot.version().to_string()),
        ("规则库指纹", hash),
        ("筛选", if filter.is_empty() { "全部".to_owned() } else { filter.to_owned() }),
        ("合计", total.in_words()),
        ("个人信息", masked),
        ("系统判别", "违规：规则写得明确、数据足以判断；可疑：要听机构说明、看病历才能定。系统判别不是处理决定。".to_owned()),
        ("分区", "核心区达到规则门槛；观察区贴近门槛或口径有争议，供参考。".to_owned()),
        ("问题金额", "违规部分在基金支付范围内的金额：整行违规算整行（全额），超量超价只算超出的部分。".to_owned()),
        ("其中统筹基金", "问题金额 × 该次结算统筹支付 ÷ 范围内金额；个人账户另列。".to_owned()),
        (
            "一笔钱只计一次",
            "几条规则指着同样的明细行时归为一簇，由一条牵头，整簇的钱只记在牵头的疑点上；把这一列相加才是不重复的总额。".to_owned(),
        ),
        ("医保支付", "其中统筹基金与其中个人账户之和。".to_owned()),
        ("天数、人次、数量", "按违规的明细行计。".to_owned()),
        ("办理状态、办理期限", "留给各地按办理流程填写。".to_owned()),
    ];
    lines.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The findings' own columns, unchanged, batch by batch; `--top` counts in the stored order.
fn parquet(arguments: &Findings, snapshot: &Snapshot, chosen: &Chosen, context: &mut Context) -> Outcome {
    let Some(out) = arguments.out.as_deref() else { return Ok(()) };
    if arguments.sort.is_some_and(|sort| sort != Sort::Rule) {
        return Err(Failure::wrong_use("parquet 按疑点表的次序导出，不能与 --sort 同时写"));
    }
    let schema = findings_schema();
    let columns: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let mut left = arguments.top.unwrap_or(usize::MAX);
    let mut rows = 0;
    write_file(out, |file| {
        let level = ZstdLevel::try_new(3)?;
        let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
        let mut writer = ArrowWriter::try_new(file, schema.clone(), Some(properties))?;
        for batch in snapshot.read_table("findings", &columns)? {
            let mut keep = Vec::with_capacity(batch.num_rows());
            for finding in read_batch(&batch)? {
                let kept = left > 0 && chosen.admits(&finding);
                left -= usize::from(kept);
                rows += usize::from(kept);
                keep.push(kept);
            }
            writer.write(&filter_record_batch(&batch, &BooleanArray::from(keep))?)?;
        }
        writer.close()?;
        Ok(())
    })?;
    wrote(out, rows, context)
}

fn wrote(out: &Path, rows: usize, context: &mut Context) -> Outcome {
    if context.json {
        return context.json_value(&json!({ "out": out, "findings": rows }));
    }
    context.say(format!("{} 条疑点 → {}", count(rows as u64), out.display()))
}
