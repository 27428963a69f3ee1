// A made-up city's leads: deterministic, so that pictures and tests repeat. Nothing here is of a real person or institution.

/** Mulberry32. */
export function random(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return {
    real: next,
    below: (n) => Math.floor(next() * n),
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick: (list) => list[Math.floor(next() * list.length)],
    chance: (p) => next() < p,
  };
}

export const TODAY = '2026-04-15';

export function shift(day, days) {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86400000).toISOString().slice(0, 10);
}

/** Working days only leave out week-ends here; the server knows the holidays. */
export function workingDays(from, to) {
  const step = from <= to ? 1 : -1;
  let count = 0;
  for (let day = from; day !== to; ) {
    day = shift(day, step);
    const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
    if (weekday !== 0 && weekday !== 6) count += step;
  }
  return count;
}

export function addWorkingDays(from, days) {
  let day = from;
  for (let left = days; left > 0; ) {
    day = shift(day, 1);
    const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
    if (weekday !== 0 && weekday !== 6) left -= 1;
  }
  return day;
}

const inst = (code, name, level, kind, region, weight) => ({ code, name, level, kind, region, weight });
export const institutions = [
  inst('H33090200101', '仁济康复医院', '二级', '综合医院', '330902', 9),
  inst('H33090200115', '和安护理院', '一级', '护理院', '330902', 7),
  inst('H33090200003', '临溪市中心医院', '三级', '综合医院', '330900', 6),
  inst('H33090300021', '溪东区人民医院', '二级', '综合医院', '330903', 5),
  inst('H33090300044', '溪东中医院', '二级', '中医医院', '330903', 4),
  inst('H33090200230', '新塘街道社区卫生服务中心', '一级', '基层机构', '330902', 3),
  inst('H33090400012', '北港镇卫生院', '一级', '基层机构', '330904', 3),
  inst('H33090400033', '海澜精神专科医院', '二级', '专科医院', '330904', 3),
  inst('H33090200310', '明眸眼科医院', '二级', '专科医院', '330902', 3),
  inst('P33090200871', '益民堂药店（东门店）', '零售药店', '零售药店', '330902', 4),
  inst('P33090300412', '康泰大药房溪东店', '零售药店', '零售药店', '330903', 2),
  inst('C33090200655', '张氏口腔诊所', '诊所', '诊所', '330902', 1),
];

