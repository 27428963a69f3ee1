//! 合并与拆分.

use mingjian_casework::leads::Filter;
use mingjian_casework::way::{Act, ActInput};
use mingjian_casework::{FindingRow, check};

use crate::desk::{Desk, finding};

async fn agree(desk: &Desk) {
    assert_eq!(check::reconcile(&desk.office).await.expect("adds up").wrong, Vec::<String>::new());
}

/// Three stays of one person at H1, taken by wang: the dearest first.
async fn three(desk: &Desk) -> Vec<String> {
    desk.update(&findings()).await;
    let ids: Vec<String> = desk.list("chen", Filter::default()).await.items.into_iter().map(|lead| lead.id).collect();
    for id in &ids {
        desk.done("wang", id, Act::Take, ActInput::default()).await;
    }
    ids
}

fn findings() -> Vec<FindingRow> {
    vec![
        finding("a1", "V1", "H1", 10_000),
        // On the same money as a1, which leads.
        FindingRow {
            cluster_id: "a1".into(),
            leads: false,
            cluster_amount: None,
            rule_id: "N026".into(),
            ..finding("a2", "V1", "H1", 4_000)
        },
        finding("a3", "V1", "H1", 900),
        finding("b1", "V2", "H1", 5_000),
        finding("c1", "V3", "H1", 70),
    ]
}

fn why(leads: &[&String], findings: &[&str]) -> ActInput {
    ActInput {
        text: Some("同一事由".into()),
        leads: leads.iter().map(|id| (*id).clone()).collect(),
        findings: findings.iter().map(|id| (*id).into()).collect(),
        ..ActInput::default()
    }
}

pub async fn what_was_merged_says_where_it_went_and_comes_back(url: String) {
    let desk = Desk::open(&url).await;
    let ids = three(&desk).await;
    let offer = desk.detail("wang", &ids[0]).await.acts.into_iter().find(|offer| offer.act == "merge").expect("offered");
    assert_eq!(offer.leads.iter().map(|one| one.code.clone()).collect::<Vec<_>>(), ids[1..]);
    assert_eq!(
        desk.act("wang", &ids[0], Act::Merge, ActInput { text: None, ..why(&[&ids[1]], &[]) }).await.expect_err("why").code(),
        "invalid"
    );
    let whole = desk.done("wang", &ids[0], Act::Merge, why(&[&ids[1], &ids[2]], &[])).await;
    assert_eq!((whole.lead.amount_fen, whole.lead.fund_fen, whole.lead.findings), (15_970, 11_179, 5));
    assert_eq!(whole.lead.subject_label, "周** 住院 2026-01-05 至 2026-01-12（并 2 件）");
    assert_eq!(
        whole.kin.iter().map(|kin| (kin.id.as_str(), kin.how.as_str())).collect::<Vec<_>>(),
        [(ids[1].as_str(), "merged"), (&ids[2], "merged")]
    );
    let part = desk.detail("wang", &ids[1]).await;
    assert_eq!((part.lead.status.as_str(), part.lead.amount_fen, part.lead.merged_into.as_deref()), ("merged", 0, Some(ids[0].as_str())));
    let step = part.steps.last().expect("a step");
    assert_eq!((step.act_title.as_str(), step.by.name.as_str()), ("并入其他线索", "王初"));
    assert!(step.text.as_deref().is_some_and(|text| text.contains(&ids[0]) && text.contains("50.00") && text.contains("同一事由")));
    agree(&desk).await;
    assert_eq!(desk.list("chen", Filter::default()).await.sum_amount_fen, 15_970);

    // One comes back, the other stays.
    assert_eq!(desk.act("zhao", &ids[1], Act::Restore, why(&[], &[])).await.expect_err("not theirs").code(), "refused");
    let back = desk.done("wang", &ids[1], Act::Restore, why(&[], &[])).await;
    assert_eq!(
        (back.lead.status.as_str(), back.lead.amount_fen, back.lead.holder.map(|holder| holder.account)),
        ("check", 5_000, Some("wang".into()))
    );
    let rest = desk.detail("wang", &ids[0]).await;
    assert_eq!((rest.lead.amount_fen, rest.lead.subject_label.ends_with("（并 1 件）")), (10_970, true));
    agree(&desk).await;

    // Sent: no way back.
    desk.done("wang", &ids[0], Act::Send, ActInput::default()).await;
    assert_eq!(desk.act("wang", &ids[2], Act::Restore, why(&[], &[])).await.expect_err("sent").code(), "refused");
    assert_eq!(desk.detail("h1", &ids[0]).await.finding_list.len(), 4);
    assert!(desk.detail("h1", &ids[0]).await.kin.is_empty());
    assert_eq!(desk.list("h1", Filter::default()).await.total, 1);
}

