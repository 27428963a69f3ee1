//! 流转表: which act is possible in which status, who may do it, and where it leads. All of the way is here.
//!
//! ```text
//! 待派发 ─assign/take→ 待核查 ─send→ 待机构反馈 ─reply/lapse→ 已反馈 ─review→ 复审中 ─conclude→ 申诉中 ─again→ 再申诉中 ─convene→ 合议中 ─→ 终审 ─decide→ 已认定
//!                        └drop→ 已排除             └confirm (nothing contested: the short way) ────────────────────────────────→ 已认定
//! ```
//! A decision can be corrected (更正), down only and by other hands; what came in too much is then owed back. A definite lead (违规) goes from 复审中 to 终审 without another appeal and panel: the institution has had its say on the facts
//! (law.md §11). A suspicion upheld against the institution's word is told to it and can be appealed again, before a panel.

use super::hands::Hands;
use crate::leads::row::LeadRow;
use crate::person::{Person, role};
use crate::status::Status::{self, Answered, Appeal, Appeal2, Check, Final, Merged, New, Panel, Partly, Review, Sent, Upheld};

/// Everything that can be done with a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    Assign,
    Take,
    Send,
    Drop,
    Recall,
    Deliver,
    Receipt,
    Reply,
    Lapse,
    Review,
    Confirm,
    Conclude,
    Accept,
    Again,
    Convene,
    SkipPanel,
    Refer,
    Recuse,
    Vote,
    Decide,
    Correct,
    Withdraw,
    Pause,
    Resume,
    Extend,
    PutOff,
    TakeUp,
    Merge,
    Split,
    Restore,
    Note,
}

impl Act {
    pub const ALL: [Act; 31] = [
        Act::Assign,
        Act::Take,
        Act::Send,
        Act::Drop,
        Act::Recall,
        Act::Deliver,
        Act::Receipt,
        Act::Reply,
        Act::Lapse,
        Act::Review,
        Act::Confirm,
        Act::Conclude,
        Act::Accept,
        Act::Again,
        Act::Convene,
        Act::SkipPanel,
        Act::Refer,
        Act::Recuse,
        Act::Vote,
        Act::Decide,
        Act::Correct,
        Act::Withdraw,
        Act::Pause,
        Act::Resume,
        Act::Extend,
        Act::PutOff,
        Act::TakeUp,
        Act::Merge,
        Act::Split,
        Act::Restore,
        Act::Note,
    ];

    pub fn of(id: &str) -> Option<Act> {
        Act::ALL.into_iter().find(|act| act.id() == id)
    }

    /// The name in the address of the act.
    pub fn id(self) -> &'static str {
        match self {
            Act::Assign => "assign",
            Act::Take => "take",
            Act::Send => "send",
            Act::Drop => "drop",
            Act::Recall => "recall",
            Act::Deliver => "deliver",
            Act::Receipt => "receipt",
            Act::Reply => "reply",
            Act::Lapse => "lapse",
            Act::Review => "review",
            Act::Confirm => "confirm",
            Act::Conclude => "conclude",
            Act::Accept => "accept",
            Act::Again => "again",
            Act::Convene => "convene",
            Act::SkipPanel => "skip_panel",
            Act::Refer => "refer",
            Act::Recuse => "recuse",
            Act::Vote => "vote",
            Act::Decide => "decide",
            Act::Correct => "correct",
            Act::Withdraw => "withdraw",
            Act::Pause => "pause",
            Act::Resume => "resume",
            Act::Extend => "extend",
            Act::PutOff => "put_off",
            Act::TakeUp => "take_up",
            Act::Merge => "merge",
            Act::Split => "split",
            Act::Restore => "restore",
            Act::Note => "note",
        }
    }

    /// The verb in the trail.
    pub(crate) fn event(self) -> &'static str {
        match self {
            Act::Assign => "lead.assign",
            Act::Take => "lead.take",
            Act::Send => "lead.send",
            Act::Drop => "lead.drop",
            Act::Recall => "lead.recall",
            Act::Deliver => "lead.deliver",
            Act::Receipt => "lead.receipt",
            Act::Reply => "lead.reply",
            Act::Lapse => "lead.lapse",
            Act::Review => "lead.review",
            Act::Confirm => "lead.confirm",
            Act::Conclude => "lead.conclude",
            Act::Accept => "lead.accept",
            Act::Again => "lead.again",
            Act::Convene => "lead.convene",
            Act::SkipPanel => "lead.skip_panel",
            Act::Refer => "lead.refer",
            Act::Recuse => "lead.recuse",
            Act::Vote => "lead.vote",
            Act::Decide => "lead.decide",
            Act::Correct => "lead.correct",
            Act::Withdraw => "lead.withdraw",
            Act::Pause => "lead.pause",
            Act::Resume => "lead.resume",
            Act::Extend => "lead.extend",
            Act::PutOff => "lead.put_off",
            Act::TakeUp => "lead.take_up",
            Act::Merge => "lead.merge",
            Act::Split => "lead.split",
            Act::Restore => "lead.restore",
            Act::Note => "lead.note",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Act::Assign => "派发",
            Act::Take => "领办",
            Act::Send => "发送机构反馈",
            Act::Drop => "排除",
            Act::Recall => "撤回重核",
            Act::Deliver => "登记送达",
            Act::Receipt => "签收",
            Act::Reply => "反馈",
            Act::Lapse => "逾期视为无异议",
            Act::Review => "受理复审",
            Act::Confirm => "认定",
            Act::Conclude => "复审结论",
            Act::Accept => "接受复审结论",
            Act::Again => "再申诉",
            Act::Convene => "组成合议",
            Act::SkipPanel => "直接终审",
            Act::Refer => "送法制审核",
            Act::Recuse => "回避",
            Act::Vote => "合议意见",
            Act::Decide => "终审决定",
            Act::Correct => "更正决定",
            Act::Withdraw => "撤回",
            Act::Pause => "暂停计时",
            Act::Resume => "恢复计时",
            Act::Extend => "延期",
            Act::PutOff => "暂缓",
            Act::TakeUp => "结束暂缓",
            Act::Merge => "合并",
            Act::Split => "拆分",
            Act::Restore => "撤销合并",
            Act::Note => "补充说明",
        }
    }
}

