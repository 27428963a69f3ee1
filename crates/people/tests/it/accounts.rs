//! Accounts and who manages them.

use mingjian_people::{
    AccountChange, Act, Demo, First, Grant, GrantKind, Look, Object, PeopleError, Refusal, Role, accounts, create_demo, create_first,
    password,
};
use mingjian_store::Cipher;

use crate::{GOOD, MINUTE, NINE, Town, cheap, city, cli, new};

pub async fn the_administrator_makes_and_changes_accounts(town: Town) {
    let admin = town.admin().await;
    town.add("zhoujg", &[Role::Auditor], &city()).await;
    let account = town.people.account(&admin, "zhoujg").await.unwrap();
    assert_eq!((account.name.as_str(), account.phone_masked.as_deref()), ("周建国", Some("138****1111")));
    assert_eq!((account.roles.as_slice(), account.grants.as_slice(), account.version), (&[Role::Auditor][..], &city()[..], 1));
    assert_eq!((account.signed_in_at, account.disabled, account.totp), (None, false, false));
    let what = AccountChange {
        name: Some(" 周建民 ".into()),
        phone: Some(None),
        roles: Some(vec![Role::Reviewer, Role::Auditor]),
        grants: Some(vec![Grant::region("330902"), Grant { kind: GrantKind::Lead, value: "L1".into(), ends: Some(NINE) }]),
        ..Default::default()
    };
    town.people.change(&admin, "zhoujg", 1, &what, "10.0.0.1").await.unwrap();
    let account = town.people.account(&admin, "zhoujg").await.unwrap();
    assert_eq!((account.name.as_str(), account.phone_masked, account.version), ("周建民", None, 2));
    assert_eq!(account.roles, [Role::Auditor, Role::Reviewer]);
    assert_eq!(account.grants.len(), 2);
    let (act, detail) = town.trail(1).await.remove(0);
    assert_eq!(act, "account.change zhoujg");
    let expected = r#"{"columns":["name","phone","roles","scopes"],"roles":["reviewer","auditor"],"scopes":[{"ends":null,"kind":"region","value":"330902"},{"ends":1767603600000000,"kind":"lead","value":"L1"}]}"#;
    assert_eq!(detail, expected, "rights are written down, names are not");
    // Two administrators at once: the second is told.
    assert!(matches!(town.people.change(&admin, "zhoujg", 1, &what, "x").await, Err(PeopleError::Changed(_))));
    // What does not fit is refused whole.
    let clash = AccountChange { name: Some("甲".into()), roles: Some(vec![Role::Auditor, Role::Finance]), ..Default::default() };
    assert!(matches!(town.people.change(&admin, "zhoujg", 2, &clash, "x").await, Err(PeopleError::RolesClash(..))));
    let bare = AccountChange { name: Some("甲".into()), grants: Some(vec![]), ..Default::default() };
    assert!(matches!(town.people.change(&admin, "zhoujg", 2, &bare, "x").await, Err(PeopleError::NoScope { .. })));
    assert_eq!(town.people.account(&admin, "zhoujg").await.unwrap().name, "周建民");
    // Others that cannot be made.
    let make = async |account: &str, roles: &[Role]| town.people.create(&admin, &new(account, roles, &city()), "x").await;
    assert!(matches!(make("zhoujg", &[Role::Auditor]).await, Err(PeopleError::Taken(_))));
    assert!(matches!(make("Zhou JG", &[Role::Auditor]).await, Err(PeopleError::AccountForm(_))));
    assert!(matches!(make("other", &[]).await, Err(PeopleError::NoRole)));
    assert!(matches!(town.people.account(&admin, "other").await, Err(PeopleError::Unknown(_))));
    // Lists: by beginning, by role, from page to page.
    make("zhangw", &[Role::Director]).await.unwrap();
    let list = async |beginning: &str, role: Option<Role>, after: Option<&str>, limit: i64| {
        let found = town.people.accounts(&admin, beginning, role, after, limit).await.unwrap();
        found.into_iter().map(|account| account.account).collect::<Vec<_>>()
    };
    assert_eq!(list("", None, None, 2).await, ["keeper", "zhangw"]);
    assert_eq!(list("", None, Some("zhangw"), 2).await, ["zhoujg"]);
    assert_eq!(list("zh", Some(Role::Reviewer), None, 9).await, ["zhoujg"]);
    assert_eq!(list("%", None, None, 9).await, [""; 0]);
    let names = town.people.names(&["zhangw".into(), "nobody".into(), "keeper".into()]).await.unwrap();
    assert_eq!(names.into_iter().collect::<Vec<_>>(), [("keeper".into(), "华少峰".into()), ("zhangw".into(), "周建国".to_owned())]);
}

