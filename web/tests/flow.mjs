// The road of a lead through the pages, against the mock: an auditor's morning, the hospital's answer, second review, panel, decision,
// money back; and the states every page must have. Each step is done as a person does it: by keys, labels and buttons.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startMock } from '../mock/server.mjs';
import { axe, logIn, newPage, openBrowser, pictures, settled } from './browser.mjs';

const mock = await startMock();
const browser = await openBrowser();
let failed = 0;

async function check(name, run, options = {}) {
  const { page, context, complaints } = await newPage(browser, mock.url, options);
  try {
    await run(page);
    assert.deepEqual(complaints, [], 'the console is quiet');
    process.stdout.write(`ok   ${name}\n`);
  } catch (error) {
    failed += 1;
    await page.screenshot({ path: join(pictures, `failed-${failed}.png`) }).catch(() => undefined);
    process.stdout.write(`FAIL ${name}\n     ${String(error.stack ?? error).split('\n').slice(0, 6).join('\n     ')}\n`);
  } finally {
    await context.close();
  }
}

const lead = (id) => mock.state.leads.find((one) => one.id === id);
const button = (page, name) => page.getByRole('button', { name, exact: false });
const dialog = (page) => page.getByRole('dialog');

/** Picks an option of an antd select by the keys. */
async function pick(page, label, text) {
  const box = page.getByRole('combobox', { name: label });
  await box.click();
  await page.locator('.ant-select-dropdown:visible .ant-select-item-option', { hasText: text }).first().click();
}

await check('log-in: wrong password, then second factor, then where the link pointed', async (page) => {
  await page.goto('/leads?result=%E5%8F%AF%E7%96%91');
  await page.fill('#account', 'zhou');
  await page.fill('#password', 'no');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('账号或密码不对').waitFor();
  await page.fill('#password', 'demo');
  await page.keyboard.press('Enter');
  await page.locator('#code').fill('000000');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('动态口令不对').waitFor();
  await page.locator('#code').fill('123456');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: '疑点线索' }).waitFor();
  await page.locator('tr.row .tag-suspect').first().waitFor();
  assert.equal(await page.locator('tr.row .tag-violation:not(.ant-tag)').filter({ hasText: '违规' }).count(), 0);
});

await check('relations: groups, one picture in three views, by keys, a node left out with its reason, taken out with another', async (page) => {
  await logIn(page, 'sun');
  await page.goto('/relations');
  await page.getByRole('heading', { name: '关系图谱' }).waitFor();
  await page.locator('tr.row').first().waitFor();
  assert.deepEqual(await axe(page), []);
  await page.locator('tr.row').first().click();
  await page.waitForURL(/person=/);
  const first = page.locator('.graph [data-node][tabindex="0"]');
  await first.waitFor();
  assert.equal(await first.count(), 1, 'one node takes the Tab');
  await first.focus();
  const held = () => page.evaluate(() => document.activeElement?.getAttribute('data-node'));
  const begun = await held();
  let moved = begun;
  for (const arrow of ['ArrowRight', 'ArrowLeft', 'ArrowDown', 'ArrowUp']) {
    await page.keyboard.press(arrow);
    moved = await held();
    if (moved !== begun) break;
  }
  assert.notEqual(moved, begun, 'an arrow leads along an edge');
  await page.keyboard.press('Enter');
  await page.locator('.relations-chosen').waitFor();
  assert.equal(new URL(page.url()).searchParams.get('node'), moved);
  await page.keyboard.press('Escape');
  await page.locator('.relations-chosen').waitFor({ state: 'detached' });
  await page.locator('.ant-segmented-item', { hasText: '矩阵' }).click();
  await page.locator('.matrix td span').first().waitFor();
  assert.match(page.url(), /view=matrix/);
  await page.locator('.ant-segmented-item', { hasText: '列表' }).click();
  await page.locator('.relations-list tbody tr').first().waitFor();
  await page.locator('.relations-list tbody .link').nth(1).click();
  await page.locator('.relations-chosen').getByRole('button', { name: '排除' }).click();
  await dialog(page).getByRole('textbox').fill('同村统一体检');
  await dialog(page).getByRole('button', { name: '排 除' }).or(dialog(page).getByRole('button', { name: '排除', exact: true })).click();
  await page.locator('.relations-out').getByText('同村统一体检').waitFor();
  assert.match(decodeURIComponent(page.url()), /without=person/);
  await page.getByRole('button', { name: '导出证据图' }).click();
  const saved = page.waitForEvent('download');
  await dialog(page).getByRole('textbox').fill('附入核查案卷');
  await page.keyboard.press('Enter');
  assert.match((await saved).suggestedFilename(), /^关系图谱-DC2026-\d{6}\.html$/);
  const trail = mock.state.events.at(-1);
  assert.deepEqual([trail.act, trail.reason], ['export.take', '附入核查案卷']);
  await page.goto(page.url());
  await page.locator('.relations-out').getByText('同村统一体检').waitFor();
  await page.getByRole('button', { name: '恢复' }).click();
  await page.locator('.relations-out').waitFor({ state: 'detached' });
});

await check('relations are absent for who answers for an institution', async (page) => {
  await logIn(page, 'renji');
  await page.goto('/relations');
  await page.getByText('没有此项权限').first().waitFor();
  assert.equal(await page.locator('.side a', { hasText: '关系图谱' }).count(), 0);
}, { quiet: false });

