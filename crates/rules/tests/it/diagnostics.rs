//! What an author reads: place, what is wrong, what may stand there, the nearest name.

use mingjian_rules::Library;

const TABLE: &str = "#! title = \"t\"\n#! origin = \"t\"\n#! types = { sex = \"sex\", max = \"decimal\" }\npoint,name,codes,sex,max,unit\nP1,甲,XA01*,男,1,日\n";
const HEAD: &str = "+++\nid = \"N900\"\nname = \"made_up\"\nversion = 1\nstatus = \"live\"\nkind = \"试\"\nresult = \"违规\"\nclass = \"医疗类\"\nstages = [\"after\"]\nbasis = [{ doc = \"甲\", article = \"一\" }]\nknowledge = [\"t\"]\n+++\n";
const TAIL: &str = "## 误报与申辩\n无\n## 应命中\n```csv\nitem,expect\nXA01,1\n```\n## 不应命中\n```csv\nitem\nXB\n```\n";

fn found(files: &[(&str, String)]) -> Vec<String> {
    let files = files.iter().map(|(path, text)| ((*path).to_string(), text.clone())).collect();
    Library::from_files(files)
        .1
        .iter()
        .map(|d| d.to_string().replace("rules/x/N900-made_up.md:", "").replace("knowledge/t.csv:", "t.csv:"))
        .collect()
}

/// Complaints about a rule with this block; its first line is line 16.
fn of_block(block: &str) -> Vec<String> {
    let rule = format!("{HEAD}# 试\n试\n```rule\n{block}\n```\n{TAIL}");
    found(&[("rules/x/N900-made_up.md", rule), ("knowledge/t.csv", TABLE.to_string())])
}

/// With the usual frame around `hit when`, which stands in line 18.
fn of_hit(condition: &str) -> String {
    of_block(&format!("for lines where item in t as k\nper visit, item\nhit when {condition}\namount scope\nsay \"x\"")).join(" | ")
}

#[test]
fn conditions() {
    for (condition, expected) in [
        ("cuont > 1", "18:10: 不认识的名字 cuont；可以写字段、let 起的名字、param.参数 或 k.列名（是不是 count？）"),
        ("count", "18:10: 这里应是条件（成立或不成立），写的是数量；如 count > 0"),
        ("count > amount", "18:10: 数量不能和金额比较"),
        ("sex = 南", "18:16: 性别不能和“南”比较，应是男 或 女"),
        ("care = 门诊部", "18:17: 就医方式不能和“门诊部”比较，应是门诊、急诊、门慢、购药 或 住院（是不是 门诊？）"),
        ("住院", "18:10: “住院”是就医方式的一种，要写成比较，如 care = 住院"),
        ("age < 18", "18:16: 年龄要带单位：18岁 或 18天"),
        ("med_type = 140104", "18:21: med_type 只看前两位，“140104”应写成两位，如 14（也管住 140104）"),
        ("day > time", "18:10: 日期不能和时间比较；一边是日期一边是时间，日期用 day、begin_day、end_day"),
        ("k.sexx != sex", "18:12: 知识表 t 没有列 sexx；它有 point、name、codes、sex、max、unit（是不是 sex？）"),
        ("m.sex != sex", "18:10: 没有叫 m 的知识点；这个块里的知识点叫 k，参数写 param.名字"),
        ("sum(count) > param.n", "18:29: 没有参数 n；参数写在文件头的 [params] 一节"),
        ("sum(sum(count)) > 1", "18:14: 汇总里面不能再套汇总；先用 let 起名也不行，请换一种说法"),
        (
            "summ(count) > 1",
            "18:10: 没有 summ(…)；可以写 count、sum、distinct、days、min、max、any、every、known、abs、months_after（是不是 sum？）",
        ),
        ("prev.day = day", "18:10: prev. 只在 per … next（相邻两条）里才有"),
        ("1 < count < 3", "18:20: 比较不能连着写；写成 a between x and y，或用 and 连起来"),
        (
            "main_dx = \"C\" and main_dx != \"D\"",
            "18:28: main_dx 写成 main_dx in 知识表 或 main_dx in {\"Z51.1\", \"C\"}（以此开头）；比较前后两次是不是同一种病，用 main_dx3 = prev.main_dx3",
        ),
        ("item in tt", "18:18: 没有知识表 tt（library/knowledge/tt.csv）"),
        ("count > 3个", "18:19: 数后面不能直接跟“个”；可用的单位是 岁、天、小时、%"),
        ("count > 1 # 注释", "18:20: 规则块里没有注释；说明请写在块外的正文里"),
        ("count > ", "18:17: 这里应是一个值：字段、数、文字，或括号括起来的式子，这里就结束了"),
    ] {
        assert_eq!(of_hit(condition), expected, "{condition}");
    }
}

