//! A run's findings become leads (线索生成与更新): read what is known, plan, write; one change, so that a run is in whole or not at all.

use std::collections::{BTreeMap, HashMap};

use mingjian_model::day::{Day, to_ymd};
use mingjian_store::{Actor, Arg, Change, Event, Store};
use serde::Serialize;
use serde_json::json;

use super::plan::{Altered, Before, Draft, Fresh, Known, Plan, Run, Told, digest, plan};
use super::roll::Id;
use super::row::{LEAD_COLUMNS, LeadRow};
use super::write::{insert_leads, insert_many, insert_or, rows_in, run_in, update_facts, update_ranks};
use crate::Office;
use crate::error::{CaseError, Result};
use crate::finding::{Facts, FindingRow};
use crate::money::Money;
use crate::rank::{Learned, Outcome, Outcomes};
use crate::steps::{self, NewStep};

/// What a run did to the leads.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Updated {
    pub new: i64,
    pub changed: i64,
    /// Leads whose findings all vanished in this run.
    pub gone: i64,
    pub kept: i64,
    /// Findings decided before, left alone.
    pub decided: i64,
    /// Findings of rules below the floor of upheld share: no leads of them.
    pub silent: i64,
    pub findings: i64,
    /// Money found in the new leads, counted once (fen).
    pub new_fen: i64,
}

/// Leads changed in one change: others wait for it, so it is short.
const CHUNK: usize = 1_000;
/// New leads written in one change. More at once are fewer pages written twice: their places in the indexes lie far apart.
const NEW_CHUNK: usize = 4_000;

/// Makes and updates leads from all findings of a run. `run` names it in the trail; `as_of` dates what has no time and the numbers.
///
/// Running it again with the same findings changes nothing. It writes in many small changes, so that people go on working; broken off, it
/// is made whole by running it again. A lead somebody acts on in the meantime is left to the next run.
pub async fn update(office: &Office, actor: &Actor, findings: &[FindingRow], facts: &Facts, run: &str, as_of: Day) -> Result<Updated> {
    let store = &office.store;
    let before = read(store).await?;
    if findings.is_empty() && !before.open.is_empty() {
        // A screening that found nothing at all has more likely not read its data: it is not the end of everybody's work.
        return Err(CaseError::Refused("本次筛查没有一条疑点，线索未更新；请核对数据和规则后再运行".into()));
    }
    let plan = plan(&before, findings, facts, &office.settings.ranking, as_of, actor.at);
    let mut updated = Updated {
        new: plan.new.len() as i64,
        kept: plan.kept,
        decided: plan.decided,
        silent: plan.silent,
        findings: findings.len() as i64,
        ..Updated::default()
    };
    let writer = Writer { store, actor, findings, facts, run, as_of };
    store.set_bulk(true).await?;
    let written = writer.write(plan, &mut updated).await;
    let ended = store.set_bulk(false).await;
    written?;
    ended?;
    Ok(updated)
}

/// A run on its way into the store.
struct Writer<'a> {
    store: &'a Store,
    actor: &'a Actor,
    findings: &'a [FindingRow],
    facts: &'a Facts,
    run: &'a str,
    as_of: Day,
}

