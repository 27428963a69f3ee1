//! Exports that need a second person.

use mingjian_people::{ExportKind, ExportRules, Grant, NewExport, Of, People, PeopleError, Person, Refusal, Role, Settings, Taken};
use mingjian_store::audit;
use serde_json::json;

use crate::{MINUTE, NINE, Town, cheap, city};

const HOUR: i64 = 60 * MINUTE;
const WHY: &str = "向上级报送核查名单";

fn wanted(rows: i64, clear: bool) -> NewExport {
    let (filter, told) = (json!({ "q": "周建国" }), json!({ "q": "?" }));
    NewExport { kind: ExportKind::Leads, form: "xlsx", clear, filter, told, rows, reason: WHY.into() }
}

fn later(person: &Person, by: i64) -> Person {
    Person { at: NINE + by, ..person.clone() }
}

async fn code(result: Result<mingjian_people::Export, PeopleError>) -> String {
    match result {
        Ok(export) => export.state.to_owned(),
        Err(PeopleError::Refused(Refusal::OwnWork)) => "own work".into(),
        Err(PeopleError::Refused(Refusal::NoRight(_))) => "no right".into(),
        Err(PeopleError::NoExport) => "not there".into(),
        Err(PeopleError::ExportNotNow(why)) => why,
        Err(other) => other.to_string(),
    }
}

pub async fn a_second_person_lets_it_once(town: Town) {
    let auditor = town.add("linxy", &[Role::Auditor], &city()).await;
    let other = town.add("wangm", &[Role::Auditor], &city()).await;
    let head = town.add("sunke", &[Role::Supervisor], &city()).await;
    let people = &town.people;
    let asked = people.ask_export(&auditor, &wanted(40, true), "10.0.0.2").await.unwrap();
    assert_eq!((asked.id.as_str(), asked.state, asked.why.as_deref()), ("DC2026-000001", "waiting", Some("clear")));
    assert_eq!((asked.filter["q"].as_str(), asked.reason.as_str()), (Some("周建国"), WHY));
    // The one who asked cannot take it yet; another auditor knows nothing of it.
    assert_eq!(code(people.export_to_take(&auditor, &asked.id).await).await, "申请还在等审批");
    assert_eq!(code(people.export(&other, &asked.id).await).await, "not there");
    assert_eq!(code(people.decide_export(&other, &asked.id, 1, true, WHY, "x").await).await, "no right");
    assert_eq!(people.exports_waiting(&head).await.unwrap(), 1);
    assert_eq!(people.exports_waiting(&auditor).await.unwrap(), 0);
    assert_eq!(people.exports(&head, Of::Others, true, None, 10).await.unwrap().len(), 1);
    // A reason must be given; a stale version decides nothing.
    assert!(matches!(people.decide_export(&head, &asked.id, 1, true, " ", "x").await, Err(PeopleError::Reason(_))));
    assert_eq!(code(people.decide_export(&head, &asked.id, 7, true, "同意报送名单", "x").await).await, "申请已被更新，请刷新后再办");
    let let_go = people.decide_export(&later(&head, HOUR), &asked.id, 1, true, "同意报送名单", "10.0.0.3").await.unwrap();
    assert_eq!((let_go.state, let_go.decided_by.as_deref(), let_go.until), ("approved", Some("sunke"), Some(NINE + 73 * HOUR)));
    assert_eq!(people.exports_waiting(&head).await.unwrap(), 0);
    assert_eq!(code(people.decide_export(&head, &asked.id, 2, false, "不同意报送", "x").await).await, "申请已经批准");
    // Neither the approver nor another takes it; the asker does, once, and each lead it shows is a look on record.
    assert_eq!(code(people.export_to_take(&head, &asked.id).await).await, "not there");
    let auditor = later(&auditor, 2 * HOUR);
    let file = people.export_to_take(&auditor, &asked.id).await.unwrap();
    let taken = Taken { rows: 40, shown: vec!["L1".into(), "L2".into()], digest: None };
    people.take_export(&auditor, &file, &taken, "10.0.0.2").await.unwrap();
    assert!(matches!(
        people.take_export(&auditor, &file, &Taken { rows: 40, ..Taken::default() }, "10.0.0.2").await,
        Err(PeopleError::ExportNotNow(_))
    ));
    assert!(code(people.export_to_take(&auditor, &asked.id).await).await.contains("只能下载一次"));
    let trail: Vec<String> = town.trail(6).await.into_iter().map(|(act, _)| act).collect();
    let wanted =
        ["person.unmask L2", "person.unmask L1", "export.take DC2026-000001", "export.approve DC2026-000001", "export.ask DC2026-000001"];
    assert_eq!(trail[..5], wanted);
    assert!(audit::verify(&town.store, None).await.unwrap().intact());
    // What was asked for, and why, may name persons: none of it is readable in the store.
    for row in town.store.rows("select filter, reason, decision from exports", &[]).await.unwrap() {
        assert!(!format!("{row:?}").contains("周建国") && !format!("{row:?}").contains("报送"), "{row:?}");
    }
}

