//! Profiles: findings about a doctor and a person, below the scope; the search for them.

use mingjian_casework::FindingRow;
use mingjian_casework::profiles::{Of, about, find};

use crate::desk::{Desk, finding};

pub async fn what_is_said_of_a_doctor_and_a_person_stays_below_the_scope(url: String) {
    let desk = Desk::open(&url).await;
    let of =
        |row: FindingRow, person: &str, doctor: &str| FindingRow { psn_no: Some(person.into()), bilg_dr_code: Some(doctor.into()), ..row };
    desk.update(&[
        of(finding("f1", "V1", "H1", 3_000), "P1", "D1"),
        of(finding("f2", "V2", "H1", 2_000), "P2", "D1"),
        of(finding("f3", "V3", "H2", 7_000), "P1", "D1"),
        of(finding("f4", "V4", "H1", 100), "P1", "D2"),
    ])
    .await;
    let chen = desk.asker("chen");
    let doctor = about(&desk.office, &chen, Of::Doctor("D1", "H1")).await.expect("read");
    assert_eq!((doctor.total, doctor.findings.len()), (2, 2));
    assert_eq!((doctor.rules["N025"].findings, doctor.rules["N025"].amount_fen), (2, 5_000));
    assert_eq!(doctor.months["2026-01"].amount_fen, 5_000);
    let person = about(&desk.office, &chen, Of::Person("P1")).await.expect("read");
    assert_eq!((person.total, person.rules["N025"].amount_fen), (3, 10_100));
    assert!(person.findings.iter().all(|told| told.day == "2026-01-08" && told.result == "可疑"));
    // The institution was told nothing yet.
    let own = about(&desk.office, &desk.asker("h1"), Of::Doctor("D1", "H1")).await.expect("read");
    assert_eq!((own.total, own.rules.len()), (0, 0));

    let kinds = |words: &'static str| {
        let (office, chen) = (&desk.office, &chen);
        async move { find(office, chen, words).await.expect("found").into_iter().map(|one| (one.kind, one.code)).collect::<Vec<_>>() }
    };
    assert_eq!(kinds("D1").await, [("doctor", "D1".to_owned())]);
    assert_eq!(kinds("P2").await, [("person", "P2".to_owned())]);
    assert_eq!(kinds("仁济").await.iter().map(|one| one.0).collect::<Vec<_>>(), ["institution"]);
    assert_eq!(kinds("100%").await, [], "a sign of patterns is a sign");
    assert!(find(&desk.office, &desk.asker("h1"), "D1").await.expect("found").is_empty());
}
