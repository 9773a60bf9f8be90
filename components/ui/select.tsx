'use client';

import { Check, ChevronDown, type LucideIcon } from 'lucide-react';
import { Select as Primitive } from 'radix-ui';
import { useState } from 'react';
import { cn } from './cn.ts';
import { controlLook } from './input.tsx';

export interface SelectOption<Value extends string = string> {
  readonly value: Value;
  readonly label: string;
  readonly icon?: LucideIcon;
  readonly disabled?: boolean;
}

interface SelectProps<Value extends string> {
  readonly options: readonly SelectOption<Value>[];
  readonly value: Value | undefined;
  readonly onValueChange: (value: Value) => void;
  readonly placeholder?: string;
  /** Only where no visible label belongs to it. */
  readonly label?: string;
  readonly size?: 'row' | 'default' | 'page';
  readonly disabled?: boolean;
  readonly className?: string;
  readonly id?: string;
  readonly 'aria-describedby'?: string;
  readonly 'aria-invalid'?: true;
  readonly 'aria-required'?: true;
}

const HEIGHT = { row: 'h-control-row', default: 'h-control', page: 'h-control-page' } as const;

/** One of a few. Option values must not be empty text. */
export function Select<Value extends string>(props: SelectProps<Value>) {
  const { options, value, onValueChange, placeholder, label, size = 'default', disabled = false, className, ...field } = props;
  const [open, setOpen] = useState(false);
  // Not the primitive's own value: that one knows the word only after the list was open once.
  const chosen = options.find((option) => option.value === value);
  return (
    <Primitive.Root
      open={open}
      onOpenChange={setOpen}
      value={value ?? ''}
      onValueChange={(next) => onValueChange(next as Value)}
      disabled={disabled}
    >
      <Primitive.Trigger
        {...field}
        aria-label={label}
        className={cn(
          controlLook,
          'inline-flex items-center justify-between gap-1.5 pr-1.5 pl-2 text-left max-sm:text-body data-placeholder:text-text-3',
          HEIGHT[size],
          className,
        )}
      >
        <span className="min-w-0 truncate">{chosen?.label ?? placeholder ?? 'Choose'}</span>
        <ChevronDown className="size-4 text-text-3" aria-hidden />
      </Primitive.Trigger>
      <Primitive.Portal>
        <div>
          {/* Takes the click that closes the list. */}
          {open ? <div className="pointer-events-auto fixed inset-0 z-40" /> : null}
          <Primitive.Content
            position="popper"
            sideOffset={4}
            collisionPadding={8}
            className="z-50 max-h-(--radix-select-content-available-height) min-w-(--radix-select-trigger-width) overflow-hidden rounded-card border border-line-1 bg-bg-3 p-1 shadow-s2 data-[state=open]:animate-menu-in"
          >
            <Primitive.Viewport>
              {options.map((option) => (
                <Primitive.Item
                  key={option.value}
                  value={option.value}
                  disabled={option.disabled ?? false}
                  className="flex min-h-control cursor-default select-none items-center gap-2 rounded-chip px-2 text-body text-text-1 outline-none data-disabled:text-text-off data-highlighted:bg-hover"
                >
                  {option.icon ? <option.icon className="size-4 text-text-2" aria-hidden /> : null}
                  <Primitive.ItemText>{option.label}</Primitive.ItemText>
                  <span className="ml-auto flex size-4 pl-0">
                    <Primitive.ItemIndicator>
                      <Check className="size-4 text-text-2" aria-hidden />
                    </Primitive.ItemIndicator>
                  </span>
                </Primitive.Item>
              ))}
            </Primitive.Viewport>
          </Primitive.Content>
        </div>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
