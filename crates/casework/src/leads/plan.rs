//! What a run changes of the leads: computed from its findings and what is known, without the store.
//!
//! True of it:
//! - A closed lead is untouched; a finding decided once makes no lead again.
//! - A lead the institution was told of keeps what it was told: a new run only marks what vanished, came back or changed its amount.
//! - An early lead (待派发, 待核查) is made anew, its holder and status kept. New findings about a subject that was told or closed open
//!   a lead of the next generation.
//! - Findings people put into one lead (合并) or another (拆分) stay there as long as it is early.
//! - The money of a cluster is counted once over all leads (`counts_money_once`).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{Hash as _, Hasher as _};

use mingjian_model::Fen;
use mingjian_model::day::{Day, Moment, add_years, format_day};

use super::roll::Id;
use super::row::{LeadRow, NO_DUE};
use super::tally::{Piece, tally};
use crate::finding::{Facts, FindingRow};
use crate::money::{self, Money};
use crate::rank::{self, Learned};
use crate::settings::Ranking;
use crate::status::Status;
use crate::subject::{label_of, subject_of};

/// A finding as the store has it, as far as a run asks. A million and more are held at once: texts are kept as their digests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    pub lead: Id,
    pub rule_version: i64,
    pub amount_fen: Option<i64>,
    pub fund_fen: Option<i64>,
    pub acct_fen: Option<i64>,
    /// The amount in the newest run.
    pub seen_fen: Option<i64>,
    /// [`digest`] of the text, and of the cluster's id.
    pub text: u64,
    pub cluster: u64,
    pub counted: Money,
    pub gone: bool,
}

/// Tells texts apart; the same in every run of the program.
pub(crate) fn digest(text: &str) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// What is known before a run.
#[derive(Debug, Default)]
pub(crate) struct Before {
    /// Leads not closed.
    pub open: HashMap<Id, Box<LeadRow>>,
    /// Findings of open leads.
    pub findings: HashMap<String, Known>,
    /// Findings of closed leads and the money counted on each.
    pub closed: HashMap<String, i64>,
    /// The newest generation of each subject.
    pub generations: HashMap<String, i64>,
    /// Leads that went into another, by subject: where what is found of them goes.
    pub homes: HashMap<String, Id>,
    pub learned: Learned,
}

impl Before {
    /// The subject a finding is grouped by: where people put it (合并, 拆分), else its own; what is found anew of a lead that was merged goes
    /// where that went, as long as nothing was sent from there.
    fn key_of(&self, finding: &FindingRow, known: Option<&Known>, early: &HashMap<&str, &LeadRow>, facts: &Facts, as_of: Day) -> String {
        if let Some(lead) = known.and_then(|known| self.open.get(&known.lead)).filter(|lead| lead.shaped && lead.status.is_early()) {
            return lead.subject_key.clone();
        }
        let own = subject_of(finding, facts, as_of).key;
        if early.contains_key(own.as_str()) {
            return own;
        }
        let home = self.homes.get(&own).and_then(|home| self.open.get(home));
        home.filter(|lead| lead.status.is_early()).map_or(own, |lead| lead.subject_key.clone())
    }
}

/// A lead to be written, and the findings that live in it: position in the run, money counted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Draft {
    /// `id` is blank in a new lead.
    pub lead: LeadRow,
    pub sealed: Option<String>,
    pub findings: Vec<(usize, Money)>,
    /// What the step says; blank in a new lead.
    pub note: String,
}

/// A lead to be made: its subject, and the findings of the run it is made of.
#[derive(Debug)]
pub(crate) struct Fresh {
    key: String,
    generation: i64,
    members: Vec<usize>,
    /// What it is numbered by.
    rank_fen: i64,
}

impl Fresh {
    /// The dearest has the smallest number: people remember numbers.
    pub fn in_order(a: &Fresh, b: &Fresh) -> std::cmp::Ordering {
        b.rank_fen.cmp(&a.rank_fen).then_with(|| a.key.cmp(&b.key))
    }
}

/// An early lead to be made anew; of no findings where all vanished.
#[derive(Debug)]
pub(crate) struct Altered<'a> {
    pub old: &'a LeadRow,
    members: Vec<usize>,
    /// Findings of it that vanished.
    pub vanished: Vec<String>,
}

/// What changes of a lead that was told.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Told<'a> {
    pub before: &'a LeadRow,
    pub gone: bool,
    pub vanished: Vec<String>,
    pub back: Vec<String>,
    /// Findings whose amount is another in this run.
    pub seen: Vec<(String, Option<i64>)>,
    pub note: String,
}

