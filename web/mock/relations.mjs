// Relations of the mock: one group of six around any person a lead speaks of, two who are not of it, as a real answer looks. Places are those
// a layout of the server gave once.
import { random, shift, STATUS, TODAY } from './data.mjs';

const seed = (code) => [...code].reduce((sum, one) => (sum * 31 + one.charCodeAt(0)) % 1000003, 7);
const FAMILIES = ['王', '李', '张', '刘', '陈', '杨', '赵'];
const PLACES = [[590, 232], [418, 462], [330, 292], [452, 270], [196, 330], [496, 96], [812, 330], [720, 148]];
const HOUSES = [['H33090200101', '仁济康复医院', 586, 366], ['H33090200305', '和安护理院', 232, 150], ['H33090200412', '溪东区人民医院', 930, 150]];
const SHOP = ['P33090200021', '益民堂药店（东门店）', 446, 380];
const DOCTORS = [['D3309000001', '孙**', '康复科', 352, 118], ['D3309000007', '何**', '内科', 920, 290]];
const NONE = 3;

/** Whose picture stays empty: nobody comes together with them often enough. */
const alone = (no) => Number(no.slice(-1)) % 10 === NONE;

function days(rng) {
  const first = shift(TODAY, -200);
  return [8, 31, 52, 78, 99].map((step) => shift(first, step + rng.between(0, 3)));
}

/** `leads` are those the person may see. */
export function picture(leads, person, query, title) {
  const rng = random(seed(person.no));
  const least = Number(query.least ?? (query.kinds === 'all' ? 5 : 3));
  const left = (query.without ?? '').split(',').filter(Boolean);
  const lone = alone(person.no) || least > 5;
  const names = [{ no: person.no, label: person.name_masked, note: String(person.age ?? '') }];
  for (let i = 0; i < 7; i += 1) names.push({ no: `33090000009${String(seed(person.no) % 1000).padStart(3, '0')}${i}`, label: `${FAMILIES[i]}**`, note: String(60 + rng.between(0, 14)) });
  const dates = days(rng);
  const kept = names.map((one, at) => ({ ...one, at, id: `person:${one.no}` })).filter((one) => !left.includes(one.id) && (!lone || one.at === 0));
  const bars = [];
  const cell = (day, house, who) => who.filter((at) => kept.some((one) => one.at === at)).map((at) => ({ day, house, at }));
  const came = lone ? cell(dates[0], 0, [0]) : [...cell(dates[0], 0, [0, 1, 3, 4, 5]), ...cell(dates[1], 1, [0, 1, 5, 2]), ...cell(dates[2], 0, [0, 2, 3, 4, 5]), ...cell(dates[3], 1, [0, 1, 2, 3, 4, 5]), ...cell(dates[4], 0, [1, 2, 3, 4, 5]), ...cell(shift(dates[0], 4), 0, [6]), ...cell(shift(dates[2], 6), 2, [6, 7]), ...cell(shift(dates[3], 2), 1, [7])];
  let n = 0;
  for (const { day, house, at } of came) {
    const stay = 8 + rng.between(0, 7);
    const amount = rng.between(620000, 1240000);
    const id = `person:${names[at].no}`;
    bars.push({ person: id, visit: `MZ${String((n += 1)).padStart(8, '0')}`, kind: 'stay', institution: { code: HOUSES[house][0], name: HOUSES[house][1] }, begin: day, end: shift(day, stay), label: '腰椎间盘突出', practitioner: house === 2 ? '何**' : '孙**', amount_fen: amount, fund_fen: Math.round(amount * 0.75), joint: at < 6 && dates.includes(day) });
    if (at < 6) bars.push({ person: id, visit: `MZ${String((n += 1)).padStart(8, '0')}`, kind: 'pharmacy', institution: { code: SHOP[0], name: SHOP[1] }, begin: shift(day, stay + 2), end: shift(day, stay + 2), label: '', practitioner: '', amount_fen: 18600, fund_fen: 9300, joint: false });
  }
  const core = lone ? [] : kept.filter((one) => one.at < 6);
  const standing = (one) => (core.includes(one) ? 'core' : 'outside');
  const nodes = kept.map((one) => {
    const own = bars.filter((bar) => bar.person === one.id && bar.kind === 'stay');
    return { id: one.id, kind: 'person', code: one.no, label: one.label, note: one.note, standing: standing(one), x: PLACES[one.at][0], y: PLACES[one.at][1], visits: own.length, amount_fen: own.reduce((sum, bar) => sum + bar.amount_fen, 0), fund_fen: own.reduce((sum, bar) => sum + bar.fund_fen, 0) };
  });
  const edges = [];
  const join = (kind, link, code, label, note, x, y, own) => {
    const id = `${kind}:${code}`;
    if (own.length === 0 || left.includes(id)) return;
    nodes.push({ id, kind, code, label, note, x, y, visits: own.length, amount_fen: own.reduce((sum, bar) => sum + bar.amount_fen, 0), fund_fen: own.reduce((sum, bar) => sum + bar.fund_fen, 0) });
    for (const one of kept) {
      const mine = own.filter((bar) => bar.person === one.id);
      if (mine.length > 0) edges.push({ from: one.id, to: id, link, count: mine.length, days: mine.map((bar) => bar.begin), visits: mine.map((bar) => bar.visit), places: [], fund_fen: mine.reduce((sum, bar) => sum + bar.fund_fen, 0) });
    }
  };
  for (const [code, name, x, y] of HOUSES) join('hospital', 'treated', code, name, '', x, y, bars.filter((bar) => bar.institution.code === code));
  join('pharmacy', 'bought', SHOP[0], SHOP[1], '', SHOP[2], SHOP[3], bars.filter((bar) => bar.kind === 'pharmacy'));
  for (const [code, name, department, x, y] of DOCTORS) join('doctor', 'cared', code, name, department, x, y, bars.filter((bar) => bar.practitioner === name));
  const events = [];
  const cells = new Map();
  for (const bar of bars.filter((one) => one.kind === 'stay')) cells.set(`${bar.begin} ${bar.institution.code}`, [...(cells.get(`${bar.begin} ${bar.institution.code}`) ?? []), bar]);
  for (const own of cells.values()) {
    if (own.length < 2) continue;
    const persons = own.map((bar) => bar.person);
    events.push({ day: own[0].begin, institution: own[0].institution, persons, core: persons.filter((id) => core.some((one) => one.id === id)).length, volume: own.length + 6, median: 7 });
    for (const [i, one] of own.entries()) {
      for (const other of own.slice(i + 1)) {
        const edge = edges.find((known) => known.link === 'together' && known.from === one.person && known.to === other.person);
        if (edge) Object.assign(edge, { count: edge.count + 1, days: [...edge.days, one.begin], visits: [...edge.visits, one.visit, other.visit], places: [...new Set([...edge.places, one.institution.code])], fund_fen: edge.fund_fen + one.fund_fen + other.fund_fen });
        else edges.push({ from: one.person, to: other.person, link: 'together', count: 1, days: [one.begin], visits: [one.visit, other.visit], places: [one.institution.code], fund_fen: one.fund_fen + other.fund_fen });
      }
    }
  }
  events.sort((a, b) => a.day.localeCompare(b.day));
  const joint = bars.filter((bar) => bar.joint && core.some((one) => one.id === bar.person));
  const all = bars.filter((bar) => bar.kind === 'stay' && core.some((one) => one.id === bar.person));
  const sum = (list, field) => list.reduce((total, bar) => total + bar[field], 0);
  const observed = events.reduce((total, event) => total + (event.core * (event.core - 1)) / 2, 0);
  const members = new Map(kept.map((one) => [one.no, one.id]));
  const own = leads.filter((lead) => members.has(lead.person?.no));
  const outside = kept.filter((one) => !core.includes(one)).map((one) => one.label);
  return {
    title, asked: { degree: Number(query.degree ?? 1), least, kinds: query.kinds ?? 'stays', from: query.from ?? shift(TODAY, -365), to: query.to ?? TODAY, without: left.map((id) => ({ id, label: id.split(':')[1] })) },
    data_version: 12, as_of: TODAY, nodes, edges, events, bars, order: nodes.filter((node) => node.kind === 'person').map((node) => node.id), core: core.length,
    why: lone ? [] : [`${core.length} 人在 ${94} 天内 ${events.filter((event) => event.core >= 2).length} 次同日入院，涉仁济康复医院、和安护理院`, '出院后 1 至 3 日在益民堂药店（东门店）购药的有 6 人，合计 24 次', `${joint.length} 人次中 ${joint.length} 人次的主管医师是孙**`],
    against: lone ? [`${outside.join('、')}与别人同日入院都不到 ${least} 次`] : [`${outside.join('、')}与核心成员同日入院不到 ${least} 次，未列入核心`, '5 人登记住在凤鸣村，邻里相约或同车就医可解释一部分'],
    chance: { observed: lone ? 0 : observed, expected: lone ? 0 : 2.1, rounds: 10000, reached: 0, mean: lone ? 0 : 2.08, most: lone ? 0 : 9, seed: 20260101 },
    money: { visits: all.length, amount_fen: sum(all, 'amount_fen'), fund_fen: sum(all, 'fund_fen'), joint_visits: joint.length, joint_amount_fen: sum(joint, 'amount_fen'), joint_fund_fen: sum(joint, 'fund_fen') },
    cut: ['另有 14 家机构、药店或医师只与其中一人有关，或关联较少，没有画出'],
    leads: own.slice(0, 50).map((lead) => ({ id: lead.id, person: members.get(lead.person.no), institution: lead.institution.name, rule: lead.rules[0].title, status: lead.status, status_title: STATUS[lead.status][0], tone: STATUS[lead.status][1], amount_fen: lead.amount_fen, open: !['upheld', 'partly', 'cleared', 'withdrawn', 'merged'].includes(lead.status) })),
    leads_total: own.length, width: 1000, height: 520,
  };
}

