//! 通知: what a person should know of leads — given to them, due or overdue, answered, sent back, decided — made from what happened, below
//! the scope. A key names a notice for good: the lead and the step, or the lead and the limit. Digests and sounds there are none.

use mingjian_model::day::{MICROS_PER_DAY, Moment, day_of};
use mingjian_store::Arg;

use crate::Office;
use crate::error::Result;
use crate::leads::list::{Where, scoped};
use crate::person::{Asker, role};

/// Steps older than this are told no more.
const DAYS: i64 = 30;
/// Notices of a kind at most.
const MOST: i64 = 50;
/// Working days before a limit from which it is told.
const SOON: i64 = 3;

/// Why somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 派给我的, also a seat on a panel and what a legal reviewer is to read; of an institution: findings to answer.
    Assigned,
    /// 三个工作日内到期.
    Due,
    /// 已超期.
    Overdue,
    /// 对方答复了: an institution's answer; of an institution: a conclusion.
    Answered,
    /// 退回或撤回.
    Returned,
    /// 已作出决定.
    Approved,
}

impl Kind {
    pub fn id(self) -> &'static str {
        match self {
            Kind::Assigned => "assigned",
            Kind::Due => "due",
            Kind::Overdue => "overdue",
            Kind::Answered => "answered",
            Kind::Returned => "returned",
            Kind::Approved => "approved",
        }
    }
}

/// One thing to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub key: String,
    pub kind: Kind,
    /// Its number too.
    pub lead: String,
    pub institution: String,
    pub amount_fen: i64,
    /// Name of who did the step; empty of limits.
    pub by: String,
    /// When the step was taken; of limits the beginning of the day they end on.
    pub at: Moment,
}

/// All notices of the asker, newest first.
pub async fn notices(office: &Office, asker: &Asker) -> Result<Vec<Notice>> {
    let me = asker.person.account.as_str();
    let mut found = Vec::new();
    let last = |act: &str| format!("s.seq = (select max(x.seq) from lead_steps x where x.lead = l.id and x.act = '{act}')");
    if asker.person.is_institution() {
        steps(office, asker, Kind::Assigned, &format!("s.act = 'send' and {}", last("send")), &[], &mut found).await?;
        steps(office, asker, Kind::Answered, "s.act = 'conclude'", &[], &mut found).await?;
        steps(office, asker, Kind::Approved, "s.act in ('decide', 'confirm', 'correct', 'withdraw')", &[], &mut found).await?;
        limits(office, asker, "l.status in ('sent', 'appeal')", &[], &mut found).await?;
    } else {
        let mine = format!("s.act = 'assign' and l.holder = ? and {}", last("assign"));
        steps(office, asker, Kind::Assigned, &mine, &[me], &mut found).await?;
        if asker.person.has(role::EXPERT) || asker.person.has(role::OUTSIDE) {
            let seat = format!(
                "s.act = 'convene' and {} and l.id in (select p.lead from panel_seats p where p.account = ? and p.state = 'asked')",
                last("convene")
            );
            steps(office, asker, Kind::Assigned, &seat, &[me], &mut found).await?;
        }
        if asker.person.has(role::LEGAL) {
            steps(office, asker, Kind::Assigned, &format!("s.act = 'refer' and {}", last("refer")), &[], &mut found).await?;
        }
        let mine = "(l.first_account = ? or l.second_account = ?)";
        steps(office, asker, Kind::Answered, &format!("s.act in ('reply', 'lapse', 'again', 'accept') and {mine}"), &[me, me], &mut found)
            .await?;
        steps(office, asker, Kind::Returned, &format!("s.act in ('recall', 'withdraw') and {mine}"), &[me, me], &mut found).await?;
        steps(office, asker, Kind::Approved, &format!("s.act in ('decide', 'confirm', 'correct') and {mine}"), &[me, me], &mut found)
            .await?;
        limits(office, asker, "l.holder = ? and l.status not in ('sent', 'appeal')", &[me], &mut found).await?;
    }
    found.sort_by(|a, b| (b.at, &a.key).cmp(&(a.at, &b.key)));
    Ok(found)
}

/// Steps others have taken lately.
async fn steps(office: &Office, asker: &Asker, kind: Kind, condition: &str, args: &[&str], found: &mut Vec<Notice>) -> Result<()> {
    let mut clause = scoped(asker);
    clause.and(condition, args.iter().map(|arg| Arg::from(*arg)));
    let since = asker.at - DAYS * MICROS_PER_DAY;
    clause.and("s.account <> ? and s.at >= ?", [asker.person.account.as_str().into(), since.into()]);
    let sql = format!(
        "select l.id as lead, l.institution_name, l.amount_fen, s.seq, s.at, s.name from leads l join lead_steps s on s.lead = l.id \
         where {} order by s.at desc limit {MOST}",
        clause.sql()
    );
    // An institution is not told who of the bureau did it.
    let outside = asker.person.is_institution();
    for row in office.store.rows(&sql, &clause.args).await? {
        let lead = row.text("lead")?;
        found.push(Notice {
            key: format!("{}:{lead}:{}", kind.id(), row.int("seq")?),
            kind,
            institution: row.text("institution_name")?,
            amount_fen: row.int("amount_fen")?,
            by: if outside { String::new() } else { row.text("name")? },
            at: row.int("at")?,
            lead,
        });
    }
    Ok(())
}

/// Limits near and over. What falls due is told once, and once more when it is over.
async fn limits(office: &Office, asker: &Asker, condition: &str, args: &[&str], found: &mut Vec<Notice>) -> Result<()> {
    let today = day_of(asker.at);
    let until = i64::from(office.calendar.add(today, SOON));
    let mut clause: Where = scoped(asker);
    clause.and(condition, args.iter().map(|arg| Arg::from(*arg)));
    clause.and("l.due_day <= ?", [until.into()]);
    let sql = format!(
        "select l.id as lead, l.institution_name, l.amount_fen, l.due_day from leads l where {} order by l.due_day limit {MOST}",
        clause.sql()
    );
    for row in office.store.rows(&sql, &clause.args).await? {
        let (lead, due) = (row.text("lead")?, row.int("due_day")?);
        let kind = if due < i64::from(today) { Kind::Overdue } else { Kind::Due };
        found.push(Notice {
            key: format!("{}:{lead}:{due}", kind.id()),
            kind,
            institution: row.text("institution_name")?,
            amount_fen: row.int("amount_fen")?,
            by: String::new(),
            at: due * MICROS_PER_DAY,
            lead,
        });
    }
    Ok(())
}
