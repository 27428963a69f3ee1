//! 导出审批: what leaves the house in clear or in bulk needs the word of a second person.
//!
//! Somebody asks with a reason and a filter, which does not change after that; another who holds [`Act::ExportsApprove`] and whose region
//! holds the asker's lets it or refuses it; the asker takes the file once, within a time. Who may see nothing any more takes nothing: the
//! file is made when it is taken, under the rights of that moment, so that no list of persons lies on a disk meanwhile. What is taken may
//! be no more than a tenth longer than what was approved.

use mingjian_model::day::{MICROS_PER_DAY, MICROS_PER_SECOND, Moment, format_moment};
use mingjian_store::{Arg, Change, Event, Row};
use serde_json::{Value, json};

use crate::role::Reach;
use crate::unmask::{Look, checked_reason, note_unmask};
use crate::{Act, Columns, Object, People, PeopleError, Person, allows, role_for, scope_sql_for};

/// Requests of one account that wait at once.
const WAITING_MAX: i64 = 20;
/// Characters of a reason.
const REASON_MAX: usize = 200;

/// When a second person is asked, and how long things hold. A region sets it under `[exports]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportRules {
    /// More rows than this need approval.
    pub approve_rows: i64,
    /// Every export needs approval.
    pub approve_all: bool,
    /// Hours within which an approved file can be taken.
    pub take_hours: i64,
    /// Days after which a request that nobody decided lapses.
    pub wait_days: i64,
}

impl Default for ExportRules {
    fn default() -> ExportRules {
        ExportRules { approve_rows: 2_000, approve_all: false, take_hours: 72, wait_days: 7 }
    }
}

impl ExportRules {
    /// Why this export needs a second person; `None`: it does not.
    pub fn why(&self, clear: bool, rows: i64) -> Option<&'static str> {
        match () {
            () if clear => Some("clear"),
            () if rows > self.approve_rows => Some("rows"),
            () if self.approve_all => Some("all"),
            () => None,
        }
    }
}

/// What is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportKind {
    Leads,
    Recoveries,
    /// 证据图: the picture of relations around a lead or a person, as one page.
    Relations,
}

impl ExportKind {
    pub const ALL: [ExportKind; 3] = [ExportKind::Leads, ExportKind::Recoveries, ExportKind::Relations];

    pub fn id(self) -> &'static str {
        match self {
            ExportKind::Leads => "leads",
            ExportKind::Recoveries => "recoveries",
            ExportKind::Relations => "relations",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            ExportKind::Leads => "线索",
            ExportKind::Recoveries => "追回台账",
            ExportKind::Relations => "关系图谱",
        }
    }

    /// The right to take it.
    pub fn act(self) -> Act {
        match self {
            ExportKind::Leads | ExportKind::Relations => Act::LeadsExport,
            ExportKind::Recoveries => Act::RecoveriesExport,
        }
    }

    pub fn from_id(id: &str) -> Option<ExportKind> {
        ExportKind::ALL.into_iter().find(|kind| kind.id() == id)
    }
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct NewExport {
    pub kind: ExportKind,
    /// `xlsx` or `csv`; `html` for a picture.
    pub form: &'static str,
    /// Names and certificate numbers in clear.
    pub clear: bool,
    pub filter: Value,
    /// The same as it stands in the trail: nothing personal in clear.
    pub told: Value,
    /// Rows the filter names now; of a picture the persons in it.
    pub rows: i64,
    pub reason: String,
}

/// A request as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Export {
    pub id: String,
    pub account: String,
    pub region: String,
    pub kind: ExportKind,
    pub form: String,
    pub clear: bool,
    pub filter: Value,
    pub rows: i64,
    pub reason: String,
    pub why: Option<String>,
    /// waiting, approved, refused, withdrawn, taken, lapsed (waited too long, or was not taken in time)
    pub state: &'static str,
    pub asked_at: Moment,
    pub decided_by: Option<String>,
    pub decided_at: Option<Moment>,
    pub decision: Option<String>,
    pub until: Option<Moment>,
    pub taken_at: Option<Moment>,
    pub rows_taken: Option<i64>,
    pub version: i64,
}

