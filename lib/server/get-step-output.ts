import type { Access } from '#lib/auth/access.ts';
import { AppError } from '#lib/base/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '#lib/base/json.ts';
import type { InputOf } from '#lib/contracts/contract.ts';
import type { getStepOutput as contract } from '#lib/contracts/runs.ts';
import { loadGraph } from '#lib/db/definitions.ts';
import { readAllEvents } from '#lib/db/run-events.ts';
import { fold } from '#lib/engine/apply.ts';
import { stepState } from '#lib/engine/scope.ts';
import { stepCatalog } from '#lib/steps/catalog.ts';
import { redactStepOutput } from './redact.ts';
import { loadRun } from './run-view.ts';

/** A step's output as a value, or the bytes that it stands for. */
export type StepOutput =
  | { readonly kind: 'json'; readonly value: Json }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array<ArrayBuffer>; readonly name: string };

/** The whole output of a step (inside loops by its key, `each[3].fetch`), whatever its size; bytes where it holds bytes in base64. */
export async function getStepOutput(access: Access, { params, query }: InputOf<typeof contract>): Promise<StepOutput> {
  const record = await loadRun(access, params.run_id);
  const graph = await loadGraph(record.definitionHash, stepCatalog);
  const step = stepState(fold(graph, await readAllEvents(record.uuid)), params.step_key);
  if (step === undefined) throw new AppError('not_found', `The run has no step '${params.step_key}'.`);
  if (step.status !== 'completed') throw new AppError('not_found', `The step '${params.step_key}' has no output: it is ${step.status}.`);
  const output = redactStepOutput(graph, params.step_key, step.output);
  if (query.file !== undefined) {
    const file = fileOf(output, query.file);
    if (file === null) throw new AppError('not_found', `The step handed on no file '${query.file}'.`);
    return { kind: 'bytes', bytes: fromBase64(file), name: query.file };
  }
  if (isJsonObject(output) && output.encoding === 'base64' && typeof output.body === 'string') {
    return { kind: 'bytes', bytes: fromBase64(output.body), name: params.step_key };
  }
  return { kind: 'json', value: output };
}

function fileOf(output: Json, name: string): string | null {
  const files = isJsonObject(output) && isJsonObject(output.files ?? null) ? (output.files as JsonObject) : {};
  const file = Object.hasOwn(files, name) ? files[name] : null;
  return isJsonObject(file ?? null) && typeof (file as JsonObject).base64 === 'string' ? ((file as JsonObject).base64 as string) : null;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, 'base64'));
}
