//! How an event is bound to the one before it.
//!
//! The hash is SM3 over: the mark `mingjian-event-1`, then each column in the order of [`Link`]'s fields (seq to previous). A number is the
//! byte `i` and its 8 bytes, highest first; a text is the byte `t`, its length in bytes as 8 bytes, and its UTF-8; a null is the byte `n`.
//! So no two different rows have one encoding, and whoever has the table can compute the chain anew with any SM3.

use mingjian_model::day::Moment;
use sm3::{Digest as _, Sm3};

use crate::audit::hex;
use crate::change::{Actor, Event, Transaction};
use crate::{Arg, Result, Row, StoreError};

/// The hash before the first event.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

pub(crate) const COLUMNS: &str = "seq, at, account, role, origin, act, object_kind, object, detail, reason, previous, hash";
/// Columns of an event, and events one statement writes.
pub(crate) const WIDTH: usize = 12;
pub(crate) const AT_ONCE: usize = 100;

/// Writes so many events.
pub(crate) fn insert(events: usize) -> String {
    let row = |event: usize| format!("({})", (1..=WIDTH).map(|n| format!("${}", event * WIDTH + n)).collect::<Vec<_>>().join(", "));
    format!("insert into events ({COLUMNS}) values {}", (0..events).map(row).collect::<Vec<_>>().join(", "))
}

/// Where the chain ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) seq: i64,
    pub(crate) hash: String,
}

pub(crate) async fn end(transaction: &mut Transaction) -> Result<End> {
    let row = transaction.rows("select seq, hash from trail_head where one = 1", &[]).await?.into_iter().next();
    let row = row.ok_or(StoreError::TrailEnd)?;
    Ok(End { seq: row.int("seq")?, hash: row.text("hash")? })
}

pub(crate) async fn move_end(transaction: &mut Transaction, end: &End) -> Result<()> {
    let moved = transaction.run("update trail_head set seq = $1, hash = $2 where one = 1", &[end.seq.into(), (&end.hash).into()]).await?;
    if moved == 1 { Ok(()) } else { Err(StoreError::TrailEnd) }
}

/// An event as a row of the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) seq: i64,
    pub(crate) at: Moment,
    pub(crate) account: String,
    pub(crate) role: String,
    pub(crate) origin: String,
    pub(crate) act: String,
    pub(crate) object_kind: String,
    pub(crate) object: String,
    /// JSON, hashed as the text that is stored.
    pub(crate) detail: String,
    pub(crate) reason: Option<String>,
    pub(crate) previous: String,
    pub(crate) hash: String,
}

impl Link {
    pub(crate) fn after(end: &End, who: &Actor, event: &Event) -> Link {
        let mut link = Link {
            seq: end.seq + 1,
            at: who.at,
            account: who.account.clone(),
            role: who.role.clone(),
            origin: who.origin.clone(),
            act: event.act.to_owned(),
            object_kind: event.object_kind.to_owned(),
            object: event.object.clone(),
            detail: event.detail.to_string(),
            reason: event.reason.as_deref().map(masked),
            previous: end.hash.clone(),
            hash: String::new(),
        };
        link.hash = link.computed();
        link
    }

    pub(crate) fn read(row: &Row) -> Result<Link> {
        Ok(Link {
            seq: row.int("seq")?,
            at: row.int("at")?,
            account: row.text("account")?,
            role: row.text("role")?,
            origin: row.text("origin")?,
            act: row.text("act")?,
            object_kind: row.text("object_kind")?,
            object: row.text("object")?,
            detail: row.text("detail")?,
            reason: row.maybe_text("reason")?,
            previous: row.text("previous")?,
            hash: row.text("hash")?,
        })
    }

    pub(crate) fn args(&self) -> [Arg; 12] {
        [
            self.seq.into(),
            self.at.into(),
            (&self.account).into(),
            (&self.role).into(),
            (&self.origin).into(),
            (&self.act).into(),
            (&self.object_kind).into(),
            (&self.object).into(),
            (&self.detail).into(),
            self.reason.as_ref().into(),
            (&self.previous).into(),
            (&self.hash).into(),
        ]
    }

