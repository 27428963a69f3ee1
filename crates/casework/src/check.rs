//! 对账: whether the money of findings, leads, decisions and ledger agrees, to the fen.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::Office;
use crate::error::Result;

/// The four amounts and what they must add up to (fen).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Reconciliation {
    /// 涉及金额 of all leads, each money once.
    pub found_fen: i64,
    /// Of closed leads: decided, withdrawn on appeal, dropped in the first review. The rest is open.
    pub decided_fen: i64,
    pub withdrawn_fen: i64,
    pub dropped_fen: i64,
    pub open_fen: i64,
    /// The funds' part of what was decided, by road.
    pub refuse_due_fen: i64,
    pub recover_due_fen: i64,
    /// What was booked.
    pub refused_fen: i64,
    pub recovered_fen: i64,
    pub waived_fen: i64,
    /// What does not agree, each with where; empty when all does.
    pub wrong: Vec<String>,
}

/// Adds everything up and says what does not agree.
pub async fn reconcile(office: &Office) -> Result<Reconciliation> {
    let store = &office.store;
    let mut result = Reconciliation::default();
    let closed = "l.status in ('upheld', 'partly', 'cleared', 'withdrawn', 'merged')";
    let sum = |of: &str| format!("cast(coalesce(sum({of}), 0) as bigint)");
    let sql = format!(
        "select {} as found, {} as decided, {} as withdrawn, {} as dropped, {} as still from leads l",
        sum("l.amount_fen"),
        sum("l.decided_fen"),
        sum("l.withdrawn_fen"),
        sum("l.dropped_fen"),
        sum(&format!("case when {closed} then 0 else l.amount_fen end")),
    );
    if let Some(row) = store.one(&sql, &[]).await? {
        result.found_fen = row.int("found")?;
        result.decided_fen = row.int("decided")?;
        result.withdrawn_fen = row.int("withdrawn")?;
        result.dropped_fen = row.int("dropped")?;
        result.open_fen = row.int("still")?;
    }
    let sql = format!(
        "select road, {} as due, {} as refused, {} as recovered, {} as waived from recoveries group by road",
        sum("due_fen"),
        sum("case when road = 'refuse' then refused_fen - returned_fen else 0 end"),
        sum("case when road = 'recover' then offset_fen + paid_fen - returned_fen else 0 end"),
        sum("waived_fen"),
    );
    for row in store.rows(&sql, &[]).await? {
        match row.text("road")?.as_str() {
            "refuse" => result.refuse_due_fen += row.int("due")?,
            _ => result.recover_due_fen += row.int("due")?,
        }
        result.refused_fen += row.int("refused")?;
        result.recovered_fen += row.int("recovered")?;
        result.waived_fen += row.int("waived")?;
    }
    if result.found_fen != result.decided_fen + result.withdrawn_fen + result.dropped_fen + result.open_fen {
        result.wrong.push("涉及金额 ≠ 认定 + 申诉核减 + 初审排除 + 在办".into());
    }
    for (what, sql) in checks(closed) {
        for row in store.rows(&sql, &[]).await? {
            result.wrong.push(format!("{}：{what}", row.text("id")?));
        }
    }
    result.wrong.extend(roll(office).await?);
    Ok(result)
}

/// Statements that give the id of each row that breaks a sentence; at most 100 each.
fn checks(closed: &str) -> Vec<(&'static str, String)> {
    let findings = |of: &str| format!("(select coalesce(sum({of}), 0) from lead_findings f where f.lead = l.id)");
    let entries = |kind: &str| {
        format!("(select coalesce(sum(e.amount_fen), 0) from recovery_entries e where e.recovery = r.id and e.kind = '{kind}')")
    };
    vec![
        (
            "线索金额 ≠ 疑点计入金额之和",
            format!("select l.id from leads l where l.amount_fen <> {} order by l.id limit 100", findings("f.counted_fen")),
        ),
        (
            "线索基金金额 ≠ 疑点计入基金之和",
            format!(
                "select l.id from leads l where l.fund_fen <> {} or l.acct_fen <> {} order by l.id limit 100",
                findings("f.counted_fund_fen"),
                findings("f.counted_acct_fen")
            ),
        ),
        (
            "办结线索：涉及 ≠ 认定 + 申诉核减 + 初审排除",
            format!(
                "select l.id from leads l where {closed} and l.amount_fen <> l.decided_fen + l.withdrawn_fen + l.dropped_fen order by l.id limit 100"
            ),
        ),
        (
            "认定金额 ≠ 各疑点认定之和",
            format!(
                "select l.id from leads l where {closed} and (l.decided_fen <> {} or l.loss_fen <> {}) order by l.id limit 100",
                findings("f.decided_fen"),
                findings("f.loss_fen")
            ),
        ),
        (
            "应拒付、应追回 ≠ 认定的基金损失",
            "select l.id from leads l where l.loss_fen <> (select coalesce(sum(r.due_fen), 0) from recoveries r where r.lead = l.id) \
             order by l.id limit 100"
                .into(),
        ),
        (
            "台账不平：应收 ≠ 拒付 + 抵扣 + 到账 + 减免 − 退还 + 待追",
            "select r.id from recoveries r where r.due_fen <> r.refused_fen + r.offset_fen + r.paid_fen + r.waived_fen - r.returned_fen \
             + r.open_fen or r.due_fen < 0 or r.returned_fen < 0 or (r.open_fen < 0 and not exists (select 1 from recovery_entries e \
             where e.recovery = r.id and e.kind = 'corrected')) or r.refused_fen < 0 or r.offset_fen < 0 or r.paid_fen < 0 or r.waived_fen < 0 order by r.id limit 100"
                .into(),
        ),
        (
            "台账各项 ≠ 分录之和",
            format!(
                "select r.id from recoveries r where r.refused_fen <> {} or r.offset_fen <> {} or r.paid_fen <> {} or r.waived_fen <> {} \
                 or r.returned_fen <> {} order by r.id limit 100",
                entries("refused"),
                entries("offset"),
                entries("paid"),
                entries("waived"),
                entries("returned")
            ),
        ),
    ]
}

/// What the roll holds against the leads themselves, by status.
async fn roll(office: &Office) -> Result<Option<String>> {
    office.roll.bring_up(&office.store).await?;
    let mut kept: BTreeMap<&str, [i64; 4]> = BTreeMap::new();
    for entry in &office.roll.read().entries {
        let sums = kept.entry(entry.status.id()).or_default();
        for (sum, part) in sums.iter_mut().zip([1, entry.amount_fen, entry.fund_fen, entry.rank_fen]) {
            *sum += part;
        }
    }
    let sql = "select status, count(*) as n, cast(sum(amount_fen) as bigint) as amount_fen, cast(sum(fund_fen) as bigint) as fund_fen, \
               cast(sum(rank_fen) as bigint) as rank_fen from leads group by status";
    let mut wrong = Vec::new();
    for row in office.store.rows(sql, &[]).await? {
        let status = row.text("status")?;
        let there = [row.int("n")?, row.int("amount_fen")?, row.int("fund_fen")?, row.int("rank_fen")?];
        if kept.remove(status.as_str()) != Some(there) {
            wrong.push(status);
        }
    }
    wrong.extend(kept.into_keys().map(str::to_owned));
    Ok((!wrong.is_empty()).then(|| format!("名册与线索不符：{}", wrong.join("、"))))
}
