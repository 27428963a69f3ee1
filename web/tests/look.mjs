// Visits every route of src/router.tsx as somebody who works there: light and dark, on a desk and on a phone, and some on paper. Takes the
// picture, asks axe, the width, and whether what is cut off can be read. A route that nobody visits is a fault.
//   node tests/look.mjs [part of a name]                       over the mock
//   MINGJIAN_PLATFORM=http://127.0.0.1:8080 node tests/look.mjs   over a running platform with the demonstration's people, with the pages of dist/
import { readFileSync } from 'node:fs';
import { startMock } from '../mock/server.mjs';
import { axe, cutOff, logIn, newPage, openBrowser, pictures, settled, sideways } from './browser.mjs';

const ROUTES = [...readFileSync(new URL('../src/router.tsx', import.meta.url), 'utf8').matchAll(/\bpath: '([^']+)'/g)].map((found) => found[1]);

/** Who sits at the desk: in the mock, on the platform. */
const PEOPLE = {
  auditor: ['chen', 'auditor'], reviewer: ['zhou', 'reviewer'], expert: ['fang', 'expert'], supervisor: ['sun', 'supervisor'], legal: ['luo', 'legal'], director: ['lin', 'director'],
  rule_author: ['wang', 'rule_author'], finance: ['cai', 'finance'], institution: ['renji', 'institution'], outside: ['ou', 'outside'], overseer: ['ji', 'overseer'],
  sysadmin: ['xi', 'sysadmin'], secadmin: ['an', 'secadmin'], auditadmin: ['shen', 'auditadmin'],
};

const FOLD = '.rows .fold[aria-expanded=false]';
const firstFold = async (page) => page.locator(FOLD).first().click();
const modal = (page) => page.locator('.ant-modal').last().waitFor();
/** Presses a button of these words, if it is there. */
const press = (name, then = modal) => async (page) => {
  await page.getByRole('button', { name }).first().click();
  await then(page);
};
const choose = async (page) => {
  await page.locator('.rows .ant-checkbox-input').nth(1).click();
  await page.locator('.rows .ant-checkbox-input').nth(2).click();
  await page.locator('.batch .ant-btn').first().waitFor();
};
const evidence = async (page) => page.locator('.claim-box').first().waitFor();

/**
 * Name, who, where, what to do before the picture. The address may need what is there: ids found at the interface by `find`; without one the
 * page is left out, but its route is then unvisited.
 */
