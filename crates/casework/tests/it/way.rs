//! The way of a lead, as people walk it.

use mingjian_casework::leads::{Filter, LineAnswer};
use mingjian_casework::recoveries::{self, EntryInput};
use mingjian_casework::way::{Act, ActInput};
use mingjian_casework::{CaseError, check};

use crate::desk::{Desk, definite, finding};

fn line(finding: &str, conclusion: &str) -> LineAnswer {
    LineAnswer { finding_id: finding.into(), conclusion: conclusion.into(), ..LineAnswer::default() }
}

fn appealed(finding: &str) -> LineAnswer {
    LineAnswer { reason: Some("clinical".into()), ..line(finding, "appeal") }
}

fn text(text: &str) -> ActInput {
    ActInput { text: Some(text.into()), ..ActInput::default() }
}

fn why(result: Result<impl std::fmt::Debug, CaseError>) -> String {
    result.expect_err("refused").to_string()
}

pub async fn a_definite_lead_nobody_contests_takes_the_short_way_to_the_money(url: String) {
    let desk = Desk::open(&url).await;
    let id = desk.sent(&[definite("f1", "V1", "H1", 10_000), definite("f2", "V1", "H1", 3_000)]).await;
    let reply = ActInput { vote: Some("accept".into()), ..ActInput::default() };
    let seen = desk.done("h1", &id, Act::Reply, reply).await;
    assert_eq!((seen.lead.status_title.as_str(), seen.lead.score), ("已反馈", 0));
    let road = ActInput { road: Some("recover".into()), ..ActInput::default() };
    let done = desk.done("li", &id, Act::Confirm, road).await;
    assert_eq!(done.lead.status_title, "已认定");
    let decision = done.decision.expect("decided");
    assert_eq!((decision.upheld_fen, decision.loss_fen, decision.withdrawn_fen), (13_000, 9_100, 0));
    let recovery = done.recoveries[0].clone();
    assert_eq!((recovery.due_fen, recovery.open_fen, recovery.state.as_str()), (9_100, 9_100, "due"));

    let paid =
        EntryInput { version: 1, kind: "paid".into(), amount_fen: 9_100, document: Some("回单 88".into()), ..EntryInput::default() };
    assert_eq!(why(recoveries::enter(&desk.office, &desk.asker("wang"), &recovery.id, &paid).await), "登记须由财务办理");
    let closed = recoveries::enter(&desk.office, &desk.asker("cai"), &recovery.id, &paid).await.expect("booked");
    assert_eq!((closed.state.as_str(), closed.open_fen, closed.entries.len()), ("closed", 0, 1));
    let sums = check::reconcile(&desk.office).await.expect("adds up");
    assert_eq!(sums.wrong, Vec::<String>::new());
    assert_eq!((sums.found_fen, sums.decided_fen, sums.recovered_fen), (13_000, 13_000, 9_100));
}

