'use client';

import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { cn } from '#components/ui/cn.ts';
import { isJsonObject, type Json } from '#lib/base/json.ts';

/** Members of one level that are drawn before "show more". */
const PAGE = 100;
const LONG_TEXT = 2000;

interface ValueViewProps {
  readonly value: Json;
  /** Levels that stand open at first. */
  readonly open?: number;
}

/** A JSON value as a tree that folds. Text is always shown as text, whatever it holds. */
export function ValueView({ value, open = 2 }: ValueViewProps) {
  return (
    <div className="overflow-auto rounded-control bg-sunken p-2 font-mono text-code">
      <Branch name={null} value={value} open={open} />
    </div>
  );
}

function Branch({ name, value, open }: { name: string | null; value: Json; open: number }) {
  const [isOpen, setOpen] = useState(open > 0);
  const [shown, setShown] = useState(PAGE);
  const members = membersOf(value);
  if (members === null || members.length === 0) return <Leaf name={name} value={value} />;
  const size = Array.isArray(value)
    ? `${members.length} ${members.length === 1 ? 'item' : 'items'}`
    : `${members.length} ${members.length === 1 ? 'key' : 'keys'}`;
  return (
    <div>
      <button
        type="button"
        className="flex min-h-6 max-w-full items-center gap-2 text-left focus-inset"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <ChevronRight className={cn('-mr-1 size-3 shrink-0 text-text-3', isOpen && 'rotate-90')} aria-hidden />
        {name === null ? null : <span className="shrink-0 text-text-2">{name}</span>}
        <span className="min-w-0 truncate text-text-3">{isOpen ? size : previewOf(value)}</span>
      </button>
      {isOpen ? (
        <div className="ml-1.5 border-line-1 border-l pl-2.5">
          {members.slice(0, shown).map(([key, member]) => (
            <Branch key={key} name={key} value={member} open={open - 1} />
          ))}
          {members.length > shown ? (
            <button type="button" className="min-h-6 text-accent focus-inset" onClick={() => setShown(shown + PAGE)}>
              {members.length - shown} more
            </button>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}

function Leaf({ name, value }: { name: string | null; value: Json }) {
  const [whole, setWhole] = useState(false);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const long = text.length > LONG_TEXT && !whole;
  return (
    <div className="flex gap-2 py-[3px]">
      {name === null ? null : <span className="shrink-0 text-text-2">{name}</span>}
      <span className={cn('min-w-0 whitespace-pre-wrap break-words', typeof value === 'string' ? 'text-text-1' : 'text-text-2')}>
        {long ? text.slice(0, LONG_TEXT) : text === '' ? '""' : text}
        {long ? (
          <button type="button" className="ml-2 text-accent focus-inset" onClick={() => setWhole(true)}>
            show all {text.length.toLocaleString()} characters
          </button>
        ) : null}
      </span>
    </div>
  );
}

function membersOf(value: Json): (readonly [string, Json])[] | null {
  if (Array.isArray(value)) return (value as readonly Json[]).map((item, index) => [String(index), item] as const);
  return isJsonObject(value) ? Object.entries(value) : null;
}

/** A folded value in one line: the first few members, each cut short. */
function previewOf(value: Json): string {
  if (Array.isArray(value)) return `[${value.length}]`;
  const members = isJsonObject(value) ? Object.entries(value) : [];
  const shown = members.slice(0, 4).map(([key, member]) => `${key}: ${shortOf(member)}`);
  return `{ ${shown.join(', ')}${members.length > shown.length ? ', …' : ''} }`;
}

function shortOf(value: Json): string {
  if (typeof value === 'string') return value.length > 24 ? `"${value.slice(0, 23)}…"` : `"${value}"`;
  if (Array.isArray(value)) return `[${value.length}]`;
  return isJsonObject(value) ? '{…}' : String(value);
}
