'use client';

import { useSearchParams } from 'next/navigation';
import type { RunFilters } from '#lib/client/runs.ts';
import { RunStatusShape } from '#lib/contracts/runs.ts';

/** Filters of a list of runs, as they stand in the address. */
export const RUN_FILTER_KEYS = ['status', 'trigger', 'version', 'workflow'] as const;

export interface ReadRunFilters {
  readonly filters: RunFilters;
  readonly isFiltered: boolean;
}

/** Reads the filters from the address; what makes no sense there counts as absent. */
export function useRunFilters(workflowId: string | undefined): ReadRunFilters {
  const params = useSearchParams();
  const status = RunStatusShape.safeParse(params.get('status')).data;
  const trigger = params.get('trigger') || undefined;
  const version = /^[1-9]\d{0,8}$/.test(params.get('version') ?? '') ? Number(params.get('version')) : undefined;
  const workflow = workflowId ?? (params.get('workflow') || undefined);
  return {
    filters: {
      ...(status ? { status } : {}),
      ...(trigger ? { trigger } : {}),
      ...(version ? { version } : {}),
      ...(workflow ? { workflow_id: workflow } : {}),
    },
    isFiltered: Boolean(status || trigger || version || (workflow && workflowId === undefined)),
  };
}
