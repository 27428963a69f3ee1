//! Cases a head of supervision and a lawyer would try: limits over holidays, proof, own work, the same money, an appeal that must not hurt.

use mingjian_casework::leads::{LeadDetail, LineAnswer};
use mingjian_casework::recoveries::{self, EntryInput};
use mingjian_casework::way::{Act, ActInput};
use mingjian_casework::{CaseError, FindingRow, check};

use crate::desk::{Desk, definite, finding};

fn line(finding: &str, conclusion: &str, amount_fen: Option<i64>) -> LineAnswer {
    let reason = (conclusion == "appeal").then(|| "clinical".into());
    LineAnswer { finding_id: finding.into(), conclusion: conclusion.into(), amount_fen, reason, text: None }
}

fn lines(all: &[(&str, &str, Option<i64>)]) -> ActInput {
    ActInput { lines: all.iter().map(|&(id, conclusion, fen)| line(id, conclusion, fen)).collect(), ..text("说明") }
}

fn text(text: &str) -> ActInput {
    ActInput { text: Some(text.into()), ..ActInput::default() }
}

fn because(reason: &str) -> ActInput {
    ActInput { reason: Some(reason.into()), ..text("说明") }
}

fn by_day(day: &str) -> ActInput {
    ActInput { until: Some(day.into()), ..text("专人送达，医保办签收") }
}

fn vote(vote: &str) -> ActInput {
    ActInput { vote: Some(vote.into()), ..text("依据指南") }
}

fn road(road: &str) -> ActInput {
    ActInput { road: Some(road.into()), ..text("决定") }
}

fn panel(names: &[&str]) -> ActInput {
    ActInput { members: names.iter().map(|&name| name.to_owned()).collect(), ..ActInput::default() }
}

fn why(result: Result<LeadDetail, CaseError>) -> String {
    result.map(|detail| detail.lead.status).expect_err("refused").to_string()
}

fn due(detail: &LeadDetail) -> String {
    detail.lead.due.as_ref().map(|due| due.day.clone()).unwrap_or_default()
}

async fn adds_up(desk: &Desk) {
    assert_eq!(check::reconcile(&desk.office).await.expect("adds up").wrong, Vec::<String>::new());
}

/// Two findings on one cluster: the first counts `cluster` on its own `leading`, the second has `other` of its own.
fn overlapping(leading: i64, other: i64, cluster: i64) -> [FindingRow; 2] {
    let first = FindingRow { cluster_id: "c".into(), cluster_amount: Some(cluster), ..finding("f1", "V1", "H1", leading) };
    let second = FindingRow { cluster_id: "c".into(), leads: false, cluster_amount: None, ..finding("f2", "V1", "H1", other) };
    [first, second]
}

pub async fn silence_is_counted_from_the_proof_over_the_long_holiday_to_the_last_minute(url: String) {
    let desk = Desk::open(&url).await;
    desk.at("2026-09-30 09:00:00");
    let id = desk.sent(&[finding("f1", "V1", "H1", 10_000)]).await;
    desk.at("2026-10-09 10:00:00");
    // Served on paper on the day of the notice; not before it, not tomorrow.
    for wrong in ["2026-09-29", "2026-10-10", "国庆"] {
        assert!(desk.act("wang", &id, Act::Deliver, by_day(wrong)).await.is_err(), "{wrong}");
    }
    let served = desk.done("wang", &id, Act::Deliver, by_day("2026-09-30")).await;
    assert_eq!(due(&served), "2026-10-20");
    assert_eq!(why(desk.act("wang", &id, Act::Deliver, by_day("2026-10-08")).await), "已登记送达");
    desk.at("2026-10-20 23:59:50");
    assert_eq!(why(desk.act("wang", &id, Act::Lapse, text("")).await), "期限未满");
    desk.at("2026-10-21 00:00:00");
    let lapsed = desk.done("wang", &id, Act::Lapse, text("")).await;
    assert_eq!(due(&lapsed), "2026-11-04", "the review: ten working days from the 21st");
    assert!(why(desk.act("h1", &id, Act::Reply, vote("accept")).await).contains("补充说明"));
    // Late words are not lost: the institution says them, and a reviewer may still look.
    desk.done("h1", &id, Act::Note, text("负责人住院，请予受理")).await;
    desk.done("li", &id, Act::Review, ActInput::default()).await;
}

