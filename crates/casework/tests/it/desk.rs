//! A bureau made up for tests: a store, people of every role, a few findings.

use std::sync::atomic::{AtomicI64, Ordering};

use mingjian_casework::leads::{self, Filter, LeadDetail};
use mingjian_casework::way::{self, Act, ActInput};
use mingjian_casework::{Asker, CaseError, Colleague, Facts, FindingRow, InstitutionFact, Office, Person, PersonFact, Scope, VisitFact};
use mingjian_model::day::{MICROS_PER_DAY, parse_day, parse_moment};
use mingjian_store::{Actor, Store};

pub struct Desk {
    pub office: Office,
    /// Now, moved by hand.
    now: AtomicI64,
    _folder: tempfile::TempDir,
}

pub const START: &str = "2026-03-02 09:00:00";

impl Desk {
    pub async fn open(url: &str) -> Desk {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(url).await.expect("a store");
        let office = Office::new(store, folder.path().join("attachments"));
        Desk { office, now: AtomicI64::new(parse_moment(START).expect("a moment")), _folder: folder }
    }

    /// Sets the clock.
    pub fn at(&self, moment: &str) {
        self.now.store(parse_moment(moment).expect("a moment"), Ordering::Relaxed);
    }

    pub fn later(&self, days: i64) {
        self.now.fetch_add(days * MICROS_PER_DAY, Ordering::Relaxed);
    }

    pub fn now(&self) -> i64 {
        // Each act a second after the last.
        self.now.fetch_add(1_000_000, Ordering::Relaxed)
    }

    pub fn actor(&self) -> Actor {
        Actor { account: "system".into(), role: "system".into(), origin: "cli".into(), at: self.now() }
    }

    /// Somebody of the bureau of the whole city, or of an institution.
    pub fn asker(&self, account: &str) -> Asker {
        let person = people().into_iter().find(|person| person.account == account).unwrap_or_else(|| panic!("no {account}"));
        let scope = match &person.institution {
            Some(code) if person.is_institution() => Scope { sql: "institution in ($1)".into(), args: vec![code.as_str().into()] },
            _ => Scope { sql: "region like $1".into(), args: vec!["3309%".into()] },
        };
        Asker { person, scope, at: self.now(), origin: "10.0.0.8".into(), colleagues: colleagues() }
    }

    pub async fn update(&self, findings: &[FindingRow]) -> leads::Updated {
        let as_of = parse_day("2026-03-01").expect("a day");
        leads::update(&self.office, &self.actor(), findings, &facts(), "run-1", as_of).await.expect("updates")
    }

    pub async fn list(&self, account: &str, filter: Filter) -> leads::LeadPage {
        leads::list(&self.office, &self.asker(account), &filter).await.expect("lists")
    }

    pub async fn detail(&self, account: &str, id: &str) -> LeadDetail {
        leads::detail(&self.office, &self.asker(account), id).await.expect("reads")
    }

    /// An act at the newest version.
    pub async fn act(&self, account: &str, id: &str, act: Act, input: ActInput) -> Result<LeadDetail, CaseError> {
        way::act(&self.office, &self.asker(account), id, act, &input).await
    }

    pub async fn done(&self, account: &str, id: &str, act: Act, input: ActInput) -> LeadDetail {
        self.act(account, id, act, input).await.unwrap_or_else(|error| panic!("{account} {act:?}: {error}"))
    }

    /// The one lead, sent to its institution by wang.
    pub async fn sent(&self, findings: &[FindingRow]) -> String {
        self.update(findings).await;
        let id = self.list("chen", Filter::default()).await.items[0].id.clone();
        self.done("chen", &id, Act::Assign, ActInput { assignee: Some("wang".into()), ..ActInput::default() }).await;
        self.done("wang", &id, Act::Send, ActInput::default()).await;
        id
    }
}

fn person(account: &str, name: &str, role: &str, institution: Option<&str>) -> Person {
    Person { account: account.into(), name: name.into(), roles: vec![role.into()], institution: institution.map(str::to_owned) }
}

pub fn people() -> Vec<Person> {
    vec![
        person("wang", "王初", "auditor", None),
        person("zhao", "赵二", "auditor", None),
        person("li", "李复", "reviewer", None),
        person("sun", "孙复", "reviewer", None),
        person("chen", "陈科", "supervisor", None),
        person("gao", "高局", "director", None),
        person("cai", "蔡财", "finance", None),
        person("e1", "专家一", "expert", Some("H9")),
        person("e2", "专家二", "expert", Some("H8")),
        person("e3", "专家三", "expert", None),
        person("e4", "专家四", "expert", None),
        person("eh1", "专家本院", "expert", Some("H1")),
        person("h1", "仁济医保办", "institution", Some("H1")),
        person("h2", "康复医保办", "institution", Some("H2")),
    ]
}

pub fn colleagues() -> Vec<Colleague> {
    people()
        .into_iter()
        .map(|person| Colleague { account: person.account, name: person.name, roles: person.roles, institution: person.institution })
        .collect()
}

pub fn facts() -> Facts {
    let mut facts = Facts::default();
    for (code, name, region) in [("H1", "仁济医院", "330902"), ("H2", "康复医院", "330903"), ("P5", "康民药店", "330902")] {
        facts.institutions.insert(code.into(), InstitutionFact { name: name.into(), level: "二级".into(), region: region.into() });
    }
    facts.persons.insert(
        "P1".into(),
        PersonFact { name_masked: "周**".into(), sealed: Some("sealed".into()), sex: "男".into(), born: parse_day("1950-05-01") },
    );
    let days = (parse_day("2026-01-05"), parse_day("2026-01-12"));
    facts.visits.insert("V1".into(), VisitFact { kind_title: "住院".into(), stay: true, begin: days.0, end: days.1 });
    facts
}

/// A finding with money on it: 70 % of the fund, none of the account.
pub fn finding(id: &str, visit: &str, institution: &str, amount: i64) -> FindingRow {
    FindingRow {
        finding_id: id.into(),
        rule_id: "N025".into(),
        rule_version: 3,
        rule_name: "配对项目重复收费".into(),
        kind: "重复收费".into(),
        class: "政策类".into(),
        result: "可疑".into(),
        band: "core".into(),
        psn_no: Some("P1".into()),
        mdtrt_id: Some(visit.into()),
        setl_id: Some(format!("S{visit}")),
        fixmedins_code: Some(institution.into()),
        bilg_dr_code: Some("D1".into()),
        first_time: parse_moment("2026-01-08 09:00:00"),
        last_time: parse_moment("2026-01-08 09:30:00"),
        amount: Some(amount),
        fund_amount: Some(amount * 7 / 10),
        acct_amount: Some(0),
        text: format!("同日收取两项，多收 {}.{:02} 元。", amount / 100, amount % 100),
        cluster_id: id.into(),
        leads: true,
        cluster_amount: Some(amount),
    }
}

/// As [`finding`], definite.
pub fn definite(id: &str, visit: &str, institution: &str, amount: i64) -> FindingRow {
    FindingRow { result: "违规".into(), ..finding(id, visit, institution, amount) }
}
