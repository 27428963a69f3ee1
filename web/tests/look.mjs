// Opens every page in both shades and sizes, takes its picture, and asks axe and the width. `node tests/look.mjs [part of a name]`.
import { startMock } from '../mock/server.mjs';
import { axe, logIn, newPage, openBrowser, pictures, settled, sideways } from './browser.mjs';

const OPEN = '.rows .fold[aria-expanded=false]';

/** name, account, address, what to do before the picture. */
export const PAGES = [
  ['home', 'chen', '/'],
  ['home-head', 'sun', '/'],
  ['leads', 'chen', '/leads'],
  ['leads-open', 'chen', '/leads?open=L000001'],
  ['leads-empty', 'chen', '/leads?q=zzzz'],
  ['leads-chosen', 'chen', '/leads?status=check&mine=1', async (page) => { await page.locator('.rows .ant-checkbox-input').nth(1).click(); await page.locator('.rows .ant-checkbox-input').nth(2).click(); await page.locator('.batch .ant-btn').first().waitFor(); }],
  ['lead', 'chen', '/leads/L000001'],
  ['lead-act', 'chen', '/leads/L000001', async (page) => { await page.locator('.lead-acts .ant-btn').first().click(); await page.locator('.ant-modal').waitFor(); }],
  ['reviews', 'zhou', '/reviews'],
  ['review', 'zhou', '/reviews', async (page) => { await page.locator('tr.row', { hasText: '复审中' }).first().click(); await page.locator('.line-card').first().waitFor(); }],
  ['panel', 'fang', '/reviews?stage=panel', async (page) => { await page.locator('tr.row', { hasText: '合议中' }).first().click(); await page.locator('.members').waitFor(); }],
  ['recoveries', 'cai', '/recoveries', async (page) => { await page.locator(OPEN).first().click(); }],
  ['entry', 'cai', '/recoveries', async (page) => { await page.locator('tr.row', { hasText: '逾期' }).locator(OPEN.split(' ').slice(1).join(' ')).first().click(); await page.locator('.entries .ant-btn').click(); await page.locator('.ant-modal').waitFor(); }],
  ['campaigns', 'sun', '/campaigns?open=C1'],
  ['rules', 'chen', '/rules'],
  ['rule', 'chen', '/rules/N027'],
  ['knowledge', 'chen', '/knowledge'],
  ['table', 'chen', '/knowledge/item_frequency'],
  ['runs', 'xi', '/runs', async (page) => { await page.locator(OPEN).first().click(); }],
  ['quality', 'chen', '/quality'],
  ['counter', 'sun', '/counter'],
  ['counter-own', 'renji', '/counter'],
  ['institution', 'chen', '/institutions/H33090200101'],
  ['doctor', 'chen', '/doctors/D3309000001'],
  ['doctor-few', 'chen', '/doctors/D3309000004'],
  ['doctor-own', 'renji', '/doctors/D3309000001'],
  ['person', 'chen', '/persons/3309000000100001'],
  ['search', 'chen', '/', async (page) => { await page.keyboard.press('Control+k'); await page.locator('.ant-modal input').fill('D33090000'); await page.getByRole('option').filter({ hasText: '医师' }).first().waitFor(); }],
  ['notices', 'chen', '/', async (page) => { await page.locator('.bell').click(); await page.locator('.notice').first().waitFor(); }],
  ['views', 'chen', '/leads?status=check&mine=1', async (page) => { await page.getByRole('button', { name: '视图', exact: true }).click(); await page.locator('.views').waitFor(); }],
  ['users', 'an', '/users'],
  ['users-rights', 'an', '/users', async (page) => { await page.locator('tr.row', { hasText: '陈晓岚' }).getByRole('button').first().click(); await page.locator('.rights').waitFor(); }],
  ['users-table', 'an', '/users', async (page) => { await page.getByRole('button', { name: '权限表' }).click(); await page.locator('.rights-table td').first().waitFor(); }],
  ['audit', 'ji', '/audit', async (page) => { await page.locator(OPEN).nth(1).click(); }],
  ['exports', 'sun', '/exports?open=DC2026-000001'],
  ['exports-verdict', 'sun', '/exports?open=DC2026-000001', async (page) => { await page.getByRole('button', { name: '批 准' }).or(page.getByRole('button', { name: '批准', exact: true })).first().click(); await page.locator('.ant-modal').waitFor(); }],
  ['export-ask', 'chen', '/leads', async (page) => { await page.getByRole('button', { name: '导出' }).first().click(); await page.locator('.ant-modal .ant-checkbox-input').click(); }],
  ['lead-looks', 'sun', '/leads/L000001', async (page) => { await page.locator('section', { hasText: '此件谁看过' }).last().getByRole('button').click(); await page.locator('.plain-list li').last().waitFor(); }],
  ['account', 'chen', '/account'],
  ['forbidden', 'cai', '/users'],
  ['portal', 'renji', '/'],
  ['answer', 'renji', '/', async (page) => { await page.locator('tr.row').first().click(); await page.locator('.line-card').first().waitFor(); await page.locator('.choice-appeal').first().click(); }],
  ['own', 'renji', '/own'],
  ['own-leads', 'renji', '/leads'],
  ['own-campaigns', 'renji', '/campaigns?open=C1'],
];
const NARROW = ['counter', 'doctor', 'person', 'exports', 'portal', 'answer', 'lead', 'leads', 'home', 'own-leads'];

