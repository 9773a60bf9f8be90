'use client';

import { Switch as Primitive } from 'radix-ui';
import type { ComponentProps } from 'react';
import { cn } from './cn.ts';

/** On or off, at once. Stands left of its label's line. */
export function Switch({ className, ...rest }: ComponentProps<typeof Primitive.Root>) {
  return (
    <Primitive.Root
      className={cn(
        'relative inline-flex h-4 w-7 shrink-0 items-center rounded-full border border-line-3 bg-bg-2 transition-hover after:absolute after:-inset-1 disabled:border-line-2 disabled:bg-active data-[state=checked]:border-accent data-[state=checked]:bg-accent coarse:after:-inset-3.5',
        className,
      )}
      {...rest}
    >
      <Primitive.Thumb className="size-2.5 translate-x-0.5 rounded-full bg-line-3 transition-transform duration-(--duration-hover) data-[state=checked]:translate-x-3.5 data-[state=checked]:bg-on-accent" />
    </Primitive.Root>
  );
}