impl Writer<'_> {
    async fn write(&self, mut plan: Plan<'_>, updated: &mut Updated) -> Result<()> {
        let Writer { store, actor, findings, facts, run, as_of } = *self;
        let new = std::mem::take(&mut plan.new);
        self.write_new(&plan.run, new, updated).await?;
        for chunk in plan.changed.chunks(CHUNK) {
            let mut change = store.begin(actor).await?;
            let altered = untouched(&mut change, chunk.iter().map(|altered| (altered.old, altered)).collect()).await?;
            let drafts: Vec<(&Altered<'_>, Draft)> = altered.into_iter().map(|(_, one)| (one, plan.run.altered(one))).collect();
            write_changed(&mut change, actor, &drafts, findings, facts).await?;
            drafts.iter().for_each(|(altered, draft)| updated.took(altered.old, &draft.lead));
            commit(change, run, drafts.len()).await?;
        }
        for chunk in plan.told.chunks(CHUNK) {
            let mut change = store.begin(actor).await?;
            let told = untouched(&mut change, chunk.iter().map(|told| (told.before, told)).collect()).await?;
            let leads = write_told(&mut change, actor, &told).await?;
            told.iter().zip(&leads).for_each(|((old, _), lead)| updated.took(old, lead));
            commit(change, run, told.len()).await?;
        }
        for chunk in plan.reranked.chunks(CHUNK) {
            let mut change = store.begin(actor).await?;
            update_ranks(&mut change, chunk).await?;
            commit(change, run, chunk.len()).await?;
        }
        let mut change = store.begin(actor).await?;
        write_institutions(&mut change, facts).await?;
        change.note(Event {
            act: "leads.update",
            object_kind: "run",
            object: run.to_owned(),
            detail: json!({
                "as_of": mingjian_model::day::format_day(as_of), "findings": updated.findings, "new": updated.new,
                "changed": updated.changed, "gone": updated.gone, "kept": updated.kept, "silent": updated.silent,
                "new_fen": updated.new_fen,
            }),
            reason: None,
        });
        change.commit().await?;
        Ok(())
    }

    async fn write_new(&self, made_of: &Run<'_>, mut fresh: Vec<Fresh>, updated: &mut Updated) -> Result<()> {
        let Writer { store, actor, findings, facts, run, as_of } = *self;
        fresh.sort_by(Fresh::in_order);
        let year = to_ymd(as_of).0;
        for chunk in fresh.chunks(NEW_CHUNK) {
            // Made before the change begins: nobody waits for it.
            let mut drafts: Vec<Draft> = chunk.iter().map(|fresh| made_of.fresh(fresh)).collect();
            let moved: Vec<&str> = chunk.iter().flat_map(|fresh| made_of.moved(fresh)).collect();
            let mut change = store.begin(actor).await?;
            let first = take_serial(&mut change, "XS", year, chunk.len() as i64).await?;
            run_in(&mut change, "delete from lead_findings where id in", &moved).await?;
            let (mut sealed, mut rows) = (Vec::with_capacity(chunk.len()), Vec::new());
            for (n, draft) in drafts.iter_mut().enumerate() {
                draft.lead.id = format!("XS{year}-{:06}", first + n as i64);
                updated.new_fen += draft.lead.amount_fen;
                for (seq, (at, counted)) in draft.findings.iter().enumerate() {
                    rows.push(finding_args(&draft.lead.id, seq, &findings[*at], *counted, facts));
                }
                sealed.push(draft.sealed.take());
            }
            insert_leads(&mut change, &drafts.iter().map(|draft| &draft.lead).collect::<Vec<_>>(), &sealed).await?;
            insert_many(&mut change, "lead_findings", FINDING_INSERT, rows).await?;
            commit(change, run, drafts.len()).await?;
        }
        Ok(())
    }
}

impl Updated {
    fn took(&mut self, before: &LeadRow, after: &LeadRow) {
        self.changed += 1;
        self.gone += i64::from(after.gone && !before.gone);
    }
}

async fn commit(mut change: Change, run: &str, leads: usize) -> Result<()> {
    change.note(Event { act: "leads.write", object_kind: "run", object: run.to_owned(), detail: json!({ "leads": leads }), reason: None });
    change.commit().await?;
    Ok(())
}

/// Those nobody acted on since the plan was made.
async fn untouched<'a, T>(change: &mut Change, all: Vec<(&'a LeadRow, &'a T)>) -> Result<Vec<(&'a LeadRow, &'a T)>> {
    let ids: Vec<&str> = all.iter().map(|(old, _)| old.id.as_str()).collect();
    let mut now = HashMap::with_capacity(ids.len());
    for row in rows_in(change, "select id, version from leads where id in", &ids).await? {
        now.insert(row.text("id")?, row.int("version")?);
    }
    Ok(all.into_iter().filter(|(old, _)| now.get(&old.id) == Some(&old.version)).collect())
}

/// Rows read at once: a million leads with everything about them are not to be in memory twice.
const STRIDE: usize = 5_000;

/// Hands over every row of a statement that ends in a condition, in strides by the id `id`, which the statement gives as `key`.
async fn each(store: &Store, sql: &str, id: &str, mut take: impl FnMut(&mingjian_store::Row) -> Result<()>) -> Result<()> {
    let mut last = String::new();
    loop {
        let rows = store.rows(&format!("{sql} and {id} > $1 order by {id} limit {STRIDE}"), &[(&last).into()]).await?;
        rows.iter().try_for_each(&mut take)?;
        match rows.last() {
            Some(row) if rows.len() == STRIDE => last = row.text("key")?,
            _ => return Ok(()),
        }
    }
}

fn id_of(text: &str) -> Result<Id> {
    Id::of(text).ok_or_else(|| CaseError::Broken(format!("leads.id: {text}")))
}

