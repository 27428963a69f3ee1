//! 暂缓.

use mingjian_casework::leads::{self, Filter};
use mingjian_casework::way::{Act, ActInput};
use mingjian_casework::workbench;
use mingjian_model::day::{day_of, format_day};

use crate::desk::{Desk, finding};

fn until(desk: &Desk, days: i32) -> ActInput {
    let day = format_day(day_of(desk.now()) + days);
    ActInput { until: Some(day), reason: Some("records".into()), text: Some("等病历".into()), ..ActInput::default() }
}

pub async fn what_is_put_off_leaves_the_day_and_comes_back_by_itself(url: String) {
    let desk = Desk::open(&url).await;
    desk.update(&[finding("f1", "V1", "H1", 10_000), finding("g1", "V2", "H2", 700)]).await;
    let id = desk.list("chen", Filter::default()).await.items[0].id.clone();
    desk.done("wang", &id, Act::Take, ActInput::default()).await;
    let today = async || {
        let first = leads::today(&desk.office, &desk.asker("wang")).await.expect("today");
        first.into_iter().map(|lead| lead.id).collect::<Vec<_>>()
    };
    let todo = async || workbench::workbench(&desk.office, &desk.asker("wang")).await.expect("a morning").strip.todo;
    assert_eq!((today().await.len(), todo().await), (2, 1));
    let due = desk.detail("wang", &id).await.lead.due.expect("a limit");

    for wrong in
        [until(&desk, 0), until(&desk, 400), ActInput { until: None, ..until(&desk, 7) }, ActInput { reason: None, ..until(&desk, 7) }]
    {
        assert_eq!(desk.act("wang", &id, Act::PutOff, wrong).await.expect_err("no such day").code(), "invalid");
    }
    assert_eq!(desk.act("zhao", &id, Act::PutOff, until(&desk, 7)).await.expect_err("not theirs").code(), "refused");
    let waits = desk.done("wang", &id, Act::PutOff, until(&desk, 14)).await;
    assert_eq!(waits.lead.put_off_until, Some("2026-03-16".into()));
    // The bureau's own limit waits too: five working days from the Monday it comes back.
    let later = waits.lead.due.expect("a limit");
    assert_eq!((due.day.as_str(), later.day.as_str()), ("2026-03-09", "2026-03-23"));
    assert_eq!(waits.steps.last().and_then(|step| step.text.as_deref()), Some("暂缓至 2026-03-16。等病历"));
    assert!(!today().await.contains(&id) && todo().await == 0);
    // What was put off is not among what was read today: the day's cap is as it was.
    let count = async |put_off| desk.list("wang", Filter { put_off: Some(put_off), ..Filter::default() }).await.total;
    assert_eq!((count(1).await, count(0).await, desk.list("wang", Filter::default()).await.total), (1, 1, 2));
    desk.later(13);
    assert!(!today().await.contains(&id));
    desk.later(1);
    assert!(today().await.contains(&id) && todo().await == 1 && count(1).await == 0);
    assert_eq!(desk.detail("wang", &id).await.lead.put_off_until, None);
    assert_eq!(desk.act("wang", &id, Act::TakeUp, ActInput::default()).await.expect_err("nothing waits").code(), "refused");

    // Ended early: what is left of the limit counts from then.
    desk.done("wang", &id, Act::PutOff, until(&desk, 30)).await;
    let back = desk.done("wang", &id, Act::TakeUp, ActInput::default()).await;
    assert_eq!((back.lead.put_off_until, back.lead.due.map(|due| due.day)), (None, Some("2026-03-23".into())));
    assert!(today().await.contains(&id));
}

pub async fn a_limit_towards_the_institution_runs_on(url: String) {
    let desk = Desk::open(&url).await;
    let id = desk.sent(&[finding("f1", "V1", "H1", 10_000)]).await;
    let due = desk.detail("wang", &id).await.lead.due;
    let waits = desk.done("wang", &id, Act::PutOff, until(&desk, 20)).await;
    assert_eq!(waits.lead.due, due);
    let theirs = desk.detail("h1", &id).await;
    assert!(theirs.lead.put_off_until.is_none() && theirs.lead.due == due && theirs.steps.iter().all(|step| step.act != "put_off"));
    assert_eq!(leads::today(&desk.office, &desk.asker("h1")).await.expect("today").len(), 1, "it is theirs to answer");
    // The answer ends the waiting.
    let answered = desk.done("h1", &id, Act::Reply, ActInput { vote: Some("accept".into()), ..ActInput::default() }).await;
    assert_eq!(answered.lead.status, "answered");
    assert_eq!(desk.detail("wang", &id).await.lead.put_off_until, None);
}
