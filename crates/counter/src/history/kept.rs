//! 分寸的记忆: what manners remember over a restart, and what rules on trial would have said, in the same file as the history.

use std::collections::BTreeMap;

use mingjian_model::day::{Day, Moment};
use redb::{ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition};

use super::{ABOUT, History, HistoryError, PoisonError, read_failed, write_failed};
use crate::manners::{Changes, Memory, Waited};

/// Fingerprints of what was told on [`TOLD_DAY`]: number of the keeping → the fingerprints it brought, eight bytes each, little-endian.
/// One after the other, as they come: in order of fingerprint, each keeping would write most pages of the table anew.
pub(super) const TOLD: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("told_in_turn");
/// The form before; read, and gone with its day.
pub(super) const TOLD_ONE_BY_ONE: TableDefinition<'_, u64, ()> = TableDefinition::new("told");
/// Doctor → interruptions on that day.
pub(super) const SPENT: TableDefinition<'_, &str, u32> = TableDefinition::new("spent");
/// In `about`: the day of both.
pub(super) const TOLD_DAY: &str = "told_day";
/// Silent reminders whose end is waited for: (visit, line, rule) → day.
pub(super) const WAITING: TableDefinition<'_, (&str, &str, &str), Day> = TableDefinition::new("waiting");
/// What rules on trial would have said: (day, jr_id) → moment, rule and version, institution, visit, line, fen (−1: none), text.
pub(super) const SHADOWED: TableDefinition<'_, (Day, &str), ShadowValue<'static>> = TableDefinition::new("shadowed");
/// Rule on trial → how often it would have spoken.
pub(super) const SHADOW_COUNTS: TableDefinition<'_, &str, u64> = TableDefinition::new("shadow_counts");

type ShadowValue<'a> = (Moment, &'a str, u32, &'a str, &'a str, &'a str, i64, &'a str);

/// Shadow answers kept; the oldest go first.
const SHADOWED_MAX: u64 = 100_000;

/// What a rule on trial would have told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShadowAnswer {
    /// jr_id, as the call would have carried it.
    pub id: String,
    pub at: Moment,
    pub rule_id: String,
    pub rule_version: u32,
    pub institution: String,
    pub visit: String,
    /// The first line in hand it is about; empty where the visit itself is.
    pub line: String,
    /// Fen; `None` where the rule computes no money.
    pub amount: Option<i64>,
    pub text: String,
}

impl History {
    /// Keeps what manners have learnt since the last time, and what rules on trial would have said: one transaction.
    pub fn keep_manners(&self, changes: &Changes, shadowed: &[(Day, ShadowAnswer)]) -> Result<(), HistoryError> {
        if changes.is_empty() && shadowed.is_empty() {
            return Ok(());
        }
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut transaction = self.database.begin_write().map_err(write_failed)?;
        transaction.set_quick_repair(true);
        if changes.new_day.is_some() {
            transaction.delete_table(TOLD).map_err(write_failed)?;
            transaction.delete_table(TOLD_ONE_BY_ONE).map_err(write_failed)?;
            transaction.delete_table(SPENT).map_err(write_failed)?;
        }
        {
            let mut about = transaction.open_table(ABOUT).map_err(write_failed)?;
            if let Some(day) = changes.new_day {
                about.insert(TOLD_DAY, i64::from(day)).map_err(write_failed)?;
            }
            let mut told = transaction.open_table(TOLD).map_err(write_failed)?;
            if !changes.told.is_empty() {
                let next = told.last().map_err(read_failed)?.map_or(0, |(number, _)| number.value() + 1);
                let bytes: Vec<u8> = changes.told.iter().flat_map(|line| line.to_le_bytes()).collect();
                told.insert(next, bytes.as_slice()).map_err(write_failed)?;
            }
            let mut spent = transaction.open_table(SPENT).map_err(write_failed)?;
            for (doctor, times) in &changes.spent {
                spent.insert(doctor.as_str(), times).map_err(write_failed)?;
            }
            let mut waiting = transaction.open_table(WAITING).map_err(write_failed)?;
            // Ended first: what is waited for anew of such a visit came after.
            for visit in &changes.ended {
                forget(&mut waiting, visit)?;
            }
            for Waited { visit, line, rule, day } in &changes.waiting {
                waiting.insert((visit.as_str(), line.as_str(), rule.as_str()), day).map_err(write_failed)?;
            }
        }
        keep_shadowed(&transaction, shadowed)?;
        transaction.commit().map_err(write_failed)
    }

