//! A store of an older version (as it stood at migration 0013, made-up data in every table) is brought up without loss.

use std::collections::BTreeMap;

use mingjian_casework::leads::{self, Filter};
use mingjian_casework::way::{Act, ActInput};
use mingjian_casework::{Asker, CaseError, check, recoveries, summary};
use mingjian_store::{Store, audit};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::desk::{Desk, definite};

const FIXTURE: &str = include_str!("../../testing/store-0013.sql");
/// What had been run then.
const RUN: &[(i64, &str, &str)] = &[
    (1, "0001_trail", include_str!("../../../store/migrations/0001_trail.sql")),
    (2, "0002_people", include_str!("../../../store/migrations/0002_people.sql")),
    (10, "0010_casework", include_str!("../../../store/migrations/0010_casework.sql")),
    (11, "0011_campaigns", include_str!("../../../store/migrations/0011_campaigns.sql")),
    (12, "0012_limits", include_str!("../../../store/migrations/0012_limits.sql")),
    (13, "0013_blocks", include_str!("../../../store/migrations/0013_blocks.sql")),
];
/// What lists were answered from before the roll: made anew from the leads, not carried over.
const GIVEN_UP: &[&str] = &["lead_sums", "lead_weeks", "lead_rules"];

/// Runs plain SQL, as the older program left it.
async fn forge(url: &str, sql: &str) {
    if let Some(path) = url.strip_prefix("sqlite:") {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).create_if_missing(true);
        let mut connection = options.connect().await.expect("opens");
        sqlx::raw_sql(sql).execute(&mut connection).await.expect("runs");
        connection.close().await.expect("closes");
    } else {
        let mut connection = sqlx::PgConnection::connect(url).await.expect("opens");
        sqlx::raw_sql(sql).execute(&mut connection).await.expect("runs");
        connection.close().await.expect("closes");
    }
}

async fn older(url: &str) {
    let mut sql = String::from("create table migrations (number bigint primary key, name text not null, sm3 text not null);\n");
    for (number, name, text) in RUN {
        let sm3 = audit::sm3_hex(text.as_bytes());
        sql.push_str(&format!("{text};\ninsert into migrations values ({number}, '{name}', '{sm3}');\n"));
    }
    forge(url, &format!("{sql}{FIXTURE}")).await;
}

/// Tables of the fixture, their columns and how many rows each has.
fn tables() -> BTreeMap<&'static str, (&'static str, usize)> {
    let mut tables = BTreeMap::new();
    for statement in FIXTURE.split("insert into ").skip(1) {
        let (head, rows) = statement.split_once(" values\n").expect("a head");
        let (table, columns) = head.split_once(" (").expect("columns");
        let rows = rows.trim_end().trim_end_matches(';').split(",\n(").count();
        tables.insert(table, (columns.trim_end_matches(')'), rows));
    }
    tables
}

/// Everything in the columns a table had then, by its first two columns.
async fn contents(store: &Store, table: &str, columns: &str) -> Vec<String> {
    let rows = store.rows(&format!("select {columns} from {table} order by 1, 2"), &[]).await.unwrap_or_else(|e| panic!("{table}: {e}"));
    let read = |row: &mingjian_store::Row, column: &str| match row.maybe_int(column) {
        Ok(number) => number.map_or("null".to_owned(), |number| number.to_string()),
        Err(_) => format!("'{}'", row.text(column).expect("a text").replace('\'', "''")),
    };
    rows.iter().map(|row| format!("({})", columns.split(", ").map(|column| read(row, column)).collect::<Vec<_>>().join(", "))).collect()
}

pub async fn a_store_of_migration_0013_is_brought_up_without_loss(url: String) {
    older(&url).await;
    let desk = Desk::open(&url).await;
    let store = &desk.office.store;
    let mut carried = 0;
    for (table, (columns, rows)) in tables() {
        if GIVEN_UP.contains(&table) {
            continue;
        }
        let there = contents(store, table, columns).await;
        assert_eq!(there.len(), rows, "{table}");
        for row in &there {
            assert!(FIXTURE.contains(row.as_str()), "{table}: {row}");
        }
        carried += rows;
    }
    assert!(carried > 300, "{carried} rows");
    let verdict = audit::verify(store, None).await.expect("walks");
    assert!(verdict.intact() && verdict.anchors == 1, "{verdict:?}");
    // The money adds up, the roll (which did not exist then) too.
    let sums = check::reconcile(&desk.office).await.expect("adds up");
    assert_eq!(sums.wrong, Vec::<String>::new());
    assert!(sums.decided_fen > 0 && sums.recovered_fen + sums.refused_fen > 0);
    let chen = desk.asker("chen");
    let all = desk.list("chen", Filter { limit: Some(200), ..Filter::default() }).await;
    assert_eq!(all.total as usize, tables()["leads"].1);
    assert_eq!(all.sum_amount_fen, sums.found_fen);
    let houses = summary::summary(&desk.office, &chen, "institution").await.expect("adds up").items;
    assert_eq!(houses.iter().map(|item| item.leads).sum::<i64>(), all.total);
    assert!(!recoveries::list(&desk.office, &chen, &recoveries::RecoveryFilter::default()).await.expect("lists").items.is_empty());
    assert_eq!(mingjian_casework::campaigns::list(&desk.office, &chen).await.expect("lists").items.len(), 1);
    goes_on(&desk, &all.items).await;
    assert_eq!(check::reconcile(&desk.office).await.expect("adds up").wrong, Vec::<String>::new());
    assert!(audit::verify(store, None).await.expect("walks").intact());
}

/// Every lead reads in full, those on their way take a step, and a new run finds its place beside them.
async fn goes_on(desk: &Desk, all: &[leads::Lead]) {
    let mut steps = 0;
    for lead in all {
        let mut asker: Asker = desk.asker("chen");
        asker.colleagues = crate::desk::colleagues();
        let detail = leads::detail(&desk.office, &asker, &lead.id).await.expect("reads");
        assert!(!detail.finding_list.is_empty() && !detail.steps.is_empty() || lead.status == "new", "{}", lead.id);
        let note = ActInput { version: Some(lead.version), text: Some("升级后补充".into()), ..ActInput::default() };
        match desk.act("chen", &lead.id, Act::Note, note).await {
            Ok(after) => {
                assert_eq!(after.lead.version, lead.version + 1);
                steps += 1;
            }
            Err(CaseError::Refused(_)) => {}
            Err(error) => panic!("{}: {error}", lead.id),
        }
    }
    assert!(steps > 0, "some lead goes on its way");
    let answered = all.iter().find(|lead| lead.status == "answered").expect("one was answered");
    let review = desk.done("li", &answered.id, Act::Review, ActInput::default()).await;
    assert_eq!((review.lead.status.as_str(), review.lead.due.is_some()), ("review", true));
    let updated = desk.update(&[definite("u1", "VU1", "H1", 9_900)]).await;
    assert_eq!(updated.new, 1);
    let newest = desk.list("chen", Filter { limit: Some(200), ..Filter::default() }).await.items;
    assert!(all.iter().all(|old| newest.iter().any(|lead| lead.id == old.id)), "no lead is lost to a run");
    assert_eq!(newest.len(), all.len() + 1, "its number is a new one");
}
