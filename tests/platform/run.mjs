// The proof on the real platform: `node tests/platform/run.mjs --mingjian target/debug/mingjian --workspace demo/data`.
//
// A server of its own on a free port over a store made anew from the screened lake of the workspace; people at the pages in headless
// Chromium, attempts to get in where one does not belong, a fall in the middle of work. Exits with 1 when anything failed.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Desk } from './browser.mjs';
import { Provider } from './provider.mjs';
import { ending, part, say, step } from './report.mjs';
import { Place } from './server.mjs';

const { values } = parseArgs({
  options: {
    mingjian: { type: 'string' },
    workspace: { type: 'string' },
    pictures: { type: 'string' },
    only: { type: 'string' },
    web: { type: 'string' },
    store: { type: 'string', default: 'sqlite' },
    load: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help || !values.mingjian || !values.workspace || !existsSync(values.workspace)) {
  say('node tests/platform/run.mjs --mingjian <程序> --workspace <已筛查的工作区> [--pictures <目录>] [--only walk,trail,getin,insiders,described,crash,jobs] [--web <web/dist>] [--store sqlite|postgres] [--load]');
  process.exit(values.help ? 0 : 2);
}
const wanted = (name) => !values.only || values.only.split(',').includes(name);
const begun = Date.now();
const place = new Place(values.mingjian, values.workspace);
// The books' own files are looked into and broken where they are files; over PostgreSQL a shorter road: the walk, getting in, the books.
const parts = [['trail', '账与日志'], ['getin', '闯入'], ['insiders', '内部越界'], ['crash', '掉电'], ['jobs', '任务'], ['described', '接口与说明']].filter(([name]) => values.store === 'sqlite' || ['getin', 'insiders', 'described', 'jobs'].includes(name));
let desk;
try {
  await part('准备', async () => {
    await step('由最新一次筛查归成线索，建各角色演示用户，起服务', async () => {
      if (values.store === 'postgres') place.postgres = new (await import('./postgres.mjs')).Postgres();
      place.provider = await Provider.start();
      await place.settle();
      const told = place.must(['leads', 'update']).trim().split('\n').at(-1);
      place.must(['users', 'demo', '--password', (await import('./server.mjs')).PASSWORD]);
      await place.start();
      desk = await Desk.open(place.url, values.pictures, values.web);
      return told;
    }, { needed: true });
    await main();
  });
} finally {
  await desk?.close();
  await place.stop();
  if (!values.pictures && desk?.folder) say(`截图在 ${desk.folder}`);
  place.provider?.stop();
  place.postgres?.stop();
  place.remove();
}
say(`用时 ${Math.round((Date.now() - begun) / 1000)} 秒`);
process.exitCode = ending() ? 0 : 1;

async function main() {
  let road;
  if (wanted('walk')) {
    await part('一条线索的路', async () => {
      const { walk } = await import('./walk.mjs');
      road = await walk(place, desk);
    });
    await part('页面', async () => {
      await step('无障碍（axe，WCAG 2 A、AA）：走过的每一页，浅色与深色', () => {
        if (desk.seen.length > 0) throw new Error(desk.seen.join('\n'));
      });
      await step('浏览器控制台没有错误，没有弹出对话框', () => {
        if (desk.complaints.length > 0) throw new Error([...new Set(desk.complaints)].join('\n'));
      });
    });
  }
  for (const [name, title] of parts) {
    if (wanted(name)) await part(title, async () => (await import(`./${name}.mjs`)).default(place, desk, road));
  }
  if (values.store === 'postgres') {
    await part('账与日志', async () => {
      for (const words of [['leads', 'check'], ['audit', 'verify']]) await step(`${words.join(' ')}：相符、完整`, () => place.must(words).trim().split('\n').at(-1));
    });
  }
  if (values.load) await part('负载', async () => (await import('./load.mjs')).default(place));
}
