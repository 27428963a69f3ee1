//! 汇总: leads, findings, money and outcomes by rule, institution or week.

use std::collections::HashMap;

use serde::Serialize;

use crate::Office;
use crate::error::{CaseError, Result};
use crate::leads::ask::Question;
use crate::leads::roll::{Entry, Held};
use crate::leads::row::day_text;
use crate::person::Asker;
use crate::status::Status;
use crate::workbench::week_of;

/// At most so many rules or institutions, and weeks.
const ITEMS_MAX: usize = 500;
const WEEKS_MAX: usize = 104;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Summary {
    pub items: Vec<SummaryItem>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SummaryItem {
    pub key: String,
    pub title: String,
    pub leads: i64,
    pub findings: i64,
    /// A lead with several rules counts its money under each: sums over rules are more than was found.
    pub amount_fen: i64,
    /// Leads upheld in whole or part, and cleared.
    pub upheld: i64,
    pub cleared: i64,
}

/// By `rule`, `institution` or `week`, within the asker's scope, the most money first (weeks in order). At most 500.
pub async fn summary(office: &Office, asker: &Asker, by: &str) -> Result<Summary> {
    if !asker.scope.has_places() {
        return Err(CaseError::Refused("汇总只对按地区或机构授权的人员开放".into()));
    }
    if by == "week" && asker.person.is_institution() {
        return Err(CaseError::Refused("按周汇总不对机构开放".into()));
    }
    let question = Question::below(office, asker).await?;
    let items = match by {
        "rule" => by_rule(&office.roll.read(), &question),
        "institution" => by_institution(office, &question).await?,
        "week" => by_week(&office.roll.read(), &question),
        _ => return Err(CaseError::field("by", "应为 rule、institution 或 week")),
    };
    Ok(Summary { items })
}

impl SummaryItem {
    fn add(&mut self, entry: &Entry) {
        self.leads += 1;
        self.findings += i64::from(entry.findings);
        self.amount_fen += entry.amount_fen;
        self.upheld += i64::from(matches!(entry.status, Status::Upheld | Status::Partly));
        self.cleared += i64::from(entry.status == Status::Cleared);
    }
}

fn by_rule(held: &Held, question: &Question) -> Vec<SummaryItem> {
    let mut items = vec![SummaryItem::default(); held.rules.len()];
    question.each(held, |_, entry| {
        for rule in held.rules_of(entry) {
            items[usize::from(*rule)].add(entry);
        }
    });
    for (code, item) in (0..).zip(&mut items) {
        let (key, title) = held.rules.word(code);
        (item.key, item.title) = (key.to_owned(), title.to_owned());
    }
    dearest(items)
}

async fn by_institution(office: &Office, question: &Question) -> Result<Vec<SummaryItem>> {
    let mut names = HashMap::new();
    for row in office.store.rows("select code, name from institution_names", &[]).await? {
        names.insert(row.text("code")?, row.text("name")?);
    }
    let held = office.roll.read();
    let mut places = vec![SummaryItem::default(); held.places()];
    question.each(&held, |_, entry| places[entry.place as usize].add(entry));
    // An institution may have been moved to another region: its places are one item.
    let mut items: HashMap<&str, SummaryItem> = HashMap::new();
    for (code, place) in (0..).zip(&places) {
        let item = items.entry(held.place(code).1).or_default();
        item.leads += place.leads;
        item.findings += place.findings;
        item.amount_fen += place.amount_fen;
        item.upheld += place.upheld;
        item.cleared += place.cleared;
    }
    let named = |(code, item): (&str, SummaryItem)| {
        let title = names.get(code).cloned().unwrap_or_else(|| code.to_owned());
        SummaryItem { key: code.to_owned(), title, ..item }
    };
    Ok(dearest(items.into_iter().map(named).collect()))
}

fn dearest(mut items: Vec<SummaryItem>) -> Vec<SummaryItem> {
    items.retain(|item| item.leads > 0);
    items.sort_by(|a, b| b.amount_fen.cmp(&a.amount_fen).then_with(|| a.key.cmp(&b.key)));
    items.truncate(ITEMS_MAX);
    items
}

fn by_week(held: &Held, question: &Question) -> Vec<SummaryItem> {
    let mut weeks: HashMap<i64, SummaryItem> = HashMap::new();
    question.each(held, |_, entry| {
        if let Some(week) = week_of(entry) {
            weeks.entry(week).or_default().add(entry);
        }
    });
    let mut weeks: Vec<(i64, SummaryItem)> = weeks.into_iter().collect();
    weeks.sort_by_key(|(week, _)| std::cmp::Reverse(*week));
    weeks.truncate(WEEKS_MAX);
    weeks.reverse();
    // Weeks tell what was found, not how it ended.
    let named = |(week, item): (i64, SummaryItem)| {
        let key = day_text(week);
        SummaryItem { title: key.clone(), key, upheld: 0, cleared: 0, ..item }
    };
    weeks.into_iter().map(named).collect()
}
