//! A made-up town in which every group rule finds something; rows as CSV text, dealt into lakes in any way.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{Field, Schema};
use mingjian_groups::{GroupHit, Settings};
use mingjian_lake::{Lake, Origin, TypedBlock, arrow_type};
use mingjian_model::schema;
use mingjian_rules::{Library, ParamOverrides, Selection};

/// Name, header and rows of a national table; cells hold no commas.
pub type Rows = (&'static str, &'static str, Vec<String>);

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

/// One hospital with three beds and one with many, two pharmacies that sell ever more in December, a practitioner in two places, drugs
/// that are sold again, elsewhere, and without having been bought; some of it refunded and reversed.
pub fn town() -> Vec<Rows> {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let (mut visits, mut settlements, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    for visit in 0..900_u64 {
        let pharmacy = dice.roll(3) == 0;
        let stay = !pharmacy && dice.roll(3) == 0;
        let house = if pharmacy { format!("P{}", dice.roll(2)) } else { format!("H{}", dice.roll(3)) };
        let (month, first) = (if pharmacy && dice.roll(2) == 0 { 12 } else { 1 + dice.roll(12) }, 1 + dice.roll(20));
        let kind = if pharmacy {
            41
        } else if stay {
            21
        } else {
            11
        };
        let (id, person) = (format!("V{visit:04}"), format!("R{:03}", dice.roll(200)));
        let days = if stay { 1 + dice.roll(8) } else { 1 };
        let last = first + days - 1;
        visits.push(format!("{id},{person},{house},2025-{month:02}-{first:02} 08:00:00,2025-{month:02}-{last:02} 10:00:00,{kind}"));
        let mut total = 0;
        for line in 0..days * 3 {
            let (count, price) = (2 + dice.roll(3), 1 + dice.roll(90));
            let doctor = if pharmacy { String::new() } else { format!("D{}", dice.roll(3)) };
            let (day, hour, minute) = (first + line / 3, 8 + dice.roll(2), dice.roll(60));
            let item = format!("X{:03}", dice.roll(6));
            let time = format!("2025-{month:02}-{day:02} {hour:02}:{minute:02}:{:02}", dice.roll(60));
            let row = |sn: u64, count: i64, origin: &str| {
                let money = count * price as i64;
                format!("{sn},{id},{time},S{id},{house},{person},{kind},{count},{price},{money}.00,{money}.00,{item},{doctor},{origin},09")
            };
            lines.push(row(line, count as i64, ""));
            total += count * price;
            if dice.roll(9) == 0 {
                lines.push(row(1000 + line, if dice.roll(2) == 0 { -1 } else { -(count as i64) }, &line.to_string()));
            }
        }
        let moment = format!("2025-{month:02}-{last:02}");
        settlements.push(format!("S{id},{id},,{person},{house},{moment} 12:00:00,{kind},{total}.00,{total}.00,{}.00,0.00", total / 2));
        if dice.roll(12) == 0 {
            let half = total / 2;
            settlements.push(format!("X{id},{id},S{id},{person},{house},{moment} 13:00:00,{kind},-{total}.00,-{total}.00,-{half}.00,0.00"));
        }
    }
    let (mut sold, mut returned, mut bought) = (Vec::new(), Vec::new(), Vec::new());
    for sale in 0..700_u64 {
        let (house, code, item) = (format!("P{}", dice.roll(2)), format!("T{:03}", dice.roll(300)), format!("X{:03}", dice.roll(6)));
        let (month, day) = (3 + dice.roll(9), 1 + dice.roll(28));
        let settlement = if dice.roll(4) == 0 { String::new() } else { format!("SV{:04}", dice.roll(900)) };
        sold.push(format!("{house},{item},{code},B{sale:04},R{:03},{settlement},1,0,1,2025-{month:02}-{day:02} 10:00:00", dice.roll(200)));
        if dice.roll(10) == 0 {
            returned.push(format!("{house},{item},{code},0,1,2025-{month:02}-{day:02} 11:00:00"));
        }
        if dice.roll(2) == 0 {
            bought.push(format!("{house},{item},{code},{},2025-01-{day:02} 09:00:00", 1 + dice.roll(5)));
        }
    }
    let houses = [("H0", 1, 1), ("H1", 1, 2), ("H2", 1, 500), ("P0", 2, 0), ("P1", 2, 0)];
    vec![
        (
            "fixmedins_b",
            "fixmedins_code,fixmedins_type,aprv_bed_cnt,begndate",
            houses.map(|(house, kind, beds)| format!("{house},{kind},{beds},2020-01-01")).to_vec(),
        ),
        ("mdtrt_d", "mdtrt_id,psn_no,fixmedins_code,begntime,endtime,med_type", visits),
        (
            "setl_d",
            "setl_id,mdtrt_id,init_setl_id,psn_no,fixmedins_code,setl_time,med_type,medfee_sumamt,inscp_amt,fund_pay_sumamt,acct_pay",
            settlements,
        ),
        (
            "fee_list_d",
            "bkkp_sn,mdtrt_id,fee_ocur_time,setl_id,fixmedins_code,psn_no,med_type,cnt,pric,det_item_fee_sumamt,inscp_amt,med_list_codg,bilg_dr_code,init_feedetl_sn,med_chrgitm_type",
            lines,
        ),
        (
            "selinfo_3505",
            "fixmedins_code,med_list_codg,drug_trac_codg,rtal_docno,psn_no,setl_id,mdtrt_setl_type,trdn_flag,sel_retn_cnt,sel_retn_time",
            sold,
        ),
        ("selinfo_3506", "fixmedins_code,med_list_codg,drug_trac_codg,trdn_flag,sel_retn_cnt,sel_retn_time", returned),
        ("purcinfo_3503", "fixmedins_code,med_list_codg,drug_trac_codg,purc_retn_cnt,purc_retn_stoin_time", bought),
    ]
}

/// Imports the tables in so many parts, rows dealt out in turn, the parts' tables and rows in turned order.
pub fn built(folder: &Path, name: &str, tables: &[Rows], buckets: u32, parts: usize) -> Lake {
    let lake = Lake::open_with(&folder.join(name), buckets).unwrap();
    for part in 0..parts {
        let txn = lake.begin_import().unwrap();
        for (table, header, rows) in tables {
            let mut mine: Vec<&str> = rows.iter().skip(part).step_by(parts).map(String::as_str).collect();
            if part % 2 == 1 {
                mine.reverse();
            }
            if !mine.is_empty() {
                txn.append(block(table, header, &mine)).unwrap();
            }
        }
        txn.commit(Vec::new()).unwrap();
    }
    lake
}

fn block(name: &str, header: &str, rows: &[&str]) -> TypedBlock {
    let table = schema::table(name).unwrap_or_else(|| panic!("no table {name}"));
    let header: Vec<&str> = header.split(',').collect();
    let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.split(',').collect()).collect();
    assert!(rows.iter().all(|row| row.len() == header.len()), "{name}");
    let (mut fields, mut arrays): (Vec<Field>, Vec<ArrayRef>) = (Vec::new(), Vec::new());
    for column in table.columns {
        let Some(at) = header.iter().position(|name| *name == column.name) else { continue };
        let texts: StringArray = rows.iter().map(|row| Some(row[at]).filter(|cell| !cell.is_empty())).collect();
        fields.push(Field::new(column.name, arrow_type(column.ty), true));
        arrays.push(cast(&texts, &arrow_type(column.ty)).unwrap());
    }
    assert_eq!(fields.len(), header.len(), "{name}");
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap();
    let rows = (1..=rows.len() as u64).collect();
    TypedBlock { table, batch, origin: Origin { file: "town.csv".into(), rows, lines: Vec::new() } }
}

/// Hits by rule, in the order in which they come.
pub fn hits(lake: &Lake, library: &Library, ids: Option<&[&str]>, settings: &Settings) -> BTreeMap<String, Vec<GroupHit>> {
    let rules = library.rules.iter().filter(|rule| !rule.is_kernel());
    let all: Vec<String> = rules.map(|rule| rule.id.clone()).filter(|id| ids.is_none_or(|ids| ids.contains(&id.as_str()))).collect();
    let compiled = library.compile(&Selection { ids: Some(all), ..Selection::default() }, &ParamOverrides::default()).unwrap();
    let mut hits: BTreeMap<String, Vec<GroupHit>> = BTreeMap::new();
    let mut take = |statement: &mingjian_rules::CompiledSql, hit| {
        hits.entry(library.rules[statement.rule].id.clone()).or_default().push(hit);
        ControlFlow::Continue(())
    };
    mingjian_groups::screen(&lake.snapshot(None).unwrap(), library, &compiled, settings, &|_| {}, &mut take).unwrap();
    hits
}