const rule = (id, title, verdict, cls, subject, p, weight, plain, basis, table) => ({ id, title, verdict, class: cls, subject, p, weight, plain, basis, table });
const ACT = '《医疗保障基金使用监督管理条例》第三十八条';
export const rules = [
  rule('N027', '医疗服务项目超限定频次', '违规', '政策类', 'stay', 0.9, 10, '同一项目在一日内收取的数量超过限定次数的，超出部分为问题金额。', `${ACT}（三）`, 'item_frequency'),
  rule('N025', '重复收费：主项已含从项', '违规', '政策类', 'stay', 0.86, 9, '主项目的内涵已经包含从项目，同一次操作又单独收取从项目的，从项目为重复收费。', `${ACT}（三）`, 'item_pairs'),
  rule('N014', '医疗服务项目超限定单价收费', '违规', '政策类', 'stay', 0.94, 6, '单价高于同级医疗机构限价的，高出的部分为问题金额。', `${ACT}（三）`, null),
  rule('N067', '药品限性别使用', '违规', '政策类', 'visit', 0.81, 3, '说明书限定性别的药品用于另一性别患者的，不纳入基金支付。', `${ACT}（六）`, 'drug_sex'),
  rule('N012', '药品限医疗机构等级使用', '违规', '政策类', 'visit', 0.88, 4, '目录限定二级及以上医疗机构使用的药品，在低等级机构使用的不予支付。', '《国家基本医疗保险药品目录》限定支付范围', 'drug_level'),
  rule('N009', '超量开药：备药天数超限', '可疑', '政策类', 'person', 0.52, 7, '把历次开药折算成可用天数，手中余药超过规定天数仍继续开药的，列为可疑。', `${ACT}（二）`, null),
  rule('N049', '分解住院：出院后短期内再入同院', '可疑', '管理类', 'stay', 0.61, 7, '同一患者出院后 10 日内因同类诊断再次入住同一医疗机构，且无急诊、手术等新情况的，列为可疑。', `${ACT}（一）`, null),
  rule('N053', '低标准入院', '可疑', '管理类', 'stay', 0.44, 7, '入院后以检查、检验为主，治疗费用占比低，诊断属可门诊处理的，列为可疑。', `${ACT}（一）`, 'low_severity_dx'),
  rule('M17', '住院期间在其他机构有门诊或购药', '违规', '管理类', 'stay', 0.73, 5, '住院期间在另一家定点医药机构发生门诊、购药结算的，该结算不应由基金支付。', `${ACT}（五）`, null),
  rule('N084', '耗材与手术操作不符', '可疑', '管理类', 'stay', 0.66, 5, '收取了耗材，但同次就诊没有使用该耗材的操作记录。', '《条例》第四十条（三）', 'material_services'),
  rule('N051', '频繁购药', '可疑', '管理类', 'person', 0.36, 4, '一个月内在多家药店购药次数、金额明显高于同龄同病人群。', '《条例》第四十一条（一）', null),
  rule('M20', '医师超负荷诊疗', '可疑', '管理类', 'practitioner', 0.4, 2, '一名医师一日内的接诊时间合计超过可能的工作时间。', '《条例》第四十条（一）', null),
  rule('M19', '在院人数超核定床位', '可疑', '管理类', 'institution_month', 0.58, 2, '某日在院人数超过核定床位数，超出的部分可能为挂床住院。', `${ACT}（一）`, null),
  rule('M16', '年末集中刷卡', '可疑', '管理类', 'institution_month', 0.29, 2, '十二月个人账户消费较前十一个月均值显著升高。', '《条例》第四十一条', null),
  rule('N075', '中药饮片配伍禁忌', '可疑', '医疗类', 'visit', 0.22, 4, '一张处方中同时开具相互禁忌的饮片，且没有双签字记录。', '《中国药典》2020 年版一部 配伍禁忌', 'herb_conflicts'),
  rule('T1', '同一追溯码重复结算', '违规', '管理类', 'visit', 0.97, 3, '一盒药的追溯码在两次结算中出现，后一次不应支付。', '《条例》第四十条（三）；药品追溯码监管要求', null),
];
export const ruleOf = (id) => rules.find((one) => one.id === id);

const item = (code, name, spec, price, share = 0.75) => ({ code, name, spec, price, share });
export const items = [
  item('110200001000000', '住院诊查费', '日', 18), item('120100003000000', 'Ⅱ级护理', '日', 22), item('110900001000000', '普通病房床位费', '日', 45),
  item('340100022000000', '中频脉冲电治疗', '每部位', 45), item('340100009000000', '红外线治疗', '每部位', 20), item('340200031000000', '运动疗法', '45分钟/次', 60),
  item('430000016000000', '隔物灸法', '次', 38), item('250302001000000', '葡萄糖测定', '项', 6), item('250101015000000', '血细胞分析', '次', 20),
  item('120400006000000', '静脉输液', '组', 9), item('310701001000000', '常规心电图检查', '次', 26), item('220302010000000', '彩色多普勒超声常规检查', '次', 110),
  item('XC08CAV000A001010190112', '苯磺酸氨氯地平片', '5mg×28片', 12.6, 0.8), item('XA10BAE046A010010104021', '盐酸二甲双胍缓释片', '0.5g×60片', 18.9, 0.8),
  item('XB01ACL055A001010102244', '硫酸氢氯吡格雷片', '75mg×7片', 19.74, 0.8), item('ZA06BAD0200010104102', '丹参注射液', '10ml×5支', 31.5, 0.7),
  item('XN06DXM073A001010100930', '盐酸美金刚片', '10mg×28片', 88.2, 0.7), item('C0301010010000000000', '一次性使用输液器', '支', 2.1, 0.7),
];

const SURNAMES = [...'周王李张刘陈杨赵黄吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕'];
const DIAGNOSES = [['M17.900', '膝骨关节炎'], ['M51.202', '腰椎间盘突出'], ['I10.x00', '高血压'], ['E11.900', '2 型糖尿病'], ['I63.900', '脑梗死'], ['J44.100', '慢性阻塞性肺病急性加重'], ['I25.103', '冠状动脉粥样硬化性心脏病'], ['G30.900', '阿尔茨海默病']];

