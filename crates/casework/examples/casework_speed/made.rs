//! Findings that are made up: 5,000 institutions in 10 counties, a few of which have very many.

use mingjian_casework::{Facts, FindingRow, InstitutionFact, PersonFact, VisitFact};
use mingjian_model::day::{MICROS_PER_DAY, parse_day};

pub const INSTITUTIONS: u64 = 5_000;

/// Numbers that look drawn, the same every time.
fn mixed(n: u64) -> u64 {
    let mut z = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z ^ (z >> 29)
}

pub fn findings(from: u64, to: u64) -> (Vec<FindingRow>, Facts) {
    let mut facts = Facts::default();
    for n in 0..INSTITUTIONS {
        let region = format!("3309{:02}", n % 10);
        facts.institutions.insert(house(n), InstitutionFact { name: format!("第{n}医院"), level: "二级".into(), region });
    }
    let begin = parse_day("2025-01-01").unwrap_or(0);
    let mut rows = Vec::new();
    for n in from..to {
        let draw = mixed(n);
        // A few institutions have very many.
        let institution = if draw.is_multiple_of(10) { draw / 10 % 20 } else { draw / 10 % INSTITUTIONS };
        let (visit, person) = (format!("V{n:09}"), format!("P{:08}", draw % 600_000));
        let day = begin + (draw / 7 % 365) as i32;
        facts.visits.insert(
            visit.clone(),
            VisitFact { kind_title: "住院".into(), stay: draw.is_multiple_of(3), begin: Some(day), end: Some(day + 5) },
        );
        facts.persons.entry(person.clone()).or_insert_with(|| PersonFact {
            name_masked: "周**".into(),
            sealed: None,
            sex: "女".into(),
            born: parse_day("1955-06-01"),
        });
        for k in 0..1 + draw % 2 {
            let amount = 100 + (mixed(draw + k) % 1_000_000) as i64;
            let id = format!("{n:016x}{k:016x}");
            let definite = mixed(draw + 5 * k) % 10 < 7;
            rows.push(FindingRow {
                cluster_id: id.clone(),
                finding_id: id,
                rule_id: format!("N{:03}", 1 + mixed(draw + 3 * k) % 88),
                rule_version: 1,
                rule_name: "医疗服务项目重复收费".into(),
                kind: "重复收费".into(),
                class: "政策类".into(),
                result: if definite { "违规" } else { "可疑" }.into(),
                band: "core".into(),
                psn_no: Some(person.clone()),
                mdtrt_id: Some(visit.clone()),
                setl_id: Some(format!("S{n}")),
                fixmedins_code: Some(house(institution)),
                bilg_dr_code: Some(format!("D{}", draw % 20_000)),
                first_time: Some(i64::from(day) * MICROS_PER_DAY),
                last_time: Some(i64::from(day) * MICROS_PER_DAY),
                amount: Some(amount),
                fund_amount: Some(amount * 7 / 10),
                acct_amount: Some(0),
                text: format!("同日收取“静脉输液”和“静脉注射”，后者的内涵已含在前者，多收 {} 分。", amount),
                leads: true,
                cluster_amount: Some(amount),
            });
        }
    }
    (rows, facts)
}

pub fn house(n: u64) -> String {
    format!("H3309{n:05}")
}