pub async fn a_run_leaves_findings_where_people_put_them(url: String) {
    let desk = Desk::open(&url).await;
    let ids = three(&desk).await;
    desk.done("wang", &ids[0], Act::Merge, why(&[&ids[1]], &[])).await;
    let origin = desk.done("wang", &ids[0], Act::Split, why(&[], &["a3"])).await;
    let part = origin.kin.iter().find(|kin| kin.how == "split").expect("split off").id.clone();
    let amounts = async || {
        let mut amounts = Vec::new();
        for id in [&ids[0], &ids[1], &ids[2], &part] {
            amounts.push(desk.detail("wang", id).await.lead.amount_fen);
        }
        amounts
    };
    assert_eq!(amounts().await, [15_000, 0, 70, 900]);
    let same = desk.update(&findings()).await;
    assert_eq!((same.new, same.changed, same.gone), (0, 0, 0));
    // New findings: of the merged stay, of the stay that was split.
    let more = [findings(), vec![finding("b2", "V2", "H1", 300), finding("a4", "V1", "H1", 20)]].concat();
    assert_eq!(desk.update(&more).await.new, 0);
    assert_eq!(amounts().await, [15_320, 0, 70, 900]);
    assert_eq!(desk.detail("wang", &ids[0]).await.lead.subject_label, "周** 住院 2026-01-05 至 2026-01-12（并 1 件）");
    // What was split off vanishes and is found again where it was.
    let without: Vec<FindingRow> = more.iter().filter(|row| row.finding_id != "a3").cloned().collect();
    desk.update(&without).await;
    assert!(desk.detail("wang", &part).await.lead.gone);
    desk.update(&more).await;
    assert_eq!(amounts().await, [15_320, 0, 70, 900]);
    agree(&desk).await;
    // The merged stay comes back with all that was found of it since.
    desk.done("chen", &ids[1], Act::Restore, why(&[], &[])).await;
    assert_eq!(amounts().await, [10_020, 5_300, 70, 900]);
    assert_eq!(desk.update(&more).await.new, 0);
    assert_eq!(amounts().await, [10_020, 5_300, 70, 900]);
    // And what was split off goes back by a merge.
    desk.done("wang", &ids[0], Act::Merge, why(&[&part], &[])).await;
    assert_eq!(amounts().await, [10_920, 5_300, 70, 0]);
    agree(&desk).await;
    // Once sent, what is found of a merged stay opens a lead of its own.
    desk.done("wang", &ids[0], Act::Merge, why(&[&ids[2]], &[])).await;
    desk.done("wang", &ids[0], Act::Send, ActInput::default()).await;
    let later = [more, vec![finding("c2", "V3", "H1", 1_000)]].concat();
    assert_eq!(desk.update(&later).await.new_fen, 1_000);
    agree(&desk).await;
}

pub async fn what_is_on_the_same_money_is_split_off_together(url: String) {
    let desk = Desk::open(&url).await;
    let ids = three(&desk).await;
    for wrong in [why(&[], &[]), why(&[], &["b1"]), why(&[], &["a1", "a3"])] {
        assert_eq!(desk.act("wang", &ids[0], Act::Split, wrong).await.expect_err("not of it, or all of it").code(), "invalid");
    }
    // a2 is on a1's money: it brings it along.
    let origin = desk.done("wang", &ids[0], Act::Split, why(&[], &["a2"])).await;
    assert_eq!((origin.lead.amount_fen, origin.lead.findings), (900, 1));
    let part = desk.detail("wang", &origin.kin[0].id).await;
    assert_eq!((part.lead.amount_fen, part.lead.findings, part.lead.status.as_str()), (10_000, 2, "check"));
    assert_eq!(part.lead.split_from, Some(ids[0].clone()));
    assert_eq!(part.steps.len(), 1);
    agree(&desk).await;
    // It goes its own way.
    desk.done("wang", &part.lead.id, Act::Send, ActInput::default()).await;
    assert_eq!(desk.detail("wang", &ids[0]).await.lead.status, "check");
    agree(&desk).await;
}

pub async fn only_what_was_not_sent_and_is_of_one_person_and_house_is_merged(url: String) {
    let desk = Desk::open(&url).await;
    let ids = three(&desk).await;
    let other = FindingRow { psn_no: Some("P2".into()), ..finding("p1", "V8", "H1", 300) };
    desk.update(&[findings(), vec![other, finding("h2", "V9", "H2", 200)]].concat()).await;
    let find = async |amount| {
        let all = desk.list("chen", Filter::default()).await.items;
        all.into_iter().find(|lead| lead.amount_fen == amount).map(|lead| lead.id).expect("there")
    };
    let (person, house) = (find(300).await, find(200).await);
    let missing = "XS2026-999999".to_owned();
    for wrong in [&person, &house, &missing, &ids[0]] {
        assert_eq!(desk.act("wang", &ids[0], Act::Merge, why(&[wrong], &[])).await.expect_err("no kin").code(), "invalid", "{wrong}");
    }
    assert_eq!(desk.act("zhao", &ids[0], Act::Merge, why(&[&ids[1]], &[])).await.expect_err("not theirs").code(), "refused");
    desk.done("wang", &ids[1], Act::Send, ActInput::default()).await;
    assert_eq!(desk.act("wang", &ids[0], Act::Merge, why(&[&ids[1]], &[])).await.expect_err("sent").code(), "invalid");
    // Recalled: it was told all the same.
    desk.done("wang", &ids[1], Act::Recall, ActInput { reason: Some("rule".into()), ..ActInput::default() }).await;
    assert_eq!(desk.act("wang", &ids[1], Act::Merge, why(&[&ids[0]], &[])).await.expect_err("told").code(), "refused");
    // In a colleague's hands: the head of supervision may.
    desk.done("chen", &ids[2], Act::Assign, ActInput { assignee: Some("zhao".into()), ..ActInput::default() }).await;
    assert_eq!(desk.act("wang", &ids[0], Act::Merge, why(&[&ids[2]], &[])).await.expect_err("zhao's").code(), "invalid");
    assert_eq!(desk.done("chen", &ids[0], Act::Merge, why(&[&ids[2]], &[])).await.lead.amount_fen, 10_970);
    let many = mingjian_casework::way::act_many(&desk.office, &desk.asker("chen"), Some(&ids), None, Act::Split, &why(&[], &["a1"])).await;
    assert!(many.is_err());
    agree(&desk).await;
}
