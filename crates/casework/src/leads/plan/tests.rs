use super::*;

fn finding(id: &str, visit: &str, amount: i64) -> FindingRow {
    FindingRow {
        finding_id: id.into(),
        rule_id: "N025".into(),
        rule_version: 1,
        rule_name: "配对项目".into(),
        kind: "重复收费".into(),
        class: "政策类".into(),
        result: "违规".into(),
        band: "core".into(),
        psn_no: Some("P1".into()),
        mdtrt_id: Some(visit.into()),
        fixmedins_code: Some("H1".into()),
        first_time: mingjian_model::day::parse_moment("2025-03-08 09:00:00"),
        amount: Some(amount),
        fund_amount: Some(amount * 7 / 10),
        acct_amount: Some(0),
        text: format!("多收 {amount} 分"),
        cluster_id: id.into(),
        leads: true,
        cluster_amount: Some(amount),
        ..FindingRow::default()
    }
}

/// A plan with its drafts made.
#[derive(Debug)]
struct Planned {
    new: Vec<Draft>,
    changed: Vec<(Draft, Vec<String>)>,
    /// Whether all of it is gone, and the note.
    told: Vec<(bool, String)>,
    kept: i64,
    silent: i64,
    decided: i64,
}

fn planned(before: &Before, findings: &[FindingRow]) -> Planned {
    let (facts, ranking) = (Facts::default(), Ranking::default());
    let plan = plan(before, findings, &facts, &ranking, 20_200, 1);
    Planned {
        new: plan.new.iter().map(|fresh| plan.run.fresh(fresh)).collect(),
        changed: plan.changed.iter().map(|altered| (plan.run.altered(altered), altered.vanished.clone())).collect(),
        told: plan.told.into_iter().map(|told| (told.gone, told.note)).collect(),
        kept: plan.kept,
        silent: plan.silent,
        decided: plan.decided,
    }
}

/// What the store knows after a plan of new leads was carried out, with the given status.
fn known(findings: &[FindingRow], status: Status) -> Before {
    let mut before = Before::default();
    for (n, draft) in planned(&Before::default(), findings).new.into_iter().enumerate() {
        let id = format!("XS2026-{:06}", n + 1);
        for (at, counted) in &draft.findings {
            let finding = &findings[*at];
            let known = Known {
                lead: Id::of(&id).unwrap(),
                rule_version: finding.rule_version,
                amount_fen: finding.amount,
                fund_fen: finding.fund_amount,
                acct_fen: finding.acct_amount,
                seen_fen: finding.amount,
                text: digest(&finding.text),
                cluster: digest(&finding.cluster_id),
                counted: *counted,
                gone: false,
            };
            if status.is_closed() {
                before.closed.insert(finding.finding_id.clone(), counted.amount_fen);
            } else {
                before.findings.insert(finding.finding_id.clone(), known);
            }
        }
        before.generations.insert(draft.lead.subject_key.clone(), 0);
        if !status.is_closed() {
            before.open.insert(Id::of(&id).unwrap(), Box::new(LeadRow { id, status, ..draft.lead }));
        }
    }
    before
}

#[test]
fn findings_of_one_visit_make_one_lead_with_the_money_once() {
    let shared = FindingRow { leads: false, cluster_amount: None, cluster_id: "a".into(), ..finding("b", "V1", 400) };
    let plan = planned(&Before::default(), &[finding("a", "V1", 1000), shared, finding("c", "V2", 50)]);
    assert_eq!(plan.new.iter().map(|draft| (draft.lead.findings, draft.lead.amount_fen)).collect::<Vec<_>>(), [(2, 1000), (1, 50)]);
    let lead = &plan.new[0].lead;
    // 违规: 0.9 of the funds' part.
    assert_eq!((lead.fund_fen, lead.expected_fen, lead.definite), (700, 630, true));
    assert_eq!(lead.reason, "多收 1000 分；另有重复收费 1 条");
}

#[test]
fn the_same_run_again_changes_nothing() {
    let findings = [finding("a", "V1", 1000), finding("b", "V2", 50)];
    let plan = planned(&known(&findings, Status::Check), &findings);
    assert_eq!((plan.kept, plan.new.len(), plan.changed.len(), plan.told.len()), (2, 0, 0, 0));
}

