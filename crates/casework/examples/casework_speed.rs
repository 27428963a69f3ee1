//! How fast lists answer over many leads: fills a store and measures runs over it, list, count and page of a lead as a bureau asks them.
//!
//! ```text
//! cargo run -p mingjian-casework --example casework_speed -- <leads, 1000000> <file or postgres://…, kept if it is there> [<asks of each kind, 200>]
//! ```
//! Prints p50 and p95 of each kind of question; of runs also the time of processors, which a busy machine does not stretch (Linux). Leads are made up: 5,000 institutions in 10 counties, half of the leads still nobody's.

#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "an example measures with the machine's clock and prints")]

use std::collections::HashMap;
use std::time::Instant;

use mingjian_casework::leads::{self, Filter};
use mingjian_casework::way::{self, Act, ActInput};
use mingjian_casework::{
    Asker, Colleague, Facts, FindingRow, InstitutionFact, Office, Person, PersonFact, Scope, VisitFact, summary, workbench,
};
use mingjian_model::day::{MICROS_PER_DAY, parse_day, parse_moment};
use mingjian_store::{Actor, Store};

const INSTITUTIONS: u64 = 5_000;

/// Numbers that look drawn, the same every time.
fn mixed(n: u64) -> u64 {
    let mut z = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z ^ (z >> 29)
}

fn findings(from: u64, to: u64) -> (Vec<FindingRow>, Facts) {
    let mut facts = Facts::default();
    for n in 0..INSTITUTIONS {
        let region = format!("3309{:02}", n % 10);
        facts.institutions.insert(house(n), InstitutionFact { name: format!("第{n}医院"), level: "二级".into(), region });
    }
    let begin = parse_day("2025-01-01").unwrap_or(0);
    let mut rows = Vec::new();
    for n in from..to {
        let draw = mixed(n);
        // A few institutions have very many.
        let institution = if draw.is_multiple_of(10) { draw / 10 % 20 } else { draw / 10 % INSTITUTIONS };
        let (visit, person) = (format!("V{n:09}"), format!("P{:08}", draw % 600_000));
        let day = begin + (draw / 7 % 365) as i32;
        facts.visits.insert(
            visit.clone(),
            VisitFact { kind_title: "住院".into(), stay: draw.is_multiple_of(3), begin: Some(day), end: Some(day + 5) },
        );
        facts.persons.entry(person.clone()).or_insert_with(|| PersonFact {
            name_masked: "周**".into(),
            sealed: None,
            sex: "女".into(),
            born: parse_day("1955-06-01"),
        });
        for k in 0..1 + draw % 2 {
            let amount = 100 + (mixed(draw + k) % 1_000_000) as i64;
            let id = format!("{n:016x}{k:016x}");
            let definite = mixed(draw + 5 * k) % 10 < 7;
            rows.push(FindingRow {
                cluster_id: id.clone(),
                finding_id: id,
                rule_id: format!("N{:03}", 1 + mixed(draw + 3 * k) % 88),
                rule_version: 1,
                rule_name: "医疗服务项目重复收费".into(),
                kind: "重复收费".into(),
                class: "政策类".into(),
                result: if definite { "违规" } else { "可疑" }.into(),
                band: "core".into(),
                psn_no: Some(person.clone()),
                mdtrt_id: Some(visit.clone()),
                setl_id: Some(format!("S{n}")),
                fixmedins_code: Some(house(institution)),
                bilg_dr_code: Some(format!("D{}", draw % 20_000)),
                first_time: Some(i64::from(day) * MICROS_PER_DAY),
                last_time: Some(i64::from(day) * MICROS_PER_DAY),
                amount: Some(amount),
                fund_amount: Some(amount * 7 / 10),
                acct_amount: Some(0),
                text: format!("同日收取“静脉输液”和“静脉注射”，后者的内涵已含在前者，多收 {} 分。", amount),
                leads: true,
                cluster_amount: Some(amount),
            });
        }
    }
    (rows, facts)
}

/// Seconds of processors this process has used; 0 where the machine does not say.
fn processors() -> f64 {
    let said = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name in brackets: user and system time are the 12th and 13th, in hundredths.
    let fields: Vec<f64> =
        said.rsplit(')').next().unwrap_or("").split_whitespace().skip(11).take(2).filter_map(|text| text.parse().ok()).collect();
    fields.iter().sum::<f64>() / 100.0
}

fn taken(from: Instant, busy: f64) -> String {
    format!("{:.1} s, {:.1} s of processors", from.elapsed().as_secs_f64(), processors() - busy)
}

fn house(n: u64) -> String {
    format!("H3309{n:05}")
}

