//! Slow callers, clocks that jump, rules that are swapped under load.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use mingjian_counter::Desk;
use mingjian_server::{CallOptions, ServeOptions};
use serde_json::json;

use crate::support::{clock, found, order, patient, rules, running, running_service, sample, serving, stored};

#[test]
fn two_hundred_callers_of_a_byte_a_second_are_cut_off_and_others_are_served() {
    let options = CallOptions { body_timeout: Duration::from_millis(1_500), ..patient() };
    let listen =
        ServeOptions { listen: ([127, 0, 0, 1], 0).into(), header_timeout: Duration::from_millis(1_500), ..ServeOptions::default() };
    let server = serving(options, Desk::new(rules(), None), listen);
    let mut slow: Vec<TcpStream> = (0..200).map(|_| TcpStream::connect(server.address()).unwrap()).collect();
    // Half of them dawdle over the head, half over the body.
    for (number, stream) in slow.iter_mut().enumerate() {
        let begun: &[u8] =
            if number % 2 == 0 { b"POST /fsi HTTP/1.1\r\nho" } else { b"POST /fsi HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\n\r\n{" };
        stream.write_all(begun).unwrap();
    }
    let mut client = server.client();
    for round in 0..3 {
        for stream in &mut slow {
            let _ = stream.write_all(b"x");
        }
        for number in 0..20 {
            let mut call = sample();
            order(&mut call)["rx_id"] = json!(format!("L{round}-{number}"));
            assert_eq!(found(&client.post("/fsi", call.to_string().as_bytes()).unwrap().json()), ["N067"]);
        }
        std::thread::sleep(Duration::from_millis(900));
    }
    // They dribbled on past the limit; each is cut off, those with a whole head after being told.
    for (number, stream) in slow.iter_mut().enumerate() {
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut text = Vec::new();
        let ended = stream.read_to_end(&mut text);
        assert!(ended.is_ok() || ended.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset), "{number}");
        let told = String::from_utf8_lossy(&text);
        assert!(number % 2 == 0 || told.contains("没有在时限内传完"), "{number}: {told}");
    }
}

#[test]
fn who_does_not_take_answers_holds_no_connection() {
    let listen = ServeOptions {
        listen: ([127, 0, 0, 1], 0).into(),
        header_timeout: Duration::from_millis(700),
        // The only one there is.
        connections_max: 1,
        ..ServeOptions::default()
    };
    let server = serving(patient(), Desk::new(rules(), None), listen);
    let mut greedy = TcpStream::connect(server.address()).unwrap();
    greedy.set_write_timeout(Some(Duration::from_millis(200))).unwrap();
    // Far more answers than the buffers between the two hold.
    let asked = "GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n".repeat(20_000);
    let _ = greedy.write_all(asked.as_bytes());
    let begun = std::time::Instant::now();
    assert_eq!(server.client().get("/healthz").unwrap().status, 200, "the connection was given back");
    assert!(begun.elapsed() < Duration::from_secs(20));
    drop(greedy);
}

#[test]
fn a_disk_that_hangs_holds_up_settlements_and_no_call() {
    let folder = tempfile::tempdir().unwrap();
    let desk = std::sync::Arc::new(Desk::new(rules(), Some(stored(&folder))));
    let service =
        mingjian_server::Service::new(desk.clone(), CallOptions { deadline: Duration::from_secs(2), ..patient() }).with_clock(clock);
    let listen = ServeOptions { listen: ([127, 0, 0, 1], 0).into(), ..ServeOptions::default() };
    let serving = mingjian_server::serve(std::sync::Arc::new(service.with_log(|_| {})), listen).unwrap();
    let connect = || mingjian_server::client::Client::connect(&serving.address.to_string()).unwrap();
    let (free, hangs) = std::sync::mpsc::channel::<()>();
    let (began, beginning) = std::sync::mpsc::channel::<()>();
    std::thread::scope(|scope| {
        // A write that does not end, as on a disk that does not answer.
        scope.spawn(|| {
            let history = desk.history().unwrap();
            let done: Result<(), mingjian_counter::HistoryError> = history
                .bulk(move |_| {
                    began.send(()).unwrap();
                    hangs.recv().unwrap();
                    Ok(())
                })
                .unwrap();
            done.unwrap();
        });
        beginning.recv().unwrap();
        let settled = std::sync::Arc::new(AtomicBool::new(false));
        let told = settled.clone();
        let mut settling = connect();
        scope.spawn(move || {
            let body = json!({"settlements": [{"psn_no":"P1","mdtrt_id":"V0","setl_id":"S0","fixmedins_code":"H44190000001"}]});
            assert_eq!(settling.post("/settlements", body.to_string().as_bytes()).unwrap().json()["output"]["accepted"], 1);
            told.store(true, Ordering::SeqCst);
        });
        let mut client = connect();
        for number in 0..20 {
            let mut call = sample();
            order(&mut call)["rx_id"] = json!(format!("L{number}"));
            let reply = client.post("/fsi", call.to_string().as_bytes()).unwrap().json();
            assert_eq!(found(&reply), ["N067"], "{reply}");
        }
        assert!(!settled.load(Ordering::SeqCst), "nothing is acknowledged that is not on the disk");
        free.send(()).unwrap();
    });
    serving.stop();
}