async fn read(store: &Store) -> Result<Before> {
    const CLOSED: &str = "l.status in ('upheld', 'partly', 'cleared', 'withdrawn', 'merged')";
    let mut before = Before::default();
    let sql = format!("select {LEAD_COLUMNS}, l.id as key from leads l where not {CLOSED}");
    each(store, &sql, "l.id", |row| {
        let lead = LeadRow::read(row)?;
        before.open.insert(id_of(&lead.id)?, Box::new(lead));
        Ok(())
    })
    .await?;
    let sql = "select f.id, f.lead, f.rule_version, f.amount_fen, f.fund_fen, f.acct_fen, f.seen_fen, f.text, f.cluster_id, f.counted_fen, \
               f.counted_fund_fen, f.counted_acct_fen, f.gone, f.id as key from lead_findings f where 1 = 1";
    // Findings of leads that are not open are of closed ones: every lead is one or the other.
    each(store, sql, "f.id", |row| {
        let (id, lead) = (row.text("id")?, id_of(&row.text("lead")?)?);
        if !before.open.contains_key(&lead) {
            before.closed.insert(id, row.int("counted_fen")?);
            return Ok(());
        }
        let known = Known {
            lead,
            rule_version: row.int("rule_version")?,
            amount_fen: row.maybe_int("amount_fen")?,
            fund_fen: row.maybe_int("fund_fen")?,
            acct_fen: row.maybe_int("acct_fen")?,
            seen_fen: row.maybe_int("seen_fen")?,
            text: digest(&row.text("text")?),
            cluster: digest(&row.text("cluster_id")?),
            counted: Money {
                amount_fen: row.int("counted_fen")?,
                fund_fen: row.int("counted_fund_fen")?,
                acct_fen: row.int("counted_acct_fen")?,
            },
            gone: row.int("gone")? != 0,
        };
        before.findings.insert(id, known);
        Ok(())
    })
    .await?;
    let sql = "select l.id, l.subject_key, l.generation, l.merged_into, l.id as key from leads l where 1 = 1";
    each(store, sql, "l.id", |row| {
        let newest = before.generations.entry(row.text("subject_key")?).or_default();
        *newest = row.int("generation")?.max(*newest);
        let home = row.text("merged_into")?;
        if !home.is_empty() {
            before.homes.insert(row.text("subject_key")?, id_of(&home)?);
        }
        Ok(())
    })
    .await?;
    before.learned = learned_of(&store.rows(OUTCOMES, &[]).await?, &store.rows(KIND_OUTCOMES, &[]).await?)?;
    Ok(before)
}

const OUTCOMES: &str = "select rule, checked, upheld, checked_fen, upheld_fen from rule_outcomes";

fn read_outcomes(rows: &[mingjian_store::Row]) -> Result<Outcomes> {
    let mut outcomes = HashMap::with_capacity(rows.len());
    for row in rows {
        outcomes.insert(row.text("rule")?, read_outcome(row)?);
    }
    Ok(outcomes)
}

fn read_outcome(row: &mingjian_store::Row) -> Result<Outcome> {
    Ok(Outcome {
        checked: row.int("checked")?,
        upheld: row.int("upheld")?,
        checked_fen: row.int("checked_fen")?,
        upheld_fen: row.int("upheld_fen")?,
    })
}

const KIND_OUTCOMES: &str = "select rule, kind, checked, upheld, checked_fen, upheld_fen from rule_kind_outcomes order by rule, kind";

fn learned_of(rules: &[mingjian_store::Row], kinds: &[mingjian_store::Row]) -> Result<Learned> {
    let mut learned = Learned { rules: read_outcomes(rules)?, ..Learned::default() };
    for row in kinds {
        let of_rule = learned.kinds.entry(row.text("rule")?).or_default();
        of_rule.insert(row.text("kind")?, read_outcome(row)?);
    }
    Ok(learned)
}

/// What people decided, as a change sees it.
pub(crate) async fn read_learned(change: &mut Change) -> Result<Learned> {
    learned_of(&change.rows(OUTCOMES, &[]).await?, &change.rows(KIND_OUTCOMES, &[]).await?)
}

/// What people decided about a rule's findings by kind of institution, for the rule's page.
pub async fn outcomes_by_kind(office: &Office, rule: &str) -> Result<BTreeMap<String, Outcome>> {
    let mut learned = learned_of(&[], &office.store.rows(KIND_OUTCOMES, &[]).await?)?;
    Ok(learned.kinds.remove(rule).unwrap_or_default())
}

/// What people decided about each rule's findings, for the rules' pages.
pub async fn outcomes(office: &Office) -> Result<Outcomes> {
    read_outcomes(&office.store.rows(OUTCOMES, &[]).await?)
}

