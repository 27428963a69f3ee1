// The road of leads through the pages as people go it: an auditor's morning, the hospital's answers, second review, panel, decision, the
// money back. What the pages say is held against what the interface says, and the interface against the tables.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { around } from './around.mjs';
import { button, dialog, fen, pick, sideways, until } from './browser.mjs';
import { PDF, Visitor } from './http.mjs';
import { step } from './report.mjs';
import { PASSWORD } from './server.mjs';

const APPEAL = '术前评估记录了出血风险，按指南留用，见所附病历。';
const OPINION = '病历所载与所收项目不符，意见仅供合议。';

/** Goes the road; gives what later parts build on. */
export async function walk(place, desk) {
  const url = place.url;
  const one = (title, run, options = {}) => step(title, run, { or: async () => void (await keepPictures(desk, title)), ...options });
  const needed = { needed: true };
  const auditor = await Visitor.of(url, 'auditor');
  const house = (await Visitor.of(url, 'institution')).me.institution.code;
  const of = async (visitor, id) => visitor.read(`/leads/${id}`);
  const bench = await auditor.read('/workbench');
  const first = bench.first[0];
  const own = await newOffice(url, first.institution);

  await one('登录：口令错时说明，再对的进入工作台', async () => {
    const page = await desk.page();
    await page.goto('/leads?result=可疑');
    await page.fill('#account', 'auditor');
    await page.fill('#password', 'Bu-Dui-De-Kouling-1');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('账号或密码不对').waitFor();
    await desk.look(page, '登录');
    await page.fill('#password', PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '疑点线索' }).waitFor();
    assert.match(new URL(page.url()).search, /result=/, 'the link one came by is kept');
    desk.people.set('auditor', page);
  }, needed);

  const page = await desk.of('auditor');

  await one('工作台：今日优先的第一条，读证据', async () => {
    await page.goto('/');
    await page.getByRole('heading', { name: '今日优先' }).waitFor();
    const row = page.locator('tr.row[data-id]').first();
    await row.waitFor();
    assert.equal(await row.getAttribute('data-id'), first.id);
    await desk.look(page, '工作台');
    await row.locator('td').nth(1).click();
    await page.getByRole('heading', { name: first.number }).waitFor();
    await page.locator('.claim .hit').first().waitFor();
    const evidence = await auditor.read(`/findings/${(await of(auditor, first.id)).finding_list[0].id}/evidence`);
    const hit = evidence.lines.filter((line) => line.hit);
    assert.ok(hit.length > 0 && (await page.locator('.claim .hit').count()) >= 1);
    await page.locator('.evidence-right').getByText(evidence.rule.basis[0].slice(0, 12)).first().waitFor();
    await desk.look(page, '线索');
    return `${first.number} ${first.rules[0].title}，${hit.length} 行命中`;
  }, needed);

  await one('领办，带期限送机构反馈', async () => {
    await page.locator('.lead-acts').getByRole('button', { name: '领办' }).click();
    await dialog(page).getByText('由您核查').waitFor();
    await desk.look(page, '领办对话框');
    await dialog(page).getByRole('button', { name: '领办' }).click();
    await page.getByText('现为“待核查”').waitFor();
    await page.locator('.lead-acts').getByRole('button', { name: '发送机构反馈' }).click();
    await dialog(page).getByText(`将向 ${first.institution.name} 发送`).waitFor();
    await dialog(page).getByRole('spinbutton', { name: '期限' }).fill('7');
    await dialog(page).getByLabel('说明', { exact: true }).fill('请核对当日手术记录与收费明细。');
    await dialog(page).getByRole('button', { name: '发送机构反馈' }).click();
    await page.getByText('现为“待机构反馈”').waitFor();
    const now = await of(auditor, first.id);
    assert.equal(now.status, 'sent');
    // Seven working days from today, today not counted.
    assert.equal(now.due.working_days_left, 7);
  }, needed);

  const suspect = (await auditor.read(`/leads?status=new&institution=${house}&result=可疑&sort=amount&limit=50`)).items.find((lead) => lead.fund_fen > 0);
  const lines = (await auditor.read(`/leads?status=new&institution=${house}&result=违规&limit=200`)).items.find((lead) => lead.findings >= 2 && lead.findings <= 4 && lead.fund_fen > 0);

  await one('清单用键盘：J K 移动、X 选中、Enter 展开、Esc 收起；A 领办、F 送出', async () => {
    await page.goto(`/leads?status=new&institution=${house}&result=可疑&sort=amount`);
    await page.locator('tr.row[data-id]').nth(2).waitFor();
    const ids = await page.locator('tr.row[data-id]').evaluateAll((rows) => rows.map((row) => row.dataset.id));
    const at = () => page.locator('tr.row.cursor').getAttribute('data-id');
    await page.keyboard.press('j');
    assert.equal(await at(), ids[0]);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    assert.equal(await at(), ids[2]);
    await page.keyboard.press('k');
    assert.equal(await at(), ids[1]);
    await page.keyboard.press('x');
    await page.keyboard.press('k');
    await page.keyboard.press('x');
    await page.getByText('已选 2 条').waitFor();
    const chosen = await auditor.read(`/leads?status=new&institution=${house}&result=可疑&sort=amount&limit=50`);
    const sum = chosen.items.slice(0, 2).reduce((all, lead) => all + lead.amount_fen, 0);
    assert.equal(fen(/涉及 ([\d,.]+) 元/.exec(await page.locator('.batch strong').innerText())[1]), sum);
    await desk.look(page, '清单-选中');
    await page.keyboard.press('Escape');
    await page.locator('.batch').waitFor({ state: 'detached' });
    await page.locator(`tr.row[data-id="${suspect.id}"]`).focus();
    await page.keyboard.press('a');
    await dialog(page).getByText('由您核查').waitFor();
    await dialog(page).getByRole('button', { name: '领办' }).click();
    // Taken, it is no longer among the new ones.
    await page.locator(`tr.row[data-id="${suspect.id}"]`).waitFor({ state: 'detached' });
    await page.goto(`/leads?mine=1&q=${suspect.number}`);
    await page.locator(`tr.row[data-id="${suspect.id}"]`).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.locator('.evidence .claim').waitFor();
    assert.match(new URL(page.url()).search, new RegExp(`open=${suspect.id}`));
    await desk.look(page, '清单-展开');
    await page.keyboard.press('f');
    await dialog(page).getByText('发送').first().waitFor();
    await page.locator('.ant-modal textarea').focus();
    await page.keyboard.press('Control+Enter');
    await page.getByText('现为“待机构反馈”').waitFor();
    assert.equal((await of(auditor, suspect.id)).status, 'sent');
    await page.keyboard.press('Escape');
    await page.locator('tr.opened').waitFor({ state: 'detached' });
  }, needed);

  await one('条件在网址里：换一个窗口打开，筛选、排序、展开的一行都在', async () => {
    await page.goto('/leads');
    await page.locator('tr.row[data-id]').first().waitFor();
    await page.locator('.filters .ant-segmented-item', { hasText: '违规' }).click();
    await page.locator('th .sort', { hasText: '涉及金额' }).click();
    await page.waitForURL(/sort=amount/);
    await page.locator('table[aria-busy=false] tr.row[data-id]').nth(3).waitFor();
    await page.locator('tr.row[data-id] .fold').nth(2).click();
    await page.locator('.evidence .claim').waitFor();
    const [address, opened] = [page.url(), await page.locator('tr.opened').getAttribute('data-id')];
    const other = await page.context().newPage();
    await other.goto(address);
    await other.locator('tr.opened').waitFor();
    assert.equal(await other.locator('tr.opened').getAttribute('data-id'), opened);
    assert.match(await other.locator('th[aria-sort=descending]').innerText(), /涉及金额/);
    assert.equal(await other.locator('tr.row .tag-suspect').count(), 0);
    await other.close();
  });

  await one('清单逐行之和、页脚、指标条与接口是同一个数', async () => {
    // Few enough for one page, so that all of it can be added up.
    const from = (await auditor.read('/leads?sort=amount&result=可疑&limit=30')).items.at(-1).amount_fen;
    await page.goto(`/leads?result=可疑&min=${from}&institution=${house}`);
    await page.locator('table[aria-busy=false] tfoot').waitFor();
    const told = await auditor.read(`/leads?result=可疑&amount_min_fen=${from}&institution=${house}&limit=200`);
    const rows = await page.locator('tr.row td[data-label^=涉及金额]').allInnerTexts();
    assert.equal(rows.length, Math.min(50, told.total));
    assert.equal(told.items.reduce((sum, lead) => sum + lead.amount_fen, 0), told.sum_amount_fen);
    assert.equal(told.items.reduce((sum, lead) => sum + lead.fund_fen, 0), told.sum_fund_fen);
    if (told.total <= 50) assert.equal(rows.map(fen).reduce((sum, row) => sum + row, 0), told.sum_amount_fen);
    assert.equal(fen(/涉及金额 ([\d,.]+) 元/.exec(await page.locator('tfoot').innerText())[1]), told.sum_amount_fen);
    const strip = page.locator('.kpi', { hasText: '涉及金额' }).locator('.kpi-value');
    await until('the strip', async () => /\d/.test(await strip.innerText()));
    assert.equal(Math.round(fen((await strip.innerText()).replace(/万元/, ''))), Math.round(told.sum_amount_fen / 10_000));
    const all = await auditor.read('/leads?limit=1');
    const parts = await Promise.all(['违规', '可疑', '提醒'].map((result) => auditor.read(`/leads?limit=1&result=${result}`)));
    assert.equal(parts.reduce((sum, part) => sum + part.total, 0), all.total);
    assert.equal(parts.reduce((sum, part) => sum + part.sum_amount_fen, 0), all.sum_amount_fen);
    return `${told.total} 条 ${told.sum_amount_fen / 100} 元`;
  });

  await one('关系图谱：埋下的结伴住院排在第一，图、时间线、检验相符，导出证据图留痕', async () => {
    const groups = await auditor.read('/relations');
    const found = groups.items[0];
    // Six persons, three common admissions, fifteen pairs each day.
    assert.deepEqual([found.persons, found.days, found.observed], [6, 3, 45]);
    assert.ok(found.expected < 5 && groups.by_chance.mean < 1, JSON.stringify(groups.by_chance));
    await page.goto('/relations');
    await page.locator('tr.row').first().waitFor();
    await desk.look(page, '团组');
    await page.locator('tr.row').first().click();
    await page.locator('.graph [data-node]').first().waitFor();
    const picture = await auditor.read(`/persons/${found.person}/relations`);
    assert.equal(await page.locator('.graph [data-node]').count(), picture.nodes.length);
    assert.equal(await page.locator('.graph .core').count(), 6);
    assert.equal(picture.money.joint_fund_fen, found.joint_fund_fen);
    assert.deepEqual([picture.chance.observed, picture.chance.rounds, picture.chance.reached], [45, 10_000, 0]);
    const again = await auditor.read(`/persons/${found.person}/relations`);
    assert.deepEqual(again.nodes, picture.nodes, 'the same question has the same picture');
    await page.locator('.graph [data-node^="person:"]').first().click();
    await page.locator('.relations-chosen').waitFor();
    await desk.look(page, '关系图谱');
    await page.getByRole('button', { name: '导出证据图' }).click();
    const saved = page.waitForEvent('download');
    await dialog(page).getByRole('textbox').fill('附入核查案卷');
    await page.keyboard.press('Enter');
    const file = readFileSync(await (await saved).path(), 'utf8');
    assert.ok(file.includes('附入核查案卷') && file.includes('编号 DC') && picture.why.every((fact) => file.includes(fact)) && !file.includes('<script'));
    return `${picture.why[0]}；期望 ${picture.chance.expected.toFixed(2)} 人对日，实际 ${picture.chance.observed}`;
  });

  // The third lead, of several findings, is taken and sent without looking on.
  await auditor.act(lines.id, 'take');
  await auditor.act(lines.id, 'send', { text: '请逐条答复。', limit_days: 10 });

  await one('机构：待办里有这一条，整条认可', async () => {
    const page = await desk.of(own.account, own.password);
    await page.locator(`tr.row[data-id="${first.id}"]`).waitFor();
    await desk.look(page, '机构-待办');
    await page.locator(`tr.row[data-id="${first.id}"] td`).nth(1).click();
    await page.locator('.line-card').first().waitFor();
    await desk.look(page, '机构-反馈');
    await page.locator('.lines-all').getByRole('button', { name: '认可' }).click();
    await page.locator('.review-form .ant-btn-block').click();
    await page.getByText('反馈已提交').waitFor();
    const now = await of(auditor, first.id);
    assert.equal(now.status, 'answered');
    assert.deepEqual(now.reply.lines.map((line) => line.conclusion), now.finding_list.map(() => 'accept'));
    // Answered, it waits for the bureau: no longer on the institution's list.
    await until('the list without it', async () => (await page.locator(`tr.row[data-id="${first.id}"]`).count()) === 0);
  }, needed);

  await one('机构：申诉一条，理由和附件', async () => {
    const page = await desk.of('institution');
    await page.locator(`tr.row[data-id="${suspect.id}"]`).waitFor();
    await page.locator(`tr.row[data-id="${suspect.id}"] td`).nth(1).click();
    await page.locator('.line-card').first().waitFor();
    const submit = page.locator('.review-form .ant-btn-block');
    await submit.click();
    await page.getByRole('alert').getByText('请选择结论').first().waitFor();
    for (const card of await page.locator('.line-card').all()) {
      await card.locator('.choice-appeal').click();
      await card.getByRole('combobox', { name: '申诉理由' }).click();
      await page.locator('.ant-select-dropdown:visible .ant-select-item-option', { hasText: '病情需要' }).first().click();
      await card.locator('textarea').fill(APPEAL);
    }
    const file = join(place.folder, '出院小结.pdf');
    writeFileSync(file, PDF);
    await page.locator('input[type=file]').setInputFiles(file);
    await page.locator('.drop').getByText('出院小结.pdf').waitFor();
    await submit.click();
    await page.getByText('反馈已提交').waitFor();
    const now = await of(auditor, suspect.id);
    assert.equal(now.status, 'answered');
    assert.ok(now.reply.lines.every((line) => line.conclusion === 'appeal' && line.reason === 'clinical'));
    assert.deepEqual(now.reply.attachments.map((file) => file.name), ['出院小结.pdf']);
  }, needed);

  await one('机构：一条线索内逐条答复，一认可、其余申诉', async () => {
    const page = await desk.of('institution');
    await page.goto(`/answers/${lines.id}`);
    await page.locator('.line-card').first().waitFor();
    const cards = await page.locator('.line-card').all();
    for (const [i, card] of cards.entries()) {
      await card.locator(i === 0 ? '.choice-accept' : '.choice-appeal').click();
      if (i === 0) continue;
      await card.getByRole('combobox', { name: '申诉理由' }).click();
      await page.locator('.ant-select-dropdown:visible .ant-select-item-option', { hasText: '不同部位' }).first().click();
    }
    await page.locator('.review-form .ant-btn-block').click();
    await page.getByText('反馈已提交').waitFor();
    const { reply } = await of(auditor, lines.id);
    assert.equal(reply.lines.filter((line) => line.conclusion === 'accept').length >= 1, true);
    assert.equal(reply.lines.some((line) => line.conclusion === 'appeal'), true);
    return `${cards.length} 条`;
  });

  await one('初审人不能复审自己送出的', async () => {
    await page.goto(`/leads/${suspect.id}`);
    await page.locator('.lead-acts .ant-btn').first().waitFor();
    const now = await of(auditor, suspect.id);
    assert.equal(now.acts.filter((offer) => ['review', 'confirm', 'conclude'].includes(offer.act) && offer.allowed).length, 0);
    const tried = await auditor.post(`/leads/${suspect.id}/acts/review`, { version: now.version });
    assert.ok([403, 404].includes(tried.status), `${tried.status} ${tried.words}`);
  });

  await one('复审人：无异议的一条认定拒付', async () => {
    const page = await desk.of('reviewer');
    await page.goto('/reviews');
    await page.locator(`tr.row[data-id="${first.id}"]`).waitFor();
    await desk.look(page, '复审清单');
    await page.locator(`tr.row[data-id="${first.id}"] td`).nth(1).click();
    await button(page, '认定').first().click();
    await dialog(page).locator('.choice', { hasText: '拒付' }).click();
    await desk.look(page, '认定对话框');
    await dialog(page).getByRole('button', { name: '认定' }).click();
    await page.getByText('现为“已认定”').waitFor();
  }, needed);

  await one('复审人：受理申诉，逐条维持', async () => {
    const page = await desk.of('reviewer');
    for (const id of [suspect.id, lines.id]) {
      await page.goto(`/reviews/${id}`);
      await button(page, '受理复审').click();
      await dialog(page).getByRole('button', { name: '受理复审' }).click();
      await page.getByText('现为“复审中”').waitFor();
      await page.locator('.line-card .line-reply').first().waitFor();
      if (id === suspect.id) {
        await page.getByText(APPEAL).first().waitFor();
        await desk.look(page, '复审');
      }
      await page.locator('.lines-all').getByRole('button', { name: '维持' }).click();
      await page.keyboard.press('Control+Enter');
      await until('the conclusion', async () => (await of(auditor, id)).status !== 'review');
    }
    assert.equal((await of(auditor, suspect.id)).status, 'appeal');
    // A definite one goes to the last word.
    assert.equal((await of(auditor, lines.id)).status, 'final');
  }, needed);

  await one('机构：再申诉', async () => {
    const page = await desk.of('institution');
    await page.goto(`/answers/${suspect.id}`);
    await button(page, '再申诉').click();
    await dialog(page).getByLabel('说明', { exact: true }).fill('对结论有异议，请专家评议。');
    await desk.look(page, '再申诉');
    await dialog(page).getByRole('button', { name: '再申诉' }).click();
    await page.getByText('现为“再申诉中”').waitFor();
  }, needed);

  await one('科长组成三人合议：办过本件的、当事机构的人不能选', async () => {
    const page = await desk.of('supervisor');
    const head = await Visitor.of(url, 'supervisor');
    const now = await of(head, suspect.id);
    // An expert who works at the hospital in question is not to be had.
    const kin = await (await Visitor.of(url, 'secadmin')).post('/users', { account: 'expert-of-house', name: '莫清和', roles: ['expert'], region: '6103', institutions: [house] });
    assert.equal(kin.status, 200, kin.words);
    const free = (await of(head, suspect.id)).acts.find((one) => one.act === 'convene').assignees.map((one) => one.account);
    assert.ok(free.includes('expert'));
    for (const no of ['auditor', 'reviewer', 'institution', 'expert-of-house']) assert.ok(!free.includes(no), no);
    for (const members of [['expert', 'expert2', 'reviewer'], ['expert', 'expert2', 'institution'], ['expert', 'expert2', 'expert-of-house'], ['expert', 'expert2'], ['expert', 'expert2', 'expert3', 'reviewer2']]) {
      const tried = await head.post(`/leads/${suspect.id}/acts/convene`, { version: now.version, members });
      assert.equal(tried.status, 422, `${members}: ${tried.status}`);
    }
    await page.goto(`/reviews/${suspect.id}`);
    await button(page, '组成合议').click();
    await pick(page, '合议专家', '沈伯年', '顾婉清', '钱守仁');
    await page.keyboard.press('Escape');
    await desk.look(page, '组成合议');
    await dialog(page).getByRole('button', { name: '组成合议' }).click();
    await page.getByText('已提交 0 / 3').waitFor();
  }, needed);

  await one('合议：一位专家回避，科长增补一人', async () => {
    const page = await desk.of('expert3');
    await page.goto(`/reviews/${suspect.id}`);
    await button(page, '更多').click();
    await page.getByRole('menuitem', { name: '回避' }).click();
    await pick(page, '理由', '聘用或协作');
    await dialog(page).getByRole('button', { name: '回避' }).click();
    await page.getByText('已提交 0 / 2').waitFor();
    const chair = await desk.of('supervisor');
    await chair.goto(`/reviews/${suspect.id}`);
    await button(chair, '增补合议成员').click();
    await pick(chair, '合议专家', '方雪梅');
    await chair.keyboard.press('Escape');
    await dialog(chair).getByRole('button', { name: '增补合议成员' }).click();
    await chair.getByText('已提交 0 / 3').waitFor();
    const again = await (await Visitor.of(url, 'expert3')).post(`/leads/${suspect.id}/acts/vote`, { version: (await of(auditor, suspect.id)).version, vote: 'withdraw', text: '仍想说一句' });
    assert.ok([403, 404, 409].includes(again.status), `who stood aside votes: ${again.status}`);
  }, needed);

  await one('合议：意见全部提交前互不可见，页面和接口都看不到', async () => {
    const members = ['expert', 'expert2', 'reviewer2'];
    for (const [i, account] of members.entries()) {
      const page = await desk.of(account);
      await page.goto(`/reviews/${suspect.id}`);
      await page.getByText(`已提交 ${i} / 3`).waitFor();
      assert.equal(await page.getByText(OPINION).count(), 0);
      for (const asker of [account, 'supervisor', 'auditor', 'overseer']) {
        const seen = await of(await Visitor.of(url, asker), suspect.id);
        const own = asker === account ? [] : seen.panel.members.filter((member) => member.vote || member.text);
        assert.ok(!JSON.stringify(seen).includes(OPINION), `${asker} reads an opinion of others`);
        assert.deepEqual(own, [], asker);
      }
      if (i === 0) await desk.look(page, '合议');
      await page.locator('.review-form .ant-btn-primary').click();
      await dialog(page).locator('.choose .choice', { hasText: i === 2 ? '不成立' : '维持' }).first().click();
      await dialog(page).getByLabel('说明', { exact: true }).fill(`${OPINION}${i + 1}`);
      if (i === 0) await desk.look(page, '合议意见');
      await dialog(page).getByRole('button', { name: '合议意见' }).click();
      await page.getByText('已合议意见').waitFor();
    }
    const now = await of(auditor, suspect.id);
    assert.equal(now.status, 'final');
    assert.equal(now.panel.members.filter((member) => member.text?.startsWith(OPINION)).length, 3);
    assert.equal(now.panel.outcome, 'uphold');
    for (const asker of ['institution', 'expert3']) {
      const outside = await (await Visitor.of(url, asker)).get(`/leads/${suspect.id}`);
      assert.ok(!outside.text.includes(OPINION), `${asker} reads who said what`);
    }
  }, needed);

  await one('终审：认定追回，台账立账', async () => {
    const page = await desk.of('supervisor');
    for (const id of [suspect.id, lines.id]) {
      await page.goto(`/leads/${id}`);
      await button(page, '终审决定').click();
      await dialog(page).getByRole('button', { name: '终审决定' }).click();
      await page.getByRole('alert').getByText('必填').waitFor();
      await dialog(page).locator('.choice', { hasText: '追回' }).click();
      if (id === suspect.id) await desk.look(page, '终审决定');
      await dialog(page).getByRole('button', { name: '终审决定' }).click();
      await page.getByText('现为“已认定”').waitFor();
      const now = await of(auditor, id);
      assert.equal(now.recoveries.length, 1);
      assert.equal(now.recoveries[0].road, 'recover');
      // Without a part struck off, the funds' part of what was found is due.
      assert.equal(now.recoveries[0].due_fen, now.decision.loss_fen);
      assert.equal(now.decision.upheld_fen, now.amount_fen);
    }
    await desk.look(page, '线索-已认定');
  }, needed);

  await one('财务：登记到账、抵扣和拒付，台账各栏相等', async () => {
    const page = await desk.of('finance');
    const finance = await Visitor.of(url, 'finance');
    const recovery = async (lead) => (await finance.read('/recoveries?limit=200')).items.find((row) => row.lead.id === lead);
    const opened = await recovery(suspect.id);
    const book = async (row, kind, amount, document) => {
      await page.goto(`/recoveries?open=${row.id}`);
      await page.locator('tr.opened').waitFor();
      await page.locator('tr.detail .ant-btn-primary').click();
      if (kind) {
        await dialog(page).getByRole('combobox', { name: '类别' }).click();
        await page.locator('.ant-select-dropdown:visible .ant-select-item-option', { hasText: kind }).first().click();
      }
      await page.fill('#entry-amount', amount);
      await page.fill('#entry-document', document);
      await dialog(page).locator('.ant-btn-primary').click();
      await page.getByText('已登记', { exact: true }).waitFor();
      await dialog(page).waitFor({ state: 'detached' });
    };
    await book(opened, undefined, '100.07', 'HD20260415-1');
    await desk.look(page, '追回台账');
    await book(opened, '抵扣', ((opened.due_fen - 10_007) / 100).toFixed(2), 'JS202604');
    const refuse = await recovery(first.id);
    await book(refuse, undefined, (refuse.due_fen / 100).toFixed(2), 'JF202604');
    const [done, refused] = [await recovery(suspect.id), await recovery(first.id)];
    assert.deepEqual([done.state, done.paid_fen, done.offset_fen, done.open_fen], ['closed', 10_007, done.due_fen - 10_007, 0]);
    assert.deepEqual([refused.state, refused.refused_fen, refused.open_fen], ['closed', refused.due_fen, 0]);
    const { items, sums } = await finance.read('/recoveries?limit=200');
    for (const row of items) assert.equal(row.due_fen, row.refused_fen + row.offset_fen + row.paid_fen + row.waived_fen + row.open_fen, row.number);
    for (const name of ['due_fen', 'refused_fen', 'offset_fen', 'paid_fen', 'waived_fen', 'open_fen']) {
      assert.equal(items.reduce((sum, row) => sum + row[name], 0), sums[name], name);
    }
    await page.goto('/recoveries');
    await page.locator('.closing .num').first().waitFor();
    const shown = (await page.locator('.closing .num').allInnerTexts()).map(fen);
    assert.deepEqual(shown, [sums.due_fen, sums.refused_fen, sums.offset_fen, sums.paid_fen, sums.waived_fen, sums.open_fen]);
    const more = await finance.post(`/recoveries/${done.id}/entries`, { version: done.version, kind: 'paid', amount_fen: 1, document: 'X' });
    assert.ok([409, 422].includes(more.status), `more than is open was taken: ${more.status}`);
    return `应收 ${sums.due_fen / 100} 元`;
  }, needed);

  const other = (await auditor.read('/leads?status=new&limit=200')).items.find((lead) => lead.institution && lead.institution.code !== house).institution.code;
  await around(place, desk, { one, auditor, suspect, house, other, sent: await newCase(auditor, house) });

  await one('其余各页：看得到、无障碍检查', async () => {
    const pages = [
      ['auditor', '/rules', '规则库'],
      ['auditor', `/rules/${first.rules[0].id}`, '规则'],
      ['auditor', '/knowledge', '知识库'],
      ['auditor', '/runs', '运行'],
      ['auditor', '/quality', '数据质量'],
      ['auditor', `/institutions/${house}`, '机构画像'],
      ['auditor', '/account', '本人'],
      ['supervisor', '/', '工作台-科长'],
      ['supervisor', '/campaigns', '自查自纠'],
      ['institution', '/own', '本院统计'],
      ['institution', '/leads', '本院线索'],
      ['overseer', '/audit', '操作日志'],
      ['secadmin', '/users', '用户'],
    ];
    for (const [account, address, name] of pages) {
      const page = await desk.of(account);
      await page.goto(address);
      await page.locator('#page h1').first().waitFor();
      await page.waitForLoadState('networkidle');
      assert.deepEqual(await page.locator('.state[role=alert]').allInnerTexts(), [], address);
      assert.equal(await page.getByText('没有此项权限').count(), 0, address);
      await desk.look(page, name);
    }
    return `${pages.length} 页`;
  });

  await one('更正决定：复议之后少收，多收的退还机构，台账仍各栏相等', async () => {
    const [director, finance, institution] = [await Visitor.of(url, 'director'), await Visitor.of(url, 'finance'), await Visitor.of(url, 'institution')];
    const before = await director.read(`/leads/${suspect.id}`);
    const falls = before.finding_list.find((finding) => finding.counted && finding.decided_fen > 0);
    const lines = [{ finding_id: falls.id, conclusion: 'withdraw', text: '复议决定：病情需要' }];
    const body = { version: before.version, lines, reason: 'remedy', text: '依据复议决定书 2026-12 号' };
    const own = await (await Visitor.of(url, 'supervisor')).post(`/leads/${suspect.id}/acts/correct`, body);
    assert.equal(own.status, 409, 'whoever decided does not correct');
    const after = await made(director, `/leads/${suspect.id}/acts/correct`, body);
    assert.ok(after.decision.upheld_fen < before.decision.upheld_fen);
    assert.equal(after.decision.withdrawn_fen - before.decision.withdrawn_fen, before.decision.upheld_fen - after.decision.upheld_fen);
    const row = after.recoveries[0];
    assert.deepEqual([row.state, row.due_fen - row.open_fen], ['refund', before.recoveries[0].due_fen]);
    assert.ok((await institution.read(`/leads/${suspect.id}`)).steps.some((step) => step.act === 'correct'), 'the institution is told');
    const back = await made(finance, `/recoveries/${row.id}/entries`, { version: row.version, kind: 'returned', amount_fen: -row.open_fen, document: 'TH1' });
    assert.deepEqual([back.state, back.returned_fen], ['closed', -row.open_fen]);
    const { sums } = await finance.read('/recoveries?limit=1');
    assert.equal(sums.due_fen, sums.refused_fen + sums.offset_fen + sums.paid_fen + sums.waived_fen - sums.returned_fen + sums.open_fen - sums.refund_fen);
    return `退还 ${-row.open_fen / 100} 元`;
  }, needed);

  await one('自查自纠：机构申报，财务登记、冲正、再登记，科长认可；财务看不到疑点', async () => {
    const [head, finance, institution] = [await Visitor.of(url, 'supervisor'), await Visitor.of(url, 'finance'), await Visitor.of(url, 'institution')];
    const draft = await made(head, '/campaigns', { title: '专项自查', text: '请自查', rules: [suspect.rules[0].id], due_day: '2099-12-31', institutions: [house] });
    const { id } = await made(head, `/campaigns/${draft.id}/publish`, { version: draft.version });
    const part = (campaign) => campaign.institutions.find((row) => row.institution.code === house);
    const step = async (who, name, more) => part(await made(who, `/campaigns/${id}/institutions/${house}/${name}`, { version: part(await who.read(`/campaigns/${id}`)).version, ...more }));
    await made(institution, `/campaigns/${id}/declarations`, { version: 1, declared_fen: 100_000, promise: '周立' });
    assert.ok((await institution.read(`/campaigns/${id}/institutions/${house}/findings`)).items.length > 0);
    assert.equal((await finance.get(`/campaigns/${id}/institutions/${house}/findings`)).status, 403);
    assert.equal((await head.post(`/campaigns/${id}/institutions/${house}/refund`, { version: 2, amount_fen: 1, document: 'X' })).status, 403);
    await step(finance, 'refund', { amount_fen: 40_000, document: 'ZC1' });
    assert.equal((await step(finance, 'refund', { amount_fen: -40_000, text: '入错户' })).refunded_fen, 0);
    assert.equal((await step(finance, 'refund', { amount_fen: 100_000, document: 'ZC2' })).state, 'paid');
    assert.equal((await step(head, 'accept', {})).state, 'accepted');
    const page = await desk.of('finance');
    await page.goto(`/campaigns?open=${id}`);
    await page.getByText('专项自查').first().waitFor();
    await desk.look(page, '自查-财务');
  }, needed);

  await one('手机（390×844）：登录、机构待办、线索不横向滚动', async () => {
    const narrow = { width: 390, height: 844 };
    const door = await desk.page(narrow);
    await door.goto('/');
    await door.locator('#account').waitFor();
    assert.ok((await sideways(door)) <= 0, 'log-in');
    await desk.look(door, '手机-登录');
    const back = await newCase(auditor, house);
    for (const [account, addresses] of [
      ['institution', [['/', '手机-待办', '#page h1'], [`/answers/${back}`, '手机-反馈', '.line-card'], [`/leads`, '手机-本院线索', 'tr.row[data-id]']]],
      ['auditor', [[`/leads/${suspect.id}`, '手机-线索', '.evidence .claim'], ['/', '手机-工作台', 'tr.row[data-id]']]],
    ]) {
      const page = await desk.page({ ...narrow, cookies: await (await desk.of(account)).context().cookies() });
      for (const [address, name, sign] of addresses) {
        await page.goto(address);
        await page.locator(sign).first().waitFor();
        await page.waitForLoadState('networkidle');
        assert.ok((await sideways(page)) <= 0, `${name} runs ${await sideways(page)} pixels off`);
        await desk.look(page, name);
      }
      await page.context().close();
    }
    await door.context().close();
  });

  return { first, suspect, lines, house, own };
}