/// A lead of which only the place in the order changed.
#[derive(Debug)]
pub(crate) struct Reranked {
    pub id: String,
    pub expected_fen: i64,
    pub rank_fen: i64,
    pub score: i64,
}

/// What a run is planned from, and drafts are made of when they are written: a million of them are not held at once.
pub(crate) struct Run<'a> {
    before: &'a Before,
    findings: &'a [FindingRow],
    facts: &'a Facts,
    ranking: &'a Ranking,
    /// Dates what has no time.
    as_of: Day,
    /// Stamps what is made.
    at: Moment,
    /// What of each cluster is counted in leads that stay as they are.
    taken: HashMap<&'a str, i64>,
}

pub(crate) struct Plan<'a> {
    pub run: Run<'a>,
    pub new: Vec<Fresh>,
    pub changed: Vec<Altered<'a>>,
    pub told: Vec<Told<'a>>,
    /// Moved in the order by decisions on their rules.
    pub reranked: Vec<Reranked>,
    /// Open leads as they were.
    pub kept: i64,
    /// Findings of rules that fell silent.
    pub silent: i64,
    /// Findings decided before.
    pub decided: i64,
}

/// Plans what `findings` change. `as_of` dates what has no time, `at` stamps what is made.
pub(crate) fn plan<'a>(
    before: &'a Before,
    findings: &'a [FindingRow],
    facts: &'a Facts,
    ranking: &'a Ranking,
    as_of: Day,
    at: Moment,
) -> Plan<'a> {
    let run = Run { before, findings, facts, ranking, as_of, at, taken: HashMap::new() };
    let mut plan = Plan { run, new: vec![], changed: vec![], told: vec![], reranked: vec![], kept: 0, silent: 0, decided: 0 };
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut alive: HashSet<&str> = HashSet::with_capacity(findings.len());
    // Told leads: what their findings say now.
    let mut spoken: HashMap<&str, Vec<usize>> = HashMap::new();
    let silent: HashSet<&str> = before
        .learned
        .rules
        .iter()
        .filter(|(_, outcome)| rank::is_below_floor(**outcome, ranking))
        .map(|(rule, _)| rule.as_str())
        .collect();
    let early: HashMap<&str, &LeadRow> =
        before.open.values().filter(|lead| lead.status.is_early()).map(|lead| (lead.subject_key.as_str(), &**lead)).collect();
    for (at, finding) in findings.iter().enumerate() {
        if !alive.insert(&finding.finding_id) {
            continue;
        }
        if let Some(counted) = before.closed.get(&finding.finding_id) {
            *plan.run.taken.entry(&finding.cluster_id).or_default() += counted;
            plan.decided += 1;
            continue;
        }
        let known = before.findings.get(&finding.finding_id);
        if let Some(known) = known
            && let Some(lead) = before.open.get(&known.lead)
            && !lead.status.is_early()
        {
            *plan.run.taken.entry(&finding.cluster_id).or_default() += known.counted.amount_fen;
            spoken.entry(lead.id.as_str()).or_default().push(at);
            continue;
        }
        if known.is_none() && silent.contains(finding.rule_id.as_str()) {
            plan.silent += 1;
            continue;
        }
        groups.entry(before.key_of(finding, known, &early, facts, as_of)).or_default().push(at);
    }
    let mut of_lead: HashMap<Id, Vec<&str>> = HashMap::new();
    for (id, known) in &before.findings {
        of_lead.entry(known.lead).or_default().push(id);
    }
    let mut grouped: HashSet<&str> = HashSet::new();
    for (key, members) in groups {
        let Some(old) = early.get(key.as_str()).copied() else {
            let generation = before.generations.get(&key).map_or(0, |newest| newest + 1);
            let mut fresh = Fresh { key, generation, members, rank_fen: 0 };
            fresh.rank_fen = plan.run.fresh(&fresh).lead.rank_fen;
            plan.new.push(fresh);
            continue;
        };
        grouped.insert(&old.subject_key);
        let altered = Altered { old, members, vanished: vanished(before, &of_lead, old, &alive) };
        let draft = plan.run.made_anew(&altered);
        if !is_same(&plan.run, &altered, &draft) {
            plan.changed.push(altered);
            continue;
        }
        plan.kept += 1;
        let LeadRow { expected_fen, rank_fen, score, .. } = draft.lead;
        if rank_fen != old.rank_fen || expected_fen != old.expected_fen {
            plan.reranked.push(Reranked { id: old.id.clone(), expected_fen, rank_fen, score });
        }
    }
    let mut others: Vec<&LeadRow> = before
        .open
        .values()
        .map(|lead| &**lead)
        .filter(|lead| !(lead.status.is_early() && grouped.contains(lead.subject_key.as_str())))
        .collect();
    others.sort_by(|a, b| a.id.cmp(&b.id));
    for lead in others {
        let vanished = vanished(before, &of_lead, lead, &alive);
        if lead.status.is_early() {
            if lead.gone && vanished.is_empty() {
                plan.kept += 1;
            } else {
                plan.changed.push(Altered { old: lead, members: Vec::new(), vanished });
            }
        } else {
            match told(before, findings, lead, spoken.get(lead.id.as_str()).map_or(&[], Vec::as_slice), vanished) {
                Some(told) => plan.told.push(told),
                None => plan.kept += 1,
            }
        }
    }
    plan
}

