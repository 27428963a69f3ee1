// Profiles of the mock: figures made up from the code, so that they come out the same each time; findings are those of the mock's leads.
import { random, shift, STATUS, timeline, TODAY } from './data.mjs';

const seed = (code) => [...code].reduce((sum, one) => (sum * 31 + one.charCodeAt(0)) % 1000003, 7);

/** A figure beside `count` of its like, spread around `median`. */
function measure(rng, count, [id, title, unit, median, spread, whole]) {
  const draw = () => Math.max(0, median * (1 + spread * (rng.real() + rng.real() - 1)));
  const round = (value) => (whole ? Math.round(value) : Math.round(value * 100) / 100);
  const dots = Array.from({ length: count }, () => round(draw())).sort((a, b) => a - b);
  const value = round(median * (1 + spread * (rng.real() * 2.4 - 0.6)));
  const at = (share) => dots[Math.floor(share * (dots.length - 1))];
  const below = dots.filter((one) => one < value).length;
  return { id, title, unit, value, peers: count < 5 ? undefined : { count, p25: at(0.25), median: at(0.5), p75: at(0.75), percentile: (below / count) * 100, dots } };
}

const INSTITUTION = [['stay_cost', '住院次均费用', '元', 6120, 0.8], ['stay_days', '平均住院日', '天', 8.4, 0.5], ['visit_cost', '门诊（购药）次均费用', '元', 286, 0.6], ['stay_share', '住院占比', '%', 12, 0.7], ['fund_share', '基金支付占比', '%', 64, 0.2], ['own_share', '全自费占比', '%', 6, 0.9]];
const DOCTOR = [['visits_day', '出诊日均门诊人次', '人次', 42, 0.6], ['visits_most', '一日门诊人次最多', '人次', 71, 0.7, true], ['per_person', '人均就诊次数', '次', 3.1, 0.5], ['visit_cost', '门诊次均开单金额', '元', 231, 0.6], ['stay_cost', '住院人次均开单金额', '元', 4120, 0.6], ['drug_share', '药品占比', '%', 41, 0.4], ['material_share', '材料占比', '%', 9, 0.9], ['test_share', '检查化验占比', '%', 22, 0.5]];
const PERSON = [['visits', '门诊就诊次数', '次', 14, 0.9, true], ['purchases', '药店购药次数', '次', 9, 1, true], ['stays', '住院次数', '次', 1, 1, true], ['stay_days', '住院天数', '天', 8, 1, true], ['total', '医疗费用总额', '元', 8640, 0.9], ['fund', '基金支付', '元', 5210, 0.9], ['places', '就诊机构数', '家', 3, 0.8, true]];

function months(rng, scale) {
  return Array.from({ length: 12 }, (_, i) => {
    const amount = Math.round(rng.between(180, 320) * scale);
    return { month: shift(`${TODAY.slice(0, 7)}-15`, ((i - 11) * 30.4) | 0).slice(0, 7), visits: Math.round(rng.between(40, 70) * scale ** 0.3), stays: rng.between(0, 9), amount_fen: amount, fund_fen: Math.round(amount * 0.68), findings: rng.between(0, 6), found_fen: Math.round(amount * rng.real() * 0.2) };
  });
}

function found(leads, own) {
  const all = leads.flatMap((lead) => lead.finding_list.filter((finding) => own(lead, finding)).map((finding) => ({ lead, finding })));
  const rules = new Map();
  for (const { finding } of all) {
    const row = rules.get(finding.rule.id) ?? { id: finding.rule.id, title: finding.rule.title, findings: 0, amount_fen: 0 };
    rules.set(finding.rule.id, { ...row, findings: row.findings + 1, amount_fen: row.amount_fen + finding.counted_fen });
  }
  return {
    rules: [...rules.values()].sort((a, b) => b.amount_fen - a.amount_fen), findings_total: all.length,
    findings: all.slice(0, 50).map(({ lead, finding }) => ({ id: finding.id, lead: lead.id, rule: { code: finding.rule.id, name: finding.rule.title }, result: finding.result, text: finding.text, institution: lead.institution.name, amount_fen: finding.amount_fen, day: finding.last_time.slice(0, 10), status_title: STATUS[lead.status][0], tone: STATUS[lead.status][1], gone: false })),
  };
}

export function institutionProfile(one, rules) {
  const rng = random(seed(one.code));
  return { code: one.code, name: one.name, level: one.level, kind: one.kind, region: one.region, like: { title: `${one.level}${one.kind}`, count: 23 }, measures: INSTITUTION.map((row) => measure(rng, 23, row)), months: months(rng, 1000000), rules };
}

/** `leads` are those the person may see; nothing where none of them names the doctor. */
export function doctorProfile(leads, code) {
  const lead = leads.find((one) => one.finding_list.some((finding) => finding.practitioner?.code === code));
  if (!lead) return undefined;
  const rng = random(seed(code));
  // Every ninth is alone in the department.
  const count = seed(code) % 9 === 0 ? 3 : 37;
  return {
    code, name_masked: lead.finding_list[0].practitioner.name_masked, institution: { code: lead.institution.code, name: lead.institution.name }, level: lead.institution.level, region: lead.institution.region, department: '康复医学科', job_title: '主治医师',
    like: { title: `${lead.institution.level}机构的康复医学科医师`, count }, measures: DOCTOR.map((row) => measure(rng, count, row)), months: months(rng, 30000),
    ...found(leads.filter((one) => one.institution.code === lead.institution.code), (_, finding) => finding.practitioner?.code === code), elsewhere: [],
    unseen: ['本机构有 1204 行（3.1%）费用明细没有开单医师，未计入任何医师', '只看医保结算上传的明细，自费就诊和未上传的不在内；医师在岗时间、病情轻重未作调整'],
  };
}

export function personProfile(leads, no) {
  const lead = leads.find((one) => one.person?.no === no);
  if (!lead) return undefined;
  const rng = random(seed(no));
  const { name_masked, sex, age } = lead.person;
  const tens = Math.floor(age / 10) * 10;
  return {
    no, name_masked, sex, age, insurance: '居民医保', region: '330902', registered: ['高血压', '2 型糖尿病'], like: { title: `${sex}、${tens}–${tens + 9} 岁、居民医保、有门诊慢特病登记`, count: 118 }, measures: PERSON.map((row) => measure(rng, 118, row)), months: months(rng, 400),
    ...found(leads, (one) => one.person?.no === no), timeline: timeline(lead), unseen: ['只看医保结算过的就诊，自费、商业保险和未上传的不在内；病情轻重未作调整', '没有死亡登记数据'],
  };
}

export function subjects(leads, words, persons) {
  if (words.length < 2) return [];
  const found = new Map();
  for (const lead of leads) {
    if (persons && (lead.institution.code.startsWith(words) || lead.institution.name.includes(words))) found.set(lead.institution.code, { kind: 'institution', code: lead.institution.code, title: lead.institution.name });
    if (persons && lead.person?.no.startsWith(words)) found.set(lead.person.no, { kind: 'person', code: lead.person.no, title: lead.person.name_masked });
    for (const { practitioner } of lead.finding_list) if (practitioner?.code.startsWith(words)) found.set(practitioner.code, { kind: 'doctor', code: practitioner.code, title: practitioner.name_masked });
  }
  return [...found.values()].slice(0, 12);
}
