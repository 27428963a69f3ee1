//! 本院统计: what an institution sees of itself, and of nobody else.

use axum::extract::State;
use axum::routing::get;
use mingjian_casework::Asker;
use mingjian_model::day::day_of;
use mingjian_people::Act;
use mingjian_store::Arg;

use crate::Shared;
use crate::body::Json;
use crate::caller::Caller;
use crate::contract::institution::{InstitutionSummary, SummaryMonth};
use crate::contract::profile::ProfileRule;
use crate::problem::Answer;
use crate::routes::{Access, Route, Verb};

pub fn routes() -> Vec<Route> {
    vec![
        Route::new(Verb::Get, "/institution/summary", Access::Right(Act::InstitutionSummary), "本院统计", || get(summary))
            .gives::<InstitutionSummary>(),
    ]
}

/// Leads that were told to the institution, below the person's scope; `l` is the lead.
fn told(asker: &Asker) -> (String, Vec<Arg>) {
    let mut args = asker.scope.args.clone();
    args.push(asker.person.institution.as_deref().unwrap_or("\u{1}").into());
    // The scope names its columns without a table; here only leads have them.
    (
        format!(
            "select id from leads where {} and institution = ${} and told = 1 and status not in ('new', 'check')",
            asker.scope.sql,
            args.len()
        ),
        args,
    )
}

const OPEN: &str = "l.status in ('sent', 'appeal')";
const UPHELD: &str = "l.status in ('upheld', 'partly')";

async fn summary(State(platform): State<Shared>, caller: Caller) -> Answer<Json<InstitutionSummary>> {
    let asker = caller.asker(Act::InstitutionSummary);
    let (mine, args) = told(&asker);
    let today = day_of(caller.person.at);
    let soon = platform.office.calendar.add(today, 3);
    let place = |more: usize| args.len() + more;
    let with = |more: &[i64]| args.iter().cloned().chain(more.iter().map(|value| Arg::Int(*value))).collect::<Vec<_>>();
    let counted = |condition: &str| format!("cast(coalesce(sum(case when {condition} then 1 else 0 end), 0) as bigint)");
    let summed =
        |condition: &str, column: &str| format!("cast(coalesce(sum(case when {condition} then {column} else 0 end), 0) as bigint)");
    let sql = format!(
        "select {} as open, {} as open_fen, {} as due3, {} as overdue, {} as accepted, {} as accepted_fen, {} as withdrawn_fen \
         from leads l where l.id in ({mine})",
        counted(OPEN),
        summed(OPEN, "l.amount_fen"),
        counted(&format!("{OPEN} and l.due_day <= ${}", place(1))),
        counted(&format!("{OPEN} and l.due_day < ${}", place(2))),
        counted(UPHELD),
        summed(UPHELD, "l.decided_fen"),
        summed("1 = 1", "l.withdrawn_fen"),
    );
    let mut found = InstitutionSummary::default();
    if let Some(row) = platform.store.one(&sql, &with(&[i64::from(soon), i64::from(today)])).await? {
        found.open = row.int("open")?;
        found.open_fen = row.int("open_fen")?;
        found.due3 = row.int("due3")?;
        found.overdue = row.int("overdue")?;
        found.accepted = row.int("accepted")?;
        found.accepted_fen = row.int("accepted_fen")?;
        found.withdrawn_fen = row.int("withdrawn_fen")?;
    }
    // Refused before payment was never paid out: only what is recovered is a refund.
    let sql = format!(
        "select cast(coalesce(sum(case when open_fen > 0 then open_fen else 0 end), 0) as bigint) as due_fen, \
         cast(coalesce(sum(offset_fen + paid_fen - returned_fen), 0) as bigint) as paid_fen from recoveries where road = 'recover' and lead in ({mine})"
    );
    if let Some(row) = platform.store.one(&sql, &args).await? {
        found.refund_due_fen = row.int("due_fen")?;
        found.refunded_fen = row.int("paid_fen")?;
    }
    let sql = format!(
        "select f.rule as id, min(f.rule_name) as title, count(*) as findings, cast(coalesce(sum(f.counted_fen), 0) as bigint) as amount_fen \
         from lead_findings f where f.gone = 0 and f.lead in ({mine}) group by f.rule order by 4 desc, 1 limit 50"
    );
    for row in platform.store.rows(&sql, &args).await? {
        found.by_rule.push(ProfileRule {
            id: row.text("id")?,
            title: row.text("title")?,
            findings: row.int("findings")?,
            amount_fen: row.int("amount_fen")?,
        });
    }
    found.by_month = months(&platform, &mine, &args).await?;
    Ok(Json(found))
}

/// By the month of a lead's last day, which decides where it belongs; the last two years.
async fn months(platform: &Shared, mine: &str, args: &[Arg]) -> Answer<Vec<SummaryMonth>> {
    let sql = format!(
        "select l.last_day as day, cast(sum(l.findings) as bigint) as findings, cast(sum(l.amount_fen) as bigint) as amount_fen \
         from leads l where l.id in ({mine}) group by l.last_day order by l.last_day"
    );
    let mut months: Vec<SummaryMonth> = Vec::new();
    for row in platform.store.rows(&sql, args).await? {
        let day = mingjian_model::day::format_day(i32::try_from(row.int("day")?).unwrap_or_default());
        let month = day.get(..7).unwrap_or_default().to_owned();
        let (findings, amount_fen) = (row.int("findings")?, row.int("amount_fen")?);
        match months.last_mut().filter(|last| last.month == month) {
            Some(last) => {
                last.findings += findings;
                last.amount_fen += amount_fen;
            }
            None => months.push(SummaryMonth { month, findings, amount_fen }),
        }
    }
    let skip = months.len().saturating_sub(24);
    Ok(months.split_off(skip))
}
