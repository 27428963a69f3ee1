//! Counts and sums of leads by what lists are filtered by (`lead_sums`), kept in step with every act, so that a list of a million says
//! how many there are without counting them.

use std::collections::BTreeMap;

use mingjian_store::{Arg, Change};

use super::row::LeadRow;
use super::write::insert_or;
use crate::error::Result;

/// Puts the sums right after a lead changed from `before` to `after` (the same lead).
pub(crate) async fn moved(change: &mut Change, before: &LeadRow, after: &LeadRow) -> Result<()> {
    let same = before.status == after.status
        && before.told == after.told
        && before.amount_fen == after.amount_fen
        && before.fund_fen == after.fund_fen
        && before.findings == after.findings
        && before.result == after.result
        && before.last_day == after.last_day;
    if !same || before.rules != after.rules {
        let mut parts = Parts::new();
        collect(&mut parts, before, -1);
        collect(&mut parts, after, 1);
        add(change, &parts).await?;
    }
    Ok(())
}

/// Adds new leads.
pub(crate) async fn add_new(change: &mut Change, leads: &[LeadRow]) -> Result<()> {
    let mut parts = Parts::new();
    leads.iter().for_each(|lead| collect(&mut parts, lead, 1));
    add(change, &parts).await
}

/// The institution of rows over all of them.
pub(crate) const ALL: &str = "*";

/// Days of a block of the sums over all institutions and rules.
pub(crate) const BLOCK_DAYS: i64 = 32;

/// By rule, institution, status, region, subject, result, told and block: leads, findings, amount, fund.
type Key<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str, &'a str, bool, i64);
type Parts<'a> = BTreeMap<Key<'a>, [i64; 4]>;

fn collect<'a>(parts: &mut Parts<'a>, lead: &'a LeadRow, sign: i64) {
    let of_rules = lead.rules.iter().map(|rule| (rule.id.as_str(), ALL, 0));
    for (rule, institution, block) in of_rules.chain([("", ALL, lead.last_day / BLOCK_DAYS), ("", lead.institution.as_str(), 0)]) {
        let key = (rule, institution, lead.status.id(), &*lead.region, &*lead.subject, &*lead.result, lead.told, block);
        let part = parts.entry(key).or_default();
        for (sum, value) in part.iter_mut().zip([1, lead.findings, lead.amount_fen, lead.fund_fen]) {
            *sum += sign * value;
        }
    }
}

const COLUMNS: &[&str] =
    &["rule", "institution", "status", "region", "subject", "result", "told", "block", "leads", "findings", "amount_fen", "fund_fen"];

async fn add(change: &mut Change, parts: &Parts<'_>) -> Result<()> {
    let row = |(key, sums): (&Key<'_>, &[i64; 4])| -> Vec<Arg> {
        let (rule, institution, status, region, subject, result, told, block) = *key;
        let mut row: Vec<Arg> = [rule, institution, status, region, subject, result].map(Arg::from).into();
        row.extend([Arg::from(told), block.into()]);
        row.extend(sums.iter().map(|&sum| Arg::Int(sum)));
        row
    };
    let rows: Vec<Vec<Arg>> = parts.iter().filter(|(_, sums)| **sums != [0; 4]).map(row).collect();
    let merge = " on conflict (rule, institution, status, region, subject, result, told, block) do update set \
                 leads = lead_sums.leads + excluded.leads, findings = lead_sums.findings + excluded.findings, \
                 amount_fen = lead_sums.amount_fen + excluded.amount_fen, fund_fen = lead_sums.fund_fen + excluded.fund_fen";
    insert_or(change, "lead_sums", COLUMNS, &rows, merge).await
}

/// Findings by week, made anew.
pub(crate) async fn rebuild_weeks(change: &mut Change) -> Result<()> {
    // Monday of the week of a day: 1970-01-01 was a Thursday. Days are well past 1970, so plain division rounds down.
    change.run("delete from lead_weeks", &[]).await?;
    change
        .run(
            "insert into lead_weeks (week, region, institution, result, leads, findings, amount_fen) \
             select (l.last_day + 3) / 7 * 7 - 3, l.region, l.institution, l.result, count(*), cast(sum(l.findings) as bigint), \
             cast(sum(l.amount_fen) as bigint) from leads l where l.gone = 0 and l.last_day > 0 \
             group by (l.last_day + 3) / 7 * 7 - 3, l.region, l.institution, l.result",
            &[],
        )
        .await?;
    Ok(())
}
