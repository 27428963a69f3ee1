//! 汇总: leads, findings, money and outcomes by rule, institution or week.

use std::collections::HashMap;

use mingjian_store::Arg;
use serde::Serialize;

use crate::Office;
use crate::error::{CaseError, Result};
use crate::leads::list::Where;
use crate::leads::row::day_text;
use crate::leads::sums;
use crate::person::Asker;

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
    let items = match by {
        "rule" => by_sums(office, asker, "rule").await?,
        "institution" => by_sums(office, asker, "institution").await?,
        "week" => by_week(office, asker).await?,
        _ => return Err(CaseError::field("by", "应为 rule、institution 或 week")),
    };
    Ok(Summary { items })
}

/// Below the scope and for an institution what it was told; over `lead_sums`.
fn clause(asker: &Asker) -> Result<Where> {
    if !asker.scope.speaks_only_of(&["region", "institution"]) {
        return Err(CaseError::Refused("汇总只对按地区或机构授权的人员开放".into()));
    }
    let mut clause = Where::below(&asker.scope);
    if asker.person.is_institution() {
        clause.and(
            "institution = ? and told = 1 and status not in ('new', 'check')",
            [Arg::from(asker.person.institution.as_deref().unwrap_or("\u{1}"))],
        );
    }
    Ok(clause)
}

async fn by_sums(office: &Office, asker: &Asker, column: &str) -> Result<Vec<SummaryItem>> {
    let mut clause = clause(asker)?;
    // Rules of one institution are not kept in sums: they are added up from its leads.
    let narrow = asker.person.is_institution() || asker.scope.sql.contains("institution");
    let from = match (column, narrow) {
        ("rule", true) => {
            "(select r.rule, l.institution, l.status, l.region, l.told, 1 as leads, l.findings, l.amount_fen from lead_rules r \
             join leads l on l.id = r.lead) s"
        }
        ("rule", false) => {
            clause.and("rule <> '' and institution = ?", [sums::ALL.into()]);
            "lead_sums"
        }
        _ => {
            clause.and("rule = '' and institution <> ?", [sums::ALL.into()]);
            "lead_sums"
        }
    };
    let sum = |of: &str| format!("cast(coalesce(sum({of}), 0) as bigint)");
    let sql = format!(
        "select {column} as item, {} as leads, {} as findings, {} as amount_fen, {} as upheld, {} as cleared from {from} where {} \
         group by {column} having sum(leads) > 0 order by amount_fen desc, item limit 500",
        sum("leads"),
        sum("findings"),
        sum("amount_fen"),
        sum("case when status in ('upheld', 'partly') then leads else 0 end"),
        sum("case when status = 'cleared' then leads else 0 end"),
        clause.sql()
    );
    let mut items = Vec::new();
    for row in office.store.rows(&sql, &clause.args).await? {
        let key = row.text("item")?;
        items.push(SummaryItem {
            title: key.clone(),
            key,
            leads: row.int("leads")?,
            findings: row.int("findings")?,
            amount_fen: row.int("amount_fen")?,
            upheld: row.int("upheld")?,
            cleared: row.int("cleared")?,
        });
    }
    title(office, column, &mut items).await?;
    Ok(items)
}

/// Names of institutions and rules as the leads know them.
async fn title(office: &Office, column: &str, items: &mut [SummaryItem]) -> Result<()> {
    if column == "institution" {
        let mut names = HashMap::new();
        for row in office.store.rows("select code, name from institution_names", &[]).await? {
            names.insert(row.text("code")?, row.text("name")?);
        }
        for item in items {
            if let Some(name) = names.remove(&item.key) {
                item.title = name;
            }
        }
        return Ok(());
    }
    for item in items {
        let sql =
            "select f.rule_name from lead_rules r join lead_findings f on f.lead = r.lead and f.rule = r.rule where r.rule = $1 limit 1";
        if let Some(row) = office.store.one(sql, &[item.key.as_str().into()]).await? {
            item.title = row.text("rule_name")?;
        }
    }
    Ok(())
}

async fn by_week(office: &Office, asker: &Asker) -> Result<Vec<SummaryItem>> {
    if asker.person.is_institution() {
        return Err(CaseError::Refused("按周汇总不对机构开放".into()));
    }
    clause(asker)?;
    let clause = Where::below(&asker.scope);
    let sql = format!(
        "select week, cast(sum(leads) as bigint) as leads, cast(sum(findings) as bigint) as findings, cast(sum(amount_fen) as bigint) as amount_fen \
         from lead_weeks where {} group by week order by week desc limit 104",
        clause.sql()
    );
    let mut items = Vec::new();
    for row in office.store.rows(&sql, &clause.args).await? {
        let key = day_text(row.int("week")?);
        items.push(SummaryItem {
            title: key.clone(),
            key,
            leads: row.int("leads")?,
            findings: row.int("findings")?,
            amount_fen: row.int("amount_fen")?,
            ..SummaryItem::default()
        });
    }
    items.reverse();
    Ok(items)
}