pub async fn an_answer_in_the_last_minute_is_in_time_and_a_later_one_says_so(url: String) {
    let desk = Desk::open(&url).await;
    desk.at("2026-09-30 09:00:00");
    desk.update(&[finding("f1", "V1", "H1", 10_000), finding("f2", "V2", "H1", 900)]).await;
    let all = desk.list("wang", Default::default()).await.items;
    for lead in &all {
        desk.done("wang", &lead.id, Act::Take, ActInput::default()).await;
        desk.done("wang", &lead.id, Act::Send, ActInput::default()).await;
        desk.done("h1", &lead.id, Act::Receipt, ActInput::default()).await;
    }
    desk.at("2026-10-20 23:59:58");
    let seen = desk.done("h1", &all[0].id, Act::Reply, vote("accept")).await;
    assert_eq!(seen.reply.and_then(|reply| reply.text).as_deref(), Some("依据指南"));
    desk.at("2026-10-23 08:00:00");
    let seen = desk.done("h1", &all[1].id, Act::Reply, vote("accept")).await;
    let said = seen.reply.and_then(|reply| reply.text).expect("said");
    assert_eq!(said, "（期满 2026-10-20 之后提交，晚 3 个工作日）依据指南");
}

pub async fn a_pause_keeps_the_working_days_and_revives_nothing(url: String) {
    let desk = Desk::open(&url).await;
    desk.at("2026-09-21 09:00:00");
    let id = desk.sent(&[finding("f1", "V1", "H1", 10_000)]).await;
    assert_eq!(due(&desk.done("h1", &id, Act::Receipt, ActInput::default()).await), "2026-10-12");
    // Begun and ended on holidays: no working day was lost, none is won.
    desk.at("2026-10-03 09:00:00");
    desk.done("wang", &id, Act::Pause, because("records")).await;
    assert_eq!(why(desk.act("wang", &id, Act::Lapse, text("")).await), "计时已暂停");
    desk.at("2026-10-05 09:00:00");
    assert_eq!(due(&desk.done("wang", &id, Act::Resume, text("")).await), "2026-10-12");
    // Stopped and started on one day: nothing changes.
    desk.at("2026-10-08 09:00:00");
    desk.done("wang", &id, Act::Pause, because("records")).await;
    assert_eq!(due(&desk.done("wang", &id, Act::Resume, text("")).await), "2026-10-12");
    // Four working days of standstill (29, 30 September are gone; 9, 10, 12, 13 October): so many more.
    desk.done("wang", &id, Act::Pause, because("records")).await;
    desk.at("2026-10-13 09:00:00");
    assert_eq!(due(&desk.done("wang", &id, Act::Resume, text("")).await), "2026-10-16");
    // On the last day it may stop; it is then due the day it starts again.
    desk.at("2026-10-16 17:00:00");
    desk.done("wang", &id, Act::Pause, because("expert")).await;
    desk.at("2026-10-19 09:00:00");
    assert_eq!(due(&desk.done("wang", &id, Act::Resume, text("")).await), "2026-10-19");
    desk.at("2026-10-20 09:00:00");
    assert!(why(desk.act("wang", &id, Act::Pause, because("records")).await).contains("期限已过"));
    // A word of the head of supervision lengthens it all the same, from today.
    let longer = ActInput { limit_days: Some(5), ..because("many") };
    assert_eq!(due(&desk.done("chen", &id, Act::Extend, longer).await), "2026-10-27");
}