await check('reminders at the counter: the range stands in the address, an institution sees itself alone', async (page) => {
  await logIn(page, 'sun');
  await page.goto('/counter');
  await page.getByRole('heading', { name: '事前事中提醒' }).first().waitFor();
  await page.getByText('接入率').first().waitFor();
  await page.getByText('近 90 天').click();
  await page.waitForURL(/range=90/);
  await page.locator('section', { hasText: '按机构和厂商' }).last().locator('tr.row').nth(5).waitFor();
  assert.equal(await page.locator('section', { hasText: '按机构和厂商' }).last().locator('tr.row').count(), 6);
});

await check('reminders at the counter: an institution is shown nobody else', async (page) => {
  await logIn(page, 'renji');
  await page.goto('/counter');
  await page.getByRole('heading', { name: '事前事中提醒' }).first().waitFor();
  await page.locator('section', { hasText: '按机构和厂商' }).last().locator('tr.row').first().waitFor();
  assert.equal(await page.locator('section', { hasText: '按机构和厂商' }).last().locator('tr.row').count(), 1);
  assert.equal(await page.getByText('没有接入的机构').count(), 0);
});

await check('log-in: by the word of an identity provider, to where one wanted; what fails is told', async (page) => {
  await page.goto('/refused');
  const button_ = page.getByRole('link', { name: '政务统一认证' });
  await button_.click();
  await page.getByRole('alert').getByText('没有可用的账号').waitFor();
  assert.equal(new URL(page.url()).search, '');
  await page.goto('/leads?status=new');
  await button_.click();
  await page.getByRole('heading', { name: '疑点线索' }).waitFor();
  assert.match(page.url(), /\/leads\?status=new/);
});

await check('log-in: a first password must be changed', async (page) => {
  await page.goto('/');
  await page.fill('#account', 'xin');
  await page.fill('#password', 'demo');
  await page.keyboard.press('Enter');
  await page.fill('#current', 'demo');
  await page.fill('#first', 'short');
  await page.fill('#again', 'short');
  await button(page, '修改密码').click();
  await page.getByRole('alert').getByText('至少 12 位').waitFor();
  await page.fill('#first', 'Long-enough-9');
  await page.fill('#again', 'Long-enough-9');
  await button(page, '修改密码').click();
  await page.getByRole('heading', { name: '辛然，您好' }).waitFor();
});

await check('exports: in clear it waits for another, who says why; then once', async (page) => {
  await logIn(page, 'chen');
  await page.goto('/leads?institution=H33090200101');
  await page.locator('tr.row').first().waitFor();
  await button(page, '导出').first().click();
  assert.equal(await dialog(page).getByRole('button', { name: /^导\s?出$/ }).isDisabled(), true, 'no export without a reason');
  await page.getByLabel('含姓名和证件号码').check();
  await page.fill('#export-reason', '报送仁济康复核查名单');
  await dialog(page).getByRole('button', { name: '申请导出' }).click();
  await dialog(page).getByText('要经另一位有权的人批准').waitFor();
  const asked = mock.state.exports.at(-1);
  assert.deepEqual([asked.state, asked.clear, asked.conditions], ['waiting', true, [{ name: 'institution', value: 'H33090200101' }]]);
  await dialog(page).getByRole('link', { name: '去看导出申请' }).click();
  await page.locator(`tr[data-id=${asked.id}]`).getByText('待审批').waitFor();
  await page.context().clearCookies();
  await logIn(page, 'sun');
  await page.goto('/');
  await page.locator('.side .badge', { hasText: '2' }).waitFor();
  await page.locator('.side a', { hasText: '导出申请' }).click();
  await page.locator(`tr[data-id=${asked.id}] .fold`).click();
  await page.locator('.entry-acts').getByRole('button', { name: /^批\s?准$/ }).click();
  await page.getByLabel('审批意见').fill('同意，限本次报送');
  await dialog(page).getByRole('button', { name: /^批\s?准$/ }).click();
  await page.getByText('已批准', { exact: true }).first().waitFor();
  assert.deepEqual([asked.state, asked.decision.by.account], ['approved', 'sun']);
  await page.locator('.side .badge', { hasText: '1' }).waitFor();
  await page.context().clearCookies();
  await logIn(page, 'chen');
  await page.goto(`/exports?open=${asked.id}`);
  const download = page.waitForEvent('download');
  await button(page, '下载（一次）').click();
  assert.equal((await download).suggestedFilename(), `线索-${asked.id}.xlsx`);
  await page.locator(`tr[data-id=${asked.id}]`).getByText('已下载').waitFor();
  assert.equal(await button(page, '下载（一次）').count(), 0);
});

await check('who looked: on the lead and in the trail; what is printed says who printed it', async (page) => {
  await logIn(page, 'sun');
  await page.goto('/leads/L000002');
  const panel = page.locator('section', { hasText: '此件谁看过' }).last();
  await panel.getByRole('button').click();
  await panel.locator('li', { hasText: '打开线索' }).first().waitFor();
  await page.emulateMedia({ media: 'print' });
  await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
  await page.locator('.print-mark', { hasText: '孙明远（sun）' }).waitFor();
  const printed = mock.state.events.findLast((one) => one.act === 'page.print');
  assert.deepEqual([printed.account, printed.object], ['sun', 'L000002']);
  assert.match(await page.locator('.print-mark').innerText(), new RegExp(printed.detail.number));
  await page.emulateMedia({ media: 'screen' });
  await page.context().clearCookies();
  await logIn(page, 'ji');
  await page.goto('/audit?object=L000002');
  await page.getByLabel('只看查看').check();
  await page.locator('tr.row', { hasText: '打开线索' }).first().waitFor();
  assert.match(page.url(), /looks=1/);
});

