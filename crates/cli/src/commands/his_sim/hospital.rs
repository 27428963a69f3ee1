//! A hospital that is made up: what it sends.

use std::sync::Arc;

use mingjian_model::day;
use mingjian_rules::Library;
use serde_json::{Value, json};

/// Makes calls: the same number gives the same call.
#[derive(Clone)]
pub struct Hospital {
    /// Codes and names of the items that knowledge speaks of.
    items: Arc<Vec<(String, String)>>,
    lines: u16,
    seed: u64,
}

impl Hospital {
    pub fn new(lines: u16, seed: u64) -> Hospital {
        let library = Library::built_in();
        let tables = ["drug_sex", "drug_level", "drug_care", "item_sex", "item_frequency", "drug_child_only"];
        let mut items = Vec::new();
        for table in tables.iter().filter_map(|name| library.table(name)) {
            for point in &table.points {
                items.extend(point.codes.codes.first().map(|code| (code.clone(), point.name.clone())));
            }
        }
        Hospital { items: Arc::new(items), lines, seed }
    }

    pub fn call(&self, number: u64, now: i64) -> Value {
        let mut dice = Dice(self.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ number.wrapping_mul(0xD134_2543_DE82_EF95) | 1);
        let time = day::format_moment(now);
        let (hospital, doctor) = (format!("H4419000{:04}", 1 + dice.roll(40)), format!("D4419000{:05}", 1 + dice.roll(900)));
        let orders: Vec<Value> = (0..self.lines)
            .map(|line| {
                // One line of twenty is of an item that some knowledge speaks of.
                let (code, name) = match dice.roll(20) {
                    0 if !self.items.is_empty() => self.items[dice.roll(self.items.len() as u64) as usize].clone(),
                    _ => (format!("XA02BCA{:03}A001010{:06}", dice.roll(200), dice.roll(30)), "常用药".to_owned()),
                };
                let (count, price) = (1 + dice.roll(3), 5 + dice.roll(95));
                json!({
                    "rx_id": format!("R{number}-{line}"), "rxno": format!("RX{number}"), "hilist_type": "101", "chrg_type": "09", "drord_bhvr": "0",
                    "hilist_code": code, "hilist_name": name, "hilist_lv": "02", "cnt": count.to_string(), "pric": price,
                    "sumamt": format!("{}.00", count * price), "ownpay_amt": 0, "selfpay_amt": "", "spec": "10mg", "spec_unt": "盒",
                    "drord_begn_date": time, "drord_dept_codg": "0301", "drord_dr_codg": doctor, "drord_dr_profttl": "3", "curr_drord_flag": "1",
                })
            })
            .collect();
        let person = dice.roll(1_000_000);
        let sex = 1 + dice.roll(2);
        let encounter = json!({
            "mdtrt_id": format!("V{number}"), "medins_id": hospital, "medins_name": "模拟医院", "medins_lv": "05", "med_mdtrt_type": "1",
            "med_type": "11", "adm_date": time, "dscg_date": time, "insutype": "310", "dr_codg": doctor, "matn_stas": "0", "out_setl_flag": "0",
            "reim_flag": "0", "dscg_main_dise_codg": "I10.x00x002", "dscg_main_dise_name": "高血压",
            "fsi_diagnose_dtos": [{"dise_id": format!("D{number}"), "maindise_flag": "1", "dise_codg": "I10.x00x002", "dise_name": "高血压"}],
            "fsi_order_dtos": orders,
        });
        let patient = json!({
            "patn_id": format!("P{person:07}"), "patn_name": "某人", "gend": sex.to_string(), "brdy": format!("{}-05-01", 1935 + dice.roll(85)),
            "poolarea": "441900", "curr_mdtrt_id": format!("V{number}"), "fsi_encounter_dtos": [encounter],
        });
        json!({
            "infno": "3101", "msgid": "", "mdtrtarea_admvs": "441900", "fixmedins_code": hospital, "fixmedins_soft_fcty": "his-sim", "opter": doctor,
            "input": {"data": {"syscode": "HIS-SIM", "trig_scen": "2", "patient_dtos": [patient]}},
        })
    }
}

struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % below
    }
}
