import type { Context } from 'hono';
import { AppError } from '#lib/base/errors.ts';
import { isJsonObject, type Json } from '#lib/base/json.ts';
import { awaitRun, type RunEnd } from '#lib/server/await-run.ts';
import { CallRate } from '#lib/server/call-rate.ts';
import { noAddress, type Received, receiveHook } from '#lib/server/receive-hook.ts';
import { errorResponse } from './error-response.ts';
import { clientAddress, requestIdOf } from './handle.ts';
import { readLimited } from './read-body.ts';
import { shutdownSignal } from './shutdown.ts';

/** Bytes of a call's body. */
const MAX_BODY_BYTES = 1024 * 1024;
/** Calls of one address in ten seconds, and wrong addresses that one sender may try in a minute. */
const perHook = new CallRate(600, 10_000);
const wrongTries = new CallRate(30, 60_000);

/** `/hooks/{token}`: open to whoever has the address. */
export async function handleHook(context: Context): Promise<Response> {
  const request = context.req.raw;
  const requestId = requestIdOf(request);
  const token = context.req.param('token') ?? '';
  try {
    requireRate(perHook.count(token, Date.now()));
    const received = await receiveHook({
      token,
      method: request.method,
      url: new URL(request.url),
      headers: request.headers,
      readBody: () => readLimited(request, MAX_BODY_BYTES),
    }).catch((thrown: unknown) => {
      if (thrown instanceof AppError && thrown.code === 'not_found') throw afterWrongTry(clientAddress(context));
      throw thrown;
    });
    return await answer(received, request, requestId);
  } catch (thrown) {
    return errorResponse(thrown, requestId);
  }
}

function requireRate(wait: number | null): void {
  if (wait !== null) throw new AppError('rate_limited', `Too many calls. Try again in ${wait} s.`);
}

/** Whoever tries addresses is slowed down, with the same answer for all that are none. */
function afterWrongTry(address: string | null): AppError {
  requireRate(wrongTries.count(address ?? '', Date.now()));
  return noAddress();
}

async function answer({ hook, access, outcome, runIds }: Received, request: Request, requestId: string): Promise<Response> {
  const [runId] = runIds;
  const headers = { 'x-request-id': requestId, 'cache-control': 'no-store' };
  if (outcome === 'delivered') return Response.json({ run_ids: runIds }, { status: 202, headers });
  if (runId === undefined) return Response.json({ run_id: null }, { status: 202, headers });
  const withRun = { ...headers, 'x-run-id': runId };
  if (hook.answer === 'accepted') return Response.json({ run_id: runId }, { status: 202, headers: withRun });
  const signal = AbortSignal.any([request.signal, shutdownSignal()]);
  const end = await awaitRun(access, runId, { millis: hook.answerSeconds * 1000, signal });
  if (end === null) return Response.json({ run_id: runId, status: 'running' }, { status: 202, headers: withRun });
  return ended(end, runId, withRun);
}

/**
 * The output of a completed run is the answer. One that is `{ status_code, body, headers }` says the whole answer: its status,
 * its body (text as it is, all else as JSON) and its type.
 */
function ended(end: RunEnd, runId: string, headers: Record<string, string>): Response {
  if (end.status !== 'completed') {
    return Response.json({ run_id: runId, status: end.status, error: end.error }, { status: 502, headers });
  }
  const said = wholeAnswer(end.output);
  if (said === null) return Response.json(end.output, { status: 200, headers });
  if (said.body === null || said.status === 204 || said.status === 304) return new Response(null, { status: said.status, headers });
  if (typeof said.body !== 'string') return Response.json(said.body, { status: said.status, headers });
  // Never a page of ours: text of a workflow must not run as a script beside the session.
  const type = { 'content-type': said.type ?? 'text/plain; charset=utf-8', 'content-security-policy': 'sandbox' };
  return new Response(said.body, { status: said.status, headers: { ...headers, ...type } });
}

function wholeAnswer(output: Json): { status: number; body: Json; type: string | null } | null {
  if (!isJsonObject(output) || !Object.keys(output).every((key) => ['status_code', 'body', 'headers'].includes(key))) return null;
  const { status_code: status, body = null, headers = {} } = output;
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 200 || status > 599) return null;
  const type = isJsonObject(headers) ? Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] : null;
  return { status, body, type: typeof type === 'string' && /^[\x20-\x7e]{1,200}$/.test(type) ? type : null };
}
