//! Calls over HTTP, from the first byte to the last.

use mingjian_counter::{Desk, Mark};
use mingjian_server::{CallOptions, MoreFigures, ServeOptions};
use serde_json::json;

use crate::support::{found, patient, rules, running, sample, server, serving, stored};

#[test]
fn the_sample_is_answered_as_the_standard_says() {
    let server = server();
    let received = server.post("/fsi", &sample());
    assert_eq!(received.status, 200);
    let reply = received.json();
    assert_eq!(found(&reply), ["N067"], "{reply:#}");
    let result = &reply["output"]["result"][0];
    assert_eq!(result["rule_name"], "药品区分性别使用");
    assert_eq!(result["vola_amt"], 40);
    assert_eq!((&result["vola_amt_stas"], &result["sev_deg"]), (&json!("1"), &json!("1")));
    assert!(result["vola_cont"].as_str().unwrap().starts_with("男性参保人使用限女性的药品“艾附暖宫丸”"), "{result:#}");
    let detail = &result["judge_result_detail_dtos"][0];
    assert_eq!((&detail["rx_id"], &detail["vola_item_type"], &detail["vola_amt"]), (&json!("L1"), &json!("1"), &json!(40)));
    assert_eq!(reply["respond_time"], "20260701090600000");
    assert!(reply["inf_refmsgid"].as_str().unwrap().len() == 30, "{reply:#}");
    server.stop();
}

#[test]
fn the_transaction_may_stand_in_the_path_and_the_envelope_be_left_out() {
    let server = server();
    let bare = json!({ "data": sample()["input"]["data"] });
    assert_eq!(found(&server.post("/3101", &bare).json()), ["N067"]);
    // The doctor has been reminded of this line today.
    assert_eq!(found(&server.post("/3102", &bare).json()), Vec::<String>::new());
}

#[test]
fn what_is_no_call_is_refused_with_words() {
    let server = server();
    let refuse = |path: &str, body: &str| {
        let reply = server.client().post(path, body.as_bytes()).unwrap().json();
        assert_eq!(reply["infcode"], -1, "{body}: {reply}");
        assert_eq!(reply["output"]["result"], json!([]));
        reply["err_msg"].as_str().unwrap().to_owned()
    };
    assert!(refuse("/fsi", "").contains("报文是空的"));
    assert!(refuse("/fsi", "{\"infno\":").contains("不是 JSON"));
    assert!(refuse("/fsi", "[1,2]").contains("最外层应是交易信封"));
    assert!(refuse("/fsi", "{}").contains("没有写交易编号"));
    assert!(refuse("/fsi", "{\"infno\":\"2204\"}").contains("没有交易 2204"));
    assert!(refuse("/3101", "{\"input\":{\"data\":{\"kranke\":[]}}}").contains("不认得的节点：kranke"));
}

#[test]
fn health_readiness_and_figures_are_told() {
    let server = server();
    server.post("/fsi", &sample());
    let mut client = server.client();
    assert_eq!(client.get("/healthz").unwrap().status, 200);
    assert!(client.get("/readyz").unwrap().text().starts_with("就绪：在线规则 "));
    let figures = client.get("/metrics").unwrap().text();
    assert!(figures.contains("mingjian_calls_total{call=\"3101\",outcome=\"ok\"} 1"), "{figures}");
    assert!(figures.contains("mingjian_reminders_total 1"), "{figures}");
    let callers = client.get("/callers").unwrap().json();
    assert_eq!((&callers[0]["fixmedins_code"], &callers[0]["calls"]), (&json!("H44190000001"), &json!(1)), "{callers}");
    assert_eq!(callers[0]["reminded"], 1);
    assert_eq!(client.get("/nowhere/else").unwrap().status, 404);
    server.stop();
}

