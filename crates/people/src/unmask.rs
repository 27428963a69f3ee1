//! 查看全名: personal data in clear, for a reason that stays on record.

use mingjian_store::{Change, Event};

use crate::people::People;
use crate::{Act, Object, PeopleError, Person, allows};

/// Characters a reason has at least; one can still write nonsense, but not by accident.
pub const REASON_CHARS: usize = 4;

/// What is shown in clear, and why.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// Kind and id of what it belongs to, `lead`.
    pub object_kind: &'static str,
    pub id: &'a str,
    /// Names of what is shown (`name`, `certno`), never the values.
    pub fields: &'a [&'a str],
    /// 事由.
    pub reason: &'a str,
}

impl People {
    /// Writes down that somebody is shown personal data in clear, if the person may. Only after it has returned may it be shown.
    ///
    /// Errors: a refusal, a reason that says nothing.
    pub async fn unmask(&self, person: &Person, object: &Object<'_>, look: &Look<'_>, origin: &str) -> Result<(), PeopleError> {
        allows(person, Act::LeadsUnmask, object)?;
        let mut change = self.store.begin(&person.actor(Act::LeadsUnmask, origin)).await?;
        note_unmask(&mut change, look)?;
        change.commit().await?;
        Ok(())
    }
}

/// The same record as a part of another change, such as an export in clear.
pub fn note_unmask(change: &mut Change, look: &Look<'_>) -> Result<(), PeopleError> {
    let reason = checked_reason(look.reason)?;
    let detail = serde_json::json!({"fields": look.fields});
    let (object_kind, object) = (look.object_kind, look.id.to_owned());
    change.note(Event { act: "person.unmask", object_kind, object, detail, reason: Some(reason) });
    Ok(())
}

/// A reason without blanks around it, long enough to say something.
pub fn checked_reason(reason: &str) -> Result<String, PeopleError> {
    let reason = reason.trim();
    let said = reason.chars().filter(|character| character.is_alphanumeric()).count();
    if said < REASON_CHARS { Err(PeopleError::Reason(REASON_CHARS)) } else { Ok(reason.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_says_something() {
        assert_eq!(checked_reason(" 核对身份证号 ").unwrap(), "核对身份证号");
        for empty in ["", "   ", "……——", "核对", "a b c"] {
            assert!(checked_reason(empty).is_err(), "{empty}");
        }
    }
}
