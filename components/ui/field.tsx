'use client';

import { CircleAlert } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { cn } from './cn.ts';

/** What a control must carry so that label, help and error belong to it. */
export interface FieldControl {
  readonly id: string;
  readonly 'aria-describedby'?: string;
  readonly 'aria-invalid'?: true;
  readonly 'aria-required'?: true;
}

/** The element that names a control, for those that a `<label>` can't name by itself, such as an editable text. */
export function labelIdOf({ id }: FieldControl): string {
  return `${id}-label`;
}

interface FieldProps {
  readonly label: ReactNode;
  readonly required?: boolean | undefined;
  readonly help?: ReactNode;
  /** Takes the place of the help. */
  readonly error?: string | null | undefined;
  /** Keeps the help line's height where there is no help yet, so that nothing moves when an error comes. */
  readonly reserve?: boolean;
  readonly className?: string;
  readonly children: (control: FieldControl) => ReactNode;
}

/** Label, control, and one line below that is help or error. */
export function Field({ label, required = false, help, error, reserve = false, className, children }: FieldProps) {
  const id = useId();
  const below = error ?? help;
  const control: FieldControl = {
    id,
    ...(below ? { 'aria-describedby': `${id}-below` } : {}),
    ...(error ? { 'aria-invalid': true as const } : {}),
    ...(required ? { 'aria-required': true as const } : {}),
  };
  return (
    <div className={cn('flex min-w-0 flex-col gap-1', className)}>
      <label id={labelIdOf(control)} htmlFor={id} className="flex items-baseline gap-1.5 font-medium text-small text-text-1">
        {label}
        {required ? <span className="font-normal text-text-3">required</span> : null}
      </label>
      {children(control)}
      {below || reserve ? (
        <div id={`${id}-below`} className={cn('flex min-h-4 gap-1 text-small', error ? 'text-status-failed' : 'text-text-3')}>
          {error ? (
            <>
              <CircleAlert className="mt-0.5 size-3" aria-hidden />
              <span role="alert">{error}</span>
            </>
          ) : (
            help
          )}
        </div>
      ) : null}
    </div>
  );
}

/** A refusal of a whole form, at its foot beside the button. */
export function FormError({ children }: { children: ReactNode }) {
  if (!children) return null;
  return (
    <p role="alert" className="flex gap-1.5 text-small text-status-failed">
      <CircleAlert className="mt-px size-3.5" aria-hidden />
      <span>{children}</span>
    </p>
  );
}
