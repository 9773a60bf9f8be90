'use client';

import { useState } from 'react';
import { cn } from './cn.ts';
import { controlLook } from './input.tsx';

interface EditableTextProps {
  readonly value: string;
  /** What it names: "Workflow name". */
  readonly label: string;
  readonly onSave: (value: string) => void;
  readonly maxLength?: number;
  readonly disabled?: boolean;
  readonly className?: string;
}

/** A text that becomes an input where it stands: Enter or leaving saves, Escape gives the old text back. */
export function EditableText({ value, label, onSave, maxLength = 200, disabled = false, className }: EditableTextProps) {
  const [draft, setDraft] = useState<string | null>(null);

  function save() {
    const next = draft?.trim() ?? '';
    setDraft(null);
    if (next !== '' && next !== value) onSave(next);
  }

  if (draft === null) {
    return (
      <button
        type="button"
        disabled={disabled}
        aria-label={`${label}: ${value}. Rename`}
        onClick={() => setDraft(value)}
        className={cn(
          'min-h-6 max-w-full truncate rounded-chip px-1.5 py-0.5 transition-hover hover:bg-hover disabled:hover:bg-transparent',
          className,
        )}
      >
        {value}
      </button>
    );
  }
  return (
    <input
      // biome-ignore lint/a11y/noAutofocus: the person has just asked to edit this text
      autoFocus
      onFocus={(event) => event.currentTarget.select()}
      aria-label={label}
      value={draft}
      maxLength={maxLength}
      size={Math.max(8, Math.min(48, draft.length + 1))}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={save}
      onKeyDown={(event) => {
        if (event.key === 'Enter') save();
        if (event.key === 'Escape') setDraft(null);
        event.stopPropagation();
      }}
      className={cn(controlLook, 'h-6 w-auto max-w-full px-1.5 font-medium', className)}
    />
  );
}
