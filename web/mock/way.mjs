// The way of a lead as the mock walks it: status → acts, who may, what it needs, where it leads.
import { STATUS, TODAY, addWorkingDays } from './data.mjs';
import { ROLE_TITLES, named, users } from './people.mjs';

const reason = (code, title) => ({ code, title });
const DROP = [reason('clinical', '病情需要，临床合理'), reason('data', '数据或编码错误'), reason('exception', '属规则写明的例外'), reason('policy', '政策允许'), reason('small', '金额轻微，不予处理'), reason('other', '其他')];
const WITHDRAW = [reason('rule', '规则有误'), reason('data', '数据或编码错误'), reason('gone', '重新筛查后疑点消失'), reason('other', '其他')];
const APPEAL = [reason('clinical', '病情需要，有病历支持'), reason('distinct', '不同部位、不同时段、不同项目'), reason('policy', '政策或批复允许'), reason('price', '按备案价格或协议价格收取'), reason('data', '上传数据或对码错误，实际无误'), reason('refunded', '已退费或未进入基金结算'), reason('other', '其他')];
const PUT_OFF = [reason('records', '等待调阅病历或外部协查'), reason('expert', '等待专家意见'), reason('policy', '等待政策答复'), reason('later', '与后续月份的数据一并核查'), reason('other', '其他')];
const CORRECT = [reason('remedy', '复议、诉讼或仲裁改变'), reason('objection', '机构提出，经核实'), reason('superior', '上级或内部检查要求'), reason('data', '数据或编码错误'), reason('rule', '规则有误'), reason('twice', '同一笔钱已在别处收回或已退费'), reason('other', '其他')];
const RECUSE = [reason('work', '与该机构有聘用或协作关系'), reason('kin', '与当事人有亲属或利害关系'), reason('other', '其他')];

const money = (lead) => `${Math.floor(lead.amount_fen / 100).toLocaleString('en-US')}.${String(lead.amount_fen % 100).padStart(2, '0')} 元`;
const day = (days) => addWorkingDays(TODAY, days);

const OPEN = ['new', 'check', 'sent', 'answered', 'review', 'appeal', 'appeal2', 'panel', 'final'];
const stay = (_, lead) => lead.status;