/// Findings of a lead that live in the store and not in the run. Of an early lead also those that vanished while it was told, whose money
/// was left as told: it was recalled since, and they count for nothing now.
fn vanished(before: &Before, of_lead: &HashMap<Id, Vec<&str>>, lead: &LeadRow, alive: &HashSet<&str>) -> Vec<String> {
    let lives = |known: &Known| !known.gone || lead.status.is_early() && known.counted != Money::default();
    let mut gone: Vec<String> = Id::of(&lead.id)
        .and_then(|id| of_lead.get(&id))
        .into_iter()
        .flatten()
        .filter(|id| !alive.contains(*id) && before.findings.get(**id).is_some_and(lives))
        .map(|id| (*id).to_owned())
        .collect();
    gone.sort();
    gone
}

impl Run<'_> {
    /// A lead of these findings, as new.
    pub(crate) fn fresh(&self, fresh: &Fresh) -> Draft {
        let mut draft = self.draft(&fresh.members);
        draft.lead.subject_key.clone_from(&fresh.key);
        draft.lead.generation = fresh.generation;
        draft
    }

    /// Findings of a lead to be made that another early one had.
    pub(crate) fn moved(&self, fresh: &Fresh) -> impl Iterator<Item = &str> {
        let ids = fresh.members.iter().map(|&at| self.findings[at].finding_id.as_str());
        ids.filter(|id| self.before.findings.contains_key(*id))
    }

    /// A lead as it is after this run.
    pub(crate) fn altered(&self, altered: &Altered<'_>) -> Draft {
        if altered.members.is_empty() {
            return emptied(altered.old, self.at);
        }
        let mut draft = self.made_anew(altered);
        draft.note = changed_note(altered.old, &draft.lead);
        draft.lead.version += 1;
        draft.lead.updated_at = self.at;
        draft
    }

    fn made_anew(&self, altered: &Altered<'_>) -> Draft {
        let mut draft = self.draft(&altered.members);
        keep_state(&mut draft.lead, altered.old);
        draft
    }
}

/// An early lead of which nothing is left: its money is found no more.
fn emptied(old: &LeadRow, at: Moment) -> Draft {
    let lead = LeadRow {
        definite: false,
        amount_fen: 0,
        fund_fen: 0,
        acct_fen: 0,
        expected_fen: 0,
        rank_fen: 0,
        score: 0,
        gone: true,
        version: old.version + 1,
        updated_at: at,
        ..old.clone()
    };
    let note = format!("重新筛查后 {} 条疑点全部消失，原涉及金额 {} 元", old.findings, Fen(old.amount_fen));
    Draft { lead, sealed: None, findings: Vec::new(), note }
}

/// What a told lead's findings say now, where it differs from what the last run said.
fn told<'a>(before: &Before, findings: &[FindingRow], lead: &'a LeadRow, spoken: &[usize], vanished: Vec<String>) -> Option<Told<'a>> {
    let (mut back, mut seen, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    for &at in spoken {
        let finding = &findings[at];
        let Some(known) = before.findings.get(&finding.finding_id) else { continue };
        if known.gone {
            back.push(finding.finding_id.clone());
        }
        if known.seen_fen != finding.amount {
            let yuan = |fen: Option<i64>| fen.map_or_else(|| "无".to_owned(), |fen| Fen(fen).to_string());
            notes.push(format!(
                "{} 的金额本次为 {} 元（已告知 {} 元，未改）",
                finding.rule_id,
                yuan(finding.amount),
                yuan(known.amount_fen)
            ));
            seen.push((finding.finding_id.clone(), finding.amount));
        }
    }
    if vanished.is_empty() && back.is_empty() && seen.is_empty() {
        return None;
    }
    if !vanished.is_empty() {
        notes.insert(0, format!("重新筛查后 {} 条疑点消失", vanished.len()));
    }
    if !back.is_empty() {
        notes.insert(0, format!("{} 条消失过的疑点重新出现", back.len()));
    }
    Some(Told { before: lead, gone: spoken.is_empty(), vanished, back, seen, note: notes.join("；") })
}

