//! 自查自纠, from the list to the money.

use mingjian_casework::CaseError;
use mingjian_casework::campaigns::{self, Declaration, NewCampaign, PartInput};
use mingjian_casework::way::{Act, ActInput};

use crate::desk::{Desk, definite, finding};

pub async fn a_campaign_from_the_list_to_the_money(url: String) {
    let desk = Desk::open(&url).await;
    desk.update(&[finding("f1", "V1", "H1", 10_000), definite("f2", "V3", "H1", 500), finding("g1", "V2", "H2", 700)]).await;
    let office = &desk.office;
    let new = NewCampaign {
        title: "重复收费专项自查".into(),
        text: "对照清单逐项自查".into(),
        rules: vec!["N025".into()],
        due_day: "2026-04-30".into(),
        institutions: vec!["H1".into(), "H2".into()],
        ..NewCampaign::default()
    };
    assert!(campaigns::create(office, &desk.asker("wang"), &new).await.is_err());
    let strange = NewCampaign { institutions: vec!["H7".into()], ..new.clone() };
    assert!(campaigns::create(office, &desk.asker("chen"), &strange).await.is_err());
    let draft = campaigns::create(office, &desk.asker("chen"), &new).await.expect("made");
    assert!(matches!(campaigns::detail(office, &desk.asker("h1"), &draft.id).await, Err(CaseError::NotFound)), "a draft is the bureau's");
    // The head of one county sees the part there, and does nothing to the whole.
    let county = mingjian_casework::Asker {
        scope: mingjian_casework::Scope { sql: "region like $1".into(), args: vec!["330902%".into()] },
        ..desk.asker("chen")
    };
    assert_eq!(campaigns::detail(office, &county, &draft.id).await.expect("reads").institutions.len(), 1);
    assert!(matches!(campaigns::publish(office, &county, &draft.id, draft.version).await, Err(CaseError::Refused(_))));
    let open = campaigns::publish(office, &desk.asker("chen"), &draft.id, draft.version).await.expect("out");
    assert!(matches!(campaigns::close(office, &county, &draft.id, open.version, "结束").await, Err(CaseError::Refused(_))));
    assert_eq!(open.institutions.iter().map(|part| (part.findings, part.found_fen)).collect::<Vec<_>>(), [(2, 10_500), (1, 700)]);

    let own = campaigns::detail(office, &desk.asker("h1"), &open.id).await.expect("reads");
    assert_eq!(own.institutions.iter().map(|part| part.institution.code.as_str()).collect::<Vec<_>>(), ["H1"]);
    assert_eq!(campaigns::findings(office, &desk.asker("h1"), &open.id, "H1").await.expect("reads").len(), 2);
    assert!(campaigns::findings(office, &desk.asker("h1"), &open.id, "H2").await.is_err());

    let declaration = Declaration { version: 1, declared_fen: 9_000, promise: "周立".into(), ..Declaration::default() };
    let unsigned = Declaration { promise: " ".into(), ..declaration.clone() };
    assert!(campaigns::declare(office, &desk.asker("h1"), &open.id, &unsigned).await.is_err());
    let declared = campaigns::declare(office, &desk.asker("h1"), &open.id, &declaration).await.expect("declared");
    assert_eq!((declared.institutions[0].state.as_str(), declared.institutions[0].declared_fen), ("declared", 9_000));
    assert!(declared.institutions[0].promised.as_deref().is_some_and(|promise| promise.starts_with("周立 2026-03-02")));

    let pay = |version, amount_fen| PartInput { version, amount_fen, document: Some("回单 1".into()), ..PartInput::default() };
    assert!(campaigns::refund(office, &desk.asker("h1"), &open.id, "H1", &pay(2, 9_000)).await.is_err(), "finance confirms money");
    assert!(campaigns::refund(office, &desk.asker("cai"), &open.id, "H1", &pay(2, 9_001)).await.is_err());
    campaigns::refund(office, &desk.asker("cai"), &open.id, "H1", &pay(2, 4_000)).await.expect("booked");
    // Booked wrongly: taken back with words, never more than was booked.
    let undo = |version, amount_fen, text: &str| PartInput { version, amount_fen, text: Some(text.into()), ..PartInput::default() };
    assert!(campaigns::refund(office, &desk.asker("cai"), &open.id, "H1", &undo(3, -500, " ")).await.is_err());
    assert!(campaigns::refund(office, &desk.asker("cai"), &open.id, "H1", &undo(3, -4_001, "入错户")).await.is_err());
    let undone = campaigns::refund(office, &desk.asker("cai"), &open.id, "H1", &undo(3, -500, "入错户")).await.expect("undone");
    assert_eq!(undone.institutions[0].refunded_fen, 3_500);
    // Sent back to be mended while money is on its way: it is booked all the same, and the institution answers again.
    let back = undo(4, 0, "请逐项说明");
    campaigns::send_back(office, &desk.asker("chen"), &open.id, "H1", &back).await.expect("returned");
    let paid = campaigns::refund(office, &desk.asker("cai"), &open.id, "H1", &pay(5, 5_500)).await.expect("booked");
    let part = paid.institutions.iter().find(|part| part.institution.code == "H1").expect("there");
    assert_eq!((part.state.as_str(), part.refunded_fen, part.entries.len()), ("returned", 9_000, 5));
    let seen = campaigns::detail(office, &desk.asker("h1"), &open.id).await.expect("reads");
    let by: Vec<&str> = seen.institutions[0].entries.iter().map(|entry| entry.by.as_str()).collect();
    assert_eq!(by, ["仁济医保办", "", "", "", ""], "an institution is not told who of the bureau books");
    assert!(
        campaigns::declare(office, &desk.asker("h1"), &open.id, &Declaration { version: 6, declared_fen: 8_999, ..declaration.clone() })
            .await
            .is_err()
    );
    let again = campaigns::declare(office, &desk.asker("h1"), &open.id, &Declaration { version: 6, ..declaration.clone() }).await;
    assert_eq!(again.expect("declared").institutions[0].state, "paid");
    // Whoever decides a lead on the same rule at this institution is told.
    let lead = desk
        .list("wang", Default::default())
        .await
        .items
        .into_iter()
        .find(|lead| lead.institution.as_ref().is_some_and(|one| one.code == "H1"));
    let lead = lead.expect("a lead").id;
    for (account, act) in [("wang", Act::Take), ("wang", Act::Send), ("h1", Act::Reply)] {
        desk.done(account, &lead, act, ActInput { vote: Some("accept".into()), ..ActInput::default() }).await;
    }
    let offers = desk.detail("li", &lead).await.acts;
    let effect = &offers.iter().find(|offer| offer.act == "confirm").expect("offered").effect;
    assert!(effect.contains(&format!("自查 {} 已退 90.00 元", open.id)), "{effect}");
    let accepted = campaigns::accept(office, &desk.asker("chen"), &open.id, "H1", &PartInput { version: 7, ..PartInput::default() }).await;
    assert_eq!(accepted.expect("accepted").institutions[0].state, "accepted");
    desk.later(90);
    let late = campaigns::detail(office, &desk.asker("chen"), &open.id).await.expect("reads");
    assert!(late.institutions[1].overdue && !late.institutions[0].late);
    // Late is late, and stays so; nothing to pay back is an answer too.
    let nothing = Declaration { declared_fen: 0, ..declaration.clone() };
    let answered = campaigns::declare(office, &desk.asker("h2"), &open.id, &nothing).await.expect("taken");
    let own = &answered.institutions[0];
    assert_eq!((own.state.as_str(), own.overdue, own.late), ("paid", false, true));
    let closed = campaigns::close(office, &desk.asker("chen"), &open.id, late.version, "一家退清，一家未报").await.expect("closed");
    assert_eq!((closed.state.as_str(), closed.report.is_some()), ("closed", true));
    assert!(campaigns::declare(office, &desk.asker("h2"), &open.id, &declaration).await.is_err());
    assert_eq!(campaigns::list(office, &desk.asker("h2")).await.expect("lists").items.len(), 1);
}
