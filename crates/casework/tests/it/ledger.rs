//! 对账: after any sequence of acts the money adds up, to the fen.

use std::collections::BTreeSet;

use mingjian_casework::leads::{ActOffer, Filter, LeadDetail, LineAnswer};
use mingjian_casework::recoveries::{self, EntryInput, RecoveryFilter};
use mingjian_casework::way::{Act, ActInput};
use mingjian_casework::{CaseError, FindingRow, check, leads};

use crate::desk::{Desk, definite, finding, people};

/// Numbers that look drawn, the same in every run (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit.max(1) as u64) as usize
    }

    fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

fn drawn(dice: &mut Dice, round: usize) -> Vec<FindingRow> {
    (0..14)
        .map(|n| {
            let (id, visit) = (format!("r{round}f{n:02}"), format!("r{round}V{}", n / 3));
            let amount = 1 + dice.below(50_000) as i64;
            let mut row = if dice.below(2) == 0 { finding(&id, &visit, "H1", amount) } else { definite(&id, &visit, "H1", amount) };
            row.fund_amount = Some(dice.below(amount as usize + 1) as i64);
            row.acct_amount = Some((amount - row.fund_amount.unwrap_or(0)) / 3);
            if n % 3 == 1 {
                // On the same money as the one before, which leads.
                row = FindingRow { cluster_id: format!("r{round}f{:02}", n - 1), leads: false, cluster_amount: None, ..row };
            }
            if n == 13 {
                row = FindingRow { amount: None, fund_amount: None, acct_amount: None, cluster_amount: None, ..row };
            }
            row
        })
        .collect()
}

/// Fills in what an offer asks for, by chance.
fn filled(dice: &mut Dice, lead: &LeadDetail, offer: &ActOffer, now: i64) -> ActInput {
    let mut input = ActInput { version: Some(lead.lead.version), text: Some("说明".into()), ..ActInput::default() };
    if !offer.reasons.is_empty() {
        input.reason = Some(dice.of(&offer.reasons).code.clone());
    }
    if !offer.assignees.is_empty() {
        input.assignee = Some(dice.of(&offer.assignees).account.clone());
        let from = dice.below(offer.assignees.len());
        let many = 1 + dice.below(3);
        input.members = offer.assignees.iter().cycle().skip(from).take(many).map(|one| one.account.clone()).collect();
    }
    if offer.needs.iter().any(|need| need == "road") {
        input.road = Some((*dice.of(&["refuse", "recover"])).into());
    }
    if offer.act == "put_off" {
        let days = 1 + dice.below(20) as i32;
        input.until = Some(mingjian_model::day::format_day(mingjian_model::day::day_of(now) + days));
    }
    if !offer.leads.is_empty() {
        input.leads = (0..1 + dice.below(2)).map(|_| dice.of(&offer.leads).code.clone()).collect();
    }
    if offer.needs.iter().any(|need| need == "findings") {
        let live: Vec<_> = lead.finding_list.iter().filter(|finding| !finding.gone).collect();
        input.findings = vec![dice.of(&live).id.clone()];
    }
    if offer.act == "extend" {
        input.limit_days = Some(1 + dice.below(20) as i64);
    }
    let words: &[&str] = if offer.act == "reply" { &["accept", "appeal"] } else { &["withdraw", "partly", "uphold"] };
    if offer.needs.iter().any(|need| need == "vote") {
        input.vote = Some((*dice.of(words)).into());
    }
    if offer.needs.iter().any(|need| need == "lines") && dice.below(4) > 0 {
        for finding in lead.finding_list.iter().filter(|finding| !finding.gone) {
            let conclusion = *dice.of(words);
            let most = finding.counted_fen as usize;
            input.lines.push(LineAnswer {
                finding_id: finding.id.clone(),
                conclusion: conclusion.into(),
                amount_fen: (conclusion == "partly").then(|| dice.below(most + 1) as i64),
                reason: (conclusion == "appeal").then(|| "clinical".into()),
                text: None,
            });
        }
    } else if offer.act == "reply" || offer.act == "conclude" {
        input.vote = Some((*dice.of(&[words[0], words[words.len() - 1]])).into());
        input.reason = Some("clinical".into());
    }
    input
}

/// One step of somebody on some lead; the status it led to.
async fn stepped(desk: &Desk, dice: &mut Dice, ids: &[String]) -> Option<String> {
    let people = people();
    let (person, id) = (dice.of(&people), dice.of(ids));
    let lead = leads::detail(&desk.office, &desk.asker(&person.account), id).await.ok()?;
    // What ends a lead early, and what only stops the clock, comes up seldom enough for leads to get far.
    let rare = |offer: &&ActOffer| {
        matches!(
            offer.act.as_str(),
            "drop"
                | "withdraw"
                | "receipt"
                | "deliver"
                | "recall"
                | "accept"
                | "pause"
                | "note"
                | "extend"
                | "recuse"
                | "put_off"
                | "take_up"
        )
    };
    let seldom = dice.below(12) == 0;
    // Split too often, nothing is left to walk.
    let shapes = dice.below(6) == 0;
    let shaping = |offer: &&ActOffer| matches!(offer.act.as_str(), "merge" | "split");
    let handed_on = |offer: &&ActOffer| offer.act == "assign" && lead.lead.status != "new";
    let offers: Vec<&ActOffer> = lead
        .acts
        .iter()
        .filter(|offer| offer.allowed && (seldom || !rare(offer) && !handed_on(offer)) && (shapes || !shaping(offer)))
        .collect();
    if offers.is_empty() {
        return None;
    }
    let offer = *dice.of(&offers);
    let input = filled(dice, &lead, offer, desk.now());
    let act = Act::of(&offer.act).expect("an act");
    match desk.act(&person.account, id, act, input).await {
        Ok(done) => Some(done.lead.status),
        Err(CaseError::Refused(_) | CaseError::Invalid(_)) => None,
        Err(error) => panic!("{} {act:?} on {id}: {error}", person.account),
    }
}

