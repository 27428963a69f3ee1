// Attempts to get in where one does not belong, over HTTP as one who knows the interface, and through what others read.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Visitor, PDF, call, cookieOf } from './http.mjs';
import { step } from './report.mjs';
import { PASSWORD } from './server.mjs';
import { python } from './trail.mjs';

const IMG = '<img src=x onerror="window.hurt=1;alert(1)">';
const SCRIPT = '"><script>window.hurt=1</script>';
/** Beginnings a spreadsheet takes for a formula. */
const FORMULAS = ['=HYPERLINK("http://x.example","a")', '+1+1', '-1+1', '@SUM(1,1)'];

export default async function getIn(place, desk) {
  const url = place.url;
  const raw = (method, path, options) => call(url, method, `/api/v1${path}`, options);
  const description = (await raw('GET', '/openapi.json')).body;
  const routes = Object.entries(description.paths).flatMap(([path, verbs]) => Object.keys(verbs).map((verb) => [verb.toUpperCase(), path]));
  const auditor = await Visitor.of(url, 'auditor');
  const [a, b] = await Promise.all(['institution', 'institution2'].map((account) => Visitor.of(url, account)));
  const houses = [a, b].map((one) => one.me.institution.code);

  await step('没有会话：接口说明里的每一个地址都答 401', async () => {
    let asked = 0;
    for (const [verb, path] of routes) {
      const real = path.replace(/\{\w+\}/g, 'x');
      if (/^\/api\/v1\/(openapi\.json|session(\/.*)?)$/.test(real) && verb !== 'DELETE') continue;
      for (const headers of [{}, { cookie: 'mingjian=00000000000000000000000000000000' }, { cookie: 'mingjian=', 'x-csrf-token': 'x' }]) {
        const answer = await call(url, verb, real, { headers });
        assert.equal(answer.status, 401, `${verb} ${real}: ${answer.status}`);
        assert.equal(answer.headers.get('content-type'), 'application/problem+json; charset=utf-8');
        asked += 1;
      }
    }
    return `${routes.length} 个地址，${asked} 次`;
  });

  // A lead of the second institution, with a file of its own and one of the bureau's.
  const foreign = (await auditor.read(`/leads?status=new&institution=${houses[1]}&result=可疑&limit=1`)).items[0].id;
  await auditor.act(foreign, 'take');
  const inner = await auditor.attach(foreign, '内部核查记录.pdf', PDF);
  assert.equal(inner.status, 200, inner.words);
  await auditor.act(foreign, 'send', { text: '请答复。' });
  const file = await b.attach(foreign, '病程记录.pdf', PDF);
  assert.equal(file.status, 200, file.words);
  const findings = (await b.read(`/leads/${foreign}`)).finding_list;

  await step('甲院拿不到乙院的线索、证据、时间线、附件，也办不了、传不进', async () => {
    const finding = findings[0].id;
    for (const path of [`/leads/${foreign}`, `/findings/${finding}/evidence`, `/findings/${finding}/timeline`, `/attachments/${file.body.id}`, `/attachments/${inner.body.id}`]) {
      const answer = await a.get(path);
      assert.equal(answer.status, 404, `${path}: ${answer.status}`);
      assert.ok(!answer.text.includes(foreign), answer.text);
    }
    for (const act of ['receipt', 'reply', 'accept', 'again', 'note']) {
      const answer = await a.post(`/leads/${foreign}/acts/${act}`, { version: 3, text: '越权', vote: 'accept' });
      assert.equal(answer.status, 404, `${act}: ${answer.status}`);
    }
    assert.equal((await a.attach(foreign, 'x.pdf', PDF)).status, 404);
    const many = await a.post('/leads/acts/note', { ids: [foreign], text: '越权' });
    assert.ok(many.status !== 200 || many.body.done === 0, 'an act on many reached it');
    assert.equal((await a.read(`/leads?q=${foreign}`)).total, 0);
    assert.equal((await a.read(`/leads?institution=${houses[1]}`)).total, 0);
    assert.equal((await a.read(`/leads?institution=${houses[1]}`)).sum_amount_fen, 0);
    assert.equal((await a.post(`/leads/${foreign}/unmask`, { reason: '想看看是谁' })).status, 404);
    // Its own it can have; the bureau's note it was not told of is not among it.
    assert.equal((await b.get(`/attachments/${file.body.id}`)).status, 200);
    assert.equal((await b.get(`/attachments/${inner.body.id}`)).status, 404);
    const steps = JSON.stringify((await b.read(`/leads/${foreign}`)).steps);
    assert.ok(!steps.includes('越权'));
  });

  await step('机构看不到未送达的线索里的经办内情，也看不到别家的清单、统计、画像', async () => {
    for (const path of ['/summary?by=institution', `/institutions/${houses[1]}`, `/institutions/${houses[0]}`, '/users', '/audit', '/runs', '/quality', '/jobs', '/imports']) {
      const answer = await a.get(path);
      assert.ok([403, 404].includes(answer.status), `${path}: ${answer.status}`);
    }
    const page = await a.read('/leads?limit=200');
    assert.ok(page.items.every((lead) => lead.institution.code === houses[0]));
    const money = await a.read('/recoveries?limit=200');
    assert.ok(money.items.every((row) => row.institution.code === houses[0]));
  });

  await step('角色越权：各人去办不是自己的事，答 403 或 404', async () => {
    const { version } = await auditor.read(`/leads/${foreign}`);
    const tries = [
      ['auditor', ['assign', 'review', 'confirm', 'conclude', 'convene', 'vote', 'decide', 'skip_panel', 'reply', 'accept', 'again', 'extend', 'withdraw']],
      ['reviewer', ['assign', 'take', 'send', 'drop', 'convene', 'decide', 'reply', 'withdraw', 'extend', 'refer']],
      ['expert', ['take', 'send', 'refer', 'review', 'confirm', 'conclude', 'convene', 'decide', 'withdraw', 'reply']],
      ['supervisor', ['take', 'send', 'drop', 'review', 'conclude', 'vote', 'reply', 'accept', 'again']],
      ['finance', ['take', 'send', 'confirm', 'decide', 'withdraw', 'note']],
      ['legal', ['take', 'confirm', 'decide', 'withdraw']],
      ['overseer', ['take', 'note', 'decide', 'withdraw', 'reply']],
      ['rule_author', ['take', 'note', 'decide']],
      ['institution2', ['take', 'send', 'drop', 'review', 'confirm', 'conclude', 'decide', 'withdraw', 'recall', 'lapse', 'deliver']],
    ];
    let count = 0;
    for (const [account, acts] of tries) {
      const visitor = await Visitor.of(url, account);
      for (const act of acts) {
        const answer = await visitor.post(`/leads/${foreign}/acts/${act}`, { version, text: '越权', reason: 'other', vote: 'uphold', road: 'refuse', members: ['expert'], assignee: 'auditor2' });
        assert.ok([403, 404].includes(answer.status), `${account} ${act}: ${answer.status} ${answer.words}`);
        count += 1;
      }
    }
    const row = (await (await Visitor.of(url, 'finance')).read('/recoveries?limit=1')).items[0];
    for (const account of ['auditor', 'reviewer', 'institution', 'overseer', 'legal']) {
      const answer = await (await Visitor.of(url, account)).post(`/recoveries/${row?.id ?? 'x'}/entries`, { version: row?.version ?? 1, kind: 'paid', amount_fen: 1, document: 'X' });
      assert.ok([403, 404].includes(answer.status), `${account} books: ${answer.status}`);
      count += 1;
    }
    for (const account of ['auditor', 'supervisor', 'director', 'sysadmin', 'auditadmin', 'overseer']) {
      const visitor = await Visitor.of(url, account);
      for (const [verb, path, body] of [
        ['POST', '/users', { account: 'intruder', name: '某', roles: ['supervisor'], region: '61' }],
        ['PATCH', `/users/${account}`, { version: 1, roles: ['director'] }],
        ['POST', '/users/secadmin/reset', {}],
      ]) {
        const answer = await visitor.send(verb, path, body);
        assert.ok([403, 404].includes(answer.status), `${account} ${verb} ${path}: ${answer.status}`);
        count += 1;
      }
    }
    // Who writes accounts does not raise their own.
    const own = await (await Visitor.of(url, 'secadmin')).send('PATCH', '/users/secadmin', { version: 1, roles: ['secadmin', 'director'] });
    assert.ok([403, 409, 422].includes(own.status), `secadmin raises itself: ${own.status}`);
    assert.equal((await auditor.read(`/leads/${foreign}`)).version, version, 'something was done');
    return `${count} 次`;
  });

  await step('三员分立：系统、安全、审计管理员看不到业务数据，互不越界', async () => {
    const finding = findings[0].id;
    const business = ['/leads', `/leads/${foreign}`, `/findings/${finding}/evidence`, `/findings/${finding}/timeline`, '/workbench', '/recoveries', '/summary?by=rule', '/campaigns', `/institutions/${houses[0]}`, `/attachments/${file.body.id}`, '/leads.csv?reason=看看', '/leads.xlsx?reason=看看', '/recoveries.csv?reason=看看', '/institution/summary'];
    const others = { sysadmin: ['/users', '/audit'], secadmin: ['/audit', '/runs', '/jobs'], auditadmin: ['/users', '/runs', '/jobs'] };
    for (const [account, more] of Object.entries(others)) {
      const visitor = await Visitor.of(url, account);
      for (const path of [...business, ...more]) {
        const answer = await visitor.get(path);
        assert.ok([403, 404].includes(answer.status), `${account} ${path}: ${answer.status}`);
      }
      assert.equal((await visitor.post(`/leads/${foreign}/unmask`, { reason: '系统维护需要' })).status, 403);
    }
    const held = await (await Visitor.of(url, 'secadmin')).post('/users', { account: 'two-hats', name: '某', roles: ['secadmin', 'auditor'], region: '6103' });
    assert.equal(held.status, 422, `two hats: ${held.status}`);
  });

  await step('没有或不对的 CSRF 令牌、别的网站发来：403，什么也没有做', async () => {
    const { version } = await auditor.read(`/leads/${foreign}`);
    const body = { version, text: '伪造' };
    const path = `/leads/${foreign}/acts/note`;
    const good = { cookie: auditor.cookie };
    for (const headers of [good, { ...good, 'x-csrf-token': '' }, { ...good, 'x-csrf-token': b.me.csrf }, { ...good, 'x-csrf-token': `${auditor.me.csrf}0` }, { ...good, 'x-csrf-token': auditor.me.csrf, 'sec-fetch-site': 'cross-site' }]) {
      const answer = await raw('POST', path, { body, headers });
      assert.equal(answer.status, 403, JSON.stringify(Object.keys(headers)));
      assert.equal(answer.body.code, 'csrf');
    }
    // A form of another site can send text and its own kinds only.
    const form = await raw('POST', path, { body: JSON.stringify(body), headers: { ...good, 'x-csrf-token': auditor.me.csrf, 'content-type': 'text/plain' } });
    assert.equal(form.status, 415);
    assert.equal((await raw('DELETE', '/session', { headers: good })).status, 403);
    assert.equal((await raw('POST', '/session', { body: { account: 'legal', password: PASSWORD }, headers: { 'sec-fetch-site': 'cross-site' } })).status, 403);
    assert.ok(!JSON.stringify(await auditor.read(`/leads/${foreign}`)).includes('伪造'));
  });

  await step('会话：Cookie 的标记；登录前带来的会话号不沿用；退出、换人后旧的失效', async () => {
    const planted = 'mingjian=a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a';
    const signed = await raw('POST', '/session', { body: { account: 'legal', password: PASSWORD }, headers: { cookie: planted } });
    assert.equal(signed.status, 200);
    const cookie = cookieOf(signed);
    for (const flag of ['HttpOnly', 'SameSite=Strict', 'Path=/']) assert.ok(cookie.includes(flag), cookie);
    assert.ok(!/domain=|max-age=|expires=/i.test(cookie), cookie);
    const own = cookie.split(';')[0];
    assert.notEqual(own, planted);
    assert.ok(own.length >= 'mingjian='.length + 32, 'too short to be unguessable');
    assert.equal((await raw('GET', '/me', { headers: { cookie: planted } })).status, 401);
    assert.equal((await raw('GET', '/me', { headers: { cookie: own } })).status, 200);
    // Two cookies of the name: one of them somebody else set.
    assert.equal((await raw('GET', '/me', { headers: { cookie: `${planted}; ${own}` } })).status, 401);
    const again = await raw('POST', '/session', { body: { account: 'legal', password: PASSWORD }, headers: { cookie: own } });
    assert.notEqual(cookieOf(again).split(';')[0], own);
    assert.equal((await raw('GET', '/me', { headers: { cookie: own } })).status, 401, 'the session before goes on');
    const last = cookieOf(again).split(';')[0];
    assert.equal((await raw('DELETE', '/session', { headers: { cookie: last, 'x-csrf-token': again.body.csrf } })).status, 204);
    assert.equal((await raw('GET', '/me', { headers: { cookie: last } })).status, 401, 'after leaving it goes on');
    const answers = [await raw('GET', '/me', { headers: { cookie: auditor.cookie } }), await call(url, 'GET', '/')];
    for (const answer of answers) {
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
      assert.match(answer.headers.get('content-security-policy'), /default-src 'none'/);
      assert.match(answer.headers.get('content-security-policy'), /frame-ancestors 'none'/);
      assert.ok(!/script-src[^;]*unsafe/.test(answer.headers.get('content-security-policy')));
    }
    assert.equal(answers[0].headers.get('cache-control'), 'no-store');
  });

  await step('连错五次锁定，对的口令也进不去；解锁后可进', async () => {
    const knock = (password) => raw('POST', '/session', { body: { account: 'outside', password } });
    for (let i = 0; i < 5; i += 1) assert.ok(['wrong', 'locked'].includes((await knock(`Cuowu-Kouling-${i}`)).body.code));
    const locked = await knock(PASSWORD);
    assert.equal(locked.status, 401);
    assert.equal(locked.body.code, 'locked');
    // Nobody learns from the answer which accounts there are.
    const none = await raw('POST', '/session', { body: { account: 'no-such-account', password: PASSWORD } });
    assert.deepEqual([none.status, none.body.code], [401, 'wrong']);
    const admin = await Visitor.of(url, 'secadmin');
    assert.equal((await admin.post('/users/outside/unlock')).status, 204);
    assert.equal((await knock(PASSWORD)).status, 200);
  });

  await step('路径穿越：编号、附件名、网页地址都走不出去', async () => {
    const ids = ['..%2f..%2fkeys%2fbusiness.key', '..%2F..%2F..%2Fetc%2Fpasswd', '%2e%2e%2fbusiness.db', '....//keys', '%00', "x'%20or%20'1'='1", '..%5c..%5ckeys'];
    for (const id of ids) {
      for (const path of [`/attachments/${id}`, `/leads/${id}`, `/findings/${id}/evidence`, `/rules/${id}`, `/knowledge/${id}`, `/institutions/${id}`]) {
        const answer = await auditor.get(path);
        assert.ok([400, 404, 422].includes(answer.status), `${path}: ${answer.status} ${answer.text.slice(0, 80)}`);
      }
    }
    const key = readFileSync(join(place.workspace, 'keys', 'business.key')).toString('latin1').trim();
    for (const path of ['/../keys/business.key', '/..%2fkeys%2fbusiness.key', '/assets/..%2f..%2f..%2fetc%2fpasswd', '/%2e%2e/%2e%2e/etc/passwd']) {
      const answer = await call(url, 'GET', path);
      assert.ok(!answer.bytes.toString('latin1').includes(key) && !answer.text.includes('root:'), path);
    }
    for (const [given, kept] of [
      ['../../../etc/passwd.pdf', 'passwd.pdf'],
      ['..\\..\\病历.pdf', '病历.pdf'],
      ['/var/x.pdf', 'x.pdf'],
      ['..', '附件.pdf'],
      ['x\u202efdp.exe', 'xfdp.pdf'],
    ]) {
      const answer = await b.attach(foreign, given, PDF);
      assert.equal(answer.status, 200, answer.words);
      assert.equal(answer.body.name, kept);
      const back = await b.get(`/attachments/${answer.body.id}`);
      assert.equal(back.headers.get('content-type'), 'application/octet-stream');
      assert.match(back.headers.get('content-disposition'), /^attachment/);
      assert.match(back.headers.get('content-security-policy'), /sandbox/);
      assert.deepEqual(back.bytes, PDF);
    }
  });

  await step('附件：压缩炸弹、改名的程序、压缩包、带宏、网页、过大、空文件，都拒绝并说明', async () => {
    const made = JSON.parse(python(PACKED));
    const bytes = (name) => Buffer.from(made[name], 'base64');
    assert.ok(bytes('bomb').length < 2 << 20, 'the bomb is small as it comes');
    const tries = [
      ['出院小结.docx', bytes('bomb'), /解开后过大/],
      ['安装.pdf', Buffer.concat([Buffer.from('MZ\x90\0\x03\0\0\0', 'latin1'), Buffer.alloc(4096)]), /只接收/],
      ['资料.pdf', bytes('plain'), /不接收压缩包/],
      ['资料.docx', bytes('nested'), /内嵌/],
      ['明细.xlsx', bytes('macro'), /宏/],
      ['明细.docx', bytes('climbing'), /不能接收/],
      ['网页.pdf', Buffer.from('<html><script>alert(1)</script></html>'), /只接收/],
      ['旧表.xls', Buffer.from('d0cf11e0a1b11ae1', 'hex'), /旧版/],
      ['空.pdf', Buffer.alloc(0), /空/],
      ['影像.pdf', Buffer.concat([PDF, Buffer.alloc(20 << 20)]), /不能超过 20 MB/],
    ];
    for (const [name, content, words] of tries) {
      const begun = performance.now();
      const answer = await b.attach(foreign, name, content);
      assert.ok([413, 415, 422].includes(answer.status), `${name}: ${answer.status}`);
      assert.match(answer.words, words, `${name}: ${answer.words}`);
      assert.ok(performance.now() - begun < 20_000, `${name} holds the server up`);
    }
    const kept = (await b.read(`/leads/${foreign}`)).attachments.map((one) => one.name);
    for (const [name] of tries) assert.ok(!kept.includes(name), name);
  });

  await step('拒收的上传每次都说得明白：过大、越权、令牌不对，各十次，没有一次断线', async () => {
    const large = Buffer.alloc(21 << 20);
    for (let i = 0; i < 10; i += 1) {
      assert.equal((await b.attach(foreign, 'x.pdf', large)).status, 413);
      assert.equal((await a.attach(foreign, 'x.pdf', PDF)).status, 404);
      const form = new FormData();
      form.append('file', new Blob([PDF]), 'x.pdf');
      assert.equal((await b.post(`/leads/${foreign}/attachments`, form, { 'x-csrf-token': 'x' })).status, 403);
    }
  });

  await step('导出：不写事由不给；写了留痕', async () => {
    const overseer = await Visitor.of(url, 'overseer');
    for (const path of ['/leads.csv', '/leads.xlsx', '/leads.csv?reason=', '/leads.xlsx?reason=%20%20']) {
      const answer = await auditor.get(path);
      assert.equal(answer.status, 422, `${path}: ${answer.status}`);
    }
    assert.equal((await auditor.get(`/leads.csv?q=${foreign}&reason=${encodeURIComponent('月度汇报附表')}`)).status, 200);
    assert.ok((await overseer.read('/audit?act=export.leads&limit=5')).items.some((event) => event.reason === '月度汇报附表'));
    for (const account of ['expert', 'legal', 'finance']) {
      const answer = await (await Visitor.of(url, account)).get('/leads.csv?reason=看看看看');
      assert.ok([403, 404].includes(answer.status), `${account}: ${answer.status}`);
    }
    const own = await a.get(`/leads.csv?reason=${encodeURIComponent('本院自查')}`);
    assert.equal(own.status, 200);
    assert.ok(!own.text.includes(houses[1]), 'an export reaches beyond the scope');
  });

  await step('导出审批：含姓名的要别人批，自己批不了，别人下载不了，只能下载一次', async () => {
    const [head, director, overseer] = await Promise.all(['supervisor', 'director', 'overseer'].map((account) => Visitor.of(url, account)));
    const wanted = { kind: 'leads', form: 'csv', clear: true, filter: { q: foreign }, reason: '核对住院登记信息' };
    const asked = await auditor.post('/exports', wanted);
    assert.equal(asked.status, 200, asked.words);
    const { id } = asked.body;
    assert.equal(asked.body.state, 'waiting');
    assert.equal((await auditor.get(`/exports/${id}/file`)).status, 409, 'not before it is approved');
    assert.equal((await auditor.post(`/exports/${id}/approve`, { version: 1, reason: '自己批自己' })).status, 403);
    for (const other of [a, b, overseer]) {
      assert.ok([403, 404].includes((await other.get(`/exports/${id}`)).status), other.account);
      assert.ok([403, 404].includes((await other.get(`/exports/${id}/file`)).status), other.account);
      assert.equal((await other.post(`/exports/${id}/approve`, { version: 1, reason: '越权批准' })).status, 403, other.account);
    }
    const own = await head.post('/exports', { ...wanted, reason: '科长自己也要一份' });
    assert.equal((await head.post(`/exports/${own.body.id}/approve`, { version: 1, reason: '自己批自己' })).body.code, 'own_work');
    assert.ok((await director.read('/exports?of=others&waiting=1')).waiting >= 2);
    assert.equal((await head.post(`/exports/${id}/approve`, { version: 1, reason: '同意，仅限核对' })).status, 200);
    assert.equal((await head.get(`/exports/${id}/file`)).status, 404, 'who approves does not take');
    const taken = await auditor.get(`/exports/${id}/file`);
    assert.equal(taken.status, 200, taken.words);
    for (const part of [id, '同意，仅限核对', '水印', '证件号码']) assert.ok(taken.text.includes(part), part);
    const shown = await auditor.post(`/leads/${foreign}/unmask`, { reason: '核对住院登记' });
    assert.ok(taken.text.includes(shown.body.name) && taken.text.includes(shown.body.certno));
    assert.equal((await auditor.get(`/exports/${id}/file`)).status, 409, 'once');
    const acts = (await overseer.read(`/audit?object=${id}`)).items.map((event) => event.act);
    for (const act of ['export.ask', 'export.approve', 'export.take']) assert.ok(acts.includes(act), act);
  });

  await step('此件谁看过：看过的、被拒的都在，本院看不到', async () => {
    const head = await Visitor.of(url, 'supervisor');
    const looks = (await head.read(`/leads/${foreign}/looks?limit=200`)).items;
    const of = (account, act) => looks.some((look) => look.account === account && look.act === act);
    assert.ok(of('auditor', 'lead.look') && of('institution2', 'lead.look'), 'who opened it');
    assert.ok(of('institution', 'look.refuse'), 'who was refused');
    assert.ok(of('auditor', 'person.unmask'), 'who saw the name');
    assert.equal((await b.get(`/leads/${foreign}/looks`)).status, 403);
    return `${looks.length} 笔`;
  });

  await step('单点登录：真的签名换得会话；换浏览器、重放、别人的码、改过的令牌都不行', async () => {
    const { provider } = place;
    const jar = () => ({});
    const go = async (cookies, path) => {
      const answer = await raw('GET', path, { headers: { cookie: Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join('; ') } });
      for (const set of answer.headers.getSetCookie()) {
        const [name, value] = set.split(';')[0].split('=');
        cookies[name] = value;
      }
      return answer.headers.get('location') ?? String(answer.status);
    };
    const back = (cookies, query) => go(cookies, `/session/oidc/back?${query}`);
    const mine = jar();
    const sent = await go(mine, '/session/oidc?to=/leads');
    const query = provider.logIn(sent, 'S-legal', 'legal');
    assert.equal(await back(jar(), query), '/?login=oidc_state', 'in another browser');
    const again = provider.logIn(await go(mine, '/session/oidc?to=/leads'), 'S-legal', 'legal');
    assert.equal(await back(mine, again), '/leads');
    const me = await raw('GET', '/me', { headers: { cookie: `mingjian=${mine.mingjian}` } });
    assert.deepEqual([me.status, me.body.account], [200, 'legal']);
    assert.equal(await back(mine, again), '/?login=oidc_state', 'the same answer again');
    const thief = jar();
    const own = provider.logIn(await go(thief, '/session/oidc'), 'S-other', 'nobody');
    own.set('code', provider.logIn(await go(mine, '/session/oidc'), 'S-legal', 'legal').get('code'));
    assert.equal(await back(thief, own), '/?login=oidc_code', "another's code");
    for (const [twist, why] of [[{ nonce: 'x' }, 'nonce'], [{ aud: 'other' }, 'audience'], [{ iss: 'http://127.0.0.1:1/realm' }, 'issuer'], [{ exp: 1 }, 'time']]) {
      provider.twist = twist;
      assert.equal(await back(thief, provider.logIn(await go(thief, '/session/oidc'), 'S-legal', 'legal')), `/?login=oidc_${why}`);
    }
    provider.twist = {};
    assert.equal(await back(thief, provider.logIn(await go(thief, '/session/oidc'), 'S-new', 'stranger')), '/?login=no_account');
    assert.equal(await back(thief, provider.logIn(await go(thief, '/session/oidc'), 'S-new', 'legal')), '/?login=other_identity');
    for (const to of ['//evil.example', 'https://evil.example', '/%5cevil.example']) {
      const one = jar();
      assert.equal(await back(one, provider.logIn(await go(one, `/session/oidc?to=${to}`), 'S-legal', 'legal')), '/', to);
    }
    assert.equal(thief.mingjian, undefined);
    const log = readFileSync(place.log, 'utf8');
    assert.ok(!log.includes('keep it') && !log.includes('stranger'), 'the log holds the secret or a name');
  });

  await step('公式注入：以 = + - @ 开头的姓名、事由进了导出也只是文字', async () => {
    const admin = await Visitor.of(url, 'secadmin');
    const leads = (await auditor.read(`/leads?status=new&institution=${houses[0]}&result=可疑&limit=${FORMULAS.length}`)).items;
    for (const [i, name] of FORMULAS.entries()) {
      const made = await admin.post('/users', { account: `formula-${i}`, name, roles: ['auditor'], region: '6103' });
      assert.equal(made.status, 200, `${name}: ${made.words}`);
      const first = await Visitor.enter(url, `formula-${i}`, made.body.password);
      assert.equal((await first.post('/me/password', { current: made.body.password, password: `Gongshi-Shiyan-8${i}` })).status, 204);
      await first.act(leads[i].id, 'take');
    }
    for (const reason of FORMULAS) {
      const filter = `status=check&institution=${houses[0]}&q=${encodeURIComponent('XS')}&reason=${encodeURIComponent(reason)}`;
      const csv = await auditor.get(`/leads.csv?${filter}`);
      const xlsx = await auditor.get(`/leads.xlsx?${filter}`);
      assert.equal(csv.status, 200, csv.words);
      assert.equal(xlsx.status, 200, xlsx.words);
      const { cells, formulas, strings } = JSON.parse(python(READ, [], JSON.stringify({ csv: csv.bytes.toString('base64'), xlsx: xlsx.bytes.toString('base64') })));
      const bad = cells.filter((cell) => /^[\s\u3000]*[=+@＝＋－＠-]/.test(cell) && !/^-\d+(\.\d+)?$/.test(cell));
      assert.deepEqual(bad, [], 'CSV');
      for (const name of FORMULAS) assert.ok(cells.some((cell) => cell === `'${name}`), `${name} is in the CSV, guarded`);
      assert.ok(cells.includes(`'${reason}`), 'the reason too');
      assert.deepEqual(formulas, [], 'xlsx holds a formula');
      for (const name of FORMULAS) assert.ok(strings.some((text) => text.includes(name)), `${name} is in the workbook, as text`);
    }
  });

  await step('存储型 XSS：姓名、答复、附件名、备注在各页都只是文字', async () => {
    const admin = await Visitor.of(url, 'secadmin');
    const now = (await admin.read('/users?q=auditor2')).items.find((user) => user.account === 'auditor2');
    assert.equal((await admin.send('PATCH', '/users/auditor2', { version: now.version, name: IMG })).status, 200);
    const second = await Visitor.enter(url, 'auditor2');
    const id = (await auditor.read(`/leads?status=new&institution=${houses[0]}&result=可疑&limit=1`)).items[0].id;
    await second.act(id, 'take');
    await second.act(id, 'note', { text: `${IMG}${SCRIPT}` });
    await second.act(id, 'send', { text: `javascript:alert(1) ${SCRIPT}` });
    const evil = await a.attach(id, `a${IMG}.pdf`, PDF);
    assert.equal(evil.status, 200, evil.words);
    const { finding_list } = await a.read(`/leads/${id}`);
    await a.act(id, 'reply', {
      text: `${IMG} 全文`,
      attachments: [evil.body.id],
      lines: finding_list.map((finding) => ({ finding_id: finding.id, conclusion: 'appeal', reason: 'other', text: `${SCRIPT}${IMG}` })),
    });
    const before = desk.complaints.length;
    for (const [account, path, sign] of [
      ['auditor', `/leads/${id}`, '.evidence .claim'],
      ['auditor', `/leads?q=${id}&open=${id}`, 'tr.opened'],
      ['reviewer', `/reviews/${id}`, 'ul.reply, .line-card, .review-form'],
      ['institution', `/answers/${id}`, '.evidence .claim'],
      ['secadmin', '/users', 'tr.row'],
      ['overseer', '/audit', 'tr.row'],
      ['supervisor', '/', '#page h1'],
    ]) {
      const page = await desk.of(account);
      await page.goto(path);
      await page.locator(sign).first().waitFor();
      await page.waitForLoadState('networkidle');
      const found = await page.evaluate(() => ({
        hurt: window.hurt,
        made: document.querySelectorAll('img[src="x"], [onerror], [onload]').length,
        links: [...document.links].filter((link) => /^\s*javascript:/i.test(link.href)).length,
        scripts: [...document.scripts].filter((script) => script.textContent.includes('hurt')).length,
        told: document.body.innerText.includes('<img src=x'),
      }));
      assert.deepEqual([found.hurt, found.made, found.links, found.scripts], [undefined, 0, 0, 0], `${account} ${path}`);
      if (path.startsWith('/leads/') || path === '/users') assert.ok(found.told, `${path} shows the text as it is`);
    }
    assert.deepEqual(desk.complaints.slice(before).filter((words) => /dialog|script/i.test(words)), []);
  });

  await step('日志里没有参保人姓名、证件号', async () => {
    const shown = await auditor.post(`/leads/${foreign}/unmask`, { reason: '核对住院登记' });
    assert.equal(shown.status, 200, shown.words);
    assert.equal((await auditor.post(`/leads/${foreign}/unmask`, { reason: '' })).status, 422);
    const overseer = await Visitor.of(url, 'overseer');
    let after = '';
    const all = [];
    do {
      const page = await overseer.read(`/audit?limit=200${after ? `&after=${encodeURIComponent(after)}` : ''}`);
      all.push(...page.items);
      after = page.next;
    } while (after);
    const text = JSON.stringify(all);
    assert.ok(!text.includes(shown.body.certno) && !text.includes(shown.body.name), 'the trail holds who was looked at');
    assert.ok(all.some((event) => /unmask/.test(event.act) && event.reason === '核对住院登记'));
    const log = readFileSync(place.log, 'utf8');
    assert.ok(!log.includes(shown.body.certno) && !log.includes(shown.body.name), 'the log does');
    const store = place.stored();
    for (const clear of [shown.body.certno, PASSWORD]) assert.equal(store.indexOf(clear), -1, 'in clear in the store');
    return `${all.length} 条`;
  });

  await step('请求体过大、不是 JSON、奇怪的参数：拒绝而不出错', async () => {
    for (const [body, kinds] of [
      ['{', [400, 422]],
      ['[]', [400, 422]],
      [`{"version":1,"text":"${'长'.repeat(3 << 20)}"}`, [413]],
      [`{"version":1e400}`, [400, 422]],
      [`${'['.repeat(100_000)}`, [400, 422]],
    ]) {
      const answer = await auditor.post(`/leads/${foreign}/acts/note`, body, { 'content-type': 'application/json' });
      assert.ok(kinds.includes(answer.status), `${body.slice(0, 20)}: ${answer.status}`);
    }
    for (const query of ['limit=-1', 'limit=999999999999', 'after=%00', 'after=AAAA', 'from=2025-13-45', "sort=rank;drop table leads", "q=%25'%20--", 'due=x', 'status=nothing', `q=${'x'.repeat(4000)}`]) {
      const answer = await auditor.get(`/leads?${query}`);
      assert.ok(answer.status < 500, `${query}: ${answer.status}`);
    }
    assert.equal((await auditor.get('/leads?after=AAAA')).status, 400);
  });
}

