//! 反馈: what became of reminders, kept in the same file as the history: rule, way and reason, no personal data.

use std::collections::BTreeMap;

use redb::{ReadableDatabase, ReadableTable, TableDefinition};

use super::{
    ABOUT, History, HistoryError, MARKS, PoisonError, SHADOW_COUNTS, SHADOWED, SPENT, TOLD, TOLD_DAY, TOLD_ONE_BY_ONE, WAITING,
    read_failed, write_failed,
};
use crate::manners::Follow;

/// jr_id → 1 继续, 2 修改, as 3103 says it.
const WAYS: TableDefinition<'_, &str, u8> = TableDefinition::new("feedback_ways");
/// Rule → its figures.
const FOLLOW: TableDefinition<'_, &str, (u64, u64, u64, u64, bool)> = TableDefinition::new("follow");
/// Rule and reason → how often.
const REASONS: TableDefinition<'_, (&str, &str), u64> = TableDefinition::new("reasons");

/// One reminder's feedback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feedback {
    /// jr_id
    pub id: String,
    /// The doctor changed the order (2); else went on (1).
    pub changed: bool,
    /// Why the doctor went on.
    pub reason: String,
}

impl Feedback {
    /// The rule, which the id begins with.
    pub fn rule(&self) -> &str {
        self.id.split('-').next().unwrap_or_default()
    }
}

impl History {
    /// Keeps feedback; when this returns, a kill loses none. `count` is told what the same reminder was answered before, and gives the
    /// rule's new figures.
    pub fn feedback(&self, all: &[Feedback], mut count: impl FnMut(&Feedback, Option<bool>) -> Follow) -> Result<(), HistoryError> {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut transaction = self.database.begin_write().map_err(write_failed)?;
        transaction.set_quick_repair(true);
        {
            let mut ways = transaction.open_table(WAYS).map_err(write_failed)?;
            let mut figures = transaction.open_table(FOLLOW).map_err(write_failed)?;
            let mut reasons = transaction.open_table(REASONS).map_err(write_failed)?;
            for one in all {
                let before = ways.insert(one.id.as_str(), if one.changed { 2 } else { 1 }).map_err(write_failed)?;
                let before = before.map(|way| way.value() == 2);
                let follow = count(one, before);
                figures.insert(one.rule(), figures_of(&follow)).map_err(write_failed)?;
                let reason: String = one.reason.chars().take(60).collect();
                if !one.changed && before.is_none() && !reason.is_empty() {
                    let key = (one.rule(), reason.as_str());
                    let often = reasons.get(key).map_err(read_failed)?.map_or(0, |often| often.value());
                    reasons.insert(key, often + 1).map_err(write_failed)?;
                }
            }
        }
        transaction.commit().map_err(write_failed)
    }

    /// Keeps rules' figures.
    pub fn keep_follow(&self, changed: &[(String, Follow)]) -> Result<(), HistoryError> {
        if changed.is_empty() {
            return Ok(());
        }
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut transaction = self.database.begin_write().map_err(write_failed)?;
        transaction.set_quick_repair(true);
        {
            let mut figures = transaction.open_table(FOLLOW).map_err(write_failed)?;
            for (rule, follow) in changed {
                figures.insert(rule.as_str(), figures_of(follow)).map_err(write_failed)?;
            }
        }
        transaction.commit().map_err(write_failed)
    }

    /// Takes over feedback, figures, marks and the memory of manners from another store, as a rebuilt one does from the one it replaces.
    pub fn take_ledger(&self, from: &History) -> Result<(), HistoryError> {
        let old = from.database.begin_read().map_err(read_failed)?;
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut transaction = self.database.begin_write().map_err(write_failed)?;
        transaction.set_quick_repair(true);
        macro_rules! copy {
            ($table:expr) => {
                if let Ok(held) = old.open_table($table) {
                    let mut table = transaction.open_table($table).map_err(write_failed)?;
                    for entry in held.iter().map_err(read_failed)? {
                        let (key, value) = entry.map_err(read_failed)?;
                        table.insert(key.value(), value.value()).map_err(write_failed)?;
                    }
                }
            };
        }
        copy!(WAYS);
        copy!(FOLLOW);
        copy!(REASONS);
        copy!(MARKS);
        copy!(TOLD);
        copy!(TOLD_ONE_BY_ONE);
        copy!(SPENT);
        copy!(WAITING);
        copy!(SHADOWED);
        copy!(SHADOW_COUNTS);
        if let Ok(held) = old.open_table(ABOUT)
            && let Some(day) = held.get(TOLD_DAY).map_err(read_failed)?
        {
            transaction.open_table(ABOUT).map_err(write_failed)?.insert(TOLD_DAY, day.value()).map_err(write_failed)?;
        }
        transaction.commit().map_err(write_failed)
    }

    /// The figures of all rules, as they were kept last.
    pub fn follow(&self) -> Result<BTreeMap<String, Follow>, HistoryError> {
        let transaction = self.database.begin_read().map_err(read_failed)?;
        let table = match transaction.open_table(FOLLOW) {
            Ok(table) => table,
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(BTreeMap::new()),
            Err(error) => return Err(read_failed(error)),
        };
        let mut all = BTreeMap::new();
        for entry in table.iter().map_err(read_failed)? {
            let (rule, figures) = entry.map_err(read_failed)?;
            let (changed, continued, dropped, kept, speaks) = figures.value();
            all.insert(rule.value().to_owned(), Follow { changed, continued, dropped, kept, speaks });
        }
        Ok(all)
    }

    /// Why doctors went on with what a rule reminded of, the commonest first.
    pub fn reasons(&self, rule: &str, most: usize) -> Result<Vec<(String, u64)>, HistoryError> {
        let transaction = self.database.begin_read().map_err(read_failed)?;
        let table = match transaction.open_table(REASONS) {
            Ok(table) => table,
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
            Err(error) => return Err(read_failed(error)),
        };
        let mut all = Vec::new();
        for entry in table.range((rule, "")..).map_err(read_failed)? {
            let (key, often) = entry.map_err(read_failed)?;
            if key.value().0 != rule {
                break;
            }
            all.push((key.value().1.to_owned(), often.value()));
        }
        all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        all.truncate(most);
        Ok(all)
    }
}

fn figures_of(follow: &Follow) -> (u64, u64, u64, u64, bool) {
    (follow.changed, follow.continued, follow.dropped, follow.kept, follow.speaks)
}