async fn booked(desk: &Desk, dice: &mut Dice) {
    let asker = desk.asker("cai");
    let page =
        recoveries::list(&desk.office, &asker, &RecoveryFilter { limit: Some(200), ..RecoveryFilter::default() }).await.expect("lists");
    if page.items.is_empty() {
        return;
    }
    let row = dice.of(&page.items);
    let undo = dice.below(4) == 0 && !row.entries.is_empty();
    let waives = dice.below(4) == 0;
    let entry = undo.then(|| dice.of(&row.entries).clone());
    let usual = if waives {
        "waived"
    } else if row.road == "refuse" {
        "refused"
    } else {
        dice.of(&["offset", "paid"])
    };
    let usual = if row.open_fen < 0 { "returned" } else { usual };
    let kind = entry.as_ref().map_or(usual.to_owned(), |entry| entry.kind.clone());
    let input = EntryInput {
        version: row.version,
        amount_fen: 1 + dice.below(row.open_fen.abs().max(1) as usize) as i64,
        document: Some("回单".into()),
        text: Some("说明".into()),
        reverses: entry.map(|entry| entry.seq),
        kind: kind.clone(),
        key: None,
    };
    let who = if kind == "waived" { *dice.of(&["chen", "gao"]) } else { "cai" };
    match recoveries::enter(&desk.office, &desk.asker(who), &row.id, &input).await {
        // Who decided does not waive.
        Ok(_) | Err(CaseError::Invalid(_) | CaseError::Refused(_)) => {}
        Err(error) => panic!("{kind} on {}: {error}", row.id),
    }
}

pub async fn money_adds_up_after_any_sequence_of_acts(url: String) {
    let desk = Desk::open(&url).await;
    let mut statuses = BTreeSet::new();
    let mut findings = Vec::new();
    for round in 0..4 {
        let mut dice = Dice(1_000 + round as u64);
        findings.extend(drawn(&mut dice, round));
        desk.update(&findings).await;
        let ids: Vec<String> =
            desk.list("chen", Filter { limit: Some(200), ..Filter::default() }).await.items.into_iter().map(|lead| lead.id).collect();
        for n in 0..500 {
            statuses.extend(stepped(&desk, &mut dice, &ids).await);
            if n % 5 == 0 {
                booked(&desk, &mut dice).await;
            }
            if n % 50 == 49 {
                desk.later(dice.below(9) as i64);
                // A new run: an amount changes, a finding vanishes for good.
                let at = dice.below(findings.len());
                findings.remove(at);
                let at = dice.below(findings.len());
                if let Some(amount) = findings[at].amount {
                    let cluster = findings[at].cluster_amount.map(|_| amount + 7);
                    findings[at] = FindingRow { amount: Some(amount + 7), cluster_amount: cluster, ..findings[at].clone() };
                }
                desk.update(&findings).await;
                let sums = check::reconcile(&desk.office).await.expect("reads");
                assert_eq!(sums.wrong, Vec::<String>::new(), "round {round}, step {n}");
            }
        }
    }
    let sums = check::reconcile(&desk.office).await.expect("reads");
    assert_eq!(sums.found_fen, sums.decided_fen + sums.withdrawn_fen + sums.dropped_fen + sums.open_fen);
    let page = recoveries::list(&desk.office, &desk.asker("cai"), &RecoveryFilter::default()).await.expect("lists");
    assert_eq!(page.sums.due_fen, sums.refuse_due_fen + sums.recover_due_fen);
    assert_eq!(
        page.sums.due_fen,
        page.sums.refused_fen + page.sums.offset_fen + page.sums.paid_fen + page.sums.waived_fen - page.sums.returned_fen
            + page.sums.open_fen
            - page.sums.refund_fen
    );
    // By month: the months of the years told add up to the ledger, to the fen.
    let mut summed = [0; 3];
    for year in 2024..=2028 {
        let of_year = recoveries::year(&desk.office, &desk.asker("cai"), Some(year)).await.expect("a year");
        assert!(of_year.year == year && of_year.months.iter().all(|month| month.month.starts_with(&year.to_string())));
        for month in of_year.months {
            let came_in = month.refused_fen + month.offset_fen + month.paid_fen - month.returned_fen;
            summed.iter_mut().zip([month.due_fen, came_in, month.waived_fen]).for_each(|(sum, part)| *sum += part);
        }
    }
    let whole = &page.sums;
    let came_in = whole.refused_fen + whole.offset_fen + whole.paid_fen - whole.returned_fen;
    assert_eq!(summed, [whole.due_fen, came_in, whole.waived_fen]);
    for status in ["sent", "answered", "review", "appeal", "appeal2", "panel", "final", "upheld", "partly", "cleared", "withdrawn"] {
        assert!(statuses.contains(status), "no lead came to {status}: {statuses:?}");
    }
    for act in ["merged", "split_off", "restore", "put_off", "correct"] {
        let row = desk.office.store.one("select count(*) as n from lead_steps where act = $1", &[act.into()]).await.expect("reads");
        assert!(row.expect("a row").int("n").expect("a count") > 0, "nothing was {act}");
    }
    for kind in ["refused", "offset", "paid", "waived", "corrected", "returned"] {
        let row = desk.office.store.one("select count(*) as n from recovery_entries where kind = $1", &[kind.into()]).await.expect("reads");
        assert!(row.expect("a row").int("n").expect("a count") > 0, "nothing was {kind}");
    }
    assert!(mingjian_store::audit::verify(&desk.office.store, None).await.expect("walks").intact());
}

