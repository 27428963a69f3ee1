//! `mingjian his-sim`: plays a hospital against a server, and measures it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mingjian_model::day;
use mingjian_rules::Library;
use mingjian_server::client::Client;
use serde_json::{Value, json};

use crate::args::HisSim;
use crate::errors::{During, Failure, Outcome};
use crate::format::count;
use crate::output::Context;
use crate::table::{Align, Table};
use crate::workspace::now;

pub fn run(arguments: &HisSim, context: &mut Context) -> Outcome {
    let hospital = Hospital::new(arguments.lines, arguments.seed);
    if arguments.show {
        return context.json_value(&hospital.call(0, now()));
    }
    let threads = usize::from(arguments.connections);
    let calls = match arguments.rate {
        Some(rate) => u64::from(rate) * u64::from(arguments.seconds),
        None => u64::from(arguments.calls),
    };
    let seen = Arc::new(Seen::default());
    let next = Arc::new(AtomicU64::new(0));
    let begun = Instant::now() + Duration::from_millis(50);
    let workers: Vec<_> = (0..threads)
        .map(|_| {
            let client = Client::connect(&arguments.to).during(|| format!("连不上 {}；先起服务：mingjian serve", arguments.to))?;
            let (hospital, seen, next, rate) = (hospital.clone(), seen.clone(), next.clone(), arguments.rate);
            let follow = !arguments.no_feedback && rate.is_none();
            Ok(std::thread::spawn(move || work(&hospital, client, &seen, &next, calls, rate.map(|rate| (begun, rate)), follow)))
        })
        .collect::<Outcome<_>>()?;
    for worker in workers {
        match worker.join() {
            Ok(outcome) => outcome?,
            Err(_) => return Err(Failure::new("模拟线程出错")),
        }
    }
    tell(&seen, begun.elapsed(), arguments, context)
}

/// What came back, from all connections.
#[derive(Default)]
struct Seen {
    /// Microseconds of each call; with a rate, from when it should have been sent.
    micros: Mutex<Vec<u64>>,
    rules: Mutex<BTreeMap<String, u64>>,
    remarks: Mutex<BTreeMap<String, u64>>,
    refused: AtomicU64,
    sample: Mutex<Option<String>>,
}

fn work(
    hospital: &Hospital,
    mut client: Client,
    seen: &Seen,
    next: &AtomicU64,
    calls: u64,
    rate: Option<(Instant, u32)>,
    follow: bool,
) -> Outcome {
    let mut micros = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= calls {
            break;
        }
        let call = hospital.call(number, now());
        let body = call.to_string();
        // Open loop: each call has its moment, whether those before it are answered or not; what a slow answer delays counts as slow.
        let due = rate.map(|(begun, rate)| begun + Duration::from_nanos(number * 1_000_000_000 / u64::from(rate.max(1))));
        if let Some(wait) = due.and_then(|due| due.checked_duration_since(Instant::now())) {
            std::thread::sleep(wait);
        }
        let begun = due.unwrap_or_else(Instant::now);
        let received = client.post("/fsi", body.as_bytes()).during(|| "服务器断开了连接".to_owned())?;
        micros.push(begun.elapsed().as_micros() as u64);
        let reply = received.json();
        if reply["infcode"] != 0 {
            seen.refused.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(remark) = reply["warn_msg"].as_str().filter(|remark| !remark.is_empty()) {
            *lock(&seen.remarks).entry(remark.to_owned()).or_default() += 1;
        }
        let results = reply["output"]["result"].as_array().cloned().unwrap_or_default();
        for result in &results {
            *lock(&seen.rules).entry(result["rule_id"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
            lock(&seen.sample).get_or_insert_with(|| result["vola_cont"].as_str().unwrap_or_default().to_owned());
        }
        if follow && !results.is_empty() {
            client.post("/3103", feedback(number, &results).to_string().as_bytes())?;
        }
    }
    lock(&seen.micros).extend(micros);
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Four doctors of five change the order.
fn feedback(number: u64, results: &[Value]) -> Value {
    let warns: Vec<Value> = results
        .iter()
        .map(|result| match number % 5 {
            0 => json!({"warn_rslt_id": result["jr_id"], "dspo_way": "1", "dspo_way_rea": "病情需要"}),
            _ => json!({"warn_rslt_id": result["jr_id"], "dspo_way": "2"}),
        })
        .collect();
    json!({"infno": "3103", "input": {"data": {"warn_type": "1", "warns": warns}}})
}

fn tell(seen: &Seen, took: Duration, arguments: &HisSim, context: &mut Context) -> Outcome {
    let mut micros = std::mem::take(&mut *lock(&seen.micros));
    micros.sort_unstable();
    let at = |share: f64| {
        micros.get(((micros.len() as f64 * share) as usize).min(micros.len().saturating_sub(1))).copied().unwrap_or(0) as f64 / 1_000.0
    };
    let rate = micros.len() as f64 / took.as_secs_f64();
    let rules = lock(&seen.rules).clone();
    let remarks = lock(&seen.remarks).clone();
    let refused = seen.refused.load(Ordering::Relaxed);
    let reminders: u64 = rules.values().sum();
    if context.json {
        return context.json_value(&json!({
            "calls": micros.len(), "refused": refused, "reminders": reminders, "lines": arguments.lines, "rate_asked": arguments.rate,
            "rate": (rate * 10.0).round() / 10.0, "p50_ms": at(0.5), "p90_ms": at(0.9), "p99_ms": at(0.99), "p999_ms": at(0.999),
            "max_ms": at(1.0), "rules": rules, "remarks": remarks,
        }));
    }
    context.say(format!(
        "{} 次调用，每次 {} 行；提醒 {} 条，拒绝 {} 次",
        count(micros.len()),
        arguments.lines,
        count(reminders),
        count(refused)
    ))?;
    context.say(format!(
        "每秒 {rate:.0} 次；应答 p50 {:.1} 毫秒，p99 {:.1}，p99.9 {:.1}，最慢 {:.1}",
        at(0.5),
        at(0.99),
        at(0.999),
        at(1.0)
    ))?;
    if !rules.is_empty() {
        context.gap()?;
        let mut table = Table::new(&[("规则", Align::Left), ("提醒", Align::Right)]);
        rules.iter().for_each(|(rule, often)| table.row([rule.clone(), count(*often)]));
        context.table(&table)?;
    }
    if let Some(sample) = &*lock(&seen.sample) {
        context.say(format!("\n其中一条：{sample}"))?;
    }
    for (remark, often) in &remarks {
        context.say(format!("附言 {} 次：{remark}", count(*often)))?;
    }
    Ok(())
}

/// Makes calls: the same number gives the same call.
#[derive(Clone)]
struct Hospital {
    /// Codes and names of the items that knowledge speaks of.
    items: Arc<Vec<(String, String)>>,
    lines: u16,
    seed: u64,
}

impl Hospital {
    fn new(lines: u16, seed: u64) -> Hospital {
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

    fn call(&self, number: u64, now: i64) -> Value {
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
