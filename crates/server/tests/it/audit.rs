//! What is written down of calls, and what is not.

use mingjian_counter::{Desk, History};
use mingjian_server::{CallOptions, Journal, ServeOptions, Service, Turnover, serve};
use serde_json::{Value, json};

use crate::support::{order, patient, rules, running_service, sample};

/// Personal data of the sample and of the calls below: none of it may be written down.
const PERSONAL: [&str; 8] = ["P1", "V1", "L1", "张某", "1960-05-01", "D441900000001", "艾附暖宫丸", "王五"];

fn lines(path: &std::path::Path) -> Vec<Value> {
    std::fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_line_a_call_without_personal_data_and_the_trace_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (calls, traces) = (folder.path().join("calls.jsonl"), folder.path().join("traces.jsonl"));
    let open = |path: &std::path::Path| Journal::open(path, Turnover::default()).unwrap();
    let server =
        running_service(patient(), Desk::new(rules(), None), |service| service.with_calls(open(&calls)).with_traces(open(&traces)));
    let mut call = sample();
    call["msgid"] = json!("H44190000001202607010906000001");
    call["fixmedins_soft_fcty"] = json!("某软件");
    order(&mut call)["drord_dr_codg"] = json!("D441900000001");
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let send = |headers: &[(&str, &str)], body: &Value| server.client().send("POST", "/fsi", headers, body.to_string().as_bytes()).unwrap();
    let received = send(&[("traceparent", parent)], &call);
    let told = received.header("traceparent");
    assert!(told.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-") && told != parent, "{told}");
    let unsampled = "00-4bf92f3577b34da6a3ce929d0e0e4737-00f067aa0ba902b7-00";
    send(&[("traceparent", unsampled)], &call);
    // Names where codes should be.
    let mut odd = sample();
    odd["fixmedins_code"] = json!("王五");
    odd["msgid"] = json!("王五");
    odd["infno"] = json!("王五");
    assert!(send(&[], &odd).json()["err_msg"].as_str().unwrap().contains("没有交易"));
    server.stop();

    let all = lines(&calls);
    let told: Vec<(&str, &str, i64)> = all
        .iter()
        .map(|line| (line["call"].as_str().unwrap(), line["outcome"].as_str().unwrap(), line["hits"].as_i64().unwrap()))
        .collect();
    assert_eq!(told, [("3101", "ok", 1), ("3101", "replayed", 0), ("other", "value", 0)]);
    let first = &all[0];
    assert_eq!((&first["fixmedins_code"], &first["vendor"], &first["lines"]), (&json!("H44190000001"), &json!("某软件"), &json!(1)));
    assert_eq!((&first["time"], &first["trace_id"]), (&json!("2026-07-01 09:06:00.000"), &json!("4bf92f3577b34da6a3ce929d0e0e4736")));
    assert_eq!(first["msgid"], all[1]["msgid"], "a call sent again is found by the same fingerprint");
    assert!(first["msgid"].as_str().unwrap().len() == 16 && first["ms"].as_f64().unwrap() > 0.0);
    let spans = lines(&traces);
    let root = spans.iter().find(|span| span["parent_id"] == "00f067aa0ba902b7").unwrap();
    let below = spans.iter().filter(|span| span["parent_id"] == root["span_id"]);
    assert_eq!(below.map(|span| span["name"].as_str().unwrap()).collect::<Vec<_>>(), ["receive", "read", "queue", "judge", "answer"]);
    assert!(!spans.iter().any(|span| span["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4737"), "nobody records that trace");
    for file in [&calls, &traces] {
        let text = std::fs::read_to_string(file).unwrap();
        let found: Vec<_> = PERSONAL.iter().filter(|one| text.contains(&format!("\"{one}\"")) || text.contains("王五")).collect();
        assert!(found.is_empty(), "{found:?} in {text}");
    }
}

#[test]
fn what_was_told_is_known_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.redb");
    let desk = || std::sync::Arc::new(Desk::new(rules(), Some(History::open(&path).unwrap())));
    let start = || {
        let service = Service::new(desk(), CallOptions { ..patient() }).with_clock(crate::support::clock).with_log(|_| {});
        serve(std::sync::Arc::new(service), ServeOptions { listen: ([127, 0, 0, 1], 0).into(), ..ServeOptions::default() }).unwrap()
    };
    let ask = |address: String| {
        let mut client = mingjian_server::client::Client::connect(&address).unwrap();
        crate::support::found(&client.post("/fsi", sample().to_string().as_bytes()).unwrap().json())
    };
    let serving = start();
    assert_eq!(ask(serving.address.to_string()), ["N067"]);
    serving.stop();
    let serving = start();
    assert_eq!(ask(serving.address.to_string()), Vec::<String>::new(), "the doctor was reminded of this line before the restart");
    serving.stop();
}
