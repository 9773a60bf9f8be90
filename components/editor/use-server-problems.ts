import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Json } from '#lib/base/json.ts';
import type { Problem } from '#lib/base/problem.ts';
import { request } from '#lib/client/request.ts';
import { validateWorkflow } from '#lib/contracts/workflows.ts';
import type { Definition } from '#lib/workflow/definition.ts';

/** Milliseconds without a change before the server is asked. */
const QUIET_MS = 1_000;
const NONE: readonly Problem[] = [];

/** What only the server knows is wrong: a secret, an agent or a workflow that isn't there. Asked when it has been quiet. */
export function useServerProblems(workflowId: string, definition: Definition): readonly Problem[] {
  const [quiet, setQuiet] = useState({ definition, count: 0 });
  useEffect(() => {
    const timer = setTimeout(
      () => setQuiet((last) => (last.definition === definition ? last : { definition, count: last.count + 1 })),
      QUIET_MS,
    );
    return () => clearTimeout(timer);
  }, [definition]);
  const { data } = useQuery({
    queryKey: ['server-problems', workflowId, quiet.count],
    queryFn: ({ signal }) => request(validateWorkflow, { body: { definition: quiet.definition as unknown as Json }, signal }),
    enabled: quiet.definition.steps.length > 0,
    placeholderData: keepPreviousData,
    gcTime: 0,
    retry: false,
  });
  // An absent step and one that is `undefined` are the same on the wire.
  return (data?.warnings as readonly Problem[] | undefined) ?? NONE;
}