await check('auditor: from the list to sent in six keystrokes', async (page) => {
  await logIn(page, 'chen');
  await page.goto('/leads?q=XS2026-000001');
  await page.locator('tr.row[data-id=L000001]').waitFor();
  let strokes = 0;
  const press = async (key) => {
    strokes += 1;
    await page.keyboard.press(key);
  };
  await press('j');
  await press('Enter');
  await page.locator('.claim .hit').first().waitFor();
  assert.match(new URL(page.url()).search, /open=L000001/);
  await press('f');
  await dialog(page).getByText('将向 仁济康复医院 发送').waitFor();
  await page.locator('.ant-modal textarea').focus();
  await press('Control+Enter');
  await page.getByText('已发送机构反馈，现为“待机构反馈”').waitFor();
  assert.ok(strokes <= 6, `${strokes} keystrokes`);
  assert.equal(lead('L000001').status, 'sent');
  assert.equal(lead('L000001').version, 2);
});

await check('institution: sees only its own, answers per line with a file', async (page) => {
  await logIn(page, 'renji');
  assert.equal(await page.locator('.side a', { hasText: '规则库' }).count(), 0);
  await page.goto('/leads?q=XS2026');
  await settled(page);
  const strangers = mock.state.leads.filter((one) => one.institution.code !== 'H33090200101').map((one) => one.id);
  for (const id of await page.locator('tr.row').evaluateAll((rows) => rows.map((row) => row.dataset.id))) assert.ok(!strangers.includes(id));
  await page.goto(`/answers/${strangers[0]}`);
  await page.getByRole('alert').waitFor();
  await page.goto('/answers/L000001');
  await page.locator('.line-card').first().waitFor();
  await button(page, '反馈').last().click();
  await page.getByRole('alert').getByText('请选择结论').waitFor();
  await page.locator('.choice-appeal').click();
  await pick(page, '申诉理由类别', '不同部位');
  await page.getByLabel('说明', { exact: true }).fill('双膝与腰部分别治疗，<b>按部位</b>计数。');
  const path = join(pictures, '治疗记录.pdf');
  writeFileSync(path, '%PDF-1.4 made up');
  await page.locator('input[type=file]').setInputFiles(path);
  await page.getByText('治疗记录.pdf').waitFor();
  await page.locator('.review-form .ant-btn-block').click();
  await page.getByText('反馈已提交').waitFor();
  const reply = lead('L000001').reply;
  // The second finding stands on the same money and follows the first.
  assert.deepEqual(reply.lines.map((line) => line.conclusion), lead('L000001').finding_list.map(() => 'appeal'));
  assert.equal(reply.attachments.length, 1);
  assert.equal(lead('L000001').status, 'answered');
});

await check('second review: not by who checked first; digits conclude, the words of the institution stay words', async (page) => {
  await logIn(page, 'chen');
  await page.goto('/leads/L000001');
  await page.locator('.lead-acts .ant-btn').first().waitFor();
  assert.equal(await button(page, '受理复审').first().isEnabled(), false);
  await page.context().clearCookies();
  await logIn(page, 'zhou');
  await page.goto('/reviews/L000001');
  await button(page, '受理复审').click();
  await dialog(page).getByRole('button', { name: '受理复审' }).click();
  await page.locator('.line-card').first().waitFor();
  assert.equal(await page.locator('.line-reply b', { hasText: '按部位' }).count(), 0);
  await page.locator('.line-card .choice input').first().focus();
  await page.keyboard.press('2');
  await page.locator('.line-amount input').fill('99999999');
  await page.keyboard.press('Control+Enter');
  await page.getByRole('alert').getByText('认定金额应大于 0').waitFor();
  await page.locator('.line-card .choice-uphold input').focus();
  await page.keyboard.press('1');
  await page.keyboard.press('Control+Enter');
  await page.getByText('已复审结论').waitFor();
  assert.equal(lead('L000001').status, 'final');
});

await check('decision and money: the head decides, finance enters, the ledger closes to the fen', async (page) => {
  await logIn(page, 'sun');
  await page.goto('/leads/L000001');
  await button(page, '终审决定').click();
  await dialog(page).getByText('追回', { exact: false }).first().waitFor();
  await dialog(page).getByRole('button', { name: '终审决定' }).click();
  await page.getByRole('alert').getByText('必填').waitFor();
  await dialog(page).locator('.choice', { hasText: '追回' }).click();
  await dialog(page).getByRole('button', { name: '终审决定' }).click();
  await page.getByText('现为“已认定”').waitFor();
  const row = mock.state.recoveries.find((one) => one.lead.id === 'L000001');
  assert.equal(row.due_fen, lead('L000001').amount_fen);
  await page.context().clearCookies();
  await logIn(page, 'cai');
  await page.goto(`/recoveries?open=${row.id}`);
  await button(page, '登记到账').click();
  await page.fill('#entry-amount', '1,000.07');
  await page.fill('#entry-document', 'HD20260415');
  await dialog(page).getByRole('button', { name: '登记到账' }).click();
  await page.getByText('已登记', { exact: true }).waitFor();
  assert.equal(row.paid_fen, 100007);
  assert.equal(row.open_fen, row.due_fen - 100007);
  for (const one of mock.state.recoveries) assert.equal(one.due_fen, one.refused_fen + one.offset_fen + one.paid_fen + one.waived_fen + one.open_fen);
  await page.locator('.entries').getByRole('button', { name: '冲正' }).click();
  await dialog(page).getByLabel('说明').fill('金额录错');
  await dialog(page).getByRole('button', { name: '冲正' }).click();
  await page.locator('.entries').getByText('金额录错').waitFor();
  assert.equal(row.open_fen, row.due_fen);
  const shown = (await page.locator('.closing .num').allInnerTexts()).map((text) => Math.round(Number(text.replace(/,/g, '')) * 100));
  assert.equal(shown[0], shown.slice(1).reduce((sum, one) => sum + one, 0));
});

