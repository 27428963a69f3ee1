//! 此件谁看过: who looked, and who was refused, stands in the trail.

use mingjian_people::Role;
use serde_json::json;

use crate::schema::Document;
use crate::way::done;
use crate::world::World;

async fn noted(world: &World) -> Vec<String> {
    world.platform.flush_looks().await.unwrap();
    let rows = world.store.rows("select account, role, act, object from events where act like '%look%' order by seq", &[]).await.unwrap();
    let text = |row: &mingjian_store::Row| {
        let text = |column: &str| row.text(column).unwrap();
        format!("{} {} {} {}", text("account"), text("role"), text("act"), text("object"))
    };
    rows.iter().map(text).collect()
}

pub async fn who_looks_is_written_down() {
    let world = World::new().await;
    let lead = crate::way::sent(&world).await;
    let mut head = world.signed_in(Role::Supervisor, false).await;
    let mut institution = world.signed_in(Role::Institution, false).await;
    world.signed_in(Role::Legal, false).await.get(&format!("/leads/{lead}")).await.expect(404);
    done(&mut institution, &lead, "reply", json!({ "lines": [{ "finding_id": "F1", "conclusion": "accept" }], "text": "无异议" })).await;
    done(&mut head, &lead, "refer", json!({ "assignee": "legal", "text": "请审核依据" })).await;
    let before = noted(&world).await.len();
    let mut legal = world.signed_in(Role::Legal, false).await;
    // What was referred is told on the bell and counted in the morning, until an opinion is written.
    let told = legal.get("/notices").await.expect(200).json();
    assert_eq!((told["items"][0]["kind"].as_str(), told["items"][0]["lead"].as_str()), (Some("assigned"), Some(lead.as_str())));
    let morning = legal.get("/workbench").await.expect(200).json();
    assert_eq!((&morning["strip"]["todo"], morning["first"][0]["id"].as_str()), (&json!(1), Some(lead.as_str())));
    assert_eq!(legal.get("/leads?mine=1").await.expect(200).json()["total"], 1);
    for _ in 0..3 {
        legal.get(&format!("/leads/{lead}")).await.expect(200);
        legal.get("/findings/F1/evidence").await.expect(200);
        legal.get("/findings/F1/timeline").await.expect(200);
    }
    let kept = institution.upload(&format!("/leads/{lead}/attachments"), "a.pdf", b"%PDF-1.7 made up").await.expect(200).json();
    legal.get(&format!("/attachments/{}", kept["id"].as_str().unwrap())).await.expect(200);
    let seen = noted(&world).await;
    let wanted = ["lead.look", "evidence.look", "timeline.look", "attachment.look"].map(|act| format!("legal legal {act} {lead}"));
    assert_eq!(seen[before..], wanted, "each once a minute");
    // On the lead's page, for those who answer for it; not for the institution, nor for the one who looked.
    let page = head.get(&format!("/leads/{lead}/looks")).await.expect(200).json();
    Document::read().holds("GET", "/leads/{id}/looks", &page);
    let acts: Vec<&str> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|look| look["account"] == "legal")
        .map(|look| look["act"].as_str().unwrap())
        .collect();
    assert_eq!(acts, ["attachment.look", "timeline.look", "evidence.look", "lead.look", "look.refuse"]);
    assert_eq!(page["items"][0]["role_title"], "法制审核");
    institution.get(&format!("/leads/{lead}/looks")).await.expect(403);
    legal.get(&format!("/leads/{lead}/looks")).await.expect(403);
    world.signed_in(Role::Supervisor, true).await.get(&format!("/leads/{lead}/looks")).await.expect(404);
    let opinion = done(&mut legal, &lead, "note", json!({ "text": "依据适当，程序合规" })).await;
    assert_eq!(legal.get("/workbench").await.expect(200).json()["strip"]["todo"], 0);
    assert_eq!(opinion["steps"].as_array().unwrap().last().unwrap()["by"]["role_title"], "法制审核");
    // And page by page.
    let all = head.get(&format!("/leads/{lead}/looks")).await.expect(200).json();
    let first = head.get(&format!("/leads/{lead}/looks?limit=2")).await.expect(200).json();
    let next = head.get(&format!("/leads/{lead}/looks?limit=2&after={}", first["next"].as_str().unwrap())).await.expect(200).json();
    assert_eq!([&first["items"][0], &first["items"][1], &next["items"][0]], [&all["items"][0], &all["items"][1], &all["items"][2]]);
    assert!(mingjian_store::audit::verify(&world.store, None).await.unwrap().intact());
}

