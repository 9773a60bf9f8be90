import { PencilRuler } from 'lucide-react';
import { useContext } from 'react';
import { Button } from '#components/ui/button.tsx';
import { isJsonObject, type Json } from '#lib/base/json.ts';
import { BodyContext } from './body-context.ts';

/** The steps inside of a step: what they are called, and the way to their canvas. */
export function BodyField({ value }: { readonly value: Json | undefined }) {
  const enter = useContext(BodyContext);
  const steps = Array.isArray(value) ? (value as readonly Json[]) : [];
  return (
    <div className="flex flex-col items-start gap-2">
      {steps.length === 0 ? (
        <p className="text-small text-text-3">No steps yet.</p>
      ) : (
        <ul className="flex flex-wrap gap-1">
          {steps.map((step, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: while an id is being typed two may be equal
            <li key={at} className="max-w-full truncate rounded-chip bg-active px-1.5 text-small text-text-1">
              {nameOf(step)}
            </li>
          ))}
        </ul>
      )}
      {enter !== null && (
        <Button onClick={enter}>
          <PencilRuler className="size-4" aria-hidden />
          Edit steps
        </Button>
      )}
    </div>
  );
}

function nameOf(step: Json): string {
  if (!isJsonObject(step)) return '?';
  return String(step.name ?? step.id ?? '?');
}
