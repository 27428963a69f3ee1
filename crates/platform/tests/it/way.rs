//! A lead's way, from the list to the money, as browsers walk it.

use mingjian_people::Role;
use serde_json::{Value, json};

use crate::client::Client;
use crate::schema::Document;
use crate::world::World;

/// Does an act at the newest version and gives the lead.
pub async fn done(client: &mut Client, lead: &str, act: &str, mut input: Value) -> Value {
    let now = client.get(&format!("/leads/{lead}")).await.expect(200).json();
    input["version"] = now["version"].clone();
    let answer = client.post(&format!("/leads/{lead}/acts/{act}"), input).await;
    assert_eq!(answer.status.as_u16(), 200, "{act}: {}", String::from_utf8_lossy(&answer.bytes));
    let lead = answer.json();
    Document::read().holds("POST", "/leads/{id}/acts/{act}", &lead);
    lead
}

/// The lead at H1, told to it by the auditor.
pub async fn sent(world: &World) -> String {
    let lead = world.lead_at("H1").await;
    done(&mut world.signed_in(Role::Supervisor, false).await, &lead, "assign", json!({ "assignee": "auditor" })).await;
    done(&mut world.signed_in(Role::Auditor, false).await, &lead, "send", json!({ "text": "请反馈" })).await;
    lead
}

/// Everything there can be at H1: a lead decided with money due, a file on another, a campaign. Ids of lead, file, recovery, campaign.
pub async fn full(world: &World) -> (String, String, String, String) {
    let lead = sent(world).await;
    let mut institution = world.signed_in(Role::Institution, false).await;
    let file = institution.upload(&format!("/leads/{lead}/attachments"), "病历.pdf", b"%PDF-1.7 made up").await.expect(200).json();
    let file = file["id"].as_str().unwrap().to_owned();
    let lines = json!([{ "finding_id": "F1", "conclusion": "accept" }]);
    done(&mut institution, &lead, "reply", json!({ "lines": lines, "text": "无异议", "attachments": [file] })).await;
    done(&mut world.signed_in(Role::Reviewer, false).await, &lead, "confirm", json!({ "road": "recover", "text": "认定" })).await;
    let mut finance = world.signed_in(Role::Finance, false).await;
    let ledger = finance.get("/recoveries").await.expect(200).json();
    let recovery = ledger["items"][0]["id"].as_str().unwrap().to_owned();
    let mut supervisor = world.signed_in(Role::Supervisor, false).await;
    let new =
        json!({ "title": "护理收费自查", "text": "请对照清单自查", "rules": ["L014"], "due_day": "2026-12-31", "institutions": ["H1"] });
    let campaign = supervisor.post("/campaigns", new).await.expect(200).json();
    let campaign = supervisor
        .post(&format!("/campaigns/{}/publish", campaign["id"].as_str().unwrap()), json!({ "version": campaign["version"] }))
        .await;
    let campaign = campaign.expect(200).json()["id"].as_str().unwrap().to_owned();
    (lead, file, recovery, campaign)
}