impl Export {
    /// More rows than this were not approved.
    pub fn rows_max(&self) -> i64 {
        if self.why.is_some() { self.rows + self.rows / 10 } else { i64::MAX }
    }
}

/// What left the house with a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    pub rows: i64,
    /// Leads whose persons are in it in clear.
    pub shown: Vec<String>,
    /// Digest of the data in it, for a file that carries its data whole.
    pub digest: Option<String>,
}

/// Whose requests are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// One's own.
    Own,
    /// Those of others that one may decide, or could have.
    Others,
}

const COLUMNS: &str = "id, account, region, kind, form, clear, filter, rows_asked, reason, why, state, asked_at, decided_by, decided_at, \
                       decision, until, taken_at, rows_taken, version";
/// As [`scope_sql_for`] calls the columns: a request lies in a region, at no institution.
const SCOPED: Columns<'static> = Columns { region: "region", institution: "''", lead: "''" };

impl People {
    pub fn export_rules(&self) -> &ExportRules {
        &self.settings.exports
    }

    /// Asks for an export; one that needs no second person can be taken at once.
    ///
    /// Errors: no right, a reason that says nothing, too many that wait.
    pub async fn ask_export(&self, person: &Person, new: &NewExport, origin: &str) -> Result<Export, PeopleError> {
        self.may_take(person, new.kind, new.clear)?;
        let reason = checked(&new.reason)?;
        let why = self.settings.exports.why(new.clear, new.rows);
        let mut change = self.store.begin(&person.actor(new.kind.act(), origin)).await?;
        if why.is_some() {
            let sql = "select count(*) as n from exports where account = $1 and state = 'waiting' and asked_at > $2";
            let args = [(&person.account).into(), (person.at - self.waits()).into()];
            if change.one(sql, &args).await?.map_or(Ok(0), |row| row.int("n"))? >= WAITING_MAX {
                return Err(PeopleError::ExportNotNow(format!("已有 {WAITING_MAX} 件申请在等审批，请先等它们办完或撤回几件")));
            }
        }
        let year = format_moment(person.at).chars().take(4).collect::<String>();
        let count = change.one("select count(*) as n from exports where substr(id, 3, 4) = $1", &[(&year).into()]).await?;
        let id = format!("DC{year}-{:06}", count.map_or(Ok(0), |row| row.int("n"))? + 1);
        let until = why.is_none().then(|| person.at + self.takes());
        let args: [Arg; 14] = [
            (&id).into(),
            (&person.account).into(),
            home(person, new.kind.act()).into(),
            new.kind.id().into(),
            new.form.into(),
            new.clear.into(),
            self.sealer.seal(&new.filter.to_string())?.into(),
            new.rows.into(),
            self.sealer.seal(&reason)?.into(),
            why.into(),
            if why.is_some() { "waiting" } else { "approved" }.into(),
            person.at.into(),
            until.into(),
            1.into(),
        ];
        let sql = "insert into exports (id, account, region, kind, form, clear, filter, rows_asked, reason, why, state, asked_at, until, version) \
                   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
        change.run(sql, &args).await?;
        let detail = json!({"kind": new.kind.id(), "form": new.form, "clear": new.clear, "rows": new.rows, "filter": new.told, "why": why});
        change.note(event("export.ask", &id, detail, Some(reason)));
        change.commit().await?;
        self.export(person, &id).await
    }

    /// A request, for who asked and for who may decide; for all others it is not there.
    pub async fn export(&self, person: &Person, id: &str) -> Result<Export, PeopleError> {
        let row = self.store.one(&format!("select {COLUMNS} from exports where id = $1"), &[id.into()]).await?;
        let export = row.map(|row| self.read_export(&row, person.at)).transpose()?.ok_or(PeopleError::NoExport)?;
        if export.account != person.account && decides(person, &export).is_err() {
            return Err(PeopleError::NoExport);
        }
        Ok(export)
    }

