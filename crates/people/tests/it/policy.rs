//! The policy, written down a second time: whoever changes the table must change this page too.

use mingjian_people::{Act, Must, Object, Person, Refusal, Role, Scopes, acts_of, allows};

/// Roles by two letters, in the order of the columns; below each what its view is bounded by: R region, I institution, L single leads.
const ROLES: &str = "au re ex su le di ra fi in ou ov sy se ad";
const REACH: &str = "R  R  L  R  L  R  -  R  I  L  R  -  -  - ";
const MATRIX: &str = "
workbench.read      x  x  x  x  x  x  .  x  x  x  .  .  .  .
leads.read          x  x  x  x  x  x  .  .  x  x  x  .  .  .
leads.export        x  .  .  x  .  x  .  .  x  .  x  .  .  .
leads.unmask        x  x  .  x  x  x  .  .  x  .  x  .  .  .
leads.looks         .  .  .  x  .  x  .  .  .  .  x  .  .  .
leads.assign        .  .  .  x  .  .  .  .  .  .  .  .  .  .
leads.check         x  .  .  .  .  .  .  .  .  .  .  .  .  .
leads.reply         .  .  .  .  .  .  .  .  x  .  .  .  .  .
leads.review        .  x  .  .  .  .  .  .  .  .  .  .  .  .
panel.convene       .  .  .  x  .  .  .  .  .  .  .  .  .  .
panel.vote          .  .  x  .  .  .  .  .  .  x  .  .  .  .
leads.decide        .  .  .  x  .  .  .  .  .  .  .  .  .  .
leads.legal         .  .  .  .  x  .  .  .  .  .  .  .  .  .
leads.approve       .  .  .  .  .  x  .  .  .  .  .  .  .  .
leads.extend        .  .  .  x  .  .  .  .  .  .  .  .  .  .
attachments.add     x  x  x  x  x  .  .  .  x  x  .  .  .  .
recoveries.read     x  x  .  x  x  x  .  x  x  .  x  .  .  .
recoveries.book     .  .  .  .  .  .  .  x  .  .  .  .  .  .
recoveries.waive    .  .  .  x  .  x  .  .  .  .  .  .  .  .
recoveries.export   .  .  .  x  .  x  .  x  .  .  x  .  .  .
campaigns.read      x  .  .  x  .  x  .  x  x  .  x  .  .  .
campaigns.write     .  .  .  x  .  .  .  .  .  .  .  .  .  .
campaigns.answer    .  .  .  .  .  .  .  .  x  .  .  .  .  .
profiles.read       x  x  .  x  .  x  .  .  .  .  x  .  .  .
doctors.read        x  x  .  x  .  x  .  .  x  .  x  .  .  .
summary.read        x  x  .  x  .  x  .  .  .  .  x  .  .  .
institution.summary .  .  .  .  .  .  .  .  x  .  .  .  .  .
counter.read        x  .  .  x  .  x  .  .  x  .  x  .  .  .
rules.read          x  x  x  x  x  x  x  .  x  .  x  .  .  .
rules.write         .  .  .  .  .  .  x  .  .  .  .  .  .  .
rules.publish       .  .  .  x  .  .  .  .  .  .  .  .  .  .
knowledge.read      x  x  x  x  x  x  x  .  x  .  x  .  .  .
knowledge.write     .  .  .  .  .  .  x  .  .  .  .  .  .  .
runs.read           x  x  .  x  .  x  x  .  .  .  x  x  .  .
imports.read        x  .  .  x  .  x  x  .  .  .  x  x  .  .
imports.write       .  .  .  .  .  .  .  .  .  .  .  x  .  .
quality.read        x  .  .  x  .  x  x  .  .  .  x  x  .  .
jobs.run            .  .  .  x  .  .  .  .  .  .  .  x  .  .
exports.approve     .  .  .  x  .  x  .  .  .  .  .  .  .  .
users.read          .  .  .  .  .  .  .  .  .  .  .  .  x  .
users.write         .  .  .  .  .  .  .  .  .  .  .  .  x  .
keys.rotate         .  .  .  .  .  .  .  .  .  .  .  .  x  .
audit.read          .  .  .  .  .  .  .  .  .  .  x  .  .  x
audit.verify        .  .  .  .  .  .  .  .  .  .  x  .  .  x
audit.export        .  .  .  .  .  .  .  .  .  .  x  .  .  x
settings.read       .  .  .  x  .  .  .  .  .  .  x  x  .  .
settings.write      .  .  .  .  .  .  .  .  .  .  .  x  .  .
backups.make        .  .  .  .  .  .  .  .  .  .  .  x  .  .
self                x  x  x  x  x  x  x  x  x  x  x  x  x  x
";