/** act: from, title, roles, needs, effect, to. The rows and names are those of the platform; who holds what is simpler here. */
export const WAY = [
  { act: 'assign', from: ['new', 'check'], title: '派发', roles: ['supervisor'], needs: ['assignee', 'limit'], limit: 5, effect: () => `派发后由所选稽核员核查，期限 ${day(5)}`, to: () => 'check' },
  { act: 'take', from: ['new'], title: '领办', roles: ['auditor'], needs: [], effect: () => `由您核查，期限 ${day(5)}`, to: () => 'check' },
  { act: 'send', from: ['check'], title: '发送机构反馈', roles: ['auditor'], needs: ['text', 'limit', 'attachments'], limit: 10, effect: (lead) => `将向 ${lead.institution.name} 发送 ${lead.findings} 条疑点，涉及 ${money(lead)}，反馈期限 ${day(10)}`, to: () => 'sent' },
  { act: 'drop', from: ['check'], title: '排除', roles: ['auditor'], needs: ['reason', 'text'], reasons: DROP, danger: true, effect: (lead) => `排除 ${lead.findings} 条疑点，涉及 ${money(lead)}；机构不会收到，规则的成立率随之更新`, to: () => 'cleared' },
  { act: 'recall', from: ['sent'], title: '撤回重核', roles: ['auditor', 'supervisor'], needs: ['reason', 'text'], reasons: WITHDRAW, danger: true, effect: (lead) => `从 ${lead.institution.name} 撤回，理由留痕，回到待核查`, to: () => 'check' },
  { act: 'receipt', from: ['sent', 'appeal'], title: '签收', roles: ['institution'], needs: [], effect: () => `确认收到，期限自今日起算，至 ${day(10)}`, to: stay, once: true },
  { act: 'reply', from: ['sent'], title: '反馈', roles: ['institution'], needs: ['lines', 'text', 'attachments'], reasons: APPEAL, effect: (lead) => `提交后进入复审，共 ${lead.findings} 条疑点，涉及 ${money(lead)}；提交后不能修改`, to: () => 'answered' },
  { act: 'review', from: ['answered'], title: '受理复审', roles: ['reviewer'], needs: [], effect: () => '由您复审；初审人不能办理', to: () => 'review' },
  { act: 'confirm', from: ['answered'], title: '认定', roles: ['reviewer', 'supervisor'], needs: ['road', 'text'], danger: true, effect: (lead) => `机构无异议，认定 ${lead.findings} 条疑点，涉及 ${money(lead)}，并生成拒付或追回`, to: () => 'upheld' },
  { act: 'conclude', from: ['review'], title: '复审结论', roles: ['reviewer'], needs: ['lines', 'text', 'attachments'], effect: () => `结论告知机构；维持机构有异议的疑点时，机构可在 ${day(10)} 前再申诉`, to: (body, lead) => ((body.lines ?? []).length > 0 && body.lines.every((line) => line.conclusion === 'withdraw') ? 'cleared' : lead.result === '违规' ? 'final' : 'appeal') },
  { act: 'accept', from: ['appeal'], title: '接受复审结论', roles: ['institution'], needs: ['text'], effect: () => '接受后送终审，不再申诉', to: () => 'final' },
  { act: 'again', from: ['appeal'], title: '再申诉', roles: ['institution'], needs: ['text', 'attachments'], effect: () => '提交后组成合议；提交后不能修改', to: () => 'appeal2' },
  { act: 'convene', from: ['appeal2', 'panel'], title: '组成合议', roles: ['supervisor'], needs: ['members', 'limit'], limit: 10, effect: () => `各成员独立发表意见，全部提交前互不可见，期限 ${day(10)}`, to: () => 'panel' },
  { act: 'refer', from: ['answered', 'review', 'appeal', 'appeal2', 'panel', 'final'], title: '送法制审核', roles: ['supervisor'], needs: ['assignee', 'text'], effect: () => '所选法制审核人员从现在起可以查看本件和写意见；状态和期限不变', to: stay },
  { act: 'vote', from: ['panel'], title: '合议意见', roles: ['expert'], needs: ['vote', 'lines', 'text'], effect: () => '意见提交后不能修改；全部提交后公开', to: (body, lead) => (lead.panel.members.every((one) => one.voted || one.recused) ? 'final' : 'panel') },
  { act: 'recuse', from: ['panel'], title: '回避', roles: ['expert'], needs: ['reason', 'text'], reasons: RECUSE, effect: () => '回避后不能查看合议意见，由科长增补成员', to: () => 'panel' },
  { act: 'correct', from: ['upheld', 'partly'], title: '更正决定', roles: ['supervisor', 'director'], needs: ['lines', 'reason', 'text', 'attachments'], reasons: CORRECT, danger: true, effect: () => '逐条写明更正后的结论和金额，只能减少；追回台账随之减少，多收的列为应退还机构，规则的成立率随之更新', to: (_, lead) => lead.status },
  { act: 'decide', from: ['final'], title: '终审决定', roles: ['supervisor', 'director'], needs: ['road', 'lines', 'text'], danger: true, effect: (lead) => `作出终审决定，涉及 ${money(lead)}；认定的基金损失进入追回台账`, to: () => 'upheld' },
  { act: 'withdraw', from: OPEN, title: '撤回', roles: ['supervisor'], needs: ['reason', 'text'], reasons: WITHDRAW, danger: true, effect: (lead) => `撤回线索，涉及 ${money(lead)}不再追究，理由留痕`, to: () => 'withdrawn' },
  { act: 'extend', from: OPEN.slice(1), title: '延期', roles: ['supervisor'], needs: ['limit', 'reason', 'text'], limit: 5, reasons: [reason('many', '疑点多，机构需要更多时间'), reason('other', '其他')], effect: () => '期限延长 5 个工作日（可改），各方可见', to: stay },
  { act: 'put_off', from: OPEN, title: '暂缓', roles: ['auditor', 'reviewer', 'supervisor'], needs: ['until', 'reason', 'text'], reasons: PUT_OFF, effect: () => '到期前不在今日优先里，当天自动回来；已经开始的期限照常计算', to: stay },
  { act: 'take_up', from: OPEN, title: '结束暂缓', roles: ['auditor', 'reviewer', 'supervisor'], needs: ['text'], when: (lead) => lead.put_off_until, effect: () => '回到今日优先', to: stay },
  { act: 'merge', from: ['new', 'check'], title: '合并', roles: ['auditor', 'supervisor'], needs: ['leads', 'text'], effect: () => '所选线索的疑点并入本件，同一笔钱仍只计一次；原线索注明去向，发送机构之前可以撤销', to: stay },
  { act: 'split', from: ['new', 'check'], title: '拆分', roles: ['auditor', 'supervisor'], needs: ['findings', 'text'], effect: () => '所选疑点另立一条线索，同一笔钱的疑点一起走；可以再合并回来', to: stay },
  { act: 'restore', from: ['merged'], title: '撤销合并', roles: ['auditor', 'supervisor'], needs: ['text'], effect: (lead) => `从 ${lead.merged_into} 中分出，恢复为单独的线索`, to: () => 'check' },
  { act: 'note', from: OPEN, title: '补充说明', roles: ['auditor', 'reviewer', 'supervisor', 'director', 'institution'], needs: ['text', 'attachments'], effect: () => '写入流转记录，不改变状态', to: stay },
];

