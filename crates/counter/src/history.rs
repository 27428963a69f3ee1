//! 历史: what was settled of each person, in one file, read in microseconds.
//!
//! redb: a copy-on-write B-tree in one file, of pure Rust; a reader sees one moment and is never waited for, a commit is whole or not
//! there. Key is person and visit, so that a settlement is an insert beside what is there. Values are [`segment`]s: a visit with its
//! settlements, diagnoses, operations and lines in about thirty bytes a line, codes as numbers of a dictionary in the same file.
//!
//! True of it: what [`History::put`] has returned from survives a kill at any moment (`tests/it/crash.rs`); rows come back as they went
//! in (`tests/it/history.rs`). Whoever changes the form of a segment gives it a new number and keeps reading the old.

mod bytes;
mod dictionary;
mod kept;
mod ledger;
mod marks;
mod segment;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, RwLock};

use mingjian_model::day::Moment;
use mingjian_screening::person::{PersonRows, ToldBy};
use redb::{Database, ReadableDatabase, ReadableTable, ReadableTableMetadata, Table, TableDefinition};

use dictionary::Dictionary;
pub use kept::ShadowAnswer;
use kept::{SHADOW_COUNTS, SHADOWED, SPENT, TOLD, TOLD_DAY, TOLD_ONE_BY_ONE, WAITING};
pub use ledger::Feedback;
use marks::MARKS;
pub use marks::Mark;
use segment::PersonFacts;

const VISITS: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("visits");
const PERSONS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("persons");
const CODES: TableDefinition<'_, u32, &str> = TableDefinition::new("codes");
const ABOUT: TableDefinition<'_, &str, i64> = TableDefinition::new("about");

/// Something went wrong with the file.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    #[error("历史库 {path} 打不开；若已损坏，用 mingjian history rebuild 从数据湖重建")]
    Open { path: PathBuf, source: Box<redb::Error> },
    #[error("历史库读不成")]
    Read(#[source] Box<redb::Error>),
    #[error("历史库写不成；已确认的结算没有丢失")]
    Write(#[source] Box<redb::Error>),
    #[error("历史库里参保人 {psn_no} 的记录读不懂；用 mingjian history rebuild 从数据湖重建")]
    Corrupt { psn_no: String },
}

impl HistoryError {
    /// Another process holds the file.
    pub fn is_in_use(&self) -> bool {
        matches!(self, HistoryError::Open { source, .. } if matches!(**source, redb::Error::DatabaseAlreadyOpen))
    }
}

fn read_failed(error: impl Into<redb::Error>) -> HistoryError {
    HistoryError::Read(Box::new(error.into()))
}

fn write_failed(error: impl Into<redb::Error>) -> HistoryError {
    HistoryError::Write(Box::new(error.into()))
}

/// What the file holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HistorySize {
    pub persons: u64,
    pub visits: u64,
    pub codes: u64,
    /// The newest settlement, or visit, there is.
    pub newest: Option<Moment>,
    /// The version of the lake it was loaded from.
    pub lake_version: Option<u64>,
}

/// The store. Shared by all threads.
pub struct History {
    path: PathBuf,
    database: Database,
    dictionary: RwLock<Dictionary>,
    /// Held while writing: how many codes of the dictionary are in the file.
    writer: Mutex<u32>,
}

/// How rows meet what is stored of the same visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meeting {
    /// A record that is whole: settlements and lines of the same id are replaced, others stay; diagnoses and operations are the record's.
    Merge,
    /// Rows the lake gained: as a record, but diagnoses and operations join those that are there, and a visit its own row does not tell of
    /// adds what is not known.
    Gain,
    /// The person is new: nothing is looked up.
    Fresh,
}

impl History {
    /// Opens the file, or makes it. After a kill it is repaired in no time: each commit carries what that needs.
    pub fn open(path: &Path) -> Result<History, HistoryError> {
        let open = |error: redb::Error| HistoryError::Open { path: path.to_path_buf(), source: Box::new(error) };
        let database = Database::builder().set_cache_size(256 << 20).create(path).map_err(|error| open(error.into()))?;
        let history = History { path: path.to_path_buf(), database, dictionary: RwLock::default(), writer: Mutex::new(0) };
        history.prepare().map_err(|error| match error {
            HistoryError::Write(source) | HistoryError::Read(source) => HistoryError::Open { path: path.to_path_buf(), source },
            other => other,
        })?;
        Ok(history)
    }