const PAGES = [
  ['home', 'auditor', '/'],
  ['home-reviewer', 'reviewer', '/'],
  ['home-head', 'supervisor', '/'],
  ['home-director', 'director', '/'],
  ['home-legal', 'legal', '/'],
  ['home-expert', 'expert', '/'],
  ['home-author', 'rule_author', '/'],
  ['home-finance', 'finance', '/'],
  ['home-outside', 'outside', '/'],
  ['home-overseer', 'overseer', '/'],
  ['home-sysadmin', 'sysadmin', '/'],
  ['home-secadmin', 'secadmin', '/'],
  ['home-auditadmin', 'auditadmin', '/'],
  ['leads', 'auditor', '/leads'],
  ['leads-open', 'auditor', (id) => id.lead && `/leads?q=${id.number}&open=${id.lead}`, evidence],
  ['leads-empty', 'auditor', '/leads?q=zzzz'],
  ['leads-chosen', 'auditor', '/leads?status=check&mine=1', choose],
  ['leads-more', 'auditor', '/leads?min=1000&result=违规&due=7', async (page) => { const fold = page.locator('.filter-fold'); if (await fold.isVisible()) await fold.click(); await press('更多条件', (on) => on.locator('.filter-more').waitFor())(page); }],
  ['views', 'auditor', '/leads?status=check&mine=1', press('视图', (page) => page.locator('.views').waitFor())],
  ['export-ask', 'auditor', '/leads', press('导出')],
  ['lead', 'auditor', (id) => id.lead && `/leads/${id.lead}`, evidence],
  ['lead-act', 'auditor', (id) => id.lead && `/leads/${id.lead}`, async (page) => { await page.locator('.lead-acts .ant-btn:enabled').first().click(); await modal(page); }],
  ['lead-more', 'auditor', (id) => id.lead && `/leads/${id.lead}`, press('更多', (page) => page.locator('.ant-dropdown').waitFor())],
  ['lead-decided', 'supervisor', (id) => id.decided && `/leads/${id.decided}`, evidence],
  ['lead-looks', 'supervisor', (id) => id.lead && `/leads/${id.lead}`, async (page) => { await page.locator('section', { hasText: '此件谁看过' }).last().getByRole('button').click(); await page.locator('.plain-list li').last().waitFor(); }],
  ['reviews', 'reviewer', '/reviews'],
  ['review', 'reviewer', (id) => id.review && `/reviews/${id.review}`, evidence],
  ['panel', 'expert', (id) => id.panel && `/reviews/${id.panel}`, evidence],
  ['final', 'supervisor', (id) => id.final && `/reviews/${id.final}`, evidence],
  ['recoveries', 'finance', '/recoveries', firstFold],
  ['entry', 'finance', '/recoveries?state=due', async (page) => { await firstFold(page); await page.locator('.entries .ant-btn').last().click(); await modal(page); }],
  ['recoveries-empty', 'finance', '/recoveries?institution=H00000000000'],
  ['campaigns', 'supervisor', (id) => id.campaign && `/campaigns?open=${id.campaign}`],
  ['campaign-new', 'supervisor', '/campaigns', press('新建自查活动')],
  ['rules', 'auditor', '/rules'],
  ['rule', 'rule_author', (id) => id.rule && `/rules/${id.rule}`],
  ['knowledge', 'rule_author', '/knowledge'],
  ['table', 'rule_author', (id) => id.table && `/knowledge/${id.table}`],
  ['runs', 'sysadmin', '/runs', async (page) => { await page.locator(FOLD).first().click(); }],
  ['quality', 'auditor', '/quality'],
  ['counter', 'supervisor', '/counter'],
  ['counter-own', 'institution', '/counter'],
  ['institution', 'auditor', (id) => id.institution && `/institutions/${id.institution}`],
  ['doctor', 'auditor', (id) => id.doctor && `/doctors/${id.doctor}`],
  ['doctor-few', 'auditor', (id) => id.few && `/doctors/${id.few}`],
  ['doctor-own', 'institution', (id) => id.ownDoctor && `/doctors/${id.ownDoctor}`],
  ['person', 'auditor', (id) => id.person && `/persons/${id.person}`],
  ['relations', 'auditor', (id) => id.person && `/relations?person=${id.person}`],
  ['relations-chosen', 'auditor', (id) => id.person && `/relations?person=${id.person}`, async (page) => { await page.locator('[data-node^="person:"]').first().click(); await page.locator('.relations-chosen').waitFor(); }],
  ['relations-matrix', 'auditor', (id) => id.person && `/relations?person=${id.person}&view=matrix`],
  ['relations-list', 'auditor', (id) => id.person && `/relations?person=${id.person}&view=list`],
  ['relations-none', 'auditor', (id) => id.person && `/relations?person=${id.person}&least=9`],
  ['groups', 'supervisor', '/relations'],
  ['search', 'auditor', '/', async (page) => { await page.keyboard.press('Control+k'); await page.locator('.ant-modal input').fill('医院'); await page.getByRole('option').first().waitFor(); }],
  ['keys', 'auditor', '/', async (page) => { await page.keyboard.press('?'); await modal(page); }],
  ['notices', 'auditor', '/', async (page) => { await page.locator('.bell').click(); await page.locator('.notices-head').waitFor(); }],
  ['users', 'secadmin', '/users'],
  ['user-new', 'secadmin', '/users', press('新建账号')],
  ['users-rights', 'secadmin', '/users', async (page) => { await page.locator('tr.row').first().getByRole('button').first().click(); await page.locator('.rights').waitFor(); }],
  ['users-table', 'secadmin', '/users', press('权限表', (page) => page.locator('.rights-table td').first().waitFor())],
  ['audit', 'overseer', '/audit', async (page) => { await page.locator(FOLD).nth(1).click(); }],
  ['audit-admin', 'auditadmin', '/audit'],
  ['exports', 'supervisor', (id) => id.export && `/exports?open=${id.export}`],
  ['exports-verdict', 'supervisor', (id) => id.export && `/exports?open=${id.export}`, press('批准')],
  ['exports-own', 'auditor', '/exports'],
  ['account', 'auditor', '/account'],
  ['forbidden', 'finance', '/users'],
  ['not-found', 'auditor', '/leads/XS0000-000000'],
  ['portal', 'institution', '/'],
  ['answer', 'institution', (id) => id.answer && `/answers/${id.answer}`, async (page) => { await evidence(page); await page.locator('.choice-appeal').first().click(); }],
  ['own', 'institution', '/own'],
  ['own-leads', 'institution', '/leads'],
  ['own-refunds', 'institution', '/recoveries'],
  ['own-campaigns', 'institution', (id) => id.campaign && `/campaigns?open=${id.campaign}`],
  ['own-exports', 'institution', '/exports'],
];
/** These are also seen on paper, and these in English. */
const PAPER = ['relations', 'lead', 'leads-open', 'lead-decided', 'recoveries', 'institution', 'person', 'rule', 'audit', 'own'];
const ENGLISH = ['relations', 'groups', 'home', 'leads-open', 'lead', 'review', 'recoveries', 'campaigns', 'rules', 'counter', 'institution', 'person', 'users', 'answer', 'own'];

