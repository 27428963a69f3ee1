//! Bodies of every kind: none ends the server, none goes without an answer.

use mingjian_counter::Desk;
use mingjian_server::{CallOptions, Dialects};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{Running, patient, rules, running, sample, server, stored};

/// Turns bytes of the sample over, in ways that keep it near JSON and in ways that do not.
fn mangled(body: &[u8], changes: &[(u16, u8, u8)]) -> Vec<u8> {
    let mut body = body.to_vec();
    for &(at, kind, byte) in changes {
        if body.is_empty() {
            break;
        }
        let at = usize::from(at) % body.len();
        match kind % 6 {
            0 => body[at] = byte,
            1 => body.truncate(at),
            2 => body.insert(at, b"{}[],:\"\\0-eE.nulltrue"[usize::from(byte) % 20]),
            3 => drop(body.drain(at..(at + usize::from(byte)).min(body.len()))),
            4 => {
                let part = body[at..(at + usize::from(byte)).min(body.len())].to_vec();
                body.splice(at..at, part);
            }
            _ => body.extend_from_slice(&[byte; 3]),
        }
    }
    body
}

/// Any JSON in place of any value of the sample.
fn replaced(value: &mut Value, at: &mut u32, with: &Value) {
    if *at == 0 {
        *value = with.clone();
    }
    *at = at.wrapping_sub(1);
    match value {
        Value::Array(list) => list.iter_mut().for_each(|one| replaced(one, at, with)),
        Value::Object(map) => map.values_mut().for_each(|one| replaced(one, at, with)),
        _ => {}
    }
}

fn odd() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[ -~药]{0,12}".prop_map(Value::from),
        prop::sample::select(vec!["9999-99-99", "-99999999999999.999999", "1e999", "[[[[", "{\"a\":", "0000-00-00 00:00:00"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a-z_]{1,8}", inner), 0..4).prop_map(|all| all.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

#[test]
fn no_body_goes_unanswered() {
    let server = server();
    mangle(&server, &sample(), &["/fsi", "/3101", "/3102", "/3103", "/settlements"], 400);
    let mut call = sample();
    call["input"]["data"]["patient_dtos"][0]["fsi_encounter_dtos"][0]["fsi_order_dtos"][0]["rx_id"] = "other".into();
    assert_eq!(server.rules(&call), ["N067"], "those who judge are all there");
}

#[test]
fn no_settlement_and_no_feedback_goes_unanswered() {
    let folder = tempfile::tempdir().unwrap();
    let server = running(patient(), Desk::new(rules(), Some(stored(&folder))));
    let settlement = json!({"settlements": [{
        "psn_no":"P1","gend":"1","brdy":"1960-05-01","mdtrt_id":"V0","setl_id":"S0","fixmedins_code":"H44190000001","setl_time":"2026-06-30 10:00:00",
        "begntime":"2026-06-28 09:00:00","endtime":"2026-06-30 10:00:00","med_type":"21","hosp_lv":"05","insutype":"310","dscg_way":"1",
        "medfee_sumamt":"10.5","inscp_amt":10.5,"fund_pay_sumamt":"8","acct_pay":0,"refd_setl_flag":"0","init_setl_id":"",
        "setl_list_diag_d":[{"setl_list_diag_id":"1","diag_code":"I10.x00x002","maindiag_flag":"1"}],
        "setl_list_oprn_d":[{"oprn_oprt_code":"36.0600","oprn_oprt_begntime":"2026-06-29 08:00:00"}],
        "fee_list_d":[{"bkkp_sn":"1","med_list_codg":"T000700200","cnt":3,"pric":"3.5","det_item_fee_sumamt":10.5,"fee_ocur_time":"2026-06-29 09:00:00"}]
    }]});
    mangle(&server, &settlement, &["/settlements"], 150);
    let feedback = json!({"infno":"3103","input":{"data":{"warn_type":"1","warns":[{"warn_rslt_id":"N067-a-20260701","dspo_way":"1","dspo_way_rea":"病情需要"}]}}});
    mangle(&server, &feedback, &["/3103", "/fsi"], 150);
    // What was settled on the way can still be read.
    let reply = server.post("/3101", &sample()).json();
    assert!(!reply["warn_msg"].as_str().unwrap().contains("历史读不到"), "{reply}");
}

#[test]
fn no_body_in_a_dialect_goes_unanswered() {
    let table = "[[dialects]]\nname = \"甲\"\ninstitutions = [\"H4419*\"]\ncharset = \"gbk\"\ndates = [\"yyyyMMdd\", \"dd/MM/yy\"]\n[dialects.names]\ncnt = \"pric\"\nrx_id = \"fsi_order_dtos\"\n[dialects.codes.gend]\n1 = \"2\"\n\"*\" = \"1\"\n[dialects.answer]\nresult = \"output\"\n";
    let options = CallOptions { dialects: Dialects::parse(table).unwrap(), ..patient() };
    mangle(&running(options, Desk::new(rules(), None)), &sample(), &["/fsi", "/settlements"], 200);
}

/// Sends a call's body, turned over in ways without number.
fn mangle(server: &Running, call: &Value, paths: &[&'static str], cases: u32) {
    let client = std::cell::RefCell::new(server.client());
    let body = call.to_string();
    let nodes = {
        let mut at = u32::MAX;
        replaced(&mut call.clone(), &mut at, &Value::Null);
        u32::MAX - at
    };
    let mut runner =
        proptest::test_runner::TestRunner::new(ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() });
    let changes = prop::collection::vec((any::<u16>(), any::<u8>(), any::<u8>()), 1..6);
    let paths = prop::sample::select(paths.to_vec());
    runner
        .run(&(changes, 0..nodes, odd(), paths, any::<bool>()), |(changes, node, with, path, whole)| {
            let sent = if whole {
                let mut call = call.clone();
                let mut at = node;
                replaced(&mut call, &mut at, &with);
                call.to_string().into_bytes()
            } else {
                mangled(body.as_bytes(), &changes)
            };
            let received = client.borrow_mut().post(path, &sent).unwrap();
            prop_assert_eq!(received.status, 200);
            let code = &received.json()["infcode"];
            prop_assert!(*code == 0 || *code == -1, "{}", received.text());
            Ok(())
        })
        .unwrap();
    // No thread that judges was lost on the way, and no call ended in a panic.
    assert_eq!(server.client().get("/healthz").unwrap().status, 200);
    let figures = server.client().get("/metrics").unwrap().text();
    assert!(figures.contains("mingjian_late_total 0"), "{figures}");
}
