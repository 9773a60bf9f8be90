import { useEffect, useRef, useState } from 'react';
import type { FieldControl } from '#components/ui/field.tsx';
import { type Json, jsonEqual } from '#lib/base/json.ts';
import { CodeEditor } from './code-editor.tsx';
import { languageExtension } from './code-language.ts';
import { jsonOfText, textOfValue } from './value-text.ts';

interface JsonFieldProps {
  readonly field: { readonly placeholder: string; readonly required: boolean };
  readonly value: Json | undefined;
  readonly onChange: (path: readonly (string | number)[], value: Json | undefined) => void;
  readonly onBlur?: () => void;
  readonly control?: FieldControl;
  readonly label?: string;
  readonly minLines?: number;
  readonly maxLines?: number;
  /** Told whenever the text stops or begins to be JSON. */
  readonly onReadable?: (readable: boolean) => void;
}

/** Any JSON as text. The value follows while the text can be read; until then the last readable one stays. */
export function JsonField({ field, value, onChange, onBlur, control, label, minLines = 3, maxLines = 16, onReadable }: JsonFieldProps) {
  const [text, setText] = useState(() => textOfValue(value, 2));
  const isBroken = text.trim() !== '' && jsonOfText(text) === null;
  const latest = useRef(text);
  useEffect(() => onReadable?.(!isBroken), [isBroken, onReadable]);
  useEffect(() => {
    latest.current = text;
  }, [text]);
  useEffect(() => {
    // Undo, or a change elsewhere: show it. What is being typed stays as it is typed.
    const shown = jsonOfText(latest.current)?.value;
    if (latest.current.trim() === '' ? value !== undefined : !jsonEqual(shown, value) && shown !== undefined)
      setText(textOfValue(value, 2));
  }, [value]);
  return (
    <div>
      <CodeEditor
        {...(onBlur ? { onBlur } : {})}
        {...(control ? { control } : {})}
        {...(label ? { label } : {})}
        code
        value={text}
        onChange={(next) => {
          setText(next);
          const read = jsonOfText(next);
          if (next.trim() === '') onChange([], undefined);
          else if (read !== null) onChange([], read.value);
        }}
        extensions={() => languageExtension('json')}
        minLines={minLines}
        maxLines={maxLines}
        placeholder={field.placeholder}
      />
      {isBroken && <p className="mt-1 text-small text-status-failed">This is no JSON yet; the last readable value is kept.</p>}
    </div>
  );
}
