//! The page itself: one HTML file, style and charts inside, nothing fetched from elsewhere, nobody named.

use std::fmt::Write as _;

use mingjian_model::{Fen, day};

use super::charts::{self, escape};
use super::figures::{Figures, Sums};
use crate::format::{count, headline, money, percent, yuan};
use crate::runs::Run;

const STYLE: &str = include_str!("style.css");

/// What the page needs besides the figures.
pub struct Setting<'s> {
    pub title: &'s str,
    /// Local time the page is made.
    pub made: String,
    /// Filter in words; empty where nothing is left out.
    pub filter: String,
    pub version: u64,
    /// Newest upload time of the data.
    pub newest_upload: Option<String>,
    /// Chinese title and rows of each table.
    pub tables: Vec<(String, u64)>,
    pub rejected: u64,
    pub run: Option<Run>,
    /// Title of a rule by its id.
    pub rule_title: &'s dyn Fn(&str) -> String,
    /// Name and level of an institution by its code.
    pub institution: &'s dyn Fn(&str) -> (String, &'static str),
}

/// Sets the page.
pub fn render(figures: &Figures, setting: &Setting<'_>) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
        escape(setting.title)
    );
    for part in [head, strip, lead, pictures, rules, institutions, months, coverage, data, reading] {
        part(&mut page, figures, setting);
    }
    let _ = writeln!(
        page,
        "<footer>明鉴 {} 生成。只含汇总数，不含个人信息；系统判别不是处理决定，认定以人工审核为准。</footer>\n</body>\n</html>",
        env!("CARGO_PKG_VERSION")
    );
    page
}

fn head(page: &mut String, figures: &Figures, setting: &Setting<'_>) {
    let period = match (figures.first, figures.last) {
        (Some(first), Some(last)) => format!("{} 至 {}", day::format_day(first), day::format_day(last)),
        _ => "无".to_owned(),
    };
    let mut meta =
        vec![format!("疑点期间 {period}"), format!("数据版本 {}", numbers(figures.data_versions.iter().copied(), setting.version))];
    meta.extend(setting.newest_upload.as_ref().map(|time| format!("数据截至 {time}")));
    if let Some(hash) = figures.rule_set_hashes.first() {
        meta.push(format!("规则库 {}", hash.get(..12).unwrap_or(hash)));
    }
    meta.push(format!("生成于 {}", setting.made));
    if !setting.filter.is_empty() {
        meta.push(format!("只看：{}", setting.filter));
    }
    let meta: String = meta.iter().map(|text| format!("<span>{}</span>", escape(text))).collect();
    let _ = writeln!(page, "<header><h1>{}</h1><p class=\"meta\">{meta}</p></header>", escape(setting.title));
}

fn numbers(versions: impl Iterator<Item = u64>, otherwise: u64) -> String {
    let texts: Vec<String> = versions.map(|version| version.to_string()).collect();
    if texts.is_empty() { otherwise.to_string() } else { texts.join("、") }
}

fn strip(page: &mut String, figures: &Figures, _: &Setting<'_>) {
    let sums = &figures.all.sums;
    let big = |amount: Fen| {
        let (number, unit) = headline(amount);
        format!("<div class=\"big\">{number}<small>{unit}</small></div>")
    };
    let _ = writeln!(
        page,
        "<section class=\"strip\" aria-label=\"总数\">\
         <div><div class=\"what\">疑点</div><div class=\"big\">{}<small>条</small></div><div class=\"note\">{} 条规则命中</div></div>\
         <div><div class=\"what\">涉及金额（一笔钱只计一次）</div>{}<div class=\"note\">逐条相加为 {}</div></div>\
         <div><div class=\"what\">逐条相加中的基金</div>{}<div class=\"note\">统筹 {}，个账 {}</div></div>\
         <div><div class=\"what\">系统判别 · 分区</div>{}{}</div>\
         <div><div class=\"what\">涉及机构</div><div class=\"big\">{}<small>家</small></div><div class=\"note\">参保人 {} 人</div></div></section>",
        count(sums.findings),
        figures.rules.len(),
        big(sums.once),
        money(sums.amount),
        big(sums.fund + sums.account),
        money(sums.fund),
        money(sums.account),
        charts::split([("v", "违规", sums.violations), ("s", "可疑", sums.suspects())]),
        charts::split([("c", "核心区", sums.findings - sums.watch), ("w", "观察区", sums.watch)]),
        count(figures.institutions.len() as u64),
        count(figures.all.persons() as u64),
    );
}

