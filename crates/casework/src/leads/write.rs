//! Leads and findings into the store, many rows a statement.

use std::collections::BTreeSet;

use mingjian_store::{Arg, Change, Row};

use super::plan::Reranked;
use super::roll::TOUCH;
use super::row::LeadRow;
use crate::error::{CaseError, Result};

/// Arguments of one statement.
const ARGS: usize = 2_000;
/// Ids in one statement.
const IDS: usize = 500;

/// Runs a statement that ends in `in`, with the ids, many at once.
pub(crate) async fn run_in(change: &mut Change, sql: &str, ids: &[&str]) -> Result<()> {
    for chunk in ids.chunks(IDS) {
        change.run(&format!("{sql} ({})", places(chunk.len())), &texts(chunk)).await?;
    }
    Ok(())
}

/// The same for one that reads.
pub(crate) async fn rows_in(change: &mut Change, sql: &str, ids: &[&str]) -> Result<Vec<Row>> {
    let mut rows = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(IDS) {
        rows.extend(change.rows(&format!("{sql} ({})", places(chunk.len())), &texts(chunk)).await?);
    }
    Ok(rows)
}

fn places(count: usize) -> String {
    (1..=count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

fn texts(ids: &[&str]) -> Vec<Arg> {
    ids.iter().map(|id| Arg::from(*id)).collect()
}

/// Inserts rows of equal width; all of one statement text but the last, so that the store prepares it once.
pub(crate) async fn insert_many(change: &mut Change, table: &str, columns: &[&str], rows: Vec<Vec<Arg>>) -> Result<()> {
    insert_or(change, table, columns, rows, "").await
}

/// The same, with what is to be done where a row is there already.
pub(crate) async fn insert_or(change: &mut Change, table: &str, columns: &[&str], rows: Vec<Vec<Arg>>, merge: &str) -> Result<()> {
    let width = columns.len().max(1);
    let most = (ARGS / width).max(1);
    let (mut sql, mut written) = (String::new(), 0);
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let args: Vec<Arg> = rows.by_ref().take(most).flatten().collect();
        let count = args.len() / width;
        if count != written {
            sql = insert_sql(table, columns, count, merge);
            written = count;
        }
        change.run(&sql, &args).await?;
    }
    Ok(())
}

fn insert_sql(table: &str, columns: &[&str], rows: usize, merge: &str) -> String {
    let width = columns.len();
    let mut sql = format!("insert into {table} ({}) values ", columns.join(", "));
    for i in 0..rows {
        sql.push_str(if i == 0 { "(" } else { ", (" });
        for j in 0..width {
            if j > 0 {
                sql.push_str(", ");
            }
            sql.push('$');
            sql.push_str(&(i * width + j + 1).to_string());
        }
        sql.push(')');
    }
    sql.push_str(merge);
    sql
}

/// Columns of `leads` that a run sets anew in an early lead, and in the order of [`facts`].
const FACTS: &[&str] = &[
    "subject",
    "subject_label",
    "region",
    "institution",
    "institution_name",
    "institution_level",
    "person_no",
    "person_name",
    "person_sex",
    "person_age",
    "visit",
    "visit_kind",
    "visit_begin",
    "visit_end",
    "practitioner",
    "rules",
    "findings",
    "result",
    "definite",
    "amount_fen",
    "fund_fen",
    "acct_fen",
    "expected_fen",
    "rank_fen",
    "score",
    "reason",
    "first_day",
    "last_day",
    "gone",
];

/// Columns that acts set.
const STATE: &[&str] = &[
    "status",
    "holder",
    "holder_name",
    "held_at",
    "first_account",
    "first_name",
    "second_account",
    "second_name",
    "told",
    "delivered_day",
    "contested",
    "due_day",
    "limit_days",
    "paused_left",
    "decided_fen",
    "loss_fen",
    "withdrawn_fen",
    "dropped_fen",
    "road",
    "decided_at",
    "put_off_day",
    "merged_into",
    "split_from",
    "shaped",
    "version",
    "updated_at",
];

fn facts(lead: &LeadRow) -> Result<Vec<Arg>> {
    let rules = serde_json::to_string(&lead.rules).map_err(|error| CaseError::Broken(error.to_string()))?;
    Ok(vec![
        lead.subject.as_str().into(),
        lead.subject_label.as_str().into(),
        lead.region.as_str().into(),
        lead.institution.as_str().into(),
        lead.institution_name.as_str().into(),
        lead.institution_level.as_str().into(),
        lead.person_no.as_str().into(),
        lead.person_name.as_str().into(),
        lead.person_sex.as_str().into(),
        lead.person_age.into(),
        lead.visit.as_str().into(),
        lead.visit_kind.as_str().into(),
        lead.visit_begin.as_str().into(),
        lead.visit_end.as_str().into(),
        lead.practitioner.as_str().into(),
        rules.into(),
        lead.findings.into(),
        lead.result.as_str().into(),
        Arg::Int(i64::from(lead.definite)),
        lead.amount_fen.into(),
        lead.fund_fen.into(),
        lead.acct_fen.into(),
        lead.expected_fen.into(),
        lead.rank_fen.into(),
        lead.score.into(),
        lead.reason.as_str().into(),
        lead.first_day.into(),
        lead.last_day.into(),
        Arg::Int(i64::from(lead.gone)),
    ])
}

fn state(lead: &LeadRow) -> Vec<Arg> {
    vec![
        lead.status.id().into(),
        lead.holder.as_str().into(),
        lead.holder_name.as_str().into(),
        lead.held_at.into(),
        lead.first_account.as_str().into(),
        lead.first_name.as_str().into(),
        lead.second_account.as_str().into(),
        lead.second_name.as_str().into(),
        Arg::Int(i64::from(lead.told)),
        lead.delivered_day.into(),
        Arg::Int(i64::from(lead.contested)),
        lead.due_day.into(),
        lead.limit_days.into(),
        lead.paused_left.into(),
        lead.decided_fen.into(),
        lead.loss_fen.into(),
        lead.withdrawn_fen.into(),
        lead.dropped_fen.into(),
        lead.road.as_str().into(),
        lead.decided_at.into(),
        lead.put_off_day.into(),
        lead.merged_into.as_str().into(),
        lead.split_from.as_str().into(),
        Arg::Int(i64::from(lead.shaped)),
        lead.version.into(),
        lead.updated_at.into(),
    ]
}

/// The place in the trail this change will have: what the roll goes by ([`super::roll::TOUCH`]).
async fn next_place(change: &mut Change) -> Result<i64> {
    let row = change.one("select seq + 1 as seq from trail_head where one = 1", &[]).await?;
    row.map_or(Ok(1), |row| Ok(row.int("seq")?))
}

/// New leads. `sealed`: the sealed identity of each, in order.
pub(crate) async fn insert_leads(change: &mut Change, leads: &[&LeadRow], sealed: &[Option<String>]) -> Result<()> {
    write_leads(change, leads, sealed, "").await
}

/// Columns among [`FACTS`] that an index orders.
const PLACE: &[&str] = &["institution", "person_no", "visit", "practitioner"];

/// What a run found anew of leads that are there, each with how it was. Whose identity it is stays as it was sealed.
///
/// A statement that sets a column has its index written, whether it changed or not: where it did not, it is not set.
pub(crate) async fn update_facts(change: &mut Change, leads: &[(&LeadRow, &LeadRow)]) -> Result<()> {
    let place = |lead: &LeadRow| [&lead.institution, &lead.person_no, &lead.visit, &lead.practitioner].map(String::clone);
    let (stay, moved): (Vec<_>, Vec<_>) = leads.iter().copied().partition(|(before, after)| place(before) == place(after));
    for (leads, kept) in [(stay, PLACE), (moved, &[])] {
        write_facts(change, &leads.into_iter().map(|(_, after)| after).collect::<Vec<_>>(), kept).await?;
    }
    Ok(())
}

/// The same of a lead of which it is not known how it was.
pub(crate) async fn update_all_facts(change: &mut Change, lead: &LeadRow) -> Result<()> {
    write_facts(change, &[lead], &[]).await
}

/// `kept`: columns that stay as they are.
async fn write_facts(change: &mut Change, leads: &[&LeadRow], kept: &[&str]) -> Result<()> {
    let columns = [FACTS, &["version", "updated_at", "touched"]].concat();
    let columns = columns.iter().filter(|column| !kept.contains(column));
    let sets: Vec<String> = columns.map(|column| format!("{column} = excluded.{column}")).collect();
    write_leads(change, leads, &[], &format!(" on conflict (id) do update set {}", sets.join(", "))).await
}

async fn write_leads(change: &mut Change, leads: &[&LeadRow], sealed: &[Option<String>], merge: &str) -> Result<()> {
    let columns: Vec<&str> = [&["id", "subject_key", "generation", "person_sealed", "created_at", "touched"], FACTS, STATE].concat();
    if leads.is_empty() {
        return Ok(());
    }
    let place = next_place(change).await?;
    let mut rows = Vec::with_capacity(leads.len());
    for (n, lead) in leads.iter().enumerate() {
        let mut row: Vec<Arg> = vec![
            lead.id.as_str().into(),
            lead.subject_key.as_str().into(),
            lead.generation.into(),
            sealed.get(n).and_then(Option::as_deref).into(),
            lead.created_at.into(),
            place.into(),
        ];
        row.extend(facts(lead)?);
        row.extend(state(lead));
        rows.push(row);
    }
    insert_places(change, leads).await?;
    insert_or(change, "leads", &columns, rows, merge).await
}

/// Where leads stand in the order, after decisions on their rules.
pub(crate) async fn update_ranks(change: &mut Change, leads: &[Reranked]) -> Result<()> {
    for chunk in leads.chunks(ARGS / 4) {
        // Both databases call the columns of a list of values so; PostgreSQL wants to be told what they are.
        let row = |n: usize| {
            let place = |k: usize| n * 4 + k;
            format!(
                "(cast(${} as text), cast(${} as bigint), cast(${} as bigint), cast(${} as bigint))",
                place(1),
                place(2),
                place(3),
                place(4)
            )
        };
        let rows: Vec<String> = (0..chunk.len()).map(row).collect();
        let sql = format!(
            "update leads set expected_fen = v.column2, rank_fen = v.column3, score = v.column4, {TOUCH} from (values {}) v \
             where leads.id = v.column1",
            rows.join(", ")
        );
        let args: Vec<Arg> = chunk
            .iter()
            .flat_map(|lead| [lead.id.as_str().into(), lead.expected_fen.into(), lead.rank_fen.into(), lead.score.into()])
            .collect();
        change.run(&sql, &args).await?;
    }
    Ok(())
}

/// Regions and institutions of leads, each pair once: what scopes are asked of.
async fn insert_places(change: &mut Change, leads: &[&LeadRow]) -> Result<()> {
    let places: BTreeSet<(&str, &str)> = leads.iter().map(|lead| (lead.region.as_str(), lead.institution.as_str())).collect();
    let rows: Vec<Vec<Arg>> = places.into_iter().map(|(region, institution)| vec![region.into(), institution.into()]).collect();
    insert_or(change, "lead_places", &["region", "institution"], rows, " on conflict (region, institution) do nothing").await
}

/// What an act changed.
pub(crate) async fn update_state(change: &mut Change, lead: &LeadRow) -> Result<()> {
    let mut args = state(lead);
    args.push(lead.id.as_str().into());
    let sets: Vec<String> = STATE.iter().enumerate().map(|(i, column)| format!("{column} = ${}", i + 1)).collect();
    change.run(&format!("update leads set {}, {TOUCH} where id = ${}", sets.join(", "), STATE.len() + 1), &args).await?;
    Ok(())
}