    /// Requests, newest first, before the moment and id of the last of the page before.
    pub async fn exports(
        &self,
        person: &Person,
        of: Of,
        only_waiting: bool,
        before: Option<&(Moment, String)>,
        limit: i64,
    ) -> Result<Vec<Export>, PeopleError> {
        let (mut sql, mut args) = self.listed(person, of);
        if only_waiting {
            args.push((person.at - self.waits()).into());
            sql.push_str(&format!(" and state = 'waiting' and asked_at > ${}", args.len()));
        }
        if let Some((at, id)) = before {
            args.extend([(*at).into(), id.into()]);
            let (at, id) = (args.len() - 1, args.len());
            sql.push_str(&format!(" and (asked_at < ${at} or asked_at = ${at} and id < ${id})"));
        }
        args.push(limit.into());
        let sql = format!("select {COLUMNS} from exports where {sql} order by asked_at desc, id desc limit ${}", args.len());
        self.store.rows(&sql, &args).await?.iter().map(|row| self.read_export(row, person.at)).collect()
    }

    /// How many wait for this person's word.
    pub async fn exports_waiting(&self, person: &Person) -> Result<i64, PeopleError> {
        if allows(person, Act::ExportsApprove, &Object::none()).is_err() {
            return Ok(0);
        }
        let (sql, mut args) = self.listed(person, Of::Others);
        args.push((person.at - self.waits()).into());
        let sql = format!("select count(*) as n from exports where {sql} and state = 'waiting' and asked_at > ${}", args.len());
        Ok(self.store.one(&sql, &args).await?.map_or(Ok(0), |row| row.int("n"))?)
    }

    /// Lets an export, or refuses it, as it was at `version`. Nobody decides the own.
    pub async fn decide_export(
        &self,
        person: &Person,
        id: &str,
        version: i64,
        approve: bool,
        reason: &str,
        origin: &str,
    ) -> Result<Export, PeopleError> {
        allows(person, Act::ExportsApprove, &Object::none())?;
        let reason = checked(reason)?;
        let mut change = self.store.begin(&person.actor(Act::ExportsApprove, origin)).await?;
        let export = self.within(&mut change, id, person.at).await?;
        if export.account != person.account {
            decides(person, &export).map_err(|_| PeopleError::NoExport)?;
        }
        // Told apart from not being there: the asker knows of it.
        decides(person, &export)?;
        in_state(&export, version, &["waiting"])?;
        let (state, until) = if approve { ("approved", Some(person.at + self.takes())) } else { ("refused", None) };
        let args: [Arg; 6] =
            [id.into(), state.into(), (&person.account).into(), person.at.into(), self.sealer.seal(&reason)?.into(), until.into()];
        let sql = "update exports set state = $2, decided_by = $3, decided_at = $4, decision = $5, until = $6, version = version + 1 where id = $1";
        change.run(sql, &args).await?;
        let detail = json!({"asker": export.account, "kind": export.kind.id(), "clear": export.clear, "rows": export.rows});
        change.note(event(if approve { "export.approve" } else { "export.refuse" }, id, detail, Some(reason)));
        change.commit().await?;
        self.export(person, id).await
    }

    /// Takes back one's own request that is not yet taken.
    pub async fn withdraw_export(&self, person: &Person, id: &str, version: i64, origin: &str) -> Result<Export, PeopleError> {
        let mut change = self.store.begin(&person.actor(Act::SelfService, origin)).await?;
        let export = self.within(&mut change, id, person.at).await?;
        own(person, &export)?;
        in_state(&export, version, &["waiting", "approved"])?;
        change.run("update exports set state = 'withdrawn', version = version + 1 where id = $1", &[id.into()]).await?;
        change.note(event("export.withdraw", id, json!({"was": export.state}), None));
        change.commit().await?;
        self.export(person, id).await
    }