await check('a decision corrected after the money came in: what is too much goes back, and the sums still close', async (page) => {
  const row = mock.state.recoveries.find((one) => one.lead.id === 'L000001');
  mock.state.enter(row, 'paid', row.open_fen, 'HD20260416', '蔡文');
  const paid = row.paid_fen;
  await logIn(page, 'sun');
  await page.goto('/leads/L000001');
  await page.locator('.lead-acts .ant-btn').first().waitFor();
  if (!(await button(page, '更正决定').first().isVisible())) await page.locator('.lead-acts .ant-dropdown-trigger').click();
  await page.getByText('更正决定').first().click();
  await dialog(page).locator('.line-card .choice-withdraw input').first().check();
  await dialog(page).locator('.line-card textarea').first().fill('复议决定：双侧手术，不属重复');
  await pick(page, '理由', '复议');
  await dialog(page).getByLabel('说明', { exact: true }).last().fill('依据复议决定书 2026-12 号');
  await dialog(page).getByRole('button', { name: '更正决定' }).click();
  await page.getByText('应退还机构').first().waitFor();
  assert.ok(row.open_fen < 0 && row.due_fen + -row.open_fen === paid, JSON.stringify(row));
  await page.context().clearCookies();
  await logIn(page, 'cai');
  await page.goto(`/recoveries?state=refund&open=${row.id}`);
  await button(page, '登记退还').click();
  await page.fill('#entry-document', 'TH20261201');
  await dialog(page).getByRole('button', { name: '登记退还' }).click();
  await page.getByText('已登记', { exact: true }).waitFor();
  assert.equal(row.open_fen, 0);
  assert.equal(row.returned_fen, paid - row.due_fen);
});

await check('panel: opinions stay hidden until all are in', async (page) => {
  const one = mock.state.leads.find((row) => row.status === 'appeal2');
  await logIn(page, 'sun');
  await page.goto(`/reviews/${one.id}`);
  await button(page, '组成合议').click();
  await page.getByRole('combobox', { name: '合议专家' }).click();
  for (const name of ['方琴', '顾远山', '谭静宜']) await page.locator('.ant-select-dropdown:visible .ant-select-item-option', { hasText: name }).click();
  await page.keyboard.press('Escape');
  await dialog(page).getByRole('button', { name: '组成合议' }).click();
  await page.getByText('已提交 0 / 3').waitFor();
  for (const [account, vote] of [['fang', '维持'], ['gu', '维持'], ['tan', '不成立']]) {
    await page.context().clearCookies();
    await logIn(page, account);
    await page.goto(`/reviews/${one.id}`);
    await page.locator('.members').waitFor();
    assert.equal(await page.getByText('记录不足以说明', { exact: false }).count(), 0, 'no opinion is seen before all are in');
    await page.locator('.review-form .ant-btn-primary').click();
    await dialog(page).locator('.choose .choice', { hasText: vote }).first().click();
    await dialog(page).getByLabel('说明', { exact: true }).fill('记录不足以说明部位。');
    await dialog(page).getByRole('button', { name: '合议意见' }).click();
    await page.getByText('已合议意见').waitFor();
  }
  assert.equal(one.status, 'final');
  await page.reload();
  await page.getByText('意见已全部提交').waitFor();
  assert.equal(await page.getByText('记录不足以说明部位。').count(), 3);
});

await check('batch: many at once, and what could not be done is named', async (page) => {
  await logIn(page, 'chen');
  await page.goto('/leads?status=check');
  await page.locator('tr.row').first().waitFor();
  await page.locator('th .ant-checkbox-input').click();
  await page.locator('.batch .ant-btn', { hasText: '发送机构反馈' }).click();
  await dialog(page).getByText('将对 50 条线索执行').waitFor();
  await dialog(page).getByRole('button', { name: '发送机构反馈' }).click();
  await page.getByText('条没有办成').waitFor();
  await page.getByText('此件由').first().waitFor();
});