#[test]
fn others_are_served_beside_the_counter() {
    use axum::extract::Request;
    use axum::http::StatusCode;
    let beside = axum::Router::new()
        .route("/", axum::routing::get(|| async { "首页" }))
        .route("/login", axum::routing::post(|| async { "进来" }))
        .fallback(|request: Request| async move {
            let peer = request.extensions().get::<mingjian_server::Peer>().is_some_and(|peer| peer.0.ip().is_loopback());
            (StatusCode::IM_A_TEAPOT, format!("{} {} {peer}", request.method(), request.uri().path()))
        });
    let options = ServeOptions {
        listen: ([127, 0, 0, 1], 0).into(),
        beside: Some(beside),
        figures: Some(MoreFigures::new(|| "mingjian_cases 3\n".to_owned())),
        ..ServeOptions::default()
    };
    let server = serving(patient(), Desk::new(rules(), None), options);
    let mut client = server.client();
    assert_eq!(client.get("/").unwrap().text(), "首页");
    assert_eq!(client.post("/login", b"{}").unwrap().text(), "进来");
    let elsewhere = client.get("/api/v1/leads?page=2").unwrap();
    assert_eq!((elsewhere.status, elsewhere.text().as_str()), (418, "GET /api/v1/leads true"));
    assert_eq!(found(&client.post("/3101", sample().to_string().as_bytes()).unwrap().json()), ["N067"]);
    assert!(client.post("/2204", b"{}").unwrap().json()["err_msg"].as_str().unwrap().contains("没有交易 2204"));
    let figures = client.get("/metrics").unwrap().text();
    assert!(figures.ends_with("mingjian_cases 3\n") && figures.contains("mingjian_rules "), "{figures}");
}

#[test]
fn a_call_sent_again_gets_the_same_answer() {
    let server = server();
    let mut call = sample();
    call["msgid"] = json!("H44190000001202607010906000001");
    let first = server.post("/fsi", &call);
    let second = server.post("/fsi", &call);
    assert_eq!(first.text(), second.text());
    call["input"]["data"]["task_id"] = json!("T9");
    let other = server.post("/fsi", &call);
    assert_ne!(first.text(), other.text(), "the same msgid with another body is another call");
}

#[test]
fn without_time_the_answer_is_empty_and_says_so() {
    let options = CallOptions { deadline: std::time::Duration::ZERO, ..patient() };
    let server = running(options, Desk::new(rules(), None));
    let reply = server.post("/fsi", &sample()).json();
    assert_eq!(found(&reply), Vec::<String>::new());
    assert!(reply["warn_msg"].as_str().unwrap().contains("未能在 0 毫秒内审核完"), "{reply}");
    assert!(server.client().get("/metrics").unwrap().text().contains("mingjian_late_total 1"));
}

