//! What comes in as a file and what goes out as one.

use std::io::{Cursor, Read};

use mingjian_people::Role;
use serde_json::json;

use crate::schema::Document;
use crate::way::sent;
use crate::world::World;

const REASON: &str = "reason=%E5%AF%B9%E8%B4%A6%E6%A0%B8%E5%AF%B9";

pub async fn a_file_goes_in_and_comes_out_as_a_download() {
    let world = World::new().await;
    let lead = sent(&world).await;
    let path = format!("/leads/{lead}/attachments");
    let mut institution = world.signed_in(Role::Institution, false).await;
    let kept = institution.upload(&path, "../../../etc/病历\\x.pdf", b"%PDF-1.7 made up").await.expect(200).json();
    Document::read().holds("POST", "/leads/{id}/attachments", &kept);
    let name = kept["name"].as_str().unwrap();
    assert!(!name.contains(['/', '\\']) && !name.contains("..") && name.ends_with(".pdf"), "{name}");
    let back = institution.get(&format!("/attachments/{}", kept["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(back.bytes, b"%PDF-1.7 made up");
    assert_eq!(back.headers["content-type"], "application/octet-stream");
    assert!(back.headers["content-disposition"].to_str().unwrap().starts_with("attachment; "));
    assert_eq!(back.headers["x-content-type-options"], "nosniff");
    assert_eq!(back.headers["cache-control"], "no-store");
    // Somebody else's file, and ids that want to be paths.
    let mut away = world.signed_in(Role::Institution, true).await;
    away.get(&format!("/attachments/{}", kept["id"].as_str().unwrap())).await.expect(404);
    for id in ["..%2f..%2fbusiness.key", "%2e%2e", "..%5c..%5cbusiness.db", "%00", "' or 1=1"] {
        let status = institution.get(&format!("/attachments/{}", id.replace(' ', "%20"))).await.status.as_u16();
        assert!(matches!(status, 400 | 404), "{id} {status}");
    }
    away.upload(&path, "a.pdf", b"%PDF-1.7").await.expect(404);
}

pub async fn what_is_no_document_is_not_kept() {
    let world = World::new().await;
    let lead = sent(&world).await;
    let path = format!("/leads/{lead}/attachments");
    let mut client = world.signed_in(Role::Institution, false).await;
    for (name, bytes) in [
        ("page.pdf", &b"<html><script>alert(1)</script></html>"[..]),
        ("tool.pdf", b"MZ\x90\0\x03\0\0\0\x04"),
        ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("empty.pdf", b""),
    ] {
        let answer = client.upload(&path, name, bytes).await;
        assert_eq!(answer.status.as_u16(), 422, "{name}: {}", String::from_utf8_lossy(&answer.bytes));
    }
    let most = world.office.settings.attachments.file_bytes;
    let mut large = b"%PDF-1.7 ".to_vec();
    large.resize(most + 1, b'x');
    assert_eq!(client.upload(&path, "large.pdf", &large).await.expect(413).code(), "too_large");
    assert_eq!(client.post(&path, json!({})).await.expect(415).code(), "unsupported");
    assert_eq!(world.store.one("select count(*) as n from attachments", &[]).await.unwrap().unwrap().int("n").unwrap(), 0);
}

pub async fn an_export_has_a_reason_a_trace_and_no_formula() {
    let world = World::new().await;
    let mut client = world.signed_in(Role::Auditor, false).await;
    assert!(client.get("/leads.xlsx").await.expect(422).json()["fields"]["reason"].is_string());
    let csv = client.get(&format!("/leads.csv?{REASON}&institution=H1")).await.expect(200);
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
    assert!(csv.headers["content-disposition"].to_str().unwrap().starts_with("attachment; "));
    let text = String::from_utf8(csv.bytes).unwrap();
    assert!(text.starts_with('\u{feff}') && text.contains("1920.00") && text.contains("对账核对") && text.contains("水印"), "{text}");
    assert!(!text.contains("康复"), "only what the filter names");
    for line in text.lines() {
        assert!(!line.split(',').any(|cell| cell.trim_matches('"').starts_with(['=', '+', '@'])), "{line}");
    }
    let book = client.get(&format!("/leads.xlsx?{REASON}")).await.expect(200);
    let mut parts = zip::ZipArchive::new(Cursor::new(book.bytes)).unwrap();
    let mut all = String::new();
    for at in 0..parts.len() {
        let mut part = parts.by_index(at).unwrap();
        if part.name().unwrap().ends_with(".xml") {
            part.read_to_string(&mut all).unwrap();
        }
    }
    assert!(!all.contains("<f>") && all.contains("说明") && all.contains("对账核对"));
    let row =
        world.store.one("select count(*) as n, min(reason) as reason from events where act = 'export.leads'", &[]).await.unwrap().unwrap();
    assert_eq!((row.int("n").unwrap(), row.text("reason").unwrap().as_str()), (2, "对账核对"));
    world.signed_in(Role::Finance, false).await.get(&format!("/leads.xlsx?{REASON}")).await.expect(403);
    world.signed_in(Role::Auditor, false).await.get(&format!("/recoveries.xlsx?{REASON}")).await.expect(403);
}
