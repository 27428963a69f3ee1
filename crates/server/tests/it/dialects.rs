//! Tables of vendors: the samples of docs/counter-dialects.md, and odd shapes without one.

use std::sync::Mutex;

use mingjian_counter::Desk;
use mingjian_server::{CallOptions, Dialects};
use serde_json::{Value, json};

use crate::support::{found, patient, rules, running, running_service, sample, server};

const PAGE: &str = include_str!("../../../../docs/counter-dialects.md");

/// The blocks of a kind of the page, in order.
fn blocks(kind: &str) -> Vec<&'static str> {
    PAGE.split(&format!("```{kind}\n")).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn the_samples_of_the_page_are_understood() {
    let tables: String = blocks("toml").concat();
    let dialects = Dialects::parse(&tables).unwrap();
    let server = running(CallOptions { dialects, ..patient() }, Desk::new(rules(), None));
    let samples = blocks("json");
    assert!(samples.len() >= 4, "{}", samples.len());
    for (number, body) in samples.iter().enumerate() {
        let reply = server.client().post("/3101", body.as_bytes()).unwrap().json();
        let results = reply["output"]["result"].as_array().unwrap_or_else(|| panic!("{number}: {reply}"));
        let rule = results.first().map(|result| result["rule_id"].as_str().or(result["ruleid"].as_str()).unwrap_or_default());
        assert_eq!(rule, Some("N067"), "sample {number} {body}: {reply:#}");
    }
}

#[test]
fn a_table_holds_for_its_vendor_and_renames_its_answers() {
    let text = "[[dialects]]\nname = \"甲\"\nvendors = [\"甲软件\"]\ncharset = \"utf-16le\"\n[dialects.names]\nhz = \"patient_dtos\"\n[dialects.codes.gend]\n\"甲男\" = \"1\"\n[dialects.answer]\njr_id = \"jrid\"\nrule_id = \"ruleid\"\n";
    let options = CallOptions { dialects: Dialects::parse(text).unwrap(), ..patient() };
    let server = running(options, Desk::new(rules(), None));
    let mut call = sample();
    let mut patient = call["input"]["data"]["patient_dtos"].take();
    patient[0]["gend"] = json!("甲男");
    call["input"]["data"] = json!({"trig_scen": "2", "hz": patient});
    let refused = server.post("/fsi", &call).json();
    assert!(refused["err_msg"].as_str().unwrap().contains("不认得的节点：hz"), "without the vendor's name: {refused}");
    call["fixmedins_soft_fcty"] = json!("甲软件");
    // The envelope is found in the guessed encoding, and read in the table's.
    let garbled = server.post("/fsi", &call).json();
    assert_eq!(garbled["infcode"], -1, "{garbled}");
    let text = text.replace("charset = \"utf-16le\"\n", "");
    let server = running(CallOptions { dialects: Dialects::parse(&text).unwrap(), ..self::patient() }, Desk::new(rules(), None));
    let reply = server.post("/fsi", &call).json();
    assert_eq!(reply["output"]["result"][0]["ruleid"], "N067", "{reply:#}");
    assert!(reply["output"]["result"][0]["jrid"].is_string() && reply["output"]["result"][0]["jr_id"].is_null());
    assert_eq!(found(&server.post("/3101", &sample()).json()), Vec::<String>::new(), "told already today, under the standard's names");
}

static LOGGED: Mutex<Vec<String>> = Mutex::new(Vec::new());

#[test]
fn odd_shapes_are_told_what_they_lack_and_logged_once() {
    let server = running_service(patient(), Desk::new(rules(), None), |service| {
        service.with_log(|line| LOGGED.lock().unwrap().push(line.to_owned()))
    });
    let call = |change: &dyn Fn(&mut Value)| {
        let mut call = sample();
        change(&mut call["input"]["data"]["patient_dtos"][0]);
        server.post("/fsi", &call).json()
    };
    for _ in 0..3 {
        let reply = call(&|patient| *patient = json!({"patn_id": "P1", "jzxx": [{}], "xm": "张某"}));
        assert_eq!(reply["infcode"], -1);
        let told = reply["err_msg"].as_str().unwrap();
        assert!(told.contains("fsi_encounter_dtos") && told.contains("jzxx、xm"), "{told}");
        let reply = call(&|patient| {
            let encounter = &mut patient["fsi_encounter_dtos"][0];
            encounter["yzxx"] = encounter["fsi_order_dtos"].take();
        });
        let told = reply["warn_msg"].as_str().unwrap();
        assert!(reply["infcode"] == 0 && told.contains("没有明细") && told.contains("yzxx"), "{reply}");
        let reply = call(&|patient| {
            let order = &mut patient["fsi_encounter_dtos"][0]["fsi_order_dtos"][0];
            order["bm"] = order["hilist_code"].take();
        });
        assert!(reply["warn_msg"].as_str().unwrap().contains("1 行没有项目编码"), "{reply}");
    }
    let logged = LOGGED.lock().unwrap();
    assert_eq!(logged.len(), 3, "{logged:#?}");
    assert!(logged.iter().all(|line| !line.contains("张某") && !line.contains("P1")), "names of nodes, not what they hold");
}

#[test]
fn a_registration_has_nothing_to_charge_and_is_no_odd_shape() {
    let server = server();
    let mut call = sample();
    call["input"]["data"]["trig_scen"] = json!("1");
    call["input"]["data"]["patient_dtos"][0]["fsi_encounter_dtos"][0]["fsi_order_dtos"] = json!([]);
    let reply = server.post("/fsi", &call).json();
    assert!(found(&reply).is_empty() && !reply["warn_msg"].as_str().unwrap().contains("没有明细"), "{reply}");
}

#[test]
fn rules_may_go_by_their_national_code() {
    let server = running(CallOptions { national_rule_ids: true, ..patient() }, Desk::new(rules(), None));
    let reply = server.post("/fsi", &sample()).json();
    assert_eq!(found(&reply), ["GZ10000301004000"]);
    assert!(reply["output"]["result"][0]["jr_id"].as_str().unwrap().starts_with("N067-"), "feedback finds its rule by our id");
}