pub async fn nobody_lets_the_own_and_nobody_of_elsewhere_decides(town: Town) {
    let head = town.add("sunke", &[Role::Supervisor], &city()).await;
    let county = town.add("quxian", &[Role::Supervisor], &[Grant::region("330902")]).await;
    let away = town.add("yuanf", &[Role::Director], &[Grant::region("4401")]).await;
    let director = town.add("juzh", &[Role::Director], &[Grant::region("33")]).await;
    let people = &town.people;
    let own = people.ask_export(&head, &wanted(40, true), "x").await.unwrap();
    assert_eq!(code(people.decide_export(&head, &own.id, 1, true, "自己批准自己", "x").await).await, "own work");
    // Whoever sees less than the asker does not decide, and sees nothing of it.
    for other in [&county, &away] {
        assert_eq!(code(people.export(other, &own.id).await).await, "not there");
        assert_eq!(code(people.decide_export(other, &own.id, 1, true, "不该由我批", "x").await).await, "not there");
        assert!(people.exports(other, Of::Others, false, None, 10).await.unwrap().is_empty());
        assert_eq!(people.exports_waiting(other).await.unwrap(), 0);
    }
    assert_eq!(code(people.decide_export(&director, &own.id, 1, false, "改用脱敏名单", "x").await).await, "refused");
    assert_eq!(code(people.export_to_take(&head, &own.id).await).await, "申请没有获准");
    assert_eq!(town.trail(1).await[0].0, format!("export.refuse {}", own.id));
}

pub async fn what_waits_too_long_lapses(town: Town) {
    let auditor = town.add("linxy", &[Role::Auditor], &city()).await;
    let head = town.add("sunke", &[Role::Supervisor], &city()).await;
    let people = &town.people;
    let first = people.ask_export(&auditor, &wanted(2_001, false), "x").await.unwrap();
    assert_eq!(first.why.as_deref(), Some("rows"));
    let week = later(&head, 7 * 24 * HOUR);
    assert_eq!(people.export(&week, &first.id).await.unwrap().state, "lapsed");
    assert_eq!(people.exports_waiting(&week).await.unwrap(), 0);
    assert_eq!(code(people.decide_export(&week, &first.id, 1, true, "同意报送名单", "x").await).await, "申请已经过期，请重新申请");
    let second = people.ask_export(&auditor, &wanted(2_001, false), "x").await.unwrap();
    people.decide_export(&head, &second.id, 1, true, "同意报送名单", "x").await.unwrap();
    assert_eq!(code(people.export_to_take(&later(&auditor, 72 * HOUR), &second.id).await).await, "申请已经过期，请重新申请");
    assert_eq!(people.export_to_take(&later(&auditor, 72 * HOUR - 1), &second.id).await.unwrap().rows_max(), 2_201);
    assert_eq!(code(people.withdraw_export(&auditor, &second.id, 2, "x").await).await, "withdrawn");
    assert_eq!(code(people.export_to_take(&auditor, &second.id).await).await, "申请已经撤回");
    let own = people.exports(&auditor, Of::Own, false, None, 1).await.unwrap();
    let rest = people.exports(&auditor, Of::Own, false, Some(&(own[0].asked_at, own[0].id.clone())), 10).await.unwrap();
    assert_eq!((own[0].id.as_str(), rest.len()), (second.id.as_str(), 1));
}

pub async fn rights_taken_away_take_the_file_away(town: Town) {
    let auditor = town.add("linxy", &[Role::Auditor], &city()).await;
    let people = &town.people;
    // Few rows and nothing in clear: nobody is asked.
    let export = people.ask_export(&auditor, &wanted(2_000, false), "x").await.unwrap();
    assert_eq!((export.state, export.why.as_deref()), ("approved", None));
    let all = Settings { exports: ExportRules { approve_all: true, ..ExportRules::default() }, ..cheap() };
    let strict = People::new(town.store.clone(), town.sealer.clone(), all);
    assert_eq!(strict.ask_export(&auditor, &wanted(1, false), "x").await.unwrap().why.as_deref(), Some("all"));
    let author = Person { roles: vec![Role::RuleAuthor], ..auditor.clone() };
    assert_eq!(code(people.export_to_take(&author, &export.id).await).await, "no right");
    assert_eq!(code(people.ask_export(&author, &wanted(1, false), "x").await).await, "no right");
    let finance = Person { roles: vec![Role::Finance], ..auditor.clone() };
    let money = NewExport { kind: ExportKind::Recoveries, ..wanted(1, true) };
    assert_eq!(code(people.ask_export(&finance, &money, "x").await).await, "no right", "clear needs the right to see in clear");
    for _ in 0..19 {
        people.ask_export(&auditor, &wanted(5, true), "x").await.unwrap();
    }
    assert!(code(people.ask_export(&auditor, &wanted(5, true), "x").await).await.contains("20 件"));
}
