//! Equal data, equal findings: threads, buckets, splits of the import and order of rows change nothing.

use mingjian_lake::Lake;
use mingjian_screening::{Finding, Plan};

use crate::fixture::{Csv, import, lake, library, options, screened};

/// A small generator of made-up care; not the city's, so that nothing is shared with it.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

/// Rows by table: header and lines.
fn town() -> Vec<(&'static str, &'static str, Vec<String>)> {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let items = ["XG01AAA001A001010100001", "XG02AAA001A001010100001", "XN01AAA001A001010100001", "003310010160100", "坏编码"];
    let (mut persons, mut visits, mut settlements, mut lines, mut deaths) = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for person in 0..80 {
        persons.push(format!("P{person:03},{},19{:02}-01-01,C{person:03}", 1 + dice.roll(2), 30 + dice.roll(60)));
        if dice.roll(10) == 0 {
            deaths.push(format!("C{person:03},某,2025-02-{:02}", 1 + dice.roll(28)));
        }
        for visit in 0..dice.roll(6) {
            let id = format!("V{person:03}{visit}");
            let (institution, kind) =
                if dice.roll(3) == 0 { (format!("P1101000000{}", dice.roll(3)), 41) } else { (format!("H1101000000{}", dice.roll(4)), 11) };
            let day = format!("2025-0{}-{:02}", 1 + dice.roll(3), 1 + dice.roll(28));
            // Now and then a visit no row tells of.
            if dice.roll(12) != 0 {
                visits.push(format!("{id},P{person:03},{institution},02,{day} 08:00:00,{kind},310"));
            }
            let mut total = 0;
            for line in 0..1 + dice.roll(5) {
                let (count, price) = (1 + dice.roll(4) as i64, 1 + dice.roll(90) as i64);
                let item = items[dice.roll(5) as usize];
                let hour = 8 + dice.roll(3);
                let row = |sn: u64, count: i64, origin: &str| {
                    format!(
                        "{sn},{id},{day} {hour:02}:00:00,S{id},{institution},P{person:03},{kind},{count},{price},{0}.00,0.00,{0}.00,{item},{2},{origin},{1}",
                        count * price,
                        if item.starts_with('X') { "R1" } else { "" },
                        if kind == 41 { "" } else { "D1" },
                    )
                };
                lines.push(row(line, count, ""));
                total += count * price;
                if dice.roll(6) == 0 {
                    lines.push(row(100 + line, -1, &line.to_string()));
                    total -= price;
                }
            }
            settlements
                .push(format!("S{id},{id},,P{person:03},{institution},{day} 12:00:00,{kind},{total}.00,{total}.00,{}.00,0.00", total / 2));
            if dice.roll(9) == 0 {
                settlements.push(format!(
                    "X{id},{id},S{id},P{person:03},{institution},{day} 13:00:00,{kind},-{total}.00,-{total}.00,-{}.00,0.00",
                    total / 2
                ));
            }
        }
    }
    vec![
        ("psn_info_b", "psn_no,gend,brdy,certno", persons),
        ("death_list", "certno,psn_name,die_date", deaths),
        ("mdtrt_d", "mdtrt_id,psn_no,fixmedins_code,hosp_lv,begntime,med_type,insutype", visits),
        (
            "setl_d",
            "setl_id,mdtrt_id,init_setl_id,psn_no,fixmedins_code,setl_time,med_type,medfee_sumamt,inscp_amt,fund_pay_sumamt,acct_pay",
            settlements,
        ),
        (
            "fee_list_d",
            "bkkp_sn,mdtrt_id,fee_ocur_time,setl_id,fixmedins_code,psn_no,med_type,cnt,pric,det_item_fee_sumamt,fulamt_ownpay_amt,inscp_amt,med_list_codg,bilg_dr_code,init_feedetl_sn,rx_drord_no",
            lines,
        ),
    ]
}

