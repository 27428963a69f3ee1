//! Lists: pages, sums, scopes, search.

use std::collections::BTreeSet;

use mingjian_casework::leads::{self, Filter, Lead};
use mingjian_casework::recoveries::{self, RecoveryFilter};
use mingjian_casework::way::{Act, ActInput};
use mingjian_casework::{FindingRow, InstitutionFact, Scope, summary, workbench};
use mingjian_model::day::parse_day;
use mingjian_store::Row;

use crate::desk::{Desk, definite, finding};

async fn filled(url: &str) -> Desk {
    let desk = Desk::open(url).await;
    let findings: Vec<FindingRow> = (0..60)
        .map(|n| {
            let house = if n % 3 == 0 { "H2" } else { "H1" };
            // Amounts repeat, so that pages break within equal keys.
            let amount = 1_000 * (n % 5);
            let row = if n % 2 == 0 {
                finding(&format!("f{n:02}"), &format!("V{n}"), house, amount)
            } else {
                definite(&format!("f{n:02}"), &format!("V{n}"), house, amount)
            };
            // Days over half a year, so that ranges have whole blocks and edges.
            let at = row.first_time.map(|at| at - (n * 3) * mingjian_model::day::MICROS_PER_DAY);
            let row = FindingRow { first_time: at, last_time: at, ..row };
            FindingRow { rule_id: if n % 7 == 0 { "N014".into() } else { row.rule_id.clone() }, ..row }
        })
        .collect();
    desk.update(&findings).await;
    let all = desk.list("chen", Filter { limit: Some(200), ..Filter::default() }).await.items;
    for lead in all.iter().step_by(4) {
        desk.done("wang", &lead.id, Act::Take, ActInput::default()).await;
    }
    for lead in all.iter().step_by(8) {
        desk.done("wang", &lead.id, Act::Send, ActInput::default()).await;
    }
    desk
}

pub async fn pages_go_forth_and_back_through_every_lead_once(url: String) {
    let desk = filled(&url).await;
    for (sort, expected) in [("rank", 60), ("amount", 60), ("day", 60), ("due", 15)] {
        for status in [None, Some("new,check,sent".to_owned())] {
            let filter = |after: Option<String>| Filter {
                sort: Some(sort.into()),
                status: status.clone(),
                limit: Some(7),
                after,
                ..Filter::default()
            };
            let mut seen = Vec::new();
            let mut page = desk.list("chen", filter(None)).await;
            assert!(page.prev.is_none());
            let mut last = page.clone();
            loop {
                assert_eq!(page.total, expected, "{sort}");
                seen.extend(page.items.iter().map(|lead| lead.id.clone()));
                let Some(next) = page.next.clone() else { break };
                last = page;
                page = desk.list("chen", filter(Some(next))).await;
            }
            assert_eq!(seen.len(), expected as usize, "{sort} {status:?}");
            assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), expected as usize);
            let back = desk.list("chen", filter(page.prev.clone())).await;
            assert_eq!(back.items, last.items, "{sort}: back is where one came from");
        }
    }
}

/// What the bureau expects to get back is told neither by an order nor by the place a page ends at.
pub async fn an_institution_is_not_shown_the_bureaus_order(url: String) {
    let desk = filled(&url).await;
    let asked = |sort: Option<&str>| Filter { sort: sort.map(str::to_owned), limit: Some(1), ..Filter::default() };
    let by_amount = desk.list("h1", asked(Some("amount"))).await;
    assert!(by_amount.next.is_some());
    for sort in [None, Some("rank")] {
        assert_eq!(desk.list("h1", asked(sort)).await, by_amount, "{sort:?}");
    }
    assert_ne!(desk.list("chen", asked(Some("rank"))).await.next, desk.list("chen", asked(Some("amount"))).await.next);
}

