// The way of a lead as the mock walks it: status → acts, who may, what it needs, where it leads.
import { STATUS, TODAY, addWorkingDays } from './data.mjs';
import { ROLE_TITLES, named, users } from './people.mjs';

const reason = (code, title) => ({ code, title });
const DROP = [reason('clinical', '病情需要，临床合理'), reason('data', '数据或编码错误'), reason('exception', '属规则写明的例外'), reason('policy', '政策允许'), reason('small', '金额轻微，不予处理'), reason('other', '其他')];
const WITHDRAW = [reason('rule', '规则有误'), reason('data', '数据或编码错误'), reason('gone', '重新筛查后疑点消失'), reason('other', '其他')];
const APPEAL = [reason('clinical', '病情需要，有病历支持'), reason('distinct', '不同部位、不同时段、不同项目'), reason('policy', '政策或批复允许'), reason('price', '按备案价格或协议价格收取'), reason('data', '上传数据或对码错误，实际无误'), reason('refunded', '已退费或未进入基金结算'), reason('other', '其他')];
const RECUSE = [reason('work', '与该机构有聘用或协作关系'), reason('kin', '与当事人有亲属或利害关系'), reason('other', '其他')];

const money = (lead) => `${Math.floor(lead.amount_fen / 100).toLocaleString('en-US')}.${String(lead.amount_fen % 100).padStart(2, '0')} 元`;
const day = (days) => addWorkingDays(TODAY, days);

/** act: from, title, roles, needs, effect, to (fixed or by what was answered). */
export const WAY = [
  { act: 'assign', from: ['new', 'check'], title: '派发', roles: ['supervisor'], needs: ['assignee', 'limit'], limit: 5, effect: (lead) => `将线索 ${lead.number} 交给一名稽核员核查，涉及 ${money(lead)}。`, to: () => 'check' },
  { act: 'send', from: ['check'], title: '发送机构反馈', roles: ['auditor'], needs: ['limit', 'text'], limit: 10, effect: (lead) => `将向 ${lead.institution.name} 发送 ${lead.findings} 条疑点，涉及 ${money(lead)}，反馈期限 ${day(10)}。`, to: () => 'sent', optional: ['text'] },
  { act: 'drop', from: ['check'], title: '排除', roles: ['auditor'], needs: ['reason'], reasons: DROP, danger: true, effect: (lead) => `将排除线索 ${lead.number}，不再办理；理由计入规则的成立率。`, to: () => 'cleared' },
  { act: 'reply', from: ['sent'], title: '提交反馈', roles: ['institution'], needs: ['lines', 'attachments'], reasons: APPEAL, effect: () => '将逐条答复提交给医保局，提交后不能修改。', to: () => 'answered' },
  { act: 'extend', from: ['sent'], title: '延期', roles: ['auditor', 'supervisor'], needs: ['limit', 'reason'], limit: 5, reasons: [reason('many', '疑点多，机构需要更多时间'), reason('other', '其他')], effect: () => '将延长机构的反馈期限，并通知机构。', to: () => 'sent' },
  { act: 'withdraw', from: ['sent', 'answered'], title: '撤回', roles: ['supervisor'], needs: ['reason', 'text'], reasons: WITHDRAW, danger: true, effect: (lead) => `将撤回已发给 ${lead.institution.name} 的疑点，记录保留。`, to: () => 'withdrawn' },
  { act: 'conclude', from: ['answered', 'review'], title: '提交复审结论', roles: ['reviewer'], needs: ['lines'], effect: () => '机构将看到复审结论；维持的可以再申诉。', to: (body) => (body.lines.every((line) => line.conclusion === 'withdraw') ? 'cleared' : body.lines.some((line) => line.conclusion !== 'uphold') ? 'appeal' : 'final') },
  { act: 'appeal', from: ['appeal'], title: '再申诉', roles: ['institution'], needs: ['lines', 'attachments'], reasons: APPEAL, effect: () => '将把维持的疑点提交专家合议。', to: () => 'appeal2' },
  { act: 'seat', from: ['appeal2'], title: '组织合议', roles: ['supervisor'], needs: ['members', 'limit'], limit: 10, effect: () => '将请专家独立提出意见，全部提交前互不可见。', to: () => 'panel' },
  { act: 'vote', from: ['panel'], title: '提交合议意见', roles: ['expert'], needs: ['vote', 'text'], effect: () => '意见提交后不能修改；全部提交后公开。', to: (body, lead) => (lead.panel.members.every((one) => one.voted || one.recused) ? 'final' : 'panel') },
  { act: 'recuse', from: ['panel'], title: '回避', roles: ['expert'], needs: ['reason'], reasons: RECUSE, effect: () => '将退出本件合议，由科长另行指定。', to: () => 'panel' },
  { act: 'decide', from: ['final'], title: '作出认定', roles: ['supervisor'], needs: ['road', 'text'], effect: (lead) => `将认定 ${money(lead)}，并登记追回台账。`, to: () => 'upheld', optional: ['text'] },
];

/** Inside the bureau one is shown what others may do, and why not oneself. */
const INSIDE = ['auditor', 'reviewer', 'supervisor', 'director'];

function refusal(step, lead, user) {
  if (!step.roles.some((role) => user.roles.includes(role))) return `由${step.roles.map((role) => ROLE_TITLES[role]).join('、')}办理`;
  if (step.act === 'send' || step.act === 'drop') {
    if (lead.holder && lead.holder !== user.account) return `在 ${named(lead.holder).name} 手中`;
  }
  if (step.act === 'conclude' && lead.steps.some((one) => one.act === 'send' && one.by.account === user.account)) return '初审人不能复审自己发出的疑点';
  if (step.act === 'vote' || step.act === 'recuse') {
    const seat = lead.panel?.members.find((one) => one.account === user.account);
    if (!seat) return '不是本件的合议专家';
    if (seat.voted) return '意见已提交';
    if (seat.recused) return '已回避';
  }
  return undefined;
}

export function offers(lead, user) {
  const inside = user.roles.some((role) => INSIDE.includes(role));
  return WAY.filter((step) => step.from.includes(lead.status) && (inside || step.roles.some((role) => user.roles.includes(role)))).map((step) => {
    const whyNot = refusal(step, lead, user);
    const people = step.act === 'assign' ? users.filter((one) => one.roles.includes('auditor') && one.state === 'active') : step.act === 'seat' ? users.filter((one) => one.roles.includes('expert')) : undefined;
    return {
      act: step.act, title: step.title, allowed: !whyNot, why_not: whyNot, effect: step.effect(lead), needs: step.needs.filter((need) => !step.optional?.includes(need)), reasons: step.reasons,
      assignees: people?.map((one) => ({ account: one.account, name: one.name })), limit_days: step.limit, danger: step.danger,
    };
  });
}

export function stepOf(act, lead) {
  return WAY.find((one) => one.act === act && one.from.includes(lead.status));
}

export { refusal, STATUS };
