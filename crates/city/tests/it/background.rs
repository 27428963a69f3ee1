//! Without acts, nothing in the city breaks a limit its catalogue knows.

use crate::support::{Read, city};
use mingjian_city::{Options, Rates};
use mingjian_model::day::{self, Day};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::OnceLock;

fn clean() -> &'static Read {
    static CITY: OnceLock<Read> = OnceLock::new();
    CITY.get_or_init(|| city(&Options { persons: 6_000, seed: 77, months: 12, threads: 2, plant: Rates::none(), ..Options::default() }))
}

fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().skip(1).map(|line| line.split(',').collect())
}

fn day_of(time: &str) -> Day {
    day::parse_day(&time[..10]).unwrap()
}

/// Visit → sex, birth, kind, institution, begin, end.
fn visits() -> HashMap<String, (String, Day, String, String, String, String)> {
    let mut visits = HashMap::new();
    clean().each("mdtrt_d", |row| {
        visits.insert(
            row.get("mdtrt_id").to_string(),
            (
                row.get("gend").to_string(),
                day_of(row.get("brdy")),
                row.get("med_type").to_string(),
                row.get("fixmedins_code").to_string(),
                row.get("begntime").to_string(),
                row.get("endtime").to_string(),
            ),
        );
    });
    visits
}

#[test]
fn restricted_drugs_reach_only_those_they_are_for() {
    let groups: HashMap<&str, &str> = rows(include_str!("../../data/drugs.csv")).map(|r| (r[0], r[15])).collect();
    let visits = visits();
    let mut seen = 0;
    clean().each("fee_list_d", |row| {
        let Some(group) = groups.get(row.get("med_list_codg")) else { return };
        let (sex, born, med_type, institution, ..) = &visits[row.get("mdtrt_id")];
        let adult = day::add_years(*born, 18) <= day_of(row.get("fee_ocur_time"));
        let stay = matches!(med_type.as_str(), "21" | "52");
        let what = row.get("hilist_name");
        for word in group.split(' ') {
            seen += usize::from(matches!(word, "f_gyn" | "c_uri" | "lv_inj" | "md_inj"));
            match word {
                "f_gyn" | "f_obs" => assert_eq!(sex, "2", "{what}"),
                "m_drug" => assert_eq!(sex, "1", "{what}"),
                "c_uri" | "c_gi" => assert!(!adult, "{what}"),
                "adult" => assert!(adult, "{what}"),
                "md_inj" | "lv_inj" | "cs_inj" => assert!(stay && institution.starts_with('H'), "{what}"),
                "wk_drug" | "c_lim" | "stock" => panic!("{what} has no place in lawful care here"),
                _ => {}
            }
        }
    });
    assert!(seen > 500);
}

#[test]
fn days_and_hours_hold_what_a_day_holds() {
    let services: HashMap<&str, (&str, &str)> = rows(include_str!("../../data/services.csv")).map(|r| (r[1], (r[0], r[3]))).collect();
    let pairs: Vec<(&str, &str)> = rows(include_str!("../../data/avoid.csv")).map(|r| (r[0], r[1])).collect();
    let visits = visits();
    let mut daily: BTreeMap<(String, Day, &str), i64> = BTreeMap::new();
    clean().each("fee_list_d", |row| {
        let Some((tag, unit)) = services.get(row.get("med_list_codg")) else { return };
        let date = day_of(row.get("fee_ocur_time"));
        *daily.entry((row.get("mdtrt_id").to_string(), date, tag)).or_default() += row.quantity("cnt");
        let (_, _, med_type, _, begin, end) = &visits[row.get("mdtrt_id")];
        let time = row.get("fee_ocur_time");
        assert!(time >= begin.as_str() && (time <= end.as_str() || med_type != "21"), "{time} outside {begin}–{end}");
        assert!(!time.ends_with("00:00:00") || *unit != "小时");
    });
    let mut tags: HashMap<(&str, Day), HashSet<&str>> = HashMap::new();
    for ((visit, date, tag), count) in &daily {
        let (_, _, _, _, begin, _) = &visits[visit];
        match *tag {
            "bed" | "consult_ip" | "nurs1" | "nurs2" | "nurs3" | "nurs_psy" => assert!(*count <= 10_000, "{tag} {count}"),
            "ecgmon" | "spo2" | "anes_mon" => {
                let present = if day_of(begin) == *date { 24 - begin[11..13].parse::<i64>().unwrap() } else { 24 };
                assert!(*count <= present * 10_000, "{tag} {count} of {present}");
            }
            _ => {}
        }
        if *count > 0 {
            tags.entry((visit, *date)).or_default().insert(tag);
        }
    }
    for (key, here) in &tags {
        assert!(here.iter().filter(|t| t.starts_with("nurs")).count() <= 1, "two grades of nursing: {key:?}");
        assert!(here.iter().filter(|t| t.starts_with("op_")).count() <= 1, "two operations: {key:?}");
        for (main, part) in &pairs {
            assert!(!(here.contains(main) && here.contains(part)), "{main} and {part}: {key:?}");
        }
    }
}

