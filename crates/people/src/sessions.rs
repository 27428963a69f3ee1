//! 登录与会话.
//!
//! The token of a session is 256 random bits, handed out once and stored as its SM3 only. A new one is made at every sign-in, so a token that
//! was foisted on somebody before is worth nothing. Rights are read anew for every request: what is taken from an account holds at once.

use mingjian_model::day::{Moment, format_moment};
use mingjian_store::{Actor, Change, Event, Row, StoreError, audit};

use crate::password::{self, NewPassword, PasswordTask};
use crate::people::{ACCOUNT_COLUMNS, People, is_open};
use crate::secret::token;
use crate::settings::SIGHT;
use crate::{Act, PeopleError, Person, Way};

/// Why somebody could not sign in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Also for an account that is not there, is disabled or has run out: which it is, is not told.
    #[error("账号或密码不对")]
    Wrong,
    #[error("连续输错次数过多，账号锁定到 {}", format_moment(*.until))]
    Locked { until: Moment },
    /// The password is right; a code of the second factor must come with it.
    #[error("请输入动态口令")]
    CodeNeeded,
    /// The provider vouches for somebody who has no account here, or one that is disabled.
    #[error("单点登录的用户在本系统没有可用的账号，请联系安全管理员")]
    NoAccount,
    /// The account belongs to another identity of the provider, or the identity to another account.
    #[error("这个账号已绑定另一个单点登录身份，请联系安全管理员核实后解除绑定")]
    OtherIdentity,
    /// The account has a second factor here and the provider asked for none.
    #[error("单点登录没有用第二因素，这个账号请用口令和动态口令登录")]
    SecondFactor,
    #[error(transparent)]
    Other(#[from] PeopleError),
}

impl SignInError {
    /// A word for programs: `wrong`, `locked`, `code_needed`, `failed`; vouched for: `no_account`, `other_identity`, `second_factor`.
    pub fn code(&self) -> &'static str {
        match self {
            SignInError::Wrong => "wrong",
            SignInError::Locked { .. } => "locked",
            SignInError::CodeNeeded => "code_needed",
            SignInError::NoAccount => "no_account",
            SignInError::OtherIdentity => "other_identity",
            SignInError::SecondFactor => "second_factor",
            SignInError::Other(_) => "failed",
        }
    }
}

impl From<StoreError> for SignInError {
    fn from(source: StoreError) -> SignInError {
        SignInError::Other(source.into())
    }
}

/// A password to be checked: what was read for it.
pub struct Challenge {
    account: String,
    hash: String,
}

/// A password that was checked; whether it is right shows in [`People::sign_in`].
pub struct Checked {
    account: String,
    /// The hash it was held against.
    hash: String,
    right: bool,
}

impl Challenge {
    /// Slow, also for an account that is not there: to be run where it does not hold up others.
    pub fn check(self, password: &str) -> Checked {
        let right = password::verify(password, &self.hash);
        Checked { account: self.account, hash: self.hash, right }
    }
}

/// Somebody has signed in.
pub struct SignedIn {
    /// For a cookie that scripts cannot read.
    pub token: String,
    /// To come with every request that changes something.
    pub csrf: String,
    pub person: Person,
}

impl People {
    /// First step of signing in: reads what the password is held against. The account is taken without regard to capitals and blanks
    /// around it.
    pub async fn challenge(&self, account: &str) -> Result<Challenge, PeopleError> {
        let account = account.trim().to_lowercase();
        let row = self.store.one("select password from accounts where account = $1", &[(&account).into()]).await;
        let hash = match row {
            Ok(Some(row)) => row.text("password")?,
            // A text the store does not take is no account either.
            Ok(None) | Err(StoreError::Nul) => password::nobodys(&self.settings),
            Err(other) => return Err(other.into()),
        };
        Ok(Challenge { account, hash })
    }