pub async fn nobody_else_does_and_not_the_own(town: Town) {
    let admin = town.admin().await;
    let what = AccountChange { disabled: Some(true), ..Default::default() };
    let hashed = password::hash("x", GOOD, &cheap()).unwrap();
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Secadmin) {
        let grants = [city().to_vec(), vec![Grant::institution("H1")]].concat();
        let person = town.add(&role.id().replace('_', "-"), &[role], &grants).await;
        let people = &town.people;
        let refusals = [
            people.create(&person, &new("other", &[Role::Auditor], &city()), "x").await.err(),
            people.change(&person, "keeper", 1, &what, "x").await.err(),
            people.reset(&person, "keeper", &hashed, true, "x").await.err(),
            people.unlock(&person, "keeper", "x").await.err(),
            people.account(&person, "keeper").await.err(),
            people.accounts(&person, "", None, None, 9).await.err(),
        ];
        for refusal in refusals {
            assert!(matches!(refusal, Some(PeopleError::Refused(Refusal::NoRight(_)))), "{}: {refusal:?}", role.id());
        }
    }
    let own = [
        town.people
            .change(&admin, "keeper", 1, &AccountChange { roles: Some(vec![Role::Director]), ..Default::default() }, "x")
            .await
            .err(),
        town.people.reset(&admin, "keeper", &hashed, true, "x").await.err(),
        town.people.unlock(&admin, "keeper", "x").await.err(),
    ];
    for refusal in own {
        assert!(matches!(refusal, Some(PeopleError::Refused(Refusal::OwnAccount))), "{refusal:?}");
    }
}

pub async fn rights_taken_away_are_gone_at_once(town: Town) {
    let admin = town.admin().await;
    town.add("zhoujg", &[Role::Auditor], &city()).await;
    let token = town.try_in("zhoujg", GOOD, None, NINE).await.unwrap().token;
    let what = AccountChange { roles: Some(vec![Role::Reviewer]), grants: Some(vec![Grant::region("330903")]), ..Default::default() };
    town.people.change(&admin, "zhoujg", 1, &what, "x").await.unwrap();
    let person = town.people.session(&token, NINE).await.unwrap().unwrap();
    assert_eq!((person.roles.as_slice(), person.scopes.regions.as_slice()), (&[Role::Reviewer][..], &["330903".to_owned()][..]));
    town.people.change(&admin, "zhoujg", 2, &AccountChange { disabled: Some(true), ..Default::default() }, "x").await.unwrap();
    assert!(town.people.session(&token, NINE).await.unwrap().is_none());
    assert!(town.people.person("zhoujg", NINE).await.unwrap().is_none());
    town.people.change(&admin, "zhoujg", 3, &AccountChange { disabled: Some(false), ..Default::default() }, "x").await.unwrap();
    assert!(town.people.session(&token, NINE).await.unwrap().is_none(), "the session stays ended");
    assert!(town.try_in("zhoujg", GOOD, None, NINE).await.is_ok());
}

