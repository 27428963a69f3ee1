//! Doing an act (办理一步): read, check, change, one transaction; a repeated request does it once.

use mingjian_model::day::{Day, day_of};
use mingjian_store::{Change, Event};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::hands::{HANDS, Hands};
use super::panel::read_seats;
use super::table::{self, Act, Around, Move};
use crate::Office;
use crate::error::{CaseError, Result};
use crate::leads::detail;
use crate::leads::list::{Filter, ids, scoped};
use crate::leads::row::{FINDING_COLUMNS, FindingStored, LEAD_COLUMNS, LeadRow, NO_DUE};
use crate::leads::view::{LeadDetail, LineAnswer};
use crate::leads::write::update_state;
use crate::person::Asker;
use crate::settings::Limits;
use crate::steps::{self, NewStep};

/// What an act is given.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ActInput {
    /// The version the person saw; none in acts on many.
    pub version: Option<i64>,
    pub assignee: Option<String>,
    /// 合议 members.
    pub members: Vec<String>,
    pub reason: Option<String>,
    pub text: Option<String>,
    pub lines: Vec<LineAnswer>,
    /// Ids of attachments uploaded before.
    pub attachments: Vec<String>,
    pub limit_days: Option<i64>,
    /// An opinion for all findings: accept or appeal in a reply; uphold, partly, withdraw in a review or panel.
    pub vote: Option<String>,
    /// refuse, recover
    pub road: Option<String>,
    pub until: Option<String>,
    /// 合并: the leads that go into this one.
    pub leads: Vec<String>,
    /// 拆分: the findings that become a lead of their own.
    pub findings: Vec<String>,
    /// The idempotency key of the request.
    #[serde(skip)]
    pub key: Option<String>,
}

impl ActInput {
    pub(super) fn text(&self) -> &str {
        self.text.as_deref().map_or("", str::trim)
    }

    pub(super) fn needs_text(&self) -> Result<()> {
        if self.text().is_empty() { Err(CaseError::field("text", "请填写说明")) } else { Ok(()) }
    }

    /// A reason of a list; 'other' needs words.
    pub(super) fn reason_of(&self, list: &[crate::reasons::Reason]) -> Result<String> {
        let code = self.reason.as_deref().unwrap_or("");
        if crate::reasons::title(list, code).is_none() {
            return Err(CaseError::field("reason", "请选择理由"));
        }
        if code == "other" && self.text().is_empty() {
            return Err(CaseError::field("text", "理由为“其他”时请写明"));
        }
        Ok(code.to_owned())
    }
}

/// Longest text of a step, in characters.
const TEXT_MAX: usize = 4_000;

/// An act under way.
pub(super) struct Doing<'a> {
    pub office: &'a Office,
    pub asker: &'a Asker,
    pub input: &'a ActInput,
    pub row: &'static Move,
    pub limits: &'a Limits,
    pub hands: &'a Hands,
    pub before: LeadRow,
    /// What the lead becomes.
    pub after: LeadRow,
    /// Answers to be kept with the step.
    pub lines: Vec<LineAnswer>,
    pub reason: String,
    pub inner: bool,
    /// What the step says where it is more than the person's words.
    pub said: Option<String>,
}

impl Doing<'_> {
    pub fn today(&self) -> Day {
        day_of(self.asker.at)
    }

    /// The limit given, else the region's, in working days.
    pub fn limit(&self, usual: i64) -> Result<i64> {
        match self.input.limit_days {
            None => Ok(usual),
            Some(days) if (1..=self.limits.longest).contains(&days) => Ok(days),
            Some(_) => Err(CaseError::field("limit_days", format!("期限应在 1 至 {} 个工作日之间", self.limits.longest))),
        }
    }

    /// Lets a limit run from a day.
    pub fn run_from(&mut self, day: Day, working_days: i64) {
        self.after.due_day = self.office.calendar.add(day, working_days).into();
        self.after.limit_days = working_days;
        self.after.paused_left = None;
    }

    pub fn stop_clock(&mut self) {
        self.after.due_day = NO_DUE;
        self.after.paused_left = None;
    }

    pub fn hold_by_me(&mut self) {
        let person = &self.asker.person;
        self.hold(&person.account, &person.name);
    }

    pub fn hold(&mut self, account: &str, name: &str) {
        self.after.holder = account.to_owned();
        self.after.holder_name = name.to_owned();
        self.after.held_at = self.asker.at;
    }

    pub fn hold_by_nobody(&mut self) {
        self.hold("", "");
    }
}

