//! A bureau made up for tests: a store, an account of every role, leads at three institutions in two provinces.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use mingjian_casework::{Facts, FindingRow, InstitutionFact, Office, PersonFact, VisitFact, leads};
use mingjian_model::day::{MICROS_PER_SECOND, Moment, parse_day, parse_moment};
use mingjian_people::role::Reach;
use mingjian_people::{First, Grant, NewAccount, People, Role, Settings, create_first, password};
use mingjian_platform::oidc::Oidc;
use mingjian_platform::{Data, Platform, Setup, router};
use mingjian_store::{Actor, Cipher, Sealer, Store};
use serde_json::json;

use crate::client::Client;
use crate::fake::{Fake, NASTY};

pub const PASSWORD: &str = "Kanhu-Jijin-2026";
const START: &str = "2026-03-02 09:00:00";

tokio::task_local! {
    /// The PostgreSQL server that worlds are made on; without one, on SQLite.
    pub static SERVER: Arc<crate::stores::Server>;
}

/// Time moves a second with every look, so that nothing happens at once.
static NOW: AtomicI64 = AtomicI64::new(0);

pub fn clock() -> Moment {
    let start = parse_moment(START).unwrap();
    start + NOW.fetch_add(1, Ordering::Relaxed) * MICROS_PER_SECOND / 100
}

pub struct World {
    pub router: Router,
    pub platform: Arc<Platform>,
    pub office: Office,
    pub people: People,
    pub store: Store,
    pub fake: Arc<Fake>,
    sealer: Sealer,
    _folder: tempfile::TempDir,
}

/// An account a role, in the city 3309 or bound to H1; the same elsewhere with `_away`: 4401, or H9.
pub fn account(role: Role, away: bool) -> String {
    format!("{}{}", role.id(), if away { "_away" } else { "" })
}

impl World {
    pub async fn new() -> World {
        World::with(Settings::default()).await
    }

    pub async fn with(settings: Settings) -> World {
        World::with_oidc(settings, None).await
    }

    /// With an identity provider.
    pub async fn with_oidc(settings: Settings, oidc: Option<Oidc>) -> World {
        let folder = tempfile::tempdir().unwrap();
        let file = format!("sqlite:{}", folder.path().join("business.db").display());
        let url = SERVER.try_with(|server| server.database()).unwrap_or(file);
        let store = Store::open(&url).await.unwrap();
        let sealer = Sealer::open_keys(&folder.path().join("business.key"), Cipher::Aes256Gcm).unwrap();
        // Cheap hashes: their cost is tried where they are made.
        let settings = Settings { argon2_memory_kib: 64, argon2_passes: 1, ..settings };
        let people = People::new(store.clone(), sealer.clone(), settings.clone());
        let office = Office::new(store.clone(), folder.path().join("attachments"));
        let fake = Arc::new(Fake::default());
        accounts(&store, &sealer, &people, &settings).await;
        let platform = Platform::new(Setup { oidc, ..setup(&people, &office, &sealer, &fake) });
        let world = World { router: router(platform.clone()), platform, office, people, store, fake, sealer, _folder: folder };
        world.find().await;
        world
    }

    /// The platform started anew over the same store.
    pub fn another(&self) -> Router {
        router(Platform::new(setup(&self.people, &self.office, &self.sealer, &self.fake)))
    }

    pub fn browser(&self) -> Client {
        Client::new(self.router.clone())
    }

    /// Somebody of this role, signed in.
    pub async fn signed_in(&self, role: Role, away: bool) -> Client {
        let mut client = self.browser();
        client.sign_in(&account(role, away), PASSWORD).await.expect(200);
        client
    }

    /// The id of the lead at an institution.
    pub async fn lead_at(&self, institution: &str) -> String {
        let row = self.store.one("select id from leads where institution = $1 order by id", &[institution.into()]).await.unwrap();
        row.unwrap().text("id").unwrap()
    }