#[test]
fn prices_stay_within_the_level_s_ceiling() {
    let mut ceilings: HashMap<(String, String), i64> = HashMap::new();
    clean().each("hilist_price_b", |row| {
        ceilings.insert((row.get("hilist_code").into(), row.get("hosp_lv_grp").into()), row.fen("hilist_pric_uplmt_amt"));
    });
    let mut levels: HashMap<String, &str> = HashMap::new();
    clean().each("fixmedins_b", |row| {
        let group = match row.get("hosp_lv") {
            "01" | "02" | "03" | "04" => "3",
            "05" | "06" | "07" => "2",
            _ => "1",
        };
        levels.insert(row.get("fixmedins_code").into(), group);
    });
    clean().each("fee_list_d", |row| {
        if row.get("list_type") == "201" {
            let level = levels[row.get("fixmedins_code")];
            let ceiling = ceilings[&(row.get("med_list_codg").to_string(), level.to_string())];
            assert!(row.fen("pric") <= ceiling, "{} {level}", row.get("hilist_name"));
        }
    });
}

#[test]
fn nobody_is_in_two_places() {
    let mut by_person: HashMap<String, Vec<(String, String, bool)>> = HashMap::new();
    clean().each("mdtrt_d", |row| {
        let stay = matches!(row.get("med_type"), "21" | "52");
        by_person.entry(row.get("psn_no").into()).or_default().push((row.get("begntime").into(), row.get("endtime").into(), stay));
    });
    for (person, times) in &mut by_person {
        times.sort();
        for pair in times.windows(2) {
            assert!(pair[0].1 <= pair[1].0, "{person}: {pair:?}");
        }
        let days: Vec<Day> = times.iter().filter(|t| !t.2).map(|t| day_of(&t.0)).collect();
        for window in days.windows(4) {
            assert!(window[3] > window[0] + 1, "{person}: four visits within two days");
        }
    }
    let mut places: HashMap<String, String> = HashMap::new();
    clean().each("fee_list_d", |row| {
        let place = places.entry(row.get("bilg_dr_code").into()).or_insert_with(|| row.get("fixmedins_code").into());
        assert_eq!(place, row.get("fixmedins_code"));
    });
}

#[test]
fn supplies_do_not_overlap_and_keep_to_their_limits() {
    let mut registered = HashSet::new();
    clean().each("opsp_reg_d", |row| {
        registered.insert(row.get("psn_no").to_string());
    });
    let mut refunded = HashSet::new();
    clean().each("setl_d", |row| {
        if !row.get("init_setl_id").is_empty() {
            refunded.insert(row.get("init_setl_id").to_string());
            refunded.insert(row.get("setl_id").to_string());
        }
    });
    let mut supplies: HashMap<(String, String), Vec<(Day, i64)>> = HashMap::new();
    clean().each("fee_list_d", |row| {
        let outpatient = matches!(row.get("med_type"), "11" | "13" | "14" | "41" | "51");
        if row.get("list_type") != "101" || !outpatient || row.fen("inscp_amt") <= 0 || refunded.contains(row.get("setl_id")) {
            return;
        }
        let days: i64 = row.get("prd_days").parse().unwrap();
        let limit = match row.get("med_type") {
            "13" => 3,
            "14" => 84,
            _ if registered.contains(row.get("psn_no")) => 84,
            _ => 7,
        };
        assert!(days <= limit || row.quantity("cnt") == 10_000, "{} {days} days", row.get("hilist_name"));
        let key = (row.get("psn_no").to_string(), row.get("med_list_codg").to_string());
        supplies.entry(key).or_default().push((day_of(row.get("fee_ocur_time")), days));
    });
    for (key, list) in &mut supplies {
        list.sort_unstable();
        for pair in list.windows(2) {
            assert!(pair[1].0 + 7 >= pair[0].0 + pair[0].1 as Day, "{key:?}: {pair:?}");
        }
    }
}