pub async fn an_institution_has_its_whole_limit_from_the_proof_whatever_the_clock_did_before(url: String) {
    let desk = Desk::open(&url).await;
    desk.at("2026-09-01 09:00:00");
    let rows: Vec<FindingRow> = (1..=3).map(|n| finding(&format!("f{n}"), &format!("V{n}"), "H1", 10_000 / n)).collect();
    desk.update(&rows).await;
    let ids: Vec<String> = desk.list("wang", Default::default()).await.items.into_iter().map(|lead| lead.id).collect();
    for id in &ids {
        desk.done("wang", id, Act::Take, ActInput::default()).await;
        desk.done("wang", id, Act::Send, ActInput::default()).await;
    }
    // Lengthened by five before it was served: fifteen from the proof.
    desk.at("2026-09-02 09:00:00");
    let longer = ActInput { limit_days: Some(5), ..because("many") };
    desk.done("chen", &ids[0], Act::Extend, longer).await;
    // Stopped and started before: still ten. Stopped, and served while it stood: ten from the day it starts.
    for id in &ids[1..] {
        desk.done("wang", id, Act::Pause, because("records")).await;
    }
    desk.at("2026-09-08 09:00:00");
    desk.done("wang", &ids[1], Act::Resume, text("")).await;
    desk.at("2026-10-09 09:00:00");
    for (id, until) in ids.iter().zip(["2026-10-29", "2026-10-22", ""]) {
        assert_eq!(due(&desk.done("wang", id, Act::Deliver, by_day("2026-10-09")).await), until);
    }
    desk.at("2026-10-12 09:00:00");
    assert_eq!(due(&desk.done("wang", &ids[2], Act::Resume, text("")).await), "2026-10-26");
}

pub async fn the_second_silence_needs_a_proof_of_its_own(url: String) {
    let desk = Desk::open(&url).await;
    desk.at("2026-01-28 09:00:00");
    let id = desk.sent(&[finding("f1", "V1", "H1", 10_000)]).await;
    desk.done("h1", &id, Act::Reply, lines(&[("f1", "appeal", None)])).await;
    desk.done("li", &id, Act::Review, ActInput::default()).await;
    desk.at("2026-02-13 16:00:00");
    let told = desk.done("li", &id, Act::Conclude, vote("uphold")).await;
    assert_eq!(due(&told), "2026-03-05", "over the Spring Festival, 14 and 28 February worked");
    desk.at("2026-03-06 09:00:00");
    assert_eq!(why(desk.act("wang", &id, Act::Lapse, text("")).await), "尚无送达证明，不能视为无异议");
    assert!(why(desk.act("wang", &id, Act::Deliver, by_day("2026-02-12")).await).contains("2026-02-13"), "before it was concluded");
    desk.done("wang", &id, Act::Deliver, by_day("2026-02-13")).await;
    assert_eq!(desk.done("wang", &id, Act::Lapse, text("")).await.lead.status, "final");
}

pub async fn whoever_had_it_in_hand_before_a_recall_takes_no_later_part(url: String) {
    let desk = Desk::open(&url).await;
    let id = desk.sent(&[finding("f1", "V1", "H1", 10_000)]).await;
    desk.done("wang", &id, Act::Recall, because("data")).await;
    desk.done("chen", &id, Act::Assign, ActInput { assignee: Some("zhao".into()), ..ActInput::default() }).await;
    desk.done("zhao", &id, Act::Send, ActInput::default()).await;
    desk.done("h1", &id, Act::Reply, lines(&[("f1", "appeal", None)])).await;
    for account in ["wang", "zhao"] {
        let mut asker = desk.asker(account);
        asker.person.roles = vec!["reviewer".into()];
        let refused = mingjian_casework::way::act(&desk.office, &asker, &id, Act::Review, &ActInput::default()).await;
        assert_eq!(why(refused), "初审由您本人所做，须由他人办理");
    }
    desk.done("li", &id, Act::Review, ActInput::default()).await;
    let mut asker = desk.asker("chen");
    asker.colleagues.iter_mut().filter(|one| one.account == "wang").for_each(|one| one.roles.push("reviewer".into()));
    let to = ActInput { assignee: Some("wang".into()), ..ActInput::default() };
    assert!(why(mingjian_casework::way::act(&desk.office, &asker, &id, Act::Assign, &to).await).contains("初审人不能复审"));
    desk.done("li", &id, Act::Conclude, vote("uphold")).await;
    desk.done("h1", &id, Act::Again, text("补充")).await;
    let mut asker = desk.asker("chen");
    asker.colleagues.iter_mut().filter(|one| one.account == "wang").for_each(|one| one.roles.push("expert".into()));
    let refused = mingjian_casework::way::act(&desk.office, &asker, &id, Act::Convene, &panel(&["e1", "e3", "wang"])).await;
    assert!(why(refused).contains("办理过本件"));
    for (members, said) in [
        (vec!["e1", "e2"], "单数"),
        (vec!["e1", "e2", "e3", "e4"], "单数"),
        (vec!["e1", "e1", "e3"], "已在合议组"),
        (vec!["e1", "e3", "eh1"], "回避"),
        (vec!["e1", "e3", "cai"], "合议成员应为"),
        (vec![], "单数"),
    ] {
        assert!(why(desk.act("chen", &id, Act::Convene, panel(&members)).await).contains(said), "{members:?}");
    }
}

