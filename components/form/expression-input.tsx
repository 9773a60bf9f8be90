import type { EditorView } from '@codemirror/view';
import { Braces, CircleAlert } from 'lucide-react';
import { useContext, useRef } from 'react';
import type { FieldControl } from '#components/ui/field.tsx';
import { Tooltip } from '#components/ui/tooltip.tsx';
import { CodeEditor } from './code-editor.tsx';
import { type CodeLanguage, languageExtension } from './code-language.ts';
import { type ExpressionResult, useExpressionResult } from './expression-result.ts';
import { type ExpressionMode, expressionExtension, openValues } from './template-extension.ts';
import { kindOfValue, textOfValue } from './value-text.ts';
import { ValuesContext } from './values-context.ts';

interface ExpressionInputProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onBlur?: () => void;
  readonly mode: ExpressionMode;
  readonly control?: FieldControl;
  readonly label?: string;
  readonly placeholder?: string;
  /** The 20 px line below; lists of small fields leave it out. */
  readonly result?: boolean;
  readonly minLines?: number;
  readonly maxLines?: number;
  /** Colours a field that is one expression. */
  readonly language?: CodeLanguage;
}

/** One control for plain text and expressions: `{{` starts one, the line below says what it comes to. */
export function ExpressionInput(props: ExpressionInputProps) {
  const { value, onChange, onBlur, mode, control, label, placeholder, result = true, minLines = 1, maxLines = 6, language } = props;
  const reach = useContext(ValuesContext);
  const latestValues = useRef(reach);
  latestValues.current = reach;
  const view = useRef<EditorView | null>(null);
  const outcome = useExpressionResult(value, mode, reach);
  return (
    <div className="min-w-0 flex-1">
      <div className="relative">
        <CodeEditor
          value={value}
          onChange={onChange}
          {...(onBlur ? { onBlur } : {})}
          {...(control ? { control } : {})}
          {...(label ? { label } : {})}
          {...(placeholder ? { placeholder } : {})}
          extensions={() => [
            language ? languageExtension(language) : [],
            expressionExtension(mode, () => latestValues.current?.values ?? []),
          ]}
          minLines={minLines}
          maxLines={maxLines}
          extensionKey={mode}
          mono={mode === 'expression' || value.includes('{{')}
          viewRef={view}
          className="pr-7"
        />
        {reach !== null && (
          <Tooltip content="Insert a value" side="top">
            <button
              type="button"
              aria-label={`Insert a value${label ? ` into ${label}` : ''}`}
              className="absolute top-0.5 right-0.5 grid size-6 place-items-center rounded-chip text-text-3 hover:bg-hover hover:text-text-1"
              onClick={() => view.current && openValues(view.current, mode)}
            >
              <Braces className="size-3.5" aria-hidden />
            </button>
          </Tooltip>
        )}
      </div>
      {result && isSaid(outcome, control) && <ResultLine outcome={outcome} source={reach?.source ?? ''} />}
    </div>
  );
}

/** The field's own error says more than the attempt to evaluate it: one of them is enough. */
function isSaid(outcome: ExpressionResult, control: FieldControl | undefined): boolean {
  return outcome.kind !== 'none' && !(outcome.kind === 'error' && control?.['aria-invalid']);
}

function ResultLine({ outcome, source }: { readonly outcome: ExpressionResult; readonly source: string }) {
  if (outcome.kind === 'error') {
    return (
      <p className="flex h-5 items-center gap-1 text-small text-status-failed" title={outcome.message}>
        <CircleAlert className="size-3 shrink-0" aria-hidden />
        <span className="truncate">{outcome.message}</span>
      </p>
    );
  }
  const text = outcome.kind === 'value' ? textOfValue(outcome.value) : '—';
  const kind = outcome.kind === 'value' ? kindOfValue(outcome.value) : 'no value';
  return (
    <p className="flex h-5 items-center gap-2 text-small text-text-3">
      <span className="min-w-0 truncate font-mono text-code-small text-text-2">= {text === '' ? '""' : text}</span>
      <span className="shrink-0">
        {kind}, {source}
      </span>
    </p>
  );
}
