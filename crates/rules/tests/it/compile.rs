//! Blocks of every shape compile; wrong ones are told where and why.

use mingjian_engine::program::{Amount, Key, Source, Window};
use mingjian_engine::expr::{Cmp, Expr, Field};
use mingjian_rules::{Compiled, Library, ParamOverrides, Selection};

const KNOWLEDGE: &[(&str, &str)] = &[
    ("t", "#! title = \"t\"\n#! origin = \"t\"\n#! types = { sex = \"sex\", age = \"age\", level = \"level\", modes = \"care\", days = \"days\", gap = \"days\", max = \"decimal\", hours = \"hours\", cap = \"price\", total = \"money\", depts = \"texts\", parts = \"items\", unit = \"text\", share = \"percent\" }\npoint,name,codes,sex,age,level,modes,days,gap,max,hours,cap,total,depts,parts,unit,share,basis\nP1,甲,XA01*,男,18岁,三级,住院;门诊,14,30,1,24,12.5,100.00,07;08,XB*,日,50%,限男性\n"),
    ("pairs", "#! title = \"t\"\n#! origin = \"t\"\npoint,name,codes,part_name,part_codes,window\nQ1,主,110100001,从,110100002,6小时\nQ2,主,110100001,从,110100003,单日\n"),
    ("dxs", "#! title = \"t\"\n#! origin = \"t\"\n#! match = \"prefix\"\n#! types = { sex = \"sex\" }\npoint,name,codes,sex\nX1,妊娠,O,女\n"),
];

fn file(params: &str, block: &str) -> String {
    format!(
        "+++\nid = \"N900\"\nname = \"made_up\"\nversion = 1\nstatus = \"live\"\nkind = \"试\"\nresult = \"违规\"\nclass = \"医疗类\"\nstages = [\"after\"]\nbasis = [{{ doc = \"甲\", article = \"一\" }}]\nknowledge = [{}]\n{params}+++\n# 试\n试\n```rule\n{block}\n```\n## 误报与申辩\n无\n## 应命中\n```csv\nitem,expect\nXA01,1\n```\n## 不应命中\n```csv\nitem\nXB\n```\n",
        KNOWLEDGE.iter().filter(|(name, _)| block.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == *name)).map(|(name, _)| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
    )
}

