//! 动态口令: the second factor, RFC 6238 with SHA-1, six digits, thirty seconds, which every authenticator app computes.

use hmac::{Hmac, KeyInit as _, Mac as _};
use mingjian_model::day::{MICROS_PER_HOUR, MICROS_PER_SECOND, Moment};
use mingjian_store::{Change, Event};
use sha1::Sha1;

use crate::people::People;
use crate::secret::{base32, random, readable, unbase32};
use crate::sessions::not_locked;
use crate::{Act, PeopleError, Person};

/// Seconds a code is shown.
const PERIOD: i64 = 30;
/// How many codes before and after the present one are taken: clocks differ, people type slowly.
const DRIFT: i64 = 1;
/// China's clocks are eight hours before UTC and know no summer time.
const AHEAD: i64 = 8 * MICROS_PER_HOUR;
const RECOVERY_CODES: usize = 10;
/// As RFC 4226 asks: as long as the hash.
const SECRET_BYTES: usize = 20;

/// What the person needs to set up an authenticator: to be shown once, on the own page only.
#[derive(Clone)]
pub struct Enrolment {
    /// Base 32, to be typed where no picture can be taken.
    pub secret: String,
    /// `otpauth://…`, to be shown as a QR code.
    pub uri: String,
}

/// The step a moment falls into.
fn step(at: Moment) -> i64 {
    (at - AHEAD).div_euclid(MICROS_PER_SECOND * PERIOD)
}

/// The code of a step: RFC 4226, 5.3.
fn code(secret: &[u8], step: i64) -> Option<String> {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).ok()?;
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let offset = usize::from(hash[hash.len() - 1] & 15);
    let bytes: [u8; 4] = hash.get(offset..offset + 4)?.try_into().ok()?;
    Some(format!("{:06}", (u32::from_be_bytes(bytes) & 0x7fff_ffff) % 1_000_000))
}

/// The step whose code this is: near the moment, and after the last one taken. `None`: it is none.
pub(crate) fn taken(secret: &str, typed: &str, at: Moment, last: i64) -> Option<i64> {
    let secret = unbase32(secret)?;
    let typed: String = typed.chars().filter(|character| !character.is_whitespace()).collect();
    let now = step(at);
    // All are computed: the time it takes tells nothing of which was near.
    let hits = (now - DRIFT..=now + DRIFT).filter(|step| code(&secret, *step).is_some_and(|code| code == typed));
    hits.filter(|step| *step > last).max()
}

impl People {
    /// Begins to set up the second factor. Nothing changes for signing in until [`People::totp_confirm`].
    pub async fn totp_begin(&self, person: &Person, origin: &str) -> Result<Enrolment, PeopleError> {
        let secret = base32(&random::<SECRET_BYTES>()?);
        let mut change = self.store.begin(&person.actor(Act::SelfService, origin)).await?;
        if self.row(&mut change, &person.account).await?.maybe_int("totp_at")?.is_some() {
            return Err(PeopleError::TotpSet);
        }
        let sealed = self.sealer.seal(&secret)?;
        let args = [(&person.account).into(), sealed.into()];
        change.run("update accounts set totp = $2, totp_step = 0 where account = $1", &args).await?;
        change.note(event("account.totp_begin", &person.account));
        change.commit().await?;
        // "明鉴" as RFC 3986 writes it; accounts need no escape.
        let uri = format!(
            "otpauth://totp/%E6%98%8E%E9%89%B4:{}?secret={secret}&issuer=%E6%98%8E%E9%89%B4&algorithm=SHA1&digits=6&period={PERIOD}",
            person.account
        );
        Ok(Enrolment { secret, uri })
    }

    /// Ends the set-up with a code of the new authenticator. Gives the recovery codes, which are shown this once.
    pub async fn totp_confirm(&self, person: &Person, typed: &str, origin: &str) -> Result<Vec<String>, PeopleError> {
        let mut change = self.store.begin(&person.actor(Act::SelfService, origin)).await?;
        let row = self.row(&mut change, &person.account).await?;
        if row.maybe_int("totp_at")?.is_some() {
            return Err(PeopleError::TotpSet);
        }
        let secret = self.sealer.open(&row.maybe_text("totp")?.ok_or(PeopleError::TotpNotBegun)?)?;
        let step = taken(&secret, typed, person.at, row.int("totp_step")?).ok_or(PeopleError::WrongCode)?;
        let args = [(&person.account).into(), person.at.into(), step.into()];
        change.run("update accounts set totp_at = $2, totp_step = $3, version = version + 1 where account = $1", &args).await?;
        change.run("delete from recovery_codes where account = $1", &[(&person.account).into()]).await?;
        let mut codes = Vec::with_capacity(RECOVERY_CODES);
        for _ in 0..RECOVERY_CODES {
            let code = format!("{}-{}", readable(5)?, readable(5)?);
            let args = [(&person.account).into(), self.recovery_hash(&person.account, &code).into()];
            change.run("insert into recovery_codes (account, hash) values ($1, $2)", &args).await?;
            codes.push(code);
        }
        change.note(event("account.totp_set", &person.account));
        change.commit().await?;
        Ok(codes)
    }

