//! A server on a free port and the sample call of docs/counter.md.

use std::sync::Arc;

use mingjian_counter::{Desk, History, Rules};
use mingjian_model::day::{Moment, parse_moment};
use mingjian_rules::{Library, ParamOverrides, Selection};
use mingjian_screening::Reference;
use mingjian_server::client::{Client, Received};
use mingjian_server::{CallOptions, ServeOptions, Service, Serving, serve};
use serde_json::{Value, json};

pub struct Running {
    serving: Serving,
}

pub fn clock() -> Moment {
    parse_moment("2026-07-01 09:06:00").unwrap_or_default()
}

pub fn rules() -> Rules {
    let library = Arc::new(Library::built_in());
    Rules::compile(library, Arc::new(Reference::default()), &Selection::default(), &ParamOverrides::default(), 1).unwrap()
}

pub fn running(options: CallOptions, desk: Desk) -> Running {
    serving(options, desk, ServeOptions { listen: ([127, 0, 0, 1], 0).into(), ..ServeOptions::default() })
}

/// On a free port, with a service that was made otherwise.
pub fn running_service(options: CallOptions, desk: Desk, change: impl FnOnce(Service) -> Service) -> Running {
    let service = change(Service::new(Arc::new(desk), options).with_clock(clock).with_log(|_| {}));
    let listen = ServeOptions { listen: ([127, 0, 0, 1], 0).into(), ..ServeOptions::default() };
    Running { serving: serve(Arc::new(service), listen).unwrap() }
}

pub fn serving(options: CallOptions, desk: Desk, listen: ServeOptions) -> Running {
    let service = Arc::new(Service::new(Arc::new(desk), options).with_clock(clock).with_log(|_| {}));
    Running { serving: serve(service, listen).unwrap() }
}

/// With time enough for a machine under load.
pub fn patient() -> CallOptions {
    CallOptions { deadline: std::time::Duration::from_secs(20), ..CallOptions::default() }
}

pub fn server() -> Running {
    running(patient(), Desk::new(rules(), None))
}

impl Running {
    pub fn address(&self) -> String {
        self.serving.address.to_string()
    }

    pub fn client(&self) -> Client {
        Client::connect(&self.address()).unwrap()
    }

    pub fn post(&self, path: &str, body: &Value) -> Received {
        self.client().post(path, body.to_string().as_bytes()).unwrap()
    }

    /// Rule ids a call is answered with.
    pub fn rules(&self, body: &Value) -> Vec<String> {
        found(&self.post("/fsi", body).json())
    }

    pub fn stop(self) {
        self.serving.stop();
    }
}

pub fn found(reply: &Value) -> Vec<String> {
    assert_eq!(reply["infcode"], 0, "{reply}");
    let results = reply["output"]["result"].as_array().unwrap();
    results.iter().map(|result| result["rule_id"].as_str().unwrap_or_default().to_owned()).collect()
}

/// The call of docs/counter.md: a man, a drug for women.
pub fn sample() -> Value {
    let page = include_str!("../../../../docs/counter.md");
    let from = page.find("```json\n").unwrap() + 8;
    serde_json::from_str(&page[from..from + page[from..].find("```").unwrap()]).unwrap()
}

/// The sample's only order, to be changed.
pub fn order(call: &mut Value) -> &mut Value {
    &mut call["input"]["data"]["patient_dtos"][0]["fsi_encounter_dtos"][0]["fsi_order_dtos"][0]
}

pub fn order_json() -> Value {
    json!({"rx_id":"L1","hilist_type":"101","hilist_code":"ZD03AAA0043010100166","hilist_name":"艾附暖宫丸","cnt":2,"pric":20,"sumamt":40,"curr_drord_flag":"1","drord_begn_date":"2026-07-01 09:05:00"})
}

pub fn stored(folder: &tempfile::TempDir) -> History {
    History::open(&folder.path().join("history.redb")).unwrap()
}
