//! Sessions for whom a provider vouches.

use mingjian_people::{Must, Role, Settings, SignInError, SignedIn, Vouched};

use crate::{GOOD, MINUTE, NINE, Town, cheap, city};

fn word(subject: &str, account: &str, second_factor: bool) -> Vouched {
    Vouched {
        issuer: "https://id.example.cn".into(),
        subject: subject.into(),
        account: account.into(),
        name: Some("林晓燕".into()),
        second_factor,
    }
}

async fn told(result: Result<SignedIn, SignInError>) -> String {
    result.map_or_else(|error| error.code().to_owned(), |signed| signed.person.account)
}

pub async fn an_identity_is_one_account(town: Town) {
    town.add("linxy", &[Role::Auditor], &city()).await;
    town.add("wangm", &[Role::Auditor], &city()).await;
    let people = &town.people;
    let signed = people.sign_in_vouched(&word("S1", " LinXY ", false), None, "10.0.0.2", NINE).await.unwrap();
    assert_eq!(people.session(&signed.token, NINE + MINUTE).await.unwrap().unwrap().account, "linxy");
    assert_eq!(town.trail(2).await.iter().map(|(act, _)| act.as_str()).collect::<Vec<_>>(), ["session.begin linxy", "account.link linxy"]);
    // The identity stays the account's whatever it is called later; whoever is given the name is not let in.
    assert_eq!(told(people.sign_in_vouched(&word("S1", "renamed", false), None, "x", NINE).await).await, "linxy");
    assert_eq!(told(people.sign_in_vouched(&word("S2", "linxy", false), None, "x", NINE).await).await, "other_identity");
    assert_eq!(told(people.sign_in_vouched(&word("S1", "wangm", false), None, "x", NINE).await).await, "linxy", "the name decides nothing");
    // The same subject of another issuer is somebody else.
    let foreign = Vouched { issuer: "https://evil.example.cn".into(), ..word("S1", "nobody", false) };
    assert_eq!(told(people.sign_in_vouched(&foreign, None, "x", NINE).await).await, "no_account");
    assert_eq!(town.trail(1).await[0], ("session.refuse ?".into(), r#"{"why":"oidc_unknown"}"#.into()), "nobody's name is written down");
    // Only a hash of the subject is kept.
    let rows = town.store.rows("select subject from identities", &[]).await.unwrap();
    assert!(rows.iter().all(|row| row.text("subject").unwrap().len() == 64));
    let admin = town.admin().await;
    people.unlink(&admin, "linxy", "x").await.unwrap();
    assert!(people.session(&signed.token, NINE + MINUTE).await.unwrap().is_none());
    assert_eq!(told(people.sign_in_vouched(&word("S2", "linxy", false), None, "x", NINE).await).await, "linxy");
}

pub async fn locks_limits_and_ends_hold_for_them_too(town: Town) {
    town.add("linxy", &[Role::Auditor], &city()).await;
    let people = &town.people;
    let mut tokens = Vec::new();
    for number in 0..4 {
        tokens.push(people.sign_in_vouched(&word("S1", "linxy", false), None, "x", NINE + number).await.unwrap().token);
    }
    assert!(people.session(&tokens[0], NINE + MINUTE).await.unwrap().is_none(), "one session more ends the oldest");
    assert!(people.session(&tokens[3], NINE + 31 * MINUTE).await.unwrap().is_none(), "idle");
    for _ in 0..5 {
        let _ = town.try_in("linxy", "wrong", None, NINE).await;
    }
    assert_eq!(told(people.sign_in_vouched(&word("S1", "linxy", false), None, "x", NINE).await).await, "locked");
    let admin = town.admin().await;
    people.unlock(&admin, "linxy", "x").await.unwrap();
    let version = people.account(&admin, "linxy").await.unwrap().version;
    let off = mingjian_people::AccountChange { disabled: Some(true), ..Default::default() };
    people.change(&admin, "linxy", version, &off, "x").await.unwrap();
    assert_eq!(told(people.sign_in_vouched(&word("S1", "linxy", false), None, "x", NINE).await).await, "no_account");
}

pub async fn a_second_factor_of_the_provider_counts(town: Town) {
    let strict = Settings { totp_roles: vec![Role::Auditor], ..cheap() };
    let people = mingjian_people::People::new(town.store.clone(), town.sealer.clone(), strict);
    let person = town.add("linxy", &[Role::Auditor], &city()).await;
    let one = people.sign_in_vouched(&word("S1", "linxy", false), None, "x", NINE).await.unwrap();
    assert_eq!(one.person.must, Some(Must::SetUpTotp));
    let two = people.sign_in_vouched(&word("S1", "linxy", true), None, "x", NINE).await.unwrap();
    assert_eq!(two.person.must, None);
    assert_eq!(people.session(&two.token, NINE).await.unwrap().unwrap().must, None);
    assert_eq!(people.session(&one.token, NINE).await.unwrap().unwrap().must, Some(Must::SetUpTotp));
    // With a second factor of our own, the provider must have asked for one too.
    crate::totp::set_up(&town, &person).await;
    assert_eq!(told(people.sign_in_vouched(&word("S1", "linxy", false), None, "x", NINE).await).await, "second_factor");
    assert_eq!(told(people.sign_in_vouched(&word("S1", "linxy", true), None, "x", NINE).await).await, "linxy");
}

pub async fn accounts_come_by_themselves_only_where_they_see_no_business(town: Town) {
    let people = &town.people;
    assert_eq!(told(people.sign_in_vouched(&word("S9", "newcomer", true), None, "x", NINE).await).await, "no_account");
    for role in [Role::Auditor, Role::Secadmin, Role::Overseer] {
        assert!(people.sign_in_vouched(&word("S9", "newcomer", true), Some(role), "x", NINE).await.is_err(), "{role:?}");
    }
    assert!(people.person("newcomer", NINE).await.unwrap().is_none());
    let signed = people.sign_in_vouched(&word("S9", "newcomer", false), Some(Role::RuleAuthor), "x", NINE).await.unwrap();
    assert_eq!(
        (signed.person.name.as_str(), signed.person.roles.as_slice(), signed.person.must),
        ("林晓燕", &[Role::RuleAuthor][..], None)
    );
    // No password opens it.
    for password in ["", "!", GOOD] {
        assert!(matches!(town.try_in("newcomer", password, None, NINE).await, Err(SignInError::Wrong | SignInError::Locked { .. })));
    }
    assert_eq!(told(people.sign_in_vouched(&word("S8", "周 建国", true), Some(Role::RuleAuthor), "x", NINE).await).await, "no_account");
}
