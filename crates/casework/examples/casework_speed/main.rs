//! How fast leads are written and lists answer over many leads: fills a store and measures runs over it, list, count and page of a lead as a
//! bureau asks them, each beside what a plain SQL list takes.
//!
//! ```text
//! cargo run --release -p mingjian-casework --example casework_speed -- <leads, 1000000> <file, kept if it is there | postgres | postgres://…> [<asks of each kind, 200> [<report.json>]]
//! ```
//! `postgres` starts a throw-away server (fsync on, 512 MB of buffers) and ends it. Prints p50 and p95 of each kind of question and the time of
//! processors an ask takes, which a busy machine does not stretch; of runs also leads a second, and the peak of memory. The report keeps
//! what it says of the other database (bench/casework/latest.json). Leads are made up; half of the leads are still nobody's.

#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "an example measures with the machine's clock and prints")]

mod made;
mod measure;
#[path = "../../../store/testing/stores.rs"]
mod stores;

use std::collections::HashMap;
use std::time::Instant;

use made::{findings, house};
use measure::{Machine, Report, Span};

use mingjian_casework::leads::{self, Filter};
use mingjian_casework::way::{self, Act, ActInput};
use mingjian_casework::{Asker, Colleague, Office, Person, Scope, summary, workbench};
use mingjian_model::day::{parse_day, parse_moment};
use mingjian_store::{Actor, Store};

fn person(account: &str, role: &str, institution: Option<String>) -> Person {
    Person { account: account.into(), name: account.into(), roles: vec![role.into()], institution }
}

struct Speed {
    office: Office,
    at: i64,
    asks: u64,
    machine: Machine,
    report: Report,
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

    /// As accounts write it for who was granted a region and single leads.
    fn county_and_leads(&self, granted: &[leads::Lead]) -> Asker {
        let mut args: Vec<mingjian_store::Arg> = vec!["330903".into(), "330904".into()];
        args.extend(granted.iter().map(|lead| lead.id.as_str().into()));
        let places: Vec<String> = (3..args.len() + 1).map(|n| format!("${n}")).collect();
        let sql = format!("((region >= $1 and region < $2) or id in ({}))", places.join(", "));
        Asker { scope: Scope { sql, args }, ..self.asker("a4", "auditor", ("", Vec::new()), None) }
    }

    fn hospital(&self, n: u64) -> Asker {
        self.asker("h", "institution", ("(institution in ($1))", vec![house(n).into()]), Some(house(n)))
    }
}

/// Times a question asked many times.
macro_rules! timed {
    ($speed:ident, $what:expr, $n:ident => $ask:expr) => {{
        let (mut times, busy) = (Vec::new(), $speed.machine.processors());
        for $n in 0..$speed.asks {
            let from = Instant::now();
            $ask.await?;
            times.push(from.elapsed().as_secs_f64() * 1_000.0);
        }
        let busy = $speed.machine.processors() - busy;
        $speed.report.asked($what, times, busy);
    }};
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let number = |at: usize, usual: u64| args.get(at).and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (leads, asks) = (number(1, 1_000_000), number(3, 200));
    let file = args.get(2).cloned().unwrap_or_else(|| "casework_speed.db".into());
    let server = if file == "postgres" { stores::Server::for_measuring() } else { None };
    let url = match &server {
        Some(server) => server.database(),
        None if file.starts_with("postgres://") => file,
        None => format!("sqlite:{file}"),
    };
    let store = Store::open(&url).await?;
    let at = parse_moment("2026-03-02 09:00:00").unwrap_or(0);
    let machine = Machine { server: server.as_ref().and_then(stores::Server::pid) };
    let kind = if url.starts_with("postgres") { "postgres" } else { "sqlite" };
    let mut speed = Speed { office: Office::new(store, "."), at, asks, machine, report: Report::new(kind) };
    let there = leads::list(&speed.office, &speed.city(), &Filter::default()).await?.total;
    if there < leads as i64 {
        write(&mut speed, leads).await?;
    }
    let worked = leads::list(&speed.office, &speed.city(), &Filter { status: Some("sent".into()), ..Filter::default() }).await?.total;
    if worked == 0 {
        work(&speed, 3_000).await?;
    }
    restart(&mut speed).await?;
    plain(&mut speed).await?;
    questions(&mut speed).await?;
    speed.report.close(args.get(4).map(String::as_str))?;
    speed.office.store.close().await;
    Ok(())
}

