//! `mingjian his-sim`: plays a hospital against a server, and measures it.

mod hospital;
mod load;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mingjian_server::client::{Client, Trust};
use serde_json::{Value, json};

use crate::args::HisSim;
use crate::errors::{During, Failure, Outcome};
use crate::format::count;
use crate::output::Context;
use crate::table::{Align, Table};
use crate::workspace::now;
use hospital::Hospital;
use load::{Bodies, Load, Pace};

pub fn run(arguments: &HisSim, context: &mut Context) -> Outcome {
    let hospital = Hospital::new(arguments.lines, arguments.seed);
    if arguments.show {
        return context.json_value(&hospital.call(0, now()));
    }
    let caller = Arc::new(Caller::new(arguments)?);
    match arguments.rate {
        Some(rate) => {
            let bodies = match &arguments.calls_from {
                Some(path) => Bodies::load(path)?,
                None => Bodies::of(&hospital),
            };
            let pace = Pace { rate, seconds: arguments.seconds, connections: arguments.connections };
            let load = load::run(&caller, Arc::new(bodies), pace)?;
            tell_load(&load, pace, context)
        }
        None => calls(arguments, &hospital, &caller, context),
    }
}

/// How the server is reached.
struct Caller {
    address: String,
    trust: Option<Trust>,
    token: Option<String>,
}

impl Caller {
    fn new(arguments: &HisSim) -> Outcome<Caller> {
        let (encrypted, address) = match arguments.to.split_once("://") {
            Some(("https", address)) => (true, address),
            Some((_, address)) => (false, address),
            None => (false, arguments.to.as_str()),
        };
        let trust = match (encrypted, &arguments.ca) {
            (true, Some(path)) => Some(Trust::load(path).during(|| format!("读不成上级证书 {}", path.display()))?),
            (true, None) => return Err(Failure::wrong_use("https 要用 --ca 指明上级证书（PEM）")),
            (false, _) => None,
        };
        let token = match &arguments.token {
            Some(path) => Some(std::fs::read_to_string(path).during(|| format!("读不成令牌 {}", path.display()))?.trim().to_owned()),
            None => None,
        };
        Ok(Caller { address: address.trim_end_matches('/').to_owned(), trust, token })
    }

    fn connect(&self) -> std::io::Result<Client> {
        let mut client = match &self.trust {
            Some(trust) => Client::connect_tls(&self.address, trust)?,
            None => Client::connect(&self.address)?,
        };
        if let Some(token) = &self.token {
            client.carry("authorization", &format!("Bearer {token}"));
        }
        Ok(client)
    }
}