pub async fn sums_agree_with_the_rows_whatever_is_asked(url: String) {
    let desk = filled(&url).await;
    let some = |text: &str| Some(text.to_owned());
    let filters = [
        Filter::default(),
        Filter { status: some("new"), ..Filter::default() },
        Filter { status: some("check,sent"), institution: some("H1"), ..Filter::default() },
        Filter { rule: some("N014"), ..Filter::default() },
        Filter { rule: some("N014"), result: some("违规"), sort: some("amount"), ..Filter::default() },
        Filter { rule: some("N014"), mine: Some(1), ..Filter::default() },
        Filter { amount_min_fen: Some(3_000), ..Filter::default() },
        Filter { from: some("2026-01-02"), to: some("2026-01-08"), subject: some("visit"), ..Filter::default() },
        Filter { from: some("2025-11-20"), to: some("2026-02-11"), ..Filter::default() },
        Filter { from: some("2025-12-30"), result: some("可疑"), status: some("new,check"), ..Filter::default() },
        Filter { to: some("2026-01-20"), rule: some("N025"), ..Filter::default() },
        Filter { to: some("2026-01-20"), institution: some("H2"), ..Filter::default() },
        Filter { result: some("可疑"), sort: some("day"), ..Filter::default() },
        Filter { mine: Some(1), ..Filter::default() },
        Filter { due: Some(5), ..Filter::default() },
        Filter { q: some("仁济"), ..Filter::default() },
        Filter { sort: some("due"), ..Filter::default() },
    ];
    for account in ["wang", "chen", "h1"] {
        for filter in &filters {
            let page = desk.list(account, Filter { limit: Some(200), ..filter.clone() }).await;
            assert_eq!(page.total, page.items.len() as i64, "{account} {filter:?}");
            assert_eq!(page.sum_amount_fen, page.items.iter().map(|lead| lead.amount_fen).sum::<i64>(), "{account} {filter:?}");
            assert_eq!(page.sum_fund_fen, page.items.iter().map(|lead| lead.fund_fen).sum::<i64>(), "{account} {filter:?}");
        }
    }
    let by = summary::summary(&desk.office, &desk.asker("chen"), "institution").await.expect("adds up");
    assert_eq!(by.items.iter().map(|item| (item.title.as_str(), item.leads)).collect::<Vec<_>>(), [("仁济医院", 40), ("康复医院", 20)]);
    let weeks = summary::summary(&desk.office, &desk.asker("chen"), "week").await.expect("adds up").items;
    assert_eq!(weeks.iter().map(|week| week.leads).sum::<i64>(), 60);
    assert!(weeks.len() > 20);
    let rules = summary::summary(&desk.office, &desk.asker("h1"), "rule").await.expect("adds up");
    let told = desk.list("h1", Filter::default()).await.total;
    assert_eq!(rules.items.iter().map(|item| item.leads).sum::<i64>(), told, "an institution counts what it was told");
}

pub async fn a_scope_of_one_lead_shows_one_lead(url: String) {
    let desk = filled(&url).await;
    let all = desk.list("chen", Filter::default()).await.items;
    let mut asker = desk.asker("e3");
    asker.scope = Scope::from(("(leads.id in ($1))".to_owned(), vec![all[3].id.as_str().into()]));
    let page = leads::list(&desk.office, &asker, &Filter::default()).await.expect("lists");
    assert_eq!((page.total, page.sum_amount_fen, page.items.len()), (1, all[3].amount_fen, 1));
    assert!(leads::detail(&desk.office, &asker, &all[4].id).await.is_err());
    assert!(leads::detail(&desk.office, &asker, &all[3].id).await.is_ok());
    // Nothing of others through sums either.
    assert!(summary::summary(&desk.office, &asker, "rule").await.is_err());
    asker.scope = Scope::from(("(1 = 0)".to_owned(), vec![]));
    assert_eq!(leads::list(&desk.office, &asker, &Filter::default()).await.expect("lists").total, 0);
}

/// 地区授权之外又逐件授权: both count, each lead once, and the same whatever asks.
pub async fn a_region_and_single_leads_are_one_scope(url: String) {
    let desk = filled(&url).await;
    let all = desk.list("chen", Filter { limit: Some(200), ..Filter::default() }).await.items;
    let of = |code: &str| {
        let code = code.to_owned();
        all.iter().filter(move |lead| lead.institution.as_ref().is_some_and(|house| house.code == code)).cloned().collect::<Vec<_>>()
    };
    // 330903 is H2's region; one of the grants lies in it anyway.
    let (inside, outside) = (of("H2"), of("H1"));
    let granted = [outside[2].id.clone(), outside[7].id.clone(), inside[1].id.clone()];
    let mut asker = desk.asker("wang");
    asker.scope = Scope::from((
        "((leads.region >= $1 and leads.region < $2) or leads.id in ($3, $4, $5))".to_owned(),
        vec!["330903".into(), "330904".into(), granted[0].as_str().into(), granted[1].as_str().into(), granted[2].as_str().into()],
    ));
    let mut seen: Vec<&Lead> = inside.iter().chain([&outside[2], &outside[7]]).collect();
    seen.sort_by(|a, b| a.id.cmp(&b.id));
    for filter in [
        Filter::default(),
        Filter { status: Some("new".into()), ..Filter::default() },
        Filter { sort: Some("day".into()), ..Filter::default() },
    ] {
        let page = leads::list(&desk.office, &asker, &Filter { limit: Some(200), ..filter.clone() }).await.expect("lists");
        let wanted: Vec<&Lead> =
            seen.iter().copied().filter(|lead| filter.status.as_ref().is_none_or(|status| *status == lead.status)).collect();
        let mut items: Vec<&Lead> = page.items.iter().collect();
        items.sort_by(|a, b| a.id.cmp(&b.id));
        assert_eq!(items.iter().map(|lead| &lead.id).collect::<Vec<_>>(), wanted.iter().map(|lead| &lead.id).collect::<Vec<_>>());
        assert_eq!((page.total, page.sum_amount_fen), (wanted.len() as i64, wanted.iter().map(|lead| lead.amount_fen).sum::<i64>()));
    }
    assert!(leads::detail(&desk.office, &asker, &outside[2].id).await.is_ok());
    assert!(leads::detail(&desk.office, &asker, &outside[3].id).await.is_err());
    let by = summary::summary(&desk.office, &asker, "institution").await.expect("adds up").items;
    assert_eq!(by.iter().map(|item| (item.key.as_str(), item.leads)).collect::<BTreeSet<_>>(), BTreeSet::from([("H2", 20), ("H1", 2)]));
    let morning = workbench::workbench(&desk.office, &asker).await.expect("a morning");
    assert_eq!(morning.strip.new_leads, seen.iter().filter(|lead| lead.status == "new").count() as i64);
    assert!(!morning.weeks.is_empty());
    assert_eq!(recoveries::list(&desk.office, &asker, &RecoveryFilter::default()).await.expect("a ledger").total, 0);
}