static JUMP: AtomicI64 = AtomicI64::new(0);

#[test]
fn a_clock_that_jumps_changes_dates_and_nothing_else() {
    const YEAR: i64 = 365 * 86_400_000_000;
    let server =
        running_service(patient(), Desk::new(rules(), None), |service| service.with_clock(|| clock() + JUMP.load(Ordering::SeqCst)));
    let mut client = server.client();
    for (number, jump) in [0, YEAR, -YEAR, 3_600_000_000, -3_600_000_000, 0, i64::MAX / 4, -i64::MAX / 4].into_iter().enumerate() {
        JUMP.store(jump, Ordering::SeqCst);
        let mut call = sample();
        order(&mut call)["rx_id"] = json!(format!("L{number}"));
        call["msgid"] = json!("H44190000001202607010906000001");
        let reply = client.post("/fsi", call.to_string().as_bytes()).unwrap().json();
        assert_eq!(reply["infcode"], 0, "{jump}: {reply}");
        let warned = reply["warn_msg"].as_str().unwrap();
        assert!(!warned.contains("毫秒内") && !warned.contains("出错"), "no deadline hangs on the wall clock: {jump}: {reply}");
        if jump.abs() <= YEAR {
            assert_eq!(found(&reply), ["N067"], "{jump}");
        }
    }
}

#[test]
fn rules_are_swapped_under_load_and_no_call_is_dropped() {
    let desk = std::sync::Arc::new(Desk::new(rules(), None));
    let service =
        mingjian_server::Service::new(desk.clone(), CallOptions { queue_max: 4_096, ..patient() }).with_clock(clock).with_log(|_| {});
    let listen = ServeOptions { listen: ([127, 0, 0, 1], 0).into(), ..ServeOptions::default() };
    let serving = mingjian_server::serve(std::sync::Arc::new(service), listen).unwrap();
    let (done, answered, address) = (AtomicBool::new(false), AtomicUsize::new(0), serving.address.to_string());
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (done, answered, address) = (&done, &answered, &address);
            scope.spawn(move || {
                let mut client = mingjian_server::client::Client::connect(address).unwrap();
                let mut number = 0;
                while !done.load(Ordering::Relaxed) {
                    number += 1;
                    let mut call = sample();
                    order(&mut call)["rx_id"] = json!(format!("L{thread}-{number}"));
                    order(&mut call)["drord_dr_codg"] = json!(format!("D{thread}-{number}"));
                    let reply = client.post("/fsi", call.to_string().as_bytes()).unwrap().json();
                    assert_eq!(found(&reply), ["N067"], "{reply}");
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for _ in 0..4 {
            let before = answered.load(Ordering::Relaxed);
            drop(desk.live().swap(rules()));
            // Each set of rules answers before the next comes.
            while answered.load(Ordering::Relaxed) < before + 10 {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    let figures = mingjian_server::client::Client::connect(&address).unwrap().get("/metrics").unwrap().text();
    for none in ["mingjian_shed_total 0", "mingjian_late_total 0", "outcome=\"refused\"} 0"] {
        assert!(figures.contains(none), "{none}: {figures}");
    }
    serving.stop();
}

#[test]
fn bytes_that_are_no_http_end_their_connection_only() {
    let server = running(patient(), Desk::new(rules(), None));
    let odd: [&[u8]; 6] = [
        b"\0\0\0\0",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /fsi HTTP/1.1\r\ncontent-length: -5\r\n\r\n",
        b"POST /fsi HTTP/1.1\r\ncontent-length: 99999999999999999999\r\n\r\n",
        b"POST /fsi HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzzz\r\n",
        &[b'A'; 100_000],
    ];
    for bytes in odd {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        let _ = stream.write_all(bytes);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let _ = stream.read_to_end(&mut Vec::new());
        assert_eq!(server.client().get("/healthz").unwrap().status, 200);
    }
}
