//! 查看留痕: who looked at which lead, and who was refused one. Written into the trail together, a moment later, so that a look costs the
//! page nothing.
//!
//! A look is held in memory for [`DELAY`] at most, then all that gathered go into the trail in one transaction. A crash loses the looks of
//! that moment and no others; a store that does not take them keeps them here, is told in the log and tried again; when [`HELD_MAX`] have
//! piled up, the next look waits for the store, and is not shown when it cannot be recorded. So none is lost in silence.
//!
//! The same person at the same thing again within [`FOLD`] is the same look: pages ask anew when a window comes to the front.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mingjian_model::day::{MICROS_PER_SECOND, Moment};
use mingjian_people::{Act, Person, role_for};
use mingjian_store::{Actor, Event, StoreError};
use serde_json::{Value, json};

use crate::problem::Answer;
use crate::{Platform, Shared};

/// How long a look waits for others.
const DELAY: Duration = Duration::from_millis(300);
/// How long a store that did not take them is left alone.
const AGAIN: Duration = Duration::from_secs(1);
/// Within this time a look at the same thing is the same look.
const FOLD: i64 = 60 * MICROS_PER_SECOND;
/// Looks held at most before one has to wait.
const HELD_MAX: usize = 5_000;
/// Things remembered for folding.
const REMEMBERED: usize = 20_000;
/// Looks written at once.
const TOGETHER: usize = 500;

/// 打开线索.
pub const LEAD: &str = "lead.look";
/// 查看证据.
pub const EVIDENCE: &str = "evidence.look";
/// 查看就诊时间线.
pub const TIMELINE: &str = "timeline.look";
/// 下载附件.
pub const ATTACHMENT: &str = "attachment.look";
/// 打印一页.
pub const PRINT: &str = "page.print";
/// 查看参保人画像.
pub const PERSON: &str = "person.look";
/// 查看医师画像.
pub const DOCTOR: &str = "doctor.look";
/// 查看关系图谱, of a lead or a person.
pub const RELATIONS: &str = "relations.look";
/// 查看团组清单.
pub const GROUPS: &str = "groups.look";
/// A thing that was not shown: not there, out of scope, or no right.
pub const REFUSED: &str = "look.refuse";
/// What answers 此件谁看过; unmasking and exports in clear are looks that stand in the trail anyway.
pub const LOOKS: &[&str] = &[LEAD, EVIDENCE, TIMELINE, ATTACHMENT, PRINT, PERSON, DOCTOR, RELATIONS, GROUPS, REFUSED, "person.unmask"];

#[derive(Default)]
struct Held {
    waiting: Vec<(Actor, Event)>,
    /// Somebody is on the way to write them.
    going: bool,
    seen: HashMap<(String, &'static str, String), Moment>,
}

/// Looks on their way into the trail.
#[derive(Default)]
pub struct Looks {
    held: Mutex<Held>,
    /// One writes at a time, so that looks stand in the order they were made.
    writing: tokio::sync::Mutex<()>,
}

impl Platform {
    /// Writes down what is still held, and waits for it: at the end, and before the trail is read.
    pub async fn flush_looks(&self) -> Result<(), StoreError> {
        let _turn = self.looks.writing.lock().await;
        loop {
            let some = {
                let mut held = self.looks.lock();
                let count = held.waiting.len().min(TOGETHER);
                held.waiting.drain(..count).collect::<Vec<_>>()
            };
            if some.is_empty() {
                return Ok(());
            }
            if let Err(error) = self.write_looks(&some).await {
                let mut held = self.looks.lock();
                held.waiting.splice(0..0, some);
                return Err(error);
            }
        }
    }

