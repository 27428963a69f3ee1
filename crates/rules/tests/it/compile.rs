//! Blocks of every shape compile; wrong ones are told where and why.

use mingjian_engine::expr::{Cmp, Expr, Field};
use mingjian_engine::program::{Amount, Key, Source, Window};
use mingjian_rules::{Compiled, Library, ParamOverrides, Selection};

const KNOWLEDGE: &[(&str, &str)] = &[
    (
        "t",
        "#! title = \"t\"\n#! origin = \"t\"\n#! types = { sex = \"sex\", age = \"age\", level = \"level\", modes = \"care\", days = \"days\", gap = \"days\", max = \"decimal\", hours = \"hours\", cap = \"price\", total = \"money\", depts = \"texts\", parts = \"items\", unit = \"text\", share = \"percent\" }\npoint,name,codes,sex,age,level,modes,days,gap,max,hours,cap,total,depts,parts,unit,share,basis\nP1,甲,XA01*,男,18岁,三级,住院;门诊,14,30,1,24,12.5,100.00,07;08,XB*,日,50%,限男性\n",
    ),
    (
        "pairs",
        "#! title = \"t\"\n#! origin = \"t\"\npoint,name,codes,part_name,part_codes,window\nQ1,主,110100001,从,110100002,6小时\nQ2,主,110100001,从,110100003,单日\n",
    ),
    (
        "dxs",
        "#! title = \"t\"\n#! origin = \"t\"\n#! match = \"prefix\"\n#! types = { sex = \"sex\" }\npoint,name,codes,sex\nX1,妊娠,O,女\n",
    ),
];

fn file(params: &str, block: &str) -> String {
    format!(
        "+++\nid = \"N900\"\nname = \"made_up\"\nversion = 1\nstatus = \"live\"\nkind = \"试\"\nresult = \"违规\"\nclass = \"医疗类\"\nstages = [\"after\"]\nbasis = [{{ doc = \"甲\", article = \"一\" }}]\nknowledge = [{}]\n{params}+++\n# 试\n试\n```rule\n{block}\n```\n## 误报与申辩\n无\n## 应命中\n```csv\nitem,expect\nXA01,1\n```\n## 不应命中\n```csv\nitem\nXB\n```\n",
        KNOWLEDGE
            .iter()
            .filter(|(name, _)| block.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == *name))
            .map(|(name, _)| format!("\"{name}\""))
            .collect::<Vec<_>>()
            .join(", ")
    )
}

fn library(params: &str, block: &str) -> (Library, Vec<String>) {
    let mut files: Vec<(String, String)> =
        KNOWLEDGE.iter().map(|(name, text)| (format!("knowledge/{name}.csv"), (*text).to_string())).collect();
    files.push(("rules/test/N900-made_up.md".to_string(), file(params, block)));
    let (library, found) = Library::from_files(files);
    (library, found.iter().map(|d| d.to_string().replace("rules/test/N900-made_up.md:", "")).collect())
}

fn compiled(params: &str, block: &str) -> Compiled {
    let (library, found) = library(params, block);
    assert!(found.is_empty(), "{block}\n{}", found.join("\n"));
    library.compile(&Selection::default(), &ParamOverrides::default()).unwrap_or_else(|found| panic!("{found:?}"))
}

