'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Activity, Archive, CalendarClock, CircleDot, Download, Ellipsis, History, LayoutTemplate, Play, Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useCan } from '#components/shell/session.tsx';
import { IconButton } from '#components/ui/icon-button.tsx';
import { Menu, MenuChoice, MenuItem, MenuSeparator, MenuSub } from '#components/ui/menu.tsx';
import { WORKFLOW_LOOK } from '#components/ui/status.ts';
import { toastDone, toastFailed } from '#components/ui/toast.tsx';
import { request } from '#lib/client/request.ts';
import { workflowKeys } from '#lib/client/workflows.ts';
import { startRun } from '#lib/contracts/runs.ts';
import { getWorkflow, setWorkflowStatus, type WorkflowRow, WorkflowStatus } from '#lib/contracts/workflows.ts';
import type { FileFormat } from '#lib/workflow/definition-file.ts';
import { saveDefinition } from '../files/save-file.ts';
import { DeleteWorkflowDialog } from './delete-workflow-dialog.tsx';
import { RetentionDialog } from './retention-dialog.tsx';
import { SaveTemplateDialog } from './save-template-dialog.tsx';

const STATUSES = WorkflowStatus.options.map((value) => ({ value, label: WORKFLOW_LOOK[value].word, icon: WORKFLOW_LOOK[value].icon }));

/** Everything that can be done to a workflow from the list. */
export function WorkflowMenu({ workflow }: { workflow: WorkflowRow }) {
  const router = useRouter();
  const queryClient = useQueryClient();
  const mayWrite = useCan('workflows:write');
  const mayRun = useCan('runs:write');
  const [deleting, setDeleting] = useState(false);
  const [templating, setTemplating] = useState(false);
  const [keeping, setKeeping] = useState(false);
  const setStatus = useMutation({
    mutationFn: (status: WorkflowStatus) => request(setWorkflowStatus, { params: { id: workflow.id }, body: { status } }),
    onSuccess: (_answer, status) => toastDone(`${workflow.name} is now ${WORKFLOW_LOOK[status].word.toLowerCase()}`),
    onError: (error) => toastFailed(error.message),
    onSettled: () => queryClient.invalidateQueries({ queryKey: workflowKeys.all }),
  });
  const start = useMutation({
    mutationFn: () => request(startRun, { params: { id: workflow.id }, body: {} }),
    onSuccess: ({ run_id }) => router.push(`/runs/${run_id}`),
    onError: (error) => toastFailed(error.message),
  });
  const save = useMutation({
    mutationFn: async (format: FileFormat) => {
      const { definition } = await request(getWorkflow, { params: { id: workflow.id } });
      await saveDefinition(definition, format);
    },
    onError: (error) => toastFailed(error.message),
  });
  const base = `/workflows/${workflow.id}`;

  return (
    <>
      <Menu align="end" trigger={<IconButton icon={Ellipsis} label={`Actions for ${workflow.name}`} size="row" className="relative z-1" />}>
        {mayRun && workflow.version > 0 ? (
          <MenuItem icon={Play} onSelect={() => start.mutate()}>
            Run with empty input
          </MenuItem>
        ) : null}
        <MenuItem icon={Activity} onSelect={() => router.push(`${base}/runs`)}>
          Runs
        </MenuItem>
        <MenuItem icon={History} onSelect={() => router.push(`${base}/versions`)}>
          Versions
        </MenuItem>
        <MenuItem icon={CalendarClock} onSelect={() => router.push(`${base}/schedules`)}>
          Schedules
        </MenuItem>
        <MenuItem icon={Download} onSelect={() => save.mutate('json')}>
          Export as JSON
        </MenuItem>
        <MenuItem icon={Download} onSelect={() => save.mutate('yaml')}>
          Export as YAML
        </MenuItem>
        {mayWrite ? (
          <>
            <MenuSeparator />
            <MenuSub icon={CircleDot} label="Status">
              <MenuChoice value={workflow.status} onValueChange={(status) => setStatus.mutate(status)} options={STATUSES} />
            </MenuSub>
            <MenuItem icon={Archive} onSelect={() => setKeeping(true)}>
              Keep runs…
            </MenuItem>
            {workflow.version > 0 ? (
              <MenuItem icon={LayoutTemplate} onSelect={() => setTemplating(true)}>
                Save as template…
              </MenuItem>
            ) : null}
            <MenuItem icon={Trash2} danger onSelect={() => setDeleting(true)}>
              Delete…
            </MenuItem>
          </>
        ) : null}
      </Menu>
      {keeping ? <RetentionDialog workflowId={workflow.id} onClose={() => setKeeping(false)} /> : null}
      {templating ? <SaveTemplateDialog workflow={workflow} onClose={() => setTemplating(false)} /> : null}
      {deleting ? <DeleteWorkflowDialog workflow={workflow} onClose={() => setDeleting(false)} /> : null}
    </>
  );
}