    /// Takes the own second factor away, with one of its codes.
    pub async fn totp_remove(&self, person: &Person, typed: &str, origin: &str) -> Result<(), PeopleError> {
        let mut change = self.store.begin(&person.actor(Act::SelfService, origin)).await?;
        let row = self.row(&mut change, &person.account).await?;
        if row.maybe_int("totp_at")?.is_none() {
            return Err(PeopleError::TotpNotBegun);
        }
        not_locked(&row, person.at)?;
        if self.second_factor(&mut change, &row, typed, person.at).await?.is_none() {
            self.count_own_failure(change, &row, "code", person.at).await?;
            return Err(PeopleError::WrongCode);
        }
        change.run("update accounts set failures = 0 where account = $1", &[(&person.account).into()]).await?;
        self.forget_totp(&mut change, &person.account).await?;
        change.note(event("account.totp_remove", &person.account));
        change.commit().await?;
        Ok(())
    }

    pub(crate) async fn forget_totp(&self, change: &mut Change, account: &str) -> Result<(), PeopleError> {
        let args = [account.into()];
        let sql = "update accounts set totp = null, totp_at = null, totp_step = 0, version = version + 1 where account = $1";
        change.run(sql, &args).await?;
        change.run("delete from recovery_codes where account = $1", &args).await?;
        Ok(())
    }

    /// Takes a code of the authenticator or a recovery code, so that it is not taken again. Gives which it was; `None`: neither.
    pub(crate) async fn second_factor(
        &self,
        change: &mut Change,
        row: &mingjian_store::Row,
        typed: &str,
        at: Moment,
    ) -> Result<Option<&'static str>, PeopleError> {
        let account = row.text("account")?;
        let secret = row.maybe_text("totp")?.map(|sealed| self.sealer.open(&sealed)).transpose()?;
        if let Some(step) =
            secret.as_deref().map(|secret| taken(secret, typed, at, row.int("totp_step").unwrap_or(i64::MAX))).unwrap_or_default()
        {
            change.run("update accounts set totp_step = $2 where account = $1", &[(&account).into(), step.into()]).await?;
            return Ok(Some("totp"));
        }
        let hash = self.recovery_hash(&account, typed);
        let sql = "update recovery_codes set used_at = $3 where account = $1 and hash = $2 and used_at is null";
        let used = change.run(sql, &[(&account).into(), hash.into(), at.into()]).await?;
        Ok((used == 1).then_some("recovery"))
    }

    fn recovery_hash(&self, account: &str, code: &str) -> String {
        let code: String = code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        self.sealer.index(&format!("recovery\n{account}\n{code}"))
    }
}

fn event(act: &'static str, account: &str) -> Event {
    Event { act, object_kind: "account", object: account.to_owned(), detail: serde_json::json!({}), reason: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, the SHA-1 rows, the last six of the eight digits.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = base32(b"12345678901234567890");
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let at = seconds * MICROS_PER_SECOND + AHEAD;
            assert_eq!(taken(&secret, expected, at, 0), Some(seconds / PERIOD), "{expected}");
        }
    }

    #[test]
    fn a_code_is_taken_near_its_time_and_once() {
        let secret = base32(b"12345678901234567890");
        let at = 1_111_111_111 * MICROS_PER_SECOND + AHEAD;
        let step = step(at);
        for (seconds, is_taken) in [(-61, false), (-30, true), (0, true), (30, true), (90, false)] {
            assert_eq!(taken(&secret, "050 471", at + seconds * MICROS_PER_SECOND, 0).is_some(), is_taken, "{seconds}");
        }
        assert_eq!(taken(&secret, "050471", at, step), None, "it was taken before");
        assert_eq!(taken(&secret, "050472", at, 0), None);
        assert_eq!(taken(&secret, "", at, 0), None);
    }
}