    /// One's own request that can be taken now; what is asked before the file is made.
    pub async fn export_to_take(&self, person: &Person, id: &str) -> Result<Export, PeopleError> {
        let export = self.export(person, id).await?;
        own(person, &export)?;
        self.may_take(person, export.kind, export.clear)?;
        in_state(&export, export.version, &["approved"])?;
        Ok(export)
    }

    /// The file leaves: once, and on record with every person it shows in clear.
    pub async fn take_export(&self, person: &Person, export: &Export, taken: &Taken, origin: &str) -> Result<(), PeopleError> {
        let mut change = self.store.begin(&person.actor(export.kind.act(), origin)).await?;
        // Read anew: of two that take it at once, one comes first.
        let now = self.within(&mut change, &export.id, person.at).await?;
        own(person, &now)?;
        in_state(&now, export.version, &["approved"])?;
        let args: [Arg; 3] = [(&export.id).into(), person.at.into(), taken.rows.into()];
        change
            .run("update exports set state = 'taken', taken_at = $2, rows_taken = $3, version = version + 1 where id = $1", &args)
            .await?;
        // By what filter stands where it was asked; it does not change.
        let mut detail = json!({"kind": export.kind.id(), "form": export.form, "clear": export.clear, "rows": taken.rows});
        if let Some(digest) = &taken.digest {
            detail["data"] = json!(digest);
        }
        change.note(event("export.take", &export.id, detail, Some(export.reason.clone())));
        for lead in &taken.shown {
            note_unmask(&mut change, &Look { object_kind: "lead", id: lead, fields: &["name", "certno"], reason: &export.reason })?;
        }
        change.commit().await?;
        Ok(())
    }

    fn may_take(&self, person: &Person, kind: ExportKind, clear: bool) -> Result<(), PeopleError> {
        allows(person, kind.act(), &Object::none())?;
        if clear {
            allows(person, Act::LeadsUnmask, &Object::none())?;
        }
        Ok(())
    }

    fn waits(&self) -> i64 {
        self.settings.exports.wait_days * MICROS_PER_DAY
    }

    fn takes(&self) -> i64 {
        self.settings.exports.take_hours * 3_600 * MICROS_PER_SECOND
    }

    fn listed(&self, person: &Person, of: Of) -> (String, Vec<Arg>) {
        match of {
            Of::Own => ("account = $1".to_owned(), vec![(&person.account).into()]),
            Of::Others => {
                let (scope, args) = scope_sql_for(person, Act::ExportsApprove, &SCOPED, 2);
                let args = std::iter::once((&person.account).into()).chain(args).collect();
                // What needed nobody is nobody's to decide.
                (format!("account <> $1 and why is not null and {scope}"), args)
            }
        }
    }

    async fn within(&self, change: &mut Change, id: &str, at: Moment) -> Result<Export, PeopleError> {
        let row = change.one(&format!("select {COLUMNS} from exports where id = $1"), &[id.into()]).await?;
        self.read_export(&row.ok_or(PeopleError::NoExport)?, at)
    }

    fn read_export(&self, row: &Row, at: Moment) -> Result<Export, PeopleError> {
        let (asked_at, until) = (row.int("asked_at")?, row.maybe_int("until")?);
        let state = match row.text("state")?.as_str() {
            "waiting" if asked_at <= at - self.waits() => "lapsed",
            "waiting" => "waiting",
            "approved" if until.is_none_or(|until| until <= at) => "lapsed",
            "approved" => "approved",
            "refused" => "refused",
            "taken" => "taken",
            _ => "withdrawn",
        };
        Ok(Export {
            id: row.text("id")?,
            account: row.text("account")?,
            region: row.text("region")?,
            kind: ExportKind::from_id(&row.text("kind")?).ok_or(PeopleError::NoExport)?,
            form: row.text("form")?,
            clear: row.flag("clear")?,
            filter: serde_json::from_str(&self.sealer.open(&row.text("filter")?)?).unwrap_or(Value::Null),
            rows: row.int("rows_asked")?,
            reason: self.sealer.open(&row.text("reason")?)?,
            why: row.maybe_text("why")?,
            state,
            asked_at,
            decided_by: row.maybe_text("decided_by")?,
            decided_at: row.maybe_int("decided_at")?,
            decision: row.maybe_text("decision")?.map(|sealed| self.sealer.open(&sealed)).transpose()?,
            until,
            taken_at: row.maybe_int("taken_at")?,
            rows_taken: row.maybe_int("rows_taken")?,
            version: row.int("version")?,
        })
    }
}