    async fn find(&self) {
        let mut facts = Facts::default();
        for (code, name, region) in [("H1", NASTY, "330902"), ("H2", "康复医院", "330903"), ("H9", "远方医院", "440103")] {
            facts.institutions.insert(code.into(), InstitutionFact { name: name.into(), level: "二级".into(), region: region.into() });
        }
        let sealed = self.sealer.seal(&json!({ "name": "周建国", "certno": "330902195005011234" }).to_string()).unwrap();
        let born = parse_day("1950-05-01");
        facts.persons.insert("P1".into(), PersonFact { name_masked: "周**".into(), sealed: Some(sealed), sex: "男".into(), born });
        facts.persons.insert("P2".into(), PersonFact { name_masked: "吴*".into(), sealed: None, sex: "女".into(), born });
        let days = (parse_day("2026-01-05"), parse_day("2026-01-12"));
        for visit in ["V1", "V2", "V3", "V9"] {
            facts.visits.insert(visit.into(), VisitFact { kind_title: "住院".into(), stay: true, begin: days.0, end: days.1 });
        }
        let found = [
            finding("F1", "V1", "H1", "P1", 192_000),
            finding("F2", "V2", "H2", "P2", 5_000),
            finding("F3", "V3", "H1", "P2", 8_000),
            finding("F9", "V9", "H9", "P1", 70_000),
        ];
        let actor = Actor { account: "system".into(), role: "system".into(), origin: "cli".into(), at: clock() };
        let as_of = parse_day("2026-03-01").unwrap();
        leads::update(&self.office, &actor, &found, &facts, "7", as_of).await.unwrap();
    }
}

fn setup(people: &People, office: &Office, sealer: &Sealer, fake: &Arc<Fake>) -> Setup {
    let data: Arc<dyn Data> = fake.clone();
    Setup {
        people: people.clone(),
        office: office.clone(),
        sealer: Arc::new(sealer.clone()),
        data,
        clock,
        tls: false,
        oidc: None,
        peer: |_| Some([10, 0, 0, 8].into()),
        log: |line| eprintln!("{line}"),
    }
}

fn finding(id: &str, visit: &str, institution: &str, person: &str, amount: i64) -> FindingRow {
    FindingRow {
        finding_id: id.into(),
        rule_id: "L014".into(),
        rule_version: 2,
        rule_name: "同日多级护理".into(),
        kind: "重复收费".into(),
        class: "政策类".into(),
        result: "可疑".into(),
        band: "core".into(),
        psn_no: Some(person.into()),
        mdtrt_id: Some(visit.into()),
        setl_id: Some(format!("S{visit}")),
        fixmedins_code: Some(institution.into()),
        bilg_dr_code: Some("D1".into()),
        first_time: parse_moment("2026-01-08 09:00:00"),
        last_time: parse_moment("2026-01-08 09:30:00"),
        amount: Some(amount),
        fund_amount: Some(amount * 7 / 10),
        acct_amount: Some(0),
        text: format!("{NASTY} 多收"),
        cluster_id: id.into(),
        leads: true,
        cluster_amount: Some(amount),
    }
}

async fn accounts(store: &Store, sealer: &Sealer, people: &People, settings: &Settings) {
    let at = clock();
    let who = Actor { account: "system".into(), role: "system".into(), origin: "cli".into(), at };
    let hashed = password::hash("everybody", PASSWORD, settings).unwrap();
    let first = |role: Role| First {
        account: account(role, false),
        name: role.title().into(),
        role,
        region: "3309".into(),
        password: hashed.clone(),
    };
    let firsts = [first(Role::Sysadmin), first(Role::Secadmin), first(Role::Auditadmin)];
    create_first(store, sealer, &firsts, &who).await.unwrap();
    let by = people.person(&account(Role::Secadmin, false), at).await.unwrap().unwrap();
    for (role, away) in Role::ALL.into_iter().flat_map(|role| [(role, false), (role, true)]) {
        if [Role::Sysadmin, Role::Secadmin, Role::Auditadmin].contains(&role) && !away {
            continue;
        }
        let (region, code) = if away { ("4401", "H9") } else { ("3309", "H1") };
        let new = NewAccount {
            account: account(role, away),
            name: format!("{}{}", role.title(), if away { "（外地）" } else { "" }),
            phone: None,
            region: region.into(),
            institution: (role == Role::Institution).then(|| code.into()),
            roles: vec![role],
            grants: match role.reach() {
                Reach::Region => vec![Grant::region(region)],
                Reach::Institution => vec![Grant::institution(code)],
                Reach::Lead | Reach::Nothing => vec![],
            },
            ends: None,
            password: hashed.clone(),
            password_given: false,
        };
        people.create(&by, &new, "cli").await.unwrap();
    }
}
