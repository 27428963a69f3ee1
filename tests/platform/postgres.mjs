// A throw-away PostgreSQL server on a socket in a folder, for the walk over the other database.
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The folder with initdb: from PATH, or the newest of /usr/lib/postgresql. */
function programs() {
  const installed = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql').filter((name) => /^\d+$/.test(name)).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...installed.map((name) => `/usr/lib/postgresql/${name}/bin`)];
  const found = folders.find((folder) => ['initdb', 'pg_ctl', 'createdb'].every((name) => existsSync(join(folder, name))));
  if (!found) throw new Error('PostgreSQL is not installed (no initdb in PATH or /usr/lib/postgresql/*/bin): apt-get install postgresql');
  return found;
}

export class Postgres {
  constructor() {
    this.programs = programs();
    this.folder = mkdtempSync(join(tmpdir(), 'mj-pg-'));
    // PostgreSQL does not run as root: then it runs as somebody else.
    if (process.getuid() === 0) {
      this.user = ['postgres', 'nobody'].find((user) => spawnSync('id', ['-u', user]).status === 0);
      chownSync(this.folder, Number(spawnSync('id', ['-u', this.user], { encoding: 'utf8' }).stdout), 0);
    } else mkdirSync(this.folder, { recursive: true });
    const data = join(this.folder, 'data');
    this.must('initdb', ['--auth=trust', '--username=mingjian', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync', '--pgdata', data]);
    this.must('pg_ctl', ['start', '--wait', '--pgdata', data, '--log', join(this.folder, 'log'), '--options', `-k ${this.folder} -c listen_addresses='' -c fsync=off -c shared_buffers=64MB`]);
    this.must('createdb', ['--host', this.folder, '--username', 'mingjian', 'business']);
    this.url = `postgres://mingjian@localhost/business?host=${this.folder}`;
  }

  must(program, words) {
    const [command, all] = this.user ? ['runuser', ['-u', this.user, '--', join(this.programs, program), ...words]] : [join(this.programs, program), words];
    const ran = spawnSync(command, all, { encoding: 'utf8', cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000, maxBuffer: 512 << 20 });
    if (ran.status !== 0) throw new Error(`${program}: ${ran.error ?? ran.stderr}`);
    return ran.stdout;
  }

  /** Everything that is stored, as text. */
  dump() {
    return this.must('pg_dump', ['--host', this.folder, '--username', 'mingjian', 'business']);
  }

  stop() {
    spawnSync(this.user ? 'runuser' : join(this.programs, 'pg_ctl'), [...(this.user ? ['-u', this.user, '--', join(this.programs, 'pg_ctl')] : []), 'stop', '--mode', 'immediate', '--pgdata', join(this.folder, 'data')], { cwd: this.folder });
    rmSync(this.folder, { recursive: true, force: true });
  }
}
