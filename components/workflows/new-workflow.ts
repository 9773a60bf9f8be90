'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { toastFailed } from '#components/ui/toast.tsx';
import { request } from '#lib/client/request.ts';
import { workflowKeys } from '#lib/client/workflows.ts';
import { createWorkflow } from '#lib/contracts/workflows.ts';

/** Creates an empty draft and opens its editor. */
export function useNewWorkflow() {
  const router = useRouter();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => request(createWorkflow, { body: { definition: { name: 'Untitled workflow', steps: [] }, draft: true } }),
    onSuccess: ({ id }) => {
      router.push(`/workflows/${id}`);
      return queryClient.invalidateQueries({ queryKey: workflowKeys.lists });
    },
    onError: (error) => toastFailed(error.message),
  });
}