pub async fn accepted_money_comes_back() {
    let world = World::new().await;
    let document = Document::read();
    let (lead, _, recovery, campaign) = full(&world).await;
    let mut finance = world.signed_in(Role::Finance, false).await;
    let ledger = finance.get("/recoveries").await.expect(200).json();
    document.holds("GET", "/recoveries", &ledger);
    // 70 % of 1,920.00 is the funds'.
    assert_eq!((ledger["sums"]["due_fen"].as_i64(), ledger["sums"]["open_fen"].as_i64()), (Some(134_400), Some(134_400)));
    let year = finance.get("/recoveries/months").await.expect(200).json();
    document.holds("GET", "/recoveries/months", &year);
    assert_eq!(year["months"].as_array().unwrap().iter().map(|month| month["due_fen"].as_i64().unwrap()).sum::<i64>(), 134_400);
    finance.get("/recoveries/months?year=1").await.expect(422);
    let entry = json!({ "version": ledger["items"][0]["version"], "kind": "paid", "amount_fen": 100_000, "document": "=HYPERLINK(1)" });
    let path = format!("/recoveries/{recovery}/entries");
    let booked = finance.post(&path, entry.clone()).await.expect(200).json();
    document.holds("POST", "/recoveries/{id}/entries", &booked);
    assert_eq!((booked["open_fen"].as_i64(), booked["state"].as_str()), (Some(34_400), Some("part")));
    finance.post(&path, entry).await.expect(409);
    // Who decides does not book.
    let mut supervisor = world.signed_in(Role::Supervisor, false).await;
    let other = json!({ "version": booked["version"], "kind": "paid", "amount_fen": 100 });
    assert_eq!(supervisor.post(&path, other).await.expect(409).code(), "not_now");
    // The institution sees its own account of it.
    let mut institution = world.signed_in(Role::Institution, false).await;
    let own = institution.get("/institution/summary").await.expect(200).json();
    document.holds("GET", "/institution/summary", &own);
    assert_eq!(
        (own["accepted"].as_i64(), own["accepted_fen"].as_i64(), own["refunded_fen"].as_i64()),
        (Some(1), Some(192_000), Some(100_000))
    );
    assert_eq!(own["refund_due_fen"], 34_400);
    let elsewhere = world.signed_in(Role::Institution, true).await.get("/institution/summary").await.expect(200).json();
    assert_eq!((elsewhere["accepted"].as_i64(), elsewhere["by_rule"].as_array().map(Vec::len)), (Some(0), Some(0)));
    // The rule learns.
    let rules = supervisor.get("/rules").await.expect(200).json();
    document.holds("GET", "/rules", &rules);
    assert_eq!((rules["items"][0]["checked"].as_i64(), rules["items"][0]["upheld"].as_i64()), (Some(1), Some(1)));
    // The campaign: its list, its own findings, what is handed in.
    let list = institution.get("/campaigns").await.expect(200).json();
    document.holds("GET", "/campaigns", &list);
    let part = &list["items"][0]["institutions"][0];
    let found = institution.get(&format!("/campaigns/{campaign}/institutions/H1/findings")).await.expect(200).json();
    document.holds("GET", "/campaigns/{id}/institutions/{code}/findings", &found);
    let handed = json!({ "version": part["version"], "declared_fen": 5_000, "promise": "张院长", "document": "T-1" });
    let campaign = institution.post(&format!("/campaigns/{campaign}/declarations"), handed).await.expect(200).json();
    document.holds("POST", "/campaigns/{id}/declarations", &campaign);
    assert_eq!(campaign["institutions"][0]["state"], "declared");
    for page in ["/workbench", "/summary?by=rule", "/summary?by=institution", "/summary?by=week"] {
        let shown = supervisor.get(page).await.expect(200).json();
        document.holds("GET", page.split('?').next().unwrap(), &shown);
    }
    assert_eq!(supervisor.get("/summary?by=person").await.expect(422).code(), "invalid");
    let detail = supervisor.get(&format!("/leads/{lead}")).await.expect(200).json();
    assert_eq!(detail["decision"]["upheld_fen"], 192_000);
    assert_eq!(supervisor.get("/recoveries.xlsx").await.expect(422).code(), "invalid");
    let taken = supervisor.get("/recoveries.csv?reason=%E5%AF%B9%E8%B4%A6%E6%A0%B8%E5%AF%B9").await.expect(200);
    let text = String::from_utf8(taken.bytes).unwrap();
    assert!(text.contains("1344.00") && text.contains("344.00"), "{text}");
}

pub async fn a_panel_sees_what_it_judges_and_nothing_else() {
    let world = World::new().await;
    let lead = sent(&world).await;
    let other = world.lead_at("H2").await;
    let mut institution = world.signed_in(Role::Institution, false).await;
    let lines = json!([{ "finding_id": "F1", "conclusion": "appeal", "reason": "clinical", "text": "病情需要" }]);
    done(&mut institution, &lead, "reply", json!({ "lines": lines, "text": "不认可，病情需要" })).await;
    let mut reviewer = world.signed_in(Role::Reviewer, false).await;
    done(&mut reviewer, &lead, "review", json!({})).await;
    let lines = json!([{ "finding_id": "F1", "conclusion": "uphold" }]);
    done(&mut reviewer, &lead, "conclude", json!({ "lines": lines, "text": "维持" })).await;
    done(&mut institution, &lead, "again", json!({ "text": "再申诉" })).await;
    let mut expert = world.signed_in(Role::Expert, false).await;
    expert.get(&format!("/leads/{lead}")).await.expect(404);
    let mut supervisor = world.signed_in(Role::Supervisor, false).await;
    done(&mut supervisor, &lead, "convene", json!({ "members": ["expert", "expert_away", "outside"] })).await;
    let seen = expert.get(&format!("/leads/{lead}")).await.expect(200).json();
    Document::read().holds("GET", "/leads/{id}", &seen);
    expert.get("/findings/F1/evidence").await.expect(200);
    expert.get(&format!("/leads/{other}")).await.expect(404);
    expert.get("/findings/F2/evidence").await.expect(404);
    assert_eq!(expert.get("/leads").await.expect(200).json()["total"], 1);
    done(&mut expert, &lead, "vote", json!({ "vote": "withdraw", "text": "病情确需" })).await;
    // Until all are in, nobody reads another's opinion: neither in the panel nor in the steps.
    let mut second = world.signed_in(Role::Expert, true).await;
    let seen = second.get(&format!("/leads/{lead}")).await.expect(200);
    assert!(!String::from_utf8_lossy(&seen.bytes).contains("病情确需"));
}