pub async fn a_contested_suspicion_goes_through_review_appeal_panel_and_last_word(url: String) {
    let desk = Desk::open(&url).await;
    let id = desk.sent(&[finding("f1", "V1", "H1", 10_000), finding("f2", "V1", "H1", 3_000)]).await;
    let lines = vec![appealed("f1"), line("f2", "accept")];
    desk.done("h1", &id, Act::Reply, ActInput { lines, ..text("病情需要，有指征") }).await;
    assert_eq!(why(desk.act("li", &id, Act::Confirm, ActInput::default()).await), "机构有异议，须先复审");
    let taken = desk.done("li", &id, Act::Review, ActInput::default()).await;
    assert_eq!(taken.reply.as_ref().and_then(|reply| reply.class.as_ref()).map(|class| class.class.as_str()), Some("clinical"));
    assert!(why(desk.act("li", &id, Act::Conclude, ActInput::default()).await).contains("都要有结论"));
    let partly = LineAnswer { amount_fen: Some(6_000), ..line("f1", "partly") };
    let told = desk.done("li", &id, Act::Conclude, ActInput { lines: vec![partly], ..ActInput::default() }).await;
    assert_eq!(told.lead.status_title, "申诉中");

    desk.done("h1", &id, Act::Again, text("补充病历第三页")).await;
    let members = |names: &[&str]| ActInput { members: names.iter().map(|&name| name.to_owned()).collect(), ..ActInput::default() };
    assert!(why(desk.act("chen", &id, Act::Convene, members(&["e1", "e2"])).await).contains("单数"));
    assert!(why(desk.act("chen", &id, Act::Convene, members(&["e1", "e2", "li"])).await).contains("办理过本件"));
    assert!(why(desk.act("chen", &id, Act::Convene, members(&["e1", "e2", "eh1"])).await).contains("回避"));
    desk.done("chen", &id, Act::Convene, members(&["e1", "e2", "e3"])).await;

    let vote = |vote: &str, lines| ActInput { vote: Some(vote.into()), lines, ..text("依据指南") };
    desk.done("e1", &id, Act::Vote, vote("uphold", vec![])).await;
    let hidden = desk.detail("e2", &id).await.panel.expect("a panel");
    assert_eq!(hidden.members.iter().filter(|one| one.voted).count(), 1);
    assert!(hidden.members.iter().all(|one| one.vote.is_none()) && !hidden.open);
    assert_eq!(why(desk.act("e1", &id, Act::Vote, vote("withdraw", vec![])).await), "您不在合议组，或已发表意见");
    desk.done("e2", &id, Act::Recuse, ActInput { reason: Some("kin".into()), ..ActInput::default() }).await;
    desk.done("chen", &id, Act::Convene, members(&["e4"])).await;
    desk.done("e3", &id, Act::Vote, vote("withdraw", vec![])).await;
    let partly = LineAnswer { amount_fen: Some(4_000), ..line("f1", "partly") };
    let open = desk.done("e4", &id, Act::Vote, vote("partly", vec![partly])).await;
    assert_eq!(open.lead.status_title, "终审");
    let panel = open.panel.expect("a panel");
    assert_eq!((panel.open, panel.outcome.as_deref()), (true, Some("partly")));
    assert_eq!(panel.members.iter().filter(|one| one.vote.is_some()).count(), 3);
    let aside = desk.detail("e2", &id).await;
    let panel = aside.panel.expect("a panel");
    assert!(panel.outcome.is_none() && panel.members.iter().all(|one| one.vote.is_none() && one.text.is_none()), "stood aside");
    assert!(aside.steps.iter().filter(|step| step.act == "vote").all(|step| step.text.is_none() && step.lines.is_empty()));

    assert_eq!(why(desk.act("chen", &id, Act::Decide, ActInput::default()).await), "填写有误：请选择拒付（尚未拨付）或追回（已经拨付）");
    let done = desk.done("chen", &id, Act::Decide, ActInput { road: Some("refuse".into()), ..text("按合议意见") }).await;
    assert_eq!(done.lead.status_title, "部分认定");
    let decision = done.decision.expect("decided");
    // f1: the middle of 100, 0 and 40 yuan; f2: of 30, 0 and 30.
    assert_eq!((decision.upheld_fen, decision.withdrawn_fen, decision.loss_fen), (7_000, 6_000, 4_900));
    assert_eq!(check::reconcile(&desk.office).await.expect("adds up").wrong, Vec::<String>::new());
}

pub async fn nobody_reviews_their_own_work_and_the_offer_says_why(url: String) {
    let desk = Desk::open(&url).await;
    let id = desk.sent(&[finding("f1", "V1", "H1", 10_000)]).await;
    desk.done("h1", &id, Act::Reply, ActInput { lines: vec![appealed("f1")], ..ActInput::default() }).await;
    // wang did the first review and has become a reviewer too.
    let mut asker = desk.asker("wang");
    asker.person.roles.push("reviewer".into());
    let refused = mingjian_casework::way::act(&desk.office, &asker, &id, Act::Review, &ActInput::default()).await;
    assert_eq!(why(refused), "初审由您本人所做，须由他人办理");
    let detail = mingjian_casework::leads::detail(&desk.office, &asker, &id).await.expect("reads");
    let offer = detail.acts.iter().find(|offer| offer.act == "review").expect("shown");
    assert!(!offer.allowed && offer.why_not.as_deref() == Some("初审由您本人所做，须由他人办理"));
    // Another auditor sees that it is a reviewer's.
    let detail = desk.detail("zhao", &id).await;
    let offer = detail.acts.iter().find(|offer| offer.act == "review").expect("shown");
    assert_eq!(offer.why_not.as_deref(), Some("须由复审员办理"));
}