const PACKED = `
import zipfile, io, json, base64
def made(entries):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, content in entries: z.writestr(name, content)
    return base64.b64encode(out.getvalue()).decode()
types = ("[Content_Types].xml", "<x/>")
zeros = bytes(64 << 20)
print(json.dumps({
    "bomb": made([types, ("word/document.xml", "<w/>")] + [(f"word/media/{i}.png", zeros) for i in range(4)]),
    "plain": made([("a.txt", "x")]),
    "nested": made([types, ("word/document.xml", "<w/>"), ("word/embeddings/a.zip", "PK")]),
    "macro": made([types, ("xl/workbook.xml", "<w/>"), ("xl/vbaProject.bin", "m")]),
    "climbing": made([types, ("word/document.xml", "<w/>"), ("../../x.xml", "<x/>")]),
}))`;

const READ = `
import sys, json, base64, csv, io, zipfile, re, html
given = json.load(sys.stdin)
text = base64.b64decode(given["csv"]).decode("utf-8-sig")
cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
book = zipfile.ZipFile(io.BytesIO(base64.b64decode(given["xlsx"])))
formulas, strings = [], []
for name in book.namelist():
    if not name.endswith(".xml"): continue
    xml = book.read(name).decode()
    if name.startswith("xl/worksheets/"): formulas += re.findall(r"<f[ >].*?</f>", xml)
    strings += [html.unescape(t) for t in re.findall(r"<t[^>]*>(.*?)</t>", xml, re.S)]
print(json.dumps({"cells": cells, "formulas": formulas, "strings": strings}))`;
