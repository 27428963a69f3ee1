//! 名册: of every lead, what lists are filtered, ordered and summed by, held in memory.
//!
//! A question over a million leads is one walk over an array, some milliseconds whatever is combined; an index per question, or a table of
//! sums per combination, would answer some and leave others slow. The store stays the only truth: each change of a lead stamps it with the
//! place in the trail it is made at (`leads.touched`), and before each question the roll takes in what was stamped since. Changes go one
//! after another, so a stamp that is seen is never followed by a smaller one; what another process wrote is taken in alike.
//!
//! True of it: an answer holds every change that was committed before the question (`check::reconcile` compares both; the random walks of
//! `tests/it/ledger.rs` end with it). About 100 bytes a lead.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use mingjian_model::day::day_of;
use mingjian_store::{Arg, Row, Store};
use serde::Deserialize;

use crate::error::{CaseError, Result};
use crate::person::Scope;
use crate::status::Status;

/// Rows taken in at once: the roll is closed to questions meanwhile.
const STRIDE: i64 = 5_000;
/// Scopes whose places are remembered.
const SCOPES_MAX: usize = 512;

const COLUMNS: &str = "id, touched, region, institution, rules, findings, result, subject, amount_fen, fund_fen, rank_fen, last_day, status, \
    holder, holder_name, held_at, told, due_day, gone, put_off_day";

/// What the columns of leads are set to so that the roll takes them in: the place in the trail this change will have.
pub(crate) const TOUCH: &str = "touched = (select t.seq + 1 from trail_head t where t.one = 1)";

/// A lead's number, in the order of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Id([u8; 16]);

impl Id {
    /// None for a text longer than numbers of leads are.
    pub(crate) fn of(text: &str) -> Option<Id> {
        let mut bytes = [0; 16];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Id(bytes))
    }

    /// The least that comes after every number that begins with this one.
    pub(crate) fn after(text: &str) -> Option<Id> {
        let mut bytes = [0xff; 16];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Id(bytes))
    }

    pub(crate) fn text(&self) -> String {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(self.0.len());
        String::from_utf8_lossy(&self.0[..end]).into_owned()
    }
}

/// One lead, as far as lists ask. Words (result, subject, holder, rules, place) are numbers in the roll's own lists.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Entry {
    pub rank_fen: i64,
    pub amount_fen: i64,
    pub fund_fen: i64,
    pub due_day: i32,
    pub last_day: i32,
    pub held_day: i32,
    pub put_off_day: i32,
    pub place: u32,
    pub holder: u32,
    pub findings: u32,
    rules_at: u32,
    rules: u16,
    pub result: u16,
    pub subject: u16,
    pub status: Status,
    pub told: bool,
    pub gone: bool,
}

/// Words by number, each with what is shown for it.
#[derive(Debug, Default)]
pub(crate) struct Words {
    codes: HashMap<String, u32>,
    words: Vec<(String, String)>,
}

impl Words {
    pub(crate) fn code(&self, word: &str) -> Option<u32> {
        self.codes.get(word).copied()
    }

    /// The word and its title; blank where there is none of the number.
    pub(crate) fn word(&self, code: u32) -> (&str, &str) {
        self.words.get(code as usize).map_or(("", ""), |(word, title)| (word, title))
    }

    pub(crate) fn len(&self) -> usize {
        self.words.len()
    }

    /// The newest title stays.
    fn take(&mut self, word: &str, title: &str) -> u32 {
        if let Some(code) = self.codes.get(word) {
            let known = &mut self.words[*code as usize].1;
            if known != title {
                title.clone_into(known);
            }
            return *code;
        }
        let code = self.words.len() as u32;
        self.codes.insert(word.to_owned(), code);
        self.words.push((word.to_owned(), title.to_owned()));
        code
    }
}