pub async fn an_appeal_never_makes_it_worse(url: String) {
    let desk = Desk::open(&url).await;
    let rows = [finding("f1", "V1", "H1", 10_000), finding("f2", "V1", "H1", 3_000), finding("f3", "V1", "H1", 2_000)];
    let id = desk.sent(&rows).await;
    let all = [("f1", "appeal", None), ("f2", "appeal", None), ("f3", "appeal", None)];
    desk.done("h1", &id, Act::Reply, lines(&all)).await;
    desk.done("li", &id, Act::Review, ActInput::default()).await;
    let told = [("f1", "partly", Some(6_000)), ("f2", "withdraw", None), ("f3", "uphold", None)];
    desk.done("li", &id, Act::Conclude, lines(&told)).await;
    desk.done("h1", &id, Act::Again, text("补充")).await;
    desk.done("chen", &id, Act::Convene, panel(&["e1", "e2", "e3"])).await;
    let more = ActInput { vote: Some("partly".into()), ..lines(&[("f1", "partly", Some(6_001))]) };
    assert!(why(desk.act("e1", &id, Act::Vote, more).await).contains("不能因再申诉提高"));
    let back = ActInput { vote: Some("partly".into()), ..lines(&[("f2", "uphold", None)]) };
    assert!(why(desk.act("e1", &id, Act::Vote, back).await).contains("不能因再申诉重新认定"));
    // All three say 'uphold': what the institution was told stands, no more.
    for account in ["e1", "e2", "e3"] {
        desk.done(account, &id, Act::Vote, vote("uphold")).await;
    }
    let whole = ActInput { road: Some("recover".into()), ..lines(&[("f1", "uphold", None)]) };
    let done = desk.done("chen", &id, Act::Decide, whole).await;
    let decision = done.decision.expect("decided");
    assert_eq!((decision.upheld_fen, decision.withdrawn_fen, decision.loss_fen), (8_000, 7_000, 5_600));
    adds_up(&desk).await;
}