/// Two sentences a reader can quote.
fn lead(page: &mut String, figures: &Figures, setting: &Setting<'_>) {
    let sums = &figures.all.sums;
    if sums.findings == 0 {
        page.push_str("<p class=\"lead\">没有符合条件的疑点。</p>\n");
        return;
    }
    let ranked = Figures::ranked(&figures.rules);
    let top: Vec<String> = ranked
        .iter()
        .take(3)
        .filter(|(_, group)| group.sums.once > Fen::ZERO)
        .map(|(id, group)| format!("{}（{}）", escape(&(setting.rule_title)(id)), money(group.sums.once)))
        .collect();
    let mut text = format!("共 {} 条疑点，涉及 {}（一笔钱只计一次）。", count(sums.findings), money(sums.once));
    if !top.is_empty() {
        let _ = write!(text, "金额最大的是{}。", top.join("、"));
    }
    let institutions = Figures::ranked(&figures.institutions);
    if institutions.len() > 10 {
        let ten: Fen = institutions.iter().take(10).map(|(_, group)| group.sums.once).sum();
        let _ = write!(text, "金额最大的 10 家机构占 {}。", percent(i128::from(ten.0), i128::from(sums.once.0)));
    }
    let _ = writeln!(page, "<p class=\"lead\">{text}</p>");
}

fn pictures(page: &mut String, figures: &Figures, setting: &Setting<'_>) {
    let months = figures.month_row();
    if months.is_empty() {
        return;
    }
    let rules: Vec<(String, Fen)> = Figures::ranked(&figures.rules)
        .into_iter()
        .filter(|(_, group)| group.sums.once > Fen::ZERO)
        .take(9)
        .map(|(id, group)| ((setting.rule_title)(id), group.sums.once))
        .collect();
    let _ = writeln!(
        page,
        "<section class=\"charts\"><div class=\"card\"><h3>每月疑点<small>条，按最后一行的日期</small></h3>{}<p class=\"legend\"><span class=\"word v\">违规</span><span class=\"word s\">可疑</span></p></div>\
         <div class=\"card\"><h3>涉及金额最大的规则<small>{}，一笔钱只计一次</small></h3>{}</div></section>",
        charts::months(&months),
        charts::unit(&rules),
        charts::money_bars("涉及金额最大的规则", &rules)
    );
}

fn rules(page: &mut String, figures: &Figures, setting: &Setting<'_>) {
    let ranked = Figures::ranked(&figures.rules);
    let most = ranked.first().map(|(_, group)| group.sums.once).unwrap_or_default();
    let _ = write!(
        page,
        "<h2>按规则<small>按金额排序；不计金额的规则（行为类）列在后面</small></h2><div class=\"scroll\"><table><thead><tr><th>编号</th><th>规则</th><th class=\"n\">疑点</th><th class=\"n\">违规</th><th class=\"n\">观察区</th><th class=\"n\">人数</th><th class=\"n\">机构</th><th class=\"n\">金额（元）</th><th class=\"n\">其中统筹</th><th class=\"n\">只计一次</th><th></th></tr></thead><tbody>"
    );
    for (id, group) in ranked {
        let sums = &group.sums;
        let _ = write!(
            page,
            "<tr><td class=\"id\">{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"bar\">{}</td></tr>",
            escape(id),
            escape(&(setting.rule_title)(id)),
            count(sums.findings),
            some(sums.violations),
            some(sums.watch),
            count(group.persons() as u64),
            count(group.institutions() as u64),
            amount(sums.amount),
            amount(sums.fund),
            amount(sums.once),
            charts::cell_bar(sums.once, most)
        );
    }
    let all = &figures.all;
    let _ = writeln!(
        page,
        "</tbody><tfoot><tr><td></td><td>合计</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td></td></tr></tfoot></table></div>\
         <p class=\"muted\">人数、机构合计为去重后的数，不等于各行之和。</p>",
        count(all.sums.findings),
        count(all.sums.violations),
        count(all.sums.watch),
        count(all.persons() as u64),
        count(all.institutions() as u64),
        yuan(all.sums.amount),
        yuan(all.sums.fund),
        yuan(all.sums.once)
    );
    kinds(page, figures);
}

fn kinds(page: &mut String, figures: &Figures) {
    let mut kinds: Vec<(&String, &Sums)> = figures.kinds.iter().collect();
    kinds.sort_by(|(a_name, a), (b_name, b)| (b.once, b.findings, a_name).cmp(&(a.once, a.findings, b_name)));
    let most = kinds.first().map(|(_, sums)| sums.once).unwrap_or_default();
    page.push_str("<h2>按问题性质</h2><div class=\"scroll\"><table><thead><tr><th>性质</th><th class=\"n\">疑点</th><th class=\"n\">违规</th><th class=\"n\">可疑</th><th class=\"n\">金额（元）</th><th class=\"n\">只计一次</th><th></th></tr></thead><tbody>");
    for (kind, sums) in kinds {
        let _ = write!(
            page,
            "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"bar\">{}</td></tr>",
            escape(kind),
            count(sums.findings),
            some(sums.violations),
            some(sums.suspects()),
            amount(sums.amount),
            amount(sums.once),
            charts::cell_bar(sums.once, most)
        );
    }
    page.push_str("</tbody></table></div>\n");
}