/// Does an act on a lead and shows what it became.
///
/// # Errors
/// [`CaseError::NotFound`] outside the scope, [`CaseError::Conflict`] where the lead is newer than what was seen, [`CaseError::Refused`]
/// with the reason where the table forbids it, [`CaseError::Invalid`] with the fields.
pub async fn act(office: &Office, asker: &Asker, id: &str, act: Act, input: &ActInput) -> Result<LeadDetail> {
    act_once(office, asker, id, act, input).await?;
    detail(office, asker, id).await
}

async fn act_once(office: &Office, asker: &Asker, id: &str, act: Act, input: &ActInput) -> Result<LeadRow> {
    if input.text.as_ref().is_some_and(|text| text.chars().count() > TEXT_MAX) {
        return Err(CaseError::field("text", format!("说明不超过 {TEXT_MAX} 字")));
    }
    let role = table::WAY.iter().find(|row| row.act == act).and_then(|row| table::role_of(row, &asker.person));
    let actor = asker.actor(role.unwrap_or_else(|| asker.person.roles.first().map_or("", String::as_str)));
    let mut change = office.store.begin(&actor).await?;
    let lead = read_lead(&mut change, asker, id).await?;
    if is_done_before(&mut change, asker, id, input).await? {
        return Ok(lead);
    }
    if let Some(seen) = input.version.filter(|seen| *seen != lead.version) {
        return Err(CaseError::Conflict { seen, now: lead.version });
    }
    let row = table::row(act, lead.status).ok_or_else(|| {
        // Late words have a way to be heard.
        let late = matches!(act, Act::Reply | Act::Again) && !lead.status.is_closed() && lead.told;
        let way = if late { "；逾期的理由和材料请用“补充说明”提交" } else { "" };
        CaseError::Refused(format!("线索{}，不能{}{way}", lead.status.title(), act.title()))
    })?;
    let seats = read_seats(&change.rows(super::panel::SEATS, &[id.into()]).await?)?;
    let hands = Hands::of(&lead, &change.rows(HANDS, &[id.into()]).await?, &seats)?;
    let limits = office.settings.limits(&lead.region);
    let around = Around { hands: &hands, today: day_of(asker.at).into(), panel_from_fen: limits.panel_from_fen };
    table::check(row, &lead, &asker.person, &around).map_err(CaseError::Refused)?;
    let mut findings = Vec::new();
    let sql = format!("select {FINDING_COLUMNS} from lead_findings where lead = $1 order by gone, seq, id");
    for found in change.rows(&sql, &[id.into()]).await? {
        findings.push(FindingStored::read(&found)?);
    }
    let mut doing = Doing {
        office,
        asker,
        input,
        row,
        limits,
        hands: &hands,
        after: LeadRow { version: lead.version + 1, updated_at: asker.at, ..lead.clone() },
        before: lead,
        lines: Vec::new(),
        reason: String::new(),
        inner: row.inner,
        said: None,
    };
    match act {
        Act::Assign | Act::Take | Act::Send | Act::Drop | Act::Recall | Act::Withdraw => {
            super::start::act(&mut doing, &mut change, &findings).await?;
        }
        Act::Pause | Act::Resume | Act::Extend | Act::Note => super::start::clock(&mut doing)?,
        Act::Refer => super::start::refer(&mut doing)?,
        Act::PutOff | Act::TakeUp => super::wait::act(&mut doing)?,
        Act::Merge => super::shape::merge(&mut doing, &mut change, &actor, &findings).await?,
        Act::Split => super::shape::split(&mut doing, &mut change, &actor, &findings).await?,
        Act::Restore => super::shape::restore(&mut doing, &mut change, &actor).await?,
        Act::Deliver | Act::Receipt | Act::Reply | Act::Lapse | Act::Accept | Act::Again => {
            super::answer::act(&mut doing, &mut change, &findings).await?;
        }
        Act::Review | Act::Confirm | Act::Conclude | Act::Decide | Act::Correct | Act::SkipPanel => {
            super::review::act(&mut doing, &mut change, &findings).await?;
        }
        Act::Convene | Act::Recuse | Act::Vote => super::panel::act(&mut doing, &mut change, &findings, seats).await?,
    }
    if doing.after.status != doing.before.status {
        // What was waited for came, or somebody went on: it waits no more.
        doing.after.put_off_day = 0;
    }
    finish(doing, change, &actor).await
}