    fn prepare(&self) -> Result<(), HistoryError> {
        let transaction = self.database.begin_write().map_err(write_failed)?;
        {
            transaction.open_table(VISITS).map_err(write_failed)?;
            transaction.open_table(PERSONS).map_err(write_failed)?;
            transaction.open_table(ABOUT).map_err(write_failed)?;
            transaction.open_table(MARKS).map_err(write_failed)?;
            let codes = transaction.open_table(CODES).map_err(write_failed)?;
            let mut dictionary = self.dictionary.write().unwrap_or_else(PoisonError::into_inner);
            for entry in codes.iter().map_err(read_failed)? {
                dictionary.push(entry.map_err(read_failed)?.1.value());
            }
            *self.writer.lock().unwrap_or_else(PoisonError::into_inner) = dictionary.len();
        }
        transaction.commit().map_err(write_failed)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Stores persons in one transaction; when this returns, a kill loses nothing of it.
    pub fn put<'r>(&self, persons: impl IntoIterator<Item = &'r PersonRows<'r>>, meeting: Meeting) -> Result<(), HistoryError> {
        self.bulk(|bulk| persons.into_iter().try_for_each(|person| bulk.put(person, meeting)))?
    }

    /// Runs `work` in one transaction, which is kept as a whole when it succeeds and not at all when it does not.
    pub fn bulk<T, E>(&self, work: impl FnOnce(&mut Bulk<'_, '_>) -> Result<T, E>) -> Result<Result<T, E>, HistoryError> {
        let mut saved = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut transaction = self.database.begin_write().map_err(write_failed)?;
        transaction.set_quick_repair(true);
        let (done, length);
        {
            let visits = transaction.open_table(VISITS).map_err(write_failed)?;
            let facts = transaction.open_table(PERSONS).map_err(write_failed)?;
            let mut about = transaction.open_table(ABOUT).map_err(write_failed)?;
            let newest = about.get("newest").map_err(read_failed)?.map_or(i64::MIN, |held| held.value());
            let mut bulk = Bulk { history: self, visits, facts, newest };
            done = work(&mut bulk);
            about.insert("newest", bulk.newest).map_err(write_failed)?;
            // The dictionary grows in memory first, so that no reader meets a number it does not know; what is not in the file yet goes
            // there with whatever uses it, also after a commit that failed.
            let dictionary = self.dictionary.read().unwrap_or_else(PoisonError::into_inner);
            length = dictionary.len();
            let mut codes = transaction.open_table(CODES).map_err(write_failed)?;
            for number in *saved..length {
                codes.insert(number, dictionary.text(number).unwrap_or_default()).map_err(write_failed)?;
            }
        }
        if done.is_err() {
            transaction.abort().map_err(write_failed)?;
            return Ok(done);
        }
        transaction.commit().map_err(write_failed)?;
        *saved = length;
        Ok(done)
    }

    fn encode(&self, person: &PersonRows<'_>, visit: usize, stored: Option<&[u8]>, meeting: Meeting) -> Result<Vec<u8>, HistoryError> {
        let mut number = |text: &str| {
            let known = self.dictionary.read().unwrap_or_else(PoisonError::into_inner).find(text);
            known.unwrap_or_else(|| self.dictionary.write().unwrap_or_else(PoisonError::into_inner).intern(text))
        };
        let alone = segment::encode(person, visit, &mut number);
        let Some(stored) = stored else { return Ok(segment::pack(alone)) };
        // All codes of the newer rows have their numbers now, those of the stored ones had them.
        let corrupt = || HistoryError::Corrupt { psn_no: person.psn_no.to_owned() };
        let dictionary = self.dictionary.read().unwrap_or_else(PoisonError::into_inner);
        let stored = &*segment::unpack(stored).ok_or_else(corrupt)?;
        let ids = segment::Ids::decode([stored]).ok_or_else(corrupt)?;
        let mut held = PersonRows { psn_no: person.psn_no, ..PersonRows::default() };
        segment::decode(stored, person.visits[visit].id, &ids, 0, &dictionary, &mut held).ok_or_else(corrupt)?;
        segment::merge(&mut held, person, visit, meeting == Meeting::Gain);
        Ok(segment::pack(segment::encode(&held, 0, &mut |text| dictionary.find(text).unwrap_or_default())))
    }

