//! The counter as a hospital meets it: the real binary, over the wire.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::lab::{self, Lab};
use crate::{fails, json, ok};

/// A server that is ended when the test is.
struct Server {
    child: Child,
    address: String,
    /// Its words on standard error, line after line.
    said: Receiver<String>,
}

impl Server {
    fn start(workspace: &Path) -> Server {
        Server::start_with(workspace, &[])
    }

    fn start_with(workspace: &Path, arguments: &[&str]) -> Server {
        let mut child = Command::new(env!("CARGO_BIN_EXE_mingjian"))
            .args(["serve", "--listen", "127.0.0.1:0", "--deadline", "20000"])
            .args(arguments)
            .env("MINGJIAN_WORKSPACE", workspace)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (tell, heard) = channel();
        let errors = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || errors.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let said: Vec<String> = std::iter::from_fn(|| lines.next()).take_while(|line| !line.starts_with("规则 ")).collect();
        let counter = said.iter().find(|line| line.contains("应答 3101")).unwrap_or_else(|| panic!("{said:?}"));
        let address = counter.split("://").nth(1).and_then(|rest| rest.split(' ').next()).unwrap().to_owned();
        Server { child, address, said: heard }
    }

    /// Waits until it says so.
    fn says(&self, wanted: &str) {
        let until = Instant::now() + Duration::from_secs(60);
        let mut lines = Vec::new();
        while !lines.last().is_some_and(|line: &String| line.contains(wanted)) {
            match self.said.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) => lines.push(line),
                Err(_) => panic!("{wanted}: {lines:?}"),
            }
        }
    }

    /// Asks it to end; its exit code.
    fn end(mut self) -> Option<i32> {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_empty_workspace_serves_the_built_in_library() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let seen = json(folder.path(), &["his-sim", "--to", &server.address, "--calls", "60", "--connections", "4"]);
    assert_eq!((seen["calls"].as_u64(), seen["refused"].as_u64()), (Some(60), Some(0)), "{seen}");
    assert!(seen["reminders"].as_u64().unwrap() > 0, "{seen}");
    let (code, said) = fails(folder.path(), &["history", "info"]);
    assert!(code == 1 && said.contains("mingjian history") || said.contains("打不开"), "the server holds the file: {said}");
    assert_eq!(server.end(), Some(0));
}

#[test]
fn history_is_rebuilt_from_the_lake_and_served() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = folder.path().join("workspace");
    let city = folder.path().join("city");
    let city = city.to_str().unwrap();
    ok(&workspace, &["city", "--out", city, "--persons", "500", "--months", "2"]);
    ok(&workspace, &["import", city]);
    let built = json(&workspace, &["history", "rebuild"]);
    let (persons, visits) = (built["persons"].as_u64().unwrap(), built["visits"].as_u64().unwrap());
    assert!(persons > 100 && visits > persons, "{built}");
    ok(&workspace, &["screen", "--rules", "M16,M19,M20,T1,N043"]);
    let again = json(&workspace, &["history", "rebuild"]);
    assert!(again["marks"].as_u64() >= built["marks"].as_u64(), "{again}");
    assert_eq!((again["persons"].as_u64(), again["visits"].as_u64()), (Some(persons), Some(visits)));
    let info = json(&workspace, &["history", "info"]);
    assert_eq!(info["visits"], built["visits"]);
    let server = Server::start(&workspace);
    let (code, said) = fails(&workspace, &["history", "rebuild"]);
    assert!(code == 1 && said.contains("先停下 mingjian serve"), "{said}");
    assert_eq!(server.end(), Some(0));
}

/// Waits until the server's figures say something; they change a few seconds after the lake does.
fn figures_say(server: &Server, wanted: &str) {
    let seen = (0..600).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        get(&server.address, "/metrics").contains(wanted)
    });
    assert!(seen, "{wanted}: {}", get(&server.address, "/metrics"));
}

