//! Signing in, staying in, being out.

use mingjian_people::{Role, SignInError};
use mingjian_store::audit;

use crate::{GOOD, MINUTE, NINE, Town, city};

pub async fn who_signs_in_is_known_by_the_token(town: Town) {
    town.add("zhoujg", &[Role::Auditor, Role::Reviewer], &city()).await;
    let signed = town.try_in(" ZhouJG ", GOOD, None, NINE).await.unwrap();
    assert_eq!(signed.person.roles, [Role::Auditor, Role::Reviewer]);
    let person = town.people.session(&signed.token, NINE + MINUTE).await.unwrap().unwrap();
    assert_eq!((person.account.as_str(), person.name.as_str(), person.at), ("zhoujg", "周建国", NINE + MINUTE));
    assert_eq!(person.scopes.regions, ["3309"]);
    assert_eq!(town.people.csrf(&signed.token), signed.csrf);
    for nobody in ["", "x", &signed.csrf, &signed.token[1..]] {
        assert!(town.people.session(nobody, NINE).await.unwrap().is_none(), "{nobody}");
    }
    let other = town.try_in("zhoujg", GOOD, None, NINE).await.unwrap();
    assert!(other.token != signed.token && other.csrf != signed.csrf, "a new token at every sign-in");
    assert_eq!(town.trail(1).await[0], ("session.begin zhoujg".into(), r#"{"ended":0,"second_factor":"none"}"#.into()));
}

pub async fn wrong_tries_lock_and_time_unlocks(town: Town) {
    town.add("zhoujg", &[Role::Auditor], &city()).await;
    // A right one in between begins the count anew.
    for _ in 0..4 {
        assert!(matches!(town.try_in("zhoujg", "wrong", None, NINE).await, Err(SignInError::Wrong)));
    }
    assert!(town.try_in("zhoujg", GOOD, None, NINE).await.is_ok());
    for _ in 0..4 {
        assert!(matches!(town.try_in("zhoujg", "wrong", None, NINE).await, Err(SignInError::Wrong)));
    }
    let until = NINE + 15 * MINUTE;
    assert!(matches!(town.try_in("zhoujg", "wrong", None, NINE).await, Err(SignInError::Locked { until: told }) if told == until));
    let refused = town.try_in("zhoujg", GOOD, None, until - 1).await.err().unwrap();
    assert_eq!((refused.code(), refused.to_string().as_str()), ("locked", "连续输错次数过多，账号锁定到 2026-01-05 09:15:00"));
    assert!(town.try_in("zhoujg", GOOD, None, until).await.is_ok());
    let acts: Vec<String> = town.trail(3).await.into_iter().map(|(act, detail)| format!("{act} {detail}")).collect();
    assert_eq!(acts[1], r#"session.refuse zhoujg {"why":"locked"}"#);
    assert_eq!(acts[2], r#"session.refuse zhoujg {"why":"locking"}"#);
    // The administrator can open it before the time.
    for _ in 0..5 {
        let _ = town.try_in("zhoujg", "wrong", None, until).await;
    }
    let admin = town.admin().await;
    assert!(town.people.account(&admin, "zhoujg").await.unwrap().locked_until.is_some());
    town.people.unlock(&admin, "zhoujg", "10.0.0.1").await.unwrap();
    assert!(town.try_in("zhoujg", GOOD, None, until).await.is_ok());
}

pub async fn who_is_not_there_learns_nothing(town: Town) {
    town.add("zhoujg", &[Role::Auditor], &city()).await;
    for nobody in ["nobody", "", "' or 1 = 1 --", "my\0password", "Tianma-xing7kong"] {
        let refused = town.try_in(nobody, GOOD, None, NINE).await.err().unwrap();
        assert_eq!((refused.code(), refused.to_string().as_str()), ("wrong", "账号或密码不对"));
        assert_eq!(
            town.trail(1).await[0],
            ("session.refuse ?".into(), r#"{"why":"unknown"}"#.into()),
            "what was typed is not written down"
        );
    }
    // Disabled, run out: the same answer.
    let admin = town.admin().await;
    let what = mingjian_people::AccountChange { ends: Some(Some(NINE)), ..Default::default() };
    town.people.change(&admin, "zhoujg", 1, &what, "10.0.0.1").await.unwrap();
    assert!(matches!(town.try_in("zhoujg", GOOD, None, NINE).await, Err(SignInError::Wrong)));
    assert!(town.try_in("zhoujg", GOOD, None, NINE - 1).await.is_ok());
}

/// Five tries must not tell which accounts there are, nor which are closed.
pub async fn tries_at_nobody_are_answered_as_tries_at_somebody(town: Town) {
    town.add("zhoujg", &[Role::Auditor], &city()).await;
    town.add("linxy", &[Role::Auditor], &city()).await;
    let admin = town.admin().await;
    let what = mingjian_people::AccountChange { disabled: Some(true), ..Default::default() };
    town.people.change(&admin, "linxy", 1, &what, "10.0.0.1").await.unwrap();
    let knock = async |account: &str, at: i64| {
        let refused = town.try_in(account, "wrong", None, at).await.err().unwrap();
        (refused.code(), refused.to_string())
    };
    for tried in 1..=7 {
        let (somebody, nobody, closed) = (knock("zhoujg", NINE).await, knock(" Nobody", NINE).await, knock("linxy", NINE).await);
        assert_eq!((&somebody, somebody.0), (&nobody, if tried < 5 { "wrong" } else { "locked" }), "{tried}");
        assert_eq!(somebody, closed, "{tried}");
    }
    let after = NINE + 15 * MINUTE;
    assert_eq!((knock("zhoujg", after).await.0, knock("nobody", after).await.0), ("wrong", "wrong"));
}

pub async fn a_session_ends_idle_and_at_the_latest(town: Town) {
    town.add("zhoujg", &[Role::Auditor], &city()).await;
    let signed = town.try_in("zhoujg", GOOD, None, NINE).await.unwrap();
    let is_in = async |at: i64| town.people.session(&signed.token, at).await.unwrap().is_some();
    assert!(is_in(NINE + 30 * MINUTE).await);
    assert!(is_in(NINE + 60 * MINUTE).await, "it was seen half an hour ago");
    assert!(!is_in(NINE + 90 * MINUTE + 1).await, "idle");
    assert!(is_in(NINE + 90 * MINUTE).await);
    // Kept busy, it ends after twelve hours all the same.
    let mut at = NINE + 90 * MINUTE;
    while at < NINE + 12 * 60 * MINUTE {
        assert!(is_in(at).await);
        at += 20 * MINUTE;
    }
    assert!(!is_in(NINE + 12 * 60 * MINUTE + 1).await);
    let events = audit::page(&town.store, &audit::Filter::default(), None, 100).await.unwrap();
    let of_sessions = events.iter().filter(|event| event.act.starts_with("session.")).count();
    assert_eq!(of_sessions, 1, "being seen is no event");
    assert_eq!(events[0].act, "session.begin");
}

pub async fn one_session_more_ends_the_oldest(town: Town) {
    town.add("zhoujg", &[Role::Auditor], &city()).await;
    let mut tokens = Vec::new();
    for number in 0..4 {
        tokens.push(town.try_in("zhoujg", GOOD, None, NINE + number).await.unwrap().token);
    }
    let mut open = Vec::new();
    for token in &tokens {
        open.push(town.people.session(token, NINE + MINUTE).await.unwrap().is_some());
    }
    assert_eq!(open, [false, true, true, true]);
    assert_eq!(town.trail(1).await[0].1, r#"{"ended":1,"second_factor":"none"}"#);
    // Those that are long over make no room and are not kept.
    let next = NINE + 24 * 60 * MINUTE;
    town.try_in("zhoujg", GOOD, None, next).await.unwrap();
    assert_eq!(town.trail(1).await[0].1, r#"{"ended":0,"second_factor":"none"}"#);
    let row = town.store.one("select count(*) as n from sessions", &[]).await.unwrap().unwrap();
    assert_eq!(row.int("n").unwrap(), 1);
}

pub async fn signing_out_ends_this_session_alone(town: Town) {
    town.add("zhoujg", &[Role::Auditor], &city()).await;
    let one = town.try_in("zhoujg", GOOD, None, NINE).await.unwrap().token;
    let other = town.try_in("zhoujg", GOOD, None, NINE).await.unwrap().token;
    town.people.sign_out(&one, "10.0.0.2", NINE).await.unwrap();
    assert!(town.people.session(&one, NINE).await.unwrap().is_none());
    assert!(town.people.session(&other, NINE).await.unwrap().is_some());
    assert_eq!(town.trail(1).await[0].0, "session.end zhoujg");
    // Twice, or with a token of nobody: nothing happens.
    town.people.sign_out(&one, "10.0.0.2", NINE).await.unwrap();
    town.people.sign_out("x", "10.0.0.2", NINE).await.unwrap();
    assert_eq!(town.trail(2).await[1].0, "session.begin zhoujg");
}

pub async fn nothing_secret_is_stored_or_told(town: Town) {
    let person = town.add("zhoujg", &[Role::Auditor], &city()).await;
    let signed = town.try_in("zhoujg", GOOD, None, NINE).await.unwrap();
    let enrolment = town.people.totp_begin(&person, "10.0.0.2").await.unwrap();
    let mut everything = String::new();
    let columns = [
        "account, name, phone, password, totp from accounts",
        "id, account, origin from sessions",
        "act, object, detail, reason from events",
    ];
    for columns in columns {
        for row in town.store.rows(&format!("select {columns}"), &[]).await.unwrap() {
            everything.push_str(&format!("{row:?}\n"));
        }
    }
    assert!(everything.contains("zhoujg") && everything.contains("$argon2id$"), "it was looked into");
    for secret in ["周建国", "华少峰", "13800001111", GOOD, &signed.token, &enrolment.secret] {
        assert!(!everything.contains(secret), "{secret}");
    }
    assert!(audit::verify(&town.store, None).await.unwrap().intact());
}
