//! 用语: closed lists of words that fields hold, for the description of the interface and for types generated from it. The fields
//! themselves are text here: their words come from casework, the library and the accounts.

use utoipa::openapi::schema::{Schema, Type};
use utoipa::openapi::{ObjectBuilder, RefOr};
use utoipa::{PartialSchema, ToSchema};

/// Declares lists: the type's name, what it is, its words.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident $word:literal)* })*) => {
        $($(#[$doc])*
        #[derive(ToSchema)]
        pub enum $name { $(#[schema(rename = $word)] $variant,)* })*
    };
}

words! {
    /// 系统判别
    Found { Violation "违规" Suspect "可疑" Watch "提醒" }
    /// 线索的对象
    Subject { Stay "stay" Visit "visit" Person "person" Practitioner "practitioner" InstitutionMonth "institution_month" }
    /// How a status is coloured.
    Tone { Wait "wait" Back "back" Upheld "upheld" Cleared "cleared" Run "run" }
    /// 逐条意见.
    Conclusion { Accept "accept" Appeal "appeal" Uphold "uphold" Partly "partly" Withdraw "withdraw" }
    /// How a list of leads is sorted.
    LeadSort { Rank "rank" Amount "amount" Due "due" Day "day" }
    /// How a lead came from or went into another.
    Kinship { Merged "merged" Split "split" }
    /// What leads are summed by.
    SummaryBy { Rule "rule" Institution "institution" Week "week" }
    /// Of whom there is a profile.
    ProfileKind { Institution "institution" Doctor "doctor" Person "person" }
    ViewPage { Leads "leads" Recoveries "recoveries" Reviews "reviews" }
    NoticeKind {
        Assigned "assigned" Due "due" Overdue "overdue" Answered "answered" Returned "returned" Approved "approved"
    }
    JobKind { Screen "screen" Import "import" UpdateLeads "update_leads" }
    /// What an act asks for.
    Need {
        Assignee "assignee" Members "members" Reason "reason" Text "text" Lines "lines" Attachments "attachments" Limit "limit" Vote "vote"
        Road "road" Until "until" Leads "leads" Findings "findings"
    }
    /// 拒付 before payment, 追回 after it.
    Road { Refuse "refuse" Recover "recover" }
    RecoveryState { Due "due" Part "part" Closed "closed" Overdue "overdue" Refund "refund" }
    EntryKind { Refused "refused" Offset "offset" Paid "paid" Waived "waived" Returned "returned" Corrected "corrected" }
    LaneKind { Stay "stay" Visit "visit" Pharmacy "pharmacy" Registration "registration" }
    /// What counts as coming together: 同日入院, or visits and purchases too.
    RelationKinds { Stays "stays" All "all" }
    RelationNodeKind { Person "person" Hospital "hospital" Pharmacy "pharmacy" Doctor "doctor" }
    /// 核心, asked about and not of it, 二度.
    RelationStanding { Core "core" Outside "outside" Fringe "fringe" }
    RelationLink { Together "together" Treated "treated" Cared "cared" Bought "bought" }
    JobState { Running "running" Done "done" Failed "failed" Cancelled "cancelled" Interrupted "interrupted" }
    AccountState { Active "active" Locked "locked" Disabled "disabled" Expired "expired" }
    /// By what a role's view of business data is bounded.
    Reach { Region "region" Institution "institution" Lead "lead" Nothing "nothing" }
    ExportKind { Leads "leads" Recoveries "recoveries" Relations "relations" }
    /// html: a picture, which is one page; the others are tables.
    ExportForm { Xlsx "xlsx" Csv "csv" Html "html" }
    /// Why a second person is needed: names in clear, many rows, a setting.
    ExportWhy { Clear "clear" Rows "rows" All "all" }
    ExportState {
        Waiting "waiting" Approved "approved" Refused "refused" Withdrawn "withdrawn" Taken "taken" Lapsed "lapsed"
    }
    CampaignState { Draft "draft" Open "open" Closed "closed" }
    PartState { Waiting "waiting" Declared "declared" Paid "paid" Accepted "accepted" Returned "returned" }
    /// 角色
    RoleId {
        Auditor "auditor" Reviewer "reviewer" Expert "expert" Supervisor "supervisor" Legal "legal" Director "director" RuleAuthor "rule_author"
        Finance "finance" Institution "institution" Outside "outside" Overseer "overseer" Sysadmin "sysadmin" Secadmin "secadmin"
        Auditadmin "auditadmin"
    }
}

/// 逐条意见, and the empty word of a proposal where the records must be read first.
pub struct Answered;

impl PartialSchema for Answered {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["accept", "appeal", "uphold", "partly", "withdraw", ""])).into()
    }
}

impl ToSchema for Answered {}
