'use client';

import { cva, type VariantProps } from 'class-variance-authority';
import { LoaderCircle } from 'lucide-react';
import { Slot } from 'radix-ui';
import type { ComponentProps } from 'react';
import { cn } from './cn.ts';

export const buttonStyle = cva(
  'relative inline-flex shrink-0 select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-control font-medium text-body transition-hover disabled:cursor-default aria-disabled:cursor-default',
  {
    variants: {
      variant: {
        primary: 'bg-accent text-on-accent hover:bg-accent-hover disabled:bg-active disabled:text-text-off',
        secondary:
          'border border-line-2 bg-bg-2 text-text-1 hover:border-line-3 hover:bg-hover disabled:border-line-1 disabled:bg-bg-2 disabled:text-text-off',
        ghost: 'text-text-2 hover:bg-hover hover:text-text-1 disabled:bg-transparent disabled:text-text-off data-[state=open]:bg-hover',
        danger:
          'bg-status-failed text-on-danger hover:bg-[color-mix(in_srgb,var(--status-failed)_88%,var(--text-1))] disabled:bg-active disabled:text-text-off',
      },
      size: {
        row: 'h-control-row px-2 text-small',
        default: 'h-control px-2.5',
        page: 'h-control-page px-3',
      },
    },
    defaultVariants: { variant: 'secondary', size: 'default' },
  },
);

interface ButtonProps extends ComponentProps<'button'>, VariantProps<typeof buttonStyle> {
  /** Renders the one child (a link) with the looks of a button. */
  readonly asChild?: boolean;
  /** Work is under way: keeps its width, shows a spinner, takes no more presses. */
  readonly loading?: boolean;
}

export function Button({ variant, size, asChild, loading = false, className, children, disabled, type, ...rest }: ButtonProps) {
  const look = cn(buttonStyle({ variant, size }), className);
  if (asChild) {
    return (
      <Slot.Root className={look} {...rest}>
        {children}
      </Slot.Root>
    );
  }
  return (
    <button type={type ?? 'button'} className={look} disabled={disabled || loading} aria-busy={loading || undefined} {...rest}>
      {loading ? (
        <>
          <span className="invisible inline-flex items-center gap-1.5">{children}</span>
          <LoaderCircle className="spinner absolute size-4" aria-hidden />
        </>
      ) : (
        children
      )}
    </button>
  );
}
