//! Who may do what: one table, one judge.
//!
//! A person may do an act to an object when one of the person's roles may do the act **and** the object is within the reach of that same
//! role. A second role widens nothing of the first: an expert who also reviews does not see panels of the whole region.

use crate::person::{Must, Person, Scopes};
use crate::role::Reach;
use crate::{Act, Role};

use Role::{
    Auditadmin, Auditor, Director, Expert, Finance, Institution, Legal, Outside, Overseer, Reviewer, RuleAuthor, Secadmin, Supervisor,
    Sysadmin,
};

/// Who may do what, as far as roles say. [`Act::SelfService`] is everybody's and stands in no row.
pub const TABLE: &[(Act, &[Role])] = &[
    (Act::WorkbenchRead, &[Auditor, Reviewer, Expert, Supervisor, Legal, Director, Finance, Institution, Outside]),
    (Act::LeadsRead, &[Auditor, Reviewer, Expert, Supervisor, Legal, Director, Institution, Outside, Overseer]),
    (Act::LeadsExport, &[Auditor, Supervisor, Director, Institution, Overseer]),
    (Act::LeadsUnmask, &[Auditor, Reviewer, Supervisor, Legal, Director, Institution, Overseer]),
    (Act::LeadsLooks, &[Supervisor, Director, Overseer]),
    (Act::LeadsAssign, &[Supervisor]),
    (Act::LeadsCheck, &[Auditor]),
    (Act::LeadsReply, &[Institution]),
    (Act::LeadsReview, &[Reviewer]),
    (Act::PanelConvene, &[Supervisor]),
    (Act::PanelVote, &[Expert, Outside]),
    (Act::LeadsDecide, &[Supervisor]),
    (Act::LeadsLegal, &[Legal]),
    (Act::LeadsApprove, &[Director]),
    (Act::LeadsExtend, &[Supervisor]),
    (Act::AttachmentsAdd, &[Auditor, Reviewer, Expert, Supervisor, Legal, Institution, Outside]),
    (Act::RecoveriesRead, &[Auditor, Reviewer, Supervisor, Legal, Director, Finance, Institution, Overseer]),
    (Act::RecoveriesBook, &[Finance]),
    (Act::RecoveriesWaive, &[Supervisor, Director]),
    (Act::RecoveriesExport, &[Supervisor, Director, Finance, Overseer]),
    (Act::CampaignsRead, &[Auditor, Supervisor, Director, Finance, Institution, Overseer]),
    (Act::CampaignsWrite, &[Supervisor]),
    (Act::CampaignsAnswer, &[Institution]),
    (Act::ProfilesRead, &[Auditor, Reviewer, Supervisor, Director, Overseer]),
    (Act::DoctorsRead, &[Auditor, Reviewer, Supervisor, Director, Institution, Overseer]),
    (Act::SummaryRead, &[Auditor, Reviewer, Supervisor, Director, Overseer]),
    (Act::InstitutionSummary, &[Institution]),
    (Act::CounterRead, &[Auditor, Supervisor, Director, Institution, Overseer]),
    (Act::RulesRead, &[Auditor, Reviewer, Expert, Supervisor, Legal, Director, RuleAuthor, Institution, Overseer]),
    (Act::RulesWrite, &[RuleAuthor]),
    (Act::RulesPublish, &[Supervisor]),
    (Act::KnowledgeRead, &[Auditor, Reviewer, Expert, Supervisor, Legal, Director, RuleAuthor, Institution, Overseer]),
    (Act::KnowledgeWrite, &[RuleAuthor]),
    (Act::RunsRead, &[Auditor, Reviewer, Supervisor, Director, RuleAuthor, Overseer, Sysadmin]),
    (Act::ImportsRead, &[Auditor, Supervisor, Director, RuleAuthor, Overseer, Sysadmin]),
    (Act::ImportsWrite, &[Sysadmin]),
    (Act::QualityRead, &[Auditor, Supervisor, Director, RuleAuthor, Overseer, Sysadmin]),
    (Act::JobsRun, &[Supervisor, Sysadmin]),
    (Act::ExportsApprove, &[Supervisor, Director]),
    (Act::UsersRead, &[Secadmin]),
    (Act::UsersWrite, &[Secadmin]),
    (Act::KeysRotate, &[Secadmin]),
    (Act::AuditRead, &[Overseer, Auditadmin]),
    (Act::AuditVerify, &[Overseer, Auditadmin]),
    (Act::AuditExport, &[Overseer, Auditadmin]),
    (Act::SettingsRead, &[Supervisor, Overseer, Sysadmin]),
    (Act::SettingsWrite, &[Sysadmin]),
    (Act::BackupsMake, &[Sysadmin]),
];