fn get(address: &str, path: &str) -> String {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: counter\r\nconnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn a_running_server_takes_in_what_is_imported() {
    let lab = Lab::new();
    let workspace = lab.workspace("w");
    let newest = || format!("mingjian_history_lake_version {}\n", lab::newest(&workspace).0);
    let half = lab.half_city();
    let server = Server::start(&workspace);
    assert!(get(&server.address, "/metrics").contains("mingjian_history_persons 0\n"));
    ok(&workspace, &["import", &half]);
    figures_say(&server, &newest());
    assert_eq!(server.end(), Some(0));
    // What came while it was away it takes in when it is there again.
    ok(&workspace, &["import", &lab.text("city")]);
    let server = Server::start(&workspace);
    figures_say(&server, &newest());
    figures_say(&server, "mingjian_history_behind 0\n");
    assert_eq!(server.end(), Some(0));
    let fed = json(&workspace, &["history", "info"]);
    let rebuilt = json(&workspace, &["history", "rebuild"]);
    for name in ["persons", "visits", "lake_version"] {
        assert_eq!(fed[name], rebuilt[name], "{name}: {fed} {rebuilt}");
    }
    assert!(fed["visits"].as_u64() > Some(100), "{fed}");
}

#[test]
fn a_faulty_setting_is_told_before_anything_is_served() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("counter.toml"), "[levels]\nN067 = \"block\"\n").unwrap();
    let (code, said) = fails(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert!(code == 1 && said.contains("可写 stop、confirm、quiet"), "{said}");
    let (code, said) = fails(folder.path(), &["his-sim", "--to", "127.0.0.1:1"]);
    assert!(code == 1 && said.contains("先起服务"), "{said}");
}

#[test]
fn keys_and_certificates_are_asked_for_where_others_can_reach_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (code, said) = fails(folder.path(), &["serve", "--listen", "0.0.0.0:0"]);
    assert!(code == 1 && said.contains("没有调用密钥") && said.contains("--open"), "{said}");
    let faulty = file("faulty.toml", "[[keys]]\nid = \"A\"\nsecret = \"short\"\n");
    let (code, said) = fails(folder.path(), &["serve", "--keys", &faulty]);
    assert!(code == 1 && said.contains("密钥 A") && said.contains("太短"), "{said}");

    let tls = Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/tests/tls");
    let tls = |name: &str| tls.join(name).to_str().unwrap().to_owned();
    let (code, said) = fails(folder.path(), &["serve", "--cert", &tls("authority.pem"), "--key", &tls("server.key")]);
    assert!(code == 1 && said.contains("不能一起用"), "{said}");
    let keys = file(
        "keys.toml",
        "[[keys]]\nid = \"simulator\"\nmethod = \"bearer\"\nsecret = \"a token for the simulator\"\ninstitutions = [\"H4419*\"]\nrate = 10000.0\n",
    );
    let token = file("token.txt", "a token for the simulator\n");
    let server = Server::start_with(folder.path(), &["--keys", &keys, "--cert", &tls("server.pem"), "--key", &tls("server.key")]);
    let (address, authority) = (format!("https://{}", server.address), tls("authority.pem"));
    let call = ["his-sim", "--to", &address, "--ca", &authority, "--calls", "20", "--no-feedback"];
    let stranger = json(folder.path(), &call);
    assert_eq!(stranger["refused"], 20, "{stranger}");
    let known = json(folder.path(), &[&call[..], &["--token", &token]].concat());
    assert_eq!((known["calls"].as_u64(), known["refused"].as_u64()), (Some(20), Some(0)), "{known}");
    let load = ["his-sim", "--to", &address, "--ca", &authority, "--token", &token, "--rate", "40", "--seconds", "1", "--connections", "4"];
    let seen = json(folder.path(), &load);
    assert_eq!((seen["calls"].as_u64(), seen["refused"].as_u64(), seen["broken"].as_u64()), (Some(40), Some(0), Some(0)), "{seen}");
    assert!(seen["p99_ms"].as_f64() >= seen["p50_ms"].as_f64(), "{seen}");
    assert_eq!(server.end(), Some(0));
    let calls = std::fs::read_to_string(folder.path().join("counter/calls.jsonl")).unwrap();
    assert_eq!(calls.lines().count(), 80);
    assert!(calls.contains("\"key\":\"simulator\"") && calls.contains("\"outcome\":\"unsigned\"") && !calls.contains("a token"));
}

