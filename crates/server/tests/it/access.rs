//! Trying to get in: without a key, with a wrong one, with the right one for the wrong thing.

use std::sync::Arc;

use mingjian_counter::Desk;
use mingjian_server::sign::{Signed, Signing};
use mingjian_server::{Access, CallOptions, Rate, ServeError, ServeOptions, Service, serve};
use serde_json::{Value, json};

use crate::support::{Running, found, order, patient, rules, running, sample, stored};

/// When the tests' clock stands, in milliseconds since 1970.
const NOW: &str = "1782867960000";

const SM2_SECRET: &str = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8";

const KEYS: &str = r#"
[[keys]]
id = "hospital-1"
secret = "the first hospital's secret"
institutions = ["H44190000001"]

[[keys]]
id = "hospital-2"
method = "hmac-sm3"
secret = "the second hospital's secret"
institutions = ["H44190000002"]
may = ["call", "settle"]

[[keys]]
id = "hospital-3"
method = "sm2"
public_key = "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
institutions = ["H44190000003"]

[[keys]]
id = "bureau"
method = "bearer"
secret = "a token of the bureau"
institutions = ["H4419*"]
may = ["settle", "watch"]
"#;

fn guarded() -> CallOptions {
    CallOptions { access: Access::parse(KEYS).unwrap(), ..patient() }
}

