//! 对账: whether the money of findings, leads, decisions and ledger agrees, to the fen.

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
    let closed = "l.status in ('upheld', 'partly', 'cleared', 'withdrawn')";
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
        sum("refused_fen"),
        sum("offset_fen + paid_fen"),
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
            "台账不平：应收 ≠ 拒付 + 抵扣 + 到账 + 核减 + 待收",
            "select r.id from recoveries r where r.due_fen <> r.refused_fen + r.offset_fen + r.paid_fen + r.waived_fen + r.open_fen \
             or r.open_fen < 0 or r.refused_fen < 0 or r.offset_fen < 0 or r.paid_fen < 0 or r.waived_fen < 0 order by r.id limit 100"
                .into(),
        ),
        (
            "台账各项 ≠ 分录之和",
            format!(
                "select r.id from recoveries r where r.refused_fen <> {} or r.offset_fen <> {} or r.paid_fen <> {} or r.waived_fen <> {} \
                 order by r.id limit 100",
                entries("refused"),
                entries("offset"),
                entries("paid"),
                entries("waived")
            ),
        ),
        (
            "汇总表与线索不符",
            "select s.institution as id from (select case when institution = '*' then '*' else '' end as institution, \
             cast(sum(leads) as bigint) as n, cast(sum(amount_fen) as bigint) as fen from lead_sums where rule = '' \
             group by case when institution = '*' then '*' else '' end) s, \
             (select count(*) as n, cast(coalesce(sum(amount_fen), 0) as bigint) as fen from leads) l where s.n <> l.n or s.fen <> l.fen"
                .into(),
        ),
        (
            "按规则的汇总与线索不符",
            "select s.rule as id from (select rule, cast(sum(leads) as bigint) as n, cast(sum(amount_fen) as bigint) as fen from lead_sums \
             where rule <> '' group by rule) s left join (select r.rule, count(*) as n, cast(sum(l.amount_fen) as bigint) as fen \
             from lead_rules r join leads l on l.id = r.lead group by r.rule) l on l.rule = s.rule \
             where s.n <> coalesce(l.n, 0) or s.fen <> coalesce(l.fen, 0) order by s.rule limit 100"
                .into(),
        ),
    ]
}