    /// Last step: counts what was wrong, locks, or begins a session. Every outcome but [`SignInError::CodeNeeded`] is an event.
    pub async fn sign_in(&self, checked: Checked, code: Option<&str>, origin: &str, at: Moment) -> Result<SignedIn, SignInError> {
        let code = code.map(str::trim).filter(|code| !code.is_empty());
        // What was typed as an account that is not there may be a password typed into the wrong field: it is not written down.
        let known = !checked.account.contains('\0')
            && self.store.one("select account from accounts where account = $1", &[(&checked.account).into()]).await?.is_some();
        let account = if known { checked.account.as_str() } else { "?" };
        let who = Actor { account: account.to_owned(), role: String::new(), origin: origin.to_owned(), at };
        let mut change = self.store.begin(&who).await?;
        if !known {
            let told = self.told_stranger(&checked.account, at);
            return Err(refuse(change, account, "unknown", told).await);
        }
        let row = self.row(&mut change, account).await?;
        if let Some(until) = row.maybe_int("locked_until")?.filter(|until| *until > at) {
            return Err(refuse(change, account, "locked", SignInError::Locked { until }).await);
        }
        if !is_open(&row, at)? {
            let told = self.told_stranger(account, at);
            return Err(refuse(change, account, "disabled", told).await);
        }
        if !checked.right || checked.hash != row.text("password")? {
            return Err(self.count_failure(change, &row, "password", at).await);
        }
        let second = match (row.maybe_int("totp_at")?, code) {
            (None, _) => "none",
            (Some(_), None) => return Err(SignInError::CodeNeeded),
            (Some(_), Some(code)) => match self.second_factor(&mut change, &row, code, at).await? {
                Some(second) => second,
                None => return Err(self.count_failure(change, &row, "code", at).await),
            },
        };
        change.run("update accounts set failures = 0, locked_until = null where account = $1", &[account.into()]).await?;
        let ended = self.make_room(&mut change, account, at).await?;
        let token = token()?;
        let args = [session_id(&token).into(), account.into(), at.into(), origin.into()];
        change.run("insert into sessions (id, account, begun_at, origin) values ($1, $2, $3, $4)", &args).await?;
        change.note(event("session.begin", account, serde_json::json!({"second_factor": second, "ended": ended})));
        change.commit().await?;
        let person = self.person_of(&row, at).await?;
        Ok(SignedIn { csrf: self.csrf(&token), token, person })
    }