pub async fn a_reset_opens_the_account_for_one_thing(town: Town) {
    let admin = town.admin().await;
    town.add("zhoujg", &[Role::Auditor], &city()).await;
    let before = town.try_in("zhoujg", GOOD, None, NINE).await.unwrap().token;
    for _ in 0..5 {
        let _ = town.try_in("zhoujg", "wrong", None, NINE).await;
    }
    let (given, hashed) = password::one_time(&cheap()).unwrap();
    town.people.reset(&admin, "zhoujg", &hashed, true, "x").await.unwrap();
    assert_eq!(town.trail(1).await[0], ("account.reset zhoujg".into(), r#"{"ended":1,"second_factor":true}"#.into()));
    assert!(town.people.session(&before, NINE).await.unwrap().is_none());
    assert!(town.try_in("zhoujg", GOOD, None, NINE).await.is_err());
    let signed = town.try_in("zhoujg", &given, None, NINE).await.unwrap();
    assert_eq!(mingjian_people::acts_of(&signed.person), ["self"]);
    // The old password is not taken back; a new one opens the rest.
    let task = town.people.password_task(&signed.person).await.unwrap();
    assert!(matches!(task.run(&given, GOOD), Err(PeopleError::Weak(_))));
    let new = task.run(&given, "Shanhe-wuyang88").unwrap();
    town.people.set_password(new, &signed.token, &signed.person, "x").await.unwrap();
    let person = town.people.session(&signed.token, NINE).await.unwrap().unwrap();
    assert!(mingjian_people::allows(&person, Act::LeadsRead, &Object::none()).is_ok());
}

pub async fn colleagues_are_those_of_the_region(town: Town) {
    town.add("aa", &[Role::Auditor, Role::Reviewer], &city()).await;
    town.add("bb", &[Role::Auditor], &[Grant::region("330902")]).await;
    town.add("cc", &[Role::Auditor], &[Grant::region("3310")]).await;
    town.add("dd", &[Role::Expert], &[]).await;
    town.add("ee", &[Role::Director], &city()).await;
    let admin = town.admin().await;
    town.add("ff", &[Role::Auditor], &city()).await;
    town.people.change(&admin, "ff", 1, &AccountChange { disabled: Some(true), ..Default::default() }, "x").await.unwrap();
    let of = async |roles: &[Role], region: &str| {
        let found = town.people.colleagues(roles, region, NINE).await.unwrap();
        found.into_iter().map(|colleague| format!("{} {:?}", colleague.account, colleague.roles)).collect::<Vec<_>>()
    };
    assert_eq!(of(&[Role::Auditor], "330902").await, ["aa [Auditor]", "bb [Auditor]"]);
    assert_eq!(of(&[Role::Auditor, Role::Reviewer], "330903").await, ["aa [Auditor, Reviewer]"]);
    assert_eq!(of(&[Role::Expert], "330903").await, ["dd [Expert]"]);
    assert_eq!(of(&[], "330903").await, [""; 0]);
}

pub async fn a_lead_granted_runs_out(town: Town) {
    town.add("expert", &[Role::Expert], &[]).await;
    let mut change = town.store.begin(&cli()).await.unwrap();
    accounts::grant_lead(&mut change, "expert", "L1", Some(NINE + MINUTE)).await.unwrap();
    accounts::grant_lead(&mut change, "expert", "L1", Some(NINE + 2 * MINUTE)).await.unwrap();
    change.commit().await.unwrap();
    let lead = Object::lead("L1", "330902", "H1");
    let at = async |at: i64| {
        let person = town.people.person("expert", at).await.unwrap().unwrap();
        mingjian_people::allows(&person, Act::PanelVote, &lead)
    };
    assert_eq!(at(NINE + 2 * MINUTE - 1).await, Ok(()));
    assert_eq!(at(NINE + 2 * MINUTE).await, Err(Refusal::OutOfScope));
    assert_eq!(town.trail(1).await[0], ("scope.grant expert".into(), r#"{"ends":1767603720000000,"lead":"L1"}"#.into()));
    // Nobody who is not there.
    let mut change = town.store.begin(&cli()).await.unwrap();
    assert!(accounts::grant_lead(&mut change, "nobody", "L1", None).await.is_err());
}

pub async fn the_first_accounts_are_administrators(town: Town) {
    let first = |account: &str, role: Role| First {
        account: account.into(),
        name: "华少峰".into(),
        role,
        region: "3309".into(),
        password: password::hash(account, GOOD, &cheap()).unwrap(),
    };
    let make = async |firsts: &[First]| create_first(&town.store, &town.sealer, firsts, &cli()).await;
    assert!(matches!(make(&[first("boss", Role::Director)]).await, Err(PeopleError::FirstRoles)));
    assert!(matches!(make(&[first("system1", Role::Sysadmin)]).await, Err(PeopleError::FirstRoles)));
    assert!(matches!(make(&[]).await, Err(PeopleError::FirstRoles)));
    let (given, hashed) = password::one_time(&cheap()).unwrap();
    let homeless = First { region: String::new(), password: hashed, ..first("runner", Role::Sysadmin) };
    make(&[first("keeper", Role::Secadmin), homeless]).await.unwrap();
    assert!(matches!(make(&[first("keeper2", Role::Secadmin)]).await, Err(PeopleError::NotFirst)));
    assert_eq!(town.try_in("keeper", GOOD, None, NINE).await.unwrap().person.must, None, "one's own choice");
    let signed = town.try_in("runner", &given, None, NINE).await.unwrap();
    assert_eq!(mingjian_people::acts_of(&signed.person), ["self"], "the password that was given is changed first");
    assert!(town.try_in("keeper2", GOOD, None, NINE).await.is_err());
}

pub async fn the_cast_of_a_demonstration_signs_in(town: Town) {
    let hashed = password::hash("", GOOD, &cheap()).unwrap();
    let institutions = ["H33090200001".to_owned(), "H33090200002".to_owned()];
    let demo = Demo { region: "3309", institutions: &institutions, password: &hashed };
    let cast = create_demo(&town.store, &town.sealer, &demo, &cli()).await.unwrap();
    for role in Role::ALL {
        assert!(cast.iter().any(|one| one.role == role), "{}", role.id());
    }
    assert_eq!(cast.iter().filter(|one| one.role == Role::Expert).count(), 3, "a panel is odd and at least three");
    for one in &cast {
        let signed = town.try_in(&one.account, GOOD, None, NINE).await.unwrap();
        assert_eq!(
            (signed.person.name.as_str(), signed.person.roles.as_slice(), signed.person.must),
            (one.name.as_str(), &[one.role][..], None)
        );
        let lead = Object::lead("L1", "330902", "H33090200001");
        let sees = mingjian_people::allows(&signed.person, Act::LeadsRead, &lead).is_ok();
        let expected = matches!(
            one.account.as_str(),
            "auditor" | "auditor2" | "reviewer" | "reviewer2" | "supervisor" | "director" | "institution" | "overseer"
        );
        assert_eq!(sees, expected, "{}", one.account);
    }
    // Again: nothing new, and no event for nothing.
    let before = town.trail(1).await;
    assert_eq!(create_demo(&town.store, &town.sealer, &demo, &cli()).await.unwrap(), cast);
    assert_eq!(town.trail(1).await, before);
}

pub async fn names_in_clear_leave_a_reason(town: Town) {
    let auditor = town.add("zhoujg", &[Role::Auditor], &city()).await;
    let lead = Object::lead("L1", "330902", "H1");
    let look = Look { object_kind: "lead", id: "L1", fields: &["name", "certno"], reason: " 核对住院登记 " };
    town.people.unmask(&auditor, &lead, &look, "10.0.0.2").await.unwrap();
    let record = mingjian_store::audit::page(&town.store, &Default::default(), None, 1).await.unwrap().remove(0);
    assert_eq!((record.act.as_str(), record.object.as_str(), record.role.as_str()), ("person.unmask", "L1", "auditor"));
    assert_eq!((record.detail.as_str(), record.reason.as_deref()), (r#"{"fields":["name","certno"]}"#, Some("核对住院登记")));
    let nothing = Look { reason: "看看", ..look };
    assert!(matches!(town.people.unmask(&auditor, &lead, &nothing, "x").await, Err(PeopleError::Reason(4))));
    let elsewhere = Object::lead("L1", "110000", "H1");
    assert!(matches!(town.people.unmask(&auditor, &elsewhere, &look, "x").await, Err(PeopleError::Refused(Refusal::OutOfScope))));
    let expert = town.add("expert", &[Role::Expert], &[]).await;
    assert!(matches!(town.people.unmask(&expert, &lead, &look, "x").await, Err(PeopleError::Refused(Refusal::NoRight(_)))));
    assert_eq!(town.trail(2).await[1].0, "person.unmask L1", "refusals showed nothing and wrote nothing but the expert's account");
}

pub async fn a_name_is_one_line_in_one_direction(town: Town) {
    let admin = town.admin().await;
    for (number, name) in ["", " ", "周\n建国", "周\u{202e}建国", "周\u{200b}建国", "周\0", &"长".repeat(65)].into_iter().enumerate()
    {
        let wrong = crate::new(&format!("n{number}"), &[Role::Auditor], &city());
        let wrong = mingjian_people::NewAccount { name: name.to_owned(), ..wrong };
        assert!(matches!(town.people.create(&admin, &wrong, "x").await, Err(PeopleError::Name(_))), "{name:?}");
    }
    let odd = mingjian_people::NewAccount { name: "阿依古丽·买买提 <b>".into(), ..crate::new("odd", &[Role::Auditor], &city()) };
    assert!(town.people.create(&admin, &odd, "x").await.is_ok());
}

/// A restored store without its keys is not given new ones: what is sealed with those would be lost when the right ones come back.
pub async fn a_store_keeps_to_its_keys(town: Town) {
    let folder = tempfile::tempdir().unwrap();
    let (own, other) = (folder.path().join("own.key"), folder.path().join("other.key"));
    let opened = async |path: &std::path::Path| mingjian_people::open_keys(&town.store, path, Cipher::Sm4Gcm).await;
    // Nothing is sealed yet: keys are made.
    assert!(opened(&own).await.is_ok() && own.exists());
    std::fs::copy(town._keys.path().join("business.key"), &own).unwrap();
    town.admin().await;
    assert!(opened(&own).await.is_ok());
    assert!(matches!(opened(&other).await, Err(PeopleError::KeysGone(_))));
    assert!(!other.exists(), "no new ones are made");
    mingjian_store::Sealer::open_keys(&other, Cipher::Sm4Gcm).unwrap();
    assert!(matches!(opened(&other).await, Err(PeopleError::KeysOther(_))));
    // Another cipher is a new key in the same file.
    assert!(mingjian_people::open_keys(&town.store, &own, Cipher::Aes256Gcm).await.is_ok());
}