await check('put off, put together, put apart: each with a reason, each undone', async (page) => {
  // Earlier steps may have sent it.
  Object.assign(lead('L000002'), { status: 'check', holder: 'chen' });
  await logIn(page, 'chen');
  await page.goto('/leads/L000002');
  const more = async (title) => {
    await button(page, '更多').click();
    await page.locator('.ant-dropdown:visible .ant-dropdown-menu-item', { hasText: title }).first().click();
  };
  // Without a reason or a day nothing is put off.
  await more('暂缓');
  await dialog(page).getByRole('button', { name: '暂缓' }).click();
  assert.equal(await dialog(page).locator('.ant-form-item-has-error').count(), 2);
  await dialog(page).getByLabel('暂缓到').fill('2026-06-01');
  await pick(page, '理由', '等待调阅病历');
  await dialog(page).getByRole('button', { name: '暂缓' }).click();
  await page.locator('.page-head').getByText('暂缓至 2026-06-01').waitFor();
  await page.goto('/leads?put_off=1');
  await page.locator('tr.row[data-id=L000002]').waitFor();
  assert.equal(await page.locator('tr.row').count(), 1);
  await page.goto('/leads/L000002');
  await more('结束暂缓');
  await dialog(page).getByRole('button', { name: '结束暂缓' }).click();
  await page.locator('.page-head .tag', { hasText: '暂缓至' }).waitFor({ state: 'detached' });

  const [whole, kept] = [lead('L000002').amount_fen, lead('L000002').finding_list.length];
  const other = mock.state.leads.find((one) => one.person?.no === lead('L000002').person.no && one !== lead('L000002'));
  Object.assign(other, { status: 'check', holder: 'chen' });
  const added = other.amount_fen;
  await page.reload();
  await more('合并');
  await dialog(page).getByRole('combobox', { name: '并入的线索' }).click();
  await page.locator('.ant-select-dropdown:visible .ant-select-item-option', { hasText: other.number }).click();
  await page.keyboard.press('Escape');
  await dialog(page).getByLabel('说明').fill('同一次住院的两张账单');
  await dialog(page).getByRole('button', { name: '合并' }).click();
  await page.getByText('合并与拆分').waitFor();
  assert.equal(lead('L000002').amount_fen, whole + added);
  await axe(page, 'a lead that others went into');
  // The other says where it went, and comes back.
  await page.getByRole('link', { name: other.id }).click();
  await page.getByText('本件已并入').waitFor();
  await button(page, '撤销合并').click();
  await dialog(page).getByLabel('说明').fill('账单不同');
  await dialog(page).getByRole('button', { name: '撤销合并' }).click();
  await page.locator('.ant-modal').waitFor({ state: 'detached' });
  assert.deepEqual([lead('L000002').amount_fen, other.amount_fen, other.status], [whole, added, 'check']);

  await page.goto(`/leads/${other.id}`);
  await more('拆分');
  await dialog(page).locator('.ant-checkbox-input').last().check();
  await dialog(page).getByLabel('说明').fill('由另一组核查');
  await dialog(page).getByRole('button', { name: '拆分' }).click();
  await page.getByText('拆出').first().waitFor();
  const part = mock.state.leads.find((one) => one.split_from === other.id);
  assert.equal(part.amount_fen + other.amount_fen, added);
  await page.getByRole('link', { name: part.id }).click();
  await page.getByText('本件拆自').waitFor();
  assert.ok(kept > 0);
});

await check('conflict: what another changed meanwhile is told and shown', async (page) => {
  const one = mock.state.leads.find((row) => row.status === 'check' && row.holder === 'chen');
  await logIn(page, 'chen');
  await page.goto(`/leads/${one.id}`);
  await button(page, '排除').click();
  await pick(page, '理由', '病情需要');
  one.version += 1;
  await dialog(page).getByRole('button', { name: '排除' }).click();
  await dialog(page).getByText('更新', { exact: false }).first().waitFor();
  await dialog(page).getByRole('button', { name: '查看最新' }).click();
  await page.locator('.ant-modal').waitFor({ state: 'detached' });
  assert.equal(one.status, 'check');
});

await check('URL: filters, order and the opened row come back', async (page) => {
  await logIn(page, 'chen');
  await page.goto('/leads');
  await page.locator('.filters .ant-segmented-item', { hasText: '违规' }).click();
  await page.locator('th .sort', { hasText: '涉及金额' }).click();
  await settled(page);
  await page.locator('tr.row .fold').nth(2).click();
  await page.locator('.evidence').waitFor();
  const [address, id] = [page.url(), await page.locator('tr.opened').getAttribute('data-id')];
  await page.goto('/');
  await page.goto(address);
  await page.locator('tr.opened').waitFor();
  assert.equal(await page.locator('tr.opened').getAttribute('data-id'), id);
  assert.equal(await page.locator('th[aria-sort=descending]').innerText().then((text) => text.includes('涉及金额')), true);
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('tr.opened').count(), 0);
});

await check('on a phone the filters fold behind one button that counts them', async (page) => {
  await logIn(page, 'chen');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/leads?status=check,sent&mine=1');
  await page.locator('tr.row').first().waitFor();
  const fold = page.locator('.filter-fold');
  assert.equal((await fold.innerText()).trim(), '筛选 2');
  assert.equal(await fold.getAttribute('aria-expanded'), 'false');
  const verdicts = page.locator('.filters .ant-segmented');
  assert.equal(await verdicts.isVisible(), false);
  assert.ok((await page.locator('.filters').boundingBox()).height < 60, 'one row');
  assert.ok(await page.getByRole('searchbox', { name: '机构、人员编号、线索编号' }).or(page.getByLabel('机构、人员编号、线索编号')).first().isVisible(), 'the search field stays');
  await fold.click();
  await page.locator('.filters .ant-segmented-item', { hasText: '违规' }).click();
  await page.waitForURL(/result=/);
  assert.equal((await fold.innerText()).trim(), '筛选 3');
  await page.setViewportSize({ width: 1366, height: 768 });
  assert.equal(await fold.isVisible(), false);
});

await check('a search field with text in it is as high as its neighbours', async (page) => {
  await logIn(page, 'chen');
  await page.goto('/leads?q=XS');
  const height = async (selector) => Math.round((await page.locator(selector).first().boundingBox()).height);
  await page.locator('.filter-words input').waitFor();
  const [field, other] = [await height('.filter-words'), await height('.filters .toggle')];
  assert.equal(field, other);
});

await check('the region stands by its name, on the page of one’s account too', async (page) => {
  await logIn(page, 'lin');
  await page.locator('.top .region', { hasText: '临溪市' }).waitFor();
  await page.goto('/account');
  await page.locator('.facts', { hasText: '临溪市' }).waitFor();
});

await check('director: recovered by month, against the target, with its table', async (page) => {
  await logIn(page, 'lin');
  const panel = page.locator('.panel.chart', { hasText: '每月追回' });
  await panel.locator('svg').first().waitFor();
  await panel.getByRole('button', { name: '查看数据' }).click();
  const rows = panel.locator('tbody tr');
  await rows.first().waitFor();
  assert.equal(await rows.count(), 4, 'January to April');
  assert.equal((await rows.last().locator('td').first().innerText()).trim(), '2026-04');
});

