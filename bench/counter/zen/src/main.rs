//! ZEN on the attribute rules of `zen_rules.py` and the bodies of `calls.py`: `zen-compare RULES.json CALLS.jsonl [CALLS]`.
//!
//! Measured is what the engine is for: a request's lines, already read from JSON, become its variables and are evaluated, on one thread,
//! with everything compiled before (`Decision::compile`). Reading the body, history, texts and HTTP are left out, which our own
//! figures include. Prints JSON: microseconds a call, and the hits of each of the first bodies to compare with ours.

use std::collections::BTreeSet;
use std::error::Error;
use std::time::Instant;

use serde_json::{Value, json};
use zen_engine::model::DecisionContent;
use zen_engine::{Decision, DecisionEngine};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [rules, calls, ..] = arguments.as_slice() else { return Err("zen-compare RULES.json CALLS.jsonl [CALLS]".into()) };
    let times: usize = arguments.get(2).and_then(|text| text.parse().ok()).unwrap_or(2_000);
    let begun = Instant::now();
    let content: DecisionContent = serde_json::from_str(&std::fs::read_to_string(rules)?)?;
    let mut decision: Decision = DecisionEngine::default().create_decision(content.into())?;
    decision.compile();
    let compiled = begun.elapsed();
    let requests = std::fs::read_to_string(calls)?.lines().map(|line| Ok(request(&serde_json::from_str(line)?))).collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let hits = runtime.block_on(async {
        let mut all = Vec::new();
        for request in requests.iter().take(500) {
            let response = decision.evaluate(request.clone().into()).await.map_err(|error| error.to_string())?;
            all.push(hits(request, &serde_json::to_value(&response.result)?));
        }
        Ok::<_, Box<dyn Error>>(all)
    })?;
    let mut micros: Vec<f64> = runtime.block_on(async {
        let mut micros = Vec::with_capacity(times);
        for number in 0..times {
            // A request comes once: what it is made of is copied outside the time, turned into variables inside.
            let request = requests[number % requests.len()].clone();
            let begun = Instant::now();
            let response = decision.evaluate(request.into()).await.map_err(|error| error.to_string())?;
            micros.push(begun.elapsed().as_nanos() as f64 / 1_000.0);
            std::hint::black_box(response.result);
        }
        Ok::<_, Box<dyn Error>>(micros)
    })?;
    micros.sort_by(f64::total_cmp);
    let at = |share: f64| micros[((micros.len() as f64 * share) as usize).min(micros.len() - 1)];
    let lines: usize = requests.iter().map(|request| request["lines"].as_array().map_or(0, Vec::len)).sum();
    println!(
        "{}",
        json!({
            "calls": times, "lines_per_call": lines as f64 / requests.len() as f64, "compile_ms": compiled.as_millis() as u64,
            "mean_us": micros.iter().sum::<f64>() / micros.len() as f64, "p50_us": at(0.5), "p99_us": at(0.99),
            "hits": hits,
        })
    );
    Ok(())
}

/// What ZEN is asked: the lines in hand with what their visit says.
fn request(body: &Value) -> Value {
    let patient = &body["input"]["data"]["patient_dtos"][0];
    let encounter = &patient["fsi_encounter_dtos"][0];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let med_type = text(&encounter["med_type"]);
    let care = match (med_type.as_str(), med_type.get(..1)) {
        ("52", _) | (_, Some("2")) => "住院",
        ("13", _) => "急诊",
        ("41", _) => "购药",
        _ => "门诊",
    };
    let level = match encounter["medins_lv"].as_str().unwrap_or_default() {
        "01" | "02" | "03" | "04" | "12" => 3,
        "05" | "06" | "07" | "13" => 2,
        "08" | "09" | "10" | "14" => 1,
        _ => 0,
    };
    let orders = encounter["fsi_order_dtos"].as_array().cloned().unwrap_or_default();
    let lines: Vec<Value> = orders
        .iter()
        .map(|order| {
            json!({
                "code": order["hilist_code"], "sex": patient["gend"], "level": level, "care": care, "insutype": encounter["insutype"],
                "medType": med_type, "age": age(&text(&patient["brdy"]), &text(&order["drord_begn_date"])),
            })
        })
        .collect();
    json!({ "lines": lines })
}

/// Whole years from one day to another, both as `2026-07-01…`.
fn age(birth: &str, day: &str) -> i64 {
    let year = |text: &str| text.get(..4).and_then(|year| year.parse::<i64>().ok()).unwrap_or(0);
    year(day) - year(birth) - i64::from(day.get(5..10) < birth.get(5..10))
}

/// `rule code`, each once, in order.
fn hits(request: &Value, result: &Value) -> Vec<String> {
    let mut found = BTreeSet::new();
    let lines = request["lines"].as_array().into_iter().flatten();
    for (line, rows) in lines.zip(result["hits"].as_array().into_iter().flatten()) {
        for row in rows.as_array().into_iter().flatten() {
            found.insert(format!("{} {}", row["rule"].as_str().unwrap_or_default(), line["code"].as_str().unwrap_or_default()));
        }
    }
    found.into_iter().collect()
}
