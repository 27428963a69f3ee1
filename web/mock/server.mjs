// A small stand-in for the platform: the interface of openapi.json over made-up data, so that the pages can be seen and tested without
// the Rust side. No dependency. `node mock/server.mjs [port]` also serves web/dist, with the policy and nonce the real server sends.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hold } from './document.mjs';
import { evidence, institutions, makeLeads, random, ruleOf, rules, shift, STATUS, timeline, TODAY, workingDays } from './data.mjs';
import { counterPage } from './counter.mjs';
import { library, knowledgeTables } from './library.mjs';
import { named, rights, ROLE_TITLES, titles, users as accounts } from './people.mjs';
import { doctorProfile, institutionProfile, personProfile, subjects } from './profiles.mjs';
import { groups, picture } from './relations.mjs';
import { ACTS, ROLES } from './rights.mjs';
import { offers, refusal, stepOf } from './way.mjs';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const NOW = `${TODAY} 10:42:00`;
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json' };
const CODES = { own_work: [403, '不能复核自己办理过的事项'], approval_needed: [403, '要经审批才能导出'], unauthenticated: [401, '未登录，或登录已过期'], wrong: [401, '账号、密码或动态口令不对'], code_needed: [401, '需要动态口令'], locked: [401, '账号已锁定'], csrf: [403, '请求没有带防伪标记'], forbidden: [403, '没有此项权限'], not_found: [404, '没有找到'], conflict: [409, '已被他人更新'], not_now: [409, '现在不能这样办理'], invalid: [422, '填写有误'], busy: [409, '已有同类任务在运行'], internal: [500, '系统出错'] };

class Refused extends Error {
  constructor(code, detail, more = {}) {
    super(code);
    const [status, title] = CODES[code];
    this.problem = { type: `/problems/${code}`, title, status, code, detail, ...more };
  }
}

const sm3ish = (text) => createHash('sha256').update(text).digest('hex');

/** All state of one mock; a test makes its own. */
function world() {
  const leads = makeLeads();
  const users = accounts.map((user) => ({ ...user }));
  const recoveries = [];
  const events = [];
  const jobs = [];
  const attachments = new Map();
  const sessions = new Map();
  const seen = new Map();
  const note = (user, act, kind, object, reason, detail = {}) => {
    const seq = events.length + 1;
    const hash = sm3ish(`${events[events.length - 1]?.hash ?? ''}${seq}${act}${object}`);
    events.push({ seq, at: NOW, account: user.account, role: user.roles[0], origin: '10.20.3.7', act, object_kind: kind, object, detail, reason, hash });
  };
  const step = (lead, act, title, account, from, to, more = {}) => {
    const user = users.find((one) => one.account === account);
    lead.steps.push({ at: more.at ?? NOW, act, act_title: title, by: { account, name: user?.name ?? account, role_title: user ? ROLE_TITLES[user.roles[0]] : '系统' }, from_status: from, to_status: to, ...more.part });
  };

  const recover = (lead) => {
    const number = recoveries.length + 1;
    const due = lead.decision.upheld_fen;
    recoveries.push({
      id: `R${number}`, number: `ZH2026-${String(number).padStart(5, '0')}`, lead: { id: lead.id, number: lead.number }, institution: { code: lead.institution.code, name: lead.institution.name }, road: lead.decision.road,
      state: 'due', amount_fen: lead.decision.upheld_fen, due_fen: due, refused_fen: 0, offset_fen: 0, paid_fen: 0, waived_fen: 0, returned_fen: 0, open_fen: due, due_day: shift(TODAY, 20 - (number % 40)), entries: [], version: 1,
    });
    return recoveries[recoveries.length - 1];
  };
  const enter = (row, kind, amount, document, by) => {
    row[`${kind}_fen`] += amount;
    row.open_fen -= kind === 'returned' ? -amount : amount;
    row.entries.push({ seq: row.entries.length + 1, at: NOW, kind, amount_fen: amount, document, by });
    row.version += 1;
    row.state = row.open_fen < 0 ? 'refund' : row.open_fen === 0 ? 'closed' : row.due_day < TODAY ? 'overdue' : 'part';
  };

  // What happened before today, so that every status has its history.
  for (const lead of leads) {
    const rng = random(Number(lead.id.slice(1)) + 77);
    const at = (back) => `${shift(TODAY, -back)} 0${rng.between(8, 9)}:${String(rng.between(10, 59))}:00`;
    const order = ['new', 'check', 'sent', 'answered', 'review', 'appeal', 'appeal2', 'panel', 'final', 'upheld'];
    const reached = { cleared: 1, withdrawn: 2, partly: 9 }[lead.status] ?? order.indexOf(lead.status);
    if (reached >= 1) step(lead, 'assign', '派发', 'sun', 'new', 'check', { at: at(9) });
    if (lead.status === 'cleared') step(lead, 'drop', '排除', 'chen', 'check', 'cleared', { at: at(6), part: { reason: 'clinical', text: '病程与医嘱支持，数量合理。' } });
    if (reached >= 2) step(lead, 'send', '发送机构反馈', 'chen', 'check', 'sent', { at: at(8) });
    if (reached >= 3) {
      const lines = lead.finding_list.filter((one) => one.counted).map((one, i) => (rng.chance(0.45) ? { finding_id: one.id, conclusion: 'accept' } : { finding_id: one.id, conclusion: 'appeal', reason: i % 2 ? 'distinct' : 'clinical', text: '患者双膝及腰部分别治疗，治疗记录单已附，按部位计数未超限。' }));
      const who = lead.institution.code === 'H33090200101' ? 'renji' : 'hean';
      lead.reply = { at: at(5), by: { account: who, name: users.find((one) => one.account === who).name }, lines, text: '已组织科室逐条核对。', attachments: [{ id: `A${lead.id}`, name: '理疗登记本（复印件）.pdf', media: 'application/pdf', size: 486200, sm3: sm3ish(lead.id), by: named(who), at: at(5) }], proposed: lines.filter((line) => line.text).map((line) => ({ ...line, reason: 'distinct' })) };
      lead.attachments.push(...lead.reply.attachments);
      step(lead, 'reply', '提交反馈', who, 'sent', 'answered', { at: at(5), part: { lines, attachments: lead.reply.attachments } });
    }
    if (reached >= 5) step(lead, 'conclude', '提交复审结论', 'zhou', 'answered', 'appeal', { at: at(3), part: { lines: lead.reply.lines.map((line) => ({ finding_id: line.finding_id, conclusion: 'uphold', text: '登记本未注明部位。' })) } });
    if (['panel', 'final'].includes(lead.status)) {
      const all = lead.status === 'final';
      lead.panel = { round: 1, open: all, outcome: all ? 'uphold' : undefined, members: ['fang', 'gu', 'tan'].map((account, i) => ({ ...named(account), voted: all || i === 1, recused: false, vote: all ? (i === 2 ? 'partly' : 'uphold') : undefined, text: all ? ['治疗部位记录不全，维持。', '维持。', '腰部有记录，建议核减一半。'][i] : undefined })) };
    }
    if (lead.status === 'upheld' || lead.status === 'partly') {
      const part = lead.status === 'partly' ? 0.6 : 1;
      const upheld = Math.round(lead.amount_fen * part);
      lead.decision = { at: at(1), by: named('sun'), road: rng.chance(0.4) ? 'refuse' : 'recover', upheld_fen: upheld, loss_fen: Math.round(upheld * 0.75), withdrawn_fen: lead.amount_fen - upheld, dropped_fen: 0, lines: [], text: '依据《条例》第三十八条，退回造成的医疗保障基金损失。' };
      step(lead, 'decide', '作出认定', 'sun', 'final', lead.status, { at: at(1) });
      const row = recover(lead);
      if (rng.chance(0.55)) enter(row, row.road === 'refuse' ? 'refused' : rng.chance(0.4) ? 'offset' : 'paid', rng.chance(0.6) ? row.open_fen : Math.round(row.open_fen * 0.5), `HD2026${String(rng.between(1000, 9999))}`, '蔡文');
      if (row.open_fen > 0 && row.due_day < TODAY) row.state = 'overdue';
    }
  }
  for (const [i, lead] of leads.slice(0, 60).entries()) note(users[i % 5], ['lead.take', 'lead.send', 'evidence.read', 'person.unmask', 'leads.export'][i % 5], i % 5 === 4 ? 'list' : 'lead', i % 5 === 4 ? 'leads' : lead.id, i % 5 > 2 ? '办理需要' : undefined, { number: lead.number });

  const campaigns = [
    { id: 'C1', title: '2026 年康复理疗自查自纠', state: 'open', text: '请对照问题清单，对 2024 年以来的数据逐项自查，主动退回的依法从轻。', rules: ['N027', 'N025', 'N014'], due_day: '2026-04-30', version: 1, institutions: institutions.slice(0, 8).map((one, i) => ({ institution: { code: one.code, name: one.name }, state: ['waiting', 'declared', 'paid'][i % 3], findings: 4 + i * 3, found_fen: 1843000 - i * 161000, declared_fen: i % 3 === 0 ? 0 : 230000 + i * 91000, refunded_fen: i % 3 === 2 ? 230000 + i * 91000 : 0, overdue: false, late: false, entries: [], version: 1, promised: i % 3 === 0 ? undefined : `${['赵敏', '钱进', '孙院长'][i % 3]} 2026-04-0${i + 1}` })) },
    { id: 'C2', title: '2025 年下半年眼科专项自查', state: 'closed', text: '白内障、玻璃体腔注射收费自查。', rules: ['N084', 'N053'], due_day: '2025-12-31', version: 2, institutions: [{ institution: { code: 'H33090200310', name: '明眸眼科医院' }, state: 'paid', findings: 21, found_fen: 4210000, declared_fen: 3980000, refunded_fen: 3980000, overdue: false, late: false, entries: [], version: 1, promised: '韩院长 2025-12-20' }] },
  ];
  const exports = [
    { id: 'DC2026-000001', kind: 'leads', form: 'xlsx', clear: true, conditions: [{ name: 'institution', value: 'H33090200101' }], rows: 21, reason: '向省局报送仁济康复核查名单', why: 'clear', state: 'waiting', asked_at: `${TODAY} 09:12:00`, asker: named('lu'), version: 1 },
    { id: 'DC2026-000002', kind: 'recoveries', form: 'csv', clear: false, conditions: [], rows: 2310, reason: '一季度对账核对全部台账', why: 'rows', state: 'refused', asked_at: `${shift(TODAY, -2)} 15:40:00`, asker: named('cai'), decision: { by: named('sun'), at: `${shift(TODAY, -1)} 08:50:00`, approved: false, reason: '请按机构分批导出' }, version: 2 },
  ];
  return { views: [], read: new Set(), leads, users, recoveries, events, jobs, attachments, sessions, seen, campaigns, exports, note, step, recover, enter };
}