/// Runs over many leads: all of them new, all as they were, every one changed.
async fn write(speed: &mut Speed, leads: u64) -> Result<(), Box<dyn std::error::Error>> {
    let actor = Actor { account: "system".into(), role: "system".into(), origin: "cli".into(), at: speed.at };
    let as_of = parse_day("2026-03-01").unwrap_or(0);
    let (mut rows, facts) = findings(0, leads);
    println!("{} findings of {leads} leads; {} MiB with them", rows.len(), measure::memory_mib());
    let span = Span::from(&speed.machine);
    let updated = leads::update(&speed.office, &actor, &rows, &facts, "speed", as_of).await?;
    speed.report.ran("update: all new", updated.new, span.end(&speed.machine));
    let span = Span::from(&speed.machine);
    let again = leads::update(&speed.office, &actor, &rows, &facts, "speed", as_of).await?;
    speed.report.ran("update: nothing changed", again.kept, span.end(&speed.machine));
    for row in &mut rows {
        (row.amount, row.cluster_amount) = (row.amount.map(|fen| fen + 100), row.cluster_amount.map(|fen| fen + 100));
    }
    let span = Span::from(&speed.machine);
    let changed = leads::update(&speed.office, &actor, &rows, &facts, "speed", as_of).await?;
    speed.report.ran("update: every amount changed", changed.changed, span.end(&speed.machine));
    Ok(())
}

/// What the first who asks waits for after a restart, and the roll alone.
async fn restart(speed: &mut Speed) -> Result<(), Box<dyn std::error::Error>> {
    let span = Span::from(&speed.machine);
    let fresh = Office::new(speed.office.store.clone(), ".");
    leads::warm(&fresh).await?;
    let total = leads::list(&fresh, &speed.city(), &Filter::default()).await?.total;
    speed.report.ran("roll read after a restart", total, span.end(&speed.machine));
    let fresh = Office::new(speed.office.store.clone(), ".");
    let span = Span::from(&speed.machine);
    workbench::workbench(&fresh, &speed.city()).await?;
    speed.report.ran("head's workbench, the first use after a restart", total, span.end(&speed.machine));
    Ok(())
}

/// The same lists as plain SQL without a roll: count, sums, and the first page in order. What the others are held against.
async fn plain(speed: &mut Speed) -> Result<(), Box<dyn std::error::Error>> {
    let store = speed.office.store.clone();
    let asks = speed.asks;
    speed.asks = asks.clamp(1, 5);
    let list = async |condition: &str, order: &str| {
        let sums = "count(*) as n, cast(sum(amount_fen) as bigint) as amount, cast(sum(fund_fen) as bigint) as fund";
        store.rows(&format!("select {sums} from leads where {condition}"), &[]).await?;
        let sql = format!("select * from leads where {condition} order by {order} desc, id desc limit 51");
        Ok::<_, mingjian_store::StoreError>(store.rows(&sql, &[]).await?.len())
    };
    timed!(speed, "plain SQL: by rank", _n => list("region >= '3309' and region < '331'", "rank_fen"));
    timed!(speed, "plain SQL: 待派发, by amount", _n => list("region >= '3309' and region < '331' and status = 'new'", "amount_fen"));
    speed.asks = asks;
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
    speed.report.leads = first.total;
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
    let (small, large, mixed) = (speed.hospital(1_234), speed.hospital(3), speed.county_and_leads(&first.items[..20]));
    timed!(speed, "a county and 20 single leads, by rank", _n => leads::list(&office, &mixed, &Filter::default()));
    timed!(speed, "a county and 20 single leads, workbench", _n => workbench::workbench(&office, &mixed));
    timed!(speed, "an institution's own", _n => leads::list(&office, &small, &Filter::default()));
    timed!(speed, "a large institution's own", _n => leads::list(&office, &large, &Filter::default()));
    timed!(speed, "a lead in full", n => leads::detail(&office, &city, &first.items[n as usize % first.items.len()].id));
    timed!(speed, "workbench, head of supervision", _n => workbench::workbench(&office, &city));
    timed!(speed, "workbench, auditor", _n => workbench::workbench(&office, &county));
    timed!(speed, "summary by rule", _n => summary::summary(&office, &city, "rule"));
    timed!(speed, "summary by institution", _n => summary::summary(&office, &city, "institution"));
    Ok(())
}
