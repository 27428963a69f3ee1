//! Bytes, headers, keys, money, ids, marginals, acts.

use crate::support::{city, names};
use mingjian_city::{CityError, CsvFolder, Options, Rates, SCENARIOS, generate};
use mingjian_model::schema::TABLES;
use std::collections::{BTreeMap, BTreeSet, HashSet};

fn small(persons: u32, seed: u64, months: u32) -> Options {
    Options { persons, seed, months, threads: 2, ..Options::default() }
}

#[test]
fn one_and_four_threads_write_the_same() {
    let one = city(&Options { threads: 1, ..small(2_300, 11, 4) });
    let four = city(&Options { threads: 4, ..small(2_300, 11, 4) });
    assert_eq!(one.summary, four.summary);
    assert!(one.tables == four.tables);
    let other = city(&small(2_300, 12, 4));
    assert!(one.tables["fee_list_d"] != other.tables["fee_list_d"]);
}

#[test]
fn the_header_is_the_schema_and_every_row_has_its_width() {
    let folder = tempfile::tempdir().unwrap();
    let sink = CsvFolder::create(folder.path()).unwrap();
    generate(&small(600, 3, 2), &sink, &|_| {}).unwrap();
    for table in TABLES {
        let text = std::fs::read_to_string(folder.path().join(format!("{}.csv", table.name))).unwrap();
        let header: Vec<&str> = text.lines().next().unwrap().split(',').collect();
        assert_eq!(header, names(table.name), "{}", table.name);
        for line in text.lines().skip(1) {
            assert_eq!(line.split(',').count(), table.columns.len(), "{}: {line}", table.name);
            assert!(!line.contains('"'));
        }
    }
    assert!(folder.path().join("truth.csv").exists());
}