#[test]
fn keys_are_renewed_while_it_runs_and_faulty_ones_are_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.toml");
    let key = |secret: &str| format!("[[keys]]\nid = \"watcher\"\nmethod = \"bearer\"\nsecret = \"{secret}\"\nmay = [\"watch\"]\n");
    let (first, second) = ("the first token of all", "the second token of all");
    std::fs::write(&path, key(first)).unwrap();
    let server = Server::start_with(folder.path(), &["--keys", path.to_str().unwrap()]);
    let status = |token: &str| {
        let mut client = mingjian_server::client::Client::connect(&server.address).unwrap();
        let carried = format!("Bearer {token}");
        client.send("GET", "/metrics", &[("authorization", carried.as_str())], b"").unwrap().status
    };
    assert_eq!((status(first), status(second)), (200, 401));
    std::fs::write(&path, key(second)).unwrap();
    let renewed = (0..300).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        status(second) == 200
    });
    assert!(renewed && status(first) == 401);
    // Faulty, then gone: the keys before stay.
    std::fs::write(&path, "[[keys]]\nid = \"watcher\"\n").unwrap();
    server.says("密钥文件有改动，但没有换上");
    assert_eq!((status(first), status(second)), (401, 200));
    std::fs::remove_file(&path).unwrap();
    server.says("密钥文件有改动，但没有换上");
    assert_eq!((status(first), status(second)), (401, 200));
    assert_eq!(server.end(), Some(0));
}

#[test]
fn rules_on_trial_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let (code, said) = fails(folder.path(), &["history", "shadow"]);
    assert!(code == 1 && said.contains("还没有历史"), "{said}");
    // One rule of the library at hand, on trial.
    let rule = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../library/rules");
    let found =
        walk(&rule).into_iter().find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("N067-"))).unwrap();
    let own = folder.path().join("library/rules/drugs");
    std::fs::create_dir_all(&own).unwrap();
    let text = std::fs::read_to_string(&found).unwrap().replace("status = \"live\"", "status = \"shadow\"");
    std::fs::write(own.join(found.file_name().unwrap()), text).unwrap();
    let server = Server::start(folder.path());
    let seen = json(folder.path(), &["his-sim", "--to", &server.address, "--calls", "60"]);
    assert!(seen["rules"]["N067"].is_null(), "told to nobody: {seen}");
    let (code, said) = fails(folder.path(), &["history", "shadow"]);
    assert!(code == 1 && said.contains("先停下 mingjian serve"), "{said}");
    assert_eq!(server.end(), Some(0));
    let listed = json(folder.path(), &["history", "shadow", "--rule", "N067", "--top", "5"]);
    let answers = listed["answers"].as_array().unwrap();
    assert!(!answers.is_empty() && answers.len() <= 5, "{listed}");
    assert!(answers[0]["text"].as_str().unwrap().contains("参保人"), "{listed}");
    assert!(listed["counts"]["N067"].as_u64().unwrap() >= answers.len() as u64, "{listed}");
    assert!(ok(folder.path(), &["history", "shadow"]).contains("本会提醒"));
}

/// All files below a folder.
fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[test]
fn a_settlement_that_was_acknowledged_survives_a_kill() {
    use mingjian_server::client::Client;
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = 0;
    for round in 0..3u32 {
        let mut server = Server::start(folder.path());
        let mut client = Client::connect(&server.address).unwrap();
        for _ in 0..5 + 7 * round {
            let settled = format!(
                "{{\"settlements\":[{{\"psn_no\":\"P1\",\"mdtrt_id\":\"V{acknowledged}\",\"setl_id\":\"S{acknowledged}\",\"fixmedins_code\":\"H44190000001\"}}]}}"
            );
            let reply = client.post("/settlements", settled.as_bytes()).unwrap().json();
            assert_eq!(reply["output"]["accepted"], 1, "{reply}");
            acknowledged += 1;
        }
        server.child.kill().unwrap();
        server.child.wait().unwrap();
        let info = json(folder.path(), &["history", "info"]);
        assert_eq!(info["visits"], acknowledged, "{info}");
    }
}