/// Whether this person may decide this request.
pub fn decides(person: &Person, export: &Export) -> Result<(), PeopleError> {
    let hands = [export.account.clone()];
    Ok(allows(person, Act::ExportsApprove, &Object::institution("", &export.region).not_by(&hands))?)
}

fn own(person: &Person, export: &Export) -> Result<(), PeopleError> {
    if export.account == person.account { Ok(()) } else { Err(PeopleError::NoExport) }
}

fn in_state(export: &Export, version: i64, wanted: &[&str]) -> Result<(), PeopleError> {
    if wanted.contains(&export.state) {
        return if export.version == version {
            Ok(())
        } else {
            Err(PeopleError::ExportNotNow("申请已被更新，请刷新后再办".to_owned()))
        };
    }
    let told = match export.state {
        "waiting" => "申请还在等审批",
        "approved" => "申请已经批准",
        "refused" => "申请没有获准",
        "taken" => "文件已经下载过；一次批准只能下载一次，需要时请重新申请",
        "lapsed" => "申请已经过期，请重新申请",
        _ => "申请已经撤回",
    };
    Err(PeopleError::ExportNotNow(told.to_owned()))
}

/// The narrowest region that holds all the person sees by this right: whoever decides must see as much.
fn home(person: &Person, act: Act) -> String {
    let by_region = role_for(person, act).is_some_and(|role| role.reach() == Reach::Region);
    let mut regions = person.scopes.regions.iter().filter(|region| by_region && !region.is_empty());
    let Some(first) = regions.next() else { return person.region.clone() };
    let shared = regions.fold(first.as_str(), |shared, other| {
        let same = shared.bytes().zip(other.bytes()).take_while(|(one, two)| one == two).count();
        shared.get(..same).unwrap_or_default()
    });
    shared.to_owned()
}

fn checked(reason: &str) -> Result<String, PeopleError> {
    let reason = checked_reason(reason)?;
    if reason.chars().count() > REASON_MAX { Err(PeopleError::LongReason(REASON_MAX)) } else { Ok(reason) }
}

fn event(act: &'static str, id: &str, detail: Value, reason: Option<String>) -> Event {
    Event { act, object_kind: "export", object: id.to_owned(), detail, reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Role, Scopes};

    #[test]
    fn what_needs_a_second_person() {
        let rules = ExportRules { approve_rows: 10, ..ExportRules::default() };
        assert_eq!((rules.why(false, 10), rules.why(false, 11), rules.why(true, 0)), (None, Some("rows"), Some("clear")));
        assert_eq!(ExportRules { approve_all: true, ..rules }.why(false, 1), Some("all"));
    }

    #[test]
    fn a_request_lies_where_all_of_it_lies() {
        let person = |regions: &[&str]| Person {
            account: "a".into(),
            name: "周建国".into(),
            roles: vec![Role::Auditor],
            region: "330902".into(),
            institution: None,
            scopes: Scopes { regions: regions.iter().map(|region| (*region).into()).collect(), ..Scopes::default() },
            at: 0,
            must: None,
            totp: false,
        };
        let home = |regions: &[&str]| home(&person(regions), Act::LeadsExport);
        assert_eq!(
            (home(&["330902"]), home(&["330902", "330903"]), home(&["3309", "330902"])),
            ("330902".into(), "33090".into(), "3309".into())
        );
        // Of two provinces nobody of one decides.
        assert_eq!(home(&["3309", "4401"]), "");
        assert_eq!(super::home(&Person { roles: vec![Role::Institution], ..person(&[]) }, Act::LeadsExport), "330902");
    }
}
