import { errorMessage } from '#lib/base/errors.ts';
import type { Json } from '#lib/base/json.ts';
import type { Problem } from '#lib/base/problem.ts';
import { plural } from '#lib/client/format.ts';
import { ApiError, request } from '#lib/client/request.ts';
import { createWorkflow } from '#lib/contracts/workflows.ts';
import type { Definition } from '#lib/workflow/definition.ts';
import type { FileProblem } from '#lib/workflow/definition-file.ts';
import type { FileWorkflow } from '../files/read-files.ts';
import { translationLines, translationSummary } from '../files/translation-lines.ts';

/** What became of a workflow of a file: made as version 1, made as a draft that has problems, or not made. */
export interface Imported {
  readonly id: string | null;
  readonly name: string;
  readonly sentence: string;
  readonly problems: readonly Pick<FileProblem, 'line' | 'path' | 'message'>[];
}

/** Makes a workflow of what a file holds. One that can’t run yet comes in as a draft, so that it can be mended here. */
export async function createImported(found: FileWorkflow): Promise<Imported> {
  const { name, definition, report } = found;
  const summary = report.length === 0 ? '' : `. ${translationSummary(report)}`;
  const notes = [...found.problems, ...translationLines(report)];
  if (definition === null) return { id: null, name, sentence: 'can’t be used', problems: found.problems };
  try {
    const id = await send(definition, false);
    return { id, name, sentence: `is a new workflow: ${plural(definition.steps.length, 'step')}${summary}`, problems: notes };
  } catch (thrown) {
    if (!(thrown instanceof ApiError) || thrown.details.length === 0) {
      return { id: null, name, sentence: `was not made: ${errorMessage(thrown)}`, problems: notes };
    }
    return createDraft({ name, problems: notes }, definition, thrown.details, summary);
  }
}

async function createDraft(
  { name, problems }: Pick<Imported, 'name' | 'problems'>,
  definition: Definition,
  faults: readonly Problem[],
  summary: string,
): Promise<Imported> {
  const all = [...faults.map((fault) => ({ ...fault, line: null })), ...problems];
  try {
    const id = await send(definition, true);
    return { id, name, sentence: `is a draft with ${plural(faults.length, 'fault')} to mend before it can run${summary}`, problems: all };
  } catch (thrown) {
    return { id: null, name, sentence: `was not made: ${errorMessage(thrown)}`, problems: all };
  }
}

async function send(definition: Definition, draft: boolean): Promise<string> {
  const { id } = await request(createWorkflow, { body: { definition: definition as unknown as Json, draft } });
  return id;
}