/// Title of a step's act; the step of a run, and that of a lead an act on another made or ended, is no [`Act`].
pub fn act_title(id: &str) -> String {
    match id {
        "update" => "筛查更新".into(),
        "merged" => "并入其他线索".into(),
        "split_off" => "拆分立件".into(),
        _ => Act::of(id).map_or_else(|| id.to_owned(), |act| act.title().to_owned()),
    }
}

/// Who may do an act beyond the role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Anyone,
    /// Who has the lead.
    Holder,
    /// The institution the lead is about.
    Institution,
    /// Not who did the first review.
    NotFirst,
    /// Neither who did the first review nor the second.
    NotReviewers,
    /// Nor who decided.
    NotDeciders,
    /// A member of the panel who has not spoken yet.
    Seat,
}

/// What an act asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    Assignee,
    Members,
    Reason,
    Text,
    Lines,
    Attachments,
    Limit,
    Vote,
    Road,
    Until,
    /// Other leads.
    Leads,
    /// Findings of this one.
    Findings,
}

impl Need {
    pub fn id(self) -> &'static str {
        match self {
            Need::Assignee => "assignee",
            Need::Members => "members",
            Need::Reason => "reason",
            Need::Text => "text",
            Need::Lines => "lines",
            Need::Attachments => "attachments",
            Need::Limit => "limit",
            Need::Vote => "vote",
            Need::Road => "road",
            Need::Until => "until",
            Need::Leads => "leads",
            Need::Findings => "findings",
        }
    }
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Move {
    pub act: Act,
    pub from: &'static [Status],
    pub roles: &'static [&'static str],
    pub who: Who,
    pub needs: &'static [Need],
    /// The institution does not see the step.
    pub inner: bool,
    /// What others see or law counts: the button asks once more, in red.
    pub danger: bool,
}

const OPEN: &[Status] = &[New, Check, Sent, Answered, Review, Appeal, Appeal2, Panel, Final];
const RUNNING: &[Status] = &[Check, Sent, Answered, Review, Appeal, Appeal2, Panel, Final];
const INSIDE: &[&str] = &[role::AUDITOR, role::REVIEWER, role::SUPERVISOR, role::DIRECTOR];

