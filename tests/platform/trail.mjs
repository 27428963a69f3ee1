// Books and trail: the tables hold what the pages said, a changed byte is found, a backup comes back whole.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { step } from './report.mjs';

export default async function trail(place) {
  await step('leads check：认定、撤回、在办与台账逐分相符', () => {
    const ran = place.run(['leads', 'check']);
    assert.equal(ran.code, 0, ran.out + ran.err);
    assert.match(ran.out, /逐分相符/);
  });

  await step('audit verify：服务运行时日志链完整', () => {
    const ran = place.run(['audit', 'verify']);
    assert.equal(ran.code, 0, ran.out + ran.err);
    assert.match(ran.out, /日志链完整/);
    return ran.out.trim();
  });

  const saved = join(place.folder, 'saved.db');
  const anchors = join(place.folder, 'anchors.txt');
  await step('backup save、restore：另一工作区里一条不少，已有业务库时拒绝', () => {
    place.must(['backup', 'save', saved]);
    const other = workspace(place, 'restored');
    place.must(['backup', 'restore', saved], other);
    const [here, there] = [sums(saved), sums(join(other, 'business.db'))];
    assert.deepEqual(there, here);
    assert.equal(place.run(['leads', 'check'], other).code, 0);
    assert.equal(place.run(['audit', 'verify'], other).code, 0);
    assert.notEqual(place.run(['backup', 'restore', saved], other).code, 0, 'a store that is there was overwritten');
    place.must(['audit', 'anchor', '--out', anchors], other);
    return `${here.events} 条日志，${here.leads} 条线索`;
  }, { needed: true });

  await step('空的、坏的备份恢复不了，什么也不留下；没有密钥的业务库开不起来，也不会另造密钥', () => {
    for (const [name, damage] of [['empty', 'f.truncate(0)'], ['torn', 'f.seek(os.path.getsize(sys.argv[1]) // 2 // 4096 * 4096); f.write(b"\\xa5" * 65536)']]) {
      const broken = join(place.folder, `${name}.db`);
      cpSync(saved, broken);
      python(`import os, sys\nwith open(sys.argv[1], 'r+b') as f: ${damage}`, [broken]);
      const other = workspace(place, `from-${name}`);
      assert.notEqual(place.run(['backup', 'restore', broken], other).code, 0, name);
      assert.ok(!existsSync(join(other, 'business.db')), name);
    }
    const bare = join(place.folder, 'bare');
    mkdirSync(bare);
    const restored = place.run(['backup', 'restore', saved], bare);
    assert.equal(restored.code, 0, restored.err);
    assert.match(restored.err + restored.out, /密钥文件 .*不在/);
    const served = place.run(['serve', '--listen', '127.0.0.1:0'], bare);
    assert.equal(served.code, 1);
    assert.match(served.err, /密钥文件 .*不在/);
    assert.ok(!existsSync(join(bare, 'keys', 'business.key')), 'new keys were made');
    assert.equal(place.run(['audit', 'verify'], bare).code, 0, 'the trail is read without keys');
  });

  // What someone with the file in hand may do to the trail, and what must be said of it.
  const tampers = [
    ['改了一个字节', "update events set detail = replace(detail, substr(detail, 2, 1), '!') where seq = (select max(seq) / 2 from events)"],
    ['改了经手人', "update events set account = 'auditor2' where seq = (select min(seq) from events where account = 'auditor')"],
    ['删了一条', 'delete from events where seq = (select max(seq) / 2 from events)'],
    ['截了尾', 'delete from events where seq = (select max(seq) from events)'],
    ['截了尾并改了链头记录', 'delete from events where seq = (select max(seq) from events); delete from trail_head'],
    ['对调了两条', 'update events set seq = -1 where seq = 10; update events set seq = 10 where seq = 11; update events set seq = 11 where seq = -1'],
  ];
  for (const [what, sql] of tampers) {
    await step(`日志被${what}：audit verify 查出，退出码 5`, () => {
      const other = workspace(place, `tampered-${tampers.findIndex((one) => one[1] === sql)}`);
      cpSync(saved, join(other, 'business.db'));
      python(`import sqlite3, sys\nc = sqlite3.connect(sys.argv[1])\nc.executescript(sys.argv[2])\nc.commit()\nassert c.total_changes > 0`, [join(other, 'business.db'), sql]);
      const ran = place.run(['audit', 'verify', '--anchors', anchors], other);
      assert.equal(ran.code, 5, `exit ${ran.code}: ${ran.out}${ran.err}`);
      return (ran.err || ran.out).trim().split('\n')[0].slice(0, 80);
    });
  }

  await step('改了一分钱：leads check 查出，退出码 5', () => {
    const other = workspace(place, 'a-fen');
    cpSync(saved, join(other, 'business.db'));
    python('import sqlite3, sys\nc = sqlite3.connect(sys.argv[1])\nn = c.execute("update recoveries set due_fen = due_fen + 1 where id = (select min(id) from recoveries)").rowcount\nassert n == 1\nc.commit()', [join(other, 'business.db')]);
    const ran = place.run(['leads', 'check'], other);
    assert.equal(ran.code, 5, `exit ${ran.code}: ${ran.out}${ran.err}`);
  });
}

/** An empty workspace with the keys of the first. */
function workspace(place, name) {
  const folder = join(place.folder, name);
  mkdirSync(folder);
  cpSync(join(place.workspace, 'keys'), join(folder, 'keys'), { recursive: true });
  return folder;
}

export function python(program, args = [], input) {
  const ran = spawnSync('python3', ['-c', program, ...args], { input, maxBuffer: 64 << 20 });
  if (ran.error || ran.status !== 0) throw new Error(`python3: ${ran.error ?? ran.stderr}`);
  return ran.stdout;
}

/** Rows and money of a store's tables, read by other eyes than the program's. */
function sums(file) {
  return JSON.parse(
    python(
      `import sqlite3, sys, json
c = sqlite3.connect(sys.argv[1])
count = lambda table: c.execute(f"select count(*) from {table}").fetchone()[0]
tables = ["events", "leads", "lead_findings", "lead_steps", "recoveries", "recovery_entries", "attachments", "accounts", "panel_seats"]
told = {table: count(table) for table in tables}
told["due"] = c.execute("select coalesce(sum(due_fen), 0) from recoveries").fetchone()[0]
told["head"] = c.execute("select hash from events order by seq desc limit 1").fetchone()[0]
print(json.dumps(told))`,
      [file],
    ),
  );
}

