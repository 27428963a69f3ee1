//! The dialects of the field: whatever the shape, the same answer.

use serde_json::{Value, json};

use crate::support::{found, order, order_json, sample, server};

/// The sample with its lists, names and kinds changed.
fn variant(change: impl FnOnce(&mut Value)) -> Value {
    let mut call = sample();
    change(&mut call);
    call
}

#[test]
fn shapes_of_the_field_give_the_same_answer() {
    let server = server();
    let data = |call: &mut Value, change: &dyn Fn(&mut Value)| change(&mut call["input"]["data"]);
    let variants: Vec<(&str, Value)> = vec![
        (
            "objects for lists",
            variant(|call| {
                data(call, &|data| {
                    let mut patient = data["patient_dtos"][0].clone();
                    let mut encounter = patient["fsi_encounter_dtos"][0].clone();
                    encounter["fsi_order_dtos"] = order_json();
                    encounter["fsi_diagnose_dtos"] = encounter["fsi_diagnose_dtos"][0].clone();
                    patient["fsi_encounter_dtos"] = encounter;
                    data["patient_dtos"] = patient;
                })
            }),
        ),
        (
            "camel case",
            variant(|call| {
                data(call, &|data| {
                    let patient = data["patient_dtos"][0].take();
                    let mut encounter = patient["fsi_encounter_dtos"][0].clone();
                    encounter["orderDtos"] = json!([order_json()]);
                    encounter.as_object_mut().unwrap().remove("fsi_order_dtos");
                    *data = json!({"sysCode":"H","trigScen":2,"patientDtos":[{"patnId":"P1","gend":1,"brdy":"19600501","currMdtrtId":"V1","encounterDtos":[encounter]}]});
                })
            }),
        ),
        (
            "numbers as texts",
            variant(|call| {
                let order = order(call);
                order["cnt"] = json!("2.00");
                order["pric"] = json!("20.000000");
                order["sumamt"] = json!(" 40.00 ");
            }),
        ),
        (
            "texts as numbers",
            variant(|call| {
                let order = order(call);
                order["curr_drord_flag"] = json!(1);
                order["cnt"] = json!(2.0);
                order["sumamt"] = json!(4e1);
                order["hilist_type"] = json!(101);
            }),
        ),
        (
            "nulls and empty dates",
            variant(|call| {
                let order = order(call);
                order["drord_stop_date"] = json!("");
                order["drord_begn_date"] = json!("");
                order["spec"] = Value::Null;
                order["grpno"] = json!({});
                let data = &mut call["input"]["data"]["patient_dtos"][0]["fsi_encounter_dtos"][0];
                data["dscg_date"] = json!("");
                data["fsi_operation_dtos"] = Value::Null;
                data["acct_payamt"] = json!([]);
            }),
        ),
        (
            "unknown fields",
            variant(|call| {
                call["cvlserv_flag"] = json!({"a": [1, {"b": null}]});
                order(call)["cvlserv_flag"] = json!("0");
            }),
        ),
        (
            "dates of other forms",
            variant(|call| {
                order(call)["drord_begn_date"] = json!("2026-07-01T09:05:00.000+08:00");
                let encounter = &mut call["input"]["data"]["patient_dtos"][0]["fsi_encounter_dtos"][0];
                encounter["adm_date"] = json!("20260701090000");
                encounter["dscg_date"] = json!("9999-12-31 00:00:00");
            }),
        ),
        (
            "local codes",
            variant(|call| {
                call["fixmedins_code"] = json!("H44190000001");
                let encounter = &mut call["input"]["data"]["patient_dtos"][0]["fsi_encounter_dtos"][0];
                encounter["medins_id"] = json!("本院");
                encounter["fsi_diagnose_dtos"][0]["dise_codg"] = json!("GXY-01");
            }),
        ),
        ("a composite scene", variant(|call| call["input"]["data"]["trig_scen"] = json!("23"))),
        (
            "a list of nulls beside",
            variant(|call| {
                let orders = &mut call["input"]["data"]["patient_dtos"][0]["fsi_encounter_dtos"][0]["fsi_order_dtos"];
                *orders = json!([null, "", 7, orders[0].clone()]);
            }),
        ),
        (
            "a list as text",
            variant(|call| {
                let encounter = &mut call["input"]["data"]["patient_dtos"][0]["fsi_encounter_dtos"][0];
                encounter["fsi_order_dtos"] = json!(json!([order_json()]).to_string());
            }),
        ),
        (
            "a pharmacy's names",
            variant(|call| {
                *order(call) = json!({"rxid":"L1","item_type":0,"nation_sub_code":"ZD03AAA0043010100166","itemname":"艾附暖宫丸","count":2,"unitprice":20,"fee":40});
            }),
        ),
    ];
    for (number, (name, call)) in variants.iter().enumerate() {
        // Each a visit of its own: a line is reminded of once a day.
        let call: Value = serde_json::from_str(&call.to_string().replace("\"V1\"", &format!("\"V{number}\""))).unwrap();
        let reply = server.post("/fsi", &call).json();
        assert_eq!(found(&reply), ["N067"], "{name}: {call:#}");
        let result = &reply["output"]["result"][0];
        assert_eq!(result["vola_amt"], 40, "{name}");
        assert_eq!(result["judge_result_detail_dtos"][0]["rx_id"], "L1", "{name}");
    }
}

#[test]
fn chinese_of_another_encoding_is_read() {
    let server = server();
    let text = |visit: &str| sample().to_string().replace("\"V1\"", &format!("\"{visit}\""));
    let send = |headers: &[(&str, &str)], body: &[u8]| server.client().send("POST", "/fsi", headers, body).unwrap().json();
    for (headers, visit) in [(&[("content-type", "application/json;charset=GBK")][..], "V5"), (&[][..], "V6")] {
        let text = text(visit);
        let (gbk, _, _) = encoding_rs::GBK.encode(&text);
        let reply = send(headers, &gbk);
        assert_eq!(found(&reply), ["N067"]);
        assert!(reply["output"]["result"][0]["vola_cont"].as_str().unwrap().contains("艾附暖宫丸"));
    }
    let marked = [b"\xEF\xBB\xBF", text("V7").as_bytes()].concat();
    assert_eq!(found(&send(&[], &marked)), ["N067"]);
}

#[test]
fn several_patients_are_each_judged() {
    let server = server();
    let mut call = sample();
    let mut other = call["input"]["data"]["patient_dtos"][0].clone();
    other["patn_id"] = json!("P2");
    other["curr_mdtrt_id"] = json!("V2");
    other["fsi_encounter_dtos"][0]["mdtrt_id"] = json!("V2");
    call["input"]["data"]["patient_dtos"].as_array_mut().unwrap().push(other);
    let reply = server.post("/fsi", &call).json();
    assert_eq!(found(&reply), ["N067", "N067"]);
    let ids: Vec<_> = (0..2).map(|at| reply["output"]["result"][at]["jr_id"].clone()).collect();
    assert_ne!(ids[0], ids[1]);
}
