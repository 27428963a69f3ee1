// A fall of the machine in the middle of work: what was acknowledged is there, what was not is whole or absent, and sending again does
// nothing twice.
import assert from 'node:assert/strict';
import { Visitor } from './http.mjs';
import { step } from './report.mjs';

const MANY = 50;
/** After how many answers the machine falls, each time over fresh leads. */
const FALLS = [1, 10, 30];

export default async function crash(place) {
  const auditor = await Visitor.of(place.url, 'auditor');
  for (const after of FALLS) await fall(place, auditor, after);

  await step('台账同一键登记两次，只记一笔；重启后再发也只记一笔', async () => {
    const row = await openRecovery(place, auditor);
    const finance = await Visitor.of(place.url, 'finance');
    const body = { version: row.version, kind: 'paid', amount_fen: 1, document: 'HD-CRASH' };
    const key = { 'idempotency-key': `entry-${process.pid}` };
    const book = () => finance.post(`/recoveries/${row.id}/entries`, body, key);
    const both = await Promise.all([book(), book()]);
    assert.ok(both.some((answer) => answer.status === 200) && both.every((answer) => [200, 409].includes(answer.status)), both.map((answer) => answer.status).join());
    await place.kill();
    await place.start();
    assert.equal((await book()).status, 200);
    const now = (await finance.read('/recoveries?limit=200')).items.find((one) => one.id === row.id);
    assert.equal(now.entries.filter((entry) => entry.document === 'HD-CRASH').length, 1);
    assert.equal(now.paid_fen, row.paid_fen + 1);
  });

  await step('之后：日志链完整，账逐分相符', () => {
    for (const words of [['audit', 'verify'], ['leads', 'check']]) {
      const ran = place.run(words);
      assert.equal(ran.code, 0, ran.out + ran.err);
    }
  });
}

/** Fifty acts at once, a fall after so many answers, and what is found then. */
async function fall(place, auditor, after) {
  const leads = (await auditor.read(`/leads?status=new&limit=${MANY}`)).items;
  assert.equal(leads.length, MANY);
  const sent = leads.map((lead, i) => ({ id: lead.id, key: `crash-${process.pid}-${after}-${i}`, body: { version: lead.version } }));
  const send = (one, signal) => auditor.post(`/leads/${one.id}/acts/take`, one.body, { 'idempotency-key': one.key }, signal);
  const acknowledged = new Set();

  await step(`50 件同时领办，答复 ${after} 件时 kill -9`, async () => {
    let falls;
    const running = sent.map((one) =>
      send(one).then(
        (answer) => {
          if (answer.status !== 200) return;
          acknowledged.add(one.id);
          // In the middle: some are told, some are in the store and not told, some have not begun.
          if (acknowledged.size === after) falls = place.kill();
        },
        () => undefined,
      ),
    );
    await Promise.all(running);
    const { signal } = await falls;
    assert.equal(signal, 'SIGKILL');
    assert.ok(acknowledged.size >= after && acknowledged.size < MANY, `${acknowledged.size} told: the fall was not in the middle`);
    return `已答复 ${acknowledged.size} 件`;
  }, { needed: true });

  await step('不先起服务：日志链完整，账逐分相符', () => {
    assert.equal(place.run(['audit', 'verify']).code, 0);
    assert.equal(place.run(['leads', 'check']).code, 0);
  });

  let done = 0;
  await step('再起：答复过的都在，没答复的要么完整要么没有，会话仍有效', async () => {
    await place.start();
    for (const one of sent) {
      const lead = await auditor.read(`/leads/${one.id}`);
      const takes = lead.steps.filter((found) => found.act === 'take');
      if (acknowledged.has(one.id)) assert.equal(lead.status, 'check', `${one.id} was acknowledged and is gone`);
      assert.equal(takes.length, lead.status === 'check' ? 1 : 0, `${one.id} is half done`);
      assert.equal(lead.version, takes.length === 1 ? 2 : 1, one.id);
      if (takes.length === 1) {
        assert.equal(lead.holder.account, 'auditor');
        done += 1;
      }
    }
    return `${done} 件已办`;
  }, { needed: true });

  await step('同一 Idempotency-Key 重发 50 件：办过的不再办，没办的补上', async () => {
    const answers = await Promise.all(sent.map((one) => send(one)));
    for (const [i, answer] of answers.entries()) assert.equal(answer.status, 200, `${sent[i].id}: ${answer.status} ${answer.words}`);
    const twice = await Promise.all(sent.map((one) => send(one)));
    for (const [i, answer] of twice.entries()) assert.equal(answer.status, 200, `${sent[i].id}: ${answer.status} ${answer.words}`);
    const overseer = await Visitor.of(place.url, 'overseer');
    for (const one of sent) {
      const lead = await auditor.read(`/leads/${one.id}`);
      assert.equal(lead.steps.filter((found) => found.act === 'take').length, 1, one.id);
      assert.equal(lead.version, 2, one.id);
      const events = (await overseer.read(`/audit?object=${one.id}&act=lead.take`)).items;
      assert.equal(events.length, 1, `${one.id}: ${events.length} events`);
    }
  });

  await step('同一键换了内容：拒绝', async () => {
    const other = await auditor.post(`/leads/${sent[0].id}/acts/note`, { version: 2, text: '别的事' }, { 'idempotency-key': sent[0].key });
    assert.ok([409, 422].includes(other.status), `${other.status}`);
  });
}

/** A recovery with money open: of the road gone before, or made by the short way. */
async function openRecovery(place, auditor) {
  const finance = await Visitor.of(place.url, 'finance');
  const there = (await finance.read('/recoveries?limit=200')).items.find((row) => row.road === 'recover' && row.open_fen > 1);
  if (there) return there;
  const office = await Visitor.of(place.url, 'institution');
  const lead = (await auditor.read(`/leads?status=new&institution=${office.me.institution.code}&result=违规&sort=amount&limit=50`)).items.find((one) => one.fund_fen > 1);
  await auditor.act(lead.id, 'take');
  await auditor.act(lead.id, 'send', { text: '请答复。' });
  await office.act(lead.id, 'reply', { vote: 'accept' });
  await (await Visitor.of(place.url, 'reviewer')).act(lead.id, 'confirm', { road: 'recover' });
  return (await finance.read('/recoveries?limit=200')).items.find((row) => row.lead.id === lead.id);
}