async fn write_changed(
    change: &mut Change,
    actor: &Actor,
    drafts: &[(&Altered<'_>, Draft)],
    findings: &[FindingRow],
    facts: &Facts,
) -> Result<()> {
    let vanished: Vec<&str> = drafts.iter().flat_map(|(altered, _)| &altered.vanished).map(String::as_str).collect();
    mark(change, &vanished, "gone = 1, counted_fen = 0, counted_fund_fen = 0, counted_acct_fen = 0").await?;
    let (mut ids, mut rows) = (Vec::new(), Vec::new());
    for (_, draft) in drafts {
        for (seq, (at, counted)) in draft.findings.iter().enumerate() {
            ids.push(findings[*at].finding_id.as_str());
            rows.push(finding_args(&draft.lead.id, seq, &findings[*at], *counted, facts));
        }
    }
    put_findings(change, &ids, rows).await?;
    update_facts(change, &drafts.iter().map(|(altered, draft)| (altered.old, &draft.lead)).collect::<Vec<_>>()).await?;
    noted(change, actor, drafts.iter().map(|(altered, draft)| (altered.old, &draft.lead, draft.note.as_str()))).await
}

/// Columns of findings that an index orders: where they are as they were, only the rest is written, and no index is touched.
const FINDING_PLACE: &[&str] = &["lead", "seq", "rule", "person_no", "institution", "practitioner"];

/// Findings as they are now. Those that came to a lead from another early one, or back from having vanished, are there under their id.
async fn put_findings(change: &mut Change, ids: &[&str], rows: Vec<Vec<Arg>>) -> Result<()> {
    let at: Vec<usize> = FINDING_PLACE.iter().filter_map(|name| FINDING_INSERT.iter().position(|column| column == name)).collect();
    let mut there: HashMap<String, Vec<Arg>> = HashMap::with_capacity(ids.len());
    for row in rows_in(change, &format!("select id, {} from lead_findings where id in", FINDING_PLACE.join(", ")), ids).await? {
        let place = FINDING_PLACE.iter().map(|name| Ok(if *name == "seq" { row.int(name)?.into() } else { row.text(name)?.into() }));
        there.insert(row.text("id")?, place.collect::<Result<_>>()?);
    }
    let (mut stay, mut move_, mut gone) = (Vec::new(), Vec::new(), Vec::new());
    for (id, row) in ids.iter().zip(rows) {
        match there.get(*id) {
            Some(place) if at.iter().map(|&at| &row[at]).eq(place) => stay.push(row),
            Some(_) => {
                gone.push(*id);
                move_.push(row);
            }
            None => move_.push(row),
        }
    }
    let rest = FINDING_INSERT.iter().filter(|column| **column != "id" && !FINDING_PLACE.contains(column));
    let sets: Vec<String> = rest.map(|column| format!("{column} = excluded.{column}")).collect();
    insert_or(change, "lead_findings", FINDING_INSERT, stay, &format!(" on conflict (id) do update set {}", sets.join(", "))).await?;
    run_in(change, "delete from lead_findings where id in", &gone).await?;
    insert_many(change, "lead_findings", FINDING_INSERT, move_).await
}

/// Told leads: only marks. Gives them as they are then.
async fn write_told(change: &mut Change, actor: &Actor, all: &[(&LeadRow, &Told<'_>)]) -> Result<Vec<LeadRow>> {
    let ids =
        |of: for<'b> fn(&'b Told<'_>) -> &'b [String]| all.iter().flat_map(|(_, told)| of(told)).map(String::as_str).collect::<Vec<_>>();
    mark(change, &ids(|told| &told.vanished), "gone = 1").await?;
    mark(change, &ids(|told| &told.back), "gone = 0").await?;
    for (id, amount) in all.iter().flat_map(|(_, told)| &told.seen) {
        change.run("update lead_findings set seen_fen = $1 where id = $2", &[(*amount).into(), id.as_str().into()]).await?;
    }
    let after = |(before, told): &(&LeadRow, &Told<'_>)| LeadRow {
        gone: told.gone,
        version: before.version + 1,
        updated_at: actor.at,
        ..(*before).clone()
    };
    let leads: Vec<LeadRow> = all.iter().map(after).collect();
    update_facts(change, &all.iter().zip(&leads).map(|((before, _), after)| (*before, after)).collect::<Vec<_>>()).await?;
    noted(change, actor, all.iter().zip(&leads).map(|((before, told), after)| (*before, after, told.note.as_str()))).await?;
    Ok(leads)
}

async fn mark(change: &mut Change, ids: &[&str], set: &str) -> Result<()> {
    run_in(change, &format!("update lead_findings set {set} where id in"), ids).await
}

/// The steps and the events of what a run changed in leads people know: before, after, what is said of it.
async fn noted<'a>(
    change: &mut Change,
    actor: &Actor,
    changed: impl Iterator<Item = (&'a LeadRow, &'a LeadRow, &'a str)> + Clone,
) -> Result<()> {
    let steps: Vec<NewStep<'_>> = changed
        .clone()
        .map(|(before, after, note)| NewStep {
            act: "update",
            text: note,
            inner_only: true,
            ..NewStep::of(after, before.status, after.status)
        })
        .collect();
    steps::write_many(change, actor, "筛查", &steps).await?;
    for (before, after, _) in changed {
        change.note(Event {
            act: "lead.update",
            object_kind: "lead",
            object: after.id.clone(),
            detail: json!({
                "from_fen": before.amount_fen, "to_fen": after.amount_fen, "from_findings": before.findings,
                "to_findings": after.findings, "gone": after.gone,
            }),
            reason: None,
        });
    }
    Ok(())
}

const FINDING_INSERT: &[&str] = &[
    "id",
    "lead",
    "seq",
    "rule",
    "rule_version",
    "rule_name",
    "kind",
    "class",
    "result",
    "band",
    "person_no",
    "visit",
    "settlement",
    "institution",
    "practitioner",
    "practitioner_name",
    "first_time",
    "last_time",
    "amount_fen",
    "fund_fen",
    "acct_fen",
    "seen_fen",
    "text",
    "cluster_id",
    "counted_fen",
    "counted_fund_fen",
    "counted_acct_fen",
    "gone",
    "answer",
    "answer_reason",
    "answer_text",
    "conclusion",
    "decided_fen",
    "loss_fen",
];

fn finding_args(lead: &str, seq: usize, finding: &FindingRow, counted: Money, facts: &Facts) -> Vec<Arg> {
    let text = |text: &Option<String>| Arg::Text(text.clone().unwrap_or_default());
    let practitioner = finding.bilg_dr_code.as_deref().unwrap_or("");
    vec![
        finding.finding_id.as_str().into(),
        lead.into(),
        Arg::Int(seq as i64),
        finding.rule_id.as_str().into(),
        finding.rule_version.into(),
        finding.rule_name.as_str().into(),
        finding.kind.as_str().into(),
        finding.class.as_str().into(),
        finding.result.as_str().into(),
        finding.band.as_str().into(),
        text(&finding.psn_no),
        text(&finding.mdtrt_id),
        text(&finding.setl_id),
        text(&finding.fixmedins_code),
        practitioner.into(),
        facts.practitioners.get(practitioner).map_or("", String::as_str).into(),
        finding.first_time.into(),
        finding.last_time.into(),
        finding.amount.into(),
        finding.fund_amount.into(),
        finding.acct_amount.into(),
        finding.amount.into(),
        finding.text.as_str().into(),
        finding.cluster_id.as_str().into(),
        counted.amount_fen.into(),
        counted.fund_fen.into(),
        counted.acct_fen.into(),
        Arg::Int(0),
        "".into(),
        "".into(),
        "".into(),
        "".into(),
        Arg::Int(0),
        Arg::Int(0),
    ]
}

/// Takes `count` numbers of a kind and year; the first of them.
pub(crate) async fn take_serial(change: &mut Change, kind: &str, year: i32, count: i64) -> Result<i64> {
    let args: [Arg; 3] = [kind.into(), i64::from(year).into(), count.into()];
    let sql = "insert into casework_serials (kind, year, used) values ($1, $2, $3) \
               on conflict (kind, year) do update set used = casework_serials.used + excluded.used returning used";
    let used = change.one(sql, &args).await?.map_or(Ok(count), |row| row.int("used"))?;
    Ok(used - count + 1)
}

async fn write_institutions(change: &mut Change, facts: &Facts) -> Result<()> {
    let mut known = HashMap::new();
    for row in change.rows("select code, name, level, region from institution_names", &[]).await? {
        known.insert(row.text("code")?, (row.text("name")?, row.text("level")?, row.text("region")?));
    }
    let mut rows = Vec::new();
    for (code, fact) in &facts.institutions {
        match known.get(code) {
            Some((name, level, region)) if (name, level, region) == (&fact.name, &fact.level, &fact.region) => continue,
            Some(_) => {
                change.run("delete from institution_names where code = $1", &[code.as_str().into()]).await?;
            }
            None => {}
        }
        rows.push(vec![code.as_str().into(), fact.name.as_str().into(), fact.level.as_str().into(), fact.region.as_str().into()]);
    }
    insert_many(change, "institution_names", &["code", "name", "level", "region"], rows).await
}