fn person(account: &str, role: &str, institution: Option<String>) -> Person {
    Person { account: account.into(), name: account.into(), roles: vec![role.into()], institution }
}

struct Speed {
    office: Office,
    at: i64,
    asks: u64,
    slowest: f64,
}

impl Speed {
    fn asker(&self, account: &str, role: &str, scope: (&str, Vec<mingjian_store::Arg>), institution: Option<String>) -> Asker {
        Asker {
            person: person(account, role, institution),
            scope: Scope { sql: scope.0.into(), args: scope.1 },
            at: self.at,
            origin: "cli".into(),
            colleagues: vec![Colleague { account: "a0".into(), name: "a0".into(), roles: vec!["auditor".into()], institution: None }],
        }
    }

    fn city(&self) -> Asker {
        self.asker("chief", "supervisor", ("(region >= $1 and region < $2)", vec!["3309".into(), "331".into()]), None)
    }

    fn county(&self) -> Asker {
        self.asker("a3", "auditor", ("(region >= $1 and region < $2)", vec!["330903".into(), "330904".into()]), None)
    }

    fn hospital(&self, n: u64) -> Asker {
        self.asker("h", "institution", ("(institution in ($1))", vec![house(n).into()]), Some(house(n)))
    }

    fn told(&mut self, what: &str, mut times: Vec<f64>) {
        times.sort_by(f64::total_cmp);
        let of = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
        self.slowest = self.slowest.max(of(0.95));
        println!("{what:<48} p50 {:>8.2} ms   p95 {:>8.2} ms", of(0.5), of(0.95));
    }
}

/// Times a question asked many times.
macro_rules! timed {
    ($speed:ident, $what:expr, $n:ident => $ask:expr) => {{
        let mut times = Vec::new();
        for $n in 0..$speed.asks {
            let from = Instant::now();
            let answer = $ask.await;
            times.push(from.elapsed().as_secs_f64() * 1_000.0);
            if let Err(error) = answer {
                println!("{}: {error}", $what);
                break;
            }
        }
        $speed.told($what, times);
    }};
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let number = |at: usize, usual: u64| args.get(at).and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (leads, asks) = (number(1, 1_000_000), number(3, 200));
    let file = args.get(2).cloned().unwrap_or_else(|| "casework_speed.db".into());
    let store = Store::open(&if file.starts_with("postgres") { file } else { format!("sqlite:{file}") }).await?;
    let at = parse_moment("2026-03-02 09:00:00").unwrap_or(0);
    let mut speed = Speed { office: Office::new(store, "."), at, asks, slowest: 0.0 };
    let actor = Actor { account: "system".into(), role: "system".into(), origin: "cli".into(), at };
    let there = leads::list(&speed.office, &speed.city(), &Filter::default()).await?.total;
    if there < leads as i64 {
        let from = Instant::now();
        let (rows, facts) = findings(0, leads);
        println!("{} findings made in {:.1} s", rows.len(), from.elapsed().as_secs_f64());
        let (from, busy) = (Instant::now(), processors());
        let updated = leads::update(&speed.office, &actor, &rows, &facts, "speed", parse_day("2026-03-01").unwrap_or(0)).await?;
        println!("{} leads of {} findings written in {}", updated.new, updated.findings, taken(from, busy));
        let (from, busy) = (Instant::now(), processors());
        let again = leads::update(&speed.office, &actor, &rows, &facts, "speed", parse_day("2026-03-01").unwrap_or(0)).await?;
        println!("the same again: {} kept in {}", again.kept, taken(from, busy));
        let mut rows = rows;
        for row in &mut rows {
            (row.amount, row.cluster_amount) = (row.amount.map(|fen| fen + 100), row.cluster_amount.map(|fen| fen + 100));
        }
        let (from, busy) = (Instant::now(), processors());
        let changed = leads::update(&speed.office, &actor, &rows, &facts, "speed", parse_day("2026-03-01").unwrap_or(0)).await?;
        println!("every amount changed: {} changed in {}", changed.changed, taken(from, busy));
    }
    let (from, busy) = (Instant::now(), processors());
    let another = Office::new(speed.office.store.clone(), ".");
    leads::warm(&another).await?;
    println!("read into the roll in {}", taken(from, busy));
    if leads::list(&speed.office, &speed.city(), &Filter { status: Some("sent".into()), ..Filter::default() }).await?.total == 0 {
        work(&speed, 3_000).await?;
    }
    questions(&mut speed).await?;
    println!("slowest p95: {:.2} ms", speed.slowest);
    Ok(())
}

