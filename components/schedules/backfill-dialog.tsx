'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Dialog } from '#components/ui/dialog.tsx';
import { Field, FormError } from '#components/ui/field.tsx';
import { Input } from '#components/ui/input.tsx';
import { Segmented } from '#components/ui/segmented.tsx';
import { toastDone } from '#components/ui/toast.tsx';
import { plural } from '#lib/client/format.ts';
import { request } from '#lib/client/request.ts';
import { scheduleKeys } from '#lib/client/schedules.ts';
import { backfillSchedule, type Schedule } from '#lib/contracts/schedules.ts';

const DAY_MS = 86_400_000;
const LINE = [
  { value: 'queue', label: 'One after another' },
  { value: 'allow', label: 'All at once' },
] as const;

/** Runs the due times of past days: says how many there are before anything starts. */
export function BackfillDialog({ schedule, onClose }: { schedule: Schedule; onClose: () => void }) {
  const formId = useId();
  const queryClient = useQueryClient();
  // Of the opening and no later: an end that moves with the clock would be another question at every look.
  const [now] = useState(() => Date.now());
  const [first, setFirst] = useState(() => dayOf(now - 7 * DAY_MS));
  const [last, setLast] = useState(() => dayOf(now - DAY_MS));
  const [overlap, setOverlap] = useState<'queue' | 'allow'>('queue');
  const range = { from: momentOf(first, 0, now), to: momentOf(last, DAY_MS, now) };
  const params = { schedule_id: schedule.id };
  const count = useQuery({
    queryKey: [...scheduleKeys.all, 'backfill', schedule.id, range.from, range.to],
    queryFn: ({ signal }) =>
      request(backfillSchedule, { params, body: { from: range.from ?? '', to: range.to ?? '', dry_run: true }, signal }),
    enabled: range.from !== null && range.to !== null,
    retry: false,
  });
  const start = useMutation({
    mutationFn: () => request(backfillSchedule, { params, body: { from: range.from ?? '', to: range.to ?? '', overlap } }),
    onSuccess: async (done) => {
      await queryClient.invalidateQueries({ queryKey: scheduleKeys.all });
      toastDone(overlap === 'queue' ? `${plural(done.count, 'run')} will start one after another` : `Started ${plural(done.count, 'run')}`);
      onClose();
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    start.mutate();
  }

  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title="Run past due times?"
      description="Each due time of these days (UTC) that has no run yet gets one, with the schedule’s input and the newest version."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form={formId}
            variant="primary"
            loading={start.isPending}
            disabled={!count.data || count.data.more || count.data.count === 0}
          >
            {count.data && !count.data.more ? `Start ${plural(count.data.count, 'run')}` : 'Start'}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} noValidate className="flex flex-col gap-4">
        <div className="grid grid-cols-2 gap-3">
          <Field label="First day">
            {(control) => <Input {...control} type="date" size="page" value={first} onChange={(event) => setFirst(event.target.value)} />}
          </Field>
          <Field label="Last day">
            {(control) => <Input {...control} type="date" size="page" value={last} onChange={(event) => setLast(event.target.value)} />}
          </Field>
        </div>
        <Segmented label="Order" className="self-start" value={overlap} onValueChange={setOverlap} options={LINE} />
        <p className="min-h-5 text-body text-text-2" aria-live="polite">
          {count.data ? said(count.data) : null}
        </p>
        <FormError>{(count.error ?? start.error)?.message}</FormError>
      </form>
    </Dialog>
  );
}

function said({ count, already, more }: { count: number; already: number; more: boolean }): string {
  if (more) return `These days hold more than ${(count + already).toLocaleString('en-US')} due times. Choose fewer days.`;
  const had = already > 0 ? ` ${plural(already, 'time')} in it ${already === 1 ? 'has' : 'have'} a run already.` : '';
  return `${plural(count, 'run')} in this range.${had}`;
}

function dayOf(millis: number): string {
  return new Date(millis).toISOString().slice(0, 10);
}

/** The start of a day in UTC and so much later, but before now; null for what is no day. */
function momentOf(day: string, later: number, now: number): string | null {
  const start = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(start) ? null : new Date(Math.min(start + later, now - 1000)).toISOString();
}