#[test]
fn clauses() {
    assert_eq!(
        of_block("for line\nper visitt\nhitt when count > 1\namount scop\nsay \"{cuont\""),
        [
            "16:5: for 后面写看哪些行：lines、all lines、raw lines、pairs、visits、stays、settlements、diagnoses（是不是 lines？）",
            "18:1: 每一句以这些词之一开头（接着写上一句时，行首请缩进）：for、per、let、need、unless、hit、suspect、watch、amount、say（是不是 hit？）",
            "19:8: amount 后面写怎么算钱：scope、none、excess … over …、price over …、lines where …、ladder …、part up to main、both（是不是 scope？）",
            "20:6: { 没有配对的 }；要写花括号本身请写两个",
        ]
    );
    assert_eq!(of_block("for lines where item in t as k\nhit when count > 1"), ["16:1: 这个规则块缺少：per、amount、say"]);
    assert_eq!(
        of_block("for visits where item in t as k\nper item, visitt\nhit when count > 1\namount scope\nsay \"{k.sex}\""),
        [
            "11:14: 知识表 t 写在文件头里，逻辑没有用到它",
            "16:18: 看 visits 时不能写 item in 知识表 as k",
            "17:5: 看 visits 时不能按 item 分组",
            "17:11: 不能按 visitt 分组；可以写 person、visit、settlement、prescription、institution、item、generic、route、session、day、month、year、code、k、k.列名（是不是 visit？）",
            "18:10: count（数量）只在看费用明细（lines、pairs）时才有，这个块看的是 visits",
            "19:8: 看 visits 的规则只能写 amount none",
            "20:7: 没有叫 k 的知识点；知识点在 for 里用 item in 知识表 as k 取",
        ]
        .iter()
        .filter(|text| !text.starts_with("11:"))
        .copied()
        .collect::<Vec<_>>()
    );
}

#[test]
fn heads_and_sections() {
    let wrong = "+++\nid = \"N9 0\"\nname = \"Made\"\nversion = 0\nstatus = \"lve\"\nkind = \"试\"\nresult = \"违法\"\nclass = \"医疗类\"\nstage = [\"after\"]\nbasis = [{ doc = \"甲\" }]\nknowledge = [\"tt\"]\n+++\n# 试\n```sqll\n```\n## 应命重\n";
    assert_eq!(
        found(&[("rules/x/N900-made_up.md", wrong.to_string()), ("knowledge/t.csv", TABLE.to_string())]),
        [
            "2:1: 文件头缺少：stages = [\"during\", \"after\"]",
            "2:6: id 只能用字母、数字、- 和 _，如 N067",
            "3:8: name 是英文短名，只能用小写字母、数字和下划线，如 drug_sex",
            "4:11: version 应是从 1 开始的整数",
            "5:10: status 不能是“lve”，只能是 draft、shadow、live、retired（是不是 live？）",
            "7:10: result 不能是“违法”，只能是 违规、可疑（是不是 违规？）",
            "9:1: 文件头里没有 stage 这一项；可以写 id、name、version、status、retired_reason、kind、result、class、stages、national_code、basis、knowledge、valid_from、valid_to、params（是不是 stages？）",
            "10:10: 依据要写明文件（doc）和条款（article），两样都不能空",
            "13:3: 规则没有逻辑：正文里要有一个 ```rule 块（或 ```sql 块）",
            "14:4: 正文里的块只能是 rule（规则逻辑）或 sql；例子（csv）放在“## 应命中”“## 不应命中”下面（是不是 sql？）",
            "16:4: 不认识的小节“应命重”；可以有 误报与申辩、应命中、不应命中（是不是 应命中？）",
            "16:7: 缺少“## 误报与申辩”：写明什么情形会误报、怎么申辩",
        ]
    );
}

