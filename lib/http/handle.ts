import { createHash, randomUUID } from 'node:crypto';
import { ServerResponse } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';
import type { Access } from '#lib/auth/access.ts';
import { authenticate } from '#lib/auth/authenticate.ts';
import type { RequestContext } from '#lib/auth/client-address.ts';
import { AppError } from '#lib/base/errors.ts';
import { zodProblems } from '#lib/base/zod-problems.ts';
import type { AnswerOf, Contract, InputOf } from '#lib/contracts/contract.ts';
import { errorResponse } from '#lib/http/error-response.ts';
import { readJsonBody } from '#lib/http/read-body.ts';
import { withIdempotency } from '#lib/server/idempotency.ts';

export interface Call<C extends Contract> extends RequestContext {
  readonly requestId: string;
  readonly input: InputOf<C>;
}

/** An endpoint ready to be mounted. */
export interface Operation {
  readonly contract: Contract;
  readonly handle: (context: Context) => Promise<Response>;
}

/**
 * An endpoint behind sign-in: authenticate, authorise, parse, call the use case, answer. In that order. The use case gets
 * the call's once-key where it carries an `Idempotency-Key`.
 */
export function operation<C extends Contract>(
  contract: C,
  perform: (access: Access, input: InputOf<C>, onceKey?: string) => Promise<AnswerOf<C>>,
): Operation {
  return behindSignIn(contract, async (context, call, access) => {
    const key = call.request.headers.get('idempotency-key');
    const act = (onceKey?: string) => perform(access, call.input, onceKey);
    if (key === null || contract.method !== 'POST') return answerDirectly(context, contract, await act(), call.requestId);
    const bodyHash = createHash('sha256').update(JSON.stringify(call.input)).digest('hex');
    const kept = (await withIdempotency(access, key, contract.operation, bodyHash, act)) as AnswerOf<C>;
    return answerDirectly(context, contract, kept, call.requestId);
  });
}

/** As `operation`, for endpoints that make their own response. */
export function guarded<C extends Contract>(contract: C, respond: (call: Call<C>, access: Access) => Promise<Response>): Operation {
  return behindSignIn(contract, (_context, call, access) => respond(call, access));
}

function behindSignIn<C extends Contract>(
  contract: C,
  respond: (context: Context, call: Call<C>, access: Access) => Promise<Response>,
): Operation {
  return mount(contract, async (context, call) => {
    const access = await authenticate(context.req.raw);
    if (access === null) throw notSignedIn();
    if (contract.permission !== null && !access.permissions.has(contract.permission)) {
      throw new AppError('forbidden', `This needs the permission ${contract.permission}.`);
    }
    return respond(context, { ...call, input: await parseInput(contract, context) }, access);
  });
}

export function notSignedIn(): AppError {
  return new AppError('unauthorized', 'Sign in, or send an API key as "Authorization: Bearer wl_…".');
}

/** An endpoint that is open to everybody. */
export function open<C extends Contract>(contract: C, respond: (call: Call<C>) => Promise<Response>): Operation {
  return mount(contract, async (context, call) => respond({ ...call, input: await parseInput(contract, context) }));
}

function mount(
  contract: Contract,
  respond: (context: Context, call: RequestContext & { requestId: string }) => Promise<Response>,
): Operation {
  return {
    contract,
    async handle(context) {
      const requestId = requestIdOf(context.req.raw);
      try {
        return await respond(context, { request: context.req.raw, requestId, clientAddress: clientAddress(context) });
      } catch (thrown) {
        return errorResponse(thrown, requestId);
      }
    },
  };
}

/** The caller's id for this request where it sent a usable one, else a fresh one. */
export function requestIdOf(request: Request): string {
  const given = request.headers.get('x-request-id');
  return given !== null && /^[A-Za-z0-9._-]{1,100}$/.test(given) ? given : randomUUID();
}

/** The answer of a contract. In tests it is checked against the contract, so that the two can't drift apart. */
export function answer<C extends Contract>(contract: C, value: AnswerOf<C>, requestId: string, headers = new Headers()): Response {
  check(contract, value);
  headers.set('x-request-id', requestId);
  headers.set('cache-control', 'no-store');
  if (contract.status === 204) return new Response(null, { status: 204, headers });
  return Response.json(value, { status: contract.status, headers });
}

/**
 * The same, written to the connection where a server has one: making a `Response` and reading it again costs a start as
 * much as the use case does.
 */
function answerDirectly<C extends Contract>(context: Context, contract: C, value: AnswerOf<C>, requestId: string): Response {
  const { outgoing } = (context.env ?? {}) as { outgoing?: unknown };
  if (!(outgoing instanceof ServerResponse)) return answer(contract, value, requestId);
  check(contract, value);
  const headers = { 'x-request-id': requestId, 'cache-control': 'no-store' };
  if (contract.status === 204) {
    outgoing.writeHead(204, headers).end();
  } else {
    const text = JSON.stringify(value);
    outgoing.writeHead(contract.status, { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    outgoing.end(text);
  }
  return RESPONSE_ALREADY_SENT;
}

function check<C extends Contract>(contract: C, value: AnswerOf<C>): void {
  if (process.env.WEFTLINE_CHECK_ANSWERS === '1') contract.answer.parse(value);
}

async function parseInput<C extends Contract>(contract: C, context: Context): Promise<InputOf<C>> {
  const params = parse(contract.params, context.req.param(), ['params']);
  const query = parse(contract.query, context.req.query(), ['query']);
  if (contract.method === 'GET' || contract.method === 'DELETE') return { params, query, body: {} } as InputOf<C>;
  const read = await readJsonBody(context.req.raw, contract.maxBody);
  if (read === undefined && !contract.bodyOptional) throw new AppError('bad_request', 'This needs a JSON body.');
  return { params, query, body: parse(contract.body, read?.value ?? {}, []) } as InputOf<C>;
}

function parse(schema: Contract['body'], value: unknown, at: readonly string[]): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const details = zodProblems(result.error.issues, at);
  const first = details[0];
  throw new AppError('validation_error', first ? `${first.path || 'The body'}: ${first.message}` : 'The request is not valid.', {
    details,
  });
}

/** Address of the peer, or null where the shell doesn't know it. */
export function clientAddress(context: Context): string | null {
  const incoming = (context.env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined)?.incoming;
  return incoming?.socket?.remoteAddress ?? null;
}