await check('the three administrators: data, accounts and the chain stand on the first page', async (page) => {
  await logIn(page, 'an');
  await page.getByRole('link', { name: /锁文/ }).click();
  await page.waitForURL(/\/users\?q=suo/);
  await page.locator('tr.row', { hasText: '锁文' }).waitFor();
  assert.equal(await page.locator('tr.row').count(), 1);
});

await check('system and audit administrators', async (page) => {
  await logIn(page, 'xi');
  await page.locator('.kpis', { hasText: '最近一次接入' }).waitFor();
  await page.locator('.kpis', { hasText: '最近一次筛查' }).getByText('条疑点', { exact: false }).waitFor();
});

await check('audit administrator: acts are chosen by their words', async (page) => {
  await logIn(page, 'shen');
  await page.locator('.kpis', { hasText: '日志链' }).getByText('完整').waitFor();
  await page.goto('/audit');
  await page.getByRole('combobox', { name: '动作' }).fill('登录被');
  await page.keyboard.press('Enter');
  await page.waitForURL(/act=session\.refuse/);
});

await check('second review: filters and a view of it; what is concluded opens the next of the list', async (page) => {
  await logIn(page, 'zhou');
  await page.goto('/reviews?stage=review');
  await page.locator('tr.row').first().waitFor();
  await page.getByRole('button', { name: '视图', exact: true }).click();
  await page.locator('.views').getByRole('button', { name: '存为视图' }).click();
  await page.getByLabel('名称').fill('等我复审');
  await dialog(page).getByRole('button', { name: '存为视图' }).click();
  await dialog(page).waitFor({ state: 'hidden' });
  assert.deepEqual(mock.state.views.at(-1).query, { stage: 'review' });
  await page.getByRole('button', { name: '我经办的' }).click();
  await page.waitForURL(/mine=1/);
  await page.goto('/reviews?stage=final&institution=none');
  await page.getByText('没有符合条件的线索').waitFor();
  await page.getByRole('button', { name: '清除条件' }).click();
  await page.waitForURL((url) => !url.search.includes('institution'));
  await page.goto('/reviews?stage=review');
  await page.locator('tr.row').first().waitFor();
  const ids = await page.locator('tr.row').evaluateAll((rows) => rows.map((row) => row.dataset.id));
  const inHand = mock.state.leads.find((one) => one.status === 'review' && one.holder === 'zhou' && ids.indexOf(one.id) >= 0 && ids.indexOf(one.id) < ids.length - 1);
  assert.ok(inHand, 'the mock has a review in hand that is not the last');
  await page.locator(`tr.row[data-id="${inHand.id}"]`).click();
  await page.locator('.lines').waitFor();
  // The first line has the focus: a digit answers it at once.
  await page.keyboard.press('1');
  await page.locator('.line-card').first().locator('.choice-uphold input:checked').waitFor();
  await page.locator('.lines-all').getByRole('button', { name: '维持' }).click();
  await page.keyboard.press('Control+Enter');
  await page.waitForURL(new RegExp(`/reviews/${ids[ids.indexOf(inHand.id) + 1]}`));
});

await check('sum of the rows is the number above them', async (page) => {
  await logIn(page, 'chen');
  await page.goto('/leads?status=panel');
  await page.locator('tfoot').waitFor();
  const cents = (text) => Math.round(Number(text.replace(/,/g, '')) * 100);
  const rows = (await page.locator('tr.row td[data-label^=涉及金额]').allInnerTexts()).map(cents);
  const total = cents(/涉及金额 ([\d,.]+) 元/.exec(await page.locator('tfoot').innerText())[1]);
  assert.equal(rows.reduce((sum, one) => sum + one, 0), total);
});

await check('pages: forward and back by keyset', async (page) => {
  await logIn(page, 'chen');
  await page.goto('/leads');
  await page.locator('tr.row[data-id]').first().waitFor();
  const first = await page.locator('tr.row').first().getAttribute('data-id');
  await button(page, '下一页').click();
  await page.locator(`tr.row[data-id="${first}"]`).waitFor({ state: 'detached' });
  await button(page, '上一页').click();
  await page.locator(`tr.row[data-id="${first}"]`).waitFor();
});

await check('states: nothing matches, a failure that can be tried again, no right, session over', async (page) => {
  await logIn(page, 'chen');
  await page.goto('/leads?q=zzzz');
  await page.getByText('没有符合条件的记录').waitFor();
  await page.locator('.state').getByRole('button', { name: '清除条件' }).click();
  await page.locator('tr.row').first().waitFor();
  await page.route('**/api/v1/recoveries*', (route) => route.fulfill({ status: 500, contentType: 'application/problem+json', body: JSON.stringify({ type: '', title: '系统出错', status: 500, code: 'internal' }) }));
  await page.goto('/recoveries');
  await page.getByRole('alert').getByText('系统出错').waitFor({ timeout: 15000 });
  await page.unroute('**/api/v1/recoveries*');
  await button(page, '重试').click();
  await page.locator('tr.row').first().waitFor();
  await page.goto('/users');
  await page.getByText('没有此项权限').waitFor();
  await page.context().clearCookies();
  await page.locator('.side a', { hasText: '规则库' }).click();
  await page.getByRole('heading', { name: '登录' }).waitFor();
});