pub async fn the_search_box_finds_numbers_codes_and_names(url: String) {
    let desk = filled(&url).await;
    let found = |q: &str| {
        let filter = Filter { q: Some(q.into()), limit: Some(200), ..Filter::default() };
        let desk = &desk;
        async move { desk.list("chen", filter).await.total }
    };
    assert_eq!(found("xs2026-000007").await, 1);
    assert_eq!(found("XS2026-00001").await, 10);
    assert_eq!(found("V13").await, 1);
    assert_eq!(found("P1").await, 60);
    assert_eq!(found("康复").await, 20);
    assert_eq!(found("H2").await, 20);
    assert_eq!(found("%").await, 0, "a sign of the pattern is no pattern");
    assert_eq!(found("' or 1=1 --").await, 0);
}

pub async fn the_morning_of_each(url: String) {
    let desk = filled(&url).await;
    let of = |account: &'static str| {
        let desk = &desk;
        async move { workbench::workbench(&desk.office, &desk.asker(account)).await.expect("a morning") }
    };
    let wang = of("wang").await;
    assert_eq!((wang.strip.todo, wang.strip.new_leads), (15, 45));
    assert_eq!(wang.ladder.overdue + wang.ladder.today + wang.ladder.d1_3 + wang.ladder.d4_7 + wang.ladder.later, 15);
    assert!(
        wang.first.len() == 10 && wang.first[0].holder.as_ref().is_some_and(|holder| holder.account == "wang"),
        "what is in hand comes first"
    );
    let chen = of("chen").await;
    assert_eq!(chen.load.iter().map(|load| (load.name.as_str(), load.in_hand)).collect::<Vec<_>>(), [("王初", 15)]);
    assert_eq!(chen.weeks.len(), 26);
    assert_eq!(chen.weeks.iter().map(|week| week.violation + week.suspect).sum::<i64>(), 60);
    let hospital = of("h1").await;
    assert_eq!(hospital.strip.todo, desk.list("h1", Filter::default()).await.total);
    assert!(hospital.weeks.is_empty() && hospital.load.is_empty() && hospital.strip.new_leads == 0);
    // One person's day is full: what nobody has is not pressed on them.
    let mut office = desk.office.clone();
    office.settings.ranking.per_day = 5;
    assert_eq!(leads::today(&office, &desk.asker("wang")).await.expect("lists").len(), 5);
    assert_eq!(leads::today(&office, &desk.asker("zhao")).await.expect("lists").len(), 5);
}

