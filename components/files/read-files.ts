import { errorMessage } from '#lib/base/errors.ts';
import type { ReportRow } from '#lib/compat/n8n/report.ts';
import { isN8nWorkflow } from '#lib/compat/n8n/workflow-file.ts';
import type { Definition } from '#lib/workflow/definition.ts';
import type { FileEntry, FileProblem } from '#lib/workflow/definition-file.ts';

/** One workflow found in a file. Without a definition it can’t be used as it is, and `problems` say why. */
export interface FileWorkflow {
  readonly file: string;
  readonly name: string;
  readonly definition: Definition | null;
  readonly problems: readonly FileProblem[];
  /** For a workflow of another product: what became of each of its nodes. */
  readonly report: readonly ReportRow[];
}

/** What a browser hands over of a chosen or dropped file. */
export interface NamedText {
  readonly name: string;
  text(): Promise<string>;
}

/** Reads every workflow out of the files, in their order. The parsers come with the first file, not with the page. */
export async function readFiles(files: readonly NamedText[]): Promise<FileWorkflow[]> {
  const { readDefinitionFile } = await import('#lib/workflow/definition-file.ts');
  const found = await Promise.all(
    files.map(async (file): Promise<FileWorkflow[]> => {
      let text: string;
      try {
        text = await file.text();
      } catch (thrown) {
        const problem = { path: '', code: 'unreadable', message: `This file can’t be opened: ${errorMessage(thrown)}`, line: null };
        return [{ file: file.name, name: file.name, definition: null, problems: [problem], report: [] }];
      }
      return Promise.all(readDefinitionFile(text).map((entry) => workflowOf(file.name, entry)));
    }),
  );
  return found.flat();
}

async function workflowOf(file: string, { value, definition, problems }: FileEntry): Promise<FileWorkflow> {
  const name = nameOf(value) ?? file;
  if (!isN8nWorkflow(value)) return { file, name, definition, problems, report: [] };
  const { translateN8n } = await import('#lib/compat/n8n/translate.ts');
  const made = translateN8n(value);
  if (made.definition !== null) return { file, name, definition: made.definition, problems: [], report: made.report };
  const refusal = { path: '', code: 'unreadable', message: made.refusal, line: null };
  return { file, name, definition: null, problems: [refusal], report: [] };
}

function nameOf(value: unknown): string | null {
  const name = (value as { readonly name?: unknown } | null)?.name;
  return typeof name === 'string' && name.trim() !== '' ? name : null;
}