/// One call after the other on each connection, with feedback.
fn calls(arguments: &HisSim, hospital: &Hospital, caller: &Arc<Caller>, context: &mut Context) -> Outcome {
    let seen = Arc::new(Seen::default());
    let next = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let (calls, follow) = (u64::from(arguments.calls), !arguments.no_feedback);
    let workers: Vec<_> = (0..arguments.connections)
        .map(|_| {
            let client = caller.connect().during(|| format!("连不上 {}；先起服务：mingjian serve", arguments.to))?;
            let (hospital, seen, next) = (hospital.clone(), seen.clone(), next.clone());
            Ok(std::thread::spawn(move || work(&hospital, client, &seen, &next, calls, follow)))
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
    /// Microseconds of each call.
    micros: Mutex<Vec<u64>>,
    rules: Mutex<BTreeMap<String, u64>>,
    remarks: Mutex<BTreeMap<String, u64>>,
    refused: AtomicU64,
    why: Mutex<Option<String>>,
    sample: Mutex<Option<String>>,
}

fn work(hospital: &Hospital, mut client: Client, seen: &Seen, next: &AtomicU64, calls: u64, follow: bool) -> Outcome {
    let mut micros = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= calls {
            break;
        }
        let body = hospital.call(number, now()).to_string();
        let begun = Instant::now();
        let received = client.post("/fsi", body.as_bytes()).during(|| "服务器断开了连接".to_owned())?;
        micros.push(begun.elapsed().as_micros() as u64);
        let reply = received.json();
        if reply["infcode"] != 0 {
            seen.refused.fetch_add(1, Ordering::Relaxed);
            lock(&seen.why).get_or_insert_with(|| reply["err_msg"].as_str().unwrap_or_default().to_owned());
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

/// The time that so much of all calls took at most, in milliseconds; `micros` ascending.
fn at(micros: &[u64], share: f64) -> f64 {
    let place = ((micros.len() as f64 * share) as usize).min(micros.len().saturating_sub(1));
    micros.get(place).copied().unwrap_or(0) as f64 / 1_000.0
}

fn tell(seen: &Seen, took: Duration, arguments: &HisSim, context: &mut Context) -> Outcome {
    let mut micros = std::mem::take(&mut *lock(&seen.micros));
    micros.sort_unstable();
    let rate = micros.len() as f64 / took.as_secs_f64();
    let rules = lock(&seen.rules).clone();
    let remarks = lock(&seen.remarks).clone();
    let refused = seen.refused.load(Ordering::Relaxed);
    let reminders: u64 = rules.values().sum();
    if context.json {
        return context.json_value(&json!({
            "calls": micros.len(), "refused": refused, "reminders": reminders, "lines": arguments.lines, 
            "rate": (rate * 10.0).round() / 10.0, "p50_ms": at(&micros, 0.5), "p90_ms": at(&micros, 0.9), "p99_ms": at(&micros, 0.99), "p999_ms": at(&micros, 0.999),
            "max_ms": at(&micros, 1.0), "rules": rules, "remarks": remarks,
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
        at(&micros, 0.5),
        at(&micros, 0.99),
        at(&micros, 0.999),
        at(&micros, 1.0)
    ))?;
    if !rules.is_empty() {
        context.gap()?;
        let mut table = Table::new(&[("规则", Align::Left), ("提醒", Align::Right)]);
        rules.iter().for_each(|(rule, often)| table.row([rule.clone(), count(*often)]));
        context.table(&table)?;
    }
    if let Some(why) = &*lock(&seen.why) {
        context.say(format!("拒绝的原因：{why}"))?;
    }
    if let Some(sample) = &*lock(&seen.sample) {
        context.say(format!("\n其中一条：{sample}"))?;
    }
    for (remark, often) in &remarks {
        context.say(format!("附言 {} 次：{remark}", count(*often)))?;
    }
    Ok(())
}

fn tell_load(load: &Load, pace: Pace, context: &mut Context) -> Outcome {
    let micros = &load.micros;
    let rate = micros.len() as f64 / load.took.as_secs_f64();
    if context.json {
        return context.json_value(&json!({
            "calls": micros.len(), "rate_asked": pace.rate, "rate": (rate * 10.0).round() / 10.0, "seconds": load.took.as_secs_f64(),
            "reminders": load.seen.reminders, "refused": load.seen.refused, "late": load.seen.late, "light": load.seen.light,
            "shed": load.seen.shed, "limited": load.seen.limited, "broken": load.seen.broken,
            "p50_ms": at(micros, 0.5), "p90_ms": at(micros, 0.9), "p99_ms": at(micros, 0.99), "p999_ms": at(micros, 0.999),
            "max_ms": at(micros, 1.0),
        }));
    }
    context.say(format!(
        "要每秒 {} 次，发了 {} 次，答完每秒 {rate:.0} 次；提醒 {} 条",
        count(pace.rate),
        count(micros.len()),
        count(load.seen.reminders)
    ))?;
    context.say(format!(
        "从应发的时刻算起：p50 {:.1} 毫秒，p99 {:.1}，p99.9 {:.1}，最慢 {:.1}",
        at(micros, 0.5),
        at(micros, 0.99),
        at(micros, 0.999),
        at(micros, 1.0)
    ))?;
    let seen = &load.seen;
    for (often, what) in [
        (seen.refused, "拒绝"),
        (seen.late, "到时限未审核完"),
        (seen.light, "省去需要历史的规则"),
        (seen.shed, "队列满未审核"),
        (seen.limited, "超过限额"),
        (seen.broken, "连接断开没有应答"),
    ] {
        if often > 0 {
            context.say(format!("{what} {} 次", count(often)))?;
        }
    }
    Ok(())
}
