/** What the counter counted: made up, the same each time; an institution sees its own. */
import { institutions } from './data.mjs';

const VENDORS = ['东软', '卫宁', '创业慧康'];
const RULES = [
  { id: 'N067', title: '限性别用药', state: 'definite', share: 0.9, reasons: [] },
  { id: 'N013', title: '限工伤保险', state: 'definite', share: 0.7, reasons: [{ reason: '外伤，工伤认定中', times: 6 }] },
  { id: 'N027', title: '限定频次', state: 'speaking', share: 0.62, reasons: [{ reason: '病情需要', times: 21 }, { reason: '长期外出', times: 9 }] },
  { id: 'N054', title: '诊断与性别不符', state: 'silent', share: 0, reasons: [] },
];

/** Wilson, as the platform counts it. */
function precision(upheld, checked) {
  if (checked === 0) return { checked, upheld, low: 0, high: 1 };
  const z = 1.96;
  const share = upheld / checked;
  const middle = share + (z * z) / (2 * checked);
  const spread = z * Math.sqrt((share * (1 - share)) / checked + (z * z) / (4 * checked * checked));
  const scale = 1 + (z * z) / checked;
  return { checked, upheld, low: (middle - spread) / scale, high: (middle + spread) / scale };
}

function figures(calls, followed) {
  const reminders = Math.round(calls * 0.12);
  const answered = Math.round(reminders * 0.8);
  const changed = Math.round(answered * followed);
  const times = calls > 0 ? { p50_ms: 1.4, p99_ms: 9.6 } : {};
  return { calls, late: Math.round(calls / 900), unjudged: 0, light: Math.round(calls / 700), reminded: Math.round(reminders * 0.8), reminders, changed, continued: answered - changed, followed: precision(changed, answered), ...times };
}

export function counterPage(own, from, to) {
  const seen = institutions.filter((one, at) => (own ? one.code === own : at < 6));
  const callers = seen.map((one, at) => ({ institution: one.code, institution_name: one.name, vendor: VENDORS[at % 3], figures: figures(one.weight * 1200, 0.55 + 0.07 * at) }));
  const calls = callers.reduce((sum, one) => sum + one.figures.calls, 0);
  const changed = callers.reduce((sum, one) => sum + one.figures.changed, 0);
  const continued = callers.reduce((sum, one) => sum + one.figures.continued, 0);
  const days = [];
  for (let day = new Date(`${from}T00:00:00Z`); day <= new Date(`${to}T00:00:00Z`); day.setUTCDate(day.getUTCDate() + 1)) {
    const share = [0, 6].includes(day.getUTCDay()) ? 0.4 : 1.2;
    days.push({ day: day.toISOString().slice(0, 10), calls: Math.round((calls / 30) * share), reminders: Math.round((calls / 30) * share * 0.12), p99_ms: 9.6 });
  }
  const hours = Array.from({ length: 24 }, (_, hour) => ({ hour, calls: Math.round(calls * ([8, 9, 10, 11, 14, 15, 16].includes(hour) ? 0.11 : 0.0135)) }));
  const rules = RULES.map((rule) => {
    const reminders = rule.state === 'silent' ? 0 : Math.round(calls * 0.03);
    const taken = Math.round(reminders * rule.share);
    const shown = { id: rule.id, title: rule.title, state: rule.state, reminders, changed: taken, continued: reminders - taken, followed: precision(taken, reminders), reasons: own ? [] : rule.reasons };
    return own ? shown : { ...shown, dropped: 31, kept: 12 };
  }).filter((rule) => !own || rule.reminders > 0);
  const total = figures(calls, 0.6);
  const page = { serving: true, from, to, totals: { ...total, changed, continued, followed: precision(changed, changed + continued) }, callers, interfaces: [{ interface: '3101', figures: figures(Math.round(calls * 0.8), 0.62) }, { interface: '3102', figures: figures(Math.round(calls * 0.2), 0.51) }], days, hours, rules, unread: [] };
  if (own) return page;
  const absent = institutions.slice(6);
  return { ...page, connection: { institutions: institutions.length, connected: 6, not_connected: absent.map((one) => ({ code: one.code, name: one.name })) } };
}