pub async fn silence_counts_only_past_the_limit_and_with_proof_of_delivery(url: String) {
    let desk = Desk::open(&url).await;
    let id = desk.sent(&[finding("f1", "V1", "H1", 10_000)]).await;
    desk.later(30);
    assert_eq!(why(desk.act("wang", &id, Act::Lapse, ActInput::default()).await), "尚无送达证明，不能视为无异议");
    assert!(why(desk.act("wang", &id, Act::Deliver, ActInput::default()).await).contains("送达证明"));
    let delivered = desk.done("wang", &id, Act::Deliver, text("专人送达，医保办签收")).await;
    assert_eq!(delivered.lead.due.as_ref().map(|due| due.working_days_left), Some(10));
    assert_eq!(why(desk.act("wang", &id, Act::Lapse, ActInput::default()).await), "期限未满");
    desk.later(20);
    let lapsed = desk.done("wang", &id, Act::Lapse, ActInput::default()).await;
    assert_eq!((lapsed.lead.status_title.as_str(), lapsed.finding_list[0].answer.as_deref()), ("已反馈", Some("accept")));
    assert_eq!(why(desk.act("h1", &id, Act::Reply, ActInput::default()).await), "线索已反馈，不能反馈；逾期的理由和材料请用“补充说明”提交");
}

pub async fn a_stopped_clock_keeps_the_days_left(url: String) {
    let desk = Desk::open(&url).await;
    let id = desk.sent(&[finding("f1", "V1", "H1", 10_000)]).await;
    desk.later(2);
    let paused = desk.done("wang", &id, Act::Pause, ActInput { reason: Some("records".into()), ..ActInput::default() }).await;
    assert!(paused.lead.paused && paused.lead.due.is_none());
    desk.later(40);
    let resumed = desk.done("wang", &id, Act::Resume, ActInput::default()).await;
    assert_eq!(resumed.lead.due.map(|due| due.working_days_left), Some(8));
}

pub async fn two_people_at_once_and_a_request_sent_twice(url: String) {
    let desk = Desk::open(&url).await;
    let id = desk.sent(&[finding("f1", "V1", "H1", 10_000)]).await;
    let version = desk.detail("wang", &id).await.lead.version;
    let reply = ActInput { version: Some(version), vote: Some("accept".into()), key: Some("k1".into()), ..ActInput::default() };
    let first = desk.done("h1", &id, Act::Reply, reply.clone()).await;
    let again = desk.done("h1", &id, Act::Reply, reply).await;
    assert_eq!((first.lead.version, again.lead.version, again.steps.len()), (version + 1, version + 1, first.steps.len()));
    let stale = ActInput { version: Some(version), ..text("补充") };
    assert!(matches!(desk.act("wang", &id, Act::Note, stale).await, Err(CaseError::Conflict { .. })));
}

pub async fn an_institution_sees_only_what_it_was_told(url: String) {
    let desk = Desk::open(&url).await;
    let id = desk.sent(&[finding("f1", "V1", "H1", 10_000)]).await;
    desk.update(&[finding("f1", "V1", "H1", 10_000), finding("f9", "V9", "H1", 500), finding("g1", "V2", "H2", 7_000)]).await;
    let own = desk.list("h1", Filter::default()).await;
    assert_eq!((own.total, own.sum_amount_fen, own.items.len()), (1, 10_000, 1));
    assert_eq!((own.items[0].expected_fen, own.items[0].holder.clone()), (0, None));
    assert_eq!(desk.list("h2", Filter::default()).await.total, 0);
    for account in ["h2"] {
        let refused = mingjian_casework::leads::detail(&desk.office, &desk.asker(account), &id).await;
        assert!(matches!(refused, Err(CaseError::NotFound)));
        assert!(matches!(desk.act(account, &id, Act::Reply, ActInput::default()).await, Err(CaseError::NotFound)));
    }
    let detail = desk.detail("h1", &id).await;
    assert!(detail.steps.iter().all(|step| step.act != "assign" && step.by.account.is_empty()));
    // Taken back: out of sight again.
    desk.done("wang", &id, Act::Recall, ActInput { reason: Some("data".into()), ..ActInput::default() }).await;
    assert_eq!(desk.list("h1", Filter::default()).await.total, 0);
}