#[test]
fn identities_hold_on_every_settlement() {
    let read = city(&small(4_000, 5, 12));
    let mut lines: BTreeMap<String, i64> = BTreeMap::new();
    read.each("fee_list_d", |row| {
        *lines.entry(row.get("setl_id").to_string()).or_default() += row.fen("det_item_fee_sumamt");
        let parts = row.fen("fulamt_ownpay_amt") + row.fen("overlmt_selfpay") + row.fen("preselfpay_amt") + row.fen("inscp_amt");
        assert_eq!(row.fen("det_item_fee_sumamt"), parts, "{}", row.get("bkkp_sn"));
    });
    let mut refunds = 0;
    read.each("setl_d", |row| {
        let id = row.get("setl_id");
        let total = row.fen("medfee_sumamt");
        let scope = row.fen("fulamt_ownpay_amt") + row.fen("overlmt_selfpay") + row.fen("preselfpay_amt") + row.fen("inscp_amt");
        assert_eq!(total, scope, "{id}");
        let fund: i64 = ["hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "hifdm_pay", "maf_pay", "othfund_pay"]
            .iter()
            .map(|name| row.fen(name))
            .sum();
        assert_eq!(row.fen("fund_pay_sumamt"), fund, "{id}");
        let paid = fund + row.fen("acct_pay") + row.fen("acct_mulaid_pay") + row.fen("cash_payamt") + row.fen("ownpay_hosp_part");
        assert_eq!(total, paid, "{id}");
        assert_eq!(lines.get(id), Some(&total), "{id}");
        if row.get("refd_setl_flag") == "1" {
            refunds += 1;
            assert!(total < 0 && !row.get("init_setl_id").is_empty());
        } else {
            assert!(total > 0 && row.fen("cash_payamt") >= 0, "{id}");
        }
    });
    assert!(refunds > 20);
}

#[test]
fn keys_are_unique() {
    let read = city(&small(3_000, 7, 12));
    for table in TABLES.iter().filter(|t| !t.key.is_empty()) {
        let mut seen = HashSet::new();
        read.each(table.name, |row| {
            let key: Vec<&str> = table.key.iter().map(|name| row.get(name)).collect();
            assert!(table.required.iter().all(|name| !row.get(name).is_empty()), "{}", table.name);
            assert!(seen.insert(key.join("|")), "{}: {key:?}", table.name);
        });
    }
    let mut certificates = HashSet::new();
    read.each("psn_info_b", |row| assert!(certificates.insert(row.get("certno").to_string())));
}

#[test]
fn ids_have_the_national_shapes() {
    let read = city(&small(2_000, 9, 3));
    let digits = |text: &str, length: usize| text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    read.each("fixmedins_b", |row| {
        let code = row.get("fixmedins_code");
        assert!(matches!(code.as_bytes()[0], b'H' | b'P') && digits(&code[1..], 11), "{code}");
        assert_eq!(row.get("uscc").len(), 18);
    });
    read.each("prac_psn_b", |row| {
        let code = row.get("prac_psn_code");
        assert!(code.strip_prefix('D').or(code.strip_prefix("HY")).is_some_and(|rest| digits(rest, 12)), "{code}");
    });
    read.each("selinfo_3505", |row| assert!(digits(row.get("drug_trac_codg"), 20)));
    read.each("psn_info_b", |row| assert_eq!(row.get("certno").len(), 18));
}

#[test]
fn marginals_stay_in_their_bands() {
    let read = city(&small(10_000, 21, 12));
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    let mut stays = BTreeSet::new();
    read.each("mdtrt_d", |row| {
        let kind = match row.get("med_type") {
            "41" => "pharmacy",
            "21" | "52" => "stay",
            _ => "outpatient",
        };
        if kind == "stay" {
            stays.insert(row.get("mdtrt_id").to_string());
        }
        *kinds.entry(kind).or_default() += 1;
    });
    let total: u64 = kinds.values().sum();
    let per_mille = |kind: &str| kinds[kind] * 1000 / total;
    assert!((4_000..6_000).contains(&(total / 10)), "visits a thousand persons: {}", total / 10);
    assert!((490..610).contains(&per_mille("outpatient")), "{kinds:?}");
    assert!((350..450).contains(&per_mille("pharmacy")), "{kinds:?}");
    assert!((25..65).contains(&per_mille("stay")), "{kinds:?}");
    let (mut inside, mut outside) = (0u64, 0u64);
    read.each("fee_list_d", |row| if stays.contains(row.get("mdtrt_id")) { inside += 1 } else { outside += 1 });
    let lines_a_stay = inside / stays.len() as u64;
    assert!((200..400).contains(&lines_a_stay), "{lines_a_stay} lines a stay");
    let lines_a_visit = outside * 10 / (total - stays.len() as u64);
    assert!((25..50).contains(&lines_a_visit), "{lines_a_visit} tenths of a line a visit");
    let mut marked = 0;
    read.each("truth", |row| {
        if row.get("legal") == "0" {
            marked += row.get("lines").split(';').filter(|id| !id.is_empty()).count() as u64;
        }
    });
    let share = marked * 1000 / (inside + outside);
    assert!((8..30).contains(&share), "{share} per mille of lines are evidence");
}

#[test]
fn every_scenario_appears_and_points_at_rows_that_exist() {
    let read = city(&small(8_000, 31, 12));
    let mut lines = HashSet::new();
    let mut settlements = HashSet::new();
    read.each("fee_list_d", |row| {
        lines.insert(row.get("bkkp_sn").to_string());
    });
    read.each("setl_d", |row| {
        settlements.insert(row.get("setl_id").to_string());
    });
    let mut seen = BTreeSet::new();
    let mut ids = HashSet::new();
    read.each("truth", |row| {
        assert_eq!(row.width(), 12);
        assert!(ids.insert(row.get("act_id").to_string()));
        seen.insert(row.get("scenario").to_string());
        for id in row.get("lines").split(';').filter(|id| !id.is_empty()) {
            assert!(lines.contains(id), "{id}");
        }
        for id in row.get("setl_id").split(';') {
            assert!(settlements.contains(id), "{id}");
        }
        assert!(!row.get("psn_no").is_empty() && !row.get("fixmedins_code").is_empty());
        assert!(row.get("amount").is_empty() || row.fen("amount") > 0, "{}", row.get("scenario"));
    });
    let missing: Vec<&str> = SCENARIOS.iter().map(|s| s.name).filter(|name| !seen.contains(*name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn one_month_is_enough_for_the_acts_of_one_visit_or_stay() {
    let read = city(&small(8_000, 6, 1));
    let mut seen = BTreeSet::new();
    read.each("truth", |row| {
        seen.insert(row.get("rule_or_model").to_string());
    });
    for rule in ["N001", "N025", "N027", "N036", "N067", "N084", "M17", "M20"] {
        assert!(seen.contains(rule), "{rule}: {seen:?}");
    }
}

#[test]
fn a_rate_of_its_own_plants_one_scenario_alone() {
    let plant = Rates { scenarios: vec![("split_stay".into(), 100)], ..Rates::none() };
    let read = city(&Options { plant: Rates { least: 2, ..plant }, ..small(2_000, 2, 6) });
    let mut seen = BTreeSet::new();
    read.each("truth", |row| {
        seen.insert(row.get("scenario").to_string());
    });
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["split_stay"]);
}

#[test]
fn options_out_of_range_are_refused_in_words() {
    let refuse = |options: Options| {
        let sink = crate::support::Memory::default();
        generate(&options, &sink, &|_| {}).unwrap_err()
    };
    assert!(matches!(refuse(small(10, 1, 1)), CityError::TooFewPersons { persons: 10 }));
    assert!(matches!(refuse(small(600, 1, 0)), CityError::Period { .. }));
    let plant = Rates { scenarios: vec![("nothing".into(), 1)], ..Rates::none() };
    let error = refuse(Options { plant, ..small(600, 1, 1) });
    assert!(error.to_string().contains("nothing"));
}