/** Inside the bureau one is shown what others may do, and why not oneself. */
const INSIDE = ['auditor', 'reviewer', 'supervisor', 'director'];

function refusal(step, lead, user) {
  if (!step.roles.some((role) => user.roles.includes(role))) return `须由${step.roles.map((role) => ROLE_TITLES[role]).join('、')}办理`;
  if (['send', 'drop', 'recall', 'conclude', 'put_off', 'merge', 'split'].includes(step.act) && !user.roles.includes('supervisor')) {
    if (lead.holder && lead.holder !== user.account && step.act !== 'recall') return `此件由${named(lead.holder).name}经办`;
  }
  if (['review', 'conclude', 'confirm'].includes(step.act) && lead.steps.some((one) => one.act === 'send' && one.by.account === user.account)) return '初审由您本人所做，须由他人办理';
  if (step.act === 'confirm' && lead.reply?.lines.some((line) => line.conclusion === 'appeal')) return '机构有异议，须先复审';
  if (step.once && lead.steps.some((one) => one.act === step.act)) return '已登记送达';
  if (step.act === 'vote' || step.act === 'recuse') {
    const seat = lead.panel?.members.find((one) => one.account === user.account);
    if (!seat || seat.voted || seat.recused) return '您不在合议组，或已发表意见';
  }
  return undefined;
}

/** Leads that may go into one: the same institution and person, nothing sent. */
export function mergeable(lead, all, user) {
  const early = (one) => ['new', 'check'].includes(one.status);
  const free = (one) => !one.holder || one.holder === user.account || user.roles.includes('supervisor');
  return all.filter((one) => one !== lead && early(one) && free(one) && one.institution.code === lead.institution.code && one.person?.no === lead.person?.no);
}

export function offers(lead, user, all = []) {
  const inside = user.roles.some((role) => INSIDE.includes(role));
  const shown = (step) => step.roles.some((role) => user.roles.includes(role)) || (inside && step.roles.some((role) => INSIDE.includes(role)));
  return WAY.filter((step) => step.from.includes(lead.status) && shown(step) && (!step.when || step.when(lead))).map((step) => {
    const others = step.act === 'merge' ? mergeable(lead, all, user) : undefined;
    const none = others?.length === 0 ? '没有可以并入的线索：须是同一机构、同一参保人，尚未发送，也不在别人手里' : undefined;
    const whyNot = refusal(step, lead, user) ?? none ?? (step.act === 'split' && lead.finding_list.length < 2 ? '只有一条疑点，无需拆分' : undefined);
    const role = { assign: 'auditor', convene: 'expert', refer: 'legal' }[step.act];
    const people = role ? users.filter((one) => one.roles.includes(role) && one.state === 'active') : undefined;
    return {
      act: step.act, title: step.title, allowed: !whyNot, why_not: whyNot, effect: step.effect(lead), needs: step.needs, reasons: step.reasons,
      assignees: people?.map((one) => ({ account: one.account, name: one.name })), limit_days: step.limit, danger: step.danger,
      leads: others?.map((one) => ({ code: one.id, title: `${one.number} ${one.subject_label} ${money(one)}` })),
    };
  });
}

export function stepOf(act, lead) {
  return WAY.find((one) => one.act === act && one.from.includes(lead.status));
}

export { refusal, STATUS };