/// The way of a lead.
pub const WAY: &[Move] = &[
    Move {
        act: Act::Assign,
        from: &[New, Check, Review],
        roles: &[role::SUPERVISOR],
        who: Who::Anyone,
        needs: &[Need::Assignee, Need::Limit],
        inner: true,
        danger: false,
    },
    Move { act: Act::Take, from: &[New], roles: &[role::AUDITOR], who: Who::Anyone, needs: &[], inner: true, danger: false },
    Move {
        act: Act::Send,
        from: &[Check],
        roles: &[role::AUDITOR],
        who: Who::Holder,
        needs: &[Need::Text, Need::Limit, Need::Attachments],
        inner: false,
        danger: false,
    },
    Move {
        act: Act::Drop,
        from: &[Check],
        roles: &[role::AUDITOR],
        who: Who::Holder,
        needs: &[Need::Reason, Need::Text],
        inner: true,
        danger: true,
    },
    Move {
        act: Act::Recall,
        from: &[Sent],
        roles: &[role::AUDITOR, role::SUPERVISOR],
        who: Who::Holder,
        needs: &[Need::Reason, Need::Text],
        inner: false,
        danger: true,
    },
    Move {
        act: Act::Deliver,
        from: &[Sent, Appeal],
        roles: &[role::AUDITOR, role::REVIEWER, role::SUPERVISOR],
        who: Who::Anyone,
        needs: &[Need::Text, Need::Attachments, Need::Until],
        inner: false,
        danger: false,
    },
    Move {
        act: Act::Receipt,
        from: &[Sent, Appeal],
        roles: &[role::INSTITUTION],
        who: Who::Institution,
        needs: &[],
        inner: false,
        danger: false,
    },
    Move {
        act: Act::Reply,
        from: &[Sent],
        roles: &[role::INSTITUTION],
        who: Who::Institution,
        needs: &[Need::Lines, Need::Text, Need::Attachments],
        inner: false,
        danger: false,
    },
    Move {
        act: Act::Lapse,
        from: &[Sent, Appeal],
        roles: &[role::AUDITOR, role::REVIEWER, role::SUPERVISOR],
        who: Who::Anyone,
        needs: &[Need::Text],
        inner: false,
        danger: true,
    },
    Move { act: Act::Review, from: &[Answered], roles: &[role::REVIEWER], who: Who::NotFirst, needs: &[], inner: true, danger: false },
    Move {
        act: Act::Confirm,
        from: &[Answered],
        roles: &[role::REVIEWER, role::SUPERVISOR],
        who: Who::NotFirst,
        needs: &[Need::Road, Need::Text],
        inner: false,
        danger: true,
    },
    Move {
        act: Act::Conclude,
        from: &[Review],
        roles: &[role::REVIEWER],
        who: Who::Holder,
        needs: &[Need::Lines, Need::Text, Need::Attachments],
        inner: false,
        danger: true,
    },
    Move {
        act: Act::Accept,
        from: &[Appeal],
        roles: &[role::INSTITUTION],
        who: Who::Institution,
        needs: &[Need::Text],
        inner: false,
        danger: false,
    },
    Move {
        act: Act::Again,
        from: &[Appeal],
        roles: &[role::INSTITUTION],
        who: Who::Institution,
        needs: &[Need::Text, Need::Attachments],
        inner: false,
        danger: false,
    },
    Move {
        act: Act::Convene,
        from: &[Appeal2, Panel],
        roles: &[role::SUPERVISOR],
        who: Who::Anyone,
        needs: &[Need::Members, Need::Limit],
        inner: true,
        danger: false,
    },
    Move {
        act: Act::SkipPanel,
        from: &[Appeal2],
        roles: &[role::SUPERVISOR],
        who: Who::NotReviewers,
        needs: &[Need::Text],
        inner: true,
        danger: false,
    },
    Move {
        act: Act::Refer,
        from: &[Answered, Review, Appeal, Appeal2, Panel, Final],
        roles: &[role::SUPERVISOR],
        who: Who::Anyone,
        needs: &[Need::Assignee, Need::Text],
        inner: true,
        danger: false,
    },
    Move {
        act: Act::Recuse,
        from: &[Panel],
        roles: &[role::EXPERT, role::REVIEWER, role::OUTSIDE],
        who: Who::Seat,
        needs: &[Need::Reason, Need::Text],
        inner: true,
        danger: false,
    },
    Move {
        act: Act::Vote,
        from: &[Panel],
        roles: &[role::EXPERT, role::REVIEWER, role::OUTSIDE],
        who: Who::Seat,
        needs: &[Need::Vote, Need::Lines, Need::Text],
        inner: true,
        danger: false,
    },
    Move {
        act: Act::Decide,
        from: &[Final],
        roles: &[role::SUPERVISOR, role::DIRECTOR],
        who: Who::NotReviewers,
        needs: &[Need::Road, Need::Lines, Need::Text],
        inner: false,
        danger: true,
    },
    Move {
        act: Act::Correct,
        from: &[Upheld, Partly],
        roles: &[role::SUPERVISOR, role::DIRECTOR],
        who: Who::NotDeciders,
        needs: &[Need::Lines, Need::Reason, Need::Text, Need::Attachments],
        inner: false,
        danger: true,
    },
    Move {
        act: Act::Withdraw,
        from: OPEN,
        roles: &[role::SUPERVISOR],
        who: Who::Anyone,
        needs: &[Need::Reason, Need::Text],
        inner: false,
        danger: true,
    },
    Move {
        act: Act::Pause,
        from: RUNNING,
        roles: &[role::SUPERVISOR, role::REVIEWER, role::AUDITOR],
        who: Who::Holder,
        needs: &[Need::Reason, Need::Text],
        inner: false,
        danger: false,
    },
    Move {
        act: Act::Resume,
        from: RUNNING,
        roles: &[role::SUPERVISOR, role::REVIEWER, role::AUDITOR],
        who: Who::Holder,
        needs: &[Need::Text],
        inner: false,
        danger: false,
    },
    Move {
        act: Act::Extend,
        from: RUNNING,
        roles: &[role::SUPERVISOR],
        who: Who::Anyone,
        needs: &[Need::Limit, Need::Reason, Need::Text],
        inner: false,
        danger: false,
    },
    Move {
        act: Act::PutOff,
        from: OPEN,
        roles: &[role::AUDITOR, role::REVIEWER, role::SUPERVISOR],
        who: Who::Holder,
        needs: &[Need::Until, Need::Reason, Need::Text],
        inner: true,
        danger: false,
    },
    Move {
        act: Act::TakeUp,
        from: OPEN,
        roles: &[role::AUDITOR, role::REVIEWER, role::SUPERVISOR],
        who: Who::Holder,
        needs: &[Need::Text],
        inner: true,
        danger: false,
    },
    Move {
        act: Act::Merge,
        from: &[New, Check],
        roles: &[role::AUDITOR, role::SUPERVISOR],
        who: Who::Holder,
        needs: &[Need::Leads, Need::Text],
        inner: true,
        danger: false,
    },
    Move {
        act: Act::Split,
        from: &[New, Check],
        roles: &[role::AUDITOR, role::SUPERVISOR],
        who: Who::Holder,
        needs: &[Need::Findings, Need::Text],
        inner: true,
        danger: false,
    },
    Move {
        act: Act::Restore,
        from: &[Merged],
        roles: &[role::AUDITOR, role::SUPERVISOR],
        who: Who::Anyone,
        needs: &[Need::Text],
        inner: true,
        danger: false,
    },
    Move {
        act: Act::Note,
        from: OPEN,
        roles: &[role::AUDITOR, role::REVIEWER, role::SUPERVISOR, role::DIRECTOR, role::LEGAL, role::INSTITUTION],
        who: Who::Institution,
        needs: &[Need::Text, Need::Attachments],
        inner: true,
        danger: false,
    },
];