const only = process.argv[2] ?? '';
const platform = process.env.MINGJIAN_PLATFORM;
const mock = platform ? undefined : await startMock();
const url = platform ?? mock.url;
const browser = await openBrowser();
const desks = new Map();
const visited = new Set();
const left = [];
let wrong = 0;

/** The page of a person: logged in once, because an account has few sessions. */
async function desk(role) {
  const there = desks.get(role);
  if (there) return there;
  const made = await newPage(browser, url, { platform: Boolean(platform) });
  await logIn(made.page, PEOPLE[role][platform ? 1 : 0], platform ? (process.env.MINGJIAN_PASSWORD ?? 'Qingshan-Lushui-86') : 'demo');
  desks.set(role, made);
  return made;
}

/** What there is to look at, by the interface, as those who may see it. */
async function find() {
  const read = async (role, path) => {
    const { page } = await desk(role);
    return page.evaluate(async (address) => { const answer = await fetch(`/api/v1${address}`); return answer.ok ? answer.json() : { items: [] }; }, path);
  };
  const leads = async (role, query) => (await read(role, `/leads?limit=20&${query}`)).items;
  const id = {};
  const working = [...(await leads('auditor', 'status=check&mine=1&sort=amount')), ...(await leads('auditor', 'status=new&sort=amount')), ...(await leads('auditor', 'sort=amount'))];
  const one = working.find((lead) => lead.findings > 1 && lead.person) ?? working[0];
  id.lead = one?.id;
  id.number = one?.number;
  id.decided = (await leads('supervisor', 'status=upheld,partly'))[0]?.id;
  id.review = (await leads('reviewer', 'status=review,answered'))[0]?.id;
  id.panel = (await leads('expert', 'status=panel'))[0]?.id;
  id.final = (await leads('supervisor', 'status=final'))[0]?.id;
  id.answer = (await leads('institution', 'status=sent'))[0]?.id;
  id.campaign = (await read('supervisor', '/campaigns')).items[0]?.id;
  const rules = (await read('rule_author', '/rules')).items;
  id.rule = (rules.find((rule) => rule.id === 'N027') ?? rules[0])?.id;
  id.table = ((await read('rule_author', '/knowledge')).items.find((table) => table.table === 'item_frequency') ?? (await read('rule_author', '/knowledge')).items[0])?.table;
  id.export = (await read('supervisor', '/exports?of=others')).items.find((row) => row.state === 'waiting' && row.may_decide)?.id;
  id.institution = working[0]?.institution?.code;
  id.person = working.find((lead) => lead.person)?.person.no;
  const doctorOf = async (role, list) => {
    for (const lead of list.slice(0, 12)) {
      const seen = (await read(role, `/leads/${lead.id}`)).finding_list?.find((one) => one.practitioner);
      if (seen) return seen.practitioner.code;
    }
    return undefined;
  };
  id.doctor = await doctorOf('auditor', working);
  id.ownDoctor = await doctorOf('institution', await leads('institution', ''));
  if (!platform) id.few = 'D3309000004';
  return id;
}

/** The route an address belongs to. */
function routeOf(address) {
  const path = new URL(address, url).pathname;
  const parts = path.split('/');
  return ROUTES.find((route) => route === path) ?? ROUTES.find((route) => route.split('/').length === parts.length && route.split('/').every((part, i) => part.startsWith('$') || part === parts[i]));
}