await check('loading: the shape of the page first, then words when it takes long', async (page) => {
  await logIn(page, 'chen');
  await page.route('**/api/v1/leads?*', async (route) => {
    await new Promise((done) => setTimeout(done, 3600));
    await route.continue().catch(() => undefined);
  });
  await page.goto('/leads');
  await page.locator('.ghost').first().waitFor();
  await page.getByText('仍在查询').first().waitFor();
});

await check('names and notes are text, whatever they hold', async (page) => {
  const one = lead('L000007');
  one.institution = { ...one.institution, name: '<img src=x onerror=alert(1)>医院' };
  one.reason = '<script>alert(1)</script>';
  let asked = false;
  page.on('dialog', () => (asked = true));
  await logIn(page, 'chen');
  await page.goto('/leads/L000007');
  await page.getByText('<img src=x onerror=alert(1)>医院').first().waitFor();
  assert.equal(await page.locator('img[src=x]').count(), 0);
  assert.equal(asked, false);
});

await check('jobs: progress as it goes, then the outcome', async (page) => {
  await logIn(page, 'xi');
  await page.goto('/runs');
  await button(page, '运行筛查').click();
  await page.locator('.ant-popconfirm-buttons, .ant-popover').getByRole('button', { name: '运行筛查' }).click();
  await page.getByText('运行中').waitFor();
  await page.getByText('已完成').waitFor({ timeout: 10000 });
  await button(page, '运行筛查').click();
  await page.locator('.ant-popconfirm-buttons, .ant-popover').getByRole('button', { name: '运行筛查' }).last().click();
  await button(page, '取消任务').click();
  await button(page, '接着做').click();
  await page.getByText('已接着做').waitFor();
  await page.locator('.jobs li', { hasText: '已完成' }).nth(1).waitFor({ timeout: 10000 });
});

await check('self-check: declared by the institution with a promise', async (page) => {
  await logIn(page, 'renji');
  await page.goto('/campaigns?open=C1');
  await button(page, '提交申报').click();
  await page.fill('#declare-amount', '2300');
  const send = dialog(page).getByRole('button', { name: '提交申报' });
  assert.equal(await send.isEnabled(), false);
  await dialog(page).getByText('本院已按问题清单').click();
  await send.click();
  await page.getByText('申报已提交').waitFor();
  await page.locator('.entries').getByText('2,300.00').waitFor();
  // What the rules found at the house is there to look through.
  await page.getByText(/本院疑点 \d+ 条/).click();
  await page.locator('.entries details tbody tr').first().waitFor();
});

await check('self-check: finance enters the refund and takes a wrong one back; the bureau does neither', async (page) => {
  const part = () => mock.state.campaigns[0].institutions.find((one) => one.state === 'declared');
  const code = part().institution.code;
  const now = () => mock.state.campaigns[0].institutions.find((one) => one.institution.code === code);
  await logIn(page, 'cai');
  await page.goto('/campaigns?open=C1');
  const row = page.locator('.entries table').first().locator('tr', { hasText: now().institution.name });
  await row.getByRole('button', { name: '办理' }).click();
  await page.fill('#part-amount', '100.05');
  await page.fill('#part-document', 'HD1');
  await dialog(page).getByRole('button', { name: '登记退款' }).click();
  await page.getByText('已办理').first().waitFor();
  assert.equal(now().refunded_fen, 10005);
  await row.getByRole('button', { name: '办理' }).click();
  await pick(page, '办理', '冲正退款');
  await page.fill('#part-amount', '100.05');
  await page.fill('#part-text', '入错户');
  await dialog(page).getByRole('button', { name: '冲正退款' }).click();
  await page.waitForFunction(() => !document.querySelector('.ant-modal-wrap:not([style*="display: none"]) #part-amount'));
  assert.equal(now().refunded_fen, 0);
});

await check('accounts: what roles come to is seen before they are given', async (page) => {
  await logIn(page, 'an');
  await page.goto('/users');
  await page.locator('tr.row', { hasText: '陆一鸣' }).getByRole('button').first().click();
  const preview = page.locator('.rights');
  await preview.getByText('看统筹区 临溪市 之内的').waitFor();
  await pick(page, '角色', '财务');
  await preview.getByText('稽核员和财务不能由同一个人担任').waitFor();
  await preview.getByText('+ 登记到账').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.ant-modal').getByRole('button', { name: /取\s?消/ }).click();
  await button(page, '权限表').click();
  assert.equal(await page.locator('.rights-table tbody tr').count() > 40, true);
});

await check('the trail leaves with a reason', async (page) => {
  await logIn(page, 'shen');
  await page.goto('/audit?object=L000002');
  await button(page, '导出').first().click();
  await page.fill('#export-reason', '专项审计调阅');
  const download = page.waitForEvent('download');
  await dialog(page).getByRole('button', { name: /^导\s?出$/ }).click();
  await download;
  assert.equal(mock.state.events.findLast((one) => one.act === 'export.audit').account, 'shen');
});

await check('accounts: made once, password shown once', async (page) => {
  await logIn(page, 'an');
  await page.goto('/users');
  await button(page, '新建账号').click();
  await page.fill('#user-account', 'newone');
  await page.fill('#user-name', '新来');
  await page.getByRole('combobox', { name: '角色' }).click();
  await page.locator('.ant-select-dropdown:visible .ant-select-item-option', { hasText: '稽核员' }).click();
  await page.keyboard.press('Escape');
  await dialog(page).getByRole('button', { name: '新建账号' }).click();
  await page.getByText('只显示这一次').waitFor();
});

await check('search: Ctrl+K finds a lead by its number and goes there', async (page) => {
  await logIn(page, 'chen');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: '搜机构' }).fill('XS2026-000042');
  await page.locator('.search-hits li', { hasText: 'XS2026-000042' }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'XS2026-000042' }).waitFor();
  await page.keyboard.press('?');
  await dialog(page).getByText('快捷键').first().waitFor();
  assert.deepEqual(await axe(page), []);
});

