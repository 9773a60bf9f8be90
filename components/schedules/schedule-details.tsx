'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { Button } from '#components/ui/button.tsx';
import { StatusChip } from '#components/ui/chip.tsx';
import { Dialog } from '#components/ui/dialog.tsx';
import { RelativeTime } from '#components/ui/relative-time.tsx';
import { plural } from '#lib/client/format.ts';
import { formatInZone, scheduleFiresOptions } from '#lib/client/schedules.ts';
import type { Schedule, ScheduleFire } from '#lib/contracts/schedules.ts';
import { CATCH_UP_OPTIONS, OUTCOME_WORDS, OVERLAP_OPTIONS } from './policy-words.ts';

/** The next ten due times in the schedule's own zone, its rules, and what became of the last ten. */
export function ScheduleDetails({ schedule, title, onClose }: { schedule: Schedule; title: string; onClose: () => void }) {
  const { data } = useQuery(scheduleFiresOptions(schedule.id));
  return (
    <Dialog
      open
      size="wide"
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={title}
      description={schedule.name ? schedule.description : undefined}
      footer={<Button onClick={onClose}>Done</Button>}
    >
      <div className="flex flex-col gap-5">
        <section>
          <h3 className="mb-1 text-micro text-text-3">Next due in {schedule.timezone.replaceAll('_', ' ')}</h3>
          <ol aria-label="Next due times" className="font-mono text-code text-text-2">
            {schedule.next_times.map((time) => (
              <li key={time} className="flex items-baseline justify-between gap-3 leading-6">
                <span className="truncate">{formatInZone(time, schedule.timezone, true)}</span>
                <Distance iso={time} />
              </li>
            ))}
          </ol>
          {schedule.enabled ? null : <p className="text-body text-text-2">It is paused; nothing is due.</p>}
          <p className="mt-3 text-small text-text-3">{rules(schedule)}</p>
        </section>
        <section>
          <h3 className="mb-1 text-micro text-text-3">What became of the last times</h3>
          {data?.fires.length === 0 ? <p className="text-body text-text-2">It has not been due yet.</p> : null}
          <ol aria-label="Last due times">
            {data?.fires.map((fire) => (
              <FireLine key={fire.due_at} fire={fire} timezone={schedule.timezone} />
            ))}
          </ol>
        </section>
      </div>
    </Dialog>
  );
}

const WEEK_MS = 7 * 86_400_000;

/** How far off a due time is, where that says more than the date beside it. */
function Distance({ iso }: { iso: string }) {
  if (Date.parse(iso) - Date.now() > WEEK_MS) return null;
  return <RelativeTime iso={iso} className="font-sans text-small text-text-3" />;
}

function FireLine({ fire, timezone }: { fire: ScheduleFire; timezone: string }) {
  const times = fire.count > 1 ? ` and ${plural(fire.count - 1, 'more', 'more')}` : '';
  return (
    <li className="flex min-h-6 flex-wrap items-center gap-x-3 text-body">
      <span className="font-mono text-code text-text-2">
        {formatInZone(fire.due_at, timezone)}
        {times}
      </span>
      {fire.kind === 'schedule' ? null : <span className="text-small text-text-3">{fire.kind === 'manual' ? 'run now' : 'backfill'}</span>}
      <span className="min-w-0 flex-1" />
      {fire.run ? (
        <Link href={`/runs/${fire.run.id}`} aria-label={`The run of ${formatInZone(fire.due_at, timezone)}`}>
          <StatusChip status={fire.run.status} />
        </Link>
      ) : (
        <span className="text-right text-small text-text-3">
          {OUTCOME_WORDS[fire.outcome]}
          {fire.detail ? `: ${fire.detail}` : ''}
        </span>
      )}
    </li>
  );
}

function rules({ overlap, catch_up, jitter }: Schedule): string {
  const word = (options: readonly { value: string; label: string }[], value: string) =>
    (options.find((option) => option.value === value)?.label ?? value).toLowerCase();
  const spread = jitter > 0 ? ` Starts up to ${plural(jitter, 'second')} after its time.` : '';
  return `Earlier run under way: ${word(OVERLAP_OPTIONS, overlap)}. Missed times: ${word(CATCH_UP_OPTIONS, catch_up)}.${spread}`;
}