function reasonOf(rule, rng, days) {
  const n = rng.between(3, 18);
  switch (rule.id) {
    case 'N027': return `中频脉冲电治疗 ${days} 天内 ${n} 天超限定次数，最多一天 6 次`;
    case 'N025': return `静脉输液与一次性输液器等 ${n} 次重复收取，主项已含`;
    case 'N014': return `运动疗法单价高于同级限价，共 ${n} 次`;
    case 'N067': return '限男性使用的药品用于女性患者';
    case 'N012': return '限二级及以上机构的药品在一级机构使用';
    case 'N009': return `手中余药可用 ${60 + n * 5} 天，仍开 28 天量`;
    case 'N049': return `出院 ${rng.between(1, 6)} 天后以同一诊断再入同院，住院 ${days} 天`;
    case 'N053': return `住院 ${days} 天，检查检验占 ${60 + rng.below(25)}%，无手术操作`;
    case 'M17': return `住院第 ${rng.between(2, Math.max(3, days - 1))} 天在另一机构有结算`;
    case 'N084': return `收取耗材 ${n} 件，同次没有对应操作`;
    case 'N051': return `30 天内在 ${rng.between(3, 6)} 家药店购药 ${n + 8} 次`;
    case 'M20': return `单日接诊 ${120 + n * 4} 人次，按 5 分钟一人需 ${Math.round((120 + n * 4) / 12)} 小时`;
    case 'M19': return `有 ${n} 天在院人数超过核定床位，最多超 ${rng.between(4, 22)} 人`;
    case 'M16': return `12 月个账消费为前 11 月均值的 ${(2 + rng.real() * 3).toFixed(1)} 倍`;
    case 'N075': return '同方开具甘草与海藻，属“十八反”，无双签字';
    default: return `追溯码在两次结算中出现，相隔 ${rng.between(3, 40)} 天`;
  }
}

function weighted(list, rng) {
  let left = rng.real() * list.reduce((sum, one) => sum + one.weight, 0);
  return list.find((one) => (left -= one.weight) <= 0) ?? list[0];
}

export const STATUS = {
  new: ['待派发', 'wait'], check: ['待核查', 'wait'], sent: ['待机构反馈', 'run'], answered: ['已反馈', 'back'], review: ['复审中', 'wait'], appeal: ['申诉中', 'run'],
  appeal2: ['再申诉中', 'back'], panel: ['合议中', 'run'], final: ['终审', 'wait'], upheld: ['已认定', 'upheld'], partly: ['部分认定', 'upheld'], cleared: ['已排除', 'cleared'],
  withdrawn: ['已撤回', 'cleared'], merged: ['已合并', 'cleared'],
};
const MIX = [['new', 20], ['check', 26], ['sent', 14], ['answered', 8], ['review', 4], ['appeal', 3], ['appeal2', 3], ['panel', 2], ['final', 3], ['upheld', 10], ['partly', 3], ['cleared', 8], ['withdrawn', 1]];