/// What an act is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Object<'a> {
    what: What<'a>,
    /// Accounts who did the step before: none of them may do this one.
    hands: &'a [String],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum What<'a> {
    /// A page, a list, something new: nothing of it lies in a region. Lists put [`crate::scope_sql`] below themselves.
    #[default]
    Nothing,
    Lead {
        id: &'a str,
        region: &'a str,
        institution: &'a str,
    },
    Institution {
        code: &'a str,
        region: &'a str,
    },
    Account(&'a str),
}

impl<'a> Object<'a> {
    /// No object of its own: a page, a list.
    pub fn none() -> Object<'a> {
        Object::default()
    }

    /// A lead, or what belongs to one: a finding, a recovery, an attachment. An empty region or institution is in nobody's region or
    /// institution.
    pub fn lead(id: &'a str, region: &'a str, institution: &'a str) -> Object<'a> {
        Object { what: What::Lead { id, region, institution }, hands: &[] }
    }

    /// An institution, or what belongs to one and to no lead.
    pub fn institution(code: &'a str, region: &'a str) -> Object<'a> {
        Object { what: What::Institution { code, region }, hands: &[] }
    }

    /// Somebody's account.
    pub fn account(account: &'a str) -> Object<'a> {
        Object { what: What::Account(account), hands: &[] }
    }

    /// Nobody checks his own work: these accounts must not do the act.
    #[must_use]
    pub fn not_by(self, hands: &'a [String]) -> Object<'a> {
        Object { hands, ..self }
    }
}

/// Why somebody may not do something; said to the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("没有“{}”的权限。可以办理的是：{}", .0.title(), holders(*.0))]
    NoRight(Act),
    /// To be answered as if the object were not there.
    #[error("没有找到")]
    OutOfScope,
    #[error("不能复核自己办理过的事项，请交给别人")]
    OwnWork,
    #[error("不能修改自己的账号和权限，请由另一位安全管理员办理")]
    OwnAccount,
    #[error("请先修改密码")]
    PasswordFirst,
    #[error("请先设置动态口令")]
    TotpFirst,
}

impl Refusal {
    /// Whether not even the existence of the object may be told (404, not 403).
    pub fn is_hidden(self) -> bool {
        self == Refusal::OutOfScope
    }

    /// A word for programs.
    pub fn code(self) -> &'static str {
        match self {
            Refusal::NoRight(_) => "no_right",
            Refusal::OutOfScope => "not_found",
            Refusal::OwnWork => "own_work",
            Refusal::OwnAccount => "own_account",
            Refusal::PasswordFirst => "password_first",
            Refusal::TotpFirst => "totp_first",
        }
    }
}

/// The one judge. Ask it before every act on the server, whatever the page shows.
pub fn allows(person: &Person, act: Act, object: &Object<'_>) -> Result<(), Refusal> {
    if act == Act::SelfService {
        return Ok(());
    }
    match person.must {
        Some(Must::ChangePassword) => return Err(Refusal::PasswordFirst),
        Some(Must::SetUpTotp) => return Err(Refusal::TotpFirst),
        None => {}
    }
    let mut roles = roles_for(person, act).peekable();
    if roles.peek().is_none() {
        return Err(Refusal::NoRight(act));
    }
    if !roles.any(|role| reaches(role, &person.scopes, &object.what)) {
        return Err(Refusal::OutOfScope);
    }
    if object.hands.contains(&person.account) {
        return Err(Refusal::OwnWork);
    }
    if act == Act::UsersWrite && object.what == What::Account(&person.account) {
        return Err(Refusal::OwnAccount);
    }
    Ok(())
}

/// The ids of all acts the person may do somewhere: what menus and pages go by.
pub fn acts_of(person: &Person) -> Vec<&'static str> {
    Act::ALL.iter().filter(|act| allows(person, **act, &Object::none()).is_ok()).map(|act| act.id()).collect()
}

/// The role in which the person does this; `None`: no role of the person may.
pub fn role_for(person: &Person, act: Act) -> Option<Role> {
    roles_for(person, act).next()
}

pub(crate) fn roles_for(person: &Person, act: Act) -> impl Iterator<Item = Role> {
    let may = holders_of(act);
    person.roles.iter().copied().filter(|role| may.contains(role))
}

/// The roles that may do an act; everybody, for one's own account.
pub fn holders_of(act: Act) -> &'static [Role] {
    TABLE.iter().find(|(listed, _)| *listed == act).map_or(&[], |(_, roles)| roles)
}

fn holders(act: Act) -> String {
    holders_of(act).iter().map(|role| role.title()).collect::<Vec<_>>().join("、")
}

fn reaches(role: Role, scopes: &Scopes, what: &What<'_>) -> bool {
    let in_region = |region: &str| scopes.regions.iter().any(|prefix| within(region, prefix));
    let own = |code: &str| !code.is_empty() && scopes.institutions.iter().any(|own| own == code);
    match (what, role.reach()) {
        (What::Nothing | What::Account(_), _) => true,
        (What::Lead { region, .. } | What::Institution { region, .. }, Reach::Region) => in_region(region),
        (What::Lead { institution, .. }, Reach::Institution) => own(institution),
        (What::Institution { code, .. }, Reach::Institution) => own(code),
        (What::Lead { id, .. }, Reach::Lead) => scopes.leads.iter().any(|granted| granted == id),
        (What::Institution { .. }, Reach::Lead) | (_, Reach::Nothing) => false,
    }
}

/// An empty beginning would hold the whole country: it holds nothing.
fn within(region: &str, prefix: &str) -> bool {
    !prefix.is_empty() && region.starts_with(prefix)
}