pub async fn many_at_once_and_what_is_refused_is_named(url: String) {
    let desk = Desk::open(&url).await;
    desk.update(&[definite("f1", "V1", "H1", 10_000), definite("f2", "V2", "H1", 3_000), definite("f3", "V3", "H2", 500)]).await;
    let filter = Filter { institution: Some("H1".into()), ..Filter::default() };
    let input = ActInput { assignee: Some("wang".into()), ..ActInput::default() };
    let batch = mingjian_casework::way::act_many(&desk.office, &desk.asker("chen"), None, Some(&filter), Act::Assign, &input).await;
    let batch = batch.expect("done");
    assert_eq!((batch.done, batch.failed.len(), batch.amount_fen), (2, 0, 13_000));
    // The third is nobody's yet: sending all three does two and names one.
    let all: Vec<String> = desk.list("wang", Filter::default()).await.items.into_iter().map(|lead| lead.id).collect();
    let input = ActInput { key: Some("batch-1".into()), ..ActInput::default() };
    let send = || async {
        let asker = desk.asker("wang");
        mingjian_casework::way::act_many(&desk.office, &asker, Some(&all), None, Act::Send, &input).await.expect("done")
    };
    let batch = send().await;
    assert_eq!((batch.done, batch.failed.len()), (2, 1));
    assert_eq!(batch.failed[0].detail, "线索待派发，不能发送机构反馈");
    // The same request again does nothing twice.
    assert_eq!(send().await.done, 2);
    assert_eq!(desk.detail("wang", &all[0]).await.steps.iter().filter(|step| step.act == "send").count(), 1);
}

pub async fn decisions_move_the_order_of_what_is_still_open(url: String) {
    let desk = Desk::open(&url).await;
    let findings: Vec<_> = (0..12).map(|n| finding(&format!("f{n}"), &format!("V{n}"), "H1", 10_000)).collect();
    desk.update(&findings).await;
    let before = desk.list("wang", Filter::default()).await.items;
    assert_eq!(before[0].expected_fen, 2_800, "0.4 of the fund's 7,000");
    for lead in &before[..10] {
        desk.done("wang", &lead.id, Act::Take, ActInput::default()).await;
        desk.done("wang", &lead.id, Act::Drop, ActInput { reason: Some("clinical".into()), ..ActInput::default() }).await;
    }
    desk.update(&findings).await;
    let open = desk.list("wang", Filter { status: Some("new".into()), ..Filter::default() }).await;
    assert_eq!(open.items[0].expected_fen, 1_400, "4 of 20 by count and by money");
    assert_eq!(open.items[0].version, 1, "a new place in the order is no new version");
    let outcome = mingjian_casework::leads::outcomes(&desk.office).await.expect("reads")["N025"];
    assert_eq!((outcome.checked, outcome.upheld, outcome.checked_fen), (10, 0, 100_000));
}

pub async fn a_review_is_passed_on_and_who_sat_on_the_panel_does_not_decide(url: String) {
    let desk = Desk::open(&url).await;
    let id = desk.sent(&[finding("f1", "V1", "H1", 10_000)]).await;
    desk.done("h1", &id, Act::Reply, ActInput { lines: vec![appealed("f1")], ..ActInput::default() }).await;
    desk.done("li", &id, Act::Review, ActInput::default()).await;
    let to = |account: &str| ActInput { assignee: Some(account.into()), ..ActInput::default() };
    assert!(why(desk.act("chen", &id, Act::Assign, to("zhao")).await).contains("复审员"));
    let passed = desk.done("chen", &id, Act::Assign, to("sun")).await;
    assert_eq!((passed.lead.status.as_str(), passed.lead.holder.map(|holder| holder.account)), ("review", Some("sun".into())));
    assert_eq!(why(desk.act("li", &id, Act::Conclude, ActInput::default()).await), "此件由孙复经办");
    desk.done("sun", &id, Act::Conclude, ActInput { vote: Some("uphold".into()), ..ActInput::default() }).await;
    desk.done("h1", &id, Act::Again, text("补充")).await;
    let panel = |names: [&str; 3]| ActInput { members: names.map(str::to_owned).to_vec(), ..ActInput::default() };
    // li had the review in hand before it was passed on.
    assert!(why(desk.act("chen", &id, Act::Convene, panel(["e1", "li", "e3"])).await).contains("办理过本件"));
    desk.done("chen", &id, Act::Convene, panel(["e1", "e2", "e3"])).await;
    for account in ["e1", "e2", "e3"] {
        desk.done(account, &id, Act::Vote, ActInput { vote: Some("uphold".into()), ..text("依据") }).await;
    }
    let road = ActInput { road: Some("recover".into()), ..ActInput::default() };
    for (account, reason) in [("e1", "您参加了合议，须由他人办理"), ("li", "复审由您本人所做，须由他人办理")] {
        let mut asker = desk.asker(account);
        asker.person.roles.push("supervisor".into());
        let refused = mingjian_casework::way::act(&desk.office, &asker, &id, Act::Decide, &road).await;
        assert_eq!(why(refused), reason);
    }
    desk.done("gao", &id, Act::Decide, road).await;
}

