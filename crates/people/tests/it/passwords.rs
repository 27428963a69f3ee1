//! One's own password.

use mingjian_people::{Must, People, PeopleError, Role, Settings};

use crate::{GOOD, MINUTE, NINE, Town, cheap, city};

pub async fn ones_own_password_is_changed(town: Town) {
    let person = town.add("zhoujg", &[Role::Auditor], &city()).await;
    let here = town.try_in("zhoujg", GOOD, None, NINE).await.unwrap().token;
    let elsewhere = town.try_in("zhoujg", GOOD, None, NINE).await.unwrap().token;
    let task = town.people.password_task(&person).await.unwrap();
    assert!(matches!(task.run("wrong", "Shanhe-wuyang88"), Err(PeopleError::WrongPassword)));
    let weak = task.run(GOOD, "short").err().unwrap().to_string();
    assert_eq!(weak, "密码不合要求：至少 10 个字符；大写字母、小写字母、数字、符号中至少有 3 种");
    assert_eq!(task.run(GOOD, GOOD).err().unwrap().to_string(), "密码不合要求：不能与最近 5 次用过的相同");
    let (one, late) = (task.run(GOOD, "Shanhe-wuyang88").unwrap(), task.run(GOOD, "Dahai-wuya2xing").unwrap());
    town.people.set_password(one, &here, &person, "10.0.0.2").await.unwrap();
    assert!(
        matches!(town.people.set_password(late, &here, &person, "x").await, Err(PeopleError::WrongPassword)),
        "it was changed meanwhile"
    );
    assert!(town.people.session(&here, NINE).await.unwrap().is_some());
    assert!(town.people.session(&elsewhere, NINE).await.unwrap().is_none(), "other sessions end");
    assert!(town.try_in("zhoujg", GOOD, None, NINE).await.is_err());
    assert!(town.try_in("zhoujg", "Shanhe-wuyang88", None, NINE).await.is_ok());
    // Of the last five, the first is free again after four others.
    let mut last = "Shanhe-wuyang88".to_owned();
    for number in 0..4 {
        let task = town.people.password_task(&person).await.unwrap();
        assert!(matches!(task.run(&last, GOOD), Err(PeopleError::Weak(_))), "{number}");
        let next = format!("Qingshan-{number}-lvshui");
        let later = mingjian_people::Person { at: NINE + i64::from(number) + 1, ..person.clone() };
        town.people.set_password(task.run(&last, &next).unwrap(), &here, &later, "x").await.unwrap();
        last = next;
    }
    let task = town.people.password_task(&person).await.unwrap();
    assert!(task.run(&last, GOOD).is_ok());
    // Nobody sets it for another.
    let other = town.add("linxy", &[Role::Auditor], &city()).await;
    let new = task.run(&last, GOOD).unwrap();
    assert!(town.people.set_password(new, &here, &other, "x").await.is_err());
}

pub async fn an_old_password_must_be_changed_first(town: Town) {
    town.add("zhoujg", &[Role::Auditor], &city()).await;
    let settings = Settings { password_days_max: Some(90), ..cheap() };
    let people = People::new(town.store.clone(), town.sealer.clone(), settings);
    let day = 24 * 60 * MINUTE;
    assert_eq!(people.person("zhoujg", NINE + 90 * day).await.unwrap().unwrap().must, None);
    assert_eq!(people.person("zhoujg", NINE + 90 * day + 1).await.unwrap().unwrap().must, Some(Must::ChangePassword));
    assert_eq!(town.people.person("zhoujg", NINE + 9_000 * day).await.unwrap().unwrap().must, None, "by setting only");
}

/// A session that was stolen, or left open, is no place to try passwords at.
pub async fn who_is_in_guesses_no_password(town: Town) {
    let person = town.add("zhoujg", &[Role::Auditor], &city()).await;
    let token = town.try_in("zhoujg", GOOD, None, NINE).await.unwrap().token;
    let let_in_before = town.people.password_task(&person).await.unwrap().run(GOOD, "Shanhe-wuyang88").unwrap();
    for tried in 1..=5 {
        assert!(town.people.session(&token, NINE).await.unwrap().is_some(), "{tried}");
        town.people.own_failure(&person, "password", "10.0.0.9").await.unwrap();
    }
    assert!(town.people.session(&token, NINE).await.unwrap().is_none(), "the session is over");
    assert_eq!(town.trail(1).await[0], ("account.refuse zhoujg".into(), r#"{"ended":1,"why":"locking"}"#.into()));
    assert!(town.try_in("zhoujg", GOOD, None, NINE).await.is_err(), "locked, as at the door");
    // A try that was let in before the lock does not count after it, nor does it open the lock.
    assert!(matches!(town.people.own_failure(&person, "password", "10.0.0.9").await, Err(PeopleError::Locked(_))));
    assert!(town.try_in("zhoujg", GOOD, None, NINE).await.is_err());
    assert!(matches!(town.people.set_password(let_in_before, &token, &person, "10.0.0.9").await, Err(PeopleError::Locked(_))));
    assert!(town.try_in("zhoujg", GOOD, None, NINE + 15 * MINUTE).await.is_ok());
    // A right one in between begins the count anew.
    for _ in 0..4 {
        town.people.own_failure(&person, "password", "10.0.0.9").await.unwrap();
    }
    let later = mingjian_people::Person { at: NINE + 15 * MINUTE, ..person };
    let new = town.people.password_task(&later).await.unwrap().run(GOOD, "Shanhe-wuyang88").unwrap();
    town.people.set_password(new, &token, &later, "x").await.unwrap();
    town.people.own_failure(&later, "password", "10.0.0.9").await.unwrap();
    assert!(town.try_in("zhoujg", "Shanhe-wuyang88", None, NINE + 16 * MINUTE).await.is_ok());
}