/// Every kind of rule of the first library, in short.
const SHAPES: &[(&str, &str)] = &[
    (
        "[params]\ninjury = []\n",
        "for lines where item in t as k\nper visit, item\nunless insurance in param.injury \"工伤\"\nhit when true\namount scope\nsay \"{item}{count}{amount}{k.basis}\"",
    ),
    (
        "",
        "for lines where item in t as k\nper visit, item\nhit when not (med_type in {51, 52, 53} or insurance = 510 or maternity_fee)\namount scope\nsay \"{insurance}{med_type}\"",
    ),
    ("", "for lines where herb\nper prescription\nhit when every(item in t)\namount scope\nsay \"{count()}味\""),
    ("", "for lines where item in t as k\nper visit, item\nhit when age >= k.age\namount scope\nsay \"{age}{k.age}\""),
    (
        "",
        "for lines where drug and not discharge_drug\nper person, generic chain overlap 7 days\nlet limit = if care = 急诊 then 3 else if care = 门慢 or registered then 84 else 7\nneed known(supply_days) else \"没有供药天数\"\nhit when chain_days > limit and sum(count) > 1\namount excess supply_days over limit\nsay \"{chain_days}天，限{limit}天\"",
    ),
    (
        "",
        "for lines where item in t as k\nper person, generic, k course gap 30 days\nlet last = if k.days = 365 then months_after(first_day, 12) - first_day else k.days\nhit when days() > last\namount lines where nth_day > k.days\nsay \"用了{days()}天，限{last}天\"",
    ),
    (
        "",
        "for lines where item in t as k\nper visit, item\nhit when level < k.level and not unlevelled\nsuspect when level < k.level\namount scope\nsay \"{level}{k.level}\"",
    ),
    ("", "for lines where item in t as k\nper visit, item\nhit when not care in k.modes\namount scope\nsay \"{care}\""),
    (
        "[params]\ntolerance = 0.005\n",
        "for lines where service\nper visit, item\nlet cap = if price_cap > 0 then price_cap else list_price\nneed known(cap) else \"没有限价\"\nhit when price > cap + param.tolerance\namount price over cap\nsay \"{price}>{cap}\"",
    ),
    (
        "[params]\nrate = \"50%\"\n",
        "for lines where item in t as k\nper visit, session, k.unit\nhit when distinct(item) > 1 and sessions_that_day <= 1\nsuspect when distinct(item) > 1\namount ladder 100%, param.rate\nsay \"{distinct(item)}\"",
    ),
    (
        "",
        "for pairs in pairs as k\nper person, institution, k, k.window\nhit when true\namount part up to main\nsay \"{k.name}{k.part_name}{k.window}\"",
    ),
    (
        "",
        "for lines where item in t as k\nper person, institution, item, day\nlet limit = if hours_present < 24 then hours_present else 24\nhit when sum(count) > k.max and item_unit = \"日\"\nwatch when sum(count) > limit\namount excess count over k.max\nsay \"{sum(count)}\"",
    ),
    (
        "",
        "for lines where item in t as k\nper person, item within k.days days\nhit when sum(count) > k.max and distinct(institution) = 1\nwatch when sum(count) > k.max\namount excess count over k.max\nsay \"{first_day}{last_day}\"",
    ),
    (
        "",
        "for raw lines\nper visit\nhit when ill_formed_item or amount_mismatch or orphan_reversal or after_upload or (no_doctor and not pharmacy)\namount none\nsay \"{time}\"",
    ),
    (
        "",
        "for all lines where care = 住院 and not self_paid\nper visit\nunless discharge_drug \"出院带药\"\nhit when day < begin_day or day > end_day\namount scope\nsay \"{day}不在{begin_day}至{end_day}之间\"",
    ),
    (
        "[params]\nlow = 3\n",
        "for stays\nper person, institution next\nunless dx in {\"Z51.0\", \"Z49\"} \"计划性治疗\"\nunless prev.discharge_way in {2, 3, 4} \"转院\"\nlet gap = begin_day - prev.end_day\nhit when gap between 0 and param.low and main_dx3 = prev.main_dx3\nwatch when gap <= 15\namount none\nsay \"间隔{gap}天\"",
    ),
    (
        "",
        "for visits where med_type in {11, 13, 14, 19, 51}\nper person within 30 days\nhit when count() > 15 or days() > 10\namount none\nsay \"{count()}次\"",
    ),
    (
        "",
        "for stays\nper visit\nhit when charges{03, 04} / charges > 50% and operations = 0 and stay_days <= 3 and main_dx in dxs\namount none\nsay \"{charges{03, 04}}\"",
    ),
    ("", "for diagnoses where code in dxs as k\nper visit, code\nhit when sex != k.sex\namount none\nsay \"{code}{sex}{k.sex}\""),
    (
        "",
        "for settlements where not pharmacy\nper settlement\nhit when inside_other_stay or day > death_day\namount none\nsay \"{day}{death_day}\"",
    ),
    ("", "for lines where item in t as k\nper visit\nhit when not has item in k.parts and not has item in t\namount scope\nsay \"{k}\""),
    (
        "",
        "for lines where item in t as k\nper visit\nhit when dept_class in k.depts or route = \"口服\" or item in {\"XA\"}\namount scope\nsay \"{dept_class}{route}\"",
    ),
    (
        "",
        "for lines where item in t as k\nper person, item, year\nhit when sum(scope) > k.total * 2 - 0.5\namount excess scope over k.total\nsay \"{sum(scope)}{sum(count * price)}\"",
    ),
];