export function makeLeads(count = 500) {
  const leads = [];
  for (let n = 1; n <= count; n += 1) {
    const rng = random(n * 7919);
    const sample = n === 1;
    const main = sample ? ruleOf('N027') : weighted(rules, rng);
    const pharmacy = main.id === 'N051' || main.id === 'M16';
    const fits = institutions.filter((one) => one.code.startsWith('P') === pharmacy && (main.id !== 'N012' || one.level === '一级'));
    const place = sample ? institutions[0] : weighted(fits, rng);
    const days = sample ? 8 : rng.between(3, 16);
    const last = sample ? '2026-04-09' : shift(TODAY, -rng.between(1, 170));
    const first = main.subject === 'stay' ? shift(last, -days) : main.subject === 'visit' ? last : shift(last, -29);
    const sex = main.id === 'N067' ? '女' : rng.pick(['男', '女']);
    const person = ['stay', 'visit', 'person'].includes(main.subject)
      ? { no: `3309000000${String(100000 + n)}`, name_masked: `${rng.pick(SURNAMES)}**`, sex, age: rng.between(18, 88) }
      : undefined;
    const rows = sample ? 2 : 1 + (rng.chance(0.35) ? 1 : 0) + (rng.chance(0.12) ? 1 : 0);
    const others = rules.filter((one) => one.subject === main.subject && one.id !== main.id);
    const findings = [];
    for (let i = 0; i < rows; i += 1) {
      const own = i === 0 ? main : sample ? ruleOf('N084') : rng.pick(others.length > 0 ? others : [main]);
      const same = i > 0 && rng.chance(0.3);
      const base = own.subject === 'institution_month' ? rng.between(400000, 9000000) : rng.between(30000, 600000);
      const watch = own.verdict === '可疑' && rng.chance(0.12);
      findings.push({
        id: `F${String(n).padStart(5, '0')}${i}`, rule: { id: own.id, title: own.title, class: own.class, version: 3 }, result: watch ? '提醒' : own.verdict, band: watch ? 'watch' : 'core', kind: own.class, gone: false,
        text: `${i === 0 ? reasonOf(own, random(n), days) : reasonOf(own, rng, days)}；${first} 至 ${last}`, same, base,
        first_time: `${first} 08:10:00`, last_time: `${last} 09:40:00`, cluster_id: same ? `C${n}-0` : `C${n}-${i}`, counted: !same,
        practitioner: own.subject === 'institution_month' ? undefined : { code: `D3309${String(n % 90).padStart(6, '0')}`, name_masked: `${SURNAMES[n % 37]}**` },
      });
    }
    for (const { same, base, ...finding } of findings.splice(0)) {
      const lines = claim({ subject: main.subject, first_day: first, last_day: last }, finding);
      const amount = same ? findings[0].amount_fen : lines.length > 0 ? lines.reduce((sum, line) => sum + (line.hit_fen ?? 0), 0) : base;
      findings.push({ ...finding, amount_fen: amount, counted_fen: same ? 0 : amount, fund_fen: Math.round(amount * 0.75), acct_fen: Math.round(amount * 0.08) });
    }
    const counted = findings.filter((one) => one.counted);
    const amount = counted.reduce((sum, one) => sum + one.amount_fen, 0);
    let left = rng.real() * MIX.reduce((sum, one) => sum + one[1], 0);
    const status = MIX.find((one) => (left -= one[1]) <= 0)?.[0] ?? 'new';
    const closed = ['upheld', 'partly', 'cleared', 'withdrawn'].includes(status);
    const holder = status === 'new' || closed ? undefined : status === 'sent' || status === 'appeal' ? 'renji' : status === 'review' ? 'zhou' : ['answered', 'appeal2', 'panel', 'final'].includes(status) ? undefined : rng.pick(['chen', 'chen', 'lu', 'he']);
    leads.push({
      id: `L${String(n).padStart(6, '0')}`, number: `XS2026-${String(n).padStart(6, '0')}`, subject: main.subject,
      subject_label: main.subject === 'practitioner' ? `医师 ${SURNAMES[n % 37]}**` : main.subject === 'institution_month' ? `${last.slice(0, 7)} 月` : person ? `${person.name_masked} ${sex} ${person.age} 岁` : '',
      institution: { code: place.code, name: place.name, level: place.level, region: place.region }, person,
      visit: main.subject === 'stay' ? { id: `JS${place.region}-${last.replace(/-/g, '')}-${String(n).padStart(4, '0')}`, kind_title: '住院', begin: first, end: last } : main.subject === 'visit' ? { id: `MZ${n}`, kind_title: '门诊', begin: last, end: last } : undefined,
      rules: [...new Map(findings.map((one) => [one.rule.id, { id: one.rule.id, title: one.rule.title, class: one.rule.class }])).values()],
      findings: findings.length, result: findings.some((one) => one.result === '违规') ? '违规' : findings.some((one) => one.result === '可疑') ? '可疑' : '提醒',
      amount_fen: amount, fund_fen: Math.round(amount * 0.75), acct_fen: Math.round(amount * 0.08), expected_fen: Math.round(amount * main.p), score: 0,
      reason: `${place.name}：${findings[0].text.split('；')[0]}`, first_day: first, last_day: last, status, holder, gone: !closed && rng.chance(0.02), version: 1,
      updated: `${shift(TODAY, -rng.between(0, 9))} ${String(rng.between(8, 17)).padStart(2, '0')}:${String(rng.below(60)).padStart(2, '0')}:00`,
      due_day: closed || status === 'new' ? undefined : addWorkingDays(shift(TODAY, -rng.between(0, 9)), rng.between(2, 12)),
      finding_list: findings, steps: [], attachments: [], found_day: shift(last, rng.between(1, 6)),
    });
  }
  const order = [...leads].sort((a, b) => b.expected_fen - a.expected_fen);
  order.forEach((lead, i) => (lead.score = Math.max(3, Math.round(99 - (i / count) * 96))));
  // One that everybody can find: the stay of the look-and-feel picture.
  const sample = leads[0];
  Object.assign(sample, {
    status: 'check', holder: 'chen', due_day: addWorkingDays(TODAY, 2), gone: false, score: 99,
    person: { no: '3309000000100001', name_masked: '周**', sex: '男', age: 67 }, subject_label: '周** 男 67 岁',
  });
  // And another of the same person there, to be put together with it.
  const { institution, person, subject_label } = sample;
  Object.assign(leads[1], { status: 'check', holder: 'chen', due_day: addWorkingDays(TODAY, 3), gone: false, institution, person, subject: 'stay', subject_label });
  return leads;
}

