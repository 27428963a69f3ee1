//! 标记: who is suspended, restricted, or flagged by the rules over groups, kept beside the history.

use mingjian_model::day::Day;
use redb::{ReadableDatabase, ReadableTableMetadata, TableDefinition};

use super::{History, HistoryError, PoisonError, read_failed, write_failed};

/// (kind, code, source and number) → (first day, last day, text).
pub(super) const MARKS: TableDefinition<'_, (&str, &str, &str), (Day, Day, &str)> = TableDefinition::new("marks");

/// One mark.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// 医师, 机构 or 参保人.
    pub kind: String,
    pub code: String,
    /// First and last day it holds; open where `None`.
    pub from: Option<Day>,
    pub to: Option<Day>,
    /// What the caller reads.
    pub text: String,
}

impl History {
    /// Replaces all marks of a source (a list, the findings of group rules) by these.
    pub fn mark(&self, source: &str, marks: &[Mark]) -> Result<(), HistoryError> {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut transaction = self.database.begin_write().map_err(write_failed)?;
        transaction.set_quick_repair(true);
        {
            let mut table = transaction.open_table(MARKS).map_err(write_failed)?;
            table.retain(|(_, _, of), _| of.rsplit_once(' ').is_none_or(|(of, _)| of != source)).map_err(write_failed)?;
            for (number, mark) in marks.iter().enumerate() {
                let of = format!("{source} {number}");
                let days = (mark.from.unwrap_or(Day::MIN), mark.to.unwrap_or(Day::MAX));
                let key = (mark.kind.as_str(), mark.code.as_str(), of.as_str());
                table.insert(key, (days.0, days.1, mark.text.as_str())).map_err(write_failed)?;
            }
        }
        transaction.commit().map_err(write_failed)
    }

    /// What somebody is marked with on a day.
    pub fn marks_of(&self, kind: &str, code: &str, day: Day) -> Result<Vec<String>, HistoryError> {
        let mut texts = Vec::new();
        self.each_mark([(kind, code)], day, |_, _, text| texts.push(text.to_owned()))?;
        Ok(texts)
    }

    /// Tells each of these (kind and code) with each different text it is marked with on a day, in one reading.
    pub fn each_mark<'a>(
        &self,
        asked: impl IntoIterator<Item = (&'a str, &'a str)>,
        day: Day,
        mut tell: impl FnMut(&str, &str, &str),
    ) -> Result<(), HistoryError> {
        let transaction = self.database.begin_read().map_err(read_failed)?;
        let table = transaction.open_table(MARKS).map_err(read_failed)?;
        if table.is_empty().map_err(read_failed)? {
            return Ok(());
        }
        for (kind, code) in asked {
            let mut texts: Vec<String> = Vec::new();
            for entry in table.range((kind, code, "")..).map_err(read_failed)? {
                let (key, value) = entry.map_err(read_failed)?;
                let ((of, held, _), (from, to, text)) = (key.value(), value.value());
                if of != kind || held != code {
                    break;
                }
                if (from..=to).contains(&day) && !texts.iter().any(|known| known == text) {
                    tell(kind, code, text);
                    texts.push(text.to_owned());
                }
            }
        }
        Ok(())
    }
}