    /// Whose session a token is; `None`: nobody's, or it has ended, or its account has.
    ///
    /// Cost: three small reads; a write at most once a minute and session.
    pub async fn session(&self, token: &str, at: Moment) -> Result<Option<Person>, PeopleError> {
        let id = session_id(token);
        let sql = format!(
            "select {ACCOUNT_COLUMNS}, s.begun_at, s.way, v.at as seen from sessions s join accounts a on a.account = s.account \
             left join volatile_seen v on v.session = s.id where s.id = $1 and s.ended_at is null"
        );
        let Some(row) = self.store.one(&sql, &[(&id).into()]).await? else { return Ok(None) };
        let begun = row.int("begun_at")?;
        let seen = row.maybe_int("seen")?.unwrap_or(begun).max(begun);
        if at - begun > self.settings.longest() || at - seen > self.settings.idle() || !is_open(&row, at)? {
            return Ok(None);
        }
        if at - seen >= SIGHT {
            let sql = "insert into volatile_seen (session, at) values ($1, $2) on conflict (session) do update set at = excluded.at";
            // When the store is busy the sight is written down with the next request; nobody is turned away for it.
            match self.store.jot(sql, &[(&id).into(), at.into()]).await {
                Ok(_) | Err(StoreError::Busy) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Ok(Some(self.person_by(&row, at, Way::from_id(&row.text("way")?)).await?))
    }

    /// The CSRF token of a session; a page of another site cannot know it.
    pub fn csrf(&self, token: &str) -> String {
        self.sealer.index(&format!("csrf\n{token}"))
    }

    /// Ends the session of a token.
    pub async fn sign_out(&self, token: &str, origin: &str, at: Moment) -> Result<(), PeopleError> {
        let id = session_id(token);
        let sql = "select account from sessions where id = $1 and ended_at is null";
        let Some(row) = self.store.one(sql, &[(&id).into()]).await? else { return Ok(()) };
        let account = row.text("account")?;
        let who = Actor { account: account.clone(), role: String::new(), origin: origin.to_owned(), at };
        let mut change = self.store.begin(&who).await?;
        change.run("update sessions set ended_at = $2 where id = $1 and ended_at is null", &[id.into(), at.into()]).await?;
        change.note(event("session.end", &account, serde_json::json!({"by": "person"})));
        change.commit().await?;
        Ok(())
    }

    /// Reads what a change of the own password needs; [`PasswordTask::run`] is the slow part, [`People::set_password`] the last.
    pub async fn password_task(&self, person: &Person) -> Result<PasswordTask, PeopleError> {
        let args = [(&person.account).into()];
        let present = self.store.one("select password from accounts where account = $1", &args).await?;
        let mut hashes = vec![present.ok_or_else(|| PeopleError::Unknown(person.account.clone()))?.text("password")?];
        let sql = "select password from past_passwords where account = $1 order by ended_at desc";
        let past = self.store.rows(sql, &args).await?;
        for row in past.iter().take(self.settings.password_history.saturating_sub(1)) {
            hashes.push(row.text("password")?);
        }
        Ok(PasswordTask { account: person.account.clone(), hashes, settings: self.settings.as_ref().clone() })
    }

    /// Sets the own password and ends all sessions of the account but the one with this token.
    pub async fn set_password(&self, new: NewPassword, token: &str, person: &Person, origin: &str) -> Result<(), PeopleError> {
        if new.account != person.account {
            return Err(PeopleError::Unknown(new.account));
        }
        let (account, at) = (person.account.as_str(), person.at);
        let mut change = self.store.begin(&person.actor(Act::SelfService, origin)).await?;
        not_locked(&self.row(&mut change, account).await?, at)?;
        let args = [account.into(), new.hashed.phc.into(), at.into(), (&new.replaces).into()];
        let sql = "update accounts set password = $2, password_at = $3, password_given = 0, failures = 0, version = version + 1 \
                   where account = $1 and password = $4";
        if change.run(sql, &args).await? == 0 {
            // It was changed while this one was being hashed.
            return Err(PeopleError::WrongPassword);
        }
        keep_past(&mut change, account, &new.replaces, at).await?;
        let ended = end_sessions(&mut change, account, Some(&session_id(token)), at).await?;
        change.note(event("account.password", account, serde_json::json!({"ended": ended})));
        change.commit().await?;
        Ok(())
    }

    /// What somebody is told who tries a name that is no account, or a closed one: the same as with one that is open.
    fn told_stranger(&self, account: &str, at: Moment) -> SignInError {
        let mark = self.sealer.index(&format!("stranger\n{account}"));
        let until = self.strangers.count(mark, self.settings.failures_max, self.settings.lock(), at);
        until.map_or(SignInError::Wrong, |until| SignInError::Locked { until })
    }

    /// Counts a wrong try at a secret of one's own account by somebody who is signed in: a session that was stolen or left open must not be
    /// the place where the password or the second factor is guessed. As many in a row as at the door lock the account and end its sessions.
    pub async fn own_failure(&self, person: &Person, why: &'static str, origin: &str) -> Result<(), PeopleError> {
        let mut change = self.store.begin(&person.actor(Act::SelfService, origin)).await?;
        let row = self.row(&mut change, &person.account).await?;
        // Those that were let in together with the one too many take nothing of the lock away.
        not_locked(&row, person.at)?;
        self.count_own_failure(change, &row, why, person.at).await
    }

    pub(crate) async fn count_own_failure(&self, mut change: Change, row: &Row, why: &'static str, at: Moment) -> Result<(), PeopleError> {
        let account = row.text("account")?;
        let until = self.failed(&mut change, row, at).await?;
        let ended = if until.is_some() { end_sessions(&mut change, &account, None, at).await? } else { 0 };
        let why = if until.is_some() { "locking" } else { why };
        change.note(event("account.refuse", &account, serde_json::json!({"why": why, "ended": ended})));
        change.commit().await?;
        Ok(())
    }

    /// One wrong try more; gives until when the account is locked, where this was one too many.
    async fn failed(&self, change: &mut Change, row: &Row, at: Moment) -> Result<Option<Moment>, PeopleError> {
        let failures = row.int("failures")? + 1;
        let until = (failures >= self.settings.failures_max).then(|| at + self.settings.lock());
        let failures = if until.is_some() { 0 } else { failures };
        let args = [row.text("account")?.into(), failures.into(), until.into()];
        change.run("update accounts set failures = $2, locked_until = $3 where account = $1", &args).await?;
        Ok(until)
    }

    async fn count_failure(&self, mut change: Change, row: &Row, why: &'static str, at: Moment) -> SignInError {
        let counted = async {
            let account = row.text("account")?;
            let until = self.failed(&mut change, row, at).await?;
            let told = until.map_or(SignInError::Wrong, |until| SignInError::Locked { until });
            let why = if until.is_some() { "locking" } else { why };
            Ok::<_, PeopleError>(refuse(change, &account, why, told).await)
        };
        counted.await.unwrap_or_else(SignInError::Other)
    }

    /// Ends the oldest sessions so that one more fits; gives how many.
    pub(crate) async fn make_room(&self, change: &mut Change, account: &str, at: Moment) -> Result<u64, PeopleError> {
        let sql = "select id from sessions where account = $1 and ended_at is null and begun_at > $2 order by begun_at desc, id";
        let open = change.rows(sql, &[account.into(), (at - self.settings.longest()).into()]).await?;
        let keep = usize::try_from(self.settings.sessions_max.max(1) - 1).unwrap_or(0);
        let mut ended = 0;
        for row in open.iter().skip(keep) {
            ended += change.run("update sessions set ended_at = $2 where id = $1", &[row.text("id")?.into(), at.into()]).await?;
        }
        // What is long over is not kept: the trail has it.
        let old = [account.into(), (at - self.settings.longest()).into()];
        let seen = "delete from volatile_seen where session in (select id from sessions where account = $1 and begun_at <= $2)";
        change.run(seen, &old).await?;
        change.run("delete from sessions where account = $1 and begun_at <= $2", &old).await?;
        Ok(ended)
    }
}

/// Writes down that somebody was refused, and tells it.
pub(crate) async fn refuse(mut change: Change, account: &str, why: &str, told: SignInError) -> SignInError {
    change.note(event("session.refuse", account, serde_json::json!({"why": why})));
    match change.commit().await {
        Ok(_) => told,
        Err(source) => source.into(),
    }
}

/// Ends the sessions of an account, all but `but`; gives how many.
pub(crate) async fn end_sessions(change: &mut Change, account: &str, but: Option<&str>, at: Moment) -> Result<u64, PeopleError> {
    let args = [account.into(), at.into(), but.unwrap_or("").into()];
    Ok(change.run("update sessions set ended_at = $2 where account = $1 and ended_at is null and id <> $3", &args).await?)
}

/// Requests that were let in before the account was locked must not go on guessing.
pub(crate) fn not_locked(row: &Row, at: Moment) -> Result<(), PeopleError> {
    match row.maybe_int("locked_until")?.filter(|until| *until > at) {
        Some(until) => Err(PeopleError::Locked(until)),
        None => Ok(()),
    }
}

pub(crate) async fn keep_past(change: &mut Change, account: &str, hash: &str, at: Moment) -> Result<(), PeopleError> {
    let args = [account.into(), hash.into(), at.into()];
    change.run("insert into past_passwords (account, password, ended_at) values ($1, $2, $3)", &args).await?;
    Ok(())
}

pub(crate) fn session_id(token: &str) -> String {
    audit::sm3_hex(token.as_bytes())
}

fn event(act: &'static str, account: &str, detail: serde_json::Value) -> Event {
    Event { act, object_kind: "account", object: account.to_owned(), detail, reason: None }
}