pub async fn a_decision_against_the_panel_gives_its_reason(url: String) {
    let desk = Desk::open(&url).await;
    let id = desk.sent(&[finding("f1", "V1", "H1", 10_000)]).await;
    desk.done("h1", &id, Act::Reply, lines(&[("f1", "appeal", None)])).await;
    desk.done("li", &id, Act::Review, ActInput::default()).await;
    desk.done("li", &id, Act::Conclude, vote("uphold")).await;
    desk.done("h1", &id, Act::Again, text("补充")).await;
    desk.done("chen", &id, Act::Convene, panel(&["e1", "e2", "e3"])).await;
    // Two have spoken and one stands aside: an even two decide nothing, and nobody reads them.
    desk.done("e1", &id, Act::Vote, vote("withdraw")).await;
    desk.done("e3", &id, Act::Vote, vote("withdraw")).await;
    let open = desk.done("e2", &id, Act::Recuse, because("work")).await;
    assert_eq!(open.lead.status, "panel");
    for account in ["chen", "e1", "e2"] {
        let seen = desk.detail(account, &id).await;
        let others = seen.panel.expect("a panel").members.into_iter().filter(|one| one.account != account);
        assert!(others.into_iter().all(|one| one.vote.is_none() && one.text.is_none()), "{account}");
    }
    assert!(why(desk.act("chen", &id, Act::Convene, panel(&["e2"])).await).contains("已在合议组"), "who stood aside stays aside");
    desk.done("chen", &id, Act::Convene, panel(&["e4"])).await;
    assert_eq!(desk.done("e4", &id, Act::Vote, vote("uphold")).await.lead.status, "final");
    let against = ActInput { road: Some("recover".into()), lines: vec![line("f1", "uphold", None)], ..ActInput::default() };
    assert!(why(desk.act("chen", &id, Act::Decide, against.clone()).await).contains("与合议意见不同"));
    desk.done("chen", &id, Act::Decide, ActInput { text: Some("指南 2025 年版不支持".into()), ..against }).await;
    adds_up(&desk).await;
}

pub async fn money_several_findings_share_is_charged_once_and_only_for_what_stands(url: String) {
    for (leading, other, cluster, said, charged) in [
        // 600 counted: a line of 500 both share in part, 100 of the second alone.
        (50_000, 50_000, 60_000, [("f1", "uphold", None), ("f2", "uphold", None)], 60_000),
        (50_000, 50_000, 60_000, [("f1", "uphold", None), ("f2", "withdraw", None)], 50_000),
        (50_000, 50_000, 60_000, [("f1", "withdraw", None), ("f2", "uphold", None)], 50_000),
        (10_000, 6_000, 10_000, [("f1", "partly", Some(3_000)), ("f2", "uphold", None)], 6_000),
        (10_000, 6_000, 10_000, [("f1", "partly", Some(0)), ("f2", "withdraw", None)], 0),
    ] {
        let desk = Desk::open(&fresh(&url)).await;
        let id = desk.sent(&overlapping(leading, other, cluster)).await;
        desk.done("h1", &id, Act::Reply, lines(&[("f1", "appeal", None), ("f2", "appeal", None)])).await;
        desk.done("li", &id, Act::Review, ActInput::default()).await;
        let after = desk.done("li", &id, Act::Conclude, lines(&said)).await;
        if after.lead.status == "appeal" {
            desk.done("h1", &id, Act::Accept, ActInput::default()).await;
            desk.done("chen", &id, Act::Decide, road("recover")).await;
        }
        let done = desk.detail("chen", &id).await;
        let decision = done.decision.expect("decided");
        assert_eq!((decision.upheld_fen, decision.withdrawn_fen), (charged, cluster - charged), "{said:?}");
        assert_eq!(decision.loss_fen, charged * 7 / 10);
        adds_up(&desk).await;
        if !url.starts_with("sqlite") {
            return;
        }
    }
}

/// A store of its own beside the one handed in, on SQLite; the same one elsewhere.
fn fresh(url: &str) -> String {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    if url.starts_with("sqlite") { format!("{url}.{}", NEXT.fetch_add(1, Ordering::Relaxed)) } else { url.to_owned() }
}