/// Writes the lead, the step and the event.
async fn finish(doing: Doing<'_>, mut change: Change, actor: &mingjian_store::Actor) -> Result<LeadRow> {
    let Doing { asker, input, row, before, after, lines, reason, inner, said, .. } = doing;
    claim_attachments(&mut change, asker, &after.id, input).await?;
    update_state(&mut change, &after).await?;
    let step = NewStep {
        act: row.act.id(),
        text: said.as_deref().unwrap_or(input.text()),
        reason: &reason,
        lines: &lines,
        attachments: &input.attachments,
        inner_only: inner,
        idem: input.key.as_deref(),
        ..NewStep::of(&after, before.status, after.status)
    };
    steps::write(&mut change, actor, &asker.person.name, &step).await?;
    change.note(Event {
        act: row.act.event(),
        object_kind: "lead",
        object: after.id.clone(),
        detail: json!({
            "from": before.status.id(), "to": after.status.id(), "version": after.version, "amount_fen": after.amount_fen,
            "decided_fen": after.decided_fen, "withdrawn_fen": after.withdrawn_fen, "dropped_fen": after.dropped_fen, "holder": after.holder,
        }),
        reason: (!reason.is_empty()).then_some(reason),
    });
    change.commit().await?;
    Ok(after)
}

/// A lead within the asker's scope, as this change sees it.
pub(crate) async fn read_lead(change: &mut Change, asker: &Asker, id: &str) -> Result<LeadRow> {
    let mut clause = scoped(asker);
    clause.and("l.id = ?", [id.into()]);
    let row = change.one(&format!("select {LEAD_COLUMNS} from leads l where {}", clause.sql()), &clause.args).await?;
    row.as_ref().map(LeadRow::read).transpose()?.ok_or(CaseError::NotFound)
}

/// The same request again: nothing more is done.
async fn is_done_before(change: &mut Change, asker: &Asker, id: &str, input: &ActInput) -> Result<bool> {
    let Some(key) = input.key.as_deref() else { return Ok(false) };
    let sql = "select seq from lead_steps where account = $1 and idem = $2 and lead = $3";
    Ok(change.one(sql, &[asker.person.account.as_str().into(), key.into(), id.into()]).await?.is_some())
}

/// Attachments named must be of this lead. An institution's step names what the institution handed in: a file of the bureau's that it named
/// would stand in a step it sees, and with that be its to read.
async fn claim_attachments(change: &mut Change, asker: &Asker, lead: &str, input: &ActInput) -> Result<()> {
    let own = i64::from(asker.person.is_institution());
    for id in &input.attachments {
        let sql = "select id from attachments where id = $1 and owner_kind = 'lead' and owner = $2 and (inner_only = 0 or $3 = 0)";
        if change.one(sql, &[id.as_str().into(), lead.into(), own.into()]).await?.is_none() {
            return Err(CaseError::field("attachments", "附件不属于这条线索，请重新上传"));
        }
    }
    Ok(())
}

/// What became of an act on many.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Batch {
    pub done: i64,
    pub failed: Vec<Failure>,
    /// Money of the leads done.
    pub amount_fen: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Failure {
    pub id: String,
    pub detail: String,
}

/// Most leads of one act on many.
const MANY: i64 = 2_000;

/// Does an act on many leads, each in its own transaction: what is refused is named, the rest is done.
///
/// By ids, or on all that a filter names. Findings are answered alike through `vote`.
pub async fn act_many(
    office: &Office,
    asker: &Asker,
    named: Option<&[String]>,
    filter: Option<&Filter>,
    act: Act,
    input: &ActInput,
) -> Result<Batch> {
    let (mut list, more) = match (named, filter) {
        (Some(named), _) => (named.to_vec(), named.len() as i64 > MANY),
        (None, Some(filter)) => ids(office, asker, filter, MANY).await?,
        (None, None) => return Err(CaseError::field("ids", "请选择线索，或给出条件")),
    };
    if more {
        return Err(CaseError::field("ids", format!("一次最多办理 {MANY} 条，请缩小范围")));
    }
    // Named twice is done once, and counted once.
    let mut named = std::collections::HashSet::new();
    list.retain(|id| named.insert(id.clone()));
    if matches!(act, Act::Merge | Act::Split | Act::Convene) {
        return Err(CaseError::Refused(format!("{}须逐件办理", act.title())));
    }
    if !input.lines.is_empty() || !input.attachments.is_empty() {
        return Err(CaseError::field("lines", "批量办理不能逐条填写，也不能带附件"));
    }
    let input = ActInput { version: None, ..input.clone() };
    let mut batch = Batch::default();
    for id in list {
        match act_once(office, asker, &id, act, &input).await {
            Ok(lead) => {
                batch.done += 1;
                batch.amount_fen += lead.amount_fen;
            }
            Err(error @ (CaseError::Store(_) | CaseError::File(_) | CaseError::Broken(_))) => return Err(error),
            Err(error) => batch.failed.push(Failure { id, detail: error.to_string() }),
        }
    }
    Ok(batch)
}
