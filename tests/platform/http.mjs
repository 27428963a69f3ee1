// A person at the interface without a browser: the cookie, the token, and what came back.
import { PASSWORD } from './server.mjs';

export class Answer {
  constructor(response, bytes) {
    this.status = response.status;
    this.headers = response.headers;
    this.bytes = bytes;
    this.text = bytes.toString('utf8');
    try {
      this.body = JSON.parse(this.text);
    } catch {
      this.body = undefined;
    }
  }

  /** What the person reads when it did not go. */
  get words() {
    const { title = '', detail = '', fields = {} } = this.body ?? {};
    return [title, detail, ...Object.values(fields)].filter(Boolean).join('；');
  }
}

export async function call(url, method, path, { body, headers = {}, signal } = {}) {
  const json = body !== undefined && !(body instanceof FormData) && !(body instanceof Uint8Array) && typeof body !== 'string';
  const response = await fetch(url + path, {
    method,
    headers: { ...(json ? { 'content-type': 'application/json' } : {}), ...headers },
    body: json ? JSON.stringify(body) : body,
    redirect: 'manual',
    signal,
  });
  return new Answer(response, Buffer.from(await response.arrayBuffer()));
}

/** The session cookie an answer sets, whole. */
export function cookieOf(answer) {
  return answer.headers.getSetCookie().find((cookie) => cookie.startsWith('mingjian='));
}

const inside = new Map();

/** Somebody who is logged in. */
export class Visitor {
  /** The one session of an account that the steps here share: an account has few, and one more ends the oldest. */
  static of(url, account) {
    const name = `${url} ${account}`;
    if (!inside.has(name)) inside.set(name, Visitor.enter(url, account));
    return inside.get(name);
  }

  static async enter(url, account, password = PASSWORD) {
    const answer = await call(url, 'POST', '/api/v1/session', { body: { account, password } });
    if (answer.status !== 200) throw new Error(`${account} cannot log in: ${answer.status} ${answer.words}`);
    return new Visitor(url, account, cookieOf(answer).split(';')[0], answer.body);
  }

  constructor(url, account, cookie, me) {
    Object.assign(this, { url, account, cookie, me });
  }

  get(path, options = {}) {
    return call(this.url, 'GET', `/api/v1${path}`, { ...options, headers: { cookie: this.cookie, ...options.headers } });
  }

  send(method, path, body, headers = {}, signal) {
    return call(this.url, method, `/api/v1${path}`, { body, signal, headers: { cookie: this.cookie, 'x-csrf-token': this.me.csrf, ...headers } });
  }

  post(path, body, headers, signal) {
    return this.send('POST', path, body, headers, signal);
  }

  /** The body of an answer that must be good. */
  async read(path) {
    const answer = await this.get(path);
    if (answer.status !== 200) throw new Error(`${this.account} GET ${path}: ${answer.status} ${answer.words}`);
    return answer.body;
  }

  /** An act on a lead as it stands now; must go. */
  async act(lead, act, input = {}) {
    const { version } = await this.read(`/leads/${lead}`);
    const answer = await this.post(`/leads/${lead}/acts/${act}`, { version, ...input });
    if (answer.status !== 200) throw new Error(`${this.account} ${act} ${lead}: ${answer.status} ${answer.words}`);
    return answer.body;
  }

  /** Hands in a file under a name, as a browser's form does. */
  attach(lead, name, bytes, type = 'application/octet-stream') {
    const form = new FormData();
    form.append('file', new Blob([bytes], { type }), name);
    return this.post(`/leads/${lead}/attachments`, form);
  }
}

/** A PDF of one empty page. */
export const PDF = Buffer.from(
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n' +
    '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n',
);