#[test]
fn whole_library() {
    let rule = |id: &str| {
        format!("{HEAD}# 试\n试\n```rule\nfor lines where item in t as k\nper visit\nhit when sex != k.sex\namount scope\nsay \"x\"\n```\n{TAIL}").replace("N900", id)
    };
    let cut = rule("N902").replace("## 不应命中\n```csv\nitem\nXB\n```\n", "").replace("status = \"live\"", "status = \"retired\"");
    let files = [
        ("rules/x/N900-made_up.md", rule("N900")),
        ("rules/y/N900-made_up.md", rule("N900")),
        ("rules/y/N901-other.md", rule("N901")),
        ("rules/y/N902-made_up.md", cut),
        ("knowledge/t.csv", TABLE.to_string()),
    ];
    assert_eq!(
        found(&files),
        [
            "rules/y/N900-made_up.md:2:6: 规则编号 N900 已经被 rules/x/N900-made_up.md 用了",
            "rules/y/N901-other.md:2:6: 文件名应是 N901-made_up.md（编号-英文短名），现在是 N901-other.md",
            "rules/y/N902-made_up.md:5:10: 停用的规则要写 retired_reason = \"停用原因\"",
            "rules/y/N902-made_up.md:29:1: 例子不全：“## 应命中”和“## 不应命中”下面都至少要有一个 csv 块",
        ]
    );
}

#[test]
fn examples_of_rules() {
    let rule = format!(
        "{HEAD}# 试\n试\n```rule\nfor lines where item in t as k\nper visit\nhit when sex != k.sex\namount scope\nsay \"x\"\n```\n{TAIL}"
    )
    .replace("item,expect\nXA01,1", "item,gendr\nXA01,男")
    .replace("item\nXB\n", "item,expect\nXB,1,2\nXB,1\n");
    assert_eq!(
        found(&[("rules/x/N900-made_up.md", rule), ("knowledge/t.csv", TABLE.to_string())]),
        [
            "26:1: 应命中的例子要有 expect 列，写命中行应得的涉案金额（不算钱的规则写 是）",
            "26:6: 例子里没有列 gendr；可用的列：psn_no、gend、brdy、die_date、mdtrt_id、setl_id、fixmedins_code、fixmedins_type、hosp_lv、insutype、med_type、begntime、endtime、setl_time、dscg_way、diag、oprn、opsp、bkkp_sn、fee_ocur_time、item、cnt、pric、det_item_fee_sumamt、fulamt_ownpay_amt、inscp_amt、overlmt_selfpay、pric_uplmt_amt、list_price、unit、rx_drord_no、init_feedetl_sn、refd_setl_flag、init_setl_id、med_chrgitm_type、dscg_tkdrug_flag、matn_fee_flag、prd_days、medc_way_dscr、caty、bilg_dr_code、refl_old_mdtrt_id、crte_time、hosp_appr_flag、expect（是不是 gend？）",
            "32:1: 这一行有 3 格，表头有 2 列；值里有逗号时用双引号括起来",
            "33:1: 不应命中的例子不写 expect",
        ]
    );
}

#[test]
fn knowledge_tables() {
    let table = "#! title = \"t\"\n#! orign = \"t\"\n#! types = { sex = \"sx\", nope = \"days\", age = \"age\" }\npoint,codes,sex,age,valid_from,valid_to\nP1,X,男,18,2025-13-01,\nP1,X,男,18岁,2025-02-01,2025-01-01\n";
    assert_eq!(
        found(&[("knowledge/t.csv", table.to_string())]),
        [
            "t.csv:1:1: 知识表缺少 `#! origin = \"…\"`（知识从哪里来）",
            "t.csv:2:4: 不认识的说明 orign；可以写 title、origin、match、sample、types（是不是 origin？）",
            "t.csv:3:20: 列的类型只能是 text、int、decimal、money、price、sex、age、days、hours、percent、level、care、texts、items、window、date（是不是 sex？）",
            "t.csv:3:26: types 里的列 nope 表中没有",
            "t.csv:5:8: age 列的“18”不对，应是年龄，如 18岁、28天",
            "t.csv:5:11: valid_from 列的“2025-13-01”不对，应是日期，如 2026-01-01",
            "t.csv:6:1: 知识点编号 P1 与第 5 行重复",
            "t.csv:6:23: valid_to 早于 valid_from",
        ]
    );
}
