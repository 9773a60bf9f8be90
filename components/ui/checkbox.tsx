'use client';

import { Check, Minus } from 'lucide-react';
import { Checkbox as Primitive } from 'radix-ui';
import type { ComponentProps } from 'react';
import { cn } from './cn.ts';

export function Checkbox({ className, checked, ...rest }: ComponentProps<typeof Primitive.Root>) {
  return (
    <Primitive.Root
      checked={checked ?? false}
      className={cn(
        'relative inline-flex size-4 shrink-0 items-center justify-center rounded-chip border border-line-3 bg-bg-2 text-on-accent transition-hover after:absolute after:-inset-1 hover:border-text-3 disabled:border-line-2 disabled:bg-active data-[state=checked]:border-accent data-[state=checked]:bg-accent data-[state=indeterminate]:border-accent data-[state=indeterminate]:bg-accent coarse:after:-inset-3.5',
        className,
      )}
      {...rest}
    >
      <Primitive.Indicator className="flex">
        {checked === 'indeterminate' ? (
          <Minus className="size-3 stroke-3!" aria-hidden />
        ) : (
          <Check className="size-3 stroke-3!" aria-hidden />
        )}
      </Primitive.Indicator>
    </Primitive.Root>
  );
}