/// What a check of an act looks at beside the lead.
pub(crate) struct Around<'a> {
    /// Who had it in hand before.
    pub hands: &'a Hands,
    pub today: i64,
    /// An appeal against less goes to the last word without a panel.
    pub panel_from_fen: i64,
}

/// The row of an act in a status.
pub(crate) fn row(act: Act, status: Status) -> Option<&'static Move> {
    WAY.iter().find(|row| row.act == act && row.from.contains(&status))
}

/// The role a person does an act in.
pub(crate) fn role_of<'a>(row: &'a Move, person: &Person) -> Option<&'a str> {
    row.roles.iter().copied().find(|role| person.has(role))
}

/// Whether a person is shown a row at all: who has a role of it, and colleagues inside, who see why it is not theirs.
pub(crate) fn is_shown(row: &Move, person: &Person) -> bool {
    role_of(row, person).is_some() || (person.is_inside() && row.roles.iter().any(|role| INSIDE.contains(role)) && row.who != Who::Seat)
}

/// Whether a person may do an act now; if not, why.
pub(crate) fn check(row: &Move, lead: &LeadRow, person: &Person, around: &Around<'_>) -> Result<(), String> {
    let Some(own) = role_of(row, person) else {
        let titles: Vec<&str> = row.roles.iter().map(|id| role::title(id)).collect();
        return Err(format!("须由{}办理", titles.join("、")));
    };
    let me = person.account.as_str();
    let institution = || {
        let own = person.institution.as_deref().unwrap_or("");
        if own.is_empty() || own != lead.institution { Err("不是本机构的线索".to_owned()) } else { Ok(()) }
    };
    match row.who {
        Who::Anyone => {}
        // The head of supervision stands in for whoever has it.
        Who::Holder if lead.holder == me || own == role::SUPERVISOR => {}
        Who::Holder if lead.holder.is_empty() => return Err("此件尚无经办人".into()),
        Who::Holder => return Err(format!("此件由{}经办", lead.holder_name)),
        Who::Institution if own == role::INSTITUTION => institution()?,
        Who::Institution => {}
        Who::NotFirst | Who::NotReviewers | Who::NotDeciders if around.hands.is_first(me) => {
            return Err("初审由您本人所做，须由他人办理".into());
        }
        Who::NotReviewers | Who::NotDeciders if around.hands.is_second(me) => return Err("复审由您本人所做，须由他人办理".into()),
        Who::NotReviewers | Who::NotDeciders if around.hands.spoken.iter().any(|account| account == me) => {
            return Err("您参加了合议，须由他人办理".into());
        }
        Who::NotDeciders if around.hands.decided.iter().any(|account| account == me) => return Err("决定由您作出，须由他人更正".into()),
        Who::NotFirst | Who::NotReviewers | Who::NotDeciders => {}
        Who::Seat if around.hands.asked.iter().any(|account| account == me) => {}
        Who::Seat => return Err("您不在合议组，或已发表意见".into()),
    }
    because(row.act, lead, around)
}

