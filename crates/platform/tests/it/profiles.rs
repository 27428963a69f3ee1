//! 对象画像: who sees whom, with what of casework, and that each look stands in the trail.

use mingjian_people::Role;
use serde_json::{Value, json};

use crate::world::World;

fn ids(list: &Value, name: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|one| one[name].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_doctor_is_seen_at_places_in_scope_with_the_findings_there() {
    let world = World::new().await;
    let mut auditor = world.signed_in(Role::Auditor, false).await;
    let here = auditor.get("/doctors/D1").await.expect(200).json();
    assert_eq!((here["institution"]["code"].as_str(), here["findings_total"].as_i64()), (Some("H1"), Some(2)));
    assert_eq!(here["elsewhere"], json!([]), "the place in the other province is not told");
    assert_eq!(ids(&here["findings"], "id"), ["F1", "F3"]);
    assert_eq!(here["rules"][0]["amount_fen"], 200_000);
    assert_eq!((here["months"][0]["month"].as_str(), here["months"][0]["findings"].as_i64()), (Some("2026-01"), Some(2)));
    auditor.get("/doctors/D1?institution=H9").await.expect(404);
    auditor.get("/doctors/D9").await.expect(404);
    let away = world.signed_in(Role::Auditor, true).await.get("/doctors/D1").await.expect(200).json();
    assert_eq!((away["institution"]["code"].as_str(), ids(&away["findings"], "id")), (Some("H9"), vec!["F9".to_owned()]));
}

#[tokio::test]
async fn an_institution_sees_its_own_doctors_and_what_it_was_told() {
    let world = World::new().await;
    let mut own = world.signed_in(Role::Institution, false).await;
    let profile = own.get("/doctors/D1").await.expect(200).json();
    assert_eq!((profile["findings_total"].as_i64(), &profile["findings"]), (Some(0), &json!([])), "nothing was sent to it yet");
    own.get("/doctors/D9").await.expect(404);
    own.get("/persons/P1").await.expect(403);
    let away = world.signed_in(Role::Institution, true).await.get("/doctors/D1").await.expect(200).json();
    assert_eq!(away["institution"]["code"], "H9");
}

#[tokio::test]
async fn a_person_is_seen_by_whom_insures_or_treats() {
    let world = World::new().await;
    let mut auditor = world.signed_in(Role::Auditor, false).await;
    let treated = auditor.get("/persons/P1").await.expect(200).json();
    assert_eq!(ids(&treated["findings"], "id"), ["F1"], "what happened elsewhere is not told");
    auditor.get("/persons/P7").await.expect(404);
    world.signed_in(Role::Auditor, true).await.get("/persons/P7").await.expect(200);
    world.platform.flush_looks().await.unwrap();
    let sql = "select account, act, object from events where act in ('person.look', 'doctor.look') order by seq";
    let looks = world.store.rows(sql, &[]).await.unwrap();
    let told: Vec<(String, String)> = looks.iter().map(|row| (row.text("account").unwrap(), row.text("object").unwrap())).collect();
    assert_eq!(told, [("auditor".to_owned(), "P1".to_owned()), ("auditor_away".to_owned(), "P7".to_owned())]);
}

#[tokio::test]
async fn a_search_finds_subjects_in_scope_only() {
    let world = World::new().await;
    let mut auditor = world.signed_in(Role::Auditor, false).await;
    let found =
        |answer: Value| -> Vec<(String, String)> { ids(&answer["items"], "kind").into_iter().zip(ids(&answer["items"], "code")).collect() };
    assert_eq!(found(auditor.get("/subjects?q=P1").await.expect(200).json()), [("person".to_owned(), "P1".to_owned())]);
    assert_eq!(found(auditor.get("/subjects?q=D1").await.expect(200).json()), [("doctor".to_owned(), "D1".to_owned())]);
    assert_eq!(
        found(auditor.get("/subjects?q=%E5%BA%B7%E5%A4%8D").await.expect(200).json()),
        [("institution".to_owned(), "H2".to_owned())]
    );
    assert!(found(auditor.get("/subjects?q=H9").await.expect(200).json()).is_empty());
    assert!(found(auditor.get("/subjects?q=P").await.expect(200).json()).is_empty(), "one letter is no question");
    // An institution finds doctors it was told of, and no person.
    assert!(found(world.signed_in(Role::Institution, false).await.get("/subjects?q=P1").await.expect(200).json()).is_empty());
}