fn institutions(page: &mut String, figures: &Figures, setting: &Setting<'_>) {
    const SHOWN: usize = 20;
    let ranked = Figures::ranked(&figures.institutions);
    if ranked.is_empty() {
        return;
    }
    let whole = figures.all.sums.once;
    let most = ranked.first().map(|(_, group)| group.sums.once).unwrap_or_default();
    let _ = write!(
        page,
        "<h2>机构<small>金额最大的 {} 家，共 {} 家有疑点；规模不同，金额大不等于问题重</small></h2><div class=\"scroll\"><table><thead><tr><th class=\"n\">序</th><th>机构</th><th>等级</th><th class=\"n\">疑点</th><th class=\"n\">违规</th><th class=\"n\">人数</th><th class=\"n\">只计一次（元）</th><th class=\"n\">占比</th><th></th><th>主要问题</th></tr></thead><tbody>",
        ranked.len().min(SHOWN),
        count(ranked.len() as u64)
    );
    for (i, (code, group)) in ranked.iter().take(SHOWN).enumerate() {
        let (name, level) = (setting.institution)(code);
        let problems: Vec<String> = group.main_rules(2).into_iter().map(|id| escape(&(setting.rule_title)(id))).collect();
        let _ = write!(
            page,
            "<tr><td class=\"n\">{}</td><td>{}</td><td>{level}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"bar\">{}</td><td>{}</td></tr>",
            i + 1,
            escape(&name),
            count(group.sums.findings),
            some(group.sums.violations),
            count(group.persons() as u64),
            yuan(group.sums.once),
            percent(i128::from(group.sums.once.0), i128::from(whole.0)),
            charts::cell_bar(group.sums.once, most),
            problems.join("；")
        );
    }
    page.push_str("</tbody></table></div>\n");
}

fn months(page: &mut String, figures: &Figures, _: &Setting<'_>) {
    let months = figures.month_row();
    if months.is_empty() {
        return;
    }
    let _ = write!(
        page,
        "<h2>按月份</h2><div class=\"scroll\"><table><thead><tr><th>月份</th><th class=\"n\">疑点</th><th class=\"n\">违规</th><th class=\"n\">可疑</th><th class=\"n\">涉及金额（元，逐条相加）</th><th class=\"n\">其中统筹（元）</th><th class=\"n\">一笔钱只计一次（元）</th></tr></thead><tbody>"
    );
    for ((year, month), sums) in &months {
        let _ = write!(
            page,
            "<tr><td>{year}-{month:02}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            count(sums.findings),
            count(sums.violations),
            count(sums.suspects()),
            yuan(sums.amount),
            yuan(sums.fund),
            yuan(sums.once)
        );
    }
    page.push_str("</tbody></table></div>\n");
}

fn coverage(page: &mut String, _: &Figures, setting: &Setting<'_>) {
    let Some(run) = &setting.run else {
        page.push_str(
            "<h2>覆盖</h2><p>没有找到这次筛查的运行记录，无法说明哪些规则运行了、哪些没有。重新执行 mingjian screen 后再出报告。</p>\n",
        );
        return;
    };
    let report = &run.report;
    let silent = report.rules.iter().filter(|rule| rule.findings == 0).count();
    let _ = writeln!(
        page,
        "<h2>覆盖：看了什么，没看什么</h2><p>{} 完成的筛查运行了 {} 条规则（其中 {silent} 条没有命中），{} 条没有运行；共看了 {} 行费用明细，其中 {} 行涉及金额（占 {}）。{}</p>",
        escape(&run.finished),
        report.rules.len(),
        report.not_run.len(),
        count(report.totals.lines),
        count(report.totals.lines_at_risk),
        percent(i128::from(report.totals.lines_at_risk), i128::from(report.totals.lines)),
        if run.options.is_empty() { String::new() } else { format!("筛查的范围：{}。", escape(&run.options)) }
    );
    if !report.not_run.is_empty() {
        page.push_str(
            "<h3>没有运行的规则</h3><div class=\"scroll\"><table><thead><tr><th>编号</th><th>规则</th><th>原因</th></tr></thead><tbody>",
        );
        for rule in &report.not_run {
            let cells = [&rule.rule_id, &rule.title, &rule.reason].map(|text| escape(text));
            let _ = write!(page, "<tr><td class=\"id\">{}</td><td>{}</td><td>{}</td></tr>", cells[0], cells[1], cells[2]);
        }
        page.push_str("</tbody></table></div>\n");
    }
    let judged: Vec<_> = report.rules.iter().filter(|rule| rule.not_judged.len() + rule.exempted.len() > 0).collect();
    if !judged.is_empty() {
        page.push_str("<h3 style=\"margin-top:14px\">运行了，但有的不判或豁免<small>数据不够就不判，不当作“否”；豁免是规则写明的例外</small></h3><div class=\"scroll\"><table><thead><tr><th>编号</th><th>规则</th><th>不判</th><th>豁免</th></tr></thead><tbody>");
        for rule in judged {
            let reasons = |reasons: &[crate::runs::Reason]| {
                let texts = reasons.iter().map(|reason| format!("{} {}", escape(&reason.reason), count(reason.count)));
                texts.collect::<Vec<_>>().join("<br>")
            };
            let (id, title) = (escape(&rule.rule_id), escape(&rule.title));
            let (not_judged, exempted) = (reasons(&rule.not_judged), reasons(&rule.exempted));
            let _ = write!(page, "<tr><td class=\"id\">{id}</td><td>{title}</td><td>{not_judged}</td><td>{exempted}</td></tr>");
        }
        page.push_str("</tbody></table></div>\n");
    }
}

