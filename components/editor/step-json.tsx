import { useState } from 'react';
import { Step } from '#lib/workflow/definition.ts';
import { CodeEditor } from '../form/code-editor.tsx';
import { languageExtension } from '../form/code-language.ts';
import { useDefinition, useEditor } from './editor-context.ts';

/** The step as it stands in the definition; what can be read is taken over as it is typed. The id stays. */
export function StepJson({ step }: { readonly step: Step }) {
  const definition = useDefinition();
  const dispatch = useEditor((state) => state.dispatch);
  const [draft, setDraft] = useState<{ readonly of: Step; readonly text: string; readonly fault: string | null } | null>(null);
  const shown = draft !== null && (draft.fault !== null || draft.of === step) ? draft.text : JSON.stringify(step, null, 2);

  function onChange(text: string) {
    const read = readStep(text, step.id);
    if (read.step === null) return setDraft({ of: step, text, fault: read.fault });
    const steps = definition.steps.map((known) => (known.id === step.id ? (read.step ?? known) : known));
    const [refusal] = dispatch(
      { kind: 'replace', definition: { ...definition, steps } },
      { label: `Edit ${step.id}`, mergeKey: `${step.id}/json` },
    );
    setDraft({ of: read.step, text, fault: refusal?.message ?? null });
  }

  return (
    <div className="flex flex-col gap-1">
      <CodeEditor
        label={`JSON of ${step.id}`}
        code
        value={shown}
        onChange={onChange}
        extensions={() => languageExtension('json')}
        minLines={16}
        maxLines={40}
      />
      <p className={draft?.fault ? 'min-h-4 text-small text-status-failed' : 'min-h-4 text-small text-text-3'}>
        {draft?.fault ?? 'Changes here are taken over as soon as they can be read.'}
      </p>
    </div>
  );
}

function readStep(
  text: string,
  id: string,
): { readonly step: Step; readonly fault: null } | { readonly step: null; readonly fault: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { step: null, fault: 'This is no JSON yet; the last readable step is kept.' };
  }
  const parsed = Step.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { step: null, fault: `${issue?.path.join('.') || 'The step'}: ${issue?.message ?? 'is not valid'}` };
  }
  if (parsed.data.id !== id) return { step: null, fault: 'The id is changed in the head above, so that references follow.' };
  return { step: parsed.data, fault: null };
}