#[test]
fn every_shape_compiles() {
    let mut wrong = Vec::new();
    for (params, block) in SHAPES {
        let (_, found) = library(params, block);
        if !found.is_empty() {
            wrong.push(format!("{block}\n  {}", found.join("\n  ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn printing_and_parsing_again_changes_nothing() {
    for (params, block) in SHAPES {
        let text = file(params, block);
        let printed = mingjian_rules::format_rule("a.md", &text).unwrap_or_else(|found| panic!("{block}\n{found:?}"));
        assert_eq!(mingjian_rules::format_rule("a.md", &printed).as_ref(), Ok(&printed));
        let again = printed.split("```rule\n").nth(1).and_then(|rest| rest.split("\n```").next()).unwrap_or_default().to_string();
        let (before, after) = (compiled(params, block), compiled(params, &again));
        assert_eq!(format!("{:?}", before.rule_set.blocks), format!("{:?}", after.rule_set.blocks), "{block}");
    }
}

/// The only block compiled from `block`.
fn one(params: &str, block: &str) -> mingjian_engine::program::Block {
    compiled(params, block).rule_set.blocks.remove(0)
}

fn lines(clauses: &str) -> mingjian_engine::program::Block {
    one("", &format!("for lines where item in t as k\nper visit, item\n{clauses}\namount scope\nsay \"x\""))
}

/// `hit when …` of lines under table `t`, as its conjuncts.
fn hit(condition: &str) -> Vec<Expr> {
    lines(&format!("hit when {condition}")).hit.unwrap_or_default()
}

fn cmp(op: Cmp, a: Expr, b: Expr) -> Expr {
    Expr::Cmp(op, Box::new((a, b)))
}

#[test]
fn scales_are_aligned() {
    let (count, price, scope) = (|| Expr::Field(Field::Count), || Expr::Field(Field::Price), || Expr::Field(Field::Scope));
    assert_eq!(hit("count > 2"), [cmp(Cmp::Gt, count(), Expr::Const(20_000))]);
    assert_eq!(hit("count > 0.00001"), [cmp(Cmp::Gt, Expr::Times(Box::new(count()), 10), Expr::Const(1))]);
    assert_eq!(hit("price > 12.5"), [cmp(Cmp::Gt, price(), Expr::Const(12_500_000))]);
    assert_eq!(hit("scope >= 100 and scope < -0.5"), [cmp(Cmp::Ge, scope(), Expr::Const(10_000)), cmp(Cmp::Lt, scope(), Expr::Const(-50))]);
    let money = Expr::Mul(Box::new((price(), count())), 100_000_000);
    assert_eq!(hit("price * count > scope"), [cmp(Cmp::Gt, money, scope())]);
    let share = Expr::Div(Box::new((scope(), Expr::Field(Field::Amount))), 1_000_000);
    assert_eq!(hit("scope / amount > 50%"), [cmp(Cmp::Gt, share, Expr::Const(500_000))]);
    assert_eq!(hit("count > hours_present"), [cmp(Cmp::Gt, count(), Expr::Times(Box::new(Expr::Field(Field::HoursPresent)), 10_000))]);
}

#[test]
fn words_get_their_meaning_from_what_they_meet() {
    let field = Expr::Field;
    assert_eq!(hit("sex = 男"), [cmp(Cmp::Eq, field(Field::Sex), Expr::Const(1))]);
    assert_eq!(hit("住院 != care"), [cmp(Cmp::Ne, Expr::Const(5), field(Field::Care))]);
    assert_eq!(hit("level < 三级"), [cmp(Cmp::Lt, field(Field::Level), Expr::Const(3))]);
    assert_eq!(hit("med_type in {53, 51}"), [Expr::In(Box::new(field(Field::MedType)), Box::new([51, 53]))]);
    assert_eq!(hit("age < 18岁"), [Expr::AgeCmp(Cmp::Lt, Box::new(Expr::Const(36)))]);
    assert_eq!(hit("28天 < age"), [Expr::AgeCmp(Cmp::Gt, Box::new(Expr::Const(57)))]);
    assert_eq!(hit("day >= \"2026-01-01\""), [cmp(Cmp::Ge, field(Field::Day), Expr::Const(20_454))]);
    assert_eq!(hit("item in {\"XA\"} and not item = \"XB\""), [Expr::ItemInSet(0), Expr::Not(Box::new(Expr::ItemInSet(1)))]);
    // Column 0 of a compiled table is the point itself; `age` is column 4 of the file.
    assert_eq!(hit("age >= k.age"), [Expr::AgeCmp(Cmp::Ge, Box::new(Expr::Point(5)))]);
    assert_eq!(hit("care in k.modes"), [Expr::InPointSet(Box::new(field(Field::Care)), 7)]);
}

#[test]
fn sources_keys_windows_and_money() {
    let block = lines("hit when sum(count) > k.max");
    assert!(block.grouped && block.source == Source::Lines { net: true, guarded: true });
    assert_eq!(block.keys, [Key::Visit, Key::Item]);
    assert!(!lines("hit when count > k.max").grouped);
    assert!(lines("let n = days()\nhit when n > 1").grouped);
    let text = "for all lines where item in t as k\nper person, k, k.unit within k.days days\nhit when sum(count) > 1\namount excess count over k.max\nsay \"x\"";
    let block = one("", text);
    assert_eq!(block.keys, [Key::Person, Key::Point, Key::PointColumn(16)]);
    assert_eq!(block.window, Window::Within(Expr::Point(8)));
    assert_eq!(block.amount, Amount::Excess { of: Expr::Field(Field::Count), over: Expr::Point(10) });
    let ladder = "for lines where item in t as k\nper visit\nhit when distinct(item) > 1\namount ladder 100%, param.rate\nsay \"x\"";
    assert_eq!(one("[params]\nrate = \"33.3%\"\n", ladder).amount, Amount::Ladder(Box::new([10_000, 3_330])));
}

#[test]
fn a_regions_values_hold_from_their_days_on() {
    let block = "for lines where item in t as k\nper visit\nhit when count > param.n\namount scope\nsay \"超过 {param.n} 次\"";
    let (library, found) = library("valid_from = \"2024-01-01\"\nvalid_to = \"2026-06-30\"\n[params]\nn = 2\n", block);
    assert!(found.is_empty(), "{found:?}");
    let day = |text: &str| mingjian_model::day::parse_day(text).unwrap();
    let mut params = ParamOverrides::default();
    params.set_from("N900", "n", day("2026-01-01"), "4");
    params.set_from("N900", "n", day("2025-07-01"), "3");
    params.set_from("N900", "n", day("2027-01-01"), "9");
    let compiled = library.compile(&Selection::default(), &params).unwrap_or_else(|found| panic!("{found:?}"));
    let blocks: Vec<_> =
        compiled.rule_set.blocks.iter().map(|block| (block.rule, block.valid, block.hit.as_ref().unwrap()[0].clone())).collect();
    let over = |n| cmp(Cmp::Gt, Expr::Field(Field::Count), Expr::Const(n));
    assert_eq!(
        blocks,
        [
            (0, (day("2024-01-01"), day("2025-06-30")), over(20_000)),
            (0, (day("2025-07-01"), day("2025-12-31")), over(30_000)),
            (0, (day("2026-01-01"), day("2026-06-30")), over(40_000)),
        ],
        "what begins after the rule's end is left out"
    );
    assert_eq!(compiled.rules.len(), 1);
    params.set_from("N900", "n", day("2026-01-01"), "18岁");
    let found = library.compile(&Selection::default(), &params).err().unwrap_or_default();
    assert_eq!(found[0].message, "规则 N900 的参数 n（2026-01-01 起）应是数，写的是“18岁”");
}

#[test]
fn a_region_sets_parameters_within_their_kind() {
    let block = "for lines where item in t as k\nper visit\nhit when count > param.n and age < param.a\namount scope\nsay \"x\"";
    let (library, found) = library("[params]\nn = 2\na = \"18岁\"\n", block);
    assert!(found.is_empty(), "{found:?}");
    let mut params = ParamOverrides::default();
    params.set("N900", "n", "3.5");
    let compiled = library.compile(&Selection::default(), &params).unwrap_or_else(|found| panic!("{found:?}"));
    let first = compiled.rule_set.blocks[0].hit.as_ref().map(|hit| hit[0].clone());
    assert_eq!(first, Some(cmp(Cmp::Gt, Expr::Field(Field::Count), Expr::Const(35_000))));
    let default = library.compile(&Selection::default(), &ParamOverrides::default()).map(|compiled| compiled.hash().to_string());
    assert_ne!(default.as_deref().ok(), Some(compiled.hash()), "other parameters are another rule set");
    params.set("N900", "a", "7");
    params.set("N900", "nn", "7");
    params.set("N90", "n", "7");
    let found = library.compile(&Selection::default(), &params).err().unwrap_or_default();
    let texts: Vec<String> = found.iter().map(|d| format!("{d}")).collect();
    assert_eq!(
        texts,
        [
            "（设置）:1:1: 参数设置里的规则 N90 不在规则库里（是不是 N900？）",
            "（设置）:1:1: 规则 N900 的参数 a 应是年龄，写的是“7”",
            "（设置）:1:1: 规则 N900 没有参数 nn；它有 a、n",
        ]
    );
}

#[test]
fn what_is_asked_for_with_known_is_no_need() {
    let needs = |condition: &str| {
        let (library, found) =
            library("", &format!("for lines where item in t as k\nper visit, item\nhit when {condition}\namount scope\nsay \"x\""));
        assert!(found.is_empty(), "{found:?}");
        library.rules[0]
            .needs
            .iter()
            .filter(|(_, column)| !["fee_ocur_time", "inscp_amt", "det_item_fee_sumamt", "med_list_codg"].contains(column))
            .copied()
            .collect::<Vec<_>>()
    };
    assert_eq!(needs("known(price_cap) and price_cap > 1"), []);
    assert_eq!(needs("known(dx in {\"C\"}) and dx in {\"C\"}"), []);
    assert_eq!(needs("known(price_cap) or price_cap > 1"), [("fee_list_d", "pric_uplmt_amt")]);
}

#[test]
fn needs_are_what_the_verdict_reads() {
    let block = "for lines where item in t as k\nper visit, item\nlet old = age >= k.age\nlet unused = price_cap > 0\nunless dx in {\"C\"} \"肿瘤\"\nhit when old\namount scope\nsay \"{sex}\"";
    let (library, found) = library("", block);
    assert!(found.is_empty(), "{found:?}");
    let needs = &library.rules[0].needs;
    assert_eq!(
        needs.as_slice(),
        [
            ("fee_list_d", "det_item_fee_sumamt"),
            ("fee_list_d", "fee_ocur_time"),
            ("fee_list_d", "inscp_amt"),
            ("fee_list_d", "med_list_codg"),
            ("psn_info_b", "brdy")
        ]
    );
}
