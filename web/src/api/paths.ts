/**
 * Paths, parameters, bodies and answers of the generated interface (`schema.d.ts`), under the names that the one door (`client.ts`) takes:
 * a read by its path below /api/v1, a write by its method and path.
 */
import type { paths } from './schema';

export const ROOT = '/api/v1';

type Below<P> = P extends `${typeof ROOT}${infer Rest}` ? Rest : never;
/** Every path there is, files and streams too. */
export type Path = Below<keyof paths>;
type At<P extends Path> = paths[`${typeof ROOT}${P}`];

type Json<O> = O extends { responses: { 200: { content: { 'application/json': infer A } } } } ? A : never;

/** Reads that answer JSON; files and streams are reached by their address. */
export type Read = { [P in Path]: At<P> extends { get: infer O } ? ([Json<O>] extends [never] ? never : P) : never }[Path];

type Verb = 'POST' | 'PATCH' | 'DELETE';
export type Write = { [P in Path]: { [V in Verb]: At<P> extends Record<Lowercase<V>, { responses: unknown }> ? `${V} ${P}` : never }[Verb] }[Path];

type ReadOf<P extends Read> = At<P> extends { get: infer O } ? O : never;
type WriteOf<W extends Write> = W extends `${infer V extends Verb} ${infer P extends Path}` ? (At<P> extends Record<Lowercase<V>, infer O> ? O : never) : never;

export type ReadAnswer<P extends Read> = Json<ReadOf<P>>;
/** Nothing where the answer has no content (204). */
export type WriteAnswer<W extends Write> = [Json<WriteOf<W>>] extends [never] ? undefined : Json<WriteOf<W>>;

/** What fills the braces of a path; a path with braces cannot be asked without. */
export type PathValues<P extends string> = P extends `${string}{${infer Name}}${infer Rest}` ? Record<Name, string> & PathValues<Rest> : unknown;
type PathOption<P extends string> = P extends `${string}{${string}` ? { path: PathValues<P> } : { path?: undefined };

/** What the query of an operation may hold. */
export type QueryOf<O> = O extends { parameters: { query?: infer Q } } ? Exclude<Q, undefined> : never;
type QueryOption<O> = [QueryOf<O>] extends [never] ? { query?: undefined } : { query?: QueryOf<O> };
export type ReadQuery<P extends Read> = QueryOf<ReadOf<P>>;

type BodyOption<O> = O extends { requestBody: { content: infer C } }
  ? C extends { 'application/json': infer B }
    ? { body: B }
    : { body: FormData }
  : { body?: undefined };

/** The options may be left out where the path has no braces. */
export type ReadArguments<P extends Read> = Optional<PathOption<P> & QueryOption<ReadOf<P>> & { signal?: AbortSignal }>;
export type WriteArguments<W extends Write> = Optional<PathOption<W> & QueryOption<WriteOf<W>> & BodyOption<WriteOf<W>> & { key?: string }>;
type Optional<T> = Record<never, never> extends T ? [options?: T] : [options: T];