/// What acts set stays; what the run says is new.
fn keep_state(lead: &mut LeadRow, old: &LeadRow) {
    let fresh = if old.shaped { with_subject_of(old, lead) } else { lead.clone() };
    *lead = LeadRow {
        subject: fresh.subject,
        subject_label: fresh.subject_label,
        region: fresh.region,
        institution: fresh.institution,
        institution_name: fresh.institution_name,
        institution_level: fresh.institution_level,
        person_no: fresh.person_no,
        person_name: fresh.person_name,
        person_sex: fresh.person_sex,
        person_age: fresh.person_age,
        visit: fresh.visit,
        visit_kind: fresh.visit_kind,
        visit_begin: fresh.visit_begin,
        visit_end: fresh.visit_end,
        practitioner: fresh.practitioner,
        rules: fresh.rules,
        findings: fresh.findings,
        result: fresh.result,
        definite: fresh.definite,
        amount_fen: fresh.amount_fen,
        fund_fen: fresh.fund_fen,
        acct_fen: fresh.acct_fen,
        expected_fen: fresh.expected_fen,
        rank_fen: fresh.rank_fen,
        score: fresh.score,
        reason: fresh.reason,
        first_day: fresh.first_day,
        last_day: fresh.last_day,
        gone: false,
        ..old.clone()
    };
}

/// What people put together keeps the subject they know it by, whichever finding leads it now.
fn with_subject_of(old: &LeadRow, fresh: &LeadRow) -> LeadRow {
    LeadRow {
        rules: fresh.rules.clone(),
        findings: fresh.findings,
        result: fresh.result.clone(),
        definite: fresh.definite,
        amount_fen: fresh.amount_fen,
        fund_fen: fresh.fund_fen,
        acct_fen: fresh.acct_fen,
        expected_fen: fresh.expected_fen,
        rank_fen: fresh.rank_fen,
        score: fresh.score,
        reason: fresh.reason.clone(),
        first_day: fresh.first_day,
        last_day: fresh.last_day,
        ..old.clone()
    }
}

fn is_same(run: &Run<'_>, altered: &Altered<'_>, draft: &Draft) -> bool {
    let by_order =
        |lead: &LeadRow| LeadRow { expected_fen: 0, rank_fen: 0, score: 0, reason: String::new(), rules: Vec::new(), ..lead.clone() };
    altered.vanished.is_empty()
        && by_order(&draft.lead) == by_order(altered.old)
        && draft.findings.iter().all(|(at, counted)| {
            let finding = &run.findings[*at];
            run.before.findings.get(&finding.finding_id).is_some_and(|known| {
                Some(known.lead) == Id::of(&altered.old.id)
                    && !known.gone
                    && known.counted == *counted
                    && known.amount_fen == finding.amount
                    && known.fund_fen == finding.fund_amount
                    && known.acct_fen == finding.acct_amount
                    && known.rule_version == finding.rule_version
                    && known.cluster == digest(&finding.cluster_id)
                    && known.text == digest(&finding.text)
            })
        })
}

fn changed_note(old: &LeadRow, new: &LeadRow) -> String {
    let mut notes = Vec::new();
    if old.gone {
        notes.push("疑点重新出现".to_owned());
    }
    if old.findings != new.findings {
        notes.push(format!("疑点 {} 条变为 {} 条", old.findings, new.findings));
    }
    if old.amount_fen != new.amount_fen {
        notes.push(format!("涉及金额 {} 元变为 {} 元", Fen(old.amount_fen), Fen(new.amount_fen)));
    }
    if notes.is_empty() {
        notes.push("内容有更新，疑点数和涉及金额未变".to_owned());
    }
    format!("重新筛查：{}", notes.join("，"))
}

