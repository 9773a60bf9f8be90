'use client';

import { Search, X } from 'lucide-react';
import type { ComponentProps, Ref } from 'react';
import { cn } from './cn.ts';
import { Kbd } from './kbd.tsx';

/** Shared by everything that looks like an input. */
export const controlLook =
  'w-full min-w-0 rounded-control border border-line-3 bg-bg-2 text-body text-text-1 transition-hover hover:border-text-3 disabled:cursor-not-allowed disabled:border-line-2 disabled:bg-bg-1 disabled:text-text-off aria-invalid:border-status-failed max-sm:text-input-touch';

interface InputProps extends Omit<ComponentProps<'input'>, 'size'> {
  readonly size?: 'default' | 'page';
  /** Values that machines read: ids, addresses, expressions. */
  readonly mono?: boolean;
}

export function Input({ size = 'default', mono = false, className, type, ...rest }: InputProps) {
  return (
    <input
      type={type ?? 'text'}
      className={cn(controlLook, 'px-2', size === 'page' ? 'h-control-page' : 'h-control', mono && 'font-mono text-code', className)}
      {...rest}
    />
  );
}

export function Textarea({ mono = false, className, ...rest }: ComponentProps<'textarea'> & { readonly mono?: boolean }) {
  return <textarea className={cn(controlLook, 'block min-h-16 resize-y px-2 py-1', mono && 'font-mono text-code', className)} {...rest} />;
}

interface SearchInputProps {
  readonly value: string;
  readonly onValueChange: (value: string) => void;
  /** Names the field; also its placeholder. */
  readonly label: string;
  readonly shortcut?: string;
  readonly className?: string;
  readonly ref?: Ref<HTMLInputElement>;
}

export function SearchInput({ value, onValueChange, label, shortcut, className, ref }: SearchInputProps) {
  return (
    <div className={cn('relative flex items-center', className)}>
      <Search className="pointer-events-none absolute left-2 size-4 text-text-3" aria-hidden />
      <input
        ref={ref}
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={(event) => onValueChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || value === '') return;
          event.stopPropagation();
          onValueChange('');
        }}
        className={cn(controlLook, 'h-control px-8')}
      />
      {value !== '' ? (
        <button
          type="button"
          aria-label="Clear search"
          onClick={() => onValueChange('')}
          className="absolute right-1 flex size-6 items-center justify-center rounded-chip text-text-3 transition-hover hover:bg-hover hover:text-text-1"
        >
          <X className="size-3" aria-hidden />
        </button>
      ) : shortcut ? (
        <Kbd keys={shortcut} className="pointer-events-none absolute right-1.5 max-sm:hidden" />
      ) : null}
    </div>
  );
}
