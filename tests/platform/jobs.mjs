// Jobs with the real binary: they do their work, are stopped, are cut off by a fall of the machine, and are taken up again.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Visitor } from './http.mjs';
import { step } from './report.mjs';
import { PASSWORD, Place } from './server.mjs';

export default async function jobs(place) {
  const own = new Place(place.binary, place.from, { own: true });
  Object.assign(own, { provider: place.provider });
  try {
    await own.settle();
    own.must(['users', 'demo', '--password', PASSWORD]);
    await own.start();
    await walk(own);
  } finally {
    await own.stop();
    own.remove();
  }
}

async function walk(own) {
  const [head, operator] = await Promise.all(['supervisor', 'sysadmin'].map((account) => Visitor.of(own.url, account)));

  await step('更新线索：从无到有，进度流以结果收尾', async () => {
    const job = await started(head, { kind: 'update_leads' });
    const events = await head.get(`/jobs/${job.id}/events`);
    const last = JSON.parse(events.text.trim().split('data: ').at(-1));
    assert.equal(last.state, 'done', last.outcome);
    assert.ok((await head.read('/leads?limit=1')).total > 0);
    return last.outcome;
  }, { needed: true });

  await step('导入：只从 inbox/；科长不能；再导一遍不重复', async () => {
    const inbox = join(own.workspace, 'inbox');
    mkdirSync(inbox);
    writeFileSync(join(inbox, 'psn_info_b.csv'), 'psn_no,psn_name,gend,brdy,certno\nJOBS-0001,某甲,1,1990-01-01,110101199001010000\n');
    assert.equal((await head.post('/jobs', { kind: 'import', path: 'psn_info_b.csv' })).status, 403);
    for (const path of ['../keys', '/etc/passwd', '没有.csv']) {
      const refused = await ended(operator, await started(operator, { kind: 'import', path }));
      assert.equal(refused.state, 'failed', path);
      assert.match(refused.outcome, /inbox/);
    }
    const first = await ended(operator, await started(operator, { kind: 'import', path: 'psn_info_b.csv' }));
    assert.equal(first.state, 'done', first.outcome);
    const versions = (await operator.read('/imports')).items;
    assert.equal(versions[0].rows, 1);
    const again = await ended(operator, await started(operator, { kind: 'import', path: 'psn_info_b.csv' }));
    assert.equal(again.state, 'done', again.outcome);
    assert.equal((await operator.read('/imports')).items.filter((one) => one.rows > 0).length, versions.filter((one) => one.rows > 0).length, 'the same file came in twice');
    return first.outcome;
  });

  await step('筛查取消：疑点还是上一次的；接着做得出结果', async () => {
    const before = await current(head);
    const job = await started(head, { kind: 'screen' });
    assert.equal((await head.send('DELETE', `/jobs/${job.id}`)).status, 200);
    const stopped = await ended(head, job);
    assert.equal(stopped.state, 'cancelled', stopped.outcome);
    assert.ok(stopped.resumable);
    assert.deepEqual(await current(head), before);
    const done = await resumed(head, job);
    assert.equal(done.state, 'done', done.outcome);
    assert.notEqual((await current(head)).id, before.id);
  });

  await step('筛查中 kill -9：重启后写明中断，数据没变；接着做与不中断的一样', async () => {
    const before = await current(head);
    const job = await started(head, { kind: 'screen' });
    await own.kill();
    await own.start();
    const cut = (await head.read('/jobs')).items.find((one) => one.id === job.id);
    assert.equal(cut.state, 'interrupted');
    assert.ok(cut.resumable && /没有做完/.test(cut.outcome), cut.outcome);
    assert.deepEqual(await current(head), before);
    const done = await resumed(head, job);
    assert.equal(done.state, 'done', done.outcome);
    const after = await current(head);
    assert.deepEqual([after.findings, after.amount_fen], [before.findings, before.amount_fen]);
    assert.equal((await head.post(`/jobs/${job.id}/resume`, {})).status, 409, 'taken up twice');
  });

  await step('之后：日志链完整', () => assert.equal(own.run(['audit', 'verify']).code, 0));
}

async function started(who, asked) {
  const answer = await who.post('/jobs', asked);
  assert.equal(answer.status, 200, answer.words);
  return answer.body;
}

async function resumed(who, job) {
  const answer = await who.post(`/jobs/${job.id}/resume`, {});
  assert.equal(answer.status, 200, answer.words);
  assert.equal(answer.body.resumes, job.id);
  return ended(who, answer.body);
}

/** Waits until it has ended. */
async function ended(who, job) {
  const events = await who.get(`/jobs/${job.id}/events`);
  assert.equal(events.status, 200, events.text);
  return (await who.read('/jobs')).items.find((one) => one.id === job.id);
}

/** The run whose findings are at hand. */
async function current(who) {
  return (await who.read('/runs')).items.find((run) => run.current);
}