/// What is held.
#[derive(Debug, Default)]
pub(crate) struct Held {
    pub entries: Vec<Entry>,
    pub ids: Vec<Id>,
    at: HashMap<Id, u32>,
    /// Rules of all entries, each entry's side by side. What a run replaced stays until the next start.
    rules_of: Vec<u16>,
    /// Region and institution, and their numbers.
    places: Vec<(String, String)>,
    place_codes: HashMap<String, HashMap<String, u32>>,
    pub words: Words,
    pub holders: Words,
    pub rules: Words,
    /// Stamp and id of the newest taken in; none before the first reading.
    seen: Option<(i64, String)>,
}

#[derive(Deserialize)]
struct RuleOf<'a> {
    #[serde(borrow)]
    id: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    title: std::borrow::Cow<'a, str>,
}

impl Held {
    pub(crate) fn row(&self, id: &str) -> Option<u32> {
        self.at.get(&Id::of(id)?).copied()
    }

    pub(crate) fn rules_of(&self, entry: &Entry) -> &[u16] {
        let from = entry.rules_at as usize;
        self.rules_of.get(from..from + usize::from(entry.rules)).unwrap_or(&[])
    }

    /// Region and institution.
    pub(crate) fn place(&self, code: u32) -> (&str, &str) {
        self.places.get(code as usize).map_or(("", ""), |(region, institution)| (region, institution))
    }

    pub(crate) fn places(&self) -> usize {
        self.places.len()
    }

    /// For each place, whether its institution is asked for.
    pub(crate) fn places_of(&self, wanted: impl Fn(&str) -> bool) -> Vec<bool> {
        self.places.iter().map(|(_, institution)| wanted(institution)).collect()
    }

    fn take_all(&mut self, rows: &[Row]) -> Result<()> {
        rows.iter().try_for_each(|row| self.take(row))
    }

    fn take(&mut self, row: &Row) -> Result<()> {
        let text = row.text("id")?;
        let id = Id::of(&text).ok_or_else(|| CaseError::Broken(format!("leads.id: {text}")))?;
        let (region, institution, rules) = (row.text("region")?, row.text("institution")?, row.text("rules")?);
        let place = self.take_place(region, institution);
        let broken = |error| CaseError::Broken(format!("leads.rules: {error}"));
        let listed: Vec<RuleOf<'_>> = serde_json::from_str(&rules).map_err(broken)?;
        let codes: Vec<u16> = listed.iter().map(|rule| self.rules.take(&rule.id, &rule.title) as u16).collect();
        let known = self.at.get(&id).copied();
        let rules_at = match known.map(|row| self.entries[row as usize]) {
            Some(old) if self.rules_of(&old) == codes => old.rules_at,
            _ => {
                let at = self.rules_of.len() as u32;
                self.rules_of.extend_from_slice(&codes);
                at
            }
        };
        let day = |column| row.int(column).map(|day| i32::try_from(day).unwrap_or(i32::MAX));
        let status = row.text("status")?;
        let entry = Entry {
            findings: u32::try_from(row.int("findings")?).unwrap_or(0),
            result: self.words.take(&row.text("result")?, "") as u16,
            subject: self.words.take(&row.text("subject")?, "") as u16,
            amount_fen: row.int("amount_fen")?,
            fund_fen: row.int("fund_fen")?,
            rank_fen: row.int("rank_fen")?,
            last_day: day("last_day")?,
            status: Status::of(&status).ok_or_else(|| CaseError::Broken(format!("leads.status: {status}")))?,
            holder: self.holders.take(&row.text("holder")?, &row.text("holder_name")?),
            held_day: day_of(row.int("held_at")?),
            told: row.flag("told")?,
            due_day: day("due_day")?,
            put_off_day: day("put_off_day")?,
            gone: row.flag("gone")?,
            rules: codes.len() as u16,
            rules_at,
            place,
        };
        match known {
            Some(row) => self.entries[row as usize] = entry,
            None => {
                self.at.insert(id, self.entries.len() as u32);
                self.entries.push(entry);
                self.ids.push(id);
            }
        }
        Ok(())
    }