await check('profiles: from the lead to the person, from the evidence to the doctor, and back to a lead; an institution sees its own', async (page) => {
  await logIn(page, 'chen');
  await page.goto('/leads/L000001');
  await page.getByRole('link', { name: '周** 画像' }).click();
  await page.getByRole('heading', { name: '参保人 周**' }).waitFor();
  await page.locator('.peer-dots').first().waitFor();
  assert.ok((await page.locator('.own-ring').count()) > 5, 'the subject is ringed on every figure');
  assert.ok(mock.state.events.some((one) => one.act === 'person.look' && one.object === '3309000000100001'), 'the look is in the trail');
  await page.goBack();
  await page.locator('.grounds').getByRole('link', { name: '医师' }).click();
  await page.getByRole('heading', { name: '医师' }).waitFor();
  await page.locator('table.found a').first().click();
  await page.locator('.lead-head').waitFor();
  await page.goto('/doctors/D3309000004');
  await page.getByText('不足 5 个，不作比较').waitFor();
  assert.equal(await page.locator('.peer-dots').count(), 0);
});

await check('profiles: Ctrl+K finds a doctor by the code', async (page) => {
  await logIn(page, 'renji');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('D33090');
  await page.getByRole('option').filter({ hasText: '医师' }).first().click();
  await page.getByRole('heading', { name: '医师' }).waitFor();
  await page.goto('/persons/3309000000100001');
  await page.getByRole('alert').getByText('profiles.read').waitFor();
});

await check('rows: one line each where more of them should be seen, also next time', async (page) => {
  await logIn(page, 'chen');
  await page.goto('/leads');
  const row = page.locator('tr.row[data-id]').first();
  await row.waitFor();
  const height = async () => (await row.boundingBox()).height;
  assert.ok((await height()) >= 48);
  await page.getByRole('checkbox', { name: '紧凑' }).check();
  await page.goto('/leads');
  await row.waitFor();
  assert.ok((await height()) <= 34, 'kept for the next page');
  assert.ok(await page.evaluate(() => [...document.querySelectorAll('tr.row[data-id]')].filter((one) => one.getBoundingClientRect().bottom <= innerHeight).length >= 10), 'ten at once');
  await page.getByRole('checkbox', { name: '紧凑' }).uncheck();
  assert.ok((await height()) >= 48);
});

await check('views: a filter is kept under a name, opened again, and taken away', async (page) => {
  await logIn(page, 'chen');
  await page.goto('/leads?status=check&mine=1');
  await page.getByRole('button', { name: '视图', exact: true }).click();
  await page.locator('.views').getByRole('button', { name: '存为视图' }).click();
  await page.getByLabel('名称').fill('我手里的');
  await dialog(page).getByRole('button', { name: '存为视图' }).click();
  await dialog(page).waitFor({ state: 'hidden' });
  await page.goto('/leads');
  await page.getByRole('button', { name: '视图', exact: true }).click();
  await page.locator('.views').getByRole('button', { name: '我手里的', exact: true }).click();
  await page.waitForURL(/status=check/);
  assert.match(page.url(), /mine=1/);
  await page.getByRole('button', { name: '我手里的', exact: true }).first().click();
  await button(page, '删去视图 我手里的').click();
  await page.getByText('还没有存下的视图').waitFor();
});

await check('notices: counted on the bell, opened, and not told again', async (page) => {
  await logIn(page, 'chen');
  const bell = page.getByRole('button', { name: /^通知，/ });
  await page.locator('.bell .badge').waitFor();
  await bell.click();
  const list = page.getByRole('list', { name: '通知' });
  await list.locator('li').first().waitFor();
  assert.ok((await list.locator('.fresh').count()) > 0);
  await list.locator('a').first().click();
  await page.locator('.lead-head').waitFor();
  await bell.click();
  await button(page, '全部设为已读').click();
  await page.getByRole('button', { name: '通知，0 条未读' }).waitFor();
  assert.equal(await page.locator('.bell .badge').count(), 0);
});

await check('paper: no menu, no filters, black on white also at night', async (page) => {
  await logIn(page, 'chen');
  await page.goto('/leads/L000002');
  await page.locator('.evidence').waitFor();
  await page.emulateMedia({ media: 'print' });
  for (const gone of ['.top', '.side', '.lead-acts .acts']) assert.equal(await page.locator(gone).first().isVisible(), false, gone);
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(255, 255, 255)');
  assert.equal(await page.evaluate(() => { window.dispatchEvent(new Event('beforeprint')); return document.querySelectorAll('#page details:not([open])').length; }), 0);
  const pdf = await page.pdf({ path: join(pictures, 'lead.pdf'), preferCSSPageSize: true });
  assert.ok(pdf.length > 5000);
}, { shade: 'dark' });

await check('English: the frame, the list and the errors speak it', async (page) => {
  await logIn(page, 'chen');
  await page.goto('/leads');
  await page.getByRole('heading', { name: 'Leads' }).waitFor();
  const han = await page.evaluate(() => [...document.querySelectorAll('.side, th, .kpi-title, .filters button')].map((one) => one.textContent ?? '').filter((text) => /[\u4e00-\u9fff]/.test(text)));
  assert.deepEqual(han, []);
}, { language: 'en' });

await browser.close();
await mock.close();
process.stdout.write(failed === 0 ? 'all flows pass\n' : `${failed} failed; pictures in ${pictures}\n`);
process.exitCode = failed > 0 ? 1 : 0;
