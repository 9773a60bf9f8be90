'use client';

import { Check, ChevronRight, type LucideIcon } from 'lucide-react';
import { DropdownMenu as Primitive } from 'radix-ui';
import type { ReactNode } from 'react';
import { cn } from './cn.ts';
import { Kbd } from './kbd.tsx';

const contentLook =
  'z-50 min-w-48 overflow-y-auto rounded-card border border-line-1 bg-bg-3 p-1 shadow-s2 max-h-(--radix-dropdown-menu-content-available-height) data-[state=closed]:animate-menu-out data-[state=open]:animate-menu-in';
const rowLook =
  'flex min-h-control cursor-default select-none items-center gap-2 rounded-chip px-2 text-body text-text-1 outline-none data-disabled:text-text-off data-highlighted:bg-hover';

interface MenuProps {
  /** The one button that opens it. */
  readonly trigger: ReactNode;
  readonly children: ReactNode;
  readonly align?: 'start' | 'center' | 'end';
  readonly side?: 'top' | 'right' | 'bottom' | 'left';
  readonly className?: string;
}

export function Menu({ trigger, children, align = 'start', side = 'bottom', className }: MenuProps) {
  return (
    <Primitive.Root modal={false}>
      <Primitive.Trigger asChild>{trigger}</Primitive.Trigger>
      <Primitive.Portal>
        <div>
          <Cover />
          <Primitive.Content align={align} side={side} sideOffset={4} collisionPadding={8} className={cn(contentLook, className)}>
            {children}
          </Primitive.Content>
        </div>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

/** Takes the click that closes the menu, so that it does not also open a row below. The page stays readable meanwhile. */
function Cover() {
  return <div className="fixed inset-0 z-40" />;
}

interface MenuItemProps {
  readonly icon?: LucideIcon;
  readonly children: ReactNode;
  readonly shortcut?: string | undefined;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly onSelect?: () => void;
  /** Renders the one child (a link) as the row. */
  readonly asChild?: boolean;
}

export function MenuItem({ icon: Icon, children, shortcut, danger = false, disabled = false, onSelect, asChild }: MenuItemProps) {
  const look = cn(rowLook, danger && 'text-status-failed');
  if (asChild) {
    return (
      <Primitive.Item asChild className={look}>
        {children}
      </Primitive.Item>
    );
  }
  return (
    <Primitive.Item className={look} disabled={disabled} {...(onSelect ? { onSelect } : {})}>
      {Icon ? <Icon className={cn('size-4', danger || disabled ? '' : 'text-text-2')} aria-hidden /> : null}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {shortcut ? <Kbd keys={shortcut} className="ml-4" /> : null}
    </Primitive.Item>
  );
}

interface MenuChoiceProps<Value extends string> {
  readonly value: Value;
  readonly onValueChange: (value: Value) => void;
  readonly options: readonly { readonly value: Value; readonly label: string; readonly icon?: LucideIcon }[];
}

/** One of several, the current one ticked. */
export function MenuChoice<Value extends string>({ value, onValueChange, options }: MenuChoiceProps<Value>) {
  return (
    <Primitive.RadioGroup value={value} onValueChange={(next) => onValueChange(next as Value)}>
      {options.map((option) => (
        <Primitive.RadioItem key={option.value} value={option.value} className={rowLook}>
          {option.icon ? <option.icon className="size-4 text-text-2" aria-hidden /> : null}
          <span className="min-w-0 flex-1 truncate">{option.label}</span>
          <span className="ml-2 flex size-4">
            <Primitive.ItemIndicator>
              <Check className="size-4 text-text-2" aria-hidden />
            </Primitive.ItemIndicator>
          </span>
        </Primitive.RadioItem>
      ))}
    </Primitive.RadioGroup>
  );
}

export function MenuSub({ icon: Icon, label, children }: { icon?: LucideIcon; label: string; children: ReactNode }) {
  return (
    <Primitive.Sub>
      <Primitive.SubTrigger className={cn(rowLook, 'data-[state=open]:bg-hover')}>
        {Icon ? <Icon className="size-4 text-text-2" aria-hidden /> : null}
        <span className="min-w-0 flex-1 truncate">{label}</span>
        <ChevronRight className="size-4 text-text-3" aria-hidden />
      </Primitive.SubTrigger>
      <Primitive.Portal>
        <Primitive.SubContent sideOffset={4} collisionPadding={8} className={contentLook}>
          {children}
        </Primitive.SubContent>
      </Primitive.Portal>
    </Primitive.Sub>
  );
}

export function MenuSeparator() {
  return <Primitive.Separator className="-mx-1 my-1 h-px bg-line-1" />;
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Primitive.Label className="px-2 pt-1.5 pb-1 text-micro text-text-3">{children}</Primitive.Label>;
}