    async fn write_looks(&self, looks: &[(Actor, Event)]) -> Result<(), StoreError> {
        let Some((first, _)) = looks.first() else { return Ok(()) };
        let mut change = self.store.begin(first).await?;
        for (who, event) in looks {
            change.note_of(who.clone(), event.clone());
        }
        change.commit().await?;
        Ok(())
    }
}

impl Looks {
    fn lock(&self) -> std::sync::MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a look in; false: it is the same as one just made. Whether somebody must go and write, is the second.
    fn take(&self, who: Actor, event: Event) -> (usize, bool) {
        let mut held = self.lock();
        // What was looked into by way of it, as one finding of a lead, is a look of its own.
        let thing = format!("{} {} {}", event.object_kind, event.object, event.detail);
        let key = (who.account.clone(), event.act, thing);
        let at = who.at;
        if held.seen.len() >= REMEMBERED {
            held.seen.retain(|_, seen| at - *seen < FOLD);
            if held.seen.len() >= REMEMBERED {
                held.seen.clear();
            }
        }
        if held.seen.get(&key).is_some_and(|seen| (0..FOLD).contains(&(at - *seen))) {
            return (held.waiting.len(), false);
        }
        held.seen.insert(key, at);
        held.waiting.push((who, event));
        let goes = !std::mem::replace(&mut held.going, true);
        (held.waiting.len(), goes)
    }
}

/// Notes a look of somebody. Errors: too many are held and the store takes none; then it must not be shown.
pub async fn note(platform: &Shared, person: &Person, origin: &str, act: Act, event: Event) -> Answer<()> {
    let role = role_for(person, act).or(person.roles.first().copied());
    let who = Actor {
        account: person.account.clone(),
        role: role.map_or("", |role| role.id()).to_owned(),
        origin: origin.to_owned(),
        at: person.at,
    };
    let (held, goes) = platform.looks.take(who, event);
    if goes {
        tokio::spawn(write_soon(platform.clone()));
    }
    if held >= HELD_MAX {
        platform.flush_looks().await?;
    }
    Ok(())
}

/// Notes that something was not shown. The page is refused already: that it cannot be recorded at once changes nothing.
pub async fn note_refused(platform: &Shared, person: &Person, origin: &str, act: Act, path: &str, id: &str, status: u16) {
    let kind = kind_of(path);
    let plain =
        !id.is_empty() && id.len() <= 40 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    // What is no id may be anything, a name too: that it was tried is kept, not what.
    let object = if plain { id.to_owned() } else { "?".to_owned() };
    let detail: Value = json!({ "route": path, "status": status });
    let event = Event { act: REFUSED, object_kind: kind, object, detail, reason: None };
    if let Err(error) = note(platform, person, origin, act, event).await {
        (platform.log)(&format!("查看留痕暂未写入：{}", error.words()));
    }
}

/// What kind of thing the id in a path is of.
fn kind_of(path: &str) -> &'static str {
    const KINDS: [(&str, &str); 11] = [
        ("/leads", "lead"),
        ("/findings", "finding"),
        ("/attachments", "attachment"),
        ("/recoveries", "recovery"),
        ("/campaigns", "campaign"),
        ("/institutions", "institution"),
        ("/doctors", "doctor"),
        ("/persons", "person"),
        ("/exports", "export"),
        ("/users", "account"),
        ("/jobs", "job"),
    ];
    KINDS.iter().find(|(begin, _)| path.starts_with(begin)).map_or("page", |(_, kind)| kind)
}

async fn write_soon(platform: Arc<Platform>) {
    let mut delay = DELAY;
    loop {
        tokio::time::sleep(delay).await;
        match platform.flush_looks().await {
            Ok(()) => delay = DELAY,
            Err(error) => {
                (platform.log)(&format!("查看留痕暂未写入，稍后再试：{error}"));
                delay = AGAIN;
            }
        }
        let mut held = platform.looks.lock();
        if held.waiting.is_empty() {
            held.going = false;
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(looks: &Looks, account: &str, object: &str, at: Moment) -> usize {
        let who = Actor { account: account.into(), role: "auditor".into(), origin: "x".into(), at };
        let event = Event { act: LEAD, object_kind: "lead", object: object.into(), detail: json!({}), reason: None };
        looks.take(who, event).0
    }

    #[test]
    fn the_same_look_is_taken_once_a_minute() {
        let looks = Looks::default();
        assert_eq!(look(&looks, "a", "L1", 0), 1);
        assert_eq!(look(&looks, "a", "L1", FOLD - 1), 1);
        assert_eq!(look(&looks, "a", "L2", 1), 2);
        assert_eq!(look(&looks, "b", "L1", 1), 3);
        assert_eq!(look(&looks, "a", "L1", FOLD), 4);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let looks = Looks::default();
        for at in 0..REMEMBERED + 10 {
            look(&looks, "a", &at.to_string(), 0);
        }
        let held = looks.lock();
        assert!(held.seen.len() <= REMEMBERED && held.waiting.len() == REMEMBERED + 10);
    }

    #[test]
    fn a_path_names_its_kind() {
        assert_eq!((kind_of("/leads/{id}"), kind_of("/findings/{id}/evidence"), kind_of("/audit")), ("lead", "finding", "page"));
    }
}
