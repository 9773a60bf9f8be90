'use client';

import { Tabs as Primitive } from 'radix-ui';
import type { ReactNode } from 'react';
import { cn } from './cn.ts';

/** Shared by tabs of panels and by the links of the top bar: a 2 px underline on the bar's own line. */
export const tabLook =
  'relative inline-flex h-full shrink-0 items-center gap-1.5 whitespace-nowrap px-2 text-body text-text-2 transition-hover hover:text-text-1 focus-inset data-[state=active]:font-medium data-[state=active]:text-text-1 data-[state=active]:after:absolute data-[state=active]:after:inset-x-2 data-[state=active]:after:-bottom-px data-[state=active]:after:h-0.5 data-[state=active]:after:bg-text-1';

export interface TabItem<Value extends string = string> {
  readonly value: Value;
  readonly label: string;
  /** Drawn after the label in `text-3`. */
  readonly count?: number | undefined;
}

interface TabsProps<Value extends string> {
  readonly items: readonly TabItem<Value>[];
  readonly value: Value;
  readonly onValueChange: (value: Value) => void;
  /** Names the list of tabs. */
  readonly label: string;
  /** `TabPanel`s. */
  readonly children: ReactNode;
  /** At the right end of the bar. */
  readonly extra?: ReactNode;
  readonly className?: string;
  readonly barClassName?: string;
}

export function Tabs<Value extends string>(props: TabsProps<Value>) {
  const { items, value, onValueChange, label, children, extra, className, barClassName } = props;
  return (
    <Primitive.Root value={value} onValueChange={(next) => onValueChange(next as Value)} className={cn('flex min-h-0 flex-col', className)}>
      <div className={cn('flex h-9 shrink-0 items-stretch border-line-1 border-b px-2', barClassName)}>
        <Primitive.List aria-label={label} className="flex min-w-0 flex-1 items-stretch">
          {items.map((item) => (
            <Primitive.Trigger key={item.value} value={item.value} className={tabLook}>
              {item.label}
              {item.count !== undefined ? <span className="font-normal text-text-3">{item.count}</span> : null}
            </Primitive.Trigger>
          ))}
        </Primitive.List>
        {extra ? <div className="flex items-center gap-1">{extra}</div> : null}
      </div>
      {children}
    </Primitive.Root>
  );
}

export function TabPanel({ value, children, className }: { value: string; children: ReactNode; className?: string }) {
  return (
    <Primitive.Content value={value} className={cn('min-h-0 flex-1 focus-inset', className)}>
      {children}
    </Primitive.Content>
  );
}