    /// The hash that these columns have.
    pub(crate) fn computed(&self) -> String {
        let mut hasher = Sm3::new();
        hasher.update(b"mingjian-event-1");
        // All but the last, which is the hash itself.
        let args = self.args();
        for arg in &args[..args.len() - 1] {
            match arg {
                Arg::Null => hasher.update(b"n"),
                Arg::Int(value) => {
                    hasher.update(b"i");
                    hasher.update(value.to_be_bytes());
                }
                Arg::Text(text) => {
                    hasher.update(b"t");
                    hasher.update((text.len() as u64).to_be_bytes());
                    hasher.update(text.as_bytes());
                }
            }
        }
        hex(&hasher.finalize())
    }
}

/// What people type as a reason holds numbers of certificates (15 or 18 places) and phones (11) now and then; the trail must not.
fn masked(reason: &str) -> String {
    let mut out = String::with_capacity(reason.len());
    let mut run = String::new();
    for character in reason.chars().map(Some).chain([None]) {
        match character {
            Some(digit) if digit.is_ascii_digit() => run.push(digit),
            // The check character of a certificate.
            Some(last @ ('X' | 'x')) if run.len() == 17 => run.push(last),
            other => {
                let keep = if matches!(run.len(), 11 | 15 | 18) { 3 } else { run.len() };
                out.push_str(&run[..keep]);
                out.extend(std::iter::repeat_n('*', run.len() - keep));
                run.clear();
                out.extend(other);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_persons_do_not_get_into_a_reason() {
        let check = |typed: &str| masked(typed);
        assert_eq!(check("核对33090219900101123X本人，电话13800001111。"), "核对330***************本人，电话138********。");
        assert_eq!(check("330902199001011"), "330************");
        assert_eq!(check("330902199001011234"), "330***************");
        for kept in ["", "核对住院登记", "XS2026-000123", "2026-01-05 第12条，18420.00元", "3309021990010112345", "17位11010519491231002"]
        {
            assert_eq!(check(kept), kept);
        }
    }

    fn link() -> Link {
        let who = Actor { account: "a".into(), role: "auditor".into(), origin: "cli".into(), at: 1_735_689_600_000_000 };
        let detail = serde_json::json!({"to": "sent"});
        let event = Event { act: "lead.send", object_kind: "lead", object: "L1".into(), detail, reason: None };
        Link::after(&End { seq: 0, hash: GENESIS.into() }, &who, &event)
    }

    /// A chain that was written must be read by every later version: this value never changes.
    #[test]
    fn the_encoding_is_frozen() {
        assert_eq!(link().hash, "0671106bf28c64e0502cc7d1a15e44915618716ff4ee0b13818fa461d6b435ef");
    }

    #[test]
    fn every_column_counts() {
        let honest = link();
        let forged: [fn(&mut Link); 11] = [
            |link| link.seq += 1,
            |link| link.at += 1,
            |link| link.account.push('x'),
            |link| link.role.push('x'),
            |link| link.origin.push('x'),
            |link| link.act.push('x'),
            |link| link.object_kind.push('x'),
            |link| link.object.push('x'),
            |link| link.detail.push(' '),
            |link| link.reason = Some(String::new()),
            |link| link.previous.replace_range(..1, "1"),
        ];
        for forge in forged {
            let mut link = honest.clone();
            forge(&mut link);
            assert_ne!(link.computed(), honest.hash, "{link:?}");
        }
    }

    #[test]
    fn text_cannot_slide_from_one_column_into_the_next() {
        let mut one = link();
        let mut other = link();
        (one.act, one.object_kind) = ("ab".into(), "c".into());
        (other.act, other.object_kind) = ("a".into(), "bc".into());
        assert_ne!(one.computed(), other.computed());
    }
}
