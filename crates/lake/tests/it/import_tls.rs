//! Encrypted connections, against a server that speaks as much of PostgreSQL as comes before the password, and refuses that.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mingjian_lake::import::{self, Source};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::import_support::{Collected, options};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls").join(name)
}

/// A server's answer to a password: none will do. Who reads this has spoken with it, encrypted or not.
fn refuse(mut stream: impl Read + Write) {
    let mut length = [0; 4];
    if stream.read_exact(&mut length).is_err() {
        return;
    }
    let mut startup = vec![0; u32::from_be_bytes(length) as usize - 4];
    let _ = stream.read_exact(&mut startup);
    let fields = b"SFATAL\0C28P01\0MTHE SERVER SPOKE\0\0";
    let message = [b"E".as_slice(), &(fields.len() as u32 + 4).to_be_bytes(), fields].concat();
    let _ = stream.write_all(&message).and_then(|()| stream.flush());
}

/// One connection's worth of a server, with or without TLS.
fn serve(mut stream: TcpStream, config: Option<Arc<ServerConfig>>) {
    // Who wants no encryption begins with the startup message itself.
    let mut head = [0; 8];
    if stream.peek(&mut head).is_err() || head[4..] != 80_877_103_u32.to_be_bytes() {
        return refuse(stream);
    }
    let _ = stream.read_exact(&mut head);
    let Some(config) = config else {
        let _ = stream.write_all(b"N");
        return refuse(stream);
    };
    let _ = stream.write_all(b"S");
    refuse(StreamOwned::new(ServerConnection::new(config).expect("a connection"), stream));
}

/// The port of a server that answers until the tests end.
fn server(encrypts: bool) -> u16 {
    let config = encrypts.then(|| {
        let chain =
            CertificateDer::pem_file_iter(file("server.pem")).expect("a file").collect::<Result<Vec<_>, _>>().expect("certificates");
        let key = PrivateKeyDer::from_pem_file(file("server.key")).expect("a key");
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions();
        Arc::new(builder.expect("versions").with_no_client_auth().with_single_cert(chain, key).expect("a certificate"))
    });
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            serve(stream, config.clone());
        }
    });
    port
}

fn message(host: &str, port: u16, query: &str) -> String {
    let url = format!("postgresql://somebody:secret@{host}:{port}/city?{query}");
    let error = import::read(&[Source::Postgres(url)], &options(""), &(), &Collected::default()).expect_err("the server refuses everybody");
    let text = error.to_string();
    assert!(!text.contains("secret"), "{text}");
    text
}

#[test]
fn connections_are_encrypted_and_verified_as_asked() {
    let port = server(true);
    let authority = format!("sslrootcert={}", file("authority.pem").display());
    let other = format!("sslrootcert={}", file("server.pem").display());
    let spoke = "THE SERVER SPOKE";
    for (host, query, expected) in [
        ("127.0.0.1", "sslmode=disable".to_owned(), spoke),
        ("127.0.0.1", String::new(), spoke),
        ("127.0.0.1", "sslmode=require".to_owned(), spoke),
        ("127.0.0.1", format!("sslmode=verify-full&{authority}"), spoke),
        ("localhost", format!("sslmode=verify-ca&{authority}"), spoke),
        ("localhost", format!("sslmode=verify-full&{authority}"), "服务器的证书不是签给这个主机名的"),
        (
            "127.0.0.1",
            "sslmode=verify-full".to_owned(),
            "服务器的证书不是可信机构签发的。请向数据库管理员要来签发机构的证书，写 sslrootcert=<证书文件>",
        ),
        ("127.0.0.1", format!("sslmode=require&{other}"), "服务器的证书不是可信机构签发的"),
        ("127.0.0.1", "sslmode=always".to_owned(), "sslmode 写的是 always，可以写 disable、prefer、require、verify-ca、verify-full"),
        ("127.0.0.1", "sslmode=verify-ca&sslrootcert=/nowhere.pem".to_owned(), "sslrootcert /nowhere.pem 读不出证书"),
    ] {
        let text = message(host, port, &query);
        assert!(text.contains(expected), "{host} {query}: {text}");
    }
}

#[test]
fn a_server_without_encryption_is_refused_where_it_is_required() {
    let port = server(false);
    assert!(message("127.0.0.1", port, "sslmode=prefer").contains("THE SERVER SPOKE"));
    for query in ["sslmode=require", "sslmode=verify-full"] {
        let text = message("127.0.0.1", port, query);
        assert!(text.contains("服务器不支持加密连接") && text.contains("sslmode=disable"), "{query}: {text}");
    }
}
