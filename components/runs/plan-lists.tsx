import { RotateCw, Save } from 'lucide-react';
import type { ReactNode } from 'react';
import { plural } from '#lib/client/format.ts';

/** Ids that are written out before the rest is counted. */
const SHOWN = 8;

/** Says beforehand which steps run, and which results are kept. */
export function PlanLists({ runsAgain, kept }: { readonly runsAgain: readonly string[]; readonly kept: readonly string[] }) {
  return (
    <dl className="flex flex-col gap-2">
      <Line
        icon={<RotateCw className="size-4 text-text-2" aria-hidden />}
        label={`Runs ${plural(runsAgain.length, 'step')}`}
        ids={runsAgain}
      />
      <Line
        icon={<Save className="size-4 text-text-2" aria-hidden />}
        label={kept.length === 0 ? 'Keeps no result' : `Keeps ${plural(kept.length, 'result')}`}
        ids={kept}
      />
    </dl>
  );
}

function Line({ icon, label, ids }: { icon: ReactNode; label: string; ids: readonly string[] }) {
  const more = ids.length - SHOWN;
  return (
    <div className="flex gap-2">
      <span className="flex h-5 items-center">{icon}</span>
      <div className="min-w-0 flex-1">
        <dt className="font-medium text-body">{label}</dt>
        <dd className="break-words font-mono text-code text-text-2">
          {ids.slice(0, SHOWN).join(', ')}
          {more > 0 ? ` and ${more} more` : ''}
        </dd>
      </div>
    </div>
  );
}