type Headers = Vec<(&'static str, String)>;

/// Headers of a call signed now.
fn signed(id: &str, signing: &Signing) -> Headers {
    let headers = Signed { name: "3101", version: "1.0.0", timestamp: NOW, access_key: id, signature: "" };
    let signature = signing.sign(&headers);
    vec![
        ("_api_name", "3101".to_owned()),
        ("_api_version", "1.0.0".to_owned()),
        ("_api_timestamp", NOW.to_owned()),
        ("_api_access_key", id.to_owned()),
        ("_api_signature", signature),
    ]
}

fn first() -> Headers {
    signed("hospital-1", &Signing::HmacSha256(b"the first hospital's secret".to_vec()))
}

fn bureau() -> Headers {
    vec![("authorization", "Bearer a token of the bureau".to_owned())]
}

fn send(server: &Running, headers: &[(&str, String)], path: &str, body: &Value) -> Value {
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let received = server.client().send("POST", path, &headers, body.to_string().as_bytes()).unwrap();
    assert_eq!(received.status, 200);
    received.json()
}

/// Sends what must not get in; what it is told.
fn refused(server: &Running, headers: &[(&str, String)], path: &str, body: &Value) -> String {
    let reply = send(server, headers, path, body);
    assert_eq!((&reply["infcode"], &reply["output"]["result"]), (&json!(-1), &json!([])), "{reply}");
    reply["err_msg"].as_str().unwrap().to_owned()
}

/// The sample, of another institution.
fn of(institution: &str) -> Value {
    serde_json::from_str(&sample().to_string().replace("H44190000001", institution)).unwrap()
}

#[test]
fn no_route_answers_without_a_key() {
    let server = running(guarded(), Desk::new(rules(), None));
    for path in ["/fsi", "/3101", "/3102", "/3103", "/settlements", "/2204"] {
        let told = refused(&server, &[], path, &sample());
        assert!(told.contains("缺少签名头"), "{path}: {told}");
    }
    for path in ["/metrics", "/follow", "/callers", "/days", "/shadow"] {
        let received = server.client().get(path).unwrap();
        assert_eq!(received.status, 401, "{path}");
        assert!(received.text().contains("缺少签名头") && !received.text().contains("mingjian_"), "{path}");
    }
    // Whoever keeps it running may ask whether it lives, and learns nothing else.
    assert_eq!(server.client().get("/healthz").unwrap().text(), "好\n");
    assert_eq!(server.client().get("/readyz").unwrap().text(), "就绪\n");
}

#[test]
fn a_key_opens_what_it_is_for_and_nothing_else() {
    let server = running(guarded(), Desk::new(rules(), None));
    assert_eq!(found(&send(&server, &first(), "/fsi", &sample())), ["N067"]);
    let second = signed("hospital-2", &Signing::HmacSm3(b"the second hospital's secret".to_vec()));
    assert_eq!(found(&send(&server, &second, "/fsi", &of("H44190000002"))), ["N067"]);
    let secret: Vec<u8> = (0..64).step_by(2).map(|at| u8::from_str_radix(&SM2_SECRET[at..at + 2], 16).unwrap()).collect();
    let third = signed("hospital-3", &Signing::Sm2(secret));
    assert_eq!(found(&send(&server, &third, "/fsi", &of("H44190000003"))), ["N067"]);

    assert!(refused(&server, &first(), "/settlements", &json!({"settlements": []})).contains("不能送结算"));
    assert!(refused(&server, &bureau(), "/fsi", &sample()).contains("不能调用"));
    let headers = first();
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(server.client().send("GET", "/metrics", &headers, b"").unwrap().status, 401);
    let token = [("authorization", "Bearer a token of the bureau")];
    for path in ["/metrics", "/follow", "/callers", "/days", "/shadow"] {
        assert_eq!(server.client().send("GET", path, &token, b"").unwrap().status, 200, "{path}");
    }
    assert!(server.client().send("GET", "/readyz", &token, b"").unwrap().text().contains("规则集"));
}

#[test]
fn forged_and_stale_signatures_do_not_get_in() {
    let server = running(guarded(), Desk::new(rules(), None));
    let with = |change: &dyn Fn(&mut Headers)| {
        let mut headers = first();
        change(&mut headers);
        refused(&server, &headers, "/fsi", &sample())
    };
    let set = |headers: &mut Headers, name: &str, value: &str| {
        headers.iter_mut().filter(|(known, _)| *known == name).for_each(|(_, held)| *held = value.to_owned());
    };
    assert!(with(&|headers| set(headers, "_api_signature", "AAAA")).contains("签名 _api_signature 不对"));
    assert!(with(&|headers| set(headers, "_api_signature", "")).contains("缺少签名头"));
    assert!(with(&|headers| set(headers, "_api_name", "3103")).contains("不对"), "the name is signed");
    assert!(with(&|headers| set(headers, "_api_timestamp", "1782867960001")).contains("不对"), "the time is signed");
    assert!(with(&|headers| set(headers, "_api_access_key", "nobody")).contains("不认识"));
    assert!(with(&|headers| set(headers, "_api_access_key", "hospital-2")).contains("不对"), "another's id with one's own secret");
    assert!(with(&|headers| set(headers, "_api_access_key", "bureau")).contains("缺少签名头"), "a token's key signs nothing");
    let empty = signed("hospital-1", &Signing::HmacSha256(Vec::new()));
    assert!(refused(&server, &empty, "/fsi", &sample()).contains("不对"));
    for token in ["Bearer ", "Bearer a token of the burea", "Bearer hospital-1", "Basic a token of the bureau"] {
        let told = refused(&server, &[("authorization", token.to_owned())], "/settlements", &json!({}));
        assert!(told.contains("不认识") || told.contains("缺少签名头"), "{token}: {told}");
    }
    let stale = Signed { name: "3101", version: "1.0.0", timestamp: "1782860000000", access_key: "hospital-1", signature: "" };
    let signature = Signing::HmacSha256(b"the first hospital's secret".to_vec()).sign(&stale);
    let told = with(&|headers| {
        set(headers, "_api_timestamp", "1782860000000");
        set(headers, "_api_signature", &signature);
    });
    assert!(told.contains("相差超过十分钟"), "{told}");
}

#[test]
fn a_key_does_not_speak_for_another_institution() {
    let folder = tempfile::tempdir().unwrap();
    let server = running(guarded(), Desk::new(rules(), Some(stored(&folder))));
    assert!(refused(&server, &first(), "/fsi", &of("H44190000002")).contains("不能代机构 H44190000002"));
    // Its own name on the envelope, another's on the visit in hand.
    let mut call = of("H44190000002");
    call["fixmedins_code"] = json!("H44190000001");
    assert!(refused(&server, &first(), "/fsi", &call).contains("不能代机构 H44190000002"));
    // The visit in hand is hidden behind another one, but its line says that it is being ordered.
    call["input"]["data"]["patient_dtos"][0]["curr_mdtrt_id"] = json!("V0");
    assert!(refused(&server, &first(), "/fsi", &call).contains("不能代机构 H44190000002"));
    // History may be of anywhere.
    let mut call = sample();
    let mut other = call["input"]["data"]["patient_dtos"][0]["fsi_encounter_dtos"][0].clone();
    other["mdtrt_id"] = json!("V0");
    other["medins_id"] = json!("H44190000002");
    other["fsi_order_dtos"][0]["curr_drord_flag"] = json!("0");
    call["input"]["data"]["patient_dtos"][0]["fsi_encounter_dtos"].as_array_mut().unwrap().push(other);
    assert_eq!(found(&send(&server, &first(), "/fsi", &call)), ["N067"]);
    // A hospital's own code, or none, stands for the only institution of the key.
    let mut local = sample();
    local["fixmedins_code"] = json!("");
    order(&mut local)["rx_id"] = json!("L9");
    assert_eq!(found(&send(&server, &first(), "/fsi", &local)), ["N067"]);

    let settlement = |institution: &str| json!({"psn_no":"P1","mdtrt_id":"V0","setl_id":"S0","fixmedins_code":institution});
    let both = json!({"settlements": [settlement("H44190000001"), settlement("H51000000001")]});
    let taken = send(&server, &bureau(), "/settlements", &both);
    assert_eq!(taken["output"]["accepted"], 1, "{taken}");
    assert!(taken["output"]["rejected"][0]["reason"].as_str().unwrap().contains("不能代机构 H51000000001"), "{taken}");
}

#[test]
fn an_answer_is_its_callers_only() {
    let server = running(guarded(), Desk::new(rules(), None));
    let mut call = sample();
    call["msgid"] = json!("H44190000001202607010906000001");
    assert_eq!(found(&send(&server, &first(), "/fsi", &call)), ["N067"]);
    let second = signed("hospital-2", &Signing::HmacSm3(b"the second hospital's secret".to_vec()));
    assert!(refused(&server, &second, "/fsi", &call).contains("不能代机构"), "the same msgid and body, but another's key");
}

#[test]
fn past_its_share_an_institution_gets_empty_answers_and_others_are_served() {
    let options = CallOptions { rate: Some(Rate { per_second: 0.001, burst: 3.0 }), ..guarded() };
    let folder = tempfile::tempdir().unwrap();
    let server = running(options, Desk::new(rules(), Some(stored(&folder))));
    let mut replies = Vec::new();
    for number in 0..5 {
        let mut call = sample();
        order(&mut call)["rx_id"] = json!(format!("L{number}"));
        call["msgid"] = json!(format!("M{number}"));
        replies.push(send(&server, &first(), "/fsi", &call));
    }
    assert!(replies[..3].iter().all(|reply| found(reply) == ["N067"]));
    for reply in &replies[3..] {
        assert_eq!(found(reply), Vec::<String>::new(), "{reply}");
        assert!(reply["warn_msg"].as_str().unwrap().contains("超过本机构的限额"), "{reply}");
    }
    let second = signed("hospital-2", &Signing::HmacSm3(b"the second hospital's secret".to_vec()));
    assert_eq!(found(&send(&server, &second, "/fsi", &of("H44190000002"))), ["N067"]);
    // What would be lost is refused instead, to be sent again.
    let warns = json!({"infno":"3103","input":{"data":{"warns":[{"warn_rslt_id":"N067-x","dspo_way":"2"}]}}});
    assert!(refused(&server, &first(), "/3103", &warns).contains("请稍后重发"));
    let token = [("authorization", "Bearer a token of the bureau")];
    let figures = server.client().send("GET", "/metrics", &token, b"").unwrap().text();
    assert!(figures.contains("mingjian_limited_total 2"), "{figures}");
}

#[test]
fn without_keys_it_listens_to_this_machine_only() {
    let start = |options: CallOptions, open: bool| {
        let service = Service::new(std::sync::Arc::new(Desk::new(rules(), None)), options);
        let listen = ServeOptions { listen: ([0, 0, 0, 0], 0).into(), open, ..ServeOptions::default() };
        serve(std::sync::Arc::new(service), listen).map(|serving| serving.stop())
    };
    let why = start(patient(), false).unwrap_err();
    assert!(matches!(why, ServeError::Unguarded { .. }) && why.to_string().contains("--keys"), "{why}");
    assert!(start(patient(), true).is_ok());
    assert!(start(guarded(), false).is_ok());
}

#[test]
fn an_institution_answers_for_what_it_was_told_alone() {
    let folder = tempfile::tempdir().unwrap();
    let server = running(guarded(), Desk::new(rules(), Some(stored(&folder))));
    let second = signed("hospital-2", &Signing::HmacSm3(b"the second hospital's secret".to_vec()));
    let told = send(&server, &first(), "/fsi", &sample());
    let warns = json!({"infno":"3103","input":{"data":{"warns":[{"warn_rslt_id":told["output"]["result"][0]["jr_id"],"dspo_way":"2"}]}}});
    let mut others = warns.clone();
    others["fixmedins_code"] = json!("H44190000002");
    let why = refused(&server, &second, "/3103", &others);
    assert!(why.contains("没有向本机构发过提醒"), "{why}");
    assert_eq!(send(&server, &first(), "/3103", &warns)["infcode"], 0);
}

#[test]
fn keys_are_renewed_while_it_runs_and_never_to_none() {
    let service = Arc::new(Service::new(Arc::new(Desk::new(rules(), None)), guarded()).with_clock(crate::support::clock).with_log(|_| {}));
    let listen = ServeOptions { listen: ([127, 0, 0, 1], 0).into(), ..ServeOptions::default() };
    let serving = serve(service.clone(), listen).unwrap();
    let mut client = mingjian_server::client::Client::connect(&serving.address.to_string()).unwrap();
    let mut status = |token: &str| client.send("GET", "/metrics", &[("authorization", token)], b"").unwrap().status;
    let (old, new) = ("Bearer a token of the bureau", "Bearer another token of the bureau");
    assert_eq!((status(old), status(new)), (200, 401));
    let fresh = "[[keys]]\nid = \"bureau\"\nmethod = \"bearer\"\nsecret = \"another token of the bureau\"\nmay = [\"watch\"]\n";
    assert!(service.renew_access(Access::parse(fresh).unwrap()));
    assert_eq!((status(old), status(new)), (401, 200), "on the same connection");
    assert!(!service.renew_access(Access::default()), "a door that was shut is not opened by a file that is gone");
    assert_eq!((status(old), status(new)), (401, 200));
    serving.stop();
}
