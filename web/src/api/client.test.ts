import { afterEach, describe, expect, it, vi } from 'vitest';
import { address, ApiError, holdCsrf, newKey, read, write } from './client';

const answer = (status: number, body: unknown, type = 'application/json') =>
  new Response(body === undefined ? null : JSON.stringify(body), { status, headers: { 'content-type': type } });

afterEach(() => vi.unstubAllGlobals());

/** Never called: the compiler holds that calls are those of the interface. */
export function refusedByTheCompiler(): void {
  // @ts-expect-error -- no such path
  void read('/lead');
  // @ts-expect-error -- a path with braces needs what fills them
  void read('/leads/{id}');
  // @ts-expect-error -- braces of another name
  void read('/leads/{id}', { path: { code: 'a' } });
  // @ts-expect-error -- no such parameter
  void read('/leads', { query: { hospital: 'a' } });
  // @ts-expect-error -- a word that is none of the list
  void read('/leads', { query: { sort: 'name' } });
  // @ts-expect-error -- files are not read as JSON
  void read('/leads.xlsx');
  // @ts-expect-error -- no such method there
  void write('DELETE /leads/{id}', { path: { id: 'a' } });
  // @ts-expect-error -- a body is asked for
  void write('POST /session');
  // @ts-expect-error -- a field that the body must have
  void write('POST /session', { body: { account: 'a' } });
  // @ts-expect-error -- no such path
  address('/leads/{id}/file', { id: 'a' });
}

describe('client', () => {
  it('fills and escapes the address, and leaves out what is empty', () => {
    expect(address('/leads/{id}', { id: 'a/b?c' })).toBe('/api/v1/leads/a%2Fb%3Fc');
    expect(address('/leads', {}, { q: '仁济 &', mine: undefined, status: '', due: 0 })).toBe('/api/v1/leads?q=%E4%BB%81%E6%B5%8E+%26&due=0');
  });

  it('carries the token and the key with every write', async () => {
    const fetched = vi.fn(async (_url: string, _init: RequestInit) => answer(200, {}));
    vi.stubGlobal('fetch', fetched);
    holdCsrf('token');
    await write('POST /leads/{id}/acts/{act}', { path: { id: '1', act: 'send' }, body: { version: 3 }, key: 'k' });
    const [url, init] = fetched.mock.calls[0] ?? [];
    expect(url).toBe('/api/v1/leads/1/acts/send');
    expect(init?.headers).toMatchObject({ 'x-csrf-token': 'token', 'idempotency-key': 'k', 'content-type': 'application/json' });
    expect(init?.body).toBe('{"version":3}');
  });

  it('gives the problem of an answer, and one of its own where there is none', async () => {
    vi.stubGlobal('fetch', async () => answer(409, { type: '', title: 't', status: 409, code: 'conflict', detail: 'd' }, 'application/problem+json'));
    await expect(read('/me')).rejects.toMatchObject({ problem: { code: 'conflict' }, message: 'd' });
    vi.stubGlobal('fetch', async () => new Response('<html>', { status: 502, headers: { 'content-type': 'text/html' } }));
    await expect(read('/me')).rejects.toMatchObject({ problem: { code: 'http_502' } });
    vi.stubGlobal('fetch', async () => {
      throw new TypeError('no net');
    });
    await expect(read('/me')).rejects.toBeInstanceOf(ApiError);
  });

  it('takes an answer without content', async () => {
    vi.stubGlobal('fetch', async () => answer(204, undefined));
    await expect(write('DELETE /session')).resolves.toBeUndefined();
  });

  it('makes keys that differ', () => {
    expect(new Set(Array.from({ length: 50 }, newKey)).size).toBe(50);
  });
});
