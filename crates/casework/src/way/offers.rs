//! 可办事项: what the table offers a person for a lead now, with the reason where it does not.

use mingjian_model::Fen;
use mingjian_model::day::{day_of, format_day};

use super::hands::Hands;
use super::panel::SITS;
use super::table::{Act, Around, Move, Need, WAY, check, is_shown};
use crate::Office;
use crate::leads::row::LeadRow;
use crate::leads::view::{ActOffer, Choice, Holder};
use crate::person::{Asker, role};
use crate::reasons::{self, Reason};
use crate::settings::Limits;
use crate::status::Status;

/// Every act of the lead's status that concerns the asker: allowed, or with the reason why not.
pub(crate) fn offers(office: &Office, asker: &Asker, lead: &LeadRow, hands: &Hands) -> Vec<ActOffer> {
    let limits = office.settings.limits(&lead.region);
    let around = Around { hands, today: day_of(asker.at).into(), panel_from_fen: limits.panel_from_fen };
    let shown = WAY.iter().filter(|row| row.from.contains(&lead.status) && is_shown(row, &asker.person));
    shown
        .filter(|row| row.act != Act::SkipPanel || limits.panel_from_fen > 0)
        .filter(|row| (row.act != Act::Resume || lead.paused_left.is_some()) && (row.act != Act::Pause || lead.paused_left.is_none()))
        .filter(|row| row.act != Act::TakeUp || lead.waits(day_of(asker.at)))
        .map(|row| offer(office, asker, (lead, hands), row, limits, check(row, lead, &asker.person, &around).err()))
        .collect()
}

fn offer(
    office: &Office,
    asker: &Asker,
    (lead, hands): (&LeadRow, &Hands),
    row: &Move,
    limits: &Limits,
    why_not: Option<String>,
) -> ActOffer {
    let limit = limit_of(row.act, lead.status, limits);
    let assignees = assignees(asker, lead, hands, row);
    let nobody = row.act == Act::Refer && assignees.is_empty();
    let why_not = why_not.or_else(|| nobody.then(|| "还没有法制审核人员的账号：请安全管理员建一个".to_owned()));
    let title = match (row.act, lead.status) {
        (Act::Assign, Status::Check | Status::Review) => "改派",
        (Act::PutOff, _) if lead.waits(day_of(asker.at)) => "改暂缓日期",
        (Act::Convene, Status::Panel) => "增补合议成员",
        (act, _) => act.title(),
    };
    ActOffer {
        act: row.act.id().into(),
        title: title.into(),
        allowed: why_not.is_none(),
        why_not,
        effect: effect(office, asker, lead, row.act, limit),
        needs: row
            .needs
            .iter()
            .filter(|need| **need != Need::Road || lead.fund_fen + lead.acct_fen > 0)
            .map(|need| need.id().into())
            .collect(),
        reasons: reasons_of(row.act).iter().map(|reason| Choice { code: reason.code.into(), title: reason.title.into() }).collect(),
        assignees,
        leads: Vec::new(),
        limit_days: row.needs.contains(&Need::Limit).then_some(limit),
        danger: row.danger,
    }
}

fn limit_of(act: Act, status: Status, limits: &Limits) -> i64 {
    match act {
        Act::Assign | Act::Take | Act::Recall => limits.first_review,
        Act::Send => limits.feedback,
        Act::Deliver | Act::Receipt if status == Status::Sent => limits.feedback,
        Act::Deliver | Act::Receipt => limits.appeal,
        Act::Conclude => limits.appeal,
        Act::Convene => limits.panel,
        Act::Extend => 5,
        _ => limits.review,
    }
}

fn reasons_of(act: Act) -> &'static [Reason] {
    match act {
        Act::Drop => reasons::DROP,
        Act::Recall | Act::Withdraw => reasons::WITHDRAW,
        Act::Reply => reasons::APPEAL,
        Act::Pause => reasons::PAUSE,
        Act::Extend => reasons::EXTEND,
        Act::PutOff => reasons::PUT_OFF,
        Act::Recuse => reasons::RECUSE,
        Act::Correct => reasons::CORRECT,
        _ => &[],
    }
}