fn library(params: &str, block: &str) -> (Library, Vec<String>) {
    let mut files: Vec<(String, String)> = KNOWLEDGE.iter().map(|(name, text)| (format!("knowledge/{name}.csv"), (*text).to_string())).collect();
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
    ("[params]\ninjury = []\n", "for lines where item in t as k\nper visit, item\nunless insurance in param.injury \"工伤\"\nhit when true\namount scope\nsay \"{item}{count}{amount}{k.basis}\""),
    ("", "for lines where item in t as k\nper visit, item\nhit when not (med_type in {51, 52, 53} or insurance = 510 or maternity_fee)\namount scope\nsay \"{insurance}{med_type}\""),
    ("", "for lines where herb\nper prescription\nhit when every(item in t)\namount scope\nsay \"{count()}味\""),
    ("", "for lines where item in t as k\nper visit, item\nhit when age >= k.age\namount scope\nsay \"{age}{k.age}\""),
    ("", "for lines where drug and not discharge_drug\nper person, generic chain overlap 7 days\nlet limit = if care = 急诊 then 3 else if care = 门慢 or registered then 84 else 7\nneed known(supply_days) else \"没有供药天数\"\nhit when chain_days > limit and sum(count) > 1\namount excess supply_days over limit\nsay \"{chain_days}天，限{limit}天\""),
    ("", "for lines where item in t as k\nper person, generic, k course gap 30 days\nlet last = if k.days = 365 then months_after(first_day, 12) - first_day else k.days\nhit when days() > last\namount lines where nth_day > k.days\nsay \"用了{days()}天，限{last}天\""),
    ("", "for lines where item in t as k\nper visit, item\nhit when level < k.level and not unlevelled\nsuspect when level < k.level\namount scope\nsay \"{level}{k.level}\""),
    ("", "for lines where item in t as k\nper visit, item\nhit when not care in k.modes\namount scope\nsay \"{care}\""),
    ("[params]\ntolerance = 0.005\n", "for lines where service\nper visit, item\nlet cap = if price_cap > 0 then price_cap else list_price\nneed known(cap) else \"没有限价\"\nhit when price > cap + param.tolerance\namount price over cap\nsay \"{price}>{cap}\""),
    ("[params]\nrate = \"50%\"\n", "for lines where item in t as k\nper visit, session, k.unit\nhit when distinct(item) > 1 and sessions_that_day <= 1\nsuspect when distinct(item) > 1\namount ladder 100%, param.rate\nsay \"{distinct(item)}\""),
    ("", "for pairs in pairs as k\nper person, institution, k, k.window\nhit when true\namount part up to main\nsay \"{k.name}{k.part_name}{k.window}\""),
    ("", "for lines where item in t as k\nper person, institution, item, day\nlet limit = if hours_present < 24 then hours_present else 24\nhit when sum(count) > k.max and item_unit = \"日\"\nwatch when sum(count) > limit\namount excess count over k.max\nsay \"{sum(count)}\""),
    ("", "for lines where item in t as k\nper person, item within k.days days\nhit when sum(count) > k.max and distinct(institution) = 1\nwatch when sum(count) > k.max\namount excess count over k.max\nsay \"{first_day}{last_day}\""),
    ("", "for raw lines\nper visit\nhit when ill_formed_item or amount_mismatch or orphan_reversal or after_upload or (no_doctor and not pharmacy)\namount none\nsay \"{time}\""),
    ("", "for all lines where care = 住院 and not self_paid\nper visit\nunless discharge_drug \"出院带药\"\nhit when day < begin_day or day > end_day\namount scope\nsay \"{day}不在{begin_day}至{end_day}之间\""),
    ("[params]\nlow = 3\n", "for stays\nper person, institution next\nunless dx in {\"Z51.0\", \"Z49\"} \"计划性治疗\"\nunless prev.discharge_way in {2, 3, 4} \"转院\"\nlet gap = begin_day - prev.end_day\nhit when gap between 0 and param.low and main_dx3 = prev.main_dx3\nwatch when gap <= 15\namount none\nsay \"间隔{gap}天\""),
    ("", "for visits where med_type in {11, 13, 14, 19, 51}\nper person within 30 days\nhit when count() > 15 or days() > 10\namount none\nsay \"{count()}次\""),
    ("", "for stays\nper visit\nhit when charges{03, 04} / charges > 50% and operations = 0 and stay_days <= 3 and main_dx in dxs\namount none\nsay \"{charges{03, 04}}\""),
    ("", "for diagnoses where code in dxs as k\nper visit, code\nhit when sex != k.sex\namount none\nsay \"{code}{sex}{k.sex}\""),
    ("", "for settlements where not pharmacy\nper settlement\nhit when inside_other_stay or day > death_day\namount none\nsay \"{day}{death_day}\""),
    ("", "for lines where item in t as k\nper visit\nhit when not has item in k.parts and not has item in t\namount scope\nsay \"{k}\""),
    ("", "for lines where item in t as k\nper visit\nhit when dept_class in k.depts or route = \"口服\" or item in {\"XA\"}\namount scope\nsay \"{dept_class}{route}\""),
    ("", "for lines where item in t as k\nper person, item, year\nhit when sum(scope) > k.total * 2 - 0.5\namount excess scope over k.total\nsay \"{sum(scope)}{sum(count * price)}\""),
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
fn prints() {
    for (params, block) in &SHAPES[..1] {
        let compiled = compiled(params, block);
        println!("{:#?}", compiled.rule_set.blocks);
    }
    let _ = (Amount::None, Key::Item, Source::Stays, Window::All, Cmp::Eq, Expr::TRUE, Field::Day);
}