/** Another lead of the house, taken and sent. */
export async function newCase(auditor, house) {
  const { items } = await auditor.read(`/leads?status=new&institution=${house}&result=可疑&limit=1`);
  await auditor.act(items[0].id, 'take');
  await auditor.act(items[0].id, 'send', { text: '请答复。' });
  return items[0].id;
}

/** An account of the office of a house, made by the security administrator and opened with a password of its own. */
async function newOffice(url, institution) {
  const account = 'office-of-first';
  const admin = await Visitor.of(url, 'secadmin');
  const made = await admin.post('/users', { account, name: '许文静', roles: ['institution'], region: institution.region, institutions: [institution.code] });
  assert.equal(made.status, 200, made.words);
  const password = 'Chunjiang-Huayue-97';
  const fresh = await Visitor.enter(url, account, made.body.password);
  assert.equal((await fresh.get('/leads')).status, 403, 'before the first password is changed nothing is read');
  const changed = await fresh.post('/me/password', { current: made.body.password, password });
  assert.equal(changed.status, 204, changed.words);
  return { account, password };
}

async function keepPictures(desk, title) {
  for (const [account, page] of desk.people) {
    if (!page.isClosed()) await desk.picture(page, `${title}-${account}`);
  }
}

async function made(who, path, body) {
  const answer = await who.post(path, body);
  assert.equal(answer.status, 200, `${path}: ${answer.words}`);
  return answer.body;
}