fn assignees(asker: &Asker, lead: &LeadRow, hands: &Hands, row: &Move) -> Vec<Holder> {
    let roles: &[&str] = match row.act {
        Act::Assign if lead.status == Status::Review => &[role::REVIEWER],
        Act::Assign => &[role::AUDITOR],
        Act::Convene => SITS,
        Act::Refer => &[role::LEGAL],
        _ => return Vec::new(),
    };
    let fits = asker.colleagues.iter().filter(|one| one.roles.iter().any(|own| roles.contains(&own.as_str())));
    let free = fits.filter(|one| match (row.act, lead.status) {
        (Act::Convene, _) => super::panel::conflict(one, lead, hands).is_none(),
        (_, Status::Review) => !hands.is_first(&one.account),
        _ => true,
    });
    free.map(|one| Holder { account: one.account.clone(), name: one.name.clone() }).collect()
}

/// The sentence that says what will happen.
fn effect(office: &Office, asker: &Asker, lead: &LeadRow, act: Act, limit: i64) -> String {
    let due = format_day(office.calendar.add(day_of(asker.at), limit));
    let (house, count, amount) = (&lead.institution_name, lead.findings, Fen(lead.amount_fen));
    match act {
        Act::Assign => format!("派发后由所选稽核员核查，期限 {due}"),
        Act::Take => format!("由您核查，期限 {due}"),
        Act::Send => format!("将向 {house} 发送 {count} 条疑点，涉及 {amount} 元，反馈期限 {due}"),
        Act::Drop => format!("排除 {count} 条疑点，涉及 {amount} 元；机构不会收到，规则的成立率随之更新"),
        Act::Recall => format!("从 {house} 撤回，理由留痕，回到待核查"),
        Act::Deliver => format!("登记送达证明，期限自送达之日起算 {limit} 个工作日"),
        Act::Receipt => format!("确认收到，期限自今日起算，至 {due}"),
        Act::Reply => format!("提交后进入复审，共 {count} 条疑点，涉及 {amount} 元；提交后不能修改"),
        Act::Lapse => "凭送达证明，按期满未反馈视为无异议，计入流转记录".into(),
        Act::Review => "由您复审；初审人不能办理".into(),
        Act::Confirm => format!("机构无异议，认定 {count} 条疑点，涉及 {amount} 元，并生成拒付或追回"),
        Act::Conclude if lead.definite => "明确违规：结论直接送终审".into(),
        Act::Conclude => format!("结论告知机构；维持机构有异议的疑点时，机构可在 {due} 前再申诉"),
        Act::Accept => "接受后送终审，不再申诉".into(),
        Act::Again => "提交后组成合议；提交后不能修改".into(),
        Act::Convene => format!("各成员独立发表意见，全部提交前互不可见，期限 {due}"),
        Act::SkipPanel => "金额未达合议标准，直接送终审".into(),
        Act::Refer => "所选法制审核人员从现在起可以查看本件和写意见；状态和期限不变".into(),
        Act::Recuse => "回避后不能查看合议意见，由科长增补成员".into(),
        Act::Vote => "意见提交后不能修改；全部提交后公开".into(),
        Act::Decide => format!("作出终审决定，涉及 {amount} 元；认定的基金损失进入追回台账"),
        Act::Correct => "逐条写明更正后的结论和金额，只能减少；追回台账随之减少，多收的列为应退还机构，规则的成立率随之更新".into(),
        Act::Withdraw => format!("撤回线索，涉及 {amount} 元不再追究，理由留痕"),
        Act::Pause => "停止计时，剩余工作日保留".into(),
        Act::Resume => format!("恢复计时，剩余 {} 个工作日", lead.paused_left.unwrap_or(0)),
        Act::Extend => format!("期限延长 {limit} 个工作日（可改），各方可见"),
        Act::PutOff if lead.status.is_early() => "到期前不在今日优先里，当天自动回来；初审期限从那天接着算".into(),
        Act::PutOff => "到期前不在今日优先里，当天自动回来；已经开始的期限照常计算".into(),
        Act::TakeUp => "回到今日优先".into(),
        Act::Merge => "所选线索的疑点并入本件，同一笔钱仍只计一次；原线索注明去向，发送机构之前可以撤销".into(),
        Act::Split => "所选疑点另立一条线索，同一笔钱的疑点一起走；可以再合并回来".into(),
        Act::Restore => format!("从 {} 中分出，恢复为单独的线索", lead.merged_into),
        Act::Note => "写入流转记录，不改变状态".into(),
    }
}