/// Acts that touch what a region, an institution or a lead holds: none of the three administrators may do any of them.
const BUSINESS: &[&str] =
    &["leads.", "panel.", "attachments.", "recoveries.", "campaigns.", "profiles.", "doctors.", "summary.", "institution.", "workbench."];

fn row(act: Act) -> Vec<bool> {
    let line = MATRIX.lines().find(|line| line.split_whitespace().next() == Some(act.id()));
    line.unwrap_or_else(|| panic!("{} is not in the matrix", act.id())).split_whitespace().skip(1).map(|cell| cell == "x").collect()
}

fn reach(place: usize) -> &'static str {
    REACH.split_whitespace().nth(place).unwrap()
}

/// Somebody with a scope of every kind: only what the role reaches for may count.
fn person(roles: &[Role]) -> Person {
    Person {
        account: "zhoujg".into(),
        name: "周建国".into(),
        roles: roles.to_vec(),
        region: "330902".into(),
        institution: None,
        scopes: Scopes { regions: vec!["3309".into()], institutions: vec!["H1".into()], leads: vec!["L1".into()] },
        at: crate::NINE,
        must: None,
        totp: false,
    }
}

#[test]
fn every_role_every_act_every_scope() {
    assert_eq!(ROLES.split_whitespace().count(), Role::ALL.len());
    assert_eq!(MATRIX.lines().filter(|line| !line.is_empty()).count(), Act::ALL.len(), "a row for every act and no other");
    let mut judged = 0;
    for (place, role) in Role::ALL.into_iter().enumerate() {
        let person = person(&[role]);
        for act in Act::ALL.iter().copied() {
            let may = row(act)[place];
            let expect = |object: Object<'_>, within: bool, what: &str| {
                let expected = match (act, may, within) {
                    (Act::SelfService, ..) | (_, true, true) => Ok(()),
                    (_, true, false) => Err(Refusal::OutOfScope),
                    (_, false, _) => Err(Refusal::NoRight(act)),
                };
                assert_eq!(allows(&person, act, &object), expected, "{} {} {what}", role.id(), act.id());
            };
            expect(Object::none(), true, "nothing in particular");
            expect(Object::account("other"), true, "an account");
            for region in ["330902", "330100", ""] {
                for institution in ["H1", "H2", ""] {
                    for lead in ["L1", "L2"] {
                        let within = match reach(place) {
                            "R" => region == "330902",
                            "I" => institution == "H1",
                            "L" => lead == "L1",
                            _ => false,
                        };
                        expect(Object::lead(lead, region, institution), within, &format!("lead {lead} of {institution} in {region}"));
                        judged += 1;
                    }
                    let within = match reach(place) {
                        "R" => region == "330902",
                        "I" => institution == "H1",
                        _ => false,
                    };
                    expect(Object::institution(institution, region), within, &format!("institution {institution} in {region}"));
                }
            }
        }
    }
    assert_eq!(judged, Role::ALL.len() * Act::ALL.len() * 18);
}

#[test]
fn administrators_do_no_business() {
    for role in [Role::Sysadmin, Role::Secadmin, Role::Auditadmin] {
        for act in acts_of(&person(&[role])) {
            assert!(!BUSINESS.iter().any(|area| act.starts_with(area)), "{} {act}", role.id());
        }
    }
    // Each keeps to the own field.
    for (act, only) in [(Act::UsersWrite, Role::Secadmin), (Act::SettingsWrite, Role::Sysadmin), (Act::AuditExport, Role::Auditadmin)] {
        let admins = [Role::Sysadmin, Role::Secadmin, Role::Auditadmin];
        let may: Vec<Role> = admins.into_iter().filter(|role| allows(&person(&[*role]), act, &Object::none()).is_ok()).collect();
        assert_eq!(may, [only]);
    }
}

