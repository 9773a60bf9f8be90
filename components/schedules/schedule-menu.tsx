'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CirclePause, CirclePlay, Ellipsis, History, PencilLine, Play, Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useCan } from '#components/shell/session.tsx';
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx';
import { IconButton } from '#components/ui/icon-button.tsx';
import { Menu, MenuItem, MenuSeparator } from '#components/ui/menu.tsx';
import { toastDone, toastFailed } from '#components/ui/toast.tsx';
import { request } from '#lib/client/request.ts';
import { scheduleKeys } from '#lib/client/schedules.ts';
import { workflowKeys } from '#lib/client/workflows.ts';
import { deleteSchedule, pauseSchedule, resumeSchedule, runSchedule, type Schedule } from '#lib/contracts/schedules.ts';
import { BackfillDialog } from './backfill-dialog.tsx';
import { ScheduleDialog } from './schedule-dialog.tsx';

/** Everything that can be done to a schedule. */
export function ScheduleMenu({ schedule, title }: { schedule: Schedule; title: string }) {
  const router = useRouter();
  const queryClient = useQueryClient();
  const mayWrite = useCan('workflows:write');
  const mayRun = useCan('runs:write');
  const [asking, setAsking] = useState<'edit' | 'backfill' | 'delete' | null>(null);
  const params = { schedule_id: schedule.id };
  const refresh = async () => {
    await queryClient.invalidateQueries({ queryKey: scheduleKeys.all });
    await queryClient.invalidateQueries({ queryKey: workflowKeys.lists });
  };
  const onError = (error: Error) => toastFailed(error.message);
  const toggle = useMutation({
    mutationFn: () => request(schedule.enabled ? pauseSchedule : resumeSchedule, { params }),
    onSuccess: () => toastDone(schedule.enabled ? `Paused ${title}` : `Resumed ${title}`),
    onError,
    onSettled: refresh,
  });
  const run = useMutation({
    mutationFn: () => request(runSchedule, { params }),
    onSuccess: ({ run_id }) => toastDone('Started a run', { label: 'Open', run: () => router.push(`/runs/${run_id}`) }),
    onError,
    onSettled: refresh,
  });
  if (!mayWrite && !mayRun) return null;
  const close = () => setAsking(null);
  return (
    <>
      <Menu align="end" trigger={<IconButton icon={Ellipsis} label={`Actions for ${title}`} size="row" className="relative z-1" />}>
        {mayRun ? (
          <>
            <MenuItem icon={Play} onSelect={() => run.mutate()}>
              Run now
            </MenuItem>
            <MenuItem icon={History} onSelect={() => setAsking('backfill')}>
              Backfill…
            </MenuItem>
          </>
        ) : null}
        {mayWrite ? (
          <>
            <MenuSeparator />
            <MenuItem icon={PencilLine} onSelect={() => setAsking('edit')}>
              Change…
            </MenuItem>
            <MenuItem icon={schedule.enabled ? CirclePause : CirclePlay} onSelect={() => toggle.mutate()}>
              {schedule.enabled ? 'Pause' : 'Resume'}
            </MenuItem>
            <MenuItem icon={Trash2} danger onSelect={() => setAsking('delete')}>
              Delete…
            </MenuItem>
          </>
        ) : null}
      </Menu>
      {asking === 'edit' ? <ScheduleDialog workflowId={schedule.workflow_id} schedule={schedule} onClose={close} /> : null}
      {asking === 'backfill' ? <BackfillDialog schedule={schedule} onClose={close} /> : null}
      <ConfirmDialog
        open={asking === 'delete'}
        onOpenChange={close}
        title={`Delete ${title}?`}
        body="It starts nothing any more and its history goes with it. The runs that it started stay. This can't be undone."
        action="Delete schedule"
        onConfirm={async () => {
          await request(deleteSchedule, { params });
          await refresh();
        }}
      />
    </>
  );
}