    /// What manners knew when they were kept last.
    pub fn manners(&self) -> Result<Memory, HistoryError> {
        let transaction = self.database.begin_read().map_err(read_failed)?;
        let mut memory = Memory::default();
        // Tables of a store from before they were: not there, nothing known.
        if let Ok(table) = transaction.open_table(ABOUT) {
            memory.day = table.get(TOLD_DAY).map_err(read_failed)?.map_or(0, |day| day.value() as Day);
        }
        if let Ok(table) = transaction.open_table(TOLD_ONE_BY_ONE) {
            for entry in table.iter().map_err(read_failed)? {
                memory.told.push(entry.map_err(read_failed)?.0.value());
            }
        }
        if let Ok(table) = transaction.open_table(TOLD) {
            for entry in table.iter().map_err(read_failed)? {
                let (_, lines) = entry.map_err(read_failed)?;
                memory.told.extend(lines.value().as_chunks().0.iter().map(|line| u64::from_le_bytes(*line)));
            }
        }
        if let Ok(table) = transaction.open_table(SPENT) {
            for entry in table.iter().map_err(read_failed)? {
                let (doctor, times) = entry.map_err(read_failed)?;
                memory.spent.push((doctor.value().to_owned(), times.value()));
            }
        }
        if let Ok(table) = transaction.open_table(WAITING) {
            for entry in table.iter().map_err(read_failed)? {
                let (key, day) = entry.map_err(read_failed)?;
                let (visit, line, rule) = key.value();
                let waited = Waited { visit: visit.to_owned(), line: line.to_owned(), rule: rule.to_owned(), day: day.value() };
                memory.waiting.push(waited);
            }
        }
        Ok(memory)
    }

    /// What rules on trial would have said, the newest first: of one rule, or of all.
    pub fn shadowed(&self, rule: Option<&str>, most: usize) -> Result<Vec<ShadowAnswer>, HistoryError> {
        let transaction = self.database.begin_read().map_err(read_failed)?;
        let Ok(table) = transaction.open_table(SHADOWED) else { return Ok(Vec::new()) };
        let mut all = Vec::new();
        for entry in table.iter().map_err(read_failed)?.rev() {
            let (key, value) = entry.map_err(read_failed)?;
            let (at, rule_id, rule_version, institution, visit, line, amount, text) = value.value();
            if rule.is_some_and(|rule| rule != rule_id) {
                continue;
            }
            all.push(ShadowAnswer {
                id: key.value().1.to_owned(),
                at,
                rule_id: rule_id.to_owned(),
                rule_version,
                institution: institution.to_owned(),
                visit: visit.to_owned(),
                line: line.to_owned(),
                amount: (amount >= 0).then_some(amount),
                text: text.to_owned(),
            });
        }
        // Within a day the table is in order of ids, which says nothing.
        all.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.id.cmp(&b.id)));
        all.truncate(most);
        Ok(all)
    }

    /// How often each rule on trial would have spoken, since it was first on trial.
    pub fn shadow_counts(&self) -> Result<BTreeMap<String, u64>, HistoryError> {
        let transaction = self.database.begin_read().map_err(read_failed)?;
        let Ok(table) = transaction.open_table(SHADOW_COUNTS) else { return Ok(BTreeMap::new()) };
        let mut all = BTreeMap::new();
        for entry in table.iter().map_err(read_failed)? {
            let (rule, often) = entry.map_err(read_failed)?;
            all.insert(rule.value().to_owned(), often.value());
        }
        Ok(all)
    }
}

fn forget(waiting: &mut redb::Table<'_, (&'static str, &'static str, &'static str), Day>, visit: &str) -> Result<(), HistoryError> {
    let mut ended = Vec::new();
    for entry in waiting.range((visit, "", "")..).map_err(read_failed)? {
        let (key, _) = entry.map_err(read_failed)?;
        let (of, line, rule) = key.value();
        if of != visit {
            break;
        }
        ended.push((line.to_owned(), rule.to_owned()));
    }
    for (line, rule) in &ended {
        waiting.remove((visit, line.as_str(), rule.as_str())).map_err(write_failed)?;
    }
    Ok(())
}

fn keep_shadowed(transaction: &redb::WriteTransaction, shadowed: &[(Day, ShadowAnswer)]) -> Result<(), HistoryError> {
    if shadowed.is_empty() {
        return Ok(());
    }
    let mut table = transaction.open_table(SHADOWED).map_err(write_failed)?;
    let mut counts = transaction.open_table(SHADOW_COUNTS).map_err(write_failed)?;
    for (day, one) in shadowed {
        let value = (
            one.at,
            one.rule_id.as_str(),
            one.rule_version,
            one.institution.as_str(),
            one.visit.as_str(),
            one.line.as_str(),
            one.amount.unwrap_or(-1),
            one.text.as_str(),
        );
        // A hospital asks several times about one order: it would have been told once a day.
        let known = table.insert((*day, one.id.as_str()), value).map_err(write_failed)?.is_some();
        if !known {
            let often = counts.get(one.rule_id.as_str()).map_err(read_failed)?.map_or(0, |often| often.value());
            counts.insert(one.rule_id.as_str(), often + 1).map_err(write_failed)?;
        }
    }
    while table.len().map_err(read_failed)? > SHADOWED_MAX {
        table.pop_first().map_err(write_failed)?;
    }
    Ok(())
}
