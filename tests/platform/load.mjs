// 200 clicks a second of auditors for 20 seconds, at a fixed rate whatever the answers take; figures, no verdict.
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { Visitor } from './http.mjs';
import { say, step } from './report.mjs';

const RATE = 200;
const SECONDS = 20;

export default async function load(place) {
  await step(`每秒 ${RATE} 次点击，${SECONDS} 秒：清单、详情、证据、可办事项`, async () => {
    const auditor = await Visitor.of(place.url, 'auditor');
    const paths = await clicks(auditor);
    const agent = new Agent({ keepAlive: true, maxSockets: 256 });
    const taken = new Map();
    let wrong = 0;
    const click = ([kind, path]) =>
      new Promise((done) => {
        const begun = performance.now();
        const asked = request(`${place.url}/api/v1${path}`, { agent, headers: { cookie: auditor.cookie } }, (answer) => {
          answer.resume();
          answer.on('end', () => {
            if (answer.statusCode !== 200) wrong += 1;
            if (!taken.has(kind)) taken.set(kind, []);
            taken.get(kind).push(performance.now() - begun);
            done();
          });
        });
        asked.on('error', () => {
          wrong += 1;
          done();
        });
        asked.end();
      });
    const busy = processors(place.process.pid);
    const begun = performance.now();
    const running = [];
    await new Promise((done) => {
      const beat = setInterval(() => {
        // What should have been sent by now: a late beat catches up, so that waiting is counted and not left out.
        const due = Math.min(RATE * SECONDS, Math.floor(((performance.now() - begun) / 1000) * RATE));
        while (running.length < due) running.push(click(paths[running.length % paths.length]));
        if (running.length >= RATE * SECONDS) {
          clearInterval(beat);
          done();
        }
      }, 5);
    });
    await Promise.all(running);
    agent.destroy();
    const all = [...taken.values()].flat();
    for (const [kind, times] of [...taken, ['全部', all]]) say(`    ${kind}: ${times.length} 次，p50 ${at(times, 0.5)} ms，p95 ${at(times, 0.95)} ms，p99 ${at(times, 0.99)} ms`);
    const spent = processors(place.process.pid) - busy;
    say(`    服务用处理器 ${spent.toFixed(1)} 秒，每次 ${((spent * 1000) / all.length).toFixed(2)} 毫秒`);
    if (wrong > 0) throw new Error(`${wrong} 次没有答好`);
    return `${Math.round(all.length / ((performance.now() - begun) / 1000))} 次/秒，全都答好`;
  });
}

/** Seconds of processors a process has used, which a busy machine does not stretch; NaN where the machine does not say. */
function processors(pid) {
  try {
    const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop().split(' ').slice(11, 13);
    return (Number(user) + Number(system)) / 100;
  } catch {
    return NaN;
  }
}

function at(times, share) {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]?.toFixed(1);
}

/** What auditors click on, mixed: lists by several filters and pages, leads with their offers, evidence, timelines, the workbench. */
async function clicks(auditor) {
  const lists = ['', '?result=违规', '?result=可疑&sort=amount', '?status=new&sort=day', '?mine=1&sort=due', '?q=XS2026-0001', '?amount_min_fen=50000'];
  const first = await auditor.read('/leads?limit=100');
  const second = await auditor.read(`/leads?limit=100&after=${encodeURIComponent(first.next)}`);
  const leads = [...first.items, ...second.items];
  const findings = [];
  for (const lead of leads) findings.push((await auditor.read(`/leads/${lead.id}`)).finding_list[0].id);
  const mixed = [];
  for (let i = 0; i < 1000; i += 1) {
    const lead = leads[(i * 37) % leads.length];
    const finding = findings[(i * 11) % findings.length];
    if (i % 10 < 4) mixed.push(['清单', encodeURI(`/leads${lists[i % lists.length]}`)]);
    else if (i % 10 < 7) mixed.push(['详情与可办事项', `/leads/${lead.id}`]);
    else if (i % 10 < 9) mixed.push(['证据', `/findings/${finding}/evidence`]);
    else mixed.push(i % 20 === 9 ? ['时间线', `/findings/${finding}/timeline`] : ['工作台', '/workbench']);
  }
  return mixed;
}
