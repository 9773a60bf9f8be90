import { errorMessage } from '#lib/base/errors.ts';
import type { Definition } from '#lib/workflow/definition.ts';
import type { FileProblem } from '#lib/workflow/definition-file.ts';

/** One workflow found in a file. Without a definition it can’t be used as it is, and `problems` say why. */
export interface FileWorkflow {
  readonly file: string;
  readonly name: string;
  readonly definition: Definition | null;
  readonly problems: readonly FileProblem[];
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
        return [{ file: file.name, name: file.name, definition: null, problems: [problem] }];
      }
      return readDefinitionFile(text).map(({ value, definition, problems }) => ({
        file: file.name,
        name: nameOf(value) ?? file.name,
        definition,
        problems,
      }));
    }),
  );
  return found.flat();
}

function nameOf(value: unknown): string | null {
  const name = (value as { readonly name?: unknown } | null)?.name;
  return typeof name === 'string' && name.trim() !== '' ? name : null;
}
