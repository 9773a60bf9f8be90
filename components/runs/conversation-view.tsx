import { ChevronRight, CircleCheck, CircleX, LoaderCircle } from 'lucide-react';
import { useState } from 'react';
import { cn } from '#components/ui/cn.ts';
import { Markdown } from '#components/ui/markdown.tsx';
import type { Json } from '#lib/base/json.ts';
import type { Call, Conversation, Turn, Usage } from './conversation.ts';
import { ValueView } from './value-view.tsx';

const WHO = { system: 'Instructions', user: 'Goal', assistant: 'Model' } as const;

/** What was said between a step and its model: messages, tool calls with what came of them, tokens and cost. */
export function ConversationView({ conversation }: { readonly conversation: Conversation }) {
  return (
    <section aria-label="Conversation" className="flex flex-col gap-2">
      <h3 className="flex h-7 items-center font-medium text-small text-text-2">Conversation</h3>
      {conversation.usage === null ? null : <UsageFacts usage={conversation.usage} />}
      <ol className="divide-y divide-line-1 rounded-control border border-line-1 bg-bg-2">
        {conversation.turns.map((turn, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: what was said stays at its place
          <TurnView key={at} turn={turn} />
        ))}
      </ol>
    </section>
  );
}

function UsageFacts({ usage }: { readonly usage: Usage }) {
  const facts = [
    ['Calls', String(usage.calls)],
    ['Tokens read', usage.read.toLocaleString('en-US')],
    ['Tokens written', usage.written.toLocaleString('en-US')],
    ...(usage.cached === 0 ? [] : [['Of these cached', usage.cached.toLocaleString('en-US')]]),
    ...(usage.cost === null ? [] : [['Cost', usage.cost.toLocaleString('en-US', { maximumSignificantDigits: 3 })]]),
  ] as const;
  return (
    <dl className="grid grid-cols-[repeat(auto-fill,minmax(5.5rem,1fr))] gap-x-4 gap-y-2">
      {facts.map(([label, value]) => (
        <div key={label}>
          <dt className="text-micro text-text-3">{label}</dt>
          <dd className="font-mono text-code tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function TurnView({ turn }: { readonly turn: Turn }) {
  return (
    <li className="flex flex-col gap-1.5 px-3 py-2">
      <div className="flex items-baseline justify-between gap-2 text-micro text-text-3">
        <span>{WHO[turn.role]}</span>
        {turn.tokens === null ? null : (
          <span className="font-mono text-code-small tabular-nums">
            {turn.tokens.read.toLocaleString('en-US')} read, {turn.tokens.written.toLocaleString('en-US')} written
          </span>
        )}
      </div>
      {turn.text === '' ? null : turn.role === 'assistant' ? (
        <Markdown text={turn.text} className="break-words text-body text-text-1" />
      ) : (
        <p className="whitespace-pre-wrap break-words text-body text-text-2">{turn.text}</p>
      )}
      {turn.calls.map((call) => (
        <CallView key={call.id} call={call} />
      ))}
    </li>
  );
}

function CallView({ call }: { readonly call: Call }) {
  const [open, setOpen] = useState(false);
  return (
    <div className="rounded-control border border-line-1">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex h-7 w-full items-center gap-2 rounded-control px-2 text-left focus-inset hover:bg-hover"
      >
        <ChevronRight className={cn('size-3.5 shrink-0 text-text-3', open && 'rotate-90')} aria-hidden />
        <Mark result={call.result} />
        <span className="shrink-0 font-mono text-code">{call.name}</span>
        <span className="min-w-0 flex-1 truncate font-mono text-code-small text-text-3">{oneLine(call.input)}</span>
      </button>
      {open ? (
        <div className="flex flex-col gap-1 border-line-1 border-t p-2">
          <p className="text-micro text-text-3">Asked with</p>
          <ValueView value={call.input} />
          <p className="mt-1 text-micro text-text-3">{call.result === null ? 'No answer yet' : call.result.ok ? 'Answer' : 'It failed'}</p>
          {call.result === null ? null : <ValueView value={call.result.output} />}
        </div>
      ) : null}
    </div>
  );
}

function Mark({ result }: { readonly result: Call['result'] }) {
  if (result === null) return <LoaderCircle className="size-3.5 shrink-0 text-status-running" aria-label="Waiting for its answer" />;
  if (result.ok) return <CircleCheck className="size-3.5 shrink-0 text-status-completed" aria-label="Answered" />;
  return <CircleX className="size-3.5 shrink-0 text-status-failed" aria-label="Failed" />;
}

function oneLine(input: Json): string {
  const text = typeof input === 'string' ? input : JSON.stringify(input);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