pub async fn who_is_refused_is_written_down_too() {
    let world = World::new().await;
    let lead = world.lead_at("H1").await;
    let mut away = world.signed_in(Role::Auditor, true).await;
    away.get(&format!("/leads/{lead}")).await.expect(404);
    away.get("/findings/F1/evidence").await.expect(404);
    away.post(&format!("/leads/{lead}/unmask"), json!({ "reason": "核对身份信息" })).await.expect(404);
    let mut finance = world.signed_in(Role::Finance, false).await;
    finance.get(&format!("/leads/{lead}")).await.expect(403);
    // What is no id may be a name: it is not written down.
    away.get("/leads/%E5%91%A8%E5%BB%BA%E5%9B%BD").await.expect(404);
    let wanted = [
        format!("auditor_away auditor look.refuse {lead}"),
        "auditor_away auditor look.refuse F1".into(),
        format!("auditor_away auditor look.refuse {lead}"),
        format!("finance finance look.refuse {lead}"),
        "auditor_away auditor look.refuse ?".into(),
    ];
    assert_eq!(noted(&world).await, wanted);
    // The bureau sees who was refused; what those who watch it look at, it does not see.
    world.signed_in(Role::Overseer, false).await.get(&format!("/leads/{lead}")).await.expect(200);
    let page = world.signed_in(Role::Supervisor, false).await.get(&format!("/leads/{lead}/looks")).await.expect(200).json();
    let by: Vec<&str> = page["items"].as_array().unwrap().iter().map(|look| look["account"].as_str().unwrap()).collect();
    assert_eq!(by, ["finance", "auditor_away", "auditor_away"]);
    let page = world.signed_in(Role::Overseer, false).await.get(&format!("/leads/{lead}/looks")).await.expect(200).json();
    assert_eq!(page["items"][0]["account"], "overseer");
    let trail = world.signed_in(Role::Auditadmin, false).await.get(&format!("/audit?looks=1&object={lead}")).await.expect(200).json();
    Document::read().holds("GET", "/audit", &trail);
    assert_eq!(trail["items"].as_array().unwrap().len(), 4);
    assert_eq!(trail["items"][3]["detail"], json!({ "route": "/leads/{id}", "status": 404 }));
}

pub async fn a_look_is_on_record_within_a_second_by_itself() {
    let world = World::new().await;
    let lead = world.lead_at("H1").await;
    world.signed_in(Role::Auditor, false).await.get(&format!("/leads/{lead}")).await.expect(200);
    let sql = "select count(*) as n from events where act = 'lead.look'";
    for _ in 0..40 {
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        if world.store.one(sql, &[]).await.unwrap().unwrap().int("n").unwrap() == 1 {
            return;
        }
    }
    panic!("a second has gone by");
}

pub async fn a_busy_store_delays_a_look_and_loses_none() {
    let world = World::new().await;
    let lead = world.lead_at("H1").await;
    let mut client = world.signed_in(Role::Auditor, false).await;
    let who = mingjian_store::Actor { account: "system".into(), role: String::new(), origin: "cli".into(), at: crate::world::clock() };
    let held = world.store.begin(&who).await.unwrap();
    // The page comes while somebody else holds the store.
    client.get(&format!("/leads/{lead}")).await.expect(200);
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    drop(held);
    assert_eq!(noted(&world).await, [format!("auditor auditor lead.look {lead}")]);
}

pub async fn a_printed_page_leads_back_to_who_printed_it() {
    let world = World::new().await;
    let lead = world.lead_at("H1").await;
    let mut auditor = world.signed_in(Role::Auditor, false).await;
    let print = |number: &str, page: &str| json!({ "number": number, "page": page });
    auditor.post("/me/prints", print("DY20260302-9f3a2c01", &format!("/leads/{lead}"))).await.expect(204);
    // Who cannot see the lead, or reads none at all, does not stand among those who printed it.
    for (role, away) in [(Role::Institution, true), (Role::Auditor, true), (Role::Secadmin, false)] {
        let mut other = world.signed_in(role, away).await;
        other.post("/me/prints", print("DY20260302-00000000", &format!("/leads/{lead}"))).await.expect(204);
    }
    auditor.post("/me/prints", print("DY20260302-9f3a2c02", "/leads?q=周建国")).await.expect(204);
    for odd in ["", "<b>", "周建国", &"1".repeat(41)] {
        auditor.post("/me/prints", print(odd, "/leads")).await.expect(422);
    }
    let rows = world.store.rows("select object_kind, object, detail from events where act = 'page.print' order by seq", &[]).await.unwrap();
    let told: Vec<String> =
        rows.iter().map(|row| format!("{} {}", row.text("object_kind").unwrap(), row.text("object").unwrap())).collect();
    assert_eq!(told, [vec![format!("lead {lead}")], vec!["page ?".to_owned(); 4]].concat());
    assert!(rows[0].text("detail").unwrap().contains("DY20260302-9f3a2c01"));
    assert!(rows[1..].iter().all(|row| !row.text("detail").unwrap().contains(&lead)));
}

pub async fn the_trail_leaves_with_a_reason_and_is_held_against_the_chain() {
    let world = World::new().await;
    let lead = world.lead_at("H1").await;
    world.signed_in(Role::Auditor, false).await.get(&format!("/leads/{lead}")).await.expect(200);
    let mut keeper = world.signed_in(Role::Auditadmin, false).await;
    assert!(keeper.get("/audit.csv").await.expect(422).json()["fields"]["reason"].is_string());
    let path = format!("/audit.csv?object={lead}&reason=%E4%B8%93%E9%A1%B9%E5%AE%A1%E8%AE%A1");
    let text = String::from_utf8(keeper.get(&path).await.expect(200).bytes).unwrap();
    let hash = world.store.one("select hash from events where act = 'lead.look'", &[]).await.unwrap().unwrap().text("hash").unwrap();
    assert!(text.contains("lead.look") && text.contains(&hash) && text.contains("专项审计") && text.contains("水印"), "{text}");
    assert!(!text.contains("session.begin"), "only what the filter names");
    let row =
        world.store.one("select count(*) as n from events where act = 'export.audit' and reason = '专项审计'", &[]).await.unwrap().unwrap();
    assert_eq!(row.int("n").unwrap(), 1);
    world.signed_in(Role::Supervisor, false).await.get(&path).await.expect(403);
    let book = keeper.get("/audit.xlsx?reason=%E4%B8%93%E9%A1%B9%E5%AE%A1%E8%AE%A1").await.expect(200);
    assert!(book.bytes.starts_with(b"PK"));
}
