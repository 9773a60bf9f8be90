'use client';

import { cva, type VariantProps } from 'class-variance-authority';
import type { LucideIcon } from 'lucide-react';
import type { ComponentProps } from 'react';
import { cn } from './cn.ts';
import { Tooltip } from './tooltip.tsx';

const style = cva(
  'inline-flex shrink-0 items-center justify-center rounded-control transition-hover disabled:cursor-default disabled:text-text-off',
  {
    variants: {
      variant: {
        ghost:
          'text-text-2 hover:bg-hover hover:text-text-1 disabled:bg-transparent aria-pressed:bg-active aria-pressed:text-text-1 data-[state=open]:bg-hover',
        secondary: 'border border-line-2 bg-bg-2 text-text-2 hover:border-line-3 hover:bg-hover hover:text-text-1',
      },
      size: { row: 'size-control-row', default: 'size-control', page: 'size-control-page' },
    },
    defaultVariants: { variant: 'ghost', size: 'default' },
  },
);

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children'>, VariantProps<typeof style> {
  readonly icon: LucideIcon;
  /** What it does: the tooltip and the name for assistive technology. */
  readonly label: string;
  readonly shortcut?: string | undefined;
  readonly tooltipSide?: 'top' | 'right' | 'bottom' | 'left';
}

/** A button that is one icon; always named, always with a tooltip. */
export function IconButton({ icon: Icon, label, shortcut, tooltipSide, variant, size, className, type, ...rest }: IconButtonProps) {
  return (
    <Tooltip content={label} shortcut={shortcut} side={tooltipSide}>
      <button type={type ?? 'button'} aria-label={label} className={cn(style({ variant, size }), className)} {...rest}>
        <Icon className="size-4" aria-hidden />
      </button>
    </Tooltip>
  );
}