#[test]
fn settled_history_counts_and_feedback_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let options = patient();
    let server = running(options.clone(), Desk::new(rules(), Some(stored(&folder))));
    let reply = server.post("/fsi", &sample()).json();
    assert!(reply["warn_msg"].as_str().unwrap().contains("没有该参保人的历史结算"), "{reply}");
    let settled = json!({"settlements": [
        {"psn_no":"P1","mdtrt_id":"V0","setl_id":"S0","fixmedins_code":"H44190000001","setl_time":"2026-06-30 10:00:00","med_type":"11",
         "fee_list_d":{"bkkp_sn":"1","med_list_codg":"T000700200","cnt":1,"pric":"3.5","det_item_fee_sumamt":3.5,"fee_ocur_time":"2026-06-30 09:00:00"}},
        {"psn_no":"P1","setl_id":"S9"}
    ]});
    let taken = server.post("/settlements", &settled).json();
    assert_eq!(taken["output"], json!({"accepted": 1, "rejected": [{"at": 2, "reason": "缺 mdtrt_id"}]}), "{taken}");
    let mut other = sample();
    other["input"]["data"]["patient_dtos"][0]["fsi_encounter_dtos"][0]["fsi_order_dtos"][0]["rx_id"] = json!("L2");
    let reply = server.post("/fsi", &other).json();
    assert_eq!(found(&reply), ["N067"]);
    assert_eq!(reply["warn_msg"], "", "{reply}");

    let jr_id = reply["output"]["result"][0]["jr_id"].clone();
    let say = |id: &serde_json::Value, way: &str, reason: &str| {
        let body =
            json!({"infno":"3103","input":{"data":{"warn_type":"1","warns":[{"warn_rslt_id":id,"dspo_way":way,"dspo_way_rea":reason}]}}});
        server.post("/fsi", &body).json()
    };
    assert_eq!(say(&jr_id, "1", "外地就医不便")["infcode"], 0);
    assert!(say(&jr_id, "1", "")["err_msg"].as_str().unwrap().contains("dspo_way_rea"));
    assert!(say(&jr_id, "3", "")["err_msg"].as_str().unwrap().contains("dspo_way 应为"));
    assert!(say(&json!("X-1"), "2", "")["err_msg"].as_str().unwrap().contains("没有向本机构发过提醒 X-1"));
    // Made up from a rule's id, or a true one with another rule's name: taken for nothing.
    for made in ["N067-0123456789abcdef0123-20260701".to_owned(), jr_id.as_str().unwrap().replace("N067", "N068")] {
        assert_eq!(say(&json!(made), "2", "")["infcode"], -1, "{made}");
    }
    assert!(jr_id.as_str().unwrap().chars().count() <= 50, "{jr_id}");
    assert!(server.client().get("/metrics").unwrap().text().contains("mingjian_feedback_refused_total 3"));
    let by_caller = |server: &crate::support::Running| {
        let callers = server.client().get("/callers").unwrap().json();
        // 3103 came without a code.
        let caller = callers.as_array().unwrap().iter().find(|one| one["fixmedins_code"] == "其他").cloned().unwrap();
        (caller["changed"].as_u64().unwrap(), caller["continued"].as_u64().unwrap())
    };
    assert_eq!(by_caller(&server), (0, 1));
    let figures = |server: &crate::support::Running| server.client().get("/follow").unwrap().json()[0].clone();
    let told = figures(&server);
    assert_eq!((&told["rule_id"], &told["changed"], &told["continued"]), (&json!("N067"), &json!(0), &json!(1)));
    assert_eq!(told["reasons"], json!([["外地就医不便", 1]]));
    // The doctor thinks better of it: the same reminder counts once.
    assert_eq!(say(&jr_id, "2", "")["infcode"], 0);
    assert_eq!(by_caller(&server), (1, 0));
    let page = server.client().get("/days?from=2026-06-30&to=2026-07-01").unwrap().json();
    let hours = page["days"][0]["hours"].as_array().unwrap();
    let of = |call: &str| hours.iter().find(|line| line["call"] == call && line["hour"] == 9).unwrap();
    assert_eq!((&of("3101")["calls"], &of("3101")["reminders"]), (&json!(2), &json!(2)), "{page}");
    assert_eq!((&of("3103")["changed"], &of("3103")["continued"]), (&json!(1), &json!(0)), "{page}");
    assert_eq!(server.client().get("/days?from=2026-07-02&to=2026-07-01").unwrap().status, 400);
    server.stop();
    let again = running(options, Desk::new(rules(), Some(stored(&folder))));
    let told = figures(&again);
    assert_eq!((&told["changed"], &told["continued"]), (&json!(1), &json!(0)), "{told}");
    // What was told before the restart is known after it; what is none of ours beside it is named, and does not hold it up.
    let warns = json!([{"warn_rslt_id":jr_id,"dspo_way":"1","dspo_way_rea":"病情需要"},{"warn_rslt_id":"N067-x","dspo_way":"2"}]);
    let reply = again.post("/3103", &json!({"infno":"3103","input":{"data":{"warns":warns}}})).json();
    assert_eq!(reply["infcode"], 0, "{reply}");
    assert!(reply["warn_msg"].as_str().unwrap().contains("没有向本机构发过提醒 N067-x"), "{reply}");
    let told = figures(&again);
    assert_eq!((&told["changed"], &told["continued"]), (&json!(0), &json!(1)), "{told}");
}

#[test]
fn those_marked_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let history = stored(&folder);
    let mark = |code: &str, to: &str, text: &str| Mark {
        kind: "机构".to_owned(),
        code: code.to_owned(),
        from: None,
        to: mingjian_model::day::parse_day(to),
        text: text.to_owned(),
    };
    let over = mark("H44190000001", "2026-06-30", "暂停已满");
    history.mark("名单", &[mark("H44190000001", "2026-09-30", "暂停医保结算至 2026-09-30"), over]).unwrap();
    let server = running(patient(), Desk::new(rules(), Some(history)));
    let reply = server.post("/fsi", &sample()).json();
    let told = reply["warn_msg"].as_str().unwrap();
    assert!(told.contains("机构 H44190000001：暂停医保结算至 2026-09-30") && !told.contains("暂停已满"), "{told}");
}