#[test]
fn stock_covers_what_is_sold_and_packs_are_sold_once() {
    let mut bought: HashMap<(String, String, String), i64> = HashMap::new();
    let mut reporters = HashSet::new();
    clean().each("invinfo_3501", |row| {
        reporters.insert(row.get("fixmedins_code").to_string());
        let key = (row.get("fixmedins_code").into(), row.get("med_list_codg").into(), row.get("invdate")[..7].to_string());
        *bought.entry(key).or_default() += row.quantity("inv_cnt");
    });
    let mut inbound = HashSet::new();
    let mut inbound_places = HashSet::new();
    clean().each("purcinfo_3503", |row| {
        let key = (row.get("fixmedins_code").into(), row.get("med_list_codg").into(), row.get("purc_retn_stoin_time")[..7].to_string());
        *bought.entry(key).or_default() += row.quantity("purc_retn_cnt");
        if !row.get("drug_trac_codg").is_empty() {
            assert!(inbound.insert(row.get("drug_trac_codg").to_string()));
            inbound_places.insert(row.get("fixmedins_code").to_string());
        }
    });
    let mut sold: HashMap<(String, String, String), i64> = HashMap::new();
    clean().each("fee_list_d", |row| {
        if row.get("list_type") == "101" && reporters.contains(row.get("fixmedins_code")) {
            let key = (row.get("fixmedins_code").into(), row.get("med_list_codg").into(), row.get("fee_ocur_time")[..7].to_string());
            *sold.entry(key).or_default() += row.quantity("cnt");
        }
    });
    assert!(sold.len() > 500 && inbound.len() > 500);
    for (key, count) in &sold {
        assert!(bought.get(key).copied().unwrap_or(0) >= *count, "{key:?}: {count}");
    }
    let mut returned: HashMap<String, i64> = HashMap::new();
    clean().each("selinfo_3506", |row| *returned.entry(row.get("drug_trac_codg").into()).or_default() += 1);
    let mut sales: HashMap<String, i64> = HashMap::new();
    clean().each("selinfo_3505", |row| {
        *sales.entry(row.get("drug_trac_codg").into()).or_default() += 1;
        assert!(!inbound_places.contains(row.get("fixmedins_code")) || inbound.contains(row.get("drug_trac_codg")));
    });
    for (code, count) in &sales {
        assert!(count - returned.get(code).copied().unwrap_or(0) <= 1, "{code}");
    }
}

#[test]
fn beds_are_never_over_what_is_approved() {
    let mut beds: HashMap<String, i64> = HashMap::new();
    clean().each("fixmedins_b", |row| {
        beds.insert(row.get("fixmedins_code").into(), row.get("aprv_bed_cnt").parse().unwrap_or(0));
    });
    let mut occupied: HashMap<(String, Day), i64> = HashMap::new();
    clean().each("mdtrt_d", |row| {
        if matches!(row.get("med_type"), "21" | "52") {
            for date in day_of(row.get("begntime"))..day_of(row.get("endtime")) {
                *occupied.entry((row.get("fixmedins_code").into(), date)).or_default() += 1;
            }
        }
    });
    for ((place, date), count) in &occupied {
        assert!(*count <= beds[place], "{place} {date}: {count} of {}", beds[place]);
    }
}
