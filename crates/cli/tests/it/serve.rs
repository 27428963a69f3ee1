//! The counter as a hospital meets it: the real binary, over the wire.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::{fails, json, ok};

/// A server that is ended when the test is.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(workspace: &Path) -> Server {
        let mut child = Command::new(env!("CARGO_BIN_EXE_mingjian"))
            .args(["serve", "--listen", "127.0.0.1:0", "--deadline", "20000"])
            .env("MINGJIAN_WORKSPACE", workspace)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut said).unwrap();
        let address = said.split("http://").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or_else(|| panic!("{said}")).to_owned();
        out.read_line(&mut said).unwrap();
        assert!(said.contains("规则") && said.contains("历史"), "{said}");
        Server { child, address }
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
