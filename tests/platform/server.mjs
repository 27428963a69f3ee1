// A server of the platform over a business store of its own: the lake of the workspace is read, nothing of it is written.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CLIENT, SECRET } from './provider.mjs';

export const PASSWORD = 'Qingshan-Lushui-86';

/** A workspace with the lake and runs of another, its keys, and a store made anew with a user for each role. */
export class Place {
  /** `own`: with a copy of the lake, for what writes into it. */
  constructor(binary, workspace, { own = false } = {}) {
    this.binary = resolve(binary);
    this.from = workspace;
    this.folder = mkdtempSync(join(tmpdir(), 'mingjian-platform-'));
    this.workspace = join(this.folder, 'w');
    mkdirSync(this.workspace);
    for (const name of ['lake', 'runs', 'library', 'settings.toml']) {
      const [there, here] = [resolve(workspace, name), join(this.workspace, name)];
      if (existsSync(there)) own ? cpSync(there, here, { recursive: true }) : symlinkSync(there, here);
    }
    if (existsSync(join(workspace, 'keys'))) cpSync(join(workspace, 'keys'), join(this.workspace, 'keys'), { recursive: true });
    this.log = join(this.folder, 'serve.log');
  }

  /** Writes the settings: where the store is, and the identity provider. */
  async settle() {
    this.port ??= await freePort();
    const { issuer } = this.provider;
    const store = this.postgres ? `[store]\nurl = "${this.postgres.url}"\n\n` : '';
    const oidc = `[people.oidc]\nissuer = "${issuer}"\nclient_id = "${CLIENT}"\nsecret_file = "keys/oidc.secret"\naddress = "http://127.0.0.1:${this.port}"\ntitle = "统一认证"\namr = ["otp"]\n`;
    writeFileSync(join(this.workspace, 'mingjian.toml'), store + oidc);
    mkdirSync(join(this.workspace, 'keys'), { recursive: true });
    writeFileSync(join(this.workspace, 'keys', 'oidc.secret'), SECRET);
  }

  /** All that the business store holds, as bytes. */
  stored() {
    return this.postgres ? Buffer.from(this.postgres.dump()) : readFileSync(join(this.workspace, 'business.db'));
  }

  /** Runs a command of the program to its end. */
  run(words, workspace = this.workspace) {
    const ran = spawnSync(this.binary, ['--workspace', workspace, ...words], { encoding: 'utf8', timeout: 120_000 });
    if (ran.error) throw ran.error;
    return { code: ran.status, out: ran.stdout, err: ran.stderr };
  }

  must(words, workspace) {
    const ran = this.run(words, workspace);
    if (ran.code !== 0) throw new Error(`mingjian ${words.join(' ')}: exit ${ran.code}\n${ran.err}${ran.out}`);
    return ran.out;
  }

  /** Starts the server and waits until it answers. */
  async start() {
    this.port ??= await freePort();
    this.url = `http://127.0.0.1:${this.port}`;
    const log = openSync(this.log, 'a');
    this.process = spawn(this.binary, ['--workspace', this.workspace, 'serve', '--listen', `127.0.0.1:${this.port}`], { stdio: ['ignore', log, log] });
    let ended;
    this.gone = new Promise((done) => this.process.once('exit', (code, signal) => done((ended = { code, signal }))));
    const until = Date.now() + 60_000;
    for (;;) {
      if (ended || Date.now() > until) throw new Error(`the server does not answer (${JSON.stringify(ended ?? 'time')})\n${readFileSync(this.log, 'utf8').slice(-2000)}`);
      const up = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
      if (up?.ok) return;
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  /** Ends it as a fall of the machine would: nothing of it runs on. */
  async kill() {
    this.process.kill('SIGKILL');
    return this.gone;
  }

  async stop() {
    if (!this.process || this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.kill('SIGTERM');
    const late = setTimeout(() => this.process.kill('SIGKILL'), 10_000);
    await this.gone;
    clearTimeout(late);
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function freePort() {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}
