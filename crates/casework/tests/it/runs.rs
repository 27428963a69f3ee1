//! Runs after runs: work is kept.

use mingjian_casework::leads::Filter;
use mingjian_casework::way::{Act, ActInput};
use mingjian_casework::{FindingRow, check};

use crate::desk::{Desk, definite, finding};

pub async fn a_second_run_keeps_work_and_says_what_vanished(url: String) {
    let desk = Desk::open(&url).await;
    let first = [finding("f1", "V1", "H1", 10_000), finding("f2", "V1", "H1", 2_000), finding("g1", "V2", "H2", 700)];
    let updated = desk.update(&first).await;
    assert_eq!((updated.new, updated.findings, updated.new_fen), (2, 3, 12_700));
    assert_eq!(desk.update(&first).await.kept, 2);
    let id = desk.list("chen", Filter::default()).await.items[0].id.clone();
    assert_eq!(id, "XS2026-000001");
    desk.done("wang", &id, Act::Take, ActInput::default()).await;

    let updated = desk.update(&[finding("f1", "V1", "H1", 9_000)]).await;
    assert_eq!((updated.new, updated.changed, updated.gone), (0, 2, 1));
    let lead = desk.detail("wang", &id).await;
    assert_eq!(
        (lead.lead.amount_fen, lead.lead.status.as_str(), lead.lead.holder.map(|holder| holder.account)),
        (9_000, "check", Some("wang".into()))
    );
    assert_eq!(
        lead.steps.last().and_then(|step| step.text.as_deref()),
        Some("重新筛查：疑点 2 条变为 1 条，涉及金额 120.00 元变为 90.00 元")
    );
    assert_eq!(lead.finding_list.iter().filter(|finding| finding.gone).count(), 1);
    let other = desk.list("wang", Filter { institution: Some("H2".into()), ..Filter::default() }).await.items.remove(0);
    assert!(other.gone && other.amount_fen == 0);
    // It is found again: the lead comes back as it was.
    desk.update(&first).await;
    let other = desk.list("wang", Filter { institution: Some("H2".into()), ..Filter::default() }).await.items.remove(0);
    assert!(!other.gone && other.amount_fen == 700);
    assert_eq!(check::reconcile(&desk.office).await.expect("adds up").wrong, Vec::<String>::new());
}

pub async fn decided_leads_are_left_alone_and_new_findings_open_the_next(url: String) {
    let desk = Desk::open(&url).await;
    let id = desk.sent(&[definite("f1", "V1", "H1", 10_000)]).await;
    // Told: the amount stays as told, the change is on record once.
    desk.update(&[definite("f1", "V1", "H1", 8_000)]).await;
    desk.update(&[definite("f1", "V1", "H1", 8_000)]).await;
    let told = desk.detail("wang", &id).await;
    assert_eq!((told.lead.amount_fen, told.steps.iter().filter(|step| step.act == "update").count()), (10_000, 1));
    desk.done("h1", &id, Act::Reply, ActInput { vote: Some("accept".into()), ..ActInput::default() }).await;
    desk.done("li", &id, Act::Confirm, ActInput { road: Some("refuse".into()), ..ActInput::default() }).await;

    // The same money named by another rule's finding, and new money of the same stay.
    let same = FindingRow { leads: false, cluster_amount: None, cluster_id: "c".into(), ..definite("f1", "V1", "H1", 8_000) };
    let other =
        FindingRow { cluster_id: "c".into(), cluster_amount: Some(8_500), rule_id: "N026".into(), ..definite("f2", "V1", "H1", 8_500) };
    let updated = desk.update(&[same, other, definite("f3", "V1", "H1", 60)]).await;
    assert_eq!((updated.new, updated.decided, updated.new_fen), (1, 1, 60));
    let decided = desk.detail("wang", &id).await;
    assert_eq!((decided.lead.status.as_str(), decided.lead.amount_fen), ("upheld", 10_000));
    let next = desk.list("wang", Filter { status: Some("new".into()), ..Filter::default() }).await;
    assert_eq!((next.total, next.items[0].id.as_str(), next.items[0].findings), (1, "XS2026-000002", 2));
    assert_eq!(check::reconcile(&desk.office).await.expect("adds up").wrong, Vec::<String>::new());
}

pub async fn an_empty_run_ends_nobodys_work(url: String) {
    let desk = Desk::open(&url).await;
    desk.update(&[finding("f1", "V1", "H1", 10_000)]).await;
    let day = mingjian_model::day::parse_day("2026-03-01").expect("a day");
    let refused = mingjian_casework::leads::update(&desk.office, &desk.actor(), &[], &crate::desk::facts(), "run-2", day).await;
    assert!(refused.is_err());
    assert_eq!(desk.list("chen", Filter::default()).await.sum_amount_fen, 10_000);
    // A finding that now belongs to another subject moves there.
    let moved = FindingRow { mdtrt_id: Some("V7".into()), ..finding("f1", "V1", "H1", 10_000) };
    desk.update(&[moved]).await;
    let all = desk.list("chen", Filter::default()).await;
    assert_eq!((all.total, all.sum_amount_fen, all.items[1].gone), (2, 10_000, true));
    assert_eq!(check::reconcile(&desk.office).await.expect("adds up").wrong, Vec::<String>::new());
}

/// A finding that vanished while its lead was told keeps its money as told; once recalled, the next run takes it off.
pub async fn what_vanished_while_told_counts_for_nothing_once_recalled(url: String) {
    let desk = Desk::open(&url).await;
    let (first, second) = (finding("f1", "V1", "H1", 10_000), finding("f2", "V1", "H1", 3_000));
    let id = desk.sent(&[first, second.clone()]).await;
    desk.update(std::slice::from_ref(&second)).await;
    assert_eq!(desk.detail("chen", &id).await.lead.amount_fen, 13_000, "as it was told");
    let recalled = desk.done("wang", &id, Act::Recall, ActInput { reason: Some("data".into()), ..ActInput::default() }).await;
    assert_eq!(recalled.lead.status, "check");
    desk.update(std::slice::from_ref(&second)).await;
    assert_eq!(desk.detail("chen", &id).await.lead.amount_fen, 3_000);
    assert_eq!(mingjian_casework::check::reconcile(&desk.office).await.expect("adds up").wrong, Vec::<String>::new());
    desk.update(&[finding("f9", "V9", "H1", 1)]).await;
    assert_eq!(desk.detail("chen", &id).await.lead.amount_fen, 0);
    assert_eq!(mingjian_casework::check::reconcile(&desk.office).await.expect("adds up").wrong, Vec::<String>::new());
}