#[test]
fn a_second_role_does_not_widen_the_first() {
    // Reviews in the region, sits on panels of single leads.
    let person = person(&[Role::Reviewer, Role::Expert]);
    let elsewhere = Object::lead("L2", "330902", "H2");
    assert_eq!(allows(&person, Act::LeadsReview, &elsewhere), Ok(()));
    assert_eq!(allows(&person, Act::PanelVote, &elsewhere), Err(Refusal::OutOfScope));
    assert_eq!(allows(&person, Act::PanelVote, &Object::lead("L1", "110000", "H9")), Ok(()));
    assert_eq!(allows(&person, Act::LeadsReview, &Object::lead("L1", "110000", "H9")), Err(Refusal::OutOfScope));
}

#[test]
fn nobody_checks_the_own_work() {
    let hands = ["linxy".to_owned(), "zhoujg".to_owned()];
    let lead = Object::lead("L1", "330902", "H1");
    let reviewer = person(&[Role::Reviewer]);
    assert_eq!(allows(&reviewer, Act::LeadsReview, &lead.not_by(&hands)), Err(Refusal::OwnWork));
    assert_eq!(allows(&reviewer, Act::LeadsReview, &lead.not_by(&hands[..1])), Ok(()));
    // Who may not anyway learns nothing of whose hands it went through.
    let hidden = Object::lead("L1", "110000", "H1").not_by(&hands);
    assert_eq!(allows(&reviewer, Act::LeadsReview, &hidden), Err(Refusal::OutOfScope));
    assert_eq!(allows(&person(&[Role::Supervisor]), Act::RulesPublish, &Object::none().not_by(&hands)), Err(Refusal::OwnWork));
}

#[test]
fn nobody_changes_the_own_rights() {
    let admin = person(&[Role::Secadmin]);
    assert_eq!(allows(&admin, Act::UsersWrite, &Object::account("zhoujg")), Err(Refusal::OwnAccount));
    assert_eq!(allows(&admin, Act::UsersWrite, &Object::account("linxy")), Ok(()));
    assert_eq!(allows(&admin, Act::UsersRead, &Object::account("zhoujg")), Ok(()));
}

#[test]
fn what_must_come_first_comes_first() {
    for (must, refusal) in [(Must::ChangePassword, Refusal::PasswordFirst), (Must::SetUpTotp, Refusal::TotpFirst)] {
        let person = Person { must: Some(must), ..person(&[Role::Supervisor]) };
        for act in Act::ALL.iter().copied().filter(|act| *act != Act::SelfService) {
            assert_eq!(allows(&person, act, &Object::none()), Err(refusal), "{}", act.id());
        }
        assert_eq!(acts_of(&person), ["self"]);
    }
}

#[test]
fn somebody_without_roles_may_nothing() {
    assert_eq!(acts_of(&person(&[])), ["self"]);
}

#[test]
fn a_refusal_says_whom_to_ask_and_a_hidden_one_nothing() {
    let told = Refusal::NoRight(Act::RecoveriesWaive);
    assert_eq!(told.to_string(), "没有“减免”的权限。可以办理的是：基金监管科长、局领导");
    assert!(!told.is_hidden());
    assert!(Refusal::OutOfScope.is_hidden());
    assert_eq!(Refusal::OutOfScope.to_string(), "没有找到");
}

#[test]
fn a_scope_that_is_empty_holds_nothing() {
    let mut nobody = person(&[Role::Director, Role::Expert]);
    nobody.scopes = Scopes { regions: vec![String::new()], institutions: vec![String::new()], leads: vec![] };
    for lead in [Object::lead("L1", "330902", "H1"), Object::lead("", "", "")] {
        assert_eq!(allows(&nobody, Act::LeadsRead, &lead), Err(Refusal::OutOfScope));
    }
}