/// What of the lead itself stands against an act.
fn because(act: Act, lead: &LeadRow, around: &Around<'_>) -> Result<(), String> {
    let paused = lead.paused_left.is_some();
    let wrong = match act {
        Act::Send if lead.institution.is_empty() => Some("线索没有对应的机构，无法发送"),
        Act::Send if lead.gone => Some("疑点已全部消失，请排除"),
        Act::Deliver | Act::Receipt if lead.delivered_day.is_some() => Some("已登记送达"),
        Act::Lapse if paused => Some("计时已暂停"),
        Act::Lapse if lead.delivered_day.is_none() => Some("尚无送达证明，不能视为无异议"),
        Act::Lapse if lead.due_day >= around.today => Some("期限未满"),
        Act::Confirm if lead.contested => Some("机构有异议，须先复审"),
        Act::SkipPanel if lead.amount_fen >= around.panel_from_fen => Some("金额达到合议标准，须经合议"),
        Act::Merge | Act::Split if lead.told => Some("已告知过机构，不能合并或拆分"),
        Act::Merge | Act::Split if lead.gone => Some("疑点已全部消失"),
        Act::Merge if lead.institution.is_empty() => Some("线索没有对应的机构，不能合并"),
        Act::Split if lead.findings < 2 => Some("只有一条疑点，无需拆分"),
        Act::TakeUp if lead.put_off_day <= around.today => Some("没有暂缓"),
        Act::Pause if paused => Some("计时已暂停"),
        // A limit that has run out is not brought back by stopping the clock.
        Act::Pause if lead.due_day < around.today => Some("期限已过，不能暂停；需要时请延期"),
        Act::Resume if !paused => Some("计时没有暂停"),
        Act::Extend if paused => Some("计时已暂停，请先恢复"),
        Act::Pause | Act::Extend if lead.due_day >= crate::leads::row::NO_DUE => Some("没有进行中的期限"),
        _ => None,
    };
    wrong.map_or(Ok(()), |why| Err(why.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_is_in_the_table_once_and_found_by_its_id() {
        for act in Act::ALL {
            assert_eq!(Act::of(act.id()), Some(act));
            assert_eq!(WAY.iter().filter(|row| row.act == act).count(), 1, "{act:?}");
            assert_eq!(act.event(), format!("lead.{}", act.id()));
        }
    }

    #[test]
    fn every_open_status_has_a_way_out_and_no_closed_one_has() {
        for status in Status::ALL {
            let forward = WAY.iter().any(|row| {
                let beside = matches!(
                    row.act,
                    Act::Correct
                        | Act::Note
                        | Act::Pause
                        | Act::Resume
                        | Act::Extend
                        | Act::Withdraw
                        | Act::PutOff
                        | Act::TakeUp
                        | Act::Restore
                );
                row.from.contains(&status) && !beside
            });
            assert_eq!(forward, !status.is_closed(), "{status:?}");
        }
    }
}