pub async fn delivery_starts_the_limit_that_was_set(url: String) {
    let desk = Desk::open(&url).await;
    desk.update(&[finding("f1", "V1", "H1", 10_000), finding("f2", "V2", "H1", 900)]).await;
    let all = desk.list("wang", Filter::default()).await.items;
    for (lead, days) in all.iter().zip([4, 20]) {
        desk.done("wang", &lead.id, Act::Take, ActInput::default()).await;
        desk.done("wang", &lead.id, Act::Send, ActInput { limit_days: Some(days), ..ActInput::default() }).await;
    }
    assert!(why(desk.act("wang", &all[0].id, Act::Send, ActInput { limit_days: Some(999), ..ActInput::default() }).await).contains("不能"));
    desk.later(1);
    for (lead, days) in all.iter().zip([4, 20]) {
        let signed = desk.done("h1", &lead.id, Act::Receipt, ActInput::default()).await;
        assert_eq!(signed.lead.due.map(|due| due.working_days_left), Some(days));
        assert_eq!(why(desk.act("h1", &lead.id, Act::Receipt, ActInput::default()).await), "已登记送达");
    }
}

pub async fn who_is_late_is_reminded(url: String) {
    let desk = Desk::open(&url).await;
    let id = desk.sent(&[finding("f1", "V1", "H1", 10_000)]).await;
    let due = |days| {
        let desk = &desk;
        async move { mingjian_casework::workbench::reminders(&desk.office, &desk.asker("chen"), days).await.expect("lists") }
    };
    assert_eq!(due(3).await, []);
    desk.later(20);
    let late = due(3).await;
    assert_eq!((late[0].lead.as_str(), late[0].institution.as_str(), late[0].holder.as_str()), (id.as_str(), "H1", "wang"));
    assert!(late[0].working_days_left < 0);
}

pub async fn decisions_teach_the_kind_of_institution(url: String) {
    let desk = Desk::open(&url).await;
    let of = |id: &str, visit: &str, house: &str| finding(id, visit, house, 10_000);
    desk.update(&[of("a", "V1", "H1"), of("b", "V2", "P5"), of("c", "V3", "P5"), of("d", "V4", "H1")]).await;
    for lead in desk.list("wang", Filter { institution: Some("P5".into()), ..Filter::default() }).await.items {
        desk.done("wang", &lead.id, Act::Take, ActInput::default()).await;
        let dropped = ActInput { reason: Some("exception".into()), ..ActInput::default() };
        desk.done("wang", &lead.id, Act::Drop, dropped).await;
    }
    for lead in desk.list("wang", Filter { institution: Some("H1".into()), ..Filter::default() }).await.items {
        desk.done("wang", &lead.id, Act::Take, ActInput::default()).await;
        desk.done("wang", &lead.id, Act::Send, ActInput::default()).await;
        desk.done("h1", &lead.id, Act::Reply, ActInput { vote: Some("accept".into()), ..ActInput::default() }).await;
        desk.done("li", &lead.id, Act::Confirm, ActInput { road: Some("refuse".into()), ..ActInput::default() }).await;
    }
    let kinds = mingjian_casework::leads::outcomes_by_kind(&desk.office, "N025").await.expect("reads");
    let counts: Vec<_> = kinds.iter().map(|(kind, one)| (kind.as_str(), one.checked, one.upheld, one.checked_fen)).collect();
    assert_eq!(counts, [("二级", 2, 2, 20_000), ("药店", 2, 0, 20_000)]);
    // The same finding at a pharmacy is now expected to bring less than at a hospital.
    desk.update(&[of("e", "V5", "P5"), of("f", "V6", "H1")]).await;
    let new = desk.list("wang", Filter { status: Some("new".into()), ..Filter::default() }).await.items;
    let worth = |house: &str, visit: &str| {
        let is = |lead: &&mingjian_casework::leads::Lead| {
            lead.visit.as_ref().is_some_and(|one| one.id == visit) && lead.institution.as_ref().is_some_and(|one| one.code == house)
        };
        new.iter().find(is).map(|lead| lead.expected_fen).expect("there")
    };
    assert!(worth("P5", "V5") < worth("H1", "V6"), "{} {}", worth("P5", "V5"), worth("H1", "V6"));
}