/// Some leads get on their way, so that every status has some.
async fn work(speed: &Speed, count: i64) -> Result<(), Box<dyn std::error::Error>> {
    let from = Instant::now();
    let auditor = speed.county();
    for act in [Act::Take, Act::Send] {
        let status = if act == Act::Take { "new" } else { "check" };
        let mut left = if act == Act::Take { count } else { count / 2 };
        while left > 0 {
            let filter = Filter { status: Some(status.into()), ..Filter::default() };
            let (ids, _) = leads::ids(&speed.office, &auditor, &filter, left.min(2_000)).await?;
            let batch = way::act_many(&speed.office, &auditor, Some(&ids), None, act, &ActInput::default()).await?;
            left -= batch.done.max(1);
        }
    }
    println!("{} acts in {:.1} s", count * 3 / 2, from.elapsed().as_secs_f64());
    Ok(())
}

async fn questions(speed: &mut Speed) -> Result<(), Box<dyn std::error::Error>> {
    let office = speed.office.clone();
    let (city, county) = (speed.city(), speed.county());
    let some = |text: &str| Some(text.to_owned());
    let first = leads::list(&office, &city, &Filter { limit: Some(200), ..Filter::default() }).await?;
    println!("{} leads", first.total);
    let lists: Vec<(&str, Filter)> = vec![
        ("city, by rank", Filter::default()),
        ("city, 待派发", Filter { status: some("new"), ..Filter::default() }),
        ("city, 待派发 to 已反馈", Filter { status: some("new,check,sent,answered"), ..Filter::default() }),
        ("city, a status nobody has", Filter { status: some("panel"), ..Filter::default() }),
        ("city, 可疑", Filter { result: some("可疑"), ..Filter::default() }),
        ("city, by amount", Filter { sort: some("amount"), ..Filter::default() }),
        ("city, by day", Filter { sort: some("day"), ..Filter::default() }),
        ("city, by limit", Filter { sort: some("due"), ..Filter::default() }),
        ("city, due in 3 days", Filter { due: Some(3), sort: some("due"), ..Filter::default() }),
        ("city, one rule", Filter { rule: some("N014"), ..Filter::default() }),
        (
            "city, one rule, one status, by amount",
            Filter { rule: some("N014"), status: some("sent"), sort: some("amount"), ..Filter::default() },
        ),
        ("city, one institution", Filter { institution: some(&house(1_234)), ..Filter::default() }),
        ("city, a large institution", Filter { institution: some(&house(3)), ..Filter::default() }),
        ("city, a name in the search box", Filter { q: some("第1234医院"), ..Filter::default() }),
        ("city, a person in the search box", Filter { q: some("P00012345"), ..Filter::default() }),
        ("city, a week", Filter { from: some("2025-05-05"), to: some("2025-05-11"), ..Filter::default() }),
        ("city, a month", Filter { from: some("2025-05-01"), to: some("2025-05-31"), ..Filter::default() }),
        ("city, a year", Filter { from: some("2025-01-01"), to: some("2025-12-31"), ..Filter::default() }),
        ("city, 5,000 yuan and more", Filter { amount_min_fen: Some(500_000), ..Filter::default() }),
        ("county, mine", Filter { mine: Some(1), ..Filter::default() }),
    ];
    for (what, filter) in &lists {
        let asker = if what.starts_with("county") { &county } else { &city };
        timed!(speed, what, _n => leads::list(&office, asker, filter));
    }
    timed!(speed, "county, by rank", _n => leads::list(&office, &county, &Filter::default()));
    timed!(speed, "county, 待派发", _n => leads::list(&office, &county, &lists[1].1));
    let mut after: HashMap<u64, Option<String>> = HashMap::new();
    timed!(speed, "city, page after page", n => async {
        let filter = Filter { after: after.get(&n).cloned().flatten(), ..Filter::default() };
        let page = leads::list(&office, &city, &filter).await?;
        after.insert(n + 1, page.next);
        Ok::<_, mingjian_casework::CaseError>(())
    });
    let (small, large) = (speed.hospital(1_234), speed.hospital(3));
    timed!(speed, "an institution's own", _n => leads::list(&office, &small, &Filter::default()));
    timed!(speed, "a large institution's own", _n => leads::list(&office, &large, &Filter::default()));
    timed!(speed, "a lead in full", n => leads::detail(&office, &city, &first.items[n as usize % first.items.len()].id));
    timed!(speed, "workbench, head of supervision", _n => workbench::workbench(&office, &city));
    timed!(speed, "workbench, auditor", _n => workbench::workbench(&office, &county));
    timed!(speed, "summary by rule", _n => summary::summary(&office, &city, "rule"));
    timed!(speed, "summary by institution", _n => summary::summary(&office, &city, "institution"));
    Ok(())
}