/** Lines of the visit a finding rests on, and which of them it counts. Own numbers per finding, so that they come out the same each time. */
function claim(lead, finding) {
  if (lead.subject === 'institution_month' || lead.subject === 'practitioner') return [];
  const rng = random(Number(finding.id.slice(1)) + 11);
  const days = Math.max(1, Math.round((Date.parse(lead.last_day) - Date.parse(lead.first_day)) / 86400000));
  const perDay = lead.subject === 'stay' ? 9 : lead.subject === 'visit' ? 7 : 2;
  const span = lead.subject === 'visit' ? 1 : Math.min(days, 12);
  const pool = lead.subject === 'person' ? items.slice(12, 17) : items;
  const lines = [];
  for (let day = 0; day < span; day += 1) {
    for (let i = 0; i < perDay; i += 1) {
      const one = pool[(day * 5 + i + rng.below(3)) % pool.length];
      const count = rng.chance(0.25) ? rng.between(2, 6) : 1;
      const amount = Math.round(one.price * 100 * count);
      lines.push({
        id: `${finding.id}-${lines.length + 1}`, time: `${shift(lead.first_day, day)} ${String(8 + i).padStart(2, '0')}:${String(rng.below(60)).padStart(2, '0')}:00`, code: one.code, name: one.name, spec: one.spec,
        count: String(count), price: one.price.toFixed(2), amount_fen: amount, scope_fen: Math.round(amount * one.share), department: '康复医学科', practitioner: `${rng.pick(SURNAMES)}**`, hit: false,
      });
    }
  }
  const wanted = Math.max(1, Math.min(Math.floor(lines.length / 4), rng.between(3, 14)));
  let at = rng.below(3);
  for (let i = 0; i < wanted && at < lines.length; i += 1, at += rng.between(1, 3)) {
    const line = lines[at];
    const many = finding.rule.id === 'N027';
    if (many && Number(line.count) < 3) {
      line.count = String(rng.between(4, 6));
      line.amount_fen = Math.round(Number(line.price) * 100 * Number(line.count));
      line.scope_fen = line.amount_fen;
    }
    const part = many ? Math.round(Number(line.price) * 100 * (Number(line.count) - 2)) : line.amount_fen;
    Object.assign(line, { hit: true, hit_fen: part, why: many ? `同日计 ${line.count} 次，限 2 次，超 ${Number(line.count) - 2} 次` : finding.rule.id === 'N025' ? '主项已含，不得另收' : undefined });
  }
  return lines;
}