pub async fn a_mistake_is_undone_by_a_counter_entry(url: String) {
    let desk = Desk::open(&url).await;
    let id = desk.sent(&[definite("f1", "V1", "H1", 10_000)]).await;
    desk.done("h1", &id, Act::Reply, ActInput { vote: Some("accept".into()), ..ActInput::default() }).await;
    let done = desk.done("li", &id, Act::Confirm, ActInput { road: Some("recover".into()), ..ActInput::default() }).await;
    let row = &done.recoveries[0];
    // The month it was decided in, of those who may see it; an institution is not told the target.
    let mut office = desk.office.clone();
    office.settings.target_fen = Some(1_000_000);
    let of = |account: &'static str| {
        let (office, asker) = (office.clone(), desk.asker(account));
        async move { recoveries::year(&office, &asker, None).await.expect("a year") }
    };
    let month = mingjian_model::day::to_ymd(mingjian_model::day::day_of(desk.now())).1 as usize - 1;
    assert_eq!((of("cai").await.months[month].due_fen, of("cai").await.target_fen), (row.due_fen, Some(1_000_000)));
    let told = of("cai").await.months;
    assert!(told.len() == month + 1 && told[month].running && told[..month].iter().all(|month| !month.running));
    assert_eq!((of("h1").await.months[month].due_fen, of("h1").await.target_fen), (row.due_fen, None));
    assert_eq!(of("h2").await.months.iter().map(|month| month.due_fen).sum::<i64>(), 0);
    assert!(recoveries::year(&office, &desk.asker("cai"), Some(99)).await.is_err());
    let entry = |version, kind: &str, amount_fen| EntryInput {
        version,
        kind: kind.into(),
        amount_fen,
        document: Some("回单".into()),
        ..EntryInput::default()
    };
    let enter = |account: &'static str, input: EntryInput| {
        let (desk, id) = (&desk, &row.id);
        async move { recoveries::enter(&desk.office, &desk.asker(account), id, &input).await }
    };
    assert!(enter("cai", entry(1, "refused", 100)).await.is_err(), "refused is for the other road");
    assert!(enter("cai", entry(1, "paid", 7_001)).await.is_err(), "more than is open");
    let paid = enter("cai", entry(1, "paid", 5_000)).await.expect("booked");
    assert_eq!((paid.state.as_str(), paid.open_fen), ("part", 2_000));
    assert!(matches!(enter("cai", entry(1, "paid", 1)).await, Err(CaseError::Conflict { .. })));
    let undo = EntryInput { reverses: Some(1), text: Some("入账错户".into()), ..entry(2, "paid", 0) };
    let undone = enter("cai", undo.clone()).await.expect("undone");
    assert_eq!((undone.paid_fen, undone.open_fen, undone.entries.len()), (0, 7_000, 2));
    assert!(enter("cai", EntryInput { version: 3, ..undo }).await.is_err(), "once");
    assert!(enter("cai", entry(3, "waived", 10)).await.is_err(), "a waiver is not finance's");
    desk.later(60);
    let waived = enter("chen", EntryInput { text: Some("县局批准".into()), ..entry(3, "waived", 1_000) }).await.expect("waived");
    assert_eq!((waived.state.as_str(), waived.waived_fen), ("overdue", 1_000));
    let late = RecoveryFilter { state: Some("overdue".into()), ..RecoveryFilter::default() };
    let page = recoveries::list(&desk.office, &desk.asker("chen"), &late).await.expect("lists");
    assert_eq!((page.total, page.sums.overdue_fen), (1, 6_000));
    assert_eq!(recoveries::list(&desk.office, &desk.asker("h2"), &late).await.expect("lists").total, 0);
    assert_eq!(recoveries::list(&desk.office, &desk.asker("h1"), &late).await.expect("lists").total, 1);
}
