//! Encrypted calls.

use std::path::{Path, PathBuf};

use mingjian_counter::Desk;
use mingjian_server::client::{Client, Trust};
use mingjian_server::{ServeOptions, Tls, TlsError};

use crate::support::{found, patient, rules, sample, serving};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls").join(name)
}

#[test]
fn calls_come_encrypted_and_plain_ones_get_no_answer() {
    let tls = Tls::load(&file("server.pem"), &file("server.key")).unwrap();
    assert!(!format!("{tls:?}").contains("Key"));
    let patience = std::time::Duration::from_millis(500);
    let options = ServeOptions { listen: ([127, 0, 0, 1], 0).into(), tls: Some(tls), header_timeout: patience, ..ServeOptions::default() };
    let server = serving(patient(), Desk::new(rules(), None), options);
    // Somebody who never finishes the handshake is in nobody's way.
    let _mute = std::net::TcpStream::connect(server.address()).unwrap();
    let trust = Trust::load(&file("authority.pem")).unwrap();
    let mut client = Client::connect_tls(&server.address(), &trust).unwrap();
    assert_eq!(found(&client.post("/fsi", sample().to_string().as_bytes()).unwrap().json()), ["N067"]);
    assert_eq!(client.get("/healthz").unwrap().status, 200, "the connection is kept");
    assert!(server.client().get("/healthz").is_err(), "plain HTTP");
    // A server that another authority vouches for is not believed.
    let other = Trust::load(&file("server.pem")).unwrap();
    let believed = Client::connect_tls(&server.address(), &other).and_then(|mut client| client.get("/healthz"));
    assert!(believed.is_err());
    let port = server.address().rsplit_once(':').unwrap().1.to_owned();
    let wrong_name = Client::connect_tls(&format!("localhost:{port}"), &trust).and_then(|mut client| client.get("/healthz"));
    assert!(wrong_name.is_err());
}

#[test]
fn faulty_certificates_are_told_with_their_file() {
    let nowhere = Path::new("/nowhere.pem");
    assert!(Tls::load(nowhere, &file("server.key")).unwrap_err().to_string().contains("/nowhere.pem"));
    assert!(matches!(Tls::load(&file("server.pem"), nowhere), Err(TlsError::Key { .. })));
    assert!(matches!(Tls::load(&file("README.md"), &file("server.key")), Err(TlsError::NoCertificate { .. })));
    assert!(matches!(Tls::load(&file("authority.pem"), &file("server.key")), Err(TlsError::Pair { .. })));
}
