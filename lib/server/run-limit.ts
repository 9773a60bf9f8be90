import { createHash } from 'node:crypto';
import { AppError } from '#lib/base/errors.ts';
import type { Json } from '#lib/base/json.ts';
import { requestCancel } from '#lib/db/control-runs.ts';
import { evictOldest, limitSettings, type NewRunLimit } from '#lib/db/limits.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import type { Definition } from '#lib/workflow/definition.ts';
import { ExpressionError } from '#lib/workflow/expression-scope.ts';
import { compileTemplate } from '#lib/workflow/template.ts';
import { evaluateTemplate } from './expression-process.ts';

/** Longer values of a key are named by their hash. */
const MAX_KEY = 200;

/**
 * The limit that a new run of this definition stands under; null for none. `current`: it is of the newest version.
 * Throws `validation_error` where the key cannot be evaluated for this input.
 */
export async function runLimit(
  definition: Definition,
  run: { readonly workflowUuid: string; readonly input: Json; readonly current: boolean },
): Promise<NewRunLimit | null> {
  const { concurrency } = definition;
  if (concurrency === undefined) return null;
  const { workflowUuid, input, current } = run;
  const value = concurrency.key === undefined ? undefined : await keyValue(concurrency.key, input);
  return { key: limitKey(workflowUuid, value), workflowUuid, current, ...limitSettings(concurrency) };
}

function limitKey(workflowUuid: string, value: Json | undefined): string {
  if (value === undefined) return workflowUuid;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const isPlain = text.length <= MAX_KEY && !/\p{C}/u.test(text);
  return `${workflowUuid}/${isPlain ? text : createHash('sha256').update(text).digest('hex')}`;
}

async function keyValue(key: string, input: Json): Promise<Json | undefined> {
  try {
    return await evaluateTemplate(compileTemplate(key), { values: { input }, now: Date.now(), seed: key });
  } catch (thrown) {
    if (!(thrown instanceof ExpressionError)) throw thrown;
    const problem = { path: '/concurrency/key', code: thrown.code.toLowerCase(), message: thrown.message };
    throw new AppError('validation_error', `The limit's key has no value for this input: ${thrown.message}`, { details: [problem] });
  }
}

/** After a start: where the limit says `cancel_running`, asks the oldest runs that it has no room for to end. */
export async function makeRoom(limit: NewRunLimit | null): Promise<void> {
  if (limit?.onLimit !== 'cancel_running') return;
  for (const { workspaceId, runId } of await evictOldest([limit.key])) await requestCancel({ workspaceId, runId, catalog: stepCatalog });
}
