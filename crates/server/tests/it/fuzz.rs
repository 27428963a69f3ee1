//! Bodies of every kind: none ends the server, none goes without an answer.

use proptest::prelude::*;
use serde_json::Value;

use crate::support::{sample, server};

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
    let client = std::cell::RefCell::new(server.client());
    let body = sample().to_string();
    let nodes = {
        let mut at = u32::MAX;
        replaced(&mut sample(), &mut at, &Value::Null);
        u32::MAX - at
    };
    let mut runner =
        proptest::test_runner::TestRunner::new(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() });
    let changes = prop::collection::vec((any::<u16>(), any::<u8>(), any::<u8>()), 1..6);
    let paths = prop::sample::select(vec!["/fsi", "/3101", "/3102", "/3103", "/settlements"]);
    runner
        .run(&(changes, 0..nodes, odd(), paths, any::<bool>()), |(changes, node, with, path, whole)| {
            let sent = if whole {
                let mut call = sample();
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
    let mut call = sample();
    call["input"]["data"]["patient_dtos"][0]["fsi_encounter_dtos"][0]["fsi_order_dtos"][0]["rx_id"] = "other".into();
    assert_eq!(server.rules(&call), ["N067"]);
}
