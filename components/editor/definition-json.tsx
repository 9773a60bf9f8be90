import { useState } from 'react';
import { type Definition, DraftDefinition } from '#lib/workflow/definition.ts';
import { CodeEditor } from '../form/code-editor.tsx';
import { languageExtension } from '../form/code-language.ts';
import { useEditor, useWorkflowDefinition } from './editor-context.ts';

/** The whole definition as JSON; what can be read is taken over as it is typed. */
export function DefinitionJson() {
  const definition = useWorkflowDefinition();
  const dispatch = useEditor((state) => state.dispatch);
  const [draft, setDraft] = useState<{ readonly of: Definition; readonly text: string; readonly fault: string | null } | null>(null);
  const shown = draft !== null && (draft.fault !== null || draft.of === definition) ? draft.text : JSON.stringify(definition, null, 2);

  function onChange(text: string) {
    const read = readDraft(text);
    if (read.definition === null) return setDraft({ of: definition, text, fault: read.fault });
    dispatch({ kind: 'replace', definition: read.definition }, { label: 'Edit JSON', mergeKey: 'json', whole: true });
    setDraft({ of: read.definition, text, fault: null });
  }

  return (
    <div className="flex flex-col gap-1">
      <p
        role="status"
        className={
          draft?.fault
            ? 'sticky top-0 z-10 bg-bg-1 py-1 text-small text-status-failed'
            : 'sticky top-0 z-10 bg-bg-1 py-1 text-small text-text-3'
        }
      >
        {draft?.fault ?? 'Changes here are taken over as soon as they can be read.'}
      </p>
      <CodeEditor
        label="JSON of the workflow"
        code
        value={shown}
        onChange={onChange}
        extensions={() => languageExtension('json')}
        minLines={8}
        maxLines={400}
      />
    </div>
  );
}

function readDraft(
  text: string,
): { readonly definition: Definition; readonly fault: null } | { readonly definition: null; readonly fault: string } {
  try {
    const parsed = DraftDefinition.safeParse(JSON.parse(text));
    if (parsed.success) return { definition: parsed.data, fault: null };
    const [issue] = parsed.error.issues;
    return { definition: null, fault: `${issue?.path.join('.') || 'The definition'}: ${issue?.message ?? 'is not valid'}` };
  } catch {
    return { definition: null, fault: 'This is no JSON yet; the last readable definition is kept.' };
  }
}
