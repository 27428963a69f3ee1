//! The second factor. Codes are computed here from the RFC's formula anew, with a SHA-1 taken from another place.

use mingjian_people::{Must, People, PeopleError, Person, Role, Settings, SignInError};

use crate::{GOOD, MINUTE, NINE, Town, cheap, city};

/// The code an authenticator shows: base 32 by hand, HMAC by its definition.
fn shown(secret: &str, at: i64) -> String {
    let mut bits = String::new();
    for character in secret.chars() {
        bits.push_str(&format!("{:05b}", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(character).unwrap()));
    }
    let key: Vec<u8> =
        bits.as_bytes().chunks_exact(8).map(|eight| u8::from_str_radix(std::str::from_utf8(eight).unwrap(), 2).unwrap()).collect();
    let pad = |byte: u8| (0..64).map(|place| key.get(place).unwrap_or(&0) ^ byte).collect::<Vec<u8>>();
    // Local Chinese time to UTC, in steps of thirty seconds.
    let step = ((at / 1_000_000 - 8 * 3600) / 30).to_be_bytes();
    let inner = sha1(&[pad(0x36), step.to_vec()].concat());
    let hash = sha1(&[pad(0x5c), inner.to_vec()].concat());
    let offset = usize::from(hash[19] & 15);
    let word = u32::from_be_bytes(hash[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", word % 1_000_000)
}

/// FIPS 180-4, written out.
fn sha1(message: &[u8]) -> [u8; 20] {
    let mut padded = message.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend((message.len() as u64 * 8).to_be_bytes());
    let mut state: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
    for block in padded.chunks_exact(64) {
        let mut words: Vec<u32> = block.chunks_exact(4).map(|four| u32::from_be_bytes(four.try_into().unwrap())).collect();
        for place in 16..80 {
            words.push((words[place - 3] ^ words[place - 8] ^ words[place - 14] ^ words[place - 16]).rotate_left(1));
        }
        let [mut a, mut b, mut c, mut d, mut e] = state;
        for (place, word) in words.iter().enumerate() {
            let (f, k) = match place {
                0..20 => (b & c | !b & d, 0x5a82_7999),
                20..40 => (b ^ c ^ d, 0x6ed9_eba1),
                40..60 => (b & c | b & d | c & d, 0x8f1b_bcdc),
                _ => (b ^ c ^ d, 0xca62_c1d6_u32),
            };
            let next = a.rotate_left(5).wrapping_add(f).wrapping_add(e).wrapping_add(k).wrapping_add(*word);
            (e, d, c, b, a) = (d, c, b.rotate_left(30), a, next);
        }
        for (sum, part) in state.iter_mut().zip([a, b, c, d, e]) {
            *sum = sum.wrapping_add(part);
        }
    }
    state.map(u32::to_be_bytes).concat().try_into().unwrap()
}

/// Gives somebody a second factor.
pub async fn set_up(town: &Town, person: &Person) {
    let secret = town.people.totp_begin(person, "10.0.0.2").await.unwrap().secret;
    town.people.totp_confirm(person, &shown(&secret, NINE), "10.0.0.2").await.unwrap();
}

async fn enrolled(town: &Town) -> (Person, String, Vec<String>) {
    let person = town.add("zhoujg", &[Role::Auditor], &city()).await;
    let secret = town.people.totp_begin(&person, "10.0.0.2").await.unwrap().secret;
    let codes = town.people.totp_confirm(&person, &shown(&secret, NINE), "10.0.0.2").await.unwrap();
    (person, secret, codes)
}

pub async fn a_second_factor_is_asked_for_once_it_is_set(town: Town) {
    let person = town.add("zhoujg", &[Role::Auditor], &city()).await;
    assert!(matches!(town.people.totp_confirm(&person, "123456", "x").await, Err(PeopleError::TotpNotBegun)));
    let enrolment = town.people.totp_begin(&person, "10.0.0.2").await.unwrap();
    assert!(enrolment.uri.starts_with("otpauth://totp/%E6%98%8E%E9%89%B4:zhoujg?secret=") && enrolment.uri.contains(&enrolment.secret));
    assert!(town.try_in("zhoujg", GOOD, None, NINE).await.is_ok(), "begun is not set");
    let wrong = if shown(&enrolment.secret, NINE) == "000000" { "000001" } else { "000000" };
    assert!(matches!(town.people.totp_confirm(&person, wrong, "x").await, Err(PeopleError::WrongCode)));
    let codes = town.people.totp_confirm(&person, &shown(&enrolment.secret, NINE), "x").await.unwrap();
    assert_eq!(codes.len(), 10);
    assert!(matches!(town.people.totp_begin(&person, "x").await, Err(PeopleError::TotpSet)));

    let later = NINE + 10 * MINUTE;
    let code = shown(&enrolment.secret, later);
    assert!(matches!(town.try_in("zhoujg", GOOD, None, later).await, Err(SignInError::CodeNeeded)));
    assert!(matches!(town.try_in("zhoujg", GOOD, Some(" "), later).await, Err(SignInError::CodeNeeded)));
    assert!(matches!(town.try_in("zhoujg", "wrong", Some(&code), later).await, Err(SignInError::Wrong)), "the password is still asked for");
    let signed = town.try_in("zhoujg", GOOD, Some(&code), later).await.unwrap();
    assert!(signed.person.totp);
    assert_eq!(town.trail(1).await[0].1, r#"{"ended":0,"second_factor":"totp"}"#);
    assert!(matches!(town.try_in("zhoujg", GOOD, Some(&code), later).await, Err(SignInError::Wrong)), "a code counts once");
    let stale = shown(&enrolment.secret, later - 5 * MINUTE);
    for number in 0..4 {
        let refused = town.try_in("zhoujg", GOOD, Some(&stale), later).await.err().unwrap();
        assert_eq!(refused.code(), if number == 3 { "locked" } else { "wrong" }, "guessing codes locks too");
    }
    // Taken away with a code of its own.
    let at = later + 20 * MINUTE;
    let person = Person { at, ..person };
    assert!(matches!(town.people.totp_remove(&person, wrong, "x").await, Err(PeopleError::WrongCode)));
    town.people.totp_remove(&person, &shown(&enrolment.secret, at), "x").await.unwrap();
    assert!(town.try_in("zhoujg", GOOD, None, at).await.is_ok());
}

/// Six digits are found in an hour by who may try as often as he likes; the second factor would be gone.
pub async fn who_is_in_guesses_no_code(town: Town) {
    let (person, secret, _) = enrolled(&town).await;
    let at = NINE + 10 * MINUTE;
    let person = Person { at, ..person };
    let token = town.try_in("zhoujg", GOOD, Some(&shown(&secret, at)), at).await.unwrap().token;
    let stale = shown(&secret, at - 5 * MINUTE);
    for _ in 0..5 {
        assert!(town.people.session(&token, at).await.unwrap().is_some());
        assert!(matches!(town.people.totp_remove(&person, &stale, "10.0.0.9").await, Err(PeopleError::WrongCode)));
    }
    assert!(town.people.session(&token, at).await.unwrap().is_none(), "the session is over");
    let later = Person { at: at + MINUTE, ..person };
    let right = shown(&secret, later.at);
    assert!(matches!(town.people.totp_remove(&later, &right, "10.0.0.9").await, Err(PeopleError::Locked(_))), "nor with the right one");
    assert!(town.people.person("zhoujg", later.at).await.unwrap().unwrap().totp);
}

pub async fn a_recovery_code_works_once(town: Town) {
    let (_, _, codes) = enrolled(&town).await;
    let typed = codes[3].to_uppercase().replace('-', " ");
    assert!(town.try_in("zhoujg", GOOD, Some(&typed), NINE).await.is_ok());
    assert_eq!(town.trail(1).await[0].1, r#"{"ended":0,"second_factor":"recovery"}"#);
    assert!(matches!(town.try_in("zhoujg", GOOD, Some(&codes[3]), NINE).await, Err(SignInError::Wrong)));
    assert!(town.try_in("zhoujg", GOOD, Some(&codes[4]), NINE).await.is_ok());
    // Of one account they open no other.
    let other = town.add("linxy", &[Role::Auditor], &city()).await;
    let secret = town.people.totp_begin(&other, "x").await.unwrap().secret;
    town.people.totp_confirm(&other, &shown(&secret, NINE), "x").await.unwrap();
    assert!(matches!(town.try_in("linxy", GOOD, Some(&codes[5]), NINE).await, Err(SignInError::Wrong)));
}

pub async fn a_role_may_have_to_set_it_up_first(town: Town) {
    let settings = Settings { totp_roles: vec![Role::Secadmin], ..cheap() };
    let people = People::new(town.store.clone(), town.sealer.clone(), settings);
    town.admin().await;
    let admin = people.person("keeper", NINE).await.unwrap().unwrap();
    assert_eq!(admin.must, Some(Must::SetUpTotp));
    let secret = people.totp_begin(&admin, "x").await.unwrap().secret;
    people.totp_confirm(&admin, &shown(&secret, NINE), "x").await.unwrap();
    assert_eq!(people.person("keeper", NINE).await.unwrap().unwrap().must, None);
    town.add("zhoujg", &[Role::Auditor], &city()).await;
    assert_eq!(people.person("zhoujg", NINE).await.unwrap().unwrap().must, None, "others need not");
}

#[test]
fn the_codes_of_this_page_are_those_of_the_rfc() {
    // RFC 6238, appendix B: at 59 seconds after 1970 UTC.
    assert_eq!(shown("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", (59 + 8 * 3600) * 1_000_000), "287082");
}