#[test]
fn an_early_lead_follows_the_run_and_keeps_its_holder() {
    let findings = [finding("a", "V1", 1000), finding("b", "V1", 50)];
    let mut before = known(&findings, Status::Check);
    before.open.values_mut().for_each(|lead| lead.holder = "wang".into());
    let plan = planned(&before, &[finding("a", "V1", 800)]);
    let [(draft, vanished)] = &plan.changed[..] else { panic!("one change: {plan:?}") };
    assert_eq!((draft.lead.amount_fen, draft.lead.holder.as_str(), draft.lead.status), (800, "wang", Status::Check));
    assert_eq!(*vanished, ["b"]);
    assert_eq!(draft.note, "重新筛查：疑点 2 条变为 1 条，涉及金额 10.50 元变为 8.00 元");
}

#[test]
fn a_lead_without_findings_says_so_and_counts_no_money() {
    let findings = [finding("a", "V1", 1000)];
    let plan = planned(&known(&findings, Status::New), &[]);
    let [(draft, vanished)] = &plan.changed[..] else { panic!("one change: {plan:?}") };
    assert!(draft.lead.gone && draft.lead.amount_fen == 0 && draft.lead.rank_fen == 0);
    assert_eq!(*vanished, ["a"]);
}

#[test]
fn what_was_told_stays_as_told_and_new_findings_open_another_lead() {
    let findings = [finding("a", "V1", 1000)];
    let before = known(&findings, Status::Sent);
    let plan = planned(&before, &[finding("a", "V1", 800), finding("n", "V1", 30)]);
    assert_eq!(plan.new.iter().map(|draft| (draft.lead.generation, draft.lead.amount_fen)).collect::<Vec<_>>(), [(1, 30)]);
    let [(_, note)] = &plan.told[..] else { panic!("one note: {plan:?}") };
    assert!(note.contains("本次为 8.00 元（已告知 10.00 元，未改）"), "{note}");
    let gone = planned(&before, &[]);
    assert!(gone.told[0].0);
}

#[test]
fn decided_findings_are_left_alone() {
    let findings = [finding("a", "V1", 1000)];
    let plan = planned(&known(&findings, Status::Cleared), &findings);
    assert_eq!((plan.decided, plan.new.len(), plan.changed.len(), plan.told.len()), (1, 0, 0, 0));
}

#[test]
fn counts_money_once() {
    // A window over visits now leads the cluster whose money the told stay counts already.
    let stay = finding("a", "V1", 1000);
    let before = known(std::slice::from_ref(&stay), Status::Sent);
    let stay = FindingRow { leads: false, cluster_amount: None, cluster_id: "w".into(), ..stay };
    let window = FindingRow { mdtrt_id: None, cluster_id: "w".into(), cluster_amount: Some(1500), ..finding("w", "V1", 1200) };
    let plan = planned(&before, &[stay, window]);
    assert_eq!(plan.new.iter().map(|draft| draft.lead.amount_fen).collect::<Vec<_>>(), [500]);
}

#[test]
fn a_rule_below_the_floor_makes_no_new_leads_and_keeps_the_old() {
    let findings = [finding("a", "V1", 1000)];
    let mut before = known(&findings, Status::Check);
    before.learned.rules.insert("N025".into(), crate::rank::Outcome { checked: 50, upheld: 1, checked_fen: 0, upheld_fen: 0 });
    let plan = planned(&before, &[finding("a", "V1", 1000), finding("b", "V2", 10)]);
    assert_eq!((plan.silent, plan.new.len()), (1, 0));
}

#[test]
fn ages_are_full_years() {
    let day = |text| mingjian_model::day::parse_day(text).expect("a day");
    assert_eq!(age(day("2020-02-29"), day("2025-02-28")), 4);
    assert_eq!(age(day("2020-02-29"), day("2025-03-01")), 5);
    assert_eq!(age(day("2026-01-01"), day("2025-01-01")), 0);
}
