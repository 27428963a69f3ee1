//! 证据图: the picture of relations as one page that needs nothing else — no script, no font, no network — with the data, the parameters and
//! the mark of whoever took it in it. Drawn from the same coordinates as the screen.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use mingjian_model::Fen;
use mingjian_model::day::parse_day;

use crate::contract::relations::{RelationBar, RelationNode, Relations};

/// Who took it, when, why; what was left out and why.
pub struct Marks {
    pub who: String,
    pub at: String,
    /// Number that finds it in the trail.
    pub number: String,
    pub reason: String,
    /// Who approved that it leaves, when, with what words.
    pub approved: Option<String>,
    /// By id of the node.
    pub why: BTreeMap<String, String>,
}

/// Digest of the data in the page, which the trail keeps too.
pub fn digest(picture: &Relations) -> String {
    blake3::hash(&serde_json::to_vec(picture).unwrap_or_default()).to_hex().to_string()
}

const STYLE: &str = "\
body{font:14px/1.6 'PingFang SC','HarmonyOS Sans SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;color:#16202c;margin:24px auto;max-width:1080px;padding:0 16px}
h1{font-size:20px;margin:0}h2{font-size:15px;margin:24px 0 6px}table{border-collapse:collapse;width:100%;font-size:13px}
th,td{border:1px solid #c4cad3;padding:3px 8px;text-align:left;vertical-align:top}th{background:#eef1f5}.n{text-align:right;font-variant-numeric:tabular-nums}
.faint{color:#4a5563}svg{width:100%;height:auto;border:1px solid #c4cad3}svg text{font-size:12px;fill:#16202c}.s{fill:#fff;stroke:#1f4e86;stroke-width:1.6}
.core .s{fill:#dbe8f8}.out .s{stroke:#7a8594}.t{stroke:#b9791f;fill:none}.l{stroke:#9aa3af;fill:none;stroke-width:1}.faint-text text,.fringe text{fill:#4a5563}
.mark{position:fixed;inset:0;pointer-events:none;opacity:.09}.mark text{font-size:15px;fill:#000}ul,ol{margin:4px 0;padding-left:22px}pre{white-space:pre-wrap;word-break:break-all;font-size:11px}
@media print{body{margin:0;max-width:none}details{display:none}}";

fn safe(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// With thousands apart.
fn yuan(fen: i64) -> String {
    let text = Fen(fen).to_string();
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let (whole, part) = text.split_once('.').unwrap_or((text, "00"));
    let digits: Vec<char> = whole.chars().collect();
    let groups: Vec<String> = digits.rchunks(3).rev().map(|group| group.iter().collect()).collect();
    format!("{sign}{}.{part}", groups.join(","))
}

/// The page.
pub fn page(picture: &Relations, marks: &Marks) -> String {
    let mut html = String::with_capacity(64 * 1024);
    let title = format!("关系图谱 {}", picture.title);
    let _ = write!(
        html,
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>{}</title><style>{STYLE}</style></head><body>",
        safe(&title)
    );
    watermark(&mut html, marks);
    let _ = write!(html, "<h1>{}</h1>", safe(&title));
    parameters(&mut html, picture, marks);
    html.push_str("<h2>图</h2>");
    graph(&mut html, picture);
    told(&mut html, picture);
    html.push_str("<h2>就诊时间线</h2><p class=\"faint\">每行一人；条为住院，圆点为门诊，菱形为购药，虚线为同日。</p>");
    lanes(&mut html, picture);
    members(&mut html, picture);
    events(&mut html, picture);
    left_out(&mut html, picture, marks);
    let data = serde_json::to_string_pretty(picture).unwrap_or_default();
    let _ = writeln!(
        html,
        "<details><summary>数据（JSON），摘要 BLAKE3 {}</summary><pre>{}</pre></details></body></html>",
        digest(picture),
        safe(&data)
    );
    html
}

fn watermark(html: &mut String, marks: &Marks) {
    let text = safe(&format!("{} {} {}", marks.who, marks.at, marks.number));
    let _ = write!(
        html,
        "<svg class=\"mark\" style=\"border:0;height:100%\" aria-hidden=\"true\"><defs><pattern id=\"mark\" width=\"460\" height=\"190\" \
         patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(-24)\"><text x=\"10\" y=\"90\">{text}</text></pattern></defs>\
         <rect width=\"100%\" height=\"100%\" fill=\"url(#mark)\"/></svg>"
    );
}

fn parameters(html: &mut String, picture: &Relations, marks: &Marks) {
    let asked = &picture.asked;
    let kinds = if asked.kinds == "all" { "住院、门诊、购药" } else { "住院" };
    let mut rows = vec![
        ("数据", format!("第 {} 版，截至 {}", picture.data_version, picture.as_of)),
        ("期间", format!("{} 至 {}", asked.from, asked.to)),
        ("口径", format!("同一机构同一天；{kinds}；最少共现 {} 次；{} 度", asked.least, asked.degree)),
        ("导出", format!("{} {}，{}", marks.who, marks.at, marks.number)),
        ("事由", marks.reason.clone()),
    ];
    rows.extend(marks.approved.clone().map(|approved| ("审批", approved)));
    rows.push(("说明", "系统按数据画出，不是认定；参保人、医师姓名已脱敏。".to_owned()));
    html.push_str("<table>");
    for (name, value) in rows {
        let _ = write!(html, "<tr><th style=\"width:5em\">{name}</th><td>{}</td></tr>", safe(&value));
    }
    html.push_str("</table>");
}

fn graph(html: &mut String, picture: &Relations) {
    let at: BTreeMap<&str, &RelationNode> = picture.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
    let _ = write!(html, "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"关系图\">", picture.width.max(1.0), picture.height.max(1.0));
    // Common days lie above the rest.
    let mut edges: Vec<_> = picture.edges.iter().collect();
    edges.sort_by_key(|edge| edge.link == "together");
    for edge in edges {
        let (Some(from), Some(to)) = (at.get(edge.from.as_str()), at.get(edge.to.as_str())) else { continue };
        let together = edge.link == "together";
        let width = if together { 1.0 + (edge.count.clamp(1, 9) as f64) * 0.5 } else { 1.0 };
        let _ = write!(
            html,
            "<line class=\"{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke-width=\"{width}\"/>",
            if together { "t" } else { "l" },
            from.x,
            from.y,
            to.x,
            to.y
        );
    }
    for node in &picture.nodes {
        let class = match node.standing.as_deref() {
            Some("core") => "core",
            Some("outside") => "out",
            Some("fringe") => "out fringe",
            _ => "",
        };
        let (x, y) = (node.x, node.y);
        let shape = match node.kind.as_str() {
            "hospital" => format!("<rect class=\"s\" x=\"{}\" y=\"{}\" width=\"28\" height=\"20\" rx=\"3\"/>", x - 14.0, y - 10.0),
            "pharmacy" => format!("<path class=\"s\" d=\"M{x} {}l12 12 -12 12 -12 -12z\"/>", y - 12.0),
            "doctor" => format!("<path class=\"s\" d=\"M{x} {}l12 20h-24z\"/>", y - 12.0),
            _ => format!("<circle class=\"s\" cx=\"{x}\" cy=\"{y}\" r=\"9\"/>"),
        };
        let note = if node.kind == "person" && !node.note.is_empty() { format!("{} 岁", node.note) } else { node.note.clone() };
        let _ = write!(
            html,
            "<g class=\"{class}\">{shape}<text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{} {}</text></g>",
            y + 26.0,
            safe(&node.label),
            safe(&note)
        );
    }
    html.push_str("</svg><p class=\"faint\">○ 参保人（深底为核心）　▭ 医院　◇ 药店　△ 医师　橙线为同日共现，越粗次数越多。</p>");
}

fn told(html: &mut String, picture: &Relations) {
    let list = |html: &mut String, title: &str, facts: &[String]| {
        let _ = write!(html, "<h2>{title}</h2>");
        if facts.is_empty() {
            html.push_str("<p class=\"faint\">无</p>");
            return;
        }
        html.push_str("<ol>");
        for fact in facts {
            let _ = write!(html, "<li>{}</li>", safe(fact));
        }
        html.push_str("</ol>");
    };
    list(html, "为什么成团", &picture.why);
    let (chance, money) = (&picture.chance, &picture.money);
    html.push_str("<h2>偶然共现的可能</h2><table>");
    let rows = [
        ("实际同日（人对日）".to_owned(), chance.observed.to_string()),
        ("随机期望（人对日）".to_owned(), format!("{:.2}", chance.expected)),
        (format!("置换检验 {} 次，不低于实际", chance.rounds), format!("{} 次", chance.reached)),
        ("置换平均、最多（人对日）".to_owned(), format!("{:.2}、{}", chance.mean, chance.most)),
        ("随机种子".to_owned(), chance.seed.to_string()),
    ];
    for (name, value) in rows {
        let _ = write!(html, "<tr><th>{name}</th><td class=\"n\">{value}</td></tr>");
    }
    html.push_str(
        "</table><p class=\"faint\">随机：各机构每天的人数不变，每人到各机构的次数不变，只把日子打乱。团组正是因为同日多才被挑出来的，检验只说偶然的程度，不是认定。</p>",
    );
    html.push_str("<h2>金额（元）</h2><table>");
    let rows = [
        (format!("核心 {} 人 {} 人次，医疗总费用", picture.core, money.visits), money.amount_fen),
        ("其中基金支付".to_owned(), money.fund_fen),
        (format!("同日的 {} 人次，医疗总费用", money.joint_visits), money.joint_amount_fen),
        ("涉及基金".to_owned(), money.joint_fund_fen),
    ];
    for (name, fen) in rows {
        let _ = write!(html, "<tr><th>{name}</th><td class=\"n\">{}</td></tr>", yuan(fen));
    }
    html.push_str("</table>");
    list(html, "不利于成团的事实", &picture.against);
    if !picture.cut.is_empty() {
        list(html, "没有画出的", &picture.cut);
    }
}

fn lanes(html: &mut String, picture: &Relations) {
    let persons: Vec<&RelationNode> = picture
        .order
        .iter()
        .filter_map(|id| picture.nodes.iter().find(|node| node.id == *id))
        .filter(|node| node.standing.as_deref() != Some("fringe"))
        .collect();
    let days = picture.bars.iter().filter_map(|bar| Some((parse_day(&bar.begin)?, parse_day(&bar.end)?)));
    let Some((from, to)) = days.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1))) else { return };
    let (left, width, row) = (90.0, 1_000.0, 20.0);
    let height = 22.0 + persons.len() as f64 * row;
    let x = |day: i32| left + f64::from(day - from) / f64::from((to - from).max(1)) * (width - left - 10.0);
    let _ = write!(html, "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"就诊时间线\">");
    for event in picture.events.iter().filter(|event| event.core >= 2) {
        let Some(day) = parse_day(&event.day) else { continue };
        let _ = write!(
            html,
            "<line class=\"t\" stroke-dasharray=\"3 3\" x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"14\" y2=\"{height}\"/><text x=\"{0:.1}\" y=\"11\" style=\"font-size:9px\" text-anchor=\"middle\">{1}</text>",
            x(day),
            event.day.get(5..).unwrap_or_default()
        );
    }
    for (at, person) in persons.iter().enumerate() {
        let top = 18.0 + at as f64 * row;
        let _ = write!(html, "<text x=\"4\" y=\"{}\">{} {}</text>", top + 13.0, safe(&person.label), safe(&person.note));
        for bar in picture.bars.iter().filter(|bar| bar.person == person.id) {
            mark(html, bar, top, &x);
        }
    }
    html.push_str("</svg>");
}

fn mark(html: &mut String, bar: &RelationBar, top: f64, x: &impl Fn(i32) -> f64) {
    let (Some(begin), Some(end)) = (parse_day(&bar.begin), parse_day(&bar.end)) else { return };
    let at = x(begin);
    let title = safe(&format!("{} {} {} 至 {}", bar.institution.name, bar.label, bar.begin, bar.end));
    let _ = match bar.kind.as_str() {
        "stay" => write!(
            html,
            "<rect x=\"{at:.1}\" y=\"{}\" width=\"{:.1}\" height=\"12\" rx=\"2\" fill=\"{}\"><title>{title}</title></rect>",
            top + 3.0,
            (x(end) - at).max(3.0),
            if bar.joint { "#3f78b8" } else { "#a9c3e3" }
        ),
        "pharmacy" => write!(
            html,
            "<path d=\"M{at:.1} {}l4 5 -4 5 -4 -5z\" fill=\"#fff\" stroke=\"#4a5563\"><title>{title}</title></path>",
            top + 4.0
        ),
        _ => write!(html, "<circle cx=\"{at:.1}\" cy=\"{}\" r=\"3\" fill=\"#6b7785\"><title>{title}</title></circle>", top + 9.0),
    };
}

fn members(html: &mut String, picture: &Relations) {
    html.push_str("<h2>人员</h2><table><tr><th>人员编号</th><th>姓名</th><th>年龄</th><th>位置</th><th class=\"n\">人次</th><th class=\"n\">总费用（元）</th><th class=\"n\">基金（元）</th></tr>");
    for node in picture.nodes.iter().filter(|node| node.kind == "person") {
        let standing = match node.standing.as_deref() {
            Some("core") => "核心",
            Some("fringe") => "二度",
            _ => "核心之外",
        };
        let _ = write!(
            html,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{standing}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            safe(&node.code),
            safe(&node.label),
            safe(&node.note),
            node.visits,
            yuan(node.amount_fen),
            yuan(node.fund_fen)
        );
    }
    html.push_str("</table>");
}

fn events(html: &mut String, picture: &Relations) {
    let label: BTreeMap<&str, &str> = picture.nodes.iter().map(|node| (node.id.as_str(), node.label.as_str())).collect();
    html.push_str("<h2>同日明细</h2><table><tr><th>日期</th><th>机构</th><th>人员</th><th class=\"n\">机构当日</th><th class=\"n\">平日中位</th><th>就诊 ID</th></tr>");
    for event in &picture.events {
        let names: Vec<&str> = event.persons.iter().filter_map(|id| label.get(id.as_str()).copied()).collect();
        let visits: Vec<&str> = picture
            .bars
            .iter()
            .filter(|bar| bar.begin == event.day && bar.institution.code == event.institution.code && event.persons.contains(&bar.person))
            .map(|bar| bar.visit.as_str())
            .collect();
        let _ = write!(
            html,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td></tr>",
            safe(&event.day),
            safe(&event.institution.name),
            safe(&names.join("、")),
            event.volume,
            event.median,
            safe(&visits.join(" "))
        );
    }
    html.push_str("</table>");
}

fn left_out(html: &mut String, picture: &Relations, marks: &Marks) {
    if picture.asked.without.is_empty() {
        return;
    }
    html.push_str("<h2>排除的节点</h2><table><tr><th>节点</th><th>名称</th><th>理由</th></tr>");
    for node in &picture.asked.without {
        let why = marks.why.get(&node.id).map_or("", String::as_str);
        let _ = write!(html, "<tr><td>{}</td><td>{}</td><td>{}</td></tr>", safe(&node.id), safe(&node.label), safe(why));
    }
    html.push_str("</table>");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_its_thousands_apart() {
        assert_eq!([yuan(5), yuan(123_456), yuan(-123_456_789)], ["0.05", "1,234.56", "-1,234,567.89"]);
    }

    #[test]
    fn nothing_of_a_name_is_markup() {
        let picture = Relations { title: "<b>&".to_owned(), why: vec!["</p><script>".to_owned()], ..Relations::default() };
        let marks = Marks {
            who: "<i>".into(),
            at: String::new(),
            number: String::new(),
            reason: "\"'".into(),
            approved: Some("<u>".into()),
            why: BTreeMap::new(),
        };
        let page = page(&picture, &marks);
        assert!(
            page.contains("&lt;b&gt;&amp;")
                && !page.contains("<script>")
                && !page.contains("<i>")
                && !page.contains("<u>")
                && !page.contains("<b>")
        );
    }
}