    /// Gives a person's rows to `work`; rows of nobody where the person is unknown.
    pub fn with_person<T>(&self, psn_no: &str, work: impl FnOnce(PersonRows<'_>) -> T) -> Result<T, HistoryError> {
        let transaction = self.database.begin_read().map_err(read_failed)?;
        let visits = transaction.open_table(VISITS).map_err(read_failed)?;
        let facts = transaction.open_table(PERSONS).map_err(read_failed)?;
        let Some(known) = facts.get(psn_no).map_err(read_failed)? else { return Ok(work(PersonRows::default())) };
        let corrupt = || HistoryError::Corrupt { psn_no: psn_no.to_owned() };
        let known = PersonFacts::decode(known.value()).ok_or_else(corrupt)?;
        let mut segments = Vec::new();
        for entry in visits.range((psn_no, "")..).map_err(read_failed)? {
            let (key, value) = entry.map_err(read_failed)?;
            if key.value().0 != psn_no {
                break;
            }
            segments.push((key, value));
        }
        let unpacked = segments.iter().map(|(_, value)| segment::unpack(value.value())).collect::<Option<Vec<_>>>().ok_or_else(corrupt)?;
        let dictionary = self.dictionary.read().unwrap_or_else(PoisonError::into_inner);
        let ids = segment::Ids::decode(unpacked.iter().map(|bytes| &**bytes)).ok_or_else(corrupt)?;
        let mut rows = known.rows(psn_no);
        rows.lines.reserve(segment::lines_in(unpacked.iter().map(|bytes| bytes.len()).sum()));
        for (at, ((key, _), bytes)) in segments.iter().zip(&unpacked).enumerate() {
            segment::decode(bytes, key.value().1, &ids, at, &dictionary, &mut rows).ok_or_else(corrupt)?;
        }
        Ok(work(rows))
    }

    /// Everybody there is, by psn_no.
    pub fn persons(&self) -> Result<Vec<String>, HistoryError> {
        let transaction = self.database.begin_read().map_err(read_failed)?;
        let facts = transaction.open_table(PERSONS).map_err(read_failed)?;
        let all = facts.iter().map_err(read_failed)?.map(|entry| Ok(entry.map_err(read_failed)?.0.value().to_owned()));
        all.collect()
    }

    /// Bytes of the visits as they are stored, and bytes their pages have free.
    pub fn fill(&self) -> Result<(u64, u64), HistoryError> {
        let transaction = self.database.begin_read().map_err(read_failed)?;
        let stats = transaction.open_table(VISITS).map_err(read_failed)?.stats().map_err(read_failed)?;
        Ok((stats.stored_bytes(), stats.fragmented_bytes()))
    }

    /// Says which version of the lake was loaded.
    pub fn loaded(&self, lake_version: u64) -> Result<(), HistoryError> {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut transaction = self.database.begin_write().map_err(write_failed)?;
        transaction.set_quick_repair(true);
        {
            let mut about = transaction.open_table(ABOUT).map_err(write_failed)?;
            about.insert("lake_version", lake_version as i64).map_err(write_failed)?;
        }
        transaction.commit().map_err(write_failed)
    }

    pub fn size(&self) -> Result<HistorySize, HistoryError> {
        let transaction = self.database.begin_read().map_err(read_failed)?;
        let length = |count: Result<u64, redb::StorageError>| count.map_err(read_failed);
        let about = transaction.open_table(ABOUT).map_err(read_failed)?;
        let told = |name: &str| Ok::<_, HistoryError>(about.get(name).map_err(read_failed)?.map(|held| held.value()));
        Ok(HistorySize {
            persons: length(transaction.open_table(PERSONS).map_err(read_failed)?.len())?,
            visits: length(transaction.open_table(VISITS).map_err(read_failed)?.len())?,
            codes: length(transaction.open_table(CODES).map_err(read_failed)?.len())?,
            newest: told("newest")?.filter(|&newest| newest != i64::MIN),
            lake_version: told("lake_version")?.map(|version| version as u64),
        })
    }

    /// Gives back the room that loading took; nobody else may use the store meanwhile.
    pub fn compact(&mut self) -> Result<(), HistoryError> {
        self.database.compact().map(drop).map_err(write_failed)
    }
}

/// A transaction that stores persons.
pub struct Bulk<'h, 't> {
    history: &'h History,
    visits: Table<'t, (&'static str, &'static str), &'static [u8]>,
    facts: Table<'t, &'static str, &'static [u8]>,
    newest: Moment,
}

impl Bulk<'_, '_> {
    pub fn put(&mut self, person: &PersonRows<'_>, meeting: Meeting) -> Result<(), HistoryError> {
        let Bulk { history, visits, facts, newest } = self;
        let held = match meeting {
            Meeting::Merge | Meeting::Gain => {
                facts.get(person.psn_no).map_err(read_failed)?.and_then(|held| PersonFacts::decode(held.value()))
            }
            Meeting::Fresh => None,
        };
        let known = held.unwrap_or_default().completed(person);
        facts.insert(person.psn_no, known.encode().as_slice()).map_err(write_failed)?;
        for at in 0..person.visits.len() {
            let key = (person.psn_no, person.visits[at].id);
            let stored = match meeting {
                Meeting::Merge | Meeting::Gain => visits.get(key).map_err(read_failed)?.map(|held| held.value().to_vec()),
                Meeting::Fresh => None,
            };
            if stored.is_none() && person.visits[at].told_by == ToldBy::Clinical {
                continue;
            }
            let bytes = history.encode(person, at, stored.as_deref(), meeting)?;
            visits.insert(key, bytes.as_slice()).map_err(write_failed)?;
            *newest = newest_of(person, at).max(*newest);
        }
        Ok(())
    }
}

fn newest_of(person: &PersonRows<'_>, visit: usize) -> Moment {
    let settled = person.settlements.iter().filter(|row| row.visit == visit).map(|row| row.time);
    settled.chain(person.visits[visit].begin).max().unwrap_or(i64::MIN)
}
