import { parseDuration } from '#lib/base/duration.ts';
import type { Json } from '#lib/base/json.ts';
import type { StepContext, StepExecutor, StepOutcome } from '../executor.ts';
import { callLimit, excerpt, failed, isRetryableStatus, MAX_OUTPUT_BYTES, networkFailure, retryAfterOf, safeAddress } from '../outgoing.ts';
import { type Answer, NotJson, readAnswer } from './answer.ts';
import { BodyError } from './body.ts';
import type { HttpRequestConfig } from './definition.ts';
import { DEFAULT_MAX_PAGES, firstPage, itemsOf, nextPage, type Paging, PagingError } from './paging.ts';
import { buildRequest, buildUrl, isAccepted, isListed } from './request.ts';

/** Calls the API once, or page by page, and gives `{ status_code, headers, body }`. */
export const executeHttpRequest: StepExecutor<HttpRequestConfig> = async (config, context) => {
  if (config.paging !== undefined) return readPages(config, config.paging, context);
  const result = await call(config, buildUrl(config), context, MAX_OUTPUT_BYTES);
  if ('kind' in result) return result;
  const { status: status_code, headers, body, encoding } = result;
  return { kind: 'completed', output: { status_code, headers, body, ...(encoding === null ? {} : { encoding }) } };
};

async function readPages(config: HttpRequestConfig, paging: Paging, context: StepContext): Promise<StepOutcome> {
  const limit = paging.max_pages ?? DEFAULT_MAX_PAGES;
  const body: Json[] = [];
  let left = MAX_OUTPUT_BYTES;
  let url: string | null = firstPage(config, paging);
  for (let number = 1; url !== null; number += 1) {
    if (number > limit) {
      return failed('PAGING_LIMIT', `There are more than ${limit} pages; raise max_pages, or ask for larger pages`, false, {
        pages: limit,
      });
    }
    const answer = await call(config, url, context, MAX_OUTPUT_BYTES);
    if ('kind' in answer) return answer;
    try {
      const items = itemsOf(answer, paging);
      left -= JSON.stringify(items).length;
      if (left < 0)
        return failed('RESPONSE_TOO_LARGE', `The pages together are larger than ${MAX_OUTPUT_BYTES} bytes`, false, { pages: number });
      body.push(...items);
      url = nextPage(config, paging, answer, url, number);
    } catch (thrown) {
      if (thrown instanceof PagingError)
        return failed('PAGING_ERROR', `Page ${number}: ${thrown.message}`, false, { url: safeAddress(url ?? '') });
      throw thrown;
    }
    if (url === null) {
      return { kind: 'completed', output: { status_code: answer.status, headers: answer.headers, body, pages: number } };
    }
  }
  throw new Error('There is always a first page');
}

async function call(
  config: HttpRequestConfig,
  url: string,
  context: StepContext,
  limit: number,
): Promise<Answer | (StepOutcome & { kind: 'failed' })> {
  const { signal, timedOut } = callLimit(context, config.timeout === undefined ? null : parseDuration(config.timeout));
  try {
    const { url: address, ...init } = buildRequest(config, url, context.idempotencyKey);
    const redirect = config.follow_redirects === false ? 'manual' : 'follow';
    const response = await context.fetch(address, { ...init, redirect, signal });
    const answer = await readAnswer(response, config.response, limit);
    return isAccepted(answer.status, config.accept_statuses) ? answer : statusFailure(config, url, answer);
  } catch (thrown) {
    if (thrown instanceof NotJson) {
      const data = { url: safeAddress(url), body: excerpt(thrown.text) };
      return failed('RESPONSE_NOT_JSON', `${safeAddress(url)} did not answer with JSON`, false, data);
    }
    if (thrown instanceof BodyError) {
      const error = { code: 'CONFIG_INVALID', message: thrown.message, path: '/config/body' };
      return { kind: 'failed', error, retryable: false };
    }
    return networkFailure(thrown, url, context, timedOut());
  }
}

function statusFailure(config: HttpRequestConfig, url: string, answer: Answer): StepOutcome & { kind: 'failed' } {
  const body = typeof answer.body === 'string' ? excerpt(answer.body) : answer.body;
  const whole = JSON.stringify(body);
  const data: Record<string, Json> = {
    status_code: answer.status,
    url: safeAddress(url),
    body: whole.length > 4_000 ? excerpt(whole) : body,
  };
  const header = answer.headers['retry-after'];
  if (header !== undefined) data.retry_after = header;
  const retryAfter = retryAfterOf(typeof header === 'string' ? header : null, Date.now());
  const retryable = config.retry_statuses === undefined ? isRetryableStatus(answer.status) : isListed(answer.status, config.retry_statuses);
  const status = `${answer.status} ${answer.statusText}`.trim();
  return failed('HTTP_STATUS', `${config.method} ${safeAddress(url)} answered ${status}`, retryable, data, retryAfter);
}