function dueOf(lead) {
  if (!lead.due_day) return undefined;
  const left = workingDays(TODAY, lead.due_day);
  return { day: lead.due_day, working_days_left: left, overdue: left < 0 };
}

function brief(lead) {
  const { finding_list: _f, steps: _s, attachments: _a, due_day: _d, found_day: _g, reply: _r, decision: _x, panel: _p, holder, ...rest } = lead;
  return { ...rest, paused: false, status_title: STATUS[lead.status][0], tone: STATUS[lead.status][1], holder: holder ? named(holder) : undefined, due: dueOf(lead) };
}

export function startMock({ port = 0, delay = 0, oidc = true } = {}) {
  const state = world();
  const { leads, users, recoveries, events, jobs, sessions, seen, campaigns, attachments } = state;
  const exports_ = state.exports;
  const shownExport = (row, user) => ({ ...row, own: row.asker.account === user.account, may_decide: row.state === 'waiting' && row.asker.account !== user.account && rights(user).includes('exports.approve') });
  const findExport = (user, id) => {
    const row = exports_.find((one) => one.id === id);
    if (!row || (row.asker.account !== user.account && !rights(user).includes('exports.approve'))) throw new Refused('not_found', '没有这个导出申请，或不在您的权限范围内');
    return row;
  };
  const decideExport = (approve) => ({ user, path, body }) => {
    need(user, 'exports.approve');
    const row = findExport(user, path.id);
    if (row.asker.account === user.account) throw new Refused('own_work', '不能复核自己办理过的事项，请交给别人');
    if (row.state !== 'waiting' || row.version !== body.version) throw new Refused('not_now', '申请已被更新，请刷新后再办');
    if (!body.reason || body.reason.length < 4) throw new Refused('invalid', undefined, { fields: { reason: '请写明事由，至少 4 个字' } });
    Object.assign(row, { state: approve ? 'approved' : 'refused', version: row.version + 1, until: approve ? `${shift(TODAY, 3)} 10:42:00` : undefined, decision: { by: named(user.account), at: NOW, approved: approve, reason: body.reason } });
    state.note(user, approve ? 'export.approve' : 'export.refuse', 'export', row.id, body.reason);
    return shownExport(row, user);
  };

  const visible = (user) => {
    const own = user.institutions[0];
    if (user.roles.includes('institution')) return leads.filter((lead) => lead.institution.code === own && !['new', 'check'].includes(lead.status) && !(lead.status === 'cleared' && lead.steps.length < 3));
    return leads;
  };
  const findLead = (user, id) => {
    const lead = visible(user).find((one) => one.id === id);
    if (!lead) throw new Refused('not_found', '没有这个线索，或不在您的权限范围内');
    return lead;
  };
  const findFinding = (user, id) => {
    const lead = visible(user).find((one) => one.finding_list.some((finding) => finding.id === id));
    if (!lead) throw new Refused('not_found', '没有这条疑点，或不在您的权限范围内');
    return [lead, lead.finding_list.find((finding) => finding.id === id)];
  };
  const kin = (lead) =>
    [['merged', 'merged_into'], ['split', 'split_from']].flatMap(([how, field]) =>
      leads.filter((one) => one[field] === lead.id).map((one) => ({ id: one.id, how, subject_label: one.subject_label, status_title: STATUS[one.status][0], amount_fen: one.amount_fen })),
    );
  const detail = (lead, user) => {
    const panel = lead.panel && !lead.panel.open ? { ...lead.panel, members: lead.panel.members.map((member) => ({ ...member, vote: undefined, text: undefined })) } : lead.panel;
    return { ...brief(lead), finding_list: lead.finding_list, steps: lead.steps, acts: offers(lead, user, leads), kin: kin(lead), reply: lead.reply, decision: lead.decision, panel, recoveries: recoveries.filter((one) => one.lead.id === lead.id), attachments: lead.attachments };
  };
  const need = (user, act) => {
    if (!rights(user).includes(act)) throw new Refused('forbidden', `您的角色不能使用此功能；请联系安全管理员（需要权限 ${act}）`);
  };

  const filtered = (user, query) => {
    const open = (lead) => !['upheld', 'partly', 'cleared', 'withdrawn', 'merged'].includes(lead.status);
    return visible(user).filter((lead) => {
      if (query.status && !query.status.split(',').includes(lead.status)) return false;
      if (query.institution && lead.institution.code !== query.institution) return false;
      if (query.rule && !lead.rules.some((one) => one.id === query.rule)) return false;
      if (query.result && lead.result !== query.result) return false;
      if (query.subject && lead.subject !== query.subject) return false;
      if (query.from && lead.last_day < query.from) return false;
      if (query.to && lead.last_day > query.to) return false;
      if (query.amount_min_fen && lead.amount_fen < Number(query.amount_min_fen)) return false;
      if (query.put_off === '1' && !lead.put_off_until) return false;
      if (query.mine === '1' && lead.holder !== user.account) return false;
      if (query.due !== undefined) {
        const due = dueOf(lead);
        if (!open(lead) || !due || due.working_days_left > Number(query.due)) return false;
      }
      if (query.q && ![lead.number, lead.institution.name, lead.person?.no ?? '', lead.visit?.id ?? ''].some((text) => text.toLowerCase().includes(query.q.toLowerCase()))) return false;
      return true;
    });
  };
  const ORDER = { rank: (a, b) => b.score - a.score || b.expected_fen - a.expected_fen, amount: (a, b) => b.amount_fen - a.amount_fen, due: (a, b) => ((a.due_day ?? '9') < (b.due_day ?? '9') ? -1 : 1), day: (a, b) => (a.last_day < b.last_day ? 1 : -1) };
  const page = (items, query, size) => {
    const from = Number(query.after ?? 0);
    return { items: items.slice(from, from + size), next: from + size < items.length ? String(from + size) : undefined, prev: from > 0 ? String(Math.max(0, from - size)) : undefined };
  };
  const sum = (items, field) => items.reduce((all, one) => all + one[field], 0);

  const workbench = (user) => {
    const own = filtered(user, { mine: '1' });
    const open = visible(user).filter((lead) => lead.due_day);
    const rungs = open.map((lead) => dueOf(lead).working_days_left);
    const between = (low, high) => rungs.filter((left) => left >= low && left <= high).length;
    const monday = shift(TODAY, -((new Date(`${TODAY}T00:00:00Z`).getUTCDay() + 6) % 7));
    const weeks = Array.from({ length: 26 }, (_, i) => {
      const week = shift(monday, (i - 25) * 7);
      const inside = leads.filter((lead) => lead.last_day >= week && lead.last_day < shift(week, 7));
      return { week, violation: inside.filter((lead) => lead.result === '违规').length, suspect: inside.filter((lead) => lead.result !== '违规').length };
    });
    const load = user.roles.includes('supervisor') ? ['chen', 'lu', 'he', 'zhou'].map((account) => { const held = leads.filter((lead) => lead.holder === account); return { ...named(account), in_hand: held.length, median_age_days: 3 + (account.length % 5), overdue: held.filter((lead) => dueOf(lead)?.overdue).length }; }) : [];
    return {
      strip: { todo: own.length, due3: between(-99, 3), new_leads: visible(user).filter((lead) => lead.status === 'new').length, replied: visible(user).filter((lead) => lead.status === 'answered').length, recovered_fen: sum(recoveries, 'offset_fen') + sum(recoveries, 'paid_fen'), target_fen: 26000000 },
      first: [...(own.length > 4 ? own : visible(user).filter((lead) => lead.due_day))].sort(ORDER.rank).slice(0, 8).map(brief), ladder: { overdue: between(-99, -1), today: between(0, 0), d1_3: between(1, 3), d4_7: between(4, 7), later: between(8, 99) }, weeks, load, next_due: open.map((lead) => lead.due_day).filter((day) => day >= TODAY).sort()[0],
    };
  };

  const summary = (user, by) => {
    const groups = new Map();
    for (const lead of visible(user)) {
      const keys = by === 'institution' ? [[lead.institution.code, lead.institution.name]] : by === 'week' ? [[lead.last_day.slice(0, 7), lead.last_day.slice(0, 7)]] : lead.rules.map((one) => [one.id, one.title]);
      for (const [key, title] of keys) {
        const row = groups.get(key) ?? { key, title, leads: 0, findings: 0, amount_fen: 0, upheld: 0, cleared: 0 };
        row.leads += 1;
        row.findings += lead.findings;
        row.amount_fen += by === 'rule' ? sum(lead.finding_list.filter((one) => one.counted && one.rule.id === key), 'amount_fen') : lead.amount_fen;
        if (['upheld', 'partly'].includes(lead.status)) row.upheld += 1;
        if (lead.status === 'cleared') row.cleared += 1;
        groups.set(key, row);
      }
    }
    return { items: [...groups.values()].sort((a, b) => b.amount_fen - a.amount_fen) };
  };

  const ruleRow = (one) => {
    const findings = leads.flatMap((lead) => lead.finding_list).filter((finding) => finding.rule.id === one.id);
    const checked = one.id === 'T1' ? 0 : 40 + ((one.weight * 37) % 380);
    const upheld = Math.round(checked * one.p);
    const share = checked ? upheld / checked : 0;
    const half = checked ? 1.96 * Math.sqrt((share * (1 - share)) / checked) : 0;
    return { id: one.id, title: one.title, class: one.class, verdict: one.verdict, status: one.id === 'M16' ? 'shadow' : 'live', version: 3, valid_from: '2021-05-01', findings: findings.length, amount_fen: sum(findings.filter((finding) => finding.counted), 'amount_fen'), checked, upheld, low: Math.max(0, share - half), high: Math.min(1, share + half) };
  };

  /** What a lead says of its findings. */
  const addUp = (lead) => {
    lead.findings = lead.finding_list.length;
    lead.amount_fen = sum(lead.finding_list, 'counted_fen');
    lead.fund_fen = Math.round(lead.amount_fen * 0.75);
  };
  const into = (other, lead, user, why) => {
    lead.finding_list.push(...other.finding_list);
    const from = other.status;
    Object.assign(other, { finding_list: [], status: 'merged', merged_into: lead.id, holder: undefined, due_day: undefined, version: other.version + 1 });
    [other, lead].forEach(addUp);
    state.step(other, 'merged', '并入其他线索', user.account, from, 'merged', { part: { text: `并入 ${lead.number}。${why}` } });
  };
  const apart = (lead, chosen, user, why) => {
    const taken = lead.finding_list.filter((finding) => chosen.includes(finding.id));
    const number = `XS2026-${String(leads.length + 1).padStart(6, '0')}`;
    const part = { ...lead, id: `L${String(leads.length + 1).padStart(6, '0')}`, number, finding_list: taken, steps: [], attachments: [], split_from: lead.id, version: 1 };
    lead.finding_list = lead.finding_list.filter((finding) => !chosen.includes(finding.id));
    [lead, part].forEach(addUp);
    leads.push(part);
    state.step(part, 'split_off', '拆分立件', user.account, part.status, part.status, { part: { text: `从 ${lead.number} 拆出。${why}` } });
  };
  const back = (lead) => {
    const target = leads.find((one) => one.id === lead.merged_into);
    // A finding is numbered after the lead it was found for.
    const own = (finding) => finding.id.slice(1, 6) === lead.id.slice(2);
    lead.finding_list = target.finding_list.filter(own);
    target.finding_list = target.finding_list.filter((finding) => !own(finding));
    Object.assign(lead, { merged_into: undefined, holder: target.holder, due_day: target.due_day });
    [lead, target].forEach(addUp);
  };
  const doAct = (user, lead, act, body) => {
    const way = stepOf(act, lead);
    if (!way) throw new Refused('not_now', `线索 ${lead.number} 现为“${STATUS[lead.status][0]}”，不能这样办理`);
    const why = refusal(way, lead, user);
    if (why) throw new Refused('not_now', why);
    if (body.version !== undefined && body.version !== lead.version) throw new Refused('conflict', `此件已被${named(lead.holder ?? 'chen').name}于 10:42 更新`, { current: detail(lead, user) });
    const fields = {};
    const has = (need) => way.needs.includes(need);
    if (has('assignee') && !body.assignee) fields.assignee = '请选择经办人';
    if (has('reason') && !body.reason) fields.reason = '请选择理由';
    if (has('vote') && !body.vote) fields.vote = '请选择维持、部分维持或不成立';
    if (has('vote') && !body.text) fields.text = '合议意见须写明理由';
    if (has('road') && !['refuse', 'recover'].includes(body.road)) fields.road = '请选择拒付（尚未拨付）或追回（已经拨付）';
    if (has('members') && ((body.members ?? []).length < 3 || body.members.length % 2 === 0)) fields.members = '合议成员应为奇数，不少于 3 人';
    if (act === 'reply' && lead.finding_list.some((finding) => !(body.lines ?? []).some((line) => line.finding_id === finding.id))) fields.lines = '每条疑点都要选择“认可”或“申诉”';
    if (act === 'conclude' && lead.reply?.lines.some((line) => line.conclusion === 'appeal' && !(body.lines ?? []).some((one) => one.finding_id === line.finding_id))) fields.lines = '机构有异议的每条疑点都要有结论';
    if (act === 'again' && !body.text && !(body.attachments ?? []).length) fields.text = '请写明理由或上传附件';
    if (has('leads') && !(body.leads ?? []).length) fields.leads = '请选择要并入的线索';
    if (has('findings') && !(body.findings ?? []).length) fields.findings = '请选择本线索里的疑点';
    if (act === 'put_off' && !(body.until > TODAY)) fields.until = '暂缓的日期应在明天至一年之内';
    if (Object.keys(fields).length > 0) throw new Refused('invalid', undefined, { fields });
    const files = (body.attachments ?? []).map((id) => attachments.get(id)).filter(Boolean);
    const from = lead.status;
    if (act === 'convene') lead.panel = { round: (lead.panel?.round ?? 0) + 1, open: false, members: body.members.map((account) => ({ ...named(account), voted: false, recused: false })) };
    if (act === 'vote') Object.assign(lead.panel.members.find((one) => one.account === user.account), { voted: true, vote: body.vote, text: body.text });
    if (act === 'recuse') lead.panel.members.find((one) => one.account === user.account).recused = true;
    if (act === 'reply') lead.reply = { at: NOW, by: named(user.account), lines: body.lines, text: body.text, attachments: files };
    if (act === 'put_off') lead.put_off_until = body.until;
    if (act === 'take_up') lead.put_off_until = undefined;
    if (act === 'merge') for (const id of body.leads) into(leads.find((one) => one.id === id), lead, user, body.text);
    if (act === 'split') apart(lead, body.findings, user, body.text);
    if (act === 'restore') back(lead);
    lead.status = way.to(body, lead);
    if (lead.status !== from) lead.put_off_until = undefined;
    if (act === 'vote' && lead.status === 'final') Object.assign(lead.panel, { open: true, outcome: 'uphold' });
    if (act === 'correct') {
      // 更正: only ever less; what came in beyond it is owed back.
      const falls = (body.lines ?? []).filter((line) => line.conclusion === 'withdraw').map((line) => lead.finding_list.find((one) => one.id === line.finding_id)?.counted_fen ?? 0);
      const less = Math.min(lead.decision.upheld_fen, falls.reduce((all, one) => all + one, 0));
      if (less === 0) throw new Refused('invalid', undefined, { fields: { lines: '请至少改一条疑点的结论或金额' } });
      lead.decision = { ...lead.decision, at: NOW, by: named(user.account), upheld_fen: lead.decision.upheld_fen - less, withdrawn_fen: lead.decision.withdrawn_fen + less, text: body.text };
      const row = recoveries.find((one) => one.lead.id === lead.id);
      if (row) {
        row.due_fen -= less;
        row.open_fen -= less;
        row.version += 1;
        row.entries.push({ seq: row.entries.length + 1, at: NOW, kind: 'corrected', amount_fen: -less, text: body.text, by: user.name });
        row.state = row.open_fen < 0 ? 'refund' : row.open_fen === 0 ? 'closed' : 'part';
      }
      lead.status = lead.decision.upheld_fen > 0 ? 'partly' : 'cleared';
    }
    if (act === 'decide' || act === 'confirm') {
      lead.decision = { at: NOW, by: named(user.account), road: body.road, upheld_fen: lead.amount_fen, loss_fen: lead.fund_fen, withdrawn_fen: 0, dropped_fen: 0, lines: [], text: body.text };
      state.recover(lead);
    }
    const ended = ['cleared', 'withdrawn', 'upheld'].includes(lead.status);
    const holders = { assign: body.assignee, take: user.account, send: 'renji', reply: undefined, review: user.account, conclude: 'renji', again: undefined, convene: undefined, accept: undefined };
    if (ended || act in holders) lead.holder = ended ? undefined : holders[act];
    if (ended) lead.due_day = undefined;
    lead.attachments.push(...files);
    lead.version += 1;
    lead.updated = NOW;
    state.step(lead, act, way.title, user.account, from, lead.status, { part: { reason: body.reason, text: act === 'vote' ? undefined : body.text, lines: act === 'vote' ? undefined : body.lines, attachments: files.length > 0 ? files : undefined } });
    state.note(user, `lead.${act}`, 'lead', lead.id, body.reason, { from, to: lead.status });
    return lead;
  };

  const runs = () => [0, 1, 2].map((i) => ({ id: `B2026041${5 - i}`, at: `2026-04-1${5 - i} 02:30:00`, data_version: 42 - i, rule_set_hash: sm3ish(`r${i}`), rules: 94, findings: 1284 - i * 86, amount_fen: 386420000 - i * 9120000, persons: 32258, lines: 19870412 - i * 64000, seconds: 21.4 + i, current: i === 0 }));
  const imports = () => [0, 1, 2].map((i) => ({ version: 42 - i, at: `2026-04-1${5 - i} 01:05:00`, sources: ['结算明细_20260414.csv.gz', '费用明细_20260414.parquet', '处方_20260414.csv'], rows: 1203991 - i * 4021, rejected: i === 0 ? 214 : 0, tables: [['setl_d', '结算'], ['fee_list_d', '费用明细'], ['mdtrt_d', '就诊'], ['rx_d', '处方']].map(([table, title], at) => ({ table, title, rows: [80213, 1092244, 80112, 31422][at], rejected: i === 0 ? [0, 209, 5, 0][at] : 0 })) }));
  const quality = () => institutions.flatMap((one, i) => [['doctor', '医师编码缺失', '不能判医师超负荷、执业范围'], ['dept', '科室缺失', '不能判科室限制'], ['order', '明细无开单医师', '不能判无医嘱收费'], ['dx', '诊断编码不在目录', '不能判诊断相符']].map(([check, title, consequence], at) => { const rows = 40000 - i * 2100; const share = [[0.002, 0.31, 0, 0.04][(i + at) % 4], 0][(i * at) % 5 === 4 ? 1 : 0]; return { institution: one.code, institution_name: one.name, region: one.region ?? '', check, title, rows, failed: Math.round(rows * share), share, consequence: share > 0.01 ? consequence : '' }; }));
  const profile = (code) => {
    const one = institutions.find((place) => place.code === code);
    if (!one) throw new Refused('not_found', '没有这家机构');
    const rules = summary(users.find((user) => user.account === 'lin'), 'rule').items.slice(0, 8);
    return institutionProfile(one, rules.map((item) => ({ id: item.key, title: item.title, findings: item.findings, amount_fen: Math.round(item.amount_fen / 6) })));
  };

  const relationsOf = (user, kind, id, query) => {
    need(user, 'profiles.read');
    const lead = kind === 'lead' ? findLead(user, id) : visible(user).find((one) => one.person?.no === id);
    if (!lead?.person) throw new Refused('not_found', '没有这个参保人，或不在您的权限范围内');
    state.note(user, 'relations.look', kind, id);
    return picture(visible(user), lead.person, query, kind === 'lead' ? `线索 ${lead.id}` : '');
  };

  const plainView = (one, user) => ({ id: one.id, title: one.title, query: one.query, shared: one.shared ?? false, own: one.account === user.account, by: named(one.account).name });
  const noticesOf = (user) => {
    if (!rights(user).includes('leads.read')) return [];
    const outside = user.roles.includes('institution');
    const list = visible(user).flatMap((lead) => {
      const of = (kind, at, by) => ({ key: `${kind}:${lead.id}:${at}`, kind, lead: lead.id, institution: lead.institution.name, amount_fen: lead.amount_fen, by: outside ? '' : by, at, read: state.read.has(`${user.account} ${kind}:${lead.id}:${at}`) });
      const due = dueOf(lead);
      const mine = outside ? ['sent', 'appeal'].includes(lead.status) : lead.holder === user.account;
      const told = [];
      if (mine && due && due.working_days_left <= 3) told.push(of(due.overdue ? 'overdue' : 'due', `${due.day} 00:00:00`, ''));
      for (const step of lead.steps) {
        if (step.by.account === user.account) continue;
        if (step.act === 'assign' && lead.holder === user.account) told.push(of('assigned', step.at, step.by.name));
        if (step.act === 'reply' && lead.steps.some((one) => one.act === 'send' && one.by.account === user.account)) told.push(of('answered', step.at, step.by.name));
      }
      return told;
    });
    return list.sort((a, b) => (a.at < b.at ? 1 : -1)).slice(0, 60);
  };

  const view = (user) => {
    const own = user.institutions[0];
    const institution = institutions.find((one) => one.code === own);
    return { account: user.account, name: user.name, roles: user.roles, role_titles: titles(user), region: user.region, region_names: { '3309': '临溪市' }, institution: institution ? { code: institution.code, name: institution.name } : undefined, acts: rights(user), csrf: user.csrf, totp: user.totp, must_change: user.must_change ?? false, must_totp: false, as_of: '2026-04-14', run: 'B20260415' };
  };
  const plainUser = (user) => { const { csrf: _c, must_change: _m, ...rest } = user; return { ...rest, role_titles: titles(user) }; };

  const follow = (job) => {
    const timer = setInterval(() => {
      if (job.state !== 'running') return clearInterval(timer);
      job.done = Math.min(job.total, job.done + Math.ceil(job.total / 8));
      if (job.done === job.total) Object.assign(job, { state: 'done', ended: NOW, outcome: '疑点 1,284 条，线索 500 条' });
    }, 250);
    timer.unref();
  };

  // "METHOD /path" with :names → handler({ user, path, query, body, raw }).
  const routes = {
    'GET /me': ({ user }) => view(user),
    'POST /me/password': ({ user, body }) => {
      if (body.current !== 'demo') throw new Refused('invalid', undefined, { fields: { current: '当前密码不对' } });
      if (body.password.length < 12) throw new Refused('invalid', undefined, { fields: { password: '新密码至少 12 位' } });
      user.must_change = false;
    },
    'POST /me/totp': () => ({ secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', uri: 'otpauth://totp/%E6%98%8E%E9%89%B4:demo?secret=JBSWY3DPEHPK3PXP&issuer=mingjian' }),
    'POST /me/totp/confirm': ({ user, body }) => {
      if (body.code !== '123456') throw new Refused('invalid', '动态口令不对');
      user.totp = true;
      return { recovery_codes: ['k3f9-22mq', 'p0w8-71xz', 't5n4-66ab', 'r9d1-40cc'] };
    },
    'GET /leads': ({ user, query }) => {
      need(user, 'leads.read');
      const items = filtered(user, query).sort(ORDER[query.sort] ?? ORDER.rank);
      const { items: shown, next, prev } = page(items, query, Number(query.limit ?? 50));
      return { items: shown.map(brief), total: items.length, sum_amount_fen: sum(items, 'amount_fen'), sum_fund_fen: sum(items, 'fund_fen'), next, prev };
    },
    'GET /leads/:id': ({ user, path }) => {
      const lead = findLead(user, path.id);
      state.note(user, 'lead.look', 'lead', lead.id);
      return detail(lead, user);
    },
    'POST /leads/acts/:act': ({ user, path, body }) => {
      const chosen = body.ids ? body.ids.map((id) => findLead(user, id)) : filtered(user, Object.fromEntries(Object.entries(body.filter ?? {}).map(([key, value]) => [key, String(value)])));
      const answer = { done: 0, failed: [], amount_fen: 0 };
      for (const lead of chosen) {
        try {
          doAct(user, lead, path.act, { ...body, version: undefined });
          answer.done += 1;
          answer.amount_fen += lead.amount_fen;
        } catch (error) {
          if (!(error instanceof Refused)) throw error;
          answer.failed.push({ id: lead.number, detail: error.problem.detail ?? error.problem.title });
        }
      }
      return answer;
    },
    'POST /leads/:id/acts/:act': ({ user, path, body }) => detail(doAct(user, findLead(user, path.id), path.act, body), user),
    'POST /leads/:id/attachments': ({ user, path, raw }) => {
      const lead = findLead(user, path.id);
      const name = /filename="([^"]*)"/.exec(raw.toString('utf8'))?.[1] ?? '附件';
      const file = { id: `A${attachments.size + 1}-${lead.id}`, name, media: name.endsWith('.pdf') ? 'application/pdf' : 'text/plain', size: raw.length, sm3: sm3ish(raw), by: named(user.account), at: NOW };
      attachments.set(file.id, file);
      return file;
    },
    'POST /leads/:id/unmask': ({ user, path, body }) => {
      need(user, 'leads.unmask');
      const lead = findLead(user, path.id);
      if (!body.reason) throw new Refused('invalid', undefined, { fields: { reason: '请写明理由' } });
      state.note(user, 'person.unmask', 'lead', lead.id, body.reason);
      return { name: `${lead.person.name_masked[0]}虚构`, certno: '330902195901010000' };
    },
    'GET /findings/:id/evidence': ({ user, path }) => {
      const [lead, finding] = findFinding(user, path.id);
      state.note(user, 'evidence.look', 'lead', lead.id, undefined, { finding: finding.id });
      return evidence(lead, finding);
    },
    'GET /findings/:id/timeline': ({ user, path }) => timeline(findFinding(user, path.id)[0]),
    'GET /recoveries': ({ user, query }) => {
      need(user, 'recoveries.read');
      const own = user.roles.includes('institution') ? user.institutions[0] : query.institution;
      const items = [...recoveries].reverse().filter((one) => (!query.state || one.state === query.state) && (!own || one.institution.code === own));
      const sums = Object.fromEntries(['due', 'refused', 'offset', 'paid', 'waived', 'returned'].map((name) => [`${name}_fen`, sum(items, `${name}_fen`)]));
      Object.assign(sums, { open_fen: sum(items.filter((one) => one.open_fen > 0), 'open_fen'), refund_fen: -sum(items.filter((one) => one.open_fen < 0), 'open_fen') });
      return { ...page(items, query, 50), prev: undefined, total: items.length, sums: { ...sums, overdue_fen: sum(items.filter((one) => one.state === 'overdue'), 'open_fen') } };
    },
    'GET /recoveries/months': ({ user, query }) => {
      need(user, 'recoveries.read');
      const own = user.roles.includes('institution') ? user.institutions[0] : undefined;
      const rows = recoveries.filter((one) => !own || one.institution.code === own);
      const year = Number(query.year ?? TODAY.slice(0, 4));
      const names = Array.from({ length: 12 }, (_, i) => `${year}-${String(i + 1).padStart(2, '0')}`).filter((month) => month <= TODAY.slice(0, 7));
      const entries = rows.flatMap((one) => one.entries);
      const of = (month, kind) => sum(entries.filter((entry) => entry.kind === kind && entry.at.startsWith(month)), 'amount_fen');
      const months = names.map((month) => ({
        month, running: month === TODAY.slice(0, 7),
        due_fen: sum(rows.filter((one) => (one.opened_at ?? TODAY).startsWith(month)), 'due_fen'),
        refused_fen: of(month, 'refused'), offset_fen: of(month, 'offset'), paid_fen: of(month, 'paid'), waived_fen: of(month, 'waived'), returned_fen: of(month, 'returned'),
      }));
      return { year, months, target_fen: own || year !== Number(TODAY.slice(0, 4)) ? undefined : 26000000 };
    },
    'POST /recoveries/:id/entries': ({ user, path, body }) => {
      need(user, body.kind === 'waived' ? 'recoveries.waive' : 'recoveries.book');
      const one = recoveries.find((row) => row.id === path.id);
      if (!one) throw new Refused('not_found');
      if (body.version !== one.version) throw new Refused('conflict', '台账已被更新');
      if (body.reverses !== undefined) {
        const old = one.entries.find((row) => row.seq === body.reverses);
        if (!body.text) throw new Refused('invalid', undefined, { fields: { text: '冲正须写明理由' } });
        state.enter(one, old.kind, -old.amount_fen, undefined, user.name);
        Object.assign(one.entries[one.entries.length - 1], { reverses: old.seq, text: body.text });
        return one;
      }
      const most = body.kind === 'returned' ? -one.open_fen : one.open_fen;
      if (body.amount_fen <= 0 || body.amount_fen > most) throw new Refused('invalid', undefined, { fields: { amount_fen: '不能超过待追金额' } });
      state.enter(one, body.kind, body.amount_fen, body.document, user.name);
      state.note(user, 'recovery.enter', 'recovery', one.number);
      return one;
    },
    'GET /workbench': ({ user }) => {
      need(user, 'workbench.read');
      return workbench(user);
    },
    'GET /summary': ({ user, query }) => summary(user, query.by ?? 'rule'),
    'GET /rules': ({ user }) => {
      need(user, 'rules.read');
      return { items: rules.map(ruleRow) };
    },
    'GET /rules/:id': ({ path }) => {
      const one = ruleOf(path.id);
      if (!one) throw new Refused('not_found', '没有这条规则');
      const kinds = [['三级', 0.5], ['二级', 0.38], ['药店', 0.12]].map(([kind, part], i) => {
        const [checked, share] = [Math.round((one.weight * 10 + 6) * part), Math.min(1, Math.max(0, one.p - 0.1 * (i - 1)))];
        return { kind, checked, upheld: Math.round(checked * share), low: Math.max(0, share - 1 / Math.sqrt(checked + 4)), high: Math.min(1, share + 1 / Math.sqrt(checked + 4)) };
      });
      return { ...ruleRow(one), ...library(one), kinds };
    },
    'GET /knowledge': () => ({ items: knowledgeTables.map(({ rows: _r, columns: _c, ...rest }) => rest) }),
    'GET /knowledge/:table': ({ path, query }) => {
      const table = knowledgeTables.find((one) => one.table === path.table);
      if (!table) throw new Refused('not_found', '没有这张知识表');
      const rows = table.rows.filter((row) => !query.q || row.some((cell) => cell.includes(query.q)));
      const { items, next } = page(rows, query, 30);
      return { columns: table.columns, items, total: rows.length, next, revisions: [{ day: '2026-01-06', begun: 159, ended: 12 }, { day: '2021-05-01', begun: table.points - 159, ended: 0 }] };
    },
    'GET /runs': () => ({ items: runs() }),
    'GET /imports': () => ({ items: imports() }),
    'GET /counter': ({ user, query }) => counterPage(user.roles.includes('institution') ? user.institutions[0] : undefined, query.from ?? shift(TODAY, -29), query.to ?? TODAY),
    'GET /quality': () => ({ items: quality() }),
    'GET /jobs': () => ({ items: [...jobs].reverse() }),
    'POST /jobs': ({ user, body }) => {
      need(user, 'jobs.run');
      if (jobs.some((job) => job.state === 'running')) throw new Refused('busy', '已有任务在运行，请等它结束');
      const job = { id: `J${jobs.length + 1}`, kind: body.kind, title: body.kind, state: 'running', started: NOW, by: user.name, step: '逐桶筛查', done: 0, total: 64, resumable: false };
      jobs.push(job);
      follow(job);
      return job;
    },
    'POST /jobs/:id/resume': ({ user, path }) => {
      need(user, 'jobs.run');
      const old = jobs.find((one) => one.id === path.id);
      if (!old?.resumable) throw new Refused('not_now', '还在运行，或已经接着做过');
      old.resumable = false;
      const job = { ...old, id: `J${jobs.length + 1}`, state: 'running', ended: undefined, outcome: undefined, started: NOW, by: user.name, done: 0, resumes: old.id };
      jobs.push(job);
      follow(job);
      return job;
    },
    'DELETE /jobs/:id': ({ path }) => {
      const job = jobs.find((one) => one.id === path.id);
      if (!job) throw new Refused('not_found', '没有这个任务');
      return Object.assign(job, { state: 'cancelled', ended: NOW, outcome: '已取消，没有留下半成品', resumable: true });
    },
    'GET /institutions/:code': ({ user, path }) => {
      need(user, 'profiles.read');
      return profile(path.code);
    },
    'GET /doctors/:code': ({ user, path }) => {
      need(user, 'doctors.read');
      const one = doctorProfile(visible(user), path.code);
      if (!one) throw new Refused('not_found', '没有这位医师，或不在您的权限范围内');
      state.note(user, 'doctor.look', 'doctor', path.code);
      return one;
    },
    'GET /persons/:code': ({ user, path }) => {
      need(user, 'profiles.read');
      const one = personProfile(visible(user), path.code);
      if (!one) throw new Refused('not_found', '没有这个参保人，或不在您的权限范围内');
      state.note(user, 'person.look', 'person', path.code);
      return one;
    },
    'GET /relations': ({ user }) => {
      need(user, 'profiles.read');
      state.note(user, 'groups.look', 'list', '团组');
      return groups(visible(user));
    },
    'GET /leads/:id/relations': ({ user, path, query }) => relationsOf(user, 'lead', path.id, query),
    'GET /persons/:code/relations': ({ user, path, query }) => relationsOf(user, 'person', path.code, query),
    'GET /subjects': ({ user, query }) => {
      need(user, 'doctors.read');
      return { items: subjects(visible(user), query.q ?? '', rights(user).includes('profiles.read')) };
    },
    'GET /views': ({ user, query }) => {
      need(user, query.page === 'recoveries' ? 'recoveries.read' : 'leads.read');
      return { items: state.views.filter((one) => one.page === query.page && (one.account === user.account || (one.shared && one.region === user.region && !user.roles.includes('institution')))).map((one) => plainView(one, user)) };
    },
    'POST /views': ({ user, body }) => {
      need(user, body.page === 'recoveries' ? 'recoveries.read' : 'leads.read');
      if (!body.title) throw new Refused('invalid', undefined, { fields: { title: '视图要有名称' } });
      state.views = state.views.filter((one) => one.account !== user.account || one.title !== body.title);
      const made = { ...body, id: String(state.views.length + 1), account: user.account, region: user.region };
      state.views.push(made);
      return plainView(made, user);
    },
    'DELETE /views/:id': ({ user, path }) => {
      if (!state.views.some((one) => one.id === path.id && one.account === user.account)) throw new Refused('not_found', '没有这个视图');
      state.views = state.views.filter((one) => one.id !== path.id);
    },
    'GET /notices': ({ user }) => {
      const items = noticesOf(user);
      return { items, unread: items.filter((one) => !one.read).length };
    },
    'POST /notices/read': ({ user, body }) => {
      for (const key of body.keys) state.read.add(`${user.account} ${key}`);
    },
    'GET /users': ({ user, query }) => {
      need(user, 'users.read');
      const { items, next } = page(users.filter((one) => !query.q || `${one.account} ${one.name}`.includes(query.q)), query, 50);
      return { items: items.map(plainUser), next, roles: Object.entries(ROLE_TITLES).map(([code, title]) => ({ code, title })) };
    },
    'GET /rights': ({ user }) => {
      need(user, 'users.read');
      return { roles: ROLES, acts: ACTS };
    },
    'POST /users': ({ user, body }) => {
      need(user, 'users.write');
      if (users.some((one) => one.account === body.account)) throw new Refused('invalid', undefined, { fields: { account: '账号已存在' } });
      const made = { region: '', institutions: [], ...body, state: 'active', totp: false, linked: false, version: 1, must_change: true };
      users.push(made);
      state.note(user, 'account.create', 'account', made.account);
      return { user: plainUser(made), password: 'Kf7-wq2-Mz9-tt4' };
    },
    'PATCH /users/:account': ({ user, path, body }) => {
      need(user, 'users.write');
      const one = users.find((row) => row.account === path.account);
      const { version, disabled, ...rest } = body;
      if (version !== one.version) throw new Refused('conflict', '账号已被更新');
      Object.assign(one, rest, { version: version + 1 });
      if (disabled !== undefined) one.state = disabled ? 'disabled' : 'active';
      state.note(user, 'account.change', 'account', one.account);
      return plainUser(one);
    },
    'POST /users/:account/unlink': ({ user, path }) => {
      need(user, 'users.write');
      users.find((row) => row.account === path.account).linked = false;
      state.note(user, 'account.unlink', 'account', path.account);
    },
    'POST /users/:account/unlock': ({ user, path }) => {
      need(user, 'users.write');
      users.find((row) => row.account === path.account).state = 'active';
    },
    'POST /users/:account/reset': ({ user, path }) => {
      need(user, 'users.write');
      const one = users.find((row) => row.account === path.account);
      one.must_change = true;
      state.note(user, 'account.reset', 'account', one.account);
      return { user: plainUser(one), password: 'Rt5-hn8-Qa3-xx6' };
    },
    'GET /exports': ({ user, query }) => {
      const decides = rights(user).includes('exports.approve');
      const rows = [...exports_].reverse().filter((row) => (query.of === 'others' ? decides && row.asker.account !== user.account && row.why : row.asker.account === user.account)).filter((row) => query.waiting !== '1' || row.state === 'waiting');
      const { items, next } = page(rows, query, 50);
      return { items: items.map((row) => shownExport(row, user)), waiting: decides ? exports_.filter((row) => row.state === 'waiting' && row.asker.account !== user.account).length : 0, next };
    },
    'POST /exports': ({ user, body }) => {
      need(user, body.kind === 'recoveries' ? 'recoveries.export' : 'leads.export');
      const query = Object.fromEntries(Object.entries(body.filter).map(([name, value]) => [name, String(value)]));
      const picture = body.kind === 'relations' ? relationsOf(user, query.lead ? 'lead' : 'person', query.lead ?? query.person, {}) : undefined;
      const rows = picture ? picture.nodes.filter((node) => node.kind === 'person').length : body.kind === 'leads' ? filtered(user, query).length : recoveries.length;
      const why = body.clear ? 'clear' : rows > 300 ? 'rows' : undefined;
      const row = { id: `DC2026-${String(exports_.length + 1).padStart(6, '0')}`, kind: body.kind, form: body.form, clear: body.clear, conditions: Object.entries(query).map(([name, value]) => ({ name, value })), rows, reason: body.reason, why, state: why ? 'waiting' : 'approved', asked_at: NOW, asker: named(user.account), until: why ? undefined : `${shift(TODAY, 3)} 10:42:00`, version: 1 };
      exports_.push(row);
      state.note(user, 'export.ask', 'export', row.id, body.reason);
      return shownExport(row, user);
    },
    'GET /exports/:id': ({ user, path }) => shownExport(findExport(user, path.id), user),
    'POST /exports/:id/approve': decideExport(true),
    'POST /exports/:id/refuse': decideExport(false),
    'POST /exports/:id/withdraw': ({ user, path }) => {
      const row = findExport(user, path.id);
      if (row.asker.account !== user.account) throw new Refused('not_found', '没有这个导出申请，或不在您的权限范围内');
      Object.assign(row, { state: 'withdrawn', version: row.version + 1 });
      return shownExport(row, user);
    },
    'POST /me/prints': ({ user, body }) => {
      state.note(user, 'page.print', body.page.startsWith('/leads/') ? 'lead' : 'page', body.page.replace('/leads/', ''), undefined, body);
    },
    'GET /leads/:id/looks': ({ user, path, query }) => {
      need(user, 'leads.looks');
      findLead(user, path.id);
      const looks = ['lead.look', 'evidence.look', 'timeline.look', 'attachment.look', 'page.print', 'look.refuse', 'person.unmask'];
      const items = [...events].reverse().filter((one) => one.object === path.id && looks.includes(one.act));
      const { items: shown, next } = page(items, query, 50);
      return { items: shown.map((one) => ({ at: one.at, account: one.account, name: named(one.account).name, role_title: ROLE_TITLES[one.role], act: one.act, origin: one.origin, reason: one.reason })), next };
    },
    'GET /audit': ({ user, query }) => {
      need(user, 'audit.read');
      if (!query.after) state.note(user, 'audit.read', 'list', 'audit');
      const items = [...events].reverse().filter((one) => (!query.account || one.account === query.account) && (!query.act || one.act.includes(query.act)) && (!query.object || one.object === query.object) && (query.looks !== '1' || one.act.includes('look')));
      const { items: shown, next } = page(items, query, 50);
      return { items: shown, next };
    },
    'GET /audit/state': () => ({ intact: true, events: events.length, anchor: { day: TODAY, seq: events.length, hash: events[events.length - 1].hash } }),
    'GET /campaigns': ({ user }) => {
      need(user, 'campaigns.read');
      const own = user.roles.includes('institution') ? user.institutions[0] : undefined;
      return { items: campaigns.map((one) => ({ ...one, institutions: own ? one.institutions.filter((row) => row.institution.code === own) : one.institutions })).filter((one) => one.institutions.length > 0) };
    },
    'POST /campaigns': ({ user, body }) => {
      need(user, 'campaigns.write');
      const made = { ...body, id: `C${campaigns.length + 1}`, state: 'draft', version: 1, institutions: body.institutions.map((code) => ({ institution: { code, name: institutions.find((one) => one.code === code)?.name ?? code }, state: 'waiting', findings: 0, found_fen: 0, declared_fen: 0, refunded_fen: 0, overdue: false, late: false, entries: [], version: 1 })) };
      campaigns.unshift(made);
      return made;
    },
    'POST /campaigns/:id/publish': ({ user, path }) => {
      need(user, 'campaigns.write');
      return Object.assign(campaigns.find((one) => one.id === path.id), { state: 'open', version: 2 });
    },
    'POST /campaigns/:id/institutions/:code/:step': ({ user, path, body }) => {
      need(user, path.step === 'refund' ? 'recoveries.book' : 'campaigns.write');
      const campaign = campaigns.find((one) => one.id === path.id);
      const part = campaign.institutions.find((one) => one.institution.code === path.code);
      if (body.version !== part.version) throw new Refused('conflict', '申报已被更新');
      if (path.step === 'refund') part.refunded_fen += body.amount_fen;
      const settled = part.refunded_fen >= part.declared_fen ? 'paid' : 'declared';
      Object.assign(part, { state: { refund: part.state === 'returned' ? 'returned' : settled, accept: 'accepted', return: 'returned' }[path.step], version: part.version + 1 });
      return campaign;
    },
    'GET /campaigns/:id/institutions/:code/findings': ({ user, path }) => {
      need(user, 'leads.export');
      const campaign = campaigns.find((one) => one.id === path.id);
      if (!campaign || (user.roles.includes('institution') && user.institutions[0] !== path.code)) throw new Refused('not_found');
      const own = leads.filter((lead) => lead.institution?.code === path.code).flatMap((lead) => lead.finding_list);
      return { items: own.filter((finding) => campaign.rules.includes(finding.rule.id)) };
    },
    'POST /campaigns/:id/declarations': ({ user, path, body }) => {
      const campaign = campaigns.find((one) => one.id === path.id);
      const own = campaign?.institutions.find((one) => one.institution.code === user.institutions[0]);
      if (!own) throw new Refused('not_found');
      Object.assign(own, { state: 'declared', declared_fen: body.declared_fen, promised: `${body.promise} ${TODAY}`, version: own.version + 1 });
      return { ...campaign, institutions: [own] };
    },
    'GET /institution/summary': ({ user }) => {
      const own = visible(user);
      const open = own.filter((lead) => ['sent', 'appeal'].includes(lead.status));
      const accepted = own.filter((lead) => lead.reply?.lines.some((line) => line.conclusion === 'accept'));
      const rows = recoveries.filter((one) => one.institution.code === user.institutions[0]);
      return {
        open: open.length, open_fen: sum(open, 'amount_fen'), due3: open.filter((lead) => { const due = dueOf(lead); return due && due.working_days_left <= 3; }).length, overdue: open.filter((lead) => dueOf(lead)?.overdue).length, accepted: accepted.length, accepted_fen: sum(accepted, 'amount_fen'), withdrawn_fen: own.reduce((all, lead) => all + (lead.decision?.withdrawn_fen ?? 0), 0), refund_due_fen: sum(rows, 'open_fen'), refunded_fen: sum(rows, 'paid_fen') + sum(rows, 'offset_fen'),
        by_rule: summary(user, 'rule').items.map((item) => ({ id: item.key, title: item.title, findings: item.findings, amount_fen: item.amount_fen })), by_month: summary(user, 'week').items.map((item) => ({ month: item.key, findings: item.findings, amount_fen: item.amount_fen })).sort((a, b) => (a.month < b.month ? -1 : 1)),
      };
    },
  };
  const table = Object.entries(routes).map(([key, run]) => {
    const [method, path] = key.split(' ');
    return { method, path, shape: new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`), run };
  });

  const session = (request) => sessions.get(/mj=([0-9a-f]+)/.exec(request.headers.cookie ?? '')?.[1]);

  const api = async (request, response, url) => {
    const path = url.pathname.slice('/api/v1'.length);
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const raw = Buffer.concat(chunks);
    const json = (request.headers['content-type'] ?? '').includes('json') && raw.length > 0;
    const body = json ? JSON.parse(raw.toString('utf8')) : undefined;
    const send = (status, value, headers = {}) => {
      response.writeHead(status, { 'content-type': value === undefined ? 'text/plain' : 'application/json', 'cache-control': 'no-store', ...headers });
      response.end(value === undefined ? '' : JSON.stringify(value));
    };
    if (delay) await new Promise((done) => setTimeout(done, delay));
    if (request.method === 'GET' && path === '/session') return send(200, oidc ? { oidc: { title: '政务统一认证', start: '/api/v1/session/oidc' } } : {});
    if (path === '/session/oidc') {
      // The provider of the mock vouches for `chen` at once, and for nobody where the page asked for is /refused.
      const to = url.searchParams.get('to') ?? '/';
      if (to.startsWith('/refused')) {
        response.writeHead(303, { location: '/?login=no_account' });
        return response.end();
      }
      const user = users.find((one) => one.account === 'chen');
      const token = randomBytes(16).toString('hex');
      user.csrf = randomBytes(16).toString('hex');
      sessions.set(token, user);
      response.writeHead(303, { location: to, 'set-cookie': `mj=${token}; Path=/; HttpOnly; SameSite=Strict` });
      return response.end();
    }
    if (request.method === 'POST' && path === '/session') {
      const user = users.find((one) => one.account === body.account);
      if (!user || body.password !== 'demo') throw new Refused('wrong', '账号或密码不对，还可以再试 4 次');
      if (user.state !== 'active') throw new Refused('locked', '账号已停用，请联系安全管理员');
      if (user.totp && !body.code) throw new Refused('code_needed');
      if (user.totp && body.code !== '123456') throw new Refused('wrong', '动态口令不对');
      const token = randomBytes(16).toString('hex');
      user.csrf = randomBytes(16).toString('hex');
      sessions.set(token, user);
      state.note(user, 'session.begin', 'session', user.account);
      hold('POST', '/session', view(user));
      return send(200, view(user), { 'set-cookie': `mj=${token}; Path=/; HttpOnly; SameSite=Strict` });
    }
    const user = session(request);
    if (!user) throw new Refused('unauthenticated');
    if (request.method !== 'GET' && request.headers['x-csrf-token'] !== user.csrf) throw new Refused('csrf', '请刷新页面再试');
    if (request.method === 'DELETE' && path === '/session') {
      for (const [token, one] of sessions) if (one === user) sessions.delete(token);
      return send(204);
    }
    const job = /^\/jobs\/([^/]+)\/events$/.exec(path)?.[1];
    if (job) {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      const timer = setInterval(() => {
        const one = jobs.find((row) => row.id === job);
        response.write(`data: ${JSON.stringify(one)}\n\n`);
        if (!one || one.state !== 'running') {
          clearInterval(timer);
          response.end();
        }
      }, 150);
      request.on('close', () => clearInterval(timer));
      return undefined;
    }
    const file = /^\/exports\/([^/]+)\/file$/.exec(path)?.[1];
    if (file) {
      const one = exports_.find((row) => row.id === file && row.asker.account === user.account);
      if (!one) throw new Refused('not_found', '没有这个导出申请，或不在您的权限范围内');
      if (one.state !== 'approved') throw new Refused('not_now', one.state === 'taken' ? '文件已经下载过；一次批准只能下载一次，需要时请重新申请' : '申请还在等审批');
      Object.assign(one, { state: 'taken', taken_at: NOW, rows_taken: one.rows, version: one.version + 1 });
      state.note(user, 'export.take', 'export', one.id, one.reason);
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-disposition': `attachment; filename="list.${one.form}"; filename*=UTF-8''${encodeURIComponent({ leads: '线索', recoveries: '追回台账', relations: '关系图谱' }[one.kind])}-${one.id}.${one.form}` });
      return response.end('PK');
    }
    if (path.endsWith('.xlsx')) {
      state.note(user, path === '/audit.xlsx' ? 'export.audit' : 'export.leads', 'list', path, url.searchParams.get('reason') ?? undefined);
      response.writeHead(200, { 'content-type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'content-disposition': 'attachment; filename="list.xlsx"' });
      return response.end('PK');
    }
    for (const { method, path: named_, shape, run } of table) {
      const found = method === request.method ? shape.exec(path) : null;
      if (!found) continue;
      const key = request.headers['idempotency-key'];
      const held = key ? seen.get(`${user.account} ${key}`) : undefined;
      if (held) return send(200, held);
      const answer = run({ user, path: Object.fromEntries(Object.entries(found.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)])), query: Object.fromEntries(url.searchParams), body, raw });
      hold(method, named_, answer);
      if (key && answer) seen.set(`${user.account} ${key}`, answer);
      return answer === undefined ? send(204) : send(200, answer);
    }
    throw new Refused('not_found', '没有这个地址');
  };

  const page_ = (response, url) => {
    const name = normalize(url.pathname).replace(/^\/+/, '');
    const file = join(DIST, name);
    if (name && extname(name) && file.startsWith(DIST) && existsSync(file)) {
      const bytes = readFileSync(file);
      response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream' });
      return response.end(bytes);
    }
    const nonce = randomBytes(16).toString('hex');
    const index = readFileSync(join(DIST, 'index.html'), 'utf8');
    response.writeHead(200, {
      'content-type': TYPES['.html'],
      'content-security-policy': `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'`,
    });
    return response.end(index.replaceAll('__CSP_NONCE__', nonce));
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://mock');
    const failed = (error) => {
      const problem = error instanceof Refused ? error.problem : { type: '/problems/internal', title: CODES.internal[1], status: 500, code: 'internal' };
      if (!(error instanceof Refused)) process.stderr.write(`${error.stack}\n`);
      response.writeHead(problem.status, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify(problem));
    };
    try {
      if (url.pathname.startsWith('/api/v1')) api(request, response, url).catch(failed);
      else page_(response, url);
    } catch (error) {
      failed(error);
    }
  });
  return new Promise((done) => {
    server.listen(port, '127.0.0.1', () => done({ url: `http://127.0.0.1:${server.address().port}`, state, close: () => new Promise((closed) => { server.closeAllConnections(); server.close(closed); }) }));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const mock = await startMock({ port: Number(process.argv[2] ?? 8788) });
  process.stdout.write(`${mock.url}\n`);
}
