// What stands around the road of a lead: doctors and persons beside their like, what hospitals asked the counter, filters kept under a name,
// what the bell tells. Held as the road is: the page against the interface, the interface against who may see it.
import assert from 'node:assert/strict';
import { button, dialog, until } from './browser.mjs';
import { call, Visitor } from './http.mjs';

/** Goes around; `one` is a step of the walk, `sent` a lead that waits for the house's answer. */
export async function around(place, desk, { one, auditor, suspect, house, other, sent }) {
  const { url } = place;
  const institution = await Visitor.of(url, 'institution');

  await one('参保人画像：与同类比较，看过的记在日志里，机构看不到', async () => {
    const { no, name_masked: name } = (await auditor.read(`/leads/${suspect.id}`)).person;
    const page = await desk.of('auditor');
    await page.goto(`/leads/${suspect.id}`);
    await page.getByRole('link', { name: /画像/ }).first().waitFor();
    await page.goto(`/persons/${no}`);
    await page.getByRole('heading', { name: `参保人 ${name}` }).waitFor();
    await desk.look(page, '参保人画像');
    const profile = await auditor.read(`/persons/${no}`);
    assert.ok(profile.measures.length > 0 && profile.findings.some((finding) => finding.lead === suspect.id), 'the lead one came from is told');
    assert.ok(!JSON.stringify(profile).includes('certno'));
    const overseer = await Visitor.of(url, 'overseer');
    const looked = (event) => event.act === 'person.look' && event.account === 'auditor';
    await until('the look is in the trail', async () => (await overseer.read(`/audit?object=${no}&limit=50`)).items.some(looked));
    assert.equal((await institution.get(`/persons/${no}`)).status, 403);
    assert.equal((await auditor.get('/persons/nobody-of-this-number')).status, 404);
    return `${profile.measures.length} 项，${profile.findings_total} 条疑点`;
  });

  await one('医师画像：从清单里的疑点到医师；别家的医师，机构看不到', async () => {
    const doctorOf = async (code) => {
      for (const lead of (await auditor.read(`/leads?institution=${code}&limit=100`)).items) {
        const found = (await auditor.read(`/leads/${lead.id}`)).finding_list.find((finding) => finding.practitioner);
        if (found) return found.practitioner.code;
      }
      throw new Error(`no finding of ${code} names a doctor`);
    };
    const [own, elses] = [await doctorOf(house), await doctorOf(other)];
    const page = await desk.of('auditor');
    await page.goto(`/doctors/${own}`);
    await page.getByRole('heading', { name: '医师' }).first().waitFor();
    await page.locator('table.found a').first().waitFor();
    await desk.look(page, '医师画像');
    const profile = await auditor.read(`/doctors/${own}?institution=${house}`);
    assert.equal(profile.institution.code, house);
    assert.ok(profile.months.length > 0 && profile.findings_total > 0);
    // The house sees its own doctor, and of the findings only what it was told.
    const seen = await institution.read(`/doctors/${own}`);
    assert.equal(seen.institution.code, house);
    assert.ok(seen.findings_total <= profile.findings_total);
    const works = (await auditor.read(`/doctors/${elses}`)).elsewhere.map((one) => one.code);
    if (!works.includes(house)) assert.equal((await institution.get(`/doctors/${elses}`)).status, 404);
    return `${profile.measures.length} 项`;
  });

  await one('事前事中提醒：医院问了两次，科长看到两家，机构只看到自己', async () => {
    const ask = async (code, n) => {
      const visit = { mdtrt_id: `WALK-${n}`, medins_id: code, medins_name: '某医院', medins_lv: '05', med_mdtrt_type: '1', med_type: '11', adm_date: '2026-07-01 09:00:00', insutype: '310', matn_stas: '0', out_setl_flag: '0', reim_flag: '0' };
      const line = { rx_id: `L${n}`, hilist_type: '101', chrg_type: '11', hilist_code: 'ZD03AAA0043010100166', hilist_name: '艾附暖宫丸', cnt: '2', pric: '20', sumamt: '40', curr_drord_flag: '1', drord_begn_date: '2026-07-01 09:05:00' };
      const patient = {
        patn_id: `WALK-P${n}`, patn_name: '张某', gend: '1', brdy: '1960-05-01', poolarea: '610300', curr_mdtrt_id: `WALK-${n}`,
        fsi_encounter_dtos: [{ ...visit, fsi_diagnose_dtos: [{ dise_id: '1', maindise_flag: '1', dise_codg: 'I10.x00x002', dise_name: '高血压' }], fsi_order_dtos: [line] }],
      };
      const body = { infno: '3101', msgid: `walk${n}`, mdtrtarea_admvs: '610300', fixmedins_code: code, input: { data: { syscode: 'HIS01', trig_scen: '2', patient_dtos: [patient] } } };
      const answer = await call(url, 'POST', '/fsi', { body });
      assert.equal(answer.body?.infcode, 0, answer.text);
      return answer.body.output.result.length;
    };
    const reminded = [await ask(house, 1), await ask(other, 2)];
    assert.ok(reminded.every((count) => count > 0), 'a drug for women is reminded of for a man');
    const head = await Visitor.of(url, 'supervisor');
    const shown = await until('the calls', async () => {
      const figures = await head.read('/counter');
      return figures.totals.calls >= 2 && figures;
    });
    const callers = (figures) => figures.callers.filter((row) => row.figures.calls > 0).map((row) => row.institution).sort();
    assert.deepEqual(callers(shown), [house, other].sort());
    assert.deepEqual([shown.totals.calls, shown.totals.reminded, shown.connection.connected], [2, 2, 2]);
    assert.equal(shown.days.reduce((sum, day) => sum + day.calls, 0), 2);
    const own = await institution.read('/counter');
    assert.deepEqual(callers(own), [house]);
    assert.equal(own.totals.calls, 1);
    assert.equal(own.connection, undefined, 'a house is not told who else is connected');
    assert.equal((await (await Visitor.of(url, 'finance')).get('/counter')).status, 403);
    assert.equal((await head.get('/counter?from=2026-07-02&to=2026-07-01')).status, 422);
    const page = await desk.of('supervisor');
    await page.goto('/counter');
    await page.getByRole('heading', { name: '事前事中提醒' }).waitFor();
    for (const code of [house, other]) await page.getByText(code).first().waitFor();
    await desk.look(page, '事前事中提醒');
    return `${shown.totals.reminders} 条提醒`;
  });

  await one('视图：存下、再打开；本科室的同事看得到共享的，别人删不掉', async () => {
    const page = await desk.of('auditor');
    await page.goto('/leads?status=check&result=可疑');
    await page.getByRole('button', { name: '视图', exact: true }).click();
    await page.locator('.views').getByRole('button', { name: '存为视图' }).click();
    await page.getByLabel('名称').fill('我的可疑');
    await dialog(page).getByRole('button', { name: '存为视图' }).click();
    await dialog(page).waitFor({ state: 'hidden' });
    const mine = (await auditor.read('/views?page=leads')).items.find((view) => view.title === '我的可疑');
    assert.deepEqual([mine.query, mine.shared, mine.own], [{ status: 'check', result: '可疑' }, false, true]);
    await page.goto('/leads');
    await page.getByRole('button', { name: '视图', exact: true }).click();
    await page.locator('.views').getByRole('button', { name: '我的可疑', exact: true }).click();
    await page.waitForURL(/status=check/);
    const shared = await auditor.post('/views', { page: 'leads', title: '全科室', query: { status: 'new' }, shared: true });
    assert.equal(shared.status, 200, shared.words);
    const reviewer = await Visitor.of(url, 'reviewer');
    const seen = (await reviewer.read('/views?page=leads')).items;
    assert.ok(seen.some((view) => view.id === shared.body.id && !view.own && view.by), 'a colleague of the same region sees what is shared');
    assert.ok(!seen.some((view) => view.id === mine.id), 'and not what is not');
    assert.ok(!(await institution.read('/views?page=leads')).items.some((view) => [mine.id, shared.body.id].includes(view.id)));
    assert.equal((await reviewer.send('DELETE', `/views/${shared.body.id}`)).status, 404, 'it is not theirs to take away');
    for (const id of [mine.id, shared.body.id]) assert.ok((await auditor.send('DELETE', `/views/${id}`)).status < 300);
    assert.equal((await auditor.read('/views?page=leads')).items.length, 0);
  });

  await one('通知：铃上有数，打开就到那一件，读过的不再提', async () => {
    const told = (await institution.read('/notices')).items.find((notice) => notice.lead === sent && !notice.read);
    assert.ok(told, 'the house is told of what was sent to it');
    assert.equal(told.by, '', 'not by whom');
    const page = await desk.of('institution');
    await page.goto('/');
    await page.locator('.bell .badge').waitFor();
    await page.getByRole('button', { name: /^通知，/ }).click();
    const list = page.getByRole('list', { name: '通知' });
    await list.locator('li', { hasText: sent }).first().getByRole('link').click();
    await page.waitForURL(new RegExp(`/answers/${sent}`));
    await until('the notice is read', async () => (await institution.read('/notices')).items.filter((notice) => notice.lead === sent).every((notice) => notice.read || notice.key !== told.key));
    await page.goto('/');
    await page.getByRole('button', { name: /^通知，/ }).click();
    await desk.look(page, '通知');
    const all = button(page, '全部设为已读');
    if ((await all.count()) > 0) await all.click();
    await until('nothing is unread', async () => (await institution.read('/notices')).unread === 0);
    // One person's bell is no other's.
    assert.ok((await auditor.read('/notices')).items.every((notice) => notice.key !== told.key || !notice.read));
  });
}