    fn take_place(&mut self, region: String, institution: String) -> u32 {
        if let Some(code) = self.place_codes.get(&region).and_then(|codes| codes.get(&institution)) {
            return *code;
        }
        let code = self.places.len() as u32;
        self.place_codes.entry(region.clone()).or_default().insert(institution.clone(), code);
        self.places.push((region, institution));
        code
    }
}

/// The places of a scope, and of how many it was asked.
type Remembered = HashMap<(String, Vec<String>), (usize, Arc<Vec<bool>>)>;

/// The roll of one office. A clone is the same roll.
#[derive(Clone, Default)]
pub struct Roll {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    held: RwLock<Held>,
    /// One fills at a time.
    filling: tokio::sync::Mutex<()>,
    scopes: Mutex<Remembered>,
}

impl Roll {
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Held> {
        self.inner.held.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Held> {
        self.inner.held.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what was changed since the last question; at the first, everything.
    pub(crate) async fn bring_up(&self, store: &Store) -> Result<()> {
        let seen = self.read().seen.clone();
        if let Some(seen) = seen
            && since(store, &seen, 1).await?.is_empty()
        {
            return Ok(());
        }
        let _one = self.inner.filling.lock().await;
        let seen = self.read().seen.clone();
        let mut seen = match seen {
            Some(seen) => seen,
            None => {
                let held = load(store).await?;
                let seen = held.seen.clone().unwrap_or_default();
                *self.write() = held;
                seen
            }
        };
        loop {
            let rows = since(store, &seen, STRIDE).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            seen = (last.int("touched")?, last.text("id")?);
            let mut held = self.write();
            held.take_all(&rows)?;
            held.seen = Some(seen.clone());
        }
    }

    /// For each place whether a scope lets it be seen, asked of the store and remembered; for a scope over regions and institutions.
    pub(crate) async fn places_in(&self, store: &Store, scope: &Scope) -> Result<Arc<Vec<bool>>> {
        let all = self.read().places();
        let key = (scope.sql.clone(), scope.args.iter().map(|arg| format!("{arg:?}")).collect::<Vec<_>>());
        let scopes = || self.inner.scopes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, places)) = scopes().get(&key)
            && *known == all
        {
            return Ok(places.clone());
        }
        let rows = store.rows(&format!("select region, institution from lead_places where {}", scope.sql), &scope.args).await?;
        let mut places = vec![false; all];
        {
            let held = self.read();
            for row in &rows {
                let (region, institution) = (row.text("region")?, row.text("institution")?);
                let code = held.place_codes.get(&region).and_then(|codes| codes.get(&institution));
                if let Some(seen) = code.and_then(|code| places.get_mut(*code as usize)) {
                    *seen = true;
                }
            }
        }
        let places = Arc::new(places);
        let mut scopes = scopes();
        if scopes.len() >= SCOPES_MAX {
            scopes.clear();
        }
        scopes.insert(key, (all, places.clone()));
        Ok(places)
    }
}

/// What was stamped after `seen`, in the order of the stamps.
async fn since(store: &Store, (touched, id): &(i64, String), most: i64) -> Result<Vec<Row>> {
    let sql = format!("select {COLUMNS} from leads where (touched, id) > ($1, $2) order by touched, id limit {most}");
    Ok(store.rows(&sql, &[(*touched).into(), id.into()]).await?)
}

/// Everything, in strides by id. What changes meanwhile has a greater stamp and is taken in after.
async fn load(store: &Store) -> Result<Held> {
    let head = store.one("select seq from trail_head where one = 1", &[]).await?;
    let head = head.map(|row| row.int("seq")).transpose()?.unwrap_or(0);
    let mut held = Held::default();
    let mut last: Arg = "".into();
    loop {
        let sql = format!("select {COLUMNS} from leads where id > $1 order by id limit {STRIDE}");
        let rows = store.rows(&sql, &[last]).await?;
        let Some(end) = rows.last() else { break };
        last = end.text("id")?.into();
        held.take_all(&rows)?;
    }
    // Ids of this stamp were all committed with it: nothing of it can come after.
    held.seen = Some((head, "\u{10ffff}".to_owned()));
    Ok(held)
}
