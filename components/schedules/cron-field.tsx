'use client';

import { useMemo } from 'react';
import { Field } from '#components/ui/field.tsx';
import { Input } from '#components/ui/input.tsx';
import { Select } from '#components/ui/select.tsx';
import { formatInZone, timeZones } from '#lib/client/schedules.ts';
import { cronInWords, nextTimes, scheduleProblems } from '#lib/workflow/schedule-time.ts';
import { CRON_PRESETS } from './policy-words.ts';

const CUSTOM = 'custom';
const SHOWN = 5;

interface CronFieldProps {
  readonly cron: string;
  readonly timezone: string;
  readonly onCron: (cron: string) => void;
  readonly onTimezone: (timezone: string) => void;
  /** Of the server, by name of the field. */
  readonly errors: Readonly<Record<string, string>>;
}

/** When it is due: a preset or an expression, its words, its zone, and what follows from them, as it is typed. */
export function CronField({ cron, timezone, onCron, onTimezone, errors }: CronFieldProps) {
  const { problems, times } = useMemo(() => {
    const now = Date.now();
    const found = scheduleProblems({ cron, timezone }, now);
    return { problems: found, times: found.length > 0 ? [] : nextTimes({ cron, timezone }, now, SHOWN) };
  }, [cron, timezone]);
  const zones = useMemo(() => timeZones(timezone).map((value) => ({ value, label: value.replaceAll('_', ' ') })), [timezone]);
  const cronError = problems.find((problem) => problem.path === '/cron_expression')?.message ?? errors.cron_expression;
  const preset = CRON_PRESETS.find((option) => option.value === cron)?.value ?? CUSTOM;
  return (
    <div className="flex flex-col gap-4">
      <div className="grid grid-cols-2 gap-x-3 gap-y-4 max-sm:grid-cols-1">
        <Field label="Due">
          {(control) => (
            <Select
              {...control}
              size="page"
              options={[...CRON_PRESETS, { value: CUSTOM, label: 'As the expression says' }]}
              value={preset}
              onValueChange={(next) => {
                if (next !== CUSTOM) onCron(next);
              }}
            />
          )}
        </Field>
        <Field label="Time zone" error={errors.timezone}>
          {(control) => <Select {...control} size="page" options={zones} value={timezone} onValueChange={onTimezone} />}
        </Field>
      </div>
      <Field label="Cron expression" required error={cronError} help={cronError ? undefined : cronInWords(cron)} reserve>
        {(control) => (
          <Input {...control} mono size="page" value={cron} spellCheck={false} onChange={(event) => onCron(event.target.value)} />
        )}
      </Field>
      <div>
        <h3 className="mb-1 font-medium text-small text-text-1">Next due</h3>
        <ol
          aria-label="Next due times"
          className="flex min-h-30 flex-col rounded-control bg-sunken px-3 py-2.5 font-mono text-code text-text-2"
        >
          {times.map((at) => (
            <li key={at} className="leading-5">
              {formatInZone(new Date(at).toISOString(), timezone, true)}
            </li>
          ))}
          {times.length === 0 ? <li className="text-text-3">—</li> : null}
        </ol>
      </div>
    </div>
  );
}