export function evidence(lead, finding) {
  const own = ruleOf(finding.rule.id);
  const lines = claim(lead, finding);
  const hit = lines.filter((line) => line.hit);
  const checked = 40 + (own.weight * 37) % 380;
  const upheld = Math.round(checked * own.p);
  const share = upheld / checked;
  const half = 1.96 * Math.sqrt((share * (1 - share)) / checked);
  return {
    finding, rule: { id: own.id, version: 3, title: own.title, plain: own.plain, misfires: '双侧、多部位治疗按部位计数的，核对病程与部位后申辩。\n转科当日可各计半日。', basis: [own.basis, '《临溪市医疗服务项目价格目录（2025 年版）》计价单位与说明'], logic: 'for lines where service\nper visit, item, day\nhit when sum(count) > point.per_day\namount price over point.per_day\nsay "“{item}”{day} 计 {sum(count)} 次，限 {point.per_day} 次，超出金额 {amount} 元"' },
    points: own.table ? [{ label: '08-1-014', table_title: '医疗服务项目限定频次', origin: '国家医疗保障局公开的智能监管规则库、知识库知识点：第八批（2026-01-06）', cells: [['名称', '中频脉冲电治疗'], ['编码', '340100022000000'], ['每日上限', '2'], ['单位', '每部位'], ['有效期', '2025-01-01 起']] }] : [],
    lines, lines_hidden: 0,
    diagnoses: [0, 1].map((i) => { const [code, name] = DIAGNOSES[(Number(finding.id.slice(1, 6)) + i * 3) % DIAGNOSES.length]; return { code, name, main: i === 0, hit: i === 0 && own.id === 'N053' }; }), operations: own.id === 'N084' ? [{ code: '81.9200', name: '膝关节腔注射', day: lead.first_day, hit: true }] : [],
    visit: lead.visit ? { id: lead.visit.id, kind_title: lead.visit.kind_title, institution: lead.institution.name, department: '康复医学科', begin: lead.visit.begin, end: lead.visit.end, insurance: '城乡居民医保', settled: lead.last_day, total: '18,420.60', fund: '13,815.45' } : undefined,
    arithmetic: hit.length > 0 ? hit.slice(0, 5).map((line) => `${line.name} ${line.count} × ${line.price} = ${(line.hit_fen / 100).toFixed(2)}`).concat(hit.length > 5 ? [`其余 ${hit.length - 5} 行 = ${(hit.slice(5).reduce((sum, line) => sum + line.hit_fen, 0) / 100).toFixed(2)}`] : []) : ['按同类机构中位数推算的超出部分'],
    against: own.p > 0.85 ? [] : [`${shift(lead.first_day, 2)} 病程载“加做右肩 1 次”，已从超次数中扣除`], not_judged: own.p < 0.5 ? ['本院未上传医师排班，未核对当日在岗'] : [],
    precision: { checked, upheld, low: Math.max(0, share - half), high: Math.min(1, share + half) }, others: lead.finding_list.filter((one) => one.id !== finding.id),
  };
}

export function timeline(lead) {
  const rng = random(Number(lead.id.slice(1)) + 5);
  const to = shift(lead.last_day, 40) > TODAY ? TODAY : shift(lead.last_day, 40);
  const from = shift(to, -330);
  const spans = [];
  const homes = [lead.institution.name, '临溪市中心医院', '溪东区人民医院', '益民堂药店（东门店）'];
  for (let day = 12; day < 320; day += rng.between(9, 34)) {
    const begin = shift(from, day);
    const kind = rng.pick(['stay', 'visit', 'visit', 'pharmacy', 'pharmacy']);
    const end = kind === 'stay' ? shift(begin, rng.between(5, 14)) : begin;
    spans.push({ kind, institution: kind === 'pharmacy' ? homes[3] : rng.pick(homes.slice(0, 3)), begin: `${begin} 09:00:00`, end: `${end > to ? to : end} 10:00:00`, label: kind === 'stay' ? rng.pick(DIAGNOSES)[1] : kind === 'visit' ? '门诊慢特病' : '购药', amount_fen: rng.between(3000, 1200000), hit: false, overlap: false });
  }
  spans.push({ kind: lead.subject === 'stay' ? 'stay' : lead.institution.code.startsWith('P') ? 'pharmacy' : 'visit', institution: lead.institution.name, begin: `${lead.first_day} 08:00:00`, end: `${lead.last_day} 10:00:00`, label: '膝骨关节炎', amount_fen: 1842060, hit: true, overlap: false });
  const stays = spans.filter((span) => span.kind === 'stay');
  for (const one of stays) one.overlap = stays.some((other) => other !== one && other.begin < one.end && one.begin < other.end);
  return { lanes: spans, from, to };
}
