import { z } from 'zod';
import type { ErrorCode } from '#lib/base/errors.ts';
import type { Json } from '#lib/base/json.ts';

/** What a caller must be allowed to do; roles and API-key scopes are sets of these. */
export const PERMISSIONS = [
  'workflows:read',
  'workflows:write',
  'runs:read',
  'runs:write',
  'agents:manage',
  'secrets:manage',
  'keys:manage',
  'members:manage',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/**
 * One endpoint: the single source of the route's parsing, the client's types and the OpenAPI operation.
 * `operation` is the use case's name: `createWorkflow` lives in `lib/server/create-workflow.ts`.
 */
export interface Contract<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> {
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `{name}` for path parameters, as OpenAPI writes them. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Null: open to everybody. */
  readonly permission: Permission | null;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** True where a body may be left out altogether (it is then `{}`). */
  readonly bodyOptional?: boolean;
  /** Bytes a body may have, where the general limit is too generous. */
  readonly maxBody?: number;
  readonly status: 200 | 201 | 202 | 204;
  readonly answer: Answer;
  /** Refusals beyond those that every operation can give (401, 403, 413, 415, 422, 429, 500). */
  readonly errors: readonly ErrorCode[];
  /** Example of a body, for the API reference. */
  readonly example?: unknown;
}

type AnyContract = Contract;
export type ParamsOf<C extends AnyContract> = z.infer<C['params']>;
export type QueryOf<C extends AnyContract> = z.infer<C['query']>;
export type BodyOf<C extends AnyContract> = z.infer<C['body']>;
export type AnswerOf<C extends AnyContract> = z.infer<C['answer']>;
/** Everything a use case gets from the wire, already parsed. */
export interface InputOf<C extends AnyContract> {
  readonly params: ParamsOf<C>;
  readonly query: QueryOf<C>;
  readonly body: BodyOf<C>;
}

const Nothing = z.object({});
type NothingType = typeof Nothing;

/** Declares an endpoint; parts that are left out are empty. */
export function contract<
  Answer extends z.ZodType,
  Params extends z.ZodType = NothingType,
  Query extends z.ZodType = NothingType,
  Body extends z.ZodType = NothingType,
>(
  spec: Pick<Contract, 'operation' | 'method' | 'path' | 'tag' | 'summary' | 'permission' | 'status'> &
    Partial<Pick<Contract, 'description' | 'bodyOptional' | 'maxBody' | 'errors' | 'example'>> & {
      answer: Answer;
      params?: Params;
      query?: Query;
      body?: Body;
    },
): Contract<Params, Query, Body, Answer> {
  return {
    errors: [],
    params: Nothing as never,
    query: Nothing as never,
    body: Nothing as never,
    ...spec,
  } as Contract<Params, Query, Body, Answer>;
}

/**
 * Any JSON value. Bodies come from `JSON.parse` and answers go to `JSON.stringify`, so there is nothing left to check;
 * `z.json()` would walk every large document once more, recursively.
 */
export const JsonShape = z.unknown().refine((value) => value !== undefined, 'Required') as unknown as z.ZodType<Json, Json>;

/** ISO 8601 in UTC. */
export const Time = z.iso.datetime().meta({ examples: ['2026-11-22T09:30:00.000Z'] });
export const Id = z.string().min(1).max(200);

/** The largest number that the database keeps as version or revision. */
export const MAX_INT = 2_147_483_647;

/** A whole number in a query or path, where everything arrives as text. */
export function queryInt() {
  return z.coerce.number({ error: wholeNumberFault }).int('Must be a whole number');
}

/** What is wrong with it; zod asks this for the bounds that are set later as well. */
function wholeNumberFault(issue: { readonly code?: string; readonly minimum?: unknown; readonly maximum?: unknown }): string {
  if (issue.code === 'too_small') return `Must be at least ${issue.minimum}`;
  if (issue.code === 'too_big') return `Must be at most ${issue.maximum}`;
  return 'Must be a whole number';
}

/** Paging of every list. `cursor` gives each row once even while rows are added; it wins over `offset`. */
export const Paging = z.object({
  limit: queryInt().min(1).max(200).default(50),
  offset: queryInt().min(0).max(1_000_000).default(0),
  cursor: z.string().max(500).optional(),
});