pub async fn one_line_is_answered_once_and_a_definite_lead_can_still_object_to_facts(url: String) {
    let desk = Desk::open(&url).await;
    let id = desk.sent(&[definite("f1", "V1", "H1", 10_000), definite("f2", "V1", "H1", 3_000)]).await;
    let twice = lines(&[("f1", "accept", None), ("f1", "appeal", None), ("f2", "accept", None)]);
    assert!(why(desk.act("h1", &id, Act::Reply, twice).await).contains("填写了两次"));
    let half = lines(&[("f1", "appeal", None)]);
    assert!(why(desk.act("h1", &id, Act::Reply, half).await).contains("每条疑点"));
    let strange = lines(&[("f1", "appeal", None), ("f2", "accept", None), ("zz", "accept", None)]);
    assert!(why(desk.act("h1", &id, Act::Reply, strange).await).contains("不在这条线索里"));
    desk.done("h1", &id, Act::Reply, lines(&[("f1", "appeal", None), ("f2", "accept", None)])).await;
    desk.done("li", &id, Act::Review, ActInput::default()).await;
    for too_much in [10_001, -1] {
        assert!(desk.act("li", &id, Act::Conclude, lines(&[("f1", "partly", Some(too_much))])).await.is_err());
    }
    let ended = desk.done("li", &id, Act::Conclude, lines(&[("f1", "partly", Some(2_500))])).await;
    assert_eq!(ended.lead.status, "final", "the short way: heard on the facts, no second appeal");
    let done = desk.done("chen", &id, Act::Decide, road("refuse")).await;
    assert_eq!((done.lead.status.as_str(), done.recoveries[0].due_fen), ("partly", 3_850));
    adds_up(&desk).await;
}

pub async fn who_decided_does_not_waive_what_is_due(url: String) {
    let desk = Desk::open(&url).await;
    let id = desk.sent(&[definite("f1", "V1", "H1", 10_000)]).await;
    desk.done("h1", &id, Act::Reply, vote("accept")).await;
    let done = desk.done("chen", &id, Act::Confirm, road("recover")).await;
    let waiver =
        EntryInput { version: 1, kind: "waived".into(), amount_fen: 500, text: Some("机构已注销".into()), ..EntryInput::default() };
    let refused = recoveries::enter(&desk.office, &desk.asker("chen"), &done.recoveries[0].id, &waiver).await.expect_err("refused");
    assert_eq!(refused.to_string(), "本件的决定由您作出，减免须由他人办理");
    recoveries::enter(&desk.office, &desk.asker("gao"), &done.recoveries[0].id, &waiver).await.expect("waived");
    adds_up(&desk).await;
}

pub async fn many_at_once_count_each_lead_once(url: String) {
    let desk = Desk::open(&url).await;
    desk.update(&[definite("f1", "V1", "H1", 10_000), definite("f2", "V2", "H1", 3_000)]).await;
    let ids: Vec<String> = desk.list("wang", Default::default()).await.items.into_iter().map(|lead| lead.id).collect();
    let named = [ids[0].clone(), ids[1].clone(), ids[0].clone(), "XS2026-999999".into()];
    let input = ActInput { key: Some("k".into()), assignee: Some("wang".into()), ..ActInput::default() };
    for _ in 0..2 {
        let asker = desk.asker("chen");
        let batch = mingjian_casework::way::act_many(&desk.office, &asker, Some(&named), None, Act::Assign, &input).await.expect("done");
        assert_eq!((batch.done, batch.amount_fen, batch.failed.len()), (2, 13_000, 1));
    }
}