/// Every combination of what the page offers, against the rows themselves, counted and put in order here.
pub async fn lists_say_what_the_rows_say_whatever_is_combined(url: String) {
    let desk = filled(&url).await;
    let sql = "select id, status, result, rules, institution, amount_fen, fund_fen, rank_fen, last_day, due_day from leads";
    let rows = desk.office.store.rows(sql, &[]).await.expect("reads");
    let some = |text: &str| Some(text.to_owned());
    let statuses = [None, some("new"), some("check,sent")];
    let days = [(None, None), (some("2025-12-10"), some("2026-01-20"))];
    let mut matched = 0;
    for number in 0..3 * 2 * 2 * 2 * 2 * 2 * 4 {
        let mut left = number;
        let mut draw = |of: usize| {
            let drawn = left % of;
            left /= of;
            drawn
        };
        let (from, to) = days[draw(2)].clone();
        let filter = Filter {
            status: statuses[draw(3)].clone(),
            result: [None, some("违规")][draw(2)].clone(),
            rule: [None, some("N014")][draw(2)].clone(),
            institution: [None, some("H1")][draw(2)].clone(),
            amount_min_fen: [None, Some(2_000)][draw(2)],
            from,
            to,
            sort: some(["rank", "amount", "day", "due"][draw(4)]),
            limit: Some(9),
            ..Filter::default()
        };
        let (text, int) =
            (|row: &Row, column: &str| row.text(column).expect("text"), |row: &Row, column: &str| row.int(column).expect("int"));
        let day = |text: &Option<String>| text.as_deref().map(|text| i64::from(parse_day(text).expect("a day")));
        let mut wanted: Vec<&Row> = rows
            .iter()
            .filter(|row| filter.status.as_ref().is_none_or(|ids| ids.split(',').any(|id| id == text(row, "status"))))
            .filter(|row| filter.result.as_ref().is_none_or(|result| *result == text(row, "result")))
            .filter(|row| filter.rule.as_ref().is_none_or(|rule| text(row, "rules").contains(&format!("\"{rule}\""))))
            .filter(|row| filter.institution.as_ref().is_none_or(|code| *code == text(row, "institution")))
            .filter(|row| filter.amount_min_fen.is_none_or(|least| int(row, "amount_fen") >= least))
            .filter(|row| day(&filter.from).is_none_or(|from| int(row, "last_day") >= from))
            .filter(|row| day(&filter.to).is_none_or(|to| int(row, "last_day") <= to))
            .filter(|row| filter.sort.as_deref() != Some("due") || int(row, "due_day") < 99_999_999)
            .collect();
        let column = ["rank_fen", "amount_fen", "last_day", "due_day"]
            [["rank", "amount", "day", "due"].iter().position(|sort| filter.sort.as_deref() == Some(sort)).expect("a sort")];
        wanted.sort_by(|a, b| int(a, column).cmp(&int(b, column)).then_with(|| text(a, "id").cmp(&text(b, "id"))));
        if column != "due_day" {
            wanted.reverse();
        }
        let page = desk.list("chen", filter.clone()).await;
        let shown: Vec<&str> = page.items.iter().map(|lead| lead.id.as_str()).collect();
        assert_eq!(shown, wanted.iter().take(9).map(|row| text(row, "id")).collect::<Vec<_>>(), "{filter:?}");
        let sum = |column| wanted.iter().map(|row| int(row, column)).sum::<i64>();
        assert_eq!(
            (page.total, page.sum_amount_fen, page.sum_fund_fen),
            (wanted.len() as i64, sum("amount_fen"), sum("fund_fen")),
            "{filter:?}"
        );
        matched += usize::from(!wanted.is_empty());
    }
    assert!(matched > 100, "most combinations find something");
}

/// Another process (here: another office over the same store) sees what this one did, and this one what that did.
pub async fn what_another_process_did_shows_at_once(url: String) {
    let desk = filled(&url).await;
    let other = mingjian_casework::Office::new(desk.office.store.clone(), desk.office.folder.clone());
    let filter = Filter { status: Some("check".into()), ..Filter::default() };
    let seen = leads::list(&other, &desk.asker("chen"), &filter).await.expect("lists").total;
    assert_eq!(seen, desk.list("chen", filter.clone()).await.total);
    let new = desk.list("chen", Filter { status: Some("new".into()), ..Filter::default() }).await.items[0].id.clone();
    desk.done("wang", &new, Act::Take, ActInput::default()).await;
    assert_eq!(leads::list(&other, &desk.asker("chen"), &filter).await.expect("lists").total, seen + 1);
    let mut facts = crate::desk::facts();
    facts.institutions.insert("H3".into(), InstitutionFact { name: "新院".into(), level: "一级".into(), region: "330904".into() });
    let as_of = parse_day("2026-03-01").expect("a day");
    leads::update(&desk.office, &desk.actor(), &[finding("g1", "V900", "H3", 70_000)], &facts, "run-2", as_of).await.expect("updates");
    let found =
        leads::list(&other, &desk.asker("chen"), &Filter { institution: Some("H3".into()), ..Filter::default() }).await.expect("lists");
    assert_eq!(found.items.iter().map(|lead| lead.amount_fen).collect::<Vec<_>>(), [70_000], "a place nobody had before");
    assert_eq!(mingjian_casework::check::reconcile(&other).await.expect("adds up").wrong, Vec::<String>::new());
}