impl Run<'_> {
    fn draft(&self, members: &[usize]) -> Draft {
        let Run { before, findings, facts, ranking, as_of, at, ref taken } = *self;
        let mut pieces: Vec<Piece<'_>> = members.iter().map(|&at| piece(&findings[at], at, before, facts, ranking, taken)).collect();
        let sums = tally(&mut pieces, as_of);
        let leading = &findings[pieces[0].at];
        let (first_day, members) = (sums.first_day, pieces.iter().map(|piece| (piece.at, piece.counted)).collect());
        let subject = subject_of(leading, facts, as_of);
        let code = leading.fixmedins_code.as_deref().unwrap_or("");
        let house = facts.institutions.get(code).cloned().unwrap_or_default();
        let with_person = matches!(subject.kind, "stay" | "visit" | "person");
        let person_no = leading.psn_no.clone().filter(|_| with_person).unwrap_or_default();
        let person = facts.persons.get(&person_no).cloned().unwrap_or_default();
        let visit_id = leading.mdtrt_id.clone().filter(|_| matches!(subject.kind, "stay" | "visit")).unwrap_or_default();
        let visit = facts.visits.get(&visit_id).cloned().unwrap_or_default();
        let day = |day: Option<Day>| day.map(format_day).unwrap_or_default();
        let lead = LeadRow {
            id: String::new(),
            subject: subject.kind.into(),
            subject_key: subject.key.clone(),
            generation: 0,
            subject_label: label_of(&subject, leading, facts, as_of),
            region: house.region,
            institution: code.into(),
            institution_name: if house.name.is_empty() { code.into() } else { house.name },
            institution_level: house.level,
            person_age: person.born.map(|born| age(born, first_day)),
            person_name: person.name_masked,
            person_sex: person.sex,
            person_no,
            visit: visit_id,
            visit_kind: visit.kind_title,
            visit_begin: day(visit.begin),
            visit_end: day(visit.end),
            practitioner: leading.bilg_dr_code.clone().filter(|_| subject.kind == "practitioner").unwrap_or_default(),
            rules: Vec::new(),
            findings: 0,
            result: String::new(),
            definite: false,
            amount_fen: 0,
            fund_fen: 0,
            acct_fen: 0,
            expected_fen: 0,
            rank_fen: 0,
            score: 0,
            reason: String::new(),
            first_day: 0,
            last_day: 0,
            status: Status::New,
            holder: String::new(),
            holder_name: String::new(),
            held_at: 0,
            first_account: String::new(),
            first_name: String::new(),
            second_account: String::new(),
            second_name: String::new(),
            told: false,
            delivered_day: None,
            contested: false,
            due_day: NO_DUE,
            limit_days: 0,
            paused_left: None,
            gone: false,
            decided_fen: 0,
            loss_fen: 0,
            withdrawn_fen: 0,
            dropped_fen: 0,
            road: String::new(),
            decided_at: None,
            put_off_day: 0,
            merged_into: String::new(),
            split_from: String::new(),
            shaped: false,
            version: 1,
            created_at: at,
            updated_at: at,
        };
        Draft { lead: sums.on(&lead), sealed: person.sealed.filter(|_| with_person), findings: members, note: String::new() }
    }
}

/// What one finding adds to a lead.
fn piece<'a>(
    finding: &'a FindingRow,
    at: usize,
    before: &Before,
    facts: &Facts,
    ranking: &Ranking,
    taken: &HashMap<&str, i64>,
) -> Piece<'a> {
    let own = Money {
        amount_fen: finding.amount.unwrap_or(0),
        fund_fen: finding.fund_amount.unwrap_or(0),
        acct_fen: finding.acct_amount.unwrap_or(0),
    };
    let counted = match (finding.leads, finding.amount) {
        (true, Some(amount)) => {
            let cluster = finding.cluster_amount.unwrap_or(amount);
            money::counted(cluster, own, taken.get(finding.cluster_id.as_str()).copied().unwrap_or(0))
        }
        _ => Money::default(),
    };
    let code = finding.fixmedins_code.as_deref().unwrap_or("");
    let kind = rank::kind_of(code, facts.institutions.get(code).map_or("", |house| house.level.as_str()));
    let precision = before.learned.precision(&finding.rule_id, &kind, finding.shown_result());
    Piece::of_run(at, finding, counted, rank::expected(precision, finding.amount.map(|_| counted.loss_fen()), ranking))
}

/// Full years from birth to a day; never negative.
fn age(born: Day, day: Day) -> i64 {
    let mut years = i64::from((day - born).max(0)) / 365;
    while years > 0 && add_years(born, years as i32) > day {
        years -= 1;
    }
    years
}

#[cfg(test)]
#[path = "plan/tests.rs"]
mod tests;