pub async fn a_decision_is_corrected_and_money_that_came_in_goes_back(url: String) {
    let desk = Desk::open(&url).await;
    let id = desk.sent(&[definite("f1", "V1", "H1", 10_000), definite("f2", "V1", "H1", 3_000)]).await;
    desk.done("h1", &id, Act::Reply, vote("accept")).await;
    let done = desk.done("li", &id, Act::Confirm, road("recover")).await;
    let row = done.recoveries[0].clone();
    let entry = |version, kind: &str, amount_fen| EntryInput {
        version,
        kind: kind.into(),
        amount_fen,
        document: Some("回单 7".into()),
        text: Some("说明".into()),
        ..EntryInput::default()
    };
    let enter = |account: &'static str, input: EntryInput| {
        let (desk, id) = (&desk, &row.id);
        async move { recoveries::enter(&desk.office, &desk.asker(account), id, &input).await }
    };
    // 91.00 due: 10.00 waived, 80.00 came in.
    enter("gao", entry(1, "waived", 1_000)).await.expect("waived");
    let paid = enter("cai", entry(2, "paid", 8_000)).await.expect("paid");
    assert_eq!((paid.open_fen, paid.state.as_str()), (100, "part"));
    assert!(enter("cai", entry(3, "returned", 1)).await.is_err(), "nothing is owed back");
    // 复议 lets the first finding fall: 21.00 is due, the waiver is needless, 59.00 goes back.
    let falls = |all: &[(&str, &str, Option<i64>)]| ActInput { reason: Some("remedy".into()), ..lines(all) };
    assert!(why(desk.act("chen", &id, Act::Correct, falls(&[])).await).contains("至少改一条"));
    assert!(desk.act("wang", &id, Act::Correct, falls(&[("f1", "withdraw", None)])).await.is_err());
    let mut own = desk.asker("li");
    own.person.roles.push("supervisor".into());
    let refused = mingjian_casework::way::act(&desk.office, &own, &id, Act::Correct, &falls(&[("f1", "withdraw", None)])).await;
    assert!(why(refused).contains("须由他人"), "not by whoever decided");
    let corrected = desk.done("chen", &id, Act::Correct, falls(&[("f1", "withdraw", None)])).await;
    let decision = corrected.decision.clone().expect("decided");
    assert_eq!(
        (corrected.lead.status.as_str(), decision.upheld_fen, decision.withdrawn_fen, decision.loss_fen),
        ("partly", 3_000, 10_000, 2_100)
    );
    let owed = corrected.recoveries[0].clone();
    assert_eq!((owed.due_fen, owed.waived_fen, owed.paid_fen, owed.open_fen), (2_100, 0, 8_000, -5_900));
    assert_eq!((owed.state.as_str(), owed.entries.len()), ("refund", 4));
    let page = recoveries::list(&desk.office, &desk.asker("cai"), &Default::default()).await.expect("lists");
    assert_eq!((page.sums.due_fen, page.sums.paid_fen, page.sums.open_fen, page.sums.refund_fen), (2_100, 8_000, 0, 5_900));
    adds_up(&desk).await;
    // The institution sees it; finance gives it back, in two.
    let seen = desk.detail("h1", &id).await;
    assert!(seen.steps.iter().any(|step| step.act == "correct"));
    assert!(enter("cai", entry(owed.version, "returned", 5_901)).await.is_err(), "more than is owed");
    assert!(enter("cai", entry(owed.version, "paid", 1)).await.is_err(), "nothing is due");
    enter("cai", entry(owed.version, "returned", 5_000)).await.expect("returned");
    let back = enter("cai", entry(owed.version + 1, "returned", 900)).await.expect("returned");
    assert_eq!((back.state.as_str(), back.returned_fen, back.open_fen), ("closed", 5_900, 0));
    assert_eq!(mingjian_casework::workbench::workbench(&desk.office, &desk.asker("chen")).await.expect("reads").strip.recovered_fen, 2_100);
    let sums = check::reconcile(&desk.office).await.expect("adds up");
    assert_eq!((sums.recovered_fen, sums.decided_fen, sums.withdrawn_fen), (2_100, 3_000, 10_000));
    adds_up(&desk).await;
    // The rule unlearns: two checked, one upheld.
    let outcome = mingjian_casework::leads::outcomes(&desk.office).await.expect("reads")["N025"];
    assert_eq!((outcome.checked, outcome.upheld, outcome.checked_fen, outcome.upheld_fen), (2, 1, 13_000, 3_000));
    // Nothing rises again, and the rest can fall too, by other hands.
    assert!(why(desk.act("gao", &id, Act::Correct, falls(&[("f1", "uphold", None)])).await).contains("只能减少"));
    let ended = desk.done("gao", &id, Act::Correct, falls(&[("f1", "withdraw", None), ("f2", "withdraw", None)])).await;
    assert_eq!((ended.lead.status.as_str(), ended.recoveries[0].open_fen), ("cleared", -2_100));
    adds_up(&desk).await;
}