/// Imports the town in so many parts, rows dealt out in turn, the parts' tables in turned order.
fn built(folder: &std::path::Path, name: &str, buckets: u32, parts: usize) -> Lake {
    let lake = lake(folder, name, buckets);
    for part in 0..parts {
        let mut tables: Vec<Csv<'_>> = Vec::new();
        for (table, header, rows) in town() {
            let mine: Vec<String> = rows.into_iter().enumerate().filter(|(at, _)| at % parts == part).map(|(_, row)| row).collect();
            if !mine.is_empty() {
                tables.push((table, format!("{header}\n{}\n", mine.join("\n"))));
            }
        }
        if part % 2 == 1 {
            tables.reverse();
        }
        import(&lake, &tables);
    }
    lake
}

/// All but the version of the data, which the number of imports moves.
fn told(found: Vec<Finding>) -> Vec<Finding> {
    found.into_iter().map(|finding| Finding { data_version: 0, ..finding }).collect()
}

#[test]
fn threads_buckets_and_splits_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let library = library();
    let (report, expected) = screened(&built(folder.path(), "one", 1, 1), &library, &options(1));
    let expected = told(expected);
    assert!(expected.len() > 60, "{} findings", expected.len());
    for rule in ["N901", "N902", "N903", "N904", "M901"] {
        assert!(expected.iter().any(|finding| finding.rule_id == rule), "{rule} finds nothing");
    }
    for (buckets, parts, threads) in [(1, 1, 2), (4, 1, 4), (16, 1, 2), (4, 3, 1), (7, 5, 4)] {
        let name = format!("lake-{buckets}-{parts}-{threads}");
        let (other, found) = screened(&built(folder.path(), &name, buckets, parts), &library, &options(threads));
        let found = told(found);
        assert_eq!(found.len(), expected.len(), "{name}");
        for (mine, theirs) in found.iter().zip(&expected) {
            assert_eq!(mine, theirs, "{name}");
        }
        assert_eq!(other.totals, report.totals, "{name}");
        assert_eq!(other.rules, report.rules, "{name}");
    }
}

#[test]
fn a_second_screening_of_the_same_data_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let lake = built(folder.path(), "twice", 4, 2);
    let (first, found) = screened(&lake, &library(), &options(2));
    let (second, again) = screened(&lake, &library(), &options(1));
    assert_eq!(found, again);
    assert_eq!((first.data_version, &first.totals), (second.data_version, &second.totals));
}

#[test]
fn amounts_never_exceed_their_evidence_and_refunded_visits_never_hit() {
    let folder = tempfile::tempdir().unwrap();
    let lake = built(folder.path(), "bounds", 4, 1);
    let (_, found) = screened(&lake, &library(), &options(2));
    let refunded: Vec<String> = town()
        .into_iter()
        .filter(|table| table.0 == "setl_d")
        .flat_map(|table| table.2)
        .filter(|row| row.starts_with('X'))
        .filter_map(|row| row.split(',').nth(1).map(str::to_owned))
        .collect();
    assert!(!refunded.is_empty());
    for finding in found {
        let sum: i64 = finding.evidence_amounts.iter().sum();
        assert_eq!(finding.amount.unwrap_or(0), sum);
        assert!(finding.fund_amount.unwrap_or(0) + finding.acct_amount.unwrap_or(0) <= sum.max(0));
        if finding.rule_id == "N901" || finding.rule_id == "N902" {
            assert!(!refunded.contains(&finding.mdtrt_id.unwrap_or_default()), "{}", finding.text);
        }
    }
}

#[test]
fn only_columns_rules_need_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let lake = built(folder.path(), "plan", 1, 1);
    let columns = Plan::new([("fee_list_d", "pric"), ("fee_list_d", "hilist_name")]).columns(&lake.snapshot(None).unwrap(), "fee_list_d");
    assert!(
        columns.contains(&"pric".to_owned()) && !columns.contains(&"hilist_name".to_owned()) && !columns.contains(&"bkkp_sn".to_owned())
    );
}