fn data(page: &mut String, _: &Figures, setting: &Setting<'_>) {
    page.push_str("<h2>数据</h2><div class=\"pair\"><table><thead><tr><th>表</th><th class=\"n\">行数</th></tr></thead><tbody>");
    for (title, rows) in &setting.tables {
        let _ = write!(page, "<tr><td>{}</td><td class=\"n\">{}</td></tr>", escape(title), count(*rows));
    }
    let _ = write!(
        page,
        "</tbody></table><div><p>导入时没能入湖、单列在另册的有 <b>{}</b> 行，可用 <code>mingjian rejected</code> 查看原因。</p>",
        count(setting.rejected)
    );
    let gaps = setting.run.as_ref().map(|run| run.report.gaps.as_slice()).unwrap_or_default();
    if !gaps.is_empty() {
        page.push_str("<h3>数据缺得多的机构<small>缺医师或编码不成形的行</small></h3><table><thead><tr><th>机构</th><th class=\"n\">明细行</th><th class=\"n\">缺医师</th><th class=\"n\">编码不成形</th></tr></thead><tbody>");
        for gap in gaps.iter().take(10) {
            let name = escape(&(setting.institution)(&gap.fixmedins_code).0);
            let (lines, doctor, code) = (count(gap.lines), some(gap.no_doctor), some(gap.ill_formed));
            let _ = write!(
                page,
                "<tr><td>{name}</td><td class=\"n\">{lines}</td><td class=\"n\">{doctor}</td><td class=\"n\">{code}</td></tr>"
            );
        }
        page.push_str("</tbody></table>");
    }
    page.push_str("</div></div>\n");
}

fn reading(page: &mut String, _: &Figures, _: &Setting<'_>) {
    page.push_str(
        "<h2>怎么读</h2><ul>\
         <li><b>疑点</b>是一条规则对一次就诊（或一个人、一家机构的一段时间）说的一句话，附证据行、依据和算式。<b class=\"is-v\">违规</b>指规则写得明确、数据足以判断；<b class=\"is-s\">可疑</b>要听机构说明、看病历才能定。系统判别不是处理决定。</li>\
         <li><b>核心区</b>是达到规则门槛的；<b>观察区</b>贴近门槛或口径有争议的，供参考，一般不单独处理。</li>\
         <li><b>涉及金额</b>是违规部分在基金支付范围内的金额：整行违规算整行，超量超价只算超出的部分。<b>统筹</b>按该次结算的统筹支付占范围内金额的比例折算，<b>个账</b>另列。</li>\
         <li><b>一笔钱只计一次</b>：几条规则指着同样的明细行时归为一簇，由一条牵头，整簇的钱只在牵头的规则里计一次；“逐条相加”会重复。</li>\
         <li>已退费、已冲销的不在内；没有基金利益的（全自费、范围外）除规则另有规定外不看。</li>\
         <li>知识点按费用发生日取当时有效的；同样的数据版本和规则库，重算得到的疑点逐字节相同。</li></ul>\n",
    );
}

/// A count that is blank when there is none, so that the eye finds the others.
fn some(number: u64) -> String {
    if number == 0 { "<span class=\"muted\">—</span>".to_owned() } else { count(number) }
}

fn amount(amount: Fen) -> String {
    if amount == Fen::ZERO { "<span class=\"muted\">—</span>".to_owned() } else { yuan(amount) }
}
