import { useMemo, useState } from 'react';
import type { RunRow } from '#lib/contracts/runs.ts';

/** Which of the runs that are shown are chosen. One that leaves the list is chosen no more. */
export function useChosenRuns(runs: readonly RunRow[] | undefined) {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const chosen = useMemo(() => (runs ?? []).filter((run) => ids.has(run.id)), [runs, ids]);
  return {
    chosen,
    all: chosen.length > 0 && chosen.length === runs?.length,
    isChosen: (id: string) => ids.has(id),
    choose: (id: string, is: boolean) => setIds((before) => new Set(is ? [...before, id] : [...before].filter((one) => one !== id))),
    chooseAll: (is: boolean) => setIds(new Set(is ? (runs ?? []).map((run) => run.id) : [])),
  };
}