/** Groups around the persons of the leads that may be seen. */
export function groups(leads) {
  const persons = [...new Map(leads.filter((lead) => lead.person && !alone(lead.person.no)).map((lead) => [lead.person.no, lead.person])).values()].slice(0, 6);
  const items = persons.map((person) => {
    const one = picture(leads, person, {}, '');
    const core = one.nodes.filter((node) => node.standing === 'core');
    const days = one.events.filter((event) => event.core >= 2);
    return {
      person: person.no, persons: core.length, names: core.map((node) => node.label), days: days.length, most: Math.max(...days.map((event) => event.core)), first: days[0].day, last: days[days.length - 1].day, institutions: HOUSES.slice(0, 2).map(([code, name]) => ({ code, name })),
      observed: one.chance.observed, expected: one.chance.expected, surprise: 104.2, joint_visits: one.money.joint_visits, joint_amount_fen: one.money.joint_amount_fen, joint_fund_fen: one.money.joint_fund_fen, leads: one.leads.filter((lead) => lead.open).length,
    };
  });
  items.sort((a, b) => b.joint_fund_fen - a.joint_fund_fen);
  return { items, total: items.length, as_of: TODAY, data_version: 12, from: shift(TODAY, -365), to: TODAY, least: 3, persons_least: 3, persons: 20000, stays: 5120, by_chance: { rounds: 20, mean: 0, most: 0 }, cut: [] };
}
