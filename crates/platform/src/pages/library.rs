//! 规则与知识: read only; what people decided about a rule's findings is added from the business store.

use std::collections::HashMap;

use axum::extract::{Path, State};
use axum::routing::get;
use mingjian_casework::leads;
use mingjian_people::{Act, Role};

use crate::Shared;
use crate::body::{Json, Query};
use crate::caller::Caller;
use crate::contract::evidence::Precision;
use crate::contract::knowledge::{KnowledgePage, KnowledgeQuery, KnowledgeTables};
use crate::contract::rules::{RuleKind, RuleList, RulePage, RuleRow};
use crate::problem::{Answer, ApiError};
use crate::routes::{Access, Route, Verb};

/// Rows of a knowledge table on a page.
const ROWS: i64 = 100;
const ROWS_MAX: i64 = 500;

pub fn routes() -> Vec<Route> {
    let (read, points) = (Access::Right(Act::RulesRead), Access::Right(Act::KnowledgeRead));
    vec![
        Route::new(Verb::Get, "/rules", read, "规则库", || get(rules)).gives::<RuleList>(),
        Route::new(Verb::Get, "/rules/{id}", read, "一条规则", || get(rule)).gives::<RulePage>(),
        Route::new(Verb::Get, "/knowledge", points, "知识库", || get(tables)).gives::<KnowledgeTables>(),
        Route::new(Verb::Get, "/knowledge/{table}", points, "一张知识表", || get(rows)).asks::<KnowledgeQuery>().gives::<KnowledgePage>(),
    ]
}

/// 在用: the only rules an institution is told of, and without what they found: that is of other houses too.
const LIVE: &str = "live";

fn is_institution(caller: &Caller) -> bool {
    caller.person.roles == [Role::Institution]
}

fn published(row: RuleRow) -> Option<RuleRow> {
    let nothing = precision((0, 0));
    (row.status == LIVE).then_some(RuleRow {
        findings: 0,
        amount_fen: 0,
        checked: 0,
        upheld: 0,
        low: nothing.low,
        high: nothing.high,
        ..row
    })
}

async fn rules(State(platform): State<Shared>, caller: Caller) -> Answer<Json<RuleList>> {
    let mut items = platform.ask(|data| data.rules()).await?;
    if is_institution(&caller) {
        return Ok(Json(RuleList { items: items.into_iter().filter_map(published).collect() }));
    }
    let checked = outcomes(&platform).await?;
    for row in &mut items {
        judge(row, &checked);
    }
    Ok(Json(RuleList { items }))
}

async fn rule(State(platform): State<Shared>, caller: Caller, Path(id): Path<String>) -> Answer<Json<RulePage>> {
    let asked = id.clone();
    let mut page = platform.ask(move |data| data.rule(&asked)).await?.ok_or_else(|| ApiError::not_found("规则"))?;
    if is_institution(&caller) {
        page.row = published(page.row).ok_or_else(|| ApiError::not_found("规则"))?;
        return Ok(Json(page));
    }
    judge(&mut page.row, &outcomes(&platform).await?);
    for (kind, outcome) in leads::outcomes_by_kind(&platform.office, &id).await? {
        let Precision { checked, upheld, low, high } = precision((outcome.checked, outcome.upheld));
        page.kinds.push(RuleKind { kind, checked, upheld, low, high });
    }
    Ok(Json(page))
}

/// Checked and upheld, by rule.
pub(crate) async fn outcomes(platform: &Shared) -> Answer<HashMap<String, (i64, i64)>> {
    let rows = platform.store.rows("select rule, checked, upheld from rule_outcomes", &[]).await?;
    rows.iter().map(|row| Ok((row.text("rule")?, (row.int("checked")?, row.int("upheld")?)))).collect()
}

fn judge(row: &mut RuleRow, checked: &HashMap<String, (i64, i64)>) {
    let precision = precision(checked.get(&row.id).copied().unwrap_or_default());
    (row.checked, row.upheld, row.low, row.high) = (precision.checked, precision.upheld, precision.low, precision.high);
}

/// The share upheld, with Wilson's interval at 95 %: it says something sensible for few cases and for all or none upheld.
pub(crate) fn precision((checked, upheld): (i64, i64)) -> Precision {
    if checked <= 0 {
        return Precision { low: 0.0, high: 1.0, ..Precision::default() };
    }
    const Z: f64 = 1.96;
    let (n, share) = (checked as f64, upheld as f64 / checked as f64);
    let (middle, spread) = (share + Z * Z / (2.0 * n), Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt());
    let scale = 1.0 + Z * Z / n;
    Precision { checked, upheld, low: ((middle - spread) / scale).max(0.0), high: ((middle + spread) / scale).min(1.0) }
}

async fn tables(State(platform): State<Shared>, _: Caller) -> Answer<Json<KnowledgeTables>> {
    Ok(Json(KnowledgeTables { items: platform.ask(|data| data.knowledge()).await? }))
}

async fn rows(
    State(platform): State<Shared>,
    caller: Caller,
    Path(table): Path<String>,
    Query(asked): Query<KnowledgeQuery>,
) -> Answer<Json<KnowledgePage>> {
    let text = asked.q.unwrap_or_default();
    let list = format!("{}\u{1f}knowledge\u{1f}{table}\u{1f}{text}", caller.account());
    let skip: u64 = asked.after.as_deref().map_or(Ok(0), |after| platform.cursors.read(after, &list))?;
    let limit = asked.limit.unwrap_or(ROWS).clamp(1, ROWS_MAX).unsigned_abs();
    let found = platform.ask(move |data| data.knowledge_rows(&table, &text, skip, limit)).await?;
    let found = found.ok_or_else(|| ApiError::not_found("知识表"))?;
    let end = skip + found.rows.len() as u64;
    let next = (!found.rows.is_empty() && end < found.total).then(|| platform.cursors.write(&end, &list)).transpose()?;
    let total = i64::try_from(found.total).unwrap_or(i64::MAX);
    Ok(Json(KnowledgePage { columns: found.columns, items: found.rows, total, revisions: found.revisions, next }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_holds_the_share_and_narrows() {
        let few = precision((4, 4));
        assert!(few.low > 0.5 && few.low < 0.52 && few.high > 0.999, "{few:?}");
        let many = precision((412, 371));
        assert!(many.low > 0.866 && many.high < 0.927, "{many:?}");
        assert_eq!((precision((0, 0)).low, precision((0, 0)).high), (0.0, 1.0));
    }
}
