/**
 * The one door to /api/v1: paths, parameters, bodies and answers as the platform describes them (`paths.ts`, from the generated `schema.d.ts`),
 * CSRF header and idempotency key on writes, problem+json as `ApiError`.
 */
import type { Problem } from './contract';
import { ROOT } from './paths';
import type { Path, PathValues, Read, ReadAnswer, ReadArguments, Write, WriteAnswer, WriteArguments } from './paths';

let csrf = '';

/** The token that /me hands out; every write carries it. */
export function holdCsrf(token: string): void {
  csrf = token;
}

export class ApiError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.name = 'ApiError';
    this.problem = problem;
  }
}

type Values = Record<string, string>;
type Query = Record<string, string | number | undefined>;

/** The address of a path that is there, for files and streams. */
export function address<P extends Path>(path: P, values: PathValues<P>, query: Query = {}): string {
  return fill(path, values as Values, query);
}

function fill(path: string, values: Values = {}, query: Query = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return ROOT + filled + (text ? `?${text}` : '');
}

async function answered<T>(response: Response): Promise<T> {
  if (response.ok) {
    // The one place where an answer is trusted to be what the contract says.
    return (response.status === 204 ? undefined : await response.json()) as T;
  }
  const type = response.headers.get('content-type') ?? '';
  if (type.includes('json')) throw new ApiError((await response.json()) as Problem);
  throw new ApiError({ type: 'about:blank', title: response.statusText, status: response.status, code: `http_${response.status}` });
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { credentials: 'same-origin', ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError({ type: 'about:blank', title: '', status: 0, code: 'offline' });
  }
}

export async function read<P extends Read>(path: P, ...[options]: ReadArguments<P>): Promise<ReadAnswer<P>> {
  const url = fill(path, options?.path as Values | undefined, options?.query as Query | undefined);
  return answered(await send(url, { signal: options?.signal, headers: { accept: 'application/json' } }));
}

/** A key that makes a repeated click one act. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export async function write<W extends Write>(what: W, ...[options]: WriteArguments<W>): Promise<WriteAnswer<W>> {
  const [method = 'POST', path = ''] = what.split(' ');
  const headers: Record<string, string> = { accept: 'application/json', 'x-csrf-token': csrf };
  if (options?.key) headers['idempotency-key'] = options.key;
  let body: BodyInit | undefined;
  if (options?.body instanceof FormData) {
    body = options.body;
  } else if (options?.body !== undefined) {
    headers['content-type'] = 'application/json';
    body = JSON.stringify(options.body);
  }
  const url = fill(path, options?.path as Values | undefined, options?.query as Query | undefined);
  return answered(await send(url, { method, headers, body }));
}

/** Fetches a file, so that a refusal is told and not saved; the browser keeps it under the name the server gives. */
async function download(url: string, otherwise: string): Promise<void> {
  const response = await send(url, { headers: { accept: '*/*' } });
  if (!response.ok) return answered(response);
  const named = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get('content-disposition') ?? '')?.[1];
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await response.blob());
  link.download = named ? decodeURIComponent(named) : otherwise;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Takes the file of an approved export, once. */
export function take(id: string): Promise<void> {
  return download(address('/exports/{id}/file', { id }), id);
}

/** Takes the filtered trail, for a reason. */
export function takeTrail(form: 'xlsx' | 'csv', query: Record<string, string | number>, reason: string): Promise<void> {
  return download(address(form === 'xlsx' ? '/audit.xlsx' : '/audit.csv', {}, { ...query, reason }), `audit.${form}`);
}
