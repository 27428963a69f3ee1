// Attempts of people who are in: a county against the city, an institution against the bureau, an administrator against everybody, a session
// that was left open against its owner.
import assert from 'node:assert/strict';
import { Visitor, PDF, call } from './http.mjs';
import { step } from './report.mjs';

const OWN = 'Bianjie-Shitan-71';

export default async function insiders(place) {
  const { url } = place;
  const [head, keeper, office] = await Promise.all(['supervisor', 'secadmin', 'institution'].map((account) => Visitor.of(url, account)));
  const knock = (account, password, code) => call(url, 'POST', '/api/v1/session', { body: { account, password, ...(code ? { code } : {}) } });

  /** Somebody new, with a password of their own. */
  const hired = async (account, roles, region) => {
    const made = await keeper.post('/users', { account, name: '边界', roles, region });
    assert.equal(made.status, 200, made.words);
    const first = await Visitor.enter(url, account, made.body.password);
    assert.equal((await first.post('/me/password', { current: made.body.password, password: OWN })).status, 204);
    return Visitor.enter(url, account, OWN);
  };

  const leads = await every(head);
  const regions = [...new Set(leads.map((lead) => lead.institution.region))];
  const far = leads.find((lead) => lead.institution.region === regions[0]);
  const near = leads.find((lead) => lead.institution.region !== far.institution.region);
  const county = near.institution.region;

  await step('一个区县的科长：看不到别的区县的清单、合计、质量，拿不到，也办不了', async () => {
    const chief = await hired('county-chief', ['supervisor'], county);
    const own = leads.filter((lead) => lead.institution.region === county);
    const list = await every(chief);
    assert.deepEqual(list.map((lead) => lead.id).sort(), own.map((lead) => lead.id).sort());
    assert.equal((await chief.read('/leads?limit=1')).total, own.length);
    for (const path of ['/workbench', '/summary?by=institution', '/quality', '/recoveries', '/campaigns', '/relations', '/counter', '/notices', '/subjects?q=H6']) {
      const answer = await chief.get(path);
      assert.ok(!answer.text.includes(far.institution.code) && !answer.text.includes(far.institution.name), `${path} names ${far.institution.code}`);
    }
    assert.ok((await head.read('/quality')).items.some((one) => one.region !== county), 'the city sees more');
    const { finding_list } = await head.read(`/leads/${far.id}`);
    for (const path of [`/leads/${far.id}`, `/leads/${far.id}/relations`, `/leads/${far.id}/looks`, `/findings/${finding_list[0].id}/evidence`, `/findings/${finding_list[0].id}/timeline`, `/institutions/${far.institution.code}`]) {
      assert.equal((await chief.get(path)).status, 404, path);
    }
    for (const act of ['assign', 'withdraw', 'extend', 'merge', 'split', 'note', 'pause']) {
      const answer = await chief.post(`/leads/${far.id}/acts/${act}`, { version: far.version, text: '越界', reason: 'other', assignee: 'auditor', leads: [near.id], findings: [finding_list[0].id], limit_days: 5 });
      assert.equal(answer.status, 404, `${act}: ${answer.status}`);
    }
    return `${own.length} / ${leads.length} 条`;
  });

  await step('一个区县的科长：结束不了全市的自查，只在全市的科长手里', async () => {
    const chief = await Visitor.enter(url, 'county-chief', OWN);
    const rules = (await head.read('/rules')).items.slice(0, 20).map((rule) => rule.id);
    const wanted = { title: '两个区县的自查', text: '请自查', rules, due_day: '2099-12-31', institutions: [far.institution.code, near.institution.code] };
    assert.equal((await chief.post('/campaigns', wanted)).status, 422);
    const draft = (await head.post('/campaigns', wanted)).body;
    assert.equal((await chief.post(`/campaigns/${draft.id}/publish`, { version: draft.version })).status, 409);
    const open = await head.post(`/campaigns/${draft.id}/publish`, { version: draft.version });
    assert.equal(open.status, 200, open.words);
    const refused = await chief.post(`/campaigns/${draft.id}/close`, { version: open.body.version, report: '越权结束' });
    assert.equal(refused.status, 409, refused.words);
    assert.equal((await head.read(`/campaigns/${draft.id}`)).state, 'open');
    for (const [path, body] of [
      [`/campaigns/${draft.id}/institutions/${far.institution.code}/accept`, { version: 1 }],
      [`/campaigns/${draft.id}/institutions/${far.institution.code}/return`, { version: 1, text: '退回' }],
    ]) assert.equal((await chief.post(path, body)).status, 404, path);
    assert.equal((await chief.get(`/campaigns/${draft.id}/institutions/${far.institution.code}/findings`)).status, 404);
  });

  await step('医院：排序和翻页标记里没有本局的预期；经办人不具名；认领不了本局的内部附件', async () => {
    const auditor = await Visitor.of(url, 'auditor');
    const house = office.me.institution.code;
    const told = leads.filter((lead) => lead.institution.code === house && lead.status === 'new').slice(0, 3);
    for (const lead of told) {
      await auditor.act(lead.id, 'take');
      await auditor.act(lead.id, 'send', { text: '请答复。' });
    }
    const [byRank, byAmount] = await Promise.all(['/leads?limit=1&sort=rank', '/leads?limit=1&sort=amount'].map((path) => office.read(path)));
    assert.deepEqual(byRank.items, byAmount.items);
    const place = Buffer.from(byRank.next.slice(32), 'hex').toString();
    assert.ok(place.includes(`n${byAmount.items[0].amount_fen}_`), `the place a page ends at: ${place}`);
    const { id } = told[0];
    const inner = await auditor.attach(id, '内部记录.pdf', PDF);
    const { version } = await office.read(`/leads/${id}`);
    const named = await office.post(`/leads/${id}/acts/note`, { version, text: '见附件', attachments: [inner.body.id] });
    assert.equal(named.status, 422, named.words);
    assert.equal((await office.get(`/attachments/${inner.body.id}`)).status, 404);
    await auditor.act(id, 'deliver', { attachments: [inner.body.id], text: '回执' });
    const lead = await office.read(`/leads/${id}`);
    assert.ok(lead.attachments.some((file) => file.id === inner.body.id), 'told, it is shown');
    for (const name of [auditor.me.name, head.me.name]) assert.ok(!JSON.stringify(lead).includes(name), `${name} is named to the institution`);
  });

  await step('视图里的条件只给看得到那张清单的人；三员一个也看不到、存不了', async () => {
    assert.equal((await head.post('/views', { page: 'leads', title: '本科室', query: { q: '周建国' }, shared: true })).status, 200);
    for (const account of ['sysadmin', 'secadmin', 'auditadmin', 'rule_author', 'finance']) {
      const visitor = await Visitor.of(url, account);
      assert.equal((await visitor.get('/views?page=leads')).status, 403, account);
      assert.equal((await visitor.post('/views', { page: 'leads', title: 'x', query: {}, shared: true })).status, 403, account);
    }
  });

  await step('没有的账号、停用的账号与有的账号：连错几次，答的都一样', async () => {
    await hired('knocked', ['auditor'], county);
    const gone = await keeper.post('/users', { account: 'knocked-off', name: '停用', roles: ['auditor'], region: county });
    assert.equal((await keeper.send('PATCH', '/users/knocked-off', { version: gone.body.user.version, disabled: true })).status, 200);
    for (let tried = 1; tried <= 6; tried += 1) {
      const answers = await Promise.all(['knocked', ' Knocked-Nobody', 'knocked-off'].map((account) => knock(account, 'Cuowu-Kouling-1')));
      assert.deepEqual(answers.map((answer) => [answer.status, answer.body.code]), Array(3).fill([401, tried < 5 ? 'wrong' : 'locked']), `${tried}`);
    }
    for (const account of ['ＫＮＯＣＫＥＤ', 'knocked\u200b', 'knocked\0', 'Knocked']) assert.notEqual((await knock(account, OWN)).status, 200, JSON.stringify(account));
  });

  await step('没关的会话里猜不了密码、摘不掉动态口令：五次以后会话结束，账号锁定', async () => {
    const left = await hired('left-open', ['auditor'], county);
    const guesses = await Promise.all(Array.from({ length: 12 }, (_, i) => left.post('/me/password', { current: `Cai-Mima-${i}00`, password: 'Xin-Kouling-83' })));
    assert.ok(guesses.every((answer) => [401, 422].includes(answer.status)), guesses.map((answer) => answer.status).join(' '));
    assert.equal((await left.get('/me')).status, 401, 'the session goes on');
    assert.equal((await knock('left-open', OWN)).body.code, 'locked');
    assert.equal((await keeper.post('/users/left-open/unlock')).status, 204);
    assert.equal((await knock('left-open', OWN)).status, 200, 'the password is still the owner’s');
  });

  await step('同时登录十二处：只留规定的几处', async () => {
    await hired('many-doors', ['auditor'], county);
    const answers = await Promise.all(Array.from({ length: 12 }, () => knock('many-doors', OWN)));
    const cookies = answers.filter((answer) => answer.status === 200).map((answer) => answer.headers.getSetCookie()[0].split(';')[0]);
    const alive = await Promise.all(cookies.map((cookie) => call(url, 'GET', '/api/v1/me', { headers: { cookie } })));
    assert.equal(alive.filter((answer) => answer.status === 200).length, 3, answers.map((answer) => answer.status).join(' '));
  });

  await step('姓名里的换行、控制字符、改变方向的字符：不收', async () => {
    for (const name of ['周\n建国', '周\u202e建国', '周\u200b建国', '\u0007', '长'.repeat(65)]) {
      const made = await keeper.post('/users', { account: 'odd-name', name, roles: ['auditor'], region: county });
      assert.equal(made.status, 422, JSON.stringify(name));
    }
  });

  await step('两人同时办一件、同一笔款登记十二次：只成一次', async () => {
    const [one, other] = await Promise.all(['auditor', 'auditor2'].map((account) => Visitor.of(url, account)));
    const free = (await head.read('/leads?status=new&limit=1')).items[0];
    const taken = await Promise.all(Array.from({ length: 8 }, (_, i) => (i % 2 ? one : other).post(`/leads/${free.id}/acts/take`, { version: free.version })));
    assert.deepEqual(taken.map((answer) => answer.status).sort(), [200, ...Array(7).fill(409)]);
    const finance = await Visitor.of(url, 'finance');
    const row = (await finance.read('/recoveries?limit=200')).items.find((found) => found.open_fen > 0 && found.road === 'recover');
    if (!row) return '没有待收的款';
    const paid = await Promise.all(Array.from({ length: 12 }, (_, i) => finance.post(`/recoveries/${row.id}/entries`, { version: row.version, kind: 'paid', amount_fen: row.open_fen, document: `回单 ${i}` })));
    assert.equal(paid.filter((answer) => answer.status === 200).length, 1, paid.map((answer) => answer.status).join(' '));
    assert.equal((await finance.read('/recoveries?limit=200')).items.find((found) => found.id === row.id).open_fen, 0);
  });
}

/** All leads somebody sees, page by page. */
async function every(visitor) {
  const items = [];
  for (let after = ''; after !== undefined; ) {
    const page = await visitor.read(`/leads?limit=200${after && `&after=${after}`}`);
    items.push(...page.items);
    after = page.next;
  }
  return items;
}