const WIDE = { width: 1366, height: 768 };
const PHONE = { width: 390, height: 844 };

async function look(name, role, at, act, { shade = 'light', size = WIDE, language = 'zh-CN', paper = false, tag = shade }) {
  const { page, complaints } = await desk(role);
  complaints.length = 0;
  const told = [];
  try {
    await page.setViewportSize(size);
    await page.evaluate(([wanted, words]) => {
      localStorage.setItem('mingjian.shade', wanted);
      localStorage.setItem('mingjian.language', words);
    }, [shade, language]);
    await page.goto(at);
    await settled(page);
    visited.add(routeOf(at));
    // In another language the buttons have other words: the page is seen as it opens.
    if (act && language === 'zh-CN') await act(page);
    await settled(page);
    if (paper) {
      // As the printer does: told beforehand, then as wide as the sheet leaves, A4 upright or lying.
      await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
      await page.emulateMedia({ media: 'print' });
      const lying = await page.evaluate(() => document.documentElement.dataset.paper === 'wide');
      await page.setViewportSize(lying ? { width: 1016, height: 672 } : { width: 688, height: 1002 });
      if (await page.locator('.top, .side').filter({ visible: true }).count()) told.push('the frame is on paper');
    } else {
      told.push(...(await axe(page)), ...(await cutOff(page)));
      const over = await sideways(page);
      if (over > 0) told.push(`runs off sideways by ${over}px`);
    }
    told.push(...complaints);
  } catch (error) {
    told.push(String(error).split('\n').slice(0, 3).join(' '), ...complaints);
  } finally {
    await page.screenshot({ path: `${pictures}/${name}-${tag}.png`, fullPage: paper }).catch(() => undefined);
    await page.emulateMedia({ media: 'screen' });
  }
  process.stdout.write(`${told.length === 0 ? 'ok  ' : 'BAD '} ${name} ${tag}\n${told.map((line) => `       ${line}\n`).join('')}`);
  wrong += told.length;
}

async function logins(shade) {
  for (const [tag, size] of [[shade, WIDE], [`${shade}-phone`, PHONE]]) {
    const { page, context, complaints } = await newPage(browser, url, { shade, ...size, platform: Boolean(platform) });
    await page.goto('/');
    await page.locator('#account').waitFor();
    const told = [...(await axe(page)), ...(await cutOff(page)), ...complaints];
    await page.screenshot({ path: `${pictures}/login-${tag}.png` });
    if (!platform) {
      await page.fill('#account', 'zhou');
      await page.fill('#password', 'demo');
      await page.keyboard.press('Enter');
      await page.locator('#code').waitFor();
      told.push(...(await axe(page)));
      await page.screenshot({ path: `${pictures}/login-code-${tag}.png` });
    }
    process.stdout.write(`${told.length === 0 ? 'ok  ' : 'BAD '} login ${tag}\n${told.map((line) => `       ${line}\n`).join('')}`);
    wrong += told.length;
    await context.close();
  }
}

const wanted = (name) => name.includes(only);
const id = await find();
for (const shade of ['light', 'dark']) if (wanted('login')) await logins(shade);
for (const [name, role, where, act] of PAGES) {
  if (!wanted(name)) continue;
  const at = typeof where === 'function' ? where(id) : where;
  if (!at) {
    left.push(name);
    continue;
  }
  await look(name, role, at, act, {});
  await look(name, role, at, act, { shade: 'dark' });
  await look(name, role, at, act, { size: PHONE, tag: 'phone' });
  if (PAPER.includes(name)) await look(name, role, at, act, { paper: true, tag: 'paper' });
  if (ENGLISH.includes(name)) await look(name, role, at, act, { language: 'en', tag: 'english' });
}
await browser.close();
await mock?.close();
if (left.length > 0) process.stdout.write(`nothing to show for: ${left.join(', ')}\n`);
const unvisited = only ? [] : ROUTES.filter((route) => !visited.has(route));
if (unvisited.length > 0) process.stdout.write(`BAD  routes that nobody visited: ${unvisited.join(', ')}\n`);
wrong += unvisited.length;
process.stdout.write(`pictures in ${pictures}; ${visited.size} of ${ROUTES.length} routes; ${wrong} complaints\n`);
process.exitCode = wrong > 0 ? 1 : 0;