const only = process.argv[2];
const mock = await startMock();
const browser = await openBrowser();
let wrong = 0;

async function look(name, account, address, act, options) {
  const { page, context, complaints } = await newPage(browser, mock.url, options);
  try {
    if (account) await logIn(page, account);
    await page.goto(address);
    await settled(page);
    if (act) await act(page);
    await settled(page);
    const told = [...(await axe(page)), ...complaints];
    const over = await sideways(page);
    if (over > 0) told.push(`runs off sideways by ${over}px`);
    await page.screenshot({ path: `${pictures}/${name}-${options.tag}.png` });
    process.stdout.write(`${told.length === 0 ? 'ok  ' : 'BAD '} ${name} ${options.tag}\n${told.map((line) => `       ${line}\n`).join('')}`);
    wrong += told.length;
  } catch (error) {
    wrong += 1;
    await page.screenshot({ path: `${pictures}/${name}-${options.tag}.png` }).catch(() => undefined);
    process.stdout.write(`FAIL ${name} ${options.tag} ${String(error).split('\n').slice(0, 3).join(' ')} ${complaints.join(' ; ')}\n`);
  } finally {
    await context.close();
  }
}

const wanted = (name) => !only || name.includes(only);
for (const shade of ['light', 'dark']) {
  const wide = { shade, tag: shade };
  if (wanted('login')) {
    await look('login', undefined, '/', undefined, wide);
    await look('login-code', undefined, '/', async (page) => { await page.fill('#account', 'zhou'); await page.fill('#password', 'demo'); await page.keyboard.press('Enter'); await page.locator('#code').waitFor(); }, wide);
    await look('login', undefined, '/', undefined, { shade, width: 390, height: 844, tag: `${shade}-narrow` });
  }
  for (const [name, account, address, act] of PAGES) {
    if (!wanted(name)) continue;
    await look(name, account, address, act, wide);
    if (NARROW.includes(name)) await look(name, account, address, act, { shade, width: 390, height: 844, tag: `${shade}-narrow` });
  }
}
if (wanted('english')) {
  for (const name of ['home', 'leads-open', 'recoveries', 'answer']) {
    const [, account, address, act] = PAGES.find((one) => one[0] === name);
    await look(`english-${name}`, account, address, act, { shade: 'light', language: 'en', tag: 'light' });
  }
}
await browser.close();
await mock.close();
process.stdout.write(`pictures in ${pictures}; ${wrong} complaints\n`);
process.exitCode = wrong > 0 ? 1 : 0;
