'use client';

import type { LucideIcon } from 'lucide-react';
import { ToggleGroup as Primitive } from 'radix-ui';
import { cn } from './cn.ts';

interface SegmentedProps<Value extends string> {
  readonly options: readonly { readonly value: Value; readonly label: string; readonly icon?: LucideIcon }[];
  readonly value: Value;
  readonly onValueChange: (value: Value) => void;
  /** Names the group. */
  readonly label: string;
  readonly className?: string;
}

/** Two to five choices side by side, one of them on. */
export function Segmented<Value extends string>({ options, value, onValueChange, label, className }: SegmentedProps<Value>) {
  return (
    <Primitive.Root
      type="single"
      value={value}
      onValueChange={(next) => {
        if (next !== '') onValueChange(next as Value);
      }}
      aria-label={label}
      className={cn('inline-flex h-control shrink-0 items-stretch rounded-control border border-line-2 bg-sunken p-px', className)}
    >
      {options.map((option) => (
        <Primitive.Item
          key={option.value}
          value={option.value}
          className="inline-flex items-center gap-1.5 rounded-[5px] px-2 text-small text-text-2 transition-hover focus-inset hover:text-text-1 data-[state=on]:bg-bg-3 data-[state=on]:font-medium data-[state=on]:text-text-1 data-[state=on]:outline-1 data-[state=on]:outline-line-2 focus-visible:data-[state=on]:outline-2 focus-visible:data-[state=on]:outline-accent"
        >
          {option.icon ? <option.icon className="size-4" aria-hidden /> : null}
          {option.label}
        </Primitive.Item>
      ))}
    </Primitive.Root>
  );
}
